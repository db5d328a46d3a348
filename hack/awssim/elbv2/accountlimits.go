package elbv2

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func describeAccountLimits(r *reading, in *sdk.DescribeAccountLimitsInput) (*sdk.DescribeAccountLimitsOutput, error) {
	q := r.service.quotas
	var limits []types.Limit
	for _, one := range []struct {
		name string
		most int
	}{
		{"application-load-balancers", q.ApplicationLoadBalancers},
		{"target-groups", q.TargetGroups},
		{"targets-per-application-load-balancer", q.TargetsPerBalancer},
		{"listeners-per-application-load-balancer", q.Listeners},
		{"rules-per-application-load-balancer", q.Rules},
		{"certificates-per-application-load-balancer", q.Certificates},
		{"condition-values-per-alb-rule", q.ValuesPerRule},
		{"condition-wildcards-per-alb-rule", q.WildcardsPerRule},
		{"target-groups-per-action-on-application-load-balancer", q.TargetGroupsPerAction},
		{"target-groups-per-application-load-balancer", q.TargetGroupsPerBalancer},
		{"network-load-balancers", q.NetworkLoadBalancers},
		{"listeners-per-network-load-balancer", q.Listeners},
		{"certificates-per-network-load-balancer", q.Certificates},
		{"gateway-load-balancers", q.GatewayLoadBalancers},
		{"geneve-target-groups", q.GatewayTargetGroups},
		{"targets-per-target-group", q.TargetsPerGroup},
		{"trust-stores", q.TrustStores},
	} {
		limits = append(limits, types.Limit{Name: aws.String(one.name), Max: aws.String(strconv.Itoa(one.most))})
	}
	cut, next, err := page(limits, in.Marker, in.PageSize, func(one types.Limit) string { return *one.Name })
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeAccountLimitsOutput{Limits: cut, NextMarker: next}, nil
}
