package controllers_test

import (
	"context"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
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

	It("repairs what others change of it, and says what", func(ctx context.Context) {
		ready(ctx, Sized(0, 3), WithPolicies(cpuPolicy, queuePolicy), WithActions(officeHours))
		group := *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName
		_, err := s.AutoScaling.PutScalingPolicy(ctx, &autoscaling.PutScalingPolicyInput{
			AutoScalingGroupName: &group, PolicyName: aws.String("cpu"), PolicyType: aws.String("TargetTrackingScaling"),
			TargetTrackingConfiguration: &types.TargetTrackingConfiguration{TargetValue: aws.Float64(90), PredefinedMetricSpecification: &types.PredefinedMetricSpecification{
				PredefinedMetricType: types.MetricTypeASGAverageCPUUtilization,
			}},
		})
		Expect(err).NotTo(HaveOccurred())
		alarm := *s.OnlyAlarm(ctx).AlarmName
		_, err = s.CloudWatch.DisableAlarmActions(ctx, &cloudwatch.DisableAlarmActionsInput{AlarmNames: []string{alarm}})
		Expect(err).NotTo(HaveOccurred())
		_, err = s.AutoScaling.PutScheduledUpdateGroupAction(ctx, &autoscaling.PutScheduledUpdateGroupActionInput{
			AutoScalingGroupName: &group, ScheduledActionName: aws.String("office-hours"), Recurrence: aws.String("0 6 * * *"), MinSize: aws.Int32(2),
		})
		Expect(err).NotTo(HaveOccurred())

		s.Look(ctx, obj)
		Eventually(s.EventsOf(ctx, obj)).Should(ContainElements(
			And(HavePrefix("DriftRepaired"), ContainSubstring("scaling policy cpu (targetTracking.targetValue: 90 → 60)")),
			And(HavePrefix("DriftRepaired"), ContainSubstring("CloudWatch alarm "+alarm+" (actionsEnabled: false → true)")),
			And(HavePrefix("DriftRepaired"), ContainSubstring("scheduled action office-hours (recurrence: 0 6 * * * → 0 8 * * MON-FRI; timeZone: (none) → Europe/Berlin)")),
		))
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)
	})

	It("grows and shrinks with its load, within its sizes, and nobody sets it back", func(ctx context.Context) {
		ready(ctx, Sized(1, 3), WithPolicies("name: cpu, targetTracking: {predefinedMetric: {type: ASGAverageCPUUtilization}, targetValue: '70', estimatedInstanceWarmupSeconds: 0}"))
		desired := func() int { return int(*s.OnlyAutoScalingGroup(ctx).DesiredCapacity) }
		load := func(percent float64) func() int {
			return func() int {
				for _, instance := range s.OnlyAutoScalingGroup(ctx).Instances {
					// One that is about to go takes no load any more.
					_ = s.Sim.LoadInstance(*instance.InstanceId, percent)
				}
				return desired()
			}
		}
		Eventually(load(95)).WithTimeout(scalingPatience).Should(Equal(3))
		Consistently(load(95)).Should(Equal(3))
		s.Look(ctx, obj)
		s.ExpectReady(ctx, obj)
		Eventually(func() int { return int(aws.ToInt32(Get(ctx, s, obj).Status.DesiredCapacity)) }).Should(Equal(3))
		Eventually(load(5)).WithTimeout(scalingPatience).Should(Equal(1))
		s.Look(ctx, obj)
		s.ExpectReady(ctx, obj)
		Expect(desired()).To(Equal(1))
		Expect(s.Calls(ASG + "UpdateAutoScalingGroup")).To(BeZero())
	})

	It("takes as many steps as the alarm of a policy is far from its threshold", func(ctx context.Context) {
		ready(ctx, Sized(1, 5), WithPolicies(`name: queue, step: {adjustmentType: ChangeInCapacity, estimatedInstanceWarmupSeconds: 0, steps: [
			{metricIntervalLowerBound: "0", metricIntervalUpperBound: "100", scalingAdjustment: 1}, {metricIntervalLowerBound: "100", scalingAdjustment: 3}],
			alarm: {comparisonOperator: GreaterThanThreshold, threshold: "100", evaluationPeriods: 1, metric: {namespace: App, name: Jobs, statistic: Maximum, periodSeconds: 60}}}`))
		Eventually(func() int {
			_, err := s.CloudWatch.PutMetricData(ctx, &cloudwatch.PutMetricDataInput{
				Namespace: aws.String("App"), MetricData: []cwtypes.MetricDatum{{MetricName: aws.String("Jobs"), Value: aws.Float64(250)}},
			})
			Expect(err).NotTo(HaveOccurred())
			return int(*s.OnlyAutoScalingGroup(ctx).DesiredCapacity)
		}).WithTimeout(scalingPatience).Should(BeNumerically(">=", 4))
	})

	It("counts the requests of a load balancer once that is there, and the target group attached", func(ctx context.Context) {
		const requests = "name: requests, targetTracking: {predefinedMetric: {type: ALBRequestCountPerTarget, loadBalancerRef: {name: front}, targetGroup: web}, targetValue: '100'}"
		s.StartManager(ctx)
		obj = AutoScalingGroup("web", Sized(0, 3), WithPolicies(requests, "name: forecast, predictive: {metric: {pair: ALBRequestCount, loadBalancerRef: {name: front}, targetGroup: web}, targetValue: '100'}"))
		s.Create(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "LoadBalancer front"))
		Expect(s.ScalingPolicies(ctx)).To(BeEmpty())

		front := LoadBalancer("front", func(lb *v1alpha1.LoadBalancer) {
			lb.Spec.TargetGroups = []v1alpha1.TargetGroup{{Name: "web", Protocol: "HTTP", Port: aws.Int32(80)}}
			lb.Spec.Listeners = []v1alpha1.Listener{{Port: 80, Protocol: "HTTP", DefaultActions: []v1alpha1.Action{{
				Forward: &v1alpha1.ForwardAction{TargetGroups: []v1alpha1.ForwardTargetGroup{{Name: "web"}}},
			}}}}
		})
		s.Create(ctx, front)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "is not attached to the group: list it in spec.targetGroups"))
		Expect(s.ScalingPolicies(ctx)).To(BeEmpty())

		Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.TargetGroups = []v1alpha1.AttachedTargetGroup{{LoadBalancerRef: &v1alpha1.LoadBalancerReference{Name: "front"}, TargetGroup: "web"}}
		})
		s.ExpectReady(ctx, obj, front)
		status := Get(ctx, s, front).Status
		_, balancer, _ := strings.Cut(status.ARN, ":loadbalancer/")
		_, target, _ := strings.Cut(status.TargetGroups[0].ARN, ":targetgroup/")
		policies := s.ScalingPolicies(ctx)
		Expect(*policies["requests"].TargetTrackingConfiguration.PredefinedMetricSpecification.ResourceLabel).To(Equal(balancer + "/targetgroup/" + target))
		Expect(*policies["forecast"].PredictiveScalingConfiguration.MetricSpecifications[0].PredefinedMetricPairSpecification.ResourceLabel).To(Equal(balancer + "/targetgroup/" + target))
		s.ExpectQuiet(ctx)
	})
})

// scalingPatience is how long alarms may take to look at their periods, and instances to come and go.
const scalingPatience = time.Minute
