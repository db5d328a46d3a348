package testenv

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// WithHooks declares lifecycle hooks of a group.
func WithHooks(hooks ...v1alpha1.LifecycleHook) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LifecycleHooks = hooks }
}

// Hook is a lifecycle hook that says no more than it must.
func Hook(name string, transition v1alpha1.LifecycleHookTransition) v1alpha1.LifecycleHook {
	return v1alpha1.LifecycleHook{Name: name, Transition: transition}
}

// MakeTopic makes an SNS topic, as others do, and returns its ARN.
func (s *Story) MakeTopic(ctx context.Context, name string) string {
	made, err := s.SNS.CreateTopic(ctx, &sns.CreateTopicInput{Name: &name})
	Expect(err).NotTo(HaveOccurred())
	return *made.TopicArn
}

// HooksOf are the lifecycle hooks of a group, by name.
func (s *Story) HooksOf(ctx context.Context, group string) map[string]types.LifecycleHook {
	found, err := s.AutoScaling.DescribeLifecycleHooks(ctx, &autoscaling.DescribeLifecycleHooksInput{AutoScalingGroupName: &group})
	Expect(err).NotTo(HaveOccurred())
	hooks := map[string]types.LifecycleHook{}
	for _, hook := range found.LifecycleHooks {
		hooks[*hook.LifecycleHookName] = hook
	}
	return hooks
}

// NotificationsOf are the types of events that topics are told of a group, sorted and short, by the topic's ARN.
func (s *Story) NotificationsOf(ctx context.Context, group string) map[string][]string {
	found, err := s.AutoScaling.DescribeNotificationConfigurations(ctx, &autoscaling.DescribeNotificationConfigurationsInput{AutoScalingGroupNames: []string{group}})
	Expect(err).NotTo(HaveOccurred())
	topics := map[string][]string{}
	for _, one := range found.NotificationConfigurations {
		topics[*one.TopicARN] = append(topics[*one.TopicARN], strings.TrimPrefix(*one.NotificationType, "autoscaling:"))
	}
	for _, names := range topics {
		slices.Sort(names)
	}
	return topics
}

// SuspendedOf are the suspended processes of a group, sorted.
func SuspendedOf(group *types.AutoScalingGroup) []string {
	var names []string
	for _, process := range group.SuspendedProcesses {
		names = append(names, aws.ToString(process.ProcessName))
	}
	slices.Sort(names)
	return names
}

// MetricsOf are the metrics that a group sends, sorted.
func MetricsOf(group *types.AutoScalingGroup) []string {
	var names []string
	for _, metric := range group.EnabledMetrics {
		names = append(names, aws.ToString(metric.Metric))
	}
	slices.Sort(names)
	return names
}

// InstancesIn are the ids of the instances of a group that are in a lifecycle state.
func InstancesIn(group *types.AutoScalingGroup, state types.LifecycleState) []string {
	var ids []string
	for _, instance := range group.Instances {
		if instance.LifecycleState == state {
			ids = append(ids, *instance.InstanceId)
		}
	}
	return ids
}
