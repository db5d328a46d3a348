package dnsserver

import (
	"fmt"
	"strings"

	"github.com/miekg/dns"
)

// domain is a name in wire format with its letters lower case. Unlike any
// presentation form it has one spelling per name, so it can be a map key, and
// cutting labels off never has to look at escapes.
type domain string

const rootDomain domain = "\x00"

const (
	wildcardLabel = "\x01*"
	maxLabel      = 63
	maxName       = 255
)

// parseName reads a name as Route 53 writes it: `\ooo` is an octal byte, the trailing dot is optional.
func parseName(s string) (domain, error) {
	if s == "." {
		return rootDomain, nil
	}
	var name strings.Builder
	label := make([]byte, 0, maxLabel)
	for rest := s; rest != ""; {
		if rest[0] != '.' {
			var char byte
			char, rest = nextChar(rest)
			label = append(label, lower(char))
			if rest != "" {
				continue
			}
		} else {
			rest = rest[1:]
		}
		if len(label) == 0 || len(label) > maxLabel {
			return "", fmt.Errorf("%q has a label of %d bytes; a label has 1 to %d", s, len(label), maxLabel)
		}
		name.WriteByte(byte(len(label)))
		name.Write(label)
		label = label[:0]
	}
	if name.Len() == 0 || name.Len() >= maxName {
		return "", fmt.Errorf("%q is %d bytes long; a name has 1 to %d", s, name.Len(), maxName)
	}
	return domain(name.String()) + rootDomain, nil
}

// wireName reads a name as package dns writes it: `\ddd` is a decimal byte.
func wireName(s string) (domain, error) {
	buf := make([]byte, maxName+1)
	end, err := dns.PackDomainName(dns.Fqdn(s), buf, 0, nil, false)
	if err != nil {
		return "", fmt.Errorf("reading name %q: %w", s, err)
	}
	for i := range buf[:end] { // length bytes are below 64 and so never letters
		buf[i] = lower(buf[i])
	}
	return domain(buf[:end]), nil
}

// String writes the name as package dns reads it.
func (d domain) String() string {
	s, _, err := dns.UnpackDomainName([]byte(d), 0)
	if err != nil {
		return fmt.Sprintf("%q", string(d))
	}
	return s
}

// parent cuts off the leftmost label; the root is its own parent.
func (d domain) parent() domain {
	if len(d) <= 1 {
		return rootDomain
	}
	return d[1+int(d[0]):]
}

// within tells whether d is apex or a name below it.
func (d domain) within(apex domain) bool {
	for ; len(d) > len(apex); d = d.parent() {
	}
	return d == apex
}

// decimalEscapes turns Route 53's octal escapes into the decimal ones of zone files.
func decimalEscapes(s string) string {
	if !strings.Contains(s, `\`) {
		return s
	}
	var out strings.Builder
	for s != "" {
		if s[0] != '\\' {
			out.WriteByte(s[0])
			s = s[1:]
			continue
		}
		var char byte
		char, s = nextChar(s)
		fmt.Fprintf(&out, `\%03d`, char)
	}
	return out.String()
}

// nextChar splits the first byte off s and resolves its escape: `\ooo` or `\` and any one character.
func nextChar(s string) (char byte, rest string) {
	if s[0] != '\\' || len(s) == 1 {
		return s[0], s[1:]
	}
	if len(s) >= 4 && s[1] <= '3' && isOctal(s[1]) && isOctal(s[2]) && isOctal(s[3]) {
		return (s[1]-'0')<<6 | (s[2]-'0')<<3 | (s[3] - '0'), s[4:]
	}
	return s[1], s[2:]
}

func isOctal(c byte) bool { return '0' <= c && c <= '7' }

func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
