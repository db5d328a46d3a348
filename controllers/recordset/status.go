package recordset

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/util/workqueue"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// tellPropagating is how long a change may be under way before its objects say so and hold its id. Most arrive sooner,
// and are spared the write.
const tellPropagating = 5 * time.Second

// report writes what the turn came to: first for the objects that keep or take something, then for those that hand
// something over, so that a record always has an owner.
func (r *Reconciler) report(ctx context.Context, z *zone, decisions []*decision) {
	var keepers, givers []*decision
	for _, dec := range decisions {
		if len(dec.heirs) > 0 {
			givers = append(givers, dec)
		} else {
			keepers = append(keepers, dec)
		}
	}
	owners := r.hush(ctx, z, keepers)
	r.finishAll(ctx, z, keepers)
	r.finishAll(ctx, z, givers)
	r.tellTogether(owners, keepers)
	for _, dec := range decisions {
		if f := z.aboard[dec.obj.UID]; f != nil && f.landed && !dec.failed && !dec.sent {
			delete(z.aboard, dec.obj.UID)
		}
	}
}

func (r *Reconciler) finishAll(ctx context.Context, z *zone, decisions []*decision) {
	workqueue.ParallelizeUntil(ctx, writers, len(decisions), func(i int) {
		if decisions[i].failed {
			return
		}
		if err := r.finish(ctx, z, decisions[i]); err != nil {
			decisions[i].failed = true
			r.logWrite(ctx, z, decisions[i], err)
		}
	})
}

// finish writes what the turn came to for one object. An object that waits for its batch is left as it is.
func (r *Reconciler) finish(ctx context.Context, z *zone, dec *decision) error {
	if settled(z, dec) {
		return nil
	}
	obj := dec.obj.DeepCopy()
	events := dec.events()
	waiting := len(dec.changes) > 0 && !dec.sent && lifecycle.Manages(obj)
	switch {
	case lifecycle.Deleting(obj) || !dec.here:
		return r.finishLeaving(ctx, z, dec, obj, waiting, events)
	case !r.inherited(z, dec):
		return nil
	}
	if dec.outcome == nil && lifecycle.Manages(obj) {
		if waiting || r.toldEnough(z, obj) {
			r.writer.Tell(obj, events...)
			return nil
		}
		if err := r.writer.AddFinalizer(ctx, obj); err != nil {
			return err
		}
	}
	return r.writer.Finish(ctx, dec.obj, obj, r.describe(z, dec, obj), events...)
}

// toldEnough reports whether the intent says all that is to be said of a change under way: most have arrived at the
// first look. What is accepted at another try had no intent of its own, and must not go on standing as refused.
func (r *Reconciler) toldEnough(z *zone, obj *v1alpha1.RecordSet) bool {
	f := z.aboard[obj.UID]
	if f == nil || f.landed || r.clock.Now().Sub(f.sent) >= tellPropagating {
		return false
	}
	ready := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionReady)
	return ready != nil && (ready.Reason == v1alpha1.ReasonCreating || ready.Reason == v1alpha1.ReasonUpdating)
}

// events tells what was done for the object.
func (d *decision) events() []lifecycle.Event {
	switch {
	case d.hushed:
		return nil
	case d.sent:
		return lifecycle.EventsFor(d.plan(), d.drifted)
	case len(d.changes) == 0 && d.outcome == nil && lifecycle.Manages(d.obj):
		return lifecycle.EventsFor(d.adoption, false)
	}
	return nil
}

// describe writes into the status of an object that belongs in the zone how it stands, and returns it as an outcome.
func (r *Reconciler) describe(z *zone, dec *decision, obj *v1alpha1.RecordSet) lifecycle.Outcome {
	place(z, dec, obj)
	if dec.outcome == nil && !lifecycle.Manages(obj) {
		return lifecycle.Report(obj, append(healthCheckPlan(obj), dec.plan()...))
	}
	if lifecycle.Manages(obj) {
		obj.Status.Plan, obj.Status.PlanTotal = nil, 0
	}
	keep(obj, z.id, dec.holds)
	if dec.outcome != nil {
		if dec.outcome.State == lifecycle.Converged {
			lifecycle.SetCondition(obj, v1alpha1.ConditionPropagated, true, dec.outcome.Reason, dec.outcome.Message)
		}
		return *dec.outcome
	}
	if f := z.aboard[obj.UID]; f != nil && !f.landed {
		obj.Status.ChangeID = f.id
		outcome := lifecycle.Wait(v1alpha1.ReasonPropagating, fmt.Sprintf("Route 53 is carrying the record %s to its name servers.", dec.wanted), 0)
		lifecycle.SetCondition(obj, v1alpha1.ConditionPropagated, false, outcome.Reason, outcome.Message)
		return outcome
	}
	obj.Status.ChangeID = ""
	obj.Status.UsedHealthCheckID = usedHealthCheck(obj, dec.record)
	if isVacant(dec.record) {
		outcome := lifecycle.Done(vacancy(obj, dec.wanted))
		lifecycle.SetCondition(obj, v1alpha1.ConditionPropagated, true, outcome.Reason, "No Route 53 name server answers with the record.")
		return outcome
	}
	outcome := lifecycle.Done(fmt.Sprintf("The record %s is in hosted zone %s as declared, and every name server answers with it.", dec.wanted, z.id))
	lifecycle.SetCondition(obj, v1alpha1.ConditionPropagated, true, outcome.Reason, "Every Route 53 name server answers with the record.")
	return outcome
}

// finishLeaving writes what is left in the zone of an object that is deleted, or has moved to another zone.
func (r *Reconciler) finishLeaving(ctx context.Context, z *zone, dec *decision, obj *v1alpha1.RecordSet, waiting bool, events []lifecycle.Event) error {
	switch {
	case dec.outcome == nil && !waiting && r.inherited(z, dec):
	case !lifecycle.Deleting(obj):
		return nil
	default:
		outcome := lifecycle.Wait(v1alpha1.ReasonDeleting, "The record is being removed from Route 53.", 0)
		if dec.outcome != nil {
			outcome = *dec.outcome
		}
		return r.writer.Finish(ctx, dec.obj, obj, outcome)
	}
	keep(obj, z.id, dec.holds)
	if lifecycle.Deleting(obj) && len(obj.Status.Records) == 0 {
		return r.writer.Finish(ctx, dec.obj, obj, withoutRecord(obj), events...)
	}
	if _, err := r.writer.WriteStatus(ctx, dec.obj, obj); err != nil {
		return err
	}
	r.writer.Tell(obj, events...)
	return nil
}

// withoutRecord says how a deleted object stands that owns no record any more: its health checks are deleted last.
func withoutRecord(obj *v1alpha1.RecordSet) lifecycle.Outcome {
	check := obj.Status.HealthCheck
	switch {
	case check == nil:
		return lifecycle.Released()
	case check.Stalled:
		return lifecycle.Stall(check.Reason, check.Message)
	case check.Reason != "":
		return lifecycle.Wait(check.Reason, check.Message, 0)
	}
	return lifecycle.Wait(v1alpha1.ReasonDeleting, "The health check of the record is being deleted.", 0)
}

// inherited reports whether everyone who takes a record over from the object has claimed it.
func (r *Reconciler) inherited(z *zone, dec *decision) bool {
	for _, heir := range dec.heirs {
		newest, exists := lifecycle.Newest(r.writer, heir)
		if exists && !slices.ContainsFunc(claimsIn(dec.obj, z.id), func(k key) bool {
			return slices.Contains(claimsIn(newest, z.id), k)
		}) {
			z.touch(false)
			return false
		}
	}
	return true
}

// settled reports whether an object stands as its status says, so that there is nothing to write. It is what nearly
// all objects of a large zone are, and spares copying them.
func settled(z *zone, dec *decision) bool {
	nothingToDo := dec.here && dec.outcome == nil && len(dec.changes) == 0 && dec.adoption == nil && len(dec.heirs) == 0 &&
		!lifecycle.Deleting(dec.obj) && lifecycle.Manages(dec.obj) && z.aboard[dec.obj.UID] == nil
	return nothingToDo && lifecycle.Drifted(dec.obj) && tellsReady(&dec.obj.Status, z.id, dec)
}

// tellsReady reports whether a status says all that is to be said of an object that is Ready.
func tellsReady(status *v1alpha1.RecordSetStatus, zoneID string, dec *decision) bool {
	return meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionPropagated) &&
		status.ChangeID == "" && len(status.Plan) == 0 && status.UsedHealthCheckID == usedHealthCheck(dec.obj, dec.record) &&
		status.HostedZoneID == zoneID && status.FQDN == readableName(dec.wanted.name) &&
		slices.Equal(status.Records, claimsOf(dec, zoneID))
}

// claimsOf are the claims of an object that stands as it declares.
func claimsOf(dec *decision, zoneID string) []v1alpha1.RecordKey {
	if isVacant(dec.record) {
		return nil
	}
	return []v1alpha1.RecordKey{dec.wanted.in(zoneID)}
}

// usedHealthCheck returns the health check that the record uses because the object says so.
func usedHealthCheck(obj *v1alpha1.RecordSet, record *types.ResourceRecordSet) string {
	if obj.Spec.HealthCheck == nil && obj.Spec.HealthCheckID == "" {
		return ""
	}
	return recordHealthCheck(record)
}

// place writes where the record belongs.
func place(z *zone, dec *decision, obj *v1alpha1.RecordSet) {
	obj.Status.HostedZoneID = z.id
	if dec.wanted != nil {
		obj.Status.FQDN = readableName(dec.wanted.name)
	}
}

// keep makes the claims in a zone exactly those given, without moving those that stay; claims in other zones stay.
func keep(obj *v1alpha1.RecordSet, zoneID string, keys []key) {
	claims := slices.DeleteFunc(slices.Clone(obj.Status.Records), func(c v1alpha1.RecordKey) bool {
		return c.HostedZoneID == zoneID && !slices.Contains(keys, claimKey(c))
	})
	for _, k := range keys {
		if claim := k.in(zoneID); !slices.Contains(claims, claim) {
			claims = append(claims, claim)
		}
	}
	if len(claims) == 0 {
		claims = nil
	}
	obj.Status.Records = claims
}
