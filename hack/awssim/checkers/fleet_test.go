package checkers_test

import (
	"fmt"
	"net"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/checkers"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func TestCheckers(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Health checkers")
}

// serve answers each connection with text as it comes, and then with nothing.
func serve(text string) (port int32) {
	GinkgoHelper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(listener.Close)
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer connection.Close()
				_, _ = connection.Write([]byte(text))
				_, _ = connection.Read(make([]byte, 4096))
				_, _ = connection.Read(make([]byte, 4096))
			}()
		}
	}()
	return int32(listener.Addr().(*net.TCPAddr).Port)
}

var short = checkers.Timeouts{Connect: time.Second, ConnectTCP: time.Second, Response: 20 * time.Millisecond, Body: 20 * time.Millisecond}

func config(kind types.HealthCheckType, port int32) types.HealthCheckConfig {
	return types.HealthCheckConfig{
		Type: kind, IPAddress: aws.String("127.0.0.1"), Port: &port, SearchString: aws.String("well"),
		FailureThreshold: aws.Int32(1), Regions: []types.HealthCheckRegion{"us-east-1", "us-west-1", "us-west-2"},
	}
}

var _ = Describe("A fleet", func() {
	var (
		clock *frame.ManualClock
		fleet *checkers.Fleet
	)
	BeforeEach(func() {
		clock = frame.NewManualClock(time.Unix(0, 0))
		fleet = checkers.NewFleet(checkers.Options{Clock: clock, Endpoints: frame.NewEndpoints(nil), Timeouts: short})
		DeferCleanup(fleet.Close)
	})

	DescribeTable("gives up on endpoints", func(kind types.HealthCheckType, answer, status string, healthy bool) {
		fleet.Set("check", config(kind, serve(answer)))
		clock.Advance(30 * time.Second)
		Expect(fleet.Healthy("check")).To(Equal(healthy))
		Expect(fleet.Observations("check")).To(HaveLen(6))
		for _, observation := range fleet.Observations("check") {
			Expect(*observation.StatusReport.Status).To(ContainSubstring(status))
		}
	},
		Entry("that say nothing", types.HealthCheckTypeHttp, "", "Failure: Connection timed out", false),
		Entry("that do not speak TLS", types.HealthCheckTypeHttps, "", "Failure: SSL alert handshake_failure", false),
		Entry("that do not speak HTTP", types.HealthCheckTypeHttp, "hello\r\n\r\n", "malformed HTTP", false),
		Entry("whose body does not come", types.HealthCheckTypeHttpStrMatch, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nall w", "did not arrive", false),
		Entry("but not when the string came before", types.HealthCheckTypeHttpStrMatch, "HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nall well", "contains the search string", true),
		Entry("but not when only the body is late", types.HealthCheckTypeHttp, "HTTP/1.1 204 No Content\r\n\r\n", "Success: HTTP Status Code 204, No Content", true),
		Entry("with a status of failure", types.HealthCheckTypeHttp, "HTTP/1.1 400 Bad Request\r\n\r\n", "Failure: HTTP Status Code 400, Bad Request", false),
	)

	It("leaves nothing running when it is closed during probes", func() {
		before := runtime.NumGoroutine()
		running := checkers.NewFleet(checkers.Options{Clock: frame.RealClock{}, Endpoints: frame.NewEndpoints(nil), Pace: 10_000})
		port := serve("")
		for i := range 50 {
			running.Set(fmt.Sprint(i), config(types.HealthCheckTypeHttp, port))
		}
		Eventually(runtime.NumGoroutine).WithTimeout(5 * time.Second).Should(BeNumerically(">", before+20))
		began := time.Now()
		running.Close()
		Expect(time.Since(began)).To(BeNumerically("<", time.Second), "it does not wait for timeouts")
		running.Set("late", config(types.HealthCheckTypeHttp, port))
		Eventually(runtime.NumGoroutine).WithTimeout(5 * time.Second).Should(BeNumerically("<=", before+2))
	})

	It("resolves names, and takes those it cannot for outside", func() {
		port := serve("HTTP/1.1 500 Oh\r\n\r\n")
		fleet = checkers.NewFleet(checkers.Options{
			Clock: clock, Endpoints: frame.NewEndpoints(nil), Timeouts: short,
			Resolve: func(name string) []netip.Addr {
				if name == "here.example.com" {
					return []netip.Addr{netip.MustParseAddr("127.0.0.1")}
				}
				return nil
			},
		})
		DeferCleanup(fleet.Close)
		for _, name := range []string{"here.example.com", "there.example.com"} {
			named := config(types.HealthCheckTypeHttp, port)
			named.IPAddress, named.FullyQualifiedDomainName = nil, &name
			fleet.Set(name, named)
		}
		clock.Advance(30 * time.Second)
		Expect(fleet.Healthy("here.example.com")).To(BeFalse())
		Expect(fleet.Healthy("there.example.com")).To(BeTrue())
		Expect(fleet.LastFailures("there.example.com")).To(BeEmpty())
	})
})
