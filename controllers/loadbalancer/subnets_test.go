package loadbalancer

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// zoneOf is the zone of a subnet that is called by it: "a2" lies in "a".
func zoneOf(subnet string) string { return subnet[:1] }

// randomNodes draws at most one node from each of some zones, at least one in all.
func randomNodes(r *rand.Rand) []node {
	var nodes []node
	for len(nodes) == 0 {
		for _, zone := range []string{"a", "b", "c", "d"} {
			if r.IntN(2) == 0 {
				continue
			}
			n := node{subnet: fmt.Sprintf("%s%d", zone, r.IntN(2))}
			if r.IntN(3) == 0 {
				n.allocation = fmt.Sprintf("eip-%d", r.IntN(2))
			}
			nodes = append(nodes, n)
		}
	}
	return nodes
}

// exchanges reports whether a zone has another node after a step than before it, without having been left between.
func exchanges(before, after []node) bool {
	for _, n := range after {
		for _, was := range before {
			if zoneOf(n.subnet) == zoneOf(was.subnet) && n != was {
				return true
			}
		}
	}
	return false
}

var _ = Describe("The subnets of a network load balancer", func() {
	It("change without exchanging a node at once, and with one that serves at every step", func() {
		r := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 3))
		refusals := 0
		for range 5000 {
			desired, live := randomNodes(r), randomNodes(r)
			if sameSubnets(desired, live) {
				continue
			}
			sets, err := subnetSteps(v1alpha1.LoadBalancerNetwork, desired, live, zoneOf)
			if err != nil {
				Expect(live).To(HaveLen(1), "%v → %v", live, desired)
				refusals++
				continue
			}
			for _, set := range sets {
				what := fmt.Sprintf("%v → %v by %v", live, desired, sets)
				Expect(set).NotTo(BeEmpty(), what)
				Expect(exchanges(live, set)).To(BeFalse(), what)
				Expect(slices.ContainsFunc(set, func(n node) bool { return slices.Contains(live, n) })).To(BeTrue(), what+": nobody serves")
				Expect(slices.Equal(set, live)).To(BeFalse(), what+": a call for nothing")
				live = set
			}
			Expect(sameSubnets(desired, live)).To(BeTrue())
			Expect(len(sets)).To(BeNumerically("<=", 4))
		}
		Expect(refusals).To(BeNumerically(">", 0))
	})

	It("cannot change where there is no other", func() {
		_, err := subnetSteps(v1alpha1.LoadBalancerNetwork, []node{{subnet: "a2"}}, []node{{subnet: "a1"}}, zoneOf)
		Expect(err).To(MatchError(ContainSubstring("Add a subnet of another zone first")))
	})
})

var _ = Describe("The subnets of other load balancers", func() {
	It("change at once for an application load balancer", func() {
		sets, err := subnetSteps(v1alpha1.LoadBalancerApplication, []node{{subnet: "a2"}, {subnet: "b1"}}, []node{{subnet: "a1"}, {subnet: "b1"}}, zoneOf)
		Expect(err).NotTo(HaveOccurred())
		Expect(sets).To(Equal([][]node{{{subnet: "a2"}, {subnet: "b1"}}}))
	})

	It("only grow for a gateway load balancer", func() {
		sets, err := subnetSteps(v1alpha1.LoadBalancerGateway, []node{{subnet: "a1"}, {subnet: "b1"}}, []node{{subnet: "a1"}}, zoneOf)
		Expect(err).NotTo(HaveOccurred())
		Expect(sets).To(HaveLen(1))
		_, err = subnetSteps(v1alpha1.LoadBalancerGateway, []node{{subnet: "b1"}}, []node{{subnet: "a1"}}, zoneOf)
		Expect(err).To(MatchError(ContainSubstring("cannot leave a subnet")))
	})
})

var _ = Describe("A node", func() {
	live := types.LoadBalancer{AvailabilityZones: []types.AvailabilityZone{
		{SubnetId: aws.String("b"), SourceNatIpv6Prefixes: []string{"2001:DB8::1/80"}},
		{SubnetId: aws.String("a"), LoadBalancerAddresses: []types.LoadBalancerAddress{
			{AllocationId: aws.String("eip-1"), IpAddress: aws.String("1.2.3.4")}, {IPv6Address: aws.String("2001:DB8:0::1"), PrivateIPv4Address: aws.String("10.0.0.1")}}},
	}}
	observedNodes := observedSubnets(&live)

	It("is read with its addresses, in normal form and order", func() {
		Expect(observedNodes).To(Equal([]node{
			{subnet: "a", allocation: "eip-1", privateIPv4: "10.0.0.1", ipv6: "2001:db8::1"}, {subnet: "b", natPrefix: "2001:db8::/80"}}))
	})

	DescribeTable("is compared in what is given", func(mappings []v1alpha1.SubnetMapping, same bool) {
		obj := network(func(obj *v1alpha1.LoadBalancer) { obj.Spec.SubnetIDs, obj.Spec.SubnetMappings = nil, mappings })
		Expect(sameSubnets(desiredSubnets(obj), observedNodes)).To(Equal(same))
	},
		Entry("nothing but the subnets", []v1alpha1.SubnetMapping{{SubnetID: "b"}, {SubnetID: "a"}}, true),
		Entry("the same addresses, written otherwise", []v1alpha1.SubnetMapping{
			{SubnetID: "a", AllocationID: "eip-1", IPv6Address: "2001:db8:0:0::1"}, {SubnetID: "b", SourceNATIPv6Prefix: "2001:db8:0::/80"}}, true),
		Entry("a prefix of AWS's choice", []v1alpha1.SubnetMapping{{SubnetID: "a"}, {SubnetID: "b", SourceNATIPv6Prefix: autoAssigned}}, true),
		Entry("a prefix where there is none", []v1alpha1.SubnetMapping{{SubnetID: "a", SourceNATIPv6Prefix: autoAssigned}, {SubnetID: "b"}}, false),
		Entry("another Elastic IP address", []v1alpha1.SubnetMapping{{SubnetID: "a", AllocationID: "eip-2"}, {SubnetID: "b"}}, false),
		Entry("another private address", []v1alpha1.SubnetMapping{{SubnetID: "a", PrivateIPv4Address: "10.0.0.2"}, {SubnetID: "b"}}, false),
		Entry("one subnet less", []v1alpha1.SubnetMapping{{SubnetID: "a"}}, false),
	)

	It("keeps its addresses when others come and go", func() {
		subnets, mappings := sdkSubnets(keeping([]node{{subnet: "a"}, {subnet: "c"}}, observedNodes))
		Expect(subnets).To(BeEmpty())
		Expect(*mappings[0].AllocationId).To(Equal("eip-1"))
		Expect(mappings[1].AllocationId).To(BeNil())
	})
})
