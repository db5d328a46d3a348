package elbv2

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// actions checks the actions of a listener or a rule, and gives them in normal
// form, in which all defaults are filled in. Former are those they replace,
// from which secrets are kept.
func (w *write) actions(b *balancer, l *listener, given, former []types.Action) ([]types.Action, error) {
	if err := checkOrder(given); err != nil {
		return nil, err
	}
	actions := slices.Clone(given)
	slices.SortStableFunc(actions, func(a, b types.Action) int {
		return cmp.Compare(aws.ToInt32(a.Order), aws.ToInt32(b.Order))
	})
	for i := range actions {
		if err := w.action(b, l, &actions[i], former); err != nil {
			return nil, err
		}
		actions[i].Order = aws.Int32(cmp.Or(aws.ToInt32(actions[i].Order), 1))
		if isRouting(actions[i].Type) != (i == len(actions)-1) {
			return nil, frame.Errorf("InvalidLoadBalancerAction", "Exactly one action of type forward, redirect or fixed-response must be specified, as the last one")
		}
	}
	if err := w.checkUses(b, l, actions); err != nil {
		return nil, err
	}
	return actions, nil
}

func isRouting(kind types.ActionTypeEnum) bool {
	return kind == types.ActionTypeEnumForward || kind == types.ActionTypeEnumRedirect || kind == types.ActionTypeEnumFixedResponse
}

// mostActions bounds the actions of one rule: one that authenticates and one that routes.
const mostActions = 2

func checkOrder(actions []types.Action) error {
	if len(actions) == 0 {
		return invalid("At least one action must be specified")
	}
	if len(actions) > mostActions {
		return frame.Errorf("TooManyActions", "The maximum number of actions is '%d'", mostActions)
	}
	seen := map[int32]bool{}
	for i := range actions {
		order := actions[i].Order
		switch {
		case order == nil && len(actions) > 1:
			return invalid("An action order must be specified for each action")
		case order != nil && (*order < 1 || *order > mostPriority):
			return invalid("The action order '%d' must be between 1 and %d", *order, mostPriority)
		case seen[aws.ToInt32(order)]:
			return invalid("The action order '%d' is specified more than once", aws.ToInt32(order))
		}
		seen[aws.ToInt32(order)] = true
	}
	return nil
}

// action checks one action and fills in its defaults. It is a copy, but what it
// points to is not.
func (w *write) action(b *balancer, l *listener, a *types.Action, former []types.Action) error {
	var broken frame.Violations
	frame.Enum(&broken, a.Type, "type", a.Type.Values())
	if err := broken.Err(validationError); err != nil {
		return err
	}
	if b.Type != types.LoadBalancerTypeEnumApplication && a.Type != types.ActionTypeEnumForward {
		return frame.Errorf("InvalidLoadBalancerAction", "Actions of type '%s' are not supported for load balancers with type '%s'", a.Type, b.Type)
	}
	if !isRouting(a.Type) && a.Type != "" && l.Protocol != types.ProtocolEnumHttps {
		return frame.Errorf("InvalidLoadBalancerAction", "Actions of type '%s' are supported only on HTTPS listeners", a.Type)
	}
	switch a.Type {
	case types.ActionTypeEnumForward:
		return w.forward(a)
	case types.ActionTypeEnumRedirect:
		return redirect(l, a)
	case types.ActionTypeEnumFixedResponse:
		return fixedResponse(a)
	case types.ActionTypeEnumAuthenticateOidc:
		return authenticateOIDC(a, former)
	case types.ActionTypeEnumAuthenticateCognito:
		return authenticateCognito(a)
	case types.ActionTypeEnumJwtValidation:
		return validateJWT(a)
	}
	return invalid("An action type must be specified")
}

// describedActions are actions as AWS gives them: the one group of a forward
// action twice, and no secret.
func describedActions(actions []types.Action) []types.Action {
	shown := slices.Clone(actions)
	for i := range shown {
		a := &shown[i]
		if a.ForwardConfig != nil && len(a.ForwardConfig.TargetGroups) == 1 {
			a.TargetGroupArn = a.ForwardConfig.TargetGroups[0].TargetGroupArn
		}
		if a.AuthenticateOidcConfig != nil {
			config := *a.AuthenticateOidcConfig
			config.ClientSecret, config.UseExistingClientSecret = nil, nil
			a.AuthenticateOidcConfig = &config
		}
	}
	return shown
}

const mostWeight, longestStickiness = 999, 604800

// forward puts what either way of naming target groups says into ForwardConfig.
func (w *write) forward(a *types.Action) error {
	config := types.ForwardActionConfig{}
	if a.ForwardConfig != nil {
		config = *a.ForwardConfig
	}
	tuples := slices.Clone(config.TargetGroups)
	switch {
	case len(tuples) == 0 && a.TargetGroupArn == nil:
		return invalid("A target group ARN must be specified")
	case len(tuples) == 0:
		tuples = []types.TargetGroupTuple{{TargetGroupArn: a.TargetGroupArn}}
	case a.TargetGroupArn != nil && (len(tuples) > 1 || aws.ToString(tuples[0].TargetGroupArn) != *a.TargetGroupArn):
		return invalid("You cannot specify both a target group ARN and different target groups in the forward configuration")
	case len(tuples) > w.service.quotas.TargetGroupsPerAction:
		return frame.Errorf("TooManyTargetGroups", "A forward action can have at most '%d' target groups", w.service.quotas.TargetGroupsPerAction)
	}
	seen := map[string]bool{}
	for i := range tuples {
		arn := aws.ToString(tuples[i].TargetGroupArn)
		tuples[i].Weight = aws.Int32(1)
		if i < len(config.TargetGroups) && config.TargetGroups[i].Weight != nil {
			tuples[i].Weight = config.TargetGroups[i].Weight
		}
		if weight := *tuples[i].Weight; weight < 0 || weight > mostWeight {
			return invalid("The weight '%d' must be between 0 and %d", weight, mostWeight)
		}
		if seen[arn] {
			return invalid("Target group '%s' is specified more than once", arn)
		}
		seen[arn] = true
	}
	config.TargetGroups = tuples
	stickiness, err := normalStickiness(config.TargetGroupStickinessConfig)
	config.TargetGroupStickinessConfig = stickiness
	a.ForwardConfig, a.TargetGroupArn = &config, nil
	return err
}

func normalStickiness(given *types.TargetGroupStickinessConfig) (*types.TargetGroupStickinessConfig, error) {
	normal := types.TargetGroupStickinessConfig{Enabled: aws.Bool(false)}
	if given == nil {
		return &normal, nil
	}
	normal.DurationSeconds = given.DurationSeconds
	normal.Enabled = aws.Bool(aws.ToBool(given.Enabled))
	switch duration := given.DurationSeconds; {
	case *normal.Enabled && duration == nil:
		return nil, invalid("A stickiness duration must be specified when target group stickiness is enabled")
	case duration != nil && (*duration < 1 || *duration > longestStickiness):
		return nil, invalid("The stickiness duration '%d' must be between 1 and %d", *duration, longestStickiness)
	}
	return &normal, nil
}
