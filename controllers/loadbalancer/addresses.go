package loadbalancer

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Values of EnablePrefixForIpv6SourceNat.
const (
	natOn  = types.EnablePrefixForIpv6SourceNatEnumOn
	natOff = types.EnablePrefixForIpv6SourceNatEnumOff
)

// sourceNAT is the setting that is declared; none when it is not.
func sourceNAT(obj *v1alpha1.LoadBalancer) types.EnablePrefixForIpv6SourceNatEnum {
	switch enabled := obj.Spec.EnablePrefixForIPv6SourceNAT; {
	case enabled == nil:
		return ""
	case *enabled:
		return natOn
	}
	return natOff
}

// sourceNATChange is what prefixes for source NAT are to be, and whether that differs from what they are.
func sourceNATChange(obj *v1alpha1.LoadBalancer, o *observed) (types.EnablePrefixForIpv6SourceNatEnum, bool) {
	want := sourceNAT(obj)
	if want == "" && lifecycle.Managed(obj, fieldSourceNAT) {
		want = natOff
	}
	if want == "" || want == observedNAT(o) {
		return "", false
	}
	return want, true
}

func observedNAT(o *observed) types.EnablePrefixForIpv6SourceNatEnum {
	if o.lb.sdk.EnablePrefixForIpv6SourceNat == natOn {
		return natOn
	}
	return natOff
}

// addressTypeChange is the kind of addresses that the load balancer is to have; none when it has it.
func addressTypeChange(obj *v1alpha1.LoadBalancer, o *observed) types.IpAddressType {
	want := types.IpAddressType(obj.Spec.IPAddressType)
	if want == "" && lifecycle.Managed(obj, fieldIPAddressType) {
		want = types.IpAddressTypeIpv4
	}
	if want == o.lb.sdk.IpAddressType {
		return ""
	}
	return want
}

// addressChanges returns the call that changes the kind of addresses where the subnets stay.
func addressChanges(o *observed, resource string, want types.IpAddressType) []change {
	if want == "" {
		return nil
	}
	return []change{{
		plan: planned(lifecycle.VerbUpdate, resource, fieldIPAddressType, string(o.lb.sdk.IpAddressType), string(want)),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			input := &elasticloadbalancingv2.SetIpAddressTypeInput{LoadBalancerArn: aws.String(o.lb.arn()), IpAddressType: want}
			if _, err := k.clients.ELBV2.SetIpAddressType(ctx, input); err != nil {
				return refused("setting the IP address type of "+o.lb.name(), err)
			}
			o.lb.sdk.IpAddressType = want
			return nil
		},
	}}
}

// settingSubnets is one SetSubnets: the nodes and, with the last, what depends on them.
type settingSubnets struct {
	nodes     []node
	addresses types.IpAddressType
	nat       types.EnablePrefixForIpv6SourceNatEnum
}

// plan tells what is set beside the nodes.
func (s settingSubnets) plan(o *observed, resource string) []v1alpha1.PlannedChange {
	var plan []v1alpha1.PlannedChange
	if s.addresses != "" {
		plan = append(plan, planned(lifecycle.VerbUpdate, resource, fieldIPAddressType, string(o.lb.sdk.IpAddressType), string(s.addresses))...)
	}
	if s.nat != "" {
		plan = append(plan, planned(lifecycle.VerbUpdate, resource, fieldSourceNAT, string(observedNAT(o)), string(s.nat))...)
	}
	return plan
}

// run makes the call.
func (s settingSubnets) run(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
	input := &elasticloadbalancingv2.SetSubnetsInput{LoadBalancerArn: aws.String(o.lb.arn()), IpAddressType: s.addresses, EnablePrefixForIpv6SourceNat: s.nat}
	input.Subnets, input.SubnetMappings = sdkSubnets(s.nodes)
	answer, err := k.clients.ELBV2.SetSubnets(ctx, input)
	if err != nil {
		return refused("setting the subnets of "+o.lb.name(), err)
	}
	o.lb.sdk.AvailabilityZones = answer.AvailabilityZones
	if s.addresses != "" {
		o.lb.sdk.IpAddressType = s.addresses
	}
	if s.nat != "" {
		o.lb.sdk.EnablePrefixForIpv6SourceNat = s.nat
	}
	return nil
}
