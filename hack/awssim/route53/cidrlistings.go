package route53

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func (s *Service) listCollections(_ context.Context, r *frame.Request, in *sdk.ListCidrCollectionsInput,
) (*sdk.ListCidrCollectionsOutput, error) {
	page, next, err := pageByToken(ownedBy(s.view(r).collections, r.Caller.Account), in.NextToken, in.MaxResults, itemsPerPage)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListCidrCollectionsOutput{CidrCollections: []types.CollectionSummary{}, NextToken: next}
	for _, c := range page {
		out.CidrCollections = append(out.CidrCollections,
			types.CollectionSummary{Arn: c.arn(), Id: &c.ID, Name: &c.Name, Version: &c.Version})
	}
	return out, nil
}

// location is one in a listing.
type location string

func (l location) identity() (account, id string) { return "", string(l) }

func (s *Service) listLocations(_ context.Context, r *frame.Request, in *sdk.ListCidrLocationsInput,
) (*sdk.ListCidrLocationsOutput, error) {
	found, err := s.view(r).collection(r, in.CollectionId)
	if err != nil {
		return nil, err
	}
	var locations []location
	for _, name := range found.locations() {
		locations = append(locations, location(name))
	}
	page, next, err := pageByToken(locations, in.NextToken, in.MaxResults, itemsPerPage)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListCidrLocationsOutput{CidrLocations: []types.LocationSummary{}, NextToken: next}
	for _, name := range page {
		out.CidrLocations = append(out.CidrLocations, types.LocationSummary{LocationName: aws.String(string(name))})
	}
	return out, nil
}

// block is one in a listing.
type block struct {
	prefix   netip.Prefix
	location string
}

// identity puts blocks in the order of their locations and addresses.
func (b block) identity() (account, id string) {
	return "", fmt.Sprintf("%s %s %03d", b.location, b.prefix.Addr().StringExpanded(), b.prefix.Bits())
}

func (s *Service) listBlocks(_ context.Context, r *frame.Request, in *sdk.ListCidrBlocksInput,
) (*sdk.ListCidrBlocksOutput, error) {
	found, err := s.view(r).collection(r, in.CollectionId)
	if err != nil {
		return nil, err
	}
	if in.LocationName != nil && !slices.Contains(found.locations(), *in.LocationName) {
		return nil, frame.StatusErrorf(http.StatusNotFound, "NoSuchCidrLocationException",
			"The CIDR collection location doesn't match any locations in your account: %s", *in.LocationName)
	}
	var blocks []block
	for prefix, name := range found.Blocks {
		if in.LocationName == nil || name == *in.LocationName {
			blocks = append(blocks, block{prefix, name})
		}
	}
	page, next, err := pageByToken(blocks, in.NextToken, in.MaxResults, itemsPerPage)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListCidrBlocksOutput{CidrBlocks: []types.CidrBlockSummary{}, NextToken: next}
	for _, b := range page {
		out.CidrBlocks = append(out.CidrBlocks,
			types.CidrBlockSummary{CidrBlock: aws.String(b.prefix.String()), LocationName: &b.location})
	}
	return out, nil
}
