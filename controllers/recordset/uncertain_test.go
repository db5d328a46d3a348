package recordset

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apitypes "k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// A creation whose answer is lost, and a listing that does not show what it made: the next try says that the record
// exists, and the object that made it must not take it for somebody else's.
var _ = DescribeTable("A record of whose creation nothing was heard is deleted with its object", func(ctx SpecContext, with func(*v1alpha1.RecordSet)) {
	w := newWorld(context.WithoutCancel(ctx), 1)
	DeferCleanup(w.close)
	w.makeZone("example.com")
	obj := object("r")
	with(obj)
	obj.UID, obj.Spec.HostedZoneID, obj.Finalizers = apitypes.UID("r"), w.zones[0], nil
	w.create(obj)
	for _, fault := range []awssim.Fault{
		{Service: "route53", Operation: "ChangeResourceRecordSets", Kind: awssim.After500, Count: 1},
		{Service: "route53", Operation: "ListResourceRecordSets", Kind: awssim.Stale, Count: 2, Skip: 1},
	} {
		Expect(w.Sim.AddFault(fault)).To(Succeed())
	}
	for range 40 {
		w.turn(false)
	}
	Expect(w.Sim.Faults()).To(BeEmpty())
	Expect(w.records(w.zones[0])).To(HaveLen(1))
	Expect(w.settle()).To(BeTrue())
	w.remove(w.objects()[0])
	Expect(w.settle()).To(BeTrue())
	Expect(w.objects()).To(BeEmpty())
	Expect(w.records(w.zones[0])).To(BeEmpty())
},
	Entry("a user's", func(*v1alpha1.RecordSet) {}),
	Entry("one that validates a certificate", func(obj *v1alpha1.RecordSet) {
		yes := true
		obj.OwnerReferences = []metav1.OwnerReference{{APIVersion: v1alpha1.GroupVersion.String(), Kind: "LoadBalancer", Name: "web", UID: "lb", Controller: &yes}}
	}),
)
