package healthcheck

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
)

// firstLook is how old a listing may be in which a new object's check is looked for: one serves a burst of objects.
const firstLook = 10 * time.Second

// observe reads the object's check; nil when there is none. A look that is only due because time has passed may be
// served by a listing that other objects caused.
func (r *Reconciler) observe(ctx context.Context, t *turn) (*types.HealthCheck, error) {
	check := t.obj.Status.HealthCheck
	if check == nil || check.ID == "" {
		return r.find(ctx, t)
	}
	if t.afresh {
		return r.reader.get(ctx, check.ID)
	}
	// Resyncs are jittered by ±10 %: within a quarter of the period nearly all of them fall.
	observed, err := r.reader.recent(ctx, check.ID, r.resync/4)
	if err != nil || observed != nil && !outdated(t.obj, observed) {
		return observed, err
	}
	t.afresh = true // a listing may be older than our own last change
	return r.reader.get(ctx, check.ID)
}

func outdated(obj *v1alpha1.RecordSet, observed *types.HealthCheck) bool {
	desired := desiredConfig(obj.Spec.HealthCheck)
	return desired == nil || diff(desired, observed) != nil
}

// find looks for a check that the status does not name: one whose creation was cut off has the caller reference in the
// status; for an object without any, the ownership tags tell of what an earlier cluster of the same id made.
func (r *Reconciler) find(ctx context.Context, t *turn) (*types.HealthCheck, error) {
	if check := t.obj.Status.HealthCheck; check != nil && check.CallerReference != "" {
		return r.findReference(ctx, check.CallerReference)
	}
	listed, err := r.reader.list(ctx, firstLook)
	if err != nil {
		return nil, err
	}
	var candidates []string
	for _, id := range slices.Sorted(maps.Keys(listed)) {
		if ownReference.MatchString(aws.ToString(listed[id].CallerReference)) && listed[id].LinkedService == nil {
			candidates = append(candidates, id)
		}
	}
	owners, err := r.reader.ownersOf(ctx, candidates)
	if err != nil {
		return nil, err
	}
	var found *types.HealthCheck
	for _, id := range candidates {
		if owners[id] != r.owner(t.obj) {
			continue
		}
		current, err := r.reader.get(ctx, id)
		if err != nil {
			return nil, err
		}
		switch {
		case current == nil || t.retired(id):
			r.reader.forget(id)
		case found == nil:
			found = current
		default:
			t.surplus = append(t.surplus, id)
		}
	}
	return found, nil
}

// findReference looks for the check that was created under a caller reference.
func (r *Reconciler) findReference(ctx context.Context, reference string) (*types.HealthCheck, error) {
	listed, err := r.reader.list(ctx, 0)
	if err != nil {
		return nil, err
	}
	for _, check := range listed {
		if aws.ToString(check.CallerReference) == reference {
			return check, nil
		}
	}
	return nil, nil
}

// unmarked compares the tags of the check that the status names with whose it is, and returns what must be done about
// them; nil when nothing. A check that others have marked as theirs meanwhile is not ours any more.
func (r *Reconciler) unmarked(ctx context.Context, t *turn, observed *types.HealthCheck) (*change, error) {
	if observed == nil || t.obj.Spec.HealthCheck == nil || aws.ToString(observed.Id) != t.status().ID {
		return nil, nil
	}
	tags, err := r.reader.tagsOf(ctx, aws.ToString(observed.Id))
	switch {
	case awsclient.Classify(err) == awsclient.NotFound: // it went between the two reads
		return nil, nil
	case err != nil:
		return nil, err
	}
	if owner, marked := awsclient.OwnerOf(tags); marked && owner != r.owner(t.obj) {
		return nil, judge.OwnedBy("The health check of the record", owner)
	}
	return marking(r.owner(t.obj), observed, tags), nil
}

// owner is how the object's check is marked.
func (r *Reconciler) owner(obj *v1alpha1.RecordSet) awsclient.Owner {
	return awsclient.Owner{Cluster: r.clusterID, Object: "RecordSet/" + obj.Namespace + "/" + obj.Name}
}
