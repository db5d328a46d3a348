package ec2_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func (s *sim) vpc(ctx context.Context, block string) string {
	GinkgoHelper()
	return *must(s.CreateVpc(ctx, &sdk.CreateVpcInput{CidrBlock: &block})).Vpc.VpcId
}

// saved is the state of EC2 as JSON.
func (s *sim) saved() string {
	GinkgoHelper()
	var state struct {
		Services map[string]json.RawMessage `json:"services"`
	}
	Expect(json.Unmarshal(must(s.StateJSON()), &state)).To(Succeed())
	return string(state.Services["ec2"])
}

var _ = Describe("A network of one's own", func() {
	It("is built up and taken down again, in the order that AWS asks for", func(ctx SpecContext) {
		s := start(awssim.Options{})
		before := s.saved()
		id := s.vpc(ctx, "10.9.3.4/16")
		Expect(*must(s.DescribeVpcs(ctx, &sdk.DescribeVpcsInput{VpcIds: []string{id}})).Vpcs[0].CidrBlock).To(Equal("10.9.0.0/16"))
		subnet := *must(s.CreateSubnet(ctx, &sdk.CreateSubnetInput{VpcId: &id, CidrBlock: aws.String("10.9.1.0/24"), AvailabilityZone: aws.String("us-east-1b")})).Subnet.SubnetId
		gateway := *must(s.CreateInternetGateway(ctx, &sdk.CreateInternetGatewayInput{})).InternetGateway.InternetGatewayId
		route := &sdk.CreateRouteInput{DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: &gateway}
		table := *must(s.CreateRouteTable(ctx, &sdk.CreateRouteTableInput{VpcId: &id})).RouteTable.RouteTableId
		route.RouteTableId = &table
		Expect(refusal(s.CreateRoute(ctx, route))).To(HavePrefix("InvalidParameterValue: "), "the gateway is not attached")
		must(s.AttachInternetGateway(ctx, &sdk.AttachInternetGatewayInput{VpcId: &id, InternetGatewayId: &gateway}))
		must(s.CreateRoute(ctx, route))
		Expect(refusal(s.CreateRoute(ctx, route))).To(Equal("RouteAlreadyExists: The route identified by 0.0.0.0/0 already exists."))
		association := must(s.AssociateRouteTable(ctx, &sdk.AssociateRouteTableInput{RouteTableId: &table, SubnetId: &subnet})).AssociationId
		Expect(must(s.DescribeRouteTables(ctx, &sdk.DescribeRouteTablesInput{Filters: filter("association.subnet-id", subnet)})).RouteTables[0].Routes).To(HaveLen(2))

		drop := func() string { return refusal(s.DeleteVpc(ctx, &sdk.DeleteVpcInput{VpcId: &id})) }
		Expect(drop()).To(Equal("DependencyViolation: The vpc '" + id + "' has dependencies and cannot be deleted."))
		must(s.DisassociateRouteTable(ctx, &sdk.DisassociateRouteTableInput{AssociationId: association}))
		must(s.DeleteRouteTable(ctx, &sdk.DeleteRouteTableInput{RouteTableId: &table}))
		must(s.DeleteSubnet(ctx, &sdk.DeleteSubnetInput{SubnetId: &subnet}))
		Expect(drop()).To(HavePrefix("DependencyViolation: "))
		Expect(refusal(s.DeleteInternetGateway(ctx, &sdk.DeleteInternetGatewayInput{InternetGatewayId: &gateway}))).To(HavePrefix("DependencyViolation: "))
		must(s.DetachInternetGateway(ctx, &sdk.DetachInternetGatewayInput{VpcId: &id, InternetGatewayId: &gateway}))
		must(s.DeleteInternetGateway(ctx, &sdk.DeleteInternetGatewayInput{InternetGatewayId: &gateway}))
		must(s.DeleteVpc(ctx, &sdk.DeleteVpcInput{VpcId: &id}))
		Expect(s.saved()).To(Equal(before))
	})

	It("is the same after it was saved and loaded, and is gone after a reset", func(ctx SpecContext) {
		s := start(awssim.Options{})
		before := s.saved()
		id := s.vpc(ctx, "10.9.0.0/16")
		group := s.group(ctx, "web")
		must(s.allow(ctx, group, permission("tcp", 80, 80, "sg-0shared", "2001:db8::/32")))
		must(s.CreateTags(ctx, &sdk.CreateTagsInput{Resources: []string{id, group}, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("")}}}))
		must(s.CreateManagedPrefixList(ctx, &sdk.CreateManagedPrefixListInput{
			PrefixListName: aws.String("p"), AddressFamily: aws.String("IPv6"), MaxEntries: aws.Int32(2), Entries: []types.AddPrefixListEntry{{Cidr: aws.String("2001:db8::/32")}},
		}))
		must(s.AllocateAddress(ctx, &sdk.AllocateAddressInput{}))
		must(s.CreateNetworkInterface(ctx, &sdk.CreateNetworkInterfaceInput{SubnetId: aws.String("subnet-0c"), Groups: []string{group}}))
		state := must(s.StateJSON())
		other := start(awssim.Options{})
		Expect(other.LoadState(state)).To(Succeed())
		Expect(other.saved()).To(Equal(s.saved()))
		Expect(other.described(ctx, group)).To(Equal(s.described(ctx, group)))
		Expect(must(other.DescribeTags(ctx, &sdk.DescribeTagsInput{Filters: filter("tag:a", "")})).Tags).To(HaveLen(2))
		other.Reset()
		Expect(other.saved()).To(Equal(before))
	})

	It("is seen by what adds VPCs from outside, and the other way round", func(ctx SpecContext) {
		s := start(awssim.Options{})
		s.AddVPC(frame.VPC{ID: "vpc-0added", Region: region, Account: account})
		must(s.CreateSubnet(ctx, &sdk.CreateSubnetInput{VpcId: aws.String("vpc-0added"), CidrBlock: aws.String("172.31.0.0/20")}))
		Expect(must(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{Filters: filter("vpc-id", "vpc-0added")})).SecurityGroups).To(HaveLen(1))
		s.AddVPC(frame.VPC{ID: "vpc-0added", Region: region, Account: account})
		Expect(must(s.DescribeSubnets(ctx, &sdk.DescribeSubnetsInput{Filters: filter("vpc-id", "vpc-0added")})).Subnets).To(HaveLen(1), "added again it is the same")
	})
})

var _ = Describe("Describes", func() {
	It("filter by patterns, tags and attributes, and page", func(ctx SpecContext) {
		s := start(awssim.Options{})
		for i := range 7 {
			id := s.group(ctx, fmt.Sprintf("web-%d", i))
			must(s.CreateTags(ctx, &sdk.CreateTagsInput{Resources: []string{id}, Tags: []types.Tag{{Key: aws.String("n"), Value: aws.String(fmt.Sprint(i % 2))}}}))
		}
		names := func(filters ...types.Filter) (all []string) {
			for _, g := range must(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{Filters: filters})).SecurityGroups {
				all = append(all, *g.GroupName)
			}
			return all
		}
		Expect(names(filter("group-name", "web-?")...)).To(HaveLen(7))
		Expect(names(filter("group-name", "*-3", "w*4", "nothing")...)).To(ConsistOf("web-3", "web-4"))
		Expect(names(filter("group-name", `web-\*`)...)).To(BeEmpty())
		Expect(names(append(filter("tag:n", "1"), filter("vpc-id", "vpc-0main")...)...)).To(ConsistOf("web-1", "web-3", "web-5"))
		Expect(names(filter("tag-key", "n")...)).To(HaveLen(7))
		Expect(refusal(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{Filters: filter("color", "red")}))).To(Equal("InvalidParameterValue: The filter 'color' is invalid"))

		seen := map[string]bool{}
		pages := sdk.NewDescribeSecurityGroupsPaginator(s, &sdk.DescribeSecurityGroupsInput{MaxResults: aws.Int32(5)})
		for pages.HasMorePages() {
			for _, g := range must(pages.NextPage(ctx)).SecurityGroups {
				seen[*g.GroupId] = true
			}
		}
		Expect(seen).To(HaveLen(9))
		Expect(s.Meter().Calls["ec2/DescribeSecurityGroups"]).To(Equal(8))
		Expect(refusal(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{MaxResults: aws.Int32(4)}))).To(HavePrefix("InvalidParameterValue: Value ( 4 ) for parameter maxResults"))
		Expect(refusal(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{NextToken: aws.String("!")}))).To(HavePrefix("InvalidParameterValue: "))
	})

	It("show what was just made after a while only", func(ctx SpecContext) {
		s := start(awssim.Options{Profile: awssim.ProfileRealistic, Seed: 1})
		id := s.group(ctx, "web")
		Expect(refusal(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{GroupIds: []string{id}}))).To(HavePrefix("InvalidGroup.NotFound: "))
		must(s.allow(ctx, id, permission("tcp", 1, 2, "10.0.0.0/8")))
		s.clock.Advance(5 * time.Second)
		Expect(s.described(ctx, id).IpPermissions).To(HaveLen(1))
	})

	It("are as of old when a fault makes them stale", func(ctx SpecContext) {
		s := start(awssim.Options{})
		Expect(s.AddFault(awssim.Fault{Service: "ec2", Operation: "DescribeSecurityGroups", Kind: awssim.Stale, Count: 1})).To(Succeed())
		id := s.group(ctx, "web")
		Expect(refusal(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{GroupIds: []string{id}}))).To(HavePrefix("InvalidGroup.NotFound: "))
		Expect(s.described(ctx, id)).NotTo(BeNil())
	})

	It("of everything cost more than others", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsAWS})
		for range 50 {
			must(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{}))
		}
		Expect(refusal(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{}))).To(Equal("RequestLimitExceeded: Request limit exceeded."))
		must(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{GroupIds: []string{"sg-0shared"}}))
		must(s.DescribeNetworkInterfaces(ctx, &sdk.DescribeNetworkInterfacesInput{}))
	})
})

var _ = DescribeTable("A refused call",
	func(ctx SpecContext, try attempt, expected string) {
		s := start(awssim.Options{EC2Quotas: ec2.Quotas{VPCs: 1, Addresses: 1}})
		Expect(try(ctx, s)).To(HavePrefix(expected))
	},
	Entry("for one VPC too many", func(ctx context.Context, s *sim) string {
		return refusal(s.CreateVpc(ctx, &sdk.CreateVpcInput{CidrBlock: aws.String("10.1.0.0/16")}))
	}, "VpcLimitExceeded: The maximum number of VPCs has been reached."),
	Entry("for too large a VPC", func(ctx context.Context, s *sim) string {
		return refusal(s.in("eu-west-1").CreateVpc(ctx, &sdk.CreateVpcInput{CidrBlock: aws.String("10.0.0.0/8")}))
	}, "InvalidVpc.Range: The CIDR '10.0.0.0/8' is invalid."),
	Entry("for a subnet outside of its VPC", func(ctx context.Context, s *sim) string { return refusal(subnet(ctx, s, "10.1.0.0/24", "")) }, "InvalidSubnet.Range: "),
	Entry("for a subnet in another's place", func(ctx context.Context, s *sim) string { return refusal(subnet(ctx, s, "10.0.1.128/25", "")) },
		"InvalidSubnet.Conflict: The CIDR '10.0.1.128/25' conflicts with another subnet"),
	Entry("for a subnet in no zone", func(ctx context.Context, s *sim) string { return refusal(subnet(ctx, s, "10.0.9.0/24", "us-east-1z")) },
		"InvalidParameterValue: Value (us-east-1z) for parameter availabilityZone is invalid."),
	Entry("for a subnet that is used", func(ctx context.Context, s *sim) string {
		must(s.CreateNetworkInterface(ctx, &sdk.CreateNetworkInterfaceInput{SubnetId: aws.String("subnet-0a")}))
		return refusal(s.DeleteSubnet(ctx, &sdk.DeleteSubnetInput{SubnetId: aws.String("subnet-0a")}))
	}, "DependencyViolation: The subnet 'subnet-0a' has dependencies and cannot be deleted."),
	Entry("for a second gateway", func(ctx context.Context, s *sim) string {
		gateway := must(s.CreateInternetGateway(ctx, &sdk.CreateInternetGatewayInput{})).InternetGateway.InternetGatewayId
		return refusal(s.AttachInternetGateway(ctx, &sdk.AttachInternetGatewayInput{VpcId: aws.String("vpc-0main"), InternetGatewayId: gateway}))
	}, "InvalidParameterValue: Network vpc-0main already has an internet gateway attached"),
	Entry("for one address too many", func(ctx context.Context, s *sim) string {
		must(s.AllocateAddress(ctx, &sdk.AllocateAddressInput{}))
		return refusal(s.AllocateAddress(ctx, &sdk.AllocateAddressInput{}))
	}, "AddressLimitExceeded: "),
	Entry("to release an address that is used", func(ctx context.Context, s *sim) string {
		id := must(s.AllocateAddress(ctx, &sdk.AllocateAddressInput{})).AllocationId
		nic := must(s.CreateNetworkInterface(ctx, &sdk.CreateNetworkInterfaceInput{SubnetId: aws.String("subnet-0a")})).NetworkInterface.NetworkInterfaceId
		must(s.AssociateAddress(ctx, &sdk.AssociateAddressInput{AllocationId: id, NetworkInterfaceId: nic}))
		Expect(refusal(s.AssociateAddress(ctx, &sdk.AssociateAddressInput{AllocationId: id, NetworkInterfaceId: nic}))).To(HavePrefix("Resource.AlreadyAssociated: "))
		return refusal(s.ReleaseAddress(ctx, &sdk.ReleaseAddressInput{AllocationId: id}))
	}, "InvalidIPAddress.InUse: "),
	Entry("to tag what is not there", func(ctx context.Context, s *sim) string {
		return refusal(s.CreateTags(ctx, &sdk.CreateTagsInput{Resources: []string{"vpc-0main", "subnet-0none"}, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}}}))
	}, "InvalidSubnetID.NotFound: The subnet ID 'subnet-0none' does not exist"),
	Entry("to tag in AWS's own name", func(ctx context.Context, s *sim) string {
		return refusal(s.CreateTags(ctx, &sdk.CreateTagsInput{Resources: []string{"vpc-0main"}, Tags: []types.Tag{{Key: aws.String("aws:a"), Value: aws.String("b")}}}))
	}, "InvalidParameterValue: Tag keys starting with 'aws:' are reserved for internal use"),
	Entry("that is a dry run", func(ctx context.Context, s *sim) string {
		_, err := s.DeleteSecurityGroup(ctx, &sdk.DeleteSecurityGroupInput{GroupId: aws.String("sg-0shared"), DryRun: aws.Bool(true)})
		Expect(statusOf(err)).To(Equal(http.StatusPreconditionFailed))
		s.described(ctx, "sg-0shared")
		return refusal(0, err)
	}, "DryRunOperation: Request would have succeeded, but DryRun flag is set."),
	Entry("of an operation that is not simulated", func(ctx context.Context, s *sim) string {
		return refusal(s.DescribeVolumes(ctx, &sdk.DescribeVolumesInput{}))
	}, "InvalidAction: The action DescribeVolumes is not valid for this web service."),
)

func subnet(ctx context.Context, s *sim, block, zone string) (*sdk.CreateSubnetOutput, error) {
	in := &sdk.CreateSubnetInput{VpcId: aws.String("vpc-0main"), CidrBlock: &block}
	if zone != "" {
		in.AvailabilityZone = &zone
	}
	return s.CreateSubnet(ctx, in)
}

var _ = Describe("IPv6", func() {
	It("comes to VPCs and subnets, when they are made and later", func(ctx SpecContext) {
		s := start(awssim.Options{})
		id := s.vpc(ctx, "10.9.0.0/16")
		given := *must(s.AssociateVpcCidrBlock(ctx, &sdk.AssociateVpcCidrBlockInput{VpcId: &id, AmazonProvidedIpv6CidrBlock: aws.Bool(true)})).Ipv6CidrBlockAssociation
		Expect(*given.Ipv6CidrBlock).To(HaveSuffix("00::/56"))
		block := (*given.Ipv6CidrBlock)[:len(*given.Ipv6CidrBlock)-2] + "64"
		made := must(s.CreateSubnet(ctx, &sdk.CreateSubnetInput{VpcId: &id, CidrBlock: aws.String("10.9.1.0/24"), Ipv6CidrBlock: &block})).Subnet
		Expect(*made.Ipv6CidrBlockAssociationSet[0].Ipv6CidrBlock).To(Equal(block))
		other := must(s.CreateSubnet(ctx, &sdk.CreateSubnetInput{VpcId: &id, CidrBlock: aws.String("10.9.2.0/24")})).Subnet.SubnetId
		Expect(refusal(s.AssociateSubnetCidrBlock(ctx, &sdk.AssociateSubnetCidrBlockInput{SubnetId: other, Ipv6CidrBlock: &block}))).To(HavePrefix("InvalidSubnet.Conflict: "))
		Expect(refusal(s.DisassociateVpcCidrBlock(ctx, &sdk.DisassociateVpcCidrBlockInput{AssociationId: given.AssociationId}))).To(HavePrefix("DependencyViolation: "))
		must(s.DisassociateSubnetCidrBlock(ctx, &sdk.DisassociateSubnetCidrBlockInput{AssociationId: made.Ipv6CidrBlockAssociationSet[0].AssociationId}))
		must(s.AssociateSubnetCidrBlock(ctx, &sdk.AssociateSubnetCidrBlockInput{SubnetId: other, Ipv6CidrBlock: &block}))
	})
})
