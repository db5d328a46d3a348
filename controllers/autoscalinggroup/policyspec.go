package autoscalinggroup

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

// Types of scaling policies, as AWS names them.
const (
	policyTracking   = "TargetTrackingScaling"
	policyStep       = "StepScaling"
	policySimple     = "SimpleScaling"
	policyPredictive = "PredictiveScaling"
)

// numberOf is a decimal of the spec as AWS takes it. Admission has made sure that it is one.
func numberOf(d v1alpha1.Decimal) *float64 {
	value, err := strconv.ParseFloat(string(d), 64)
	if err != nil {
		return nil
	}
	return &value
}

// optionalNumber is a decimal that may be left out.
func optionalNumber(d *v1alpha1.Decimal) *float64 {
	if d == nil {
		return nil
	}
	return numberOf(*d)
}

// desiredPolicy is a declared policy as AWS would describe it, less its ARN and what AWS makes for it. Labels names the
// target groups whose requests it counts.
func desiredPolicy(p *v1alpha1.ScalingPolicy, labels labels) types.ScalingPolicy {
	policy := types.ScalingPolicy{PolicyName: &p.Name, Enabled: aws.Bool(p.Enabled == nil || *p.Enabled)}
	switch {
	case p.TargetTracking != nil:
		policy.PolicyType = aws.String(policyTracking)
		policy.EstimatedInstanceWarmup = p.TargetTracking.EstimatedInstanceWarmupSeconds
		policy.TargetTrackingConfiguration = trackingConfiguration(p.TargetTracking, labels)
	case p.Step != nil:
		policy.PolicyType = aws.String(policyStep)
		policy.AdjustmentType = aws.String(string(p.Step.AdjustmentType))
		policy.MinAdjustmentMagnitude = p.Step.MinAdjustmentMagnitude
		policy.MetricAggregationType = awsclient.Optional(p.Step.MetricAggregationType)
		policy.EstimatedInstanceWarmup = p.Step.EstimatedInstanceWarmupSeconds
		for i := range p.Step.Steps {
			step := &p.Step.Steps[i]
			policy.StepAdjustments = append(policy.StepAdjustments, types.StepAdjustment{
				MetricIntervalLowerBound: optionalNumber(step.MetricIntervalLowerBound),
				MetricIntervalUpperBound: optionalNumber(step.MetricIntervalUpperBound),
				ScalingAdjustment:        &step.ScalingAdjustment,
			})
		}
	case p.Simple != nil:
		policy.PolicyType = aws.String(policySimple)
		policy.AdjustmentType = aws.String(string(p.Simple.AdjustmentType))
		policy.ScalingAdjustment = &p.Simple.ScalingAdjustment
		policy.MinAdjustmentMagnitude = p.Simple.MinAdjustmentMagnitude
		policy.Cooldown = p.Simple.CooldownSeconds
	case p.Predictive != nil:
		policy.PolicyType = aws.String(policyPredictive)
		policy.PredictiveScalingConfiguration = predictiveConfiguration(p.Predictive, labels)
	}
	return policy
}

// putting is the call that makes a policy, or makes one of its name like it.
func putting(group string, p *types.ScalingPolicy) *autoscaling.PutScalingPolicyInput {
	return &autoscaling.PutScalingPolicyInput{
		AutoScalingGroupName: &group, PolicyName: p.PolicyName, PolicyType: p.PolicyType, Enabled: p.Enabled,
		AdjustmentType: p.AdjustmentType, ScalingAdjustment: p.ScalingAdjustment, StepAdjustments: p.StepAdjustments,
		MinAdjustmentMagnitude: p.MinAdjustmentMagnitude, MetricAggregationType: p.MetricAggregationType, Cooldown: p.Cooldown,
		EstimatedInstanceWarmup: p.EstimatedInstanceWarmup, TargetTrackingConfiguration: p.TargetTrackingConfiguration,
		PredictiveScalingConfiguration: p.PredictiveScalingConfiguration,
	}
}

func trackingConfiguration(t *v1alpha1.TargetTrackingPolicy, labels labels) *types.TargetTrackingConfiguration {
	config := &types.TargetTrackingConfiguration{TargetValue: numberOf(t.TargetValue), DisableScaleIn: t.DisableScaleIn}
	if m := t.PredefinedMetric; m != nil {
		config.PredefinedMetricSpecification = &types.PredefinedMetricSpecification{
			PredefinedMetricType: types.MetricType(m.Type), ResourceLabel: labels.of(m.MetricTargetGroup),
		}
	}
	m := t.CustomizedMetric
	if m == nil {
		return config
	}
	config.CustomizedMetricSpecification = &types.CustomizedMetricSpecification{
		Namespace: awsclient.Optional(m.Namespace), MetricName: awsclient.Optional(m.Name), Statistic: types.MetricStatistic(m.Statistic),
		Unit: awsclient.Optional(string(m.Unit)), Period: m.PeriodSeconds, Dimensions: scalingDimensions(m.Dimensions),
		Metrics: trackingQueries(m.Metrics),
	}
	return config
}

func predictiveConfiguration(p *v1alpha1.PredictivePolicy, labels labels) *types.PredictiveScalingConfiguration {
	m := &p.Metric
	metric := types.PredictiveScalingMetricSpecification{TargetValue: numberOf(p.TargetValue)}
	if m.Pair != "" {
		metric.PredefinedMetricPairSpecification = &types.PredictiveScalingPredefinedMetricPair{
			PredefinedMetricType: types.PredefinedMetricPairType(m.Pair), ResourceLabel: labels.of(m.MetricTargetGroup),
		}
	}
	if s := m.ScalingMetric; s != nil && s.Type != "" {
		metric.PredefinedScalingMetricSpecification = &types.PredictiveScalingPredefinedScalingMetric{
			PredefinedMetricType: types.PredefinedScalingMetricType(s.Type), ResourceLabel: labels.of(s.MetricTargetGroup),
		}
	} else if s != nil {
		metric.CustomizedScalingMetricSpecification = &types.PredictiveScalingCustomizedScalingMetric{MetricDataQueries: predictiveQueries(s.Metrics)}
	}
	if l := m.LoadMetric; l != nil && l.Type != "" {
		metric.PredefinedLoadMetricSpecification = &types.PredictiveScalingPredefinedLoadMetric{
			PredefinedMetricType: types.PredefinedLoadMetricType(l.Type), ResourceLabel: labels.of(l.MetricTargetGroup),
		}
	} else if l != nil {
		metric.CustomizedLoadMetricSpecification = &types.PredictiveScalingCustomizedLoadMetric{MetricDataQueries: predictiveQueries(l.Metrics)}
	}
	if c := m.CapacityMetric; c != nil {
		metric.CustomizedCapacityMetricSpecification = &types.PredictiveScalingCustomizedCapacityMetric{MetricDataQueries: predictiveQueries(c.Metrics)}
	}
	return &types.PredictiveScalingConfiguration{
		MetricSpecifications: []types.PredictiveScalingMetricSpecification{metric},
		Mode:                 types.PredictiveScalingMode(p.Mode), SchedulingBufferTime: p.SchedulingBufferSeconds,
		MaxCapacityBreachBehavior: types.PredictiveScalingMaxCapacityBreachBehavior(p.MaxCapacityBreachBehavior), MaxCapacityBuffer: p.MaxCapacityBuffer,
	}
}
