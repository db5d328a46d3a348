package autoscalinggroup

import (
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	clocktesting "k8s.io/utils/clock/testing"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// sized is a group of some sizes with instances in some states: "InService", "InService*3" (of weight 3).
func sized(minimum, desired int32, states ...string) *types.AutoScalingGroup {
	group := &types.AutoScalingGroup{AutoScalingGroupName: aws.String("web"), MinSize: &minimum, DesiredCapacity: &desired, MaxSize: aws.Int32(10)}
	for i, state := range states {
		state, weight, weighted := strings.Cut(state, "*")
		instance := types.Instance{InstanceId: aws.String(fmt.Sprintf("i-%d", i)), LifecycleState: types.LifecycleState(state), HealthStatus: aws.String("Healthy")}
		if weighted {
			instance.WeightedCapacity = &weight
		}
		group.Instances = append(group.Instances, instance)
	}
	return group
}

var _ = Describe("The capacity of a group", func() {
	now := time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)
	kind := &Kind{Pauses: lifecycle.Pauses{Poll: time.Second, Clock: clocktesting.NewFakePassiveClock(now)}}

	DescribeTable("is enough", func(reached int64, g *types.AutoScalingGroup, enough bool, message string) {
		obj := &v1alpha1.AutoScalingGroup{ObjectMeta: metav1.ObjectMeta{Generation: 2}}
		obj.Status.CapacityReachedGeneration = reached
		outcome := kind.reportCapacity(obj, &observed{group: &group{sdk: *g}, now: now})
		Expect(outcome.Message).To(HaveSuffix(message))
		if enough {
			Expect(outcome.State).To(Equal(lifecycle.Converged))
			return
		}
		Expect(outcome.State).To(Equal(lifecycle.Waiting))
		Expect(outcome.Reason).To(Equal(v1alpha1.ReasonCapacityBelowMinimum))
		Expect(obj.Status.CapacityReachedGeneration).To(Equal(reached))
	},
		Entry("when all that is desired is there", int64(1), sized(1, 2, "InService", "InService"), true, " 2 of 2 instances are in service."),
		Entry("not when some is missing", int64(1), sized(1, 2, "InService", "Pending"), false, "1 of 2 instances are in service."),
		Entry("when the minimum is there, once all was", int64(2), sized(1, 2, "InService", "Pending"), true, " 1 of 2 instances are in service."),
		Entry("not below the minimum, at any time", int64(2), sized(2, 3, "InService", "Pending:Wait"), false, "1 of 3 instances are in service, of which 2 must be."),
		Entry("when nothing is desired", int64(0), sized(0, 0), true, " 0 of 0 instances are in service."),
		Entry("of one", int64(1), sized(0, 1, "Standby"), false, "0 of 1 instance is in service."),
		Entry("by weight", int64(1), sized(4, 4, "InService*3", "InService*1"), true, " 4 of 4 units of capacity are in service."),
		Entry("not by number", int64(1), sized(2, 4, "InService*1", "InService*1", "Pending*3"), false, "2 of 4 units of capacity are in service."),
	)

	failed := func(minutesAgo int, status types.ScalingActivityStatusCode, message string) types.Activity {
		at := now.Add(-time.Duration(minutesAgo) * time.Minute)
		return types.Activity{ActivityId: aws.String(fmt.Sprint(minutesAgo)), StatusCode: status, StatusMessage: &message, StartTime: &at, Description: aws.String("Launching a new EC2 instance")}
	}
	DescribeTable("lacks because of", func(activities []types.Activity, id string) {
		found := newestFailure(activities)
		if id == "" {
			Expect(found).To(BeNil())
			return
		}
		Expect(found).To(HaveField("ActivityId", HaveValue(Equal(id))))
	},
		Entry("nothing that is known", nil, ""),
		Entry("the newest failure", []types.Activity{failed(1, "InProgress", ""), failed(2, "Failed", "a"), failed(3, "Failed", "b")}, "2"),
		Entry("a hook that was abandoned", []types.Activity{failed(2, "Cancelled", "abandoned")}, "2"),
		Entry("nothing, once one was launched later", []types.Activity{failed(1, "Successful", ""), failed(2, "Failed", "a")}, ""),
		Entry("nothing, when a launch was only overtaken", []types.Activity{failed(1, "Cancelled", "")}, ""),
	)

	It("tells a failure that repeats as it was at first, without what differs at each try", func() {
		obj := &v1alpha1.AutoScalingGroup{}
		c := capacityOf(sized(1, 1))
		tell := func(message string, minutesAgo int) *v1alpha1.FailedActivity {
			o := &observed{parts: parts{activities: []types.Activity{failed(minutesAgo, "Cancelled", message)}}}
			reportFailure(obj, o, c)
			return obj.Status.FailedActivity
		}
		first := tell("Lifecycle Action with token 01234567-89ab-cdef-0123-456789abcdef was abandoned", 9)
		Expect(first.Message).To(Equal("Lifecycle Action was abandoned"))
		Expect(tell("Lifecycle Action with token 11111111-89ab-cdef-0123-456789abcdef was abandoned", 5)).To(Equal(first))
		Expect(tell("No capacity (Request ID: 4c1b2a3f-0000-1111)", 1)).To(And(HaveField("Message", "No capacity"), HaveField("ID", "1")))
		reportFailure(obj, &observed{}, c)
		Expect(obj.Status.FailedActivity).To(BeNil())
		Expect(stable(strings.Repeat("ö", 1000))).To(And(HaveSuffix("…"), WithTransform(func(s string) int { return len(s) }, BeNumerically("<=", longestText+len("…")))))
	})

	It("is looked at again while instances move, the longer the rarer", func() {
		for _, state := range []string{"Pending", "Pending:Wait", "Terminating", "EnteringStandby", "Detaching"} {
			Expect(moving(sized(0, 1, "InService", state))).To(BeTrue(), state)
		}
		for _, state := range []string{"InService", "Standby", "Terminating:Retained"} {
			Expect(moving(sized(0, 1, "InService", state))).To(BeFalse(), state)
		}
		lacking := sized(0, 2, "InService")
		Expect(moving(lacking)).To(BeTrue())
		lacking.SuspendedProcesses = []types.SuspendedProcess{{ProcessName: aws.String("Launch")}}
		Expect(moving(lacking)).To(BeFalse(), "nothing is going to happen")
		pool := sized(0, 1, "InService")
		pool.WarmPoolConfiguration, pool.WarmPoolSize = &types.WarmPoolConfiguration{MaxGroupPreparedCapacity: aws.Int32(3)}, aws.Int32(1)
		Expect(moving(pool)).To(BeTrue())
		pool.WarmPoolSize = aws.Int32(2)
		Expect(moving(pool)).To(BeFalse())

		obj := &v1alpha1.AutoScalingGroup{}
		Expect(kind.pauseMoving(obj)).To(Equal(time.Second))
		for ago, pause := range map[time.Duration]time.Duration{0: time.Second, 20 * time.Second: 5 * time.Second, time.Hour: lifecycle.LongestPause} {
			obj.Status.InstancesChanged = &metav1.Time{Time: now.Add(-ago)}
			Expect(kind.pauseMoving(obj)).To(Equal(pause))
		}
	})

	It("lists 50 instances at most, those in service last of all, and counts them", func() {
		states := []string{}
		for i := range 60 {
			states = append(states, map[bool]string{true: "Pending", false: "InService"}[i >= 55])
		}
		obj := &v1alpha1.AutoScalingGroup{}
		o := &observed{group: &group{sdk: *sized(0, 60, states...)}, now: now}
		reportInstances(obj, o)
		status := obj.Status.AutoScalingGroupInstances
		Expect(status.Instances).To(HaveLen(50))
		Expect(status.InstancesTotal).To(BeEquivalentTo(60))
		Expect(status.Instances).To(ContainElement(HaveField("LifecycleState", "Pending")))
		Expect(status.InstanceStates).To(Equal([]v1alpha1.InstanceStateCount{{LifecycleState: "InService", Count: 55}, {LifecycleState: "Pending", Count: 5}}))
		Expect(status.InstancesChanged.Time).To(Equal(now))
		reportInstances(obj, &observed{group: o.group, now: now.Add(time.Hour)})
		Expect(obj.Status.InstancesChanged.Time).To(Equal(now), "nothing has changed")
	})
})

var _ = Describe("What a deletion waits for", func() {
	It("is told by what holds the instances", func() {
		group := sized(0, 0, "Standby", "EnteringStandby", "Terminating:Wait", "Terminating", "Terminating:Proceed", "InService", "InService", "Terminating:Retained")
		group.Instances[6].ProtectedFromScaleIn = aws.Bool(true)
		Expect(blockers(group)).To(Equal([]string{
			"2 instances in Standby (i-0, i-1)", "1 instance protected from scale-in (i-6)", "1 instance held by a lifecycle hook (i-2)",
			"1 instance retained after a lifecycle hook was abandoned (i-7)", "1 instance in service still (i-5)", "2 instances terminating (i-3, i-4)",
		}))
	})

	It("names five instances and counts the others", func() {
		Expect(few([]string{"g", "f", "e", "d", "c", "b", "a"})).To(Equal("a, b, c, d, e and 2 more"))
	})
})
