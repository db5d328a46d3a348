package awssim

import (
	"context"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// zoneBackend shows the hosted zones to the DNS server.
type zoneBackend struct{ service *route53.Service }

func (b zoneBackend) Zones() []dnsserver.Zone {
	zones := b.service.Zones()
	shown := make([]dnsserver.Zone, len(zones))
	for i, z := range zones {
		shown[i] = dnsserver.Zone{ID: z.ID, Name: z.Name, Private: z.Private, VPCs: z.VPCs, RecordSets: z.RecordSets, Keys: z.Keys}
	}
	return shown
}

func (b zoneBackend) Generation() uint64 { return b.service.Generation() }

// dnsOptions completes options with what the simulated world knows: zones,
// health, CIDR collections, VPCs and the time.
func (s *Server) dnsOptions(options dnsserver.Options) dnsserver.Options {
	options.Backend = zoneBackend{s.route53}
	if options.Health == nil {
		options.Health = func(set types.ResourceRecordSet) bool { return s.Healthy(aws.ToString(set.HealthCheckId)) }
	}
	if options.Targets == nil {
		options.Targets = s.balancerAddresses
	}
	if options.TargetHealth == nil {
		options.TargetHealth = func(target types.AliasTarget) bool {
			healthy, known := s.elbv2.DNSHealthy(aws.ToString(target.DNSName))
			return healthy || !known
		}
	}
	if options.CIDR == nil {
		options.CIDR = s.route53.Blocks
	}
	if options.Now == nil {
		options.Now = s.env.Clock.Now
	}
	if options.VPC == nil {
		options.VPC = s.env.VPCs.Holding
	}
	return options
}

// balancerAddresses are the addresses of a load balancer by its DNS name, which
// has no record but A here.
func (s *Server) balancerAddresses(dnsName string, recordType types.RRType) []string {
	found, known := s.elbv2.Addresses(dnsName)
	if !known {
		return nil
	}
	addresses := []string{}
	if recordType == types.RRTypeA {
		for _, address := range found {
			addresses = append(addresses, address.String())
		}
	}
	return addresses
}

// ListenDNS binds a DNS server, UDP and TCP, that answers from the hosted
// zones once its Serve runs. Backend and Addr of the options are set here; so
// are Health, Targets, TargetHealth, CIDR, VPC and Now when they are left out.
func (s *Server) ListenDNS(address string, options dnsserver.Options) (*dnsserver.Server, error) {
	options = s.dnsOptions(options)
	options.Addr = address
	return dnsserver.Listen(options)
}

// addressesFrom resolves the names of endpoints that health checkers probe.
func addressesFrom(resolver *dnsserver.Resolver) func(name string) []netip.Addr {
	return func(name string) []netip.Addr {
		normal, ok := route53.NormalName(name)
		if !ok {
			return nil
		}
		answer := resolver.Resolve(dnsserver.Query{Name: normal, Type: types.RRTypeA})
		var addresses []netip.Addr
		for _, value := range answer.Values(types.RRTypeA) {
			if address, err := netip.ParseAddr(value); err == nil {
				addresses = append(addresses, address)
			}
		}
		return addresses
	}
}

// targetsFrom finds where the CNAME records of public DNS lead, for ACM.
func targetsFrom(resolver *dnsserver.Resolver) func(name string) []string {
	return func(name string) []string {
		normal, ok := route53.NormalName(name)
		if !ok {
			return nil
		}
		answer := resolver.Resolve(dnsserver.Query{Name: normal, Type: types.RRTypeCname})
		return answer.Values(types.RRTypeCname)
	}
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
