package dnsserver_test

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

const routedName = "r.example.com."

type policy = func(*types.ResourceRecordSet)

func weight(w int64) policy {
	return func(s *types.ResourceRecordSet) { s.Weight = aws.Int64(w) }
}

func region(name types.ResourceRecordSetRegion) policy {
	return func(s *types.ResourceRecordSet) { s.Region = name }
}

func failover(role types.ResourceRecordSetFailover) policy {
	return func(s *types.ResourceRecordSet) { s.Failover = role }
}

func continent(code string) policy {
	return func(s *types.ResourceRecordSet) { s.GeoLocation = &types.GeoLocation{ContinentCode: aws.String(code)} }
}

func country(code string) policy {
	return func(s *types.ResourceRecordSet) { s.GeoLocation = &types.GeoLocation{CountryCode: aws.String(code)} }
}

func state(code string) policy {
	return func(s *types.ResourceRecordSet) {
		s.GeoLocation = &types.GeoLocation{CountryCode: aws.String("US"), SubdivisionCode: aws.String(code)}
	}
}

func near(place types.GeoProximityLocation, bias int32) policy {
	return func(s *types.ResourceRecordSet) {
		place.Bias = aws.Int32(bias)
		s.GeoProximityLocation = &place
	}
}

func cidr(location string) policy {
	return func(s *types.ResourceRecordSet) {
		s.CidrRoutingConfig = &types.CidrRoutingConfig{CollectionId: aws.String("c1"), LocationName: aws.String(location)}
	}
}

func multivalue(s *types.ResourceRecordSet) { s.MultiValueAnswer = aws.Bool(true) }

// shares asks n times and counts the answers.
func shares(n int, options dnsserver.Options) map[string]int {
	GinkgoHelper()
	resolver := dnsserver.NewResolver(options)
	counts := map[string]int{}
	for range n {
		answer := resolver.Resolve(dnsserver.Query{Name: routedName, Type: "A"})
		Expect(answer.Records).To(HaveLen(1))
		counts[answer.Records[0].Value]++
	}
	return counts
}

func routing(sets ...types.ResourceRecordSet) *world {
	return backend(zone("Z1", "example.com.", sets...))
}

var _ = Describe("Weighted records", func() {
	const draws = 20000
	mixed := func() *world {
		return routing(
			checked(routed(routedName, "192.0.2.1", weight(60))),
			checked(routed(routedName, "192.0.2.2", weight(30))),
			checked(routed(routedName, "192.0.2.3", weight(10))),
			checked(routed(routedName, "192.0.2.4", weight(0))))
	}

	DescribeTable("share the answers by weight",
		func(world *world, unhealthy []string, expected map[string]float64) {
			counts := shares(draws, dnsserver.Options{Backend: world, Rand: seeded(), Health: sick(unhealthy...)})
			Expect(counts).To(HaveLen(len(expected)))
			for value, share := range expected {
				Expect(float64(counts[value])/draws).To(BeNumerically("~", share, 0.015), value)
			}
		},
		Entry("weight/sum, none to weight 0", mixed(), nil, map[string]float64{"192.0.2.1": .6, "192.0.2.2": .3, "192.0.2.3": .1}),
		Entry("among the healthy", mixed(), []string{"192.0.2.1"}, map[string]float64{"192.0.2.2": .75, "192.0.2.3": .25}),
		Entry("to weight 0 when all others are unhealthy", mixed(), []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"},
			map[string]float64{"192.0.2.4": 1}),
		Entry("as if healthy when none is", mixed(), []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"},
			map[string]float64{"192.0.2.1": .6, "192.0.2.2": .3, "192.0.2.3": .1}),
		Entry("equally when all weights are 0",
			routing(routed(routedName, "192.0.2.1", weight(0)), routed(routedName, "192.0.2.2", weight(0))), nil,
			map[string]float64{"192.0.2.1": .5, "192.0.2.2": .5}),
	)

	It("do so over UDP", func() {
		addr := start(dnsserver.Options{Rand: seeded(), Backend: routing(
			routed(routedName, "192.0.2.1", weight(3)), routed(routedName, "192.0.2.2", weight(1)))})
		counts := map[string]int{}
		for range 400 {
			counts[exchange("udp", addr, question(routedName, dns.TypeA)).Answer[0].(*dns.A).A.String()]++
		}
		Expect(counts["192.0.2.1"]).To(BeNumerically("~", 300, 45))
	})
})

var _ = Describe("Policies that prefer", func() {
	const (
		primary, secondary = types.ResourceRecordSetFailoverPrimary, types.ResourceRecordSetFailoverSecondary
		germany, japan     = "198.51.100.0/24", "203.0.113.0/24"
		virginia, oregon   = "192.0.2.0/24", "10.4.0.0/24"
		brazil, unknown    = "10.41.0.0/16", "8.8.8.0/24"
	)
	failovers := routing(checked(routed(routedName, "192.0.2.2", failover(secondary))), checked(routed(routedName, "192.0.2.1", failover(primary))))
	latencies := routing(
		checked(routed(routedName, "192.0.2.1", region("us-east-1"))),
		checked(routed(routedName, "192.0.2.2", region("eu-west-1"))),
		checked(routed(routedName, "192.0.2.3", region("ap-northeast-1"))))
	areas := []types.ResourceRecordSet{
		checked(routed(routedName, "192.0.2.1", continent("NA"))),
		checked(routed(routedName, "192.0.2.2", country("US"))),
		checked(routed(routedName, "192.0.2.3", state("VA"))),
		checked(routed(routedName, "192.0.2.4", continent("EU"))),
	}
	geographic, withDefault := routing(areas...), routing(append(areas, routed(routedName, "192.0.2.9", country("*")))...)
	proximity := func(bias int32) *world {
		return routing(
			routed(routedName, "192.0.2.1", near(types.GeoProximityLocation{AWSRegion: aws.String("us-east-1")}, bias)),
			routed(routedName, "192.0.2.2", near(types.GeoProximityLocation{
				Coordinates: &types.Coordinates{Latitude: aws.String("52.52"), Longitude: aws.String("13.40")},
			}, 0)),
			routed(routedName, "192.0.2.3", near(types.GeoProximityLocation{LocalZoneGroup: aws.String("us-west-2-lax-1")}, 0)))
	}
	blocks := []types.ResourceRecordSet{
		checked(routed(routedName, "192.0.2.1", cidr("wide"))), checked(routed(routedName, "192.0.2.2", cidr("narrow"))),
	}
	byBlock, byBlockDefault := routing(blocks...), routing(append(blocks, routed(routedName, "192.0.2.9", cidr("*")))...)
	collection := func(id, location string) []netip.Prefix {
		return map[string][]netip.Prefix{
			"c1/wide":   {netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("2001:db8::/32")},
			"c1/narrow": {netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("10.4.0.0/16")},
		}[id+"/"+location]
	}

	DescribeTable("answer by where the client is and what is healthy",
		func(world *world, subnet string, unhealthy []string, expected string) {
			addr := start(dnsserver.Options{Backend: world, CIDR: collection, Health: sick(unhealthy...)})
			for _, network := range []string{"udp", "tcp"} {
				reply := exchange(network, addr, from(question(routedName, dns.TypeA), subnet))
				Expect(reply.Rcode).To(Equal(dns.RcodeSuccess))
				if expected == "" {
					Expect(reply.Answer).To(BeEmpty())
					Expect(texts(reply.Ns)).To(ConsistOf(negativeSOA("example.com.")))
					continue
				}
				Expect(texts(reply.Answer)).To(ConsistOf(routedName + " 60 IN A " + expected))
			}
		},
		Entry("failover: both healthy", failovers, germany, nil, "192.0.2.1"),
		Entry("failover: primary unhealthy", failovers, germany, []string{"192.0.2.1"}, "192.0.2.2"),
		Entry("failover: secondary unhealthy", failovers, germany, []string{"192.0.2.2"}, "192.0.2.1"),
		Entry("failover: both unhealthy", failovers, germany, []string{"192.0.2.1", "192.0.2.2"}, "192.0.2.1"),

		Entry("latency: Germany", latencies, germany, nil, "192.0.2.2"),
		Entry("latency: Japan by IPv6", latencies, "2001:db8:21::/48", nil, "192.0.2.3"),
		Entry("latency: unknown place counts as us-east-1", latencies, unknown, nil, "192.0.2.1"),
		Entry("latency: next Region when unhealthy", latencies, germany, []string{"192.0.2.2"}, "192.0.2.1"),
		Entry("latency: none healthy", latencies, germany, []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "192.0.2.2"),

		Entry("geolocation: state", geographic, virginia, nil, "192.0.2.3"),
		Entry("geolocation: country", geographic, oregon, nil, "192.0.2.2"),
		Entry("geolocation: continent", geographic, "10.5.0.0/16", nil, "192.0.2.1"),
		Entry("geolocation: other continent", geographic, germany, nil, "192.0.2.4"),
		Entry("geolocation: no match and no default", geographic, japan, nil, ""),
		Entry("geolocation: unknown place and no default", geographic, unknown, nil, ""),
		Entry("geolocation: default", withDefault, japan, nil, "192.0.2.9"),
		Entry("geolocation: unknown place", withDefault, unknown, nil, "192.0.2.9"),
		Entry("geolocation: state unhealthy", geographic, virginia, []string{"192.0.2.3"}, "192.0.2.2"),
		Entry("geolocation: country unhealthy, too", geographic, virginia, []string{"192.0.2.3", "192.0.2.2"}, "192.0.2.1"),
		Entry("geolocation: down to the default", withDefault, germany, []string{"192.0.2.4"}, "192.0.2.9"),
		Entry("geolocation: none healthy", geographic, virginia, []string{"192.0.2.1", "192.0.2.2", "192.0.2.3"}, "192.0.2.3"),

		Entry("geoproximity: Region", proximity(0), virginia, nil, "192.0.2.1"),
		Entry("geoproximity: coordinates", proximity(0), germany, nil, "192.0.2.2"),
		Entry("geoproximity: Local Zone", proximity(0), "10.3.0.0/16", nil, "192.0.2.3"),
		Entry("geoproximity: positive bias draws", proximity(95), germany, nil, "192.0.2.1"),
		Entry("geoproximity: negative bias repels", proximity(-99), brazil, nil, "192.0.2.3"),
		Entry("geoproximity: no bias, for comparison", proximity(0), brazil, nil, "192.0.2.1"),

		Entry("CIDR: longest block", byBlock, "10.4.7.0/24", nil, "192.0.2.2"),
		Entry("CIDR: wider block", byBlock, "10.5.0.0/24", nil, "192.0.2.1"),
		Entry("CIDR: block longer than what the client tells", byBlock, "10.0.0.0/9", nil, "192.0.2.1"),
		Entry("CIDR: IPv6", byBlock, "2001:db8:77::/48", nil, "192.0.2.1"),
		Entry("CIDR: no match and no default", byBlock, unknown, nil, ""),
		Entry("CIDR: default", byBlockDefault, unknown, nil, "192.0.2.9"),
		Entry("CIDR: wider block when unhealthy", byBlock, "10.4.7.0/24", []string{"192.0.2.2"}, "192.0.2.1"),
		Entry("CIDR: default when all are unhealthy", byBlockDefault, "10.4.7.0/24", []string{"192.0.2.1", "192.0.2.2"}, "192.0.2.9"),
	)

	It("use the source address when there is no client subnet", func() {
		resolver := dnsserver.NewResolver(dnsserver.Options{Backend: geographic})
		asked := func(client string) []string {
			return resolver.Resolve(dnsserver.Query{Name: routedName, Type: "A", Client: netip.MustParseAddr(client)}).Values("A")
		}
		Expect(asked("127.12.0.1")).To(ConsistOf("192.0.2.4"))
		Expect(asked("::ffff:127.1.0.1")).To(ConsistOf("192.0.2.3"))
		Expect(asked("127.0.0.1")).To(BeEmpty())
	})

	DescribeTable("measure proximity to any kind of place", func(place types.GeoProximityLocation, expected string) {
		resolver := dnsserver.NewResolver(dnsserver.Options{Backend: routing(
			routed(routedName, "192.0.2.1", near(types.GeoProximityLocation{AWSRegion: aws.String("ap-northeast-1")}, 0)),
			routed(routedName, "192.0.2.2", near(place, 0)))})
		query := dnsserver.Query{Name: routedName, Type: "A", Subnet: netip.MustParsePrefix(oregon)}
		Expect(resolver.Resolve(query).Values("A")).To(ConsistOf(expected))
	},
		Entry("Local Zone of a known Region", types.GeoProximityLocation{LocalZoneGroup: aws.String("us-west-2-xyz-1")}, "192.0.2.2"),
		Entry("unknown Local Zone", types.GeoProximityLocation{LocalZoneGroup: aws.String("moon")}, "192.0.2.1"),
		Entry("unknown Region", types.GeoProximityLocation{AWSRegion: aws.String("moon-west-1")}, "192.0.2.1"),
		Entry("coordinates that are none", types.GeoProximityLocation{
			Coordinates: &types.Coordinates{Latitude: aws.String("x"), Longitude: aws.String("y")},
		}, "192.0.2.1"),
	)

	DescribeTable("know the test locations", func(addr string, expected string) {
		Expect(dnsserver.TestLocations(netip.MustParseAddr(addr)).Country).To(Equal(expected))
	},
		Entry("documentation prefix", "203.0.113.7", "JP"),
		Entry("private prefix", "10.12.3.4", "DE"),
		Entry("loopback prefix", "127.61.0.1", "AQ"),
		Entry("IPv6 prefix", "2001:db8:51::1", "ZA"),
		Entry("IPv4 in IPv6", "::ffff:10.11.0.1", "IE"),
		Entry("number without a place", "10.99.0.1", ""),
		Entry("IPv6 number without a place", "2001:db8:9a::1", ""),
		Entry("IPv6 prefix too high", "2001:db8:112::1", ""),
		Entry("other IPv4 address", "192.168.1.1", ""),
		Entry("other IPv6 address", "fd00::1", ""),
	)

	It("take other locations from the hook", func() {
		addr := start(dnsserver.Options{Backend: geographic, Locate: func(netip.Addr) dnsserver.Location {
			return dnsserver.Location{Continent: "EU", Country: "DE"}
		}})
		Expect(ask(addr, routedName, dns.TypeA).Answer[0].(*dns.A).A.String()).To(Equal("192.0.2.4"))
	})
})

var _ = Describe("Multivalue answers", func() {
	sets := []types.ResourceRecordSet{}
	values := []string{}
	for i := range 12 {
		value := fmt.Sprintf("192.0.2.%d", i+1)
		values = append(values, value)
		sets = append(sets, checked(routed(routedName, value, multivalue)))
	}

	It("are up to eight, at random", func() {
		resolver := dnsserver.NewResolver(dnsserver.Options{Backend: routing(sets...), Rand: seeded()})
		counts := map[string]int{}
		for range 1200 {
			answer := resolver.Resolve(dnsserver.Query{Name: routedName, Type: "A"}).Values("A")
			Expect(answer).To(HaveLen(8))
			counts[answer[0]]++
		}
		for _, value := range values {
			Expect(counts[value]).To(BeNumerically("~", 100, 40))
		}
	})

	It("are the healthy ones", func() {
		addr := start(dnsserver.Options{Backend: routing(sets...), Health: sick(values[3:]...)})
		reply := ask(addr, routedName, dns.TypeA)
		Expect(texts(reply.Answer)).To(ConsistOf(
			routedName+" 60 IN A 192.0.2.1", routedName+" 60 IN A 192.0.2.2", routedName+" 60 IN A 192.0.2.3"))
	})

	It("are any eight when none is healthy", func() {
		resolver := dnsserver.NewResolver(dnsserver.Options{Backend: routing(sets...), Health: sick(values...)})
		Expect(resolver.Resolve(dnsserver.Query{Name: routedName, Type: "A"}).Records).To(HaveLen(8))
	})
})
