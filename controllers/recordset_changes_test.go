package controllers_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

var _ = Describe("A record that is there", func() {
	s := newStory()
	var m *Manager
	var id string
	var zone *v1alpha1.HostedZone
	var record *v1alpha1.RecordSet
	start := func(ctx context.Context, with ...func(*v1alpha1.RecordSet)) {
		GinkgoHelper()
		m = s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone, record = Zone(), RecordSet("record", "www", with...)
		s.Create(ctx, zone, record)
		s.ExpectReady(ctx, zone, record)
		id = s.OnlyZone()
	}

	DescribeTable("follows its spec in one change", func(ctx context.Context, with []func(*v1alpha1.RecordSet), edit func(*v1alpha1.RecordSet), batch Batch, listed string) {
		start(ctx, with...)
		before := len(m.Endpoint.Batches())
		Edit(ctx, s, record, edit)
		Eventually(s.Records).WithArguments(id).Should(ConsistOf(listed))
		s.ExpectReady(ctx, record)
		s.ExpectQuiet(ctx)
		Expect(m.Endpoint.Batches()[before:]).To(Equal([]Batch{batch}))
		Expect(Get(ctx, s, record).Status.Records).To(HaveLen(1))
	},
		Entry("values", nil, WithValues("192.0.2.2", "192.0.2.3"),
			Batch{"UPSERT www.example.com. A"}, "www.example.com. A 60 192.0.2.2 192.0.2.3"),
		Entry("TTL", nil, WithTTL(0), Batch{"UPSERT www.example.com. A"}, "www.example.com. A 0 192.0.2.1"),
		Entry("A to CNAME", nil, WithType("CNAME", "example.org."),
			Batch{"DELETE www.example.com. A", "CREATE www.example.com. CNAME"}, "www.example.com. CNAME 60 example.org."),
		Entry("CNAME to A", []func(*v1alpha1.RecordSet){WithType("CNAME", "example.org.")}, WithType("A", "192.0.2.1"),
			Batch{"DELETE www.example.com. CNAME", "CREATE www.example.com. A"}, wwwA),
		Entry("the name", nil, func(r *v1alpha1.RecordSet) { r.Spec.Name = "web" },
			Batch{"DELETE www.example.com. A", "CREATE web.example.com. A"}, "web.example.com. A 60 192.0.2.1"),
		Entry("the weight", []func(*v1alpha1.RecordSet){WithWeight("blue", 10)}, WithWeight("blue", 0),
			Batch{"UPSERT www.example.com. A blue"}, "www.example.com. A blue 0 60 192.0.2.1"),
		Entry("the set identifier", []func(*v1alpha1.RecordSet){WithWeight("blue", 10)}, WithWeight("green", 10),
			Batch{"DELETE www.example.com. A blue", "CREATE www.example.com. A green"}, "www.example.com. A green 10 60 192.0.2.1"),
		Entry("simple to weighted", nil, WithWeight("blue", 10),
			Batch{"DELETE www.example.com. A", "CREATE www.example.com. A blue"}, "www.example.com. A blue 10 60 192.0.2.1"),
		Entry("weighted to simple", []func(*v1alpha1.RecordSet){WithWeight("blue", 10)}, func(r *v1alpha1.RecordSet) {
			r.Spec.SetIdentifier, r.Spec.RoutingPolicy = "", nil
		}, Batch{"DELETE www.example.com. A blue", "CREATE www.example.com. A"}, wwwA),
		Entry("values to an alias", nil, WithAlias(v1alpha1.AliasTarget{DNSName: "lb.us-east-1.elb.amazonaws.com", HostedZoneID: loadBalancers}),
			Batch{"UPSERT www.example.com. A"}, "www.example.com. A alias "+loadBalancers+" lb.us-east-1.elb.amazonaws.com."),
	)

	It("takes no call when only its spelling changes", func(ctx context.Context) {
		start(ctx, WithType("CNAME", "Example.ORG"))
		before := len(m.Endpoint.Batches())
		Edit(ctx, s, record, func(r *v1alpha1.RecordSet) {
			r.Spec.Name = "WWW.example.com."
			WithValues("example.org.")(r)
		})
		s.ExpectReady(ctx, record)
		s.ExpectQuiet(ctx)
		Expect(m.Endpoint.Batches()).To(HaveLen(before))
	})

	It("moves to another zone and answers all the while", func(ctx context.Context) {
		start(ctx)
		other := HostedZone("other", "example.net")
		s.Create(ctx, other)
		s.ExpectReady(ctx, other)
		before := len(m.Endpoint.Batches())
		Edit(ctx, s, record, InZoneOf("other"))
		Eventually(s.Records).WithArguments(id).Should(BeEmpty())
		s.ExpectReady(ctx, record)
		Expect(m.Endpoint.Batches()[before:]).To(Equal([]Batch{{"CREATE www.example.net. A"}, {"DELETE www.example.com. A"}}))
		Expect(s.Records(Get(ctx, s, other).Status.ID)).To(ConsistOf("www.example.net. A 60 192.0.2.1"))
		s.ExpectQuiet(ctx)
	})

	It("is repaired when others change it", func(ctx context.Context) {
		start(ctx)
		s.Put(ctx, id, Record("www.example.com.", types.RRTypeA, "203.0.113.9"))
		Eventually(s.Records).WithArguments(id).Should(ConsistOf(wwwA))
		Eventually(s.EventsOf(ctx, record)).Should(ContainElement(
			"DriftRepaired: Set right what had been changed outside: record www.example.com. A (resourceRecords: 203.0.113.9 → 192.0.2.1)"))
		s.ExpectReady(ctx, record)
		s.ExpectQuiet(ctx)
	})

	It("is made again when others delete it", func(ctx context.Context) {
		start(ctx)
		s.Remove(ctx, id, Record("www.example.com.", types.RRTypeA, "192.0.2.1"))
		Eventually(s.Records).WithArguments(id).Should(ConsistOf(wwwA))
		Eventually(s.EventsOf(ctx, record)).Should(ContainElement(
			"DriftRepaired: Made again what had been deleted outside: record www.example.com. A"))
		s.ExpectReady(ctx, record)
		s.ExpectQuiet(ctx)
	})

	It("is repaired in the very turn in which it is changed", func(ctx context.Context) {
		m = s.StartManager(ctx) // which learns nothing by itself
		zone, record = Zone(), RecordSet("record", "www")
		s.Create(ctx, zone, record)
		s.ExpectReady(ctx, zone, record)
		id = s.OnlyZone()
		By("rewriting a record that others have deleted")
		s.Remove(ctx, id, Record("www.example.com.", types.RRTypeA, "192.0.2.1"))
		Edit(ctx, s, record, WithTTL(300))
		s.ExpectReady(ctx, record)
		Expect(s.Records(id)).To(ConsistOf("www.example.com. A 300 192.0.2.1"))
		By("renaming a record that others have changed")
		s.Put(ctx, id, Record("www.example.com.", types.RRTypeA, "203.0.113.9"))
		Edit(ctx, s, record, func(r *v1alpha1.RecordSet) { r.Spec.Name = "web" })
		s.ExpectReady(ctx, record)
		Expect(s.Records(id)).To(ConsistOf("web.example.com. A 300 192.0.2.1"))
		By("deleting a record that others have changed")
		s.Put(ctx, id, Record("web.example.com.", types.RRTypeA, "203.0.113.9"))
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
		Expect(s.Records(id)).To(BeEmpty())
	})
})

var _ = Describe("Route 53 in trouble", func() {
	s := newStory()

	DescribeTable("holds records up and no more", func(ctx context.Context, operation string, kind awssim.Kind, count int) {
		s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		s.Fail(operation, kind, count)
		var records []lifecycle.Object
		for i := range 20 {
			record := RecordSet(fmt.Sprint("record-", i), numbered(i))
			records = append(records, record)
			s.Create(ctx, record)
		}
		s.ExpectReady(ctx, records...)
		Expect(s.Records(s.OnlyZone())).To(HaveLen(20))
		Expect(s.Sim.Faults()).To(BeEmpty())
		s.ExpectQuiet(ctx)
	},
		Entry("throttled changes", "ChangeResourceRecordSets", awssim.Throttle, 2),
		Entry("throttled listings", "ListResourceRecordSets", awssim.Throttle, 2),
		Entry("throttled questions", "GetChange", awssim.Throttle, 2),
		Entry("lost answers", "ChangeResourceRecordSets", awssim.Drop, 2),
		Entry("lost listings", "ListResourceRecordSets", awssim.Drop, 2),
		Entry("an old listing", "ListResourceRecordSets", awssim.Stale, 1),
	)

	It("says which permission is missing, and goes on once it is given", func(ctx context.Context) {
		m := s.StartManager(ctx, ManagerOptions{Resync: soon})
		m.Endpoint.Refuse(AccessDenied("POST", "/rrset", "route53:ChangeResourceRecordSets"))
		zone, record := Zone(), RecordSet("www", "www")
		s.Create(ctx, zone, record)
		Eventually(Live(ctx, s, record)).Should(BeStalled(v1alpha1.ReasonAccessDenied, "route53:ChangeResourceRecordSets"))
		s.ExpectReady(ctx, zone)
		m.Endpoint.Refuse()
		s.ExpectReady(ctx, record)
	})

	It("tells of a burst once, and of repairs one by one", func(ctx context.Context) {
		m := s.StartManager(ctx, ManagerOptions{Resync: soon})
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		m.Stop()
		var records []lifecycle.Object
		for i := range 12 {
			records = append(records, RecordSet(fmt.Sprint("record-", i), numbered(i)))
			s.Create(ctx, records[i])
		}
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		s.ExpectReady(ctx, records...)
		live := Get(ctx, s, zone)
		Eventually(s.EventsOf(ctx, live)).Should(ContainElement(MatchRegexp("^Created: Created 12 resources: record .* and 7 more$")))
		for _, record := range records {
			Expect(s.EventsOf(ctx, record)()).To(BeEmpty())
		}

		id := s.OnlyZone()
		for i := range records {
			s.Put(ctx, id, Record(numbered(i)+".example.com.", types.RRTypeA, "203.0.113.1"))
		}
		for _, record := range records {
			Eventually(s.EventsOf(ctx, record)).Should(ContainElement(HavePrefix("DriftRepaired: ")))
		}
	})

	It("refuses one of many, and the others land", func(ctx context.Context) {
		m := s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		id := s.OnlyZone()
		poison := RecordSet("poison", "poison", WithType("MX", "first mail.example.com."))
		var good []lifecycle.Object
		for i := range 50 {
			if i == 25 {
				s.Create(ctx, poison)
			}
			record := RecordSet(fmt.Sprint("record-", i), numbered(i))
			good = append(good, record)
			s.Create(ctx, record)
		}
		s.ExpectReady(ctx, good...)
		Eventually(Live(ctx, s, poison)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "first mail.example.com."))
		Expect(s.Records(id)).To(HaveLen(50))
		Expect(len(m.Endpoint.Batches())).To(BeNumerically("<", 30), "batches")

		By("healing it")
		Edit(ctx, s, poison, WithValues("10 mail.example.com."))
		s.ExpectReady(ctx, poison)
		Expect(s.Records(id)).To(HaveLen(51))
		s.ExpectQuiet(ctx)
	})

	It("keeps what a refused change would have replaced", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("mx", "@", WithType("MX", "10 mail.example.com."))
		s.Create(ctx, Zone(), record)
		s.ExpectReady(ctx, record)
		Edit(ctx, s, record, WithValues("ten mail.example.com."))
		Eventually(Live(ctx, s, record)).Should(BeStalled(v1alpha1.ReasonInvalidSpec))
		Expect(s.Records(s.OnlyZone())).To(ConsistOf("example.com. MX 60 10 mail.example.com."))
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
		Expect(s.Records(s.OnlyZone())).To(BeEmpty())
	})
})
