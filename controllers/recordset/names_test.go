package recordset

import (
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("Names", func() {
	DescribeTable("are compared in Route 53's own spelling",
		func(name, canonical string) { Expect(canonicalName(name)).To(Equal(canonical)) },
		Entry("case", "WWW.Example.COM", "www.example.com."),
		Entry("trailing dot", "www.example.com.", "www.example.com."),
		Entry("wildcard, echoed in octal", "*.example.com", `\052.example.com.`),
		Entry("wildcard, given in octal", `\052.example.com.`, `\052.example.com.`),
		Entry("at sign", "a@b.example.com", `a\100b.example.com.`),
		Entry("slash, as in RFC 2317 delegations", "0/25.2.0.192.in-addr.arpa", `0\05725.2.0.192.in-addr.arpa.`),
		Entry("an escaped letter is that letter", `\101bc.example.com`, "abc.example.com."),
		Entry("an escaped dot is not a separator", `a\056b.example.com`, `a\056b.example.com.`),
		Entry("underscores stay", "_sip._tcp.example.com", "_sip._tcp.example.com."),
		Entry("a lone backslash is a byte like any other", `a\b.example.com`, `a\134b.example.com.`),
	)

	DescribeTable("are resolved against the zone",
		func(name, full, problem string) {
			got, err := resolveName(name, "example.com.")
			if problem != "" {
				Expect(err).To(MatchError(ContainSubstring(problem)))
				return
			}
			Expect(err).NotTo(HaveOccurred())
			Expect(got).To(Equal(full))
		},
		Entry("relative", "www", "www.example.com.", ""),
		Entry("several labels", "a.b", "a.b.example.com.", ""),
		Entry("apex", "@", "example.com.", ""),
		Entry("absolute", "WWW.example.com.", "www.example.com.", ""),
		Entry("the zone itself", "Example.com.", "example.com.", ""),
		Entry("outside", "www.example.org.", "", "not in the zone"),
		Entry("a name that only ends alike", "notexample.com.", "", "not in the zone"),
		Entry("absolute, but the dot was forgotten", "www.example.com", "", "write www.example.com. with a trailing dot"),
		Entry("the zone without its dot", "example.com", "", "@ for the zone itself"),
	)
})

func FuzzCanonicalName(f *testing.F) {
	for _, seed := range []string{"www.example.com", `*.a`, `\052.b.`, `\400`, `\056.`, "a..b", "ÄÖ", `x\`} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		once := canonicalName(name)
		if twice := canonicalName(once); twice != once {
			t.Errorf("canonicalName(%q) = %q, and again %q", name, once, twice)
		}
		if upper := canonicalName(strings.ToUpper(name)); isASCII(name) && upper != once {
			t.Errorf("case makes a difference: %q and %q", once, upper)
		}
	})
}

func isASCII(s string) bool { return !strings.ContainsFunc(s, func(r rune) bool { return r > '~' }) }
