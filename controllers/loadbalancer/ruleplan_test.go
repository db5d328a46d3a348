package loadbalancer

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// pathRule is a rule for some paths, of which a letter stands for each, that answers with a text.
func pathRule(name string, priority int32, paths, answer string) *rule {
	var values []string
	for _, path := range paths {
		values = append(values, "/"+string(path))
	}
	return &rule{
		name: name, priority: priority,
		conditions: []types.RuleCondition{{Field: aws.String(fieldPathPattern), PathPatternConfig: &types.PathPatternConditionConfig{Values: values}}},
		actions:    []types.Action{{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{StatusCode: aws.String("200"), MessageBody: &answer}}},
	}
}

// found makes rules that exist, with ARNs.
func found(rules ...*rule) []*rule {
	for i, r := range rules {
		r.arn = fmt.Sprint("arn-", i)
	}
	return rules
}

// listenerModel are a listener's rules as AWS would have them while a plan is carried out.
type listenerModel struct {
	rules []*rule
}

func (m *listenerModel) served() map[rune]bool {
	served := map[rune]bool{}
	for _, r := range m.rules {
		for _, value := range r.conditions[0].PathPatternConfig.Values {
			served[rune(value[1])] = true
		}
	}
	return served
}

func (m *listenerModel) priorities() []int32 {
	var priorities []int32
	for _, r := range m.rules {
		priorities = append(priorities, r.priority)
	}
	return priorities
}

func (m *listenerModel) find(arn string) *rule {
	i := slices.IndexFunc(m.rules, func(r *rule) bool { return r.arn == arn })
	Expect(i).To(BeNumerically(">=", 0), "no rule "+arn)
	return m.rules[i]
}

// carryOut makes the changes of a plan one by one and calls check after each.
func (m *listenerModel) carryOut(plan rulePlan, check func(step string)) {
	for arn, priority := range plan.moves {
		m.find(arn).priority = priority
	}
	check("moves")
	for i, r := range plan.creates {
		made := *r
		made.arn = fmt.Sprint("new-", i)
		m.rules = append(m.rules, &made)
		check("create " + conditionsText(r.conditions))
	}
	for _, e := range plan.edits {
		edited := m.find(e.observed.arn)
		edited.conditions, edited.actions, edited.transforms = e.desired.conditions, e.desired.actions, e.desired.transforms
		check("edit " + conditionsText(e.observed.conditions))
	}
	for _, r := range plan.deletes {
		m.rules = slices.DeleteFunc(m.rules, func(have *rule) bool { return have.arn == r.arn })
		check("delete " + conditionsText(r.conditions))
	}
}

// content tells rules without their ARNs, in their order.
func content(rules []*rule) []string {
	var told []string
	for _, r := range slices.SortedFunc(slices.Values(rules), byPriority) {
		told = append(told, fmt.Sprint(r.priority, " ", conditionsText(r.conditions), ": ", actionsText(r.actions)))
	}
	return told
}

var _ = Describe("A plan for rules", func() {
	DescribeTable("of one edit", func(desired, observed []*rule, moves, creates, edits, deletes int) {
		plan := planRules(desired, found(observed...), nil)
		Expect(plan.blocked).To(BeEmpty())
		Expect([]int{len(plan.moves), len(plan.creates), len(plan.edits), len(plan.deletes)}).To(Equal([]int{moves, creates, edits, deletes}))
	},
		Entry("nothing", []*rule{pathRule("", 1, "a", "x")}, []*rule{pathRule("", 1, "a", "x")}, 0, 0, 0, 0),
		Entry("another answer", []*rule{pathRule("", 1, "a", "y")}, []*rule{pathRule("", 1, "a", "x")}, 0, 0, 1, 0),
		Entry("other paths", []*rule{pathRule("", 1, "b", "x")}, []*rule{pathRule("", 1, "a", "x")}, 0, 0, 1, 0),
		Entry("another priority", []*rule{pathRule("", 2, "a", "x")}, []*rule{pathRule("", 1, "a", "x")}, 1, 0, 0, 0),
		Entry("two swapped", []*rule{pathRule("", 2, "a", "x"), pathRule("", 1, "b", "y")}, []*rule{pathRule("", 1, "a", "x"), pathRule("", 2, "b", "y")}, 2, 0, 0, 0),
		Entry("one put before others", []*rule{pathRule("", 1, "c", "z"), pathRule("", 2, "a", "x"), pathRule("", 3, "b", "y")},
			[]*rule{pathRule("", 1, "a", "x"), pathRule("", 2, "b", "y")}, 2, 1, 0, 0),
		Entry("the first removed, the others moved up", []*rule{pathRule("", 1, "b", "y")}, []*rule{pathRule("", 1, "a", "x"), pathRule("", 2, "b", "y")}, 2, 0, 0, 1),
		Entry("a named one moved and edited", []*rule{pathRule("n", 2, "b", "y")}, []*rule{pathRule("n", 1, "a", "x")}, 1, 0, 1, 0),
		Entry("an unnamed one moved, with another answer", []*rule{pathRule("", 2, "a", "y")}, []*rule{pathRule("", 1, "a", "x")}, 1, 0, 1, 0),
		Entry("an unnamed one moved, with other paths", []*rule{pathRule("", 2, "b", "y")}, []*rule{pathRule("", 1, "a", "x")}, 0, 1, 0, 1),
		Entry("two that exchange some of their paths", []*rule{pathRule("", 1, "bc", "x"), pathRule("", 2, "ad", "y")},
			[]*rule{pathRule("", 1, "a", "x"), pathRule("", 2, "b", "y")}, 1, 1, 1, 1),
	)

	It("edits the rule that takes paths over before the one that gives them up", func() {
		plan := planRules(
			[]*rule{pathRule("", 1, "be", "x"), pathRule("", 2, "cf", "y"), pathRule("", 3, "dg", "z")},
			found(pathRule("", 1, "a", "x"), pathRule("", 2, "b", "y"), pathRule("", 3, "c", "z")), nil)
		Expect(plan.edits).To(HaveLen(3))
		Expect([]int32{plan.edits[0].desired.priority, plan.edits[1].desired.priority, plan.edits[2].desired.priority}).To(Equal([]int32{1, 2, 3}))
	})

	It("leaves a priority to the rule of somebody else that holds it", func() {
		plan := planRules([]*rule{pathRule("", 1, "a", "x"), pathRule("", 2, "b", "y")}, found(pathRule("", 5, "b", "y")), map[int32]bool{1: true, 2: true})
		Expect(plan.blocked).To(HaveLen(2))
		Expect(plan.moves).To(BeEmpty())
		Expect(plan.creates).To(BeEmpty())
		Expect(plan.deletes).To(BeEmpty())
	})

	It("finds a priority for what is in the way at the very end of the range", func() {
		plan := planRules([]*rule{pathRule("", maxPriority, "b", "y")}, found(pathRule("", maxPriority, "a", "x"), pathRule("", maxPriority-1, "b", "y")), map[int32]bool{maxPriority - 2: true})
		Expect(plan.moves).To(Equal(map[string]int32{"arn-0": maxPriority - 3, "arn-1": maxPriority}))
	})

	It("never leaves a path without a rule that has one before and after, whatever is edited", func() {
		const paths = "abcdefgh"
		seed := uint64(GinkgoRandomSeed())
		random := rand.New(rand.NewPCG(seed, 1))
		table := func() []*rule {
			var rules []*rule
			order := random.Perm(9)
			for i := range random.IntN(6) {
				var some string
				for _, at := range random.Perm(len(paths))[:1+random.IntN(3)] {
					some += paths[at : at+1]
				}
				name := ""
				if random.IntN(2) == 0 {
					name = fmt.Sprint("rule-", i)
				}
				rules = append(rules, pathRule(name, int32(order[i]+1), some, fmt.Sprint(random.IntN(3))))
			}
			return rules
		}
		for range 3000 {
			before, after := found(table()...), table()
			model := &listenerModel{}
			for _, r := range before {
				copied := *r
				model.rules = append(model.rules, &copied)
			}
			served, wanted := model.served(), (&listenerModel{rules: after}).served()
			told := fmt.Sprint(content(before), " to ", content(after))
			model.carryOut(planRules(after, before, nil), func(step string) {
				now := model.served()
				for path := range served {
					if wanted[path] {
						Expect(now).To(HaveKey(path), "%s of %s leaves /%c out", step, told, path)
					}
				}
				priorities := model.priorities()
				slices.Sort(priorities)
				Expect(slices.Compact(slices.Clone(priorities))).To(HaveLen(len(priorities)), "%s of %s doubles a priority", step, told)
			})
			Expect(content(model.rules)).To(Equal(content(after)))
		}
	})
})
