package lifecycle_test

import (
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

func planned(verb, resource, field, from, to string) v1alpha1.PlannedChange {
	return v1alpha1.PlannedChange{Verb: verb, Resource: resource, Field: field, From: from, To: to}
}

// many is a plan of n changes.
func many(n int) []v1alpha1.PlannedChange {
	var plan []v1alpha1.PlannedChange
	for i := range n {
		plan = append(plan, planned(lifecycle.VerbUpdate, "zone", fmt.Sprint("field-", i), "a", "b"))
	}
	return plan
}

var _ = Describe("Report", func() {
	report := func(policy v1alpha1.ManagementPolicy, plan []v1alpha1.PlannedChange) (*v1alpha1.HostedZone, lifecycle.Outcome) {
		obj := object()
		obj.Spec.ManagementPolicy = policy
		obj.Status.Plan, obj.Status.PlanTotal = many(1), 7
		return obj, lifecycle.Report(obj, plan)
	}

	It("lists a plan up to its bound, and counts what is cut off", func() {
		obj, outcome := report(v1alpha1.ManagementPlan, many(v1alpha1.MaxListed))
		Expect(obj.Status.Plan).To(HaveLen(v1alpha1.MaxListed))
		Expect(obj.Status.PlanTotal).To(BeZero())
		Expect(outcome.Message).To(HavePrefix("50 changes are planned"))
		obj, outcome = report(v1alpha1.ManagementPlan, many(v1alpha1.MaxListed+1))
		Expect(obj.Status.Plan).To(Equal(many(v1alpha1.MaxListed)))
		Expect(obj.Status.PlanTotal).To(BeEquivalentTo(51))
		Expect(outcome.Ready).To(BeFalse())
	})

	It("is Ready when there is nothing to change, and drops an old plan", func() {
		for _, policy := range []v1alpha1.ManagementPolicy{v1alpha1.ManagementPlan, v1alpha1.ManagementObserve} {
			obj, outcome := report(policy, nil)
			Expect(outcome.Ready).To(BeTrue())
			Expect(obj.Status.Plan).To(BeEmpty())
			Expect(obj.Status.PlanTotal).To(BeZero())
		}
	})

	It("only tells differences, briefly, while it observes", func() {
		obj, outcome := report(v1alpha1.ManagementObserve, append(many(7), planned(lifecycle.VerbCreate, "record www", "", "", "")))
		Expect(obj.Status.Plan).To(BeEmpty())
		Expect(outcome.Reason).To(Equal(v1alpha1.ReasonObserveOnly))
		Expect(outcome.Message).To(HaveSuffix(": field-0, field-1, field-2, field-3, field-4 and 3 more."))
	})
})

var _ = Describe("EventsFor", func() {
	It("tells nothing when nothing was done", func() { Expect(lifecycle.EventsFor(nil, true)).To(BeEmpty()) })

	DescribeTable("tells what was done", func(drift bool, plan []v1alpha1.PlannedChange, want ...string) {
		var told []string
		for _, event := range lifecycle.EventsFor(plan, drift) {
			Expect(event.Type).To(Equal("Normal"))
			told = append(told, event.Reason+": "+event.Note)
		}
		Expect(told).To(Equal(want))
	},
		Entry("a creation, with its fields in one event", false, []v1alpha1.PlannedChange{planned(lifecycle.VerbCreate, "zone", "", "", "")}, "Created: Created zone"),
		Entry("an update, field by field", false,
			[]v1alpha1.PlannedChange{planned(lifecycle.VerbUpdate, "zone", "comment", "", "new"), planned(lifecycle.VerbUpdate, "zone", "tags.a", "1", "")},
			"Updated: Updated zone (comment: (none) → new; tags.a: 1 → (none))"),
		Entry("one event for each resource and verb", false,
			[]v1alpha1.PlannedChange{planned(lifecycle.VerbDelete, "record a", "", "", ""), planned(lifecycle.VerbCreate, "record b", "", "", ""), planned(lifecycle.VerbReplace, "group", "", "", "")},
			"Deleted: Deleted record a", "Created: Created record b", "Replaced: Replaced group"),
		Entry("an adoption", false, []v1alpha1.PlannedChange{planned(lifecycle.VerbAdopt, "zone", "", "", "")}, "Adopted: Took over zone"),
		Entry("drift of a field", true, []v1alpha1.PlannedChange{planned(lifecycle.VerbUpdate, "zone", "comment", "theirs", "ours")},
			"DriftRepaired: Set right what had been changed outside: zone (comment: theirs → ours)"),
		Entry("drift of the whole", true, []v1alpha1.PlannedChange{planned(lifecycle.VerbCreate, "zone", "", "", "")},
			"DriftRepaired: Made again what had been deleted outside: zone"),
	)
})

// step is a change that may follow another object.
type step struct {
	plan    v1alpha1.PlannedChange
	follows bool
}

func (s step) Plan() []v1alpha1.PlannedChange { return []v1alpha1.PlannedChange{s.plan} }
func (s step) Follows() bool                  { return s.follows }

var _ = Describe("EventsOf", func() {
	It("tells what follows another object as no drift", func() {
		update := func(field string) v1alpha1.PlannedChange {
			return planned(lifecycle.VerbUpdate, "group", field, "1", "2")
		}
		done := []step{{update("a"), false}, {update("b"), true}, {update("c"), true}, {update("d"), false}}
		notes := func(drift bool) (told []string) {
			for _, event := range lifecycle.EventsOf(done, drift) {
				told = append(told, event.Reason+": "+event.Note)
			}
			return told
		}
		Expect(notes(true)).To(Equal([]string{
			"DriftRepaired: Set right what had been changed outside: group (a: 1 → 2)",
			"Updated: Updated group (b: 1 → 2; c: 1 → 2)",
			"DriftRepaired: Set right what had been changed outside: group (d: 1 → 2)",
		}))
		Expect(notes(false)).To(Equal([]string{"Updated: Updated group (a: 1 → 2; b: 1 → 2; c: 1 → 2; d: 1 → 2)"}))
	})
})

var _ = Describe("EventsTogether", func() {
	It("tells once per verb, names a few and counts all", func() {
		Expect(lifecycle.EventsTogether(nil)).To(BeEmpty())
		var plan []v1alpha1.PlannedChange
		for i := range 7 {
			plan = append(plan, planned(lifecycle.VerbCreate, fmt.Sprint("record ", i), "", "", ""))
		}
		plan = append(plan, planned(lifecycle.VerbUpdate, "zone", "ttl", "1", "2"), planned(lifecycle.VerbUpdate, "zone", "values", "a", "b"))
		Expect(lifecycle.EventsTogether(plan)).To(Equal([]lifecycle.Event{
			lifecycle.Normal("Created", "Created 7 resources: record 0, record 1, record 2, record 3, record 4 and 2 more"),
			lifecycle.Normal("Updated", "Updated 1 resource: zone"),
		}))
	})
})

var _ = Describe("Shorten", func() {
	It("keeps what is short, and never cuts a character in two", func() {
		Expect(lifecycle.Shorten(strings.Repeat("x", 128))).To(Equal(strings.Repeat("x", 128)))
		Expect(lifecycle.Shorten(strings.Repeat("ü", 128))).To(Equal(strings.Repeat("ü", 128)))
		Expect(lifecycle.Shorten(strings.Repeat("ü", 129))).To(Equal(strings.Repeat("ü", 128) + "… (258 bytes)"))
	})
})

var _ = Describe("Jitter", func() {
	It("stays within a tenth", func() {
		for range 1000 {
			Expect(lifecycle.Jitter(time.Minute)).To(And(BeNumerically(">=", 54*time.Second), BeNumerically("<=", 66*time.Second)))
		}
	})
})
