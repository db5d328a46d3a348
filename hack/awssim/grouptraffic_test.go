package awssim_test

import (
	"context"
	"encoding/json"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	simulated "github.com/evenkeel/evenkeel/hack/awssim/ec2"
)

// servedGroup is a load balancer with an Auto Scaling group of instances behind it.
type servedGroup struct {
	*balancing
	groups *autoscaling.Client
	client *http.Client
	// targets is the ARN of the target group.
	targets string
	turn    atomic.Int64
}

const (
	scalingGroup = "web"
	listenerPort = 8080
)

// serveGroup makes a load balancer of a type whose only listener forwards to a group of three instances, and waits
// until they are healthy.
func serveGroup(ctx context.Context, kind elbtypes.LoadBalancerTypeEnum) *servedGroup {
	GinkgoHelper()
	s := &servedGroup{balancing: startBalancing(awssim.Options{MappedListeners: true})}
	config := aws.Config{
		Region: "us-east-1", BaseEndpoint: &s.url, Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
	}
	s.groups = autoscaling.NewFromConfig(config)
	s.client = s.browser(&http.Transport{DisableKeepAlives: true})
	s.balance(ctx, kind)
	_, err := ec2.NewFromConfig(config).CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String("web"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
			ImageId: aws.String("ami-0123456789abcdef0"), InstanceType: ec2types.InstanceTypeT3Micro,
		},
	})
	Expect(err).NotTo(HaveOccurred())
	_, err = s.groups.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: aws.String(scalingGroup), MinSize: aws.Int32(1), MaxSize: aws.Int32(4), DesiredCapacity: aws.Int32(3),
		VPCZoneIdentifier: aws.String("subnet-0a,subnet-0b"), HealthCheckType: aws.String("ELB"), HealthCheckGracePeriod: aws.Int32(0),
		LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("web")},
		TrafficSources: []types.TrafficSourceIdentifier{{Identifier: &s.targets, Type: aws.String("elbv2")}},
	})
	Expect(err).NotTo(HaveOccurred())
	s.until(func() bool { return len(s.Listeners()) == 2 && len(s.inRotation(ctx)) == 3 })
	return s
}

// balance makes the load balancer, its target group and its listener.
func (s *servedGroup) balance(ctx context.Context, kind elbtypes.LoadBalancerTypeEnum) {
	GinkgoHelper()
	protocol := elbtypes.ProtocolEnumTcp
	if kind == elbtypes.LoadBalancerTypeEnumApplication {
		protocol = elbtypes.ProtocolEnumHttp
	}
	group, err := s.elb.CreateTargetGroup(ctx, &elb.CreateTargetGroupInput{
		Name: aws.String("web"), Protocol: protocol, Port: aws.Int32(80), VpcId: aws.String("vpc-0main"), HealthCheckProtocol: elbtypes.ProtocolEnumHttp,
		HealthCheckIntervalSeconds: aws.Int32(10), HealthyThresholdCount: aws.Int32(2), UnhealthyThresholdCount: aws.Int32(2),
	})
	Expect(err).NotTo(HaveOccurred())
	s.targets = *group.TargetGroups[0].TargetGroupArn
	_, err = s.elb.ModifyTargetGroupAttributes(ctx, &elb.ModifyTargetGroupAttributesInput{
		TargetGroupArn: &s.targets, Attributes: []elbtypes.TargetGroupAttribute{{Key: aws.String("load_balancing.cross_zone.enabled"), Value: aws.String("true")}},
	})
	Expect(err).NotTo(HaveOccurred())
	made, err := s.elb.CreateLoadBalancer(ctx, &elb.CreateLoadBalancerInput{
		Name: aws.String("web"), Type: kind, Subnets: []string{"subnet-0a", "subnet-0b"}, SecurityGroups: []string{"sg-0shared"},
	})
	Expect(err).NotTo(HaveOccurred())
	_, err = s.elb.CreateListener(ctx, &elb.CreateListenerInput{
		LoadBalancerArn: made.LoadBalancers[0].LoadBalancerArn, Protocol: protocol, Port: aws.Int32(listenerPort),
		DefaultActions: []elbtypes.Action{{Type: elbtypes.ActionTypeEnumForward, TargetGroupArn: &s.targets}},
	})
	Expect(err).NotTo(HaveOccurred())
}

// until lets time pass, in small steps, until something is so.
func (s *servedGroup) until(so func() bool) {
	GinkgoHelper()
	for range 400 {
		if so() {
			return
		}
		s.clock.Advance(50 * time.Millisecond)
	}
	Fail("it has not come to that in 20 s of simulated time")
}

// inRotation are the instances whose targets are healthy.
func (s *servedGroup) inRotation(ctx context.Context) []string {
	GinkgoHelper()
	var ids []string
	for id, health := range s.healthOf(ctx, s.targets) {
		if health == "healthy " {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return ids
}

// ask sends one request through the load balancer's zones in turn and tells which instance answered it; "" is none.
func (s *servedGroup) ask() string {
	sockets := s.Listeners()
	response, err := s.client.Get("http://" + sockets[int(s.turn.Add(1))%len(sockets)].Wanted + "/")
	if err != nil {
		return ""
	}
	defer response.Body.Close()
	var answer struct{ InstanceID string }
	if response.StatusCode != http.StatusOK || json.NewDecoder(response.Body).Decode(&answer) != nil {
		return ""
	}
	return answer.InstanceID
}

// answers counts the answers of n requests by instance.
func (s *servedGroup) answers(n int) map[string]int {
	counted := map[string]int{}
	for range n {
		counted[s.ask()]++
	}
	return counted
}

// visit asks without pause while something happens, and counts the requests that were lost. What happens is given
// pause, which waits until some more requests have been sent.
func (s *servedGroup) visit(meanwhile func(pause func())) (lost int64) {
	GinkgoHelper()
	var group sync.WaitGroup
	var all, failed atomic.Int64
	done := make(chan struct{})
	for range 4 {
		group.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				all.Add(1)
				if s.ask() == "" {
					failed.Add(1)
				}
			}
		})
	}
	defer func() {
		close(done)
		group.Wait()
		lost = failed.Load()
	}()
	meanwhile(func() {
		GinkgoHelper()
		Eventually(all.Load).Should(BeNumerically(">", all.Load()+20))
	})
	return 0 // it is counted once all have ended
}

func (s *servedGroup) size(ctx context.Context, n int32) {
	GinkgoHelper()
	_, err := s.groups.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: aws.String(scalingGroup), DesiredCapacity: &n})
	Expect(err).NotTo(HaveOccurred())
}

var _ = Describe("Instances behind a load balancer", func() {
	for _, kind := range []elbtypes.LoadBalancerTypeEnum{elbtypes.LoadBalancerTypeEnumNetwork, elbtypes.LoadBalancerTypeEnumApplication} {
		Context(string(kind), func() {
			It("share the requests; one that dies is replaced", func(ctx SpecContext) {
				s := serveGroup(ctx, kind)
				first := s.inRotation(ctx)
				counted := s.answers(60)
				Expect(counted).To(HaveLen(3))
				for _, id := range first {
					Expect(counted[id]).To(BeNumerically(">=", 5), id)
				}

				Expect(s.KillInstance(first[0])).To(Succeed())
				s.until(func() bool { return !slices.Contains(s.inRotation(ctx), first[0]) })
				Expect(s.answers(30)).NotTo(Or(HaveKey(first[0]), HaveKey("")))
				s.until(func() bool { return len(s.inRotation(ctx)) == 3 })
				replaced := s.inRotation(ctx)
				Expect(replaced).To(ContainElements(first[1:]))
				Expect(s.answers(60)).To(HaveLen(3))
			})

			It("are replaced when their server is broken", func(ctx SpecContext) {
				s := serveGroup(ctx, kind)
				first := s.inRotation(ctx)
				Expect(s.DisturbInstance(first[0], func(d *simulated.Disturbance) { d.StatusCode = http.StatusInternalServerError })).To(Succeed())
				s.until(func() bool { return !slices.Contains(s.inRotation(ctx), first[0]) })
				Expect(s.answers(30)).NotTo(Or(HaveKey(first[0]), HaveKey("")))
				s.until(func() bool {
					rotation := s.inRotation(ctx)
					return len(rotation) == 3 && !slices.Contains(rotation, first[0])
				})
			})

			It("lose no request when the group grows and shrinks", func(ctx SpecContext) {
				s := serveGroup(ctx, kind)
				lost := s.visit(func(pause func()) {
					for _, n := range []int32{4, 1, 4, 2} {
						s.size(ctx, n)
						pause()
						s.until(func() bool { return len(s.healthOf(ctx, s.targets)) == int(n) && len(s.inRotation(ctx)) == int(n) })
						pause()
					}
				})
				Expect(lost).To(BeZero())
				s.until(func() bool { return len(s.Groups()[0].Instances) == 2 })
			})

			It("answer from the other zone when one is out", func(ctx SpecContext) {
				s := serveGroup(ctx, kind)
				Expect(s.FailZone("us-east-1a", true)).To(Succeed())
				s.until(func() bool {
					zones := map[string]bool{}
					for _, one := range s.Instances() {
						if slices.Contains(s.inRotation(ctx), one.ID) {
							zones[one.Zone] = true
						}
					}
					return !zones["us-east-1a"] && len(s.inRotation(ctx)) == 3
				})
				Expect(s.answers(30)).NotTo(HaveKey(""))
				Expect(s.FailZone("us-east-1a", false)).To(Succeed())
				s.until(func() bool { // the zones are evened out
					for _, one := range s.Groups()[0].Instances {
						if *one.AvailabilityZone == "us-east-1a" && slices.Contains(s.inRotation(ctx), *one.InstanceId) {
							return true
						}
					}
					return false
				})
			})
		})
	}
})
