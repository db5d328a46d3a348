package loadbalancer

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// Certificates of IAM, which the local AWS takes as they are.
const (
	certificate1 = "arn:aws:iam::123456789012:server-certificate/one"
	certificate2 = "arn:aws:iam::123456789012:server-certificate/two"
	certificate3 = "arn:aws:iam::123456789012:server-certificate/three"
)

func certificatesOf(arns ...string) []v1alpha1.ListenerCertificate {
	var list []v1alpha1.ListenerCertificate
	for _, arn := range arns {
		list = append(list, v1alpha1.ListenerCertificate{ARN: arn})
	}
	return list
}

// inListener changes the first listener.
func inListener(change func(*v1alpha1.Listener)) func(*spec) {
	return func(s *spec) { change(&s.Listeners[0]) }
}

// secured makes the first listener one of HTTPS.
func secured(s *spec) {
	s.Listeners[0] = v1alpha1.Listener{Port: 443, Protocol: "HTTPS", Certificates: certificatesOf(certificate1), DefaultActions: forward("blue")}
}

// tls makes the first listener one of TLS.
func tls(s *spec) {
	s.Listeners[0].Protocol, s.Listeners[0].Certificates = "TLS", certificatesOf(certificate1)
}

// attributesWith sets attributes of the first listener.
func attributesWith(change func(*v1alpha1.ListenerAttributes)) func(*spec) {
	return inListener(func(l *v1alpha1.Listener) {
		l.Attributes = &v1alpha1.ListenerAttributes{}
		change(l.Attributes)
	})
}

// actionsWith gives the first listener other default actions.
func actionsWith(actions ...v1alpha1.Action) func(*spec) {
	return inListener(func(l *v1alpha1.Listener) { l.DefaultActions = actions })
}

// first is the first listener in AWS, with all that can be read of it.
func (w *world) first(ctx context.Context) *listener {
	GinkgoHelper()
	o := w.observe(ctx)
	Expect(o.listeners).NotTo(BeEmpty())
	return o.listeners[0]
}

// firstState is all of the first listener in AWS that an object can change.
func (w *world) firstState(ctx context.Context) []string {
	GinkgoHelper()
	l := w.first(ctx)
	lines := []string{
		"protocol " + string(l.protocol), "policy " + l.sslPolicy, "alpn " + l.alpn, "mutual " + l.mutual.text(),
		"certificate " + l.certificate, "actions " + actionsText(l.actions),
	}
	out, err := w.others.DescribeListenerAttributes(ctx, &sdk.DescribeListenerAttributesInput{ListenerArn: &l.arn})
	Expect(err).NotTo(HaveOccurred())
	for _, a := range out.Attributes {
		lines = append(lines, *a.Key+"="+aws.ToString(a.Value))
	}
	for _, arn := range w.certificates(ctx, l.arn) {
		lines = append(lines, "sni "+arn)
	}
	for key, value := range l.tags {
		lines = append(lines, "tag "+key+"="+value)
	}
	return lines
}

// certificates are those of a listener beside its default one.
func (w *world) certificates(ctx context.Context, arn string) []string {
	GinkgoHelper()
	out, err := w.others.DescribeListenerCertificates(ctx, &sdk.DescribeListenerCertificatesInput{ListenerArn: &arn})
	Expect(err).NotTo(HaveOccurred())
	var arns []string
	for _, c := range out.Certificates {
		if !aws.ToBool(c.IsDefault) {
			arns = append(arns, *c.CertificateArn)
		}
	}
	slices.Sort(arns)
	return arns
}

func oidc() v1alpha1.Action {
	return v1alpha1.Action{AuthenticateOIDC: &v1alpha1.AuthenticateOIDCAction{
		Issuer: "https://idp.example", AuthorizationEndpoint: "https://idp.example/authorize", TokenEndpoint: "https://idp.example/token",
		UserInfoEndpoint: "https://idp.example/user", ClientID: "shop", ClientSecretRef: v1alpha1.SecretKeyReference{Name: "oidc", Key: "secret"},
	}}
}

func cognito() v1alpha1.Action {
	return v1alpha1.Action{AuthenticateCognito: &v1alpha1.AuthenticateCognitoAction{
		UserPoolARN: "arn:aws:cognito-idp:us-east-1:123456789012:userpool/us-east-1_abc", UserPoolClientID: "client", UserPoolDomain: "shop",
	}}
}

func jwt() v1alpha1.Action {
	return v1alpha1.Action{JWTValidation: &v1alpha1.JWTValidationAction{
		Issuer: "https://idp.example", JWKSEndpoint: "https://idp.example/keys",
		AdditionalClaims: []v1alpha1.JWTClaim{{Name: "scope", Format: "space-separated-values", Values: []v1alpha1.JWTClaimValue{"shop", "admin"}}},
	}}
}

// secret is the Secret that oidc refers to, with a content.
func secret(content string) *corev1.Secret {
	return &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "oidc"}, Data: map[string][]byte{"secret": []byte(content)}}
}

var _ = Describe("Listeners", func() {
	w := newWorld()

	const modifies, sets = "ModifyListener", "ModifyListenerAttributes"
	fixed := v1alpha1.Action{FixedResponse: &v1alpha1.FixedResponseAction{StatusCode: "503", ContentType: "text/html", MessageBody: "Back soon"}}
	query := ""
	redirect := v1alpha1.Action{Redirect: &v1alpha1.RedirectAction{Protocol: "HTTPS", Port: "443", Host: "x.#{host}", Path: "/new", Query: &query, StatusCode: "HTTP_301"}}
	header := func(set func(*v1alpha1.RequestHeaderNames)) func(*spec) {
		return attributesWith(func(a *v1alpha1.ListenerAttributes) {
			a.RequestHeaderNames = &v1alpha1.RequestHeaderNames{}
			set(a.RequestHeaderNames)
		})
	}
	response := func(set func(*v1alpha1.ResponseHeaders)) func(*spec) {
		return attributesWith(func(a *v1alpha1.ListenerAttributes) {
			a.ResponseHeaders = &v1alpha1.ResponseHeaders{}
			set(a.ResponseHeaders)
		})
	}

	DescribeTable("have every field changed by one call and back to AWS's default when it is removed",
		func(ctx context.Context, obj *v1alpha1.LoadBalancer, change func(*spec), calls map[string]int, wants ...string) {
			Expect(w.store.Create(ctx, secret("first"))).To(Succeed())
			w.create(ctx, obj)
			w.settle(ctx)
			before := w.firstState(ctx)
			Expect(w.writes(func() {
				w.edit(ctx, change)
				w.settle(ctx)
			})).To(Equal(calls))
			Expect(w.firstState(ctx)).To(ContainElements(wants))
			w.expectQuiet(ctx)
			w.edit(ctx, func(s *spec) { s.Listeners, s.GatewayListener = obj.Spec.Listeners, obj.Spec.GatewayListener })
			w.settle(ctx)
			Expect(w.firstState(ctx)).To(ConsistOf(before))
			w.expectQuiet(ctx)
		},
		Entry("protocol", webBalancer(), inListener(func(l *v1alpha1.Listener) { l.Protocol, l.Certificates = "HTTPS", certificatesOf(certificate1) }),
			map[string]int{modifies: 1}, "protocol HTTPS", "certificate "+certificate1),
		Entry("protocol of a network load balancer", networkBalancer(), tls, map[string]int{modifies: 1}, "protocol TLS"),
		Entry("TLS policy", webBalancer(secured), inListener(func(l *v1alpha1.Listener) { l.SSLPolicy = "ELBSecurityPolicy-TLS13-1-2-2021-06" }),
			map[string]int{modifies: 1}, "policy ELBSecurityPolicy-TLS13-1-2-2021-06"),
		Entry("default certificate", webBalancer(secured), inListener(func(l *v1alpha1.Listener) { l.Certificates = certificatesOf(certificate2) }),
			map[string]int{modifies: 1}, "certificate "+certificate2),
		Entry("certificates by name", webBalancer(secured), inListener(func(l *v1alpha1.Listener) {
			l.Certificates = certificatesOf(certificate1, certificate2, certificate3)
		}), map[string]int{"AddListenerCertificates": 1}, "sni "+certificate2, "sni "+certificate3),
		Entry("ALPN", networkBalancer(tls), inListener(func(l *v1alpha1.Listener) { l.ALPNPolicy = v1alpha1.ALPNHTTP2Preferred }),
			map[string]int{modifies: 1}, "alpn HTTP2Preferred"),
		Entry("mutual authentication", webBalancer(secured), inListener(func(l *v1alpha1.Listener) {
			l.MutualAuthentication = &v1alpha1.MutualAuthentication{Mode: "passthrough"}
		}), map[string]int{modifies: 1}, "mutual passthrough"),
		Entry("weights", webBalancer(), actionsWith(v1alpha1.Action{Forward: &v1alpha1.ForwardAction{TargetGroups: []v1alpha1.ForwardTargetGroup{{Name: "blue", Weight: aws.Int32(7)}}}}),
			map[string]int{modifies: 1}),
		Entry("stickiness of groups", webBalancer(), actionsWith(v1alpha1.Action{Forward: &v1alpha1.ForwardAction{
			TargetGroups: []v1alpha1.ForwardTargetGroup{{Name: "blue"}}, Stickiness: &v1alpha1.ForwardStickiness{Enabled: true, DurationSeconds: aws.Int32(60)},
		}}), map[string]int{modifies: 1}),
		Entry("a redirect", webBalancer(), actionsWith(redirect), map[string]int{modifies: 1}, "actions redirect HTTP_301 to HTTPS://x.#{host}:443/new?"),
		Entry("a fixed response", webBalancer(), actionsWith(fixed), map[string]int{modifies: 1}, `actions fixed response 503 text/html "Back soon"`),
		Entry("log-in by OIDC", webBalancer(secured), actionsWith(oidc(), fixed), map[string]int{modifies: 1}),
		Entry("log-in by Cognito", webBalancer(secured), actionsWith(cognito(), fixed), map[string]int{modifies: 1}),
		Entry("tokens", webBalancer(secured), actionsWith(jwt(), fixed), map[string]int{modifies: 1}),
		Entry("tags", webBalancer(), inListener(func(l *v1alpha1.Listener) { l.Tags = map[string]v1alpha1.TagValue{"team": "shop"} }),
			map[string]int{"AddTags": 1}, "tag team=shop"),

		Entry("idle time-out", networkBalancer(), attributesWith(func(a *v1alpha1.ListenerAttributes) { a.TCPIdleTimeoutSeconds = aws.Int32(60) }),
			map[string]int{sets: 1}, "tcp.idle_timeout.seconds=60"),
		Entry("idle time-out of a gateway", gatewayBalancer(), func(s *spec) {
			s.GatewayListener.Attributes = &v1alpha1.ListenerAttributes{TCPIdleTimeoutSeconds: aws.Int32(60)}
		}, map[string]int{sets: 1}, "tcp.idle_timeout.seconds=60"),
		Entry("the header Server", webBalancer(), attributesWith(func(a *v1alpha1.ListenerAttributes) { a.ResponseServerHeaderEnabled = aws.Bool(false) }),
			map[string]int{sets: 1}, "routing.http.response.server.enabled=false"),
		Entry("another attribute", webBalancer(), attributesWith(func(a *v1alpha1.ListenerAttributes) {
			a.Other = map[string]v1alpha1.AttributeValue{"routing.http.response.server.enabled": "false"}
		}), map[string]int{sets: 1}, "routing.http.response.server.enabled=false"),
		Entry("response headers", webBalancer(), response(func(h *v1alpha1.ResponseHeaders) {
			*h = v1alpha1.ResponseHeaders{StrictTransportSecurity: "max-age=1", AccessControlAllowOrigin: "*", AccessControlAllowMethods: "GET", AccessControlAllowHeaders: "*",
				AccessControlAllowCredentials: "true", AccessControlExposeHeaders: "*", AccessControlMaxAge: "600", ContentSecurityPolicy: "default-src 'self'",
				XContentTypeOptions: "nosniff", XFrameOptions: "DENY"}
		}), map[string]int{sets: 1}, "routing.http.response.x_frame_options.header_value=DENY", "routing.http.response.access_control_max_age.header_value=600"),
		Entry("request headers", webBalancer(secured), header(func(h *v1alpha1.RequestHeaderNames) {
			*h = v1alpha1.RequestHeaderNames{MTLSClientCertSerialNumber: "A", MTLSClientCertIssuer: "B", MTLSClientCertSubject: "C", MTLSClientCertValidity: "D",
				MTLSClientCertLeaf: "E", MTLSClientCert: "F", TLSVersion: "G", TLSCipherSuite: "H"}
		}), map[string]int{sets: 1}, "routing.http.request.x_amzn_tls_version.header_name=G", "routing.http.request.x_amzn_mtls_clientcert.header_name=F"),
	)

	It("are made with all at once, on another port before the old one goes", func(ctx context.Context) {
		w.create(ctx, webBalancer(secured, inListener(func(l *v1alpha1.Listener) {
			l.SSLPolicy, l.Certificates = "ELBSecurityPolicy-TLS13-1-2-2021-06", certificatesOf(certificate1, certificate2)
			l.MutualAuthentication = &v1alpha1.MutualAuthentication{Mode: "passthrough"}
			l.Attributes = &v1alpha1.ListenerAttributes{ResponseServerHeaderEnabled: aws.Bool(false)}
		})))
		w.settle(ctx)
		Expect(w.firstState(ctx)).To(ContainElements("policy ELBSecurityPolicy-TLS13-1-2-2021-06", "sni "+certificate2, "mutual passthrough", "routing.http.response.server.enabled=false"))
		w.expectQuiet(ctx)
		w.edit(ctx, inListener(func(l *v1alpha1.Listener) { l.Port = 8443 }))
		w.settle(ctx)
		Expect(w.observe(ctx).listeners).To(HaveLen(1))
		Expect(w.first(ctx).port).To(BeEquivalentTo(8443))
		w.expectQuiet(ctx)
	})

	It("leave certificates alone that others added", func(ctx context.Context) {
		w.create(ctx, webBalancer(secured, inListener(func(l *v1alpha1.Listener) { l.Certificates = certificatesOf(certificate1, certificate2) })))
		w.settle(ctx)
		arn := w.first(ctx).arn
		_, err := w.others.AddListenerCertificates(ctx, &sdk.AddListenerCertificatesInput{ListenerArn: &arn, Certificates: []types.Certificate{{CertificateArn: aws.String(certificate3)}}})
		Expect(err).NotTo(HaveOccurred())
		w.edit(ctx, inListener(func(l *v1alpha1.Listener) { l.Certificates = certificatesOf(certificate1) }))
		w.settle(ctx)
		Expect(w.certificates(ctx, arn)).To(Equal([]string{certificate3}))
		w.expectQuiet(ctx)
	})

	It("are repaired when others change or delete them", func(ctx context.Context) {
		w.create(ctx, webBalancer())
		w.settle(ctx)
		arn := w.first(ctx).arn
		_, err := w.others.ModifyListener(ctx, &sdk.ModifyListenerInput{ListenerArn: &arn, DefaultActions: []types.Action{{
			Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("418")},
		}}})
		Expect(err).NotTo(HaveOccurred())
		w.told()
		w.settle(ctx)
		Expect(w.told()).To(ContainElement(HavePrefix(`Normal DriftRepaired Set right what had been changed outside: listener HTTP:80 (defaultActions: fixed response 418 text/plain "" → forward to web-blue-`)))
		_, err = w.others.DeleteListener(ctx, &sdk.DeleteListenerInput{ListenerArn: &arn})
		Expect(err).NotTo(HaveOccurred())
		w.settle(ctx)
		Expect(w.first(ctx).arn).NotTo(Equal(arn))
	})

	It("of others stay, and are told", func(ctx context.Context) {
		w.create(ctx, webBalancer())
		w.settle(ctx)
		theirs := w.addListener(ctx, 8080)
		rule := w.addRule(ctx, 3, w.group(ctx, "blue").arn)
		w.settle(ctx)
		live := w.live(ctx)
		Expect(live.Status.ForeignListeners).To(Equal([]string{"HTTP:8080"}))
		Expect(live.Status.Listeners[0].ForeignRules).To(Equal([]int32{3}))
		Expect(conditionOf(live, v1alpha1.ConditionReady).Message).To(ContainSubstring("1 listener and 1 rule that others added"))
		w.expectQuiet(ctx)

		By("being a conflict where they hold a declared port or priority")
		w.edit(ctx, func(s *spec) {
			other := s.Listeners[0]
			other.Port = 8080
			s.Listeners = append(s.Listeners, other)
		})
		w.settleAs(ctx, v1alpha1.ReasonConflict, "Listener HTTP:8080 exists", "adoptionPolicy")
		w.edit(ctx, func(s *spec) {
			s.Listeners = s.Listeners[:1]
			s.Listeners[0].Rules = []v1alpha1.ListenerRule{pathRuleSpec(3, "/mine", "blue"), pathRuleSpec(4, "/too", "blue")}
		})
		w.settleAs(ctx, v1alpha1.ReasonConflict, "Priority 3 of listener HTTP:80")
		Expect(w.first(ctx).rules).To(HaveLen(1), "the other rule is made all the same")

		By("being taken over when the policy says so")
		w.edit(ctx, func(s *spec) {
			other := s.Listeners[0]
			other.Port, other.Rules = 8080, nil
			s.Listeners = append(s.Listeners, other)
			s.AdoptionPolicy = v1alpha1.AdoptionAlways
		})
		w.settle(ctx)
		o := w.observe(ctx)
		Expect(o.listenerAt(8080).arn).To(Equal(theirs))
		Expect(o.listenerAt(8080).ours).To(BeTrue())
		Expect(o.listenerAt(80).rules[0].arn).To(Equal(rule))
		Expect(w.live(ctx).Status.ForeignListeners).To(BeEmpty())
		w.expectQuiet(ctx)
	})

	It("verify clients by a trust store, and do not any more", func(ctx context.Context) {
		made, err := w.others.CreateTrustStore(ctx, &sdk.CreateTrustStoreInput{
			Name: aws.String("clients"), CaCertificatesBundleS3Bucket: aws.String("bucket"), CaCertificatesBundleS3Key: aws.String("ca.pem"),
		})
		Expect(err).NotTo(HaveOccurred())
		arn := *made.TrustStores[0].TrustStoreArn
		w.create(ctx, webBalancer(secured))
		w.settle(ctx)
		w.edit(ctx, inListener(func(l *v1alpha1.Listener) {
			l.MutualAuthentication = &v1alpha1.MutualAuthentication{
				Mode: v1alpha1.MutualAuthenticationVerify, TrustStoreARN: arn, IgnoreClientCertificateExpiry: aws.Bool(true), AdvertiseTrustStoreCANames: aws.Bool(true),
			}
		}))
		w.settle(ctx)
		Expect(w.first(ctx).mutual).To(Equal(mutual{mode: "verify", trustStore: arn, ignoreExpiry: true, advertise: true}))
		w.expectQuiet(ctx)
		w.edit(ctx, inListener(func(l *v1alpha1.Listener) { l.MutualAuthentication = nil }))
		w.settle(ctx)
		Expect(w.first(ctx).mutual).To(Equal(mutual{mode: "off"}))
		w.expectQuiet(ctx)
	})

	It("stay while others have rules on them", func(ctx context.Context) {
		w.create(ctx, twoPorts())
		w.settle(ctx)
		made := w.addRule(ctx, 7, w.group(ctx, "green").arn)
		w.edit(ctx, func(s *spec) { s.Listeners = s.Listeners[1:] })
		w.settleAs(ctx, v1alpha1.ReasonDeletionBlocked, "Listener HTTP:80 is not declared any more", "1 rule")
		_, err := w.others.DeleteRule(ctx, &sdk.DeleteRuleInput{RuleArn: &made})
		Expect(err).NotTo(HaveOccurred())
		w.settle(ctx)
		Expect(w.observe(ctx).listeners).To(HaveLen(1))
	})

	It("wait for their client secret, get it when it is there, and another one when it changes", func(ctx context.Context) {
		w.create(ctx, webBalancer(secured, actionsWith(oidc(), v1alpha1.Action{FixedResponse: &v1alpha1.FixedResponseAction{StatusCode: "200"}}), func(s *spec) {
			s.Listeners = append(s.Listeners, v1alpha1.Listener{Port: 80, Protocol: "HTTP", DefaultActions: forward("blue")})
		}))
		w.settleAs(ctx, v1alpha1.ReasonReferenceNotFound, "client secret of listener HTTPS:443", "key secret of Secret oidc")
		Expect(w.observe(ctx).listeners).To(HaveLen(1), "the other listener is made all the same")
		Expect(w.store.Create(ctx, secret("s3cr3t-one"))).To(Succeed())
		w.settle(ctx)
		Expect(w.sent(ctx)).To(ConsistOf("s3cr3t-one"))
		hash := w.live(ctx).Status.ClientSecretHashes
		Expect(hash).To(HaveKey("443.default"))
		w.expectQuiet(ctx)
		Expect(w.store.Update(ctx, secret("s3cr3t-two"))).To(Succeed())
		w.settle(ctx)
		Expect(w.sent(ctx)).To(ConsistOf("s3cr3t-two"))
		Expect(w.live(ctx).Status.ClientSecretHashes).NotTo(Equal(hash))
		w.expectQuiet(ctx)
		Expect(fmt.Sprint(w.live(ctx), w.told())).NotTo(ContainSubstring("s3cr3t"))
	})
})

// addListener adds a listener by somebody else's hand.
func (w *world) addListener(ctx context.Context, port int32) string {
	GinkgoHelper()
	out, err := w.others.CreateListener(ctx, &sdk.CreateListenerInput{
		LoadBalancerArn: aws.String(w.live(ctx).Status.ARN), Port: &port, Protocol: types.ProtocolEnumHttp,
		DefaultActions: []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("418")}}},
	})
	Expect(err).NotTo(HaveOccurred())
	return *out.Listeners[0].ListenerArn
}

// pathRuleSpec is a rule of the spec that forwards a path to a target group.
func pathRuleSpec(priority int32, path string, to v1alpha1.TargetGroupName) v1alpha1.ListenerRule {
	return v1alpha1.ListenerRule{
		Priority: priority, Conditions: []v1alpha1.RuleCondition{{PathPattern: []v1alpha1.PathPattern{v1alpha1.PathPattern(path)}}}, Actions: forward(to),
	}
}

// sent are the client secrets that AWS has.
func (w *world) sent(context.Context) []string {
	GinkgoHelper()
	state, err := w.sim.StateJSON()
	Expect(err).NotTo(HaveOccurred())
	return secretsIn(string(state))
}
