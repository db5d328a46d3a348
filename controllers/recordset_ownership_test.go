package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("A record that exists already", func() {
	s := newStory()
	var id string
	BeforeEach(func(ctx context.Context) {
		id = s.MakeZone(ctx, Domain, "")
		s.Put(ctx, id, Record("www.example.com.", types.RRTypeA, "203.0.113.2", "203.0.113.1"))
		s.StartManager(ctx, ManagerOptions{Resync: soon})
	})
	theirs := "www.example.com. A 60 203.0.113.2 203.0.113.1"
	adopting := Adoption[*v1alpha1.RecordSet]

	It("is taken over when it is identical", func(ctx context.Context) {
		before := s.Writes()
		record := RecordSet("www", "www", InZone(id), WithValues("203.0.113.1", "203.0.113.2"))
		s.Create(ctx, record)
		s.ExpectReady(ctx, record)
		Expect(s.Writes()).To(Equal(before))
		Eventually(s.EventsOf(ctx, record)).Should(ContainElement("Adopted: Took over record www.example.com. A"))
		s.ExpectQuiet(ctx)
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
		Expect(s.Records(id)).To(BeEmpty())
	})

	It("is overwritten when anything may be taken over", func(ctx context.Context) {
		record := RecordSet("www", "www", InZone(id), adopting(v1alpha1.AdoptionAlways))
		s.Create(ctx, record)
		s.ExpectReady(ctx, record)
		Expect(s.Records(id)).To(ConsistOf(wwwA))
		s.ExpectQuiet(ctx)
	})

	DescribeTable("is a Conflict and stays as it is", func(ctx context.Context, with func(*v1alpha1.RecordSet), text string) {
		before := s.State()
		record := RecordSet("www", "www", InZone(id), with)
		s.Create(ctx, record)
		Eventually(Live(ctx, s, record)).Should(BeStalled(v1alpha1.ReasonConflict, "www.example.com. A", text))
		Eventually(s.EventsOf(ctx, Get(ctx, s, record))).Should(ContainElement(And(HavePrefix("Conflict: "), ContainSubstring("www.example.com. A"), ContainSubstring(text))))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))

		By("healing once it is gone")
		s.Remove(ctx, id, Record("www.example.com.", types.RRTypeA, "203.0.113.2", "203.0.113.1"))
		s.ExpectReady(ctx, record)
		Expect(s.Records(id)).To(HaveLen(1))
	},
		Entry("when it differs, of which it names the field", WithValues("192.0.2.1"), "(resourceRecords: 203.0.113.1, 203.0.113.2 → 192.0.2.1)"),
		Entry("when nothing may be taken over, though it is identical", func(r *v1alpha1.RecordSet) {
			WithValues("203.0.113.1", "203.0.113.2")(r)
			adopting(v1alpha1.AdoptionNever)(r)
		}, "spec.adoptionPolicy to IfIdentical or Always"),
	)

	DescribeTable("survives the deletion of the object that conflicted with it", func(ctx context.Context, with func(*v1alpha1.RecordSet), reason string) {
		record := RecordSet("www", "www", InZone(id), with)
		s.Create(ctx, record)
		Eventually(Live(ctx, s, record)).Should(BeStalled(reason))
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
		Expect(s.Records(id)).To(ConsistOf(theirs))
	},
		Entry("by being another", WithValues("192.0.2.1"), v1alpha1.ReasonConflict),
		Entry("by its type", WithType("CNAME", "example.org."), v1alpha1.ReasonConflict),
	)
})

var _ = Describe("Two RecordSets of one record", func() {
	s := newStory()

	It("leave it to the older one, and the younger takes over without a gap", func(ctx context.Context) {
		m := s.StartManager(ctx)
		first := RecordSet("b-first", "www")
		s.Create(ctx, Zone(), first)
		s.ExpectReady(ctx, first)
		second := RecordSet("a-second", "www.example.com.", WithValues("192.0.2.2"))
		s.Create(ctx, second)
		Eventually(Live(ctx, s, second)).Should(BeStalled(v1alpha1.ReasonConflict, s.Namespace+"/b-first"))
		s.ExpectQuiet(ctx)
		id := s.OnlyZone()
		Expect(s.Records(id)).To(ConsistOf(wwwA))

		s.Delete(ctx, first)
		s.ExpectGone(ctx, first)
		s.ExpectReady(ctx, second)
		Expect(s.Records(id)).To(ConsistOf("www.example.com. A 60 192.0.2.2"))
		for _, batch := range m.Endpoint.Batches() {
			Expect(batch).NotTo(ContainElement(HavePrefix("DELETE")))
		}
		s.ExpectQuiet(ctx)
	})

	It("leave it to the older one when the younger goes", func(ctx context.Context) {
		s.StartManager(ctx)
		first, second := RecordSet("first", "www"), RecordSet("second", "www")
		s.Create(ctx, Zone(), first)
		s.ExpectReady(ctx, first)
		s.Create(ctx, second)
		Eventually(Live(ctx, s, second)).Should(BeStalled(v1alpha1.ReasonConflict))
		s.Delete(ctx, second)
		s.ExpectGone(ctx, second)
		s.ExpectReady(ctx, first)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(wwwA))
	})

	It("swap their names", func(ctx context.Context) {
		s.StartManager(ctx)
		a, b := RecordSet("a", "a"), RecordSet("b", "b", WithValues("192.0.2.2"))
		s.Create(ctx, Zone(), a, b)
		s.ExpectReady(ctx, a, b)
		Edit(ctx, s, a, func(r *v1alpha1.RecordSet) { r.Spec.Name = "b" })
		Edit(ctx, s, b, func(r *v1alpha1.RecordSet) { r.Spec.Name = "a" })
		s.ExpectReady(ctx, a, b)
		Eventually(s.Records).WithArguments(s.OnlyZone()).Should(ConsistOf("a.example.com. A 60 192.0.2.2", "b.example.com. A 60 192.0.2.1"))
		s.ExpectQuiet(ctx)
	})
})
