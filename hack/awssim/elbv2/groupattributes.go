package elbv2

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

func describeGroupAttributes(r *reading, in *sdk.DescribeTargetGroupAttributesInput) (*sdk.DescribeTargetGroupAttributesOutput, error) {
	g, err := r.group(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeTargetGroupAttributesOutput{Attributes: g.attributeList()}, nil
}

func (g *group) attributeList() []types.TargetGroupAttribute {
	var list []types.TargetGroupAttribute
	values := g.attributes()
	for _, one := range g.attributeSet() {
		list = append(list, types.TargetGroupAttribute{Key: aws.String(one.key), Value: aws.String(values[one.key])})
	}
	return list
}

func modifyGroupAttributes(w *write, in *sdk.ModifyTargetGroupAttributesInput) (*sdk.ModifyTargetGroupAttributesOutput, error) {
	former, err := w.group(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	pairs := make([]pair, len(in.Attributes))
	for i, given := range in.Attributes {
		pairs[i] = pair{given.Key, given.Value}
	}
	g := change(w.groups, former)
	g.Set, err = g.attributeSet().changed(g.Set, pairs, "Target group", g.kind())
	if err != nil {
		return nil, err
	}
	if err := checkTogether(g.attributes()); err != nil {
		return nil, err
	}
	return &sdk.ModifyTargetGroupAttributesOutput{Attributes: g.attributeList()}, nil
}

func (g *group) kind() string {
	if g.Settings.TargetType == types.TargetTypeEnumLambda {
		return "target groups with target type 'lambda'"
	}
	return "target groups with protocol '" + string(g.Settings.Protocol) + "'"
}

// checkTogether checks the attributes that depend on each other.
func checkTogether(values map[string]string) error {
	algorithm := values["load_balancing.algorithm.type"]
	switch {
	case values[failoverLeave] != values[failoverUnhealthy]:
		return misconfigured("'%s' and '%s' must have the same value", failoverLeave, failoverUnhealthy)
	case values[unhealthyInterval] != "" && values[unhealthyInterval] != "0" && values[unhealthyEnds] == "true":
		return misconfigured("'%s' can only be set when '%s' is false", unhealthyInterval, unhealthyEnds)
	case values["load_balancing.algorithm.anomaly_mitigation"] == "on" && algorithm != "weighted_random":
		return misconfigured("Anomaly mitigation can only be on with the load balancing algorithm 'weighted_random'")
	case values["slow_start.duration_seconds"] != "" && values["slow_start.duration_seconds"] != "0" && algorithm != "round_robin":
		return misconfigured("Slow start is only supported with the load balancing algorithm 'round_robin'")
	case values["stickiness.enabled"] == "true" && values["stickiness.type"] == "app_cookie" && values["stickiness.app_cookie.cookie_name"] == "":
		return misconfigured("'stickiness.app_cookie.cookie_name' must be set for stickiness of type 'app_cookie'")
	}
	return nil
}
