package autoscalinggroup

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

// aboutToBeMade stands for the managed security group while it does not exist.
const aboutToBeMade = "(the managed security group)"

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
		return aboutToBeMade
	}
	return o.members.Group.ID
}

// groupRules are the rules that the spec declares for the managed group.
func groupRules(obj *v1alpha1.AutoScalingGroup) []v1alpha1.SecurityGroupRule {
	if obj.Spec.SecurityGroup == nil {
		return nil
	}
	return slices.Concat(obj.Spec.SecurityGroup.Ingress, obj.Spec.SecurityGroup.Egress)
}

// declaredGroupFields are the fields of the managed group that the spec declares, as status.managedFields has them.
func declaredGroupFields(obj *v1alpha1.AutoScalingGroup) []string {
	declared := obj.Spec.SecurityGroup
	if declared == nil {
		return nil
	}
	fields := []string{fieldSecurityGroup}
	if declared.Ingress != nil {
		fields = append(fields, fieldIngress)
	}
	if declared.Egress != nil {
		fields = append(fields, fieldEgress)
	}
	return fields
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
		if !deleting && o.members.Group == nil && o.fitsDeclared(obj, found) {
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
	o.references, err = securitygroup.Resolve(ctx, k.reader, obj.Namespace, groupRules(obj)...)
	return err
}

// findGroups looks for the object's security groups: by the id in the status while all is as declared, else by their tags,
// since there may be one that is being replaced, or that an earlier turn made and did not live to write down.
func (k *Kind) findGroups(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) ([]*securitygroup.Group, error) {
	id := ""
	if obj.Status.SecurityGroup != nil {
		id = obj.Status.SecurityGroup.ID
	}
	lost := obj.Status.Name == "" && o.ours // and maybe the id of a security group with it
	if id == "" && !lost && obj.Spec.SecurityGroup == nil && !lifecycle.Managed(obj, fieldSecurityGroup) {
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

// fitsDeclared reports whether a security group has what EC2 cannot change as it is declared.
func (o *observed) fitsDeclared(obj *v1alpha1.AutoScalingGroup, found *securitygroup.Group) bool {
	declared := obj.Spec.SecurityGroup
	if declared == nil {
		return false
	}
	fits := func(want, got string) bool { return want == "" || want == got }
	return fits(declared.Name, found.Name) && fits(declared.Description, found.Description) && fits(o.vpcID, found.VPCID)
}

// desiredGroup is the managed group as the object declares it.
func (k *Kind) desiredGroup(obj *v1alpha1.AutoScalingGroup, o *observed) *securitygroup.Desired {
	owner, declared := k.owner(obj), obj.Spec.SecurityGroup
	desired := &securitygroup.Desired{
		Name: securitygroup.NameFor(owner), Description: description(obj), VPCID: o.vpcID, Tags: owner.Tags(),
		KeepGroups: o.references.KeepsGroups(),
	}
	if declared.Description != "" {
		desired.Description = declared.Description
		desired.Name = securitygroup.NameFor(owner, declared.Description)
	}
	if declared.Name != "" {
		desired.Name = declared.Name
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

func description(obj *v1alpha1.AutoScalingGroup) string {
	text := fmt.Sprintf("Kept by Evenkeel for AutoScalingGroup %s/%s", obj.Namespace, obj.Name)
	return text[:min(len(text), maxDescription)]
}

// securityGroupChanges returns what makes the managed group as declared.
func (k *Kind) securityGroupChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if obj.Spec.SecurityGroup == nil {
		return nil, nil
	}
	if o.references.Waits() {
		o.Wait(o.references.Outcome())
	}
	if found := o.members.Group; found != nil {
		if owner, owned := awsclient.OwnerOf(found.Tags); owned && owner != k.owner(obj) {
			return nil, judge.OwnedBy("Security group "+found.ID, owner)
		}
	}
	return wrap(securitygroup.Diff(k.desiredGroup(obj, o), o.members.Group), &o.members), nil
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
		if !k.mayDeleteGroup(obj, former.Group) || o.launchesElsewhere(obj) {
			continue
		}
		if waiting, remains := securitygroup.Remaining(former, k.PauseSince(obj, v1alpha1.ConditionReady)); remains && !lifecycle.Deleting(obj) {
			waiting.Reason = v1alpha1.ReasonUpdating
			o.Wait(waiting)
		}
		changes = append(changes, wrap(securitygroup.Deletion(former), former)...)
	}
	return changes, nil
}

// mayDeleteGroup reports whether a security group is the object's: by its tags or, when those are gone, by the status.
func (k *Kind) mayDeleteGroup(obj *v1alpha1.AutoScalingGroup, found *securitygroup.Group) bool {
	if found == nil {
		return false
	}
	if owner, owned := awsclient.OwnerOf(found.Tags); owned {
		return owner == k.owner(obj)
	}
	return obj.Status.SecurityGroup != nil && obj.Status.SecurityGroup.ID == found.ID
}
