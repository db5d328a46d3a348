package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	// drainTimeout is how long instances are given to end unless spec.drainTimeoutSeconds says otherwise.
	drainTimeout = 10 * time.Minute
	// blockedRecheck is how soon a blocked deletion is looked at again: nothing tells that a person has acted.
	blockedRecheck = 30 * time.Second
)

// deletions list what deletes all that is the object's, in order. While the group is there, what it uses stays.
var deletions = []subject{(*Kind).groupDeletion, (*Kind).alarmRemovals, (*Kind).templateRemovals, (*Kind).securityGroupRemovals}

// diffDeleting returns what deletes all that is the object's.
func (k *Kind) diffDeleting(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	var changes []change
	for _, subject := range deletions {
		part, err := subject(k, obj, o)
		if err != nil {
			return nil, err
		}
		changes = append(changes, part...)
	}
	return changes, nil
}

// mayDelete reports whether the group that was observed is ours to delete.
func (o *observed) mayDelete() bool { return o.group != nil && o.ours }

func forced(obj *v1alpha1.AutoScalingGroup) bool { return aws.ToBool(obj.Spec.ForceDelete) }

// groupDeletion returns what deletes the group, as far as it can go now: its protection ends only when the spec says so;
// the warm pool goes first, since instances could return to it; then an instance refresh is cancelled, which would launch
// others, and the group is scaled to zero; once it is empty, it is deleted. With force, it is deleted at once.
func (k *Kind) groupDeletion(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if !o.mayDelete() || o.group.deleting() && !forced(obj) {
		return nil, nil
	}
	if blocked, ok := protection(obj, &o.group.sdk); ok {
		o.Wait(blocked)
		return nil, nil
	}
	changes := k.unprotection(obj, o)
	if forced(obj) {
		if o.pool() != nil && !o.poolEnds() && !o.group.deleting() {
			changes = append(changes, k.poolRemoval(obj, o, true))
		}
		return append(changes, k.deletion(obj, o, true)), nil
	}
	return append(changes, k.draining(obj, o)...), nil
}

// draining returns the next step of a deletion without force.
func (k *Kind) draining(obj *v1alpha1.AutoScalingGroup, o *observed) []change {
	if len(o.group.sdk.Instances) == 0 && o.pool() == nil {
		return []change{k.deletion(obj, o, false)}
	}
	var changes []change
	if o.pool() != nil && !o.poolEnds() {
		changes = append(changes, k.poolRemoval(obj, o, false))
	}
	if want, has := desiredSuspended(obj); has && !slices.Contains(want, processTerminate) && isSuspended(&o.group.sdk, processTerminate) {
		changes = append(changes, k.suspension(obj, o, lifecycle.VerbUpdate, nil, []string{processTerminate})...)
	}
	changes = append(changes, lastCancellation(o)...)
	return append(changes, k.scaleToZero(obj, o)...)
}

// protection says why the group may not be deleted, if that is so.
func protection(obj *v1alpha1.AutoScalingGroup, group *types.AutoScalingGroup) (lifecycle.Outcome, bool) {
	has := group.DeletionProtection
	stands := has == types.DeletionProtectionPreventAllDeletion || has == types.DeletionProtectionPreventForceDeletion && forced(obj)
	if !stands || mayUnprotect(obj) {
		return lifecycle.Outcome{}, false
	}
	way := "Set spec.deletionProtection to none, which lets the controller end it"
	if has == types.DeletionProtectionPreventForceDeletion {
		way += ", or remove spec.forceDelete so that the group is drained"
	}
	outcome := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf(
		"Auto Scaling group %s has the deletion protection %s. %s; or set spec.deletionPolicy to Retain to keep the group.", aws.ToString(group.AutoScalingGroupName), has, way))
	outcome.After = blockedRecheck
	return outcome, true
}

// mayUnprotect reports whether the spec says that the group is not to be protected from deletion.
func mayUnprotect(obj *v1alpha1.AutoScalingGroup) bool {
	return obj.Spec.DeletionProtection == string(types.DeletionProtectionNone)
}

// unprotection ends a protection that the spec does not want.
func (k *Kind) unprotection(obj *v1alpha1.AutoScalingGroup, o *observed) []change {
	has := o.group.sdk.DeletionProtection
	if !mayUnprotect(obj) || has == "" || has == types.DeletionProtectionNone {
		return nil
	}
	return []change{{
		plan: planned(lifecycle.VerbUpdate, k.resourceOf(obj, o), fieldDeletionProtection, string(has), string(types.DeletionProtectionNone)),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			return k.update(ctx, o.group, &update{AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, DeletionProtection: types.DeletionProtectionNone})
		},
	}}
}

func scaledToZero(sdk *types.AutoScalingGroup) bool {
	return aws.ToInt32(sdk.MinSize) == 0 && aws.ToInt32(sdk.MaxSize) == 0 && aws.ToInt32(sdk.DesiredCapacity) == 0
}

// scaleToZero returns the call that has all instances end, as hooks, load balancers and scale-in protection allow. Scalers
// and schedules that want instances again meet it anew.
func (k *Kind) scaleToZero(obj *v1alpha1.AutoScalingGroup, o *observed) []change {
	sdk := &o.group.sdk
	if scaledToZero(sdk) {
		return nil
	}
	sizes := fmt.Sprintf("%d, %d, %d", aws.ToInt32(sdk.MinSize), aws.ToInt32(sdk.MaxSize), aws.ToInt32(sdk.DesiredCapacity))
	return []change{{
		plan: planned(lifecycle.VerbUpdate, k.resourceOf(obj, o), "minSize, maxSize, desiredCapacity", sizes, "0, 0, 0"),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			err := k.update(ctx, o.group, &update{
				AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, MinSize: aws.Int32(0), MaxSize: aws.Int32(0), DesiredCapacity: aws.Int32(0),
			})
			if awsclient.Classify(err) == awsclient.Busy {
				return o.busy(err, k.Poll)
			}
			return err
		},
	}}
}

// deletion deletes the group. AWS refuses it while instances or activities are left that it does not show (any more);
// then it is tried again.
func (k *Kind) deletion(obj *v1alpha1.AutoScalingGroup, o *observed, force bool) change {
	return change{
		plan: planned(lifecycle.VerbDelete, k.resourceOf(obj, o), "", "", ""),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			if o.group == nil {
				return nil
			}
			_, err := k.clients.AutoScaling.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{
				AutoScalingGroupName: aws.String(o.group.name()), ForceDelete: aws.Bool(force),
			})
			switch awsclient.Classify(err) {
			case "":
				o.group.sdk.Status = aws.String("Delete in progress")
				return nil
			case awsclient.NotFound:
				o.group = nil
				return nil
			case awsclient.Busy, awsclient.Conflict:
				return o.busy(err, k.Poll)
			}
			return fmt.Errorf("deleting group %s: %w", o.group.name(), err)
		},
	}
}

// busy notes that AWS refuses a call while it is at work on another; other changes need not wait for that.
func (o *observed) busy(err error, after time.Duration) error {
	o.Wait(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, judge.Sentence(err), after))
	return nil
}
