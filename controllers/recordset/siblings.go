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

// policyOf is what all records of one name and type have in common: the routing policy, and what goes with it.
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

// placeOf is what no two records of one name and type may share: a Region, a role, a part of the world. Empty when there is
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

// relative is what one record stands for among those of its name.
type relative struct {
	recordType           types.RRType
	policy, place, whose string
}

func relativeOf(r *types.ResourceRecordSet, whose string) relative {
	return relative{r.Type, policyOf(r), placeOf(r), whose}
}

// foreign is whose a record is that no RecordSet claims.
const foreign = "a record in Route 53 that belongs to no RecordSet"

// agree refuses, before Route 53 is called, records that do not agree with others of their name. What is in Route 53
// and stays as it is has the say, then the older object. So a name changes its routing policy at the moment when its
// last record is edited, in one batch.
func (d *decider) agree(decisions []*decision, desired []*types.ResourceRecordSet) {
	settled := d.settledRelatives(decisions, desired)
	for i, dec := range decisions {
		if dec.wanted == nil {
			continue
		}
		holder := d.holders[*dec.wanted]
		if holder == nil && lifecycle.Manages(dec.obj) {
			holder = dec.obj // an older one was just refused
			d.holders[*dec.wanted] = holder
		}
		if holder != dec.obj && lifecycle.Manages(dec.obj) {
			continue
		}
		me, name := relativeOf(desired[i], nameOf(dec)), dec.wanted.name
		if problem := disagreement(me, settled[name]); problem != "" {
			d.refuse(dec, fmt.Sprintf("The record %s does not go together with others of its name: %s.", dec.wanted, problem))
			if holder == dec.obj && !slices.Contains(dec.holds, *dec.wanted) {
				delete(d.holders, *dec.wanted)
			}
			continue
		}
		settled[name] = append(settled[name], me)
	}
}

// settledRelatives returns, for the names that are declared, the records that are in Route 53 and stay as they are.
func (d *decider) settledRelatives(decisions []*decision, desired []*types.ResourceRecordSet) map[string][]relative {
	settled := map[string][]relative{}
	wanted := map[key]bool{}
	for i, dec := range decisions {
		if dec.wanted == nil {
			continue
		}
		k := *dec.wanted
		wanted[k] = true
		relatives := settled[k.name]
		if observed := d.zone.records[k]; observed != nil && d.claims[k] && compatible(policyOf(observed), policyOf(desired[i])) {
			relatives = append(relatives, relativeOf(desired[i], nameOf(dec)))
		}
		settled[k.name] = relatives
	}
	for k, r := range d.zone.records {
		if relatives, declared := settled[k.name]; declared && !wanted[k] && !d.claims[k] {
			settled[k.name] = append(relatives, relativeOf(r, foreign))
		}
	}
	for _, relatives := range settled {
		slices.SortFunc(relatives, func(a, b relative) int {
			return cmp.Or(cmp.Compare(a.whose, b.whose), cmp.Compare(a.recordType, b.recordType), cmp.Compare(a.policy, b.policy), cmp.Compare(a.place, b.place))
		})
	}
	return settled
}

// disagreement says what a record shares, or does not share, with others of its name against Route 53's rules.
func disagreement(me relative, others []relative) string {
	for _, other := range others {
		switch {
		case other.whose == me.whose:
		case (me.recordType == types.RRTypeCname) != (other.recordType == types.RRTypeCname):
			return fmt.Sprintf("%s is of type %s, and a CNAME has no other type beside it", other.whose, other.recordType)
		case me.recordType != other.recordType:
		case !compatible(me.policy, other.policy):
			return fmt.Sprintf("%s is %s, and this one %s", other.whose, other.policy, me.policy)
		case me.place != "" && me.place == other.place:
			return fmt.Sprintf("%s has %s too", other.whose, me.place)
		}
	}
	return ""
}

func nameOf(dec *decision) string {
	return fmt.Sprintf("RecordSet %s/%s", dec.obj.Namespace, dec.obj.Name)
}
