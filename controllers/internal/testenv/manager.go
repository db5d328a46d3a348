package testenv

import (
	"context"
	"net/http"
	"sync"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/evenkeel/evenkeel/controllers"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// ManagerOptions change how a manager runs.
type ManagerOptions struct {
	// ClusterID marks what is ours in AWS; "story" when empty.
	ClusterID string
	// Resync is the resync period; long when zero, so that nothing happens but by watches.
	Resync time.Duration
	// Namespaces to watch; those of the story when empty.
	Namespaces []string
	// Everywhere watches all namespaces, as the binary does by default: only in stories that run alone.
	Everywhere bool
	// Resolver is asked whether zones are delegated to; nobody when empty.
	Resolver string
	// LeaderElect makes the manager one of several replicas, of which one works at a time. Whether it is that one is not
	// waited for.
	LeaderElect bool
	// Fate is given the manager before it begins to work, and says when it dies.
	Fate func(*Manager)
	// PublishedBudgets holds the manager to the request budgets, and to the pace, that it has by default.
	PublishedBudgets bool
}

// How long a dead leader is waited for: long enough for a killed manager to be gone when the next begins.
const (
	leaseDuration = 3 * time.Second
	renewDeadline = 2 * time.Second
	retryPeriod   = 200 * time.Millisecond
)

// ClusterID is the cluster id of managers that are not given one.
const ClusterID = "story"

// batchInterval is long enough for a burst of a story to pile up.
const batchInterval = 10 * time.Millisecond

// Manager is a running controller process.
type Manager struct {
	Endpoint  *Endpoint
	apiServer *apiServer
	cancel    context.CancelFunc
	done      chan struct{}
	stopped   sync.Once
}

// StartManager runs the controllers against the story's world, as the binary does, until the story ends, or the
// manager is stopped or killed. It returns when all of them have begun to work.
func (s *Story) StartManager(ctx context.Context, options ...ManagerOptions) *Manager {
	GinkgoHelper()
	o := ManagerOptions{}
	if len(options) > 0 {
		o = options[0]
	}
	if o.ClusterID == "" {
		o.ClusterID = ClusterID
	}
	if len(o.Namespaces) == 0 && !o.Everywhere {
		o.Namespaces = s.namespaces
	}
	if o.Resync == 0 {
		o.Resync = time.Hour
	}
	m := &Manager{Endpoint: newEndpoint(s.Sim), done: make(chan struct{})}
	m.apiServer = &apiServer{writes: map[Step]int{}, kill: m.Kill}
	skipNames := true
	lease, renew, retry := leaseDuration, renewDeadline, retryPeriod
	mgr, err := ctrl.NewManager(s.Config, ctrl.Options{
		LeaderElection: o.LeaderElect, LeaderElectionID: "manager.aws.evenkeel.io", LeaderElectionNamespace: s.Namespace,
		LeaseDuration: &lease, RenewDeadline: &renew, RetryPeriod: &retry,
		Scheme: s.Scheme, Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		MapperProvider: func(*rest.Config, *http.Client) (meta.RESTMapper, error) { return s.mapper, nil },
		NewClient:      m.apiServer.newClient, Cache: controllers.CacheOptions(o.Namespaces),
		Controller: config.Controller{SkipNameValidation: &skipNames},
	})
	Expect(err).NotTo(HaveOccurred())
	GinkgoT().Setenv("AWS_ENDPOINT_URL", m.Endpoint.server.URL)
	access := awsclient.Options{UserAgent: "evenkeel/story"}
	batch, poll, pace := controllers.DefaultZoneBatchInterval, controllers.DefaultChangePoll, time.Duration(0)
	if !o.PublishedBudgets {
		batch, poll, pace = batchInterval, batchInterval, time.Millisecond
		ample := awsclient.Budget{Account: awsclient.Rate{Capacity: 1000, Refill: 1000}}
		access.Budgets = map[string]awsclient.Budget{
			awsclient.ServiceRoute53: ample, awsclient.ServiceELBV2: ample, awsclient.ServiceEC2: ample, awsclient.ServiceACM: ample,
			awsclient.ServiceAutoScaling: ample, awsclient.ServiceCloudWatch: ample,
		}
	}
	clients, err := awsclient.New(ctx, access)
	Expect(err).NotTo(HaveOccurred())
	counted := &counting{Manager: mgr}
	Expect(controllers.Setup(ctx, counted, clients, controllers.Options{
		ClusterID: o.ClusterID, ResyncPeriod: o.Resync, ZoneBatchInterval: batch, ChangePoll: poll, HealthCheckPace: pace, Resolver: o.Resolver, Clock: s.clock,
	})).To(Succeed())
	if o.Fate != nil {
		o.Fate(m)
	}
	var running context.Context
	running, m.cancel = detached(ctx)
	go func() {
		defer GinkgoRecover()
		defer close(m.done)
		Expect(mgr.Start(running)).To(Succeed())
	}()
	s.managers = append(s.managers, m)
	if o.LeaderElect || o.Fate != nil {
		return m
	}
	Eventually(counted.allWork).WithTimeout(patience).Should(BeTrue(), "not all controllers have begun to work")
	return m
}

// Stop ends the manager gracefully, as SIGTERM does, and waits until it has.
func (m *Manager) Stop() {
	GinkgoHelper()
	m.stopped.Do(func() {
		m.cancel()
		Eventually(m.done).WithTimeout(patience).Should(BeClosed())
		m.die()
		m.Endpoint.close()
	})
}

// Kill ends the manager as kill -9 does: from this moment on nothing that it does has an effect. It returns at once.
func (m *Manager) Kill() {
	m.die()
	m.cancel()
}

func (m *Manager) die() {
	m.Endpoint.die()
	m.apiServer.die()
}

// AnyObject stands for whatever object a manager writes.
const AnyObject = ""

// KillAtWrite kills the manager before, or right after, its next such write of an object to the API server. Wait for it
// with ExpectKilled.
func (m *Manager) KillAtWrite(step Step, at Moment, object string) {
	m.apiServer.mu.Lock()
	defer m.apiServer.mu.Unlock()
	m.apiServer.hook = func(found Step, obj client.Object, moment Moment) bool {
		return found == step && moment == at && (object == AnyObject || obj.GetName() == object)
	}
}

// KillAtNthWrite kills the manager before, or right after, the nth write of an object to the API server from now on,
// whatever it is for. Wait for it with ExpectKilled.
func (m *Manager) KillAtNthWrite(n int, at Moment, object string) {
	m.apiServer.mu.Lock()
	defer m.apiServer.mu.Unlock()
	begun := 0
	m.apiServer.hook = func(_ Step, obj client.Object, moment Moment) bool {
		if obj.GetName() != object {
			return false
		}
		if moment == Before {
			begun++
		}
		return begun >= n && moment == at
	}
}

// ExpectKilled waits until the manager is dead and gone.
func (m *Manager) ExpectKilled() {
	GinkgoHelper()
	Eventually(m.done).WithTimeout(patience).Should(BeClosed(), "the manager was not killed: the call was never made")
	m.Stop()
}

// DiedOrReady waits until the manager is dead and gone, or an object is Ready for its present spec, and tells whether it died.
func (s *Story) DiedOrReady(ctx context.Context, m *Manager, obj lifecycle.Object) bool {
	GinkgoHelper()
	died := false
	Eventually(func(g Gomega) {
		select {
		case <-m.done:
			died = true
		default:
			live, err := Live(ctx, s, obj)()
			g.Expect(err).NotTo(HaveOccurred())
			g.Expect(live).To(BeReady())
		}
	}).Should(Succeed())
	if died {
		m.Stop()
	}
	return died
}

// Writes is how many writes to the API server the manager has made so far.
func (m *Manager) Writes() int {
	m.apiServer.mu.Lock()
	defer m.apiServer.mu.Unlock()
	total := 0
	for _, n := range m.apiServer.writes {
		total += n
	}
	return total
}
