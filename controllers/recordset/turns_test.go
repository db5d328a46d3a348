package recordset

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	apitypes "k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

// metered makes a budget of a world that takes so many changes until it is topped up.
func metered(w *world, left *int) Reserve {
	return func(ctx context.Context, input *route53.ChangeResourceRecordSetsInput) (context.Context, func(), error) {
		n := len(input.ChangeBatch.Changes)
		if n > *left {
			return ctx, nil, &awsclient.BudgetError{Service: "route53", RetryAfter: 10 * time.Second}
		}
		*left -= n
		return ctx, func() {}, nil
	}
}

// stand counts the objects of a zone that are Ready, and those that were told anything.
func stand(w *world, zone string) (ready, told int) {
	for _, obj := range w.objects() {
		if obj.Spec.HostedZoneID != zone {
			continue
		}
		if meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionReady) {
			ready++
		}
		if len(obj.Status.Conditions) > 0 {
			told++
		}
	}
	return ready, told
}

var _ = Describe("Zones whose changes the request budget cannot pay for at once", func() {
	const each = 3
	var w *world
	var left int
	BeforeEach(func(ctx SpecContext) {
		w, left = newWorld(context.WithoutCancel(ctx), 1), each
		DeferCleanup(w.close)
		w.reserve = metered(w, &left)
		w.restart()
		for i := range 2 {
			w.makeZone(fmt.Sprintf("zone-%d.example", i))
			for j := range each {
				obj := object(fmt.Sprintf("r%d-%d", i, j))
				obj.UID, obj.Spec.HostedZoneID, obj.Spec.Name = apitypes.UID(obj.Name), w.zones[i], fmt.Sprint("host", j)
				w.create(obj)
			}
		}
	})

	It("have them made one after the other, and nothing is told of those that wait", func() {
		for range 5 {
			w.turn(false)
		}
		ready, _ := stand(w, w.zones[0])
		Expect(ready).To(Equal(each))
		_, told := stand(w, w.zones[1])
		Expect(told).To(BeZero())

		left = each
		w.Clock.Advance(10 * time.Second)
		for range 5 {
			w.turn(false)
		}
		ready, _ = stand(w, w.zones[1])
		Expect(ready).To(Equal(each))
	})

	It("say so within a few seconds when that is because AWS throttles", func() {
		throttle := "Route 53 GetChange: Rate exceeded"
		w.reserve = func(ctx context.Context, _ *route53.ChangeResourceRecordSetsInput) (context.Context, func(), error) {
			return ctx, nil, &awsclient.BudgetError{Service: "route53", RetryAfter: time.Second, Throttle: throttle}
		}
		w.restart()
		for range 7 {
			w.turn(false)
		}
		_, told := stand(w, w.zones[0])
		Expect(told).To(BeZero(), "it may pass before anyone notices")
		for range 8 {
			w.turn(false)
		}
		_, told = stand(w, w.zones[0])
		Expect(told).To(Equal(each))
		for _, obj := range w.objects() {
			Expect(obj.Status.Conditions).To(ContainElement(HaveField("Message", throttle)))
		}
	})

	It("say so at once when AWS throttles for long", func() {
		w.reserve = func(ctx context.Context, _ *route53.ChangeResourceRecordSetsInput) (context.Context, func(), error) {
			return ctx, nil, &awsclient.BudgetError{Service: "route53", RetryAfter: 16 * time.Second, Throttle: "Route 53 GetChange: Rate exceeded"}
		}
		w.restart()
		w.turn(false)
		_, told := stand(w, w.zones[0])
		Expect(told).To(Equal(each))
	})

	It("are told of what arrives while more of theirs waits", func() {
		w.turn(false)
		more := object("more")
		more.UID, more.Spec.HostedZoneID, more.Spec.Name = "more", w.zones[0], "more"
		w.create(more)
		for range 5 {
			w.turn(false)
		}
		ready, told := stand(w, w.zones[0])
		Expect([]int{ready, told}).To(Equal([]int{each, each}))
	})
})

var _ = It("A record says that its zone is being made when that takes a while", func(ctx SpecContext) {
	w := newWorld(ctx, 1)
	defer w.close()
	zone := &v1alpha1.HostedZone{}
	zone.Namespace, zone.Name, zone.Spec.Name = "ns", "zone", "example.com"
	Expect(w.Create(zone)).To(Succeed())
	obj := object("r")
	obj.UID, obj.Spec.HostedZoneID, obj.Spec.HostedZoneRef = "r", "", &v1alpha1.HostedZoneReference{Name: "zone"}
	w.create(obj)
	ref := apitypes.NamespacedName{Namespace: "ns", Name: "zone"}
	for range 4 {
		Expect(w.controller.LookAtWaiting(ctx, ref)).To(Succeed())
		Expect(w.objects()[0].Status.Conditions).To(BeEmpty())
		w.Clock.Advance(forbearance * 500 * time.Millisecond / 4)
	}
	Expect(w.controller.LookAtWaiting(ctx, ref)).To(Succeed())
	Expect(w.objects()[0].Status.Conditions).To(ContainElement(HaveField("Reason", v1alpha1.ReasonReferenceNotReady)))
})
