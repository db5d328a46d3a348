package dnsserver_test

import (
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

var loopback = netip.MustParseAddr("127.0.0.1")

// FuzzReply sends any bytes: what is a message gets an answer that can be sent and fits, and nothing panics.
func FuzzReply(f *testing.F) {
	for _, name := range []string{".", "example.com.", "x.w.example.com.", "geo.example.com.", `\000\255.example.com.`} {
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeANY, dns.TypeDS, dns.TypeAXFR, 65280} {
			for _, m := range []*dns.Msg{question(name, rrtype), from(question(name, rrtype), "10.12.0.0/16"), question(name, rrtype).SetEdns0(1232, true)} {
				packed, err := m.Pack()
				if err != nil {
					f.Fatal(err)
				}
				f.Add(packed, len(packed)%2 == 0)
			}
		}
	}
	resolver := dnsserver.NewResolver(dnsserver.Options{Rand: seeded(), Backend: backend(signedBy(zone("Z1", "example.com.",
		set(`\052.w.example.com.`, "CNAME", 60, "geo.example.com"),
		set("sub.example.com.", "NS", 60, "ns.sub.example.com"),
		set(`\000\377.example.com.`, "TXT", 60, `"\000\377"`),
		routed("geo.example.com.", "192.0.2.1", continent("EU")),
		alias("example.com.", "A", "Z1", "geo.example.com.")), ksk, zsk))})
	f.Fuzz(func(t *testing.T, message []byte, tcp bool) {
		request := new(dns.Msg)
		if request.Unpack(message) != nil {
			return
		}
		reply := resolver.Reply(request, loopback, tcp)
		if reply == nil {
			return
		}
		packed, err := reply.Pack()
		if err != nil {
			t.Fatalf("cannot encode the answer to %v: %v", request, err)
		}
		if !tcp && len(packed) > 4096 {
			t.Fatalf("%d bytes over UDP", len(packed))
		}
	})
}

// FuzzContent puts any name and value into a zone and asks for it.
func FuzzContent(f *testing.F) {
	f.Add("www.example.com.", "A", "192.0.2.1")
	f.Add(`\052.example.com.`, "TXT", `"\000" "\"\\"`)
	f.Add(`\`, "CNAME", `\`)
	f.Add("a.example.com.", "NAPTR", `1 1 "" "" "\\1" .`)
	f.Add("a.example.com.", "HTTPS", "1 . alpn=h2 ipv4hint=192.0.2.1")
	f.Add("a.example.com.", "MX", "10 $ORIGIN")
	f.Fuzz(func(t *testing.T, name, recordType, value string) {
		record := set(name, types.RRType(recordType), 60, value)
		resolver := dnsserver.NewResolver(dnsserver.Options{
			Backend: backend(signedBy(zone("Z1", "example.com.", record), ksk, zsk)), Now: atSigningTime,
		})
		answer := resolver.Resolve(dnsserver.Query{Name: name, Type: record.Type})
		if answer.ResponseCode() == "" {
			t.Fatalf("%q %s has no response code", name, record.Type)
		}
		if answer.Rcode != dns.RcodeSuccess || len(answer.Records) == 0 {
			return
		}
		owner, rrtype := answer.Records[0].Name, dns.StringToType[recordType]
		if _, err := validate(resolver, ksk.DS("example.com.")).validated(owner, rrtype); err != nil {
			t.Fatal(err)
		}
	})
}
