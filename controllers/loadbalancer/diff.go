package loadbalancer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// change is one step: one call, or one series of calls of the same operation.
type change struct {
	plan []v1alpha1.PlannedChange
	// run makes the change in AWS and updates observed to match.
	run func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error
	// child, in place of run, returns what to write of a RecordSet that the object keeps, once it is this step's turn.
	child func() *lifecycle.ChildWrite
}

// Plan tells what the change does.
func (c change) Plan() []v1alpha1.PlannedChange { return c.plan }

// Follows reports whether the change does nothing but send a client secret again, which has changed in its Secret.
func (c change) Follows() bool {
	return !slices.ContainsFunc(c.plan, func(p v1alpha1.PlannedChange) bool { return !strings.HasSuffix(p.Field, fieldClientSecret) })
}

// ChildWrite returns what lifecycle is to write of a RecordSet that the object keeps.
func (c change) ChildWrite() *lifecycle.ChildWrite {
	if c.child == nil {
		return nil
	}
	return c.child()
}

// planned is a plan of one line.
func planned(verb, resource, field, from, to string) []v1alpha1.PlannedChange {
	return []v1alpha1.PlannedChange{line(verb, resource, field, from, to)}
}

// Diff returns the changes that make the load balancer, and all that belongs to it, what the object declares. What is
// needed comes before what needs it, and what is needed no longer goes last, so that there is no moment without service.
func (k *Kind) Diff(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	o.Renew()
	if lifecycle.Deleting(obj) {
		return k.diffDeleting(obj, o)
	}
	if err := k.checkOurs(obj, o); err != nil {
		return nil, err
	}
	var changes []change
	for _, subject := range []func(*v1alpha1.LoadBalancer, *observed) ([]change, error){
		k.securityGroupChanges, k.loadBalancerChanges, k.targetGroupChanges, certificateChanges, k.listenerChanges,
		k.settingChanges, k.targetGroupRemovals, certificateRemovals, k.securityGroupRemovals,
	} {
		part, err := subject(obj, o)
		if err != nil {
			return nil, err
		}
		changes = append(changes, part...)
	}
	if o.lb == nil || o.ours || lifecycle.Observes(obj) {
		return changes, nil
	}
	if err := lifecycle.MayAdopt(obj, obj.Spec.Adopt != nil, "Load balancer "+o.lb.name(), changes); err != nil {
		return nil, err
	}
	return append([]change{k.adoption(obj, o)}, changes...), nil
}

// checkOurs refuses a load balancer that is somebody else's, or another one than declared.
func (k *Kind) checkOurs(obj *v1alpha1.LoadBalancer, o *observed) error {
	if o.rival != nil {
		return k.conflict(o.rival)
	}
	if o.lb == nil {
		if arn := adoptedARN(obj); arn != "" {
			return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "The load balancer %s, which spec.adopt names, does not exist.", arn)
		}
		if adoptsByName(obj) {
			return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "The load balancer %s, which spec.adopt names, does not exist.", obj.Spec.Adopt.Name)
		}
		return nil
	}
	if owner, owned := awsclient.OwnerOf(o.lb.tags); owned && owner != k.owner(obj) {
		return k.conflict(o.lb)
	}
	if string(o.lb.sdk.Type) != string(obj.Spec.Type) {
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "Load balancer %s has the type %s; this object declares %s.", o.lb.name(), o.lb.sdk.Type, obj.Spec.Type)
	}
	if want := scheme(obj); want != "" && o.lb.sdk.Scheme != want {
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "Load balancer %s has the scheme %s; this object declares %s.", o.lb.name(), o.lb.sdk.Scheme, want)
	}
	return nil
}

// conflict says whose a load balancer is, and what can be done.
func (k *Kind) conflict(lb *loadBalancer) error {
	if owner, owned := awsclient.OwnerOf(lb.tags); owned {
		return judge.OwnedBy("Load balancer "+lb.name(), owner)
	}
	return lifecycle.Refuse(v1alpha1.ReasonConflict, "A load balancer of the name %s exists and is not this object's. To take it over, name it in spec.adopt or set spec.adoptionPolicy to Always; or give this one another spec.name.", lb.name())
}

// adoption takes over a load balancer: the ownership tags that are set at once make it so.
func (k *Kind) adoption(obj *v1alpha1.LoadBalancer, o *observed) change {
	return change{
		plan: planned(lifecycle.VerbAdopt, fmt.Sprintf("load balancer %s (%s)", o.lb.name(), o.lb.arn()), "", "", ""),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			if err := k.changeTags(ctx, o.lb.arn(), o.lb.tags, k.owner(obj).Tags(), nil); err != nil {
				return err
			}
			o.ours = true
			return nil
		},
	}
}

// tagChanges returns the change that sets tags of a resource and removes those no longer declared; arn and tags tell, when
// it runs, which resource it is and what tags it has. Managed are the keys that were declared before.
func tagChanges(resource string, desired, tags map[string]string, managed []string, target func(*observed) (string, map[string]string)) []change {
	set, remove := awsclient.DiffTags(desired, tags, managed)
	if len(set)+len(remove) == 0 {
		return nil
	}
	var plan []v1alpha1.PlannedChange
	for _, key := range append(slices.Sorted(maps.Keys(set)), remove...) {
		plan = append(plan, planned(lifecycle.VerbUpdate, resource, fieldTag+key, tags[key], set[key])...)
	}
	return []change{{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
		arn, live := target(o)
		return k.changeTags(ctx, arn, live, set, remove)
	}}}
}
