package controllers_test

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/hack/awssim"
	sim "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// checked gives a record an inline health check of its endpoint.
func checked(with ...func(*v1alpha1.HealthCheck)) func(*v1alpha1.RecordSet) {
	return func(r *v1alpha1.RecordSet) {
		r.Spec.HealthCheck = &v1alpha1.HealthCheck{Type: "HTTP", IPAddress: "192.0.2.1", ResourcePath: "/healthz"}
		for _, f := range with {
			f(r.Spec.HealthCheck)
		}
	}
}

// failover makes a record one of a failover pair.
func failover(role string) func(*v1alpha1.RecordSet) {
	return func(r *v1alpha1.RecordSet) {
		r.Spec.SetIdentifier = role
		r.Spec.RoutingPolicy = &v1alpha1.RoutingPolicy{Failover: &v1alpha1.FailoverPolicy{Role: role}}
	}
}

// editCheck changes the inline health check of a record.
func editCheck(ctx context.Context, s *Story, record *v1alpha1.RecordSet, change func(*v1alpha1.HealthCheck)) {
	GinkgoHelper()
	Edit(ctx, s, record, func(r *v1alpha1.RecordSet) { change(r.Spec.HealthCheck) })
}

// onlyCheck is the one health check in Route 53.
func onlyCheck(s *Story) sim.HealthCheck {
	GinkgoHelper()
	checks := s.Sim.HealthChecks()
	Expect(checks).To(HaveLen(1))
	return checks[0]
}

// usedChecks are the health checks that records of the one zone use, "" for none.
func usedChecks(s *Story) []string {
	used := []string{}
	zone, _ := s.Sim.Zone(s.OnlyZone())
	for i := range zone.RecordSets {
		if set := &zone.RecordSets[i]; set.Type != types.RRTypeNs && set.Type != types.RRTypeSoa {
			used = append(used, aws.ToString(set.HealthCheckId))
		}
	}
	return used
}

// expectChecked waits until a record is Ready and uses the one check there is, and that nothing is written any more.
func expectChecked(ctx context.Context, s *Story, record *v1alpha1.RecordSet) sim.HealthCheck {
	GinkgoHelper()
	s.ExpectReady(ctx, record)
	Eventually(s.Sim.HealthChecks).Should(HaveLen(1))
	check := onlyCheck(s)
	Expect(usedChecks(s)).To(ContainElement(check.ID))
	Eventually(func() []string { return Get(ctx, s, record).Status.HealthCheck.Previous }).Should(BeEmpty())
	live := Get(ctx, s, record)
	Expect(live.Status.HealthCheck.ID).To(Equal(check.ID))
	Expect(live.Status.UsedHealthCheckID).To(Equal(check.ID))
	Expect(check.Tags).To(Equal(map[string]string{
		"evenkeel.io/cluster": ClusterID, "evenkeel.io/object": "RecordSet/" + s.Namespace + "/" + record.Name,
	}))
	s.ExpectQuiet(ctx)
	return check
}

var _ = Describe("An inline health check", func() {
	s := newStory()
	var zone *v1alpha1.HostedZone
	BeforeEach(func(ctx context.Context) {
		zone = Zone()
		s.Create(ctx, zone)
	})

	It("is made with the record, and lives and dies with it", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("www", "www", WithWeight("blue", 1), checked())
		s.Create(ctx, record)
		check := expectChecked(ctx, s, record)
		Expect(check.Config).To(And(
			HaveField("Type", types.HealthCheckTypeHttp), HaveField("IPAddress", HaveValue(Equal("192.0.2.1"))),
			HaveField("Port", HaveValue(BeEquivalentTo(80))), HaveField("ResourcePath", HaveValue(Equal("/healthz"))),
			HaveField("RequestInterval", HaveValue(BeEquivalentTo(30))), HaveField("FailureThreshold", HaveValue(BeEquivalentTo(3)))))
		Expect(s.Calls("CreateHealthCheck")).To(Equal(1))
		Eventually(s.EventsOf(ctx, Get(ctx, s, record))).Should(ContainElement("Created: Created health check HTTP"))

		watched := atEveryCall(s, "DeleteHealthCheck", func() []string { return s.Records(s.OnlyZone()) })
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
		Expect(s.Sim.HealthChecks()).To(BeEmpty())
		Expect(watched()).To(HaveEach(BeEmpty()), "the check goes after the record")
	})

	It("makes a failover pair", func(ctx context.Context) {
		s.StartManager(ctx)
		primary := RecordSet("primary", "app", failover("PRIMARY"), checked(func(c *v1alpha1.HealthCheck) {
			c.Type, c.IPAddress, c.Port, c.RequestIntervalSeconds, c.FailureThreshold = "HTTPS", "192.0.2.30", aws.Int32(443), aws.Int32(30), aws.Int32(3)
		}))
		secondary := RecordSet("secondary", "app", failover("SECONDARY"), WithValues("192.0.2.31"))
		s.Create(ctx, primary, secondary)
		s.ExpectReady(ctx, primary, secondary)
		check := expectChecked(ctx, s, primary)
		Expect(usedChecks(s)).To(ConsistOf(check.ID, ""))
	})

	It("is not made for a record that cannot be", func(ctx context.Context) {
		s.StartManager(ctx)
		lost := RecordSet("lost", "www", InZoneOf("missing"), checked())
		s.Create(ctx, lost)
		Eventually(Live(ctx, s, lost)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound))
		Consistently(s.Sim.HealthChecks).Should(BeEmpty())
		s.Delete(ctx, lost)
		s.ExpectGone(ctx, lost)
	})

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

	It("goes when it is no longer declared, comes back, and goes for one of somebody else", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("www", "www", WithWeight("blue", 1), checked())
		s.Create(ctx, record)
		expectChecked(ctx, s, record)
		for range 2 {
			atDeletion := atEveryCall(s, "DeleteHealthCheck", func() []string { return usedChecks(s) })
			Edit(ctx, s, record, func(r *v1alpha1.RecordSet) { r.Spec.HealthCheck = nil })
			Eventually(s.Sim.HealthChecks).Should(BeEmpty())
			s.ExpectReady(ctx, record)
			Expect(usedChecks(s)).To(ConsistOf(""))
			Expect(atDeletion()).To(ConsistOf(Equal([]string{""})))
			Eventually(func() *v1alpha1.HealthCheckStatus { return Get(ctx, s, record).Status.HealthCheck }).Should(BeNil())
			s.ExpectQuiet(ctx)
			Edit(ctx, s, record, checked())
			expectChecked(ctx, s, record)
		}
		foreign := makeCheck(ctx, s, "theirs")
		Edit(ctx, s, record, func(r *v1alpha1.RecordSet) {
			r.Spec.HealthCheck, r.Spec.HealthCheckID = nil, v1alpha1.HealthCheckID(foreign)
		})
		Eventually(s.Sim.HealthChecks).Should(ConsistOf(HaveField("ID", foreign)))
		s.ExpectReady(ctx, record)
		Expect(usedChecks(s)).To(ConsistOf(foreign))
		s.ExpectQuiet(ctx)
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
		Expect(onlyCheck(s).ID).To(Equal(foreign))
	})

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

	It("stays when the record is retained, and is taken back by its tags", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(), Retained[*v1alpha1.RecordSet])
		s.Create(ctx, record)
		check := expectChecked(ctx, s, record)
		before := s.State()
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
		Expect(s.State()).To(Equal(before))

		again := RecordSet("www", "www", WithWeight("blue", 1), checked())
		s.Create(ctx, again)
		Expect(expectChecked(ctx, s, again).ID).To(Equal(check.ID))
		s.Delete(ctx, again)
		s.ExpectGone(ctx, again)
		Expect(s.Sim.HealthChecks()).To(BeEmpty())
	})

	It("is planned, and not made, updated or replaced", func(ctx context.Context) {
		s.StartManager(ctx)
		s.ExpectReady(ctx, zone)
		before := s.State()
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(), Managed[*v1alpha1.RecordSet](v1alpha1.ManagementPlan))
		s.Create(ctx, record)
		Eventually(Live(ctx, s, record)).Should(HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonPlanOnly))
		Expect(Get(ctx, s, record).Status.Plan).To(ConsistOf(
			HaveField("Resource", "health check HTTP"), HaveField("Resource", `record www.example.com. A "blue"`)))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))

		By("executing the plan")
		Edit(ctx, s, record, Managed[*v1alpha1.RecordSet](v1alpha1.ManagementManage))
		expectChecked(ctx, s, record)
		before = s.State()

		By("planning an update, then a replacement")
		Edit(ctx, s, record, func(r *v1alpha1.RecordSet) {
			Managed[*v1alpha1.RecordSet](v1alpha1.ManagementPlan)(r)
			r.Spec.HealthCheck.ResourcePath = "/ready"
		})
		Eventually(func() []v1alpha1.PlannedChange { return Get(ctx, s, record).Status.Plan }).Should(ConsistOf(
			v1alpha1.PlannedChange{Verb: "Update", Resource: "health check HTTP", Field: "healthCheck.resourcePath", From: "/healthz", To: "/ready"}))
		editCheck(ctx, s, record, func(c *v1alpha1.HealthCheck) { c.RequestIntervalSeconds = aws.Int32(10) })
		Eventually(func() []v1alpha1.PlannedChange { return Get(ctx, s, record).Status.Plan }).Should(ContainElements(
			HaveField("Verb", "Replace"), HaveField("Verb", "Delete"), HaveField("Field", "healthCheckID")))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))
	})

	It("tells what stands in its way, and heals", func(ctx context.Context) {
		m := s.StartManager(ctx, ManagerOptions{Resync: soon})
		m.Endpoint.Refuse(AccessDenied("POST", "/healthcheck", "route53:CreateHealthCheck"))
		record, good := RecordSet("www", "www", WithWeight("blue", 1), checked()), RecordSet("good", "good")
		s.Create(ctx, record, good)
		Eventually(Live(ctx, s, record)).Should(BeStalled(v1alpha1.ReasonAccessDenied, "route53:CreateHealthCheck"))
		s.ExpectReady(ctx, good)
		m.Endpoint.Refuse()
		expectChecked(ctx, s, record)

		By("telling why a deletion does not go on")
		m.Endpoint.Refuse(AccessDenied("DELETE", "/healthcheck", "route53:DeleteHealthCheck"))
		s.Delete(ctx, record)
		Eventually(Live(ctx, s, record)).Should(BeStalled(v1alpha1.ReasonAccessDenied, "route53:DeleteHealthCheck"))
		Expect(s.Records(s.OnlyZone())).NotTo(ContainElement(ContainSubstring("www")))
		m.Endpoint.Refuse()
		s.ExpectGone(ctx, record)
		Expect(s.Sim.HealthChecks()).To(BeEmpty())
	})

	It("is refused by Route 53, without harm to others, until it is edited", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(func(c *v1alpha1.HealthCheck) { c.IPAddress = "10.0.0.1" }))
		good := RecordSet("good", "www", WithWeight("green", 1), checked())
		s.Create(ctx, record, good)
		Eventually(Live(ctx, s, record)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "10.0.0.1"))
		s.ExpectReady(ctx, good)
		editCheck(ctx, s, record, func(c *v1alpha1.HealthCheck) { c.IPAddress = "192.0.2.2" })
		s.ExpectReady(ctx, record, good)
		Expect(s.Sim.HealthChecks()).To(HaveLen(2))
		s.ExpectQuiet(ctx)
	})

	It("does not stay on a record that another object inherits", func(ctx context.Context) {
		s.StartManager(ctx)
		first := RecordSet("first", "www", WithWeight("blue", 1), checked())
		s.Create(ctx, first)
		expectChecked(ctx, s, first)
		second := RecordSet("second", "www", WithWeight("blue", 1))
		s.Create(ctx, second)
		Eventually(Live(ctx, s, second)).Should(BeStalled(v1alpha1.ReasonConflict))
		s.Delete(ctx, first)
		s.ExpectGone(ctx, first)
		s.ExpectReady(ctx, second)
		Expect(usedChecks(s)).To(ConsistOf(""))
		Expect(s.Sim.HealthChecks()).To(BeEmpty())
	})

	It("follows its record to another zone", func(ctx context.Context) {
		s.StartManager(ctx)
		other := HostedZone("other", "example.net")
		record := RecordSet("www", "www", WithWeight("blue", 1), checked())
		s.Create(ctx, other, record)
		s.ExpectReady(ctx, other)
		s.ExpectReady(ctx, record)
		Edit(ctx, s, record, func(r *v1alpha1.RecordSet) {
			InZoneOf("other")(r)
			r.Spec.HealthCheck.RequestIntervalSeconds = aws.Int32(10)
		})
		Eventually(s.Sim.HealthChecks).Should(ConsistOf(HaveField("Config.RequestInterval", HaveValue(BeEquivalentTo(10)))))
		s.ExpectReady(ctx, record)
		Eventually(func() []v1alpha1.RecordKey { return Get(ctx, s, record).Status.Records }).Should(
			ConsistOf(HaveField("Name", "www.example.net.")))
		s.ExpectQuiet(ctx)
	})

	It("costs few calls among many", func(ctx context.Context) {
		m := s.StartManager(ctx, ManagerOptions{Resync: soon})
		var records []*v1alpha1.RecordSet
		for i := range 20 {
			name := "r" + string(rune('a'+i))
			records = append(records, RecordSet(name, name, WithWeight("blue", 1), checked()))
			s.Create(ctx, records[i])
		}
		for _, record := range records {
			s.ExpectReady(ctx, record)
		}
		s.ExpectSettled(ctx)
		Expect(s.Sim.HealthChecks()).To(HaveLen(20))
		s.Sim.ResetMeter()
		Eventually(func() int { return s.Calls("ListHealthChecks") }).Should(BeNumerically(">=", 4))
		Expect(s.Calls("GetHealthCheck")).To(BeZero())
		Expect(s.Calls("ListHealthChecks")).To(BeNumerically("<", 20))
		Expect(s.Writes()).To(BeZero())

		By("starting again")
		m.Stop()
		s.Sim.ResetMeter()
		s.StartManager(ctx)
		Eventually(func() int { return s.Calls("ListHealthChecks") }).Should(BeNumerically(">=", 1))
		s.ExpectSettled(ctx)
		Expect(s.Calls("GetHealthCheck") + s.Calls("ListHealthChecks")).To(BeNumerically("<=", 6))
		Expect(s.Writes()).To(BeZero())
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

// makeCheck makes a health check that is no object's.
func makeCheck(ctx context.Context, s *Story, reference string) string {
	GinkgoHelper()
	out, err := s.Route53.CreateHealthCheck(ctx, &route53.CreateHealthCheckInput{
		CallerReference: &reference, HealthCheckConfig: &types.HealthCheckConfig{Type: types.HealthCheckTypeTcp, IPAddress: aws.String("192.0.2.77"), Port: aws.Int32(25)},
	})
	Expect(err).NotTo(HaveOccurred())
	return *out.HealthCheck.Id
}

var _ = Describe("The health of a record's endpoint", func() {
	s := newStory()
	set := func(id string, healthy bool) {
		Expect(s.Sim.SetHealthCheck(id, sim.CheckState{Healthy: &healthy})).To(Succeed())
	}
	BeforeEach(func(ctx context.Context) { s.Create(ctx, Zone()) })

	It("is told of an inline check and of one given by its id", func(ctx context.Context) {
		foreign := makeCheck(ctx, s, "theirs")
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		inline := RecordSet("inline", "www", WithWeight("blue", 1), checked())
		byID := RecordSet("by-id", "www", WithWeight("green", 1), func(r *v1alpha1.RecordSet) { r.Spec.HealthCheckID = v1alpha1.HealthCheckID(foreign) })
		s.Create(ctx, inline, byID)
		s.ExpectReady(ctx, inline, byID)
		own := Get(ctx, s, inline).Status.HealthCheck.ID
		for id, record := range map[string]*v1alpha1.RecordSet{own: inline, foreign: byID} {
			for _, healthy := range []bool{true, false, true} {
				set(id, healthy)
				status := map[bool]metav1.ConditionStatus{true: metav1.ConditionTrue, false: metav1.ConditionFalse}[healthy]
				Eventually(Live(ctx, s, record)).Should(HaveCondition(v1alpha1.ConditionHealthy, status))
				s.ExpectReady(ctx, record)
			}
			set(id, false)
			Eventually(Live(ctx, s, record)).Should(HaveReason(v1alpha1.ConditionHealthy, v1alpha1.ReasonUnhealthy, "HTTP Status Code 503"))
			Eventually(s.EventsOf(ctx, Get(ctx, s, record))).Should(ContainElement(HavePrefix("Unhealthy: ")))
		}
		s.ExpectQuiet(ctx)

		By("saying nothing of a record without a check")
		Edit(ctx, s, byID, func(r *v1alpha1.RecordSet) { r.Spec.HealthCheckID = "" })
		Eventually(Live(ctx, s, byID)).ShouldNot(Or(
			HaveCondition(v1alpha1.ConditionHealthy, metav1.ConditionTrue), HaveCondition(v1alpha1.ConditionHealthy, metav1.ConditionFalse)))
		s.ExpectReady(ctx, byID)
		s.ExpectQuiet(ctx)
	})

	It("is turned around, and not looked at when disabled", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(func(c *v1alpha1.HealthCheck) { c.Inverted = aws.Bool(true) }))
		s.Create(ctx, record)
		s.ExpectReady(ctx, record)
		set(Get(ctx, s, record).Status.HealthCheck.ID, true)
		Eventually(Live(ctx, s, record)).Should(HaveReason(v1alpha1.ConditionHealthy, v1alpha1.ReasonUnhealthy, "inverted"))
		editCheck(ctx, s, record, func(c *v1alpha1.HealthCheck) { c.Inverted, c.Disabled = nil, aws.Bool(true) })
		Eventually(Live(ctx, s, record)).Should(HaveReason(v1alpha1.ConditionHealthy, v1alpha1.ReasonHealthy, "disabled"))
	})

	It("cannot be told of a calculated check", func(ctx context.Context) {
		child := makeCheck(ctx, s, "child")
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		record := RecordSet("www", "www", WithWeight("blue", 1), checked(func(c *v1alpha1.HealthCheck) {
			*c = v1alpha1.HealthCheck{Type: "CALCULATED", ChildHealthCheckIDs: []v1alpha1.HealthCheckID{v1alpha1.HealthCheckID(child)}, HealthThreshold: aws.Int32(1)}
		}))
		s.Create(ctx, record)
		s.ExpectReady(ctx, record)
		Eventually(Live(ctx, s, record)).Should(HaveReason(v1alpha1.ConditionHealthy, v1alpha1.ReasonWaitingForAWS, "CloudWatch"))
		s.ExpectQuiet(ctx)
	})
})

// atEveryCall notes something whenever an operation of Route 53 is about to take effect.
func atEveryCall(s *Story, operation string, look func() []string) func() [][]string {
	notes, seen := make(chan []string, 100), [][]string{}
	hooks.Store(operation, func() { notes <- look() })
	s.Sim.SetHook(func(call awssim.Call) {
		if hook, ok := hooks.Load(call.Operation); ok && call.Phase == awssim.Before {
			hook.(func())()
		}
	})
	DeferCleanup(func() { hooks.Delete(operation) })
	return func() [][]string {
		for {
			select {
			case note := <-notes:
				seen = append(seen, note)
			default:
				return seen
			}
		}
	}
}

// hooks are what stories do at operations: functions by the name of the operation.
var hooks sync.Map
