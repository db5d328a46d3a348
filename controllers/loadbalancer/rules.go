package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

func (r *rule) resource(d *desiredListener) string {
	if r.name != "" {
		return fmt.Sprintf("rule %s of %s", r.name, d.resource())
	}
	return fmt.Sprintf("rule %d of %s", r.priority, d.resource())
}

// ruleChanges returns the changes that make the rules of a listener what is declared.
func (k *Kind) ruleChanges(obj *v1alpha1.LoadBalancer, o *observed, d *desiredListener, l *listener, r routing) []change {
	k.addWarmingRules(obj, o, d, l, r)
	changes := k.takeRules(obj, d, l)
	d.renew(obj, o, l)
	taken := map[int32]bool{}
	for _, foreign := range l.foreignRules {
		taken[foreign.priority] = true
	}
	plan := planRules(d.rules, l.rules, taken)
	for _, blocked := range plan.blocked {
		o.Wait(lifecycle.Stall(v1alpha1.ReasonConflict, fmt.Sprintf("Priority %d of %s belongs to a rule that is not this object's. Delete it, declare another priority, or set spec.adoptionPolicy to Always to take it over.", blocked.priority, d.resource())))
	}
	changes = append(changes, d.moves(l, plan)...)
	pending := &pendingRules{deletes: plan.deletes}
	for _, declared := range plan.creates {
		if !d.credentials[declared].lacking(o, declared.resource(d)) {
			changes = append(changes, d.creation(declared, pending))
		}
	}
	for _, edit := range plan.edits {
		if !d.credentials[edit.desired].lacking(o, edit.desired.resource(d)) || !edit.changesActions() {
			changes = append(changes, d.edit(edit))
		}
	}
	for _, pair := range plan.pairs {
		changes = append(changes, d.retag(obj, pair)...)
	}
	for _, doomed := range plan.deletes {
		changes = append(changes, d.deletion(doomed, pending))
	}
	return changes
}

// renew finds the declared rules whose client secret AWS does not have yet.
func (d *desiredListener) renew(obj *v1alpha1.LoadBalancer, o *observed, l *listener) {
	pairs, _, _ := pairRules(d.rules, l.rules)
	for _, pair := range pairs {
		pair.desired.renewed = d.credentials[pair.desired].renewed(obj, o, place(d.port, fmt.Sprint(pair.observed.priority)))
	}
}

// takeRules takes over rules of nobody that hold declared priorities, as far as the policies allow it.
func (k *Kind) takeRules(obj *v1alpha1.LoadBalancer, d *desiredListener, l *listener) []change {
	var changes []change
	for _, declared := range d.rules {
		i := slices.IndexFunc(l.foreignRules, func(r *rule) bool { return r.priority == declared.priority })
		if i < 0 {
			continue
		}
		found := l.foreignRules[i]
		_, owned := awsclient.OwnerOf(found.tags)
		if owned || !mayTake(obj, func() bool { return !(ruleEdit{observed: found, desired: declared}).changes() }) {
			continue
		}
		l.foreignRules, l.rules = slices.Delete(l.foreignRules, i, i+1), append(l.rules, found)
		before := found.tags
		found.name, found.tags = declared.name, declared.tags
		changes = append(changes, change{
			plan: []v1alpha1.PlannedChange{line(lifecycle.VerbAdopt, declared.resource(d), "", "", "")},
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, _ *observed) error {
				set, _ := awsclient.DiffTags(declared.tags, before, nil)
				return k.changeTags(ctx, found.arn, before, set, nil)
			},
		})
	}
	return changes
}

// moves returns the one change that gives rules other priorities.
func (d *desiredListener) moves(l *listener, p rulePlan) []change {
	if len(p.moves) == 0 {
		return nil
	}
	step := change{run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, _ *observed) error {
		input := &elasticloadbalancingv2.SetRulePrioritiesInput{}
		for _, arn := range slices.Sorted(maps.Keys(p.moves)) {
			input.RulePriorities = append(input.RulePriorities, types.RulePriorityPair{RuleArn: aws.String(arn), Priority: aws.Int32(p.moves[arn])})
		}
		if _, err := k.clients.ELBV2.SetRulePriorities(ctx, input); err != nil {
			return fmt.Errorf("reordering the rules of %s: %w", d.resource(), err)
		}
		for _, r := range l.rules {
			if priority, moved := p.moves[r.arn]; moved {
				r.priority = priority
			}
		}
		return nil
	}}
	for _, r := range l.rules {
		if priority, moved := p.moves[r.arn]; moved {
			step.plan = append(step.plan, line(lifecycle.VerbUpdate, r.resource(d), "priority", fmt.Sprint(r.priority), fmt.Sprint(priority)))
		}
	}
	return []change{step}
}

// pendingRules are the rules of a listener that are still to be deleted: at the limit of rules, one goes whenever one
// comes.
type pendingRules struct{ deletes []*rule }

// creation returns the change that makes a rule.
func (d *desiredListener) creation(declared *rule, pending *pendingRules) change {
	return change{
		plan: []v1alpha1.PlannedChange{line(lifecycle.VerbCreate, declared.resource(d), "", "", "")},
		run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
			fresh, credential := d.freshRule(k, obj, o, declared)
			l := o.listenerAt(d.port)
			err := k.makeRule(ctx, obj, l, fresh, credential)
			var full *types.TooManyRulesException
			if errors.As(err, &full) && len(pending.deletes) > 0 {
				if err := k.deleteRule(ctx, d, l, pending.next(d.rules), pending); err != nil {
					return err
				}
				err = k.makeRule(ctx, obj, l, fresh, credential)
			}
			if err != nil {
				return fmt.Errorf("creating %s: %w", declared.resource(d), err)
			}
			credential.sent(o)
			return nil
		},
	}
}

// next chooses the rule to delete first: one whose requests no declared rule serves, if there is one.
func (p *pendingRules) next(declared []*rule) *rule {
	i := slices.IndexFunc(p.deletes, func(doomed *rule) bool {
		return !slices.ContainsFunc(declared, func(r *rule) bool { return mayMeet(doomed.conditions, r.conditions) })
	})
	return p.deletes[max(i, 0)]
}

// freshRule returns what a declared rule is to be now that changes before this one have been made.
func (d *desiredListener) freshRule(k *Kind, obj *v1alpha1.LoadBalancer, o *observed, declared *rule) (*rule, credential) {
	r := k.routing(obj, o)
	now := k.desiredListener(obj, o, d.spec, r)
	if l := o.listenerAt(d.port); l != nil {
		k.addWarmingRules(obj, o, now, l, r)
	}
	for _, candidate := range now.rules {
		if candidate.priority == declared.priority {
			return candidate, now.credentials[candidate]
		}
	}
	return declared, d.credentials[declared]
}

// edit returns the change of a rule's conditions, actions and transforms: of those that differ.
func (d *desiredListener) edit(e ruleEdit) change {
	var plan []v1alpha1.PlannedChange
	add := func(field, from, to string) {
		plan = append(plan, line(lifecycle.VerbUpdate, e.desired.resource(d), field, from, to))
	}
	if e.changesConditions() {
		add("conditions", conditionsText(e.observed.conditions), conditionsText(e.desired.conditions))
	}
	switch {
	case !sameActions(e.observed.actions, e.desired.actions):
		add("actions", actionsText(e.observed.actions), actionsText(e.desired.actions))
	case e.desired.renewed:
		add("actions."+fieldClientSecret, "", "")
	}
	if e.changesTransforms() {
		add("transforms", transformsText(e.observed.transforms), transformsText(e.desired.transforms))
	}
	return change{plan: plan, run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
		fresh, credential := d.freshRule(k, obj, o, e.desired)
		fresh.renewed = e.desired.renewed
		return k.modifyRule(ctx, o, d, ruleEdit{observed: e.observed, desired: fresh}, credential)
	}}
}

// retag returns the change that sets the tags of a rule that stays right.
func (d *desiredListener) retag(obj *v1alpha1.LoadBalancer, pair ruleEdit) []change {
	before := lifecycle.ManagedUnder(obj, listenerField(d.port, ruleTagField(pair.observed.priority)))
	set, remove := awsclient.DiffTags(pair.desired.tags, pair.observed.tags, append(before, tagRule))
	if len(set)+len(remove) == 0 {
		return nil
	}
	return []change{{
		plan: plannedTags(lifecycle.VerbUpdate, pair.desired.resource(d), pair.observed.tags, set, remove),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, _ *observed) error {
			return k.changeTags(ctx, pair.observed.arn, pair.observed.tags, set, remove)
		},
	}}
}

// deletion returns the change that deletes a rule, unless it has gone before to make room.
func (d *desiredListener) deletion(doomed *rule, pending *pendingRules) change {
	return change{
		plan: []v1alpha1.PlannedChange{line(lifecycle.VerbDelete, doomed.resource(d), "", "", "")},
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			if !slices.Contains(pending.deletes, doomed) {
				return nil
			}
			return k.deleteRule(ctx, d, o.listenerAt(d.port), doomed, pending)
		},
	}
}
