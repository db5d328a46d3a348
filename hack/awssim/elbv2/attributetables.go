package elbv2

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

const (
	deletionProtection = "deletion_protection.enabled"
	crossZone          = "load_balancing.cross_zone.enabled"
	secondaryIPs       = "secondary_ips.auto_assigned.per_subnet"
	drainingDelay      = "deregistration_delay.timeout_seconds"
	unhealthyEnds      = "target_health_state.unhealthy.connection_termination.enabled"
	unhealthyInterval  = "target_health_state.unhealthy.draining_interval_seconds"
	failoverLeave      = "target_failover.on_deregistration"
	failoverUnhealthy  = "target_failover.on_unhealthy"
	byBalancer         = "use_load_balancer_configuration"
)

// logs are the attributes of logs that are written to S3.
func logs(kind string) attributeSet {
	return attributeSet{
		flag(kind+".s3.enabled", "false"), text(kind+".s3.bucket", "", bucketName), text(kind+".s3.prefix", "", objectPrefix),
	}
}

func sharedAttributes(scheme types.LoadBalancerSchemeEnum) attributeSet {
	internal := "false"
	if scheme == types.LoadBalancerSchemeEnumInternal {
		internal = "true"
	}
	return slices.Concat(logs("access_logs"), attributeSet{
		flag(deletionProtection, "false"), flag("ipv6.deny_all_igw_traffic", internal), flag("zonal_shift.config.enabled", "false"),
	})
}

func applicationAttributes(scheme types.LoadBalancerSchemeEnum) attributeSet {
	return slices.Concat(sharedAttributes(scheme), attributeSet{
		choice(crossZone, "true", "true"),
		number("idle_timeout.timeout_seconds", "60", 1, 4000),
		number("client_keep_alive.seconds", "3600", 60, 604800),
		choice("routing.http.desync_mitigation_mode", "defensive", "monitor", "defensive", "strictest"),
		flag("routing.http.drop_invalid_header_fields.enabled", "false"),
		flag("routing.http.preserve_host_header.enabled", "false"),
		flag("routing.http.x_amzn_tls_version_and_cipher_suite.enabled", "false"),
		flag("routing.http.xff_client_port.enabled", "false"),
		choice("routing.http.xff_header_processing.mode", "append", "append", "preserve", "remove"),
		flag("routing.http2.enabled", "true"),
		flag("waf.fail_open.enabled", "false"),
	}, logs("connection_logs"), logs("health_check_logs"))
}

func networkAttributes(scheme types.LoadBalancerSchemeEnum) attributeSet {
	return slices.Concat(sharedAttributes(scheme), attributeSet{
		flag(crossZone, "false"),
		choice("dns_record.client_routing_policy", "any_availability_zone",
			"any_availability_zone", "partial_availability_zone_affinity", "availability_zone_affinity"),
		number(secondaryIPs, "0", 0, 7),
	})
}

var gatewayAttributes = attributeSet{flag(deletionProtection, "false"), flag(crossZone, "false")}

func (b *balancer) attributeSet() attributeSet {
	switch b.Type {
	case types.LoadBalancerTypeEnumNetwork:
		return networkAttributes(b.Scheme)
	case types.LoadBalancerTypeEnumGateway:
		return gatewayAttributes
	}
	return applicationAttributes(b.Scheme)
}

func (b *balancer) attributes() map[string]string { return b.attributeSet().values(b.Set) }

var (
	networkListenerAttributes = attributeSet{number("tcp.idle_timeout.seconds", "350", 60, 6000)}
	gatewayListenerAttributes = slices.Concat(networkListenerAttributes, attributeSet{flag("send_tcp_reset.on_idle_timeout.enabled", "false")})
)

// applicationListenerAttributes are the headers that a listener adds; those of
// client certificates and of TLS are HTTPS's only.
func applicationListenerAttributes(secure bool) attributeSet {
	own := attributeSet{flag("routing.http.response.server.enabled", "true")}
	for _, header := range []string{
		"strict_transport_security", "access_control_allow_origin", "access_control_allow_methods", "access_control_allow_headers",
		"access_control_allow_credentials", "access_control_expose_headers", "access_control_max_age", "content_security_policy",
		"x_content_type_options", "x_frame_options",
	} {
		own = append(own, text("routing.http.response."+header+".header_value", "", headerContent))
	}
	if !secure {
		return own
	}
	for _, header := range []string{
		"mtls_clientcert_serial_number", "mtls_clientcert_issuer", "mtls_clientcert_subject", "mtls_clientcert_validity",
		"mtls_clientcert_leaf", "mtls_clientcert", "tls_version", "tls_cipher_suite",
	} {
		// A name that was not given is that of the header itself: X-Amzn-Mtls-Clientcert-Leaf.
		own = append(own, text("routing.http.request.x_amzn_"+header+".header_name", headerName("x_amzn_"+header), headerToken))
	}
	return own
}

func headerName(key string) string {
	words := strings.Split(key, "_")
	for i, word := range words {
		words[i] = strings.ToUpper(word[:1]) + word[1:]
		if word == "tls" {
			words[i] = "TLS"
		}
	}
	return strings.Join(words, "-")
}

func (l *listener) attributeSet() attributeSet {
	switch l.Protocol {
	case types.ProtocolEnumHttp, types.ProtocolEnumHttps:
		return applicationListenerAttributes(l.Protocol == types.ProtocolEnumHttps)
	case types.ProtocolEnumTcp:
		return networkListenerAttributes
	case "":
		return gatewayListenerAttributes
	}
	return nil
}

func (l *listener) attributes() map[string]string { return l.attributeSet().values(l.Set) }

var groupHealth = attributeSet{
	number("target_group_health.dns_failover.minimum_healthy_targets.count", "1", 1, 1000, "off"),
	number("target_group_health.dns_failover.minimum_healthy_targets.percentage", "off", 1, 100, "off"),
	number("target_group_health.unhealthy_state_routing.minimum_healthy_targets.count", "1", 1, 1000),
	number("target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage", "off", 1, 100, "off"),
}

func applicationGroupAttributes(lambda bool) attributeSet {
	shared := slices.Concat(attributeSet{
		flag("stickiness.enabled", "false"),
		choice("stickiness.type", "lb_cookie", "lb_cookie", "app_cookie"),
		number("stickiness.lb_cookie.duration_seconds", "86400", 1, 604800),
		number("stickiness.app_cookie.duration_seconds", "86400", 1, 604800),
		{key: "stickiness.app_cookie.cookie_name", rule: "a cookie name that does not start with AWSALB", valid: func(name string) bool {
			return !strings.HasPrefix(strings.ToUpper(name), "AWSALB") && !strings.ContainsAny(name, " \t,;=\"")
		}},
		choice(crossZone, byBalancer, "true", "false", byBalancer),
	}, groupHealth)
	if lambda {
		return append(shared, flag("lambda.multi_value_headers.enabled", "false"))
	}
	return append(shared,
		number(drainingDelay, "300", 0, 3600),
		choice("load_balancing.algorithm.type", "round_robin", "round_robin", "least_outstanding_requests", "weighted_random"),
		choice("load_balancing.algorithm.anomaly_mitigation", "off", "on", "off"),
		number("slow_start.duration_seconds", "0", 30, 900, "0"))
}

func networkGroupAttributes(protocol types.ProtocolEnum, kind types.TargetTypeEnum) attributeSet {
	datagrams := protocol != types.ProtocolEnumTcp && protocol != types.ProtocolEnumTls
	preserve := flag("preserve_client_ip.enabled", "true")
	switch {
	case datagrams:
		preserve = choice("preserve_client_ip.enabled", "true", "true")
	case kind == types.TargetTypeEnumIp:
		preserve.normal = "false"
	}
	ends := "false"
	if protocol == types.ProtocolEnumUdp || protocol == types.ProtocolEnumTcpUdp {
		ends = "true"
	}
	set := slices.Concat(attributeSet{
		number(drainingDelay, "300", 0, 3600),
		flag("deregistration_delay.connection_termination.enabled", ends),
		flag("stickiness.enabled", "false"), choice("stickiness.type", "source_ip", "source_ip"),
		preserve, flag("proxy_protocol_v2.enabled", "false"),
		choice(crossZone, byBalancer, "true", "false", byBalancer),
	}, groupHealth)
	if datagrams {
		return set
	}
	return append(set, flag(unhealthyEnds, "true"), number(unhealthyInterval, "0", 0, 360000))
}

var gatewayGroupAttributes = attributeSet{
	number(drainingDelay, "300", 0, 3600),
	flag("stickiness.enabled", "false"),
	choice("stickiness.type", "source_ip_dest_ip_proto", "source_ip_dest_ip", "source_ip_dest_ip_proto"),
	choice(failoverLeave, "no_rebalance", "no_rebalance", "rebalance"),
	choice(failoverUnhealthy, "no_rebalance", "no_rebalance", "rebalance"),
	flag("send_tcp_reset.on_unhealthy.enabled", "false"),
	flag("send_tcp_reset.on_deregistration.enabled", "false"),
}

func (g *group) attributeSet() attributeSet {
	switch kind := g.family(); {
	case g.Settings.TargetType == types.TargetTypeEnumLambda:
		return applicationGroupAttributes(true)
	case kind == types.LoadBalancerTypeEnumNetwork:
		return networkGroupAttributes(g.Settings.Protocol, g.Settings.TargetType)
	case kind == types.LoadBalancerTypeEnumGateway:
		return gatewayGroupAttributes
	}
	return applicationGroupAttributes(false)
}

func (g *group) attributes() map[string]string { return g.attributeSet().values(g.Set) }

// family is the type of load balancer that the group is for.
func (g *group) family() types.LoadBalancerTypeEnum {
	switch g.Settings.Protocol {
	case types.ProtocolEnumHttp, types.ProtocolEnumHttps, "":
		return types.LoadBalancerTypeEnumApplication
	case types.ProtocolEnumGeneve:
		return types.LoadBalancerTypeEnumGateway
	}
	return types.LoadBalancerTypeEnumNetwork
}
