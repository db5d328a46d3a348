package loadbalancer

import (
	"context"
	"sync"
	"time"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// graceInPolls is for how long, in polls, a target group keeps its targets after the last listener or rule has let go of
// it: AWS takes a few seconds to tell all nodes of a load balancer, and until then some send requests there.
const graceInPolls = 5

// unused remembers since when target groups have been seen unused, by ARN. A new process counts from its first look.
type unused struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// look notes whether a group is used now, and returns since when it has not been; the zero time when it is.
func (u *unused) look(arn string, used bool, now time.Time) time.Time {
	u.mu.Lock()
	defer u.mu.Unlock()
	if used {
		delete(u.since, arn)
		return time.Time{}
	}
	if u.since == nil {
		u.since = map[string]time.Time{}
	}
	if _, known := u.since[arn]; !known {
		u.since[arn] = now
	}
	return u.since[arn]
}

// forget drops a group that is gone.
func (u *unused) forget(arn string) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.since, arn)
}

// observeUse finds which of the object's target groups every node of the load balancer has let go of.
func observeUse(_ context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
	use := o.usage()
	for _, g := range o.groups {
		used := use.of(g)
		since := k.unused.look(g.arn, used, o.now)
		g.released = !used && o.now.Sub(since) >= graceInPolls*k.Poll
	}
	return nil
}
