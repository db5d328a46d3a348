package awsclient

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// ec2PerCall is how many values one filter of an EC2 Describe call takes.
const ec2PerCall = 200

// SecurityGroup reads a security group by its id. Reads due at the same time share one DescribeSecurityGroups.
func (c *Clients) SecurityGroup(ctx context.Context, id string) (types.SecurityGroup, error) {
	group, err := c.securityGroups.Get(ctx, id)
	if err != nil {
		return group, fmt.Errorf("reading security group %s: %w", id, err)
	}
	return group, nil
}

// describeSecurityGroups reads one batch, by a filter: an id given as such would fail the call when it is unknown.
func (c *Clients) describeSecurityGroups(ctx context.Context, ids []string) (map[string]Result[types.SecurityGroup], error) {
	results := map[string]Result[types.SecurityGroup]{}
	pages := ec2.NewDescribeSecurityGroupsPaginator(c.EC2, &ec2.DescribeSecurityGroupsInput{Filters: []types.Filter{{Name: aws.String("group-id"), Values: ids}}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, group := range page.SecurityGroups {
			results[aws.ToString(group.GroupId)] = Result[types.SecurityGroup]{Value: group}
		}
	}
	return results, nil
}

// Subnets reads subnets by their ids. What does not exist is left out.
func (c *Clients) Subnets(ctx context.Context, ids ...string) (map[string]types.Subnet, error) {
	results, err := c.subnets.GetAll(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading subnets: %w", err)
	}
	subnets := map[string]types.Subnet{}
	for id, result := range results {
		if result.Err == nil {
			subnets[id] = result.Value
		}
	}
	return subnets, nil
}

// describeSubnets reads one batch.
func (c *Clients) describeSubnets(ctx context.Context, ids []string) (map[string]Result[types.Subnet], error) {
	results := map[string]Result[types.Subnet]{}
	pages := ec2.NewDescribeSubnetsPaginator(c.EC2, &ec2.DescribeSubnetsInput{Filters: []types.Filter{{Name: aws.String("subnet-id"), Values: ids}}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, subnet := range page.Subnets {
			results[aws.ToString(subnet.SubnetId)] = Result[types.Subnet]{Value: subnet}
		}
	}
	return results, nil
}

// Instances reads instances by their ids. What does not exist is left out.
func (c *Clients) Instances(ctx context.Context, ids ...string) (map[string]types.Instance, error) {
	results, err := c.instances.GetAll(ctx, ids)
	if err != nil {
		return nil, fmt.Errorf("reading instances: %w", err)
	}
	instances := map[string]types.Instance{}
	for id, result := range results {
		if result.Err == nil {
			instances[id] = result.Value
		}
	}
	return instances, nil
}

// describeInstances reads one batch, by a filter: an id given as such would fail the call when it is unknown.
func (c *Clients) describeInstances(ctx context.Context, ids []string) (map[string]Result[types.Instance], error) {
	results := map[string]Result[types.Instance]{}
	pages := ec2.NewDescribeInstancesPaginator(c.EC2, &ec2.DescribeInstancesInput{Filters: []types.Filter{{Name: aws.String("instance-id"), Values: ids}}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, reservation := range page.Reservations {
			for i := range reservation.Instances {
				results[aws.ToString(reservation.Instances[i].InstanceId)] = Result[types.Instance]{Value: reservation.Instances[i]}
			}
		}
	}
	return results, nil
}
