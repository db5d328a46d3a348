package awsclient

import (
	"context"
	"sync"

	"github.com/aws/aws-sdk-go-v2/service/route53"
)

// reservation is what one call is going to change, set aside of the throughput that AWS allows before the call is made.
// It is for calls that take work to prepare, which would be in vain, or too early, if the budget refused them then.
type reservation struct {
	limiter *limiter

	mu      sync.Mutex
	charges []charge // none once it is spent or given back
}

type reservationKey struct{}

// ReserveChanges sets aside what a change of records takes, or says with a BudgetError when to come back. The call that
// is made with the context returned spends it; release gives it back when none was made.
func (c *Clients) ReserveChanges(ctx context.Context, input *route53.ChangeResourceRecordSetsInput) (call context.Context, release func(), err error) {
	r, err := c.gate.limiter(ServiceRoute53, "ChangeResourceRecordSets").reserveThroughput(ctx, input)
	if err != nil {
		return ctx, nil, err
	}
	return context.WithValue(ctx, reservationKey{}, r), r.release, nil
}

// reservationFor returns what was set aside for a call, nil when nothing was, or no more is.
func (l *limiter) reservationFor(ctx context.Context, input any) *reservation {
	r, ok := ctx.Value(reservationKey{}).(*reservation)
	if !ok || r.limiter != l || l.budget.Cost == nil || l.budget.Cost(input) == 0 {
		return nil
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.charges == nil {
		return nil
	}
	return r
}

// release gives back what has not been spent.
func (r *reservation) release() { r.end(true) }

func (r *reservation) end(giveBack bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.limiter.mu.Lock()
	defer r.limiter.mu.Unlock()
	r.limiter.advance()
	r.limiter.settle(r.charges, giveBack)
	r.charges = nil
}

// reserveThroughput takes the tokens of what a call changes, and none of those for the call itself.
func (l *limiter) reserveThroughput(ctx context.Context, input any) (*reservation, error) {
	r := &reservation{limiter: l}
	l.mu.Lock()
	r.charges = l.throughput(input)
	wait, err := l.promise(r.charges, l.patience, false)
	l.mu.Unlock()
	if err != nil || wait <= 0 {
		return r, err
	}
	l.metrics.waits.WithLabelValues(l.service).Inc()
	if err := l.sleep(ctx, wait); err != nil {
		r.release()
		return nil, err
	}
	return r, nil
}
