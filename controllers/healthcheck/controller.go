package healthcheck

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	apitypes "k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/event"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/log"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=recordsets,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=recordsets/status,verbs=patch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

const (
	// workers is how many objects are looked at at a time.
	workers = 8
	// staleRetry is how soon an object is looked at again whose newest state the cache does not show yet.
	staleRetry = 100 * time.Millisecond
)

// Options are what the controller needs from the outside.
type Options struct {
	lifecycle.Options
	Route53 *route53.Client
	Clock   clock.PassiveClock
	// ClusterID marks, in tags, what belongs to this cluster.
	ClusterID string
	// Pace is the least time between two questions how a health check fares: DefaultPace keeps within AWS's limit.
	Pace time.Duration
}

// Reconciler keeps the health checks of RecordSets.
type Reconciler struct {
	client    client.Client
	writer    *lifecycle.Writer
	judge     lifecycle.Judge
	resync    time.Duration
	route53   *route53.Client
	clock     clock.PassiveClock
	clusterID string
	reader    *reader
	poller    *poller
	agenda    agenda
}

// SetupWithManager registers the controller and its watch.
func SetupWithManager(mgr ctrl.Manager, o Options) error {
	r := &Reconciler{
		client: o.Client, writer: o.Writer, judge: o.Judge, resync: o.Resync, route53: o.Route53, clock: o.Clock, clusterID: o.ClusterID,
		reader: newReader(o.Route53, o.Clock), poller: newPoller(o.Route53, o.Clock, o.Resync, o.Pace),
		agenda: agenda{entries: map[apitypes.NamespacedName]*entry{}},
	}
	return ctrl.NewControllerManagedBy(mgr).
		Named("healthcheck").
		Watches(&v1alpha1.RecordSet{}, &handler.EnqueueRequestForObject{}, builder.WithPredicates(r.relevant())).
		WatchesRawSource(r.poller).
		WithOptions(controller.Options{MaxConcurrentReconciles: workers}).
		Complete(r)
}

// relevant lets through what calls for a turn: edits, deletions, requests to look, and what the zone machinery says of
// the record that uses the check.
func (r *Reconciler) relevant() predicate.Predicate {
	return predicate.Funcs{
		CreateFunc: func(e event.CreateEvent) bool { return concerns(e.Object.(*v1alpha1.RecordSet)) },
		UpdateFunc: func(e event.UpdateEvent) bool {
			before, after := e.ObjectOld.(*v1alpha1.RecordSet), e.ObjectNew.(*v1alpha1.RecordSet)
			asked := before.Annotations[v1alpha1.ReconcileAtAnnotation] != after.Annotations[v1alpha1.ReconcileAtAnnotation]
			if asked || before.Generation != after.Generation {
				r.agenda.ask(client.ObjectKeyFromObject(after))
			}
			return (concerns(before) || concerns(after)) && (asked || signsOf(before) != signsOf(after))
		},
		DeleteFunc: func(e event.DeleteEvent) bool { return concerns(e.Object.(*v1alpha1.RecordSet)) },
	}
}

// signs are what this controller acts on in an object, beside what it writes itself.
type signs struct {
	generation, records         int64
	deleting, propagated, await bool
	used                        string
	observed                    bool
}

func signsOf(obj *v1alpha1.RecordSet) signs {
	return signs{
		generation: obj.Generation, records: int64(len(obj.Status.Records)), deleting: lifecycle.Deleting(obj),
		propagated: meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionPropagated),
		await:      awaited(obj), used: obj.Status.UsedHealthCheckID, observed: obj.Status.ObservedGeneration >= 0,
	}
}

// turn is one look at one object.
type turn struct {
	key apitypes.NamespacedName
	// before is the object as it was last written.
	before *v1alpha1.RecordSet
	// obj is the object with the status to be written.
	obj    *v1alpha1.RecordSet
	events []lifecycle.Event
	// afresh is set when the check must be read as it is now.
	afresh bool
	// surplus are further checks that are marked as the object's.
	surplus []string
	// released is set when nothing is left of a deleted object.
	released bool
	// missing is set when the check that the spec names by its id does not exist.
	missing bool
}

// writeError is a failed write to the API server.
type writeError struct{ err error }

func (e *writeError) Error() string { return e.err.Error() }
func (e *writeError) Unwrap() error { return e.err }

// mostRebases bounds how often a status is written again because the zone machinery wrote the same object meanwhile.
const mostRebases = 3

// write writes the status down, before what follows from it is done.
func (r *Reconciler) write(ctx context.Context, t *turn) error {
	_, err := r.writer.WriteStatus(ctx, t.before, t.obj)
	for range mostRebases {
		if !apierrors.IsConflict(err) || !r.rebase(ctx, t) {
			break
		}
		_, err = r.writer.WriteStatus(ctx, t.before, t.obj)
	}
	if err != nil {
		return &writeError{err}
	}
	t.before = t.obj.DeepCopy()
	return nil
}

// rebase takes over what the zone machinery wrote meanwhile, and reports whether that was all: nobody else writes
// status.healthCheck, so what was decided still holds unless the object was edited or deleted.
func (r *Reconciler) rebase(ctx context.Context, t *turn) bool {
	cached := &v1alpha1.RecordSet{}
	if err := r.client.Get(ctx, t.key, cached); err != nil {
		return false
	}
	newest, exists := lifecycle.Newest(r.writer, cached)
	if !exists || newest.UID != t.obj.UID || newest.Generation != t.obj.Generation || lifecycle.Deleting(newest) != lifecycle.Deleting(t.obj) ||
		newest.ResourceVersion == t.obj.ResourceVersion || !equality.Semantic.DeepEqual(newest.Status.HealthCheck, t.before.Status.HealthCheck) {
		return false
	}
	check, healthy := t.obj.Status.HealthCheck, meta.FindStatusCondition(t.obj.Status.Conditions, v1alpha1.ConditionHealthy)
	t.before, t.obj = newest, newest.DeepCopy()
	t.obj.Status.HealthCheck = check
	setHealthy(t.obj, healthy)
	return true
}

// Reconcile runs one turn of one object.
func (r *Reconciler) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	cached := &v1alpha1.RecordSet{}
	err := r.client.Get(ctx, req.NamespacedName, cached)
	if err != nil && !apierrors.IsNotFound(err) {
		return ctrl.Result{}, fmt.Errorf("reading the object: %w", err)
	}
	before, exists := cached, false
	if err == nil {
		before, exists = lifecycle.Newest(r.writer, cached)
	}
	if !exists || !concerns(before) || lifecycle.Deleting(before) && !lifecycle.HasFinalizer(before) {
		r.poller.unwatch(req.NamespacedName)
		r.agenda.forget(req.NamespacedName)
		return ctrl.Result{}, nil
	}
	t := &turn{key: req.NamespacedName, before: before, obj: before.DeepCopy()}
	trouble := r.run(ctx, t)
	var failed *writeError
	if errors.As(trouble, &failed) {
		return retrySoon(trouble)
	}
	if ctx.Err() != nil {
		return ctrl.Result{}, ctx.Err()
	}
	outcome := lifecycle.Done("")
	if trouble == nil {
		t.resolve()
	} else {
		r.agenda.ask(t.key)
		outcome = r.judge(trouble)
		t.explain(outcome)
	}
	if err := r.finish(ctx, t); err != nil {
		return retrySoon(err)
	}
	return r.result(ctx, t, outcome)
}

// finish writes what the turn came to, if anything, and tells it.
func (r *Reconciler) finish(ctx context.Context, t *turn) error {
	if t.released {
		return r.writer.Finish(ctx, t.before, t.obj, lifecycle.Released(), t.events...)
	}
	if !lifecycle.Deleting(t.obj) {
		r.showHealth(t)
	}
	err := r.write(ctx, t)
	r.writer.Tell(t.obj, t.events...) // what was done was done, even if it could not be written down
	return err
}

// run does for an object what is due.
func (r *Reconciler) run(ctx context.Context, t *turn) error {
	if lifecycle.Deleting(t.obj) {
		return r.letGo(ctx, t)
	}
	if planned := r.agenda.get(t.key); r.isDue(t, planned) {
		if err := r.look(ctx, t); err != nil {
			return err
		}
		r.agenda.done(t.key, planned, r.clock.Now().Add(lifecycle.Jitter(r.resync)))
	}
	if !lifecycle.Manages(t.obj) {
		return nil
	}
	return r.clear(ctx, t)
}

// isDue reports whether the object is to be compared with AWS in this turn, and how freshly.
func (r *Reconciler) isDue(t *turn, planned *entry) bool {
	if t.obj.Spec.HealthCheckID == "" && !awaited(t.obj) {
		return false
	}
	own := t.obj.Spec.HealthCheck != nil || t.obj.Status.HealthCheck != nil
	t.afresh = planned != nil && planned.asked || own && !asDeclared(t.obj)
	return t.afresh || planned == nil || !r.clock.Now().Before(planned.due)
}

// look compares the object with AWS and makes its check what it declares, or says what would be done.
func (r *Reconciler) look(ctx context.Context, t *turn) error {
	if !lifecycle.Manages(t.obj) {
		if err := r.report(ctx, t); err != nil {
			return err
		}
	} else if t.obj.Status.HealthCheck != nil {
		t.status().Plan = nil
	}
	switch {
	case t.obj.Spec.HealthCheckID != "":
		if err := r.lookUp(ctx, t, string(t.obj.Spec.HealthCheckID)); err != nil {
			return err
		}
	case t.obj.Spec.HealthCheck != nil && lifecycle.Manages(t.obj):
		return r.converge(ctx, t)
	}
	if lifecycle.Manages(t.obj) {
		return r.giveUp(ctx, t)
	}
	return nil
}

// lookUp reads a check that others manage, to tell how it fares.
func (r *Reconciler) lookUp(ctx context.Context, t *turn, id string) error {
	age := time.Duration(0)
	if !t.afresh {
		age = r.resync / 4
	}
	observed, err := r.reader.recent(ctx, id, age)
	if err != nil {
		return err
	}
	if t.missing = observed == nil; !t.missing {
		r.poller.watch(t.key, id, observed.HealthCheckConfig)
	}
	return nil
}

// report writes into the status what Manage would do.
func (r *Reconciler) report(ctx context.Context, t *turn) error {
	if t.obj.Spec.HealthCheck == nil && t.obj.Status.HealthCheck == nil {
		return nil
	}
	observed, err := r.observe(ctx, t)
	if err != nil {
		return err
	}
	mark, err := r.unmarked(ctx, t, observed)
	if err != nil {
		return err
	}
	check := t.status()
	check.Plan = lifecycle.PlanOf(outline(t.obj, observed, mark))
	check.ObservedGeneration = t.obj.Generation
	if observed != nil {
		check.ID, check.CallerReference = aws.ToString(observed.Id), aws.ToString(observed.CallerReference)
		r.poller.watch(t.key, check.ID, observed.HealthCheckConfig)
	}
	if t.obj.Spec.HealthCheck == nil && check.ID == "" && check.CallerReference == "" && len(check.Previous) == 0 {
		t.obj.Status.HealthCheck = nil
	}
	return nil
}

// result says when to look again.
func (r *Reconciler) result(ctx context.Context, t *turn, outcome lifecycle.Outcome) (ctrl.Result, error) {
	switch outcome.State {
	case lifecycle.Failing:
		return ctrl.Result{}, outcome.Err
	case lifecycle.Waiting:
		return ctrl.Result{RequeueAfter: max(outcome.After, staleRetry)}, nil
	case lifecycle.Stalled:
		log.FromContext(ctx).Info("A person must act", "reason", outcome.Reason, "message", outcome.Message)
		return ctrl.Result{RequeueAfter: lifecycle.Jitter(r.resync)}, nil
	}
	planned := r.agenda.get(t.key)
	if planned == nil || planned.asked || t.released {
		return ctrl.Result{}, nil // a watch tells
	}
	return ctrl.Result{RequeueAfter: max(planned.due.Sub(r.clock.Now()), time.Millisecond)}, nil
}

// retrySoon handles a failed write: a conflict or a vanished object means the cache is behind, and is no error.
func retrySoon(err error) (ctrl.Result, error) {
	if lifecycle.IsStale(err) {
		return ctrl.Result{RequeueAfter: staleRetry}, nil
	}
	return ctrl.Result{}, err
}
