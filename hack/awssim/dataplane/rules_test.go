package dataplane_test

import (
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

func say(text string) types.Action {
	return types.Action{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{
		StatusCode: aws.String("200"), ContentType: aws.String("text/plain"), MessageBody: &text,
	}}
}

func hostHeader(values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{Values: values}}
}

func pathPattern(values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{Values: values}}
}

func headerIs(name string, values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("http-header"), HttpHeaderConfig: &types.HttpHeaderConditionConfig{HttpHeaderName: &name, Values: values}}
}

func queryIs(pairs ...string) types.RuleCondition {
	config := &types.QueryStringConditionConfig{}
	for _, pair := range pairs {
		key, value, ok := strings.Cut(pair, "=")
		if !ok {
			config.Values = append(config.Values, types.QueryStringKeyValuePair{Value: &key})
			continue
		}
		config.Values = append(config.Values, types.QueryStringKeyValuePair{Key: &key, Value: &value})
	}
	return types.RuleCondition{Field: aws.String("query-string"), QueryStringConfig: config}
}

func methodIs(values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("http-request-method"),
		HttpRequestMethodConfig: &types.HttpRequestMethodConditionConfig{Values: values}}
}

func sourceIs(values ...string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{Values: values}}
}

func hostRegex(value string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("host-header"), HostHeaderConfig: &types.HostHeaderConditionConfig{RegexValues: []string{value}}}
}

func pathRegex(value string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("path-pattern"), PathPatternConfig: &types.PathPatternConditionConfig{RegexValues: []string{value}}}
}

func headerRegex(name, value string) types.RuleCondition {
	return types.RuleCondition{Field: aws.String("http-header"), HttpHeaderConfig: &types.HttpHeaderConditionConfig{
		HttpHeaderName: &name, RegexValues: []string{value},
	}}
}

var _ = Describe("Rules", func() {
	DescribeTable("are matched by", func(condition types.RuleCondition, method, url string, matches bool, change ...func(*http.Request)) {
		w := begin()
		l := listener(types.ProtocolEnumHttp, 80, say("default"))
		l.Rules = []elbv2.Rule{{ARN: "rule", Priority: 1, Conditions: []types.RuleCondition{condition}, Actions: []types.Action{say("rule")}}}
		w.change(func(c *control) { c.balancers = []elbv2.LoadBalancer{application(l)} })
		expected := "default"
		if matches {
			expected = "rule"
		}
		Expect(ask(w.client(), method, url, change...).body).To(Equal(expected))
	},
		Entry("a host", hostHeader("shop.example"), "GET", "http://shop.example/", true),
		Entry("a host in another case, with a port", hostHeader("Shop.Example"), "GET", "http://sHop.example:80/", true),
		Entry("another host", hostHeader("shop.example"), "GET", "http://www.shop.example/", false),
		Entry("a wildcard for any label", hostHeader("*.example"), "GET", "http://a.b.example/", true),
		Entry("a wildcard for one character", hostHeader("?.example"), "GET", "http://ab.example/", false),
		Entry("one host of several", hostHeader("a.example", "?.b.example"), "GET", "http://x.b.example/", true),
		Entry("a host that is regular", hostRegex(`^(a|b)\.example$`), "GET", "http://B.example/", true),
		Entry("a host that is not regular", hostRegex(`^(a|b)\.example$`), "GET", "http://c.example/", false),
		Entry("a dot that is no wildcard", hostHeader("a.example"), "GET", "http://axexample.example/", false),
		Entry("a path", pathPattern("/img/*"), "GET", "http://a.example/img/1/2.png?x=1", true),
		Entry("a path in another case", pathPattern("/img/*"), "GET", "http://a.example/IMG/1", false),
		Entry("a path without its query", pathPattern("/img"), "GET", "http://a.example/img?/x", true),
		Entry("a path as it was sent", pathPattern("/a%20b"), "GET", "http://a.example/a%20b", true),
		Entry("a path that is regular", pathRegex(`^/v\d+/`), "GET", "http://a.example/v12/x", true),
		Entry("a path that is not regular", pathRegex(`^/v\d+/`), "GET", "http://a.example/vx/x", false),
		Entry("a header field", headerIs("x-color", "blu?"), "GET", "http://a.example/", true, header("X-Color", "red", "BLUE")),
		Entry("a header field that is absent", headerIs("X-Color", "*"), "GET", "http://a.example/", false),
		Entry("a header field that is regular", headerRegex("X-Color", "^blue|red$"), "GET", "http://a.example/", true, header("X-Color", "darkred")),
		Entry("a query", queryIs("version=v1"), "GET", "http://a.example/?a=b&Version=V1", true),
		Entry("a query's value under any key", queryIs("*ple"), "GET", "http://a.example/?a=apple", true),
		Entry("a query with an escaped wildcard", queryIs(`a=\*`), "GET", "http://a.example/?a=b", false),
		Entry("a query that has a star", queryIs(`a=\*`), "GET", "http://a.example/?a=*", true),
		Entry("another query", queryIs("version=v1", "x=y"), "GET", "http://a.example/?version=v2&x=z", false),
		Entry("a method", methodIs("PUT", "DELETE"), "DELETE", "http://a.example/", true),
		Entry("another method", methodIs("PUT"), "GET", "http://a.example/", false),
		Entry("a source", sourceIs("10.0.0.0/8", "127.0.0.0/8"), "GET", "http://a.example/", true),
		Entry("another source", sourceIs("10.0.0.0/8"), "GET", "http://a.example/", false),
		Entry("nothing that it does not know", types.RuleCondition{Field: aws.String("moon-phase")}, "GET", "http://a.example/", false),
	)

	It("are tried by priority, all conditions must be met, and changes are followed", func() {
		w := begin()
		l := listener(types.ProtocolEnumHttp, 80, say("default"))
		rule := func(priority int, text string, conditions ...types.RuleCondition) elbv2.Rule {
			return elbv2.Rule{ARN: text, Priority: priority, Conditions: conditions, Actions: []types.Action{say(text)}}
		}
		l.Rules = []elbv2.Rule{
			rule(20, "second", pathPattern("/a*")),
			rule(10, "first", pathPattern("/a/*"), methodIs("GET")),
		}
		w.change(func(c *control) { c.balancers = []elbv2.LoadBalancer{application(l)} })
		client := w.client()
		Expect(ask(client, "GET", "http://a.example/a/b").body).To(Equal("first"))
		Expect(ask(client, "POST", "http://a.example/a/b").body).To(Equal("second"))
		Expect(ask(client, "GET", "http://a.example/b").body).To(Equal("default"))
		l.Rules = []elbv2.Rule{rule(5, "third", pathPattern("/*"))}
		w.change(func(c *control) { c.balancers = []elbv2.LoadBalancer{application(l)} })
		Expect(ask(client, "GET", "http://a.example/a/b").body).To(Equal("third"), "on the same connection")
	})

	DescribeTable("transform what they forward", func(transform types.RuleTransform, url, expected string) {
		w := begin()
		seen := serve(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte(r.Host + r.RequestURI)) })
		l := listener(types.ProtocolEnumHttp, 80, say("default"))
		l.Rules = []elbv2.Rule{{
			ARN: "rule", Priority: 1, Conditions: []types.RuleCondition{pathPattern("/*")},
			Actions: []types.Action{forward(to("blue", 1))}, Transforms: []types.RuleTransform{transform},
		}}
		w.change(func(c *control) {
			c.balancers, c.groups = []elbv2.LoadBalancer{application(l)}, []elbv2.TargetGroup{group("blue", types.ProtocolEnumHttp, at(seen))}
		})
		Expect(ask(w.client(), "GET", url).body).To(Equal(expected))
	},
		Entry("the path", urlRewrite(`^/api/(v\d)/(.*)$`, "/$2-$1x"), "http://a.example/api/v1/items", "a.example/items-v1x"),
		Entry("the path with its query", urlRewrite(`^/old\?id=(\d+)$`, "/new/$1?from=old"), "http://a.example/old?id=7", "a.example/new/7?from=old"),
		Entry("nothing that does not match", urlRewrite("^/x", "/y"), "http://a.example/a%2Fb?c;d", "a.example/a%2Fb?c;d"),
		Entry("the host", hostRewrite(`^(.*)\.example$`, "$1.internal"), "http://a.example/x", "a.internal/x"),
	)
})

func urlRewrite(expression, replacement string) types.RuleTransform {
	return types.RuleTransform{Type: types.TransformTypeEnumUrlRewrite, UrlRewriteConfig: &types.UrlRewriteConfig{
		Rewrites: []types.RewriteConfig{{Regex: &expression, Replace: &replacement}},
	}}
}

func hostRewrite(expression, replacement string) types.RuleTransform {
	return types.RuleTransform{Type: types.TransformTypeEnumHostHeaderRewrite, HostHeaderRewriteConfig: &types.HostHeaderRewriteConfig{
		Rewrites: []types.RewriteConfig{{Regex: &expression, Replace: &replacement}},
	}}
}
