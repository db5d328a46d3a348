package autoscalinggroup

import (
	"context"
	"fmt"
	"time"

	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=autoscalinggroups,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=autoscalinggroups/status,verbs=patch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=autoscalinggroups/finalizers,verbs=update
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// workers is how many groups are looked at at a time: as many as one call describes, since a worker mostly waits for a
// read that it shares with the others.
const workers = 100

// Indexes of AutoScalingGroups by the objects that they name.
const (
	byLoadBalancer = "loadBalancers"
	byInstances    = "securityGroupInstances"
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

// Kind is the AutoScalingGroup kind as lifecycle runs it.
type Kind struct {
	lifecycle.Pauses
	clients *awsclient.Clients
	reader  client.Reader
	// uncached reads single objects that are not kept in memory.
	uncached  client.Reader
	clusterID string
	// rounds are when all groups are looked at that rest.
	rounds rounds
}

// SetupWithManager registers the controller, its watches and its index.
func SetupWithManager(ctx context.Context, mgr ctrl.Manager, o Options) error {
	for index, names := range map[string]func(*v1alpha1.AutoScalingGroup) []string{byLoadBalancer: loadBalancersOf, byInstances: sourceGroupsOf} {
		err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.AutoScalingGroup{}, index, func(obj client.Object) []string {
			return names(obj.(*v1alpha1.AutoScalingGroup))
		})
		if err != nil {
			return fmt.Errorf("indexing AutoScalingGroups by what they name: %w", err)
		}
	}
	if err := indexUserData(ctx, mgr.GetFieldIndexer()); err != nil {
		return err
	}
	if err := mgr.GetFieldIndexer().IndexField(ctx, &v1alpha1.RecordSet{}, byRecorded, recordedBy); err != nil {
		return fmt.Errorf("indexing RecordSets by the AutoScalingGroups that they ask for addresses: %w", err)
	}
	kind := &Kind{clients: o.Clients, reader: o.Client, uncached: mgr.GetAPIReader(), clusterID: o.ClusterID, Pauses: lifecycle.Pauses{Poll: o.Poll, Clock: o.Clock},
		rounds: rounds{start: o.Clock.Now(), period: lifecycle.Jitter(o.Resync)}}
	return watchUserData(ctrl.NewControllerManagedBy(mgr), kind).
		Named("autoscalinggroup").
		For(&v1alpha1.AutoScalingGroup{}, builder.WithPredicates(lifecycle.Changed())).
		// Rules that name the security group of a load balancer, or of instances, wait for it; so do target groups.
		Watches(&v1alpha1.LoadBalancer{}, kind.dependentsBy(byLoadBalancer), builder.WithPredicates(loadBalancerChanged())).
		Watches(&v1alpha1.AutoScalingGroup{}, kind.dependentsBy(byInstances), builder.WithPredicates(securitygroup.Changed())).
		// RecordSets ask for the addresses of instances.
		Watches(&v1alpha1.RecordSet{}, recordSetHandler(), builder.WithPredicates(asksChanged())).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(&lifecycle.Reconciler[*v1alpha1.AutoScalingGroup, *observed, change]{
			Options: o.Options, Kind: kind, New: func() *v1alpha1.AutoScalingGroup { return &v1alpha1.AutoScalingGroup{} },
			Due: kind.due,
		})
}

// loadBalancersOf are the LoadBalancers that an object names.
func loadBalancersOf(obj *v1alpha1.AutoScalingGroup) []string {
	names, _ := securitygroup.Sources(securitygroup.DeclaredRules(obj.Spec.SecurityGroup))
	for _, attached := range obj.Spec.TargetGroups {
		if attached.LoadBalancerRef != nil {
			names = append(names, attached.LoadBalancerRef.Name)
		}
	}
	return append(names, policyLoadBalancers(obj)...)
}

// sourceGroupsOf are the AutoScalingGroups that rules of an object's security group name.
func sourceGroupsOf(obj *v1alpha1.AutoScalingGroup) []string {
	_, names := securitygroup.Sources(securitygroup.DeclaredRules(obj.Spec.SecurityGroup))
	return names
}

// dependentsBy asks for a turn of the AutoScalingGroups that name an object.
func (k *Kind) dependentsBy(index string) handler.EventHandler {
	return lifecycle.DependentsBy(k.reader, index, func() client.ObjectList { return &v1alpha1.AutoScalingGroupList{} })
}

// loadBalancerChanged lets through what those that name a load balancer depend on.
func loadBalancerChanged() predicate.Predicate {
	return predicate.Funcs{
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, now := e.ObjectOld.(*v1alpha1.LoadBalancer), e.ObjectNew.(*v1alpha1.LoadBalancer)
			return securitygroup.Differ(before, now) || targetGroupsDiffer(before, now) ||
				before.Status.ARN != now.Status.ARN
		},
	}
}
