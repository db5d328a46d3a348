package dataplane

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// socket is a listener on one address of its load balancer.
type socket struct {
	listener *listener
	wanted   place
	zone     string
	// bound is not valid when nothing could be bound.
	bound  netip.AddrPort
	err    error
	closer io.Closer
}

// bind binds what is wanted, or else a port of 127.0.0.1.
func (l *listener) bind(at place, zone string) *socket {
	s := &socket{listener: l, wanted: at, zone: zone}
	if !at.address.Addr().IsLoopback() {
		s.err = fmt.Errorf("%s is not a loopback address", at.address.Addr())
		return s
	}
	select {
	case l.plane.sockets <- struct{}{}:
	default:
		s.err = fmt.Errorf("%d sockets are bound, which is the most the data plane binds", mostSockets)
		return s
	}
	s.err = errors.New("the load balancers' own addresses are not to be bound")
	if !l.plane.options.MappedOnly {
		s.err = s.open(at.address.String())
	}
	if s.err != nil {
		s.err = errors.Join(s.err, s.open("127.0.0.1:0"))
	}
	if s.closer == nil {
		<-l.plane.sockets
	}
	return s
}

// open binds an address and serves what comes.
func (s *socket) open(address string) error {
	var config net.ListenConfig
	var serve func()
	var bound net.Addr
	if s.wanted.network == "udp" {
		packets, err := config.ListenPacket(context.Background(), "udp", address)
		if err != nil {
			return err
		}
		relay := newRelay(s, packets)
		s.closer, bound, serve = relay, packets.LocalAddr(), relay.serve
	} else {
		accepting, err := config.Listen(context.Background(), "tcp", address)
		if err != nil {
			return err
		}
		s.closer, bound, serve = accepting, accepting.Addr(), func() { s.accept(accepting) }
	}
	s.bound = netip.MustParseAddrPort(bound.String())
	s.listener.plane.run(serve)
	return nil
}

func (s *socket) close() {
	if s.closer != nil {
		s.closer.Close()
		<-s.listener.plane.sockets
	}
}

// Socket tells where a listener is bound.
type Socket struct {
	ListenerARN     string             `json:"listenerArn"`
	LoadBalancerARN string             `json:"loadBalancerArn"`
	LoadBalancer    string             `json:"loadBalancer"`
	Protocol        types.ProtocolEnum `json:"protocol"`
	// Network is tcp or udp.
	Network string `json:"network"`
	Zone    string `json:"zone"`
	// Wanted is the load balancer's own address and port, Bound that which
	// really listens; they differ where Error says why. Bound is empty when
	// nothing listens.
	Wanted string `json:"wanted"`
	Bound  string `json:"bound"`
	Error  string `json:"error,omitempty"`
}

// Sockets lists where the listeners of all active load balancers are bound, by
// load balancer, address and port.
func (p *Plane) Sockets() []Socket {
	p.mu.RLock()
	listeners := slices.Collect(maps.Values(p.listeners))
	p.mu.RUnlock()
	shown := []Socket{}
	for _, l := range listeners {
		shown = append(shown, l.show()...)
	}
	slices.SortFunc(shown, func(a, b Socket) int {
		return cmp.Or(cmp.Compare(a.LoadBalancerARN, b.LoadBalancerARN), cmp.Compare(a.Wanted, b.Wanted),
			cmp.Compare(a.Network, b.Network))
	})
	return shown
}

func (l *listener) show() []Socket {
	l.mu.Lock()
	defer l.mu.Unlock()
	b := l.current.Load()
	var shown []Socket
	for _, s := range l.sockets {
		one := Socket{
			ListenerARN: l.arn, LoadBalancerARN: b.view.ARN, LoadBalancer: b.view.Name, Protocol: b.listener.Protocol,
			Network: s.wanted.network, Zone: s.zone, Wanted: s.wanted.address.String(),
		}
		if s.bound.IsValid() {
			one.Bound = s.bound.String()
		}
		if s.err != nil {
			one.Error = s.err.Error()
		}
		shown = append(shown, one)
	}
	return shown
}

// Bound is where an address and port of a load balancer, "127.64.0.1:443", is
// really bound for a network, "tcp" or "udp". Not ok means that nothing
// listens there.
func (p *Plane) Bound(network, wanted string) (bound string, ok bool) {
	for _, s := range p.Sockets() {
		if s.Network == network && s.Wanted == wanted && s.Bound != "" {
			return s.Bound, true
		}
	}
	return "", false
}
