package lifecycle

import (
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// Object is an Evenkeel object: a pointer type of package v1alpha1.
type Object interface {
	client.Object
	CommonSpec() *v1alpha1.Policies
	CommonStatus() *v1alpha1.CommonStatus
}

// Deleting reports whether the object has been deleted and only waits for its finalizers.
func Deleting(obj client.Object) bool { return !obj.GetDeletionTimestamp().IsZero() }

// HasFinalizer reports whether the object carries Evenkeel's finalizer: only then may AWS hold something of it.
func HasFinalizer(obj client.Object) bool {
	return controllerutil.ContainsFinalizer(obj, v1alpha1.Finalizer)
}

// Own returns what the status names, id, if it is the object's own: an object without the finalizer has only looked at it,
// as Plan and Observe do, and whether it may have it is still to be decided.
func Own(obj client.Object, id string) string {
	if !HasFinalizer(obj) {
		return ""
	}
	return id
}

// Manages reports whether AWS may be changed for the object.
func Manages(obj Object) bool {
	return obj.CommonSpec().ManagementPolicy == "" || obj.CommonSpec().ManagementPolicy == v1alpha1.ManagementManage
}

// Observes reports whether the object only watches, so that it does not mark anything as its own either.
func Observes(obj Object) bool {
	return obj.CommonSpec().ManagementPolicy == v1alpha1.ManagementObserve
}

// Retains reports whether deleting the object leaves AWS as it is.
func Retains(obj Object) bool {
	return obj.CommonSpec().DeletionPolicy == v1alpha1.DeletionRetain || !Manages(obj)
}

// Adoption returns the object's adoption policy, or its kind's default.
func Adoption(obj Object, kindDefault v1alpha1.AdoptionPolicy) v1alpha1.AdoptionPolicy {
	if policy := obj.CommonSpec().AdoptionPolicy; policy != "" {
		return policy
	}
	return kindDefault
}

// Drifted reports whether a difference found now is drift: the object stood as declared, for this very generation,
// when it was last looked at.
func Drifted(obj Object) bool {
	status := obj.CommonStatus()
	return status.ObservedGeneration == obj.GetGeneration() &&
		meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady)
}

// Event is something to tell about an object once its status has been written.
type Event struct {
	// Type is corev1.EventTypeNormal or corev1.EventTypeWarning.
	Type   string
	Reason string
	Note   string
}

// maxAction is how many bytes the API server takes for an event's action.
const maxAction = 128

// action tells events of one reason apart: of those that are about an object in one state and have the same action, the
// recorder keeps the first only, and counts the others.
func (e Event) action() string {
	return strings.ToValidUTF8(e.Note[:min(len(e.Note), maxAction)], "")
}

// Normal returns an event about something that went as it should.
func Normal(reason, note string) Event { return Event{corev1.EventTypeNormal, reason, note} }

// Warning returns an event about something a person should look at.
func Warning(reason, note string) Event { return Event{corev1.EventTypeWarning, reason, note} }
