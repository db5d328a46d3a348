package controllers_test

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

var _ = Describe("Deletion", func() {
	s := newStory()
	var m *Manager
	var zone *v1alpha1.HostedZone
	var id string
	begin := func(ctx context.Context, options ManagerOptions, objects ...lifecycle.Object) {
		GinkgoHelper()
		m = s.StartManager(ctx, options)
		s.Create(ctx, zone)
		for _, obj := range objects {
			s.Create(ctx, obj)
		}
		s.ExpectReady(ctx, append(objects, zone)...)
		id = s.OnlyZone()
	}
	BeforeEach(func() { zone = Zone() })

	It("of a zone leaves nothing", func(ctx context.Context) {
		begin(ctx, ManagerOptions{})
		s.Delete(ctx, zone)
		s.ExpectGone(ctx, zone)
		Expect(s.Zones()).To(BeEmpty())
		Eventually(s.EventsOf(ctx, zone)).Should(ContainElement("Deleted: Deleted hosted zone example.com."))
	})

	It("of a zone waits for the records of others, names them, and goes on when they are gone", func(ctx context.Context) {
		begin(ctx, ManagerOptions{Resync: soon})
		foreign := []types.ResourceRecordSet{
			Record("ftp.example.com.", types.RRTypeA, "203.0.113.1"), Record("*.example.com.", types.RRTypeTxt, `"hello"`),
		}
		s.Put(ctx, id, foreign...)
		s.Delete(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "2 records", "ftp.example.com. A", "example.com. TXT", "spec.deletionPolicy"))
		s.ExpectQuiet(ctx)
		s.Remove(ctx, id, foreign...)
		s.Look(ctx, zone) // or wait: a blocked deletion is looked at again every half minute
		s.ExpectGone(ctx, zone)
		Expect(s.Zones()).To(BeEmpty())
	})

	It("of a zone can be changed to leave it", func(ctx context.Context) {
		begin(ctx, ManagerOptions{})
		s.Put(ctx, id, Record("ftp.example.com.", types.RRTypeA, "203.0.113.1"))
		s.Delete(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked))
		Edit(ctx, s, zone, Retained)
		s.ExpectGone(ctx, zone)
		Expect(s.Zones()).To(ConsistOf(id))
	})

	It("of a zone waits for the RecordSets in it, and names them", func(ctx context.Context) {
		www, mail := RecordSet("www", "www"), RecordSet("mail", "mail")
		begin(ctx, ManagerOptions{}, www, mail)
		s.Delete(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeWaiting(v1alpha1.ReasonDeletionBlocked, "2 RecordSets", s.Namespace+"/mail", s.Namespace+"/www"))
		Eventually(Live(ctx, s, www)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "HostedZone zone is being deleted"))
		Expect(s.Records(id)).To(HaveLen(2))
		s.Delete(ctx, www, mail)
		s.ExpectGone(ctx, www, mail, zone)
		Expect(s.Zones()).To(BeEmpty())
	})

	DescribeTable("of everything at once works in any order", func(ctx context.Context, order ...string) {
		objects := map[string]lifecycle.Object{
			"www": RecordSet("www", "www"), "alias": RecordSet("alias", "@", WithAliasTo("www")),
			"blue": RecordSet("blue", "api", WithWeight("blue", 1)),
		}
		begin(ctx, ManagerOptions{}, objects["www"], objects["alias"], objects["blue"])
		objects["zone"] = zone
		for _, name := range order {
			s.Delete(ctx, objects[name])
		}
		for _, name := range order {
			s.ExpectGone(ctx, objects[name])
		}
		Expect(s.Zones()).To(BeEmpty())
		Expect(m.Endpoint.Batches()).To(HaveEach(Not(BeEmpty())))
	},
		Entry("zone first", "zone", "www", "alias", "blue"),
		Entry("zone last", "alias", "blue", "www", "zone"),
		Entry("zone between", "www", "zone", "blue", "alias"),
	)

	It("of records whose zone object is gone finishes", func(ctx context.Context) {
		www := RecordSet("www", "www")
		begin(ctx, ManagerOptions{}, www)
		s.Vanish(ctx, zone)
		Eventually(Live(ctx, s, www)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "HostedZone zone"))
		Expect(s.Records(id)).To(ConsistOf(wwwA))
		s.Delete(ctx, www)
		s.ExpectGone(ctx, www)
		Expect(s.Records(id)).To(BeEmpty())
	})

	It("of records whose zone is gone finishes", func(ctx context.Context) {
		www := RecordSet("www", "www")
		begin(ctx, ManagerOptions{}, www)
		s.Remove(ctx, id, Record("www.example.com.", types.RRTypeA, "192.0.2.1"))
		_, err := s.Route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &id})
		Expect(err).NotTo(HaveOccurred())
		s.Delete(ctx, www, zone)
		s.ExpectGone(ctx, www, zone)
	})

	It("of a record that somebody deleted already finishes", func(ctx context.Context) {
		www := RecordSet("www", "www")
		begin(ctx, ManagerOptions{}, www)
		s.Remove(ctx, id, Record("www.example.com.", types.RRTypeA, "192.0.2.1"))
		s.Delete(ctx, www)
		s.ExpectGone(ctx, www)
	})

	It("of a zone object whose zone another has taken over leaves it", func(ctx context.Context) {
		begin(ctx, ManagerOptions{})
		s.SetTags(ctx, id, "evenkeel.io/cluster=other")
		s.Delete(ctx, zone)
		s.ExpectGone(ctx, zone)
		Expect(s.Zones()).To(ConsistOf(id))
	})

	It("keeps what is to be retained", func(ctx context.Context) {
		zone = Zone(Retained)
		www := RecordSet("www", "www", Retained)
		begin(ctx, ManagerOptions{}, www)
		before := s.State()
		s.Delete(ctx, www, zone)
		s.ExpectGone(ctx, www, zone)
		Expect(s.State()).To(Equal(before))
	})

	It("of a retained zone lets its records go on being deleted", func(ctx context.Context) {
		zone = Zone(Retained)
		www := RecordSet("www", "www")
		begin(ctx, ManagerOptions{}, www)
		s.Delete(ctx, zone)
		s.ExpectGone(ctx, zone)
		s.Delete(ctx, www)
		s.ExpectGone(ctx, www)
		Expect(s.Zones()).To(ConsistOf(id))
		Expect(s.Records(id)).To(BeEmpty())
	})

	It("goes on after a restart", func(ctx context.Context) {
		www := RecordSet("www", "www")
		begin(ctx, ManagerOptions{}, www)
		m.Stop()
		deleted := []client.Object{zone, www}
		s.Delete(ctx, slices.Clone(deleted)...)
		s.StartManager(ctx)
		s.ExpectGone(ctx, deleted...)
		Expect(s.Zones()).To(BeEmpty())
	})
})
