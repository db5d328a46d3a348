package testenv

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	cwtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// CW stands before operations of CloudWatch.
const CW = "monitoring/"

// WithPolicies declares scaling policies, as a manifest has them: each as "name: …, simple: {…}".
func WithPolicies(policies ...string) func(*v1alpha1.AutoScalingGroup) {
	GinkgoHelper()
	declared := []v1alpha1.ScalingPolicy{}
	for _, text := range policies {
		var policy v1alpha1.ScalingPolicy
		Expect(yaml.UnmarshalStrict([]byte("{"+text+"}"), &policy)).To(Succeed())
		declared = append(declared, policy)
	}
	return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.ScalingPolicies = declared }
}

// WithActions declares scheduled actions, as a manifest has them: each as "name: …, recurrence: …".
func WithActions(actions ...string) func(*v1alpha1.AutoScalingGroup) {
	GinkgoHelper()
	declared := []v1alpha1.ScheduledAction{}
	for _, text := range actions {
		var action v1alpha1.ScheduledAction
		Expect(yaml.UnmarshalStrict([]byte("{"+text+"}"), &action)).To(Succeed())
		declared = append(declared, action)
	}
	return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.ScheduledActions = declared }
}

// ScalingPolicies are all scaling policies in AWS, by name.
func (s *Story) ScalingPolicies(ctx context.Context) map[string]types.ScalingPolicy {
	GinkgoHelper()
	answer, err := s.AutoScaling.DescribePolicies(ctx, &autoscaling.DescribePoliciesInput{MaxRecords: aws.Int32(100)})
	Expect(err).NotTo(HaveOccurred())
	policies := map[string]types.ScalingPolicy{}
	for _, policy := range answer.ScalingPolicies {
		policies[*policy.PolicyName] = policy
	}
	return policies
}

// ScheduledActions are all scheduled actions in AWS, by name.
func (s *Story) ScheduledActions(ctx context.Context) map[string]types.ScheduledUpdateGroupAction {
	GinkgoHelper()
	answer, err := s.AutoScaling.DescribeScheduledActions(ctx, &autoscaling.DescribeScheduledActionsInput{MaxRecords: aws.Int32(100)})
	Expect(err).NotTo(HaveOccurred())
	actions := map[string]types.ScheduledUpdateGroupAction{}
	for _, action := range answer.ScheduledUpdateGroupActions {
		actions[*action.ScheduledActionName] = action
	}
	return actions
}

// Alarms are all alarms in AWS that call a scaling policy, or nothing, by name, less those of target tracking.
func (s *Story) Alarms(ctx context.Context) map[string]cwtypes.MetricAlarm {
	GinkgoHelper()
	answer, err := s.CloudWatch.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{MaxRecords: aws.Int32(100)})
	Expect(err).NotTo(HaveOccurred())
	tracking := map[string]bool{}
	for _, policy := range s.ScalingPolicies(ctx) {
		for _, alarm := range policy.Alarms {
			tracking[*alarm.AlarmName] = *policy.PolicyType == "TargetTrackingScaling"
		}
	}
	alarms := map[string]cwtypes.MetricAlarm{}
	for i := range answer.MetricAlarms {
		if alarm := answer.MetricAlarms[i]; !tracking[*alarm.AlarmName] {
			alarms[*alarm.AlarmName] = alarm
		}
	}
	return alarms
}

// OnlyAlarm is the one alarm in AWS that is not of target tracking.
func (s *Story) OnlyAlarm(ctx context.Context) cwtypes.MetricAlarm {
	GinkgoHelper()
	found := s.Alarms(ctx)
	Expect(found).To(HaveLen(1))
	for _, alarm := range found {
		return alarm
	}
	return cwtypes.MetricAlarm{}
}

// AlarmTags are the tags of an alarm.
func (s *Story) AlarmTags(ctx context.Context, arn string) map[string]string {
	GinkgoHelper()
	answer, err := s.CloudWatch.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: &arn})
	Expect(err).NotTo(HaveOccurred())
	tags := map[string]string{}
	for _, tag := range answer.Tags {
		tags[*tag.Key] = *tag.Value
	}
	return tags
}
