package testenv

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// linter watches all objects and checks every status that is ever written in the namespaces of the story that plays.
type linter struct {
	watches []watch.Interface
	running sync.WaitGroup

	mu         sync.Mutex
	namespaces []string
	last       map[types.UID]lifecycle.Object
	found      []string
}

func startLinter(c client.WithWatch) *linter {
	GinkgoHelper()
	l := &linter{}
	for _, list := range []client.ObjectList{&v1alpha1.HostedZoneList{}, &v1alpha1.RecordSetList{}, &v1alpha1.LoadBalancerList{}, &v1alpha1.AutoScalingGroupList{}} {
		w, err := c.Watch(context.Background(), list)
		Expect(err).NotTo(HaveOccurred())
		l.watches = append(l.watches, w)
		l.running.Go(func() {
			for event := range w.ResultChan() {
				if obj, ok := event.Object.(lifecycle.Object); ok {
					l.see(obj, event.Type == watch.Deleted)
				}
			}
		})
	}
	return l
}

func (l *linter) stop() {
	for _, w := range l.watches {
		w.Stop()
	}
	l.running.Wait()
}

// begin forgets the story before.
func (l *linter) begin() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.namespaces, l.last, l.found = nil, map[types.UID]lifecycle.Object{}, nil
}

// heed adds a namespace to those of the story.
func (l *linter) heed(namespace string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.namespaces = append(l.namespaces, namespace)
}

func (l *linter) violations() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.found)
}

// versions are the resource versions of all objects.
func (l *linter) versions() map[types.UID]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	versions := map[types.UID]string{}
	for uid, obj := range l.last {
		versions[uid] = obj.GetResourceVersion()
	}
	return versions
}

func (l *linter) see(obj lifecycle.Object, gone bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !slices.Contains(l.namespaces, obj.GetNamespace()) {
		return
	}
	if gone {
		delete(l.last, obj.GetUID())
		return
	}
	problems := Lint(obj)
	if before := l.last[obj.GetUID()]; before != nil {
		problems = append(problems, lintStep(before, obj)...)
	}
	l.last[obj.GetUID()] = obj
	for _, problem := range problems {
		l.found = append(l.found, problem+":\n"+describeConditions(obj))
	}
}

// Lint checks one status by itself against what kstatus, Argo CD, Flux and people expect.
func Lint(obj lifecycle.Object) []string {
	status := obj.CommonStatus()
	if status.ObservedGeneration == -1 {
		if len(status.Conditions) > 0 {
			return []string{"conditions without an observed generation"}
		}
		return nil
	}
	var problems []string
	check := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, problem)
		}
	}
	ready := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReady)
	reconciling := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionReconciling)
	stalled := meta.FindStatusCondition(status.Conditions, v1alpha1.ConditionStalled)
	check(status.ObservedGeneration <= obj.GetGeneration(), "an observed generation that is not there yet")
	check(ready != nil && status.Conditions[0].Type == v1alpha1.ConditionReady, "Ready is not the first condition")
	check(reconciling == nil || stalled == nil, "Reconciling together with Stalled")
	check(reconciling == nil || reconciling.Status == metav1.ConditionTrue, "Reconciling is there and not True")
	check(stalled == nil || stalled.Status == metav1.ConditionTrue, "Stalled is there and not True")
	if ready != nil {
		busy := reconciling != nil || stalled != nil
		reports := ready.Reason == v1alpha1.ReasonPlanOnly || ready.Reason == v1alpha1.ReasonObserveOnly
		check(ready.Status != metav1.ConditionTrue || !busy, "Ready together with Reconciling or Stalled")
		check(ready.Status == metav1.ConditionTrue || busy || reports, "not Ready and neither Reconciling nor Stalled")
	}
	for _, c := range status.Conditions {
		problems = append(problems, lintCondition(status, c)...)
	}
	check(len(status.Plan) <= v1alpha1.MaxListed, "a plan that is too long")
	check(len(status.Plan) == 0 || obj.CommonSpec().ManagementPolicy == v1alpha1.ManagementPlan || status.ObservedGeneration < obj.GetGeneration(),
		"a plan although nothing is only planned")
	return problems
}

// reasons are those of conditions, as api/v1alpha1 lists them.
var reasons = []string{
	v1alpha1.ReasonConverged, v1alpha1.ReasonCreating, v1alpha1.ReasonUpdating, v1alpha1.ReasonReplacing, v1alpha1.ReasonPropagating,
	v1alpha1.ReasonWaitingForAWS, v1alpha1.ReasonReferenceNotFound, v1alpha1.ReasonReferenceNotReady, v1alpha1.ReasonReferenceNotPermitted,
	v1alpha1.ReasonInvalidSpec, v1alpha1.ReasonConflict, v1alpha1.ReasonAccessDenied, v1alpha1.ReasonQuotaExceeded, v1alpha1.ReasonThrottled,
	v1alpha1.ReasonAWSError, v1alpha1.ReasonDeleting, v1alpha1.ReasonDeletionBlocked, v1alpha1.ReasonPlanOnly, v1alpha1.ReasonObserveOnly,
	v1alpha1.ReasonCapacityBelowMinimum, v1alpha1.ReasonHealthy, v1alpha1.ReasonUnhealthy,
	v1alpha1.ReasonOutdated, v1alpha1.ReasonRefreshFailed,
}

// unstable matches what differs from one attempt to the next: request ids and times.
var unstable = regexp.MustCompile(`(?i)[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-|request ?id|\d{4}-\d\d-\d\dT\d\d:\d\d|127\.0\.0\.1:\d+->`)

// quoted matches the ids of what a spec names, as AWS quotes them: they look like those of requests and stay the same.
var quoted = regexp.MustCompile(`(CIDR collection|specified ID:) [0-9a-f-]{36}`)

func lintCondition(status *v1alpha1.CommonStatus, c metav1.Condition) []string {
	var problems []string
	check := func(ok bool, problem string) {
		if !ok {
			problems = append(problems, c.Type+": "+problem)
		}
	}
	check(c.ObservedGeneration == status.ObservedGeneration, "not about the observed generation")
	check(slices.Contains(reasons, c.Reason), "a reason that is no constant: "+c.Reason)
	check(strings.HasSuffix(c.Message, ".") && !strings.HasSuffix(c.Message, ".."), "a message that is no sentence: "+c.Message)
	check(len(c.Message) > 0 && strings.ToLower(c.Message[:1]) != c.Message[:1] || strings.HasPrefix(c.Message, "spec.") || c.Message[0] >= '0' && c.Message[0] <= '9',
		"a message that does not begin as a sentence: "+c.Message)
	check(!unstable.MatchString(quoted.ReplaceAllString(c.Message, "")), "a message that will differ the next time: "+c.Message)
	check(!c.LastTransitionTime.IsZero(), "no transition time")
	return problems
}

// lintStep checks what changed from one status to the next.
func lintStep(before, after lifecycle.Object) []string {
	var problems []string
	if after.CommonStatus().ObservedGeneration < before.CommonStatus().ObservedGeneration {
		problems = append(problems, "an observed generation that goes back")
	}
	for _, is := range after.CommonStatus().Conditions {
		was := meta.FindStatusCondition(before.CommonStatus().Conditions, is.Type)
		if was != nil && was.Status == is.Status && !was.LastTransitionTime.Equal(&is.LastTransitionTime) {
			problems = append(problems, fmt.Sprintf("%s: the transition time moved and the status did not", is.Type))
		}
	}
	return problems
}

func containsAll(text string, parts []string) bool {
	return !slices.ContainsFunc(parts, func(part string) bool { return !strings.Contains(text, part) })
}
