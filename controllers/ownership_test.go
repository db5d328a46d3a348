package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("A hosted zone that exists already", func() {
	s := newStory()
	var foreign string
	BeforeEach(func(ctx context.Context) {
		foreign = s.MakeZone(ctx, Domain, "theirs", "team=theirs")
		s.Put(ctx, foreign, Record("www.example.com.", types.RRTypeA, "203.0.113.1"))
	})

	It("is a Conflict and stays as it is", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		before := s.State()
		zone := Zone(WithComment("mine"))
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, foreign, "spec.adopt.id"))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))

		By("healing once it is gone")
		s.Remove(ctx, foreign, Record("www.example.com.", types.RRTypeA, "203.0.113.1"))
		_, err := s.Route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &foreign})
		Expect(err).NotTo(HaveOccurred())
		s.ExpectReady(ctx, zone)
		Expect(s.OnlyZone()).NotTo(Equal(foreign))
	})

	It("survives the deletion of the object that conflicted with it", func(ctx context.Context) {
		s.StartManager(ctx)
		before := s.State()
		zone := Zone()
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict))
		s.Delete(ctx, zone)
		s.ExpectGone(ctx, zone)
		Expect(s.State()).To(Equal(before))
	})

	DescribeTable("is taken over", func(ctx context.Context, build func(id string) *v1alpha1.HostedZone, comment string) {
		s.StartManager(ctx)
		zone := build(foreign)
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		Expect(s.OnlyZone()).To(Equal(foreign))
		live := Get(ctx, s, zone)
		Expect(live.Status.ID).To(Equal(foreign))
		Expect(live.Status.NameServers).To(HaveLen(4))
		Expect(s.Comment(ctx, foreign)).To(Equal(comment))
		Expect(s.Tags(ctx, foreign)).To(ConsistOf("team=theirs"))
		Expect(s.AllTags(ctx, foreign)).To(ContainElement("evenkeel.io/cluster=" + ClusterID))
		Expect(s.Records(foreign)).To(ConsistOf("www.example.com. A 60 203.0.113.1"))
		Eventually(s.EventsOf(ctx, live)).Should(ContainElement(HavePrefix("Adopted: Took over hosted zone example.com.")))
		s.ExpectQuiet(ctx)
	},
		Entry("by its id", func(id string) *v1alpha1.HostedZone { return Zone(Adopting(id)) }, "theirs"),
		Entry("by its id, whatever the policy", func(id string) *v1alpha1.HostedZone {
			return Zone(Adopting(id), WithComment("mine"), Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionNever))
		}, "mine"),
		Entry("when anything may be", func(string) *v1alpha1.HostedZone {
			return Zone(WithComment("mine"), Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionAlways))
		}, "mine"),
		Entry("when it is identical", func(string) *v1alpha1.HostedZone {
			return Zone(WithComment("theirs"), WithTag("team", "theirs"), Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionIfIdentical))
		}, "theirs"),
		Entry("when nothing that differs is declared", func(string) *v1alpha1.HostedZone {
			return Zone(Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionIfIdentical))
		}, "theirs"),
	)

	DescribeTable("is left alone", func(ctx context.Context, build func(id string) *v1alpha1.HostedZone, reason, text string) {
		s.StartManager(ctx)
		other := s.MakeZone(ctx, "example.org", "")
		before := s.State()
		zone := build(other)
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(reason, text))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))
		s.Delete(ctx, zone)
		s.ExpectGone(ctx, zone)
		Expect(s.State()).To(Equal(before))
	},
		Entry("when it differs and only an identical one may be taken", func(string) *v1alpha1.HostedZone {
			return Zone(WithComment("mine"), Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionIfIdentical))
		}, v1alpha1.ReasonConflict, "spec.adoptionPolicy to Always"),
		Entry("when the id is that of another name", func(id string) *v1alpha1.HostedZone { return Zone(Adopting(id)) },
			v1alpha1.ReasonInvalidSpec, "example.org."),
		Entry("when the id is none", func(string) *v1alpha1.HostedZone {
			return HostedZone("zone", "example.net", Adopting("Z0000000000000000000"))
		}, v1alpha1.ReasonInvalidSpec, "does not exist"),
	)

	It("is not guessed among several of its name", func(ctx context.Context) {
		second := s.MakeZone(ctx, Domain, "theirs too")
		s.StartManager(ctx)
		zone := Zone(Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionAlways))
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, foreign, second, "spec.adopt.id"))
		s.ExpectQuiet(ctx)
		Edit(ctx, s, zone, Adopting(second))
		s.ExpectReady(ctx, zone)
		Expect(Get(ctx, s, zone).Status.ID).To(Equal(second))
		Expect(s.AllTags(ctx, foreign)).To(ConsistOf("team=theirs"))
	})
})

var _ = Describe("A cluster that was lost", func() {
	s := newStory()
	var zone *v1alpha1.HostedZone
	var record, weighted *v1alpha1.RecordSet
	manifests := func() {
		zone = Zone(WithComment("kept"), WithTag("team", "platform"))
		record = RecordSet("www", "www")
		weighted = RecordSet("blue", "api", WithWeight("blue", 10))
	}
	var id string
	BeforeEach(func(ctx context.Context) {
		manifests()
		m := s.StartManager(ctx, ManagerOptions{ClusterID: "old"})
		s.Create(ctx, zone, record, weighted)
		s.ExpectReady(ctx, zone, record, weighted)
		m.Stop()
		id = s.OnlyZone()
		for _, obj := range s.Objects(ctx) {
			s.Vanish(ctx, obj)
		}
		manifests()
	})

	It("is restored from its manifests and its id", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{ClusterID: "old"})
		before := s.Writes()
		s.Create(ctx, weighted, record, zone)
		s.ExpectReady(ctx, zone, record, weighted)
		Expect(s.OnlyZone()).To(Equal(id))
		Expect(s.Records(id)).To(HaveLen(2))
		Expect(s.Writes()).To(Equal(before), "everything was there")
		s.ExpectQuiet(ctx)

		By("owning it again")
		s.Delete(ctx, zone, record, weighted)
		s.ExpectGone(ctx, zone, record, weighted)
		Expect(s.Zones()).To(BeEmpty())
	})

	It("keeps what it has from a cluster with another id", func(ctx context.Context) {
		before := s.State()
		s.StartManager(ctx, ManagerOptions{ClusterID: "new"})
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, id, "cluster old"))
		s.Create(ctx, record)
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "cluster old"))
		s.Delete(ctx, zone, record)
		s.ExpectGone(ctx, zone, record)
		Expect(s.State()).To(Equal(before))
	})
})
