package main

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

// floorText defines the floor in the output.
const floorText = "floor: a bare client writes, to as many equal objects, the finalizer and then the final status of the row's own " +
	"objects, one merge patch each, 16 objects at a time; timed until the same watch has seen all of them Ready"

// floor returns the seconds that the writes which no controller can do without take here and now: the finalizer and
// the final status of each object, with the payloads that the controller wrote in the row. No manager runs meanwhile.
func (w *world) floor(ctx context.Context, seen *readiness, n int) (float64, error) {
	w.say("  measuring the floor")
	namespace := w.namespace + "-floor"
	if err := w.admin.Create(ctx, namespaceOf(namespace)); err != nil {
		return 0, fmt.Errorf("creating namespace %s: %w", namespace, err)
	}
	objects := records(namespace, n)
	if err := w.create(ctx, objects); err != nil {
		return 0, err
	}
	watch, err := w.watchRecordSets(ctx, namespace, n)
	if err != nil {
		return 0, err
	}
	defer watch.stop()
	statuses, ready := make([]v1alpha1.RecordSetStatus, n), 0
	for i, obj := range objects {
		statuses[i] = seen.get(obj.Name).newest.Status
		if isReady(seen.get(obj.Name).newest) {
			ready++
		}
	}
	start := time.Now()
	if err := inParallel(ctx, n, func(i int) error { return w.writeBare(ctx, objects[i], statuses[i]) }); err != nil {
		return 0, err
	}
	if err := watch.until(ctx, proc.Poll, patience(n), ready, n-ready); err != nil {
		return 0, err
	}
	return max(watch.lastReady().Sub(start).Seconds(), 1e-3), nil
}

// writeBare makes the two writes to one object.
func (w *world) writeBare(ctx context.Context, obj *v1alpha1.RecordSet, status v1alpha1.RecordSetStatus) error {
	finalizer, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"finalizers": []string{v1alpha1.Finalizer}, "resourceVersion": obj.ResourceVersion,
	}})
	if err != nil {
		return err
	}
	if err := w.bare.Patch(ctx, obj, client.RawPatch(types.MergePatchType, finalizer)); err != nil {
		return fmt.Errorf("writing the finalizer of %s: %w", obj.Name, err)
	}
	body, err := json.Marshal(map[string]any{
		"metadata": map[string]any{"resourceVersion": obj.ResourceVersion}, "status": status,
	})
	if err != nil {
		return err
	}
	if err := w.bare.Status().Patch(ctx, obj, client.RawPatch(types.MergePatchType, body)); err != nil {
		return fmt.Errorf("writing the status of %s: %w", obj.Name, err)
	}
	return nil
}
