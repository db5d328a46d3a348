package loadbalancer

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Apply makes one change in AWS.
func (k *Kind) Apply(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed, c change) error {
	err := c.run(ctx, k, obj, o)
	if awsclient.Classify(err) == awsclient.Invalid && len(c.plan) > 0 {
		// AWS does not say of which of several target groups, listeners or rules it speaks.
		err = lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "%s: %s", capitalized(c.plan[0].Resource), judge.Sentence(err))
	}
	o.incomplete, o.changed = err != nil, true
	return err
}

// create makes the load balancer, with all that can be set from the start. A name that is taken means that an earlier
// call took effect unseen, or that the load balancer is somebody else's.
func (k *Kind) create(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	answer, err := k.clients.ELBV2.CreateLoadBalancer(ctx, k.creation(obj, o))
	if awsclient.Classify(err) == awsclient.AlreadyExists {
		if err := k.findByName(ctx, obj, o); err != nil {
			return err
		}
		switch {
		case o.lb != nil && o.ours:
			return nil
		case o.rival != nil:
			return k.conflict(o.rival)
		case o.lb != nil:
			found := o.lb
			o.lb = nil
			return k.conflict(found)
		}
		return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "AWS says that the load balancer exists, and does not show it yet.", k.Poll))
	}
	if err != nil {
		return refused("creating load balancer "+k.nameOf(obj), err)
	}
	if len(answer.LoadBalancers) != 1 {
		return fmt.Errorf("creating load balancer %s: AWS answered with %d load balancers", k.nameOf(obj), len(answer.LoadBalancers))
	}
	o.lb, o.ours = &loadBalancer{sdk: answer.LoadBalancers[0], tags: k.desiredTags(obj), attributes: defaultAttributes(obj)}, true
	return nil
}

// creation is the call that makes the load balancer.
func (k *Kind) creation(obj *v1alpha1.LoadBalancer, o *observed) *elasticloadbalancingv2.CreateLoadBalancerInput {
	name := k.nameOf(obj)
	input := &elasticloadbalancingv2.CreateLoadBalancerInput{
		Name: &name, Type: types.LoadBalancerTypeEnum(obj.Spec.Type), Scheme: scheme(obj),
		IpAddressType: types.IpAddressType(obj.Spec.IPAddressType), SecurityGroups: desiredGroups(obj, o), Tags: sdkTags(k.desiredTags(obj)),
		EnablePrefixForIpv6SourceNat: sourceNAT(obj),
	}
	input.Subnets, input.SubnetMappings = sdkSubnets(desiredSubnets(obj))
	if obj.Spec.CustomerOwnedIPv4Pool != "" {
		input.CustomerOwnedIpv4Pool = &obj.Spec.CustomerOwnedIPv4Pool
	}
	if pools := obj.Spec.IPAMPools; pools != nil {
		input.IpamPools = &types.IpamPools{Ipv4IpamPoolId: &pools.IPv4IPAMPoolID}
	}
	return input
}

// refused says what it means that AWS does not know something that the spec names: a person must set it right. Other
// errors keep their class.
func refused(doing string, err error) error {
	if awsclient.Classify(err) == awsclient.NotFound {
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "%s", judge.Sentence(err))
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// changeTags sets and removes tags of a resource, as many a call as AWS takes, and updates live to match.
func (k *Kind) changeTags(ctx context.Context, arn string, live, set map[string]string, remove []string) error {
	for _, part := range awsclient.SplitTagChange(set, remove, awsclient.ELBTagsPerChange) {
		if len(part.Set) > 0 {
			input := &elasticloadbalancingv2.AddTagsInput{ResourceArns: []string{arn}, Tags: sdkTags(part.Set)}
			if _, err := k.clients.ELBV2.AddTags(ctx, input); err != nil {
				return fmt.Errorf("setting tags of %s: %w", arn, err)
			}
			maps.Copy(live, part.Set)
		}
		if len(part.Remove) > 0 {
			input := &elasticloadbalancingv2.RemoveTagsInput{ResourceArns: []string{arn}, TagKeys: slices.Clone(part.Remove)}
			if _, err := k.clients.ELBV2.RemoveTags(ctx, input); err != nil {
				return fmt.Errorf("removing tags of %s: %w", arn, err)
			}
			maps.DeleteFunc(live, func(key, _ string) bool { return slices.Contains(part.Remove, key) })
		}
	}
	return nil
}
