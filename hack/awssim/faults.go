package awssim

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Kind is what a fault does to a call.
type Kind string

// The kinds of faults.
const (
	// Throttle refuses the call with the service's throttling code.
	Throttle Kind = "throttle"
	// Before500 answers 500 and does nothing.
	Before500 Kind = "before500"
	// After500 does what was asked and then answers 500.
	After500 Kind = "after500"
	// Drop does what was asked and then closes the connection without an answer.
	Drop Kind = "drop"
	// SlowDown delays the call by Milliseconds; it goes together with others.
	SlowDown Kind = "latency"
	// Stale makes a read answer as the state was Milliseconds ago or, when
	// that is zero, before the newest write. Writes since the fault was set count.
	Stale Kind = "stale"
)

var kinds = []Kind{Throttle, Before500, After500, Drop, SlowDown, Stale}

// Fault breaks calls of an operation: the next Count of them, or a Share.
type Fault struct {
	// Service is the signing name and Operation the API's; "*" is any.
	Service   string `json:"service"`
	Operation string `json:"operation"`
	Kind      Kind   `json:"kind"`
	// Count is how many matching calls break; Share is the probability with
	// which each breaks, for ever. One of them must be given.
	Count        int     `json:"count,omitempty"`
	Share        float64 `json:"share,omitempty"`
	Milliseconds int     `json:"milliseconds,omitempty"`
	// Skip is how many matching calls pass first.
	Skip int `json:"skip,omitempty"`
}

func (f Fault) check() error {
	switch {
	case f.Service == "" || f.Operation == "":
		return fmt.Errorf(`a fault needs "service" and "operation" ("*" is any)`)
	case !slices.Contains(kinds, f.Kind):
		return fmt.Errorf("there is no fault of kind %q, but %v", f.Kind, kinds)
	case (f.Count > 0) == (f.Share > 0):
		return fmt.Errorf(`a fault needs either "count" above 0 or "share" in (0,1]`)
	case f.Count < 0 || f.Share < 0 || f.Share > 1 || f.Skip < 0 || f.Milliseconds < 0:
		return fmt.Errorf(`"count", "skip" and "milliseconds" cannot be negative, "share" is in (0,1]`)
	case f.Kind == SlowDown && f.Milliseconds == 0:
		return fmt.Errorf(`a fault of kind "latency" needs "milliseconds"`)
	}
	return nil
}

func (f Fault) matches(service, operation string) bool {
	return (f.Service == "*" || f.Service == service) &&
		(f.Operation == "*" || strings.EqualFold(f.Operation, operation))
}

// faultSet holds the faults that are set.
type faultSet struct {
	random *frame.Random
	mu     sync.Mutex
	faults []Fault
}

// effect is what the faults do to one call.
type effect struct {
	kind  Kind
	delay time.Duration
	stale *time.Duration
}

func (s *faultSet) add(f Fault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = append(s.faults, f)
}

func (s *faultSet) clear() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.faults = nil
}

func (s *faultSet) list() []Fault {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Fault{}, s.faults...)
}

// draw takes what the faults do to the next call of the operation. Delays add
// up and staleness goes with anything; of the others the first one set wins
// and later ones are kept for the calls that follow.
func (s *faultSet) draw(service, operation string) effect {
	s.mu.Lock()
	defer s.mu.Unlock()
	var e effect
	for i := range s.faults {
		fault := &s.faults[i]
		combines := fault.Kind == SlowDown || fault.Kind == Stale
		if !fault.matches(service, operation) || !combines && e.kind != "" || !s.strikes(fault) {
			continue
		}
		wait := time.Duration(fault.Milliseconds) * time.Millisecond
		switch fault.Kind {
		case SlowDown:
			e.delay += wait
		case Stale:
			e.stale = &wait
		default:
			e.kind = fault.Kind
		}
	}
	s.faults = slices.DeleteFunc(s.faults, func(f Fault) bool { return f.Count == 0 && f.Share == 0 })
	return e
}

func (s *faultSet) strikes(f *Fault) bool {
	switch {
	case f.Skip > 0:
		f.Skip--
		return false
	case f.Share > 0:
		return s.random.Float64() < f.Share
	}
	f.Count--
	return true
}
