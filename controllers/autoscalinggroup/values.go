package autoscalinggroup

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// asStrings are values of a string type as the SDK takes them; nil stays nil.
func asStrings[T ~string](values []T) []string {
	var texts []string
	for _, value := range values {
		texts = append(texts, string(value))
	}
	return texts
}

// asSet is the normal form of values whose order and number mean nothing.
func asSet[T ~string](values []T) string {
	return strings.Join(slices.Compact(sorted(asStrings(values))), ", ")
}

func sorted(values []string) []string {
	list := slices.Clone(values)
	slices.Sort(list)
	return list
}

// splitList reads a list that AWS joins with commas.
func splitList(joined *string) []string {
	var values []string
	for value := range strings.SplitSeq(aws.ToString(joined), ",") {
		if value = strings.TrimSpace(value); value != "" {
			values = append(values, value)
		}
	}
	return values
}
