package elbv2_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

type grouping = func(*sdk.CreateTargetGroupInput)

func protocol(protocol types.ProtocolEnum) grouping {
	return func(in *sdk.CreateTargetGroupInput) { in.Protocol = protocol }
}

func version(version string) grouping {
	return func(in *sdk.CreateTargetGroupInput) { in.ProtocolVersion = &version }
}

func checked(by types.ProtocolEnum) grouping {
	return func(in *sdk.CreateTargetGroupInput) { in.HealthCheckProtocol = by }
}

func targeting(kind types.TargetTypeEnum) grouping {
	return func(in *sdk.CreateTargetGroupInput) { in.TargetType = kind }
}

func geneve(in *sdk.CreateTargetGroupInput) {
	in.Protocol, in.Port = types.ProtocolEnumGeneve, aws.Int32(6081)
}

func lambda(in *sdk.CreateTargetGroupInput) {
	in.TargetType, in.Protocol, in.Port, in.VpcId = types.TargetTypeEnumLambda, "", nil, nil
}

// shown is a health check in short.
func shown(g types.TargetGroup) string {
	matcher := ""
	if g.Matcher != nil {
		matcher = aws.ToString(g.Matcher.HttpCode) + aws.ToString(g.Matcher.GrpcCode)
	}
	return fmt.Sprintf("%s %s %s %s every %d within %d, %d up %d down", g.HealthCheckProtocol, aws.ToString(g.HealthCheckPort), aws.ToString(g.HealthCheckPath),
		matcher, *g.HealthCheckIntervalSeconds, *g.HealthCheckTimeoutSeconds, *g.HealthyThresholdCount, *g.UnhealthyThresholdCount)
}

var _ = Describe("Target groups", func() {
	var s *sim
	BeforeEach(func() { s = start(elbv2.Quotas{}) })

	DescribeTable("have the health check of their kind", func(ctx SpecContext, expected string, with ...grouping) {
		Expect(shown(s.group(ctx, "group", with...))).To(Equal(expected))
	},
		Entry("HTTP", "HTTP traffic-port / 200 every 30 within 5, 5 up 2 down"),
		Entry("HTTPS", "HTTPS traffic-port / 200 every 30 within 5, 5 up 2 down", protocol(types.ProtocolEnumHttps), checked(types.ProtocolEnumHttps)),
		Entry("GRPC", "HTTP traffic-port /AWS.ALB/healthcheck 12 every 30 within 5, 5 up 2 down", version("GRPC")),
		Entry("TCP", "TCP traffic-port   every 30 within 10, 5 up 2 down", protocol(types.ProtocolEnumTcp)),
		Entry("TCP checked by HTTP", "HTTP traffic-port / 200-399 every 30 within 6, 5 up 2 down", protocol(types.ProtocolEnumTcp), checked(types.ProtocolEnumHttp)),
		Entry("TCP checked by HTTPS", "HTTPS traffic-port / 200-399 every 30 within 10, 5 up 2 down", protocol(types.ProtocolEnumTcp), checked(types.ProtocolEnumHttps)),
		Entry("ALB", "HTTP traffic-port / 200-399 every 30 within 6, 5 up 2 down", protocol(types.ProtocolEnumTcp), targeting(types.TargetTypeEnumAlb)),
		Entry("GENEVE", "TCP 80   every 10 within 5, 5 up 2 down", grouping(geneve)),
		Entry("lambda", "  / 200 every 35 within 30, 5 up 5 down", grouping(lambda)),
	)

	It("are the existing one when created again alike, and refused when not", func(ctx SpecContext) {
		made := s.group(ctx, "group")
		Expect(*made.TargetGroupArn).To(MatchRegexp(`:targetgroup/group/[0-9a-f]{16}$`))
		Expect([]any{made.TargetType, *made.ProtocolVersion, made.IpAddressType, made.LoadBalancerArns}).To(Equal([]any{types.TargetTypeEnumIp, "HTTP1", types.TargetGroupIpAddressTypeEnumIpv4, []string{}}))
		Expect(s.group(ctx, "group")).To(Equal(made))
		in := &sdk.CreateTargetGroupInput{Name: aws.String("group"), Protocol: types.ProtocolEnumHttp, Port: aws.Int32(81), VpcId: aws.String("vpc-0main"), TargetType: types.TargetTypeEnumIp}
		_, err := s.CreateTargetGroup(ctx, in)
		Expect(codeOf(err)).To(Equal("DuplicateTargetGroupName"))
		Expect(messageOf(err)).To(Equal("A target group with the same name 'group' exists, but with different settings"))
	})

	It("change their health check, and nothing else", func(ctx SpecContext) {
		made := s.group(ctx, "group", protocol(types.ProtocolEnumTcp))
		in := &sdk.ModifyTargetGroupInput{TargetGroupArn: made.TargetGroupArn, HealthCheckProtocol: types.ProtocolEnumHttp, HealthCheckIntervalSeconds: aws.Int32(60)}
		Expect(shown(must(s.ModifyTargetGroup(ctx, in)).TargetGroups[0])).To(Equal("HTTP traffic-port / 200-399 every 60 within 10, 5 up 2 down"))
		in = &sdk.ModifyTargetGroupInput{TargetGroupArn: made.TargetGroupArn, HealthCheckPath: aws.String("/up"), Matcher: &types.Matcher{HttpCode: aws.String("200,204")}}
		Expect(shown(must(s.ModifyTargetGroup(ctx, in)).TargetGroups[0])).To(Equal("HTTP traffic-port /up 200,204 every 60 within 10, 5 up 2 down"))
		in = &sdk.ModifyTargetGroupInput{TargetGroupArn: made.TargetGroupArn, HealthCheckProtocol: types.ProtocolEnumTcp}
		Expect(shown(must(s.ModifyTargetGroup(ctx, in)).TargetGroups[0])).To(Equal("TCP traffic-port   every 60 within 10, 5 up 2 down"))
		in.HealthCheckProtocol, in.HealthCheckIntervalSeconds = "", aws.Int32(10)
		_, err := s.ModifyTargetGroup(ctx, in)
		Expect(messageOf(err)).To(Equal("Health check interval must be greater than the timeout."))
	})

	DescribeTable("are refused", func(ctx SpecContext, with ...grouping) {
		in := &sdk.CreateTargetGroupInput{Name: aws.String("group"), Protocol: types.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-0main")}
		for _, f := range with {
			f(in)
		}
		_, err := s.CreateTargetGroup(ctx, in)
		Expect(codeOf(err)).To(Equal("ValidationError"))
	},
		Entry("an unknown VPC", grouping(func(in *sdk.CreateTargetGroupInput) { in.VpcId = aws.String("vpc-404") })),
		Entry("no VPC", grouping(func(in *sdk.CreateTargetGroupInput) { in.VpcId = nil })),
		Entry("no port", grouping(func(in *sdk.CreateTargetGroupInput) { in.Port = nil })),
		Entry("no protocol", protocol("")),
		Entry("a version of TCP", protocol(types.ProtocolEnumTcp), version("HTTP2")),
		Entry("an unknown version", version("HTTP3")),
		Entry("HTTP for an ALB", targeting(types.TargetTypeEnumAlb)),
		Entry("GENEVE on another port", protocol(types.ProtocolEnumGeneve)),
		Entry("HTTP checked by TCP", checked(types.ProtocolEnumTcp)),
		Entry("a code of 500", grouping(func(in *sdk.CreateTargetGroupInput) { in.Matcher = &types.Matcher{HttpCode: aws.String("500")} })),
		Entry("a path without slash", grouping(func(in *sdk.CreateTargetGroupInput) { in.HealthCheckPath = aws.String("up") })),
		Entry("a port 0 to check", grouping(func(in *sdk.CreateTargetGroupInput) { in.HealthCheckPort = aws.String("0") })),
		Entry("a short interval", grouping(func(in *sdk.CreateTargetGroupInput) { in.HealthCheckIntervalSeconds = aws.Int32(4) })),
		Entry("no health check", grouping(func(in *sdk.CreateTargetGroupInput) { in.HealthCheckEnabled = aws.Bool(false) })),
		Entry("a function with a port", grouping(lambda), grouping(func(in *sdk.CreateTargetGroupInput) { in.Port = aws.Int32(80) })),
		Entry("a long name", grouping(func(in *sdk.CreateTargetGroupInput) { in.Name = aws.String(fmt.Sprintf("%033d", 1)) })),
	)

	It("stay while a listener or a rule refers to them, and belong to one load balancer", func(ctx SpecContext) {
		group, other := s.group(ctx, "group"), s.group(ctx, "other")
		balancer := s.application(ctx, "web")
		listener := s.listen(ctx, balancer, 80, forward(group))
		remove := func(group types.TargetGroup) error {
			_, err := s.DeleteTargetGroup(ctx, &sdk.DeleteTargetGroupInput{TargetGroupArn: group.TargetGroupArn})
			return err
		}
		rule := must(s.CreateRule(ctx, &sdk.CreateRuleInput{ListenerArn: listener.ListenerArn, Priority: aws.Int32(1), Conditions: []types.RuleCondition{path("/")}, Actions: forward(other)})).Rules[0]
		for _, used := range []types.TargetGroup{group, other} {
			Expect(codeOf(remove(used))).To(Equal("ResourceInUse"))
			Expect(messageOf(remove(used))).To(Equal("Target group '" + *used.TargetGroupArn + "' is currently in use by a listener or a rule"))
		}
		described := must(s.DescribeTargetGroups(ctx, &sdk.DescribeTargetGroupsInput{LoadBalancerArn: balancer.LoadBalancerArn})).TargetGroups
		Expect(described).To(HaveLen(2))
		Expect(described[0].LoadBalancerArns).To(Equal([]string{*balancer.LoadBalancerArn}))
		_, err := s.createListener(ctx, s.application(ctx, "second"), on(types.ProtocolEnumHttp, 80), doing(forward(group)...))
		Expect(codeOf(err)).To(Equal("TargetGroupAssociationLimit"))
		must(s.DeleteRule(ctx, &sdk.DeleteRuleInput{RuleArn: rule.RuleArn}))
		Expect(remove(other)).To(Succeed())
		Expect(remove(other)).To(Succeed(), "it is not there any more")
		_, err = s.DescribeTargetGroups(ctx, &sdk.DescribeTargetGroupsInput{Names: []string{"group", "other"}})
		Expect(codeOf(err)).To(Equal("TargetGroupNotFound"))
	})

	It("of versions that need TLS are for HTTPS listeners only", func(ctx SpecContext) {
		balancer := s.application(ctx, "web")
		grpc := s.group(ctx, "grpc", version("GRPC"))
		_, err := s.createListener(ctx, balancer, on(types.ProtocolEnumHttp, 80), doing(forward(grpc)...))
		Expect(codeOf(err)).To(Equal("InvalidConfigurationRequest"))
		must(s.createListener(ctx, balancer, on(types.ProtocolEnumHttps, 443), withCertificates("a"), doing(forward(grpc)...)))
	})

	It("are bounded in number, and so are those of a load balancer and of an action", func(ctx SpecContext) {
		s := start(elbv2.Quotas{TargetGroups: 3, TargetGroupsPerBalancer: 2, TargetGroupsPerAction: 2})
		balancer := s.application(ctx, "web")
		action := types.Action{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{}}
		for _, name := range []string{"a", "b", "c"} {
			group := s.group(ctx, name)
			action.ForwardConfig.TargetGroups = append(action.ForwardConfig.TargetGroups, types.TargetGroupTuple{TargetGroupArn: group.TargetGroupArn, Weight: aws.Int32(0)})
		}
		_, err := s.createListener(ctx, balancer, on(types.ProtocolEnumHttp, 80), doing(action))
		Expect(codeOf(err)).To(Equal("TooManyTargetGroups"))
		last := action.ForwardConfig.TargetGroups[2]
		action.ForwardConfig.TargetGroups = action.ForwardConfig.TargetGroups[:2]
		made := must(s.createListener(ctx, balancer, on(types.ProtocolEnumHttp, 80), doing(action)))
		Expect(made.DefaultActions[0].TargetGroupArn).To(BeNil(), "there are two")
		_, err = s.createListener(ctx, balancer, on(types.ProtocolEnumHttp, 81), doing(types.Action{Type: types.ActionTypeEnumForward, TargetGroupArn: last.TargetGroupArn}))
		Expect(codeOf(err)).To(Equal("TooManyUniqueTargetGroupsPerLoadBalancer"))
		_, err = s.CreateTargetGroup(ctx, &sdk.CreateTargetGroupInput{Name: aws.String("d"), Protocol: types.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-0main")})
		Expect(codeOf(err)).To(Equal("TooManyTargetGroups"))
		s.group(ctx, "geneve", geneve)
	})
})
