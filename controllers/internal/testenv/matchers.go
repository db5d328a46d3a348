package testenv

import (
	"fmt"

	"github.com/onsi/gomega/gcustom"
	gomegatypes "github.com/onsi/gomega/types"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// BeReady succeeds when an object is Ready, says so about its present generation, and has nothing left to do.
func BeReady() gomegatypes.GomegaMatcher {
	return about("be Ready", func(obj lifecycle.Object) bool {
		status := obj.CommonStatus()
		return status.ObservedGeneration == obj.GetGeneration() && meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady) &&
			meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReconciling) == nil &&
			meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionStalled) == nil
	})
}

// HaveReason succeeds when a condition of the object, evaluated for its present generation, has a reason and, if texts
// are given, a message that contains all of them.
func HaveReason(conditionType, reason string, texts ...string) gomegatypes.GomegaMatcher {
	return about(fmt.Sprintf("have %s with reason %s and in its message %q", conditionType, reason, texts), func(obj lifecycle.Object) bool {
		found := meta.FindStatusCondition(obj.CommonStatus().Conditions, conditionType)
		return found != nil && found.Reason == reason && found.ObservedGeneration == obj.GetGeneration() && containsAll(found.Message, texts)
	})
}

// BeStalled succeeds when the object says that a person must act, why, and with what words.
func BeStalled(reason string, texts ...string) gomegatypes.GomegaMatcher {
	return HaveReason(v1alpha1.ConditionStalled, reason, texts...)
}

// BeWaiting succeeds when the object is working or waiting, and says for what.
func BeWaiting(reason string, texts ...string) gomegatypes.GomegaMatcher {
	return HaveReason(v1alpha1.ConditionReconciling, reason, texts...)
}

// HaveCondition succeeds when a condition has a status.
func HaveCondition(conditionType string, status metav1.ConditionStatus) gomegatypes.GomegaMatcher {
	return about(fmt.Sprintf("have %s %s", conditionType, status), func(obj lifecycle.Object) bool {
		return meta.IsStatusConditionPresentAndEqual(obj.CommonStatus().Conditions, conditionType, status)
	})
}

func about(what string, holds func(lifecycle.Object) bool) gomegatypes.GomegaMatcher {
	return gcustom.MakeMatcher(func(actual any) (bool, error) {
		obj, ok := actual.(lifecycle.Object)
		if !ok {
			return false, fmt.Errorf("%T is no Evenkeel object", actual)
		}
		return holds(obj), nil
	}).WithTemplate("Expected\n{{.Data.Describe .Actual}}\n{{.To}} {{.Data.What}}", described{what})
}

// described renders an object for a failure message.
type described struct{ What string }

// Describe names the conditions of an object.
func (described) Describe(actual any) string {
	if obj, ok := actual.(lifecycle.Object); ok {
		return describeConditions(obj)
	}
	return fmt.Sprint(actual)
}
