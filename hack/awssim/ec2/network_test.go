package ec2_test

import (
	"net/netip"
	"reflect"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// perform runs an operation on a service without a server.
func perform[Out any](ctx SpecContext, s *ec2.Service, in any) (*Out, error) {
	for _, operation := range s.Definition().Operations {
		request := &frame.Request{Region: region, Caller: frame.Identity{Account: account}, Operation: operation.Name}
		if reflect.TypeOf(operation.NewInput()) == reflect.TypeOf(in) {
			out, err := operation.Handle(ctx, request, in)
			typed, _ := out.(*Out)
			return typed, err
		}
	}
	Fail("no operation takes this input")
	return nil, nil
}

var _ = Describe("What load balancing asks", func() {
	It("is answered from the world at start", func() {
		s, _ := alone()
		for i, id := range []string{"subnet-0a", "subnet-0b", "subnet-0c"} {
			subnet, ok := s.Subnet(account, region, id)
			Expect(ok).To(BeTrue())
			letter := string(rune('a' + i))
			Expect(subnet.VpcID + subnet.Zone).To(Equal("vpc-0main" + region + letter))
			Expect(subnet.Free).To(Equal(251))
			Expect(subnet.IPv6CIDR.IsValid()).To(BeTrue())
		}
		_, ok := s.Subnet("222222222222", region, "subnet-0a")
		Expect(ok).To(BeFalse())
		g, ok := s.SecurityGroup(account, region, "sg-0shared")
		Expect(ok).To(BeTrue())
		Expect(g).To(Equal(elbv2.SecurityGroup{ID: "sg-0shared", VpcID: "vpc-0main", Name: "shared"}))
		Expect(s.DefaultSecurityGroup(account, region, "vpc-0main")).To(Equal("sg-0default"))
		Expect(s.DefaultSecurityGroup(account, region, "vpc-0none")).To(BeEmpty())
		Expect(s.HasInternetGateway(account, region, "vpc-0main")).To(BeTrue())
		Expect(s.HasInternetGateway(account, "eu-west-1", "vpc-0main")).To(BeFalse())
	})

	It("makes interfaces that hold groups, subnets and addresses until they are released", func(ctx SpecContext) {
		s, clock := alone()
		allocated := must(perform[sdk.AllocateAddressOutput](ctx, s, &sdk.AllocateAddressInput{}))
		made := must(s.CreateInterface(elbv2.NewInterface{
			Account: account, Region: region, SubnetID: "subnet-0b", Description: "ELB net/x/1", GroupIDs: []string{"sg-0shared"},
			PrivateIP: netip.MustParseAddr("10.0.2.77"), AllocationID: *allocated.AllocationId,
		}))
		Expect(made.PrivateIP.String() + " " + made.PublicIP.String()).To(Equal("10.0.2.77 " + *allocated.PublicIp))
		allocation, _ := s.Allocation(account, region, *allocated.AllocationId)
		Expect(allocation.InUse).To(BeTrue())
		subnet, _ := s.Subnet(account, region, "subnet-0b")
		Expect(subnet.Free).To(Equal(250))
		nic := must(perform[sdk.DescribeNetworkInterfacesOutput](ctx, s, &sdk.DescribeNetworkInterfacesInput{
			Filters: filter("description", "ELB net/*"),
		})).NetworkInterfaces[0]
		Expect(nic.InterfaceType).To(Equal(types.NetworkInterfaceTypeNetworkLoadBalancer))
		Expect(*nic.RequesterManaged).To(BeTrue())
		Expect(nic.Status).To(Equal(types.NetworkInterfaceStatusInUse))
		Expect(*nic.Association.PublicIp).To(Equal(*allocated.PublicIp))

		dropGroup := func() error {
			_, err := perform[sdk.DeleteSecurityGroupOutput](ctx, s, &sdk.DeleteSecurityGroupInput{GroupId: aws.String("sg-0shared")})
			return err
		}
		dropSubnet := func() error {
			_, err := perform[sdk.DeleteSubnetOutput](ctx, s, &sdk.DeleteSubnetInput{SubnetId: aws.String("subnet-0b")})
			return err
		}
		_, err := perform[sdk.DeleteNetworkInterfaceOutput](ctx, s, &sdk.DeleteNetworkInterfaceInput{NetworkInterfaceId: &made.ID})
		Expect(err).To(MatchError(ContainSubstring("is currently in use")))
		_, err = perform[sdk.DisassociateAddressOutput](ctx, s, &sdk.DisassociateAddressInput{PublicIp: allocated.PublicIp})
		Expect(err).To(MatchError(HavePrefix("AuthFailure")))
		s.ReleaseInterface(made.ID, clock.Now().Add(time.Minute))
		clock.Advance(59 * time.Second)
		Expect(dropGroup()).To(MatchError(HavePrefix("DependencyViolation")))
		Expect(dropSubnet()).To(MatchError(HavePrefix("DependencyViolation")))
		clock.Advance(time.Second)
		allocation, _ = s.Allocation(account, region, *allocated.AllocationId)
		Expect(allocation.InUse).To(BeFalse())
		Expect(must(perform[sdk.DescribeNetworkInterfacesOutput](ctx, s, &sdk.DescribeNetworkInterfacesInput{})).NetworkInterfaces).To(BeEmpty())
		Expect(dropGroup()).To(Succeed())
		Expect(dropSubnet()).To(Succeed())
		must(perform[sdk.ReleaseAddressOutput](ctx, s, &sdk.ReleaseAddressInput{AllocationId: allocated.AllocationId}))
	})

	It("replaces the groups of an interface", func(ctx SpecContext) {
		s, _ := alone()
		made := must(s.CreateInterface(elbv2.NewInterface{Account: account, Region: region, SubnetID: "subnet-0a", Description: "ELB app/x/1"}))
		groups := func() []types.GroupIdentifier {
			return must(perform[sdk.DescribeNetworkInterfacesOutput](ctx, s, &sdk.DescribeNetworkInterfacesInput{})).NetworkInterfaces[0].Groups
		}
		Expect(*groups()[0].GroupId).To(Equal("sg-0default"))
		s.SetInterfaceGroups(made.ID, []string{"sg-0shared"})
		Expect(groups()).To(Equal([]types.GroupIdentifier{{GroupId: aws.String("sg-0shared"), GroupName: aws.String("shared")}}))
	})

	DescribeTable("refuses an interface", func(change func(*elbv2.NewInterface), code string) {
		s, _ := alone()
		asked := elbv2.NewInterface{Account: account, Region: region, SubnetID: "subnet-0a"}
		change(&asked)
		_, err := s.CreateInterface(asked)
		Expect(err).To(MatchError(HavePrefix(code)))
	},
		Entry("in an unknown subnet", func(n *elbv2.NewInterface) { n.SubnetID = "subnet-0none" }, "InvalidSubnetID.NotFound"),
		Entry("with an unknown group", func(n *elbv2.NewInterface) { n.GroupIDs = []string{"sg-0none"} }, "InvalidGroup.NotFound"),
		Entry("outside of its subnet", func(n *elbv2.NewInterface) { n.PrivateIP = netip.MustParseAddr("10.0.2.5") }, "InvalidParameterValue"),
		Entry("with an unknown address", func(n *elbv2.NewInterface) { n.AllocationID = "eipalloc-0none" }, "InvalidAllocationID.NotFound"),
	)

	It("runs out of addresses at the end of the subnet", func() {
		s, _ := alone()
		seen := map[netip.Addr]bool{}
		asked := elbv2.NewInterface{Account: account, Region: region, SubnetID: "subnet-0a"}
		for range 251 {
			seen[must(s.CreateInterface(asked)).PrivateIP] = true
		}
		Expect(seen).To(HaveLen(251))
		for _, kept := range []string{"10.0.1.0", "10.0.1.1", "10.0.1.2", "10.0.1.3", "10.0.1.255"} {
			Expect(seen).NotTo(HaveKey(netip.MustParseAddr(kept)))
		}
		_, err := s.CreateInterface(asked)
		Expect(err).To(MatchError(HavePrefix("InsufficientFreeAddressesInSubnet")))
	})
})
