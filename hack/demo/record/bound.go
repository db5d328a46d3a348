package record

import (
	"fmt"
	"math"
	"time"
)

// Bound is how many requests an act may fail, and why.
type Bound struct {
	Most int    `json:"most"`
	Why  string `json:"why"`
}

// sigmas is how far chance may stray from a share: beyond it once in 700 times.
const sigmas = 3

// NoneFail is the bound of an act that no request may notice.
func NoneFail(why string) Bound { return Bound{Why: why} }

// ShareFails is the bound of an act that breaks a share of the application until a moment: the requests sent until
// then times the share, and as many more as chance may add.
func ShareFails(sentUntil int, share float64, why string) Bound {
	expected := float64(sentUntil) * share
	most := int(math.Ceil(expected + sigmas*math.Sqrt(expected*(1-share))))
	return Bound{Most: min(most, sentUntil), Why: why}
}

// AllFail is the bound of an act that takes the application away until a moment.
func AllFail(sentUntil int, why string) Bound { return Bound{Most: sentUntil, Why: why} }

// Judge says what is wrong with how an act went; empty is nothing. Failures must be within the bound.
func (r Result) Judge() string {
	switch {
	case r.Healed == 0:
		return "it did not heal"
	case r.Failed > r.Bound.Most:
		return fmt.Sprintf("%d of %d requests failed, and the act explains %d (%s)", r.Failed, r.Sent, r.Bound.Most, r.Bound.Why)
	}
	return ""
}

// ToNotice is how long it took until somebody noticed, ToHeal until all was well again.
func (r Result) ToNotice() time.Duration { return since(r.Struck, r.Noticed) }

// ToHeal is how long it took until all was well again.
func (r Result) ToHeal() time.Duration { return since(r.Struck, r.Healed) }

func since(from, to time.Duration) time.Duration {
	if to == 0 {
		return 0
	}
	return to - from
}

// Spread says how far the busiest and the idlest of the instances are from an even share, and whether chance explains
// it when every instance should get the same.
func Spread(counts map[string]int) (low, high float64, even bool) {
	total := 0
	for _, n := range counts {
		total += n
	}
	if total == 0 {
		return 0, 0, false
	}
	share := 1 / float64(len(counts))
	expected := float64(total) * share
	tolerance := sigmas * math.Sqrt(expected*(1-share))
	low, even = 1, true
	for _, n := range counts {
		part := float64(n) / float64(total)
		low, high = min(low, part), max(high, part)
		even = even && math.Abs(float64(n)-expected) <= tolerance
	}
	return low, high, even
}
