package healthcheck

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// unused reports whether no record of the object uses a check any more, and every name server knows. Route 53 would
// delete a check that is in use without a word.
func unused(obj *v1alpha1.RecordSet, id string) bool {
	status := &obj.Status
	switch {
	case len(status.Records) == 0: // records are listed before they are made
		return true
	case len(status.Records) > 1, status.UsedHealthCheckID == id: // moving, or not switched over yet
		return false
	case obj.Spec.HealthCheck != nil && status.UsedHealthCheckID != status.HealthCheck.ID:
		return false
	}
	return meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionPropagated)
}

// clear deletes the retired checks that the record has stopped using, and the status when none is left.
func (r *Reconciler) clear(ctx context.Context, t *turn) error {
	check := t.obj.Status.HealthCheck
	if check == nil {
		return nil
	}
	for _, id := range slices.Clone(check.Previous) {
		if !unused(t.obj, id) {
			continue
		}
		_, err := r.route53.DeleteHealthCheck(ctx, &route53.DeleteHealthCheckInput{HealthCheckId: &id})
		if err != nil && awsclient.Classify(err) != awsclient.NotFound {
			return fmt.Errorf("deleting the health check: %w", err)
		}
		check.Previous = slices.DeleteFunc(check.Previous, func(other string) bool { return other == id })
		r.reader.forget(id)
		log.FromContext(ctx).Info("Deleted health check", "id", id)
		t.events = append(t.events, lifecycle.EventsFor(removal(id).plan, false)...)
	}
	if len(check.Previous) > 0 {
		return nil
	}
	check.Previous = nil
	if t.obj.Spec.HealthCheck == nil || lifecycle.Deleting(t.obj) {
		t.obj.Status.HealthCheck = nil
	}
	return nil
}

// giveUp retires the check of an object that declares none any more, or is being deleted. Nothing is deleted that the
// status did not list for it before.
func (r *Reconciler) giveUp(ctx context.Context, t *turn) error {
	check := t.obj.Status.HealthCheck
	if check == nil {
		return nil
	}
	if check.ID == "" && check.CallerReference != "" { // it may have been created unseen
		found, err := r.findReference(ctx, check.CallerReference)
		if err != nil {
			return err
		}
		if found != nil {
			check.ID = aws.ToString(found.Id)
		}
	}
	t.retire(check.ID)
	check.ID, check.CallerReference, check.ObservedGeneration = "", "", t.obj.Generation
	return r.write(ctx, t)
}

// letGo deletes the checks of an object that is being deleted, once its record is gone, and releases the object.
func (r *Reconciler) letGo(ctx context.Context, t *turn) error {
	if t.obj.Status.HealthCheck == nil || len(t.obj.Status.Records) > 0 {
		return nil // the zone machinery goes on alone, or goes first
	}
	if !lifecycle.Retains(t.obj) {
		if err := r.giveUp(ctx, t); err != nil {
			return err
		}
		if err := r.clear(ctx, t); err != nil {
			return err
		}
	}
	t.released = true
	return nil
}
