package autoscalinggroup

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fields is the one form in which policies, alarms and scheduled actions are compared: the text of each field by its path in
// the spec, with AWS's defaults filled in. What is not there is left out.
type fields map[string]string

func (f fields) text(path, value string) {
	if value != "" {
		f[path] = value
	}
}

func (f fields) number(path string, value *float64) {
	if value != nil {
		f[path] = decimalText(*value)
	}
}

func (f fields) integer(path string, value *int32) {
	if value != nil {
		f[path] = strconv.FormatInt(int64(*value), 10)
	}
}

func (f fields) boolean(path string, value bool) { f[path] = strconv.FormatBool(value) }

func decimalText(value float64) string { return strconv.FormatFloat(value, 'f', -1, 64) }

// differing returns the paths of the fields that are not the same in both, in order.
func differing(desired, observed fields) []string {
	var paths []string
	for path, value := range desired {
		if seen, ok := observed[path]; !ok || seen != value {
			paths = append(paths, path)
		}
	}
	for path := range observed {
		if _, ok := desired[path]; !ok {
			paths = append(paths, path)
		}
	}
	slices.Sort(paths)
	return paths
}

// updates is the plan that makes what is observed as it is desired: one line a field; nil when nothing differs.
func updates(resource string, desired, observed fields) []v1alpha1.PlannedChange {
	var plan []v1alpha1.PlannedChange
	for _, path := range differing(desired, observed) {
		plan = append(plan, planned(lifecycle.VerbUpdate, resource, path, observed[path], desired[path])...)
	}
	return plan
}

// normalScalingPolicy is a policy in comparable form.
func normalScalingPolicy(p *types.ScalingPolicy) fields {
	f := fields{}
	f.boolean("enabled", p.Enabled == nil || *p.Enabled)
	switch aws.ToString(p.PolicyType) {
	case policyTracking:
		f.integer("targetTracking.estimatedInstanceWarmupSeconds", p.EstimatedInstanceWarmup)
		f.tracking(p.TargetTrackingConfiguration)
	case policyStep:
		f.text("step.adjustmentType", aws.ToString(p.AdjustmentType))
		f.text("step.steps", stepsText(p.StepAdjustments))
		f.text("step.metricAggregationType", cmp.Or(aws.ToString(p.MetricAggregationType), "Average"))
		f.integer("step.minAdjustmentMagnitude", p.MinAdjustmentMagnitude)
		f.integer("step.estimatedInstanceWarmupSeconds", p.EstimatedInstanceWarmup)
	case policyPredictive:
		f.predictive(p.PredictiveScalingConfiguration)
	default:
		f.text("simple.adjustmentType", aws.ToString(p.AdjustmentType))
		f.integer("simple.scalingAdjustment", p.ScalingAdjustment)
		f.integer("simple.minAdjustmentMagnitude", p.MinAdjustmentMagnitude)
		f.integer("simple.cooldownSeconds", p.Cooldown)
	}
	return f
}

// trackingPeriod is how long the periods of target tracking are unless told.
const trackingPeriod = 60

func (f fields) tracking(c *types.TargetTrackingConfiguration) {
	if c == nil {
		return
	}
	const path = "targetTracking."
	f.number(path+"targetValue", c.TargetValue)
	f.boolean(path+"disableScaleIn", aws.ToBool(c.DisableScaleIn))
	if m := c.PredefinedMetricSpecification; m != nil {
		f.text(path+"predefinedMetric.type", string(m.PredefinedMetricType))
		f.text(path+"predefinedMetric.resourceLabel", aws.ToString(m.ResourceLabel))
	}
	m := c.CustomizedMetricSpecification
	if m == nil {
		return
	}
	const custom = path + "customizedMetric."
	if len(m.Metrics) > 0 {
		f.queries(custom, fromTrackingQueries(m.Metrics), trackingPeriod)
		return
	}
	f.text(custom+"namespace", aws.ToString(m.Namespace))
	f.text(custom+"name", aws.ToString(m.MetricName))
	f.text(custom+"statistic", string(m.Statistic))
	f.text(custom+"unit", aws.ToString(m.Unit))
	f.text(custom+"periodSeconds", strconv.Itoa(cmp.Or(int(aws.ToInt32(m.Period)), trackingPeriod)))
	f.dimensions(custom, fromScalingDimensions(m.Dimensions))
}

func (f fields) predictive(c *types.PredictiveScalingConfiguration) {
	if c == nil {
		return
	}
	const path, metric = "predictive.", "predictive.metric."
	f.text(path+"mode", cmp.Or(string(c.Mode), string(types.PredictiveScalingModeForecastOnly)))
	f.text(path+"schedulingBufferSeconds", strconv.Itoa(int(aws.ToInt32(cmp.Or(c.SchedulingBufferTime, aws.Int32(300))))))
	f.text(path+"maxCapacityBreachBehavior", cmp.Or(string(c.MaxCapacityBreachBehavior), string(types.PredictiveScalingMaxCapacityBreachBehaviorHonorMaxCapacity)))
	f.integer(path+"maxCapacityBuffer", c.MaxCapacityBuffer)
	for i := range c.MetricSpecifications {
		m := &c.MetricSpecifications[i]
		f.number(path+"targetValue", m.TargetValue)
		if p := m.PredefinedMetricPairSpecification; p != nil {
			f.text(metric+"pair", string(p.PredefinedMetricType))
			f.text(metric+"resourceLabel", aws.ToString(p.ResourceLabel))
		}
		if p := m.PredefinedScalingMetricSpecification; p != nil {
			f.text(metric+"scalingMetric.type", string(p.PredefinedMetricType))
			f.text(metric+"scalingMetric.resourceLabel", aws.ToString(p.ResourceLabel))
		}
		if p := m.PredefinedLoadMetricSpecification; p != nil {
			f.text(metric+"loadMetric.type", string(p.PredefinedMetricType))
			f.text(metric+"loadMetric.resourceLabel", aws.ToString(p.ResourceLabel))
		}
		if p := m.CustomizedScalingMetricSpecification; p != nil {
			f.queries(metric+"scalingMetric.", fromPredictiveQueries(p.MetricDataQueries), 0)
		}
		if p := m.CustomizedLoadMetricSpecification; p != nil {
			f.queries(metric+"loadMetric.", fromPredictiveQueries(p.MetricDataQueries), 0)
		}
		if p := m.CustomizedCapacityMetricSpecification; p != nil {
			f.queries(metric+"capacityMetric.", fromPredictiveQueries(p.MetricDataQueries), 0)
		}
	}
}

func (f fields) dimensions(path string, dimensions v1alpha1.MetricDimensions) {
	for name, value := range dimensions {
		f.text(path+"dimensions."+name, string(value))
	}
}

// queries notes metric queries, whose order means nothing. Period is that of those which tell none; 0 when they have none.
func (f fields) queries(path string, queries v1alpha1.MetricQueries, period int32) {
	for i := range queries {
		q := &queries[i]
		one := path + "metrics." + q.ID + "."
		f.text(one+"expression", q.Expression)
		f.text(one+"label", q.Label)
		f.boolean(one+"returnData", q.ReturnData == nil || *q.ReturnData)
		own := aws.ToInt32(q.PeriodSeconds)
		if m := q.MetricStat; m != nil {
			f.text(one+"metricStat.namespace", m.Namespace)
			f.text(one+"metricStat.name", m.Name)
			f.text(one+"metricStat.statistic", m.Statistic)
			f.text(one+"metricStat.unit", string(m.Unit))
			f.dimensions(one+"metricStat.", m.Dimensions)
			own = cmp.Or(aws.ToInt32(m.PeriodSeconds), own)
		}
		if own = cmp.Or(own, period); own != 0 {
			f.integer(one+"periodSeconds", &own)
		}
	}
}

// stepsText is how steps are compared and told: by where they begin.
func stepsText(steps []types.StepAdjustment) string {
	sorted := slices.SortedStableFunc(slices.Values(steps), func(a, b types.StepAdjustment) int {
		switch lower, other := a.MetricIntervalLowerBound, b.MetricIntervalLowerBound; {
		case lower == nil || other == nil:
			return cmp.Compare(boolToInt(lower != nil), boolToInt(other != nil))
		default:
			return cmp.Compare(*lower, *other)
		}
	})
	bound := func(value *float64, none string) string {
		if value == nil {
			return none
		}
		return decimalText(*value)
	}
	var texts []string
	for _, s := range sorted {
		texts = append(texts, bound(s.MetricIntervalLowerBound, "-∞")+" to "+bound(s.MetricIntervalUpperBound, "∞")+": "+
			strconv.FormatInt(int64(aws.ToInt32(s.ScalingAdjustment)), 10))
	}
	return strings.Join(texts, ", ")
}

func boolToInt(b bool) int {
	if b {
		return 1
	}
	return 0
}

// namesOf are the names of what is declared and of what was declared before, each once, in order.
func namesOf(declared, before []string) []string {
	names := map[string]bool{}
	for _, name := range slices.Concat(declared, before) {
		names[name] = true
	}
	return slices.Sorted(maps.Keys(names))
}
