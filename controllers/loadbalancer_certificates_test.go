package controllers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("Certificates of a LoadBalancer", func() {
	s := newStory()

	// issuing is a load balancer with a listener of HTTPS whose certificate is issued for it.
	issuing := func(name string, domains ...v1alpha1.CertificateDomainName) *v1alpha1.LoadBalancer {
		return &v1alpha1.LoadBalancer{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.LoadBalancerSpec{
			Type: v1alpha1.LoadBalancerApplication, SubnetIDs: []v1alpha1.SubnetID{"subnet-0a", "subnet-0b"},
			Listeners: []v1alpha1.Listener{{
				Port: 443, Protocol: "HTTPS",
				Certificates: []v1alpha1.ListenerCertificate{{Issue: &v1alpha1.CertificateIssue{
					DomainNames: domains, HostedZoneRef: &v1alpha1.HostedZoneReference{Name: "zone"},
				}}},
				DefaultActions: []v1alpha1.Action{{FixedResponse: &v1alpha1.FixedResponseAction{StatusCode: "404"}}},
			}},
		}}
	}
	// certificates are those that ACM holds, by their subjects, with their states.
	certificates := func(ctx context.Context) []string {
		GinkgoHelper()
		answer, err := s.ACM.ListCertificates(ctx, &acm.ListCertificatesInput{Includes: &acmtypes.Filters{KeyTypes: acmtypes.KeyAlgorithm("").Values()}})
		Expect(err).NotTo(HaveOccurred())
		var found []string
		for _, c := range answer.CertificateSummaryList {
			found = append(found, fmt.Sprintf("%s %s", *c.DomainName, c.Status))
		}
		return found
	}
	// validations counts the records in the zone that validate certificates.
	validations := func() int {
		return len(slices.DeleteFunc(s.Records(s.OnlyZone()), func(r string) bool { return !strings.Contains(r, "acm-validations") }))
	}
	issued := HaveCondition(v1alpha1.ConditionCertificatesIssued, metav1.ConditionTrue)

	BeforeEach(func(ctx context.Context) { s.StartManager(ctx) })

	It("are requested, validated by records in the zone, and issued", func(ctx context.Context) {
		web := issuing("web", "example.com", "*.example.com", "www.example.com")
		s.Create(ctx, web)
		Eventually(Live(ctx, s, web)).Should(HaveReason(v1alpha1.ConditionCertificatesIssued, v1alpha1.ReasonReferenceNotFound, "HostedZone zone does not exist"))
		s.Create(ctx, Zone())
		Eventually(Live(ctx, s, web)).Should(issued)
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED"))
		Expect(validations()).To(Equal(2), "the name and its wildcard share one")
		status := Get(ctx, s, web).Status.Certificates
		Expect(status).To(ConsistOf(And(HaveField("ValidationRecords", BeEquivalentTo(2)), HaveField("Status", "ISSUED"), HaveField("ARN", ContainSubstring(":certificate/")))))

		By("being deleted")
		s.Delete(ctx, web)
		s.ExpectGone(ctx, web)
		Expect(certificates(ctx)).To(BeEmpty())
		Eventually(validations).Should(BeZero())
	})

	It("are replaced when their names change", func(ctx context.Context) {
		web := issuing("web", "example.com")
		s.Create(ctx, Zone(), web)
		Eventually(Live(ctx, s, web)).Should(issued)
		Edit(ctx, s, web, func(l *v1alpha1.LoadBalancer) {
			l.Spec.Listeners[0].Certificates[0].Issue.DomainNames = []v1alpha1.CertificateDomainName{"www.example.com", "example.com"}
		})
		Eventually(certificates).WithContext(ctx).Should(ConsistOf("www.example.com ISSUED"))
		Eventually(Live(ctx, s, web)).Should(issued)
		Expect(validations()).To(Equal(2))
	})

	It("share the records that validate them, and let the last one remove them", func(ctx context.Context) {
		one, two := issuing("one", "example.com"), issuing("two", "*.example.com")
		s.Create(ctx, Zone(), one, two)
		Eventually(Live(ctx, s, one)).Should(issued)
		Eventually(Live(ctx, s, two)).Should(issued)
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED", "*.example.com ISSUED"))
		Expect(validations()).To(Equal(1))
		s.Delete(ctx, one)
		s.ExpectGone(ctx, one)
		Consistently(validations).Should(Equal(1))
		s.Delete(ctx, two)
		s.ExpectGone(ctx, two)
		Eventually(validations).Should(BeZero())
	})

	DescribeTable("are requested once, wherever the controller dies", func(ctx context.Context, operation string, at Moment) {
		s.StopManagers()
		first := s.StartManager(ctx)
		web := issuing("web", "example.com")
		s.KillAtCall(first, ACM+operation, at)
		s.Create(ctx, Zone(), web)
		first.ExpectKilled()
		s.Sim.SetHook(nil)
		s.StartManager(ctx)
		Eventually(Live(ctx, s, web)).Should(issued)
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED"))
	},
		Entry("before the request", "RequestCertificate", Before),
		Entry("right after the request", "RequestCertificate", After),
		Entry("at the first look", "DescribeCertificate", Before),
	)

	DescribeTable("are validated, wherever the controller dies", func(ctx context.Context, step Step, at Moment) {
		s.StopManagers()
		first := s.StartManager(ctx)
		web := issuing("web", "example.com")
		s.Create(ctx, Zone())
		first.KillAtWrite(step, at, AnyObject)
		s.Create(ctx, web)
		first.ExpectKilled()
		s.StartManager(ctx)
		Eventually(Live(ctx, s, web)).Should(issued)
		Expect(validations()).To(Equal(1))
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED"))
	},
		Entry("before it makes the RecordSet", CreatesChild, Before),
		Entry("right after it has made the RecordSet", CreatesChild, After),
	)
})
