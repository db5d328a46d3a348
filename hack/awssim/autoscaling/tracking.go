package autoscaling

import (
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// The alarms of target tracking: how many periods they look at, and how far
// below the target the metric must be to scale in.
const (
	highPeriods = 3
	lowPeriods  = 15
	lowShare    = 0.9
	alarmPeriod = 60
)

var (
	queryID       = regexp.MustCompile(`^[a-z][a-zA-Z0-9_]*$`)
	resourceLabel = regexp.MustCompile(`^(app/[^/]+/[0-9a-f]+)/(targetgroup/[^/]+/[0-9a-f]+)$`)
)

func isLow(a types.Alarm) bool { return strings.Contains(*a.AlarmName, "-AlarmLow-") }

// predefined are the metrics of predefined types.
var predefined = map[types.MetricType]struct{ namespace, name, statistic string }{
	types.MetricTypeASGAverageCPUUtilization: {"AWS/EC2", "CPUUtilization", "Average"},
	types.MetricTypeASGAverageNetworkIn:      {"AWS/EC2", "NetworkIn", "Average"},
	types.MetricTypeASGAverageNetworkOut:     {"AWS/EC2", "NetworkOut", "Average"},
	types.MetricTypeALBRequestCountPerTarget: {"AWS/ApplicationELB", "RequestCountPerTarget", "Sum"},
}

func (w *write) checkTracking(g *group, p *types.ScalingPolicy) error {
	c := p.TargetTrackingConfiguration
	switch {
	case c == nil:
		return invalid("TargetTrackingConfiguration must be specified for policy type TargetTrackingScaling")
	case c.TargetValue == nil:
		return violated(nil, "targetTrackingConfiguration.targetValue", "Member must not be null")
	case *c.TargetValue <= 0:
		return invalid("TargetValue must be greater than 0")
	case (c.PredefinedMetricSpecification == nil) == (c.CustomizedMetricSpecification == nil):
		return invalid("Exactly one of PredefinedMetricSpecification and CustomizedMetricSpecification must be specified")
	case p.AdjustmentType != nil || p.ScalingAdjustment != nil || len(p.StepAdjustments) > 0 || p.Cooldown != nil ||
		p.MinAdjustmentMagnitude != nil || p.MetricAggregationType != nil:
		return invalid("AdjustmentType, ScalingAdjustment, StepAdjustments, Cooldown, MinAdjustmentMagnitude and MetricAggregationType are not supported for policy type TargetTrackingScaling")
	}
	config := *c
	config.DisableScaleIn = either(config.DisableScaleIn, false)
	p.TargetTrackingConfiguration = &config
	if c.PredefinedMetricSpecification != nil {
		return w.checkPredefined(g, c.PredefinedMetricSpecification)
	}
	return checkCustomized(c.CustomizedMetricSpecification)
}

func (w *write) checkPredefined(g *group, m *types.PredefinedMetricSpecification) error {
	if _, ok := predefined[m.PredefinedMetricType]; !ok {
		return violated(m.PredefinedMetricType, "targetTrackingConfiguration.predefinedMetricSpecification.predefinedMetricType",
			"Member must satisfy enum value set: %v", m.PredefinedMetricType.Values())
	}
	if m.PredefinedMetricType != types.MetricTypeALBRequestCountPerTarget {
		if m.ResourceLabel != nil {
			return invalid("ResourceLabel is only supported for the metric type ALBRequestCountPerTarget")
		}
		return nil
	}
	parts := resourceLabel.FindStringSubmatch(text(m.ResourceLabel))
	if parts == nil {
		return invalid("The resource label must be of the form app/<load-balancer-name>/<load-balancer-id>/targetgroup/<target-group-name>/<target-group-id>")
	}
	for _, s := range g.Sources {
		if !s.Removing && strings.HasSuffix(s.Identifier, ":"+parts[2]) {
			return nil
		}
	}
	return invalid("The target group %s is not attached to the Auto Scaling group", parts[2])
}

func checkCustomized(m *types.CustomizedMetricSpecification) error {
	if len(m.Metrics) == 0 {
		if text(m.MetricName) == "" || text(m.Namespace) == "" || m.Statistic == "" {
			return invalid("MetricName, Namespace and Statistic must be specified for a customized metric")
		}
		return checkPeriod(m.Period)
	}
	if m.MetricName != nil || m.Namespace != nil || m.Statistic != "" {
		return invalid("Metrics cannot be specified together with MetricName, Namespace or Statistic")
	}
	returned, ids := 0, map[string]bool{}
	for i := range m.Metrics {
		one := &m.Metrics[i]
		if err := checkQuery(one, ids); err != nil {
			return err
		}
		if one.ReturnData == nil || *one.ReturnData {
			returned++
		}
	}
	if returned != 1 {
		return invalid("Exactly one metric must return data")
	}
	return nil
}

// checkQuery checks a metric of an expression, and notes its id among those there are.
func checkQuery(one *types.TargetTrackingMetricDataQuery, ids map[string]bool) error {
	id := text(one.Id)
	switch {
	case !queryID.MatchString(id) || ids[id]:
		return invalid("The metric id '%s' must be unique, begin with a lower-case letter and have letters, numbers and underscores only", id)
	case (one.Expression == nil) == (one.MetricStat == nil):
		return invalid("Exactly one of Expression and MetricStat must be specified for the metric '%s'", id)
	}
	ids[id] = true
	if err := checkPeriod(one.Period); err != nil || one.MetricStat == nil {
		return err
	}
	return checkPeriod(one.MetricStat.Period)
}

func checkPeriod(period *int32) error {
	if period != nil && *period != 10 && *period != 30 && *period != 60 {
		return invalid("The period must be 10, 30 or 60 seconds")
	}
	return nil
}

// trackingAlarms makes or replaces the two alarms of a target tracking policy.
func (w *write) trackingAlarms(g *group, p *types.ScalingPolicy, former []types.Alarm) []types.Alarm {
	config := p.TargetTrackingConfiguration
	base := Alarm{
		Account: g.Account, Region: g.Region, Period: alarmPeriod, Actions: []string{*p.PolicyARN},
		Description: "DO NOT EDIT OR DELETE. For TargetTrackingScaling policy " + *p.PolicyARN + ".",
	}
	if one := config.PredefinedMetricSpecification; one != nil {
		metric := predefined[one.PredefinedMetricType]
		base.Namespace, base.MetricName, base.Statistic = metric.namespace, metric.name, metric.statistic
		base.Dimensions = []types.MetricDimension{{Name: aws.String("AutoScalingGroupName"), Value: &g.Name}}
		if parts := resourceLabel.FindStringSubmatch(text(one.ResourceLabel)); parts != nil {
			base.Dimensions = []types.MetricDimension{
				{Name: aws.String("LoadBalancer"), Value: &parts[1]}, {Name: aws.String("TargetGroup"), Value: &parts[2]},
			}
		}
	} else {
		one := config.CustomizedMetricSpecification
		base.Namespace, base.MetricName, base.Statistic, base.Unit = text(one.Namespace), text(one.MetricName), string(one.Statistic), text(one.Unit)
		base.Dimensions, base.Metrics = one.Dimensions, one.Metrics
		base.Period = aws.ToInt32(either(one.Period, int32(alarmPeriod)))
	}
	high, low := base, base
	high.Comparison, high.Threshold, high.EvaluationPeriods = "GreaterThanThreshold", *config.TargetValue, highPeriods
	low.Comparison, low.Threshold, low.EvaluationPeriods = "LessThanThreshold", *config.TargetValue*lowShare, lowPeriods
	made := []types.Alarm{w.putAlarm(g, high, "AlarmHigh", former)}
	if !*config.DisableScaleIn {
		return append(made, w.putAlarm(g, low, "AlarmLow", former))
	}
	for _, one := range former {
		if isLow(one) {
			w.service.needs.Alarms.DeleteAlarms(g.Account, g.Region, []string{*one.AlarmName})
		}
	}
	return made
}

func (w *write) putAlarm(g *group, a Alarm, kind string, former []types.Alarm) types.Alarm {
	a.Name = "TargetTracking-" + g.Name + "-" + kind + "-" + w.service.env.Random.RequestID()
	for _, one := range former {
		if strings.Contains(*one.AlarmName, "-"+kind+"-") {
			a.Name = *one.AlarmName
		}
	}
	arn := w.service.needs.Alarms.PutAlarm(a)
	return types.Alarm{AlarmName: &a.Name, AlarmARN: &arn}
}
