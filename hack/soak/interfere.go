package main

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	r53types "github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// meddling is what others do to a resource of ours. What it changes is declared, and so is to be set right. Calls that AWS
// refuses, by a fault or for a reason, are theirs to bear.
type meddling struct {
	name string
	do   func(h hands, ctx context.Context, a *balancedApp) error
}

// balancedApp is an application as others find it in AWS.
type balancedApp struct {
	zone, lb string
	group    *astypes.AutoScalingGroup
}

var meddlings = []meddling{
	{"deletes a record", func(h hands, ctx context.Context, a *balancedApp) error { return h.meddleRecord(ctx, a, true) }},
	{"edits a record", func(h hands, ctx context.Context, a *balancedApp) error { return h.meddleRecord(ctx, a, false) }},
	{"edits the comment of a zone", func(h hands, ctx context.Context, a *balancedApp) error {
		_, err := h.route53.UpdateHostedZoneComment(ctx, &route53.UpdateHostedZoneCommentInput{Id: &a.zone, Comment: aws.String("meddled")})
		return err
	}},
	{"deletes a listener", hands.deleteListener},
	{"edits a target group", hands.editTargetGroup},
	{"edits a tag of a load balancer", func(h hands, ctx context.Context, a *balancedApp) error {
		_, err := h.elb.AddTags(ctx, &elasticloadbalancingv2.AddTagsInput{ResourceArns: []string{a.lb}, Tags: []types.Tag{{Key: aws.String("team"), Value: aws.String("meddled")}}})
		return err
	}},
	{"edits the size of a group", func(h hands, ctx context.Context, a *balancedApp) error {
		_, err := h.autoscaling.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: a.group.AutoScalingGroupName, MaxSize: aws.Int32(7)})
		return err
	}},
	{"deletes a scaling policy", func(h hands, ctx context.Context, a *balancedApp) error {
		_, err := h.autoscaling.DeletePolicy(ctx, &autoscaling.DeletePolicyInput{AutoScalingGroupName: a.group.AutoScalingGroupName, PolicyName: aws.String("queue")})
		return err
	}},
	{"detaches a target group", func(h hands, ctx context.Context, a *balancedApp) error {
		var sources []astypes.TrafficSourceIdentifier
		for _, source := range a.group.TrafficSources {
			sources = append(sources, astypes.TrafficSourceIdentifier{Identifier: source.Identifier, Type: source.Type})
		}
		_, err := h.autoscaling.DetachTrafficSources(ctx, &autoscaling.DetachTrafficSourcesInput{AutoScalingGroupName: a.group.AutoScalingGroupName, TrafficSources: sources})
		return err
	}},
	{"resumes the processes of a group", func(h hands, ctx context.Context, a *balancedApp) error {
		_, err := h.autoscaling.ResumeProcesses(ctx, &autoscaling.ResumeProcessesInput{AutoScalingGroupName: a.group.AutoScalingGroupName})
		return err
	}},
}

// interfere meddles with what is ours.
func (s *soak) interfere(ctx context.Context) error {
	a, m := pick(s.random, s.apps), pick(s.random, meddlings)
	found, err := s.find(ctx, a)
	if err == nil && found != nil {
		err = m.do(s.hands, ctx, found)
	}
	if found != nil {
		s.note("somebody %s of %s (%v)", m.name, a.name, err)
	}
	return ctx.Err()
}

// find looks for an application in AWS; nil when it is not all there.
func (s *soak) find(ctx context.Context, a *app) (*balancedApp, error) {
	zone, err := live(ctx, s.user, a.zone)
	if err != nil || zone == nil {
		return nil, err
	}
	lb, err := live(ctx, s.user, a.lb)
	if err != nil || lb == nil {
		return nil, err
	}
	groups, err := s.autoscaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	if err != nil {
		return nil, err
	}
	group := groupOf(groups.AutoScalingGroups, "AutoScalingGroup/"+namespace+"/"+a.name)
	if group == nil || zone.Status.ID == "" || lb.Status.ARN == "" {
		return nil, nil
	}
	return &balancedApp{zone: zone.Status.ID, lb: lb.Status.ARN, group: group}, nil
}

func (h hands) meddleRecord(ctx context.Context, a *balancedApp, remove bool) error {
	records, err := h.route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &a.zone})
	if err != nil {
		return err
	}
	for i := range records.ResourceRecordSets {
		record := &records.ResourceRecordSets[i]
		if !strings.HasPrefix(*record.Name, "www.") {
			continue
		}
		action := r53types.ChangeActionDelete
		if !remove {
			action, record.TTL = r53types.ChangeActionUpsert, aws.Int64(7)
		}
		_, err := h.route53.ChangeResourceRecordSets(ctx, change(a.zone, action, record))
		return err
	}
	return nil
}

func (h hands) deleteListener(ctx context.Context, a *balancedApp) error {
	listeners, err := h.elb.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: &a.lb})
	if err != nil || len(listeners.Listeners) == 0 {
		return err
	}
	_, err = h.elb.DeleteListener(ctx, &elasticloadbalancingv2.DeleteListenerInput{ListenerArn: listeners.Listeners[0].ListenerArn})
	return err
}

func (h hands) editTargetGroup(ctx context.Context, a *balancedApp) error {
	groups, err := h.elb.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{LoadBalancerArn: &a.lb})
	if err != nil || len(groups.TargetGroups) == 0 {
		return err
	}
	_, err = h.elb.ModifyTargetGroup(ctx, &elasticloadbalancingv2.ModifyTargetGroupInput{
		TargetGroupArn: groups.TargetGroups[0].TargetGroupArn, HealthCheckPath: aws.String("/meddled"),
	})
	return err
}
