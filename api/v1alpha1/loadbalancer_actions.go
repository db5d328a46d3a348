package v1alpha1

// Action is what becomes of a request: exactly one member. A list of actions ends with forward, redirect or
// fixedResponse; before it there may be one that authenticates. The order in AWS follows the list.
// +kubebuilder:validation:XValidation:rule="[has(self.forward), has(self.redirect), has(self.fixedResponse), has(self.authenticateOIDC), has(self.authenticateCognito), has(self.jwtValidation)].exists_one(x, x)",message="an action is exactly one of forward, redirect, fixedResponse, authenticateOIDC, authenticateCognito and jwtValidation: make each an item of the list"
type Action struct {
	// Forward sends the request to target groups. AWS API: forward.
	// +optional
	Forward *ForwardAction `json:"forward,omitempty"`

	// Redirect answers with another URL. Type application. AWS API: redirect.
	// +optional
	Redirect *RedirectAction `json:"redirect,omitempty"`

	// FixedResponse answers by itself. Type application. AWS API: fixed-response.
	// +optional
	FixedResponse *FixedResponseAction `json:"fixedResponse,omitempty"`

	// AuthenticateOIDC has the user log in at an OpenID Connect provider. Protocol HTTPS. AWS API: authenticate-oidc.
	// +optional
	AuthenticateOIDC *AuthenticateOIDCAction `json:"authenticateOIDC,omitempty"`

	// AuthenticateCognito has the user log in at a Cognito user pool. Protocol HTTPS. AWS API: authenticate-cognito.
	// +optional
	AuthenticateCognito *AuthenticateCognitoAction `json:"authenticateCognito,omitempty"`

	// JWTValidation lets only requests with a valid token pass. Protocol HTTPS. AWS API: jwt-validation.
	// +optional
	JWTValidation *JWTValidationAction `json:"jwtValidation,omitempty"`
}

// ForwardAction sends requests to target groups, in proportion to their weights.
type ForwardAction struct {
	// TargetGroups that get the requests: 1 to 5 behind an application load balancer and a network load balancer, 1 behind
	// a gateway. AWS API: ForwardConfig.TargetGroups.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:XValidation:rule="[self.map(t, has(t.name) ? t.name : t.arn)].all(names, names.all(n, names.indexOf(n) == names.lastIndexOf(n)))",message="a target group is given twice in one forward: keep one, with the sum of the weights"
	TargetGroups []ForwardTargetGroup `json:"targetGroups"`

	// Stickiness keeps a client at the target group that it was sent to first. Type application.
	// AWS API: ForwardConfig.TargetGroupStickinessConfig.
	// +optional
	Stickiness *ForwardStickiness `json:"stickiness,omitempty"`
}

// ForwardTargetGroup is one of the target groups that requests are forwarded to; exactly one of name and arn.
// +kubebuilder:validation:XValidation:rule="has(self.name) != has(self.arn)",message="give exactly one of name (a target group of this LoadBalancer's spec.targetGroups) and arn (one that others made)"
type ForwardTargetGroup struct {
	// Name of one of spec.targetGroups.
	// +optional
	Name TargetGroupName `json:"name,omitempty"`

	// ARN of a target group that others made; it is used, and otherwise left alone. AWS API: TargetGroupArn.
	// +optional
	ARN TargetGroupARN `json:"arn,omitempty"`

	// Weight of the group, 0 to 999: its share is its weight divided by the sum of all; 0 gets none. Default 1.
	// AWS API: Weight.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=999
	Weight *int32 `json:"weight,omitempty"`
}

// TargetGroupARN is the ARN of a target group.
// +kubebuilder:validation:MaxLength=256
// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:targetgroup/[A-Za-z0-9-]+/[0-9a-z]+$`
type TargetGroupARN string

// ForwardStickiness keeps a client at a target group.
// +kubebuilder:validation:XValidation:rule="!self.enabled || has(self.durationSeconds)",message="stickiness needs a time that it lasts: give stickiness.durationSeconds"
type ForwardStickiness struct {
	// Enabled turns it on or off. AWS API: TargetGroupStickinessConfig.Enabled.
	Enabled bool `json:"enabled"`

	// DurationSeconds that it lasts: 1 to 604800; required when enabled. AWS API: DurationSeconds.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=604800
	DurationSeconds *int32 `json:"durationSeconds,omitempty"`
}

// RedirectAction answers with another URL; what is left out stays as in the request. At least one part must change, or
// the redirect would lead to itself; HTTPS cannot become HTTP.
// +kubebuilder:validation:XValidation:rule="has(self.protocol) && self.protocol != '#{protocol}' || has(self.port) && self.port != '#{port}' || has(self.host) && self.host != '#{host}' || has(self.path) && self.path != '/#{path}'",message="the redirect would lead to itself: change at least one of redirect.protocol, redirect.port, redirect.host and redirect.path"
type RedirectAction struct {
	// Protocol is HTTP, HTTPS or "#{protocol}" (the request's; the default). AWS API: Protocol.
	// +optional
	Protocol RedirectProtocol `json:"protocol,omitempty"`

	// Port is "1" to "65535" or "#{port}" (the request's; the default). AWS API: Port.
	// +optional
	// +kubebuilder:validation:MaxLength=7
	// +kubebuilder:validation:Pattern=`^([1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5]|#\{port\})$`
	Port string `json:"port,omitempty"`

	// Host, not percent-encoded, in which #{host} is the request's; default "#{host}". AWS API: Host.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Host string `json:"host,omitempty"`

	// Path, absolute, not percent-encoded, in which #{host}, #{path} and #{port} are the request's; default "/#{path}".
	// AWS API: Path.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^/`
	Path string `json:"path,omitempty"`

	// Query without the leading "?", in which any of the above and #{query} are the request's; "" removes it. Default
	// "#{query}". AWS API: Query.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	Query *string `json:"query,omitempty"`

	// StatusCode is HTTP_301 (permanent) or HTTP_302 (for now). AWS API: StatusCode.
	StatusCode RedirectStatusCode `json:"statusCode"`
}

// RedirectProtocol is the protocol that a redirect leads to.
// +kubebuilder:validation:Enum=HTTP;HTTPS;"#{protocol}"
type RedirectProtocol string

// RedirectStatusCode is the status code of a redirect.
// +kubebuilder:validation:Enum=HTTP_301;HTTP_302
type RedirectStatusCode string

// FixedResponseAction answers by itself.
type FixedResponseAction struct {
	// StatusCode of the answer: "200" to "299" or "400" to "599", for instance "503". AWS API: StatusCode.
	// +kubebuilder:validation:MaxLength=3
	// +kubebuilder:validation:Pattern=`^[245][0-9][0-9]$`
	StatusCode string `json:"statusCode"`

	// ContentType is text/plain, text/css, text/html, application/javascript or application/json. Default text/plain.
	// AWS API: ContentType.
	// +optional
	ContentType FixedResponseContentType `json:"contentType,omitempty"`

	// MessageBody of the answer, up to 1,024 characters. Default none. AWS API: MessageBody.
	// +optional
	// +kubebuilder:validation:MaxLength=1024
	MessageBody string `json:"messageBody,omitempty"`
}

// FixedResponseContentType is the type of a fixed response's body.
// +kubebuilder:validation:Enum=text/plain;text/css;text/html;application/javascript;application/json
type FixedResponseContentType string
