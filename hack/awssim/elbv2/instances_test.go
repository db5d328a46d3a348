package elbv2_test

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

var _ = Describe("Instances of Auto Scaling", func() {
	It("are registered, become healthy, and drain", func(ctx SpecContext) {
		s := start(elbv2.Quotas{})
		timing := &timingOf{s}
		balancer := s.application(ctx, "web")
		group := s.group(ctx, "group", func(in *sdk.CreateTargetGroupInput) { in.TargetType = types.TargetTypeEnumInstance })
		arn := *group.TargetGroupArn
		s.listen(ctx, balancer, 80, forward(group))
		timing.passProvisioning()

		Expect(s.HasTargetGroup("123456789012", "us-east-1", arn)).To(BeTrue())
		Expect(s.HasTargetGroup("123456789012", "us-east-1", *s.group(ctx, "addresses").TargetGroupArn)).To(BeFalse(), "it takes addresses")
		Expect(s.RegisterInstance(arn+"x", "i-0123456789abcdef0", "us-east-1a")).To(MatchError(ContainSubstring("TargetGroupNotFound")))

		const id = "i-0123456789abcdef0"
		for range 2 { // a second time changes nothing
			Expect(s.RegisterInstance(arn, id, "us-east-1a")).To(Succeed())
		}
		Expect(s.health(ctx, group)).To(HaveLen(1))
		timing.passRegistration()
		found, there := s.InstanceHealth(arn, id)
		Expect(there).To(BeTrue())
		Expect(found.State).To(Equal(types.TargetHealthStateEnumHealthy))

		s.DeregisterInstance(arn, id)
		found, _ = s.InstanceHealth(arn, id)
		Expect(found.State).To(Equal(types.TargetHealthStateEnumDraining))
		s.clock.Advance(s.env.Timing.LoadBalancing.Draining)
		_, there = s.InstanceHealth(arn, id)
		Expect(there).To(BeFalse())
	})
})
