package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("A record that is an alias of a LoadBalancer", func() {
	s := newStory()

	balancer := func(name string, subnets ...v1alpha1.SubnetID) *v1alpha1.LoadBalancer {
		return &v1alpha1.LoadBalancer{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.LoadBalancerSpec{
			Type: v1alpha1.LoadBalancerNetwork, SubnetIDs: subnets,
		}}
	}
	aliasOf := func(name string) *v1alpha1.RecordSet {
		return RecordSet("apex", "@", WithAlias(v1alpha1.AliasTarget{LoadBalancerRef: &v1alpha1.LoadBalancerReference{Name: name}}))
	}
	pointsAt := func(ctx context.Context, obj *v1alpha1.LoadBalancer) string {
		status := Get(ctx, s, obj).Status
		Expect(status.DNSName).NotTo(BeEmpty())
		return "example.com. A alias " + status.CanonicalHostedZoneID + " " + status.DNSName + "."
	}

	BeforeEach(func(ctx context.Context) { s.StartManager(ctx) })

	It("waits for it, and finds it", func(ctx context.Context) {
		apex, web := aliasOf("web"), balancer("web", "subnet-none")
		s.Create(ctx, Zone(), apex)
		Eventually(Live(ctx, s, apex)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "LoadBalancer web", "does not exist"))
		s.Create(ctx, web)
		Eventually(Live(ctx, s, apex)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "LoadBalancer web", "is stalled", "subnet-none"))
		Expect(s.Records(s.OnlyZone())).To(BeEmpty())
		Edit(ctx, s, web, func(l *v1alpha1.LoadBalancer) { l.Spec.SubnetIDs = []v1alpha1.SubnetID{"subnet-0a"} })
		s.ExpectReady(ctx, web, apex)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(pointsAt(ctx, web)))
		s.ExpectQuiet(ctx)
	})

	It("moves to another one only when that is active", func(ctx context.Context) {
		apex, blue, green := aliasOf("blue"), balancer("blue", "subnet-0a"), balancer("green", "subnet-none")
		s.Create(ctx, apex, blue, green, Zone())
		s.ExpectReady(ctx, blue, apex)
		Edit(ctx, s, apex, func(r *v1alpha1.RecordSet) { r.Spec.AliasTarget.LoadBalancerRef.Name = "green" })
		Eventually(Live(ctx, s, apex)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "LoadBalancer green"))
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(pointsAt(ctx, blue)))
		Edit(ctx, s, green, func(l *v1alpha1.LoadBalancer) { l.Spec.SubnetIDs = []v1alpha1.SubnetID{"subnet-0b"} })
		s.ExpectReady(ctx, green, apex)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(pointsAt(ctx, green)))
	})

	It("says that it was deleted, and can be pointed elsewhere or deleted", func(ctx context.Context) {
		apex, web := aliasOf("web"), balancer("web", "subnet-0a")
		s.Create(ctx, Zone(), web, apex)
		s.ExpectReady(ctx, apex)
		before := pointsAt(ctx, web)
		s.Delete(ctx, web)
		s.ExpectGone(ctx, web)
		Eventually(Live(ctx, s, apex)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "LoadBalancer web"))
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(before))
		Edit(ctx, s, apex, func(r *v1alpha1.RecordSet) {
			WithType("A", "192.0.2.1")(r)
			WithTTL(60)(r)
			r.Spec.AliasTarget = nil
		})
		s.ExpectReady(ctx, apex)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf("example.com. A 60 192.0.2.1"))
		s.Delete(ctx, apex)
		s.ExpectGone(ctx, apex)
	})
})
