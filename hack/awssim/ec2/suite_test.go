package ec2_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	account = frame.DefaultAccount
	region  = "us-east-1"
)

// sim is a server on a manual clock with a real client in front of it.
type sim struct {
	*awssim.Server
	*sdk.Client
	clock *frame.ManualClock
	url   string
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
	options.Latency = &none
	var err error
	s.Server, err = awssim.New(options)
	Expect(err).NotTo(HaveOccurred())
	front := httptest.NewServer(s.Server)
	DeferCleanup(s.Close)
	DeferCleanup(front.Close)
	s.url = front.URL
	s.Client = s.in(region)
	return s
}

// in is a client of a region.
func (s *sim) in(region string) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: region, BaseEndpoint: &s.url, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
	})
}

// alone is the service without a server, for what load balancing asks of it.
func alone() (*ec2.Service, *frame.ManualClock) {
	clock := frame.NewManualClock(time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC))
	env := &frame.Environment{
		Clock: clock, Random: frame.NewRandom(1), Identities: frame.NewIdentities(clock), VPCs: frame.NewVPCs(), Changed: func() {},
	}
	return ec2.New(env, ec2.Quotas{}), clock
}

var _ elbv2.Network = (*ec2.Service)(nil)

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

func filter(name string, values ...string) []types.Filter {
	return []types.Filter{{Name: &name, Values: values}}
}

// group makes a security group of vpc-0main.
func (s *sim) group(ctx context.Context, name string) string {
	GinkgoHelper()
	return *must(s.CreateSecurityGroup(ctx, &sdk.CreateSecurityGroupInput{
		GroupName: &name, Description: aws.String("of a spec"), VpcId: aws.String("vpc-0main"),
	})).GroupId
}

// permission is one of a port and its peers: CIDR blocks, groups and prefix lists.
func permission(protocol string, from, to int32, peers ...string) types.IpPermission {
	p := types.IpPermission{IpProtocol: &protocol, FromPort: &from, ToPort: &to}
	for _, peer := range peers {
		switch {
		case strings.HasPrefix(peer, "sg-"):
			p.UserIdGroupPairs = append(p.UserIdGroupPairs, types.UserIdGroupPair{GroupId: aws.String(peer)})
		case strings.HasPrefix(peer, "pl-"):
			p.PrefixListIds = append(p.PrefixListIds, types.PrefixListId{PrefixListId: aws.String(peer)})
		case strings.Contains(peer, ":"):
			p.Ipv6Ranges = append(p.Ipv6Ranges, types.Ipv6Range{CidrIpv6: aws.String(peer)})
		default:
			p.IpRanges = append(p.IpRanges, types.IpRange{CidrIp: aws.String(peer)})
		}
	}
	return p
}

func (s *sim) allow(ctx context.Context, group string, permissions ...types.IpPermission) ([]types.SecurityGroupRule, error) {
	out, err := s.AuthorizeSecurityGroupIngress(ctx, &sdk.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: permissions})
	if err != nil {
		return nil, err
	}
	return out.SecurityGroupRules, nil
}

func (s *sim) described(ctx context.Context, group string) types.SecurityGroup {
	GinkgoHelper()
	return must(s.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{GroupIds: []string{group}})).SecurityGroups[0]
}

func statusOf(err error) int {
	GinkgoHelper()
	var response *awshttp.ResponseError
	Expect(errors.As(err, &response)).To(BeTrue(), "%v", err)
	return response.HTTPStatusCode()
}

// state is what the service has saved.
func (s *sim) state() json.RawMessage {
	GinkgoHelper()
	var world struct{ Services map[string]json.RawMessage }
	Expect(json.Unmarshal(must(s.StateJSON()), &world)).To(Succeed())
	return world.Services["ec2"]
}
