package lifecycle

import (
	"slices"
	"strings"
)

// Managed reports whether the object has declared an optional field before, or was about to.
func Managed(obj Object, field string) bool {
	return slices.Contains(obj.CommonStatus().ManagedFields, field)
}

// ManagedUnder returns what follows a prefix in the optional fields that the object has declared before.
func ManagedUnder(obj Object, prefix string) []string {
	var names []string
	for _, field := range obj.CommonStatus().ManagedFields {
		if name, ok := strings.CutPrefix(field, prefix); ok {
			names = append(names, name)
		}
	}
	return names
}

// ClaimFields notes the optional fields that are about to be written beside those that were written before: a crash right
// after a write must not lose that it is ours.
func ClaimFields(obj Object, declared []string) {
	status := obj.CommonStatus()
	fields := slices.Concat(declared, status.ManagedFields)
	slices.Sort(fields)
	status.ManagedFields = slices.Compact(fields)
}
