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
)

// targetKeys are the targets of blue in AWS that are not about to leave.
func (w *world) targetKeys(ctx context.Context) []string {
	GinkgoHelper()
	keys := []string{}
	for _, t := range w.group(ctx, "blue").targets {
		if t.there() {
			keys = append(keys, t.key())
		}
	}
	return keys
}

func targetsAre(targets ...v1alpha1.Target) func(*spec) {
	return inBlue(func(g *group) { g.Targets = targets })
}

var _ = Describe("Targets", func() {
	w := newWorld()

	It("that others registered stay, those that were declared go, after a restart too", func(ctx context.Context) {
		w.create(ctx, webBalancer())
		w.settle(ctx)
		w.register(ctx, w.group(ctx, "blue").arn, types.TargetDescription{Id: aws.String("10.0.1.77")})
		w.settle(ctx)
		w.expectQuiet(ctx)
		w.edit(ctx, targetsAre(v1alpha1.Target{ID: "10.0.1.10"}))
		w.restart()
		w.settle(ctx)
		Expect(w.targetKeys(ctx)).To(ConsistOf("10.0.1.10:8080", "10.0.1.77:8080"))
		w.expectQuiet(ctx)

		By("leaving all when none is declared any more")
		w.edit(ctx, targetsAre())
		w.settle(ctx)
		Expect(w.targetKeys(ctx)).To(ConsistOf("10.0.1.77:8080"))

		By("taking all others out when that is asked for")
		w.edit(ctx, inBlue(func(g *group) {
			g.Targets, g.TargetsPolicy = []v1alpha1.Target{{ID: "10.0.1.12"}}, v1alpha1.TargetsExclusive
		}))
		w.settle(ctx)
		Expect(w.targetKeys(ctx)).To(ConsistOf("10.0.1.12:8080"))
		w.expectQuiet(ctx)
	})

	It("are registered again when others take them out", func(ctx context.Context) {
		w.create(ctx, webBalancer())
		w.settle(ctx)
		_, err := w.others.DeregisterTargets(ctx, &sdk.DeregisterTargetsInput{
			TargetGroupArn: aws.String(w.group(ctx, "blue").arn), Targets: []types.TargetDescription{{Id: aws.String("10.0.1.10")}},
		})
		Expect(err).NotTo(HaveOccurred())
		w.told()
		w.settle(ctx)
		Expect(w.targetKeys(ctx)).To(ContainElement("10.0.1.10:8080"))
		Expect(w.told()).To(ContainElement("Normal DriftRepaired Set right what had been changed outside: target group blue (targets: (none) → 10.0.1.10:8080)"))
	})

	It("that AWS refuses are told, and keep no other out, of another group neither", func(ctx context.Context) {
		w.create(ctx, webBalancer(func(s *spec) {
			green := s.TargetGroups[0]
			green.Name, green.Targets = "green", []v1alpha1.Target{{ID: "10.0.1.20"}}
			s.TargetGroups = append(s.TargetGroups, green)
			s.TargetGroups[0].Targets = []v1alpha1.Target{{ID: "10.0.1.10"}, {ID: "8.8.8.8"}, {ID: "10.0.1.11"}, {ID: "10.0.1.12"}}
		}))
		w.settleAs(ctx, v1alpha1.ReasonInvalidSpec, "Target 8.8.8.8:8080 cannot be registered with target group blue")
		Expect(w.targetKeys(ctx)).To(ConsistOf("10.0.1.10:8080", "10.0.1.11:8080", "10.0.1.12:8080"))
		Expect(w.group(ctx, "green").targets).To(HaveLen(1))
		w.edit(ctx, targetsAre(v1alpha1.Target{ID: "10.0.1.10"}))
		w.settle(ctx)
		Expect(w.targetKeys(ctx)).To(ConsistOf("10.0.1.10:8080"))
	})

	It("are registered 200 at a time", func(ctx context.Context) {
		var many []v1alpha1.Target
		for i := range 450 {
			many = append(many, v1alpha1.Target{ID: fmt.Sprintf("10.0.%d.%d", i/200, 10+i%200)})
		}
		w.create(ctx, webBalancer(targetsAre(many...)))
		Expect(w.writes(func() { w.settle(ctx) })).To(HaveKeyWithValue("RegisterTargets", 3))
		Expect(w.targetKeys(ctx)).To(HaveLen(450))
		w.expectQuiet(ctx)
		Expect(w.writes(func() {
			w.edit(ctx, targetsAre(many[:3]...))
			w.settle(ctx)
		})).To(Equal(map[string]int{"DeregisterTargets": 3}))
		Expect(w.targetKeys(ctx)).To(HaveLen(3))
	})

	It("get another QUIC server ID by leaving and coming back", func(ctx context.Context) {
		w.create(ctx, networkBalancer(func(s *spec) {
			s.TargetGroups[0].Protocol, s.Listeners[0].Protocol = "QUIC", "QUIC"
			s.TargetGroups[0].Targets = []v1alpha1.Target{{ID: "10.0.1.10", QUICServerID: "0x0123456789abcdef"}}
		}))
		w.settle(ctx)
		w.edit(ctx, targetsAre(v1alpha1.Target{ID: "10.0.1.10", QUICServerID: "0x0123456789abcde0"}))
		w.settle(ctx)
		Expect(w.group(ctx, "blue").targets).To(HaveLen(1))
		Expect(w.group(ctx, "blue").targets[0].quicServerID).To(Equal("0x0123456789abcde0"))
		w.expectQuiet(ctx)
	})
})

var _ = Describe("The difference of targets", func() {
	here := func(keys ...int32) []registeredTarget {
		var registered []registeredTarget
		for _, port := range keys {
			registered = append(registered, registeredTarget{target: target{id: "i-1", port: port}, state: types.TargetHealthStateEnumHealthy})
		}
		return registered
	}
	leaving := func(registered []registeredTarget) []registeredTarget {
		for i := range registered {
			registered[i].state = types.TargetHealthStateEnumDraining
		}
		return registered
	}
	DescribeTable("is what to register and what to deregister", func(declared []int32, registered []registeredTarget, managed []string, exclusive bool, register, deregister []int32) {
		var desired []target
		for _, port := range declared {
			desired = append(desired, target{id: "i-1", port: port})
		}
		ports := func(targets []target) []int32 {
			list := []int32{}
			for _, t := range targets {
				list = append(list, t.port)
			}
			slices.Sort(list)
			return list
		}
		come, leave := diffTargets(desired, registered, managed, exclusive)
		Expect(ports(come)).To(Equal(register))
		Expect(ports(leave)).To(Equal(deregister))
	},
		Entry("nothing", []int32{1}, here(1), nil, false, []int32{}, []int32{}),
		Entry("a new one", []int32{1, 2}, here(1), nil, false, []int32{2}, []int32{}),
		Entry("one that leaves, and is wanted back", []int32{1}, leaving(here(1)), nil, false, []int32{1}, []int32{}),
		Entry("one that leaves, and may", []int32{}, leaving(here(1)), []string{"i-1:1"}, false, []int32{}, []int32{}),
		Entry("a former one", []int32{}, here(1, 2), []string{"i-1:1"}, false, []int32{}, []int32{1}),
		Entry("one of others", []int32{}, here(1), nil, false, []int32{}, []int32{}),
		Entry("one of others, exclusively", []int32{}, here(1), nil, true, []int32{}, []int32{1}),
	)
})
