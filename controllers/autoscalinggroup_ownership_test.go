package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("An AutoScalingGroup that meets a group of its name", func() {
	s := newStory()
	named := func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.Name = "theirs" }
	tagged := func(obj *v1alpha1.AutoScalingGroup) {
		obj.Spec.Tags = []v1alpha1.AutoScalingTag{{Key: "team", Value: "a"}}
	}
	policy := Adoption[*v1alpha1.AutoScalingGroup]
	adopting := func(obj *v1alpha1.AutoScalingGroup) {
		obj.Spec.Adopt = &v1alpha1.AutoScalingGroupAdoption{Name: "theirs"}
	}
	BeforeEach(func(ctx context.Context) {
		s.MakeLaunchTemplate(ctx)
		s.StartManager(ctx)
	})

	It("leaves it alone, says so, and makes its own once it is gone", func(ctx context.Context) {
		s.MakeAutoScalingGroup(ctx, "theirs")
		before := s.WritesSince(nil)
		obj := AutoScalingGroup("web", named, tagged)
		s.Create(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonConflict, "theirs", "spec.adopt"))
		Expect(s.WritesSince(before)).To(BeEmpty())
		s.ForceDelete(ctx, "theirs")
		s.Look(ctx, obj)
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)
	})

	It("leaves it when it is deleted itself", func(ctx context.Context) {
		s.MakeAutoScalingGroup(ctx, "theirs")
		obj := AutoScalingGroup("web", named)
		s.Create(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonConflict))
		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.AutoScalingGroups(ctx)).To(HaveLen(1))
	})

	It("names the object that has it", func(ctx context.Context) {
		s.MakeAutoScalingGroup(ctx, "theirs", "evenkeel.io/cluster=other", "evenkeel.io/object=AutoScalingGroup/a/b")
		obj := AutoScalingGroup("web", named, policy(v1alpha1.AdoptionAlways))
		s.Create(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonConflict, "AutoScalingGroup/a/b", "other"))
	})

	DescribeTable("takes it over, changes it to what is declared, and deletes it in the end",
		func(ctx context.Context, adopts ...func(*v1alpha1.AutoScalingGroup)) {
			s.MakeAutoScalingGroup(ctx, "theirs", "cost=1")
			obj := AutoScalingGroup("web", append(adopts, tagged, Sized(2, 4))...)
			s.Create(ctx, obj)
			s.ExpectReady(ctx, obj)
			found := s.OnlyAutoScalingGroup(ctx)
			Expect(GroupTags(&found)).To(Equal(map[string]string{"cost": "1", "team": "a"}))
			Expect(*found.MinSize).To(BeEquivalentTo(2))
			Expect(Get(ctx, s, obj).Status).To(And(HaveField("Name", "theirs"), HaveField("ARN", *found.AutoScalingGroupARN)))
			Eventually(s.EventsOf(ctx, obj)).Should(ContainElement("Adopted: Took over Auto Scaling group theirs"))
			s.ExpectQuiet(ctx)

			By("no longer naming it")
			edited(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) { o.Spec.Adopt, o.Spec.AdoptionPolicy = nil, "" }, calls{})
			s.Delete(ctx, obj)
			s.ExpectGone(ctx, obj)
			Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
		},
		Entry("by its name", adopting),
		Entry("by policy", named, policy(v1alpha1.AdoptionAlways)),
	)

	It("takes it over as it is, or not at all", func(ctx context.Context) {
		s.MakeAutoScalingGroup(ctx, "theirs")
		obj := AutoScalingGroup("web", named, tagged, policy(v1alpha1.AdoptionIfIdentical))
		s.Create(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonConflict, "tags.team"))
		edited(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) { o.Spec.Tags = nil }, calls{"CreateOrUpdateTags": 1})
	})

	It("says that what is to be adopted is not there, and adopts nothing once it has a group", func(ctx context.Context) {
		missing, own := AutoScalingGroup("missing", adopting), AutoScalingGroup("own")
		s.Create(ctx, missing, own)
		Eventually(Live(ctx, s, missing)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "theirs", "does not exist"))
		s.ExpectReady(ctx, own)
		live := Get(ctx, s, own)
		adopting(live)
		Expect(s.Client.Update(ctx, live)).To(MatchError(ContainSubstring("this object has a group already")))
	})

	It("takes its own back, in a new cluster with the id of the old one", func(ctx context.Context) {
		obj := AutoScalingGroup("web", WithInstanceGroup(Ingress(80, "10.0.0.0/8")))
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		arn := *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupARN
		s.StopManagers()
		s.Vanish(ctx, obj)
		obj = AutoScalingGroup("web", WithInstanceGroup(Ingress(80, "10.0.0.0/8")))
		s.StartManager(ctx)
		before := s.WritesSince(nil)
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		Expect(s.WritesSince(before)).To(BeEmpty())
		Expect(*s.OnlyAutoScalingGroup(ctx).AutoScalingGroupARN).To(Equal(arn))
		Expect(s.SecurityGroups(ctx)).To(HaveLen(1))
	})
})

var _ = Describe("The policies of an AutoScalingGroup", func() {
	s := newStory()
	planning := Managed[*v1alpha1.AutoScalingGroup](v1alpha1.ManagementPlan)
	BeforeEach(func(ctx context.Context) { s.MakeLaunchTemplate(ctx) })

	It("plan what would be made, and make it when they may", func(ctx context.Context) {
		s.StartManager(ctx)
		before := s.WritesSince(nil)
		obj := AutoScalingGroup("web", planning, WithInstanceGroup(Ingress(80, "10.0.0.0/8")))
		s.Create(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonPlanOnly, "3 changes are planned"))
		plan := Get(ctx, s, obj).Status.Plan
		Expect(plan[0]).To(And(HaveField("Verb", "Create"), HaveField("Resource", HavePrefix("security group AutoScalingGroup/"))))
		Expect(plan[2]).To(And(HaveField("Verb", "Create"), HaveField("Resource", HavePrefix("Auto Scaling group "))))
		Expect(s.WritesSince(before)).To(BeEmpty())
		Expect(Get(ctx, s, obj).Finalizers).To(BeEmpty())

		Edit(ctx, s, obj, Managed[*v1alpha1.AutoScalingGroup](v1alpha1.ManagementManage))
		s.ExpectReady(ctx, obj)
		Edit(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) {
			planning(o)
			o.Spec.DefaultCooldownSeconds = aws.Int32(60)
		})
		Eventually(Live(ctx, s, obj)).Should(HaveField("Status.Plan", ConsistOf(And(
			HaveField("Verb", "Update"), HaveField("Field", "defaultCooldownSeconds"), HaveField("From", "300"), HaveField("To", "60")))))

		By("leaving AWS as it is when the object goes")
		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.AutoScalingGroups(ctx)).To(HaveLen(1))
	})

	It("only watch, and tell what differs, without taking it for the object's own", func(ctx context.Context) {
		s.MakeAutoScalingGroup(ctx, "theirs")
		s.StartManager(ctx)
		before := s.WritesSince(nil)
		obj := AutoScalingGroup("web", Managed[*v1alpha1.AutoScalingGroup](v1alpha1.ManagementObserve), func(o *v1alpha1.AutoScalingGroup) {
			o.Spec.Adopt = &v1alpha1.AutoScalingGroupAdoption{Name: "theirs"}
		})
		s.Create(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonObserveOnly, "as declared"))
		Expect(Get(ctx, s, obj).Status).To(And(HaveField("Name", "theirs"), HaveField("DesiredCapacity", HaveValue(BeEquivalentTo(1)))))
		Edit(ctx, s, obj, Sized(1, 7))
		Eventually(Live(ctx, s, obj)).Should(HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonObserveOnly, "differs", "maxSize"))
		Expect(s.WritesSince(before)).To(BeEmpty())
		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.AutoScalingGroups(ctx)).To(HaveLen(1))
	})

	It("retain the group and its security group when the object goes", func(ctx context.Context) {
		s.StartManager(ctx)
		obj := AutoScalingGroup("web", Retained, WithInstanceGroup(Ingress(80, "10.0.0.0/8")))
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		before := s.WritesSince(nil)
		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.WritesSince(before)).To(BeEmpty())
		Expect(s.AutoScalingGroups(ctx)).To(HaveLen(1))
		Expect(s.SecurityGroups(ctx)).To(HaveLen(1))
	})

	It("repair what others change, and tell it", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		obj := AutoScalingGroup("web")
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		name := *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName
		_, err := s.AutoScaling.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: &name, MaxSize: aws.Int32(9), VPCZoneIdentifier: aws.String(SubnetC),
		})
		Expect(err).NotTo(HaveOccurred())
		Eventually(s.EventsOf(ctx, obj)).Should(ContainElement(And(HavePrefix("DriftRepaired: "), ContainSubstring("maxSize: 9 → 3"), ContainSubstring("subnetIDs: subnet-0c → subnet-0a, subnet-0b"))))
		s.ExpectReady(ctx, obj)
	})

	It("make a group again that somebody has deleted, once it is gone", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		obj := AutoScalingGroup("web")
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		first := s.OnlyAutoScalingGroup(ctx)
		s.ForceDelete(ctx, *first.AutoScalingGroupName)
		Eventually(Live(ctx, s, obj)).Should(And(BeReady(), HaveField("Status.ARN", Not(Equal(*first.AutoScalingGroupARN)))))
	})

	It("tell which permission is missing, and heal when it is given", func(ctx context.Context) {
		m := s.StartManager(ctx, ManagerOptions{Resync: soon})
		m.Endpoint.Refuse(AccessDeniedTo("UpdateAutoScalingGroup"))
		obj := AutoScalingGroup("web")
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		Edit(ctx, s, obj, Sized(1, 5))
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonAccessDenied, "UpdateAutoScalingGroup"))
		m.Endpoint.Refuse()
		s.ExpectReady(ctx, obj)
	})
})
