package loadbalancer

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

// aboutToBeMade stands for the managed group while it does not exist.
const aboutToBeMade = "(the managed security group)"

// groupRules are the rules that the spec declares for the managed group.
func groupRules(obj *v1alpha1.LoadBalancer) []v1alpha1.SecurityGroupRule {
	if obj.Spec.SecurityGroup == nil {
		return nil
	}
	return slices.Concat(obj.Spec.SecurityGroup.Ingress, obj.Spec.SecurityGroup.Egress)
}

// keepsGroup reports whether the object has a managed security group: one that is declared, or the one that lets
// everything in to a network load balancer for which none is. AWS never gives a group to one that was made without.
func keepsGroup(obj *v1alpha1.LoadBalancer, o *observed) bool {
	if obj.Spec.SecurityGroup != nil {
		return true
	}
	return isNetwork(obj) && len(obj.Spec.SecurityGroupIDs) == 0 &&
		(o.lb == nil || o.hadGroup || lifecycle.Managed(obj, fieldSecurityGroupIDs) || lifecycle.Managed(obj, fieldSecurityGroup))
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
	if o.references, err = securitygroup.Resolve(ctx, k.reader, obj.Namespace, groupRules(obj)...); err != nil {
		return err
	}
	return k.observeDefaultGroup(ctx, obj, o)
}

// findGroups looks for the object's groups: by the id in the status while all is as declared, else by their tags, since
// there may be one that is being replaced, or that an earlier turn made and did not live to write down.
func (k *Kind) findGroups(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) ([]*securitygroup.Group, error) {
	id := ""
	if obj.Status.SecurityGroup != nil {
		id = obj.Status.SecurityGroup.ID
	}
	lost := obj.Status.ARN == "" // and maybe the id of a group with it
	if id == "" && !lost && !lifecycle.Deleting(obj) && !keepsGroup(obj, o) && !lifecycle.Managed(obj, fieldSecurityGroup) {
		return nil, nil
	}
	if id != "" && lifecycle.Drifted(obj) {
		if known, err := securitygroup.Find(ctx, k.clients, id); known != nil || err != nil {
			return []*securitygroup.Group{known}, err
		}
	}
	groups, err := securitygroup.FindAll(ctx, k.clients, k.owner(obj))
	if err != nil || id == "" || slices.ContainsFunc(groups, func(g *securitygroup.Group) bool { return g.ID == id }) {
		return groups, err
	}
	known, err := securitygroup.Find(ctx, k.clients, id) // its tags have been taken away
	if known != nil {
		groups = append(groups, known)
	}
	return groups, err
}

// assignGroups tells the group that is to stay from those that are to go: all of them, when none is declared; or those
// that have what EC2 cannot change to what is declared now.
func (o *observed) assignGroups(obj *v1alpha1.LoadBalancer, groups []*securitygroup.Group) {
	o.hadGroup = len(groups) > 0
	keeps := !lifecycle.Deleting(obj) && keepsGroup(obj, o)
	for _, group := range groups {
		if keeps && o.group.Group == nil && fitsDeclared(obj, group) {
			o.group.Group = group
		} else {
			o.formerGroups = append(o.formerGroups, &securitygroup.State{Group: group})
		}
	}
}

// fitsDeclared reports whether a group has what EC2 cannot change as it is declared.
func fitsDeclared(obj *v1alpha1.LoadBalancer, group *securitygroup.Group) bool {
	declared := obj.Spec.SecurityGroup
	if declared == nil {
		return true
	}
	fits := func(want, got string) bool { return want == "" || want == got }
	return fits(declared.Name, group.Name) && fits(declared.Description, group.Description) && fits(string(declared.VPCID), group.VPCID)
}

// observeDefaultGroup finds the group that an application load balancer goes back to when none is declared any more.
func (k *Kind) observeDefaultGroup(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	if o.lb == nil || isNetwork(obj) || keepsGroup(obj, o) || len(obj.Spec.SecurityGroupIDs) > 0 ||
		!lifecycle.Managed(obj, fieldSecurityGroup) && !lifecycle.Managed(obj, fieldSecurityGroupIDs) {
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
		id := aboutToBeMade
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

// desiredGroup is the managed group as the object declares it.
func (k *Kind) desiredGroup(obj *v1alpha1.LoadBalancer, o *observed) *securitygroup.Desired {
	owner := k.owner(obj)
	desired := &securitygroup.Desired{
		Name: securitygroup.NameFor(owner), Description: description(obj), VPCID: o.vpcID, Tags: owner.Tags(),
		KeepGroups: o.references.KeepsGroups(),
	}
	if o.lb != nil {
		desired.VPCID = aws.ToString(o.lb.sdk.VpcId)
	}
	declared := obj.Spec.SecurityGroup
	if declared == nil {
		everyone := securitygroup.Everyone()
		desired.Ingress = &everyone
		return desired
	}
	if declared.Name != "" {
		desired.Name = declared.Name
	}
	if declared.Description != "" {
		desired.Description = declared.Description
		if declared.Name == "" {
			desired.Name = securitygroup.NameFor(owner, declared.Description)
		}
	}
	if declared.VPCID != "" {
		desired.VPCID = string(declared.VPCID)
	}
	if declared.Ingress != nil || lifecycle.Managed(obj, fieldIngress) {
		rules := o.references.Rules(declared.Ingress)
		desired.Ingress = &rules
	}
	switch {
	case declared.Egress != nil:
		rules := o.references.Rules(declared.Egress)
		desired.Egress = &rules
	case lifecycle.Managed(obj, fieldEgress):
		rules := securitygroup.Everything()
		desired.Egress = &rules
	}
	return desired
}

// maxDescription is the most characters that EC2 allows the description of a group.
const maxDescription = 255

func description(obj *v1alpha1.LoadBalancer) string {
	text := fmt.Sprintf("Kept by Evenkeel for LoadBalancer %s/%s", obj.Namespace, obj.Name)
	return text[:min(len(text), maxDescription)]
}

// securityGroupChanges returns what makes the managed group as declared.
func (k *Kind) securityGroupChanges(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	if isGateway(obj) || !keepsGroup(obj, o) {
		return nil, nil
	}
	if o.references.Waits() {
		o.Wait(o.references.Outcome())
	}
	if group := o.group.Group; group != nil {
		if owner, owned := awsclient.OwnerOf(group.Tags); owned && owner != k.owner(obj) {
			return nil, judge.OwnedBy("Security group "+group.ID, owner)
		}
	}
	return wrap(securitygroup.Diff(k.desiredGroup(obj, o), o.group.Group), &o.group), nil
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
		if !k.mayDeleteGroup(obj, former.Group) {
			continue
		}
		if waiting, remains := securitygroup.Remaining(former, k.PauseSince(obj, v1alpha1.ConditionReady)); remains && !lifecycle.Deleting(obj) {
			waiting.Reason = v1alpha1.ReasonUpdating
			o.Wait(waiting)
		}
		if !attached(o, former.Group) { // else it is looked at again once it is off
			changes = append(changes, wrap(securitygroup.Deletion(former), former)...)
		}
	}
	return changes, nil
}

// mayDeleteGroup reports whether a group is the object's: by its tags or, when those are gone, by the status.
func (k *Kind) mayDeleteGroup(obj *v1alpha1.LoadBalancer, group *securitygroup.Group) bool {
	if group == nil {
		return false
	}
	if owner, owned := awsclient.OwnerOf(group.Tags); owned {
		return owner == k.owner(obj)
	}
	return obj.Status.SecurityGroup != nil && obj.Status.SecurityGroup.ID == group.ID
}
