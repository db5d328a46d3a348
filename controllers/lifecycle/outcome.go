package lifecycle

import (
	"fmt"
	"time"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// State is how a turn ended.
type State int

const (
	// Converged: AWS is as declared and has said so.
	Converged State = iota
	// Waiting: for a reference, for AWS, or for its turn; it goes on by itself.
	Waiting
	// Stalled: a person must act. It is looked at again all the same, slowly.
	Stalled
	// Failing: something failed that is expected to pass; tried again with growing pauses.
	Failing
	// Reported: nothing may be changed (Plan, Observe); differences are told.
	Reported
	// Gone: nothing of a deleted object is left to do; the finalizer goes.
	Gone
)

// Outcome is what a turn came to for one object. The zero value means converged, in kind's default words.
type Outcome struct {
	State   State
	Reason  string
	Message string
	// Ready is the Ready condition of a Reported outcome: whether AWS is as declared.
	Ready bool
	// After is when to look again at the latest; 0 leaves it to the resync period.
	After time.Duration
	// Err is what failed, for the log.
	Err error
}

// Done says that AWS is as declared.
func Done(message string) Outcome {
	return Outcome{State: Converged, Reason: v1alpha1.ReasonConverged, Message: message}
}

// Wait says that the object goes on by itself, and when to look again at the latest (0: a watch will tell).
func Wait(reason, message string, after time.Duration) Outcome {
	return Outcome{State: Waiting, Reason: reason, Message: message, After: after}
}

// Stall says that a person must act.
func Stall(reason, message string) Outcome {
	return Outcome{State: Stalled, Reason: reason, Message: message}
}

// Fail says that something failed which is expected to pass.
func Fail(reason, message string, err error) Outcome {
	return Outcome{State: Failing, Reason: reason, Message: message, Err: err}
}

// Released says that nothing is left to do for a deleted object.
func Released() Outcome { return Outcome{State: Gone} }

// Worst returns the outcome that weighs most: one that a person must act on, one that failed, the first that waits. It is
// looked at again when the first of all is due.
func Worst(outcomes []Outcome) (Outcome, bool) {
	if len(outcomes) == 0 {
		return Outcome{}, false
	}
	weight := map[State]int{Stalled: 2, Failing: 1}
	result := outcomes[0]
	after := time.Duration(0)
	for _, outcome := range outcomes {
		if weight[outcome.State] > weight[result.State] {
			result = outcome
		}
		if outcome.After > 0 && (after == 0 || outcome.After < after) {
			after = outcome.After
		}
	}
	result.After = after
	return result, true
}

// Judge turns an error of a kind into an outcome. It is where error classes of the cloud meet conditions.
type Judge func(error) Outcome

// Error makes an outcome an error, so that a function which decides early can return it as one.
type Error struct{ Outcome Outcome }

// Error returns the message of the outcome.
func (e *Error) Error() string { return e.Outcome.Message }

// Unwrap returns what failed.
func (e *Error) Unwrap() error { return e.Outcome.Err }

// AsError wraps an outcome in an error; a Judge hands it back as it is.
func AsError(outcome Outcome) error { return &Error{outcome} }

// Refuse is Stall as an error: what is declared, or what is there, is not to be acted on until a person has.
func Refuse(reason, format string, args ...any) error {
	return AsError(Stall(reason, fmt.Sprintf(format, args...)))
}
