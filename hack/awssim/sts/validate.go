package sts

import (
	"encoding/json"
	"regexp"

	sdk "github.com/aws/aws-sdk-go-v2/service/sts"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var (
	namePattern     = regexp.MustCompile(`^[\w+=,.@-]*$`)
	externalPattern = regexp.MustCompile(`^[\w+=,.@:/-]*$`)
	serialPattern   = regexp.MustCompile(`^[\w+=/:,.@-]*$`)
	digits          = regexp.MustCompile(`^\d*$`)
)

// validateAssumeRole checks the constraints of the STS model.
func validateAssumeRole(in *sdk.AssumeRoleInput) error {
	var broken frame.Violations
	broken.Required(in.RoleArn, "roleArn")
	broken.Length(in.RoleArn, "roleArn", 20, 2048)
	broken.Required(in.RoleSessionName, "roleSessionName")
	checkPattern(&broken, in.RoleSessionName, "roleSessionName", 2, 64, namePattern)
	frame.Between(&broken, in.DurationSeconds, "durationSeconds", 900, 43200)
	checkPattern(&broken, in.ExternalId, "externalId", 2, 1224, externalPattern)
	broken.Length(in.Policy, "policy", 1, 2048)
	checkPattern(&broken, in.SerialNumber, "serialNumber", 9, 256, serialPattern)
	checkPattern(&broken, in.SourceIdentity, "sourceIdentity", 2, 64, namePattern)
	checkPattern(&broken, in.TokenCode, "tokenCode", 6, 6, digits)
	if len(in.Tags) > 50 {
		broken.Add(len(in.Tags), "tags", "Member must have length less than or equal to 50")
	}
	for _, tag := range in.Tags {
		broken.Required(tag.Key, "tags.member.key")
		broken.Length(tag.Key, "tags.member.key", 1, 128)
		broken.Length(tag.Value, "tags.member.value", 0, 256)
	}
	if err := broken.Err("ValidationError"); err != nil {
		return err
	}
	if in.Policy != nil && !json.Valid([]byte(*in.Policy)) {
		return frame.Errorf("MalformedPolicyDocument", "The policy is not in the valid JSON format.")
	}
	return nil
}

func checkPattern(broken *frame.Violations, value *string, path string, shortest, longest int,
	pattern *regexp.Regexp) {
	broken.Length(value, path, shortest, longest)
	if value != nil && !pattern.MatchString(*value) {
		broken.Add(*value, path, "Member must satisfy regular expression pattern: %s", pattern)
	}
}
