package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

const (
	cpuPolicy = "name: cpu, targetTracking: {predefinedMetric: {type: ASGAverageCPUUtilization}, targetValue: '60'}"
	// queuePolicy steps by the length of a queue, and nightPolicy halves the group while it is idle.
	queuePolicy = `name: queue, step: {adjustmentType: ChangeInCapacity, steps: [
		{metricIntervalLowerBound: "0", metricIntervalUpperBound: "100", scalingAdjustment: 1}, {metricIntervalLowerBound: "100", scalingAdjustment: 4}], ` + queueAlarm + "}"
	queueAlarm = `alarm: {comparisonOperator: GreaterThanThreshold, threshold: "100", evaluationPeriods: 2,
		metric: {namespace: AWS/SQS, name: ApproximateNumberOfMessagesVisible, dimensions: {QueueName: jobs}, statistic: Average, periodSeconds: 60}}`
	nightPolicy = `name: night-down, simple: {adjustmentType: PercentChangeInCapacity, scalingAdjustment: -50, minAdjustmentMagnitude: 1, cooldownSeconds: 300,
		alarm: {comparisonOperator: LessThanThreshold, threshold: "10", evaluationPeriods: 3, metric: {namespace: AWS/EC2, name: CPUUtilization, statistic: Average, periodSeconds: 300}}}`
	forecastPolicy = "name: forecast, predictive: {mode: ForecastOnly, metric: {pair: ASGCPUUtilization}, targetValue: '60'}"
	officeHours    = "name: office-hours, recurrence: 0 8 * * MON-FRI, timeZone: Europe/Berlin, minSize: 2"
)

var _ = Describe("Scaling of an AutoScalingGroup", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	BeforeEach(func(ctx context.Context) { s.MakeLaunchTemplate(ctx) })
	ready := func(ctx context.Context, with ...func(*v1alpha1.AutoScalingGroup)) {
		GinkgoHelper()
		s.StartManager(ctx)
		obj = AutoScalingGroup("web", with...)
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
	}

	It("is declared with policies of every kind, their alarms and a schedule, and goes with them", func(ctx context.Context) {
		ready(ctx, WithPolicies(cpuPolicy, queuePolicy, nightPolicy, forecastPolicy), WithActions(officeHours))
		s.ExpectQuiet(ctx)

		policies, alarms := s.ScalingPolicies(ctx), s.Alarms(ctx)
		Expect(policies).To(HaveLen(4))
		Expect(alarms).To(HaveLen(2))
		Expect(s.ScheduledActions(ctx)).To(HaveKey("office-hours"))
		status := Get(ctx, s, obj).Status
		Expect(status.ScalingPolicies).To(HaveLen(4))
		for _, told := range status.ScalingPolicies {
			policy := policies[told.Name]
			Expect(told.ARN).To(Equal(*policy.PolicyARN))
			Expect(told.Type).To(Equal(*policy.PolicyType))
			switch told.Name {
			case "cpu":
				Expect(told.TargetTrackingAlarmNames).To(HaveLen(2))
			case "forecast":
				Expect(told.AlarmName).To(BeEmpty())
			default:
				Expect(alarms[told.AlarmName].AlarmActions).To(Equal([]string{told.ARN}))
				Expect(s.AlarmTags(ctx, *alarms[told.AlarmName].AlarmArn)).To(HaveKeyWithValue("evenkeel.io/object", "AutoScalingGroup/"+obj.Namespace+"/web"))
			}
		}

		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.Alarms(ctx)).To(BeEmpty())
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
	})
})
