package autoscalinggroup

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	addOne   = "simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1}"
	trackCPU = "targetTracking: {targetValue: '60', predefinedMetric: {type: ASGAverageCPUUtilization}}"
	onJobs   = "simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1, alarm: {comparisonOperator: GreaterThanThreshold, threshold: '1', evaluationPeriods: 3, metric: {namespace: App, name: Jobs, periodSeconds: 60, statistic: Sum}}}"
)

var _ = Describe("Scaling policies", func() {
	w := newWorld()
	var obj *v1alpha1.AutoScalingGroup
	BeforeEach(func() { obj = aGroup() })
	declare := func(policies ...string) {
		obj.Spec.ScalingPolicies = []v1alpha1.ScalingPolicy{}
		for i, text := range policies {
			policy := policyOf(text)
			policy.Name = fmt.Sprintf("p%d", i)
			obj.Spec.ScalingPolicies = append(obj.Spec.ScalingPolicies, policy)
		}
	}
	alarms := func(ctx context.Context) []cwtypes.MetricAlarm {
		GinkgoHelper()
		answer, err := w.kind.clients.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
		Expect(err).NotTo(HaveOccurred())
		return answer.MetricAlarms
	}
	policies := func(ctx context.Context) []string {
		GinkgoHelper()
		answer, err := w.kind.clients.AutoScaling.DescribePolicies(ctx, &autoscaling.DescribePoliciesInput{})
		Expect(err).NotTo(HaveOccurred())
		list := []string{}
		for _, policy := range answer.ScalingPolicies {
			list = append(list, *policy.PolicyName+" "+*policy.PolicyType)
		}
		return list
	}
	stall := func(ctx context.Context) lifecycle.Outcome {
		GinkgoHelper()
		o, err := w.kind.Observe(ctx, obj)
		Expect(err).NotTo(HaveOccurred())
		changes, err := w.kind.Diff(obj, o)
		Expect(err).NotTo(HaveOccurred())
		w.kind.Claim(obj, o, changes)
		for _, c := range changes {
			Expect(w.kind.Apply(ctx, obj, o, c)).To(Succeed())
		}
		return w.kind.Report(obj, o)
	}

	It("are left alone when others made them, and removed when they were declared", func(ctx context.Context) {
		declare(addOne, onJobs)
		w.turn(ctx, obj)
		_, err := w.kind.clients.AutoScaling.PutScalingPolicy(ctx, &autoscaling.PutScalingPolicyInput{
			AutoScalingGroupName: &obj.Status.Name, PolicyName: aws.String("theirs"), AdjustmentType: aws.String("ChangeInCapacity"), ScalingAdjustment: aws.Int32(1),
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		declare(addOne)
		Expect(w.turn(ctx, obj)).To(HaveExactElements("Delete scaling policy p1", HavePrefix("Delete CloudWatch alarm ")))
		Expect(alarms(ctx)).To(BeEmpty())
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		declare()
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"DeletePolicy": 1}))
		Expect(policies(ctx)).To(Equal([]string{"theirs SimpleScaling"}))
		Expect(obj.Status.ScalingPolicies).To(BeEmpty())
		obj.Spec.ScalingPolicies = nil
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	It("are replaced when their kind changes, and their alarms follow", func(ctx context.Context) {
		declare(onJobs)
		w.turn(ctx, obj)
		first := obj.Status.ScalingPolicies[0]
		declare(strings.Replace(onJobs, "simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1,", "step: {adjustmentType: ChangeInCapacity, steps: [{metricIntervalLowerBound: '0', scalingAdjustment: 1}],", 1))
		Expect(w.turn(ctx, obj)).To(HaveExactElements("Replace scaling policy p0 type", And(HavePrefix("Update CloudWatch alarm "), HaveSuffix(" alarmActions"))))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		second := obj.Status.ScalingPolicies[0]
		Expect(second.ARN).NotTo(Equal(first.ARN))
		Expect(second.AlarmName).To(Equal(first.AlarmName))
		Expect(alarms(ctx)).To(HaveExactElements(HaveField("AlarmActions", Equal([]string{second.ARN}))))
		declare(trackCPU)
		w.turn(ctx, obj)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		Expect(alarms(ctx)).To(HaveLen(2))
		Expect(obj.Status.ScalingPolicies[0]).To(And(HaveField("AlarmName", BeEmpty()), HaveField("TargetTrackingAlarmNames", HaveLen(2))))
	})

	It("that somebody has deleted are made again, with what they call", func(ctx context.Context) {
		declare(onJobs, addOne)
		w.turn(ctx, obj)
		_, err := w.kind.clients.AutoScaling.DeletePolicy(ctx, &autoscaling.DeletePolicyInput{AutoScalingGroupName: &obj.Status.Name, PolicyName: aws.String("p0")})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"PutScalingPolicy": 1, "ListTagsForResource": 1, "PutMetricAlarm": 1}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		_, err = w.kind.clients.CloudWatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{obj.Status.ScalingPolicies[0].AlarmName}})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"PutMetricAlarm": 1}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	It("cost two reads in any number, once they stand", func(ctx context.Context) {
		declare(onJobs, onJobs, onJobs, trackCPU, addOne)
		w.turn(ctx, obj)
		before := w.sim.Meter().Calls
		w.turn(ctx, obj)
		after := w.sim.Meter().Calls
		for call, n := range map[string]int{"autoscaling/DescribePolicies": 1, "monitoring/DescribeAlarms": 1, "monitoring/ListTagsForResource": 0, "autoscaling/DescribeScheduledActions": 0} {
			Expect(after[call]-before[call]).To(Equal(n), call)
		}
	})

	It("do not take an alarm that is not theirs, and let the others be", func(ctx context.Context) {
		declare(onJobs, onJobs)
		name := w.kind.alarmName(obj, "p0")
		_, err := w.kind.clients.CloudWatch.PutMetricAlarm(ctx, &cloudwatch.PutMetricAlarmInput{
			AlarmName: &name, Namespace: aws.String("App"), MetricName: aws.String("Theirs"), Statistic: cwtypes.StatisticSum, Period: aws.Int32(60),
			EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: cwtypes.ComparisonOperatorGreaterThanThreshold,
		})
		Expect(err).NotTo(HaveOccurred())
		outcome := stall(ctx)
		Expect(outcome).To(And(HaveField("State", lifecycle.Stalled), HaveField("Reason", v1alpha1.ReasonConflict), HaveField("Message", ContainSubstring(name))))
		Expect(alarms(ctx)).To(ConsistOf(HaveField("MetricName", HaveValue(Equal("Theirs"))), HaveField("MetricName", HaveValue(Equal("Jobs")))))
		declare()
		w.turn(ctx, obj)
		Expect(alarms(ctx)).To(HaveExactElements(HaveField("MetricName", HaveValue(Equal("Theirs")))))

		By("the owner having given it up")
		declare(onJobs)
		_, err = w.kind.clients.CloudWatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: []string{name}})
		Expect(err).NotTo(HaveOccurred())
		w.turn(ctx, obj)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	It("know their alarms again when the status is lost, and mark those whose tags are", func(ctx context.Context) {
		declare(onJobs)
		w.turn(ctx, obj)
		arn := *alarms(ctx)[0].AlarmArn
		obj.Status.ScalingPolicies = nil
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"ListTagsForResource": 1}))
		_, err := w.kind.clients.CloudWatch.UntagResource(ctx, &cloudwatch.UntagResourceInput{ResourceARN: &arn, TagKeys: []string{"evenkeel.io/object", "evenkeel.io/cluster"}})
		Expect(err).NotTo(HaveOccurred())
		declare(strings.Replace(onJobs, "threshold: '1'", "threshold: '2'", 1))
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"ListTagsForResource": 1, "TagResource": 1, "PutMetricAlarm": 1}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	It("say what AWS refuses of them", func(ctx context.Context) {
		declare("predictive: {targetValue: '60', metric: {pair: ASGCPUUtilization}, maxCapacityBuffer: 10}")
		o, err := w.kind.Observe(ctx, obj)
		Expect(err).NotTo(HaveOccurred())
		changes, err := w.kind.Diff(obj, o)
		Expect(err).NotTo(HaveOccurred())
		for _, c := range changes {
			if err = w.kind.Apply(ctx, obj, o, c); err != nil {
				break
			}
		}
		Expect(err).To(MatchError(ContainSubstring("Scaling policy p0: ")))
	})
})
