package lifecycle

import (
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// Kind is what a kind brings to the loop. O is what it observes in AWS, C a step of its change list.
type Kind[T Object, O any, C Change] interface {
	// Observe reads what exists in AWS for the object. It writes nothing.
	Observe(ctx context.Context, obj T) (O, error)
	// Diff returns the changes that take AWS from what was observed to what the object declares (to nothing, when it
	// is being deleted), in the order in which they must run. It is pure: no call, no clock.
	Diff(obj T, observed O) ([]C, error)
	// Claim puts into the status what must be known after a crash before any of the changes is made. It is pure.
	Claim(obj T, observed O, changes []C)
	// Apply makes one change in AWS and updates observed to match, so that Report needs no second look.
	Apply(ctx context.Context, obj T, observed O, change C) error
	// Report writes what was observed into the status and says how the object stands. It is pure.
	Report(obj T, observed O) Outcome
}

// Refuser is a Kind that has conditions of its own to keep true when Diff refuses a spec.
type Refuser[T Object, O any] interface {
	// Refused writes into the status how an object stands for which Diff lists no changes; outcome is why. The summary
	// is not its business. It is pure.
	Refused(obj T, observed O, outcome Outcome)
}

// Options are what every reconciler needs from the outside.
type Options struct {
	Client client.Client
	Writer *Writer
	Judge  Judge
	// Resync is how often AWS is compared with the spec when nothing happens; each turn jitters it.
	Resync time.Duration
}

// Reconciler runs a kind, one object a turn.
type Reconciler[T Object, O any, C Change] struct {
	Options
	Kind Kind[T, O, C]
	// New returns an empty object of the kind.
	New func() T
	// Due, when there is one, says how long it is until objects that rest are looked at again, in place of a jittered resync
	// period: a kind whose reads are shared has all of its objects due at the same time.
	Due func() time.Duration
}

// Reconcile runs one turn of one object.
func (r *Reconciler[T, O, C]) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	cached := r.New()
	if err := r.Client.Get(ctx, req.NamespacedName, cached); err != nil {
		if apierrors.IsNotFound(err) {
			r.Writer.Forget(req.NamespacedName)
			return ctrl.Result{}, nil
		}
		return ctrl.Result{}, fmt.Errorf("reading the object: %w", err)
	}
	before, exists := Newest(r.Writer, cached)
	if !exists || Deleting(before) && !HasFinalizer(before) {
		return ctrl.Result{}, nil
	}
	t := &turn[T]{before: before, obj: before.DeepCopyObject().(T)}
	if err := r.run(ctx, t); err != nil {
		return retrySoon(err)
	}
	if t.postponed {
		return r.result(ctx, t.outcome)
	}
	if err := r.Writer.Finish(ctx, t.before, t.obj, t.outcome, t.events...); err != nil {
		return retrySoon(err)
	}
	return r.result(ctx, t.outcome)
}

// turn is one look at one object.
type turn[T Object] struct {
	// before is the object as it was last written.
	before T
	// obj is the object with the status to be written.
	obj     T
	outcome Outcome
	events  []Event
	// postponed is set when nothing was learned, so that there is nothing to write.
	postponed bool
}

// run observes, compares and, if it may, acts. Its error is one of writing to the API server.
func (r *Reconciler[T, O, C]) run(ctx context.Context, t *turn[T]) error {
	if Deleting(t.obj) && Retains(t.obj) {
		t.outcome = Released()
		return r.retainChildren(ctx, t.obj)
	}
	setPlan(t.obj.CommonStatus(), nil) // what was planned before is no longer known to hold
	observed, err := r.Kind.Observe(ctx, t.obj)
	if err != nil {
		t.outcome = r.Judge(err)
		// Having to wait for a look takes nothing away from what was seen at the last one.
		t.postponed = ctx.Err() != nil || t.outcome.State == Waiting && Drifted(t.before)
		return ctx.Err()
	}
	changes, err := r.Kind.Diff(t.obj, observed)
	if err != nil {
		r.refuse(t, observed, err)
		return nil
	}
	if !Manages(t.obj) {
		r.Kind.Report(t.obj, observed)
		t.outcome = Report(t.obj, PlanOf(changes))
		return nil
	}
	drift := Drifted(t.before) && !Deleting(t.obj)
	if err := r.intend(ctx, t, observed, changes); err != nil {
		return err
	}
	var done []C
	for _, change := range changes {
		if err = r.make(ctx, t.obj, observed, change); err != nil {
			break
		}
		done = append(done, change)
		log.FromContext(ctx).Info("Made changes", "changes", change.Plan())
	}
	t.events = EventsOf(done, drift)
	t.outcome = r.Kind.Report(t.obj, observed)
	switch {
	case err == nil:
	case ctx.Err() != nil: // we are being stopped: no failure, and the next turn goes on
		t.outcome = Wait(v1alpha1.ReasonUpdating, "The controller was stopped in the middle of a change.", 0)
	default:
		t.outcome = r.Judge(err)
	}
	return nil
}

// refuse says why there is no change list.
func (r *Reconciler[T, O, C]) refuse(t *turn[T], observed O, err error) {
	t.outcome = r.Judge(err)
	if kind, ok := any(r.Kind).(Refuser[T, O]); ok {
		kind.Refused(t.obj, observed, t.outcome)
	}
}

// intend writes finalizer and claims before the first AWS write.
func (r *Reconciler[T, O, C]) intend(ctx context.Context, t *turn[T], observed O, changes []C) error {
	if Deleting(t.obj) {
		return nil
	}
	if len(changes) == 0 {
		return r.Writer.AddFinalizer(ctx, t.obj)
	}
	r.Kind.Claim(t.obj, observed, changes)
	reason := v1alpha1.ReasonUpdating
	if changes[0].Plan()[0].Verb == VerbCreate {
		reason = v1alpha1.ReasonCreating
	}
	message := Count(len(PlanOf(changes)), "change is", "changes are") + " being made in AWS."
	if err := r.Writer.Intend(ctx, t.before, t.obj, Wait(reason, message, 0)); err != nil {
		return err
	}
	t.before = t.obj.DeepCopyObject().(T)
	return nil
}

// result says when to look again.
func (r *Reconciler[T, O, C]) result(ctx context.Context, outcome Outcome) (ctrl.Result, error) {
	switch outcome.State {
	case Gone:
		return ctrl.Result{}, nil
	case Failing:
		return ctrl.Result{}, outcome.Err
	case Stalled:
		log.FromContext(ctx).Info("A person must act", "reason", outcome.Reason, "message", outcome.Message)
	}
	if outcome.After > 0 {
		return ctrl.Result{RequeueAfter: outcome.After}, nil
	}
	if r.Due != nil {
		return ctrl.Result{RequeueAfter: r.Due()}, nil
	}
	return ctrl.Result{RequeueAfter: Jitter(r.Resync)}, nil
}

// Jitter spreads a period by ±10 %, so that objects made together are not looked at together for ever.
func Jitter(period time.Duration) time.Duration {
	return period + time.Duration((rand.Float64()-0.5)*0.2*float64(period))
}

// retrySoon handles a failed write: a conflict or a vanished object means the cache is behind, and is no error.
func retrySoon(err error) (ctrl.Result, error) {
	if IsStale(err) {
		return ctrl.Result{RequeueAfter: 100 * time.Millisecond}, nil
	}
	return ctrl.Result{}, err
}

// IsUnwatched reports whether a read failed because the controller does not watch the namespace (--watch-namespaces):
// as far as it can tell, nothing is there. The cache has no type for this error.
func IsUnwatched(err error) bool {
	return err != nil && strings.Contains(err.Error(), "unknown namespace for the cache")
}

// IsStale reports whether a write failed because it was decided on an old view of the object.
func IsStale(err error) bool { return apierrors.IsConflict(err) || apierrors.IsNotFound(err) }
