package healthcheck

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// action is what a change does.
type action int

const (
	createCheck action = iota
	replaceCheck
	updateCheck
	deleteCheck
	markCheck
)

// change is one step for a health check: what Plan prints and Manage does.
type change struct {
	action action
	// id of the check to be deleted or marked.
	id string
	// update is what Route 53 is asked to change in place.
	update *route53.UpdateHealthCheckInput
	plan   []v1alpha1.PlannedChange
}

// Plan tells what the change does.
func (c change) Plan() []v1alpha1.PlannedChange { return c.plan }

// diff returns the change that makes the observed check, nil when there is none, what is declared; nil when it is.
func diff(desired *types.HealthCheckConfig, observed *types.HealthCheck) *change {
	resource := "health check " + string(desired.Type)
	if observed == nil {
		return &change{action: createCheck, plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbCreate, Resource: resource}}}
	}
	c := &change{action: updateCheck, update: &route53.UpdateHealthCheckInput{HealthCheckId: observed.Id, HealthCheckVersion: observed.HealthCheckVersion}}
	for i := range properties {
		p := &properties[i]
		from, to := p.value(observed.HealthCheckConfig), p.value(desired)
		switch {
		case from == to, p.name == "enableSNI" && to == "": // nothing is declared, and nothing depends on it
			continue
		case p.immutable():
			c.action = replaceCheck
		default:
			p.update(c.update, desired)
		}
		if from == anyAddress || to == anyAddress { // the addresses themselves are told too
			continue
		}
		c.plan = append(c.plan, v1alpha1.PlannedChange{
			Verb: lifecycle.VerbUpdate, Resource: resource, Field: "healthCheck." + p.name, From: lifecycle.Shorten(from), To: lifecycle.Shorten(to),
		})
	}
	if len(c.plan) == 0 {
		return nil
	}
	if c.action == replaceCheck {
		c.update = nil
		for i := range c.plan {
			c.plan[i].Verb = lifecycle.VerbReplace
		}
	}
	return c
}

// marking returns the change by which a check says again whose it is; nil when its tags say so.
func marking(desired awsclient.Owner, observed *types.HealthCheck, tags map[string]string) *change {
	set, _ := awsclient.DiffTags(desired.Tags(), tags, nil)
	if len(set) == 0 {
		return nil
	}
	c := &change{action: markCheck, id: aws.ToString(observed.Id)}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		c.plan = append(c.plan, v1alpha1.PlannedChange{Verb: lifecycle.VerbUpdate, Resource: "health check " + string(observed.HealthCheckConfig.Type),
			Field: "tags." + key, From: lifecycle.Shorten(tags[key]), To: lifecycle.Shorten(set[key])})
	}
	return c
}

// removal is the deletion of a check.
func removal(id string) change {
	return change{action: deleteCheck, id: id, plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbDelete, Resource: "health check " + id}}}
}

// outline returns everything that Manage would do: mark the check, if it must; what the check itself needs, and then
// which checks go.
func outline(obj *v1alpha1.RecordSet, observed *types.HealthCheck, mark *change) []change {
	var changes []change
	if mark != nil {
		changes = append(changes, *mark)
	}
	var going []string
	desired := desiredConfig(obj.Spec.HealthCheck)
	if desired == nil {
		if observed != nil {
			going = append(going, aws.ToString(observed.Id))
		}
	} else if c := diff(desired, observed); c != nil {
		changes = append(changes, *c)
		if c.action == replaceCheck {
			going = append(going, aws.ToString(observed.Id))
		}
	}
	if check := obj.Status.HealthCheck; check != nil {
		going = append(going, check.Previous...)
	}
	for _, id := range going {
		changes = append(changes, removal(id))
	}
	return changes
}
