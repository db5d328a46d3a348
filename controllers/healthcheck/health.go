package healthcheck

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// healthyShare is the share of checkers, in percent, that must find an endpoint healthy, and one more.
const healthyShare = 18

// health is how a check fares, as far as it is known.
type health struct {
	status metav1.ConditionStatus
	reason string
	// failures are the kinds of failure that checkers report, the most frequent first.
	failures []string
	message  string
}

// unknowable is the health of checks of which the API does not tell.
func unknowable(t types.HealthCheckType) health {
	return health{status: metav1.ConditionUnknown, reason: v1alpha1.ReasonWaitingForAWS, message: fmt.Sprintf(
		"Route 53's API does not tell how a check of type %s fares: see its metric HealthCheckStatus in CloudWatch.", t)}
}

// nonexistent is the health of a check that is not there.
var nonexistent = health{
	status: metav1.ConditionUnknown, reason: v1alpha1.ReasonReferenceNotFound,
	message: "The health check that spec.healthCheckID names does not exist.",
}

// assess applies Route 53's rule to what the checkers report.
func assess(config *types.HealthCheckConfig, observations []types.HealthCheckObservation) health {
	inverted := aws.ToBool(config.Inverted)
	if aws.ToBool(config.Disabled) {
		h := verdict(!inverted)
		h.message = fmt.Sprintf("The check is disabled: Route 53 counts the endpoint as %s without looking.", word(!inverted))
		return h
	}
	good, total := 0, 0
	failures := map[string]int{}
	for i := range observations {
		if observations[i].StatusReport == nil {
			continue
		}
		total++
		text := aws.ToString(observations[i].StatusReport.Status)
		if strings.HasPrefix(text, "Success") {
			good++
		} else {
			failures[failureKind(text)]++
		}
	}
	if total == 0 {
		return health{status: metav1.ConditionUnknown, reason: v1alpha1.ReasonWaitingForAWS, message: "Route 53's checkers have not reported yet."}
	}
	endpoint := good*100 > healthyShare*total
	h := verdict(endpoint != inverted)
	h.message = fmt.Sprintf("Route 53's checkers find the endpoint %s", word(endpoint))
	if inverted {
		h.message += ", and the check is inverted"
	}
	if !endpoint {
		h.failures = slices.SortedFunc(maps.Keys(failures), func(a, b string) int {
			return cmp.Or(failures[b]-failures[a], strings.Compare(a, b))
		})
	}
	return h
}

func verdict(healthy bool) health {
	if healthy {
		return health{status: metav1.ConditionTrue, reason: v1alpha1.ReasonHealthy}
	}
	return health{status: metav1.ConditionFalse, reason: v1alpha1.ReasonUnhealthy}
}

func word(healthy bool) string {
	if healthy {
		return "healthy"
	}
	return "unhealthy"
}

// failureKind cuts what differs from one probe to the next from the text of a failure.
func failureKind(text string) string {
	text = strings.TrimSpace(strings.TrimPrefix(text, "Failure:"))
	for _, end := range []string{". ", "Resolved IP", "->"} {
		text, _, _ = strings.Cut(text, end)
	}
	return lifecycle.Shorten(strings.TrimRight(text, ". "))
}

// tell returns the message of the condition. What was told before stands as long as some checker still says so.
func (h *health) tell(before string) string {
	if len(h.failures) == 0 {
		return lifecycle.Sentence(h.message)
	}
	for _, failure := range h.failures {
		if message := h.message + ": " + failure + "."; message == before {
			return message
		}
	}
	return h.message + ": " + h.failures[0] + "."
}

// showHealth writes the condition Healthy, about the generation that the status is about.
func (r *Reconciler) showHealth(t *turn) {
	status := &t.obj.Status
	id := string(t.obj.Spec.HealthCheckID)
	if t.obj.Spec.HealthCheck != nil && status.HealthCheck != nil {
		id = status.HealthCheck.ID
	}
	if t.obj.Spec.HealthCheck == nil && t.obj.Spec.HealthCheckID == "" {
		r.poller.unwatch(t.key)
		setHealthy(t.obj, nil)
		return
	}
	h, known := r.poller.healthOf(id)
	if t.missing {
		r.poller.unwatch(t.key)
		h, known = nonexistent, true
	}
	if !known || status.ObservedGeneration < 0 || meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady) == nil {
		return
	}
	before := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionHealthy)
	said, was := "", metav1.ConditionStatus("")
	if before != nil {
		said, was = before.Message, before.Status
	}
	message := h.tell(said)
	setHealthy(t.obj, &metav1.Condition{Type: v1alpha1.ConditionHealthy, Status: h.status, Reason: h.reason, Message: message})
	switch {
	case h.status == metav1.ConditionFalse && was != metav1.ConditionFalse:
		t.events = append(t.events, lifecycle.Warning(v1alpha1.ReasonUnhealthy, message))
	case h.status == metav1.ConditionTrue && was == metav1.ConditionFalse:
		t.events = append(t.events, lifecycle.Normal(v1alpha1.ReasonHealthy, message))
	}
}

// setHealthy sets the condition Healthy, or removes it, about the generation that the status is about.
func setHealthy(obj *v1alpha1.RecordSet, healthy *metav1.Condition) {
	if healthy == nil {
		meta.RemoveStatusCondition(&obj.Status.Conditions, v1alpha1.ConditionHealthy)
		return
	}
	condition := *healthy
	condition.ObservedGeneration = obj.Status.ObservedGeneration
	meta.SetStatusCondition(&obj.Status.Conditions, condition)
}
