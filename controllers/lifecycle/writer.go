package lifecycle

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// writeTimeout bounds one write to the API server. Writes outlive the turn's context: what AWS has done is worth
// writing down even while the controller stops.
const writeTimeout = 10 * time.Second

// maxNote keeps the note of an event within the API server's 1,024 bytes.
const maxNote = 900

// Writer makes every write to the API server: finalizers, status, events. Writes carry the resource version they
// were decided on, so a concurrent edit makes them fail with a conflict, and the next turn decides afresh.
type Writer struct {
	client client.Client
	events events.EventRecorder
	latest *latest
}

// NewWriter returns a writer.
func NewWriter(c client.Client, recorder events.EventRecorder) *Writer {
	return &Writer{client: c, events: recorder, latest: newLatest()}
}

// Newest returns what is known newest of an object read from the cache, and false when it is known to be gone.
// The result is not to be changed: copy it first.
func Newest[T Object](w *Writer, cached T) (T, bool) {
	newest, ok := w.latest.of(cached)
	if !ok {
		var none T
		return none, false
	}
	return newest.(T), true
}

// Forget drops what is remembered of an object that is gone.
func (w *Writer) Forget(key types.NamespacedName) { w.latest.forget(key) }

// AddFinalizer adds Evenkeel's finalizer by a patch of the metadata alone. It does nothing when it is there.
func (w *Writer) AddFinalizer(ctx context.Context, obj Object) error {
	if HasFinalizer(obj) {
		return nil
	}
	if err := w.patchFinalizers(ctx, obj, append(slices.Clone(obj.GetFinalizers()), v1alpha1.Finalizer)); err != nil {
		return fmt.Errorf("adding the finalizer: %w", err)
	}
	return nil
}

// DropFinalizer removes Evenkeel's finalizer. It does nothing when it is not there, or the object is gone.
func (w *Writer) DropFinalizer(ctx context.Context, obj Object) error {
	if !HasFinalizer(obj) {
		return nil
	}
	rest := slices.DeleteFunc(slices.Clone(obj.GetFinalizers()), func(f string) bool { return f == v1alpha1.Finalizer })
	err := w.patchFinalizers(ctx, obj, rest)
	switch {
	case apierrors.IsNotFound(err):
		return nil
	case err != nil:
		return fmt.Errorf("removing the finalizer: %w", err)
	}
	if Deleting(obj) && len(rest) == 0 {
		w.latest.release(obj)
	}
	return nil
}

func (w *Writer) patchFinalizers(ctx context.Context, obj Object, finalizers []string) error {
	body, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"finalizers": finalizers, "resourceVersion": obj.GetResourceVersion(),
	}})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	answer := obj.DeepCopyObject().(Object)
	if err := w.client.Patch(ctx, answer, client.RawPatch(types.MergePatchType, body)); err != nil {
		return err
	}
	w.accept(obj, answer)
	return nil
}

// WriteStatus patches the status from what it was before to what it is now, if they differ, and says whether they did.
func (w *Writer) WriteStatus(ctx context.Context, before, obj Object) (bool, error) {
	base := before.DeepCopyObject().(Object)
	copyMetadata(base, obj)
	if equality.Semantic.DeepEqual(base, obj) {
		return false, nil
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	answer := obj.DeepCopyObject().(Object)
	patch := client.MergeFromWithOptions(base, client.MergeFromWithOptimisticLock{})
	if err := w.client.Status().Patch(ctx, answer, patch); err != nil {
		return false, fmt.Errorf("writing the status: %w", err)
	}
	w.accept(obj, answer)
	return true, nil
}

// accept takes over the metadata of an answer of the API server and remembers the answer.
func (w *Writer) accept(obj, answer Object) {
	copyMetadata(obj, answer)
	w.latest.set(answer)
}

// copyMetadata copies what a write changes in the metadata.
func copyMetadata(to, from Object) {
	to.SetResourceVersion(from.GetResourceVersion())
	to.SetFinalizers(from.GetFinalizers())
	to.SetManagedFields(from.GetManagedFields())
}

// Tell sends events about an object.
func (w *Writer) Tell(obj Object, events ...Event) {
	for _, event := range events {
		w.events.Eventf(obj, nil, event.Type, event.Reason, event.action(), "%s", shorten(event.Note, maxNote))
	}
}

// Intend writes down, before the first AWS write, what is about to happen: the finalizer, and a status that holds the
// claims the kind has put into it. A crash after it leaves no orphan and no doubt whose the resource is.
func (w *Writer) Intend(ctx context.Context, before, obj Object, intent Outcome) error {
	if err := w.AddFinalizer(ctx, obj); err != nil {
		return err
	}
	if intended(before, obj) {
		return nil
	}
	Summarize(obj, intent)
	_, err := w.WriteStatus(ctx, before, obj)
	return err
}

// intended reports whether an earlier turn has written the same intent already. What came of it stands until this turn
// is over: a retry that fails as before must not show.
func intended(before, obj Object) bool {
	base := before.DeepCopyObject().(Object)
	copyMetadata(base, obj)
	return HasFinalizer(obj) && before.CommonStatus().ObservedGeneration == obj.GetGeneration() &&
		!meta.IsStatusConditionTrue(before.CommonStatus().Conditions, v1alpha1.ConditionReady) && equality.Semantic.DeepEqual(base, obj)
}

// Finish writes what a turn came to: conditions and status in one patch, none when nothing changed; then events; and,
// when nothing is left of a deleted object, the end of its finalizer.
func (w *Writer) Finish(ctx context.Context, before, obj Object, outcome Outcome, events ...Event) error {
	if outcome.State == Gone {
		if err := w.DropFinalizer(ctx, obj); err != nil {
			return err
		}
		w.Tell(obj, events...)
		return nil
	}
	Summarize(obj, outcome)
	wrote, err := w.WriteStatus(ctx, before, obj)
	if err != nil {
		return err
	}
	w.Tell(obj, events...)
	if wrote {
		w.Tell(obj, transition(before, obj, outcome)...)
	}
	return nil
}
