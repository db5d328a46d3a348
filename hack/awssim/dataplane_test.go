package awssim_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/dataplane"
)

// balancing is a server whose load balancers forward, with a client of their API.
type balancing struct {
	*sim
	elb *elb.Client
}

func startBalancing(options awssim.Options) *balancing {
	GinkgoHelper()
	options.DataPlane = true
	s := &balancing{sim: start(options)}
	s.elb = elb.New(elb.Options{
		Region: "us-east-1", BaseEndpoint: &s.url, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
	})
	return s
}

// target is an HTTP server that answers with its name, as a target of an
// address in the VPC.
func (s *balancing) target(name, address string) elbtypes.TargetDescription {
	GinkgoHelper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) }))
	DeferCleanup(server.Close)
	Expect(s.SetEndpoint(address, server.Listener.Addr().String())).To(Succeed())
	host, port, err := net.SplitHostPort(address)
	Expect(err).NotTo(HaveOccurred())
	number, err := strconv.Atoi(port)
	Expect(err).NotTo(HaveOccurred())
	return elbtypes.TargetDescription{Id: &host, Port: aws.Int32(int32(number))}
}

func (s *balancing) group(ctx context.Context, name string, targets ...elbtypes.TargetDescription) string {
	GinkgoHelper()
	made, err := s.elb.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name: &name, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(8080), VpcId: aws.String("vpc-0main"),
		TargetType: elbtypes.TargetTypeEnumIp, HealthCheckIntervalSeconds: aws.Int32(10),
	})
	Expect(err).NotTo(HaveOccurred())
	arn := *made.TargetGroups[0].TargetGroupArn
	_, err = s.elb.RegisterTargets(ctx, &elb.RegisterTargetsInput{TargetGroupArn: &arn, Targets: targets})
	Expect(err).NotTo(HaveOccurred())
	return arn
}

func (s *balancing) balancer(ctx context.Context, name string) string {
	GinkgoHelper()
	made, err := s.elb.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
		Name: &name, Subnets: []string{"subnet-0a", "subnet-0b"}, SecurityGroups: []string{"sg-0shared"},
	})
	Expect(err).NotTo(HaveOccurred())
	return *made.LoadBalancers[0].LoadBalancerArn
}

func (s *balancing) healthOf(ctx context.Context, group string) map[string]string {
	GinkgoHelper()
	shown, err := s.elb.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: &group})
	Expect(err).NotTo(HaveOccurred())
	found := map[string]string{}
	for _, one := range shown.TargetHealthDescriptions {
		found[*one.Target.Id] = string(one.TargetHealth.State) + " " + string(one.TargetHealth.Reason)
	}
	return found
}

// browser asks load balancers by their own addresses, wherever they are bound.
func (s *balancing) browser(transport *http.Transport) *http.Client {
	transport.DialContext = func(ctx context.Context, network, address string) (net.Conn, error) {
		bound, ok := s.ListenerAddress(network, address)
		if !ok {
			return nil, fmt.Errorf("nothing listens on %s", address)
		}
		return (&net.Dialer{}).DialContext(ctx, network, bound)
	}
	DeferCleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

func get(client *http.Client, url string) (status int, body string) {
	GinkgoHelper()
	response, err := client.Get(url)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	read, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return response.StatusCode, string(read)
}

// seen reads a page of the control API.
func seen[T any](s *sim, path string) T {
	GinkgoHelper()
	_, body := get(http.DefaultClient, s.url+path)
	var value T
	Expect(json.Unmarshal([]byte(body), &value)).To(Succeed())
	return value
}

func weighted(arn string, weight int32) elbtypes.TargetGroupTuple {
	return elbtypes.TargetGroupTuple{TargetGroupArn: &arn, Weight: &weight}
}

var _ = Describe("Load balancers", func() {
	It("forward to healthy targets, in the declared shares", func(ctx SpecContext) {
		s := startBalancing(awssim.Options{})
		blue := s.group(ctx, "blue", s.target("blue", "10.0.1.10:8080"), s.target("blue", "10.0.1.11:9090"),
			elbtypes.TargetDescription{Id: aws.String("10.0.1.12")})
		green := s.group(ctx, "green", s.target("green", "10.0.2.10:8080"))
		Expect(s.SetEndpoint("10.0.1.12:8080", "127.0.0.1:1")).To(Succeed())
		balancer := s.balancer(ctx, "web")
		_, err := s.elb.CreateListener(ctx, &elb.CreateListenerInput{
			LoadBalancerArn: &balancer, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(8080),
			DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, ForwardConfig: &elbtypes.ForwardActionConfig{
				TargetGroups: []elbtypes.TargetGroupTuple{weighted(blue, 90), weighted(green, 10)},
			}}},
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Listeners()).To(BeEmpty(), "the load balancer is not active yet")
		s.clock.Advance(time.Second)
		s.clock.Advance(time.Minute)
		Expect(s.Listeners()).To(HaveLen(2), "there is one for each zone at once")
		Expect(s.healthOf(ctx, blue)).To(Equal(map[string]string{
			"10.0.1.10": "healthy ", "10.0.1.11": "healthy ", "10.0.1.12": "unhealthy Target.FailedHealthChecks",
		}))
		client := s.browser(&http.Transport{})
		counted := map[string]int{}
		for i := range 100 {
			_, colour := get(client, "http://"+s.Listeners()[i%2].Wanted+"/")
			counted[colour]++
		}
		Expect(counted).To(Equal(map[string]int{"blue": 90, "green": 10}))

		shown := seen[[]dataplane.BalancerStatistics](s.sim, "/_sim/loadbalancers")
		Expect(shown).To(HaveLen(1))
		Expect(shown[0].Requests).To(Equal(int64(100)))
		Expect(shown[0].TargetGroups[0].Targets).To(HaveExactElements(
			HaveField("Requests", int64(45)), HaveField("Requests", int64(45)), HaveField("Requests", int64(0))))
		sockets := seen[[]dataplane.Socket](s.sim, "/_sim/listeners")
		Expect(sockets).To(Equal(s.Listeners()))
		Expect(sockets[0].Wanted).To(MatchRegexp(`^127\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7])\.\d+\.\d+:8080$`))

		_, err = s.elb.DeleteLoadBalancer(ctx, &elb.DeleteLoadBalancerInput{LoadBalancerArn: &balancer})
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Listeners()).To(BeEmpty(), "they are closed when the call returns")
	})

	It("let targets go as soon as they have nothing to do", func(ctx SpecContext) {
		s := startBalancing(awssim.Options{MappedListeners: true})
		only := s.target("only", "10.0.1.10:8080")
		group := s.group(ctx, "one", only)
		balancer := s.balancer(ctx, "web")
		_, err := s.elb.CreateListener(ctx, &elb.CreateListenerInput{
			LoadBalancerArn: &balancer, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(8080),
			DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}},
		})
		Expect(err).NotTo(HaveOccurred())
		s.clock.Advance(time.Second)
		s.clock.Advance(time.Second)
		Expect(s.Listeners()).To(HaveEach(HaveField("Bound", HavePrefix("127.0.0.1:"))))
		client := s.browser(&http.Transport{})
		_, answer := get(client, "http://"+s.Listeners()[0].Wanted+"/")
		Expect(answer).To(Equal("only"))
		_, err = s.elb.DeregisterTargets(ctx, &elb.DeregisterTargetsInput{TargetGroupArn: &group, Targets: []elbtypes.TargetDescription{only}})
		Expect(err).NotTo(HaveOccurred())
		Expect(s.healthOf(ctx, group)).To(BeEmpty())
		status, _ := get(client, "http://"+s.Listeners()[0].Wanted+"/")
		Expect(status).To(Equal(503))
	})

	It("forward to each other", func(ctx SpecContext) {
		s := startBalancing(awssim.Options{})
		group := s.group(ctx, "one", s.target("only", "10.0.1.10:8080"))
		behind := s.balancer(ctx, "web")
		listen := func(balancer, group string, protocol elbtypes.ProtocolEnum, port int32) {
			GinkgoHelper()
			_, err := s.elb.CreateListener(ctx, &elb.CreateListenerInput{
				LoadBalancerArn: &balancer, Protocol: protocol, Port: &port,
				DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}},
			})
			Expect(err).NotTo(HaveOccurred())
		}
		listen(behind, group, elbtypes.ProtocolEnumHttp, 8080)
		s.clock.Advance(time.Minute)
		front, err := s.elb.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
			Name: aws.String("front"), Type: elbtypes.LoadBalancerTypeEnumNetwork, Subnets: []string{"subnet-0a", "subnet-0b"},
		})
		Expect(err).NotTo(HaveOccurred())
		made, err := s.elb.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
			Name: aws.String("web"), Protocol: elbtypes.ProtocolEnumTcp, Port: aws.Int32(8080), VpcId: aws.String("vpc-0main"),
			TargetType: elbtypes.TargetTypeEnumAlb,
		})
		Expect(err).NotTo(HaveOccurred())
		toBalancer := *made.TargetGroups[0].TargetGroupArn
		_, err = s.elb.RegisterTargets(ctx, &elb.RegisterTargetsInput{
			TargetGroupArn: &toBalancer, Targets: []elbtypes.TargetDescription{{Id: &behind}},
		})
		Expect(err).NotTo(HaveOccurred())
		listen(*front.LoadBalancers[0].LoadBalancerArn, toBalancer, elbtypes.ProtocolEnumTcp, 9090)
		s.clock.Advance(time.Minute)
		Expect(s.healthOf(ctx, toBalancer)).To(Equal(map[string]string{behind: "healthy "}))
		client := s.browser(&http.Transport{})
		for _, socket := range s.Listeners() {
			_, answer := get(client, "http://"+socket.Wanted+"/")
			Expect(answer).To(Equal("only"), socket.LoadBalancer)
		}
		Expect(s.Listeners()).To(HaveLen(4))
		_, err = s.elb.DeregisterTargets(ctx, &elb.DeregisterTargetsInput{
			TargetGroupArn: &group, Targets: []elbtypes.TargetDescription{{Id: aws.String("10.0.1.10"), Port: aws.Int32(8080)}},
		})
		Expect(err).NotTo(HaveOccurred())
		s.clock.Advance(time.Minute)
		Expect(s.healthOf(ctx, toBalancer)).To(Equal(map[string]string{behind: "unhealthy Target.FailedHealthChecks"}), "it answers 503")
	})

	It("come and go with the state", func(ctx SpecContext) {
		s := startBalancing(awssim.Options{})
		group := s.group(ctx, "one", s.target("only", "10.0.1.10:8080"))
		balancer := s.balancer(ctx, "web")
		_, err := s.elb.CreateListener(ctx, &elb.CreateListenerInput{
			LoadBalancerArn: &balancer, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(8080),
			DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &group}},
		})
		Expect(err).NotTo(HaveOccurred())
		s.clock.Advance(time.Minute)
		before := s.Listeners()
		Expect(before).To(HaveLen(2))
		saved, err := s.StateJSON()
		Expect(err).NotTo(HaveOccurred())
		s.Reset()
		Expect(s.Listeners()).To(BeEmpty())
		Expect(s.LoadState(saved)).To(Succeed())
		Expect(s.Listeners()).To(Equal(before))
		_, answer := get(s.browser(&http.Transport{}), "http://"+before[0].Wanted+"/")
		Expect(answer).To(Equal("only"))
	})

	It("do not listen where nobody asked for it", func(ctx SpecContext) {
		s := start(awssim.Options{})
		Expect(seen[[]dataplane.Socket](s, "/_sim/listeners")).To(BeEmpty())
		Expect(seen[[]dataplane.BalancerStatistics](s, "/_sim/loadbalancers")).To(BeEmpty())
		_, ok := s.ListenerAddress("tcp", "127.64.0.1:80")
		Expect(ok).To(BeFalse())
	})
})
