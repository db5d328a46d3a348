package dataplane_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dataplane"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func TestDataPlane(t *testing.T) {
	RegisterFailHandler(Fail)
	SetDefaultEventuallyTimeout(10 * time.Second)
	RunSpecs(t, "Data plane of load balancers")
}

// control is a control plane that does as a spec says.
type control struct {
	mu         sync.Mutex
	generation uint64
	balancers  []elbv2.LoadBalancer
	groups     []elbv2.TargetGroup
	reports    []report
	ended      []string
}

// report is what a health check found.
type report struct {
	Target      string
	Healthy     bool
	Reason      types.TargetHealthReasonEnum
	Description string
}

func (c *control) LoadBalancers() []elbv2.LoadBalancer {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]elbv2.LoadBalancer{}, c.balancers...)
}

func (c *control) TargetGroups() []elbv2.TargetGroup {
	c.mu.Lock()
	defer c.mu.Unlock()
	var shown []elbv2.TargetGroup
	for _, g := range c.groups {
		g.Targets = append([]elbv2.Target{}, g.Targets...)
		shown = append(shown, g)
	}
	return shown
}

func (c *control) Generation() uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.generation
}

func (c *control) SetTargetHealth(group, id string, port int32, healthy bool, reason types.TargetHealthReasonEnum, description string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.generation++
	c.reports = append(c.reports, report{fmt.Sprintf("%s %s:%d", group, id, port), healthy, reason, description})
	state := types.TargetHealthStateEnumHealthy
	if !healthy {
		state = types.TargetHealthStateEnumUnhealthy
	}
	for _, g := range c.groups {
		for i := range g.Targets {
			if *g.TargetGroupArn == group && g.Targets[i].ID == id && g.Targets[i].Port == port {
				g.Targets[i].State = state
			}
		}
	}
}

func (c *control) EndDraining(_, id string, port int32) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ended = append(c.ended, fmt.Sprintf("%s:%d", id, port))
}

// reported takes what was reported since the last time.
func (c *control) reported() []report {
	c.mu.Lock()
	defer c.mu.Unlock()
	reports := c.reports
	c.reports = nil
	return reports
}

func (c *control) endedDraining() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.ended...)
}

// world is a control plane with a data plane that follows it.
type world struct {
	*control
	*dataplane.Plane
	clock     *frame.ManualClock
	endpoints *frame.Endpoints
}

var start = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

// begin starts a data plane, with options as they are changed.
func begin(with ...func(*dataplane.Options)) *world {
	GinkgoHelper()
	w := &world{control: &control{}, clock: frame.NewManualClock(start), endpoints: frame.NewEndpoints(nil)}
	options := dataplane.Options{
		ControlPlane: w.control, Clock: w.clock, Random: frame.NewRandom(7), Endpoints: w.endpoints,
		First: frame.Exactly(time.Second), FirstNetwork: frame.Exactly(time.Second), Follow: time.Hour,
	}
	for _, change := range with {
		change(&options)
	}
	w.Plane = dataplane.New(options)
	DeferCleanup(w.Close)
	return w
}

// change edits the control plane and waits until the data plane has followed.
func (w *world) change(edit func(c *control)) {
	GinkgoHelper()
	w.mu.Lock()
	edit(w.control)
	w.generation++
	w.mu.Unlock()
	w.Sync()
}

const (
	arnPrefix = "arn:aws:elasticloadbalancing:us-east-1:123456789012:"
	zoneA     = "us-east-1a"
	zoneB     = "us-east-1b"
)

// application is an application load balancer that is active, with an address
// in each of two zones.
func application(listeners ...elbv2.Listener) elbv2.LoadBalancer {
	return elbv2.LoadBalancer{
		ARN: arnPrefix + "loadbalancer/app/web/0", Name: "web", Region: "us-east-1",
		Type: types.LoadBalancerTypeEnumApplication, State: types.LoadBalancerStateEnumActive,
		Addresses: []elbv2.Address{
			{Zone: zoneA, IP: netip.MustParseAddr("127.64.200.1")}, {Zone: zoneB, IP: netip.MustParseAddr("127.64.200.2")},
		},
		Attributes: map[string]string{}, Listeners: listeners,
	}
}

// network is application of the other type.
func network(listeners ...elbv2.Listener) elbv2.LoadBalancer {
	b := application(listeners...)
	b.ARN, b.Name, b.Type = arnPrefix+"loadbalancer/net/flow/0", "flow", types.LoadBalancerTypeEnumNetwork
	for i := range b.Addresses {
		b.Addresses[i].IP = netip.AddrFrom4([4]byte{127, 64, 201, byte(i + 1)})
	}
	return b
}

func listener(protocol types.ProtocolEnum, port int32, actions ...types.Action) elbv2.Listener {
	return elbv2.Listener{
		ARN: arnPrefix + "listener/" + strconv.Itoa(int(port)), Protocol: protocol, Port: port,
		DefaultActions: actions, Attributes: map[string]string{},
	}
}

// forward sends to groups by name, in turn all of the same weight or as in "blue=9".
func forward(groups ...types.TargetGroupTuple) types.Action {
	return types.Action{Type: types.ActionTypeEnumForward, ForwardConfig: &types.ForwardActionConfig{TargetGroups: groups}}
}

func to(name string, weight int32) types.TargetGroupTuple {
	return types.TargetGroupTuple{TargetGroupArn: aws.String(groupARN(name)), Weight: &weight}
}

func groupARN(name string) string { return arnPrefix + "targetgroup/" + name + "/0" }

// group is a target group of healthy targets, used by both load balancers.
func group(name string, protocol types.ProtocolEnum, targets ...elbv2.Target) elbv2.TargetGroup {
	return elbv2.TargetGroup{
		TargetGroup: types.TargetGroup{
			TargetGroupArn: aws.String(groupARN(name)), TargetGroupName: &name, Protocol: protocol,
			TargetType: types.TargetTypeEnumIp, HealthCheckEnabled: aws.Bool(true), HealthCheckPath: aws.String("/healthz"),
			HealthCheckProtocol: types.ProtocolEnumTcp, HealthCheckIntervalSeconds: aws.Int32(30), HealthCheckPort: aws.String("traffic-port"),
			HealthyThresholdCount: aws.Int32(3), UnhealthyThresholdCount: aws.Int32(2),
			LoadBalancerArns: []string{arnPrefix + "loadbalancer/app/web/0", arnPrefix + "loadbalancer/net/flow/0"},
		},
		Attributes: map[string]string{}, Targets: targets,
	}
}

// at is a healthy target in the first zone.
func at(address string) elbv2.Target {
	GinkgoHelper()
	parsed, err := netip.ParseAddrPort(address)
	Expect(err).NotTo(HaveOccurred())
	return elbv2.Target{
		ID: parsed.Addr().String(), Port: int32(parsed.Port()), Zone: zoneA, State: types.TargetHealthStateEnumHealthy, Registered: start,
	}
}

// inFlight counts what is under way to the target on a port.
func (w *world) inFlight(group string, port int32) int {
	for _, b := range w.Statistics() {
		for _, g := range b.TargetGroups {
			for _, t := range g.Targets {
				if g.Name == group && t.Port == port {
					return int(t.InFlight)
				}
			}
		}
	}
	return 0
}

// server is an HTTP server on this machine that answers with its name.
func server(name string) string {
	GinkgoHelper()
	return serve(func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, name) })
}

func serve(handler http.HandlerFunc) string {
	GinkgoHelper()
	s := httptest.NewServer(handler)
	DeferCleanup(s.Close)
	return s.Listener.Addr().String()
}

// dial connects to where a load balancer listens, wherever it is bound.
func (w *world) dial(ctx context.Context, network, wanted string) (net.Conn, error) {
	bound, ok := w.Bound(network, wanted)
	if !ok {
		return nil, fmt.Errorf("nothing listens on %s", wanted)
	}
	return (&net.Dialer{}).DialContext(ctx, network, bound)
}

const (
	webA  = "127.64.200.1"
	webB  = "127.64.200.2"
	flowA = "127.64.201.1"
)

// client asks the application load balancer, whatever the host of the URL is.
func (w *world) client(change ...func(*http.Transport)) *http.Client {
	transport := &http.Transport{
		DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
			host, port, err := net.SplitHostPort(address)
			if err != nil {
				return nil, err
			}
			if net.ParseIP(host) == nil {
				host = webA
			}
			return w.dial(ctx, network, net.JoinHostPort(host, port))
		},
		TLSClientConfig: &tls.Config{InsecureSkipVerify: true},
	}
	for _, f := range change {
		f(transport)
	}
	DeferCleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport: transport, Timeout: 10 * time.Second,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// answer is what came back.
type answer struct {
	*http.Response
	body string
}

// ask makes a request and reads the whole answer.
func ask(client *http.Client, method, url string, change ...func(*http.Request)) answer {
	GinkgoHelper()
	request, err := http.NewRequest(method, url, nil)
	Expect(err).NotTo(HaveOccurred())
	for _, f := range change {
		f(request)
	}
	response, err := client.Do(request)
	Expect(err).NotTo(HaveOccurred())
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	Expect(err).NotTo(HaveOccurred())
	return answer{response, string(body)}
}

func header(name string, values ...string) func(*http.Request) {
	return func(r *http.Request) { r.Header[name] = values }
}

// certificate is one for some names, signed by itself.
func certificate(names ...string) tls.Certificate {
	GinkgoHelper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	Expect(err).NotTo(HaveOccurred())
	template := &x509.Certificate{
		SerialNumber: big.NewInt(255), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
	}
	raw, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	Expect(err).NotTo(HaveOccurred())
	return tls.Certificate{Certificate: [][]byte{raw}, PrivateKey: key}
}

// certificates are found by what is their ARN in a spec.
func certificates(known map[string]tls.Certificate) func(*dataplane.Options) {
	return func(o *dataplane.Options) {
		o.Certificate = func(arn string) (tls.Certificate, bool) {
			found, ok := known[arn]
			return found, ok
		}
	}
}
