package autoscaling

import (
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

const (
	// learned is how far back a forecast looks; least is how many hours of it must be known; ahead is how far it goes.
	learned = 14 * 24 * time.Hour
	least   = 24
	ahead   = 48 * time.Hour
	// oldest and longest bound what one call asks for.
	oldest  = 365 * 24 * time.Hour
	longest = 30 * 24 * time.Hour
	day     = 24 * time.Hour
	minutes = 60
)

// load is what is forecast: a metric by the hour, and how much of it an instance is to have.
type load struct {
	queries []types.MetricDataQuery
	// share is how much of the load an instance bears at the target value.
	share float64
}

// getForecast answers what the history of the metrics lets expect: for each
// hour the mean of the same hour of the days before.
func getForecast(r *reading, in *sdk.GetPredictiveScalingForecastInput) (*sdk.GetPredictiveScalingForecastOutput, error) {
	g, err := r.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	p, ok := g.Policies[text(in.PolicyName)]
	switch {
	case !ok:
		return nil, invalid("PolicyName not found: %s", text(in.PolicyName))
	case *p.PolicyType != policyPredictive:
		return nil, invalid("The policy %s is not a predictive scaling policy", *p.PolicyName)
	case in.StartTime == nil || in.EndTime == nil || !in.StartTime.Before(*in.EndTime):
		return nil, invalid("The start time must be before the end time")
	case in.StartTime.Before(r.moment.Add(-oldest)):
		return nil, invalid("The start time must not be more than one year ago")
	case in.EndTime.Sub(*in.StartTime) > longest:
		return nil, invalid("The time between the start time and the end time must not be more than 30 days")
	}
	specification := &p.PredictiveScalingConfiguration.MetricSpecifications[0]
	expected := types.LoadForecast{MetricSpecification: specification, Timestamps: []time.Time{}, Values: []float64{}}
	capacity := types.CapacityForecast{Timestamps: []time.Time{}, Values: []float64{}}
	what, history := g.history(r.service, specification, r.moment)
	for at := in.StartTime.UTC().Truncate(time.Hour); at.Before(*in.EndTime) && at.Before(r.moment.Add(ahead)); at = at.Add(time.Hour) {
		value, known := history.expected(at)
		if at.Before(*in.StartTime) || !known {
			continue
		}
		expected.Timestamps, expected.Values = append(expected.Timestamps, at), append(expected.Values, value)
		capacity.Timestamps, capacity.Values = append(capacity.Timestamps, at), append(capacity.Values, what.capacity(value))
	}
	return &sdk.GetPredictiveScalingForecastOutput{CapacityForecast: &capacity, LoadForecast: []types.LoadForecast{expected}, UpdateTime: aws.Time(r.moment)}, nil
}

// capacity is how many instances a load takes.
func (l load) capacity(value float64) float64 {
	if l.share <= 0 {
		return 0
	}
	return math.Ceil(value/l.share - 1e-9)
}

// history is the load of hours that are over.
type history struct {
	from   time.Time
	values []float64 // not a number where nothing is known
}

// history reads what is known of the load of a predictive policy.
func (g *group) history(s *Service, m *types.PredictiveScalingMetricSpecification, now time.Time) (load, history) {
	what := g.loadOf(s, m)
	h := history{from: now.UTC().Truncate(time.Hour).Add(-learned)}
	h.values = s.needs.Alarms.MetricHistory(g.Account, g.Region, what.queries, h.from, time.Hour, int(learned/time.Hour))
	return what, h
}

// expected is the mean of what was known, before an hour, of the same hour of
// other days; not known before a day of the load is.
func (h history) expected(at time.Time) (float64, bool) {
	sum, days, known := 0.0, 0, 0
	for i, value := range h.values {
		hour := h.from.Add(time.Duration(i) * time.Hour)
		if math.IsNaN(value) || !hour.Before(at) {
			continue
		}
		known++
		if at.Sub(hour)%day == 0 {
			sum, days = sum+value, days+1
		}
	}
	if known < least || days == 0 {
		return 0, false
	}
	return sum / float64(days), true
}

// loads are the metrics that predefined types of loads sum up.
var loads = map[string]struct{ namespace, name string }{
	"ASGTotalCPUUtilization": {"AWS/EC2", "CPUUtilization"}, "ASGCPUUtilization": {"AWS/EC2", "CPUUtilization"},
	"ASGTotalNetworkIn": {"AWS/EC2", "NetworkIn"}, "ASGNetworkIn": {"AWS/EC2", "NetworkIn"},
	"ASGTotalNetworkOut": {"AWS/EC2", "NetworkOut"}, "ASGNetworkOut": {"AWS/EC2", "NetworkOut"},
	"ALBTargetGroupRequestCount": {"AWS/ApplicationELB", "RequestCount"}, "ALBRequestCount": {"AWS/ApplicationELB", "RequestCount"},
}

// loadOf is the load that a policy forecasts. Instances report once a minute,
// so that an hour of one at the target value sums up to sixty times that.
func (g *group) loadOf(s *Service, m *types.PredictiveScalingMetricSpecification) load {
	target := aws.ToFloat64(m.TargetValue)
	if m.CustomizedLoadMetricSpecification != nil {
		return load{queries: m.CustomizedLoadMetricSpecification.MetricDataQueries, share: target}
	}
	kind, label := "", (*string)(nil)
	switch {
	case m.PredefinedMetricPairSpecification != nil:
		kind, label = string(m.PredefinedMetricPairSpecification.PredefinedMetricType), m.PredefinedMetricPairSpecification.ResourceLabel
	case m.PredefinedLoadMetricSpecification != nil:
		kind, label = string(m.PredefinedLoadMetricSpecification.PredefinedMetricType), m.PredefinedLoadMetricSpecification.ResourceLabel
	}
	found, ok := loads[kind]
	if !ok {
		return load{}
	}
	metric := &types.Metric{Namespace: &found.namespace, MetricName: &found.name, Dimensions: []types.MetricDimension{{Name: aws.String("AutoScalingGroupName"), Value: &g.Name}}}
	share := target * minutes
	if parts := resourceLabel.FindStringSubmatch(text(label)); parts != nil {
		metric.Dimensions = []types.MetricDimension{{Name: aws.String("LoadBalancer"), Value: &parts[1]}, {Name: aws.String("TargetGroup"), Value: &parts[2]}}
	} else {
		share *= s.env.Timing.AutoScaling.Shortening
	}
	return load{share: share, queries: []types.MetricDataQuery{{
		Id: aws.String("load"), MetricStat: &types.MetricStat{Metric: metric, Stat: aws.String("Sum")},
	}}}
}

// predict has the capacity be, at the beginning of each hour and some time before, what the policies forecast.
func (t *turn) predict() {
	if t.Deleting {
		return
	}
	for name, p := range t.Policies {
		c := p.PredictiveScalingConfiguration
		if c == nil || c.Mode != types.PredictiveScalingModeForecastAndScale || !aws.ToBool(p.Enabled) {
			continue
		}
		hour := t.now.Add(time.Duration(aws.ToInt32(c.SchedulingBufferTime)) * time.Second).UTC().Truncate(time.Hour)
		if t.Predicted[name].Equal(hour) {
			continue
		}
		if t.Predicted == nil {
			t.Predicted = map[string]time.Time{}
		}
		t.Predicted[name] = hour
		what, history := t.history(t.service, &c.MetricSpecifications[0], t.now)
		if value, known := history.expected(hour); known {
			t.foresee(p, int32(what.capacity(value)))
		}
	}
}

// foresee scales out to what is forecast; it never scales in.
func (t *turn) foresee(p types.ScalingPolicy, forecast int32) {
	c := p.PredictiveScalingConfiguration
	if c.MaxCapacityBreachBehavior == types.PredictiveScalingMaxCapacityBreachBehaviorIncreaseMaxCapacity {
		most := forecast + int32(math.Ceil(float64(forecast)*float64(aws.ToInt32(c.MaxCapacityBuffer))/100))
		t.Settings.MaxSize = aws.Int32(max(*t.Settings.MaxSize, most))
	}
	if forecast > *t.Settings.DesiredCapacity {
		t.scaleTo(forecast, "a predictive scaling policy "+*p.PolicyName+" changed the desired capacity")
	}
}

// nextForecast is when a policy that scales by its forecast acts next; the zero time when there is none.
func (g *group) nextForecast(now time.Time) time.Time {
	var first time.Time
	for name, p := range g.Policies {
		c := p.PredictiveScalingConfiguration
		if c == nil || c.Mode != types.PredictiveScalingModeForecastAndScale || !aws.ToBool(p.Enabled) {
			continue
		}
		buffer := time.Duration(aws.ToInt32(c.SchedulingBufferTime)) * time.Second
		at := now.Add(buffer).UTC().Truncate(time.Hour)
		if g.Predicted[name].Equal(at) {
			at = at.Add(time.Hour)
		}
		if at = at.Add(-buffer); at.Before(now) {
			at = now
		}
		if first.IsZero() || at.Before(first) {
			first = at
		}
	}
	return first
}
