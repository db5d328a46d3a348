package awssim_test

import (
	"context"
	"errors"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func TestSimulator(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Local AWS")
}

// sim is a server on a manual clock with a real client in front of it.
type sim struct {
	*awssim.Server
	clock   *frame.ManualClock
	url     string
	route53 *route53.Client
	sts     *sts.Client
}

func instantly() *frame.Span {
	none := frame.Exactly(0)
	return &none
}

// start serves with no latency and no busy window, unless options say else.
func start(options awssim.Options) *sim {
	GinkgoHelper()
	s := &sim{clock: frame.NewManualClock(time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC))}
	options.Clock = s.clock
	options.Profile = awssim.ProfileFast
	if options.Limits == "" {
		options.Limits = awssim.LimitsOff
	}
	options.Latency = instantly()
	if options.Busy == nil {
		options.Busy = instantly()
	}
	var err error
	s.Server, err = awssim.New(options)
	Expect(err).NotTo(HaveOccurred())
	front := httptest.NewServer(s.Server)
	DeferCleanup(s.Close)
	DeferCleanup(front.Close)
	s.url = front.URL
	s.route53, s.sts = s.clients("AKIATEST")
	return s
}

// clients sign with an access key and do not retry.
func (s *sim) clients(accessKey string) (*route53.Client, *sts.Client) {
	keys := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "secret"}, nil
	})
	config := aws.Config{
		Region:       "us-east-1",
		Credentials:  keys,
		BaseEndpoint: &s.url,
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	}
	return route53.NewFromConfig(config), sts.NewFromConfig(config)
}

// otherAccount is a client of account 222222222222.
func (s *sim) otherAccount(ctx context.Context) *route53.Client {
	GinkgoHelper()
	role, err := s.sts.AssumeRole(ctx, &sts.AssumeRoleInput{
		RoleArn: aws.String("arn:aws:iam::222222222222:role/dns"), RoleSessionName: aws.String("spec"),
	})
	Expect(err).NotTo(HaveOccurred())
	client, _ := s.clients(*role.Credentials.AccessKeyId)
	return client
}

func (s *sim) zone(ctx context.Context, name string) string {
	GinkgoHelper()
	out, err := s.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name: &name, CallerReference: aws.String("zone " + name),
	})
	Expect(err).NotTo(HaveOccurred())
	return *out.HostedZone.Id
}

func (s *sim) privateZone(ctx context.Context, name string) string {
	GinkgoHelper()
	out, err := s.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name: &name, CallerReference: aws.String("private " + name), VPC: mainVPC(),
	})
	Expect(err).NotTo(HaveOccurred())
	return *out.HostedZone.Id
}

func mainVPC() *types.VPC {
	return &types.VPC{VPCId: aws.String("vpc-0main"), VPCRegion: types.VPCRegionUsEast1}
}

func (s *sim) change(ctx context.Context, zone string, changes ...types.Change) error {
	_, err := s.route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{Changes: changes},
	})
	return err
}

func (s *sim) mustChange(ctx context.Context, zone string, changes ...types.Change) {
	GinkgoHelper()
	Expect(s.change(ctx, zone, changes...)).To(Succeed())
}

func create(set types.ResourceRecordSet) types.Change {
	return types.Change{Action: types.ChangeActionCreate, ResourceRecordSet: &set}
}

func upsert(set types.ResourceRecordSet) types.Change {
	return types.Change{Action: types.ChangeActionUpsert, ResourceRecordSet: &set}
}

func remove(set types.ResourceRecordSet) types.Change {
	return types.Change{Action: types.ChangeActionDelete, ResourceRecordSet: &set}
}

// rrset is a record set with a TTL of 60, changed by what is given.
func rrset(name string, rrtype types.RRType, values []string, with ...func(*types.ResourceRecordSet)) types.ResourceRecordSet {
	set := types.ResourceRecordSet{Name: &name, Type: rrtype, TTL: aws.Int64(60)}
	for _, value := range values {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: &value})
	}
	for _, f := range with {
		f(&set)
	}
	return set
}

func a(name, address string, with ...func(*types.ResourceRecordSet)) types.ResourceRecordSet {
	return rrset(name, types.RRTypeA, []string{address}, with...)
}

func withSet(id string, field func(*types.ResourceRecordSet)) func(*types.ResourceRecordSet) {
	return func(set *types.ResourceRecordSet) {
		set.SetIdentifier = &id
		field(set)
	}
}

func weight(id string, n int64) func(*types.ResourceRecordSet) {
	return withSet(id, func(set *types.ResourceRecordSet) { set.Weight = &n })
}

func alias(name string, rrtype types.RRType, zone, target string) types.ResourceRecordSet {
	return types.ResourceRecordSet{Name: &name, Type: rrtype, AliasTarget: &types.AliasTarget{
		HostedZoneId: &zone, DNSName: &target,
	}}
}

// codeOf is the code of an AWS error, or says what came instead.
func codeOf(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return "no error"
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return err.Error()
}

func messageOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}

// listed names the record sets of a zone, in order.
func (s *sim) listed(zone string) []string {
	GinkgoHelper()
	found, ok := s.Zone(zone)
	Expect(ok).To(BeTrue())
	var names []string
	for _, set := range found.RecordSets {
		name := *set.Name + " " + string(set.Type)
		if set.SetIdentifier != nil {
			name += " " + *set.SetIdentifier
		}
		names = append(names, name)
	}
	return names
}

// serveDNS answers DNS until the spec ends, and gives its address.
func (s *sim) serveDNS(ctx context.Context) string {
	GinkgoHelper()
	server, err := s.ListenDNS("127.0.0.1:0", dnsserver.Options{})
	Expect(err).NotTo(HaveOccurred())
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(context.WithoutCancel(ctx)) }()
	DeferCleanup(func() {
		Expect(server.Close()).To(Succeed())
		Expect(<-ended).NotTo(HaveOccurred())
	})
	return server.Addr()
}

// statusOf is the HTTP status of a refused call.
func statusOf(err error) int {
	var response *awshttp.ResponseError
	if !errors.As(err, &response) {
		return 0
	}
	return response.HTTPStatusCode()
}
