package lifecycle

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// Verbs of planned changes.
const (
	VerbCreate  = "Create"
	VerbUpdate  = "Update"
	VerbReplace = "Replace"
	VerbDelete  = "Delete"
	VerbAdopt   = "Adopt"
)

// Change is one step of a change list: the same value is printed in Plan mode and executed in Manage mode.
type Change interface {
	// Plan tells what the step changes: one entry, or one per field.
	Plan() []v1alpha1.PlannedChange
}

// PlanOf flattens change lists into what status.plan shows.
func PlanOf[C Change](changes []C) []v1alpha1.PlannedChange {
	var plan []v1alpha1.PlannedChange
	for _, change := range changes {
		plan = append(plan, change.Plan()...)
	}
	return plan
}

// Report says how an object stands whose management policy allows no change, and writes the plan into its status.
func Report(obj Object, plan []v1alpha1.PlannedChange) Outcome {
	status := obj.CommonStatus()
	setPlan(status, nil)
	planning := obj.CommonSpec().ManagementPolicy == v1alpha1.ManagementPlan
	outcome := Outcome{State: Reported, Reason: v1alpha1.ReasonObserveOnly, Ready: len(plan) == 0}
	if planning {
		outcome.Reason = v1alpha1.ReasonPlanOnly
		setPlan(status, plan)
	}
	switch {
	case len(plan) == 0:
		outcome.Message = "AWS is as declared."
	case planning:
		outcome.Message = fmt.Sprintf("%s planned (see status.plan); none is made while managementPolicy is Plan.", Count(len(plan), "change is", "changes are"))
	default:
		outcome.Message = fmt.Sprintf("AWS differs from the spec and is left as it is while managementPolicy is Observe: %s.", differences(plan))
	}
	return outcome
}

// setPlan writes the plan into the status, bounded; nil clears it.
func setPlan(status *v1alpha1.CommonStatus, plan []v1alpha1.PlannedChange) {
	status.Plan, status.PlanTotal = plan, 0
	if len(plan) > v1alpha1.MaxListed {
		status.Plan, status.PlanTotal = plan[:v1alpha1.MaxListed], int64(len(plan))
	}
}

// Follower is a step that may follow another object, so that what it changes is no drift of an object that stood as
// declared.
type Follower interface {
	Change
	// Follows reports whether the step is due to another object and not to somebody who has changed AWS.
	Follows() bool
}

func follows(change Change) bool {
	follower, ok := change.(Follower)
	return ok && follower.Follows()
}

// EventsOf tells what was done to AWS. With drift, steps are told as repairs, but for those that follow other objects.
func EventsOf[C Change](done []C, drift bool) []Event {
	var events []Event
	for len(done) > 0 {
		same := 1
		for same < len(done) && (!drift || follows(done[same]) == follows(done[0])) {
			same++
		}
		events = append(events, EventsFor(PlanOf(done[:same]), drift && !follows(done[0]))...)
		done = done[same:]
	}
	return events
}

// EventsFor tells what was done to AWS: one event per verb and resource. With drift, changes are told as repairs.
func EventsFor(plan []v1alpha1.PlannedChange, drift bool) []Event {
	var events []Event
	for i := 0; i < len(plan); {
		j := i + 1
		for j < len(plan) && plan[j].Verb == plan[i].Verb && plan[j].Resource == plan[i].Resource {
			j++
		}
		events = append(events, eventFor(plan[i:j], drift))
		i = j
	}
	return events
}

// EventsTogether tells what was done to AWS for many objects: one event per verb, which names the first few resources.
func EventsTogether(plan []v1alpha1.PlannedChange) []Event {
	resources, seen := map[string][]string{}, map[[2]string]bool{}
	for _, change := range plan {
		if what := [2]string{change.Verb, change.Resource}; !seen[what] {
			seen[what] = true
			resources[change.Verb] = append(resources[change.Verb], change.Resource)
		}
	}
	var events []Event
	for _, verb := range slices.Sorted(maps.Keys(resources)) {
		all, words := resources[verb], eventWords[verb]
		const shown = 5
		note := fmt.Sprintf("%s %s: %s", words.verb, Count(len(all), "resource", "resources"), FirstFew(all, shown, len(all)))
		events = append(events, Normal(words.reason, note))
	}
	return events
}

// eventWords are the reason of an event about a verb, and the verb as its note has it.
var eventWords = map[string]struct{ reason, verb string }{
	VerbCreate:  {v1alpha1.EventCreated, "Created"},
	VerbUpdate:  {v1alpha1.EventUpdated, "Updated"},
	VerbReplace: {v1alpha1.EventReplaced, "Replaced"},
	VerbDelete:  {v1alpha1.EventDeleted, "Deleted"},
	VerbAdopt:   {v1alpha1.EventAdopted, "Took over"},
}

// eventFor tells of changes of one verb to one resource.
func eventFor(changes []v1alpha1.PlannedChange, drift bool) Event {
	words := eventWords[changes[0].Verb]
	reason, verb := words.reason, words.verb
	if drift {
		reason, verb = v1alpha1.EventDriftRepaired, "Set right what had been changed outside:"
		if changes[0].Verb == VerbCreate {
			verb = "Made again what had been deleted outside:"
		}
	}
	note := verb + " " + changes[0].Resource
	if fields := ChangedFields(changes); fields != "" && changes[0].Verb != VerbCreate {
		note += " (" + fields + ")"
	}
	return Normal(reason, note)
}

// ChangedFields names the fields of the changes and, where they are short, what they were and are.
func ChangedFields(changes []v1alpha1.PlannedChange) string {
	var fields []string
	for _, change := range changes {
		switch {
		case change.Field == "":
		case change.From == "" && change.To == "":
			fields = append(fields, change.Field)
		default:
			fields = append(fields, fmt.Sprintf("%s: %s → %s", change.Field, orNone(change.From), orNone(change.To)))
		}
	}
	return strings.Join(fields, "; ")
}

// differences names what a plan would change, briefly.
func differences(plan []v1alpha1.PlannedChange) string {
	var names []string
	for _, change := range plan {
		name := strings.ToLower(change.Verb) + " " + change.Resource
		if change.Field != "" {
			name = change.Field
		}
		if !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	const shown = 5
	return FirstFew(names, shown, len(names))
}
