package dataplane

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// pool is a target group that forwards.
type pool struct {
	plane    *Plane
	arn      string
	turns    *rotation
	counters counters
	// transport depends on nothing that can change.
	transport *http.Transport

	mu      sync.Mutex
	view    elbv2.TargetGroup
	targets []*target
}

// target is a registered or draining target.
type target struct {
	// key is id:port, and the zone.
	key      string
	counters counters

	// view and warmingSince are guarded by the pool's mu.
	view elbv2.Target
	// warmingSince is when the target became healthy while others were.
	warmingSince time.Time

	mu    sync.Mutex
	flows map[*flow]struct{}
}

func newPool(p *Plane, arn string, view *elbv2.TargetGroup) *pool {
	return &pool{plane: p, arn: arn, turns: newRotation(), transport: newTransport(view)}
}

func keyOf(id string, port int32) string { return net.JoinHostPort(id, strconv.Itoa(int(port))) }

// set takes over the settings and targets of the group.
func (g *pool) set(view elbv2.TargetGroup) {
	g.mu.Lock()
	defer g.mu.Unlock()
	known := map[string]*target{}
	for _, t := range g.targets {
		known[t.key] = t
	}
	othersHealthy := slices.ContainsFunc(g.targets, func(t *target) bool { return isHealthy(&t.view) })
	g.view, g.targets = view, nil
	keys := map[string]bool{}
	for _, shown := range view.Targets {
		key := keyOf(shown.ID, shown.Port) + " " + shown.Zone
		t := known[key]
		if t == nil {
			t = &target{key: key, flows: map[*flow]struct{}{}}
		}
		delete(known, key)
		keys[key] = true
		if isHealthy(&shown) && !isHealthy(&t.view) {
			t.warmingSince = time.Time{}
			if othersHealthy {
				t.warmingSince = g.plane.options.Clock.Now()
			}
		}
		if shown.State == types.TargetHealthStateEnumUnhealthy && t.view.State != shown.State && g.endsUnhealthyFlows() {
			t.endFlows()
		}
		t.view = shown
		g.targets = append(g.targets, t)
	}
	g.turns.keep(func(key string) bool { return keys[key] })
	if len(known) == 0 {
		return
	}
	g.transport.CloseIdleConnections()
	if view.Attributes["deregistration_delay.connection_termination.enabled"] == "true" {
		for _, t := range known {
			t.endFlows()
		}
	}
}

// endsUnhealthyFlows tells whether connections to a target that turns
// unhealthy are closed, as those of network load balancers are.
func (g *pool) endsUnhealthyFlows() bool {
	return g.view.Attributes["target_health_state.unhealthy.connection_termination.enabled"] == "true"
}

func (g *pool) close() { g.transport.CloseIdleConnections() }

func isHealthy(t *elbv2.Target) bool {
	return t.State == types.TargetHealthStateEnumHealthy || t.State == types.TargetHealthStateEnumUnavailable
}

// isRegistered leaves out targets that drain, and those no load balancer uses.
func isRegistered(t *elbv2.Target) bool {
	return t.State != types.TargetHealthStateEnumDraining && t.State != types.TargetHealthStateEnumUnused
}

// choose picks a target for what came in at a zone and counts it as under way
// until done is called. It answers nil when there is no target at all.
func (g *pool) choose(zone string, crossZone bool, pick func(choices []*target) *target) *target {
	g.mu.Lock()
	defer g.mu.Unlock()
	choices := g.choices(zone, crossZone)
	if len(choices) == 0 {
		return nil
	}
	chosen := pick(choices)
	for _, c := range []*counters{&chosen.counters, &g.counters} {
		c.begin()
	}
	return chosen
}

// done ends what choose counted.
func (g *pool) done(t *target, failed bool) {
	for _, c := range []*counters{&t.counters, &g.counters} {
		c.end(failed)
	}
	g.endDraining()
}

// endDraining tells the control plane of targets that drain and have nothing
// under way.
func (g *pool) endDraining() {
	g.mu.Lock()
	var idle []elbv2.Target
	for _, t := range g.targets {
		if t.view.State == types.TargetHealthStateEnumDraining && t.counters.open.Load() == 0 {
			idle = append(idle, t.view)
		}
	}
	g.mu.Unlock()
	for _, t := range idle {
		g.plane.options.ControlPlane.EndDraining(g.arn, t.ID, t.Port)
	}
}

// choices are the healthy targets, or all when too few are healthy.
func (g *pool) choices(zone string, crossZone bool) []*target {
	switch g.view.Attributes["load_balancing.cross_zone.enabled"] {
	case "true":
		crossZone = true
	case "false":
		crossZone = false
	}
	var registered, healthy []*target
	for _, t := range g.targets {
		inZone := t.view.Zone == zone || t.view.Zone == "all" || t.view.Zone == ""
		if !isRegistered(&t.view) || !crossZone && !inZone {
			continue
		}
		registered = append(registered, t)
		if isHealthy(&t.view) {
			healthy = append(healthy, t)
		}
	}
	const prefix = "target_group_health.unhealthy_state_routing.minimum_healthy_targets."
	count := max(1, number(g.view.Attributes, prefix+"count", 1))
	percentage := number(g.view.Attributes, prefix+"percentage", 0)
	if len(healthy) < count || len(healthy)*100 < percentage*len(registered) {
		return registered
	}
	return healthy
}

// locate is where a target is on this machine. Not ok means outside of it.
// A port of 0 is the target's own.
func (p *Plane) locate(g *elbv2.TargetGroup, t *elbv2.Target, port int32, zone string) (address string, ok bool) {
	if port == 0 {
		port = t.Port
	}
	host := t.ID
	switch g.TargetType {
	case types.TargetTypeEnumLambda:
		return "", false
	case types.TargetTypeEnumAlb:
		return p.addressOfBalancer(t.ID, port, zone)
	case types.TargetTypeEnumInstance:
		if host, ok = p.options.Instance(t.ID); !ok {
			return "", false
		}
	}
	return p.options.Endpoints.Find(host, int(port))
}

// address is where to forward to for what came in at a zone.
func (g *pool) address(t *target, zone string) (string, bool) {
	g.mu.Lock()
	view, shown := g.view, t.view
	g.mu.Unlock()
	return g.plane.locate(&view, &shown, 0, zone)
}

// settings are the group's present settings, without its targets.
func (g *pool) settings() elbv2.TargetGroup {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.view
}

// addressOfBalancer is where a load balancer listens on a port, in a zone
// rather than elsewhere.
func (p *Plane) addressOfBalancer(arn string, port int32, zone string) (address string, ok bool) {
	for _, s := range p.Sockets() {
		if s.LoadBalancerARN != arn || s.Network != "tcp" || s.Bound == "" || !endsWithPort(s.Wanted, port) {
			continue
		}
		if !ok || s.Zone == zone {
			address, ok = s.Bound, true
		}
	}
	return address, ok
}

func endsWithPort(address string, port int32) bool {
	_, text, err := net.SplitHostPort(address)
	return err == nil && text == strconv.Itoa(int(port))
}

// isVersion tells whether targets speak a version of HTTP: HTTP1, HTTP2 or GRPC.
func isVersion(view *elbv2.TargetGroup, version string) bool {
	return aws.ToString(view.ProtocolVersion) == version
}
