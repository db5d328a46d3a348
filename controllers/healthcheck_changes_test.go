package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("An inline health check that differs", func() {
	s := newStory()
	BeforeEach(func(ctx context.Context) { s.Create(ctx, Zone()) })

	DescribeTable("is changed in place", func(ctx context.Context, before, after func(*v1alpha1.HealthCheck), expected OmegaMatcher) {
		s.StartManager(ctx)
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(before))
		s.Create(ctx, record)
		was := expectChecked(ctx, s, record)
		s.Sim.ResetMeter()
		editCheck(ctx, s, record, after)
		check := expectChecked(ctx, s, record)
		Expect(check.ID).To(Equal(was.ID))
		Expect(check.Config).To(expected)
		Expect(s.Calls("UpdateHealthCheck")).To(Equal(1))
		Expect(s.Calls("CreateHealthCheck")).To(BeZero())
		Expect(s.Calls("ChangeResourceRecordSets")).To(BeZero(), "the record uses the same check as before")
		Eventually(s.EventsOf(ctx, Get(ctx, s, record))).Should(ContainElement(HavePrefix("Updated: Updated health check")))
	},
		Entry("the address", asIs, func(c *v1alpha1.HealthCheck) { c.IPAddress = "192.0.2.9" }, HaveField("IPAddress", HaveValue(Equal("192.0.2.9")))),
		Entry("the port", asIs, func(c *v1alpha1.HealthCheck) { c.Port = aws.Int32(8080) }, HaveField("Port", HaveValue(BeEquivalentTo(8080)))),
		Entry("no port any more", func(c *v1alpha1.HealthCheck) { c.Port = aws.Int32(8080) }, func(c *v1alpha1.HealthCheck) { c.Port = nil },
			HaveField("Port", HaveValue(BeEquivalentTo(80)))),
		Entry("the host name", asIs, func(c *v1alpha1.HealthCheck) { c.FullyQualifiedDomainName = "www.example.com" },
			HaveField("FullyQualifiedDomainName", HaveValue(Equal("www.example.com")))),
		Entry("no host name any more", named, func(c *v1alpha1.HealthCheck) { c.FullyQualifiedDomainName = "" }, HaveField("FullyQualifiedDomainName", BeNil())),
		Entry("the path", asIs, func(c *v1alpha1.HealthCheck) { c.ResourcePath = "/ready" }, HaveField("ResourcePath", HaveValue(Equal("/ready")))),
		Entry("no path any more", asIs, func(c *v1alpha1.HealthCheck) { c.ResourcePath = "" }, HaveField("ResourcePath", BeNil())),
		Entry("the string", searching, func(c *v1alpha1.HealthCheck) { c.SearchString = "Fine" }, HaveField("SearchString", HaveValue(Equal("Fine")))),
		Entry("the threshold", asIs, func(c *v1alpha1.HealthCheck) { c.FailureThreshold = aws.Int32(5) }, HaveField("FailureThreshold", HaveValue(BeEquivalentTo(5)))),
		Entry("no threshold any more", func(c *v1alpha1.HealthCheck) { c.FailureThreshold = aws.Int32(5) }, func(c *v1alpha1.HealthCheck) { c.FailureThreshold = nil },
			HaveField("FailureThreshold", HaveValue(BeEquivalentTo(3)))),
		Entry("the regions", asIs, inRegions("us-east-1", "eu-west-1", "sa-east-1"), HaveField("Regions", HaveLen(3))),
		Entry("no regions any more", inRegions("us-east-1", "eu-west-1", "sa-east-1"), inRegions(), HaveField("Regions", BeEmpty())),
		Entry("inverted", asIs, func(c *v1alpha1.HealthCheck) { c.Inverted = aws.Bool(true) }, HaveField("Inverted", HaveValue(BeTrue()))),
		Entry("not inverted any more", func(c *v1alpha1.HealthCheck) { c.Inverted = aws.Bool(true) }, func(c *v1alpha1.HealthCheck) { c.Inverted = nil },
			HaveField("Inverted", HaveValue(BeFalse()))),
		Entry("disabled", asIs, func(c *v1alpha1.HealthCheck) { c.Disabled = aws.Bool(true) }, HaveField("Disabled", HaveValue(BeTrue()))),
		Entry("no SNI", secure, func(c *v1alpha1.HealthCheck) { c.EnableSNI = aws.Bool(false) }, HaveField("EnableSNI", HaveValue(BeFalse()))),
		Entry("SNI again", func(c *v1alpha1.HealthCheck) { secure(c); c.EnableSNI = aws.Bool(false) }, func(c *v1alpha1.HealthCheck) { c.EnableSNI = nil },
			HaveField("EnableSNI", HaveValue(BeTrue()))),
		Entry("the alarm", onAlarm("high"), onAlarm("low"), HaveField("AlarmIdentifier.Name", HaveValue(Equal("low")))),
		Entry("what no data means", onAlarm("high"), func(c *v1alpha1.HealthCheck) { c.InsufficientDataHealthStatus = "Unhealthy" },
			HaveField("InsufficientDataHealthStatus", types.InsufficientDataHealthStatusUnhealthy)),
	)

	DescribeTable("is written once although spelled otherwise", func(ctx context.Context, spell func(*v1alpha1.HealthCheck)) {
		s.StartManager(ctx)
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(spell))
		s.Create(ctx, record)
		expectChecked(ctx, s, record)
		Expect(s.Calls("UpdateHealthCheck")).To(BeZero())
	},
		Entry("an IPv6 address", func(c *v1alpha1.HealthCheck) { c.IPAddress = "2001:DB8:0:0::0001" }),
		Entry("a host name", func(c *v1alpha1.HealthCheck) { c.FullyQualifiedDomainName = "WWW.Example.com." }),
		Entry("all regions", inRegions("us-west-2", "us-west-1", "us-east-1", "eu-west-1", "ap-southeast-1", "ap-southeast-2", "ap-northeast-1", "sa-east-1")),
		Entry("every default", func(c *v1alpha1.HealthCheck) {
			c.Port, c.RequestIntervalSeconds, c.FailureThreshold, c.MeasureLatency, c.ResourcePath = aws.Int32(80), aws.Int32(30), aws.Int32(3), aws.Bool(false), "/"
		}),
		Entry("HTTPS without a name", func(c *v1alpha1.HealthCheck) { c.Type = "HTTPS" }),
		Entry("TCP", func(c *v1alpha1.HealthCheck) { c.Type, c.Port, c.ResourcePath = "TCP", aws.Int32(25), "" }),
		Entry("an alarm", onAlarm("high")),
		Entry("a routing control", func(c *v1alpha1.HealthCheck) {
			*c = v1alpha1.HealthCheck{Type: "RECOVERY_CONTROL", RoutingControlARN: "arn:aws:route53-recovery-control::123456789012:controlpanel/abc/routingcontrol/def"}
		}),
	)

	DescribeTable("is replaced where Route 53 cannot change it", func(ctx context.Context, before, after func(*v1alpha1.HealthCheck)) {
		s.StartManager(ctx)
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(before))
		s.Create(ctx, record)
		was := expectChecked(ctx, s, record)
		atCreation := atEveryCall(s, "CreateHealthCheck", func() []string { return usedChecks(s) })
		atDeletion := atEveryCall(s, "DeleteHealthCheck", func() []string { return usedChecks(s) })
		editCheck(ctx, s, record, after)
		Eventually(s.Sim.HealthChecks).Should(And(HaveLen(1), Not(ContainElement(HaveField("ID", was.ID)))))
		check := expectChecked(ctx, s, record)
		Expect(atCreation()).To(ConsistOf(Equal([]string{was.ID})), "the record uses the old one when the new one is made")
		Expect(atDeletion()).To(ConsistOf(Equal([]string{check.ID})), "and the new one when the old one goes")
		Eventually(s.EventsOf(ctx, Get(ctx, s, record))).Should(ContainElement(HavePrefix("Replaced: Replaced health check")))
	},
		Entry("the type", asIs, func(c *v1alpha1.HealthCheck) { c.Type, c.Port, c.ResourcePath = "TCP", aws.Int32(80), "" }),
		Entry("the interval", asIs, func(c *v1alpha1.HealthCheck) { c.RequestIntervalSeconds = aws.Int32(10) }),
		Entry("the interval, by leaving it out", func(c *v1alpha1.HealthCheck) { c.RequestIntervalSeconds = aws.Int32(10) },
			func(c *v1alpha1.HealthCheck) { c.RequestIntervalSeconds = nil }),
		Entry("the latency", asIs, func(c *v1alpha1.HealthCheck) { c.MeasureLatency = aws.Bool(true) }),
		Entry("no address any more", named, func(c *v1alpha1.HealthCheck) { c.IPAddress = "" }),
		Entry("an address at last", func(c *v1alpha1.HealthCheck) { named(c); c.IPAddress = "" }, func(c *v1alpha1.HealthCheck) { c.IPAddress = "192.0.2.1" }),
	)

	It("is made again when it was deleted outside", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("www", "www", WithWeight("blue", 1), checked())
		s.Create(ctx, record)
		was := expectChecked(ctx, s, record)
		_, err := s.Route53.DeleteHealthCheck(ctx, &route53.DeleteHealthCheckInput{HealthCheckId: &was.ID})
		Expect(err).NotTo(HaveOccurred())
		s.Look(ctx, record)
		Eventually(s.Sim.HealthChecks).Should(HaveLen(1))
		Eventually(func() string { return Get(ctx, s, record).Status.UsedHealthCheckID }).ShouldNot(Equal(was.ID))
		expectChecked(ctx, s, record)
		Eventually(s.EventsOf(ctx, Get(ctx, s, record))).Should(ContainElement(
			"DriftRepaired: Made again what had been deleted outside: health check HTTP"))
	})

	It("is repaired when others change it", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		record := RecordSet("www", "www", WithWeight("blue", 1), checked())
		s.Create(ctx, record)
		check := expectChecked(ctx, s, record)
		_, err := s.Route53.UpdateHealthCheck(ctx, &route53.UpdateHealthCheckInput{HealthCheckId: &check.ID, FailureThreshold: aws.Int32(9)})
		Expect(err).NotTo(HaveOccurred())
		Eventually(func() *int32 { return onlyCheck(s).Config.FailureThreshold }).Should(HaveValue(BeEquivalentTo(3)))
		Eventually(s.EventsOf(ctx, Get(ctx, s, record))).Should(ContainElement(
			"DriftRepaired: Set right what had been changed outside: health check HTTP (healthCheck.failureThreshold: 9 → 3)"))
		expectChecked(ctx, s, record)
	})

	It("is marked again when others take its tags away, and not when they put theirs", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		record := RecordSet("www", "www", WithWeight("blue", 1), checked())
		s.Create(ctx, record)
		check := expectChecked(ctx, s, record)
		s.Sim.ResetMeter()
		retag := func(change *route53.ChangeTagsForResourceInput) {
			change.ResourceId, change.ResourceType = &check.ID, types.TagResourceTypeHealthcheck
			_, err := s.Route53.ChangeTagsForResource(ctx, change)
			Expect(err).NotTo(HaveOccurred())
		}
		retag(&route53.ChangeTagsForResourceInput{RemoveTagKeys: []string{"evenkeel.io/object"}})
		expectMarked := func() { Eventually(func() map[string]string { return onlyCheck(s).Tags }).Should(Equal(check.Tags)) }
		expectMarked()
		Eventually(s.EventsOf(ctx, Get(ctx, s, record))).Should(ContainElement(
			"DriftRepaired: Set right what had been changed outside: health check HTTP (tags.evenkeel.io/object: (none) → RecordSet/" + s.Namespace + "/www)"))
		expectChecked(ctx, s, record)

		mark := func(cluster string) {
			retag(&route53.ChangeTagsForResourceInput{AddTags: []types.Tag{{Key: aws.String("evenkeel.io/cluster"), Value: &cluster}}})
		}
		mark("theirs")
		Eventually(Live(ctx, s, record)).Should(BeStalled(v1alpha1.ReasonConflict, "health check", "the cluster theirs"))
		Expect(onlyCheck(s).Tags).To(HaveKeyWithValue("evenkeel.io/cluster", "theirs"))
		mark(ClusterID)
		expectChecked(ctx, s, record)
	})
})

// Shapes of checks for tables.
func asIs(*v1alpha1.HealthCheck)        {}
func named(c *v1alpha1.HealthCheck)     { c.FullyQualifiedDomainName = "www.example.com" }
func searching(c *v1alpha1.HealthCheck) { c.Type, c.SearchString = "HTTP_STR_MATCH", "OK" }
func secure(c *v1alpha1.HealthCheck)    { c.Type = "HTTPS"; named(c) }
func inRegions(regions ...v1alpha1.HealthCheckRegion) func(*v1alpha1.HealthCheck) {
	return func(c *v1alpha1.HealthCheck) { c.Regions = regions }
}
func onAlarm(name string) func(*v1alpha1.HealthCheck) {
	return func(c *v1alpha1.HealthCheck) {
		*c = v1alpha1.HealthCheck{Type: "CLOUDWATCH_METRIC", Alarm: &v1alpha1.AlarmReference{Region: "us-east-1", Name: name}}
	}
}
