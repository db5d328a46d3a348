package dataplane

import (
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

const (
	// mostProbes bounds the health checks that run at a time.
	mostProbes = 32
	// leastTimeout is below which no pace shortens the timeout of a health check.
	leastTimeout = time.Second
	// What AWS takes for a setting that is left out.
	defaultInterval, defaultTimeout     = 30, 10
	defaultHealthyAfter, defaultIllFrom = 5, 2
)

// prober checks the health of all targets that load balancers use.
type prober struct {
	plane *Plane
	slots chan struct{}

	mu     sync.Mutex
	closed bool
	checks map[checkKey]*check
}

type checkKey struct {
	group, id string
	port      int32
}

// check is what is known of one target.
type check struct {
	key        checkKey
	registered time.Time
	// group has the settings, target how the control plane sees the target.
	group  *elbv2.TargetGroup
	target elbv2.Target
	stop   func()
	// passes and failures count those in a row.
	passes, failures int
	// found is the finding that was reported last; nil is none.
	found *finding
}

// finding is what is reported of a target.
type finding struct {
	healthy     bool
	reason      types.TargetHealthReasonEnum
	description string
}

func newProber(p *Plane) *prober {
	return &prober{plane: p, slots: make(chan struct{}, mostProbes), checks: map[checkKey]*check{}}
}

// follow takes over which targets are to be checked, and how.
func (h *prober) follow(groups []elbv2.TargetGroup) {
	h.mu.Lock()
	defer h.mu.Unlock()
	wanted := map[checkKey]bool{}
	for i := range groups {
		g := &groups[i]
		if !isChecked(g) {
			continue
		}
		for _, t := range g.Targets {
			if !isRegistered(&t) {
				continue
			}
			key := checkKey{aws.ToString(g.TargetGroupArn), t.ID, t.Port}
			if !wanted[key] {
				h.set(key, g, t)
			}
			wanted[key] = true
		}
	}
	for key, c := range h.checks {
		if !wanted[key] {
			c.stop()
			delete(h.checks, key)
		}
	}
}

// isChecked tells whether the targets of a group are probed at all.
func isChecked(g *elbv2.TargetGroup) bool {
	return aws.ToBool(g.HealthCheckEnabled) && len(g.LoadBalancerArns) > 0 && g.TargetType != types.TargetTypeEnumLambda
}

// set begins to check a target, or changes how. The caller holds mu.
func (h *prober) set(key checkKey, g *elbv2.TargetGroup, t elbv2.Target) {
	c := h.checks[key]
	if c == nil {
		if h.closed {
			return
		}
		c = &check{key: key, group: g, target: t, registered: t.Registered}
		h.checks[key] = c
		h.schedule(c, h.first(g))
		return
	}
	// A target begins anew when it is registered again, and when its group
	// comes into other use.
	if !c.registered.Equal(t.Registered) || t.State == types.TargetHealthStateEnumInitial && c.found != nil {
		c.registered, c.found, c.passes, c.failures = t.Registered, nil, 0, 0
		c.stop()
		h.schedule(c, h.first(g))
	}
	former := c.group
	c.group, c.target = g, t
	if aws.ToInt32(former.HealthCheckIntervalSeconds) != aws.ToInt32(g.HealthCheckIntervalSeconds) {
		c.stop()
		h.schedule(c, h.interval(g))
	}
}

// first is the wait before the first probe of a target.
func (h *prober) first(g *elbv2.TargetGroup) time.Duration {
	span := h.plane.options.FirstNetwork
	if isForRequests(g) {
		span = h.plane.options.First
	}
	return max(h.plane.options.Random.Draw(span), time.Millisecond)
}

func (h *prober) interval(g *elbv2.TargetGroup) time.Duration {
	return max(time.Duration(float64(seconds(g.HealthCheckIntervalSeconds, defaultInterval))/h.plane.options.Pace), time.Millisecond)
}

// timeout is wall time.
func (h *prober) timeout(g *elbv2.TargetGroup) time.Duration {
	asked := seconds(g.HealthCheckTimeoutSeconds, defaultTimeout)
	return max(time.Duration(float64(asked)/h.plane.options.Pace), min(asked, leastTimeout))
}

func seconds(n *int32, otherwise int32) time.Duration {
	if n != nil {
		otherwise = *n
	}
	return time.Duration(otherwise) * time.Second
}

// schedule sets the next probe. The caller holds mu.
func (h *prober) schedule(c *check, d time.Duration) {
	c.stop = h.plane.options.Clock.AfterFunc(d, func() { h.turn(c) })
}

// turn probes a target once and reports what changed.
func (h *prober) turn(c *check) {
	if !h.plane.enter() {
		return
	}
	defer h.plane.running.Done()
	h.mu.Lock()
	if h.checks[c.key] != c {
		h.mu.Unlock()
		return
	}
	// What comes due meanwhile must not stop a turn under way twice.
	group, shown := *c.group, c.target
	h.mu.Unlock()
	select {
	case h.slots <- struct{}{}:
	case <-h.plane.ctx.Done():
		return
	}
	seen := h.plane.probe(&group, &shown, h.timeout(&group))
	<-h.slots

	h.mu.Lock()
	if h.plane.ctx.Err() != nil || h.checks[c.key] != c || !c.registered.Equal(shown.Registered) {
		h.mu.Unlock()
		return
	}
	c.stop()
	h.schedule(c, h.interval(c.group))
	found := c.observe(seen)
	h.mu.Unlock()
	if found != nil {
		h.plane.options.ControlPlane.SetTargetHealth(c.key.group, c.key.id, c.key.port, found.healthy, found.reason, found.description)
	}
}

// observe counts what was seen, and answers with what is to be reported, if anything.
func (c *check) observe(seen finding) *finding {
	if seen.healthy {
		c.passes, c.failures = c.passes+1, 0
	} else {
		c.passes, c.failures = 0, c.failures+1
	}
	wasHealthy := c.found != nil && c.found.healthy
	wasIll := c.found != nil && !c.found.healthy
	switch {
	case seen.healthy && wasIll && c.passes < threshold(c.group.HealthyThresholdCount, defaultHealthyAfter):
		return nil
	case !seen.healthy && !wasIll && c.failures < threshold(c.group.UnhealthyThresholdCount, defaultIllFrom):
		return nil
	case seen.healthy && wasHealthy || c.found != nil && *c.found == seen:
		return nil
	}
	c.found = &seen
	return &seen
}

func threshold(count *int32, otherwise int) int {
	if count != nil {
		return int(*count)
	}
	return otherwise
}

func (h *prober) close() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.closed = true
	for _, c := range h.checks {
		c.stop()
	}
	clear(h.checks)
}

// Probes tells whether the health of a target comes from probes: it is on this
// machine, and checked. The health of others is for the control plane to say.
func (p *Plane) Probes(g elbv2.TargetGroup, t elbv2.Target) bool {
	if p.ctx.Err() != nil || !isChecked(&g) {
		return false
	}
	_, here := p.locate(&g, &t, checkPort(&g), t.Zone)
	return here
}

// checkPort is the port that is probed; 0 is that of the target.
func checkPort(g *elbv2.TargetGroup) int32 {
	return int32(number(map[string]string{"port": aws.ToString(g.HealthCheckPort)}, "port", 0))
}
