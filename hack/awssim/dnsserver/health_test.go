package dnsserver_test

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
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
