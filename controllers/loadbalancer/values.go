package loadbalancer

import "strings"

// settings are values by name: attributes by AWS's keys, or the fields of a health check.
type settings map[string]string

// diffSettings returns what to set so that have becomes as desired. What was managed and is not desired any more goes
// back to AWS's default where that is known; everything else is left alone.
func diffSettings(desired, have settings, managed []string, defaults settings) settings {
	set := settings{}
	for key, value := range desired {
		if now, ok := have[key]; !ok || !sameValue(key, now, value) {
			set[key] = value
		}
	}
	for _, key := range managed {
		if _, ok := desired[key]; ok {
			continue
		}
		value, known := defaults[key]
		if now, ok := have[key]; known && ok && !sameValue(key, now, value) {
			set[key] = value
		}
	}
	return set
}

// sameValue compares two values; the case of the name of a header means nothing.
func sameValue(key, a, b string) bool {
	if strings.HasSuffix(key, suffixHeaderName) {
		return strings.EqualFold(a, b)
	}
	return a == b
}
