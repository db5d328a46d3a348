package v1alpha1

// HTTPSURL is a full URL with the scheme https, a host and a path.
// +kubebuilder:validation:MaxLength=1024
// +kubebuilder:validation:Pattern=`^https://[^/ ]+(/[^ ]*)?$`
type HTTPSURL string

// UnauthenticatedRequestAction says what becomes of a request whose user is not logged in.
// +kubebuilder:validation:Enum=deny;allow;authenticate
type UnauthenticatedRequestAction string

// AuthenticationRequestParameter is the value of a parameter of a redirect to a log-in page.
// +kubebuilder:validation:MaxLength=1024
type AuthenticationRequestParameter string

// AuthenticationSession are the settings that the actions which have a user log in share.
type AuthenticationSession struct {
	// OnUnauthenticatedRequest is authenticate (the default: to the log-in page), deny (401) or allow (forwarded all the
	// same). AWS API: OnUnauthenticatedRequest.
	// +optional
	OnUnauthenticatedRequest UnauthenticatedRequestAction `json:"onUnauthenticatedRequest,omitempty"`

	// Scope are the claims that are asked for, separated by spaces. Default "openid". AWS API: Scope.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Scope string `json:"scope,omitempty"`

	// SessionCookieName of the cookie that keeps the session. Default AWSELBAuthSessionCookie.
	// AWS API: SessionCookieName.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	SessionCookieName string `json:"sessionCookieName,omitempty"`

	// SessionTimeoutSeconds after which the user must log in again: 1 to 604800, which is the default.
	// AWS API: SessionTimeout.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=604800
	SessionTimeoutSeconds *int64 `json:"sessionTimeoutSeconds,omitempty"`

	// AuthenticationRequestExtraParams are up to ten parameters of the redirect to the log-in page.
	// AWS API: AuthenticationRequestExtraParams.
	// +optional
	// +kubebuilder:validation:MaxProperties=10
	AuthenticationRequestExtraParams map[string]AuthenticationRequestParameter `json:"authenticationRequestExtraParams,omitempty"`
}

// AuthenticateOIDCAction has the user log in at an OpenID Connect provider.
type AuthenticateOIDCAction struct {
	// Issuer of the provider, a full URL. AWS API: Issuer.
	Issuer HTTPSURL `json:"issuer"`

	// AuthorizationEndpoint of the provider, a full URL. AWS API: AuthorizationEndpoint.
	AuthorizationEndpoint HTTPSURL `json:"authorizationEndpoint"`

	// TokenEndpoint of the provider, a full URL. AWS API: TokenEndpoint.
	TokenEndpoint HTTPSURL `json:"tokenEndpoint"`

	// UserInfoEndpoint of the provider, a full URL. AWS API: UserInfoEndpoint.
	UserInfoEndpoint HTTPSURL `json:"userInfoEndpoint"`

	// ClientID under which the provider knows the load balancer. AWS API: ClientId.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	ClientID string `json:"clientID"`

	// ClientSecretRef names the Secret, and the key in it, that holds the client secret. AWS never shows the secret again:
	// it is sent whenever the Secret's content changes. AWS API: ClientSecret.
	ClientSecretRef SecretKeyReference `json:"clientSecretRef"`

	AuthenticationSession `json:",inline"`
}

// AuthenticateCognitoAction has the user log in at a Cognito user pool.
type AuthenticateCognitoAction struct {
	// UserPoolARN of the user pool. AWS API: UserPoolArn.
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:cognito-idp:[a-z0-9-]+:[0-9]{12}:userpool/.+$`
	UserPoolARN string `json:"userPoolARN"`

	// UserPoolClientID of the pool's client. AWS API: UserPoolClientId.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	UserPoolClientID string `json:"userPoolClientID"`

	// UserPoolDomain is the domain prefix, or the full domain name, of the pool. AWS API: UserPoolDomain.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	UserPoolDomain string `json:"userPoolDomain"`

	AuthenticationSession `json:",inline"`
}

// JWTValidationAction lets only requests with a valid token pass. The claims exp, iss, nbf and iat are always checked.
type JWTValidationAction struct {
	// Issuer of the tokens, up to 256 characters. AWS API: Issuer.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Issuer string `json:"issuer"`

	// JWKSEndpoint with the issuer's keys, a full URL of up to 256 characters. AWS API: JwksEndpoint.
	// +kubebuilder:validation:MaxLength=256
	JWKSEndpoint HTTPSURL `json:"jwksEndpoint"`

	// AdditionalClaims that a token must have, 10 at most. AWS API: AdditionalClaims.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=10
	AdditionalClaims []JWTClaim `json:"additionalClaims,omitempty"`
}

// JWTClaim is a claim that a token must have.
// +kubebuilder:validation:XValidation:rule="!(self.name in ['exp', 'iss', 'nbf', 'iat'])",message="the claims exp, iss, nbf and iat are always checked: remove them from additionalClaims"
type JWTClaim struct {
	// Name of the claim; not exp, iss, nbf or iat, which are always checked. AWS API: Name.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Name string `json:"name"`

	// Format of the claim: single-string, string-array or space-separated-values. AWS API: Format.
	Format JWTClaimFormat `json:"format"`

	// Values of which the claim must have one, 1 to 10; without spaces for space-separated-values. AWS API: Values.
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=10
	Values []JWTClaimValue `json:"values"`
}

// JWTClaimFormat is the format of a claim.
// +kubebuilder:validation:Enum=single-string;string-array;space-separated-values
type JWTClaimFormat string

// JWTClaimValue is a value of a claim.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=256
type JWTClaimValue string
