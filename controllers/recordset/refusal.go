package recordset

import (
	"strings"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// InvalidChangeBatch is one code for many causes, and only its messages tell them apart. The phrases are AWS's own.
var (
	// outdated: the zone is not as it was when it was last listed.
	outdated = []string{"but it already exists", "but it was not found", "do not match the current values"}
	// conflicting: something else at this name is in the way.
	conflicting = []string{"conflicting RRSet", "conflicts with other records", "cannot be created because"}
	// absent: what the record refers to beside the zone is not there.
	absent = []string{"No health check exists", "CIDR collection"}
	// untargeted: the alias names a record that Route 53 does not hold.
	untargeted = []string{"alias target name does not lie within the target zone", "but that target was not found"}
)

func speaksOf(messages, phrases []string) bool {
	for _, message := range messages {
		for _, phrase := range phrases {
			if strings.Contains(message, phrase) {
				return true
			}
		}
	}
	return false
}

// verdict turns the messages by which Route 53 refused a change into an outcome.
func verdict(messages []string) lifecycle.Outcome {
	text := lifecycle.Sentence("Route 53 refuses the change: " + strings.Join(messages, "; "))
	switch {
	case speaksOf(messages, absent):
		return lifecycle.Wait(v1alpha1.ReasonReferenceNotFound, text, 0)
	case speaksOf(messages, untargeted):
		return lifecycle.Wait(v1alpha1.ReasonReferenceNotReady, text, 0)
	case speaksOf(messages, conflicting), speaksOf(messages, outdated):
		return lifecycle.Stall(v1alpha1.ReasonConflict, text)
	default:
		return lifecycle.Stall(v1alpha1.ReasonInvalidSpec, text)
	}
}
