package loadbalancer

import (
	"fmt"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Fields of rule conditions, as AWS names them.
const (
	fieldHostHeader    = "host-header"
	fieldPathPattern   = "path-pattern"
	fieldHTTPHeader    = "http-header"
	fieldQueryString   = "query-string"
	fieldRequestMethod = "http-request-method"
	fieldSourceIP      = "source-ip"
)

// condition is a rule condition in the one form in which conditions are compared: values and regular expressions are
// sets, and their order means nothing. Letter case is kept where it means something.
type condition struct {
	field string
	// name is the header that an http-header condition is about, or the address family of a source-ip condition.
	name    string
	values  []string
	regexes []string
}

// text is how a condition is told and sorted.
func (c condition) text() string {
	text := c.field
	if c.name != "" {
		text += " " + c.name
	}
	if len(c.values) > 0 {
		text += " " + strings.Join(c.values, "|")
	}
	if len(c.regexes) > 0 {
		text += " ~ " + strings.Join(c.regexes, "|")
	}
	return text
}

// normalConditions returns conditions in comparable form. Their order means nothing, and a field may stand in several:
// each of these must hold by itself.
func normalConditions(conditions []types.RuleCondition) []condition {
	normal := make([]condition, 0, len(conditions))
	for i := range conditions {
		normal = append(normal, normalCondition(&conditions[i]))
	}
	slices.SortFunc(normal, func(a, b condition) int { return strings.Compare(a.text(), b.text()) })
	return normal
}

// normalCondition reads the values from where they are: Describe returns those of host and path both at the top and
// in the field's own configuration.
func normalCondition(c *types.RuleCondition) condition {
	normal := condition{field: aws.ToString(c.Field), values: c.Values, regexes: c.RegexValues}
	lower := false
	switch {
	case normal.field == fieldHostHeader:
		lower = true
		if c.HostHeaderConfig != nil {
			normal.values, normal.regexes = c.HostHeaderConfig.Values, c.HostHeaderConfig.RegexValues
		}
	case c.PathPatternConfig != nil:
		normal.values, normal.regexes = c.PathPatternConfig.Values, c.PathPatternConfig.RegexValues
	case c.HttpHeaderConfig != nil:
		lower = true
		normal.name = strings.ToLower(aws.ToString(c.HttpHeaderConfig.HttpHeaderName))
		normal.values, normal.regexes = c.HttpHeaderConfig.Values, c.HttpHeaderConfig.RegexValues
	case c.QueryStringConfig != nil:
		normal.values = queryValues(c.QueryStringConfig.Values)
	case c.HttpRequestMethodConfig != nil:
		normal.values = c.HttpRequestMethodConfig.Values
	case c.SourceIpConfig != nil:
		normal.name = string(c.SourceIpConfig.IpAddressType)
		normal.values = cidrs(c.SourceIpConfig.Values)
	}
	normal.values, normal.regexes = asSet(normal.values, lower), asSet(normal.regexes, false)
	return normal
}

func queryValues(pairs []types.QueryStringKeyValuePair) []string {
	var values []string
	for _, pair := range pairs {
		if pair.Key == nil || *pair.Key == "" {
			values = append(values, aws.ToString(pair.Value))
			continue
		}
		values = append(values, *pair.Key+"="+aws.ToString(pair.Value))
	}
	return values
}

// cidrs returns blocks in the spelling in which they can be compared.
func cidrs(blocks []string) []string {
	var normal []string
	for _, block := range blocks {
		if prefix, err := netip.ParsePrefix(block); err == nil {
			block = prefix.Masked().String()
		}
		normal = append(normal, block)
	}
	return normal
}

func asSet(values []string, lower bool) []string {
	set := slices.Clone(values)
	for i := range set {
		if lower {
			set[i] = strings.ToLower(set[i])
		}
	}
	slices.Sort(set)
	if set = slices.Compact(set); len(set) == 0 {
		return nil
	}
	return set
}

// sameConditions reports whether two lists of conditions hold for the same requests.
func sameConditions(a, b []types.RuleCondition) bool {
	return reflect.DeepEqual(normalConditions(a), normalConditions(b))
}

func conditionsText(conditions []types.RuleCondition) string {
	var parts []string
	for _, c := range normalConditions(conditions) {
		parts = append(parts, c.text())
	}
	return strings.Join(parts, " and ")
}

// normalTransforms returns transforms by type: there is at most one of each, and their order means nothing.
func normalTransforms(transforms []types.RuleTransform) map[types.TransformTypeEnum][]types.RewriteConfig {
	normal := map[types.TransformTypeEnum][]types.RewriteConfig{}
	for _, t := range transforms {
		switch {
		case t.HostHeaderRewriteConfig != nil:
			normal[t.Type] = t.HostHeaderRewriteConfig.Rewrites
		case t.UrlRewriteConfig != nil:
			normal[t.Type] = t.UrlRewriteConfig.Rewrites
		}
	}
	return normal
}

func sameTransforms(a, b []types.RuleTransform) bool {
	return transformsText(a) == transformsText(b)
}

func transformsText(transforms []types.RuleTransform) string {
	normal := normalTransforms(transforms)
	var parts []string
	for _, kind := range []types.TransformTypeEnum{types.TransformTypeEnumHostHeaderRewrite, types.TransformTypeEnumUrlRewrite} {
		for _, rewrite := range normal[kind] {
			parts = append(parts, fmt.Sprintf("%s %q to %q", kind, aws.ToString(rewrite.Regex), aws.ToString(rewrite.Replace)))
		}
	}
	return strings.Join(parts, " and ")
}

// mayMeet reports whether a request may exist for which both lists of conditions hold. It errs on the side of true.
func mayMeet(a, b []types.RuleCondition) bool {
	for _, one := range normalConditions(a) {
		for _, other := range normalConditions(b) {
			if one.field == other.field && one.excludes(other) {
				return false
			}
		}
	}
	return true
}

// excludes reports whether no request can meet both conditions, which are of one field.
func (c condition) excludes(other condition) bool {
	switch c.field {
	case fieldHostHeader, fieldPathPattern, fieldRequestMethod:
	default:
		return false
	}
	if len(c.regexes)+len(other.regexes) > 0 {
		return false
	}
	for _, a := range c.values {
		for _, b := range other.values {
			if patternsMeet(a, b) {
				return false
			}
		}
	}
	return true
}

// patternsMeet reports whether a text may match both patterns, going by what stands before their first and after their
// last wildcard.
func patternsMeet(a, b string) bool {
	const wildcards = "*?"
	i, j := strings.IndexAny(a, wildcards), strings.IndexAny(b, wildcards)
	if i < 0 && j < 0 {
		return a == b
	}
	headA, headB := head(a, i), head(b, j)
	if i < 0 && len(headA) < len(headB) || j < 0 && len(headB) < len(headA) {
		return false
	}
	tailA, tailB := a[strings.LastIndexAny(a, wildcards)+1:], b[strings.LastIndexAny(b, wildcards)+1:]
	return (strings.HasPrefix(headA, headB) || strings.HasPrefix(headB, headA)) &&
		(strings.HasSuffix(tailA, tailB) || strings.HasSuffix(tailB, tailA))
}

func head(pattern string, wildcard int) string {
	if wildcard < 0 {
		return pattern
	}
	return pattern[:wildcard]
}
