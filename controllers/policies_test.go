package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	manage  = v1alpha1.ManagementManage
	plan    = v1alpha1.ManagementPlan
	observe = v1alpha1.ManagementObserve
)

var _ = Describe("Management policy", func() {
	s := newStory()
	zoneIs := Managed[*v1alpha1.HostedZone]
	recordIs := Managed[*v1alpha1.RecordSet]

	It("Plan lists what would be made, makes nothing, and Manage makes it", func(ctx context.Context) {
		s.StartManager(ctx)
		before := s.State()
		zone := Zone(WithComment("mine"), zoneIs(plan))
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonPlanOnly, "status.plan"))
		live := Get(ctx, s, zone)
		Expect(live).To(HaveCondition(v1alpha1.ConditionReady, metav1.ConditionFalse))
		Expect(live.Status.Plan[0]).To(Equal(v1alpha1.PlannedChange{Verb: "Create", Resource: "hosted zone example.com."}))
		Expect(live.Finalizers).To(BeEmpty())
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))

		Edit(ctx, s, zone, zoneIs(manage))
		s.ExpectReady(ctx, zone)
		Expect(Get(ctx, s, zone).Status.Plan).To(BeEmpty())
		Expect(s.Comment(ctx, s.OnlyZone())).To(Equal("mine"))
	})

	It("Plan lists what would be changed in a zone and its record", func(ctx context.Context) {
		s.StartManager(ctx)
		zone, record := Zone(WithComment("first"), WithTag("team", "platform")), RecordSet("www", "www")
		s.Create(ctx, zone, record)
		s.ExpectReady(ctx, zone, record)
		id := s.OnlyZone()
		Edit(ctx, s, zone, zoneIs(plan))
		Edit(ctx, s, record, recordIs(plan))
		s.ExpectReady(ctx, zone, record)
		before := s.State()

		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) {
			WithComment("second")(z)
			z.Spec.Tags = nil
		})
		Edit(ctx, s, record, WithTTL(300))
		Eventually(func() []v1alpha1.PlannedChange { return Get(ctx, s, zone).Status.Plan }).Should(Equal([]v1alpha1.PlannedChange{
			{Verb: "Update", Resource: "hosted zone example.com.", Field: "tags.team", From: "platform"},
			{Verb: "Update", Resource: "hosted zone example.com.", Field: "comment", From: "first", To: "second"},
		}))
		Eventually(func() []v1alpha1.PlannedChange { return Get(ctx, s, record).Status.Plan }).Should(Equal([]v1alpha1.PlannedChange{
			{Verb: "Update", Resource: "record www.example.com. A", Field: "ttl", From: "60", To: "300"},
		}))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))

		By("making just that")
		Edit(ctx, s, zone, zoneIs(manage))
		Edit(ctx, s, record, recordIs(manage))
		s.ExpectReady(ctx, zone, record)
		Expect(s.Comment(ctx, id)).To(Equal("second"))
		Expect(s.Tags(ctx, id)).To(BeEmpty())
		Expect(s.Records(id)).To(ConsistOf("www.example.com. A 300 192.0.2.1"))
		s.ExpectQuiet(ctx)
	})

	DescribeTable("leaves a zone, what it has beside itself, and a record when they are deleted", func(ctx context.Context, leave func(lifecycle.Object)) {
		s.StartManager(ctx)
		parent := HostedZone("parent", "com.example")
		zone := HostedZone("zone", "sub.com.example", delegatedFrom("parent"), WithQueryLogging(LogGroup("first")), WithSigning("first"), WithTag("team", "platform"))
		record := RecordSet("www", "www", WithWeight("blue", 1), checked())
		s.Create(ctx, parent, zone, record)
		s.ExpectReady(ctx, parent, zone, record)
		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) { leave(z) })
		Edit(ctx, s, record, func(r *v1alpha1.RecordSet) { leave(r) })
		s.ExpectSettled(ctx)
		before := s.State()
		s.Delete(ctx, record, zone)
		s.ExpectGone(ctx, record, zone)
		s.ExpectSettled(ctx)
		Expect(s.State()).To(Equal(before))
	},
		Entry("with Plan", func(obj lifecycle.Object) { obj.CommonSpec().ManagementPolicy = plan }),
		Entry("with Observe", func(obj lifecycle.Object) { obj.CommonSpec().ManagementPolicy = observe }),
		Entry("with Retain", func(obj lifecycle.Object) { obj.CommonSpec().DeletionPolicy = v1alpha1.DeletionRetain }),
	)

	It("Plan tells of a conflict and of an adoption", func(ctx context.Context) {
		id := s.MakeZone(ctx, Domain, "theirs")
		s.Put(ctx, id, Record("www.example.com.", types.RRTypeA, "203.0.113.1"))
		before := s.State()
		s.StartManager(ctx)
		zone := Zone(zoneIs(plan), Adopting(id))
		conflict := RecordSet("conflict", "www", InZone(id), recordIs(plan))
		taken := RecordSet("taken", "www", InZone(id), recordIs(plan), Adoption[*v1alpha1.RecordSet](v1alpha1.AdoptionAlways))
		s.Create(ctx, zone, conflict, taken)
		Eventually(func() []v1alpha1.PlannedChange { return Get(ctx, s, zone).Status.Plan }).Should(ContainElement(HaveField("Verb", "Adopt")))
		Eventually(Live(ctx, s, conflict)).Should(BeStalled(v1alpha1.ReasonConflict))
		Eventually(func() []v1alpha1.PlannedChange { return Get(ctx, s, taken).Status.Plan }).Should(ContainElements(
			HaveField("Verb", "Adopt"), And(HaveField("Field", "resourceRecords"), HaveField("From", "203.0.113.1"), HaveField("To", "192.0.2.1"))))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))
		Expect(Get(ctx, s, zone).Status.Plan).To(ContainElement(HaveField("Verb", "Adopt")), "a second look takes nothing for ours")

		By("taking it over")
		Edit(ctx, s, zone, zoneIs(manage))
		s.ExpectReady(ctx, zone)
		Eventually(s.EventsOf(ctx, zone)).Should(ContainElement(HavePrefix("Adopted: Took over hosted zone example.com.")))
	})

	It("Plan gives no right to what it looked at", func(ctx context.Context) {
		s.MakeZone(ctx, Domain, "theirs")
		s.StartManager(ctx)
		zone := Zone(zoneIs(plan), Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionAlways))
		s.Create(ctx, zone)
		Eventually(func() []v1alpha1.PlannedChange { return Get(ctx, s, zone).Status.Plan }).Should(ContainElement(HaveField("Verb", "Adopt")))
		before := s.State()
		Edit(ctx, s, zone, func(obj *v1alpha1.HostedZone) {
			zoneIs(manage)(obj)
			Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionNever)(obj)
		})
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict))
		Expect(s.State()).To(Equal(before))
	})

	It("Observe tells differences and changes nothing", func(ctx context.Context) {
		m := s.StartManager(ctx)
		zone, record := Zone(WithComment("mine")), RecordSet("www", "www")
		s.Create(ctx, zone, record)
		s.ExpectReady(ctx, zone, record)
		Edit(ctx, s, zone, zoneIs(observe))
		Edit(ctx, s, record, recordIs(observe))
		for _, live := range []func() bool{
			func() bool { return readyBecause(Get(ctx, s, zone).Status.Conditions, v1alpha1.ReasonObserveOnly) },
			func() bool { return readyBecause(Get(ctx, s, record).Status.Conditions, v1alpha1.ReasonObserveOnly) },
		} {
			Eventually(live).Should(BeTrue())
		}
		m.Stop()
		id := s.OnlyZone()
		s.SetComment(ctx, id, "theirs")
		s.Put(ctx, id, Record("www.example.com.", types.RRTypeA, "203.0.113.1"))
		before := s.State()

		s.StartManager(ctx, ManagerOptions{Resync: soon})
		s.Look(ctx, zone, record)
		Eventually(Live(ctx, s, zone)).Should(And(HaveCondition(v1alpha1.ConditionReady, metav1.ConditionFalse),
			HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonObserveOnly, "comment")))
		Eventually(Live(ctx, s, record)).Should(And(HaveCondition(v1alpha1.ConditionReady, metav1.ConditionFalse),
			HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonObserveOnly, "resourceRecords")))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))

		By("leaving everything on deletion")
		s.Delete(ctx, record, zone)
		s.ExpectGone(ctx, record, zone)
		Expect(s.State()).To(Equal(before))
	})
})

func readyBecause(conditions []metav1.Condition, reason string) bool {
	return conditions[0].Type == v1alpha1.ConditionReady && conditions[0].Status == metav1.ConditionTrue && conditions[0].Reason == reason
}
