package loadbalancer

import (
	"context"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// streams is how many clients ask at the same time.
const streams = 4

// stream asks a listener without a pause, with a new connection each time and over kept ones, and gathers what fails.
type stream struct {
	done     chan struct{}
	wait     sync.WaitGroup
	answered atomic.Int64
	mu       sync.Mutex
	failures []string
}

func startStream(url string) *stream {
	s := &stream{done: make(chan struct{})}
	for i := range streams {
		client := &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{DisableKeepAlives: i%2 == 0}}
		s.wait.Go(func() {
			for {
				select {
				case <-s.done:
					return
				default:
					s.ask(client, url)
				}
			}
		})
	}
	return s
}

func (s *stream) ask(client *http.Client, url string) {
	failure := ""
	response, err := client.Get(url)
	if err != nil {
		failure = err.Error()
	} else {
		_, err = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if err != nil || response.StatusCode != http.StatusOK {
			failure = fmt.Sprint(response.Status, " ", err)
		}
	}
	if failure == "" {
		s.answered.Add(1)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures = append(s.failures, failure)
}

// end stops the stream, and returns what failed.
func (s *stream) end() []string {
	close(s.done)
	s.wait.Wait()
	return s.failures
}

var _ = Describe("Under a constant stream of requests", func() {
	w := newWorld(func(o *awssim.Options) {
		o.DataPlane, o.MappedListeners, o.Pace = true, true, 500
		o.LoadBalancing = &frame.LoadBalancing{Provisioning: frame.Exactly(time.Millisecond), Registration: frame.Exactly(10 * time.Millisecond), Draining: 20 * time.Millisecond}
	})

	// serve has a target answer on every port that a spec uses, a little late, as real ones do.
	serve := func(secure bool, addresses ...string) {
		handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			time.Sleep(2 * time.Millisecond)
			fmt.Fprint(w, "hello")
		})
		server := httptest.NewUnstartedServer(handler)
		server.Config.ErrorLog = log.New(GinkgoWriter, "", 0)
		if secure {
			server.StartTLS()
		} else {
			server.Start()
		}
		DeferCleanup(server.Close)
		for _, address := range addresses {
			Expect(w.sim.SetEndpoint(address, server.Listener.Addr().String())).To(Succeed())
		}
	}
	targets := targetsAre(v1alpha1.Target{ID: "10.0.1.10"}, v1alpha1.Target{ID: "10.0.1.11"})

	DescribeTable("no request fails while a target group is replaced", func(ctx context.Context, change func(*spec), kills int) {
		serve(false, "10.0.1.10:8080", "10.0.1.11:8080", "10.0.1.10:8081", "10.0.1.11:8081")
		serve(true, "10.0.1.10:8443", "10.0.1.11:8443")
		w.create(ctx, webBalancer(targets))
		w.settle(ctx)
		w.settleHealthy(ctx)
		url := ""
		Eventually(func() string {
			for _, socket := range w.sim.Listeners() {
				if socket.Bound != "" {
					url = "http://" + socket.Bound + "/"
				}
			}
			return url
		}).WithTimeout(10 * time.Second).ShouldNot(BeEmpty())
		before := w.group(ctx, "blue").arn
		traffic := startStream(url)
		Eventually(traffic.answered.Load).WithTimeout(10 * time.Second).Should(BeNumerically(">", 20))
		for n := range kills { // a replacement, there and back, for each call that may be the last
			w.edit(ctx, port(8080+int32(n+1)%2))
			Expect(w.settleKilled(ctx, n+1, awssim.After)).To(BeTrue())
		}
		w.edit(ctx, change)
		w.settle(ctx)
		asked := traffic.answered.Load()
		Eventually(traffic.answered.Load).WithTimeout(10 * time.Second).Should(BeNumerically(">", asked+20))
		Expect(traffic.end()).To(BeEmpty())
		Expect(w.group(ctx, "blue").arn).NotTo(Equal(before))
		Expect(w.observe(ctx).groups).To(HaveLen(1))
	},
		Entry("with another port", port(8081), 0),
		Entry("with another protocol", inBlue(func(g *group) {
			g.Protocol, g.Port, g.HealthCheck = "HTTPS", aws.Int32(8443), &v1alpha1.TargetHealthCheck{Protocol: "HTTPS"}
		}), 0),
		Entry("with another port, by a controller that dies at each call", port(8081), 6),
	)
})
