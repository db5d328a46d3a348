package acm_test

import (
	"crypto/tls"
	"crypto/x509"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	dns "github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("A certificate validated by DNS", func() {
	It("is issued once public DNS has the records of all its names", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		arn := s.requested(ctx, "example.com", "*.example.com", "www.example.com")
		asked := s.described(ctx, arn)
		Expect(asked.Status).To(Equal(types.CertificateStatusPendingValidation))
		options := asked.DomainValidationOptions
		Expect(options).To(HaveLen(3))
		Expect(options[0].ResourceRecord).To(Equal(options[1].ResourceRecord), "apex and wildcard share one record")
		Expect(*options[0].ResourceRecord.Name).To(MatchRegexp(`^_[0-9a-f]{32}\.example\.com\.$`))
		Expect(*options[2].ResourceRecord.Name).To(MatchRegexp(`^_[0-9a-f]{32}\.www\.example\.com\.$`))
		Expect(*options[2].ResourceRecord.Value).To(MatchRegexp(`^_[0-9a-f]{32}\.[a-z]{10}\.acm-validations\.aws\.$`))
		Expect(s.described(ctx, s.requested(ctx, "*.example.com")).DomainValidationOptions[0].ResourceRecord).To(Equal(options[0].ResourceRecord))

		s.publish(ctx, zone, options[0].ResourceRecord)
		s.clock.Advance(time.Minute)
		half := s.described(ctx, arn)
		Expect(half.Status).To(Equal(types.CertificateStatusPendingValidation))
		Expect(half.DomainValidationOptions[1].ValidationStatus).To(Equal(types.DomainStatusSuccess))
		Expect(half.DomainValidationOptions[2].ValidationStatus).To(Equal(types.DomainStatusPendingValidation))
		Expect(refusal(s.GetCertificate(ctx, &sdk.GetCertificateInput{CertificateArn: &arn}))).To(HavePrefix("RequestInProgressException: "))

		s.publish(ctx, zone, options[2].ResourceRecord)
		s.clock.Advance(5 * time.Second)
		issued := s.described(ctx, arn)
		Expect(issued.Status).To(Equal(types.CertificateStatusIssued))
		Expect(*issued.SignatureAlgorithm).To(Equal("SHA256WITHECDSA"))
		Expect(*issued.NotAfter).To(BeTemporally("~", s.clock.Now().AddDate(0, 0, 395), 36*time.Hour))
		Expect(issued.DomainValidationOptions[2].ResourceRecord).To(Equal(options[2].ResourceRecord), "for its renewal")
	})

	It("asks DNS by itself, and is not fooled by another target", func(ctx SpecContext) {
		s, clock := alone(frame.Timing{Certification: frame.Certification{Check: time.Second, Validated: frame.Exactly(time.Minute)}})
		answers := map[string][]string{}
		s.SetLookup(func(name string) []string { return answers[name] })
		arn := *must(perform[sdk.RequestCertificateOutput](ctx, s, "RequestCertificate", byDNS("example.com"))).CertificateArn
		record := must(perform[sdk.DescribeCertificateOutput](ctx, s, "DescribeCertificate", &sdk.DescribeCertificateInput{CertificateArn: &arn})).
			Certificate.DomainValidationOptions[0].ResourceRecord
		status := func() string {
			shown, ok := s.Certificate(frame.DefaultAccount, "us-east-1", arn)
			Expect(ok).To(BeTrue())
			return shown.Status
		}
		answers[*record.Name] = []string{"_else.acm-validations.aws."}
		clock.Advance(10 * time.Minute)
		Expect(status()).To(Equal("PENDING_VALIDATION"))
		answers[*record.Name] = []string{strings.ToUpper(strings.TrimSuffix(*record.Value, "."))}
		clock.Advance(30 * time.Second)
		Expect(status()).To(Equal("PENDING_VALIDATION"))
		clock.Advance(time.Minute)
		Expect(status()).To(Equal("ISSUED"))
		_, ok := s.TLSCertificate(arn)
		Expect(ok).To(BeTrue())
	})

	It("is not validated by a private zone", func(ctx SpecContext) {
		s := start(awssim.Options{})
		private := *must(s.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
			Name: aws.String("example.com"), CallerReference: aws.String("private"),
			VPC: &dns.VPC{VPCId: aws.String("vpc-0main"), VPCRegion: dns.VPCRegionUsEast1},
		})).HostedZone.Id
		arn := s.requested(ctx, "example.com")
		record := s.described(ctx, arn).DomainValidationOptions[0].ResourceRecord
		s.publish(ctx, private, record)
		s.clock.Advance(time.Minute)
		Expect(s.described(ctx, arn).DomainValidationOptions[0].ValidationStatus).To(Equal(types.DomainStatusPendingValidation))
		s.publish(ctx, s.zone(ctx, "example.com"), record)
		Expect(s.described(ctx, arn).DomainValidationOptions[0].ValidationStatus).To(Equal(types.DomainStatusSuccess), "as soon as somebody looks")
	})

	It("shows its records after a while", func(ctx SpecContext) {
		s := start(awssim.Options{Profile: awssim.ProfileRealistic})
		arn := s.requested(ctx, "example.com")
		Expect(s.described(ctx, arn).DomainValidationOptions[0].ResourceRecord).To(BeNil())
		s.clock.Advance(10 * time.Second)
		Expect(s.described(ctx, arn).DomainValidationOptions[0].ResourceRecord).NotTo(BeNil())
	})

	It("times out after 72 hours", func(ctx SpecContext) {
		s := start(awssim.Options{})
		arn := s.requested(ctx, "example.com")
		s.clock.Advance(72*time.Hour - time.Second)
		Expect(s.described(ctx, arn).Status).To(Equal(types.CertificateStatusPendingValidation))
		s.clock.Advance(time.Second)
		ended := s.described(ctx, arn)
		Expect(ended.Status).To(Equal(types.CertificateStatusValidationTimedOut))
		Expect(ended.DomainValidationOptions[0].ValidationStatus).To(Equal(types.DomainStatusFailed))
	})
})

var _ = Describe("An issued certificate", func() {
	for _, algorithm := range []types.KeyAlgorithm{types.KeyAlgorithmRsa2048, types.KeyAlgorithmEcPrime256v1, types.KeyAlgorithmEcSecp384r1} {
		It("serves TLS to those that trust the simulated authority, with "+string(algorithm), func(ctx SpecContext) {
			s, clock := alone(frame.Fast())
			asked := byDNS("example.com", "*.example.com")
			asked.CertificateAuthorityArn = aws.String("arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/1")
			asked.KeyAlgorithm = algorithm
			arn := *must(perform[sdk.RequestCertificateOutput](ctx, s, "RequestCertificate", asked)).CertificateArn
			pair, ok := s.TLSCertificate(arn)
			Expect(ok).To(BeTrue())
			front := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "served") }))
			front.TLS = &tls.Config{Certificates: []tls.Certificate{pair}}
			front.StartTLS()
			DeferCleanup(front.Close)
			trusted := x509.NewCertPool()
			Expect(trusted.AppendCertsFromPEM([]byte(must(s.AuthorityPEM())))).To(BeTrue())
			for name, reached := range map[string]bool{"example.com": true, "www.example.com": true, "www.example.org": false} {
				connection, err := tls.Dial("tcp", front.Listener.Addr().String(), &tls.Config{RootCAs: trusted, ServerName: name, Time: clock.Now})
				Expect(err == nil).To(Equal(reached), name)
				if err == nil {
					Expect(connection.Close()).To(Succeed())
				}
			}
		})
	}

	It("is the same after its state was saved and loaded, and so is who issued it", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		arn := s.requested(ctx, "example.com")
		s.publish(ctx, zone, s.described(ctx, arn).DomainValidationOptions[0].ResourceRecord)
		s.clock.Advance(5 * time.Second)
		before := s.described(ctx, arn)
		Expect(before.Status).To(Equal(types.CertificateStatusIssued))
		authority := must(s.CertificateAuthority())
		state := must(s.StateJSON())
		other := start(awssim.Options{})
		Expect(other.LoadState(state)).To(Succeed())
		Expect(other.described(ctx, arn)).To(Equal(before))
		Expect(other.CertificateAuthority()).To(Equal(authority))
		Expect(must(other.StateJSON())).To(Equal(state))
		other.Reset()
		Expect(refusal(other.DescribeCertificate(ctx, &sdk.DescribeCertificateInput{CertificateArn: &arn}))).To(HavePrefix("ResourceNotFoundException: "))
		answer := must(http.Get(other.url + "/_sim/acm/ca.pem"))
		Expect(string(must(io.ReadAll(answer.Body)))).To(Equal(authority))
		Expect(answer.Body.Close()).To(Succeed())
	})

	It("goes on waiting after its state was loaded", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		arn := s.requested(ctx, "example.com")
		s.publish(ctx, zone, s.described(ctx, arn).DomainValidationOptions[0].ResourceRecord)
		state := must(s.StateJSON())
		other := start(awssim.Options{})
		Expect(other.LoadState(state)).To(Succeed())
		other.clock.Advance(5 * time.Second)
		saved := string(must(other.StateJSON()))
		Expect(saved).To(ContainSubstring(`"status": "ISSUED"`), "without being asked")
	})

	It("cannot be deleted while something uses it, nor shortly after", func(ctx SpecContext) {
		s, clock := alone(frame.Timing{Certification: frame.Certification{Released: frame.Exactly(30 * time.Second)}})
		using := []string{"arn:lb/2", "arn:lb/1"}
		s.SetUsers(func(string) []string { return using })
		asked := byDNS("example.com")
		asked.CertificateAuthorityArn = aws.String("arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/1")
		arn := must(perform[sdk.RequestCertificateOutput](ctx, s, "RequestCertificate", asked)).CertificateArn
		drop := func() error {
			_, err := perform[sdk.DeleteCertificateOutput](ctx, s, "DeleteCertificate", &sdk.DeleteCertificateInput{CertificateArn: arn})
			return err
		}
		inUse := func() []string {
			return must(perform[sdk.DescribeCertificateOutput](ctx, s, "DescribeCertificate", &sdk.DescribeCertificateInput{CertificateArn: arn})).Certificate.InUseBy
		}
		Expect(inUse()).To(Equal([]string{"arn:lb/1", "arn:lb/2"}))
		using = []string{"arn:lb/2"}
		Expect(inUse()).To(Equal([]string{"arn:lb/1", "arn:lb/2"}))
		clock.Advance(30 * time.Second)
		Expect(inUse()).To(Equal([]string{"arn:lb/2"}))
		using = nil
		Expect(drop()).To(MatchError(HavePrefix("ResourceInUseException: Certificate " + *arn + " in account 123456789012 is in use.")))
		clock.Advance(29 * time.Second)
		Expect(drop()).To(MatchError(HavePrefix("ResourceInUseException")))
		clock.Advance(time.Second)
		Expect(drop()).To(Succeed())
	})
})
