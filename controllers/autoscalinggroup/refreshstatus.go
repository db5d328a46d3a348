package autoscalinggroup

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// tellingStep is in what steps a message tells progress, in percent, so that it does not change at each look.
const tellingStep = 10

// claimRefresh notes which refresh is about to be started or cancelled: its answer may be lost.
func claimRefresh(obj *v1alpha1.AutoScalingGroup, o *observed) {
	if o.rollOut == nil {
		return
	}
	o.rollOut.claim(o.rollOut.next())
	o.remember(obj)
}

// remember writes down what must be known after a restart.
func (r *refreshes) remember(obj *v1alpha1.AutoScalingGroup) {
	if obj.Status.InstanceRefresh == nil {
		obj.Status.InstanceRefresh = &v1alpha1.InstanceRefreshStatus{}
	}
	status := obj.Status.InstanceRefresh
	status.SettledSource, status.Attempt = r.rollOut.settled, r.rollOut.attempt.DeepCopy()
}

// reportRefresh writes down how the declared source stands, sets the condition InstancesRefreshed, and says what keeps the
// object from being Ready.
func (k *Kind) reportRefresh(obj *v1alpha1.AutoScalingGroup, o *observed) lifecycle.Outcome {
	if o.rollOut == nil {
		return lifecycle.Done("")
	}
	o.rollOut.compare(obj, o)
	o.rollOut.learn()
	o.remember(obj)
	status := obj.Status.InstanceRefresh
	status.OutdatedInstances = int64(o.rollOut.outdated)
	if o.newest != nil {
		tell(status, o.newest, o.ofOthers())
	}
	outcome := k.refreshOutcome(obj, o)
	switch {
	case outcome.State != lifecycle.Converged:
		lifecycle.SetCondition(obj, v1alpha1.ConditionInstancesRefreshed, false, outcome.Reason, outcome.Message)
	case o.rollOut.outdated > 0:
		lifecycle.SetCondition(obj, v1alpha1.ConditionInstancesRefreshed, false, v1alpha1.ReasonOutdated, o.outdatedText(obj))
	default:
		lifecycle.SetCondition(obj, v1alpha1.ConditionInstancesRefreshed, true, v1alpha1.ReasonConverged,
			fmt.Sprintf("All instances are of %s.", o.desiredSource(obj).text()))
	}
	return outcome
}

// reportLastRefresh writes down the refresh that a deletion met.
func reportLastRefresh(obj *v1alpha1.AutoScalingGroup, o *observed) {
	if o.newest == nil {
		return
	}
	if obj.Status.InstanceRefresh == nil {
		obj.Status.InstanceRefresh = &v1alpha1.InstanceRefreshStatus{}
	}
	tell(obj.Status.InstanceRefresh, o.newest, o.ofOthers())
}

// ofOthers reports whether the newest refresh is not this object's.
func (r *refreshes) ofOthers() bool {
	own := r.rollOut.own()
	return own == nil || own.id != aws.ToString(r.newest.InstanceRefreshId)
}

// tell writes down what AWS says of a refresh.
func tell(status *v1alpha1.InstanceRefreshStatus, found *types.InstanceRefresh, ofOthers bool) {
	status.ID, status.Status, status.Reason = aws.ToString(found.InstanceRefreshId), string(found.Status), aws.ToString(found.StatusReason)
	status.PercentageComplete, status.InstancesToUpdate, status.StartedByOthers = found.PercentageComplete, found.InstancesToUpdate, ofOthers
	status.TargetVersion, status.Rollback = "", nil
	if source := sourceBrought(found); source.known() {
		status.TargetVersion = source.text()
	}
	if back := found.RollbackDetails; back != nil {
		status.Rollback = &v1alpha1.InstanceRefreshRollback{
			Reason: aws.ToString(back.RollbackReason), PercentageComplete: back.PercentageCompleteOnRollback, InstancesToUpdate: back.InstancesToUpdateOnRollback,
		}
	}
}

// refreshOutcome says what the source waits for, or why it does not get on.
func (k *Kind) refreshOutcome(obj *v1alpha1.AutoScalingGroup, o *observed) lifecycle.Outcome {
	wait := func(reason, message string) lifecycle.Outcome {
		since := o.now
		if o.newest != nil {
			since = aws.ToTime(o.newest.StartTime)
		}
		return lifecycle.Wait(reason, message, k.Pause(since))
	}
	switch o.rollOut.next() {
	case stepWait, stepCancel:
		return wait(v1alpha1.ReasonReplacing, o.progressText(obj)+o.heldText())
	case stepYield:
		return wait(v1alpha1.ReasonReplacing, fmt.Sprintf("Others have started the instance refresh %s: it is waited for.%s%s",
			aws.ToString(o.newest.InstanceRefreshId), o.unhealthyText(), o.heldText()))
	case stepPark:
		return k.parkedOutcome(obj, o)
	case stepUpdate, stepStart:
		return wait(v1alpha1.ReasonUpdating, fmt.Sprintf("The group does not launch instances of %s yet.", o.desiredSource(obj).text()))
	}
	return lifecycle.Done("")
}

// parkedOutcome tells that a refresh did not succeed. The instances come and go all the same, and are followed.
func (k *Kind) parkedOutcome(obj *v1alpha1.AutoScalingGroup, o *observed) lifecycle.Outcome {
	outcome := lifecycle.Stall(v1alpha1.ReasonRefreshFailed, fmt.Sprintf("The instance refresh to %s did not succeed. %s It is not started again until the spec changes; the group launches instances of %s.",
		o.desiredSource(obj).text(), o.rollOut.attempt.Failure, sourceOf(&o.group.sdk).text()))
	if moving(&o.group.sdk) {
		outcome.After = k.pauseMoving(obj)
	}
	outcome.After = k.follow(o, outcome.After)
	return outcome
}

// progressText tells how far the refresh under way is.
func (o *observed) progressText(obj *v1alpha1.AutoScalingGroup) string {
	what := o.desiredSource(obj).text()
	if source := o.broughtSource(); source.known() {
		what = source.text()
	}
	if o.newest == nil {
		return fmt.Sprintf("AWS does not show the instance refresh to %s yet.", what)
	}
	switch o.newest.Status {
	case types.InstanceRefreshStatusPending:
		return fmt.Sprintf("An instance refresh to %s is about to begin.", what)
	case types.InstanceRefreshStatusBaking:
		return fmt.Sprintf("An instance refresh has replaced the instances by ones of %s, and watches them until its bake time is over.", what)
	case types.InstanceRefreshStatusCancelling:
		return fmt.Sprintf("The instance refresh to %s is being cancelled.", what)
	case types.InstanceRefreshStatusRollbackInProgress:
		done := int32(0)
		if back := o.newest.RollbackDetails; back != nil {
			done = aws.ToInt32(back.PercentageCompleteOnRollback)
		}
		return fmt.Sprintf("The instance refresh to %s is being rolled back, about %d %% of it so far: %s%s",
			what, done/tellingStep*tellingStep, lifecycle.Sentence(seenAs(o.newest).reason), o.unhealthyText())
	case types.InstanceRefreshStatusSuccessful:
		return fmt.Sprintf("All instances are replaced by ones of %s; AWS does not show it of the group yet.", what)
	}
	return fmt.Sprintf("An instance refresh to %s is under way, about %d %% of it so far.%s",
		what, aws.ToInt32(o.newest.PercentageComplete)/tellingStep*tellingStep, o.unhealthyText())
}

// unhealthyText tells what keeps a refresh from going on.
func (o *observed) unhealthyText() string {
	count := 0
	for i := range o.group.sdk.Instances {
		one := &o.group.sdk.Instances[i]
		if !leaves(one) && aws.ToString(one.HealthStatus) != "Healthy" {
			count++
		}
	}
	if count == 0 {
		return ""
	}
	return fmt.Sprintf(" It rests while %s unhealthy.", lifecycle.Count(count, "instance is", "instances are"))
}

// heldText tells what waits for the end of a refresh.
func (r *refreshes) heldText() string {
	if len(r.held) == 0 {
		return ""
	}
	return fmt.Sprintf(" Until it is over AWS does not take, and so waits: %s.", strings.Join(r.held, "; "))
}

// outdatedText tells of instances that stay as they are.
func (o *observed) outdatedText(obj *v1alpha1.AutoScalingGroup) string {
	ids := outdated(o.desiredSource(obj), o.group.sdk.Instances)
	slices.Sort(ids)
	const named = 3
	list := ids[0]
	for _, id := range ids[1:min(len(ids), named)] {
		list += ", " + id
	}
	if len(ids) > named {
		list += fmt.Sprintf(" and %d more", len(ids)-named)
	}
	return fmt.Sprintf("%s not of %s, and stay until they are replaced: %s.", lifecycle.Count(len(ids), "instance is", "instances are"), o.desiredSource(obj).text(), list)
}
