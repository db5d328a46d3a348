package elbv2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func setSubnets(w *write, in *sdk.SetSubnetsInput) (*sdk.SetSubnetsOutput, error) {
	former, err := w.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	if former.Capacity.pending(w.moment) {
		return nil, capacityPending(former)
	}
	b := change(w.balancers, former)
	if in.IpAddressType != "" {
		b.IPAddressType = in.IpAddressType
	}
	if in.EnablePrefixForIpv6SourceNat != "" {
		b.SourceNat = in.EnablePrefixForIpv6SourceNat
	}
	if err := w.checkAddressing(b); err != nil {
		return nil, err
	}
	zones, err := w.zones(b, in.Subnets, in.SubnetMappings)
	if err != nil {
		return nil, err
	}
	gone, err := b.keep(zones)
	if err != nil {
		return nil, err
	}
	if b.Zones, err = w.occupy(b, zones); err != nil {
		return nil, err
	}
	for _, z := range gone {
		w.vacate(b, z)
	}
	return &sdk.SetSubnetsOutput{
		AvailabilityZones: b.describedZones(), IpAddressType: b.IPAddressType, EnablePrefixForIpv6SourceNat: b.SourceNat,
	}, nil
}

// keep carries the interfaces of zones that stay as they are over into the new
// zones, and gives those that go.
func (b *balancer) keep(zones []zone) (gone []zone, err error) {
	for _, z := range b.Zones {
		at := slices.IndexFunc(zones, func(next zone) bool { return next.Name == z.Name })
		switch {
		case at < 0 && b.Type == types.LoadBalancerTypeEnumGateway:
			return nil, misconfigured("Subnet removal is not supported for Gateway Load Balancers. You must specify all existing subnets along with any new ones")
		case at < 0:
			gone = append(gone, z)
		case zones[at].sameMapping(z):
			zones[at] = z
		case b.Type != types.LoadBalancerTypeEnumApplication:
			return nil, misconfigured("The subnet of Availability Zone '%s' cannot be replaced for load balancers with type '%s'. "+
				"Disable the zone first, then enable it with another subnet", z.Name, b.Type)
		default:
			gone = append(gone, z)
		}
	}
	return gone, nil
}

// checkAddressing checks an IP address type that a load balancer is to have.
func (w *write) checkAddressing(b *balancer) error {
	var broken frame.Violations
	frame.Enum(&broken, b.IPAddressType, "ipAddressType", b.IPAddressType.Values())
	frame.Enum(&broken, b.SourceNat, "enablePrefixForIpv6SourceNat", b.SourceNat.Values())
	if err := broken.Err(validationError); err != nil {
		return err
	}
	if err := b.checkKind(); err != nil {
		return err
	}
	for _, l := range w.listenersOf[b.ARN] {
		if err := b.checkSourceNat(l.Protocol); err != nil {
			return err
		}
	}
	return nil
}

// checkSourceNat tells that datagrams over IPv6 need prefixes for source NAT.
func (b *balancer) checkSourceNat(protocol types.ProtocolEnum) error {
	if isDatagram(protocol) && b.IPAddressType == types.IpAddressTypeDualstack && b.SourceNat != types.EnablePrefixForIpv6SourceNatEnumOn {
		return misconfigured("Listeners with protocol '%s' on a dualstack load balancer need EnablePrefixForIpv6SourceNat to be 'on'", protocol)
	}
	return nil
}

func isDatagram(protocol types.ProtocolEnum) bool {
	switch protocol {
	case types.ProtocolEnumUdp, types.ProtocolEnumTcpUdp, types.ProtocolEnumQuic, types.ProtocolEnumTcpQuic:
		return true
	}
	return false
}

func setSecurityGroups(w *write, in *sdk.SetSecurityGroupsInput) (*sdk.SetSecurityGroupsOutput, error) {
	former, err := w.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	b := change(w.balancers, former)
	network := b.Type == types.LoadBalancerTypeEnumNetwork
	var broken frame.Violations
	frame.Enum(&broken, in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic, "enforceSecurityGroupInboundRulesOnPrivateLinkTraffic",
		in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic.Values())
	if err := broken.Err(validationError); err != nil {
		return nil, err
	}
	switch {
	case network && len(b.Groups) == 0:
		return nil, misconfigured("You cannot set security groups on a load balancer with type 'network' that was created without security groups")
	case network && len(in.SecurityGroups) == 0:
		return nil, misconfigured("You cannot remove all security groups from a load balancer with type 'network'")
	case len(in.SecurityGroups) == 0:
		return nil, invalid("At least one security group must be specified")
	case !network && in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic != "":
		return nil, misconfigured("EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic is not supported for load balancers with type '%s'", b.Type)
	}
	if err := w.setGroups(b, in.SecurityGroups); err != nil {
		return nil, err
	}
	if in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic != "" {
		b.PrivateLink = string(in.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic)
	}
	for _, z := range b.Zones {
		w.service.network.SetInterfaceGroups(z.Interface, b.Groups)
	}
	return &sdk.SetSecurityGroupsOutput{
		SecurityGroupIds: b.Groups,
		EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic: types.EnforceSecurityGroupInboundRulesOnPrivateLinkTrafficEnum(b.PrivateLink),
	}, nil
}

func setIPAddressType(w *write, in *sdk.SetIpAddressTypeInput) (*sdk.SetIpAddressTypeOutput, error) {
	former, err := w.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	if in.IpAddressType == "" {
		return nil, missing("IpAddressType")
	}
	b := change(w.balancers, former)
	b.IPAddressType = in.IpAddressType
	if err := w.checkAddressing(b); err != nil {
		return nil, err
	}
	for _, z := range b.Zones {
		if subnet, ok := w.service.network.Subnet(b.Account, b.Region, z.Subnet); ok {
			if err := w.checkSubnet(b, subnet); err != nil {
				return nil, err
			}
		}
	}
	return &sdk.SetIpAddressTypeOutput{IpAddressType: b.IPAddressType}, nil
}

func modifyIPPools(w *write, in *sdk.ModifyIpPoolsInput) (*sdk.ModifyIpPoolsOutput, error) {
	former, err := w.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	b := change(w.balancers, former)
	given := in.IpamPools != nil && in.IpamPools.Ipv4IpamPoolId != nil
	removed := slices.Contains(in.RemoveIpamPools, types.RemoveIpamPoolEnumIpv4)
	switch {
	case given && removed:
		return nil, invalid("An IPAM pool cannot be set and removed at the same time")
	case !given && !removed:
		return nil, invalid("IpamPools or RemoveIpamPools must be specified")
	case given:
		b.IpamPool = in.IpamPools.Ipv4IpamPoolId
	case removed:
		b.IpamPool = nil
	}
	if err := b.checkKind(); err != nil {
		return nil, err
	}
	out := &sdk.ModifyIpPoolsOutput{IpamPools: &types.IpamPools{Ipv4IpamPoolId: b.IpamPool}}
	return out, nil
}

func describeBalancerAttributes(r *reading, in *sdk.DescribeLoadBalancerAttributesInput) (*sdk.DescribeLoadBalancerAttributesOutput, error) {
	b, err := r.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeLoadBalancerAttributesOutput{Attributes: b.attributeList()}, nil
}

func (b *balancer) attributeList() []types.LoadBalancerAttribute {
	var list []types.LoadBalancerAttribute
	values := b.attributes()
	for _, one := range b.attributeSet() {
		list = append(list, types.LoadBalancerAttribute{Key: aws.String(one.key), Value: aws.String(values[one.key])})
	}
	return list
}

func modifyBalancerAttributes(w *write, in *sdk.ModifyLoadBalancerAttributesInput) (*sdk.ModifyLoadBalancerAttributesOutput, error) {
	former, err := w.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	pairs := make([]pair, len(in.Attributes))
	for i, given := range in.Attributes {
		pairs[i] = pair{given.Key, given.Value}
	}
	b := change(w.balancers, former)
	b.Set, err = b.attributeSet().changed(b.Set, pairs, "Load balancer", "load balancers with type '"+string(b.Type)+"'")
	if err != nil {
		return nil, err
	}
	values := b.attributes()
	for _, kind := range []string{"access_logs", "connection_logs", "health_check_logs"} {
		if values[kind+".s3.enabled"] == "true" && values[kind+".s3.bucket"] == "" {
			return nil, misconfigured("The value of '%s.s3.bucket' cannot be empty when '%s.s3.enabled' is true", kind, kind)
		}
	}
	if values[secondaryIPs] < former.attributes()[secondaryIPs] { // one digit each
		return nil, misconfigured("The value of '%s' cannot be decreased", secondaryIPs)
	}
	return &sdk.ModifyLoadBalancerAttributesOutput{Attributes: b.attributeList()}, nil
}
