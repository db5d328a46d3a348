package controllers_test

import (
	"context"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

const (
	anALB   = "type: application, subnetIDs: [subnet-0a, subnet-0b]"
	anNLB   = "type: network, subnetIDs: [subnet-0a]"
	aGWLB   = "type: gateway, subnetIDs: [subnet-0a]"
	forward = "defaultActions: [{forward: {targetGroups: [{name: web}]}}]"
)

// group is a declaration with a target group "web".
func group(balancer, settings string) string {
	return balancer + ", targetGroups: [{name: web, " + settings + "}]"
}

// webALB and tcpNLB have a target group "web" and one listener with more settings.
func webALB(settings string) string {
	return group(anALB, "protocol: HTTP, port: 80") + ", listeners: [{port: 80, protocol: HTTP, " + settings + "}]"
}

func httpsALB(settings string) string {
	return group(anALB, "protocol: HTTP, port: 80") + ", listeners: [{port: 443, protocol: HTTPS, certificates: [{arn: " + certificateARN + "}], " + settings + "}]"
}

func tcpNLB(settings string) string {
	return group(anNLB, "protocol: TCP, port: 80") + ", listeners: [{port: 80, " + settings + "}]"
}

// ruled is a listener with one rule.
func ruled(conditions, actions string) string {
	return forward + ", rules: [{priority: 1, conditions: [" + conditions + "], actions: [" + actions + "]}]"
}

// grouped is a load balancer with a managed security group of one rule.
func grouped(rule string) string { return anALB + ", securityGroup: {ingress: [{" + rule + "}]}" }

const (
	certificateARN = "'arn:aws:acm:us-east-1:123456789012:certificate/12345678-1234-1234-1234-123456789012'"
	authorityARN   = "'arn:aws:acm-pca:us-east-1:123456789012:certificate-authority/12345678-1234-1234-1234-123456789012'"
	trustStoreARN  = "'arn:aws:elasticloadbalancing:us-east-1:123456789012:truststore/people/0123456789abcdef'"
	targetGroupARN = "'arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/theirs/0123456789abcdef'"
	balancerARN    = "'arn:aws:elasticloadbalancing:us-east-1:123456789012:loadbalancer/app/theirs/0123456789abcdef'"
	functionARN    = "'arn:aws:lambda:us-east-1:123456789012:function:hello:live'"
	toWeb          = "{forward: {targetGroups: [{name: web}]}}"
	oidc           = "{authenticateOIDC: {issuer: 'https://id.example', authorizationEndpoint: 'https://id.example/a', tokenEndpoint: 'https://id.example/t', userInfoEndpoint: 'https://id.example/u', clientID: shop, clientSecretRef: {name: oidc, key: secret}}}"
	jwt            = "{jwtValidation: {issuer: 'https://id.example', jwksEndpoint: 'https://id.example/keys'}}"
)

var _ = Describe("Admission of a LoadBalancer's parts", func() {
	DescribeTable("refuses a target group", refuses("LoadBalancer"),
		Entry("without a name", anALB+", targetGroups: [{protocol: HTTP, port: 80}]", "name: Required value"),
		Entry("with a name twice", anALB+", targetGroups: [{name: a, protocol: HTTP, port: 80}, {name: a, protocol: HTTP, port: 81}]", "Duplicate value"),
		Entry("without a port", group(anALB, "protocol: HTTP"), "a target group needs protocol and port"),
		Entry("without a protocol", group(anALB, "port: 80"), "a target group needs protocol and port"),
		Entry("of functions, with a port", group(anALB, "targetType: lambda, port: 80"), "one of targetType lambda has neither"),
		Entry("of another type's protocol", group(anALB, "protocol: TCP, port: 80"), "the protocol of a target group goes with spec.type"),
		Entry("of functions behind a network load balancer", group(anNLB, "targetType: lambda"), "the protocol of a target group goes with spec.type"),
		Entry("of HTTP behind a gateway", group(aGWLB, "protocol: HTTP, port: 80"), "gateway takes GENEVE"),
		Entry("of GENEVE at another port", group(aGWLB, "protocol: GENEVE, port: 80"), "is 6081"),
		Entry("of TCP, with a version of HTTP", group(anNLB, "protocol: TCP, port: 80, protocolVersion: HTTP2"), "go with protocol HTTP or HTTPS"),
		Entry("of load balancers, by TLS", group(anNLB, "protocol: TLS, port: 80, targetType: alb"), "has protocol TCP"),
		Entry("of IPv6 behind IPv4", group(anALB+", ipAddressType: ipv4", "protocol: HTTP, port: 80, targetType: ip, ipAddressType: ipv6"), "needs spec.ipAddressType dualstack"),
		Entry("of instances, with an address", group(anALB, "protocol: HTTP, port: 80, targets: [{id: 10.0.0.1}]"), "set targetType ip for addresses"),
		Entry("of addresses, with an instance", group(anALB, "protocol: HTTP, port: 80, targetType: ip, targets: [{id: i-0a}]"), "are IP addresses"),
		Entry("of addresses, with one out of range", group(anALB, "protocol: HTTP, port: 80, targetType: ip, targets: [{id: 10.0.0.256}]"), "should match"),
		Entry("of functions, with two", group(anALB, "targetType: lambda, targets: [{id: "+functionARN+"}, {id: "+functionARN+"}]"), "keep one of targets"),
		Entry("of functions, at a port", group(anALB, "targetType: lambda, targets: [{id: "+functionARN+", port: 80}]"), "a function has no port"),
		Entry("of instances, with a zone", group(anALB, "protocol: HTTP, port: 80, targets: [{id: i-0a, availabilityZone: all}]"), "remove availabilityZone"),
		Entry("of QUIC, without server ids", group(anNLB, "protocol: QUIC, port: 443, targets: [{id: i-0a}]"), "need a quicServerID"),
		Entry("with a check that is off", group(anALB, "protocol: HTTP, port: 80, healthCheck: {enabled: false}"), "remove healthCheck.enabled"),
		Entry("of functions, with a check's port", group(anALB, "targetType: lambda, healthCheck: {port: '80'}"), "has no protocol and no port"),
		Entry("of HTTP, checked by TCP", group(anALB, "protocol: HTTP, port: 80, healthCheck: {protocol: TCP}"), "change healthCheck.protocol"),
		Entry("of TCP, with a path", group(anNLB, "protocol: TCP, port: 80, healthCheck: {path: /up}"), "set healthCheck.protocol"),
		Entry("with a check too often", group(anALB, "protocol: HTTP, port: 80, healthCheck: {intervalSeconds: 4}"), "greater than or equal to 5"),
		Entry("with a check that waits too long", group(anALB, "protocol: HTTP, port: 80, healthCheck: {intervalSeconds: 10, timeoutSeconds: 10}"), "make healthCheck.timeoutSeconds less"),
		Entry("with one check too few", group(anALB, "protocol: HTTP, port: 80, healthCheck: {healthyThresholdCount: 1}"), "greater than or equal to 2"),
		Entry("with a check at no port", group(anALB, "protocol: HTTP, port: 80, healthCheck: {port: '65536'}"), "should match"),
		Entry("of HTTP, with a 5xx as healthy", group(anALB, "protocol: HTTP, port: 80, healthCheck: {matcher: 200-500}"), "200 to 499 behind an application load balancer"),
		Entry("of gRPC, with an HTTP code", group(anALB, "protocol: HTTP, port: 80, protocolVersion: GRPC, healthCheck: {matcher: '200'}"), "gRPC codes from 0 to 99"),
		Entry("with a slow start that is too short", group(anALB, "protocol: HTTP, port: 80, attributes: {slowStartSeconds: 29}"), "30 to 900, or 0"),
		Entry("with a slow start and another algorithm", group(anALB, "protocol: HTTP, port: 80, attributes: {slowStartSeconds: 30, loadBalancingAlgorithmType: weighted_random}"), "slow start goes with the algorithm round_robin"),
		Entry("with anomalies and no weighted_random", group(anALB, "protocol: HTTP, port: 80, attributes: {anomalyMitigationEnabled: true}"), "weighted_random"),
		Entry("of TCP, with a slow start", group(anNLB, "protocol: TCP, port: 80, attributes: {slowStartSeconds: 30}"), "are for target groups of protocol HTTP and HTTPS"),
		Entry("of HTTP, with Proxy Protocol", group(anALB, "protocol: HTTP, port: 80, attributes: {proxyProtocolV2Enabled: true}"), "of a network load balancer"),
		Entry("of HTTP, with flows", group(anALB, "protocol: HTTP, port: 80, attributes: {targetFailover: rebalance}"), "of protocol GENEVE"),
		Entry("of TCP, with cookies", group(anNLB, "protocol: TCP, port: 80, attributes: {stickiness: {enabled: true, type: lb_cookie}}"), "source_ip behind a network load balancer"),
		Entry("with a cookie without a name", group(anALB, "protocol: HTTP, port: 80, attributes: {stickiness: {enabled: true, type: app_cookie}}"), "needs stickiness.cookieName"),
		Entry("with a cookie of AWS", group(anALB, "protocol: HTTP, port: 80, attributes: {stickiness: {enabled: true, type: app_cookie, cookieName: AWSALBAPP}}"), "choose another stickiness.cookieName"),
		Entry("of UDP, that hides clients", group(anNLB, "protocol: UDP, port: 53, attributes: {preserveClientIPEnabled: false}"), "always preserves the client's address"),
		Entry("with draining and cutting", group(anNLB, "protocol: TCP, port: 80, attributes: {unhealthyDrainingIntervalSeconds: 60}"), "unhealthyConnectionTerminationEnabled false"),
		Entry("that never fails open", group(anALB, "protocol: HTTP, port: 80, attributes: {unhealthyStateRouting: {count: 0}}"), "cannot be turned off"),
		Entry("with an attribute twice", group(anALB, "protocol: HTTP, port: 80, attributes: {slowStartSeconds: 30, other: {slow_start.duration_seconds: '30'}}"), "keep one of the two"),
	)

	DescribeTable("refuses a listener", refuses("LoadBalancer"),
		Entry("of another type's protocol", group(anALB, "protocol: HTTP, port: 80")+", listeners: [{port: 80, protocol: TCP, "+forward+"}]", "the protocol of a listener goes with spec.type"),
		Entry("of a gateway, with a port", group(aGWLB, "protocol: GENEVE, port: 6081")+", listeners: [{port: 80, protocol: TCP, "+forward+"}]", "give the one that goes with spec.type"),
		Entry("of another type, without a port", group(anALB, "protocol: HTTP, port: 80")+", gatewayListener: {"+forward+"}", "give the one that goes with spec.type"),
		Entry("at a port twice", group(anNLB, "protocol: TCP_UDP, port: 53")+", listeners: [{port: 53, protocol: TCP, "+forward+"}, {port: 53, protocol: UDP, "+forward+"}]", "Duplicate value"),
		Entry("at no port", group(anNLB, "protocol: TCP, port: 80")+", listeners: [{port: 65536, protocol: TCP, "+forward+"}]", "less than or equal to 65535"),
		Entry("of HTTPS, without a certificate", group(anALB, "protocol: HTTP, port: 80")+", listeners: [{port: 443, protocol: HTTPS, "+forward+"}]", "needs certificates"),
		Entry("of HTTP, with a certificate", webALB(forward+", certificates: [{arn: "+certificateARN+"}]"), "needs certificates, and no other has any"),
		Entry("of HTTP, with a TLS policy", webALB(forward+", sslPolicy: ELBSecurityPolicy-2016-08"), "sslPolicy goes with protocol HTTPS or TLS"),
		Entry("of HTTPS, with ALPN", httpsALB(forward+", alpnPolicy: HTTP2Only"), "alpnPolicy goes with protocol TLS"),
		Entry("of HTTP, with clients' certificates", webALB(forward+", mutualAuthentication: {mode: passthrough}"), "mutualAuthentication goes with protocol HTTPS"),
		Entry("that verifies by nothing", httpsALB(forward+", mutualAuthentication: {mode: verify}"), "trustStoreARN goes with mode verify"),
		Entry("that passes expired certificates through", httpsALB(forward+", mutualAuthentication: {mode: passthrough, ignoreClientCertificateExpiry: true}"), "go with mode verify"),
		Entry("with a certificate by two ways", webALB(forward+", certificates: [{arn: "+certificateARN+", issue: {domainNames: [a.example], hostedZoneRef: {name: a}}}]"), "give exactly one of arn"),
		Entry("with a certificate validated nowhere", webALB(forward+", certificates: [{issue: {domainNames: [a.example]}}]"), "give exactly one of issue.hostedZoneRef"),
		Entry("with a certificate of too long a subject", webALB(forward+", certificates: [{issue: {domainNames: ["+strings.Repeat("a", 60)+".example], hostedZoneID: Z1}}]"), "put a shorter name first"),
		Entry("with a certificate of two wildcards", webALB(forward+", certificates: [{issue: {domainNames: ['*.*.example'], hostedZoneID: Z1}}]"), "should match"),
		Entry("without an action", group(anALB, "protocol: HTTP, port: 80")+", listeners: [{port: 80, protocol: HTTP}]", "defaultActions: Required value"),
		Entry("with two actions that answer", webALB("defaultActions: ["+toWeb+", {fixedResponse: {statusCode: '404'}}]"), "must have exactly one of forward, redirect and fixedResponse, as the last"),
		Entry("with nothing after the log-in", httpsALB("defaultActions: ["+oidc+"]"), "must have exactly one of forward, redirect and fixedResponse, as the last"),
		Entry("with the log-in last", httpsALB("defaultActions: ["+toWeb+", "+oidc+"]"), "as the last"),
		Entry("with two log-ins", httpsALB("defaultActions: ["+oidc+", "+oidc+", "+toWeb+"]"), "a request is authenticated once"),
		Entry("with an action of two kinds", webALB("defaultActions: [{forward: {targetGroups: [{name: web}]}, fixedResponse: {statusCode: '404'}}]"), "an action is exactly one of"),
		Entry("with a log-in and no TLS", webALB("defaultActions: ["+oidc+", "+toWeb+"]"), "need a listener of protocol HTTPS"),
		Entry("with a token in a rule and no TLS", webALB(ruled("{pathPattern: [/a]}", jwt+", "+toWeb)), "need a listener of protocol HTTPS"),
		Entry("of TCP, that answers by itself", tcpNLB("protocol: TCP, defaultActions: [{fixedResponse: {statusCode: '404'}}]"), "can only forward"),
		Entry("of TCP, sticky to a target group", tcpNLB("protocol: TCP, defaultActions: [{forward: {targetGroups: [{name: web}], stickiness: {enabled: true, durationSeconds: 1}}}]"), "remove forward.stickiness"),
		Entry("of HTTP, to gRPC", group(anALB, "protocol: HTTP, port: 80, protocolVersion: GRPC")+", listeners: [{port: 80, protocol: HTTP, "+forward+"}]", "from listeners of HTTPS only"),
		Entry("of HTTP, to HTTP/2 by a rule", anALB+", targetGroups: [{name: web, protocol: HTTP, port: 80}, {name: new, protocol: HTTP, port: 80, protocolVersion: HTTP2}], listeners: [{port: 80, protocol: HTTP, "+ruled("{pathPattern: [/a]}", "{forward: {targetGroups: [{name: new}]}}")+"}]", "from listeners of HTTPS only"),
		Entry("of UDP, to TCP", tcpNLB("protocol: UDP, "+forward), "the protocol of a target group must go with the listener's"),
		Entry("of UDP on dualstack, without source NAT", group(anNLB+", ipAddressType: dualstack", "protocol: UDP, port: 53")+", listeners: [{port: 53, protocol: UDP, "+forward+"}]", "need spec.enablePrefixForIPv6SourceNAT"),
		Entry("with another type's attributes", webALB(forward+", attributes: {sendTCPResetOnIdleTimeoutEnabled: true}"), "listener attributes go with spec.type"),
		Entry("of HTTP, with headers about TLS", webALB(forward+", attributes: {requestHeaderNames: {tlsVersion: X-TLS}}"), "go with protocol HTTPS"),
		Entry("of TLS, with an idle timeout", group(anNLB, "protocol: TCP, port: 80")+", listeners: [{port: 443, protocol: TLS, "+forward+", certificates: [{arn: "+certificateARN+"}], attributes: {tcpIdleTimeoutSeconds: 60}}]", "goes with protocol TCP"),
		Entry("of a gateway, that answers by itself", aGWLB+", gatewayListener: {defaultActions: [{fixedResponse: {statusCode: '404'}}]}", "forwards to one target group"),
	)

	DescribeTable("refuses a rule or an action", refuses("LoadBalancer"),
		Entry("of no priority", webALB(forward+", rules: [{conditions: [{pathPattern: [/a]}], actions: ["+toWeb+"]}]"), "priority: Required value"),
		Entry("of a priority twice", webALB(forward+", rules: [{priority: 1, conditions: [{pathPattern: [/a]}], actions: ["+toWeb+"]}, {priority: 1, conditions: [{pathPattern: [/b]}], actions: ["+toWeb+"]}]"), "Duplicate value"),
		Entry("of too high a priority", webALB(forward+", rules: [{priority: 50001, conditions: [{pathPattern: [/a]}], actions: ["+toWeb+"]}]"), "less than or equal to 50000"),
		Entry("of a name twice", webALB(forward+", rules: [{name: a, priority: 1, conditions: [{pathPattern: [/a]}], actions: ["+toWeb+"]}, {name: a, priority: 2, conditions: [{pathPattern: [/b]}], actions: ["+toWeb+"]}]"), "names of rules must be unique"),
		Entry("without a condition", webALB(ruled("", toWeb)), "at least 1 items"),
		Entry("with an empty condition", webALB(ruled("{}", toWeb)), "a condition is exactly one of"),
		Entry("with two conditions of the host", webALB(ruled("{hostHeader: [a.example]}, {hostHeaderRegex: ['^b']}", toWeb)), "at most one condition each"),
		Entry("with six values", webALB(ruled("{pathPattern: [/a, /b, /c]}, {hostHeader: [a.b, b.b, c.b]}", toWeb)), "at most 5 values in all its conditions"),
		Entry("with a condition of two kinds", webALB(ruled("{pathPattern: [/a], sourceIP: [10.0.0.0/8]}", toWeb)), "a condition is exactly one of"),
		Entry("with no transform", webALB(forward+", rules: [{priority: 1, conditions: [{pathPattern: [/a]}], actions: ["+toWeb+"], transforms: {}}]"), "or remove transforms"),
		Entry("with a host without a dot", webALB(ruled("{hostHeader: [localhost]}", toWeb)), "should match"),
		Entry("with the header Host", webALB(ruled("{httpHeader: {name: host, values: [a]}}", toWeb)), "use hostHeader"),
		Entry("with a header by two ways", webALB(ruled("{httpHeader: {name: X-A, values: [a], regexValues: [a]}}", toWeb)), "give exactly one of httpHeader.values"),
		Entry("with a method in small letters", webALB(ruled("{httpRequestMethod: [get]}", toWeb)), "should match"),
		Entry("with an address that is no block", webALB(ruled("{sourceIP: [10.0.0.1]}", toWeb)), "should match"),
		Entry("of IPv6 on an application load balancer", webALB(ruled("{sourceIPAddressType: ipv6}", toWeb)), "is for type network"),
		Entry("of paths on a network load balancer", tcpNLB("protocol: TCP, "+ruled("{pathPattern: [/a]}", toWeb)), "tell IPv4 from IPv6 clients"),
		Entry("to a target group that is not there", webALB(ruled("{pathPattern: [/a]}", "{forward: {targetGroups: [{name: green}]}}")), "a rule forwards to a target group that is not there"),
		Entry("by default to a target group that is not there", webALB("defaultActions: [{forward: {targetGroups: [{name: green}]}}]"), "a default action forwards to a target group that is not there"),
		Entry("of a gateway to a target group that is not there", aGWLB+", gatewayListener: {"+forward+"}", "spec.gatewayListener forwards to a target group that is not there"),
		Entry("to a target group by two ways", webALB("defaultActions: [{forward: {targetGroups: [{name: web, arn: "+targetGroupARN+"}]}}]"), "give exactly one of name"),
		Entry("to a target group twice", webALB("defaultActions: [{forward: {targetGroups: [{name: web, weight: 1}, {name: web, weight: 2}]}}]"), "with the sum of the weights"),
		Entry("of too much weight", webALB("defaultActions: [{forward: {targetGroups: [{name: web, weight: 1000}]}}]"), "less than or equal to 999"),
		Entry("sticky for no time", webALB("defaultActions: [{forward: {targetGroups: [{name: web}], stickiness: {enabled: true}}}]"), "give stickiness.durationSeconds"),
		Entry("that redirects to itself", webALB("defaultActions: [{redirect: {port: '#{port}', query: a=b, statusCode: HTTP_301}}]"), "the redirect would lead to itself"),
		Entry("that redirects from HTTPS to HTTP", httpsALB("defaultActions: [{redirect: {protocol: HTTP, statusCode: HTTP_301}}]"), "AWS does not redirect from HTTPS to HTTP"),
		Entry("that redirects to no port", webALB("defaultActions: [{redirect: {port: '70000', statusCode: HTTP_301}}]"), "should match"),
		Entry("that answers 302", webALB("defaultActions: [{fixedResponse: {statusCode: '302'}}]"), "should match"),
		Entry("that answers with too much", webALB("defaultActions: [{fixedResponse: {statusCode: '404', messageBody: "+strings.Repeat("a", 1025)+"}}]"), "may not be more than 1024"),
		Entry("with a claim that is always checked", httpsALB("defaultActions: [{jwtValidation: {issuer: a, jwksEndpoint: 'https://a/', additionalClaims: [{name: exp, format: single-string, values: [a]}]}}, "+toWeb+"]"), "remove them from additionalClaims"),
		Entry("with an endpoint without TLS", httpsALB("defaultActions: [{jwtValidation: {issuer: a, jwksEndpoint: 'http://a/'}}, "+toWeb+"]"), "should match"),
	)

	DescribeTable("refuses a rule of a security group", refuses("LoadBalancer"),
		Entry("for nobody", grouped("protocol: tcp, port: 80"), "needs someone whom it lets through"),
		Entry("of no port", grouped("protocol: tcp, cidrs: [0.0.0.0/0]"), "needs either port, or fromPort and toPort"),
		Entry("of a port by two ways", grouped("protocol: tcp, port: 80, fromPort: 80, toPort: 80, cidrs: [0.0.0.0/0]"), "needs either port, or fromPort and toPort"),
		Entry("of ports in the wrong order", grouped("protocol: udp, fromPort: 81, toPort: 80, cidrs: [0.0.0.0/0]"), "in that order"),
		Entry("of a port for everything", grouped("protocol: '-1', port: 80, cidrs: [0.0.0.0/0]"), "port is for them only"),
		Entry("of ports for another protocol", grouped("protocol: '50', fromPort: 0, toPort: 1, cidrs: [0.0.0.0/0]"), "rules for other protocols have none"),
		Entry("of a type without a code", grouped("protocol: icmp, fromPort: 8, cidrs: [0.0.0.0/0]"), "given both or not at all"),
		Entry("of an unknown protocol", grouped("protocol: http, port: 80, cidrs: [0.0.0.0/0]"), "should match"),
		Entry("with an address that is no block", grouped("protocol: tcp, port: 80, cidrs: [10.0.0.1]"), "should match"),
	)

	Context("of a change", func() {
		s := newStory()

		It("accepts one of the largest load balancer that quotas allow", func(ctx context.Context) {
			obj := manifest("LoadBalancer", largestManifest())
			obj.SetNamespace(s.Namespace)
			Expect(env.Client.Create(ctx, obj)).To(Succeed())
			patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"tags":{"team":"a"}}}`))
			Expect(env.Client.Patch(ctx, obj, patch)).To(Succeed())
		})

		DescribeTable("says what to do about what AWS cannot change",
			func(ctx context.Context, spec, change, advice string) {
				obj := manifest("LoadBalancer", "{"+spec+"}")
				obj.SetNamespace(s.Namespace)
				Expect(env.Client.Create(ctx, obj)).To(Succeed())
				patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":`+change+`}`))
				err := env.Client.Patch(ctx, obj, patch)
				if advice == "" {
					Expect(err).NotTo(HaveOccurred())
				} else {
					Expect(err).To(MatchError(ContainSubstring(advice)))
				}
			},
			Entry("the type", anALB, `{"type":"network"}`, "spec.type is immutable"),
			Entry("the scheme", anALB, `{"scheme":"internal"}`, "spec.scheme is immutable"),
			Entry("the scheme, to what it was by default", anALB, `{"scheme":"internet-facing"}`, ""),
			Entry("the scheme of an adopted one, told later", anALB+", adopt: {name: shop}", `{"scheme":"internal"}`, ""),
			Entry("the name", anALB+", name: a", `{"name":"b"}`, "spec.name is immutable"),
			Entry("the name, given later", anALB, `{"name":"b"}`, "spec.name is immutable"),
			Entry("the Outpost's pool", anALB+", customerOwnedIPv4Pool: ipv4pool-coip-0a", `{"customerOwnedIPv4Pool":null}`, "spec.customerOwnedIPv4Pool is immutable"),
			Entry("what is adopted", anALB+", adopt: {name: a}", `{"adopt":{"name":"b"}}`, "delete this LoadBalancer with deletionPolicy Retain"),
			Entry("the secondary addresses", anNLB+", attributes: {secondaryIPsAutoAssignedPerSubnet: 2}", `{"attributes":{"secondaryIPsAutoAssignedPerSubnet":1}}`, "can grow but not shrink"),
			Entry("the secondary addresses, removed", anNLB+", attributes: {secondaryIPsAutoAssignedPerSubnet: 2}", `{"attributes":null}`, "can grow but not shrink"),
			Entry("the secondary addresses, more of them", anNLB+", attributes: {secondaryIPsAutoAssignedPerSubnet: 2}", `{"attributes":{"secondaryIPsAutoAssignedPerSubnet":3}}`, ""),
			Entry("the security group's VPC", grouped("protocol: '-1', cidrs: [0.0.0.0/0]"), `{"securityGroup":{"vpcID":"vpc-0b"}}`, "securityGroup.vpcID is immutable"),
			Entry("the security group's description", grouped("protocol: '-1', cidrs: [0.0.0.0/0]"), `{"securityGroup":{"description":"other"}}`, "EC2 cannot change them"),
			Entry("a target group's port, which changes by replacement", group(anALB, "protocol: HTTP, port: 80"), `{"targetGroups":[{"name":"web","protocol":"HTTPS","port":443}]}`, ""),
		)
	})
})
