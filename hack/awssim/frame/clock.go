package frame

import (
	"slices"
	"sync"
	"time"
)

// Clock is the time simulated AWS lives in.
type Clock interface {
	Now() time.Time
	// AfterFunc calls f once d has passed. Stop keeps it from being called.
	AfterFunc(d time.Duration, f func()) (stop func())
}

// RealClock runs with the machine's clock.
type RealClock struct{}

// Now is time.Now.
func (RealClock) Now() time.Time { return time.Now() }

// AfterFunc is time.AfterFunc.
func (RealClock) AfterFunc(d time.Duration, f func()) func() {
	timer := time.AfterFunc(d, f)
	return func() { timer.Stop() }
}

// ManualClock stands still until a test steps it.
type ManualClock struct {
	mu      sync.Mutex
	now     time.Time
	pending []*alarm
}

type alarm struct {
	at time.Time
	f  func()
}

// NewManualClock starts a clock that stands at now.
func NewManualClock(now time.Time) *ManualClock { return &ManualClock{now: now} }

// Now is where the clock was stepped to.
func (c *ManualClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

// AfterFunc calls f from the Advance that reaches its time.
func (c *ManualClock) AfterFunc(d time.Duration, f func()) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	set := &alarm{at: c.now.Add(d), f: f}
	c.pending = append(c.pending, set)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.pending = slices.DeleteFunc(c.pending, func(a *alarm) bool { return a == set })
	}
}

// Advance steps the clock, calling what falls due in the order of its time.
func (c *ManualClock) Advance(d time.Duration) {
	c.mu.Lock()
	end := c.now.Add(d)
	c.mu.Unlock()
	for {
		due := c.nextDue(end)
		if due == nil {
			return
		}
		due.f()
	}
}

// nextDue takes the earliest alarm up to end and moves the clock to it, or
// moves the clock to end.
func (c *ManualClock) nextDue(end time.Time) *alarm {
	c.mu.Lock()
	defer c.mu.Unlock()
	var first *alarm
	for _, a := range c.pending {
		if !a.at.After(end) && (first == nil || a.at.Before(first.at)) {
			first = a
		}
	}
	if first == nil {
		c.now = end
		return nil
	}
	c.pending = slices.DeleteFunc(c.pending, func(a *alarm) bool { return a == first })
	if first.at.After(c.now) {
		c.now = first.at
	}
	return first
}
