package healthcheck

import (
	"context"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apitypes "k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/utils/clock"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

const (
	// longestInterval is how often each check is asked about, as long as there are few.
	longestInterval = 30 * time.Second
	// perInterval is how many checks can be asked about in an interval: AWS allows one GetHealthCheckStatus a second,
	// and a fifth of that is left to others. With more checks each is asked about more rarely.
	perInterval = 24
	// DefaultPace is the time between two questions by which that many can be asked.
	DefaultPace = longestInterval / perInterval
	// idleWait is how long the poller rests when it has nothing to do and nobody wakes it.
	idleWait = time.Minute
)

// poller asks Route 53 how health checks fare, one after the other, and has the objects look that use a check whose
// health has changed. It is the only one to call GetHealthCheckStatus, whose limit is the tightest of all.
type poller struct {
	route53  *route53.Client
	clock    clock.PassiveClock
	interval time.Duration
	pace     time.Duration // between two calls
	news     chan struct{} // something was added

	mu     sync.Mutex
	checks map[string]*watched                // by id
	users  map[apitypes.NamespacedName]string // the id that an object uses
	rest   time.Time                          // no call is made before, whoever wakes the poller
}

// watched is a check that some objects use.
type watched struct {
	config *types.HealthCheckConfig
	users  map[apitypes.NamespacedName]struct{}
	due    time.Time
	known  bool
	health health
}

func newPoller(client *route53.Client, c clock.PassiveClock, resync, pace time.Duration) *poller {
	interval := min(longestInterval, resync/10)
	return &poller{
		route53: client, clock: c, interval: interval, pace: min(pace, interval/perInterval), news: make(chan struct{}, 1),
		checks: map[string]*watched{}, users: map[apitypes.NamespacedName]string{},
	}
}

// watch says which check an object uses, and how it is set up.
func (p *poller) watch(key apitypes.NamespacedName, id string, config *types.HealthCheckConfig) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if last := p.users[key]; last != id {
		p.drop(key)
	}
	p.users[key] = id
	w := p.checks[id]
	if w == nil {
		w = &watched{users: map[apitypes.NamespacedName]struct{}{}}
		p.checks[id] = w
		select {
		case p.news <- struct{}{}:
		default:
		}
	}
	w.users[key] = struct{}{}
	if w.config == nil || flag(w.config.Disabled) != flag(config.Disabled) || flag(w.config.Inverted) != flag(config.Inverted) {
		w.due = time.Time{}
	}
	w.config = config
	if config.Type == types.HealthCheckTypeCalculated {
		w.known, w.health = true, unknowable(config.Type)
	}
}

// unwatch says that an object uses no check.
func (p *poller) unwatch(key apitypes.NamespacedName) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.drop(key)
}

// drop is unwatch with mu held.
func (p *poller) drop(key apitypes.NamespacedName) {
	id, used := p.users[key]
	if !used {
		return
	}
	delete(p.users, key)
	delete(p.checks[id].users, key)
	if len(p.checks[id].users) == 0 {
		delete(p.checks, id)
	}
}

// healthOf returns how a check fares, and false as long as that is not known.
func (p *poller) healthOf(id string) (health, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.checks[id]
	if w == nil || !w.known {
		return health{}, false
	}
	return w.health, true
}

// Start begins to ask, until ctx ends. It makes the poller a source of reconcile requests.
func (p *poller) Start(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) error {
	go p.run(ctx, queue)
	return nil
}

func (p *poller) run(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-p.news:
		case <-timer.C:
		}
		timer.Reset(p.turn(ctx, queue))
	}
}

// turn asks about the check that has waited longest, if one is due, and returns when to come back.
func (p *poller) turn(ctx context.Context, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) time.Duration {
	id, config, wait := p.next()
	if id == "" || wait > 0 {
		return wait
	}
	answer, err := p.route53.GetHealthCheckStatus(ctx, &route53.GetHealthCheckStatusInput{HealthCheckId: &id})
	if pause := awsclient.RetryAfter(err); pause > 0 {
		return p.pause(pause)
	}
	switch awsclient.Classify(err) {
	case "":
		p.learn(id, assess(config, answer.HealthCheckObservations), queue)
	case awsclient.Denied:
		p.learn(id, health{status: metav1.ConditionUnknown, reason: v1alpha1.ReasonAccessDenied, message: awsclient.Message(err)}, queue)
	case awsclient.Invalid:
		p.learn(id, unknowable(config.Type), queue)
	default: // what was learned last stands
		p.postpone(id)
	}
	return p.pause(p.pace)
}

// pause keeps the poller from its next call for a while, and returns how long that is.
func (p *poller) pause(d time.Duration) time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.rest = p.clock.Now().Add(d)
	return d
}

// next returns the check to ask about next, and how long to wait before; no id when there is none.
func (p *poller) next() (string, *types.HealthCheckConfig, time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	first := ""
	for id, w := range p.checks {
		if w.config.Type != types.HealthCheckTypeCalculated && (first == "" || w.due.Before(p.checks[first].due)) {
			first = id
		}
	}
	if first == "" {
		return "", nil, idleWait
	}
	w, now := p.checks[first], p.clock.Now()
	return first, w.config, max(w.due.Sub(now), p.rest.Sub(now))
}

// learn notes how a check fares, and wakes its users when that is news.
func (p *poller) learn(id string, h health, queue workqueue.TypedRateLimitingInterface[reconcile.Request]) {
	p.mu.Lock()
	defer p.mu.Unlock()
	w := p.checks[id]
	if w == nil {
		return
	}
	p.schedule(w)
	if w.known && w.health.status == h.status && w.health.message == h.message && sameFirst(w.health.failures, h.failures) {
		return
	}
	w.known, w.health = true, h
	for key := range w.users {
		queue.Add(reconcile.Request{NamespacedName: key})
	}
}

func sameFirst(a, b []string) bool {
	return len(a) == 0 && len(b) == 0 || len(a) > 0 && len(b) > 0 && a[0] == b[0]
}

func (p *poller) postpone(id string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if w := p.checks[id]; w != nil {
		p.schedule(w)
	}
}

// schedule says when a check is asked about again, with mu held.
func (p *poller) schedule(w *watched) {
	spread := p.pace * time.Duration(len(p.checks))
	w.due = p.clock.Now().Add(max(p.interval, spread))
}
