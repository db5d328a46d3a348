package loadbalancer

import (
	"context"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

var clientSecrets = regexp.MustCompile(`"[Cc]lientSecret": *"([^"]*)"`)

// secretsIn finds the client secrets in a state of AWS.
func secretsIn(state string) []string {
	var found []string
	for _, match := range clientSecrets.FindAllStringSubmatch(state, -1) {
		found = append(found, match[1])
	}
	return found
}

// inRule changes the first rule of the first listener.
func inRule(change func(*v1alpha1.ListenerRule)) func(*spec) {
	return func(s *spec) { change(&s.Listeners[0].Rules[0]) }
}

func conditions(list ...v1alpha1.RuleCondition) func(*spec) {
	return inRule(func(r *v1alpha1.ListenerRule) { r.Conditions = list })
}

// ruled is a LoadBalancer with rules.
func ruled(rules ...v1alpha1.ListenerRule) *v1alpha1.LoadBalancer {
	return webBalancer(func(s *spec) { s.Listeners[0].Rules = rules })
}

// table tells the object's rules on the first listener, in their order.
func (w *world) table(ctx context.Context) []string {
	GinkgoHelper()
	rules := w.first(ctx).rules
	told := content(rules)
	for i, r := range rules {
		if text := transformsText(r.transforms); text != "" {
			told[i] += ", rewriting " + text
		}
	}
	return told
}

var _ = Describe("Rules", func() {
	w := newWorld(func(o *awssim.Options) { o.LoadBalancingQuotas = elbv2.Quotas{Rules: 3} })
	values := func(list ...v1alpha1.ConditionValue) []v1alpha1.ConditionValue { return list }

	DescribeTable("have every field changed by one call", func(ctx context.Context, change func(*spec), call string, want string) {
		Expect(w.store.Create(ctx, secret("first"))).To(Succeed())
		w.create(ctx, webBalancer(secured, func(s *spec) { s.Listeners[0].Rules = []v1alpha1.ListenerRule{pathRuleSpec(10, "/a", "blue")} }))
		w.settle(ctx)
		before, arn := w.table(ctx), w.first(ctx).rules[0].arn
		Expect(w.writes(func() {
			w.edit(ctx, change)
			w.settle(ctx)
		})).To(Equal(map[string]int{call: 1}))
		Expect(w.table(ctx)).To(ConsistOf(ContainSubstring(want)))
		Expect(w.first(ctx).rules[0].arn).To(Equal(arn))
		w.expectQuiet(ctx)
		w.edit(ctx, func(s *spec) { s.Listeners[0].Rules = []v1alpha1.ListenerRule{pathRuleSpec(10, "/a", "blue")} })
		w.settle(ctx)
		Expect(w.table(ctx)).To(Equal(before))
		w.expectQuiet(ctx)
	},
		Entry("host", conditions(v1alpha1.RuleCondition{HostHeader: []v1alpha1.HostPattern{"B.example", "*.a.example"}}), "ModifyRule", "host-header *.a.example|b.example"),
		Entry("host by expression", conditions(v1alpha1.RuleCondition{HostHeaderRegex: values("^a[0-9]+$")}), "ModifyRule", "host-header ~ ^a[0-9]+$"),
		Entry("path", conditions(v1alpha1.RuleCondition{PathPattern: []v1alpha1.PathPattern{"/c", "/b*"}}), "ModifyRule", "path-pattern /b*|/c"),
		Entry("path by expression", conditions(v1alpha1.RuleCondition{PathPatternRegex: values("^/v[12]/")}), "ModifyRule", "path-pattern ~ ^/v[12]/"),
		Entry("header", conditions(v1alpha1.RuleCondition{HTTPHeader: &v1alpha1.HTTPHeaderCondition{Name: "X-Canary", Values: values("Yes")}}), "ModifyRule", "http-header x-canary yes"),
		Entry("header by expression", conditions(v1alpha1.RuleCondition{HTTPHeader: &v1alpha1.HTTPHeaderCondition{Name: "X-Canary", RegexValues: values("^[Yy]")}}), "ModifyRule", "http-header x-canary ~ ^[Yy]"),
		Entry("query string", conditions(v1alpha1.RuleCondition{QueryString: []v1alpha1.QueryStringParameter{{Key: "v", Value: "2"}, {Value: "beta"}}}), "ModifyRule", "query-string beta|v=2"),
		Entry("method", conditions(v1alpha1.RuleCondition{HTTPRequestMethod: []v1alpha1.HTTPMethod{"PUT", "POST"}}), "ModifyRule", "http-request-method POST|PUT"),
		Entry("source", conditions(v1alpha1.RuleCondition{SourceIP: []v1alpha1.SourceCIDR{"10.0.0.0/8", "2001:DB8::/32"}}), "ModifyRule", "source-ip 10.0.0.0/8|2001:db8::/32"),
		Entry("two conditions of one field", conditions(
			v1alpha1.RuleCondition{QueryString: []v1alpha1.QueryStringParameter{{Key: "b", Value: "1"}}}, v1alpha1.RuleCondition{QueryString: []v1alpha1.QueryStringParameter{{Key: "a", Value: "1"}}},
			v1alpha1.RuleCondition{HTTPHeader: &v1alpha1.HTTPHeaderCondition{Name: "B", Values: values("1")}}, v1alpha1.RuleCondition{HTTPHeader: &v1alpha1.HTTPHeaderCondition{Name: "A", Values: values("1")}},
		), "ModifyRule", "http-header a 1 and http-header b 1 and query-string a=1 and query-string b=1"),
		Entry("actions", inRule(func(r *v1alpha1.ListenerRule) {
			r.Actions = []v1alpha1.Action{{FixedResponse: &v1alpha1.FixedResponseAction{StatusCode: "404"}}}
		}), "ModifyRule", "fixed response 404"),
		Entry("log-in", inRule(func(r *v1alpha1.ListenerRule) { r.Actions = append([]v1alpha1.Action{oidc()}, r.Actions...) }), "ModifyRule", "authenticate with OIDC https://idp.example"),
		Entry("host rewrite", inRule(func(r *v1alpha1.ListenerRule) {
			r.Transforms = &v1alpha1.RuleTransforms{HostHeaderRewrite: &v1alpha1.Rewrite{Regex: "^a", Replace: "b"}}
		}), "ModifyRule", `host-header-rewrite "^a" to "b"`),
		Entry("URL rewrite", inRule(func(r *v1alpha1.ListenerRule) {
			r.Transforms = &v1alpha1.RuleTransforms{URLRewrite: &v1alpha1.Rewrite{Regex: "^/a", Replace: "/b"}}
		}), "ModifyRule", `url-rewrite "^/a" to "/b"`),
		Entry("priority", inRule(func(r *v1alpha1.ListenerRule) { r.Priority = 77 }), "SetRulePriorities", "77 path-pattern /a"),
		Entry("name", inRule(func(r *v1alpha1.ListenerRule) { r.Name = "first" }), "AddTags", "10 path-pattern /a"),
		Entry("tags", inRule(func(r *v1alpha1.ListenerRule) { r.Tags = map[string]v1alpha1.TagValue{"team": "shop"} }), "AddTags", "10 path-pattern /a"),
	)

	It("are reordered by one call, at the limit of rules too", func(ctx context.Context) {
		a, b, c := pathRuleSpec(1, "/a", "blue"), pathRuleSpec(2, "/b", "blue"), pathRuleSpec(3, "/c", "blue")
		w.create(ctx, ruled(a, b, c))
		w.settle(ctx)
		a.Priority, b.Priority, c.Priority = 3, 1, 2
		Expect(w.writes(func() {
			w.edit(ctx, func(s *spec) { s.Listeners[0].Rules = []v1alpha1.ListenerRule{b, c, a} })
			w.settle(ctx)
		})).To(Equal(map[string]int{"SetRulePriorities": 1}))
		Expect(w.table(ctx)).To(HaveExactElements(HavePrefix("1 path-pattern /b"), HavePrefix("2 path-pattern /c"), HavePrefix("3 path-pattern /a")))
		w.expectQuiet(ctx)
	})

	It("make room one by one at the limit of rules", func(ctx context.Context) {
		w.create(ctx, ruled(pathRuleSpec(1, "/a", "blue"), pathRuleSpec(2, "/b", "blue"), pathRuleSpec(3, "/c", "blue")))
		w.settle(ctx)
		Expect(w.writes(func() {
			w.edit(ctx, func(s *spec) {
				s.Listeners[0].Rules = []v1alpha1.ListenerRule{pathRuleSpec(11, "/x", "blue"), pathRuleSpec(12, "/y", "blue"), pathRuleSpec(13, "/z", "blue")}
			})
			w.settle(ctx)
		})).To(And(HaveKeyWithValue("DeleteRule", 3), HaveKey("CreateRule")))
		Expect(w.table(ctx)).To(HaveExactElements(HavePrefix("11 path-pattern /x"), HavePrefix("12 path-pattern /y"), HavePrefix("13 path-pattern /z")))
		w.expectQuiet(ctx)
	})

	It("stay the same rule under a name, whatever changes", func(ctx context.Context) {
		named := pathRuleSpec(1, "/a", "blue")
		named.Name = "main"
		w.create(ctx, ruled(named))
		w.settle(ctx)
		arn := w.first(ctx).rules[0].arn
		w.edit(ctx, inRule(func(r *v1alpha1.ListenerRule) {
			r.Priority, r.Conditions = 50, []v1alpha1.RuleCondition{{PathPattern: []v1alpha1.PathPattern{"/other"}}}
		}))
		w.settle(ctx)
		Expect(w.first(ctx).rules[0].arn).To(Equal(arn))
		Expect(w.table(ctx)).To(ConsistOf(HavePrefix("50 path-pattern /other")))
	})

	It("are repaired when others change or delete them", func(ctx context.Context) {
		w.create(ctx, ruled(pathRuleSpec(1, "/a", "blue")))
		w.settle(ctx)
		arn := w.first(ctx).rules[0].arn
		_, err := w.others.ModifyRule(ctx, &sdk.ModifyRuleInput{RuleArn: &arn, Conditions: sdkConditions([]v1alpha1.RuleCondition{{PathPattern: []v1alpha1.PathPattern{"/theirs"}}})})
		Expect(err).NotTo(HaveOccurred())
		w.told()
		w.settle(ctx)
		Expect(w.told()).To(ContainElement("Normal DriftRepaired Set right what had been changed outside: rule 1 of listener HTTP:80 (conditions: path-pattern /theirs → path-pattern /a)"))
		_, err = w.others.DeleteRule(ctx, &sdk.DeleteRuleInput{RuleArn: aws.String(arn)})
		Expect(err).NotTo(HaveOccurred())
		w.settle(ctx)
		Expect(w.table(ctx)).To(ConsistOf(HavePrefix("1 path-pattern /a")))
	})

	It("are told when there may be no more of them", func(ctx context.Context) {
		var rules []v1alpha1.ListenerRule
		for i := range int32(4) {
			rules = append(rules, pathRuleSpec(i+1, fmt.Sprint("/", i), "blue"))
		}
		w.create(ctx, ruled(rules...))
		w.settleAs(ctx, v1alpha1.ReasonQuotaExceeded, "maximum number of rules")
		Expect(w.table(ctx)).To(HaveLen(3))
	})
})
