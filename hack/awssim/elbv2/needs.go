package elbv2

import (
	"net/netip"
	"time"
)

// Network is what load balancers need of EC2. Its methods must not call back
// into this package's writes: they are called while a write is under way.
type Network interface {
	VPC(account, region, id string) (VPC, bool)
	Subnet(account, region, id string) (Subnet, bool)
	// SubnetHolding is the subnet of a VPC that an address is in.
	SubnetHolding(account, region, vpcID string, address netip.Addr) (Subnet, bool)
	SecurityGroup(account, region, id string) (SecurityGroup, bool)
	// DefaultSecurityGroup is the id of a VPC's own group.
	DefaultSecurityGroup(account, region, vpcID string) string
	HasInternetGateway(account, region, vpcID string) bool
	// Allocation is an Elastic IP address.
	Allocation(account, region, allocationID string) (Allocation, bool)
	// CreateInterface makes a requester-managed network interface, which holds
	// its security groups, an address of the subnet and the Elastic IP address.
	CreateInterface(NewInterface) (Interface, error)
	// SetInterfaceGroups replaces the security groups an interface holds.
	SetInterfaceGroups(interfaceID string, groupIDs []string)
	// ReleaseInterface has the interface linger until then; after that it is gone.
	ReleaseInterface(interfaceID string, at time.Time)
}

// VPC is a VPC of EC2 with its blocks of IPv4 and IPv6 addresses.
type VPC struct {
	ID     string
	Blocks []netip.Prefix
}

// Subnet is a subnet of EC2.
type Subnet struct {
	ID, VpcID string
	// Zone is the zone's name (us-east-1a), ZoneID its id (use1-az1).
	Zone, ZoneID string
	CIDR         netip.Prefix
	// IPv6CIDR is the zero Prefix for a subnet without IPv6.
	IPv6CIDR netip.Prefix
	// Free counts the IPv4 addresses that nothing holds.
	Free int
}

// SecurityGroup is a security group of EC2.
type SecurityGroup struct{ ID, VpcID, Name string }

// Allocation is an Elastic IP address of EC2.
type Allocation struct {
	ID       string
	PublicIP netip.Addr
	// InUse tells that the address is associated with something.
	InUse bool
}

// NewInterface is a network interface to be made.
type NewInterface struct {
	Account, Region, SubnetID string
	// Description names the load balancer: "ELB app/<name>/<id>", "ELB net/…", "ELB gwy/…".
	Description string
	GroupIDs    []string
	// PrivateIP is the address to take; the zero Addr is any.
	PrivateIP netip.Addr
	// AllocationID associates an Elastic IP address; empty is none.
	AllocationID string
}

// Interface is a network interface that was made; PublicIP is that of its
// Elastic IP address, or zero.
type Interface struct {
	ID        string
	PrivateIP netip.Addr
	PublicIP  netip.Addr
}

// Certificates is what listeners need of ACM.
type Certificates interface {
	Certificate(account, region, arn string) (Certificate, bool)
}

// Certificate is a certificate of ACM. Status is "ISSUED", "PENDING_VALIDATION"
// and so on, as ACM spells it.
type Certificate struct {
	ARN         string
	Status      string
	DomainNames []string
}
