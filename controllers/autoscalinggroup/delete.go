package autoscalinggroup

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

// blockedRecheck is how soon a blocked deletion is looked at again: nothing tells that a person has acted.
const blockedRecheck = 30 * time.Second

// deletions list what deletes all that is the object's, in order. While the group is there, what it uses stays.
var deletions = []subject{(*Kind).groupDeletion, (*Kind).templateRemovals, (*Kind).securityGroupRemovals}

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

// groupDeletion returns what is next on the way to the end of the group: its protection ends, if the spec says so; it is
// scaled to nothing, so that its instances drain; and once they are gone it is deleted.
func (k *Kind) groupDeletion(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if !o.mayDelete() || o.group.deleting() {
		return nil, nil
	}
	resource, g := k.resourceOf(obj, o), &o.group.sdk
	var changes []change
	step := func(call *update, field, from, to string) {
		call.AutoScalingGroupName = g.AutoScalingGroupName
		changes = append(changes, change{
			plan: planned(lifecycle.VerbUpdate, resource, field, from, to),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.update(ctx, o.group, call)
			},
		})
	}
	if protection := deletionProtection(g); protection == string(types.DeletionProtectionPreventAllDeletion) {
		if obj.Spec.DeletionProtection != string(types.DeletionProtectionNone) {
			outcome := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf(
				"Auto Scaling group %s is protected from deletion (%s). Set spec.deletionProtection to none to let the controller end that, or spec.deletionPolicy to Retain to keep the group.", o.group.name(), protection))
			outcome.After = blockedRecheck
			o.wait(outcome)
			return nil, nil
		}
		step(&update{DeletionProtection: types.DeletionProtectionNone}, fieldDeletionProtection, protection, string(types.DeletionProtectionNone))
	}
	if aws.ToInt32(g.MaxSize)+aws.ToInt32(g.DesiredCapacity) > 0 {
		step(&update{MinSize: aws.Int32(0), MaxSize: aws.Int32(0), DesiredCapacity: aws.Int32(0)}, fieldDesiredCapacity, number(g.DesiredCapacity), number(aws.Int32(0)))
	}
	if len(g.Instances) > 0 {
		return changes, nil
	}
	return append(changes, change{
		plan: planned(lifecycle.VerbDelete, resource, "", "", ""),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			return k.delete(ctx, o)
		},
	}), nil
}

// delete deletes the group.
func (k *Kind) delete(ctx context.Context, o *observed) error {
	_, err := k.clients.AutoScaling.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: o.group.sdk.AutoScalingGroupName})
	switch awsclient.Classify(err) {
	case "":
		o.group.sdk.Status = aws.String("Delete in progress")
		return nil
	case awsclient.NotFound:
		o.group = nil
		return nil
	case awsclient.Conflict: // an instance that was launched just now
		return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonDeleting, sentence(err), k.poll))
	}
	return fmt.Errorf("deleting Auto Scaling group %s: %w", o.group.name(), err)
}

// reportDeleting says how far the deletion is.
func (k *Kind) reportDeleting(obj *v1alpha1.AutoScalingGroup, o *observed) lifecycle.Outcome {
	pause := k.poll
	if since := obj.GetDeletionTimestamp(); since != nil {
		pause = k.pause(since.Time)
	}
	var left []string
	if o.mayDelete() {
		k.reportGroup(obj, o)
		text := "the group"
		if n := len(o.group.sdk.Instances); n > 0 {
			text += " and " + lifecycle.Count(n, "instance", "instances")
		}
		left = append(left, text)
	}
	if o.own != nil {
		left = append(left, "the launch template")
	}
	if outcome, ok := lifecycle.Worst(o.waits); ok {
		return outcome
	}
	if len(left) > 0 {
		return lifecycle.Wait(v1alpha1.ReasonDeleting, fmt.Sprintf("Being deleted: %s.", strings.Join(left, ", ")), pause)
	}
	for _, former := range o.formers {
		if outcome, remains := securitygroup.Remaining(former, pause); remains && k.mayDeleteGroup(obj, former.Group) {
			return outcome
		}
	}
	return lifecycle.Released()
}
