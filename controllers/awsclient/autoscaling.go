package awsclient

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// groupsPerCall is how many names one DescribeAutoScalingGroups takes, when a page may hold as many.
const groupsPerCall = 100

// groupDelays is how many times longer than others a read of groups, and of their launch templates, waits for more to join:
// they are due in rounds of hundreds, and a hundred fit into one call, which then does not wait any longer.
const groupDelays = 10

// AutoScalingTagsPerChange is how many tags CreateOrUpdateTags, and how many DeleteTags, takes in one request.
const AutoScalingTagsPerChange = 25

// AutoScalingGroup reads an Auto Scaling group, with its instances and tags, by its name, which is unique in an account
// and region. Reads due at the same time share one DescribeAutoScalingGroups. One that does not exist, or is not shown
// yet, has the class NotFound.
func (c *Clients) AutoScalingGroup(ctx context.Context, name string) (types.AutoScalingGroup, error) {
	found, err := c.autoScalingGroups.Get(ctx, name)
	if err != nil {
		return found, fmt.Errorf("reading Auto Scaling group %s: %w", name, err)
	}
	return found, nil
}

// describeAutoScalingGroups reads one batch. Unknown names are silently absent from AWS's answer.
func (c *Clients) describeAutoScalingGroups(ctx context.Context, names []string) (map[string]Result[types.AutoScalingGroup], error) {
	results := map[string]Result[types.AutoScalingGroup]{}
	pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(c.AutoScaling, &autoscaling.DescribeAutoScalingGroupsInput{
		AutoScalingGroupNames: names, MaxRecords: aws.Int32(groupsPerCall),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for i := range page.AutoScalingGroups {
			group := page.AutoScalingGroups[i]
			results[aws.ToString(group.AutoScalingGroupName)] = Result[types.AutoScalingGroup]{Value: group}
		}
	}
	return results, nil
}
