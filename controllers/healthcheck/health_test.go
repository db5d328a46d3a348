package healthcheck

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	fine    = "Success: HTTP Status Code 200, OK"
	refused = "Failure: TCP connection failed: Connection refused. Resolved IP: 192.0.2.44."
	slow    = "Failure: The endpoint did not respond in time."
)

func observations(statuses ...[]string) []types.HealthCheckObservation {
	var all []types.HealthCheckObservation
	for _, status := range slices.Concat(statuses...) {
		all = append(all, types.HealthCheckObservation{StatusReport: &types.StatusReport{Status: aws.String(status)}})
	}
	return all
}

var _ = Describe("What checkers report", func() {
	times := func(n int, status string) []string { return slices.Repeat([]string{status}, n) }

	DescribeTable("makes an endpoint healthy or not", func(config types.HealthCheckConfig, seen []types.HealthCheckObservation, status metav1.ConditionStatus, message string) {
		h := assess(&config, seen)
		Expect(h.status).To(Equal(status))
		Expect(h.tell("")).To(Equal(message))
	},
		Entry("when all find it so", types.HealthCheckConfig{}, observations(times(16, fine)), metav1.ConditionTrue, "Route 53's checkers find the endpoint healthy."),
		Entry("when more than 18 % do", types.HealthCheckConfig{}, observations(times(3, fine), times(13, slow)), metav1.ConditionTrue, "Route 53's checkers find the endpoint healthy."),
		Entry("when exactly 18 % do", types.HealthCheckConfig{}, observations(times(9, fine), times(41, slow)), metav1.ConditionFalse,
			"Route 53's checkers find the endpoint unhealthy: The endpoint did not respond in time."),
		Entry("when they disagree why", types.HealthCheckConfig{}, observations(times(5, slow), times(6, refused)), metav1.ConditionFalse,
			"Route 53's checkers find the endpoint unhealthy: TCP connection failed: Connection refused."),
		Entry("when it is turned around", types.HealthCheckConfig{Inverted: aws.Bool(true)}, observations(times(4, fine)), metav1.ConditionFalse,
			"Route 53's checkers find the endpoint healthy, and the check is inverted."),
		Entry("when the check is disabled", types.HealthCheckConfig{Disabled: aws.Bool(true)}, observations(times(4, slow)), metav1.ConditionTrue,
			"The check is disabled: Route 53 counts the endpoint as healthy without looking."),
		Entry("when there is no report yet", types.HealthCheckConfig{}, nil, metav1.ConditionUnknown, "Route 53's checkers have not reported yet."),
	)

	It("does not make the message change as long as some checker still says the same", func() {
		h := assess(&types.HealthCheckConfig{}, observations(times(9, slow), times(1, refused)))
		said := "Route 53's checkers find the endpoint unhealthy: TCP connection failed: Connection refused."
		Expect(h.tell(said)).To(Equal(said))
		Expect(h.tell("Something else.")).To(ContainSubstring("did not respond"))
	})
})
