package autoscaling

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func describeAccountLimits(r *reading, _ *sdk.DescribeAccountLimitsInput) (*sdk.DescribeAccountLimitsOutput, error) {
	q := r.service.quotas
	return &sdk.DescribeAccountLimitsOutput{
		MaxNumberOfAutoScalingGroups: aws.Int32(int32(q.Groups)), MaxNumberOfLaunchConfigurations: aws.Int32(int32(q.LaunchConfigurations)),
		NumberOfAutoScalingGroups:    aws.Int32(int32(len(r.own(r.Request)))),
		NumberOfLaunchConfigurations: aws.Int32(int32(len(r.configurationsOf(r.Caller.Account, r.Region)))),
	}, nil
}

func describeAdjustmentTypes(_ *reading, _ *sdk.DescribeAdjustmentTypesInput) (*sdk.DescribeAdjustmentTypesOutput, error) {
	out := &sdk.DescribeAdjustmentTypesOutput{}
	for i := range adjustmentTypes {
		out.AdjustmentTypes = append(out.AdjustmentTypes, types.AdjustmentType{AdjustmentType: &adjustmentTypes[i]})
	}
	return out, nil
}

func describeNotificationTypes(_ *reading, _ *sdk.DescribeAutoScalingNotificationTypesInput) (*sdk.DescribeAutoScalingNotificationTypesOutput, error) {
	return &sdk.DescribeAutoScalingNotificationTypesOutput{AutoScalingNotificationTypes: notificationTypes}, nil
}

func describeHookTypes(_ *reading, _ *sdk.DescribeLifecycleHookTypesInput) (*sdk.DescribeLifecycleHookTypesOutput, error) {
	return &sdk.DescribeLifecycleHookTypesOutput{LifecycleHookTypes: []string{launchTransition, endTransition}}, nil
}

func describeTerminationPolicies(_ *reading, _ *sdk.DescribeTerminationPolicyTypesInput) (*sdk.DescribeTerminationPolicyTypesOutput, error) {
	return &sdk.DescribeTerminationPolicyTypesOutput{TerminationPolicyTypes: terminationPolicies}, nil
}

// describeClassic is always empty: there are no classic load balancers.
func describeClassic(r *reading, in *sdk.DescribeLoadBalancersInput) (*sdk.DescribeLoadBalancersOutput, error) {
	_, err := r.find(in.AutoScalingGroupName)
	return &sdk.DescribeLoadBalancersOutput{LoadBalancers: []types.LoadBalancerState{}}, err
}

func attachClassic(w *write, in *sdk.AttachLoadBalancersInput) (*sdk.AttachLoadBalancersOutput, error) {
	if _, err := w.changing(in.AutoScalingGroupName); err != nil {
		return nil, err
	}
	return nil, noClassic()
}

func detachClassic(w *write, in *sdk.DetachLoadBalancersInput) (*sdk.DetachLoadBalancersOutput, error) {
	if _, err := w.changing(in.AutoScalingGroupName); err != nil {
		return nil, err
	}
	return nil, invalid("Trying to remove Load Balancers that are not part of the group: %s", strings.Join(in.LoadBalancerNames, ", "))
}

// launchInstances launches at once, in one place, and tells what became of it.
func launchInstances(w *write, in *sdk.LaunchInstancesInput) (*sdk.LaunchInstancesOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	token, wanted := text(in.ClientToken), aws.ToInt32(in.RequestedCapacity)
	former, repeated := g.Tokens[token]
	switch {
	case token == "":
		return nil, violated(nil, "clientToken", "Member must not be null")
	case in.RequestedCapacity == nil || wanted < 1:
		return nil, invalid("RequestedCapacity must be at least 1")
	case repeated && former.Requested != wanted:
		return nil, frameError("IdempotentParameterMismatch", "The client token was used with other parameters")
	case repeated:
		return &former.Output, nil
	case g.Settings.MixedInstancesPolicy != nil && len(g.Settings.MixedInstancesPolicy.LaunchTemplate.Overrides) > 1:
		return nil, invalid("LaunchInstances is not supported for groups with several instance types")
	case *g.Settings.DesiredCapacity+wanted > *g.Settings.MaxSize:
		return nil, invalid("RequestedCapacity %d would exceed the max size %d of the Auto Scaling group", wanted, *g.Settings.MaxSize)
	}
	out, err := w.launchNow(g, in, wanted)
	if err != nil {
		return nil, err
	}
	g.Tokens[token] = answer{Requested: wanted, Output: *out}
	return out, nil
}

// launchNow launches instances in the one place that a call allows and that has the fewest.
func (w *write) launchNow(g *group, in *sdk.LaunchInstancesInput, wanted int32) (*sdk.LaunchInstancesOutput, error) {
	t := w.act(g)
	lacks := func(chosen []string, one string) bool { return len(chosen) > 0 && !slices.Contains(chosen, one) }
	places := slices.DeleteFunc(t.balanced(), func(p place) bool {
		return lacks(in.SubnetIds, p.ID) || lacks(in.AvailabilityZones, p.Zone) || lacks(in.AvailabilityZoneIds, p.ZoneID)
	})
	if len(places) == 0 {
		return nil, invalid("The given subnets or Availability Zones are not those of the Auto Scaling group")
	}
	where := places[0]
	out := sdk.LaunchInstancesOutput{AutoScalingGroupName: &g.Name, ClientToken: in.ClientToken}
	launched := types.InstanceCollection{SubnetId: &where.ID, AvailabilityZone: &where.Zone, AvailabilityZoneId: &where.ZoneID, MarketType: aws.String("on-demand")}
	retries := in.RetryStrategy == types.RetryStrategyRetryWithGroupConfiguration
	for range wanted {
		made, err := t.launchAt(where, t.at("a user request launched an instance."), false)
		if err != nil {
			failed := failedAction(nil, err)
			out.Errors = append(out.Errors, types.LaunchInstancesError{
				SubnetId: &where.ID, AvailabilityZone: &where.Zone, AvailabilityZoneId: &where.ZoneID, ErrorCode: failed.ErrorCode, ErrorMessage: failed.ErrorMessage,
			})
			break
		}
		launched.InstanceIds, launched.InstanceType = append(launched.InstanceIds, made.ID), aws.String(made.Type)
	}
	if len(launched.InstanceIds) > 0 {
		out.Instances = []types.InstanceCollection{launched}
	}
	added := int32(len(launched.InstanceIds))
	if retries {
		added = wanted
	}
	g.desire(*g.Settings.DesiredCapacity+added, "a user request launched instances changing the desired capacity from %d to %d.")
	return &out, nil
}

// answer is what a call of LaunchInstances was answered.
type answer struct {
	Requested int32                     `json:"requested"`
	Output    sdk.LaunchInstancesOutput `json:"output"`
}
