package testenv

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

// BeginForwarding is Begin for stories with traffic: they have a local AWS of their own, whose load balancers listen and
// forward, and whose names DNS answers.
func (e *Environment) BeginForwarding(ctx context.Context, s *Story) {
	GinkgoHelper()
	own := *e
	own.Sim = newSim(awssim.Options{DataPlane: true, MappedListeners: true})
	DeferCleanup(own.Sim.Close)
	own.front = httptest.NewServer(own.Sim)
	DeferCleanup(own.front.Close)
	own.Begin(ctx, s)

	server, err := s.Sim.ListenDNS("127.0.0.1:0", dnsserver.Options{})
	Expect(err).NotTo(HaveOccurred())
	serving, _ := detached(ctx)
	go func() {
		defer GinkgoRecover()
		Expect(server.Serve(serving)).To(Succeed())
	}()
	DeferCleanup(server.Close)
	s.dns = &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, network, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, server.Addr())
	}}
}

// Addresses are what DNS answers for a name.
func (s *Story) Addresses(ctx context.Context, name string) ([]string, error) {
	return s.dns.LookupHost(ctx, name+".")
}

// Serve runs an HTTP server, of HTTP/1.1 and HTTP/2 without TLS, that answers every request with a word, as the target at
// addresses with ports in the VPC.
func (s *Story) Serve(word string, addresses ...string) {
	GinkgoHelper()
	s.serve(word, 0, addresses)
}

// ServeLate is Serve by a server that takes its time to start: it answers its first requests with 503. One health check
// does not get it through, nor should a visitor.
func (s *Story) ServeLate(word string, addresses ...string) {
	GinkgoHelper()
	s.serve(word, 4, addresses)
}

func (s *Story) serve(word string, refused int32, addresses []string) {
	GinkgoHelper()
	server := answering(word, refused)
	server.Config.Protocols = new(http.Protocols)
	server.Config.Protocols.SetHTTP1(true)
	server.Config.Protocols.SetUnencryptedHTTP2(true)
	server.Start()
	s.put(server, addresses)
}

// ServeTLS is Serve with TLS, by a certificate that nobody issued.
func (s *Story) ServeTLS(word string, addresses ...string) {
	GinkgoHelper()
	server := answering(word, 0)
	server.EnableHTTP2 = true
	server.StartTLS()
	s.put(server, addresses)
}

func answering(word string, refused int32) *httptest.Server {
	var requests atomic.Int32
	return httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if requests.Add(1) <= refused {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		// A client that goes away early is no failure of the server.
		_, _ = io.WriteString(w, word)
	}))
}

func (s *Story) put(server *httptest.Server, addresses []string) {
	GinkgoHelper()
	DeferCleanup(server.Close)
	for _, address := range addresses {
		Expect(s.Sim.SetEndpoint(address, server.Listener.Addr().String())).To(Succeed())
	}
}

// Browser is an HTTP client out there: it finds hosts by DNS, connects to load balancers wherever their listeners are
// bound, and trusts the simulated certificate authority. It follows no redirection. One that is hasty makes a new
// connection for each request.
func (s *Story) Browser(hasty bool) *http.Client {
	GinkgoHelper()
	authority, err := s.Sim.CertificateAuthority()
	Expect(err).NotTo(HaveOccurred())
	trusted := x509.NewCertPool()
	Expect(trusted.AppendCertsFromPEM([]byte(authority))).To(BeTrue())
	transport := &http.Transport{DialContext: s.dial, TLSClientConfig: &tls.Config{RootCAs: trusted}, ForceAttemptHTTP2: true, DisableKeepAlives: hasty}
	DeferCleanup(transport.CloseIdleConnections)
	return &http.Client{
		Transport: transport, Timeout: patience,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

func (s *Story) dial(ctx context.Context, network, address string) (net.Conn, error) {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	found, err := s.Addresses(ctx, host)
	if err != nil {
		return nil, err
	}
	wanted := net.JoinHostPort(found[0], port)
	bound, ok := s.Sim.ListenerAddress(network, wanted)
	if !ok {
		return nil, fmt.Errorf("nothing listens on %s", wanted)
	}
	return (&net.Dialer{}).DialContext(ctx, network, bound)
}

// Ask asks for a page, and answers with its status and its text, or where it redirects to.
func Ask(ctx context.Context, browser *http.Client, url string) (answer string, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, http.NoBody)
	if err != nil {
		return "", err
	}
	response, err := browser.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if location := response.Header.Get("Location"); location != "" {
		text = []byte(location)
	}
	return fmt.Sprintf("%d %s", response.StatusCode, text), err
}

// Visitors ask for a page over and over again.
type Visitors struct {
	cancel   context.CancelFunc
	visiting sync.WaitGroup

	mu      sync.Mutex
	answers map[string]int
	broken  []string
}

const (
	visitorCount = 2
	// visitPause is between two requests of a visitor.
	visitPause = 10 * time.Millisecond
)

// Visit sends visitors, every other browser hasty, until they are called back.
func (s *Story) Visit(ctx context.Context, url string) *Visitors {
	GinkgoHelper()
	v := &Visitors{answers: map[string]int{}}
	visiting, cancel := detached(ctx)
	v.cancel = cancel
	DeferCleanup(v.stop)
	for i := range visitorCount {
		browser := s.Browser(i%2 == 0)
		v.visiting.Go(func() {
			ticker := time.NewTicker(visitPause)
			defer ticker.Stop()
			for visiting.Err() == nil {
				// A request under way is not cut off when the visitors are called back.
				answer, err := Ask(context.WithoutCancel(visiting), browser, url)
				v.note(answer, err)
				<-ticker.C
			}
		})
	}
	return v
}

func (v *Visitors) note(answer string, err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if err != nil {
		v.broken = append(v.broken, err.Error())
		return
	}
	v.answers[answer]++
}

func (v *Visitors) stop() {
	v.cancel()
	v.visiting.Wait()
}

// ExpectOnly expects that every answer since the last such look was one of these, that each of them came, and that no
// request failed.
func (v *Visitors) ExpectOnly(answers ...string) {
	GinkgoHelper()
	v.mu.Lock()
	defer v.mu.Unlock()
	Expect(v.broken).To(BeEmpty(), "failed requests")
	var seen []string
	for answer := range v.answers {
		seen = append(seen, answer)
	}
	Expect(seen).To(ConsistOf(answers), "answers: %v", v.answers)
	clear(v.answers)
}

// Until waits until a visitor gets an answer.
func (v *Visitors) Until(answer string) {
	GinkgoHelper()
	Eventually(func() int {
		v.mu.Lock()
		defer v.mu.Unlock()
		return v.answers[answer]
	}).Should(BeNumerically(">", 0), "no visitor was answered %q", answer)
}

// ExpectServed expects that every request since the last such look was answered 200, and that there were some.
func (v *Visitors) ExpectServed() {
	GinkgoHelper()
	v.mu.Lock()
	defer v.mu.Unlock()
	Expect(v.broken).To(BeEmpty(), "failed requests")
	Expect(v.answers).NotTo(BeEmpty())
	for answer := range v.answers {
		Expect(answer).To(HavePrefix("200 "))
	}
	clear(v.answers)
}
