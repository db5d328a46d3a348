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

func sameVPC(a, b *types.VPC) bool {
	return aws.ToString(a.VPCId) == aws.ToString(b.VPCId) && a.VPCRegion == b.VPCRegion
}

// knownVPC looks a VPC up.
func (s *Service) knownVPC(vpc *types.VPC) (frame.VPC, error) {
	known, ok := s.env.VPCs.Find(aws.ToString(vpc.VPCId), string(vpc.VPCRegion))
	if !ok {
		return known, frame.Errorf("InvalidVPCId", "The VPC: %s in region %s that you provided does not exist.",
			aws.ToString(vpc.VPCId), vpc.VPCRegion)
	}
	return known, nil
}

// checkOwnVPC refuses a VPC that is not of the account.
func (s *Service) checkOwnVPC(account string, vpc *types.VPC) error {
	known, err := s.knownVPC(vpc)
	if err == nil && known.Account != account {
		err = frame.StatusErrorf(http.StatusUnauthorized, "NotAuthorizedException",
			"The VPC: %s has not authorized to associate with your hosted zone.", known.ID)
	}
	return err
}

// conflict refuses a second zone of one name in a VPC.
func (zones zoneMap) conflict(name string, vpc *types.VPC) error {
	for _, z := range zones.sorted() {
		if z.private && z.name == name && has(z.vpcs, vpc) {
			return frame.Errorf("ConflictingDomainExists", "The VPC %s in region %s has already been associated "+
				"with the hosted zone %s with the same domain name.", aws.ToString(vpc.VPCId), vpc.VPCRegion, z.id)
		}
	}
	return nil
}

// zoneForVPC looks up a zone for the owner of the zone, or for the owner of a
// VPC when the zone lets it in; to others the VPC is not authorized.
func (s *Service) zoneForVPC(r *frame.Request, id *string, lets func(*zone) bool) (*zone, error) {
	z, known := s.now().zones[bareID(aws.ToString(id))]
	switch {
	case !known:
		return nil, noSuchHostedZone(bareID(aws.ToString(id)))
	case z.account != r.Caller.Account && !lets(z):
		return nil, frame.StatusErrorf(http.StatusUnauthorized, "NotAuthorizedException",
			"The account %s is not authorized to associate the VPC with the hosted zone %s.", r.Caller.Account, z.id)
	}
	return z, nil
}

func (s *Service) associateVPC(_ context.Context, r *frame.Request, in *sdk.AssociateVPCWithHostedZoneInput,
) (*sdk.AssociateVPCWithHostedZoneOutput, error) {
	if err := validateVPC(in.VPC); err != nil {
		return nil, err
	}
	z, err := s.zoneForVPC(r, in.HostedZoneId, func(z *zone) bool { return has(z.authorized, in.VPC) })
	if err != nil {
		return nil, err
	}
	if err := s.checkIdle(z); err != nil {
		return nil, err
	}
	if !z.private {
		return nil, frame.Errorf("PublicZoneVPCAssociation",
			"The hosted zone %s is a public hosted zone and cannot be associated with a VPC.", z.id)
	}
	if err := s.checkOwnVPC(r.Caller.Account, in.VPC); err != nil {
		return nil, err
	}
	if err := s.now().zones.conflict(z.name, in.VPC); err != nil {
		return nil, err
	}
	if len(z.vpcs) >= s.quotas.VPCsPerZone {
		return nil, frame.Errorf("LimitsExceeded",
			"Limits Exceeded: MAX_VPCS_ASSOCIATED_BY_ZONE - Cannot associate more than %d VPCs.", s.quotas.VPCsPerZone)
	}
	changed := *z
	changed.vpcs = append(slices.Clone(z.vpcs), *in.VPC)
	changed.busyUntil = s.busy()
	s.put(&changed)
	return &sdk.AssociateVPCWithHostedZoneOutput{ChangeInfo: s.submit(r.Caller.Account, in.Comment)}, nil
}

func (s *Service) disassociateVPC(_ context.Context, r *frame.Request, in *sdk.DisassociateVPCFromHostedZoneInput,
) (*sdk.DisassociateVPCFromHostedZoneOutput, error) {
	if err := validateVPC(in.VPC); err != nil {
		return nil, err
	}
	known, err := s.knownVPC(in.VPC)
	if err != nil {
		return nil, err
	}
	z, err := s.zoneForVPC(r, in.HostedZoneId, func(z *zone) bool {
		return known.Account == r.Caller.Account && has(z.vpcs, in.VPC)
	})
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(z.vpcs, func(v types.VPC) bool { return sameVPC(&v, in.VPC) })
	switch {
	case at < 0:
		return nil, frame.StatusErrorf(http.StatusNotFound, "VPCAssociationNotFound",
			"The VPC: %s is not associated with the hosted zone %s.", aws.ToString(in.VPC.VPCId), z.id)
	case len(z.vpcs) == 1:
		return nil, frame.Errorf("LastVPCAssociation",
			"The VPC that you are trying to disassociate from the private hosted zone is the last VPC "+
				"that is associated with the hosted zone.")
	}
	changed := *z
	changed.vpcs = slices.Delete(slices.Clone(z.vpcs), at, at+1)
	changed.busyUntil = s.busy()
	s.put(&changed)
	return &sdk.DisassociateVPCFromHostedZoneOutput{ChangeInfo: s.submit(r.Caller.Account, in.Comment)}, nil
}
