package sequences

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/hostedzone"
	"github.com/evenkeel/evenkeel/controllers/internal/sandbox"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/recordset"
)

const (
	namespace = "ns"
	cluster   = "cluster"
)

// world is a sandbox with the controllers of zones and of records in it.
type world struct {
	*sandbox.World
	zones   reconcile.Reconciler
	records *recordset.Reconciler
}

func newWorld(ctx context.Context, seed uint64) *world {
	inner, err := sandbox.New(ctx, seed, hostedzone.AddIndexes, recordset.AddIndexes)
	Expect(err).NotTo(HaveOccurred())
	w := &world{World: inner}
	w.restart()
	return w
}

// restart replaces the controllers, dead or alive, by new ones that know nothing.
func (w *world) restart() {
	w.Revive()
	shared := w.Lifecycle(judge.Outcome)
	w.zones = hostedzone.New(hostedzone.Options{Options: shared, Clients: w.Clients, ClusterID: cluster, Poll: time.Second, Clock: w.Clock})
	w.records = recordset.New(recordset.Options{
		Options: shared, Route53: w.Clients.Route53, Clock: w.Clock, BatchInterval: 500 * time.Millisecond, FirstPoll: 500 * time.Millisecond,
	})
}

// turn looks once at every object and every zone but those that are skipped, as work queues would have it after events.
func (w *world) turn(afresh bool, skip func() bool) {
	for _, zone := range w.hostedZones() {
		if !skip() {
			_, _ = w.zones.Reconcile(w.Ctx, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(zone)})
		}
	}
	w.collectGarbage()
	ids, refs := map[string]bool{}, map[types.NamespacedName]bool{}
	for _, zone := range w.Sim.Zones() {
		ids[zone.ID] = true
	}
	for _, zone := range w.hostedZones() {
		ids[zone.Status.ID] = zone.Status.ID != ""
	}
	for _, record := range w.recordSets() {
		refs[types.NamespacedName{Namespace: namespace, Name: record.Spec.HostedZoneRef.Name}] = true
		for _, claim := range record.Status.Records {
			ids[claim.HostedZoneID] = true
		}
	}
	for _, id := range sorted(ids) {
		if ids[id] && !skip() {
			_ = w.records.Look(w.Ctx, id, afresh)
		}
	}
	for ref := range refs {
		_ = w.records.LookAtWaiting(w.Ctx, ref)
	}
	w.Clock.Advance(300 * time.Millisecond)
}

// collectGarbage deletes objects whose owner is gone, as Kubernetes does.
func (w *world) collectGarbage() {
	zones := w.hostedZones()
	for _, record := range w.recordSets() {
		owner := metav1.GetControllerOf(record)
		if owner != nil && !slices.ContainsFunc(zones, func(z *v1alpha1.HostedZone) bool { return z.UID == owner.UID }) {
			Expect(w.Delete(record)).To(Succeed())
		}
	}
}

func never() bool { return false }

// settle lets the controllers work in peace until nothing has changed for a while, longer than keys retire. It reports
// whether they came to rest.
func (w *world) settle(after func()) bool {
	w.Sim.ClearFaults()
	turns := 0
	w.restart()
	for quiet := 0; quiet < 8; quiet++ {
		if turns++; turns > 300 {
			return false
		}
		before := w.standing()
		w.turn(false, never)
		after()
		if w.standing() != before {
			quiet = 0
		}
		if quiet == 4 {
			w.restart()
		}
		w.Clock.Advance(time.Duration(quiet) * 20 * time.Second) // past parkings, too
		if quiet == 6 {
			w.Clock.Advance(49 * time.Hour)
		}
	}
	return true
}

func (w *world) hostedZones() []*v1alpha1.HostedZone {
	var list v1alpha1.HostedZoneList
	Expect(w.Store.List(w.Ctx, &list)).To(Succeed())
	return pointers(list.Items)
}

func (w *world) recordSets() []*v1alpha1.RecordSet {
	var list v1alpha1.RecordSetList
	Expect(w.Store.List(w.Ctx, &list)).To(Succeed())
	return pointers(list.Items)
}

func pointers[T any](items []T) []*T {
	list := make([]*T, len(items))
	for i := range items {
		list[i] = &items[i]
	}
	return list
}

// standing tells how everything stands.
func (w *world) standing() string {
	var lines []string
	tell := func(obj lifecycle.Object, more string) {
		lines = append(lines, fmt.Sprintf("%T %s %s gen %d deleting %t %s: %v", obj, obj.GetName(), obj.GetUID(), obj.GetGeneration(), lifecycle.Deleting(obj), more, obj.CommonStatus().Conditions))
	}
	for _, zone := range w.hostedZones() {
		tell(zone, fmt.Sprintf("zone %s change %s managed %v dnssec %+v", zone.Status.ID, zone.Status.ChangeID, zone.Status.ManagedFields, zone.Status.DNSSEC))
	}
	for _, record := range w.recordSets() {
		tell(record, fmt.Sprintf("of %s owns %v change %s", record.Spec.HostedZoneRef.Name, record.Status.Records, record.Status.ChangeID))
	}
	for _, zone := range w.Sim.Zones() {
		lines = append(lines, fmt.Sprintf("%s %s private %t %v keys %d", zone.ID, zone.Name, zone.Private, zone.VPCs, len(zone.Keys)))
		for k, content := range recordsOf(zone) {
			lines = append(lines, fmt.Sprintf("%s: %s", k, content))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}
