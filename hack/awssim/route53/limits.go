package route53

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func (s *Service) getHostedZoneLimit(_ context.Context, r *frame.Request, in *sdk.GetHostedZoneLimitInput,
) (*sdk.GetHostedZoneLimitOutput, error) {
	var broken frame.Violations
	frame.Enum(&broken, in.Type, "type", in.Type.Values())
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	z, err := s.read(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	count, limit := len(z.records), s.quotas.RecordsPerZone
	if in.Type == types.HostedZoneLimitTypeMaxVpcsAssociatedByZone {
		if !z.private {
			return nil, frame.Errorf("HostedZoneNotPrivate", "The specified hosted zone is a public hosted zone, not a private hosted zone.")
		}
		count, limit = len(z.vpcs), s.quotas.VPCsPerZone
	}
	return &sdk.GetHostedZoneLimitOutput{
		Count: int64(count),
		Limit: &types.HostedZoneLimit{Type: in.Type, Value: aws.Int64(int64(limit))},
	}, nil
}

func (s *Service) getReusableDelegationSetLimit(_ context.Context, r *frame.Request,
	in *sdk.GetReusableDelegationSetLimitInput,
) (*sdk.GetReusableDelegationSetLimitOutput, error) {
	var broken frame.Violations
	frame.Enum(&broken, in.Type, "type", in.Type.Values())
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	seen := s.view(r)
	set, err := seen.reusableSet(r, in.DelegationSetId)
	if err != nil {
		return nil, err
	}
	return &sdk.GetReusableDelegationSetLimitOutput{
		Count: int64(len(seen.zonesOf(set))),
		Limit: &types.ReusableDelegationSetLimit{Type: in.Type, Value: aws.Int64(int64(s.quotas.ZonesPerDelegationSet))},
	}, nil
}

func (s *Service) getAccountLimit(_ context.Context, r *frame.Request, in *sdk.GetAccountLimitInput,
) (*sdk.GetAccountLimitOutput, error) {
	var broken frame.Violations
	frame.Enum(&broken, in.Type, "type", in.Type.Values())
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	count, limit := s.accountLimit(s.view(r), r.Caller.Account, in.Type)
	return &sdk.GetAccountLimitOutput{
		Count: int64(count),
		Limit: &types.AccountLimit{Type: in.Type, Value: aws.Int64(int64(limit))},
	}, nil
}

// accountLimit is how much of something an account has and may have; traffic
// policies are not simulated, so it has none.
func (s *Service) accountLimit(seen content, account string, kind types.AccountLimitType) (count, limit int) {
	switch kind {
	case types.AccountLimitTypeMaxHostedZonesByOwner:
		return len(seen.zones.owned(account)), s.quotas.HostedZones
	case types.AccountLimitTypeMaxHealthChecksByOwner:
		return len(ownedBy(seen.checks, account)), s.quotas.HealthChecks
	case types.AccountLimitTypeMaxReusableDelegationSetsByOwner:
		return len(ownedBy(seen.sets, account)), s.quotas.DelegationSets
	case types.AccountLimitTypeMaxTrafficPoliciesByOwner:
		return 0, 50
	}
	return 0, 5
}
