package awsclient

import (
	"context"
	"encoding/xml"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestAWSClient(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "awsclient")
}

// fakeClock moves only when told.
type fakeClock struct {
	mu  sync.Mutex
	now time.Time
}

func newFakeClock() *fakeClock {
	return &fakeClock{now: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}
}

func (c *fakeClock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *fakeClock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fakeAWS answers what the spec tells it to and remembers what was asked, as "METHOD path".
type fakeAWS struct {
	*httptest.Server
	mu     sync.Mutex
	asked  []string
	bodies []string
	agents []string
}

// answer is one response of fakeAWS; a zero status cuts the connection.
type answer struct {
	status int
	body   string
}

func newFakeAWS(respond func(n int, r *http.Request) answer) *fakeAWS {
	f := &fakeAWS{}
	f.Server = httptest.NewServer(f.handler(respond))
	DeferCleanup(f.Close)
	return f
}

func (f *fakeAWS) handler(respond func(n int, r *http.Request) answer) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			panic(err)
		}
		f.mu.Lock()
		f.asked = append(f.asked, r.Method+" "+r.URL.Path)
		f.bodies = append(f.bodies, string(body))
		f.agents = append(f.agents, r.UserAgent())
		n := len(f.asked)
		f.mu.Unlock()
		r.Body = io.NopCloser(strings.NewReader(string(body)))
		a := respond(n, r)
		if a.status == 0 {
			panic(http.ErrAbortHandler)
		}
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, a.body)
	})
}

func (f *fakeAWS) requests() []string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return append([]string{}, f.asked...)
}

func refusal(status int, code, message string) answer {
	return answer{status, fmt.Sprintf(`<ErrorResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">`+
		`<Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>b25f48e8-84fd-11e6-80d9-574e0c4664cb</RequestId></ErrorResponse>`,
		code, escape(message))}
}

func escape(text string) string {
	var b strings.Builder
	Expect(xml.EscapeText(&b, []byte(text))).To(Succeed())
	return b.String()
}

// isolate gives the SDK an environment of its own.
func isolate(endpoint string) {
	for name, value := range map[string]string{
		"AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret",
		"AWS_CONFIG_FILE": "/dev/null", "AWS_SHARED_CREDENTIALS_FILE": "/dev/null", "AWS_EC2_METADATA_DISABLED": "true",
	} {
		GinkgoT().Setenv(name, value)
	}
}

func clientsFor(ctx context.Context, f *fakeAWS, o Options) *Clients {
	GinkgoHelper()
	isolate(f.URL)
	c, err := New(ctx, o)
	Expect(err).NotTo(HaveOccurred())
	return c
}
