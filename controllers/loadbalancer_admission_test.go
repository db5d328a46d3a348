package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
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

var _ = Describe("Admission of a LoadBalancer", func() {
	DescribeTable("accepts a whole declaration",
		func(ctx context.Context, spec string) { Expect(admit(ctx, "LoadBalancer", spec)).To(Succeed()) },
		Entry("of a network load balancer", networkManifest),
		Entry("of an application load balancer", applicationManifest),
	)

	It("accepts a record that is an alias of one", func(ctx context.Context) {
		Expect(admit(ctx, "RecordSet", "{"+inZone+`name: "@", type: A, aliasTarget: {loadBalancerRef: {name: shop}, evaluateTargetHealth: true}}`)).To(Succeed())
	})
})
