package route53

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// delegationSet is a reusable one.
type delegationSet struct {
	id, account, callerReference string
	nameServers                  []string
}

func (d *delegationSet) identity() (account, id string) { return d.account, d.id }

func (d *delegationSet) described() *types.DelegationSet {
	return &types.DelegationSet{
		Id:              aws.String("/delegationset/" + d.id),
		CallerReference: aws.String(d.callerReference),
		NameServers:     d.nameServers,
	}
}

// delegationSetOf shows a zone's name servers, and the reusable set they are of.
func (c content) delegationSetOf(z *zone) *types.DelegationSet {
	if set, ok := c.sets[z.delegationSet]; ok {
		return set.described()
	}
	return &types.DelegationSet{NameServers: z.nameServers}
}

func noSuchDelegationSet(id string) error {
	return frame.Errorf("NoSuchDelegationSet", "A reusable delegation set with the ID %s does not exist.", bareID(id))
}

func (c content) reusableSet(r *frame.Request, id *string) (*delegationSet, error) {
	if set, ok := own(c.sets, r, id); ok {
		return set, nil
	}
	return nil, noSuchDelegationSet(aws.ToString(id))
}

func (c content) zonesOf(set *delegationSet) []*zone {
	return slices.DeleteFunc(c.zones.sorted(), func(z *zone) bool { return z.delegationSet != set.id })
}

// setForZone is the delegation set of a new zone: the reusable one asked for,
// or name servers of its own. The name servers of a set cannot tell a zone from
// another one of the same name, or from its parent and children.
func (s *Service) setForZone(r *frame.Request, name string, id *string) (*delegationSet, error) {
	if id == nil {
		return &delegationSet{nameServers: s.newNameServers()}, nil
	}
	set, err := s.now().reusableSet(r, id)
	if err != nil {
		return nil, err
	}
	zones := s.now().zonesOf(set)
	for _, z := range zones {
		if within(name, z.name) || within(z.name, name) {
			return nil, frame.Errorf("ConflictingDomainExists", "The hosted zone %s with the name %s uses the same name servers: "+
				"a zone, its parent and its children cannot share a delegation set.", z.id, z.name)
		}
	}
	if len(zones) >= s.quotas.ZonesPerDelegationSet {
		return nil, frame.Errorf("TooManyHostedZones",
			"Limits Exceeded: MAX_ZONES_BY_REUSABLE_DELEGATION_SET - Cannot create more than %d hosted zones.",
			s.quotas.ZonesPerDelegationSet)
	}
	return set, nil
}

func (s *Service) createReusableDelegationSet(_ context.Context, r *frame.Request, in *sdk.CreateReusableDelegationSetInput,
) (*sdk.CreateReusableDelegationSetOutput, error) {
	var broken frame.Violations
	broken.Required(in.CallerReference, "callerReference")
	broken.Length(in.CallerReference, "callerReference", 1, longestReference)
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	account := r.Caller.Account
	if _, used := s.setReferences[account][*in.CallerReference]; used {
		return nil, frame.Errorf("DelegationSetAlreadyCreated",
			"A delegation set with the same owner and caller reference combination has already been created.")
	}
	source, err := s.sourceOfSet(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	next := s.now()
	if len(ownedBy(next.sets, account)) >= s.quotas.DelegationSets {
		return nil, frame.Errorf("LimitsExceeded",
			"Limits Exceeded: MAX_REUSABLE_DELEGATION_SETS_BY_OWNER - Cannot create more than %d reusable delegation sets.",
			s.quotas.DelegationSets)
	}
	set := &delegationSet{
		id: "N" + s.env.Random.String(20, frame.UpperAlphanumeric), account: account, callerReference: *in.CallerReference,
	}
	if source == nil {
		set.nameServers = s.newNameServers()
	} else {
		changed := *source
		changed.delegationSet, set.nameServers = set.id, source.nameServers
		next.zones = with(next.zones, changed.id, &changed)
	}
	s.setReferences.burn(account, set.callerReference, set.id)
	next.sets = with(next.sets, set.id, set)
	s.publish(next)
	return &sdk.CreateReusableDelegationSetOutput{
		DelegationSet: set.described(),
		Location:      aws.String("https://route53.amazonaws.com" + version + "/delegationset/" + set.id),
	}, nil
}

// sourceOfSet is the zone whose name servers become a reusable set.
func (s *Service) sourceOfSet(r *frame.Request, id *string) (*zone, error) {
	if id == nil {
		return nil, nil
	}
	z, err := s.now().zones.find(r, id)
	switch {
	case err != nil:
		return nil, frame.Errorf("HostedZoneNotFound", "The specified HostedZone can't be found: %s", bareID(*id))
	case z.private:
		return nil, frame.Errorf("InvalidArgument", "The hosted zone %s is private: its delegation set cannot be reusable.", z.id)
	case z.delegationSet != "":
		return nil, frame.Errorf("DelegationSetAlreadyReusable",
			"The specified delegation set has already been marked as reusable.")
	}
	return z, nil
}

func (s *Service) getReusableDelegationSet(_ context.Context, r *frame.Request, in *sdk.GetReusableDelegationSetInput,
) (*sdk.GetReusableDelegationSetOutput, error) {
	set, err := s.view(r).reusableSet(r, in.Id)
	if err != nil {
		return nil, err
	}
	return &sdk.GetReusableDelegationSetOutput{DelegationSet: set.described()}, nil
}

func (s *Service) listReusableDelegationSets(_ context.Context, r *frame.Request, in *sdk.ListReusableDelegationSetsInput,
) (*sdk.ListReusableDelegationSetsOutput, error) {
	size, err := pageSize(in.MaxItems, itemsPerPage, itemsPerPage)
	if err != nil {
		return nil, err
	}
	sets := slices.DeleteFunc(ownedBy(s.view(r).sets, r.Caller.Account), func(d *delegationSet) bool {
		return strings.Compare(d.id, bareID(aws.ToString(in.Marker))) < 0
	})
	page, next := frame.Page(sets, size)
	out := &sdk.ListReusableDelegationSetsOutput{
		DelegationSets: []types.DelegationSet{},
		IsTruncated:    next != nil,
		Marker:         aws.String(aws.ToString(in.Marker)),
		MaxItems:       aws.Int32(int32(size)),
	}
	for _, set := range page {
		out.DelegationSets = append(out.DelegationSets, *set.described())
	}
	if next != nil {
		out.NextMarker = aws.String((*next).id)
	}
	return out, nil
}

func (s *Service) deleteReusableDelegationSet(_ context.Context, r *frame.Request, in *sdk.DeleteReusableDelegationSetInput,
) (*sdk.DeleteReusableDelegationSetOutput, error) {
	next := s.now()
	set, err := next.reusableSet(r, in.Id)
	if err != nil {
		return nil, err
	}
	if zones := next.zonesOf(set); len(zones) > 0 {
		return nil, frame.Errorf("DelegationSetInUse",
			"The specified delegation set is associated with %d hosted zones and so cannot be deleted.", len(zones))
	}
	next.sets = without(next.sets, set.id)
	s.publish(next)
	return &sdk.DeleteReusableDelegationSetOutput{}, nil
}
