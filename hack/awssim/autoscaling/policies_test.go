package autoscaling_test

import (
	"context"
	"encoding/json"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("Scaling", func() {
	var s *sim
	BeforeEach(func(ctx SpecContext) {
		s = start(autoscaling.Quotas{})
		Expect(s.create(ctx, "web", 2)).To(Succeed())
		s.pass()
	})
	desired := func(ctx context.Context) int { return int(*s.group(ctx).DesiredCapacity) }
	put := func(ctx context.Context, with func(*sdk.PutScalingPolicyInput)) (*sdk.PutScalingPolicyOutput, error) {
		in := &sdk.PutScalingPolicyInput{AutoScalingGroupName: web, PolicyName: aws.String("p")}
		with(in)
		return s.PutScalingPolicy(ctx, in)
	}
	tracking := func(in *sdk.PutScalingPolicyInput) {
		in.PolicyType, in.EstimatedInstanceWarmup = aws.String("TargetTrackingScaling"), aws.Int32(0)
		in.TargetTrackingConfiguration = &types.TargetTrackingConfiguration{
			TargetValue: aws.Float64(50), PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeASGAverageCPUUtilization},
		}
	}
	step := func(lower, upper *float64, by int32) types.StepAdjustment {
		return types.StepAdjustment{MetricIntervalLowerBound: lower, MetricIntervalUpperBound: upper, ScalingAdjustment: &by}
	}

	It("tracks a target with two alarms of its own", func(ctx SpecContext) {
		out := must(put(ctx, tracking))
		Expect(out.Alarms).To(HaveLen(2))
		Expect(s.world.alarms).To(HaveLen(2))
		again := must(put(ctx, tracking))
		Expect(again.Alarms).To(Equal(out.Alarms), "an upsert keeps them")
		high, low := s.world.alarms[*out.Alarms[0].AlarmName], s.world.alarms[*out.Alarms[1].AlarmName]
		Expect([]float64{high.Threshold, low.Threshold}).To(Equal([]float64{50, 45}))
		s.Alarmed(*out.PolicyARN, 95, high.Threshold)
		s.pass()
		Expect(desired(ctx)).To(Equal(4))
		Expect(s.states(ctx)).To(HaveLen(4))
		s.Alarmed(*out.PolicyARN, 5, low.Threshold)
		s.pass()
		Expect(desired(ctx)).To(Equal(4), "the low alarm is not in ALARM")
		s.world.states[low.Name] = "ALARM"
		s.Alarmed(*out.PolicyARN, 5, low.Threshold)
		s.pass()
		Expect(desired(ctx)).To(Equal(2))
		must(s.DeletePolicy(ctx, &sdk.DeletePolicyInput{AutoScalingGroupName: web, PolicyName: aws.String("p")}))
		Expect(s.world.alarms).To(BeEmpty())
	})

	DescribeTable("steps by how far the metric is from the threshold", func(ctx SpecContext, value float64, wanted int) {
		must(put(ctx, func(in *sdk.PutScalingPolicyInput) {
			in.PolicyType, in.AdjustmentType, in.EstimatedInstanceWarmup = aws.String("StepScaling"), aws.String("ChangeInCapacity"), aws.Int32(0)
			in.StepAdjustments = []types.StepAdjustment{step(aws.Float64(0), aws.Float64(10), 1), step(aws.Float64(10), nil, 3), step(nil, aws.Float64(0), -1)}
		}))
		must(s.ExecutePolicy(ctx, &sdk.ExecutePolicyInput{AutoScalingGroupName: web, PolicyName: aws.String("p"), MetricValue: &value, BreachThreshold: aws.Float64(60)}))
		Expect(desired(ctx)).To(Equal(wanted))
	},
		Entry(nil, 60.0, 3), Entry(nil, 69.0, 3), Entry(nil, 70.0, 5), Entry(nil, 59.0, 1),
	)

	DescribeTable("changes by percent, rounded as AWS does", func(ctx SpecContext, percent, magnitude int32, wanted int) {
		must(put(ctx, func(in *sdk.PutScalingPolicyInput) {
			in.AdjustmentType, in.ScalingAdjustment, in.MinAdjustmentMagnitude = aws.String("PercentChangeInCapacity"), &percent, &magnitude
		}))
		must(s.ExecutePolicy(ctx, &sdk.ExecutePolicyInput{AutoScalingGroupName: web, PolicyName: aws.String("p")}))
		Expect(desired(ctx)).To(Equal(wanted))
	},
		Entry(nil, int32(10), int32(0), 3), Entry(nil, int32(90), int32(0), 3), Entry(nil, int32(-10), int32(0), 1), Entry(nil, int32(50), int32(4), 6),
	)

	It("cools down after simple scaling", func(ctx SpecContext) {
		must(put(ctx, func(in *sdk.PutScalingPolicyInput) {
			in.AdjustmentType, in.ScalingAdjustment = aws.String("ChangeInCapacity"), aws.Int32(1)
		}))
		execute := &sdk.ExecutePolicyInput{AutoScalingGroupName: web, PolicyName: aws.String("p"), HonorCooldown: aws.Bool(true)}
		must(s.ExecutePolicy(ctx, execute))
		_, err := s.ExecutePolicy(ctx, execute)
		Expect(problem(err)).To(HavePrefix("ScalingActivityInProgress: "))
		s.clock.Advance(3100 * time.Millisecond)
		must(s.ExecutePolicy(ctx, execute))
		Expect(desired(ctx)).To(Equal(4))
	})

	DescribeTable("refuses policies", func(ctx SpecContext, told string, with func(*sdk.PutScalingPolicyInput)) {
		_, err := put(ctx, with)
		Expect(problem(err)).To(ContainSubstring(told))
	},
		Entry(nil, "ScalingAdjustment must be specified", func(*sdk.PutScalingPolicyInput) {}),
		Entry(nil, "gaps or overlaps", func(in *sdk.PutScalingPolicyInput) {
			in.PolicyType, in.AdjustmentType = aws.String("StepScaling"), aws.String("ChangeInCapacity")
			in.StepAdjustments = []types.StepAdjustment{step(aws.Float64(0), aws.Float64(10), 1), step(aws.Float64(20), nil, 2)}
		}),
		Entry(nil, "needs one without an upper bound", func(in *sdk.PutScalingPolicyInput) {
			in.PolicyType, in.AdjustmentType = aws.String("StepScaling"), aws.String("ChangeInCapacity")
			in.StepAdjustments = []types.StepAdjustment{step(aws.Float64(0), aws.Float64(10), 1)}
		}),
		Entry(nil, "needs one without a lower bound", func(in *sdk.PutScalingPolicyInput) {
			in.PolicyType, in.AdjustmentType = aws.String("StepScaling"), aws.String("ChangeInCapacity")
			in.StepAdjustments = []types.StepAdjustment{step(aws.Float64(-5), aws.Float64(0), -1)}
		}),
		Entry(nil, "is not attached", func(in *sdk.PutScalingPolicyInput) {
			tracking(in)
			in.TargetTrackingConfiguration.PredefinedMetricSpecification = &types.PredefinedMetricSpecification{
				PredefinedMetricType: types.MetricTypeALBRequestCountPerTarget, ResourceLabel: aws.String("app/web/0123456789abcdef/targetgroup/web/0123456789abcdef"),
			}
		}),
		Entry(nil, "either a predefined metric pair", func(in *sdk.PutScalingPolicyInput) {
			in.PolicyType = aws.String("PredictiveScaling")
			in.PredictiveScalingConfiguration = &types.PredictiveScalingConfiguration{MetricSpecifications: []types.PredictiveScalingMetricSpecification{{TargetValue: aws.Float64(1)}}}
		}),
	)

	It("runs scheduled actions in their time zone, again and again", func(ctx SpecContext) {
		must(s.PutScheduledUpdateGroupAction(ctx, &sdk.PutScheduledUpdateGroupActionInput{
			AutoScalingGroupName: web, ScheduledActionName: aws.String("morning"), Recurrence: aws.String("30 9 * * MON-FRI"), TimeZone: aws.String("America/New_York"), DesiredCapacity: aws.Int32(5),
		}))
		next := func() time.Time {
			return *must(s.DescribeScheduledActions(ctx, &sdk.DescribeScheduledActionsInput{AutoScalingGroupName: web})).ScheduledUpdateGroupActions[0].StartTime
		}
		// The first of August 2026 is a Saturday; New York is four hours behind UTC.
		Expect(next()).To(Equal(time.Date(2026, 8, 3, 13, 30, 0, 0, time.UTC)))
		must(s.UpdateAutoScalingGroup(ctx, &sdk.UpdateAutoScalingGroupInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(0)}))
		s.pass()
		s.clock.Advance(next().Sub(s.clock.Now()) + time.Second)
		Expect(desired(ctx)).To(Equal(5))
		Expect(s.states(ctx)).To(HaveLen(5))
		Expect(next()).To(Equal(time.Date(2026, 8, 4, 13, 30, 0, 0, time.UTC)))
	})

	It("tells which scheduled actions of a batch it refuses", func(ctx SpecContext) {
		out := must(s.BatchPutScheduledUpdateGroupAction(ctx, &sdk.BatchPutScheduledUpdateGroupActionInput{
			AutoScalingGroupName: web, ScheduledUpdateGroupActions: []types.ScheduledUpdateGroupActionRequest{
				{ScheduledActionName: aws.String("late"), StartTime: aws.Time(s.clock.Now().Add(-time.Hour)), MinSize: aws.Int32(1)},
				{ScheduledActionName: aws.String("odd"), Recurrence: aws.String("61 * * * *"), MinSize: aws.Int32(1)},
				{ScheduledActionName: aws.String("good"), Recurrence: aws.String("@daily"), MinSize: aws.Int32(1)},
			},
		}))
		Expect(out.FailedScheduledUpdateGroupActions).To(HaveExactElements(
			HaveField("ErrorMessage", HaveValue(Equal("Given start time is in the past"))), HaveField("ScheduledActionName", HaveValue(Equal("odd"))),
		))
	})

	It("records the metrics that are enabled", func(ctx SpecContext) {
		must(s.EnableMetricsCollection(ctx, &sdk.EnableMetricsCollectionInput{AutoScalingGroupName: web, Granularity: aws.String("1Minute"), Metrics: []string{"GroupDesiredCapacity", "GroupInServiceInstances"}}))
		s.pass()
		Expect(s.world.metrics).To(Equal(map[string]float64{"GroupDesiredCapacity": 2, "GroupInServiceInstances": 2}))
		must(s.DisableMetricsCollection(ctx, &sdk.DisableMetricsCollectionInput{AutoScalingGroupName: web}))
		Expect(s.group(ctx).EnabledMetrics).To(BeEmpty())
	})
})

var _ = Describe("State", func() {
	It("is the same when loaded again, and goes on from there", func(ctx SpecContext) {
		s := start(autoscaling.Quotas{})
		Expect(s.create(ctx, "web", 2, serving, hook("bye", terminating, "CONTINUE"))).To(Succeed())
		must(s.CreateLaunchConfiguration(ctx, &sdk.CreateLaunchConfigurationInput{LaunchConfigurationName: aws.String("old"), ImageId: aws.String("ami-1"), InstanceType: aws.String("t3.micro")}))
		must(s.LaunchInstances(ctx, &sdk.LaunchInstancesInput{AutoScalingGroupName: web, ClientToken: aws.String("t"), RequestedCapacity: aws.Int32(1)}))
		s.clock.Advance(30 * time.Millisecond)
		must(s.StartInstanceRefresh(ctx, &sdk.StartInstanceRefreshInput{AutoScalingGroupName: web, DesiredConfiguration: &types.DesiredConfiguration{LaunchTemplate: version("2")}}))
		saved := must(frame.StableJSON(s.State()))
		s.Reset()
		Expect(s.Groups()).To(BeEmpty())
		Expect(s.Load(saved)).To(Succeed())
		Expect(must(frame.StableJSON(s.State()))).To(MatchJSON(saved))
		s.clock.Advance(20 * time.Second)
		Expect(s.states(ctx)).To(Equal([]string{"InService", "InService", "InService"}))
		Expect(*s.group(ctx).LaunchTemplate.Version).To(Equal("2"))
	})

	DescribeTable("says what is wrong with it", func(state, told string) {
		Expect(start(autoscaling.Quotas{}).Load(json.RawMessage(state))).To(MatchError(ContainSubstring(told)))
	},
		Entry(nil, `{"group": []}`, "unknown field"),
		Entry(nil, `{"groups": [{"name": "web"}]}`, "needs"),
		Entry(nil, `{"launchConfigurations": [{}]}`, "no name"),
	)
})
