package ec2

import (
	"net/netip"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// Load balancing sees the network through these methods.
var _ elbv2.Network = (*Service)(nil)

func (s *Service) current() *content { return s.store.Now().settled(s.env.Clock.Now()) }

func in[T any](all table[T], account, region, id string) (T, bool) {
	held, ok := all[id]
	return held.Is, ok && held.Account == account && held.Region == region
}

// Subnet is a subnet as load balancing sees it.
func (s *Service) Subnet(account, region, id string) (elbv2.Subnet, bool) {
	c := s.current()
	subnet, ok := in(c.Subnets, account, region, id)
	if !ok {
		return elbv2.Subnet{}, false
	}
	return elbv2.Subnet{
		ID: id, VpcID: *subnet.VpcId, Zone: *subnet.AvailabilityZone, ZoneID: *subnet.AvailabilityZoneId,
		CIDR: netip.MustParsePrefix(*subnet.CidrBlock), IPv6CIDR: ipv6Of(subnet), Free: c.free(subnet),
	}, true
}

// SecurityGroup is a security group as load balancing sees it.
func (s *Service) SecurityGroup(account, region, id string) (elbv2.SecurityGroup, bool) {
	g, ok := in(s.store.Now().Groups, account, region, id)
	return elbv2.SecurityGroup{ID: g.ID, VpcID: g.VpcID, Name: g.Name}, ok
}

// DefaultSecurityGroup is the id of a VPC's own group, empty for an unknown VPC.
func (s *Service) DefaultSecurityGroup(account, region, vpcID string) string {
	c := s.store.Now()
	if _, ok := in(c.VPCs, account, region, vpcID); !ok {
		return ""
	}
	return c.defaultGroup(vpcID)
}

// HasInternetGateway tells whether a VPC has one.
func (s *Service) HasInternetGateway(account, region, vpcID string) bool {
	c := s.store.Now()
	_, ok := in(c.VPCs, account, region, vpcID)
	return ok && c.gatewayOf(vpcID)
}

// Allocation is an address as load balancing sees it.
func (s *Service) Allocation(account, region, allocationID string) (elbv2.Allocation, bool) {
	address, ok := in(s.current().Addresses, account, region, allocationID)
	if !ok {
		return elbv2.Allocation{}, false
	}
	return elbv2.Allocation{
		ID: allocationID, PublicIP: netip.MustParseAddr(*address.PublicIp), InUse: address.AssociationId != nil,
	}, true
}

// CreateInterface makes a network interface that AWS manages: it is in use,
// holds its groups, and the user can neither change nor delete it.
func (s *Service) CreateInterface(n elbv2.NewInterface) (made elbv2.Interface, err error) {
	err = s.change(func(draft *content, now time.Time) error {
		nic, err := s.addInterface(draft, wanted{
			account: n.Account, region: n.Region, subnetID: n.SubnetID, description: n.Description, groupIDs: n.GroupIDs, address: n.PrivateIP,
		})
		if err != nil {
			return err
		}
		nic.InterfaceType = interfaceType(n.Description)
		nic.Status = types.NetworkInterfaceStatusInUse
		nic.RequesterManaged, nic.RequesterId = aws.Bool(true), aws.String("amazon-elb")
		nic.Attachment = &types.NetworkInterfaceAttachment{
			AttachmentId: aws.String("ela-attach-0" + s.env.Random.String(16, "0123456789abcdef")), AttachTime: aws.Time(now.UTC()),
			DeleteOnTermination: aws.Bool(false), DeviceIndex: aws.Int32(1), InstanceOwnerId: aws.String("amazon-aws"),
			Status: types.AttachmentStatusAttached,
		}
		// Network load balancers may have no group at all.
		if len(n.GroupIDs) == 0 && nic.InterfaceType != types.NetworkInterfaceTypeInterface {
			nic.Groups = []types.GroupIdentifier{}
		}
		id := *nic.NetworkInterfaceId
		put(draft.Interfaces, id, nic)
		made = elbv2.Interface{ID: id, PrivateIP: netip.MustParseAddr(*nic.PrivateIpAddress)}
		if n.AllocationID == "" {
			return nil
		}
		address, ok := in(draft.Addresses, n.Account, n.Region, n.AllocationID)
		if !ok {
			return addressKind.missing(n.AllocationID)
		}
		if address.AssociationId != nil {
			return invalidValue("The allocation ID '%s' is already associated with %s", n.AllocationID, *address.AssociationId)
		}
		s.associate(draft, n.Account, nic, address)
		made.PublicIP = netip.MustParseAddr(*address.PublicIp)
		return nil
	})
	return made, err
}

// interfaceType follows from how load balancing describes its interfaces.
func interfaceType(description string) types.NetworkInterfaceType {
	switch {
	case strings.HasPrefix(description, "ELB net/"):
		return types.NetworkInterfaceTypeNetworkLoadBalancer
	case strings.HasPrefix(description, "ELB gwy/"):
		return types.NetworkInterfaceTypeGatewayLoadBalancer
	}
	return types.NetworkInterfaceTypeInterface
}

// SetInterfaceGroups replaces the groups of an interface; unknown ones are left out.
func (s *Service) SetInterfaceGroups(interfaceID string, groupIDs []string) {
	s.alter(func(draft *content, _ time.Time) {
		held, ok := draft.Interfaces[interfaceID]
		if !ok {
			return
		}
		held.Is.Groups = []types.GroupIdentifier{}
		for _, id := range groupIDs {
			if g, ok := in(draft.Groups, held.Account, held.Region, id); ok {
				held.Is.Groups = append(held.Is.Groups, types.GroupIdentifier{GroupId: aws.String(id), GroupName: aws.String(g.Name)})
			}
		}
		draft.Interfaces[interfaceID] = held
	})
}

// ReleaseInterface lets an interface cease to exist at a moment. Until then it
// holds its groups, its subnet and its addresses.
func (s *Service) ReleaseInterface(interfaceID string, at time.Time) {
	s.alter(func(draft *content, now time.Time) {
		held, ok := draft.Interfaces[interfaceID]
		if !ok {
			return
		}
		held.Is.Gone = at.UTC()
		draft.Interfaces[interfaceID] = held
		draft.settle(now)
	})
}
