package dataplane_test

import (
	"context"
	"net"
	"net/http"
	"net/netip"
	"runtime"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dataplane"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

var _ = Describe("Sockets", func() {
	// wanted lists what is listened on.
	wanted := func(w *world) []string {
		var shown []string
		for _, s := range w.Sockets() {
			shown = append(shown, s.Network+" "+s.Wanted)
		}
		return shown
	}

	It("are bound for active load balancers, and follow every change", func(ctx SpecContext) {
		w := begin()
		b := application(listener(types.ProtocolEnumHttp, 8081, say("hello")))
		b.State = types.LoadBalancerStateEnumProvisioning
		set := func() { w.change(func(c *control) { c.balancers = []elbv2.LoadBalancer{b} }) }
		set()
		Expect(w.Sockets()).To(BeEmpty())
		b.State = types.LoadBalancerStateEnumActive
		set()
		Expect(wanted(w)).To(Equal([]string{"tcp 127.64.200.1:8081", "tcp 127.64.200.2:8081"}))
		for _, address := range []string{webA, webB} {
			Expect(ask(w.client(), "GET", "http://"+address+":8081/").body).To(Equal("hello"))
		}
		b.Listeners = []elbv2.Listener{listener(types.ProtocolEnumHttp, 8081, say("other"))}
		b.Listeners[0].Port, b.Addresses = 8082, b.Addresses[:1]
		set()
		Expect(wanted(w)).To(Equal([]string{"tcp 127.64.200.1:8082"}))
		Expect(ask(w.client(), "GET", "http://a.example:8082/").body).To(Equal("other"))
		_, ok := w.Bound("tcp", webA+":8081")
		Expect(ok).To(BeFalse())
		b.Listeners[0].ARN += "/new"
		set()
		Expect(w.Sockets()).To(HaveExactElements(SatisfyAll(HaveField("ListenerARN", b.Listeners[0].ARN), HaveField("Error", BeEmpty()))),
			"a new listener takes over the port of one that goes")
		bound := w.Sockets()[0].Bound
		w.change(func(c *control) { c.balancers = nil })
		_, err := (&net.Dialer{}).DialContext(ctx, "tcp", bound)
		Expect(err).To(MatchError(ContainSubstring("refused")))
	})

	It("follow without being called", func() {
		w := begin(func(o *dataplane.Options) { o.Follow = time.Millisecond })
		w.mu.Lock()
		w.balancers, w.generation = []elbv2.LoadBalancer{application(listener(types.ProtocolEnumHttp, 8081, say("hello")))}, 1
		w.mu.Unlock()
		Eventually(w.Sockets).Should(HaveLen(2))
	})

	It("are those of 127.0.0.1 where the load balancer's own cannot be bound", func() {
		w := begin(func(o *dataplane.Options) { o.MappedOnly = true })
		w.change(func(c *control) {
			c.balancers = []elbv2.LoadBalancer{application(listener(types.ProtocolEnumHttp, 80, redirect(types.RedirectActionConfig{StatusCode: "HTTP_301"})))}
		})
		shown := w.Sockets()
		Expect(shown).To(HaveLen(2))
		Expect(shown[0]).To(SatisfyAll(
			HaveField("Wanted", "127.64.200.1:80"), HaveField("Bound", HavePrefix("127.0.0.1:")), HaveField("Zone", zoneA),
			HaveField("LoadBalancer", "web"), HaveField("Error", "the load balancers' own addresses are not to be bound"),
		))
		Expect(shown[0].Bound).NotTo(HaveSuffix(":80"))
		location := ask(w.client(), "GET", "http://a.example/x").Header.Get("Location")
		Expect(location).To(Equal("http://a.example:80/x"), "the listener knows its own port only")
	})

	It("are elsewhere when another program has the port", func() {
		other, err := net.Listen("tcp", "127.64.200.1:8083")
		if err != nil {
			other, err = net.Listen("tcp", "127.0.0.1:0")
		}
		Expect(err).NotTo(HaveOccurred())
		defer other.Close()
		taken := netip.MustParseAddrPort(other.Addr().String())
		w := begin()
		b := application(listener(types.ProtocolEnumHttp, int32(taken.Port()), say("hello")))
		b.Addresses = []elbv2.Address{{Zone: zoneA, IP: taken.Addr()}}
		w.change(func(c *control) { c.balancers = []elbv2.LoadBalancer{b} })
		Expect(w.Sockets()).To(HaveExactElements(SatisfyAll(
			HaveField("Error", ContainSubstring("address already in use")), HaveField("Bound", HavePrefix("127.0.0.1:")),
		)))
		Expect(ask(w.client(), "GET", "http://"+taken.String()+"/").body).To(Equal("hello"))
	})

	It("are never others than of loopback", func() {
		w := begin()
		b := application(listener(types.ProtocolEnumHttp, 8081, say("hello")))
		b.Addresses = []elbv2.Address{{Zone: zoneA, IP: netip.MustParseAddr("0.0.0.0")}}
		w.change(func(c *control) { c.balancers = []elbv2.LoadBalancer{b} })
		Expect(w.Sockets()).To(HaveExactElements(SatisfyAll(
			HaveField("Bound", BeEmpty()), HaveField("Error", "0.0.0.0 is not a loopback address"))))
		_, ok := w.Bound("tcp", "0.0.0.0:8081")
		Expect(ok).To(BeFalse())
	})

	It("are bounded", func() {
		w := begin(func(o *dataplane.Options) { o.MappedOnly = true })
		b := application()
		for port := range int32(300) {
			b.Listeners = append(b.Listeners, listener(types.ProtocolEnumHttp, 10_000+port, say("hello")))
		}
		w.change(func(c *control) { c.balancers = []elbv2.LoadBalancer{b} })
		bound := 0
		for _, s := range w.Sockets() {
			if s.Bound != "" {
				bound++
				continue
			}
			Expect(s.Error).To(ContainSubstring("512 sockets are bound"))
		}
		Expect(bound).To(Equal(512))
		b.Listeners = b.Listeners[:1]
		w.change(func(c *control) { c.balancers = []elbv2.LoadBalancer{b} })
		Expect(w.Sockets()).To(HaveLen(2))
	})

	It("leave nothing behind", func(ctx SpecContext) {
		hanging := serve(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
		before := runtime.NumGoroutine()
		w := begin(func(o *dataplane.Options) { o.Follow = time.Millisecond })
		web := application(listener(types.ProtocolEnumHttp, 8081, forward(to("blue", 1))))
		flow := network(listener(types.ProtocolEnumTcpUdp, 9001, forward(to("green", 1))))
		w.change(func(c *control) {
			c.balancers = []elbv2.LoadBalancer{web, flow}
			c.groups = []elbv2.TargetGroup{group("blue", types.ProtocolEnumHttp, at(hanging)), group("green", types.ProtocolEnumTcpUdp, at(hanging))}
		})
		client := w.client()
		for range 10 {
			go func() {
				defer GinkgoRecover()
				request, err := http.NewRequestWithContext(context.WithoutCancel(ctx), "GET", "http://a.example:8081/", nil)
				Expect(err).NotTo(HaveOccurred())
				if response, err := client.Do(request); err == nil {
					response.Body.Close()
				}
			}()
			connection, err := w.dial(ctx, "tcp", flowA+":9001")
			Expect(err).NotTo(HaveOccurred())
			defer connection.Close()
			datagrams, err := w.dial(ctx, "udp", flowA+":9001")
			Expect(err).NotTo(HaveOccurred())
			defer datagrams.Close()
			_, err = datagrams.Write([]byte(strings.Repeat("x", 100)))
			Expect(err).NotTo(HaveOccurred())
		}
		port := at(hanging).Port
		underWay := func() int {
			return w.inFlight("blue", port) + w.inFlight("green", port)
		}
		Eventually(underWay).Should(Equal(30))
		began := time.Now()
		w.Close()
		Expect(time.Since(began)).To(BeNumerically("<", time.Second))
		client.CloseIdleConnections()
		Eventually(runtime.NumGoroutine).WithTimeout(5*time.Second).Should(BeNumerically("<=", before+2), "but for the server's own")
		w.change(func(*control) {})
		Expect(w.Sockets()).To(BeEmpty(), "it is closed for ever")
	})
})
