package ec2

import (
	"net/netip"
	"slices"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// VPC is a VPC as load balancing sees it.
func (s *Service) VPC(account, region, id string) (elbv2.VPC, bool) {
	v, ok := in(s.store.Now().VPCs, account, region, id)
	if !ok {
		return elbv2.VPC{}, false
	}
	found := elbv2.VPC{ID: id}
	for _, block := range slices.Concat(cidrBlocks(v), ipv6Blocks(v)) {
		found.Blocks = append(found.Blocks, netip.MustParsePrefix(block))
	}
	return found, true
}

// SubnetHolding is the subnet of a VPC that an address is in, as load balancing sees it.
func (s *Service) SubnetHolding(account, region, vpcID string, address netip.Addr) (elbv2.Subnet, bool) {
	for id, held := range s.store.Now().Subnets {
		if held.Account != account || held.Region != region || *held.Is.VpcId != vpcID {
			continue
		}
		if netip.MustParsePrefix(*held.Is.CidrBlock).Contains(address) || ipv6Of(held.Is).Contains(address) {
			return s.Subnet(account, region, id)
		}
	}
	return elbv2.Subnet{}, false
}
