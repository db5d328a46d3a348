package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
)

var _ = Describe("An AutoScalingGroup behind a LoadBalancer", func() {
	s := newForwardingStory()
	BeforeEach(func(ctx context.Context) { s.MakeLaunchTemplate(ctx) })
	// served makes a group of two instances behind a load balancer, and waits until both get requests.
	served := func(ctx context.Context, balancer *v1alpha1.LoadBalancer, with ...func(*v1alpha1.AutoScalingGroup)) *v1alpha1.AutoScalingGroup {
		GinkgoHelper()
		withInstanceTargets(balancer)
		group := AutoScalingGroup("web", append(with, Sized(2, 4), attachedByName("web", "http"))...)
		s.Create(ctx, balancer, group)
		s.ExpectReady(ctx, balancer, group)
		Eventually(Live(ctx, s, balancer)).Should(HaveField("Status.TargetGroups", ConsistOf(HaveField("Healthy", BeEquivalentTo(2)))))
		return group
	}

	DescribeTable("loses no request while the LoadBalancer replaces its target group", func(ctx context.Context, balancer *v1alpha1.LoadBalancer) {
		s.StartManager(ctx)
		group := served(ctx, balancer)
		before, instances := attachedTo(ctx, s), s.OnlyAutoScalingGroup(ctx)
		visitors := s.Visit(ctx, "http://"+Get(ctx, s, balancer).Status.DNSName+"/")
		Edit(ctx, s, balancer, func(obj *v1alpha1.LoadBalancer) { obj.Spec.TargetGroups[0].Port = aws.Int32(9090) })
		Eventually(groupsIn).WithArguments(ctx, s).Should(HaveLen(2))
		Eventually(groupsIn).WithArguments(ctx, s).WithTimeout(slow).Should(HaveLen(1), "the first one is deleted")
		s.ExpectReady(ctx, balancer, group)
		Eventually(Live(ctx, s, balancer)).Should(HaveField("Status.TargetGroups", ConsistOf(HaveField("Healthy", BeEquivalentTo(2)))))
		visitors.ExpectServed()
		after := s.OnlyAutoScalingGroup(ctx)
		Expect(attachedTo(ctx, s)).To(And(HaveLen(1), Not(Equal(before))))
		Expect(instancesOf(&after)).To(Equal(instancesOf(&instances)), "none is replaced for it")
		Expect(targetsOf(ctx, s, attachedTo(ctx, s)[0])).To(Equal(instancesOf(&after)))
		s.ExpectQuiet(ctx)
		Expect(s.EventsOf(ctx, Get(ctx, s, group))()).To(And(ContainElement(HavePrefix("Updated: ")), Not(ContainElement(HavePrefix("DriftRepaired: ")))))
		visitors.ExpectServed()
	},
		Entry("an application load balancer", LoadBalancer("web")),
		Entry("a network load balancer", NetworkLoadBalancer("web")),
	)

	It("takes an instance whose server is broken out of its name, and replaces it", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("workers", "workers", withInstancesOf("web", v1alpha1.AddressPrivateIPv4, ""))
		s.Create(ctx, Zone(), record)
		served(ctx, LoadBalancer("web"), func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.HealthCheck = &v1alpha1.AutoScalingHealthCheck{Types: []v1alpha1.HealthCheckSource{"ELB"}, GracePeriodSeconds: aws.Int32(7200)}
		})
		s.ExpectReady(ctx, record)
		Eventually(func() []string { return s.Records(s.OnlyZone()) }).Should(ConsistOf(recordOf(ctx, s, "workers.example.com.", "60")))
		broken := s.OnlyAutoScalingGroup(ctx).Instances[0]
		whole := recordOf(ctx, s, "workers.example.com.", "60")
		Expect(s.Sim.DisturbInstance(*broken.InstanceId, func(d *ec2.Disturbance) { d.StatusCode = 500 })).To(Succeed())
		Eventually(func() []string { return s.Records(s.OnlyZone()) }).ShouldNot(ConsistOf(whole), "in the grace period the group keeps it, and the name does not")
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(MatchRegexp(`^workers\.example\.com\. A 60 10\.\d+\.\d+\.\d+$`)))
		Expect(s.Sim.DisturbInstance(*broken.InstanceId, func(d *ec2.Disturbance) { d.StatusCode = 0 })).To(Succeed())
		Eventually(func() []string { return s.Records(s.OnlyZone()) }).Should(ConsistOf(whole))
	})
})

var _ = Describe("A LoadBalancer and an AutoScalingGroup that let each other in", func() {
	s := newStory()
	BeforeEach(func(ctx context.Context) { s.MakeLaunchTemplate(ctx) })
	fromInstances := v1alpha1.SecurityGroupRule{Protocol: "tcp", Port: aws.Int32(443), AutoScalingGroupRefs: []v1alpha1.AutoScalingGroupReference{{Name: "web"}}}
	fromBalancer := v1alpha1.SecurityGroupRule{Protocol: "tcp", Port: aws.Int32(8080), LoadBalancerRefs: []v1alpha1.LoadBalancerReference{{Name: "web"}}}
	fromEachOther := v1alpha1.SecurityGroupRule{Protocol: "tcp", Port: aws.Int32(7946), AutoScalingGroupRefs: []v1alpha1.AutoScalingGroupReference{{Name: "web"}}}
	pair := func() (*v1alpha1.LoadBalancer, *v1alpha1.AutoScalingGroup) {
		return LoadBalancer("web", WithGroup(fromInstances), withInstanceTargets),
			AutoScalingGroup("web", WithInstanceGroup(fromBalancer, fromEachOther), attachedByName("web", "http"))
	}
	groupNamed := func(ctx context.Context, id string) ec2types.SecurityGroup {
		GinkgoHelper()
		for _, group := range s.SecurityGroups(ctx) {
			if *group.GroupId == id {
				return group
			}
		}
		Fail("there is no security group " + id)
		panic("unreachable")
	}

	DescribeTable("converge, and go", func(ctx context.Context, balancerFirst bool, deletion string) {
		s.StartManager(ctx)
		balancer, group := pair()
		if balancerFirst {
			s.Create(ctx, balancer)
			Eventually(Live(ctx, s, balancer)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "AutoScalingGroup web, which a rule of the security group names, does not exist"))
			s.Create(ctx, group)
		} else {
			s.Create(ctx, group, balancer)
		}
		s.ExpectReady(ctx, balancer, group)
		ofBalancer, ofInstances := Get(ctx, s, balancer).Status.SecurityGroup.ID, Get(ctx, s, group).Status.SecurityGroup.ID
		Eventually(Live(ctx, s, balancer)).Should(HaveField("Status.TargetGroups", ConsistOf(HaveField("Healthy", BeEquivalentTo(1)))))
		Expect(RulesOf(groupNamed(ctx, ofBalancer).IpPermissions)).To(Equal([]string{"tcp 443-443 " + ofInstances}))
		Expect(RulesOf(groupNamed(ctx, ofInstances).IpPermissions)).To(ConsistOf("tcp 8080-8080 "+ofBalancer, "tcp 7946-7946 "+ofInstances))
		s.ExpectQuiet(ctx)

		switch deletion {
		case "together":
			s.Delete(ctx, balancer, group)
		case "balancer first":
			s.Delete(ctx, balancer)
			s.ExpectGone(ctx, balancer)
			s.Delete(ctx, group)
		case "group first":
			s.Delete(ctx, group)
			s.ExpectGone(ctx, group)
			Expect(RulesOf(groupNamed(ctx, ofBalancer).IpPermissions)).To(BeEmpty())
			s.Delete(ctx, balancer)
		}
		s.ExpectGone(ctx, balancer, group)
		Expect(s.SecurityGroups(ctx)).To(BeEmpty())
		Expect(groupsIn(ctx, s)).To(BeEmpty())
	},
		Entry("together", false, "together"),
		Entry("the balancer first", true, "balancer first"),
		Entry("the group first", true, "group first"),
	)

	It("tell that a group without a security group of its own cannot be meant", func(ctx context.Context) {
		s.StartManager(ctx)
		balancer, group := pair()
		group.Spec.SecurityGroup = nil
		s.Create(ctx, balancer, group)
		Eventually(Live(ctx, s, balancer)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "AutoScalingGroup web", "has no managed security group: declare its spec.securityGroup"))
		s.ExpectReady(ctx, group)
		Edit(ctx, s, group, WithInstanceGroup(fromBalancer))
		s.ExpectReady(ctx, balancer, group)
	})
})
