package healthcheck

import (
	"cmp"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// property is one setting of a health check.
type property struct {
	// name as the spec has it.
	name string
	// value in canonical form, AWS's default where it is left out; empty for none.
	value func(*types.HealthCheckConfig) string
	// update puts the desired value into an update, or has it reset; nil when Route 53 cannot change it in place.
	update func(*route53.UpdateHealthCheckInput, *types.HealthCheckConfig)
}

func (p *property) immutable() bool { return p.update == nil }

// anyAddress is the canonical form of an address that is there, where only that matters.
const anyAddress = "given"

// properties are all settings of a health check, in the order of the spec.
var properties = []property{
	{"type", func(c *types.HealthCheckConfig) string { return string(c.Type) }, nil},
	// An endpoint with an address cannot become one without, nor the other way round.
	{"ipAddress", func(c *types.HealthCheckConfig) string {
		if c.IPAddress == nil {
			return ""
		}
		return anyAddress
	}, nil},
	{"ipAddress", address, func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) { in.IPAddress = c.IPAddress }},
	{"port", port, func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) { in.Port = c.Port }},
	{"fullyQualifiedDomainName", hostName, func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) {
		in.FullyQualifiedDomainName = c.FullyQualifiedDomainName
		reset(in, c.FullyQualifiedDomainName == nil, types.ResettableElementNameFullyQualifiedDomainName)
	}},
	{"resourcePath", path, func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) {
		in.ResourcePath = c.ResourcePath
		reset(in, c.ResourcePath == nil, types.ResettableElementNameResourcePath)
	}},
	{"searchString", func(c *types.HealthCheckConfig) string { return aws.ToString(c.SearchString) },
		func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) { in.SearchString = c.SearchString }},
	{"requestIntervalSeconds", func(c *types.HealthCheckConfig) string { return endpointNumber(c, c.RequestInterval, defaultInterval) }, nil},
	{"failureThreshold", func(c *types.HealthCheckConfig) string {
		return endpointNumber(c, c.FailureThreshold, defaultThreshold)
	},
		func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) {
			in.FailureThreshold = c.FailureThreshold
		}},
	{"regions", regions, func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) {
		in.Regions = c.Regions
		reset(in, len(c.Regions) == 0, types.ResettableElementNameRegions)
	}},
	{"measureLatency", func(c *types.HealthCheckConfig) string { return flag(c.MeasureLatency) }, nil},
	{"enableSNI", func(c *types.HealthCheckConfig) string {
		if c.EnableSNI == nil || !usesTLS(c.Type) {
			return ""
		}
		return flag(c.EnableSNI)
	}, func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) { in.EnableSNI = c.EnableSNI }},
	{"inverted", func(c *types.HealthCheckConfig) string { return flag(c.Inverted) },
		func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) { in.Inverted = c.Inverted }},
	{"disabled", func(c *types.HealthCheckConfig) string { return flag(c.Disabled) },
		func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) { in.Disabled = c.Disabled }},
	{"childHealthCheckIDs", func(c *types.HealthCheckConfig) string { return list(c.ChildHealthChecks) },
		func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) {
			in.ChildHealthChecks = c.ChildHealthChecks
		}},
	{"healthThreshold", func(c *types.HealthCheckConfig) string {
		if c.Type != types.HealthCheckTypeCalculated || c.HealthThreshold == nil {
			return ""
		}
		return strconv.Itoa(int(*c.HealthThreshold))
	}, func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) {
		in.HealthThreshold = c.HealthThreshold
	}},
	{"alarm", alarm, func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) {
		in.AlarmIdentifier = c.AlarmIdentifier
	}},
	{"insufficientDataHealthStatus", func(c *types.HealthCheckConfig) string {
		if c.Type != types.HealthCheckTypeCloudwatchMetric {
			return ""
		}
		return string(cmp.Or(c.InsufficientDataHealthStatus, types.InsufficientDataHealthStatusLastKnownStatus))
	}, func(in *route53.UpdateHealthCheckInput, c *types.HealthCheckConfig) {
		in.InsufficientDataHealthStatus = c.InsufficientDataHealthStatus
	}},
	{"routingControlARN", func(c *types.HealthCheckConfig) string { return aws.ToString(c.RoutingControlArn) }, nil},
}

func reset(in *route53.UpdateHealthCheckInput, gone bool, element types.ResettableElementName) {
	if gone {
		in.ResetElements = append(in.ResetElements, element)
	}
}

func address(c *types.HealthCheckConfig) string {
	text := aws.ToString(c.IPAddress)
	if parsed, err := netip.ParseAddr(text); err == nil {
		return parsed.String()
	}
	return text
}

func port(c *types.HealthCheckConfig) string {
	number := c.Port
	if number == nil {
		number = defaultPort(c.Type)
	}
	if number == nil || !checksEndpoint(c.Type) {
		return ""
	}
	return strconv.Itoa(int(*number))
}

func hostName(c *types.HealthCheckConfig) string {
	return strings.ToLower(strings.TrimSuffix(aws.ToString(c.FullyQualifiedDomainName), "."))
}

func path(c *types.HealthCheckConfig) string {
	if !usesHTTP(c.Type) {
		return ""
	}
	return cmp.Or(aws.ToString(c.ResourcePath), defaultPath)
}

func endpointNumber(c *types.HealthCheckConfig, number *int32, otherwise int) string {
	switch {
	case !checksEndpoint(c.Type):
		return ""
	case number == nil:
		return strconv.Itoa(otherwise)
	}
	return strconv.Itoa(int(*number))
}

// allRegions is the canonical form of no regions given, and of all of them.
const allRegions = "all"

func regions(c *types.HealthCheckConfig) string {
	if !checksEndpoint(c.Type) {
		return ""
	}
	names := make([]string, len(c.Regions))
	for i, region := range c.Regions {
		names[i] = string(region)
	}
	if text := list(names); text != "" && text != list(everyRegion()) {
		return text
	}
	return allRegions
}

func everyRegion() []string {
	var names []string
	for _, region := range types.HealthCheckRegion("").Values() {
		names = append(names, string(region))
	}
	return names
}

func alarm(c *types.HealthCheckConfig) string {
	if c.AlarmIdentifier == nil {
		return ""
	}
	return string(c.AlarmIdentifier.Region) + "/" + aws.ToString(c.AlarmIdentifier.Name)
}

// list is a list whose order means nothing.
func list(items []string) string {
	return strings.Join(slices.Compact(slices.Sorted(slices.Values(items))), ", ")
}

func flag(value *bool) string { return strconv.FormatBool(aws.ToBool(value)) }
