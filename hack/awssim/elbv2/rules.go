package elbv2

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const mostPriority = 50000

func createRule(w *write, in *sdk.CreateRuleInput) (*sdk.CreateRuleOutput, error) {
	l, b, err := w.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	tags, err := w.newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := b.checkRulesAllowed(); err != nil {
		return nil, err
	}
	if in.Priority == nil {
		return nil, missing("Priority")
	}
	if err := w.checkPriority(l, *in.Priority); err != nil {
		return nil, err
	}
	r := &rule{Listener: l.ARN, Priority: *in.Priority}
	if err := w.fill(r, b, l, in.Conditions, in.Actions, in.Transforms); err != nil {
		return nil, err
	}
	if most := w.service.quotas.Rules; w.countRules(b) >= most {
		return nil, frame.Errorf("TooManyRules", "The maximum number of rules for load balancer '%s' has been reached: %d", b.ARN, most)
	}
	r.meta = w.born(w.arn("listener-rule/"+b.path()+"/"+l.ID+"/"+w.newID()), tags)
	w.rules[r.ARN] = r
	return &sdk.CreateRuleOutput{Rules: []types.Rule{r.described()}}, nil
}

// checkRulesAllowed tells that only application and dual-stack network load
// balancers have rules.
func (b *balancer) checkRulesAllowed() error {
	application := b.Type == types.LoadBalancerTypeEnumApplication
	network := b.Type == types.LoadBalancerTypeEnumNetwork && b.IPAddressType == types.IpAddressTypeDualstack
	if !application && !network {
		return frame.Errorf("UnsupportedOperation", "Rules are not supported for load balancers with type '%s' and IP address type '%s'",
			b.Type, b.IPAddressType)
	}
	return nil
}

func (w *write) checkPriority(l *listener, priority int32) error {
	var broken frame.Violations
	frame.Between(&broken, &priority, "priority", 1, mostPriority)
	if err := broken.Err(validationError); err != nil {
		return err
	}
	for _, other := range w.rules {
		if other.Listener == l.ARN && other.Priority == priority {
			return frame.Errorf("PriorityInUse", "Priority '%d' is currently in use", priority)
		}
	}
	return nil
}

func (w *write) countRules(b *balancer) int {
	count := 0
	for _, l := range w.listenersOf[b.ARN] {
		count += len(w.rulesOf[l.ARN])
	}
	return count
}

// fill checks what was given, in which nil is absent, and puts it into the rule.
func (w *write) fill(r *rule, b *balancer, l *listener, conditions []types.RuleCondition, actions []types.Action,
	transforms []types.RuleTransform) error {
	var err error
	if conditions != nil || r.Conditions == nil {
		if r.Conditions, err = w.service.quotas.conditions(b, conditions); err != nil {
			return err
		}
	}
	if actions != nil || r.Actions == nil {
		if r.Actions, err = w.actions(b, l, actions, r.Actions); err != nil {
			return err
		}
	}
	if transforms != nil {
		if err := checkTransforms(b, transforms); err != nil {
			return err
		}
		r.Transforms = transforms
	}
	return nil
}

// rule finds the rule that a write is about, or tells that it is a default one,
// to which the operation cannot be done.
func (w *write) rule(arn *string, done string) (*rule, error) {
	if arn == nil {
		return nil, missing("RuleArn")
	}
	if err := checkARN("rule", *arn, ":listener-rule/"); err != nil {
		return nil, err
	}
	if r, ok := own(w.rules, w.Request, arn); ok {
		return r, nil
	}
	if l := w.defaultOf(w.Request, *arn); l != nil {
		return nil, frame.Errorf(operationNotAllowed, "Default rule '%s' cannot be %s", *arn, done)
	}
	return nil, noRule(arn)
}

// defaultOf is the listener that has a default rule.
func (c *content) defaultOf(r *frame.Request, arn string) *listener {
	for _, l := range owned(c.listeners, r) {
		if l.DefaultRule == arn {
			return l
		}
	}
	return nil
}

func modifyRule(w *write, in *sdk.ModifyRuleInput) (*sdk.ModifyRuleOutput, error) {
	former, err := w.rule(in.RuleArn, "modified")
	if err != nil {
		return nil, err
	}
	r := change(w.rules, former)
	l := w.listeners[r.Listener]
	reset := aws.ToBool(in.ResetTransforms)
	if reset && len(in.Transforms) > 0 {
		return nil, invalid("Transforms cannot be specified together with ResetTransforms")
	}
	if err := w.fill(r, w.balancers[l.Balancer], l, in.Conditions, in.Actions, in.Transforms); err != nil {
		return nil, err
	}
	if reset {
		r.Transforms = nil
	}
	return &sdk.ModifyRuleOutput{Rules: []types.Rule{r.described()}}, nil
}

func deleteRule(w *write, in *sdk.DeleteRuleInput) (*sdk.DeleteRuleOutput, error) {
	r, err := w.rule(in.RuleArn, "deleted")
	if err != nil {
		return nil, err
	}
	delete(w.rules, r.ARN)
	return &sdk.DeleteRuleOutput{}, nil
}

func setRulePriorities(w *write, in *sdk.SetRulePrioritiesInput) (*sdk.SetRulePrioritiesOutput, error) {
	if len(in.RulePriorities) == 0 {
		return nil, missing("RulePriorities")
	}
	listener := ""
	moved := []*rule{}
	for _, given := range in.RulePriorities {
		former, err := w.rule(given.RuleArn, "moved")
		if err != nil {
			return nil, err
		}
		switch {
		case given.Priority == nil || *given.Priority < 1 || *given.Priority > mostPriority:
			return nil, invalid("The priority '%d' must be between 1 and %d", aws.ToInt32(given.Priority), mostPriority)
		case listener != "" && listener != former.Listener:
			return nil, invalid("All rules must belong to the same listener")
		case slices.ContainsFunc(moved, func(r *rule) bool { return r.ARN == former.ARN }):
			return nil, invalid("Rule '%s' is specified more than once", former.ARN)
		}
		listener = former.Listener
		r := change(w.rules, former)
		r.Priority = *given.Priority
		moved = append(moved, r)
	}
	taken := map[int32]bool{}
	for _, r := range w.rules {
		if r.Listener != listener {
			continue
		}
		if taken[r.Priority] {
			return nil, frame.Errorf("PriorityInUse", "Priority '%d' is currently in use", r.Priority)
		}
		taken[r.Priority] = true
	}
	out := &sdk.SetRulePrioritiesOutput{}
	for _, r := range moved {
		out.Rules = append(out.Rules, r.described())
	}
	return out, nil
}

func describeRules(r *reading, in *sdk.DescribeRulesInput) (*sdk.DescribeRulesOutput, error) {
	if (in.ListenerArn == nil) == (len(in.RuleArns) == 0) {
		return nil, invalid("You must specify either listener rule ARNs or a listener ARN")
	}
	found := []types.Rule{}
	if in.ListenerArn != nil {
		l, err := r.listener(in.ListenerArn)
		if err != nil {
			return nil, err
		}
		for _, one := range r.rulesOf[l.ARN] {
			if !one.Shown.After(r.moment) {
				found = append(found, one.described())
			}
		}
		found = append(found, l.describedDefault())
	}
	for _, arn := range in.RuleArns {
		if err := checkARN("rule", arn, ":listener-rule/"); err != nil {
			return nil, err
		}
		if one, ok := visible(r.rules, r, &arn); ok {
			found = append(found, one.described())
		} else if l := r.defaultOf(r.Request, arn); l != nil {
			found = append(found, l.describedDefault())
		} else {
			return nil, noRules()
		}
	}
	cut, next, err := page(found, in.Marker, in.PageSize, func(one types.Rule) string { return *one.RuleArn })
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeRulesOutput{Rules: cut, NextMarker: next}, nil
}

// described is a rule as DescribeRules gives it.
func (r *rule) described() types.Rule {
	return types.Rule{
		RuleArn: &r.ARN, Priority: aws.String(strconv.Itoa(int(r.Priority))), IsDefault: aws.Bool(false),
		Conditions: describedConditions(r.Conditions), Actions: describedActions(r.Actions), Transforms: r.Transforms,
	}
}

// describedDefault is a listener's default rule.
func (l *listener) describedDefault() types.Rule {
	return types.Rule{
		RuleArn: &l.DefaultRule, Priority: aws.String("default"), IsDefault: aws.Bool(true),
		Conditions: []types.RuleCondition{}, Actions: describedActions(l.Actions),
	}
}
