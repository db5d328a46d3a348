package controllers_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// clientSecret is what must never be told.
const clientSecret = "open-sesame"

// withTraffic declares two target groups with targets, a listener that logs users in, with rules of several kinds, and
// one that redirects to it.
func withTraffic(obj *v1alpha1.LoadBalancer) {
	group := func(name v1alpha1.TargetGroupName, targets ...v1alpha1.Target) v1alpha1.TargetGroup {
		return v1alpha1.TargetGroup{
			Name: name, Protocol: "HTTP", Port: aws.Int32(8080), TargetType: "ip", Targets: targets,
			HealthCheck: &v1alpha1.TargetHealthCheck{Path: "/healthz"}, Attributes: &v1alpha1.TargetGroupAttributes{DeregistrationDelaySeconds: aws.Int32(30)},
		}
	}
	blue, green := v1alpha1.ForwardTargetGroup{Name: "blue", Weight: aws.Int32(90)}, v1alpha1.ForwardTargetGroup{Name: "green", Weight: aws.Int32(10)}
	shares := v1alpha1.Action{Forward: &v1alpha1.ForwardAction{
		TargetGroups: []v1alpha1.ForwardTargetGroup{blue, green}, Stickiness: &v1alpha1.ForwardStickiness{Enabled: true, DurationSeconds: aws.Int32(3600)},
	}}
	login := v1alpha1.Action{AuthenticateOIDC: &v1alpha1.AuthenticateOIDCAction{
		Issuer: "https://idp.example", AuthorizationEndpoint: "https://idp.example/authorize", TokenEndpoint: "https://idp.example/token",
		UserInfoEndpoint: "https://idp.example/user", ClientID: "shop", ClientSecretRef: v1alpha1.SecretKeyReference{Name: "oidc", Key: "secret"},
	}}
	obj.Spec.TargetGroups = []v1alpha1.TargetGroup{group("blue", v1alpha1.Target{ID: "10.0.1.10"}, v1alpha1.Target{ID: "10.0.1.11", Port: aws.Int32(9090)}), group("green", v1alpha1.Target{ID: "10.0.2.10"})}
	obj.Spec.Listeners = []v1alpha1.Listener{
		{Port: 80, Protocol: "HTTP", DefaultActions: []v1alpha1.Action{{Redirect: &v1alpha1.RedirectAction{Protocol: "HTTPS", Port: "443", StatusCode: "HTTP_301"}}}},
		{Port: 443, Protocol: "HTTPS", Certificates: []v1alpha1.ListenerCertificate{{ARN: "arn:aws:iam::123456789012:server-certificate/shop"}}, DefaultActions: []v1alpha1.Action{shares},
			Rules: []v1alpha1.ListenerRule{
				{Priority: 10, Conditions: []v1alpha1.RuleCondition{{HostHeader: []v1alpha1.HostPattern{"admin.shop.example"}}, {SourceIP: []v1alpha1.SourceCIDR{"10.0.0.0/8"}}},
					Actions: []v1alpha1.Action{login, {Forward: &v1alpha1.ForwardAction{TargetGroups: []v1alpha1.ForwardTargetGroup{{Name: "blue"}}}}}},
				{Priority: 20, Name: "maintenance", Conditions: []v1alpha1.RuleCondition{{PathPattern: []v1alpha1.PathPattern{"/maintenance*"}}},
					Actions: []v1alpha1.Action{{FixedResponse: &v1alpha1.FixedResponseAction{StatusCode: "503", MessageBody: "Back soon"}}}},
			}},
	}
}

// oidcSecret is the Secret that withTraffic refers to.
func oidcSecret(s *Story) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: s.Namespace, Name: "oidc"}, Data: map[string][]byte{"secret": []byte(clientSecret)}}
}

// targetGroupsOf are the target groups in AWS, by port and number of targets.
func targetGroupsOf(ctx context.Context, s *Story) func() ([]string, error) {
	return func() ([]string, error) {
		out, err := s.ELBV2.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
		if err != nil {
			return nil, err
		}
		groups := []string{}
		for _, g := range out.TargetGroups {
			health, err := s.ELBV2.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: g.TargetGroupArn})
			if err != nil {
				return nil, err
			}
			groups = append(groups, fmt.Sprint(*g.Port, " with ", len(health.TargetHealthDescriptions)))
		}
		slices.Sort(groups)
		return groups, nil
	}
}

var _ = Describe("The traffic of a LoadBalancer", func() {
	s := newStory()
	var lb *v1alpha1.LoadBalancer
	BeforeEach(func() { lb = LoadBalancer("shop", withTraffic) })

	It("goes where it is declared, after the secret has come, and everything goes with the object", func(ctx context.Context) {
		s.StartManager(ctx)
		s.Create(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "rule 10 of listener HTTPS:443", "Secret oidc"))
		secret := oidcSecret(s)
		s.Create(ctx, secret)
		s.ExpectReady(ctx, lb)
		live := Get(ctx, s, lb)
		Expect(live.Status.Listeners).To(HaveLen(2))
		Expect(live.Status.Listeners[1].Rules).To(BeEquivalentTo(2))
		Eventually(Live(ctx, s, lb)).Should(HaveField("Status.TargetGroups", HaveEach(HaveField("Healthy", BeNumerically(">", 0)))))
		Expect(live).To(HaveCondition(v1alpha1.ConditionTargetsHealthy, metav1.ConditionTrue))
		Expect(targetGroupsOf(ctx, s)()).To(Equal([]string{"8080 with 1", "8080 with 2"}))
		s.ExpectQuiet(ctx)

		By("following the secret")
		Expect(live.Status.ClientSecretHashes).NotTo(BeEmpty())
		Edit(ctx, s, secret, func(obj *corev1.Secret) { obj.Data["secret"] = []byte(clientSecret + "-again") })
		Eventually(Live(ctx, s, lb)).ShouldNot(HaveField("Status.ClientSecretHashes", live.Status.ClientSecretHashes))
		Eventually(s.EventsOf(ctx, lb)).Should(ContainElement(And(HavePrefix("Updated: "), ContainSubstring("clientSecretRef"))))
		s.ExpectReady(ctx, lb)
		s.ExpectQuiet(ctx)

		told, err := s.EventsOf(ctx, lb)()
		Expect(err).NotTo(HaveOccurred())
		Expect(fmt.Sprint(Get(ctx, s, lb), told)).NotTo(ContainSubstring(clientSecret))
		Expect(told).NotTo(ContainElement(HavePrefix("DriftRepaired: ")))

		s.Delete(ctx, lb)
		s.ExpectGone(ctx, lb)
		Expect(targetGroupsOf(ctx, s)()).To(BeEmpty())
		Expect(s.LoadBalancers(ctx)).To(BeEmpty())
	})

	It("is planned without a secret, and made when it may be", func(ctx context.Context) {
		s.StartManager(ctx)
		lb.Spec.ManagementPolicy = v1alpha1.ManagementPlan
		s.Create(ctx, oidcSecret(s), lb)
		Eventually(Live(ctx, s, lb)).Should(HaveField("Status.Plan", ContainElements(
			HaveField("Resource", "target group blue"), HaveField("Resource", "listener HTTPS:443"), HaveField("Resource", "rule 10 of listener HTTPS:443"))))
		Expect(fmt.Sprint(Get(ctx, s, lb))).NotTo(ContainSubstring(clientSecret))
		Expect(s.LoadBalancers(ctx)).To(BeEmpty())
		Edit(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.ManagementPolicy = v1alpha1.ManagementManage })
		s.ExpectReady(ctx, lb)
	})

	It("moves to the group that replaces another, though the controller dies on the way", func(ctx context.Context) {
		s.Create(ctx, oidcSecret(s), lb)
		for _, call := range []string{"CreateTargetGroup", "RegisterTargets", "ModifyListener", "ModifyRule", "DeregisterTargets", "DeleteTargetGroup"} {
			m := s.StartManager(ctx)
			s.ExpectReady(ctx, lb)
			port := *Get(ctx, s, lb).Spec.TargetGroups[0].Port + 1
			s.KillAtCall(m, ELB+call, After)
			Edit(ctx, s, lb, func(obj *v1alpha1.LoadBalancer) { obj.Spec.TargetGroups[0].Port = &port })
			m.ExpectKilled()
			s.Sim.SetHook(nil)
			again := s.StartManager(ctx)
			Eventually(Live(ctx, s, lb)).Should(BeReady())
			Eventually(targetGroupsOf(ctx, s)).Should(Equal([]string{"8080 with 1", fmt.Sprint(port, " with 2")}), "killed after "+call)
			again.Stop()
		}
	})

	It("that others added stays, and is told", func(ctx context.Context) {
		s.StartManager(ctx)
		s.Create(ctx, oidcSecret(s), lb)
		s.ExpectReady(ctx, lb)
		_, err := s.ELBV2.CreateListener(ctx, &elasticloadbalancingv2.CreateListenerInput{
			LoadBalancerArn: s.OnlyLoadBalancer(ctx).LoadBalancerArn, Port: aws.Int32(8080), Protocol: types.ProtocolEnumHttp,
			DefaultActions: []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("418")}}},
		})
		Expect(err).NotTo(HaveOccurred())
		s.Look(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(HaveField("Status.ForeignListeners", Equal([]string{"HTTP:8080"})))
		s.ExpectReady(ctx, lb)
		s.ExpectQuiet(ctx)
	})
})
