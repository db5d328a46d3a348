package recordset

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// pageSize is the most records ListResourceRecordSets answers with.
const pageSize = 300

// relistAbove is how many outdated names are looked up one by one; more are cheaper to list all at once.
const relistAbove = 3

// listing is a walk through the pages of ListResourceRecordSets that can be taken up again.
type listing struct {
	records map[key]*types.ResourceRecordSet
	next    *route53.ListResourceRecordSetsInput
	apex    string
	// changes that were accepted while the listing went on.
	changes []change
}

// observe brings the zone's view of the records up to date, if it has to. The request budget may cut it short; the
// next call goes on where it stopped.
func (r *Reconciler) observe(ctx context.Context, z *zone) error {
	if z.takeRelist() || z.records == nil || len(z.stale) > relistAbove || !r.clock.Now().Before(z.resync) {
		if z.listing == nil {
			z.listing = &listing{
				records: map[key]*types.ResourceRecordSet{},
				next:    &route53.ListResourceRecordSetsInput{HostedZoneId: &z.id, MaxItems: aws.Int32(pageSize)},
			}
		}
	}
	if z.listing != nil {
		return r.list(ctx, z)
	}
	for name := range maps.Clone(z.stale) {
		if err := r.refresh(ctx, z, name); err != nil {
			return err
		}
		delete(z.stale, name)
	}
	return nil
}

// list walks on through the pages.
func (r *Reconciler) list(ctx context.Context, z *zone) error {
	l := z.listing
	for l.next != nil {
		page, err := r.route53.ListResourceRecordSets(ctx, l.next)
		if awsclient.Classify(err) == awsclient.NotFound {
			z.missing, z.records, z.listing = true, map[key]*types.ResourceRecordSet{}, nil
			z.resync = r.clock.Now().Add(lifecycle.Jitter(r.resync))
			return nil
		}
		if err != nil {
			return fmt.Errorf("listing the records of hosted zone %s: %w", z.id, err)
		}
		for i := range page.ResourceRecordSets {
			record := &page.ResourceRecordSets[i]
			l.records[keyOf(record)] = record
			if record.Type == types.RRTypeSoa {
				l.apex = canonicalName(aws.ToString(record.Name))
			}
		}
		l.next = nextPage(z.id, page)
	}
	z.missing, z.name, z.records, z.listing = false, l.apex, l.records, nil
	z.apply(l.changes)
	clear(z.stale)
	z.resync = r.clock.Now().Add(lifecycle.Jitter(r.resync))
	return nil
}

func nextPage(zoneID string, page *route53.ListResourceRecordSetsOutput) *route53.ListResourceRecordSetsInput {
	if !page.IsTruncated {
		return nil
	}
	return &route53.ListResourceRecordSetsInput{
		HostedZoneId: &zoneID, MaxItems: aws.Int32(pageSize),
		StartRecordName: page.NextRecordName, StartRecordType: page.NextRecordType, StartRecordIdentifier: page.NextRecordIdentifier,
	}
}

// refresh looks up the records of one name.
func (r *Reconciler) refresh(ctx context.Context, z *zone, name string) error {
	found := map[key]*types.ResourceRecordSet{}
	next := &route53.ListResourceRecordSetsInput{HostedZoneId: &z.id, StartRecordName: &name, MaxItems: aws.Int32(pageSize)}
	for next != nil {
		page, err := r.route53.ListResourceRecordSets(ctx, next)
		if err != nil {
			return fmt.Errorf("looking up the records of %s: %w", name, err)
		}
		next = nextPage(z.id, page)
		for i := range page.ResourceRecordSets {
			record := &page.ResourceRecordSets[i]
			if k := keyOf(record); k.name == name {
				found[k] = record
			} else {
				next = nil
			}
		}
	}
	maps.DeleteFunc(z.records, func(k key, _ *types.ResourceRecordSet) bool { return k.name == name })
	maps.Copy(z.records, found)
	return nil
}

// settle asks Route 53 about the changes that should have propagated by now, one GetChange for each batch, and reports
// whether anything new was learned.
func (r *Reconciler) settle(ctx context.Context, z *zone) (bool, error) {
	news := false
	for _, f := range z.flights {
		if f.landed || r.clock.Now().Before(f.due) {
			continue
		}
		answer, err := r.route53.GetChange(ctx, &route53.GetChangeInput{Id: &f.id})
		gone := awsclient.Classify(err) == awsclient.NotFound // Route 53 forgets old changes
		if err != nil && !gone {
			f.due = r.clock.Now().Add(max(awsclient.RetryAfter(err), r.pace.first()))
			return news, fmt.Errorf("asking for change %s: %w", f.id, err)
		}
		news = true
		elapsed := r.clock.Now().Sub(f.sent)
		if gone || answer.ChangeInfo.Status == types.ChangeStatusInsync {
			f.landed = true
			r.pace.arrived(f.pending, elapsed)
			continue
		}
		f.pending = elapsed
		f.due = r.clock.Now().Add(r.pace.next(elapsed))
	}
	return news, nil
}

// earliest returns the earlier of two times, of which zero means never.
func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}
