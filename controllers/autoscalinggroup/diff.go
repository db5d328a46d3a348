package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// change is one step: one call, or one series of calls of the same operation.
type change struct {
	plan []v1alpha1.PlannedChange
	// run makes the change in AWS and updates observed to match.
	run func(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error
	// follows is set when the step is due to another object, so that it repairs no drift.
	follows bool
}

// Plan tells what the change does.
func (c change) Plan() []v1alpha1.PlannedChange { return c.plan }

// Follows reports whether the change is due to another object.
func (c change) Follows() bool { return c.follows }

// planned is a plan of one line.
func planned(verb, resource, field, from, to string) []v1alpha1.PlannedChange {
	return []v1alpha1.PlannedChange{{Verb: verb, Resource: resource, Field: field, From: from, To: to}}
}

// subject lists the changes of one part of the object. One that cannot go on says so by observed.wait or waitFor, and
// leaves the others to; an error ends the whole turn.
type subject func(*Kind, *v1alpha1.AutoScalingGroup, *observed) ([]change, error)

// Subjects list the changes in the order in which they must run: what is needed comes before what needs it, and what is
// needed no longer goes last.
var (
	// foundations are the group and what it stands on.
	foundations = []subject{
		(*Kind).securityGroupChanges, (*Kind).templateChanges, (*Kind).sourceChanges, (*Kind).groupChanges, (*Kind).targetGroupChanges,
	}
	// dependents belong to the group, which is there when their changes run.
	dependents = []subject{
		(*Kind).tagChanges, (*Kind).processChanges, (*Kind).hookChanges, (*Kind).notificationChanges, (*Kind).warmPoolChanges, (*Kind).metricChanges,
		(*Kind).policyRemovals, (*Kind).policyChanges, (*Kind).alarmChanges, (*Kind).alarmRemovals, (*Kind).actionRemovals, (*Kind).actionChanges,
		(*Kind).refreshStarts,
	}
	removals = []subject{(*Kind).securityGroupRemovals, (*Kind).templateRemovals}
)

// subjects are those of an object's turn. A group that has to wait before it is made has no dependents.
func subjects(obj *v1alpha1.AutoScalingGroup, o *observed) []subject {
	if o.group == nil && !o.makeable(obj) {
		return slices.Concat(foundations, removals)
	}
	return slices.Concat(foundations, dependents, removals)
}

// Diff returns the changes that make the group, and all that belongs to it, what the object declares.
func (k *Kind) Diff(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	o.Renew()
	o.held = nil
	if lifecycle.Deleting(obj) {
		return k.diffDeleting(obj, o)
	}
	if err := k.checkOurs(obj, o); err != nil {
		return nil, err
	}
	var changes []change
	for _, subject := range subjects(obj, o) {
		part, err := subject(k, obj, o)
		if err != nil {
			return nil, err
		}
		changes = append(changes, part...)
	}
	if o.group == nil || o.ours || lifecycle.Observes(obj) {
		return changes, nil
	}
	if err := lifecycle.MayAdopt(obj, obj.Spec.Adopt != nil, "Auto Scaling group "+o.group.name(), changes); err != nil {
		return nil, err
	}
	return append([]change{k.adoption(o)}, changes...), nil
}

// checkOurs refuses a group that is somebody else's, or that is on its way out.
func (k *Kind) checkOurs(obj *v1alpha1.AutoScalingGroup, o *observed) error {
	found := o.group
	if o.rival != nil {
		found = o.rival
	}
	switch {
	case found != nil && found.deleting():
		return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, fmt.Sprintf(
			"A group %s exists and is being deleted (%s). It is made anew once it is gone.", found.name(), *found.sdk.Status), k.PauseSince(obj, v1alpha1.ConditionReady)))
	case o.rival != nil:
		return k.conflict(o.rival)
	case o.group == nil && obj.Spec.Adopt != nil && !lifecycle.HasFinalizer(obj):
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "The group %s, which spec.adopt names, does not exist.", obj.Spec.Adopt.Name)
	}
	return nil
}

// conflict says whose a group is, and what can be done.
func (k *Kind) conflict(g *group) error {
	if owner, owned := awsclient.OwnerOf(g.tags()); owned {
		return judge.OwnedBy("Auto Scaling group "+g.name(), owner)
	}
	return lifecycle.Refuse(v1alpha1.ReasonConflict, "An Auto Scaling group of the name %s exists and is not this object's. To take it over, name it in spec.adopt or set spec.adoptionPolicy to Always; or create this object anew with another spec.name.", g.name())
}

// adoption takes over a group: the ownership tags that are set at once make it so.
func (k *Kind) adoption(o *observed) change {
	return change{
		plan: planned(lifecycle.VerbAdopt, "Auto Scaling group "+o.group.name(), "", "", ""),
		run: func(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
			if err := k.setTags(ctx, o.group, ownershipTags(k.owner(obj))); err != nil {
				return err
			}
			o.ours = true
			return nil
		},
	}
}
