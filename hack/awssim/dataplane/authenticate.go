package dataplane

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// callback is the path to which an identity provider sends people back.
const callback = "/oauth2/idpresponse"

// login is what the two kinds of authentication have in common.
type login struct {
	endpoint, clientID, scope string
	extra                     map[string]string
	unauthenticated           string
}

// authenticated tells whether the next action may run; else it has answered.
func (x *exchange) authenticated(action *types.Action) bool {
	switch {
	case action.AuthenticateOidcConfig != nil:
		c := action.AuthenticateOidcConfig
		return x.loggedIn(login{
			endpoint: aws.ToString(c.AuthorizationEndpoint), clientID: aws.ToString(c.ClientId), scope: aws.ToString(c.Scope),
			extra: c.AuthenticationRequestExtraParams, unauthenticated: string(c.OnUnauthenticatedRequest),
		})
	case action.AuthenticateCognitoConfig != nil:
		c := action.AuthenticateCognitoConfig
		domain := aws.ToString(c.UserPoolDomain)
		if !strings.Contains(domain, ".") {
			domain += ".auth." + x.b.view.Region + ".amazoncognito.com"
		}
		return x.loggedIn(login{
			endpoint: "https://" + domain + "/oauth2/authorize", clientID: aws.ToString(c.UserPoolClientId), scope: aws.ToString(c.Scope),
			extra: c.AuthenticationRequestExtraParams, unauthenticated: string(c.OnUnauthenticatedRequest),
		})
	case action.JwtValidationConfig != nil:
		if x.bears(action.JwtValidationConfig) {
			return true
		}
		x.response.Header().Set("WWW-Authenticate", "Bearer")
		x.fail(http.StatusUnauthorized)
		return false
	}
	return true
}

// loggedIn acts as for somebody without a session. There never is a session:
// identity providers, who would begin one, are not simulated.
func (x *exchange) loggedIn(l login) bool {
	if x.request.URL.Path == callback {
		x.fail(statusAuthenticationError)
		return false
	}
	switch l.unauthenticated {
	case "allow":
		return true
	case "deny":
		x.fail(http.StatusUnauthorized)
		return false
	}
	query := url.Values{}
	for key, value := range l.extra {
		query.Set(key, value)
	}
	query.Set("client_id", l.clientID)
	query.Set("redirect_uri", "https://"+x.request.Host+callback)
	query.Set("response_type", "code")
	query.Set("scope", cmp.Or(l.scope, "openid"))
	query.Set("state", x.plane.options.Random.String(32, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"))
	separator := "?"
	if strings.Contains(l.endpoint, "?") {
		separator = "&"
	}
	x.response.Header().Set("Location", l.endpoint+separator+query.Encode())
	x.answer(http.StatusFound, "text/html", page(http.StatusFound, ""))
	return false
}

// bears tells whether the request has a token whose claims are good. Its
// signature is not verified: the issuer's keys are on the internet.
func (x *exchange) bears(config *types.JwtValidationActionConfig) bool {
	scheme, token, _ := strings.Cut(x.request.Header.Get("Authorization"), " ")
	parts := strings.Split(token, ".")
	if !strings.EqualFold(scheme, "Bearer") || len(parts) != 3 || parts[2] == "" {
		return false
	}
	raw, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return false
	}
	claims := map[string]any{}
	if json.Unmarshal(raw, &claims) != nil || claims["iss"] != aws.ToString(config.Issuer) {
		return false
	}
	now := float64(x.plane.options.Clock.Now().Unix())
	expires, ok := claims["exp"].(float64)
	if notBefore, given := claims["nbf"].(float64); !ok || expires < now || given && notBefore > now {
		return false
	}
	return !slices.ContainsFunc(config.AdditionalClaims, func(wanted types.JwtValidationActionAdditionalClaim) bool {
		return !hasClaim(claims[aws.ToString(wanted.Name)], &wanted)
	})
}

// hasClaim tells whether a claim has one of the wanted values.
func hasClaim(claim any, wanted *types.JwtValidationActionAdditionalClaim) bool {
	var held []string
	switch claim := claim.(type) {
	case string:
		held = []string{claim}
		if wanted.Format == types.JwtValidationActionAdditionalClaimFormatEnumSpaceSeparatedValues {
			held = strings.Fields(claim)
		}
	case []any:
		for _, one := range claim {
			if text, ok := one.(string); ok {
				held = append(held, text)
			}
		}
	}
	return slices.ContainsFunc(held, func(value string) bool { return slices.Contains(wanted.Values, value) })
}
