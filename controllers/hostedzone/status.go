package hostedzone

import (
	"fmt"
	"slices"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Claim notes the optional fields about to be written, beside those written before: a crash right after the write
// must not lose that they are ours to reset.
func (k *Kind) Claim(obj *v1alpha1.HostedZone, _ *observed, _ []change) {
	fields := append(declaredFields(obj), obj.Status.ManagedFields...)
	slices.Sort(fields)
	obj.Status.ManagedFields = slices.Compact(fields)
}

// Report writes what was observed into the status and says how the zone stands.
func (k *Kind) Report(obj *v1alpha1.HostedZone, o *observed) lifecycle.Outcome {
	if lifecycle.Deleting(obj) {
		return k.reportDeleting(obj, o)
	}
	if o.zone == nil || !o.ours && o.zone.id != adoptedID(obj) {
		return lifecycle.Wait(v1alpha1.ReasonCreating, "The hosted zone does not exist yet.", k.poll)
	}
	obj.Status.ID = o.zone.id
	obj.Status.NameServers = o.zone.nameServers
	obj.Status.VPCs, obj.Status.VPCsTotal = vpcStatus(obj, o.zone)
	obj.Status.QueryLoggingConfigID = ""
	if o.zone.logging != nil && (logGroup(obj) == o.zone.logging.logGroupARN || ownsQueryLogging(obj, o.zone)) {
		obj.Status.QueryLoggingConfigID = o.zone.logging.id
	}
	obj.Status.ChangeID = o.changeID
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
