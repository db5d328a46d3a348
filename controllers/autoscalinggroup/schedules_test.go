package autoscalinggroup

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	testingclock "k8s.io/utils/clock/testing"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

var _ = Describe("A scheduled action", func() {
	w := newWorld()
	var obj *v1alpha1.AutoScalingGroup
	declare := func(actions ...string) {
		obj.Spec.ScheduledActions = nil
		for i, text := range actions {
			action := actionOf(text)
			action.Name = []string{"a", "b", "c"}[i]
			obj.Spec.ScheduledActions = append(obj.Spec.ScheduledActions, action)
		}
	}
	names := func(ctx context.Context) []string {
		GinkgoHelper()
		answer, err := w.kind.clients.AutoScaling.DescribeScheduledActions(ctx, &autoscaling.DescribeScheduledActionsInput{})
		Expect(err).NotTo(HaveOccurred())
		list := []string{}
		for _, action := range answer.ScheduledUpdateGroupActions {
			list = append(list, *action.ScheduledActionName)
		}
		return list
	}
	BeforeEach(func() {
		obj = aGroup(func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.MaxSize = 5 })
	})

	It("whose time has passed is not sent, and one that recurs goes on", func(ctx context.Context) {
		declare("minSize: 0, startTime: '2020-01-01T00:00:00Z'", "minSize: 0, recurrence: 0 8 * * *, endTime: '2020-01-01T00:00:00Z'",
			"minSize: 0, recurrence: 0 9 * * *, startTime: '2020-01-01T00:00:00Z'")
		w.turn(ctx, obj)
		Expect(names(ctx)).To(Equal([]string{"c"}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		Expect(passedText(obj, w.kind.Clock.Now())).To(Equal(" The time of 2 scheduled actions has passed (a, b)."))

		By("changing what has passed")
		declare("minSize: 0, maxSize: 4, startTime: '2020-01-01T00:00:00Z'", "maxSize: 4, recurrence: 0 8 * * *, endTime: '2020-01-01T00:00:00Z'",
			"maxSize: 4, recurrence: 0 9 * * *, startTime: '2020-01-01T00:00:00Z'")
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"BatchPutScheduledUpdateGroupAction": 1}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	It("is not made again once AWS has run and deleted it", func(ctx context.Context) {
		fake := testingclock.NewFakePassiveClock(time.Now())
		w.kind.Clock = fake
		at := fake.Now().Add(150 * time.Millisecond)
		declare("minSize: 0, maxSize: 4, startTime: '" + at.Truncate(time.Second).Add(time.Second).UTC().Format(time.RFC3339) + "'")
		w.turn(ctx, obj)
		Expect(names(ctx)).To(Equal([]string{"a"}))
		Eventually(func() []string { return names(ctx) }).WithTimeout(5 * time.Second).Should(BeEmpty())
		fake.SetTime(time.Now().Add(time.Second))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	It("that was to come goes when it is declared for the past", func(ctx context.Context) {
		declare("minSize: 0, startTime: '2090-01-01T00:00:00Z'")
		w.turn(ctx, obj)
		declare("minSize: 0, startTime: '2020-01-01T00:00:00Z'")
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"BatchDeleteScheduledAction": 1}))
		Expect(names(ctx)).To(BeEmpty())
	})

	It("of others stays, and those declared before go", func(ctx context.Context) {
		declare("minSize: 0, recurrence: 0 8 * * *", "minSize: 0, recurrence: 0 9 * * *")
		w.turn(ctx, obj)
		_, err := w.kind.clients.AutoScaling.PutScheduledUpdateGroupAction(ctx, &autoscaling.PutScheduledUpdateGroupActionInput{
			AutoScalingGroupName: &obj.Status.Name, ScheduledActionName: aws.String("theirs"), Recurrence: aws.String("0 7 * * *"), MinSize: aws.Int32(0),
		})
		Expect(err).NotTo(HaveOccurred())
		declare("minSize: 0, recurrence: 0 8 * * *")
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"BatchDeleteScheduledAction": 1}))
		obj.Spec.ScheduledActions = []v1alpha1.ScheduledAction{}
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"BatchDeleteScheduledAction": 1}))
		Expect(names(ctx)).To(Equal([]string{"theirs"}))
	})

	It("is not the only one to set sizes: a forecast may raise the maximum", func(ctx context.Context) {
		raising := policyOf("predictive: {targetValue: '60', metric: {pair: ASGCPUUtilization}, mode: ForecastAndScale, maxCapacityBreachBehavior: IncreaseMaxCapacity, maxCapacityBuffer: 10}")
		obj.Spec.ScalingPolicies = []v1alpha1.ScalingPolicy{raising}
		w.turn(ctx, obj)
		raise := func(most int32) {
			GinkgoHelper()
			_, err := w.kind.clients.AutoScaling.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &obj.Status.Name, MaxSize: &most})
			Expect(err).NotTo(HaveOccurred())
		}
		raise(9)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		Expect(obj.Status.MaxSize).To(HaveValue(BeEquivalentTo(9)))
		raise(4)
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"UpdateAutoScalingGroup": 1}))
		raise(9)
		obj.Spec.ScalingPolicies[0].Enabled = aws.Bool(false)
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"UpdateAutoScalingGroup": 1, "PutScalingPolicy": 1}))
	})

	DescribeTable("keeps the sizes that it has set", func(ctx context.Context, actions []string, least, most, desired int32, want map[string]int) {
		declare(actions...)
		w.turn(ctx, obj)
		_, err := w.kind.clients.AutoScaling.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: &obj.Status.Name, MinSize: &least, MaxSize: &most, DesiredCapacity: &desired,
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.calls(ctx, obj)).To(Equal(want))
	},
		Entry("of an action", []string{"minSize: 2, recurrence: 0 8 * * *"}, int32(2), int32(5), int32(2), map[string]int{}),
		Entry("of several", []string{"minSize: 2, recurrence: 0 8 * * *", "maxSize: 9, recurrence: 0 9 * * *"}, int32(2), int32(9), int32(2), map[string]int{}),
		Entry("but not what nobody has declared", []string{"minSize: 2, recurrence: 0 8 * * *"}, int32(1), int32(5), int32(1), map[string]int{"UpdateAutoScalingGroup": 1}),
		Entry("and no sizes that do not go with the spec", []string{"minSize: 7, recurrence: 0 8 * * *"}, int32(7), int32(8), int32(7), map[string]int{"UpdateAutoScalingGroup": 1}),
	)
})
