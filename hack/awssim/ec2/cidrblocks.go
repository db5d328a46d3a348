package ec2

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// withIPv6 is a VPC with an IPv6 block, Amazon's choice unless one is asked for.
func (s *Service) withIPv6(t *turn, v vpc, asked *string) (vpc, error) {
	if len(v.Ipv6CidrBlockAssociationSet) >= 5 {
		return v, frame.Errorf("CidrLimitExceeded", "This network '%s' has met its maximum number of allowed CIDRs: 5", *v.VpcId)
	}
	block := fmt.Sprintf("2600:1f18:%x:%x00::/56", s.env.Random.IntN(0xf000)+0x1000, s.env.Random.IntN(0xf0)+0x10)
	if asked != nil {
		parsed, err := blockOf(*asked, 44, 60, "InvalidVpc.Range")
		if err != nil {
			return v, err
		}
		block = parsed.String()
	}
	v.Ipv6CidrBlockAssociationSet = append(slices.Clone(v.Ipv6CidrBlockAssociationSet), ipv6OfVPC(s.newID("vpc-cidr-assoc"), block, t.Region))
	return v, nil
}

func ipv6OfVPC(id, block, region string) types.VpcIpv6CidrBlockAssociation {
	return types.VpcIpv6CidrBlockAssociation{
		AssociationId: &id, Ipv6CidrBlock: &block, Ipv6Pool: aws.String("Amazon"), NetworkBorderGroup: &region,
		Ipv6CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
	}
}

func ipv6OfSubnet(id, block string) types.SubnetIpv6CidrBlockAssociation {
	return types.SubnetIpv6CidrBlockAssociation{
		AssociationId: &id, Ipv6CidrBlock: &block,
		Ipv6CidrBlockState: &types.SubnetCidrBlockState{State: types.SubnetCidrBlockStateCodeAssociated},
	}
}

func (s *Service) associateVPCBlock(t *turn, in *sdk.AssociateVpcCidrBlockInput) (*sdk.AssociateVpcCidrBlockOutput, error) {
	v, err := find(t, t.VPCs, in.VpcId, vpcKind)
	if err != nil {
		return nil, err
	}
	out := &sdk.AssociateVpcCidrBlockOutput{VpcId: v.VpcId}
	if aws.ToBool(in.AmazonProvidedIpv6CidrBlock) || in.Ipv6CidrBlock != nil {
		if v, err = s.withIPv6(t, v, in.Ipv6CidrBlock); err != nil {
			return nil, err
		}
		out.Ipv6CidrBlockAssociation = &v.Ipv6CidrBlockAssociationSet[len(v.Ipv6CidrBlockAssociationSet)-1]
		put(t.VPCs, *v.VpcId, v)
		return out, nil
	}
	if in.CidrBlock == nil {
		return nil, missingParameter("cidrBlock")
	}
	block, err := blockOf(*in.CidrBlock, 16, 28, "InvalidVpc.Range")
	if err != nil {
		return nil, err
	}
	for _, text := range cidrBlocks(v) {
		if netip.MustParsePrefix(text).Overlaps(block) {
			return nil, frame.Errorf("InvalidVpc.Conflict", "The CIDR '%s' conflicts with another CIDR of the VPC", block)
		}
	}
	associated := types.VpcCidrBlockAssociation{
		AssociationId: aws.String(s.newID("vpc-cidr-assoc")), CidrBlock: aws.String(block.String()),
		CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
	}
	v.CidrBlockAssociationSet = append(slices.Clone(v.CidrBlockAssociationSet), associated)
	put(t.VPCs, *v.VpcId, v)
	out.CidrBlockAssociation = &associated
	return out, nil
}

func (s *Service) disassociateVPCBlock(t *turn, in *sdk.DisassociateVpcCidrBlockInput) (*sdk.DisassociateVpcCidrBlockOutput, error) {
	id := aws.ToString(in.AssociationId)
	for _, held := range t.VPCs {
		v := held.Is
		if !owns(t, held) {
			continue
		}
		out := &sdk.DisassociateVpcCidrBlockOutput{VpcId: v.VpcId}
		for i, association := range v.CidrBlockAssociationSet {
			if *association.AssociationId != id {
				continue
			}
			if *association.CidrBlock == *v.CidrBlock {
				return nil, frame.Errorf("OperationNotPermitted", "The vpc CIDR block with association ID %s may not be disassociated. "+
					"It is the primary IPv4 CIDR block of the VPC", id)
			}
			if t.blockIsUsed(*v.VpcId, *association.CidrBlock) {
				return nil, dependency("The vpc CIDR block '%s' has dependencies and cannot be disassociated.", *association.CidrBlock)
			}
			v.CidrBlockAssociationSet = slices.Delete(slices.Clone(v.CidrBlockAssociationSet), i, i+1)
			out.CidrBlockAssociation = &association
		}
		for i, association := range v.Ipv6CidrBlockAssociationSet {
			if *association.AssociationId != id {
				continue
			}
			if t.blockIsUsed(*v.VpcId, *association.Ipv6CidrBlock) {
				return nil, dependency("The vpc CIDR block '%s' has dependencies and cannot be disassociated.", *association.Ipv6CidrBlock)
			}
			v.Ipv6CidrBlockAssociationSet = slices.Delete(slices.Clone(v.Ipv6CidrBlockAssociationSet), i, i+1)
			out.Ipv6CidrBlockAssociation = &association
		}
		if out.CidrBlockAssociation != nil || out.Ipv6CidrBlockAssociation != nil {
			put(t.VPCs, *v.VpcId, v)
			return out, nil
		}
	}
	return nil, frame.Errorf("InvalidVpcCidrBlockAssociationID.NotFound", "The vpc CIDR block association ID '%s' does not exist", id)
}

// blockIsUsed tells whether a subnet lies in a VPC's block.
func (t *turn) blockIsUsed(vpcID, text string) bool {
	block := netip.MustParsePrefix(text)
	for _, held := range t.Subnets {
		if *held.Is.VpcId != vpcID {
			continue
		}
		if own, err := netip.ParsePrefix(aws.ToString(held.Is.CidrBlock)); err == nil && block.Overlaps(own) {
			return true
		}
		if own := ipv6Of(held.Is); own.IsValid() && block.Overlaps(own) {
			return true
		}
	}
	return false
}

func (s *Service) associateSubnetBlock(t *turn, in *sdk.AssociateSubnetCidrBlockInput) (*sdk.AssociateSubnetCidrBlockOutput, error) {
	subnet, err := find(t, t.Subnets, in.SubnetId, subnetKind)
	if err != nil {
		return nil, err
	}
	if in.Ipv6CidrBlock == nil {
		return nil, missingParameter("ipv6CidrBlock")
	}
	if len(subnet.Ipv6CidrBlockAssociationSet) > 0 {
		return nil, frame.Errorf("SubnetCidrLimitExceeded", "This subnet '%s' has met its maximum number of allowed CIDRs", *subnet.SubnetId)
	}
	block, err := t.ipv6ForSubnet(*subnet.VpcId, *in.Ipv6CidrBlock)
	if err != nil {
		return nil, err
	}
	associated := ipv6OfSubnet(s.newID("subnet-cidr-assoc"), block.String())
	subnet.Ipv6CidrBlockAssociationSet = []types.SubnetIpv6CidrBlockAssociation{associated}
	put(t.Subnets, *subnet.SubnetId, subnet)
	return &sdk.AssociateSubnetCidrBlockOutput{SubnetId: subnet.SubnetId, Ipv6CidrBlockAssociation: &associated}, nil
}

func (s *Service) disassociateSubnetBlock(t *turn, in *sdk.DisassociateSubnetCidrBlockInput) (*sdk.DisassociateSubnetCidrBlockOutput, error) {
	id := aws.ToString(in.AssociationId)
	for _, held := range t.Subnets {
		subnet := held.Is
		if !owns(t, held) || len(subnet.Ipv6CidrBlockAssociationSet) == 0 || *subnet.Ipv6CidrBlockAssociationSet[0].AssociationId != id {
			continue
		}
		gone := subnet.Ipv6CidrBlockAssociationSet[0]
		subnet.Ipv6CidrBlockAssociationSet = nil
		put(t.Subnets, *subnet.SubnetId, subnet)
		return &sdk.DisassociateSubnetCidrBlockOutput{SubnetId: subnet.SubnetId, Ipv6CidrBlockAssociation: &gone}, nil
	}
	return nil, frame.Errorf("InvalidSubnetCidrBlockAssociationID.NotFound", "The subnet CIDR block association ID '%s' does not exist", id)
}

// ipv6ForSubnet checks that a block is one of the VPC's and free.
func (t *turn) ipv6ForSubnet(vpcID, text string) (netip.Prefix, error) {
	block, err := blockOf(text, 44, 64, "InvalidSubnet.Range")
	if err != nil {
		return block, err
	}
	within := slices.ContainsFunc(ipv6Blocks(t.VPCs[vpcID].Is), func(outer string) bool { return contains(outer, block) })
	if !within || !strings.Contains(text, ":") {
		return block, frame.Errorf("InvalidSubnet.Range", "The CIDR '%s' is invalid.", text)
	}
	for _, held := range t.Subnets {
		if *held.Is.VpcId == vpcID && ipv6Of(held.Is).IsValid() && ipv6Of(held.Is).Overlaps(block) {
			return block, frame.Errorf("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", text)
		}
	}
	return block, nil
}

func contains(outer string, block netip.Prefix) bool {
	prefix, err := netip.ParsePrefix(outer)
	return err == nil && prefix.Bits() <= block.Bits() && prefix.Contains(block.Addr())
}
