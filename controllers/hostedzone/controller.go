package hostedzone

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=hostedzones,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=hostedzones/status,verbs=patch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=hostedzones/finalizers,verbs=update
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=recordsets,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// workers is how many zones are looked at at a time.
const workers = 8

// byOwnedZone indexes RecordSets by the ids of the zones in which they own records.
const byOwnedZone = "ownedZone"

// Options are what the controller needs from the outside.
type Options struct {
	lifecycle.Options
	Clients *awsclient.Clients
	// ClusterID marks, in tags, what belongs to this cluster.
	ClusterID string
	// Poll is how often a zone's creation is looked at until it has propagated.
	Poll time.Duration
	// Clock tells how long the parent has vouched for a key.
	Clock clock.PassiveClock
	// Resolver is the host:port of a DNS resolver that is asked whether parents name their zones' name servers; nobody is
	// asked when it is empty.
	Resolver string
}

// Kind is the HostedZone kind as lifecycle runs it.
type Kind struct {
	clients    *awsclient.Clients
	reader     client.Reader
	clusterID  string
	poll       time.Duration
	clock      clock.PassiveClock
	resolver   *resolver
	references references
}

// SetupWithManager registers the controller, its watches and its index.
func SetupWithManager(ctx context.Context, mgr ctrl.Manager, o Options) error {
	if err := AddIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return fmt.Errorf("indexing what HostedZones are looked up by: %w", err)
	}
	kind := newKind(o)
	changed := make(chan event.GenericEvent)
	if o.Resolver != "" {
		kind.resolver = newResolver(o.Resolver, o.Resync, o.Clock)
		changed = kind.resolver.changed
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named("hostedzone").
		For(&v1alpha1.HostedZone{}, builder.WithPredicates(lifecycle.Changed())).
		// The records that a zone keeps in its parent.
		Owns(&v1alpha1.RecordSet{}).
		// A zone that is being deleted waits for its RecordSets.
		Watches(&v1alpha1.RecordSet{}, handler.EnqueueRequestsFromMapFunc(kind.deletingZonesOf), builder.WithPredicates(lifecycle.Disappeared())).
		// What the parent of a zone is decides whether the zone can be delegated from it.
		Watches(&v1alpha1.HostedZone{}, handler.EnqueueRequestsFromMapFunc(kind.childrenOf), builder.WithPredicates(predicate.GenerationChangedPredicate{})).
		// The answer of a zone's parent in DNS has changed.
		WatchesRawSource(source.Channel(changed, &handler.EnqueueRequestForObject{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(newReconciler(o, kind))
}

// New returns a reconciler without watches, for whoever runs it without a manager.
func New(o Options) reconcile.Reconciler { return newReconciler(o, newKind(o)) }

func newKind(o Options) *Kind {
	return &Kind{clients: o.Clients, reader: o.Client, clusterID: o.ClusterID, poll: o.Poll, clock: o.Clock}
}

func newReconciler(o Options, kind *Kind) reconcile.Reconciler {
	return &lifecycle.Reconciler[*v1alpha1.HostedZone, *observed, change]{
		Options: o.Options, Kind: kind, New: func() *v1alpha1.HostedZone { return &v1alpha1.HostedZone{} },
	}
}

// AddIndexes adds the indexes by which the controller finds RecordSets and HostedZones.
func AddIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	if err := indexer.IndexField(ctx, &v1alpha1.HostedZone{}, byParent, indexParent); err != nil {
		return err
	}
	return indexer.IndexField(ctx, &v1alpha1.RecordSet{}, byOwnedZone, func(obj client.Object) []string {
		return ownedZones(obj.(*v1alpha1.RecordSet))
	})
}

// deletingZonesOf returns the HostedZones of an object's namespace that are being deleted.
func (k *Kind) deletingZonesOf(ctx context.Context, obj client.Object) []reconcile.Request {
	var zones v1alpha1.HostedZoneList
	if err := k.reader.List(ctx, &zones); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Could not list HostedZones")
		return nil
	}
	owned := ownedZones(obj.(*v1alpha1.RecordSet))
	var requests []reconcile.Request
	for i := range zones.Items {
		zone := &zones.Items[i]
		if !lifecycle.Deleting(zone) {
			continue
		}
		for _, id := range owned {
			if id == zone.Status.ID {
				requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: zone.Namespace, Name: zone.Name}})
			}
		}
	}
	return requests
}

func ownedZones(obj *v1alpha1.RecordSet) []string {
	var ids []string
	for _, claim := range obj.Status.Records {
		ids = append(ids, claim.HostedZoneID)
	}
	return ids
}
