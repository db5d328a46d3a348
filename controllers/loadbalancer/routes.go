package loadbalancer

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// route says to which group in AWS the requests for a declared target group go.
type route struct {
	arn string
	// protocol is that of the group; empty for a function.
	protocol types.ProtocolEnum
	// next is the group that takes its place once it is ready; empty when there is none.
	next         string
	nextProtocol types.ProtocolEnum
}

// routes are the routes of declared target groups by name.
type routes map[string]route

// routing is how actions become AWS's.
type routing struct {
	routes routes
	// warming are the new groups that no forward has room for: a rule that no request meets puts them to use.
	warming []string
}

// routing returns where requests for each declared target group go now.
func (k *Kind) routing(obj *v1alpha1.LoadBalancer, o *observed) routing {
	all, use := routes{}, o.usage()
	var underWay []*replacement
	for _, d := range k.desiredTargetGroups(obj, o) {
		all[d.name] = route{arn: d.plannedARN(), protocol: d.shape.protocol}
		if g := o.current(d.name, d.shape); g != nil {
			all[d.name] = route{arn: g.arn, protocol: g.shape.protocol}
		}
		if r := replacementOf(obj, o, d, use); r != nil {
			all[d.name] = route{arn: r.old.arn, protocol: r.old.shape.protocol, next: r.nextARN(), nextProtocol: d.shape.protocol}
			underWay = append(underWay, r)
		}
	}
	attached := map[string]bool{}
	for _, actions := range declaredActions(obj) {
		for _, arn := range forwardsTo(all.actions(actions.list, actions.protocol)) {
			attached[arn] = true
		}
	}
	result := routing{routes: all}
	for _, r := range underWay {
		switch {
		case attached[r.nextARN()]:
		case lbType(obj) == types.LoadBalancerTypeEnumApplication && len(obj.Spec.Listeners) > 0:
			result.warming = append(result.warming, r.group.name)
		default: // no way to have its targets checked before requests go to them
			all[r.group.name] = route{arn: r.nextARN(), protocol: r.group.shape.protocol}
		}
	}
	return result
}

// declaredAction is a list of actions of the spec with the protocol of its listener.
type declaredAction struct {
	list     []v1alpha1.Action
	protocol types.ProtocolEnum
}

func declaredActions(obj *v1alpha1.LoadBalancer) []declaredAction {
	var all []declaredAction
	for _, l := range declaredListeners(obj) {
		all = append(all, declaredAction{l.DefaultActions, types.ProtocolEnum(l.Protocol)})
		for _, r := range l.Rules {
			all = append(all, declaredAction{r.Actions, types.ProtocolEnum(l.Protocol)})
		}
	}
	return all
}

// forward returns the target groups of a forward action: beside each that is being replaced the new one, without weight,
// as far as there is room.
func (all routes) forward(f *v1alpha1.ForwardAction, protocol types.ProtocolEnum) []types.TargetGroupTuple {
	var tuples, beside []types.TargetGroupTuple
	for _, declared := range f.TargetGroups {
		weight := int32(defaultTargetWeight)
		if declared.Weight != nil {
			weight = *declared.Weight
		}
		arn := string(declared.ARN)
		if arn == "" {
			r := all[string(declared.Name)]
			arn = r.arn
			switch {
			case r.next == "" || !takes(protocol, r.nextProtocol):
			case !takes(protocol, r.protocol): // the listener's own protocol changes with the group's
				arn = r.next
			default:
				beside = append(beside, types.TargetGroupTuple{TargetGroupArn: aws.String(r.next), Weight: aws.Int32(0)})
			}
		}
		tuples = append(tuples, types.TargetGroupTuple{TargetGroupArn: &arn, Weight: &weight})
	}
	if protocol == "" { // a gateway forwards to one group only
		return tuples
	}
	room := max(maxForwards-len(tuples), 0)
	return append(tuples, beside[:min(len(beside), room)]...)
}

// takes reports whether a listener can forward to a target group, by their protocols.
func takes(listener, group types.ProtocolEnum) bool {
	switch listener {
	case group, "":
		return true
	case types.ProtocolEnumHttp, types.ProtocolEnumHttps:
		return slices.Contains([]types.ProtocolEnum{types.ProtocolEnumHttp, types.ProtocolEnumHttps, ""}, group)
	case types.ProtocolEnumTcp, types.ProtocolEnumUdp:
		return group == types.ProtocolEnumTcpUdp
	case types.ProtocolEnumTls:
		return group == types.ProtocolEnumTcp
	}
	return false
}

// actions returns a list of declared actions as AWS takes them, without client secrets.
func (all routes) actions(declared []v1alpha1.Action, protocol types.ProtocolEnum) []types.Action {
	actions := make([]types.Action, 0, len(declared))
	for i := range declared {
		action := all.action(&declared[i], protocol)
		if len(declared) > 1 {
			action.Order = aws.Int32(int32(i + 1))
		}
		actions = append(actions, action)
	}
	return actions
}

func (all routes) action(a *v1alpha1.Action, protocol types.ProtocolEnum) types.Action {
	switch {
	case a.Forward != nil:
		return all.forwardAction(a.Forward, protocol)
	case a.Redirect != nil:
		return redirectAction(a.Redirect)
	case a.FixedResponse != nil:
		f := a.FixedResponse
		return types.Action{Type: types.ActionTypeEnumFixedResponse, FixedResponseConfig: &types.FixedResponseActionConfig{
			StatusCode: aws.String(string(f.StatusCode)), ContentType: given(string(f.ContentType)), MessageBody: given(f.MessageBody),
		}}
	case a.AuthenticateOIDC != nil:
		return oidcAction(a.AuthenticateOIDC)
	case a.AuthenticateCognito != nil:
		return cognitoAction(a.AuthenticateCognito)
	}
	return jwtAction(a.JWTValidation)
}

// forwardAction names a single group without weight directly: network load balancers know weights only of several.
func (all routes) forwardAction(f *v1alpha1.ForwardAction, protocol types.ProtocolEnum) types.Action {
	tuples := all.forward(f, protocol)
	if len(tuples) == 1 && *tuples[0].Weight == defaultTargetWeight && (f.Stickiness == nil || !f.Stickiness.Enabled) {
		return types.Action{Type: types.ActionTypeEnumForward, TargetGroupArn: tuples[0].TargetGroupArn}
	}
	config := &types.ForwardActionConfig{TargetGroups: tuples}
	if f.Stickiness != nil {
		config.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: &f.Stickiness.Enabled, DurationSeconds: f.Stickiness.DurationSeconds}
	}
	return types.Action{Type: types.ActionTypeEnumForward, ForwardConfig: config}
}

func redirectAction(r *v1alpha1.RedirectAction) types.Action {
	return types.Action{Type: types.ActionTypeEnumRedirect, RedirectConfig: &types.RedirectActionConfig{
		StatusCode: types.RedirectActionStatusCodeEnum(r.StatusCode), Protocol: given(string(r.Protocol)), Port: given(r.Port),
		Host: given(r.Host), Path: given(r.Path), Query: r.Query,
	}}
}

func oidcAction(a *v1alpha1.AuthenticateOIDCAction) types.Action {
	return types.Action{Type: types.ActionTypeEnumAuthenticateOidc, AuthenticateOidcConfig: &types.AuthenticateOidcActionConfig{
		Issuer: aws.String(string(a.Issuer)), AuthorizationEndpoint: aws.String(string(a.AuthorizationEndpoint)),
		TokenEndpoint: aws.String(string(a.TokenEndpoint)), UserInfoEndpoint: aws.String(string(a.UserInfoEndpoint)), ClientId: &a.ClientID,
		AuthenticationRequestExtraParams: extraParams(a.AuthenticationSession),
		OnUnauthenticatedRequest:         types.AuthenticateOidcActionConditionalBehaviorEnum(cmp.Or(a.OnUnauthenticatedRequest, defaultUnauthenticated)),
		Scope:                            given(a.Scope), SessionCookieName: given(a.SessionCookieName), SessionTimeout: a.SessionTimeoutSeconds,
	}}
}

func cognitoAction(a *v1alpha1.AuthenticateCognitoAction) types.Action {
	return types.Action{Type: types.ActionTypeEnumAuthenticateCognito, AuthenticateCognitoConfig: &types.AuthenticateCognitoActionConfig{
		UserPoolArn: &a.UserPoolARN, UserPoolClientId: &a.UserPoolClientID, UserPoolDomain: &a.UserPoolDomain,
		AuthenticationRequestExtraParams: extraParams(a.AuthenticationSession),
		OnUnauthenticatedRequest:         types.AuthenticateCognitoActionConditionalBehaviorEnum(cmp.Or(a.OnUnauthenticatedRequest, defaultUnauthenticated)),
		Scope:                            given(a.Scope), SessionCookieName: given(a.SessionCookieName), SessionTimeout: a.SessionTimeoutSeconds,
	}}
}

func jwtAction(j *v1alpha1.JWTValidationAction) types.Action {
	config := &types.JwtValidationActionConfig{Issuer: &j.Issuer, JwksEndpoint: aws.String(string(j.JWKSEndpoint))}
	for _, claim := range j.AdditionalClaims {
		values := make([]string, len(claim.Values))
		for i, value := range claim.Values {
			values[i] = string(value)
		}
		config.AdditionalClaims = append(config.AdditionalClaims, types.JwtValidationActionAdditionalClaim{
			Format: types.JwtValidationActionAdditionalClaimFormatEnum(claim.Format), Name: aws.String(claim.Name), Values: values,
		})
	}
	return types.Action{Type: types.ActionTypeEnumJwtValidation, JwtValidationConfig: config}
}

func extraParams(s v1alpha1.AuthenticationSession) map[string]string {
	params := map[string]string{}
	for key, value := range s.AuthenticationRequestExtraParams {
		params[key] = string(value)
	}
	return orNil(params)
}

// given returns a value that is given; nil leaves it to AWS.
func given(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
