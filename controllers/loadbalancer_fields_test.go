package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// calls counts calls by operation.
type calls = map[string]int

// edited edits an object that stands as declared, waits until it does again, and expects exactly these calls; and none of
// a further look.
func edited[T lifecycle.Object](ctx context.Context, s *Story, obj T, edit func(T), want calls) {
	GinkgoHelper()
	before := s.WritesSince(nil)
	Edit(ctx, s, obj, edit)
	s.ExpectReady(ctx, obj)
	Expect(s.WritesSince(before)).To(Equal(want))
	s.ExpectQuiet(ctx)
}

// otherAttributes are attributes of an application load balancer, none of them as AWS has it by default.
var otherAttributes = v1alpha1.LoadBalancerAttributes{
	IPv6DenyAllIGWTraffic: aws.Bool(true), ZonalShiftEnabled: aws.Bool(true), IdleTimeoutSeconds: aws.Int32(120),
	ClientKeepAliveSeconds: aws.Int32(600), DesyncMitigationMode: "strictest", DropInvalidHeaderFieldsEnabled: aws.Bool(true),
	PreserveHostHeaderEnabled: aws.Bool(true), TLSVersionAndCipherSuiteHeadersEnabled: aws.Bool(true),
	XFFHeaderProcessingMode: "remove", HTTP2Enabled: aws.Bool(false), WAFFailOpenEnabled: aws.Bool(true),
	Other: map[string]v1alpha1.AttributeValue{"routing.http.xff_client_port.enabled": "true"},
}

var _ = Describe("An edit of a LoadBalancer", func() {
	s := newStory()
	var lb *v1alpha1.LoadBalancer
	ready := func(ctx context.Context, obj *v1alpha1.LoadBalancer) types.LoadBalancer {
		GinkgoHelper()
		s.StartManager(ctx)
		lb = obj
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		return s.OnlyLoadBalancer(ctx)
	}

	It("sets, changes and removes tags, and leaves others'", func(ctx context.Context) {
		arn := *ready(ctx, LoadBalancer("web")).LoadBalancerArn
		_, err := s.ELBV2.AddTags(ctx, &elasticloadbalancingv2.AddTagsInput{ResourceArns: []string{arn}, Tags: []types.Tag{{Key: aws.String("cost"), Value: aws.String("1")}}})
		Expect(err).NotTo(HaveOccurred())
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.Tags = map[string]v1alpha1.TagValue{"team": "a", "stage": "x"}
		}, calls{"AddTags": 1})
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.Tags = map[string]v1alpha1.TagValue{"team": "b"} }, calls{"AddTags": 1, "RemoveTags": 1})
		Expect(s.ELBTags(ctx, arn)).To(Equal(map[string]string{"cost": "1", "team": "b"}))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.Tags = nil }, calls{"RemoveTags": 1})
		Expect(s.ELBTags(ctx, arn)).To(Equal(map[string]string{"cost": "1"}))
	})

	It("moves an application load balancer to other subnets in one call", func(ctx context.Context) {
		ready(ctx, LoadBalancer("web"))
		edited(ctx, s, lb, InSubnets(SubnetA, SubnetB, SubnetC), calls{"SetSubnets": 1})
		Expect(SubnetsOf(s.OnlyLoadBalancer(ctx))).To(Equal([]string{SubnetA, SubnetB, SubnetC}))
		edited(ctx, s, lb, InSubnets(SubnetB, SubnetC), calls{"SetSubnets": 1})
		Expect(SubnetsOf(s.OnlyLoadBalancer(ctx))).To(Equal([]string{SubnetB, SubnetC}))
	})

	It("exchanges the subnet of a zone of a network load balancer in two", func(ctx context.Context) {
		other := s.MakeSubnet(ctx, "us-east-1a", "10.0.9.0/24")
		ready(ctx, NetworkLoadBalancer("net"))
		edited(ctx, s, lb, InSubnets(v1alpha1.SubnetID(other), SubnetB), calls{"SetSubnets": 2})
		Expect(SubnetsOf(s.OnlyLoadBalancer(ctx))).To(ConsistOf(other, SubnetB))
		edited(ctx, s, lb, InSubnets(SubnetA, SubnetC), calls{"SetSubnets": 3})
		Expect(SubnetsOf(s.OnlyLoadBalancer(ctx))).To(Equal([]string{SubnetA, SubnetC}))
	})

	It("gives the nodes of a network load balancer addresses, and exchanges them one zone at a time", func(ctx context.Context) {
		first, second, third := s.MakeAddress(ctx), s.MakeAddress(ctx), s.MakeAddress(ctx)
		mapped := func(allocations ...string) func(*v1alpha1.LoadBalancer) {
			return func(obj *v1alpha1.LoadBalancer) {
				obj.Spec.SubnetIDs, obj.Spec.SubnetMappings = nil, nil
				for i, allocation := range allocations {
					obj.Spec.SubnetMappings = append(obj.Spec.SubnetMappings, v1alpha1.SubnetMapping{SubnetID: []v1alpha1.SubnetID{SubnetA, SubnetB, SubnetC}[i], AllocationID: allocation})
				}
			}
		}
		ready(ctx, NetworkLoadBalancer("net", mapped(first, second)))
		Expect(AddressesOf(s.OnlyLoadBalancer(ctx))).To(Equal(map[string]string{SubnetA: first, SubnetB: second}))
		edited(ctx, s, lb, mapped(first, third), calls{"SetSubnets": 2})
		Expect(AddressesOf(s.OnlyLoadBalancer(ctx))).To(Equal(map[string]string{SubnetA: first, SubnetB: third}))
		edited(ctx, s, lb, mapped(first, third, second), calls{"SetSubnets": 1})
		Expect(AddressesOf(s.OnlyLoadBalancer(ctx))).To(Equal(map[string]string{SubnetA: first, SubnetB: third, SubnetC: second}))
	})

	It("tells what AWS cannot do to the only subnet of a network load balancer", func(ctx context.Context) {
		other := s.MakeSubnet(ctx, "us-east-1a", "10.0.9.0/24")
		ready(ctx, NetworkLoadBalancer("net", InSubnets(SubnetA)))
		Edit(ctx, s, lb, InSubnets(v1alpha1.SubnetID(other)))
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "Add a subnet of another zone first"))
		Expect(SubnetsOf(s.OnlyLoadBalancer(ctx))).To(Equal([]string{SubnetA}))
		Edit(ctx, s, lb, InSubnets(SubnetA, SubnetB))
		s.ExpectReady(ctx, lb)
	})

	It("replaces security groups, and goes back to the VPC's own", func(ctx context.Context) {
		other := s.MakeSecurityGroup(ctx, "other")
		ready(ctx, LoadBalancer("web"))
		edited(ctx, s, lb, WithGroups(v1alpha1.SecurityGroupID(other), SharedGroup), calls{"SetSecurityGroups": 1})
		Expect(s.OnlyLoadBalancer(ctx).SecurityGroups).To(ConsistOf(other, SharedGroup))
		edited(ctx, s, lb, WithGroups(), calls{"SetSecurityGroups": 1})
		Expect(s.OnlyLoadBalancer(ctx).SecurityGroups).To(Equal([]string{"sg-0default"}))
	})

	It("makes a managed security group, changes its rules, and takes it away", func(ctx context.Context) {
		ready(ctx, LoadBalancer("web"))
		edited(ctx, s, lb, WithGroup(Ingress(80, "0.0.0.0/0"), Ingress(443, "10.1.2.3/8")),
			calls{"CreateSecurityGroup": 1, "AuthorizeSecurityGroupIngress": 1, "SetSecurityGroups": 1})
		own := s.SecurityGroups(ctx)[0]
		Expect(s.OnlyLoadBalancer(ctx).SecurityGroups).To(ConsistOf(*own.GroupId, SharedGroup))
		Expect(Get(ctx, s, lb).Status.SecurityGroup).To(HaveField("ID", *own.GroupId))

		edited(ctx, s, lb, WithGroup(Ingress(443, "10.0.0.0/8"), Ingress(8080, "10.0.0.0/8")),
			calls{"AuthorizeSecurityGroupIngress": 1, "RevokeSecurityGroupIngress": 1})
		Expect(RulesOf(s.SecurityGroups(ctx)[0].IpPermissions)).To(Equal([]string{"tcp 443-443 10.0.0.0/8", "tcp 8080-8080 10.0.0.0/8"}))

		By("managing what goes out")
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.SecurityGroup.Egress = []v1alpha1.SecurityGroupRule{Ingress(443, "10.0.0.0/8")}
		}, calls{"AuthorizeSecurityGroupEgress": 1, "RevokeSecurityGroupEgress": 1})
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.SecurityGroup.Egress = nil },
			calls{"AuthorizeSecurityGroupEgress": 1, "RevokeSecurityGroupEgress": 1})
		Expect(RulesOf(s.SecurityGroups(ctx)[0].IpPermissionsEgress)).To(Equal([]string{"-1 0.0.0.0/0"}))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.SecurityGroup.Ingress[0].Description = aws.String("the office")
		}, calls{"UpdateSecurityGroupRuleDescriptionsIngress": 1})

		By("no longer declaring it")
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.SecurityGroup = nil }, calls{"SetSecurityGroups": 1, "DeleteSecurityGroup": 1})
		Expect(s.SecurityGroups(ctx)).To(BeEmpty())
		Expect(Get(ctx, s, lb).Status.SecurityGroup).To(BeNil())
	})

	It("replaces a managed security group by one of another name and description", func(ctx context.Context) {
		ready(ctx, NetworkLoadBalancer("net"))
		first := *s.SecurityGroups(ctx)[0].GroupId
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) {
			WithGroup(Ingress(80, "10.0.0.0/8"))(obj)
			obj.Spec.SecurityGroup.Description = "mine"
		}, calls{"CreateSecurityGroup": 1, "AuthorizeSecurityGroupIngress": 1, "SetSecurityGroups": 1, "DeleteSecurityGroup": 1})
		groups := s.SecurityGroups(ctx)
		Expect(groups).To(HaveLen(1))
		Expect(*groups[0].GroupId).NotTo(Equal(first))
		Expect(*groups[0].Description).To(Equal("mine"))
		Expect(s.OnlyLoadBalancer(ctx).SecurityGroups).To(Equal([]string{*groups[0].GroupId}))

		By("letting everything in again when none is declared")
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.SecurityGroup = nil },
			calls{"AuthorizeSecurityGroupIngress": 1, "RevokeSecurityGroupIngress": 1})
		Expect(RulesOf(s.SecurityGroups(ctx)[0].IpPermissions)).To(Equal([]string{"-1 0.0.0.0/0", "-1 ::/0"}))

		By("going when others' are declared")
		edited(ctx, s, lb, WithGroups(SharedGroup), calls{"SetSecurityGroups": 1, "DeleteSecurityGroup": 1})
		Expect(s.SecurityGroups(ctx)).To(BeEmpty())
	})

	It("says whether security groups filter what comes through PrivateLink", func(ctx context.Context) {
		enforcement := func() string {
			return aws.ToString(s.OnlyLoadBalancer(ctx).EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic)
		}
		set := func(on *bool) func(*v1alpha1.LoadBalancer) {
			return func(obj *v1alpha1.LoadBalancer) { obj.Spec.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = on }
		}
		ready(ctx, NetworkLoadBalancer("net", set(aws.Bool(false))))
		Expect(enforcement()).To(Equal("off"))
		edited(ctx, s, lb, set(aws.Bool(true)), calls{"SetSecurityGroups": 1})
		Expect(enforcement()).To(Equal("on"))
		edited(ctx, s, lb, set(aws.Bool(false)), calls{"SetSecurityGroups": 1})
		edited(ctx, s, lb, set(nil), calls{"SetSecurityGroups": 1})
		Expect(enforcement()).To(Equal("on"))
	})

	It("changes the kind of addresses, and back", func(ctx context.Context) {
		ready(ctx, LoadBalancer("web"))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.IPAddressType = v1alpha1.IPAddressTypeDualstack }, calls{"SetIpAddressType": 1})
		Expect(Get(ctx, s, lb).Status.IPAddressType).To(Equal("dualstack"))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.IPAddressType = "" }, calls{"SetIpAddressType": 1})
		Expect(s.OnlyLoadBalancer(ctx).IpAddressType).To(Equal(types.IpAddressTypeIpv4))
	})

	It("takes prefixes for source NAT, and gives them back", func(ctx context.Context) {
		ready(ctx, NetworkLoadBalancer("net", func(obj *v1alpha1.LoadBalancer) { obj.Spec.IPAddressType = v1alpha1.IPAddressTypeDualstack }))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.EnablePrefixForIPv6SourceNAT = aws.Bool(true) }, calls{"SetSubnets": 1})
		Expect(s.OnlyLoadBalancer(ctx).EnablePrefixForIpv6SourceNat).To(Equal(types.EnablePrefixForIpv6SourceNatEnumOn))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.EnablePrefixForIPv6SourceNAT = nil }, calls{"SetSubnets": 1})
		Expect(s.OnlyLoadBalancer(ctx).EnablePrefixForIpv6SourceNat).NotTo(Equal(types.EnablePrefixForIpv6SourceNatEnumOn))
	})

	It("takes addresses from an IPAM pool, and gives it up", func(ctx context.Context) {
		ready(ctx, LoadBalancer("web"))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.IPAMPools = &v1alpha1.IPAMPools{IPv4IPAMPoolID: "ipam-pool-0123456789abcdef0"}
		}, calls{"ModifyIpPools": 1})
		Expect(s.OnlyLoadBalancer(ctx).IpamPools).To(HaveField("Ipv4IpamPoolId", HaveValue(Equal("ipam-pool-0123456789abcdef0"))))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.IPAMPools = nil }, calls{"ModifyIpPools": 1})
	})

	It("reserves capacity, waits until it is there, and ends the reservation", func(ctx context.Context) {
		ready(ctx, LoadBalancer("web", func(obj *v1alpha1.LoadBalancer) { obj.Spec.MinimumCapacityUnits = aws.Int32(200) }))
		reserved := func() int32 {
			out, err := s.ELBV2.DescribeCapacityReservation(ctx, &elasticloadbalancingv2.DescribeCapacityReservationInput{LoadBalancerArn: s.OnlyLoadBalancer(ctx).LoadBalancerArn})
			Expect(err).NotTo(HaveOccurred())
			if out.MinimumLoadBalancerCapacity == nil {
				return 0
			}
			return *out.MinimumLoadBalancerCapacity.CapacityUnits
		}
		Expect(reserved()).To(Equal(int32(200)))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.MinimumCapacityUnits = aws.Int32(300) }, calls{"ModifyCapacityReservation": 1})
		Expect(reserved()).To(Equal(int32(300)))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.MinimumCapacityUnits = nil }, calls{"ModifyCapacityReservation": 1})
		Expect(reserved()).To(BeZero())
	})

	It("sets attributes in one call, and all go back to AWS's defaults", func(ctx context.Context) {
		arn := *ready(ctx, LoadBalancer("web")).LoadBalancerArn
		defaults := s.AttributesOf(ctx, arn)
		edited(ctx, s, lb, WithAttributes(otherAttributes), calls{"ModifyLoadBalancerAttributes": 1})
		Expect(s.AttributesOf(ctx, arn)).To(And(HaveKeyWithValue("idle_timeout.timeout_seconds", "120"), HaveKeyWithValue("routing.http.xff_client_port.enabled", "true")))
		edited(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.Attributes = nil }, calls{"ModifyLoadBalancerAttributes": 1})
		Expect(s.AttributesOf(ctx, arn)).To(Equal(defaults))
	})

	It("tells in AWS's words what is refused, and heals", func(ctx context.Context) {
		ready(ctx, LoadBalancer("web"))
		Edit(ctx, s, lb, InSubnets(SubnetA, "subnet-0none"))
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "subnet-0none"))
		Edit(ctx, s, lb, InSubnets(SubnetA, SubnetC))
		s.ExpectReady(ctx, lb)
	})
})
