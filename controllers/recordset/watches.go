package recordset

import (
	"context"

	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/client-go/util/workqueue"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// queue is the work queue, of zones.
type queue = workqueue.TypedRateLimitingInterface[request]

// enqueue asks for a turn of the zones of a RecordSet; afresh, when their records are to be listed again.
func (r *Reconciler) enqueue(ctx context.Context, q queue, afresh bool, obj *v1alpha1.RecordSet) {
	for _, req := range r.requestsFor(ctx, obj) {
		if req.ZoneID != "" {
			r.zones.get(req.ZoneID).touch(afresh)
		}
		q.Add(req)
	}
}

// sourceHandler asks for a turn of the zones of the RecordSets that take what they answer with from an object of another
// kind, when that comes, goes or differs. The index has them under its key.
func sourceHandler[T client.Object](r *Reconciler, index string, differs func(before, now T) bool) handler.TypedEventHandler[client.Object, request] {
	enqueue := func(ctx context.Context, q queue, obj client.Object) {
		users, err := r.indexed(ctx, index, client.ObjectKeyFromObject(obj).String())
		if err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "Could not list the RecordSets that depend on an object", "index", index)
			return
		}
		for _, user := range users {
			r.enqueue(ctx, q, false, user)
		}
	}
	return handler.TypedFuncs[client.Object, request]{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q queue) { enqueue(ctx, q, e.Object) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			if differs(e.ObjectOld.(T), e.ObjectNew.(T)) {
				enqueue(ctx, q, e.ObjectNew)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q queue) { enqueue(ctx, q, e.Object) },
	}
}

// recordSetHandler asks for a turn of every zone that a change of a RecordSet concerns.
func (r *Reconciler) recordSetHandler() handler.TypedEventHandler[client.Object, request] {
	enqueue := func(ctx context.Context, q queue, afresh bool, objects ...client.Object) {
		for _, obj := range objects {
			r.enqueue(ctx, q, afresh, obj.(*v1alpha1.RecordSet))
		}
	}
	return handler.TypedFuncs[client.Object, request]{
		CreateFunc: func(ctx context.Context, e event.CreateEvent, q queue) { enqueue(ctx, q, false, e.Object) },
		UpdateFunc: func(ctx context.Context, e event.UpdateEvent, q queue) {
			before, after := e.ObjectOld.(*v1alpha1.RecordSet), e.ObjectNew.(*v1alpha1.RecordSet)
			lifecycle.Newest(r.writer, after) // lets go of what was remembered until the cache shows it
			asked := before.Annotations[v1alpha1.ReconcileAtAnnotation] != after.Annotations[v1alpha1.ReconcileAtAnnotation]
			if asked || before.Generation != after.Generation || lifecycle.Deleting(before) != lifecycle.Deleting(after) ||
				moving(after) || !equality.Semantic.DeepEqual(before.Status.HealthCheck, after.Status.HealthCheck) {
				enqueue(ctx, q, asked, before, after)
			}
		},
		DeleteFunc: func(ctx context.Context, e event.DeleteEvent, q queue) {
			r.writer.Forget(client.ObjectKeyFromObject(e.Object))
			enqueue(ctx, q, false, e.Object)
		},
	}
}

// moving reports whether an object owns records in a zone other than the one it belongs in: both zones' turns act on
// what the other has written.
func moving(obj *v1alpha1.RecordSet) bool {
	for _, claim := range obj.Status.Records {
		if claim.HostedZoneID != obj.Status.HostedZoneID {
			return true
		}
	}
	return false
}

// requestsFor returns the zones that a RecordSet belongs in or owns records of.
func (r *Reconciler) requestsFor(ctx context.Context, obj *v1alpha1.RecordSet) []request {
	var requests []request
	for _, id := range zoneIDs(obj) {
		requests = append(requests, request{ZoneID: id})
	}
	switch id, _, err := r.resolve(ctx, obj); {
	case err != nil, id == "" && obj.Spec.HostedZoneRef == nil:
	case id == "":
		requests = append(requests, request{Ref: refOf(obj)})
	default:
		requests = append(requests, request{ZoneID: id})
	}
	return requests
}

// namespaceHandler asks for a turn of every zone that other namespaces may use when the labels of one change.
func (r *Reconciler) namespaceHandler() handler.TypedEventHandler[client.Object, request] {
	return handler.TypedEnqueueRequestsFromMapFunc(func(ctx context.Context, _ client.Object) []request {
		var zones v1alpha1.HostedZoneList
		if err := r.client.List(ctx, &zones, client.UnsafeDisableDeepCopy); err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "Could not list HostedZones")
			return nil
		}
		var requests []request
		for i := range zones.Items {
			zone := &zones.Items[i]
			if len(zone.Spec.AllowedRecordSets) == 0 {
				continue
			}
			requests = append(requests, request{Ref: client.ObjectKeyFromObject(zone)})
			if id := zone.Status.ID; id != "" {
				r.zones.get(id).touch(false)
				requests = append(requests, request{ZoneID: id})
			}
		}
		return requests
	})
}

// hostedZoneHandler asks for a turn of the RecordSets of a HostedZone when it comes, is edited, gets or changes its id,
// says why it has none, or goes.
func (r *Reconciler) hostedZoneHandler() handler.TypedEventHandler[client.Object, request] {
	enqueue := func(q queue, objects ...client.Object) {
		for _, obj := range objects {
			q.Add(request{Ref: client.ObjectKeyFromObject(obj)})
			if id := obj.(*v1alpha1.HostedZone).Status.ID; id != "" {
				r.zones.get(id).touch(false)
				q.Add(request{ZoneID: id})
			}
		}
	}
	return handler.TypedFuncs[client.Object, request]{
		CreateFunc: func(_ context.Context, e event.CreateEvent, q queue) { enqueue(q, e.Object) },
		UpdateFunc: func(_ context.Context, e event.UpdateEvent, q queue) {
			before, after := e.ObjectOld.(*v1alpha1.HostedZone), e.ObjectNew.(*v1alpha1.HostedZone)
			if before.Status.ID != after.Status.ID || before.Generation != after.Generation || lifecycle.Deleting(before) != lifecycle.Deleting(after) {
				enqueue(q, before, after)
			} else if after.Status.ID == "" && absence(before) != absence(after) {
				enqueue(q, after) // what waits for it tells why
			}
		},
		DeleteFunc: func(_ context.Context, e event.DeleteEvent, q queue) { enqueue(q, e.Object) },
	}
}
