package ec2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var ruleFilters = filters[types.SecurityGroupRule]{
	"group-id":               of(func(r types.SecurityGroupRule) *string { return r.GroupId }),
	"security-group-rule-id": of(func(r types.SecurityGroupRule) *string { return r.SecurityGroupRuleId }),
}

func (t *turn) shownRule(g group, r rule) types.SecurityGroupRule {
	shown := types.SecurityGroupRule{
		SecurityGroupRuleId: &r.ID, GroupId: &g.ID, GroupOwnerId: aws.String(t.Caller.Account), IsEgress: &r.Egress,
		IpProtocol: &r.Protocol, FromPort: &r.From, ToPort: &r.To, CidrIpv4: given(r.IPv4), CidrIpv6: given(r.IPv6),
		PrefixListId: given(r.PrefixList), Description: r.Description, Tags: t.Tags[r.ID].list(),
		SecurityGroupRuleArn: aws.String(t.arn("security-group-rule", r.ID)),
	}
	if r.Group != "" {
		shown.ReferencedGroupInfo = &types.ReferencedSecurityGroup{GroupId: &r.Group, UserId: &r.GroupOwner}
	}
	return shown
}

func (s *Service) describeRules(t *turn, in *sdk.DescribeSecurityGroupRulesInput) (*sdk.DescribeSecurityGroupRulesOutput, error) {
	rules := table[types.SecurityGroupRule]{}
	for _, held := range t.Groups {
		for _, r := range held.Is.Rules {
			if owns(t, held) {
				rules[r.ID] = item[types.SecurityGroupRule]{Account: held.Account, Region: held.Region, Is: t.shownRule(held.Is, r)}
			}
		}
	}
	found, next, err := describe(t, rules, ruleKind, ruleFilters,
		question{ids: in.SecurityGroupRuleIds, filters: in.Filters, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeSecurityGroupRulesOutput{SecurityGroupRules: found, NextToken: next}, nil
}

// modifyRules replaces rules under their ids; the direction stays.
func (s *Service) modifyRules(t *turn, in *sdk.ModifySecurityGroupRulesInput) (*sdk.ModifySecurityGroupRulesOutput, error) {
	g, err := t.groupOf(in.GroupId, nil)
	if err != nil {
		return nil, err
	}
	if len(in.SecurityGroupRules) == 0 {
		return nil, missingParameter("SecurityGroupRule")
	}
	g.Rules = slices.Clone(g.Rules)
	for _, update := range in.SecurityGroupRules {
		at := slices.IndexFunc(g.Rules, func(r rule) bool { return r.ID == aws.ToString(update.SecurityGroupRuleId) })
		if at < 0 {
			return nil, ruleKind.missing(aws.ToString(update.SecurityGroupRuleId))
		}
		if update.SecurityGroupRule == nil {
			return nil, missingParameter("SecurityGroupRule")
		}
		rules, err := t.rulesOf(g, g.Rules[at].Egress, permissionOf(*update.SecurityGroupRule))
		if err != nil {
			return nil, err
		}
		if len(rules) != 1 {
			return nil, invalidValue("Exactly one of 'cidrIpv4', 'cidrIpv6', 'referencedGroupId' or 'prefixListId' should be provided.")
		}
		rules[0].ID = g.Rules[at].ID
		g.Rules[at] = rules[0]
	}
	seen := map[rule]bool{}
	for _, r := range g.Rules {
		if seen[r.tuple()] {
			return nil, frame.Errorf("InvalidPermission.Duplicate", `the specified rule "%s" already exists`, r)
		}
		seen[r.tuple()] = true
	}
	for _, egress := range []bool{false, true} {
		if err := t.checkRuleLimit(g, egress); err != nil {
			return nil, err
		}
	}
	put(t.Groups, g.ID, g)
	return &sdk.ModifySecurityGroupRulesOutput{Return: aws.Bool(true)}, nil
}

func permissionOf(asked types.SecurityGroupRuleRequest) types.IpPermission {
	p := types.IpPermission{IpProtocol: asked.IpProtocol, FromPort: asked.FromPort, ToPort: asked.ToPort}
	if asked.CidrIpv4 != nil {
		p.IpRanges = []types.IpRange{{CidrIp: asked.CidrIpv4, Description: asked.Description}}
	}
	if asked.CidrIpv6 != nil {
		p.Ipv6Ranges = []types.Ipv6Range{{CidrIpv6: asked.CidrIpv6, Description: asked.Description}}
	}
	if asked.PrefixListId != nil {
		p.PrefixListIds = []types.PrefixListId{{PrefixListId: asked.PrefixListId, Description: asked.Description}}
	}
	if asked.ReferencedGroupId != nil {
		p.UserIdGroupPairs = []types.UserIdGroupPair{{GroupId: asked.ReferencedGroupId, Description: asked.Description}}
	}
	return p
}

// describeAnew sets the descriptions of rules, by permissions or by ids.
func (t *turn) describeAnew(g group, egress bool, permissions []types.IpPermission, byID []types.SecurityGroupRuleDescription) error {
	if len(permissions) == 0 && len(byID) == 0 {
		return missingParameter("ipPermissions")
	}
	asked, err := t.asked(g, egress, permissions)
	if err != nil {
		return err
	}
	g.Rules = slices.Clone(g.Rules)
	for _, r := range asked {
		at := slices.IndexFunc(g.Rules, func(old rule) bool { return old.tuple() == r.tuple() })
		if at < 0 {
			return frame.Errorf("InvalidPermission.NotFound", "The specified rule does not exist in this security group.")
		}
		g.Rules[at].Description = r.Description
	}
	for _, one := range byID {
		at := slices.IndexFunc(g.Rules, func(r rule) bool { return r.ID == aws.ToString(one.SecurityGroupRuleId) && r.Egress == egress })
		if at < 0 {
			return ruleKind.missing(aws.ToString(one.SecurityGroupRuleId))
		}
		g.Rules[at].Description = one.Description
	}
	put(t.Groups, g.ID, g)
	return nil
}

func (s *Service) describeIngressAnew(t *turn, in *sdk.UpdateSecurityGroupRuleDescriptionsIngressInput) (*sdk.UpdateSecurityGroupRuleDescriptionsIngressOutput, error) {
	g, err := t.groupOf(in.GroupId, in.GroupName)
	if err == nil {
		err = t.describeAnew(g, false, in.IpPermissions, in.SecurityGroupRuleDescriptions)
	}
	return &sdk.UpdateSecurityGroupRuleDescriptionsIngressOutput{Return: aws.Bool(true)}, err
}

func (s *Service) describeEgressAnew(t *turn, in *sdk.UpdateSecurityGroupRuleDescriptionsEgressInput) (*sdk.UpdateSecurityGroupRuleDescriptionsEgressOutput, error) {
	g, err := t.groupOf(in.GroupId, in.GroupName)
	if err == nil {
		err = t.describeAnew(g, true, in.IpPermissions, in.SecurityGroupRuleDescriptions)
	}
	return &sdk.UpdateSecurityGroupRuleDescriptionsEgressOutput{Return: aws.Bool(true)}, err
}
