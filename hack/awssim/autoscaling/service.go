package autoscaling

import (
	"context"
	"sync"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Service is the simulated EC2 Auto Scaling.
type Service struct {
	env    *frame.Environment
	quotas Quotas
	needs  Needs
	store  *frame.Store[content]

	// schedule guards when groups are looked at next, and what alarms have told.
	schedule sync.Mutex
	due      map[string]time.Time
	breaches []breach
	stop     func()
	// stopped tells that Close was called.
	stopped bool
}

// breach is a policy's alarm that is in ALARM.
type breach struct {
	policy           string
	value, threshold float64
}

// New makes the service without groups.
func New(env *frame.Environment, quotas Quotas, needs Needs) *Service {
	s := &Service{env: env, quotas: quotas.withDefaults(), needs: needs, due: map[string]time.Time{}, stop: func() {}}
	s.store = frame.NewStore(env.Clock, emptyContent(), nil)
	return s
}

// Close ends what waits for its time.
func (s *Service) Close() {
	s.schedule.Lock()
	defer s.schedule.Unlock()
	s.stop()
	s.stopped = true
}

// Reset forgets everything. EC2 forgets its instances by itself.
func (s *Service) Reset() {
	s.store.Replace(emptyContent())
	s.rescheduled()
	s.env.Changed()
}

// KeepHistory records the states that writes replace, for stale reads.
func (s *Service) KeepHistory(on bool) { s.store.KeepHistory(on) }

// Alarmed tells that an alarm whose action is a policy's ARN is in ALARM: with
// the newest value of its metric, and its threshold. It does not wait.
func (s *Service) Alarmed(policyARN string, value, threshold float64) {
	s.schedule.Lock()
	defer s.schedule.Unlock()
	s.breaches = append(s.breaches, breach{policyARN, value, threshold})
	s.sleep()
}

// Wake has all groups look at their instances soon. It does not wait.
func (s *Service) Wake() {
	s.schedule.Lock()
	defer s.schedule.Unlock()
	now := s.env.Clock.Now()
	for key := range s.due {
		s.due[key] = now
	}
	s.sleep()
}

// write is one change of the state: what handles it edits its content, and
// after it succeeded that is published.
type write struct {
	*frame.Request
	*content
	service *Service
	moment  time.Time
}

// reading is what a read sees.
type reading struct {
	*frame.Request
	*content
	service *Service
	moment  time.Time
}

// commit runs a write, one at a time, and publishes what it made if it succeeded.
func commit[In, Out any](s *Service, handle func(*write, *In) (*Out, error),
) func(context.Context, *frame.Request, *In) (*Out, error) {
	return func(_ context.Context, r *frame.Request, in *In) (*Out, error) {
		var out *Out
		var former, latter *content
		err := s.store.Change(func(before *content) (*content, error) {
			w := &write{Request: r, content: before.draft(), service: s, moment: s.now()}
			var err error
			if out, err = handle(w, in); err != nil {
				return nil, err
			}
			former, latter = before, w.content
			return w.content, nil
		})
		if err == nil {
			s.touched(former, latter)
			s.env.Changed()
		}
		return out, err
	}
}

// read runs an operation on the state that it may see.
func read[In, Out any](s *Service, handle func(*reading, *In) (*Out, error),
) func(context.Context, *frame.Request, *In) (*Out, error) {
	return func(_ context.Context, r *frame.Request, in *In) (*Out, error) {
		return handle(&reading{Request: r, content: s.store.View(r), service: s, moment: s.now()}, in)
	}
}

// now is the time as states keep it.
func (s *Service) now() time.Time { return s.env.Clock.Now().UTC().Truncate(time.Millisecond) }

// seconds is a wait that was asked for, as long as the world's timing has it.
func (s *Service) seconds(asked int32) time.Duration {
	shortening := max(s.env.Timing.AutoScaling.Shortening, 1)
	return time.Duration(float64(asked) * float64(time.Second) / shortening)
}
