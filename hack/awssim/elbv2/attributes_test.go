package elbv2_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// attributed sets one attribute of a new resource, and gives what is described then.
type attributed func(ctx context.Context, s *sim, key, value string) (map[string]string, error)

func balancerOf(kind types.LoadBalancerTypeEnum) attributed {
	return func(ctx context.Context, s *sim, key, value string) (map[string]string, error) {
		arn := s.networkBalancer(ctx, "lb", ofType(kind), subnets("subnet-0a", "subnet-0b")).LoadBalancerArn
		if key != "" {
			_, err := s.ModifyLoadBalancerAttributes(ctx, &sdk.ModifyLoadBalancerAttributesInput{
				LoadBalancerArn: arn, Attributes: []types.LoadBalancerAttribute{{Key: &key, Value: &value}}})
			if err != nil {
				return nil, err
			}
		}
		found := map[string]string{}
		for _, one := range must(s.DescribeLoadBalancerAttributes(ctx, &sdk.DescribeLoadBalancerAttributesInput{LoadBalancerArn: arn})).Attributes {
			found[*one.Key] = *one.Value
		}
		Expect(found).To(Equal(s.LoadBalancers()[0].Attributes))
		return found, nil
	}
}

func groupOf(with ...grouping) attributed {
	return func(ctx context.Context, s *sim, key, value string) (map[string]string, error) {
		arn := s.group(ctx, "group", with...).TargetGroupArn
		if key != "" {
			_, err := s.ModifyTargetGroupAttributes(ctx, &sdk.ModifyTargetGroupAttributesInput{
				TargetGroupArn: arn, Attributes: []types.TargetGroupAttribute{{Key: &key, Value: &value}}})
			if err != nil {
				return nil, err
			}
		}
		found := map[string]string{}
		for _, one := range must(s.DescribeTargetGroupAttributes(ctx, &sdk.DescribeTargetGroupAttributesInput{TargetGroupArn: arn})).Attributes {
			found[*one.Key] = *one.Value
		}
		Expect(found).To(Equal(s.TargetGroups()[0].Attributes))
		return found, nil
	}
}

func listenerOf(with ...listening) attributed {
	return func(ctx context.Context, s *sim, key, value string) (map[string]string, error) {
		balancer := s.application(ctx, "lb")
		if len(with) == 0 {
			balancer = s.networkBalancer(ctx, "net")
			with = append(with, on(types.ProtocolEnumTcp, 80), doing(forward(s.group(ctx, "tcp", protocol(types.ProtocolEnumTcp)))...))
		}
		arn := must(s.createListener(ctx, balancer, with...)).ListenerArn
		if key != "" {
			_, err := s.ModifyListenerAttributes(ctx, &sdk.ModifyListenerAttributesInput{
				ListenerArn: arn, Attributes: []types.ListenerAttribute{{Key: &key, Value: &value}}})
			if err != nil {
				return nil, err
			}
		}
		found := map[string]string{}
		for _, one := range must(s.DescribeListenerAttributes(ctx, &sdk.DescribeListenerAttributesInput{ListenerArn: arn})).Attributes {
			found[*one.Key] = *one.Value
		}
		return found, nil
	}
}

var _ = Describe("Attributes", func() {
	http, https := on(types.ProtocolEnumHttp, 80), []listening{on(types.ProtocolEnumHttps, 443), withCertificates("a")}
	application, network, gateway := balancerOf(types.LoadBalancerTypeEnumApplication), balancerOf(types.LoadBalancerTypeEnumNetwork), balancerOf(types.LoadBalancerTypeEnumGateway)
	tcp, udp := protocol(types.ProtocolEnumTcp), protocol(types.ProtocolEnumUdp)

	DescribeTable("are all described, with their defaults", func(ctx SpecContext, of attributed, count int, some map[string]string) {
		found := must(of(ctx, start(elbv2.Quotas{}), "", ""))
		Expect(found).To(HaveLen(count))
		for key, value := range some {
			Expect(found).To(HaveKeyWithValue(key, value))
		}
	},
		Entry("of an application", application, 23, map[string]string{"idle_timeout.timeout_seconds": "60", "routing.http2.enabled": "true", "access_logs.s3.bucket": ""}),
		Entry("of a network", network, 9, map[string]string{"load_balancing.cross_zone.enabled": "false", "dns_record.client_routing_policy": "any_availability_zone"}),
		Entry("of a gateway", gateway, 2, map[string]string{"deletion_protection.enabled": "false"}),
		Entry("of a group", groupOf(), 14, map[string]string{"deregistration_delay.timeout_seconds": "300", "stickiness.type": "lb_cookie", "slow_start.duration_seconds": "0"}),
		Entry("of a function", groupOf(lambda), 11, map[string]string{"lambda.multi_value_headers.enabled": "false"}),
		Entry("of a TCP group of addresses", groupOf(tcp), 13, map[string]string{"preserve_client_ip.enabled": "false", "stickiness.type": "source_ip"}),
		Entry("of a TCP group of instances", groupOf(tcp, targeting(types.TargetTypeEnumInstance)), 13, map[string]string{"preserve_client_ip.enabled": "true"}),
		Entry("of a UDP group", groupOf(udp), 11, map[string]string{"deregistration_delay.connection_termination.enabled": "true", "preserve_client_ip.enabled": "true"}),
		Entry("of a GENEVE group", groupOf(geneve), 7, map[string]string{
			"target_failover.on_unhealthy": "no_rebalance", "send_tcp_reset.on_unhealthy.enabled": "false",
		}),
		Entry("of an HTTP listener", listenerOf(http), 11, map[string]string{"routing.http.response.server.enabled": "true"}),
		Entry("of an HTTPS listener", listenerOf(https...), 19, map[string]string{"routing.http.request.x_amzn_tls_version.header_name": "X-Amzn-TLS-Version"}),
		Entry("of a TCP listener", listenerOf(), 1, map[string]string{"tcp.idle_timeout.seconds": "350"}),
	)

	DescribeTable("are set", func(ctx SpecContext, of attributed, key, value string) {
		Expect(must(of(ctx, start(elbv2.Quotas{}), key, value))).To(HaveKeyWithValue(key, value))
	},
		Entry(nil, application, "idle_timeout.timeout_seconds", "4000"),
		Entry(nil, network, "secondary_ips.auto_assigned.per_subnet", "7"),
		Entry(nil, gateway, "load_balancing.cross_zone.enabled", "true"),
		Entry(nil, groupOf(), "slow_start.duration_seconds", "30"),
		Entry(nil, groupOf(tcp), "proxy_protocol_v2.enabled", "true"),
		Entry(nil, groupOf(), "target_group_health.dns_failover.minimum_healthy_targets.percentage", "50"),
		Entry(nil, listenerOf(https...), "routing.http.request.x_amzn_mtls_clientcert.header_name", "Client-Cert"),
		Entry(nil, listenerOf(http), "routing.http.response.strict_transport_security.header_value", "max-age=60"),
	)

	DescribeTable("are refused", func(ctx SpecContext, of attributed, key, value, code, message string) {
		_, err := of(ctx, start(elbv2.Quotas{}), key, value)
		Expect(codeOf(err)).To(Equal(code))
		Expect(messageOf(err)).To(ContainSubstring(message))
	},
		Entry(nil, application, "idle.timeout", "1", "ValidationError", "Load balancer attribute key 'idle.timeout' is not recognized"),
		Entry(nil, network, "routing.http2.enabled", "true", "InvalidConfigurationRequest", "is not supported on load balancers with type 'network'"),
		Entry(nil, application, "idle_timeout.timeout_seconds", "4001", "ValidationError", "between 1 and 4000"),
		Entry(nil, application, "load_balancing.cross_zone.enabled", "false", "ValidationError", "must be one of true"),
		Entry(nil, application, "access_logs.s3.enabled", "true", "InvalidConfigurationRequest", "bucket"),
		Entry(nil, groupOf(), "stickiness.type", "source_ip", "ValidationError", "lb_cookie, app_cookie"),
		Entry(nil, groupOf(tcp), "stickiness.lb_cookie.duration_seconds", "60", "InvalidConfigurationRequest", "is not supported on target groups with protocol 'TCP'"),
		Entry(nil, groupOf(tcp), "target_health_state.unhealthy.draining_interval_seconds", "60", "InvalidConfigurationRequest", "when"),
		Entry(nil, groupOf(udp), "preserve_client_ip.enabled", "false", "ValidationError", "one of true"),
		Entry(nil, groupOf(), "stickiness.app_cookie.cookie_name", "AWSALBAPP-1", "ValidationError", "AWSALB"),
		Entry(nil, groupOf(), "load_balancing.algorithm.anomaly_mitigation", "on", "InvalidConfigurationRequest", "weighted_random"),
		Entry(nil, groupOf(geneve), "target_failover.on_unhealthy", "rebalance", "InvalidConfigurationRequest", "same value"),
		Entry(nil, groupOf(lambda), "deregistration_delay.timeout_seconds", "1", "InvalidConfigurationRequest", "'lambda'"),
		Entry(nil, listenerOf(http), "tcp.idle_timeout.seconds", "60", "InvalidConfigurationRequest", "'HTTP'"),
	)

	It("are dropped from a listener whose protocol does not have them", func(ctx SpecContext) {
		s := start(elbv2.Quotas{})
		arn := must(s.createListener(ctx, s.application(ctx, "web"), https...)).ListenerArn
		must(s.ModifyListenerAttributes(ctx, &sdk.ModifyListenerAttributesInput{ListenerArn: arn, Attributes: []types.ListenerAttribute{
			{Key: aws.String("routing.http.request.x_amzn_mtls_clientcert.header_name"), Value: aws.String("Client-Cert")}}}))
		must(s.ModifyListener(ctx, &sdk.ModifyListenerInput{ListenerArn: arn, Protocol: types.ProtocolEnumHttp}))
		Expect(s.LoadBalancers()[0].Listeners[0].Attributes).To(HaveLen(11))
	})
})
