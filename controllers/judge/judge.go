// Package judge turns what AWS answers into how an object stands: the one place that knows both classes of errors and
// outcomes.
package judge

import (
	"errors"
	"time"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// busyRetry is how soon a call is tried again that AWS refused because an earlier change is still in progress.
const busyRetry = 2 * time.Second

// Outcome is what an error means for the object whose turn it ended.
func Outcome(err error) lifecycle.Outcome {
	var decided *lifecycle.Error
	if errors.As(err, &decided) {
		return decided.Outcome
	}
	message := Sentence(err)
	switch awsclient.Classify(err) {
	case awsclient.Throttled:
		reason := v1alpha1.ReasonThrottled
		if awsclient.Paced(err) {
			reason = v1alpha1.ReasonWaitingForAWS
		}
		return lifecycle.Wait(reason, message, max(awsclient.RetryAfter(err), time.Second))
	case awsclient.Busy:
		return lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, message, max(awsclient.RetryAfter(err), busyRetry))
	case awsclient.Denied:
		return lifecycle.Stall(v1alpha1.ReasonAccessDenied, message)
	case awsclient.Quota:
		return lifecycle.Stall(v1alpha1.ReasonQuotaExceeded, message)
	case awsclient.Invalid:
		return lifecycle.Stall(v1alpha1.ReasonInvalidSpec, message)
	case awsclient.Conflict, awsclient.AlreadyExists:
		return lifecycle.Stall(v1alpha1.ReasonConflict, message)
	default:
		return lifecycle.Fail(v1alpha1.ReasonAWSError, message, err)
	}
}

// Sentence is AWS's own text as a sentence.
func Sentence(err error) string { return lifecycle.Sentence(awsclient.Message(err)) }

// OwnedBy refuses what belongs to another object, as its tags say. What begins a sentence.
func OwnedBy(what string, owner awsclient.Owner) error {
	return lifecycle.Refuse(v1alpha1.ReasonConflict, "%s belongs to %s of the cluster %s, as its tags say.", what, owner.Object, owner.Cluster)
}
