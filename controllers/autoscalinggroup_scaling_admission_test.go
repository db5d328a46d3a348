package controllers_test

import (
	. "github.com/onsi/ginkgo/v2"
)

// aGroup is a declaration of a group that lacks nothing.
const aGroup = "minSize: 1, maxSize: 5, subnetIDs: [subnet-0a], launchTemplateRef: {name: web}"

// policied is a group with one scaling policy.
func policied(policy string) string { return aGroup + ", scalingPolicies: [{name: p, " + policy + "}]" }

func tracking(settings string) string { return policied("targetTracking: {" + settings + "}") }

// customized is a target tracking policy of a metric of one's own.
func customized(metric string) string {
	return tracking("targetValue: '5', customizedMetric: {" + metric + "}")
}

func stepping(steps string) string {
	return policied("step: {adjustmentType: ChangeInCapacity, steps: [" + steps + "]}")
}

// alarmed is a simple policy with an alarm of a metric; it has the rest of an alarm unless that is given.
func alarmed(metric, settings string) string {
	return policied("simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1, alarm: {comparisonOperator: GreaterThanThreshold, threshold: '1', " +
		metric + ", " + settings + "}}")
}

const (
	cpuAlarm  = "metric: {namespace: AWS/EC2, name: CPUUtilization, statistic: Average, periodSeconds: 300}"
	onePeriod = "evaluationPeriods: 1"
	queries   = "{id: a, metricStat: {namespace: App, name: Jobs, statistic: Sum}, returnData: false}, {id: b, expression: a / 2}"
	label     = "'app/web/0123456789abcdef/targetgroup/web/fedcba9876543210'"
)

func predicting(settings string) string {
	return policied("predictive: {targetValue: '60', " + settings + "}")
}

func scheduled(action string) string {
	return aGroup + ", scheduledActions: [{name: a, " + action + "}]"
}

var _ = Describe("Admission of scaling policies", func() {
	DescribeTable("refuses a policy", refuses("AutoScalingGroup"),
		Entry("of no kind", aGroup+", scalingPolicies: [{name: p}]", "give exactly one of targetTracking, step, simple and predictive"),
		Entry("of two kinds", policied("simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1}, targetTracking: {targetValue: '5', predefinedMetric: {type: ASGAverageCPUUtilization}}"), "give exactly one of targetTracking, step, simple and predictive"),
		Entry("without a name", aGroup+", scalingPolicies: [{simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1}}]", "name: Required value"),
		Entry("twice", aGroup+", scalingPolicies: [{name: p, simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1}}, {name: p, simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 2}}]", "Duplicate value"),
		Entry("that tracks nothing", tracking("targetValue: '5'"), "give exactly one of targetTracking.predefinedMetric"),
		Entry("that tracks to nothing", tracking("predefinedMetric: {type: ASGAverageCPUUtilization}"), "targetValue: Required value"),
		Entry("that tracks to 0", tracking("targetValue: '0', predefinedMetric: {type: ASGAverageCPUUtilization}"), "must be greater than 0"),
		Entry("that tracks to a number that is none", tracking("targetValue: 1e3, predefinedMetric: {type: ASGAverageCPUUtilization}"), "targetValue"),
		Entry("that tracks an unknown metric", tracking("targetValue: '5', predefinedMetric: {type: Load}"), "supported values"),
		Entry("that tracks requests to anything", tracking("targetValue: '5', predefinedMetric: {type: ALBRequestCountPerTarget}"), "is of a target group"),
		Entry("that tracks CPU of a target group", tracking("targetValue: '5', predefinedMetric: {type: ASGAverageCPUUtilization, resourceLabel: "+label+"}"), "is of a target group"),
		Entry("that tracks requests to two", tracking("targetValue: '5', predefinedMetric: {type: ALBRequestCountPerTarget, resourceLabel: "+label+", loadBalancerRef: {name: web}, targetGroup: web}"), "or resourceLabel alone"),
		Entry("that tracks requests to a whole load balancer", tracking("targetValue: '5', predefinedMetric: {type: ALBRequestCountPerTarget, loadBalancerRef: {name: web}}"), "give loadBalancerRef and targetGroup together"),
		Entry("that tracks requests of a network load balancer", tracking("targetValue: '5', predefinedMetric: {type: ALBRequestCountPerTarget, resourceLabel: 'net/web/0123456789abcdef/targetgroup/web/fedcba9876543210'}"), "should match"),
		Entry("that tracks a metric without a statistic", customized("namespace: App, name: Jobs"), "give namespace, name and statistic"),
		Entry("that tracks a metric and others", customized("namespace: App, name: Jobs, statistic: Sum, metrics: ["+queries+"]"), "none of the other fields"),
		Entry("that tracks every five minutes", customized("namespace: App, name: Jobs, statistic: Sum, periodSeconds: 300"), "supported values"),
		Entry("that computes every five minutes", customized("metrics: [{id: a, metricStat: {namespace: App, name: Jobs, statistic: Sum, periodSeconds: 300}}]"), "is 10, 30 or 60"),
		Entry("that computes two results", customized("metrics: [{id: a, metricStat: {namespace: App, name: Jobs, statistic: Sum}}, {id: b, expression: a / 2}]"), "exactly one of metrics is the result"),
		Entry("that computes from an id in capitals", customized("metrics: [{id: A, metricStat: {namespace: App, name: Jobs, statistic: Sum}}]"), "should match"),
		Entry("that computes from nothing", customized("metrics: [{id: a}]"), "give exactly one of expression and metricStat"),
		Entry("that computes an unknown statistic", customized("metrics: [{id: a, metricStat: {namespace: App, name: Jobs, statistic: Median}}]"), "should match"),
		Entry("with a negative warm-up", tracking("targetValue: '5', predefinedMetric: {type: ASGAverageCPUUtilization}, estimatedInstanceWarmupSeconds: -1"), "greater than or equal to 0"),
		Entry("of no steps", stepping(""), "at least 1 items"),
		Entry("of a step without an end", stepping("{scalingAdjustment: 1}"), "give at least one of metricIntervalLowerBound"),
		Entry("of a step backwards", stepping("{metricIntervalLowerBound: '9', metricIntervalUpperBound: '1', scalingAdjustment: 1}"), "must be less than metricIntervalUpperBound"),
		Entry("of steps with a gap", stepping("{metricIntervalLowerBound: '0', metricIntervalUpperBound: '10', scalingAdjustment: 1}, {metricIntervalLowerBound: '20', scalingAdjustment: 2}"), "without a gap or an overlap"),
		Entry("of steps that overlap", stepping("{metricIntervalLowerBound: '0', metricIntervalUpperBound: '10', scalingAdjustment: 1}, {metricIntervalLowerBound: '5', scalingAdjustment: 2}"), "without a gap or an overlap"),
		Entry("of a step twice", stepping("{metricIntervalLowerBound: '0', scalingAdjustment: 1}, {metricIntervalLowerBound: '0.0', metricIntervalUpperBound: '5', scalingAdjustment: 2}"), "without a gap or an overlap"),
		Entry("of two steps without an upper end", stepping("{metricIntervalLowerBound: '0', scalingAdjustment: 1}, {metricIntervalLowerBound: '10', scalingAdjustment: 2}"), "at most one without metricIntervalUpperBound"),
		Entry("of steps that end above 0", stepping("{metricIntervalLowerBound: '0', metricIntervalUpperBound: '10', scalingAdjustment: 1}"), "must go up without end"),
		Entry("of steps that begin below 0", stepping("{metricIntervalLowerBound: '-10', metricIntervalUpperBound: '0', scalingAdjustment: -1}"), "must go down without end"),
		Entry("that sets a negative capacity by steps", policied("step: {adjustmentType: ExactCapacity, steps: [{metricIntervalLowerBound: '0', scalingAdjustment: -1}]}"), "give a scalingAdjustment of 0 or more"),
		Entry("that sets a negative capacity", policied("simple: {adjustmentType: ExactCapacity, scalingAdjustment: -1}"), "give a scalingAdjustment of 0 or more"),
		Entry("with the least of a percentage of nothing", policied("simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1, minAdjustmentMagnitude: 1}"), "goes with adjustmentType PercentChangeInCapacity"),
		Entry("with the least of steps of nothing", policied("step: {adjustmentType: ChangeInCapacity, minAdjustmentMagnitude: 1, steps: [{metricIntervalLowerBound: '0', scalingAdjustment: 1}]}"), "goes with adjustmentType PercentChangeInCapacity"),
		Entry("of an unknown adjustment", policied("simple: {adjustmentType: Double, scalingAdjustment: 1}"), "supported values"),
		Entry("that predicts nothing", predicting("metric: {}"), "give predictive.metric.pair, or scalingMetric together with loadMetric"),
		Entry("that predicts a pair and more", predicting("metric: {pair: ASGCPUUtilization, loadMetric: {type: ASGTotalCPUUtilization}}"), "give predictive.metric.pair, or scalingMetric together with loadMetric"),
		Entry("that predicts half", predicting("metric: {scalingMetric: {type: ASGAverageCPUUtilization}}"), "scalingMetric together with loadMetric"),
		Entry("that predicts requests to anything", predicting("metric: {pair: ALBRequestCount}"), "is of a target group"),
		Entry("that predicts requests in total to anything", predicting("metric: {scalingMetric: {type: ASGAverageCPUUtilization}, loadMetric: {type: ALBTargetGroupRequestCount}}"), "is of a target group"),
		Entry("that predicts minutes", predicting("metric: {scalingMetric: {metrics: [{id: a, metricStat: {namespace: App, name: Jobs, statistic: Sum, periodSeconds: 60}}]}, loadMetric: {type: ASGTotalCPUUtilization}}"), "are hourly"),
		Entry("that predicts capacity by known metrics", predicting("metric: {scalingMetric: {type: ASGAverageCPUUtilization}, loadMetric: {type: ASGTotalCPUUtilization}, capacityMetric: {metrics: ["+queries+"]}}"), "goes with a scalingMetric and a loadMetric of your own"),
		Entry("that predicts beyond the maximum by nothing", predicting("metric: {pair: ASGCPUUtilization}, maxCapacityBreachBehavior: IncreaseMaxCapacity"), "which needs it"),
		Entry("that predicts within the maximum, with a buffer", predicting("metric: {pair: ASGCPUUtilization}, maxCapacityBuffer: 10"), "goes with maxCapacityBreachBehavior IncreaseMaxCapacity"),
		Entry("that launches an hour ahead", predicting("metric: {pair: ASGCPUUtilization}, schedulingBufferSeconds: 3600"), "less than or equal to 3599"),
	)

	DescribeTable("refuses an alarm", refuses("AutoScalingGroup"),
		Entry("of nothing", alarmed("description: none", onePeriod), "give exactly one of alarm.metric and alarm.metrics"),
		Entry("of two things", alarmed(cpuAlarm+", metrics: ["+queries+"]", onePeriod), "give exactly one of alarm.metric and alarm.metrics"),
		Entry("of no statistic", alarmed("metric: {namespace: App, name: Jobs, periodSeconds: 60}", onePeriod), "give exactly one of metric.statistic"),
		Entry("of two statistics", alarmed("metric: {namespace: App, name: Jobs, periodSeconds: 60, statistic: Sum, extendedStatistic: p99}", onePeriod), "give exactly one of metric.statistic"),
		Entry("of an unknown percentile", alarmed("metric: {namespace: App, name: Jobs, periodSeconds: 60, extendedStatistic: p101}", onePeriod), "should match"),
		Entry("at a strange period", alarmed("metric: {namespace: App, name: Jobs, periodSeconds: 90, statistic: Sum}", onePeriod), "is 10, 20, 30 or a multiple of 60"),
		Entry("that computes without a period", alarmed("metrics: ["+queries+"]", onePeriod), "needs a periodSeconds"),
		Entry("that computes at a strange period", alarmed("metrics: [{id: a, metricStat: {namespace: App, name: Jobs, statistic: Sum, periodSeconds: 90}}]", onePeriod), "is 10, 20, 30 or a multiple of 60"),
		Entry("over no period", alarmed(cpuAlarm, "evaluationPeriods: 0"), "greater than or equal to 1"),
		Entry("over more than a day", alarmed(cpuAlarm, "evaluationPeriods: 289"), "over a day at most"),
		Entry("with too many of its values", alarmed(cpuAlarm, "evaluationPeriods: 2, datapointsToAlarm: 3"), "must not be more than alarm.evaluationPeriods"),
		Entry("that compares as anomalies do", policied("simple: {adjustmentType: ChangeInCapacity, scalingAdjustment: 1, alarm: {comparisonOperator: GreaterThanUpperThreshold, threshold: '1', evaluationPeriods: 1, "+cpuAlarm+"}}"), "supported values"),
		Entry("that treats missing data some way", alarmed(cpuAlarm, onePeriod+", treatMissingData: zero"), "supported values"),
		Entry("of few values of no percentile", alarmed(cpuAlarm, onePeriod+", evaluateLowSampleCountPercentile: ignore"), "goes with metric.extendedStatistic"),
		Entry("that calls no ARN", alarmed(cpuAlarm, onePeriod+", okActions: [ops]"), "should match"),
		Entry("of an unknown unit", alarmed("metric: {namespace: App, name: Jobs, periodSeconds: 60, statistic: Sum, unit: Pieces}", onePeriod), "supported values"),
	)

	DescribeTable("refuses a scheduled action", refuses("AutoScalingGroup"),
		Entry("that does nothing", scheduled("recurrence: 0 8 * * *"), "give at least one of minSize, maxSize and desiredCapacity"),
		Entry("at no time", scheduled("minSize: 1"), "give recurrence or startTime"),
		Entry("with a recurrence of six fields", scheduled("minSize: 1, recurrence: 0 0 8 * * *"), "should match"),
		Entry("once, in a time zone", scheduled("minSize: 1, startTime: '2030-01-01T00:00:00Z', timeZone: Europe/Berlin"), "go with recurrence"),
		Entry("once, until then", scheduled("minSize: 1, startTime: '2030-01-01T00:00:00Z', endTime: '2030-01-02T00:00:00Z'"), "go with recurrence"),
		Entry("that ends before it begins", scheduled("minSize: 1, recurrence: 0 8 * * *, startTime: '2030-01-02T00:00:00Z', endTime: '2030-01-01T00:00:00Z'"), "startTime must be before endTime"),
		Entry("at a time that is none", scheduled("minSize: 1, startTime: tomorrow"), "date-time"),
		Entry("with sizes the wrong way round", scheduled("minSize: 3, maxSize: 2, recurrence: 0 8 * * *"), "minSize must not be more than maxSize"),
		Entry("with a capacity out of its sizes", scheduled("minSize: 3, desiredCapacity: 2, recurrence: 0 8 * * *"), "must be between minSize and maxSize"),
		Entry("twice", aGroup+", scheduledActions: [{name: a, minSize: 1, recurrence: 0 8 * * *}, {name: a, minSize: 1, recurrence: 0 9 * * *}]", "Duplicate value"),
	)

	DescribeTable("admits", accepts("AutoScalingGroup"),
		Entry("a target of requests", tracking("targetValue: '0.5', disableScaleIn: true, estimatedInstanceWarmupSeconds: 0, predefinedMetric: {type: ALBRequestCountPerTarget, loadBalancerRef: {name: web}, targetGroup: http}")),
		Entry("a target of others' requests", tracking("targetValue: '1000', predefinedMetric: {type: ALBRequestCountPerTarget, resourceLabel: "+label+"}")),
		Entry("a target of one's own", customized("namespace: App, name: Jobs, statistic: Sum, dimensions: {Queue: jobs}, unit: Count, periodSeconds: 10")),
		Entry("a target that is computed", customized("metrics: [{id: a, metricStat: {namespace: App, name: Jobs, statistic: p99.9, periodSeconds: 10, unit: Count, dimensions: {Queue: jobs}}, returnData: false}, {id: b, expression: a / 2, label: half}]")),
		Entry("steps in any order, down and up", stepping("{metricIntervalLowerBound: '10', scalingAdjustment: 2}, {metricIntervalUpperBound: '-10.5', scalingAdjustment: -2}, {metricIntervalLowerBound: '-10.50', metricIntervalUpperBound: '10', scalingAdjustment: 0}")),
		Entry("one step up", stepping("{metricIntervalLowerBound: '0', scalingAdjustment: 1}")),
		Entry("an alarm of a percentile", alarmed("metric: {namespace: AWS/ApplicationELB, name: TargetResponseTime, extendedStatistic: p99, periodSeconds: 60, unit: Seconds, dimensions: {LoadBalancer: app/web/0123456789abcdef}}", "evaluationPeriods: 3, datapointsToAlarm: 2, treatMissingData: notBreaching, evaluateLowSampleCountPercentile: ignore, description: slow, alarmActions: ['arn:aws:sns:us-east-1:123456789012:ops'], okActions: ['arn:aws:sns:us-east-1:123456789012:ops'], insufficientDataActions: ['arn:aws:sns:us-east-1:123456789012:ops']")),
		Entry("an alarm of a whole namespace", alarmed("metric: {namespace: AWS/EC2, name: CPUUtilization, statistic: Average, periodSeconds: 300, dimensions: {}}", onePeriod)),
		Entry("an alarm that is computed", alarmed("metrics: [{id: a, metricStat: {namespace: App, name: Jobs, statistic: Sum, periodSeconds: 60}, returnData: false}, {id: b, expression: a / 2, periodSeconds: 60}]", onePeriod)),
		Entry("an alarm over a week", alarmed("metric: {namespace: App, name: Jobs, statistic: Sum, periodSeconds: 3600}", "evaluationPeriods: 168")),
		Entry("a forecast of requests", predicting("mode: ForecastAndScale, schedulingBufferSeconds: 0, maxCapacityBreachBehavior: IncreaseMaxCapacity, maxCapacityBuffer: 0, metric: {pair: ALBRequestCount, resourceLabel: "+label+"}")),
		Entry("a forecast of two metrics", predicting("metric: {scalingMetric: {type: ALBRequestCountPerTarget, loadBalancerRef: {name: web}, targetGroup: http}, loadMetric: {type: ASGTotalCPUUtilization}}")),
		Entry("a forecast of one's own", predicting("metric: {scalingMetric: {metrics: ["+queries+"]}, loadMetric: {metrics: ["+queries+"]}, capacityMetric: {metrics: ["+queries+"]}}")),
		Entry("a policy that is off", policied("enabled: false, simple: {adjustmentType: PercentChangeInCapacity, scalingAdjustment: -50, minAdjustmentMagnitude: 1, cooldownSeconds: 0}")),
		Entry("no policy and no action", aGroup+", scalingPolicies: [], scheduledActions: []"),
		Entry("an action that recurs", scheduled("minSize: 1, maxSize: 3, desiredCapacity: 2, recurrence: 0 8 * * MON-FRI, timeZone: Europe/Berlin, startTime: '2030-01-01T00:00:00Z', endTime: '2031-01-01T00:00:00+01:00'")),
		Entry("an action that happens once", scheduled("desiredCapacity: 0, startTime: '2030-01-01T00:00:00Z'")),
		Entry("an action every hour", scheduled("minSize: 0, recurrence: '@hourly'")),
	)
})
