package recordset

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/predicate"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=recordsets,verbs=get;list;watch;patch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=recordsets/status,verbs=patch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=hostedzones,verbs=get;list;watch
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=loadbalancers,verbs=get;list;watch
// +kubebuilder:rbac:groups="",resources=namespaces,verbs=get;list;watch
// +kubebuilder:rbac:groups=events.k8s.io,resources=events,verbs=create;patch

// workers is how many zones are worked on at a time. A turn mostly waits for the API server or for AWS.
const workers = 16

// request is the unit of work: a hosted zone; or, for RecordSets whose zone is not known yet, the HostedZone they name.
type request struct {
	// ZoneID is the Route 53 id of the zone.
	ZoneID string
	// Ref is the HostedZone that RecordSets wait for.
	Ref types.NamespacedName
}

// Reserve sets aside of the request budget what a change takes, for the call that is made with the context it returns, or
// refuses with an awsclient.BudgetError. What no call was made for, release gives back.
type Reserve func(context.Context, *route53.ChangeResourceRecordSetsInput) (call context.Context, release func(), err error)

// Options are what the controller needs from the outside.
type Options struct {
	lifecycle.Options
	Route53 *route53.Client
	// Reserve sets aside of the request budget what a change takes; nothing is set aside when it is nil.
	Reserve Reserve
	Clock   clock.PassiveClock
	// BatchInterval is how long changes of a zone pile up after one was accepted.
	BatchInterval time.Duration
	// FirstPoll is how soon a change is expected to have propagated, until experience tells.
	FirstPoll time.Duration
}

// Reconciler converges RecordSets, one hosted zone a turn.
type Reconciler struct {
	client        client.Client
	writer        *lifecycle.Writer
	judge         lifecycle.Judge
	resync        time.Duration
	route53       *route53.Client
	reserve       Reserve
	clock         clock.PassiveClock
	batchInterval time.Duration
	pace          *pace
	zones         zones
	unresolved    unresolved
}

// New returns a reconciler.
func New(o Options) *Reconciler {
	return &Reconciler{
		client: o.Client, writer: o.Writer, judge: o.Judge, resync: o.Resync,
		route53: o.Route53, reserve: o.Reserve, clock: o.Clock, batchInterval: o.BatchInterval,
		pace: newPace(o.FirstPoll), zones: zones{byID: map[string]*zone{}}, unresolved: unresolved{since: map[types.NamespacedName]time.Time{}},
	}
}

// SetupWithManager registers the controller, its watches and its indexes.
func (r *Reconciler) SetupWithManager(ctx context.Context, mgr ctrl.Manager) error {
	if err := AddIndexes(ctx, mgr.GetFieldIndexer()); err != nil {
		return fmt.Errorf("indexing RecordSets: %w", err)
	}
	return builder.TypedControllerManagedBy[request](mgr).
		Named("recordset").
		Watches(&v1alpha1.RecordSet{}, r.recordSetHandler()).
		Watches(&v1alpha1.HostedZone{}, r.hostedZoneHandler()).
		Watches(&v1alpha1.LoadBalancer{}, sourceHandler(r, byLoadBalancer, aliasDiffers)).
		Watches(&v1alpha1.AutoScalingGroup{}, sourceHandler(r, byAutoScalingGroup, addressesDiffer)).
		WatchesMetadata(&corev1.Namespace{}, r.namespaceHandler(), builder.WithPredicates(predicate.LabelChangedPredicate{})).
		WithOptions(controller.TypedOptions[request]{MaxConcurrentReconciles: workers}).
		Complete(r)
}

// Reconcile runs one turn of a zone.
func (r *Reconciler) Reconcile(ctx context.Context, req request) (ctrl.Result, error) {
	if req.ZoneID == "" {
		wait, err := r.reconcileUnresolved(ctx, req.Ref)
		return ctrl.Result{RequeueAfter: wait}, err
	}
	z := r.zones.get(req.ZoneID)
	wake, err := r.turn(ctx, z)
	if err != nil || wake.IsZero() {
		return ctrl.Result{}, err
	}
	return ctrl.Result{RequeueAfter: max(wake.Sub(r.clock.Now()), time.Millisecond)}, nil
}

// turn is one look at a zone and its RecordSets. It returns when to look again, zero for never. Its error is one of
// reading from the API server's cache.
func (r *Reconciler) turn(ctx context.Context, z *zone) (time.Time, error) {
	if r.clock.Now().Before(z.retry) {
		return z.retry, nil
	}
	news, err := r.settle(ctx, z)
	if err != nil {
		return r.trouble(ctx, z, nil, err)
	}
	if wake := r.idle(z, news); !wake.IsZero() {
		return wake, nil
	}
	dirty := z.takeDirty()
	if err := r.observe(ctx, z); err != nil {
		z.touch(false)
		return r.trouble(ctx, z, nil, err)
	}
	members, err := r.members(ctx, z)
	if err != nil {
		return time.Time{}, err
	}
	if len(members) == 0 {
		r.zones.drop(z)
		return time.Time{}, nil
	}
	decisions := r.decide(ctx, z, members)
	// What has arrived is told before what is new is begun.
	settledOnes, rest := partition(decisions)
	r.report(ctx, z, settledOnes)
	if r.clock.Now().Before(z.nextSend) {
		if dirty {
			z.touch(false)
		}
	} else if err := r.dispatch(ctx, z, decisions); err != nil {
		if ctx.Err() != nil {
			return time.Time{}, ctx.Err()
		}
		z.touch(false)
		return r.trouble(ctx, z, decisions, err)
	}
	z.failures, z.troubled = 0, time.Time{}
	r.report(ctx, z, rest)
	r.putOff(z)
	return r.wake(z, decisions), ctx.Err()
}

// partition tells the objects with nothing to change, take over or hand over from the others.
func partition(decisions []*decision) (standing, moving []*decision) {
	for _, dec := range decisions {
		if len(dec.changes) == 0 && len(dec.heirs) == 0 && dec.adoption == nil {
			standing = append(standing, dec)
		} else {
			moving = append(moving, dec)
		}
	}
	return standing, moving
}

// idle returns when to come back, if there is nothing to do before.
func (r *Reconciler) idle(z *zone, news bool) time.Time {
	now := r.clock.Now()
	z.mu.Lock()
	dirty, relist, unwritten := z.dirty, z.relist, z.unwritten
	z.mu.Unlock()
	due := unwritten.due(now) || news || relist || z.records == nil || z.listing != nil || len(z.stale) > 0 || !now.Before(z.resync)
	for _, p := range z.parked {
		due = due || !p.until.IsZero() && !now.Before(p.until)
	}
	switch {
	case due || dirty && !now.Before(z.nextSend):
		return time.Time{}
	case dirty:
		return earliest(r.wake(z, nil), z.nextSend)
	default:
		return r.wake(z, nil)
	}
}

// wake returns when the zone is to be looked at again.
func (r *Reconciler) wake(z *zone, decisions []*decision) time.Time {
	at := z.resync
	for id, f := range z.flights {
		if !z.inUse(f) {
			delete(z.flights, id)
		} else if !f.landed {
			at = earliest(at, f.due)
		}
	}
	for _, p := range z.parked {
		at = earliest(at, p.until)
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	at = earliest(at, z.unwritten.again)
	for _, dec := range decisions {
		if dec.toSend() && !dec.failed {
			z.dirty = true
		}
	}
	if z.dirty {
		at = earliest(at, laterOf(z.nextSend, r.clock.Now()))
	}
	return at
}

// trouble answers a failed call: it says when to try again, and tells the objects that are waiting for something what
// holds them up, unless it is expected to pass before anyone notices.
func (r *Reconciler) trouble(ctx context.Context, z *zone, decisions []*decision, err error) (time.Time, error) {
	if ctx.Err() != nil {
		return time.Time{}, ctx.Err()
	}
	z.retry = r.clock.Now().Add(awsclient.RetryAfter(err))
	if awsclient.Paced(err) {
		return z.retry, nil
	}
	if z.troubled.IsZero() {
		z.troubled = r.clock.Now()
	}
	var refused *awsclient.BudgetError
	if !errors.As(err, &refused) { // a call was made
		z.retry = laterOf(z.retry, r.clock.Now().Add(min(time.Second<<min(z.failures, 10), r.resync)))
		z.failures++
	}
	outcome := r.judge(err)
	if outcome.State != lifecycle.Stalled && z.retry.Sub(z.troubled) < tellAfter {
		return z.retry, nil
	}
	told, err := r.concerned(ctx, z, decisions, outcome)
	if err != nil {
		return time.Time{}, err
	}
	r.report(ctx, z, told)
	r.putOff(z)
	return z.retry, ctx.Err()
}

// concerned returns decisions that tell an outcome to whom it concerns: the objects whose changes were not made; or,
// when not even the records could be read, those that are not Ready, and all of them when a person must act.
func (r *Reconciler) concerned(ctx context.Context, z *zone, decisions []*decision, outcome lifecycle.Outcome) ([]*decision, error) {
	var told []*decision
	if decisions == nil {
		members, err := r.members(ctx, z)
		if err != nil {
			return nil, err
		}
		for _, m := range members {
			if outcome.State == lifecycle.Stalled || !lifecycle.Drifted(m.obj) {
				told = append(told, &decision{member: m})
			}
		}
	}
	for _, dec := range decisions {
		if dec.toSend() {
			told = append(told, dec)
		}
	}
	for _, dec := range told {
		dec.outcome, dec.changes, dec.heirs, dec.holds = &outcome, nil, nil, claimsIn(dec.obj, z.id)
	}
	return told, nil
}

// tellAfter is for how long a failure is kept quiet that is expected to pass: one that is known to last longer is told.
const tellAfter = 4 * time.Second

func laterOf(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
