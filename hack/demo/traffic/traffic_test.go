package traffic

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"time"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/demo/record"
)

var _ = Describe("The resolver", func() {
	now := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	var records map[string]string
	var asked []string
	var r *Resolver
	BeforeEach(func() {
		records = map[string]string{
			"www.example.com.": "www.example.com. 300 IN CNAME example.com.",
			"example.com.":     "example.com. 60 IN A 127.64.0.1\nexample.com. 60 IN A 127.64.1.1",
		}
		asked = nil
		r = &Resolver{Faster: 20, ask: func(_ context.Context, name string) ([]dns.RR, error) {
			asked = append(asked, name)
			var answer []dns.RR
			for line := range strings.Lines(records[name]) {
				rr, err := dns.NewRR(line)
				Expect(err).NotTo(HaveOccurred())
				answer = append(answer, rr)
			}
			return answer, nil
		}}
	})

	It("follows CNAME records, and keeps each as long as its TTL says", func(ctx SpecContext) {
		Expect(r.Addresses(ctx, "WWW.example.com", now)).To(HaveExactElements("127.64.0.1", "127.64.1.1"))
		Expect(asked).To(HaveExactElements("www.example.com.", "example.com."))
		records["example.com."] = "example.com. 60 IN A 127.64.1.1"
		Expect(r.Addresses(ctx, "www.example.com", now.Add(2900*time.Millisecond))).To(HaveLen(2))
		Expect(r.Addresses(ctx, "www.example.com", now.Add(3100*time.Millisecond))).To(HaveExactElements("127.64.1.1"))
		Expect(asked).To(HaveLen(3), "the CNAME is still known")
	})

	It("knows a name that is gone until its TTL is over", func(ctx SpecContext) {
		Expect(r.Addresses(ctx, "www.example.com", now)).To(HaveLen(2))
		delete(records, "www.example.com.")
		Expect(r.Addresses(ctx, "www.example.com", now.Add(14*time.Second))).To(HaveLen(2))
		_, err := r.Addresses(ctx, "www.example.com", now.Add(16*time.Second))
		Expect(err).To(MatchError(errNoAnswer))
		Expect(failureOf(err)).To(Equal("DNS has no address"))
	})

	It("does not follow a circle for ever", func(ctx SpecContext) {
		records["example.com."] = "example.com. 60 IN CNAME www.example.com."
		_, err := r.Addresses(ctx, "www.example.com", now)
		Expect(err).To(MatchError(ContainSubstring("more than 8 CNAME records")))
	})
})

var _ = Describe("The stream", func() {
	var stream *Stream
	var recorder *record.Recorder
	status := http.StatusOK
	BeforeEach(func() {
		status = http.StatusOK
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Host != "www.example.com" {
				status = http.StatusMisdirectedRequest
			}
			w.WriteHeader(status)
			fmt.Fprint(w, `{"instanceId": "i-a", "zone": "us-east-1a", "launchTemplateVersion": 7}`)
		}))
		DeferCleanup(server.Close)
		recorder = record.NewRecorder(time.Now(), "", "")
		rr, err := dns.NewRR("www.example.com. 60 IN A 127.64.0.1")
		Expect(err).NotTo(HaveOccurred())
		stream = &Stream{
			URL: "http://www.example.com/", Host: "www.example.com", Recorder: recorder,
			Resolver: &Resolver{Faster: 1, ask: func(context.Context, string) ([]dns.RR, error) { return []dns.RR{rr}, nil }},
			Bound: func(address string) string {
				Expect(address).To(Equal("127.64.0.1:80"))
				return server.Listener.Addr().String()
			},
		}
	})

	It("records who answered, until it is ended", func(ctx SpecContext) {
		sending, stop := context.WithTimeout(ctx, 300*time.Millisecond)
		defer stop()
		stream.Send(sending)
		sent := recorder.Between(0, time.Hour)
		Expect(len(sent)).To(BeNumerically(">", 1))
		Expect(sent.Failed()).To(BeZero(), fmt.Sprint(sent.Failures()))
		Expect(sent.ByInstance()).To(HaveKey("i-a"))
		Expect(stream.Versions()).To(Equal(map[string]int64{"i-a": 7}))
	})

	It("tells of an answer that is none, and whose it was", func(ctx SpecContext) {
		status = http.StatusServiceUnavailable
		stream.once(ctx)
		Expect(recorder.Between(0, time.Hour)).To(HaveExactElements(
			And(HaveField("Instance", "i-a"), HaveField("Failure", "HTTP 503"))))
	})

	DescribeTable("names failures", func(err error, name string) {
		Expect(failureOf(fmt.Errorf("asking: %w", err))).To(Equal(name))
	},
		Entry("refused", &net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}, "connection refused"),
		Entry("reset", &net.OpError{Op: "read", Err: syscall.ECONNRESET}, "connection reset"),
		Entry("closed", io.EOF, "connection reset"),
		Entry("slow", context.DeadlineExceeded, "no answer in 2s"),
		Entry("other", io.ErrShortWrite, "connection failed"),
	)
})
