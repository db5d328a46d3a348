package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// byRecorded indexes RecordSets by the AutoScalingGroups whose instances they have the addresses of.
const byRecorded = "instancesOf"

// followPolls is how often, in polls, a group is looked at whose instances a name stands for: Auto Scaling tells nobody
// that one has come or gone.
const followPolls = 8

// following is what names stand for.
type following struct {
	// addresses of the instances that can be given work; nil when no RecordSet asks for them.
	addresses *v1alpha1.InstanceAddresses
	// followed is set when RecordSets ask for them.
	followed bool
}

// recordedBy returns the AutoScalingGroup that a RecordSet asks for the addresses of instances.
func recordedBy(obj client.Object) []string {
	instances := obj.(*v1alpha1.RecordSet).Spec.InstancesOf
	if instances == nil {
		return nil
	}
	return []string{instances.AutoScalingGroupRef.Name}
}

// recordSetHandler asks for a turn of the AutoScalingGroups that a RecordSet asks, or asked, for addresses.
func recordSetHandler() handler.EventHandler {
	return handler.EnqueueRequestsFromMapFunc(func(_ context.Context, obj client.Object) []reconcile.Request {
		var requests []reconcile.Request
		for _, name := range recordedBy(obj) {
			requests = append(requests, reconcile.Request{NamespacedName: client.ObjectKey{Namespace: obj.GetNamespace(), Name: name}})
		}
		return requests
	})
}

// asksChanged lets through RecordSets that ask for other addresses than before.
func asksChanged() predicate.Predicate {
	return predicate.Funcs{UpdateFunc: func(e event.UpdateEvent) bool {
		before, now := e.ObjectOld.(*v1alpha1.RecordSet).Spec.InstancesOf, e.ObjectNew.(*v1alpha1.RecordSet).Spec.InstancesOf
		same := before == nil && now == nil || before != nil && now != nil && *before == *now
		return !same || lifecycle.Deleting(e.ObjectOld) != lifecycle.Deleting(e.ObjectNew)
	}}
}

// asked are the kinds of addresses that RecordSets ask for.
type asked map[v1alpha1.InstanceAddressKind]bool

// asks finds out which addresses of the object's instances RecordSets ask for.
func (k *Kind) asks(ctx context.Context, obj *v1alpha1.AutoScalingGroup) (asked, error) {
	var records v1alpha1.RecordSetList
	err := k.reader.List(ctx, &records, client.InNamespace(obj.Namespace), client.MatchingFields{byRecorded: obj.Name}, client.UnsafeDisableDeepCopy)
	if err != nil {
		return nil, fmt.Errorf("listing the RecordSets of instances of %s: %w", obj.Name, err)
	}
	kinds := asked{}
	for i := range records.Items {
		if !lifecycle.Deleting(&records.Items[i]) {
			kinds[records.Items[i].Spec.InstancesOf.Address] = true
		}
	}
	return kinds, nil
}

// observeAddresses reads the addresses of the instances that can be given work, when a RecordSet asks for them.
func observeAddresses(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	kinds, err := k.asks(ctx, obj)
	if o.followed = len(kinds) > 0; !o.followed || err != nil || o.group == nil || o.group.hidden {
		return err
	}
	ids := fit(&o.group.sdk)
	if ids, err = k.withoutSickTargets(ctx, &o.group.sdk, ids); err != nil {
		return o.Optional(err)
	}
	var instances map[string]ec2types.Instance
	if len(ids) > 0 {
		if instances, err = k.clients.Instances(ctx, ids...); err != nil {
			return o.Optional(err)
		}
	}
	o.addresses = addressesOf(kinds, ids, instances)
	return nil
}

// fit are the instances that are in service and not found unhealthy.
func fit(g *types.AutoScalingGroup) []string {
	var ids []string
	for i := range g.Instances {
		one := &g.Instances[i]
		if one.LifecycleState == types.LifecycleStateInService && aws.ToString(one.HealthStatus) == "Healthy" {
			ids = append(ids, aws.ToString(one.InstanceId))
		}
	}
	return ids
}

// withoutSickTargets leaves out instances of which an attached target group says that they cannot take requests, when the
// group's health checks include those of load balancers.
func (k *Kind) withoutSickTargets(ctx context.Context, g *types.AutoScalingGroup, ids []string) ([]string, error) {
	if len(ids) == 0 || !slices.Contains(splitList(g.HealthCheckType), "ELB") {
		return ids, nil
	}
	sick := map[string]bool{}
	for _, source := range g.TrafficSources {
		if aws.ToString(source.Type) != sourceType {
			continue
		}
		answer, err := k.clients.ELBV2.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: source.Identifier})
		if awsclient.Classify(err) == awsclient.NotFound {
			continue // it has been deleted, and nobody sends requests there
		}
		if err != nil {
			return nil, fmt.Errorf("reading the health of the targets of %s: %w", arnTails([]string{aws.ToString(source.Identifier)}), err)
		}
		for _, target := range answer.TargetHealthDescriptions {
			sick[aws.ToString(target.Target.Id)] = sick[aws.ToString(target.Target.Id)] || !takesRequests(target.TargetHealth)
		}
	}
	return slices.DeleteFunc(ids, func(id string) bool { return sick[id] }), nil
}

// takesRequests reports whether a target can be given requests, as far as AWS knows: one that nobody checks can.
func takesRequests(health *elbtypes.TargetHealth) bool {
	if health == nil {
		return true
	}
	switch health.State {
	case elbtypes.TargetHealthStateEnumInitial, elbtypes.TargetHealthStateEnumUnhealthy,
		elbtypes.TargetHealthStateEnumUnhealthyDraining, elbtypes.TargetHealthStateEnumDraining:
		return false
	}
	return true
}

// addressesOf lists the addresses of instances: those kinds that are asked for, also when there are none.
func addressesOf(kinds asked, ids []string, instances map[string]ec2types.Instance) *v1alpha1.InstanceAddresses {
	result := &v1alpha1.InstanceAddresses{Instances: int64(len(ids))}
	lists := map[v1alpha1.InstanceAddressKind]*[]string{
		v1alpha1.AddressPrivateIPv4: &result.PrivateIPv4, v1alpha1.AddressPublicIPv4: &result.PublicIPv4, v1alpha1.AddressIPv6: &result.IPv6,
	}
	for kind, list := range lists {
		if !kinds[kind] {
			continue
		}
		*list = []string{}
		for _, id := range ids {
			if instance, known := instances[id]; known {
				*list = append(*list, addressOf(&instance, kind)...)
			}
		}
		slices.Sort(*list)
		*list = slices.Compact(*list)
		*list = (*list)[:min(len(*list), v1alpha1.MaxAddresses)]
	}
	return result
}

// addressOf is the address of an instance: at most one of each kind.
func addressOf(instance *ec2types.Instance, kind v1alpha1.InstanceAddressKind) []string {
	address := ""
	switch kind {
	case v1alpha1.AddressPrivateIPv4:
		address = aws.ToString(instance.PrivateIpAddress)
	case v1alpha1.AddressPublicIPv4:
		address = aws.ToString(instance.PublicIpAddress)
	case v1alpha1.AddressIPv6:
		address = aws.ToString(instance.Ipv6Address)
		if len(instance.NetworkInterfaces) > 0 && len(instance.NetworkInterfaces[0].Ipv6Addresses) > 0 {
			address = aws.ToString(instance.NetworkInterfaces[0].Ipv6Addresses[0].Ipv6Address)
		}
	}
	if address == "" {
		return nil
	}
	return []string{address}
}

// follow is when a group that stands as declared is looked at again at the latest, when names stand for its instances.
func (k *Kind) follow(o *observed, after time.Duration) time.Duration {
	if soon := followPolls * k.Poll; o.followed && (after == 0 || after > soon) {
		return soon
	}
	return after
}
