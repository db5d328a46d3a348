package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

var _ = Describe("Any call of a LoadBalancer may be the last", func() {
	s := newStory()
	var lb *v1alpha1.LoadBalancer
	whole := func(obj *v1alpha1.LoadBalancer) {
		WithGroup(Ingress(80, "10.0.0.0/8"))(obj)
		obj.Spec.SecurityGroup.Egress = []v1alpha1.SecurityGroupRule{Ingress(443, "10.0.0.0/8")}
		WithAttributes(v1alpha1.LoadBalancerAttributes{IdleTimeoutSeconds: aws.Int32(120)})(obj)
		obj.Spec.MinimumCapacityUnits = aws.Int32(200)
		obj.Spec.Tags = map[string]v1alpha1.TagValue{"team": "a"}
	}
	// expectOne expects that there is one of each, as declared, and that nothing is left to do.
	expectOne := func(ctx context.Context, ingress []string, subnets ...string) {
		GinkgoHelper()
		s.ExpectReady(ctx, lb)
		only := s.OnlyLoadBalancer(ctx)
		groups := s.SecurityGroups(ctx)
		Expect(groups).To(HaveLen(1))
		Expect(RulesOf(groups[0].IpPermissions)).To(Equal(ingress))
		Expect(only.SecurityGroups).To(ContainElement(*groups[0].GroupId))
		Expect(SubnetsOf(only)).To(ConsistOf(subnets))
		s.ExpectQuiet(ctx)
	}

	Context("when it is made", func() {
		BeforeEach(func() { lb = LoadBalancer("web", whole) })
		crashAndFail(s, []string{
			EC2 + "CreateSecurityGroup", EC2 + "AuthorizeSecurityGroupIngress", EC2 + "AuthorizeSecurityGroupEgress", EC2 + "RevokeSecurityGroupEgress",
			ELB + "CreateLoadBalancer", ELB + "ModifyLoadBalancerAttributes", ELB + "ModifyCapacityReservation",
		}, nothing,
			func(ctx context.Context) { s.Create(ctx, lb) },
			func(ctx context.Context) {
				GinkgoHelper()
				expectOne(ctx, []string{"tcp 80-80 10.0.0.0/8"}, SubnetA, SubnetB)
				only := s.OnlyLoadBalancer(ctx)
				Expect(s.ELBTags(ctx, *only.LoadBalancerArn)).To(Equal(map[string]string{"team": "a"}))
				Expect(s.AttributesOf(ctx, *only.LoadBalancerArn)).To(HaveKeyWithValue("idle_timeout.timeout_seconds", "120"))
			})
	})

	Context("when it is changed", func() {
		BeforeEach(func() { lb = LoadBalancer("web", whole) })
		crashAndFail(s, []string{
			EC2 + "AuthorizeSecurityGroupIngress", EC2 + "RevokeSecurityGroupIngress", EC2 + "UpdateSecurityGroupRuleDescriptionsEgress",
			ELB + "SetSecurityGroups", ELB + "SetSubnets", ELB + "ModifyIpPools", ELB + "AddTags", ELB + "RemoveTags", ELB + "ModifyLoadBalancerAttributes",
			ELB + "ModifyCapacityReservation",
		}, madeReady(s, &lb),
			func(ctx context.Context) {
				Edit(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) {
					obj.Spec.SecurityGroup.Ingress = []v1alpha1.SecurityGroupRule{Ingress(8080, "10.0.0.0/8")}
					obj.Spec.SecurityGroup.Egress[0].Description = aws.String("out")
					InSubnets(SubnetB, SubnetC)(obj)
					WithGroups("sg-0default")(obj)
					obj.Spec.IPAMPools = &v1alpha1.IPAMPools{IPv4IPAMPoolID: "ipam-pool-0123456789abcdef0"}
					obj.Spec.Tags = map[string]v1alpha1.TagValue{"stage": "live"}
					obj.Spec.Attributes, obj.Spec.MinimumCapacityUnits = nil, nil
				})
			},
			func(ctx context.Context) {
				GinkgoHelper()
				expectOne(ctx, []string{"tcp 8080-8080 10.0.0.0/8"}, SubnetB, SubnetC)
				only := s.OnlyLoadBalancer(ctx)
				Expect(only.SecurityGroups).To(ContainElement("sg-0default"))
				Expect(s.ELBTags(ctx, *only.LoadBalancerArn)).To(Equal(map[string]string{"stage": "live"}))
				Expect(s.AttributesOf(ctx, *only.LoadBalancerArn)).To(HaveKeyWithValue("idle_timeout.timeout_seconds", "60"))
			})
	})

	Context("when the addresses of a network load balancer change", func() {
		BeforeEach(func() { lb = NetworkLoadBalancer("net") })
		crashAndFail(s, []string{ELB + "SetIpAddressType"}, madeReady(s, &lb),
			func(ctx context.Context) {
				Edit(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.IPAddressType = v1alpha1.IPAddressTypeDualstack })
			},
			func(ctx context.Context) {
				GinkgoHelper()
				expectOne(ctx, []string{"-1 0.0.0.0/0", "-1 ::/0"}, SubnetA, SubnetB)
				Expect(string(s.OnlyLoadBalancer(ctx).IpAddressType)).To(Equal("dualstack"))
			})
	})

	Context("when all subnets of a network load balancer are exchanged", func() {
		var otherA, otherB string
		BeforeEach(func() { lb = NetworkLoadBalancer("net") })
		crashAndFail(s, []string{ELB + "SetSubnets"},
			func(ctx context.Context) {
				otherA, otherB = s.MakeSubnet(ctx, "us-east-1a", "10.0.8.0/24"), s.MakeSubnet(ctx, "us-east-1b", "10.0.9.0/24")
				madeReady(s, &lb)(ctx)
			},
			func(ctx context.Context) {
				Edit(ctx, s, lb, InSubnets(v1alpha1.SubnetID(otherA), v1alpha1.SubnetID(otherB)))
			},
			func(ctx context.Context) {
				GinkgoHelper()
				expectOne(ctx, []string{"-1 0.0.0.0/0", "-1 ::/0"}, otherA, otherB)
			})
	})

	Context("when its managed group is taken away", func() {
		BeforeEach(func() { lb = LoadBalancer("web", WithGroup()) })
		crashAndFail(s, []string{ELB + "SetSecurityGroups", EC2 + "DeleteSecurityGroup"}, madeReady(s, &lb),
			func(ctx context.Context) {
				Edit(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.SecurityGroup = nil })
			},
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectReady(ctx, lb)
				Expect(s.SecurityGroups(ctx)).To(BeEmpty())
				Expect(s.OnlyLoadBalancer(ctx).SecurityGroups).To(Equal([]string{SharedGroup}))
				s.ExpectQuiet(ctx)
			})
	})

	Context("when one is taken over", func() {
		BeforeEach(func() {
			lb = LoadBalancer("web", func(obj *v1alpha1.LoadBalancer) { obj.Spec.Adopt = &v1alpha1.LoadBalancerAdoption{Name: "theirs"} })
		})
		crashAndFail(s, []string{ELB + "AddTags"},
			func(ctx context.Context) { s.MakeLoadBalancer(ctx, "theirs") },
			func(ctx context.Context) { s.Create(ctx, lb) },
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectReady(ctx, lb)
				Expect(s.LoadBalancers(ctx)).To(HaveLen(1))
				s.ExpectQuiet(ctx)
			})
	})

	Context("when it is deleted", func() {
		BeforeEach(func() { lb = LoadBalancer("web", whole) })
		crashAndFail(s, []string{ELB + "DeleteLoadBalancer", EC2 + "DeleteSecurityGroup"}, madeReady(s, &lb),
			func(ctx context.Context) { s.Delete(ctx, lb) },
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectGone(ctx, lb)
				Expect(s.LoadBalancers(ctx)).To(BeEmpty())
				Expect(s.SecurityGroups(ctx)).To(BeEmpty())
			})
	})

	It("the status is written down in two steps, and any of them may be cut off", func(ctx context.Context) {
		for _, step := range []Step{AddsFinalizer, WritesIntent, WritesReady} {
			lb = LoadBalancer("web", whole)
			dieTwice(ctx, s, s.StartManager(ctx), atWrite(step, "web"), func(ctx context.Context) { s.Create(ctx, lb) })
			expectOne(ctx, []string{"tcp 80-80 10.0.0.0/8"}, SubnetA, SubnetB)
			s.Delete(ctx, lb)
			s.ExpectGone(ctx, lb)
			s.StopManagers()
		}
	})

	It("is not disturbed by one that AWS refuses", func(ctx context.Context) {
		s.StartManager(ctx)
		bad, good := LoadBalancer("bad", InSubnets(SubnetA, "subnet-0none")), LoadBalancer("good")
		s.Fail(ELB+"DescribeLoadBalancers", awssim.Throttle, 1)
		s.Create(ctx, bad, good)
		s.ExpectReady(ctx, good)
		Eventually(Live(ctx, s, bad)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "subnet-0none"))
	})
})
