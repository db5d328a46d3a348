package elbv2_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("State", func() {
	var s *sim
	BeforeEach(func() { s = start(elbv2.Quotas{}) })

	It("is the same when loaded again, and Reset forgets it", func(ctx SpecContext) {
		balancer := s.application(ctx, "web", tagged("owner", "me"))
		group := s.group(ctx, "group")
		listener := must(s.createListener(ctx, balancer, on(types.ProtocolEnumHttps, 443), withCertificates("a"), doing(ordered(oidc(), forward(group)[0])...)))
		must(s.rule(ctx, listener, 1, path("/a"), header("X", "y")))
		s.register(ctx, group, "10.0.0.1", "10.0.0.2")
		s.deregister(ctx, group, "10.0.0.2")
		s.SetTargetHealth(*group.TargetGroupArn, "10.0.0.1", 80, true, "", "")
		must(s.trustStore(ctx, "store"))
		saved := must(frame.StableJSON(s.State()))
		balancers, groups := s.LoadBalancers(), s.TargetGroups()
		s.Reset()
		Expect(s.LoadBalancers()).To(BeEmpty())
		Expect(s.Load(saved)).To(Succeed())
		Expect(must(frame.StableJSON(s.State()))).To(MatchJSON(saved))
		Expect(s.LoadBalancers()).To(Equal(balancers))
		Expect(s.TargetGroups()).To(Equal(groups))
		Expect(s.Load([]byte(strings.Replace(string(saved), "owner", `owner", "x": "y`, 1)))).To(MatchError(ContainSubstring("invalid")), "and so stays what it was")
		Expect(s.LoadBalancers()).To(HaveLen(1))
	})

	DescribeTable("says what is wrong with it", func(state, problem string) {
		Expect(s.Load(json.RawMessage(state))).To(MatchError(ContainSubstring(problem)))
	},
		Entry(nil, `{"balancers": []}`, "unknown field"),
		Entry(nil, `{"loadBalancers": [{"arn": "a"}]}`, `needs "arn", "account" and "region"`),
		Entry(nil, `{"listeners": [{"arn": "a", "account": "1", "region": "r"}]}`, "of no load balancer"),
		Entry(nil, `{"targetGroups": [{"arn": "a", "account": "1", "region": "r"}, {"arn": "a", "account": "1", "region": "r"}]}`, "twice"),
	)

	It("is told of when it changes, by a call or by itself", func(ctx SpecContext) {
		var told atomic.Int64
		s.OnChange(func() { told.Add(1) })
		s.application(ctx, "web")
		Expect(told.Load()).To(BeEquivalentTo(1))
		before := s.Generation()
		s.clock.Advance(s.env.Timing.LoadBalancing.Provisioning.Max)
		Expect(told.Load()).To(BeEquivalentTo(2), "it has become active")
		Expect(s.Generation()).NotTo(Equal(before))
		_, err := s.DeleteListener(ctx, &sdk.DeleteListenerInput{ListenerArn: aws.String("arn:aws:x:listener/")})
		Expect(err).To(HaveOccurred())
		Expect(told.Load()).To(BeEquivalentTo(2))
	})

	It("is safe from many goroutines", func(ctx SpecContext) {
		balancer, group := s.application(ctx, "web"), s.group(ctx, "group")
		s.listen(ctx, balancer, 80, forward(group))
		s.OnChange(func() { s.Generation() })
		s.KeepHistory(true)
		var workers sync.WaitGroup
		for i := range 8 {
			workers.Go(func() {
				defer GinkgoRecover()
				id := fmt.Sprintf("10.0.0.%d", i+1)
				for range 10 {
					s.register(ctx, group, id)
					s.SetTargetHealth(*group.TargetGroupArn, id, 80, i%2 == 0, types.TargetHealthReasonEnumTimeout, "")
					s.deregister(ctx, group, id)
					s.EndDraining(*group.TargetGroupArn, id, 80)
					s.clock.Advance(time.Millisecond)
					s.Addresses(*balancer.DNSName)
					s.LoadBalancers()
				}
				s.register(ctx, group, id)
			})
		}
		workers.Wait()
		Expect(s.TargetGroups()[0].Targets).To(HaveLen(8))
	})

	It("is read as it was when a fault asks for it", func(ctx SpecContext) {
		s.KeepHistory(true)
		s.application(ctx, "one")
		s.clock.Advance(time.Minute)
		s.application(ctx, "two")
		count := func(stale *time.Duration) int {
			s.stale = stale
			return len(must(s.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{})).LoadBalancers)
		}
		Expect([]int{count(nil), count(aws.Duration(0)), count(aws.Duration(time.Second)), count(aws.Duration(time.Hour))}).To(Equal([]int{2, 1, 1, 0}))
		s.KeepHistory(false)
		Expect(count(aws.Duration(0))).To(Equal(2))
	})
})

var _ = Describe("Tags", func() {
	It("are of every kind of resource, twenty at a time", func(ctx SpecContext) {
		s := start(elbv2.Quotas{TagsPerResource: 2})
		balancer, group := s.application(ctx, "web", tagged("a", "1")), s.group(ctx, "group")
		listener := s.listen(ctx, balancer, 80, forward(group))
		rule := must(s.rule(ctx, listener, 1, path("/")))
		rules := must(s.DescribeRules(ctx, &sdk.DescribeRulesInput{ListenerArn: listener.ListenerArn})).Rules
		arns := []string{*balancer.LoadBalancerArn, *group.TargetGroupArn, *listener.ListenerArn, *rule.RuleArn, *rules[1].RuleArn, *must(s.trustStore(ctx, "store")).TrustStoreArn}
		must(s.AddTags(ctx, &sdk.AddTagsInput{ResourceArns: arns, Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("2")}, {Key: aws.String("b")}}}))
		for _, one := range must(s.DescribeTags(ctx, &sdk.DescribeTagsInput{ResourceArns: arns})).TagDescriptions {
			Expect(one.Tags).To(Equal([]types.Tag{{Key: aws.String("a"), Value: aws.String("2")}, {Key: aws.String("b"), Value: aws.String("")}}), *one.ResourceArn)
		}
		_, err := s.AddTags(ctx, &sdk.AddTagsInput{ResourceArns: arns, Tags: []types.Tag{{Key: aws.String("c")}}})
		Expect(codeOf(err)).To(Equal("TooManyTags"))
		must(s.RemoveTags(ctx, &sdk.RemoveTagsInput{ResourceArns: arns, TagKeys: []string{"a", "none"}}))
		for _, one := range must(s.DescribeTags(ctx, &sdk.DescribeTagsInput{ResourceArns: arns})).TagDescriptions {
			Expect(one.Tags).To(HaveLen(1))
		}
		many := []string{}
		for i := range 21 {
			many = append(many, fmt.Sprint(i))
		}
		_, err = s.DescribeTags(ctx, &sdk.DescribeTagsInput{ResourceArns: many})
		Expect(codeOf(err)).To(Equal("ValidationError"))
		_, err = s.DescribeTags(ctx, &sdk.DescribeTagsInput{ResourceArns: []string{arns[0], arns[1] + "0"}})
		Expect(codeOf(err)).To(Equal("TargetGroupNotFound"))
	})
})

var _ = Describe("What AWS offers", func() {
	It("are security policies, and limits", func(ctx SpecContext) {
		s := start(elbv2.Quotas{Rules: 7})
		policies := must(s.DescribeSSLPolicies(ctx, &sdk.DescribeSSLPoliciesInput{Names: []string{"ELBSecurityPolicy-TLS13-1-2-Res-PQ-2025-09", "ELBSecurityPolicy-TLS13-1-2-2021-06"}})).SslPolicies
		Expect(policies[0].SslProtocols).To(Equal([]string{"TLSv1.3", "TLSv1.2"}))
		Expect(*policies[1].Ciphers[0].Name).To(Equal("TLS_AES_128_GCM_SHA256"))
		_, err := s.DescribeSSLPolicies(ctx, &sdk.DescribeSSLPoliciesInput{Names: []string{"mine"}})
		Expect(codeOf(err)).To(Equal("SSLPolicyNotFound"))
		Expect(len(must(s.DescribeSSLPolicies(ctx, &sdk.DescribeSSLPoliciesInput{})).SslPolicies)).To(BeNumerically(">", 20))
		Expect(must(s.DescribeAccountLimits(ctx, &sdk.DescribeAccountLimitsInput{})).Limits).
			To(ContainElement(types.Limit{Name: aws.String("rules-per-application-load-balancer"), Max: aws.String("7")}))
	})
})
