package autoscaling

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func createGroup(w *write, in *sdk.CreateAutoScalingGroupInput) (*sdk.CreateAutoScalingGroupOutput, error) {
	name := text(in.AutoScalingGroupName)
	if err := checkCreate(in); err != nil {
		return nil, err
	}
	key := keyOf(w.Caller.Account, w.Region, name)
	if former := w.groups[key]; former != nil {
		if former.Deleting {
			return nil, frameError(alreadyExists, "AutoScalingGroup by this name already exists - A group with the name %s already exists and is pending delete. Please wait until the group is deleted before creating another with the same name.", name)
		}
		return nil, frameError(alreadyExists, "AutoScalingGroup by this name already exists - A group with the name %s already exists", name)
	}
	if most := w.service.quotas.Groups; len(w.own(w.Request)) >= most {
		return nil, frameError(limitExceeded, "AutoScalingGroup limit exceeded: you already have %d groups, the limit is %d", most, most)
	}
	g := w.newGroup(name)
	merge(&g.Settings, in)
	g.Settings.SkipZonalShiftValidation = nil
	if in.Operator != nil {
		g.Operator = text(in.Operator.Principal)
	}
	if in.InstanceId != nil {
		if err := w.likeInstance(g, *in.InstanceId); err != nil {
			return nil, err
		}
	}
	g.cleared()
	g.withDefaults()
	if err := w.checkSettings(g); err != nil {
		return nil, err
	}
	if err := w.equip(g, in); err != nil {
		return nil, err
	}
	g.Why = fmt.Sprintf("a user request created an AutoScalingGroup changing the desired capacity from 0 to %d.", *g.Settings.DesiredCapacity)
	w.groups[key] = g
	return &sdk.CreateAutoScalingGroupOutput{}, nil
}

func checkCreate(in *sdk.CreateAutoScalingGroupInput) error {
	name := text(in.AutoScalingGroupName)
	switch {
	case in.AutoScalingGroupName == nil:
		return violated(nil, "autoScalingGroupName", "Member must not be null")
	case len(name) < 1:
		return violated(name, "autoScalingGroupName", "Member must have length greater than or equal to 1")
	case len(name) > 255:
		return violated(name, "autoScalingGroupName", "Member must have length less than or equal to 255")
	case strings.Contains(name, ":"):
		return invalid("Group name cannot contain the ':' character")
	case strings.ContainsFunc(name, func(r rune) bool { return r < 33 || r > 126 }):
		return invalid("The Auto Scaling group name must contain printable ASCII characters only (decimal 33 to 126)")
	case in.MinSize == nil:
		return violated(nil, "minSize", "Member must not be null")
	case in.MaxSize == nil:
		return violated(nil, "maxSize", "Member must not be null")
	case len(in.AvailabilityZones) > 0 && len(in.AvailabilityZoneIds) > 0:
		return invalid("AvailabilityZones and AvailabilityZoneIds cannot be specified together")
	}
	var s settings
	merge(&s, in)
	return checkShapes(&s)
}

func (w *write) newGroup(name string) *group {
	timing := w.service.env.Timing.AutoScaling
	id := w.service.env.Random.RequestID()
	return &group{
		Account: w.Caller.Account, Region: w.Region, Name: name, Created: w.moment,
		ARN:           fmt.Sprintf("arn:aws:autoscaling:%s:%s:autoScalingGroup:%s:autoScalingGroupName/%s", w.Region, w.Caller.Account, id, name),
		Shown:         w.moment.Add(w.service.env.Random.Draw(timing.Hidden)),
		Hooks:         map[string]types.LifecycleHook{},
		Policies:      map[string]types.ScalingPolicy{},
		Scheduled:     map[string]types.ScheduledUpdateGroupAction{},
		Notifications: map[string][]string{},
		Suspended:     map[string]string{},
		Tokens:        map[string]answer{},
	}
}

// likeInstance makes the launch configuration of a group that is created from an instance.
func (w *write) likeInstance(g *group, id string) error {
	found, ok := w.service.needs.Instances.Instance(id)
	if !ok || found.Account != g.Account || found.Region != g.Region {
		return invalid("The instance ID '%s' does not exist", id)
	}
	if g.Settings.LaunchTemplate != nil || g.Settings.MixedInstancesPolicy != nil || g.Settings.LaunchConfigurationName != nil {
		return invalid("InstanceId cannot be specified together with LaunchTemplate, LaunchConfigurationName or MixedInstancesPolicy")
	}
	made := &configuration{Account: g.Account, Region: g.Region, LaunchConfiguration: types.LaunchConfiguration{
		LaunchConfigurationName: &g.Name, ImageId: &found.ImageID, InstanceType: &found.InstanceType,
	}}
	made.complete(w)
	w.configurations[keyOf(g.Account, g.Region, g.Name)] = made
	g.Settings.LaunchConfigurationName = aws.String(g.Name)
	if g.Settings.VPCZoneIdentifier == nil && len(g.Settings.AvailabilityZones) == 0 {
		g.Settings.AvailabilityZones = []string{found.Zone}
		g.Settings.VPCZoneIdentifier = optional(found.SubnetID)
	}
	return nil
}

// equip gives a new group what other operations would have given it later.
func (w *write) equip(g *group, in *sdk.CreateAutoScalingGroupInput) error {
	for i := range in.Tags {
		if err := w.checkTag(&in.Tags[i], g.Name); err != nil {
			return err
		}
		g.setTag(&in.Tags[i])
	}
	if len(g.Tags) > w.service.quotas.Tags {
		return frameError(limitExceeded, "A group can have at most %d tags", w.service.quotas.Tags)
	}
	for i := range in.LifecycleHookSpecificationList {
		one := &in.LifecycleHookSpecificationList[i]
		put := &sdk.PutLifecycleHookInput{AutoScalingGroupName: &g.Name}
		merge(put, one)
		if err := w.putHook(g, put); err != nil {
			return err
		}
	}
	sources := []types.TrafficSourceIdentifier{}
	for i := range in.TargetGroupARNs {
		sources = append(sources, types.TrafficSourceIdentifier{Identifier: &in.TargetGroupARNs[i], Type: aws.String(sourceTargetGroup)})
	}
	if err := w.attach(g, sources, familyTargetGroups); err != nil {
		return err
	}
	if len(in.LoadBalancerNames) > 0 {
		return noClassic()
	}
	return w.attach(g, in.TrafficSources, familyTrafficSources)
}
