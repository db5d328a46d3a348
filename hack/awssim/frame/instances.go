package frame

import "time"

// Instances is how long EC2 takes with instances.
type Instances struct {
	// Starting is the time an instance is pending.
	Starting Span
	// Checking is the time from running until the status checks pass.
	Checking Span
	// Stopping and Ending are the times it is stopping and shutting-down.
	Stopping, Ending Span
	// Remembered is how long a terminated instance is still described.
	Remembered time.Duration
}

func realisticInstances() Instances {
	return Instances{
		Starting:   Span{20 * time.Second, 45 * time.Second},
		Checking:   Span{60 * time.Second, 120 * time.Second},
		Stopping:   Span{15 * time.Second, 60 * time.Second},
		Ending:     Span{30 * time.Second, 60 * time.Second},
		Remembered: time.Hour,
	}
}

func fastInstances() Instances {
	const moment = 50 * time.Millisecond
	return Instances{
		Starting: Exactly(moment), Checking: Exactly(moment), Stopping: Exactly(moment), Ending: Exactly(moment),
		Remembered: time.Minute,
	}
}
