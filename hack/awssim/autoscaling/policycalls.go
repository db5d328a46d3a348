package autoscaling

import (
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

func describePolicies(r *reading, in *sdk.DescribePoliciesInput) (*sdk.DescribePoliciesOutput, error) {
	groups := r.own(r.Request)
	if in.AutoScalingGroupName != nil {
		g, err := r.find(in.AutoScalingGroupName)
		if err != nil {
			return nil, err
		}
		groups = []*group{g}
	}
	var found []types.ScalingPolicy
	for _, g := range groups {
		for _, name := range slices.Sorted(maps.Keys(g.Policies)) {
			p := g.Policies[name]
			named := len(in.PolicyNames) == 0 || slices.Contains(in.PolicyNames, name) || slices.Contains(in.PolicyNames, *p.PolicyARN)
			if named && (len(in.PolicyTypes) == 0 || slices.Contains(in.PolicyTypes, *p.PolicyType)) {
				p.Alarms = r.service.alarmsOf(g, p)
				found = append(found, p)
			}
		}
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, normalPage, mostPage, func(p *types.ScalingPolicy) string { return *p.AutoScalingGroupName + "/" + *p.PolicyName })
	return &sdk.DescribePoliciesOutput{ScalingPolicies: cut, NextToken: next}, err
}

// policy finds a policy by its name, or by its ARN in any group.
func (w *write) policy(groupName, name *string) (*group, types.ScalingPolicy, error) {
	for _, g := range w.own(w.Request) {
		if groupName != nil && g.Name != *groupName {
			continue
		}
		for _, p := range g.Policies {
			if *p.PolicyARN == text(name) || groupName != nil && *p.PolicyName == text(name) {
				changed, err := w.changing(&g.Name)
				return changed, p, err
			}
		}
	}
	if groupName != nil {
		if _, err := w.find(groupName); err != nil {
			return nil, types.ScalingPolicy{}, err
		}
	}
	return nil, types.ScalingPolicy{}, invalid("PolicyName not found: %s", text(name))
}

func deletePolicy(w *write, in *sdk.DeletePolicyInput) (*sdk.DeletePolicyOutput, error) {
	g, p, err := w.policy(in.AutoScalingGroupName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	w.service.dropAlarms(g, p)
	delete(g.Policies, *p.PolicyName)
	return &sdk.DeletePolicyOutput{}, nil
}

// dropAlarms deletes the alarms that a target tracking policy has made.
func (s *Service) dropAlarms(g *group, p types.ScalingPolicy) {
	if *p.PolicyType != policyTracking {
		return
	}
	var names []string
	for _, one := range p.Alarms {
		names = append(names, *one.AlarmName)
	}
	s.needs.Alarms.DeleteAlarms(g.Account, g.Region, names)
}

func (t *turn) dropAlarms() {
	for _, p := range t.Policies {
		t.service.dropAlarms(t.group, p)
	}
}

func executePolicy(w *write, in *sdk.ExecutePolicyInput) (*sdk.ExecutePolicyOutput, error) {
	g, p, err := w.policy(in.AutoScalingGroupName, in.PolicyName)
	if err != nil {
		return nil, err
	}
	kind := *p.PolicyType
	switch {
	case kind == policyTracking || kind == policyPredictive:
		return nil, invalid("ExecutePolicy is not supported for policy type %s", kind)
	case kind == policyStep && (in.MetricValue == nil || in.BreachThreshold == nil):
		return nil, invalid("MetricValue and BreachThreshold must be specified for policy type StepScaling")
	case kind == policySimple && (in.MetricValue != nil || in.BreachThreshold != nil):
		return nil, invalid("MetricValue and BreachThreshold are not supported for policy type SimpleScaling")
	case kind == policySimple && aws.ToBool(in.HonorCooldown) && g.Cooled.After(w.moment):
		return nil, frameError(scalingActivity, "Scaling activity %s is in progress and blocks this action", g.latestActivity())
	}
	t := &turn{group: g, content: w.content, service: w.service, needs: &w.service.needs, now: w.moment}
	t.adjust(p, aws.ToFloat64(in.MetricValue)-aws.ToFloat64(in.BreachThreshold), fmt.Sprintf("a user request executed policy %s changing the desired capacity", *p.PolicyName))
	return &sdk.ExecutePolicyOutput{}, nil
}
