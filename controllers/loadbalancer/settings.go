package loadbalancer

import (
	"context"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// loadBalancerChanges returns what makes the load balancer, or brings it where it belongs.
func (k *Kind) loadBalancerChanges(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	resource := k.resourceOf(obj, o)
	if o.lb == nil {
		return []change{{
			plan: planned(lifecycle.VerbCreate, resource, "", "", ""),
			run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
				return k.create(ctx, obj, o)
			},
		}}, nil
	}
	changes := groupSettingChanges(obj, o, resource)
	changes = append(changes, subnetChanges(obj, o, resource)...)
	return append(changes, poolChanges(obj, o, resource)...), nil
}

// settingChanges returns what sets the rest: tags, attributes, and, of a load balancer that is about to be made, what
// cannot be given when it is.
func (k *Kind) settingChanges(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	resource := k.resourceOf(obj, o)
	tags := k.desiredTags(obj)
	var changes []change
	if o.lb == nil {
		if want := obj.Spec.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic; want != nil && !*want {
			changes = append(changes, change{
				plan: planned(lifecycle.VerbCreate, resource, fieldEnforcement, enforced, notEnforced),
				run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
					return k.setSecurityGroups(ctx, obj, o, notEnforced)
				},
			})
		}
	} else {
		has := maps.Clone(o.lb.tags)
		if !o.ours && !lifecycle.Observes(obj) { // the adoption that comes before marks it
			maps.Copy(has, k.owner(obj).Tags())
		}
		changes = tagChanges(resource, tags, has, lifecycle.ManagedUnder(obj, fieldTag), func(o *observed) (string, map[string]string) {
			return o.lb.arn(), o.lb.tags
		})
	}
	changes = append(changes, attributeChanges(obj, o, resource)...)
	return append(changes, capacityChanges(obj, o, resource)...), nil
}

// observeSettings reads the attributes and the reserved capacity, where they are the object's business.
func observeSettings(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
	if o.lb == nil || lifecycle.Deleting(obj) && !mayUnprotect(obj) {
		return nil
	}
	if len(desiredAttributes(obj))+len(lifecycle.ManagedUnder(obj, fieldAttribute)) > 0 {
		if err := o.Optional(k.readAttributes(ctx, o.lb)); err != nil {
			return err
		}
	}
	if !lifecycle.Deleting(obj) && (obj.Spec.MinimumCapacityUnits != nil || lifecycle.Managed(obj, fieldCapacity)) {
		return o.Optional(k.readCapacity(ctx, o.lb))
	}
	return nil
}

// observedPool is the IPAM pool that the load balancer takes addresses from.
func observedPool(o *observed) string {
	if o.lb.sdk.IpamPools == nil {
		return ""
	}
	return aws.ToString(o.lb.sdk.IpamPools.Ipv4IpamPoolId)
}

// poolChanges returns the call that changes where public addresses come from.
func poolChanges(obj *v1alpha1.LoadBalancer, o *observed, resource string) []change {
	want := ""
	if obj.Spec.IPAMPools != nil {
		want = obj.Spec.IPAMPools.IPv4IPAMPoolID
	}
	if want == observedPool(o) || want == "" && !lifecycle.Managed(obj, fieldIPAMPools) {
		return nil
	}
	return []change{{
		plan: planned(lifecycle.VerbUpdate, resource, fieldIPAMPools, observedPool(o), want),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			input := &elasticloadbalancingv2.ModifyIpPoolsInput{LoadBalancerArn: aws.String(o.lb.arn())}
			if want == "" {
				input.RemoveIpamPools = []types.RemoveIpamPoolEnum{types.RemoveIpamPoolEnumIpv4}
			} else {
				input.IpamPools = &types.IpamPools{Ipv4IpamPoolId: &want}
			}
			answer, err := k.clients.ELBV2.ModifyIpPools(ctx, input)
			if err != nil {
				return fmt.Errorf("changing the IPAM pools of %s: %w", o.lb.name(), err)
			}
			o.lb.sdk.IpamPools = answer.IpamPools
			return nil
		},
	}}
}
