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
	for _, attribute := range attributes.Attributes {
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
	if len(listeners.Listeners) != 1 {
		v.complain("%s has %d listeners, not one", what, len(listeners.Listeners))
		return nil
	}
	return errors.Join(v.judgeRules(ctx, spec, what, *listeners.Listeners[0].ListenerArn), v.judgeIngress(ctx, obj.Status.SecurityGroup, spec.SecurityGroup, what))
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

func (v *verdict) judgeRules(ctx context.Context, spec *v1alpha1.LoadBalancerSpec, what, listener string) error {
	rules, err := v.elb.DescribeRules(ctx, &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: &listener})
	if err != nil {
		return err
	}
	var found []string
	for _, rule := range rules.Rules {
		if !aws.ToBool(rule.IsDefault) {
			found = append(found, *rule.Priority+" "+*rule.Actions[0].FixedResponseConfig.StatusCode)
		}
	}
	declared := spec.Listeners[0].Rules[0]
	v.same("the rules of "+what, []string{fmt.Sprint(declared.Priority, " ", declared.Actions[0].FixedResponse.StatusCode)}, found)
	return nil
}

// judgeIngress compares the ports of a managed security group.
func (v *verdict) judgeIngress(ctx context.Context, status *v1alpha1.SecurityGroupStatus, spec *v1alpha1.SecurityGroup, what string) error {
	if status == nil {
		v.complain("%s has no security group", what)
		return nil
	}
	groups, err := v.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{status.ID}})
	if err != nil {
		return err
	}
	var declared, found []int32
	for _, rule := range spec.Ingress {
		declared = append(declared, *rule.Port)
	}
	for _, permission := range groups.SecurityGroups[0].IpPermissions {
		found = append(found, aws.ToInt32(permission.FromPort))
	}
	v.same("the open ports of "+what, declared, found)
	return nil
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
	for _, tag := range group.Tags {
		if *tag.Key == "team" {
			v.same("the tag of "+what, spec.Tags[0].Value, *tag.Value)
		}
	}
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
	return errors.Join(v.judgeTemplate(ctx, spec, what, group), v.judgePolicies(ctx, spec, what, *group.AutoScalingGroupName))
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
	for _, policy := range policies.ScalingPolicies {
		found[*policy.PolicyName] = string(*policy.PolicyType)
		if policy.TargetTrackingConfiguration != nil {
			found[*policy.PolicyName] = fmt.Sprint(*policy.TargetTrackingConfiguration.TargetValue)
		}
	}
	v.same("the policies of "+what, map[string]string{"cpu": string(spec.ScalingPolicies[0].TargetTracking.TargetValue), "queue": "StepScaling"}, found)
	var schedules []string
	for _, action := range actions.ScheduledUpdateGroupActions {
		schedules = append(schedules, *action.Recurrence)
	}
	v.same("the scheduled actions of "+what, []string{spec.ScheduledActions[0].Recurrence}, schedules)
	return nil
}

// ours is the filter of what carries our tag.
func ours() []ec2types.Filter {
	return []ec2types.Filter{{Name: aws.String("tag:evenkeel.io/cluster"), Values: []string{clusterID}}}
}
