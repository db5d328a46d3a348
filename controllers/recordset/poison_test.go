package recordset

import (
	"fmt"
	"slices"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apitypes "k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

var _ = DescribeTable("A record that Route 53 refuses without saying which is found by halving",
	func(ctx SpecContext, size, culprit int) {
		w := newWorld(ctx, 1)
		defer w.close()
		w.makeZone("example.com")
		w.poison = "192.0.2.66"
		for i := range size {
			obj := object(fmt.Sprint("r", i), valued("192.0.2.1"))
			obj.UID, obj.Spec.HostedZoneID = apitypes.UID(obj.Name), w.zones[0]
			obj.ObjectMeta.CreationTimestamp = metav1.Time{}
			if i == culprit {
				obj.Spec.ResourceRecords = []v1alpha1.ResourceRecord{v1alpha1.ResourceRecord(w.poison)}
			}
			w.create(obj)
		}
		for range 25 {
			w.turn(false)
			w.turn(false)
		}
		ready := 0
		for _, obj := range w.objects() {
			if meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionReady) {
				ready++
			} else {
				Expect(obj.Name).To(Equal(fmt.Sprint("r", culprit)))
				stalled := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionStalled)
				Expect(stalled).NotTo(BeNil())
				Expect(stalled.Message).To(ContainSubstring("Something is wrong."))
				Expect(obj.Status.Records).To(BeEmpty())
			}
		}
		Expect(ready).To(Equal(size - 1))
		calls := w.Sim.Meter().Calls
		found := slices.Index(w.refused, 1) + 1
		Expect(found+calls["route53/ChangeResourceRecordSets"]+calls["route53/GetChange"]).To(BeNumerically("<=", 28),
			"refused batches of %v, %v", w.refused, calls)
		for _, retried := range w.refused[found:] {
			Expect(retried).To(Equal(1), "what was refused is tried again alone")
		}
	},
	Entry("the first of 450", 450, 0),
	Entry("in the first half", 450, 150),
	Entry("in the second half", 450, 390),
	Entry("in the last batch", 450, 449),
	Entry("one of two", 2, 1),
	Entry("alone", 1, 0),
)

var _ = It("A record that Route 53 takes at last says that it is on its way", func(ctx SpecContext) {
	w := newWorld(ctx, 1)
	defer w.close()
	w.makeZone("example.com")
	w.poison = "192.0.2.66"
	obj := object("r", valued(v1alpha1.ResourceRecord(w.poison)))
	obj.UID, obj.Spec.HostedZoneID = apitypes.UID(obj.Name), w.zones[0]
	w.create(obj)
	w.turn(false)
	Expect(w.objects()[0].Status.Conditions).To(ContainElement(HaveField("Type", v1alpha1.ConditionStalled)))

	w.poison = ""
	w.Clock.Advance(firstParking)
	w.turn(false)
	Expect(w.records(w.zones[0])).To(HaveLen(1))
	status := w.objects()[0].Status
	Expect(status.Conditions).NotTo(ContainElement(HaveField("Type", v1alpha1.ConditionStalled)))
	Expect(status.Conditions).To(ContainElement(And(
		HaveField("Type", v1alpha1.ConditionReconciling), HaveField("Reason", v1alpha1.ReasonPropagating))))
	Expect(status.ChangeID).NotTo(BeEmpty())

	w.Clock.Advance(2 * time.Second)
	w.turn(false)
	Expect(meta.IsStatusConditionTrue(w.objects()[0].Status.Conditions, v1alpha1.ConditionReady)).To(BeTrue())
})

var _ = It("A record with a health check that does not exist holds up no other", func(ctx SpecContext) {
	w := newWorld(ctx, 1)
	defer w.close()
	w.makeZone("example.com")
	for i := range 20 {
		obj := object(fmt.Sprint("r", i))
		obj.UID, obj.Spec.HostedZoneID = apitypes.UID(obj.Name), w.zones[0]
		obj.ObjectMeta.CreationTimestamp = metav1.Time{}
		if i == 7 {
			obj.Spec.HealthCheckID = "00000000-0000-4000-8000-000000000000"
		}
		w.create(obj)
	}
	for range 20 {
		w.turn(false)
	}
	for _, obj := range w.objects() {
		if obj.Spec.HealthCheckID == "" {
			Expect(meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionReady)).To(BeTrue(), "%s: %v", obj.Name, obj.Status.Conditions)
			continue
		}
		waiting := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionReconciling)
		Expect(waiting).To(HaveField("Reason", v1alpha1.ReasonReferenceNotFound))
		Expect(waiting.Message).To(ContainSubstring(string(obj.Spec.HealthCheckID)))
		Expect(obj.Status.Records).To(BeEmpty())
	}
	Expect(w.Sim.Meter().Calls["route53/ChangeResourceRecordSets"]).To(BeNumerically("<=", 6))
})
