package loadbalancer

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// A target group changes what AWS cannot change by replacement. Which step it has come to is read from AWS alone:
//
//	no group of the declared shape           make it
//	it exists, listeners use the old one     attach it beside the old one with weight 0: AWS checks only groups in use
//	its targets are healthy                  switch listeners and rules over to it
//	nothing has used the old one for a while take its targets out
//	they have left                           delete it
//
// A second change in between makes a third group; those that nothing uses go.

// maxForwards is how many target groups a forward action takes.
const maxForwards = 5

// usage are the target groups that listeners and rules forward to, others' too, with the highest weight of each.
type usage map[string]int32

func (o *traffic) usage() usage {
	use := usage{}
	note := func(actions []types.Action) {
		for _, action := range normalActions(actions) {
			if action.ForwardConfig == nil {
				continue
			}
			for _, group := range action.ForwardConfig.TargetGroups {
				arn := aws.ToString(group.TargetGroupArn)
				use[arn] = max(use[arn], *group.Weight)
			}
		}
	}
	for _, l := range o.listeners {
		note(l.actions)
		for _, r := range slices.Concat(l.rules, l.foreignRules) {
			note(r.actions)
		}
	}
	return use
}

func (u usage) of(g *targetGroup) bool {
	_, used := u[g.arn]
	return used
}

// predecessor returns the group that gets the requests of a declared group whose shape has changed: of those of other
// shapes that are in use, the one with most weight, then with most healthy targets. Nil when there is none.
func (o *traffic) predecessor(name string, want shape, use usage) *targetGroup {
	var best *targetGroup
	better := func(a, b *targetGroup) bool {
		return cmp.Or(cmp.Compare(use[a.arn], use[b.arn]), cmp.Compare(serving(a.targets), serving(b.targets))) > 0
	}
	for _, g := range o.groups {
		if g.name == name && g.shape != want && use.of(g) && (best == nil || better(g, best)) {
			best = g
		}
	}
	return best
}

// serving counts the targets that can be given requests.
func serving(targets []registeredTarget) int {
	count := 0
	for _, t := range targets {
		if t.serves() {
			count++
		}
	}
	return count
}

// replacement is a target group that takes the place of another one while requests still go to that.
type replacement struct {
	group desiredTargetGroup
	// old gets the requests, and next does once it is ready; next is nil until it is made.
	old, next *targetGroup
	// missing is how many healthy targets next lacks.
	missing int
	// foreign is how many healthy targets of the old group others registered.
	foreign int
}

// replacementOf returns the replacement of a declared group that is under way; nil when requests go, or can go, to the
// group of the declared shape.
func replacementOf(obj *v1alpha1.LoadBalancer, o *observed, d desiredTargetGroup, use usage) *replacement {
	old := o.predecessor(d.name, d.shape, use)
	if old == nil {
		return nil
	}
	r := &replacement{group: d, old: old, next: o.current(d.name, d.shape)}
	r.measure(lifecycle.ManagedUnder(obj, groupField(d.name, fieldTargets)))
	if r.missing <= 0 {
		return nil
	}
	return r
}

// measure finds how many healthy targets the new group lacks: it needs as many as the old one has, or, when all of
// these are the object's, as many as it declares. Targets that others registered with the old group, an
// AutoScalingGroup for instance, must be registered with the new one by them.
func (r *replacement) measure(managed []string) {
	for _, t := range r.old.targets {
		ours := slices.Contains(managed, t.key()) || slices.ContainsFunc(r.group.targets, func(declared target) bool { return declared.id == t.id })
		if t.serves() && !ours {
			r.foreign++
		}
	}
	r.missing = serving(r.old.targets)
	if r.foreign == 0 {
		r.missing = min(r.missing, len(r.group.targets))
	}
	if r.next != nil {
		r.missing -= serving(r.next.targets)
	}
}

// nextARN is the ARN of the new group, or what stands for it until it is made.
func (r *replacement) nextARN() string {
	if r.next == nil {
		return r.group.plannedARN()
	}
	return r.next.arn
}

// plannedARN stands for the ARN of a group that does not exist yet.
func (d desiredTargetGroup) plannedARN() string { return "targetgroup/" + d.awsName + "/new" }

// obsolete are the groups that are not declared any more, or have been replaced, and that nothing uses.
func (k *Kind) obsolete(obj *v1alpha1.LoadBalancer, o *observed) []*targetGroup {
	use, keep := o.usage(), map[*targetGroup]bool{}
	for _, d := range k.desiredTargetGroups(obj, o) {
		keep[o.current(d.name, d.shape)] = true
	}
	return slices.DeleteFunc(slices.Clone(o.groups), func(g *targetGroup) bool { return keep[g] || use.of(g) })
}
