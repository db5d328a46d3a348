package recordset

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// changing builds a decision with one change for each "ACTION name type" given.
func changing(name string, steps ...string) *decision {
	dec := &decision{member: member{obj: &v1alpha1.RecordSet{}}}
	dec.obj.Name = name
	for _, step := range steps {
		var action, record, recordType string
		_, err := fmt.Sscan(step, &action, &record, &recordType)
		Expect(err).NotTo(HaveOccurred())
		r := live(record, types.RRType(recordType), "192.0.2.1")
		dec.changes = append(dec.changes, change{key: keyOf(r), action: types.ChangeAction(action), record: r})
	}
	return dec
}

func names(u unit) []string {
	var names []string
	for _, dec := range u {
		names = append(names, dec.obj.Name)
	}
	slices.Sort(names)
	return names
}

var _ = Describe("Batches", func() {
	It("keep together what happens to one name", func() {
		all := units([]*decision{
			changing("a", "DELETE www.example.com. CNAME"),
			changing("b", "CREATE mail.example.com. A"),
			changing("c", "CREATE www.example.com. A"),
			changing("d", "DELETE old.example.com. A", "CREATE new.example.com. A"),
			changing("e", "CREATE x.example.com. A"),
			changing("f", "DELETE new.example.com. TXT", "CREATE x.example.com. TXT"),
		})
		var groups [][]string
		for _, u := range all {
			groups = append(groups, names(u))
		}
		Expect(groups).To(ConsistOf([]string{"a", "c"}, []string{"b"}, []string{"d", "e", "f"}))
	})

	It("make room before they fill it", func() {
		batch := []unit{{changing("c", "CREATE www.example.com. A")}, {changing("a", "DELETE www.example.com. CNAME")}}
		alias := changing("z", "DELETE z.example.com. A")
		alias.changes[0].record.AliasTarget = &types.AliasTarget{}
		var order []types.ChangeAction
		changes := changesOfUnits(append(batch, unit{alias}))
		for _, c := range changes {
			order = append(order, c.action)
		}
		Expect(order).To(Equal([]types.ChangeAction{"DELETE", "DELETE", "CREATE"}))
		Expect(changes[0].record.AliasTarget).NotTo(BeNil(), "an alias goes before its target")
	})

	It("stay within Route 53's limits, lose nothing and split no name", func() {
		random := rand.New(rand.NewPCG(2, uint64(GinkgoRandomSeed())))
		for range 30 {
			decisions := make([]*decision, 50+random.IntN(400))
			for i := range decisions {
				action := []string{"CREATE", "UPSERT", "DELETE"}[random.IntN(3)]
				decisions[i] = changing(fmt.Sprint(i), fmt.Sprintf("%s n%d.example.com. A", action, random.IntN(300)))
				values := make([]string, 1+random.IntN(20))
				for j := range values {
					values[j] = strings.Repeat("v", 1+random.IntN(200))
				}
				decisions[i].changes[0].record = live("n", types.RRTypeTxt, values...)
			}
			rest, seen := units(decisions), 0
			for len(rest) > 0 {
				batch := firstBatch(rest, 0)
				Expect(batch).NotTo(BeEmpty())
				rest = rest[len(batch):]
				values, characters := 0, 0
				for _, u := range batch {
					v, c := u.weight()
					values, characters, seen = values+v, characters+c, seen+len(u)
				}
				if len(batch) > 1 || len(batch[0]) > 1 {
					Expect(values).To(BeNumerically("<=", maxBatchValues))
					Expect(characters).To(BeNumerically("<=", maxBatchCharacters))
				}
			}
			Expect(seen).To(Equal(len(decisions)))
		}
	})

	It("hold 400 created values, 200 upserted ones, or as many units as the search for a culprit allows", func() {
		many := func(action string) []unit {
			var decisions []*decision
			for i := range 1200 {
				decisions = append(decisions, changing(fmt.Sprint(i), fmt.Sprintf("%s n%d.example.com. A", action, i)))
			}
			return units(decisions)
		}
		Expect(firstBatch(many("CREATE"), 0)).To(HaveLen(targetBatchValues))
		Expect(firstBatch(many("DELETE"), 0)).To(HaveLen(targetBatchValues))
		Expect(firstBatch(many("UPSERT"), 0)).To(HaveLen(targetBatchValues / 2))
		Expect(firstBatch(many("UPSERT"), 7)).To(HaveLen(7))
		Expect(firstBatch(many("UPSERT"), 1)).To(HaveLen(1))
	})

	DescribeTable("find the culprits that a refusal names",
		func(message string, certain bool, want ...string) {
			batch := []unit{
				{changing("a", "CREATE www.example.com. A")}, {changing("b", `CREATE \052.dev.example.com. A`)},
				{changing("c", "CREATE mail.example.com. A")}, {changing("d", "CREATE m.example.com. A")},
			}
			batch[1][0].changes[0].record = live("dev.example.com.", types.RRTypeA, "192.0.2.1")
			batch[1][0].changes[0].record.HealthCheckId = aws.String("abc-1")
			batch[2][0].changes[0].record = live("mail.example.com.", types.RRTypeA, "bad-value")
			var found []string
			for i, b := range suspects(batch, []string{message}) {
				found = append(found, names(batch[i])...)
				Expect(b.certain).To(Equal(certain))
			}
			Expect(found).To(ConsistOf(want))
		},
		Entry("by name and type", "Tried to create resource record set [name='www.example.com.', type='A'] but it already exists", true, "a"),
		Entry("by DNS name", "RRSet with DNS name www.example.com. is not permitted in zone example.org.", true, "a"),
		Entry("by name with a comma", "RRSet with DNS name m.example.com., type TXT, SetIdentifier s cannot be created because", true, "d"),
		Entry("a wildcard, echoed in octal", `Tried to create resource record set [name='\052.dev.example.com.', type='A'] but it already exists`, true, "b"),
		Entry("a wildcard, as people write it", "RRSet with DNS name *.dev.example.com. is not permitted", true, "b"),
		Entry("by value", "Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'bad-value''", true, "c"),
		Entry("by its health check", "No health check exists with the specified ID: abc-1", true, "b"),
		Entry("a value that several have", "Duplicate Resource Record: '192.0.2.1'", false, "a", "b", "d"),
		Entry("nothing known", "Something is wrong.", false),
	)
})
