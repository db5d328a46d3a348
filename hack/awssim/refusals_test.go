package awssim_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	simroute53 "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// attempt makes a call that must be refused; public and private are zones.
type attempt func(ctx context.Context, s *sim, public, private string) error

func createZone(name, reference string, with ...func(*route53.CreateHostedZoneInput)) attempt {
	return func(ctx context.Context, s *sim, _, _ string) error {
		in := &route53.CreateHostedZoneInput{Name: &name, CallerReference: &reference}
		for _, f := range with {
			f(in)
		}
		_, err := s.route53.CreateHostedZone(ctx, in)
		return err
	}
}

func inVPC(id string, region types.VPCRegion) func(*route53.CreateHostedZoneInput) {
	return func(in *route53.CreateHostedZoneInput) { in.VPC = &types.VPC{VPCId: &id, VPCRegion: region} }
}

func associate(zone func(public, private string) string, vpc string) attempt {
	return func(ctx context.Context, s *sim, public, private string) error {
		_, err := s.route53.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{
			HostedZoneId: aws.String(zone(public, private)),
			VPC:          &types.VPC{VPCId: &vpc, VPCRegion: types.VPCRegionUsEast1},
		})
		return err
	}
}

func disassociate(vpc string) attempt {
	return func(ctx context.Context, s *sim, _, private string) error {
		_, err := s.route53.DisassociateVPCFromHostedZone(ctx, &route53.DisassociateVPCFromHostedZoneInput{
			HostedZoneId: &private, VPC: &types.VPC{VPCId: &vpc, VPCRegion: types.VPCRegionUsEast1},
		})
		return err
	}
}

func tagging(kind types.TagResourceType, id string, added, removed int, key string) attempt {
	return func(ctx context.Context, s *sim, public, _ string) error {
		in := &route53.ChangeTagsForResourceInput{ResourceType: kind, ResourceId: aws.String(strings.ReplaceAll(id, "PUBLIC", public))}
		for i := range added {
			in.AddTags = append(in.AddTags, types.Tag{Key: aws.String(fmt.Sprintf("%s%d", key, i)), Value: aws.String("v")})
		}
		for i := range removed {
			in.RemoveTagKeys = append(in.RemoveTagKeys, fmt.Sprintf("%s%d", key, i))
		}
		_, err := s.route53.ChangeTagsForResource(ctx, in)
		return err
	}
}

func listRecords(in route53.ListResourceRecordSetsInput) attempt {
	return func(ctx context.Context, s *sim, public, _ string) error {
		in.HostedZoneId = &public
		_, err := s.route53.ListResourceRecordSets(ctx, &in)
		return err
	}
}

func assume(arn, session string, with ...func(*sts.AssumeRoleInput)) attempt {
	return func(ctx context.Context, s *sim, _, _ string) error {
		in := &sts.AssumeRoleInput{RoleArn: &arn, RoleSessionName: &session}
		for _, f := range with {
			f(in)
		}
		_, err := s.sts.AssumeRole(ctx, in)
		return err
	}
}

const role = "arn:aws:iam::123456789012:role/dns"

// statuses are those that are not 400.
var statuses = map[string]int{
	"HostedZoneAlreadyExists": http.StatusConflict,
	"NotAuthorizedException":  http.StatusUnauthorized,
	"NoSuchHostedZone":        http.StatusNotFound,
	"NoSuchHealthCheck":       http.StatusNotFound,
	"NoSuchChange":            http.StatusNotFound,
	"VPCAssociationNotFound":  http.StatusNotFound,

	"KeySigningKeyAlreadyExists":             http.StatusConflict,
	"NoSuchKeySigningKey":                    http.StatusNotFound,
	"VPCAssociationAuthorizationNotFound":    http.StatusNotFound,
	"QueryLoggingConfigAlreadyExists":        http.StatusConflict,
	"NoSuchQueryLoggingConfig":               http.StatusNotFound,
	"NoSuchCloudWatchLogsLogGroup":           http.StatusNotFound,
	"NoSuchCidrCollectionException":          http.StatusNotFound,
	"NoSuchCidrLocationException":            http.StatusNotFound,
	"CidrCollectionVersionMismatchException": http.StatusConflict,
	"HealthCheckAlreadyExists":               http.StatusConflict,
	"HealthCheckVersionMismatch":             http.StatusConflict,
}

var _ = DescribeTable("A refused call",
	func(ctx SpecContext, try attempt, code, message string) {
		s := start(awssim.Options{Quotas: simroute53.Quotas{HostedZones: 3, VPCsPerZone: 2, TagsPerResource: 8}})
		public, private := s.zone(ctx, "example.com"), s.privateZone(ctx, "corp.internal")
		for _, id := range []string{"vpc-0two", "vpc-0three"} {
			s.AddVPC(frame.VPC{ID: id, Region: "us-east-1", Account: frame.DefaultAccount})
		}
		s.AddVPC(frame.VPC{ID: "vpc-0foreign", Region: "us-east-1", Account: "999999999999"})
		err := try(ctx, s, public, private)
		Expect(codeOf(err)).To(Equal(code))
		Expect(messageOf(err)).To(ContainSubstring(message))
		var response *awshttp.ResponseError
		Expect(errors.As(err, &response)).To(BeTrue())
		Expect(response.HTTPStatusCode()).To(Equal(cmp.Or(statuses[code], http.StatusBadRequest)))
		Expect(response.ServiceRequestID()).NotTo(BeEmpty())
	},
	Entry("the caller reference of a zone", createZone("example.org", "zone example.com"), "HostedZoneAlreadyExists", "already been created with the specified caller reference"),
	Entry("the caller reference of a deleted zone", func(ctx context.Context, s *sim, public, private string) error {
		_, err := s.route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &public})
		Expect(err).NotTo(HaveOccurred())
		return createZone("example.com", "zone example.com")(ctx, s, public, private)
	}, "HostedZoneAlreadyExists", ""),
	Entry("one zone too many", func(ctx context.Context, s *sim, public, private string) error {
		Expect(createZone("example.org", "3")(ctx, s, public, private)).To(Succeed())
		return createZone("example.org", "4")(ctx, s, public, private)
	}, "TooManyHostedZones", "MAX_HOSTED_ZONES_BY_OWNER"),
	Entry("a top-level domain", createZone("com", "r"), "InvalidDomainName", "top-level domain"),
	Entry("a wildcard zone", createZone("*.example.com", "r"), "InvalidDomainName", "asterisk"),
	Entry("a zone with an empty label", createZone("a..com", "r"), "InvalidDomainName", "DomainLabelEmpty (Domain label is empty) encountered with 'a..com'"),
	Entry("a long caller reference", createZone("example.org", strings.Repeat("r", 129)), "InvalidInput", "at 'callerReference' failed to satisfy constraint: Member must have length less than or equal to 128"),
	Entry("a long comment", createZone("example.org", "r", func(in *route53.CreateHostedZoneInput) {
		in.HostedZoneConfig = &types.HostedZoneConfig{Comment: aws.String(strings.Repeat("c", 257))}
	}), "InvalidInput", "less than or equal to 256"),
	Entry("a private zone without a VPC", createZone("example.org", "r", func(in *route53.CreateHostedZoneInput) {
		in.HostedZoneConfig = &types.HostedZoneConfig{PrivateZone: true}
	}), "InvalidInput", "both VPCId and VPCRegion must be specified"),
	Entry("a VPC without a region", createZone("example.org", "r", inVPC("vpc-0main", "")), "InvalidInput", "both VPCId and VPCRegion must be specified"),
	Entry("a VPC in no region", createZone("example.org", "r", inVPC("vpc-0main", "mars-1")), "InvalidInput", "Member must satisfy enum value set"),
	Entry("a VPC of another region", createZone("example.org", "r", inVPC("vpc-0main", types.VPCRegionEuWest1)), "InvalidVPCId", "vpc-0main"),
	Entry("a second zone of one name in a VPC", createZone("Corp.Internal.", "r", inVPC("vpc-0main", types.VPCRegionUsEast1)), "ConflictingDomainExists",
		"The VPC vpc-0main in region us-east-1 has already been associated with the hosted zone Z"),
	Entry("a foreign VPC", createZone("example.org", "r", inVPC("vpc-0foreign", types.VPCRegionUsEast1)), "NotAuthorizedException", "has not authorized to associate with your hosted zone"),
	Entry("an unknown delegation set", createZone("example.org", "r", func(in *route53.CreateHostedZoneInput) { in.DelegationSetId = aws.String("N1") }), "NoSuchDelegationSet", "N1"),

	Entry("a VPC for a public zone", associate(func(public, _ string) string { return public }, "vpc-0two"), "PublicZoneVPCAssociation", "public"),
	Entry("a VPC twice", associate(func(_, private string) string { return private }, "vpc-0main"), "ConflictingDomainExists", "has already been associated"),
	Entry("an unknown VPC", associate(func(_, private string) string { return private }, "vpc-0none"), "InvalidVPCId", "vpc-0none"),
	Entry("one VPC too many", func(ctx context.Context, s *sim, public, private string) error {
		Expect(associate(func(_, private string) string { return private }, "vpc-0two")(ctx, s, public, private)).To(Succeed())
		return associate(func(_, private string) string { return private }, "vpc-0three")(ctx, s, public, private)
	}, "LimitsExceeded", "MAX_VPCS_ASSOCIATED_BY_ZONE"),
	Entry("the last VPC taken away", disassociate("vpc-0main"), "LastVPCAssociation", "last VPC"),
	Entry("a VPC taken away that is not there", disassociate("vpc-0two"), "VPCAssociationNotFound", "vpc-0two"),

	Entry("an unknown zone", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: aws.String("/hostedzone/Z404")})
		return err
	}, "NoSuchHostedZone", "No hosted zone found with ID: Z404"),
	Entry("an unknown change", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.route53.GetChange(ctx, &route53.GetChangeInput{Id: aws.String("C404")})
		return err
	}, "NoSuchChange", "C404"),
	Entry("the VPCs of a public zone", func(ctx context.Context, s *sim, public, _ string) error {
		_, err := s.route53.GetHostedZoneLimit(ctx, &route53.GetHostedZoneLimitInput{HostedZoneId: &public, Type: types.HostedZoneLimitTypeMaxVpcsAssociatedByZone})
		return err
	}, "HostedZoneNotPrivate", "public"),
	Entry("an unknown limit", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.route53.GetAccountLimit(ctx, &route53.GetAccountLimitInput{Type: "MAX_LUCK"})
		return err
	}, "InvalidInput", "MAX_HOSTED_ZONES_BY_OWNER"),
	Entry("an id before a name", func(ctx context.Context, s *sim, public, _ string) error {
		_, err := s.route53.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{HostedZoneId: &public})
		return err
	}, "InvalidInput", "dnsname"),
	Entry("a list of no domain name", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.route53.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{DNSName: aws.String("a..b")})
		return err
	}, "InvalidDomainName", "DomainLabelEmpty"),
	Entry("a page of nothing", listRecords(route53.ListResourceRecordSetsInput{MaxItems: aws.Int32(0)}), "InvalidInput", "maxitems"),
	Entry("a type before a name", listRecords(route53.ListResourceRecordSetsInput{StartRecordType: types.RRTypeA}), "InvalidInput", "without a record name"),
	Entry("an identifier before a type", listRecords(route53.ListResourceRecordSetsInput{StartRecordName: aws.String("a.b"), StartRecordIdentifier: aws.String("i")}), "InvalidInput", "without a record name and type"),
	Entry("a test of a private zone", func(ctx context.Context, s *sim, _, private string) error {
		_, err := s.route53.TestDNSAnswer(ctx, &route53.TestDNSAnswerInput{HostedZoneId: &private, RecordName: aws.String("corp.internal"), RecordType: types.RRTypeA})
		return err
	}, "InvalidInput", "public hosted zones"),

	Entry("tags of a health check", tagging(types.TagResourceTypeHealthcheck, "abc", 1, 0, "k"), "NoSuchHealthCheck", "abc"),
	Entry("tags of an unknown zone", tagging(types.TagResourceTypeHostedzone, "Z404", 1, 0, "k"), "NoSuchHostedZone", "Z404"),
	Entry("eleven tags", tagging(types.TagResourceTypeHostedzone, "PUBLIC", 11, 0, "k"), "InvalidInput", "addTags"),
	Entry("eleven tags removed", tagging(types.TagResourceTypeHostedzone, "PUBLIC", 0, 11, "k"), "InvalidInput", "removeTagKeys"),
	Entry("no tags", tagging(types.TagResourceTypeHostedzone, "PUBLIC", 0, 0, "k"), "InvalidInput", "at least one"),
	Entry("AWS's own tags", tagging(types.TagResourceTypeHostedzone, "PUBLIC", 1, 0, "aws:"), "InvalidInput", "reserved"),
	Entry("tags beyond the quota", tagging(types.TagResourceTypeHostedzone, "PUBLIC", 9, 0, "k"), "InvalidInput", "at most 8 tags"),
	Entry("tags of eleven zones", func(ctx context.Context, s *sim, public, _ string) error {
		_, err := s.route53.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{
			ResourceType: types.TagResourceTypeHostedzone, ResourceIds: strings.Fields(strings.Repeat("Z1 ", 11)),
		})
		return err
	}, "InvalidInput", "resourceIds"),

	Entry("a role that is none", assume("arn:aws:iam::123456789012:user/dns", "spec"), "ValidationError", "is invalid"),
	Entry("a short session name", assume(role, "x"), "ValidationError", "roleSessionName"),
	Entry("a session name with spaces", assume(role, "a b"), "ValidationError", `[\w+=,.@-]*`),
	Entry("a short session", assume(role, "spec", func(in *sts.AssumeRoleInput) { in.DurationSeconds = aws.Int32(899) }), "ValidationError", "greater than or equal to 900"),
	Entry("a policy that is no JSON", assume(role, "spec", func(in *sts.AssumeRoleInput) { in.Policy = aws.String("{") }), "MalformedPolicyDocument", "JSON"),
	Entry("a long session by role chaining", func(ctx context.Context, s *sim, _, _ string) error {
		first, err := s.sts.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("spec")})
		Expect(err).NotTo(HaveOccurred())
		_, chained := s.clients(*first.Credentials.AccessKeyId)
		_, err = chained.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: aws.String(role), RoleSessionName: aws.String("spec"), DurationSeconds: aws.Int32(3601)})
		return err
	}, "ValidationError", "role chaining"),
)

var _ = DescribeTable("A request no client sends",
	func(ctx SpecContext, method, path, authorization, body string, status int, code string) {
		s := start(awssim.Options{})
		request, err := http.NewRequestWithContext(ctx, method, s.url+path, strings.NewReader(body))
		Expect(err).NotTo(HaveOccurred())
		if authorization != "" {
			request.Header.Set("Authorization", authorization)
		}
		response, err := http.DefaultClient.Do(request)
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		Expect(response).To(HaveHTTPStatus(status))
		Expect(response.Header.Get("x-amzn-RequestId")).NotTo(BeEmpty())
		Expect(response).To(HaveHTTPBody(ContainSubstring("<Code>" + code + "</Code>")))
	},
	Entry("without a signature", "GET", "/2013-04-01/hostedzone", "", "", 403, "MissingAuthenticationToken"),
	Entry("with half a signature", "GET", "/2013-04-01/hostedzone", "AWS4-HMAC-SHA256 Credential=x/y", "", 400, "IncompleteSignature"),
	Entry("with another kind of authorization", "GET", "/2013-04-01/hostedzone", "Basic eDp5", "", 400, "IncompleteSignature"),
	Entry("with a path of Route 53's and another service", "GET", "/2013-04-01/hostedzone/Z404", signed("execute-api"), "", 404, "NoSuchHostedZone"),
	Entry("for a service that is not simulated", "POST", "/", signed("dynamodb"), "", 404, "UnknownOperationException"),
	Entry("for an unknown path", "GET", "/2013-04-01/fortune", signed("route53"), "", 404, "UnknownOperationException"),
	Entry("for an unknown action", "POST", "/", signed("sts"), "Action=Dance&Version=2011-06-15", 400, "InvalidAction"),
	Entry("for no action", "POST", "/", signed("sts"), "", 400, "MissingAction"),
	Entry("with broken XML", "POST", "/2013-04-01/hostedzone", signed("route53"), "<CreateHostedZoneRequest><Name>", 400, "InvalidInput"),
	Entry("without required members", "POST", "/2013-04-01/hostedzone", signed("route53"), "<CreateHostedZoneRequest/>", 400, "InvalidInput"),
	Entry("with a number that is none", "POST", "/2013-04-01/hostedzone/Z1/rrset/", signed("route53"),
		"<r><ChangeBatch><Changes><Change><ResourceRecordSet><TTL>x</TTL></ResourceRecordSet></Change></Changes></ChangeBatch></r>", 400, "InvalidInput"),
	Entry("with a prefixed id and a trailing slash", "GET", "/2013-04-01/hostedzone/%2Fhostedzone%2FZ404/rrset/", signed("route53"), "", 404, "NoSuchHostedZone"),
)

func signed(service string) string {
	return "AWS4-HMAC-SHA256 Credential=AKIATEST/20260801/us-east-1/" + service + "/aws4_request, SignedHeaders=host, Signature=00"
}
