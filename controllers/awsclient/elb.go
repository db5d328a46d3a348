package awsclient

import (
	"context"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

const (
	// elbPerCall is how many ARNs or names one Describe call of Elastic Load Balancing takes.
	elbPerCall = 20
	// elbPageSize is the largest page of a listing.
	elbPageSize = 400
)

// ELBTagsPerChange is how many tags AddTags, and how many keys RemoveTags, takes in one request.
const ELBTagsPerChange = 20

// loadBalancerKey says by what load balancers are asked for.
type loadBalancerKey bool

const (
	byARN  loadBalancerKey = false
	byName loadBalancerKey = true
)

// LoadBalancer reads a load balancer by its ARN. Reads due at the same time share one DescribeLoadBalancers.
func (c *Clients) LoadBalancer(ctx context.Context, arn string) (types.LoadBalancer, error) {
	found, err := c.loadBalancers[byARN].Get(ctx, arn)
	if err != nil {
		return found, fmt.Errorf("reading load balancer %s: %w", arn, err)
	}
	return found, nil
}

// LoadBalancerByName reads the load balancer of a name, which is unique in an account and region.
func (c *Clients) LoadBalancerByName(ctx context.Context, name string) (types.LoadBalancer, error) {
	found, err := c.loadBalancers[byName].Get(ctx, name)
	if err != nil {
		return found, fmt.Errorf("looking for the load balancer %s: %w", name, err)
	}
	return found, nil
}

func (c *Clients) loadBalancerBatcher(by loadBalancerKey, delay time.Duration) *Batcher[string, types.LoadBalancer] {
	return NewBatcher(elbPerCall, delay, func(ctx context.Context, keys []string) (map[string]Result[types.LoadBalancer], error) {
		return c.describeLoadBalancers(ctx, by, keys)
	})
}

// describeLoadBalancers reads one batch. One that is missing fails the whole call; then all of the account are listed,
// which costs less than asking for each alone.
func (c *Clients) describeLoadBalancers(ctx context.Context, by loadBalancerKey, keys []string) (map[string]Result[types.LoadBalancer], error) {
	input := &elasticloadbalancingv2.DescribeLoadBalancersInput{}
	if by == byName {
		input.Names = keys
	} else {
		input.LoadBalancerArns = keys
	}
	results := map[string]Result[types.LoadBalancer]{}
	collect := func(found []types.LoadBalancer) {
		for _, lb := range found {
			key := aws.ToString(lb.LoadBalancerArn)
			if by == byName {
				key = aws.ToString(lb.LoadBalancerName)
			}
			results[key] = Result[types.LoadBalancer]{Value: lb}
		}
	}
	answer, err := c.ELBV2.DescribeLoadBalancers(ctx, input)
	if err == nil {
		collect(answer.LoadBalancers)
		return results, nil
	}
	if Classify(err) != NotFound || len(keys) == 1 {
		return nil, err
	}
	pages := elasticloadbalancingv2.NewDescribeLoadBalancersPaginator(c.ELBV2, &elasticloadbalancingv2.DescribeLoadBalancersInput{PageSize: aws.Int32(elbPageSize)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		collect(page.LoadBalancers)
	}
	return results, nil
}

// ELBTags reads the tags of load balancers, target groups, listeners and rules, by their ARNs. What does not exist is
// left out. Reads due at the same time share DescribeTags calls.
func (c *Clients) ELBTags(ctx context.Context, arns ...string) (map[string]map[string]string, error) {
	results, err := c.elbTags.GetAll(ctx, arns)
	if err != nil {
		return nil, fmt.Errorf("reading tags: %w", err)
	}
	tags := map[string]map[string]string{}
	for arn, result := range results {
		switch {
		case result.Err == nil:
			tags[arn] = maps.Clone(result.Value)
		case Classify(result.Err) != NotFound:
			return nil, fmt.Errorf("reading the tags of %s: %w", arn, result.Err)
		}
	}
	return tags, nil
}

// describeELBTags reads one batch. One that is missing fails the whole call; then each half is asked for by itself.
func (c *Clients) describeELBTags(ctx context.Context, arns []string) (map[string]Result[map[string]string], error) {
	results := map[string]Result[map[string]string]{}
	answer, err := c.ELBV2.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: arns})
	if err == nil {
		for _, described := range answer.TagDescriptions {
			tags := map[string]string{}
			for _, tag := range described.Tags {
				tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
			}
			results[aws.ToString(described.ResourceArn)] = Result[map[string]string]{Value: tags}
		}
		return results, nil
	}
	if Classify(err) != NotFound {
		return nil, err
	}
	if len(arns) == 1 {
		results[arns[0]] = Result[map[string]string]{Err: err}
		return results, nil
	}
	for _, half := range [][]string{arns[:len(arns)/2], arns[len(arns)/2:]} {
		part, err := c.describeELBTags(ctx, half)
		if err != nil {
			return nil, err
		}
		maps.Copy(results, part)
	}
	return results, nil
}
