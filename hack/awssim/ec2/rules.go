package ec2

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func text(n int32) string { return strconv.Itoa(int(n)) }

// single are the permission's members where they are given beside the list, as
// in authorize-security-group-ingress --protocol tcp --port 80 --cidr 0.0.0.0/0.
type single struct {
	protocol, cidr, sourceName *string
	from, to                   *int32
}

// permissions are those of the list, or the single one.
func (one single) permissions(list []types.IpPermission) ([]types.IpPermission, error) {
	if one.protocol == nil && one.cidr == nil && one.sourceName == nil {
		if len(list) == 0 {
			return nil, missingParameter("ipPermissions")
		}
		return list, nil
	}
	if len(list) > 0 {
		return nil, frame.Errorf("InvalidParameterCombination", "The parameter 'ipPermissions' may not be used in combination with 'ipProtocol'")
	}
	p := types.IpPermission{IpProtocol: one.protocol, FromPort: one.from, ToPort: one.to}
	if one.cidr != nil {
		p.IpRanges = []types.IpRange{{CidrIp: one.cidr}}
	}
	if one.sourceName != nil {
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupName: one.sourceName}}
	}
	return []types.IpPermission{p}, nil
}

// asked are the rules that permissions stand for; none may come twice.
func (t *turn) asked(g group, egress bool, permissions []types.IpPermission) ([]rule, error) {
	var rules []rule
	seen := map[rule]bool{}
	for _, p := range permissions {
		added, err := t.rulesOf(g, egress, p)
		if err != nil {
			return nil, err
		}
		if len(added) == 0 {
			return nil, invalidValue("Either 'cidrIp', 'cidrIpv6', 'groupId' or 'prefixListId' should be provided.")
		}
		for _, r := range added {
			if seen[r.tuple()] {
				return nil, invalidValue("The same permission must not appear multiple times")
			}
			seen[r.tuple()] = true
		}
		rules = append(rules, added...)
	}
	return rules, nil
}

// authorize adds rules, all or none.
func (t *turn) authorize(g group, egress bool, permissions []types.IpPermission, specified []types.TagSpecification) ([]types.SecurityGroupRule, error) {
	added, err := t.asked(g, egress, permissions)
	if err != nil {
		return nil, err
	}
	tagged, err := t.tagSpecifications(specified, types.ResourceTypeSecurityGroupRule)
	if err != nil {
		return nil, err
	}
	for _, r := range added {
		if slices.ContainsFunc(g.Rules, func(old rule) bool { return old.tuple() == r.tuple() }) {
			return nil, frame.Errorf("InvalidPermission.Duplicate", `the specified rule "%s" already exists`, r)
		}
	}
	shown := []types.SecurityGroupRule{}
	g.Rules = slices.Clone(g.Rules)
	for _, r := range added {
		r.ID = t.service.newID(ruleKind.prefix)
		g.Rules = append(g.Rules, r)
		t.tag(r.ID, tagged)
		shown = append(shown, t.shownRule(g, r))
	}
	if err := t.checkRuleLimit(g, egress); err != nil {
		return nil, err
	}
	put(t.Groups, g.ID, g)
	return shown, nil
}

func (t *turn) checkRuleLimit(g group, egress bool) error {
	ipv4, ipv6 := 0, 0
	for _, r := range g.Rules {
		if r.Egress == egress {
			four, six := t.weight(r)
			ipv4, ipv6 = ipv4+four, ipv6+six
		}
	}
	if max(ipv4, ipv6) > t.service.quotas.RulesPerGroup {
		return frame.Errorf("RulesPerSecurityGroupLimitExceeded", "The maximum number of rules per security group has been reached.")
	}
	return nil
}

func (s *Service) authorizeIngress(t *turn, in *sdk.AuthorizeSecurityGroupIngressInput) (*sdk.AuthorizeSecurityGroupIngressOutput, error) {
	g, err := t.groupOf(in.GroupId, in.GroupName)
	if err != nil {
		return nil, err
	}
	permissions, err := single{in.IpProtocol, in.CidrIp, in.SourceSecurityGroupName, in.FromPort, in.ToPort}.permissions(in.IpPermissions)
	if err != nil {
		return nil, err
	}
	added, err := t.authorize(g, false, permissions, in.TagSpecifications)
	return &sdk.AuthorizeSecurityGroupIngressOutput{Return: aws.Bool(true), SecurityGroupRules: added}, err
}

func (s *Service) authorizeEgress(t *turn, in *sdk.AuthorizeSecurityGroupEgressInput) (*sdk.AuthorizeSecurityGroupEgressOutput, error) {
	g, err := t.groupOf(in.GroupId, nil)
	if err != nil {
		return nil, err
	}
	permissions, err := single{in.IpProtocol, in.CidrIp, in.SourceSecurityGroupName, in.FromPort, in.ToPort}.permissions(in.IpPermissions)
	if err != nil {
		return nil, err
	}
	added, err := t.authorize(g, true, permissions, in.TagSpecifications)
	return &sdk.AuthorizeSecurityGroupEgressOutput{Return: aws.Bool(true), SecurityGroupRules: added}, err
}

// revoke removes rules by ids or by permissions, all or none.
func (t *turn) revoke(g group, egress bool, ids []string, one single, list []types.IpPermission) ([]types.RevokedSecurityGroupRule, error) {
	var going []string
	for _, id := range ids {
		at := slices.IndexFunc(g.Rules, func(r rule) bool { return r.ID == id && r.Egress == egress })
		if at < 0 {
			return nil, ruleKind.missing(id)
		}
		going = append(going, id)
	}
	if len(ids) == 0 {
		permissions, err := one.permissions(list)
		if err != nil {
			return nil, err
		}
		asked, err := t.asked(g, egress, permissions)
		if err != nil {
			return nil, err
		}
		for _, r := range asked {
			at := slices.IndexFunc(g.Rules, func(old rule) bool { return old.tuple() == r.tuple() })
			if at < 0 {
				return nil, frame.Errorf("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
			}
			going = append(going, g.Rules[at].ID)
		}
	}
	revoked := []types.RevokedSecurityGroupRule{}
	g.Rules = slices.DeleteFunc(slices.Clone(g.Rules), func(r rule) bool {
		if !slices.Contains(going, r.ID) {
			return false
		}
		delete(t.Tags, r.ID)
		revoked = append(revoked, revokedRule(g, r))
		return true
	})
	put(t.Groups, g.ID, g)
	return revoked, nil
}

func revokedRule(g group, r rule) types.RevokedSecurityGroupRule {
	return types.RevokedSecurityGroupRule{
		SecurityGroupRuleId: &r.ID, GroupId: &g.ID, IsEgress: &r.Egress, IpProtocol: &r.Protocol, FromPort: &r.From, ToPort: &r.To,
		CidrIpv4: given(r.IPv4), CidrIpv6: given(r.IPv6), PrefixListId: given(r.PrefixList), ReferencedGroupId: given(r.Group),
		Description: r.Description,
	}
}

func (s *Service) revokeIngress(t *turn, in *sdk.RevokeSecurityGroupIngressInput) (*sdk.RevokeSecurityGroupIngressOutput, error) {
	g, err := t.groupOf(in.GroupId, in.GroupName)
	if err != nil {
		return nil, err
	}
	one := single{in.IpProtocol, in.CidrIp, in.SourceSecurityGroupName, in.FromPort, in.ToPort}
	revoked, err := t.revoke(g, false, in.SecurityGroupRuleIds, one, in.IpPermissions)
	return &sdk.RevokeSecurityGroupIngressOutput{Return: aws.Bool(true), RevokedSecurityGroupRules: revoked}, err
}

func (s *Service) revokeEgress(t *turn, in *sdk.RevokeSecurityGroupEgressInput) (*sdk.RevokeSecurityGroupEgressOutput, error) {
	g, err := t.groupOf(in.GroupId, nil)
	if err != nil {
		return nil, err
	}
	one := single{in.IpProtocol, in.CidrIp, in.SourceSecurityGroupName, in.FromPort, in.ToPort}
	revoked, err := t.revoke(g, true, in.SecurityGroupRuleIds, one, in.IpPermissions)
	return &sdk.RevokeSecurityGroupEgressOutput{Return: aws.Bool(true), RevokedSecurityGroupRules: revoked}, err
}

// given is a text, or nil for none.
func given(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
