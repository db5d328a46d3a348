package ec2

import (
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// reserved are the addresses of a subnet that AWS keeps: the first four and the last.
const reserved = 5

var subnetFilters = filters[types.Subnet]{
	"subnet-id":               of(func(s types.Subnet) *string { return s.SubnetId }),
	"subnet-arn":              of(func(s types.Subnet) *string { return s.SubnetArn }),
	"vpc-id":                  of(func(s types.Subnet) *string { return s.VpcId }),
	"availability-zone":       of(func(s types.Subnet) *string { return s.AvailabilityZone }),
	"availabilityZone":        of(func(s types.Subnet) *string { return s.AvailabilityZone }),
	"availability-zone-id":    of(func(s types.Subnet) *string { return s.AvailabilityZoneId }),
	"cidr":                    of(func(s types.Subnet) *string { return s.CidrBlock }),
	"cidr-block":              of(func(s types.Subnet) *string { return s.CidrBlock }),
	"cidrBlock":               of(func(s types.Subnet) *string { return s.CidrBlock }),
	"owner-id":                of(func(s types.Subnet) *string { return s.OwnerId }),
	"state":                   func(s types.Subnet) []string { return []string{string(s.State)} },
	"default-for-az":          flag(func(s types.Subnet) bool { return aws.ToBool(s.DefaultForAz) }),
	"map-public-ip-on-launch": flag(func(s types.Subnet) bool { return aws.ToBool(s.MapPublicIpOnLaunch) }),
	"ipv6-cidr-block-association.ipv6-cidr-block": func(s types.Subnet) []string {
		if block := ipv6Of(s); block.IsValid() {
			return []string{block.String()}
		}
		return nil
	},
	"available-ip-address-count": func(s types.Subnet) []string {
		return []string{strconv.Itoa(int(aws.ToInt32(s.AvailableIpAddressCount)))}
	},
}

func ipv6Of(s types.Subnet) netip.Prefix {
	if len(s.Ipv6CidrBlockAssociationSet) == 0 {
		return netip.Prefix{}
	}
	return netip.MustParsePrefix(*s.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock)
}

// newSubnet makes a subnet's description.
func newSubnet(account, region, id, vpcID string, in zone, block netip.Prefix) types.Subnet {
	return types.Subnet{
		SubnetId: &id, VpcId: &vpcID, OwnerId: &account, CidrBlock: aws.String(block.String()),
		SubnetArn:        aws.String("arn:aws:ec2:" + region + ":" + account + ":subnet/" + id),
		AvailabilityZone: &in.name, AvailabilityZoneId: &in.id, State: types.SubnetStateAvailable,
		DefaultForAz: aws.Bool(false), MapPublicIpOnLaunch: aws.Bool(false), AssignIpv6AddressOnCreation: aws.Bool(false),
		EnableDns64: aws.Bool(false), Ipv6Native: aws.Bool(false), MapCustomerOwnedIpOnLaunch: aws.Bool(false),
		PrivateDnsNameOptionsOnLaunch: &types.PrivateDnsNameOptionsOnLaunch{
			HostnameType: types.HostnameTypeIpName, EnableResourceNameDnsARecord: aws.Bool(false),
			EnableResourceNameDnsAAAARecord: aws.Bool(false),
		},
	}
}

func (s *Service) createSubnet(t *turn, in *sdk.CreateSubnetInput) (*sdk.CreateSubnetOutput, error) {
	v, err := find(t, t.VPCs, in.VpcId, vpcKind)
	if err != nil {
		return nil, err
	}
	if in.CidrBlock == nil {
		return nil, missingParameter("cidrBlock")
	}
	block, err := t.blockForSubnet(v, *in.CidrBlock)
	if err != nil {
		return nil, err
	}
	zone, err := zoneFor(t.Region, aws.ToString(in.AvailabilityZone), aws.ToString(in.AvailabilityZoneId))
	if err != nil {
		return nil, err
	}
	tagged, err := t.tagSpecifications(in.TagSpecifications, types.ResourceTypeSubnet)
	if err != nil {
		return nil, err
	}
	id := s.newID("subnet")
	subnet := newSubnet(t.Caller.Account, t.Region, id, *v.VpcId, zone, block)
	if in.Ipv6CidrBlock != nil {
		ipv6, err := t.ipv6ForSubnet(*v.VpcId, *in.Ipv6CidrBlock)
		if err != nil {
			return nil, err
		}
		subnet.Ipv6CidrBlockAssociationSet = []types.SubnetIpv6CidrBlockAssociation{ipv6OfSubnet(s.newID("subnet-cidr-assoc"), ipv6.String())}
	}
	t.Subnets[id] = made(t, subnet)
	t.tag(id, tagged)
	return &sdk.CreateSubnetOutput{Subnet: t.shownSubnet(subnet)}, nil
}

// blockForSubnet checks that a block lies in the VPC and is free.
func (t *turn) blockForSubnet(v vpc, text string) (netip.Prefix, error) {
	block, err := blockOf(text, 16, 28, "InvalidSubnet.Range")
	if err != nil {
		return block, err
	}
	if !slices.ContainsFunc(cidrBlocks(v), func(outer string) bool { return contains(outer, block) }) {
		return block, frame.Errorf("InvalidSubnet.Range", "The CIDR '%s' is invalid.", text)
	}
	n := 0
	for _, held := range t.Subnets {
		if *held.Is.VpcId != *v.VpcId {
			continue
		}
		n++
		if netip.MustParsePrefix(*held.Is.CidrBlock).Overlaps(block) {
			return block, frame.Errorf("InvalidSubnet.Conflict", "The CIDR '%s' conflicts with another subnet", text)
		}
	}
	if n >= t.service.quotas.SubnetsPerVPC {
		return block, frame.Errorf("SubnetLimitExceeded", "The maximum number of subnets has been reached.")
	}
	return block, nil
}

func (t *turn) shownSubnet(subnet types.Subnet) *types.Subnet {
	free := int32(t.free(subnet))
	subnet.AvailableIpAddressCount = &free
	subnet.Tags = t.Tags[*subnet.SubnetId].list()
	return &subnet
}

// usedIn are the private addresses of a subnet's network interfaces.
func (c *content) usedIn(subnetID string) map[netip.Addr]bool {
	used := map[netip.Addr]bool{}
	for _, held := range c.Interfaces {
		if *held.Is.SubnetId == subnetID {
			for _, one := range held.Is.PrivateIpAddresses {
				used[netip.MustParseAddr(*one.PrivateIpAddress)] = true
			}
		}
	}
	return used
}

// free is how many addresses of a subnet are left.
func (c *content) free(subnet types.Subnet) int {
	block := netip.MustParsePrefix(*subnet.CidrBlock)
	return 1<<(32-block.Bits()) - reserved - len(c.usedIn(*subnet.SubnetId))
}

func (s *Service) describeSubnets(t *turn, in *sdk.DescribeSubnetsInput) (*sdk.DescribeSubnetsOutput, error) {
	counted := table[types.Subnet]{}
	for id, held := range t.Subnets {
		if owns(t, held) {
			held.Is = *t.shownSubnet(held.Is)
			counted[id] = held
		}
	}
	found, next, err := describe(t, counted, subnetKind, subnetFilters,
		question{ids: in.SubnetIds, filters: in.Filters, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeSubnetsOutput{Subnets: found, NextToken: next}, nil
}

func (s *Service) deleteSubnet(t *turn, in *sdk.DeleteSubnetInput) (*sdk.DeleteSubnetOutput, error) {
	subnet, err := find(t, t.Subnets, in.SubnetId, subnetKind)
	if err != nil {
		return nil, err
	}
	id := *subnet.SubnetId
	for _, held := range t.Interfaces {
		if *held.Is.SubnetId == id {
			return nil, dependency("The subnet '%s' has dependencies and cannot be deleted.", id)
		}
	}
	for tableID, held := range t.RouteTables {
		routes := held.Is
		routes.Associations = slices.DeleteFunc(slices.Clone(routes.Associations), func(a types.RouteTableAssociation) bool {
			return aws.ToString(a.SubnetId) == id
		})
		put(t.RouteTables, tableID, routes)
	}
	delete(t.Subnets, id)
	delete(t.Tags, id)
	return &sdk.DeleteSubnetOutput{}, nil
}

func (s *Service) modifySubnetAttribute(t *turn, in *sdk.ModifySubnetAttributeInput) (*sdk.ModifySubnetAttributeOutput, error) {
	subnet, err := find(t, t.Subnets, in.SubnetId, subnetKind)
	if err != nil {
		return nil, err
	}
	options := *subnet.PrivateDnsNameOptionsOnLaunch
	set := func(to **bool, value *types.AttributeBooleanValue) {
		if value != nil {
			*to = aws.Bool(aws.ToBool(value.Value))
		}
	}
	if in.AssignIpv6AddressOnCreation != nil && aws.ToBool(in.AssignIpv6AddressOnCreation.Value) && !ipv6Of(subnet).IsValid() {
		return nil, invalidValue("Invalid value 'true' for assignIpv6AddressOnCreation. The subnet '%s' does not have an IPv6 CIDR block.", *subnet.SubnetId)
	}
	set(&subnet.MapPublicIpOnLaunch, in.MapPublicIpOnLaunch)
	set(&subnet.AssignIpv6AddressOnCreation, in.AssignIpv6AddressOnCreation)
	set(&subnet.EnableDns64, in.EnableDns64)
	set(&options.EnableResourceNameDnsARecord, in.EnableResourceNameDnsARecordOnLaunch)
	set(&options.EnableResourceNameDnsAAAARecord, in.EnableResourceNameDnsAAAARecordOnLaunch)
	if in.PrivateDnsHostnameTypeOnLaunch != "" {
		options.HostnameType = in.PrivateDnsHostnameTypeOnLaunch
	}
	subnet.PrivateDnsNameOptionsOnLaunch = &options
	put(t.Subnets, *subnet.SubnetId, subnet)
	return &sdk.ModifySubnetAttributeOutput{}, nil
}

// zone is an availability zone.
type zone struct{ name, id string }

// zonesOf are the availability zones of a region: three, and six in us-east-1.
func zonesOf(region string) []zone {
	short := map[string]string{
		"us-east-1": "use1", "us-east-2": "use2", "us-west-1": "usw1", "us-west-2": "usw2", "eu-west-1": "euw1", "eu-west-2": "euw2",
		"eu-west-3": "euw3", "eu-central-1": "euc1", "eu-north-1": "eun1", "ap-southeast-1": "apse1", "ap-southeast-2": "apse2",
		"ap-northeast-1": "apne1", "ap-northeast-2": "apne2", "ap-northeast-3": "apne3", "ap-south-1": "aps1", "sa-east-1": "sae1", "ca-central-1": "cac1",
	}[region]
	if short == "" {
		short = strings.ReplaceAll(region, "-", "")
	}
	letters := "abc"
	if region == "us-east-1" {
		letters = "abcdef"
	}
	var zones []zone
	for i, letter := range letters {
		zones = append(zones, zone{region + string(letter), short + "-az" + strconv.Itoa(i+1)})
	}
	return zones
}

// zoneFor is the zone with a name or an id, the first one without either.
func zoneFor(region, name, id string) (zone, error) {
	zones := zonesOf(region)
	if name == "" && id == "" {
		return zones[0], nil
	}
	var names []string
	for _, z := range zones {
		if z.name == name || z.id == id {
			return z, nil
		}
		names = append(names, z.name)
	}
	return zone{}, invalidValue("Value (%s) for parameter availabilityZone is invalid. Subnets can currently only be created "+
		"in the following availability zones: %s.", name+id, strings.Join(names, ", "))
}
