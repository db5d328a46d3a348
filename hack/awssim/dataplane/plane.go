package dataplane

import (
	"cmp"
	"context"
	"crypto/tls"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// ControlPlane is what is configured, and where the health of targets is kept.
type ControlPlane interface {
	LoadBalancers() []elbv2.LoadBalancer
	TargetGroups() []elbv2.TargetGroup
	// Generation changes whenever one of the two does.
	Generation() uint64
	// SetTargetHealth reports what health checks found.
	SetTargetHealth(targetGroupARN, id string, port int32, healthy bool, reason types.TargetHealthReasonEnum, description string)
	// EndDraining tells that a target that drains has nothing under way.
	EndDraining(targetGroupARN, id string, port int32)
}

// Options configure a Plane; ControlPlane, Clock, Random and Endpoints are required.
type Options struct {
	ControlPlane ControlPlane
	Clock        frame.Clock
	Random       *frame.Random
	// Endpoints tells where the address of a target is on this machine.
	Endpoints *frame.Endpoints
	// Certificate gives the certificate of an ARN; nil knows none.
	Certificate func(arn string) (tls.Certificate, bool)
	// Instance gives the address by which Endpoints finds an instance; nil knows none.
	Instance func(instanceID string) (host string, ok bool)
	// Pace is how many times faster than asked for targets are probed; 0 is 1.
	Pace float64
	// First is the wait before the first probe of a target of application load
	// balancers, FirstNetwork of others.
	First, FirstNetwork frame.Span
	// MappedOnly binds ports of 127.0.0.1 that the system chooses, as where
	// the load balancer's own addresses and ports cannot be bound.
	MappedOnly bool
	// Follow is how often the control plane is looked at when nobody calls
	// Sync, in wall time; 0 is 20 milliseconds.
	Follow time.Duration
}

const (
	defaultFollow = 20 * time.Millisecond
	// mostSockets bounds what is bound at a time, mostConnections the
	// connections of one listener, mostFlows the UDP flows of one socket.
	mostSockets, mostConnections, mostFlows = 512, 4096, 1024
)

// Plane is the data plane of all load balancers. It is safe for concurrent use.
type Plane struct {
	options Options
	ctx     context.Context
	cancel  context.CancelFunc
	// running counts every goroutine and every request of the plane.
	running sync.WaitGroup
	sockets chan struct{}
	prober  *prober
	// rotations are those of the rules; only Sync uses the set itself.
	rotations rotations

	// syncing serialises Sync; mu guards what is below it.
	syncing    sync.Mutex
	generation uint64
	followed   bool

	mu        sync.RWMutex
	closed    bool
	listeners map[string]*listener
	balancers map[string]*balancer
	pools     map[string]*pool
}

// balancer is a load balancer with its counters. The view is replaced, not changed.
type balancer struct {
	view     elbv2.LoadBalancer
	counters counters
}

// New starts a data plane that follows the control plane until Close.
func New(options Options) *Plane {
	options.Pace = cmp.Or(options.Pace, 1)
	options.Follow = cmp.Or(options.Follow, defaultFollow)
	if options.Certificate == nil {
		options.Certificate = func(string) (tls.Certificate, bool) { return tls.Certificate{}, false }
	}
	if options.Instance == nil {
		options.Instance = func(string) (string, bool) { return "", false }
	}
	p := &Plane{
		options: options, sockets: make(chan struct{}, mostSockets),
		listeners: map[string]*listener{}, balancers: map[string]*balancer{}, pools: map[string]*pool{},
	}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.prober = newProber(p)
	p.run(p.follow)
	return p
}

func (p *Plane) follow() {
	ticker := time.NewTicker(p.options.Follow)
	defer ticker.Stop()
	for {
		p.Sync()
		select {
		case <-p.ctx.Done():
			return
		case <-ticker.C:
		}
	}
}

// Sync makes the data plane as the control plane wants it, if that changed.
// When it returns, sockets are bound and closed. The control plane may call it
// from wherever it changes, if nothing is locked there.
func (p *Plane) Sync() {
	for _, g := range p.takeOver() {
		g.endDraining()
	}
}

// takeOver follows the control plane, and answers with the pools that may have
// targets that begin to drain: the control plane is told of those with nothing
// locked, since it may call Sync again.
func (p *Plane) takeOver() []*pool {
	p.syncing.Lock()
	defer p.syncing.Unlock()
	generation := p.options.ControlPlane.Generation()
	if p.followed && generation == p.generation || p.ctx.Err() != nil {
		return nil
	}
	generation, balancers, groups := p.read()
	p.setPools(groups)
	p.setBalancers(balancers)
	p.prober.follow(groups)
	p.generation, p.followed = generation, true
	return slices.Collect(maps.Values(p.pools))
}

// read reads what belongs together. Where changes come too fast for that, the
// target groups are the newer, so that listeners find those that they name, and
// the generation is the older, so that the next turn reads again.
func (p *Plane) read() (generation uint64, balancers []elbv2.LoadBalancer, groups []elbv2.TargetGroup) {
	const tries = 10
	for range tries {
		generation = p.options.ControlPlane.Generation()
		balancers, groups = p.options.ControlPlane.LoadBalancers(), p.options.ControlPlane.TargetGroups()
		if p.options.ControlPlane.Generation() == generation {
			break
		}
	}
	return generation, balancers, groups
}

// Close closes all sockets and connections, ends health checks, and returns
// once nothing runs any more.
func (p *Plane) Close() {
	p.cancel()
	p.syncing.Lock()
	p.mu.Lock()
	p.closed = true
	former, pools := p.listeners, p.pools
	p.listeners, p.pools = map[string]*listener{}, map[string]*pool{}
	p.mu.Unlock()
	p.syncing.Unlock()
	for _, l := range former {
		l.close()
	}
	p.prober.close()
	for _, g := range pools {
		g.close()
	}
	p.running.Wait()
}

// enter counts what starts to run; it must not when the plane is closed.
func (p *Plane) enter() bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if p.closed {
		return false
	}
	p.running.Add(1)
	return true
}

// run runs f in a goroutine that Close waits for, and tells whether it does.
func (p *Plane) run(f func()) bool {
	if !p.enter() {
		return false
	}
	go func() {
		defer p.running.Done()
		f()
	}()
	return true
}
