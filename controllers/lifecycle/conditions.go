package lifecycle

import (
	"slices"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// conditionOrder is how conditions are listed; others follow in the order in which they were first set.
var conditionOrder = []string{v1alpha1.ConditionReady, v1alpha1.ConditionStalled, v1alpha1.ConditionReconciling}

// Summarize writes an outcome into the object's summary conditions and stamps the generation it is about, on them and
// on the conditions of the kind. A transition time moves only when a condition's status does.
func Summarize(obj Object, outcome Outcome) {
	if outcome.State == Gone {
		return
	}
	status := obj.CommonStatus()
	status.ObservedGeneration = obj.GetGeneration()
	set := func(conditionType string, value metav1.ConditionStatus) {
		meta.SetStatusCondition(&status.Conditions, metav1.Condition{
			Type: conditionType, Status: value, Reason: outcome.Reason, Message: outcome.Message,
		})
	}
	ready := outcome.State == Converged || outcome.State == Reported && outcome.Ready
	set(v1alpha1.ConditionReady, conditionStatus(ready))
	switch outcome.State {
	case Waiting, Failing:
		meta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionStalled)
		set(v1alpha1.ConditionReconciling, metav1.ConditionTrue)
	case Stalled:
		meta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionReconciling)
		set(v1alpha1.ConditionStalled, metav1.ConditionTrue)
	default:
		meta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionReconciling)
		meta.RemoveStatusCondition(&status.Conditions, v1alpha1.ConditionStalled)
	}
	for i := range status.Conditions {
		status.Conditions[i].ObservedGeneration = obj.GetGeneration()
	}
	slices.SortStableFunc(status.Conditions, func(a, b metav1.Condition) int { return rank(a) - rank(b) })
}

// SetCondition sets a condition of the kind's own.
func SetCondition(obj Object, conditionType string, value bool, reason, message string) {
	meta.SetStatusCondition(&obj.CommonStatus().Conditions, metav1.Condition{
		Type: conditionType, Status: conditionStatus(value), Reason: reason, Message: message,
		ObservedGeneration: obj.GetGeneration(),
	})
}

func conditionStatus(value bool) metav1.ConditionStatus {
	if value {
		return metav1.ConditionTrue
	}
	return metav1.ConditionFalse
}

func rank(condition metav1.Condition) int {
	if i := slices.Index(conditionOrder, condition.Type); i >= 0 {
		return i
	}
	return len(conditionOrder)
}
