package autoscalinggroup

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

// maxAlarmName is the most characters that CloudWatch allows the name of an alarm.
const maxAlarmName = 255

// alarmName is the name of the alarm of a policy: what a person reads, and a hash that no other policy has.
func (k *Kind) alarmName(obj *v1alpha1.AutoScalingGroup, policy string) string {
	readable := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '-'
		}
		return r
	}, k.nameOf(obj)+"-"+policy)
	return derivedName(maxAlarmName, readable, k.clusterID, obj.Namespace, obj.Name, policy)
}

// alarmOf is the alarm that is declared in a policy; nil when there is none.
func alarmOf(p *v1alpha1.ScalingPolicy) *v1alpha1.ScalingAlarm {
	switch {
	case p == nil:
	case p.Step != nil:
		return p.Step.Alarm
	case p.Simple != nil:
		return p.Simple.Alarm
	}
	return nil
}

// groupNamespaces have metrics of Auto Scaling groups: without a dimension they would be of the whole account.
var groupNamespaces = []string{"AWS/EC2", "AWS/AutoScaling"}

// alarmDimensionsOf are the dimensions of the metric that an alarm watches: the group where none are told.
func alarmDimensionsOf(m *v1alpha1.AlarmMetric, group string) []types.Dimension {
	switch {
	case m.Dimensions != nil:
		return alarmDimensions(*m.Dimensions)
	case slices.Contains(groupNamespaces, m.Namespace):
		return []types.Dimension{{Name: aws.String("AutoScalingGroupName"), Value: &group}}
	}
	return nil
}

// desiredAlarm is the alarm of a policy as CloudWatch would describe it.
func (k *Kind) desiredAlarm(obj *v1alpha1.AutoScalingGroup, policy, policyARN string) types.MetricAlarm {
	declared, group := alarmOf(policySpec(obj, policy)), k.nameOf(obj)
	alarm := types.MetricAlarm{
		AlarmName: aws.String(k.alarmName(obj, policy)), ActionsEnabled: aws.Bool(true),
		AlarmDescription: aws.String(cmp.Or(declared.Description, fmt.Sprintf("Calls scaling policy %s of Auto Scaling group %s. Kept by %s.", policy, group, k.owner(obj).Object))),
		AlarmActions:     append(actions(declared.AlarmActions), policyARN),
		OKActions:        actions(declared.OKActions), InsufficientDataActions: actions(declared.InsufficientDataActions),
		ComparisonOperator: types.ComparisonOperator(declared.ComparisonOperator), Threshold: numberOf(declared.Threshold),
		EvaluationPeriods: &declared.EvaluationPeriods, DatapointsToAlarm: declared.DatapointsToAlarm,
		TreatMissingData:                 awsclient.Optional(declared.TreatMissingData),
		EvaluateLowSampleCountPercentile: awsclient.Optional(declared.EvaluateLowSampleCountPercentile),
		Metrics:                          alarmQueries(declared.Metrics),
	}
	if m := declared.Metric; m != nil {
		alarm.Namespace, alarm.MetricName, alarm.Period, alarm.Unit = &m.Namespace, &m.Name, &m.PeriodSeconds, types.StandardUnit(m.Unit)
		alarm.Statistic, alarm.ExtendedStatistic = types.Statistic(m.Statistic), awsclient.Optional(m.ExtendedStatistic)
		alarm.Dimensions = alarmDimensionsOf(m, group)
	}
	return alarm
}

func actions(arns []v1alpha1.AlarmActionARN) []string {
	list := make([]string, 0, len(arns)+1)
	for _, arn := range arns {
		list = append(list, string(arn))
	}
	return list
}

// puttingAlarm is the call that makes an alarm, or makes the one of its name like it. Tags count when it is made only.
func puttingAlarm(a *types.MetricAlarm, tags map[string]string) *cloudwatch.PutMetricAlarmInput {
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: a.AlarmName, AlarmDescription: a.AlarmDescription, ActionsEnabled: a.ActionsEnabled,
		AlarmActions: a.AlarmActions, OKActions: a.OKActions, InsufficientDataActions: a.InsufficientDataActions,
		Namespace: a.Namespace, MetricName: a.MetricName, Dimensions: a.Dimensions, Statistic: a.Statistic,
		ExtendedStatistic: a.ExtendedStatistic, Period: a.Period, Unit: a.Unit, Metrics: a.Metrics,
		ComparisonOperator: a.ComparisonOperator, Threshold: a.Threshold, EvaluationPeriods: a.EvaluationPeriods,
		DatapointsToAlarm: a.DatapointsToAlarm, TreatMissingData: a.TreatMissingData,
		EvaluateLowSampleCountPercentile: a.EvaluateLowSampleCountPercentile, Tags: alarmTags(tags),
	}
}

func alarmTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}

// normalAlarm is an alarm in comparable form.
func normalAlarm(a *types.MetricAlarm) fields {
	f := fields{}
	f.text("description", aws.ToString(a.AlarmDescription))
	f.boolean("actionsEnabled", a.ActionsEnabled == nil || *a.ActionsEnabled)
	f.text("alarmActions", asSet(a.AlarmActions))
	f.text("okActions", asSet(a.OKActions))
	f.text("insufficientDataActions", asSet(a.InsufficientDataActions))
	f.text("comparisonOperator", string(a.ComparisonOperator))
	f.number("threshold", a.Threshold)
	f.text("thresholdMetricID", aws.ToString(a.ThresholdMetricId))
	f.integer("evaluationPeriods", a.EvaluationPeriods)
	f.integer("datapointsToAlarm", cmp.Or(a.DatapointsToAlarm, a.EvaluationPeriods))
	f.text("treatMissingData", cmp.Or(aws.ToString(a.TreatMissingData), "missing"))
	if low := aws.ToString(a.EvaluateLowSampleCountPercentile); low != "evaluate" { // which is the default
		f.text("evaluateLowSampleCountPercentile", low)
	}
	if len(a.Metrics) > 0 {
		f.queries("", fromAlarmQueries(a.Metrics), 0)
		return f
	}
	f.text("metric.namespace", aws.ToString(a.Namespace))
	f.text("metric.name", aws.ToString(a.MetricName))
	f.text("metric.statistic", string(a.Statistic))
	f.text("metric.extendedStatistic", aws.ToString(a.ExtendedStatistic))
	f.integer("metric.periodSeconds", a.Period)
	f.text("metric.unit", string(a.Unit))
	f.dimensions("metric.", fromAlarmDimensions(a.Dimensions))
	return f
}
