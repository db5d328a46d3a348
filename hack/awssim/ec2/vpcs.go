package ec2

import (
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var vpcFilters = filters[vpc]{
	"vpc-id":                            of(func(v vpc) *string { return v.VpcId }),
	"cidr":                              of(func(v vpc) *string { return v.CidrBlock }),
	"cidr-block-association.cidr-block": func(v vpc) []string { return cidrBlocks(v) },
	"ipv6-cidr-block-association.ipv6-cidr-block": func(v vpc) []string { return ipv6Blocks(v) },
	"state":           func(v vpc) []string { return []string{string(v.State)} },
	"owner-id":        of(func(v vpc) *string { return v.OwnerId }),
	"dhcp-options-id": of(func(v vpc) *string { return v.DhcpOptionsId }),
	"is-default":      flag(func(v vpc) bool { return aws.ToBool(v.IsDefault) }),
	"isDefault":       flag(func(v vpc) bool { return aws.ToBool(v.IsDefault) }),
}

func cidrBlocks(v vpc) (blocks []string) {
	for _, association := range v.CidrBlockAssociationSet {
		blocks = append(blocks, *association.CidrBlock)
	}
	return blocks
}

func ipv6Blocks(v vpc) (blocks []string) {
	for _, association := range v.Ipv6CidrBlockAssociationSet {
		blocks = append(blocks, *association.Ipv6CidrBlock)
	}
	return blocks
}

// vpcIDs are those that come with a VPC.
type vpcIDs struct{ vpc, group, groupRule, routeTable, association, cidr string }

func (s *Service) newVPCIDs() vpcIDs {
	return vpcIDs{
		vpc: s.newID("vpc"), group: s.newID("sg"), groupRule: s.newID("sgr"), routeTable: s.newID("rtb"),
		association: s.newID("rtbassoc"), cidr: s.newID("vpc-cidr-assoc"),
	}
}

// addVPC makes a VPC with its main route table and its default security group.
func (c *content) addVPC(account, region string, ids vpcIDs, block netip.Prefix) {
	cidr := block.String()
	c.VPCs[ids.vpc] = item[vpc]{Account: account, Region: region, Is: vpc{
		Vpc: types.Vpc{
			VpcId: &ids.vpc, CidrBlock: &cidr, State: types.VpcStateAvailable, OwnerId: &account,
			IsDefault: aws.Bool(false), InstanceTenancy: types.TenancyDefault, DhcpOptionsId: aws.String("dopt-0default"),
			CidrBlockAssociationSet: []types.VpcCidrBlockAssociation{{
				AssociationId: &ids.cidr, CidrBlock: &cidr,
				CidrBlockState: &types.VpcCidrBlockState{State: types.VpcCidrBlockStateCodeAssociated},
			}},
		},
		DNSSupport: true, Clients: block,
	}}
	c.RouteTables[ids.routeTable] = item[types.RouteTable]{Account: account, Region: region, Is: types.RouteTable{
		RouteTableId: &ids.routeTable, VpcId: &ids.vpc, OwnerId: &account,
		Associations: []types.RouteTableAssociation{association(ids.association, ids.routeTable, "")},
		Routes:       []types.Route{localRoute(cidr)},
	}}
	c.Groups[ids.group] = item[group]{Account: account, Region: region, Is: group{
		ID: ids.group, Name: "default", Description: "default VPC security group", VpcID: ids.vpc,
		Rules: []rule{
			{ID: ids.groupRule, Protocol: anyProtocol, From: anyPort, To: anyPort, Group: ids.group, GroupOwner: account},
			allEgress(ids.groupRule + "e"),
		},
	}}
}

func (s *Service) createVPC(t *turn, in *sdk.CreateVpcInput) (*sdk.CreateVpcOutput, error) {
	if count(t, t.VPCs) >= s.quotas.VPCs {
		return nil, frame.Errorf("VpcLimitExceeded", "The maximum number of VPCs has been reached.")
	}
	if in.CidrBlock == nil {
		return nil, missingParameter("cidrBlock")
	}
	block, err := blockOf(*in.CidrBlock, 16, 28, "InvalidVpc.Range")
	if err != nil {
		return nil, err
	}
	ids := s.newVPCIDs()
	tagged, err := t.tagSpecifications(in.TagSpecifications, types.ResourceTypeVpc)
	if err != nil {
		return nil, err
	}
	t.addVPC(t.Caller.Account, t.Region, ids, block)
	v := t.VPCs[ids.vpc].Is
	if in.InstanceTenancy != "" {
		v.InstanceTenancy = in.InstanceTenancy
	}
	if aws.ToBool(in.AmazonProvidedIpv6CidrBlock) || in.Ipv6CidrBlock != nil {
		if v, err = s.withIPv6(t, v, in.Ipv6CidrBlock); err != nil {
			return nil, err
		}
	}
	t.VPCs[ids.vpc] = made(t, v)
	t.tag(ids.vpc, tagged)
	return &sdk.CreateVpcOutput{Vpc: t.shownVPC(v)}, nil
}

func (t *turn) shownVPC(v vpc) *types.Vpc {
	shown := v.Vpc
	shown.Tags = t.Tags[*v.VpcId].list()
	return &shown
}

func (s *Service) describeVPCs(t *turn, in *sdk.DescribeVpcsInput) (*sdk.DescribeVpcsOutput, error) {
	found, next, err := describe(t, t.VPCs, vpcKind, vpcFilters,
		question{ids: in.VpcIds, filters: in.Filters, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeVpcsOutput{Vpcs: []types.Vpc{}, NextToken: next}
	for _, v := range found {
		out.Vpcs = append(out.Vpcs, *t.shownVPC(v))
	}
	return out, nil
}

// deleteVPC takes the main route table and the default group along; anything
// else keeps the VPC.
func (s *Service) deleteVPC(t *turn, in *sdk.DeleteVpcInput) (*sdk.DeleteVpcOutput, error) {
	v, err := find(t, t.VPCs, in.VpcId, vpcKind)
	if err != nil {
		return nil, err
	}
	id := *v.VpcId
	if t.vpcIsUsed(id) {
		return nil, dependency("The vpc '%s' has dependencies and cannot be deleted.", id)
	}
	for table, held := range t.RouteTables {
		if *held.Is.VpcId == id {
			delete(t.RouteTables, table)
		}
	}
	for group, held := range t.Groups {
		if held.Is.VpcID == id {
			delete(t.Groups, group)
		}
	}
	delete(t.VPCs, id)
	delete(t.Tags, id)
	return &sdk.DeleteVpcOutput{}, nil
}

func (t *turn) vpcIsUsed(id string) bool {
	for _, held := range t.Subnets {
		if *held.Is.VpcId == id {
			return true
		}
	}
	for _, held := range t.Gateways {
		if attachedTo(held.Is) == id {
			return true
		}
	}
	for _, held := range t.Groups {
		if held.Is.VpcID == id && held.Is.Name != "default" || t.refersInto(held.Is, id) {
			return true
		}
	}
	for _, held := range t.RouteTables {
		if *held.Is.VpcId == id && !isMain(held.Is) {
			return true
		}
	}
	return false
}

// refersInto tells whether a group of another VPC names one of this VPC.
func (t *turn) refersInto(g group, vpcID string) bool {
	for _, r := range g.Rules {
		if g.VpcID != vpcID && r.Group != "" && t.Groups[r.Group].Is.VpcID == vpcID {
			return true
		}
	}
	return false
}

func (s *Service) describeVPCAttribute(t *turn, in *sdk.DescribeVpcAttributeInput) (*sdk.DescribeVpcAttributeOutput, error) {
	v, err := find(t, t.VPCs, in.VpcId, vpcKind)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeVpcAttributeOutput{VpcId: v.VpcId}
	switch in.Attribute {
	case types.VpcAttributeNameEnableDnsSupport:
		out.EnableDnsSupport = &types.AttributeBooleanValue{Value: &v.DNSSupport}
	case types.VpcAttributeNameEnableDnsHostnames:
		out.EnableDnsHostnames = &types.AttributeBooleanValue{Value: &v.DNSHostnames}
	case types.VpcAttributeNameEnableNetworkAddressUsageMetrics:
		out.EnableNetworkAddressUsageMetrics = &types.AttributeBooleanValue{Value: aws.Bool(false)}
	default:
		return nil, invalidValue("Value (%s) for parameter attribute is invalid. Unknown attribute.", in.Attribute)
	}
	return out, nil
}

func (s *Service) modifyVPCAttribute(t *turn, in *sdk.ModifyVpcAttributeInput) (*sdk.ModifyVpcAttributeOutput, error) {
	v, err := find(t, t.VPCs, in.VpcId, vpcKind)
	if err != nil {
		return nil, err
	}
	switch {
	case in.EnableDnsSupport != nil && in.EnableDnsHostnames != nil:
		return nil, frame.Errorf("InvalidParameterCombination", "Fields for multiple attribute types specified")
	case in.EnableDnsSupport != nil:
		v.DNSSupport = aws.ToBool(in.EnableDnsSupport.Value)
	case in.EnableDnsHostnames != nil:
		v.DNSHostnames = aws.ToBool(in.EnableDnsHostnames.Value)
	}
	put(t.VPCs, *v.VpcId, v)
	return &sdk.ModifyVpcAttributeOutput{}, nil
}

// count is how many the caller has in the region.
func count[T any](t *turn, in table[T]) int {
	n := 0
	for _, held := range in {
		if held.Account == t.Caller.Account && held.Region == t.Region {
			n++
		}
	}
	return n
}

// blockOf reads a CIDR block with a prefix length between two; the bits of the host are dropped.
func blockOf(text string, shortest, longest int, code string) (netip.Prefix, error) {
	block, err := netip.ParsePrefix(text)
	if err != nil {
		return block, invalidValue("Value (%s) for parameter cidrBlock is invalid. This is not a valid CIDR block.", text)
	}
	if block.Bits() < shortest || block.Bits() > longest {
		return block, frame.Errorf(code, "The CIDR '%s' is invalid.", text)
	}
	return block.Masked(), nil
}
