package elbv2_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func TestLoadBalancing(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Elastic Load Balancing")
}

// network is EC2 as load balancers need it: vpc-0main with three zones of
// subnets, two security groups of its own and its default one, and EIPs.
type network struct {
	mu         sync.Mutex
	subnets    map[string]elbv2.Subnet
	gateway    bool
	interfaces map[string]elbv2.NewInterface
	released   map[string]time.Time
	refuse     string // the subnet in which no interface can be made
}

func newNetwork() *network {
	n := &network{subnets: map[string]elbv2.Subnet{}, gateway: true, interfaces: map[string]elbv2.NewInterface{}, released: map[string]time.Time{}}
	for i, letter := range []string{"a", "b", "c"} {
		n.subnets["subnet-0"+letter] = elbv2.Subnet{
			ID: "subnet-0" + letter, VpcID: "vpc-0main", Zone: "us-east-1" + letter, ZoneID: fmt.Sprintf("use1-az%d", i+1),
			CIDR: netip.MustParsePrefix(fmt.Sprintf("10.0.%d.0/24", i)), IPv6CIDR: netip.MustParsePrefix(fmt.Sprintf("2001:db8:%d::/64", i)), Free: 200,
		}
	}
	n.add(elbv2.Subnet{ID: "subnet-0a2", VpcID: "vpc-0main", Zone: "us-east-1a", CIDR: netip.MustParsePrefix("10.0.10.0/24"), Free: 200})
	n.add(elbv2.Subnet{ID: "subnet-small", VpcID: "vpc-0main", Zone: "us-east-1b", CIDR: netip.MustParsePrefix("10.0.11.0/28"), Free: 11})
	n.add(elbv2.Subnet{ID: "subnet-full", VpcID: "vpc-0main", Zone: "us-east-1b", CIDR: netip.MustParsePrefix("10.0.12.0/24"), Free: 7})
	n.add(elbv2.Subnet{ID: "subnet-other", VpcID: "vpc-0other", Zone: "us-east-1b", CIDR: netip.MustParsePrefix("10.1.0.0/24"), Free: 200})
	return n
}

func (n *network) add(subnet elbv2.Subnet) { n.subnets[subnet.ID] = subnet }

func (n *network) VPC(_, region, id string) (elbv2.VPC, bool) {
	blocks := map[string][]netip.Prefix{
		"vpc-0main": {netip.MustParsePrefix("10.0.0.0/16"), netip.MustParsePrefix("2001:db8::/32")}, "vpc-0other": {netip.MustParsePrefix("10.1.0.0/16")},
	}[id]
	return elbv2.VPC{ID: id, Blocks: blocks}, blocks != nil && region == "us-east-1"
}

func (n *network) SubnetHolding(_, _, vpcID string, address netip.Addr) (elbv2.Subnet, bool) {
	for _, subnet := range n.subnets {
		if subnet.VpcID == vpcID && subnet.CIDR.Contains(address) {
			return subnet, true
		}
	}
	return elbv2.Subnet{}, false
}

func (n *network) Subnet(_, region, id string) (elbv2.Subnet, bool) {
	subnet, ok := n.subnets[id]
	return subnet, ok && region == "us-east-1"
}

func (n *network) SecurityGroup(_, _, id string) (elbv2.SecurityGroup, bool) {
	vpc, ok := map[string]string{"sg-1": "vpc-0main", "sg-2": "vpc-0main", "sg-default": "vpc-0main", "sg-other": "vpc-0other"}[id]
	return elbv2.SecurityGroup{ID: id, VpcID: vpc, Name: id}, ok
}

func (n *network) DefaultSecurityGroup(_, _, _ string) string { return "sg-default" }

func (n *network) HasInternetGateway(_, _, _ string) bool { return n.gateway }

func (n *network) Allocation(_, _, id string) (elbv2.Allocation, bool) {
	if !strings.HasPrefix(id, "eipalloc-") {
		return elbv2.Allocation{}, false
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	used := false
	for _, made := range n.interfaces {
		used = used || made.AllocationID == id
	}
	return elbv2.Allocation{ID: id, PublicIP: netip.MustParseAddr("203.0.113.7"), InUse: used}, true
}

func (n *network) CreateInterface(wanted elbv2.NewInterface) (elbv2.Interface, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if wanted.SubnetID == n.refuse {
		return elbv2.Interface{}, frame.Errorf("InvalidSubnet", "nothing is left of %s", wanted.SubnetID)
	}
	id := fmt.Sprintf("eni-%d", len(n.interfaces)+len(n.released))
	n.interfaces[id] = wanted
	made := elbv2.Interface{ID: id, PrivateIP: netip.MustParseAddr("10.0.0.9")}
	if wanted.AllocationID != "" {
		made.PublicIP = netip.MustParseAddr("203.0.113.7")
	}
	return made, nil
}

func (n *network) SetInterfaceGroups(id string, groups []string) {
	n.mu.Lock()
	defer n.mu.Unlock()
	changed := n.interfaces[id]
	changed.GroupIDs = groups
	n.interfaces[id] = changed
}

func (n *network) ReleaseInterface(id string, at time.Time) {
	n.mu.Lock()
	defer n.mu.Unlock()
	delete(n.interfaces, id)
	n.released[id] = at
}

// certificates is ACM: what it has is issued, unless it says else.
type certificates map[string]string

func (c certificates) Certificate(_, _, arn string) (elbv2.Certificate, bool) {
	status, ok := c[arn]
	return elbv2.Certificate{ARN: arn, Status: status}, ok
}

func certificate(name string) string {
	return "arn:aws:acm:us-east-1:123456789012:certificate/" + name
}

// sim is the service on a manual clock with a real client in front of it.
type sim struct {
	*elbv2.Service
	*sdk.Client
	clock   *frame.ManualClock
	env     *frame.Environment
	network *network
	acm     certificates
	stale   *time.Duration
}

func start(quotas elbv2.Quotas) *sim {
	GinkgoHelper()
	clock := frame.NewManualClock(time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC))
	s := &sim{clock: clock, network: newNetwork(), acm: certificates{certificate("a"): "ISSUED", certificate("b"): "ISSUED", certificate("pending"): "PENDING_VALIDATION"}}
	s.env = &frame.Environment{
		Clock: clock, Timing: frame.Fast(), Random: frame.NewRandom(1), Identities: frame.NewIdentities(clock),
		VPCs: frame.NewVPCs(), Endpoints: frame.NewEndpoints(nil), Changed: func() {},
	}
	s.Service = elbv2.New(s.env, quotas, s.network, s.acm)
	front := httptest.NewServer(http.HandlerFunc(s.serve))
	DeferCleanup(front.Close)
	DeferCleanup(s.Close)
	s.Client = sdk.NewFromConfig(aws.Config{
		Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
		BaseEndpoint: &front.URL,
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	})
	return s
}

// serve does what the server does around a service, without limits and faults.
func (s *sim) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	definition := s.Definition()
	request := &frame.Request{ID: "request", Service: definition.Name, Region: "us-east-1", HTTP: r, Body: body, Stale: s.stale}
	request.Caller, _ = s.env.Identities.Caller("AKIATEST")
	response, err := func() (frame.Response, error) {
		name, err := definition.Protocol.Route(request)
		if err != nil {
			return frame.Response{}, err
		}
		request.Operation = name
		for _, operation := range definition.Operations {
			if operation.Name != name {
				continue
			}
			in := operation.NewInput()
			if err := definition.Protocol.Decode(request, in); err != nil {
				return frame.Response{}, err
			}
			out, err := operation.Handle(r.Context(), request, in)
			if err != nil {
				return frame.Response{}, err
			}
			return definition.Protocol.Encode(request, out)
		}
		return frame.Response{}, frame.InternalFailure()
	}()
	if err != nil {
		response = definition.Protocol.EncodeError(request.ID, frame.AsError(err))
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body)
}

// codeOf is the code of an AWS error, or says what came instead.
func codeOf(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return "no error"
	case errors.As(err, &api):
		return api.ErrorCode()
	}
	return err.Error()
}

func messageOf(err error) string {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api.ErrorMessage()
	}
	return ""
}

// must gives what a call that cannot fail gives.
func must[T any](out T, err error) T {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return out
}

// application makes an application load balancer in two zones, changed by what is given.
func (s *sim) application(ctx context.Context, name string, with ...func(*sdk.CreateLoadBalancerInput)) types.LoadBalancer {
	GinkgoHelper()
	in := &sdk.CreateLoadBalancerInput{Name: &name, Subnets: []string{"subnet-0a", "subnet-0b"}}
	for _, f := range with {
		f(in)
	}
	return must(s.CreateLoadBalancer(ctx, in)).LoadBalancers[0]
}

// networkBalancer makes a network load balancer in one zone, changed by what is given.
func (s *sim) networkBalancer(ctx context.Context, name string, with ...func(*sdk.CreateLoadBalancerInput)) types.LoadBalancer {
	GinkgoHelper()
	in := &sdk.CreateLoadBalancerInput{Name: &name, Type: types.LoadBalancerTypeEnumNetwork, Subnets: []string{"subnet-0a"}}
	for _, f := range with {
		f(in)
	}
	return must(s.CreateLoadBalancer(ctx, in)).LoadBalancers[0]
}

// group makes a target group of addresses, changed by what is given.
func (s *sim) group(ctx context.Context, name string, with ...func(*sdk.CreateTargetGroupInput)) types.TargetGroup {
	GinkgoHelper()
	in := &sdk.CreateTargetGroupInput{
		Name: &name, Protocol: types.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-0main"), TargetType: types.TargetTypeEnumIp,
	}
	for _, f := range with {
		f(in)
	}
	return must(s.CreateTargetGroup(ctx, in)).TargetGroups[0]
}

func forward(group types.TargetGroup) []types.Action {
	return []types.Action{{Type: types.ActionTypeEnumForward, TargetGroupArn: group.TargetGroupArn}}
}

func respond(status string) []types.Action {
	return []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: &status}}}
}

// listen makes an HTTP listener.
func (s *sim) listen(ctx context.Context, balancer types.LoadBalancer, port int32, actions []types.Action) types.Listener {
	GinkgoHelper()
	return must(s.CreateListener(ctx, &sdk.CreateListenerInput{
		LoadBalancerArn: balancer.LoadBalancerArn, Protocol: types.ProtocolEnumHttp, Port: &port, DefaultActions: actions,
	})).Listeners[0]
}

func (s *sim) register(ctx context.Context, group types.TargetGroup, ids ...string) {
	GinkgoHelper()
	in := &sdk.RegisterTargetsInput{TargetGroupArn: group.TargetGroupArn}
	for _, id := range ids {
		in.Targets = append(in.Targets, types.TargetDescription{Id: &id})
	}
	must(s.RegisterTargets(ctx, in))
}

// health is the state and the reason of each target.
func (s *sim) health(ctx context.Context, group types.TargetGroup) map[string]string {
	GinkgoHelper()
	found := map[string]string{}
	for _, one := range must(s.DescribeTargetHealth(ctx, &sdk.DescribeTargetHealthInput{TargetGroupArn: group.TargetGroupArn})).TargetHealthDescriptions {
		found[*one.Target.Id] = strings.TrimSpace(string(one.TargetHealth.State) + " " + string(one.TargetHealth.Reason))
	}
	return found
}
