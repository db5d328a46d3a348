package awsclient

import (
	"context"
	"fmt"
	"math"
	"strings"
	"sync"
	"time"
)

// Clock tells the time; tests give their own.
type Clock interface {
	Now() time.Time
}

type wallClock struct{}

func (wallClock) Now() time.Time { return time.Now() }

const (
	// slowestPace bounds how far throttles slow a service down: to 1/32 of its refill.
	slowestPace = 1.0 / 32
	// recovery is what the pace regains per second: from half to full speed in 30 seconds.
	recovery = 1.0 / 60
	// shortestHold is the hold at full pace; it doubles whenever the pace halves: 1 s, 2 s, … 16 s.
	shortestHold = 500 * time.Millisecond
	// longestLine bounds how far apart refused callers are told to come back.
	longestLine = 30 * time.Second
)

// BudgetError refuses an attempt that our own request budget cannot pay for soon. The attempt was
// not made and reserved nothing.
type BudgetError struct {
	Service    string
	RetryAfter time.Duration
	// Throttle is what AWS said when it throttled calls lately, which is why the budget is short; empty when it is our own
	// pace that has to be kept.
	Throttle string
	// Err is how an earlier attempt of the same call failed; nil when none was made. When it is set
	// the call may have taken effect, and Classify and Message speak of it.
	Err error
}

func (e *BudgetError) Error() string {
	text := fmt.Sprintf("The controller waits for its request budget for %s, which keeps it within the limits of AWS.", e.Service)
	if e.Throttle != "" {
		text = e.Throttle
	}
	if e.Err != nil {
		text = fmt.Sprintf("%s An earlier attempt failed: %v", text, e.Err)
	}
	return text
}

// Unwrap returns the failure of an earlier attempt, if there was one.
func (e *BudgetError) Unwrap() error { return e.Err }

// limiter is the budget of one service in one account and region, or of one scope of it. Every attempt, retries included,
// takes its tokens here first.
type limiter struct {
	service  string
	budget   Budget
	clock    Clock
	patience time.Duration
	metrics  *metrics
	// sleep waits d or until ctx is done; a field so that specs need not wait.
	sleep func(ctx context.Context, d time.Duration) error

	mu       sync.Mutex
	buckets  map[string]*bucket
	seen     time.Time // the clock at the last advance
	pace     float64   // 1 at full speed, halved by each throttle
	held     time.Time // no attempt starts before
	throttle time.Time // of the last throttle answer that slowed us down
	said     string    // what AWS said then
}

// bucket is a token bucket. An attempt that waits in place has its tokens taken already (so tokens
// may be negative) and counts as pending: what it holds cannot be refilled on top of a full bucket. So does a reservation.
type bucket struct {
	rate    Rate
	tokens  float64
	pending float64
	lines   map[line]time.Time // where each line of refused callers ends
}

// line is one in which refused callers stand: those of reads, and those that want much of the bucket at once, for which
// the others do not wait.
type line struct{ read, large bool }

// largeShare is the part of a bucket above which a caller wants much of it.
const largeShare = 0.05

// charge is what one attempt takes from one bucket.
type charge struct {
	*bucket
	tokens  float64
	reserve float64 // what must be left over: reads leave this to writes
}

func newLimiter(service string, budget Budget, o Options, m *metrics) *limiter {
	return &limiter{
		service: service, budget: budget.scaled(o.Share), clock: o.Clock, patience: o.Patience, metrics: m,
		sleep: sleep, buckets: map[string]*bucket{}, pace: 1,
	}
}

func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// acquire takes the tokens for one attempt. It waits in place, without a lock, when they will be
// there within the patience; otherwise it returns a BudgetError at once.
func (l *limiter) acquire(ctx context.Context, operation string, input any) error {
	reserved := l.reservationFor(ctx, input)
	if reserved == nil {
		return l.wait(ctx, operation, input)
	}
	if err := l.wait(ctx, operation, nil); err != nil {
		return err
	}
	reserved.end(false)
	return nil
}

// wait takes the tokens of an attempt, all those of its input included, and waits until they are there.
func (l *limiter) wait(ctx context.Context, operation string, input any) error {
	charges, wait, err := l.reserve(operation, input)
	if err != nil || wait <= 0 {
		return err
	}
	l.metrics.waits.WithLabelValues(l.service).Inc()
	if err := l.sleep(ctx, wait); err != nil {
		l.abandon(charges)
		return fmt.Errorf("waiting for the request budget: %w", err)
	}
	return l.start(charges, operation)
}

// patienceFor is how long an attempt may wait in place.
func (l *limiter) patienceFor(operation string) time.Duration {
	if isRead(operation) {
		return max(l.patience, l.budget.ReadPatience)
	}
	return l.patience
}

// reserve takes the tokens now, or promises them for after the wait it returns.
func (l *limiter) reserve(operation string, input any) ([]charge, time.Duration, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	charges := l.charges(operation, input)
	wait, err := l.promise(charges, l.patienceFor(operation), isRead(operation))
	if err != nil {
		return nil, 0, err
	}
	if wait <= 0 {
		l.settle(charges, false)
	}
	return charges, wait, nil
}

// promise holds the tokens of charges until they are settled, and returns when they can be spent; unless that is too
// long a wait. Called with mu held.
func (l *limiter) promise(charges []charge, patience time.Duration, read bool) (time.Duration, error) {
	now := l.advance()
	wait, tightest := max(l.held.Sub(now), 0), -1
	for i, c := range charges {
		if w := c.wait(l.pace); w > wait {
			wait, tightest = w, i
		}
	}
	if wait > patience {
		return 0, l.refuse(now, wait, charges, max(tightest, 0), read)
	}
	for _, c := range charges {
		c.bucket.tokens -= c.tokens
		c.pending += c.tokens
	}
	return wait, nil
}

// start ends a wait in place. A throttle that came meanwhile holds this attempt back as well.
func (l *limiter) start(charges []charge, operation string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.advance()
	hold := l.held.Sub(now)
	refused := hold > l.patienceFor(operation)
	l.settle(charges, refused)
	if refused {
		return l.refuse(now, hold, charges, 0, isRead(operation))
	}
	return nil
}

// abandon gives a promise back.
func (l *limiter) abandon(charges []charge) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.advance()
	l.settle(charges, true)
}

// settle ends a promise: its tokens are spent now, or given back.
func (l *limiter) settle(charges []charge, giveBack bool) {
	for _, c := range charges {
		c.pending -= c.tokens
		if giveBack {
			c.bucket.tokens += c.tokens
		}
	}
}

// refuse tells callers to come back one after the other, not all at the same moment.
func (l *limiter) refuse(now time.Time, wait time.Duration, charges []charge, tightest int, read bool) error {
	l.metrics.refusals.WithLabelValues(l.service).Inc()
	due := now.Add(wait)
	if len(charges) > 0 {
		c := charges[tightest]
		mine := line{read, c.tokens > largeShare*c.rate.Capacity}
		if end := c.lines[mine]; end.After(due) {
			due = end
		}
		if last := now.Add(wait + longestLine); due.After(last) {
			due = last
		}
		c.lines[mine] = due.Add(seconds(c.tokens / c.rate.Refill / l.pace))
	}
	refused := &BudgetError{Service: l.service, RetryAfter: due.Sub(now)}
	if l.pace < 1 {
		refused.Throttle = l.said
	}
	return refused
}

// throttled answers AWS's throttle: it empties the buckets concerned, halves the refill and holds
// all callers of the service back, who are told what AWS said. Attempts that were under way at the time count as one.
func (l *limiter) throttled(sent time.Time, operation string, input any, said string) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.advance()
	for _, c := range l.charges(operation, input) {
		c.bucket.tokens = min(c.bucket.tokens, 0)
	}
	if sent.After(l.throttle) {
		l.throttle, l.said = now, said
		l.pace = max(l.pace/2, slowestPace)
		l.held = now.Add(time.Duration(float64(shortestHold) / l.pace))
	}
	return max(l.held.Sub(now), shortestHold)
}

// advance refills all buckets up to now and lets the pace recover.
func (l *limiter) advance() time.Time {
	now := l.clock.Now()
	if l.seen.IsZero() {
		l.seen = now
	}
	elapsed := now.Sub(l.seen).Seconds()
	if elapsed <= 0 { // a clock that was set back refills nothing
		return now
	}
	l.seen = now
	slow := min(elapsed, (1-l.pace)/recovery)
	paced := l.pace*slow + recovery*slow*slow/2 + (elapsed - slow) // the pace, summed over the time elapsed
	l.pace = min(1, l.pace+recovery*elapsed)
	for _, b := range l.buckets {
		b.tokens = min(b.tokens+b.rate.Refill*paced, b.rate.Capacity-b.pending)
	}
	return now
}

// charges are the buckets one call draws on.
func (l *limiter) charges(operation string, input any) []charge {
	reserve := 0.0
	if isRead(operation) {
		reserve = l.budget.Account.Capacity * l.budget.WriteReserve
	}
	all := l.charge(nil, "account", l.budget.Account, 1, reserve)
	name, own := l.budget.own(operation)
	return append(l.charge(all, name, own, 1, 0), l.throughput(input)...)
}

// throughput is what one call draws on for what it changes.
func (l *limiter) throughput(input any) []charge {
	if l.budget.Cost == nil {
		return nil
	}
	return l.charge(nil, "throughput", l.budget.Throughput, l.budget.Cost(input), 0)
}

// charge adds what is to be drawn on one bucket.
func (l *limiter) charge(all []charge, name string, rate Rate, tokens, reserve float64) []charge {
	if rate.Capacity <= 0 || tokens <= 0 {
		return all
	}
	b, ok := l.buckets[name]
	if !ok {
		b = &bucket{rate: rate, tokens: rate.Capacity, lines: map[line]time.Time{}}
		l.buckets[name] = b
	}
	return append(all, charge{bucket: b, tokens: tokens, reserve: reserve})
}

// wait is the time until the bucket can pay. A call that costs more than the bucket holds goes when
// the bucket is full, and leaves it in debt.
func (c charge) wait(pace float64) time.Duration {
	missing := min(c.tokens+c.reserve, c.rate.Capacity) - c.bucket.tokens
	if missing <= 0 {
		return 0
	}
	return seconds(missing / c.rate.Refill / pace)
}

func seconds(s float64) time.Duration {
	return time.Duration(math.Ceil(s * float64(time.Second)))
}

// readVerbs begin the names of AWS operations that change nothing.
var readVerbs = []string{"Get", "List", "Describe", "Search", "Test"}

func isRead(operation string) bool {
	for _, verb := range readVerbs {
		if strings.HasPrefix(operation, verb) {
			return true
		}
	}
	return false
}
