package checkers

import (
	"cmp"
	"context"
	"net/netip"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// What Route 53 takes for a setting that is left out.
const (
	defaultInterval  = 30 * time.Second
	defaultThreshold = 3
)

// healthyShare is the share of checkers that must be exceeded.
const healthyShare = 0.18

// mostProbes bounds the connections of all checkers at a time.
const mostProbes = 32

// Options configure a Fleet; Clock and Endpoints are required.
type Options struct {
	Clock     frame.Clock
	Endpoints *frame.Endpoints
	// Pace is how many times faster than asked for the checkers probe; 0 is 1.
	Pace float64
	// Resolve gives the IPv4 addresses of a name, for checks without an IP
	// address; nothing when the simulated world does not know the name.
	Resolve func(name string) []netip.Addr
	// Timeouts are Route 53's where zero. They are wall time.
	Timeouts Timeouts
}

// Fleet is the health checkers of all health checks. It is safe for concurrent use.
type Fleet struct {
	options Options
	slots   chan struct{}
	ctx     context.Context
	cancel  context.CancelFunc
	probing sync.WaitGroup

	mu      sync.Mutex
	closed  bool
	watches map[string]*watch
}

// watch is a health check with its checkers, of which one after the other
// probes. It is replaced, not changed, when the check is.
type watch struct {
	id       string
	config   types.HealthCheckConfig
	checkers []*checker
	next     int
	stop     func()
}

// checker is what one checker knows of one endpoint.
type checker struct {
	Checker
	healthy bool
	// against counts the latest observations in a row that speak against
	// what the checker believes.
	against     int
	seen        *observation
	lastFailure *observation
}

// NewFleet makes a fleet without checks.
func NewFleet(options Options) *Fleet {
	options.Pace = cmp.Or(options.Pace, 1)
	options.Timeouts = options.Timeouts.withDefaults()
	if options.Resolve == nil {
		options.Resolve = func(string) []netip.Addr { return nil }
	}
	f := &Fleet{options: options, slots: make(chan struct{}, mostProbes), watches: map[string]*watch{}}
	f.ctx, f.cancel = context.WithCancel(context.Background())
	return f
}

// Set starts to check an endpoint, or changes how. Checkers that stay keep what
// they believe; new ones believe that the endpoint is healthy.
func (f *Fleet) Set(id string, config types.HealthCheckConfig) {
	f.mu.Lock()
	defer f.mu.Unlock()
	known := map[Checker]*checker{}
	if former := f.watches[id]; former != nil {
		former.stop()
		for _, c := range former.checkers {
			known[c.Checker] = c
		}
	}
	w := &watch{id: id, config: config, stop: func() {}}
	for _, identity := range In(config.Regions) {
		c := known[identity]
		if c == nil {
			c = &checker{Checker: identity, healthy: true}
		}
		w.checkers = append(w.checkers, c)
	}
	f.watches[id] = w
	if !f.closed && !aws.ToBool(config.Disabled) {
		f.schedule(w)
	}
}

// Remove ends a check.
func (f *Fleet) Remove(id string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if w := f.watches[id]; w != nil {
		w.stop()
		delete(f.watches, id)
	}
}

// Clear ends all checks.
func (f *Fleet) Clear() {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, w := range f.watches {
		w.stop()
	}
	clear(f.watches)
}

// Close ends all checks for ever, and waits for the probes under way, which it cuts short.
func (f *Fleet) Close() {
	f.Clear()
	f.mu.Lock()
	f.closed = true
	f.mu.Unlock()
	f.cancel()
	f.probing.Wait()
}

// schedule sets the next checker's turn. The caller holds mu.
func (f *Fleet) schedule(w *watch) {
	interval := defaultInterval
	if seconds := aws.ToInt32(w.config.RequestInterval); seconds > 0 {
		interval = time.Duration(seconds) * time.Second
	}
	turn := float64(interval) / float64(len(w.checkers)) / f.options.Pace
	w.stop = f.options.Clock.AfterFunc(max(time.Duration(turn), time.Millisecond), func() { f.turn(w) })
}

// turn lets the next checker of a check probe.
func (f *Fleet) turn(w *watch) {
	f.mu.Lock()
	if f.closed || f.watches[w.id] != w {
		f.mu.Unlock()
		return
	}
	f.probing.Add(1)
	f.mu.Unlock()
	defer f.probing.Done()
	select {
	case f.slots <- struct{}{}:
	case <-f.ctx.Done():
		return
	}
	seen := f.probe(f.ctx, w.id, &w.config)
	<-f.slots

	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed || f.watches[w.id] != w {
		return
	}
	seen.at = f.options.Clock.Now()
	threshold := cmp.Or(int(aws.ToInt32(w.config.FailureThreshold)), defaultThreshold)
	w.checkers[w.next].observe(seen, threshold)
	w.next = (w.next + 1) % len(w.checkers)
	f.schedule(w)
}

func (c *checker) observe(seen observation, threshold int) {
	c.seen = &seen
	if !seen.healthy {
		c.lastFailure = &seen
	}
	if seen.healthy == c.healthy {
		c.against = 0
		return
	}
	if c.against++; c.against >= threshold {
		c.healthy, c.against = seen.healthy, 0
	}
}

// Healthy tells whether enough checkers find an endpoint healthy. What is not checked is healthy.
func (f *Fleet) Healthy(id string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	w := f.watches[id]
	if w == nil {
		return true
	}
	healthy := 0
	for _, c := range w.checkers {
		if c.healthy {
			healthy++
		}
	}
	return float64(healthy) > healthyShare*float64(len(w.checkers))
}

// Observations are what each checker saw last, without those that saw nothing yet.
func (f *Fleet) Observations(id string) []types.HealthCheckObservation {
	return f.collect(id, func(c *checker) *observation { return c.seen })
}

// LastFailures are the last failure of each checker that saw one.
func (f *Fleet) LastFailures(id string) []types.HealthCheckObservation {
	return f.collect(id, func(c *checker) *observation { return c.lastFailure })
}

func (f *Fleet) collect(id string, of func(*checker) *observation) []types.HealthCheckObservation {
	f.mu.Lock()
	defer f.mu.Unlock()
	shown := []types.HealthCheckObservation{}
	if w := f.watches[id]; w != nil {
		for _, c := range w.checkers {
			if seen := of(c); seen != nil {
				shown = append(shown, c.Observed(seen.status, seen.at))
			}
		}
	}
	return shown
}
