package controllers_test

import (
	"context"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// capacityReached is what the condition CapacityReached of a group says: its status and message.
func capacityReached(obj *v1alpha1.AutoScalingGroup) string {
	found := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionCapacityReached)
	if found == nil {
		return ""
	}
	return string(found.Status) + " " + found.Reason + ": " + found.Message
}

var _ = Describe("The capacity of an AutoScalingGroup", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	BeforeEach(func(ctx context.Context) { s.MakeLaunchTemplate(ctx) })
	created := func(ctx context.Context, with ...func(*v1alpha1.AutoScalingGroup)) {
		GinkgoHelper()
		s.StartManager(ctx)
		obj = AutoScalingGroup("web", append([]func(*v1alpha1.AutoScalingGroup){Sized(2, 4)}, with...)...)
		s.Create(ctx, obj)
	}
	scaled := func(ctx context.Context, desired int32) {
		GinkgoHelper()
		_, err := s.AutoScaling.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName, DesiredCapacity: &desired})
		Expect(err).NotTo(HaveOccurred())
		s.Look(ctx, obj)
	}
	// release completes the launching hook of all instances that it holds, or of one.
	release := func(ctx context.Context, all bool) {
		GinkgoHelper()
		only := s.OnlyAutoScalingGroup(ctx)
		for _, id := range InstancesIn(&only, types.LifecycleStatePendingWait) {
			_, err := s.AutoScaling.CompleteLifecycleAction(ctx, &autoscaling.CompleteLifecycleActionInput{
				AutoScalingGroupName: only.AutoScalingGroupName, LifecycleHookName: aws.String("boot"), InstanceId: &id, LifecycleActionResult: aws.String("CONTINUE"),
			})
			Expect(err).NotTo(HaveOccurred())
			if !all {
				return
			}
		}
	}
	waiting := func(ctx context.Context, count int) {
		GinkgoHelper()
		Eventually(func() (ids []string) {
			for _, group := range s.AutoScalingGroups(ctx) {
				ids = append(ids, InstancesIn(&group, types.LifecycleStatePendingWait)...)
			}
			return ids
		}).Should(HaveLen(count))
	}

	It("is reached once as many are in service as desired; hooks hold the first instances too", func(ctx context.Context) {
		created(ctx, WithHooks(Hook("boot", v1alpha1.TransitionLaunching)))
		waiting(ctx, 2)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonCapacityBelowMinimum, "0 of 2 instances are in service"))
		release(ctx, false)
		Eventually(Live(ctx, s, obj)).Should(And(BeWaiting(v1alpha1.ReasonCapacityBelowMinimum, "1 of 2 instances are in service"),
			WithTransform(capacityReached, Equal("False CapacityBelowMinimum: 1 of 2 instances are in service."))))
		release(ctx, true)
		s.ExpectReady(ctx, obj)
		Expect(capacityReached(Get(ctx, s, obj))).To(Equal("True Converged: 2 of 2 instances are in service."))
		s.ExpectQuiet(ctx)
	})

	It("asks for the minimum only while a scaler adds instances, and again for what is desired after an edit", func(ctx context.Context) {
		created(ctx)
		s.ExpectReady(ctx, obj)
		Edit(ctx, s, obj, WithHooks(Hook("boot", v1alpha1.TransitionLaunching)))
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)
		scaled(ctx, 4)
		waiting(ctx, 2)
		Eventually(Live(ctx, s, obj)).Should(And(BeReady(), WithTransform(capacityReached, Equal("True Converged: 2 of 4 instances are in service.")),
			HaveField("Status.InstanceStates", ConsistOf(v1alpha1.InstanceStateCount{LifecycleState: "InService", Count: 2}, v1alpha1.InstanceStateCount{LifecycleState: "Pending:Wait", Count: 2})),
			HaveField("Status.Instances", HaveLen(4)), HaveField("Status.CapacityReachedGeneration", BeEquivalentTo(2))))
		Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.MaxSize = 5 })
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonCapacityBelowMinimum, "2 of 4 instances are in service."))
		release(ctx, true)
		s.ExpectReady(ctx, obj)
	})

	It("tells of instances that are lost, and recovers with them", func(ctx context.Context) {
		created(ctx)
		s.ExpectReady(ctx, obj)
		only := s.OnlyAutoScalingGroup(ctx)
		lost := *only.Instances[0].InstanceId
		s.Sim.SetHook(nil)
		Edit(ctx, s, obj, WithHooks(Hook("boot", v1alpha1.TransitionLaunching)))
		s.ExpectReady(ctx, obj)
		Expect(s.Sim.KillInstance(lost)).To(Succeed())
		waiting(ctx, 1)
		s.Look(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonCapacityBelowMinimum, "1 of 2 instances are in service"))
		release(ctx, true)
		s.ExpectReady(ctx, obj)
		Expect(Get(ctx, s, obj).Status.Instances).NotTo(ContainElement(HaveField("ID", lost)))
		s.ExpectQuiet(ctx)
	})

	DescribeTable("tells why instances cannot be launched, and heals",
		func(ctx context.Context, breaks func(*v1alpha1.AutoScalingGroup), why string, heal func(context.Context)) {
			created(ctx, breaks)
			Eventually(Live(ctx, s, obj)).Should(And(BeWaiting(v1alpha1.ReasonCapacityBelowMinimum, "0 of 2 instances are in service. The newest scaling activity failed: ", why),
				HaveField("Status.FailedActivity", HaveValue(And(HaveField("Status", "Failed"), HaveField("Message", ContainSubstring(why)), HaveField("Time", Not(BeZero())))))))
			told := Get(ctx, s, obj)
			Eventually(func() int { return len(s.Sim.Groups()[0].Activities) }).Should(BeNumerically(">", 3), "AWS tries again")
			s.Look(ctx, obj)
			s.ExpectSettled(ctx)
			Expect(Get(ctx, s, obj).Status.FailedActivity).To(Equal(told.Status.FailedActivity), "the same failure is told once")
			heal(ctx)
			s.ExpectReady(ctx, obj)
			Expect(Get(ctx, s, obj).Status.FailedActivity).To(BeNil())
			s.ExpectQuiet(ctx)
		},
		Entry("an image that is not there", WithTemplate(func(t *v1alpha1.LaunchTemplate) { t.ImageID = "ami-0none" }), "ami-0none", func(ctx context.Context) {
			Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LaunchTemplate.ImageID = Image })
		}),
		Entry("an instance profile that is not there", WithTemplate(func(t *v1alpha1.LaunchTemplate) {
			t.IAMInstanceProfile = &v1alpha1.IAMInstanceProfile{Name: "missing"}
		}), "Invalid IAM Instance Profile name", func(ctx context.Context) {
			Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LaunchTemplate.IAMInstanceProfile = nil })
		}),
		Entry("Availability Zones without capacity", func(*v1alpha1.AutoScalingGroup) {
			for _, zone := range []string{"us-east-1a", "us-east-1b"} {
				Expect(s.Sim.FailZone(zone, true)).To(Succeed())
			}
		}, "capacity", func(context.Context) {
			for _, zone := range []string{"us-east-1a", "us-east-1b"} {
				Expect(s.Sim.FailZone(zone, false)).To(Succeed())
			}
		}),
	)

	It("goes on without knowing why launches fail, when it may not ask", func(ctx context.Context) {
		refusal := AccessDenied(http.MethodPost, "/", "autoscaling:DescribeScalingActivities")
		refusal.Action = "DescribeScalingActivities"
		m := s.StartManager(ctx)
		m.Endpoint.Refuse(refusal)
		obj = AutoScalingGroup("web", WithTemplate(func(t *v1alpha1.LaunchTemplate) { t.ImageID = "ami-0none" }))
		s.Create(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonCapacityBelowMinimum, "Whether launches fail cannot be seen", "is not authorized to perform: autoscaling:DescribeScalingActivities"))
		Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LaunchTemplate.ImageID = Image })
		s.ExpectReady(ctx, obj)
	})

	It("says when the process Launch is suspended", func(ctx context.Context) {
		created(ctx, func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.SuspendedProcesses = []v1alpha1.ScalingProcess{"Launch"}
		})
		s.ExpectSettled(ctx)
		Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.MinSize = 3 })
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonCapacityBelowMinimum, "of 3 instances are in service", "The process Launch is suspended"))
		Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.SuspendedProcesses = []v1alpha1.ScalingProcess{} })
		s.ExpectReady(ctx, obj)
	})
})
