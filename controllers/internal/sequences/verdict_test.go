package sequences

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	sim "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// hosted is all that Route 53 holds of a zone.
type hosted struct {
	sim.Zone
	reference, comment, logging, signing string
	tags, keys                           map[string]string
	nameServers, authorized              []string
	records                              map[string]string
}

// verdict compares the world with what the manifests declare.
type verdict struct {
	*player
	zones    map[string]*hosted
	objects  []*v1alpha1.HostedZone
	records  []*v1alpha1.RecordSet
	problems []string
}

func (p *player) judge() []string {
	v := &verdict{player: p, zones: map[string]*hosted{}, objects: p.hostedZones(), records: p.recordSets()}
	p.ByHand(func() {
		for _, zone := range p.Sim.Zones() {
			v.zones[zone.ID] = p.read(zone)
		}
	})
	for _, obj := range v.objects {
		v.judgeObject(obj, v.zoneProblems, v.zoneObstacle)
	}
	for _, obj := range v.records {
		v.judgeObject(obj, v.recordProblems, v.recordObstacle)
	}
	v.orphans()
	v.foreign()
	return v.problems
}

func (v *verdict) complain(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

// read reads a zone by somebody else's hand.
func (p *player) read(zone sim.Zone) *hosted {
	h := &hosted{Zone: zone, tags: map[string]string{}, keys: map[string]string{}, records: recordsOf(zone)}
	out, err := p.Hand.GetHostedZone(p.Ctx, &route53.GetHostedZoneInput{Id: &zone.ID})
	Expect(err).NotTo(HaveOccurred())
	h.reference = *out.HostedZone.CallerReference
	if out.HostedZone.Config != nil {
		h.comment = aws.ToString(out.HostedZone.Config.Comment)
	}
	if out.DelegationSet != nil {
		h.nameServers = out.DelegationSet.NameServers
	}
	tags, err := p.Hand.ListTagsForResource(p.Ctx, &route53.ListTagsForResourceInput{ResourceId: &zone.ID, ResourceType: types.TagResourceTypeHostedzone})
	Expect(err).NotTo(HaveOccurred())
	for _, tag := range tags.ResourceTagSet.Tags {
		h.tags[*tag.Key] = *tag.Value
	}
	if zone.Private {
		page, err := p.Hand.ListVPCAssociationAuthorizations(p.Ctx, &route53.ListVPCAssociationAuthorizationsInput{HostedZoneId: &zone.ID})
		Expect(err).NotTo(HaveOccurred())
		for _, authorized := range page.VPCs {
			h.authorized = append(h.authorized, *authorized.VPCId)
		}
		return h
	}
	logs, err := p.Hand.ListQueryLoggingConfigs(p.Ctx, &route53.ListQueryLoggingConfigsInput{HostedZoneId: &zone.ID})
	Expect(err).NotTo(HaveOccurred())
	for _, config := range logs.QueryLoggingConfigs {
		h.logging = *config.CloudWatchLogsLogGroupArn
	}
	signing, err := p.Hand.GetDNSSEC(p.Ctx, &route53.GetDNSSECInput{HostedZoneId: &zone.ID})
	Expect(err).NotTo(HaveOccurred())
	h.signing = *signing.Status.ServeSignature
	for _, key := range signing.KeySigningKeys {
		h.keys[*key.Name] = *key.Status + " " + *key.DSRecord
	}
	return h
}

// judgeObject judges one object: what a Ready one declares is there; one that is not Ready has an obstacle.
func (v *verdict) judgeObject(obj lifecycle.Object, problems func(lifecycle.Object), obstacle func(lifecycle.Object) string) {
	status := obj.CommonStatus()
	switch ready := meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady); {
	case !lifecycle.Manages(obj) && !lifecycle.Deleting(obj):
	case lifecycle.Deleting(obj) && obstacle(obj) == "":
		v.complain("%s is still being deleted for no reason: %v", obj.GetName(), status.Conditions)
	case lifecycle.Deleting(obj):
	case status.ObservedGeneration != obj.GetGeneration():
		v.complain("%s was not looked at", obj.GetName())
	case ready:
		problems(obj)
	case obstacle(obj) == "":
		v.complain("%s is not Ready for no reason: %v", obj.GetName(), status.Conditions)
	}
}

func (v *verdict) zoneProblems(o lifecycle.Object) {
	obj := o.(*v1alpha1.HostedZone)
	zone := v.zones[obj.Status.ID]
	if zone == nil {
		v.complain("%s is Ready and has no zone", obj.Name)
		return
	}
	expect := func(good bool, what string, found any) {
		if !good {
			v.complain("%s is Ready and its %s is %v", obj.Name, what, found)
		}
	}
	expect(zone.Name == obj.Spec.Name+"." && zone.Private == (len(obj.Spec.VPCs) > 0), "name", zone.Name)
	expect(zone.tags["evenkeel.io/object"] == "HostedZone/"+namespace+"/"+obj.Name && zone.tags["evenkeel.io/cluster"] == cluster, "ownership", zone.tags)
	if obj.Spec.Comment != nil {
		expect(zone.comment == *obj.Spec.Comment, "comment", zone.comment)
	} else {
		expect(zone.comment == "" || v.touched[zone.ID+" comment "+zone.comment] || isAdopted(obj, zone), "comment", zone.comment)
	}
	for name, value := range obj.Spec.Tags {
		expect(zone.tags[name] == string(value), "tag "+name, zone.tags)
	}
	for name := range zone.tags {
		_, declared := obj.Spec.Tags[name]
		expect(declared || strings.HasPrefix(name, "evenkeel.io/") || v.touched[zone.ID+" tag "+name] || v.left[zone.ID], "tag "+name, zone.tags)
	}
	if zone.Private {
		v.vpcProblems(obj, zone, expect)
		return
	}
	if obj.Spec.QueryLogging != nil {
		expect(zone.logging == obj.Spec.QueryLogging.LogGroupARN, "logging", zone.logging)
	} else {
		expect(zone.logging == "" || v.touched[zone.ID+" logging "+zone.logging] || v.left[zone.ID], "logging", zone.logging)
	}
	v.signingProblems(obj, zone, expect)
}

// isAdopted reports whether an object's zone was made by others: by somebody, by an object that has left it, or by one that
// had not marked it yet when this one found it.
func isAdopted(obj *v1alpha1.HostedZone, zone *hosted) bool {
	maker, _, _ := strings.Cut(zone.reference, "/")
	return maker != string(obj.UID)
}

func (v *verdict) isForeign(id string) bool {
	_, foreign := v.theirZones[id]
	return foreign || v.left[id]
}

func (v *verdict) vpcProblems(obj *v1alpha1.HostedZone, zone *hosted, expect func(bool, string, any)) {
	var declared, authorized []string
	for _, vpc := range obj.Spec.VPCs {
		if aws.ToBool(vpc.AuthorizeOnly) {
			authorized = append(authorized, vpc.ID)
			continue
		}
		declared = append(declared, vpc.ID)
		expect(slices.Contains(zone.VPCs, vpc.ID), "VPCs lack "+vpc.ID, zone.VPCs)
	}
	for _, id := range zone.VPCs {
		may := obj.Spec.VPCsPolicy != v1alpha1.VPCsExclusive && (v.touched[zone.ID+" vpc "+id] || isAdopted(obj, zone))
		expect(may || slices.Contains(declared, id), "VPCs have "+id, zone.VPCs)
	}
	slices.Sort(zone.authorized)
	expect(slices.Equal(zone.authorized, authorized) || v.left[zone.ID], "authorisations", zone.authorized)
}

func (v *verdict) signingProblems(obj *v1alpha1.HostedZone, zone *hosted, expect func(bool, string, any)) {
	var ds []string
	if obj.Spec.DNSSEC == nil {
		expect(zone.signing == "NOT_SIGNING" && len(zone.keys) == 0 || v.left[zone.ID], "signing", zone.signing)
	} else {
		expect(zone.signing == "SIGNING", "signing", zone.signing)
		expect(len(zone.keys) == len(obj.Spec.DNSSEC.KeySigningKeys) || v.left[zone.ID], "keys", zone.keys)
		for _, key := range obj.Spec.DNSSEC.KeySigningKeys {
			record, active := strings.CutPrefix(zone.keys[key.Name], "ACTIVE ")
			expect(active, "key "+key.Name, zone.keys)
			ds = append(ds, record)
		}
	}
	if obj.Spec.DelegateFrom == nil {
		return
	}
	var servers []string
	for _, server := range zone.nameServers {
		servers = append(servers, strings.TrimSuffix(server, "."))
	}
	v.expectInParent(obj, "NS", servers, expect)
	v.expectInParent(obj, "DS", ds, expect)
}

func (v *verdict) expectInParent(obj *v1alpha1.HostedZone, recordType string, values []string, expect func(bool, string, any)) {
	parent := v.object(obj.Spec.DelegateFrom.Name)
	if parent == nil || v.zones[parent.Status.ID] == nil {
		v.complain("%s is Ready and has no parent", obj.Name)
		return
	}
	ttl := int64(3600)
	if obj.Spec.DelegateFrom.TTL != nil {
		ttl = *obj.Spec.DelegateFrom.TTL
	}
	slices.Sort(values)
	wanted := fmt.Sprint(ttl) + " " + strings.Join(values, " ")
	if len(values) == 0 {
		wanted = ""
	}
	found := v.zones[parent.Status.ID].records[recordID(parent.Status.ID, obj.Spec.Name+".", recordType)]
	expect(strings.EqualFold(found, wanted), recordType+" in the parent, to be "+wanted, found)
}

func (v *verdict) object(name string) *v1alpha1.HostedZone {
	i := slices.IndexFunc(v.objects, func(z *v1alpha1.HostedZone) bool { return z.Name == name })
	if i < 0 {
		return nil
	}
	return v.objects[i]
}

// orphans complains of what is in Route 53 and is nobody's, or is two objects'.
func (v *verdict) orphans() {
	owners := map[string]string{}
	own := func(id, name string) {
		if other, taken := owners[id]; taken {
			v.complain("%s and %s both own %s", other, name, id)
		}
		owners[id] = name
	}
	for _, obj := range v.objects {
		zone := v.zones[obj.Status.ID]
		if zone == nil {
			continue
		}
		// Until it is tagged, the reference under which a zone was made tells whose it is.
		owner, tagged := zone.tags["evenkeel.io/object"]
		if owner == "HostedZone/"+namespace+"/"+obj.Name || !tagged && !isAdopted(obj, zone) {
			own(obj.Status.ID, obj.Name)
		}
	}
	for _, obj := range v.records {
		for _, claim := range obj.Status.Records {
			own(recordID(claim.HostedZoneID, claim.Name, claim.Type), obj.Name)
		}
	}
	for id, zone := range v.zones {
		uid, _, _ := strings.Cut(zone.reference, "/")
		if owners[id] == "" && !v.isForeign(id) && !v.left[uid] {
			v.complain("zone %s (%s) is an orphan: %v", id, zone.reference, zone.tags)
		}
		for record, content := range zone.records {
			if owners[record] == "" && !v.left[record] && v.theirRecords[record] != content {
				v.complain("orphan or overwritten: %s is %s, others wrote %q", record, content, v.theirRecords[record])
			}
		}
	}
}

// foreign complains of what others made and is gone or changed.
func (v *verdict) foreign() {
	for id, comment := range v.theirZones {
		zone := v.zones[id]
		switch {
		case v.owned[id]:
		case zone == nil:
			v.complain("somebody's zone %s is gone", id)
		case zone.comment != comment || zone.tags["evenkeel.io/object"] != "":
			v.complain("somebody's zone %s is changed: %s %v", id, zone.comment, zone.tags)
		}
	}
	for id, content := range v.theirRecords {
		zone, _, _ := strings.Cut(id, " ")
		if there := v.zones[zone]; !v.owned[id] && !v.emptied[zone] && (there == nil || there.records[id] == "") {
			v.complain("somebody's %s (%s) is gone", id, content)
		}
	}
}

func isChild(obj *v1alpha1.RecordSet, of *v1alpha1.HostedZone) bool {
	return metav1.IsControlledBy(obj, of)
}
