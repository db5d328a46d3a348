package awssim_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
)

// issued is a certificate that its records in a zone validated.
func (s *balancing) issued(ctx context.Context, zone string, names ...string) string {
	GinkgoHelper()
	client := acm.New(acm.Options{Region: "us-east-1", BaseEndpoint: &s.url, Credentials: s.elb.Options().Credentials})
	made, err := client.RequestCertificate(ctx, &acm.RequestCertificateInput{
		DomainName: &names[0], SubjectAlternativeNames: names[1:], ValidationMethod: acmtypes.ValidationMethodDns,
	})
	Expect(err).NotTo(HaveOccurred())
	s.clock.Advance(time.Minute)
	shown, err := client.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: made.CertificateArn})
	Expect(err).NotTo(HaveOccurred())
	record := shown.Certificate.DomainValidationOptions[0].ResourceRecord
	s.mustChange(ctx, zone, create(rrset(*record.Name, types.RRTypeCname, []string{*record.Value})))
	s.clock.Advance(time.Minute)
	shown, err = client.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: made.CertificateArn})
	Expect(err).NotTo(HaveOccurred())
	Expect(shown.Certificate.Status).To(Equal(acmtypes.CertificateStatusIssued))
	return *made.CertificateArn
}

// visitor asks as anybody does on the internet: names are those of the
// simulated DNS, and certificates must be of the simulated authority.
func (s *balancing) visitor(ctx context.Context) *http.Client {
	GinkgoHelper()
	server := s.serveDNS(ctx)
	resolver := &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server)
	}}
	authority, err := s.CertificateAuthority()
	Expect(err).NotTo(HaveOccurred())
	trusted := x509.NewCertPool()
	Expect(trusted.AppendCertsFromPEM([]byte(authority))).To(BeTrue())
	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: trusted, Time: s.clock.Now}, ForceAttemptHTTP2: true}
	client := s.browser(transport)
	direct := transport.DialContext
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil {
			return nil, err
		}
		found, err := resolver.LookupNetIP(ctx, "ip4", host)
		if err != nil {
			return nil, err
		}
		return direct(ctx, network, net.JoinHostPort(found[0].String(), port))
	}
	return client
}

var _ = Describe("A site behind a load balancer", func() {
	It("is found by its name and trusted by its certificate", func(ctx SpecContext) {
		s := startBalancing(awssim.Options{})
		zone := s.zone(ctx, "shop.example")
		group := s.group(ctx, "shop", s.target("welcome", "10.0.1.10:8080"))
		balancer := s.balancer(ctx, "shop")
		certificate := s.issued(ctx, zone, "shop.example", "*.shop.example")
		_, err := s.elb.CreateListener(ctx, &elb.CreateListenerInput{
			LoadBalancerArn: &balancer, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80),
			DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumRedirect, RedirectConfig: &elbtypes.RedirectActionConfig{
				Protocol: aws.String("HTTPS"), Port: aws.String("443"), StatusCode: elbtypes.RedirectActionStatusCodeEnumHttp301,
			}}},
		})
		Expect(err).NotTo(HaveOccurred())
		secure, err := s.elb.CreateListener(ctx, &elb.CreateListenerInput{
			LoadBalancerArn: &balancer, Protocol: elbtypes.ProtocolEnumHttps, Port: aws.Int32(443),
			Certificates:   []elbtypes.Certificate{{CertificateArn: &certificate}},
			DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}},
		})
		Expect(err).NotTo(HaveOccurred())
		_, err = s.elb.CreateRule(ctx, &elb.CreateRuleInput{
			ListenerArn: secure.Listeners[0].ListenerArn, Priority: aws.Int32(20),
			Conditions: []elbtypes.RuleCondition{{Field: aws.String("path-pattern"), Values: []string{"/maintenance*"}}},
			Actions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{
				StatusCode: aws.String("503"), ContentType: aws.String("text/plain"), MessageBody: aws.String("Back soon"),
			}}},
		})
		Expect(err).NotTo(HaveOccurred())
		shown, err := s.elb.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
		Expect(err).NotTo(HaveOccurred())
		for _, name := range []string{"shop.example", "www.shop.example"} {
			s.mustChange(ctx, zone, create(alias(name, types.RRTypeA, *shown.LoadBalancers[0].CanonicalHostedZoneId, *shown.LoadBalancers[0].DNSName)))
		}
		s.clock.Advance(time.Minute)

		client := s.visitor(ctx)
		response, err := client.Get("http://shop.example/cart?item=1")
		Expect(err).NotTo(HaveOccurred())
		Expect(response.Body.Close()).To(Succeed())
		Expect(response).To(SatisfyAll(HaveHTTPStatus(301), HaveHTTPHeaderWithValue("Location", "https://shop.example:443/cart?item=1")))
		for url, expected := range map[string]string{
			"https://shop.example/": "welcome", "https://www.shop.example/cart": "welcome", "https://shop.example/maintenance/now": "Back soon",
		} {
			_, body := get(client, url)
			Expect(body).To(Equal(expected), url)
		}
		_, err = client.Get("https://" + *shown.LoadBalancers[0].DNSName + "/")
		Expect(err).To(MatchError(ContainSubstring("certificate is valid for shop.example, *.shop.example, not shop-")))
	})
})
