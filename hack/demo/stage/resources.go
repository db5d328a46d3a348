package stage

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	elb "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
)

// Resources names everything that exists in AWS and could have been made for the demo. None of the lists is longer
// than a page.
func (a *AWS) Resources(ctx context.Context) ([]string, error) {
	var all []string
	for _, list := range []func(context.Context, aws.Config) ([]string, error){zones, balancing, groups, computing} {
		names, err := list(ctx, a.Config())
		if err != nil {
			return nil, err
		}
		all = append(all, names...)
	}
	slices.Sort(all)
	return all, nil
}

// Left returns what exists now and did not exist before.
func Left(before, now []string) []string {
	return slices.DeleteFunc(slices.Clone(now), func(name string) bool { return slices.Contains(before, name) })
}

func zones(ctx context.Context, config aws.Config) ([]string, error) {
	client := route53.NewFromConfig(config)
	listed, err := client.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
	if err != nil {
		return nil, fmt.Errorf("listing hosted zones: %w", err)
	}
	var names []string
	for _, zone := range listed.HostedZones {
		names = append(names, fmt.Sprintf("hosted zone %s (%s)", *zone.Name, strings.TrimPrefix(*zone.Id, "/hostedzone/")))
	}
	checks, err := client.ListHealthChecks(ctx, &route53.ListHealthChecksInput{})
	if err != nil {
		return nil, fmt.Errorf("listing health checks: %w", err)
	}
	for _, check := range checks.HealthChecks {
		names = append(names, "health check "+*check.Id)
	}
	return names, nil
}

func balancing(ctx context.Context, config aws.Config) ([]string, error) {
	client := elb.NewFromConfig(config)
	balancers, err := client.DescribeLoadBalancers(ctx, &elb.DescribeLoadBalancersInput{})
	if err != nil {
		return nil, fmt.Errorf("listing load balancers: %w", err)
	}
	var names []string
	for _, balancer := range balancers.LoadBalancers {
		names = append(names, "load balancer "+*balancer.LoadBalancerName)
	}
	targets, err := client.DescribeTargetGroups(ctx, &elb.DescribeTargetGroupsInput{})
	if err != nil {
		return nil, fmt.Errorf("listing target groups: %w", err)
	}
	for _, group := range targets.TargetGroups {
		names = append(names, "target group "+*group.TargetGroupName)
	}
	return names, nil
}

func groups(ctx context.Context, config aws.Config) ([]string, error) {
	found, err := autoscaling.NewFromConfig(config).DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	if err != nil {
		return nil, fmt.Errorf("listing groups: %w", err)
	}
	var names []string
	for _, group := range found.AutoScalingGroups {
		names = append(names, "Auto Scaling group "+*group.AutoScalingGroupName)
	}
	alarms, err := cloudwatch.NewFromConfig(config).DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{})
	if err != nil {
		return nil, fmt.Errorf("listing alarms: %w", err)
	}
	for _, alarm := range alarms.MetricAlarms {
		names = append(names, "alarm "+*alarm.AlarmName)
	}
	return names, nil
}

func computing(ctx context.Context, config aws.Config) ([]string, error) {
	client := ec2.NewFromConfig(config)
	var names []string
	templates, err := client.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{})
	if err != nil {
		return nil, fmt.Errorf("listing launch templates: %w", err)
	}
	for _, template := range templates.LaunchTemplates {
		names = append(names, "launch template "+*template.LaunchTemplateName)
	}
	security, err := client.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{})
	if err != nil {
		return nil, fmt.Errorf("listing security groups: %w", err)
	}
	for _, group := range security.SecurityGroups {
		names = append(names, fmt.Sprintf("security group %s (%s)", *group.GroupName, *group.GroupId))
	}
	instances, err := client.DescribeInstances(ctx, &ec2.DescribeInstancesInput{})
	if err != nil {
		return nil, fmt.Errorf("listing instances: %w", err)
	}
	for _, reservation := range instances.Reservations {
		for _, instance := range reservation.Instances {
			if instance.State.Name != types.InstanceStateNameTerminated {
				names = append(names, "instance "+*instance.InstanceId)
			}
		}
	}
	interfaces, err := client.DescribeNetworkInterfaces(ctx, &ec2.DescribeNetworkInterfacesInput{})
	if err != nil {
		return nil, fmt.Errorf("listing network interfaces: %w", err)
	}
	for _, held := range interfaces.NetworkInterfaces {
		names = append(names, "network interface "+*held.NetworkInterfaceId)
	}
	return names, nil
}
