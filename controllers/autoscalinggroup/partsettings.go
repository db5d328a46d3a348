package autoscalinggroup

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// parts are what AWS holds for the smaller parts of a group that has any of them; the others come with the group.
type parts struct {
	// hooks are the settings of the lifecycle hooks, by name, and topics the types of events that topics are told of, by
	// ARN; nil while they are not the object's business, or could not be read.
	hooks  map[string]partSettings
	topics map[string][]string
	// activities are the newest, the newest first; read while less is in service than desired.
	activities []types.Activity
	// unexplained is why they may not be read.
	unexplained string
}

// partSettings are the settings of a part of a group (a lifecycle hook, the warm pool) by the names that the spec gives
// them. What is not there is "".
type partSettings map[string]string

// declare adds a setting that the spec gives.
func (s partSettings) declare(name, value string, given bool) {
	if given {
		s[name] = value
	}
}

// diff returns what to set so that have becomes as desired. What was managed before and is declared no more goes back to
// AWS's default; everything else is left as it is.
func (s partSettings) diff(have partSettings, managed []string, defaults partSettings) partSettings {
	set := partSettings{}
	for name, value := range s {
		if have[name] != value {
			set[name] = value
		}
	}
	for _, name := range managed {
		if _, declared := s[name]; declared {
			continue
		}
		if value, known := defaults[name]; known && have[name] != value {
			set[name] = value
		}
	}
	return set
}

// with returns the settings as they are once others have been set.
func (s partSettings) with(set partSettings) partSettings {
	merged := maps.Clone(s)
	if merged == nil {
		merged = partSettings{}
	}
	maps.Copy(merged, set)
	return merged
}

// plan tells the settings that change, one line each, in the order of their names.
func (s partSettings) plan(verb, resource, prefix string, have partSettings) []v1alpha1.PlannedChange {
	var plan []v1alpha1.PlannedChange
	for _, name := range slices.Sorted(maps.Keys(s)) {
		plan = append(plan, planned(verb, resource, prefix+name, have[name], s[name])...)
	}
	return plan
}

// managedParts are the keys under a prefix of status.managedFields, such as the names of lifecycle hooks: what follows
// the prefix, up to the separator that begins the name of a setting of it. They are sorted.
func managedParts(obj *v1alpha1.AutoScalingGroup, prefix string) []string {
	var keys []string
	for _, name := range lifecycle.ManagedUnder(obj, prefix) {
		key, _, _ := strings.Cut(name, settingSeparator)
		keys = append(keys, key)
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}

// settingSeparator stands between the key of a part and the name of a setting of it. No name of a hook has it.
const settingSeparator = "."

// split returns which of the values are only in the one list and which only in the other, each sorted.
func split[T ~string](desired, observed []T) (missing, extra []T) {
	for _, value := range desired {
		if !slices.Contains(observed, value) {
			missing = append(missing, value)
		}
	}
	for _, value := range observed {
		if !slices.Contains(desired, value) {
			extra = append(extra, value)
		}
	}
	slices.Sort(missing)
	slices.Sort(extra)
	return slices.Compact(missing), slices.Compact(extra)
}

// joined shows values in a plan, sorted.
func joined[T ~string](values []T) string {
	var texts []string
	for _, value := range slices.Sorted(slices.Values(values)) {
		texts = append(texts, string(value))
	}
	return strings.Join(texts, ", ")
}
