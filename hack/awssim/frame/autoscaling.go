package frame

import "time"

// AutoScaling is how long EC2 Auto Scaling takes, beside what EC2 and Elastic
// Load Balancing take for the instances.
type AutoScaling struct {
	// Reaction is the time from a call to its first effect on instances.
	Reaction Span
	// Poll is how often a group looks at instances that are on their way.
	Poll time.Duration
	// HealthChecks is how often a group looks at instances that rest.
	HealthChecks time.Duration
	// Hidden is how long a new group is not described.
	Hidden Span
	// Patience is how long a refresh waits for instances that do not become healthy, or that it may not replace.
	Patience time.Duration
	// Retry is the time from a failed launch to the next, doubled up to eight times.
	Retry time.Duration
	// Attaching is the time a traffic source is Adding, or Removing after its
	// instances have drained.
	Attaching Span
	// Deleting is the time from a group's last instance to its end.
	Deleting Span
	// Shortening divides the waits that refreshes, cooldowns, warm-ups, grace
	// periods and hooks are given in seconds; 1 is as asked for.
	Shortening float64
}

func realisticAutoScaling() AutoScaling {
	return AutoScaling{
		Reaction:     Span{1 * time.Second, 5 * time.Second},
		Poll:         time.Second,
		HealthChecks: 15 * time.Second,
		Hidden:       Span{0, 3 * time.Second},
		Patience:     time.Hour,
		Retry:        30 * time.Second,
		Attaching:    Span{2 * time.Second, 10 * time.Second},
		Deleting:     Span{5 * time.Second, 30 * time.Second},
		Shortening:   1,
	}
}

// fastAutoScaling keeps what is asked for in seconds in proportion: 300 s of
// grace are 3 s.
func fastAutoScaling() AutoScaling {
	const moment = 20 * time.Millisecond
	return AutoScaling{
		Reaction:     Exactly(moment),
		Poll:         moment,
		HealthChecks: 10 * moment,
		Patience:     150 * moment,
		Retry:        5 * moment,
		Attaching:    Exactly(moment),
		Deleting:     Exactly(moment),
		Shortening:   100,
	}
}
