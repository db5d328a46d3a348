package elbv2

import (
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func describeTargetHealth(r *reading, in *sdk.DescribeTargetHealthInput) (*sdk.DescribeTargetHealthOutput, error) {
	g, err := r.group(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeTargetHealthOutput{TargetHealthDescriptions: []types.TargetHealthDescription{}}
	targets := g.present(r.moment)
	if len(in.Targets) > 0 {
		targets = nil
	}
	for i := range in.Targets {
		wanted := target{ID: aws.ToString(in.Targets[i].Id), Port: g.portOf(&in.Targets[i])}
		at, known := g.at(wanted)
		if known && !g.Targets[at].gone(r.moment) {
			targets = append(targets, g.Targets[at])
			continue
		}
		unused := state(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotRegistered, "Target is not registered to the target group")
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, g.describedTarget(&wanted, unused))
	}
	anomalies := slices.ContainsFunc(in.Include, func(one types.DescribeTargetHealthInputIncludeEnum) bool {
		return strings.EqualFold(string(one), "All") || one == types.DescribeTargetHealthInputIncludeEnumAnomaly
	}) && g.family() == types.LoadBalancerTypeEnumApplication
	for i := range targets {
		shown := g.describedTarget(&targets[i], r.service.health(r.content, g, &targets[i], r.moment))
		if anomalies {
			shown.AnomalyDetection = &types.AnomalyDetection{Result: types.AnomalyResultEnumNormal, MitigationInEffect: types.MitigationInEffectEnumNo}
		}
		out.TargetHealthDescriptions = append(out.TargetHealthDescriptions, shown)
	}
	return out, nil
}

func (g *group) describedTarget(t *target, health types.TargetHealth) types.TargetHealthDescription {
	shown := types.TargetHealthDescription{
		Target:       &types.TargetDescription{Id: aws.String(t.ID), AvailabilityZone: optional(t.Zone), QuicServerId: optional(t.QuicServerID)},
		TargetHealth: &health,
	}
	if t.Port != 0 {
		shown.Target.Port = aws.Int32(t.Port)
	}
	if port := aws.ToString(g.Settings.HealthCheckPort); port == trafficPort {
		shown.HealthCheckPort = aws.String(strconv.Itoa(int(t.Port)))
	} else {
		shown.HealthCheckPort = optional(port)
	}
	return shown
}
