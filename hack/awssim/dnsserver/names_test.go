package dnsserver_test

import (
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

var _ = Describe("Names", func() {
	names := zone("Z1", "example.com.",
		set(`\052.example.com.`, "A", 60, "192.0.2.9"),
		set("mail.example.com.", "TXT", 60, `"only text"`),
		set("deep.inner.example.com.", "A", 60, "192.0.2.2"),
		set(`\052.wild.example.com.`, "CNAME", 60, "mail.example.com"),
		set(`x.\052.literal.example.com.`, "A", 60, "192.0.2.3"),
		set("a.b.sub.example.com.", "A", 60, "192.0.2.7"),
		set("sub.example.com.", "NS", 300, "ns.sub.example.com", "ns.elsewhere.net."),
		set("ns.sub.example.com.", "A", 60, "192.0.2.53"),
		set("ns.sub.example.com.", "AAAA", 60, "2001:db8::53"),
		set("sub.example.com.", "DS", 60, "1 13 2 "+
			"0000000000000000000000000000000000000000000000000000000000000000"),
	)

	DescribeTable("existence, wildcards and negative answers",
		func(name string, rrtype uint16, rcode int, answer ...string) {
			addr := start(dnsserver.Options{Backend: backend(names)})
			reply := ask(addr, name, rrtype)
			Expect(dns.RcodeToString[reply.Rcode]).To(Equal(dns.RcodeToString[rcode]))
			Expect(reply.Authoritative).To(Equal(rcode != dns.RcodeRefused))
			Expect(texts(reply.Answer)).To(Equal(append([]string{}, answer...)))
			if len(answer) == 0 && rcode != dns.RcodeRefused {
				Expect(texts(reply.Ns)).To(ConsistOf(negativeSOA("example.com.")))
			}
		},
		Entry("wildcard", "any.example.com.", dns.TypeA, dns.RcodeSuccess, "any.example.com. 60 IN A 192.0.2.9"),
		Entry("wildcard, several labels deep", "c.b.a.example.com.", dns.TypeA, dns.RcodeSuccess, "c.b.a.example.com. 60 IN A 192.0.2.9"),
		// The three names of Route 53's documentation, DomainNameFormat.html.
		Entry("documented wildcard", "zenith.example.com.", dns.TypeA, dns.RcodeSuccess, "zenith.example.com. 60 IN A 192.0.2.9"),
		Entry("documented wildcard, a level down", "acme.zenith.example.com.", dns.TypeA, dns.RcodeSuccess,
			"acme.zenith.example.com. 60 IN A 192.0.2.9"),
		Entry("documented wildcard, two levels down", "pinnacle.acme.zenith.example.com.", dns.TypeA, dns.RcodeSuccess,
			"pinnacle.acme.zenith.example.com. 60 IN A 192.0.2.9"),
		Entry("wildcard by its own name", "*.example.com.", dns.TypeA, dns.RcodeSuccess, "*.example.com. 60 IN A 192.0.2.9"),
		Entry("wildcard without the type", "any.example.com.", dns.TypeMX, dns.RcodeSuccess),
		Entry("wildcard is not the apex", "example.com.", dns.TypeA, dns.RcodeSuccess),
		Entry("name with another type shadows the wildcard", "mail.example.com.", dns.TypeA, dns.RcodeSuccess),
		Entry("below that name there is no wildcard", "x.mail.example.com.", dns.TypeA, dns.RcodeNameError),
		Entry("empty non-terminal exists", "inner.example.com.", dns.TypeA, dns.RcodeSuccess),
		Entry("empty non-terminal shadows the wildcard", "x.inner.example.com.", dns.TypeA, dns.RcodeNameError),
		Entry("wildcard CNAME", "q.wild.example.com.", dns.TypeTXT, dns.RcodeSuccess,
			"q.wild.example.com. 60 IN CNAME mail.example.com.", `mail.example.com. 60 IN TXT "only text"`),
		Entry("star in the middle answers for no other", "x.y.literal.example.com.", dns.TypeA, dns.RcodeSuccess),
		Entry("star in the middle by its name", "x.*.literal.example.com.", dns.TypeA, dns.RcodeSuccess,
			"x.*.literal.example.com. 60 IN A 192.0.2.3"),
		Entry("name in no zone", "example.org.", dns.TypeA, dns.RcodeRefused),
		Entry("parent of a zone", "com.", dns.TypeA, dns.RcodeRefused),
		Entry("root", ".", dns.TypeNS, dns.RcodeRefused),
		Entry("type nobody has", "mail.example.com.", dns.TypeLOC, dns.RcodeSuccess),
	)

	It("takes the negative TTL from the SOA's minimum when that is smaller", func() {
		short := dnsserver.Zone{ID: "Z1", Name: "example.com.", RecordSets: names.RecordSets[1:2:2]}
		short.RecordSets = append(short.RecordSets, set("example.com.", "SOA", 900, "ns. me. 1 7200 900 1209600 30"))
		addr := start(dnsserver.Options{Backend: backend(short)})
		Expect(texts(ask(addr, "none.example.com.", dns.TypeA).Ns)).To(ConsistOf("example.com. 30 IN SOA ns. me. 1 7200 900 1209600 30"))
	})

	DescribeTable("delegations are referrals with glue",
		func(name string, rrtype uint16) {
			reply := ask(start(dnsserver.Options{Backend: backend(names)}), name, rrtype)
			Expect(reply.Rcode).To(Equal(dns.RcodeSuccess))
			Expect(reply.Authoritative).To(BeFalse())
			Expect(reply.Answer).To(BeEmpty())
			Expect(texts(reply.Ns)).To(ConsistOf(
				"sub.example.com. 300 IN NS ns.sub.example.com.", "sub.example.com. 300 IN NS ns.elsewhere.net."))
			Expect(texts(reply.Extra)).To(ConsistOf(
				"ns.sub.example.com. 60 IN A 192.0.2.53", "ns.sub.example.com. 60 IN AAAA 2001:db8::53"))
		},
		Entry("the cut", "sub.example.com.", dns.TypeA),
		Entry("its NS", "sub.example.com.", dns.TypeNS),
		Entry("any", "sub.example.com.", dns.TypeANY),
		Entry("below, where no records are", "x.y.sub.example.com.", dns.TypeA),
		Entry("below, where records hide", "a.b.sub.example.com.", dns.TypeA),
	)

	It("answers a delegation's DS itself", func() {
		reply := ask(start(dnsserver.Options{Backend: backend(names)}), "sub.example.com.", dns.TypeDS)
		Expect(reply.Authoritative).To(BeTrue())
		Expect(reply.Answer).To(HaveLen(1))
	})

	It("answers ANY minimally", func() {
		addr := start(dnsserver.Options{Backend: backend(names)})
		Expect(texts(ask(addr, "mail.example.com.", dns.TypeANY).Answer)).To(ConsistOf(
			`mail.example.com. 3789 IN HINFO "RFC8482" ""`))
		Expect(texts(ask(addr, "q.wild.example.com.", dns.TypeANY).Answer)).To(ConsistOf(
			"q.wild.example.com. 60 IN CNAME mail.example.com."))
		Expect(ask(addr, "x.mail.example.com.", dns.TypeANY).Rcode).To(Equal(dns.RcodeNameError))
		Expect(ask(addr, "inner.example.com.", dns.TypeANY).Answer).To(BeEmpty())
	})
})
