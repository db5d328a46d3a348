package route53

import (
	"encoding/hex"
	"fmt"
	"net/netip"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// valueProblem tells what is wrong with a value of a record type, or nil.
func valueProblem(rrtype types.RRType, value string) *problem {
	check, ok := valueSyntax[rrtype]
	if !ok {
		return &problem{"UnsupportedType", "Record type is not supported"}
	}
	return check(value)
}

var valueSyntax = map[types.RRType]func(string) *problem{
	types.RRTypeA:     addressSyntax("A", "IPv4", netip.Addr.Is4),
	types.RRTypeAaaa:  addressSyntax("AAAA", "IPv6", func(a netip.Addr) bool { return a.Is6() && a.Zone() == "" }),
	types.RRTypeCname: nameSyntax("CNAME"),
	types.RRTypeNs:    nameSyntax("NS"),
	types.RRTypePtr:   nameSyntax("PTR"),
	types.RRTypeTxt:   textSyntax,
	types.RRTypeSpf:   textSyntax,
	types.RRTypeCaa:   caaSyntax,
	types.RRTypeNaptr: naptrSyntax,
	types.RRTypeMx:    fieldSyntax("MX", "2", number("Preference", 65535), host),
	types.RRTypeSrv: fieldSyntax("SRV", "4", number("Priority", 65535), number("Weight", 65535),
		number("Port", 65535), host),
	types.RRTypeDs: fieldSyntax("DS", "4", number("KeyTag", 65535), number("Algorithm", 255),
		number("DigestType", 255), hexadecimal),
	types.RRTypeSoa: fieldSyntax("SOA", "7", host, host, number("Serial", 1<<32-1), number("Refresh", 1<<31-1),
		number("Retry", 1<<31-1), number("Expire", 1<<31-1), number("Minimum", 1<<31-1)),
	types.RRTypeTlsa: fieldSyntax("TLSA", "4", number("Usage", 255), number("Selector", 255),
		number("MatchingType", 255), hexadecimal),
	types.RRTypeSshfp: fieldSyntax("SSHFP", "3", number("Algorithm", 255), number("FingerprintType", 255),
		hexadecimal),
	types.RRTypeSvcb:  serviceSyntax("SVCB"),
	types.RRTypeHttps: serviceSyntax("HTTPS"),
}

func addressSyntax(rrtype, family string, isFamily func(netip.Addr) bool) func(string) *problem {
	return func(value string) *problem {
		if strings.ContainsAny(value, " \t") {
			return &problem{rrtype + "RRDATANotSingleField", "Value contains spaces"}
		}
		address, err := netip.ParseAddr(value)
		if err != nil || !isFamily(address) {
			return &problem{rrtype + "RRDATAIllegal" + family + "Address", "Value is not a valid " + family + " address"}
		}
		return nil
	}
}

func nameSyntax(rrtype string) func(string) *problem {
	return func(value string) *problem {
		if strings.ContainsAny(value, " \t") {
			return &problem{rrtype + "RRDATANotSingleField", "Value contains spaces"}
		}
		return host(rrtype, value)
	}
}

// field checks one field of a value of several fields.
type field func(rrtype, text string) *problem

// host is a domain name, or the root.
func host(_, text string) *problem {
	if text == "." {
		return nil
	}
	_, wrong := parseName(text)
	return wrong
}

// number is one from 0 up to most.
func number(name string, most uint64) field {
	return func(rrtype, text string) *problem {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil || n > most {
			return &problem{rrtype + "RRDATAIllegal" + name,
				fmt.Sprintf("%s is not a number between 0 and %d", name, most)}
		}
		return nil
	}
}

func hexadecimal(rrtype, text string) *problem {
	if _, err := hex.DecodeString(text); err != nil || text == "" {
		return &problem{rrtype + "RRDATAIllegalHex", "Value is not a valid hexadecimal string"}
	}
	return nil
}

var countNames = map[string]string{"2": "Two", "3": "Three", "4": "Four", "6": "Six", "7": "Seven"}

func wrongCount(rrtype, count string) *problem {
	return &problem{rrtype + "RRDATANot" + countNames[count] + "Fields",
		fmt.Sprintf("%s record doesn't have %s fields", rrtype, count)}
}

func fieldSyntax(rrtype, count string, fields ...field) func(string) *problem {
	return func(value string) *problem {
		parts := strings.Fields(value)
		if len(parts) != len(fields) {
			return wrongCount(rrtype, count)
		}
		for i, check := range fields {
			if wrong := check(rrtype, parts[i]); wrong != nil {
				return wrong
			}
		}
		return nil
	}
}

var (
	notQuoted     = problem{"InvalidCharacterString", "Value should be enclosed in quotation marks"}
	stringTooLong = problem{"CharacterStringTooLong", "Value is too long"}
)

// longestString is the longest character string of DNS.
const longestString = 255

// textSyntax is one or more quoted strings.
func textSyntax(value string) *problem {
	rest := strings.TrimLeft(value, " ")
	if rest == "" {
		return &notQuoted
	}
	for rest != "" {
		after, wrong := quoted(rest)
		if wrong != nil {
			return wrong
		}
		trimmed := strings.TrimLeft(after, " ")
		if after != "" && trimmed == after {
			return &notQuoted
		}
		rest = trimmed
	}
	return nil
}

// quoted reads one character string in quotation marks and gives the rest.
func quoted(text string) (rest string, wrong *problem) {
	if text == "" || text[0] != '"' {
		return "", &notQuoted
	}
	length := 0
	for i := 1; i < len(text); i++ {
		switch c := text[i]; {
		case c == '"':
			if length > longestString {
				return "", &stringTooLong
			}
			return text[i+1:], nil
		case c == '\\' && i+3 < len(text) && isOctal(text[i+1:i+4]):
			i += 3
		case c == '\\' && i+1 < len(text):
			i++
		case c < ' ' || c >= 0x7f:
			return "", &unsupportedByte
		}
		length++
	}
	return "", &notQuoted
}

var caaTag = regexp.MustCompile(`^[a-zA-Z0-9]+$`)

func caaSyntax(value string) *problem {
	parts := strings.SplitN(strings.TrimSpace(value), " ", 3)
	if len(parts) != 3 {
		return wrongCount("CAA", "3")
	}
	if parts[0] != "0" && parts[0] != "128" {
		return &problem{"CAARRDATAIllegalFlags", "Flags must be 0 or 128"}
	}
	if !caaTag.MatchString(parts[1]) {
		return &problem{"CAARRDATAIllegalTag", "Tag is not alphanumeric"}
	}
	rest, wrong := quoted(strings.TrimSpace(parts[2]))
	if wrong == nil && rest != "" {
		wrong = wrongCount("CAA", "3")
	}
	return wrong
}

func naptrSyntax(value string) *problem {
	parts := strings.SplitN(strings.TrimSpace(value), " ", 3)
	if len(parts) != 3 {
		return wrongCount("NAPTR", "6")
	}
	for i, name := range []string{"Order", "Preference"} {
		if wrong := number(name, 65535)("NAPTR", parts[i]); wrong != nil {
			return wrong
		}
	}
	rest := parts[2]
	for range 3 {
		var wrong *problem
		if rest, wrong = quoted(strings.TrimLeft(rest, " ")); wrong != nil {
			return wrong
		}
	}
	replacement := strings.Fields(rest)
	if len(replacement) != 1 {
		return wrongCount("NAPTR", "6")
	}
	return host("NAPTR", replacement[0])
}

var parameterKey = regexp.MustCompile(`^[a-z0-9-]{1,63}$`)

// serviceSyntax is that of SVCB and HTTPS: priority, target, parameters.
func serviceSyntax(rrtype string) func(string) *problem {
	return func(value string) *problem {
		parts := strings.Fields(value)
		if len(parts) < 2 {
			return wrongCount(rrtype, "2")
		}
		if wrong := number("Priority", 65535)(rrtype, parts[0]); wrong != nil {
			return wrong
		}
		if wrong := host(rrtype, parts[1]); wrong != nil {
			return wrong
		}
		if parts[0] == "0" && len(parts) > 2 {
			return &problem{rrtype + "RRDATAAliasModeWithParameters", "A record of priority 0 has no parameters"}
		}
		var seen []string
		for _, parameter := range parts[2:] {
			key, _, _ := strings.Cut(parameter, "=")
			if !parameterKey.MatchString(key) || strings.Count(parameter, `"`)%2 != 0 {
				return &problem{rrtype + "RRDATAIllegalParameter", "Parameter is not a key or key=value"}
			}
			if slices.Contains(seen, key) {
				return &problem{rrtype + "RRDATADuplicateParameter", "Parameter is given twice"}
			}
			seen = append(seen, key)
		}
		return nil
	}
}
