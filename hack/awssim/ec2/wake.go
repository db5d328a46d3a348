package ec2

import (
	"sync"
	"time"
)

// wake calls back when the next instance goes on to another state, and holds
// who is told of instances that did.
type wake struct {
	mu       sync.Mutex
	cancel   func()
	closed   bool
	watchers []func()
}

func (w *wake) stop() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.closed = true
	if w.cancel != nil {
		w.cancel()
	}
}

// OnInstances has f called after instances have changed, by a call, on the
// clock or by the control API. It is called by who changed them: it must not
// wait for a lock that callers of LaunchInstance hold.
func (s *Service) OnInstances(f func()) {
	s.wake.mu.Lock()
	defer s.wake.mu.Unlock()
	s.wake.watchers = append(s.wake.watchers, f)
}

// moved sets the clock for what comes next and tells who watches.
func (s *Service) moved() {
	next := s.store.Now().nextPhase()
	s.wake.mu.Lock()
	if s.wake.cancel != nil {
		s.wake.cancel()
		s.wake.cancel = nil
	}
	if !next.IsZero() && !s.wake.closed {
		s.wake.cancel = s.env.Clock.AfterFunc(max(0, next.Sub(s.env.Clock.Now())), func() {
			// Settling is all that is to be done.
			s.alter(func(draft *content, _ time.Time) { draft.moved = true })
		})
	}
	watchers := s.wake.watchers
	s.wake.mu.Unlock()
	for _, tell := range watchers {
		tell()
	}
}
