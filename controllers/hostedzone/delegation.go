package hostedzone

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apitypes "k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// The records that a zone keeps in its parent, as RecordSets named after it.
const (
	delegationNS = "-delegation-ns"
	delegationDS = "-delegation-ds"
	// defaultDelegationTTL of those records, in seconds.
	defaultDelegationTTL = 3600
)

// delegations are in the order in which they are removed: without its DS record a zone is only unsigned, without its NS
// record it is gone.
var delegations = []string{delegationDS, delegationNS}

// Children returns the RecordSets that an object keeps.
func (k *Kind) Children(ctx context.Context, obj *v1alpha1.HostedZone) ([]lifecycle.Object, error) {
	o := &observed{}
	if err := k.observeChildren(ctx, obj, o); err != nil {
		return nil, err
	}
	var children []lifecycle.Object
	for _, suffix := range delegations {
		if child := o.child(obj, suffix); child != nil {
			children = append(children, child)
		}
	}
	return children, nil
}

// observeChildren reads the RecordSets that have the names of those that the object keeps.
func (k *Kind) observeChildren(ctx context.Context, obj *v1alpha1.HostedZone, o *observed) error {
	o.children = map[string]*v1alpha1.RecordSet{}
	for _, suffix := range delegations {
		child := &v1alpha1.RecordSet{}
		err := k.reader.Get(ctx, apitypes.NamespacedName{Namespace: obj.Namespace, Name: obj.Name + suffix}, child)
		switch {
		case apierrors.IsNotFound(err):
		case err != nil:
			return fmt.Errorf("reading RecordSet %s: %w", obj.Name+suffix, err)
		default:
			o.children[suffix] = child
		}
	}
	return nil
}

// child returns the RecordSet that the object keeps, nil when there is none of its own.
func (o *observed) child(obj *v1alpha1.HostedZone, suffix string) *v1alpha1.RecordSet {
	if child := o.children[suffix]; child != nil && metav1.IsControlledBy(child, obj) {
		return child
	}
	return nil
}

// desiredChild returns the RecordSet that keeps a record of the zone in its parent.
func desiredChild(obj *v1alpha1.HostedZone, suffix string, recordType v1alpha1.RecordType, values []string) *v1alpha1.RecordSet {
	child := &v1alpha1.RecordSet{ObjectMeta: metav1.ObjectMeta{Namespace: obj.Namespace, Name: obj.Name + suffix}}
	ref, ttl := obj.Spec.DelegateFrom.HostedZoneReference, delegationTTL(obj)
	child.Spec = v1alpha1.RecordSetSpec{HostedZoneRef: &ref, Name: canonicalName(obj.Spec.Name), Type: recordType, TTL: &ttl}
	for _, value := range values {
		child.Spec.ResourceRecords = append(child.Spec.ResourceRecords, v1alpha1.ResourceRecord(value))
	}
	child.Spec.DeletionPolicy = obj.Spec.DeletionPolicy
	return child
}

func delegationTTL(obj *v1alpha1.HostedZone) int64 {
	if obj.Spec.DelegateFrom == nil || obj.Spec.DelegateFrom.TTL == nil {
		return defaultDelegationTTL
	}
	return aws.ToInt64(obj.Spec.DelegateFrom.TTL)
}

// delegationChanges returns what brings the RecordSets that the object keeps up to date.
func delegationChanges(obj *v1alpha1.HostedZone, o *observed) ([]change, error) {
	var changes []change
	for _, suffix := range delegations {
		found := o.children[suffix]
		wanted := wantsChild(obj, o, suffix)
		if wanted && found != nil && !metav1.IsControlledBy(found, obj) {
			return nil, lifecycle.Refuse(v1alpha1.ReasonConflict, "RecordSet %s/%s has the name of the one that is to keep the delegation of this zone, and is not this object's: rename or delete it.", found.Namespace, found.Name)
		}
		switch own := o.child(obj, suffix); {
		case wanted && !mayPublish(o, suffix):
		case wanted && own == nil:
			changes = append(changes, makingChild(obj, o, suffix))
		case wanted && !lifecycle.Deleting(own):
			changes = append(changes, changingChild(obj, o, suffix, own)...)
		case !wanted && own != nil && !lifecycle.Deleting(own):
			changes = append(changes, deletingChild(own))
		}
	}
	return changes, nil
}

// wantsChild reports whether the object declares a record in its parent.
func wantsChild(obj *v1alpha1.HostedZone, o *observed, suffix string) bool {
	return obj.Spec.DelegateFrom != nil && (suffix == delegationNS || len(wantedDS(obj, o)) > 0)
}

// mayPublish reports whether a DS record may come into the parent, or change there: when the name servers sign.
func mayPublish(o *observed, suffix string) bool {
	return suffix == delegationNS || o.inSync && o.zone.dnssec.state == signing
}

// childOf builds a RecordSet from what is known of the zone by now.
func childOf(obj *v1alpha1.HostedZone, o *observed, suffix string) *v1alpha1.RecordSet {
	if suffix == delegationDS {
		return desiredChild(obj, suffix, "DS", wantedDS(obj, o))
	}
	return desiredChild(obj, suffix, "NS", o.zone.nameServers)
}

func makingChild(obj *v1alpha1.HostedZone, o *observed, suffix string) change {
	return change{
		plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbCreate, Resource: "RecordSet " + obj.Name + suffix}},
		child: func() *lifecycle.ChildWrite {
			return &lifecycle.ChildWrite{Verb: lifecycle.VerbCreate, Child: childOf(obj, o, suffix)}
		},
	}
}

// changingChild brings a RecordSet up to date. One of a zone that is only about to be made again, since somebody deleted
// it, changes once the name servers are known.
func changingChild(obj *v1alpha1.HostedZone, o *observed, suffix string, own *v1alpha1.RecordSet) []change {
	plan := v1alpha1.PlannedChange{Verb: lifecycle.VerbUpdate, Resource: "RecordSet " + own.Name, Field: "spec"}
	if o.zone == nil {
		plan.Field, plan.From = "spec.resourceRecords", lifecycle.Shorten(valuesOf(own))
	} else {
		desired := childOf(obj, o, suffix)
		if equality.Semantic.DeepEqual(desired.Spec, own.Spec) {
			return nil
		}
		if from, to := valuesOf(own), valuesOf(desired); from != to {
			plan.Field, plan.From, plan.To = "spec.resourceRecords", lifecycle.Shorten(from), lifecycle.Shorten(to)
		}
	}
	return []change{{
		plan: []v1alpha1.PlannedChange{plan},
		child: func() *lifecycle.ChildWrite {
			changed := own.DeepCopy()
			changed.Spec = childOf(obj, o, suffix).Spec
			// What the RecordSet said of itself until now is about what it was before.
			wrote := func() { o.children[suffix] = changed }
			return &lifecycle.ChildWrite{Verb: lifecycle.VerbUpdate, Child: changed, Before: own, Wrote: wrote}
		},
	}}
}

func deletingChild(own *v1alpha1.RecordSet) change {
	return change{
		plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbDelete, Resource: "RecordSet " + own.Name}},
		child: func() *lifecycle.ChildWrite {
			return &lifecycle.ChildWrite{Verb: lifecycle.VerbDelete, Child: own.DeepCopy()}
		},
	}
}

func valuesOf(child *v1alpha1.RecordSet) string {
	values := make([]string, len(child.Spec.ResourceRecords))
	for i, value := range child.Spec.ResourceRecords {
		values[i] = string(value)
	}
	return strings.Join(values, ", ")
}

// reportDelegation sets the condition Delegated and returns how the object stands on account of it.
func reportDelegation(obj *v1alpha1.HostedZone, o *observed) lifecycle.Outcome {
	if obj.Spec.DelegateFrom == nil {
		if o.parentKnown {
			reportParent(obj, o)
		} else {
			meta.RemoveStatusCondition(&obj.Status.Conditions, v1alpha1.ConditionDelegated)
		}
		for _, suffix := range delegations {
			if o.child(obj, suffix) != nil {
				return lifecycle.Wait(v1alpha1.ReasonUpdating, "The delegation of the zone is being removed from its parent.", 0)
			}
		}
		return lifecycle.Outcome{}
	}
	outcome := childOutcome(obj, o, delegationNS)
	if outcome.State == lifecycle.Converged {
		outcome = lifecycle.Done(fmt.Sprintf("HostedZone %s names the name servers of the zone.", obj.Spec.DelegateFrom.Name))
	}
	lifecycle.SetCondition(obj, v1alpha1.ConditionDelegated, outcome.State == lifecycle.Converged, outcome.Reason, outcome.Message)
	return outcome
}

// childOutcome says how a record in the parent stands, in the words of the RecordSet that keeps it.
func childOutcome(obj *v1alpha1.HostedZone, o *observed, suffix string) lifecycle.Outcome {
	child := o.child(obj, suffix)
	if child == nil || lifecycle.Deleting(child) {
		return lifecycle.Wait(v1alpha1.ReasonCreating, fmt.Sprintf("RecordSet %s, which keeps the delegation of the zone in its parent, is being made.", obj.Name+suffix), 0)
	}
	ready := meta.FindStatusCondition(child.Status.Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil || ready.ObservedGeneration != child.Generation:
		return lifecycle.Wait(v1alpha1.ReasonUpdating, fmt.Sprintf("RecordSet %s, which keeps the delegation of the zone in its parent, is being carried out.", child.Name), 0)
	case ready.Status == metav1.ConditionTrue:
		return lifecycle.Outcome{}
	case meta.IsStatusConditionTrue(child.Status.Conditions, v1alpha1.ConditionStalled):
		return lifecycle.Stall(ready.Reason, fmt.Sprintf("RecordSet %s: %s", child.Name, ready.Message))
	}
	return lifecycle.Wait(ready.Reason, fmt.Sprintf("RecordSet %s: %s", child.Name, ready.Message), 0)
}

// waitForChildren says that the records in the parent have to go first, and what holds them up.
func waitForChildren(obj *v1alpha1.HostedZone, o *observed) lifecycle.Outcome {
	lifecycle.SetCondition(obj, v1alpha1.ConditionDelegated, false, v1alpha1.ReasonDeleting, "The delegation of the zone is being removed from its parent.")
	message := "The zone is deleted once its delegation is gone from its parent."
	for _, suffix := range delegations {
		child := o.child(obj, suffix)
		if child == nil {
			continue
		}
		if stuck := meta.FindStatusCondition(child.Status.Conditions, v1alpha1.ConditionStalled); stuck != nil {
			message += fmt.Sprintf(" RecordSet %s: %s", child.Name, stuck.Message)
		}
	}
	return lifecycle.Wait(v1alpha1.ReasonDeleting, message, 0)
}
