package loadbalancer

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

// inline is the managed group as the object declares it.
func (k *Kind) inline(obj *v1alpha1.LoadBalancer) securitygroup.Inline {
	return securitygroup.Inline{Object: obj, Owner: k.owner(obj), Declared: obj.Spec.SecurityGroup, Known: obj.Status.SecurityGroup}
}

// keepsGroup reports whether the object has a managed security group: one that is declared, or the one that lets
// everything in to a network load balancer for which none is. AWS never gives a group to one that was made without.
func keepsGroup(obj *v1alpha1.LoadBalancer, o *observed) bool {
	if obj.Spec.SecurityGroup != nil {
		return true
	}
	return isNetwork(obj) && len(obj.Spec.SecurityGroupIDs) == 0 &&
		(o.lb == nil || o.hadGroup || lifecycle.Managed(obj, fieldSecurityGroupIDs) || lifecycle.Managed(obj, securitygroup.Field))
}

// observeSecurityGroup reads the managed group, when there is or may be one, those that it has replaced, and what its
// rules name.
func observeSecurityGroup(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
	deleting := lifecycle.Deleting(obj)
	if isGateway(obj) || o.rival != nil && !deleting {
		return nil
	}
	groups, err := k.findGroups(ctx, obj, o)
	if err != nil {
		return err
	}
	o.assignGroups(obj, groups)
	for _, former := range o.formerGroups {
		if attached(o, former.Group) {
			continue
		}
		if err := securitygroup.ObserveUsers(ctx, k.clients, former); err != nil {
			return err
		}
	}
	if deleting {
		return nil
	}
	if o.references, err = securitygroup.Resolve(ctx, k.reader, obj.Namespace, securitygroup.DeclaredRules(obj.Spec.SecurityGroup)...); err != nil {
		return err
	}
	return k.observeDefaultGroup(ctx, obj, o)
}

// findGroups looks for the object's groups, when there may be any.
func (k *Kind) findGroups(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) ([]*securitygroup.Group, error) {
	lost := obj.Status.ARN == "" // and maybe the id of a group with it
	if obj.Status.SecurityGroup == nil && !lost && !lifecycle.Deleting(obj) && !keepsGroup(obj, o) && !lifecycle.Managed(obj, securitygroup.Field) {
		return nil, nil
	}
	return k.inline(obj).Find(ctx, k.clients)
}

// assignGroups tells the group that is to stay from those that are to go: all of them, when none is declared; or those
// that have what EC2 cannot change to what is declared now.
func (o *observed) assignGroups(obj *v1alpha1.LoadBalancer, groups []*securitygroup.Group) {
	o.hadGroup = len(groups) > 0
	keeps := !lifecycle.Deleting(obj) && keepsGroup(obj, o)
	for _, group := range groups {
		if keeps && o.group.Group == nil && fits(obj.Spec.SecurityGroup, group) {
			o.group.Group = group
		} else {
			o.formerGroups = append(o.formerGroups, &securitygroup.State{Group: group})
		}
	}
}

// fits reports whether a group has what EC2 cannot change as it is declared; which VPC that is may be left out.
func fits(declared *v1alpha1.SecurityGroup, group *securitygroup.Group) bool {
	return declared == nil || securitygroup.Fits(declared, group, string(declared.VPCID))
}

// observeDefaultGroup finds the group that an application load balancer goes back to when none is declared any more.
func (k *Kind) observeDefaultGroup(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	if o.lb == nil || isNetwork(obj) || keepsGroup(obj, o) || len(obj.Spec.SecurityGroupIDs) > 0 ||
		!lifecycle.Managed(obj, securitygroup.Field) && !lifecycle.Managed(obj, fieldSecurityGroupIDs) {
		return nil
	}
	group, err := securitygroup.DefaultOf(ctx, k.clients, aws.ToString(o.lb.sdk.VpcId))
	if err == nil && group != nil {
		o.defaultGroup = group.ID
	}
	return err
}

// attached reports whether the load balancer has a security group.
func attached(o *observed, group *securitygroup.Group) bool {
	return o.lb != nil && group != nil && slices.Contains(o.lb.sdk.SecurityGroups, group.ID)
}

// desiredGroups are the security groups that the load balancer is to have, sorted; none when they are not managed.
func desiredGroups(obj *v1alpha1.LoadBalancer, o *observed) []string {
	var groups []string
	for _, id := range obj.Spec.SecurityGroupIDs {
		groups = append(groups, string(id))
	}
	if keepsGroup(obj, o) {
		id := securitygroup.AboutToBeMade
		if o.group.Group != nil {
			id = o.group.Group.ID
		}
		groups = append(groups, id)
	}
	if len(groups) == 0 && o.defaultGroup != "" {
		groups = []string{o.defaultGroup}
	}
	slices.Sort(groups)
	return slices.Compact(groups)
}

// desiredGroup is the managed group as the object declares it, or, when it declares none, one that lets everything in.
func (k *Kind) desiredGroup(obj *v1alpha1.LoadBalancer, o *observed) *securitygroup.Desired {
	vpc := o.vpcID
	if o.lb != nil {
		vpc = aws.ToString(o.lb.sdk.VpcId)
	}
	desired := k.inline(obj).Desired(vpc, o.references)
	if obj.Spec.SecurityGroup == nil {
		everyone := securitygroup.Everyone()
		desired.Ingress = &everyone
	}
	return desired
}

// securityGroupChanges returns what makes the managed group as declared.
func (k *Kind) securityGroupChanges(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	if isGateway(obj) || !keepsGroup(obj, o) {
		return nil, nil
	}
	if o.references.Waits() {
		o.Wait(o.references.Outcome())
	}
	changes, err := k.inline(obj).Diff(k.desiredGroup(obj, o), o.group.Group)
	return wrap(changes, &o.group), err
}

// wrap makes changes of a security group changes of the object.
func wrap(changes []securitygroup.Change, state *securitygroup.State) []change {
	var wrapped []change
	for _, c := range changes {
		wrapped = append(wrapped, change{plan: c.Plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, _ *observed) error {
			return c.Run(ctx, k.clients, state)
		}})
	}
	return wrapped
}

// securityGroupRemovals returns what deletes groups that are to go, once the load balancer has let go of them.
func (k *Kind) securityGroupRemovals(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	var changes []change
	for _, former := range o.formerGroups {
		if !k.inline(obj).Owns(former.Group) {
			continue
		}
		if waiting, remains := k.inline(obj).Leaving(former, k.PauseSince(obj, v1alpha1.ConditionReady)); remains {
			o.Wait(waiting)
		}
		if !attached(o, former.Group) { // else it is looked at again once it is off
			changes = append(changes, wrap(securitygroup.Deletion(former), former)...)
		}
	}
	return changes, nil
}
