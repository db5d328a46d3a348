package sns

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const pageSize = 100

var topicName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,256}$|^[A-Za-z0-9_-]{1,251}\.fifo$`)

// settable are the attributes that users set.
var settable = []string{
	"DeliveryPolicy", "DisplayName", "Policy", "TracingConfig", "KmsMasterKeyId", "SignatureVersion", "FifoTopic",
	"ContentBasedDeduplication", "ArchivePolicy", "FifoThroughputScope",
}

// createTopic gives the topic that there is, if it is as asked for.
func (s *Service) createTopic(t *turn, in *sdk.CreateTopicInput) (*sdk.CreateTopicOutput, error) {
	name := aws.ToString(in.Name)
	if !topicName.MatchString(name) {
		return nil, invalid("Invalid parameter: Topic Name")
	}
	for attribute := range in.Attributes {
		if !slices.Contains(settable, attribute) {
			return nil, invalid("Invalid parameter: Attributes Reason: Unknown attribute %s", attribute)
		}
	}
	arn := "arn:aws:sns:" + t.Region + ":" + t.Caller.Account + ":" + name
	if known, ok := t.Topics[arn]; ok {
		for attribute, value := range in.Attributes {
			if known.Attributes[attribute] != value {
				return nil, invalid("Invalid parameter: Attributes Reason: Topic already exists with different attributes")
			}
		}
		for key, value := range tagMap(in.Tags) {
			if known.Tags[key] != value {
				return nil, invalid("Invalid parameter: Tags Reason: Topic already exists with different tags")
			}
		}
		return &sdk.CreateTopicOutput{TopicArn: &arn}, nil
	}
	t.Topics[arn] = topic{
		ARN: arn, Account: t.Caller.Account, Region: t.Region, Name: name, Attributes: maps.Clone(in.Attributes), Tags: tagMap(in.Tags),
	}
	return &sdk.CreateTopicOutput{TopicArn: &arn}, nil
}

// deleteTopic does not mind a topic that there is not.
func (s *Service) deleteTopic(t *turn, in *sdk.DeleteTopicInput) (*sdk.DeleteTopicOutput, error) {
	if _, err := t.topic(in.TopicArn); err == nil {
		delete(t.Topics, *in.TopicArn)
	}
	return &sdk.DeleteTopicOutput{}, nil
}

func (t *turn) topic(arn *string) (topic, error) {
	found, ok := t.Topics[aws.ToString(arn)]
	switch {
	case arn == nil || !strings.HasPrefix(*arn, "arn:aws:sns:"):
		return topic{}, invalid("Invalid parameter: TopicArn")
	case !ok || found.Account != t.Caller.Account || found.Region != t.Region:
		return topic{}, notFound()
	}
	return found, nil
}

// own lists the caller's topics by ARN.
func (t *turn) own() []topic {
	var all []topic
	for _, arn := range slices.Sorted(maps.Keys(t.Topics)) {
		if one := t.Topics[arn]; one.Account == t.Caller.Account && one.Region == t.Region {
			all = append(all, one)
		}
	}
	return all
}

// paged cuts a page off a list; the token is where it begins.
func paged[T any](all []T, token *string) (page []T, next *string, err error) {
	from := 0
	if token != nil {
		if from, err = strconv.Atoi(*token); err != nil || from < 0 || from > len(all) {
			return nil, nil, invalid("Invalid parameter: NextToken")
		}
	}
	end := min(len(all), from+pageSize)
	if end < len(all) {
		next = aws.String(strconv.Itoa(end))
	}
	return all[from:end], next, nil
}

func (s *Service) listTopics(t *turn, in *sdk.ListTopicsInput) (*sdk.ListTopicsOutput, error) {
	listed := []types.Topic{}
	for _, one := range t.own() {
		listed = append(listed, types.Topic{TopicArn: aws.String(one.ARN)})
	}
	page, next, err := paged(listed, in.NextToken)
	return &sdk.ListTopicsOutput{Topics: page, NextToken: next}, err
}

func (s *Service) getAttributes(t *turn, in *sdk.GetTopicAttributesInput) (*sdk.GetTopicAttributesOutput, error) {
	found, err := t.topic(in.TopicArn)
	if err != nil {
		return nil, err
	}
	pending := 0
	for _, one := range found.Subscriptions {
		if one.Pending {
			pending++
		}
	}
	shown := map[string]string{
		"TopicArn": found.ARN, "Owner": found.Account, "DisplayName": "", "SubscriptionsDeleted": "0",
		"SubscriptionsPending": strconv.Itoa(pending), "SubscriptionsConfirmed": strconv.Itoa(len(found.Subscriptions) - pending),
		"Policy": `{"Version":"2008-10-17","Id":"__default_policy_ID","Statement":[{"Sid":"__default_statement_ID","Effect":"Allow",` +
			`"Principal":{"AWS":"*"},"Action":["SNS:Publish","SNS:Subscribe"],"Resource":"` + found.ARN + `",` +
			`"Condition":{"StringEquals":{"AWS:SourceOwner":"` + found.Account + `"}}}]}`,
	}
	maps.Copy(shown, found.Attributes)
	return &sdk.GetTopicAttributesOutput{Attributes: shown}, nil
}

func (s *Service) setAttributes(t *turn, in *sdk.SetTopicAttributesInput) (*sdk.SetTopicAttributesOutput, error) {
	found, err := t.topic(in.TopicArn)
	if err != nil {
		return nil, err
	}
	if !slices.Contains(settable, aws.ToString(in.AttributeName)) {
		return nil, invalid("Invalid parameter: AttributeName")
	}
	attributes := maps.Clone(found.Attributes)
	if attributes == nil {
		attributes = map[string]string{}
	}
	attributes[*in.AttributeName] = aws.ToString(in.AttributeValue)
	found.Attributes = attributes
	t.Topics[found.ARN] = found
	return &sdk.SetTopicAttributesOutput{}, nil
}

func (s *Service) publishCall(t *turn, in *sdk.PublishInput) (*sdk.PublishOutput, error) {
	arn := in.TopicArn
	if arn == nil {
		arn = in.TargetArn
	}
	found, err := t.topic(arn)
	if err != nil {
		return nil, err
	}
	switch {
	case aws.ToString(in.Message) == "":
		return nil, invalid("Invalid parameter: Empty message")
	case len(*in.Message) > 256<<10:
		return nil, invalid("Invalid parameter: Message too long")
	case in.Subject != nil && (*in.Subject == "" || len(*in.Subject) > 100):
		return nil, invalid("Invalid parameter: Subject")
	}
	id, err := s.publish(t.content, found.ARN, aws.ToString(in.Subject), *in.Message)
	return &sdk.PublishOutput{MessageId: &id}, err
}

func tagMap(list []types.Tag) frame.Tags {
	all := frame.Tags{}
	for _, tag := range list {
		all[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return all
}

func (t *turn) tagged(arn *string) (topic, error) {
	found, err := t.topic(arn)
	if err != nil {
		return found, frame.StatusErrorf(404, "ResourceNotFound", "Resource does not exist")
	}
	return found, nil
}

func (s *Service) tagResource(t *turn, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	found, err := t.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	if found.Tags = found.Tags.With(tagMap(in.Tags), nil); len(found.Tags) > 50 {
		return nil, frame.Errorf("TagLimitExceeded", "Could not complete request: tag quota of per resource exceeded")
	}
	t.Topics[found.ARN] = found
	return &sdk.TagResourceOutput{}, nil
}

func (s *Service) untagResource(t *turn, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	found, err := t.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	found.Tags = found.Tags.With(nil, in.TagKeys)
	t.Topics[found.ARN] = found
	return &sdk.UntagResourceOutput{}, nil
}

func (s *Service) listTags(t *turn, in *sdk.ListTagsForResourceInput) (*sdk.ListTagsForResourceOutput, error) {
	found, err := t.tagged(in.ResourceArn)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListTagsForResourceOutput{Tags: []types.Tag{}}
	for _, key := range found.Tags.Keys() {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(key), Value: aws.String(found.Tags[key])})
	}
	return out, nil
}
