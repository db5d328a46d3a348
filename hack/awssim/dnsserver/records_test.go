package dnsserver_test

import (
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

var _ = Describe("Simple records", func() {
	longText := strings.Repeat("x", 255)

	DescribeTable("every type is answered from Route 53's syntax",
		func(recordType types.RRType, values []string, wire []string) {
			addr := start(dnsserver.Options{Backend: backend(
				zone("Z1", "example.com.", set("r.example.com.", recordType, 300, values...)))})
			reply := ask(addr, "r.example.com.", dns.StringToType[string(recordType)])
			Expect(reply.Rcode).To(Equal(dns.RcodeSuccess))
			Expect(reply.Authoritative).To(BeTrue())
			Expect(reply.RecursionAvailable).To(BeFalse())
			expected := []string{}
			for _, rdata := range wire {
				expected = append(expected, "r.example.com. 300 IN "+string(recordType)+" "+rdata)
			}
			Expect(texts(reply.Answer)).To(ConsistOf(expected))
			Expect(reply.Ns).To(BeEmpty())
		},
		Entry("A", types.RRTypeA, []string{"192.0.2.1", "192.0.2.2"}, []string{"192.0.2.1", "192.0.2.2"}),
		Entry("AAAA", types.RRTypeAaaa, []string{"2001:0db8:85a3:0:0:8a2e:0370:7334"}, []string{"2001:db8:85a3::8a2e:370:7334"}),
		Entry("CNAME without dot", types.RRTypeCname, []string{"www.Example.net"}, []string{"www.Example.net."}),
		Entry("MX", types.RRTypeMx, []string{"10 mail.example.com", "0 ."}, []string{"10 mail.example.com.", "0 ."}),
		Entry("TXT chunked", types.RRTypeTxt, []string{`"` + longText + `" "y"`}, []string{`"` + longText + `" "y"`}),
		Entry("TXT octal", types.RRTypeTxt, []string{`"\344\101;\"q\" \\"`}, []string{`"\228A;\"q\" \\"`}),
		Entry("TXT empty and several", types.RRTypeTxt, []string{`""`, `"V=spf1 -all"`}, []string{`""`, `"V=spf1 -all"`}),
		Entry("SPF", types.RRTypeSpf, []string{`"v=spf1 ip4:192.0.2.0/24 -all"`}, []string{`"v=spf1 ip4:192.0.2.0/24 -all"`}),
		Entry("NAPTR", types.RRTypeNaptr,
			[]string{`100 50 "u" "E2U+sip" "!^(\\+441632960083)$!sip:\\1@example.com!" .`},
			[]string{`100 50 "u" "E2U+sip" "!^(\\+441632960083)$!sip:\\1@example.com!" .`}),
		Entry("PTR", types.RRTypePtr, []string{"host.example.com"}, []string{"host.example.com."}),
		Entry("SRV", types.RRTypeSrv, []string{"1 10 5269 xmpp.example.com"}, []string{"1 10 5269 xmpp.example.com."}),
		Entry("CAA", types.RRTypeCaa, []string{`0 issue ";"`, `128 iodef "mailto:a@b.c"`},
			[]string{`0 issue ";"`, `128 iodef "mailto:a@b.c"`}),
		Entry("DS", types.RRTypeDs, []string{"123 4 2 " + strings.Repeat("ab", 32)}, []string{"123 4 2 " + strings.Repeat("AB", 32)}),
		Entry("TLSA", types.RRTypeTlsa, []string{"3 1 1 " + strings.Repeat("0f", 32)}, []string{"3 1 1 " + strings.Repeat("0f", 32)}),
		Entry("SSHFP", types.RRTypeSshfp, []string{"4 2 " + strings.Repeat("0f", 32)}, []string{"4 2 " + strings.Repeat("0F", 32)}),
		Entry("SVCB", types.RRTypeSvcb, []string{"0 svc.example.net"}, []string{"0 svc.example.net."}),
		Entry("HTTPS", types.RRTypeHttps, []string{`1 . alpn="h2,h3" port=8443`}, []string{`1 . alpn="h2,h3" port="8443"`}),
		Entry("escaped name as value", types.RRTypeCname, []string{`\052.\344.example.net`}, []string{`*.\228.example.net.`}),
	)

	It("answers the apex's SOA and NS", func() {
		addr := start(dnsserver.Options{Backend: backend(zone("Z1", "example.com."))})
		Expect(texts(ask(addr, "example.com.", dns.TypeSOA).Answer)).To(ConsistOf(negativeSOA("example.com.")))
		Expect(texts(ask(addr, "example.com.", dns.TypeNS).Answer)).To(ConsistOf(
			"example.com. 172800 IN NS ns-1.awsdns-1.com.", "example.com. 172800 IN NS ns-2.awsdns-2.net."))
	})

	It("finds names in Route 53's octal form", func() {
		addr := start(dnsserver.Options{Backend: backend(zone("Z1", "example.com.",
			set(`\100\344.example.com.`, "A", 60, "192.0.2.1"),
			set(`a\056b.example.com.`, "A", 60, "192.0.2.2")))})
		Expect(ask(addr, `\@\228.example.com.`, dns.TypeA).Answer).To(HaveLen(1))
		Expect(ask(addr, `a\.b.example.com.`, dns.TypeA).Answer).To(HaveLen(1))
		Expect(ask(addr, `a.b.example.com.`, dns.TypeA).Rcode).To(Equal(dns.RcodeNameError))
	})

	It("rotates the values", func() {
		values := []string{}
		for i := range 10 {
			values = append(values, "192.0.2."+strconv.Itoa(i))
		}
		resolver := dnsserver.NewResolver(dnsserver.Options{Rand: seeded(), Backend: backend(
			zone("Z1", "example.com.", set("r.example.com.", "A", 60, values...)))})
		first := map[string]int{}
		for range 1000 {
			answer := resolver.Resolve(dnsserver.Query{Name: "r.example.com", Type: "A"}).Values("A")
			Expect(answer).To(ConsistOf(values))
			first[answer[0]]++
		}
		for _, value := range values {
			Expect(first[value]).To(BeNumerically("~", 100, 40), value)
		}
	})

	DescribeTable("a value that is none is a server failure with the reason",
		func(recordType types.RRType, value, reason string) {
			addr := start(dnsserver.Options{Backend: backend(
				zone("Z1", "example.com.", set("r.example.com.", recordType, 60, value)))})
			m := question("r.example.com.", dns.StringToType[string(recordType)])
			m.SetEdns0(1232, false)
			reply := exchange("udp", addr, m)
			Expect(reply.Rcode).To(Equal(dns.RcodeServerFailure))
			Expect(reply.IsEdns0().Option).To(ContainElement(HaveField("ExtraText", ContainSubstring(reason))))
		},
		Entry("bad address", types.RRTypeA, "192.0.2.256", `value "192.0.2.256": is not readable`),
		Entry("empty", types.RRTypeA, " ", "is empty"),
		Entry("two lines", types.RRTypeA, "192.0.2.1\n192.0.2.2", "has more than one line"),
		Entry("only a comment", types.RRTypeA, "; nothing", "is not readable"),
		Entry("a string too long to send", types.RRTypeNaptr, `1 1 "`+strings.Repeat("u", 300)+`" "" "" .`, "cannot be sent"),
	)
})
