package autoscaling

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

var metricNames = []string{
	"GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupStandbyInstances",
	"GroupTerminatingInstances", "GroupTotalInstances", "GroupInServiceCapacity", "GroupPendingCapacity", "GroupStandbyCapacity",
	"GroupTerminatingCapacity", "GroupTotalCapacity", "WarmPoolDesiredCapacity", "WarmPoolWarmedCapacity", "WarmPoolPendingCapacity",
	"WarmPoolTerminatingCapacity", "WarmPoolTotalCapacity", "GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity",
}

const granularity = "1Minute"

func enableMetrics(w *write, in *sdk.EnableMetricsCollectionInput) (*sdk.EnableMetricsCollectionOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if text(in.Granularity) != granularity {
		return nil, invalid("The granularity must be %s", granularity)
	}
	names, err := chosen(in.Metrics, metricNames, "metric")
	if err != nil {
		return nil, err
	}
	g.Metrics = append(g.Metrics, names...)
	slices.Sort(g.Metrics)
	g.Metrics = slices.Compact(g.Metrics)
	return &sdk.EnableMetricsCollectionOutput{}, nil
}

func disableMetrics(w *write, in *sdk.DisableMetricsCollectionInput) (*sdk.DisableMetricsCollectionOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	names, err := chosen(in.Metrics, metricNames, "metric")
	if err != nil {
		return nil, err
	}
	g.Metrics = slices.DeleteFunc(g.Metrics, func(name string) bool { return slices.Contains(names, name) })
	return &sdk.DisableMetricsCollectionOutput{}, nil
}

func describeMetricTypes(_ *reading, _ *sdk.DescribeMetricCollectionTypesInput) (*sdk.DescribeMetricCollectionTypesOutput, error) {
	out := &sdk.DescribeMetricCollectionTypesOutput{Granularities: []types.MetricGranularityType{{Granularity: aws.String(granularity)}}}
	for i := range metricNames {
		out.Metrics = append(out.Metrics, types.MetricCollectionType{Metric: &metricNames[i]})
	}
	return out, nil
}

// sendMetrics records the metrics that the group collects, once a minute.
func (t *turn) sendMetrics() {
	if len(t.Metrics) == 0 || t.now.Sub(t.Measured) < max(t.service.seconds(60), time.Millisecond) {
		return
	}
	t.Measured = t.now
	values := t.measured()
	for _, name := range t.Metrics {
		t.needs.Alarms.PutMetric(Metric{
			Account: t.Account, Region: t.Region, Namespace: "AWS/AutoScaling", MetricName: name,
			Dimensions: map[string]string{"AutoScalingGroupName": t.Name}, Value: values[name],
		})
	}
}

func (t *turn) measured() map[string]float64 {
	s := &t.Settings
	values := map[string]float64{"GroupMinSize": float64(*s.MinSize), "GroupMaxSize": float64(*s.MaxSize), "GroupDesiredCapacity": float64(*s.DesiredCapacity)}
	for i := range t.Instances {
		one := &t.Instances[i]
		kind := "Terminating"
		switch {
		case one.State == types.LifecycleStateInService:
			kind = "InService"
		case one.base() == statePending || one.base() == statePending+wait || one.base() == statePending+proceed:
			kind = "Pending"
		case !one.serving():
			kind = "Standby"
		case one.warm() && (one.base() == "Stopped" || one.base() == "Running" || one.base() == "Hibernated"):
			kind = "Warmed"
		}
		weight := float64(one.Weight)
		if one.warm() {
			values["WarmPool"+kind+"Capacity"] += weight
			values["WarmPoolTotalCapacity"] += weight
			continue
		}
		values["Group"+kind+"Instances"]++
		values["GroupTotalInstances"]++
		values["Group"+kind+"Capacity"] += weight
		values["GroupTotalCapacity"] += weight
	}
	if t.WarmPool != nil {
		values["WarmPoolDesiredCapacity"] = float64(t.poolSize())
	}
	values["GroupAndWarmPoolDesiredCapacity"] = values["GroupDesiredCapacity"] + values["WarmPoolDesiredCapacity"]
	values["GroupAndWarmPoolTotalCapacity"] = values["GroupTotalCapacity"] + values["WarmPoolTotalCapacity"]
	return values
}
