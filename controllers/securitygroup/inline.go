package securitygroup

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Names of an object's group, and of its rules, in status.managedFields.
const (
	Field        = "securityGroup"
	FieldIngress = Field + ".ingress"
	FieldEgress  = Field + ".egress"
)

// AboutToBeMade stands for the id of a group that does not exist yet.
const AboutToBeMade = "(the managed security group)"

// maxDescription is the most characters that EC2 allows the description of a group.
const maxDescription = 255

// Inline is the group that an object declares inline, and what tells that a group in EC2 is the object's.
type Inline struct {
	Object lifecycle.Object
	Owner  awsclient.Owner
	// Declared is nil when no group is.
	Declared *v1alpha1.SecurityGroup
	// Known is what the status names.
	Known *v1alpha1.SecurityGroupStatus
}

// DeclaredRules are all rules that a declaration has.
func DeclaredRules(declared *v1alpha1.SecurityGroup) []v1alpha1.SecurityGroupRule {
	if declared == nil {
		return nil
	}
	return slices.Concat(declared.Ingress, declared.Egress)
}

// DeclaredFields are the optional fields that a declaration has, as status.managedFields names them.
func DeclaredFields(declared *v1alpha1.SecurityGroup) []string {
	if declared == nil {
		return nil
	}
	fields := []string{Field}
	if declared.Ingress != nil {
		fields = append(fields, FieldIngress)
	}
	if declared.Egress != nil {
		fields = append(fields, FieldEgress)
	}
	return fields
}

// Find looks for the object's groups: by the id in the status while all is as declared, else by their tags, since there
// may be one that is being replaced, or that an earlier turn made and did not live to write down.
func (i Inline) Find(ctx context.Context, clients *awsclient.Clients) ([]*Group, error) {
	if i.Known == nil {
		return FindAll(ctx, clients, i.Owner)
	}
	id := i.Known.ID
	if lifecycle.Drifted(i.Object) {
		if known, err := Find(ctx, clients, id); known != nil || err != nil {
			return []*Group{known}, err
		}
	}
	groups, err := FindAll(ctx, clients, i.Owner)
	if err != nil || slices.ContainsFunc(groups, func(g *Group) bool { return g.ID == id }) {
		return groups, err
	}
	known, err := Find(ctx, clients, id) // its tags have been taken away
	if known != nil {
		groups = append(groups, known)
	}
	return groups, err
}

// Fits reports whether a group has what EC2 cannot change as it is declared. An empty VPC is any.
func Fits(declared *v1alpha1.SecurityGroup, group *Group, vpc string) bool {
	fits := func(want, got string) bool { return want == "" || want == got }
	return fits(declared.Name, group.Name) && fits(declared.Description, group.Description) && fits(vpc, group.VPCID)
}

// Desired is the group as it is declared, to be made in a VPC unless the declaration names another. Of a group that is not
// declared, no rules are managed.
func (i Inline) Desired(vpc string, references References) *Desired {
	description := "Kept by Evenkeel for " + strings.Replace(i.Owner.Object, "/", " ", 1)
	desired := &Desired{
		Name: NameFor(i.Owner), Description: description[:min(len(description), maxDescription)], VPCID: vpc, Tags: i.Owner.Tags(),
		KeepGroups: references.KeepsGroups(),
	}
	declared := i.Declared
	if declared == nil {
		return desired
	}
	if declared.Description != "" {
		desired.Description, desired.Name = declared.Description, NameFor(i.Owner, declared.Description)
	}
	if declared.Name != "" {
		desired.Name = declared.Name
	}
	if declared.VPCID != "" {
		desired.VPCID = string(declared.VPCID)
	}
	if declared.Ingress != nil || lifecycle.Managed(i.Object, FieldIngress) {
		rules := references.Rules(declared.Ingress)
		desired.Ingress = &rules
	}
	switch {
	case declared.Egress != nil:
		rules := references.Rules(declared.Egress)
		desired.Egress = &rules
	case lifecycle.Managed(i.Object, FieldEgress):
		rules := Everything()
		desired.Egress = &rules
	}
	return desired
}

// Diff returns the changes that make the group as desired. One that others have marked as theirs meanwhile is refused.
func (i Inline) Diff(desired *Desired, observed *Group) ([]Change, error) {
	if observed != nil {
		if owner, owned := awsclient.OwnerOf(observed.Tags); owned && owner != i.Owner {
			return nil, judge.OwnedBy("Security group "+observed.ID, owner)
		}
	}
	return Diff(desired, observed), nil
}

// Owns reports whether a group is the object's: by its tags or, when those are gone, by the status.
func (i Inline) Owns(group *Group) bool {
	if group == nil {
		return false
	}
	if owner, owned := awsclient.OwnerOf(group.Tags); owned {
		return owner == i.Owner
	}
	return i.Known != nil && i.Known.ID == group.ID
}

// Status is what the status is to tell: the object's group, or else one that is to go, until it is gone.
func (i Inline) Status(group *Group, formers []*State) *v1alpha1.SecurityGroupStatus {
	for _, former := range formers {
		if group == nil && i.Owns(former.Group) {
			group = former.Group
		}
	}
	if group == nil {
		return nil
	}
	return &v1alpha1.SecurityGroupStatus{ID: group.ID, Name: group.Name}
}

// Remaining says what the deletion of the object waits for as long as groups of it are left.
func (i Inline) Remaining(formers []*State, again time.Duration) (lifecycle.Outcome, bool) {
	for _, former := range formers {
		if outcome, remains := Remaining(former, again); remains && i.Owns(former.Group) {
			return outcome, true
		}
	}
	return lifecycle.Outcome{}, false
}

// Leaving says of a group that is to go what that waits for, while the object stays.
func (i Inline) Leaving(former *State, again time.Duration) (lifecycle.Outcome, bool) {
	outcome, remains := Remaining(former, again)
	outcome.Reason = v1alpha1.ReasonUpdating
	return outcome, remains && !lifecycle.Deleting(i.Object)
}
