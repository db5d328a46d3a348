package frame

import (
	"maps"
	"slices"
	"strings"
)

// Tags are the tags of one resource. A Tags value is never changed once it is
// shared: With gives a new one.
type Tags map[string]string

// With is these tags with some removed and some set; what is both stays set.
func (t Tags) With(set map[string]string, removed []string) Tags {
	changed := maps.Clone(t)
	if changed == nil {
		changed = Tags{}
	}
	for _, key := range removed {
		delete(changed, key)
	}
	maps.Copy(changed, set)
	return changed
}

// Keys lists the keys in order.
func (t Tags) Keys() []string { return slices.Sorted(maps.Keys(t)) }

// ReservedTagKey tells whether a key is in AWS's own name space, which users
// may not write.
func ReservedTagKey(key string) bool { return strings.HasPrefix(strings.ToLower(key), "aws:") }
