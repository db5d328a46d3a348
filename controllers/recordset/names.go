package recordset

import (
	"fmt"
	"strings"
)

// apex is how a spec names the zone itself.
const apex = "@"

// canonicalName returns a domain name in Route 53's own spelling: lower case, every byte but a–z, 0–9, "-" and "_" as
// \ooo, with a trailing dot. Names are compared in this form only. A byte that cannot be read stays as it is, so the
// function never fails and its result is its own canonical form.
func canonicalName(name string) string {
	var out strings.Builder
	for i := 0; i < len(name); i++ {
		c := name[i]
		switch {
		case c == '.':
			out.WriteByte('.')
			continue
		case c == '\\':
			if b, ok := octal(name[i+1:]); ok {
				c, i = b, i+3
			}
		}
		writeNameByte(&out, c)
	}
	if !strings.HasSuffix(name, ".") {
		out.WriteByte('.')
	}
	return out.String()
}

// readableName writes a canonical name as people do: with a "*" for a wildcard.
func readableName(name string) string {
	if rest, wild := strings.CutPrefix(name, `\052.`); wild {
		return "*." + rest
	}
	return name
}

// writeNameByte writes one byte of a label in Route 53's spelling.
func writeNameByte(out *strings.Builder, c byte) {
	switch {
	case 'A' <= c && c <= 'Z':
		out.WriteByte(c + 'a' - 'A')
	case 'a' <= c && c <= 'z', '0' <= c && c <= '9', c == '-', c == '_':
		out.WriteByte(c)
	default:
		fmt.Fprintf(out, `\%03o`, c)
	}
}

// octal reads three octal digits.
func octal(s string) (byte, bool) {
	if len(s) < 3 {
		return 0, false
	}
	value := 0
	for i := range 3 {
		if s[i] < '0' || s[i] > '7' {
			return 0, false
		}
		value = value*8 + int(s[i]-'0')
	}
	return byte(value), value <= 0xff
}

// resolveName returns the full name, in canonical form, of a record whose spec names it relative to the zone, by "@",
// or absolutely with a trailing dot.
func resolveName(name, zone string) (string, error) {
	switch {
	case name == apex:
		return zone, nil
	case strings.HasSuffix(name, "."):
		full := canonicalName(name)
		if full != zone && !strings.HasSuffix(full, "."+zone) {
			return "", fmt.Errorf("spec.name %s is not in the zone %s: use a name that ends in it, or another zone", name, zone)
		}
		return full, nil
	}
	full := canonicalName(name)
	if full == zone || strings.HasSuffix(full, "."+zone) {
		return "", fmt.Errorf("spec.name %s is relative, so it would become %s%s: write %s. with a trailing dot, or leave the zone's name out (%s for the zone itself)",
			name, full, zone, name, apex)
	}
	return full + zone, nil
}
