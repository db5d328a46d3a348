package ec2

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var interfaceFilters = filters[networkInterface]{
	"network-interface-id": of(func(n networkInterface) *string { return n.NetworkInterfaceId }),
	"vpc-id":               of(func(n networkInterface) *string { return n.VpcId }),
	"subnet-id":            of(func(n networkInterface) *string { return n.SubnetId }),
	"availability-zone":    of(func(n networkInterface) *string { return n.AvailabilityZone }),
	"description":          of(func(n networkInterface) *string { return n.Description }),
	"owner-id":             of(func(n networkInterface) *string { return n.OwnerId }),
	"mac-address":          of(func(n networkInterface) *string { return n.MacAddress }),
	"private-ip-address":   of(func(n networkInterface) *string { return n.PrivateIpAddress }),
	"requester-id":         of(func(n networkInterface) *string { return n.RequesterId }),
	"requester-managed":    flag(func(n networkInterface) bool { return aws.ToBool(n.RequesterManaged) }),
	"status":               func(n networkInterface) []string { return []string{string(n.Status)} },
	"interface-type":       func(n networkInterface) []string { return []string{string(n.InterfaceType)} },
	"group-id": func(n networkInterface) (ids []string) {
		for _, g := range n.Groups {
			ids = append(ids, *g.GroupId)
		}
		return ids
	},
	"group-name": func(n networkInterface) (names []string) {
		for _, g := range n.Groups {
			names = append(names, *g.GroupName)
		}
		return names
	},
	"addresses.private-ip-address": func(n networkInterface) (addresses []string) {
		for _, one := range n.PrivateIpAddresses {
			addresses = append(addresses, *one.PrivateIpAddress)
		}
		return addresses
	},
	"association.public-ip": ofPublic(func(a *types.NetworkInterfaceAssociation) *string { return a.PublicIp }),
	"addresses.association.public-ip": ofPublic(func(a *types.NetworkInterfaceAssociation) *string {
		return a.PublicIp
	}),
	"association.allocation-id": ofPublic(func(a *types.NetworkInterfaceAssociation) *string { return a.AllocationId }),
	"attachment.status": func(n networkInterface) []string {
		if n.Attachment == nil {
			return nil
		}
		return []string{string(n.Attachment.Status)}
	},
}

func ofPublic(get func(*types.NetworkInterfaceAssociation) *string) func(networkInterface) []string {
	return func(n networkInterface) []string {
		if n.Association == nil {
			return nil
		}
		return of(get)(n.Association)
	}
}

// managed tells that AWS, not the user, has the interface.
func (n networkInterface) managed() bool { return aws.ToBool(n.RequesterManaged) }

// withPrimary lists the interface's own address first, with the public one that it has.
func withPrimary(n networkInterface) networkInterface {
	primary := types.NetworkInterfacePrivateIpAddress{
		PrivateIpAddress: n.PrivateIpAddress, PrivateDnsName: n.PrivateDnsName, Primary: aws.Bool(true), Association: n.Association,
	}
	var others []types.NetworkInterfacePrivateIpAddress
	if len(n.PrivateIpAddresses) > 0 {
		others = n.PrivateIpAddresses[1:]
	}
	n.PrivateIpAddresses = append([]types.NetworkInterfacePrivateIpAddress{primary}, others...)
	return n
}

// wanted is a network interface to be made.
type wanted struct {
	account, region, subnetID, description string
	groupIDs                               []string
	address                                netip.Addr
}

// addInterface makes a network interface that is not attached to anything.
func (s *Service) addInterface(c *content, w wanted) (networkInterface, error) {
	var nic networkInterface
	held, ok := c.Subnets[w.subnetID]
	if !ok || held.Account != w.account || held.Region != w.region {
		return nic, subnetKind.missing(w.subnetID)
	}
	subnet := held.Is
	groups, err := s.groupsFor(c, w, *subnet.VpcId)
	if err != nil {
		return nic, err
	}
	address, err := c.addressIn(subnet, w.address)
	if err != nil {
		return nic, err
	}
	id := s.newID(interfaceKind.prefix)
	mac := s.env.Random.String(10, "0123456789abcdef")
	text := address.String()
	nic.NetworkInterface = types.NetworkInterface{
		NetworkInterfaceId: &id, SubnetId: subnet.SubnetId, VpcId: subnet.VpcId, OwnerId: &w.account, Description: &w.description,
		AvailabilityZone: subnet.AvailabilityZone, AvailabilityZoneId: subnet.AvailabilityZoneId, Groups: groups,
		InterfaceType: types.NetworkInterfaceTypeInterface, Status: types.NetworkInterfaceStatusAvailable,
		PrivateIpAddress: &text, PrivateDnsName: aws.String(privateName(w.region, text)),
		MacAddress:       aws.String("02:" + mac[:2] + ":" + mac[2:4] + ":" + mac[4:6] + ":" + mac[6:8] + ":" + mac[8:]),
		RequesterManaged: aws.Bool(false), SourceDestCheck: aws.Bool(true),
		Ipv6Addresses: []types.NetworkInterfaceIpv6Address{},
	}
	nic = withPrimary(nic)
	c.Interfaces[id] = item[networkInterface]{Account: w.account, Region: w.region, Is: nic}
	return nic, nil
}

func privateName(region, address string) string {
	name := "ip-" + strings.ReplaceAll(address, ".", "-")
	if region == "us-east-1" {
		return name + ".ec2.internal"
	}
	return name + "." + region + ".compute.internal"
}

// groupsFor checks the groups of an interface; it has the VPC's own one without any.
func (s *Service) groupsFor(c *content, w wanted, vpcID string) ([]types.GroupIdentifier, error) {
	ids := w.groupIDs
	if len(ids) == 0 {
		ids = []string{c.defaultGroup(vpcID)}
	}
	if len(ids) > s.quotas.GroupsPerNIC {
		return nil, frame.Errorf("SecurityGroupsPerInterfaceLimitExceeded", "The maximum number of security groups per interface has been reached.")
	}
	var groups []types.GroupIdentifier
	for _, id := range ids {
		held, ok := c.Groups[id]
		if !ok || held.Account != w.account || held.Region != w.region {
			return nil, groupKind.missing(id)
		}
		if held.Is.VpcID != vpcID {
			return nil, frame.Errorf("InvalidParameter", "Security group %s and subnet %s belong to different networks.", id, w.subnetID)
		}
		groups = append(groups, types.GroupIdentifier{GroupId: aws.String(id), GroupName: aws.String(held.Is.Name)})
	}
	return groups, nil
}

func (c *content) defaultGroup(vpcID string) string {
	for _, id := range sortedIDs(c.Groups) {
		if g := c.Groups[id].Is; g.VpcID == vpcID && g.Name == defaultGroup {
			return id
		}
	}
	return ""
}

// addressIn takes the address asked for, or the first free one, of a subnet.
func (c *content) addressIn(subnet types.Subnet, asked netip.Addr) (netip.Addr, error) {
	block := netip.MustParsePrefix(*subnet.CidrBlock)
	used := c.usedIn(*subnet.SubnetId)
	size := 1 << (32 - block.Bits())
	if asked.IsValid() {
		switch {
		case !block.Contains(asked):
			return asked, invalidValue("Address does not fall within the subnet's address range")
		case used[asked]:
			return asked, frame.Errorf("InvalidIPAddress.InUse", "The specified address is already in use.")
		}
		return asked, nil
	}
	address := block.Addr()
	for range size - 1 {
		first := address == block.Addr()
		if !first && !used[address] && distance(block.Addr(), address) >= reserved-1 {
			return address, nil
		}
		address = address.Next()
	}
	return address, frame.Errorf("InsufficientFreeAddressesInSubnet", "The specified subnet does not have enough free addresses to satisfy the request.")
}

// distance is how many addresses one comes after another, up to 255.
func distance(from, to netip.Addr) int {
	a, b := from.As4(), to.As4()
	if a[0] != b[0] || a[1] != b[1] || a[2] != b[2] {
		return 255
	}
	return int(b[3]) - int(a[3])
}

func (s *Service) createInterface(t *turn, in *sdk.CreateNetworkInterfaceInput) (*sdk.CreateNetworkInterfaceOutput, error) {
	if _, err := find(t, t.Subnets, in.SubnetId, subnetKind); err != nil {
		return nil, err
	}
	tagged, err := t.tagSpecifications(in.TagSpecifications, types.ResourceTypeNetworkInterface)
	if err != nil {
		return nil, err
	}
	w := wanted{
		account: t.Caller.Account, region: t.Region, subnetID: *in.SubnetId, description: aws.ToString(in.Description), groupIDs: in.Groups,
	}
	asked := in.PrivateIpAddress
	for _, one := range in.PrivateIpAddresses {
		if aws.ToBool(one.Primary) {
			asked = one.PrivateIpAddress
		}
	}
	if asked != nil {
		if w.address, err = netip.ParseAddr(*asked); err != nil {
			return nil, invalidValue("Invalid IPv4 address '%s'", *asked)
		}
	}
	nic, err := s.addInterface(t.content, w)
	if err != nil {
		return nil, err
	}
	t.Interfaces[*nic.NetworkInterfaceId] = made(t, nic)
	t.tag(*nic.NetworkInterfaceId, tagged)
	return &sdk.CreateNetworkInterfaceOutput{NetworkInterface: t.shownInterface(nic), ClientToken: in.ClientToken}, nil
}

func (t *turn) shownInterface(n networkInterface) *types.NetworkInterface {
	shown := n.NetworkInterface
	shown.TagSet = t.Tags[*n.NetworkInterfaceId].list()
	return &shown
}

func (s *Service) describeInterfaces(t *turn, in *sdk.DescribeNetworkInterfacesInput) (*sdk.DescribeNetworkInterfacesOutput, error) {
	found, next, err := describe(t, t.Interfaces, interfaceKind, interfaceFilters,
		question{ids: in.NetworkInterfaceIds, filters: in.Filters, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeNetworkInterfacesOutput{NetworkInterfaces: []types.NetworkInterface{}, NextToken: next}
	for _, n := range found {
		out.NetworkInterfaces = append(out.NetworkInterfaces, *t.shownInterface(n))
	}
	return out, nil
}

func (s *Service) deleteInterface(t *turn, in *sdk.DeleteNetworkInterfaceInput) (*sdk.DeleteNetworkInterfaceOutput, error) {
	nic, err := find(t, t.Interfaces, in.NetworkInterfaceId, interfaceKind)
	if err != nil {
		return nil, err
	}
	id := *nic.NetworkInterfaceId
	if nic.Status == types.NetworkInterfaceStatusInUse {
		return nil, invalidValue("Network interface '%s' is currently in use.", id)
	}
	if nic.Association != nil {
		t.disassociate(t.Addresses[aws.ToString(nic.Association.AllocationId)].Is)
	}
	delete(t.Interfaces, id)
	delete(t.Tags, id)
	return &sdk.DeleteNetworkInterfaceOutput{}, nil
}

func (s *Service) modifyInterface(t *turn, in *sdk.ModifyNetworkInterfaceAttributeInput) (*sdk.ModifyNetworkInterfaceAttributeOutput, error) {
	nic, err := find(t, t.Interfaces, in.NetworkInterfaceId, interfaceKind)
	if err != nil {
		return nil, err
	}
	if nic.managed() {
		return nil, frame.Errorf("AuthFailure", "You do not have permission to access the specified resource.")
	}
	if in.Description != nil {
		nic.Description = in.Description.Value
	}
	if in.SourceDestCheck != nil {
		nic.SourceDestCheck = in.SourceDestCheck.Value
	}
	if len(in.Groups) > 0 {
		w := wanted{account: t.Caller.Account, region: t.Region, subnetID: *nic.SubnetId, groupIDs: slices.Clone(in.Groups)}
		if nic.Groups, err = s.groupsFor(t.content, w, *nic.VpcId); err != nil {
			return nil, err
		}
	}
	put(t.Interfaces, *nic.NetworkInterfaceId, nic)
	return &sdk.ModifyNetworkInterfaceAttributeOutput{}, nil
}
