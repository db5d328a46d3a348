package awssim

import (
	"github.com/evenkeel/evenkeel/hack/awssim/dataplane"
)

// startDataPlane has the listeners of load balancers listen and forward, when
// that is asked for.
func (s *Server) startDataPlane(options Options) {
	if !options.DataPlane {
		return
	}
	waits := s.env.Timing.LoadBalancing
	s.plane = dataplane.New(dataplane.Options{
		ControlPlane: s.elbv2,
		Clock:        s.env.Clock,
		Random:       s.env.Random,
		Endpoints:    s.env.Endpoints,
		Pace:         s.env.Timing.Pace,
		Instance:     s.instanceHost,
		Certificate:  s.acm.TLSCertificate,
		First:        waits.Registration,
		FirstNetwork: waits.NetworkRegistration,
		MappedOnly:   options.MappedListeners,
	})
	s.elbv2.SetProbed(s.plane.Probes)
	s.elbv2.OnChange(s.plane.Sync)
}

// Listeners tells where the listeners of active load balancers are bound; none
// are without a data plane.
func (s *Server) Listeners() []dataplane.Socket {
	if s.plane == nil {
		return []dataplane.Socket{}
	}
	return s.plane.Sockets()
}

// ListenerAddress is where an address and port of a load balancer,
// "127.64.0.1:443", is really bound for a network, "tcp" or "udp". Not ok means
// that nothing listens there.
func (s *Server) ListenerAddress(network, wanted string) (address string, ok bool) {
	if s.plane == nil {
		return "", false
	}
	return s.plane.Bound(network, wanted)
}

// LoadBalancers counts what load balancers forwarded, without a data plane nothing.
func (s *Server) LoadBalancers() []dataplane.BalancerStatistics {
	if s.plane == nil {
		return []dataplane.BalancerStatistics{}
	}
	return s.plane.Statistics()
}
