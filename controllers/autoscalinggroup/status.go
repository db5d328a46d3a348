package autoscalinggroup

import (
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Claim notes what is about to be written.
func (k *Kind) Claim(obj *v1alpha1.AutoScalingGroup, o *observed, _ []change) {
	claimRefresh(obj, o)
	lifecycle.ClaimFields(obj, declaredFields(obj))
}

// Report writes what was observed into the status and says how the group stands.
func (k *Kind) Report(obj *v1alpha1.AutoScalingGroup, o *observed) lifecycle.Outcome {
	if lifecycle.Deleting(obj) {
		return k.reportDeleting(obj, o)
	}
	obj.Status.SecurityGroup = k.inline(obj).Status(o.members.Group, o.formers)
	k.reportTemplate(obj, o)
	if o.group == nil {
		lifecycle.SetCondition(obj, v1alpha1.ConditionCapacityReached, false, v1alpha1.ReasonCreating, "The group does not exist yet.")
		if outcome, waits := o.Worst(); waits {
			return outcome
		}
		return lifecycle.Wait(v1alpha1.ReasonCreating, "The group does not exist yet.", k.Poll)
	}
	k.reportGroup(obj, o)
	k.reportTargetGroups(obj, o)
	k.reportPolicies(obj, o)
	if lifecycle.Manages(obj) && !o.incomplete && o.NoneWaits() {
		obj.Status.ManagedFields = declaredFields(obj)
	}
	outcome := k.reportCapacity(obj, o)
	if refresh := k.reportRefresh(obj, o); refresh.State != lifecycle.Converged { // which is why capacity may be missing
		outcome = refresh
	}
	if waiting, waits := o.Worst(); waits && (outcome.State == lifecycle.Converged || waiting.State != lifecycle.Waiting) {
		outcome = waiting
	}
	if outcome.State == lifecycle.Converged {
		outcome.Message += passedText(obj, o.now)
	}
	if outcome.State == lifecycle.Converged && moving(&o.group.sdk) {
		outcome.After = k.pauseMoving(obj)
	}
	if outcome.State == lifecycle.Converged {
		outcome.After = k.follow(o, outcome.After)
	}
	return outcome
}

// reportGroup writes down the group as it is.
func (k *Kind) reportGroup(obj *v1alpha1.AutoScalingGroup, o *observed) {
	g, status := &o.group.sdk, &obj.Status
	status.Name, status.ARN = o.group.name(), o.group.arn()
	status.MinSize, status.MaxSize, status.DesiredCapacity = g.MinSize, g.MaxSize, g.DesiredCapacity
	inService := int32(0)
	for i := range g.Instances {
		if g.Instances[i].LifecycleState == types.LifecycleStateInService {
			inService++
		}
	}
	status.InService = &inService
	names := sorted(g.AvailabilityZones)
	status.AvailabilityZones = names[:min(len(names), v1alpha1.MaxListed)]
	status.VPCID = o.vpcID
	status.Addresses = o.addresses
	reportInstances(obj, o)
}
