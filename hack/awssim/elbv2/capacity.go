package elbv2

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func (c capacity) pending(now time.Time) bool { return now.Before(c.PendingTo) }

func capacityPending(b *balancer) error {
	return frame.Errorf("CapacityReservationPending", "Load balancer '%s' has a pending capacity reservation", b.ARN)
}

// decreases are those that count: of the last 24 hours.
func (c capacity) decreases(now time.Time) []time.Time {
	return slices.DeleteFunc(slices.Clone(c.Decreases), func(at time.Time) bool { return !at.After(now.Add(-24 * time.Hour)) })
}

func modifyCapacity(w *write, in *sdk.ModifyCapacityReservationInput) (*sdk.ModifyCapacityReservationOutput, error) {
	former, err := w.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	b := change(w.balancers, former)
	units := int32(0)
	reset := aws.ToBool(in.ResetCapacityReservation)
	switch {
	case reset && in.MinimumLoadBalancerCapacity != nil:
		return nil, invalid("MinimumLoadBalancerCapacity and ResetCapacityReservation cannot be specified at the same time")
	case !reset && (in.MinimumLoadBalancerCapacity == nil || in.MinimumLoadBalancerCapacity.CapacityUnits == nil):
		return nil, missing("CapacityUnits")
	case !reset:
		units = *in.MinimumLoadBalancerCapacity.CapacityUnits
		if units < 1 {
			return nil, invalid("CapacityUnits '%d' is not valid", units)
		}
	}
	if err := w.checkReservation(b, units); err != nil {
		return nil, err
	}
	made := capacity{Units: units, Modified: w.moment, PendingTo: w.after(w.service.env.Timing.LoadBalancing.Reserving)}
	made.Decreases = b.Capacity.decreases(w.moment)
	if units < b.Capacity.Units {
		made.Decreases = append(made.Decreases, w.moment)
	}
	b.Capacity = made
	shown := describedCapacity(b, w.moment, w.service.quotas)
	return &sdk.ModifyCapacityReservationOutput{
		CapacityReservationState: shown.CapacityReservationState, DecreaseRequestsRemaining: shown.DecreaseRequestsRemaining,
		LastModifiedTime: shown.LastModifiedTime, MinimumLoadBalancerCapacity: shown.MinimumLoadBalancerCapacity,
	}, nil
}

func (w *write) checkReservation(b *balancer, units int32) error {
	quotas := w.service.quotas
	switch {
	case b.Capacity.pending(w.moment):
		return capacityPending(b)
	case int(units) > quotas.CapacityUnits:
		return frame.Errorf("CapacityUnitsLimitExceeded", "The capacity units limit of %d has been exceeded", quotas.CapacityUnits)
	case units < b.Capacity.Units && len(b.Capacity.decreases(w.moment)) >= quotas.CapacityDecreases:
		return frame.Errorf("CapacityDecreaseRequestLimitExceeded",
			"Load balancer '%s' has reached the limit of %d capacity decreases a day", b.ARN, quotas.CapacityDecreases)
	}
	return nil
}

func describeCapacity(r *reading, in *sdk.DescribeCapacityReservationInput) (*sdk.DescribeCapacityReservationOutput, error) {
	b, err := r.balancer(in.LoadBalancerArn)
	if err != nil {
		return nil, err
	}
	shown := describedCapacity(b, r.moment, r.service.quotas)
	return &shown, nil
}

func describedCapacity(b *balancer, now time.Time, quotas Quotas) sdk.DescribeCapacityReservationOutput {
	left := quotas.CapacityDecreases - len(b.Capacity.decreases(now))
	shown := sdk.DescribeCapacityReservationOutput{
		DecreaseRequestsRemaining: aws.Int32(int32(left)), CapacityReservationState: []types.ZonalCapacityReservationState{},
	}
	if b.Capacity.Modified.IsZero() {
		return shown
	}
	shown.LastModifiedTime = aws.Time(b.Capacity.Modified)
	if b.Capacity.Units == 0 {
		return shown
	}
	shown.MinimumLoadBalancerCapacity = &types.MinimumLoadBalancerCapacity{CapacityUnits: aws.Int32(b.Capacity.Units)}
	code, effective := types.CapacityReservationStateEnumProvisioned, float64(b.Capacity.Units)/float64(len(b.Zones))
	if b.Capacity.pending(now) {
		code, effective = types.CapacityReservationStateEnumPending, 0
	}
	for _, z := range b.Zones {
		shown.CapacityReservationState = append(shown.CapacityReservationState, types.ZonalCapacityReservationState{
			AvailabilityZone: aws.String(z.Name), EffectiveCapacityUnits: aws.Float64(effective),
			State: &types.CapacityReservationStatus{Code: code},
		})
	}
	return shown
}
