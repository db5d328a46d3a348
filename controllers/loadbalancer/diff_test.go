package loadbalancer

import (
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

var _ = Describe("Diff", func() {
	withGroups := func(ids ...v1alpha1.SecurityGroupID) edit {
		return func(obj *v1alpha1.LoadBalancer) { obj.Spec.SecurityGroupIDs = ids }
	}
	withGroup := func(obj *v1alpha1.LoadBalancer) { obj.Spec.SecurityGroup = &v1alpha1.SecurityGroup{} }
	withSubnets := func(ids ...v1alpha1.SubnetID) edit {
		return func(obj *v1alpha1.LoadBalancer) { obj.Spec.SubnetIDs = ids }
	}
	own := func() *securitygroup.Group {
		return &securitygroup.Group{ID: "sg-own", Name: "own", Tags: kind.owner(application()).Tags(), Ingress: securitygroup.Everyone(), Egress: securitygroup.Everything()}
	}
	keeps := func(o *observed) { o.group.Group, o.hadGroup = own(), true }
	losing := func(o *observed) {
		o.formerGroups, o.hadGroup = []*securitygroup.State{{Group: own()}}, true
	}
	calls := func(name string) edit {
		return func(obj *v1alpha1.LoadBalancer) { obj.Spec.SecurityGroup = &v1alpha1.SecurityGroup{Name: name} }
	}
	withoutEnforcement := func(obj *v1alpha1.LoadBalancer) {
		obj.Spec.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = aws.Bool(false)
	}

	DescribeTable("lists the changes", func(obj *v1alpha1.LoadBalancer, with []func(*observed), want ...string) {
		changes, err := kind.Diff(obj, there(obj, with...))
		Expect(err).NotTo(HaveOccurred())
		Expect(steps(lifecycle.PlanOf(changes))).To(HaveExactElements(want))
	},
		Entry("all is as declared", application(withTag("team", "a")), []func(*observed){func(o *observed) { o.lb.tags["team"] = "a" }}),
		Entry("others have set what is not declared", application(), []func(*observed){hasGroups("sg-1"), hasAttribute("idle_timeout.timeout_seconds", "9")}),
		Entry("a subnet more", application(withSubnets("subnet-a", "subnet-b", "subnet-c")), nil, "Update subnetIDs subnet-a, subnet-b→subnet-a, subnet-b, subnet-c"),
		Entry("another subnet of a zone, behind a network load balancer", network(withSubnets("subnet-a2", "subnet-b"), withGroups("sg-1")), []func(*observed){hasGroups("sg-1")},
			"Update subnetIDs subnet-a, subnet-b→subnet-b", "Update subnetIDs subnet-b→subnet-a2, subnet-b"),
		Entry("other addresses", application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.IPAddressType = "dualstack" }), nil, "Update ipAddressType ipv4→dualstack"),
		Entry("other addresses and another subnet at once", application(withSubnets("subnet-a", "subnet-c"), func(obj *v1alpha1.LoadBalancer) { obj.Spec.IPAddressType = "dualstack" }), nil,
			"Update subnetIDs subnet-a, subnet-b→subnet-a, subnet-c", "Update ipAddressType ipv4→dualstack"),
		Entry("addresses that are no longer declared", application(managing(fieldIPAddressType)), []func(*observed){func(o *observed) { o.lb.sdk.IpAddressType = "dualstack" }}, "Update ipAddressType dualstack→ipv4"),
		Entry("security groups", application(withGroups("sg-2", "sg-1")), []func(*observed){hasGroups("sg-3")}, "Update securityGroupIDs sg-3→sg-1, sg-2"),
		Entry("security groups in another order", application(withGroups("sg-2", "sg-1")), []func(*observed){hasGroups("sg-1", "sg-2")}),
		Entry("a managed group that is taken off", application(withGroup, withGroups("sg-1")), []func(*observed){keeps, hasGroups("sg-1")}, "Update securityGroupIDs sg-1→sg-1, sg-own"),
		Entry("security groups that are no longer declared", application(managing(fieldSecurityGroupIDs)), []func(*observed){hasGroups("sg-1"), func(o *observed) { o.defaultGroup = "sg-default" }},
			"Update securityGroupIDs sg-1→sg-default"),
		Entry("a managed group that is no longer declared, and off", application(withGroups("sg-1"), managing(securitygroup.Field)), []func(*observed){losing, hasGroups("sg-1")}, "Delete  →"),
		Entry("a managed group that is no longer declared, and still on", application(withGroups("sg-1")), []func(*observed){losing, hasGroups("sg-1", "sg-own")}, "Update securityGroupIDs sg-1, sg-own→sg-1"),
		Entry("a managed group that is to have another name", application(calls("new")), []func(*observed){losing, hasGroups("sg-own")}, "Create  →", "Update securityGroupIDs sg-own→(the managed security group)"),
		Entry("a network load balancer whose groups are no longer declared", network(managing(fieldSecurityGroupIDs)), []func(*observed){keeps, hasGroups("sg-1")}, "Update securityGroupIDs sg-1→sg-own"),
		Entry("a network load balancer that was made without groups", network(), nil),
		Entry("enforcement", network(withoutEnforcement, withGroups("sg-1")), []func(*observed){hasGroups("sg-1")}, "Update "+fieldEnforcement+" on→off"),
		Entry("enforcement that is no longer declared", network(managing(fieldEnforcement), withGroups("sg-1")), []func(*observed){hasGroups("sg-1"), func(o *observed) {
			o.lb.sdk.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = aws.String("off")
		}}, "Update "+fieldEnforcement+" off→on"),
		Entry("an IPAM pool", application(func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.IPAMPools = &v1alpha1.IPAMPools{IPv4IPAMPoolID: "ipam-pool-1"}
		}), nil, "Update ipamPools.ipv4IPAMPoolID →ipam-pool-1"),
		Entry("an IPAM pool that is no longer declared", application(managing(fieldIPAMPools)), []func(*observed){func(o *observed) {
			o.lb.sdk.IpamPools = &types.IpamPools{Ipv4IpamPoolId: aws.String("ipam-pool-1")}
		}}, "Update ipamPools.ipv4IPAMPoolID ipam-pool-1→"),
		Entry("prefixes for source NAT", network(withGroups("sg-1"), func(obj *v1alpha1.LoadBalancer) { obj.Spec.EnablePrefixForIPv6SourceNAT = aws.Bool(true) }), []func(*observed){hasGroups("sg-1")}, "Update enablePrefixForIPv6SourceNAT off→on"),
		Entry("reserved capacity", application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.MinimumCapacityUnits = aws.Int32(100) }), []func(*observed){func(o *observed) { o.lb.capacity = &capacity{} }}, "Update minimumCapacityUnits →100"),
		Entry("reserved capacity that is no longer declared", application(managing(fieldCapacity)), []func(*observed){func(o *observed) { o.lb.capacity = &capacity{units: 100} }}, "Update minimumCapacityUnits 100→"),
		Entry("tags", application(withTag("team", "b"), managing("tags.stage")), []func(*observed){func(o *observed) { o.lb.tags["team"], o.lb.tags["stage"], o.lb.tags["cost"] = "a", "x", "1" }},
			"Update tags.team a→b", "Update tags.stage x→"),
		Entry("ownership tags that are missing after a crash", application(), []func(*observed){func(o *observed) { o.lb.tags = map[string]string{} }},
			"Update tags.evenkeel.io/cluster →here", "Update tags.evenkeel.io/object →LoadBalancer/shop/web"),
		Entry("attributes", application(withAttributes(v1alpha1.LoadBalancerAttributes{IdleTimeoutSeconds: aws.Int32(120), HTTP2Enabled: aws.Bool(true)})), nil,
			"Update attributes.idle_timeout.timeout_seconds 60→120"),
		Entry("to be taken over by its ARN", application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.Adopt = &v1alpha1.LoadBalancerAdoption{ARN: theARN} }), []func(*observed){unmarked}, "Adopt  →"),
		Entry("to be taken over by its name, as it is", application(adopting(v1alpha1.AdoptionIfIdentical)), []func(*observed){unmarked}, "Adopt  →"),
		Entry("to be taken over by its name, and changed", application(adopting(v1alpha1.AdoptionAlways), withTag("team", "a")), []func(*observed){unmarked}, "Adopt  →", "Update tags.team →a"),
	)

	DescribeTable("lists what makes a new one", func(obj *v1alpha1.LoadBalancer, want ...string) {
		changes, err := kind.Diff(obj, &observed{vpcID: "vpc-1"})
		Expect(err).NotTo(HaveOccurred())
		Expect(steps(lifecycle.PlanOf(changes))).To(HaveExactElements(want))
	},
		Entry("in one call", application(withTag("team", "a"), withGroups("sg-1")), "Create  →"),
		Entry("with attributes that differ from AWS's own", application(withAttributes(v1alpha1.LoadBalancerAttributes{HTTP2Enabled: aws.Bool(true), DeletionProtectionEnabled: aws.Bool(true)})),
			"Create  →", "Create attributes.deletion_protection.enabled false→true"),
		Entry("a network load balancer gets a group at any rate", network(withoutEnforcement),
			"Create  →", "Create ingress →all 0.0.0.0/0", "Create ingress →all ::/0", "Create  →", "Create "+fieldEnforcement+" on→off"),
	)

	DescribeTable("refuses", func(obj *v1alpha1.LoadBalancer, o *observed, reason string, texts ...string) {
		_, err := kind.Diff(obj, o)
		var decided *lifecycle.Error
		Expect(errors.As(err, &decided)).To(BeTrue(), "%v", err)
		Expect(decided.Outcome.State).To(Equal(lifecycle.Stalled))
		Expect(decided.Outcome.Reason).To(Equal(reason))
		for _, text := range texts {
			Expect(decided.Outcome.Message).To(ContainSubstring(text))
		}
	},
		Entry("a namesake", application(), &observed{rival: there(application(), unmarked).lb}, v1alpha1.ReasonConflict, "spec.adopt"),
		Entry("a namesake of another object", application(), &observed{rival: &loadBalancer{tags: map[string]string{"evenkeel.io/cluster": "there", "evenkeel.io/object": "LoadBalancer/a/b"}}},
			v1alpha1.ReasonConflict, "LoadBalancer/a/b", "cluster there"),
		Entry("a namesake that differs", application(adopting(v1alpha1.AdoptionIfIdentical), withTag("team", "a")), there(application(), unmarked), v1alpha1.ReasonConflict, "tags.team"),
		Entry("an ARN to adopt that is not there", application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.Adopt = &v1alpha1.LoadBalancerAdoption{ARN: theARN} }), &observed{}, v1alpha1.ReasonInvalidSpec, theARN),
		Entry("a name to adopt that is not there", application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.Adopt = &v1alpha1.LoadBalancerAdoption{Name: "theirs"} }), &observed{}, v1alpha1.ReasonInvalidSpec, "theirs"),
		Entry("another type", application(), there(network()), v1alpha1.ReasonInvalidSpec, "type network"),
		Entry("another scheme", application(), there(application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.Scheme = "internal" })), v1alpha1.ReasonInvalidSpec, "scheme internal"),
	)

	It("tells what AWS cannot do, and does the rest", func() {
		obj := network(withGroup, withTag("team", "a"))
		o := there(obj, keeps)
		changes, err := kind.Diff(obj, o)
		Expect(err).NotTo(HaveOccurred())
		Expect(steps(lifecycle.PlanOf(changes))).To(ContainElement("Update tags.team →a"))
		outcome, waits := o.Worst()
		Expect(waits).To(BeTrue())
		Expect(outcome.State).To(Equal(lifecycle.Stalled))
		Expect(outcome.Message).To(ContainSubstring("made without security groups"))
	})

	It("takes a group for the managed one only when it has what EC2 cannot change", func() {
		for group, fits := range map[*v1alpha1.SecurityGroup]bool{
			{}: true, {Name: "own", VPCID: "vpc-1", Description: "d"}: true, {Name: "other"}: false, {Description: "other"}: false, {VPCID: "vpc-2"}: false,
		} {
			o := &observed{}
			o.assignGroups(application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.SecurityGroup = group }),
				[]*securitygroup.Group{{ID: "sg-own", Name: "own", Description: "d", VPCID: "vpc-1"}})
			Expect(o.group.Group != nil).To(Equal(fits), "%v", group)
			Expect(o.formerGroups).To(HaveLen(map[bool]int{false: 1}[fits]))
		}
	})

	It("never deletes what is not ours", func() {
		obj := application()
		obj.DeletionTimestamp = new(metav1.Now())
		for _, o := range []*observed{{}, there(obj, unmarked), {rival: there(obj).lb}} {
			Expect(kind.Diff(obj, o)).To(BeEmpty())
		}
		changes, err := kind.Diff(obj, there(obj))
		Expect(err).NotTo(HaveOccurred())
		Expect(steps(lifecycle.PlanOf(changes))).To(Equal([]string{"Delete  →"}))
	})

	It("ends deletion protection only when the spec says so", func() {
		protected := hasAttribute(deletionProtection, "true")
		obj := application()
		obj.DeletionTimestamp = new(metav1.Now())
		changes, err := kind.Diff(obj, there(obj, protected))
		Expect(err).NotTo(HaveOccurred())
		Expect(steps(lifecycle.PlanOf(changes))).To(Equal([]string{"Delete  →"}))
		obj.Spec.Attributes = &v1alpha1.LoadBalancerAttributes{DeletionProtectionEnabled: aws.Bool(false)}
		changes, err = kind.Diff(obj, there(obj, protected))
		Expect(err).NotTo(HaveOccurred())
		Expect(steps(lifecycle.PlanOf(changes))).To(Equal([]string{"Update attributes.deletion_protection.enabled true→false", "Delete  →"}))
	})
})

var _ = Describe("The name of a load balancer", func() {
	DescribeTable("is derived", func(namespace, name, prefix string) {
		obj := application()
		obj.Namespace, obj.Name = namespace, name
		derived := kind.nameOf(obj)
		Expect(derived).To(MatchRegexp(`^[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9]$`))
		Expect(len(derived)).To(BeNumerically("<=", maxName))
		Expect(derived).To(HavePrefix(prefix + "-"))
		Expect(kind.nameOf(obj)).To(Equal(derived), "stable")
		Expect((&Kind{clusterID: "there"}).nameOf(obj)).NotTo(Equal(derived), "another cluster's")
	},
		Entry("from namespace and name", "shop", "web", "shop-web"),
		Entry("within 32 characters", "a-long-namespace", "with-a-long-name", "a-long-namespace-with"),
		Entry("without what AWS does not take", "shop", "web.v2", "shop-web-v2"),
		Entry("never beginning as AWS's own", "internal", "web", "lb-internal-web"),
	)

	It("differs where namespace and name read alike", func() {
		a, b := application(), application()
		a.Namespace, a.Name, b.Namespace, b.Name = "a", "b-c", "a-b", "c"
		Expect(kind.nameOf(a)).NotTo(Equal(kind.nameOf(b)))
		Expect(strings.TrimSuffix(kind.nameOf(a), kind.nameOf(a)[len(kind.nameOf(a))-hashDigits:])).To(HavePrefix("a-b-c"))
	})

	It("is the one declared", func() {
		Expect(kind.nameOf(application(func(obj *v1alpha1.LoadBalancer) { obj.Spec.Name = "mine" }))).To(Equal("mine"))
	})
})
