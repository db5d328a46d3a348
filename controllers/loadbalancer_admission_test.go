package controllers_test

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/yaml"
)

// networkManifest is the load balancer of a small web site, as its user writes it.
const networkManifest = `
type: network
scheme: internet-facing
subnetIDs: [subnet-0a, subnet-0b]
securityGroup:
  ingress:
  - {protocol: tcp, port: 80, cidrs: [0.0.0.0/0]}
  - {protocol: tcp, port: 443, cidrs: [0.0.0.0/0]}
targetGroups:
- name: http
  protocol: TCP
  port: 8080
  healthCheck:
    protocol: HTTP
    path: /index.html
    intervalSeconds: 30
    timeoutSeconds: 5
    healthyThresholdCount: 2
    unhealthyThresholdCount: 2
listeners:
- port: 80
  protocol: TCP
  defaultActions:
  - forward: {targetGroups: [{name: http}]}
`

// applicationManifest is the load balancer of a shop, as its user writes it.
const applicationManifest = `
type: application
scheme: internet-facing
ipAddressType: ipv4
subnetIDs: [subnet-0a, subnet-0b]
securityGroupIDs: [sg-0shared]
attributes:
  deletionProtectionEnabled: false
  idleTimeoutSeconds: 120
  http2Enabled: true
  dropInvalidHeaderFieldsEnabled: true
  accessLogs: {enabled: false}
  other: {routing.http.xff_client_port.enabled: "true"}
tags: {team: shop}
targetGroups:
- name: blue
  protocol: HTTP
  port: 8080
  targetType: ip
  targets: [{id: 10.0.1.10}, {id: 10.0.1.11, port: 9090}]
  healthCheck: {path: /healthz, matcher: 200-299}
  attributes: {deregistrationDelaySeconds: 30, slowStartSeconds: 60}
- name: green
  protocol: HTTP
  port: 8080
  targetType: ip
  targets: [{id: 10.0.2.10}]
  healthCheck: {path: /healthz}
listeners:
- port: 80
  protocol: HTTP
  defaultActions:
  - redirect: {protocol: HTTPS, port: "443", statusCode: HTTP_301}
- port: 443
  protocol: HTTPS
  sslPolicy: ELBSecurityPolicy-TLS13-1-2-2021-06
  certificates:
  - issue:
      domainNames: [shop.example, "*.shop.example"]
      hostedZoneRef: {name: shop}
  defaultActions:
  - forward:
      targetGroups:
      - {name: blue, weight: 90}
      - {name: green, weight: 10}
      stickiness: {enabled: true, durationSeconds: 3600}
  rules:
  - priority: 10
    conditions:
    - hostHeader: [admin.shop.example]
    - sourceIP: [10.0.0.0/8]
    actions:
    - forward: {targetGroups: [{name: blue}]}
  - priority: 20
    conditions:
    - pathPattern: [/maintenance*]
    actions:
    - fixedResponse: {statusCode: "503", contentType: text/plain, messageBody: Back soon}
`

// largestManifest has as many target groups, targets and rules as AWS's quotas allow one load balancer.
func largestManifest() string {
	var groups, rules []string
	for i := range 100 {
		var targets []string
		for j := range 10 {
			targets = append(targets, fmt.Sprintf("{id: 10.0.%d.%d}", i, j))
		}
		groups = append(groups, fmt.Sprintf("{name: group-%d, protocol: HTTP, port: 80, targetType: ip, targets: [%s], healthCheck: {matcher: 200-299}, attributes: {slowStartSeconds: 30}}", i, strings.Join(targets, ", ")))
		rules = append(rules, fmt.Sprintf("{name: rule-%d, priority: %d, conditions: [{pathPattern: [/%d/*]}, {hostHeader: [a.example, b.example, c.example, d.example]}], actions: [{forward: {targetGroups: [{name: group-%d}, {name: group-%d}, {name: group-%d}, {name: group-%d}, {name: group-%d}]}}], tags: {team: a}}",
			i, i+1, i, i, (i+1)%100, (i+2)%100, (i+3)%100, (i+4)%100))
	}
	var listeners []string
	for i := range 50 {
		listener := fmt.Sprintf("{port: %d, protocol: HTTP, defaultActions: [{forward: {targetGroups: [{name: group-%d}]}}]}", 8000+i, i)
		if i == 0 {
			listener = strings.TrimSuffix(listener, "}") + ", rules: [" + strings.Join(rules, ", ") + "]}"
		}
		listeners = append(listeners, listener)
	}
	return "{" + anALB + ", targetGroups: [" + strings.Join(groups, ", ") + "], listeners: [" + strings.Join(listeners, ", ") + "]}"
}

var _ = Describe("Admission of a LoadBalancer", func() {
	DescribeTable("accepts a whole declaration",
		func(ctx context.Context, spec string) { Expect(admit(ctx, "LoadBalancer", spec)).To(Succeed()) },
		Entry("of a network load balancer", networkManifest),
		Entry("of an application load balancer", applicationManifest),
		Entry("as large as AWS's quotas allow", largestManifest()),
	)

	It("accepts the sample", func(ctx context.Context) {
		content, err := os.ReadFile("../config/samples/loadbalancer.yaml")
		Expect(err).NotTo(HaveOccurred())
		for document := range strings.SplitSeq(string(content), "\n---\n") {
			sample := &unstructured.Unstructured{}
			Expect(yaml.Unmarshal([]byte(document), sample)).To(Succeed())
			spec, err := json.Marshal(sample.Object["spec"])
			Expect(err).NotTo(HaveOccurred())
			Expect(admit(ctx, sample.GetKind(), string(spec))).To(Succeed())
		}
	})

	It("keeps its CRD within what client-side kubectl apply can hold", func() {
		content, err := os.ReadFile("../config/crd/bases/aws.evenkeel.io_loadbalancers.yaml")
		Expect(err).NotTo(HaveOccurred())
		annotation, err := yaml.YAMLToJSON(content)
		Expect(err).NotTo(HaveOccurred())
		Expect(len(annotation)).To(BeNumerically("<", 256<<10))
	})

	DescribeTable("accepts a load balancer", accepts("LoadBalancer"),
		Entry("of an Outpost, with one subnet", "type: application, subnetIDs: [subnet-0a], customerOwnedIPv4Pool: ipv4pool-coip-0a"),
		Entry("of a Local Zone, with one subnet", "type: application, subnetMappings: [{subnetID: subnet-0a}]"),
		Entry("with Elastic IP addresses", "type: network, subnetMappings: [{subnetID: subnet-0a, allocationID: eipalloc-0a}, {subnetID: subnet-0b, allocationID: eipalloc-0b}]"),
		Entry("with private addresses", "type: network, scheme: internal, subnetMappings: [{subnetID: subnet-0a, privateIPv4Address: 10.0.1.5}]"),
		Entry("with IPv6 addresses", "type: network, ipAddressType: dualstack, enablePrefixForIPv6SourceNAT: true, subnetMappings: [{subnetID: subnet-0a, ipv6Address: '2001:db8::5', sourceNATIPv6Prefix: auto_assigned}]"),
		Entry("with a reservation and a pool", anALB+", minimumCapacityUnits: 100, ipamPools: {ipv4IPAMPoolID: ipam-pool-0a}"),
		Entry("that is adopted by its name", anALB+", name: shop, adopt: {name: shop}"),
		Entry("of type gateway", group(aGWLB, "protocol: GENEVE, port: 6081")+", gatewayListener: {"+forward+", attributes: {tcpIdleTimeoutSeconds: 400, sendTCPResetOnIdleTimeoutEnabled: true}}"),
		Entry("with a group of functions", group(anALB, "targetType: lambda, targets: [{id: "+functionARN+"}], healthCheck: {enabled: true, path: /up, matcher: '200'}, attributes: {lambdaMultiValueHeadersEnabled: true}")),
		Entry("with a group of load balancers", group(anNLB, "protocol: TCP, port: 80, targetType: alb, targets: [{id: "+balancerARN+"}], healthCheck: {protocol: HTTP, matcher: 200-399}")),
		Entry("with a group of gRPC servers", group(anALB, "protocol: HTTP, port: 50051, protocolVersion: GRPC, healthCheck: {path: /my.Health/Check, matcher: '0,12'}")),
		Entry("with a group of QUIC servers", group(anNLB, "protocol: QUIC, port: 443, targets: [{id: i-0a, quicServerID: '0x0123456789abcdef'}]")),
		Entry("with targets in all zones and of IPv6", group(anALB, "protocol: HTTP, port: 80, targetType: ip, targets: [{id: 192.168.0.1, availabilityZone: all}, {id: '2001:db8::1'}]")),
		Entry("with a check as long as its interval, behind a network load balancer", group(anNLB, "protocol: TCP, port: 80, healthCheck: {intervalSeconds: 10, timeoutSeconds: 10}")),
		Entry("with sticky sessions", group(anALB, "protocol: HTTP, port: 80, attributes: {stickiness: {enabled: true, type: app_cookie, cookieName: SHOP, durationSeconds: 60}}")),
		Entry("with every kind of condition", webALB(ruled("{hostHeaderRegex: ['^shop[.]']}, {pathPatternRegex: ['^/v[0-9]+/']}, {httpHeader: {name: X-Team, regexValues: ['^a']}}, {queryString: [{key: a, value: b}]}, {httpRequestMethod: [GET]}", toWeb))),
		Entry("with transforms and a named rule", webALB(forward+", rules: [{name: api, priority: 50000, conditions: [{pathPattern: ['/api/*']}], actions: ["+toWeb+"], transforms: {urlRewrite: {regex: '^/api/(.*)$', replace: '/$1'}, hostHeaderRewrite: {regex: a, replace: ''}}}]")),
		Entry("with users who log in", httpsALB("defaultActions: ["+jwt+", "+oidc+", "+toWeb+"]")),
		Entry("with clients' certificates", httpsALB(forward+", mutualAuthentication: {mode: verify, trustStoreARN: "+trustStoreARN+", advertiseTrustStoreCANames: true}")),
		Entry("that forwards to a group of others", anALB+", listeners: [{port: 80, protocol: HTTP, defaultActions: [{forward: {targetGroups: [{arn: "+targetGroupARN+"}]}}]}]"),
		Entry("that redirects another path", webALB("defaultActions: [{redirect: {path: '/new/#{path}', query: '', statusCode: HTTP_302}}]")),
		Entry("with a certificate of a private authority", group(anNLB, "protocol: TCP, port: 80")+", listeners: [{port: 443, protocol: TLS, alpnPolicy: HTTP2Preferred, "+forward+", certificates: [{issue: {domainNames: [a.example], certificateAuthorityARN: "+authorityARN+"}}]}]"),
		Entry("with a certificate validated in a zone of others", webALB(forward)+", adoptionPolicy: Always"),
		Entry("that tells IPv4 from IPv6", group(anNLB+", ipAddressType: dualstack", "protocol: TCP, port: 80")+", listeners: [{port: 80, protocol: TCP, "+ruled("{sourceIPAddressType: ipv6}", toWeb)+"}]"),
		Entry("whose group lets everything through", grouped("protocol: '-1', ipv6CIDRs: ['::/0'], prefixListIDs: [pl-0a]")),
		Entry("whose group lets pings through", grouped("protocol: icmp, fromPort: 8, toPort: -1, cidrs: [0.0.0.0/0]")),
		Entry("whose group lets nothing out", anALB+", securityGroup: {egress: []}"),
	)

	DescribeTable("refuses a load balancer", refuses("LoadBalancer"),
		Entry("of no type", "subnetIDs: [subnet-0a, subnet-0b]", "spec.type: Required value"),
		Entry("of an unknown type", "type: classic, subnetIDs: [subnet-0a]", "supported values"),
		Entry("without subnets", "type: network", "give exactly one of spec.subnetIDs and spec.subnetMappings"),
		Entry("with subnets twice", anNLB+", subnetMappings: [{subnetID: subnet-0a}]", "give exactly one of spec.subnetIDs and spec.subnetMappings"),
		Entry("with one subnet", "type: application, subnetIDs: [subnet-0a]", "give two or more of spec.subnetIDs"),
		Entry("with the same subnet twice", "type: application, subnetIDs: [subnet-0a, subnet-0a]", "Duplicate value"),
		Entry("with too long a name", anALB+", name: "+strings.Repeat("a", 33), "may not be more than 32"),
		Entry("with a name in AWS's own style", anALB+", name: internal-shop", "choose another name"),
		Entry("with a name that ends in a hyphen", anALB+", name: shop-", "spec.name in body should match"),
		Entry("of type gateway, with a scheme", aGWLB+", scheme: internal", "remove spec.scheme"),
		Entry("of type gateway, with a security group", aGWLB+", securityGroupIDs: [sg-0a]", "a gateway load balancer has no security groups"),
		Entry("of type application, with an Elastic IP address", "type: application, subnetMappings: [{subnetID: subnet-0a, allocationID: eipalloc-0a}]", "give just subnetID in spec.subnetMappings"),
		Entry("that is internal, with an Elastic IP address", "type: network, scheme: internal, subnetMappings: [{subnetID: subnet-0a, allocationID: eipalloc-0a}]", "takes privateIPv4Address in spec.subnetMappings"),
		Entry("that is public, with a private address", "type: network, subnetMappings: [{subnetID: subnet-0a, privateIPv4Address: 10.0.0.5}]", "an internet-facing one takes allocationID"),
		Entry("with one Elastic IP address twice", "type: network, subnetMappings: [{subnetID: subnet-0a, allocationID: eipalloc-0a}, {subnetID: subnet-0b, allocationID: eipalloc-0a}]", "its own allocationID"),
		Entry("with an IPv6 address and no dualstack", "type: network, subnetMappings: [{subnetID: subnet-0a, ipv6Address: '2001:db8::5'}]", "needs spec.ipAddressType dualstack"),
		Entry("with a prefix for source NAT that is not enabled", "type: network, ipAddressType: dualstack, subnetMappings: [{subnetID: subnet-0a, sourceNATIPv6Prefix: auto_assigned}]", "needs spec.enablePrefixForIPv6SourceNAT"),
		Entry("of type application, with PrivateLink's rules", anALB+", enforceSecurityGroupInboundRulesOnPrivateLinkTraffic: false", "is for type network: remove it"),
		Entry("of type network, without public IPv4", anNLB+", ipAddressType: dualstack-without-public-ipv4", "choose ipv4 or dualstack"),
		Entry("that is internal, with a pool of public addresses", anALB+", scheme: internal, ipamPools: {ipv4IPAMPoolID: ipam-pool-0a}", "spec.ipamPools is for internet-facing application load balancers"),
		Entry("of type network, on an Outpost", anNLB+", customerOwnedIPv4Pool: ipv4pool-coip-0a", "spec.customerOwnedIPv4Pool is for type application"),
		Entry("with source NAT and no dualstack", anNLB+", enablePrefixForIPv6SourceNAT: true", "with spec.ipAddressType dualstack"),
		Entry("with no capacity", anALB+", minimumCapacityUnits: 0", "greater than or equal to 1"),
		Entry("adopted twice", anALB+", adopt: {name: a, arn: "+balancerARN+"}", "give exactly one of adopt.arn and adopt.name"),
		Entry("adopted under another name", anALB+", name: b, adopt: {name: a}", "spec.adopt.name and spec.name differ"),
		Entry("with a tag of AWS", anALB+`, tags: {"aws:team": a}`, "choose another key"),
		Entry("with a tag of ours on a target group", group(anALB, `protocol: HTTP, port: 80, tags: {"evenkeel.io/cluster": a}`), "choose another key"),
	)

	DescribeTable("refuses attributes", refuses("LoadBalancer"),
		Entry("of an application load balancer on another", anNLB+", attributes: {idleTimeoutSeconds: 60}", "only an application load balancer has"),
		Entry("of a network load balancer on another", anALB+", attributes: {clientRoutingPolicy: any_availability_zone}", "only a network load balancer has"),
		Entry("that a gateway load balancer has not", aGWLB+", attributes: {zonalShiftEnabled: true}", "a gateway load balancer has no attributes"),
		Entry("that cannot be turned off", anALB+", attributes: {crossZoneEnabled: false}", "always on"),
		Entry("out of range", anALB+", attributes: {idleTimeoutSeconds: 4001}", "less than or equal to 4000"),
		Entry("with logs to nowhere", anALB+", attributes: {accessLogs: {enabled: true}}", "give bucket, or set enabled to false"),
		Entry("with logs under AWS's own prefix", anALB+", attributes: {accessLogs: {enabled: true, bucket: logs, prefix: a/AWSLogs}}", "remove it from prefix"),
		Entry("given twice", anALB+", attributes: {http2Enabled: true, other: {routing.http2.enabled: 'false'}}", "keep one of the two"),
		Entry("given twice, in a group", anALB+", attributes: {accessLogs: {enabled: false}, other: {access_logs.s3.bucket: logs}}", "keep one of the two"),
		Entry("that are no strings", anALB+", attributes: {other: {routing.http2.enabled: false}}", "must be of type string"),
	)

	It("accepts a record that is an alias of one", func(ctx context.Context) {
		Expect(admit(ctx, "RecordSet", "{"+inZone+`name: "@", type: A, aliasTarget: {loadBalancerRef: {name: shop}, evaluateTargetHealth: true}}`)).To(Succeed())
	})

	DescribeTable("refuses a record that is an alias of one", refuses("RecordSet"),
		Entry("of type CNAME", inZone+"name: www, type: CNAME, aliasTarget: {loadBalancerRef: {name: shop}}", "use type A"),
		Entry("and of a name", inZone+"name: www, type: A, aliasTarget: {loadBalancerRef: {name: shop}, dnsName: a.example, hostedZoneID: Z1}", "give exactly one of aliasTarget"),
	)
})
