package loadbalancer

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Claim notes what is about to be written.
func (k *Kind) Claim(obj *v1alpha1.LoadBalancer, o *observed, _ []change) {
	lifecycle.ClaimFields(obj, declaredFields(obj, o))
	claimCertificates(obj, o)
}

// Report writes what was observed into the status and says how the load balancer stands.
func (k *Kind) Report(obj *v1alpha1.LoadBalancer, o *observed) lifecycle.Outcome {
	if lifecycle.Deleting(obj) {
		return k.reportDeleting(obj, o)
	}
	obj.Status.SecurityGroup = k.inline(obj).Status(o.group.Group, o.formerGroups)
	reportCertificates(obj, o)
	if o.lb == nil || !o.ours && obj.Spec.Adopt == nil {
		lifecycle.SetCondition(obj, v1alpha1.ConditionProvisioned, false, v1alpha1.ReasonCreating, "The load balancer does not exist yet.")
		return lifecycle.Wait(v1alpha1.ReasonCreating, "The load balancer does not exist yet.", k.Poll)
	}
	k.reportLoadBalancer(obj, o)
	k.reportTraffic(obj, o)
	if lifecycle.Manages(obj) && !o.incomplete && o.NoneWaits() {
		obj.Status.ManagedFields = declaredFields(obj, o)
	}
	k.reportCapacity(obj, o)
	outcome := k.reportState(obj, o)
	if outcome.State == lifecycle.Converged {
		outcome.Message += o.foreignText()
		if o.moving() {
			outcome.After = k.PauseSince(obj, v1alpha1.ConditionTargetsHealthy)
		}
	}
	return outcome
}

// reportLoadBalancer writes down the load balancer as it is.
func (k *Kind) reportLoadBalancer(obj *v1alpha1.LoadBalancer, o *observed) {
	lb, status := &o.lb.sdk, &obj.Status
	status.ARN, status.Name = o.lb.arn(), o.lb.name()
	status.DNSName, status.CanonicalHostedZoneID = aws.ToString(lb.DNSName), aws.ToString(lb.CanonicalHostedZoneId)
	status.VPCID, status.IPAddressType, status.State = aws.ToString(lb.VpcId), string(lb.IpAddressType), string(o.lb.state())
	groups := slices.Sorted(slices.Values(lb.SecurityGroups))
	status.SecurityGroupIDs = groups[:min(len(groups), v1alpha1.MaxListed)]
}

// reportState says how the load balancer stands, as a whole, and sets the condition Provisioned.
func (k *Kind) reportState(obj *v1alpha1.LoadBalancer, o *observed) lifecycle.Outcome {
	outcome := lifecycle.Done(fmt.Sprintf("Load balancer %s is active and as declared.", o.lb.name()))
	waiting, waits := o.Worst()
	reason := ""
	if o.lb.sdk.State != nil {
		reason = aws.ToString(o.lb.sdk.State.Reason)
	}
	switch o.lb.state() {
	case types.LoadBalancerStateEnumProvisioning:
		outcome = k.provisioning(obj, o)
	case types.LoadBalancerStateEnumFailed:
		outcome = lifecycle.Stall(v1alpha1.ReasonAWSError, fmt.Sprintf(
			"AWS could not set up load balancer %s. %s Delete this object and create it again once the cause is gone.", o.lb.name(), cmp.Or(reason, "It gives no reason.")))
	case types.LoadBalancerStateEnumActiveImpaired:
		outcome = lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, fmt.Sprintf(
			"Load balancer %s serves, but AWS lacks what it needs to let it grow. %s", o.lb.name(), cmp.Or(reason, "It gives no reason.")), lifecycle.LongestPause)
	}
	if waits && (outcome.State == lifecycle.Converged || outcome.State == lifecycle.Waiting && waiting.State != lifecycle.Waiting) {
		outcome = waiting
	}
	provisioned := o.lb.state() == types.LoadBalancerStateEnumActive && !waits && !o.incomplete
	switch {
	case provisioned:
		lifecycle.SetCondition(obj, v1alpha1.ConditionProvisioned, true, v1alpha1.ReasonConverged, "The load balancer is active, with its listeners and rules in place.")
	case outcome.State == lifecycle.Converged: // a change has failed; which one, Ready tells
		lifecycle.SetCondition(obj, v1alpha1.ConditionProvisioned, false, v1alpha1.ReasonUpdating, "The load balancer is being changed.")
	default:
		lifecycle.SetCondition(obj, v1alpha1.ConditionProvisioned, false, outcome.Reason, outcome.Message)
	}
	return outcome
}

// provisioning says that AWS is setting the load balancer up.
func (k *Kind) provisioning(_ *v1alpha1.LoadBalancer, o *observed) lifecycle.Outcome {
	pause := k.Poll
	if o.lb.sdk.CreatedTime != nil {
		pause = k.Pause(*o.lb.sdk.CreatedTime)
	}
	return lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, fmt.Sprintf("AWS is setting up load balancer %s.", o.lb.name()), pause)
}
