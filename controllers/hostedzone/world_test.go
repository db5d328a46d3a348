package hostedzone_test

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/hostedzone"
	"github.com/evenkeel/evenkeel/controllers/internal/sandbox"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// world is a sandbox in which HostedZones are turned by hand, and nobody carries out their RecordSets.
type world struct{ *sandbox.World }

// newWorld prepares a world before each spec of a container.
func newWorld() *world {
	w := new(world)
	BeforeEach(func(ctx context.Context) {
		inner, err := sandbox.New(context.WithoutCancel(ctx), uint64(GinkgoRandomSeed()), hostedzone.AddIndexes)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(inner.Close)
		w.World = inner
	})
	return w
}

// turn looks at a zone as often as it takes for Route 53 to carry out what one look begins, and returns how it stands.
func (w *world) turn(zone *v1alpha1.HostedZone, looks int) *v1alpha1.HostedZone {
	GinkgoHelper()
	reconciler := hostedzone.New(hostedzone.Options{Options: w.Lifecycle(judge.Outcome), Clients: w.Clients, ClusterID: "here", Poll: time.Second, Clock: w.Clock})
	for range looks {
		_, _ = reconciler.Reconcile(w.Ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(zone)})
		w.Clock.Advance(2 * time.Second)
	}
	Expect(w.Store.Get(w.Ctx, client.ObjectKeyFromObject(zone), zone)).To(Succeed())
	return zone
}

// carriedOut lets a RecordSet stand as one whose record is in Route 53.
func (w *world) carriedOut(name string) {
	GinkgoHelper()
	record := &v1alpha1.RecordSet{}
	Expect(w.Store.Get(w.Ctx, client.ObjectKey{Namespace: "dns", Name: name}, record)).To(Succeed())
	lifecycle.Summarize(record, lifecycle.Done("The record is as declared."))
	Expect(w.Store.Status().Update(w.Ctx, record)).To(Succeed())
}

func ready(zone *v1alpha1.HostedZone) metav1.ConditionStatus {
	return meta.FindStatusCondition(zone.Status.Conditions, v1alpha1.ConditionReady).Status
}

var _ = Describe("A HostedZone that keeps its delegation in a parent", func() {
	w := newWorld()

	It("is not Ready in the turn in which the delegation changes", func() {
		zone := &v1alpha1.HostedZone{ObjectMeta: metav1.ObjectMeta{Namespace: "dns", Name: "lab"}, Spec: v1alpha1.HostedZoneSpec{
			Name: "lab.example.com", DelegateFrom: &v1alpha1.Delegation{HostedZoneReference: v1alpha1.HostedZoneReference{Name: "old"}},
		}}
		Expect(w.Create(zone)).To(Succeed())
		w.turn(zone, 3)
		w.carriedOut("lab-delegation-ns")
		Expect(ready(w.turn(zone, 1))).To(Equal(metav1.ConditionTrue))

		zone.Spec.DelegateFrom.Name = "new"
		Expect(w.Update(zone)).To(Succeed())
		Expect(ready(w.turn(zone, 1))).To(Equal(metav1.ConditionFalse), "the RecordSet has only been told of the new parent")
		w.carriedOut("lab-delegation-ns")
		Expect(ready(w.turn(zone, 1))).To(Equal(metav1.ConditionTrue))
	})
})

var _ = Describe("A HostedZone that is signed", func() {
	const key = "arn:aws:kms:us-east-1:123456789012:key/00000001"
	w := newWorld()
	// tells is what both conditions of a zone say, which must be the same.
	tells := func(zone *v1alpha1.HostedZone) string {
		GinkgoHelper()
		var told []string
		for _, name := range []string{v1alpha1.ConditionReady, v1alpha1.ConditionSigned} {
			found := meta.FindStatusCondition(zone.Status.Conditions, name)
			Expect(found).NotTo(BeNil(), name)
			Expect(found.ObservedGeneration).To(Equal(zone.Generation))
			told = append(told, string(found.Status)+" "+found.Reason+": "+found.Message)
		}
		Expect(told[1]).To(Equal(told[0]), "Signed and Ready tell the same story")
		return told[0]
	}

	DescribeTable("says what is wrong with its KMS key, and heals", func(breaks, mends func(), before bool, text string) {
		zone := &v1alpha1.HostedZone{ObjectMeta: metav1.ObjectMeta{Namespace: "dns", Name: "zone"}, Spec: v1alpha1.HostedZoneSpec{
			Name: "example.com", DNSSEC: &v1alpha1.DNSSEC{KeySigningKeys: []v1alpha1.KeySigningKey{{Name: "first", KMSKeyARN: key}}},
		}}
		if before {
			breaks()
		}
		Expect(w.Create(zone)).To(Succeed())
		w.turn(zone, 6)
		if !before {
			Expect(ready(zone)).To(Equal(metav1.ConditionTrue))
			breaks()
			w.turn(zone, 1)
		}
		told := tells(zone)
		Expect(told).To(And(HavePrefix("False "), ContainSubstring(text)))
		Expect(tells(w.turn(zone, 1))).To(Equal(told), "as long as it lasts")
		mends()
		w.turn(zone, 6)
		Expect(ready(zone)).To(Equal(metav1.ConditionTrue))
		Expect(meta.IsStatusConditionTrue(zone.Status.Conditions, v1alpha1.ConditionSigned)).To(BeTrue())
	},
		Entry("that is refused", func() { Expect(w.Sim.SetKMSKey(key, "the key is disabled")).To(Succeed()) },
			func() { Expect(w.Sim.SetKMSKey(key, "")).To(Succeed()) }, true, "InvalidSpec: "),
		Entry("that was disabled later", func() { Expect(w.Sim.SetKMSKey(key, "the key is disabled")).To(Succeed()) },
			func() { Expect(w.Sim.SetKMSKey(key, "")).To(Succeed()) }, false, "InvalidSpec: Route 53 reports ACTION_NEEDED"),
		Entry("that Route 53 fails with", func() { w.Sim.FailKMSKey(key, true) },
			func() { w.Sim.FailKMSKey(key, false) }, false, "AWSError: Route 53 reports INTERNAL_FAILURE"),
	)
})
