package lifecycle

import (
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// transition tells why an object got stuck or waits for somebody, and that it recovered; nothing when it stands as
// before, or goes the ordinary way of an apply: waits for what is applied beside it, is made, is Ready.
func transition(before, obj Object, outcome Outcome) []Event {
	was := meta.FindStatusCondition(before.CommonStatus().Conditions, v1alpha1.ConditionReady)
	is := meta.FindStatusCondition(obj.CommonStatus().Conditions, v1alpha1.ConditionReady)
	if is == nil || was != nil && was.Status == is.Status && was.Reason == is.Reason {
		return nil
	}
	switch outcome.State {
	case Stalled, Failing:
		return []Event{Warning(outcome.Reason, outcome.Message)}
	case Converged:
		if meta.IsStatusConditionTrue(before.CommonStatus().Conditions, v1alpha1.ConditionStalled) {
			return []Event{Normal(outcome.Reason, outcome.Message)}
		}
	case Reported:
		return []Event{Normal(outcome.Reason, outcome.Message)}
	case Waiting:
		switch outcome.Reason {
		case v1alpha1.ReasonReferenceNotPermitted, v1alpha1.ReasonThrottled, v1alpha1.ReasonDeletionBlocked:
			return []Event{Normal(outcome.Reason, outcome.Message)}
		}
	}
	return nil
}
