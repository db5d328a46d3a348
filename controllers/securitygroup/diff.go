package securitygroup

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Desired is a group as an object declares it.
type Desired struct {
	Name, Description string
	// VPCID is where the group is made.
	VPCID string
	// Tags that the group must have, those that mark whose it is among them; tags that others set stay.
	Tags map[string]string
	// Ingress and Egress are all the rules of their direction; nil when they are not managed.
	Ingress, Egress *[]Rule
	// KeepGroups keeps rules for security groups that are not desired, while it is not known which ones are.
	KeepGroups bool
}

// Rule sets of a Desired.
const (
	fieldIngress = "ingress"
	fieldEgress  = "egress"
)

// Change is one step: a call, with what is to be said of it.
type Change struct {
	Plan []v1alpha1.PlannedChange
	// Run makes the change in EC2 and updates the state to match.
	Run func(ctx context.Context, clients *awsclient.Clients, s *State) error
}

// KeepsGroups reports whether a group must keep its rules for other groups, since an object that exists may name them.
func (r References) KeepsGroups() bool { return r.pending }

// Resource is how a group is called in plans and events.
func Resource(name string) string { return "security group " + name }

// Diff returns the changes that make an object's group as it is desired. What lets traffic through comes before what no
// longer does.
func Diff(desired *Desired, observed *Group) []Change {
	var changes []Change
	verb := lifecycle.VerbUpdate
	if observed == nil {
		verb = lifecycle.VerbCreate
		// What EC2 gives a new group is there once it is made.
		observed = &Group{Tags: desired.Tags, Egress: Everything()}
		changes = append(changes, Change{
			Plan: []v1alpha1.PlannedChange{{Verb: verb, Resource: Resource(desired.Name)}},
			Run: func(ctx context.Context, clients *awsclient.Clients, s *State) error {
				return create(ctx, clients, desired, s)
			},
		})
	}
	for _, d := range directions {
		changes = append(changes, d.diff(desired, observed, verb)...)
	}
	return append(changes, tagChanges(desired, observed)...)
}

// direction is one of the two sides of a group, and the calls that are about it.
type direction struct {
	field     string
	desired   func(*Desired) *[]Rule
	observed  func(*Group) *[]Rule
	authorize call
	revoke    call
	describe  call
}

// call is one EC2 operation about rules.
type call func(ctx context.Context, clients *awsclient.Clients, id string, rules []Rule) error

var directions = []direction{
	{fieldIngress, func(d *Desired) *[]Rule { return d.Ingress }, func(g *Group) *[]Rule { return &g.Ingress }, authorizeIngress, revokeIngress, describeIngress},
	{fieldEgress, func(d *Desired) *[]Rule { return d.Egress }, func(g *Group) *[]Rule { return &g.Egress }, authorizeEgress, revokeEgress, describeEgress},
}

// diff compares the rules of a direction.
func (d direction) diff(desired *Desired, group *Group, verb string) []Change {
	wanted := d.desired(desired)
	if wanted == nil {
		return nil
	}
	missing, surplus, renamed := compare(*wanted, *d.observed(group))
	if desired.KeepGroups {
		surplus = slices.DeleteFunc(surplus, func(rule Rule) bool { return rule.isGroup() })
	}
	var changes []Change
	add := func(rules []Rule, run call, plan func(Rule) v1alpha1.PlannedChange, after func([]Rule) []Rule) {
		if len(rules) == 0 {
			return
		}
		change := Change{Run: func(ctx context.Context, clients *awsclient.Clients, s *State) error {
			if err := run(ctx, clients, s.Group.ID, rules); err != nil {
				return err
			}
			list := d.observed(s.Group)
			*list = normal(after(slices.Clone(*list)))
			return nil
		}}
		for _, rule := range rules {
			planned := plan(rule)
			planned.Verb, planned.Resource, planned.Field = verb, Resource(desired.Name), d.field
			change.Plan = append(change.Plan, planned)
		}
		changes = append(changes, change)
	}
	add(missing, d.authorize,
		func(r Rule) v1alpha1.PlannedChange { return v1alpha1.PlannedChange{To: r.String()} },
		func(list []Rule) []Rule { return append(list, missing...) })
	add(renamed, d.describe,
		func(r Rule) v1alpha1.PlannedChange {
			return v1alpha1.PlannedChange{From: r.String(), To: fmt.Sprintf("%s (%s)", r, aws.ToString(r.Description))}
		},
		func(list []Rule) []Rule { return append(slices.Clone(renamed), list...) })
	add(surplus, d.revoke,
		func(r Rule) v1alpha1.PlannedChange { return v1alpha1.PlannedChange{From: r.String()} },
		func(list []Rule) []Rule { return slices.DeleteFunc(list, within(surplus)) })
	return changes
}

// compare tells which rules are missing, which nobody wants, and which are only described otherwise.
func compare(desired, observed []Rule) (missing, surplus, renamed []Rule) {
	for _, rule := range desired {
		i := slices.IndexFunc(observed, func(o Rule) bool { return o.Tuple == rule.Tuple })
		switch {
		case i < 0:
			missing = append(missing, rule)
		case rule.Description != nil && *rule.Description != aws.ToString(observed[i].Description):
			renamed = append(renamed, rule)
		}
	}
	for _, rule := range observed {
		if !within(desired)(rule) {
			surplus = append(surplus, rule)
		}
	}
	return missing, surplus, renamed
}

func within(rules []Rule) func(Rule) bool {
	return func(rule Rule) bool {
		return slices.ContainsFunc(rules, func(r Rule) bool { return r.Tuple == rule.Tuple })
	}
}

// tagChanges returns what sets tags that are missing or differ.
func tagChanges(desired *Desired, group *Group) []Change {
	set, _ := awsclient.DiffTags(desired.Tags, group.Tags, nil)
	if len(set) == 0 {
		return nil
	}
	change := Change{Run: func(ctx context.Context, clients *awsclient.Clients, s *State) error {
		return setTags(ctx, clients, s.Group, set)
	}}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		change.Plan = append(change.Plan, v1alpha1.PlannedChange{
			Verb: lifecycle.VerbUpdate, Resource: Resource(desired.Name), Field: "tags." + key, From: group.Tags[key], To: set[key],
		})
	}
	return []Change{change}
}
