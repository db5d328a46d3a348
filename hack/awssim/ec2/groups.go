package ec2

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// group is a security group. Its rules are in the order in which they came.
type group struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	VpcID       string `json:"vpcId"`
	Rules       []rule `json:"rules"`
}

const defaultGroup = "default"

var groupFilters = filters[group]{
	"group-id":                            func(g group) []string { return []string{g.ID} },
	"group-name":                          func(g group) []string { return []string{g.Name} },
	"vpc-id":                              func(g group) []string { return []string{g.VpcID} },
	"description":                         func(g group) []string { return []string{g.Description} },
	"ip-permission.protocol":              ofRules(false, func(r rule) string { return r.Protocol }),
	"ip-permission.cidr":                  ofRules(false, func(r rule) string { return r.IPv4 }),
	"ip-permission.ipv6-cidr":             ofRules(false, func(r rule) string { return r.IPv6 }),
	"ip-permission.group-id":              ofRules(false, func(r rule) string { return r.Group }),
	"ip-permission.prefix-list-id":        ofRules(false, func(r rule) string { return r.PrefixList }),
	"ip-permission.from-port":             ofRules(false, func(r rule) string { return text(r.From) }),
	"ip-permission.to-port":               ofRules(false, func(r rule) string { return text(r.To) }),
	"egress.ip-permission.protocol":       ofRules(true, func(r rule) string { return r.Protocol }),
	"egress.ip-permission.cidr":           ofRules(true, func(r rule) string { return r.IPv4 }),
	"egress.ip-permission.ipv6-cidr":      ofRules(true, func(r rule) string { return r.IPv6 }),
	"egress.ip-permission.group-id":       ofRules(true, func(r rule) string { return r.Group }),
	"egress.ip-permission.prefix-list-id": ofRules(true, func(r rule) string { return r.PrefixList }),
	"egress.ip-permission.from-port":      ofRules(true, func(r rule) string { return text(r.From) }),
	"egress.ip-permission.to-port":        ofRules(true, func(r rule) string { return text(r.To) }),
}

func ofRules(egress bool, get func(rule) string) func(group) []string {
	return func(g group) (values []string) {
		for _, r := range g.Rules {
			if value := get(r); r.Egress == egress && value != "" {
				values = append(values, value)
			}
		}
		return values
	}
}

func (s *Service) createGroup(t *turn, in *sdk.CreateSecurityGroupInput) (*sdk.CreateSecurityGroupOutput, error) {
	switch {
	case in.GroupName == nil:
		return nil, missingParameter("GroupName")
	case in.Description == nil:
		return nil, missingParameter("GroupDescription")
	case in.VpcId == nil:
		// Without a VPC it would be the default one, and there is none.
		return nil, frame.Errorf("VPCIdNotSpecified", "No default VPC for this user")
	}
	v, err := find(t, t.VPCs, in.VpcId, vpcKind)
	if err != nil {
		return nil, err
	}
	name := strings.TrimSpace(*in.GroupName)
	if err := checkGroupName(name, *in.Description); err != nil {
		return nil, err
	}
	if _, taken := t.groupNamed(*v.VpcId, name); taken {
		return nil, frame.Errorf("InvalidGroup.Duplicate", "The security group '%s' already exists for VPC '%s'", name, *v.VpcId)
	}
	if count(t, t.Groups) >= s.quotas.SecurityGroups {
		return nil, frame.Errorf("SecurityGroupLimitExceeded", "The maximum number of security groups has been reached.")
	}
	tagged, err := t.tagSpecifications(in.TagSpecifications, types.ResourceTypeSecurityGroup)
	if err != nil {
		return nil, err
	}
	id := s.newID(groupKind.prefix)
	t.Groups[id] = made(t, group{
		ID: id, Name: name, Description: *in.Description, VpcID: *v.VpcId,
		Rules: []rule{allEgress(s.newID(ruleKind.prefix))},
	})
	t.tag(id, tagged)
	return &sdk.CreateSecurityGroupOutput{
		GroupId: &id, SecurityGroupArn: aws.String(t.arn("security-group", id)), Tags: t.Tags[id].list(),
	}, nil
}

func (t *turn) arn(kind, id string) string {
	return "arn:aws:ec2:" + t.Region + ":" + t.Caller.Account + ":" + kind + "/" + id
}

func checkGroupName(name, description string) error {
	allowed := func(text string) bool {
		return !strings.ContainsFunc(text, func(r rune) bool {
			letter := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9'
			return !letter && !strings.ContainsRune(" ._-:/()#,@[]+=&;{}!$*", r)
		})
	}
	switch {
	case name == "" || len(name) > 255 || !allowed(name):
		return invalidValue("Value (%s) for parameter GroupName is invalid. Character sets beyond ASCII are not supported.", name)
	case strings.HasPrefix(name, "sg-"):
		return invalidValue("Value (%s) for parameter GroupName is invalid. Group names may not be in the format sg-*", name)
	case strings.EqualFold(name, defaultGroup):
		return invalidValue("Cannot use reserved security group name: %s", name)
	case description == "" || len(description) > 255 || !allowed(description):
		return invalidValue("Value (%s) for parameter GroupDescription is invalid. Character sets beyond ASCII are not supported.", description)
	}
	return nil
}

// groupNamed is the group of a VPC with a name; capitals make no difference.
func (t *turn) groupNamed(vpcID, name string) (group, bool) {
	for _, id := range sortedIDs(t.Groups) {
		if g := t.Groups[id].Is; g.VpcID == vpcID && strings.EqualFold(g.Name, name) {
			return g, true
		}
	}
	return group{}, false
}

// groupOf finds a group by its id. By name it would be one of the default VPC, and there is none.
func (t *turn) groupOf(id, name *string) (group, error) {
	if id == nil && name != nil {
		return group{}, frame.Errorf("InvalidGroup.NotFound", "The security group '%s' does not exist in default VPC 'none'", *name)
	}
	if id != nil && !strings.HasPrefix(*id, groupKind.prefix+"-") {
		return group{}, frame.Errorf("InvalidGroupId.Malformed", `Invalid id: "%s" (expecting "sg-...")`, *id)
	}
	return find(t, t.Groups, id, groupKind)
}

func (s *Service) describeGroups(t *turn, in *sdk.DescribeSecurityGroupsInput) (*sdk.DescribeSecurityGroupsOutput, error) {
	filters := in.Filters
	if len(in.GroupNames) > 0 {
		filters = append(slices.Clone(filters), types.Filter{Name: aws.String("group-name"), Values: in.GroupNames})
	}
	for _, id := range in.GroupIds {
		if _, err := t.groupOf(&id, nil); err != nil {
			return nil, err
		}
	}
	accounts := filters
	filters = slices.DeleteFunc(slices.Clone(filters), func(f types.Filter) bool { return aws.ToString(f.Name) == "owner-id" })
	for _, filter := range accounts {
		if aws.ToString(filter.Name) == "owner-id" && !slices.Contains(filter.Values, t.Caller.Account) {
			return &sdk.DescribeSecurityGroupsOutput{SecurityGroups: []types.SecurityGroup{}}, nil
		}
	}
	found, next, err := describe(t, t.Groups, groupKind, groupFilters,
		question{ids: in.GroupIds, filters: filters, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeSecurityGroupsOutput{SecurityGroups: []types.SecurityGroup{}, NextToken: next}
	for _, g := range found {
		out.SecurityGroups = append(out.SecurityGroups, types.SecurityGroup{
			GroupId: aws.String(g.ID), GroupName: aws.String(g.Name), Description: aws.String(g.Description), VpcId: aws.String(g.VpcID),
			OwnerId: aws.String(t.Caller.Account), SecurityGroupArn: aws.String(t.arn("security-group", g.ID)), Tags: t.Tags[g.ID].list(),
			IpPermissions: permissionsOf(g.Rules, false), IpPermissionsEgress: permissionsOf(g.Rules, true),
		})
	}
	return out, nil
}

func (s *Service) deleteGroup(t *turn, in *sdk.DeleteSecurityGroupInput) (*sdk.DeleteSecurityGroupOutput, error) {
	g, err := t.groupOf(in.GroupId, in.GroupName)
	if err != nil {
		return nil, err
	}
	if g.Name == defaultGroup {
		return nil, frame.Errorf("CannotDelete", `the specified group: "%s" name: "%s" cannot be deleted by a user`, g.ID, g.Name)
	}
	if t.groupIsUsed(g.ID) {
		return nil, dependency("resource %s has a dependent object", g.ID)
	}
	delete(t.Groups, g.ID)
	delete(t.Tags, g.ID)
	for _, r := range g.Rules {
		delete(t.Tags, r.ID)
	}
	return &sdk.DeleteSecurityGroupOutput{GroupId: &g.ID, Return: aws.Bool(true)}, nil
}

// groupIsUsed tells whether a network interface has a group, or a rule of another group names it.
func (c *content) groupIsUsed(id string) bool {
	for _, held := range c.Interfaces {
		if slices.ContainsFunc(held.Is.Groups, func(g types.GroupIdentifier) bool { return *g.GroupId == id }) {
			return true
		}
	}
	for other, held := range c.Groups {
		if other != id && slices.ContainsFunc(held.Is.Rules, func(r rule) bool { return r.Group == id }) {
			return true
		}
	}
	return false
}

func (s *Service) describeReferences(t *turn, in *sdk.DescribeSecurityGroupReferencesInput) (*sdk.DescribeSecurityGroupReferencesOutput, error) {
	out := &sdk.DescribeSecurityGroupReferencesOutput{SecurityGroupReferenceSet: []types.SecurityGroupReference{}}
	for _, id := range in.GroupId {
		g, err := t.groupOf(&id, nil)
		if err != nil {
			return nil, err
		}
		for _, other := range sortedIDs(t.Groups) {
			held := t.Groups[other].Is
			if held.VpcID != g.VpcID && slices.ContainsFunc(held.Rules, func(r rule) bool { return r.Group == id }) {
				out.SecurityGroupReferenceSet = append(out.SecurityGroupReferenceSet, types.SecurityGroupReference{
					GroupId: aws.String(id), ReferencingVpcId: aws.String(held.VpcID),
				})
			}
		}
	}
	return out, nil
}
