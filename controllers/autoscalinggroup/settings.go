package autoscalinggroup

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// update is the call that changes settings. A new group is made with the same fields.
type update = autoscaling.UpdateAutoScalingGroupInput

// setting is one field that UpdateAutoScalingGroup changes. Values are compared, and told, as text in normal form.
type setting struct {
	// field is its name in the spec, and in status.managedFields.
	field string
	// declared is the value that the spec declares, and whether it does.
	declared func(*v1alpha1.AutoScalingGroupSpec) (string, bool)
	// live is the value that a group has.
	live func(*types.AutoScalingGroup) string
	// write puts the declared value into a call.
	write func(*v1alpha1.AutoScalingGroupSpec, *update)
	// initial is the value that reset goes back to, AWS's default; without reset a setting that is no longer declared
	// stays as it is.
	initial func(*types.AutoScalingGroup) string
	reset   func(*types.AutoScalingGroup, *update)
}

// declaredSettings are the optional settings that the spec declares.
func declaredSettings(obj *v1alpha1.AutoScalingGroup) []string {
	var fields []string
	for i := range settings {
		if _, declared := settings[i].declared(&obj.Spec); declared && !required[settings[i].field] {
			fields = append(fields, settings[i].field)
		}
	}
	return fields
}

// diffSettings returns the call that makes a group as declared, and what it changes.
func diffSettings(obj *v1alpha1.AutoScalingGroup, g *types.AutoScalingGroup, resource string) (*update, []v1alpha1.PlannedChange) {
	call := &update{AutoScalingGroupName: g.AutoScalingGroupName}
	desired := scheduledSizes(&obj.Spec, g)
	var plan []v1alpha1.PlannedChange
	for i := range settings {
		s := &settings[i]
		live := s.live(g)
		want, declared := s.declared(desired)
		switch {
		case declared && want != live:
			s.write(desired, call)
		case !declared && s.reset != nil && lifecycle.Managed(obj, s.field):
			if want = s.initial(g); want == live {
				continue
			}
			s.reset(g, call)
		default:
			continue
		}
		plan = append(plan, planned(lifecycle.VerbUpdate, resource, s.field, live, want)...)
	}
	return call, plan
}

// makeable reports whether all is known that the call needs that makes the group.
func (o *observed) makeable(obj *v1alpha1.AutoScalingGroup) bool {
	return o.launchable(obj) && !o.targets.waits()
}

// groupChanges returns what makes the group, or sets its settings as declared.
func (k *Kind) groupChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	resource := k.resourceOf(obj, o)
	if o.group == nil {
		if !o.makeable(obj) {
			return nil, nil
		}
		return []change{{
			plan: planned(lifecycle.VerbCreate, resource, "", "", ""),
			run: func(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.create(ctx, obj, o)
			},
		}}, nil
	}
	changes := protectionChanges(obj, o, resource)
	call, plan := diffSettings(obj, &o.group.sdk, resource)
	if len(plan) == 0 {
		return changes, nil
	}
	return append(changes, change{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
		return k.update(ctx, o.group, call)
	}}), nil
}

// update changes settings of a group.
func (k *Kind) update(ctx context.Context, g *group, call *update) error {
	if _, err := k.clients.AutoScaling.UpdateAutoScalingGroup(ctx, call); err != nil {
		return fmt.Errorf("updating Auto Scaling group %s: %w", g.name(), err)
	}
	fold(&g.sdk, call)
	if call.VPCZoneIdentifier == nil && call.AvailabilityZones == nil && call.AvailabilityZoneIds == nil {
		return nil
	}
	moved, err := k.clients.AutoScalingGroup(ctx, g.name()) // AWS tells the zones of subnets, and the other way round
	if err != nil {
		return err
	}
	g.sdk.VPCZoneIdentifier, g.sdk.AvailabilityZones, g.sdk.AvailabilityZoneIds = moved.VPCZoneIdentifier, moved.AvailabilityZones, moved.AvailabilityZoneIds
	return nil
}

// fold notes in a group what a call has changed.
func fold(g *types.AutoScalingGroup, call *update) {
	keep(&g.MinSize, call.MinSize)
	keep(&g.MaxSize, call.MaxSize)
	keep(&g.DesiredCapacity, call.DesiredCapacity)
	// AWS moves the desired capacity with the bounds.
	g.DesiredCapacity = aws.Int32(max(aws.ToInt32(g.MinSize), min(aws.ToInt32(g.MaxSize), aws.ToInt32(g.DesiredCapacity))))
	keep(&g.DesiredCapacityType, call.DesiredCapacityType)
	keep(&g.VPCZoneIdentifier, call.VPCZoneIdentifier)
	keepList(&g.AvailabilityZones, call.AvailabilityZones)
	keepList(&g.AvailabilityZoneIds, call.AvailabilityZoneIds)
	keep(&g.HealthCheckType, call.HealthCheckType)
	keep(&g.HealthCheckGracePeriod, call.HealthCheckGracePeriod)
	keep(&g.DefaultCooldown, call.DefaultCooldown)
	keep(&g.DefaultInstanceWarmup, call.DefaultInstanceWarmup)
	keep(&g.PlacementGroup, call.PlacementGroup)
	keepList(&g.TerminationPolicies, call.TerminationPolicies)
	keep(&g.NewInstancesProtectedFromScaleIn, call.NewInstancesProtectedFromScaleIn)
	keep(&g.CapacityRebalance, call.CapacityRebalance)
	keep(&g.MaxInstanceLifetime, call.MaxInstanceLifetime)
	keep(&g.ServiceLinkedRoleARN, call.ServiceLinkedRoleARN)
	keep(&g.InstanceMaintenancePolicy, call.InstanceMaintenancePolicy)
	keep(&g.AvailabilityZoneDistribution, call.AvailabilityZoneDistribution)
	keep(&g.AvailabilityZoneImpairmentPolicy, call.AvailabilityZoneImpairmentPolicy)
	keep(&g.CapacityReservationSpecification, call.CapacityReservationSpecification)
	keep(&g.InstanceLifecyclePolicy, call.InstanceLifecyclePolicy)
	if call.DeletionProtection != "" {
		g.DeletionProtection = call.DeletionProtection
	}
	if call.LaunchTemplate != nil || call.MixedInstancesPolicy != nil {
		g.LaunchTemplate, g.MixedInstancesPolicy, g.LaunchConfigurationName = call.LaunchTemplate, call.MixedInstancesPolicy, nil
	}
}

func keep[T any](field **T, value *T) {
	if value != nil {
		*field = value
	}
}

func keepList[T any](field *[]T, value []T) {
	if value != nil {
		*field = value
	}
}

func number(value *int32) string { return strconv.Itoa(int(aws.ToInt32(value))) }
