package recordset

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// family is the records of one name and type, which Route 53 wants to agree with each other.
type family struct{ name, recordType string }

func (k key) family() family { return family{k.name, k.recordType} }

// policyOf is what all records of a family have in common: the routing policy, and what goes with it.
func policyOf(r *types.ResourceRecordSet) string {
	switch {
	case r.Weight != nil && r.AliasTarget == nil:
		return fmt.Sprintf("weighted with a TTL of %d", aws.ToInt64(r.TTL))
	case r.Weight != nil:
		return "weighted"
	case r.Region != "":
		return "latency"
	case r.Failover != "":
		return "failover"
	case r.GeoLocation != nil:
		return "geolocation"
	case r.GeoProximityLocation != nil:
		return "geoproximity"
	case r.CidrRoutingConfig != nil:
		return "cidr of collection " + aws.ToString(r.CidrRoutingConfig.CollectionId)
	case aws.ToBool(r.MultiValueAnswer):
		return "multivalueAnswer"
	default:
		return "simple"
	}
}

// compatible reports whether records of the two policies may stand side by side.
func compatible(a, b string) bool {
	return a == b || strings.HasPrefix(a, "weighted") && strings.HasPrefix(b, "weighted") && (a == "weighted" || b == "weighted")
}

// placeOf is what no two records of a family may share: a Region, a role, a part of the world. Empty when there is
// no such thing.
func placeOf(r *types.ResourceRecordSet) string {
	switch {
	case r.Region != "":
		return "the Region " + string(r.Region)
	case r.Failover != "":
		return "the role " + string(r.Failover)
	case r.GeoLocation != nil:
		g := r.GeoLocation
		return "the location " + strings.Trim(strings.Join([]string{aws.ToString(g.ContinentCode), aws.ToString(g.CountryCode), aws.ToString(g.SubdivisionCode)}, " "), " ")
	case r.CidrRoutingConfig != nil:
		return "the location " + aws.ToString(r.CidrRoutingConfig.LocationName)
	default:
		return ""
	}
}

// relative is what one record of a family stands for.
type relative struct{ policy, place, whose string }

func relativeOf(r *types.ResourceRecordSet, whose string) relative {
	return relative{policyOf(r), placeOf(r), whose}
}

// foreign is whose a record is that no RecordSet claims.
const foreign = "a record in Route 53 that belongs to no RecordSet"

// agree refuses, before Route 53 is called, records that do not agree with their siblings. What is in Route 53 and
// stays as it is has the say, then the older object. So a family changes its policy at the moment when its last member
// is edited, in one batch.
func (d *decider) agree(decisions []*decision, desired []*types.ResourceRecordSet) {
	settled := d.settledRelatives(decisions, desired)
	for i, dec := range decisions {
		if dec.wanted == nil || d.holders[*dec.wanted] != dec.obj && lifecycle.Manages(dec.obj) {
			continue
		}
		me, f := relativeOf(desired[i], nameOf(dec)), dec.wanted.family()
		if problem := disagreement(me, settled[f]); problem != "" {
			d.refuse(dec, fmt.Sprintf("Records of one name and type must agree. This one declares %s; %s.", me.policy, problem))
			continue
		}
		settled[f] = append(settled[f], me)
	}
}

// settledRelatives returns, for the families that are declared, the records that are in Route 53 and stay as they are.
func (d *decider) settledRelatives(decisions []*decision, desired []*types.ResourceRecordSet) map[family][]relative {
	settled := map[family][]relative{}
	wanted := map[key]bool{}
	for i, dec := range decisions {
		if dec.wanted == nil {
			continue
		}
		k := *dec.wanted
		wanted[k] = true
		relatives := settled[k.family()]
		if observed := d.zone.records[k]; observed != nil && d.claims[k] && compatible(policyOf(observed), policyOf(desired[i])) {
			relatives = append(relatives, relativeOf(desired[i], nameOf(dec)))
		}
		settled[k.family()] = relatives
	}
	for k, r := range d.zone.records {
		if relatives, declared := settled[k.family()]; declared && !wanted[k] && !d.claims[k] {
			settled[k.family()] = append(relatives, relativeOf(r, foreign))
		}
	}
	for _, relatives := range settled {
		slices.SortFunc(relatives, func(a, b relative) int {
			return cmp.Or(cmp.Compare(a.whose, b.whose), cmp.Compare(a.policy, b.policy), cmp.Compare(a.place, b.place))
		})
	}
	return settled
}

// disagreement says what a record shares, or does not share, with its siblings against Route 53's rules.
func disagreement(me relative, siblings []relative) string {
	for _, other := range siblings {
		switch {
		case other.whose == me.whose:
		case !compatible(me.policy, other.policy):
			return fmt.Sprintf("%s is %s", other.whose, other.policy)
		case me.place != "" && me.place == other.place:
			return fmt.Sprintf("%s has %s too", other.whose, me.place)
		}
	}
	return ""
}

func nameOf(dec *decision) string {
	return fmt.Sprintf("RecordSet %s/%s", dec.obj.Namespace, dec.obj.Name)
}
