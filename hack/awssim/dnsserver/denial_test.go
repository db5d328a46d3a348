package dnsserver_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/miekg/dns"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

// FuzzDenial asks a signed zone with two names for a third: whatever their
// bytes, a validator proves the answer, and no proof denies a name that exists.
func FuzzDenial(f *testing.F) {
	long := func(c string) []byte { return []byte("\x3f" + strings.Repeat(c, 63)) }
	label := func(labels ...string) []byte {
		var wire []byte
		for _, l := range labels {
			wire = append(append(wire, byte(len(l))), l...)
		}
		return wire
	}
	f.Add(label("www"), label("x", "www"), label("nope"), false)
	f.Add(label("www"), label("wwv~5"), label("www", "www"), true)
	f.Add(label("www"), label("wwv~~"), label("wwx"), false)
	f.Add(label("nopd~5"), label("y", "nopd~"), label("nope"), false)
	f.Add(label("a"), label("x", "a"), label("a\x00"), false)
	f.Add(label("a"), label("a[", "b"), label("a[", "c"), false)
	f.Add(label("a"), label(strings.Repeat("b", 62)+"["), label(strings.Repeat("b", 62)+"@"), false)
	f.Add(label("*"), label("x", "w"), label("y", "w"), false)
	f.Add(label("*", "w"), label("x", "w"), label("z", "y", "w"), false)
	f.Add(label("x", "*"), label(")~"), label("q"), false)
	f.Add(label(")~5"), label("*\x00"), label("q"), false)
	f.Add(label("\x00"), label("\x00", "\x00"), label("\x00", "\x00", "\x00"), false)
	f.Add(long("\xff"), append(long("a"), long("\xff")...), slices.Concat(long("\xff"), long("b"), long("c")), false)
	f.Add(slices.Concat(long("a"), long("a"), long("a")), long("\xfe"), slices.Concat(label(strings.Repeat("b", 49)), long("a"), long("a"), long("a")), false)
	f.Fuzz(func(t *testing.T, one, two, asked []byte, compact bool) {
		var names []string
		for _, labels := range [][]byte{one, two, asked} {
			name, end, err := dns.UnpackDomainName(append(slices.Clone(labels), "\x07example\x03com\x00"...), 0)
			if err != nil || end != len(labels)+len("\x07example\x03com\x00") || commonLabels(labelsOf(name), labelsOf("example.com.")) < 2 {
				t.Skip()
			}
			names = append(names, name)
		}
		z := zone("Z1", "example.com.", set(octal(names[0]), "A", 60, "192.0.2.1"), set(octal(names[1]), "TXT", 60, `"t"`))
		resolver := dnsserver.NewResolver(dnsserver.Options{
			Backend: backend(signedBy(z, ksk, zsk)), Now: atSigningTime, CompactDenial: compact,
		})
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeMX} {
			reply, err := validate(resolver, ksk.DS("example.com.")).validated(names[2], rrtype)
			if err != nil {
				t.Fatalf("%v\n%v", err, reply)
			}
			for _, nsec := range sifted[*dns.NSEC](reply.Ns) {
				if err := honest(nsec, names[:2]); err != nil {
					t.Fatalf("%v\n%v", err, reply)
				}
			}
		}
	})
}

// honest tells whether an NSEC record runs forward and denies none of the names, nor one above them.
func honest(nsec *dns.NSEC, names []string) error {
	apex, next := labelsOf("example.com."), labelsOf(nsec.NextDomain)
	if compareLabels(labelsOf(nsec.Hdr.Name), next) >= 0 && compareLabels(next, apex) != 0 {
		return fmt.Errorf("%s runs backward", nsec)
	}
	for _, name := range names {
		for labels := labelsOf(name); len(labels) > len(apex); labels = labels[:len(labels)-1] {
			if covers(nsec, labels) {
				return fmt.Errorf("%s denies %s", nsec, name)
			}
		}
	}
	return nil
}

// octal spells a name as Route 53 does, with every byte escaped.
func octal(name string) string {
	var out strings.Builder
	labels := labelsOf(name)
	for _, label := range slices.Backward(labels) {
		for _, c := range label {
			fmt.Fprintf(&out, `\%03o`, c)
		}
		out.WriteByte('.')
	}
	return out.String()
}
