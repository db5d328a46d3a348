package elbv2_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

type listening = func(*sdk.CreateListenerInput)

func on(protocol types.ProtocolEnum, port int32) listening {
	return func(in *sdk.CreateListenerInput) { in.Protocol, in.Port = protocol, &port }
}

func withCertificates(names ...string) listening {
	return func(in *sdk.CreateListenerInput) {
		for _, name := range names {
			in.Certificates = append(in.Certificates, types.Certificate{CertificateArn: aws.String(certificate(name))})
		}
	}
}

func doing(actions ...types.Action) listening {
	return func(in *sdk.CreateListenerInput) { in.DefaultActions = actions }
}

func redirecting(config types.RedirectActionConfig) listening {
	if config.StatusCode == "" {
		config.StatusCode = types.RedirectActionStatusCodeEnumHttp301
	}
	return doing(types.Action{Type: types.ActionTypeEnumRedirect, RedirectConfig: &config})
}

func oidc() types.Action {
	url := aws.String("https://idp.example.com/")
	return types.Action{Type: types.ActionTypeEnumAuthenticateOidc, AuthenticateOidcConfig: &types.AuthenticateOidcActionConfig{
		Issuer: url, AuthorizationEndpoint: url, TokenEndpoint: url, UserInfoEndpoint: url, ClientId: aws.String("me"), ClientSecret: aws.String("secret"),
		AuthenticationRequestExtraParams: map[string]string{"display": "page"},
	}}
}

func ordered(actions ...types.Action) []types.Action {
	for i := range actions {
		actions[i].Order = aws.Int32(int32(i + 1))
	}
	return actions
}

func (s *sim) createListener(ctx context.Context, balancer types.LoadBalancer, with ...listening) (types.Listener, error) {
	in := &sdk.CreateListenerInput{LoadBalancerArn: balancer.LoadBalancerArn, DefaultActions: respond("200")}
	for _, f := range with {
		f(in)
	}
	out, err := s.CreateListener(ctx, in)
	if err != nil {
		return types.Listener{}, err
	}
	return out.Listeners[0], nil
}

var _ = Describe("Listeners", func() {
	var (
		s        *sim
		balancer types.LoadBalancer
	)
	BeforeEach(func(ctx SpecContext) {
		s = start(elbv2.Quotas{})
		balancer = s.application(ctx, "web")
	})

	It("echo a target group twice, with what is the default", func(ctx SpecContext) {
		group := s.group(ctx, "group")
		made := s.listen(ctx, balancer, 80, forward(group))
		Expect(*made.ListenerArn).To(MatchRegexp(`:listener/app/web/[0-9a-f]{16}/[0-9a-f]{16}$`))
		Expect(made.DefaultActions).To(Equal([]types.Action{{
			Type: types.ActionTypeEnumForward, Order: aws.Int32(1), TargetGroupArn: group.TargetGroupArn,
			ForwardConfig: &types.ForwardActionConfig{
				TargetGroups:                []types.TargetGroupTuple{{TargetGroupArn: group.TargetGroupArn, Weight: aws.Int32(1)}},
				TargetGroupStickinessConfig: &types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)},
			},
		}}))
		Expect(must(s.DescribeListeners(ctx, &sdk.DescribeListenersInput{LoadBalancerArn: balancer.LoadBalancerArn})).Listeners).To(Equal([]types.Listener{made}))
		Expect(s.listen(ctx, balancer, 80, forward(group))).To(Equal(made), "the same again is the same")
		_, err := s.createListener(ctx, balancer, on(types.ProtocolEnumHttp, 80))
		Expect(codeOf(err)).To(Equal("DuplicateListener"))
	})

	It("fill in the parts of a redirection that stay", func(ctx SpecContext) {
		made := must(s.createListener(ctx, balancer, on(types.ProtocolEnumHttp, 80), redirecting(types.RedirectActionConfig{Protocol: aws.String("HTTPS"), Port: aws.String("443")})))
		Expect(made.DefaultActions[0].RedirectConfig).To(Equal(&types.RedirectActionConfig{
			StatusCode: types.RedirectActionStatusCodeEnumHttp301, Protocol: aws.String("HTTPS"), Port: aws.String("443"),
			Host: aws.String("#{host}"), Path: aws.String("/#{path}"), Query: aws.String("#{query}"),
		}))
	})

	It("never give a client secret away, and keep it when told so", func(ctx SpecContext) {
		made := must(s.createListener(ctx, balancer, on(types.ProtocolEnumHttps, 443), withCertificates("a"), doing(ordered(oidc(), respond("200")[0])...)))
		shown := made.DefaultActions[0].AuthenticateOidcConfig
		Expect(shown.ClientSecret).To(BeNil())
		Expect([]any{*shown.Scope, *shown.SessionCookieName, *shown.SessionTimeout, shown.OnUnauthenticatedRequest, shown.AuthenticationRequestExtraParams}).
			To(Equal([]any{"openid", "AWSELBAuthSessionCookie", int64(604800), types.AuthenticateOidcActionConditionalBehaviorEnumAuthenticate, map[string]string{"display": "page"}}))
		kept := oidc()
		kept.AuthenticateOidcConfig.ClientSecret, kept.AuthenticateOidcConfig.UseExistingClientSecret = nil, aws.Bool(true)
		kept.AuthenticateOidcConfig.Scope = aws.String("openid email")
		in := &sdk.ModifyListenerInput{ListenerArn: made.ListenerArn, DefaultActions: ordered(kept, respond("200")[0])}
		must(s.ModifyListener(ctx, in))
		Expect(*s.LoadBalancers()[0].Listeners[0].DefaultActions[0].AuthenticateOidcConfig.ClientSecret).To(Equal("secret"))
		kept.AuthenticateOidcConfig.ClientId = aws.String("other")
		in.DefaultActions = ordered(kept, respond("200")[0])
		_, err := s.ModifyListener(ctx, in)
		Expect(codeOf(err)).To(Equal("ValidationError"))
	})

	It("have a policy, a default certificate, and others for SNI", func(ctx SpecContext) {
		made := must(s.createListener(ctx, balancer, on(types.ProtocolEnumHttps, 443), withCertificates("a")))
		Expect(*made.SslPolicy).To(Equal("ELBSecurityPolicy-2016-08"))
		Expect(*made.MutualAuthentication.Mode).To(Equal("off"))
		b := []types.Certificate{{CertificateArn: aws.String(certificate("b"))}}
		add := &sdk.AddListenerCertificatesInput{ListenerArn: made.ListenerArn, Certificates: b}
		must(s.AddListenerCertificates(ctx, add))
		must(s.AddListenerCertificates(ctx, add))
		listed := must(s.DescribeListenerCertificates(ctx, &sdk.DescribeListenerCertificatesInput{ListenerArn: made.ListenerArn})).Certificates
		Expect(listed).To(Equal([]types.Certificate{
			{CertificateArn: aws.String(certificate("a")), IsDefault: aws.Bool(true)}, {CertificateArn: aws.String(certificate("b")), IsDefault: aws.Bool(false)},
		}))
		Expect(s.CertificateUsers(certificate("b"))).To(Equal([]string{*balancer.LoadBalancerArn}))
		_, err := s.RemoveListenerCertificates(ctx, &sdk.RemoveListenerCertificatesInput{ListenerArn: made.ListenerArn, Certificates: made.Certificates})
		Expect(codeOf(err)).To(Equal("OperationNotPermitted"))
		Expect(messageOf(err)).To(Equal("Default Certificate cannot be removed"))
		must(s.RemoveListenerCertificates(ctx, &sdk.RemoveListenerCertificatesInput{ListenerArn: made.ListenerArn, Certificates: b}))
		Expect(s.CertificateUsers(certificate("b"))).To(BeEmpty())
	})

	It("keep what a modification does not give, and drop what another protocol does not have", func(ctx SpecContext) {
		made := must(s.createListener(ctx, balancer, on(types.ProtocolEnumHttps, 443), withCertificates("a")))
		modify := func(in sdk.ModifyListenerInput) (types.Listener, error) {
			in.ListenerArn = made.ListenerArn
			out, err := s.ModifyListener(ctx, &in)
			if err != nil {
				return types.Listener{}, err
			}
			return out.Listeners[0], nil
		}
		changed := must(modify(sdk.ModifyListenerInput{Port: aws.Int32(8443)}))
		Expect(*changed.Port).To(BeEquivalentTo(8443))
		Expect([]any{changed.Certificates, changed.SslPolicy, changed.DefaultActions}).To(Equal([]any{made.Certificates, made.SslPolicy, made.DefaultActions}))
		plain := must(modify(sdk.ModifyListenerInput{Protocol: types.ProtocolEnumHttp}))
		Expect([]any{plain.Certificates, plain.SslPolicy, plain.MutualAuthentication}).To(Equal([]any{[]types.Certificate(nil), (*string)(nil), (*types.MutualAuthenticationAttributes)(nil)}))
		_, err := modify(sdk.ModifyListenerInput{Protocol: types.ProtocolEnumHttps, Certificates: made.Certificates})
		Expect(codeOf(err)).To(Equal("ValidationError"), "a policy is needed too")
		must(modify(sdk.ModifyListenerInput{Protocol: types.ProtocolEnumHttps, Certificates: made.Certificates, SslPolicy: made.SslPolicy}))
		s.listen(ctx, balancer, 80, respond("404"))
		_, err = modify(sdk.ModifyListenerInput{Port: aws.Int32(80)})
		Expect(codeOf(err)).To(Equal("DuplicateListener"))
	})

	DescribeTable("are refused", func(ctx SpecContext, code string, with ...listening) {
		_, err := s.createListener(ctx, balancer, with...)
		Expect(codeOf(err)).To(Equal(code))
		Expect(messageOf(err)).NotTo(BeEmpty())
	},
		Entry("TCP", "UnsupportedProtocol", on(types.ProtocolEnumTcp, 80)),
		Entry("port 0", "ValidationError", on(types.ProtocolEnumHttp, 0)),
		Entry("HTTPS without a certificate", "ValidationError", on(types.ProtocolEnumHttps, 443)),
		Entry("two default certificates", "ValidationError", on(types.ProtocolEnumHttps, 443), withCertificates("a", "b")),
		Entry("HTTP with a certificate", "ValidationError", on(types.ProtocolEnumHttp, 80), withCertificates("a")),
		Entry("an unknown certificate", "CertificateNotFound", on(types.ProtocolEnumHttps, 443), withCertificates("404")),
		Entry("a certificate that is not issued", "UnsupportedCertificate", on(types.ProtocolEnumHttps, 443), withCertificates("pending")),
		Entry("an unknown policy", "SSLPolicyNotFound", on(types.ProtocolEnumHttps, 443), withCertificates("a"),
			listening(func(in *sdk.CreateListenerInput) { in.SslPolicy = aws.String("mine") })),
		Entry("ALPN", "ValidationError", on(types.ProtocolEnumHttps, 443), withCertificates("a"),
			listening(func(in *sdk.CreateListenerInput) { in.AlpnPolicy = []string{"None"} })),
		Entry("a trust store that is not there", "TrustStoreNotFound", on(types.ProtocolEnumHttps, 443), withCertificates("a"), listening(func(in *sdk.CreateListenerInput) {
			in.MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: aws.String("verify"), TrustStoreArn: aws.String("arn:none")}
		})),
		Entry("no action", "ValidationError", on(types.ProtocolEnumHttp, 80), doing([]types.Action{}...)),
		Entry("an unknown group", "TargetGroupNotFound", on(types.ProtocolEnumHttp, 80), doing(types.Action{Type: types.ActionTypeEnumForward,
			TargetGroupArn: aws.String("arn:aws:elasticloadbalancing:us-east-1:123456789012:targetgroup/none/0123456789abcdef")})),
		Entry("authentication by HTTP", "InvalidLoadBalancerAction", on(types.ProtocolEnumHttp, 80), doing(ordered(oidc(), respond("200")[0])...)),
		Entry("only authentication", "InvalidLoadBalancerAction", on(types.ProtocolEnumHttps, 443), withCertificates("a"), doing(oidc())),
		Entry("two actions without order", "ValidationError", on(types.ProtocolEnumHttps, 443), withCertificates("a"), doing(oidc(), respond("200")[0])),
		Entry("a status of 302", "ValidationError", on(types.ProtocolEnumHttp, 80), doing(respond("302")...)),
		Entry("a loop", "InvalidLoadBalancerAction", on(types.ProtocolEnumHttp, 80), redirecting(types.RedirectActionConfig{Protocol: aws.String("HTTP"), Port: aws.String("80")})),
		Entry("from HTTPS to HTTP", "InvalidLoadBalancerAction", on(types.ProtocolEnumHttps, 443), withCertificates("a"),
			redirecting(types.RedirectActionConfig{Protocol: aws.String("HTTP"), Port: aws.String("80")})),
	)

	It("of network load balancers forward to groups of the protocols that fit", func(ctx SpecContext) {
		balancer := s.networkBalancer(ctx, "net")
		fits := map[types.ProtocolEnum][]types.ProtocolEnum{
			"TCP": {"TCP", "TCP_UDP"}, "UDP": {"TCP_UDP", "UDP"}, "TCP_UDP": {"TCP_UDP"}, "TLS": {"TCP", "TLS"},
		}
		groups := map[types.ProtocolEnum]types.TargetGroup{}
		for _, protocol := range []types.ProtocolEnum{"TCP", "TLS", "UDP", "TCP_UDP", "HTTP"} {
			groups[protocol] = s.group(ctx, "g"+string(protocol[0:1])+fmt.Sprint(len(groups)), func(in *sdk.CreateTargetGroupInput) { in.Protocol = protocol })
		}
		port := int32(1000)
		for listener, allowed := range fits {
			for protocol, group := range groups {
				port++
				with := []listening{on(listener, port), doing(forward(group)...)}
				if listener == types.ProtocolEnumTls {
					with = append(with, withCertificates("a"))
				}
				_, err := s.createListener(ctx, balancer, with...)
				expected := "IncompatibleProtocols"
				if slices.Contains(allowed, protocol) {
					expected = "no error"
				}
				Expect(codeOf(err)).To(Equal(expected), "%s to %s", listener, protocol)
			}
		}
		_, err := s.createListener(ctx, balancer, on(types.ProtocolEnumTcp, 80))
		Expect(codeOf(err)).To(Equal("InvalidLoadBalancerAction"), "a fixed response")
		_, err = s.createListener(ctx, balancer, on(types.ProtocolEnumTls, 443), withCertificates("a"), doing(forward(groups["TCP"])...),
			func(in *sdk.CreateListenerInput) { in.AlpnPolicy = []string{"HTTP3"} })
		Expect(codeOf(err)).To(Equal("ALPNPolicyNotFound"))
	})

	It("are bounded in number, and so are their certificates", func(ctx SpecContext) {
		s := start(elbv2.Quotas{Listeners: 1, Certificates: 1})
		s.acm[certificate("c")] = "ISSUED"
		balancer := s.application(ctx, "web")
		made := must(s.createListener(ctx, balancer, on(types.ProtocolEnumHttps, 443), withCertificates("a")))
		_, err := s.createListener(ctx, balancer, on(types.ProtocolEnumHttp, 80))
		Expect(codeOf(err)).To(Equal("TooManyListeners"))
		_, err = s.AddListenerCertificates(ctx, &sdk.AddListenerCertificatesInput{ListenerArn: made.ListenerArn, Certificates: []types.Certificate{
			{CertificateArn: aws.String(certificate("b"))}, {CertificateArn: aws.String(certificate("c"))}}})
		Expect(codeOf(err)).To(Equal("TooManyCertificates"))
		Expect(s.LoadBalancers()[0].Listeners[0].Certificates).To(HaveLen(1), "none was added")
	})

	It("are not found when they are gone", func(ctx SpecContext) {
		made := s.listen(ctx, balancer, 80, respond("200"))
		must(s.DeleteListener(ctx, &sdk.DeleteListenerInput{ListenerArn: made.ListenerArn}))
		_, err := s.DeleteListener(ctx, &sdk.DeleteListenerInput{ListenerArn: made.ListenerArn})
		Expect(codeOf(err)).To(Equal("ListenerNotFound"))
		_, err = s.DescribeListeners(ctx, &sdk.DescribeListenersInput{ListenerArns: []string{*made.ListenerArn}})
		Expect(messageOf(err)).To(Equal("One or more listeners not found"))
		_, err = s.DescribeListeners(ctx, &sdk.DescribeListenersInput{})
		Expect(codeOf(err)).To(Equal("ValidationError"))
	})
})
