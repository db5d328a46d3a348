package recordset

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apitypes "k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

var (
	sequences    = flag.Int("sequences", 500, "how many random sequences to play")
	sequenceSeed = flag.Uint64("sequence-seed", 0, "play only the sequence of this seed")
)

// player plays one random sequence and keeps the books on what others did.
type player struct {
	*world
	random *rand.Rand
	serial int
	// foreign is what others last wrote, by zone and record; it must stay unless a RecordSet took it over.
	foreign map[string]string
	// taken are the records that a RecordSet has owned at some time.
	taken map[string]bool
	log   []string
}

func (p *player) note(format string, args ...any) {
	p.log = append(p.log, fmt.Sprintf(format, args...))
}

func pick[T any](p *player, from ...T) T { return from[p.random.IntN(len(from))] }

// spec draws a spec from a space that is small enough for records to meet.
func (p *player) spec() v1alpha1.RecordSetSpec {
	spec := v1alpha1.RecordSetSpec{
		HostedZoneID: pick(p, p.zones...), Name: pick(p, "a", "b", "B", "*", "@", "c.d"),
		TTL: aws.Int64(pick(p, int64(60), 300)),
	}
	spec.Type = pick(p, v1alpha1.RecordType("A"), "A", "A", "AAAA", "TXT", "CNAME", "MX")
	spec.ResourceRecords = map[v1alpha1.RecordType][]v1alpha1.ResourceRecord{
		"A":     {pick(p, v1alpha1.ResourceRecord("192.0.2.1"), "192.0.2.2")},
		"AAAA":  {pick(p, v1alpha1.ResourceRecord("2001:db8::1"), "2001:0DB8:0::1")},
		"TXT":   {pick(p, v1alpha1.ResourceRecord("plain text"), `"quoted"`, `"unclosed`)},
		"CNAME": {pick(p, v1alpha1.ResourceRecord("Target.example.org"), "target.example.org.")},
		"MX":    {"10 mail.example.org", "020 Mail2.example.org."},
	}[spec.Type]
	if spec.Type == "CNAME" && spec.Name == "@" {
		spec.Name = "a" // refused at admission
	}
	if p.random.IntN(4) == 0 {
		spec.SetIdentifier = pick(p, "one", "two")
		spec.RoutingPolicy = pick(p,
			&v1alpha1.RoutingPolicy{Weighted: &v1alpha1.WeightedPolicy{Weight: 1}},
			&v1alpha1.RoutingPolicy{Latency: &v1alpha1.LatencyPolicy{Region: pick(p, v1alpha1.AWSRegion("us-east-1"), "eu-west-1")}})
	}
	spec.AdoptionPolicy = pick(p, "", "", v1alpha1.AdoptionNever, v1alpha1.AdoptionAlways)
	return spec
}

func (p *player) step() {
	objects := p.objects()
	switch n := p.random.IntN(20); {
	case n < 6 || len(objects) == 0:
		p.serial++
		obj := &v1alpha1.RecordSet{ObjectMeta: metav1.ObjectMeta{Namespace: "ns", Name: fmt.Sprint("r", p.serial),
			UID: apitypes.UID(fmt.Sprint("uid", p.serial)), Generation: 1}, Spec: p.spec()}
		p.note("create %s: %s", obj.Name, describe(obj))
		p.create(obj)
	case n < 10:
		obj := pick(p, objects...)
		p.edit(obj, func(s *v1alpha1.RecordSetSpec) { *s = p.spec() })
		p.note("edit %s: %s", obj.Name, describe(obj))
	case n < 13:
		obj := pick(p, objects...)
		p.note("delete %s", obj.Name)
		p.remove(obj)
	case n < 15:
		p.interfere()
	case n < 17:
		fault := awssim.Fault{Service: "route53", Operation: "*", Count: 1 + p.random.IntN(3),
			Kind: pick(p, awssim.Throttle, awssim.Before500, awssim.After500, awssim.Drop)}
		p.note("fault %s × %d", fault.Kind, fault.Count)
		Expect(p.Sim.AddFault(fault)).To(Succeed())
	case n < 19:
		steps, after := p.random.IntN(12), p.random.IntN(2) == 0
		p.Arm(steps, after)
		p.note("die in %d steps, after it took effect: %t", steps, after)
	default:
		p.note("restart")
		p.restart()
	}
}

// interfere changes Route 53 by another hand.
func (p *player) interfere() {
	zone := pick(p, p.zones...)
	records := p.records(zone)
	if len(records) > 0 && p.random.IntN(2) == 0 {
		k := pick(p, sortedKeys(records)...)
		if p.put(zone, types.ChangeActionDelete, records[k]) {
			p.note("somebody deletes %s in %s", k, zone)
			delete(p.foreign, zone+k.String())
		}
		return
	}
	view := zoneView{id: zone, name: canonicalName(p.zoneName(zone)), sibling: func(string, string) *v1alpha1.RecordSet { return nil }}
	record, err := desiredRecord(&v1alpha1.RecordSet{Spec: p.spec()}, view)
	if err == nil && p.put(zone, types.ChangeActionUpsert, record) {
		k := keyOf(record)
		p.note("somebody writes %s in %s: %v", k, zone, fieldsOf(record))
		p.foreign[zone+k.String()] = fmt.Sprint(fieldsOf(record))
		delete(p.taken, zone+k.String()) // unless it is a RecordSet's, which may set it right or take it away
		p.observe()
	}
}

func (p *player) zoneName(id string) string {
	z, _ := p.Sim.Zone(id)
	return z.Name
}

// observe notes which records RecordSets own.
func (p *player) observe() {
	for _, obj := range p.objects() {
		for _, claim := range obj.Status.Records {
			p.taken[claim.HostedZoneID+claimKey(claim).String()] = true
		}
	}
}

// problems compares the world with what the manifests declare, by rules of its own.
func (p *player) problems() []string {
	var problems []string
	owners := map[string]string{}
	for _, obj := range p.objects() {
		ready := meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionReady)
		for _, claim := range obj.Status.Records {
			id := claim.HostedZoneID + claimKey(claim).String()
			if other, taken := owners[id]; taken {
				problems = append(problems, fmt.Sprintf("%s and %s both own %s", other, obj.Name, id))
			}
			owners[id] = obj.Name
		}
		switch {
		case lifecycle.Deleting(obj):
			problems = append(problems, obj.Name+" is still being deleted")
		case obj.Status.ObservedGeneration != obj.Generation:
			problems = append(problems, obj.Name+" was not looked at")
		case ready:
			problems = append(problems, p.readyProblems(obj)...)
		case !p.mayBeStuck(obj):
			problems = append(problems, fmt.Sprintf("%s is not Ready for no reason: %v", obj.Name, obj.Status.Conditions))
		}
	}
	for _, zone := range p.zones {
		records := p.records(zone)
		for k, r := range records {
			id := zone + k.String()
			if owners[id] == "" && p.foreign[id] != fmt.Sprint(fieldsOf(r)) {
				problems = append(problems, fmt.Sprintf("orphan or overwritten: %s is %v, others wrote %s", id, fieldsOf(r), p.foreign[id]))
			}
		}
		for id, content := range p.foreign {
			k := slices.IndexFunc(sortedKeys(records), func(k key) bool { return zone+k.String() == id })
			if strings.HasPrefix(id, zone) && k < 0 && !p.taken[id] {
				problems = append(problems, fmt.Sprintf("somebody's %s (%s) is gone", id, content))
			}
		}
	}
	return problems
}

// readyProblems checks that a Ready object's record is in Route 53 as declared.
func (p *player) readyProblems(obj *v1alpha1.RecordSet) []string {
	zone := obj.Spec.HostedZoneID
	view := zoneView{id: zone, name: canonicalName(p.zoneName(zone))}
	record, err := desiredRecord(obj, view)
	if err != nil {
		return []string{obj.Name + " is Ready and invalid"}
	}
	observed := p.records(zone)[keyOf(record)]
	switch {
	case observed == nil:
		return []string{obj.Name + " is Ready and not there"}
	case !slices.Equal(fieldsOf(record), fieldsOf(observed)):
		return []string{fmt.Sprintf("%s is Ready and there is %v", obj.Name, fieldsOf(observed))}
	case len(obj.Status.Records) != 1 || obj.Status.Records[0] != keyOf(record).in(zone):
		return []string{fmt.Sprintf("%s owns %v", obj.Name, obj.Status.Records)}
	}
	return nil
}

// mayBeStuck reports whether anything stands in an object's way: an invalid value, another object of its name, or a
// record of that name which is not its own.
func (p *player) mayBeStuck(obj *v1alpha1.RecordSet) bool {
	zone := obj.Spec.HostedZoneID
	record, err := desiredRecord(obj, zoneView{id: zone, name: canonicalName(p.zoneName(zone))})
	if err != nil {
		return true
	}
	name := canonicalName(aws.ToString(record.Name))
	for _, other := range p.objects() {
		full, _ := resolveName(other.Spec.Name, canonicalName(p.zoneName(other.Spec.HostedZoneID)))
		if other.UID != obj.UID && (full == name && other.Spec.HostedZoneID == zone ||
			slices.ContainsFunc(other.Status.Records, func(c v1alpha1.RecordKey) bool { return c.Name == name && c.HostedZoneID == zone })) {
			return true
		}
	}
	for k := range p.records(zone) {
		if k.name == name && !slices.Contains(obj.Status.Records, k.in(zone)) {
			return true
		}
	}
	return false
}

// standing tells how everything stands.
func (p *world) standing() string {
	var lines []string
	for _, obj := range p.objects() {
		lines = append(lines, fmt.Sprintf("%s gen %d deleting %t owns %v change %s: %v", obj.Name, obj.Generation, lifecycle.Deleting(obj), obj.Status.Records, obj.Status.ChangeID, obj.Status.Conditions))
	}
	for _, zone := range p.zones {
		records := p.records(zone)
		for _, k := range sortedKeys(records) {
			lines = append(lines, fmt.Sprintf("%s %s: %v", zone, k, fieldsOf(records[k])))
		}
	}
	return strings.Join(lines, "\n")
}

func describe(obj *v1alpha1.RecordSet) string {
	s := obj.Spec
	return fmt.Sprintf("%s %s %s %v ttl %d %q %v %s", s.HostedZoneID, s.Name, s.Type, s.ResourceRecords, aws.ToInt64(s.TTL), s.SetIdentifier, s.RoutingPolicy, s.AdoptionPolicy)
}

var _ = Describe("Random sequences", func() {
	play := func(ctx SpecContext, seed uint64) {
		p := &player{world: newWorld(ctx, seed), random: rand.New(rand.NewPCG(seed, 1)), foreign: map[string]string{}, taken: map[string]bool{}}
		defer p.close()
		p.makeZone("example.com")
		p.makeZone("example.net")
		for range 6 + p.random.IntN(20) {
			p.step()
			for range p.random.IntN(4) {
				p.turn(p.random.IntN(5) == 0)
				p.observe()
			}
			if p.IsDead() {
				p.restart()
			}
		}
		Expect(p.settle()).To(BeTrue(), "seed %d never comes to rest\n%s\n%s", seed, strings.Join(p.log, "\n"), p.standing())
		p.observe()
		Expect(p.problems()).To(BeEmpty(), "seed %d: -sequence-seed=%d plays it again\n%s\n%s", seed, seed, strings.Join(p.log, "\n"), p.standing())
		counts, standing := p.counts(), p.standing()
		p.turn(true)
		p.turn(true)
		if strings.Contains(p.standing(), "Route 53 refuses") {
			return // what is refused is tried again from time to time
		}
		Expect(p.counts()).To(Equal(counts),
			"seed %d: writes to the API server, or to AWS, though nothing changed\n%s\n%s\n%s", seed, strings.Join(p.log, "\n"), standing, p.standing())
	}

	It("end as declared, whatever happens on the way", func(ctx SpecContext) {
		if *sequenceSeed != 0 {
			play(ctx, *sequenceSeed)
			return
		}
		first := uint64(GinkgoRandomSeed())
		for i := range uint64(*sequences) {
			play(ctx, first+i)
		}
	})
})
