package loadbalancer

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const (
	arnA = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/a/0123456789abcdef"
	arnB = "arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/b/0123456789abcdef"
)

func tuple(arn string, weight *int32) types.TargetGroupTuple {
	return types.TargetGroupTuple{TargetGroupArn: &arn, Weight: weight}
}

func forwarding(stickiness *types.TargetGroupStickinessConfig, tuples ...types.TargetGroupTuple) types.Action {
	return types.Action{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{TargetGroups: tuples, TargetGroupStickinessConfig: stickiness}}
}

func redirecting(r types.RedirectActionConfig) types.Action {
	return types.Action{Type: types.ActionTypeEnumRedirect, RedirectConfig: &r}
}

var _ = Describe("Actions", func() {
	one, direct := forwarding(nil, tuple(arnA, aws.Int32(1))), types.Action{Type: types.ActionTypeEnumForward, TargetGroupArn: aws.String(arnA)}
	both := one
	both.TargetGroupArn, both.Order = aws.String(arnA), aws.Int32(1)
	off := &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false), DurationSeconds: aws.Int32(60)}
	answer := func(f types.FixedResponseActionConfig) types.Action {
		return types.Action{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &f}
	}
	oidcAt := func(o types.AuthenticateOidcActionConfig) types.Action {
		o.Issuer = aws.String("https://idp.example")
		return types.Action{Type: types.ActionTypeEnumAuthenticateOidc, AuthenticateOidcConfig: &o}
	}

	DescribeTable("are compared by what they do", func(a, b types.Action, same bool) {
		Expect(sameActions([]types.Action{a}, []types.Action{b})).To(Equal(same))
	},
		Entry("a group named directly, and in a configuration", direct, one, true),
		Entry("a group named in both ways, as AWS answers", direct, both, true),
		Entry("a weight of one", forwarding(nil, tuple(arnA, nil)), one, true),
		Entry("another weight", forwarding(nil, tuple(arnA, aws.Int32(2))), one, false),
		Entry("no weight", forwarding(nil, tuple(arnA, aws.Int32(0))), one, false),
		Entry("the order of groups", forwarding(nil, tuple(arnA, nil), tuple(arnB, nil)), forwarding(nil, tuple(arnB, nil), tuple(arnA, nil)), true),
		Entry("stickiness that is off", forwarding(off, tuple(arnA, nil)), one, true),
		Entry("stickiness that is on", forwarding(&types.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(60)}, tuple(arnA, nil)), one, false),
		Entry("parts of a redirect that stay", redirecting(types.RedirectActionConfig{Host: aws.String("a")}), redirecting(types.RedirectActionConfig{
			Protocol: aws.String("#{protocol}"), Port: aws.String("#{port}"), Host: aws.String("a"), Path: aws.String("/#{path}"), Query: aws.String("#{query}"),
		}), true),
		Entry("a query that is removed", redirecting(types.RedirectActionConfig{Query: aws.String("")}), redirecting(types.RedirectActionConfig{}), false),
		Entry("an empty body", answer(types.FixedResponseActionConfig{StatusCode: aws.String("200")}), answer(types.FixedResponseActionConfig{
			StatusCode: aws.String("200"), ContentType: aws.String("text/plain"), MessageBody: aws.String(""),
		}), true),
		Entry("a secret, which AWS does not tell", oidcAt(types.AuthenticateOidcActionConfig{ClientSecret: aws.String("x")}), oidcAt(types.AuthenticateOidcActionConfig{
			Scope: aws.String("openid"), SessionCookieName: aws.String("AWSELBAuthSessionCookie"), SessionTimeout: aws.Int64(604800), OnUnauthenticatedRequest: "authenticate",
		}), true),
		Entry("another scope", oidcAt(types.AuthenticateOidcActionConfig{Scope: aws.String("openid email")}), oidcAt(types.AuthenticateOidcActionConfig{}), false),
	)

	It("tell no secret", func() {
		Expect(actionsText([]types.Action{oidcAt(types.AuthenticateOidcActionConfig{ClientSecret: aws.String("hidden")})})).NotTo(ContainSubstring("hidden"))
	})

	It("are done in their order, whatever its numbers", func() {
		login, first, second := oidcAt(types.AuthenticateOidcActionConfig{}), one, one
		login.Order, first.Order, second.Order = aws.Int32(3), aws.Int32(9), aws.Int32(2)
		ordered := oidcAt(types.AuthenticateOidcActionConfig{})
		Expect(sameActions([]types.Action{first, login}, []types.Action{ordered, direct})).To(BeTrue())
		Expect(sameActions([]types.Action{second, login}, []types.Action{ordered, direct})).To(BeFalse())
	})
})

var _ = Describe("Conditions", func() {
	host := func(values ...string) types.RuleCondition {
		return types.RuleCondition{Field: aws.String(fieldHostHeader), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: values}}
	}
	path := func(values ...string) types.RuleCondition {
		return types.RuleCondition{Field: aws.String(fieldPathPattern), Values: values}
	}
	query := func(key, value string) types.RuleCondition {
		return types.RuleCondition{Field: aws.String(fieldQueryString), QueryStringConfig: &types.QueryStringConditionConfig{
			Values: []types.QueryStringKeyValuePair{{Key: &key, Value: &value}},
		}}
	}
	echoed := host("a.example")
	echoed.Values = []string{"a.example"}
	list := func(conditions ...types.RuleCondition) []types.RuleCondition { return conditions }

	DescribeTable("are compared by what they hold for", func(a, b []types.RuleCondition, same bool) {
		Expect(sameConditions(a, b)).To(Equal(same))
	},
		Entry("values told twice", list(echoed), list(host("a.example")), true),
		Entry("the order of values", list(host("a.example", "b.example")), list(host("b.example", "a.example")), true),
		Entry("the case of a host", list(host("A.example")), list(host("a.example")), true),
		Entry("the case of a path", list(path("/A")), list(path("/a")), false),
		Entry("the order of conditions", list(path("/a"), host("a.example")), list(host("a.example"), path("/a")), true),
		Entry("two of one field", list(query("a", "1"), query("b", "1")), list(query("b", "1"), query("a", "1")), true),
		Entry("two of one field, and one with both values", list(query("a", "1"), query("b", "1")), list(query("a", "1")), false),
	)

	DescribeTable("may be met together", func(a, b []types.RuleCondition, may bool) {
		Expect(mayMeet(a, b)).To(Equal(may))
		Expect(mayMeet(b, a)).To(Equal(may))
	},
		Entry("the same path", list(path("/a")), list(path("/a")), true),
		Entry("another path", list(path("/a")), list(path("/b")), false),
		Entry("a path within a pattern", list(path("/a/b")), list(path("/a/*")), true),
		Entry("a path beside a pattern", list(path("/b/b")), list(path("/a/*")), false),
		Entry("a path shorter than a pattern", list(path("/a")), list(path("/a/*")), false),
		Entry("patterns within each other", list(path("/a/*")), list(path("/a/b*")), true),
		Entry("patterns beside each other", list(path("/a/*")), list(path("/b/*")), false),
		Entry("hosts of different domains", list(host("*.a.example")), list(host("*.b.example")), false),
		Entry("one of several", list(host("a.example", "b.example")), list(host("b.example")), true),
		Entry("different fields", list(host("a.example")), list(path("/a")), true),
	)
})

var _ = Describe("The name of a target group in AWS", func() {
	s := shape{lbType: types.LoadBalancerTypeEnumApplication, protocol: types.ProtocolEnumHttp, port: 80, vpcID: "vpc-1"}.complete()

	It("fits, can be recognised, and is unlike that of any other object, group or shape", func() {
		long := strings.Repeat("long-", 20)
		other := s
		other.port = 81
		names := map[string]bool{}
		for _, name := range []string{
			groupName("uid", "web", "blue", s), groupName("another", "web", "blue", s), groupName("uid", "web", "green", s), groupName("uid", "web", "blue", other),
			groupName("uid", long, long, s), groupName("uid", "a.b", "-x-", s),
		} {
			Expect(name).To(MatchRegexp(`^[a-zA-Z0-9][a-zA-Z0-9-]{0,30}[a-zA-Z0-9]$`))
			names[name] = true
		}
		Expect(names).To(HaveLen(6))
		Expect(groupName("uid", "web", "blue", s)).To(HavePrefix("web-blue-"))
		Expect(groupName("uid", "web", "blue", s)).To(Equal(groupName("uid", "web", "blue", s)))
	})
})

var _ = Describe("Settings", func() {
	DescribeTable("are set where they differ, and reset where they were managed", func(desired, have settings, managed []string, want settings) {
		Expect(diffSettings(desired, have, managed, settings{"a": "default", "b": "default"})).To(Equal(want))
	},
		Entry("as desired", settings{"a": "1"}, settings{"a": "1"}, nil, settings{}),
		Entry("another value", settings{"a": "1"}, settings{"a": "2"}, nil, settings{"a": "1"}),
		Entry("not there", settings{"a": "1"}, settings{}, nil, settings{"a": "1"}),
		Entry("not managed", settings{}, settings{"a": "2"}, nil, settings{}),
		Entry("managed before", settings{}, settings{"a": "2"}, []string{"a"}, settings{"a": "default"}),
		Entry("managed before, and reset", settings{}, settings{"a": "default"}, []string{"a"}, settings{}),
		Entry("managed before, of which no default is known", settings{}, settings{"x": "2"}, []string{"x"}, settings{}),
		Entry("managed before, which does not apply any more", settings{}, settings{}, []string{"b"}, settings{}),
		Entry("the case of a header's name", settings{"h.header_name": "X-Tls"}, settings{"h.header_name": "X-TLS"}, nil, settings{}),
	)
})
