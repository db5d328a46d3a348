package hostedzone

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	// ownRecords are the records that Route 53 makes with a zone and deletes with it: NS and SOA of its apex.
	ownRecords = 2
	// namedBlockers is how many of the records that block a deletion are named.
	namedBlockers = 5
	// blockedRecheck is how soon a blocked deletion is looked at again: nothing tells that the records are gone.
	blockedRecheck = 30 * time.Second
)

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
	page, err := k.clients.Route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &o.zone.id})
	if err != nil {
		return fmt.Errorf("listing the records of hosted zone %s: %w", o.zone.id, err)
	}
	for i := range page.ResourceRecordSets {
		record := &page.ResourceRecordSets[i]
		apex := canonicalName(aws.ToString(record.Name)) == o.zone.name
		if apex && (record.Type == types.RRTypeNs || record.Type == types.RRTypeSoa) {
			continue
		}
		o.blockers = append(o.blockers, aws.ToString(record.Name)+" "+string(record.Type))
	}
	o.blockerCount = o.zone.recordCount - ownRecords
	return nil
}

// mayDelete reports whether the zone that was observed is ours to delete.
func (k *Kind) mayDelete(obj *v1alpha1.HostedZone, o *observed) bool {
	owner, owned := awsclient.OwnerOf(o.zone.tags)
	return o.ours && (!owned || owner == k.owner(obj))
}

// diffDeleting returns the deletion, unless something blocks it or nothing is ours.
func (k *Kind) diffDeleting(obj *v1alpha1.HostedZone, o *observed) []change {
	if o.zone == nil || !k.mayDelete(obj, o) || len(o.dependents) > 0 || len(o.blockers) > 0 {
		return nil
	}
	return []change{{
		plan: []v1alpha1.PlannedChange{{Verb: lifecycle.VerbDelete, Resource: "hosted zone " + o.zone.name}},
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.HostedZone, o *observed) error {
			return k.delete(ctx, o)
		},
	}}
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
func (k *Kind) reportDeleting(o *observed) lifecycle.Outcome {
	switch {
	case len(o.dependents) > 0:
		return waitForDependents(o.dependents)
	case len(o.blockers) > 0:
		blocked := lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, fmt.Sprintf(
			"Hosted zone %s holds %s that no RecordSet here owns: %s. Delete them in Route 53, or set spec.deletionPolicy to Retain to keep the zone.",
			o.zone.id, count(o.blockerCount, "record", "records"), firstFew(o.blockers, o.blockerCount)))
		blocked.After = blockedRecheck
		return blocked
	}
	return lifecycle.Released()
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
		count(total, "RecordSet", "RecordSets"), map[bool]string{true: "owns", false: "own"}[total == 1], firstFew(staying, total)), blockedRecheck)
}

func firstFew(names []string, total int64) string {
	shown := names[:min(len(names), namedBlockers)]
	list := strings.Join(shown, ", ")
	if rest := total - int64(len(shown)); rest > 0 {
		list += fmt.Sprintf(" and %d more", rest)
	}
	return list
}

func count(n int64, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
