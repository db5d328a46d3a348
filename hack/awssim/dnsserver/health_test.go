package dnsserver_test

import (
	"maps"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

var _ = Describe("Alias health", func() {
	const primary, secondary = types.ResourceRecordSetFailoverPrimary, types.ResourceRecordSetFailoverSecondary

	// main is a failover alias to target; the secondary is a plain record.
	failingOver := func(main types.ResourceRecordSet, others ...types.ResourceRecordSet) *world {
		main.SetIdentifier, main.Failover = aws.String("primary"), primary
		return routing(append(others, main, routed(routedName, "192.0.2.99", failover(secondary)))...)
	}
	pool := []types.ResourceRecordSet{
		checked(routed("pool.example.com.", "192.0.2.1", weight(1))),
		checked(routed("pool.example.com.", "192.0.2.2", weight(1))),
	}
	answer := func(options dnsserver.Options) []string {
		return dnsserver.NewResolver(options).Resolve(dnsserver.Query{Name: routedName, Type: "A"}).Values("A")
	}

	DescribeTable("follows the target when it is evaluated",
		func(main types.ResourceRecordSet, unhealthy []string, expected ...string) {
			world := failingOver(main, append(pool,
				checked(set("simple.example.com.", "A", 60, "192.0.2.3")),
				evaluating(alias("via.example.com.", "A", "Z1", "pool.example.com.")),
				evaluating(alias("third.example.com.", "A", "Z1", "via.example.com.")),
				alias("blind.example.com.", "A", "Z1", "pool.example.com."),
				evaluating(alias("ring.example.com.", "A", "Z1", "gnir.example.com.")),
				evaluating(alias("gnir.example.com.", "A", "Z1", "ring.example.com.")))...)
			Expect(answer(dnsserver.Options{Backend: world, Health: sick(unhealthy...)})).To(HaveEach(BeElementOf(expected)))
		},
		Entry("one of a pool is healthy", evaluating(alias(routedName, "A", "Z1", "pool.example.com.")),
			[]string{"192.0.2.1"}, "192.0.2.2"),
		Entry("none of the pool is", evaluating(alias(routedName, "A", "Z1", "pool.example.com.")),
			[]string{"192.0.2.1", "192.0.2.2"}, "192.0.2.99"),
		Entry("through another alias", evaluating(alias(routedName, "A", "Z1", "via.example.com.")),
			[]string{"192.0.2.1", "192.0.2.2"}, "192.0.2.99"),
		Entry("a simple record's check counts here", evaluating(alias(routedName, "A", "Z1", "simple.example.com.")),
			[]string{"192.0.2.3"}, "192.0.2.99"),
		Entry("a missing target is unhealthy", evaluating(alias(routedName, "A", "Z1", "none.example.com.")), nil, "192.0.2.99"),
		Entry("a loop is unhealthy", evaluating(alias(routedName, "A", "Z1", "ring.example.com.")), nil, "192.0.2.99"),
		Entry("a chain of three", evaluating(alias(routedName, "A", "Z1", "third.example.com.")),
			[]string{"192.0.2.1", "192.0.2.2"}, "192.0.2.99"),
		Entry("a chain of three with a healthy end", evaluating(alias(routedName, "A", "Z1", "third.example.com.")),
			[]string{"192.0.2.2"}, "192.0.2.1"),
		Entry("a chain is healthy from where it is not evaluated", evaluating(alias(routedName, "A", "Z1", "blind.example.com.")),
			[]string{"192.0.2.1", "192.0.2.2"}, "192.0.2.1", "192.0.2.2"),
		Entry("not evaluated is healthy", alias(routedName, "A", "Z1", "pool.example.com."),
			[]string{"192.0.2.1", "192.0.2.2"}, "192.0.2.1", "192.0.2.2"),
	)

	It("asks the hook about targets outside of the zone", func() {
		main := evaluating(alias(routedName, "A", "ZLB", "lb.eu-west-1.elb.amazonaws.com."))
		options := dnsserver.Options{
			Backend: failingOver(main),
			Targets: func(string, types.RRType) []string { return []string{"127.0.1.1"} },
		}
		Expect(answer(options)).To(ConsistOf("127.0.1.1"))
		options.TargetHealth = func(target types.AliasTarget) bool {
			return aws.ToString(target.DNSName) != "lb.eu-west-1.elb.amazonaws.com."
		}
		Expect(answer(options)).To(ConsistOf("192.0.2.99"))
	})

	It("chooses the branch of a policy tree that has a healthy leaf", func() {
		near := evaluating(alias(routedName, "A", "Z1", "pool.example.com."))
		near.SetIdentifier, near.Region = aws.String("near"), "us-east-1"
		far := routed(routedName, "192.0.2.50", region("eu-west-1"))
		world := routing(append(pool, near, far)...)
		Expect(answer(dnsserver.Options{Backend: world})).To(ContainElement(BeElementOf("192.0.2.1", "192.0.2.2")))
		Expect(answer(dnsserver.Options{Backend: world, Health: sick("192.0.2.1", "192.0.2.2")})).To(ConsistOf("192.0.2.50"))
	})

	It("does not affect a simple record by itself", func() {
		world := routing(checked(set(routedName, "A", 60, "192.0.2.3")))
		Expect(answer(dnsserver.Options{Backend: world, Health: sick("192.0.2.3")})).To(ConsistOf("192.0.2.3"))
	})
})

var _ = Describe("A change of health", func() {
	const primary, secondary = types.ResourceRecordSetFailoverPrimary, types.ResourceRecordSetFailoverSecondary
	const one, two = "192.0.2.1", "192.0.2.2"
	plain := func(first, second policy) []types.ResourceRecordSet {
		return []types.ResourceRecordSet{checked(routed(routedName, one, first)), checked(routed(routedName, two, second))}
	}
	evaluated := func(sets []types.ResourceRecordSet) []types.ResourceRecordSet {
		for i := range sets {
			sets[i].Name = aws.String("pool.example.com.")
		}
		return append(sets,
			evaluating(alias("via.example.com.", "A", "Z1", "pool.example.com.")),
			evaluating(alias(routedName, "A", "Z1", "via.example.com.")))
	}

	// Answers are as each health check in turn goes down and comes back, and as both are down.
	DescribeTable("is in the next answer, without a change of the zones",
		func(sets []types.ResourceRecordSet, healthy, firstDown, secondDown, bothDown []string) {
			world := routing(sets...)
			world.zones[0] = signedBy(world.zones[0], ksk, zsk)
			var unhealthy []string
			resolver := dnsserver.NewResolver(dnsserver.Options{
				Backend: world, Now: atSigningTime,
				Health: func(s types.ResourceRecordSet) bool { return sick(unhealthy...)(s) },
			})
			expect := func(expected []string, down ...string) {
				GinkgoHelper()
				unhealthy = down
				seen := map[string]bool{}
				for range 64 { // enough to see both sides of a weighted answer
					reply, err := validate(resolver, ksk.DS("example.com.")).validated(routedName, dns.TypeA)
					Expect(err).NotTo(HaveOccurred())
					for _, a := range sifted[*dns.A](reply.Answer) {
						seen[a.A.String()] = true
					}
				}
				Expect(slices.Sorted(maps.Keys(seen))).To(Equal(expected), "with %v down", down)
			}
			for range 2 {
				expect(healthy)
				expect(firstDown, one)
				expect(secondDown, two)
				expect(bothDown, one, two)
			}
			Expect(world.timesRead()).To(Equal(1))
		},
		Entry("failover", plain(failover(primary), failover(secondary)), []string{one}, []string{two}, []string{one}, []string{one}),
		Entry("weighted", plain(weight(1), weight(1)), []string{one, two}, []string{two}, []string{one}, []string{one, two}),
		Entry("weighted with a spare", plain(weight(1), weight(0)), []string{one}, []string{two}, []string{one}, []string{one}),
		Entry("multivalue", plain(multivalue, multivalue), []string{one, two}, []string{two}, []string{one}, []string{one, two}),
		Entry("latency", plain(region("us-east-1"), region("eu-west-1")), []string{one}, []string{two}, []string{one}, []string{one}),
		Entry("geolocation", plain(country("*"), continent("AF")), []string{one}, []string{one}, []string{one}, []string{one}),
		Entry("through aliases: failover", evaluated(plain(failover(primary), failover(secondary))),
			[]string{one}, []string{two}, []string{one}, []string{one}),
		Entry("through aliases: weighted", evaluated(plain(weight(1), weight(1))),
			[]string{one, two}, []string{two}, []string{one}, []string{one, two}),
	)

	DescribeTable("widens the area of a geolocation answer",
		func(expected string, down ...string) {
			world := routing(
				checked(routed(routedName, "192.0.2.1", state("VA"))), checked(routed(routedName, "192.0.2.2", country("US"))),
				checked(routed(routedName, "192.0.2.3", continent("NA"))), checked(routed(routedName, "192.0.2.4", country("*"))),
				checked(routed(routedName, "192.0.2.5", country("DE"))))
			resolver := dnsserver.NewResolver(dnsserver.Options{Backend: world, Health: sick(down...)})
			query := dnsserver.Query{Name: routedName, Type: "A", Subnet: netip.MustParsePrefix("10.1.0.0/16")}
			Expect(resolver.Resolve(query).Values("A")).To(ConsistOf(expected))
		},
		Entry("state", "192.0.2.1"),
		Entry("country", "192.0.2.2", "192.0.2.1"),
		Entry("continent", "192.0.2.3", "192.0.2.1", "192.0.2.2"),
		Entry("default", "192.0.2.4", "192.0.2.1", "192.0.2.2", "192.0.2.3"),
		Entry("a narrower one that is healthy wins", "192.0.2.2", "192.0.2.1", "192.0.2.3", "192.0.2.4"),
		Entry("never another country", "192.0.2.1", "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"),
	)
})
