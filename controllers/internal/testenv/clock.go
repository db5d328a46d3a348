package testenv

import (
	"context"
	"sync/atomic"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// shiftedClock is the machine's clock, so many hours later.
type shiftedClock struct{ shift atomic.Int64 }

// Now returns the time on the clock.
func (c *shiftedClock) Now() time.Time { return time.Now().Add(time.Duration(c.shift.Load())) }

// Since returns the time that has passed on the clock.
func (c *shiftedClock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// Later lets time pass for the controllers, and makes them look at objects then.
func (s *Story) Later(ctx context.Context, d time.Duration, objects ...client.Object) {
	s.clock.shift.Add(int64(d))
	s.Look(ctx, objects...)
}
