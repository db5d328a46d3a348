package loadbalancer

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Defaults that AWS fills into actions.
const (
	defaultSessionTimeout  = 604800
	defaultSessionCookie   = "AWSELBAuthSessionCookie"
	defaultOIDCScope       = "openid"
	defaultUnauthenticated = "authenticate"
	defaultContentType     = "text/plain"
	defaultTargetWeight    = 1
)

// normalActions returns actions in the one form in which they are compared: in their order, with the defaults that AWS
// fills in, without what its answers tell twice and without secrets, which they never tell.
func normalActions(actions []types.Action) []types.Action {
	ordered := slices.Clone(actions)
	slices.SortStableFunc(ordered, func(a, b types.Action) int { return cmp.Compare(aws.ToInt32(a.Order), aws.ToInt32(b.Order)) })
	for i := range ordered {
		ordered[i] = normalAction(&ordered[i])
	}
	return ordered
}

func normalAction(a *types.Action) types.Action {
	normal := types.Action{Type: a.Type}
	switch {
	case a.Type == types.ActionTypeEnumForward:
		normal.ForwardConfig = normalForward(a)
	case a.RedirectConfig != nil:
		normal.RedirectConfig = normalRedirect(a.RedirectConfig)
	case a.FixedResponseConfig != nil:
		normal.FixedResponseConfig = &types.FixedResponseActionConfig{
			StatusCode:  a.FixedResponseConfig.StatusCode,
			ContentType: orDefault(a.FixedResponseConfig.ContentType, defaultContentType),
			MessageBody: aws.String(aws.ToString(a.FixedResponseConfig.MessageBody)),
		}
	case a.AuthenticateOidcConfig != nil:
		normal.AuthenticateOidcConfig = normalOIDC(a.AuthenticateOidcConfig)
	case a.AuthenticateCognitoConfig != nil:
		normal.AuthenticateCognitoConfig = normalCognito(a.AuthenticateCognitoConfig)
	case a.JwtValidationConfig != nil:
		normal.JwtValidationConfig = normalJWT(a.JwtValidationConfig)
	}
	return normal
}

// normalForward reads the target groups from where they are: Describe returns both TargetGroupArn and ForwardConfig
// for a single one.
func normalForward(a *types.Action) *types.ForwardActionConfig {
	normal := &types.ForwardActionConfig{}
	if a.ForwardConfig == nil || len(a.ForwardConfig.TargetGroups) == 0 {
		normal.TargetGroups = []types.TargetGroupTuple{{TargetGroupArn: a.TargetGroupArn, Weight: aws.Int32(defaultTargetWeight)}}
		return normal
	}
	for _, group := range a.ForwardConfig.TargetGroups {
		weight := int32(defaultTargetWeight)
		if group.Weight != nil {
			weight = *group.Weight
		}
		normal.TargetGroups = append(normal.TargetGroups, types.TargetGroupTuple{TargetGroupArn: group.TargetGroupArn, Weight: &weight})
	}
	slices.SortFunc(normal.TargetGroups, func(a, b types.TargetGroupTuple) int {
		return strings.Compare(aws.ToString(a.TargetGroupArn), aws.ToString(b.TargetGroupArn))
	})
	if s := a.ForwardConfig.TargetGroupStickinessConfig; s != nil && aws.ToBool(s.Enabled) {
		normal.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: s.DurationSeconds}
	}
	return normal
}

func normalRedirect(r *types.RedirectActionConfig) *types.RedirectActionConfig {
	return &types.RedirectActionConfig{
		StatusCode: r.StatusCode,
		Protocol:   orDefault(r.Protocol, "#{protocol}"),
		Port:       orDefault(r.Port, "#{port}"),
		Host:       orDefault(r.Host, "#{host}"),
		Path:       orDefault(r.Path, "/#{path}"),
		Query:      redirectQuery(r.Query),
	}
}

func normalOIDC(o *types.AuthenticateOidcActionConfig) *types.AuthenticateOidcActionConfig {
	return &types.AuthenticateOidcActionConfig{
		AuthorizationEndpoint: o.AuthorizationEndpoint, ClientId: o.ClientId, Issuer: o.Issuer,
		TokenEndpoint: o.TokenEndpoint, UserInfoEndpoint: o.UserInfoEndpoint,
		AuthenticationRequestExtraParams: orNil(o.AuthenticationRequestExtraParams),
		OnUnauthenticatedRequest:         cmp.Or(o.OnUnauthenticatedRequest, defaultUnauthenticated),
		Scope:                            orDefault(o.Scope, defaultOIDCScope),
		SessionCookieName:                orDefault(o.SessionCookieName, defaultSessionCookie),
		SessionTimeout:                   aws.Int64(cmp.Or(aws.ToInt64(o.SessionTimeout), defaultSessionTimeout)),
	}
}

func normalCognito(c *types.AuthenticateCognitoActionConfig) *types.AuthenticateCognitoActionConfig {
	return &types.AuthenticateCognitoActionConfig{
		UserPoolArn: c.UserPoolArn, UserPoolClientId: c.UserPoolClientId, UserPoolDomain: c.UserPoolDomain,
		AuthenticationRequestExtraParams: orNil(c.AuthenticationRequestExtraParams),
		OnUnauthenticatedRequest:         cmp.Or(c.OnUnauthenticatedRequest, defaultUnauthenticated),
		Scope:                            orDefault(c.Scope, defaultOIDCScope),
		SessionCookieName:                orDefault(c.SessionCookieName, defaultSessionCookie),
		SessionTimeout:                   aws.Int64(cmp.Or(aws.ToInt64(c.SessionTimeout), defaultSessionTimeout)),
	}
}

func normalJWT(j *types.JwtValidationActionConfig) *types.JwtValidationActionConfig {
	normal := &types.JwtValidationActionConfig{Issuer: j.Issuer, JwksEndpoint: j.JwksEndpoint}
	for _, claim := range j.AdditionalClaims {
		normal.AdditionalClaims = append(normal.AdditionalClaims, types.JwtValidationActionAdditionalClaim{
			Format: claim.Format, Name: claim.Name, Values: slices.Sorted(slices.Values(claim.Values)),
		})
	}
	slices.SortFunc(normal.AdditionalClaims, func(a, b types.JwtValidationActionAdditionalClaim) int {
		return strings.Compare(aws.ToString(a.Name), aws.ToString(b.Name))
	})
	return normal
}

// sameActions reports whether two lists of actions do the same.
func sameActions(a, b []types.Action) bool {
	return reflect.DeepEqual(normalActions(a), normalActions(b))
}

// forwardsTo returns the ARNs of the target groups that actions forward to.
func forwardsTo(actions []types.Action) []string {
	var arns []string
	for _, action := range normalActions(actions) {
		if action.ForwardConfig == nil {
			continue
		}
		for _, group := range action.ForwardConfig.TargetGroups {
			arns = append(arns, aws.ToString(group.TargetGroupArn))
		}
	}
	return arns
}

// actionsText tells actions in a plan and in events: briefly, and without anything secret.
func actionsText(actions []types.Action) string {
	var parts []string
	for _, action := range normalActions(actions) {
		parts = append(parts, actionText(&action))
	}
	return strings.Join(parts, ", then ")
}

func actionText(a *types.Action) string {
	switch {
	case a.ForwardConfig != nil:
		return forwardText(a.ForwardConfig)
	case a.RedirectConfig != nil:
		r := a.RedirectConfig
		return fmt.Sprintf("redirect %s to %s://%s:%s%s?%s", r.StatusCode, *r.Protocol, *r.Host, *r.Port, *r.Path, *r.Query)
	case a.FixedResponseConfig != nil:
		f := a.FixedResponseConfig
		return fmt.Sprintf("fixed response %s %s %q", aws.ToString(f.StatusCode), *f.ContentType, *f.MessageBody)
	case a.AuthenticateOidcConfig != nil:
		o := a.AuthenticateOidcConfig
		return fmt.Sprintf("authenticate with OIDC %s, client %s, endpoints %s %s %s, %s", aws.ToString(o.Issuer), aws.ToString(o.ClientId),
			aws.ToString(o.AuthorizationEndpoint), aws.ToString(o.TokenEndpoint), aws.ToString(o.UserInfoEndpoint),
			sessionText(string(o.OnUnauthenticatedRequest), *o.Scope, *o.SessionCookieName, *o.SessionTimeout, o.AuthenticationRequestExtraParams))
	case a.AuthenticateCognitoConfig != nil:
		c := a.AuthenticateCognitoConfig
		return fmt.Sprintf("authenticate with Cognito %s, client %s, domain %s, %s", aws.ToString(c.UserPoolArn), aws.ToString(c.UserPoolClientId), aws.ToString(c.UserPoolDomain),
			sessionText(string(c.OnUnauthenticatedRequest), *c.Scope, *c.SessionCookieName, *c.SessionTimeout, c.AuthenticationRequestExtraParams))
	case a.JwtValidationConfig != nil:
		return jwtText(a.JwtValidationConfig)
	}
	return string(a.Type)
}

func forwardText(f *types.ForwardActionConfig) string {
	var groups []string
	for _, group := range f.TargetGroups {
		name := arnName(aws.ToString(group.TargetGroupArn))
		if len(f.TargetGroups) > 1 || *group.Weight != defaultTargetWeight {
			name += fmt.Sprintf(" (weight %d)", *group.Weight)
		}
		groups = append(groups, name)
	}
	text := "forward to " + strings.Join(groups, ", ")
	if s := f.TargetGroupStickinessConfig; s != nil {
		text += " with stickiness"
		if s.DurationSeconds != nil {
			text += fmt.Sprintf(" of %d s", *s.DurationSeconds)
		}
	}
	return text
}

func jwtText(j *types.JwtValidationActionConfig) string {
	text := fmt.Sprintf("validate JWT of %s with keys from %s", aws.ToString(j.Issuer), aws.ToString(j.JwksEndpoint))
	for _, claim := range j.AdditionalClaims {
		text += fmt.Sprintf(", claim %s %s %s", aws.ToString(claim.Name), claim.Format, strings.Join(claim.Values, "|"))
	}
	return text
}

func sessionText(unauthenticated, scope, cookie string, timeout int64, extra map[string]string) string {
	text := fmt.Sprintf("%s when unauthenticated, scope %s, cookie %s, session %d s", unauthenticated, scope, cookie, timeout)
	for _, key := range slices.Sorted(maps.Keys(extra)) {
		text += fmt.Sprintf(", %s=%s", key, extra[key])
	}
	return text
}

// arnName is the name in the ARN of a target group or load balancer: the part before its id.
func arnName(arn string) string {
	parts := strings.Split(arn, "/")
	if len(parts) < 2 {
		return arn
	}
	return parts[len(parts)-2]
}

func orDefault(value *string, otherwise string) *string {
	if aws.ToString(value) == "" {
		return &otherwise
	}
	return value
}

func orNil[M ~map[K]V, K comparable, V any](m M) M {
	if len(m) == 0 {
		return nil
	}
	return m
}

// redirectQuery tells a query that is left out, which stays as in the request, from an empty one, which removes it.
func redirectQuery(query *string) *string {
	if query == nil {
		return aws.String("#{query}")
	}
	return query
}
