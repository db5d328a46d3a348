package dataplane_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dataplane"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// echo answers with the request's header as it came.
func echo() string {
	return serve(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Server", "target")
		w.Header().Set("X-Frame-Options", "DENY")
		fmt.Fprintf(w, "Host: %s\n", r.Host)
		_ = r.Header.Write(w)
	})
}

// behind serves with an application load balancer before one target.
func behind(target string, edit func(*elbv2.LoadBalancer, *elbv2.TargetGroup), with ...func(*dataplane.Options)) *world {
	GinkgoHelper()
	w := begin(with...)
	b := application(listener(types.ProtocolEnumHttp, 80, forward(to("blue", 1))))
	g := group("blue", types.ProtocolEnumHttp, at(target))
	if edit != nil {
		edit(&b, &g)
	}
	w.change(func(c *control) { c.balancers, c.groups = []elbv2.LoadBalancer{b}, []elbv2.TargetGroup{g} })
	return w
}

func attribute(key, value string) func(*elbv2.LoadBalancer, *elbv2.TargetGroup) {
	return func(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) { b.Attributes[key] = value }
}

// secure turns the listener into one for HTTPS with the certificate "own".
func secure(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) {
	b.Listeners[0].Protocol, b.Listeners[0].Port = types.ProtocolEnumHttps, 443
	b.Listeners[0].Certificates = []string{"own"}
}

func http2(t *http.Transport) { t.ForceAttemptHTTP2 = true }

var _ = Describe("HTTP", func() {
	DescribeTable("tells the target of the client", func(key, value, port string, expected string, change ...func(*http.Request)) {
		w := behind(echo(), func(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) {
			if port != "" {
				b.Listeners[0].Port = 8080
			}
			b.Attributes[key] = value
		})
		Expect(ask(w.client(), "GET", "http://a.example"+port+"/", change...).body).To(MatchRegexp(expected))
	},
		Entry("by its address", "", "", "", `(?m)^X-Forwarded-For: 127\.0\.0\.1\r$`),
		Entry("after those before it", "", "", "", `X-Forwarded-For: 192\.0\.2\.1, 127\.0\.0\.1\r`, header("X-Forwarded-For", "192.0.2.1")),
		Entry("with its port", "routing.http.xff_client_port.enabled", "true", "", `X-Forwarded-For: 127\.0\.0\.1:\d+\r`),
		Entry("not, when it is to preserve", "routing.http.xff_header_processing.mode", "preserve", "", `X-Forwarded-For: 192\.0\.2\.1\r`,
			header("X-Forwarded-For", "192.0.2.1")),
		Entry("not, when it is to remove", "routing.http.xff_header_processing.mode", "remove", "", `\A(Host: .*\n|[^X].*\n|X-[^F].*\n|X-Forwarded-P.*\n)*\z`,
			header("X-Forwarded-For", "192.0.2.1")),
		Entry("by protocol and port", "", "", ":8080", `X-Forwarded-Port: 8080\r\nX-Forwarded-Proto: http\r`),
		Entry("with a trace", "", "", "", `X-Amzn-Trace-Id: Root=1-6a6ddfc0-[0-9a-f]{24}\r`),
		Entry("with the trace it is in", "", "", "", `X-Amzn-Trace-Id: Self=1-6a6ddfc0-[0-9a-f]{24};Root=1-2-3\r`, header("X-Amzn-Trace-Id", "Root=1-2-3")),
		Entry("and the port it asked for", "", "", ":8080", `Host: a\.example:8080\n`),
		Entry("and the port in the host", "", "", ":8080", `Host: b\.example:8080\n`, func(r *http.Request) { r.Host = "b.example" }),
		Entry("and the host as it is", "routing.http.preserve_host_header.enabled", "true", ":8080", `Host: b\.example\n`,
			func(r *http.Request) { r.Host = "b.example" }),
		Entry("and nothing invalid", "routing.http.drop_invalid_header_fields.enabled", "true", "", `\A(Host: .*\n|[^B].*\n)*\z`, header("Bad_field", "1")),
		Entry("and what is unusual", "", "", "", `Bad_field: 1\r`, header("Bad_field", "1")),
		Entry("and who forwarded it", "", "", "", `X-Forwarded-Host: c\.example\r`, header("X-Forwarded-Host", "c.example")),
	)

	It("sets what the listener's attributes say on answers", func() {
		w := behind(echo(), func(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) {
			b.Listeners[0].Attributes = map[string]string{
				"routing.http.response.server.enabled":                         "false",
				"routing.http.response.x_frame_options.header_value":           "SAMEORIGIN",
				"routing.http.response.strict_transport_security.header_value": "max-age=1",
			}
		})
		answer := ask(w.client(), "GET", "http://a.example/")
		Expect(answer.Header).NotTo(HaveKey("Server"))
		Expect(answer.Header["X-Frame-Options"]).To(Equal([]string{"SAMEORIGIN"}))
		Expect(answer.Header.Get("Strict-Transport-Security")).To(Equal("max-age=1"))
	})

	DescribeTable("answers as AWS does", func(status int, title string, edit func(*elbv2.LoadBalancer, *elbv2.TargetGroup), change ...func(*http.Request)) {
		w := behind(server("blue"), edit)
		answer := ask(w.client(), "GET", "http://a.example/", change...)
		Expect(answer.StatusCode).To(Equal(status))
		Expect(answer.body).To(ContainSubstring("<center><h1>" + title + "</h1></center>"))
		Expect(answer.Header.Get("Server")).To(Equal("awselb/2.0"))
	},
		Entry("without targets", 503, "503 Service Temporarily Unavailable", func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.Targets = nil }),
		Entry("without weights", 503, "503 Service Temporarily Unavailable", func(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) {
			b.Listeners[0].DefaultActions = []types.Action{forward(to("blue", 0))}
		}),
		Entry("with targets that drain", 503, "503 Service Temporarily Unavailable", func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			g.Targets[0].State = types.TargetHealthStateEnumDraining
		}),
		Entry("for targets nowhere", 504, "504 Gateway Time-out", func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.Targets[0].ID = "10.0.1.10" }),
		Entry("for targets that refuse", 502, "502 Bad Gateway", func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.Targets[0].Port = 1 }),
		Entry("for functions", 502, "502 Bad Gateway", func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.TargetType = types.TargetTypeEnumLambda }),
		Entry("for too many forwarders", 463, "463 Too Many IP Addresses", nil, header("X-Forwarded-For", strings.Repeat("192.0.2.1,", 30)+"192.0.2.2")),
		Entry("for TRACE", 405, "405 Not Allowed", nil, func(r *http.Request) { r.Method = "TRACE" }),
		Entry("for HTTP/1.1 to HTTP/2", 464, "464 Incompatible Protocol", func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			g.ProtocolVersion = aws.String("HTTP2")
		}),
	)

	It("does not wait longer than the idle timeout", func() {
		done := make(chan struct{})
		slow := serve(func(_ http.ResponseWriter, r *http.Request) {
			select {
			case <-done:
			case <-r.Context().Done():
			}
		})
		w := behind(slow, attribute("idle_timeout.timeout_seconds", "1"))
		Expect(ask(w.client(), "GET", "http://a.example/").StatusCode).To(Equal(504))
		close(done)
		Expect(w.Statistics()[0].TargetGroups[0].Targets[0].Failures).To(Equal(int64(1)))
	})

	It("waits while the request still comes", func() {
		w := behind(serve(func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body)
			fmt.Fprint(w, "got it")
		}),
			attribute("idle_timeout.timeout_seconds", "1"))
		body, send := io.Pipe()
		go func() {
			defer send.Close()
			ticker := time.NewTicker(400 * time.Millisecond)
			defer ticker.Stop()
			for range 4 {
				<-ticker.C
				fmt.Fprint(send, "some")
			}
		}()
		Expect(ask(w.client(), "POST", "http://a.example/", func(r *http.Request) { r.Body = body }).body).To(Equal("got it"))
	})

	It("closes connections that are idle", func(ctx SpecContext) {
		w := behind(server("blue"), attribute("idle_timeout.timeout_seconds", "1"))
		connection, err := w.dial(ctx, "tcp", webA+":80")
		Expect(err).NotTo(HaveOccurred())
		defer connection.Close()
		fmt.Fprint(connection, "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n")
		read := bufio.NewReader(connection)
		response, err := http.ReadResponse(read, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(io.ReadAll(response.Body)).To(BeEquivalentTo("blue"))
		Expect(response.Body.Close()).To(Succeed())
		Expect(connection.SetReadDeadline(time.Now().Add(5 * time.Second))).To(Succeed())
		_, err = read.ReadByte()
		Expect(err).To(MatchError(io.EOF))
	})

	It("serves certificates by name, and HTTP/2", func() {
		own, other := certificate("a.example"), certificate("*.b.example")
		w := behind(server("blue"), func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			secure(b, g)
			b.Listeners[0].Certificates = []string{"own", "missing", "other"}
		}, certificates(map[string]tls.Certificate{"own": own, "other": other}))
		client := w.client(http2)
		for url, expected := range map[string]tls.Certificate{
			"https://a.example/": own, "https://x.b.example/": other, "https://c.example/": own,
		} {
			answer := ask(client, "GET", url)
			Expect(answer.TLS.PeerCertificates[0].Raw).To(Equal(expected.Certificate[0]), url)
			Expect(answer.Proto).To(Equal("HTTP/2.0"))
			Expect(answer.body).To(Equal("blue"))
		}
	})

	DescribeTable("keeps to the listener's protocols", func(policy, http2Enabled string, highest uint16, proto string) {
		w := behind(server("blue"), func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			secure(b, g)
			b.Listeners[0].SSLPolicy = policy
			b.Attributes["routing.http2.enabled"] = http2Enabled
		}, certificates(map[string]tls.Certificate{"own": certificate("a.example")}))
		client := w.client(http2, func(t *http.Transport) { t.TLSClientConfig.MaxVersion = highest })
		response, err := client.Get("https://a.example/")
		if proto == "" {
			Expect(err).To(MatchError(ContainSubstring("protocol version")))
			return
		}
		Expect(err).NotTo(HaveOccurred())
		Expect(response.Body.Close()).To(Succeed())
		Expect(response.Proto).To(Equal(proto))
	},
		Entry(nil, "ELBSecurityPolicy-TLS13-1-2-2021-06", "true", uint16(tls.VersionTLS12), "HTTP/2.0"),
		Entry(nil, "ELBSecurityPolicy-TLS13-1-2-2021-06", "false", uint16(tls.VersionTLS13), "HTTP/1.1"),
		Entry(nil, "ELBSecurityPolicy-TLS13-1-3-2021-06", "true", uint16(tls.VersionTLS12), ""),
		Entry(nil, "ELBSecurityPolicy-TLS13-1-3-2021-06", "true", uint16(tls.VersionTLS13), "HTTP/2.0"),
	)

	DescribeTable("tells the target of TLS", func(mode string, expected ...string) {
		w := behind(echo(), func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			secure(b, g)
			b.Attributes["routing.http.x_amzn_tls_version_and_cipher_suite.enabled"] = "true"
			b.Listeners[0].MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: &mode}
			b.Listeners[0].Attributes["routing.http.request.x_amzn_tls_version.header_name"] = "My-Tls"
		}, certificates(map[string]tls.Certificate{"own": certificate("a.example")}))
		client := w.client(func(t *http.Transport) { t.TLSClientConfig.Certificates = []tls.Certificate{certificate("me.example")} })
		body := ask(client, "GET", "https://a.example/").body
		Expect(body).To(SatisfyAll(ContainSubstring("My-Tls: TLSv1.3\r"), ContainSubstring("X-Amzn-Tls-Cipher-Suite: TLS_")))
		for _, text := range expected {
			Expect(body).To(ContainSubstring(text))
		}
		Expect(strings.Contains(body, "Mtls")).To(Equal(mode != "off"))
	},
		Entry(nil, "off"),
		Entry(nil, "passthrough", "X-Amzn-Mtls-Clientcert: -----BEGIN%20CERTIFICATE-----%0A"),
		Entry(nil, "verify", "X-Amzn-Mtls-Clientcert-Serial-Number: FF\r", "X-Amzn-Mtls-Clientcert-Subject: CN=me.example\r",
			"X-Amzn-Mtls-Clientcert-Leaf: -----BEGIN%20", "X-Amzn-Mtls-Clientcert-Validity: NotBefore="),
	)

	It("refuses clients without a certificate where one is asked for", func() {
		w := behind(server("blue"), func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			secure(b, g)
			b.Listeners[0].MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: aws.String("verify")}
		}, certificates(map[string]tls.Certificate{"own": certificate("a.example")}))
		_, err := w.client().Get("https://a.example/")
		Expect(err).To(MatchError(ContainSubstring("certificate required")))
	})

	It("asks targets by HTTPS without looking at their certificate", func() {
		target := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) }))
		DeferCleanup(target.Close)
		w := behind(target.Listener.Addr().String(), func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.Protocol = types.ProtocolEnumHttps })
		Expect(ask(w.client(), "GET", "http://a.example/").body).To(Equal("HTTP/1.1"))
	})

	It("passes connections on that become WebSockets", func(ctx SpecContext) {
		target := serve(func(w http.ResponseWriter, r *http.Request) {
			connection, buffer, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			defer connection.Close()
			fmt.Fprint(buffer, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
			_ = buffer.Flush()
			_, _ = io.Copy(connection, buffer)
		})
		w := behind(target, nil)
		connection, err := w.dial(ctx, "tcp", webA+":80")
		Expect(err).NotTo(HaveOccurred())
		defer connection.Close()
		fmt.Fprint(connection, "GET / HTTP/1.1\r\nHost: a.example\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
		read := bufio.NewReader(connection)
		response, err := http.ReadResponse(read, nil)
		Expect(err).NotTo(HaveOccurred())
		Expect(response).To(HaveHTTPStatus(http.StatusSwitchingProtocols))
		for _, line := range []string{"hello\n", "again\n"} {
			fmt.Fprint(connection, line)
			Expect(read.ReadString('\n')).To(Equal(line))
		}
		Expect(w.inFlight("blue", at(target).Port)).To(Equal(1))
		w.Close()
		_, err = read.ReadByte()
		Expect(err).To(MatchError(io.EOF), "it ends with the data plane")
	})
})
