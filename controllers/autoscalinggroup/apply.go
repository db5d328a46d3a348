package autoscalinggroup

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Apply makes one change in AWS.
func (k *Kind) Apply(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed, c change) error {
	err := c.run(ctx, k, obj, o)
	o.incomplete = err != nil
	return err
}

// creators put into the call that makes the group what each subject gives it from the start.
var creators = []func(*v1alpha1.AutoScalingGroup, *observed, *autoscaling.CreateAutoScalingGroupInput){
	createWithSource, createWithHooks, createWithTargetGroups,
}

// create makes the group, with all that can be set from the start. A name that is taken means that an earlier call took
// effect unseen, or that the group is somebody else's.
func (k *Kind) create(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	call := k.creation(obj, o)
	_, err := k.clients.AutoScaling.CreateAutoScalingGroup(ctx, call)
	if awsclient.Classify(err) == awsclient.AlreadyExists {
		return k.takeBack(ctx, obj, o)
	}
	if err != nil {
		return fmt.Errorf("creating Auto Scaling group %s: %w", *call.AutoScalingGroupName, err)
	}
	made, err := k.clients.AutoScalingGroup(ctx, *call.AutoScalingGroupName)
	switch awsclient.Classify(err) {
	case "":
		o.group, o.ours = &group{sdk: made}, true
		o.beginRollOut(obj)
	default: // it is there all the same; the next look tells more
		o.group, o.ours = hiddenGroup(call), true
	}
	return nil
}

// takeBack looks again for a group whose name is taken.
func (k *Kind) takeBack(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	found, err := k.clients.AutoScalingGroup(ctx, k.nameOf(obj))
	switch {
	case awsclient.Classify(err) == awsclient.NotFound:
		return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "AWS says that the group exists, and does not show it yet.", k.Poll))
	case err != nil:
		return err
	}
	seen := *o
	if k.place(obj, &seen, &group{sdk: found}); !seen.ours {
		return k.conflict(&group{sdk: found})
	}
	return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "The group exists already; it is compared with the spec next.", k.Poll))
}

// creation is the call that makes the group.
func (k *Kind) creation(obj *v1alpha1.AutoScalingGroup, o *observed) *autoscaling.CreateAutoScalingGroupInput {
	name := k.nameOf(obj)
	fields := &update{AutoScalingGroupName: &name}
	for i := range settings {
		if _, declared := settings[i].declared(&obj.Spec); declared {
			settings[i].write(&obj.Spec, fields)
		}
	}
	call := asCreation(fields)
	call.Tags = k.desiredTags(obj).sdk(name)
	for _, give := range creators {
		give(obj, o, call)
	}
	return call
}

// asCreation is the call that makes a group with the settings of an update.
func asCreation(u *update) *autoscaling.CreateAutoScalingGroupInput {
	return &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: u.AutoScalingGroupName, MinSize: u.MinSize, MaxSize: u.MaxSize, DesiredCapacity: u.DesiredCapacity,
		DesiredCapacityType: u.DesiredCapacityType, VPCZoneIdentifier: u.VPCZoneIdentifier, AvailabilityZones: u.AvailabilityZones,
		AvailabilityZoneIds: u.AvailabilityZoneIds, HealthCheckType: u.HealthCheckType, HealthCheckGracePeriod: u.HealthCheckGracePeriod,
		DefaultCooldown: u.DefaultCooldown, DefaultInstanceWarmup: u.DefaultInstanceWarmup, PlacementGroup: u.PlacementGroup,
		TerminationPolicies: u.TerminationPolicies, NewInstancesProtectedFromScaleIn: u.NewInstancesProtectedFromScaleIn,
		CapacityRebalance: u.CapacityRebalance, MaxInstanceLifetime: u.MaxInstanceLifetime, ServiceLinkedRoleARN: u.ServiceLinkedRoleARN,
		InstanceMaintenancePolicy: u.InstanceMaintenancePolicy, AvailabilityZoneDistribution: u.AvailabilityZoneDistribution,
		AvailabilityZoneImpairmentPolicy: u.AvailabilityZoneImpairmentPolicy, SkipZonalShiftValidation: u.SkipZonalShiftValidation,
		CapacityReservationSpecification: u.CapacityReservationSpecification, InstanceLifecyclePolicy: u.InstanceLifecyclePolicy,
		DeletionProtection: u.DeletionProtection,
	}
}

// hiddenGroup is a group as it was made, while AWS does not show it.
func hiddenGroup(call *autoscaling.CreateAutoScalingGroupInput) *group {
	g := &group{hidden: true, sdk: types.AutoScalingGroup{
		AutoScalingGroupName: call.AutoScalingGroupName, MinSize: call.MinSize, MaxSize: call.MaxSize, DesiredCapacity: call.DesiredCapacity,
		LaunchTemplate: call.LaunchTemplate, MixedInstancesPolicy: call.MixedInstancesPolicy,
	}}
	if g.sdk.DesiredCapacity == nil {
		g.sdk.DesiredCapacity = call.MinSize
	}
	for _, tag := range call.Tags {
		g.sdk.Tags = append(g.sdk.Tags, types.TagDescription{Key: tag.Key, Value: tag.Value, PropagateAtLaunch: tag.PropagateAtLaunch})
	}
	return g
}
