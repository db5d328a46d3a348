package autoscalinggroup

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// observed is what AWS holds for an AutoScalingGroup. Changes keep it up to date.
type observed struct {
	// group is the object's own group, or the one that it may take over; nil when there is none.
	group *group
	// ours is set when group is known to belong to the object.
	ours bool
	// rival is another group that has the object's name, and that it may not take over.
	rival *group
	security
	source
	parts
	attachments
	scaling
	schedule
	following
	refreshes
	judge.Waits
	// incomplete is set when a change failed, so that others may not have been made either.
	incomplete bool
	// now is when this was observed.
	now time.Time
}

// group is a group in AWS.
type group struct {
	sdk types.AutoScalingGroup
	// hidden is set when the group was made just now and AWS does not show it yet: sdk has what it was made with.
	hidden bool
}

func (g *group) name() string { return aws.ToString(g.sdk.AutoScalingGroupName) }
func (g *group) arn() string  { return aws.ToString(g.sdk.AutoScalingGroupARN) }

// deleting reports whether AWS is deleting the group.
func (g *group) deleting() bool { return aws.ToString(g.sdk.Status) != "" }

// tags are the tags of the group, by key.
func (g *group) tags() map[string]string {
	tags := map[string]string{}
	for i := range g.sdk.Tags {
		tags[aws.ToString(g.sdk.Tags[i].Key)] = aws.ToString(g.sdk.Tags[i].Value)
	}
	return tags
}

// observers read what belongs to a group, in this order, once the group itself has been looked for. Each reads only what
// is the object's business.
var observers = []func(context.Context, *Kind, *v1alpha1.AutoScalingGroup, *observed) error{
	observeSecurityGroup, observeSource, observeHooks, observeNotifications, observeActivities, observeTargetGroups, observeAddresses,
	observePolicies, observeAlarms, observeActions, observeRefreshes,
}

// Observe reads the group and what belongs to it.
func (k *Kind) Observe(ctx context.Context, obj *v1alpha1.AutoScalingGroup) (*observed, error) {
	o := &observed{now: k.Clock.Now()}
	if err := k.find(ctx, obj, o); err != nil {
		return nil, err
	}
	for _, observe := range observers {
		if err := observe(ctx, k, obj, o); err != nil {
			return nil, err
		}
	}
	return o, nil
}

// find looks for the object's group by its name.
func (k *Kind) find(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	found, err := k.clients.AutoScalingGroup(ctx, k.nameOf(obj))
	if awsclient.Classify(err) == awsclient.NotFound {
		return k.awaitVisible(obj)
	}
	if err != nil {
		return err
	}
	k.place(obj, o, &group{sdk: found})
	return nil
}

// place tells whose a group of the object's name is. One that carries our ownership tags is ours: an earlier turn made it
// and did not live to write it down, or another cluster with the same id did.
func (k *Kind) place(obj *v1alpha1.AutoScalingGroup, o *observed, found *group) {
	o.group, o.ours, o.rival = nil, false, nil
	owner, owned := awsclient.OwnerOf(found.tags())
	known := found.arn() != "" && found.arn() == lifecycle.Own(obj, obj.Status.ARN)
	switch {
	case owned && owner == k.owner(obj), !owned && known: // its tags have been taken away
		o.group, o.ours = found, true
	case !owned && (obj.Spec.Adopt != nil || lifecycle.Adoption(obj, v1alpha1.AdoptionNever) != v1alpha1.AdoptionNever):
		o.group = found
	default:
		o.rival = found
	}
}

// visibleWithin is how long AWS is given to show a group that it has made.
const visibleWithin = 10 * time.Second

// awaitVisible waits a moment, before a deletion ends, for a group that may have been made just now and is not to be
// seen: AWS does not show it at once, and to take it for gone would leave it behind. When the object is not being deleted,
// AWS itself says that the name is taken.
func (k *Kind) awaitVisible(obj *v1alpha1.AutoScalingGroup) error {
	ready := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionReady)
	if !lifecycle.Deleting(obj) || ready == nil || obj.Status.ARN != "" || ready.Reason != v1alpha1.ReasonCreating {
		return nil
	}
	if k.Clock.Since(obj.GetDeletionTimestamp().Time) > visibleWithin {
		return nil
	}
	return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonDeleting, fmt.Sprintf("AWS does not show the group %s, which may have been made just now.", k.nameOf(obj)), k.Poll))
}
