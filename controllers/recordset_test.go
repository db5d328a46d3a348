package controllers_test

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// loadBalancers is the hosted zone of load balancers in us-east-1, of which aliases may be made.
const loadBalancers = "Z35SXDOTRQ7X7K"

var _ = Describe("RecordSet", func() {
	s := newStory()

	It("is created from every sample", func(ctx context.Context) {
		s.StartManager(ctx)
		objects := manifests("../config/samples/hostedzone.yaml", "../config/samples/recordset.yaml")
		for _, obj := range objects {
			s.Create(ctx, obj)
		}
		s.ExpectReady(ctx, objects...)
		id := s.OnlyZone()
		records := s.Records(id)
		Expect(records).To(ContainElements(
			`\052.example.com. A 60 192.0.2.99`,
			"api.example.com. A blue 90 60 192.0.2.20",
			"api.example.com. A green 10 60 192.0.2.21",
			"docs.example.com. CNAME 300 www.example.com.",
			"example.com. A alias "+id+" www.example.com.",
			`example.com. CAA 3600 0 issue "amazon.com"`,
			"example.com. MX 3600 10 mail.example.com.",
			`example.com. TXT 3600 "v=spf1 mx -all"`,
			"mail.example.com. A 3600 192.0.2.25",
			"_sip._tcp.example.com. SRV 300 10 60 5060 sip.example.com.",
			"www.example.com. A 300 192.0.2.10 192.0.2.11",
			"www.example.com. AAAA 300 2001:db8::10",
		))
		dkim := records[slices.IndexFunc(records, func(r string) bool { return strings.HasPrefix(r, "mail._domainkey.") })]
		Expect(dkim).To(MatchRegexp(`^mail\._domainkey\.example\.com\. TXT 3600 "v=DKIM1; [^"]{246}" "[^"]+"$`))
		Expect(records).To(HaveLen(len(objects) - 1))
		s.ExpectQuiet(ctx)
	})

	It("says where it is", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("www", "WWW")
		s.Create(ctx, Zone(), record)
		s.ExpectReady(ctx, record)
		live := Get(ctx, s, record)
		id := s.OnlyZone()
		Expect(live).To(HaveCondition(v1alpha1.ConditionPropagated, metav1.ConditionTrue))
		Expect(live.Spec.Name).To(Equal("WWW"))
		Expect(live.Status.FQDN).To(Equal("www.example.com."))
		Expect(live.Status.HostedZoneID).To(Equal(id))
		Expect(live.Status.ChangeID).To(BeEmpty())
		Expect(live.Status.Records).To(ConsistOf(v1alpha1.RecordKey{HostedZoneID: id, Name: "www.example.com.", Type: "A"}))
		Expect(live.Finalizers).To(ConsistOf(v1alpha1.Finalizer))
		Eventually(s.EventsOf(ctx, live)).Should(ContainElement("Created: Created record www.example.com. A"))
		s.ExpectQuiet(ctx)
	})

	DescribeTable("means the same however it is spelled", func(ctx context.Context, name, recordType string, values []string, listed string) {
		s.StartManager(ctx)
		record := RecordSet("record", name, WithType(recordType, values...))
		s.Create(ctx, Zone(), record)
		s.ExpectReady(ctx, record)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(listed))
		s.ExpectQuiet(ctx)
	},
		Entry("a relative name", "a.b", "A", []string{"192.0.2.1"}, "a.b.example.com. A 60 192.0.2.1"),
		Entry("the apex", "@", "A", []string{"192.0.2.1"}, "example.com. A 60 192.0.2.1"),
		Entry("an absolute name", "Mail.Example.COM.", "A", []string{"192.0.2.1"}, "mail.example.com. A 60 192.0.2.1"),
		Entry("the apex in full", "example.com.", "A", []string{"192.0.2.1"}, "example.com. A 60 192.0.2.1"),
		Entry("a wildcard", "*.dev", "A", []string{"192.0.2.1"}, `\052.dev.example.com. A 60 192.0.2.1`),
		Entry("a name with an escape", `a\052b/c`, "A", []string{"192.0.2.1"}, `a\052b\057c.example.com. A 60 192.0.2.1`),
		Entry("AAAA", "r", "AAAA", []string{"2001:DB8:0:0::0:1", "2001:db8::2"}, "r.example.com. AAAA 60 2001:DB8:0:0::0:1 2001:db8::2"),
		Entry("CNAME", "r", "CNAME", []string{"WWW.Example.ORG"}, "r.example.com. CNAME 60 WWW.Example.ORG"),
		Entry("MX", "r", "MX", []string{"20 B.example.org", "10 a.example.org."}, "r.example.com. MX 60 20 B.example.org 10 a.example.org."),
		Entry("NS", "sub", "NS", []string{"NS1.example.org", "ns2.example.org."}, "sub.example.com. NS 60 NS1.example.org ns2.example.org."),
		Entry("PTR", "1.2.0.192", "PTR", []string{"Host.example.org"}, "1.2.0.192.example.com. PTR 60 Host.example.org"),
		Entry("SRV", "_x._tcp", "SRV", []string{"1 2 3 H.example.org"}, "_x._tcp.example.com. SRV 60 1 2 3 H.example.org"),
		Entry("CAA", "r", "CAA", []string{`0 issue "ca.example.org"`, `128 iodef "mailto:a@example.org"`}, `r.example.com. CAA 60 0 issue "ca.example.org" 128 iodef "mailto:a@example.org"`),
		Entry("NAPTR", "r", "NAPTR", []string{`100 50 "s" "SIP+D2U" "" _sip._udp.Example.org.`}, `r.example.com. NAPTR 60 100 50 "s" "SIP+D2U" "" _sip._udp.Example.org.`),
		Entry("DS", "sub", "DS", []string{"123 13 2 " + strings.Repeat("ab", 32)}, "sub.example.com. DS 60 123 13 2 "+strings.Repeat("ab", 32)),
		Entry("TLSA", "_443._tcp", "TLSA", []string{"3 1 1 " + strings.Repeat("AB", 32)}, "_443._tcp.example.com. TLSA 60 3 1 1 "+strings.Repeat("AB", 32)),
		Entry("SSHFP", "r", "SSHFP", []string{"4 2 " + strings.Repeat("ab", 32)}, "r.example.com. SSHFP 60 4 2 "+strings.Repeat("ab", 32)),
		Entry("HTTPS", "r", "HTTPS", []string{`1 . alpn="h2,h3"`}, `r.example.com. HTTPS 60 1 . alpn="h2,h3"`),
		Entry("SVCB", "r", "SVCB", []string{`1 S.example.org. port="8443"`}, `r.example.com. SVCB 60 1 S.example.org. port="8443"`),
		Entry("SPF in plain text", "r", "SPF", []string{"v=spf1 -all"}, `r.example.com. SPF 60 "v=spf1 -all"`),
		Entry("TXT, plain and quoted", "r", "TXT", []string{`say "hi"`, `"a b" "c"`}, `r.example.com. TXT 60 "say \"hi\"" "a b" "c"`),
		Entry("TXT beyond ASCII", "r", "TXT", []string{"grüße"}, `r.example.com. TXT 60 "gr\303\274\303\237e"`),
	)

	DescribeTable("is an alias", func(ctx context.Context, target v1alpha1.AliasTarget, listed string) {
		s.StartManager(ctx)
		record := RecordSet("alias", "@", WithAlias(target))
		s.Create(ctx, Zone(), record)
		s.ExpectReady(ctx, record)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(listed))
		s.ExpectQuiet(ctx)
	},
		Entry("of a DNS name", v1alpha1.AliasTarget{DNSName: "My-LB-1.us-east-1.elb.amazonaws.com", HostedZoneID: loadBalancers},
			"example.com. A alias "+loadBalancers+" my-lb-1.us-east-1.elb.amazonaws.com."),
		Entry("of a DNS name with a prefix, a dot, and evaluated health",
			v1alpha1.AliasTarget{DNSName: "dualstack.my-lb-1.us-east-1.elb.amazonaws.com.", HostedZoneID: loadBalancers, EvaluateTargetHealth: new(true)},
			"example.com. A alias "+loadBalancers+" dualstack.my-lb-1.us-east-1.elb.amazonaws.com. evaluated"),
	)

	It("waits for its zone without asking AWS", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("www", "www")
		s.Create(ctx, record)
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "HostedZone zone does not exist"))
		Consistently(func() int { return s.Calls("ListHostedZonesByName") + s.Calls("ListResourceRecordSets") }).Should(BeZero())
		Expect(Get(ctx, s, record).Finalizers).To(BeEmpty())
		s.Create(ctx, Zone())
		s.ExpectReady(ctx, record)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(wwwA))
		s.ExpectQuiet(ctx)
	})

	It("says what holds up the zone that it waits for", func(ctx context.Context) {
		theirs := s.MakeZone(ctx, Domain, "theirs")
		s.StartManager(ctx)
		zone, record := Zone(), RecordSet("www", "www")
		s.Create(ctx, record)
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound))
		s.Create(ctx, zone)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, "exists"))
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "HostedZone zone is stalled: ", "exists"))
		s.ExpectQuiet(ctx)

		Edit(ctx, s, zone, Adopting(theirs))
		s.ExpectReady(ctx, zone, record)
	})

	It("can be deleted while it waits for its zone", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("www", "www")
		s.Create(ctx, record)
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound))
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
	})

	It("waits for the target of its alias", func(ctx context.Context) {
		s.StartManager(ctx)
		alias := RecordSet("alias", "@", WithAliasTo("www"))
		s.Create(ctx, Zone(), alias)
		Eventually(Live(ctx, s, alias)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "RecordSet www"))
		Expect(s.Records(s.OnlyZone())).To(BeEmpty())
		www := RecordSet("www", "www")
		s.Create(ctx, www)
		s.ExpectReady(ctx, alias, www)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(wwwA, "example.com. A alias "+s.OnlyZone()+" www.example.com."))
		s.ExpectQuiet(ctx)

		By("being deleted together with it")
		s.Delete(ctx, www, alias)
		s.ExpectGone(ctx, www, alias)
		Expect(s.Records(s.OnlyZone())).To(BeEmpty())
	})

	It("is refused an alias to another type", func(ctx context.Context) {
		s.StartManager(ctx)
		alias := RecordSet("alias", "@", WithAliasTo("www"))
		s.Create(ctx, Zone(), RecordSet("www", "www", WithType("AAAA", "2001:db8::1")), alias)
		Eventually(Live(ctx, s, alias)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "type A", "type AAAA"))
	})

	DescribeTable("is refused a name that is not in its zone", func(ctx context.Context, name, advice string) {
		s.StartManager(ctx)
		record := RecordSet("www", name)
		s.Create(ctx, Zone(), record)
		Eventually(Live(ctx, s, record)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, advice))
		Expect(s.Records(s.OnlyZone())).To(BeEmpty())
		s.ExpectQuiet(ctx)
		Edit(ctx, s, record, func(r *v1alpha1.RecordSet) { r.Spec.Name = "www" })
		s.ExpectReady(ctx, record)
	},
		Entry("in another", "www.example.org.", "is not in the zone example.com."),
		Entry("in none of its labels", "www.notexample.com.", "is not in the zone example.com."),
		Entry("twice", "www.example.com", "trailing dot"),
	)

	It("follows a zone given by its id", func(ctx context.Context) {
		s.StartManager(ctx)
		id := s.MakeZone(ctx, Domain, "nobody's object")
		record := RecordSet("www", "www", InZone(id))
		s.Create(ctx, record)
		s.ExpectReady(ctx, record)
		Expect(s.Records(id)).To(ConsistOf(wwwA))
		s.ExpectQuiet(ctx)
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
		Expect(s.Records(id)).To(BeEmpty())
	})

	It("says that the zone of its id does not exist", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("www", "www", InZone("Z0000000000000000000"))
		s.Create(ctx, record)
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "Z0000000000000000000"))
		s.ExpectQuiet(ctx)
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
	})

	It("belongs to its own namespace", func(ctx context.Context) {
		elsewhere := s.NewNamespace(ctx)
		s.StartManager(ctx)
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		id := s.OnlyZone()
		byName := RecordSet("by-name", "a", InNamespace[*v1alpha1.RecordSet](elsewhere))
		byID := RecordSet("by-id", "b", InZone(id), InNamespace[*v1alpha1.RecordSet](elsewhere))
		rival := RecordSet("rival", "b")
		s.Create(ctx, byName, byID)
		Eventually(Live(ctx, s, byID)).Should(BeWaiting(v1alpha1.ReasonReferenceNotPermitted, "spec.allowedRecordSets"))
		Edit(ctx, s, zone, func(z *v1alpha1.HostedZone) {
			z.Spec.AllowedRecordSets = []v1alpha1.AllowedRecordSets{{Names: []v1alpha1.NamePattern{"b"}}}
		})
		s.ExpectReady(ctx, byID)
		Eventually(Live(ctx, s, byName)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, elsewhere))
		s.Create(ctx, rival)
		Eventually(Live(ctx, s, rival)).Should(BeStalled(v1alpha1.ReasonConflict, elsewhere+"/by-id"))
		Expect(s.Records(id)).To(ConsistOf("b.example.com. A 60 192.0.2.1"))
		s.ExpectQuiet(ctx)
	})

	It("is seen in all namespaces", Serial, func(ctx context.Context) {
		elsewhere := s.NewNamespace(ctx)
		s.StartManager(ctx, ManagerOptions{Everywhere: true})
		zone, record := Zone(InNamespace[*v1alpha1.HostedZone](elsewhere)), RecordSet("www", "www", InNamespace[*v1alpha1.RecordSet](elsewhere))
		s.Create(ctx, zone, record)
		s.ExpectReady(ctx, zone, record)
		s.ExpectQuiet(ctx)
	})

	It("is left alone in namespaces that are not watched", func(ctx context.Context) {
		elsewhere := s.NewNamespace(ctx)
		s.StartManager(ctx, ManagerOptions{Namespaces: []string{s.Namespace}})
		unseen := HostedZone("zone", "example.org", InNamespace[*v1alpha1.HostedZone](elsewhere))
		zone, record := Zone(), RecordSet("www", "www")
		s.Create(ctx, unseen, zone, record)
		s.ExpectReady(ctx, zone, record)
		Expect(s.Zones()).To(HaveLen(1))
		Expect(Get(ctx, s, unseen).Status.ObservedGeneration).To(BeEquivalentTo(-1))

		By("being told, and holding up no other, when it refers to one of those")
		Edit(ctx, s, record, func(r *v1alpha1.RecordSet) { r.Spec.HostedZoneRef.Namespace = elsewhere })
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, elsewhere, "--watch-namespaces"))
		other := RecordSet("other", "other")
		s.Create(ctx, other)
		s.ExpectReady(ctx, other)
		Edit(ctx, s, record, func(r *v1alpha1.RecordSet) { r.Spec.HostedZoneRef.Namespace = "" })
		s.ExpectReady(ctx, record)
	})

	It("is found among more records than one page holds", func(ctx context.Context) {
		id := s.MakeZone(ctx, Domain, "")
		var crowd []types.ResourceRecordSet
		for i := range 450 {
			crowd = append(crowd, Record(numbered(i)+".example.com.", types.RRTypeA, "203.0.113.1"))
		}
		s.Put(ctx, id, crowd...)
		mine := RecordSet("mine", numbered(440), InZone(id), WithValues("203.0.113.1"))
		theirs := RecordSet("theirs", numbered(445), InZone(id))
		fresh := RecordSet("fresh", "zz", InZone(id))
		s.StartManager(ctx)
		s.Create(ctx, mine, theirs, fresh)
		s.ExpectReady(ctx, mine, fresh)
		Eventually(Live(ctx, s, theirs)).Should(BeStalled(v1alpha1.ReasonConflict))
		Expect(s.Records(id)).To(HaveLen(451))
		s.ExpectQuiet(ctx)
	})
})

func numbered(i int) string {
	return "host-" + string(rune('a'+i/100)) + string(rune('a'+i/10%10)) + string(rune('a'+i%10))
}
