package elbv2

import (
	"cmp"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// zones checks the subnets of a call, given in either way, and sets the load
// balancer's VPC. What it gives is sorted by zone, and has neither interfaces
// nor addresses yet.
func (w *write) zones(b *balancer, subnets []string, mappings []types.SubnetMapping) ([]zone, error) {
	if len(subnets) > 0 && len(mappings) > 0 {
		return nil, invalid("You can specify either subnets or subnet mappings, not both")
	}
	for _, id := range subnets {
		mappings = append(mappings, types.SubnetMapping{SubnetId: &id})
	}
	var zones []zone
	vpc := b.VPC
	for i := range mappings {
		mapping := &mappings[i]
		subnet, ok := w.service.network.Subnet(b.Account, b.Region, aws.ToString(mapping.SubnetId))
		switch {
		case mapping.SubnetId == nil:
			return nil, missing("SubnetId")
		case !ok:
			return nil, frame.Errorf("SubnetNotFound", "The subnet ID '%s' does not exist", *mapping.SubnetId)
		case vpc == "":
			vpc = subnet.VpcID
		case vpc != subnet.VpcID:
			return nil, misconfigured("All subnets must belong to the same VPC: '%s'", vpc)
		}
		if slices.ContainsFunc(zones, func(z zone) bool { return z.Name == subnet.Zone }) {
			return nil, misconfigured("A load balancer cannot be attached to multiple subnets in the same Availability Zone")
		}
		if err := w.checkSubnet(b, subnet); err != nil {
			return nil, err
		}
		made := zone{Name: subnet.Zone, Subnet: subnet.ID}
		if err := w.applyMapping(b, &made, subnet, mapping); err != nil {
			return nil, err
		}
		zones = append(zones, made)
	}
	if err := b.checkZoneCount(len(zones)); err != nil {
		return nil, err
	}
	if b.Scheme == types.LoadBalancerSchemeEnumInternetFacing && !w.service.network.HasInternetGateway(b.Account, b.Region, vpc) {
		return nil, frame.Errorf("InvalidSubnet", "VPC %s has no internet gateway", vpc)
	}
	b.VPC = vpc
	slices.SortFunc(zones, func(a, b zone) int { return cmp.Compare(a.Name, b.Name) })
	return zones, nil
}

func (b *balancer) checkZoneCount(n int) error {
	switch {
	case b.Type == types.LoadBalancerTypeEnumApplication && n < 2:
		return invalid("At least two subnets in two different Availability Zones must be specified")
	case n == 0:
		return invalid("At least one subnet must be specified")
	}
	return nil
}

// An application load balancer's subnet has at least this many free addresses,
// and is no smaller than this.
const (
	leastFree   = 8
	longestCIDR = 27
)

// checkSubnet tells why a subnet that is not the load balancer's already cannot be.
func (w *write) checkSubnet(b *balancer, subnet Subnet) error {
	dualstack := b.IPAddressType != types.IpAddressTypeIpv4
	held := slices.ContainsFunc(b.Zones, func(z zone) bool { return z.Subnet == subnet.ID })
	switch {
	case dualstack && !subnet.IPv6CIDR.IsValid():
		return invalid("You must specify subnets with an associated IPv6 CIDR block.")
	case held:
		return nil
	case b.Type == types.LoadBalancerTypeEnumApplication && subnet.CIDR.Bits() > longestCIDR:
		return frame.Errorf("InvalidSubnet", "The subnet '%s' must have a CIDR block with at least a /%d bitmask", subnet.ID, longestCIDR)
	case b.Type == types.LoadBalancerTypeEnumApplication && subnet.Free < leastFree, subnet.Free < 1:
		return frame.Errorf("InvalidSubnet", "Not enough IP space available in %s. ELB requires at least %d free IP addresses in each subnet.",
			subnet.ID, leastFree)
	}
	return nil
}

// applyMapping takes what a subnet mapping asks for, which network load balancers can have.
func (w *write) applyMapping(b *balancer, made *zone, subnet Subnet, mapping *types.SubnetMapping) error {
	made.Allocation, made.PrivateIPv4 = aws.ToString(mapping.AllocationId), aws.ToString(mapping.PrivateIPv4Address)
	made.IPv6, made.SourceNatIPv6 = aws.ToString(mapping.IPv6Address), aws.ToString(mapping.SourceNatIpv6Prefix)
	if err := b.checkMapping(made); err != nil {
		return err
	}
	switch {
	case made.PrivateIPv4 != "" && !within(made.PrivateIPv4, subnet.CIDR):
		return misconfigured("The IPv4 address '%s' is not in the CIDR block of the subnet '%s'", made.PrivateIPv4, subnet.ID)
	case made.IPv6 != "" && (b.IPAddressType == types.IpAddressTypeIpv4 || !within(made.IPv6, subnet.IPv6CIDR)):
		return misconfigured("The IPv6 address '%s' is not in an IPv6 CIDR block of the subnet '%s'", made.IPv6, subnet.ID)
	}
	return w.checkAllocation(b, made)
}

// checkMapping checks what a load balancer of its type and scheme can ask for.
func (b *balancer) checkMapping(made *zone) error {
	network := b.Type == types.LoadBalancerTypeEnumNetwork
	internal := b.Scheme == types.LoadBalancerSchemeEnumInternal
	switch {
	case !network && made.Allocation != "":
		return misconfigured("Elastic IPs are not supported for load balancers with type '%s'", b.Type)
	case !network && made.PrivateIPv4+made.IPv6+made.SourceNatIPv6 != "":
		return misconfigured("Specific IP addresses are not supported for load balancers with type '%s'", b.Type)
	case made.Allocation != "" && internal:
		return misconfigured("Elastic IPs are not supported for load balancers with scheme 'internal'")
	case made.PrivateIPv4 != "" && !internal:
		return misconfigured("Private IPv4 addresses are not supported for load balancers with scheme 'internet-facing'")
	case made.SourceNatIPv6 != "" && b.SourceNat != types.EnablePrefixForIpv6SourceNatEnumOn:
		return misconfigured("Source NAT prefixes need EnablePrefixForIpv6SourceNat to be 'on'")
	}
	return nil
}

func within(address string, cidr netip.Prefix) bool {
	parsed, err := netip.ParseAddr(address)
	return err == nil && cidr.Contains(parsed)
}

// checkAllocation tells why an Elastic IP address cannot be had; the load
// balancer's own can.
func (w *write) checkAllocation(b *balancer, made *zone) error {
	if made.Allocation == "" {
		return nil
	}
	allocation, ok := w.service.network.Allocation(b.Account, b.Region, made.Allocation)
	own := slices.ContainsFunc(b.Zones, func(z zone) bool { return z.Subnet == made.Subnet && z.Allocation == made.Allocation })
	switch {
	case !ok:
		return frame.Errorf("AllocationIdNotFound", "The allocation ID '%s' does not exist", made.Allocation)
	case allocation.InUse && !own && !w.sameNamed(b, made):
		return frame.Errorf(resourceInUse, "The allocation IDs are not available for use")
	}
	made.PublicIP = allocation.PublicIP
	return nil
}

// sameNamed tells whether a load balancer of the same name has the allocation,
// so that creating it again finds it.
func (w *write) sameNamed(b *balancer, made *zone) bool {
	for _, other := range owned(w.balancers, w.Request) {
		if other.Name == b.Name && b.ARN == "" &&
			slices.ContainsFunc(other.Zones, func(z zone) bool { return z.Allocation == made.Allocation }) {
			return true
		}
	}
	return false
}

// sameMapping tells whether two zones were asked for alike.
func (z zone) sameMapping(other zone) bool {
	return z.Subnet == other.Subnet && z.Allocation == other.Allocation && z.PrivateIPv4 == other.PrivateIPv4 &&
		z.IPv6 == other.IPv6 && z.SourceNatIPv6 == other.SourceNatIPv6
}

// occupy gives each zone that has none a network interface and the address that
// DNS answers. When one cannot be had, those made before are given up.
func (w *write) occupy(b *balancer, zones []zone) ([]zone, error) {
	zones = slices.Clone(zones)
	var made []string
	for i := range zones {
		z := &zones[i]
		if z.Interface != "" {
			continue
		}
		wanted := NewInterface{
			Account: b.Account, Region: b.Region, SubnetID: z.Subnet, Description: "ELB " + b.path(),
			GroupIDs: b.Groups, AllocationID: z.Allocation,
		}
		if z.PrivateIPv4 != "" {
			wanted.PrivateIP = netip.MustParseAddr(z.PrivateIPv4) // it was found to be within the subnet
		}
		got, err := w.service.network.CreateInterface(wanted)
		if err != nil {
			for _, id := range made {
				w.service.network.ReleaseInterface(id, w.moment)
			}
			return nil, err
		}
		made = append(made, got.ID)
		z.Interface, z.Address = got.ID, w.nextAddress()
		if z.Allocation != "" {
			z.PublicIP = got.PublicIP
		}
	}
	return zones, nil
}

// vacate lets the interface of a zone go after a while.
func (w *write) vacate(b *balancer, z zone) {
	timing := w.service.env.Timing.LoadBalancing
	linger := timing.NetworkLingering
	if b.Type == types.LoadBalancerTypeEnumApplication {
		linger = timing.Lingering
	}
	w.service.network.ReleaseInterface(z.Interface, w.after(linger))
}

// addresses are those that load balancers have on this machine.
var addresses = netip.MustParsePrefix("127.64.0.0/10")

// nextAddress is the next address that no load balancer has.
func (w *write) nextAddress() netip.Addr {
	used := map[netip.Addr]bool{}
	for _, b := range w.balancers {
		for _, z := range b.Zones {
			used[z.Address] = true
		}
	}
	for {
		w.last = w.last.Next()
		if !addresses.Contains(w.last) {
			w.last = addresses.Addr().Next()
		}
		if last := w.last.As4()[3]; last != 0 && last != 255 && !used[w.last] {
			return w.last
		}
	}
}

// someAddress is where a server begins, so that several on one machine do not meet.
func someAddress(random *frame.Random) netip.Addr {
	n := random.IntN(1 << (32 - addresses.Bits()))
	return netip.AddrFrom4([4]byte{127, 64 + byte(n>>16), byte(n >> 8), byte(n)})
}

// chooseGroups checks the security groups of a new load balancer. An
// application load balancer has the VPC's own when none is given.
func (w *write) chooseGroups(b *balancer, ids []string) error {
	if len(ids) == 0 {
		if b.Type == types.LoadBalancerTypeEnumApplication {
			b.Groups = []string{w.service.network.DefaultSecurityGroup(b.Account, b.Region, b.VPC)}
		}
		return nil
	}
	return w.setGroups(b, ids)
}

// mostGroups bounds the security groups of an interface.
const mostGroups = 5

func (w *write) setGroups(b *balancer, ids []string) error {
	if b.Type == types.LoadBalancerTypeEnumGateway {
		return misconfigured("Security groups are not supported for load balancers with type '%s'", b.Type)
	}
	ids = slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(ids) > mostGroups {
		return misconfigured("A load balancer can have at most %d security groups", mostGroups)
	}
	for _, id := range ids {
		group, ok := w.service.network.SecurityGroup(b.Account, b.Region, id)
		if !ok {
			return frame.Errorf("InvalidSecurityGroup", "The security group '%s' does not exist", strings.TrimSpace(id))
		}
		if group.VpcID != b.VPC {
			return frame.Errorf("InvalidSecurityGroup", "The security group '%s' does not belong to VPC '%s'", id, b.VPC)
		}
	}
	b.Groups = ids
	return nil
}
