package autoscalinggroup

import (
	"context"
	"fmt"
	"math/rand/v2"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// remembering is an object that declared fields before.
func remembering(fields ...string) *v1alpha1.AutoScalingGroup {
	obj := &v1alpha1.AutoScalingGroup{}
	obj.Status.ManagedFields = fields
	return obj
}

// planOf is what changes tell, as "verb field: from → to".
func planOf(changes []change) []string {
	var texts []string
	for _, line := range lifecycle.PlanOf(changes) {
		texts = append(texts, fmt.Sprintf("%s %s: %s → %s", line.Verb, line.Field, line.From, line.To))
	}
	return texts
}

var _ = Describe("The settings of a part", func() {
	defaults := partSettings{"a": "1", "b": ""}

	DescribeTable("differ", func(desired, have partSettings, managed []string, want partSettings) {
		Expect(desired.diff(have, managed, defaults)).To(Equal(want))
	},
		Entry("in nothing", partSettings{"a": "2"}, partSettings{"a": "2", "b": "x"}, []string{"a"}, partSettings{}),
		Entry("in what is declared", partSettings{"a": "2"}, partSettings{"a": "3", "b": "x"}, nil, partSettings{"a": "2"}),
		Entry("in what was declared, which goes back to the default", partSettings{}, partSettings{"a": "3", "b": "x"}, []string{"a", "b"}, partSettings{"a": "1", "b": ""}),
		Entry("not in what was never declared", partSettings{}, partSettings{"a": "3"}, nil, partSettings{}),
		Entry("not in what has no default", partSettings{}, partSettings{"c": "3"}, []string{"c"}, partSettings{}),
	)

	It("are as desired once the difference is set, whatever they were", func() {
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 0))
		pick := func() partSettings {
			settings := partSettings{}
			for name := range hookDefaults {
				settings.declare(name, fmt.Sprint(random.IntN(3)), random.IntN(2) == 0)
			}
			return settings
		}
		for range 200 {
			desired, have := pick(), pick()
			var managed []string
			for name := range pick() {
				managed = append(managed, name)
			}
			after := have.with(desired.diff(have, managed, hookDefaults))
			Expect(desired.diff(after, managed, hookDefaults)).To(BeEmpty())
			for name, value := range desired {
				Expect(after).To(HaveKeyWithValue(name, value))
			}
		}
	})

	It("of a hook are compared in AWS's own defaults", func() {
		hook := v1alpha1.LifecycleHook{Name: "h", Transition: v1alpha1.TransitionTerminating, HeartbeatTimeoutSeconds: aws.Int32(3600), DefaultResult: "ABANDON"}
		observed := observedHook(&types.LifecycleHook{LifecycleTransition: aws.String("autoscaling:EC2_INSTANCE_TERMINATING"), HeartbeatTimeout: aws.Int32(3600), DefaultResult: aws.String("ABANDON"), GlobalTimeout: aws.Int32(172800)})
		Expect(desiredHook(&hook).diff(observed, nil, hookDefaults)).To(BeEmpty())
	})

	It("of a warm pool are compared in AWS's own defaults", func() {
		full := desiredPool(&v1alpha1.WarmPool{PoolState: "Stopped", MinSize: aws.Int32(0), ReuseOnScaleIn: aws.Bool(false)})
		for _, pool := range []types.WarmPoolConfiguration{{}, {MaxGroupPreparedCapacity: aws.Int32(-1), PoolState: "Stopped", MinSize: aws.Int32(0), InstanceReusePolicy: &types.InstanceReusePolicy{}}} {
			Expect(full.diff(observedPool(&pool), []string{poolPrepared}, poolDefaults)).To(BeEmpty())
		}
	})
})

var _ = Describe("Processes and metrics", func() {
	kind := &Kind{}
	suspendedGroup := func(names ...string) *observed {
		o := &observed{group: &group{}, ours: true}
		for _, name := range names {
			o.group.sdk.SuspendedProcesses = append(o.group.sdk.SuspendedProcesses, types.SuspendedProcess{ProcessName: &name})
		}
		return o
	}
	suspending := func(names ...v1alpha1.ScalingProcess) *v1alpha1.AutoScalingGroup {
		return &v1alpha1.AutoScalingGroup{Spec: v1alpha1.AutoScalingGroupSpec{AutoScalingGroupParts: v1alpha1.AutoScalingGroupParts{SuspendedProcesses: names}}}
	}

	DescribeTable("processes", func(obj *v1alpha1.AutoScalingGroup, o *observed, want ...string) {
		want = append([]string(nil), want...)
		changes, err := kind.processChanges(obj, o)
		Expect(err).NotTo(HaveOccurred())
		Expect(planOf(changes)).To(Equal(want))
	},
		Entry("that nobody declares are left alone", remembering(), suspendedGroup("Launch")),
		Entry("run again once they are not declared any more", remembering(fieldProcesses), suspendedGroup("Launch", "Terminate"), "Update suspendedProcesses: Launch, Terminate → "),
		Entry("all run with an empty list", suspending(), suspendedGroup()),
		Entry("are suspended and resumed", suspending("Launch", "HealthCheck"), suspendedGroup("HealthCheck", "AZRebalance"),
			"Update suspendedProcesses:  → Launch", "Update suspendedProcesses: AZRebalance → "),
		Entry("in another order are the same", suspending("Launch", "HealthCheck"), suspendedGroup("HealthCheck", "Launch")),
		Entry("of former times are nobody's business", suspending("Launch"), suspendedGroup("RemoveFromLoadBalancerLowPriority", "Launch")),
		Entry("of a new group are suspended after it is made", suspending("Launch"), &observed{}, "Create suspendedProcesses:  → Launch"),
	)

	sending := func(names ...v1alpha1.GroupMetric) *v1alpha1.AutoScalingGroup {
		obj := remembering()
		obj.Spec.MetricsCollection = &v1alpha1.MetricsCollection{Metrics: names}
		return obj
	}
	DescribeTable("metrics", func(obj *v1alpha1.AutoScalingGroup, has []string, want metricPlan) {
		Expect(diffMetrics(obj, has)).To(Equal(want))
	},
		Entry("that nobody declares are left alone", remembering(), []string{"GroupMinSize"}, metricPlan{}),
		Entry("end once they are not declared any more", remembering(fieldMetrics), []string{"GroupMinSize", "Newer"}, metricPlan{disable: []string{"GroupMinSize", "Newer"}}),
		Entry("are exactly those named", sending("GroupMinSize", "GroupMaxSize"), []string{"GroupMaxSize", "Newer"}, metricPlan{enable: []string{"GroupMinSize"}, disable: []string{"Newer"}}),
		Entry("are all, those too that are not known yet", sending(), append([]string{"Newer"}, allMetrics...), metricPlan{all: true}),
		Entry("become all", sending(), allMetrics[1:], metricPlan{enable: allMetrics[:1], all: true}),
	)
})

var _ = Describe("A group that waits for its load balancer", func() {
	w := newWorld()

	// Its instances' launch template is made meanwhile, so that a part's change would be made in a group that is not there.
	DescribeTable("has no parts yet", func(ctx context.Context, with func(*v1alpha1.AutoScalingGroup)) {
		obj := aGroup(with, func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.TargetGroups = []v1alpha1.AttachedTargetGroup{{LoadBalancerRef: &v1alpha1.LoadBalancerReference{Name: "web"}, TargetGroup: "http"}}
		})
		Expect(w.turn(ctx, obj)).To(ConsistOf(HavePrefix("Create launch template")))
		Expect(w.turn(ctx, obj)).To(BeEmpty())
	},
		Entry("no suspended processes", func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.SuspendedProcesses = []v1alpha1.ScalingProcess{"AZRebalance"}
		}),
		Entry("no notifications", func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.Notifications = []v1alpha1.GroupNotification{{TopicARN: "arn:aws:sns:us-east-1:123456789012:ops", Types: []v1alpha1.GroupNotificationType{"Launch"}}}
		}),
		Entry("no warm pool", func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.WarmPool = &v1alpha1.WarmPool{} }),
		Entry("no metrics", func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.MetricsCollection = &v1alpha1.MetricsCollection{} }),
		Entry("no hooks", func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.LifecycleHooks = []v1alpha1.LifecycleHook{{Name: "h", Transition: v1alpha1.TransitionTerminating}}
		}),
		Entry("no policies, nor their alarms", func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.ScalingPolicies = []v1alpha1.ScalingPolicy{policyOf(onJobs)}
			obj.Spec.ScalingPolicies[0].Name = "jobs"
		}),
		Entry("no scheduled actions", func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.ScheduledActions = []v1alpha1.ScheduledAction{{Name: "morning", Recurrence: "0 8 * * *", MinSize: aws.Int32(1)}}
		}),
	)
})
