package acm_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/acm"
)

var _ = Describe("Requests", func() {
	It("are the same for an hour with the same token and names", func(ctx SpecContext) {
		s := start(awssim.Options{})
		asked := byDNS("example.com", "www.example.com", "example.com")
		asked.IdempotencyToken = aws.String("once")
		first := *must(s.RequestCertificate(ctx, asked)).CertificateArn
		s.clock.Advance(time.Hour - time.Second)
		Expect(*must(s.RequestCertificate(ctx, asked)).CertificateArn).To(Equal(first))
		other := byDNS("example.com")
		other.IdempotencyToken = aws.String("once")
		Expect(*must(s.RequestCertificate(ctx, other)).CertificateArn).NotTo(Equal(first))
		s.clock.Advance(time.Second)
		Expect(*must(s.RequestCertificate(ctx, asked)).CertificateArn).NotTo(Equal(first))
		Expect(s.described(ctx, first).SubjectAlternativeNames).To(Equal([]string{"example.com", "www.example.com"}), "each name once")
	})

	It("by email wait for clicks", func(ctx SpecContext) {
		s := start(awssim.Options{})
		arn := *must(s.RequestCertificate(ctx, &sdk.RequestCertificateInput{
			DomainName: aws.String("www.example.com"), ValidationMethod: types.ValidationMethodEmail,
			DomainValidationOptions: []types.DomainValidationOption{{DomainName: aws.String("www.example.com"), ValidationDomain: aws.String("example.com")}},
		})).CertificateArn
		Expect(s.described(ctx, arn).DomainValidationOptions[0].ValidationEmails).To(ContainElement("hostmaster@example.com"))
		must(s.ResendValidationEmail(ctx, &sdk.ResendValidationEmailInput{
			CertificateArn: &arn, Domain: aws.String("www.example.com"), ValidationDomain: aws.String("example.com"),
		}))
		Expect(s.ApproveCertificate(arn)).To(Succeed())
		Expect(s.ApproveCertificate("arn:none")).To(MatchError(ContainSubstring("no certificate")))
		s.clock.Advance(time.Second)
		Expect(s.described(ctx, arn).Status).To(Equal(types.CertificateStatusIssued))
	})
})

var _ = Describe("Listings", func() {
	It("show RSA certificates unless others are asked for, by pages", func(ctx SpecContext) {
		s := start(awssim.Options{})
		for i := range 3 {
			s.requested(ctx, fmt.Sprintf("rsa%d.example.com", i))
			asked := byDNS(fmt.Sprintf("ec%d.example.com", i))
			asked.KeyAlgorithm = types.KeyAlgorithmEcPrime256v1
			must(s.RequestCertificate(ctx, asked))
			s.clock.Advance(time.Second)
		}
		names := func(in *sdk.ListCertificatesInput) (all []string) {
			for {
				page := must(s.ListCertificates(ctx, in))
				for _, one := range page.CertificateSummaryList {
					all = append(all, *one.DomainName)
				}
				if in.NextToken = page.NextToken; in.NextToken == nil {
					return all
				}
			}
		}
		Expect(names(&sdk.ListCertificatesInput{})).To(Equal([]string{"rsa0.example.com", "rsa1.example.com", "rsa2.example.com"}))
		Expect(names(&sdk.ListCertificatesInput{
			MaxItems: aws.Int32(2), Includes: &types.Filters{KeyTypes: []types.KeyAlgorithm{types.KeyAlgorithmEcPrime256v1}},
			SortBy: types.SortByCreatedAt, SortOrder: types.SortOrderDescending,
		})).To(Equal([]string{"ec2.example.com", "ec1.example.com", "ec0.example.com"}))
		Expect(names(&sdk.ListCertificatesInput{CertificateStatuses: []types.CertificateStatus{types.CertificateStatusIssued}})).To(BeEmpty())
	})
})

var _ = Describe("Tags", func() {
	It("are added, replaced, and removed by key or by key and value", func(ctx SpecContext) {
		s := start(awssim.Options{})
		arn := s.requested(ctx, "example.com")
		tags := func() map[string]string {
			all := map[string]string{}
			for _, tag := range must(s.ListTagsForCertificate(ctx, &sdk.ListTagsForCertificateInput{CertificateArn: &arn})).Tags {
				all[*tag.Key] = *tag.Value
			}
			return all
		}
		must(s.AddTagsToCertificate(ctx, &sdk.AddTagsToCertificateInput{CertificateArn: &arn, Tags: []types.Tag{tag("a", "1"), tag("b", ""), tag("c", "3")}}))
		must(s.AddTagsToCertificate(ctx, &sdk.AddTagsToCertificateInput{CertificateArn: &arn, Tags: []types.Tag{tag("a", "2")}}))
		must(s.RemoveTagsFromCertificate(ctx, &sdk.RemoveTagsFromCertificateInput{CertificateArn: &arn, Tags: []types.Tag{{Key: aws.String("b")}, tag("c", "4")}}))
		Expect(tags()).To(Equal(map[string]string{"a": "2", "c": "3"}))
	})
})

func tag(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }

// selfSigned is a certificate with its key, as PEM.
func selfSigned(s *sim, name string) (certificate, key []byte) {
	GinkgoHelper()
	private := must(ecdsa.GenerateKey(elliptic.P256(), rand.Reader))
	template := &x509.Certificate{
		SerialNumber: big.NewInt(4711), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: s.clock.Now(), NotAfter: s.clock.Now().Add(time.Hour),
	}
	der := must(x509.CreateCertificate(rand.Reader, template, template, private.Public(), private))
	certificate = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	return certificate, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: must(x509.MarshalPKCS8PrivateKey(private))})
}

var _ = Describe("Imported certificates", func() {
	It("are issued at once, replaced under their ARN, and expire", func(ctx SpecContext) {
		s := start(awssim.Options{})
		first, key := selfSigned(s, "first.example.com")
		arn := *must(s.ImportCertificate(ctx, &sdk.ImportCertificateInput{Certificate: first, PrivateKey: key})).CertificateArn
		imported := s.described(ctx, arn)
		Expect(imported.Status).To(Equal(types.CertificateStatusIssued))
		Expect(imported.Type).To(Equal(types.CertificateTypeImported))
		Expect(imported.KeyAlgorithm).To(Equal(types.KeyAlgorithmEcPrime256v1))
		Expect(*imported.Serial).To(Equal("12:67"))
		Expect(*must(s.GetCertificate(ctx, &sdk.GetCertificateInput{CertificateArn: &arn})).Certificate).To(Equal(string(first)))
		second, otherKey := selfSigned(s, "second.example.com")
		must(s.ImportCertificate(ctx, &sdk.ImportCertificateInput{CertificateArn: &arn, Certificate: second, PrivateKey: otherKey}))
		Expect(*s.described(ctx, arn).DomainName).To(Equal("second.example.com"))
		s.clock.Advance(time.Hour)
		Expect(s.described(ctx, arn).Status).To(Equal(types.CertificateStatusExpired))
		Expect(refusal(s.ImportCertificate(ctx, &sdk.ImportCertificateInput{Certificate: second, PrivateKey: key}))).To(HavePrefix("ValidationException: "), "another one's key")
	})
})

type attempt func(context.Context, *sim) string

var _ = DescribeTable("A refused call", func(ctx SpecContext, try attempt, expected string) {
	s := start(awssim.Options{ACMQuotas: acm.Quotas{Certificates: 2}})
	Expect(try(ctx, s)).To(HavePrefix(expected))
},
	Entry("for more names than the quota", func(ctx context.Context, s *sim) string {
		var names []string
		for i := range 11 {
			names = append(names, fmt.Sprintf("n%d.example.com", i))
		}
		return refusal(s.RequestCertificate(ctx, byDNS(names...)))
	}, "LimitExceededException: "),
	Entry("for more certificates than the quota", func(ctx context.Context, s *sim) string {
		s.requested(ctx, "a.example.com")
		s.requested(ctx, "b.example.com")
		return refusal(s.RequestCertificate(ctx, byDNS("c.example.com")))
	}, "LimitExceededException: Error: you have reached your limit of 2 certificates."),
	Entry("for what is no name", func(ctx context.Context, s *sim) string {
		return refusal(s.RequestCertificate(ctx, byDNS("exa mple.com")))
	}, "ValidationException: 1 validation error detected: Value 'exa mple.com' at 'domainName'"),
	Entry("for an odd key", func(ctx context.Context, s *sim) string {
		asked := byDNS("example.com")
		asked.KeyAlgorithm = types.KeyAlgorithmRsa1024
		return refusal(s.RequestCertificate(ctx, asked))
	}, "InvalidParameterException: "),
	Entry("by mail to strangers", func(ctx context.Context, s *sim) string {
		return refusal(s.RequestCertificate(ctx, &sdk.RequestCertificateInput{
			DomainName:              aws.String("example.com"),
			DomainValidationOptions: []types.DomainValidationOption{{DomainName: aws.String("example.com"), ValidationDomain: aws.String("example.org")}},
		}))
	}, "InvalidDomainValidationOptionsException: "),
	Entry("with a reserved tag", func(ctx context.Context, s *sim) string {
		asked := byDNS("example.com")
		asked.Tags = []types.Tag{tag("aws:x", "y")}
		return refusal(s.RequestCertificate(ctx, asked))
	}, "InvalidTagException: "),
	Entry("of an unknown certificate", func(ctx context.Context, s *sim) string {
		return refusal(s.DeleteCertificate(ctx, &sdk.DeleteCertificateInput{CertificateArn: aws.String("arn:aws:acm:us-east-1:123456789012:certificate/none")}))
	}, "ResourceNotFoundException: Could not find certificate arn:aws:acm:us-east-1:123456789012:certificate/none."),
	Entry("of what is no ARN", func(ctx context.Context, s *sim) string {
		return refusal(s.DescribeCertificate(ctx, &sdk.DescribeCertificateInput{CertificateArn: aws.String("arn:aws:elasticloadbalancing:x")}))
	}, "InvalidArnException: "),
	Entry("to change options before the certificate is issued", func(ctx context.Context, s *sim) string {
		arn := s.requested(ctx, "example.com")
		return refusal(s.UpdateCertificateOptions(ctx, &sdk.UpdateCertificateOptionsInput{CertificateArn: &arn, Options: &types.CertificateOptions{}}))
	}, "InvalidStateException: "),
	Entry("to renew a public certificate", func(ctx context.Context, s *sim) string {
		arn := s.requested(ctx, "example.com")
		return refusal(s.RenewCertificate(ctx, &sdk.RenewCertificateInput{CertificateArn: &arn}))
	}, "ValidationException: "),
	Entry("beyond one listing a second", func(ctx context.Context, _ *sim) string {
		limited := start(awssim.Options{Limits: awssim.LimitsAWS})
		must(limited.ListCertificates(ctx, &sdk.ListCertificatesInput{}))
		return refusal(limited.ListCertificates(ctx, &sdk.ListCertificatesInput{}))
	}, "ThrottlingException: Rate exceeded"),
)
