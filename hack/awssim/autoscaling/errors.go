package autoscaling

import (
	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Error codes as they are on the wire, which are not the SDK's type names.
const (
	validationError = "ValidationError"
	alreadyExists   = "AlreadyExists"
	limitExceeded   = "LimitExceeded"
	resourceInUse   = "ResourceInUse"
	scalingActivity = "ScalingActivityInProgress"
	refreshRunning  = "InstanceRefreshInProgress"
	noRefresh       = "ActiveInstanceRefreshNotFound"
	irreversible    = "IrreversibleInstanceRefresh"
)

func invalid(format string, args ...any) error { return frame.Errorf(validationError, format, args...) }

func violated(value any, path, constraint string, args ...any) error {
	var v frame.Violations
	v.Add(value, path, constraint, args...)
	return v.Err(validationError)
}

func noGroup(name string) error {
	return invalid("AutoScalingGroup name not found - AutoScalingGroup '%s' not found", name)
}

func noInstance(id string) error {
	return invalid("Instance Id not found - No managed instance found for instance ID: %s", id)
}

func text(s *string) string { return aws.ToString(s) }

func optional(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

func frameError(code, format string, args ...any) error { return frame.Errorf(code, format, args...) }
