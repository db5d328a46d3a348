package acm

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// users knows what uses the certificates, and what did so a short while ago.
type users struct {
	mu sync.Mutex
	of func(arn string) []string
	// seen are the users of a certificate with when they cease to count, or
	// the zero time for those that use it still.
	seen map[string]map[string]time.Time
}

func (u *users) set(of func(arn string) []string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.of = of
}

func (u *users) forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.seen = nil
}

// list gives the users of a certificate. One that was seen before and is gone
// counts on for a while.
func (u *users) list(arn string, now time.Time, lag func() time.Duration) []string {
	u.mu.Lock()
	of := u.of
	u.mu.Unlock()
	current := of(arn)
	u.mu.Lock()
	defer u.mu.Unlock()
	known := u.seen[arn]
	for user, until := range known {
		switch {
		case slices.Contains(current, user):
		case until.IsZero():
			known[user] = now.Add(lag())
		case !until.After(now):
			delete(known, user)
		}
		if until := known[user]; !until.IsZero() && !until.After(now) {
			delete(known, user)
		}
	}
	if len(current) > 0 && known == nil {
		known = map[string]time.Time{}
		if u.seen == nil {
			u.seen = map[string]map[string]time.Time{}
		}
		u.seen[arn] = known
	}
	for _, user := range current {
		known[user] = time.Time{}
	}
	all := slices.AppendSeq([]string{}, maps.Keys(known))
	slices.Sort(all)
	return all
}

func (s *Service) usersOf(arn string) []string {
	return s.users.list(arn, s.env.Clock.Now(), func() time.Duration {
		return s.env.Random.Draw(s.env.Timing.Certification.Released)
	})
}
