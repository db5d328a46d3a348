package controllers_test

import (
	"context"
	"fmt"
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// grown is a load balancer of an ordinary size: two listeners, twenty rules, five target groups, a managed group, and
// attributes.
func grown(obj *v1alpha1.LoadBalancer) {
	WithGroup(Ingress(80, "0.0.0.0/0"))(obj)
	WithAttributes(v1alpha1.LoadBalancerAttributes{IdleTimeoutSeconds: aws.Int32(120)})(obj)
	forward := func(i int) []v1alpha1.Action {
		return []v1alpha1.Action{{Forward: &v1alpha1.ForwardAction{TargetGroups: []v1alpha1.ForwardTargetGroup{{Name: v1alpha1.TargetGroupName(fmt.Sprintf("tg%d", i%5))}}}}}
	}
	for i := range 5 {
		obj.Spec.TargetGroups = append(obj.Spec.TargetGroups, v1alpha1.TargetGroup{
			Name: v1alpha1.TargetGroupName(fmt.Sprintf("tg%d", i)), Protocol: v1alpha1.ProtocolHTTP, Port: aws.Int32(80), TargetType: v1alpha1.TargetTypeIP,
		})
	}
	for l := range 2 {
		listener := v1alpha1.Listener{Port: int32(80 + l), Protocol: "HTTP", DefaultActions: forward(0)}
		for r := range 10 {
			listener.Rules = append(listener.Rules, v1alpha1.ListenerRule{
				Priority: int32(r + 1), Actions: forward(r), Conditions: []v1alpha1.RuleCondition{{PathPattern: []v1alpha1.PathPattern{v1alpha1.PathPattern(fmt.Sprintf("/%d", r))}}},
			})
		}
		obj.Spec.Listeners = append(obj.Spec.Listeners, listener)
	}
}

var _ = Describe("A look at a LoadBalancer that is as declared", func() {
	s := newStory()

	It("costs few calls", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", grown)
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		s.ExpectQuiet(ctx)
		before := s.Sim.Meter().Calls
		s.Look(ctx, lb)
		Eventually(s.Calls).WithArguments(ELB + "DescribeLoadBalancers").Should(BeNumerically(">", before[ELB+"DescribeLoadBalancers"]))
		s.ExpectSettled(ctx)
		made, total := maps.Clone(s.Sim.Meter().Calls), 0
		for call, n := range made {
			if made[call] = n - before[call]; made[call] == 0 {
				delete(made, call)
			}
			total += made[call]
			Expect(strings.Contains(call, "/Describe") || made[call] == 0).To(BeTrue(), call)
		}
		Expect(total).To(BeNumerically("<=", 14), "%v", made)
		Expect(total).To(BeNumerically(">", 0))
	})
})
