package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// foreign is what is somebody else's in the account, and has to stay as it is.
type foreign struct {
	hands
	zone  string
	lb    string
	group string
	// as is how it was made.
	as string
}

// makeForeign makes what is somebody else's.
func makeForeign(ctx context.Context, h hands) (*foreign, error) {
	f := &foreign{hands: h, group: "theirs"}
	zone, err := h.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name: aws.String("theirs.example"), CallerReference: aws.String("theirs"), HostedZoneConfig: &types.HostedZoneConfig{Comment: aws.String("theirs")},
	})
	if err != nil {
		return nil, err
	}
	f.zone = *zone.HostedZone.Id
	_, err = h.route53.ChangeResourceRecordSets(ctx, change(f.zone, types.ChangeActionCreate, &types.ResourceRecordSet{
		Name: aws.String("www.theirs.example"), Type: types.RRTypeA, TTL: aws.Int64(60), ResourceRecords: []types.ResourceRecord{{Value: aws.String("203.0.113.1")}},
	}))
	if err != nil {
		return nil, err
	}
	lb, err := h.elb.CreateLoadBalancer(ctx, &elasticloadbalancingv2.CreateLoadBalancerInput{
		Name: aws.String("theirs"), Type: elbtypes.LoadBalancerTypeEnumNetwork, Subnets: []string{"subnet-0a", "subnet-0b"},
		Tags: []elbtypes.Tag{{Key: aws.String("owner"), Value: aws.String("them")}},
	})
	if err != nil {
		return nil, err
	}
	f.lb = *lb.LoadBalancers[0].LoadBalancerArn
	if err := f.makeGroup(ctx); err != nil {
		return nil, err
	}
	f.as, err = f.describe(ctx)
	return f, err
}

func (f *foreign) makeGroup(ctx context.Context) error {
	template, err := f.ec2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: &f.group, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
			ImageId: aws.String("ami-0123456789abcdef0"), InstanceType: ec2types.InstanceTypeT3Micro,
		},
	})
	if err != nil {
		return err
	}
	_, err = f.autoscaling.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: &f.group, MinSize: aws.Int32(0), MaxSize: aws.Int32(1), VPCZoneIdentifier: aws.String("subnet-0a"),
		LaunchTemplate: templateOf(*template.LaunchTemplate.LaunchTemplateId),
	})
	return err
}

// describe tells all of it in one text, so that two can be compared.
func (f *foreign) describe(ctx context.Context) (string, error) {
	zone, err1 := f.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &f.zone})
	records, err2 := f.route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &f.zone})
	tags, err3 := f.elb.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: []string{f.lb}})
	groups, err4 := f.autoscaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{f.group}})
	versions, err5 := f.ec2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: &f.group})
	if err := errors.Join(err1, err2, err3, err4, err5); err != nil {
		return "", fmt.Errorf("looking at what is somebody else's: %w", err)
	}
	text := fmt.Sprintf("zone %s comment %q\n", *zone.HostedZone.Name, *zone.HostedZone.Config.Comment)
	for _, record := range records.ResourceRecordSets {
		text += fmt.Sprintf("record %s %s %d\n", *record.Name, record.Type, len(record.ResourceRecords))
	}
	for _, tag := range tags.TagDescriptions[0].Tags {
		text += fmt.Sprintf("load balancer tag %s=%s\n", *tag.Key, *tag.Value)
	}
	for _, group := range groups.AutoScalingGroups {
		text += fmt.Sprintf("group %s %d %d %d tags\n", *group.AutoScalingGroupName, *group.MinSize, *group.MaxSize, len(group.Tags))
	}
	for _, version := range versions.LaunchTemplateVersions {
		text += fmt.Sprintf("template version %d %s\n", *version.VersionNumber, version.LaunchTemplateData.InstanceType)
	}
	return text, nil
}

func change(zone string, action types.ChangeAction, set *types.ResourceRecordSet) *route53.ChangeResourceRecordSetsInput {
	return &route53.ChangeResourceRecordSetsInput{HostedZoneId: &zone, ChangeBatch: &types.ChangeBatch{
		Changes: []types.Change{{Action: action, ResourceRecordSet: set}},
	}}
}

func templateOf(id string) *astypes.LaunchTemplateSpecification {
	return &astypes.LaunchTemplateSpecification{LaunchTemplateId: &id, Version: aws.String("1")}
}
