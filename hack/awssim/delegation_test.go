package awssim_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	simroute53 "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

func (s *sim) createSet(ctx context.Context, reference string, zone *string) (*types.DelegationSet, error) {
	out, err := s.route53.CreateReusableDelegationSet(ctx, &route53.CreateReusableDelegationSetInput{CallerReference: &reference, HostedZoneId: zone})
	if err != nil {
		return nil, err
	}
	Expect(*out.Location).To(HaveSuffix(*out.DelegationSet.Id))
	return out.DelegationSet, nil
}

func (s *sim) createZoneIn(ctx context.Context, name string, set *string) (*route53.CreateHostedZoneOutput, error) {
	return s.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{Name: &name, CallerReference: aws.String("in set " + name), DelegationSetId: set})
}

var _ = Describe("Reusable delegation sets", func() {
	It("are used by zones, and go when none uses them", func(ctx SpecContext) {
		s := start(awssim.Options{})
		set, err := s.createSet(ctx, "one", nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(*set.Id).To(HavePrefix("/delegationset/N"))
		Expect(set.NameServers).To(HaveLen(4))
		out, err := s.createZoneIn(ctx, "example.com", set.Id)
		Expect(err).NotTo(HaveOccurred())
		Expect(out.DelegationSet).To(Equal(set))
		zone, err := s.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: out.HostedZone.Id})
		Expect(err).NotTo(HaveOccurred())
		Expect(zone.DelegationSet).To(Equal(set))
		found, _ := s.Zone(*out.HostedZone.Id)
		Expect(*found.RecordSets[0].ResourceRecords[0].Value).To(Equal(set.NameServers[0] + "."))
		s.zone(ctx, "example.org")
		listed, err := s.route53.ListHostedZones(ctx, &route53.ListHostedZonesInput{DelegationSetId: set.Id})
		Expect(err).NotTo(HaveOccurred())
		Expect(listed.HostedZones).To(HaveLen(1))
		limit, err := s.route53.GetReusableDelegationSetLimit(ctx, &route53.GetReusableDelegationSetLimitInput{
			DelegationSetId: set.Id, Type: types.ReusableDelegationSetLimitTypeMaxZonesByReusableDelegationSet,
		})
		Expect(err).NotTo(HaveOccurred())
		Expect([]int64{limit.Count, *limit.Limit.Value}).To(Equal([]int64{1, 100}))
		remove := func() error {
			_, err := s.route53.DeleteReusableDelegationSet(ctx, &route53.DeleteReusableDelegationSetInput{Id: set.Id})
			return err
		}
		Expect(codeOf(remove())).To(Equal("DelegationSetInUse"))
		_, err = s.route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: out.HostedZone.Id})
		Expect(err).NotTo(HaveOccurred())
		Expect(remove()).To(Succeed())
		_, err = s.route53.GetReusableDelegationSet(ctx, &route53.GetReusableDelegationSetInput{Id: set.Id})
		Expect(codeOf(err)).To(Equal("NoSuchDelegationSet"))
	})

	It("are made of a zone's", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		set, err := s.createSet(ctx, "one", &zone)
		Expect(err).NotTo(HaveOccurred())
		got, err := s.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
		Expect(err).NotTo(HaveOccurred())
		Expect(got.DelegationSet).To(Equal(set))
		for i := range 2 {
			_, err := s.createSet(ctx, fmt.Sprint("more", i), nil)
			Expect(err).NotTo(HaveOccurred())
		}
		page, err := s.route53.ListReusableDelegationSets(ctx, &route53.ListReusableDelegationSetsInput{MaxItems: aws.Int32(2)})
		Expect(err).NotTo(HaveOccurred())
		rest, err := s.route53.ListReusableDelegationSets(ctx, &route53.ListReusableDelegationSetsInput{Marker: page.NextMarker})
		Expect(err).NotTo(HaveOccurred())
		Expect([]any{len(page.DelegationSets), page.IsTruncated, len(rest.DelegationSets), rest.IsTruncated}).To(Equal([]any{2, true, 1, false}))
	})
})

const logGroup = "arn:aws:logs:us-east-1:123456789012:log-group:/aws/route53/example.com"

func (s *sim) logTo(ctx context.Context, zone, group string) (*route53.CreateQueryLoggingConfigOutput, error) {
	return s.route53.CreateQueryLoggingConfig(ctx, &route53.CreateQueryLoggingConfigInput{HostedZoneId: &zone, CloudWatchLogsLogGroupArn: &group})
}

var _ = Describe("Query logging", func() {
	It("is configured once for a zone, and goes with it", func(ctx SpecContext) {
		s := start(awssim.Options{})
		one, two := s.zone(ctx, "example.com"), s.zone(ctx, "example.org")
		out, err := s.logTo(ctx, one, logGroup)
		Expect(err).NotTo(HaveOccurred())
		Expect(*out.Location).To(HaveSuffix("/queryloggingconfig/" + *out.QueryLoggingConfig.Id))
		Expect("/hostedzone/" + *out.QueryLoggingConfig.HostedZoneId).To(Equal(one))
		got, err := s.route53.GetQueryLoggingConfig(ctx, &route53.GetQueryLoggingConfigInput{Id: out.QueryLoggingConfig.Id})
		Expect(err).NotTo(HaveOccurred())
		Expect(got.QueryLoggingConfig).To(Equal(out.QueryLoggingConfig))
		other, err := s.logTo(ctx, two, logGroup)
		Expect(err).NotTo(HaveOccurred())
		list := func(in route53.ListQueryLoggingConfigsInput) *route53.ListQueryLoggingConfigsOutput {
			GinkgoHelper()
			listed, err := s.route53.ListQueryLoggingConfigs(ctx, &in)
			Expect(err).NotTo(HaveOccurred())
			return listed
		}
		Expect(list(route53.ListQueryLoggingConfigsInput{HostedZoneId: &two}).QueryLoggingConfigs).To(Equal([]types.QueryLoggingConfig{*other.QueryLoggingConfig}))
		page := list(route53.ListQueryLoggingConfigsInput{MaxResults: aws.Int32(1)})
		rest := list(route53.ListQueryLoggingConfigsInput{NextToken: page.NextToken})
		Expect(append(page.QueryLoggingConfigs, rest.QueryLoggingConfigs...)).To(HaveLen(2))
		Expect(rest.NextToken).To(BeNil())
		_, err = s.route53.DeleteQueryLoggingConfig(ctx, &route53.DeleteQueryLoggingConfigInput{Id: other.QueryLoggingConfig.Id})
		Expect(err).NotTo(HaveOccurred())
		_, err = s.route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &one})
		Expect(err).NotTo(HaveOccurred())
		Expect(list(route53.ListQueryLoggingConfigsInput{}).QueryLoggingConfigs).To(BeEmpty())
	})

	It("goes to groups that were made known", func(ctx SpecContext) {
		s := start(awssim.Options{})
		group := strings.Replace(logGroup, "/aws/route53/", "/mine/", 1)
		Expect(s.SetLogGroup(simroute53.LogGroup{ARN: group})).To(Succeed())
		_, err := s.logTo(ctx, s.zone(ctx, "example.com"), group)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.SetLogGroup(simroute53.LogGroup{ARN: "group"})).To(MatchError(ContainSubstring("not the ARN of a log group")))
	})
})

func logging(group string) attempt {
	return func(ctx context.Context, s *sim, public, _ string) error {
		_, err := s.logTo(ctx, public, group)
		return err
	}
}

var _ = DescribeTable("A refused delegation set or query log",
	func(ctx SpecContext, try attempt, code, message string) {
		s := start(awssim.Options{Quotas: simroute53.Quotas{DelegationSets: 2, ZonesPerDelegationSet: 2}})
		public, private := s.zone(ctx, "example.com"), s.privateZone(ctx, "corp.internal")
		Expect(s.SetLogGroup(simroute53.LogGroup{ARN: logGroup + "/missing", Missing: true})).To(Succeed())
		Expect(s.SetLogGroup(simroute53.LogGroup{ARN: logGroup + "/denied", Denied: true})).To(Succeed())
		err := try(ctx, s, public, private)
		Expect(codeOf(err)).To(Equal(code))
		Expect(messageOf(err)).To(ContainSubstring(message))
		Expect(statusOf(err)).To(Equal(cmp.Or(statuses[code], http.StatusBadRequest)))
	},
	Entry("a reference twice", func(ctx context.Context, s *sim, _, _ string) error {
		set, err := s.createSet(ctx, "one", nil)
		Expect(err).NotTo(HaveOccurred())
		_, err = s.route53.DeleteReusableDelegationSet(ctx, &route53.DeleteReusableDelegationSetInput{Id: set.Id})
		Expect(err).NotTo(HaveOccurred())
		_, err = s.createSet(ctx, "one", nil)
		return err
	}, "DelegationSetAlreadyCreated", "caller reference"),
	Entry("a set of a set", func(ctx context.Context, s *sim, public, _ string) error {
		_, err := s.createSet(ctx, "one", &public)
		Expect(err).NotTo(HaveOccurred())
		_, err = s.createSet(ctx, "two", &public)
		return err
	}, "DelegationSetAlreadyReusable", "reusable"),
	Entry("a set of an unknown zone", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.createSet(ctx, "one", aws.String("Z404"))
		return err
	}, "HostedZoneNotFound", "Z404"),
	Entry("a set of a private zone", func(ctx context.Context, s *sim, _, private string) error {
		_, err := s.createSet(ctx, "one", &private)
		return err
	}, "InvalidArgument", "private"),
	Entry("a set too many", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := until(func() error { _, err := s.createSet(ctx, fmt.Sprint(s.Meter().Total()), nil); return err })
		return err
	}, "LimitsExceeded", "MAX_REUSABLE_DELEGATION_SETS_BY_OWNER"),
	Entry("a zone below another one of the set", func(ctx context.Context, s *sim, public, _ string) error {
		set, err := s.createSet(ctx, "one", &public)
		Expect(err).NotTo(HaveOccurred())
		_, err = s.createZoneIn(ctx, "sub.example.com", set.Id)
		return err
	}, "ConflictingDomainExists", "example.com."),
	Entry("a zone too many in a set", func(ctx context.Context, s *sim, _, _ string) error {
		set, err := s.createSet(ctx, "one", nil)
		Expect(err).NotTo(HaveOccurred())
		_, err = until(func() error {
			_, err := s.createZoneIn(ctx, fmt.Sprintf("z%d.org", s.Meter().Total()), set.Id)
			return err
		})
		return err
	}, "TooManyHostedZones", "MAX_ZONES_BY_REUSABLE_DELEGATION_SET"),
	Entry("a private zone in a set", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
			Name: aws.String("example.org"), CallerReference: aws.String("r"), VPC: mainVPC(), DelegationSetId: aws.String("N1"),
		})
		return err
	}, "InvalidInput", "private"),
	Entry("the set of another account", func(ctx context.Context, s *sim, _, _ string) error {
		set, err := s.createSet(ctx, "one", nil)
		Expect(err).NotTo(HaveOccurred())
		_, err = s.otherAccount(ctx).GetReusableDelegationSet(ctx, &route53.GetReusableDelegationSetInput{Id: set.Id})
		return err
	}, "NoSuchDelegationSet", "does not exist"),
	Entry("a second log", func(ctx context.Context, s *sim, public, _ string) error {
		Expect(logging(logGroup)(ctx, s, public, "")).To(Succeed())
		return logging(logGroup)(ctx, s, public, "")
	}, "QueryLoggingConfigAlreadyExists", "already exists"),
	Entry("a log of a private zone", func(ctx context.Context, s *sim, _, private string) error {
		return logging(logGroup)(ctx, s, private, "")
	}, "InvalidInput", "private"),
	Entry("a log of an unknown zone", func(ctx context.Context, s *sim, _, _ string) error { return logging(logGroup)(ctx, s, "Z404", "") }, "NoSuchHostedZone", "Z404"),
	Entry("a log to nowhere", logging("arn:aws:logs:us-east-1"), "InvalidInput", "not the ARN"),
	Entry("a log to another region", logging(strings.Replace(logGroup, "us-east-1", "eu-west-1", 1)), "InvalidInput", "us-east-1"),
	Entry("a log to another account", logging(strings.Replace(logGroup, "123456789012", "222222222222", 1)), "InvalidInput", "account"),
	Entry("a log to a group that is not there", logging(strings.Replace(logGroup, "/aws/route53/", "/mine/", 1)), "NoSuchCloudWatchLogsLogGroup", "/mine/"),
	Entry("a log to a missing group", logging(logGroup+"/missing"), "NoSuchCloudWatchLogsLogGroup", "missing"),
	Entry("a log to a closed group", logging(logGroup+"/denied"), "InsufficientCloudWatchLogsResourcePolicy", "denied"),
	Entry("an unknown log", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.route53.DeleteQueryLoggingConfig(ctx, &route53.DeleteQueryLoggingConfigInput{Id: aws.String("abc")})
		return err
	}, "NoSuchQueryLoggingConfig", "abc"),
	Entry("a page of nothing", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.route53.ListQueryLoggingConfigs(ctx, &route53.ListQueryLoggingConfigsInput{NextToken: aws.String("token")})
		return err
	}, "InvalidPaginationToken", "page"),
)
