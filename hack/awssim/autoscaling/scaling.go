package autoscaling

import (
	"fmt"
	"math"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// runPolicies does what the alarms of the group's policies ask for.
func (t *turn) runPolicies() {
	if t.Suspended["AlarmNotification"] != "" || t.Deleting {
		return
	}
	for _, b := range t.breaches {
		for _, p := range t.Policies {
			if *p.PolicyARN != b.policy || !aws.ToBool(p.Enabled) {
				continue
			}
			if *p.PolicyType == policyTracking {
				t.track(p, b)
			} else if *p.PolicyType != policySimple || !t.Cooled.After(t.now) {
				t.adjust(p, b.value-b.threshold, fmt.Sprintf("a monitor alarm in state ALARM triggered policy %s changing the desired capacity", *p.PolicyName))
			}
		}
	}
}

// adjust changes the desired capacity as a simple or step policy says. Above is
// how far the metric is above the alarm's threshold.
func (t *turn) adjust(p types.ScalingPolicy, above float64, why string) {
	adjustment := p.ScalingAdjustment
	if *p.PolicyType == policyStep {
		if adjustment = stepFor(p.StepAdjustments, above); adjustment == nil {
			return
		}
	}
	current := *t.Settings.DesiredCapacity
	wanted := current
	switch *p.AdjustmentType {
	case adjustTo:
		wanted = *adjustment
	case adjustBy:
		wanted = current + *adjustment
	case adjustByPercent:
		wanted = current + percentOf(current, *adjustment, aws.ToInt32(p.MinAdjustmentMagnitude))
	}
	if *p.PolicyType == policyStep && wanted > current {
		// What warms up is counted already: it does not scale out again.
		wanted = max(current, wanted-t.warming(p))
	}
	t.scaleTo(wanted, why)
	if *p.PolicyType == policySimple {
		t.Cooled = t.now.Add(t.service.seconds(aws.ToInt32(either(p.Cooldown, *t.Settings.DefaultCooldown))))
	}
}

// scaleTo sets the desired capacity, within the group's sizes.
func (t *turn) scaleTo(wanted int32, why string) {
	wanted = max(*t.Settings.MinSize, min(*t.Settings.MaxSize, wanted))
	if wanted == *t.Settings.DesiredCapacity {
		return
	}
	t.desire(wanted, why+" from %d to %d.")
}

// percentOf is a share of a capacity, rounded as AWS rounds: away from zero
// below one, and otherwise towards it.
func percentOf(capacity, percent, least int32) int32 {
	change := float64(capacity) * float64(percent) / 100
	rounded := math.Trunc(change)
	if rounded == 0 && change != 0 {
		rounded = math.Copysign(1, change)
	}
	if magnitude := float64(least); math.Abs(rounded) < magnitude && percent != 0 {
		rounded = math.Copysign(magnitude, float64(percent))
	}
	return int32(rounded)
}

// stepFor is the adjustment of the step that a distance from the threshold is in.
func stepFor(steps []types.StepAdjustment, above float64) *int32 {
	for _, one := range sortedSteps(steps) {
		lower, upper := one.MetricIntervalLowerBound, one.MetricIntervalUpperBound
		if above >= 0 { // the lower bound is inside, the upper is not
			if (lower == nil || above >= *lower) && (upper == nil || above < *upper) {
				return one.ScalingAdjustment
			}
		} else if (lower == nil || above > *lower) && (upper == nil || above <= *upper) {
			return one.ScalingAdjustment
		}
	}
	return nil
}

// warming is the capacity that was launched and is not warm yet.
func (t *turn) warming(p types.ScalingPolicy) int32 {
	warmup := t.service.seconds(aws.ToInt32(either(p.EstimatedInstanceWarmup, aws.ToInt32(either(t.Settings.DefaultInstanceWarmup, *t.Settings.DefaultCooldown)))))
	missing := max(0, *t.Settings.DesiredCapacity-t.staying())
	for _, one := range t.living() {
		if one.serving() && (one.InService.IsZero() || one.InService.Add(warmup).After(t.now)) && one.Launched.After(t.Created.Add(warmup)) {
			missing += one.Weight
		}
	}
	return missing
}

// track scales as target tracking does: out when its high alarm tells that the
// metric is above the target, in when all policies agree that it is below.
func (t *turn) track(p types.ScalingPolicy, b breach) {
	target := aws.ToFloat64(p.TargetTrackingConfiguration.TargetValue)
	current := *t.Settings.DesiredCapacity
	serving := t.inService()
	if b.value > target {
		if t.warming(p) > 0 {
			return
		}
		wanted := int32(math.Ceil(float64(serving) * b.value / target))
		t.scaleTo(max(current, wanted, current+1), fmt.Sprintf("a monitor alarm %s in state ALARM triggered policy %s changing the desired capacity", *p.Alarms[0].AlarmName, *p.PolicyName))
		return
	}
	if aws.ToBool(p.TargetTrackingConfiguration.DisableScaleIn) || !t.allAgree() || t.staying() != current || serving < current {
		return
	}
	wanted := max(int32(math.Ceil(float64(serving)*b.value/target)), current-max(1, current/2))
	t.scaleTo(min(current, wanted), fmt.Sprintf("a monitor alarm %s in state ALARM triggered policy %s changing the desired capacity", *p.Alarms[len(p.Alarms)-1].AlarmName, *p.PolicyName))
}

// allAgree tells whether every target tracking policy that scales in wants to.
func (t *turn) allAgree() bool {
	for _, p := range t.Policies {
		if *p.PolicyType != policyTracking || !aws.ToBool(p.Enabled) || aws.ToBool(p.TargetTrackingConfiguration.DisableScaleIn) {
			continue
		}
		low := slices.IndexFunc(p.Alarms, isLow)
		if low < 0 {
			return false
		}
		if found, ok := t.needs.Alarms.AlarmState(t.Account, t.Region, *p.Alarms[low].AlarmName); !ok || found.State != "ALARM" {
			return false
		}
	}
	return true
}
