package autoscalinggroup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

var _ = Describe("A group that is deleted during an instance refresh", func() {
	f := newFleet()
	remove := func(ctx context.Context) { ExpectWithOffset(1, f.store.Delete(ctx, f.live(ctx))).To(Succeed()) }
	begin := func(ctx context.Context, with ...func(*v1alpha1.AutoScalingGroupSpec)) {
		GinkgoHelper()
		f.create(ctx, with...)
		f.edit(ctx, resting(betterOne))
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way"))
	}

	It("has it cancelled before it is drained, without waiting for instances on their way", func(ctx context.Context) {
		begin(ctx)
		remove(ctx)
		_, err := f.turn(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(f.group(ctx).MaxSize).To(HaveValue(BeZero()))
		Expect(f.statuses(ctx)).To(HaveExactElements(BeElementOf("Cancelling", "Cancelled")))
		Expect(f.live(ctx).Status.InstanceRefresh.Status).To(Equal("Cancelling"))
		made := f.calls(func() { f.until(ctx, gone) })
		Expect(made).NotTo(HaveKey("DescribeInstanceRefreshes"), "one look is enough")
		Expect(f.left(ctx)).To(BeEmpty())
	})

	It("has one of others cancelled too", func(ctx context.Context) {
		f.create(ctx)
		_, err := f.others.StartInstanceRefresh(ctx, &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: f.group(ctx).AutoScalingGroupName, Preferences: &types.RefreshPreferences{InstanceWarmup: aws.Int32(1000)},
		})
		Expect(err).NotTo(HaveOccurred())
		remove(ctx)
		made := f.calls(func() { f.until(ctx, gone) })
		Expect(made).To(HaveKeyWithValue("CancelInstanceRefresh", 1))
		Expect(f.left(ctx)).To(BeEmpty())
	})

	It("is as it was while it is protected, and goes with all at once by force", func(ctx context.Context) {
		begin(ctx, func(s *v1alpha1.AutoScalingGroupSpec) {
			s.DeletionProtection = string(types.DeletionProtectionPreventAllDeletion)
		})
		remove(ctx)
		f.until(ctx, stands(v1alpha1.ReasonDeletionBlocked, "prevent-all-deletion"))
		Expect(f.statuses(ctx)).To(Equal([]string{"InProgress"}))
		f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) {
			s.DeletionProtection, s.ForceDelete = string(types.DeletionProtectionNone), aws.Bool(true)
		})
		made := f.calls(func() { f.until(ctx, gone) })
		Expect(made).NotTo(HaveKey("CancelInstanceRefresh"))
		Expect(f.left(ctx)).To(BeEmpty())
	})

	DescribeTable("goes all the same when a call fails", func(ctx context.Context, operation string, fault awssim.Kind) {
		begin(ctx)
		Expect(f.sim.AddFault(awssim.Fault{Service: "autoscaling", Operation: operation, Kind: fault, Count: 1})).To(Succeed())
		remove(ctx)
		f.until(ctx, gone)
		Expect(f.left(ctx)).To(BeEmpty())
		Expect(f.sim.Faults()).To(BeEmpty(), "the call was never made")
	},
		Entry("the cancellation, whose answer is lost", "CancelInstanceRefresh", awssim.Drop),
		Entry("the cancellation, by an error after it took effect", "CancelInstanceRefresh", awssim.After500),
		Entry("the cancellation, which has no effect", "CancelInstanceRefresh", awssim.Before500),
		Entry("the look", "DescribeInstanceRefreshes", awssim.Drop),
	)
})
