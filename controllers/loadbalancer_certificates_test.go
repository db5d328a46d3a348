package controllers_test

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// issuing is a load balancer with a listener of HTTPS whose certificate is issued for it.
func issuing(name string, domains ...v1alpha1.CertificateDomainName) *v1alpha1.LoadBalancer {
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

// certificatesOf are those that ACM holds, by their subjects, with their states.
func certificatesOf(ctx context.Context, s *Story) []string {
	GinkgoHelper()
	answer, err := s.ACM.ListCertificates(ctx, &acm.ListCertificatesInput{Includes: &acmtypes.Filters{KeyTypes: acmtypes.KeyAlgorithm("").Values()}})
	Expect(err).NotTo(HaveOccurred())
	var found []string
	for _, c := range answer.CertificateSummaryList {
		found = append(found, fmt.Sprintf("%s %s", *c.DomainName, c.Status))
	}
	return found
}

// validationsOf counts the records in the zone that validate certificates.
func validationsOf(s *Story) int {
	return len(slices.DeleteFunc(s.Records(s.OnlyZone()), func(r string) bool { return !strings.Contains(r, "acm-validations") }))
}

// servedBy are the certificates of the load balancer's listener.
func servedBy(ctx context.Context, s *Story, obj *v1alpha1.LoadBalancer) []string {
	GinkgoHelper()
	listeners, err := s.ELBV2.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: &Get(ctx, s, obj).Status.ARN})
	Expect(err).NotTo(HaveOccurred())
	Expect(listeners.Listeners).To(HaveLen(1))
	var arns []string
	for _, c := range listeners.Listeners[0].Certificates {
		arns = append(arns, *c.CertificateArn)
	}
	return arns
}

var _ = Describe("Certificates of a LoadBalancer", func() {
	s := newStory()

	certificates := func(ctx context.Context) []string { return certificatesOf(ctx, s) }
	validations := func() int { return validationsOf(s) }
	served := func(ctx context.Context, obj *v1alpha1.LoadBalancer) []string { return servedBy(ctx, s, obj) }
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
		s.ExpectReady(ctx, web)
		status := Get(ctx, s, web).Status.Certificates
		Expect(status).To(ConsistOf(And(HaveField("ValidationRecords", BeEquivalentTo(2)), HaveField("Status", "ISSUED"), HaveField("ARN", ContainSubstring(":certificate/")))))
		Expect(served(ctx, web)).To(Equal([]string{status[0].ARN}))
		s.ExpectQuiet(ctx)

		By("being deleted")
		s.Delete(ctx, web)
		s.ExpectGone(ctx, web)
		Expect(certificates(ctx)).To(BeEmpty())
		Eventually(validations).Should(BeZero())
	})

	It("are replaced when their names change", func(ctx context.Context) {
		web := issuing("web", "example.com")
		s.Create(ctx, Zone(), web)
		s.ExpectReady(ctx, web)
		before := served(ctx, web)
		Edit(ctx, s, web, func(l *v1alpha1.LoadBalancer) {
			l.Spec.Listeners[0].Certificates[0].Issue.DomainNames = []v1alpha1.CertificateDomainName{"www.example.com", "example.com"}
		})
		s.ExpectReady(ctx, web)
		Expect(served(ctx, web)).NotTo(Equal(before))
		Expect(certificates(ctx)).To(ConsistOf("www.example.com ISSUED"))
		Expect(validations()).To(Equal(2))
		s.ExpectQuiet(ctx)
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

	It("leave the record alone that others' certificates are validated by", func(ctx context.Context) {
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		theirs, err := s.ACM.RequestCertificate(ctx, &acm.RequestCertificateInput{DomainName: aws.String("example.com"), ValidationMethod: acmtypes.ValidationMethodDns})
		Expect(err).NotTo(HaveOccurred())
		detail, err := s.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: theirs.CertificateArn})
		Expect(err).NotTo(HaveOccurred())
		record := detail.Certificate.DomainValidationOptions[0].ResourceRecord
		s.Put(ctx, s.OnlyZone(), Record(*record.Name, "CNAME", *record.Value))
		web := issuing("web", "example.com")
		s.Create(ctx, web)
		s.ExpectReady(ctx, web)
		s.Delete(ctx, web)
		s.ExpectGone(ctx, web)
		Expect(validations()).To(Equal(1))
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED"))
	})

	It("are kept with their records when the load balancer is retained, and taken back", func(ctx context.Context) {
		web := issuing("web", "example.com")
		web.Spec.DeletionPolicy = v1alpha1.DeletionRetain
		s.Create(ctx, Zone(), web)
		s.ExpectReady(ctx, web)
		arns := served(ctx, web)
		s.Delete(ctx, web)
		s.ExpectGone(ctx, web)
		Consistently(validations).Should(Equal(1))
		again := issuing("web", "example.com")
		s.Create(ctx, again)
		s.ExpectReady(ctx, again)
		Expect(served(ctx, again)).To(Equal(arns))
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED"))
		Expect(validations()).To(Equal(1))
	})

	It("are not deleted while somebody else uses them, who is named", func(ctx context.Context) {
		web, other := issuing("web", "example.com"), issuing("other", "www.example.com")
		s.Create(ctx, Zone(), web, other)
		s.ExpectReady(ctx, web, other)
		arn, theirs := Get(ctx, s, web).Status.Certificates[0].ARN, Get(ctx, s, other).Status
		use := &elasticloadbalancingv2.AddListenerCertificatesInput{
			ListenerArn: &theirs.Listeners[0].ARN, Certificates: []elbtypes.Certificate{{CertificateArn: &arn}},
		}
		_, err := s.ELBV2.AddListenerCertificates(ctx, use)
		Expect(err).NotTo(HaveOccurred())
		s.Delete(ctx, web)
		Eventually(Live(ctx, s, web)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "Certificate example.com", theirs.ARN))
		_, err = s.ELBV2.RemoveListenerCertificates(ctx, &elasticloadbalancingv2.RemoveListenerCertificatesInput{ListenerArn: use.ListenerArn, Certificates: use.Certificates})
		Expect(err).NotTo(HaveOccurred())
		s.Look(ctx, web)
		s.ExpectGone(ctx, web)
		Expect(certificates(ctx)).To(ConsistOf("www.example.com ISSUED"))
	})

	It("are validated in a zone of another namespace that allows it", func(ctx context.Context) {
		zone := Zone(func(z *v1alpha1.HostedZone) { z.Namespace = s.NewNamespace(ctx) })
		s.StopManagers()
		s.StartManager(ctx)
		web := issuing("web", "example.com")
		web.Spec.Listeners[0].Certificates[0].Issue.HostedZoneRef.Namespace = zone.Namespace
		s.Create(ctx, zone, web)
		Eventually(Live(ctx, s, web)).Should(BeWaiting(v1alpha1.ReasonReferenceNotPermitted, "RecordSet web-acm-", "spec.allowedRecordSets"))
		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) {
			z.Spec.AllowedRecordSets = []v1alpha1.AllowedRecordSets{{Names: []v1alpha1.NamePattern{"*"}}}
		})
		s.ExpectReady(ctx, web)
	})

	It("say that a name is not in the zone", func(ctx context.Context) {
		web := issuing("web", "example.com", "example.org")
		s.Create(ctx, Zone(), web)
		Eventually(Live(ctx, s, web)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "Certificate example.com cannot be validated yet", "is not in the zone example.com."))
		Edit(ctx, s, web, func(l *v1alpha1.LoadBalancer) {
			l.Spec.Listeners[0].Certificates[0].Issue.DomainNames = []v1alpha1.CertificateDomainName{"example.com"}
		})
		s.ExpectReady(ctx, web)
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED"))
	})

	It("are not requested for a private zone", func(ctx context.Context) {
		web := issuing("web", "example.com")
		s.Create(ctx, Zone(func(z *v1alpha1.HostedZone) {
			z.Spec.VPCs = []v1alpha1.HostedZoneVPC{{ID: "vpc-0main", Region: "us-east-1"}}
		}), web)
		Eventually(Live(ctx, s, web)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "HostedZone zone, which is private"))
		s.Create(ctx, HostedZone("public", "example.com"))
		Edit(ctx, s, web, func(l *v1alpha1.LoadBalancer) {
			l.Spec.Listeners[0].Certificates[0].Issue.HostedZoneRef.Name = "public"
		})
		s.ExpectReady(ctx, web)
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED"))
	})

	It("are planned, and not requested, while nothing may be changed", func(ctx context.Context) {
		web := issuing("web", "example.com")
		web.Spec.ManagementPolicy = v1alpha1.ManagementPlan
		s.Create(ctx, Zone(), web)
		Eventually(Live(ctx, s, web)).Should(HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonPlanOnly))
		Expect(Get(ctx, s, web).Status.Plan).To(ContainElement(And(HaveField("Verb", "Create"), HaveField("Resource", "certificate example.com"))))
		Expect(certificates(ctx)).To(BeEmpty())
	})

	It("come from a private authority without validation", func(ctx context.Context) {
		web := issuing("web", "shop.internal")
		issue := web.Spec.Listeners[0].Certificates[0].Issue
		issue.HostedZoneRef, issue.CertificateAuthorityARN = nil, "arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/1"
		s.Create(ctx, Zone(), web)
		s.ExpectReady(ctx, web)
		Expect(validations()).To(BeZero())
	})

	It("go to their own listeners, the first as the default and others by name", func(ctx context.Context) {
		web := issuing("web", "example.com")
		listener := &web.Spec.Listeners[0]
		more := issuing("more", "www.example.com").Spec.Listeners[0].Certificates
		listener.Certificates = append(listener.Certificates, more...)
		other := *listener.DeepCopy()
		other.Port, other.Certificates = 8443, more
		web.Spec.Listeners = append(web.Spec.Listeners, other)
		s.Create(ctx, Zone(), web)
		s.ExpectReady(ctx, web)
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED", "www.example.com ISSUED"), "what is declared alike is one")
		s.ExpectQuiet(ctx)

		By("being removed from the listener")
		Edit(ctx, s, web, func(l *v1alpha1.LoadBalancer) { l.Spec.Listeners = l.Spec.Listeners[:1] })
		s.ExpectReady(ctx, web)
		Expect(certificates(ctx)).To(HaveLen(2))
		Edit(ctx, s, web, func(l *v1alpha1.LoadBalancer) {
			l.Spec.Listeners[0].Certificates = l.Spec.Listeners[0].Certificates[:1]
		})
		s.ExpectReady(ctx, web)
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED"))
		Expect(validations()).To(Equal(1))
	})

	It("are requested anew when somebody deletes them while they are validated", func(ctx context.Context) {
		web := issuing("web", "example.com")
		s.Create(ctx, web)
		Eventually(certificates).WithContext(ctx).Should(HaveLen(1))
		Eventually(Live(ctx, s, web)).Should(HaveReason(v1alpha1.ConditionCertificatesIssued, v1alpha1.ReasonReferenceNotFound))
		arn := Get(ctx, s, web).Status.Certificates[0].ARN
		_, err := s.ACM.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &arn})
		Expect(err).NotTo(HaveOccurred())
		s.Create(ctx, Zone())
		s.ExpectReady(ctx, web)
		Expect(served(ctx, web)).NotTo(ContainElement(arn))
		Expect(certificates(ctx)).To(ConsistOf("example.com ISSUED"))
	})

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
