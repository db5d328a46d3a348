package healthcheck

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// mostSteps bounds the changes of one turn: a lost check found again, updated, and once more when others interfere.
const mostSteps = 4

// errUnsettled says that the check still was not as declared after so many changes.
var errUnsettled = errors.New("the health check is not as declared although it was changed, as if something else changed it too")

// converge makes the check what the spec declares, and notes in the status that it is.
func (r *Reconciler) converge(ctx context.Context, t *turn) error {
	observed, err := r.observe(ctx, t)
	if err != nil {
		return err
	}
	desired := desiredConfig(t.obj.Spec.HealthCheck)
	drift := asDeclared(t.before)
	switch mark, err := r.unmarked(ctx, t, observed); {
	case err != nil:
		return err
	case mark != nil:
		if err := r.tag(ctx, t.obj, mark.id); err != nil {
			return err
		}
		t.events = append(t.events, lifecycle.EventsFor(mark.plan, true)...)
	}
	for range mostSteps {
		c := diff(desired, observed)
		if c == nil {
			return r.settle(ctx, t, observed)
		}
		if observed, err = r.apply(ctx, t, c, observed, desired); err != nil {
			return err
		}
		if observed != nil {
			log.FromContext(ctx).Info("Changed AWS", "changes", c.plan, "healthCheck", aws.ToString(observed.Id))
			t.events = append(t.events, lifecycle.EventsFor(c.plan, drift)...)
		}
	}
	return errUnsettled
}

// apply makes one change and returns the check as it is then; nil when it has to be created under another reference.
func (r *Reconciler) apply(ctx context.Context, t *turn, c *change, observed *types.HealthCheck, desired *types.HealthCheckConfig) (*types.HealthCheck, error) {
	if c.action != updateCheck {
		if observed != nil && t.status().ID == "" { // found, and already to be replaced
			t.status().ID = aws.ToString(observed.Id)
		}
		if err := r.claim(ctx, t, c, desired); err != nil {
			return nil, err
		}
		return r.create(ctx, t, desired)
	}
	answer, err := r.route53.UpdateHealthCheck(ctx, c.update)
	switch {
	case err == nil:
		return answer.HealthCheck, nil
	case awsclient.Classify(err) == awsclient.Busy: // it has another version: somebody else was faster
		current, readErr := r.reader.get(ctx, aws.ToString(observed.Id))
		if readErr != nil {
			return nil, readErr
		}
		if current != nil && aws.ToInt64(current.HealthCheckVersion) != aws.ToInt64(observed.HealthCheckVersion) {
			return current, nil
		}
	}
	return nil, fmt.Errorf("updating the health check: %w", err)
}

// claim writes down, before a check is created, under which caller reference it will be, and which check it replaces.
func (r *Reconciler) claim(ctx context.Context, t *turn, c *change, desired *types.HealthCheckConfig) error {
	check := t.status()
	switch {
	case c.action == replaceCheck:
		t.retire(check.ID)
		fallthrough
	case check.ID != "", check.CallerReference == "":
		check.CallerReference = nextReference(t.obj, desired, check.CallerReference)
	}
	check.ID = ""
	if err := r.writer.AddFinalizer(ctx, t.obj); err != nil {
		return &writeError{err}
	}
	return r.write(ctx, t)
}

// create makes a check under the reference that was claimed. A reference that is taken belongs to a check whose
// creation went unseen, or to one that is gone: Route 53 never takes it again.
func (r *Reconciler) create(ctx context.Context, t *turn, desired *types.HealthCheckConfig) (*types.HealthCheck, error) {
	check := t.status()
	answer, err := r.route53.CreateHealthCheck(ctx, &route53.CreateHealthCheckInput{CallerReference: &check.CallerReference, HealthCheckConfig: desired})
	if awsclient.Classify(err) == awsclient.AlreadyExists {
		found, findErr := r.findReference(ctx, check.CallerReference)
		if findErr != nil || found != nil {
			return found, findErr
		}
		check.CallerReference = nextReference(t.obj, desired, check.CallerReference)
		return nil, r.write(ctx, t)
	}
	if err != nil {
		return nil, fmt.Errorf("creating the health check: %w", err)
	}
	return answer.HealthCheck, nil
}

// settle notes that the check is as declared, once it also says whose it is.
func (r *Reconciler) settle(ctx context.Context, t *turn, observed *types.HealthCheck) error {
	check, id := t.status(), aws.ToString(observed.Id)
	if check.ID != id {
		if err := r.tag(ctx, t.obj, id); err != nil {
			return err
		}
		if err := r.writer.AddFinalizer(ctx, t.obj); err != nil {
			return &writeError{err}
		}
		for _, other := range t.surplus {
			t.retire(other)
		}
	}
	if check.ID != id || len(t.events) > 0 {
		r.reader.put(observed, r.owner(t.obj))
	}
	check.ID, check.CallerReference, check.ObservedGeneration = id, aws.ToString(observed.CallerReference), t.obj.Generation
	r.poller.watch(t.key, id, observed.HealthCheckConfig)
	return nil
}

// tag marks a check as the object's.
func (r *Reconciler) tag(ctx context.Context, obj *v1alpha1.RecordSet, id string) error {
	tags := r.owner(obj).Tags()
	input := &route53.ChangeTagsForResourceInput{ResourceId: &id, ResourceType: types.TagResourceTypeHealthcheck}
	for _, tagKey := range slices.Sorted(maps.Keys(tags)) {
		input.AddTags = append(input.AddTags, types.Tag{Key: aws.String(tagKey), Value: aws.String(tags[tagKey])})
	}
	if _, err := r.route53.ChangeTagsForResource(ctx, input); err != nil {
		return fmt.Errorf("tagging the health check: %w", err)
	}
	return nil
}
