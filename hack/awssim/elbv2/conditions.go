package elbv2

import (
	"net/netip"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// fields that a rule can have several conditions of; of others it has at most one.
var repeatable = []string{"http-header", "query-string"}

// mostText bounds a value of a condition, mostName the name of a header or a method.
const mostText, mostName = 128, 40

// conditions checks a rule's conditions and gives them in normal form: what they
// match is in their Config member.
func (q Quotas) conditions(b *balancer, given []types.RuleCondition) ([]types.RuleCondition, error) {
	if len(given) == 0 {
		return nil, invalid("A rule must have at least one condition")
	}
	normal := make([]types.RuleCondition, len(given))
	seen := map[string]bool{}
	var values, wildcards int
	for i := range given {
		c, err := normalCondition(given[i])
		if err != nil {
			return nil, err
		}
		field := *c.Field
		if seen[field] && !slices.Contains(repeatable, field) {
			return nil, invalid("A rule can only have one '%s' condition", field)
		}
		seen[field] = true
		m := matches(&c)
		if b.Type == types.LoadBalancerTypeEnumNetwork {
			err = checkNetworkCondition(&c)
		} else {
			err = m.check(&c)
		}
		if err != nil {
			return nil, err
		}
		values += len(m.values) + len(m.regexes)
		if m.wild {
			wildcards += m.countWildcards()
		}
		normal[i] = c
	}
	switch {
	case values > q.ValuesPerRule:
		return nil, invalid("A rule can only have '%d' condition values", q.ValuesPerRule)
	case wildcards > q.WildcardsPerRule:
		return nil, invalid("A rule can only have '%d' condition wildcards", q.WildcardsPerRule)
	}
	return normal, nil
}

// normalCondition moves values at the top, which host-header and path-pattern
// can have, into the Config member, and checks that there is the one of the field.
func normalCondition(c types.RuleCondition) (types.RuleCondition, error) {
	field := aws.ToString(c.Field)
	if valid[field] == nil {
		return c, invalid("Condition field '%s' must be one of '[path-pattern, host-header, http-header, http-request-method, "+
			"query-string, source-ip]'", field)
	}
	top := len(c.Values)+len(c.RegexValues) > 0
	switch {
	case top && field == "host-header" && c.HostHeaderConfig == nil:
		c.HostHeaderConfig = &types.HostHeaderConditionConfig{Values: c.Values, RegexValues: c.RegexValues}
	case top && field == "path-pattern" && c.PathPatternConfig == nil:
		c.PathPatternConfig = &types.PathPatternConditionConfig{Values: c.Values, RegexValues: c.RegexValues}
	case top && !sameTop(&c, field):
		return c, invalid("You cannot specify values and a configuration for a condition with field '%s'", field)
	}
	c.Values, c.RegexValues = nil, nil
	configs := map[string]bool{
		"host-header": c.HostHeaderConfig != nil, "path-pattern": c.PathPatternConfig != nil,
		"http-header": c.HttpHeaderConfig != nil, "query-string": c.QueryStringConfig != nil,
		"http-request-method": c.HttpRequestMethodConfig != nil, "source-ip": c.SourceIpConfig != nil,
	}
	for other, has := range configs {
		if has && other != field {
			return c, invalid("A condition with field '%s' cannot have the configuration of '%s'", field, other)
		}
	}
	if !configs[field] {
		return c, invalid("A condition value must be specified")
	}
	return c, nil
}

// sameTop tells whether the values at the top say what the configuration does.
func sameTop(c *types.RuleCondition, field string) bool {
	switch field {
	case "host-header":
		return slices.Equal(c.Values, c.HostHeaderConfig.Values) && slices.Equal(c.RegexValues, c.HostHeaderConfig.RegexValues)
	case "path-pattern":
		return slices.Equal(c.Values, c.PathPatternConfig.Values) && slices.Equal(c.RegexValues, c.PathPatternConfig.RegexValues)
	}
	return false
}

// describedConditions are conditions as AWS gives them: the values of
// host-header and path-pattern twice.
func describedConditions(conditions []types.RuleCondition) []types.RuleCondition {
	shown := slices.Clone(conditions)
	for i := range shown {
		c := &shown[i]
		switch {
		case c.HostHeaderConfig != nil:
			c.Values, c.RegexValues = c.HostHeaderConfig.Values, c.HostHeaderConfig.RegexValues
		case c.PathPatternConfig != nil:
			c.Values, c.RegexValues = c.PathPatternConfig.Values, c.PathPatternConfig.RegexValues
		}
	}
	return shown
}

// matching is what a condition compares with.
type matching struct {
	values, regexes []string
	// wild tells that values may have the wildcards * and ?.
	wild bool
}

func matches(c *types.RuleCondition) matching {
	switch {
	case c.HostHeaderConfig != nil:
		return matching{c.HostHeaderConfig.Values, c.HostHeaderConfig.RegexValues, true}
	case c.PathPatternConfig != nil:
		return matching{c.PathPatternConfig.Values, c.PathPatternConfig.RegexValues, true}
	case c.HttpHeaderConfig != nil:
		return matching{c.HttpHeaderConfig.Values, c.HttpHeaderConfig.RegexValues, true}
	case c.HttpRequestMethodConfig != nil:
		return matching{values: c.HttpRequestMethodConfig.Values}
	case c.SourceIpConfig != nil:
		return matching{values: c.SourceIpConfig.Values}
	}
	var pairs []string
	for _, p := range c.QueryStringConfig.Values {
		pairs = append(pairs, aws.ToString(p.Key)+"\x00"+aws.ToString(p.Value))
	}
	return matching{values: pairs, wild: true}
}

func (m matching) countWildcards() int {
	count := 0
	for _, value := range m.values {
		value = strings.ReplaceAll(strings.ReplaceAll(value, `\*`, ""), `\?`, "")
		count += strings.Count(value, "*") + strings.Count(value, "?")
	}
	return count
}

func (m matching) check(c *types.RuleCondition) error {
	field := *c.Field
	switch {
	case len(m.values)+len(m.regexes) == 0:
		return invalid("A condition value must be specified")
	case len(m.values) > 0 && len(m.regexes) > 0:
		return invalid("You cannot specify values and regular expressions for a condition with field '%s'", field)
	}
	for _, regex := range m.regexes {
		if _, err := regexp.Compile(regex); err != nil || len(regex) > mostText || regex == "" {
			return invalid("The regular expression '%s' of a condition with field '%s' is not valid", regex, field)
		}
	}
	if c.HttpHeaderConfig != nil {
		if err := checkHeaderName(aws.ToString(c.HttpHeaderConfig.HttpHeaderName)); err != nil {
			return err
		}
	}
	for _, value := range m.values {
		if !valid[field](value) {
			return invalid("Condition value '%s' is not valid for the field '%s'", strings.ReplaceAll(value, "\x00", "="), field)
		}
	}
	return nil
}

var (
	hostPattern   = regexp.MustCompile(`^[A-Za-z0-9.*?-]+$`)
	pathPattern   = regexp.MustCompile("^[A-Za-z0-9_.$/~\"'@:+&()!,;=%*?-]+$")
	methodPattern = regexp.MustCompile(`^[A-Z_-]+$`)
	headerPattern = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")
)

// valid tells whether a value can be matched by a field.
var valid = map[string]func(string) bool{
	"host-header": func(value string) bool {
		return len(value) <= mostText && hostPattern.MatchString(value) && strings.Contains(value, ".")
	},
	"path-pattern":        func(value string) bool { return len(value) <= mostText && pathPattern.MatchString(value) },
	"http-header":         func(value string) bool { return value != "" && len(value) <= mostText },
	"http-request-method": func(value string) bool { return len(value) <= mostName && methodPattern.MatchString(value) },
	"query-string": func(pair string) bool {
		key, value, _ := strings.Cut(pair, "\x00")
		return value != "" && len(key) <= mostText && len(value) <= mostText
	},
	"source-ip": func(value string) bool { _, err := netip.ParsePrefix(value); return err == nil },
}

func checkHeaderName(name string) error {
	if !headerPattern.MatchString(name) || strings.ContainsAny(name, "*?") || len(name) > mostName || strings.EqualFold(name, "host") {
		return invalid("The HTTP header name '%s' is not valid", name)
	}
	return nil
}

// checkNetworkCondition checks the one kind of condition that rules of network
// load balancers have.
func checkNetworkCondition(c *types.RuleCondition) error {
	if *c.Field != "source-ip" || len(c.SourceIpConfig.Values) > 0 ||
		!slices.Contains(c.SourceIpConfig.IpAddressType.Values(), c.SourceIpConfig.IpAddressType) {
		return invalid("Rules of network load balancers can only have a 'source-ip' condition with an IP address type")
	}
	return nil
}
