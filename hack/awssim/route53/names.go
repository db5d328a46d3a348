package route53

import (
	"fmt"
	"slices"
	"strings"
)

const (
	longestLabel = 63
	longestName  = 255
)

// problem is a syntax error in Route 53's words: a code and its explanation.
type problem struct{ code, text string }

func (p problem) with(value string) string {
	return fmt.Sprintf("FATAL problem: %s (%s) encountered with '%s'", p.code, p.text, value)
}

var (
	labelEmpty      = problem{"DomainLabelEmpty", "Domain label is empty"}
	labelTooLong    = problem{"DomainLabelTooLong", "Domain label is too long"}
	nameTooLong     = problem{"DomainNameTooLong", "Domain name is too long"}
	unsupportedByte = problem{"UnsupportedCharacter", "Value contains unsupported characters"}
)

// NormalName is a domain name as Route 53 stores and returns it: lower-case,
// with a trailing dot, and with every byte other than a-z, 0-9, - and _ as an
// octal escape. ok is false for what is no domain name.
func NormalName(name string) (normal string, ok bool) {
	normal, wrong := parseName(name)
	return normal, wrong == nil
}

func parseName(name string) (string, *problem) {
	var normal strings.Builder
	label, total := 0, 0
	endLabel := func() *problem {
		switch {
		case label == 0:
			return &labelEmpty
		case label > longestLabel:
			return &labelTooLong
		}
		total += label + 1
		label = 0
		normal.WriteByte('.')
		return nil
	}
	name = strings.TrimSuffix(name, ".")
	for i := 0; i < len(name); {
		if name[i] == '.' {
			if wrong := endLabel(); wrong != nil {
				return "", wrong
			}
			i++
			continue
		}
		decoded, width, wrong := decodeByte(name[i:])
		if wrong != nil {
			return "", wrong
		}
		writeNormal(&normal, decoded)
		label++
		i += width
	}
	if wrong := endLabel(); wrong != nil {
		return "", wrong
	}
	if total > longestName {
		return "", &nameTooLong
	}
	return normal.String(), nil
}

// decodeByte reads one byte of a name, which may be an octal escape.
func decodeByte(text string) (decoded byte, width int, wrong *problem) {
	switch c := text[0]; {
	case c == '\\':
		if len(text) < 4 || !isOctal(text[1:4]) {
			return 0, 0, &unsupportedByte
		}
		return (text[1]-'0')<<6 | (text[2]-'0')<<3 | (text[3] - '0'), 4, nil
	case c <= ' ' || c >= 0x7f:
		return 0, 0, &unsupportedByte
	default:
		return c, 1, nil
	}
}

func isOctal(digits string) bool {
	return digits[0] >= '0' && digits[0] <= '3' &&
		digits[1] >= '0' && digits[1] <= '7' && digits[2] >= '0' && digits[2] <= '7'
}

func writeNormal(normal *strings.Builder, c byte) {
	if c >= 'A' && c <= 'Z' {
		c += 'a' - 'A'
	}
	if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '_' {
		normal.WriteByte(c)
		return
	}
	fmt.Fprintf(normal, `\%03o`, c)
}

// sortName is the order of names in listings: labels reversed, in ASCII, the
// trailing dot counted. It takes a normal name.
func sortName(normal string) string {
	labels := strings.Split(strings.TrimSuffix(normal, "."), ".")
	slices.Reverse(labels)
	return strings.Join(labels, ".") + "."
}

// within tells whether a normal name is in a zone of that name.
func within(name, zone string) bool {
	return name == zone || strings.HasSuffix(name, "."+zone)
}

// isWildcard tells whether a normal name's leftmost label is a single asterisk.
func isWildcard(name string) bool { return strings.HasPrefix(name, `\052.`) }

// bareID strips the resource prefix that ids carry on output
// (/hostedzone/Z…, /change/C…) and that callers may send back.
func bareID(id string) string {
	if at := strings.LastIndexByte(id, '/'); at >= 0 {
		return id[at+1:]
	}
	return id
}
