package autoscalinggroup

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldScheduled stands before the name of a scheduled action in status.managedFields.
const fieldScheduled = "scheduledActions."

// schedule is what was observed of scheduled actions.
type schedule struct {
	// actions are those that are, or were, declared, by name; not known while actionsUnseen is set.
	actions       map[string]types.ScheduledUpdateGroupAction
	actionsUnseen bool
}

func declaredActions(obj *v1alpha1.AutoScalingGroup) []string {
	var names []string
	for i := range obj.Spec.ScheduledActions {
		names = append(names, fieldScheduled+obj.Spec.ScheduledActions[i].Name)
	}
	return names
}

// observeActions reads the scheduled actions that the object has or had.
func observeActions(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	var declared []string
	for i := range obj.Spec.ScheduledActions {
		declared = append(declared, obj.Spec.ScheduledActions[i].Name)
	}
	names := namesOf(declared, lifecycle.ManagedUnder(obj, fieldScheduled))
	o.actions = map[string]types.ScheduledUpdateGroupAction{}
	if len(names) == 0 || o.group == nil || o.group.hidden || lifecycle.Deleting(obj) {
		return nil
	}
	found, err := k.clients.ScheduledActions(ctx, o.group.name(), names...)
	if err != nil {
		o.actionsUnseen = true
		return o.Optional(err)
	}
	o.actions = found
	return nil
}

// passed reports whether nothing of an action is left to come: it happens once and has, or its recurrence has ended. AWS
// takes no such action, and deletes those that it has.
func passed(a *v1alpha1.ScheduledAction, now time.Time) bool {
	if a.Recurrence == "" {
		return !a.StartTime.After(now)
	}
	return a.EndTime != nil && !a.EndTime.After(now)
}

// passedText names the declared actions of which nothing is left to come, for the message of an object that is as declared.
func passedText(obj *v1alpha1.AutoScalingGroup, now time.Time) string {
	var names []string
	for i := range obj.Spec.ScheduledActions {
		if passed(&obj.Spec.ScheduledActions[i], now) {
			names = append(names, obj.Spec.ScheduledActions[i].Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf(" The time of %s has passed (%s).", lifecycle.Count(len(names), "scheduled action", "scheduled actions"), strings.Join(names[:min(len(names), v1alpha1.MaxListed)], ", "))
}

// desiredAction is a declared action as AWS takes it. A start that has passed is left out: AWS refuses it, and the
// recurrence goes on from now.
func desiredAction(a *v1alpha1.ScheduledAction, now time.Time) types.ScheduledUpdateGroupAction {
	action := types.ScheduledUpdateGroupAction{
		ScheduledActionName: &a.Name, Recurrence: awsclient.Optional(a.Recurrence), TimeZone: awsclient.Optional(a.TimeZone),
		MinSize: a.MinSize, MaxSize: a.MaxSize, DesiredCapacity: a.DesiredCapacity, EndTime: moment(a.EndTime),
	}
	if a.StartTime != nil && a.StartTime.After(now) {
		action.StartTime = moment(a.StartTime)
	}
	return action
}

func moment(t *metav1.Time) *time.Time {
	if t == nil {
		return nil
	}
	return &t.Time
}

// normalAction is an action in comparable form. AWS moves the start of one that recurs to when it happens next, so a start
// counts only as long as a declared one is to come.
func normalAction(a *types.ScheduledUpdateGroupAction, starts bool) fields {
	f := fields{}
	f.integer("minSize", a.MinSize)
	f.integer("maxSize", a.MaxSize)
	f.integer("desiredCapacity", a.DesiredCapacity)
	f.text("recurrence", strings.Join(strings.Fields(aws.ToString(a.Recurrence)), " "))
	if zone := aws.ToString(a.TimeZone); zone != "UTC" { // which is the default
		f.text("timeZone", zone)
	}
	if starts {
		f.time("startTime", a.StartTime)
	}
	f.time("endTime", a.EndTime)
	return f
}

func (f fields) time(path string, at *time.Time) {
	if at != nil {
		f[path] = at.UTC().Format(time.RFC3339)
	}
}

func actionResource(name string) string { return "scheduled action " + name }

// actionChanges makes the declared actions, and makes those that differ as declared.
func (k *Kind) actionChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if o.actionsUnseen {
		return nil, nil
	}
	var plan []v1alpha1.PlannedChange
	var put []types.ScheduledUpdateGroupAction
	for i := range obj.Spec.ScheduledActions {
		declared := &obj.Spec.ScheduledActions[i]
		if passed(declared, o.now) {
			continue
		}
		desired := desiredAction(declared, o.now)
		observed, exists := o.actions[declared.Name]
		own := planned(lifecycle.VerbCreate, actionResource(declared.Name), "", "", "")
		if exists {
			starts := desired.StartTime != nil
			own = updates(actionResource(declared.Name), normalAction(&desired, starts), normalAction(&observed, starts))
		}
		if len(own) > 0 {
			plan, put = append(plan, own...), append(put, desired)
		}
	}
	if len(put) == 0 {
		return nil, nil
	}
	return []change{{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
		return k.putActions(ctx, o, put)
	}}}, nil
}

// actionRemovals deletes the actions that are not declared any more, and those that are declared for a time that has
// passed and that AWS has for one to come.
func (k *Kind) actionRemovals(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if o.actionsUnseen {
		return nil, nil
	}
	var plan []v1alpha1.PlannedChange
	var names []string
	for _, name := range lifecycle.ManagedUnder(obj, fieldScheduled) {
		action, exists := o.actions[name]
		i := slices.IndexFunc(obj.Spec.ScheduledActions, func(a v1alpha1.ScheduledAction) bool { return a.Name == name })
		if !exists || i >= 0 && (!passed(&obj.Spec.ScheduledActions[i], o.now) || action.StartTime == nil || !action.StartTime.After(o.now)) {
			continue
		}
		plan, names = append(plan, planned(lifecycle.VerbDelete, actionResource(name), "", "", "")...), append(names, name)
	}
	if len(names) == 0 {
		return nil, nil
	}
	return []change{{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
		return k.deleteActions(ctx, o, names)
	}}}, nil
}

// putActions makes actions, as many a call as AWS takes. AWS takes some and refuses others: what it refuses is told when
// all have been tried.
func (k *Kind) putActions(ctx context.Context, o *observed, put []types.ScheduledUpdateGroupAction) error {
	if o.group.hidden {
		return k.awaitShown(o)
	}
	var refused error
	for part := range slices.Chunk(put, awsclient.ScheduledActionsPerChange) {
		input := &autoscaling.BatchPutScheduledUpdateGroupActionInput{AutoScalingGroupName: aws.String(o.group.name())}
		for i := range part {
			a := &part[i]
			input.ScheduledUpdateGroupActions = append(input.ScheduledUpdateGroupActions, types.ScheduledUpdateGroupActionRequest{
				ScheduledActionName: a.ScheduledActionName, Recurrence: a.Recurrence, TimeZone: a.TimeZone, StartTime: a.StartTime,
				EndTime: a.EndTime, MinSize: a.MinSize, MaxSize: a.MaxSize, DesiredCapacity: a.DesiredCapacity,
			})
		}
		answer, err := k.clients.AutoScaling.BatchPutScheduledUpdateGroupAction(ctx, input)
		if err != nil {
			return fmt.Errorf("putting scheduled actions: %w", err)
		}
		failed := map[string]bool{}
		for _, one := range answer.FailedScheduledUpdateGroupActions {
			failed[aws.ToString(one.ScheduledActionName)] = true
			refused = cmp.Or(refused, actionRefusal(&one))
		}
		for _, a := range part {
			if !failed[*a.ScheduledActionName] {
				o.actions[*a.ScheduledActionName] = a
			}
		}
	}
	return refused
}

// actionRefusal is why AWS did not take one action of a batch.
func actionRefusal(one *types.FailedScheduledUpdateGroupActionRequest) error {
	err := awsclient.Refusal("BatchPutScheduledUpdateGroupAction", aws.ToString(one.ErrorCode), aws.ToString(one.ErrorMessage))
	if awsclient.Classify(err) == awsclient.Invalid || awsclient.Classify(err) == awsclient.AlreadyExists {
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "Scheduled action %s: %s", aws.ToString(one.ScheduledActionName), judge.Sentence(err))
	}
	return fmt.Errorf("putting scheduled action %s: %w", aws.ToString(one.ScheduledActionName), err)
}

// deleteActions deletes actions, as many a call as AWS takes. That one is gone already is as good.
func (k *Kind) deleteActions(ctx context.Context, o *observed, names []string) error {
	for part := range slices.Chunk(names, awsclient.ScheduledActionsPerChange) {
		answer, err := k.clients.AutoScaling.BatchDeleteScheduledAction(ctx, &autoscaling.BatchDeleteScheduledActionInput{
			AutoScalingGroupName: aws.String(o.group.name()), ScheduledActionNames: part,
		})
		if err != nil {
			return fmt.Errorf("deleting scheduled actions: %w", err)
		}
		for _, one := range answer.FailedScheduledActions {
			err := awsclient.Refusal("BatchDeleteScheduledAction", aws.ToString(one.ErrorCode), aws.ToString(one.ErrorMessage))
			if awsclient.Classify(err) != awsclient.NotFound {
				return fmt.Errorf("deleting scheduled action %s: %w", aws.ToString(one.ScheduledActionName), err)
			}
		}
		for _, name := range part {
			delete(o.actions, name)
		}
	}
	return nil
}
