package dataplane

import (
	"net/http"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// rule is a rule that is ready to be matched.
type rule struct {
	priority   int
	conditions []condition
	actions    []types.Action
	transforms []transform
	// weights spread what is forwarded over target groups.
	weights *rotation
}

// subject is what conditions look at. A connection has nothing but a source.
type subject struct {
	source netip.Addr
	method string
	host   string
	// path is as the client wrote it.
	path   string
	query  url.Values
	header http.Header
}

// condition tells whether a subject meets it.
type condition func(*subject) bool

func never(*subject) bool { return false }

func compile(r elbv2.Rule, weights *rotation) rule {
	compiled := rule{priority: r.Priority, actions: r.Actions, weights: weights}
	for i := range r.Conditions {
		compiled.conditions = append(compiled.conditions, compileCondition(&r.Conditions[i]))
	}
	for i := range r.Transforms {
		compiled.transforms = append(compiled.transforms, compileTransform(&r.Transforms[i])...)
	}
	return compiled
}

func (r *rule) matches(s *subject) bool {
	for _, met := range r.conditions {
		if !met(s) {
			return false
		}
	}
	return true
}

// match is the first rule whose conditions are all met, or the default.
func (b *behaviour) match(s *subject) *rule {
	for i := range b.rules {
		if b.rules[i].matches(s) {
			return &b.rules[i]
		}
	}
	return &b.fallback
}

// subjectOf is what conditions see of a request.
func subjectOf(r *http.Request, source netip.Addr) *subject {
	// What cannot be parsed matches no condition; the rest of it does.
	query, _ := url.ParseQuery(r.URL.RawQuery)
	return &subject{
		source: source, method: r.Method, host: hostOnly(r.Host), path: r.URL.EscapedPath(), query: query, header: r.Header,
	}
}

// hostOnly is a Host header without its port.
func hostOnly(host string) string {
	if at := strings.LastIndexByte(host, ':'); at >= 0 && !strings.HasSuffix(host, "]") {
		return host[:at]
	}
	return host
}

func compileCondition(c *types.RuleCondition) condition {
	switch aws.ToString(c.Field) {
	case "host-header":
		if c.HostHeaderConfig == nil {
			return never
		}
		test := compileText(c.HostHeaderConfig.Values, c.HostHeaderConfig.RegexValues, true)
		return func(s *subject) bool { return test(s.host) }
	case "path-pattern":
		if c.PathPatternConfig == nil {
			return never
		}
		test := compileText(c.PathPatternConfig.Values, c.PathPatternConfig.RegexValues, false)
		return func(s *subject) bool { return test(s.path) }
	case "http-header":
		return compileHeader(c.HttpHeaderConfig)
	case "http-request-method":
		if c.HttpRequestMethodConfig == nil {
			return never
		}
		return func(s *subject) bool { return slices.Contains(c.HttpRequestMethodConfig.Values, s.method) }
	case "query-string":
		return compileQuery(c.QueryStringConfig)
	case "source-ip":
		return compileSource(c.SourceIpConfig)
	}
	return never
}

func compileHeader(config *types.HttpHeaderConditionConfig) condition {
	if config == nil {
		return never
	}
	test := compileText(config.Values, config.RegexValues, true)
	name := http.CanonicalHeaderKey(aws.ToString(config.HttpHeaderName))
	return func(s *subject) bool { return slices.ContainsFunc(s.header[name], test) }
}

func compileQuery(config *types.QueryStringConditionConfig) condition {
	if config == nil {
		return never
	}
	type pair struct{ key, value func(string) bool }
	anything := func(string) bool { return true }
	var pairs []pair
	for _, wanted := range config.Values {
		one := pair{anything, compileText([]string{aws.ToString(wanted.Value)}, nil, true)}
		if aws.ToString(wanted.Key) != "" {
			one.key = compileText([]string{*wanted.Key}, nil, true)
		}
		pairs = append(pairs, one)
	}
	return func(s *subject) bool {
		for key, values := range s.query {
			for _, p := range pairs {
				if p.key(key) && slices.ContainsFunc(values, p.value) {
					return true
				}
			}
		}
		return false
	}
}

func compileSource(config *types.SourceIpConditionConfig) condition {
	if config == nil {
		return never
	}
	var ranges []netip.Prefix
	for _, value := range config.Values {
		// What is no range was refused by the control plane.
		if parsed, err := netip.ParsePrefix(value); err == nil {
			ranges = append(ranges, parsed)
		}
	}
	family := config.IpAddressType
	return func(s *subject) bool {
		if family == types.SourceIpAddressTypeEnumIpv4 && s.source.Is4() || family == types.SourceIpAddressTypeEnumIpv6 && s.source.Is6() {
			return true
		}
		return slices.ContainsFunc(ranges, func(r netip.Prefix) bool { return r.Contains(s.source) })
	}
}

// compileText tells whether text is like one of some values with wildcards, or
// holds what one of some regular expressions describes.
func compileText(values, expressions []string, anyCase bool) func(string) bool {
	flags := "(?s)"
	if anyCase {
		flags = "(?is)"
	}
	var tests []*regexp.Regexp
	for _, value := range values {
		tests = append(tests, regexp.MustCompile(flags+"^"+wildcards(value)+"$"))
	}
	for _, expression := range expressions {
		// An expression that Go cannot read matches nothing.
		if test, err := regexp.Compile(flags + expression); err == nil {
			tests = append(tests, test)
		}
	}
	return func(text string) bool {
		return slices.ContainsFunc(tests, func(test *regexp.Regexp) bool { return test.MatchString(text) })
	}
}

// wildcards is a pattern, where * is any text, ? is one character, and either
// is itself after a backslash, as a regular expression.
func wildcards(pattern string) string {
	var out strings.Builder
	escaped := false
	for _, r := range pattern {
		switch {
		case escaped && r != '*' && r != '?' && r != '\\':
			out.WriteString(regexp.QuoteMeta(`\` + string(r)))
			escaped = false
		case escaped:
			out.WriteString(regexp.QuoteMeta(string(r)))
			escaped = false
		case r == '\\':
			escaped = true
		case r == '*':
			out.WriteString(".*")
		case r == '?':
			out.WriteString(".")
		default:
			out.WriteString(regexp.QuoteMeta(string(r)))
		}
	}
	if escaped {
		out.WriteString(`\\`)
	}
	return out.String()
}
