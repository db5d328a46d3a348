package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("The deletion of an AutoScalingGroup", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	var name string
	BeforeEach(func(ctx context.Context) { s.MakeLaunchTemplate(ctx) })
	// ready makes a group of two instances.
	ready := func(ctx context.Context, with ...func(*v1alpha1.AutoScalingGroup)) {
		GinkgoHelper()
		s.StartManager(ctx)
		obj = AutoScalingGroup("web", append([]func(*v1alpha1.AutoScalingGroup){Sized(2, 4)}, with...)...)
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		name = *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName
	}
	edit := func(ctx context.Context, change func(*v1alpha1.AutoScalingGroup)) {
		GinkgoHelper()
		Edit(ctx, s, obj, change)
	}
	force := func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.ForceDelete = aws.Bool(true) }
	impatient := func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.DrainTimeoutSeconds = aws.Int32(1) }
	gone := func(ctx context.Context) {
		GinkgoHelper()
		s.ExpectGone(ctx, obj)
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
	}
	first := func(ctx context.Context) string {
		GinkgoHelper()
		only := s.OnlyAutoScalingGroup(ctx)
		return InstancesIn(&only, types.LifecycleStateInService)[0]
	}
	protect := func(ctx context.Context, protected bool, ids ...string) {
		GinkgoHelper()
		_, err := s.AutoScaling.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{AutoScalingGroupName: &name, InstanceIds: ids, ProtectedFromScaleIn: &protected})
		Expect(err).NotTo(HaveOccurred())
	}

	It("scales to zero, and deletes the group once it is empty", func(ctx context.Context) {
		ready(ctx)
		before := s.WritesSince(nil)
		s.Delete(ctx, obj)
		gone(ctx)
		Expect(s.WritesSince(before)).To(Equal(calls{"UpdateAutoScalingGroup": 1, "DeleteAutoScalingGroup": 1}))
	})

	It("waits for lifecycle hooks, and names the instances that they hold", func(ctx context.Context) {
		ready(ctx, Sized(1, 1), WithHooks(Hook("drain", v1alpha1.TransitionTerminating)))
		held := first(ctx)
		s.Delete(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonDeleting, "1 instance held by a lifecycle hook ("+held+")"))
		edit(ctx, impatient)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "1 instance held by a lifecycle hook ("+held+")", "spec.forceDelete"))
		s.ExpectSettled(ctx)
		_, err := s.AutoScaling.CompleteLifecycleAction(ctx, &autoscaling.CompleteLifecycleActionInput{
			AutoScalingGroupName: &name, LifecycleHookName: aws.String("drain"), InstanceId: &held, LifecycleActionResult: aws.String("CONTINUE"),
		})
		Expect(err).NotTo(HaveOccurred())
		s.Look(ctx, obj)
		gone(ctx)
	})

	It("is not hung up by an instance in Standby without a word", func(ctx context.Context) {
		ready(ctx)
		stands := first(ctx)
		_, err := s.AutoScaling.EnterStandby(ctx, &autoscaling.EnterStandbyInput{AutoScalingGroupName: &name, InstanceIds: []string{stands}, ShouldDecrementDesiredCapacity: aws.Bool(false)})
		Expect(err).NotTo(HaveOccurred())
		s.Delete(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonDeleting, "1 instance in Standby ("+stands+")"))
		edit(ctx, impatient)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "1 instance in Standby ("+stands+"). The controller goes on waiting"))
		Expect(s.OnlyAutoScalingGroup(ctx).Instances).To(HaveLen(1), "it is never forced silently")
		edit(ctx, force)
		gone(ctx)
	})

	It("is not hung up by a protected instance without a word", func(ctx context.Context) {
		ready(ctx, impatient)
		protected := first(ctx)
		protect(ctx, true, protected)
		s.Delete(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "1 instance protected from scale-in ("+protected+"). The controller goes on waiting"))
		Expect(s.OnlyAutoScalingGroup(ctx).Instances).To(HaveLen(1), "the others have gone")
		protect(ctx, false, protected)
		s.Look(ctx, obj)
		gone(ctx)
	})

	It("respects deletion protection, and ends it when the spec says so", func(ctx context.Context) {
		ready(ctx, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.DeletionProtection = "prevent-all-deletion" })
		before := s.WritesSince(nil)
		s.Delete(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "prevent-all-deletion", "Set spec.deletionProtection to none"))
		s.ExpectSettled(ctx)
		edit(ctx, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.DeletionProtection = "" })
		Eventually(Live(ctx, s, obj)).Should(And(BeStalled(v1alpha1.ReasonDeletionBlocked), HaveField("Status.ObservedGeneration", Equal(Get(ctx, s, obj).Generation))))
		Expect(s.WritesSince(before)).To(BeEmpty(), "no instance may end, and the protection is not the controller's to end")
		edit(ctx, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.DeletionProtection = "none" })
		gone(ctx)
	})

	It("does not force what is protected from that, and drains it instead when asked", func(ctx context.Context) {
		ready(ctx, force, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.DeletionProtection = "prevent-force-deletion" })
		s.Delete(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "prevent-force-deletion", "remove spec.forceDelete"))
		edit(ctx, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.ForceDelete = nil })
		gone(ctx)
	})

	It("ends at once when it is forced, whatever holds the instances", func(ctx context.Context) {
		ready(ctx, force, WithHooks(Hook("drain", v1alpha1.TransitionTerminating)), func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.NewInstancesProtectedFromScaleIn, obj.Spec.WarmPool = aws.Bool(true), &v1alpha1.WarmPool{}
		})
		before := s.WritesSince(nil)
		s.Delete(ctx, obj)
		gone(ctx)
		Expect(s.WritesSince(before)).To(And(HaveKey("DeleteAutoScalingGroup"), Not(HaveKey("UpdateAutoScalingGroup"))))
	})

	It("says that suspended processes stand in its way, and resumes them when the spec says so", func(ctx context.Context) {
		ready(ctx, func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.SuspendedProcesses = []v1alpha1.ScalingProcess{"Terminate"}
		})
		s.Delete(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "2 instances in service still", "Terminate is suspended"))
		edit(ctx, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.SuspendedProcesses = nil })
		gone(ctx)
	})

	It("deletes the warm pool first, so that no instance returns to it", func(ctx context.Context) {
		ready(ctx, func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.WarmPool = &v1alpha1.WarmPool{ReuseOnScaleIn: aws.Bool(true)}
		})
		before := s.WritesSince(nil)
		s.Delete(ctx, obj)
		gone(ctx)
		Expect(s.WritesSince(before)).To(And(HaveKey("DeleteWarmPool"), HaveKeyWithValue("DeleteAutoScalingGroup", 1)))
	})

	It("meets scalers that want instances again", func(ctx context.Context) {
		ready(ctx, WithHooks(Hook("drain", v1alpha1.TransitionTerminating)))
		s.Delete(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonDeleting, "held by a lifecycle hook"))
		_, err := s.AutoScaling.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: &name, MaxSize: aws.Int32(4), MinSize: aws.Int32(1)})
		Expect(err).NotTo(HaveOccurred())
		s.Look(ctx, obj)
		Eventually(func() int32 { return *s.OnlyAutoScalingGroup(ctx).MaxSize }).Should(BeZero())
		edit(ctx, force)
		gone(ctx)
	})

	It("ends with its LoadBalancer, whose security group its own names, when both are deleted at once", func(ctx context.Context) {
		balancer := LoadBalancer("web", withInstanceTargets, WithGroup(Ingress(80, "0.0.0.0/0")))
		s.StartManager(ctx)
		obj = AutoScalingGroup("web", Sized(2, 4), attachedByName("web", "http"), WithInstanceGroup(v1alpha1.SecurityGroupRule{
			Protocol: "tcp", Port: aws.Int32(8080), LoadBalancerRefs: []v1alpha1.LoadBalancerReference{{Name: "web"}},
		}))
		s.Create(ctx, balancer, obj)
		s.ExpectReady(ctx, balancer, obj)
		s.Delete(ctx, balancer, obj)
		s.ExpectGone(ctx, balancer, obj)
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
		Expect(s.LoadBalancers(ctx)).To(BeEmpty())
		Expect(s.SecurityGroups(ctx)).To(BeEmpty())
	})

	It("leaves the group where it is with Retain", func(ctx context.Context) {
		ready(ctx, Retained[*v1alpha1.AutoScalingGroup])
		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.OnlyAutoScalingGroup(ctx).Instances).To(HaveLen(2))
	})
})
