package testenv

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// VPCs of stories: the first is there from the start, AddVPCs makes the others.
const (
	VPC1       = "vpc-0main"
	VPC2       = "vpc-0two"
	VPC3       = "vpc-0three"
	ForeignVPC = "vpc-0foreign"
	// Stranger is the account that ForeignVPC belongs to.
	Stranger = "999999999999"
)

// AddVPCs makes the VPCs of stories known.
func (s *Story) AddVPCs() {
	for _, id := range []string{VPC2, VPC3} {
		s.Sim.AddVPC(frame.VPC{ID: id, Region: "us-east-1", Account: frame.DefaultAccount})
	}
	s.Sim.AddVPC(frame.VPC{ID: ForeignVPC, Region: "us-east-1", Account: Stranger})
}

// WithVPCs makes a zone private.
func WithVPCs(ids ...string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) {
		obj.Spec.VPCs = nil
		for _, id := range ids {
			obj.Spec.VPCs = append(obj.Spec.VPCs, v1alpha1.HostedZoneVPC{ID: id, Region: "us-east-1"})
		}
	}
}

// WithAuthorized adds VPCs that their owners are to associate.
func WithAuthorized(ids ...string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) {
		for _, id := range ids {
			obj.Spec.VPCs = append(obj.Spec.VPCs, v1alpha1.HostedZoneVPC{ID: id, Region: "us-east-1", AuthorizeOnly: aws.Bool(true)})
		}
	}
}

// VPCsOf are the VPCs of a private zone, sorted.
func (s *Story) VPCsOf(zoneID string) []string {
	zone, _ := s.Sim.Zone(zoneID)
	return slices.Sorted(slices.Values(zone.VPCs))
}

// MakePrivateZone creates a private zone that is no object's.
func (s *Story) MakePrivateZone(ctx context.Context, name, vpc string) string {
	GinkgoHelper()
	out, err := s.Route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name: &name, CallerReference: aws.String("private " + name + vpc), VPC: sdkVPC(vpc),
	})
	Expect(err).NotTo(HaveOccurred())
	return (*out.HostedZone.Id)[len("/hostedzone/"):]
}

// Associate associates a VPC by somebody else's hand.
func (s *Story) Associate(ctx context.Context, zoneID, vpc string) {
	GinkgoHelper()
	_, err := s.Route53.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{HostedZoneId: &zoneID, VPC: sdkVPC(vpc)})
	Expect(err).NotTo(HaveOccurred())
}

// Disassociate takes a VPC away by somebody else's hand.
func (s *Story) Disassociate(ctx context.Context, zoneID, vpc string) {
	GinkgoHelper()
	_, err := s.Route53.DisassociateVPCFromHostedZone(ctx, &route53.DisassociateVPCFromHostedZoneInput{HostedZoneId: &zoneID, VPC: sdkVPC(vpc)})
	Expect(err).NotTo(HaveOccurred())
}

// Authorize lets a VPC be associated, by somebody else's hand.
func (s *Story) Authorize(ctx context.Context, zoneID, vpc string) {
	GinkgoHelper()
	_, err := s.Route53.CreateVPCAssociationAuthorization(ctx, &route53.CreateVPCAssociationAuthorizationInput{HostedZoneId: &zoneID, VPC: sdkVPC(vpc)})
	Expect(err).NotTo(HaveOccurred())
}

// AuthorizedVPCs are the VPCs that their owners may associate with a zone.
func (s *Story) AuthorizedVPCs(ctx context.Context, zoneID string) []string {
	GinkgoHelper()
	out, err := s.Route53.ListVPCAssociationAuthorizations(ctx, &route53.ListVPCAssociationAuthorizationsInput{HostedZoneId: &zoneID})
	Expect(err).NotTo(HaveOccurred())
	ids := []string{}
	for _, vpc := range out.VPCs {
		ids = append(ids, *vpc.VPCId)
	}
	return ids
}

// As is the hand of another account.
func (s *Story) As(ctx context.Context, account string) *route53.Client {
	GinkgoHelper()
	anyone := aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIASOMEBODYELSE", SecretAccessKey: "secret"}, nil
	})
	out, err := sts.New(sts.Options{Region: "us-east-1", BaseEndpoint: &s.front.URL, Credentials: anyone}).AssumeRole(ctx,
		&sts.AssumeRoleInput{RoleArn: aws.String("arn:aws:iam::" + account + ":role/dns"), RoleSessionName: aws.String("story")})
	Expect(err).NotTo(HaveOccurred())
	return route53.New(route53.Options{
		Region: "us-east-1", BaseEndpoint: &s.front.URL,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			c := out.Credentials
			return aws.Credentials{AccessKeyID: *c.AccessKeyId, SecretAccessKey: *c.SecretAccessKey, SessionToken: *c.SessionToken}, nil
		}),
	})
}

// AssociateBy associates a VPC by the hand of the account that owns it.
func AssociateBy(ctx context.Context, owner *route53.Client, zoneID, vpc string) {
	GinkgoHelper()
	_, err := owner.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{HostedZoneId: &zoneID, VPC: sdkVPC(vpc)})
	Expect(err).NotTo(HaveOccurred())
}

// LogGroup is the ARN of a log group that Route 53 may write to.
func LogGroup(name string) string {
	return "arn:aws:logs:us-east-1:" + frame.DefaultAccount + ":log-group:/aws/route53/" + name
}

// WithQueryLogging logs the queries of a zone to a log group.
func WithQueryLogging(arn string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) { obj.Spec.QueryLogging = &v1alpha1.QueryLogging{LogGroupARN: arn} }
}

// QueryLogs are the log groups that queries of hosted zones go to, as "zone ARN".
func (s *Story) QueryLogs(ctx context.Context) []string {
	GinkgoHelper()
	out, err := s.Route53.ListQueryLoggingConfigs(ctx, &route53.ListQueryLoggingConfigsInput{})
	Expect(err).NotTo(HaveOccurred())
	logs := []string{}
	for _, config := range out.QueryLoggingConfigs {
		logs = append(logs, *config.HostedZoneId+" "+*config.CloudWatchLogsLogGroupArn)
	}
	return logs
}

// LogQueries logs the queries of a zone by somebody else's hand, in place of what was.
func (s *Story) LogQueries(ctx context.Context, zoneID, arn string) {
	GinkgoHelper()
	out, err := s.Route53.ListQueryLoggingConfigs(ctx, &route53.ListQueryLoggingConfigsInput{HostedZoneId: &zoneID})
	Expect(err).NotTo(HaveOccurred())
	for _, config := range out.QueryLoggingConfigs {
		_, err := s.Route53.DeleteQueryLoggingConfig(ctx, &route53.DeleteQueryLoggingConfigInput{Id: config.Id})
		Expect(err).NotTo(HaveOccurred())
	}
	if arn != "" {
		_, err = s.Route53.CreateQueryLoggingConfig(ctx, &route53.CreateQueryLoggingConfigInput{HostedZoneId: &zoneID, CloudWatchLogsLogGroupArn: &arn})
		Expect(err).NotTo(HaveOccurred())
	}
}

// MakeDelegationSet makes a reusable delegation set.
func (s *Story) MakeDelegationSet(ctx context.Context) (id string, nameServers []string) {
	GinkgoHelper()
	out, err := s.Route53.CreateReusableDelegationSet(ctx, &route53.CreateReusableDelegationSetInput{CallerReference: aws.String("story")})
	Expect(err).NotTo(HaveOccurred())
	return (*out.DelegationSet.Id)[len("/delegationset/"):], out.DelegationSet.NameServers
}

// WithDelegationSet gives a zone the name servers of a reusable delegation set.
func WithDelegationSet(id string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) { obj.Spec.DelegationSetID = id }
}

// ForceDestroyed lets the deletion of a zone delete leftover records.
func ForceDestroyed(obj *v1alpha1.HostedZone) { obj.Spec.ForceDestroy = aws.Bool(true) }

// KMSKey is the ARN of a KMS key that can sign.
func KMSKey(id string) string {
	return "arn:aws:kms:us-east-1:" + frame.DefaultAccount + ":key/" + id
}

// WithSigning signs a zone with keys, each of which has a KMS key of its name.
func WithSigning(names ...string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) {
		obj.Spec.DNSSEC = &v1alpha1.DNSSEC{}
		for _, name := range names {
			obj.Spec.DNSSEC.KeySigningKeys = append(obj.Spec.DNSSEC.KeySigningKeys, v1alpha1.KeySigningKey{Name: name, KMSKeyARN: KMSKey(name)})
		}
	}
}

// Signing is how a zone is signed: the state, and its keys as "name status".
func (s *Story) Signing(ctx context.Context, zoneID string) []string {
	GinkgoHelper()
	out, err := s.Route53.GetDNSSEC(ctx, &route53.GetDNSSECInput{HostedZoneId: &zoneID})
	Expect(err).NotTo(HaveOccurred())
	signing := []string{*out.Status.ServeSignature}
	for _, key := range out.KeySigningKeys {
		signing = append(signing, *key.Name+" "+*key.Status)
	}
	return signing
}

func sdkVPC(id string) *types.VPC {
	return &types.VPC{VPCId: &id, VPCRegion: types.VPCRegionUsEast1}
}
