package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldProcesses names the suspended processes in status.managedFields.
const fieldProcesses = "suspendedProcesses"

// Processes that decide how many instances there are.
const (
	processLaunch    = "Launch"
	processTerminate = "Terminate"
)

// processes are those that the API knows today. Others in an answer, such as the former
// RemoveFromLoadBalancerLowPriority, are nobody's business.
var processes = []string{
	"AddToLoadBalancer", "AlarmNotification", "AZRebalance", "HealthCheck", "InstanceRefresh", processLaunch, "ReplaceUnhealthy", "ScheduledActions", processTerminate,
}

// suspended are the processes of a group that are suspended.
func suspended(group *types.AutoScalingGroup) []string {
	var names []string
	for i := range group.SuspendedProcesses {
		if name := aws.ToString(group.SuspendedProcesses[i].ProcessName); slices.Contains(processes, name) {
			names = append(names, name)
		}
	}
	return names
}

// desiredSuspended are the processes that are to be suspended, and whether that is the object's business.
func desiredSuspended(obj *v1alpha1.AutoScalingGroup) ([]string, bool) {
	var names []string
	for _, name := range obj.Spec.SuspendedProcesses {
		names = append(names, string(name))
	}
	return names, obj.Spec.SuspendedProcesses != nil || lifecycle.Managed(obj, fieldProcesses)
}

func declaredProcesses(obj *v1alpha1.AutoScalingGroup) []string {
	if obj.Spec.SuspendedProcesses == nil {
		return nil
	}
	return []string{fieldProcesses}
}

// processChanges returns the calls that suspend and resume processes. A new group has none suspended.
func (k *Kind) processChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	want, ours := desiredSuspended(obj)
	if !ours {
		return nil, nil
	}
	verb, has := lifecycle.VerbCreate, []string(nil)
	if o.group != nil {
		verb, has = lifecycle.VerbUpdate, suspended(&o.group.sdk)
	}
	suspend, resume := split(want, has)
	return k.suspension(obj, o, verb, suspend, resume), nil
}

// suspension returns the calls that suspend some processes and resume others. Calls without names would mean all.
func (k *Kind) suspension(obj *v1alpha1.AutoScalingGroup, o *observed, verb string, suspend, resume []string) []change {
	resource := k.resourceOf(obj, o)
	var changes []change
	if len(suspend) > 0 {
		changes = append(changes, change{
			plan: planned(verb, resource, fieldProcesses, "", joined(suspend)),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.suspend(ctx, o, suspend)
			},
		})
	}
	if len(resume) > 0 {
		changes = append(changes, change{
			plan: planned(verb, resource, fieldProcesses, joined(resume), ""),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.resume(ctx, o, resume)
			},
		})
	}
	return changes
}

func (k *Kind) suspend(ctx context.Context, o *observed, names []string) error {
	_, err := k.clients.AutoScaling.SuspendProcesses(ctx, &autoscaling.SuspendProcessesInput{AutoScalingGroupName: aws.String(o.group.name()), ScalingProcesses: names})
	if err != nil {
		return fmt.Errorf("suspending processes of group %s: %w", o.group.name(), err)
	}
	now := slices.Clone(o.group.sdk.SuspendedProcesses) // the answer of AWS is shared
	for _, name := range names {
		now = append(now, types.SuspendedProcess{ProcessName: &name})
	}
	o.group.sdk.SuspendedProcesses = now
	return nil
}

func (k *Kind) resume(ctx context.Context, o *observed, names []string) error {
	_, err := k.clients.AutoScaling.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: aws.String(o.group.name()), ScalingProcesses: names})
	if err != nil {
		return fmt.Errorf("resuming processes of group %s: %w", o.group.name(), err)
	}
	o.group.sdk.SuspendedProcesses = without(o.group.sdk.SuspendedProcesses, func(p types.SuspendedProcess) bool {
		return slices.Contains(names, aws.ToString(p.ProcessName))
	})
	return nil
}

// without returns a copy of a list that lacks some of its members.
func without[T any](list []T, drop func(T) bool) []T {
	return slices.DeleteFunc(slices.Clone(list), drop)
}
