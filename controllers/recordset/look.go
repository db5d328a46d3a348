package recordset

import (
	"context"

	"k8s.io/apimachinery/pkg/types"
)

// Look runs one turn of a hosted zone, given by its id, as an event that concerns it would bring about; afresh, its
// records are listed again. It is for whoever runs the controller without a manager's watches and queue.
func (r *Reconciler) Look(ctx context.Context, zoneID string, afresh bool) error {
	r.zones.get(zoneID).touch(afresh)
	_, err := r.Reconcile(ctx, request{ZoneID: zoneID})
	return err
}

// LookAtWaiting runs one turn of the RecordSets that wait for a HostedZone. Like Look it stands in for an event.
func (r *Reconciler) LookAtWaiting(ctx context.Context, ref types.NamespacedName) error {
	_, err := r.Reconcile(ctx, request{Ref: ref})
	return err
}
