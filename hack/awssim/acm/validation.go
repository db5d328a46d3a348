package acm

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

// look asks DNS for the records of certificates that wait for them, and issues
// and ends what is due.
func (s *Service) look() error {
	if err := s.observe(); err != nil {
		return err
	}
	return s.settle()
}

// observe asks DNS outside of any lock, and notes what it says.
func (s *Service) observe() error {
	seen := map[string][]string{}
	lookup := *s.lookup.Load()
	now := s.env.Clock.Now()
	for arn, c := range s.store.Now().Certificates {
		if !c.byDNS() || now.Before(c.Recorded) {
			continue
		}
		for _, name := range c.Names {
			if !c.Valid[name] && answers(lookup, &c, name) {
				seen[arn] = append(seen[arn], name)
			}
		}
	}
	if len(seen) == 0 {
		return nil
	}
	return s.change(func(draft *content, now time.Time) error {
		for arn, names := range seen {
			if c, ok := draft.Certificates[arn]; ok && c.byDNS() {
				draft.Certificates[arn] = c.withValid(names, func() time.Time { return s.due(now) })
			}
		}
		return nil
	})
}

func answers(lookup func(string) []string, c *certificate, name string) bool {
	from, to := c.record(name)
	return slices.ContainsFunc(lookup(from), func(target string) bool {
		return strings.EqualFold(strings.TrimSuffix(target, "."), strings.TrimSuffix(to, "."))
	})
}

// due is when a certificate is issued whose names are all valid by now.
func (s *Service) due(now time.Time) time.Time {
	return now.Add(s.env.Random.Draw(s.env.Timing.Certification.Validated)).UTC()
}

// settle issues what is due and ends what waited too long. It asks nobody.
func (s *Service) settle() error {
	now := s.env.Clock.Now()
	ripe := func(c certificate) bool {
		return c.pending() && (!c.Due.IsZero() && !c.Due.After(now) || !c.Created.Add(validationWindow).After(now))
	}
	if !slices.ContainsFunc(slices.Collect(maps.Values(s.store.Now().Certificates)), ripe) {
		return nil
	}
	return s.change(func(draft *content, _ time.Time) error {
		for arn, c := range draft.Certificates {
			if !ripe(c) {
				continue
			}
			if c.Due.IsZero() {
				c.Status = types.CertificateStatusValidationTimedOut
			} else if err := draft.issue(&c, c.Due); err != nil {
				return err
			}
			draft.Certificates[arn] = c
		}
		return nil
	})
}

// issue signs a certificate, by an authority that is made the first time.
func (c *content) issue(asked *certificate, at time.Time) (err error) {
	if c.Authority == nil {
		if c.Authority, err = newAuthority(); err != nil {
			return err
		}
	}
	*asked, err = c.Authority.issue(*asked, at)
	return err
}

// watch arranges the next look while a certificate waits. The longer all have
// waited, the longer it is until then.
func (s *Service) watch() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed || s.stop != nil {
		return
	}
	now := s.env.Clock.Now()
	wait := time.Duration(-1)
	sooner := func(d time.Duration) {
		if wait < 0 || d < wait {
			wait = d
		}
	}
	for _, c := range s.store.Now().Certificates {
		switch {
		case !c.pending():
		case !c.Due.IsZero():
			sooner(max(0, c.Due.Sub(now)))
		default:
			sooner(max(s.env.Timing.Certification.Check, time.Millisecond, now.Sub(c.Created)/50))
		}
	}
	if wait < 0 {
		return
	}
	s.stop = s.env.Clock.AfterFunc(wait, func() {
		s.mu.Lock()
		s.stop = nil
		s.mu.Unlock()
		// What fails here fails again, and is told, when somebody asks.
		_ = s.look()
		s.watch()
	})
}
