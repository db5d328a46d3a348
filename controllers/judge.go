package controllers

import (
	"errors"
	"time"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// busyRetry is how soon a call is tried again that AWS refused because an earlier change is still in progress.
const busyRetry = 2 * time.Second

// Judge is where error classes of AWS become outcomes: the one place that knows both.
func Judge(err error) lifecycle.Outcome {
	var decided *lifecycle.Error
	if errors.As(err, &decided) {
		return decided.Outcome
	}
	message := lifecycle.Sentence(awsclient.Message(err))
	switch awsclient.Classify(err) {
	case awsclient.Throttled:
		return lifecycle.Wait(v1alpha1.ReasonThrottled, message, max(awsclient.RetryAfter(err), time.Second))
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
