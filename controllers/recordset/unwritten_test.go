package recordset

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime/schema"
	apitypes "k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

var _ = Describe("Objects that cannot be written to the API server", func() {
	const records = 3
	var w *world
	var tries atomic.Int64
	add := func(name string) {
		obj := object(name)
		obj.UID, obj.Spec.HostedZoneID = apitypes.UID(name), w.zones[0]
		w.create(obj)
	}
	BeforeEach(func(ctx SpecContext) {
		w = newWorld(context.WithoutCancel(ctx), 1)
		DeferCleanup(w.close)
		tries.Store(0)
		w.makeZone("example.com")
		for i := range records {
			add(fmt.Sprint("r", i))
		}
	})
	// pass lets time go by, in which the zone is looked at when it asks for it.
	pass := func(span time.Duration) {
		for end := w.Clock.Now().Add(span); w.Clock.Now().Before(end); {
			result, err := w.controller.Reconcile(w.Ctx, request{ZoneID: w.zones[0]})
			Expect(err).NotTo(HaveOccurred())
			Expect(result.RequeueAfter).To(BeNumerically(">", 0))
			w.Clock.Advance(min(result.RequeueAfter, end.Sub(w.Clock.Now())))
		}
	}
	ready := func() int {
		count, _ := stand(w, w.zones[0])
		return count
	}

	It("are tried less and less often while it is away, and soon when it is back", func() {
		w.Refuse = func(client.Object) error {
			tries.Add(1)
			return errors.New("dial tcp 127.0.0.1:6443: connect: connection refused")
		}
		pass(time.Minute)
		Expect(tries.Load()).To(BeNumerically("~", 10*records, 5*records))
		Expect(w.records(w.zones[0])).To(BeEmpty())
		w.Refuse = nil
		pass(2 * longestPutOff)
		Expect(ready()).To(Equal(records))
	})

	It("hold up no others", func() {
		w.Refuse = func(obj client.Object) error {
			if obj.GetName() != "r0" {
				return nil
			}
			tries.Add(1)
			return apierrors.NewForbidden(schema.GroupResource{Group: v1alpha1.GroupVersion.Group, Resource: "recordsets"}, obj.GetName(), errors.New("a policy forbids it"))
		}
		pass(time.Minute)
		Expect(ready()).To(Equal(records - 1))
		Expect(tries.Load()).To(BeNumerically("<", 20))
		before := tries.Load()
		add("another")
		Expect(w.controller.Look(w.Ctx, w.zones[0], false)).To(Succeed())
		pass(2 * time.Second)
		Expect(ready()).To(Equal(records))
		Expect(tries.Load() - before).To(BeNumerically("<", 10))
		w.Refuse = nil
		pass(2 * longestPutOff)
		Expect(ready()).To(Equal(records + 1))
	})
})
