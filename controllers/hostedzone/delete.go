package hostedzone

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	// ownRecords are the records that Route 53 makes with a zone and deletes with it: NS and SOA of its apex.
	ownRecords = 2
	// listedRecords is the most records that one listing returns.
	listedRecords = 300
	// maxBatchValues and maxBatchCharacters are the most that one ChangeResourceRecordSets takes.
	maxBatchValues     = 1000
	maxBatchCharacters = 32000
	// namedBlockers is how many of the records that block a deletion are named.
	namedBlockers = 5
	// blockedRecheck is how soon a blocked deletion is looked at again: nothing tells that the records are gone.
	blockedRecheck = 30 * time.Second
)

// emptying is told while records that are left in the zone go.
const emptying = "Records left in the zone are being deleted, then the zone is."

// observeBlockers finds what keeps the zone from being deleted: first the RecordSets of this cluster that own records
// of it, since they go by themselves; then, when there are none, records of others.
func (k *Kind) observeBlockers(ctx context.Context, obj *v1alpha1.HostedZone, o *observed) error {
	if !k.mayDelete(obj, o) {
		return nil
	}
	var owning v1alpha1.RecordSetList
	if err := k.reader.List(ctx, &owning, client.MatchingFields{byOwnedZone: o.zone.id}); err != nil {
		return fmt.Errorf("listing the RecordSets of the zone: %w", err)
	}
	if o.dependents = owning.Items; len(o.dependents) > 0 || o.zone.recordCount <= ownRecords {
		return nil
	}
	var err error
	o.leftovers, err = k.listLeftovers(ctx, o.zone)
	o.leftoverCount = o.zone.recordCount - ownRecords
	return err
}

// listLeftovers returns a page of the records that Route 53 does not delete together with the zone.
func (k *Kind) listLeftovers(ctx context.Context, z *zone) ([]types.ResourceRecordSet, error) {
	page, err := k.clients.Route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &z.id, MaxItems: aws.Int32(listedRecords)})
	if err != nil {
		return nil, fmt.Errorf("listing the records of hosted zone %s: %w", z.id, err)
	}
	return slices.DeleteFunc(page.ResourceRecordSets, func(record types.ResourceRecordSet) bool {
		return canonicalName(aws.ToString(record.Name)) == z.name && (record.Type == types.RRTypeNs || record.Type == types.RRTypeSoa)
	}), nil
}

// mayDelete reports whether the zone that was observed is ours to delete.
func (k *Kind) mayDelete(obj *v1alpha1.HostedZone, o *observed) bool {
	owner, owned := awsclient.OwnerOf(o.zone.tags)
	return o.ours && (!owned || owner == k.owner(obj))
}

// diffDeleting returns what deletes the zone, unless something blocks it or nothing is ours.
func (k *Kind) diffDeleting(obj *v1alpha1.HostedZone, o *observed) []change {
	if len(o.dependents) > 0 || blocked(obj, o) {
		return nil
	}
	if children := removingChildren(obj, o); len(children) > 0 || o.zone == nil || !k.mayDelete(obj, o) || anyChild(obj, o) {
		return children
	}
	resource := "hosted zone " + o.zone.name
	var changes []change
	remove := func(what string, run func(context.Context, *Kind, *v1alpha1.HostedZone, *observed) error) {
		changes = append(changes, change{run: run, plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbDelete, Resource: what}}})
	}
	signing, err := signingChanges(obj, o, o.zone)
	if err != nil || stillSigned(o) {
		return signing // what remains is looked at again first
	}
	if o.zone.logging != nil && ownsQueryLogging(obj, o.zone) {
		remove("query logging of "+resource, func(ctx context.Context, k *Kind, _ *v1alpha1.HostedZone, o *observed) error {
			return k.replaceQueryLogging(ctx, o.zone, "")
		})
	}
	if batch := deletions(o.leftovers); len(batch) > 0 {
		remove(lifecycle.Count(int64(len(batch)), "record", "records")+" of "+resource, func(ctx context.Context, k *Kind, _ *v1alpha1.HostedZone, o *observed) error {
			return k.empty(ctx, o, batch)
		})
		return changes // what is left is looked at again first
	}
	remove(resource, func(ctx context.Context, k *Kind, _ *v1alpha1.HostedZone, o *observed) error {
		return k.delete(ctx, o)
	})
	return changes
}

// removingChildren returns what takes the zone out of its parent.
func removingChildren(obj *v1alpha1.HostedZone, o *observed) []change {
	var changes []change
	for _, suffix := range delegations {
		if child := o.child(obj, suffix); child != nil && !lifecycle.Deleting(child) {
			changes = append(changes, deletingChild(child))
		}
	}
	return changes
}

func anyChild(obj *v1alpha1.HostedZone, o *observed) bool {
	return o.child(obj, delegationNS) != nil || o.child(obj, delegationDS) != nil
}

// blocked reports whether something is left that nobody has allowed to delete.
func blocked(obj *v1alpha1.HostedZone, o *observed) bool {
	return !aws.ToBool(obj.Spec.ForceDestroy) && (len(o.leftovers) > 0 || foreignSigning(obj, o))
}

// foreignSigning reports whether the zone is signed with keys that are not the object's.
func foreignSigning(obj *v1alpha1.HostedZone, o *observed) bool {
	return o.zone != nil && o.zone.dnssec != nil && len(surplusKeys(obj, o.zone.dnssec)) < len(o.zone.dnssec.keys)
}

func stillSigned(o *observed) bool {
	return o.zone != nil && o.zone.dnssec != nil && (o.zone.dnssec.state != notSigning || len(o.zone.dnssec.keys) > 0)
}

// deletions returns the changes that delete records, as many as one call takes.
func deletions(records []types.ResourceRecordSet) []types.Change {
	var batch []types.Change
	values, characters := 0, 0
	for i := range records {
		values += max(len(records[i].ResourceRecords), 1)
		for _, value := range records[i].ResourceRecords {
			characters += len(aws.ToString(value.Value))
		}
		if values > maxBatchValues || characters > maxBatchCharacters {
			break
		}
		batch = append(batch, types.Change{Action: types.ChangeActionDelete, ResourceRecordSet: &records[i]})
	}
	return batch
}

// empty deletes leftover records. Whether more are left, the next turn sees.
func (k *Kind) empty(ctx context.Context, o *observed, batch []types.Change) error {
	_, err := k.clients.Route53.ChangeResourceRecordSets(ctx, &route53.ChangeResourceRecordSetsInput{
		HostedZoneId: &o.zone.id, ChangeBatch: &types.ChangeBatch{Changes: batch},
	})
	if awsclient.Classify(err) == awsclient.Invalid {
		return k.emptyRefused(ctx, o, err)
	}
	if err != nil {
		return fmt.Errorf("deleting records left in hosted zone %s: %w", o.zone.id, err)
	}
	o.leftoverCount -= int64(len(batch))
	return nil
}

// emptyRefused says why leftover records were not deleted: they have changed since they were listed, or went by an
// earlier attempt whose answer was lost; else Route 53 does not let them be deleted this way.
func (k *Kind) emptyRefused(ctx context.Context, o *observed, refusal error) error {
	now, err := k.listLeftovers(ctx, o.zone)
	switch {
	case err != nil:
		return err
	case !reflect.DeepEqual(now, o.leftovers):
		return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonDeleting, emptying, k.poll))
	}
	outcome := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, "Records left in the zone cannot be deleted: "+judge.Sentence(refusal))
	outcome.After = blockedRecheck
	return lifecycle.AsError(outcome)
}

// delete deletes the zone. Records may have come since it was looked at: the next turn will name them.
func (k *Kind) delete(ctx context.Context, o *observed) error {
	_, err := k.clients.Route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &o.zone.id})
	if err != nil && awsclient.Classify(err) != awsclient.NotFound {
		return fmt.Errorf("deleting hosted zone %s: %w", o.zone.id, err)
	}
	o.zone = nil
	return nil
}

// reportDeleting says how far the deletion is.
func (k *Kind) reportDeleting(obj *v1alpha1.HostedZone, o *observed) lifecycle.Outcome {
	switch {
	case len(o.dependents) > 0:
		return waitForDependents(o.dependents)
	case blocked(obj, o) && len(o.leftovers) == 0:
		outcome := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf(
			"Hosted zone %s has key signing keys that this object did not make. Disable DNSSEC in Route 53, let spec.forceDestroy do it, or set spec.deletionPolicy to Retain to keep the zone.", o.zone.id))
		outcome.After = blockedRecheck
		return outcome
	case blocked(obj, o):
		outcome := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf(
			"Hosted zone %s holds %s that no RecordSet here owns: %s. Delete them in Route 53, let spec.forceDestroy do it, or set spec.deletionPolicy to Retain to keep the zone.",
			o.zone.id, lifecycle.Count(o.leftoverCount, "record", "records"), firstFew(recordNames(o.leftovers), o.leftoverCount)))
		outcome.After = blockedRecheck
		return outcome
	case anyChild(obj, o):
		return waitForChildren(obj, o)
	case stillSigned(o) && k.mayDelete(obj, o):
		obj.Status.ChangeID = o.changeID
		return lifecycle.Wait(v1alpha1.ReasonDeleting, "The signing of the zone is being ended, then the zone is deleted.", k.poll)
	case len(o.leftovers) > 0:
		return lifecycle.Wait(v1alpha1.ReasonDeleting, emptying, k.poll)
	case o.zone != nil && k.mayDelete(obj, o):
		return lifecycle.Wait(v1alpha1.ReasonDeleting, "The hosted zone is being deleted.", k.poll)
	}
	return lifecycle.Released()
}

func recordNames(records []types.ResourceRecordSet) []string {
	names := make([]string, len(records))
	for i := range records {
		names[i] = aws.ToString(records[i].Name) + " " + string(records[i].Type)
	}
	return names
}

// waitForDependents says which RecordSets the deletion waits for: a watch tells when they are gone.
func waitForDependents(dependents []v1alpha1.RecordSet) lifecycle.Outcome {
	var staying []string
	for i := range dependents {
		if !lifecycle.Deleting(&dependents[i]) {
			staying = append(staying, dependents[i].Namespace+"/"+dependents[i].Name)
		}
	}
	if len(staying) == 0 {
		return lifecycle.Wait(v1alpha1.ReasonDeleting, "The zone is deleted once the records of its RecordSets, which are being deleted, are gone.", blockedRecheck)
	}
	slices.Sort(staying)
	total := int64(len(staying))
	return lifecycle.Wait(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf(
		"%s %s records in this zone: %s. Delete them too, or set spec.deletionPolicy to Retain to keep the zone.",
		lifecycle.Count(total, "RecordSet", "RecordSets"), map[bool]string{true: "owns", false: "own"}[total == 1], firstFew(staying, total)), blockedRecheck)
}

func firstFew(names []string, total int64) string {
	return lifecycle.FirstFew(names, namedBlockers, int(total))
}
