package sns

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
)

var (
	protocols = []string{"http", "https", "email", "email-json", "sms", "sqs", "application", "lambda", "firehose"}
	// confirmed by their owners, who are not simulated: they stay pending.
	confirmed = []string{"http", "https", "email", "email-json"}
)

const pendingARN = "PendingConfirmation"

// subscribe gives the subscription that there is, if its endpoint has one.
func (s *Service) subscribe(t *turn, in *sdk.SubscribeInput) (*sdk.SubscribeOutput, error) {
	found, err := t.topic(in.TopicArn)
	if err != nil {
		return nil, err
	}
	protocol, endpoint := aws.ToString(in.Protocol), aws.ToString(in.Endpoint)
	switch {
	case !slices.Contains(protocols, protocol):
		return nil, invalid("Invalid parameter: Does not support this protocol string: %s", protocol)
	case endpoint == "":
		return nil, invalid("Invalid parameter: Endpoint")
	}
	at := slices.IndexFunc(found.Subscriptions, func(known subscription) bool { return known.Protocol == protocol && known.Endpoint == endpoint })
	if at < 0 {
		at = len(found.Subscriptions)
		found.Subscriptions = append(slices.Clone(found.Subscriptions), subscription{
			ARN: found.ARN + ":" + s.env.Random.RequestID(), Protocol: protocol, Endpoint: endpoint,
			Pending: slices.Contains(confirmed, protocol), Attributes: maps.Clone(in.Attributes),
		})
		t.Topics[found.ARN] = found
	}
	made := found.Subscriptions[at]
	shown := made.ARN
	if made.Pending && !in.ReturnSubscriptionArn {
		shown = "pending confirmation"
	}
	return &sdk.SubscribeOutput{SubscriptionArn: &shown}, nil
}

func (s *Service) unsubscribe(t *turn, in *sdk.UnsubscribeInput) (*sdk.UnsubscribeOutput, error) {
	for _, one := range t.own() {
		left := slices.DeleteFunc(slices.Clone(one.Subscriptions), func(known subscription) bool { return known.ARN == aws.ToString(in.SubscriptionArn) })
		if len(left) < len(one.Subscriptions) {
			one.Subscriptions = left
			t.Topics[one.ARN] = one
		}
	}
	return &sdk.UnsubscribeOutput{}, nil
}

func (o topic) listed() []types.Subscription {
	all := []types.Subscription{}
	for _, one := range o.Subscriptions {
		arn := one.ARN
		if one.Pending {
			arn = pendingARN
		}
		all = append(all, types.Subscription{
			SubscriptionArn: &arn, Protocol: aws.String(one.Protocol), Endpoint: aws.String(one.Endpoint), Owner: aws.String(o.Account), TopicArn: aws.String(o.ARN),
		})
	}
	return all
}

func (s *Service) listSubscriptions(t *turn, in *sdk.ListSubscriptionsInput) (*sdk.ListSubscriptionsOutput, error) {
	all := []types.Subscription{}
	for _, one := range t.own() {
		all = append(all, one.listed()...)
	}
	page, next, err := paged(all, in.NextToken)
	return &sdk.ListSubscriptionsOutput{Subscriptions: page, NextToken: next}, err
}

func (s *Service) listByTopic(t *turn, in *sdk.ListSubscriptionsByTopicInput) (*sdk.ListSubscriptionsByTopicOutput, error) {
	found, err := t.topic(in.TopicArn)
	if err != nil {
		return nil, err
	}
	page, next, err := paged(found.listed(), in.NextToken)
	return &sdk.ListSubscriptionsByTopicOutput{Subscriptions: page, NextToken: next}, err
}
