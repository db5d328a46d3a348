package autoscaling

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

var notificationTypes = []string{launchSucceeded, launchFailed, terminateSucceeded, terminateFailed, testNotification}

func putNotification(w *write, in *sdk.PutNotificationConfigurationInput) (*sdk.PutNotificationConfigurationOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	topic := text(in.TopicARN)
	switch {
	case !strings.HasPrefix(topic, "arn:aws:sns:"):
		return nil, invalid("The topic ARN '%s' is not valid", topic)
	case len(in.NotificationTypes) == 0:
		return nil, invalid("At least one notification type must be specified")
	}
	names, err := chosen(in.NotificationTypes, notificationTypes, "notification type")
	if err != nil {
		return nil, err
	}
	if _, known := g.Notifications[topic]; !known && len(g.Notifications) >= w.service.quotas.Topics {
		return nil, frameError(limitExceeded, "A group can have at most %d topics", w.service.quotas.Topics)
	}
	if err := w.act(g).publish(topic, testNotification, "", ""); err != nil {
		return nil, invalid("Topic does not exist: %s", topic)
	}
	g.Notifications[topic] = slices.Clone(names)
	return &sdk.PutNotificationConfigurationOutput{}, nil
}

func deleteNotification(w *write, in *sdk.DeleteNotificationConfigurationInput) (*sdk.DeleteNotificationConfigurationOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if _, ok := g.Notifications[text(in.TopicARN)]; !ok {
		return nil, invalid("NotificationConfiguration not found for topic %s", text(in.TopicARN))
	}
	delete(g.Notifications, *in.TopicARN)
	return &sdk.DeleteNotificationConfigurationOutput{}, nil
}

func describeNotifications(r *reading, in *sdk.DescribeNotificationConfigurationsInput) (*sdk.DescribeNotificationConfigurationsOutput, error) {
	var found []types.NotificationConfiguration
	for _, g := range r.own(r.Request) {
		if len(in.AutoScalingGroupNames) > 0 && !slices.Contains(in.AutoScalingGroupNames, g.Name) {
			continue
		}
		for _, topic := range slices.Sorted(maps.Keys(g.Notifications)) {
			for _, kind := range g.Notifications[topic] {
				found = append(found, types.NotificationConfiguration{AutoScalingGroupName: &g.Name, TopicARN: aws.String(topic), NotificationType: aws.String(kind)})
			}
		}
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, normalPage, mostPage, func(n *types.NotificationConfiguration) string {
		return *n.AutoScalingGroupName + "/" + *n.TopicARN + "/" + *n.NotificationType
	})
	return &sdk.DescribeNotificationConfigurationsOutput{NotificationConfigurations: cut, NextToken: next}, err
}

// notify tells the topics that want to know of an event. One that is gone gets nothing.
func (t *turn) notify(event, instanceID, why string) {
	for _, topic := range slices.Sorted(maps.Keys(t.Notifications)) {
		if slices.Contains(t.Notifications[topic], event) {
			// A topic that was deleted since has nobody who could be told.
			_ = t.publish(topic, event, instanceID, why)
		}
	}
}

func (t *turn) publish(topic, event, instanceID, why string) error {
	name := strings.TrimPrefix(event, "autoscaling:")
	fields := map[string]any{
		"AccountId": t.Account, "AutoScalingGroupARN": t.ARN, "AutoScalingGroupName": t.Name, "Event": event, "Service": "AWS Auto Scaling",
		"Time": t.now.Format(time.RFC3339Nano), "RequestId": t.service.env.Random.RequestID(),
	}
	if instanceID != "" {
		fields["EC2InstanceId"] = instanceID
		if one := t.instance(instanceID); one != nil {
			a := t.activity(one.Activity)
			fields["ActivityId"], fields["Cause"], fields["Description"] = text(a.ActivityId), text(a.Cause), text(a.Description)
			fields["StatusCode"], fields["StatusMessage"], fields["Progress"] = string(a.StatusCode), text(a.StatusMessage), aws.ToInt32(a.Progress)
		}
	}
	if why != "" {
		fields["StatusMessage"] = why
	}
	subject := "Auto Scaling: " + name + " for group \"" + t.Name + "\""
	return t.needs.Topics.Publish(topic, subject, message(fields))
}
