package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

const (
	launchHook = "autoscaling:EC2_INSTANCE_LAUNCHING"
	endHook    = "autoscaling:EC2_INSTANCE_TERMINATING"
)

// groupEdited edits a group that stands as declared, waits until it does again, and expects exactly these calls; and none
// of a further look.
func groupEdited(ctx context.Context, s *Story, obj *v1alpha1.AutoScalingGroup, edit func(*v1alpha1.AutoScalingGroup), want calls) {
	GinkgoHelper()
	before := s.WritesSince(nil)
	Edit(ctx, s, obj, edit)
	s.ExpectReady(ctx, obj)
	Expect(s.WritesSince(before)).To(Equal(want))
	s.ExpectQuiet(ctx)
}

var _ = Describe("An edit of an AutoScalingGroup's parts", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	var name string
	BeforeEach(func(ctx context.Context) { s.MakeLaunchTemplate(ctx) })
	ready := func(ctx context.Context, with ...func(*v1alpha1.AutoScalingGroup)) {
		GinkgoHelper()
		s.StartManager(ctx)
		obj = AutoScalingGroup("web", with...)
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		name = *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName
	}
	edited := func(ctx context.Context, edit func(*v1alpha1.AutoScalingGroup), want calls) {
		GinkgoHelper()
		groupEdited(ctx, s, obj, edit, want)
	}
	hook := func(name string) types.LifecycleHook {
		return s.HooksOf(context.Background(), *s.OnlyAutoScalingGroup(context.Background()).AutoScalingGroupName)[name]
	}

	It("makes, changes and removes lifecycle hooks, and leaves others'", func(ctx context.Context) {
		ready(ctx, WithHooks(Hook("first", v1alpha1.TransitionTerminating)))
		Expect(s.WritesSince(nil)).NotTo(HaveKey("PutLifecycleHook"), "hooks come with the group")
		_, err := s.AutoScaling.PutLifecycleHook(ctx, &autoscaling.PutLifecycleHookInput{AutoScalingGroupName: &name, LifecycleHookName: aws.String("theirs"), LifecycleTransition: aws.String(endHook)})
		Expect(err).NotTo(HaveOccurred())
		topic := s.MakeTopic(ctx, "ops")
		full := v1alpha1.LifecycleHook{Name: "second", Transition: v1alpha1.TransitionTerminating, HeartbeatTimeoutSeconds: aws.Int32(60), DefaultResult: "CONTINUE",
			NotificationTargetARN: topic, RoleARN: "arn:aws:iam::123456789012:role/hooks", NotificationMetadata: "hello"}
		edited(ctx, WithHooks(Hook("first", v1alpha1.TransitionTerminating), full), calls{"PutLifecycleHook": 1})
		Expect(hook("second")).To(gstruct.MatchFields(gstruct.IgnoreExtras, gstruct.Fields{
			"LifecycleTransition": HaveValue(Equal(endHook)), "HeartbeatTimeout": HaveValue(BeEquivalentTo(60)), "DefaultResult": HaveValue(Equal("CONTINUE")),
			"NotificationTargetARN": HaveValue(Equal(topic)), "RoleARN": HaveValue(HaveSuffix("role/hooks")), "NotificationMetadata": HaveValue(Equal("hello")),
		}))

		for _, step := range []struct {
			edit  func(*v1alpha1.LifecycleHook)
			want  calls
			shown gstruct.Fields
		}{
			{func(h *v1alpha1.LifecycleHook) { h.HeartbeatTimeoutSeconds = aws.Int32(90) }, calls{"PutLifecycleHook": 1}, gstruct.Fields{"HeartbeatTimeout": HaveValue(BeEquivalentTo(90))}},
			{func(h *v1alpha1.LifecycleHook) { h.HeartbeatTimeoutSeconds = nil }, calls{"PutLifecycleHook": 1}, gstruct.Fields{"HeartbeatTimeout": HaveValue(BeEquivalentTo(3600))}},
			{func(h *v1alpha1.LifecycleHook) { h.DefaultResult = "" }, calls{"PutLifecycleHook": 1}, gstruct.Fields{"DefaultResult": HaveValue(Equal("ABANDON"))}},
			{func(h *v1alpha1.LifecycleHook) { h.RoleARN = "arn:aws:iam::123456789012:role/others" }, calls{"PutLifecycleHook": 1}, gstruct.Fields{"RoleARN": HaveValue(HaveSuffix("role/others"))}},
			{func(h *v1alpha1.LifecycleHook) { h.NotificationMetadata = "bye" }, calls{"PutLifecycleHook": 1}, gstruct.Fields{"NotificationMetadata": HaveValue(Equal("bye"))}},
			{func(h *v1alpha1.LifecycleHook) { h.NotificationMetadata = "" }, calls{"DeleteLifecycleHook": 1, "PutLifecycleHook": 1}, gstruct.Fields{"NotificationMetadata": BeNil(), "NotificationTargetARN": HaveValue(Equal(topic))}},
			{func(h *v1alpha1.LifecycleHook) { h.NotificationTargetARN, h.RoleARN = "", "" }, calls{"PutLifecycleHook": 1}, gstruct.Fields{"NotificationTargetARN": BeNil(), "RoleARN": BeNil()}},
			{func(h *v1alpha1.LifecycleHook) { h.Transition = v1alpha1.TransitionLaunching }, calls{"PutLifecycleHook": 1}, gstruct.Fields{"LifecycleTransition": HaveValue(Equal(launchHook))}},
		} {
			edited(ctx, func(obj *v1alpha1.AutoScalingGroup) { step.edit(&obj.Spec.LifecycleHooks[1]) }, step.want)
			Expect(hook("second")).To(gstruct.MatchFields(gstruct.IgnoreExtras, step.shown))
		}
		edited(ctx, WithHooks(), calls{"DeleteLifecycleHook": 2})
		Expect(s.HooksOf(ctx, name)).To(HaveLen(1))
		Expect(hook("theirs").LifecycleHookName).NotTo(BeNil())
	})

	It("has topics told, and leaves others'", func(ctx context.Context) {
		ready(ctx)
		ops, team, theirs := s.MakeTopic(ctx, "ops"), s.MakeTopic(ctx, "team"), s.MakeTopic(ctx, "theirs")
		_, err := s.AutoScaling.PutNotificationConfiguration(ctx, &autoscaling.PutNotificationConfigurationInput{AutoScalingGroupName: &name, TopicARN: &theirs, NotificationTypes: []string{"autoscaling:EC2_INSTANCE_LAUNCH"}})
		Expect(err).NotTo(HaveOccurred())
		told := func(notifications ...v1alpha1.GroupNotification) func(*v1alpha1.AutoScalingGroup) {
			return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.Notifications = notifications }
		}
		edited(ctx, told(v1alpha1.GroupNotification{TopicARN: ops, Types: []v1alpha1.GroupNotificationType{"TerminateError", "LaunchError"}},
			v1alpha1.GroupNotification{TopicARN: team, Types: []v1alpha1.GroupNotificationType{"Launch", "Terminate", "TestNotification"}}), calls{"PutNotificationConfiguration": 2})
		Expect(s.NotificationsOf(ctx, name)).To(Equal(map[string][]string{
			ops: {"EC2_INSTANCE_LAUNCH_ERROR", "EC2_INSTANCE_TERMINATE_ERROR"}, team: {"EC2_INSTANCE_LAUNCH", "EC2_INSTANCE_TERMINATE", "TEST_NOTIFICATION"}, theirs: {"EC2_INSTANCE_LAUNCH"},
		}))
		edited(ctx, told(v1alpha1.GroupNotification{TopicARN: ops, Types: []v1alpha1.GroupNotificationType{"LaunchError"}}), calls{"PutNotificationConfiguration": 1, "DeleteNotificationConfiguration": 1})
		edited(ctx, told(), calls{"DeleteNotificationConfiguration": 1})
		Expect(s.NotificationsOf(ctx, name)).To(Equal(map[string][]string{theirs: {"EC2_INSTANCE_LAUNCH"}}))
	})

	It("suspends processes and resumes them", func(ctx context.Context) {
		suspending := func(names ...v1alpha1.ScalingProcess) func(*v1alpha1.AutoScalingGroup) {
			return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.SuspendedProcesses = names }
		}
		ready(ctx, suspending("AZRebalance"))
		edited(ctx, suspending("ScheduledActions", "AlarmNotification", "AZRebalance"), calls{"SuspendProcesses": 1})
		edited(ctx, suspending("HealthCheck", "AZRebalance"), calls{"SuspendProcesses": 1, "ResumeProcesses": 1})
		only := s.OnlyAutoScalingGroup(ctx)
		Expect(SuspendedOf(&only)).To(Equal([]string{"AZRebalance", "HealthCheck"}))
		edited(ctx, suspending(), calls{"ResumeProcesses": 1})
		_, err := s.AutoScaling.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: &name, ScalingProcesses: []string{"AZRebalance"}})
		Expect(err).NotTo(HaveOccurred())
		s.ExpectQuiet(ctx)
	})

	It("sends metrics", func(ctx context.Context) {
		sending := func(names ...v1alpha1.GroupMetric) func(*v1alpha1.AutoScalingGroup) {
			return func(obj *v1alpha1.AutoScalingGroup) {
				obj.Spec.MetricsCollection = &v1alpha1.MetricsCollection{Metrics: names}
			}
		}
		ready(ctx, sending("GroupMinSize"))
		edited(ctx, sending("GroupMaxSize", "GroupInServiceInstances"), calls{"EnableMetricsCollection": 1, "DisableMetricsCollection": 1})
		only := s.OnlyAutoScalingGroup(ctx)
		Expect(MetricsOf(&only)).To(Equal([]string{"GroupInServiceInstances", "GroupMaxSize"}))
		edited(ctx, sending(), calls{"EnableMetricsCollection": 1})
		only = s.OnlyAutoScalingGroup(ctx)
		Expect(MetricsOf(&only)).To(HaveLen(20))
		edited(ctx, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.MetricsCollection = nil }, calls{"DisableMetricsCollection": 1})
		only = s.OnlyAutoScalingGroup(ctx)
		Expect(MetricsOf(&only)).To(BeEmpty())
	})

	It("keeps a warm pool, and takes it away", func(ctx context.Context) {
		pooled := func(pool *v1alpha1.WarmPool) func(*v1alpha1.AutoScalingGroup) {
			return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.WarmPool = pool }
		}
		// expectPool edits the warm pool by one call and waits until it has its size.
		expectPool := func(pool v1alpha1.WarmPool, size int32, shown gstruct.Fields) {
			GinkgoHelper()
			before := s.WritesSince(nil)
			Edit(ctx, s, obj, pooled(&pool))
			Eventually(Live(ctx, s, obj)).Should(And(BeReady(), HaveField("Status.WarmPool", HaveValue(Equal(v1alpha1.WarmPoolStatus{Size: size})))))
			s.ExpectQuiet(ctx)
			Expect(s.WritesSince(before)).To(Equal(calls{"PutWarmPool": 1}))
			Expect(*s.OnlyAutoScalingGroup(ctx).WarmPoolConfiguration).To(gstruct.MatchFields(gstruct.IgnoreExtras, shown))
		}
		reuses := func(value bool) OmegaMatcher { return HaveValue(HaveField("ReuseOnScaleIn", HaveValue(Equal(value)))) }
		ready(ctx)
		expectPool(v1alpha1.WarmPool{MaxGroupPreparedCapacity: aws.Int32(2)}, 1, gstruct.Fields{
			"PoolState": BeEquivalentTo("Stopped"), "MinSize": HaveValue(BeEquivalentTo(0)), "MaxGroupPreparedCapacity": HaveValue(BeEquivalentTo(2)), "InstanceReusePolicy": reuses(false),
		})
		expectPool(v1alpha1.WarmPool{PoolState: "Running", MinSize: aws.Int32(3), ReuseOnScaleIn: aws.Bool(true)}, 3, gstruct.Fields{
			"PoolState": BeEquivalentTo("Running"), "MinSize": HaveValue(BeEquivalentTo(3)), "MaxGroupPreparedCapacity": BeNil(), "InstanceReusePolicy": reuses(true),
		})
		expectPool(v1alpha1.WarmPool{}, 2, gstruct.Fields{
			"PoolState": BeEquivalentTo("Stopped"), "MinSize": HaveValue(BeEquivalentTo(0)), "MaxGroupPreparedCapacity": BeNil(), "InstanceReusePolicy": reuses(false),
		})
		Edit(ctx, s, obj, pooled(nil))
		Eventually(Live(ctx, s, obj)).Should(HaveField("Status.WarmPool", BeNil()))
		s.ExpectReady(ctx, obj)
		Expect(s.OnlyAutoScalingGroup(ctx).WarmPoolConfiguration).To(BeNil())
		s.ExpectQuiet(ctx)
	})
})
