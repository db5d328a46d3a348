package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/internal/argohealth"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("Argo CD", func() {
	s := newStory()

	// health is what Argo CD shows of an object: it reads it from the API server, without our types.
	health := func(ctx context.Context, obj client.Object) func() (argohealth.Health, error) {
		GinkgoHelper()
		checks, err := argohealth.Load("../" + argohealth.File)
		Expect(err).NotTo(HaveOccurred())
		kind, err := apiutil.GVKForObject(obj, s.Client.Scheme())
		Expect(err).NotTo(HaveOccurred())
		return func() (argohealth.Health, error) {
			live := &unstructured.Unstructured{}
			live.SetGroupVersionKind(kind)
			if err := s.Client.Get(ctx, client.ObjectKeyFromObject(obj), live); err != nil {
				return argohealth.Health{}, err
			}
			return checks.Of(live)
		}
	}
	be := func(status, text string) OmegaMatcher {
		return And(HaveField("Status", status), HaveField("Message", ContainSubstring(text)))
	}

	It("shows what was applied in any order, from the first look to the last", func(ctx context.Context) {
		zone, www, missing := Zone(), RecordSet("www", "www"), RecordSet("missing", "missing", InZoneOf("elsewhere"))
		planned := RecordSet("planned", "planned", Managed[*v1alpha1.RecordSet](v1alpha1.ManagementPlan))
		refused := RecordSet("refused", "refused", WithType("MX", "first mail.example.com."))
		objects := []client.Object{missing, planned, refused, www, zone}
		s.Create(ctx, objects...)
		for _, obj := range objects {
			Expect(health(ctx, obj)()).To(be("Progressing", "not looked at"))
		}

		s.StartManager(ctx)
		Eventually(health(ctx, zone)).Should(be("Healthy", ""))
		Eventually(health(ctx, www)).Should(be("Healthy", ""))
		Eventually(health(ctx, missing)).Should(be("Progressing", "elsewhere"))
		Eventually(health(ctx, planned)).Should(be("Suspended", "1 change is planned"))
		Eventually(health(ctx, refused)).Should(be("Degraded", "first mail.example.com."))

		s.Put(ctx, s.OnlyZone(), Record("foreign.example.com.", types.RRTypeA, "192.0.2.99"))
		s.Delete(ctx, missing, planned, refused, www, zone)
		s.ExpectGone(ctx, missing, planned, refused, www)
		Eventually(health(ctx, zone)).Should(be("Progressing", "foreign.example.com."))
	})

	It("shows a load balancer and a group", func(ctx context.Context) {
		s.StartManager(ctx)
		s.MakeLaunchTemplate(ctx)
		balancer, group := LoadBalancer("web"), AutoScalingGroup("web")
		s.Create(ctx, balancer, group)
		Eventually(health(ctx, balancer)).Should(be("Healthy", ""))
		Eventually(health(ctx, group)).Should(be("Healthy", ""))
	})
})
