package hostedzone

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Claim notes the optional fields about to be written.
func (k *Kind) Claim(obj *v1alpha1.HostedZone, _ *observed, _ []change) {
	lifecycle.ClaimFields(obj, declaredFields(obj))
}

// Refused keeps the conditions Delegated and Signed true of a zone whose spec cannot be carried out as a whole. When the
// zone is there and is the object's, what is not to blame is told as it is.
func (k *Kind) Refused(obj *v1alpha1.HostedZone, o *observed, outcome lifecycle.Outcome) {
	if o.zone == nil || !o.ours || k.checkOurs(obj, o, k.desiredZone(obj)) != nil {
		tellRefused(obj, v1alpha1.ConditionDelegated, obj.Spec.DelegateFrom != nil, outcome)
		tellRefused(obj, v1alpha1.ConditionSigned, obj.Spec.DNSSEC != nil, outcome)
		return
	}
	tellZone(obj, o)
	_, err := delegationChanges(obj, o)
	err = errors.Join(checkParent(obj, o), err)
	if kept := o.child(obj, delegationNS) != nil; err != nil || !kept && obj.Spec.DelegateFrom != nil {
		tellRefused(obj, v1alpha1.ConditionDelegated, true, cause(err, outcome))
	} else {
		reportDelegation(obj, o)
	}
	if _, err := signingChanges(obj, o, o.zone); err != nil {
		tellRefused(obj, v1alpha1.ConditionSigned, true, cause(err, outcome))
	} else {
		k.reportSigning(obj, o)
	}
}

// cause is the outcome that an error of one part of the spec stands for; that of the whole when there is none.
func cause(err error, whole lifecycle.Outcome) lifecycle.Outcome {
	var decided *lifecycle.Error
	if errors.As(err, &decided) {
		return decided.Outcome
	}
	return whole
}

// tellRefused says why what a condition tells of cannot be, when it is declared; nothing is known of it otherwise.
func tellRefused(obj *v1alpha1.HostedZone, conditionType string, declared bool, outcome lifecycle.Outcome) {
	if !declared {
		meta.RemoveStatusCondition(&obj.Status.Conditions, conditionType)
		return
	}
	lifecycle.SetCondition(obj, conditionType, false, outcome.Reason, outcome.Message)
}

// tellZone writes what there is of the zone.
func tellZone(obj *v1alpha1.HostedZone, o *observed) {
	obj.Status.ID = o.zone.id
	obj.Status.NameServers = o.zone.nameServers
	obj.Status.VPCs, obj.Status.VPCsTotal = vpcStatus(obj, o.zone)
	obj.Status.QueryLoggingConfigID = ""
	if o.zone.logging != nil && (logGroup(obj) == o.zone.logging.logGroupARN || ownsQueryLogging(obj, o.zone)) {
		obj.Status.QueryLoggingConfigID = o.zone.logging.id
	}
	obj.Status.ChangeID = o.changeID
}

// Report writes what was observed into the status and says how the zone stands.
func (k *Kind) Report(obj *v1alpha1.HostedZone, o *observed) lifecycle.Outcome {
	if lifecycle.Deleting(obj) {
		return k.reportDeleting(obj, o)
	}
	if o.zone == nil || !o.ours && o.zone.id != adoptedID(obj) {
		return lifecycle.Wait(v1alpha1.ReasonCreating, "The hosted zone does not exist yet.", k.poll)
	}
	tellZone(obj, o)
	delegation, signing := reportDelegation(obj, o), k.reportSigning(obj, o)
	if lifecycle.Manages(obj) && !o.incomplete && signing.State == lifecycle.Converged {
		obj.Status.ManagedFields = declaredFields(obj)
	}
	if !o.inSync {
		return lifecycle.Wait(v1alpha1.ReasonPropagating, fmt.Sprintf("Route 53 is carrying hosted zone %s to its name servers.", o.zone.id), k.poll)
	}
	if delegation.State != lifecycle.Converged {
		return delegation
	}
	if signing.State != lifecycle.Converged {
		return signing
	}
	message := fmt.Sprintf("Hosted zone %s is as declared.", o.zone.id)
	if pending := pendingVPCs(obj, o.zone); len(pending) > 0 {
		message += fmt.Sprintf(" It may be associated with %s by the owner of the VPC.", firstFew(pending, int64(len(pending))))
	}
	return lifecycle.Done(message)
}
