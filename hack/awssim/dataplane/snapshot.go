package dataplane

import (
	"crypto/tls"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// setPools takes over the target groups. Only Sync and Close change the maps of
// the plane, one at a time, so that Sync may read them as it likes.
func (p *Plane) setPools(groups []elbv2.TargetGroup) {
	next := map[string]*pool{}
	for _, view := range groups {
		arn := aws.ToString(view.TargetGroupArn)
		g := p.pools[arn]
		if g == nil {
			g = newPool(p, arn, &view)
		}
		g.set(view)
		next[arn] = g
	}
	p.mu.Lock()
	former := p.pools
	p.pools = next
	p.mu.Unlock()
	for arn, g := range former {
		if next[arn] == nil {
			g.close()
		}
	}
}

// setBalancers takes over the load balancers and their listeners. What goes is
// closed before anything new is bound, so that a port can change hands.
func (p *Plane) setBalancers(views []elbv2.LoadBalancer) {
	balancers, listeners := map[string]*balancer{}, map[string]*listener{}
	var wanted []*behaviour
	p.rotations.begin()
	for _, view := range views {
		b := p.balancers[view.ARN]
		if b == nil {
			b = &balancer{}
		}
		balancers[view.ARN] = b
		if view.State != types.LoadBalancerStateEnumActive && view.State != types.LoadBalancerStateEnumActiveImpaired {
			continue
		}
		for _, l := range view.Listeners {
			if l.Port > 0 {
				wanted = append(wanted, p.behaviourOf(b, view, l))
			}
		}
	}
	p.rotations.end()
	for _, b := range wanted {
		l := p.listeners[b.listener.ARN]
		if l == nil {
			l = newListener(p, b)
		}
		listeners[l.arn] = l
	}
	p.mu.Lock()
	former := p.listeners
	p.balancers, p.listeners = balancers, listeners
	for _, view := range views {
		balancers[view.ARN].view = view
	}
	p.mu.Unlock()
	for arn, l := range former {
		if listeners[arn] == nil {
			l.close()
		}
	}
	for _, b := range wanted {
		listeners[b.listener.ARN].release(b)
	}
	for _, b := range wanted {
		listeners[b.listener.ARN].set(b)
	}
}

// behaviour is how a listener behaves from one change of the control plane to
// the next. It is replaced, not changed.
type behaviour struct {
	balancer *balancer
	// view is the load balancer without its listeners; a copy, since
	// balancer.view is replaced.
	view     elbv2.LoadBalancer
	listener elbv2.Listener
	rules    []rule
	// fallback is the default rule.
	fallback rule
	// pools are the target groups that rules forward to. A request that came
	// before a change may go to one that is no more.
	pools map[string]*pool
	tls   *tls.Config
}

// behaviourOf is the present behaviour of a listener when nothing has changed
// that it depends on, as when only the health of a target has, or a new one.
func (p *Plane) behaviourOf(b *balancer, view elbv2.LoadBalancer, l elbv2.Listener) *behaviour {
	view.Listeners = nil
	made := &behaviour{balancer: b, view: view, listener: l, pools: map[string]*pool{}}
	made.fallback = rule{actions: l.DefaultActions, weights: p.rotations.of(l.ARN)}
	made.findPools(l.DefaultActions, p.pools)
	weights := make([]*rotation, len(l.Rules))
	for i, r := range l.Rules {
		weights[i] = p.rotations.of(r.ARN)
		made.findPools(r.Actions, p.pools)
	}
	if known := p.listeners[l.ARN]; known != nil && known.current.Load().isLike(made) {
		return known.current.Load()
	}
	for i, r := range l.Rules {
		made.rules = append(made.rules, compile(r, weights[i]))
	}
	slices.SortStableFunc(made.rules, func(a, b rule) int { return a.priority - b.priority })
	if made.overTLS() {
		made.tls = p.newTLS(made)
	}
	return made
}

func (b *behaviour) findPools(actions []types.Action, pools map[string]*pool) {
	for i := range actions {
		for _, group := range groupsOf(&actions[i]) {
			if g := pools[group.key]; g != nil {
				b.pools[group.key] = g
			}
		}
	}
}

// isLike tells whether two behaviours come from the same settings.
func (b *behaviour) isLike(other *behaviour) bool {
	return b.balancer == other.balancer && maps.Equal(b.pools, other.pools) &&
		reflect.DeepEqual(b.listener, other.listener) && reflect.DeepEqual(b.view, other.view)
}

// overTLS tells whether the listener ends TLS.
func (b *behaviour) overTLS() bool {
	return b.listener.Protocol == types.ProtocolEnumHttps || b.listener.Protocol == types.ProtocolEnumTls
}

// isHTTP tells whether requests, not connections, are balanced.
func (b *behaviour) isHTTP() bool {
	return b.listener.Protocol == types.ProtocolEnumHttp || b.listener.Protocol == types.ProtocolEnumHttps
}

// networks are what the listener listens on: "tcp", "udp".
func (b *behaviour) networks() []string {
	switch b.listener.Protocol {
	case types.ProtocolEnumUdp, types.ProtocolEnumQuic:
		return []string{"udp"}
	case types.ProtocolEnumTcpUdp, types.ProtocolEnumTcpQuic:
		return []string{"tcp", "udp"}
	}
	return []string{"tcp"}
}

func (b *behaviour) on(attribute string) bool { return b.view.Attributes[attribute] == "true" }

// number is an attribute's value, or otherwise.
func number(attributes map[string]string, key string, otherwise int) int {
	n, err := strconv.Atoi(attributes[key])
	if err != nil {
		return otherwise
	}
	return n
}
