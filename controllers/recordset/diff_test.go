package recordset

import (
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apitypes "k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const testZone = "Z1"

var epoch = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// object builds a RecordSet of the zone example.com.; each is a second younger than the one before.
func object(name string, edits ...func(*v1alpha1.RecordSet)) *v1alpha1.RecordSet {
	obj := &v1alpha1.RecordSet{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Namespace: "ns", UID: apitypes.UID(name), Generation: 1,
			CreationTimestamp: metav1.NewTime(epoch), Finalizers: []string{v1alpha1.Finalizer},
		},
		Spec: v1alpha1.RecordSetSpec{
			HostedZoneID: testZone, Name: name, Type: "A", TTL: aws.Int64(300),
			ResourceRecords: []v1alpha1.ResourceRecord{"192.0.2.1"},
		},
	}
	for _, edit := range edits {
		edit(obj)
	}
	return obj
}

func younger(seconds int) func(*v1alpha1.RecordSet) {
	return func(o *v1alpha1.RecordSet) {
		o.CreationTimestamp = metav1.NewTime(epoch.Add(time.Duration(seconds) * time.Second))
	}
}

func named(name string) func(*v1alpha1.RecordSet) {
	return func(o *v1alpha1.RecordSet) { o.Spec.Name = name }
}

func valued(values ...v1alpha1.ResourceRecord) func(*v1alpha1.RecordSet) {
	return func(o *v1alpha1.RecordSet) { o.Spec.ResourceRecords = values }
}

func typed(recordType v1alpha1.RecordType, values ...v1alpha1.ResourceRecord) func(*v1alpha1.RecordSet) {
	return func(o *v1alpha1.RecordSet) { o.Spec.Type, o.Spec.ResourceRecords = recordType, values }
}

func deleted(o *v1alpha1.RecordSet) {
	now := metav1.NewTime(epoch)
	o.DeletionTimestamp = &now
}

// owning makes the object own a record, confirmed by Route 53.
func owning(name, recordType string) func(*v1alpha1.RecordSet) {
	return func(o *v1alpha1.RecordSet) {
		o.Status.HostedZoneID = testZone
		o.Status.Records = append(o.Status.Records, key{name, recordType, ""}.in(testZone))
		lifecycle.SetCondition(o, v1alpha1.ConditionPropagated, true, v1alpha1.ReasonConverged, "")
	}
}

// claiming makes the object own a record whose change Route 53 has not confirmed.
func claiming(name, recordType string) func(*v1alpha1.RecordSet) {
	return func(o *v1alpha1.RecordSet) {
		owning(name, recordType)(o)
		lifecycle.SetCondition(o, v1alpha1.ConditionPropagated, false, v1alpha1.ReasonCreating, "")
	}
}

// live is a record in Route 53.
func live(name string, recordType types.RRType, values ...string) *types.ResourceRecordSet {
	r := &types.ResourceRecordSet{Name: aws.String(name), Type: recordType, TTL: aws.Int64(300)}
	for _, value := range values {
		r.ResourceRecords = append(r.ResourceRecords, types.ResourceRecord{Value: aws.String(value)})
	}
	return r
}

// decided runs decide and prints what it came to, an object a line: its changes, what it holds, its outcome.
func decided(records []*types.ResourceRecordSet, objects ...*v1alpha1.RecordSet) map[string]string {
	view := zoneView{id: testZone, name: "example.com.", records: map[key]*types.ResourceRecordSet{}}
	for _, r := range records {
		view.records[keyOf(r)] = r
	}
	view.sibling = func(_, name string) *v1alpha1.RecordSet {
		for _, o := range objects {
			if o.Name == name {
				return o
			}
		}
		return nil
	}
	var members []member
	for _, o := range objects {
		members = append(members, member{obj: o, here: o.Spec.HostedZoneID == testZone})
	}
	judge := func(err error) lifecycle.Outcome { return err.(*lifecycle.Error).Outcome } //nolint:errorlint // the only kind there is
	result := map[string]string{}
	for _, dec := range decide(view, members, judge) {
		line := ""
		if dec.adoption != nil {
			line += "ADOPT "
		}
		for _, c := range dec.changes {
			line += fmt.Sprintf("%s %s; ", c.action, c.key)
		}
		if len(dec.heirs) > 0 {
			line += "hands over; "
		}
		if dec.outcome != nil {
			line += dec.outcome.Reason
		}
		result[dec.obj.Name] = line
	}
	return result
}

var _ = Describe("Deciding for a zone", func() {
	none := []*types.ResourceRecordSet(nil)
	there := []*types.ResourceRecordSet{live("www.example.com.", types.RRTypeA, "192.0.2.1")}

	DescribeTable("one object",
		func(records []*types.ResourceRecordSet, obj *v1alpha1.RecordSet, want string) {
			Expect(decided(records, obj)).To(HaveKeyWithValue(obj.Name, want))
		},
		Entry("nothing there: create", none, object("www"), "CREATE www.example.com. A; "),
		Entry("ours and as declared: nothing", there, object("www", owning("www.example.com.", "A")), ""),
		Entry("ours, edited outside: set right", there, object("www", owning("www.example.com.", "A"), valued("192.0.2.2")), "UPSERT www.example.com. A; "),
		Entry("ours, deleted outside: make again", none, object("www", owning("www.example.com.", "A")), "CREATE www.example.com. A; "),
		Entry("claimed, the answer was lost: confirm", there, object("www", claiming("www.example.com.", "A")), "UPSERT www.example.com. A; "),
		Entry("claimed, under way since before a restart: wait", there, object("www", claiming("www.example.com.", "A"),
			func(o *v1alpha1.RecordSet) { o.Status.ChangeID = "C1" }), ""),
		Entry("somebody's, identical: adopt", there, object("www"), "ADOPT "),
		Entry("somebody's, different: conflict", there, object("www", valued("192.0.2.2")), "Conflict"),
		Entry("somebody's, Never: conflict", there, object("www", func(o *v1alpha1.RecordSet) { o.Spec.AdoptionPolicy = v1alpha1.AdoptionNever }), "Conflict"),
		Entry("somebody's, Always: overwrite", there, object("www", valued("192.0.2.2"),
			func(o *v1alpha1.RecordSet) { o.Spec.AdoptionPolicy = v1alpha1.AdoptionAlways }), "ADOPT UPSERT www.example.com. A; "),
		Entry("renamed: both in one", there, object("web", owning("www.example.com.", "A")), "DELETE www.example.com. A; CREATE web.example.com. A; "),
		Entry("another type: both in one", there, object("www", owning("www.example.com.", "A"), typed("CNAME", "a.example.org")),
			"DELETE www.example.com. A; CREATE www.example.com. CNAME; "),
		Entry("renamed onto somebody's record: conflict, the old one stays",
			append([]*types.ResourceRecordSet{live("web.example.com.", types.RRTypeA, "192.0.2.9")}, there...),
			object("web", owning("www.example.com.", "A")), "Conflict"),
		Entry("deleted: delete", there, object("www", owning("www.example.com.", "A"), deleted), "DELETE www.example.com. A; "),
		Entry("deleted, gone already: nothing", none, object("www", owning("www.example.com.", "A"), deleted), ""),
		Entry("deleted, Retain: nothing", there, object("www", owning("www.example.com.", "A"), deleted,
			func(o *v1alpha1.RecordSet) { o.Spec.DeletionPolicy = v1alpha1.DeletionRetain }), ""),
		Entry("deleted in Plan mode: nothing", there, object("www", owning("www.example.com.", "A"), deleted,
			func(o *v1alpha1.RecordSet) { o.Spec.ManagementPolicy = v1alpha1.ManagementPlan }), ""),
		Entry("deleted, never owned: somebody's record stays", there, object("www", deleted), ""),
		Entry("deleted with a spec that is invalid: delete all the same", there, object("www", owning("www.example.com.", "A"), deleted, named("www.example.org.")),
			"DELETE www.example.com. A; "),
		Entry("moved to another zone, not there yet: stay", there, object("www", owning("www.example.com.", "A"),
			func(o *v1alpha1.RecordSet) { o.Spec.HostedZoneID = "Z2" }), ""),
		Entry("moved to another zone and answering there: delete here", there, object("www", owning("www.example.com.", "A"),
			func(o *v1alpha1.RecordSet) {
				o.Spec.HostedZoneID, o.Status.HostedZoneID = "Z2", "Z2"
				o.Status.Records = append(o.Status.Records, v1alpha1.RecordKey{HostedZoneID: "Z2", Name: "www.example.com.", Type: "A"})
			}), "DELETE www.example.com. A; "),
		Entry("outside the zone: invalid", none, object("www", named("www.example.org.")), "InvalidSpec"),
		Entry("CNAME at the apex by its full name: invalid", none, object("www", named("example.com."), typed("CNAME", "a.b")), "InvalidSpec"),
		Entry("a health check that others attached stays and is no drift",
			[]*types.ResourceRecordSet{func() *types.ResourceRecordSet {
				r := live("www.example.com.", types.RRTypeA, "192.0.2.1")
				r.HealthCheckId = aws.String("abc")
				return r
			}()}, object("www", owning("www.example.com.", "A")), ""),
		Entry("the apex NS records are let go, never deleted", []*types.ResourceRecordSet{live("example.com.", types.RRTypeNs, "ns1.")},
			object("ns", named("@"), typed("NS", "ns1."), owning("example.com.", "NS"), deleted), ""),
	)

	It("knows drift from an edit by the spellings of AWS", func() {
		records := []*types.ResourceRecordSet{live(`\052.example.com.`, types.RRTypeMx, "10 mail.example.com.", "20 b.example.com")}
		obj := object("w", named("*"), typed("MX", "020 B.Example.com.", "10 MAIL.example.com"), owning(`\052.example.com.`, "MX"))
		Expect(decided(records, obj)).To(HaveKeyWithValue("w", ""))
	})

	Describe("two objects that declare one record", func() {
		It("gives it to the older one", func() {
			Expect(decided(none, object("b", named("www"), younger(1)), object("a", named("www")))).
				To(Equal(map[string]string{"a": "CREATE www.example.com. A; ", "b": "Conflict"}))
		})
		It("leaves it with its owner, though that one is younger", func() {
			Expect(decided(there, object("b", named("www"), younger(1), owning("www.example.com.", "A")), object("a", named("www")))).
				To(Equal(map[string]string{"a": "Conflict", "b": ""}))
		})
		It("hands it over when the owner goes, without deleting it", func() {
			Expect(decided(there, object("a", named("www"), owning("www.example.com.", "A"), deleted), object("b", named("www"), younger(1)))).
				To(Equal(map[string]string{"a": "hands over; ", "b": "ADOPT "}))
		})
		It("hands it over changed, when the heir declares it otherwise", func() {
			Expect(decided(there, object("a", named("www"), owning("www.example.com.", "A"), deleted), object("b", named("www"), younger(1), valued("192.0.2.7")))).
				To(Equal(map[string]string{"a": "hands over; ", "b": "ADOPT UPSERT www.example.com. A; "}))
		})
		It("keeps it with an owner that cannot be evaluated", func() {
			broken := object("a", named("www"), owning("www.example.com.", "A"), typed("TXT", `"open`))
			Expect(decided(there, broken, object("b", named("www"), younger(1)))).
				To(Equal(map[string]string{"a": "InvalidSpec", "b": "Conflict"}))
		})
		It("keeps it with an owner that may only plan", func() {
			planning := object("a", named("www"), owning("www.example.com.", "A"), func(o *v1alpha1.RecordSet) { o.Spec.ManagementPolicy = v1alpha1.ManagementPlan })
			Expect(decided(there, planning, object("b", named("www"), younger(1)))).
				To(Equal(map[string]string{"a": "", "b": "Conflict"}))
		})
	})

	Describe("records of one name and type", func() {
		weighted := func(id string, weight int64) func(*v1alpha1.RecordSet) {
			return func(o *v1alpha1.RecordSet) {
				o.Spec.Name, o.Spec.SetIdentifier = "api", id
				o.Spec.RoutingPolicy = &v1alpha1.RoutingPolicy{Weighted: &v1alpha1.WeightedPolicy{Weight: weight}}
			}
		}
		latency := func(id, region string) func(*v1alpha1.RecordSet) {
			return func(o *v1alpha1.RecordSet) {
				o.Spec.Name, o.Spec.SetIdentifier = "api", id
				o.Spec.RoutingPolicy = &v1alpha1.RoutingPolicy{Latency: &v1alpha1.LatencyPolicy{Region: v1alpha1.AWSRegion(region)}}
			}
		}
		ttl := func(seconds int64) func(*v1alpha1.RecordSet) {
			return func(o *v1alpha1.RecordSet) { o.Spec.TTL = &seconds }
		}
		owningSet := func(id string) func(*v1alpha1.RecordSet) {
			return func(o *v1alpha1.RecordSet) {
				owning("api.example.com.", "A")(o)
				o.Status.Records[0].SetIdentifier = id
			}
		}
		liveWeighted := func(id string) *types.ResourceRecordSet {
			r := live("api.example.com.", types.RRTypeA, "192.0.2.1")
			r.SetIdentifier, r.Weight = aws.String(id), aws.Int64(1)
			return r
		}
		DescribeTable("agree before Route 53 is asked",
			func(records []*types.ResourceRecordSet, a, b *v1alpha1.RecordSet, want map[string]string) {
				Expect(decided(records, a, b)).To(Equal(want))
			},
			Entry("the same policy", none, object("a", weighted("a", 1)), object("b", weighted("b", 2)),
				map[string]string{"a": `CREATE api.example.com. A "a"; `, "b": `CREATE api.example.com. A "b"; `}),
			Entry("two policies: the older has the say", none, object("a", weighted("a", 1)), object("b", latency("b", "eu-west-1"), younger(1)),
				map[string]string{"a": `CREATE api.example.com. A "a"; `, "b": "Conflict"}),
			Entry("simple and weighted", none, object("a", named("api")), object("b", weighted("b", 1), younger(1)),
				map[string]string{"a": "CREATE api.example.com. A; ", "b": "Conflict"}),
			Entry("one Region twice", none, object("a", latency("a", "eu-west-1")), object("b", latency("b", "eu-west-1"), younger(1)),
				map[string]string{"a": `CREATE api.example.com. A "a"; `, "b": "Conflict"}),
			Entry("weighted with two TTLs", none, object("a", weighted("a", 1)), object("b", weighted("b", 1), ttl(60), younger(1)),
				map[string]string{"a": `CREATE api.example.com. A "a"; `, "b": "Conflict"}),
			Entry("one of two edited: it waits for the other, though it is older", []*types.ResourceRecordSet{liveWeighted("a"), liveWeighted("b")},
				object("a", latency("a", "eu-west-1"), owningSet("a")), object("b", weighted("b", 1), younger(1), owningSet("b")),
				map[string]string{"a": "Conflict", "b": ""}),
			Entry("both edited: both change at once", []*types.ResourceRecordSet{liveWeighted("a"), liveWeighted("b")},
				object("a", latency("a", "eu-west-1"), owningSet("a")), object("b", latency("b", "us-east-1"), younger(1), owningSet("b")),
				map[string]string{"a": `UPSERT api.example.com. A "a"; `, "b": `UPSERT api.example.com. A "b"; `}),
			Entry("simple becomes weighted, in one batch with its new sibling", []*types.ResourceRecordSet{live("api.example.com.", types.RRTypeA, "192.0.2.1")},
				object("a", weighted("a", 1), owning("api.example.com.", "A")), object("b", weighted("b", 1), younger(1)),
				map[string]string{"a": `DELETE api.example.com. A; CREATE api.example.com. A "a"; `, "b": `CREATE api.example.com. A "b"; `}),
			Entry("somebody's simple record is in the way", []*types.ResourceRecordSet{live("api.example.com.", types.RRTypeA, "192.0.2.1")},
				object("a", weighted("a", 1)), object("b", weighted("b", 1), younger(1)), map[string]string{"a": "Conflict", "b": "Conflict"}),
		)
	})

	Describe("an alias to another RecordSet", func() {
		alias := object("alias", named("@"), func(o *v1alpha1.RecordSet) {
			o.Spec.TTL, o.Spec.ResourceRecords = nil, nil
			o.Spec.AliasTarget = &v1alpha1.AliasTarget{RecordSetRef: &v1alpha1.RecordSetReference{Name: "www"}}
		})
		It("waits for the object", func() {
			Expect(decided(none, alias)).To(HaveKeyWithValue("alias", "ReferenceNotFound"))
		})
		It("waits for the record", func() {
			Expect(decided(none, alias, object("www"))).To(HaveKeyWithValue("alias", "ReferenceNotReady"))
		})
		It("is made once the record is there", func() {
			Expect(decided(there, alias, object("www", owning("www.example.com.", "A")))).To(HaveKeyWithValue("alias", "CREATE example.com. A; "))
		})
		It("is refused when the types differ", func() {
			Expect(decided(none, alias, object("www", typed("TXT", "x")))).To(HaveKeyWithValue("alias", "InvalidSpec"))
		})
	})
})
