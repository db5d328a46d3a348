package securitygroup

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// allPorts stands for every port, or every type or code of ICMP.
const allPorts = -1

// allProtocols is EC2's name of every protocol at once.
const allProtocols = "-1"

// Tuple is what makes a rule the rule that it is: a protocol, its ports and one peer, in normal form.
type Tuple struct {
	// Protocol is tcp, udp, icmp, icmpv6, -1 for all, or a number.
	Protocol string
	// From and To are ports, or the type and the code of ICMP; -1 for all.
	From, To int32
	// Peer is an address block, a prefix list or a security group.
	Peer string
}

// Rule is a tuple and how it is described; nil when the description is not managed.
type Rule struct {
	Tuple
	Description *string
}

// protocolNames are those that EC2 answers with in place of a number.
var protocolNames = map[string]string{"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6", "all": allProtocols}

// String tells a rule as people write it: "tcp 443 0.0.0.0/0".
func (t Tuple) String() string {
	words := []string{t.Protocol}
	switch {
	case t.Protocol == allProtocols:
		words[0] = "all"
	case t.From == allPorts && t.To == allPorts:
	case strings.HasPrefix(t.Protocol, "icmp"):
		words = append(words, fmt.Sprintf("type %d", t.From))
		if t.To != allPorts {
			words = append(words, fmt.Sprintf("code %d", t.To))
		}
	case t.From == t.To:
		words = append(words, fmt.Sprint(t.From))
	default:
		words = append(words, fmt.Sprintf("%d-%d", t.From, t.To))
	}
	return strings.Join(append(words, t.Peer), " ")
}

// isGroup reports whether the peer is a security group.
func (t Tuple) isGroup() bool { return strings.HasPrefix(t.Peer, "sg-") }

// tuple brings a rule into normal form. EC2 gives ports a meaning for four protocols only.
func tuple(protocol string, from, to *int32, peer string) Tuple {
	protocol = strings.ToLower(protocol)
	if name, ok := protocolNames[protocol]; ok {
		protocol = name
	}
	t := Tuple{Protocol: protocol, From: allPorts, To: allPorts, Peer: normalPeer(peer)}
	switch protocol {
	case "tcp", "udp", "icmp", "icmpv6":
		if from != nil {
			t.From = *from
		}
		if to != nil {
			t.To = *to
		}
	}
	return t
}

// normalPeer writes address blocks as EC2 does: without host bits, IPv6 in its short form.
func normalPeer(peer string) string {
	prefix, err := netip.ParsePrefix(peer)
	if err != nil {
		return peer
	}
	return prefix.Masked().String()
}

// rulesOf reads the rules of EC2, in a fixed order.
func rulesOf(permissions []types.IpPermission) []Rule {
	var rules []Rule
	for i := range permissions {
		p := &permissions[i]
		add := func(peer, description *string) {
			rules = append(rules, Rule{
				Tuple:       tuple(aws.ToString(p.IpProtocol), p.FromPort, p.ToPort, aws.ToString(peer)),
				Description: aws.String(aws.ToString(description)),
			})
		}
		for _, r := range p.IpRanges {
			add(r.CidrIp, r.Description)
		}
		for _, r := range p.Ipv6Ranges {
			add(r.CidrIpv6, r.Description)
		}
		for _, r := range p.PrefixListIds {
			add(r.PrefixListId, r.Description)
		}
		for _, r := range p.UserIdGroupPairs {
			add(r.GroupId, r.Description)
		}
	}
	return normal(rules)
}

// normal sorts rules and keeps the first of those with one tuple: EC2 holds a tuple once.
func normal(rules []Rule) []Rule {
	slices.SortStableFunc(rules, func(a, b Rule) int {
		return cmp.Or(cmp.Compare(a.Protocol, b.Protocol), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To), cmp.Compare(a.Peer, b.Peer))
	})
	return slices.CompactFunc(rules, func(a, b Rule) bool { return a.Tuple == b.Tuple })
}

// permissions are rules as EC2 takes them.
func permissions(rules []Rule) []types.IpPermission {
	list := make([]types.IpPermission, len(rules))
	for i, rule := range rules {
		p := types.IpPermission{IpProtocol: aws.String(rule.Protocol)}
		switch rule.Protocol {
		case "tcp", "udp", "icmp", "icmpv6":
			p.FromPort, p.ToPort = aws.Int32(rule.From), aws.Int32(rule.To)
		}
		description := rule.Description
		if aws.ToString(description) == "" {
			description = nil // EC2 takes no empty one
		}
		peer := aws.String(rule.Peer)
		switch {
		case rule.isGroup():
			p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: peer, Description: description}}
		case strings.HasPrefix(rule.Peer, "pl-"):
			p.PrefixListIds = []types.PrefixListId{{PrefixListId: peer, Description: description}}
		case strings.Contains(rule.Peer, ":"):
			p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: peer, Description: description}}
		default:
			p.IpRanges = []types.IpRange{{CidrIp: peer, Description: description}}
		}
		list[i] = p
	}
	return list
}

// tuplesOf returns the rules that one rule of the spec stands for, with the groups that its references came to.
func tuplesOf(rule *v1alpha1.SecurityGroupRule, groups []string) []Rule {
	from, to := rule.FromPort, rule.ToPort
	if rule.Port != nil {
		from, to = rule.Port, rule.Port
	}
	var rules []Rule
	add := func(peer string) {
		rules = append(rules, Rule{Tuple: tuple(string(rule.Protocol), from, to, peer), Description: rule.Description})
	}
	for _, cidr := range rule.CIDRs {
		add(string(cidr))
	}
	for _, cidr := range rule.IPv6CIDRs {
		add(string(cidr))
	}
	for _, id := range rule.PrefixListIDs {
		add(string(id))
	}
	for _, id := range rule.SecurityGroupIDs {
		add(string(id))
	}
	for _, id := range groups {
		add(id)
	}
	return rules
}

// Everything is the rule that EC2 gives to the egress of every new group.
func Everything() []Rule {
	return []Rule{{Tuple: Tuple{Protocol: allProtocols, From: allPorts, To: allPorts, Peer: "0.0.0.0/0"}}}
}

// Everyone lets everything in, from IPv4 and IPv6.
func Everyone() []Rule {
	return append(Everything(), Rule{Tuple: Tuple{Protocol: allProtocols, From: allPorts, To: allPorts, Peer: "::/0"}})
}
