package controllers_test

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

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
	Eventually(Live(ctx, s, record)).Should(HaveField("Status.Conditions", ContainElement(HaveField("Type", v1alpha1.ConditionHealthy))), "how it fares is told")
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
