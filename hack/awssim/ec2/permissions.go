package ec2

import (
	"fmt"
	"net/netip"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	anyProtocol = "-1"
	anyPort     = -1
)

// rule is one rule of a security group: a direction, a protocol, ports and one peer.
type rule struct {
	ID       string `json:"id"`
	Egress   bool   `json:"egress"`
	Protocol string `json:"protocol"`
	From     int32  `json:"from"`
	To       int32  `json:"to"`
	// One of these is the peer. A group's owner is its account.
	IPv4       string `json:"ipv4"`
	IPv6       string `json:"ipv6"`
	PrefixList string `json:"prefixList"`
	Group      string `json:"group"`
	GroupOwner string `json:"groupOwner"`

	Description *string `json:"description"`
}

// allEgress is the rule that each new group has.
func allEgress(id string) rule {
	return rule{ID: id, Egress: true, Protocol: anyProtocol, From: anyPort, To: anyPort, IPv4: "0.0.0.0/0"}
}

// tuple is the rule without what does not tell it from others.
func (r rule) tuple() rule {
	r.ID, r.Description, r.GroupOwner = "", nil, ""
	return r
}

func (r rule) peer() string {
	return r.IPv4 + r.IPv6 + r.PrefixList + r.Group
}

// String is how EC2 speaks of a rule.
func (r rule) String() string {
	if r.Protocol == anyProtocol {
		return fmt.Sprintf("peer: %s, ALL, ALLOW", r.peer())
	}
	return fmt.Sprintf("peer: %s, %s, from port: %d, to port: %d, ALLOW", r.peer(), strings.ToUpper(r.Protocol), r.From, r.To)
}

// protocolOf is the normal name of a protocol: -1, tcp, udp, icmp, icmpv6 or a number.
func protocolOf(text string) (string, error) {
	name := strings.ToLower(text)
	switch name {
	case "all":
		return anyProtocol, nil
	case anyProtocol, "tcp", "udp", "icmp", "icmpv6":
		return name, nil
	}
	number, err := strconv.Atoi(name)
	if err != nil || number < 0 || number > 255 {
		return "", invalidValue("Invalid value '%s' for IP protocol. Unknown protocol.", text)
	}
	named := map[int]string{6: "tcp", 17: "udp", 1: "icmp", 58: "icmpv6"}
	if name, ok := named[number]; ok {
		return name, nil
	}
	return strconv.Itoa(number), nil
}

// portsOf checks the ports of a protocol, or the type and code of ICMP.
// Protocols without ports have all of them.
func portsOf(protocol string, from, to *int32) (int32, int32, error) {
	switch protocol {
	case "tcp", "udp":
		return transportPorts(from, to)
	case "icmp", "icmpv6":
		return messageKinds(from, to)
	}
	return anyPort, anyPort, nil
}

func transportPorts(from, to *int32) (int32, int32, error) {
	switch {
	case from == nil || to == nil:
		return 0, 0, invalidValue("Invalid value 'Must specify both from and to ports with TCP/UDP.' for portRange.")
	case *from == anyPort && *to == anyPort:
		return 0, 65535, nil
	}
	for _, port := range []int32{*from, *to} {
		if port < 0 || port > 65535 {
			return 0, 0, invalidValue("TCP/UDP port (%d) out of range", port)
		}
	}
	if *from > *to {
		return 0, 0, invalidValue("Invalid TCP/UDP port range (%d:%d)", *from, *to)
	}
	return *from, *to, nil
}

// messageKinds are the type and the code of ICMP messages; -1 is any.
func messageKinds(kind, code *int32) (int32, int32, error) {
	kinds := []int32{anyPort, anyPort}
	for i, asked := range []*int32{kind, code} {
		if asked == nil {
			continue
		}
		if *asked < anyPort || *asked > 255 {
			return 0, 0, invalidValue("ICMP code (%d) out of range", *asked)
		}
		kinds[i] = *asked
	}
	return kinds[0], kinds[1], nil
}

// rulesOf are the rules that a permission stands for, without ids.
func (t *turn) rulesOf(g group, egress bool, p types.IpPermission) ([]rule, error) {
	if p.IpProtocol == nil {
		return nil, missingParameter("ipProtocol")
	}
	protocol, err := protocolOf(*p.IpProtocol)
	if err != nil {
		return nil, err
	}
	from, to, err := portsOf(protocol, p.FromPort, p.ToPort)
	if err != nil {
		return nil, err
	}
	base := rule{Egress: egress, Protocol: protocol, From: from, To: to}
	var rules []rule
	add := func(description *string, set func(*rule) error) {
		next := base
		next.Description = description
		if failed := set(&next); failed != nil && err == nil {
			err = failed
		}
		rules = append(rules, next)
	}
	for _, one := range p.IpRanges {
		add(one.Description, func(r *rule) error { return peerBlock(&r.IPv4, one.CidrIp, false) })
	}
	for _, one := range p.Ipv6Ranges {
		add(one.Description, func(r *rule) error { return peerBlock(&r.IPv6, one.CidrIpv6, true) })
	}
	for _, one := range p.PrefixListIds {
		add(one.Description, func(r *rule) error { return t.peerList(r, one.PrefixListId) })
	}
	for _, one := range p.UserIdGroupPairs {
		add(one.Description, func(r *rule) error { return t.peerGroup(r, g, one.GroupId, one.GroupName) })
	}
	if err != nil {
		return nil, err
	}
	for _, r := range rules {
		if len(aws.ToString(r.Description)) > 255 {
			return nil, invalidValue("Invalid rule description. Valid descriptions are strings less than 256 characters from the "+
				"following set: %s", descriptionCharacters)
		}
	}
	return rules, nil
}

const descriptionCharacters = "a-zA-Z0-9. _-:/()#,@[]+=&;{}!$*"

// peerBlock reads a CIDR block of one family; the bits of the host are dropped.
func peerBlock(to, text *string, ipv6 bool) error {
	if text == nil {
		return missingParameter("cidrIp")
	}
	block, err := netip.ParsePrefix(*text)
	if address, single := netip.ParseAddr(*text); err != nil && single == nil {
		block, err = address.Prefix(address.BitLen())
	}
	if err != nil || block.Addr().Is6() != ipv6 {
		return invalidValue("CIDR block %s is malformed", *text)
	}
	*to = block.Masked().String()
	return nil
}

func (t *turn) peerList(r *rule, id *string) error {
	list, err := find(t, t.PrefixLists, id, prefixListKind)
	if err != nil {
		return err
	}
	r.PrefixList = *list.PrefixListId
	return nil
}

// peerGroup finds the group that a rule names, which must be one of its own VPC.
func (t *turn) peerGroup(r *rule, g group, id, name *string) error {
	var found group
	switch {
	case id != nil:
		held, ok := t.Groups[*id]
		if !ok || held.Region != t.Region {
			return groupKind.missing(*id)
		}
		found = held.Is
		r.GroupOwner = held.Account
	case name != nil:
		named, ok := t.groupNamed(g.VpcID, *name)
		if !ok {
			return frame.Errorf(groupKind.code, "The security group '%s' does not exist", *name)
		}
		found, r.GroupOwner = named, t.Caller.Account
	default:
		return missingParameter("groupId")
	}
	if found.VpcID != g.VpcID {
		return frame.Errorf(groupKind.code, "You have specified two resources that belong to different networks.")
	}
	r.Group = found.ID
	return nil
}

// weight is what a rule counts towards the limits of IPv4 and of IPv6 rules: a
// prefix list counts as its most entries, a group in both.
func (c *content) weight(r rule) (ipv4, ipv6 int) {
	switch {
	case r.IPv4 != "":
		return 1, 0
	case r.IPv6 != "":
		return 0, 1
	case r.PrefixList != "":
		list := c.PrefixLists[r.PrefixList].Is
		entries := int(aws.ToInt32(list.MaxEntries))
		if aws.ToString(list.AddressFamily) == "IPv6" {
			return 0, entries
		}
		return entries, 0
	}
	return 1, 1
}

// permissionsOf gathers the rules of a direction by protocol and ports, in the
// order in which these came first.
func permissionsOf(rules []rule, egress bool) []types.IpPermission {
	type ports struct {
		protocol string
		from, to int32
	}
	at := map[ports]int{}
	permissions := []types.IpPermission{}
	for _, r := range rules {
		if r.Egress != egress {
			continue
		}
		key := ports{r.Protocol, r.From, r.To}
		if _, ok := at[key]; !ok {
			at[key] = len(permissions)
			permissions = append(permissions, emptyPermission(r))
		}
		r.addTo(&permissions[at[key]])
	}
	return permissions
}

// emptyPermission has no ports where the protocol has none.
func emptyPermission(r rule) types.IpPermission {
	p := types.IpPermission{
		IpProtocol: aws.String(r.Protocol), IpRanges: []types.IpRange{}, Ipv6Ranges: []types.Ipv6Range{},
		PrefixListIds: []types.PrefixListId{}, UserIdGroupPairs: []types.UserIdGroupPair{},
	}
	switch r.Protocol {
	case "tcp", "udp", "icmp", "icmpv6":
		p.FromPort, p.ToPort = aws.Int32(r.From), aws.Int32(r.To)
	}
	return p
}

func (r rule) addTo(p *types.IpPermission) {
	switch {
	case r.IPv4 != "":
		p.IpRanges = append(p.IpRanges, types.IpRange{CidrIp: aws.String(r.IPv4), Description: r.Description})
	case r.IPv6 != "":
		p.Ipv6Ranges = append(p.Ipv6Ranges, types.Ipv6Range{CidrIpv6: aws.String(r.IPv6), Description: r.Description})
	case r.PrefixList != "":
		p.PrefixListIds = append(p.PrefixListIds, types.PrefixListId{PrefixListId: aws.String(r.PrefixList), Description: r.Description})
	default:
		p.UserIdGroupPairs = append(p.UserIdGroupPairs, types.UserIdGroupPair{
			GroupId: aws.String(r.Group), UserId: aws.String(r.GroupOwner), Description: r.Description,
		})
	}
}
