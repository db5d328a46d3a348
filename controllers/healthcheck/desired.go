package healthcheck

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

// AWS's defaults, which are sent explicitly so that a field that is no longer declared is reset to them.
const (
	defaultInterval  = 30
	defaultThreshold = 3
	defaultPath      = "/"
	portHTTP         = 80
	portHTTPS        = 443
)

// desiredConfig returns the check that a spec declares, completed with AWS's defaults; nil when it declares none.
func desiredConfig(spec *v1alpha1.HealthCheck) *types.HealthCheckConfig {
	if spec == nil {
		return nil
	}
	config := &types.HealthCheckConfig{
		Type:     types.HealthCheckType(spec.Type),
		Inverted: aws.Bool(aws.ToBool(spec.Inverted)), Disabled: aws.Bool(aws.ToBool(spec.Disabled)),
	}
	switch {
	case checksEndpoint(config.Type):
		setEndpoint(config, spec)
	case config.Type == types.HealthCheckTypeCalculated:
		for _, id := range spec.ChildHealthCheckIDs {
			config.ChildHealthChecks = append(config.ChildHealthChecks, string(id))
		}
		config.HealthThreshold = spec.HealthThreshold
	case config.Type == types.HealthCheckTypeCloudwatchMetric:
		if spec.Alarm != nil {
			config.AlarmIdentifier = &types.AlarmIdentifier{Region: types.CloudWatchRegion(spec.Alarm.Region), Name: aws.String(spec.Alarm.Name)}
		}
		config.InsufficientDataHealthStatus = types.InsufficientDataHealthStatus(spec.InsufficientDataHealthStatus)
		if config.InsufficientDataHealthStatus == "" {
			config.InsufficientDataHealthStatus = types.InsufficientDataHealthStatusLastKnownStatus
		}
	case config.Type == types.HealthCheckTypeRecoveryControl:
		config.RoutingControlArn = awsclient.Optional(spec.RoutingControlARN)
	}
	return config
}

// setEndpoint completes a check that connects to an endpoint.
func setEndpoint(config *types.HealthCheckConfig, spec *v1alpha1.HealthCheck) {
	config.IPAddress, config.FullyQualifiedDomainName = awsclient.Optional(spec.IPAddress), awsclient.Optional(spec.FullyQualifiedDomainName)
	config.ResourcePath, config.SearchString = awsclient.Optional(spec.ResourcePath), awsclient.Optional(spec.SearchString)
	config.Port = spec.Port
	if config.Port == nil {
		config.Port = defaultPort(config.Type)
	}
	config.RequestInterval, config.FailureThreshold = aws.Int32(defaultInterval), aws.Int32(defaultThreshold)
	if spec.RequestIntervalSeconds != nil {
		config.RequestInterval = spec.RequestIntervalSeconds
	}
	if spec.FailureThreshold != nil {
		config.FailureThreshold = spec.FailureThreshold
	}
	config.MeasureLatency = aws.Bool(aws.ToBool(spec.MeasureLatency))
	for _, region := range spec.Regions {
		config.Regions = append(config.Regions, types.HealthCheckRegion(region))
	}
	// Without a host name there is nothing to send: what AWS then takes for the default does not matter.
	if config.EnableSNI = spec.EnableSNI; config.EnableSNI == nil && usesTLS(config.Type) && config.FullyQualifiedDomainName != nil {
		config.EnableSNI = aws.Bool(true)
	}
}

// checksEndpoint reports whether checks of the type connect to something.
func checksEndpoint(t types.HealthCheckType) bool {
	return usesHTTP(t) || t == types.HealthCheckTypeTcp
}

func usesHTTP(t types.HealthCheckType) bool {
	return t == types.HealthCheckTypeHttp || t == types.HealthCheckTypeHttpStrMatch || usesTLS(t)
}

func usesTLS(t types.HealthCheckType) bool {
	return t == types.HealthCheckTypeHttps || t == types.HealthCheckTypeHttpsStrMatch
}

func defaultPort(t types.HealthCheckType) *int32 {
	switch {
	case usesTLS(t):
		return aws.Int32(portHTTPS)
	case usesHTTP(t):
		return aws.Int32(portHTTP)
	}
	return nil
}

// referenceHash is how many hexadecimal digits tell the references of one object apart.
const referenceHash = 16

// ownReference matches caller references that this controller gives, in this cluster or another.
var ownReference = regexp.MustCompile(fmt.Sprintf(`^[0-9a-f-]{36}/[0-9a-f]{%d}$`, referenceHash))

// nextReference returns the caller reference of a new check, at most 64 characters. Route 53 never takes a reference
// twice, not even after its check is gone; so it depends on the object, on what cannot be changed in place, on the
// generation that first asks for the check, and on the reference that is given up for this one.
func nextReference(obj *v1alpha1.RecordSet, config *types.HealthCheckConfig, last string) string {
	text := fmt.Sprintf("%d\n%s\n", obj.Generation, last)
	for i := range properties {
		if p := &properties[i]; p.immutable() {
			text += p.name + "=" + p.value(config) + "\n"
		}
	}
	sum := sha256.Sum256([]byte(text))
	return string(obj.UID) + "/" + hex.EncodeToString(sum[:])[:referenceHash]
}
