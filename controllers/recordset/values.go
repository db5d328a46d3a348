package recordset

import (
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// maxString is the most bytes that one character string of a TXT record holds (RFC 1035, section 3.3).
const maxString = 255

// wireValue returns a value as it is sent to Route 53: the user's own spelling, except that plain text of TXT and SPF
// records is quoted and split into strings of 255 bytes.
func wireValue(recordType types.RRType, value string) (string, error) {
	switch recordType {
	case types.RRTypeTxt, types.RRTypeSpf:
		if !strings.HasPrefix(strings.TrimSpace(value), `"`) {
			return quoteStrings(split([]byte(value))), nil
		}
		parsed, err := parseStrings(value)
		if err != nil {
			return "", fmt.Errorf("%w in the value %s: quote it as \"one\" \"two\", with \\\" for a quote inside, or give plain text without quotes", err, value)
		}
		if slices.ContainsFunc(parsed, func(s []byte) bool { return len(s) > maxString }) {
			return "", fmt.Errorf("a quoted string of the value %.40s… is longer than %d bytes: split it into several, or give plain text without quotes, which is split for you", value, maxString)
		}
	case types.RRTypeA, types.RRTypeAaaa:
		address, err := netip.ParseAddr(value)
		if err != nil || address.Zone() != "" || address.Is4() != (recordType == types.RRTypeA) {
			return "", fmt.Errorf("%q is no address for a record of type %s", value, recordType)
		}
	}
	return value, nil
}

// canonicalValue returns a value in the one form in which values are compared. Two values have the same canonical form
// exactly when they mean the same record data.
func canonicalValue(recordType types.RRType, value string) string {
	tokens, err := tokenize(value)
	if err != nil {
		return value
	}
	switch recordType {
	case types.RRTypeA, types.RRTypeAaaa:
		if address, err := netip.ParseAddr(strings.TrimSpace(value)); err == nil {
			return address.String()
		}
	case types.RRTypeCname, types.RRTypeNs, types.RRTypePtr:
		return canonicalTokens(tokens, canonicalName)
	case types.RRTypeMx:
		return canonicalTokens(tokens, number, canonicalName)
	case types.RRTypeSrv:
		return canonicalTokens(tokens, number, number, number, canonicalName)
	case types.RRTypeSoa:
		return canonicalTokens(tokens, canonicalName, canonicalName, number, number, number, number, number)
	case types.RRTypeNaptr:
		return canonicalTokens(tokens, number, number, quoted, quoted, quoted, canonicalName)
	case types.RRTypeCaa:
		return canonicalTokens(tokens, number, strings.ToLower, quoted)
	case types.RRTypeDs, types.RRTypeTlsa:
		return canonicalHex(tokens, 3)
	case types.RRTypeSshfp:
		return canonicalHex(tokens, 2)
	case types.RRTypeSvcb, types.RRTypeHttps:
		return canonicalService(tokens)
	case types.RRTypeTxt, types.RRTypeSpf:
		return canonicalTokens(tokens, repeat(quoted, len(tokens))...)
	}
	return strings.Join(tokens, " ")
}

// canonicalTokens applies a form to each token; a value with more or fewer tokens than expected stays as it is.
func canonicalTokens(tokens []string, forms ...func(string) string) string {
	if len(tokens) != len(forms) {
		return strings.Join(tokens, " ")
	}
	out := make([]string, len(tokens))
	for i, form := range forms {
		out[i] = form(tokens[i])
	}
	return strings.Join(out, " ")
}

// canonicalHex is the form of numbers followed by hexadecimal data, which may be broken by spaces.
func canonicalHex(tokens []string, numbers int) string {
	if len(tokens) <= numbers {
		return strings.Join(tokens, " ")
	}
	out := make([]string, 0, numbers+1)
	for _, token := range tokens[:numbers] {
		out = append(out, number(token))
	}
	return strings.Join(append(out, strings.ToUpper(strings.Join(tokens[numbers:], ""))), " ")
}

// canonicalService is the form of SVCB and HTTPS: priority, target, parameters in any order, quoted or not (RFC 9460).
func canonicalService(tokens []string) string {
	if len(tokens) < 2 {
		return strings.Join(tokens, " ")
	}
	target := tokens[1]
	if target != "." {
		target = canonicalName(target)
	}
	parameters := make([]string, 0, len(tokens)-2)
	for _, token := range tokens[2:] {
		key, value, assigned := strings.Cut(token, "=")
		key = strings.ToLower(key)
		if assigned {
			key += "=" + quoted(value)
		}
		parameters = append(parameters, key)
	}
	slices.Sort(parameters)
	return strings.Join(append([]string{number(tokens[0]), target}, parameters...), " ")
}

// number is the form of a decimal number: without leading zeros.
func number(token string) string {
	if n, err := strconv.ParseUint(token, 10, 32); err == nil {
		return strconv.FormatUint(n, 10)
	}
	return token
}

// quoted is the form of a character string, given with or without quotes. A token that is neither stays as it is.
func quoted(token string) string {
	whole := token
	if !strings.HasPrefix(token, `"`) {
		whole = `"` + token + `"`
	}
	parsed, err := parseStrings(whole)
	if err != nil || len(parsed) != 1 {
		return token
	}
	return quoteStrings(parsed)
}

func repeat(form func(string) string, n int) []func(string) string {
	return slices.Repeat([]func(string) string{form}, n)
}

// split cuts text into strings of 255 bytes.
func split(text []byte) [][]byte { return slices.Collect(slices.Chunk(text, maxString)) }

// quoteStrings writes character strings as Route 53 takes them: in quotes, \" and \\ escaped, and bytes outside
// printable ASCII as \ooo.
func quoteStrings(parts [][]byte) string {
	var out strings.Builder
	for i, part := range parts {
		if i > 0 {
			out.WriteByte(' ')
		}
		out.WriteByte('"')
		for _, c := range part {
			switch {
			case c == '"' || c == '\\':
				out.WriteByte('\\')
				out.WriteByte(c)
			case c < ' ' || c > '~':
				fmt.Fprintf(&out, `\%03o`, c)
			default:
				out.WriteByte(c)
			}
		}
		out.WriteByte('"')
	}
	return out.String()
}

var (
	errUnclosed = errors.New("a quote is not closed")
	errUnquoted = errors.New("text stands outside the quotes")
)

// parseStrings reads quoted character strings separated by white space.
func parseStrings(value string) ([][]byte, error) {
	tokens, err := tokenize(value)
	if err != nil {
		return nil, err
	}
	parsed := make([][]byte, 0, len(tokens))
	for _, token := range tokens {
		if len(token) < 2 || token[0] != '"' || token[len(token)-1] != '"' {
			return nil, errUnquoted
		}
		parsed = append(parsed, unescape(token[1:len(token)-1]))
	}
	return parsed, nil
}

// unescape reads \", \\ and \ooo.
func unescape(s string) []byte {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '\\' && i+1 < len(s) {
			if b, ok := octal(s[i+1:]); ok {
				c, i = b, i+3
			} else {
				i++
				c = s[i]
			}
		}
		out = append(out, c)
	}
	return out
}

// tokenize splits a value at white space outside quotes; a token keeps its quotes and escapes. Two quoted strings that
// touch are two tokens.
func tokenize(value string) ([]string, error) {
	var tokens []string
	var token strings.Builder
	quoting := false
	flush := func() {
		if token.Len() > 0 {
			tokens = append(tokens, token.String())
			token.Reset()
		}
	}
	for i := 0; i < len(value); i++ {
		c := value[i]
		switch {
		case c == '\\' && i+1 < len(value):
			token.WriteByte(c)
			i++
			token.WriteByte(value[i])
			continue
		case c == '"' && !quoting:
			if strings.HasPrefix(token.String(), `"`) {
				flush()
			}
			quoting = true
		case c == '"':
			quoting = false
		case !quoting && (c == ' ' || c == '\t'):
			flush()
			continue
		}
		token.WriteByte(c)
	}
	if quoting {
		return nil, errUnclosed
	}
	flush()
	return tokens, nil
}
