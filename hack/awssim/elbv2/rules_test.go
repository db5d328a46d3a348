package elbv2_test

import (
	"context"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

func path(values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("path-pattern"), Values: values}
}

func host(values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: values}}
}

func header(name string, values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("http-header"), HttpHeaderConfig: &types.HttpHeaderConditionConfig{HttpHeaderName: &name, Values: values}}
}

func query(key, value string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("query-string"), QueryStringConfig: &types.QueryStringConditionConfig{
		Values: []types.QueryStringKeyValuePair{{Key: &key, Value: &value}}}}
}

func method(values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("http-request-method"), HttpRequestMethodConfig: &types.HttpRequestMethodConditionConfig{Values: values}}
}

func source(values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{Values: values}}
}

func rewrite(kind types.TransformTypeEnum, regex string) types.RuleTransform {
	config := []types.RewriteConfig{{Regex: &regex, Replace: aws.String("/$1")}}
	if kind == types.TransformTypeEnumUrlRewrite {
		return types.RuleTransform{Type: kind, UrlRewriteConfig: &types.UrlRewriteConfig{Rewrites: config}}
	}
	return types.RuleTransform{Type: kind, HostHeaderRewriteConfig: &types.HostHeaderRewriteConfig{Rewrites: config}}
}

func (s *sim) rule(ctx context.Context, listener types.Listener, priority int32, conditions ...types.RuleCondition) (types.Rule, error) {
	out, err := s.CreateRule(ctx, &sdk.CreateRuleInput{ListenerArn: listener.ListenerArn, Priority: &priority, Conditions: conditions, Actions: respond("200")})
	if err != nil {
		return types.Rule{}, err
	}
	return out.Rules[0], nil
}

// priorities are those of a listener's rules in the order described, with their first path.
func (s *sim) priorities(ctx context.Context, listener types.Listener) []string {
	GinkgoHelper()
	var shown []string
	for _, rule := range must(s.DescribeRules(ctx, &sdk.DescribeRulesInput{ListenerArn: listener.ListenerArn})).Rules {
		shown = append(shown, *rule.Priority)
		if len(rule.Conditions) > 0 {
			shown[len(shown)-1] += rule.Conditions[0].Values[0]
		}
	}
	return shown
}

var _ = Describe("Rules", func() {
	var (
		s        *sim
		listener types.Listener
	)
	BeforeEach(func(ctx SpecContext) {
		s = start(elbv2.Quotas{})
		listener = s.listen(ctx, s.application(ctx, "web"), 80, respond("404"))
	})

	It("echo values of hosts and paths twice", func(ctx SpecContext) {
		made := must(s.rule(ctx, listener, 5, path("/a*"), host("*.Example.com"), header("X-Team", "blue")))
		Expect(*made.RuleArn).To(MatchRegexp(`:listener-rule/app/web/[0-9a-f]{16}/[0-9a-f]{16}/[0-9a-f]{16}$`))
		Expect(made.Conditions).To(Equal([]types.RuleCondition{
			{Field: aws.String("path-pattern"), Values: []string{"/a*"}, PathPatternConfig: &types.PathPatternConditionConfig{Values: []string{"/a*"}}},
			{Field: aws.String("host-header"), Values: []string{"*.Example.com"}, HostHeaderConfig: &types.HostHeaderConditionConfig{Values: []string{"*.Example.com"}}},
			header("X-Team", "blue"),
		}))
		Expect(*made.Priority + strconv.FormatBool(*made.IsDefault)).To(Equal("5false"))
		again := must(s.ModifyRule(ctx, &sdk.ModifyRuleInput{RuleArn: made.RuleArn, Conditions: made.Conditions})).Rules[0]
		Expect(again).To(Equal(made), "what was described can be sent again")
	})

	It("end with the default rule, which stays", func(ctx SpecContext) {
		must(s.rule(ctx, listener, 20, path("/b")))
		must(s.rule(ctx, listener, 10, path("/a")))
		Expect(s.priorities(ctx, listener)).To(Equal([]string{"10/a", "20/b", "default"}))
		rules := must(s.DescribeRules(ctx, &sdk.DescribeRulesInput{ListenerArn: listener.ListenerArn})).Rules
		last := rules[2]
		Expect(last.Actions).To(Equal(listener.DefaultActions))
		Expect(must(s.DescribeRules(ctx, &sdk.DescribeRulesInput{RuleArns: []string{*last.RuleArn}})).Rules).To(Equal([]types.Rule{last}))
		_, err := s.DeleteRule(ctx, &sdk.DeleteRuleInput{RuleArn: last.RuleArn})
		Expect(codeOf(err)).To(Equal("OperationNotPermitted"))
		_, err = s.ModifyRule(ctx, &sdk.ModifyRuleInput{RuleArn: last.RuleArn, Actions: respond("200")})
		Expect(codeOf(err)).To(Equal("OperationNotPermitted"))
		_, err = s.SetRulePriorities(ctx, &sdk.SetRulePrioritiesInput{RulePriorities: []types.RulePriorityPair{{RuleArn: last.RuleArn, Priority: aws.Int32(1)}}})
		Expect(codeOf(err)).To(Equal("OperationNotPermitted"))
	})

	It("swap priorities in one call, and in no other way", func(ctx SpecContext) {
		a, b := must(s.rule(ctx, listener, 1, path("/a"))), must(s.rule(ctx, listener, 2, path("/b")))
		must(s.rule(ctx, listener, 3, path("/c")))
		set := func(pairs ...types.RulePriorityPair) error {
			_, err := s.SetRulePriorities(ctx, &sdk.SetRulePrioritiesInput{RulePriorities: pairs})
			return err
		}
		to := func(rule types.Rule, priority int32) types.RulePriorityPair {
			return types.RulePriorityPair{RuleArn: rule.RuleArn, Priority: &priority}
		}
		Expect(codeOf(set(to(a, 2)))).To(Equal("PriorityInUse"))
		Expect(codeOf(set(to(a, 7), to(b, 3)))).To(Equal("PriorityInUse"))
		Expect(s.priorities(ctx, listener)).To(Equal([]string{"1/a", "2/b", "3/c", "default"}), "nothing was moved")
		Expect(set(to(a, 2), to(b, 1))).To(Succeed())
		Expect(s.priorities(ctx, listener)).To(Equal([]string{"1/b", "2/a", "3/c", "default"}))
		_, err := s.rule(ctx, listener, 3, path("/d"))
		Expect(codeOf(err)).To(Equal("PriorityInUse"))
		Expect(messageOf(err)).To(Equal("Priority '3' is currently in use"))
	})

	It("replace lists whole and keep what is absent", func(ctx SpecContext) {
		made := must(s.CreateRule(ctx, &sdk.CreateRuleInput{ListenerArn: listener.ListenerArn, Priority: aws.Int32(1), Conditions: []types.RuleCondition{path("/a"), host("a.b")},
			Actions: respond("200"), Transforms: []types.RuleTransform{rewrite(types.TransformTypeEnumUrlRewrite, "^/a(.*)$")}})).Rules[0]
		changed := must(s.ModifyRule(ctx, &sdk.ModifyRuleInput{RuleArn: made.RuleArn, Conditions: []types.RuleCondition{path("/b")}})).Rules[0]
		Expect(changed.Conditions).To(HaveLen(1))
		Expect(changed.Actions).To(Equal(made.Actions))
		Expect(changed.Transforms).To(Equal(made.Transforms))
		Expect(must(s.ModifyRule(ctx, &sdk.ModifyRuleInput{RuleArn: made.RuleArn, ResetTransforms: aws.Bool(true)})).Rules[0].Transforms).To(BeEmpty())
		must(s.DeleteRule(ctx, &sdk.DeleteRuleInput{RuleArn: made.RuleArn}))
		_, err := s.DeleteRule(ctx, &sdk.DeleteRuleInput{RuleArn: made.RuleArn})
		Expect(codeOf(err)).To(Equal("RuleNotFound"))
	})

	DescribeTable("take every kind of condition", func(ctx SpecContext, conditions ...types.RuleCondition) {
		must(s.rule(ctx, listener, 1, conditions...))
		Expect(s.LoadBalancers()[0].Listeners[0].Rules[0].Conditions).To(HaveLen(len(conditions)))
	},
		Entry("method and source", method("GET", "HEAD"), source("192.0.2.0/24", "2001:db8::/32")),
		Entry("several headers and queries", header("A", "1"), header("B", "2"), query("a", "1"), query("", "*")),
		Entry("escaped wildcards are not counted", query("a", `\*\*\*\*`), query("b", "**")),
		Entry("regular expressions", types.RuleCondition{Field: aws.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{RegexValues: []string{"^/v[0-9]+/"}}}),
	)

	DescribeTable("refuse conditions", func(ctx SpecContext, message string, conditions ...types.RuleCondition) {
		_, err := s.rule(ctx, listener, 1, conditions...)
		Expect(codeOf(err)).To(Equal("ValidationError"))
		Expect(messageOf(err)).To(ContainSubstring(message))
	},
		Entry(nil, "at least one condition"),
		Entry(nil, "one 'path-pattern' condition", path("/a"), path("/b")),
		Entry(nil, "'5' condition values", path("/a", "/b", "/c"), host("a.b", "c.d", "e.f")),
		Entry(nil, "'5' condition wildcards", path("/***"), host("*.*.*")),
		Entry(nil, "value must be specified", path()),
		Entry(nil, "must be one of", types.RuleCondition{Field: aws.String("cookie"), Values: []string{"a"}}),
		Entry(nil, "not valid", host("localhost")),
		Entry(nil, "not valid", path("/ä")),
		Entry(nil, "not valid", header("Host", "a.b")),
		Entry(nil, "not valid", header("X-*", "a")),
		Entry(nil, "not valid", method("get")),
		Entry(nil, "not valid", source("192.0.2.1")),
		Entry(nil, "not valid", path("/"+strings.Repeat("a", 128))),
		Entry(nil, "cannot have the configuration", types.RuleCondition{Field: aws.String("host-header"),
			HostHeaderConfig: &types.HostHeaderConditionConfig{Values: []string{"a.b"}}, SourceIpConfig: source("192.0.2.0/24").SourceIpConfig}),
		Entry(nil, "regular expression", types.RuleCondition{Field: aws.String("path-pattern"), RegexValues: []string{"("}}),
	)

	DescribeTable("refuse transforms", func(ctx SpecContext, transforms ...types.RuleTransform) {
		_, err := s.CreateRule(ctx, &sdk.CreateRuleInput{ListenerArn: listener.ListenerArn, Priority: aws.Int32(1),
			Conditions: []types.RuleCondition{path("/a")}, Actions: respond("200"), Transforms: transforms})
		Expect(codeOf(err)).To(Equal("ValidationError"))
	},
		Entry("two of a kind", rewrite(types.TransformTypeEnumUrlRewrite, "a"), rewrite(types.TransformTypeEnumUrlRewrite, "b")),
		Entry("no expression", rewrite(types.TransformTypeEnumHostHeaderRewrite, "(")),
		Entry("another's configuration", types.RuleTransform{Type: types.TransformTypeEnumUrlRewrite,
			HostHeaderRewriteConfig: rewrite(types.TransformTypeEnumHostHeaderRewrite, "a").HostHeaderRewriteConfig}),
	)

	It("are bounded in number, the default not counted", func(ctx SpecContext) {
		for i := range 100 {
			must(s.rule(ctx, listener, int32(i+1), path("/a")))
		}
		_, err := s.rule(ctx, listener, 101, path("/a"))
		Expect(codeOf(err)).To(Equal("TooManyRules"))
		_, err = s.rule(ctx, listener, 50001, path("/a"))
		Expect(codeOf(err)).To(Equal("ValidationError"))
	})

	It("of dual-stack network load balancers tell the families of addresses apart", func(ctx SpecContext) {
		tcp := s.group(ctx, "tcp", func(in *sdk.CreateTargetGroupInput) { in.Protocol = types.ProtocolEnumTcp })
		family := types.RuleCondition{Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{IpAddressType: types.SourceIpAddressTypeEnumIpv6}}
		create := func(balancer types.LoadBalancer, condition types.RuleCondition) error {
			l := must(s.createListener(ctx, balancer, on(types.ProtocolEnumTcp, 80), doing(respond("200")...), doing(forward(tcp)...)))
			_, err := s.CreateRule(ctx, &sdk.CreateRuleInput{ListenerArn: l.ListenerArn, Priority: aws.Int32(1), Conditions: []types.RuleCondition{condition}, Actions: forward(tcp)})
			return err
		}
		both := s.networkBalancer(ctx, "both", dualstack)
		Expect(create(both, family)).To(Succeed())
		Expect(codeOf(create(both, path("/")))).To(Equal("PriorityInUse"))
		must(s.DeleteLoadBalancer(ctx, &sdk.DeleteLoadBalancerInput{LoadBalancerArn: both.LoadBalancerArn}))
		Expect(codeOf(create(s.networkBalancer(ctx, "v4"), family))).To(Equal("UnsupportedOperation"))
	})
})
