package elbv2

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// attribute is a key of a resource with the value it has unless it was set.
type attribute struct {
	key, normal string
	// valid tells whether a value may be set; rule says what it must be.
	valid func(string) bool
	rule  string
}

func flag(key, normal string) attribute { return choice(key, normal, "true", "false") }

func choice(key, normal string, allowed ...string) attribute {
	return attribute{
		key: key, normal: normal, rule: "one of " + strings.Join(allowed, ", "),
		valid: func(value string) bool { return slices.Contains(allowed, value) },
	}
}

// number is an attribute between two bounds; also are words or numbers allowed beyond.
func number(key, normal string, least, most int, also ...string) attribute {
	rule := "between " + strconv.Itoa(least) + " and " + strconv.Itoa(most)
	if len(also) > 0 {
		rule += ", or " + strings.Join(also, ", ")
	}
	return attribute{key: key, normal: normal, rule: rule, valid: func(value string) bool {
		n, err := strconv.Atoi(value)
		return err == nil && n >= least && n <= most || slices.Contains(also, value)
	}}
}

// The forms of textual attributes.
var (
	bucketName    = regexp.MustCompile(`^[a-z0-9.-]{0,63}$`)
	objectPrefix  = regexp.MustCompile(`^.{0,512}$`)
	headerContent = regexp.MustCompile(`^[ -~]{0,512}[ -~]{0,512}$`)
	headerToken   = regexp.MustCompile(`^[A-Za-z0-9_-]{0,40}$`)
)

func text(key, normal string, form *regexp.Regexp) attribute {
	return attribute{key: key, normal: normal, rule: "of the form " + form.String(), valid: form.MatchString}
}

// attributeSet are the attributes that one resource has.
type attributeSet []attribute

// values are all values, those that were set and the others.
func (a attributeSet) values(set map[string]string) map[string]string {
	all := make(map[string]string, len(a))
	for _, one := range a {
		all[one.key] = one.normal
		if value, ok := set[one.key]; ok {
			all[one.key] = value
		}
	}
	return all
}

func (a attributeSet) find(key string) (attribute, bool) {
	at := slices.IndexFunc(a, func(one attribute) bool { return one.key == key })
	if at < 0 {
		return attribute{}, false
	}
	return a[at], true
}

// pair is a key and a value as a call has them.
type pair struct{ key, value *string }

// changed is what is set once these pairs are. What names the kind of resource
// ("Load balancer") and kind the one that lacks an attribute ("load balancers
// with type 'network'").
func (a attributeSet) changed(set map[string]string, pairs []pair, what, kind string) (map[string]string, error) {
	if len(pairs) == 0 {
		return nil, frame.Errorf(validationError, "%s attributes must be specified", what)
	}
	if len(pairs) > mostAttributes {
		return nil, frame.Errorf(validationError, "At most %d attributes can be specified", mostAttributes)
	}
	next := maps.Clone(set)
	if next == nil {
		next = map[string]string{}
	}
	seen := map[string]bool{}
	for _, p := range pairs {
		if p.key == nil || p.value == nil {
			return nil, frame.Errorf(validationError, "%s attribute key and value must be specified", what)
		}
		one, ok := a.find(*p.key)
		switch {
		case seen[*p.key]:
			return nil, frame.Errorf(validationError, "%s attribute key '%s' is specified more than once", what, *p.key)
		case !ok && knownAttributes[*p.key]:
			return nil, frame.Errorf(invalidConfiguration, "%s attribute key '%s' is not supported on %s", what, *p.key, kind)
		case !ok:
			return nil, frame.Errorf(validationError, "%s attribute key '%s' is not recognized", what, *p.key)
		case !one.valid(*p.value):
			return nil, frame.Errorf(validationError, "%s attribute value '%s' for '%s' is not valid; it must be %s",
				what, *p.value, *p.key, one.rule)
		}
		seen[*p.key] = true
		next[*p.key] = *p.value
	}
	return next, nil
}

// mostAttributes bounds the attributes of one call.
const mostAttributes = 20

// knownAttributes are those that some kind of resource has.
var knownAttributes = func() map[string]bool {
	known := map[string]bool{}
	for _, one := range slices.Concat(applicationAttributes(""), networkAttributes(""), gatewayAttributes,
		applicationListenerAttributes(true), gatewayListenerAttributes,
		applicationGroupAttributes(false), applicationGroupAttributes(true), networkGroupAttributes("TCP", "instance"),
		networkGroupAttributes("UDP", "instance"), gatewayGroupAttributes) {
		known[one.key] = true
	}
	return known
}()
