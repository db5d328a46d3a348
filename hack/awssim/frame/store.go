package frame

import (
	"sync"
	"sync/atomic"
	"time"
)

// mostHistory bounds the states kept for stale reads.
const mostHistory = 64

// Store holds the state of a service as a value that nobody writes to once it
// is published: a change publishes another one. Reads need no lock.
type Store[T any] struct {
	clock   Clock
	current atomic.Pointer[T]

	mu sync.Mutex
	// published is told each new state before the next change can begin.
	published func(*T)
	keep      bool
	history   []formerState[T]
}

// formerState is a state and when it was replaced.
type formerState[T any] struct {
	replaced time.Time
	state    *T
}

// NewStore holds an initial state. What is given as published is called with
// it and with each later one; nil is not.
func NewStore[T any](clock Clock, initial *T, published func(*T)) *Store[T] {
	if published == nil {
		published = func(*T) {}
	}
	s := &Store[T]{clock: clock, published: published}
	s.Replace(initial)
	return s
}

// Now is the current state.
func (s *Store[T]) Now() *T { return s.current.Load() }

// View is the state that a read sees: the current one, or an earlier one when
// the request asks for it.
func (s *Store[T]) View(r *Request) *T {
	if r.Stale == nil {
		return s.Now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if *r.Stale == 0 && len(s.history) > 0 {
		return s.history[len(s.history)-1].state
	}
	moment := s.clock.Now().Add(-*r.Stale)
	for _, former := range s.history {
		if former.replaced.After(moment) {
			return former.state
		}
	}
	return s.Now()
}

// Change publishes what next makes of the current state, one change at a time.
// An error publishes nothing.
func (s *Store[T]) Change(next func(before *T) (*T, error)) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	before := s.Now()
	after, err := next(before)
	if err != nil {
		return err
	}
	if s.keep {
		s.history = append(s.history, formerState[T]{s.clock.Now(), before})
		s.history = s.history[max(0, len(s.history)-mostHistory):]
	}
	s.current.Store(after)
	s.published(after)
	return nil
}

// Replace sets the state and forgets the history.
func (s *Store[T]) Replace(state *T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.history = nil
	s.current.Store(state)
	s.published(state)
}

// KeepHistory records the states that changes replace, or forgets them.
func (s *Store[T]) KeepHistory(on bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keep = on
	if !on {
		s.history = nil
	}
}
