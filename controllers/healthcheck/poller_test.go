package healthcheck

import (
	"context"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apitypes "k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	sim "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// round is how long a poller takes to ask about a number of checks once.
func round(checks int) time.Duration {
	return max(longestInterval, time.Duration(checks)*longestInterval/perInterval)
}

// passive makes a manual clock one that Kubernetes knows.
type passive struct{ *frame.ManualClock }

func (p passive) Since(t time.Time) time.Duration { return p.Now().Sub(t) }

// polled is a poller with nothing but AWS's own limits between it and Route 53, on a clock that is stepped by hand.
type polled struct {
	*poller
	sim   *awssim.Server
	clock *frame.ManualClock
	queue workqueue.TypedRateLimitingInterface[reconcile.Request]
	hand  *route53.Client

	// asked is when each check was asked about.
	asked map[string][]time.Time
}

func newPolled() *polled {
	GinkgoHelper()
	w := &polled{clock: frame.NewManualClock(time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)), asked: map[string][]time.Time{}}
	instant := frame.Exactly(0)
	server, err := awssim.New(awssim.Options{Profile: awssim.ProfileFast, Limits: awssim.LimitsAWS, Clock: w.clock, Seed: 1, Latency: &instant})
	Expect(err).NotTo(HaveOccurred())
	front := httptest.NewServer(server)
	DeferCleanup(func() {
		front.Close()
		Expect(server.Close()).To(Succeed())
	})
	w.sim = server
	w.hand = route53.New(route53.Options{
		Region: "us-east-1", BaseEndpoint: &front.URL, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIAEVENKEEL", SecretAccessKey: "secret"}, nil
		}),
	})
	w.poller = newPoller(w.hand, passive{w.clock}, 5*time.Minute, DefaultPace)
	w.queue = workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[reconcile.Request]())
	DeferCleanup(w.queue.ShutDown)
	return w
}

// add makes checks and has an object use each, all at the same moment. The poller is woken by every one of them.
func (w *polled) add(ctx context.Context, n int) []string {
	GinkgoHelper()
	var ids []string
	for i := range n {
		w.clock.Advance(2 * time.Second) // AWS makes one every 2 s
		out, err := w.hand.CreateHealthCheck(ctx, &route53.CreateHealthCheckInput{CallerReference: aws.String(fmt.Sprint(i)),
			HealthCheckConfig: &types.HealthCheckConfig{Type: types.HealthCheckTypeTcp, IPAddress: aws.String("192.0.2.1"), Port: aws.Int32(25)}})
		Expect(err).NotTo(HaveOccurred())
		ids = append(ids, *out.HealthCheck.Id)
		w.set(ids[i], true)
	}
	for i, id := range ids {
		w.watch(apitypes.NamespacedName{Namespace: "ns", Name: fmt.Sprint("r", i)}, id, &types.HealthCheckConfig{Type: types.HealthCheckTypeTcp})
		w.ask(ctx)
	}
	return ids
}

func (w *polled) set(id string, healthy bool) {
	GinkgoHelper()
	Expect(w.sim.SetHealthCheck(id, sim.CheckState{Healthy: &healthy})).To(Succeed())
}

// ask runs one turn and notes when a check was asked about, which is when it is scheduled anew.
func (w *polled) ask(ctx context.Context) time.Duration {
	before := w.plan()
	pause := w.turn(ctx, w.queue)
	for id, due := range w.plan() {
		if !due.Equal(before[id]) {
			w.asked[id] = append(w.asked[id], w.clock.Now())
		}
	}
	return pause
}

// plan is when each check is due.
func (w *polled) plan() map[string]time.Time {
	due := map[string]time.Time{}
	for id, check := range w.checks {
		due[id] = check.due
	}
	return due
}

// run lets time pass.
func (w *polled) run(ctx context.Context, d time.Duration) {
	for end := w.clock.Now().Add(d); w.clock.Now().Before(end); {
		w.clock.Advance(max(w.ask(ctx), time.Millisecond))
	}
}

var _ = DescribeTable("The poller asks about every check in turn, within AWS's limit", func(ctx SpecContext, checks int) {
	w := newPolled()
	ids := w.add(ctx, checks)
	w.run(ctx, round(checks))
	for _, id := range ids {
		h, known := w.healthOf(id)
		Expect(known).To(BeTrue(), "the health of a check is not known after a round")
		Expect(h.status).To(Equal(metav1.ConditionTrue))
	}
	Expect(w.queue.Len()).To(Equal(checks), "every object is told")

	By("learning of every change within a round")
	for _, id := range ids {
		w.set(id, false)
	}
	w.run(ctx, round(checks)+time.Second)
	for _, id := range ids {
		h, _ := w.healthOf(id)
		Expect(h.status).To(Equal(metav1.ConditionFalse))
	}

	By("being fair")
	w.run(ctx, 3*round(checks))
	Expect(slices.Sorted(maps.Keys(w.asked))).To(Equal(slices.Sorted(slices.Values(ids))))
	for id, times := range w.asked {
		for i := 1; i < len(times); i++ {
			Expect(times[i].Sub(times[i-1])).To(BeNumerically("~", round(checks), round(checks)/10), "between two looks at %s", id)
		}
	}
	Expect(w.sim.Meter().Throttled).To(BeEmpty())
},
	Entry("one", 1),
	Entry("as many as fit into an interval", perInterval),
	Entry("25", 25),
	Entry("60", 60),
	Entry("150", 150),
)
