package recordset

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// emptied is a zone with a record of the instances of a group, which is taken away while there is none.
type emptied struct {
	*world
	group *v1alpha1.AutoScalingGroup
}

func newEmptied(ctx context.Context, addresses ...string) *emptied {
	GinkgoHelper()
	w := &emptied{world: newWorld(ctx, 1), group: &v1alpha1.AutoScalingGroup{}}
	DeferCleanup(w.close)
	w.makeZone("example.com")
	w.group.Namespace, w.group.Name = "ns", "web"
	w.group.Status.Addresses = &v1alpha1.InstanceAddresses{PrivateIPv4: addresses}
	Expect(w.Create(w.group)).To(Succeed())
	obj := object("workers")
	obj.Spec.HostedZoneID, obj.Spec.ResourceRecords = w.zones[0], nil
	obj.Spec.InstancesOf = &v1alpha1.InstancesOf{
		AutoScalingGroupRef: v1alpha1.AutoScalingGroupReference{Name: "web"}, Address: v1alpha1.AddressPrivateIPv4, WhenEmpty: v1alpha1.WhenEmptyRemove,
	}
	w.create(obj)
	Expect(w.settle()).To(BeTrue())
	return w
}

// tell has the group tell other addresses.
func (w *emptied) tell(addresses ...string) {
	GinkgoHelper()
	w.group.Status.Addresses = &v1alpha1.InstanceAddresses{PrivateIPv4: append([]string{}, addresses...)}
	Expect(w.Update(w.group)).To(Succeed())
}

// answers are the values of the only record, if it is there.
func (w *emptied) answers() []string {
	GinkgoHelper()
	values := []string{}
	for _, record := range w.records(w.zones[0]) {
		for i := range record.ResourceRecords {
			values = append(values, *record.ResourceRecords[i].Value)
		}
	}
	return values
}

// expectRest expects that all stands as told, and that nothing more is written.
func (w *emptied) expectRest(answers []string, objects int) {
	GinkgoHelper()
	Expect(w.settle()).To(BeTrue(), "it never comes to rest: %s", w.standing())
	Expect(w.answers()).To(Equal(answers))
	Expect(w.objects()).To(HaveLen(objects))
	for _, obj := range w.objects() {
		Expect(meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionReady)).To(BeTrue(), w.standing())
		Expect(obj.Status.Records).To(HaveLen(len(answers)), "what it claims")
	}
	before := w.counts()
	w.turn(true)
	Expect(w.counts()).To(Equal(before))
}

// emptying is something that happens to such a record.
type emptying struct {
	name string
	// before and after are the addresses that the group tells.
	before []string
	do     func(*emptied)
	after  []string
	gone   bool
	// idle is set when Route 53 has it all already.
	idle bool
}

var _ = Describe("A record that is taken away while there is no instance, whatever line is the last,", func() {
	happenings := []emptying{
		{name: "goes with the last instance", before: []string{"10.0.0.1"}, do: func(w *emptied) { w.tell() }, after: []string{}},
		{name: "comes with the first instance", do: func(w *emptied) { w.tell("10.0.0.2") }, after: []string{"10.0.0.2"}},
		{name: "comes and goes at once", before: []string{"10.0.0.1"}, do: func(w *emptied) { w.tell(); w.turn(false); w.tell("10.0.0.3") }, after: []string{"10.0.0.3"}},
		{name: "is deleted while it is away", do: func(w *emptied) { w.remove(w.objects()[0]) }, after: []string{}, gone: true, idle: true},
		{name: "is deleted as the last instance goes", before: []string{"10.0.0.1"}, do: func(w *emptied) { w.tell(); w.turn(false); w.remove(w.objects()[0]) }, after: []string{}, gone: true},
	}
	objects := func(h emptying) int {
		if h.gone {
			return 0
		}
		return 1
	}

	for _, h := range happenings {
		for _, after := range []bool{false, true} {
			It(fmt.Sprintf("%s, though the controller dies at any step (after it took effect: %t)", h.name, after), func(ctx SpecContext) {
				for n := 0; ; n++ {
					w := newEmptied(context.WithoutCancel(ctx), h.before...)
					w.Arm(n, after)
					h.do(w)
					for range 6 {
						w.turn(false)
					}
					died := w.IsDead()
					w.expectRest(h.after, objects(h))
					if !died {
						Expect(n).To(BeNumerically(">", 1), "nothing was done")
						break
					}
				}
			})
		}
		if h.idle {
			continue
		}
		for _, fault := range []awssim.Kind{awssim.Throttle, awssim.Before500, awssim.After500, awssim.Drop} {
			It(fmt.Sprintf("%s, though a change of records fails by %s", h.name, fault), func(ctx SpecContext) {
				w := newEmptied(context.WithoutCancel(ctx), h.before...)
				Expect(w.Sim.AddFault(awssim.Fault{Service: "route53", Operation: "ChangeResourceRecordSets", Kind: fault, Count: 1})).To(Succeed())
				h.do(w)
				for range 6 {
					w.turn(false)
				}
				Expect(w.Sim.Faults()).To(BeEmpty(), "the call was never made")
				w.expectRest(h.after, objects(h))
			})
		}
	}
})
