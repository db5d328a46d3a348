package loadbalancer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// namedGroups is how many target groups a message names.
const namedGroups = 5

// reportTraffic writes target groups, listeners and the health of targets into the status, and notes what they wait for.
func (k *Kind) reportTraffic(obj *v1alpha1.LoadBalancer, o *observed) {
	k.reportGroups(obj, o)
	reportListeners(obj, o)
	reportHealth(obj, o)
	obj.Status.ClientSecretHashes = orNil(o.sentSecrets)
	if outcome := k.replacing(obj, o); outcome.State != lifecycle.Converged {
		o.Wait(outcome)
	}
}

// moving reports whether the state of a target is about to change: by itself, or by what has just been changed.
func (o *traffic) moving() bool {
	use := o.usage()
	return o.changed || slices.ContainsFunc(o.groups, func(g *targetGroup) bool {
		return slices.ContainsFunc(g.targets, func(t registeredTarget) bool {
			return g.starts(t, use) || t.state == types.TargetHealthStateEnumDraining
		})
	})
}

// starts reports whether a target is about to be checked for the first time. One that was seen unused is, too, when its
// group has come to use since.
func (g *targetGroup) starts(t registeredTarget, use usage) bool {
	return t.state == types.TargetHealthStateEnumInitial ||
		t.state == types.TargetHealthStateEnumUnused && len(g.balancers) == 0 && use.of(g)
}

// replacing tells of groups that are being replaced or deleted.
func (k *Kind) replacing(obj *v1alpha1.LoadBalancer, o *observed) lifecycle.Outcome {
	use := o.usage()
	keep := map[*targetGroup]bool{}
	for _, d := range k.desiredTargetGroups(obj, o) {
		keep[o.current(d.name, d.shape)] = true
		if r := replacementOf(obj, o, d, use); r != nil {
			return lifecycle.Wait(v1alpha1.ReasonReplacing, r.message(), k.PauseSince(obj, v1alpha1.ConditionReady))
		}
	}
	for _, g := range o.groups {
		if keep[g] {
			continue
		}
		if user := o.foreignUser(g); user != "" {
			return inUseBy(g, user)
		}
		reason, message := v1alpha1.ReasonUpdating, "%s is not declared any more: its targets finish their requests, then it is deleted."
		if declaredGroup(obj, g.name) != nil {
			reason, message = v1alpha1.ReasonReplacing, "%s has been replaced: its targets finish their requests, then it is deleted."
		}
		return lifecycle.Wait(reason, fmt.Sprintf(message, capitalized(g.resource())), k.PauseSince(obj, v1alpha1.ConditionReady))
	}
	return lifecycle.Done("")
}

// message tells what a replacement waits for.
func (r *replacement) message() string {
	what := groupResource(r.group.name)
	switch {
	case r.next == nil:
		return fmt.Sprintf("%s is being replaced by %s.", capitalized(what), r.group.awsName)
	case r.foreign > 0:
		return fmt.Sprintf("%s is being replaced by %s: requests go to %s until %s healthy there; targets that others registered must be registered with %s by them.",
			capitalized(what), r.next.awsName, r.old.awsName, moreTargets(r.missing), r.next.arn)
	}
	return fmt.Sprintf("%s is being replaced by %s: requests go to %s until %s healthy there.", capitalized(what), r.next.awsName, r.old.awsName, moreTargets(r.missing))
}

func moreTargets(n int) string {
	if n == 1 {
		return "1 more target is"
	}
	return fmt.Sprintf("%d more targets are", n)
}

// reportGroups lists the target groups in the status.
func (k *Kind) reportGroups(obj *v1alpha1.LoadBalancer, o *observed) {
	r, byName := k.routing(obj, o), map[string]*v1alpha1.TargetGroupStatus{}
	for _, g := range o.groups {
		status := byName[g.name]
		if status == nil {
			status = &v1alpha1.TargetGroupStatus{Name: g.name}
			byName[g.name] = status
		}
		switch target := r.routes[g.name]; g.arn {
		case target.arn:
			status.ARN, status.AWSName = g.arn, g.awsName
			healthCounts(status, g.targets)
		case target.next:
			status.ReplacementARN = g.arn
		default:
			status.PreviousARNs = append(status.PreviousARNs, g.arn)
			if g.released {
				status.ReleasedARNs = append(status.ReleasedARNs, g.arn)
			}
		}
	}
	list := []v1alpha1.TargetGroupStatus{}
	for _, status := range byName {
		list = append(list, *status)
	}
	slices.SortFunc(list, func(a, b v1alpha1.TargetGroupStatus) int { return strings.Compare(a.Name, b.Name) })
	obj.Status.TargetGroups, obj.Status.TargetGroupsTotal = boundedTo(v1alpha1.MaxTargetGroups, list)
}

// bounded cuts a list to what a status lists, and counts it when it was cut.
func bounded[T any](list []T) ([]T, int64) { return boundedTo(v1alpha1.MaxListed, list) }

func boundedTo[T any](most int, list []T) ([]T, int64) {
	switch {
	case len(list) == 0:
		return nil, 0
	case len(list) > most:
		return list[:most], int64(len(list))
	}
	return list, 0
}

// reportListeners lists the listeners in the status.
func reportListeners(obj *v1alpha1.LoadBalancer, o *observed) {
	var own []v1alpha1.ListenerStatus
	var foreign []string
	for _, l := range o.listeners {
		if !l.ours {
			foreign = append(foreign, fmt.Sprintf("%s:%d", l.protocol, l.port))
			continue
		}
		status := v1alpha1.ListenerStatus{Port: l.port, Protocol: string(l.protocol), ARN: l.arn, Rules: int64(len(l.rules) + len(l.foreignRules))}
		for _, r := range l.foreignRules {
			status.ForeignRules = append(status.ForeignRules, r.priority)
		}
		slices.Sort(status.ForeignRules)
		status.ForeignRules, _ = bounded(status.ForeignRules)
		own = append(own, status)
	}
	slices.SortFunc(own, func(a, b v1alpha1.ListenerStatus) int { return cmp.Compare(a.Port, b.Port) })
	obj.Status.Listeners, _ = bounded(own)
	obj.Status.ForeignListeners, obj.Status.ForeignListenersTotal = bounded(foreign)
}

// foreignText tells of listeners and rules that others added; empty when there are none.
func (o *traffic) foreignText() string {
	listeners, rules := 0, 0
	for _, l := range o.listeners {
		if !l.ours {
			listeners++
			continue
		}
		rules += len(l.foreignRules)
	}
	switch {
	case listeners > 0 && rules > 0:
		return fmt.Sprintf(" Left alone: %s and %s that others added.", count(listeners, "listener"), count(rules, "rule"))
	case listeners > 0:
		return fmt.Sprintf(" Left alone: %s that others added.", count(listeners, "listener"))
	case rules > 0:
		return fmt.Sprintf(" Left alone: %s that others added.", count(rules, "rule"))
	}
	return ""
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%d %ss", n, what)
}

// reportHealth sets the condition TargetsHealthy: every group that gets requests has a target that can take them, or
// none at all.
func reportHealth(obj *v1alpha1.LoadBalancer, o *observed) {
	use := o.usage()
	var sick, starting []string
	for _, g := range o.groups {
		if use[g.arn] == 0 || len(g.targets) == 0 || serving(g.targets) > 0 {
			continue
		}
		if slices.ContainsFunc(g.targets, func(t registeredTarget) bool { return g.starts(t, use) }) {
			starting = append(starting, g.name)
			continue
		}
		sick = append(sick, g.name)
	}
	set := func(healthy bool, reason, message string) {
		lifecycle.SetCondition(obj, v1alpha1.ConditionTargetsHealthy, healthy, reason, message)
	}
	switch {
	case len(sick) > 0:
		set(false, v1alpha1.ReasonUnhealthy, fmt.Sprintf("No target is healthy in: %s.", firstFew(sick)))
	case len(starting) > 0:
		set(false, v1alpha1.ReasonWaitingForAWS, fmt.Sprintf("Targets are being checked for the first time in: %s.", firstFew(starting)))
	default:
		set(true, v1alpha1.ReasonHealthy, "Every target group that gets requests has a healthy target, or none at all.")
	}
}

func firstFew(names []string) string {
	names = slices.Compact(slices.Sorted(slices.Values(names)))
	return lifecycle.FirstFew(names, namedGroups, len(names))
}
