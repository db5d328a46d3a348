package loadbalancer

import (
	"maps"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Keys of attributes of target groups.
const (
	keyDeregistrationDelay       = "deregistration_delay.timeout_seconds"
	keyStickinessEnabled         = "stickiness.enabled"
	keyStickinessType            = "stickiness.type"
	keyLBCookieDuration          = "stickiness.lb_cookie.duration_seconds"
	keyAppCookieDuration         = "stickiness.app_cookie.duration_seconds"
	keyAppCookieName             = "stickiness.app_cookie.cookie_name"
	keyCrossZone                 = "load_balancing.cross_zone.enabled"
	keyAlgorithm                 = "load_balancing.algorithm.type"
	keyAnomalyMitigation         = "load_balancing.algorithm.anomaly_mitigation"
	keySlowStart                 = "slow_start.duration_seconds"
	keyDNSFailover               = "target_group_health.dns_failover.minimum_healthy_targets."
	keyUnhealthyRouting          = "target_group_health.unhealthy_state_routing.minimum_healthy_targets."
	keyMultiValueHeaders         = "lambda.multi_value_headers.enabled"
	keyDeregistrationTermination = "deregistration_delay.connection_termination.enabled"
	keyPreserveClientIP          = "preserve_client_ip.enabled"
	keyProxyProtocol             = "proxy_protocol_v2.enabled"
	keyUnhealthyTermination      = "target_health_state.unhealthy.connection_termination.enabled"
	keyUnhealthyDraining         = "target_health_state.unhealthy.draining_interval_seconds"
	keyFailoverDeregistration    = "target_failover.on_deregistration"
	keyFailoverUnhealthy         = "target_failover.on_unhealthy"
	keyResetUnhealthy            = "send_tcp_reset.on_unhealthy.enabled"
	keyResetDeregistration       = "send_tcp_reset.on_deregistration.enabled"
)

const (
	on          = "true"
	off         = "false"
	switchedOff = "off"
	noRebalance = "no_rebalance"
)

// groupAttributeDefaults returns AWS's defaults of the attributes that a target group of a shape has.
func groupAttributeDefaults(s shape) settings {
	defaults := settings{keyStickinessEnabled: off}
	if !s.lambda() {
		defaults[keyDeregistrationDelay] = "300"
	}
	switch s.lbType {
	case types.LoadBalancerTypeEnumApplication:
		maps.Copy(defaults, applicationGroupDefaults(s))
	case types.LoadBalancerTypeEnumNetwork:
		maps.Copy(defaults, networkGroupDefaults(s))
	case types.LoadBalancerTypeEnumGateway:
		maps.Copy(defaults, settings{
			keyStickinessType: "source_ip_dest_ip_proto", keyFailoverDeregistration: noRebalance, keyFailoverUnhealthy: noRebalance,
			keyResetUnhealthy: off, keyResetDeregistration: off,
		})
	}
	return defaults
}

// bothDefaults are what application and network load balancers have in common.
func bothDefaults() settings {
	return settings{
		keyCrossZone: "use_load_balancer_configuration", keyDNSFailover + "count": "1", keyDNSFailover + "percentage": switchedOff,
		keyUnhealthyRouting + "count": "1", keyUnhealthyRouting + "percentage": switchedOff,
	}
}

func applicationGroupDefaults(s shape) settings {
	defaults := bothDefaults()
	maps.Copy(defaults, settings{keyStickinessType: "lb_cookie", keyLBCookieDuration: "86400", keyAppCookieDuration: "86400"})
	if s.lambda() {
		defaults[keyMultiValueHeaders] = off
		return defaults
	}
	maps.Copy(defaults, settings{keyAlgorithm: "round_robin", keyAnomalyMitigation: switchedOff, keySlowStart: "0"})
	return defaults
}

func networkGroupDefaults(s shape) settings {
	defaults := bothDefaults()
	byAddress := s.targetType == types.TargetTypeEnumIp && (s.protocol == types.ProtocolEnumTcp || s.protocol == types.ProtocolEnumTls)
	maps.Copy(defaults, settings{
		keyStickinessType: "source_ip", keyDeregistrationTermination: trueIf(s.datagrams()), keyPreserveClientIP: trueIf(!byAddress),
		keyProxyProtocol: off, keyUnhealthyTermination: trueIf(!s.datagrams()), keyUnhealthyDraining: "0",
	})
	return defaults
}

func trueIf(condition bool) string {
	if condition {
		return on
	}
	return off
}

// Keys of attributes of listeners.
const (
	keyTCPIdleTimeout  = "tcp.idle_timeout.seconds"
	keyTCPResetOnIdle  = "send_tcp_reset.on_idle_timeout.enabled"
	keyServerHeader    = "routing.http.response.server.enabled"
	prefixRequestName  = "routing.http.request."
	suffixHeaderName   = ".header_name"
	prefixResponseHead = "routing.http.response."
	suffixHeaderValue  = ".header_value"
)

// requestHeaders are the headers of requests to targets whose names a listener may change, by the part of the key that
// means them, with their names.
var requestHeaders = map[string]string{
	"x_amzn_mtls_clientcert_serial_number": "X-Amzn-Mtls-Clientcert-Serial-Number",
	"x_amzn_mtls_clientcert_issuer":        "X-Amzn-Mtls-Clientcert-Issuer",
	"x_amzn_mtls_clientcert_subject":       "X-Amzn-Mtls-Clientcert-Subject",
	"x_amzn_mtls_clientcert_validity":      "X-Amzn-Mtls-Clientcert-Validity",
	"x_amzn_mtls_clientcert_leaf":          "X-Amzn-Mtls-Clientcert-Leaf",
	"x_amzn_mtls_clientcert":               "X-Amzn-Mtls-Clientcert",
	"x_amzn_tls_version":                   "X-Amzn-TLS-Version",
	"x_amzn_tls_cipher_suite":              "X-Amzn-TLS-Cipher-Suite",
}

// responseHeaders are the headers that a listener may add to answers, by the part of the key that means them.
var responseHeaders = []string{
	"strict_transport_security", "access_control_allow_origin", "access_control_allow_methods", "access_control_allow_headers",
	"access_control_allow_credentials", "access_control_expose_headers", "access_control_max_age", "content_security_policy",
	"x_content_type_options", "x_frame_options",
}

// listenerAttributeDefaults returns AWS's defaults of the attributes that a listener has.
func listenerAttributeDefaults(lbType types.LoadBalancerTypeEnum, protocol types.ProtocolEnum) settings {
	switch lbType {
	case types.LoadBalancerTypeEnumGateway:
		return settings{keyTCPIdleTimeout: "350", keyTCPResetOnIdle: off}
	case types.LoadBalancerTypeEnumNetwork:
		if strings.Contains(string(protocol), "TCP") {
			return settings{keyTCPIdleTimeout: "350"}
		}
		return settings{}
	}
	defaults := settings{keyServerHeader: on}
	for _, header := range responseHeaders {
		defaults[prefixResponseHead+header+suffixHeaderValue] = ""
	}
	if protocol == types.ProtocolEnumHttps {
		for key, name := range requestHeaders {
			defaults[prefixRequestName+key+suffixHeaderName] = name
		}
	}
	return defaults
}
