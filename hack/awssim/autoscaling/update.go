package autoscaling

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func updateGroup(w *write, in *sdk.UpdateAutoScalingGroupInput) (*sdk.UpdateAutoScalingGroupOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	given := *in
	given.AutoScalingGroupName, given.SkipZonalShiftValidation = nil, nil
	if given.PlacementGroup != nil && *given.PlacementGroup == "" {
		given.PlacementGroup = nil
	}
	if err := checkShapes(&given); err != nil {
		return nil, err
	}
	if len(in.AvailabilityZones) > 0 && len(in.AvailabilityZoneIds) > 0 {
		return nil, invalid("AvailabilityZones and AvailabilityZoneIds cannot be specified together")
	}
	if err := w.changeSource(g, in); err != nil {
		return nil, err
	}
	s := &g.Settings
	if in.VPCZoneIdentifier != nil || in.AvailabilityZones != nil || in.AvailabilityZoneIds != nil {
		s.AvailabilityZones, s.AvailabilityZoneIds = nil, nil
		if in.VPCZoneIdentifier == nil {
			s.VPCZoneIdentifier = w.subnetsWithin(g, in)
		}
	}
	before := *s.DesiredCapacity
	merge(s, &given)
	if in.PlacementGroup != nil {
		s.PlacementGroup = in.PlacementGroup
	}
	if in.DesiredCapacity == nil {
		s.DesiredCapacity = aws.Int32(max(*s.MinSize, min(*s.MaxSize, before)))
	}
	g.cleared()
	if err := w.checkSettings(g); err != nil {
		return nil, err
	}
	g.Why = fmt.Sprintf("a user request update of AutoScalingGroup constraints to min: %d, max: %d, desired: %d changing the desired capacity from %d to %d.",
		*s.MinSize, *s.MaxSize, *s.DesiredCapacity, before, *s.DesiredCapacity)
	g.Failures, g.RetryAt = 0, w.moment
	return &sdk.UpdateAutoScalingGroupOutput{}, nil
}

// subnetsWithin are the subnets that remain when only zones are given.
func (w *write) subnetsWithin(g *group, in *sdk.UpdateAutoScalingGroupInput) *string {
	kept := ""
	for _, id := range splitList(text(g.Settings.VPCZoneIdentifier)) {
		subnet, ok := w.service.needs.Network.Subnet(g.Account, g.Region, id)
		for _, zone := range append(append([]string{}, in.AvailabilityZones...), in.AvailabilityZoneIds...) {
			if ok && (zone == subnet.Zone || zone == subnet.ZoneID) {
				kept += "," + id
			}
		}
	}
	if kept == "" {
		return nil
	}
	return aws.String(kept[1:])
}

// changeSource removes the former source of instances when another kind is given.
func (w *write) changeSource(g *group, in *sdk.UpdateAutoScalingGroupInput) error {
	if in.LaunchTemplate == nil && in.MixedInstancesPolicy == nil && in.LaunchConfigurationName == nil {
		return nil
	}
	if r := g.running(); r != nil && r.Desired != nil {
		return frameError(refreshRunning, "An active instance refresh with a desired configuration exists. All configuration options derived from the desired configuration are not available for update while the instance refresh is active.")
	}
	former := g.Settings.MixedInstancesPolicy
	g.Settings.LaunchTemplate, g.Settings.MixedInstancesPolicy, g.Settings.LaunchConfigurationName = nil, nil, nil
	if in.MixedInstancesPolicy != nil && former != nil && (in.MixedInstancesPolicy.LaunchTemplate == nil || in.MixedInstancesPolicy.InstancesDistribution == nil) {
		// A part of the policy that is absent stays what it was.
		kept := *in.MixedInstancesPolicy
		if kept.LaunchTemplate == nil {
			kept.LaunchTemplate = former.LaunchTemplate
		}
		if kept.InstancesDistribution == nil {
			kept.InstancesDistribution = former.InstancesDistribution
		}
		in.MixedInstancesPolicy = &kept
		g.Settings.MixedInstancesPolicy = &kept
	}
	return nil
}

func setDesiredCapacity(w *write, in *sdk.SetDesiredCapacityInput) (*sdk.SetDesiredCapacityOutput, error) {
	if in.DesiredCapacity == nil {
		return nil, violated(nil, "desiredCapacity", "Member must not be null")
	}
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	s := &g.Settings
	switch {
	case *in.DesiredCapacity > *s.MaxSize:
		return nil, invalid("New SetDesiredCapacity value %d is above max value %d for the AutoScalingGroup.", *in.DesiredCapacity, *s.MaxSize)
	case *in.DesiredCapacity < *s.MinSize:
		return nil, invalid("New SetDesiredCapacity value %d is below min value %d for the AutoScalingGroup.", *in.DesiredCapacity, *s.MinSize)
	case aws.ToBool(in.HonorCooldown) && g.Cooled.After(w.moment):
		return nil, frameError(scalingActivity, "Scaling activity %s is in progress and blocks this action", g.latestActivity())
	}
	g.desire(*in.DesiredCapacity, "a user request explicitly set group desired capacity changing the desired capacity from %d to %d.")
	g.Failures, g.RetryAt = 0, w.moment
	return &sdk.SetDesiredCapacityOutput{}, nil
}

// desire sets the desired capacity. Why has room for the former and the new one.
func (g *group) desire(capacity int32, why string) {
	g.Why = fmt.Sprintf(why, *g.Settings.DesiredCapacity, capacity)
	g.Settings.DesiredCapacity = &capacity
}

func deleteGroup(w *write, in *sdk.DeleteAutoScalingGroupInput) (*sdk.DeleteAutoScalingGroupOutput, error) {
	found, err := w.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	g, force := found.clone(), aws.ToBool(in.ForceDelete)
	w.groups[g.key()] = g
	switch protection := g.Settings.DeletionProtection; {
	case protection == types.DeletionProtectionPreventAllDeletion:
		return nil, invalid("The AutoScalingGroup %s cannot be deleted because its deletion protection is set to %s", g.Name, protection)
	case protection == types.DeletionProtectionPreventForceDeletion && force:
		return nil, invalid("The AutoScalingGroup %s cannot be force deleted because its deletion protection is set to %s", g.Name, protection)
	case g.Deleting && g.Forced == (g.Forced || force):
		return &sdk.DeleteAutoScalingGroupOutput{}, nil
	case !force && len(g.living()) > 0:
		return nil, frameError(resourceInUse, "You cannot delete an AutoScalingGroup while there are instances or pending Spot instance request(s) still in the group.")
	case !force && len(g.Instances) > 0:
		return nil, frameError(scalingActivity, "You cannot delete an AutoScalingGroup while there are scaling activities in progress for that group.")
	case !force && g.WarmPool != nil:
		return nil, frameError(resourceInUse, "You cannot delete an AutoScalingGroup while there is a warm pool for the group. Delete the warm pool first, or use force delete.")
	}
	g.Deleting, g.Forced = true, g.Forced || force
	g.Settings.MinSize, g.Settings.MaxSize = aws.Int32(0), aws.Int32(0)
	g.desire(0, "a user request deleted the AutoScalingGroup changing the desired capacity from %d to %d.")
	g.WarmPool = nil
	g.EndsAt = w.moment.Add(w.service.env.Random.Draw(w.service.env.Timing.AutoScaling.Deleting))
	return &sdk.DeleteAutoScalingGroupOutput{}, nil
}
