package awssim

import (
	"context"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// zoneBackend shows the hosted zones to the DNS server.
type zoneBackend struct{ service *route53.Service }

func (b zoneBackend) Zones() []dnsserver.Zone {
	zones := b.service.Zones()
	shown := make([]dnsserver.Zone, len(zones))
	for i, z := range zones {
		shown[i] = dnsserver.Zone{ID: z.ID, Name: z.Name, Private: z.Private, VPCs: z.VPCs, RecordSets: z.RecordSets}
	}
	return shown
}

func (b zoneBackend) Generation() uint64 { return b.service.Generation() }

// ListenDNS binds a DNS server, UDP and TCP, that answers from the hosted
// zones once its Serve runs. Backend and Addr of the options are set here; all
// else may be left out.
func (s *Server) ListenDNS(address string, options dnsserver.Options) (*dnsserver.Server, error) {
	options.Backend, options.Addr = zoneBackend{s.route53}, address
	return dnsserver.Listen(options)
}

// answerFrom makes TestDNSAnswer answer as the DNS server does.
func answerFrom(resolver *dnsserver.Resolver) route53.Resolver {
	return func(_ context.Context, q route53.Question) (route53.Answer, error) {
		answer := resolver.Resolve(dnsserver.Query{
			ZoneID: q.ZoneID, Name: q.Name, Type: q.Type, Client: q.Resolver, Subnet: q.Subnet,
		})
		return route53.Answer{
			ResponseCode: answer.ResponseCode(),
			RecordData:   answer.Values(q.Type),
			Protocol:     "UDP",
		}, nil
	}
}
