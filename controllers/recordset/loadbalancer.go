package recordset

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"k8s.io/apimachinery/pkg/api/meta"
	apitypes "k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// byLoadBalancer finds the RecordSets that are aliases of a LoadBalancer.
const byLoadBalancer = "loadBalancerRef"

func indexLoadBalancerRefs(obj client.Object) []string {
	target := obj.(*v1alpha1.RecordSet).Spec.AliasTarget
	if target == nil || target.LoadBalancerRef == nil {
		return nil
	}
	return []string{apitypes.NamespacedName{Namespace: obj.GetNamespace(), Name: target.LoadBalancerRef.Name}.String()}
}

// dualstack is the prefix of the name under which Classic and application load balancers answer for both kinds of
// addresses. Route 53's console puts it before all of them; here it is put before those that have both.
const dualstack = "dualstack."

// loadBalancerAlias returns the alias of a LoadBalancer. It waits until the load balancer can take requests, so that a
// record which is moved from one to another goes on answering.
func loadBalancerAlias(obj *v1alpha1.RecordSet, zone zoneView) (*types.AliasTarget, error) {
	ref := obj.Spec.AliasTarget.LoadBalancerRef.Name
	balancer := zone.loadBalancer(obj.Namespace, ref)
	if balancer == nil {
		return nil, waiting(v1alpha1.ReasonReferenceNotFound, fmt.Sprintf("LoadBalancer %s, which the alias refers to, does not exist.", ref))
	}
	if obstacle := notUsable(balancer); obstacle != "" {
		return nil, waiting(v1alpha1.ReasonReferenceNotReady, fmt.Sprintf("LoadBalancer %s, which the alias refers to, %s", ref, obstacle))
	}
	return aliasOf(balancer, aws.ToBool(obj.Spec.AliasTarget.EvaluateTargetHealth)), nil
}

// aliasOf returns the alias of a load balancer that is there.
func aliasOf(balancer *v1alpha1.LoadBalancer, evaluate bool) *types.AliasTarget {
	status := &balancer.Status
	name := status.DNSName
	if balancer.Spec.Type == v1alpha1.LoadBalancerApplication && status.IPAddressType != "" && status.IPAddressType != string(elbtypes.IpAddressTypeIpv4) {
		name = dualstack + name
	}
	return &types.AliasTarget{
		DNSName: aws.String(name), HostedZoneId: aws.String(status.CanonicalHostedZoneID), EvaluateTargetHealth: evaluate,
	}
}

// notUsable says why no alias can point at a LoadBalancer; "" when one can.
func notUsable(balancer *v1alpha1.LoadBalancer) string {
	status := &balancer.Status
	stalled := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionStalled)
	active := status.State == string(elbtypes.LoadBalancerStateEnumActive) || status.State == string(elbtypes.LoadBalancerStateEnumActiveImpaired)
	switch {
	case lifecycle.Deleting(balancer):
		return "is being deleted."
	case active && status.DNSName != "" && status.CanonicalHostedZoneID != "":
		return ""
	case stalled != nil:
		return "is stalled: " + stalled.Message
	case status.DNSName == "":
		return "has no load balancer in AWS yet."
	default:
		return fmt.Sprintf("is not active yet: its state is %q.", status.State)
	}
}

// aliasDiffers reports whether what aliases take from a LoadBalancer has changed, or why they cannot.
func aliasDiffers(before, now *v1alpha1.LoadBalancer) bool {
	return notUsable(before) != notUsable(now) || !sameAlias(aliasOf(before, false), aliasOf(now, false))
}

func sameAlias(a, b *types.AliasTarget) bool {
	return aws.ToString(a.DNSName) == aws.ToString(b.DNSName) && aws.ToString(a.HostedZoneId) == aws.ToString(b.HostedZoneId)
}
