package controllers_test

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("A LoadBalancer", func() {
	s := newStory()

	It("is made, becomes Ready when it is active, and is left alone", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", func(obj *v1alpha1.LoadBalancer) { obj.Spec.Tags = map[string]v1alpha1.TagValue{"team": "shop"} })
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeWaiting(v1alpha1.ReasonWaitingForAWS, "setting up"))
		s.ExpectReady(ctx, lb)
		made := s.OnlyLoadBalancer(ctx)
		Expect(made.State.Code).To(Equal(types.LoadBalancerStateEnumActive))
		Expect(*made.LoadBalancerName).To(HavePrefix(strings.ReplaceAll(s.Namespace, "_", "-")[:10]))
		Expect(s.ELBTags(ctx, *made.LoadBalancerArn)).To(Equal(map[string]string{"team": "shop"}))
		live := Get(ctx, s, lb)
		Expect(live.Status).To(And(
			HaveField("ARN", *made.LoadBalancerArn), HaveField("DNSName", *made.DNSName), HaveField("CanonicalHostedZoneID", *made.CanonicalHostedZoneId),
			HaveField("State", "active"), HaveField("VPCID", VPC1), HaveField("SecurityGroupIDs", []string{SharedGroup}), HaveField("SecurityGroup", BeNil())))
		Expect(live).To(HaveCondition(v1alpha1.ConditionProvisioned, metav1.ConditionTrue))
		Expect(s.Calls(ELB + "CreateLoadBalancer")).To(Equal(1))
		s.ExpectQuiet(ctx)
	})

	It("is deleted with all that was made for it", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", WithGroup(Ingress(80, "0.0.0.0/0")))
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		Expect(s.SecurityGroups(ctx)).To(HaveLen(1))
		s.Delete(ctx, lb)
		s.ExpectGone(ctx, lb)
		Expect(s.LoadBalancers(ctx)).To(BeEmpty())
		Expect(s.SecurityGroups(ctx)).To(BeEmpty())
	})

	It("of type network gets a security group of its own, which lets everything in", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := NetworkLoadBalancer("net")
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		groups := s.SecurityGroups(ctx)
		Expect(groups).To(HaveLen(1))
		Expect(RulesOf(groups[0].IpPermissions)).To(Equal([]string{"-1 0.0.0.0/0", "-1 ::/0"}))
		Expect(s.OnlyLoadBalancer(ctx).SecurityGroups).To(Equal([]string{*groups[0].GroupId}))
		s.ExpectQuiet(ctx)
	})

	It("of type gateway is made too", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("gateway", func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.Type, obj.Spec.SecurityGroupIDs = v1alpha1.LoadBalancerGateway, nil
		})
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		Expect(s.OnlyLoadBalancer(ctx).Type).To(Equal(types.LoadBalancerTypeEnumGateway))
		s.ExpectQuiet(ctx)
	})

	It("is made again when it was deleted outside", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web")
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		first := *s.OnlyLoadBalancer(ctx).LoadBalancerArn
		s.DeleteLoadBalancer(ctx, first)
		s.Look(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(HaveField("Status.ARN", Not(Equal(first))))
		s.ExpectReady(ctx, lb)
		Eventually(s.EventsOf(ctx, lb)).Should(ContainElement(HavePrefix("DriftRepaired: Made again")))
	})

	It("is taken back by its name and tags when the status is lost, or the whole cluster", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", WithGroup(Ingress(80, "0.0.0.0/0")))
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		before := s.OnlyLoadBalancer(ctx)
		s.StopManagers()
		s.Vanish(ctx, lb)
		again := LoadBalancer("web", WithGroup(Ingress(80, "0.0.0.0/0")))
		s.StartManager(ctx)
		s.Create(ctx, again)
		s.ExpectReady(ctx, again)
		Expect(Get(ctx, s, again).Status.ARN).To(Equal(*before.LoadBalancerArn))
		Expect(s.LoadBalancers(ctx)).To(HaveLen(1))
		Expect(s.SecurityGroups(ctx)).To(HaveLen(1))
		s.ExpectQuiet(ctx)
	})

	It("says which of its parts AWS refuses", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", func(obj *v1alpha1.LoadBalancer) {
			for _, name := range []v1alpha1.TargetGroupName{"good", "hasty"} {
				obj.Spec.TargetGroups = append(obj.Spec.TargetGroups, v1alpha1.TargetGroup{Name: name, Protocol: "HTTP", Port: aws.Int32(80)})
			}
			obj.Spec.TargetGroups[1].HealthCheck = &v1alpha1.TargetHealthCheck{IntervalSeconds: aws.Int32(5)}
		})
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "Target group hasty: ", "interval must be greater than the timeout"))
		Edit(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.TargetGroups[1].HealthCheck.TimeoutSeconds = aws.Int32(2) })
		s.ExpectReady(ctx, lb)
	})

	It("is kept when the object is deleted with Retain", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", Retained)
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		s.Delete(ctx, lb)
		s.ExpectGone(ctx, lb)
		Expect(s.LoadBalancers(ctx)).To(HaveLen(1))
	})

	It("is protected from deletion, tells it, and goes once the spec says that it may", func(ctx context.Context) {
		s.StartManager(ctx)
		lb := LoadBalancer("web", WithAttributes(v1alpha1.LoadBalancerAttributes{DeletionProtectionEnabled: aws.Bool(true)}))
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		s.Delete(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeStalled(v1alpha1.ReasonDeletionBlocked, "deletion protection", "deletionProtectionEnabled: false"))
		Expect(s.AttributesOf(ctx, *s.OnlyLoadBalancer(ctx).LoadBalancerArn)).To(HaveKeyWithValue("deletion_protection.enabled", "true"))
		Edit(ctx, s, lb, WithAttributes(v1alpha1.LoadBalancerAttributes{DeletionProtectionEnabled: aws.Bool(false)}))
		s.ExpectGone(ctx, lb)
		Expect(s.LoadBalancers(ctx)).To(BeEmpty())
	})
})
