package autoscalinggroup

import "time"

// rounds are the points in time at which all groups are due that stand as declared: together, so that one call describes
// a hundred of them. The period is jittered once for a process.
type rounds struct {
	start  time.Time
	period time.Duration
}

// next is how long it is until the next round: more than nothing, and a period at most.
func (r rounds) next(now time.Time) time.Duration { return r.period - now.Sub(r.start)%r.period }

// due says how long a group may rest.
func (k *Kind) due() time.Duration { return k.rounds.next(k.Clock.Now()) }
