package route53

import (
	"context"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// authorizationsPerPage is AWS's default and most.
const authorizationsPerPage = 50

// vpcItem is a VPC in a listing.
type vpcItem types.VPC

func (v vpcItem) identity() (account, id string) { return "", aws.ToString(v.VPCId) }

func has(vpcs []types.VPC, vpc *types.VPC) bool {
	return slices.ContainsFunc(vpcs, func(v types.VPC) bool { return sameVPC(&v, vpc) })
}

// privateZone looks up a zone whose authorizations are asked for.
func (c content) privateZone(r *frame.Request, id *string) (*zone, error) {
	z, err := c.zones.find(r, id)
	if err == nil && !z.private {
		err = frame.Errorf(invalidInput, "Invalid request: the hosted zone %s is public and cannot be associated with a VPC.", z.id)
	}
	return z, err
}

func (s *Service) createAuthorization(_ context.Context, r *frame.Request, in *sdk.CreateVPCAssociationAuthorizationInput,
) (*sdk.CreateVPCAssociationAuthorizationOutput, error) {
	if err := validateVPC(in.VPC); err != nil {
		return nil, err
	}
	z, err := s.now().privateZone(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if _, err := s.knownVPC(in.VPC); err != nil {
		return nil, err
	}
	out := &sdk.CreateVPCAssociationAuthorizationOutput{HostedZoneId: aws.String(z.id), VPC: in.VPC}
	if has(z.authorized, in.VPC) {
		return out, nil
	}
	if len(z.authorized) >= s.quotas.AuthorizationsPerZone {
		return nil, frame.Errorf("TooManyVPCAssociationAuthorizations",
			"You've created the maximum number of authorizations, %d, that can be created for the hosted zone %s.",
			s.quotas.AuthorizationsPerZone, z.id)
	}
	changed := *z
	changed.authorized = append(slices.Clone(z.authorized), *in.VPC)
	s.put(&changed)
	return out, nil
}

func (s *Service) deleteAuthorization(_ context.Context, r *frame.Request, in *sdk.DeleteVPCAssociationAuthorizationInput,
) (*sdk.DeleteVPCAssociationAuthorizationOutput, error) {
	if err := validateVPC(in.VPC); err != nil {
		return nil, err
	}
	z, err := s.now().privateZone(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if _, err := s.knownVPC(in.VPC); err != nil {
		return nil, err
	}
	if !has(z.authorized, in.VPC) {
		return nil, frame.StatusErrorf(http.StatusNotFound, "VPCAssociationAuthorizationNotFound",
			"The VPC %s is not authorized to be associated with the hosted zone %s.", *in.VPC.VPCId, z.id)
	}
	changed := *z
	changed.authorized = slices.DeleteFunc(slices.Clone(z.authorized), func(v types.VPC) bool { return sameVPC(&v, in.VPC) })
	s.put(&changed)
	return &sdk.DeleteVPCAssociationAuthorizationOutput{}, nil
}

func (s *Service) listAuthorizations(_ context.Context, r *frame.Request, in *sdk.ListVPCAssociationAuthorizationsInput,
) (*sdk.ListVPCAssociationAuthorizationsOutput, error) {
	z, err := s.view(r).privateZone(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	items := make([]vpcItem, len(z.authorized))
	for i, vpc := range z.authorized {
		items[i] = vpcItem(vpc)
	}
	page, next, err := pageByToken(items, in.NextToken, in.MaxResults, authorizationsPerPage)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListVPCAssociationAuthorizationsOutput{HostedZoneId: aws.String(z.id), VPCs: []types.VPC{}, NextToken: next}
	for _, vpc := range page {
		out.VPCs = append(out.VPCs, types.VPC(vpc))
	}
	return out, nil
}

func (z *zone) identity() (account, id string) { return z.account, z.id }

// listHostedZonesByVPC lists the zones of all accounts that a VPC of the caller is associated with.
func (s *Service) listHostedZonesByVPC(_ context.Context, r *frame.Request, in *sdk.ListHostedZonesByVPCInput,
) (*sdk.ListHostedZonesByVPCOutput, error) {
	vpc := &types.VPC{VPCId: in.VPCId, VPCRegion: in.VPCRegion}
	if err := validateVPC(vpc); err != nil {
		return nil, err
	}
	if known, err := s.knownVPC(vpc); err != nil || known.Account != r.Caller.Account {
		return nil, frame.Errorf(invalidInput, "The VPC: %s in region %s that you provided does not exist or is not of the account %s.",
			*in.VPCId, in.VPCRegion, r.Caller.Account)
	}
	zones := slices.DeleteFunc(s.view(r).zones.sorted(), func(z *zone) bool { return !has(z.vpcs, vpc) })
	page, next, err := pageByToken(zones, in.NextToken, in.MaxItems, itemsPerPage)
	if err != nil {
		return nil, err
	}
	size, _ := pageSize(in.MaxItems, itemsPerPage, itemsPerPage)
	out := &sdk.ListHostedZonesByVPCOutput{
		HostedZoneSummaries: []types.HostedZoneSummary{},
		MaxItems:            aws.Int32(int32(size)),
		NextToken:           next,
	}
	for _, z := range page {
		out.HostedZoneSummaries = append(out.HostedZoneSummaries, types.HostedZoneSummary{
			HostedZoneId: aws.String(z.id), Name: aws.String(z.name),
			Owner: &types.HostedZoneOwner{OwningAccount: aws.String(z.account)},
		})
	}
	return out, nil
}
