package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

const (
	otherImage = "ami-0123456789abcdef1"
	// missingImage is one that does not exist.
	missingImage = "ami-0bad0000000000000"
)

// withImage declares the image of a group's launch template.
func withImage(id string) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LaunchTemplate.ImageID = id }
}

var _ = Describe("The roll-out of a changed launch template", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	ready := func(ctx context.Context, refresh v1alpha1.InstanceRefresh) {
		GinkgoHelper()
		s.StartManager(ctx)
		obj = AutoScalingGroup("web", Sized(2, 4), WithTemplate(), func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.InstanceRefresh = &refresh })
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
	}
	condition := func(reason string, status string) OmegaMatcher {
		return HaveField("Status.Conditions", ContainElement(And(
			HaveField("Type", v1alpha1.ConditionInstancesRefreshed), HaveField("Reason", reason), HaveField("Status", BeEquivalentTo(status)))))
	}
	// serving are the versions of the instances in service.
	serving := func(ctx context.Context) []string {
		GinkgoHelper()
		var versions []string
		for _, one := range s.OnlyAutoScalingGroup(ctx).Instances {
			if one.LifecycleState == types.LifecycleStateInService {
				versions = append(versions, *one.LaunchTemplate.Version)
			}
		}
		return versions
	}
	// statuses are how the refreshes of the group stand, the newest first.
	statuses := func(ctx context.Context) []string {
		GinkgoHelper()
		out, err := s.AutoScaling.DescribeInstanceRefreshes(ctx, &autoscaling.DescribeInstanceRefreshesInput{AutoScalingGroupName: s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName})
		Expect(err).NotTo(HaveOccurred())
		var found []string
		for i := range out.InstanceRefreshes {
			found = append(found, string(out.InstanceRefreshes[i].Status))
		}
		return found
	}
	resting := &v1alpha1.InstanceRefreshCheckpoints{Percentages: []v1alpha1.InstanceRefreshPercentage{50, 100}, DelaySeconds: aws.Int32(172800)}

	It("replaces all instances, tells how far it is, and is overtaken by a newer change", func(ctx context.Context) {
		ready(ctx, v1alpha1.InstanceRefresh{Checkpoints: resting})
		Edit(ctx, s, obj, withImage(otherImage))
		Eventually(Live(ctx, s, obj)).Should(And(BeWaiting(v1alpha1.ReasonReplacing, "about 50 % of it so far"), condition(v1alpha1.ReasonReplacing, "False"),
			HaveField("Status.InstanceRefresh", HaveValue(And(
				HaveField("Status", "InProgress"), HaveField("PercentageComplete", HaveValue(BeEquivalentTo(50))), HaveField("InstancesToUpdate", HaveValue(BeEquivalentTo(1))),
				HaveField("TargetVersion", HaveSuffix(":2")), HaveField("OutdatedInstances", BeEquivalentTo(1)))))))
		Expect(s.OnlyAutoScalingGroup(ctx).LaunchTemplate.Version).To(HaveValue(Equal("1")))

		Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) {
			withKey("ops")(obj)
			obj.Spec.InstanceRefresh.Checkpoints = nil
		})
		s.ExpectReady(ctx, obj)
		Expect(statuses(ctx)).To(Equal([]string{"Successful", "Cancelled"}))
		Expect(serving(ctx)).To(Equal([]string{"3", "3"}))
		Expect(s.OnlyAutoScalingGroup(ctx).LaunchTemplate.Version).To(HaveValue(Equal("3")))
		Expect(Get(ctx, s, obj)).To(condition(v1alpha1.ReasonConverged, "True"))
		Eventually(s.EventsOf(ctx, obj)).Should(ContainElements(
			And(HavePrefix("Updated: "), ContainSubstring("instance refresh of Auto Scaling group")), And(HavePrefix("Updated: "), ContainSubstring("InProgress → Cancelled"))))
		s.ExpectQuiet(ctx)
	})

	It("is rolled back when it is bad, and not begun again, by a new process neither, until the spec changes", func(ctx context.Context) {
		ready(ctx, v1alpha1.InstanceRefresh{AutoRollback: aws.Bool(true)})
		Edit(ctx, s, obj, withImage(missingImage))
		Eventually(Live(ctx, s, obj)).Should(And(
			BeStalled(v1alpha1.ReasonRefreshFailed, "It was rolled back: ", "not started again until the spec changes"), condition(v1alpha1.ReasonRefreshFailed, "False"),
			HaveField("Status.Instances", And(HaveLen(2), HaveEach(HaveField("LifecycleState", "InService"))))))
		Expect(serving(ctx)).To(Equal([]string{"1", "1"}))
		s.StopManagers()
		s.StartManager(ctx)
		s.ExpectQuiet(ctx)
		Expect(statuses(ctx)).To(Equal([]string{"RollbackSuccessful"}))

		Edit(ctx, s, obj, withImage(otherImage))
		s.ExpectReady(ctx, obj)
		Expect(statuses(ctx)).To(Equal([]string{"Successful", "RollbackSuccessful"}))
		Expect(serving(ctx)).To(ConsistOf("3", "3"))
	})

	It("is for new instances in mode Manual, which tells the outdated ones, and for all of them once it is Automatic", func(ctx context.Context) {
		ready(ctx, v1alpha1.InstanceRefresh{Mode: v1alpha1.InstanceRefreshManual})
		Edit(ctx, s, obj, withImage(otherImage))
		s.ExpectReady(ctx, obj)
		Expect(Get(ctx, s, obj)).To(And(condition(v1alpha1.ReasonOutdated, "False"), HaveField("Status.InstanceRefresh.OutdatedInstances", BeEquivalentTo(2))))
		Expect(s.OnlyAutoScalingGroup(ctx).LaunchTemplate.Version).To(HaveValue(Equal("2")))
		Expect(statuses(ctx)).To(BeEmpty())
		s.ExpectQuiet(ctx)

		Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.InstanceRefresh = &v1alpha1.InstanceRefresh{} })
		s.ExpectReady(ctx, obj)
		Expect(serving(ctx)).To(ConsistOf("2", "2"))
		Expect(statuses(ctx)).To(Equal([]string{"Successful"}))
	})

	It("is cancelled when the group is deleted in the middle of it", func(ctx context.Context) {
		ready(ctx, v1alpha1.InstanceRefresh{Checkpoints: resting})
		Edit(ctx, s, obj, withImage(otherImage))
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonReplacing, "under way"))
		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.Calls(ASG + "CancelInstanceRefresh")).To(Equal(1))
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
		Expect(s.LaunchTemplates(ctx)).To(BeEmpty())
	})
})
