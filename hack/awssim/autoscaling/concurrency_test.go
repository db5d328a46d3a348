package autoscaling_test

import (
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("On the machine's clock", func() {
	var s *sim
	BeforeEach(func() {
		clock := frame.RealClock{}
		s = &sim{world: newWorld()}
		s.world.now = time.Now
		s.env = &frame.Environment{
			Clock: clock, Timing: frame.Fast(), Random: frame.NewRandom(1), Identities: frame.NewIdentities(clock),
			VPCs: frame.NewVPCs(), Endpoints: frame.NewEndpoints(nil), Changed: func() {},
		}
		s.Service = autoscaling.New(s.env, autoscaling.Quotas{}, s.world.needs())
		DeferCleanup(s.Close)
		s.Client = clientOf(http.HandlerFunc(s.serve))
	})

	It("many groups are changed at once, and all settle", func(ctx SpecContext) {
		var workers sync.WaitGroup
		for n := range 8 {
			workers.Go(func() {
				defer GinkgoRecover()
				name := fmt.Sprintf("group-%d", n)
				Expect(s.create(ctx, name, 2, serving)).To(Succeed())
				for desired := range int32(5) {
					must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: &name, DesiredCapacity: &desired}))
					s.Wake()
					s.Groups()
				}
			})
		}
		workers.Wait()
		Eventually(func() map[string]int {
			found := map[string]int{}
			for _, g := range s.Groups() {
				for _, one := range g.Instances {
					if one.LifecycleState == types.LifecycleStateInService {
						found[*g.AutoScalingGroupName]++
					}
				}
			}
			return found
		}).WithTimeout(10 * time.Second).Should(And(HaveLen(8), HaveEach(4)))
	})

	It("a forced deletion waits for no hook", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1, hook("bye", terminating, "CONTINUE"))).To(Succeed())
		Eventually(func() []string { return s.states(ctx) }).WithTimeout(10 * time.Second).Should(Equal([]string{"InService"}))
		must(s.PutLifecycleHook(ctx, &sdk.PutLifecycleHookInput{AutoScalingGroupName: web, LifecycleHookName: aws.String("bye"), HeartbeatTimeout: aws.Int32(7200)}))
		must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(0)}))
		Eventually(func() []string { return s.states(ctx) }).WithTimeout(10 * time.Second).Should(Equal([]string{"Terminating:Wait"}))
		must(s.DeleteAutoScalingGroup(ctx, &sdk.DeleteAutoScalingGroupInput{AutoScalingGroupName: web, ForceDelete: aws.Bool(true)}))
		Eventually(s.Groups).WithTimeout(10 * time.Second).Should(BeEmpty())
	})
})
