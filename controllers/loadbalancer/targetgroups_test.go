package loadbalancer

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

type (
	spec  = v1alpha1.LoadBalancerSpec
	group = v1alpha1.TargetGroup
)

// inBlue changes the target group blue.
func inBlue(change func(*group)) func(*spec) {
	return func(s *spec) { change(&s.TargetGroups[0]) }
}

// unlistened takes the listeners away.
func unlistened(s *spec) { s.Listeners = nil }

// networkBalancer is a LoadBalancer with one TCP listener.
func networkBalancer(change ...func(*spec)) *v1alpha1.LoadBalancer {
	obj := webBalancer(func(s *spec) {
		s.Type = v1alpha1.LoadBalancerNetwork
		s.TargetGroups[0].Protocol = v1alpha1.ProtocolTCP
		s.Listeners[0].Protocol = "TCP"
	})
	for _, f := range change {
		f(&obj.Spec)
	}
	return obj
}

// gatewayBalancer is a LoadBalancer of type gateway.
func gatewayBalancer(change ...func(*spec)) *v1alpha1.LoadBalancer {
	obj := webBalancer(func(s *spec) {
		s.Type, s.SecurityGroupIDs, s.Listeners = v1alpha1.LoadBalancerGateway, nil, nil
		s.TargetGroups[0].Protocol, s.TargetGroups[0].Port = v1alpha1.ProtocolGENEVE, aws.Int32(6081)
		s.TargetGroups[0].Targets = []v1alpha1.Target{{ID: "10.0.1.10"}}
		s.GatewayListener = &v1alpha1.GatewayListener{DefaultActions: forward("blue")}
	})
	for _, f := range change {
		f(&obj.Spec)
	}
	return obj
}

const functionARN = "arn:aws:lambda:us-east-1:123456789012:function:hello"

// functionBalancer is a LoadBalancer that forwards to a function.
func functionBalancer() *v1alpha1.LoadBalancer {
	return webBalancer(inBlue(func(g *group) {
		*g = group{Name: "blue", TargetType: v1alpha1.TargetTypeLambda, Targets: []v1alpha1.Target{{ID: functionARN}}}
	}))
}

func check(change func(*v1alpha1.TargetHealthCheck)) func(*spec) {
	return inBlue(func(g *group) {
		g.HealthCheck = &v1alpha1.TargetHealthCheck{}
		change(g.HealthCheck)
	})
}

func attributes(change func(*v1alpha1.TargetGroupAttributes)) func(*spec) {
	return inBlue(func(g *group) {
		g.Attributes = &v1alpha1.TargetGroupAttributes{}
		change(g.Attributes)
	})
}

// blueState is all of blue in AWS that an object can change of a group that exists.
func (w *world) blueState(ctx context.Context) []string {
	g := w.group(ctx, "blue")
	lines := []string{}
	for key, value := range g.check {
		lines = append(lines, "check "+key+"="+value)
	}
	for key, value := range w.attributes(ctx, g.arn) {
		lines = append(lines, key+"="+value)
	}
	for key, value := range g.tags {
		lines = append(lines, "tag "+key+"="+value)
	}
	for _, t := range g.targets {
		if t.there() {
			lines = append(lines, "target "+t.key())
		}
	}
	return lines
}

var _ = Describe("Target groups", func() {
	w := newWorld()

	const modifies, sets = "ModifyTargetGroup", "ModifyTargetGroupAttributes"
	DescribeTable("have every field changed by one call and back to AWS's default when it is removed",
		func(ctx context.Context, obj *v1alpha1.LoadBalancer, change func(*spec), call string, wants ...string) {
			w.create(ctx, obj)
			w.settle(ctx)
			before := w.blueState(ctx)
			Expect(w.writes(func() {
				w.edit(ctx, change)
				w.settle(ctx)
			})).To(Equal(map[string]int{call: 1}))
			Expect(w.blueState(ctx)).To(ContainElements(wants))
			w.expectQuiet(ctx)
			w.edit(ctx, func(s *spec) { s.TargetGroups = obj.Spec.TargetGroups })
			w.settle(ctx)
			Expect(w.blueState(ctx)).To(ConsistOf(before))
			w.expectQuiet(ctx)
		},
		Entry("health check protocol", webBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.Protocol = "HTTPS" }), modifies, "check protocol=HTTPS"),
		Entry("health check protocol of a network load balancer", networkBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.Protocol = "HTTP" }), modifies, "check protocol=HTTP"),
		Entry("health check port", webBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.Port = "81" }), modifies, "check port=81"),
		Entry("health check path", webBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.Path = "/health" }), modifies, "check path=/health"),
		Entry("health check interval", webBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.IntervalSeconds = aws.Int32(60) }), modifies, "check intervalSeconds=60"),
		Entry("health check timeout", webBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.TimeoutSeconds = aws.Int32(9) }), modifies, "check timeoutSeconds=9"),
		Entry("healthy threshold", webBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.HealthyThresholdCount = aws.Int32(3) }), modifies, "check healthyThresholdCount=3"),
		Entry("unhealthy threshold", networkBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.UnhealthyThresholdCount = aws.Int32(4) }), modifies, "check unhealthyThresholdCount=4"),
		Entry("matcher", webBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.Matcher = "200-299" }), modifies, "check matcher=200-299"),
		Entry("matcher of gRPC", webBalancer(unlistened, inBlue(func(g *group) { g.ProtocolVersion = v1alpha1.ProtocolVersionGRPC })),
			check(func(c *v1alpha1.TargetHealthCheck) { c.Matcher = "0-12" }), modifies, "check matcher=0-12"),
		Entry("health check of a function", functionBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.Enabled = aws.Bool(true) }), modifies, "check enabled=true"),
		Entry("health check of a gateway", gatewayBalancer(), check(func(c *v1alpha1.TargetHealthCheck) { c.Port = "8081" }), modifies, "check port=8081"),

		Entry("deregistration delay", webBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) { a.DeregistrationDelaySeconds = aws.Int32(7) }), sets, "deregistration_delay.timeout_seconds=7"),
		Entry("stickiness", webBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) {
			a.Stickiness = &v1alpha1.TargetGroupStickiness{Enabled: true, Type: "lb_cookie", DurationSeconds: aws.Int32(60)}
		}), sets, "stickiness.enabled=true", "stickiness.lb_cookie.duration_seconds=60"),
		Entry("stickiness of a network load balancer", networkBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) {
			a.Stickiness = &v1alpha1.TargetGroupStickiness{Enabled: true, Type: "source_ip"}
		}), sets, "stickiness.enabled=true"),
		Entry("stickiness of a gateway", gatewayBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) {
			a.Stickiness = &v1alpha1.TargetGroupStickiness{Enabled: true, Type: "source_ip_dest_ip"}
		}), sets, "stickiness.type=source_ip_dest_ip"),
		Entry("cross-zone", webBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) { a.CrossZone = v1alpha1.CrossZoneDisabled }), sets, "load_balancing.cross_zone.enabled=false"),
		Entry("algorithm", webBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) {
			a.LoadBalancingAlgorithmType, a.AnomalyMitigationEnabled = "weighted_random", aws.Bool(true)
		}), sets, "load_balancing.algorithm.type=weighted_random", "load_balancing.algorithm.anomaly_mitigation=on"),
		Entry("slow start", webBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) { a.SlowStartSeconds = aws.Int32(30) }), sets, "slow_start.duration_seconds=30"),
		Entry("DNS failover", networkBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) {
			a.DNSFailover = &v1alpha1.MinimumHealthyTargets{Count: aws.Int32(0), Percentage: aws.Int32(50)}
		}), sets, "target_group_health.dns_failover.minimum_healthy_targets.count=off", "target_group_health.dns_failover.minimum_healthy_targets.percentage=50"),
		Entry("unhealthy state routing", webBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) {
			a.UnhealthyStateRouting = &v1alpha1.MinimumHealthyTargets{Count: aws.Int32(2), Percentage: aws.Int32(10)}
		}), sets, "target_group_health.unhealthy_state_routing.minimum_healthy_targets.count=2"),
		Entry("headers of a function", functionBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) { a.LambdaMultiValueHeadersEnabled = aws.Bool(true) }), sets, "lambda.multi_value_headers.enabled=true"),
		Entry("connection termination", networkBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) { a.DeregistrationConnectionTerminationEnabled = aws.Bool(true) }), sets, "deregistration_delay.connection_termination.enabled=true"),
		Entry("client addresses", networkBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) { a.PreserveClientIPEnabled = aws.Bool(true) }), sets, "preserve_client_ip.enabled=true"),
		Entry("proxy protocol", networkBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) { a.ProxyProtocolV2Enabled = aws.Bool(true) }), sets, "proxy_protocol_v2.enabled=true"),
		Entry("unhealthy targets", networkBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) {
			a.UnhealthyConnectionTerminationEnabled, a.UnhealthyDrainingIntervalSeconds = aws.Bool(false), aws.Int32(30)
		}), sets, "target_health_state.unhealthy.connection_termination.enabled=false", "target_health_state.unhealthy.draining_interval_seconds=30"),
		Entry("failover", gatewayBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) { a.TargetFailover = "rebalance" }), sets, "target_failover.on_unhealthy=rebalance", "target_failover.on_deregistration=rebalance"),
		Entry("another attribute", webBalancer(), attributes(func(a *v1alpha1.TargetGroupAttributes) {
			a.Other = map[string]v1alpha1.AttributeValue{"slow_start.duration_seconds": "40"}
		}), sets, "slow_start.duration_seconds=40"),
		Entry("tags", webBalancer(), inBlue(func(g *group) { g.Tags = map[string]v1alpha1.TagValue{"team": "shop"} }), "AddTags", "tag team=shop"),
		Entry("a target more", webBalancer(), inBlue(func(g *group) { g.Targets = append(g.Targets, v1alpha1.Target{ID: "10.0.1.12"}) }), "RegisterTargets", "target 10.0.1.12:8080"),
	)

	DescribeTable("are made of every kind", func(ctx context.Context, obj *v1alpha1.LoadBalancer, targets int) {
		w.create(ctx, obj)
		w.settle(ctx)
		w.expectQuiet(ctx)
		Expect(w.group(ctx, "blue").targets).To(HaveLen(targets))
	},
		Entry("application", webBalancer(), 2),
		Entry("HTTPS to targets", webBalancer(inBlue(func(g *group) { g.Protocol = "HTTPS" })), 2),
		Entry("HTTP2", webBalancer(unlistened, inBlue(func(g *group) { g.ProtocolVersion = "HTTP2" })), 2),
		Entry("gRPC", webBalancer(unlistened, inBlue(func(g *group) { g.ProtocolVersion = "GRPC" })), 2),
		Entry("instances", webBalancer(inBlue(func(g *group) {
			g.TargetType, g.Targets = "", []v1alpha1.Target{{ID: "i-0123456789abcdef0"}}
		})), 1),
		Entry("a function", functionBalancer(), 1),
		Entry("TCP", networkBalancer(), 2),
		Entry("UDP", networkBalancer(func(s *spec) { s.TargetGroups[0].Protocol, s.Listeners[0].Protocol = "UDP", "UDP" }), 2),
		Entry("TCP_UDP", networkBalancer(func(s *spec) { s.TargetGroups[0].Protocol, s.Listeners[0].Protocol = "TCP_UDP", "TCP_UDP" }), 2),
		Entry("TLS to targets", networkBalancer(func(s *spec) { s.TargetGroups[0].Protocol, s.Listeners = "TLS", nil }), 2),
		Entry("QUIC", networkBalancer(func(s *spec) {
			s.TargetGroups[0].Protocol, s.Listeners[0].Protocol = "QUIC", "QUIC"
			s.TargetGroups[0].Targets = []v1alpha1.Target{{ID: "10.0.1.10", QUICServerID: "0x0123456789abcdef"}}
		}), 1),
		Entry("gateway", gatewayBalancer(), 1),
		Entry("unused by any listener", webBalancer(unlistened), 2),
		Entry("with addresses outside the VPC", webBalancer(inBlue(func(g *group) {
			g.Targets = []v1alpha1.Target{{ID: "192.168.7.1", AvailabilityZone: "all"}}
		})), 1),
	)

	It("leave what others set of fields that are left out", func(ctx context.Context) {
		w.create(ctx, webBalancer(check(func(c *v1alpha1.TargetHealthCheck) { c.Path = "/health" })))
		w.settle(ctx)
		g := w.group(ctx, "blue")
		_, err := w.others.ModifyTargetGroup(ctx, &sdk.ModifyTargetGroupInput{TargetGroupArn: &g.arn, HealthCheckIntervalSeconds: aws.Int32(77)})
		Expect(err).NotTo(HaveOccurred())
		w.expectQuiet(ctx)
		Expect(w.group(ctx, "blue").check).To(HaveKeyWithValue(checkInterval, "77"))
	})

	It("are repaired, and an event names the field", func(ctx context.Context) {
		w.create(ctx, webBalancer(check(func(c *v1alpha1.TargetHealthCheck) { c.Path = "/health" })))
		w.settle(ctx)
		g := w.group(ctx, "blue")
		_, err := w.others.ModifyTargetGroup(ctx, &sdk.ModifyTargetGroupInput{TargetGroupArn: &g.arn, HealthCheckPath: aws.String("/theirs")})
		Expect(err).NotTo(HaveOccurred())
		w.told()
		w.settle(ctx)
		Expect(w.group(ctx, "blue").check).To(HaveKeyWithValue(checkPath, "/health"))
		Expect(w.told()).To(ContainElement(ContainSubstring("DriftRepaired Set right what had been changed outside: target group blue (healthCheck.path: /theirs → /health)")))
	})

	It("are made again that were deleted outside", func(ctx context.Context) {
		w.create(ctx, webBalancer(unlistened))
		w.settle(ctx)
		before := w.group(ctx, "blue")
		_, err := w.others.DeleteTargetGroup(ctx, &sdk.DeleteTargetGroupInput{TargetGroupArn: &before.arn})
		Expect(err).NotTo(HaveOccurred())
		w.settle(ctx)
		Expect(w.group(ctx, "blue").arn).NotTo(Equal(before.arn))
	})

	It("are found again when the status is lost, and by a new cluster with the old id", func(ctx context.Context) {
		w.create(ctx, webBalancer())
		w.settle(ctx)
		before := w.group(ctx, "blue").arn
		live := w.live(ctx)
		live.Status = v1alpha1.LoadBalancerStatus{}
		Expect(w.store.Status().Update(ctx, live)).To(Succeed())
		Expect(w.writes(func() { w.settle(ctx) })).To(BeEmpty())

		w.live(ctx).DeepCopyInto(live)
		live.Finalizers = nil
		Expect(w.store.Update(ctx, live)).To(Succeed())
		Expect(w.store.Delete(ctx, live)).To(Succeed())
		again := webBalancer()
		again.UID = "another"
		w.restart()
		w.create(ctx, again)
		Expect(w.writes(func() { w.settle(ctx) })).To(BeEmpty())
		Expect(w.group(ctx, "blue").arn).To(Equal(before))
	})

	It("go when they are not declared any more", func(ctx context.Context) {
		w.create(ctx, webBalancer(func(s *spec) {
			green := s.TargetGroups[0]
			green.Name = "green"
			s.TargetGroups = append(s.TargetGroups, green)
		}))
		w.settle(ctx)
		w.edit(ctx, func(s *spec) { s.TargetGroups = s.TargetGroups[:1] })
		w.settle(ctx)
		Expect(w.observe(ctx).groups).To(HaveLen(1))
		w.expectQuiet(ctx)
	})

	It("stay, and say who uses them, while somebody else's rule does", func(ctx context.Context) {
		w.create(ctx, webBalancer(func(s *spec) {
			green := s.TargetGroups[0]
			green.Name = "green"
			s.TargetGroups = append(s.TargetGroups, green)
		}))
		w.settle(ctx)
		made := w.addRule(ctx, 7, w.group(ctx, "green").arn)
		w.edit(ctx, func(s *spec) { s.TargetGroups = s.TargetGroups[:1] })
		w.settleAs(ctx, v1alpha1.ReasonDeletionBlocked, "arget group green", "rule 7 of listener HTTP:80")
		_, err := w.others.DeleteRule(ctx, &sdk.DeleteRuleInput{RuleArn: &made})
		Expect(err).NotTo(HaveOccurred())
		w.settle(ctx)
		Expect(w.observe(ctx).groups).To(HaveLen(1))
	})
})

// addRule adds a rule to the listener on port 80 by somebody else's hand.
func (w *world) addRule(ctx context.Context, priority int32, targetGroup string) string {
	GinkgoHelper()
	out, err := w.others.CreateRule(ctx, &sdk.CreateRuleInput{
		ListenerArn: aws.String(w.observe(ctx).listenerAt(80).arn), Priority: &priority,
		Conditions: []types.RuleCondition{{Field: aws.String(fieldPathPattern), Values: []string{fmt.Sprint("/theirs/", priority)}}},
		Actions:    []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: &targetGroup}},
	})
	Expect(err).NotTo(HaveOccurred())
	return *out.Rules[0].RuleArn
}
