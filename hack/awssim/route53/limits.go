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

// accountLimits are the defaults of quotas on what is not simulated: the
// account has none of it.
var accountLimits = map[types.AccountLimitType]int64{
	types.AccountLimitTypeMaxHealthChecksByOwner:           200,
	types.AccountLimitTypeMaxReusableDelegationSetsByOwner: 100,
	types.AccountLimitTypeMaxTrafficPoliciesByOwner:        50,
	types.AccountLimitTypeMaxTrafficPolicyInstancesByOwner: 5,
}

func (s *Service) getAccountLimit(_ context.Context, r *frame.Request, in *sdk.GetAccountLimitInput,
) (*sdk.GetAccountLimitOutput, error) {
	var broken frame.Violations
	frame.Enum(&broken, in.Type, "type", in.Type.Values())
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	count, limit := int64(0), accountLimits[in.Type]
	if in.Type == types.AccountLimitTypeMaxHostedZonesByOwner {
		count, limit = int64(len(s.view(r).owned(r.Caller.Account))), int64(s.quotas.HostedZones)
	}
	return &sdk.GetAccountLimitOutput{
		Count: count,
		Limit: &types.AccountLimit{Type: in.Type, Value: &limit},
	}, nil
}
