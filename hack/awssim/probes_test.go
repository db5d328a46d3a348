package awssim_test

import (
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	simroute53 "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// endpoint is a web server that answers as it is told and remembers what it was asked.
type endpoint struct {
	*httptest.Server
	mu     sync.Mutex
	status func(request int) int
	body   string
	asked  []*http.Request
	names  []string // what TLS clients called it
}

func serveEndpoint(overTLS bool) *endpoint {
	e := &endpoint{status: func(int) int { return 200 }}
	e.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.asked = append(e.asked, r)
		w.Header().Set("Location", "http://192.0.2.99/")
		w.WriteHeader(e.status(len(e.asked)))
		_, _ = io.WriteString(w, e.body)
	}))
	e.Config.ErrorLog = nil
	if overTLS {
		e.TLS = &tls.Config{GetConfigForClient: func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			e.mu.Lock()
			defer e.mu.Unlock()
			e.names = append(e.names, hello.ServerName)
			return nil, nil
		}}
		e.StartTLS()
	} else {
		e.Start()
	}
	DeferCleanup(e.Close)
	return e
}

func (e *endpoint) answers(status int) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.status = func(int) int { return status }
}

func (e *endpoint) requests() []*http.Request {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.asked
}

// round is the time in which each checker of a check probes once.
const round = 30 * time.Second

var _ = Describe("Health checkers", func() {
	var s *sim
	BeforeEach(func() { s = start(awssim.Options{Pace: 1}) })

	mapped := func(overTLS bool) *endpoint {
		GinkgoHelper()
		e := serveEndpoint(overTLS)
		Expect(s.SetEndpoint("192.0.2.30:8080", e.Listener.Addr().String())).To(Succeed())
		return e
	}
	failed := func(ctx context.Context, id string) []string {
		GinkgoHelper()
		out, err := s.route53.GetHealthCheckLastFailureReason(ctx, &route53.GetHealthCheckLastFailureReasonInput{HealthCheckId: &id})
		Expect(err).NotTo(HaveOccurred())
		reasons := []string{}
		for _, observation := range out.HealthCheckObservations {
			reasons = append(reasons, *observation.StatusReport.Status)
		}
		return reasons
	}

	It("probe, change their minds after the threshold, and steer DNS answers at once", func(ctx SpecContext) {
		e, zone := mapped(false), s.zone(ctx, "example.com")
		id := s.check(ctx, check("HTTP", at("192.0.2.30", 8080), func(c *types.HealthCheckConfig) {
			c.FullyQualifiedDomainName, c.ResourcePath, c.FailureThreshold = aws.String("www.example.com"), aws.String("/up?deep=1"), aws.Int32(2)
		}))
		s.mustChange(ctx, zone,
			create(a("www.example.com", "192.0.2.30", withSet("p", func(set *types.ResourceRecordSet) {
				set.Failover, set.HealthCheckId = types.ResourceRecordSetFailoverPrimary, &id
			}))),
			create(a("www.example.com", "192.0.2.31", withSet("s", func(set *types.ResourceRecordSet) {
				set.Failover = types.ResourceRecordSetFailoverSecondary
			}))))
		answered := func() []string {
			GinkgoHelper()
			out, err := s.route53.TestDNSAnswer(ctx, &route53.TestDNSAnswerInput{HostedZoneId: &zone, RecordName: &www, RecordType: types.RRTypeA})
			Expect(err).NotTo(HaveOccurred())
			return out.RecordData
		}
		Expect(s.statuses(ctx, id)).To(BeEmpty())
		Expect(answered()).To(Equal([]string{"192.0.2.30"}), "a new check is healthy")
		s.clock.Advance(round)
		Expect(e.requests()).To(HaveLen(16))
		asked := e.requests()[0]
		Expect([]string{asked.Host, asked.URL.String(), asked.Method}).To(Equal([]string{"www.example.com:8080", "/up?deep=1", "GET"}))
		Expect(asked.UserAgent()).To(Equal("Amazon-Route53-Health-Check-Service (ref " + id + "; report http://amzn.to/1vsZADi)"))
		Expect(s.statuses(ctx, id)).To(HaveLen(16))
		Expect(s.statuses(ctx, id)).To(HaveEach("Success: HTTP Status Code 200, OK"))
		Expect(failed(ctx, id)).To(BeEmpty())

		e.answers(503)
		s.clock.Advance(round)
		Expect(s.statuses(ctx, id)).To(HaveEach("Failure: HTTP Status Code 503, Service Unavailable"))
		Expect(answered()).To(Equal([]string{"192.0.2.30"}), "one failure is not two in a row")
		s.clock.Advance(round)
		Expect(s.Healthy(id)).To(BeFalse())
		Expect(answered()).To(Equal([]string{"192.0.2.31"}))
		e.answers(302)
		s.clock.Advance(round)
		Expect(answered()).To(Equal([]string{"192.0.2.31"}))
		s.clock.Advance(round)
		Expect(answered()).To(Equal([]string{"192.0.2.30"}), "a redirection is healthy, and is not followed")
		Expect(failed(ctx, id)).To(HaveEach(ContainSubstring("503")))
	})

	It("make an endpoint healthy when more than 18 % of them say so", func(ctx SpecContext) {
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 2))
		all := types.HealthCheckRegion("").Values()
		for range 25 {
			e := mapped(false)
			regions := 3 + random.IntN(len(all)-2)
			random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
			id := s.check(ctx, check("HTTP", at("192.0.2.30", 8080), func(c *types.HealthCheckConfig) {
				c.FailureThreshold, c.RequestInterval, c.Regions = aws.Int32(1), aws.Int32(10), all[:regions:regions]
			}))
			passing := random.IntN(2*regions + 1)
			e.mu.Lock()
			e.status = func(request int) int {
				if request <= passing {
					return 200
				}
				return 500
			}
			e.mu.Unlock()
			s.clock.Advance(10 * time.Second)
			Expect(e.requests()).To(HaveLen(2 * regions))
			Expect(s.Healthy(id)).To(Equal(float64(passing)/float64(2*regions) > 0.18), fmt.Sprintf("%d of %d", passing, 2*regions))
			_, err := s.route53.DeleteHealthCheck(ctx, &route53.DeleteHealthCheckInput{HealthCheckId: &id})
			Expect(err).NotTo(HaveOccurred())
			s.clock.Advance(time.Minute)
			Expect(e.requests()).To(HaveLen(2*regions), "nothing probes for a deleted check")
		}
	})

	It("speak TLS, and name the host when they are to", func(ctx SpecContext) {
		e := mapped(true)
		named := s.check(ctx, check("HTTPS", at("192.0.2.30", 8080), func(c *types.HealthCheckConfig) { c.FullyQualifiedDomainName = &www }))
		s.clock.Advance(round)
		Expect(s.Healthy(named)).To(BeTrue())
		Expect(s.statuses(ctx, named)).To(HaveEach(HavePrefix("Success")), "certificates are not validated")
		Expect(e.names).To(HaveEach(www))
		_, err := s.route53.UpdateHealthCheck(ctx, &route53.UpdateHealthCheckInput{HealthCheckId: &named, EnableSNI: aws.Bool(false)})
		Expect(err).NotTo(HaveOccurred())
		e.names = nil
		s.clock.Advance(round)
		Expect(e.names).To(HaveLen(16))
		Expect(e.names).To(HaveEach(BeEmpty()))
		Expect(s.SetEndpoint("192.0.2.30:8080", mapped(false).Listener.Addr().String())).To(Succeed())
		s.clock.Advance(round)
		Expect(s.statuses(ctx, named)).To(HaveEach(HavePrefix("Failure: SSL alert handshake_failure")))
	})

	It("search the first 5,120 bytes for a string, in its case", func(ctx SpecContext) {
		e := mapped(false)
		id := s.check(ctx, check("HTTP_STR_MATCH", at("192.0.2.30", 8080), func(c *types.HealthCheckConfig) {
			c.SearchString, c.FailureThreshold = aws.String("all well"), aws.Int32(1)
		}))
		for body, healthy := range map[string]bool{
			"It is all well.": true, "It is All Well.": false, "": false,
			strings.Repeat(".", 5112) + "all well": true, strings.Repeat(".", 5113) + "all well": false,
		} {
			e.mu.Lock()
			e.body = body
			e.mu.Unlock()
			s.clock.Advance(round)
			Expect(s.Healthy(id)).To(Equal(healthy), "%.20s… of %d bytes", body, len(body))
		}
	})

	It("connect, and no more, by TCP", func(ctx SpecContext) {
		listener, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		address := listener.Addr().(*net.TCPAddr)
		id := s.check(ctx, check("TCP", at("127.0.0.1", int32(address.Port)), func(c *types.HealthCheckConfig) { c.FailureThreshold = aws.Int32(1) }))
		s.clock.Advance(round)
		Expect(s.statuses(ctx, id)).To(HaveEach(HavePrefix("Success: TCP connection")))
		Expect(listener.Close()).To(Succeed())
		s.clock.Advance(round)
		Expect(s.Healthy(id)).To(BeFalse())
		Expect(s.statuses(ctx, id)).To(HaveEach(ContainSubstring("connection refused")))
	})

	It("resolve a name by the hosted zones", func(ctx SpecContext) {
		e, zone := mapped(false), s.zone(ctx, "example.com")
		s.mustChange(ctx, zone, create(a("origin.example.com", "192.0.2.30")))
		s.check(ctx, check("HTTP", func(c *types.HealthCheckConfig) {
			c.FullyQualifiedDomainName, c.Port = aws.String("Origin.example.com"), aws.Int32(8080)
		}))
		s.clock.Advance(round)
		Expect(e.requests()).To(HaveLen(16))
		Expect(e.requests()[0].Host).To(Equal("Origin.example.com:8080"))
	})

	It("do not connect to what is not on this machine: it is as it is set", func(ctx SpecContext) {
		id := s.check(ctx, check("HTTPS", at("192.0.2.30", 443)))
		s.clock.Advance(round)
		Expect(s.statuses(ctx, id)).To(HaveEach("Success: HTTP Status Code 200, OK"))
		Expect(s.SetHealthCheck(id, simroute53.CheckState{Healthy: aws.Bool(false)})).To(Succeed())
		Expect(s.Healthy(id)).To(BeFalse())
		Expect(s.statuses(ctx, id)).To(HaveEach("Failure: HTTP Status Code 503, Service Unavailable"))
		Expect(failed(ctx, id)).To(HaveLen(16))
		Expect(s.SetHealthCheck(id, simroute53.CheckState{})).To(Succeed())
		Expect(s.Healthy(id)).To(BeTrue())
		Expect(s.SetEndpoint("192.0.2.30:443", "192.0.2.31:443")).To(MatchError(ContainSubstring("not a loopback one")))
		Expect(s.SetEndpoint("192.0.2.30", "127.0.0.1:443")).To(MatchError(ContainSubstring("not of the form")))
		Expect(s.SetHealthCheck("abc", simroute53.CheckState{})).To(MatchError(ContainSubstring("no health check")))
		Expect(s.SetHealthCheck(id, simroute53.CheckState{Alarm: "ALARM"})).To(MatchError(ContainSubstring("watches no alarm")))
	})

	It("find endpoints by an option, loopback ones only", func(ctx SpecContext) {
		e := serveEndpoint(false)
		s = start(awssim.Options{Pace: 1, Endpoints: func(host string, port int) (string, bool) {
			if host == "192.0.2.30" {
				return e.Listener.Addr().String(), true
			}
			return "192.0.2.99:80", true
		}})
		s.check(ctx, check("HTTP", at("192.0.2.30", 80)))
		elsewhere := s.check(ctx, check("HTTP", at("192.0.2.31", 80)))
		s.clock.Advance(round)
		Expect(e.requests()).To(HaveLen(16))
		Expect(e.requests()[0].Host).To(Equal("192.0.2.30"))
		Expect(s.statuses(ctx, elsewhere)).To(HaveEach(HavePrefix("Success")))
	})

	It("invert, and rest when they are disabled", func(ctx SpecContext) {
		e := mapped(false)
		e.answers(500)
		id := s.check(ctx, check("HTTP", at("192.0.2.30", 8080), func(c *types.HealthCheckConfig) { c.Inverted, c.FailureThreshold = aws.Bool(true), aws.Int32(1) }))
		Expect(s.Healthy(id)).To(BeFalse(), "new and inverted")
		s.clock.Advance(round)
		Expect(s.Healthy(id)).To(BeTrue())
		_, err := s.route53.UpdateHealthCheck(ctx, &route53.UpdateHealthCheckInput{HealthCheckId: &id, Disabled: aws.Bool(true)})
		Expect(err).NotTo(HaveOccurred())
		probed := len(e.requests())
		s.clock.Advance(10 * round)
		Expect(e.requests()).To(HaveLen(probed))
		Expect(s.Healthy(id)).To(BeFalse(), "disabled counts healthy, inverted")
		_, err = s.route53.UpdateHealthCheck(ctx, &route53.UpdateHealthCheckInput{HealthCheckId: &id, Disabled: aws.Bool(false), Inverted: aws.Bool(false)})
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Healthy(id)).To(BeFalse(), "what the checkers believed before")
		s.clock.Advance(round)
		Expect(len(e.requests())).To(BeNumerically(">", probed))
	})

	It("end when the server is closed", func(ctx SpecContext) {
		e := mapped(false)
		s.check(ctx, check("HTTP", at("192.0.2.30", 8080)))
		Expect(s.Close()).To(Succeed())
		s.clock.Advance(10 * round)
		Expect(e.requests()).To(BeEmpty())
	})

	It("go on after a state was loaded", func(ctx SpecContext) {
		e := mapped(false)
		id := s.check(ctx, check("HTTP", at("192.0.2.30", 8080), func(c *types.HealthCheckConfig) { c.FailureThreshold = aws.Int32(1) }))
		saved, err := s.StateJSON()
		Expect(err).NotTo(HaveOccurred())
		again := start(awssim.Options{Pace: 1})
		Expect(again.LoadState(saved)).To(Succeed())
		e.answers(500)
		again.clock.Advance(round)
		Expect(again.Healthy(id)).To(BeFalse())
		again.Reset()
		probed := len(e.requests())
		again.clock.Advance(round)
		Expect(e.requests()).To(HaveLen(probed))
	})
})

var _ = Describe("Health checks without an endpoint", func() {
	var s *sim
	BeforeEach(func() { s = start(awssim.Options{}) })
	set := func(id string, healthy bool) {
		GinkgoHelper()
		Expect(s.SetHealthCheck(id, simroute53.CheckState{Healthy: &healthy})).To(Succeed())
	}

	It("count their healthy children", func(ctx SpecContext) {
		one, two := s.check(ctx, check("HTTP", at("192.0.2.1", 80))), s.check(ctx, check("HTTP", at("192.0.2.2", 80)))
		sum := s.check(ctx, check("CALCULATED", func(c *types.HealthCheckConfig) {
			c.ChildHealthChecks, c.HealthThreshold = []string{one, two}, aws.Int32(2)
		}))
		threshold := func(n int32) {
			GinkgoHelper()
			_, err := s.route53.UpdateHealthCheck(ctx, &route53.UpdateHealthCheckInput{HealthCheckId: &sum, HealthThreshold: &n})
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(s.Healthy(sum)).To(BeTrue())
		set(one, false)
		Expect(s.Healthy(sum)).To(BeFalse())
		threshold(1)
		Expect(s.Healthy(sum)).To(BeTrue())
		set(two, false)
		Expect(s.Healthy(sum)).To(BeFalse())
		threshold(0)
		Expect(s.Healthy(sum)).To(BeTrue(), "always healthy")
		set(one, true)
		set(two, true)
		threshold(3)
		Expect(s.Healthy(sum)).To(BeFalse(), "never healthy")
		_, err := s.route53.UpdateHealthCheck(ctx, &route53.UpdateHealthCheckInput{HealthCheckId: &sum, HealthThreshold: aws.Int32(1), ChildHealthChecks: []string{sum}})
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Healthy(sum)).To(BeTrue(), "a circle ends")
	})

	It("watch an alarm", func(ctx SpecContext) {
		id := s.check(ctx, check("CLOUDWATCH_METRIC", func(c *types.HealthCheckConfig) {
			c.AlarmIdentifier = &types.AlarmIdentifier{Name: aws.String("errors"), Region: types.CloudWatchRegionUsEast1}
		}))
		told := func(alarm string) bool {
			GinkgoHelper()
			Expect(s.SetHealthCheck(id, simroute53.CheckState{Alarm: alarm})).To(Succeed())
			return s.Healthy(id)
		}
		without := func(status types.InsufficientDataHealthStatus) {
			GinkgoHelper()
			_, err := s.route53.UpdateHealthCheck(ctx, &route53.UpdateHealthCheckInput{HealthCheckId: &id, InsufficientDataHealthStatus: status})
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(s.Healthy(id)).To(BeTrue())
		Expect(told("INSUFFICIENT_DATA")).To(BeTrue(), "nothing was known before")
		Expect(told("ALARM")).To(BeFalse())
		Expect(told("INSUFFICIENT_DATA")).To(BeFalse(), "the last known status")
		without(types.InsufficientDataHealthStatusHealthy)
		Expect(s.Healthy(id)).To(BeTrue())
		Expect(told("OK")).To(BeTrue())
		without(types.InsufficientDataHealthStatusUnhealthy)
		Expect(told("INSUFFICIENT_DATA")).To(BeFalse())
		Expect(s.SetHealthCheck(id, simroute53.CheckState{Alarm: "FINE"})).To(MatchError(ContainSubstring("none of OK, ALARM")))
	})

	It("follow a routing control", func(ctx SpecContext) {
		id := s.check(ctx, check("RECOVERY_CONTROL", func(c *types.HealthCheckConfig) {
			c.RoutingControlArn = aws.String("arn:aws:route53-recovery-control::123456789012:controlpanel/a/routingcontrol/b")
		}))
		Expect(s.Healthy(id)).To(BeTrue())
		set(id, false)
		Expect(s.Healthy(id)).To(BeFalse())
		Expect(s.statuses(ctx, id)).To(HaveEach(HavePrefix("Failure")))
	})
})
