package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("Any call for a certificate may be the last", func() {
	s := newStory()
	var web *v1alpha1.LoadBalancer
	BeforeEach(func() { web = issuing("web", "example.com", "*.example.com") })
	expectOnly := func(ctx context.Context, certificate string) {
		GinkgoHelper()
		s.ExpectReady(ctx, web)
		Expect(certificatesOf(ctx, s)).To(ConsistOf(certificate))
		Expect(servedBy(ctx, s, web)).To(Equal([]string{Get(ctx, s, web).Status.Certificates[0].ARN}))
		Expect(validationsOf(s)).To(Equal(1))
		s.ExpectQuiet(ctx)
	}

	Context("when it is issued", func() {
		crashAndFail(s, []string{ACM + "RequestCertificate", ACM + "DescribeCertificate", ELB + "CreateListener"}, nothing,
			func(ctx context.Context) { s.Create(ctx, Zone(), web) },
			func(ctx context.Context) {
				GinkgoHelper()
				expectOnly(ctx, "example.com ISSUED")
			})
	})

	Context("when its names change", func() {
		crashAndFail(s, []string{ACM + "ListCertificates", ACM + "RequestCertificate", ELB + "ModifyListener", ACM + "DeleteCertificate"},
			func(ctx context.Context) {
				s.Create(ctx, Zone(), web)
				s.ExpectReady(ctx, web)
			},
			func(ctx context.Context) {
				Edit(ctx, s, web, func(l *v1alpha1.LoadBalancer) {
					l.Spec.Listeners[0].Certificates[0].Issue.DomainNames = []v1alpha1.CertificateDomainName{"*.example.com"}
				})
			},
			func(ctx context.Context) {
				GinkgoHelper()
				expectOnly(ctx, "*.example.com ISSUED")
			})
	})

	Context("when the load balancer is deleted", func() {
		crashAndFail(s, []string{ELB + "DeleteLoadBalancer", ACM + "DeleteCertificate"},
			func(ctx context.Context) {
				s.Create(ctx, Zone(), web)
				s.ExpectReady(ctx, web)
			},
			func(ctx context.Context) { s.Delete(ctx, web) },
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectGone(ctx, web)
				Expect(certificatesOf(ctx, s)).To(BeEmpty())
				Eventually(validationsOf).WithArguments(s).Should(BeZero())
			})
	})
})
