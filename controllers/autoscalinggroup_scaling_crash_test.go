package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("Any call about scaling may be the last", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	BeforeEach(func(ctx context.Context) {
		s.MakeLaunchTemplate(ctx)
		obj = AutoScalingGroup("web", Sized(0, 3), WithPolicies(cpuPolicy, queuePolicy), WithActions(officeHours))
	})
	// expectJust expects these policies and actions, each alarm with its policy, and that nothing is left to do.
	expectJust := func(ctx context.Context, alarmed, policies, actions []string) {
		GinkgoHelper()
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)
		there := s.ScalingPolicies(ctx)
		Expect(there).To(HaveLen(len(policies)))
		for _, name := range policies {
			Expect(there).To(HaveKey(name))
		}
		alarms := s.Alarms(ctx)
		Expect(alarms).To(HaveLen(len(alarmed)))
		for _, told := range Get(ctx, s, obj).Status.ScalingPolicies {
			if told.AlarmName != "" {
				Expect(alarmed).To(ContainElement(told.Name))
				Expect(alarms[told.AlarmName].AlarmActions).To(Equal([]string{*there[told.Name].PolicyARN}))
				Expect(s.AlarmTags(ctx, *alarms[told.AlarmName].AlarmArn)).To(HaveLen(2))
			}
		}
		scheduled := s.ScheduledActions(ctx)
		Expect(scheduled).To(HaveLen(len(actions)))
		for _, name := range actions {
			Expect(scheduled).To(HaveKey(name))
		}
	}

	Context("when policies, alarms and actions are made", func() {
		crashAndFail(s, []string{ASG + "PutScalingPolicy", CW + "PutMetricAlarm", ASG + "BatchPutScheduledUpdateGroupAction"}, nothing,
			func(ctx context.Context) { s.Create(ctx, obj) },
			func(ctx context.Context) {
				GinkgoHelper()
				expectJust(ctx, []string{"queue"}, []string{"cpu", "queue"}, []string{"office-hours"})
			})
	})

	Context("when they are exchanged for others", func() {
		crashAndFail(s, []string{ASG + "DeletePolicy", CW + "DeleteAlarms", ASG + "BatchDeleteScheduledAction"}, madeReady(s, &obj),
			func(ctx context.Context) {
				Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) {
					WithPolicies(cpuPolicy, nightPolicy)(obj)
					WithActions("name: weekend, recurrence: 0 8 * * SAT, maxSize: 3")(obj)
				})
			},
			func(ctx context.Context) {
				GinkgoHelper()
				expectJust(ctx, []string{"night-down"}, []string{"cpu", "night-down"}, []string{"weekend"})
			})
	})

	Context("when a policy is replaced by one of another kind", func() {
		crashAndFail(s, []string{ASG + "DeletePolicy", ASG + "PutScalingPolicy"}, madeReady(s, &obj),
			func(ctx context.Context) {
				Edit(ctx, s, obj, WithPolicies(cpuPolicy, "name: queue, simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1, "+queueAlarm+"}"))
			},
			func(ctx context.Context) {
				GinkgoHelper()
				expectJust(ctx, []string{"queue"}, []string{"cpu", "queue"}, []string{"office-hours"})
				Expect(*s.ScalingPolicies(ctx)["queue"].PolicyType).To(Equal("SimpleScaling"))
			})
	})

	Context("when an alarm has lost its tags", func() {
		crashAndFail(s, []string{CW + "TagResource"}, func(ctx context.Context) {
			madeReady(s, &obj)(ctx)
			_, err := s.CloudWatch.UntagResource(ctx, &cloudwatch.UntagResourceInput{
				ResourceARN: s.OnlyAlarm(ctx).AlarmArn, TagKeys: []string{"evenkeel.io/cluster", "evenkeel.io/object"},
			})
			Expect(err).NotTo(HaveOccurred())
		},
			func(ctx context.Context) {
				Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.ScalingPolicies[1].Step.Alarm.Threshold = "200" })
			},
			func(ctx context.Context) {
				GinkgoHelper()
				expectJust(ctx, []string{"queue"}, []string{"cpu", "queue"}, []string{"office-hours"})
				Expect(*s.OnlyAlarm(ctx).Threshold).To(Equal(200.0))
			})
	})

	Context("when the group goes", func() {
		crashAndFail(s, []string{CW + "DeleteAlarms"}, madeReady(s, &obj),
			func(ctx context.Context) { s.Delete(ctx, obj) },
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectGone(ctx, obj)
				Expect(s.Alarms(ctx)).To(BeEmpty())
				Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
			})
	})
})
