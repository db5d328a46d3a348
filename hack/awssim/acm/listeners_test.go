package acm_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
)

// balancers is a client of load balancing on the same server.
func (s *sim) balancers() *elb.Client {
	return elb.New(elb.Options{
		Region: "us-east-1", BaseEndpoint: &s.url, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
	})
}

var _ = Describe("Listeners", func() {
	It("take issued certificates only, and keep them from being deleted", func(ctx SpecContext) {
		s := start(awssim.Options{})
		balancers := s.balancers()
		balancer := must(balancers.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
			Name: aws.String("web"), Subnets: []string{"subnet-0a", "subnet-0b"}, SecurityGroups: []string{"sg-0shared"},
		})).LoadBalancers[0].LoadBalancerArn
		s.clock.Advance(time.Minute)
		zone, arn := s.zone(ctx, "example.com"), s.requested(ctx, "example.com")
		listen := &elb.CreateListenerInput{
			LoadBalancerArn: balancer, Port: aws.Int32(443), Protocol: elbtypes.ProtocolEnumHttps,
			Certificates: []elbtypes.Certificate{{CertificateArn: &arn}},
			DefaultActions: []elbtypes.Action{{
				Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("200")},
			}},
		}
		Expect(refusal(balancers.CreateListener(ctx, listen))).To(ContainSubstring("ertificate"))
		s.publish(ctx, zone, s.described(ctx, arn).DomainValidationOptions[0].ResourceRecord)
		s.clock.Advance(5 * time.Second)
		listener := must(balancers.CreateListener(ctx, listen)).Listeners[0].ListenerArn
		Expect(s.described(ctx, arn).InUseBy).To(Equal([]string{*balancer}))
		drop := &sdk.DeleteCertificateInput{CertificateArn: &arn}
		Expect(refusal(s.DeleteCertificate(ctx, drop))).To(Equal("ResourceInUseException: Certificate " + arn + " in account 123456789012 is in use."))
		must(balancers.DeleteListener(ctx, &elb.DeleteListenerInput{ListenerArn: listener}))
		must(s.DeleteCertificate(ctx, drop))
	})
})
