package ec2

import (
	"fmt"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var addressFilters = filters[types.Address]{
	"allocation-id":              of(func(a types.Address) *string { return a.AllocationId }),
	"association-id":             of(func(a types.Address) *string { return a.AssociationId }),
	"public-ip":                  of(func(a types.Address) *string { return a.PublicIp }),
	"private-ip-address":         of(func(a types.Address) *string { return a.PrivateIpAddress }),
	"network-interface-id":       of(func(a types.Address) *string { return a.NetworkInterfaceId }),
	"network-interface-owner-id": of(func(a types.Address) *string { return a.NetworkInterfaceOwnerId }),
	"network-border-group":       of(func(a types.Address) *string { return a.NetworkBorderGroup }),
	"instance-id":                of(func(a types.Address) *string { return a.InstanceId }),
	"domain":                     func(a types.Address) []string { return []string{string(a.Domain)} },
}

// freePublicAddress draws a free public address. They are of a range that is
// routed nowhere (RFC 2544), so that nobody's machine is asked by mistake.
func (s *Service) freePublicAddress(c *content) string {
	for {
		address := fmt.Sprintf("198.%d.%d.%d", 18+s.env.Random.IntN(2), s.env.Random.IntN(256), 1+s.env.Random.IntN(254))
		if _, taken := c.addressAt(address); !taken {
			return address
		}
	}
}

func (c *content) addressAt(publicIP string) (types.Address, bool) {
	for _, held := range c.Addresses {
		if *held.Is.PublicIp == publicIP {
			return held.Is, true
		}
	}
	return types.Address{}, false
}

func unassociated(a types.Address) types.Address {
	a.AssociationId, a.NetworkInterfaceId, a.NetworkInterfaceOwnerId, a.PrivateIpAddress, a.ServiceManaged = nil, nil, nil, nil, ""
	return a
}

func (s *Service) allocateAddress(t *turn, in *sdk.AllocateAddressInput) (*sdk.AllocateAddressOutput, error) {
	if in.Domain != "" && in.Domain != types.DomainTypeVpc {
		return nil, invalidValue("Invalid value '%s' for domain. It must be 'vpc'.", in.Domain)
	}
	if count(t, t.Addresses) >= s.quotas.Addresses {
		return nil, frame.Errorf("AddressLimitExceeded", "The maximum number of addresses has been reached.")
	}
	tagged, err := t.tagSpecifications(in.TagSpecifications, types.ResourceTypeElasticIp)
	if err != nil {
		return nil, err
	}
	publicIP := s.freePublicAddress(t.content)
	if in.Address != nil {
		if _, err := netip.ParseAddr(*in.Address); err != nil {
			return nil, invalidValue("Invalid value '%s' for address", *in.Address)
		}
		if _, taken := t.addressAt(*in.Address); taken {
			return nil, frame.Errorf("InvalidAddress.Locked", "Address '%s' is not available.", *in.Address)
		}
		publicIP = *in.Address
	}
	id := s.newID(addressKind.prefix)
	address := types.Address{
		AllocationId: &id, PublicIp: &publicIP, Domain: types.DomainTypeVpc, PublicIpv4Pool: aws.String("amazon"),
		NetworkBorderGroup: aws.String(t.Region),
	}
	t.Addresses[id] = made(t, address)
	t.tag(id, tagged)
	return &sdk.AllocateAddressOutput{
		AllocationId: &id, PublicIp: &publicIP, Domain: address.Domain, PublicIpv4Pool: address.PublicIpv4Pool,
		NetworkBorderGroup: address.NetworkBorderGroup,
	}, nil
}

func (s *Service) describeAddresses(t *turn, in *sdk.DescribeAddressesInput) (*sdk.DescribeAddressesOutput, error) {
	ids := in.AllocationIds
	for _, publicIP := range in.PublicIps {
		address, ok := t.addressAt(publicIP)
		if !ok || !owns(t, t.Addresses[*address.AllocationId]) {
			return nil, frame.Errorf("InvalidAddress.NotFound", "Address '%s' not found.", publicIP)
		}
		ids = append(ids[:len(ids):len(ids)], *address.AllocationId)
	}
	found, _, err := describe(t, t.Addresses, addressKind, addressFilters, question{ids: ids, filters: in.Filters})
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].Tags = t.Tags[*found[i].AllocationId].list()
	}
	return &sdk.DescribeAddressesOutput{Addresses: found}, nil
}

// findAddress finds an address by its allocation or as it is.
func (t *turn) findAddress(allocationID, publicIP *string) (types.Address, error) {
	if allocationID == nil && publicIP != nil {
		address, ok := t.addressAt(*publicIP)
		if !ok || !owns(t, t.Addresses[*address.AllocationId]) {
			return address, frame.Errorf("InvalidAddress.NotFound", "Address '%s' not found.", *publicIP)
		}
		return address, nil
	}
	return find(t, t.Addresses, allocationID, addressKind)
}

func (s *Service) releaseAddress(t *turn, in *sdk.ReleaseAddressInput) (*sdk.ReleaseAddressOutput, error) {
	address, err := t.findAddress(in.AllocationId, in.PublicIp)
	if err != nil {
		return nil, err
	}
	if address.AssociationId != nil {
		return nil, frame.Errorf("InvalidIPAddress.InUse", "Address %s is in use.", *address.PublicIp)
	}
	delete(t.Addresses, *address.AllocationId)
	delete(t.Tags, *address.AllocationId)
	return &sdk.ReleaseAddressOutput{}, nil
}

func (s *Service) associateAddress(t *turn, in *sdk.AssociateAddressInput) (*sdk.AssociateAddressOutput, error) {
	address, err := t.findAddress(in.AllocationId, in.PublicIp)
	if err != nil {
		return nil, err
	}
	interfaceID := in.NetworkInterfaceId
	if in.InstanceId != nil {
		i, err := find(t, t.Instances, in.InstanceId, instanceKind)
		if err != nil {
			return nil, err
		}
		if len(i.NetworkInterfaces) == 0 {
			return nil, frame.Errorf("IncorrectInstanceState", "The instance '%s' is not in a valid state for this operation.", *in.InstanceId)
		}
		interfaceID = i.NetworkInterfaces[0].NetworkInterfaceId
	}
	nic, err := find(t, t.Interfaces, interfaceID, interfaceKind)
	if err != nil {
		return nil, err
	}
	if !t.gatewayOf(*nic.VpcId) {
		return nil, frame.Errorf("Gateway.NotAttached", "Network %s is not attached to any internet gateway", *nic.VpcId)
	}
	if !aws.ToBool(in.AllowReassociation) && (address.AssociationId != nil || nic.Association != nil && nic.Association.AssociationId != nil) {
		id := aws.ToString(address.AssociationId)
		if id == "" {
			id = *nic.Association.AssociationId
		}
		return nil, frame.Errorf("Resource.AlreadyAssociated", "resource %s is already associated with associate-id %s", *address.AllocationId, id)
	}
	t.disassociate(address)
	if nic = t.Interfaces[*nic.NetworkInterfaceId].Is; nic.Association != nil {
		t.disassociate(t.Addresses[aws.ToString(nic.Association.AllocationId)].Is)
	}
	id := s.associate(t.content, t.Caller.Account, t.Interfaces[*nic.NetworkInterfaceId].Is, t.Addresses[*address.AllocationId].Is)
	return &sdk.AssociateAddressOutput{AssociationId: &id}, nil
}

// associate gives an interface a public address, both as they are in the tables.
func (s *Service) associate(c *content, account string, nic networkInterface, address types.Address) string {
	id := s.newID("eipassoc")
	address.AssociationId, address.NetworkInterfaceId, address.NetworkInterfaceOwnerId = &id, nic.NetworkInterfaceId, &account
	address.PrivateIpAddress = nic.PrivateIpAddress
	put(c.Addresses, *address.AllocationId, address)
	nic.Association = &types.NetworkInterfaceAssociation{
		AllocationId: address.AllocationId, AssociationId: &id, IpOwnerId: &account, PublicIp: address.PublicIp,
	}
	put(c.Interfaces, *nic.NetworkInterfaceId, withPrimary(nic))
	return id
}

// disassociate takes an address from its interface, if it is at one.
func (t *turn) disassociate(address types.Address) {
	if address.AssociationId == nil {
		return
	}
	if held, ok := t.Interfaces[aws.ToString(address.NetworkInterfaceId)]; ok {
		held.Is.Association = nil
		put(t.Interfaces, *held.Is.NetworkInterfaceId, withPrimary(held.Is))
	}
	put(t.Addresses, *address.AllocationId, unassociated(address))
}

func (s *Service) disassociateAddress(t *turn, in *sdk.DisassociateAddressInput) (*sdk.DisassociateAddressOutput, error) {
	for _, held := range t.Addresses {
		is := held.Is
		if !owns(t, held) || is.AssociationId == nil || *is.AssociationId != aws.ToString(in.AssociationId) && *is.PublicIp != aws.ToString(in.PublicIp) {
			continue
		}
		if t.Interfaces[*is.NetworkInterfaceId].Is.managed() {
			return nil, frame.Errorf("AuthFailure", "You do not have permission to access the specified resource.")
		}
		t.disassociate(is)
		return &sdk.DisassociateAddressOutput{}, nil
	}
	return nil, frame.Errorf("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", aws.ToString(in.AssociationId))
}
