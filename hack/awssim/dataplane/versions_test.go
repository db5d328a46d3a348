package dataplane_test

import (
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// overHTTP2 serves HTTP/2 without TLS.
func overHTTP2(handler http.HandlerFunc) string {
	s := httptest.NewUnstartedServer(handler)
	s.Config.Protocols = new(http.Protocols)
	s.Config.Protocols.SetUnencryptedHTTP2(true)
	s.Start()
	DeferCleanup(s.Close)
	return s.Listener.Addr().String()
}

var _ = Describe("Versions of HTTP", func() {
	version := func(version string) func(*elbv2.LoadBalancer, *elbv2.TargetGroup) {
		return func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			secure(b, g)
			g.ProtocolVersion = aws.String(version)
		}
	}
	own := func() map[string]tls.Certificate { return map[string]tls.Certificate{"own": certificate("a.example")} }

	It("are HTTP/2 for targets of HTTP2", func() {
		target := overHTTP2(func(w http.ResponseWriter, r *http.Request) {
			fmt.Fprint(w, r.Proto, " ", r.Header.Get("X-Forwarded-Proto"))
		})
		w := behind(target, version("HTTP2"), certificates(own()))
		Expect(ask(w.client(http2), "GET", "https://a.example/").body).To(Equal("HTTP/2.0 https"))
	})

	It("are HTTP/1.1 for others, whatever the client speaks", func() {
		target := serve(func(w http.ResponseWriter, r *http.Request) { fmt.Fprint(w, r.Proto) })
		w := behind(target, secure, certificates(own()))
		Expect(ask(w.client(http2), "GET", "https://a.example/").body).To(Equal("HTTP/1.1"))
	})

	It("carry gRPC both ways at once, with its trailers", func(ctx SpecContext) {
		target := overHTTP2(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Type", "application/grpc")
			w.Header().Set("Trailer", "Grpc-Status")
			w.WriteHeader(http.StatusOK)
			_ = http.NewResponseController(w).Flush()
			buffer := make([]byte, 64)
			for {
				n, err := r.Body.Read(buffer)
				_, _ = w.Write(buffer[:n])
				_ = http.NewResponseController(w).Flush()
				if err != nil {
					break
				}
			}
			w.Header().Set("Grpc-Status", "0")
		})
		w := behind(target, version("GRPC"), certificates(own()))
		body, send := io.Pipe()
		request, err := http.NewRequestWithContext(ctx, "POST", "https://a.example/service/Method", body)
		Expect(err).NotTo(HaveOccurred())
		request.Header.Set("Content-Type", "application/grpc")
		request.Header.Set("Te", "trailers")
		response, err := w.client(http2).Do(request)
		Expect(err).NotTo(HaveOccurred())
		defer response.Body.Close()
		buffer := make([]byte, 64)
		for _, message := range []string{"one", "two"} {
			fmt.Fprint(send, message)
			n, err := io.ReadFull(response.Body, buffer[:len(message)])
			Expect(string(buffer[:n]), err).To(Equal(message), "before the next is sent")
		}
		Expect(send.Close()).To(Succeed())
		Expect(io.ReadAll(response.Body)).To(BeEmpty())
		Expect(response.Trailer.Get("Grpc-Status")).To(Equal("0"))
	})

	It("are refused where gRPC is asked for", func() {
		w := behind(overHTTP2(func(http.ResponseWriter, *http.Request) {}), version("GRPC"), certificates(own()))
		Expect(ask(w.client(http2), "GET", "https://a.example/").StatusCode).To(Equal(464))
	})

	It("carry long bodies", func() {
		target := serve(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
		w := behind(target, secure, certificates(own()))
		text := strings.Repeat("0123456789", 200_000)
		answer := ask(w.client(http2), "POST", "https://a.example/", func(r *http.Request) {
			r.Body, r.ContentLength = io.NopCloser(strings.NewReader(text)), int64(len(text))
		})
		Expect(answer.body).To(HaveLen(len(text)))
	})
})
