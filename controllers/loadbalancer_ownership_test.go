package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("A LoadBalancer whose name is taken", func() {
	s := newStory()
	named := func(obj *v1alpha1.LoadBalancer) { obj.Spec.Name = "theirs" }
	adopting := func(a v1alpha1.LoadBalancerAdoption) func(*v1alpha1.LoadBalancer) {
		return func(obj *v1alpha1.LoadBalancer) { obj.Spec.Adopt = &a }
	}
	tagged := func(obj *v1alpha1.LoadBalancer) { obj.Spec.Tags = map[string]v1alpha1.TagValue{"team": "a"} }

	It("is a Conflict, touches nothing, and heals when the name is free", func(ctx context.Context) {
		theirs := s.MakeLoadBalancer(ctx, "theirs")
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		lb := LoadBalancer("web", named)
		before := s.WritesSince(nil)
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonConflict, "theirs", "spec.adopt"))
		Expect(s.WritesSince(before)).To(BeEmpty())
		s.DeleteLoadBalancer(ctx, theirs)
		s.ExpectReady(ctx, lb)
		Expect(Get(ctx, s, lb).Status.ARN).NotTo(Equal(theirs))
	})

	It("is a Conflict too when it is taken in the last moment", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", named, tagged)
		s.BeforeCall(ELB+"CreateLoadBalancer", func() { s.MakeLoadBalancer(ctx, "theirs") })
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonConflict, "theirs", "spec.adopt"))
		Expect(s.LoadBalancers(ctx)).To(HaveLen(1))
		s.Delete(ctx, lb)
		s.ExpectGone(ctx, lb)
		Expect(s.LoadBalancers(ctx)).To(HaveLen(1))
	})

	It("leaves it when it is deleted itself", func(ctx context.Context) {
		s.MakeLoadBalancer(ctx, "theirs")
		s.StartManager(ctx)
		lb := LoadBalancer("web", named)
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonConflict))
		s.Delete(ctx, lb)
		s.ExpectGone(ctx, lb)
		Expect(s.LoadBalancers(ctx)).To(HaveLen(1))
	})

	It("names the object that has it", func(ctx context.Context) {
		s.MakeLoadBalancer(ctx, "theirs", "evenkeel.io/cluster=other", "evenkeel.io/object=LoadBalancer/a/b")
		s.StartManager(ctx)
		lb := LoadBalancer("web", named, Adoption[*v1alpha1.LoadBalancer](v1alpha1.AdoptionAlways))
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonConflict, "LoadBalancer/a/b", "other"))
	})

	for how, adopts := range map[string]func(arn string) func(*v1alpha1.LoadBalancer){
		"by its ARN": func(arn string) func(*v1alpha1.LoadBalancer) {
			return adopting(v1alpha1.LoadBalancerAdoption{ARN: arn})
		},
		"by its name": func(string) func(*v1alpha1.LoadBalancer) {
			return adopting(v1alpha1.LoadBalancerAdoption{Name: "theirs"})
		},
		"by policy": func(string) func(*v1alpha1.LoadBalancer) {
			return func(obj *v1alpha1.LoadBalancer) {
				named(obj)
				Adoption[*v1alpha1.LoadBalancer](v1alpha1.AdoptionAlways)(obj)
			}
		},
	} {
		It("takes it over "+how+", changes it to what is declared, and deletes it in the end", func(ctx context.Context) {
			theirs := s.MakeLoadBalancer(ctx, "theirs", "cost=1")
			s.StartManager(ctx)
			lb := LoadBalancer("web", adopts(theirs), tagged, InSubnets(SubnetB, SubnetC))
			s.Create(ctx, lb)
			s.ExpectReady(ctx, lb)
			Expect(Get(ctx, s, lb).Status.ARN).To(Equal(theirs))
			Expect(s.ELBTags(ctx, theirs)).To(Equal(map[string]string{"cost": "1", "team": "a"}))
			Expect(SubnetsOf(s.OnlyLoadBalancer(ctx))).To(Equal([]string{SubnetB, SubnetC}))
			Eventually(s.EventsOf(ctx, lb)).Should(ContainElement(HavePrefix("Adopted: Took over load balancer theirs")))
			s.ExpectQuiet(ctx)
			s.Delete(ctx, lb)
			s.ExpectGone(ctx, lb)
			Expect(s.LoadBalancers(ctx)).To(BeEmpty())
		})
	}

	It("takes it over as it is, or not at all", func(ctx context.Context) {
		theirs := s.MakeLoadBalancer(ctx, "theirs")
		s.StartManager(ctx)
		lb := LoadBalancer("web", named, tagged, Adoption[*v1alpha1.LoadBalancer](v1alpha1.AdoptionIfIdentical))
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonConflict, "tags.team"))
		Edit(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.Tags = nil })
		s.ExpectReady(ctx, lb)
		Expect(Get(ctx, s, lb).Status.ARN).To(Equal(theirs))
	})

	It("says that what is to be adopted is not there, or is another one", func(ctx context.Context) {
		arn := s.MakeLoadBalancer(ctx, "theirs")
		s.StartManager(ctx)
		missing := LoadBalancer("missing", adopting(v1alpha1.LoadBalancerAdoption{Name: "nobodys"}))
		other := NetworkLoadBalancer("other", adopting(v1alpha1.LoadBalancerAdoption{ARN: arn}))
		s.Create(ctx, missing, other)
		Eventually(Live(ctx, s, missing)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "nobodys", "does not exist"))
		Eventually(Live(ctx, s, other)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "type application"))
	})
})

var _ = Describe("The policies of a LoadBalancer", func() {
	s := newStory()
	planning := Managed[*v1alpha1.LoadBalancer](v1alpha1.ManagementPlan)

	It("plan what would be made, and make it when they may", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", planning, WithGroup(Ingress(80, "10.0.0.0/8")), WithAttributes(v1alpha1.LoadBalancerAttributes{IdleTimeoutSeconds: aws.Int32(120)}))
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonPlanOnly, "4 changes are planned"))
		plan := Get(ctx, s, lb).Status.Plan
		Expect(plan[0]).To(And(HaveField("Verb", "Create"), HaveField("Resource", HavePrefix("security group LoadBalancer/"))))
		Expect(plan[1]).To(And(HaveField("Field", "ingress"), HaveField("To", "tcp 80 10.0.0.0/8")))
		Expect(plan[2]).To(And(HaveField("Verb", "Create"), HaveField("Resource", HavePrefix("load balancer "))))
		Expect(plan[3]).To(And(HaveField("Field", "attributes.idle_timeout.timeout_seconds"), HaveField("From", "60"), HaveField("To", "120")))
		Expect(s.WritesSince(nil)).To(BeEmpty())
		Expect(Get(ctx, s, lb).Finalizers).To(BeEmpty())

		Edit(ctx, s, lb, Managed[*v1alpha1.LoadBalancer](v1alpha1.ManagementManage))
		s.ExpectReady(ctx, lb)
		Edit(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) {
			planning(obj)
			obj.Spec.Attributes = nil
		})
		Eventually(Live(ctx, s, lb)).Should(HaveField("Status.Plan", ConsistOf(And(
			HaveField("Verb", "Update"), HaveField("Field", "attributes.idle_timeout.timeout_seconds"), HaveField("From", "120"), HaveField("To", "60")))))

		By("leaving AWS as it is when the object goes")
		s.Delete(ctx, lb)
		s.ExpectGone(ctx, lb)
		Expect(s.LoadBalancers(ctx)).To(HaveLen(1))
	})

	It("give no right to what was only looked at", func(ctx context.Context) {
		theirs := s.MakeLoadBalancer(ctx, "theirs")
		s.StartManager(ctx)
		lb := LoadBalancer("web", planning, func(obj *v1alpha1.LoadBalancer) { obj.Spec.Name = "theirs" },
			Adoption[*v1alpha1.LoadBalancer](v1alpha1.AdoptionAlways))
		s.Create(ctx, lb)
		adopts := ContainElement(HaveField("Verb", "Adopt"))
		Eventually(func() []v1alpha1.PlannedChange { return Get(ctx, s, lb).Status.Plan }).Should(adopts)
		s.ExpectQuiet(ctx)
		Expect(Get(ctx, s, lb).Status.Plan).To(adopts)
		Edit(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.ManagementPolicy, obj.Spec.AdoptionPolicy = v1alpha1.ManagementManage, v1alpha1.AdoptionNever
		})
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonConflict))
		Expect(s.ELBTags(ctx, theirs)).To(BeEmpty())
		Edit(ctx, s, lb, Adoption[*v1alpha1.LoadBalancer](v1alpha1.AdoptionAlways))
		s.ExpectReady(ctx, lb)
		Eventually(s.EventsOf(ctx, lb)).Should(ContainElement(HavePrefix("Adopted: Took over load balancer theirs")))
	})

	It("tell which permission is missing, do the rest, and heal when it is given", func(ctx context.Context) {
		m := s.StartManager(ctx, ManagerOptions{Resync: soon})
		m.Endpoint.Refuse(AccessDeniedTo("DescribeLoadBalancerAttributes"))
		lb := LoadBalancer("web", WithAttributes(v1alpha1.LoadBalancerAttributes{IdleTimeoutSeconds: aws.Int32(120)}))
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonAccessDenied, "elasticloadbalancing:DescribeLoadBalancerAttributes"))
		Edit(ctx, s, lb, InSubnets(SubnetA, SubnetC))
		Eventually(func() []string { return SubnetsOf(s.OnlyLoadBalancer(ctx)) }).Should(Equal([]string{SubnetA, SubnetC}))
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonAccessDenied))
		m.Endpoint.Refuse()
		s.ExpectReady(ctx, lb)
	})

	It("only watch, and tell what differs", func(ctx context.Context) {
		arn := s.MakeLoadBalancer(ctx, "theirs")
		s.StartManager(ctx)
		before := s.WritesSince(nil)
		lb := LoadBalancer("web", Managed[*v1alpha1.LoadBalancer](v1alpha1.ManagementObserve), func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.Adopt = &v1alpha1.LoadBalancerAdoption{ARN: arn}
		})
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonObserveOnly, "as declared"))
		Expect(Get(ctx, s, lb).Status).To(And(HaveField("ARN", arn), HaveField("DNSName", Not(BeEmpty()))))
		Edit(ctx, s, lb, InSubnets(SubnetA, SubnetC))
		Eventually(Live(ctx, s, lb)).Should(HaveReason(v1alpha1.ConditionReady, v1alpha1.ReasonObserveOnly, "differs", "subnetIDs"))
		Expect(s.WritesSince(before)).To(BeEmpty())
	})

	It("repair what others change, and tell it", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resync: soon})
		lb := LoadBalancer("web", WithGroup(Ingress(80, "10.0.0.0/8")))
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		own := *s.SecurityGroups(ctx)[0].GroupId
		s.Open(ctx, own, 22)
		Eventually(func() []string { return RulesOf(s.SecurityGroups(ctx)[0].IpPermissions) }).Should(Equal([]string{"tcp 80-80 10.0.0.0/8"}))
		Eventually(s.EventsOf(ctx, lb)).Should(ContainElement(And(HavePrefix("DriftRepaired: "), ContainSubstring("ingress"))))
	})
})

var _ = Describe("The rules of a LoadBalancer's security group", func() {
	s := newStory()
	from := func(name string) v1alpha1.SecurityGroupRule {
		return v1alpha1.SecurityGroupRule{Protocol: "tcp", Port: aws.Int32(8080), LoadBalancerRefs: []v1alpha1.LoadBalancerReference{{Name: name}}}
	}
	groupOf := func(ctx context.Context, lb *v1alpha1.LoadBalancer) string {
		return Get(ctx, s, lb).Status.SecurityGroup.ID
	}
	rules := func(ctx context.Context, lb *v1alpha1.LoadBalancer) func() []string {
		return func() []string {
			for _, g := range s.SecurityGroups(ctx) {
				if group := Get(ctx, s, lb).Status.SecurityGroup; group != nil && *g.GroupId == group.ID {
					return RulesOf(g.IpPermissions)
				}
			}
			return nil
		}
	}

	It("wait for a LoadBalancer that comes later, while the rest is made", func(ctx context.Context) {
		s.StartManager(ctx)
		inner, outer := LoadBalancer("inner", WithGroup(from("outer"), Ingress(80, "10.0.0.0/8"))), LoadBalancer("outer", WithGroup(from("inner")))
		s.Create(ctx, inner)
		Eventually(Live(ctx, s, inner)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "LoadBalancer outer"))
		Eventually(Live(ctx, s, inner)).Should(HaveField("Status.State", "active"))
		Expect(rules(ctx, inner)()).To(Equal([]string{"tcp 80-80 10.0.0.0/8"}))
		s.Create(ctx, outer)
		s.ExpectReady(ctx, inner, outer)
		Expect(rules(ctx, inner)()).To(ConsistOf("tcp 80-80 10.0.0.0/8", "tcp 8080-8080 "+groupOf(ctx, outer)))
		Expect(rules(ctx, outer)()).To(Equal([]string{"tcp 8080-8080 " + groupOf(ctx, inner)}))
		s.ExpectQuiet(ctx)

		By("letting go of one that is deleted, so that its group can go")
		s.Delete(ctx, outer)
		s.ExpectGone(ctx, outer)
		Expect(rules(ctx, inner)()).To(Equal([]string{"tcp 80-80 10.0.0.0/8"}))
		Eventually(Live(ctx, s, inner)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "LoadBalancer outer"))
		s.Delete(ctx, inner)
		s.ExpectGone(ctx, inner)
		Expect(s.SecurityGroups(ctx)).To(BeEmpty())
	})

	It("do not stand against deleting all at once, in any order", func(ctx context.Context) {
		s.StartManager(ctx)
		a, b := LoadBalancer("a", WithGroup(from("b"))), LoadBalancer("b", WithGroup(from("a")))
		s.Create(ctx, a, b)
		s.ExpectReady(ctx, a, b)
		s.Delete(ctx, client.Object(a), b)
		s.ExpectGone(ctx, a, b)
		Expect(s.SecurityGroups(ctx)).To(BeEmpty())
	})

	It("stand for all groups of a LoadBalancer that has none of its own", func(ctx context.Context) {
		s.StartManager(ctx)
		inner, outer := LoadBalancer("inner", WithGroup(from("outer"))), LoadBalancer("outer")
		s.Create(ctx, inner, outer)
		s.ExpectReady(ctx, inner, outer)
		Expect(rules(ctx, inner)()).To(Equal([]string{"tcp 8080-8080 " + SharedGroup}))
	})

	It("tell what of others keeps a group that is to be deleted", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", WithGroup())
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		s.AuthorizeGroup(ctx, SharedGroup, groupOf(ctx, lb))
		s.Delete(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeWaiting(v1alpha1.ReasonDeletionBlocked, SharedGroup))
		s.RevokeGroup(ctx, SharedGroup, groupOf(ctx, lb))
		s.ExpectGone(ctx, lb)
	})
})
