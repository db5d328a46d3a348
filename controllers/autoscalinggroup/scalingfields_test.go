package autoscalinggroup

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// policyOf is a scaling policy as its user writes it.
func policyOf(text string) v1alpha1.ScalingPolicy {
	GinkgoHelper()
	var policy v1alpha1.ScalingPolicy
	Expect(yaml.UnmarshalStrict([]byte("{name: p, "+text+"}"), &policy)).To(Succeed())
	return policy
}

func actionOf(text string) v1alpha1.ScheduledAction {
	GinkgoHelper()
	var action v1alpha1.ScheduledAction
	Expect(yaml.UnmarshalStrict([]byte("{name: a, "+text+"}"), &action)).To(Succeed())
	return action
}

// What policies of each kind are made of; FIELD is where a field more goes.
const (
	baseTracking   = "targetTracking: {targetValue: '60', predefinedMetric: {type: ASGAverageCPUUtilization} FIELD}"
	baseCustomized = "targetTracking: {targetValue: '60', customizedMetric: {namespace: App, name: Jobs, statistic: Sum FIELD}}"
	baseComputed   = "targetTracking: {targetValue: '60', customizedMetric: {metrics: [{id: a, returnData: false, metricStat: {namespace: App, name: Jobs, statistic: p99 STAT} FIELD}, {id: b, expression: a / 2}]}}"
	baseStep       = "step: {adjustmentType: PercentChangeInCapacity, steps: [{metricIntervalLowerBound: '0', scalingAdjustment: 10}] FIELD}"
	baseSimple     = "simple: {adjustmentType: PercentChangeInCapacity, scalingAdjustment: 10 FIELD}"
	basePredictive = "predictive: {targetValue: '60', metric: {pair: ASGCPUUtilization} FIELD}"
	baseForecast   = "predictive: {targetValue: '60', metric: {scalingMetric: {metrics: [{id: a, metricStat: {namespace: App, name: Use, statistic: Average STAT} FIELD}]}, loadMetric: {metrics: [{id: a, metricStat: {namespace: App, name: Load, statistic: Sum}}]} CAPACITY}}"
	baseAlarm      = "simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1, alarm: {comparisonOperator: GreaterThanThreshold, threshold: '1', evaluationPeriods: 3, metric: {namespace: App, name: Jobs, periodSeconds: 60, STATISTIC} FIELD}}"
	baseMath       = "simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1, alarm: {comparisonOperator: GreaterThanThreshold, threshold: '1', evaluationPeriods: 1, metrics: [{id: a, returnData: false, metricStat: {namespace: App, name: Jobs, statistic: Sum, periodSeconds: 60 STAT}}, {id: b, expression: a / 2 FIELD}]}}"
	sns            = "'arn:aws:sns:us-east-1:123456789012:ops'"
	otherSNS       = "'arn:aws:sns:us-east-1:123456789012:dev'"
	ofSum          = "statistic: Sum"
)

// with puts a field more where a mark is, and takes the other marks out.
func with(base, mark, field string) string {
	if field != "" {
		field = ", " + field
	}
	base = strings.Replace(base, " "+mark, field, 1)
	for _, other := range []string{" FIELD", " STAT", " CAPACITY"} {
		base = strings.ReplaceAll(base, other, "")
	}
	return base
}

// scalingState is what AWS has of policies, alarms and scheduled actions, in the form in which they are compared.
func (w *world) scalingState(ctx context.Context) []string {
	GinkgoHelper()
	var state []string
	note := func(f fields) {
		for _, path := range slices.Sorted(maps.Keys(f)) {
			state = append(state, path+": "+f[path])
		}
	}
	policies, err := w.kind.clients.AutoScaling.DescribePolicies(ctx, &autoscaling.DescribePoliciesInput{})
	Expect(err).NotTo(HaveOccurred())
	for i := range policies.ScalingPolicies {
		note(normalScalingPolicy(&policies.ScalingPolicies[i]))
	}
	alarms, err := w.kind.clients.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
	Expect(err).NotTo(HaveOccurred())
	for i := range alarms.MetricAlarms {
		if !strings.HasPrefix(*alarms.MetricAlarms[i].AlarmName, "TargetTracking-") {
			note(normalAlarm(&alarms.MetricAlarms[i]))
		}
	}
	actions, err := w.kind.clients.AutoScaling.DescribeScheduledActions(ctx, &autoscaling.DescribeScheduledActionsInput{})
	Expect(err).NotTo(HaveOccurred())
	for i := range actions.ScheduledUpdateGroupActions {
		note(normalAction(&actions.ScheduledUpdateGroupActions[i], false))
	}
	return state
}

// edit changes the spec, expects one call, about one field, and that a further turn does nothing.
func (w *world) editScaling(ctx context.Context, obj *v1alpha1.AutoScalingGroup, call, field string, edit func()) {
	GinkgoHelper()
	edit()
	obj.Generation++
	before := w.sim.Meter().Calls
	plan := w.turn(ctx, obj)
	Expect(w.sim.Meter().Calls[call]-before[call]).To(Equal(1), "%s: %v", call, plan)
	for _, line := range plan {
		Expect(line).To(HavePrefix("Update "))
		Expect(line).To(ContainSubstring(field))
	}
	Expect(w.calls(ctx, obj)).To(BeEmpty())
}

const (
	putPolicyCall = "autoscaling/PutScalingPolicy"
	putAlarmCall  = "monitoring/PutMetricAlarm"
	putActionCall = "autoscaling/BatchPutScheduledUpdateGroupAction"
)

var _ = Describe("A field of a scaling policy", func() {
	w := newWorld()
	begun := func(ctx context.Context, policy string) *v1alpha1.AutoScalingGroup {
		GinkgoHelper()
		obj := aGroup(func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.ScalingPolicies = []v1alpha1.ScalingPolicy{policyOf(policy)}
		})
		w.turn(ctx, obj)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		return obj
	}

	DescribeTable("is set, changed and removed in one call each", func(ctx context.Context, call, base, mark, field, first, second string) {
		obj := begun(ctx, with(base, mark, ""))
		initial := w.scalingState(ctx)
		put := func(value string) func() {
			return func() { obj.Spec.ScalingPolicies = []v1alpha1.ScalingPolicy{policyOf(with(base, mark, value))} }
		}
		w.editScaling(ctx, obj, call, field, put(field+": "+first))
		set := w.scalingState(ctx)
		Expect(set).NotTo(Equal(initial))
		if second != "" {
			w.editScaling(ctx, obj, call, field, put(field+": "+second))
			Expect(w.scalingState(ctx)).NotTo(Equal(set))
		}
		w.editScaling(ctx, obj, call, field, put(""))
		Expect(w.scalingState(ctx)).To(Equal(initial))
	},
		Entry(nil, putPolicyCall, "enabled: true, "+baseTracking, "FIELD", "disableScaleIn", "true", ""),
		Entry(nil, putPolicyCall, baseTracking, "FIELD", "estimatedInstanceWarmupSeconds", "0", "120"),
		Entry(nil, putPolicyCall, baseCustomized, "FIELD", "dimensions", "{Queue: jobs}", "{Queue: jobs, Site: a}"),
		Entry(nil, putPolicyCall, baseCustomized, "FIELD", "unit", "Count", "Bytes/Second"),
		Entry(nil, putPolicyCall, baseCustomized, "FIELD", "periodSeconds", "10", "30"),
		Entry(nil, putPolicyCall, baseComputed, "FIELD", "label", "half", "part"),
		Entry(nil, putPolicyCall, baseComputed, "STAT", "unit", "Count", "Bytes"),
		Entry(nil, putPolicyCall, baseComputed, "STAT", "periodSeconds", "10", "30"),
		Entry(nil, putPolicyCall, baseComputed, "STAT", "dimensions", "{Queue: jobs}", "{Queue: mails}"),
		Entry(nil, putPolicyCall, baseStep, "FIELD", "metricAggregationType", "Minimum", "Maximum"),
		Entry(nil, putPolicyCall, baseStep, "FIELD", "minAdjustmentMagnitude", "1", "2"),
		Entry(nil, putPolicyCall, baseStep, "FIELD", "estimatedInstanceWarmupSeconds", "0", "120"),
		Entry(nil, putPolicyCall, baseSimple, "FIELD", "minAdjustmentMagnitude", "1", "2"),
		Entry(nil, putPolicyCall, baseSimple, "FIELD", "cooldownSeconds", "0", "60"),
		Entry(nil, putPolicyCall, basePredictive, "FIELD", "mode", "ForecastAndScale", ""),
		Entry(nil, putPolicyCall, basePredictive, "FIELD", "schedulingBufferSeconds", "0", "600"),
		Entry(nil, putPolicyCall, baseForecast, "FIELD", "label", "use", "part"),
		Entry(nil, putPolicyCall, baseForecast, "STAT", "unit", "Count", "Percent"),
		Entry(nil, putPolicyCall, baseForecast, "STAT", "dimensions", "{Queue: jobs}", "{Queue: mails}"),
		Entry(nil, putPolicyCall, baseForecast, "CAPACITY", "capacityMetric", "{metrics: [{id: c, metricStat: {namespace: App, name: Servers, statistic: Average}}]}", "{metrics: [{id: c, metricStat: {namespace: App, name: Servers, statistic: Maximum}}]}"),
		Entry(nil, putAlarmCall, statistic(ofSum), "FIELD", "datapointsToAlarm", "1", "2"),
		Entry(nil, putAlarmCall, statistic(ofSum), "FIELD", "treatMissingData", "breaching", "ignore"),
		Entry(nil, putAlarmCall, statistic(ofSum), "FIELD", "description", "busy", "very busy"),
		Entry(nil, putAlarmCall, statistic(ofSum), "FIELD", "alarmActions", "["+sns+"]", "["+sns+", "+otherSNS+"]"),
		Entry(nil, putAlarmCall, statistic(ofSum), "FIELD", "okActions", "["+sns+"]", "["+otherSNS+"]"),
		Entry(nil, putAlarmCall, statistic(ofSum), "FIELD", "insufficientDataActions", "["+sns+"]", "["+otherSNS+"]"),
		Entry(nil, putAlarmCall, statistic("extendedStatistic: p99"), "FIELD", "evaluateLowSampleCountPercentile", "ignore", ""),
		Entry(nil, putAlarmCall, baseMath, "STAT", "unit", "Count", "Bytes"),
		Entry(nil, putAlarmCall, baseMath, "STAT", "dimensions", "{Queue: jobs}", "{Queue: mails}"),
		Entry(nil, putAlarmCall, baseMath, "FIELD", "label", "half", "part"),
		Entry(nil, putAlarmCall, baseMath, "FIELD", "periodSeconds", "60", "300"),
	)

	DescribeTable("is changed in one call", func(ctx context.Context, call, field, base, first, second string) {
		obj := begun(ctx, with(strings.Replace(base, "VALUE", first, 1), "FIELD", ""))
		initial := w.scalingState(ctx)
		put := func(value string) func() {
			return func() {
				obj.Spec.ScalingPolicies = []v1alpha1.ScalingPolicy{policyOf(with(strings.Replace(base, "VALUE", value, 1), "FIELD", ""))}
			}
		}
		w.editScaling(ctx, obj, call, field, put(second))
		Expect(w.scalingState(ctx)).NotTo(Equal(initial))
		w.editScaling(ctx, obj, call, field, put(first))
		Expect(w.scalingState(ctx)).To(Equal(initial))
	},
		Entry(nil, putPolicyCall, "enabled", "enabled: VALUE, "+baseSimple, "true", "false"),
		Entry(nil, putPolicyCall, "targetValue", "targetTracking: {targetValue: VALUE, predefinedMetric: {type: ASGAverageCPUUtilization}}", "'60'", "'60.5'"),
		Entry(nil, putPolicyCall, "predefinedMetric.type", "targetTracking: {targetValue: '60', predefinedMetric: {type: VALUE}}", "ASGAverageCPUUtilization", "ASGAverageNetworkIn"),
		Entry(nil, putPolicyCall, "customizedMetric.namespace", "targetTracking: {targetValue: '60', customizedMetric: {namespace: VALUE, name: Jobs, statistic: Sum}}", "App", "Other"),
		Entry(nil, putPolicyCall, "customizedMetric.name", "targetTracking: {targetValue: '60', customizedMetric: {namespace: App, name: VALUE, statistic: Sum}}", "Jobs", "Mails"),
		Entry(nil, putPolicyCall, "customizedMetric.statistic", "targetTracking: {targetValue: '60', customizedMetric: {namespace: App, name: Jobs, statistic: VALUE}}", "Sum", "Maximum"),
		Entry(nil, putPolicyCall, "Metric.", "targetTracking: {targetValue: '60', VALUE}", "predefinedMetric: {type: ASGAverageNetworkOut}", "customizedMetric: {namespace: App, name: Jobs, statistic: Sum}"),
		Entry(nil, putPolicyCall, "expression", "targetTracking: {targetValue: '60', customizedMetric: {metrics: [{id: a, returnData: false, metricStat: {namespace: App, name: Jobs, statistic: p99}}, {id: b, expression: VALUE}]}}", "a / 2", "a / 3"),
		Entry(nil, putPolicyCall, "metrics.", "targetTracking: {targetValue: '60', customizedMetric: {metrics: [{id: a, returnData: false, metricStat: {namespace: App, name: Jobs, statistic: p99}}, VALUE]}}", "{id: b, expression: a / 2}", "{id: c, expression: a / 2}"),
		Entry(nil, putPolicyCall, "adjustmentType", "step: {adjustmentType: VALUE, steps: [{metricIntervalLowerBound: '0', scalingAdjustment: 10}]}", "ChangeInCapacity", "ExactCapacity"),
		Entry(nil, putPolicyCall, "steps", "step: {adjustmentType: ChangeInCapacity, steps: VALUE}", "[{metricIntervalLowerBound: '0', scalingAdjustment: 1}]", "[{metricIntervalUpperBound: '0', scalingAdjustment: -1}, {metricIntervalLowerBound: '0', scalingAdjustment: 1}]"),
		Entry(nil, putPolicyCall, "steps", "step: {adjustmentType: ChangeInCapacity, steps: [{metricIntervalLowerBound: '0', scalingAdjustment: VALUE}]}", "1", "2"),
		Entry(nil, putPolicyCall, "adjustmentType", "simple: {adjustmentType: VALUE, scalingAdjustment: 1}", "ChangeInCapacity", "PercentChangeInCapacity"),
		Entry(nil, putPolicyCall, "scalingAdjustment", "simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: VALUE}", "1", "-1"),
		Entry(nil, putPolicyCall, "pair", "predictive: {targetValue: '60', metric: {pair: VALUE}}", "ASGCPUUtilization", "ASGNetworkIn"),
		Entry(nil, putPolicyCall, "targetValue", "predictive: {targetValue: VALUE, metric: {pair: ASGCPUUtilization}}", "'60'", "'50'"),
		Entry(nil, putPolicyCall, "metric.", "predictive: {targetValue: '60', metric: {VALUE}}", "pair: ASGNetworkOut", "scalingMetric: {type: ASGAverageNetworkOut}, loadMetric: {type: ASGTotalNetworkOut}"),
		Entry(nil, putPolicyCall, "maxCapacityB", "predictive: {targetValue: '60', metric: {pair: ASGCPUUtilization}, VALUE}", "maxCapacityBreachBehavior: HonorMaxCapacity", "maxCapacityBreachBehavior: IncreaseMaxCapacity, maxCapacityBuffer: 10"),
		Entry(nil, putAlarmCall, "threshold", strings.Replace(statistic(ofSum), "threshold: '1'", "threshold: VALUE", 1), "'1'", "'-1.5'"),
		Entry(nil, putAlarmCall, "comparisonOperator", strings.Replace(statistic(ofSum), "GreaterThanThreshold", "VALUE", 1), "GreaterThanThreshold", "LessThanOrEqualToThreshold"),
		Entry(nil, putAlarmCall, "Periods", strings.Replace(statistic(ofSum), "evaluationPeriods: 3", "evaluationPeriods: VALUE, datapointsToAlarm: 1", 1), "3", "4"),
		Entry(nil, putAlarmCall, "metric.namespace", strings.Replace(statistic(ofSum), "namespace: App", "namespace: VALUE", 1), "App", "Other"),
		Entry(nil, putAlarmCall, "metric.name", strings.Replace(statistic(ofSum), "name: Jobs", "name: VALUE", 1), "Jobs", "Mails"),
		Entry(nil, putAlarmCall, "metric.periodSeconds", strings.Replace(statistic(ofSum), "periodSeconds: 60", "periodSeconds: VALUE", 1), "60", "300"),
		Entry(nil, putAlarmCall, "metric.", statistic("VALUE"), "statistic: Sum", "statistic: Average, unit: Count, dimensions: {Queue: jobs}"),
		Entry(nil, putAlarmCall, "tatistic", statistic("VALUE"), "statistic: Sum", "extendedStatistic: p90"),
		Entry(nil, putAlarmCall, "metrics.", strings.Replace(baseMath, "metrics: [{id: a, returnData: false, metricStat: {namespace: App, name: Jobs, statistic: Sum, periodSeconds: 60 STAT}}, {id: b, expression: a / 2 FIELD}]", "metrics: [{id: a, metricStat: {namespace: App, name: Jobs, statistic: VALUE, periodSeconds: 60}}]", 1), "Sum", "p99"),
	)
})

// statistic is an alarm of a statistic.
func statistic(of string) string { return strings.Replace(baseAlarm, "STATISTIC", of, 1) }

var _ = Describe("A field of a scheduled action", func() {
	w := newWorld()
	DescribeTable("is set, changed and removed in one call each", func(ctx context.Context, base, field, first, second string) {
		obj := aGroup(func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.MaxSize = 5
			obj.Spec.ScheduledActions = []v1alpha1.ScheduledAction{actionOf(base)}
		})
		w.turn(ctx, obj)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		initial := w.scalingState(ctx)
		put := func(value string) func() {
			return func() { obj.Spec.ScheduledActions = []v1alpha1.ScheduledAction{actionOf(base + value)} }
		}
		w.editScaling(ctx, obj, putActionCall, field, put(", "+field+": "+first))
		w.editScaling(ctx, obj, putActionCall, field, put(", "+field+": "+second))
		Expect(w.scalingState(ctx)).NotTo(Equal(initial))
		w.editScaling(ctx, obj, putActionCall, field, put(""))
		Expect(w.scalingState(ctx)).To(Equal(initial))
	},
		Entry(nil, "minSize: 1, recurrence: 0 8 * * *", "maxSize", "2", "3"),
		Entry(nil, "minSize: 1, recurrence: 0 8 * * *", "desiredCapacity", "2", "3"),
		Entry(nil, "maxSize: 1, recurrence: 0 8 * * *", "minSize", "0", "1"),
		Entry(nil, "minSize: 1, recurrence: 0 8 * * *", "timeZone", "Europe/Berlin", "America/New_York"),
		Entry(nil, "minSize: 1, recurrence: 0 8 * * *", "endTime", "'2090-01-01T00:00:00Z'", "'2091-01-01T00:00:00+01:00'"),
		Entry(nil, "minSize: 1, startTime: '2090-01-01T00:00:00Z'", "recurrence", "0 8 * * *", "0 9 * * MON-FRI"),
	)

	It("is not compared with where AWS moves a start", func(ctx context.Context) {
		obj := aGroup(func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.ScheduledActions = []v1alpha1.ScheduledAction{actionOf("minSize: 0, recurrence: 0 8 * * *, startTime: '2090-01-01T00:00:00Z'")}
		})
		w.turn(ctx, obj)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		w.editScaling(ctx, obj, putActionCall, "startTime", func() {
			obj.Spec.ScheduledActions[0] = actionOf("minSize: 0, recurrence: 0 8 * * *, startTime: '2091-01-01T00:00:00Z'")
		})
		obj.Spec.ScheduledActions[0] = actionOf("minSize: 0, recurrence: 0 8 * * *, startTime: '2020-01-01T00:00:00Z'")
		Expect(w.calls(ctx, obj)).To(BeEmpty(), "a start that has passed says nothing")
	})
})
