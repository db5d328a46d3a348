package autoscalinggroup

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// visitors ask a listener without a pause, and gather what fails.
type visitors struct {
	done     chan struct{}
	wait     sync.WaitGroup
	answered atomic.Int64
	mu       sync.Mutex
	failures []string
}

func startVisitors(url string) *visitors {
	v := &visitors{done: make(chan struct{})}
	for i := range 3 {
		client := &http.Client{Timeout: 10 * time.Second, Transport: &http.Transport{DisableKeepAlives: i%2 == 0}}
		v.wait.Go(func() {
			for {
				select {
				case <-v.done:
					return
				default:
					v.ask(client, url)
				}
			}
		})
	}
	return v
}

func (v *visitors) ask(client *http.Client, url string) {
	response, err := client.Get(url)
	if err == nil {
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode != http.StatusOK {
			err = fmt.Errorf("answered %s", response.Status)
		}
	}
	if err == nil {
		v.answered.Add(1)
		return
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	v.failures = append(v.failures, err.Error())
}

// more waits until some more requests have been answered.
func (v *visitors) more() {
	GinkgoHelper()
	before := v.answered.Load()
	Eventually(v.answered.Load).WithTimeout(20 * time.Second).Should(BeNumerically(">", before+20))
}

// end sends the visitors home, and returns what failed.
func (v *visitors) end() []string {
	close(v.done)
	v.wait.Wait()
	return v.failures
}

// balance puts the group behind a load balancer, and returns where that listens once all instances are in rotation.
func (f *fleet) balance(ctx context.Context) string {
	GinkgoHelper()
	client := f.clients.ELBV2
	group, err := client.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name: aws.String("web"), Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80), VpcId: aws.String("vpc-0main"),
		HealthCheckIntervalSeconds: aws.Int32(10), HealthyThresholdCount: aws.Int32(2), UnhealthyThresholdCount: aws.Int32(2),
	})
	Expect(err).NotTo(HaveOccurred())
	arn := group.TargetGroups[0].TargetGroupArn
	made, err := client.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
		Name: aws.String("web"), Subnets: []string{"subnet-0a", "subnet-0b"}, SecurityGroups: []string{"sg-0shared"},
	})
	Expect(err).NotTo(HaveOccurred())
	_, err = client.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: made.LoadBalancers[0].LoadBalancerArn, Protocol: elbtypes.ProtocolEnumHttp, Port: aws.Int32(80),
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: arn}},
	})
	Expect(err).NotTo(HaveOccurred())
	_, err = f.others.AttachTrafficSources(ctx, &autoscaling.AttachTrafficSourcesInput{
		AutoScalingGroupName: f.group(ctx).AutoScalingGroupName, TrafficSources: []types.TrafficSourceIdentifier{{Identifier: arn, Type: aws.String("elbv2")}},
	})
	Expect(err).NotTo(HaveOccurred())
	Eventually(func() int {
		out, err := client.DescribeTargetHealth(ctx, &elb.DescribeTargetHealthInput{TargetGroupArn: arn})
		Expect(err).NotTo(HaveOccurred())
		healthy := 0
		for _, one := range out.TargetHealthDescriptions {
			if one.TargetHealth.State == elbtypes.TargetHealthStateEnumHealthy {
				healthy++
			}
		}
		return healthy
	}).WithTimeout(20 * time.Second).Should(Equal(3))
	url := ""
	Eventually(func() string {
		for _, socket := range f.sim.Listeners() {
			if socket.Bound != "" {
				url = "http://" + socket.Bound + "/"
			}
		}
		return url
	}).WithTimeout(20 * time.Second).ShouldNot(BeEmpty())
	return url
}

var _ = Describe("Under a constant stream of requests through a load balancer", func() {
	f := newFleet(func(o *awssim.Options) {
		o.DataPlane, o.MappedListeners, o.Pace = true, true, 200
		o.LoadBalancing = &frame.LoadBalancing{Provisioning: frame.Exactly(time.Millisecond), Registration: frame.Exactly(10 * time.Millisecond), Draining: 50 * time.Millisecond}
		o.AutoScaling.Patience = 5 * time.Second
	})
	watched := func(s *v1alpha1.AutoScalingGroupSpec) {
		s.HealthCheck = &v1alpha1.AutoScalingHealthCheck{Types: []v1alpha1.HealthCheckSource{"ELB"}, GracePeriodSeconds: aws.Int32(60)}
	}

	It("a changed launch template replaces every instance, and no request fails", func(ctx context.Context) {
		f.create(ctx, watched)
		traffic := startVisitors(f.balance(ctx))
		traffic.more()
		f.edit(ctx, image(betterOne))
		f.settle(ctx)
		traffic.more()
		Expect(traffic.end()).To(BeEmpty())
		Expect(f.serving(ctx)).To(Equal(map[string]int{"2": 3}))
		Expect(f.statuses(ctx)).To(Equal([]string{"Successful"}))
	})

	It("a bad one, whose instances are never healthy, is rolled back by itself, and no request fails", func(ctx context.Context) {
		f.create(ctx, watched)
		traffic := startVisitors(f.balance(ctx))
		traffic.more()
		f.edit(ctx, image(brokenOne))
		f.until(ctx, stands(v1alpha1.ReasonRefreshFailed, "It was rolled back"))
		traffic.more()
		Expect(traffic.end()).To(BeEmpty())
		Expect(f.serving(ctx)).To(Equal(map[string]int{"1": 3}))
		Expect(f.version(ctx)).To(Equal("1"))
	})
})
