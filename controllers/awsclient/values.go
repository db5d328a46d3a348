package awsclient

import "strings"

// BareID strips what Route 53 puts before ids, as in "/hostedzone/Z1" and "/change/C1".
func BareID(id string) string { return id[strings.LastIndex(id, "/")+1:] }

// Optional is a string as the SDK has it: nil for the empty one.
func Optional(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
