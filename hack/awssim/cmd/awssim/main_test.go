package main

import (
	"bytes"
	"context"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestCommand(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "awssim")
}

// output is a writer that a spec reads while the command runs.
type output struct {
	mu     sync.Mutex
	buffer bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.buffer.String()
}

var _ = Describe("awssim", func() {
	It("serves until it is told to stop, and saves its state", func(ctx SpecContext) {
		path := filepath.Join(GinkgoT().TempDir(), "state.json")
		running, stop := context.WithCancel(ctx)
		defer stop()
		var stdout output
		ended := make(chan error, 1)
		go func() {
			ended <- run(running, []string{"--listen", "127.0.0.1:0", "--dns", "127.0.0.1:0", "--profile", "fast",
				"--state", path, "--propagation", "1s-2s"}, &stdout, GinkgoWriter)
		}()
		Eventually(stdout.String).WithTimeout(10 * time.Second).Should(ContainSubstring("dig @127.0.0.1 -p "))
		greeting := stdout.String()
		Expect(greeting).To(ContainSubstring("export AWS_ENDPOINT_URL=http://127.0.0.1:"))
		_, rest, _ := strings.Cut(greeting, "AWS_ENDPOINT_URL=")
		url, _, _ := strings.Cut(rest, "\n")
		response, err := http.Get(url + "/_sim/meter")
		Expect(err).NotTo(HaveOccurred())
		Expect(response.Body.Close()).To(Succeed())
		Expect(response).To(HaveHTTPStatus(http.StatusOK))
		stop()
		Eventually(ended).WithTimeout(10 * time.Second).Should(Receive(BeNil()))
		Expect(path).To(BeAnExistingFile())
	})

	DescribeTable("tells in one sentence that a port is taken", func(ctx SpecContext, flagName string, more ...string) {
		other, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		defer other.Close()
		address := other.Addr().String()
		err = run(ctx, append(more, flagName, address), GinkgoWriter, GinkgoWriter)
		Expect(err).To(MatchError(SatisfyAll(HavePrefix(address+" is taken by another program"), HaveSuffix("with "+flagName))))
	},
		Entry(nil, "--listen"),
		Entry(nil, "--dns", "--listen", "127.0.0.1:0"),
	)

	It("prints its version", func(ctx SpecContext) {
		var stdout output
		Expect(run(ctx, []string{"--version"}, &stdout, GinkgoWriter)).To(Succeed())
		Expect(stdout.String()).To(Equal("awssim dev\n"))
	})

	DescribeTable("refuses what it does not know", func(ctx SpecContext, why string, args ...string) {
		Expect(run(ctx, args, GinkgoWriter, GinkgoWriter)).To(MatchError(ContainSubstring(why)))
	},
		Entry(nil, "neither realistic nor fast", "--profile", "slow"),
		Entry(nil, "none of aws, legacy5rps, off", "--limits", "none"),
		Entry(nil, "15s-60s", "--busy", "soon"),
		Entry(nil, `"now" was given`, "now"),
		Entry(nil, "no such file", "--state", "/nowhere/state.json"),
	)
})
