package elbv2

import "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

// describeGroup is a target group as DescribeTargetGroups gives it.
func (c *content) describeGroup(g *group) types.TargetGroup {
	shown := g.Settings
	shown.LoadBalancerArns = []string{}
	if user := c.userOf[g.ARN]; user != "" {
		shown.LoadBalancerArns = []string{user}
	}
	return shown
}
