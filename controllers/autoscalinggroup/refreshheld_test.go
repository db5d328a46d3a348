package autoscalinggroup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

var _ = Describe("What AWS refuses while an instance refresh runs", func() {
	f := newFleet()
	var one, other v1alpha1.AttachedTargetGroup
	targetGroup := func(ctx context.Context, name string) v1alpha1.AttachedTargetGroup {
		GinkgoHelper()
		made, err := f.clients.ELBV2.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
			Name: aws.String(name), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-0main"),
		})
		Expect(err).NotTo(HaveOccurred())
		return v1alpha1.AttachedTargetGroup{ARN: v1alpha1.TargetGroupARN(*made.TargetGroups[0].TargetGroupArn)}
	}
	BeforeEach(func(ctx context.Context) { one, other = targetGroup(ctx, "one"), targetGroup(ctx, "other") })
	attached := func(groups ...v1alpha1.AttachedTargetGroup) func(*v1alpha1.AutoScalingGroupSpec) {
		return func(s *v1alpha1.AutoScalingGroupSpec) {
			s.TargetGroups = append([]v1alpha1.AttachedTargetGroup{}, groups...)
		}
	}
	pooled := func(s *v1alpha1.AutoScalingGroupSpec) {
		s.WarmPool = &v1alpha1.WarmPool{PoolState: "Running", MaxGroupPreparedCapacity: aws.Int32(0)}
	}
	refused := Or(HaveKey("AttachTrafficSources"), HaveKey("DetachTrafficSources"), HaveKey("PutWarmPool"))

	It("waits for its end, is told, and is not even tried", func(ctx context.Context) {
		f.create(ctx, attached(one))
		f.edit(ctx, resting(betterOne))
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way"))
		Expect(f.live(ctx).Status.Conditions).NotTo(ContainElement(HaveField("Message", ContainSubstring("Until it is over"))))
		f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) { attached(other)(s); pooled(s) })
		made := f.calls(func() {
			f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way", "Until it is over AWS does not take, and so waits: attaching target groups other/", "; the warm pool"))
			for range 3 {
				_, err := f.turn(ctx)
				Expect(err).NotTo(HaveOccurred())
			}
		})
		Expect(made).NotTo(refused)
		Expect(meta.FindStatusCondition(f.live(ctx).Status.Conditions, v1alpha1.ConditionInstancesRefreshed).Message).To(ContainSubstring("attaching target groups other/"))

		By("the end of it")
		f.edit(ctx, brisk(bestOne))
		f.settle(ctx)
		Expect(f.statuses(ctx)).To(Equal([]string{"Successful", "Cancelled"}))
		group := f.group(ctx)
		Expect(group.TrafficSources).To(HaveExactElements(HaveField("Identifier", HaveValue(BeEquivalentTo(other.ARN)))))
		Expect(group.WarmPoolConfiguration).NotTo(BeNil())
	})

	It("does not hold back the rest: giving up a target group, and the warm pool", func(ctx context.Context) {
		f.create(ctx, attached(one, other), pooled)
		f.edit(ctx, resting(betterOne))
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way"))
		f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) {
			attached(one)(s)
			s.WarmPool, s.DefaultCooldownSeconds = nil, aws.Int32(7)
		})
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way"))
		group := f.group(ctx)
		Expect(group.DefaultCooldown).To(HaveValue(BeEquivalentTo(7)))
		Expect(group.TrafficSources).To(HaveExactElements(HaveField("Identifier", HaveValue(BeEquivalentTo(one.ARN)))))
		Eventually(func() any { return f.group(ctx).WarmPoolConfiguration }).Should(BeNil())
		Expect(f.statuses(ctx)).To(Equal([]string{"InProgress"}))
	})

	It("is planned all the same", func(ctx context.Context) {
		f.create(ctx, attached(one))
		f.edit(ctx, resting(betterOne))
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way"))
		f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) {
			attached(one, other)(s)
			s.ManagementPolicy = v1alpha1.ManagementPlan
		})
		_, err := f.turn(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(f.live(ctx).Status.Plan).To(ContainElement(And(HaveField("Field", "targetGroups"), HaveField("To", HavePrefix("other/")))))
	})
})
