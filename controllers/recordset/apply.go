package recordset

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	// writers is how many objects are written to the API server at a time.
	writers = 16
	// firstParking is how long a refused object waits before it is tried again; the pause doubles up to the resync period.
	firstParking = 10 * time.Second
	// longestPause bounds, in multiples of the batch interval, how long new changes pile up under a steady stream.
	longestPause = 2
)

// dispatch sends the first batch of what is to be changed: claims first, then one accepted ChangeResourceRecordSets.
// What does not fit, or is cut off, is decided again in the next turn.
func (r *Reconciler) dispatch(ctx context.Context, z *zone, decisions []*decision) error {
	var ready []*decision
	for _, dec := range decisions {
		if dec.toSend() {
			ready = append(ready, dec)
		}
	}
	if len(ready) == 0 {
		return nil
	}
	batch := firstBatch(units(z.inTurn(ready)), z.limit)
	call, wait, release, err := r.setAside(ctx, z, batch)
	if err != nil || wait > 0 {
		z.nextSend = laterOf(z.nextSend, r.clock.Now().Add(wait))
		return err
	}
	defer release()
	if batch = r.intend(ctx, z, batch); len(batch) == 0 {
		return ctx.Err()
	}
	return r.send(call, z, batch)
}

// setAside takes of the request budget what a batch changes. When that is not to be had now, it returns how long it will
// take: until then nothing is told to the batch's objects, so that zones which are due together come to their turn one
// after the other, and what each is told is soon done. That AWS throttles is an error.
func (r *Reconciler) setAside(ctx context.Context, z *zone, batch []unit) (call context.Context, wait time.Duration, release func(), err error) {
	if r.reserve == nil {
		return ctx, 0, func() {}, nil
	}
	call, release, err = r.reserve(ctx, requestFor(z, changesOfUnits(batch)))
	if awsclient.Paced(err) {
		return ctx, awsclient.RetryAfter(err), nil, nil
	}
	return call, 0, release, err
}

func requestFor(z *zone, changes []change) *route53.ChangeResourceRecordSetsInput {
	request := &route53.ChangeResourceRecordSetsInput{HostedZoneId: &z.id, ChangeBatch: &types.ChangeBatch{}}
	for _, c := range changes {
		request.ChangeBatch.Changes = append(request.ChangeBatch.Changes, types.Change{Action: c.action, ResourceRecordSet: c.record})
	}
	return request
}

// intend writes down, for every object of a batch, what is about to happen, and returns the units for which that could
// be done; the others are decided again.
func (r *Reconciler) intend(ctx context.Context, z *zone, batch []unit) []unit {
	all := slices.Concat(batch...)
	workqueue.ParallelizeUntil(ctx, writers, len(all), func(i int) {
		if err := r.claim(ctx, z, all[i]); err != nil {
			all[i].failed = true
			r.logWrite(ctx, z, all[i], err)
		}
	})
	if ctx.Err() != nil {
		return nil
	}
	for _, dec := range all {
		if dec.drifted {
			z.repairs[dec.obj.UID] = dec.obj.Generation
		}
		begun, repairing := z.repairs[dec.obj.UID]
		dec.drifted = dec.drifted || repairing && begun == dec.obj.Generation
	}
	return slices.DeleteFunc(slices.Clone(batch), func(u unit) bool {
		return slices.ContainsFunc(u, func(dec *decision) bool { return dec.failed })
	})
}

// claim writes one object's intent: the records it owns or is about to, and that nothing is confirmed.
func (r *Reconciler) claim(ctx context.Context, z *zone, dec *decision) error {
	if dec.wanted == nil {
		return nil // what is deleted was claimed when it was made
	}
	obj := dec.obj.DeepCopy()
	dec.doubtful = slices.Contains(claimsIn(obj, z.id), *dec.wanted) && !proven(obj) && !z.refused[obj.UID]
	place(z, dec, obj)
	for _, k := range dec.holds {
		if claim := k.in(z.id); !slices.Contains(obj.Status.Records, claim) {
			obj.Status.Records = append(obj.Status.Records, claim)
		}
	}
	obj.Status.ChangeID = ""
	obj.Status.Plan, obj.Status.PlanTotal = nil, 0
	if id := usedHealthCheck(obj, dec.record); id != "" {
		obj.Status.UsedHealthCheckID = id
	}
	reason, verb := v1alpha1.ReasonUpdating, "updated"
	if slices.ContainsFunc(dec.changes, func(c change) bool { return c.action == types.ChangeActionCreate }) {
		reason, verb = v1alpha1.ReasonCreating, "created"
	}
	if isVacant(dec.record) {
		verb = "removed"
	}
	if p := z.parked[obj.UID]; p != nil && p.generation == obj.Generation {
		// Another try of what was refused before: it tells nothing new until it succeeds.
		if err := r.writer.AddFinalizer(ctx, obj); err != nil {
			return err
		}
		_, err := r.writer.WriteStatus(ctx, dec.obj, obj)
		dec.obj = obj
		return err
	}
	message := fmt.Sprintf("The record %s is being %s; Route 53 has not confirmed it yet.", dec.wanted, verb)
	lifecycle.SetCondition(obj, v1alpha1.ConditionPropagated, false, reason, message)
	if err := r.writer.Intend(ctx, dec.obj, obj, lifecycle.Wait(reason, message, 0)); err != nil {
		return err
	}
	// Instances that come and go are no drift.
	dec.drifted, dec.obj = lifecycle.Drifted(dec.obj) && obj.Spec.InstancesOf == nil, obj
	return nil
}

// send sends a batch, and when Route 53 refuses it, parts of it, until one is accepted or every culprit stands alone.
func (r *Reconciler) send(ctx context.Context, z *zone, batch []unit) error {
	changes := changesOfUnits(batch)
	request := requestFor(z, changes)
	// Never retried inside the SDK: when an answer is lost, only a listing tells whose the record is that is there then.
	answer, err := r.route53.ChangeResourceRecordSets(ctx, request, func(o *route53.Options) { o.Retryer = aws.NopRetryer{} })
	if err == nil {
		r.accepted(ctx, z, batch, changes, aws.ToString(answer.ChangeInfo.Id))
		return nil
	}
	messages := awsclient.Refusals(err)
	for _, dec := range slices.Concat(batch...) { // a refusal says nothing of what came of an earlier batch
		z.refused[dec.obj.UID] = len(messages) > 0 && !dec.doubtful
	}
	if len(messages) > 0 {
		return r.divide(ctx, z, batch, messages)
	}
	switch awsclient.Classify(err) {
	case awsclient.Unavailable, awsclient.NotFound:
		z.touch(true) // it may have taken effect; or the zone is gone
	}
	return fmt.Errorf("changing the records of hosted zone %s: %w", z.id, err)
}

// divide finds the culprits of a refused batch. Messages mostly name them; otherwise the batch is halved.
func (r *Reconciler) divide(ctx context.Context, z *zone, batch []unit, messages []string) error {
	if len(batch) == 1 {
		if len(batch[0]) == 1 {
			r.refused(z, batch[0][0], messages)
			return nil
		}
		// Several objects share the name: try them one by one, those that make room first.
		singles := batch[0].single()
		slices.SortStableFunc(singles, func(a, b unit) int { return order(a.changes()[0]) - order(b.changes()[0]) })
		return r.sendUntilAccepted(ctx, z, singles[:1], singles[1:])
	}
	blamed := suspects(batch, messages)
	var innocent, guilty []unit
	culprits := 0
	for i, u := range batch {
		switch b := blamed[i]; {
		case b == nil:
			innocent = append(innocent, u)
		case b.certain && len(u) == 1:
			r.refused(z, u[0], b.messages)
			culprits++
		default:
			guilty = append(guilty, u)
		}
	}
	if culprits == 0 && (len(innocent) == 0 || len(guilty) == 0) {
		z.limit = (len(batch) + 1) / 2 // remembered, since the request budget may cut the search short
		innocent, guilty = batch[:z.limit], batch[z.limit:]
	}
	return r.sendUntilAccepted(ctx, z, innocent, guilty)
}

// sendUntilAccepted sends one part and, unless it was accepted, the other: after an accepted change the zone is busy
// for a moment, and the rest has to wait for the next turn.
func (r *Reconciler) sendUntilAccepted(ctx context.Context, z *zone, first, second []unit) error {
	for _, part := range [][]unit{first, second} {
		if len(part) == 0 {
			continue
		}
		before := z.nextSend
		if err := r.send(ctx, z, part); err != nil {
			return err
		}
		if !z.nextSend.Equal(before) {
			break
		}
	}
	z.touch(false)
	return nil
}

// accepted records that Route 53 took a batch.
func (r *Reconciler) accepted(ctx context.Context, z *zone, batch []unit, changes []change, changeID string) {
	now := r.clock.Now()
	z.apply(changes)
	z.unpark(changes)
	f := &flight{id: awsclient.BareID(changeID), sent: now, due: now.Add(r.pace.first())}
	for _, u := range batch {
		for _, dec := range u {
			dec.sent = true
			delete(z.parked, dec.obj.UID)
			delete(z.repairs, dec.obj.UID)
			delete(z.refused, dec.obj.UID)
			if dec.wanted != nil {
				z.aboard[dec.obj.UID] = f
				z.flights[f.id] = f
			}
		}
	}
	// Changes that arrive in a steady stream are collected for longer and longer, single ones go out at once.
	if now.Sub(z.nextSend) > z.pause || z.limit > 0 {
		z.pause = r.batchInterval
	} else {
		z.pause = min(2*z.pause, longestPause*r.batchInterval)
	}
	z.nextSend = now.Add(z.pause)
	z.narrow()
	z.touch(false) // others may have waited for these records
	log.FromContext(ctx).Info("Changed records", "zone", z.id, "changes", len(changes), "change", f.id)
}

// refused parks an object that Route 53 refuses, or, when only our view of the zone was old, looks at the name again.
func (r *Reconciler) refused(z *zone, dec *decision, messages []string) {
	z.limit, z.singles = 0, 0
	p := z.parked[dec.obj.UID]
	if p == nil || p.generation != dec.obj.Generation {
		p = &parking{generation: dec.obj.Generation, pause: firstParking / 2}
		z.parked[dec.obj.UID] = p
	}
	p.pause = min(2*p.pause, r.resync)
	p.until = r.clock.Now().Add(p.pause)
	p.outcome, p.names = verdict(messages), nil
	for _, c := range dec.changes {
		p.names = append(p.names, c.key.name)
	}
	// The batch changed nothing, so a record that was to be created is not ours, even if somebody else made it: unless it
	// was an earlier batch of ours, whose answer was lost, and the listing since then is older than that.
	dec.holds = slices.DeleteFunc(claimsIn(dec.obj, z.id), func(k key) bool {
		return z.records[k] == nil && (!dec.doubtful || k != *dec.wanted)
	})
	dec.outcome = &p.outcome
	if speaksOf(messages, outdated) {
		for _, name := range p.names {
			z.stale[name] = true
		}
		if p.pause <= firstParking {
			p.until = time.Time{} // decide again at once, with what is there now
			again := lifecycle.Wait(v1alpha1.ReasonUpdating, fmt.Sprintf("The records of %s are not as they were when last listed; they are looked up again.", p.names[0]), 0)
			dec.outcome = &again
		}
		z.touch(false)
	}
}
