package lifecycle

import (
	"context"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
)

// DependentsBy asks for a turn of the objects of a kind, in an object's namespace, that an index has under the object's
// name. List returns an empty list of the kind.
func DependentsBy(reader client.Reader, index string, list func() client.ObjectList) handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(ctx context.Context, obj client.Object) []reconcile.Request {
		var requests []reconcile.Request
		dependents := list()
		err := reader.List(ctx, dependents, client.InNamespace(obj.GetNamespace()), client.MatchingFields{index: obj.GetName()})
		if err == nil {
			err = meta.EachListItem(dependents, func(item runtime.Object) error {
				requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKeyFromObject(item.(client.Object))})
				return nil
			})
		}
		if err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "Could not list those that depend on an object", "index", index)
			return nil
		}
		return requests
	})
}
