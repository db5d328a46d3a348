package recordset

import (
	"sync"
	"time"
)

// longestPoll is the longest pause between two looks at one change; Route 53's own SDK waiter uses 30 seconds.
const longestPoll = 15 * time.Second

// pace learns how long changes take to propagate, so that most batches need one GetChange.
type pace struct {
	base time.Duration

	mu       sync.Mutex
	expected time.Duration
}

func newPace(base time.Duration) *pace { return &pace{base: base, expected: base} }

// first is how long to wait before the first look at a new change.
func (p *pace) first() time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()
	return min(p.expected, 4*longestPoll)
}

// next is how long to wait before another look at a change that is still pending after the given time.
func (p *pace) next(elapsed time.Duration) time.Duration {
	return min(max(p.base/2, elapsed/4), longestPoll)
}

// arrived learns from a change that was pending at one look and propagated at the next. One found so at the first look
// may have been quicker than expected: expect a little less next time.
func (p *pace) arrived(pending, landed time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if pending == 0 {
		p.expected = max(p.base, min(p.expected, landed)*95/100)
	} else {
		p.expected = (pending + landed) / 2
	}
}
