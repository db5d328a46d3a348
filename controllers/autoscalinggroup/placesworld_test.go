package autoscalinggroup

import (
	"context"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

var _ = Describe("A group", func() {
	w := newWorld()
	// inAWS is the group as AWS has it.
	inAWS := func(ctx context.Context) types.AutoScalingGroup {
		GinkgoHelper()
		found, err := w.kind.clients.AutoScaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
		Expect(err).NotTo(HaveOccurred())
		Expect(found.AutoScalingGroups).To(HaveLen(1))
		return found.AutoScalingGroups[0]
	}
	converge := func(ctx context.Context, obj *v1alpha1.AutoScalingGroup) {
		GinkgoHelper()
		for range 5 {
			if len(w.turn(ctx, obj)) == 0 {
				return
			}
		}
		Expect(w.turn(ctx, obj)).To(BeEmpty(), "there is always something left to do")
	}

	It("of Availability Zones alone is in their default subnets, and moves with them", func(ctx context.Context) {
		// The simulated world begins without a default VPC: make its subnets those of one.
		state, err := w.sim.StateJSON()
		Expect(err).NotTo(HaveOccurred())
		ours := regexp.MustCompile(`("DefaultForAz": ?)false`).ReplaceAll(state, []byte("${1}true"))
		Expect(ours).NotTo(Equal(state))
		Expect(w.sim.LoadState(ours)).To(Succeed())
		obj := aGroup(func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.SubnetIDs, obj.Spec.AvailabilityZones = nil, []v1alpha1.AvailabilityZone{"us-east-1b", "us-east-1a"}
		})
		converge(ctx, obj)
		Expect(inAWS(ctx).AvailabilityZones).To(ConsistOf("us-east-1a", "us-east-1b"))
		Expect(aws.ToString(inAWS(ctx).VPCZoneIdentifier)).To(BeEmpty())
		Expect(obj.Status.AvailabilityZones).To(Equal([]string{"us-east-1a", "us-east-1b"}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())

		obj.Spec.AvailabilityZones = []v1alpha1.AvailabilityZone{"us-east-1c"}
		obj.Generation++
		Expect(w.turn(ctx, obj)).To(ContainElement(HaveSuffix(" availabilityZones")))
		converge(ctx, obj)
		Expect(inAWS(ctx).AvailabilityZones).To(ConsistOf("us-east-1c"))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	DescribeTable("that is counted in processors or memory is made so, follows, and goes back to instances", func(ctx context.Context, unit, other string) {
		byAttributes := &v1alpha1.InstanceRequirements{VCPUCount: v1alpha1.IntegerRange{Min: aws.Int32(2)}, MemoryMiB: v1alpha1.IntegerRange{Min: aws.Int32(4096)}}
		obj := aGroup(func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.DesiredCapacityType, obj.Spec.MaxSize = unit, 8192
			obj.Spec.LaunchTemplate.InstanceType = ""
			obj.Spec.MixedInstances = &v1alpha1.MixedInstances{Overrides: []v1alpha1.LaunchTemplateOverride{{InstanceRequirements: byAttributes}}}
		})
		converge(ctx, obj)
		Expect(aws.ToString(inAWS(ctx).DesiredCapacityType)).To(Equal(unit))
		Expect(w.calls(ctx, obj)).To(BeEmpty())

		obj.Spec.DesiredCapacityType = other
		obj.Generation++
		Expect(w.turn(ctx, obj)).To(ContainElement(HaveSuffix(" desiredCapacityType")))
		Expect(aws.ToString(inAWS(ctx).DesiredCapacityType)).To(Equal(other))

		obj.Spec.DesiredCapacityType = ""
		obj.Generation++
		converge(ctx, obj)
		Expect(aws.ToString(inAWS(ctx).DesiredCapacityType)).To(Equal("units"))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	},
		Entry("processors", "vcpu", "memory-mib"),
		Entry("memory", "memory-mib", "vcpu"),
	)
})
