package dataplane_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dataplane"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// checked is a group whose targets are new, checked by HTTP.
func checked(targets ...elbv2.Target) elbv2.TargetGroup {
	g := group("blue", types.ProtocolEnumHttp, targets...)
	g.HealthCheckProtocol = types.ProtocolEnumHttp
	g.HealthCheckTimeoutSeconds = aws.Int32(5)
	for i := range g.Targets {
		g.Targets[i].State = initial
	}
	return g
}

// grpc answers health checks with a status of gRPC.
func grpc(trailer bool, status string) string {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method != "POST" || r.Header.Get("Content-Type") != "application/grpc" || r.ProtoMajor != 2 {
			w.WriteHeader(http.StatusTeapot)
			return
		}
		if trailer {
			w.Header().Set("Trailer", "Grpc-Status")
			w.WriteHeader(http.StatusOK)
			_, _ = w.Write([]byte("\x00\x00\x00\x00\x00"))
		}
		w.Header().Set("Grpc-Status", status)
	}))
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	DeferCleanup(s.Close)
	return s.Listener.Addr().String()
}

// silent accepts connections and says nothing.
func silent() string {
	GinkgoHelper()
	accepting, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(accepting.Close)
	return accepting.Addr().String()
}

var _ = Describe("Health checks", func() {
	DescribeTable("find a target", func(target func() string, edit func(*elbv2.TargetGroup), healthy bool, reason, description string) {
		w := begin(func(o *dataplane.Options) { o.Pace = 20 })
		g := checked(at(target()))
		edit(&g)
		w.change(func(c *control) { c.groups = []elbv2.TargetGroup{g} })
		Expect(w.Probes(g, g.Targets[0])).To(BeTrue())
		w.clock.Advance(3 * time.Second)
		Expect(w.reported()).To(HaveExactElements(report{
			fmt.Sprintf("%s 127.0.0.1:%d", groupARN("blue"), g.Targets[0].Port), healthy, types.TargetHealthReasonEnum(reason), description,
		}))
	},
		Entry("well", func() string { return server("") }, func(*elbv2.TargetGroup) {}, true, "", ""),
		Entry("well by another code", func() string { return answering(204) }, matcher("200,202-204"), true, "", ""),
		Entry("ill by its code", func() string { return answering(503) }, matcher("200-299"), false, "Target.ResponseCodeMismatch",
			"Health checks failed with these codes: [503]"),
		Entry("ill when it redirects", func() string { return answering(302) }, func(*elbv2.TargetGroup) {}, false, "Target.ResponseCodeMismatch",
			"Health checks failed with these codes: [302]"),
		Entry("ill when it is not there", func() string { return "127.0.0.1:1" }, func(*elbv2.TargetGroup) {}, false,
			"Target.FailedHealthChecks", "Health checks failed"),
		Entry("ill when it is silent", silent, func(*elbv2.TargetGroup) {}, false, "Target.Timeout", "Request timed out"),
		Entry("ill in the words of a network load balancer", func() string { return answering(503) }, func(g *elbv2.TargetGroup) {
			g.Protocol = types.ProtocolEnumTcp
		}, false, "Target.FailedHealthChecks", "Health checks failed"),
		Entry("well by its connection", silent, func(g *elbv2.TargetGroup) {
			g.Protocol, g.HealthCheckProtocol = types.ProtocolEnumTcp, types.ProtocolEnumTcp
		}, true, "", ""),
		Entry("well when gRPC is not implemented", func() string { return grpc(true, "12") }, isGRPC(""), true, "", ""),
		Entry("well when gRPC says so at once", func() string { return grpc(false, "0") }, isGRPC("0-5"), true, "", ""),
		Entry("ill by its status of gRPC", func() string { return grpc(true, "14") }, isGRPC("0-5"), false, "Target.ResponseCodeMismatch",
			"Health checks failed with these codes: [14]"),
		Entry("ill when it is not gRPC", func() string { return answering(200) }, isGRPC("0-5"), false, "Target.FailedHealthChecks", "Health checks failed"),
		Entry("well on another port", func() string { return "127.0.0.1:1" }, func(g *elbv2.TargetGroup) {
			_, port, _ := net.SplitHostPort(server(""))
			g.HealthCheckPort = &port
		}, true, "", ""),
	)

	It("look at the path, as the load balancer", func() {
		var seen atomic.Value
		w := begin()
		g := checked(at(serve(func(_ http.ResponseWriter, r *http.Request) { seen.Store(r.Host + r.RequestURI + " " + r.UserAgent()) })))
		w.change(func(c *control) { c.groups = []elbv2.TargetGroup{g} })
		w.clock.Advance(time.Second)
		Expect(seen.Load()).To(Equal("127.0.0.1:" + strconv.Itoa(int(g.Targets[0].Port)) + "/healthz ELB-HealthChecker/2.0"))
	})

	It("count to their thresholds", func() {
		var ill atomic.Bool
		w := begin()
		g := checked(at(serve(func(w http.ResponseWriter, _ *http.Request) {
			if ill.Load() {
				w.WriteHeader(http.StatusInternalServerError)
			}
		})))
		w.change(func(c *control) { c.groups = []elbv2.TargetGroup{g} })
		var story []string
		probe := func(wait time.Duration) {
			w.clock.Advance(wait)
			w.Sync()
			found := "-"
			for _, r := range w.reported() {
				found = strconv.FormatBool(r.Healthy)
			}
			story = append(story, found)
		}
		probe(time.Second)
		ill.Store(true)
		probe(30 * time.Second)
		probe(30 * time.Second)
		probe(30 * time.Second)
		ill.Store(false)
		probe(30 * time.Second)
		probe(30 * time.Second)
		ill.Store(true)
		probe(30 * time.Second)
		ill.Store(false)
		for range 4 {
			probe(30 * time.Second)
		}
		Expect(story).To(Equal([]string{"true", "-", "false", "-", "-", "-", "-", "-", "-", "true", "-"}))
	})

	It("begin anew with a new registration", func() {
		w := begin()
		g := checked(at(answering(500)))
		w.change(func(c *control) { c.groups = []elbv2.TargetGroup{g} })
		w.clock.Advance(31 * time.Second)
		Expect(w.reported()).To(HaveLen(1))
		w.change(func(c *control) {
			c.groups[0].Targets[0].State, c.groups[0].Targets[0].Registered = initial, w.clock.Now()
		})
		w.clock.Advance(30 * time.Second)
		Expect(w.reported()).To(BeEmpty())
		w.clock.Advance(time.Second)
		Expect(w.reported()).To(HaveLen(1))
	})

	It("follow another interval at once", func() {
		w := begin()
		g := checked(at(server("")))
		g.HealthCheckIntervalSeconds = aws.Int32(300)
		var probes atomic.Int32
		g.Targets[0] = at(serve(func(http.ResponseWriter, *http.Request) { probes.Add(1) }))
		w.change(func(c *control) { c.groups = []elbv2.TargetGroup{g} })
		w.clock.Advance(10 * time.Second)
		Expect(probes.Load()).To(Equal(int32(1)))
		w.change(func(c *control) { c.groups[0].HealthCheckIntervalSeconds = aws.Int32(10) })
		w.clock.Advance(30 * time.Second)
		Expect(probes.Load()).To(Equal(int32(4)))
	})

	It("connect to nothing outside of this machine, and find it well", func() {
		w := begin()
		outside := at("10.0.1.10:80")
		g := checked(outside)
		Expect(w.Probes(g, outside)).To(BeFalse())
		w.change(func(c *control) { c.groups = []elbv2.TargetGroup{g} })
		w.clock.Advance(time.Second)
		Expect(w.reported()).To(HaveExactElements(HaveField("Healthy", true)))
		Expect(w.endpoints.Set("10.0.1.10:80", answering(500))).To(Succeed())
		Expect(w.Probes(g, outside)).To(BeTrue())
		w.clock.Advance(time.Minute)
		Expect(w.reported()).To(HaveExactElements(HaveField("Healthy", false)))
	})

	It("find instances where they are", func() {
		target := at(answering(503))
		w := begin(func(o *dataplane.Options) {
			o.Instance = func(id string) (string, bool) { return "127.0.0.1", id == "i-0123" }
		})
		g := checked(target)
		g.TargetType = types.TargetTypeEnumInstance
		g.Targets[0].ID = "i-0123"
		Expect(w.Probes(g, g.Targets[0])).To(BeTrue())
		w.change(func(c *control) { c.groups = []elbv2.TargetGroup{g} })
		w.clock.Advance(time.Minute)
		Expect(w.reported()).To(HaveExactElements(HaveField("Target", fmt.Sprintf("%s i-0123:%d", groupARN("blue"), target.Port))))
		stranger := g.Targets[0]
		stranger.ID = "i-0999"
		Expect(w.Probes(g, stranger)).To(BeFalse())
	})

	DescribeTable("leave alone", func(edit func(*elbv2.TargetGroup)) {
		w := begin()
		g := checked(at(answering(500)))
		edit(&g)
		w.change(func(c *control) { c.groups = []elbv2.TargetGroup{g} })
		w.clock.Advance(time.Hour)
		Expect(w.reported()).To(BeEmpty())
	},
		Entry("a group that nothing uses", func(g *elbv2.TargetGroup) { g.LoadBalancerArns = nil }),
		Entry("a group without health checks", func(g *elbv2.TargetGroup) { g.HealthCheckEnabled = aws.Bool(false) }),
		Entry("functions", func(g *elbv2.TargetGroup) { g.TargetType = types.TargetTypeEnumLambda }),
		Entry("targets that drain", func(g *elbv2.TargetGroup) { g.Targets[0].State = draining }),
		Entry("targets that are not in use", func(g *elbv2.TargetGroup) { g.Targets[0].State = unused }),
		Entry("targets that have gone", func(g *elbv2.TargetGroup) { g.Targets = nil }),
	)
})

func answering(status int) string {
	return serve(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(status) })
}

func matcher(codes string) func(*elbv2.TargetGroup) {
	return func(g *elbv2.TargetGroup) { g.Matcher = &types.Matcher{HttpCode: &codes} }
}

func isGRPC(codes string) func(*elbv2.TargetGroup) {
	return func(g *elbv2.TargetGroup) {
		g.ProtocolVersion = aws.String("GRPC")
		if codes != "" {
			g.Matcher = &types.Matcher{GrpcCode: &codes}
		}
	}
}
