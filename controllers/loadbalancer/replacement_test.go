package loadbalancer

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/internal/simulated"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// served tells which listeners and rules have no healthy target behind them.
func (w *world) unserved(ctx context.Context) []string {
	GinkgoHelper()
	var unserved []string
	check := func(what string, actions []types.Action) {
		for _, action := range normalActions(actions) {
			if action.ForwardConfig == nil {
				continue
			}
			healthy := 0
			for _, tuple := range action.ForwardConfig.TargetGroups {
				if *tuple.Weight > 0 {
					healthy += w.healthy(ctx, *tuple.TargetGroupArn)
				}
			}
			if healthy == 0 {
				unserved = append(unserved, what)
			}
		}
	}
	balancers, err := w.others.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{})
	Expect(err).NotTo(HaveOccurred())
	for _, lb := range balancers.LoadBalancers {
		listeners, err := w.others.DescribeListeners(ctx, &sdk.DescribeListenersInput{LoadBalancerArn: lb.LoadBalancerArn})
		Expect(err).NotTo(HaveOccurred())
		for _, l := range listeners.Listeners {
			rules, err := w.others.DescribeRules(ctx, &sdk.DescribeRulesInput{ListenerArn: l.ListenerArn})
			Expect(err).NotTo(HaveOccurred())
			for _, r := range rules.Rules {
				if !isWarming(r) {
					check(fmt.Sprint(aws.ToInt32(l.Port), " ", *r.Priority), r.Actions)
				}
			}
		}
	}
	return unserved
}

// isWarming tells rules that no request meets.
func isWarming(r types.Rule) bool {
	return slices.ContainsFunc(normalConditions(r.Conditions), func(c condition) bool {
		return len(c.values) == 1 && len(c.values[0]) > 11 && c.values[0][:11] == "/.evenkeel/"
	})
}

func (w *world) healthy(ctx context.Context, arn string) int {
	out, err := w.others.DescribeTargetHealth(ctx, &sdk.DescribeTargetHealthInput{TargetGroupArn: &arn})
	Expect(err).NotTo(HaveOccurred())
	return serving(targetsOf(out.TargetHealthDescriptions))
}

// watch checks after each call that changes AWS that every listener and rule has a healthy target behind it.
func (w *world) watch(ctx context.Context) *[]string {
	var broken []string
	w.sim.SetHook(func(call awssim.Call) {
		if simulated.IsWrite(call.Operation) && call.Phase == awssim.After && call.Err == nil {
			for _, what := range w.unserved(ctx) {
				broken = append(broken, call.Operation+" leaves "+what)
			}
		}
	})
	return &broken
}

// twoPorts is a LoadBalancer whose group blue stands in a listener, in a weighted rule and in another listener.
func twoPorts(change ...func(*spec)) *v1alpha1.LoadBalancer {
	obj := webBalancer(func(s *spec) {
		green := s.TargetGroups[0]
		green.Name, green.Targets = "green", []v1alpha1.Target{{ID: "10.0.1.20"}}
		s.TargetGroups = append(s.TargetGroups, green)
		s.Listeners[0].Rules = []v1alpha1.ListenerRule{{
			Priority: 5, Conditions: []v1alpha1.RuleCondition{{PathPattern: []v1alpha1.PathPattern{"/both"}}},
			Actions: []v1alpha1.Action{{Forward: &v1alpha1.ForwardAction{TargetGroups: []v1alpha1.ForwardTargetGroup{
				{Name: "blue", Weight: aws.Int32(9)}, {Name: "green", Weight: aws.Int32(1)},
			}}}},
		}}
		s.Listeners = append(s.Listeners, v1alpha1.Listener{Port: 81, Protocol: "HTTP", DefaultActions: forward("blue")})
	})
	for _, f := range change {
		f(&obj.Spec)
	}
	return obj
}

// full has blue in forwards that have no room for one more.
func full(s *spec) {
	names := []v1alpha1.TargetGroupName{"blue"}
	for i := range maxForwards - 1 {
		other := s.TargetGroups[0]
		other.Name, other.Targets = v1alpha1.TargetGroupName(fmt.Sprint("other-", i)), []v1alpha1.Target{{ID: fmt.Sprint("10.0.1.", 30+i)}}
		s.TargetGroups = append(s.TargetGroups, other)
		names = append(names, other.Name)
	}
	s.Listeners[0].DefaultActions = forward(names...)
}

func port(n int32) func(*spec) { return inBlue(func(g *group) { g.Port = aws.Int32(n) }) }

var _ = Describe("A replacement", func() {
	w := newWorld()

	DescribeTable("never leaves a listener without healthy targets, and the old group goes",
		func(ctx context.Context, obj *v1alpha1.LoadBalancer, change func(*spec)) {
			w.create(ctx, obj)
			w.settle(ctx)
			w.settleHealthy(ctx)
			before, groups := w.group(ctx, "blue").arn, len(w.observe(ctx).groups)
			broken := w.watch(ctx)
			w.edit(ctx, change)
			w.settle(ctx)
			w.sim.SetHook(nil)
			Expect(*broken).To(BeEmpty())
			Expect(w.group(ctx, "blue").arn).NotTo(Equal(before))
			Expect(w.observe(ctx).groups).To(HaveLen(groups))
			for _, l := range w.observe(ctx).listeners {
				Expect(l.rules).To(HaveLen(len(declaredListener(w.live(ctx), l.port).Rules)), "a rule is left")
			}
			w.expectQuiet(ctx)
		},
		Entry("of the port", twoPorts(), port(8081)),
		Entry("of the protocol", twoPorts(), inBlue(func(g *group) { g.Protocol = "HTTPS" })),
		Entry("of the IP address type", twoPorts(func(s *spec) { s.IPAddressType = "dualstack" }), inBlue(func(g *group) {
			g.IPAddressType, g.Targets = "ipv6", []v1alpha1.Target{{ID: "2600:1f18:0:100::10"}, {ID: "2600:1f18:0:100::11"}}
		})),
		Entry("of the control port", twoPorts(), inBlue(func(g *group) { g.TargetControlPort = aws.Int32(9000) })),
		Entry("of the target type", twoPorts(), inBlue(func(g *group) {
			g.TargetType, g.Targets = "", []v1alpha1.Target{{ID: "i-0123456789abcdef0"}}
		})),
		Entry("of two groups at once", twoPorts(), func(s *spec) { port(8081)(s); s.TargetGroups[1].Port = aws.Int32(8082) }),
		Entry("behind a network load balancer", networkBalancer(), port(8081)),
		Entry("with the listener's protocol", networkBalancer(), func(s *spec) {
			s.TargetGroups[0].Protocol, s.Listeners[0].Protocol = "TCP_UDP", "TCP"
		}),
		Entry("in a full forward", webBalancer(full), port(8081)),
		Entry("together with its targets", twoPorts(), inBlue(func(g *group) {
			g.Port, g.Targets = aws.Int32(8081), []v1alpha1.Target{{ID: "10.0.1.99"}}
		})),
	)

	It("tells how far it is", func(ctx context.Context) {
		w.create(ctx, twoPorts())
		w.settle(ctx)
		w.edit(ctx, port(8081))
		_, err := w.turn(ctx)
		Expect(err).NotTo(HaveOccurred())
		live := w.live(ctx)
		Expect(conditionOf(live, v1alpha1.ConditionReady).Reason).To(Equal(v1alpha1.ReasonReplacing))
		Expect(conditionOf(live, v1alpha1.ConditionReady).Message).To(ContainSubstring("2 more targets are healthy"))
		Expect(live.Status.TargetGroups[0].ReplacementARN).NotTo(BeEmpty())
		Expect(live.Status.TargetGroups[0].ARN).NotTo(Equal(live.Status.TargetGroups[0].ReplacementARN))
		w.settle(ctx)
		Expect(w.told()).To(ContainElement("Normal Replaced Replaced target group blue (port: 8080 → 8081)"))
	})

	It("takes a second change in the middle, and one back", func(ctx context.Context) {
		w.create(ctx, twoPorts())
		w.settle(ctx)
		first := w.group(ctx, "blue").arn
		broken := w.watch(ctx)
		for _, n := range []int32{8081, 8082, 8083} {
			w.edit(ctx, port(n))
			_, err := w.turn(ctx)
			Expect(err).NotTo(HaveOccurred())
		}
		w.settle(ctx)
		Expect(w.observe(ctx).groups).To(HaveLen(2))
		Expect(w.group(ctx, "blue").shape.port).To(BeEquivalentTo(8083))

		second := w.group(ctx, "blue").arn
		Expect(second).NotTo(Equal(first))
		w.edit(ctx, port(8081))
		_, err := w.turn(ctx)
		Expect(err).NotTo(HaveOccurred())
		w.edit(ctx, port(8083))
		w.settle(ctx)
		w.sim.SetHook(nil)
		Expect(*broken).To(BeEmpty())
		Expect(w.group(ctx, "blue").arn).To(Equal(second), "the group that requests went to all the time")
		Expect(w.observe(ctx).groups).To(HaveLen(2))
	})

	It("waits for those who registered targets to register them anew", func(ctx context.Context) {
		w.create(ctx, webBalancer(inBlue(func(g *group) { g.TargetType, g.Targets = "", nil })))
		w.settle(ctx)
		theirs := []types.TargetDescription{{Id: aws.String("i-0123456789abcdef0")}, {Id: aws.String("i-0123456789abcdef1")}}
		w.register(ctx, w.group(ctx, "blue").arn, theirs...)
		w.settle(ctx)
		w.settleHealthy(ctx)
		broken := w.watch(ctx)
		w.edit(ctx, port(8081))
		w.settleAs(ctx, v1alpha1.ReasonReplacing, "until 2 more targets are healthy", "targets that others registered")
		next := w.live(ctx).Status.TargetGroups[0].ReplacementARN
		w.register(ctx, next, theirs...)
		w.settle(ctx)
		w.sim.SetHook(nil)
		Expect(*broken).To(BeEmpty())
		Expect(w.group(ctx, "blue").arn).To(Equal(next))
		Expect(w.group(ctx, "blue").targets).To(HaveLen(2))
	})

	It("goes on from wherever the controller dies", func(ctx context.Context) {
		for n := 1; ; n++ { // dying before a call is the same as dying after the one before it
			w.create(ctx, twoPorts())
			w.settle(ctx)
			w.settleHealthy(ctx)
			w.edit(ctx, port(8081))
			died := w.settleKilled(ctx, n, awssim.After)
			Expect(w.unserved(ctx)).To(BeEmpty())
			Expect(w.observe(ctx).groups).To(HaveLen(2), "killed after call %d", n)
			Expect(w.group(ctx, "blue").shape.port).To(BeEquivalentTo(8081))
			w.expectQuiet(ctx)
			w.vanish(ctx)
			if !died {
				Expect(n).To(BeNumerically(">", 8))
				break
			}
		}
	})
})
