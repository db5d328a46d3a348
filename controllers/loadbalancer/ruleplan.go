package loadbalancer

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// maxPriority is the highest number, and so the lowest precedence, that a rule can have.
const maxPriority = 50000

// rule is a rule of a listener that is not its default, declared or found.
type rule struct {
	// arn is empty for a rule that is only declared.
	arn string
	// name by which the spec knows the rule; it is a tag in AWS. Optional.
	name       string
	priority   int32
	conditions []types.RuleCondition
	actions    []types.Action
	transforms []types.RuleTransform
	tags       map[string]string
	// renewed is set when a client secret that the actions use has changed, which AWS cannot tell.
	renewed bool
}

// ruleEdit is a rule that is found and the declared one that it becomes.
type ruleEdit struct {
	observed, desired *rule
}

func (e ruleEdit) changesConditions() bool {
	return !sameConditions(e.observed.conditions, e.desired.conditions)
}

func (e ruleEdit) changesActions() bool {
	return e.desired.renewed || !sameActions(e.observed.actions, e.desired.actions)
}

func (e ruleEdit) changesTransforms() bool {
	return !sameTransforms(e.observed.transforms, e.desired.transforms)
}

func (e ruleEdit) changes() bool {
	return e.changesConditions() || e.changesActions() || e.changesTransforms()
}

// rulePlan takes a listener's rules from what was found to what is declared, in this order: all moves in one call,
// then creations, edits one by one, and deletions. No request that is served by a rule before and after goes without
// one in between.
type rulePlan struct {
	// pairs are all rules that stay, whether they change or not.
	pairs []ruleEdit
	// moves are new priorities by the ARN of the rule.
	moves   map[string]int32
	creates []*rule
	edits   []ruleEdit
	deletes []*rule
	// blocked are declared rules whose priority somebody else's rule holds.
	blocked []*rule
}

// planRules compares rules. Priorities that are taken belong to rules of others.
func planRules(desired, observed []*rule, taken map[int32]bool) rulePlan {
	plan := rulePlan{moves: map[string]int32{}}
	pairs, missing, extra := pairRules(desired, observed)
	plan.deletes = extra
	for _, pair := range pairs {
		plan.pairs = append(plan.pairs, pair)
		if pair.changes() {
			plan.edits = append(plan.edits, pair)
		}
	}
	for _, r := range missing {
		if taken[r.priority] {
			plan.blocked = append(plan.blocked, r)
			continue
		}
		plan.creates = append(plan.creates, r)
	}
	plan.orderEdits()
	plan.place(observed, taken)
	slices.SortFunc(plan.creates, byPriority)
	return plan
}

func byPriority(a, b *rule) int { return cmp.Compare(a.priority, b.priority) }

// pairRules finds for each declared rule the one that it already is, or that becomes it. What a rule does tells more
// than its name, and that more than its priority: so a rule that others were put before only moves, and swapped ones
// are not rewritten.
func pairRules(desired, observed []*rule) (pairs []ruleEdit, missing, extra []*rule) {
	missing, extra = slices.Clone(desired), slices.Clone(observed)
	same := func(d, o *rule) bool { return !(ruleEdit{observed: o, desired: d}).changes() }
	named := func(d, o *rule) bool { return d.name == o.name }
	meets := func(d, o *rule) bool { return sameConditions(d.conditions, o.conditions) }
	placed := func(d, o *rule) bool { return d.priority == o.priority }
	both := func(a, b func(d, o *rule) bool) func(d, o *rule) bool {
		return func(d, o *rule) bool { return a(d, o) && b(d, o) }
	}
	for _, fits := range []func(d, o *rule) bool{
		both(placed, both(named, same)), both(placed, same), both(named, same), same,
		both(placed, both(named, meets)), both(placed, meets), both(named, meets), meets,
		func(d, o *rule) bool { return d.name != "" && named(d, o) },
		placed,
	} {
		missing = slices.DeleteFunc(missing, func(d *rule) bool {
			i := slices.IndexFunc(extra, func(o *rule) bool { return fits(d, o) })
			if i < 0 {
				return false
			}
			pairs = append(pairs, ruleEdit{observed: extra[i], desired: d})
			extra = slices.Delete(extra, i, i+1)
			return true
		})
	}
	slices.SortFunc(pairs, func(a, b ruleEdit) int { return byPriority(a.desired, b.desired) })
	return pairs, missing, extra
}

// orderEdits puts edits into an order in which each rule gives up requests only after the one that takes them over has
// been edited. Where rules exchange requests there is no such order: one of them is made anew before its old self goes.
func (p *rulePlan) orderEdits() {
	waiting := p.edits
	p.edits = nil
	for len(waiting) > 0 {
		i := slices.IndexFunc(waiting, func(e ruleEdit) bool { return !awaits(e, waiting) })
		if i >= 0 {
			p.edits = append(p.edits, waiting[i])
			waiting = slices.Delete(slices.Clone(waiting), i, i+1)
			continue
		}
		i = slices.IndexFunc(waiting, ruleEdit.changesConditions)
		e := waiting[i]
		p.creates, p.deletes = append(p.creates, e.desired), append(p.deletes, e.observed)
		p.pairs = slices.DeleteFunc(p.pairs, func(pair ruleEdit) bool { return pair.observed == e.observed })
		waiting = slices.Delete(slices.Clone(waiting), i, i+1)
	}
}

// awaits reports whether an edit gives up requests that another one, which has not been made yet, may take over.
func awaits(e ruleEdit, waiting []ruleEdit) bool {
	return e.changesConditions() && slices.ContainsFunc(waiting, func(other ruleEdit) bool {
		return other.observed != e.observed && other.changesConditions() && mayMeet(other.desired.conditions, e.observed.conditions)
	})
}

// place finds the moves: of rules to their declared priorities, and of rules that are about to go, or cannot get to
// where they belong, out of the way.
func (p *rulePlan) place(observed []*rule, taken map[int32]bool) {
	used := map[int32]bool{}
	for priority := range taken {
		used[priority] = true
	}
	for _, r := range p.creates {
		used[r.priority] = true
	}
	staying := slices.Clone(p.deletes)
	for _, pair := range p.pairs {
		if taken[pair.desired.priority] {
			p.blocked = append(p.blocked, pair.desired)
			staying = append(staying, pair.observed)
			continue
		}
		used[pair.desired.priority] = true
		if pair.observed.priority != pair.desired.priority {
			p.moves[pair.observed.arn] = pair.desired.priority
		}
	}
	wanted := func(r *rule) bool { return used[r.priority] }
	inTheWay := slices.DeleteFunc(slices.Clone(staying), func(r *rule) bool { return !wanted(r) })
	for _, r := range observed {
		used[r.priority] = true
	}
	slices.SortFunc(inTheWay, byPriority)
	for _, r := range inTheWay {
		priority := freePriority(r.priority, used)
		used[priority] = true
		p.moves[r.arn] = priority
	}
}

// freePriority returns the next priority after one that is in use, or the last before it.
func freePriority(after int32, used map[int32]bool) int32 {
	for priority := after + 1; priority <= maxPriority; priority++ {
		if !used[priority] {
			return priority
		}
	}
	priority := after - 1
	for used[priority] {
		priority--
	}
	return priority
}
