package recordset

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apitypes "k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// spelling is one meaning in two spellings.
type spelling [2]string

func same(text string) spelling { return spelling{text, text} }

// join writes parts side by side, in each spelling.
func join(separator string, parts ...spelling) spelling {
	var whole spelling
	for i := range whole {
		words := make([]string, len(parts))
		for j, part := range parts {
			words[j] = part[i]
		}
		whole[i] = strings.Join(words, separator)
	}
	return whole
}

// speller draws values and spells them.
type speller struct{ *rand.Rand }

// twice spells something twice.
func twice(spell func() string) spelling { return spelling{spell(), spell()} }

func (s speller) word(alphabet string, least, most int) string {
	word := make([]byte, least+s.IntN(most-least+1))
	for i := range word {
		word[i] = alphabet[s.IntN(len(alphabet))]
	}
	return string(word)
}

// mixed is a text in random case.
func (s speller) mixed(text string) string {
	return strings.Map(func(r rune) rune {
		if s.IntN(3) == 0 {
			return []rune(strings.ToUpper(string(r)))[0]
		}
		return r
	}, text)
}

// host is a domain name: in any case, with a trailing dot or without.
func (s speller) host() spelling {
	name := s.word("abcxyz019", 1, 8) + "." + s.word("abcxyz", 1, 8) + ".org"
	return twice(func() string { return s.mixed(name) + strings.Repeat(".", s.IntN(2)) })
}

// number is a number below a limit, with leading zeros or without.
func (s speller) number(limit int) spelling {
	n := s.IntN(limit)
	return twice(func() string { return strings.Repeat("0", s.IntN(2)) + fmt.Sprint(n) })
}

// digest is hexadecimal data of so many bytes, in any case.
func (s speller) digest(bytes int) spelling {
	data := make([]byte, bytes)
	for i := range data {
		data[i] = byte(s.IntN(256))
	}
	return twice(func() string { return s.mixed(hex.EncodeToString(data)) })
}

// escaped is a character string in quotes, each byte as it is or escaped.
func (s speller) escaped(text string) string {
	var out strings.Builder
	for _, c := range []byte(text) {
		switch {
		case c == '"' || c == '\\':
			out.WriteString(`\` + string(c))
		case c > '~' || s.IntN(4) == 0:
			fmt.Fprintf(&out, `\%03o`, c)
		default:
			out.WriteByte(c)
		}
	}
	return `"` + out.String() + `"`
}

// text is plain text, and the same in quotes, cut as it is on the wire.
func (s speller) text() spelling {
	plain := "v" + s.word(`abcDEF 019;=,"\'`, 0, 600) + "é" + s.word("xyz \t", 0, 3)
	return spelling{plain, strings.Join(slices.Collect(func(yield func(string) bool) {
		for _, part := range split([]byte(plain)) {
			if !yield(s.escaped(string(part))) {
				return
			}
		}
	}), strings.Repeat(" ", 1+s.IntN(3)))}
}

// service is the data of an SVCB or HTTPS record: parameters in any order, in quotes or not.
func (s speller) service() spelling {
	parameters := []string{"alpn=h2,h3", fmt.Sprintf("port=%d", 1+s.IntN(65535)), "no-default-alpn"}[:1+s.IntN(3)]
	return join(" ", s.number(65535), s.host(), twice(func() string {
		words := slices.Clone(parameters)
		s.Shuffle(len(words), func(i, j int) { words[i], words[j] = words[j], words[i] })
		for i, word := range words {
			if key, value, assigned := strings.Cut(word, "="); assigned && s.IntN(2) == 0 {
				words[i] = key + `="` + value + `"`
			}
		}
		return strings.Join(words, " ")
	}))
}

// values draws the value of a record of each type that a record may have.
func (s speller) values() map[v1alpha1.RecordType]spelling {
	var four [4]byte
	var six [16]byte
	for i := range six {
		six[i] = byte(s.IntN(256) * s.IntN(2))
		four[i%4] = byte(s.IntN(256))
	}
	address := netip.AddrFrom16(six)
	caa := s.word("abc.;= ", 1, 20)
	quoted := func(text string) spelling { return twice(func() string { return s.escaped(text) }) }
	return map[v1alpha1.RecordType]spelling{
		"A": same(netip.AddrFrom4(four).String()), "AAAA": {s.mixed(address.String()), s.mixed(address.StringExpanded())},
		"CNAME": s.host(), "NS": s.host(), "PTR": s.host(), "MX": join(" ", s.number(65536), s.host()),
		"SRV": join(" ", s.number(65536), s.number(65536), s.number(65536), s.host()),
		"TXT": s.text(), "SPF": s.text(),
		"CAA":   join(" ", same("0"), twice(func() string { return s.mixed("issue") }), quoted(caa)),
		"NAPTR": join(" ", s.number(65536), s.number(65536), quoted("s"), quoted("SIP+D2U"), quoted(""), s.host()),
		"DS":    join(" ", s.number(65536), same("13"), same("2"), s.digest(32)),
		"TLSA":  join(" ", same("3"), same("1"), same("1"), s.digest(32)), "SSHFP": join(" ", same("4"), same("2"), s.digest(32)),
		"HTTPS": s.service(), "SVCB": s.service(),
	}
}

var _ = It("Every value of every type goes through Route 53 and back, and is never written twice however it is spelled", func(ctx SpecContext) {
	seed := uint64(GinkgoRandomSeed())
	w, s := newWorld(ctx, seed), speller{rand.New(rand.NewPCG(seed, 3))}
	defer w.close()
	w.makeZone("example.com")
	others := map[string]spelling{}
	for round := range 25 {
		for recordType, value := range s.values() {
			name := strings.ToLower(fmt.Sprintf("r%d-%s", round, recordType))
			others[name] = value
			obj := object(name, typed(recordType, v1alpha1.ResourceRecord(value[0])))
			obj.UID, obj.Spec.HostedZoneID, obj.CreationTimestamp = apitypes.UID(name), w.zones[0], metav1.Time{}
			w.create(obj)
		}
	}
	expectReady := func() {
		for range 15 {
			w.turn(false)
		}
		for _, obj := range w.objects() {
			Expect(meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionReady)).To(BeTrue(),
				"seed %d: %s %q: %v", seed, obj.Name, obj.Spec.ResourceRecords, obj.Status.Conditions)
		}
	}
	expectReady()
	calls := w.Sim.Meter().Calls["route53/ChangeResourceRecordSets"]
	w.turn(true)
	w.turn(true)
	for _, obj := range w.objects() {
		w.edit(obj, func(spec *v1alpha1.RecordSetSpec) {
			spec.Name = s.mixed(obj.Name) + strings.Repeat(".example.com.", s.IntN(2))
			spec.ResourceRecords = []v1alpha1.ResourceRecord{v1alpha1.ResourceRecord(others[obj.Name][1])}
		})
	}
	expectReady()
	w.turn(true)
	Expect(w.Sim.Meter().Calls["route53/ChangeResourceRecordSets"]).To(Equal(calls), "seed %d: a second write of what means the same", seed)
})
