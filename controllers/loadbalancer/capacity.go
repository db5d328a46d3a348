package loadbalancer

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// capacity is what is reserved for a load balancer.
type capacity struct {
	// units are those asked for; 0 when nothing is reserved.
	units int32
	// pending is set while AWS is at work on it; failed is why it could not be had.
	pending bool
	failed  string
}

func capacityOf(minimum *types.MinimumLoadBalancerCapacity, states []types.ZonalCapacityReservationState) *capacity {
	c := &capacity{}
	if minimum != nil {
		c.units = aws.ToInt32(minimum.CapacityUnits)
	}
	for _, zone := range states {
		if zone.State == nil {
			continue
		}
		switch zone.State.Code {
		case types.CapacityReservationStateEnumPending, types.CapacityReservationStateEnumRebalancing:
			c.pending = true
		case types.CapacityReservationStateEnumFailed:
			c.failed = aws.ToString(zone.State.Reason)
			if c.failed == "" {
				c.failed = "AWS gives no reason."
			}
		}
	}
	return c
}

func (k *Kind) readCapacity(ctx context.Context, lb *loadBalancer) error {
	answer, err := k.clients.ELBV2.DescribeCapacityReservation(ctx, &elasticloadbalancingv2.DescribeCapacityReservationInput{LoadBalancerArn: aws.String(lb.arn())})
	if err != nil {
		return fmt.Errorf("reading the capacity reserved for load balancer %s: %w", lb.name(), err)
	}
	lb.capacity = capacityOf(answer.MinimumLoadBalancerCapacity, answer.CapacityReservationState)
	return nil
}

// capacityChanges returns the call that reserves capacity, or gives it back.
func capacityChanges(obj *v1alpha1.LoadBalancer, o *observed, resource string) []change {
	verb, has := lifecycle.VerbCreate, int32(0)
	if o.lb != nil {
		if o.lb.capacity == nil {
			return nil
		}
		verb, has = lifecycle.VerbUpdate, o.lb.capacity.units
	}
	want := aws.ToInt32(obj.Spec.MinimumCapacityUnits)
	if want == has {
		return nil
	}
	text := func(units int32) string {
		if units == 0 {
			return ""
		}
		return strconv.Itoa(int(units))
	}
	return []change{{
		plan: planned(verb, resource, fieldCapacity, text(has), text(want)),
		run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
			return k.reserve(ctx, obj, o, want)
		},
	}}
}

// reserve makes the call. AWS reserves for an active load balancer only.
func (k *Kind) reserve(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed, units int32) error {
	if o.lb.state() == types.LoadBalancerStateEnumProvisioning {
		return lifecycle.AsError(k.provisioning(obj, o))
	}
	input := &elasticloadbalancingv2.ModifyCapacityReservationInput{LoadBalancerArn: aws.String(o.lb.arn())}
	if units == 0 {
		input.ResetCapacityReservation = aws.Bool(true)
	} else {
		input.MinimumLoadBalancerCapacity = &types.MinimumLoadBalancerCapacity{CapacityUnits: &units}
	}
	answer, err := k.clients.ELBV2.ModifyCapacityReservation(ctx, input)
	if err != nil {
		return fmt.Errorf("reserving capacity for load balancer %s: %w", o.lb.name(), err)
	}
	o.lb.capacity = capacityOf(answer.MinimumLoadBalancerCapacity, answer.CapacityReservationState)
	return nil
}

// reportCapacity says what a reservation waits for.
func (k *Kind) reportCapacity(obj *v1alpha1.LoadBalancer, o *observed) {
	c := o.lb.capacity
	switch {
	case c == nil || obj.Spec.MinimumCapacityUnits == nil:
	case c.failed != "":
		o.Wait(lifecycle.Stall(v1alpha1.ReasonAWSError, "AWS could not reserve the capacity of spec.minimumCapacityUnits: "+c.failed))
	case c.pending:
		o.Wait(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "AWS is reserving the capacity of spec.minimumCapacityUnits.", k.PauseSince(obj, v1alpha1.ConditionReady)))
	}
}
