package elbv2

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Error codes as they are on the wire, which are not the SDK's type names.
const (
	validationError      = "ValidationError"
	invalidConfiguration = "InvalidConfigurationRequest"
	operationNotAllowed  = "OperationNotPermitted"
	resourceInUse        = "ResourceInUse"
)

func invalid(format string, args ...any) error { return frame.Errorf(validationError, format, args...) }

func misconfigured(format string, args ...any) error {
	return frame.Errorf(invalidConfiguration, format, args...)
}

func missing(name string) error { return invalid("A value for %s must be specified", name) }

func noBalancer(arn *string) error {
	return frame.Errorf("LoadBalancerNotFound", "Load balancer '%s' not found", aws.ToString(arn))
}

func noBalancers(names ...string) error {
	return frame.Errorf("LoadBalancerNotFound", "Load balancers '[%s]' not found", strings.Join(names, ", "))
}

func noListener(arn *string) error {
	return frame.Errorf("ListenerNotFound", "Listener '%s' not found", aws.ToString(arn))
}

func noListeners() error { return frame.Errorf("ListenerNotFound", "One or more listeners not found") }

func noRule(arn *string) error {
	return frame.Errorf("RuleNotFound", "Rule '%s' not found", aws.ToString(arn))
}

func noRules() error { return frame.Errorf("RuleNotFound", "One or more rules not found") }

func noGroup(arn *string) error {
	return frame.Errorf("TargetGroupNotFound", "Target group '%s' not found", aws.ToString(arn))
}

func noGroups() error {
	return frame.Errorf("TargetGroupNotFound", "One or more target groups not found")
}

func noTrustStore(arn *string) error {
	return frame.Errorf("TrustStoreNotFound", "Trust store '%s' not found", aws.ToString(arn))
}
