package recordset

import (
	"context"
	"errors"
	"sync"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// forbearance is how long, in multiples of the batch interval, a HostedZone may be about to be made in Route 53 before
// the RecordSets that wait for it say so. Most zones are there by then, and their records are spared the write.
const forbearance = 4

// unresolved remembers since when HostedZones have been about to be made.
type unresolved struct {
	mu    sync.Mutex
	since map[types.NamespacedName]time.Time
}

// reconcileUnresolved tells the RecordSets that name a HostedZone what they wait for. It returns how long it is going to
// hold its tongue.
func (r *Reconciler) reconcileUnresolved(ctx context.Context, ref types.NamespacedName) (time.Duration, error) {
	zone := &v1alpha1.HostedZone{}
	err := r.client.Get(ctx, ref, zone, client.UnsafeDisableDeepCopy)
	if err == nil && zone.Status.ID != "" {
		r.unresolved.end(ref)
		return 0, nil // the turn of the zone sees to them
	}
	if making := err == nil && !lifecycle.Deleting(zone) && !meta.IsStatusConditionTrue(zone.Status.Conditions, v1alpha1.ConditionStalled); making {
		begun := r.unresolved.begin(ref, r.clock.Now())
		if left := begun.Add(forbearance * r.batchInterval).Sub(r.clock.Now()); left > 0 {
			return left, nil
		}
	} else {
		r.unresolved.end(ref)
	}
	objects, err := r.indexed(ctx, byRef, ref.String())
	if err != nil {
		return 0, err
	}
	failures := make([]error, len(objects))
	workqueue.ParallelizeUntil(ctx, writers, len(objects), func(i int) { failures[i] = r.tellUnresolved(ctx, objects[i]) })
	return 0, errors.Join(errors.Join(failures...), ctx.Err())
}

// begin returns since when a HostedZone has been about to be made, as far as is known.
func (u *unresolved) begin(ref types.NamespacedName, now time.Time) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if _, known := u.since[ref]; !known {
		u.since[ref] = now
	}
	return u.since[ref]
}

func (u *unresolved) end(ref types.NamespacedName) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.since, ref)
}

// tellUnresolved tells one RecordSet that its zone cannot be used yet, and lets go of one that is being deleted and owns
// nothing.
func (r *Reconciler) tellUnresolved(ctx context.Context, cached *v1alpha1.RecordSet) error {
	before, exists := lifecycle.Newest(r.writer, cached)
	if !exists {
		return nil
	}
	id, outcome, err := r.resolve(ctx, before)
	switch {
	case err != nil:
		return err
	case id != "" || lifecycle.Deleting(before) && (!lifecycle.HasFinalizer(before) || len(before.Status.Records) > 0):
		return nil
	}
	obj := before.DeepCopy()
	if lifecycle.Deleting(before) {
		*outcome = withoutRecord(obj)
	}
	if err := r.writer.Finish(ctx, before, obj, *outcome); err != nil && !apierrors.IsNotFound(err) {
		return err
	}
	return nil
}
