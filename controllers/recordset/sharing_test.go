package recordset

import (
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

var _ = Describe("Records that LoadBalancers need to be there", func() {
	const name, value = "_a.example.com.", "_b.acm-validations.aws."
	none := []*types.ResourceRecordSet(nil)
	there := []*types.ResourceRecordSet{live(name, types.RRTypeCname, value)}
	kept := func(o *v1alpha1.RecordSet) {
		controller := true
		o.OwnerReferences = []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "LoadBalancer", Name: "web", UID: "web", Controller: &controller}}
	}
	record := func(called string, edits ...func(*v1alpha1.RecordSet)) *v1alpha1.RecordSet {
		return object(called, append([]func(*v1alpha1.RecordSet){named(name), typed("CNAME", value), kept}, edits...)...)
	}
	users := func(o *v1alpha1.RecordSet) { o.OwnerReferences = nil }
	own := owning(name, "CNAME")

	DescribeTable("are shared", func(records []*types.ResourceRecordSet, objects []*v1alpha1.RecordSet, want map[string]string) {
		Expect(decided(records, objects...)).To(Equal(want))
	},
		Entry("made when nobody has", none, []*v1alpha1.RecordSet{record("one")}, map[string]string{"one": "CREATE _a.example.com. CNAME; "}),
		Entry("left to whoever made it, and not adopted", there, []*v1alpha1.RecordSet{record("one")}, map[string]string{"one": "Converged"}),
		Entry("left to whoever made it with another TTL", []*types.ResourceRecordSet{func() *types.ResourceRecordSet {
			r := live(name, types.RRTypeCname, value)
			*r.TTL = 60
			return r
		}()}, []*v1alpha1.RecordSet{record("one")}, map[string]string{"one": "Converged"}),
		Entry("in conflict when somebody's differs", []*types.ResourceRecordSet{live(name, types.RRTypeCname, "other.")},
			[]*v1alpha1.RecordSet{record("one")}, map[string]string{"one": "Conflict"}),
		Entry("made by one of two", none, []*v1alpha1.RecordSet{record("one"), record("two", younger(1))},
			map[string]string{"one": "CREATE _a.example.com. CNAME; ", "two": "Creating"}),
		Entry("kept by one of two", there, []*v1alpha1.RecordSet{record("one"), record("two", younger(1), own)},
			map[string]string{"one": "Converged", "two": ""}),
		Entry("taken over when that one goes", there, []*v1alpha1.RecordSet{record("one"), record("two", younger(1), own, deleted)},
			map[string]string{"one": "ADOPT ", "two": "hands over; "}),
		Entry("deleted with the last one", there, []*v1alpha1.RecordSet{record("two", own, deleted)},
			map[string]string{"two": "DELETE _a.example.com. CNAME; "}),
		Entry("left when one goes that did not keep it", there, []*v1alpha1.RecordSet{record("one", deleted), record("two", own)},
			map[string]string{"one": "", "two": ""}),
		Entry("kept by a user's RecordSet, which is younger", there, []*v1alpha1.RecordSet{record("one"), record("mine", younger(1), users)},
			map[string]string{"one": "Converged", "mine": "ADOPT "}),
		Entry("as declared until a user's RecordSet changes it", there, []*v1alpha1.RecordSet{record("one"), record("mine", users, typed("CNAME", "other."), own)},
			map[string]string{"one": "Converged", "mine": "UPSERT _a.example.com. CNAME; "}),
		Entry("set right by the one that keeps it", []*types.ResourceRecordSet{live(name, types.RRTypeCname, "other.")},
			[]*v1alpha1.RecordSet{record("one", own)}, map[string]string{"one": "UPSERT _a.example.com. CNAME; "}),
		Entry("not shared by others", there, []*v1alpha1.RecordSet{record("one", own), record("mine", younger(1), users)},
			map[string]string{"one": "", "mine": "Conflict"}),
	)
})
