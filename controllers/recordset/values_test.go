package recordset

import (
	"bytes"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("Values", func() {
	DescribeTable("mean the same however they are spelled",
		func(recordType types.RRType, a, b string) {
			Expect(canonicalValue(recordType, a)).To(Equal(canonicalValue(recordType, b)))
		},
		Entry("AAAA, zeros", types.RRTypeAaaa, "2001:0db8:85a3:0:0:8a2e:0370:7334", "2001:db8:85a3::8a2e:370:7334"),
		Entry("AAAA, case", types.RRTypeAaaa, "2001:DB8::A", "2001:db8::a"),
		Entry("CNAME, dot and case", types.RRTypeCname, "Target.Example.com", "target.example.com."),
		Entry("NS", types.RRTypeNs, "NS1.example.com", "ns1.example.com."),
		Entry("PTR, escaped", types.RRTypePtr, "*.example.com", `\052.example.com.`),
		Entry("MX, leading zero and spaces", types.RRTypeMx, "010  Mail.example.com", "10 mail.example.com."),
		Entry("SRV", types.RRTypeSrv, "1 2 0443 Host.example.com", "1 2 443 host.example.com."),
		Entry("TXT, escapes", types.RRTypeTxt, `"a\054b"`, `"a,b"`),
		Entry("TXT, space between strings", types.RRTypeTxt, `"a"   "b"`, `"a" "b"`),
		Entry("CAA, tag in upper case, value unquoted", types.RRTypeCaa, `0 ISSUE amazon.com`, `0 issue "amazon.com"`),
		Entry("DS, hexadecimal case and spaces", types.RRTypeDs, "60485 5 1 2bb183af 5f22588179a53b0a98631fad1a292118", "60485 5 1 2BB183AF5F22588179A53B0A98631FAD1A292118"),
		Entry("SSHFP", types.RRTypeSshfp, "1 1 abCD", "1 1 ABcd"),
		Entry("HTTPS, quotes and order of parameters", types.RRTypeHttps, `1 . port=8443 alpn="h2,h3"`, `1 . alpn=h2,h3 port="8443"`),
		Entry("SVCB, target", types.RRTypeSvcb, `1 Svc.example.com alpn=h2`, `1 svc.example.com. alpn="h2"`),
		Entry("NAPTR", types.RRTypeNaptr, `100 50 "s" "SIP+D2U" "" _sip._udp.Example.com`, `0100 50 "s" "SIP+D2U" "" _sip._udp.example.com.`),
		Entry("SOA", types.RRTypeSoa, "NS.example.com h.example.com 1 2 3 4 5", "ns.example.com. h.example.com. 1 2 3 4 05"),
	)

	DescribeTable("that differ stay different",
		func(recordType types.RRType, a, b string) {
			Expect(canonicalValue(recordType, a)).NotTo(Equal(canonicalValue(recordType, b)))
		},
		Entry("TXT, case", types.RRTypeTxt, `"a"`, `"A"`),
		Entry("TXT, one string and two", types.RRTypeTxt, `"ab"`, `"a" "b"`),
		Entry("TXT, inner space", types.RRTypeTxt, `"a  b"`, `"a b"`),
		Entry("CAA, value case", types.RRTypeCaa, `0 issue "A"`, `0 issue "a"`),
		Entry("NAPTR, an escaped backslash", types.RRTypeNaptr, `1 1 "u" "x" "!^.*$!a\\1!" .`, `1 1 "u" "x" "!^.*$!a1!" .`),
		Entry("MX, preference", types.RRTypeMx, "10 a.b.", "100 a.b."),
	)

	DescribeTable("are sent as Route 53 takes them",
		func(recordType types.RRType, value, wire string) {
			got, err := wireValue(recordType, value)
			Expect(err).NotTo(HaveOccurred())
			Expect(got).To(Equal(wire))
		},
		Entry("plain text is quoted", types.RRTypeTxt, "v=spf1 -all", `"v=spf1 -all"`),
		Entry("quotes and backslashes in plain text", types.RRTypeTxt, `say "hi" \o/`, `"say \"hi\" \\o/"`),
		Entry("bytes outside ASCII", types.RRTypeTxt, "é", `"\303\251"`),
		Entry("long text is split at 255 bytes", types.RRTypeTxt, strings.Repeat("x", 300), `"`+strings.Repeat("x", 255)+`" "`+strings.Repeat("x", 45)+`"`),
		Entry("quoted text stays", types.RRTypeSpf, `"a" "b"`, `"a" "b"`),
		Entry("others keep the user's spelling", types.RRTypeMx, "10 Mail.Example.com", "10 Mail.Example.com"),
	)

	DescribeTable("that cannot be are refused before AWS is called",
		func(recordType types.RRType, value, problem string) {
			_, err := wireValue(recordType, value)
			Expect(err).To(MatchError(ContainSubstring(problem)))
		},
		Entry("open quote", types.RRTypeTxt, `"abc`, "a quote is not closed"),
		Entry("text beside quotes", types.RRTypeTxt, `"abc" def`, "stands outside the quotes"),
		Entry("a quoted string that is too long", types.RRTypeTxt, `"`+strings.Repeat("x", 256)+`"`, "longer than 255"),
		Entry("IPv6 that only looks so", types.RRTypeAaaa, "1:2:3", "no address"),
		Entry("IPv4 for AAAA", types.RRTypeAaaa, "192.0.2.1", "no address"),
		Entry("an interface name", types.RRTypeAaaa, "fe80::1%eth0", "no address"),
	)

	It("carries any text through quoting and back", func() {
		random := rand.New(rand.NewPCG(1, uint64(GinkgoRandomSeed())))
		for range 500 {
			text := make([]byte, random.IntN(900))
			for i := range text {
				text[i] = byte(random.UintN(256))
			}
			wire := quoteStrings(split(text))
			parsed, err := parseStrings(wire)
			Expect(err).NotTo(HaveOccurred())
			Expect(bytes.Join(parsed, nil)).To(BeEquivalentTo(text))
			for _, part := range parsed {
				Expect(len(part)).To(BeNumerically("<=", maxString))
			}
			Expect(canonicalValue(types.RRTypeTxt, wire)).To(Equal(wire), "what is sent is in normal form")
		}
	})
})

func FuzzCanonicalValue(f *testing.F) {
	for _, seed := range []string{`"a" "b"`, "10 mail.example.com", `1 . alpn="h2"`, `\`, `"\"`, `0 issue ";"`, "", "x y z"} {
		f.Add(seed)
	}
	all := types.RRType("").Values()
	f.Fuzz(func(t *testing.T, value string) {
		for _, recordType := range all {
			once := canonicalValue(recordType, value)
			if twice := canonicalValue(recordType, once); twice != once {
				t.Errorf("%s: canonicalValue(%q) = %q, and again %q", recordType, value, once, twice)
			}
		}
	})
}
