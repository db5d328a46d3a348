package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// judgeBalancer compares an application's load balancer.
func (v *verdict) judgeBalancer(ctx context.Context, a *app) error {
	obj, err := live(ctx, v.user, a.lb)
	if err != nil || obj == nil {
		return err
	}
	spec, arn := &a.lb.object.Spec, obj.Status.ARN
	balancers, err1 := v.elb.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{LoadBalancerArns: []string{arn}})
	attributes, err2 := v.elb.DescribeLoadBalancerAttributes(ctx, &elasticloadbalancingv2.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &arn})
	groups, err3 := v.elb.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{LoadBalancerArn: &arn})
	listeners, err4 := v.elb.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: &arn})
	tags, err5 := v.elb.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: []string{arn}})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return err
	}
	what := "load balancer " + a.name
	v.same("the subnets of "+what, spec.SubnetIDs, subnetsOf(balancers.LoadBalancers[0].AvailabilityZones))
	timeout := "60" // AWS's default
	if spec.Attributes != nil {
		timeout = fmt.Sprint(*spec.Attributes.IdleTimeoutSeconds)
	}
	for _, attribute := range attributes.Attributes { // AWS tells all that there are
		if *attribute.Key == "idle_timeout.timeout_seconds" {
			v.same("the idle timeout of "+what, timeout, *attribute.Value)
		}
	}
	found := map[string]v1alpha1.TagValue{}
	for _, tag := range tags.TagDescriptions[0].Tags {
		if !strings.HasPrefix(*tag.Key, "evenkeel.io/") {
			found[*tag.Key] = v1alpha1.TagValue(*tag.Value)
		}
	}
	v.same("the tags of "+what, spec.Tags, found)
	v.judgeTargetGroups(spec, what, groups.TargetGroups)
	if len(balancers.LoadBalancers) != 1 || len(groups.TargetGroups) != 1 {
		return nil // which is told
	}
	return errors.Join(v.judgeListeners(ctx, a, *groups.TargetGroups[0].TargetGroupArn, listeners.Listeners), v.judgeIngress(ctx, obj.Status.SecurityGroup, spec.SecurityGroup, what))
}

func subnetsOf(zones []elbtypes.AvailabilityZone) []string {
	var ids []string
	for _, zone := range zones {
		ids = append(ids, *zone.SubnetId)
	}
	slices.Sort(ids)
	return ids
}

func (v *verdict) judgeTargetGroups(spec *v1alpha1.LoadBalancerSpec, what string, groups []elbtypes.TargetGroup) {
	if len(groups) != 1 {
		v.complain("%s has %d target groups, not one", what, len(groups))
		return
	}
	declared := spec.TargetGroups[0]
	v.same("the target group of "+what,
		fmt.Sprint(*declared.Port, " ", declared.HealthCheck.Path, " ", *declared.HealthCheck.IntervalSeconds),
		fmt.Sprint(*groups[0].Port, " ", *groups[0].HealthCheckPath, " ", *groups[0].HealthCheckIntervalSeconds))
}

// group reads an application's group.
func (v *verdict) group(ctx context.Context, a *app) (*astypes.AutoScalingGroup, error) {
	obj, err := live(ctx, v.user, a.group)
	if err != nil || obj == nil {
		return nil, err
	}
	groups, err := v.autoscaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{obj.Status.Name}})
	if err != nil {
		return nil, err
	}
	if len(groups.AutoScalingGroups) != 1 {
		v.complain("group %s is not in AWS", a.name)
		return nil, nil
	}
	return &groups.AutoScalingGroups[0], nil
}

// addresses are those of the instances in service.
func (v *verdict) addresses(ctx context.Context, a *app) ([]string, error) {
	group, err := v.group(ctx, a)
	if err != nil || group == nil {
		return nil, err
	}
	var ids, addresses []string
	for _, instance := range group.Instances {
		if instance.LifecycleState == astypes.LifecycleStateInService && *instance.HealthStatus == "Healthy" {
			ids = append(ids, *instance.InstanceId)
		}
	}
	if len(ids) == 0 {
		return nil, nil
	}
	found, err := v.ec2.DescribeInstances(ctx, &ec2.DescribeInstancesInput{InstanceIds: ids})
	if err != nil {
		return nil, err
	}
	for _, reservation := range found.Reservations {
		for i := range reservation.Instances {
			addresses = append(addresses, aws.ToString(reservation.Instances[i].PrivateIpAddress))
		}
	}
	return addresses, nil
}

// judgeGroup compares an application's group.
func (v *verdict) judgeGroup(ctx context.Context, a *app) error {
	group, err := v.group(ctx, a)
	if err != nil || group == nil {
		return err
	}
	spec, what := &a.group.object.Spec, "group "+a.name
	v.same("the sizes of "+what, fmt.Sprint(spec.MinSize, spec.MaxSize), fmt.Sprint(*group.MinSize, *group.MaxSize))
	v.same("the cooldown of "+what, *spec.DefaultCooldownSeconds, *group.DefaultCooldown)
	found := map[string]string{}
	for _, tag := range group.Tags {
		if !strings.HasPrefix(*tag.Key, "evenkeel.io/") {
			found[*tag.Key] = *tag.Value
		}
	}
	v.same("the tags of "+what, map[string]string{"team": string(spec.Tags[0].Value)}, found)
	var suspended, declared []string
	for _, process := range group.SuspendedProcesses {
		suspended = append(suspended, *process.ProcessName)
	}
	for _, process := range spec.SuspendedProcesses {
		declared = append(declared, string(process))
	}
	slices.Sort(suspended)
	v.same("the suspended processes of "+what, declared, suspended)
	if len(group.TrafficSources) != 1 {
		v.complain("%s is attached to %d target groups, not one", what, len(group.TrafficSources))
	}
	return errors.Join(v.judgeTemplate(ctx, spec, what, group), v.judgePolicies(ctx, spec, what, *group.AutoScalingGroupName), v.judgeSource(ctx, a))
}

// judgeTemplate compares what instances are launched from, and that all of them are.
func (v *verdict) judgeTemplate(ctx context.Context, spec *v1alpha1.AutoScalingGroupSpec, what string, group *astypes.AutoScalingGroup) error {
	source := group.LaunchTemplate
	versions, err := v.ec2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: source.LaunchTemplateId, Versions: []string{*source.Version}})
	if err != nil {
		return err
	}
	data := versions.LaunchTemplateVersions[0].LaunchTemplateData
	script, err := base64.StdEncoding.DecodeString(aws.ToString(data.UserData))
	if err != nil {
		return err
	}
	v.same("the launch template of "+what, string(spec.LaunchTemplate.InstanceType)+" "+spec.LaunchTemplate.UserData, string(data.InstanceType)+" "+string(script))
	for _, instance := range group.Instances {
		if instance.LifecycleState == astypes.LifecycleStateInService && *instance.LaunchTemplate.Version != *source.Version {
			v.complain("instance %s of %s has version %s of the template, not %s", *instance.InstanceId, what, *instance.LaunchTemplate.Version, *source.Version)
		}
	}
	return nil
}

func (v *verdict) judgePolicies(ctx context.Context, spec *v1alpha1.AutoScalingGroupSpec, what, name string) error {
	policies, err1 := v.autoscaling.DescribePolicies(ctx, &autoscaling.DescribePoliciesInput{AutoScalingGroupName: &name})
	actions, err2 := v.autoscaling.DescribeScheduledActions(ctx, &autoscaling.DescribeScheduledActionsInput{AutoScalingGroupName: &name})
	if err := errors.Join(err1, err2); err != nil {
		return err
	}
	found := map[string]string{}
	for i := range policies.ScalingPolicies {
		policy := &policies.ScalingPolicies[i]
		var err error
		if found[*policy.PolicyName], err = v.threshold(ctx, policy); err != nil {
			return err
		}
	}
	v.same("the policies of "+what, map[string]string{
		"cpu": string(spec.ScalingPolicies[0].TargetTracking.TargetValue), "queue": string(spec.ScalingPolicies[1].Step.Alarm.Threshold),
	}, found)
	var schedules []string
	for _, action := range actions.ScheduledUpdateGroupActions {
		schedules = append(schedules, *action.Recurrence)
	}
	v.same("the scheduled actions of "+what, []string{spec.ScheduledActions[0].Recurrence}, schedules)
	return nil
}

// threshold is the value at which a policy scales: its target, or that of its alarm.
func (v *verdict) threshold(ctx context.Context, policy *astypes.ScalingPolicy) (string, error) {
	if policy.TargetTrackingConfiguration != nil {
		return fmt.Sprint(*policy.TargetTrackingConfiguration.TargetValue), nil
	}
	if len(policy.Alarms) != 1 {
		return fmt.Sprintf("%d alarms", len(policy.Alarms)), nil
	}
	alarms, err := v.cloudwatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{*policy.Alarms[0].AlarmName}})
	if err != nil || len(alarms.MetricAlarms) != 1 {
		return "no alarm", err
	}
	return fmt.Sprint(*alarms.MetricAlarms[0].Threshold), nil
}

// ours is the filter of what carries our tag.
func ours() []ec2types.Filter {
	return []ec2types.Filter{{Name: aws.String("tag:evenkeel.io/cluster"), Values: []string{clusterID}}}
}
