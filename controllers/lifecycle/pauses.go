package lifecycle

import (
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/utils/clock"
)

const (
	// LongestPause is the longest time between two looks at something that AWS is at work on.
	LongestPause = 30 * time.Second
	// pauseShare is which part of the time that something has taken so far it is given until the next look.
	pauseShare = 4
)

// Pauses are the times between two looks at something that AWS is at work on: the longer it takes, the longer.
type Pauses struct {
	// Poll is the shortest of them.
	Poll time.Duration
	// Clock tells for how long something has been under way.
	Clock clock.PassiveClock
}

// Pause is how long to wait before looking again at what has been under way since a time.
func (p Pauses) Pause(since time.Time) time.Duration {
	return min(max(p.Clock.Since(since)/pauseShare, p.Poll), LongestPause)
}

// PauseSince is the pause for what has been under way since a condition of the object turned as it is.
func (p Pauses) PauseSince(obj Object, condition string) time.Duration {
	found := meta.FindStatusCondition(obj.CommonStatus().Conditions, condition)
	if found == nil {
		return p.Poll
	}
	return p.Pause(found.LastTransitionTime.Time)
}

// PauseDeleting is the pause for what is part of the object's deletion.
func (p Pauses) PauseDeleting(obj Object) time.Duration {
	if since := obj.GetDeletionTimestamp(); since != nil {
		return p.Pause(since.Time)
	}
	return p.Poll
}
