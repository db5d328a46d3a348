package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
)

var _ = Describe("Admission of a health check", func() {
	const child = `"b25f48e8-84fd-11e6-80d9-574e0c4664cb"`

	DescribeTable("refuses", func(ctx context.Context, check, advice string) {
		err := admit(ctx, "RecordSet", "{"+simple+", healthCheck: {"+check+"}}")
		Expect(apierrors.IsInvalid(err)).To(BeTrue(), "admitted: %v", err)
		Expect(err).To(MatchError(ContainSubstring(advice)))
	},
		Entry("an unknown type", "type: PING, ipAddress: 192.0.2.1", `Unsupported value: "PING"`),
		Entry("no endpoint", "type: HTTP", "needs healthCheck.ipAddress or healthCheck.fullyQualifiedDomainName"),
		Entry("TCP without an endpoint", "type: TCP, port: 25", "needs healthCheck.ipAddress or healthCheck.fullyQualifiedDomainName"),
		Entry("TCP without a port", "type: TCP, ipAddress: 192.0.2.1", "a TCP check needs healthCheck.port"),
		Entry("TCP with a path", "type: TCP, ipAddress: 192.0.2.1, port: 25, resourcePath: /", "goes with the HTTP and HTTPS types"),
		Entry("a path without a slash", "type: HTTP, ipAddress: 192.0.2.1, resourcePath: healthz", "should match"),
		Entry("an address that is none", "type: HTTP, ipAddress: example.com", "should match"),
		Entry("port 0", "type: HTTP, ipAddress: 192.0.2.1, port: 0", "greater than or equal to 1"),
		Entry("port 65536", "type: HTTP, ipAddress: 192.0.2.1, port: 65536", "less than or equal to 65535"),
		Entry("a match without a string", "type: HTTP_STR_MATCH, ipAddress: 192.0.2.1", "which need it"),
		Entry("a string without a match", "type: HTTP, ipAddress: 192.0.2.1, searchString: OK", "HTTP_STR_MATCH"),
		Entry("an odd interval", "type: HTTP, ipAddress: 192.0.2.1, requestIntervalSeconds: 20", `supported values: "10", "30"`),
		Entry("a threshold of 0", "type: HTTP, ipAddress: 192.0.2.1, failureThreshold: 0", "greater than or equal to 1"),
		Entry("a threshold of 11", "type: HTTP, ipAddress: 192.0.2.1, failureThreshold: 11", "less than or equal to 10"),
		Entry("two regions", "type: HTTP, ipAddress: 192.0.2.1, regions: [us-east-1, us-west-2]", "at least 3 items"),
		Entry("a region without checkers", "type: HTTP, ipAddress: 192.0.2.1, regions: [us-east-1, us-west-2, eu-central-1]", `Unsupported value: "eu-central-1"`),
		Entry("SNI without TLS", "type: HTTP, ipAddress: 192.0.2.1, enableSNI: true", "goes with the HTTPS types"),
		Entry("a calculated check without children", "type: CALCULATED, healthThreshold: 1", "which needs both"),
		Entry("a calculated check without a threshold", "type: CALCULATED, childHealthCheckIDs: ["+child+"]", "which needs both"),
		Entry("a calculated check of a child of no id", "type: CALCULATED, healthThreshold: 1, childHealthCheckIDs: [abc]", "should match"),
		Entry("a calculated check of an endpoint", "type: CALCULATED, healthThreshold: 1, childHealthCheckIDs: ["+child+"], port: 80", "go with the types that check an endpoint"),
		Entry("children of an endpoint", "type: HTTP, ipAddress: 192.0.2.1, childHealthCheckIDs: ["+child+"], healthThreshold: 1", "go with the type CALCULATED"),
		Entry("a threshold of healthy children of an endpoint", "type: HTTP, ipAddress: 192.0.2.1, healthThreshold: 1", "go with the type CALCULATED"),
		Entry("no alarm", "type: CLOUDWATCH_METRIC", "goes with the type CLOUDWATCH_METRIC, which needs it"),
		Entry("an alarm of an endpoint", "type: HTTP, ipAddress: 192.0.2.1, alarm: {region: us-east-1, name: high}", "goes with the type CLOUDWATCH_METRIC"),
		Entry("what no data means for an endpoint", "type: HTTP, ipAddress: 192.0.2.1, insufficientDataHealthStatus: Healthy", "goes with the type CLOUDWATCH_METRIC"),
		Entry("no routing control", "type: RECOVERY_CONTROL", "which needs it"),
		Entry("a routing control of an endpoint", "type: HTTP, ipAddress: 192.0.2.1, routingControlARN: arn", "goes with the type RECOVERY_CONTROL"),
		Entry("a routing control with an interval", "type: RECOVERY_CONTROL, routingControlARN: arn, requestIntervalSeconds: 30", "go with the types that check an endpoint"),
	)

	It("refuses an inline one beside one that exists", func(ctx context.Context) {
		err := admit(ctx, "RecordSet", "{"+simple+", healthCheck: {type: HTTP, ipAddress: 192.0.2.1}, healthCheckID: "+child+"}")
		Expect(err).To(MatchError(ContainSubstring("give either spec.healthCheck")))
	})

	DescribeTable("accepts", func(ctx context.Context, check string) {
		Expect(admit(ctx, "RecordSet", "{"+simple+", healthCheck: {"+check+"}}")).To(Succeed())
	},
		Entry("an address", "type: HTTP, ipAddress: 192.0.2.1"),
		Entry("an IPv6 address", `type: HTTPS, ipAddress: "2001:db8::1"`),
		Entry("a name", "type: HTTPS_STR_MATCH, fullyQualifiedDomainName: www.example.com, searchString: OK, enableSNI: false"),
		Entry("everything of an endpoint", "type: HTTP, ipAddress: 192.0.2.1, fullyQualifiedDomainName: www.example.com, port: 8080, resourcePath: '/healthz?full=1', "+
			"requestIntervalSeconds: 10, failureThreshold: 1, regions: [us-east-1, us-west-1, us-west-2], measureLatency: true, inverted: true, disabled: true"),
		Entry("TCP", "type: TCP, ipAddress: 192.0.2.1, port: 25"),
		Entry("children", "type: CALCULATED, healthThreshold: 0, childHealthCheckIDs: ["+child+"]"),
		Entry("an alarm", "type: CLOUDWATCH_METRIC, alarm: {region: eu-central-1, name: high}, insufficientDataHealthStatus: Unhealthy"),
		Entry("a routing control", "type: RECOVERY_CONTROL, routingControlARN: arn:aws:route53-recovery-control::123456789012:controlpanel/abc/routingcontrol/def"),
	)
})
