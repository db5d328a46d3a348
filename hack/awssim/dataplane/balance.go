package dataplane

import (
	"hash/fnv"
	"maps"
	"net/netip"
	"sync"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// rotation takes turns among keys in proportion to their weights, evenly
// spread: of weights 9 and 1, every tenth turn is the second's.
type rotation struct {
	mu     sync.Mutex
	credit map[string]float64
}

func newRotation() *rotation { return &rotation{credit: map[string]float64{}} }

// weighted is one of those who take turns.
type weighted struct {
	key    string
	weight float64
}

// next is the index of the one whose turn it is, or -1 when no weight is
// positive. Those who are not among the choices keep their credit, so that
// choices may differ from call to call.
func (r *rotation) next(choices []weighted) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	total, best := 0.0, -1
	for i, choice := range choices {
		if choice.weight <= 0 {
			continue
		}
		total += choice.weight
		r.credit[choice.key] += choice.weight
		if best < 0 || r.credit[choice.key] > r.credit[choices[best].key] {
			best = i
		}
	}
	if best >= 0 {
		r.credit[choices[best].key] -= total
	}
	return best
}

// keep forgets all keys but those wanted.
func (r *rotation) keep(wanted func(key string) bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.credit, func(key string, _ float64) bool { return !wanted(key) })
}

// rotations keep the turns of rules over changes of their listeners.
type rotations struct{ former, present map[string]*rotation }

func (r *rotations) begin() { r.former, r.present = r.present, map[string]*rotation{} }
func (r *rotations) end()   { r.former = nil }

// of is the rotation of a rule, or of a listener's default.
func (r *rotations) of(arn string) *rotation {
	kept := r.former[arn]
	if kept == nil {
		kept = newRotation()
	}
	r.present[arn] = kept
	return kept
}

// byHash chooses the target whose key goes best with what a flow is known by.
// A target that comes or goes moves no flows but its own.
func byHash(choices []*target, flow string) *target {
	var chosen *target
	var highest uint64
	for _, t := range choices {
		h := fnv.New64a()
		h.Write([]byte(flow))
		h.Write([]byte(t.key))
		if score := mix(h.Sum64()); chosen == nil || score > highest {
			chosen, highest = t, score
		}
	}
	return chosen
}

// mix spreads the bits of a hash, whose last bytes say too little otherwise.
func mix(x uint64) uint64 {
	x ^= x >> 33
	x *= 0xff51afd7ed558ccd
	x ^= x >> 33
	x *= 0xc4ceb9fe1a85ec53
	return x ^ x>>33
}

// flowKey is what a flow is known by: its source and where it came in, or
// nothing but the source's address when flows of one source stay together.
func flowKey(source netip.AddrPort, to place, bySource bool) string {
	if bySource {
		return source.Addr().String()
	}
	return source.String() + " " + to.network + " " + to.address.String()
}

// balanced chooses for a request by the group's algorithm. It is called with
// the pool locked, so that requests under way are counted when the next
// request is.
func (g *pool) balanced(choices []*target, random *frame.Random) *target {
	switch g.view.Attributes["load_balancing.algorithm.type"] {
	case "least_outstanding_requests":
		choices = leastBusy(choices)
	case "weighted_random":
		return choices[random.IntN(len(choices))]
	}
	turns := make([]weighted, len(choices))
	for i, t := range choices {
		turns[i] = weighted{t.key, g.readiness(t)}
	}
	return choices[g.turns.next(turns)]
}

func leastBusy(choices []*target) []*target {
	var least []*target
	for _, t := range choices {
		switch {
		case len(least) == 0 || t.counters.open.Load() < least[0].counters.open.Load():
			least = []*target{t}
		case t.counters.open.Load() == least[0].counters.open.Load():
			least = append(least, t)
		}
	}
	return least
}

// leastReadiness is the share of a full one that a target gets when its slow
// start begins.
const leastReadiness = 0.05

// readiness grows from nearly nothing to 1 during a target's slow start.
func (g *pool) readiness(t *target) float64 {
	seconds := number(g.view.Attributes, "slow_start.duration_seconds", 0)
	if seconds == 0 || t.warmingSince.IsZero() {
		return 1
	}
	elapsed := g.plane.options.Clock.Now().Sub(t.warmingSince).Seconds()
	return min(1, max(leastReadiness, elapsed/float64(seconds)))
}
