package judge

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

func TestJudge(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "judge")
}

// refused is how AWS refuses a call.
func refused(code string) error {
	return fmt.Errorf("doing something: %w", &smithy.OperationError{ServiceID: "EC2", OperationName: "CreateTags",
		Err: &smithy.GenericAPIError{Code: code, Message: "No such luck."}})
}

var _ = Describe("An error", func() {
	DescribeTable("is judged by its class", func(err error, state lifecycle.State, reason string) {
		outcome := Outcome(err)
		Expect(outcome.State).To(Equal(state))
		Expect(outcome.Reason).To(Equal(reason))
		Expect(outcome.Message).To(Equal("EC2 CreateTags: No such luck."))
		Expect(outcome.After).To(BeNumerically(">=", map[bool]time.Duration{true: time.Second}[state == lifecycle.Waiting]))
		Expect(outcome.Err != nil).To(Equal(state == lifecycle.Failing))
	},
		Entry("a throttle", refused("RequestLimitExceeded"), lifecycle.Waiting, v1alpha1.ReasonThrottled),
		Entry("no permission", refused("UnauthorizedOperation"), lifecycle.Stalled, v1alpha1.ReasonAccessDenied),
		Entry("a spec that AWS refuses", refused("ValidationError"), lifecycle.Stalled, v1alpha1.ReasonInvalidSpec),
		Entry("nothing that is known", refused("Gremlins"), lifecycle.Failing, v1alpha1.ReasonAWSError),
	)

	It("of our own pace is no throttle", func() {
		pacing := &awsclient.BudgetError{Service: "route53", RetryAfter: 5 * time.Second}
		Expect(Outcome(fmt.Errorf("looking: %w", pacing))).To(Equal(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS,
			"The controller waits for its request budget for route53, which keeps it within the limits of AWS.", 5*time.Second)))
		pacing.Throttle = "Route 53 GetChange: Rate exceeded"
		Expect(Outcome(pacing)).To(Equal(lifecycle.Wait(v1alpha1.ReasonThrottled, "Route 53 GetChange: Rate exceeded.", 5*time.Second)))
	})

	It("that is a decision already stays one", func() {
		Expect(Outcome(fmt.Errorf("looking: %w", lifecycle.Refuse(v1alpha1.ReasonConflict, "It is %s.", "taken")))).To(
			Equal(lifecycle.Stall(v1alpha1.ReasonConflict, "It is taken.")))
	})
})

var _ = Describe("What subjects wait for", func() {
	It("is forgotten with each comparison, but for what could not be read", func() {
		var w Waits
		broken := errors.New("broken")
		Expect(w.Optional(nil)).To(Succeed())
		Expect(w.Optional(broken)).To(MatchError(broken))
		w.Renew()
		Expect(w.NoneWaits()).To(BeTrue())
		Expect(w.Optional(refused("UnauthorizedOperation"))).To(Succeed())
		w.Renew()
		w.WaitFor(broken)
		worst, waits := w.Worst()
		Expect(waits).To(BeTrue())
		Expect(worst.Reason).To(Equal(v1alpha1.ReasonAccessDenied))
		w.Renew()
		Expect(w.all).To(HaveLen(1))
	})
})
