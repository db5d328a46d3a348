package cloudwatch

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const mostTags = 50

func tagMap(list []types.Tag) frame.Tags {
	all := frame.Tags{}
	for _, tag := range list {
		all[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return all
}

// tagged finds an alarm by its ARN.
func (t *turn) tagged(arn *string) (string, alarm, error) {
	for _, a := range t.own() {
		if *a.AlarmArn == aws.ToString(arn) {
			return t.key(*a.AlarmName), a, nil
		}
	}
	return "", alarm{}, frame.StatusErrorf(404, "ResourceNotFoundException", "Unable to find resource: %s", aws.ToString(arn))
}

func (s *Service) tagResource(t *turn, in *sdk.TagResourceInput) (*sdk.TagResourceOutput, error) {
	key, a, err := t.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	set := tagMap(in.Tags)
	for name := range set {
		if frame.ReservedTagKey(name) {
			return nil, frame.Errorf("InvalidParameterValue", "aws: prefixed tag key names are not allowed for external use.")
		}
	}
	if a.Tags = a.Tags.With(set, nil); len(a.Tags) > mostTags {
		return nil, frame.Errorf("InvalidParameterValue", "The number of tags exceeds the limit of %d.", mostTags)
	}
	t.Alarms[key] = a
	return &sdk.TagResourceOutput{}, nil
}

func (s *Service) untagResource(t *turn, in *sdk.UntagResourceInput) (*sdk.UntagResourceOutput, error) {
	key, a, err := t.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	a.Tags = a.Tags.With(nil, in.TagKeys)
	t.Alarms[key] = a
	return &sdk.UntagResourceOutput{}, nil
}

func (s *Service) listTags(t *turn, in *sdk.ListTagsForResourceInput) (*sdk.ListTagsForResourceOutput, error) {
	_, a, err := t.tagged(in.ResourceARN)
	if err != nil {
		return nil, err
	}
	out := &sdk.ListTagsForResourceOutput{Tags: []types.Tag{}}
	for _, key := range a.Tags.Keys() {
		out.Tags = append(out.Tags, types.Tag{Key: aws.String(key), Value: aws.String(a.Tags[key])})
	}
	return out, nil
}

// describeHistory shows the newest entries first unless asked otherwise.
func (s *Service) describeHistory(t *turn, in *sdk.DescribeAlarmHistoryInput) (*sdk.DescribeAlarmHistoryOutput, error) {
	out := &sdk.DescribeAlarmHistoryOutput{AlarmHistoryItems: []types.AlarmHistoryItem{}}
	for _, a := range t.own() {
		for _, item := range a.History {
			switch {
			case in.AlarmName != nil && *in.AlarmName != *a.AlarmName, in.HistoryItemType != "" && in.HistoryItemType != item.HistoryItemType,
				in.StartDate != nil && item.Timestamp.Before(*in.StartDate), in.EndDate != nil && item.Timestamp.After(*in.EndDate):
				continue
			}
			out.AlarmHistoryItems = append(out.AlarmHistoryItems, item)
		}
	}
	slices.SortStableFunc(out.AlarmHistoryItems, func(x, y types.AlarmHistoryItem) int { return x.Timestamp.Compare(*y.Timestamp) })
	if in.ScanBy != types.ScanByTimestampAscending {
		slices.Reverse(out.AlarmHistoryItems)
	}
	out.AlarmHistoryItems = out.AlarmHistoryItems[:min(len(out.AlarmHistoryItems), frame.PageSize(in.MaxRecords, 100, 100))]
	return out, nil
}
