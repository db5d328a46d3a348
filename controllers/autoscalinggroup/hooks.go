package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldHook begins the names of hooks, and of their settings, in status.managedFields.
const fieldHook = "lifecycleHooks."

// Settings of a lifecycle hook.
const (
	hookTransition = "transition"
	hookHeartbeat  = "heartbeatTimeoutSeconds"
	hookResult     = "defaultResult"
	hookTarget     = "notificationTargetARN"
	hookRole       = "roleARN"
	hookMetadata   = "notificationMetadata"
)

// hookDefaults are what AWS gives a hook that says nothing else.
var hookDefaults = partSettings{hookHeartbeat: "3600", hookResult: "ABANDON", hookTarget: "", hookRole: "", hookMetadata: ""}

// transitions are AWS's names of them.
var transitions = map[v1alpha1.LifecycleHookTransition]string{
	v1alpha1.TransitionLaunching:   "autoscaling:EC2_INSTANCE_LAUNCHING",
	v1alpha1.TransitionTerminating: "autoscaling:EC2_INSTANCE_TERMINATING",
}

// desiredHook are the settings that the spec gives a hook.
func desiredHook(hook *v1alpha1.LifecycleHook) partSettings {
	desired := partSettings{hookTransition: string(hook.Transition)}
	if seconds := hook.HeartbeatTimeoutSeconds; seconds != nil {
		desired[hookHeartbeat] = strconv.Itoa(int(*seconds))
	}
	desired.declare(hookResult, string(hook.DefaultResult), hook.DefaultResult != "")
	desired.declare(hookTarget, hook.NotificationTargetARN, hook.NotificationTargetARN != "")
	desired.declare(hookRole, hook.RoleARN, hook.RoleARN != "")
	desired.declare(hookMetadata, hook.NotificationMetadata, hook.NotificationMetadata != "")
	return desired
}

// observedHook are the settings of a hook in AWS.
func observedHook(hook *types.LifecycleHook) partSettings {
	transition := aws.ToString(hook.LifecycleTransition)
	for short, long := range transitions {
		if long == transition {
			transition = string(short)
		}
	}
	return partSettings{
		hookTransition: transition, hookHeartbeat: strconv.Itoa(int(aws.ToInt32(hook.HeartbeatTimeout))), hookResult: aws.ToString(hook.DefaultResult),
		hookTarget: aws.ToString(hook.NotificationTargetARN), hookRole: aws.ToString(hook.RoleARN), hookMetadata: aws.ToString(hook.NotificationMetadata),
	}
}

// createWithHooks puts the hooks into the call that makes the group, so that they hold its first instances.
func createWithHooks(obj *v1alpha1.AutoScalingGroup, _ *observed, call *autoscaling.CreateAutoScalingGroupInput) {
	for i := range obj.Spec.LifecycleHooks {
		hook := &obj.Spec.LifecycleHooks[i]
		call.LifecycleHookSpecificationList = append(call.LifecycleHookSpecificationList, types.LifecycleHookSpecification{
			LifecycleHookName: aws.String(hook.Name), LifecycleTransition: aws.String(transitions[hook.Transition]),
			HeartbeatTimeout: hook.HeartbeatTimeoutSeconds, DefaultResult: optional(string(hook.DefaultResult)),
			NotificationTargetARN: optional(hook.NotificationTargetARN), RoleARN: optional(hook.RoleARN), NotificationMetadata: optional(hook.NotificationMetadata),
		})
	}
}

// declaredHooks are the names of the hooks and of their settings that the spec gives, as status.managedFields has them.
func declaredHooks(obj *v1alpha1.AutoScalingGroup) []string {
	var fields []string
	for i := range obj.Spec.LifecycleHooks {
		hook := &obj.Spec.LifecycleHooks[i]
		fields = append(fields, fieldHook+hook.Name)
		for setting := range desiredHook(hook) {
			fields = append(fields, fieldHook+hook.Name+settingSeparator+setting)
		}
	}
	return fields
}

// observeHooks reads the hooks, where they are the object's business.
func observeHooks(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	if o.group == nil || lifecycle.Deleting(obj) || len(obj.Spec.LifecycleHooks) == 0 && len(lifecycle.ManagedUnder(obj, fieldHook)) == 0 {
		return nil
	}
	return o.Optional(k.readHooks(ctx, o))
}

func (k *Kind) readHooks(ctx context.Context, o *observed) error {
	answer, err := k.clients.AutoScaling.DescribeLifecycleHooks(ctx, &autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: aws.String(o.group.name())})
	if err != nil {
		return fmt.Errorf("reading the lifecycle hooks of group %s: %w", o.group.name(), err)
	}
	o.hooks = map[string]partSettings{}
	for i := range answer.LifecycleHooks {
		o.hooks[aws.ToString(answer.LifecycleHooks[i].LifecycleHookName)] = observedHook(&answer.LifecycleHooks[i])
	}
	return nil
}

// hookChanges returns the calls that make the hooks what the spec declares. Those of a new group come with it.
func (k *Kind) hookChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if o.group == nil || o.hooks == nil {
		return nil, nil
	}
	var changes []change
	for i := range obj.Spec.LifecycleHooks {
		changes = append(changes, hookChange(obj, o, &obj.Spec.LifecycleHooks[i])...)
	}
	for _, name := range managedParts(obj, fieldHook) {
		declared := slices.ContainsFunc(obj.Spec.LifecycleHooks, func(hook v1alpha1.LifecycleHook) bool { return hook.Name == name })
		if _, there := o.hooks[name]; there && !declared {
			changes = append(changes, change{
				plan: planned(lifecycle.VerbDelete, hookResource(o, name), "", "", ""),
				run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
					return k.deleteHook(ctx, o, name)
				},
			})
		}
	}
	return changes, nil
}

func hookResource(o *observed, name string) string {
	return fmt.Sprintf("lifecycle hook %s of %s", name, o.group.name())
}

// hookChange returns the call that makes one hook, or sets what differs.
func hookChange(obj *v1alpha1.AutoScalingGroup, o *observed, hook *v1alpha1.LifecycleHook) []change {
	desired, name := desiredHook(hook), hook.Name
	have, there := o.hooks[name]
	if !there {
		return []change{{
			plan: planned(lifecycle.VerbCreate, hookResource(o, name), "", "", ""),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.putHook(ctx, o, name, hookDefaults.with(desired))
			},
		}}
	}
	set := desired.diff(have, lifecycle.ManagedUnder(obj, fieldHook+name+settingSeparator), hookDefaults)
	if len(set) == 0 {
		return nil
	}
	verb := lifecycle.VerbUpdate
	emptied, empties := set[hookMetadata]
	renew := empties && emptied == ""
	if renew {
		verb = lifecycle.VerbReplace
		if waiting := waitingFor(o, have[hookTransition]); len(waiting) > 0 {
			o.Wait(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, fmt.Sprintf(
				"The metadata of lifecycle hook %s can be removed only with the hook, which is made anew once no instance waits for it: %s.", name, few(waiting)), lifecycle.LongestPause))
			return nil
		}
	}
	return []change{{
		plan: set.plan(verb, hookResource(o, name), fieldHook+name+settingSeparator, have),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			if renew {
				if err := k.deleteHook(ctx, o, name); err != nil {
					return err
				}
			}
			return k.putHook(ctx, o, name, have.with(set))
		},
	}}
}

// waitingFor are the instances that wait for a hook of a transition.
func waitingFor(o *observed, transition string) []string {
	prefix := "Pending"
	if transition == string(v1alpha1.TransitionTerminating) {
		prefix = "Terminating"
	}
	var ids []string
	for i := range o.group.sdk.Instances {
		instance := &o.group.sdk.Instances[i]
		if state := string(instance.LifecycleState); strings.HasPrefix(state, prefix) && strings.HasSuffix(state, stateWaits) {
			ids = append(ids, aws.ToString(instance.InstanceId))
		}
	}
	return ids
}

// putHook makes a hook, or sets all that can be set of it: AWS keeps what a call leaves out.
func (k *Kind) putHook(ctx context.Context, o *observed, name string, want partSettings) error {
	seconds, err := strconv.ParseInt(want[hookHeartbeat], 10, 32)
	if err != nil {
		return fmt.Errorf("reading the heartbeat timeout of lifecycle hook %s: %w", name, err)
	}
	input := &autoscaling.PutLifecycleHookInput{
		AutoScalingGroupName: aws.String(o.group.name()), LifecycleHookName: &name,
		LifecycleTransition: aws.String(transitions[v1alpha1.LifecycleHookTransition(want[hookTransition])]),
		HeartbeatTimeout:    aws.Int32(int32(seconds)), DefaultResult: aws.String(want[hookResult]),
		NotificationTargetARN: optional(want[hookTarget]), RoleARN: optional(want[hookRole]), NotificationMetadata: optional(want[hookMetadata]),
	}
	if o.hooks[name][hookTarget] != "" && want[hookTarget] == "" {
		input.NotificationTargetARN = aws.String("") // what is empty takes it away, and the role with it
	}
	if _, err := k.clients.AutoScaling.PutLifecycleHook(ctx, input); err != nil {
		return fmt.Errorf("setting lifecycle hook %s of group %s: %w", name, o.group.name(), err)
	}
	o.hooks[name] = want
	return nil
}

// deleteHook deletes a hook. AWS refuses a hook that is gone already, as it is when an earlier try took effect.
func (k *Kind) deleteHook(ctx context.Context, o *observed, name string) error {
	_, err := k.clients.AutoScaling.DeleteLifecycleHook(ctx, &autoscaling.DeleteLifecycleHookInput{
		AutoScalingGroupName: aws.String(o.group.name()), LifecycleHookName: &name,
	})
	if awsclient.Classify(err) == awsclient.Invalid {
		if failed := k.readHooks(ctx, o); failed != nil {
			return failed
		}
		if _, there := o.hooks[name]; !there {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("deleting lifecycle hook %s of group %s: %w", name, o.group.name(), err)
	}
	delete(o.hooks, name)
	return nil
}
