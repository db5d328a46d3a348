package loadbalancer

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// everything is a LoadBalancer whose making takes every call that makes something.
func everything() *v1alpha1.LoadBalancer {
	return webBalancer(secured, attributes(func(a *v1alpha1.TargetGroupAttributes) { a.SlowStartSeconds = new(int32(30)) }), inListener(func(l *v1alpha1.Listener) {
		l.Certificates = certificatesOf(certificate1, certificate2)
		l.Attributes = &v1alpha1.ListenerAttributes{ResponseServerHeaderEnabled: new(false)}
		l.Rules = []v1alpha1.ListenerRule{pathRuleSpec(1, "/a", "blue"), pathRuleSpec(2, "/b", "blue")}
	}))
}

// another changes everything in one edit, so that every call that changes or deletes something is made.
func another(s *spec) {
	check(func(c *v1alpha1.TargetHealthCheck) { c.Path = "/health" })(s)
	attributes(func(a *v1alpha1.TargetGroupAttributes) { a.SlowStartSeconds = new(int32(60)) })(s)
	inBlue(func(g *group) {
		g.Tags = map[string]v1alpha1.TagValue{"team": "shop"}
		g.Targets = []v1alpha1.Target{{ID: "10.0.1.10"}, {ID: "10.0.1.12"}}
	})(s)
	inListener(func(l *v1alpha1.Listener) {
		l.Certificates, l.SSLPolicy = certificatesOf(certificate1, certificate3), "ELBSecurityPolicy-TLS13-1-2-2021-06"
		l.Attributes.ResponseServerHeaderEnabled = new(true)
		edited := pathRuleSpec(2, "/b", "blue")
		edited.Actions = []v1alpha1.Action{{FixedResponse: &v1alpha1.FixedResponseAction{StatusCode: "404"}}}
		l.Rules = []v1alpha1.ListenerRule{edited, pathRuleSpec(3, "/a", "blue"), pathRuleSpec(4, "/c", "blue")}
	})(s)
}

// all is all of AWS that the object has.
func (w *world) all(ctx context.Context) []string {
	GinkgoHelper()
	o := w.observe(ctx)
	state := append(w.blueState(ctx), w.firstState(ctx)...)
	state = append(state, w.table(ctx)...)
	groups, err := w.others.DescribeTargetGroups(ctx, &sdk.DescribeTargetGroupsInput{})
	Expect(err).NotTo(HaveOccurred())
	return append(state, fmt.Sprint(len(groups.TargetGroups), " groups, ", len(o.listeners), " listeners"))
}

var _ = Describe("Any call may fail, or be the last", func() {
	w := newWorld()

	acts := []struct {
		name  string
		calls []string
		do    func(ctx context.Context)
		ready bool
	}{
		{"making everything", []string{
			"CreateTargetGroup", "ModifyTargetGroupAttributes", "CreateListener", "AddListenerCertificates", "ModifyListenerAttributes", "CreateRule", "RegisterTargets",
		}, func(ctx context.Context) { w.create(ctx, everything()) }, false},
		{"changing everything", []string{
			"ModifyTargetGroup", "ModifyTargetGroupAttributes", "AddTags", "AddListenerCertificates", "ModifyListener", "RemoveListenerCertificates",
			"ModifyListenerAttributes", "SetRulePriorities", "CreateRule", "ModifyRule", "RegisterTargets", "DeregisterTargets",
		}, func(ctx context.Context) { w.edit(ctx, another) }, true},
		{"removing things", []string{"DeleteRule", "DeleteListener", "DeleteTargetGroup", "RemoveTags"}, func(ctx context.Context) {
			w.edit(ctx, func(s *spec) {
				s.Listeners[0].Rules, s.TargetGroups[0].Tags = s.Listeners[0].Rules[:1], nil
				s.Listeners, s.TargetGroups = s.Listeners[:1], s.TargetGroups[:1]
			})
		}, true},
	}

	// begin brings the world to where an act begins.
	begin := func(ctx context.Context, ready bool) {
		if !ready {
			return
		}
		w.create(ctx, everything())
		w.settle(ctx)
		w.edit(ctx, func(s *spec) {
			s.TargetGroups[0].Tags = map[string]v1alpha1.TagValue{"stage": "test"}
			green := s.TargetGroups[0]
			green.Name = "green"
			s.TargetGroups = append(s.TargetGroups, green)
			s.Listeners = append(s.Listeners, v1alpha1.Listener{Port: 80, Protocol: "HTTP", DefaultActions: forward("green")})
		})
		w.settle(ctx)
	}

	for _, act := range acts {
		It(act.name+" goes on after each call that dies", func(ctx context.Context) {
			begin(ctx, act.ready)
			made := w.writes(func() {
				act.do(ctx)
				w.settle(ctx)
			})
			want := w.all(ctx)
			for _, call := range act.calls {
				Expect(made).To(HaveKey(call))
			}
			w.vanish(ctx)
			for n := 1; ; n++ { // dying before a call is the same as dying after the one before it
				begin(ctx, act.ready)
				act.do(ctx)
				died := w.settleKilled(ctx, n, awssim.After)
				Expect(w.all(ctx)).To(ConsistOf(want), "killed after call %d", n)
				w.expectQuiet(ctx)
				w.vanish(ctx)
				if !died {
					break
				}
			}
		})

		It(act.name+" goes on after each call that fails", func(ctx context.Context) {
			begin(ctx, act.ready)
			act.do(ctx)
			w.settle(ctx)
			want := w.all(ctx)
			w.vanish(ctx)
			for _, call := range act.calls {
				for _, kind := range []awssim.Kind{awssim.After500, awssim.Drop} {
					begin(ctx, act.ready)
					Expect(w.sim.AddFault(awssim.Fault{Service: "elasticloadbalancing", Operation: call, Kind: kind, Count: 1})).To(Succeed())
					act.do(ctx)
					w.settle(ctx)
					Expect(w.sim.Faults()).To(BeEmpty(), call+" is not made")
					Expect(w.all(ctx)).To(ConsistOf(want), "%s of %s", kind, call)
					w.expectQuiet(ctx)
					w.vanish(ctx)
				}
			}
		})
	}

	It("deleting all of it goes on after each call that dies", func(ctx context.Context) {
		for n := 1; ; n++ {
			w.create(ctx, twoPorts())
			w.settle(ctx)
			Expect(w.store.Delete(ctx, w.live(ctx))).To(Succeed())
			died := w.goneKilled(ctx, n, awssim.After)
			groups, err := w.others.DescribeTargetGroups(ctx, &sdk.DescribeTargetGroupsInput{})
			Expect(err).NotTo(HaveOccurred())
			Expect(groups.TargetGroups).To(BeEmpty())
			balancers, err := w.others.DescribeLoadBalancers(ctx, &sdk.DescribeLoadBalancersInput{})
			Expect(err).NotTo(HaveOccurred())
			Expect(balancers.LoadBalancers).To(BeEmpty())
			w.sim.Reset()
			w.restart()
			if !died {
				Expect(n).To(BeNumerically(">", 3))
				break
			}
		}
	})
})

var _ = Describe("A look at a load balancer that is as declared", func() {
	w := newWorld()

	It("costs at most 14 calls with 2 listeners, 20 rules and 5 target groups", func(ctx context.Context) {
		w.create(ctx, webBalancer(func(s *spec) {
			for i := range 4 {
				other := s.TargetGroups[0]
				other.Name, other.Targets = v1alpha1.TargetGroupName(fmt.Sprint("other-", i)), nil
				s.TargetGroups = append(s.TargetGroups, other)
			}
			s.Listeners = append(s.Listeners, v1alpha1.Listener{Port: 443, Protocol: "HTTPS", Certificates: certificatesOf(certificate1), DefaultActions: forward("blue")})
			for i := range int32(20) {
				l := &s.Listeners[i%2]
				l.Rules = append(l.Rules, pathRuleSpec(i+1, fmt.Sprint("/", i), s.TargetGroups[i%5].Name))
			}
		}))
		w.settle(ctx)
		Expect(w.reads(func() {
			_, err := w.turn(ctx)
			Expect(err).NotTo(HaveOccurred())
		})).To(BeNumerically("<=", 14))
	})
})
