package recordset

import (
	"context"
	"fmt"
	"slices"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	apitypes "k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Indexes by which the RecordSets of a zone are found.
const (
	byZoneID = "zoneID" // Route 53 ids of the zones that a RecordSet names or owns records of
	byRef    = "hostedZoneRef"
	byID     = "id" // HostedZones by their id in Route 53
)

// AddIndexes adds the indexes by which the controller finds objects.
func AddIndexes(ctx context.Context, indexer client.FieldIndexer) error {
	if err := indexer.IndexField(ctx, &v1alpha1.RecordSet{}, byZoneID, func(obj client.Object) []string {
		return zoneIDs(obj.(*v1alpha1.RecordSet))
	}); err != nil {
		return err
	}
	if err := indexer.IndexField(ctx, &v1alpha1.RecordSet{}, byRef, func(obj client.Object) []string {
		if obj.(*v1alpha1.RecordSet).Spec.HostedZoneRef == nil {
			return nil
		}
		return []string{refOf(obj.(*v1alpha1.RecordSet)).String()}
	}); err != nil {
		return err
	}
	if err := indexer.IndexField(ctx, &v1alpha1.RecordSet{}, byLoadBalancer, indexLoadBalancerRefs); err != nil {
		return err
	}
	if err := indexer.IndexField(ctx, &v1alpha1.RecordSet{}, byAutoScalingGroup, indexAutoScalingGroupRefs); err != nil {
		return err
	}
	return indexer.IndexField(ctx, &v1alpha1.HostedZone{}, byID, func(obj client.Object) []string {
		if id := obj.(*v1alpha1.HostedZone).Status.ID; id != "" {
			return []string{id}
		}
		return nil
	})
}

// zoneIDs returns the ids of the zones that an object names, or owns records of.
func zoneIDs(obj *v1alpha1.RecordSet) []string {
	var ids []string
	if obj.Spec.HostedZoneID != "" {
		ids = append(ids, obj.Spec.HostedZoneID)
	}
	for _, claim := range obj.Status.Records {
		if !slices.Contains(ids, claim.HostedZoneID) {
			ids = append(ids, claim.HostedZoneID)
		}
	}
	return ids
}

func refOf(obj *v1alpha1.RecordSet) apitypes.NamespacedName {
	ref := apitypes.NamespacedName{Namespace: obj.Spec.HostedZoneRef.Namespace, Name: obj.Spec.HostedZoneRef.Name}
	if ref.Namespace == "" {
		ref.Namespace = obj.Namespace
	}
	return ref
}

// resolve returns the id of the zone that an object belongs in, and an outcome when that zone cannot be used (yet):
// the id is then empty, or that of a zone which is on its way out or not for this object.
func (r *Reconciler) resolve(ctx context.Context, obj *v1alpha1.RecordSet) (string, *lifecycle.Outcome, error) {
	if obj.Spec.HostedZoneRef == nil {
		return r.resolveID(ctx, obj)
	}
	ref := refOf(obj)
	zone := &v1alpha1.HostedZone{}
	err := r.client.Get(ctx, ref, zone, client.UnsafeDisableDeepCopy)
	switch {
	case apierrors.IsNotFound(err):
		return "", wait(v1alpha1.ReasonReferenceNotFound, "HostedZone %s does not exist in namespace %s.", ref.Name, ref.Namespace), nil
	case lifecycle.IsUnwatched(err):
		return "", wait(v1alpha1.ReasonReferenceNotFound, "HostedZone %s is in namespace %s, which the controller does not watch (--watch-namespaces).", ref.Name, ref.Namespace), nil
	case err != nil:
		return "", nil, fmt.Errorf("reading HostedZone %s: %w", ref, err)
	}
	refusal, err := r.permitted(ctx, zone, obj)
	switch {
	case err != nil:
		return "", nil, err
	case refusal != nil:
		return zone.Status.ID, refusal, nil
	case zone.Status.ID == "":
		return "", wait(v1alpha1.ReasonReferenceNotReady, "HostedZone %s %s", ref.Name, absence(zone)), nil
	case lifecycle.Deleting(zone):
		return zone.Status.ID, wait(v1alpha1.ReasonReferenceNotReady, "HostedZone %s is being deleted.", ref.Name), nil
	}
	return zone.Status.ID, nil, nil
}

// resolveID checks a zone named by its id: when HostedZones declare it, one of them must allow the object, as it would
// have to for a reference.
func (r *Reconciler) resolveID(ctx context.Context, obj *v1alpha1.RecordSet) (string, *lifecycle.Outcome, error) {
	zones, err := r.hostedZones(ctx, obj.Spec.HostedZoneID)
	if err != nil {
		return "", nil, err
	}
	var refusal *lifecycle.Outcome
	for i := range zones {
		if refusal, err = r.permitted(ctx, &zones[i], obj); err != nil || refusal == nil {
			break
		}
	}
	return obj.Spec.HostedZoneID, refusal, err
}

// hostedZones returns the HostedZones that stand for a zone of Route 53. They must not be changed.
func (r *Reconciler) hostedZones(ctx context.Context, id string) ([]v1alpha1.HostedZone, error) {
	var found v1alpha1.HostedZoneList
	if err := r.client.List(ctx, &found, client.MatchingFields{byID: id}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing HostedZones: %w", err)
	}
	return found.Items, nil
}

func wait(reason, format string, args ...any) *lifecycle.Outcome {
	outcome := lifecycle.Wait(reason, fmt.Sprintf(format, args...), 0)
	return &outcome
}

// absence says how a zone stands that is not in Route 53: why, when it says itself that a person must act.
func absence(zone *v1alpha1.HostedZone) string {
	if stalled := meta.FindStatusCondition(zone.Status.Conditions, v1alpha1.ConditionStalled); stalled != nil {
		return "is stalled: " + stalled.Message
	}
	return "has no hosted zone in Route 53 yet."
}

// indexed returns the cached RecordSets of an index value. They must not be changed.
func (r *Reconciler) indexed(ctx context.Context, index, value string) ([]*v1alpha1.RecordSet, error) {
	var found v1alpha1.RecordSetList
	if err := r.client.List(ctx, &found, client.MatchingFields{index: value}, client.UnsafeDisableDeepCopy); err != nil {
		return nil, fmt.Errorf("listing RecordSets by %s: %w", index, err)
	}
	objects := make([]*v1alpha1.RecordSet, len(found.Items))
	for i := range found.Items {
		objects[i] = &found.Items[i]
	}
	return objects, nil
}

// members returns the RecordSets that belong in the zone or own records of it.
func (r *Reconciler) members(ctx context.Context, z *zone) ([]member, error) {
	candidates, err := r.indexed(ctx, byZoneID, z.id)
	if err != nil {
		return nil, err
	}
	owners, err := r.hostedZones(ctx, z.id)
	if err != nil {
		return nil, err
	}
	for i := range owners {
		referring, err := r.indexed(ctx, byRef, client.ObjectKeyFromObject(&owners[i]).String())
		if err != nil {
			return nil, err
		}
		candidates = append(candidates, referring...)
	}
	resolve := r.resolveOnce(ctx)
	seen := make(map[apitypes.UID]bool, len(candidates))
	members := make([]member, 0, len(candidates))
	for _, cached := range candidates {
		obj, exists := lifecycle.Newest(r.writer, cached)
		if !exists || seen[obj.UID] || lifecycle.Deleting(obj) && !lifecycle.HasFinalizer(obj) {
			continue
		}
		seen[obj.UID] = true
		id, outcome, err := resolve(obj)
		if err != nil {
			return nil, err
		}
		m := member{obj: obj, here: id == z.id}
		if !lifecycle.Deleting(obj) {
			m.outcome = outcome
		}
		if !m.here && len(claimsIn(obj, z.id)) == 0 {
			continue
		}
		r.board(z, &m)
		members = append(members, m)
	}
	z.forgetAllBut(seen)
	return members, nil
}

// resolveOnce returns a resolve for one turn, which looks up each zone once for all objects of its own namespace that
// refer to it: they are nearly all there are, and all get the same answer.
func (r *Reconciler) resolveOnce(ctx context.Context) func(*v1alpha1.RecordSet) (string, *lifecycle.Outcome, error) {
	type answer struct {
		id      string
		outcome *lifecycle.Outcome
	}
	known := map[apitypes.NamespacedName]answer{}
	return func(obj *v1alpha1.RecordSet) (string, *lifecycle.Outcome, error) {
		if obj.Spec.HostedZoneRef == nil || refOf(obj).Namespace != obj.Namespace {
			return r.resolve(ctx, obj)
		}
		ref := refOf(obj)
		if a, ok := known[ref]; ok {
			return a.id, a.outcome, nil
		}
		id, outcome, err := r.resolve(ctx, obj)
		if err == nil {
			known[ref] = answer{id, outcome}
		}
		return id, outcome, err
	}
}

// board takes up a change that the object's status says is under way, as it is after a restart.
func (r *Reconciler) board(z *zone, m *member) {
	if id := m.obj.Status.ChangeID; id != "" && m.here && z.aboard[m.obj.UID] == nil {
		if z.flights[id] == nil {
			z.flights[id] = &flight{id: id, sent: r.clock.Now(), due: r.clock.Now()}
		}
		z.aboard[m.obj.UID] = z.flights[id]
	}
	m.flying = z.aboard[m.obj.UID] != nil
}

// byName returns what looks an object up by its name, nil when there is none. Without a copy, it must not be changed.
func byName[T any, P interface {
	*T
	client.Object
}](ctx context.Context, reader client.Reader, options ...client.GetOption) func(namespace, name string) P {
	return func(namespace, name string) P {
		obj := P(new(T))
		if err := reader.Get(ctx, apitypes.NamespacedName{Namespace: namespace, Name: name}, obj, options...); err != nil {
			return nil // the cache answers nothing but "not found"
		}
		return obj
	}
}

// decide decides for every member, holding back those that Route 53 has just refused.
func (r *Reconciler) decide(ctx context.Context, z *zone, members []member) []*decision {
	if z.missing {
		return decideMissing(z.id, members)
	}
	view := zoneView{id: z.id, name: z.name, records: z.records,
		sibling:          byName[v1alpha1.RecordSet](ctx, r.client),
		loadBalancer:     byName[v1alpha1.LoadBalancer](ctx, r.client, client.UnsafeDisableDeepCopy),
		autoScalingGroup: byName[v1alpha1.AutoScalingGroup](ctx, r.client, client.UnsafeDisableDeepCopy),
	}
	decisions := decide(view, members, r.judge)
	now := r.clock.Now()
	for _, dec := range decisions {
		p := z.parked[dec.obj.UID]
		switch {
		case p == nil:
		case len(dec.changes) == 0 || p.generation != dec.obj.Generation:
			delete(z.parked, dec.obj.UID)
		case now.Before(p.until):
			dec.outcome, dec.changes, dec.holds = &p.outcome, nil, claimsIn(dec.obj, z.id)
		}
	}
	return decisions
}

// decideMissing decides for the members of a zone that does not exist: what they owned in it is gone.
func decideMissing(zoneID string, members []member) []*decision {
	decisions := make([]*decision, len(members))
	for i, m := range members {
		if m.here && m.outcome == nil && !lifecycle.Deleting(m.obj) {
			outcome := lifecycle.Wait(v1alpha1.ReasonReferenceNotFound, fmt.Sprintf("Hosted zone %s does not exist in Route 53.", zoneID), 0)
			m.outcome = &outcome
		}
		decisions[i] = &decision{member: m}
	}
	return decisions
}

// forgetAllBut drops what is remembered of objects that are no longer in the zone.
func (z *zone) forgetAllBut(uids map[apitypes.UID]bool) {
	for uid := range z.aboard {
		if !uids[uid] {
			delete(z.aboard, uid)
		}
	}
	for uid := range z.parked {
		if !uids[uid] {
			delete(z.parked, uid)
		}
	}
	for uid := range z.refused {
		if !uids[uid] {
			delete(z.refused, uid)
		}
	}
}
