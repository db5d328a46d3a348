package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

const (
	zoneCount = 10
	// zoneCalls is what each zone may cost: 12 as for one zone of 1,000 records, and 6 to make it.
	zoneCalls = 18
	// changesAtOnce and changesPerSecond are how many record changes AWS takes of an account.
	changesAtOnce    = 1500
	changesPerSecond = 100
	// zonesRatio is how many times the time may be that AWS needs to take the changes, or the floor where that is longer.
	zonesRatio = 2
	// tenthShare is the part of the time after which a tenth of the records must be Ready: zones take turns from the start
	// on, instead of all getting ready to begin.
	tenthShare = 0.3
)

// zones measures many zones, none of which is there yet, with all their records.
func zones(ctx context.Context, b *bench) (results []*result, err error) {
	r := &result{Row: "zones", Work: fmt.Sprintf("%d new HostedZones of %d RecordSets each, there at the start", zoneCount, burstSize)}
	w, err := b.newWorld(ctx, r.Row)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	if err := w.addZones(ctx); err != nil {
		return nil, err
	}
	objects := records(w.namespace, zoneCount*burstSize)
	for i, obj := range objects {
		obj.Spec.HostedZoneRef.Name = nthZone(i % zoneCount)
	}
	if err := w.create(ctx, objects); err != nil {
		return nil, err
	}
	seen, err := w.watchRecordSets(ctx, w.namespace, len(objects))
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	began := time.Now()
	if late, err := w.converge(ctx, seen, len(objects), 0, r); late || err != nil {
		return []*result{r}, err
	}
	if r.FloorSeconds, err = w.floor(ctx, seen, len(objects)); err != nil {
		return []*result{r}, err
	}
	r.Ratio = r.Seconds / r.FloorSeconds
	bound := throughputBound(len(objects))
	r.note("AWS takes so many changes in no less than %.0f s: %d at once, and %d a second", bound.Seconds(), changesAtOnce, changesPerSecond)
	r.atMost("Route 53 calls per zone", (r.total()+zoneCount-1)/zoneCount, zoneCalls)
	r.atMost("throttles", r.Throttles, 0)
	least := max(bound.Seconds(), r.FloorSeconds)
	r.atMostSeconds(fmt.Sprintf("times the %.0f s that AWS, or the API server, needs", least), r.Seconds/least, zonesRatio)
	r.atMostSeconds("of the time until a tenth is Ready", seen.readyAfter(len(objects)/10).Sub(began).Seconds()/r.Seconds, tenthShare)
	return []*result{r}, nil
}

// throughputBound is the time in which AWS takes so many new records, and not sooner.
func throughputBound(changes int) time.Duration {
	return time.Duration(max(changes-changesAtOnce, 0)) * time.Second / changesPerSecond
}

func nthZone(i int) string { return fmt.Sprintf("zone-%d", i) }

// addZones declares the zones. No manager runs, so none of them is made yet.
func (w *world) addZones(ctx context.Context) error {
	for i := range zoneCount {
		name := nthZone(i)
		zone := &v1alpha1.HostedZone{
			ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: name}, Spec: v1alpha1.HostedZoneSpec{Name: name + "." + zoneName},
		}
		if err := w.admin.Create(ctx, zone); err != nil {
			return fmt.Errorf("creating the zone %s: %w", name, err)
		}
	}
	return nil
}
