package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

// makeRule creates a rule. A priority that is in use means that an earlier call took effect unseen, or that somebody
// else was faster: look.
func (k *Kind) makeRule(ctx context.Context, obj *v1alpha1.LoadBalancer, l *listener, declared *rule, c credential) error {
	made := *declared
	c.fill(declared.actions)
	answer, err := k.clients.ELBV2.CreateRule(ctx, &elasticloadbalancingv2.CreateRuleInput{
		ListenerArn: &l.arn, Priority: &declared.priority, Conditions: declared.conditions, Actions: declared.actions,
		Transforms: declared.transforms, Tags: sdkTags(declared.tags),
	})
	var taken *types.PriorityInUseException
	switch {
	case err == nil:
		made.arn = aws.ToString(answer.Rules[0].RuleArn)
	case errors.As(err, &taken):
		arn, lookup := k.ownRuleAt(ctx, obj, l, declared.priority)
		if lookup != nil {
			return lookup
		}
		if arn == "" {
			return err
		}
		made.arn = arn
	default:
		return err
	}
	l.rules = append(l.rules, &made)
	return nil
}

// ownRuleAt returns the ARN of the object's rule that has a priority; empty when it is somebody else's.
func (k *Kind) ownRuleAt(ctx context.Context, obj *v1alpha1.LoadBalancer, l *listener, priority int32) (string, error) {
	now := &listener{arn: l.arn, port: l.port, protocol: l.protocol}
	if err := k.observeRules(ctx, obj, now); err != nil {
		return "", err
	}
	i := slices.IndexFunc(now.rules, func(r *rule) bool { return r.priority == priority })
	if i < 0 {
		return "", nil
	}
	arn := now.rules[i].arn
	tags, err := k.clients.ELBTags(ctx, arn)
	if err != nil || !k.owns(obj, tags[arn]) {
		return "", err
	}
	return arn, nil
}

// modifyRule sends what of a rule differs.
func (k *Kind) modifyRule(ctx context.Context, o *observed, d *desiredListener, e ruleEdit, c credential) error {
	input := &elasticloadbalancingv2.ModifyRuleInput{RuleArn: &e.observed.arn}
	if e.changesConditions() {
		input.Conditions = e.desired.conditions
	}
	if e.changesActions() {
		input.Actions = e.desired.actions
		c.fill(input.Actions)
	}
	if e.changesTransforms() {
		if input.Transforms = e.desired.transforms; len(input.Transforms) == 0 {
			input.ResetTransforms = aws.Bool(true)
		}
	}
	if _, err := k.clients.ELBV2.ModifyRule(ctx, input); err != nil {
		return fmt.Errorf("modifying %s: %w", e.desired.resource(d), err)
	}
	if len(input.Actions) > 0 {
		c.sent(o)
	}
	e.observed.conditions, e.observed.actions, e.observed.transforms = e.desired.conditions, e.desired.actions, e.desired.transforms
	return nil
}

// deleteRule deletes a rule; one that has gone already is no error.
func (k *Kind) deleteRule(ctx context.Context, d *desiredListener, l *listener, doomed *rule, pending *pendingRules) error {
	_, err := k.clients.ELBV2.DeleteRule(ctx, &elasticloadbalancingv2.DeleteRuleInput{RuleArn: &doomed.arn})
	if err != nil && awsclient.Classify(err) != awsclient.NotFound {
		return fmt.Errorf("deleting %s: %w", doomed.resource(d), err)
	}
	gone := func(r *rule) bool { return r == doomed }
	l.rules, pending.deletes = slices.DeleteFunc(l.rules, gone), slices.DeleteFunc(slices.Clone(pending.deletes), gone)
	return nil
}
