package autoscaling

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// mostMembers bounds the instances of one call that moves them.
const mostMembers = 20

// members finds instances of a group that a call names, all in one of some states.
func (g *group) members(ids []string, states ...types.LifecycleState) ([]*instance, error) {
	if len(ids) == 0 {
		return nil, invalid("At least one instance ID must be specified")
	}
	if len(ids) > mostMembers {
		return nil, invalid("The number of instance ids that may be passed in is limited to %d", mostMembers)
	}
	var found []*instance
	for _, id := range ids {
		one := g.instance(id)
		if one == nil {
			return nil, invalid("The instance %s is not part of Auto Scaling group %s.", id, g.Name)
		}
		if !slices.Contains(states, one.State) {
			return nil, invalid("The instance %s is not in %s.", id, states[0])
		}
		found = append(found, one)
	}
	return found, nil
}

// act is a turn in which a call moves instances.
func (w *write) act(g *group) *turn {
	return &turn{group: g, content: w.content, service: w.service, needs: &w.service.needs, now: w.moment}
}

// less lowers the desired capacity by what leaves the group, when the call says so.
func (w *write) less(g *group, weight int32, decrement *bool, why string) error {
	if decrement == nil {
		return violated(nil, "shouldDecrementDesiredCapacity", "Member must not be null")
	}
	if !*decrement {
		return nil
	}
	wanted := *g.Settings.DesiredCapacity - weight
	if wanted < *g.Settings.MinSize {
		return invalid("Currently, desiredSize equals minSize (%d). Terminating instance without replacement will violate group's min size constraint. Either set shouldDecrementDesiredCapacity flag to false or lower group's min size.", *g.Settings.MinSize)
	}
	g.desire(wanted, why+" changing the desired capacity from %d to %d.")
	return nil
}

func weightOf(list []*instance) int32 {
	var sum int32
	for _, one := range list {
		sum += one.Weight
	}
	return sum
}

func detachInstances(w *write, in *sdk.DetachInstancesInput) (*sdk.DetachInstancesOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	found, err := g.members(in.InstanceIds, types.LifecycleStateInService, types.LifecycleStateStandby, types.LifecycleStateTerminatingRetained)
	if err != nil {
		return nil, err
	}
	if err := w.less(g, weightOf(found), in.ShouldDecrementDesiredCapacity, "instances were detached in response to a user request"); err != nil {
		return nil, err
	}
	t, out := w.act(g), &sdk.DetachInstancesOutput{}
	for _, one := range found {
		out.Activities = append(out.Activities, t.leave(one, types.LifecycleStateDetaching, "Detaching EC2 instance: ", "an instance was detached in response to a user request."))
	}
	return out, nil
}

// leave takes an instance out of service, to standby or out of the group.
func (t *turn) leave(i *instance, state types.LifecycleState, description, cause string) types.Activity {
	i.Activity = t.begin(t.service, t.now, description+i.ID, t.at("%s", cause), t.details(i))
	t.progress(i.Activity, types.ScalingActivityStatusCodeInProgress, 50, "", t.now)
	i.Leaving = false
	t.become(i, string(state))
	t.deregister(i)
	return t.activity(i.Activity)
}

func enterStandby(w *write, in *sdk.EnterStandbyInput) (*sdk.EnterStandbyOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	found, err := g.members(in.InstanceIds, types.LifecycleStateInService)
	if err != nil {
		return nil, err
	}
	if err := w.less(g, weightOf(found), in.ShouldDecrementDesiredCapacity, "instances were moved to standby in response to a user request"); err != nil {
		return nil, err
	}
	t, out := w.act(g), &sdk.EnterStandbyOutput{}
	for _, one := range found {
		out.Activities = append(out.Activities, t.leave(one, types.LifecycleStateEnteringStandby, "Moving EC2 instance to Standby: ", "an instance was moved to standby in response to a user request."))
	}
	return out, nil
}

func exitStandby(w *write, in *sdk.ExitStandbyInput) (*sdk.ExitStandbyOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	found, err := g.members(in.InstanceIds, types.LifecycleStateStandby)
	if err != nil {
		return nil, err
	}
	wanted := *g.Settings.DesiredCapacity + weightOf(found)
	if wanted > *g.Settings.MaxSize {
		return nil, invalid("Currently, desiredSize equals maxSize (%d). Moving instances out of standby would violate the group's max size constraint.", *g.Settings.MaxSize)
	}
	g.desire(wanted, "instances were moved out of standby in response to a user request changing the desired capacity from %d to %d.")
	t, out := w.act(g), &sdk.ExitStandbyOutput{}
	for _, one := range found {
		one.Activity = t.begin(t.service, t.now, "Moving EC2 instance out of Standby: "+one.ID, t.at("an instance was moved out of standby in response to a user request."), t.details(one))
		t.progress(one.Activity, types.ScalingActivityStatusCodePreInService, 30, "", t.now)
		t.become(one, statePending)
		out.Activities = append(out.Activities, t.activity(one.Activity))
	}
	return out, nil
}

func attachInstances(w *write, in *sdk.AttachInstancesInput) (*sdk.AttachInstancesOutput, error) {
	g, err := w.unlessRefreshing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	switch n := len(in.InstanceIds); {
	case n == 0:
		return nil, invalid("At least one instance ID must be specified")
	case n > mostMembers:
		return nil, invalid("The number of instance ids that may be passed in is limited to %d", mostMembers)
	}
	t := w.act(g)
	for _, id := range in.InstanceIds {
		if _, _, err := w.managed(&id); err == nil {
			return nil, invalid("Instance %s is already part of an Auto Scaling group", id)
		}
		found, ok := w.service.needs.Instances.Instance(id)
		switch {
		case !ok || found.Account != g.Account || found.Region != g.Region:
			return nil, invalid("Invalid Instance ID: %s", id)
		case found.State != ec2Running:
			return nil, invalid("Instance %s is not in correct state. Instance(s) must be in 'running' state.", id)
		case !slices.Contains(g.Settings.AvailabilityZones, found.Zone):
			return nil, invalid("The availability zone %s of instance %s is not part of the Auto Scaling group", found.Zone, id)
		}
		one := instance{
			ID: id, Type: found.InstanceType, Zone: found.Zone, ZoneID: found.ZoneID, ImageID: found.ImageID, Config: text(g.Settings.LaunchConfigurationName),
			State: statePending, Weight: 1, Spot: found.Spot, Launched: found.Launched, Since: w.moment, Protected: aws.ToBool(g.Settings.NewInstancesProtectedFromScaleIn),
		}
		one.Activity = t.begin(t.service, t.now, "Attaching an existing EC2 instance: "+id, t.at("an instance was attached in response to a user request."), t.details(&one))
		g.Instances = append(g.Instances, one)
	}
	wanted := *g.Settings.DesiredCapacity + int32(len(in.InstanceIds)) // at most 20
	if wanted > *g.Settings.MaxSize {
		return nil, invalid("AutoScalingGroup has min-size=%d, max-size=%d, and desired-size=%d. To attach %d more instance(s) would exceed the max-size", *g.Settings.MinSize, *g.Settings.MaxSize, *g.Settings.DesiredCapacity, len(in.InstanceIds))
	}
	g.desire(wanted, "instances were attached in response to a user request changing the desired capacity from %d to %d.")
	for _, id := range in.InstanceIds {
		w.service.needs.Instances.TagInstance(id, map[string]string{groupTag: g.Name}, nil)
	}
	return &sdk.AttachInstancesOutput{}, nil
}

func setInstanceProtection(w *write, in *sdk.SetInstanceProtectionInput) (*sdk.SetInstanceProtectionOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	switch {
	case in.ProtectedFromScaleIn == nil:
		return nil, violated(nil, "protectedFromScaleIn", "Member must not be null")
	case len(in.InstanceIds) == 0 || len(in.InstanceIds) > mostBatch:
		return nil, invalid("The number of instance ids must be between 1 and %d", mostBatch)
	}
	for _, id := range in.InstanceIds {
		one := g.instance(id)
		if one == nil {
			return nil, invalid("The instance %s is not part of Auto Scaling group %s.", id, g.Name)
		}
		if one.State != types.LifecycleStateInService && one.State != types.LifecycleStateStandby && !one.warm() && !strings.HasPrefix(one.base(), statePending) {
			return nil, invalid("The instance %s is not in InService or EnteringStandby or Standby.", id)
		}
		one.Protected = *in.ProtectedFromScaleIn
	}
	return &sdk.SetInstanceProtectionOutput{}, nil
}

func terminateInstance(w *write, in *sdk.TerminateInstanceInAutoScalingGroupInput) (*sdk.TerminateInstanceInAutoScalingGroupOutput, error) {
	ids := in.InstanceIds
	if in.InstanceId != nil {
		ids = []string{*in.InstanceId}
	}
	if in.InstanceId != nil && len(in.InstanceIds) > 0 || len(ids) == 0 {
		return nil, invalid("Either InstanceId or InstanceIds must be specified")
	}
	out := &sdk.TerminateInstanceInAutoScalingGroupOutput{}
	for _, id := range ids {
		g, one, err := w.managed(&id)
		if err != nil {
			return nil, err
		}
		if in.AutoScalingGroupName != nil && *in.AutoScalingGroupName != g.Name {
			return nil, noInstance(id)
		}
		weight := one.Weight
		if !one.serving() || one.warm() || strings.HasPrefix(one.base(), stateTerminating) {
			weight = 0
		}
		if err := w.less(g, weight, in.ShouldDecrementDesiredCapacity, fmt.Sprintf("instance %s was taken out of service in response to a user request", id)); err != nil {
			return nil, err
		}
		w.act(g).terminate(one, "instance "+id+" was taken out of service in response to a user request")
		activity := g.activity(one.Activity)
		out.Activity = &activity
		out.Activities = append(out.Activities, activity)
	}
	return out, nil
}
