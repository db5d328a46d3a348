package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldNotification begins the names of topics in status.managedFields.
const fieldNotification = "notifications."

// notificationTypes are AWS's names of them.
var notificationTypes = map[v1alpha1.GroupNotificationType]string{
	"Launch":           "autoscaling:EC2_INSTANCE_LAUNCH",
	"LaunchError":      "autoscaling:EC2_INSTANCE_LAUNCH_ERROR",
	"Terminate":        "autoscaling:EC2_INSTANCE_TERMINATE",
	"TerminateError":   "autoscaling:EC2_INSTANCE_TERMINATE_ERROR",
	"TestNotification": "autoscaling:TEST_NOTIFICATION",
}

// desiredTypes are the types that the spec declares for a topic, as AWS names them, sorted.
func desiredTypes(notification *v1alpha1.GroupNotification) []string {
	var names []string
	for _, short := range notification.Types {
		names = append(names, notificationTypes[short])
	}
	slices.Sort(names)
	return names
}

// shortTypes shows types in a plan as the spec names them.
func shortTypes(names []string) string {
	var shorts []string
	for _, name := range names {
		for short, long := range notificationTypes {
			if long == name {
				name = string(short)
			}
		}
		shorts = append(shorts, name)
	}
	return joined(shorts)
}

func declaredNotifications(obj *v1alpha1.AutoScalingGroup) []string {
	var fields []string
	for i := range obj.Spec.Notifications {
		fields = append(fields, fieldNotification+obj.Spec.Notifications[i].TopicARN)
	}
	return fields
}

// observeNotifications reads who is told of what, where that is the object's business.
func observeNotifications(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	if o.group == nil || lifecycle.Deleting(obj) || len(obj.Spec.Notifications) == 0 && len(lifecycle.ManagedUnder(obj, fieldNotification)) == 0 {
		return nil
	}
	return o.Optional(k.readNotifications(ctx, o))
}

func (k *Kind) readNotifications(ctx context.Context, o *observed) error {
	topics, err := k.clients.GroupNotifications(ctx, o.group.name())
	if err != nil {
		return err
	}
	o.topics = topics
	return nil
}

// notificationChanges returns the calls that have topics told what the spec declares.
func (k *Kind) notificationChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if o.group != nil && o.topics == nil {
		return nil, nil // not the object's business, or they could not be read
	}
	resource, verb := k.resourceOf(obj, o), lifecycle.VerbUpdate
	if o.group == nil {
		verb = lifecycle.VerbCreate
	}
	var changes []change
	for i := range obj.Spec.Notifications {
		topic, want := obj.Spec.Notifications[i].TopicARN, desiredTypes(&obj.Spec.Notifications[i])
		if has := o.topics[topic]; !slices.Equal(has, want) {
			changes = append(changes, change{
				plan: planned(verb, resource, fieldNotification+topic, shortTypes(has), shortTypes(want)),
				run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
					return k.putNotification(ctx, o, topic, want)
				},
			})
		}
	}
	for _, topic := range lifecycle.ManagedUnder(obj, fieldNotification) {
		declared := slices.ContainsFunc(obj.Spec.Notifications, func(n v1alpha1.GroupNotification) bool { return n.TopicARN == topic })
		if has := o.topics[topic]; len(has) > 0 && !declared {
			changes = append(changes, change{
				plan: planned(verb, resource, fieldNotification+topic, shortTypes(has), ""),
				run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
					return k.deleteNotification(ctx, o, topic)
				},
			})
		}
	}
	return changes, nil
}

// putNotification has a topic told of events of some types, and of no others.
func (k *Kind) putNotification(ctx context.Context, o *observed, topic string, want []string) error {
	_, err := k.clients.AutoScaling.PutNotificationConfiguration(ctx, &autoscaling.PutNotificationConfigurationInput{
		AutoScalingGroupName: aws.String(o.group.name()), TopicARN: &topic, NotificationTypes: want,
	})
	if err != nil {
		return fmt.Errorf("having %s told of group %s: %w", topic, o.group.name(), err)
	}
	if o.topics == nil {
		o.topics = map[string][]string{}
	}
	o.topics[topic] = want
	return nil
}

// deleteNotification has a topic told nothing more. AWS refuses a topic that it does not know of, as it does when an
// earlier try took effect.
func (k *Kind) deleteNotification(ctx context.Context, o *observed, topic string) error {
	_, err := k.clients.AutoScaling.DeleteNotificationConfiguration(ctx, &autoscaling.DeleteNotificationConfigurationInput{
		AutoScalingGroupName: aws.String(o.group.name()), TopicARN: &topic,
	})
	if awsclient.Classify(err) == awsclient.Invalid {
		if failed := k.readNotifications(ctx, o); failed != nil {
			return failed
		}
		if len(o.topics[topic]) == 0 {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("having %s told nothing more of group %s: %w", topic, o.group.name(), err)
	}
	delete(o.topics, topic)
	return nil
}
