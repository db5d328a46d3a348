package route53

import (
	"cmp"
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	zonesPerPage       = 100
	recordsPerPage     = 300
	recordsWhenUnasked = 100
)

// pageSize is what a listing gives when asked for maxItems.
func pageSize(asked *int32, normal, most int) (int, error) {
	if asked != nil && *asked < 1 {
		return 0, frame.Errorf(invalidInput, "Invalid request: maxitems must be at least 1, but is %d", *asked)
	}
	return frame.PageSize(asked, normal, most), nil
}

func (zones zoneMap) owned(account string) []*zone {
	return slices.DeleteFunc(zones.sorted(), func(z *zone) bool { return z.account != account })
}

func (s *Service) describe(zones []*zone) []types.HostedZone {
	described := make([]types.HostedZone, len(zones))
	now := s.env.Clock.Now()
	for i, z := range zones {
		described[i] = *z.described(now)
	}
	return described
}

func (s *Service) listHostedZones(_ context.Context, r *frame.Request, in *sdk.ListHostedZonesInput,
) (*sdk.ListHostedZonesOutput, error) {
	size, err := pageSize(in.MaxItems, zonesPerPage, zonesPerPage)
	if err != nil {
		return nil, err
	}
	seen, set := s.view(r), ""
	if in.DelegationSetId != nil {
		found, err := seen.reusableSet(r, in.DelegationSetId)
		if err != nil {
			return nil, err
		}
		set = found.id
	}
	var broken frame.Violations
	frame.Enum(&broken, in.HostedZoneType, "hostedZoneType", in.HostedZoneType.Values())
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	marker := bareID(aws.ToString(in.Marker))
	zones := slices.DeleteFunc(seen.zones.owned(r.Caller.Account), func(z *zone) bool {
		return z.id < marker || in.HostedZoneType == types.HostedZoneTypePrivateHostedZone && !z.private ||
			set != "" && z.delegationSet != set
	})
	page, next := frame.Page(zones, size)
	out := &sdk.ListHostedZonesOutput{
		HostedZones: s.describe(page),
		IsTruncated: next != nil,
		Marker:      in.Marker,
		MaxItems:    aws.Int32(int32(size)),
	}
	if next != nil {
		out.NextMarker = aws.String((*next).id)
	}
	return out, nil
}

// listHostedZonesByName lists from a position on: the name is no filter.
func (s *Service) listHostedZonesByName(_ context.Context, r *frame.Request, in *sdk.ListHostedZonesByNameInput,
) (*sdk.ListHostedZonesByNameOutput, error) {
	size, err := pageSize(in.MaxItems, zonesPerPage, zonesPerPage)
	if err != nil {
		return nil, err
	}
	if in.HostedZoneId != nil && in.DNSName == nil {
		return nil, frame.Errorf(invalidInput, "Invalid request: hostedzoneid cannot be given without dnsname")
	}
	start := zonePosition{id: bareID(aws.ToString(in.HostedZoneId))}
	if in.DNSName != nil {
		name, wrong := parseName(*in.DNSName)
		if wrong != nil {
			return nil, frame.Errorf("InvalidDomainName", "%s", wrong.with(*in.DNSName))
		}
		start.name = sortName(name)
	}
	zones := slices.DeleteFunc(s.view(r).zones.owned(r.Caller.Account), func(z *zone) bool {
		return positionOf(z).compare(start) < 0
	})
	slices.SortFunc(zones, func(a, b *zone) int { return positionOf(a).compare(positionOf(b)) })
	page, next := frame.Page(zones, size)
	out := &sdk.ListHostedZonesByNameOutput{
		HostedZones:  s.describe(page),
		IsTruncated:  next != nil,
		MaxItems:     aws.Int32(int32(size)),
		DNSName:      in.DNSName,
		HostedZoneId: in.HostedZoneId,
	}
	if next != nil {
		out.NextDNSName, out.NextHostedZoneId = aws.String((*next).name), aws.String((*next).id)
	}
	return out, nil
}

// zonePosition is a zone's place in ListHostedZonesByName.
type zonePosition struct{ name, id string }

func positionOf(z *zone) zonePosition { return zonePosition{sortName(z.name), z.id} }

func (p zonePosition) compare(other zonePosition) int {
	return cmp.Or(strings.Compare(p.name, other.name), strings.Compare(p.id, other.id))
}

func (s *Service) getHostedZoneCount(_ context.Context, r *frame.Request, _ *sdk.GetHostedZoneCountInput,
) (*sdk.GetHostedZoneCountOutput, error) {
	return &sdk.GetHostedZoneCountOutput{
		HostedZoneCount: aws.Int64(int64(len(s.view(r).zones.owned(r.Caller.Account)))),
	}, nil
}

func (s *Service) listResourceRecordSets(_ context.Context, r *frame.Request, in *sdk.ListResourceRecordSetsInput,
) (*sdk.ListResourceRecordSetsOutput, error) {
	start, err := startOfListing(in)
	if err != nil {
		return nil, err
	}
	size, err := pageSize(in.MaxItems, recordsWhenUnasked, recordsPerPage)
	if err != nil {
		return nil, err
	}
	z, err := s.read(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	page, next := frame.Page(z.records[z.at(start):], size)
	out := &sdk.ListResourceRecordSetsOutput{
		ResourceRecordSets: z.recordSets(page),
		IsTruncated:        next != nil,
		MaxItems:           aws.Int32(int32(size)),
	}
	if next != nil {
		out.NextRecordName = next.set.Name
		out.NextRecordType = next.set.Type
		out.NextRecordIdentifier = next.set.SetIdentifier
	}
	return out, nil
}

func startOfListing(in *sdk.ListResourceRecordSetsInput) (recordKey, error) {
	var broken frame.Violations
	frame.Enum(&broken, in.StartRecordType, "type", in.StartRecordType.Values())
	broken.Length(in.StartRecordName, "name", 0, longestNameInput)
	broken.Length(in.StartRecordIdentifier, "identifier", 1, longestSetIdentifier)
	if err := broken.Err(invalidInput); err != nil {
		return recordKey{}, err
	}
	switch {
	case in.StartRecordType != "" && in.StartRecordName == nil:
		return recordKey{}, frame.Errorf(invalidInput,
			"The input is not valid: a record type cannot be given without a record name.")
	case in.StartRecordIdentifier != nil && in.StartRecordType == "":
		return recordKey{}, frame.Errorf(invalidInput,
			"The input is not valid: a record identifier cannot be given without a record name and type.")
	case in.StartRecordName == nil:
		return recordKey{}, nil
	}
	name, wrong := parseName(*in.StartRecordName)
	if wrong != nil {
		return recordKey{}, frame.Errorf(invalidInput, "%s", wrong.with(*in.StartRecordName))
	}
	return recordKey{sortName(name), string(in.StartRecordType), aws.ToString(in.StartRecordIdentifier)}, nil
}
