package loadbalancer

import (
	"context"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
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

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=loadbalancers,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=loadbalancers/status,verbs=patch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=loadbalancers/finalizers,verbs=update
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// workers is how many load balancers are looked at at a time: enough for those that are due together to share reads.
const workers = 16

// Indexes of LoadBalancers by the objects that rules of their security group name, and by the Secrets of their actions.
const (
	bySource    = "securityGroupSource"
	byInstances = "securityGroupInstances"
	bySecret    = "clientSecret"
)

// Options are what the controller needs from the outside.
type Options struct {
	lifecycle.Options
	Clients *awsclient.Clients
	// ClusterID marks, in tags, what belongs to this cluster.
	ClusterID string
	// Poll is how soon something that AWS is at work on is looked at again, at first; the pauses grow.
	Poll time.Duration
	// Clock tells for how long something has been under way.
	Clock clock.PassiveClock
}

// Kind is the LoadBalancer kind as lifecycle runs it.
type Kind struct {
	lifecycle.Pauses
	clients *awsclient.Clients
	reader  client.Reader
	// secrets reads Secrets one by one, without keeping all of them in memory.
	secrets   client.Reader
	clusterID string
	unused    unused
}

// SetupWithManager registers the controller, its watches and its index.
func SetupWithManager(ctx context.Context, mgr ctrl.Manager, o Options) error {
	for index, names := range map[string]func(client.Object) []string{
		bySource: func(obj client.Object) []string {
			balancers, _ := securitygroup.Sources(securitygroup.DeclaredRules(obj.(*v1alpha1.LoadBalancer).Spec.SecurityGroup))
			return balancers
		},
		byInstances: func(obj client.Object) []string {
			_, groups := securitygroup.Sources(securitygroup.DeclaredRules(obj.(*v1alpha1.LoadBalancer).Spec.SecurityGroup))
			return groups
		},
		bySecret: func(obj client.Object) []string { return secretNames(obj.(*v1alpha1.LoadBalancer)) },
	} {
		if err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.LoadBalancer{}, index, names); err != nil {
			return fmt.Errorf("indexing LoadBalancers by what they name: %w", err)
		}
	}
	if err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.RecordSet{}, byKeeper, keptBy); err != nil {
		return fmt.Errorf("indexing RecordSets by the LoadBalancers that keep them: %w", err)
	}
	kind := &Kind{clients: o.Clients, reader: o.Client, secrets: mgr.GetAPIReader(), clusterID: o.ClusterID, Pauses: lifecycle.Pauses{Poll: o.Poll, Clock: o.Clock}}
	return ctrl.NewControllerManagedBy(mgr).
		Named("loadbalancer").
		For(&v1alpha1.LoadBalancer{}, builder.WithPredicates(lifecycle.Changed())).
		// The records that validate certificates.
		Owns(&v1alpha1.RecordSet{}).
		// Rules that name the security group of another load balancer, or of instances, wait for it.
		Watches(&v1alpha1.LoadBalancer{}, kind.dependentsBy(bySource), builder.WithPredicates(securitygroup.Changed())).
		Watches(&v1alpha1.AutoScalingGroup{}, kind.dependentsBy(byInstances), builder.WithPredicates(securitygroup.Changed())).
		// Instances that come and go are targets that do.
		Watches(&v1alpha1.AutoScalingGroup{}, balancersOf(), builder.WithPredicates(instancesMoved())).
		// A client secret that comes or changes is sent to AWS.
		WatchesMetadata(secretMetadata(), kind.dependentsBy(bySecret), builder.WithPredicates(predicate.ResourceVersionChangedPredicate{})).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(&lifecycle.Reconciler[*v1alpha1.LoadBalancer, *observed, change]{
			Options: o.Options, Kind: kind, New: func() *v1alpha1.LoadBalancer { return &v1alpha1.LoadBalancer{} },
		})
}

// dependentsBy asks for a turn of the LoadBalancers that name an object.
func (k *Kind) dependentsBy(index string) handler.EventHandler {
	return lifecycle.DependentsBy(k.reader, index, func() client.ObjectList { return &v1alpha1.LoadBalancerList{} })
}

// balancersOf asks for a turn of the LoadBalancers that an AutoScalingGroup's instances are targets of.
func balancersOf() handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(_ context.Context, obj client.Object) []reconcile.Request {
		var requests []reconcile.Request
		for _, attached := range obj.(*v1alpha1.AutoScalingGroup).Spec.TargetGroups {
			if attached.LoadBalancerRef != nil {
				requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{Namespace: obj.GetNamespace(), Name: attached.LoadBalancerRef.Name}})
			}
		}
		return requests
	})
}

// instancesMoved lets through that instances, or target groups, of a group have come or gone.
func instancesMoved() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(event.CreateEvent) bool { return false },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, now := &e.ObjectOld.(*v1alpha1.AutoScalingGroup).Status, &e.ObjectNew.(*v1alpha1.AutoScalingGroup).Status
			return !equality.Semantic.DeepEqual(before.InService, now.InService) || !equality.Semantic.DeepEqual(before.TargetGroups, now.TargetGroups)
		},
	}
}
