package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	sim "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// makeCheck makes a health check that is no object's.
func makeCheck(ctx context.Context, s *Story, reference string) string {
	GinkgoHelper()
	out, err := s.Route53.CreateHealthCheck(ctx, &route53.CreateHealthCheckInput{
		CallerReference: &reference, HealthCheckConfig: &types.HealthCheckConfig{Type: types.HealthCheckTypeTcp, IPAddress: aws.String("192.0.2.77"), Port: aws.Int32(25)},
	})
	Expect(err).NotTo(HaveOccurred())
	return *out.HealthCheck.Id
}

var _ = Describe("The health of a record's endpoint", func() {
	s := newStory()
	set := func(id string, healthy bool) {
		Expect(s.Sim.SetHealthCheck(id, sim.CheckState{Healthy: &healthy})).To(Succeed())
	}
	BeforeEach(func(ctx context.Context) { s.Create(ctx, Zone()) })

	It("is told of an inline check and of one given by its id", func(ctx context.Context) {
		foreign := makeCheck(ctx, s, "theirs")
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		inline := RecordSet("inline", "www", WithWeight("blue", 1), checked())
		byID := RecordSet("by-id", "www", WithWeight("green", 1), func(r *v1alpha1.RecordSet) { r.Spec.HealthCheckID = v1alpha1.HealthCheckID(foreign) })
		s.Create(ctx, inline, byID)
		s.ExpectReady(ctx, inline, byID)
		own := Get(ctx, s, inline).Status.HealthCheck.ID
		for id, record := range map[string]*v1alpha1.RecordSet{own: inline, foreign: byID} {
			for _, healthy := range []bool{true, false, true} {
				set(id, healthy)
				status := map[bool]metav1.ConditionStatus{true: metav1.ConditionTrue, false: metav1.ConditionFalse}[healthy]
				Eventually(Live(ctx, s, record)).Should(HaveCondition(v1alpha1.ConditionHealthy, status))
				s.ExpectReady(ctx, record)
			}
			set(id, false)
			Eventually(Live(ctx, s, record)).Should(HaveReason(v1alpha1.ConditionHealthy, v1alpha1.ReasonUnhealthy, "HTTP Status Code 503"))
			Eventually(s.EventsOf(ctx, Get(ctx, s, record))).Should(ContainElement(HavePrefix("Unhealthy: ")))
		}
		s.ExpectQuiet(ctx)

		By("saying nothing of a record without a check")
		Edit(ctx, s, byID, func(r *v1alpha1.RecordSet) { r.Spec.HealthCheckID = "" })
		Eventually(Live(ctx, s, byID)).ShouldNot(Or(
			HaveCondition(v1alpha1.ConditionHealthy, metav1.ConditionTrue), HaveCondition(v1alpha1.ConditionHealthy, metav1.ConditionFalse)))
		s.ExpectReady(ctx, byID)
		s.ExpectQuiet(ctx)
	})

	It("is turned around, and not looked at when disabled", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(func(c *v1alpha1.HealthCheck) { c.Inverted = aws.Bool(true) }))
		s.Create(ctx, record)
		s.ExpectReady(ctx, record)
		set(Get(ctx, s, record).Status.HealthCheck.ID, true)
		Eventually(Live(ctx, s, record)).Should(HaveReason(v1alpha1.ConditionHealthy, v1alpha1.ReasonUnhealthy, "inverted"))
		editCheck(ctx, s, record, func(c *v1alpha1.HealthCheck) { c.Inverted, c.Disabled = nil, aws.Bool(true) })
		Eventually(Live(ctx, s, record)).Should(HaveReason(v1alpha1.ConditionHealthy, v1alpha1.ReasonHealthy, "disabled"))
	})

	It("cannot be told of a calculated check", func(ctx context.Context) {
		child := makeCheck(ctx, s, "child")
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(func(c *v1alpha1.HealthCheck) {
			*c = v1alpha1.HealthCheck{Type: "CALCULATED", ChildHealthCheckIDs: []v1alpha1.HealthCheckID{v1alpha1.HealthCheckID(child)}, HealthThreshold: aws.Int32(1)}
		}))
		s.Create(ctx, record)
		s.ExpectReady(ctx, record)
		Eventually(Live(ctx, s, record)).Should(HaveReason(v1alpha1.ConditionHealthy, v1alpha1.ReasonWaitingForAWS, "CloudWatch"))
		s.ExpectQuiet(ctx)
	})
})
