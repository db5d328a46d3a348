package route53

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// batch tries changes out on a zone. Whether a record set exists is asked in
// the order of the changes; how record sets get on with each other is asked of
// the outcome, so that a DELETE and a CREATE may swap what excludes each other.
type batch struct {
	zone   *zone
	quotas Quotas
	// around is the state that the batch is tried out in.
	around content
	// touched holds the names (in sort form) that changes were about, with
	// all record sets of those names as they would be.
	touched map[string]map[recordKey]*types.ResourceRecordSet
	last    map[recordKey]types.ChangeAction
	// puts are the record sets created or overwritten, for the rules that
	// the outcome must keep.
	puts    []*types.ResourceRecordSet
	refused []string
}

func newBatch(z *zone, quotas Quotas, around content) *batch {
	return &batch{
		zone:    z,
		quotas:  quotas,
		around:  around,
		touched: map[string]map[recordKey]*types.ResourceRecordSet{},
		last:    map[recordKey]types.ChangeAction{},
	}
}

func (b *batch) refuse(format string, args ...any) {
	b.refused = append(b.refused, fmt.Sprintf(format, args...))
}

// sets are the record sets of a name as the batch leaves them so far.
func (b *batch) sets(name string) map[recordKey]*types.ResourceRecordSet {
	sets, ok := b.touched[name]
	if !ok {
		sets = map[recordKey]*types.ResourceRecordSet{}
		for _, r := range b.zone.named(name) {
			sets[r.key] = r.set
		}
		b.touched[name] = sets
	}
	return sets
}

// try applies one change to the trial, or notes why it cannot be.
func (b *batch) try(c types.Change) {
	name, wrong := parseName(*c.ResourceRecordSet.Name)
	if wrong != nil {
		b.refuse("%s", wrong.with(*c.ResourceRecordSet.Name))
		return
	}
	if !within(name, b.zone.name) {
		b.refuse("RRSet with DNS name %s is not permitted in zone %s", name, b.zone.name)
		return
	}
	set := normalSet(c.ResourceRecordSet, name)
	key := keyOf(set)
	if former, again := b.last[key]; again &&
		!(former == types.ChangeActionDelete && c.Action == types.ChangeActionCreate) {
		b.refuse("The request contains an invalid set of changes for a resource record set '%s %s'", set.Type, name)
		return
	}
	b.last[key] = c.Action
	if c.Action == types.ChangeActionDelete {
		b.remove(key, set)
		return
	}
	b.put(key, set, c.Action == types.ChangeActionCreate)
}

// identity names a record set in messages.
func identity(set *types.ResourceRecordSet) string {
	text := fmt.Sprintf("[name='%s', type='%s'", *set.Name, set.Type)
	if set.SetIdentifier != nil {
		text += fmt.Sprintf(", set-identifier='%s'", *set.SetIdentifier)
	}
	return text + "]"
}

func (b *batch) remove(key recordKey, set *types.ResourceRecordSet) {
	sets := b.sets(key.name)
	stored, ok := sets[key]
	switch {
	case !ok:
		b.refuse("Tried to delete resource record set %s but it was not found", identity(set))
	case !sameContent(stored, set):
		b.refuse("Tried to delete resource record set %s but the values provided do not match the current values",
			identity(set))
	default:
		delete(sets, key)
	}
}

func (b *batch) put(key recordKey, set *types.ResourceRecordSet, create bool) {
	sets := b.sets(key.name)
	if _, exists := sets[key]; exists && create {
		b.refuse("Tried to create resource record set %s but it already exists", identity(set))
		return
	}
	b.refused = append(b.refused, b.ownProblems(set)...)
	sets[key] = set
	b.puts = append(b.puts, set)
}

// ownProblems tells what is wrong with a record set by itself in this zone.
func (b *batch) ownProblems(set *types.ResourceRecordSet) []string {
	wrong := b.placeProblems(set)
	if own := policyOf(set); own != simple {
		switch {
		case set.Type == types.RRTypeNs || set.Type == types.RRTypeSoa || set.Type == types.RRTypeDs:
			wrong = append(wrong, fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted to have a %s routing policy.",
				set.Type, *set.Name, own))
		case own == multivalue && set.Type == types.RRTypeCname:
			wrong = append(wrong, fmt.Sprintf("RRSet of type CNAME with DNS name %s is not permitted to be a multivalue answer.",
				*set.Name))
		case !checkedAsPrimary(set):
			wrong = append(wrong, fmt.Sprintf("RRSet with DNS name %s, type %s, SetIdentifier %s, and Failover PRIMARY "+
				"must have a health check or, as an alias, evaluate the health of its target.",
				*set.Name, set.Type, *set.SetIdentifier))
		case b.zone.private && (own == geoproximity || own == ipBased):
			wrong = append(wrong, fmt.Sprintf("RRSet with DNS name %s, type %s cannot have a %s routing policy in a private hosted zone.",
				*set.Name, set.Type, own))
		}
	}
	if unknown := b.around.cidrProblem(b.zone.account, set); unknown != "" {
		wrong = append(wrong, unknown)
	}
	return append(wrong, b.valueProblems(set)...)
}

// checkedAsPrimary tells that it shows when a primary record is to be failed over, if it is one.
func checkedAsPrimary(set *types.ResourceRecordSet) bool {
	return set.Failover != types.ResourceRecordSetFailoverPrimary || set.HealthCheckId != nil ||
		set.AliasTarget != nil && set.AliasTarget.EvaluateTargetHealth
}

// placeProblems tells whether a type may stand at its name.
func (b *batch) placeProblems(set *types.ResourceRecordSet) []string {
	apex := *set.Name == b.zone.name
	switch {
	case apex && (set.Type == types.RRTypeCname || set.Type == types.RRTypeDs):
		return []string{fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted at apex in zone %s",
			set.Type, *set.Name, b.zone.name)}
	case !apex && set.Type == types.RRTypeSoa:
		return []string{fmt.Sprintf("RRSet of type SOA with DNS name %s is permitted only at apex in zone %s",
			*set.Name, b.zone.name)}
	case set.Type == types.RRTypeNs && isWildcard(*set.Name):
		return []string{fmt.Sprintf("RRSet of type NS with DNS name %s is not permitted to be a wildcard.", *set.Name)}
	}
	return nil
}

func (b *batch) valueProblems(set *types.ResourceRecordSet) []string {
	var wrong []string
	if single := set.Type == types.RRTypeCname || set.Type == types.RRTypeSoa; single && len(set.ResourceRecords) > 1 {
		wrong = append(wrong, fmt.Sprintf("RRSet of type %s with DNS name %s must have exactly one value.",
			set.Type, *set.Name))
	}
	if len(set.ResourceRecords) > b.quotas.ValuesPerRecord {
		wrong = append(wrong, fmt.Sprintf("Number of values limit of %d in RRSet with DNS name %s, type %s exceeded.",
			b.quotas.ValuesPerRecord, *set.Name, set.Type))
	}
	seen := map[string]bool{}
	for _, r := range set.ResourceRecords {
		value := aws.ToString(r.Value)
		if bad := valueProblem(set.Type, value); bad != nil {
			wrong = append(wrong, fmt.Sprintf("Invalid Resource Record: '%s'", bad.with(value)))
		} else if seen[value] {
			wrong = append(wrong, fmt.Sprintf("Duplicate Resource Record: '%s'", value))
		}
		seen[value] = true
	}
	return wrong
}

// problems are all reasons to refuse the batch: those of the single changes
// and the rules that the outcome breaks.
func (b *batch) problems() []string {
	for _, set := range b.puts {
		sets := b.sets(sortName(*set.Name))
		if sets[keyOf(set)] != set {
			continue
		}
		b.checkNeighbours(set, sets)
		if set.AliasTarget != nil {
			b.refused = append(b.refused, b.aliasProblems(set)...)
		}
	}
	b.checkApex()
	if len(b.refused) == 0 && b.count() > b.quotas.RecordsPerZone {
		b.refuse("Number of resource record sets limit of %d in zone %s exceeded.", b.quotas.RecordsPerZone, b.zone.name)
	}
	return b.refused
}

// checkNeighbours asks whether a record set can stand beside the others of its
// name.
func (b *batch) checkNeighbours(set *types.ResourceRecordSet, sets map[recordKey]*types.ResourceRecordSet) {
	var siblings []*types.ResourceRecordSet
	foreign, besideCNAME := false, false
	for _, key := range slices.SortedFunc(maps.Keys(sets), recordKey.compare) {
		other := sets[key]
		switch {
		case other == set:
		case other.Type == set.Type:
			siblings = append(siblings, other)
		default:
			foreign = true
			besideCNAME = besideCNAME || other.Type == types.RRTypeCname
		}
	}
	switch {
	case set.Type == types.RRTypeCname && foreign:
		b.refuse("RRSet of type CNAME with DNS name %s is not permitted as it conflicts with other records "+
			"with the same DNS name in zone %s", *set.Name, b.zone.name)
	case besideCNAME:
		b.refuse("RRSet of type %s with DNS name %s is not permitted because a conflicting RRSet of type  CNAME "+
			"with the same DNS name already exists in zone %s", set.Type, *set.Name, b.zone.name)
	}
	if wrong := b.quotas.siblingProblem(set, siblings); wrong != "" {
		b.refused = append(b.refused, wrong)
	}
}

// checkApex keeps the zone's own SOA and NS records in place.
func (b *batch) checkApex() {
	apex := sortName(b.zone.name)
	sets, touched := b.touched[apex]
	if !touched {
		return
	}
	if _, ok := sets[recordKey{name: apex, rrtype: string(types.RRTypeSoa)}]; !ok {
		b.refuse("A HostedZone must contain exactly one SOA record.")
	}
	if _, ok := sets[recordKey{name: apex, rrtype: string(types.RRTypeNs)}]; !ok {
		b.refuse("A HostedZone must contain at least one NS record for the zone itself.")
	}
}

func (b *batch) count() int {
	total := len(b.zone.records)
	for name, sets := range b.touched {
		total += len(sets) - len(b.zone.named(name))
	}
	return total
}

// merged is the zone's records with the batch applied.
func (b *batch) merged() []record {
	before := b.zone.records
	after := make([]record, 0, b.count())
	for _, name := range slices.Sorted(maps.Keys(b.touched)) {
		at, _ := slices.BinarySearchFunc(before, recordKey{name: name},
			func(r record, k recordKey) int { return r.key.compare(k) })
		after = append(after, before[:at]...)
		for at < len(before) && before[at].key.name == name {
			at++
		}
		before = before[at:]
		sets := b.touched[name]
		for _, key := range slices.SortedFunc(maps.Keys(sets), recordKey.compare) {
			after = append(after, record{key, sets[key]})
		}
	}
	return append(after, before...)
}
