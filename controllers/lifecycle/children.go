package lifecycle

import (
	"context"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// childRetry is how soon a write of a child is tried again that met a newer version of it.
const childRetry = 100 * time.Millisecond

// ChildWrite is what a change does to a child: an Evenkeel object that a kind keeps for one of its own, and that other
// machinery carries out. It is the owner's by a controller reference.
type ChildWrite struct {
	// Verb is VerbCreate, VerbUpdate or VerbDelete.
	Verb string
	// Child is the object to create or to delete, or as an update leaves it.
	Child Object
	// Before is the object as an update finds it.
	Before Object
	// Wrote, where it matters for how the owner stands, notes the child in what was observed, once the API server has it.
	Wrote func()
}

// ChildChange is a change list's step that may be about a child: lifecycle makes it then, since kinds write nothing to
// the API server.
type ChildChange interface {
	Change
	// ChildWrite returns what to write when the step's turn has come; nil when the step is one of the cloud.
	ChildWrite() *ChildWrite
}

// Keeper is a Kind whose objects have children.
type Keeper[T Object] interface {
	// Children returns the children of an object that exist.
	Children(ctx context.Context, obj T) ([]Object, error)
}

// WriteChild creates, changes or deletes a child. An error that it returns is one of writing to the API server.
func (w *Writer) WriteChild(ctx context.Context, owner Object, write *ChildWrite) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	switch write.Verb {
	case VerbCreate:
		if err := controllerutil.SetControllerReference(owner, write.Child, w.client.Scheme()); err != nil {
			return err
		}
		return w.client.Create(ctx, write.Child)
	case VerbUpdate:
		return w.client.Patch(ctx, write.Child, client.MergeFromWithOptions(write.Before, client.MergeFromWithOptimisticLock{}))
	default:
		uid := write.Child.GetUID()
		return client.IgnoreNotFound(w.client.Delete(ctx, write.Child, client.Preconditions{UID: &uid}))
	}
}

// childError says how the owner stands when a child could not be written.
func childError(write *ChildWrite, err error) error {
	if apierrors.IsAlreadyExists(err) || IsStale(err) {
		return AsError(Wait(v1alpha1.ReasonUpdating, "An object that this one keeps is being written.", childRetry))
	}
	return AsError(Fail(v1alpha1.ReasonUpdating, fmt.Sprintf("The object %s could not be written.", write.Child.GetName()), err))
}

// make makes one change: a child's here, all others through the kind.
func (r *Reconciler[T, O, C]) make(ctx context.Context, obj T, observed O, change C) error {
	if step, ok := any(change).(ChildChange); ok {
		if write := step.ChildWrite(); write != nil {
			if err := r.Writer.WriteChild(ctx, obj, write); err != nil {
				return childError(write, err)
			}
			if write.Wrote != nil {
				write.Wrote()
			}
			return nil
		}
	}
	return r.Kind.Apply(ctx, obj, observed, change)
}

// retainChildren makes the children of an object that leaves the cloud as it is leave it so too: the garbage collector
// deletes them after it.
func (r *Reconciler[T, O, C]) retainChildren(ctx context.Context, obj T) error {
	keeper, ok := any(r.Kind).(Keeper[T])
	if !ok {
		return nil
	}
	children, err := keeper.Children(ctx, obj)
	if err != nil {
		return err
	}
	for _, before := range children {
		if Retains(before) {
			continue
		}
		child := before.DeepCopyObject().(Object)
		child.CommonSpec().DeletionPolicy = v1alpha1.DeletionRetain
		if err := r.Writer.WriteChild(ctx, obj, &ChildWrite{Verb: VerbUpdate, Child: child, Before: before}); err != nil {
			return fmt.Errorf("keeping what %s stands for: %w", child.GetName(), err)
		}
	}
	return nil
}
