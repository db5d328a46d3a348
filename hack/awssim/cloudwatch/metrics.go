package cloudwatch

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// putMetricData changes no state that is saved.
func (s *Service) putMetricData(t *turn, in *sdk.PutMetricDataInput) (*sdk.PutMetricDataOutput, error) {
	if in.Namespace == nil {
		return nil, frame.Errorf("MissingParameter", "The parameter Namespace is required.")
	}
	if strings.HasPrefix(*in.Namespace, "AWS/") {
		return nil, frame.Errorf("InvalidParameterValue", "The value AWS/ for parameter Namespace is invalid.")
	}
	if len(in.MetricData) > 1000 {
		return nil, invalid("The collection MetricData must not have a size greater than 1000.")
	}
	for i, datum := range in.MetricData {
		samples, err := samplesOf(datum, t.now)
		if err != nil {
			return nil, frame.Errorf("InvalidParameterCombination", "MetricData.member.%d: %s", i+1, err)
		}
		of := metric{t.Caller.Account, t.Region, *in.Namespace, aws.ToString(datum.MetricName), dimensionKey(datum.Dimensions)}
		for _, one := range samples {
			s.series.put(of, datum.Dimensions, one)
		}
	}
	return &sdk.PutMetricDataOutput{}, nil
}

// samplesOf are the samples of a datum, which has a value, values or statistics.
func samplesOf(datum types.MetricDatum, now time.Time) ([]sample, error) {
	at := now
	datum.Unit = cmp.Or(datum.Unit, types.StandardUnitNone)
	if datum.Timestamp != nil {
		at = *datum.Timestamp
	}
	switch v := datum.StatisticValues; {
	case datum.MetricName == nil || *datum.MetricName == "":
		return nil, fmt.Errorf("the parameter MetricName is required")
	case datum.Value != nil:
		return []sample{{at, *datum.Value, *datum.Value, *datum.Value, 1, datum.Unit}}, nil
	case v != nil && aws.ToFloat64(v.SampleCount) > 0:
		return []sample{{at, aws.ToFloat64(v.Sum), aws.ToFloat64(v.Minimum), aws.ToFloat64(v.Maximum), *v.SampleCount, datum.Unit}}, nil
	case len(datum.Values) == 0:
		return nil, fmt.Errorf("one of Value, Values and StatisticValues is required")
	case len(datum.Counts) > 0 && len(datum.Counts) != len(datum.Values):
		return nil, fmt.Errorf("Values and Counts must have the same length")
	}
	var samples []sample
	for i, value := range datum.Values {
		count := 1.0
		if len(datum.Counts) > 0 {
			count = datum.Counts[i]
		}
		samples = append(samples, sample{at, value * count, value, value, count, datum.Unit})
	}
	return samples, nil
}

func checkQueries(queries []types.MetricDataQuery) error {
	var seen []string
	for _, q := range queries {
		id := aws.ToString(q.Id)
		switch {
		case id == "" || id[0] < 'a' || id[0] > 'z':
			return invalid("The value '%s' of Id must begin with a lowercase letter.", id)
		case slices.Contains(seen, id):
			return invalid("The values for parameter id in MetricDataQueries are not unique.")
		case (q.MetricStat == nil) == (q.Expression == nil):
			return frame.Errorf("InvalidParameterCombination", "Exactly one of MetricStat and Expression must be set.")
		case q.MetricStat != nil && (q.MetricStat.Metric == nil || !isStatistic(aws.ToString(q.MetricStat.Stat))):
			return invalid("Invalid metric or statistic in the query '%s'.", id)
		case q.MetricStat != nil && aws.ToInt32(q.MetricStat.Period) <= 0:
			return frame.Errorf("MissingParameter", "The parameter MetricStat.Period is required.")
		}
		seen = append(seen, id)
	}
	return checkExpressions(queries, seen)
}

func checkExpressions(queries []types.MetricDataQuery, ids []string) error {
	for _, q := range queries {
		if q.Expression == nil {
			continue
		}
		known := func(name string) (float64, bool) { return 1, slices.Contains(ids, name) && name != *q.Id }
		if _, err := evaluate(*q.Expression, known, []float64{1}); err != nil {
			return invalid("Error in expression '%s': %s", *q.Id, err)
		}
	}
	return nil
}

// queried gives the values of all queries by their ids; as makes a period as long as it is to be.
func (s *Service) queried(
	account, region string, queries []types.MetricDataQuery, from time.Time, as func(time.Duration) time.Duration, count int,
) (map[string][]float64, error) {
	all := map[string][]float64{}
	for _, q := range queries {
		if m := q.MetricStat; m != nil {
			of := metric{account, region, aws.ToString(m.Metric.Namespace), aws.ToString(m.Metric.MetricName), dimensionKey(m.Metric.Dimensions)}
			all[*q.Id] = s.series.buckets(of, *m.Stat, m.Unit, from, as(time.Duration(*m.Period)*time.Second), count)
		}
	}
	// An expression may use others that stand after it.
	for range queries {
		for _, q := range queries {
			if q.Expression != nil && all[*q.Id] == nil {
				values, ready, err := computed(*q.Expression, queries, all, count)
				if err != nil {
					return nil, err
				}
				if ready {
					all[*q.Id] = values
				}
			}
		}
	}
	return all, nil
}

// computed is an expression of each period; not ready means that it uses one that is not there yet.
func computed(formula string, queries []types.MetricDataQuery, all map[string][]float64, count int) (values []float64, ready bool, err error) {
	ready = true
	for i := range count {
		var metrics []float64
		for _, q := range queries {
			if q.MetricStat != nil {
				metrics = append(metrics, all[*q.Id][i])
			}
		}
		value, err := evaluate(formula, func(id string) (float64, bool) {
			if all[id] == nil {
				ready = false
				return math.NaN(), true
			}
			return all[id][i], true
		}, metrics)
		if err != nil {
			return nil, false, err
		}
		values = append(values, value)
	}
	return values, ready, nil
}

// mostPeriods bounds what one call answers of a metric.
const mostPeriods = 100_800

func spans(from, until *time.Time, period int32) (time.Time, int, error) {
	if from == nil || until == nil || !until.After(*from) {
		return time.Time{}, 0, invalid("The parameter StartTime must be less than the parameter EndTime.")
	}
	length := time.Duration(period) * time.Second
	start := from.Truncate(length)
	count := int((until.Sub(start) + length - 1) / length)
	if count > mostPeriods {
		return start, 0, invalid("You have requested too many datapoints.")
	}
	return start, count, nil
}

func (s *Service) getMetricData(t *turn, in *sdk.GetMetricDataInput) (*sdk.GetMetricDataOutput, error) {
	if err := checkQueries(in.MetricDataQueries); err != nil {
		return nil, err
	}
	period := int32(60)
	for i, q := range in.MetricDataQueries {
		if q.MetricStat != nil {
			if i > 0 && period != *q.MetricStat.Period && slices.ContainsFunc(in.MetricDataQueries, func(o types.MetricDataQuery) bool { return o.Expression != nil }) {
				return nil, invalid("Metrics of different periods in one expression are not simulated.")
			}
			period = *q.MetricStat.Period
		}
	}
	out := &sdk.GetMetricDataOutput{MetricDataResults: []types.MetricDataResult{}, Messages: []types.MessageData{}}
	for _, q := range in.MetricDataQueries {
		own := period
		if q.MetricStat != nil {
			own = *q.MetricStat.Period
		}
		start, count, err := spans(in.StartTime, in.EndTime, own)
		if err != nil {
			return nil, err
		}
		if q.ReturnData != nil && !*q.ReturnData {
			continue
		}
		all, err := s.queried(t.Caller.Account, t.Region, in.MetricDataQueries, start, func(d time.Duration) time.Duration { return d }, count)
		if err != nil {
			return nil, invalid("%s", err)
		}
		out.MetricDataResults = append(out.MetricDataResults, resultOf(q, all[*q.Id], start, own, in.ScanBy))
	}
	return out, nil
}

func resultOf(q types.MetricDataQuery, values []float64, start time.Time, period int32, order types.ScanBy) types.MetricDataResult {
	label := q.Label
	if label == nil && q.MetricStat != nil {
		label = q.MetricStat.Metric.MetricName
	}
	if label == nil {
		label = q.Id
	}
	result := types.MetricDataResult{Id: q.Id, Label: label, StatusCode: types.StatusCodeComplete, Timestamps: []time.Time{}, Values: []float64{}}
	for i, value := range values {
		if !math.IsNaN(value) {
			result.Timestamps = append(result.Timestamps, start.Add(time.Duration(i)*time.Duration(period)*time.Second).UTC())
			result.Values = append(result.Values, value)
		}
	}
	if order != types.ScanByTimestampAscending {
		slices.Reverse(result.Timestamps)
		slices.Reverse(result.Values)
	}
	return result
}

func (s *Service) getMetricStatistics(t *turn, in *sdk.GetMetricStatisticsInput) (*sdk.GetMetricStatisticsOutput, error) {
	if in.Period == nil || *in.Period <= 0 {
		return nil, frame.Errorf("InvalidParameterValue", "The parameter Period must be greater than 0.")
	}
	start, count, err := spans(in.StartTime, in.EndTime, *in.Period)
	if err != nil {
		return nil, err
	}
	of := metric{t.Caller.Account, t.Region, aws.ToString(in.Namespace), aws.ToString(in.MetricName), dimensionKey(in.Dimensions)}
	period := time.Duration(*in.Period) * time.Second
	statistic := func(name string) []float64 { return s.series.buckets(of, name, in.Unit, start, period, count) }
	counts := statistic("SampleCount")
	out := &sdk.GetMetricStatisticsOutput{Label: in.MetricName, Datapoints: []types.Datapoint{}}
	for i := range count {
		if math.IsNaN(counts[i]) {
			continue
		}
		point := types.Datapoint{Timestamp: aws.Time(start.Add(time.Duration(i) * period).UTC()), Unit: in.Unit}
		if point.Unit == "" {
			point.Unit = types.StandardUnitNone
		}
		for name, field := range map[types.Statistic]**float64{
			types.StatisticAverage: &point.Average, types.StatisticSum: &point.Sum, types.StatisticMinimum: &point.Minimum,
			types.StatisticMaximum: &point.Maximum, types.StatisticSampleCount: &point.SampleCount,
		} {
			if slices.Contains(in.Statistics, name) {
				*field = aws.Float64(statistic(string(name))[i])
			}
		}
		for _, name := range in.ExtendedStatistics {
			if point.ExtendedStatistics == nil {
				point.ExtendedStatistics = map[string]float64{}
			}
			point.ExtendedStatistics[name] = statistic(name)[i]
		}
		out.Datapoints = append(out.Datapoints, point)
	}
	return out, nil
}

func (s *Service) listMetrics(t *turn, in *sdk.ListMetricsInput) (*sdk.ListMetricsOutput, error) {
	out := &sdk.ListMetricsOutput{Metrics: []types.Metric{}}
	s.series.mu.Lock()
	defer s.series.mu.Unlock()
	for of, dimensions := range s.series.dimensions {
		if of.account != t.Caller.Account || of.region != t.Region ||
			in.Namespace != nil && *in.Namespace != of.namespace || in.MetricName != nil && *in.MetricName != of.name || !holds(dimensions, in.Dimensions) {
			continue
		}
		out.Metrics = append(out.Metrics, types.Metric{Namespace: aws.String(of.namespace), MetricName: aws.String(of.name), Dimensions: orEmpty(dimensions)})
	}
	slices.SortFunc(out.Metrics, func(a, b types.Metric) int {
		key := func(m types.Metric) string {
			return *m.Namespace + "\x00" + *m.MetricName + "\x00" + dimensionKey(m.Dimensions)
		}
		return strings.Compare(key(a), key(b))
	})
	return out, nil
}

func holds(dimensions []types.Dimension, asked []types.DimensionFilter) bool {
	for _, filter := range asked {
		if !slices.ContainsFunc(dimensions, func(d types.Dimension) bool {
			return aws.ToString(d.Name) == aws.ToString(filter.Name) && (filter.Value == nil || *filter.Value == aws.ToString(d.Value))
		}) {
			return false
		}
	}
	return true
}
