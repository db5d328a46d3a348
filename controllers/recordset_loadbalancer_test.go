package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("A record that is an alias of a LoadBalancer", func() {
	s := newStory()

	// Nothing carries these load balancers out: a status is what their controller leaves, written here step by step.
	balancer := func(ctx context.Context, name string) *v1alpha1.LoadBalancer {
		obj := &v1alpha1.LoadBalancer{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.LoadBalancerSpec{
			Type: v1alpha1.LoadBalancerNetwork, SubnetIDs: []v1alpha1.SubnetID{"subnet-0a"},
		}}
		s.Create(ctx, obj)
		DeferCleanup(func(ctx context.Context) { Expect(client.IgnoreNotFound(s.Client.Delete(ctx, obj))).To(Succeed()) })
		return obj
	}
	becomes := func(ctx context.Context, obj *v1alpha1.LoadBalancer, state string) {
		live := Get(ctx, s, obj)
		base := live.DeepCopy()
		live.Status.DNSName, live.Status.CanonicalHostedZoneID = obj.Name+".elb.us-east-1.amazonaws.com", "Z26RNL4JYFTOTI"
		live.Status.State, live.Status.ObservedGeneration = state, live.Generation
		Expect(s.Client.Status().Patch(ctx, live, client.MergeFrom(base))).To(Succeed())
	}
	aliasOf := func(name string) *v1alpha1.RecordSet {
		return RecordSet("apex", "@", WithAlias(v1alpha1.AliasTarget{LoadBalancerRef: &v1alpha1.LoadBalancerReference{Name: name}}))
	}
	pointsAt := func(name string) string {
		return "example.com. A alias Z26RNL4JYFTOTI " + name + ".elb.us-east-1.amazonaws.com."
	}

	BeforeEach(func(ctx context.Context) { s.StartManager(ctx) })

	It("waits for it, without asking AWS, and follows it", func(ctx context.Context) {
		apex := aliasOf("web")
		s.Create(ctx, Zone(), apex)
		Eventually(Live(ctx, s, apex)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "LoadBalancer web", "does not exist"))
		web := balancer(ctx, "web")
		Eventually(Live(ctx, s, apex)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "has no load balancer in AWS yet"))
		becomes(ctx, web, "provisioning")
		Eventually(Live(ctx, s, apex)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "provisioning"))
		Expect(s.Records(s.OnlyZone())).To(BeEmpty())
		becomes(ctx, web, "active")
		s.ExpectReady(ctx, apex)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(pointsAt("web")))
		s.ExpectQuiet(ctx)
	})

	It("moves to another one only when that is active", func(ctx context.Context) {
		becomes(ctx, balancer(ctx, "blue"), "active")
		apex := aliasOf("blue")
		s.Create(ctx, Zone(), apex)
		s.ExpectReady(ctx, apex)
		green := balancer(ctx, "green")
		Edit(ctx, s, apex, func(r *v1alpha1.RecordSet) { r.Spec.AliasTarget.LoadBalancerRef.Name = "green" })
		Eventually(Live(ctx, s, apex)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "LoadBalancer green"))
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(pointsAt("blue")))
		becomes(ctx, green, "active")
		s.ExpectReady(ctx, apex)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(pointsAt("green")))
	})

	It("says that it was deleted, and can be pointed elsewhere or deleted", func(ctx context.Context) {
		web := balancer(ctx, "web")
		becomes(ctx, web, "active")
		apex := aliasOf("web")
		s.Create(ctx, Zone(), apex)
		s.ExpectReady(ctx, apex)
		s.Delete(ctx, web)
		Eventually(Live(ctx, s, apex)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "LoadBalancer web"))
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(pointsAt("web")))
		Edit(ctx, s, apex, func(r *v1alpha1.RecordSet) { WithType("A", "192.0.2.1")(r); WithTTL(60)(r); r.Spec.AliasTarget = nil })
		s.ExpectReady(ctx, apex)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf("example.com. A 60 192.0.2.1"))
		s.Delete(ctx, apex)
		s.ExpectGone(ctx, apex)
	})
})
