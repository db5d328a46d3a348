package sequences

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	sim "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// books tell what others did in Route 53, and what the controllers were told to leave.
type books struct {
	// theirZones are those that others made, with the comment they last wrote, theirRecords what they last wrote, by key.
	theirZones   map[string]string
	theirRecords map[string]string
	// touched are what others did to zones, as "ID what": it may be found there.
	touched map[string]bool
	// owned are the zones and records that an object has owned at some time, emptied the zones that could be.
	owned, emptied map[string]bool
	// left are the zones, records and uids of objects that were deleted and left what they had.
	left map[string]bool
	// seen is how objects were at the last look.
	seen map[string]lifecycle.Object
}

func newBooks() books {
	return books{theirZones: map[string]string{}, theirRecords: map[string]string{}, touched: map[string]bool{}, owned: map[string]bool{},
		emptied: map[string]bool{}, left: map[string]bool{}, seen: map[string]lifecycle.Object{}}
}

func recordID(zone, name, recordType string) string { return zone + " " + name + " " + recordType }

// recordsOf returns the records of a zone beside those of its apex authority, by key.
func recordsOf(zone sim.Zone) map[string]string {
	found := map[string]string{}
	for i := range zone.RecordSets {
		set := &zone.RecordSets[i]
		if *set.Name == zone.Name && (set.Type == types.RRTypeNs || set.Type == types.RRTypeSoa) {
			continue
		}
		found[recordID(zone.ID, *set.Name, string(set.Type))] = contentOf(set)
	}
	return found
}

func contentOf(set *types.ResourceRecordSet) string {
	words := []string{fmt.Sprint(aws.ToInt64(set.TTL))}
	for _, value := range set.ResourceRecords {
		words = append(words, strings.TrimSuffix(*value.Value, "."))
	}
	slices.Sort(words[1:])
	return strings.Join(words, " ")
}

// observe brings the books up to date with what objects own now and who has gone.
func (p *player) observe() {
	now := map[string]lifecycle.Object{}
	for _, zone := range p.hostedZones() {
		now[string(zone.UID)] = zone
		if id := zone.Status.ID; id != "" && lifecycle.HasFinalizer(zone) {
			p.owned[id] = true
			p.emptied[id] = p.emptied[id] || aws.ToBool(zone.Spec.ForceDestroy) && lifecycle.Deleting(zone)
		}
	}
	for _, record := range p.recordSets() {
		now[string(record.UID)] = record
		for _, claim := range record.Status.Records {
			p.owned[recordID(claim.HostedZoneID, claim.Name, claim.Type)] = true
		}
	}
	for uid, obj := range p.seen {
		if now[uid] != nil || !p.retained(obj) {
			continue
		}
		p.left[uid] = true
		switch gone := obj.(type) {
		case *v1alpha1.HostedZone:
			p.left[gone.Status.ID] = true
		case *v1alpha1.RecordSet:
			for _, claim := range gone.Status.Records {
				p.left[recordID(claim.HostedZoneID, claim.Name, claim.Type)] = true
			}
		}
	}
	p.seen = now
}

// retained reports whether an object that has gone left what it had: of itself, or because its owner did so, which tells
// it in the turn in which both go.
func (p *player) retained(obj lifecycle.Object) bool {
	if lifecycle.Retains(obj) {
		return true
	}
	of := metav1.GetControllerOf(obj)
	return of != nil && p.seen[string(of.UID)] != nil && lifecycle.Retains(p.seen[string(of.UID)])
}

// interfere changes Route 53 by another hand. A refusal is theirs to bear.
func (p *player) interfere() {
	zones := p.Sim.Zones()
	if len(zones) == 0 || p.random.IntN(8) == 0 {
		p.makeForeignZone(pick(p, domains...))
		return
	}
	zone := pick(p, zones...)
	deeds := map[string]func(sim.Zone) (string, error){
		"comment": p.editComment, "tags": p.editTags, "records": p.editRecord, "deletion": p.deleteZone,
	}
	if zone.Private {
		deeds["vpcs"], deeds["fewer vpcs"] = p.addVPC, p.removeVPC
	} else {
		deeds["logging"], deeds["signing"], deeds["key"] = p.editLogging, p.endSigning, p.deactivateKey
	}
	name := pick(p, slices.Sorted(maps.Keys(deeds))...)
	p.ByHand(func() {
		what, err := deeds[name](zone)
		p.note("somebody changes %s of %s: %s (%v)", name, zone.ID, what, err)
	})
	p.observe()
}

func (p *player) makeForeignZone(name string) {
	p.ByHand(func() {
		p.serial++
		out, err := p.Hand.CreateHostedZone(p.Ctx, &route53.CreateHostedZoneInput{Name: &name, CallerReference: aws.String(fmt.Sprint("theirs", p.serial)),
			HostedZoneConfig: &types.HostedZoneConfig{Comment: aws.String("theirs")}})
		if err != nil {
			return
		}
		id := strings.TrimPrefix(*out.HostedZone.Id, "/hostedzone/")
		p.theirZones[id] = "theirs"
		p.note("somebody makes zone %s of the name %s", id, name)
	})
}

func (p *player) editComment(zone sim.Zone) (string, error) {
	comment := pick(p, "", "theirs", "odd")
	_, err := p.Hand.UpdateHostedZoneComment(p.Ctx, &route53.UpdateHostedZoneCommentInput{Id: &zone.ID, Comment: &comment})
	p.touched[zone.ID+" comment "+comment] = true
	if _, foreign := p.theirZones[zone.ID]; foreign {
		p.theirZones[zone.ID] = comment
	}
	return comment, err
}

func (p *player) editTags(zone sim.Zone) (string, error) {
	name, value := pick(p, "team", "stage", "theirs"), pick(p, "x", "y")
	_, err := p.Hand.ChangeTagsForResource(p.Ctx, &route53.ChangeTagsForResourceInput{ResourceId: &zone.ID, ResourceType: types.TagResourceTypeHostedzone,
		AddTags: []types.Tag{{Key: &name, Value: &value}}})
	p.touched[zone.ID+" tag "+name] = true
	return name + "=" + value, err
}

// editRecord writes a record, or deletes one.
func (p *player) editRecord(zone sim.Zone) (string, error) {
	action := types.ChangeActionUpsert
	set := &types.ResourceRecordSet{Name: aws.String(pick(p, "a.", "b.") + zone.Name), Type: types.RRTypeA, TTL: aws.Int64(7),
		ResourceRecords: []types.ResourceRecord{{Value: aws.String(pick(p, "203.0.113.1", "203.0.113.2"))}}}
	if existing := recordsOf(zone); len(existing) > 0 && p.random.IntN(2) == 0 {
		action = types.ChangeActionDelete
		k := pick(p, slices.Sorted(maps.Keys(existing))...)
		i := slices.IndexFunc(zone.RecordSets, func(r types.ResourceRecordSet) bool { return recordID(zone.ID, *r.Name, string(r.Type)) == k })
		set = &zone.RecordSets[i]
	}
	_, err := p.Hand.ChangeResourceRecordSets(p.Ctx, &route53.ChangeResourceRecordSetsInput{HostedZoneId: &zone.ID,
		ChangeBatch: &types.ChangeBatch{Changes: []types.Change{{Action: action, ResourceRecordSet: set}}}})
	id := recordID(zone.ID, *set.Name, string(set.Type))
	switch {
	case err != nil:
	case action == types.ChangeActionDelete:
		delete(p.theirRecords, id)
	default:
		p.theirRecords[id] = contentOf(set)
		delete(p.owned, id) // unless it is a RecordSet's, which may set it right or take it away
	}
	return string(action) + " " + id, err
}

// deleteZone deletes a zone that has no records, which Route 53 allows.
func (p *player) deleteZone(zone sim.Zone) (string, error) {
	_, err := p.Hand.DeleteHostedZone(p.Ctx, &route53.DeleteHostedZoneInput{Id: &zone.ID})
	if err == nil {
		delete(p.theirZones, zone.ID)
	}
	return "", err
}

func vpc(id string) *types.VPC { return &types.VPC{VPCId: &id, VPCRegion: "us-east-1"} }

func (p *player) addVPC(zone sim.Zone) (string, error) {
	id := pick(p, vpcs...)
	_, err := p.Hand.AssociateVPCWithHostedZone(p.Ctx, &route53.AssociateVPCWithHostedZoneInput{HostedZoneId: &zone.ID, VPC: vpc(id)})
	p.touched[zone.ID+" vpc "+id] = true
	return id, err
}

func (p *player) removeVPC(zone sim.Zone) (string, error) {
	id := pick(p, zone.VPCs...)
	_, err := p.Hand.DisassociateVPCFromHostedZone(p.Ctx, &route53.DisassociateVPCFromHostedZoneInput{HostedZoneId: &zone.ID, VPC: vpc(id)})
	return id, err
}

// editLogging ends the query logging of a zone, and begins another.
func (p *player) editLogging(zone sim.Zone) (string, error) {
	page, err := p.Hand.ListQueryLoggingConfigs(p.Ctx, &route53.ListQueryLoggingConfigsInput{HostedZoneId: &zone.ID})
	for _, config := range page.QueryLoggingConfigs {
		_, err = p.Hand.DeleteQueryLoggingConfig(p.Ctx, &route53.DeleteQueryLoggingConfigInput{Id: config.Id})
	}
	group := pick(p, "", logGroup("one"), logGroup("theirs"))
	if group == "" || err != nil {
		return "ended", err
	}
	_, err = p.Hand.CreateQueryLoggingConfig(p.Ctx, &route53.CreateQueryLoggingConfigInput{HostedZoneId: &zone.ID, CloudWatchLogsLogGroupArn: &group})
	p.touched[zone.ID+" logging "+group] = true
	return group, err
}

func (p *player) endSigning(zone sim.Zone) (string, error) {
	_, err := p.Hand.DisableHostedZoneDNSSEC(p.Ctx, &route53.DisableHostedZoneDNSSECInput{HostedZoneId: &zone.ID})
	return "", err
}

func (p *player) deactivateKey(zone sim.Zone) (string, error) {
	name := pick(p, keys...)
	_, err := p.Hand.DeactivateKeySigningKey(p.Ctx, &route53.DeactivateKeySigningKeyInput{HostedZoneId: &zone.ID, Name: &name})
	return name, err
}

// sorted returns the keys of a set in order.
func sorted[K cmp.Ordered](set map[K]bool) []K { return slices.Sorted(maps.Keys(set)) }

// contentOfSpec is what contentOf tells of the record that an object declares.
func contentOfSpec(obj *v1alpha1.RecordSet) string {
	set := &types.ResourceRecordSet{TTL: obj.Spec.TTL}
	for _, value := range obj.Spec.ResourceRecords {
		set.ResourceRecords = append(set.ResourceRecords, types.ResourceRecord{Value: aws.String(string(value))})
	}
	return contentOf(set)
}
