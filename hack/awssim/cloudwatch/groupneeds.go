package cloudwatch

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Scaling policies make and read their alarms through these methods.
var _ autoscaling.Alarms = (*Service)(nil)

// PutAlarm makes or replaces an alarm and gives its ARN.
func (s *Service) PutAlarm(a autoscaling.Alarm) string {
	in := &sdk.PutMetricAlarmInput{
		AlarmName: &a.Name, AlarmDescription: &a.Description, Threshold: &a.Threshold, ComparisonOperator: types.ComparisonOperator(a.Comparison),
		EvaluationPeriods: &a.EvaluationPeriods, AlarmActions: a.Actions,
	}
	if len(a.Metrics) > 0 {
		in.Metrics = queriesOf(a)
	} else {
		in.Namespace, in.MetricName, in.Period, in.Unit = &a.Namespace, &a.MetricName, &a.Period, types.StandardUnit(a.Unit)
		in.Statistic = types.Statistic(a.Statistic)
		for _, d := range a.Dimensions {
			in.Dimensions = append(in.Dimensions, types.Dimension{Name: d.Name, Value: d.Value})
		}
	}
	// What the policy was checked for is not checked again here: an alarm that
	// cannot be evaluated says so in its state.
	_ = s.change(func(draft *content) error {
		r := &frame.Request{Region: a.Region, Caller: frame.Identity{Account: a.Account}}
		(&turn{r, draft, s, s.env.Clock.Now()}).put(in)
		return nil
	})
	return arnOf(a.Account, a.Region, a.Name)
}

func queriesOf(a autoscaling.Alarm) []types.MetricDataQuery {
	var queries []types.MetricDataQuery
	for _, q := range a.Metrics {
		made := types.MetricDataQuery{Id: q.Id, Expression: q.Expression, Label: q.Label, ReturnData: q.ReturnData}
		if q.MetricStat != nil {
			made.MetricStat = statOf(q, a.Period)
		}
		queries = append(queries, made)
	}
	return queries
}

func statOf(q scaling.TargetTrackingMetricDataQuery, period int32) *types.MetricStat {
	m := q.MetricStat
	for _, own := range []*int32{q.Period, m.Period} {
		if own != nil {
			period = *own
		}
	}
	if period == 0 {
		period = 60
	}
	made := &types.MetricStat{Stat: m.Stat, Period: &period, Unit: types.StandardUnit(aws.ToString(m.Unit))}
	if m.Metric != nil {
		made.Metric = &types.Metric{Namespace: m.Metric.Namespace, MetricName: m.Metric.MetricName}
		for _, d := range m.Metric.Dimensions {
			made.Metric.Dimensions = append(made.Metric.Dimensions, types.Dimension{Name: d.Name, Value: d.Value})
		}
	}
	return made
}

// DeleteAlarms deletes alarms; it does not mind names that there are not.
func (s *Service) DeleteAlarms(account, region string, names []string) {
	// The change cannot fail.
	_ = s.change(func(draft *content) error {
		for _, name := range names {
			delete(draft.Alarms, keyOf(account, region, name))
		}
		return nil
	})
}

// AlarmState is how an alarm is.
func (s *Service) AlarmState(account, region, name string) (autoscaling.AlarmState, bool) {
	a, ok := s.store.Now().Alarms[keyOf(account, region, name)]
	if !ok {
		return autoscaling.AlarmState{}, false
	}
	return autoscaling.AlarmState{ARN: *a.AlarmArn, State: string(a.StateValue)}, true
}

// AlarmsOf lists the alarms that have an action.
func (s *Service) AlarmsOf(account, region, actionARN string) []scaling.Alarm {
	found := []scaling.Alarm{}
	for _, a := range s.store.Now().sorted() {
		if a.Account == account && a.Region == region && slices.Contains(slices.Concat(a.AlarmActions, a.OKActions, a.InsufficientDataActions), actionARN) {
			found = append(found, scaling.Alarm{AlarmName: a.AlarmName, AlarmARN: a.AlarmArn})
		}
	}
	return found
}

// MetricHistory are the values of the query that returns data.
func (s *Service) MetricHistory(account, region string, queries []scaling.MetricDataQuery, from time.Time, period time.Duration, count int) []float64 {
	var made []types.MetricDataQuery
	result := ""
	for _, q := range queries {
		one := types.MetricDataQuery{Id: q.Id, Expression: q.Expression}
		if m := q.MetricStat; m != nil {
			one.MetricStat = statOf(scaling.TargetTrackingMetricDataQuery{
				MetricStat: &scaling.TargetTrackingMetricStat{Metric: m.Metric, Stat: m.Stat, Unit: m.Unit},
			}, int32(period/time.Second))
		}
		if q.ReturnData == nil || *q.ReturnData {
			result = aws.ToString(q.Id)
		}
		made = append(made, one)
	}
	all, err := s.queried(account, region, made, from, func(time.Duration) time.Duration { return period }, count)
	if err != nil { // the policy was put with it: it has no values then
		return nil
	}
	return all[result]
}

// PutMetric records a value now.
func (s *Service) PutMetric(m autoscaling.Metric) { s.PutMetricAt(m, s.env.Clock.Now()) }

// PutMetricAt records a value of some moment, for history.
func (s *Service) PutMetricAt(m autoscaling.Metric, at time.Time) {
	var dimensions []types.Dimension
	for name, value := range m.Dimensions {
		dimensions = append(dimensions, types.Dimension{Name: aws.String(name), Value: aws.String(value)})
	}
	of := metric{m.Account, m.Region, m.Namespace, m.MetricName, dimensionKey(dimensions)}
	s.series.put(of, dimensions, sample{at: at, sum: m.Value, least: m.Value, most: m.Value, of: 1})
}
