package frame

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"sync"
	"time"
)

// Environment is what the services of one server share.
type Environment struct {
	Clock      Clock
	Timing     Timing
	Random     *Random
	Identities *Identities
	VPCs       *VPCs
	Endpoints  *Endpoints
	// Changed is called after each change of state, so that it gets saved.
	Changed func()
}

// Span is a range of durations from which each wait is drawn.
type Span struct{ Min, Max time.Duration }

// Exactly is a span of one duration.
func Exactly(d time.Duration) Span { return Span{Min: d, Max: d} }

// ParseSpan reads one duration ("50ms") or a range ("15s-60s").
func ParseSpan(s string) (Span, error) {
	low, high, isRange := strings.Cut(s, "-")
	if !isRange {
		high = low
	}
	least, err := time.ParseDuration(low)
	if err != nil {
		return Span{}, fmt.Errorf("%q is neither a duration like 50ms nor a range like 15s-60s", s)
	}
	most, err := time.ParseDuration(high)
	if err != nil || most < least || least < 0 {
		return Span{}, fmt.Errorf("%q is neither a duration like 50ms nor a range like 15s-60s", s)
	}
	return Span{Min: least, Max: most}, nil
}

// Timing is how long simulated AWS takes.
type Timing struct {
	// Latency of an API call, by signing name; "*" is that of all others.
	// It is wall time even under a manual clock: a caller waits for it.
	Latency map[string]Latency
	// Propagation is the time from a Route 53 change's PENDING to INSYNC.
	Propagation Span
	// Busy is how long a zone refuses a further change after one.
	Busy Span
	// Signing is the time a zone takes to begin or to end signing.
	Signing Span
	// Visibility is how long EC2 does not show what was just made.
	Visibility Span
	// Pace is how many times faster than asked for health checkers probe; 0 is 1.
	Pace float64
	// LoadBalancing is how long Elastic Load Balancing takes.
	LoadBalancing LoadBalancing
	// Certification is how long ACM takes.
	Certification Certification
	// Instances is how long EC2 takes with instances.
	Instances Instances
	// AutoScaling is how long EC2 Auto Scaling takes.
	AutoScaling AutoScaling
}

// Latency is a spread of response times given by its median and 99th percentile.
type Latency struct{ P50, P99 time.Duration }

// LatencyOf is the latency of a service's calls.
func (t Timing) LatencyOf(service string) Latency {
	if own, ok := t.Latency[service]; ok {
		return own
	}
	return t.Latency["*"]
}

// Realistic is timing as AWS has it.
func Realistic() Timing {
	return Timing{
		Latency: map[string]Latency{
			"*":       {80 * time.Millisecond, 500 * time.Millisecond},
			"route53": {60 * time.Millisecond, 400 * time.Millisecond},
		},
		Propagation: Span{15 * time.Second, 60 * time.Second},
		Busy:        Span{300 * time.Millisecond, 1500 * time.Millisecond},
		Signing:     Span{20 * time.Second, 90 * time.Second},
		Visibility:  Span{0, 5 * time.Second},
		Pace:        1,

		LoadBalancing: realisticLoadBalancing(),
		Certification: realisticCertification(),
		AutoScaling:   realisticAutoScaling(),
		Instances:     realisticInstances(),
	}
}

// Fast is timing for tests: the same order of events, in milliseconds.
func Fast() Timing {
	return Timing{
		Latency:     map[string]Latency{"*": {2 * time.Millisecond, 5 * time.Millisecond}},
		Propagation: Exactly(50 * time.Millisecond),
		Busy:        Exactly(5 * time.Millisecond),
		Signing:     Exactly(80 * time.Millisecond),
		Pace:        20,

		LoadBalancing: fastLoadBalancing(),
		Certification: fastCertification(),
		AutoScaling:   fastAutoScaling(),
		Instances:     fastInstances(),
	}
}

// Random is a source of randomness that goroutines may share.
type Random struct {
	mu     sync.Mutex
	source *rand.Rand
}

// NewRandom gives the same sequence for the same seed, and any for seed 0.
func NewRandom(seed uint64) *Random {
	if seed == 0 {
		seed = rand.Uint64()
	}
	return &Random{source: rand.New(rand.NewPCG(seed, seed))}
}

// Float64 is in [0,1).
func (r *Random) Float64() float64 {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.source.Float64()
}

// IntN is in [0,n).
func (r *Random) IntN(n int) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.source.IntN(n)
}

// String draws length characters of the alphabet.
func (r *Random) String(length int, alphabet string) string {
	r.mu.Lock()
	defer r.mu.Unlock()
	drawn := make([]byte, length)
	for i := range drawn {
		drawn[i] = alphabet[r.source.IntN(len(alphabet))]
	}
	return string(drawn)
}

// UpperAlphanumeric is the alphabet of most AWS ids.
const UpperAlphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"

// RequestID draws a UUID.
func (r *Random) RequestID() string {
	hex := r.String(32, "0123456789abcdef")
	return hex[:8] + "-" + hex[8:12] + "-4" + hex[13:16] + "-a" + hex[17:20] + "-" + hex[20:]
}

// Draw picks a duration of the span.
func (r *Random) Draw(s Span) time.Duration {
	return s.Min + time.Duration(r.Float64()*float64(s.Max-s.Min))
}

// DrawLatency picks a response time, log-normally spread.
func (r *Random) DrawLatency(l Latency) time.Duration {
	if l.P50 <= 0 || l.P99 <= l.P50 {
		return l.P50
	}
	r.mu.Lock()
	z := r.source.NormFloat64()
	r.mu.Unlock()
	const z99 = 2.326
	sigma := math.Log(float64(l.P99)/float64(l.P50)) / z99
	return time.Duration(float64(l.P50) * math.Exp(sigma*min(z, z99)))
}
