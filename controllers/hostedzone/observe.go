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

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// observed is what Route 53 holds for a HostedZone. Apply keeps it up to date.
type observed struct {
	// zone is the object's own zone, or the one it may take over; nil when there is none.
	zone *zone
	// ours is set when the zone is known to belong to the object.
	ours bool
	// rivals are other zones of the same name that stand in the way of the object's own.
	rivals []*zone
	// inSync is set when the last change of the zone itself has propagated; changeID is that change while it has not.
	inSync   bool
	changeID string
	// incomplete is set when a change failed, so that others may not have been made either.
	incomplete bool
	// leftovers are the records that keep the zone from being deleted: a page of them, and how many there are.
	leftovers     []types.ResourceRecordSet
	leftoverCount int64
	// parentNames are the name servers that the parent in DNS names, when that is known.
	parentNames []string
	parentKnown bool
	// ds is which keys the parent vouches for, when a resolver tells; vouched is set when Route 53 has just refused to take
	// a key away because the parent does.
	ds      parentDS
	vouched bool
	// signingFailed is what a change of the zone's signing that failed in this turn means.
	signingFailed *lifecycle.Outcome
	// now is when this was observed.
	now time.Time
	// parent is the HostedZone that spec.delegateFrom names; nil when there is none.
	parent *v1alpha1.HostedZone
	// children are the RecordSets that have the names of those that the object keeps, by the end of the name.
	children map[string]*v1alpha1.RecordSet
	// dependents are the RecordSets that still own records of a zone that is to be deleted.
	dependents []v1alpha1.RecordSet
}

// zone is a hosted zone in Route 53.
type zone struct {
	id              string
	name            string
	callerReference string
	comment         string
	private         bool
	linkedService   string
	recordCount     int64
	// whole is set when the fields below, which listings do not tell, are known.
	whole       bool
	nameServers []string
	// delegationSetID is set when the name servers are those of a reusable delegation set.
	delegationSetID string
	// vpcs are associated with a private zone; authorized may be, by the accounts that own them.
	vpcs, authorized []types.VPC
	tags             map[string]string
	// logging is read only when it can be the object's business.
	logging *queryLogging
	// dnssec is read only when it can be the object's business, or may block a deletion.
	dnssec *dnssec
}

func zoneOf(z *types.HostedZone) *zone {
	result := &zone{
		id: awsclient.BareID(aws.ToString(z.Id)), name: canonicalName(aws.ToString(z.Name)), callerReference: aws.ToString(z.CallerReference),
		recordCount: aws.ToInt64(z.ResourceRecordSetCount),
	}
	if z.Config != nil {
		result.comment, result.private = aws.ToString(z.Config.Comment), z.Config.PrivateZone
	}
	if z.LinkedService != nil {
		result.linkedService = aws.ToString(z.LinkedService.ServicePrincipal)
	}
	return result
}

// complete adds what listings do not tell.
func (z *zone) complete(set *types.DelegationSet, vpcs []types.VPC) {
	z.whole, z.vpcs = true, vpcs
	if set != nil {
		z.nameServers, z.delegationSetID = slices.Sorted(slices.Values(set.NameServers)), awsclient.BareID(aws.ToString(set.Id))
	}
}

// Observe reads the object's zone: by the id in the status, by the id to adopt, or by name.
func (k *Kind) Observe(ctx context.Context, obj *v1alpha1.HostedZone) (*observed, error) {
	o := &observed{inSync: true}
	if err := k.observeChildren(ctx, obj, o); err != nil {
		return nil, err
	}
	if err := k.observeParent(ctx, obj, o); err != nil {
		return nil, err
	}
	if err := k.find(ctx, obj, o); err != nil {
		return nil, err
	}
	if o.zone == nil {
		return o, nil
	}
	if o.zone.tags == nil {
		tags, err := k.clients.HostedZoneTags(ctx, o.zone.id)
		if err != nil {
			return nil, fmt.Errorf("reading the tags of hosted zone %s: %w", o.zone.id, err)
		}
		o.zone.tags = tags
	}
	if owner, _ := awsclient.OwnerOf(o.zone.tags); !lifecycle.Manages(obj) && o.zone.id == adoptedID(obj) && owner != k.owner(obj) {
		o.ours = false // its id is in the status, and yet it has not been taken over
	}
	if err := k.observeQueryLogging(ctx, obj, o.zone); err != nil {
		return nil, err
	}
	if err := k.observeDNSSEC(ctx, obj, o); err != nil {
		return nil, err
	}
	if lifecycle.Deleting(obj) {
		k.resolver.forget(obj)
		k.references.forget(obj)
		if err := k.observeChange(ctx, obj, o); err != nil {
			return nil, err
		}
		return o, k.observeBlockers(ctx, obj, o)
	}
	o.parentNames, o.parentKnown = k.resolver.namedByParent(ctx, obj)
	o.ds = k.resolver.vouchedByParent(ctx, obj)
	if err := k.observeAuthorizations(ctx, obj, o.zone); err != nil {
		return nil, err
	}
	return o, k.observeChange(ctx, obj, o)
}

// find looks for the object's zone.
func (k *Kind) find(ctx context.Context, obj *v1alpha1.HostedZone, o *observed) error {
	own := lifecycle.Own(obj, obj.Status.ID)
	for _, id := range []string{own, adoptedID(obj)} {
		if id == "" {
			continue
		}
		answer, err := k.clients.Route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &id})
		if awsclient.Classify(err) == awsclient.NotFound {
			continue
		}
		if err != nil {
			return fmt.Errorf("reading hosted zone %s: %w", id, err)
		}
		o.zone, o.ours = zoneOf(answer.HostedZone), id == own
		o.zone.complete(answer.DelegationSet, answer.VPCs)
		return nil
	}
	return k.findByName(ctx, obj, o)
}

// findByName goes through the zones of the object's name, public or private as it declares. One that carries a caller
// reference of the object's or our ownership tags is ours: an earlier turn made it and did not live to write it down, or
// another cluster with the same id did.
func (k *Kind) findByName(ctx context.Context, obj *v1alpha1.HostedZone, o *observed) error {
	namesakes, err := k.namesakes(ctx, canonicalName(obj.Spec.Name), isPrivate(obj))
	if err != nil {
		return err
	}
	o.rivals = nil
	for _, z := range namesakes {
		if z.tags, err = k.clients.HostedZoneTags(ctx, z.id); err != nil {
			return fmt.Errorf("reading the tags of hosted zone %s: %w", z.id, err)
		}
		owner, owned := awsclient.OwnerOf(z.tags)
		if refersTo(z.callerReference, obj) || owned && owner == k.owner(obj) {
			o.zone, o.ours = z, true
			continue
		}
		if z.private {
			if err := k.readWhole(ctx, z); err != nil {
				return err
			}
			if !onOurVPC(obj, z) {
				continue
			}
		}
		o.rivals = append(o.rivals, z)
	}
	if o.zone == nil || o.zone.whole {
		return nil
	}
	return k.readWhole(ctx, o.zone)
}

// readWhole reads of a zone what a listing does not tell: the name servers and the VPCs.
func (k *Kind) readWhole(ctx context.Context, z *zone) error {
	answer, err := k.clients.Route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &z.id})
	if err != nil {
		return fmt.Errorf("reading hosted zone %s: %w", z.id, err)
	}
	z.complete(answer.DelegationSet, answer.VPCs)
	return nil
}

// namesakes returns all public, or all private, zones of a name. ListHostedZonesByName takes a position to start from,
// not a filter.
func (k *Kind) namesakes(ctx context.Context, name string, private bool) ([]*zone, error) {
	var found []*zone
	input := &route53.ListHostedZonesByNameInput{DNSName: &name}
	for {
		page, err := k.clients.Route53.ListHostedZonesByName(ctx, input)
		if err != nil {
			return nil, fmt.Errorf("looking for hosted zones of the name %s: %w", name, err)
		}
		for i := range page.HostedZones {
			z := zoneOf(&page.HostedZones[i])
			if z.name != name {
				return found, nil
			}
			if z.private == private {
				found = append(found, z)
			}
		}
		if !page.IsTruncated {
			return found, nil
		}
		input = &route53.ListHostedZonesByNameInput{DNSName: page.NextDNSName, HostedZoneId: page.NextHostedZoneId}
	}
}

// observeChange asks whether the creation of the zone, or the last change of its VPCs, has propagated.
func (k *Kind) observeChange(ctx context.Context, obj *v1alpha1.HostedZone, o *observed) error {
	if obj.Status.ChangeID == "" {
		return nil
	}
	o.changeID = obj.Status.ChangeID
	answer, err := k.clients.Route53.GetChange(ctx, &route53.GetChangeInput{Id: &o.changeID})
	switch {
	case awsclient.Classify(err) == awsclient.NotFound: // Route 53 forgets old changes
	case err != nil:
		return fmt.Errorf("asking for change %s: %w", o.changeID, err)
	case answer.ChangeInfo.Status != types.ChangeStatusInsync:
		o.inSync = false
		return nil
	}
	o.changeID = ""
	return nil
}

// canonicalName is the form in which zone names are compared.
func canonicalName(name string) string { return strings.ToLower(strings.TrimSuffix(name, ".")) + "." }

func adoptedID(obj *v1alpha1.HostedZone) string {
	if obj.Spec.Adopt == nil {
		return ""
	}
	return obj.Spec.Adopt.ID
}
