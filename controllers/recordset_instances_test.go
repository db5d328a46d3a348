package controllers_test

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// withInstancesOf fills a record with the addresses of the instances of a group.
func withInstancesOf(group string, address v1alpha1.InstanceAddressKind, whenEmpty v1alpha1.WhenEmpty) func(*v1alpha1.RecordSet) {
	return func(obj *v1alpha1.RecordSet) {
		obj.Spec.ResourceRecords = nil
		obj.Spec.InstancesOf = &v1alpha1.InstancesOf{AutoScalingGroupRef: v1alpha1.AutoScalingGroupReference{Name: group}, Address: address, WhenEmpty: whenEmpty}
		if address == v1alpha1.AddressIPv6 {
			obj.Spec.Type = "AAAA"
		}
	}
}

// recordOf is a record with the private addresses of the instances of the only group that are in service, as Records
// tells it; "" when there are none.
func recordOf(ctx context.Context, s *Story, name string, ttl string) string {
	GinkgoHelper()
	var ids, addresses []string
	group := s.OnlyAutoScalingGroup(ctx)
	for _, one := range group.Instances {
		if one.LifecycleState == "InService" && *one.HealthStatus == "Healthy" {
			ids = append(ids, *one.InstanceId)
		}
	}
	if len(ids) == 0 {
		return ""
	}
	out, err := s.EC2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: ids})
	Expect(err).NotTo(HaveOccurred())
	for _, reservation := range out.Reservations {
		for i := range reservation.Instances {
			addresses = append(addresses, aws.ToString(reservation.Instances[i].PrivateIpAddress))
		}
	}
	slices.Sort(addresses)
	return name + " A " + ttl + " " + strings.Join(addresses, " ")
}

var _ = Describe("A record of the instances of an AutoScalingGroup", func() {
	s := newStory()
	BeforeEach(func(ctx context.Context) {
		s.MakeLaunchTemplate(ctx)
		s.StartManager(ctx)
	})
	workers := func(with ...func(*v1alpha1.RecordSet)) *v1alpha1.RecordSet {
		return RecordSet("workers", "workers", append([]func(*v1alpha1.RecordSet){withInstancesOf("web", v1alpha1.AddressPrivateIPv4, "")}, with...)...)
	}
	// expectFollows waits until the record has the addresses of so many instances.
	expectFollows := func(ctx context.Context, instances int) {
		GinkgoHelper()
		Eventually(func(g Gomega) {
			wanted := recordOf(ctx, s, "workers.example.com.", "60")
			g.Expect(strings.Fields(wanted)).To(HaveLen(3 + instances))
			g.Expect(s.Records(s.OnlyZone())).To(ConsistOf(wanted))
		}).Should(Succeed())
	}

	It("waits for the group, and follows it", func(ctx context.Context) {
		record := workers()
		s.Create(ctx, Zone(), record)
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "AutoScalingGroup web, which spec.instancesOf names, does not exist"))
		group := AutoScalingGroup("web", Sized(2, 4))
		s.Create(ctx, group)
		s.ExpectReady(ctx, group, record)
		expectFollows(ctx, 2)
		s.ExpectQuiet(ctx)

		By("growing")
		s.Scale(ctx, *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName, 4)
		expectFollows(ctx, 4)
		By("losing an instance")
		only := s.OnlyAutoScalingGroup(ctx)
		lost := *only.Instances[0].InstanceId
		Expect(s.Sim.KillInstance(lost)).To(Succeed())
		Eventually(func() []string {
			now := s.OnlyAutoScalingGroup(ctx)
			return instancesOf(&now)
		}).ShouldNot(ContainElement(lost))
		expectFollows(ctx, 4)
		By("shrinking")
		s.Scale(ctx, *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName, 2)
		expectFollows(ctx, 2)
		s.ExpectReady(ctx, group, record)
		Expect(s.EventsOf(ctx, Get(ctx, s, record))()).NotTo(ContainElement(HavePrefix("DriftRepaired")))

		By("no longer asking")
		Edit(ctx, s, record, func(obj *v1alpha1.RecordSet) { obj.Spec.InstancesOf = nil; WithValues("192.0.2.7")(obj) })
		s.ExpectReady(ctx, record)
		Eventually(Live(ctx, s, group)).Should(HaveField("Status.Addresses", BeNil()))
		Expect(s.Records(s.OnlyZone())).To(ConsistOf("workers.example.com. A 60 192.0.2.7"))
	})

	It("keeps the last answer, or goes, while there is no instance", func(ctx context.Context) {
		record := workers()
		goes := RecordSet("goes", "goes", withInstancesOf("web", v1alpha1.AddressPrivateIPv4, v1alpha1.WhenEmptyRemove))
		group := AutoScalingGroup("web", Sized(0, 2))
		s.Create(ctx, Zone(), group, record, goes)
		s.ExpectReady(ctx, group, goes)
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotReady, "No instance of AutoScalingGroup web is in service with an address of kind PrivateIPv4"))
		Expect(s.Records(s.OnlyZone())).To(BeEmpty())
		Expect(Get(ctx, s, goes).Status.Conditions).To(ContainElement(And(HaveField("Type", "Ready"), HaveField("Message", ContainSubstring("is not in Route 53 until one is")))))

		s.Scale(ctx, *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName, 1)
		s.ExpectReady(ctx, record)
		var full string
		Eventually(func(g Gomega) {
			full = recordOf(ctx, s, "workers.example.com.", "60")
			g.Expect(full).NotTo(BeEmpty())
			g.Expect(s.Records(s.OnlyZone())).To(ConsistOf(full, strings.Replace(full, "workers", "goes", 1)))
		}).Should(Succeed())
		s.ExpectReady(ctx, goes)

		s.Scale(ctx, *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName, 0)
		Eventually(func() []string { return s.Records(s.OnlyZone()) }).Should(ConsistOf(full))
		s.ExpectReady(ctx, goes, record)
		Expect(Get(ctx, s, goes).Status.Records).To(BeEmpty())
		s.ExpectQuiet(ctx)

		By("changing its mind")
		Edit(ctx, s, record, withInstancesOf("web", v1alpha1.AddressPrivateIPv4, v1alpha1.WhenEmptyRemove))
		Eventually(func() []string { return s.Records(s.OnlyZone()) }).Should(BeEmpty())
		s.ExpectReady(ctx, record)
		s.Delete(ctx, record, goes, group)
		s.ExpectGone(ctx, record, goes, group)
	})

	It("is planned, and keeps its values when the group goes", func(ctx context.Context) {
		group := AutoScalingGroup("web")
		record := workers(Managed[*v1alpha1.RecordSet](v1alpha1.ManagementPlan))
		s.Create(ctx, Zone(), group, record)
		s.ExpectReady(ctx, group)
		Eventually(Live(ctx, s, record)).Should(HaveField("Status.Plan", ConsistOf(HaveField("Verb", "Create"))))
		Expect(s.Records(s.OnlyZone())).To(BeEmpty())
		Edit(ctx, s, record, func(obj *v1alpha1.RecordSet) { obj.Spec.ManagementPolicy = "" })
		s.ExpectReady(ctx, record)
		before := s.Records(s.OnlyZone())
		Expect(before).To(HaveLen(1))
		s.Delete(ctx, group)
		s.ExpectGone(ctx, group)
		Eventually(Live(ctx, s, record)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "AutoScalingGroup web"))
		Expect(s.Records(s.OnlyZone())).To(Equal(before))
		s.Delete(ctx, record)
		s.ExpectGone(ctx, record)
		Expect(s.Records(s.OnlyZone())).To(BeEmpty())
	})
})
