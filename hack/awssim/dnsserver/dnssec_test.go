package dnsserver_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"fmt"
	"strings"
	"time"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

// newKey panics rather than fails, so that tables and fuzz targets can have keys, too.
func newKey(flags uint16) dnsserver.SigningKey {
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		panic(err)
	}
	return dnsserver.SigningKey{Flags: flags, Private: private}
}

func signedBy(z dnsserver.Zone, keys ...dnsserver.SigningKey) dnsserver.Zone {
	z.Keys = keys
	return z
}

var signingTime = time.Date(2025, 3, 4, 5, 6, 7, 0, time.UTC)

func atSigningTime() time.Time { return signingTime }

// validate answers from a resolver's Reply, at the signing time.
func validate(resolver *dnsserver.Resolver, anchor *dns.DS) validator {
	return validator{anchor: anchor, now: signingTime, ask: func(m *dns.Msg) (*dns.Msg, error) {
		reply := resolver.Reply(m, loopback, true)
		packed, err := reply.Pack()
		if err != nil {
			return nil, err
		}
		received := new(dns.Msg)
		return received, received.Unpack(packed)
	}}
}

var (
	ksk, zsk           = newKey(dnsserver.FlagsKSK), newKey(dnsserver.FlagsZSK)
	childKSK, childZSK = newKey(dnsserver.FlagsKSK), newKey(dnsserver.FlagsZSK)
)

// digest is a DS value as a parent zone holds it.
func digest(key dnsserver.SigningKey, zone string) string {
	ds := key.DS(zone)
	return fmt.Sprintf("%d %d %d %s", ds.KeyTag, ds.Algorithm, ds.DigestType, strings.ToUpper(ds.Digest))
}

// signedWorld has every shape of answer in a signed zone, with a signed and an unsigned child zone.
func signedWorld(keys ...dnsserver.SigningKey) *world {
	return backend(
		signedBy(zone("Z1", "example.com.",
			set("example.com.", "MX", 300, "10 Mail.Example.COM"),
			set("www.example.com.", "A", 60, "192.0.2.1", "192.0.2.2"),
			set("old.example.com.", "A", 2147483647, "192.0.2.3"),
			set("text.example.com.", "TXT", 60, `"One \101" "two"`, `"three"`),
			set("srv.example.com.", "SRV", 60, "1 10 5269 XMPP.example.com"),
			set("naptr.example.com.", "NAPTR", 60, `1 1 "U" "E2U+sip" "!^.*$!sip:A@example.com!" .`, `2 1 "" "" "" Host.example.com`),
			set("https.example.com.", "HTTPS", 60, "1 WWW.example.com alpn=h2"),
			set("caa.example.com.", "CAA", 60, `0 issue "CA.example.net"`),
			set(`\052.w.example.com.`, "A", 60, "192.0.2.4"),
			set(`\052.w.example.com.`, "TXT", 60, `"wild"`),
			set(`\052.c.example.com.`, "CNAME", 60, "www.example.com"),
			set(`\052star.example.com.`, "A", 60, "192.0.2.5"),
			set(`x.\052.lit.example.com.`, "A", 60, "192.0.2.6"),
			set("deep.inner.example.com.", "A", 60, "192.0.2.7"),
			set("alias.example.com.", "A", 60, "192.0.2.8"),
			set("chain.example.com.", "CNAME", 60, `\101.Chain.example.com`),
			set("a.chain.example.com.", "CNAME", 60, "x.w.example.com"),
			set("lost.example.com.", "CNAME", 60, "nowhere.example.com"),
			set("down.example.com.", "CNAME", 60, "host.child.example.com"),
			set("out.example.com.", "CNAME", 60, "www.example.net"),
			set("child.example.com.", "NS", 300, "ns.child.example.com"),
			set("child.example.com.", "DS", 300, digest(childKSK, "child.example.com.")),
			set("ns.child.example.com.", "A", 300, "192.0.2.53"),
			set("plain.example.com.", "NS", 300, "ns.plain.example.com", "ns.example.net"),
			set("ns.plain.example.com.", "A", 300, "192.0.2.54"),
			set("secure.example.com.", "NS", 300, "ns.example.net"),
			set("secure.example.com.", "DS", 300, "1 13 2 "+strings.Repeat("AB", 32)),
			alias("example.com.", "A", "Z1", "www.example.com."),
			alias("nil.example.com.", "A", "Z1", "none.example.com."),
			routed("weighted.example.com.", "192.0.2.10", weight(1)),
			routed("weighted.example.com.", "192.0.2.11", weight(1)),
			routed("many.example.com.", "192.0.2.12", multivalue),
			routed("many.example.com.", "192.0.2.13", multivalue),
			routed("geo.example.com.", "192.0.2.14", country("DE")),
		), keys...),
		signedBy(zone("Z2", "child.example.com.", set("host.child.example.com.", "A", 60, "192.0.2.20")), childKSK, childZSK),
		zone("Z3", "example.net.", set("www.example.net.", "A", 60, "192.0.2.30")),
	)
}

var _ = Describe("Signed zones", func() {
	type question struct {
		name    string
		rrtype  uint16
		rcode   int
		answers int // without signatures
	}
	questions := []TableEntry{}
	for description, q := range map[string]question{
		"simple":                              {"www.example.com.", dns.TypeA, dns.RcodeSuccess, 2},
		"in mixed case":                       {"wWw.Example.COM.", dns.TypeA, dns.RcodeSuccess, 2},
		"apex SOA":                            {"example.com.", dns.TypeSOA, dns.RcodeSuccess, 1},
		"apex NS":                             {"example.com.", dns.TypeNS, dns.RcodeSuccess, 2},
		"apex keys":                           {"example.com.", dns.TypeDNSKEY, dns.RcodeSuccess, 2},
		"MX":                                  {"example.com.", dns.TypeMX, dns.RcodeSuccess, 1},
		"TXT":                                 {"text.example.com.", dns.TypeTXT, dns.RcodeSuccess, 2},
		"SRV":                                 {"srv.example.com.", dns.TypeSRV, dns.RcodeSuccess, 1},
		"NAPTR":                               {"naptr.example.com.", dns.TypeNAPTR, dns.RcodeSuccess, 2},
		"HTTPS":                               {"https.example.com.", dns.TypeHTTPS, dns.RcodeSuccess, 1},
		"CAA":                                 {"caa.example.com.", dns.TypeCAA, dns.RcodeSuccess, 1},
		"alias at the apex":                   {"example.com.", dns.TypeA, dns.RcodeSuccess, 2},
		"alias to nothing":                    {"nil.example.com.", dns.TypeA, dns.RcodeSuccess, 0},
		"weighted":                            {"weighted.example.com.", dns.TypeA, dns.RcodeSuccess, 1},
		"multivalue":                          {"many.example.com.", dns.TypeA, dns.RcodeSuccess, 2},
		"policy without an answer":            {"geo.example.com.", dns.TypeA, dns.RcodeSuccess, 0},
		"wildcard":                            {"x.w.example.com.", dns.TypeA, dns.RcodeSuccess, 1},
		"wildcard, deeper":                    {"z.y.x.w.example.com.", dns.TypeA, dns.RcodeSuccess, 1},
		"wildcard by its name":                {"*.w.example.com.", dns.TypeA, dns.RcodeSuccess, 1},
		"wildcard without the type":           {"x.w.example.com.", dns.TypeMX, dns.RcodeSuccess, 0},
		"wildcard without the type, deeper":   {"z.y.x.w.example.com.", dns.TypeMX, dns.RcodeSuccess, 0},
		"wildcard's signatures":               {"x.w.example.com.", dns.TypeRRSIG, dns.RcodeSuccess, 0},
		"wildcard CNAME":                      {"x.c.example.com.", dns.TypeA, dns.RcodeSuccess, 3},
		"star that is no wildcard":            {"*star.example.com.", dns.TypeA, dns.RcodeSuccess, 1},
		"star in the middle":                  {"x.*.lit.example.com.", dns.TypeA, dns.RcodeSuccess, 1},
		"below a star without records":        {"x.y.lit.example.com.", dns.TypeA, dns.RcodeSuccess, 0},
		"no such type":                        {"www.example.com.", dns.TypeAAAA, dns.RcodeSuccess, 0},
		"no such type at the apex":            {"example.com.", dns.TypeTXT, dns.RcodeSuccess, 0},
		"empty non-terminal":                  {"inner.example.com.", dns.TypeA, dns.RcodeSuccess, 0},
		"no such name":                        {"nope.example.com.", dns.TypeA, dns.RcodeNameError, 0},
		"no such name, deeper":                {"a.b.c.nope.example.com.", dns.TypeA, dns.RcodeNameError, 0},
		"no such name below an existing one":  {"a.b.www.example.com.", dns.TypeA, dns.RcodeNameError, 0},
		"no such name below an empty one":     {"no.inner.example.com.", dns.TypeA, dns.RcodeNameError, 0},
		"no such wildcard":                    {"*.example.com.", dns.TypeA, dns.RcodeNameError, 0},
		"right after a name":                  {`www\000.example.com.`, dns.TypeA, dns.RcodeNameError, 0},
		"right below a name":                  {`\000.www.example.com.`, dns.TypeA, dns.RcodeNameError, 0},
		"long labels":                         {strings.Repeat("x", 63) + ".example.com.", dns.TypeA, dns.RcodeNameError, 0},
		"highest label":                       {strings.Repeat(`\255`, 63) + ".example.com.", dns.TypeA, dns.RcodeNameError, 0},
		"longest name":                        {strings.Repeat("x.", 121) + "example.com.", dns.TypeA, dns.RcodeNameError, 0},
		"chain":                               {"chain.example.com.", dns.TypeA, dns.RcodeSuccess, 3},
		"chain's first link":                  {"chain.example.com.", dns.TypeCNAME, dns.RcodeSuccess, 1},
		"chain into nothing":                  {"lost.example.com.", dns.TypeA, dns.RcodeNameError, 1},
		"chain into another type":             {"chain.example.com.", dns.TypeMX, dns.RcodeSuccess, 2},
		"chain into the child":                {"down.example.com.", dns.TypeA, dns.RcodeSuccess, 2},
		"child":                               {"host.child.example.com.", dns.TypeA, dns.RcodeSuccess, 1},
		"child's keys":                        {"child.example.com.", dns.TypeDNSKEY, dns.RcodeSuccess, 2},
		"child's DS, from the parent":         {"child.example.com.", dns.TypeDS, dns.RcodeSuccess, 1},
		"no such name in the child":           {"x.child.example.com.", dns.TypeA, dns.RcodeNameError, 0},
		"no DS of an unsigned delegation":     {"plain.example.com.", dns.TypeDS, dns.RcodeSuccess, 0},
		"no DS of a name that is no zone":     {"www.example.com.", dns.TypeDS, dns.RcodeSuccess, 0},
		"referral to a signed zone":           {"x.secure.example.com.", dns.TypeA, dns.RcodeSuccess, 0},
		"referral to an unsigned zone":        {"plain.example.com.", dns.TypeA, dns.RcodeSuccess, 0},
		"referral to an unsigned zone, below": {"a.b.plain.example.com.", dns.TypeA, dns.RcodeSuccess, 0},
		"ANY":                                 {"www.example.com.", dns.TypeANY, dns.RcodeSuccess, 1},
		"ANY of a wildcard":                   {"x.w.example.com.", dns.TypeANY, dns.RcodeSuccess, 1},
		"ANY of a CNAME":                      {"chain.example.com.", dns.TypeANY, dns.RcodeSuccess, 1},
		"NSEC":                                {"www.example.com.", dns.TypeNSEC, dns.RcodeSuccess, 1},
		"NSEC of a CNAME":                     {"chain.example.com.", dns.TypeNSEC, dns.RcodeSuccess, 1},
		"keys below the apex":                 {"www.example.com.", dns.TypeDNSKEY, dns.RcodeSuccess, 0},
	} {
		questions = append(questions, Entry(description, q))
	}
	resolverOf := func(world *world, change ...func(*dnsserver.Options)) *dnsserver.Resolver {
		options := dnsserver.Options{Backend: world, Now: atSigningTime}
		for _, c := range change {
			c(&options)
		}
		return dnsserver.NewResolver(options)
	}
	anchor := ksk.DS("example.com.")

	DescribeTable("answer so that a validator proves it", func(q question) {
		reply, err := validate(resolverOf(signedWorld(ksk, zsk)), anchor).validated(q.name, q.rrtype)
		Expect(err).NotTo(HaveOccurred(), "%v", reply)
		Expect(dns.RcodeToString[reply.Rcode]).To(Equal(dns.RcodeToString[q.rcode]))
		Expect(len(reply.Answer)-len(sifted[*dns.RRSIG](reply.Answer))).To(Equal(q.answers), "%v", reply)
		Expect(reply.AuthenticatedData).To(BeFalse())
	}, questions)

	DescribeTable("deny compactly on request", func(q question) {
		compact := func(o *dnsserver.Options) { o.CompactDenial = true }
		reply, err := validate(resolverOf(signedWorld(ksk, zsk), compact), anchor).validated(q.name, q.rrtype)
		Expect(err).NotTo(HaveOccurred(), "%v", reply)
		Expect(reply.Rcode).To(Equal(dns.RcodeSuccess))
		Expect(len(sifted[*dns.NSEC](reply.Ns))).To(BeNumerically("<=", 1))
	}, questions)

	It("say NXDOMAIN to who wants no proof of it", func() {
		for _, compact := range []bool{true, false} {
			resolver := resolverOf(signedWorld(ksk, zsk), func(o *dnsserver.Options) { o.CompactDenial = compact })
			answer := resolver.Resolve(dnsserver.Query{Name: "nope.example.com", Type: "A"})
			Expect(answer.ResponseCode()).To(Equal("NXDOMAIN"))
			Expect(answer.Authority).To(HaveLen(1))
			answer = resolver.Resolve(dnsserver.Query{Name: "nope.example.com", Type: "A", DNSSEC: true})
			Expect(answer.ResponseCode()).To(Equal(map[bool]string{true: "NOERROR", false: "NXDOMAIN"}[compact]))
		}
	})

	DescribeTable("are signed by the keys they have", func(keys []dnsserver.SigningKey, keyTags, dataTags []dnsserver.SigningKey) {
		tags := func(reply *dns.Msg) []uint16 {
			found := []uint16{}
			for _, rrsig := range sifted[*dns.RRSIG](reply.Answer) {
				found = append(found, rrsig.KeyTag)
			}
			return found
		}
		expected := func(keys []dnsserver.SigningKey) []uint16 {
			found := []uint16{}
			for _, key := range keys {
				found = append(found, key.DNSKEY("example.com.").KeyTag())
			}
			return found
		}
		v := validate(resolverOf(signedWorld(keys...)), keys[0].DS("example.com."))
		reply, err := v.validated("example.com.", dns.TypeDNSKEY)
		Expect(err).NotTo(HaveOccurred())
		Expect(sifted[*dns.DNSKEY](reply.Answer)).To(HaveLen(len(keys)))
		Expect(tags(reply)).To(ConsistOf(expected(keyTags)))
		reply, err = v.validated("www.example.com.", dns.TypeA)
		Expect(err).NotTo(HaveOccurred())
		Expect(tags(reply)).To(ConsistOf(expected(dataTags)))
	},
		Entry("KSK and ZSK", []dnsserver.SigningKey{ksk, zsk}, []dnsserver.SigningKey{ksk}, []dnsserver.SigningKey{zsk}),
		Entry("KSK alone", []dnsserver.SigningKey{ksk}, []dnsserver.SigningKey{ksk}, []dnsserver.SigningKey{ksk}),
		Entry("two KSKs, either trusted", []dnsserver.SigningKey{childKSK, ksk, zsk}, []dnsserver.SigningKey{ksk, childKSK}, []dnsserver.SigningKey{zsk}),
		Entry("two ZSKs", []dnsserver.SigningKey{ksk, zsk, childZSK}, []dnsserver.SigningKey{ksk}, []dnsserver.SigningKey{zsk}),
		Entry("ZSK alone", []dnsserver.SigningKey{zsk}, []dnsserver.SigningKey{zsk}, []dnsserver.SigningKey{zsk}),
	)

	It("count a wildcard's labels", func() {
		reply, err := validate(resolverOf(signedWorld(ksk, zsk)), anchor).validated("z.y.x.w.example.com.", dns.TypeA)
		Expect(err).NotTo(HaveOccurred())
		Expect(sifted[*dns.RRSIG](reply.Answer)[0].Labels).To(BeEquivalentTo(3))
		Expect(texts(reply.Ns[:1])).To(ConsistOf(`w~.w.example.com. 900 IN NSEC x\000.w.example.com. RRSIG NSEC`))
	})

	It("deny the DS of a delegation by a span that stays in the zone", func() { // some validators want it so
		reply, err := validate(resolverOf(signedWorld(ksk, zsk)), anchor).validated("x.plain.example.com.", dns.TypeA)
		Expect(err).NotTo(HaveOccurred())
		Expect(texts(reply.Ns)).To(ContainElement(`plain.example.com. 900 IN NSEC plain\000.example.com. NS RRSIG NSEC`))
		Expect(texts(reply.Extra)).To(ContainElement("ns.plain.example.com. 300 IN A 192.0.2.54"))
	})

	It("serve no TTL longer than a week", func() {
		reply, err := validate(resolverOf(signedWorld(ksk, zsk)), anchor).validated("old.example.com.", dns.TypeA)
		Expect(err).NotTo(HaveOccurred())
		Expect(reply.Answer).To(HaveEach(HaveField("Header().Ttl", BeEquivalentTo(604800))))
		unsigned := dnsserver.NewResolver(dnsserver.Options{Backend: signedWorld()})
		Expect(unsigned.Resolve(dnsserver.Query{Name: "old.example.com", Type: "A"}).Records).To(HaveEach(HaveField("TTL", BeEquivalentTo(2147483647))))
	})

	It("are signed for the present", func() {
		now := signingTime
		resolver := resolverOf(signedWorld(ksk, zsk), func(o *dnsserver.Options) { o.Now = func() time.Time { return now } })
		for range 5 {
			v := validate(resolver, anchor)
			v.now = now
			_, err := v.validated("www.example.com.", dns.TypeA)
			Expect(err).NotTo(HaveOccurred())
			now = now.Add(5 * 24 * time.Hour)
		}
	})

	It("have the same signature for the same answer", func() {
		resolver := resolverOf(signedWorld(ksk, zsk))
		signatures := map[string]bool{}
		for range 50 { // in any order of the values
			for _, record := range resolver.Resolve(dnsserver.Query{Name: "www.example.com", Type: "A", DNSSEC: true}).Records {
				if record.Type == "RRSIG" {
					signatures[record.Value] = true
				}
			}
		}
		Expect(signatures).To(HaveLen(1))
	})

	It("have no signatures for who does not ask for them", func() {
		addr := start(dnsserver.Options{Backend: signedWorld(ksk, zsk)})
		for name, rrtype := range map[string]uint16{"www.example.com.": dns.TypeA, "nope.example.com.": dns.TypeA,
			"x.w.example.com.": dns.TypeA, "x.secure.example.com.": dns.TypeA, "plain.example.com.": dns.TypeA, "example.com.": dns.TypeDNSKEY} {
			reply := ask(addr, name, rrtype)
			for _, rr := range append(reply.Answer, reply.Ns...) {
				Expect(rr.Header().Rrtype).NotTo(BeElementOf(dns.TypeRRSIG, dns.TypeNSEC, dns.TypeDS))
			}
		}
		Expect(ask(addr, "www.example.com.", dns.TypeRRSIG).Answer).To(HaveLen(1))
		Expect(ask(addr, "www.example.com.", dns.TypeNSEC).Answer).To(HaveLen(1))
	})

	It("are not those without keys, nor private ones", func() {
		private := signedBy(zone("Z1", "example.com.", set("www.example.com.", "A", 60, "192.0.2.1")), ksk, zsk)
		private.Private, private.VPCs = true, []string{"vpc-1"}
		for _, world := range []*world{signedWorld(), backend(private)} {
			answer := dnsserver.NewResolver(dnsserver.Options{Backend: world}).Resolve(
				dnsserver.Query{ZoneID: "Z1", Name: "www.example.com", Type: "A", DNSSEC: true})
			Expect(answer.Values("RRSIG")).To(BeEmpty())
			Expect(answer.Values("A")).NotTo(BeEmpty())
		}
	})

	It("are truncated over UDP and whole over TCP", func() {
		addr := start(dnsserver.Options{Backend: signedWorld(ksk, zsk, childKSK, childZSK)})
		m := new(dns.Msg).SetQuestion("example.com.", dns.TypeDNSKEY)
		m.SetEdns0(512, true)
		reply := exchange("udp", addr, m)
		Expect(reply.Truncated).To(BeTrue())
		Expect(reply.IsEdns0().Do()).To(BeTrue())
		whole := exchange("tcp", addr, m)
		Expect(whole.Truncated).To(BeFalse())
		Expect(whole.Answer).To(HaveLen(6))
		m.SetEdns0(1232, true)
		m.Extra = m.Extra[1:]
		Expect(exchange("udp", addr, m).Truncated).To(BeFalse())
	})
})
