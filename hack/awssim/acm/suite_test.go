package acm_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	dns "github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/acm"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// sim is a server on a manual clock with real clients in front of it.
type sim struct {
	*awssim.Server
	*sdk.Client
	route53 *route53.Client
	clock   *frame.ManualClock
	url     string
}

func start(options awssim.Options) *sim {
	GinkgoHelper()
	s := &sim{clock: frame.NewManualClock(time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC))}
	options.Clock = s.clock
	if options.Profile == "" {
		options.Profile = awssim.ProfileFast
	}
	if options.Limits == "" {
		options.Limits = awssim.LimitsOff
	}
	none := frame.Exactly(0)
	options.Latency, options.Busy = &none, &none
	var err error
	s.Server, err = awssim.New(options)
	Expect(err).NotTo(HaveOccurred())
	front := httptest.NewServer(s.Server)
	DeferCleanup(s.Close)
	DeferCleanup(front.Close)
	s.url = front.URL
	config := aws.Config{
		Region: "us-east-1", BaseEndpoint: &s.url, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
	}
	s.Client, s.route53 = sdk.NewFromConfig(config), route53.NewFromConfig(config)
	return s
}

// alone is the service without a server, whose DNS and users a spec sets.
func alone(timing frame.Timing) (*acm.Service, *frame.ManualClock) {
	clock := frame.NewManualClock(time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC))
	s := acm.New(&frame.Environment{
		Clock: clock, Timing: timing, Random: frame.NewRandom(1), Identities: frame.NewIdentities(clock), VPCs: frame.NewVPCs(), Changed: func() {},
	}, acm.Quotas{})
	DeferCleanup(s.Close)
	return s, clock
}

// perform runs an operation on a service without a server.
func perform[Out any](ctx context.Context, s *acm.Service, name string, in any) (*Out, error) {
	for _, operation := range s.Definition().Operations {
		if operation.Name == name {
			out, err := operation.Handle(ctx, &frame.Request{Region: "us-east-1", Caller: frame.Identity{Account: frame.DefaultAccount}, Operation: name}, in)
			typed, _ := out.(*Out)
			return typed, err
		}
	}
	return nil, errors.New("there is no operation " + name)
}

// must fails the spec when a call fails.
func must[T any](out T, err error) T {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return out
}

// refusal is the code and the message of an error.
func refusal[T any](_ T, err error) string {
	GinkgoHelper()
	var refused smithy.APIError
	Expect(errors.As(err, &refused)).To(BeTrue(), "%v", err)
	return refused.ErrorCode() + ": " + refused.ErrorMessage()
}

func (s *sim) requested(ctx context.Context, names ...string) string {
	GinkgoHelper()
	return *must(s.RequestCertificate(ctx, byDNS(names...))).CertificateArn
}

func byDNS(names ...string) *sdk.RequestCertificateInput {
	return &sdk.RequestCertificateInput{
		DomainName: &names[0], SubjectAlternativeNames: names[1:], ValidationMethod: types.ValidationMethodDns,
	}
}

func (s *sim) described(ctx context.Context, arn string) *types.CertificateDetail {
	GinkgoHelper()
	return must(s.DescribeCertificate(ctx, &sdk.DescribeCertificateInput{CertificateArn: &arn})).Certificate
}

func (s *sim) zone(ctx context.Context, name string) string {
	GinkgoHelper()
	return *must(s.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{Name: &name, CallerReference: &name})).HostedZone.Id
}

// publish creates CNAME records in a zone.
func (s *sim) publish(ctx context.Context, zone string, records ...*types.ResourceRecord) {
	GinkgoHelper()
	var changes []dns.Change
	for _, record := range records {
		changes = append(changes, dns.Change{Action: dns.ChangeActionCreate, ResourceRecordSet: &dns.ResourceRecordSet{
			Name: record.Name, Type: dns.RRTypeCname, TTL: aws.Int64(60), ResourceRecords: []dns.ResourceRecord{{Value: record.Value}},
		}})
	}
	must(s.route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: &zone, ChangeBatch: &dns.ChangeBatch{Changes: changes}}))
}
