package sequences

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// zoneObstacle tells what stands in the way of a zone, nothing when nothing does.
func (v *verdict) zoneObstacle(o lifecycle.Object) string {
	obj := o.(*v1alpha1.HostedZone)
	zone := v.zones[obj.Status.ID]
	if lifecycle.Deleting(obj) {
		return v.deletionObstacle(obj, zone)
	}
	if obj.Spec.DelegateFrom != nil {
		parent := v.object(obj.Spec.DelegateFrom.Name)
		if parent != nil && (!strings.HasSuffix(obj.Spec.Name, "."+parent.Spec.Name) || len(parent.Spec.VPCs) > 0) {
			return "its parent is none"
		}
	}
	for id, other := range v.zones {
		if id != obj.Status.ID && other.Name == obj.Spec.Name+"." && other.Private == (len(obj.Spec.VPCs) > 0) && (zone == nil || other.Private) {
			return "another zone of the name: " + id
		}
	}
	switch {
	case zone == nil:
		return ""
	case zone.tags["evenkeel.io/object"] != "HostedZone/"+namespace+"/"+obj.Name:
		return "its zone is another's"
	case obj.Spec.QueryLogging != nil && zone.logging != "" && zone.logging != obj.Spec.QueryLogging.LogGroupARN && v.touched[zone.ID+" logging "+zone.logging]:
		return "somebody else logs its queries"
	case v.left[zone.ID] && (zone.logging != "" || len(zone.keys) > 0):
		return "it was left with settings that are nobody's now"
	}
	if obj.Spec.DelegateFrom == nil {
		return ""
	}
	parent := v.object(obj.Spec.DelegateFrom.Name)
	switch {
	case parent == nil:
		return "its parent is missing"
	case v.zones[parent.Status.ID] == nil || lifecycle.Deleting(parent):
		return "its parent has no zone"
	}
	for _, record := range v.records {
		if isChild(record, obj) {
			if why := v.recordObstacle(record); why != "" {
				return record.Name + ": " + why
			}
		}
	}
	return ""
}

// deletionObstacle tells what keeps a zone from being deleted.
func (v *verdict) deletionObstacle(obj *v1alpha1.HostedZone, zone *hosted) string {
	if zone == nil {
		return ""
	}
	claimed := map[string]bool{}
	for _, record := range v.records {
		for _, claim := range record.Status.Records {
			claimed[recordID(claim.HostedZoneID, claim.Name, claim.Type)] = true
			if claim.HostedZoneID == zone.ID && !lifecycle.Deleting(record) {
				return record.Name + " owns a record"
			}
		}
	}
	if aws.ToBool(obj.Spec.ForceDestroy) {
		return ""
	}
	for record := range zone.records {
		if !claimed[record] {
			return "somebody's " + record
		}
	}
	for name := range zone.keys {
		if !slices.Contains(obj.Status.ManagedFields, "dnssec.keySigningKeys."+name) {
			return "somebody's key " + name
		}
	}
	return ""
}

// recordObstacle tells what stands in the way of a record. Nothing stands in the way of its deletion.
func (v *verdict) recordObstacle(o lifecycle.Object) string {
	obj := o.(*v1alpha1.RecordSet)
	if lifecycle.Deleting(obj) {
		return ""
	}
	parent := v.object(obj.Spec.HostedZoneRef.Name)
	if parent == nil || v.zones[parent.Status.ID] == nil || lifecycle.Deleting(parent) {
		return "its zone is missing"
	}
	if name := obj.Spec.Name; strings.HasSuffix(name, ".") && !strings.HasSuffix(name, "."+parent.Spec.Name+".") {
		return "its name is not of the zone"
	}
	id := v.idOf(obj, parent)
	for _, other := range v.records {
		theirs := v.object(other.Spec.HostedZoneRef.Name)
		if other.UID == obj.UID {
			continue
		}
		if theirs != nil && theirs.Status.ID == parent.Status.ID && v.idOf(other, theirs) == id {
			return other.Name + " wants it too"
		}
		for _, claim := range other.Status.Records {
			if recordID(claim.HostedZoneID, claim.Name, claim.Type) == id {
				return other.Name + " has it"
			}
		}
	}
	owns := slices.ContainsFunc(obj.Status.Records, func(c v1alpha1.RecordKey) bool { return recordID(c.HostedZoneID, c.Name, c.Type) == id })
	if _, there := v.zones[parent.Status.ID].records[id]; there && !owns {
		return "somebody has it"
	}
	return ""
}

// idOf is the record that an object declares in the zone of another.
func (v *verdict) idOf(obj *v1alpha1.RecordSet, parent *v1alpha1.HostedZone) string {
	name := obj.Spec.Name + "." + parent.Spec.Name + "."
	if strings.HasSuffix(obj.Spec.Name, ".") {
		name = obj.Spec.Name
	}
	return recordID(parent.Status.ID, name, string(obj.Spec.Type))
}

func (v *verdict) recordProblems(o lifecycle.Object) {
	obj := o.(*v1alpha1.RecordSet)
	parent := v.object(obj.Spec.HostedZoneRef.Name)
	if parent == nil || v.zones[parent.Status.ID] == nil {
		v.complain("%s is Ready and has no zone", obj.Name)
		return
	}
	id := v.idOf(obj, parent)
	found := v.zones[parent.Status.ID].records[id]
	wanted := contentOfSpec(obj)
	owns := len(obj.Status.Records) == 1 && recordID(obj.Status.Records[0].HostedZoneID, obj.Status.Records[0].Name, obj.Status.Records[0].Type) == id
	if !strings.EqualFold(found, wanted) || !owns {
		v.complain("%s is Ready and %s is %q, not %q; it owns %v", obj.Name, id, found, wanted, obj.Status.Records)
	}
}
