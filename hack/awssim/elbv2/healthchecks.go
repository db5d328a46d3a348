package elbv2

import (
	"cmp"
	"regexp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const trafficPort = "traffic-port"

// checkDefaults are what a health check is unless something else is given.
type checkDefaults struct {
	protocol                     types.ProtocolEnum
	interval, timeout, unhealthy int32
	port                         string
	path, codes                  string
	// the codes a matcher can have
	least, most int
}

func (g *group) checkDefaults() checkDefaults {
	set := &g.Settings
	family := g.family()
	d := checkDefaults{
		protocol: types.ProtocolEnumHttp, interval: 30, timeout: 5, unhealthy: 2, port: trafficPort,
		path: "/", codes: "200", least: 200, most: 499,
	}
	switch {
	case set.TargetType == types.TargetTypeEnumLambda:
		d.protocol, d.port, d.interval, d.timeout, d.unhealthy = "", "", 35, 30, 5
	case aws.ToString(set.ProtocolVersion) == "GRPC":
		d.path, d.codes, d.least, d.most = "/AWS.ALB/healthcheck", "12", 0, 99
	case family == types.LoadBalancerTypeEnumNetwork:
		d.protocol, d.timeout, d.codes, d.most = types.ProtocolEnumTcp, 10, "200-399", 599
		if set.TargetType == types.TargetTypeEnumAlb {
			d.protocol = types.ProtocolEnumHttp
		}
		if cmp.Or(set.HealthCheckProtocol, d.protocol) == types.ProtocolEnumHttp {
			d.timeout = 6
		}
	case family == types.LoadBalancerTypeEnumGateway:
		d.protocol, d.interval, d.port, d.codes, d.most = types.ProtocolEnumTcp, 10, "80", "200-399", 399
	}
	return d
}

// completeHealthCheck checks the health check and fills in what is not given.
func (g *group) completeHealthCheck() error {
	set := &g.Settings
	d := g.checkDefaults()
	lambda := set.TargetType == types.TargetTypeEnumLambda
	if set.HealthCheckEnabled == nil {
		set.HealthCheckEnabled = aws.Bool(!lambda)
	}
	if !*set.HealthCheckEnabled && !lambda {
		return invalid("Health check enabled must be true for target groups with target type '%s'", set.TargetType)
	}
	set.HealthCheckProtocol = cmp.Or(set.HealthCheckProtocol, d.protocol)
	fill(&set.HealthCheckIntervalSeconds, d.interval)
	fill(&set.HealthCheckTimeoutSeconds, d.timeout)
	fill(&set.HealthyThresholdCount, 5)
	fill(&set.UnhealthyThresholdCount, d.unhealthy)
	if !lambda {
		fill(&set.HealthCheckPort, d.port)
	}
	if err := g.checkProtocolOfCheck(lambda); err != nil {
		return err
	}
	if err := g.checkNumbers(); err != nil {
		return err
	}
	if set.HealthCheckProtocol == types.ProtocolEnumTcp {
		if set.HealthCheckPath != nil || set.Matcher != nil {
			return invalid("A health check path or matcher is not supported for health checks with protocol 'TCP'")
		}
		return nil
	}
	fill(&set.HealthCheckPath, d.path)
	if path := *set.HealthCheckPath; !strings.HasPrefix(path, "/") || len(path) > 1024 {
		return invalid("Health check path '%s' must begin with a '/' character, and can only contain up to 1024 characters", path)
	}
	return g.completeMatcher(d)
}

func fill[T any](value **T, normal T) {
	if *value == nil {
		*value = &normal
	}
}

func (g *group) checkProtocolOfCheck(lambda bool) error {
	set := &g.Settings
	protocol := set.HealthCheckProtocol
	web := protocol == types.ProtocolEnumHttp || protocol == types.ProtocolEnumHttps
	tcp := protocol == types.ProtocolEnumTcp && g.family() != types.LoadBalancerTypeEnumApplication &&
		set.TargetType != types.TargetTypeEnumAlb
	switch {
	case lambda && (protocol != "" || set.HealthCheckPort != nil):
		return invalid("A health check protocol or port is not supported for target groups with target type 'lambda'")
	case !lambda && !web && !tcp:
		return invalid("Health check protocol '%s' is not supported for target groups with protocol '%s' and target type '%s'",
			protocol, set.Protocol, set.TargetType)
	case lambda || *set.HealthCheckPort == trafficPort:
		return nil
	}
	if port, err := strconv.Atoi(*set.HealthCheckPort); err != nil || port < 1 || port > mostPort {
		return invalid("Health check port '%s' must be '%s' or a port number between 1 and %d", *set.HealthCheckPort, trafficPort, mostPort)
	}
	return nil
}

func (g *group) checkNumbers() error {
	set := &g.Settings
	var broken frame.Violations
	frame.Between(&broken, set.HealthCheckIntervalSeconds, "healthCheckIntervalSeconds", 5, 300)
	frame.Between(&broken, set.HealthCheckTimeoutSeconds, "healthCheckTimeoutSeconds", 2, 120)
	frame.Between(&broken, set.HealthyThresholdCount, "healthyThresholdCount", 2, 10)
	frame.Between(&broken, set.UnhealthyThresholdCount, "unhealthyThresholdCount", 2, 10)
	if err := broken.Err(validationError); err != nil {
		return err
	}
	if *set.HealthCheckIntervalSeconds <= *set.HealthCheckTimeoutSeconds {
		return invalid("Health check interval must be greater than the timeout.")
	}
	return nil
}

func (g *group) completeMatcher(d checkDefaults) error {
	set := &g.Settings
	grpc := aws.ToString(set.ProtocolVersion) == "GRPC"
	if set.Matcher == nil || *set.Matcher == (types.Matcher{}) {
		set.Matcher = &types.Matcher{HttpCode: aws.String(d.codes)}
		if grpc {
			set.Matcher = &types.Matcher{GrpcCode: aws.String(d.codes)}
		}
	}
	codes := set.Matcher.HttpCode
	if grpc {
		codes = set.Matcher.GrpcCode
	}
	if codes == nil || set.Matcher.HttpCode != nil && set.Matcher.GrpcCode != nil {
		return invalid("The matcher does not fit the protocol version '%s'", aws.ToString(set.ProtocolVersion))
	}
	if !codesWithin(*codes, d.least, d.most) {
		return invalid("Health check matcher codes '%s' must be within %d and %d", *codes, d.least, d.most)
	}
	return nil
}

var codePattern = regexp.MustCompile(`^\d+(-\d+)?$`)

// codesWithin reads a list of codes and ranges of them: 200,202 or 200-299.
func codesWithin(codes string, least, most int) bool {
	for part := range strings.SplitSeq(codes, ",") {
		if !codePattern.MatchString(part) {
			return false
		}
		low, high, isRange := strings.Cut(part, "-")
		if !isRange {
			high = low
		}
		from, fromErr := strconv.Atoi(low)
		to, toErr := strconv.Atoi(high)
		if fromErr != nil || toErr != nil || from < least || to > most || from > to {
			return false
		}
	}
	return true
}

// overrideHealthCheck applies what is given. Of another protocol, path and
// matcher are the defaults again.
func (g *group) overrideHealthCheck(in *sdk.ModifyTargetGroupInput) {
	set := &g.Settings
	if in.HealthCheckProtocol != "" && in.HealthCheckProtocol != set.HealthCheckProtocol {
		if (in.HealthCheckProtocol == types.ProtocolEnumTcp) != (set.HealthCheckProtocol == types.ProtocolEnumTcp) {
			set.HealthCheckPath, set.Matcher = nil, nil
		}
		set.HealthCheckProtocol = in.HealthCheckProtocol
	}
	override(&set.HealthCheckEnabled, in.HealthCheckEnabled)
	override(&set.HealthCheckIntervalSeconds, in.HealthCheckIntervalSeconds)
	override(&set.HealthCheckPath, in.HealthCheckPath)
	override(&set.HealthCheckPort, in.HealthCheckPort)
	override(&set.HealthCheckTimeoutSeconds, in.HealthCheckTimeoutSeconds)
	override(&set.HealthyThresholdCount, in.HealthyThresholdCount)
	override(&set.UnhealthyThresholdCount, in.UnhealthyThresholdCount)
	override(&set.Matcher, in.Matcher)
}

func override[T any](value **T, given *T) {
	if given != nil {
		*value = given
	}
}
