package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("A private HostedZone", func() {
	s := newStory()
	BeforeEach(func() { s.AddVPCs() })
	ready := func(ctx context.Context, zone *v1alpha1.HostedZone) string {
		GinkgoHelper()
		s.ExpectReady(ctx, zone)
		return Get(ctx, s, zone).Status.ID
	}

	It("is created with its VPCs and holds records", func(ctx context.Context) {
		s.StartManager(ctx)
		zone, record := Zone(WithComment("inside"), WithVPCs(VPC1, VPC2, VPC3)), RecordSet("www", "www")
		s.Create(ctx, zone, record)
		s.ExpectReady(ctx, zone, record)
		id := s.OnlyZone()
		Expect(s.VPCsOf(id)).To(ConsistOf(VPC1, VPC2, VPC3))
		Expect(s.Comment(ctx, id)).To(Equal("inside"))
		live := Get(ctx, s, zone)
		Expect(live.Status.NameServers).To(BeEmpty())
		Expect(live.Status.ChangeID).To(BeEmpty())
		Expect(live.Status.VPCs).To(HaveExactElements(
			v1alpha1.HostedZoneVPCStatus{ID: VPC1, Region: "us-east-1", State: v1alpha1.VPCAssociated},
			v1alpha1.HostedZoneVPCStatus{ID: VPC3, Region: "us-east-1", State: v1alpha1.VPCAssociated},
			v1alpha1.HostedZoneVPCStatus{ID: VPC2, Region: "us-east-1", State: v1alpha1.VPCAssociated}))
		Expect(live.Status.ManagedFields).To(ContainElements("vpcs."+VPC1, "vpcs."+VPC2, "vpcs."+VPC3))
		s.ExpectQuiet(ctx)
		s.Delete(ctx, zone, record)
		s.ExpectGone(ctx, zone, record)
		Expect(s.Zones()).To(BeEmpty())
	})

	It("may have a single label", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := HostedZone("internal", "internal", WithVPCs(VPC1))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
	})

	It("exchanges all its VPCs, and leaves those of others", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone(WithVPCs(VPC1))
		s.Create(ctx, zone)
		id := ready(ctx, zone)
		s.Associate(ctx, id, VPC3)
		Edit(ctx, s, zone, WithVPCs(VPC2))
		Eventually(s.VPCsOf).WithArguments(id).Should(ConsistOf(VPC2, VPC3))
		s.ExpectReady(ctx, zone)
		Eventually(s.EventsOf(ctx, zone)).Should(ContainElement(ContainSubstring("vpcs.%s: (none) → Associated", VPC2)))
		Expect(Get(ctx, s, zone).Status.ManagedFields).To(ConsistOf("vpcs." + VPC2))
		s.ExpectQuiet(ctx)

		By("being told to hold no others")
		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) { z.Spec.VPCsPolicy = v1alpha1.VPCsExclusive })
		Eventually(s.VPCsOf).WithArguments(id).Should(ConsistOf(VPC2))
		s.ExpectReady(ctx, zone)
		s.ExpectQuiet(ctx)
	})

	It("is repaired when others change its VPCs", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone(WithVPCs(VPC1, VPC2))
		s.Create(ctx, zone)
		id := ready(ctx, zone)
		s.ExpectSettled(ctx)
		s.Disassociate(ctx, id, VPC2)
		Eventually(s.VPCsOf).WithArguments(id).Should(ConsistOf(VPC1, VPC2))
		Eventually(s.EventsOf(ctx, zone)).Should(ContainElement(
			"DriftRepaired: Set right what had been changed outside: hosted zone example.com. (vpcs.vpc-0two: (none) → Associated)"))
		s.ExpectReady(ctx, zone)
	})

	It("never meets a public namesake, or a private one of other VPCs", func(ctx context.Context) {
		public, other := s.MakeZone(ctx, Domain, "theirs"), s.MakePrivateZone(ctx, Domain, VPC3)
		s.StartManager(ctx)
		zone, second, outside := Zone(WithVPCs(VPC1)), HostedZone("second", Domain, WithVPCs(VPC2)), RecordSet("www", "www")
		s.Create(ctx, zone, second, outside)
		s.ExpectReady(ctx, zone, second, outside)
		Expect(s.Zones()).To(HaveLen(4))
		mine, its := Get(ctx, s, zone).Status.ID, Get(ctx, s, second).Status.ID
		Expect([]string{mine, its}).NotTo(ContainElement(BeElementOf(public, other)))
		Expect(mine).NotTo(Equal(its))
		Expect(s.Records(mine)).To(HaveLen(1))
		Expect(s.Records(its)).To(BeEmpty())
		Expect(s.VPCsOf(other)).To(ConsistOf(VPC3))
		s.ExpectQuiet(ctx)
	})

	It("is a Conflict with one that answers in a VPC of the spec, or takes it over", func(ctx context.Context) {
		theirs := s.MakePrivateZone(ctx, Domain, VPC1)
		before := s.State()
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone(WithVPCs(VPC2, VPC1))
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, theirs))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))
		Edit(ctx, s, zone, Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionIfIdentical))
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, "VPCs"))
		Edit(ctx, s, zone, Adoption[*v1alpha1.HostedZone](v1alpha1.AdoptionAlways))
		s.ExpectReady(ctx, zone)
		Expect(s.OnlyZone()).To(Equal(theirs))
		Expect(s.VPCsOf(theirs)).To(ConsistOf(VPC1, VPC2))
	})

	It("says in AWS's words that a VPC has another zone of the name", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone(WithVPCs(VPC1))
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		theirs := s.MakePrivateZone(ctx, Domain, VPC2)
		Edit(ctx, s, zone, WithVPCs(VPC1, VPC2))
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, theirs, "already been associated"))
		Expect(s.VPCsOf(theirs)).To(ConsistOf(VPC2))
	})

	It("is not taken for a public one by its id", func(ctx context.Context) {
		theirs := s.MakePrivateZone(ctx, Domain, VPC1)
		public := s.MakeZone(ctx, "example.org", "")
		s.StartManager(ctx)
		asPublic, asPrivate := Zone(Adopting(theirs)), HostedZone("org", "example.org", WithVPCs(VPC1), Adopting(public))
		s.Create(ctx, asPublic, asPrivate)
		Eventually(Live(ctx, s, asPublic)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "is private; this object declares a public zone"))
		Eventually(Live(ctx, s, asPrivate)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "is public; this object declares a private zone"))
	})

	It("says what to do about a VPC of another account", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone(WithVPCs(VPC1, ForeignVPC))
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonAccessDenied, ForeignVPC, "authorizeOnly"))
		Expect(s.VPCsOf(s.OnlyZone())).To(ConsistOf(VPC1))
	})

	It("plans and observes without touching anything", func(ctx context.Context) {
		theirs := s.MakePrivateZone(ctx, Domain, VPC1)
		s.Associate(ctx, theirs, VPC3)
		Eventually(s.State).ShouldNot(ContainSubstring("busyUntil"), "others are at work")
		before := s.State()
		s.StartManager(ctx)
		planned := Zone(WithVPCs(VPC1, VPC2), Adopting(theirs), Managed[*v1alpha1.HostedZone](v1alpha1.ManagementPlan))
		planned.Spec.VPCsPolicy = v1alpha1.VPCsExclusive
		observed := HostedZone("observed", Domain, WithVPCs(VPC1, VPC2), Adopting(theirs), Managed[*v1alpha1.HostedZone](v1alpha1.ManagementObserve))
		s.Create(ctx, planned, observed)
		Eventually(Live(ctx, s, planned)).Should(HaveReason("Ready", v1alpha1.ReasonPlanOnly))
		Expect(Get(ctx, s, planned).Status.Plan).To(ContainElements(
			v1alpha1.PlannedChange{Verb: "Update", Resource: "hosted zone example.com.", Field: "vpcs." + VPC2, To: "Associated"},
			v1alpha1.PlannedChange{Verb: "Update", Resource: "hosted zone example.com.", Field: "vpcs." + VPC3, From: "Associated"}))
		Eventually(Live(ctx, s, observed)).Should(HaveReason("Ready", v1alpha1.ReasonObserveOnly, "vpcs."+VPC2))
		s.ExpectQuiet(ctx)
		Expect(s.State()).To(Equal(before))
		s.Delete(ctx, planned, observed)
		s.ExpectGone(ctx, planned, observed)
		Expect(s.State()).To(Equal(before))
	})

	It("authorises a VPC of another account, which its owner associates", func(ctx context.Context) {
		stranger := s.As(ctx, Stranger)
		s.StartManager(ctx)
		zone := Zone(WithVPCs(VPC1), WithAuthorized(ForeignVPC))
		s.Create(ctx, zone)
		id := ready(ctx, zone)
		Expect(s.AuthorizedVPCs(ctx, id)).To(ConsistOf(ForeignVPC))
		live := Get(ctx, s, zone)
		Expect(live.Status.VPCs).To(ContainElement(v1alpha1.HostedZoneVPCStatus{ID: ForeignVPC, Region: "us-east-1", State: v1alpha1.VPCAuthorized}))
		Expect(live).To(HaveReason("Ready", v1alpha1.ReasonConverged, ForeignVPC, "owner of the VPC"))
		s.ExpectQuiet(ctx)

		By("the owner associating it, after which the authorisation is withdrawn")
		AssociateBy(ctx, stranger, id, ForeignVPC)
		s.Look(ctx, zone)
		Eventually(s.AuthorizedVPCs).WithArguments(ctx, id).Should(BeEmpty())
		Eventually(Live(ctx, s, zone)).Should(HaveField("Status.VPCs", ContainElement(
			v1alpha1.HostedZoneVPCStatus{ID: ForeignVPC, Region: "us-east-1", State: v1alpha1.VPCAssociated})))
		s.ExpectQuiet(ctx)

		By("removing it from the spec")
		Edit(ctx, s, zone, WithVPCs(VPC1))
		Eventually(s.VPCsOf).WithArguments(id).Should(ConsistOf(VPC1))
		s.ExpectReady(ctx, zone)
		s.ExpectQuiet(ctx)
	})

	It("withdraws an authorisation that is no longer declared, and no other", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone(WithVPCs(VPC1), WithAuthorized(ForeignVPC))
		s.Create(ctx, zone)
		id := ready(ctx, zone)
		s.Authorize(ctx, id, VPC3)
		Edit(ctx, s, zone, WithVPCs(VPC1))
		Eventually(s.AuthorizedVPCs).WithArguments(ctx, id).Should(ConsistOf(VPC3))
		s.ExpectReady(ctx, zone)
		s.ExpectQuiet(ctx)
	})

	DescribeTable("is refused at admission", func(ctx context.Context, change func(*v1alpha1.HostedZone), text string) {
		zone := Zone(WithVPCs(VPC1))
		s.Create(ctx, zone)
		change(zone)
		Expect(s.Client.Update(ctx, zone)).To(MatchError(ContainSubstring(text)))
	},
		Entry("made public", WithVPCs(), "cannot turn from public to private or back"),
		Entry("without an own VPC", func(z *v1alpha1.HostedZone) {
			WithVPCs()(z)
			WithAuthorized(VPC1)(z)
		}, "at least one of spec.vpcs without authorizeOnly"),
		Entry("with a VPC twice", WithVPCs(VPC1, VPC1), "Duplicate value"),
		Entry("with what is no VPC", WithVPCs("subnet-1"), "spec.vpcs[0].id"),
	)

	It("cannot be made of a public one", func(ctx context.Context) {
		zone := Zone()
		s.Create(ctx, zone)
		WithVPCs(VPC1)(zone)
		Expect(s.Client.Update(ctx, zone)).To(MatchError(ContainSubstring("cannot turn from public to private or back")))
		Expect(s.Client.Create(ctx, HostedZone("one", "com", InNamespace[*v1alpha1.HostedZone](s.Namespace)))).
			To(MatchError(ContainSubstring("at least two labels")))
	})

	Context("when its VPCs are exchanged", func() {
		var zone *v1alpha1.HostedZone
		BeforeEach(func() { zone = Zone(WithVPCs(VPC1, VPC2)) })
		exchange := func(ctx context.Context) { Edit(ctx, s, zone, WithVPCs(VPC2, VPC3)) }
		expectDone := func(ctx context.Context) {
			GinkgoHelper()
			id := ready(ctx, zone)
			Expect(s.OnlyZone()).To(Equal(id))
			Expect(s.VPCsOf(id)).To(ConsistOf(VPC2, VPC3))
			s.ExpectQuiet(ctx)
		}
		crashAndFail(s, []string{"AssociateVPCWithHostedZone", "DisassociateVPCFromHostedZone"},
			madeReady(s, &zone), exchange, expectDone)
	})

	Context("when the VPC to authorise is exchanged", func() {
		var zone *v1alpha1.HostedZone
		BeforeEach(func() { zone = Zone(WithVPCs(VPC1), WithAuthorized(ForeignVPC)) })
		crashAndFail(s, []string{"CreateVPCAssociationAuthorization", "DeleteVPCAssociationAuthorization"},
			madeReady(s, &zone),
			func(ctx context.Context) {
				Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) {
					WithVPCs(VPC1)(z)
					WithAuthorized(VPC3)(z)
				})
			},
			func(ctx context.Context) {
				GinkgoHelper()
				id := ready(ctx, zone)
				Expect(s.AuthorizedVPCs(ctx, id)).To(ConsistOf(VPC3))
				s.ExpectQuiet(ctx)
			})
	})

	Context("when it is made", func() {
		var zone *v1alpha1.HostedZone
		BeforeEach(func() { zone = nil })
		crashAndFail(s, []string{"CreateHostedZone", "AssociateVPCWithHostedZone"}, nothing,
			func(ctx context.Context) {
				zone = Zone(WithVPCs(VPC1, VPC2))
				s.Create(ctx, zone)
			},
			func(ctx context.Context) {
				GinkgoHelper()
				id := ready(ctx, zone)
				Expect(s.OnlyZone()).To(Equal(id))
				Expect(s.VPCsOf(id)).To(ConsistOf(VPC1, VPC2))
				s.ExpectQuiet(ctx)
			})
	})
})
