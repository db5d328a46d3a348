package awsclient

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/smithy-go"
)

const (
	// scalingNamesPerCall is how many names or ARNs DescribePolicies and DescribeScheduledActions take.
	scalingNamesPerCall = 50
	// scalingPage is the largest page of their answers.
	scalingPage = 100
	// ScheduledActionsPerChange is how many actions of a group one batch puts or deletes.
	ScheduledActionsPerChange = 50
)

// ScalingPolicies reads scaling policies by their ARNs; what does not exist is left out. Reads due at the same time, of any
// groups, share DescribePolicies calls.
func (c *Clients) ScalingPolicies(ctx context.Context, arns ...string) ([]types.ScalingPolicy, error) {
	results, err := c.scalingPolicies.GetAll(ctx, arns)
	if err != nil {
		return nil, fmt.Errorf("reading scaling policies: %w", err)
	}
	var policies []types.ScalingPolicy
	for _, arn := range arns {
		if result := results[arn]; result.Err == nil {
			policies = append(policies, result.Value)
		}
	}
	return policies, nil
}

// describePolicies reads one batch. AWS takes ARNs where it takes names.
func (c *Clients) describePolicies(ctx context.Context, arns []string) (map[string]Result[types.ScalingPolicy], error) {
	results := map[string]Result[types.ScalingPolicy]{}
	found, err := c.listPolicies(ctx, &autoscaling.DescribePoliciesInput{PolicyNames: arns})
	for _, policy := range found {
		results[aws.ToString(policy.PolicyARN)] = Result[types.ScalingPolicy]{Value: policy}
	}
	return results, err
}

// ScalingPoliciesOf reads all policies of a group.
func (c *Clients) ScalingPoliciesOf(ctx context.Context, group string) ([]types.ScalingPolicy, error) {
	found, err := c.listPolicies(ctx, &autoscaling.DescribePoliciesInput{AutoScalingGroupName: &group})
	if err != nil {
		return nil, fmt.Errorf("reading the scaling policies of group %s: %w", group, err)
	}
	return found, nil
}

func (c *Clients) listPolicies(ctx context.Context, input *autoscaling.DescribePoliciesInput) ([]types.ScalingPolicy, error) {
	input.MaxRecords = aws.Int32(scalingPage)
	var policies []types.ScalingPolicy
	pages := autoscaling.NewDescribePoliciesPaginator(c.AutoScaling, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		policies = append(policies, page.ScalingPolicies...)
	}
	return policies, nil
}

// scheduledKey names a scheduled action of a group.
type scheduledKey struct{ group, name string }

// ScheduledActions reads scheduled actions of a group by their names; what does not exist is left out. Reads due at the
// same time, of any groups, share DescribeScheduledActions calls.
func (c *Clients) ScheduledActions(ctx context.Context, group string, names ...string) (map[string]types.ScheduledUpdateGroupAction, error) {
	var keys []scheduledKey
	for _, name := range names {
		keys = append(keys, scheduledKey{group, name})
	}
	results, err := c.scheduledActions.GetAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("reading the scheduled actions of group %s: %w", group, err)
	}
	actions := map[string]types.ScheduledUpdateGroupAction{}
	for key, result := range results {
		if result.Err == nil {
			actions[key.name] = result.Value
		}
	}
	return actions, nil
}

// describeScheduledActions reads one batch: by name in one group, or by name in all of them.
func (c *Clients) describeScheduledActions(ctx context.Context, keys []scheduledKey) (map[scheduledKey]Result[types.ScheduledUpdateGroupAction], error) {
	input := &autoscaling.DescribeScheduledActionsInput{AutoScalingGroupName: &keys[0].group, MaxRecords: aws.Int32(scalingPage)}
	asked := map[string]bool{}
	for _, key := range keys {
		if key.group != keys[0].group {
			input.AutoScalingGroupName = nil
		}
		if !asked[key.name] {
			asked[key.name] = true
			input.ScheduledActionNames = append(input.ScheduledActionNames, key.name)
		}
	}
	results := map[scheduledKey]Result[types.ScheduledUpdateGroupAction]{}
	pages := autoscaling.NewDescribeScheduledActionsPaginator(c.AutoScaling, input)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, action := range page.ScheduledUpdateGroupActions {
			key := scheduledKey{aws.ToString(action.AutoScalingGroupName), aws.ToString(action.ScheduledActionName)}
			results[key] = Result[types.ScheduledUpdateGroupAction]{Value: action}
		}
	}
	return results, nil
}

// unknownTexts are how the messages of Auto Scaling begin when it does not know the group, the policy or the scheduled
// action that a call names. It has no code of its own for that.
var unknownTexts = []string{"AutoScalingGroup name not found", "PolicyName not found", "Scheduled action name not found"}

// unknownToAutoScaling tells that Auto Scaling does not know what a call names.
func unknownToAutoScaling(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && api.ErrorCode() == codeValidationError &&
		slices.ContainsFunc(unknownTexts, func(text string) bool { return strings.HasPrefix(api.ErrorMessage(), text) })
}

// Refusal is the error of one part of a batch, which Auto Scaling takes apart from the others, as if it were that of a call.
func Refusal(operation, code, message string) error {
	return &smithy.OperationError{ServiceID: "Auto Scaling", OperationName: operation, Err: &smithy.GenericAPIError{Code: code, Message: message}}
}
