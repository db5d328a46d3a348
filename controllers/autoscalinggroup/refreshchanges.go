package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldStatus is the field of an instance refresh that a cancellation changes.
const fieldStatus = "status"

// rollOutChanges returns what brings the group itself, though perhaps not its instances, to the declared source, and what
// is in the way of that. It comes before what AWS refuses while a refresh is under way.
func (k *Kind) rollOutChanges(obj *v1alpha1.AutoScalingGroup, o *observed) []change {
	if o.rollOut == nil {
		return nil
	}
	next := o.rollOut.next()
	switch {
	case next == stepUpdate, !lifecycle.Manages(obj) && o.rollOut.group != o.rollOut.desired && next != stepStart: // which is told all the same
		return []change{{
			plan: sourcePlan(k.resourceOf(obj, o), sourceOf(&o.group.sdk), o.desiredSource(obj)),
			run: func(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.updateSource(ctx, obj, o)
			},
		}}
	case next == stepCancel:
		return []change{cancellation(o)}
	}
	return nil
}

// cancellation cancels the refresh that is under way.
func cancellation(o *observed) change {
	running := o.rollOut.running()
	return change{
		plan: planned(lifecycle.VerbUpdate, "instance refresh "+running.id, fieldStatus, string(running.status), string(types.InstanceRefreshStatusCancelled)),
		run:  cancelRefresh,
	}
}

// lastCancellation cancels the refresh under way of a group that is about to be drained, whoever started it: it would go on
// launching instances.
func lastCancellation(o *observed) []change {
	if !o.refreshing() || o.newest.Status == types.InstanceRefreshStatusCancelling {
		return nil
	}
	return []change{cancellation(o)}
}

// refreshStarts returns the start of a refresh. It comes after what AWS refuses while one is under way. The version of the
// launch template that it brings must have been made in an earlier turn: what is started is written down before.
func (k *Kind) refreshStarts(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if o.rollOut == nil || o.rollOut.next() != stepStart || !o.rollOut.made && lifecycle.Manages(obj) {
		return nil, nil
	}
	resource := "instance refresh of " + k.resourceOf(obj, o)
	plan := sourcePlan(resource, sourceOf(&o.group.sdk), o.desiredSource(obj))
	if len(plan) == 0 { // it is for instances that were left behind
		plan = planned(lifecycle.VerbUpdate, resource, fieldTemplate, "", o.desiredSource(obj).text())
	}
	return []change{{plan: plan, run: startRefresh}}, nil
}

// startRefresh starts a refresh that brings the declared source. The group itself is left as it is until AWS changes it
// in the end, so that a rollback leads back to what was there before.
func startRefresh(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	desired := o.desiredSource(obj)
	call := &autoscaling.StartInstanceRefreshInput{
		AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, Preferences: preferences(obj.Spec.InstanceRefresh, o.rollOut.group == o.rollOut.desired),
		Strategy:             types.RefreshStrategy(obj.Spec.InstanceRefresh.Strategy),
		DesiredConfiguration: &types.DesiredConfiguration{LaunchTemplate: desired.template, MixedInstancesPolicy: desired.mixed},
	}
	answer, err := k.clients.AutoScaling.StartInstanceRefresh(ctx, call)
	switch awsclient.Classify(err) {
	case "":
	case awsclient.Invalid, awsclient.Conflict:
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "AWS refuses the instance refresh as spec.instanceRefresh asks for it: %s", judge.Sentence(err))
	default:
		return fmt.Errorf("starting an instance refresh of %s: %w", o.group.name(), err)
	}
	now := k.Clock.Now()
	o.begun(types.InstanceRefresh{
		InstanceRefreshId: answer.InstanceRefreshId, Status: types.InstanceRefreshStatusPending, StartTime: &now, DesiredConfiguration: call.DesiredConfiguration,
	})
	return nil
}

// begun takes over a refresh that was started just now.
func (r *refreshes) begun(started types.InstanceRefresh) {
	r.newest = &started
	r.rollOut.refreshes = slices.Insert(r.rollOut.refreshes, 0, seenAs(&started))
}

// cancelRefresh cancels the refresh that is under way. AWS lets instances on their way in or out arrive first, unless the
// group is to go with all of them.
func cancelRefresh(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	_, err := k.clients.AutoScaling.CancelInstanceRefresh(ctx, &autoscaling.CancelInstanceRefreshInput{
		AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, WaitForTransitioningInstances: aws.Bool(!lifecycle.Deleting(obj)),
	})
	if err != nil && awsclient.Classify(err) != awsclient.NotFound { // it has just ended; the next look tells how
		return fmt.Errorf("cancelling the instance refresh %s: %w", o.rollOut.running().id, err)
	}
	o.newest.Status = types.InstanceRefreshStatusCancelling
	o.rollOut.refreshes[0].status = types.InstanceRefreshStatusCancelling
	return nil
}

// preferences are those of a refresh that is started. One for leftovers, where the group has the source already, leaves
// instances alone that have it too, unless the spec says otherwise.
func preferences(spec *v1alpha1.InstanceRefresh, leftovers bool) *types.RefreshPreferences {
	p := &types.RefreshPreferences{
		MinHealthyPercentage: spec.MinHealthyPercentage, MaxHealthyPercentage: spec.MaxHealthyPercentage, InstanceWarmup: spec.InstanceWarmupSeconds,
		AutoRollback: spec.AutoRollback, SkipMatching: spec.SkipMatching, BakeTime: spec.BakeTimeSeconds,
		ScaleInProtectedInstances: types.ScaleInProtectedInstances(spec.ScaleInProtectedInstances), StandbyInstances: types.StandbyInstances(spec.StandbyInstances),
	}
	if leftovers && p.SkipMatching == nil {
		p.SkipMatching = &leftovers
	}
	if spec.Checkpoints != nil {
		p.CheckpointDelay = spec.Checkpoints.DelaySeconds
		for _, percentage := range spec.Checkpoints.Percentages {
			p.CheckpointPercentages = append(p.CheckpointPercentages, int32(percentage))
		}
	}
	if len(spec.Alarms) > 0 {
		p.AlarmSpecification = &types.AlarmSpecification{}
		for _, name := range spec.Alarms {
			p.AlarmSpecification.Alarms = append(p.AlarmSpecification.Alarms, string(name))
		}
	}
	return p
}

// text tells a source as people do.
func (s launchSource) text() string {
	if s.configuration != "" {
		return "launch configuration " + s.configuration
	}
	return specificationText(s.main())
}
