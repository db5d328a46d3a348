package sequences

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// The spaces that sequences draw from are small enough for their objects to meet.
var (
	slots   = []string{"one", "two", "three", "four"}
	domains = []string{"example.com", "example.com", "lab.example.com", "lab.example.com", "example.net"}
	vpcs    = []string{"vpc-0main", "vpc-0two", "vpc-0three"}
	keys    = []string{"first", "second", "third"}
	writing = []string{"CreateHostedZone", "CreateHostedZone", "DeleteHostedZone", "ChangeTagsForResource", "UpdateHostedZoneComment", "ChangeResourceRecordSets",
		"AssociateVPCWithHostedZone", "CreateQueryLoggingConfig", "CreateKeySigningKey", "EnableHostedZoneDNSSEC", "DeleteKeySigningKey"}
)

func logGroup(name string) string {
	return "arn:aws:logs:us-east-1:" + frame.DefaultAccount + ":log-group:/aws/route53/" + name
}

func kmsKey(name string) string {
	return "arn:aws:kms:us-east-1:" + frame.DefaultAccount + ":key/" + name
}

// player plays one random sequence.
type player struct {
	*world
	books
	random *rand.Rand
	serial int
	log    []string
}

func (p *player) note(format string, args ...any) {
	p.log = append(p.log, fmt.Sprintf(format, args...))
}

func pick[T any](p *player, from ...T) T { return from[p.random.IntN(len(from))] }

func (p *player) chance(oneIn int) bool { return p.random.IntN(oneIn) == 0 }

// zoneSpec draws what may be edited of a zone.
func (p *player) zoneSpec(name string, domain string, private bool) v1alpha1.HostedZoneSpec {
	spec := v1alpha1.HostedZoneSpec{Name: domain, Tags: map[string]v1alpha1.TagValue{}}
	spec.Comment = pick(p, nil, aws.String(""), aws.String("first"), aws.String("second"))
	for _, tag := range []string{"team", "stage"} {
		if p.chance(2) {
			spec.Tags[tag] = pick(p, v1alpha1.TagValue("a"), "b")
		}
	}
	if p.chance(4) {
		spec.ForceDestroy = aws.Bool(true)
	}
	if p.chance(6) {
		spec.DeletionPolicy = v1alpha1.DeletionRetain
	}
	spec.ManagementPolicy = pick(p, "", "", "", "", "", "", "", "", "", v1alpha1.ManagementPlan, v1alpha1.ManagementObserve)
	spec.AdoptionPolicy = pick(p, "", "", v1alpha1.AdoptionNever, v1alpha1.AdoptionIfIdentical, v1alpha1.AdoptionAlways)
	if private {
		p.drawVPCs(&spec)
		return spec
	}
	if p.chance(3) {
		spec.QueryLogging = &v1alpha1.QueryLogging{LogGroupARN: pick(p, logGroup("one"), logGroup("two"))}
	}
	if p.chance(3) {
		p.drawKeys(&spec)
	}
	if parent := pick(p, slots...); domain == "lab.example.com" && parent != name && !p.chance(4) {
		spec.DelegateFrom = &v1alpha1.Delegation{HostedZoneReference: v1alpha1.HostedZoneReference{Name: parent}, TTL: pick(p, nil, aws.Int64(5), aws.Int64(60))}
	}
	return spec
}

func (p *player) drawVPCs(spec *v1alpha1.HostedZoneSpec) {
	for _, id := range vpcs {
		if p.chance(2) {
			spec.VPCs = append(spec.VPCs, v1alpha1.HostedZoneVPC{ID: id, Region: "us-east-1"})
		}
	}
	if len(spec.VPCs) == 0 {
		spec.VPCs = []v1alpha1.HostedZoneVPC{{ID: pick(p, vpcs...), Region: "us-east-1"}}
	}
	if p.chance(4) {
		spec.VPCs = append(spec.VPCs, v1alpha1.HostedZoneVPC{ID: "vpc-0partner", Region: "us-east-1", AuthorizeOnly: aws.Bool(true)})
	}
	spec.VPCsPolicy = pick(p, "", v1alpha1.VPCsAdditive, v1alpha1.VPCsExclusive)
}

func (p *player) drawKeys(spec *v1alpha1.HostedZoneSpec) {
	spec.DNSSEC = &v1alpha1.DNSSEC{}
	for _, i := range p.random.Perm(len(keys))[:1+p.random.IntN(2)] {
		spec.DNSSEC.KeySigningKeys = append(spec.DNSSEC.KeySigningKeys, v1alpha1.KeySigningKey{Name: keys[i], KMSKeyARN: kmsKey(keys[i])})
	}
}

func (p *player) recordSpec() v1alpha1.RecordSetSpec {
	spec := v1alpha1.RecordSetSpec{
		HostedZoneRef: &v1alpha1.HostedZoneReference{Name: pick(p, slots...)}, Name: pick(p, "a", "b", "c"), TTL: aws.Int64(60),
		Type: pick(p, v1alpha1.RecordType("A"), "TXT"),
	}
	spec.ResourceRecords = map[v1alpha1.RecordType][]v1alpha1.ResourceRecord{
		"A": {pick(p, v1alpha1.ResourceRecord("192.0.2.1"), "192.0.2.2")}, "TXT": {`"text"`},
	}[spec.Type]
	if p.chance(8) {
		spec.DeletionPolicy = v1alpha1.DeletionRetain
	}
	return spec
}

func (p *player) step() {
	switch n := p.random.IntN(24); {
	case n < 5:
		p.createZone()
	case n < 8:
		p.serial++
		obj := &v1alpha1.RecordSet{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprint("r", p.serial)}, Spec: p.recordSpec()}
		Expect(p.Create(obj)).To(Succeed())
		p.note("create %s: %s", obj.Name, text(obj.Spec))
	case n < 12:
		p.editZone()
	case n < 13:
		p.editRecordSet()
	case n < 15:
		p.deleteObject()
	case n < 18:
		p.interfere()
	case n < 21:
		p.fail()
	case n < 23:
		steps, after := p.random.IntN(25), p.chance(2)
		p.Arm(steps, after)
		p.note("die in %d steps, after it took effect: %t", steps, after)
	default:
		p.note("restart")
		p.restart()
	}
}

func (p *player) createZone() {
	name, domain := pick(p, slots...), pick(p, domains...)
	if slices.ContainsFunc(p.hostedZones(), func(z *v1alpha1.HostedZone) bool { return z.Name == name }) {
		return
	}
	obj := &v1alpha1.HostedZone{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name}, Spec: p.zoneSpec(name, domain, p.chance(4))}
	Expect(p.Create(obj)).To(Succeed())
	p.note("create zone %s %s: %s", name, obj.UID, text(obj.Spec))
}

func (p *player) editZone() {
	if objects := p.hostedZones(); len(objects) > 0 {
		obj := pick(p, objects...)
		obj.Spec = p.zoneSpec(obj.Name, obj.Spec.Name, len(obj.Spec.VPCs) > 0)
		Expect(p.Update(obj)).To(Succeed())
		p.note("edit zone %s: %s", obj.Name, text(obj.Spec))
		p.observe()
	}
}

func (p *player) editRecordSet() {
	if objects := p.ownRecordSets(); len(objects) > 0 {
		obj := pick(p, objects...)
		obj.Spec = p.recordSpec()
		Expect(p.Update(obj)).To(Succeed())
		p.note("edit %s: %s", obj.Name, text(obj.Spec))
		p.observe()
	}
}

// ownRecordSets are those that users made.
func (p *player) ownRecordSets() []*v1alpha1.RecordSet {
	return slices.DeleteFunc(p.recordSets(), func(r *v1alpha1.RecordSet) bool { return metav1.GetControllerOf(r) != nil })
}

func (p *player) deleteObject() {
	var objects []lifecycle.Object
	for _, zone := range p.hostedZones() {
		objects = append(objects, zone)
	}
	for _, record := range p.recordSets() { // those that zones keep as well: they come back
		objects = append(objects, record)
	}
	if len(objects) > 0 {
		obj := pick(p, objects...)
		p.observe()
		Expect(p.Delete(obj)).To(Succeed())
		p.note("delete %s", obj.GetName())
		p.observe()
	}
}

func (p *player) fail() {
	fault := awssim.Fault{Service: "route53", Operation: pick(p, slices.Concat([]string{"*", "*"}, writing)...), Count: 1 + p.random.IntN(2),
		Kind: pick(p, awssim.Throttle, awssim.Before500, awssim.After500, awssim.Drop, awssim.SlowDown)}
	if fault.Kind == awssim.SlowDown {
		fault.Milliseconds = 1
	}
	p.note("fault %s of %s × %d", fault.Kind, fault.Operation, fault.Count)
	Expect(p.Sim.AddFault(fault)).To(Succeed())
}

func text(value any) string {
	raw, err := json.Marshal(value)
	Expect(err).NotTo(HaveOccurred())
	return string(raw)
}
