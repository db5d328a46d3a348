package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// instancesPerProtection is how many instances one SetInstanceProtection takes.
const instancesPerProtection = 50

// protectionChanges returns what takes the instances that run already along when protection from scale-in is switched for
// new ones. It comes before that switch, so that a crash between the two repeats it; once both are made, the protection of
// a single instance is its own business.
func protectionChanges(obj *v1alpha1.AutoScalingGroup, o *observed, resource string) []change {
	want, declared := aws.ToBool(obj.Spec.NewInstancesProtectedFromScaleIn), obj.Spec.NewInstancesProtectedFromScaleIn != nil
	if want == aws.ToBool(o.group.sdk.NewInstancesProtectedFromScaleIn) || !declared && !lifecycle.Managed(obj, fieldProtection) {
		return nil
	}
	var ids []string
	for i := range o.group.sdk.Instances {
		instance := &o.group.sdk.Instances[i]
		if aws.ToBool(instance.ProtectedFromScaleIn) != want && protectable(instance) {
			ids = append(ids, aws.ToString(instance.InstanceId))
		}
	}
	if len(ids) == 0 {
		return nil
	}
	return []change{{
		plan: planned(lifecycle.VerbUpdate, resource, "instances.protectedFromScaleIn", strconv.FormatBool(!want), strconv.FormatBool(want)),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			return k.protect(ctx, o.group, ids, want)
		},
	}}
}

// protectable reports whether AWS lets the protection of an instance be changed: it is neither coming nor going.
func protectable(instance *types.Instance) bool {
	return instance.LifecycleState == types.LifecycleStateInService || instance.LifecycleState == types.LifecycleStateStandby
}

// protect sets whether instances are protected from scale-in.
func (k *Kind) protect(ctx context.Context, g *group, ids []string, protected bool) error {
	for part := range slices.Chunk(ids, instancesPerProtection) {
		_, err := k.clients.AutoScaling.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{
			AutoScalingGroupName: g.sdk.AutoScalingGroupName, InstanceIds: part, ProtectedFromScaleIn: &protected,
		})
		if err != nil {
			return fmt.Errorf("setting the scale-in protection of instances of Auto Scaling group %s: %w", g.name(), err)
		}
		for i := range g.sdk.Instances {
			if slices.Contains(part, aws.ToString(g.sdk.Instances[i].InstanceId)) {
				g.sdk.Instances[i].ProtectedFromScaleIn = &protected
			}
		}
	}
	return nil
}
