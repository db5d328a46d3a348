package controllers_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/client-go/rest"
	testingclock "k8s.io/utils/clock/testing"

	"github.com/evenkeel/evenkeel/controllers"
)

var _ = Describe("A fence", func() {
	const lease = "/apis/coordination.k8s.io/v1/namespaces/default/leases/manager"
	var (
		clock          *testingclock.FakePassiveClock
		fence          *controllers.Fence
		work, election *http.Client
		server         *httptest.Server
		arrived        atomic.Int64
		code           atomic.Int64
	)
	BeforeEach(func() {
		arrived.Store(0)
		code.Store(http.StatusOK)
		server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			arrived.Add(1)
			w.WriteHeader(int(code.Load()))
		}))
		DeferCleanup(server.Close)
		clock = testingclock.NewFakePassiveClock(time.Now())
		fence = controllers.NewFence(clock)
		config := &rest.Config{Host: server.URL}
		var err error
		election, err = rest.HTTPClientFor(fence.Configure(config))
		Expect(err).NotTo(HaveOccurred())
		work, err = rest.HTTPClientFor(config)
		Expect(err).NotTo(HaveOccurred())
	})
	do := func(client *http.Client, method, path string) error {
		GinkgoHelper()
		request, err := http.NewRequest(method, server.URL+path, strings.NewReader("{}"))
		Expect(err).NotTo(HaveOccurred())
		response, err := client.Do(request)
		if err == nil {
			Expect(response.Body.Close()).To(Succeed())
		}
		return err
	}
	pass := func(span time.Duration) { clock.SetTime(clock.Now().Add(span)) }
	refuses := func() {
		GinkgoHelper()
		before := arrived.Load()
		Expect(fence.Permit()).To(MatchError(controllers.ErrFenced))
		Expect(do(work, http.MethodPatch, "/x")).To(MatchError(controllers.ErrFenced))
		Expect(arrived.Load()).To(Equal(before))
		Expect(do(work, http.MethodGet, "/x")).To(Succeed())
	}
	permits := func() {
		GinkgoHelper()
		Expect(fence.Permit()).To(Succeed())
		Expect(do(work, http.MethodPatch, "/x")).To(Succeed())
	}

	It("keeps nothing from a replica that has never led", func() {
		pass(time.Hour)
		permits()
	})

	It("lets no write through once the lease has run out, until it is renewed", func() {
		Expect(do(election, http.MethodPut, lease)).To(Succeed())
		pass(controllers.LeaseDuration - time.Millisecond)
		permits()
		pass(time.Millisecond)
		refuses()
		Expect(do(election, http.MethodPut, lease)).To(Succeed())
		permits()
	})

	It("does not take for a renewal what is none", func() {
		Expect(do(election, http.MethodPut, lease)).To(Succeed())
		pass(controllers.LeaseDuration)
		Expect(do(election, http.MethodGet, lease)).To(Succeed())
		Expect(do(election, http.MethodPost, "/api/v1/namespaces/default/events")).To(Succeed())
		code.Store(http.StatusConflict)
		Expect(do(election, http.MethodPut, lease)).To(Succeed())
		code.Store(http.StatusOK)
		refuses()
	})
})
