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

// checkOwnVPC refuses a VPC that is not of the account; it would need an
// authorization, and those are not simulated.
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
		if z.private && z.name == name && slices.ContainsFunc(z.vpcs, func(v types.VPC) bool { return sameVPC(&v, vpc) }) {
			return frame.Errorf("ConflictingDomainExists", "The VPC %s in region %s has already been associated "+
				"with the hosted zone %s with the same domain name.", aws.ToString(vpc.VPCId), vpc.VPCRegion, z.id)
		}
	}
	return nil
}

func (s *Service) associateVPC(_ context.Context, r *frame.Request, in *sdk.AssociateVPCWithHostedZoneInput,
) (*sdk.AssociateVPCWithHostedZoneOutput, error) {
	if err := validateVPC(in.VPC); err != nil {
		return nil, err
	}
	z, err := s.idle(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if !z.private {
		return nil, frame.Errorf("PublicZoneVPCAssociation",
			"The hosted zone %s is a public hosted zone and cannot be associated with a VPC.", z.id)
	}
	if err := s.checkOwnVPC(r.Caller.Account, in.VPC); err != nil {
		return nil, err
	}
	if err := s.zones.Load().conflict(z.name, in.VPC); err != nil {
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
	return &sdk.AssociateVPCWithHostedZoneOutput{ChangeInfo: s.submit(z.account, in.Comment)}, nil
}

func (s *Service) disassociateVPC(_ context.Context, r *frame.Request, in *sdk.DisassociateVPCFromHostedZoneInput,
) (*sdk.DisassociateVPCFromHostedZoneOutput, error) {
	if err := validateVPC(in.VPC); err != nil {
		return nil, err
	}
	z, err := s.zones.Load().find(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if _, err := s.knownVPC(in.VPC); err != nil {
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
	return &sdk.DisassociateVPCFromHostedZoneOutput{ChangeInfo: s.submit(z.account, in.Comment)}, nil
}
