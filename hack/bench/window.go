package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

// settling is how long AWS must have been left alone before a row counts what it took.
const settling = 2 * time.Second

// patience is how long n objects may take; a row that is not done by then has failed.
func patience(n int) time.Duration {
	const each, least = 60 * time.Millisecond, 90 * time.Second
	return max(time.Duration(n)*each, least)
}

// window counts calls and writes from its opening on.
type window struct {
	*world
	calls, throttled int
	writes           int64
}

func (w *world) open() (*window, error) {
	mark, err := w.audit.mark()
	return &window{world: w, calls: w.aws.count(""), throttled: w.aws.throttles(), writes: mark}, err
}

// late waits for so many Ready and Stalled objects. When they do not come within the patience, it counts what was
// done until then, and the row is over its budget.
func (w *window) late(ctx context.Context, m *proc.Manager, r *result, seen *readiness, ready, stalled int) (bool, error) {
	longest := patience(ready + stalled)
	err := seen.until(ctx, m.Poll, longest, ready, stalled)
	if !errors.Is(err, proc.ErrLate) {
		return false, err
	}
	w.say("%v", err)
	r.Seconds = longest.Seconds()
	r.exceed("%d of %d Ready after %s", seen.converged(), ready, longest)
	return true, w.count(m, r)
}

// close waits for the end of AWS calls and fills in what was counted.
func (w *window) close(ctx context.Context, m *proc.Manager, r *result) error {
	if err := w.aws.quiet(ctx, m, settling); err != nil {
		return err
	}
	return w.count(m, r)
}

func (w *window) count(m *proc.Manager, r *result) error {
	written, err := w.audit.since(w.writes)
	if err != nil {
		return err
	}
	found, err := m.Memory()
	if err != nil {
		return err
	}
	calls := w.aws.since(w.calls)
	r.Calls, r.Throttles, r.Writes, r.PeakMiB = map[string]int{}, w.aws.throttles()-w.throttled, written.byKind, found.Peak
	for _, made := range calls {
		r.Calls[made.operation]++
	}
	r.timeline(m.Started, calls, written)
	return nil
}

// timeline tells, in seconds since the manager's start, when what happened.
func (r *result) timeline(start time.Time, calls []call, written writes) {
	after := func(t time.Time) float64 { return t.Sub(start).Seconds() }
	if !written.first.IsZero() {
		r.note("RecordSets written from %.2f s to %.2f s after the manager's start", after(written.first), after(written.last))
	}
	for _, operation := range []string{"ChangeResourceRecordSets", "GetChange"} {
		var at []string
		for _, made := range calls {
			if made.operation == operation {
				at = append(at, fmt.Sprintf("%.1f", after(made.at)))
			}
		}
		if len(at) > 0 {
			r.note("%s arrived %s s after the manager's start", operation, strings.Join(at, ", "))
		}
	}
}
