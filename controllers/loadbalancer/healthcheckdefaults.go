package loadbalancer

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Fields of a health check, as the spec names them.
const (
	checkEnabled   = "enabled"
	checkProtocol  = "protocol"
	checkPort      = "port"
	checkPath      = "path"
	checkInterval  = "intervalSeconds"
	checkTimeout   = "timeoutSeconds"
	checkHealthy   = "healthyThresholdCount"
	checkUnhealthy = "unhealthyThresholdCount"
	checkMatcher   = "matcher"
)

// healthCheckOf returns a target group's health check, without what AWS does not tell.
func healthCheckOf(g *types.TargetGroup) settings {
	check := settings{}
	put := func(field string, value *int32) {
		if value != nil {
			check[field] = fmt.Sprint(*value)
		}
	}
	if g.HealthCheckEnabled != nil {
		check[checkEnabled] = fmt.Sprint(*g.HealthCheckEnabled)
	}
	if g.HealthCheckProtocol != "" {
		check[checkProtocol] = string(g.HealthCheckProtocol)
	}
	if g.HealthCheckPort != nil {
		check[checkPort] = *g.HealthCheckPort
	}
	if g.HealthCheckPath != nil {
		check[checkPath] = *g.HealthCheckPath
	}
	if m := g.Matcher; m != nil && (m.GrpcCode != nil || m.HttpCode != nil) {
		check[checkMatcher] = aws.ToString(m.GrpcCode) + aws.ToString(m.HttpCode)
	}
	put(checkInterval, g.HealthCheckIntervalSeconds)
	put(checkTimeout, g.HealthCheckTimeoutSeconds)
	put(checkHealthy, g.HealthyThresholdCount)
	put(checkUnhealthy, g.UnhealthyThresholdCount)
	return check
}

// defaultCheckProtocol is the protocol that AWS checks a target group of a shape with.
func defaultCheckProtocol(s shape) types.ProtocolEnum {
	switch {
	case s.lambda():
		return ""
	case s.lbType == types.LoadBalancerTypeEnumApplication, s.targetType == types.TargetTypeEnumAlb:
		return types.ProtocolEnumHttp
	}
	return types.ProtocolEnumTcp
}

// healthCheckDefaults returns AWS's defaults of a health check, given the protocol that it has.
func healthCheckDefaults(s shape, protocol string) settings {
	if s.lambda() {
		return settings{checkEnabled: off, checkInterval: "35", checkTimeout: "30", checkHealthy: "5", checkUnhealthy: "5", checkPath: "/", checkMatcher: "200"}
	}
	defaults := settings{
		checkProtocol: string(defaultCheckProtocol(s)), checkPort: "traffic-port", checkInterval: "30", checkTimeout: "10",
		checkHealthy: "5", checkUnhealthy: "2",
	}
	http := protocol == string(types.ProtocolEnumHttp) || protocol == string(types.ProtocolEnumHttps)
	switch s.lbType {
	case types.LoadBalancerTypeEnumApplication:
		defaults[checkTimeout], defaults[checkMatcher] = "5", "200"
	case types.LoadBalancerTypeEnumNetwork:
		defaults[checkMatcher] = "200-399"
		if protocol == string(types.ProtocolEnumHttp) {
			defaults[checkTimeout] = "6"
		}
	case types.LoadBalancerTypeEnumGateway:
		defaults[checkPort], defaults[checkInterval], defaults[checkTimeout], defaults[checkMatcher] = "80", "10", "5", "200-399"
	}
	defaults[checkPath] = "/"
	if s.version == versionGRPC {
		defaults[checkPath], defaults[checkMatcher] = "/AWS.ALB/healthcheck", "12"
	}
	if !http {
		delete(defaults, checkPath)
		delete(defaults, checkMatcher)
	}
	return defaults
}

// modifyInput is the request that sets fields of a target group's health check.
func modifyInput(arn string, s shape, set settings) *elasticloadbalancingv2.ModifyTargetGroupInput {
	input := &elasticloadbalancingv2.ModifyTargetGroupInput{TargetGroupArn: &arn}
	input.HealthCheckEnabled = set.boolean(checkEnabled)
	input.HealthCheckProtocol = types.ProtocolEnum(set[checkProtocol])
	input.HealthCheckPort = set.text(checkPort)
	input.HealthCheckPath = set.text(checkPath)
	input.HealthCheckIntervalSeconds = set.number(checkInterval)
	input.HealthCheckTimeoutSeconds = set.number(checkTimeout)
	input.HealthyThresholdCount = set.number(checkHealthy)
	input.UnhealthyThresholdCount = set.number(checkUnhealthy)
	input.Matcher = set.matcher(s)
	return input
}

func (s settings) text(key string) *string {
	if value, ok := s[key]; ok {
		return &value
	}
	return nil
}

func (s settings) boolean(key string) *bool {
	if value, ok := s[key]; ok {
		return aws.Bool(value == on)
	}
	return nil
}

func (s settings) number(key string) *int32 {
	var number int32
	if _, err := fmt.Sscan(s[key], &number); err != nil {
		return nil
	}
	return &number
}

func (s settings) matcher(of shape) *types.Matcher {
	value := s.text(checkMatcher)
	switch {
	case value == nil:
		return nil
	case of.version == versionGRPC:
		return &types.Matcher{GrpcCode: value}
	}
	return &types.Matcher{HttpCode: value}
}
