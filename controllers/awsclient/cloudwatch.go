package awsclient

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

// ServiceCloudWatch is the key of CloudWatch in Options.Budgets and in the metrics' service label.
const ServiceCloudWatch = "cloudwatch"

// alarmsPerCall is how many names DescribeAlarms and DeleteAlarms take.
const alarmsPerCall = 100

// CloudWatchBudget is the set of limits CloudWatch documents: requests a second, for each operation.
func CloudWatchBudget() Budget {
	return Budget{
		ReadPatience:  regionalReadPatience,
		EachOperation: Rate{3, 3},
		EachRead:      Rate{9, 9},
		Operations:    map[string]Rate{"TagResource": {10, 10}, "ListTagsForResource": {10, 10}},
	}
}

// Alarms reads metric alarms by their names, which are unique in an account and region. What does not exist is left out.
// Reads due at the same time share DescribeAlarms calls.
func (c *Clients) Alarms(ctx context.Context, names ...string) (map[string]types.MetricAlarm, error) {
	results, err := c.alarms.GetAll(ctx, names)
	if err != nil {
		return nil, fmt.Errorf("reading CloudWatch alarms: %w", err)
	}
	alarms := map[string]types.MetricAlarm{}
	for name, result := range results {
		if result.Err == nil {
			alarms[name] = result.Value
		}
	}
	return alarms, nil
}

// describeAlarms reads one batch. Unknown names are absent from AWS's answer.
func (c *Clients) describeAlarms(ctx context.Context, names []string) (map[string]Result[types.MetricAlarm], error) {
	results := map[string]Result[types.MetricAlarm]{}
	pages := cloudwatch.NewDescribeAlarmsPaginator(c.CloudWatch, &cloudwatch.DescribeAlarmsInput{
		AlarmNames: names, AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm}, MaxRecords: aws.Int32(alarmsPerCall),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.MetricAlarms {
			results[aws.ToString(page.MetricAlarms[i].AlarmName)] = Result[types.MetricAlarm]{Value: page.MetricAlarms[i]}
		}
	}
	return results, nil
}

// AlarmTags reads the tags of an alarm, by its ARN; none of one that is gone. CloudWatch has no call for several.
func (c *Clients) AlarmTags(ctx context.Context, arn string) (map[string]string, error) {
	answer, err := c.CloudWatch.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: &arn})
	if err != nil && Classify(err) != NotFound {
		return nil, fmt.Errorf("reading the tags of %s: %w", arn, err)
	}
	tags := map[string]string{}
	if err == nil {
		for _, tag := range answer.Tags {
			tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
		}
	}
	return tags, nil
}

// DeleteAlarms deletes alarms, as many a call as CloudWatch takes. One that is gone already is as good; as it may make
// CloudWatch refuse the whole call, the others are then deleted one by one.
func (c *Clients) DeleteAlarms(ctx context.Context, names []string) error {
	for len(names) > 0 {
		part := names[:min(len(names), alarmsPerCall)]
		names = names[len(part):]
		_, err := c.CloudWatch.DeleteAlarms(ctx, &cloudwatch.DeleteAlarmsInput{AlarmNames: part})
		if Classify(err) == NotFound && len(part) > 1 {
			for _, name := range part {
				if err := c.DeleteAlarms(ctx, []string{name}); err != nil {
					return err
				}
			}
			continue
		}
		if err != nil && Classify(err) != NotFound {
			return fmt.Errorf("deleting CloudWatch alarms: %w", err)
		}
	}
	return nil
}
