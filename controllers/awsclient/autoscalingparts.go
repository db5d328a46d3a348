package awsclient

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

const (
	// activityWindow is how far back scaling activities are read: AWS tries a launch that failed again much sooner.
	activityWindow = time.Hour
	// singleActivityReads is for how many groups activities are read group by group. For more, those of the whole account
	// are read, which AWS answers more slowly.
	singleActivityReads = 4
	// activitiesEach and activitiesPerPage are how many are read of one group and in one page of all; activityPages bounds
	// the pages.
	activitiesEach    = 20
	activitiesPerPage = 100
	activityPages     = 10
)

// GroupNotifications reads which topics are told of which events of a group, sorted. Reads due at the same time share
// DescribeNotificationConfigurations.
func (c *Clients) GroupNotifications(ctx context.Context, name string) (map[string][]string, error) {
	shared, err := c.groupNotifications.Get(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("reading the notifications of Auto Scaling group %s: %w", name, err)
	}
	topics := make(map[string][]string, len(shared))
	for topic, kinds := range shared {
		topics[topic] = slices.Clone(kinds)
	}
	return topics, nil
}

func (c *Clients) describeGroupNotifications(ctx context.Context, names []string) (map[string]Result[map[string][]string], error) {
	found := map[string]map[string][]string{}
	for _, name := range names {
		found[name] = map[string][]string{} // AWS leaves out those that have none
	}
	pages := autoscaling.NewDescribeNotificationConfigurationsPaginator(c.AutoScaling, &autoscaling.DescribeNotificationConfigurationsInput{
		AutoScalingGroupNames: names, MaxRecords: aws.Int32(groupsPerCall),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.NotificationConfigurations {
			one := &page.NotificationConfigurations[i]
			if topics, asked := found[aws.ToString(one.AutoScalingGroupName)]; asked {
				topics[aws.ToString(one.TopicARN)] = append(topics[aws.ToString(one.TopicARN)], aws.ToString(one.NotificationType))
			}
		}
	}
	results := map[string]Result[map[string][]string]{}
	for name, topics := range found {
		for _, kinds := range topics {
			slices.Sort(kinds)
		}
		results[name] = Result[map[string][]string]{Value: topics}
	}
	return results, nil
}

// ScalingActivities reads the scaling activities of a group that began within the last hour: the newest, the newest first.
// Reads due at the same time share DescribeScalingActivities. Of a group in a very busy account there may be none.
func (c *Clients) ScalingActivities(ctx context.Context, name string) ([]types.Activity, error) {
	activities, err := c.scalingActivities.Get(ctx, name)
	if Classify(err) == NotFound {
		return nil, nil // none, or the group is gone
	}
	if err != nil {
		return nil, fmt.Errorf("reading the scaling activities of Auto Scaling group %s: %w", name, err)
	}
	return activities, nil
}

func (c *Clients) describeScalingActivities(ctx context.Context, names []string) (map[string]Result[[]types.Activity], error) {
	since := types.Filter{Name: aws.String("StartTimeLowerBound"), Values: []string{c.clock.Now().Add(-activityWindow).UTC().Format(time.RFC3339)}}
	found := map[string][]types.Activity{}
	var err error
	if len(names) <= singleActivityReads {
		err = c.activitiesEach(ctx, names, since, found)
	} else {
		err = c.activitiesOfAll(ctx, since, found)
	}
	if err != nil {
		return nil, err
	}
	results := map[string]Result[[]types.Activity]{}
	for _, name := range names {
		activities := found[name]
		slices.SortStableFunc(activities, func(a, b types.Activity) int { return aws.ToTime(b.StartTime).Compare(aws.ToTime(a.StartTime)) })
		results[name] = Result[[]types.Activity]{Value: activities}
	}
	return results, nil
}

func (c *Clients) activitiesEach(ctx context.Context, names []string, since types.Filter, found map[string][]types.Activity) error {
	for _, name := range names {
		answer, err := c.AutoScaling.DescribeScalingActivities(ctx, &autoscaling.DescribeScalingActivitiesInput{
			AutoScalingGroupName: &name, Filters: []types.Filter{since}, MaxRecords: aws.Int32(activitiesEach),
		})
		if Classify(err) == NotFound {
			continue
		}
		if err != nil {
			return err
		}
		found[name] = answer.Activities
	}
	return nil
}

func (c *Clients) activitiesOfAll(ctx context.Context, since types.Filter, found map[string][]types.Activity) error {
	pages := autoscaling.NewDescribeScalingActivitiesPaginator(c.AutoScaling, &autoscaling.DescribeScalingActivitiesInput{
		Filters: []types.Filter{since}, MaxRecords: aws.Int32(activitiesPerPage),
	})
	for n := 0; pages.HasMorePages() && n < activityPages; n++ {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for i := range page.Activities {
			name := aws.ToString(page.Activities[i].AutoScalingGroupName)
			found[name] = append(found[name], page.Activities[i])
		}
	}
	return nil
}
