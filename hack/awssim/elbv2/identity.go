package elbv2

import (
	"cmp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// What an action that authenticates is when it does not say.
const (
	sessionTimeout = 604800
	sessionCookie  = "AWSELBAuthSessionCookie"
	scope          = "openid"
	mostExtra      = 10
	mostClaims     = 10
)

func authenticateOIDC(a *types.Action, former []types.Action) error {
	if a.AuthenticateOidcConfig == nil {
		return missing("AuthenticateOidcConfig")
	}
	config := *a.AuthenticateOidcConfig
	for _, one := range []struct {
		name  string
		value *string
	}{
		{"Issuer", config.Issuer}, {"AuthorizationEndpoint", config.AuthorizationEndpoint},
		{"TokenEndpoint", config.TokenEndpoint}, {"UserInfoEndpoint", config.UserInfoEndpoint},
	} {
		if !isHTTPS(one.value) {
			return invalid("The OIDC %s '%s' must be a full URL with the protocol HTTPS", one.name, aws.ToString(one.value))
		}
	}
	if aws.ToString(config.ClientId) == "" {
		return missing("ClientId")
	}
	if err := keepSecret(&config, former); err != nil {
		return err
	}
	if err := checkBehavior(config.OnUnauthenticatedRequest, config.OnUnauthenticatedRequest.Values()); err != nil {
		return err
	}
	config.OnUnauthenticatedRequest = cmp.Or(config.OnUnauthenticatedRequest, types.AuthenticateOidcActionConditionalBehaviorEnumAuthenticate)
	a.AuthenticateOidcConfig = &config
	return completeSession(&config.Scope, &config.SessionCookieName, &config.SessionTimeout, config.AuthenticationRequestExtraParams)
}

// keepSecret takes the secret of the same client from a former action, when told so.
func keepSecret(config *types.AuthenticateOidcActionConfig, former []types.Action) error {
	existing := aws.ToBool(config.UseExistingClientSecret)
	config.UseExistingClientSecret = nil
	if config.ClientSecret != nil && existing {
		return invalid("A client secret cannot be specified together with UseExistingClientSecret")
	}
	if !existing {
		if aws.ToString(config.ClientSecret) == "" {
			return missing("ClientSecret")
		}
		return nil
	}
	for i := range former {
		if kept := former[i].AuthenticateOidcConfig; kept != nil &&
			aws.ToString(kept.Issuer) == aws.ToString(config.Issuer) && aws.ToString(kept.ClientId) == aws.ToString(config.ClientId) {
			config.ClientSecret = kept.ClientSecret
			return nil
		}
	}
	return invalid("There is no existing client secret for the issuer '%s' and the client '%s'", *config.Issuer, *config.ClientId)
}

func authenticateCognito(a *types.Action) error {
	if a.AuthenticateCognitoConfig == nil {
		return missing("AuthenticateCognitoConfig")
	}
	config := *a.AuthenticateCognitoConfig
	switch {
	case !strings.HasPrefix(aws.ToString(config.UserPoolArn), "arn:aws:cognito-idp:"):
		return invalid("The user pool ARN '%s' is not valid", aws.ToString(config.UserPoolArn))
	case aws.ToString(config.UserPoolClientId) == "":
		return missing("UserPoolClientId")
	case aws.ToString(config.UserPoolDomain) == "":
		return missing("UserPoolDomain")
	}
	if err := checkBehavior(config.OnUnauthenticatedRequest, config.OnUnauthenticatedRequest.Values()); err != nil {
		return err
	}
	config.OnUnauthenticatedRequest = cmp.Or(config.OnUnauthenticatedRequest, types.AuthenticateCognitoActionConditionalBehaviorEnumAuthenticate)
	a.AuthenticateCognitoConfig = &config
	return completeSession(&config.Scope, &config.SessionCookieName, &config.SessionTimeout, config.AuthenticationRequestExtraParams)
}

func checkBehavior[T ~string](behavior T, known []T) error {
	if behavior != "" && !slices.Contains(known, behavior) {
		return invalid("OnUnauthenticatedRequest '%s' must be one of deny, allow, authenticate", behavior)
	}
	return nil
}

func completeSession(scopes, cookie **string, timeout **int64, extra map[string]string) error {
	if *scopes == nil {
		*scopes = aws.String(scope)
	}
	if *cookie == nil {
		*cookie = aws.String(sessionCookie)
	}
	if *timeout == nil {
		*timeout = aws.Int64(sessionTimeout)
	}
	switch {
	case **timeout < 1 || **timeout > sessionTimeout:
		return invalid("The session timeout '%d' must be between 1 and %d", **timeout, sessionTimeout)
	case len(extra) > mostExtra:
		return invalid("At most '%d' extra parameters of authentication requests can be specified", mostExtra)
	}
	return nil
}

func validateJWT(a *types.Action) error {
	if a.JwtValidationConfig == nil {
		return missing("JwtValidationConfig")
	}
	config := a.JwtValidationConfig
	switch {
	case !isHTTPS(config.JwksEndpoint):
		return invalid("The JWKS endpoint '%s' must be a full URL with the protocol HTTPS", aws.ToString(config.JwksEndpoint))
	case aws.ToString(config.Issuer) == "":
		return missing("Issuer")
	case len(config.AdditionalClaims) > mostClaims:
		return invalid("At most '%d' additional claims can be specified", mostClaims)
	}
	for _, claim := range config.AdditionalClaims {
		switch {
		case aws.ToString(claim.Name) == "" || len(claim.Values) == 0:
			return invalid("An additional claim needs a name and at least one value")
		case !slices.Contains(claim.Format.Values(), claim.Format):
			return invalid("The claim format '%s' is not valid", claim.Format)
		case claim.Format == types.JwtValidationActionAdditionalClaimFormatEnumSingleString && len(claim.Values) > 1:
			return invalid("A claim with format 'single-string' has exactly one value")
		}
	}
	return nil
}

func isHTTPS(url *string) bool {
	return strings.HasPrefix(aws.ToString(url), "https://") && len(*url) > len("https://")
}
