package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("A service as its user writes it", func() {
	s := newStory()

	DescribeTable("becomes Ready, in whatever order it is applied", func(ctx context.Context, domain, spec string, certificates int) {
		s.StartManager(ctx)
		declared := manifest("LoadBalancer", spec)
		declared.SetName("shop")
		declared.SetNamespace(s.Namespace)
		apex := RecordSet("apex", "@", InZoneOf("shop"), WithAlias(v1alpha1.AliasTarget{LoadBalancerRef: &v1alpha1.LoadBalancerReference{Name: "shop"}}))
		zone := HostedZone("shop", domain)
		s.Create(ctx, apex, declared, zone)
		balancer := &v1alpha1.LoadBalancer{ObjectMeta: metav1.ObjectMeta{Name: "shop", Namespace: s.Namespace}}
		s.ExpectReady(ctx, balancer, apex)
		Expect(Get(ctx, s, balancer).Status.Certificates).To(HaveLen(certificates))
		Eventually(func() (initial int64) { // nothing is quiet while targets are checked for the first time
			for _, group := range Get(ctx, s, balancer).Status.TargetGroups {
				initial += group.Initial
			}
			return initial
		}).Should(BeZero())
		s.ExpectQuiet(ctx)

		By("being pruned at once")
		s.Delete(ctx, zone, balancer, apex)
		s.ExpectGone(ctx, balancer, apex, zone)
		Expect(certificatesOf(ctx, s)).To(BeEmpty())
		Expect(s.Zones()).To(BeEmpty())
	},
		Entry("with a network load balancer", "mywebsite.com", networkManifest, 0),
		Entry("with an application load balancer", "shop.example", applicationManifest, 1),
	)
})
