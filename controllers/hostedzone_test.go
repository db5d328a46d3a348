package controllers_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// soon is a resync period for stories in which something is to be noticed that no watch tells.
const soon = 300 * time.Millisecond

var _ = Describe("HostedZone", func() {
	s := newStory()

	It("is created from a name alone", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)

		id := s.OnlyZone()
		live := Get(ctx, s, zone)
		Expect(live.Status.ID).To(Equal(id))
		Expect(live.Status.NameServers).To(HaveLen(4))
		Expect(live.Status.ChangeID).To(BeEmpty())
		Expect(live.Status.ManagedFields).To(BeEmpty())
		Expect(live.Finalizers).To(ConsistOf(v1alpha1.Finalizer))
		Expect(s.AllTags(ctx, id)).To(ConsistOf("evenkeel.io/cluster="+ClusterID, "evenkeel.io/object=HostedZone/"+s.Namespace+"/zone"))
		Expect(s.Comment(ctx, id)).To(BeEmpty())
		Eventually(s.EventsOf(ctx, live)).Should(ContainElement("Created: Created hosted zone example.com."))
		s.ExpectQuiet(ctx)
	})

	It("is created with everything", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := HostedZone("zone", "Example.COM.", WithComment("Kept by Evenkeel: <b>&amp; more</b>"))
		var tags []string
		for i := range 25 { // more than one call takes
			WithTag(fmt.Sprintf("key/%d", i), fmt.Sprintf("value %d", i))(zone)
			tags = append(tags, fmt.Sprintf("key/%d=value %d", i, i))
		}
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)

		id := s.OnlyZone()
		Expect(s.Sim.Zones()[0].Name).To(Equal("example.com."))
		Expect(s.Comment(ctx, id)).To(Equal("Kept by Evenkeel: <b>&amp; more</b>"))
		Expect(s.Tags(ctx, id)).To(ConsistOf(tags))
		Expect(Get(ctx, s, zone).Spec.Name).To(Equal("Example.COM."), "the spelling is the user's")
		s.ExpectQuiet(ctx)
	})

	It("does not touch what it does not declare", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		id := s.OnlyZone()
		s.SetComment(ctx, id, "by hand")
		s.SetTags(ctx, id, "cost-center=42")
		s.ExpectQuiet(ctx)
		Expect(s.Comment(ctx, id)).To(Equal("by hand"))
		Expect(s.Tags(ctx, id)).To(ConsistOf("cost-center=42"))
	})

	Context("with a comment and tags", func() {
		var zone *v1alpha1.HostedZone
		var id string
		BeforeEach(func(ctx context.Context) {
			zone = Zone(WithComment("first"), WithTag("team", "platform"), WithTag("stage", "test"))
			s.Create(ctx, zone)
			m := s.StartManager(ctx)
			s.ExpectReady(ctx, zone)
			id = s.OnlyZone()
			s.SetTags(ctx, id, "foreign=stays")
			s.ExpectSettled(ctx)
			m.Stop()
		})

		It("follows each field", func(ctx context.Context) {
			s.StartManager(ctx)
			Edit(ctx, s, zone, WithComment("second"))
			Eventually(s.Comment).WithArguments(ctx, id).Should(Equal("second"))
			s.ExpectReady(ctx, zone)
			Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) {
				WithTag("team", "dns")(z)
				WithTag("new", "")(z)
			})
			Eventually(s.Tags).WithArguments(ctx, id).Should(ConsistOf("team=dns", "stage=test", "new=", "foreign=stays"))
			s.ExpectReady(ctx, zone)
			Eventually(s.EventsOf(ctx, zone)).Should(ContainElements(
				"Created: Created hosted zone example.com.",
				"Updated: Updated hosted zone example.com. (comment: first → second)"))
			Expect(s.OnlyZone()).To(Equal(id))
			s.ExpectQuiet(ctx)
		})

		It("resets what is no longer declared, even if that happened while no controller ran", func(ctx context.Context) {
			Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) {
				z.Spec.Comment = nil
				delete(z.Spec.Tags, "stage")
			})
			s.StartManager(ctx)
			s.ExpectReady(ctx, zone)
			Expect(s.Comment(ctx, id)).To(BeEmpty())
			Expect(s.Tags(ctx, id)).To(ConsistOf("team=platform", "foreign=stays"))
			s.ExpectQuiet(ctx)

			By("no longer managing the comment")
			s.SetComment(ctx, id, "by hand")
			s.ExpectQuiet(ctx)
			Expect(s.Comment(ctx, id)).To(Equal("by hand"))
		})

		It("is cleared of its comment by an empty one", func(ctx context.Context) {
			s.StartManager(ctx)
			Edit(ctx, s, zone, WithComment(""))
			Eventually(s.Comment).WithArguments(ctx, id).Should(BeEmpty())
			s.ExpectReady(ctx, zone)
			s.ExpectQuiet(ctx)
		})

		It("is repaired when others change it", func(ctx context.Context) {
			s.StartManager(ctx, ManagerOptions{Resync: soon})
			s.SetComment(ctx, id, "vandal")
			Eventually(s.Comment).WithArguments(ctx, id).Should(Equal("first"))
			Eventually(s.EventsOf(ctx, zone)).Should(ContainElement(
				"DriftRepaired: Set right what had been changed outside: hosted zone example.com. (comment: vandal → first)"))
			s.SetTags(ctx, id, "team=vandals")
			Eventually(s.Tags).WithArguments(ctx, id).Should(ConsistOf("team=platform", "stage=test", "foreign=stays"))
			Eventually(s.EventsOf(ctx, zone)).Should(ContainElement(
				"DriftRepaired: Set right what had been changed outside: hosted zone example.com. (tags.team: vandals → platform)"))
			s.ExpectReady(ctx, zone)
			s.ExpectQuiet(ctx)
		})
	})

	It("is made again when it was deleted outside, and its records follow", func(ctx context.Context) {
		s.StartManager(ctx)
		zone, record := Zone(WithComment("mine")), RecordSet("www", "www")
		s.Create(ctx, zone, record)
		s.ExpectReady(ctx, zone, record)
		old := s.OnlyZone()
		s.Remove(ctx, old, Record("www.example.com.", types.RRTypeA, "192.0.2.1"))
		_, err := s.Route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &old})
		Expect(err).NotTo(HaveOccurred())

		s.Look(ctx, zone)
		Eventually(s.Zones).Should(And(HaveLen(1), Not(ContainElement(old))))
		id := s.OnlyZone()
		Eventually(func() string { return Get(ctx, s, zone).Status.ID }).Should(Equal(id))
		s.ExpectReady(ctx, zone)
		Eventually(s.Records).WithArguments(id).Should(ConsistOf("www.example.com. A 60 192.0.2.1"))
		s.ExpectReady(ctx, record)
		Eventually(func() []v1alpha1.RecordKey { return Get(ctx, s, record).Status.Records }).Should(ConsistOf(HaveField("HostedZoneID", id)))
		Eventually(s.EventsOf(ctx, zone)).Should(ContainElement(
			"DriftRepaired: Made again what had been deleted outside: hosted zone example.com."))
		s.ExpectQuiet(ctx)
	})

	DescribeTable("is made once", func(ctx context.Context, operation string, kind awssim.Kind, count int) {
		s.Fail(operation, kind, count)
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone, record := Zone(WithTag("team", "platform")), RecordSet("www", "www")
		s.Create(ctx, zone, record)
		s.ExpectReady(ctx, zone, record)
		id := s.OnlyZone()
		Expect(s.Records(id)).To(HaveLen(1))
		Expect(s.Tags(ctx, id)).To(ConsistOf("team=platform"))
		s.ExpectQuiet(ctx)
	},
		Entry("although its creation is throttled", "CreateHostedZone", awssim.Throttle, 3),
		Entry("although AWS throttles right after its creation", "ChangeTagsForResource", awssim.Throttle, 3),
		Entry("although the look-up is throttled", "ListHostedZonesByName", awssim.Throttle, 3),
		Entry("although looking at the change is throttled", "GetChange", awssim.Throttle, 2),
		Entry("although AWS fails after creating it", "CreateHostedZone", awssim.After500, 1),
		Entry("although every other answer is lost", "ChangeTagsForResource", awssim.Drop, 2),
	)

	It("says which permission is missing, and goes on once it is given", func(ctx context.Context) {
		m := s.StartManager(ctx, ManagerOptions{Resync: soon})
		m.Endpoint.Refuse(AccessDenied("POST", "/hostedzone", "route53:CreateHostedZone"))
		zone := Zone()
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonAccessDenied, "route53:CreateHostedZone"))
		Expect(s.Zones()).To(BeEmpty())
		m.Endpoint.Refuse()
		s.ExpectReady(ctx, zone)
		Eventually(s.EventsOf(ctx, zone)).Should(ContainElement(HavePrefix("AccessDenied: ")))
	})

	It("leaves a user's edits of the metadata alone", func(ctx context.Context) {
		s.StartManager(ctx)
		zone := Zone()
		zone.Labels = map[string]string{"app": "dns"}
		zone.Finalizers = []string{"example.com/other"}
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		live := Get(ctx, s, zone)
		Expect(live.Finalizers).To(ConsistOf("example.com/other", v1alpha1.Finalizer))
		Expect(live.Labels).To(Equal(zone.Labels))
		Expect(live.Annotations).To(BeEmpty())
		s.Delete(ctx, zone)
		Eventually(func() []string { return Get(ctx, s, zone).Finalizers }).Should(ConsistOf("example.com/other"))
		Expect(s.Zones()).To(BeEmpty())
	})
})
