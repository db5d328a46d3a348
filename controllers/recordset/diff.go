package recordset

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// decide compares the RecordSets of a zone with the records that Route 53 holds, and decides for each what to do.
// It is pure. The objects include those that have left the zone and still own a record in it.
func decide(zone zoneView, members []member, judge lifecycle.Judge) []*decision {
	slices.SortFunc(members, func(a, b member) int { return bySeniority(a.obj, b.obj) })
	d := &decider{zone: zone, claims: map[key]bool{}, holders: map[key]*v1alpha1.RecordSet{}, checks: map[string]*v1alpha1.RecordSet{}}
	decisions := make([]*decision, len(members))
	desired := make([]*types.ResourceRecordSet, len(members))
	for i, m := range members {
		dec := &decision{member: m}
		decisions[i] = dec
		for _, k := range claimsIn(m.obj, zone.id) {
			d.claims[k] = true
		}
		for _, id := range inlineChecks(m.obj) {
			d.checks[id] = m.obj
		}
		if lifecycle.Deleting(m.obj) || !m.here || m.outcome != nil {
			continue
		}
		record, err := desiredRecord(m.obj, zone)
		if err != nil {
			outcome := judge(err)
			dec.outcome = &outcome
			continue
		}
		k := keyOf(record)
		desired[i], dec.wanted = record, &k
	}
	d.elect(decisions)
	d.agree(decisions, desired)
	for i, dec := range decisions {
		switch {
		case dec.outcome != nil:
			d.stay(dec)
		case dec.wanted != nil:
			d.want(dec, desired[i])
		default:
			d.leave(dec)
		}
	}
	return decisions
}

// decider holds who owns and who may have which record of a zone.
type decider struct {
	zone zoneView
	// claims are the records that some object's status says it owns.
	claims map[key]bool
	// holders are the objects that may have a record: the first claim, or else the oldest object.
	holders map[key]*v1alpha1.RecordSet
	// checks are the health checks that are made for objects, and go with them.
	checks map[string]*v1alpha1.RecordSet
}

// elect finds for each record the one object that may have it: whoever owns it and still wants it; an owner that cannot
// be evaluated right now, or that may change nothing, keeps it; else the oldest object that wants it.
func (d *decider) elect(decisions []*decision) {
	for _, dec := range decisions {
		keeps := (dec.outcome != nil || !lifecycle.Manages(dec.obj)) && !lifecycle.Deleting(dec.obj)
		for _, k := range claimsIn(dec.obj, d.zone.id) {
			wants := dec.wanted != nil && *dec.wanted == k
			if _, taken := d.holders[k]; !taken && (keeps || wants) {
				d.holders[k] = dec.obj
			}
		}
	}
	for _, sharing := range []bool{false, true} { // who can do without goes last
		for _, dec := range decisions {
			if dec.wanted == nil || !lifecycle.Manages(dec.obj) || mayShare(dec.obj) != sharing {
				continue
			}
			if _, taken := d.holders[*dec.wanted]; !taken {
				d.holders[*dec.wanted] = dec.obj
			}
		}
	}
}

// want decides for an object that declares a record in this zone.
func (d *decider) want(dec *decision, record *types.ResourceRecordSet) {
	k := *dec.wanted
	dec.holds = []key{k}
	if d.share(dec, record) {
		return
	}
	if d.heldByAnother(dec) {
		return
	}
	if isVacant(record) {
		d.vacate(dec, record)
		return
	}
	observed := d.zone.records[k]
	record = overlay(dec.obj, record, observed, d.checks)
	dec.record = record
	switch {
	case observed == nil || slices.Contains(claimsIn(dec.obj, d.zone.id), k):
	case d.claims[k]: // its owner lets go of it
		dec.adoption = adoption(k)
	case !d.adopt(dec, record, observed):
		return
	}
	switch fields := changesOf(record, observed); {
	case observed == nil:
		dec.changes = append(dec.changes, change{k, types.ChangeActionCreate, record,
			[]v1alpha1.PlannedChange{planned(lifecycle.VerbCreate, resourceName(k), "", "", "")}})
	case len(fields) > 0:
		dec.changes = append(dec.changes, change{k, types.ChangeActionUpsert, record, fields})
	case dec.adoption == nil && !dec.flying && !proven(dec.obj):
		// An earlier change took effect but its answer was lost: only a new change can tell when it has propagated.
		dec.changes = append(dec.changes, change{k, types.ChangeActionUpsert, record, nil})
	}
	for _, old := range claimsIn(dec.obj, d.zone.id) {
		if old != k {
			d.release(dec, old)
		}
	}
}

// heldByAnother refuses an object whose record is another one's.
func (d *decider) heldByAnother(dec *decision) bool {
	holder := d.holders[*dec.wanted]
	if holder == nil || holder == dec.obj {
		return false
	}
	d.refuse(dec, fmt.Sprintf("The record %s is declared by RecordSet %s/%s already. This one takes over when that one is deleted or renamed.",
		dec.wanted, holder.Namespace, holder.Name))
	return true
}

// changesOf names the fields to change; none when the record does not exist.
func changesOf(desired, observed *types.ResourceRecordSet) []v1alpha1.PlannedChange {
	if observed == nil {
		return nil
	}
	return differences(desired, observed)
}

// adopt decides whether an existing record that no RecordSet owns is taken over.
func (d *decider) adopt(dec *decision, record, observed *types.ResourceRecordSet) bool {
	fields := differences(record, observed)
	switch lifecycle.Adoption(dec.obj, v1alpha1.AdoptionIfIdentical) {
	case v1alpha1.AdoptionAlways:
	case v1alpha1.AdoptionIfIdentical:
		if len(fields) > 0 {
			d.refuse(dec, fmt.Sprintf("The record %s exists in hosted zone %s, belongs to no RecordSet and differs from what is declared (%s). Delete it there, declare it as it is, or set spec.adoptionPolicy to Always to overwrite it.",
				*dec.wanted, d.zone.id, lifecycle.ChangedFields(fields)))
			return false
		}
	default:
		d.refuse(dec, fmt.Sprintf("The record %s exists in hosted zone %s and belongs to no RecordSet. Delete it there, or set spec.adoptionPolicy to IfIdentical or Always to take it over.",
			*dec.wanted, d.zone.id))
		return false
	}
	dec.adoption = adoption(*dec.wanted)
	return true
}

func adoption(k key) []v1alpha1.PlannedChange {
	return []v1alpha1.PlannedChange{planned(lifecycle.VerbAdopt, resourceName(k), "", "", "")}
}

// owned returns the keys that the object claims and that are there. A claim of what is not there is let go: it would
// make somebody else's record ours that may come in its place.
func (d *decider) owned(obj *v1alpha1.RecordSet) []key {
	return slices.DeleteFunc(claimsIn(obj, d.zone.id), func(k key) bool { return d.zone.records[k] == nil })
}

// refuse makes the decision a conflict: nothing changes.
func (d *decider) refuse(dec *decision, message string) {
	outcome := lifecycle.Stall(v1alpha1.ReasonConflict, message)
	dec.outcome, dec.changes = &outcome, nil
	d.stay(dec)
}

// stay decides for an object that cannot get on: it keeps what it owns, but for what somebody else may have now.
func (d *decider) stay(dec *decision) {
	dec.holds, dec.heirs = nil, nil
	for _, k := range d.owned(dec.obj) {
		if heir := d.holders[k]; heir != nil && heir != dec.obj {
			dec.heirs = append(dec.heirs, heir)
		} else {
			dec.holds = append(dec.holds, k)
		}
	}
}

// leave decides for an object that declares nothing in this zone, or no more: what it owns here goes. What it has moved
// to another zone stays until it answers there, unless somebody else wants it.
func (d *decider) leave(dec *decision) {
	if !lifecycle.Deleting(dec.obj) && (!lifecycle.Manages(dec.obj) || !settledElsewhere(dec.obj, d.zone.id)) {
		d.stay(dec)
		return
	}
	for _, k := range claimsIn(dec.obj, d.zone.id) {
		d.release(dec, k)
	}
}

// release lets go of a record: to another object that wants it, or by deleting it.
func (d *decider) release(dec *decision, k key) {
	observed := d.zone.records[k]
	heir := d.holders[k]
	switch {
	case observed == nil:
	case heir != nil && heir != dec.obj:
		dec.heirs = append(dec.heirs, heir)
	case lifecycle.Deleting(dec.obj) && lifecycle.Retains(dec.obj), k.isApexAuthority(d.zone.name):
	default:
		dec.changes = append([]change{{k, types.ChangeActionDelete, observed,
			[]v1alpha1.PlannedChange{planned(lifecycle.VerbDelete, resourceName(k), "", "", "")}}}, dec.changes...)
	}
}

// proven reports whether Route 53 has confirmed the last change made for the object. Every change is preceded by a
// status that says it has not (see status.go).
func proven(obj *v1alpha1.RecordSet) bool {
	return meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionPropagated) || obj.Status.ChangeID != ""
}

// settledElsewhere reports whether the object's record answers in the zone that it declares now, so that the old one
// may go without a moment in which the name does not answer.
func settledElsewhere(obj *v1alpha1.RecordSet, zoneID string) bool {
	return obj.Status.HostedZoneID != zoneID && len(claimsIn(obj, obj.Status.HostedZoneID)) > 0 &&
		meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionPropagated)
}

// claimsIn returns the keys of a zone that the object's status says it owns.
func claimsIn(obj *v1alpha1.RecordSet, zoneID string) []key {
	var keys []key
	for _, claim := range obj.Status.Records {
		if claim.HostedZoneID == zoneID {
			keys = append(keys, claimKey(claim))
		}
	}
	return keys
}

// bySeniority orders objects by age, then by name.
func bySeniority(a, b *v1alpha1.RecordSet) int {
	return cmp.Or(a.CreationTimestamp.Compare(b.CreationTimestamp.Time),
		cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Name, b.Name))
}
