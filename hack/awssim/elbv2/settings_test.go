package elbv2_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

func (s *sim) setSubnets(ctx context.Context, balancer types.LoadBalancer, ids ...string) error {
	_, err := s.SetSubnets(ctx, &sdk.SetSubnetsInput{LoadBalancerArn: balancer.LoadBalancerArn, Subnets: ids})
	return err
}

var _ = Describe("Settings of load balancers", func() {
	var s *sim
	BeforeEach(func() { s = start(elbv2.Quotas{}) })

	It("keep the interfaces of subnets that stay", func(ctx SpecContext) {
		balancer := s.application(ctx, "web")
		before := s.LoadBalancers()[0].Addresses
		Expect(s.setSubnets(ctx, balancer, "subnet-0c", "subnet-0b", "subnet-0a2")).To(Succeed())
		after := s.LoadBalancers()[0].Addresses
		Expect(after).To(HaveLen(3))
		Expect(after[1]).To(Equal(before[1]))
		Expect(after[0].SubnetID).To(Equal("subnet-0a2"))
		Expect(after[0].IP).NotTo(Equal(before[0].IP))
		Expect(s.network.released).To(HaveKey(before[0].InterfaceID))
		Expect(codeOf(s.setSubnets(ctx, balancer, "subnet-0a"))).To(Equal("ValidationError"))
		Expect(codeOf(s.setSubnets(ctx, balancer, "subnet-0a", "subnet-other"))).To(Equal("InvalidConfigurationRequest"))
	})

	It("replace a network load balancer's subnet of a zone in two steps only", func(ctx SpecContext) {
		balancer := s.networkBalancer(ctx, "tcp", subnets("subnet-0a", "subnet-0b"))
		Expect(codeOf(s.setSubnets(ctx, balancer, "subnet-0a2", "subnet-0b"))).To(Equal("InvalidConfigurationRequest"))
		Expect(s.setSubnets(ctx, balancer, "subnet-0b")).To(Succeed())
		Expect(s.setSubnets(ctx, balancer, "subnet-0a2", "subnet-0b")).To(Succeed())
		gateway := s.networkBalancer(ctx, "gateway", ofType(types.LoadBalancerTypeEnumGateway))
		Expect(codeOf(s.setSubnets(ctx, gateway, "subnet-0b"))).To(Equal("InvalidConfigurationRequest"))
		Expect(s.setSubnets(ctx, gateway, "subnet-0a", "subnet-0b")).To(Succeed())
	})

	DescribeTable("replace security groups", func(ctx SpecContext, kind types.LoadBalancerTypeEnum, had, wanted []string, code string) {
		balancer := s.networkBalancer(ctx, "lb", ofType(kind), subnets("subnet-0a", "subnet-0b"), groups(had...))
		_, err := s.SetSecurityGroups(ctx, &sdk.SetSecurityGroupsInput{LoadBalancerArn: balancer.LoadBalancerArn, SecurityGroups: wanted})
		Expect(codeOf(err)).To(Equal(code))
		for _, held := range s.network.interfaces {
			if err == nil {
				Expect(held.GroupIDs).To(Equal(wanted))
			}
		}
	},
		Entry("of an application", types.LoadBalancerTypeEnumApplication, nil, []string{"sg-1", "sg-2"}, "no error"),
		Entry("of an application by none", types.LoadBalancerTypeEnumApplication, nil, []string{}, "ValidationError"),
		Entry("of a network", types.LoadBalancerTypeEnumNetwork, []string{"sg-1"}, []string{"sg-2"}, "no error"),
		Entry("of a network by none", types.LoadBalancerTypeEnumNetwork, []string{"sg-1"}, []string{}, "InvalidConfigurationRequest"),
		Entry("of a network that has none", types.LoadBalancerTypeEnumNetwork, nil, []string{"sg-1"}, "InvalidConfigurationRequest"),
		Entry("of a gateway", types.LoadBalancerTypeEnumGateway, nil, []string{"sg-1"}, "InvalidConfigurationRequest"),
		Entry("by an unknown one", types.LoadBalancerTypeEnumApplication, nil, []string{"sg-404"}, "InvalidSecurityGroup"),
	)

	It("change the IP address type where all subnets and listeners can", func(ctx SpecContext) {
		set := func(balancer types.LoadBalancer, kind types.IpAddressType) string {
			_, err := s.SetIpAddressType(ctx, &sdk.SetIpAddressTypeInput{LoadBalancerArn: balancer.LoadBalancerArn, IpAddressType: kind})
			return codeOf(err)
		}
		web := s.application(ctx, "web")
		Expect(set(web, types.IpAddressTypeDualstack)).To(Equal("no error"))
		Expect(s.LoadBalancers()[0].IPAddressType).To(Equal(types.IpAddressTypeDualstack))
		Expect(set(web, types.IpAddressTypeDualstackWithoutPublicIpv4)).To(Equal("no error"))
		Expect(set(s.application(ctx, "old", subnets("subnet-0a2", "subnet-0b")), types.IpAddressTypeDualstack)).To(Equal("ValidationError"))
		udp := s.networkBalancer(ctx, "udp")
		Expect(set(udp, types.IpAddressTypeDualstackWithoutPublicIpv4)).To(Equal("InvalidConfigurationRequest"))
		must(s.createListener(ctx, udp, on(types.ProtocolEnumUdp, 53), doing(forward(s.group(ctx, "udp", protocol(types.ProtocolEnumUdp)))...)))
		Expect(set(udp, types.IpAddressTypeDualstack)).To(Equal("InvalidConfigurationRequest"))
		must(s.SetSubnets(ctx, &sdk.SetSubnetsInput{LoadBalancerArn: udp.LoadBalancerArn, Subnets: []string{"subnet-0a"},
			IpAddressType: types.IpAddressTypeDualstack, EnablePrefixForIpv6SourceNat: types.EnablePrefixForIpv6SourceNatEnumOn}))
	})

	It("set and remove an IPAM pool", func(ctx SpecContext) {
		web := s.application(ctx, "web")
		pool := &types.IpamPools{Ipv4IpamPoolId: aws.String("ipam-pool-1")}
		Expect(must(s.ModifyIpPools(ctx, &sdk.ModifyIpPoolsInput{LoadBalancerArn: web.LoadBalancerArn, IpamPools: pool})).IpamPools).To(Equal(pool))
		must(s.ModifyIpPools(ctx, &sdk.ModifyIpPoolsInput{LoadBalancerArn: web.LoadBalancerArn, RemoveIpamPools: []types.RemoveIpamPoolEnum{types.RemoveIpamPoolEnumIpv4}}))
		Expect(must(s.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{})).LoadBalancers[0].IpamPools).To(BeNil())
		_, err := s.ModifyIpPools(ctx, &sdk.ModifyIpPoolsInput{LoadBalancerArn: s.networkBalancer(ctx, "tcp").LoadBalancerArn, IpamPools: pool})
		Expect(codeOf(err)).To(Equal("InvalidConfigurationRequest"))
	})

	It("reserve capacity, slowly, and with few decreases a day", func(ctx SpecContext) {
		web := s.application(ctx, "web")
		reserve := func(units int32) string {
			in := &sdk.ModifyCapacityReservationInput{LoadBalancerArn: web.LoadBalancerArn}
			if units == 0 {
				in.ResetCapacityReservation = aws.Bool(true)
			} else {
				in.MinimumLoadBalancerCapacity = &types.MinimumLoadBalancerCapacity{CapacityUnits: &units}
			}
			_, err := s.ModifyCapacityReservation(ctx, in)
			return codeOf(err)
		}
		states := func() []string {
			out := must(s.DescribeCapacityReservation(ctx, &sdk.DescribeCapacityReservationInput{LoadBalancerArn: web.LoadBalancerArn}))
			found := []string{}
			for _, zone := range out.CapacityReservationState {
				found = append(found, string(zone.State.Code))
			}
			return found
		}
		settle := func() { s.clock.Advance(s.env.Timing.LoadBalancing.Reserving.Max) }
		Expect(states()).To(BeEmpty())
		Expect(reserve(1501)).To(Equal("CapacityUnitsLimitExceeded"))
		Expect(reserve(1000)).To(Equal("no error"))
		Expect(states()).To(Equal([]string{"pending", "pending"}))
		Expect(reserve(900)).To(Equal("CapacityReservationPending"))
		Expect(codeOf(s.setSubnets(ctx, web, "subnet-0a", "subnet-0b"))).To(Equal("CapacityReservationPending"))
		settle()
		Expect(states()).To(Equal([]string{"provisioned", "provisioned"}))
		for _, units := range []int32{900, 800} {
			Expect(reserve(units)).To(Equal("no error"))
			settle()
		}
		Expect(reserve(0)).To(Equal("CapacityDecreaseRequestLimitExceeded"))
		s.clock.Advance(24 * time.Hour)
		Expect(reserve(0)).To(Equal("no error"))
		settle()
		Expect(states()).To(BeEmpty())
	})
})
