package frame

import (
	"container/heap"
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
	pending alarms
	set     int // how many alarms were ever set
}

// alarm is one AfterFunc.
type alarm struct {
	at    time.Time
	order int    // alarms of the same moment ring in the order in which they were set
	f     func() // nil when it was stopped
}

// alarms are a heap, the earliest first.
type alarms []*alarm

// Len is how many alarms are pending, those that were stopped included.
func (a *alarms) Len() int { return len(*a) }

// Less puts the earlier alarm first, and of two at the same moment the one that was set first.
func (a *alarms) Less(i, j int) bool {
	one, other := (*a)[i], (*a)[j]
	return one.at.Before(other.at) || one.at.Equal(other.at) && one.order < other.order
}

// Swap is part of heap.Interface.
func (a *alarms) Swap(i, j int) { (*a)[i], (*a)[j] = (*a)[j], (*a)[i] }

// Push is part of heap.Interface.
func (a *alarms) Push(x any) { *a = append(*a, x.(*alarm)) }

// Pop is part of heap.Interface.
func (a *alarms) Pop() any {
	last := (*a)[len(*a)-1]
	*a = (*a)[:len(*a)-1]
	return last
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
	c.set++
	set := &alarm{at: c.now.Add(d), order: c.set, f: f}
	heap.Push(&c.pending, set)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		set.f = nil
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
		due()
	}
}

// nextDue takes what is due first up to end and moves the clock to it, or moves the clock to end.
func (c *ManualClock) nextDue(end time.Time) func() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for len(c.pending) > 0 && !c.pending[0].at.After(end) {
		first := heap.Pop(&c.pending).(*alarm)
		if first.f == nil {
			continue
		}
		if first.at.After(c.now) {
			c.now = first.at
		}
		return first.f
	}
	c.now = end
	return nil
}
