package route53

import (
	"cmp"
	"maps"
	"net/http"
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/hack/awssim/checkers"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// content is one state of everything that reads show. Neither it nor what is
// in it is written to once it is published: a change makes another one.
type content struct {
	zones       zoneMap
	checks      map[string]*healthCheck
	sets        map[string]*delegationSet
	logging     map[string]*loggingConfig
	collections map[string]*collection
	// states are what is told of health checks, by id.
	states map[string]checkState
	// turns are when zones begin or end signing.
	turns []time.Time
}

type zoneMap map[string]*zone

func emptyContent() content {
	return content{
		zones:       zoneMap{},
		checks:      map[string]*healthCheck{},
		sets:        map[string]*delegationSet{},
		logging:     map[string]*loggingConfig{},
		collections: map[string]*collection{},
		states:      map[string]checkState{},
	}
}

// past is a former state and when it was replaced.
type past struct {
	replaced time.Time
	content  content
}

// mostHistory bounds the states kept for stale reads.
const mostHistory = 64

// references are caller references by account, with the id of what was made.
type references map[string]map[string]string

func (r references) burn(account, reference, id string) {
	if r[account] == nil {
		r[account] = map[string]string{}
	}
	r[account][reference] = id
}

// New makes the service without zones. SetResolver must be called before
// TestDNSAnswer is.
func New(env *frame.Environment, quotas Quotas) *Service {
	s := &Service{env: env, quotas: quotas.withDefaults()}
	s.fleet = checkers.NewFleet(checkers.Options{
		Clock: env.Clock, Endpoints: env.Endpoints, Pace: env.Timing.Pace, Resolve: s.resolve,
	})
	s.Reset()
	return s
}

// Close ends the probing of health checks.
func (s *Service) Close() { s.fleet.Close() }

// Reset forgets everything.
func (s *Service) Reset() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.fleet.Clear()
	s.changes = map[string]change{}
	s.references, s.checkReferences, s.setReferences = references{}, references{}, references{}
	s.outside = surroundings{}
	s.history = nil
	s.publish(emptyContent())
	s.generation.Add(1)
}

// KeepHistory records the states that writes replace, for stale reads.
func (s *Service) KeepHistory(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keepHistory = on
	if !on {
		s.history = nil
	}
}

// now is the current state.
func (s *Service) now() content { return *s.content.Load() }

// publish makes a state the current one. The caller holds mu.
func (s *Service) publish(next content) {
	if former := s.content.Load(); s.keepHistory && former != nil {
		s.history = append(s.history, past{s.env.Clock.Now(), *former})
		s.history = s.history[max(0, len(s.history)-mostHistory):]
	}
	s.content.Store(&next)
}

// put publishes a new state of one zone. The caller holds mu.
func (s *Service) put(z *zone) {
	next := s.now()
	next.zones = with(next.zones, z.id, z)
	s.publish(next)
	s.generation.Add(1)
}

func compareText(a, b string) int { return cmp.Compare(a, b) }

// with is a map with one more or another value.
func with[M ~map[string]V, V any](before M, id string, value V) M {
	after := maps.Clone(before)
	if after == nil {
		after = M{}
	}
	after[id] = value
	return after
}

// without is a map with one value less.
func without[M ~map[string]V, V any](before M, id string) M {
	after := maps.Clone(before)
	delete(after, id)
	return after
}

// resource is what an account has.
type resource interface {
	comparable
	identity() (account, id string)
}

// ownedBy lists what an account has of a kind, by id.
func ownedBy[R resource](all map[string]R, account string) []R {
	var owned []R
	for _, one := range all {
		if owner, _ := one.identity(); owner == account {
			owned = append(owned, one)
		}
	}
	slices.SortFunc(owned, func(a, b R) int {
		_, idA := a.identity()
		_, idB := b.identity()
		return cmp.Compare(idA, idB)
	})
	return owned
}

// own looks a resource up for the account that calls.
func own[R resource](all map[string]R, r *frame.Request, id *string) (found R, ok bool) {
	found, ok = all[bareID(aws.ToString(id))]
	if ok {
		account, _ := found.identity()
		ok = account == r.Caller.Account
	}
	return found, ok
}

// view is the state a read sees: the current one, or an earlier one when a
// fault makes the read stale.
func (s *Service) view(r *frame.Request) content {
	if r.Stale == nil {
		return s.now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if *r.Stale == 0 && len(s.history) > 0 {
		return s.history[len(s.history)-1].content
	}
	moment := s.env.Clock.Now().Add(-*r.Stale)
	for _, former := range s.history {
		if former.replaced.After(moment) {
			return former.content
		}
	}
	return s.now()
}

// find looks a zone up for the account that calls.
func (zones zoneMap) find(r *frame.Request, id *string) (*zone, error) {
	bare := bareID(aws.ToString(id))
	if z, ok := zones[bare]; ok && z.account == r.Caller.Account {
		return z, nil
	}
	return nil, noSuchHostedZone(bare)
}

func noSuchHostedZone(id string) error {
	return frame.StatusErrorf(http.StatusNotFound, "NoSuchHostedZone", "No hosted zone found with ID: %s", id)
}

// read looks a zone up as the request may see it.
func (s *Service) read(r *frame.Request, id *string) (*zone, error) {
	return s.view(r).zones.find(r, id)
}

// idle looks a zone up for a change, which Route 53 refuses while it processes
// another one of that zone. The caller holds mu.
func (s *Service) idle(r *frame.Request, id *string) (*zone, error) {
	z, err := s.now().zones.find(r, id)
	if err != nil {
		return nil, err
	}
	return z, s.checkIdle(z)
}

func (s *Service) checkIdle(z *zone) error {
	if s.env.Clock.Now().Before(z.busyUntil) {
		return frame.Errorf("PriorRequestNotComplete",
			"The request was rejected because Route 53 was still processing a prior request.")
	}
	return nil
}

// resolve gives the IPv4 addresses of a name as the hosted zones have it.
func (s *Service) resolve(name string) []netip.Addr {
	resolver := s.addresses.Load()
	if resolver == nil {
		return nil
	}
	return (*resolver)(name)
}

// SetAddresses sets what gives the IPv4 addresses of endpoints that health
// checks name.
func (s *Service) SetAddresses(resolve func(name string) []netip.Addr) { s.addresses.Store(&resolve) }
