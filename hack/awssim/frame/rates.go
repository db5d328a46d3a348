package frame

import (
	"cmp"
	"math"
	"net/http"
	"sync"
	"time"
)

// Bucket is a token bucket: it holds Capacity tokens and gains Refill a second.
type Bucket struct {
	Capacity, Refill float64
}

// Rates are a service's request-rate limits. A call takes a token from the
// account's bucket and one from its operation's; what Charges adds comes from
// the named Shared buckets. Nothing is taken when one of them lacks tokens.
type Rates struct {
	// Code is the error code of a throttled call; CodeOf holds the
	// operations that answer with another one.
	Code   string
	CodeOf map[string]string
	// Message and Status are the rest of that answer; without them they are
	// "Rate exceeded" and 400.
	Message string
	Status  int
	// Account is taken by all operations together; nil means no such bucket.
	Account *Bucket
	// Default is each operation's own bucket unless Operations has another;
	// nil means none.
	Default    *Bucket
	Operations map[string]Bucket
	Shared     map[string]Bucket
}

// Flat is one bucket for everything, as accounts had in the past.
func (r Rates) Flat(perSecond float64) Rates {
	flat := r.Unlimited()
	flat.Account = &Bucket{Capacity: perSecond, Refill: perSecond}
	return flat
}

// Unlimited has no buckets, for throttling by faults only.
func (r Rates) Unlimited() Rates {
	return Rates{Code: r.Code, CodeOf: r.CodeOf, Message: r.Message, Status: r.Status}
}

// Throttled is the error a call without tokens gets.
func (r Rates) Throttled(operation string) *Error {
	code := r.Code
	if special, ok := r.CodeOf[operation]; ok {
		code = special
	}
	return StatusErrorf(cmp.Or(r.Status, http.StatusBadRequest), code, "%s", cmp.Or(r.Message, "Rate exceeded"))
}

// Limiter keeps the buckets of one service for every account and region.
type Limiter struct {
	clock Clock
	rates Rates

	mu     sync.Mutex
	levels map[bucketKey]*level
}

type bucketKey struct{ scope, kind, name string }

type level struct {
	tokens float64
	at     time.Time
}

// NewLimiter starts with full buckets.
func NewLimiter(clock Clock, rates Rates) *Limiter {
	return &Limiter{clock: clock, rates: rates, levels: map[bucketKey]*level{}}
}

// Take takes the tokens of one call of the operation in the scope (an account,
// and a region unless the service is global), or none and reports false.
func (l *Limiter) Take(scope, operation string, charges []Charge) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := l.clock.Now()
	type draw struct {
		from   *level
		tokens float64
	}
	var draws []draw
	enough := true
	plan := func(kind, name string, bucket Bucket, tokens float64) {
		from := l.refilled(bucketKey{scope, kind, name}, bucket, now)
		draws = append(draws, draw{from, tokens})
		enough = enough && from.tokens+1e-9 >= tokens
	}
	if l.rates.Account != nil {
		plan("account", "", *l.rates.Account, 1)
	}
	if bucket, ok := l.rates.Operations[operation]; ok {
		plan("operation", operation, bucket, 1)
	} else if l.rates.Default != nil {
		plan("operation", operation, *l.rates.Default, 1)
	}
	for _, c := range charges {
		if bucket, ok := l.rates.Shared[c.Bucket]; ok {
			plan("shared", c.Bucket, bucket, c.Tokens)
		}
	}
	if !enough {
		return false
	}
	for _, d := range draws {
		d.from.tokens -= d.tokens
	}
	return true
}

func (l *Limiter) refilled(key bucketKey, bucket Bucket, now time.Time) *level {
	current, ok := l.levels[key]
	if !ok {
		current = &level{tokens: bucket.Capacity, at: now}
		l.levels[key] = current
	}
	gained := now.Sub(current.at).Seconds() * bucket.Refill
	current.tokens = math.Min(bucket.Capacity, current.tokens+math.Max(0, gained))
	current.at = now
	return current
}

// Reset fills all buckets.
func (l *Limiter) Reset() {
	l.mu.Lock()
	defer l.mu.Unlock()
	clear(l.levels)
}
