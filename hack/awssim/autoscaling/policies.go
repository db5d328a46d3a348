package autoscaling

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Types of policies and of adjustments.
const (
	policySimple     = "SimpleScaling"
	policyStep       = "StepScaling"
	policyTracking   = "TargetTrackingScaling"
	policyPredictive = "PredictiveScaling"

	adjustBy        = "ChangeInCapacity"
	adjustTo        = "ExactCapacity"
	adjustByPercent = "PercentChangeInCapacity"
)

var (
	policyTypes     = []string{policyPredictive, policySimple, policyStep, policyTracking}
	adjustmentTypes = []string{adjustBy, adjustTo, adjustByPercent}
)

func putPolicy(w *write, in *sdk.PutScalingPolicyInput) (*sdk.PutScalingPolicyOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	var v frame.Violations
	v.Required(in.PolicyName, "policyName")
	v.Length(in.PolicyName, "policyName", 1, 255)
	if err := v.Err(validationError); err != nil {
		return nil, err
	}
	former, known := g.Policies[*in.PolicyName]
	if !known && len(g.Policies) >= w.service.quotas.Policies {
		return nil, frameError(limitExceeded, "A group can have at most %d scaling policies", w.service.quotas.Policies)
	}
	policy := types.ScalingPolicy{AutoScalingGroupName: &g.Name, PolicyARN: former.PolicyARN}
	merge(&policy, in)
	policy.AutoScalingGroupName = &g.Name
	policy.PolicyType = either(policy.PolicyType, policySimple)
	policy.Enabled = either(policy.Enabled, true)
	if known && *former.PolicyType != *policy.PolicyType {
		return nil, invalid("Policy type cannot be changed from %s to %s", *former.PolicyType, *policy.PolicyType)
	}
	if err := w.checkPolicy(g, &policy); err != nil {
		return nil, err
	}
	if policy.PolicyARN == nil {
		policy.PolicyARN = aws.String(fmt.Sprintf("arn:aws:autoscaling:%s:%s:scalingPolicy:%s:autoScalingGroupName/%s:policyName/%s",
			g.Region, g.Account, w.service.env.Random.RequestID(), g.Name, *policy.PolicyName))
	}
	if *policy.PolicyType == policyTracking {
		policy.Alarms = w.trackingAlarms(g, &policy, former.Alarms)
	}
	g.Policies[*policy.PolicyName] = policy
	return &sdk.PutScalingPolicyOutput{PolicyARN: policy.PolicyARN, Alarms: w.service.alarmsOf(g, policy)}, nil
}

func (s *Service) alarmsOf(g *group, policy types.ScalingPolicy) []types.Alarm {
	if *policy.PolicyType == policyTracking {
		return policy.Alarms
	}
	return s.needs.Alarms.AlarmsOf(g.Account, g.Region, *policy.PolicyARN)
}

func (w *write) checkPolicy(g *group, p *types.ScalingPolicy) error {
	switch *p.PolicyType {
	case policySimple:
		return checkSimple(p)
	case policyStep:
		return w.checkStep(p)
	case policyTracking:
		return w.checkTracking(g, p)
	case policyPredictive:
		return checkPredictive(p)
	}
	return invalid("Policy type must be one of %v", policyTypes)
}

func checkAdjustment(p *types.ScalingPolicy) error {
	switch {
	case p.AdjustmentType == nil:
		return invalid("AdjustmentType must be specified for policy type %s", *p.PolicyType)
	case !slices.Contains(adjustmentTypes, *p.AdjustmentType):
		return invalid("Invalid adjustment type: %s", *p.AdjustmentType)
	case p.MinAdjustmentMagnitude != nil && *p.AdjustmentType != adjustByPercent:
		return invalid("MinAdjustmentMagnitude is only supported with adjustment type PercentChangeInCapacity")
	case p.TargetTrackingConfiguration != nil || p.PredictiveScalingConfiguration != nil:
		return invalid("TargetTrackingConfiguration and PredictiveScalingConfiguration are not supported for policy type %s", *p.PolicyType)
	}
	return nil
}

func checkSimple(p *types.ScalingPolicy) error {
	switch {
	case p.ScalingAdjustment == nil:
		return invalid("ScalingAdjustment must be specified for policy type SimpleScaling")
	case len(p.StepAdjustments) > 0 || p.EstimatedInstanceWarmup != nil || p.MetricAggregationType != nil:
		return invalid("StepAdjustments, EstimatedInstanceWarmup and MetricAggregationType are not supported for policy type SimpleScaling")
	case p.AdjustmentType != nil && *p.AdjustmentType == adjustTo && *p.ScalingAdjustment < 0:
		return invalid("ScalingAdjustment must not be negative with adjustment type ExactCapacity")
	}
	return checkAdjustment(p)
}

func (w *write) checkStep(p *types.ScalingPolicy) error {
	p.MetricAggregationType = either(p.MetricAggregationType, "Average")
	switch {
	case p.ScalingAdjustment != nil || p.Cooldown != nil:
		return invalid("ScalingAdjustment and Cooldown are not supported for policy type StepScaling")
	case len(p.StepAdjustments) == 0:
		return invalid("StepAdjustments must be specified for policy type StepScaling")
	case len(p.StepAdjustments) > w.service.quotas.StepAdjustments:
		return frameError(limitExceeded, "A policy can have at most %d step adjustments", w.service.quotas.StepAdjustments)
	case !slices.Contains([]string{"Minimum", "Maximum", "Average"}, *p.MetricAggregationType):
		return invalid("Invalid metric aggregation type: %s", *p.MetricAggregationType)
	}
	if err := checkSteps(p.StepAdjustments); err != nil {
		return err
	}
	return checkAdjustment(p)
}

// checkSteps tells how steps leave a gap, overlap, or are open twice.
func checkSteps(given []types.StepAdjustment) error {
	steps := sortedSteps(given)
	for i, one := range steps {
		switch {
		case one.ScalingAdjustment == nil:
			return violated(nil, "stepAdjustments.scalingAdjustment", "Member must not be null")
		case one.MetricIntervalLowerBound == nil && one.MetricIntervalUpperBound == nil:
			return invalid("At least one of the bounds of a step adjustment must be specified")
		case one.MetricIntervalLowerBound != nil && one.MetricIntervalUpperBound != nil && *one.MetricIntervalLowerBound >= *one.MetricIntervalUpperBound:
			return invalid("The lower bound of a step adjustment must be less than its upper bound")
		case i == 0:
			continue
		}
		upper := steps[i-1].MetricIntervalUpperBound
		switch {
		case one.MetricIntervalLowerBound == nil:
			return invalid("At most one step adjustment can have no lower bound")
		case upper == nil:
			return invalid("At most one step adjustment can have no upper bound")
		case *upper != *one.MetricIntervalLowerBound:
			return invalid("StepAdjustment intervals can't have gaps or overlaps: %v and %v", *upper, *one.MetricIntervalLowerBound)
		}
	}
	return checkEnds(steps)
}

// checkEnds has steps below the threshold go down without end, and those above it go up without end.
func checkEnds(steps []types.StepAdjustment) error {
	switch first, last := steps[0].MetricIntervalLowerBound, steps[len(steps)-1].MetricIntervalUpperBound; {
	case first != nil && *first < 0:
		return invalid("A step adjustment with a negative lower bound needs one without a lower bound")
	case last != nil && *last > 0:
		return invalid("A step adjustment with a positive upper bound needs one without an upper bound")
	}
	return nil
}

func sortedSteps(given []types.StepAdjustment) []types.StepAdjustment {
	return slices.SortedStableFunc(slices.Values(given), func(a, b types.StepAdjustment) int {
		switch lower, other := a.MetricIntervalLowerBound, b.MetricIntervalLowerBound; {
		case lower == nil && other == nil:
			return 0
		case lower == nil:
			return -1
		case other == nil:
			return 1
		case *lower < *other:
			return -1
		case *lower > *other:
			return 1
		}
		return 0
	})
}

func checkPredictive(p *types.ScalingPolicy) error {
	c := p.PredictiveScalingConfiguration
	if c == nil {
		return invalid("PredictiveScalingConfiguration must be specified for policy type PredictiveScaling")
	}
	config := *c
	if config.Mode == "" {
		config.Mode = types.PredictiveScalingModeForecastOnly
	}
	if config.MaxCapacityBreachBehavior == "" {
		config.MaxCapacityBreachBehavior = types.PredictiveScalingMaxCapacityBreachBehaviorHonorMaxCapacity
	}
	config.SchedulingBufferTime = either(config.SchedulingBufferTime, 300)
	var v frame.Violations
	frame.Enum(&v, config.Mode, "predictiveScalingConfiguration.mode", config.Mode.Values())
	frame.Enum(&v, config.MaxCapacityBreachBehavior, "predictiveScalingConfiguration.maxCapacityBreachBehavior", config.MaxCapacityBreachBehavior.Values())
	frame.Between(&v, config.SchedulingBufferTime, "predictiveScalingConfiguration.schedulingBufferTime", 0, 3599)
	frame.Between(&v, config.MaxCapacityBuffer, "predictiveScalingConfiguration.maxCapacityBuffer", 0, 100)
	if err := v.Err(validationError); err != nil {
		return err
	}
	increases := config.MaxCapacityBreachBehavior == types.PredictiveScalingMaxCapacityBreachBehaviorIncreaseMaxCapacity
	switch {
	case len(config.MetricSpecifications) != 1:
		return invalid("Exactly one metric specification must be specified for predictive scaling")
	case config.MetricSpecifications[0].TargetValue == nil:
		return violated(nil, "predictiveScalingConfiguration.metricSpecifications.1.targetValue", "Member must not be null")
	case increases != (config.MaxCapacityBuffer != nil):
		return invalid("MaxCapacityBuffer must be specified with IncreaseMaxCapacity, and only with it")
	}
	one := config.MetricSpecifications[0]
	pair := one.PredefinedMetricPairSpecification != nil
	scaling := one.PredefinedScalingMetricSpecification != nil || one.CustomizedScalingMetricSpecification != nil
	load := one.PredefinedLoadMetricSpecification != nil || one.CustomizedLoadMetricSpecification != nil
	if pair == (scaling && load) || pair && (scaling || load) {
		return invalid("A metric specification needs either a predefined metric pair, or a scaling metric and a load metric")
	}
	p.PredictiveScalingConfiguration = &config
	return nil
}
