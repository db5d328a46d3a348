package autoscalinggroup

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// reportDeleting says how far the deletion is.
func (k *Kind) reportDeleting(obj *v1alpha1.AutoScalingGroup, o *observed) lifecycle.Outcome {
	if outcome, remains := k.reportGroupDeletion(obj, o); remains {
		return outcome
	}
	if outcome, ok := o.Worst(); ok {
		return outcome
	}
	if o.alarmsLeft() {
		return lifecycle.Wait(v1alpha1.ReasonDeleting, "CloudWatch alarms of scaling policies are being deleted.", k.PauseDeleting(obj))
	}
	if o.own != nil {
		return lifecycle.Wait(v1alpha1.ReasonDeleting, "The launch template is being deleted.", k.PauseDeleting(obj))
	}
	if outcome, remains := k.inline(obj).Remaining(o.formers, k.PauseDeleting(obj)); remains {
		return outcome
	}
	return lifecycle.Released()
}

// reportGroupDeletion says what the deletion of the group waits for, if it is not gone.
func (k *Kind) reportGroupDeletion(obj *v1alpha1.AutoScalingGroup, o *observed) (lifecycle.Outcome, bool) {
	if !o.mayDelete() {
		return lifecycle.Outcome{}, false
	}
	k.reportGroup(obj, o)
	reportLastRefresh(obj, o)
	if aws.ToInt32(o.group.sdk.MaxSize) == 0 {
		lifecycle.SetCondition(obj, v1alpha1.ConditionCapacityReached, false, v1alpha1.ReasonDeleting, fmt.Sprintf(
			"The group is being deleted; %s left.", lifecycle.Count(len(o.group.sdk.Instances), "instance is", "instances are")))
	}
	pause := k.PauseDeleting(obj)
	if outcome, ok := o.Worst(); ok && outcome.State != lifecycle.Waiting {
		return outcome, true
	}
	left := blockers(&o.group.sdk)
	switch {
	case o.group.deleting():
		return lifecycle.Wait(v1alpha1.ReasonDeleting, "AWS is deleting the Auto Scaling group.", pause), true
	case len(left) > 0 && (k.overdue(obj, o) || isSuspended(&o.group.sdk, processTerminate)):
		return k.blockedOutcome(obj, o, left), true
	case len(left) > 0:
		return lifecycle.Wait(v1alpha1.ReasonDeleting, fmt.Sprintf("The Auto Scaling group is being drained: %s.", strings.Join(left, "; ")), k.pauseMoving(obj)), true
	case o.pool() != nil:
		return lifecycle.Wait(v1alpha1.ReasonDeleting, "AWS is deleting the warm pool; the Auto Scaling group is next.", pause), true
	}
	return lifecycle.Wait(v1alpha1.ReasonDeleting, "The Auto Scaling group is being deleted.", pause), true
}

// overdue reports whether the instances have had their time to end.
func (k *Kind) overdue(obj *v1alpha1.AutoScalingGroup, o *observed) bool {
	timeout := drainTimeout
	if seconds := obj.Spec.DrainTimeoutSeconds; seconds != nil {
		timeout = time.Duration(*seconds) * time.Second
	}
	return o.now.Sub(obj.GetDeletionTimestamp().Time) >= timeout
}

// blockedOutcome tells a person what the deletion is blocked by, and what can be done.
func (k *Kind) blockedOutcome(obj *v1alpha1.AutoScalingGroup, o *observed, left []string) lifecycle.Outcome {
	text := strings.Join(left, "; ")
	if isSuspended(&o.group.sdk, processTerminate) {
		text += "; the process Terminate is suspended, so that none is terminated"
	}
	outcome := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf(
		"Auto Scaling group %s cannot be deleted while it has instances: %s. The controller goes on waiting. Release them (end the protection, terminate what stands by, complete the hook), set spec.forceDelete to end them at once, or set spec.deletionPolicy to Retain to keep the group.",
		o.group.name(), text))
	outcome.After = k.pauseMoving(obj)
	return outcome
}

// blockers name the instances that the deletion waits for, by what holds them.
func blockers(group *types.AutoScalingGroup) []string {
	const ending = "terminating"
	held := map[string][]string{}
	for i := range group.Instances {
		instance, why := &group.Instances[i], ending
		switch state := instance.LifecycleState; {
		case strings.HasSuffix(string(state), stateWaits):
			why = "held by a lifecycle hook"
		case state == types.LifecycleStateStandby, state == types.LifecycleStateEnteringStandby:
			why = "in Standby"
		case state == types.LifecycleStateTerminatingRetained:
			why = "retained after a lifecycle hook was abandoned"
		case strings.HasPrefix(string(state), "Terminating"):
		case aws.ToBool(instance.ProtectedFromScaleIn):
			why = "protected from scale-in"
		case state == types.LifecycleStateInService:
			why = "in service still"
		}
		held[why] = append(held[why], aws.ToString(instance.InstanceId))
	}
	var texts []string
	for _, why := range []string{
		"in Standby", "protected from scale-in", "held by a lifecycle hook", "retained after a lifecycle hook was abandoned", "in service still", ending,
	} {
		if ids := held[why]; len(ids) > 0 {
			texts = append(texts, fmt.Sprintf("%s %s (%s)", lifecycle.Count(len(ids), "instance", "instances"), why, few(ids)))
		}
	}
	return texts
}
