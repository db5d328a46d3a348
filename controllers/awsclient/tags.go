package awsclient

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// The tags that prove whose a resource is. AWS allows both characters, "." and "/", in tag keys.
const (
	TagCluster = "evenkeel.io/cluster"
	TagObject  = "evenkeel.io/object"
)

// reservedTagPrefix is AWS's own: such tags can neither be set nor removed.
const reservedTagPrefix = "aws:"

// Owner says which object of which cluster a resource belongs to.
type Owner struct {
	Cluster string
	Object  string // Kind/namespace/name
}

// Tags are the tags that mark a resource as the owner's.
func (o Owner) Tags() map[string]string {
	return map[string]string{TagCluster: o.Cluster, TagObject: o.Object}
}

// OwnerOf reads the owner from a resource's tags; false when one of the two is missing.
func OwnerOf(tags map[string]string) (Owner, bool) {
	owner := Owner{Cluster: tags[TagCluster], Object: tags[TagObject]}
	return owner, owner.Cluster != "" && owner.Object != ""
}

// DiffTags tells what to set and what to remove so that observed becomes desired. Keys that are
// neither desired nor managed (set by us before) belong to others and stay, as do AWS's own.
func DiffTags(desired, observed map[string]string, managed []string) (set map[string]string, remove []string) {
	set = map[string]string{}
	for key, value := range desired {
		if current, ok := observed[key]; (!ok || current != value) && !strings.HasPrefix(key, reservedTagPrefix) {
			set[key] = value
		}
	}
	for _, key := range managed {
		_, wanted := desired[key]
		_, there := observed[key]
		if !wanted && there && !strings.HasPrefix(key, reservedTagPrefix) {
			remove = append(remove, key)
		}
	}
	slices.Sort(remove)
	return set, slices.Compact(remove)
}

// TagChange is one tagging request: tags to set and keys to remove.
type TagChange struct {
	Set    map[string]string
	Remove []string
}

// Route53TagsPerChange is how many tags ChangeTagsForResource sets, and how many it removes, in one request.
const Route53TagsPerChange = 10

// SplitTagChange cuts a difference into requests of at most limit tags to set and limit to remove;
// none when nothing differs. Those that mark the owner are in the first.
func SplitTagChange(set map[string]string, remove []string, limit int) []TagChange {
	var changes []TagChange
	keys := slices.SortedFunc(maps.Keys(set), func(a, b string) int {
		return cmp.Or(cmp.Compare(ownershipFirst(a), ownershipFirst(b)), cmp.Compare(a, b))
	})
	for len(keys) > 0 || len(remove) > 0 {
		n, m := min(limit, len(keys)), min(limit, len(remove))
		change := TagChange{Set: map[string]string{}, Remove: slices.Clone(remove[:m])}
		for _, key := range keys[:n] {
			change.Set[key] = set[key]
		}
		changes = append(changes, change)
		keys, remove = keys[n:], remove[m:]
	}
	return changes
}

// ownershipFirst is the place of a tag key in order.
func ownershipFirst(key string) int {
	if key == TagCluster || key == TagObject {
		return 0
	}
	return 1
}
