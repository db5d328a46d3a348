package autoscalinggroup

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

var _ = Describe("A changed launch template", func() {
	f := newFleet()
	refreshed := func(ctx context.Context) *v1alpha1.InstanceRefreshStatus { return f.live(ctx).Status.InstanceRefresh }
	condition := func(ctx context.Context) (reason, message string) {
		found := meta.FindStatusCondition(f.live(ctx).Status.Conditions, v1alpha1.ConditionInstancesRefreshed)
		return found.Reason, found.Message
	}
	manual := func(s *v1alpha1.AutoScalingGroupSpec) {
		s.InstanceRefresh = &v1alpha1.InstanceRefresh{Mode: v1alpha1.InstanceRefreshManual}
	}
	// calm waits until all instances that there are serve.
	calm := func(ctx context.Context) {
		GinkgoHelper()
		Eventually(func() []types.Instance { return f.group(ctx).Instances }).WithTimeout(10 * time.Second).Should(HaveEach(HaveField("LifecycleState", types.LifecycleStateInService)))
		f.settle(ctx)
	}
	quiet := func(ctx context.Context) {
		GinkgoHelper()
		calm(ctx)
		before := f.live(ctx).ResourceVersion
		made := f.calls(func() {
			_, err := f.turn(ctx)
			Expect(err).NotTo(HaveOccurred())
		})
		Expect(made).NotTo(Or(HaveKey("UpdateAutoScalingGroup"), HaveKey("StartInstanceRefresh"), HaveKey("CancelInstanceRefresh"), HaveKey("DescribeInstanceRefreshes")))
		Expect(f.live(ctx).ResourceVersion).To(Equal(before), "the status is written anew")
	}

	It("reaches all instances by a refresh, and the group itself after that", func(ctx context.Context) {
		f.create(ctx, slow)
		Expect(refreshed(ctx).Attempt).To(BeNil())
		quiet(ctx)
		f.edit(ctx, image(betterOne))
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way", ":2"))
		Expect(f.version(ctx)).To(Equal("1"))
		Expect(f.history(ctx)[0].DesiredConfiguration.LaunchTemplate.Version).To(HaveValue(Equal("2")))
		Expect(refreshed(ctx).TargetVersion).To(HaveSuffix(":2"))
		reason, _ := condition(ctx)
		Expect(reason).To(Equal(v1alpha1.ReasonReplacing))
		f.settle(ctx)
		Expect(f.version(ctx)).To(Equal("2"))
		Expect(f.serving(ctx)).To(Equal(map[string]int{"2": 3}))
		Expect(f.statuses(ctx)).To(Equal([]string{"Successful"}))
		Expect(*refreshed(ctx)).To(And(HaveField("Status", "Successful"), HaveField("StartedByOthers", false), HaveField("OutdatedInstances", BeZero())))
		reason, message := condition(ctx)
		Expect(reason + message).To(And(HavePrefix(v1alpha1.ReasonConverged), HaveSuffix(":2.")))
		Expect(f.told()).To(ContainSubstring("instance refresh of Auto Scaling group"))
		quiet(ctx)
	})

	It("is rolled back when it is bad, told, and tried again only when the spec changes", func(ctx context.Context) {
		f.create(ctx)
		f.edit(ctx, image(missingOne))
		f.until(ctx, stands(v1alpha1.ReasonRefreshFailed, "It was rolled back: Failed to launch instances", "does not exist", "launches instances of"))
		Expect(meta.IsStatusConditionTrue(f.live(ctx).Status.Conditions, v1alpha1.ConditionStalled)).To(BeTrue())
		Expect(f.version(ctx)).To(Equal("1"))
		Expect(f.serving(ctx)).To(Equal(map[string]int{"1": 3}))
		Expect(f.statuses(ctx)).To(Equal([]string{"RollbackSuccessful"}))
		f.restart()
		for range 3 {
			_, err := f.turn(ctx)
			Expect(err).NotTo(HaveOccurred())
		}

		By("following the instances all the same")
		_, err := f.others.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
			InstanceId: f.group(ctx).Instances[0].InstanceId, ShouldDecrementDesiredCapacity: aws.Bool(false),
		})
		Expect(err).NotTo(HaveOccurred())
		result, err := f.turn(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(result.RequeueAfter).To(BeNumerically("<", time.Minute))
		f.until(ctx, func(_ *v1alpha1.AutoScalingGroup, result ctrl.Result) bool { return result.RequeueAfter > time.Minute })
		Expect(f.serving(ctx)).To(Equal(map[string]int{"1": 3}))
		record := &v1alpha1.RecordSet{ObjectMeta: metav1.ObjectMeta{Namespace: "shop", Name: "workers"}, Spec: v1alpha1.RecordSetSpec{
			InstancesOf: &v1alpha1.InstancesOf{AutoScalingGroupRef: v1alpha1.AutoScalingGroupReference{Name: "web"}, Address: v1alpha1.AddressPrivateIPv4},
		}}
		Expect(f.store.Create(ctx, record)).To(Succeed())
		result, err = f.turn(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(result.RequeueAfter).To(BeNumerically("<", time.Minute), "a name stands for the instances")
		Expect(f.store.Delete(ctx, record)).To(Succeed())

		f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) { s.DesiredCapacity = aws.Int32(2) }) // as scalers do
		f.until(ctx, stands(v1alpha1.ReasonRefreshFailed))
		Eventually(func() map[string]int { return f.serving(ctx) }).WithTimeout(10 * time.Second).Should(Equal(map[string]int{"1": 2}))
		Expect(f.statuses(ctx)).To(HaveLen(1))
		f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) { s.InstanceRefresh.SkipMatching = aws.Bool(true) })
		f.until(ctx, stands(v1alpha1.ReasonReplacing))
		f.until(ctx, stands(v1alpha1.ReasonRefreshFailed))
		Expect(f.statuses(ctx)).To(Equal([]string{"RollbackSuccessful", "RollbackSuccessful"}))
		f.edit(ctx, image(goodImage))
		f.settle(ctx)
		Expect(f.statuses(ctx)).To(HaveLen(2))
		Expect(refreshed(ctx).Attempt).To(BeNil())
	})

	It("takes the place of one that is being carried out", func(ctx context.Context) {
		f.create(ctx)
		f.edit(ctx, resting(betterOne))
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way"))
		f.edit(ctx, brisk(bestOne))
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "being cancelled", ":2"))
		f.settle(ctx)
		Expect(f.statuses(ctx)).To(Equal([]string{"Successful", "Cancelled"}))
		Expect(f.serving(ctx)).To(Equal(map[string]int{"3": 3}))
		Expect(f.version(ctx)).To(Equal("3"))
	})

	It("that is taken back brings the instances back, too", func(ctx context.Context) {
		f.create(ctx, slow, func(s *v1alpha1.AutoScalingGroupSpec) { s.InstanceRefresh.MaxHealthyPercentage = aws.Int32(134) })
		f.edit(ctx, image(betterOne))
		f.until(ctx, func(*v1alpha1.AutoScalingGroup, ctrl.Result) bool { return f.serving(ctx)["2"] > 0 })
		f.edit(ctx, image(goodImage))
		f.settle(ctx)
		Expect(f.statuses(ctx)).To(Equal([]string{"Successful", "Cancelled"}))
		Expect(f.history(ctx)[0].Preferences.SkipMatching).To(HaveValue(BeTrue()))
		Expect(f.serving(ctx)).To(Equal(map[string]int{"1": 3}))
		Expect(f.version(ctx)).To(Equal("1"))
		quiet(ctx)
	})

	It("is for new instances only in mode Manual, and for all once it is Automatic", func(ctx context.Context) {
		f.create(ctx, manual)
		f.edit(ctx, image(betterOne))
		f.settle(ctx)
		Expect(f.version(ctx)).To(Equal("2"))
		Expect(f.serving(ctx)).To(Equal(map[string]int{"1": 3}))
		reason, message := condition(ctx)
		Expect(reason).To(Equal(v1alpha1.ReasonOutdated))
		Expect(message).To(HavePrefix("3 instances are not of lt-"))
		Expect(refreshed(ctx).OutdatedInstances).To(BeEquivalentTo(3))
		f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) {
			s.InstanceRefresh = &v1alpha1.InstanceRefresh{InstanceWarmupSeconds: aws.Int32(0)}
		})
		f.settle(ctx)
		Expect(f.serving(ctx)).To(Equal(map[string]int{"2": 3}))
		Expect(f.statuses(ctx)).To(Equal([]string{"Successful"}))
	})

	It("needs no refresh where there is no instance", func(ctx context.Context) {
		f.create(ctx, func(s *v1alpha1.AutoScalingGroupSpec) { s.MinSize, s.DesiredCapacity = 0, aws.Int32(0) })
		f.edit(ctx, image(betterOne))
		f.settle(ctx)
		Expect(f.version(ctx)).To(Equal("2"))
		Expect(f.statuses(ctx)).To(BeEmpty())
	})

	It("waits for a refresh that others started, and leaves it alone", func(ctx context.Context) {
		f.create(ctx)
		_, err := f.others.StartInstanceRefresh(ctx, &autoscaling.StartInstanceRefreshInput{
			AutoScalingGroupName: f.group(ctx).AutoScalingGroupName, Preferences: &types.RefreshPreferences{InstanceWarmup: aws.Int32(30)},
		})
		Expect(err).NotTo(HaveOccurred())
		f.edit(ctx, image(betterOne))
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "Others have started the instance refresh"))
		Expect(refreshed(ctx).StartedByOthers).To(BeTrue())
		f.settle(ctx)
		Expect(f.statuses(ctx)).To(Equal([]string{"Successful", "Successful"}))
		Expect(f.serving(ctx)).To(Equal(map[string]int{"2": 3}))
	})

	It("by others is taken back, and what they launched is replaced", func(ctx context.Context) {
		f.create(ctx)
		group := f.group(ctx)
		f.edit(ctx, image(betterOne))
		f.settle(ctx)
		calm(ctx)
		f.told()
		_, err := f.others.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: group.AutoScalingGroupName, LaunchTemplate: group.LaunchTemplate})
		Expect(err).NotTo(HaveOccurred())
		_, err = f.others.TerminateInstanceInAutoScalingGroup(ctx, &autoscaling.TerminateInstanceInAutoScalingGroupInput{
			InstanceId: f.group(ctx).Instances[0].InstanceId, ShouldDecrementDesiredCapacity: aws.Bool(false),
		})
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() map[string]int { return f.serving(ctx) }).WithTimeout(10 * time.Second).Should(Equal(map[string]int{"1": 1, "2": 2}))
		before := f.group(ctx).Instances
		f.settle(ctx)
		Expect(f.version(ctx)).To(Equal("2"))
		Expect(f.serving(ctx)).To(Equal(map[string]int{"2": 3}))
		kept := 0
		for _, one := range f.group(ctx).Instances {
			for _, former := range before {
				if *one.InstanceId == *former.InstanceId && one.LifecycleState == types.LifecycleStateInService {
					kept++
				}
			}
		}
		Expect(kept).To(Equal(2), "those that were as declared stay")
		Expect(f.told()).To(ContainSubstring(v1alpha1.EventDriftRepaired + " Set right what had been changed outside: Auto Scaling group"))
	})

	It("is refused clearly where AWS cannot roll it back", func(ctx context.Context) {
		f.create(ctx)
		f.edit(ctx, image("resolve:ssm:/golden"))
		f.until(ctx, stands(v1alpha1.ReasonInvalidSpec, "AWS refuses the instance refresh", "Systems Manager parameter"))
		f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) { s.InstanceRefresh.AutoRollback = nil })
		f.settle(ctx)
		Expect(f.serving(ctx)).To(Equal(map[string]int{"2": 3}))
	})

	It("is planned, and told, without being made", func(ctx context.Context) {
		f.create(ctx)
		f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) {
			image(betterOne)(s)
			s.ManagementPolicy = v1alpha1.ManagementPlan
		})
		_, err := f.turn(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(f.live(ctx).Status.Plan).To(ContainElement(And(
			HaveField("Resource", HavePrefix("instance refresh of Auto Scaling group")), HaveField("To", ContainSubstring("(new)")))))
		Expect(f.statuses(ctx)).To(BeEmpty())
	})

	DescribeTable("comes to the same when an answer is lost", func(ctx context.Context, operation string, fault awssim.Kind) {
		f.create(ctx)
		Expect(f.sim.AddFault(awssim.Fault{Service: "autoscaling", Operation: operation, Kind: fault, Count: 1})).To(Succeed())
		f.edit(ctx, resting(betterOne))
		f.until(ctx, stands(v1alpha1.ReasonReplacing, "under way", ":2"))
		f.edit(ctx, brisk(bestOne))
		f.settle(ctx)
		Expect(f.statuses(ctx)).To(Equal([]string{"Successful", "Cancelled"}))
		Expect(f.serving(ctx)).To(Equal(map[string]int{"3": 3}))
	},
		Entry("to the start", "StartInstanceRefresh", awssim.Drop),
		Entry("to the start, by an error", "StartInstanceRefresh", awssim.After500),
		Entry("to the start, which has no effect", "StartInstanceRefresh", awssim.Before500),
		Entry("to the cancellation", "CancelInstanceRefresh", awssim.Drop),
		Entry("to the cancellation, by an error", "CancelInstanceRefresh", awssim.After500),
		Entry("to the cancellation, which has no effect", "CancelInstanceRefresh", awssim.Before500),
		Entry("to a look", "DescribeInstanceRefreshes", awssim.Drop),
	)
})
