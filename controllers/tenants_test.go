package controllers_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("A zone of another namespace", func() {
	s := newStory()

	var tenant string
	var zone *v1alpha1.HostedZone
	inTenant := func(name, record string) *v1alpha1.RecordSet {
		return RecordSet(name, record, func(r *v1alpha1.RecordSet) {
			r.Namespace = tenant
			r.Spec.HostedZoneRef = &v1alpha1.HostedZoneReference{Namespace: s.Namespace, Name: "zone"}
		})
	}
	allow := func(names ...v1alpha1.NamePattern) func(*v1alpha1.HostedZone) {
		return func(z *v1alpha1.HostedZone) {
			z.Spec.AllowedRecordSets = []v1alpha1.AllowedRecordSets{{
				Namespaces: metav1.LabelSelector{MatchLabels: map[string]string{"dns": "yes"}}, Names: names,
			}}
		}
	}
	label := func(ctx context.Context, value string) {
		namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: tenant}}
		Edit(ctx, s, namespace, func(n *corev1.Namespace) { n.Labels["dns"] = value })
	}

	BeforeEach(func(ctx context.Context) {
		tenant = s.NewNamespace(ctx)
		zone = Zone(allow("team-a", "*.team-a"))
		s.StartManager(ctx)
	})

	It("takes the names that it allows, once the namespace has the label", func(ctx context.Context) {
		web := inTenant("web", "web.team-a")
		s.Create(ctx, zone, web)
		s.ExpectReady(ctx, zone)
		Eventually(Live(ctx, s, web)).Should(BeWaiting(v1alpha1.ReasonReferenceNotPermitted, "spec.allowedRecordSets"))
		label(ctx, "yes")
		Eventually(Live(ctx, s, web)).WithTimeout(time.Second).Should(BeReady(), "a label is enough, at once")
		s.ExpectQuiet(ctx)
	})

	It("refuses other names without a call, until its owner allows them", func(ctx context.Context) {
		label(ctx, "yes")
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		before := s.Writes()
		www := inTenant("www", "www")
		s.Create(ctx, www)
		Eventually(Live(ctx, s, www)).Should(BeWaiting(v1alpha1.ReasonReferenceNotPermitted, "www.example.com."))
		Expect(s.Writes()).To(Equal(before))
		Edit(ctx, s, zone, allow("www"))
		s.ExpectReady(ctx, www)
	})

	It("tells when it takes a permission away, and deletes nothing", func(ctx context.Context) {
		label(ctx, "yes")
		web := inTenant("web", "web.team-a")
		s.Create(ctx, zone, web)
		s.ExpectReady(ctx, zone, web)
		label(ctx, "no")
		Eventually(Live(ctx, s, web)).Should(BeWaiting(v1alpha1.ReasonReferenceNotPermitted))
		Expect(s.Records(s.OnlyZone())).To(ContainElement(ContainSubstring("web.team-a.example.com.")))
		s.Delete(ctx, web)
		s.ExpectGone(ctx, web)
		Expect(s.Records(s.OnlyZone())).NotTo(ContainElement(ContainSubstring("web.team-a.example.com.")))
	})

	It("cannot be reached by its id instead", func(ctx context.Context) {
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		sneaky := RecordSet("sneaky", "www", InZone(s.OnlyZone()), InNamespace[*v1alpha1.RecordSet](tenant))
		s.Create(ctx, sneaky)
		Eventually(Live(ctx, s, sneaky)).Should(BeWaiting(v1alpha1.ReasonReferenceNotPermitted))
	})
})
