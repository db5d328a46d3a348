package awssim_test

import (
	"context"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
)

// answers are the addresses that DNS has for a name, sorted.
func (s *sim) answers(ctx context.Context, server, name string, kind uint16) (rcode int, addresses []string) {
	GinkgoHelper()
	reply, _, err := new(dns.Client).ExchangeContext(ctx, new(dns.Msg).SetQuestion(dns.Fqdn(name), kind), server)
	Expect(err).NotTo(HaveOccurred())
	for _, record := range reply.Answer {
		if a, ok := record.(*dns.A); ok {
			addresses = append(addresses, a.A.String())
		}
	}
	slices.Sort(addresses)
	return reply.Rcode, addresses
}

var _ = Describe("Load balancers in DNS", func() {
	var (
		s             *sim
		client        *elb.Client
		server        string
		balancer      elbtypes.LoadBalancer
		first, second string // the addresses of its two zones
	)
	BeforeEach(func(ctx SpecContext) {
		s = start(awssim.Options{})
		client = elb.New(elb.Options{Region: "us-east-1", BaseEndpoint: &s.url, Retryer: aws.NopRetryer{}, Credentials: s.route53.Options().Credentials})
		server = s.serveDNS(ctx)
		made, err := client.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
			Name: aws.String("Web"), Type: elbtypes.LoadBalancerTypeEnumNetwork, Subnets: []string{"subnet-0a", "subnet-0b"},
		})
		Expect(err).NotTo(HaveOccurred())
		balancer = made.LoadBalancers[0]
		_, addresses := s.answers(ctx, server, *balancer.DNSName, dns.TypeA)
		Expect(addresses).To(HaveLen(2))
		for _, address := range addresses {
			Expect(netip.MustParsePrefix("127.64.0.0/10").Contains(netip.MustParseAddr(address))).To(BeTrue())
		}
		first, second = addresses[0], addresses[1]
	})
	AfterEach(func() { client = nil })

	// serve puts targets of the addresses behind the load balancer, all healthy.
	serve := func(ctx context.Context, targets ...string) (group string) {
		GinkgoHelper()
		made, err := client.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
			Name: aws.String("group"), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(80), VpcId: aws.String("vpc-0main"), TargetType: elbtypes.TargetTypeEnumIp,
		})
		Expect(err).NotTo(HaveOccurred())
		group = *made.TargetGroups[0].TargetGroupArn
		_, err = client.CreateListener(ctx, &elb.CreateListenerInput{
			LoadBalancerArn: balancer.LoadBalancerArn, Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(80),
			DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}},
		})
		Expect(err).NotTo(HaveOccurred())
		for _, id := range targets {
			_, err = client.RegisterTargets(ctx, &elb.RegisterTargetsInput{TargetGroupArn: &group, Targets: []elbtypes.TargetDescription{{Id: &id}}})
			Expect(err).NotTo(HaveOccurred())
		}
		s.clock.Advance(time.Second)
		return group
	}

	It("answer in any case, with and without dualstack., and have A records only", func(ctx SpecContext) {
		for _, name := range []string{strings.ToUpper(*balancer.DNSName), "dualstack." + *balancer.DNSName} {
			rcode, addresses := s.answers(ctx, server, name, dns.TypeA)
			Expect(rcode).To(Equal(dns.RcodeSuccess))
			Expect(addresses).To(Equal([]string{first, second}))
		}
		rcode, addresses := s.answers(ctx, server, *balancer.DNSName, dns.TypeAAAA)
		Expect(rcode).To(Equal(dns.RcodeSuccess), "the name exists")
		Expect(addresses).To(BeEmpty())
		rcode, _ = s.answers(ctx, server, "other-1.us-east-1.elb.amazonaws.com", dns.TypeA)
		Expect(rcode).To(Equal(dns.RcodeRefused))
	})

	It("answer with the zones that have healthy targets, or with all", func(ctx SpecContext) {
		group := serve(ctx, "10.0.1.10")
		_, one := s.answers(ctx, server, *balancer.DNSName, dns.TypeA)
		Expect(one).To(HaveLen(1), "only the target's own zone")
		_, err := client.ModifyLoadBalancerAttributes(ctx, &elb.ModifyLoadBalancerAttributesInput{LoadBalancerArn: balancer.LoadBalancerArn,
			Attributes: []elbtypes.LoadBalancerAttribute{{Key: aws.String("load_balancing.cross_zone.enabled"), Value: aws.String("true")}}})
		Expect(err).NotTo(HaveOccurred())
		_, both := s.answers(ctx, server, *balancer.DNSName, dns.TypeA)
		Expect(both).To(Equal([]string{first, second}), "each node reaches all targets")
		_, err = client.DeregisterTargets(ctx, &elb.DeregisterTargetsInput{TargetGroupArn: &group, Targets: []elbtypes.TargetDescription{{Id: aws.String("10.0.1.10")}}})
		Expect(err).NotTo(HaveOccurred())
		_, all := s.answers(ctx, server, *balancer.DNSName, dns.TypeA)
		Expect(all).To(Equal([]string{first, second}), "none is healthy")
	})

	It("are targets of aliases and of CNAME records", func(ctx SpecContext) {
		zone := s.zone(ctx, "example.com")
		s.mustChange(ctx, zone, create(alias("example.com", types.RRTypeA, *balancer.CanonicalHostedZoneId, "dualstack."+*balancer.DNSName)),
			create(rrset("www.example.com", types.RRTypeCname, []string{*balancer.DNSName})))
		for _, name := range []string{"example.com", "www.example.com"} {
			_, addresses := s.answers(ctx, server, name, dns.TypeA)
			Expect(addresses).To(Equal([]string{first, second}), name)
		}
	})

	It("decide what aliases answer that evaluate their target", func(ctx SpecContext) {
		zone := s.zone(ctx, "example.com")
		primary := alias("example.com", types.RRTypeA, *balancer.CanonicalHostedZoneId, *balancer.DNSName)
		failoverAs("one", types.ResourceRecordSetFailoverPrimary)(&primary)
		primary.AliasTarget.EvaluateTargetHealth, primary.HealthCheckId = true, nil
		secondary := a("example.com", "192.0.2.1", failoverAs("two", types.ResourceRecordSetFailoverSecondary))
		secondary.HealthCheckId = nil
		s.mustChange(ctx, zone, create(primary), create(secondary))
		ask := func() []string {
			_, addresses := s.answers(ctx, server, "example.com", dns.TypeA)
			return addresses
		}
		Expect(ask()).To(Equal([]string{first, second}), "there is no target group yet")
		group := serve(ctx)
		Expect(ask()).To(Equal([]string{"192.0.2.1"}), "a group without targets is unhealthy")
		_, err := client.RegisterTargets(ctx, &elb.RegisterTargetsInput{TargetGroupArn: &group, Targets: []elbtypes.TargetDescription{{Id: aws.String("10.0.1.10")}}})
		Expect(err).NotTo(HaveOccurred())
		s.clock.Advance(time.Second)
		Expect(ask()).To(HaveLen(1))
		Expect(ask()).NotTo(ContainElement("192.0.2.1"))
	})
})

var _ = Describe("Load balancing in the world", func() {
	It("shares the buckets of a category between its operations", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsAWS})
		client := elb.New(elb.Options{Region: "us-east-1", BaseEndpoint: &s.url, Retryer: aws.NopRetryer{}, Credentials: s.route53.Options().Credentials})
		describe := []func() error{
			func() error { _, err := client.DescribeLoadBalancers(ctx, nil); return err },
			func() error { _, err := client.DescribeTargetGroups(ctx, nil); return err },
		}
		turn := 0
		passed, err := until(func() error { turn++; return describe[turn%2]() })
		Expect(passed).To(Equal(40))
		Expect(codeOf(err)).To(Equal("ThrottlingException"))
		Expect(messageOf(err)).To(Equal("Rate exceeded"))
		s.clock.Advance(time.Second)
		Expect(first(until(describe[0]))).To(Equal(10))
		made, err := until(func() error {
			_, err := client.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: []string{"subnet-0a", "subnet-0b"}})
			return err
		})
		Expect(made).To(Equal(10), "another bucket")
		Expect(codeOf(err)).To(Equal("ThrottlingException"))
	})

	It("is saved with everything else, addresses included", func(ctx SpecContext) {
		s := start(awssim.Options{})
		client := elb.New(elb.Options{Region: "us-east-1", BaseEndpoint: &s.url, Retryer: aws.NopRetryer{}, Credentials: s.route53.Options().Credentials})
		out, err := client.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{Name: aws.String("web"), Subnets: []string{"subnet-0a", "subnet-0b"}})
		Expect(err).NotTo(HaveOccurred())
		name := *out.LoadBalancers[0].DNSName
		saved, err := s.StateJSON()
		Expect(err).NotTo(HaveOccurred())
		_, before := s.answers(ctx, s.serveDNS(ctx), name, dns.TypeA)
		again := start(awssim.Options{})
		Expect(again.LoadState(saved)).To(Succeed())
		_, after := again.answers(ctx, again.serveDNS(ctx), name, dns.TypeA)
		Expect(after).To(Equal(before))
		Expect(after).To(HaveLen(2))
		Expect(again.StateJSON()).To(MatchJSON(saved))
		again.Reset()
		rcode, _ := again.answers(ctx, again.serveDNS(ctx), name, dns.TypeA)
		Expect(rcode).To(Equal(dns.RcodeRefused))
	})
})
