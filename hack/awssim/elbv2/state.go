package elbv2

import (
	"cmp"
	"context"
	"maps"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Service is the simulated Elastic Load Balancing v2.
type Service struct {
	env          *frame.Environment
	quotas       Quotas
	network      Network
	certificates Certificates
	// probed tells which targets stay initial until something is reported.
	probed   atomic.Pointer[func(TargetGroup, Target) bool]
	onChange atomic.Pointer[func()]

	// content is what reads see. Writers hold mu, and replace it.
	content atomic.Pointer[content]

	mu          sync.Mutex
	keepHistory bool
	history     []past
	stopAlarm   func()
}

// content is one state of everything. What is published is never written to
// again: a write makes another one, that shares what did not change.
type content struct {
	balancers   map[string]*balancer // all by ARN
	listeners   map[string]*listener
	rules       map[string]*rule
	groups      map[string]*group
	trustStores map[string]*trustStore
	// last is the address that was given to a load balancer last.
	last netip.Addr

	// What follows is derived from the above by settle.

	generation  uint64
	listenersOf map[string][]*listener // by load balancer, in the order of ports
	rulesOf     map[string][]*rule     // by listener, in the order of priorities
	userOf      map[string]string      // the load balancer of a target group
	named       map[string]string      // load balancers by DNS name
	turns       []time.Time            // when something changes by itself, sorted
}

func emptyContent() content {
	return content{
		balancers:   map[string]*balancer{},
		listeners:   map[string]*listener{},
		rules:       map[string]*rule{},
		groups:      map[string]*group{},
		trustStores: map[string]*trustStore{},
	}
}

// past is a former state and when it was replaced.
type past struct {
	replaced time.Time
	content  *content
}

// mostHistory bounds the states kept for stale reads.
const mostHistory = 64

// New makes the service without load balancers. Without certificates, which may
// be nil, there are none of ACM.
func New(env *frame.Environment, quotas Quotas, network Network, certificates Certificates) *Service {
	s := &Service{env: env, quotas: quotas.withDefaults(), network: network, certificates: certificates, stopAlarm: func() {}}
	s.OnChange(nil)
	s.SetProbed(nil)
	s.Reset()
	return s
}

// SetProbed tells which targets something probes and will report of by
// SetTargetHealth: those stay initial until it does, while others become
// healthy by themselves. Nil is none.
func (s *Service) SetProbed(probed func(TargetGroup, Target) bool) {
	if probed == nil {
		probed = func(TargetGroup, Target) bool { return false }
	}
	s.probed.Store(&probed)
}

// Close ends what waits for its time.
func (s *Service) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stopAlarm()
}

// Reset forgets everything. The network forgets its interfaces by itself.
func (s *Service) Reset() {
	s.mu.Lock()
	s.history = nil
	next := emptyContent()
	next.last = someAddress(s.env.Random)
	s.publish(next)
	s.mu.Unlock()
	s.changed()
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
func (s *Service) now() *content { return s.content.Load() }

// edit is a copy of the current state, whose maps are its own. The caller holds mu.
func (s *Service) edit() content {
	next := *s.now()
	next.balancers = maps.Clone(next.balancers)
	next.listeners = maps.Clone(next.listeners)
	next.rules = maps.Clone(next.rules)
	next.groups = maps.Clone(next.groups)
	next.trustStores = maps.Clone(next.trustStores)
	return next
}

// publish makes a state the current one. The caller holds mu, and calls changed
// when it does not any more.
func (s *Service) publish(next content) {
	former := s.content.Load()
	if former != nil {
		next.generation = former.generation + 1
	}
	if s.keepHistory && former != nil {
		s.history = append(s.history, past{s.env.Clock.Now(), former})
		s.history = s.history[max(0, len(s.history)-mostHistory):]
	}
	next.settle(s.env.Clock.Now())
	s.content.Store(&next)
	s.setAlarm()
}

// setAlarm has those told who want to know of the next change that comes by
// itself. The caller holds mu.
func (s *Service) setAlarm() {
	s.stopAlarm()
	now := s.env.Clock.Now()
	for _, turn := range s.now().turns {
		if turn.After(now) {
			s.stopAlarm = s.env.Clock.AfterFunc(turn.Sub(now), s.turn)
			return
		}
	}
	s.stopAlarm = func() {}
}

func (s *Service) turn() {
	s.mu.Lock()
	s.setAlarm()
	s.mu.Unlock()
	(*s.onChange.Load())()
}

// changed saves the state and tells who wants to know. mu is not held.
func (s *Service) changed() {
	s.env.Changed()
	(*s.onChange.Load())()
}

// view is the state a read sees: the current one, or an earlier one when a
// fault makes the read stale.
func (s *Service) view(r *frame.Request) *content {
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

// write is one change of the state: what handles it edits its content, and
// after it succeeded that is published.
type write struct {
	*frame.Request
	content
	service *Service
	moment  time.Time
}

// commit runs a write under the lock and publishes what it made, if it succeeded.
func commit[In, Out any](s *Service, handle func(*write, *In) (*Out, error),
) func(context.Context, *frame.Request, *In) (*Out, error) {
	return func(_ context.Context, r *frame.Request, in *In) (*Out, error) {
		out, err := func() (*Out, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			w := &write{Request: r, content: s.edit(), service: s, moment: s.env.Clock.Now().UTC().Truncate(time.Millisecond)}
			out, err := handle(w, in)
			if err == nil {
				s.publish(w.content)
			}
			return out, err
		}()
		if err == nil {
			s.changed()
		}
		return out, err
	}
}

// read runs an operation on the state that it may see.
func read[In, Out any](s *Service, handle func(*reading, *In) (*Out, error),
) func(context.Context, *frame.Request, *In) (*Out, error) {
	return func(_ context.Context, r *frame.Request, in *In) (*Out, error) {
		return handle(&reading{Request: r, content: s.view(r), service: s, moment: s.env.Clock.Now()}, in)
	}
}

// reading is what a read sees.
type reading struct {
	*frame.Request
	*content
	service *Service
	moment  time.Time
}

// meta is what all resources have.
type meta struct {
	ARN     string     `json:"arn"`
	Account string     `json:"account"`
	Region  string     `json:"region"`
	Tags    frame.Tags `json:"tags,omitempty"`
	Created time.Time  `json:"created"`
	// Shown is when reads begin to find it.
	Shown time.Time `json:"shown"`
}

func (m *meta) base() *meta { return m }

// resource is a load balancer, a listener, a rule, a target group or a trust store.
type resource[T any] interface {
	*T
	base() *meta
}

// own looks a resource up for the account that calls, in its region.
func own[T any, P resource[T]](all map[string]P, r *frame.Request, arn *string) (P, bool) {
	found, ok := all[aws.ToString(arn)]
	if !ok || found.base().Account != r.Caller.Account || found.base().Region != r.Region {
		return nil, false
	}
	return found, true
}

// visible is own as reads have it, which do not find the newest at once.
func visible[T any, P resource[T]](all map[string]P, r *reading, arn *string) (P, bool) {
	found, ok := own(all, r.Request, arn)
	if !ok || found.base().Shown.After(r.moment) {
		return nil, false
	}
	return found, true
}

// owned lists what the account has in the region, by ARN.
func owned[T any, P resource[T]](all map[string]P, r *frame.Request) []P {
	var list []P
	for _, one := range all {
		if m := one.base(); m.Account == r.Caller.Account && m.Region == r.Region {
			list = append(list, one)
		}
	}
	slices.SortFunc(list, func(a, b P) int { return cmp.Compare(a.base().ARN, b.base().ARN) })
	return list
}

// change puts a copy of a resource into the map of all and gives it, for the
// write to edit.
func change[T any, P resource[T]](all map[string]P, before P) P {
	after := *before
	all[before.base().ARN] = &after
	return &after
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
