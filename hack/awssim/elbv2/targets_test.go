package elbv2_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

func (s *sim) deregister(ctx context.Context, group types.TargetGroup, ids ...string) {
	GinkgoHelper()
	in := &sdk.DeregisterTargetsInput{TargetGroupArn: group.TargetGroupArn}
	for _, id := range ids {
		in.Targets = append(in.Targets, types.TargetDescription{Id: &id})
	}
	must(s.DeregisterTargets(ctx, in))
}

var _ = Describe("Targets", func() {
	const (
		unused      = "unused Target.NotInUse"
		registering = "initial Elb.RegistrationInProgress"
		checking    = "initial Elb.InitialHealthChecking"
		draining    = "draining Target.DeregistrationInProgress"
		one, two    = "10.0.0.10", "10.0.1.10"
	)
	var (
		s        *sim
		balancer types.LoadBalancer
		group    types.TargetGroup
		timing   *timingOf
	)
	BeforeEach(func(ctx SpecContext) {
		s = start(elbv2.Quotas{})
		timing = &timingOf{s}
		balancer, group = s.application(ctx, "web"), s.group(ctx, "group")
		timing.passProvisioning()
	})

	It("are unused without a load balancer, then initial, then healthy", func(ctx SpecContext) {
		s.register(ctx, group, one, two)
		timing.passRegistration()
		Expect(s.health(ctx, group)).To(Equal(map[string]string{one: unused, two: unused}))
		listener := s.listen(ctx, balancer, 80, forward(group))
		Expect(s.health(ctx, group)).To(Equal(map[string]string{one: registering, two: registering}))
		timing.passHalf()
		Expect(s.health(ctx, group)).To(HaveKeyWithValue(one, checking))
		timing.passHalf()
		Expect(s.health(ctx, group)).To(Equal(map[string]string{one: "healthy", two: "healthy"}))
		must(s.DeleteListener(ctx, &sdk.DeleteListenerInput{ListenerArn: listener.ListenerArn}))
		Expect(s.health(ctx, group)).To(HaveKeyWithValue(one, unused))
	})

	It("wait for their load balancer to become active", func(ctx SpecContext) {
		s.listen(ctx, s.application(ctx, "new"), 80, forward(group))
		s.register(ctx, group, one)
		timing.passRegistration()
		Expect(s.health(ctx, group)).To(HaveKeyWithValue(one, registering))
		timing.passProvisioning()
		Expect(s.health(ctx, group)).To(HaveKeyWithValue(one, "healthy"))
	})

	It("are as probing finds them, and stay initial until it has", func(ctx SpecContext) {
		s.SetProbed(func(_ elbv2.TargetGroup, t elbv2.Target) bool { return t.ID == one })
		s.listen(ctx, balancer, 80, forward(group))
		s.register(ctx, group, one, two)
		timing.passRegistration()
		Expect(s.health(ctx, group)).To(Equal(map[string]string{one: checking, two: "healthy"}))
		s.SetTargetHealth(*group.TargetGroupArn, one, 80, true, "", "")
		Expect(s.health(ctx, group)).To(HaveKeyWithValue(one, "healthy"))
		s.SetTargetHealth(*group.TargetGroupArn, one, 80, false, types.TargetHealthReasonEnumTimeout, "Request timed out")
		Expect(s.health(ctx, group)).To(HaveKeyWithValue(one, "unhealthy Target.Timeout"))
		before := s.Generation()
		s.SetTargetHealth(*group.TargetGroupArn, one, 80, false, types.TargetHealthReasonEnumTimeout, "Request timed out")
		s.SetTargetHealth(*group.TargetGroupArn, "10.9.9.9", 80, true, "", "")
		Expect(s.Generation()).To(Equal(before), "nothing new was told")
	})

	It("drain when deregistered, and may come back", func(ctx SpecContext) {
		s.listen(ctx, balancer, 80, forward(group))
		s.register(ctx, group, one, two)
		timing.passRegistration()
		s.deregister(ctx, group, one, "10.0.0.99")
		Expect(s.health(ctx, group)).To(Equal(map[string]string{one: draining, two: "healthy"}))
		s.register(ctx, group, one)
		Expect(s.health(ctx, group)).To(HaveKeyWithValue(one, registering))
		s.deregister(ctx, group, one)
		before := s.Generation()
		s.clock.Advance(s.env.Timing.LoadBalancing.Draining)
		Expect(s.Generation()).NotTo(Equal(before))
		Expect(s.health(ctx, group)).To(Equal(map[string]string{two: "healthy"}))
		asked := must(s.DescribeTargetHealth(ctx, &sdk.DescribeTargetHealthInput{TargetGroupArn: group.TargetGroupArn, Targets: []types.TargetDescription{{Id: aws.String(one)}}}))
		Expect(asked.TargetHealthDescriptions[0].TargetHealth.Reason).To(Equal(types.TargetHealthReasonEnumNotRegistered))
	})

	It("drain as long as configured, or until they have no connection left", func(ctx SpecContext) {
		s.env.Timing.LoadBalancing.Draining = 0
		s.listen(ctx, balancer, 80, forward(group))
		s.register(ctx, group, one, two)
		s.deregister(ctx, group, one, two)
		s.clock.Advance(299 * time.Second)
		Expect(s.health(ctx, group)).To(Equal(map[string]string{one: draining, two: draining}))
		s.EndDraining(*group.TargetGroupArn, one, 80)
		Expect(s.health(ctx, group)).To(Equal(map[string]string{two: draining}))
		s.clock.Advance(time.Second)
		Expect(s.health(ctx, group)).To(BeEmpty())
	})

	It("leave at once when nothing sends them traffic", func(ctx SpecContext) {
		s.register(ctx, group, one)
		s.deregister(ctx, group, one)
		Expect(s.health(ctx, group)).To(BeEmpty())
	})

	It("have a port of their own or the group's, and are registered once for each", func(ctx SpecContext) {
		for range 2 {
			must(s.RegisterTargets(ctx, &sdk.RegisterTargetsInput{TargetGroupArn: group.TargetGroupArn, Targets: []types.TargetDescription{
				{Id: aws.String(one)}, {Id: aws.String(one), Port: aws.Int32(81)}}}))
		}
		targets := must(s.DescribeTargetHealth(ctx, &sdk.DescribeTargetHealthInput{TargetGroupArn: group.TargetGroupArn})).TargetHealthDescriptions
		Expect(targets).To(HaveLen(2))
		Expect([]any{*targets[0].Target.Port, *targets[1].Target.Port, *targets[1].HealthCheckPort, *targets[0].Target.AvailabilityZone}).To(Equal([]any{int32(80), int32(81), "81", "us-east-1a"}))
		s.deregister(ctx, group, one)
		Expect(s.TargetGroups()[0].Targets).To(HaveLen(1))
	})

	It("of a zone that is not enabled are not used", func(ctx SpecContext) {
		s.listen(ctx, balancer, 80, forward(group))
		s.register(ctx, group, "10.0.2.10")
		timing.passRegistration()
		Expect(s.health(ctx, group)).To(HaveKeyWithValue("10.0.2.10", unused))
		must(s.SetSubnets(ctx, &sdk.SetSubnetsInput{LoadBalancerArn: balancer.LoadBalancerArn, Subnets: []string{"subnet-0a", "subnet-0b", "subnet-0c"}}))
		Expect(s.health(ctx, group)).To(HaveKeyWithValue("10.0.2.10", "healthy"))
	})

	It("that are functions are not checked unless asked for", func(ctx SpecContext) {
		function := s.group(ctx, "function", lambda)
		s.listen(ctx, balancer, 80, forward(function))
		arn := "arn:aws:lambda:us-east-1:123456789012:function:f"
		s.register(ctx, function, arn)
		Expect(s.health(ctx, function)).To(Equal(map[string]string{arn: "unavailable Target.HealthCheckDisabled"}))
		must(s.ModifyTargetGroup(ctx, &sdk.ModifyTargetGroupInput{TargetGroupArn: function.TargetGroupArn, HealthCheckEnabled: aws.Bool(true)}))
		timing.passRegistration()
		Expect(s.health(ctx, function)).To(Equal(map[string]string{arn: "healthy"}))
	})

	It("that are load balancers have a listener on the port, and stay", func(ctx SpecContext) {
		albs := s.group(ctx, "albs", protocol(types.ProtocolEnumTcp), targeting(types.TargetTypeEnumAlb))
		register := func() error {
			_, err := s.RegisterTargets(ctx, &sdk.RegisterTargetsInput{TargetGroupArn: albs.TargetGroupArn, Targets: []types.TargetDescription{{Id: balancer.LoadBalancerArn}}})
			return err
		}
		Expect(codeOf(register())).To(Equal("InvalidTarget"))
		s.listen(ctx, balancer, 80, respond("200"))
		Expect(register()).To(Succeed())
		_, err := s.DeleteLoadBalancer(ctx, &sdk.DeleteLoadBalancerInput{LoadBalancerArn: balancer.LoadBalancerArn})
		Expect(codeOf(err)).To(Equal("ResourceInUse"))
	})

	DescribeTable("are refused", func(ctx SpecContext, code string, given types.TargetDescription) {
		for _, kind := range []types.TargetTypeEnum{types.TargetTypeEnumInstance, types.TargetTypeEnumLambda} {
			with := grouping(lambda)
			if kind == types.TargetTypeEnumInstance {
				with = targeting(kind)
			}
			of := s.group(ctx, fmt.Sprint(kind), with)
			_, err := s.RegisterTargets(ctx, &sdk.RegisterTargetsInput{TargetGroupArn: of.TargetGroupArn, Targets: []types.TargetDescription{given}})
			Expect(err).To(HaveOccurred(), "an address is neither an instance nor a function")
		}
		_, err := s.RegisterTargets(ctx, &sdk.RegisterTargetsInput{TargetGroupArn: group.TargetGroupArn, Targets: []types.TargetDescription{{Id: aws.String(one)}, given}})
		Expect(codeOf(err)).To(Equal(code))
		Expect(s.health(ctx, group)).To(BeEmpty(), "all or none")
	},
		Entry("a public address", "InvalidTarget", types.TargetDescription{Id: aws.String("8.8.8.8"), AvailabilityZone: aws.String("all")}),
		Entry("no address", "ValidationError", types.TargetDescription{Id: aws.String("web")}),
		Entry("an IPv6 address", "ValidationError", types.TargetDescription{Id: aws.String("2001:db8::1")}),
		Entry("outside of the VPC without saying so", "ValidationError", types.TargetDescription{Id: aws.String("192.168.0.1")}),
		Entry("inside of the VPC saying otherwise", "ValidationError", types.TargetDescription{Id: aws.String(one), AvailabilityZone: aws.String("all")}),
		Entry("in another zone", "ValidationError", types.TargetDescription{Id: aws.String(one), AvailabilityZone: aws.String("us-east-1b")}),
		Entry("port 0", "ValidationError", types.TargetDescription{Id: aws.String(one), Port: aws.Int32(0)}),
		Entry("a QUIC server", "ValidationError", types.TargetDescription{Id: aws.String(one), QuicServerId: aws.String("0x0123456789abcdef")}),
	)

	It("are bounded in number by group and by load balancer", func(ctx SpecContext) {
		s := start(elbv2.Quotas{TargetsPerGroup: 2, TargetsPerBalancer: 3})
		balancer, first, second := s.application(ctx, "web"), s.group(ctx, "first"), s.group(ctx, "second")
		s.listen(ctx, balancer, 80, forward(first))
		s.listen(ctx, balancer, 81, forward(second))
		register := func(group types.TargetGroup, ids ...string) string {
			in := &sdk.RegisterTargetsInput{TargetGroupArn: group.TargetGroupArn}
			for _, id := range ids {
				in.Targets = append(in.Targets, types.TargetDescription{Id: &id})
			}
			_, err := s.RegisterTargets(ctx, in)
			return codeOf(err)
		}
		Expect(register(first, "10.0.0.1", "10.0.0.2", "10.0.0.3")).To(Equal("TooManyTargets"))
		Expect(register(first, "10.0.0.1", "10.0.0.2")).To(Equal("no error"))
		Expect(register(second, "10.0.0.1", "10.0.0.2")).To(Equal("TooManyTargets"))
		Expect(register(second, "10.0.0.1")).To(Equal("no error"))
	})
})

// timingOf lets the waits of a service pass.
type timingOf struct{ *sim }

func (t *timingOf) passProvisioning() { t.clock.Advance(t.env.Timing.LoadBalancing.Provisioning.Max) }
func (t *timingOf) passRegistration() { t.clock.Advance(t.env.Timing.LoadBalancing.Registration.Max) }
func (t *timingOf) passHalf()         { t.clock.Advance(t.env.Timing.LoadBalancing.Registration.Max / 2) }
