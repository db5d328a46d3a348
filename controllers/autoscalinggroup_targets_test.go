package controllers_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// makeTargetGroup makes a target group for instances, as others do, and returns its ARN.
func makeTargetGroup(ctx context.Context, s *Story, name string) string {
	GinkgoHelper()
	made, err := s.ELBV2.CreateTargetGroup(ctx, &elasticloadbalancingv2.CreateTargetGroupInput{
		Name: &name, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String(VPC1),
	})
	Expect(err).NotTo(HaveOccurred())
	return *made.TargetGroups[0].TargetGroupArn
}

// attachedTo are the target groups that the only group is attached to, sorted.
func attachedTo(ctx context.Context, s *Story) []string {
	GinkgoHelper()
	group := s.OnlyAutoScalingGroup(ctx)
	arns := []string{}
	for _, source := range group.TrafficSources {
		arns = append(arns, *source.Identifier)
	}
	slices.Sort(arns)
	return arns
}

// targetsOf are the instances that are registered with a target group and do not drain, sorted.
func targetsOf(ctx context.Context, s *Story, arn string) []string {
	GinkgoHelper()
	out, err := s.ELBV2.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &arn})
	Expect(err).NotTo(HaveOccurred())
	ids := []string{}
	for _, one := range out.TargetHealthDescriptions {
		if one.TargetHealth.State != elbtypes.TargetHealthStateEnumDraining {
			ids = append(ids, *one.Target.Id)
		}
	}
	slices.Sort(ids)
	return ids
}

func instancesOf(group *types.AutoScalingGroup) []string {
	ids := []string{}
	for _, one := range group.Instances {
		ids = append(ids, *one.InstanceId)
	}
	slices.Sort(ids)
	return ids
}

// attachedByARN attaches a group to target groups that others made.
func attachedByARN(arns ...string) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) {
		obj.Spec.TargetGroups = []v1alpha1.AttachedTargetGroup{}
		for _, arn := range arns {
			obj.Spec.TargetGroups = append(obj.Spec.TargetGroups, v1alpha1.AttachedTargetGroup{ARN: v1alpha1.TargetGroupARN(arn)})
		}
	}
}

// attachedByName attaches a group to a target group of a LoadBalancer.
func attachedByName(balancer, targetGroup string) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) {
		obj.Spec.TargetGroups = append(obj.Spec.TargetGroups, v1alpha1.AttachedTargetGroup{
			LoadBalancerRef: &v1alpha1.LoadBalancerReference{Name: balancer}, TargetGroup: v1alpha1.TargetGroupName(targetGroup),
		})
	}
}

// withInstanceTargets declares a target group "http" for instances, to which a listener on port 80 forwards.
func withInstanceTargets(obj *v1alpha1.LoadBalancer) {
	obj.Spec.TargetGroups = []v1alpha1.TargetGroup{{
		Name: "http", Protocol: "HTTP", Port: aws.Int32(8080),
		HealthCheck: &v1alpha1.TargetHealthCheck{IntervalSeconds: aws.Int32(5), TimeoutSeconds: aws.Int32(2)},
		Attributes:  &v1alpha1.TargetGroupAttributes{DeregistrationDelaySeconds: aws.Int32(10)},
	}}
	if obj.Spec.Type == v1alpha1.LoadBalancerNetwork {
		obj.Spec.TargetGroups[0].Protocol = "TCP"
		obj.Spec.TargetGroups[0].HealthCheck.Protocol = "HTTP"
	}
	protocol := map[v1alpha1.LoadBalancerType]v1alpha1.ListenerProtocol{v1alpha1.LoadBalancerNetwork: "TCP", v1alpha1.LoadBalancerApplication: "HTTP"}[obj.Spec.Type]
	obj.Spec.Listeners = []v1alpha1.Listener{{
		Port: 80, Protocol: protocol, DefaultActions: []v1alpha1.Action{{Forward: &v1alpha1.ForwardAction{TargetGroups: []v1alpha1.ForwardTargetGroup{{Name: "http"}}}}},
	}}
}

var _ = Describe("The target groups of an AutoScalingGroup", func() {
	s := newStory()
	BeforeEach(func(ctx context.Context) { s.MakeLaunchTemplate(ctx) })

	It("are attached in the call that makes the group, once the LoadBalancer has made them", func(ctx context.Context) {
		s.StartManager(ctx)
		group := AutoScalingGroup("web", Sized(2, 4), attachedByName("web", "http"))
		s.Create(ctx, group)
		Eventually(Live(ctx, s, group)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "LoadBalancer web, which spec.targetGroups names, does not exist"))
		balancer := LoadBalancer("web")
		s.Create(ctx, balancer)
		Eventually(Live(ctx, s, group)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "declares no target group http"))
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())

		Edit(ctx, s, balancer, withInstanceTargets)
		s.ExpectReady(ctx, group, balancer)
		arn := Get(ctx, s, balancer).Status.TargetGroups[0].ARN
		only := s.OnlyAutoScalingGroup(ctx)
		Expect(attachedTo(ctx, s)).To(Equal([]string{arn}))
		Expect(targetsOf(ctx, s, arn)).To(Equal(instancesOf(&only)))
		Expect(s.Sim.Meter().Calls["autoscaling/AttachTrafficSources"]).To(BeZero())
		Eventually(Live(ctx, s, group)).Should(HaveField("Status.TargetGroups", Equal([]v1alpha1.AttachedTargetGroupStatus{{ARN: arn, State: v1alpha1.TargetGroupAttached}})))
		Eventually(Live(ctx, s, balancer)).Should(HaveField("Status.TargetGroups", ConsistOf(HaveField("Healthy", BeEquivalentTo(2)))))
		s.ExpectQuiet(ctx)

		s.Delete(ctx, balancer, group)
		s.ExpectGone(ctx, balancer, group)
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
		Expect(groupsIn(ctx, s)).To(BeEmpty())
	})

	It("are exchanged, taken away and left alone, as the list says", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		first, second := makeTargetGroup(ctx, s, "first"), makeTargetGroup(ctx, s, "second")
		group := AutoScalingGroup("web", attachedByARN(first))
		s.Create(ctx, group)
		s.ExpectReady(ctx, group)

		By("exchanging one for another")
		Edit(ctx, s, group, attachedByARN(second))
		s.ExpectReady(ctx, group)
		Expect(attachedTo(ctx, s)).To(Equal([]string{second}))
		Expect(targetsOf(ctx, s, first)).To(BeEmpty())
		Expect(targetsOf(ctx, s, second)).To(HaveLen(1))

		By("detaching what others attach")
		attach(ctx, s, first)
		Eventually(attachedTo).WithArguments(ctx, s).Should(Equal([]string{second}))

		By("detaching all")
		Edit(ctx, s, group, attachedByARN())
		s.ExpectReady(ctx, group)
		Expect(attachedTo(ctx, s)).To(BeEmpty())

		By("letting go of the field")
		Edit(ctx, s, group, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.TargetGroups = nil })
		s.ExpectReady(ctx, group)
		Eventually(Live(ctx, s, group)).Should(HaveField("Status.ManagedFields", Not(ContainElement("targetGroups"))))
		attach(ctx, s, first)
		Eventually(targetsOf).WithArguments(ctx, s, first).Should(HaveLen(1))
		s.ExpectQuiet(ctx)
		Expect(attachedTo(ctx, s)).To(Equal([]string{first}))
		Expect(Get(ctx, s, group).Status.TargetGroups).To(BeEmpty())

		By("taking the field up again, and removing it at once")
		Edit(ctx, s, group, attachedByARN(first))
		s.ExpectReady(ctx, group)
		Edit(ctx, s, group, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.TargetGroups = nil })
		s.ExpectReady(ctx, group)
		Eventually(attachedTo).WithArguments(ctx, s).Should(BeEmpty())
	})

	It("may be more than one call takes", func(ctx context.Context) {
		s.StartManager(ctx)
		var arns []string
		for i := range 13 {
			arns = append(arns, makeTargetGroup(ctx, s, fmt.Sprintf("many-%d", i)))
		}
		group := AutoScalingGroup("web", attachedByARN(arns...))
		s.Create(ctx, group)
		s.ExpectReady(ctx, group)
		Expect(attachedTo(ctx, s)).To(ConsistOf(arns))
		Edit(ctx, s, group, attachedByARN(arns[12]))
		s.ExpectReady(ctx, group)
		Expect(attachedTo(ctx, s)).To(Equal([]string{arns[12]}))
		calls := s.Sim.Meter().Calls
		Expect(calls["autoscaling/AttachTrafficSources"]).To(Equal(1))
		Expect(calls["autoscaling/DetachTrafficSources"]).To(Equal(2))
		s.ExpectQuiet(ctx)
	})

	It("are told when AWS has no such group, and when they take no instances", func(ctx context.Context) {
		s.StartManager(ctx)
		s.Create(ctx, LoadBalancer("web", withInstanceTargets, func(obj *v1alpha1.LoadBalancer) { obj.Spec.TargetGroups[0].TargetType = v1alpha1.TargetTypeIP }))
		unknown := AutoScalingGroup("unknown", attachedByARN("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/none/0123456789abcdef"))
		addresses := AutoScalingGroup("addresses", attachedByName("web", "http"))
		s.Create(ctx, unknown, addresses)
		Eventually(Live(ctx, s, unknown)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "Provided Target Groups may not be valid"))
		Eventually(Live(ctx, s, addresses)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "declare it with targetType instance"))
	})

	It("are planned, and told, without being attached", func(ctx context.Context) {
		arn := makeTargetGroup(ctx, s, "first")
		m := s.StartManager(ctx)
		group := AutoScalingGroup("web")
		s.Create(ctx, group)
		s.ExpectReady(ctx, group)
		Edit(ctx, s, group, func(obj *v1alpha1.AutoScalingGroup) {
			attachedByARN(arn)(obj)
			obj.Spec.ManagementPolicy = v1alpha1.ManagementPlan
		})
		Eventually(Live(ctx, s, group)).Should(HaveField("Status.Plan", ConsistOf(And(
			HaveField("Verb", "Update"), HaveField("Field", "targetGroups"), HaveField("From", ""), HaveField("To", HavePrefix("first/"))))))
		Expect(attachedTo(ctx, s)).To(BeEmpty())
		m.Stop()
	})

	for name, deleteFirst := range map[string]bool{"the LoadBalancer goes": false, "the controller was away meanwhile": true} {
		It("are let go when "+name, func(ctx context.Context) {
			m := s.StartManager(ctx)
			balancer, group := LoadBalancer("web", withInstanceTargets), AutoScalingGroup("web", attachedByName("web", "http"))
			s.Create(ctx, balancer, group)
			s.ExpectReady(ctx, balancer, group)
			if deleteFirst {
				m.Stop()
				arn := Get(ctx, s, balancer).Status.TargetGroups[0].ARN
				s.Vanish(ctx, balancer)
				s.DeleteLoadBalancer(ctx, *s.OnlyLoadBalancer(ctx).LoadBalancerArn)
				_, err := s.ELBV2.DeleteTargetGroup(ctx, &elasticloadbalancingv2.DeleteTargetGroupInput{TargetGroupArn: &arn})
				Expect(err).NotTo(HaveOccurred())
				s.StartManager(ctx)
			} else {
				s.Delete(ctx, balancer)
				s.ExpectGone(ctx, balancer)
			}
			Eventually(Live(ctx, s, group)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "does not exist"))
			Eventually(attachedTo).WithArguments(ctx, s).Should(BeEmpty())

			again := LoadBalancer("web", withInstanceTargets)
			s.Create(ctx, again)
			s.ExpectReady(ctx, again, group)
			Expect(attachedTo(ctx, s)).To(HaveLen(1))
		})
	}

	It("stay attached while a LoadBalancer is declared anew", func(ctx context.Context) {
		s.StartManager(ctx)
		balancer, group := LoadBalancer("web", withInstanceTargets, Retained[*v1alpha1.LoadBalancer]), AutoScalingGroup("web", attachedByName("web", "http"))
		s.Create(ctx, balancer, group)
		s.ExpectReady(ctx, balancer, group)
		before := attachedTo(ctx, s)
		s.Delete(ctx, balancer)
		s.ExpectGone(ctx, balancer)
		Eventually(Live(ctx, s, group)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "does not exist"))
		again := LoadBalancer("web", withInstanceTargets)
		s.Create(ctx, again)
		s.ExpectReady(ctx, again, group)
		Expect(attachedTo(ctx, s)).To(Equal(before))
		Expect(s.Sim.Meter().Calls["autoscaling/DetachTrafficSources"]).To(BeZero())
	})
})

// attach attaches a target group to the only group by somebody else's hand.
func attach(ctx context.Context, s *Story, arn string) {
	GinkgoHelper()
	group := s.OnlyAutoScalingGroup(ctx)
	_, err := s.AutoScaling.AttachTrafficSources(ctx, &autoscaling.AttachTrafficSourcesInput{
		AutoScalingGroupName: group.AutoScalingGroupName,
		TrafficSources:       []types.TrafficSourceIdentifier{{Identifier: &arn, Type: aws.String("elbv2")}},
	})
	Expect(err).NotTo(HaveOccurred())
}
