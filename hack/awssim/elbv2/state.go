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

	store *frame.Store[content]
	// generations counts the states there have been.
	generations atomic.Uint64

	// alarm guards stopAlarm, which ends waiting for the next change that comes
	// by itself.
	alarm     sync.Mutex
	stopAlarm func()
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

// New makes the service without load balancers. Without certificates, which may
// be nil, there are none of ACM.
func New(env *frame.Environment, quotas Quotas, network Network, certificates Certificates) *Service {
	s := &Service{env: env, quotas: quotas.withDefaults(), network: network, certificates: certificates, stopAlarm: func() {}}
	s.OnChange(nil)
	s.SetProbed(nil)
	s.store = frame.NewStore(env.Clock, s.initial(), s.setAlarm)
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
	s.alarm.Lock()
	defer s.alarm.Unlock()
	s.stopAlarm()
}

// Reset forgets everything. The network forgets its interfaces by itself.
func (s *Service) Reset() {
	s.store.Replace(s.initial())
	s.changed()
}

func (s *Service) initial() *content {
	next := emptyContent()
	next.last = someAddress(s.env.Random)
	return s.settled(next)
}

// KeepHistory records the states that writes replace, for stale reads.
func (s *Service) KeepHistory(on bool) { s.store.KeepHistory(on) }

// now is the current state.
func (s *Service) now() *content { return s.store.Now() }

// draft is a copy of a state, whose maps are its own.
func (c *content) draft() content {
	next := *c
	next.balancers = maps.Clone(next.balancers)
	next.listeners = maps.Clone(next.listeners)
	next.rules = maps.Clone(next.rules)
	next.groups = maps.Clone(next.groups)
	next.trustStores = maps.Clone(next.trustStores)
	return next
}

// settled is a draft with all that follows from it, ready to be published.
func (s *Service) settled(next content) *content {
	next.generation = s.generations.Add(1)
	next.settle(s.env.Clock.Now())
	return &next
}

// setAlarm has those told who want to know of the next change of a state that
// comes by itself.
func (s *Service) setAlarm(c *content) {
	s.alarm.Lock()
	defer s.alarm.Unlock()
	s.awaitTurn(c)
}

// awaitTurn replaces what was waited for. The caller holds alarm.
func (s *Service) awaitTurn(c *content) {
	s.stopAlarm()
	s.stopAlarm = func() {}
	now := s.env.Clock.Now()
	for _, turn := range c.turns {
		if turn.After(now) {
			s.stopAlarm = s.env.Clock.AfterFunc(turn.Sub(now), s.turn)
			return
		}
	}
}

func (s *Service) turn() {
	s.alarm.Lock()
	s.awaitTurn(s.now()) // read under the lock, so that no newer state's alarm is lost
	s.alarm.Unlock()
	(*s.onChange.Load())()
}

// changed saves the state and tells who wants to know.
func (s *Service) changed() {
	s.env.Changed()
	(*s.onChange.Load())()
}

// write is one change of the state: what handles it edits its content, and
// after it succeeded that is published.
type write struct {
	*frame.Request
	content
	service *Service
	moment  time.Time
}

// commit runs a write, one at a time, and publishes what it made if it succeeded.
func commit[In, Out any](s *Service, handle func(*write, *In) (*Out, error),
) func(context.Context, *frame.Request, *In) (*Out, error) {
	return func(_ context.Context, r *frame.Request, in *In) (*Out, error) {
		var out *Out
		err := s.store.Change(func(before *content) (*content, error) {
			w := &write{Request: r, content: before.draft(), service: s, moment: s.env.Clock.Now().UTC().Truncate(time.Millisecond)}
			var err error
			if out, err = handle(w, in); err != nil {
				return nil, err
			}
			return s.settled(w.content), nil
		})
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
		return handle(&reading{Request: r, content: s.store.View(r), service: s, moment: s.env.Clock.Now()}, in)
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
