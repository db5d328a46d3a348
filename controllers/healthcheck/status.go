package healthcheck

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// concerns reports whether there is, or is to be, anything for this controller to do for an object.
func concerns(obj *v1alpha1.RecordSet) bool {
	return obj.Spec.HealthCheck != nil || obj.Spec.HealthCheckID != "" || obj.Status.HealthCheck != nil ||
		meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionHealthy) != nil
}

// awaited reports whether the record only waits for its check. An object whose zone is missing, or not for it, gets
// none.
func awaited(obj *v1alpha1.RecordSet) bool {
	if obj.Status.HealthCheck != nil {
		return true
	}
	ready := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionReady)
	return obj.Status.ObservedGeneration == obj.Generation && ready != nil && ready.Reason == v1alpha1.ReasonCreating
}

// asDeclared reports whether the check was as declared, for this very generation, when it was last looked at.
func asDeclared(obj *v1alpha1.RecordSet) bool {
	check := obj.Status.HealthCheck
	return check != nil && check.ObservedGeneration == obj.Generation && check.Reason == "" &&
		(obj.Spec.HealthCheck == nil || check.ID != "" || !lifecycle.Manages(obj))
}

// status returns the status of the check, to be written.
func (t *turn) status() *v1alpha1.HealthCheckStatus {
	if t.obj.Status.HealthCheck == nil {
		t.obj.Status.HealthCheck = &v1alpha1.HealthCheckStatus{}
	}
	return t.obj.Status.HealthCheck
}

// retire lists a check for deletion once the record does not use it any more.
func (t *turn) retire(id string) {
	if check := t.status(); id != "" && !slices.Contains(check.Previous, id) {
		check.Previous = append(check.Previous, id)
	}
}

// retired reports whether a check is listed for deletion.
func (t *turn) retired(id string) bool {
	return t.obj.Status.HealthCheck != nil && slices.Contains(t.obj.Status.HealthCheck.Previous, id)
}

// explain writes into the status why the check cannot be made, changed or deleted. Having to wait takes nothing away
// from what was said before; nor does a failure that is expected to pass, while the check stands as declared.
func (t *turn) explain(outcome lifecycle.Outcome) {
	if outcome.State == lifecycle.Waiting || outcome.State == lifecycle.Failing && asDeclared(t.before) ||
		t.obj.Spec.HealthCheck == nil && t.obj.Status.HealthCheck == nil {
		return
	}
	check := t.status()
	check.Reason, check.Message, check.Stalled = outcome.Reason, outcome.Message, outcome.State == lifecycle.Stalled
}

// resolve notes that nothing stands in the way any more.
func (t *turn) resolve() {
	if check := t.obj.Status.HealthCheck; check != nil {
		check.Reason, check.Message, check.Stalled = "", "", false
	}
}
