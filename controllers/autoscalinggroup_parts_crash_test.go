package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("Any call about the parts of an AutoScalingGroup may be the last", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	var ops, team string
	BeforeEach(func(ctx context.Context) {
		s.MakeLaunchTemplate(ctx)
		ops, team = s.MakeTopic(ctx, "ops"), s.MakeTopic(ctx, "team")
		obj = AutoScalingGroup("web", WithHooks(Hook("first", v1alpha1.TransitionLaunching), Hook("second", v1alpha1.TransitionTerminating)), Sized(0, 1), func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.Notifications = []v1alpha1.GroupNotification{{TopicARN: ops, Types: []v1alpha1.GroupNotificationType{"Launch"}}}
			obj.Spec.SuspendedProcesses = []v1alpha1.ScalingProcess{"AZRebalance"}
			obj.Spec.MetricsCollection = &v1alpha1.MetricsCollection{Metrics: []v1alpha1.GroupMetric{"GroupMinSize"}}
		})
	})
	pooled := func(obj *v1alpha1.AutoScalingGroup) {
		obj.Spec.WarmPool = &v1alpha1.WarmPool{PoolState: "Running", MaxGroupPreparedCapacity: aws.Int32(1)}
	}

	Context("when they are changed", func() {
		crashAndFail(s, []string{
			ASG + "PutLifecycleHook", ASG + "DeleteLifecycleHook", ASG + "PutNotificationConfiguration", ASG + "DeleteNotificationConfiguration",
			ASG + "SuspendProcesses", ASG + "ResumeProcesses", ASG + "EnableMetricsCollection", ASG + "DisableMetricsCollection", ASG + "PutWarmPool",
		}, madeReady(s, &obj),
			func(ctx context.Context) {
				Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) {
					WithHooks(Hook("second", v1alpha1.TransitionLaunching), Hook("third", v1alpha1.TransitionTerminating))(obj)
					obj.Spec.Notifications = []v1alpha1.GroupNotification{{TopicARN: team, Types: []v1alpha1.GroupNotificationType{"Terminate"}}}
					obj.Spec.SuspendedProcesses = []v1alpha1.ScalingProcess{"ScheduledActions"}
					obj.Spec.MetricsCollection.Metrics = []v1alpha1.GroupMetric{"GroupMaxSize"}
					pooled(obj)
				})
			},
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectReady(ctx, obj)
				only := s.OnlyAutoScalingGroup(ctx)
				hooks := s.HooksOf(ctx, *only.AutoScalingGroupName)
				Expect(hooks).To(And(HaveLen(2), HaveKey("second"), HaveKey("third")))
				Expect(*hooks["second"].LifecycleTransition).To(Equal(launchHook))
				Expect(s.NotificationsOf(ctx, *only.AutoScalingGroupName)).To(Equal(map[string][]string{team: {"EC2_INSTANCE_TERMINATE"}}))
				Expect(SuspendedOf(&only)).To(Equal([]string{"ScheduledActions"}))
				Expect(MetricsOf(&only)).To(Equal([]string{"GroupMaxSize"}))
				Expect(only.WarmPoolConfiguration).To(HaveValue(HaveField("PoolState", BeEquivalentTo("Running"))))
			})
	})

	Context("when the warm pool is taken away", func() {
		BeforeEach(func() { pooled(obj); obj.Spec.LifecycleHooks = nil })
		crashAndFail(s, []string{ASG + "DeleteWarmPool"}, madeReady(s, &obj),
			func(ctx context.Context) {
				Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.WarmPool = nil })
			},
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectReady(ctx, obj)
				Expect(s.OnlyAutoScalingGroup(ctx).WarmPoolConfiguration).To(BeNil())
				s.ExpectQuiet(ctx)
			})
	})

	gone := func(ctx context.Context) {
		GinkgoHelper()
		s.ExpectGone(ctx, obj)
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
	}
	Context("when the group is deleted", func() {
		BeforeEach(func() {
			pooled(obj)
			Sized(1, 2)(obj)
			obj.Spec.LifecycleHooks = nil
		})
		crashAndFail(s, []string{ASG + "DeleteWarmPool", ASG + "UpdateAutoScalingGroup", ASG + "DeleteAutoScalingGroup"}, madeReady(s, &obj),
			func(ctx context.Context) { s.Delete(ctx, obj) }, gone)
	})

	Context("when the group is deleted by force", func() {
		BeforeEach(func() {
			Sized(1, 2)(obj)
			obj.Spec.LifecycleHooks, obj.Spec.ForceDelete = obj.Spec.LifecycleHooks[1:], aws.Bool(true)
		})
		crashAndFail(s, []string{ASG + "DeleteAutoScalingGroup"}, madeReady(s, &obj),
			func(ctx context.Context) { s.Delete(ctx, obj) }, gone)
	})
})
