package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldMetrics names the collection of metrics in status.managedFields.
const fieldMetrics = "metricsCollection"

// granularity is the only one that AWS offers.
const granularity = "1Minute"

// allMetrics are those that there are: what is collected when the spec names none.
var allMetrics = []string{
	"GroupMinSize", "GroupMaxSize", "GroupDesiredCapacity", "GroupInServiceInstances", "GroupPendingInstances", "GroupStandbyInstances",
	"GroupTerminatingInstances", "GroupTotalInstances", "GroupInServiceCapacity", "GroupPendingCapacity", "GroupStandbyCapacity",
	"GroupTerminatingCapacity", "GroupTotalCapacity", "WarmPoolDesiredCapacity", "WarmPoolWarmedCapacity", "WarmPoolPendingCapacity",
	"WarmPoolTerminatingCapacity", "WarmPoolTotalCapacity", "GroupAndWarmPoolDesiredCapacity", "GroupAndWarmPoolTotalCapacity",
}

// metricPlan is what to do about the metrics of a group.
type metricPlan struct {
	enable, disable []string
	// all says that every metric that AWS has is to be collected, those too that allMetrics does not know.
	all bool
}

// diffMetrics compares the metrics that the spec declares with those that are collected.
func diffMetrics(obj *v1alpha1.AutoScalingGroup, has []string) metricPlan {
	declared := obj.Spec.MetricsCollection
	switch {
	case declared == nil && !lifecycle.Managed(obj, fieldMetrics):
		return metricPlan{}
	case declared == nil:
		_, disable := split(nil, has)
		return metricPlan{disable: disable}
	case len(declared.Metrics) == 0:
		enable, _ := split(allMetrics, has)
		return metricPlan{enable: enable, all: true}
	}
	var want []string
	for _, name := range declared.Metrics {
		want = append(want, string(name))
	}
	enable, disable := split(want, has)
	return metricPlan{enable: enable, disable: disable}
}

func declaredMetrics(obj *v1alpha1.AutoScalingGroup) []string {
	if obj.Spec.MetricsCollection == nil {
		return nil
	}
	return []string{fieldMetrics}
}

// metricChanges returns the calls that begin and end the collection of metrics. A new group collects none.
func (k *Kind) metricChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	resource, verb, has := k.resourceOf(obj, o), lifecycle.VerbCreate, []string(nil)
	if o.group != nil {
		verb = lifecycle.VerbUpdate
		for i := range o.group.sdk.EnabledMetrics {
			has = append(has, aws.ToString(o.group.sdk.EnabledMetrics[i].Metric))
		}
	}
	differing := diffMetrics(obj, has)
	var changes []change
	if len(differing.enable) > 0 {
		changes = append(changes, change{
			plan: planned(verb, resource, fieldMetrics, "", joined(differing.enable)),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.enableMetrics(ctx, o, differing)
			},
		})
	}
	if len(differing.disable) > 0 {
		changes = append(changes, change{
			plan: planned(verb, resource, fieldMetrics, joined(differing.disable), ""),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.disableMetrics(ctx, o, differing.disable)
			},
		})
	}
	return changes, nil
}

// enableMetrics begins the collection. A call without names means all metrics.
func (k *Kind) enableMetrics(ctx context.Context, o *observed, differing metricPlan) error {
	input := &autoscaling.EnableMetricsCollectionInput{AutoScalingGroupName: aws.String(o.group.name()), Granularity: aws.String(granularity)}
	if !differing.all {
		input.Metrics = differing.enable
	}
	if _, err := k.clients.AutoScaling.EnableMetricsCollection(ctx, input); err != nil {
		return fmt.Errorf("enabling metrics of group %s: %w", o.group.name(), err)
	}
	now := slices.Clone(o.group.sdk.EnabledMetrics) // the answer of AWS is shared
	for _, name := range differing.enable {
		now = append(now, types.EnabledMetric{Metric: &name, Granularity: aws.String(granularity)})
	}
	o.group.sdk.EnabledMetrics = now
	return nil
}

// disableMetrics ends the collection of some metrics: there is at least one, as a call without names means all.
func (k *Kind) disableMetrics(ctx context.Context, o *observed, names []string) error {
	_, err := k.clients.AutoScaling.DisableMetricsCollection(ctx, &autoscaling.DisableMetricsCollectionInput{AutoScalingGroupName: aws.String(o.group.name()), Metrics: names})
	if err != nil {
		return fmt.Errorf("disabling metrics of group %s: %w", o.group.name(), err)
	}
	o.group.sdk.EnabledMetrics = without(o.group.sdk.EnabledMetrics, func(m types.EnabledMetric) bool {
		return slices.Contains(names, aws.ToString(m.Metric))
	})
	return nil
}
