package elbv2_test

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

type creation = func(*sdk.CreateLoadBalancerInput)

func tagged(key, value string) creation {
	return func(in *sdk.CreateLoadBalancerInput) {
		in.Tags = append(in.Tags, types.Tag{Key: &key, Value: &value})
	}
}

func subnets(ids ...string) creation {
	return func(in *sdk.CreateLoadBalancerInput) { in.Subnets = ids }
}

func mapped(mappings ...types.SubnetMapping) creation {
	return func(in *sdk.CreateLoadBalancerInput) { in.Subnets, in.SubnetMappings = nil, mappings }
}

func ofType(kind types.LoadBalancerTypeEnum) creation {
	return func(in *sdk.CreateLoadBalancerInput) { in.Type = kind }
}

func internal(in *sdk.CreateLoadBalancerInput) { in.Scheme = types.LoadBalancerSchemeEnumInternal }

func groups(ids ...string) creation {
	return func(in *sdk.CreateLoadBalancerInput) { in.SecurityGroups = ids }
}

func dualstack(in *sdk.CreateLoadBalancerInput) { in.IpAddressType = types.IpAddressTypeDualstack }

var _ = Describe("Load balancers", func() {
	var s *sim
	BeforeEach(func() { s = start(elbv2.Quotas{}) })

	It("are created with AWS's defaults, and become active", func(ctx SpecContext) {
		made := s.application(ctx, "web")
		Expect(*made.LoadBalancerArn).To(MatchRegexp(`^arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/web/[0-9a-f]{16}$`))
		Expect(*made.DNSName).To(MatchRegexp(`^web-\d{10}\.us-east-1\.elb\.amazonaws\.com$`))
		Expect(*made.CanonicalHostedZoneId).To(Equal("Z35SXDOTRQ7X7K"))
		Expect([]any{made.Type, made.Scheme, made.IpAddressType, made.State.Code, *made.VpcId, made.SecurityGroups}).To(Equal([]any{
			types.LoadBalancerTypeEnumApplication, types.LoadBalancerSchemeEnumInternetFacing, types.IpAddressTypeIpv4,
			types.LoadBalancerStateEnumProvisioning, "vpc-0main", []string{"sg-default"},
		}))
		Expect(made.AvailabilityZones).To(HaveLen(2))
		Expect(*made.AvailabilityZones[1].ZoneName + *made.AvailabilityZones[1].SubnetId).To(Equal("us-east-1bsubnet-0b"))
		s.clock.Advance(s.env.Timing.LoadBalancing.Provisioning.Max)
		found := must(s.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{Names: []string{"web"}})).LoadBalancers
		Expect(found).To(HaveLen(1))
		Expect(found[0].State.Code).To(Equal(types.LoadBalancerStateEnumActive))
		found[0].State = made.State
		Expect(found[0]).To(Equal(made))
	})

	It("are named in DNS by type and scheme", func(ctx SpecContext) {
		Expect(*s.application(ctx, "inner", internal).DNSName).To(HavePrefix("internal-inner-"))
		made := s.networkBalancer(ctx, "tcp", groups("sg-1"))
		Expect(*made.DNSName).To(MatchRegexp(`^tcp-[0-9a-f]{16}\.elb\.us-east-1\.amazonaws\.com$`))
		Expect(*made.CanonicalHostedZoneId).To(Equal("Z26RNL4JYFTOTI"))
		Expect(*made.EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic).To(Equal("on"))
		gateway := s.networkBalancer(ctx, "gateway", ofType(types.LoadBalancerTypeEnumGateway))
		Expect([]any{gateway.DNSName, gateway.Scheme}).To(Equal([]any{(*string)(nil), types.LoadBalancerSchemeEnum("")}))
		Expect(*gateway.LoadBalancerArn).To(ContainSubstring(":loadbalancer/gwy/gateway/"))
	})

	It("hold a network interface and a loopback address of their own in each zone", func(ctx SpecContext) {
		s.application(ctx, "web", groups("sg-1", "sg-2"))
		s.networkBalancer(ctx, "tcp")
		seen := map[string]bool{}
		for _, balancer := range s.LoadBalancers() {
			for _, address := range balancer.Addresses {
				Expect(address.IP.IsLoopback()).To(BeTrue())
				Expect(seen).NotTo(HaveKey(address.IP.String()))
				seen[address.IP.String()] = true
				held := s.network.interfaces[address.InterfaceID]
				Expect(held.SubnetID).To(Equal(address.SubnetID))
				Expect(held.Description).To(MatchRegexp(`^ELB (app|net)/` + balancer.Name + `/[0-9a-f]{16}$`))
			}
		}
		Expect(seen).To(HaveLen(3))
	})

	It("are given up wholly when an interface cannot be had", func(ctx SpecContext) {
		s.network.refuse = "subnet-0b"
		_, err := s.CreateLoadBalancer(ctx, &sdk.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: []string{"subnet-0a", "subnet-0b"}})
		Expect(codeOf(err)).To(Equal("InvalidSubnet"))
		Expect(s.network.interfaces).To(BeEmpty())
		Expect(s.LoadBalancers()).To(BeEmpty())
	})

	DescribeTable("are the existing one when created again alike, and refused when not", func(ctx SpecContext, again creation, code string) {
		first := s.application(ctx, "web", tagged("owner", "me"), groups("sg-1", "sg-2"))
		in := &sdk.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: []string{"subnet-0b", "subnet-0a"}, SecurityGroups: []string{"sg-2", "sg-1"}}
		tagged("owner", "me")(in)
		again(in)
		out, err := s.CreateLoadBalancer(ctx, in)
		Expect(codeOf(err)).To(Equal(code))
		if err == nil {
			Expect(out.LoadBalancers[0]).To(Equal(first))
		} else {
			Expect(messageOf(err)).To(Equal("A load balancer with the same name 'web' exists, but with different settings"))
		}
		Expect(s.network.interfaces).To(HaveLen(2))
	},
		Entry("the same in another order", func(*sdk.CreateLoadBalancerInput) {}, "no error"),
		Entry("other tags", tagged("x", "y"), "DuplicateLoadBalancerName"),
		Entry("another scheme", creation(internal), "DuplicateLoadBalancerName"),
		Entry("other subnets", subnets("subnet-0a", "subnet-0c"), "DuplicateLoadBalancerName"),
		Entry("other groups", groups("sg-1"), "DuplicateLoadBalancerName"),
		Entry("another type", creation(func(in *sdk.CreateLoadBalancerInput) { in.Type = types.LoadBalancerTypeEnumNetwork }), "DuplicateLoadBalancerName"),
	)

	DescribeTable("are refused", func(ctx SpecContext, code string, with ...creation) {
		in := &sdk.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: []string{"subnet-0a", "subnet-0b"}}
		for _, f := range with {
			f(in)
		}
		_, err := s.CreateLoadBalancer(ctx, in)
		Expect(codeOf(err)).To(Equal(code))
		Expect(messageOf(err)).NotTo(BeEmpty())
		Expect(s.LoadBalancers()).To(BeEmpty())
	},
		Entry("one zone for an application", "ValidationError", subnets("subnet-0a")),
		Entry("no subnet", "ValidationError", subnets(), ofType(types.LoadBalancerTypeEnumNetwork)),
		Entry("two subnets of one zone", "InvalidConfigurationRequest", subnets("subnet-0a", "subnet-0a2")),
		Entry("two VPCs", "InvalidConfigurationRequest", subnets("subnet-0a", "subnet-other")),
		Entry("an unknown subnet", "SubnetNotFound", subnets("subnet-0a", "subnet-404")),
		Entry("a small subnet", "InvalidSubnet", subnets("subnet-0a", "subnet-small")),
		Entry("a full subnet", "InvalidSubnet", subnets("subnet-0a", "subnet-full")),
		Entry("an unknown group", "InvalidSecurityGroup", groups("sg-404")),
		Entry("a group of another VPC", "InvalidSecurityGroup", groups("sg-other")),
		Entry("groups for a gateway", "InvalidConfigurationRequest", groups("sg-1"), ofType(types.LoadBalancerTypeEnumGateway)),
		Entry("a scheme for a gateway", "InvalidConfigurationRequest", creation(internal), ofType(types.LoadBalancerTypeEnumGateway)),
		Entry("IPv6 without CIDR blocks", "ValidationError", creation(dualstack), subnets("subnet-0a2", "subnet-0b")),
		Entry("a bad name", "ValidationError", creation(func(in *sdk.CreateLoadBalancerInput) { in.Name = aws.String("web-") })),
		Entry("a reserved name", "ValidationError", creation(func(in *sdk.CreateLoadBalancerInput) { in.Name = aws.String("internal-web") })),
		Entry("a long name", "ValidationError", creation(func(in *sdk.CreateLoadBalancerInput) { in.Name = aws.String(fmt.Sprintf("%033d", 1)) })),
		Entry("an unknown type", "ValidationError", ofType("classic")),
		Entry("an EIP for an application", "InvalidConfigurationRequest",
			mapped(types.SubnetMapping{SubnetId: aws.String("subnet-0a"), AllocationId: aws.String("eipalloc-1")})),
		Entry("an EIP for an internal one", "InvalidConfigurationRequest", ofType(types.LoadBalancerTypeEnumNetwork), creation(internal),
			mapped(types.SubnetMapping{SubnetId: aws.String("subnet-0a"), AllocationId: aws.String("eipalloc-1")})),
		Entry("an unknown EIP", "AllocationIdNotFound", ofType(types.LoadBalancerTypeEnumNetwork),
			mapped(types.SubnetMapping{SubnetId: aws.String("subnet-0a"), AllocationId: aws.String("none")})),
		Entry("an address outside of the subnet", "InvalidConfigurationRequest", ofType(types.LoadBalancerTypeEnumNetwork), creation(internal),
			mapped(types.SubnetMapping{SubnetId: aws.String("subnet-0a"), PrivateIPv4Address: aws.String("10.0.1.5")})),
		Entry("a reserved tag", "ValidationError", tagged("aws:x", "y")),
		Entry("a tag twice", "DuplicateTagKeys", tagged("a", "1"), tagged("a", "2")),
	)

	It("need an internet gateway to face the internet", func(ctx SpecContext) {
		s.network.gateway = false
		_, err := s.CreateLoadBalancer(ctx, &sdk.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: []string{"subnet-0a", "subnet-0b"}})
		Expect(codeOf(err)).To(Equal("InvalidSubnet"))
		Expect(messageOf(err)).To(Equal("VPC vpc-0main has no internet gateway"))
		s.application(ctx, "web", internal)
	})

	It("hold Elastic IP addresses until they are gone", func(ctx SpecContext) {
		withEIP := mapped(types.SubnetMapping{SubnetId: aws.String("subnet-0a"), AllocationId: aws.String("eipalloc-1")})
		made := s.networkBalancer(ctx, "tcp", withEIP)
		Expect(*made.AvailabilityZones[0].LoadBalancerAddresses[0].IpAddress).To(Equal("203.0.113.7"))
		Expect(s.networkBalancer(ctx, "tcp", withEIP)).To(Equal(made), "creating it again finds it")
		in := &sdk.CreateLoadBalancerInput{Name: aws.String("other"), Type: types.LoadBalancerTypeEnumNetwork}
		withEIP(in)
		_, err := s.CreateLoadBalancer(ctx, in)
		Expect(codeOf(err)).To(Equal("ResourceInUse"))
		Expect(messageOf(err)).To(Equal("The allocation IDs are not available for use"))
	})

	It("are bounded in number by type", func(ctx SpecContext) {
		s := start(elbv2.Quotas{ApplicationLoadBalancers: 1})
		s.application(ctx, "one")
		_, err := s.CreateLoadBalancer(ctx, &sdk.CreateLoadBalancerInput{Name: aws.String("two"), Subnets: []string{"subnet-0a", "subnet-0b"}})
		Expect(codeOf(err)).To(Equal("TooManyLoadBalancers"))
		s.networkBalancer(ctx, "three")
	})

	It("are deleted with listeners and rules unless protected; interfaces linger", func(ctx SpecContext) {
		made := s.application(ctx, "web")
		s.listen(ctx, made, 80, forward(s.group(ctx, "group")))
		protect := func(value string) {
			must(s.ModifyLoadBalancerAttributes(ctx, &sdk.ModifyLoadBalancerAttributesInput{LoadBalancerArn: made.LoadBalancerArn,
				Attributes: []types.LoadBalancerAttribute{{Key: aws.String("deletion_protection.enabled"), Value: &value}}}))
		}
		remove := func() error {
			_, err := s.DeleteLoadBalancer(ctx, &sdk.DeleteLoadBalancerInput{LoadBalancerArn: made.LoadBalancerArn})
			return err
		}
		protect("true")
		Expect(messageOf(remove())).To(Equal("Load balancer '" + *made.LoadBalancerArn + "' cannot be deleted because deletion protection is enabled"))
		Expect(codeOf(remove())).To(Equal("OperationNotPermitted"))
		protect("false")
		Expect(remove()).To(Succeed())
		Expect(remove()).To(Succeed(), "it is not there any more")
		Expect(s.LoadBalancers()).To(BeEmpty())
		Expect(s.TargetGroups()).To(HaveLen(1))
		Expect(s.network.interfaces).To(BeEmpty())
		for _, at := range s.network.released {
			Expect(at).To(BeTemporally("==", s.clock.Now().Add(s.env.Timing.LoadBalancing.Lingering.Max)))
		}
	})

	It("are described by ARN, by name, or all in pages", func(ctx SpecContext) {
		var arns []string
		for i := range 5 {
			arns = append(arns, *s.application(ctx, fmt.Sprintf("web%d", i)).LoadBalancerArn)
		}
		pages := sdk.NewDescribeLoadBalancersPaginator(s.Client, &sdk.DescribeLoadBalancersInput{PageSize: aws.Int32(2)})
		var listed []string
		for pages.HasMorePages() {
			for _, one := range must(pages.NextPage(ctx)).LoadBalancers {
				listed = append(listed, *one.LoadBalancerArn)
			}
		}
		Expect(listed).To(Equal(arns))
		_, err := s.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{LoadBalancerArns: []string{arns[0], arns[1] + "0"}})
		Expect(codeOf(err)).To(Equal("LoadBalancerNotFound"), "a missing one fails the whole call")
		_, err = s.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{Names: []string{"web0", "web9"}})
		Expect(messageOf(err)).To(Equal("Load balancers '[web9]' not found"))
		_, err = s.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{PageSize: aws.Int32(401)})
		Expect(codeOf(err)).To(Equal("ValidationError"))
	})

	It("are not found for a moment after their creation, where timing says so", func(ctx SpecContext) {
		s.env.Timing.LoadBalancing.Hidden.Min, s.env.Timing.LoadBalancing.Hidden.Max = time.Second, time.Second
		made := s.application(ctx, "web")
		describe := func() error {
			_, err := s.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{LoadBalancerArns: []string{*made.LoadBalancerArn}})
			return err
		}
		Expect(codeOf(describe())).To(Equal("LoadBalancerNotFound"))
		Expect(*s.application(ctx, "web").LoadBalancerArn).To(Equal(*made.LoadBalancerArn))
		s.clock.Advance(time.Second)
		Expect(describe()).To(Succeed())
	})
})
