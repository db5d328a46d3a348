package recordset

import (
	"context"

	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// mostEvents is how many objects of one turn tell by events of their own what was done for them. In a burst, an event
// costs the API server as much as any other write, and nobody reads a thousand of them.
const mostEvents = 10

// hush keeps the objects of a burst from telling one by one what was done for them, and returns the HostedZones that
// tell it instead: none when each object tells for itself. Repairs are always told one by one.
func (r *Reconciler) hush(ctx context.Context, z *zone, decisions []*decision) []v1alpha1.HostedZone {
	var talking []*decision
	for _, dec := range decisions {
		if !dec.drifted && len(dec.events()) > 0 {
			talking = append(talking, dec)
		}
	}
	if len(talking) <= mostEvents {
		return nil
	}
	owners, err := r.hostedZones(ctx, z.id)
	if err != nil {
		log.FromContext(ctx).Error(err, "Could not find out which HostedZone stands for the zone", "zone", z.id)
		return nil
	}
	for _, dec := range talking {
		dec.hushed = len(owners) > 0
	}
	return owners
}

// tellTogether has the HostedZones tell what was done for the objects that were hushed.
func (r *Reconciler) tellTogether(owners []v1alpha1.HostedZone, decisions []*decision) {
	var done []v1alpha1.PlannedChange
	for _, dec := range decisions {
		if dec.hushed && !dec.failed {
			done = append(done, dec.plan()...)
		}
	}
	for i := range owners {
		r.writer.Tell(&owners[i], lifecycle.EventsTogether(done)...)
	}
}
