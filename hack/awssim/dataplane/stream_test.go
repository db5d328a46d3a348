package dataplane_test

import (
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dataplane"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("A stream of requests", func() {
	It("goes on without a failure while its target group is replaced again and again", func() {
		w := begin(func(o *dataplane.Options) { o.Follow = time.Millisecond })
		colours := []string{"blue", "green"}
		pools := map[string]elbv2.TargetGroup{}
		for _, colour := range colours {
			pools[colour] = group(colour, types.ProtocolEnumHttp, at(server(colour)), at(server(colour)))
		}
		serveFrom := func(names ...string) {
			w.change(func(c *control) {
				var shares []types.TargetGroupTuple
				c.groups = nil
				for _, name := range names {
					shares = append(shares, to(name, 1))
					c.groups = append(c.groups, pools[name])
				}
				c.balancers = []elbv2.LoadBalancer{application(listener(types.ProtocolEnumHttp, 80, forward(shares...)))}
			})
		}
		serveFrom("blue")
		var streaming sync.WaitGroup
		var stop atomic.Bool
		DeferCleanup(func() { stop.Store(true) })
		var answered, failed atomic.Int64
		for range 4 {
			client := w.client()
			streaming.Go(func() {
				for !stop.Load() {
					response, err := client.Get("http://a.example/")
					if err != nil || response.StatusCode != http.StatusOK {
						failed.Add(1)
						continue
					}
					response.Body.Close()
					answered.Add(1)
				}
			})
		}
		for turn := range 20 {
			before := answered.Load()
			former, next := colours[turn%2], colours[(turn+1)%2]
			serveFrom(former, next)
			serveFrom(next, former)
			// The requests that were under way to the former group are done,
			// as those are that came after them.
			Eventually(answered.Load).Should(BeNumerically(">", before+10))
			serveFrom(next)
		}
		stop.Store(true)
		streaming.Wait()
		Expect(failed.Load()).To(BeZero())
		Expect(w.Statistics()[0].Failures).To(BeZero())
	})
})

// BenchmarkSync is a change of one target's health beside 20 load balancers of 100 rules each.
func BenchmarkSync(b *testing.B) {
	RegisterTestingT(b)
	c := &control{groups: []elbv2.TargetGroup{{TargetGroup: types.TargetGroup{TargetGroupArn: new(string)}}}}
	for i := range 20 {
		one := application(listener(types.ProtocolEnumHttp, 80, say("hello")))
		one.ARN, one.Addresses, one.Listeners[0].ARN = fmt.Sprint(i), nil, fmt.Sprint(i)
		for priority := range 100 {
			one.Listeners[0].Rules = append(one.Listeners[0].Rules, elbv2.Rule{
				ARN: fmt.Sprintf("%d/%d", i, priority), Priority: priority, Actions: []types.Action{say("rule")},
				Conditions: []types.RuleCondition{hostHeader("*.example"), pathPattern("/a/*", "/b/*")},
			})
		}
		c.balancers = append(c.balancers, one)
	}
	plane := dataplane.New(dataplane.Options{
		ControlPlane: c, Clock: frame.NewManualClock(start), Random: frame.NewRandom(1), Endpoints: frame.NewEndpoints(nil), Follow: time.Hour,
	})
	defer plane.Close()
	plane.Sync()
	for b.Loop() {
		c.mu.Lock()
		c.generation++
		c.mu.Unlock()
		plane.Sync()
	}
}

// BenchmarkRequest is a request that an application load balancer answers.
func BenchmarkRequest(b *testing.B) {
	RegisterTestingT(b)
	c := &control{balancers: []elbv2.LoadBalancer{application(listener(types.ProtocolEnumHttp, 18080, say("hello")))}}
	plane := dataplane.New(dataplane.Options{
		ControlPlane: c, Clock: frame.RealClock{}, Random: frame.NewRandom(1), Endpoints: frame.NewEndpoints(nil), MappedOnly: true,
	})
	defer plane.Close()
	plane.Sync()
	url := "http://" + plane.Sockets()[0].Bound
	for b.Loop() {
		response, err := http.Get(url)
		if err != nil {
			b.Fatal(err)
		}
		response.Body.Close()
	}
}
