package route53

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// recovery is a zone's accelerated recovery: what was asked for last, and from
// when on it is so. The zero value is a zone of which nothing was asked.
type recovery struct {
	Enabled bool      `json:"enabled"`
	Turn    time.Time `json:"turn,omitzero"`
}

func (r recovery) described(now time.Time) *types.HostedZoneFeatures {
	if r.Turn.IsZero() {
		return nil
	}
	status := types.AcceleratedRecoveryStatusDisabled
	switch turned := !now.Before(r.Turn); {
	case r.Enabled && turned:
		status = types.AcceleratedRecoveryStatusEnabled
	case r.Enabled:
		status = types.AcceleratedRecoveryStatusEnabling
	case !turned:
		status = types.AcceleratedRecoveryStatusDisabling
	}
	return &types.HostedZoneFeatures{AcceleratedRecoveryStatus: status}
}

func (s *Service) updateFeatures(_ context.Context, r *frame.Request, in *sdk.UpdateHostedZoneFeaturesInput,
) (*sdk.UpdateHostedZoneFeaturesOutput, error) {
	z, err := s.idle(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	if z.private {
		return nil, frame.Errorf(invalidInput, "Invalid request: accelerated recovery supports only public hosted zones.")
	}
	if in.EnableAcceleratedRecovery == nil || *in.EnableAcceleratedRecovery == z.recovery.Enabled {
		return &sdk.UpdateHostedZoneFeaturesOutput{}, nil
	}
	changed := *z
	changed.recovery = recovery{
		Enabled: aws.ToBool(in.EnableAcceleratedRecovery),
		Turn:    s.env.Clock.Now().Add(s.env.Random.Draw(s.env.Timing.Propagation)).UTC(),
	}
	s.put(&changed)
	return &sdk.UpdateHostedZoneFeaturesOutput{}, nil
}
