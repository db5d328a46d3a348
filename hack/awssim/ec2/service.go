package ec2

import (
	"cmp"
	"context"
	"encoding/json"
	"net/http"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Quotas are the service quotas of an account in a region; a zero is AWS's default.
type Quotas struct {
	VPCs              int
	SecurityGroups    int
	RulesPerGroup     int
	GroupsPerNIC      int
	Addresses         int
	TagsPerResource   int
	SubnetsPerVPC     int
	InternetGateways  int
	RouteTablesPerVPC int
	LaunchTemplates   int
	TemplateVersions  int
}

func (q Quotas) withDefaults() Quotas {
	return Quotas{
		VPCs:              cmp.Or(q.VPCs, 5),
		SecurityGroups:    cmp.Or(q.SecurityGroups, 2500),
		RulesPerGroup:     cmp.Or(q.RulesPerGroup, 60),
		GroupsPerNIC:      cmp.Or(q.GroupsPerNIC, 5),
		Addresses:         cmp.Or(q.Addresses, 5),
		TagsPerResource:   cmp.Or(q.TagsPerResource, 50),
		SubnetsPerVPC:     cmp.Or(q.SubnetsPerVPC, 200),
		InternetGateways:  cmp.Or(q.InternetGateways, 5),
		RouteTablesPerVPC: cmp.Or(q.RouteTablesPerVPC, 200),
		LaunchTemplates:   cmp.Or(q.LaunchTemplates, 5000),
		TemplateVersions:  cmp.Or(q.TemplateVersions, 10000),
	}
}

// Service is the simulated EC2.
type Service struct {
	env    *frame.Environment
	quotas Quotas
	store  *frame.Store[content]
	wake   wake
}

// New makes the service with the world at start.
func New(env *frame.Environment, quotas Quotas) *Service {
	s := &Service{env: env, quotas: quotas.withDefaults()}
	s.store = frame.NewStore(env.Clock, initialContent(), s.feed)
	return s
}

// feed tells other services the VPCs.
func (s *Service) feed(c *content) {
	var known []frame.VPC
	for _, id := range sortedIDs(c.VPCs) {
		held := c.VPCs[id]
		known = append(known, frame.VPC{ID: id, Region: held.Region, Account: held.Account, CIDR: held.Is.Clients})
	}
	s.env.VPCs.Replace(known)
}

// Reset returns to the world at start.
func (s *Service) Reset() {
	s.store.Replace(initialContent())
	s.moved()
}

// Close ends what is done later.
func (s *Service) Close() { s.wake.stop() }

// State is everything.
func (s *Service) State() any { return s.store.Now().settled(s.env.Clock.Now()) }

// Load replaces everything by what State gave.
func (s *Service) Load(raw json.RawMessage) error {
	loaded := &content{}
	if err := frame.StrictJSON(raw, loaded); err != nil {
		return err
	}
	loaded.fill()
	s.store.Replace(loaded)
	s.moved()
	return nil
}

// KeepHistory records earlier states for stale reads.
func (s *Service) KeepHistory(on bool) { s.store.KeepHistory(on) }

// turn is one call: what it knows, and the state it sees. A write may change
// the tables of its state.
type turn struct {
	*frame.Request
	*content
	service *Service
	now     time.Time
	reading bool
}

// read registers an operation that changes nothing.
func read[In, Out any](s *Service, name string, do func(*turn, *In) (*Out, error)) frame.Operation {
	return frame.Op(name, reader(s, do))
}

func reader[In, Out any](s *Service, do func(*turn, *In) (*Out, error)) func(context.Context, *frame.Request, *In) (*Out, error) {
	return func(_ context.Context, r *frame.Request, in *In) (*Out, error) {
		if err := dryRun(in); err != nil {
			return nil, err
		}
		now := s.env.Clock.Now()
		return do(&turn{r, s.store.View(r).settled(now), s, now, true}, in)
	}
}

// readCharging is read for an operation whose input decides what it costs.
func readCharging[In, Out any](s *Service, name string, charge func(*In) []frame.Charge, do func(*turn, *In) (*Out, error)) frame.Operation {
	return frame.Charging(name, charge, reader(s, do))
}

// write registers an operation that changes the state, or nothing when it fails.
func write[In, Out any](s *Service, name string, do func(*turn, *In) (*Out, error)) frame.Operation {
	return frame.Op(name, func(_ context.Context, r *frame.Request, in *In) (out *Out, err error) {
		if err := dryRun(in); err != nil {
			return nil, err
		}
		err = s.change(func(draft *content, now time.Time) error {
			out, err = do(&turn{r, draft, s, now, false}, in)
			return err
		})
		return out, err
	})
}

// change publishes what is done to a draft of the present state.
func (s *Service) change(do func(draft *content, now time.Time) error) error {
	moved := false
	err := s.store.Change(func(before *content) (*content, error) {
		now := s.env.Clock.Now()
		draft := before.clone()
		draft.settle(now)
		err := do(draft, now)
		moved = draft.moved
		return draft, err
	})
	if err == nil {
		s.env.Changed()
		if moved {
			s.moved()
		}
	}
	return err
}

// alter is a change that cannot fail.
func (s *Service) alter(do func(draft *content, now time.Time)) {
	_ = s.change(func(draft *content, now time.Time) error {
		do(draft, now)
		return nil
	})
}

// dryRun refuses a call that asks whether it would be allowed; here it always is.
func dryRun(in any) error {
	field := reflect.ValueOf(in).Elem().FieldByName("DryRun")
	if !field.IsValid() {
		return nil
	}
	if asked, ok := field.Interface().(*bool); ok && aws.ToBool(asked) {
		return frame.StatusErrorf(http.StatusPreconditionFailed, "DryRunOperation",
			"Request would have succeeded, but DryRun flag is set.")
	}
	return nil
}

// newID draws an id like vpc-0a1b2c3d4e5f67890.
func (s *Service) newID(prefix string) string {
	return prefix + "-0" + s.env.Random.String(16, "0123456789abcdef")
}

// made is a resource of the caller, which describes show after a while.
func made[T any](t *turn, is T) item[T] {
	held := item[T]{Account: t.Caller.Account, Region: t.Region, Is: is}
	if wait := t.service.env.Random.Draw(t.service.env.Timing.Visibility); wait > 0 {
		held.Shown = t.now.Add(wait).UTC()
	}
	return held
}

// put replaces a resource that is there.
func put[T any](in table[T], id string, is T) {
	held := in[id]
	held.Is = is
	in[id] = held
}

// owns tells whether the caller sees a resource.
func owns[T any](t *turn, held item[T]) bool {
	return held.Account == t.Caller.Account && held.Region == t.Region && (!t.reading || !held.Shown.After(t.now))
}

// find looks a resource of the caller up; missing says that there is none.
func find[T any](t *turn, in table[T], id *string, of kind) (T, error) {
	var none T
	if id == nil {
		return none, missingParameter(of.parameter)
	}
	held, ok := in[*id]
	if !ok || !owns(t, held) {
		return none, of.missing(*id)
	}
	return held.Is, nil
}
