package ec2_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
)

var _ = Describe("Security groups", func() {
	It("begin with one rule that lets everything out", func(ctx SpecContext) {
		s := start(awssim.Options{})
		g := s.described(ctx, s.group(ctx, "web"))
		Expect(g.IpPermissions).To(BeEmpty())
		Expect(g.IpPermissionsEgress).To(HaveLen(1))
		Expect(*g.IpPermissionsEgress[0].IpProtocol + *g.IpPermissionsEgress[0].IpRanges[0].CidrIp).To(Equal("-10.0.0.0/0"))
		Expect(g.IpPermissionsEgress[0].FromPort).To(BeNil())
		Expect(*g.OwnerId + *g.VpcId + *g.Description).To(Equal(account + "vpc-0mainof a spec"))
	})

	It("gather rules by protocol and ports, with the blocks in normal form", func(ctx SpecContext) {
		s := start(awssim.Options{})
		id, other := s.group(ctx, "web"), s.group(ctx, "other")
		list := *must(s.CreateManagedPrefixList(ctx, &sdk.CreateManagedPrefixListInput{
			PrefixListName: aws.String("offices"), AddressFamily: aws.String("IPv4"), MaxEntries: aws.Int32(3),
		})).PrefixList.PrefixListId
		rules := must(s.allow(ctx, id,
			permission("TCP", 80, 80, "10.1.2.3/8", "2001:db8::1/32", other, list),
			permission("17", 53, 53, "192.0.2.7/32"),
			permission("all", 5, 6, "0.0.0.0/0"),
			permission("6", 80, 80, "10.0.0.0/9")))
		Expect(rules).To(HaveLen(7))
		g := s.described(ctx, id)
		Expect(g.IpPermissions).To(Equal([]types.IpPermission{
			{
				IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80),
				IpRanges:         []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}, {CidrIp: aws.String("10.0.0.0/9")}},
				Ipv6Ranges:       []types.Ipv6Range{{CidrIpv6: aws.String("2001:db8::/32")}},
				PrefixListIds:    []types.PrefixListId{{PrefixListId: &list}},
				UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &other, UserId: aws.String(account)}},
			},
			{
				IpProtocol: aws.String("udp"), FromPort: aws.Int32(53), ToPort: aws.Int32(53), IpRanges: []types.IpRange{{CidrIp: aws.String("192.0.2.7/32")}},
				Ipv6Ranges: []types.Ipv6Range{}, PrefixListIds: []types.PrefixListId{}, UserIdGroupPairs: []types.UserIdGroupPair{},
			},
			{
				IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}},
				Ipv6Ranges: []types.Ipv6Range{}, PrefixListIds: []types.PrefixListId{}, UserIdGroupPairs: []types.UserIdGroupPair{},
			},
		}))
		listed := must(s.DescribeSecurityGroupRules(ctx, &sdk.DescribeSecurityGroupRulesInput{Filters: filter("group-id", id)})).SecurityGroupRules
		Expect(listed).To(HaveLen(8))
		Expect(listed).To(ContainElements(rules))
	})

	It("lose rules by tuple and by id, and what was revoked is told", func(ctx SpecContext) {
		s := start(awssim.Options{})
		id := s.group(ctx, "web")
		rules := must(s.allow(ctx, id, permission("tcp", 80, 81, "10.0.0.0/8", "10.0.0.0/9")))
		out := must(s.RevokeSecurityGroupIngress(ctx, &sdk.RevokeSecurityGroupIngressInput{
			GroupId: &id, IpPermissions: []types.IpPermission{permission("6", 80, 81, "10.1.0.0/8")},
		}))
		Expect(*out.RevokedSecurityGroupRules[0].SecurityGroupRuleId).To(Equal(*rules[0].SecurityGroupRuleId))
		must(s.RevokeSecurityGroupIngress(ctx, &sdk.RevokeSecurityGroupIngressInput{
			GroupId: &id, SecurityGroupRuleIds: []string{*rules[1].SecurityGroupRuleId},
		}))
		must(s.RevokeSecurityGroupEgress(ctx, &sdk.RevokeSecurityGroupEgressInput{
			GroupId: &id, IpPermissions: []types.IpPermission{permission("-1", -1, -1, "0.0.0.0/0")},
		}))
		g := s.described(ctx, id)
		Expect(g.IpPermissions).To(BeEmpty())
		Expect(g.IpPermissionsEgress).To(BeEmpty())
	})

	It("change rules and descriptions under the same ids", func(ctx SpecContext) {
		s := start(awssim.Options{})
		id := s.group(ctx, "web")
		rule := *must(s.allow(ctx, id, permission("tcp", 80, 80, "10.0.0.0/8")))[0].SecurityGroupRuleId
		must(s.ModifySecurityGroupRules(ctx, &sdk.ModifySecurityGroupRulesInput{GroupId: &id, SecurityGroupRules: []types.SecurityGroupRuleUpdate{{
			SecurityGroupRuleId: &rule, SecurityGroupRule: &types.SecurityGroupRuleRequest{
				IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), CidrIpv6: aws.String("::/0"), Description: aws.String("all"),
			},
		}}}))
		one := permission("tcp", 443, 443, "::/0")
		one.Ipv6Ranges[0].Description = aws.String("everybody")
		must(s.UpdateSecurityGroupRuleDescriptionsIngress(ctx, &sdk.UpdateSecurityGroupRuleDescriptionsIngressInput{
			GroupId: &id, IpPermissions: []types.IpPermission{one},
		}))
		found := must(s.DescribeSecurityGroupRules(ctx, &sdk.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{rule}})).SecurityGroupRules[0]
		Expect(fmt.Sprintln(*found.FromPort, *found.CidrIpv6, *found.Description, *found.IsEgress)).To(Equal("443 ::/0 everybody false\n"))
	})

	It("are kept by an interface and by rules of other groups, not by their own", func(ctx SpecContext) {
		s := start(awssim.Options{})
		used, user := s.group(ctx, "used"), s.group(ctx, "user")
		must(s.allow(ctx, used, permission("-1", -1, -1, used)))
		must(s.allow(ctx, user, permission("tcp", 1, 2, used)))
		nic := *must(s.CreateNetworkInterface(ctx, &sdk.CreateNetworkInterfaceInput{SubnetId: aws.String("subnet-0a"), Groups: []string{user}})).NetworkInterface.NetworkInterfaceId
		drop := func(id string) (*sdk.DeleteSecurityGroupOutput, error) {
			return s.DeleteSecurityGroup(ctx, &sdk.DeleteSecurityGroupInput{GroupId: &id})
		}
		Expect(refusal(drop(used))).To(Equal("DependencyViolation: resource " + used + " has a dependent object"))
		Expect(refusal(drop(user))).To(Equal("DependencyViolation: resource " + user + " has a dependent object"))
		must(s.DeleteNetworkInterface(ctx, &sdk.DeleteNetworkInterfaceInput{NetworkInterfaceId: &nic}))
		must(drop(user))
		must(drop(used))
		Expect(refusal(drop(used))).To(HavePrefix("InvalidGroup.NotFound: "))
	})

	It("have at most 60 rules of each family and direction", func(ctx SpecContext) {
		s := start(awssim.Options{})
		id := s.group(ctx, "web")
		for i := range 60 {
			must(s.allow(ctx, id, permission("tcp", int32(i), int32(i), "10.0.0.0/8", "2001:db8::/32")))
		}
		Expect(refusal(s.allow(ctx, id, permission("tcp", 100, 100, "10.0.0.0/8")))).To(HavePrefix("RulesPerSecurityGroupLimitExceeded: "))
		must(s.RevokeSecurityGroupIngress(ctx, &sdk.RevokeSecurityGroupIngressInput{GroupId: &id, IpPermissions: []types.IpPermission{permission("tcp", 0, 0, "10.0.0.0/8")}}))
		Expect(refusal(s.allow(ctx, id, permission("tcp", 100, 100, "sg-0shared")))).To(HavePrefix("RulesPerSecurityGroupLimitExceeded: "), "a group counts in both families")
		must(s.allow(ctx, id, permission("tcp", 100, 100, "10.0.0.0/8")))
	})
})

type attempt func(context.Context, *sim) string

var _ = DescribeTable("A refused security group or rule",
	func(ctx SpecContext, try attempt, expected string) {
		s := start(awssim.Options{EC2Quotas: ec2.Quotas{SecurityGroups: 4}})
		Expect(try(ctx, s)).To(HavePrefix(expected))
	},
	Entry("of a name that is taken", func(ctx context.Context, s *sim) string {
		s.group(ctx, "web")
		return refusal(create(ctx, s, "WEB"))
	}, "InvalidGroup.Duplicate: The security group 'WEB' already exists for VPC 'vpc-0main'"),
	Entry("named like an id", func(ctx context.Context, s *sim) string { return refusal(create(ctx, s, "sg-web")) }, "InvalidParameterValue: Value (sg-web)"),
	Entry("named default", func(ctx context.Context, s *sim) string { return refusal(create(ctx, s, "Default")) },
		"InvalidParameterValue: Cannot use reserved security group name"),
	Entry("beyond the quota", func(ctx context.Context, s *sim) string {
		s.group(ctx, "one")
		s.group(ctx, "two")
		return refusal(create(ctx, s, "three"))
	}, "SecurityGroupLimitExceeded: "),
	Entry("of an unknown VPC", func(ctx context.Context, s *sim) string {
		return refusal(s.CreateSecurityGroup(ctx, &sdk.CreateSecurityGroupInput{GroupName: aws.String("a"), Description: aws.String("b"), VpcId: aws.String("vpc-0none")}))
	}, "InvalidVpcID.NotFound: The vpc ID 'vpc-0none' does not exist"),
	Entry("that is the VPC's own", func(ctx context.Context, s *sim) string {
		return refusal(s.DeleteSecurityGroup(ctx, &sdk.DeleteSecurityGroupInput{GroupId: aws.String("sg-0default")}))
	}, `CannotDelete: the specified group: "sg-0default" name: "default" cannot be deleted by a user`),
	Entry("with a rule that is there", func(ctx context.Context, s *sim) string {
		must(s.allow(ctx, "sg-0shared", permission("tcp", 80, 80, "0.0.0.0/0")))
		told := refusal(s.allow(ctx, "sg-0shared", permission("tcp", 81, 81, "0.0.0.0/0"), permission("6", 80, 80, "0.0.0.0/0")))
		Expect(s.described(ctx, "sg-0shared").IpPermissions).To(HaveLen(1), "all or none")
		return told
	}, `InvalidPermission.Duplicate: the specified rule "peer: 0.0.0.0/0, TCP, from port: 80, to port: 80, ALLOW" already exists`),
	Entry("with a rule twice", func(ctx context.Context, s *sim) string {
		return refusal(s.allow(ctx, "sg-0shared", permission("tcp", 80, 80, "10.0.0.0/8", "10.1.1.1/8")))
	}, "InvalidParameterValue: The same permission must not appear multiple times"),
	Entry("with ports the wrong way round", func(ctx context.Context, s *sim) string {
		return refusal(s.allow(ctx, "sg-0shared", permission("tcp", 81, 80, "10.0.0.0/8")))
	}, "InvalidParameterValue: Invalid TCP/UDP port range (81:80)"),
	Entry("with a port beyond all ports", func(ctx context.Context, s *sim) string {
		return refusal(s.allow(ctx, "sg-0shared", permission("udp", 80, 65536, "10.0.0.0/8")))
	}, "InvalidParameterValue: TCP/UDP port (65536) out of range"),
	Entry("with a bad block", func(ctx context.Context, s *sim) string {
		return refusal(s.allow(ctx, "sg-0shared", permission("tcp", 80, 80, "10.0.0.300/8")))
	}, "InvalidParameterValue: CIDR block 10.0.0.300/8 is malformed"),
	Entry("that names an unknown group", func(ctx context.Context, s *sim) string {
		return refusal(s.allow(ctx, "sg-0shared", permission("tcp", 80, 80, "sg-0none")))
	}, "InvalidGroup.NotFound: The security group 'sg-0none' does not exist"),
	Entry("that names an unknown prefix list", func(ctx context.Context, s *sim) string {
		return refusal(s.allow(ctx, "sg-0shared", permission("tcp", 80, 80, "pl-0none")))
	}, "InvalidPrefixListID.NotFound: "),
	Entry("revoked though it is not there", func(ctx context.Context, s *sim) string {
		return refusal(s.RevokeSecurityGroupIngress(ctx, &sdk.RevokeSecurityGroupIngressInput{
			GroupId: aws.String("sg-0shared"), IpPermissions: []types.IpPermission{permission("tcp", 80, 80, "10.0.0.0/8")},
		}))
	}, "InvalidPermission.NotFound: The specified rule does not exist in this security group."),
	Entry("revoked by an unknown id", func(ctx context.Context, s *sim) string {
		return refusal(s.RevokeSecurityGroupEgress(ctx, &sdk.RevokeSecurityGroupEgressInput{GroupId: aws.String("sg-0shared"), SecurityGroupRuleIds: []string{"sgr-0none"}}))
	}, "InvalidSecurityGroupRuleId.NotFound: "),
	Entry("of another region", func(ctx context.Context, s *sim) string {
		return refusal(s.in("eu-west-1").DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{GroupIds: []string{"sg-0shared"}}))
	}, "InvalidGroup.NotFound: "),
	Entry("asked for by an odd id", func(ctx context.Context, s *sim) string {
		return refusal(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{GroupIds: []string{"web"}}))
	}, `InvalidGroupId.Malformed: Invalid id: "web" (expecting "sg-...")`),
)

func create(ctx context.Context, s *sim, name string) (*sdk.CreateSecurityGroupOutput, error) {
	return s.CreateSecurityGroup(ctx, &sdk.CreateSecurityGroupInput{GroupName: &name, Description: aws.String("of a spec"), VpcId: aws.String("vpc-0main")})
}
