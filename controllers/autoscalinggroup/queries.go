package autoscalinggroup

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	cloudwatch "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

// AWS has three kinds of metric queries, which are alike: those of target tracking, of predictive scaling and of alarms.
// Each is made of the spec's here, and made into the spec's again, which is the form in which they are compared.

// dimensionsOf lists dimensions by name.
func dimensionsOf[D any](dimensions v1alpha1.MetricDimensions, of func(name, value *string) D) []D {
	var list []D
	for _, name := range slices.Sorted(maps.Keys(dimensions)) {
		list = append(list, of(aws.String(name), aws.String(string(dimensions[name]))))
	}
	return list
}

func scalingDimensions(dimensions v1alpha1.MetricDimensions) []types.MetricDimension {
	return dimensionsOf(dimensions, func(name, value *string) types.MetricDimension {
		return types.MetricDimension{Name: name, Value: value}
	})
}

func alarmDimensions(dimensions v1alpha1.MetricDimensions) []cloudwatch.Dimension {
	return dimensionsOf(dimensions, func(name, value *string) cloudwatch.Dimension {
		return cloudwatch.Dimension{Name: name, Value: value}
	})
}

func specDimensions[D any](list []D, of func(D) (name, value *string)) v1alpha1.MetricDimensions {
	dimensions := v1alpha1.MetricDimensions{}
	for _, one := range list {
		name, value := of(one)
		dimensions[aws.ToString(name)] = v1alpha1.DimensionValue(aws.ToString(value))
	}
	return dimensions
}

func fromScalingDimensions(list []types.MetricDimension) v1alpha1.MetricDimensions {
	return specDimensions(list, func(d types.MetricDimension) (*string, *string) { return d.Name, d.Value })
}

func fromAlarmDimensions(list []cloudwatch.Dimension) v1alpha1.MetricDimensions {
	return specDimensions(list, func(d cloudwatch.Dimension) (*string, *string) { return d.Name, d.Value })
}

// trackingQueries are the queries of a target tracking policy.
func trackingQueries(queries v1alpha1.MetricQueries) []types.TargetTrackingMetricDataQuery {
	var list []types.TargetTrackingMetricDataQuery
	for i := range queries {
		q := &queries[i]
		one := types.TargetTrackingMetricDataQuery{
			Id: &q.ID, Expression: awsclient.Optional(q.Expression), Label: awsclient.Optional(q.Label), Period: q.PeriodSeconds, ReturnData: q.ReturnData,
		}
		if m := q.MetricStat; m != nil {
			one.MetricStat = &types.TargetTrackingMetricStat{
				Metric: &types.Metric{Namespace: &m.Namespace, MetricName: &m.Name, Dimensions: scalingDimensions(m.Dimensions)},
				Stat:   &m.Statistic, Unit: awsclient.Optional(string(m.Unit)), Period: m.PeriodSeconds,
			}
		}
		list = append(list, one)
	}
	return list
}

// fromTrackingQueries are the queries of a target tracking policy as the spec has them.
func fromTrackingQueries(list []types.TargetTrackingMetricDataQuery) v1alpha1.MetricQueries {
	var queries v1alpha1.MetricQueries
	for _, q := range list {
		one := v1alpha1.MetricQuery{
			ID: aws.ToString(q.Id), Expression: aws.ToString(q.Expression), Label: aws.ToString(q.Label), PeriodSeconds: q.Period, ReturnData: q.ReturnData,
		}
		if m := q.MetricStat; m != nil {
			one.MetricStat = fromScalingStat(m.Metric, m.Stat, m.Unit)
			one.MetricStat.PeriodSeconds = m.Period
		}
		queries = append(queries, one)
	}
	return queries
}

// predictiveQueries are the queries of a predictive policy.
func predictiveQueries(queries v1alpha1.MetricQueries) []types.MetricDataQuery {
	var list []types.MetricDataQuery
	for i := range queries {
		q := &queries[i]
		one := types.MetricDataQuery{Id: &q.ID, Expression: awsclient.Optional(q.Expression), Label: awsclient.Optional(q.Label), ReturnData: q.ReturnData}
		if m := q.MetricStat; m != nil {
			one.MetricStat = &types.MetricStat{
				Metric: &types.Metric{Namespace: &m.Namespace, MetricName: &m.Name, Dimensions: scalingDimensions(m.Dimensions)},
				Stat:   &m.Statistic, Unit: awsclient.Optional(string(m.Unit)),
			}
		}
		list = append(list, one)
	}
	return list
}

// fromPredictiveQueries are the queries of a predictive policy as the spec has them.
func fromPredictiveQueries(list []types.MetricDataQuery) v1alpha1.MetricQueries {
	var queries v1alpha1.MetricQueries
	for _, q := range list {
		one := v1alpha1.MetricQuery{ID: aws.ToString(q.Id), Expression: aws.ToString(q.Expression), Label: aws.ToString(q.Label), ReturnData: q.ReturnData}
		if m := q.MetricStat; m != nil {
			one.MetricStat = fromScalingStat(m.Metric, m.Stat, m.Unit)
		}
		queries = append(queries, one)
	}
	return queries
}

func fromScalingStat(metric *types.Metric, statistic, unit *string) *v1alpha1.MetricStat {
	stat := &v1alpha1.MetricStat{Statistic: aws.ToString(statistic), Unit: v1alpha1.MetricUnit(aws.ToString(unit))}
	if metric != nil {
		stat.Namespace, stat.Name = aws.ToString(metric.Namespace), aws.ToString(metric.MetricName)
		stat.Dimensions = fromScalingDimensions(metric.Dimensions)
	}
	return stat
}

// alarmQueries are the queries of an alarm.
func alarmQueries(queries v1alpha1.MetricQueries) []cloudwatch.MetricDataQuery {
	var list []cloudwatch.MetricDataQuery
	for i := range queries {
		q := &queries[i]
		one := cloudwatch.MetricDataQuery{
			Id: &q.ID, Expression: awsclient.Optional(q.Expression), Label: awsclient.Optional(q.Label), Period: q.PeriodSeconds,
			ReturnData: aws.Bool(q.ReturnData == nil || *q.ReturnData),
		}
		if m := q.MetricStat; m != nil {
			one.MetricStat = &cloudwatch.MetricStat{
				Metric: &cloudwatch.Metric{Namespace: &m.Namespace, MetricName: &m.Name, Dimensions: alarmDimensions(m.Dimensions)},
				Stat:   &m.Statistic, Unit: cloudwatch.StandardUnit(m.Unit), Period: m.PeriodSeconds,
			}
		}
		list = append(list, one)
	}
	return list
}

// fromAlarmQueries are the queries of an alarm as the spec has them.
func fromAlarmQueries(list []cloudwatch.MetricDataQuery) v1alpha1.MetricQueries {
	var queries v1alpha1.MetricQueries
	for i := range list {
		q := &list[i]
		one := v1alpha1.MetricQuery{
			ID: aws.ToString(q.Id), Expression: aws.ToString(q.Expression), Label: aws.ToString(q.Label), PeriodSeconds: q.Period, ReturnData: q.ReturnData,
		}
		if m := q.MetricStat; m != nil {
			one.MetricStat = &v1alpha1.MetricStat{Statistic: aws.ToString(m.Stat), Unit: v1alpha1.MetricUnit(m.Unit), PeriodSeconds: m.Period}
			if m.Metric != nil {
				one.MetricStat.Namespace, one.MetricStat.Name = aws.ToString(m.Metric.Namespace), aws.ToString(m.Metric.MetricName)
				one.MetricStat.Dimensions = fromAlarmDimensions(m.Metric.Dimensions)
			}
		}
		queries = append(queries, one)
	}
	return queries
}
