package controllers

import (
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"k8s.io/client-go/rest"
	"k8s.io/utils/clock"
)

// LeaseDuration is how long a replica leads after it has last renewed its lease. Then another may take over.
const LeaseDuration = 15 * time.Second

// ErrFenced is why a replica does not write any more.
var ErrFenced = errors.New("the leader election lease has run out: another replica may be working")

// Fence keeps a replica from working once its lease has run out. Leader election itself does not: a replica that stood
// still for a while (a suspended machine, a starved node) goes on for up to 10 s beside the one that has taken over, on
// what it knew before, and would make again what that one has deleted.
type Fence struct {
	clock clock.PassiveClock

	mu sync.Mutex
	// renewed is when the request was sent that renewed the lease last; zero before the replica leads.
	renewed time.Time
}

// NewFence returns a fence for a replica that does not lead yet. Until it does, nothing is kept from it.
func NewFence(clock clock.PassiveClock) *Fence { return &Fence{clock: clock} }

// Permit returns ErrFenced once the lease has run out.
func (f *Fence) Permit() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.renewed.IsZero() && f.clock.Since(f.renewed) >= LeaseDuration {
		return ErrFenced
	}
	return nil
}

// Configure puts the fence before the writes of a client configuration, and returns another one for leader election,
// from which the fence learns of renewals.
func (f *Fence) Configure(config *rest.Config) (election *rest.Config) {
	election = rest.CopyConfig(config)
	election.Wrap(func(next http.RoundTripper) http.RoundTripper { return watching{f, next} })
	config.Wrap(func(next http.RoundTripper) http.RoundTripper { return fenced{f, next} })
	return election
}

// fenced lets writes through only while the fence permits.
type fenced struct {
	fence *Fence
	next  http.RoundTripper
}

func (t fenced) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		if err := t.fence.Permit(); err != nil {
			if r.Body != nil { // which is the transport's to close
				err = errors.Join(err, r.Body.Close())
			}
			return nil, err
		}
	}
	return t.next.RoundTrip(r)
}

// watching notes the renewals of a lease. It counts from when they were sent: the others count from later.
type watching struct {
	fence *Fence
	next  http.RoundTripper
}

func (t watching) RoundTrip(r *http.Request) (*http.Response, error) {
	sent := t.fence.clock.Now()
	response, err := t.next.RoundTrip(r)
	if err == nil && response.StatusCode < http.StatusMultipleChoices && r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/leases") {
		t.fence.mu.Lock()
		t.fence.renewed = sent
		t.fence.mu.Unlock()
	}
	return response, err
}
