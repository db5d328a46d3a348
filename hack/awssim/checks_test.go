package awssim_test

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	simroute53 "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// check is a health check's configuration, changed by what is given.
func check(kind types.HealthCheckType, with ...func(*types.HealthCheckConfig)) types.HealthCheckConfig {
	config := types.HealthCheckConfig{Type: kind}
	for _, f := range with {
		f(&config)
	}
	return config
}

func at(address string, port int32) func(*types.HealthCheckConfig) {
	return func(c *types.HealthCheckConfig) {
		c.IPAddress = &address
		if port > 0 {
			c.Port = &port
		}
	}
}

func (s *sim) createCheck(ctx context.Context, reference string, config types.HealthCheckConfig) (*route53.CreateHealthCheckOutput, error) {
	return s.route53.CreateHealthCheck(ctx, &route53.CreateHealthCheckInput{CallerReference: &reference, HealthCheckConfig: &config})
}

func (s *sim) check(ctx context.Context, config types.HealthCheckConfig) string {
	GinkgoHelper()
	out, err := s.createCheck(ctx, fmt.Sprint("check ", s.Meter().Calls["route53/CreateHealthCheck"]), config)
	Expect(err).NotTo(HaveOccurred())
	return *out.HealthCheck.Id
}

func (s *sim) statuses(ctx context.Context, id string) []string {
	GinkgoHelper()
	out, err := s.route53.GetHealthCheckStatus(ctx, &route53.GetHealthCheckStatusInput{HealthCheckId: &id})
	Expect(err).NotTo(HaveOccurred())
	statuses := []string{}
	for _, observation := range out.HealthCheckObservations {
		Expect(*observation.IPAddress).NotTo(BeEmpty())
		Expect(observation.Region).NotTo(BeEmpty())
		Expect(*observation.StatusReport.CheckedTime).To(BeTemporally("<=", s.clock.Now()))
		statuses = append(statuses, *observation.StatusReport.Status)
	}
	return statuses
}

var _ = Describe("Health checks", func() {
	http := types.HealthCheckTypeHttp

	It("are created with Route 53's defaults, once for a caller reference", func(ctx SpecContext) {
		s := start(awssim.Options{})
		out, err := s.createCheck(ctx, "one", check(types.HealthCheckTypeHttps, at("192.0.2.30", 0)))
		Expect(err).NotTo(HaveOccurred())
		Expect(*out.HealthCheck.Id).To(MatchRegexp(`^[0-9a-f-]{36}$`))
		Expect(*out.Location).To(HaveSuffix("/healthcheck/" + *out.HealthCheck.Id))
		Expect(*out.HealthCheck.HealthCheckVersion).To(BeEquivalentTo(1))
		Expect(out.HealthCheck.HealthCheckConfig).To(Equal(&types.HealthCheckConfig{
			Type: types.HealthCheckTypeHttps, IPAddress: aws.String("192.0.2.30"), RequestInterval: aws.Int32(30),
			FailureThreshold: aws.Int32(3), MeasureLatency: aws.Bool(false), EnableSNI: aws.Bool(true),
			Inverted: aws.Bool(false), Disabled: aws.Bool(false),
		}))
		again, err := s.createCheck(ctx, "one", check(types.HealthCheckTypeHttps, at("192.0.2.30", 0)))
		Expect(err).NotTo(HaveOccurred())
		Expect(again.HealthCheck).To(Equal(out.HealthCheck))
		got, err := s.route53.GetHealthCheck(ctx, &route53.GetHealthCheckInput{HealthCheckId: out.HealthCheck.Id})
		Expect(err).NotTo(HaveOccurred())
		Expect(got.HealthCheck).To(Equal(out.HealthCheck))

		_, err = s.createCheck(ctx, "one", check(types.HealthCheckTypeHttps, at("192.0.2.31", 0)))
		Expect(codeOf(err)).To(Equal("HealthCheckAlreadyExists"), "other settings")
		_, err = s.route53.DeleteHealthCheck(ctx, &route53.DeleteHealthCheckInput{HealthCheckId: out.HealthCheck.Id})
		Expect(err).NotTo(HaveOccurred())
		_, err = s.createCheck(ctx, "one", check(types.HealthCheckTypeHttps, at("192.0.2.30", 0)))
		Expect(codeOf(err)).To(Equal("HealthCheckAlreadyExists"), "the reference of a deleted check")
	})

	It("are updated, element by element, and reset", func(ctx SpecContext) {
		s := start(awssim.Options{})
		id := s.check(ctx, check(http, at("192.0.2.30", 80), func(c *types.HealthCheckConfig) {
			c.FullyQualifiedDomainName, c.ResourcePath = aws.String("www.example.com"), aws.String("/healthz")
			c.Regions = []types.HealthCheckRegion{"us-east-1", "eu-west-1", "sa-east-1"}
		}))
		out, err := s.route53.UpdateHealthCheck(ctx, &route53.UpdateHealthCheckInput{
			HealthCheckId: &id, HealthCheckVersion: aws.Int64(1), Port: aws.Int32(8080), FailureThreshold: aws.Int32(1),
			ResetElements: []types.ResettableElementName{types.ResettableElementNameRegions, types.ResettableElementNameResourcePath},
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(*out.HealthCheck.HealthCheckVersion).To(BeEquivalentTo(2))
		config := out.HealthCheck.HealthCheckConfig
		Expect([]any{*config.Port, *config.FailureThreshold, config.Regions, config.ResourcePath, *config.FullyQualifiedDomainName}).
			To(Equal([]any{int32(8080), int32(1), []types.HealthCheckRegion(nil), (*string)(nil), "www.example.com"}))
		_, err = s.route53.UpdateHealthCheck(ctx, &route53.UpdateHealthCheckInput{HealthCheckId: &id, HealthCheckVersion: aws.Int64(1)})
		Expect(codeOf(err)).To(Equal("HealthCheckVersionMismatch"))
		again, err := s.createCheck(ctx, "check 0", check(http, at("192.0.2.30", 80), func(c *types.HealthCheckConfig) {
			c.FullyQualifiedDomainName, c.ResourcePath = aws.String("www.example.com"), aws.String("/healthz")
			c.Regions = []types.HealthCheckRegion{"us-east-1", "eu-west-1", "sa-east-1"}
		}))
		Expect(err).NotTo(HaveOccurred(), "the request that created it")
		Expect(*again.HealthCheck.HealthCheckVersion).To(BeEquivalentTo(2))
	})

	It("list by pages, are counted and belong to an account", func(ctx SpecContext) {
		s := start(awssim.Options{})
		for range 103 {
			s.check(ctx, check(http, at("192.0.2.30", 80)))
		}
		seen := map[string]bool{}
		pages := route53.NewListHealthChecksPaginator(s.route53, &route53.ListHealthChecksInput{})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			Expect(err).NotTo(HaveOccurred())
			for _, found := range page.HealthChecks {
				seen[*found.Id] = true
			}
		}
		Expect(seen).To(HaveLen(103))
		Expect(s.Meter().Calls).To(HaveKeyWithValue("route53/ListHealthChecks", 2))
		count, err := s.route53.GetHealthCheckCount(ctx, &route53.GetHealthCheckCountInput{})
		Expect(err).NotTo(HaveOccurred())
		Expect(*count.HealthCheckCount).To(BeEquivalentTo(103))
		limit, err := s.route53.GetAccountLimit(ctx, &route53.GetAccountLimitInput{Type: types.AccountLimitTypeMaxHealthChecksByOwner})
		Expect(err).NotTo(HaveOccurred())
		Expect([]int64{limit.Count, *limit.Limit.Value}).To(Equal([]int64{103, 200}))
		other := s.otherAccount(ctx)
		listed, err := other.ListHealthChecks(ctx, &route53.ListHealthChecksInput{})
		Expect(err).NotTo(HaveOccurred())
		Expect(listed.HealthChecks).To(BeEmpty())
		for id := range seen {
			_, err = other.GetHealthCheck(ctx, &route53.GetHealthCheckInput{HealthCheckId: &id})
			Expect(codeOf(err)).To(Equal("NoSuchHealthCheck"))
			break
		}
	})

	It("have tags", func(ctx SpecContext) {
		s := start(awssim.Options{})
		one, two := s.check(ctx, check(http, at("192.0.2.30", 80))), s.check(ctx, check(http, at("192.0.2.31", 80)))
		_, err := s.route53.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{
			ResourceType: types.TagResourceTypeHealthcheck, ResourceId: &one,
			AddTags: []types.Tag{{Key: aws.String("Name"), Value: aws.String("web")}},
		})
		Expect(err).NotTo(HaveOccurred())
		out, err := s.route53.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{
			ResourceType: types.TagResourceTypeHealthcheck, ResourceIds: []string{one, two},
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(out.ResourceTagSets).To(HaveLen(2))
		Expect(out.ResourceTagSets[0].Tags).To(Equal([]types.Tag{{Key: aws.String("Name"), Value: aws.String("web")}}))
		Expect(out.ResourceTagSets[1].Tags).To(BeEmpty())
	})

	It("go even while records and other checks name them, and leave those healthy", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone, id := s.zone(ctx, "example.com"), s.check(ctx, check(http, at("192.0.2.30", 80)))
		record := a("x.example.com", "192.0.2.1", func(set *types.ResourceRecordSet) { set.HealthCheckId = &id })
		s.mustChange(ctx, zone, create(record))
		_, err := s.route53.DeleteHealthCheck(ctx, &route53.DeleteHealthCheckInput{HealthCheckId: &id})
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Healthy(id)).To(BeTrue())
		Expect(codeOf(s.change(ctx, zone, upsert(record)))).To(Equal("NoSuchHealthCheck"))
		s.mustChange(ctx, zone, remove(record))
	})

	It("are limited: 50 creates at once, 4 looks at a status", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsAWS})
		id := s.check(ctx, check(http, at("192.0.2.30", 80)))
		look := func() error {
			_, err := s.route53.GetHealthCheckStatus(ctx, &route53.GetHealthCheckStatusInput{HealthCheckId: &id})
			return err
		}
		Expect(first(until(look))).To(Equal(4))
		s.clock.Advance(2 * time.Second)
		Expect(first(until(look))).To(Equal(2))
		s.clock.Advance(20 * time.Second)
		Expect(first(until(func() error {
			_, err := s.createCheck(ctx, "again and again", check(http, at("192.0.2.30", 80)))
			return err
		}))).To(Equal(50))
	})

	It("have checkers with known addresses", func(ctx SpecContext) {
		s := start(awssim.Options{})
		out, err := s.route53.GetCheckerIpRanges(ctx, &route53.GetCheckerIpRangesInput{})
		Expect(err).NotTo(HaveOccurred())
		Expect(out.CheckerIpRanges).To(HaveLen(16))
		Expect(out.CheckerIpRanges).To(ContainElement("54.228.16.0/26"))
	})
})

func checking(config types.HealthCheckConfig) attempt {
	return func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.createCheck(ctx, "refused", config)
		return err
	}
}

func updating(config types.HealthCheckConfig, in route53.UpdateHealthCheckInput) attempt {
	return func(ctx context.Context, s *sim, _, _ string) error {
		in.HealthCheckId = aws.String(s.check(ctx, config))
		_, err := s.route53.UpdateHealthCheck(ctx, &in)
		return err
	}
}

var _ = DescribeTable("A refused health check",
	func(ctx SpecContext, try attempt, code, message string) {
		s := start(awssim.Options{Quotas: simroute53.Quotas{HealthChecks: 2}})
		err := try(ctx, s, "", "")
		Expect(codeOf(err)).To(Equal(code))
		Expect(messageOf(err)).To(ContainSubstring(message))
		Expect(statusOf(err)).To(Equal(cmp.Or(statuses[code], 400)))
	},
	Entry("of an unknown type", checking(check("PING")), "InvalidInput", "Member must satisfy enum value set: [HTTP, HTTPS,"),
	Entry("without an endpoint", checking(check("HTTP")), "InvalidInput", "IPAddress or FullyQualifiedDomainName must be specified when Type is HTTP"),
	Entry("TCP without a port", checking(check("TCP", at("192.0.2.1", 0))), "InvalidInput", "Port must be specified when Type is TCP"),
	Entry("TCP with a path", checking(check("TCP", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) { c.ResourcePath = aws.String("/") })), "InvalidInput", "ResourcePath cannot be specified when Type is TCP"),
	Entry("a string match without a string", checking(check("HTTP_STR_MATCH", at("192.0.2.1", 80))), "InvalidInput", "SearchString must be specified"),
	Entry("a string without a match", checking(check("HTTP", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) { c.SearchString = aws.String("ok") })), "InvalidInput", "SearchString cannot be specified when Type is HTTP"),
	Entry("a long string", checking(check("HTTP_STR_MATCH", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) { c.SearchString = aws.String(fmt.Sprintf("%256d", 1)) })), "InvalidInput", "less than or equal to 255"),
	Entry("SNI without TLS", checking(check("HTTP", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) { c.EnableSNI = aws.Bool(true) })), "InvalidInput", "EnableSNI"),
	Entry("an odd interval", checking(check("HTTP", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) { c.RequestInterval = aws.Int32(20) })), "InvalidInput", "RequestInterval must be 10 or 30, but is 20"),
	Entry("a short interval", checking(check("HTTP", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) { c.RequestInterval = aws.Int32(9) })), "InvalidInput", "greater than or equal to 10"),
	Entry("a high threshold", checking(check("HTTP", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) { c.FailureThreshold = aws.Int32(11) })), "InvalidInput", "less than or equal to 10"),
	Entry("port 0", checking(check("HTTP", func(c *types.HealthCheckConfig) { c.IPAddress, c.Port = aws.String("192.0.2.1"), aws.Int32(0) })), "InvalidInput", "greater than or equal to 1"),
	Entry("two regions", checking(check("HTTP", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) { c.Regions = []types.HealthCheckRegion{"us-east-1", "us-west-2"} })), "InvalidInput", "greater than or equal to 3"),
	Entry("an unknown region", checking(check("HTTP", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) {
		c.Regions = []types.HealthCheckRegion{"us-east-1", "us-west-2", "eu-central-1"}
	})), "InvalidInput", "'eu-central-1' at 'healthCheckConfig.regions.3.member'"),
	Entry("no address", checking(check("HTTP", at("192.0.2.256", 80))), "InvalidInput", "not a valid IP address"),
	Entry("a private address", checking(check("HTTP", at("10.0.0.1", 80))), "InvalidInput", "non-routable"),
	Entry("a multicast address", checking(check("HTTP", at("ff02::1", 80))), "InvalidInput", "non-routable"),
	Entry("no domain name", checking(check("HTTP", func(c *types.HealthCheckConfig) { c.FullyQualifiedDomainName = aws.String("a..b") })), "InvalidInput", "'a..b' is not a domain name"),
	Entry("a calculated one without a threshold", checking(check("CALCULATED")), "InvalidInput", "HealthThreshold must be specified"),
	Entry("a calculated one with a port", checking(check("CALCULATED", func(c *types.HealthCheckConfig) { c.HealthThreshold, c.Port = aws.Int32(1), aws.Int32(1) })), "InvalidInput", "Port cannot be specified when Type is CALCULATED"),
	Entry("a calculated one with a high threshold", checking(check("CALCULATED", func(c *types.HealthCheckConfig) { c.HealthThreshold = aws.Int32(257) })), "InvalidInput", "less than or equal to 256"),
	Entry("an unknown child", checking(check("CALCULATED", func(c *types.HealthCheckConfig) {
		c.HealthThreshold, c.ChildHealthChecks = aws.Int32(1), []string{"abc"}
	})), "InvalidInput", "child health check abc does not exist"),
	Entry("a metric without an alarm", checking(check("CLOUDWATCH_METRIC")), "InvalidInput", "AlarmIdentifier must be specified"),
	Entry("an endpoint with an alarm", checking(check("HTTP", at("192.0.2.1", 80), func(c *types.HealthCheckConfig) {
		c.AlarmIdentifier = &types.AlarmIdentifier{Name: aws.String("a"), Region: types.CloudWatchRegionUsEast1}
	})), "InvalidInput", "AlarmIdentifier cannot be specified"),
	Entry("a routing control without an ARN", checking(check("RECOVERY_CONTROL")), "InvalidInput", "RoutingControlArn must be specified"),
	Entry("a routing control with a threshold", checking(check("RECOVERY_CONTROL", func(c *types.HealthCheckConfig) {
		c.RoutingControlArn, c.FailureThreshold = aws.String("arn"), aws.Int32(1)
	})), "InvalidInput", "FailureThreshold cannot be specified"),
	Entry("a long caller reference", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.createCheck(ctx, fmt.Sprintf("%65d", 1), check("HTTP", at("192.0.2.1", 80)))
		return err
	}, "InvalidInput", "less than or equal to 64"),
	Entry("one too many", func(ctx context.Context, s *sim, _, _ string) error {
		s.check(ctx, check("HTTP", at("192.0.2.1", 80)))
		s.check(ctx, check("HTTP", at("192.0.2.2", 80)))
		_, err := s.createCheck(ctx, "three", check("HTTP", at("192.0.2.3", 80)))
		return err
	}, "TooManyHealthChecks", "reached the limit"),
	Entry("that gets an address later", updating(check("HTTP", func(c *types.HealthCheckConfig) { c.FullyQualifiedDomainName = aws.String("www.example.com") }),
		route53.UpdateHealthCheckInput{IPAddress: aws.String("192.0.2.1")}), "InvalidInput", "IPAddress cannot be given"),
	Entry("that is reset and set", updating(check("HTTP", at("192.0.2.1", 80)), route53.UpdateHealthCheckInput{
		ResourcePath: aws.String("/"), ResetElements: []types.ResettableElementName{types.ResettableElementNameResourcePath},
	}), "InvalidInput", "ResourcePath cannot be both specified and reset"),
	Entry("that loses its only endpoint", updating(check("HTTP", func(c *types.HealthCheckConfig) { c.FullyQualifiedDomainName = aws.String("www.example.com") }),
		route53.UpdateHealthCheckInput{ResetElements: []types.ResettableElementName{types.ResettableElementNameFullyQualifiedDomainName}}), "InvalidInput", "IPAddress or FullyQualifiedDomainName"),
	Entry("that gets what its type has not", updating(check("HTTP", at("192.0.2.1", 80)), route53.UpdateHealthCheckInput{HealthThreshold: aws.Int32(1)}), "InvalidInput", "HealthThreshold cannot be specified"),
	Entry("that is unknown", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.route53.GetHealthCheckLastFailureReason(ctx, &route53.GetHealthCheckLastFailureReasonInput{HealthCheckId: aws.String("abc")})
		return err
	}, "NoSuchHealthCheck", "abc"),
	Entry("whose status is calculated", func(ctx context.Context, s *sim, _, _ string) error {
		id := s.check(ctx, check("CALCULATED", func(c *types.HealthCheckConfig) { c.HealthThreshold = aws.Int32(0) }))
		_, err := s.route53.GetHealthCheckStatus(ctx, &route53.GetHealthCheckStatusInput{HealthCheckId: &id})
		return err
	}, "InvalidInput", "calculated"),
)
