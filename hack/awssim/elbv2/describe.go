package elbv2

import (
	"net/netip"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func describeLoadBalancers(r *reading, in *sdk.DescribeLoadBalancersInput) (*sdk.DescribeLoadBalancersOutput, error) {
	found, err := r.chosenBalancers(in)
	if err != nil {
		return nil, err
	}
	cut, next, err := page(found, in.Marker, in.PageSize, func(b *balancer) string { return b.ARN })
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeLoadBalancersOutput{LoadBalancers: []types.LoadBalancer{}, NextMarker: next}
	for _, b := range cut {
		out.LoadBalancers = append(out.LoadBalancers, b.described(r.moment))
	}
	return out, nil
}

// mostNamed bounds what one call names.
const mostNamed = 20

func (r *reading) chosenBalancers(in *sdk.DescribeLoadBalancersInput) ([]*balancer, error) {
	var found []*balancer
	switch {
	case len(in.LoadBalancerArns) > 0 && len(in.Names) > 0:
		return nil, invalid("Load balancer names and load balancer ARNs cannot be specified at the same time")
	case len(in.LoadBalancerArns) > mostNamed:
		return nil, invalid("The number of load balancer ARNs cannot exceed '%d'", mostNamed)
	case len(in.Names) > mostNamed:
		return nil, invalid("The number of load balancer names cannot exceed '%d'", mostNamed)
	case len(in.LoadBalancerArns) > 0:
		for _, arn := range in.LoadBalancerArns {
			if err := checkARN("load balancer", arn, ":loadbalancer/"); err != nil {
				return nil, err
			}
			b, ok := visible(r.balancers, r, &arn)
			if !ok {
				return nil, noBalancers(in.LoadBalancerArns...)
			}
			found = append(found, b)
		}
		return found, nil
	}
	names := in.Names
	for _, b := range owned(r.balancers, r.Request) {
		if !b.Shown.After(r.moment) && (len(in.Names) == 0 || slices.Contains(in.Names, b.Name)) {
			found = append(found, b)
			names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return name == b.Name })
		}
	}
	if len(names) > 0 {
		return nil, noBalancers(names...)
	}
	return found, nil
}

// described is a load balancer as DescribeLoadBalancers gives it.
func (b *balancer) described(now time.Time) types.LoadBalancer {
	shown := types.LoadBalancer{
		LoadBalancerArn: &b.ARN, LoadBalancerName: &b.Name, Type: b.Type, Scheme: b.Scheme, VpcId: &b.VPC,
		IpAddressType: b.IPAddressType, CreatedTime: aws.Time(b.Created), CustomerOwnedIpv4Pool: b.OwnedPool,
		State: &types.LoadBalancerState{Code: b.state(now)}, SecurityGroups: b.Groups,
		EnablePrefixForIpv6SourceNat: b.SourceNat,
	}
	if b.DNSName != "" {
		shown.DNSName, shown.CanonicalHostedZoneId = &b.DNSName, &b.HostedZone
	}
	if b.IpamPool != nil {
		shown.IpamPools = &types.IpamPools{Ipv4IpamPoolId: b.IpamPool}
	}
	if b.PrivateLink != "" {
		shown.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic = &b.PrivateLink
	}
	shown.AvailabilityZones = b.describedZones()
	return shown
}

func (b *balancer) describedZones() []types.AvailabilityZone {
	zones := make([]types.AvailabilityZone, 0, len(b.Zones))
	for _, z := range b.Zones {
		shown := types.AvailabilityZone{ZoneName: aws.String(z.Name), SubnetId: aws.String(z.Subnet), LoadBalancerAddresses: []types.LoadBalancerAddress{}}
		address := types.LoadBalancerAddress{
			AllocationId: optional(z.Allocation), PrivateIPv4Address: optional(z.PrivateIPv4), IPv6Address: optional(z.IPv6),
		}
		if z.Allocation != "" && z.PublicIP != (netip.Addr{}) {
			address.IpAddress = aws.String(z.PublicIP.String())
		}
		if address != (types.LoadBalancerAddress{}) {
			shown.LoadBalancerAddresses = append(shown.LoadBalancerAddresses, address)
		}
		if z.SourceNatIPv6 != "" {
			shown.SourceNatIpv6Prefixes = []string{z.SourceNatIPv6}
		}
		zones = append(zones, shown)
	}
	return zones
}

func optional(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
