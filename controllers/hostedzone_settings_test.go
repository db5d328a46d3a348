package controllers_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("The delegation set of a HostedZone", func() {
	s := newStory()

	It("gives the zone its name servers", func(ctx context.Context) {
		set, nameServers := s.MakeDelegationSet(ctx)
		s.StartManager(ctx)
		zone := Zone(WithDelegationSet(set))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		Expect(Get(ctx, s, zone).Status.NameServers).To(ConsistOf(nameServers))
		s.ExpectQuiet(ctx)

		By("being refused another one")
		live := Get(ctx, s, zone)
		for _, id := range []string{"N0OTHER", ""} {
			live.Spec.DelegationSetID = id
			Expect(s.Client.Update(ctx, live)).To(MatchError(ContainSubstring("spec.delegationSetID is immutable")))
		}
	})

	It("is refused to a private zone", func(ctx context.Context) {
		zone := Zone(WithVPCs(VPC1), WithDelegationSet("N0SOME"), InNamespace[*v1alpha1.HostedZone](s.Namespace))
		Expect(s.Client.Create(ctx, zone)).To(MatchError(ContainSubstring("a private zone has no delegation set")))
	})

	It("is told when there is none, and when a zone to adopt has others", func(ctx context.Context) {
		theirs := s.MakeZone(ctx, "example.org", "")
		s.StartManager(ctx)
		none, other := Zone(WithDelegationSet("N0NONE")), HostedZone("org", "example.org", WithDelegationSet("N0NONE"), Adopting(theirs))
		s.Create(ctx, none, other)
		Eventually(Live(ctx, s, none)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "N0NONE does not exist"))
		Eventually(Live(ctx, s, other)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "name servers of the delegation set N0NONE"))
	})

	It("tells in AWS's words that parent and child cannot share it", func(ctx context.Context) {
		set, _ := s.MakeDelegationSet(ctx)
		s.StartManager(ctx)
		zone := Zone(WithDelegationSet(set))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		child := HostedZone("child", "sub.example.com", WithDelegationSet(set))
		s.Create(ctx, child)
		Eventually(Live(ctx, s, child)).Should(BeStalled(v1alpha1.ReasonConflict, "cannot share a delegation set"))
	})
})

var _ = Describe("Query logging of a HostedZone", func() {
	s := newStory()
	first, second := LogGroup("first"), LogGroup("second")

	It("is begun, moved and ended", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone(WithQueryLogging(first))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		id := s.OnlyZone()
		Expect(s.QueryLogs(ctx)).To(ConsistOf(id + " " + first))
		Expect(Get(ctx, s, zone).Status.QueryLoggingConfigID).NotTo(BeEmpty())
		s.ExpectQuiet(ctx)

		Edit(ctx, s, zone, WithQueryLogging(second))
		Eventually(s.QueryLogs).WithArguments(ctx).Should(ConsistOf(id + " " + second))
		s.ExpectReady(ctx, zone)
		Eventually(s.EventsOf(ctx, zone)).Should(ContainElement(ContainSubstring("queryLogging.logGroupARN: %s → %s", first, second)))

		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) { z.Spec.QueryLogging = nil })
		Eventually(s.QueryLogs).WithArguments(ctx).Should(BeEmpty())
		s.ExpectReady(ctx, zone)
		Expect(Get(ctx, s, zone).Status.QueryLoggingConfigID).To(BeEmpty())
		s.ExpectQuiet(ctx)

		By("being left alone from then on")
		s.LogQueries(ctx, id, second)
		s.ExpectQuiet(ctx)
		Expect(s.QueryLogs(ctx)).To(ConsistOf(id + " " + second))
	})

	It("is repaired when others end it", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone(WithQueryLogging(first))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		id := s.OnlyZone()
		s.LogQueries(ctx, id, "")
		Eventually(s.QueryLogs).WithArguments(ctx).Should(ConsistOf(id + " " + first))
		Eventually(s.EventsOf(ctx, zone)).Should(ContainElement(HavePrefix("DriftRepaired: Set right what had been changed outside: hosted zone example.com. (queryLogging.logGroupARN: (none) → ")))
	})

	It("is a Conflict where somebody else has begun it, and is replaced when that is asked for", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone(WithComment("mine"))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		id := s.OnlyZone()
		s.LogQueries(ctx, id, second)
		before := s.State()
		Edit(ctx, s, zone, WithQueryLogging(first))
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, second, "spec.adoptionPolicy"))
		Expect(s.State()).To(Equal(before))
		Edit(ctx, s, zone, Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionAlways))
		Eventually(s.QueryLogs).WithArguments(ctx).Should(ConsistOf(id + " " + first))
		s.ExpectReady(ctx, zone)
	})

	It("tells that there is no such log group, and heals once there is", func(ctx context.Context) {
		missing := "arn:aws:logs:us-east-1:" + frame.DefaultAccount + ":log-group:missing"
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone(WithQueryLogging(missing))
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, missing))
		Edit(ctx, s, zone, WithQueryLogging(first))
		s.ExpectReady(ctx, zone)
	})

	It("ends with the zone, and only plans when only planned", func(ctx context.Context) {
		m := s.StartManager(ctx)
		zone := Zone(WithQueryLogging(first))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) {
			Managed[*v1alpha1.HostedZone](v1alpha1.ManagementPlan)(z)
			WithQueryLogging(second)(z)
		})
		Eventually(Live(ctx, s, zone)).Should(HaveField("Status.Plan", ConsistOf(v1alpha1.PlannedChange{
			Verb: "Update", Resource: "hosted zone example.com.", Field: "queryLogging.logGroupARN", From: first, To: second})))
		Expect(s.QueryLogs(ctx)).To(ConsistOf(s.OnlyZone() + " " + first))
		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) {
			Managed[*v1alpha1.HostedZone](v1alpha1.ManagementManage)(z)
			WithQueryLogging(first)(z)
		})
		s.ExpectReady(ctx, zone)
		s.Delete(ctx, zone)
		s.ExpectGone(ctx, zone)
		Expect(s.Zones()).To(BeEmpty())
		Expect(s.QueryLogs(ctx)).To(BeEmpty())
		Expect(m.Writes()).To(BeNumerically(">", 0))
	})

	Context("when it is moved", func() {
		var zone *v1alpha1.HostedZone
		BeforeEach(func() { zone = Zone(WithQueryLogging(first)) })
		crashAndFail(s, []string{"DeleteQueryLoggingConfig", "CreateQueryLoggingConfig"}, madeReady(s, &zone),
			func(ctx context.Context) { Edit(ctx, s, zone, WithQueryLogging(second)) },
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectReady(ctx, zone)
				Expect(s.QueryLogs(ctx)).To(ConsistOf(s.OnlyZone() + " " + second))
				s.ExpectQuiet(ctx)
			})
	})
})

var _ = Describe("A HostedZone that may be destroyed with its records", func() {
	s := newStory()
	fill := func(ctx context.Context, id string, n int) {
		var records []types.ResourceRecordSet
		for i := range n {
			records = append(records, Record(fmt.Sprintf("r%d.example.com.", i), types.RRTypeA, "192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"))
		}
		for len(records) > 0 {
			page := records[:min(len(records), 100)]
			Eventually(func() error {
				batch := &types.ChangeBatch{}
				for i := range page {
					batch.Changes = append(batch.Changes, types.Change{Action: types.ChangeActionCreate, ResourceRecordSet: &page[i]})
				}
				_, err := s.Route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: &id, ChangeBatch: batch})
				return err
			}).Should(Succeed())
			records = records[len(page):]
		}
	}

	It("is emptied within Route 53's limits, and deleted", func(ctx context.Context) {
		m := s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		fill(ctx, s.OnlyZone(), 350) // more than a page, and more values than a batch takes
		s.Delete(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "350 records", "and 345 more", "spec.forceDestroy"))
		Expect(m.Endpoint.Batches()).To(BeEmpty())
		Edit(ctx, s, zone, ForceDestroyed)
		s.ExpectGone(ctx, zone)
		Expect(s.Zones()).To(BeEmpty())
		for _, batch := range m.Endpoint.Batches() {
			Expect(len(batch)).To(BeNumerically("<=", 250))
			Expect(batch).To(HaveEach(MatchRegexp("^DELETE .* A$")), "the apex stays")
		}
	})

	It("ceases to be signed first, then to hold records, then to be", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone(WithSigning("first"), ForceDestroyed)
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		fill(ctx, s.OnlyZone(), 300) // more values than a batch takes
		var steps []func() [][]string
		var order []string
		for _, call := range []string{"DisableHostedZoneDNSSEC", "DeactivateKeySigningKey", "DeleteKeySigningKey", "ChangeResourceRecordSets", "DeleteHostedZone"} {
			steps = append(steps, atEveryCall(s, call, func() []string {
				order = append(order, call)
				return nil
			}))
		}
		s.Delete(ctx, zone)
		s.ExpectGone(ctx, zone)
		for _, seen := range steps {
			Expect(seen()).NotTo(BeEmpty())
		}
		Expect(slices.Compact(order)).To(Equal([]string{
			"DisableHostedZoneDNSSEC", "DeactivateKeySigningKey", "DeleteKeySigningKey", "ChangeResourceRecordSets", "DeleteHostedZone"}))
		Expect(s.Zones()).To(BeEmpty())
	})

	It("waits for RecordSets all the same", func(ctx context.Context) {
		s.StartManager(ctx)
		zone, record := Zone(ForceDestroyed), RecordSet("www", "www")
		s.Create(ctx, zone, record)
		s.ExpectReady(ctx, zone, record)
		fill(ctx, s.OnlyZone(), 3)
		s.Delete(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeWaiting(v1alpha1.ReasonDeletionBlocked, s.Namespace+"/www"))
		Expect(s.Records(s.OnlyZone())).To(HaveLen(4))
		s.Delete(ctx, record)
		s.ExpectGone(ctx, zone, record)
		Expect(s.Zones()).To(BeEmpty())
	})

	Context("when it is deleted", func() {
		var zone *v1alpha1.HostedZone
		BeforeEach(func() { zone = Zone(ForceDestroyed, WithQueryLogging(LogGroup("first"))) })
		crashAndFail(s, []string{"ChangeResourceRecordSets", "DeleteQueryLoggingConfig", "DeleteHostedZone"},
			func(ctx context.Context) {
				madeReady(s, &zone)(ctx)
				fill(ctx, s.OnlyZone(), 2)
			},
			func(ctx context.Context) { s.Delete(ctx, zone) },
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectGone(ctx, zone)
				Expect(s.Zones()).To(BeEmpty())
				Expect(s.QueryLogs(ctx)).To(BeEmpty())
			})
	})
})
