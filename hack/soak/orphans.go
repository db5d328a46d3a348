package main

import (
	"context"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
)

// How much of what an application has in AWS.
const (
	alarmsPerApp         = 3 // two that target tracking makes, and that of the step policy
	securityGroupsPerApp = 2
)

// judgeOrphans counts all that is in AWS beside what is somebody else's.
func (v *verdict) judgeOrphans(ctx context.Context, apps int) error {
	zones, err1 := v.route53.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
	checks, err2 := v.route53.ListHealthChecks(ctx, &route53.ListHealthChecksInput{})
	balancers, err3 := v.elb.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	targets, err4 := v.elb.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	groups, err5 := v.autoscaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	templates, err6 := v.ec2.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{})
	security, err7 := v.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: ours()})
	alarms, err8 := v.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
	state, err9 := stateOf(v.sim)
	if err := errors.Join(err1, err2, err3, err4, err5, err6, err7, err8, err9); err != nil {
		return err
	}
	for _, count := range []struct {
		what           string
		found, foreign int
		perApp         int
	}{
		{"hosted zones", len(zones.HostedZones), 1, 1}, {"health checks", len(checks.HealthChecks), 0, 1},
		{"load balancers", len(balancers.LoadBalancers), 1, 1}, {"target groups", len(targets.TargetGroups), 0, 1},
		{"groups", len(groups.AutoScalingGroups), 1, 1}, {"launch templates", len(templates.LaunchTemplates), 1, 1},
		{"security groups", len(security.SecurityGroups), 0, securityGroupsPerApp}, {"alarms", len(alarms.MetricAlarms), 0, alarmsPerApp},
		{"certificates", certificatesIn(state), 0, 1},
	} {
		if want := count.foreign + apps*count.perApp; count.found != want {
			v.complain("there are %d %s in AWS, not %d", count.found, count.what, want)
		}
	}
	if apps > 0 {
		return nil
	}
	var running []string
	for _, instance := range v.sim.Instances() {
		if instance.State != "terminated" && instance.State != "shutting-down" {
			running = append(running, instance.ID)
		}
	}
	if len(running) > 0 {
		v.complain("instances are left: %s", strings.Join(running, ", "))
	}
	return nil
}
