package autoscalinggroup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/securitygroup"
)

// security is what is known of the managed security group.
type security struct {
	// members is the group that instances are in; formers are those that are to go.
	members securitygroup.State
	formers []*securitygroup.State
	// references are what its rules name.
	references securitygroup.References
	// vpcID is the VPC of the subnets, where that is to be known.
	vpcID string
}

// securityGroupID is the id of the managed security group that instances are to be launched into: empty when none is
// declared, and a word that stands for it until it has been made.
func (o *observed) securityGroupID(obj *v1alpha1.AutoScalingGroup) string {
	switch {
	case obj.Spec.SecurityGroup == nil:
		return ""
	case o.members.Group == nil:
		return securitygroup.AboutToBeMade
	}
	return o.members.Group.ID
}

// inline is the managed group as the object declares it.
func (k *Kind) inline(obj *v1alpha1.AutoScalingGroup) securitygroup.Inline {
	return securitygroup.Inline{Object: obj, Owner: k.owner(obj), Declared: obj.Spec.SecurityGroup, Known: obj.Status.SecurityGroup}
}

// observeSecurityGroup reads the managed group, when there is or may be one, those that it has replaced, and what its
// rules name.
func observeSecurityGroup(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	deleting := lifecycle.Deleting(obj)
	if o.rival != nil && !deleting {
		return nil
	}
	groups, err := k.findGroups(ctx, obj, o)
	if err != nil {
		return err
	}
	if err := k.observeVPC(ctx, obj, o); err != nil {
		return err
	}
	for _, found := range groups {
		if !deleting && o.members.Group == nil && obj.Spec.SecurityGroup != nil && securitygroup.Fits(obj.Spec.SecurityGroup, found, o.vpcID) {
			o.members.Group = found
		} else {
			o.formers = append(o.formers, &securitygroup.State{Group: found})
		}
	}
	for _, former := range o.formers {
		if err := securitygroup.ObserveUsers(ctx, k.clients, former); err != nil {
			return err
		}
	}
	if deleting {
		return nil
	}
	o.references, err = securitygroup.Resolve(ctx, k.reader, obj.Namespace, securitygroup.DeclaredRules(obj.Spec.SecurityGroup)...)
	return err
}

// findGroups looks for the object's security groups, when there may be any.
func (k *Kind) findGroups(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) ([]*securitygroup.Group, error) {
	lost := obj.Status.Name == "" && o.ours // and maybe the id of a security group with it
	if obj.Status.SecurityGroup == nil && !lost && obj.Spec.SecurityGroup == nil && !lifecycle.Managed(obj, securitygroup.Field) {
		return nil, nil
	}
	return k.inline(obj).Find(ctx, k.clients)
}

// observeVPC finds out in which VPC the managed group belongs, unless that is known already.
func (k *Kind) observeVPC(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	declared := obj.Spec.SecurityGroup
	o.vpcID = obj.Status.VPCID
	if declared == nil || lifecycle.Deleting(obj) || o.vpcID != "" && lifecycle.Drifted(obj) {
		return nil
	}
	if declared.VPCID != "" {
		o.vpcID = string(declared.VPCID)
		return nil
	}
	first := string(obj.Spec.SubnetIDs[0])
	subnets, err := k.clients.Subnets(ctx, first)
	if err != nil {
		return err
	}
	subnet, exists := subnets[first]
	if !exists {
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "The subnet %s, which spec.subnetIDs names, does not exist.", first)
	}
	o.vpcID = aws.ToString(subnet.VpcId)
	return nil
}

// securityGroupChanges returns what makes the managed group as declared.
func (k *Kind) securityGroupChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if obj.Spec.SecurityGroup == nil {
		return nil, nil
	}
	if o.references.Waits() {
		o.Wait(o.references.Outcome())
	}
	inline := k.inline(obj)
	changes, err := inline.Diff(inline.Desired(o.vpcID, o.references), o.members.Group)
	return wrap(changes, &o.members), err
}

// wrap makes changes of a security group changes of the object.
func wrap(changes []securitygroup.Change, state *securitygroup.State) []change {
	var wrapped []change
	for _, c := range changes {
		wrapped = append(wrapped, change{plan: c.Plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, _ *observed) error {
			return c.Run(ctx, k.clients, state)
		}})
	}
	return wrapped
}

// securityGroupRemovals returns what deletes security groups that are to go, once no instance is, or will be, in them.
func (k *Kind) securityGroupRemovals(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	var changes []change
	for _, former := range o.formers {
		if !k.inline(obj).Owns(former.Group) || o.launchesElsewhere(obj) {
			continue
		}
		if waiting, remains := k.inline(obj).Leaving(former, k.PauseSince(obj, v1alpha1.ConditionReady)); remains {
			o.Wait(waiting)
		}
		changes = append(changes, wrap(securitygroup.Deletion(former), former)...)
	}
	return changes, nil
}
