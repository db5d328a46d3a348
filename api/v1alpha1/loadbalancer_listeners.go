package v1alpha1

// Listener takes requests on a port of an application or network load balancer. AWS has one listener a port, whatever
// the protocol: TCP and UDP on one port are protocol TCP_UDP.
// +kubebuilder:validation:XValidation:rule="(self.protocol in ['HTTPS', 'TLS']) == has(self.certificates)",message="a listener of HTTPS or TLS needs certificates, and no other has any"
// +kubebuilder:validation:XValidation:rule="!has(self.sslPolicy) || self.protocol in ['HTTPS', 'TLS']",message="sslPolicy goes with protocol HTTPS or TLS: remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.alpnPolicy) || self.protocol == 'TLS'",message="alpnPolicy goes with protocol TLS: remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.mutualAuthentication) || self.protocol == 'HTTPS'",message="mutualAuthentication goes with protocol HTTPS: remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || !has(self.attributes.requestHeaderNames) || self.protocol == 'HTTPS'",message="attributes.requestHeaderNames are about TLS, so they go with protocol HTTPS: remove them"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || !has(self.attributes.tcpIdleTimeoutSeconds) || self.protocol == 'TCP'",message="attributes.tcpIdleTimeoutSeconds goes with protocol TCP: remove it"
// +kubebuilder:validation:XValidation:rule="self.protocol == 'HTTPS' || !self.defaultActions.exists(a, has(a.authenticateOIDC) || has(a.authenticateCognito) || has(a.jwtValidation)) && (!has(self.rules) || !self.rules.exists(r, r.actions.exists(a, has(a.authenticateOIDC) || has(a.authenticateCognito) || has(a.jwtValidation))))",message="the actions authenticateOIDC, authenticateCognito and jwtValidation need a listener of protocol HTTPS"
// +kubebuilder:validation:XValidation:rule="self.protocol != 'HTTPS' || !self.defaultActions.exists(a, has(a.redirect) && has(a.redirect.protocol) && a.redirect.protocol == 'HTTP') && (!has(self.rules) || !self.rules.exists(r, r.actions.exists(a, has(a.redirect) && has(a.redirect.protocol) && a.redirect.protocol == 'HTTP')))",message="AWS does not redirect from HTTPS to HTTP: set redirect.protocol to HTTPS, or remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.rules) || [self.rules.filter(r, has(r.name)).map(r, r.name)].all(names, names.all(n, names.indexOf(n) == names.lastIndexOf(n)))",message="names of rules must be unique within a listener"
type Listener struct {
	// Port that clients connect to, 1 to 65535. It identifies the listener. AWS API: CreateListener.Port. Another port is
	// another listener: it is made before the old one is deleted.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port int32 `json:"port"`

	// Protocol that clients speak: HTTP or HTTPS (type application), TCP, TLS, UDP, TCP_UDP, QUIC or TCP_QUIC (type
	// network). AWS API: CreateListener.Protocol. Mutable.
	Protocol ListenerProtocol `json:"protocol"`

	// SSLPolicy names the set of TLS versions and ciphers, for instance ELBSecurityPolicy-TLS13-1-2-2021-06; with protocol
	// HTTPS or TLS. Left out, AWS's default for a new listener, not managed.
	// AWS API: SslPolicy, see DescribeSSLPolicies. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^ELBSecurityPolicy-[A-Za-z0-9-]+$`
	SSLPolicy string `json:"sslPolicy,omitempty"`

	// Certificates with which the listener proves who it is; with protocol HTTPS or TLS, which need one. The first is the
	// default, the others are served to clients that ask for their names (SNI), 100 at most. Certificates that others
	// added to the listener stay.
	// AWS API: Certificates, AddListenerCertificates, RemoveListenerCertificates. Mutable.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	Certificates []ListenerCertificate `json:"certificates,omitempty"`

	// ALPNPolicy says which protocols are offered to TLS clients: HTTP1Only, HTTP2Only, HTTP2Optional, HTTP2Preferred or
	// None (the default); with protocol TLS. AWS API: AlpnPolicy. Mutable; removed, it is None.
	// +optional
	ALPNPolicy ALPNPolicy `json:"alpnPolicy,omitempty"`

	// MutualAuthentication asks clients for a certificate; with protocol HTTPS. AWS API: MutualAuthentication. Mutable;
	// removed, clients are not asked.
	// +optional
	MutualAuthentication *MutualAuthentication `json:"mutualAuthentication,omitempty"`

	// DefaultActions are what becomes of a request that no rule matches, in order: none or one that authenticates, then
	// one of forward, redirect and fixedResponse. Type network: one forward. AWS API: DefaultActions. Mutable.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:XValidation:rule="self.all(a, has(a.forward) || has(a.redirect) || has(a.fixedResponse)) ? size(self) == 1 : self.exists_one(a, has(a.forward) || has(a.redirect) || has(a.fixedResponse)) && (has(self[size(self) - 1].forward) || has(self[size(self) - 1].redirect) || has(self[size(self) - 1].fixedResponse))",message="the actions of a rule, or of a listener by default, must have exactly one of forward, redirect and fixedResponse, as the last"
	// +kubebuilder:validation:XValidation:rule="size(self.filter(a, has(a.authenticateOIDC) || has(a.authenticateCognito))) <= 1 && size(self.filter(a, has(a.jwtValidation))) <= 1",message="a request is authenticated once: keep one of the actions authenticateOIDC and authenticateCognito, and one of jwtValidation"
	DefaultActions []Action `json:"defaultActions"`

	// Rules for requests that are treated otherwise, 100 at most, in the order of their priority. A rule on this listener
	// that others made is reported and left alone. AWS API: CreateRule, ModifyRule, SetRulePriorities, DeleteRule. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=priority
	// +kubebuilder:validation:MaxItems=100
	Rules []ListenerRule `json:"rules,omitempty"`

	// Attributes of the listener. Mutable.
	// +optional
	Attributes *ListenerAttributes `json:"attributes,omitempty"`

	// Tags of the listener, 48 at most, beside those by which the controller marks what it owns. Only the keys listed here
	// are managed. AWS API: AddTags, RemoveTags. Mutable.
	// +optional
	// +kubebuilder:validation:MaxProperties=48
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128)",message="tag keys must have 1 to 128 characters"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('evenkeel.io/'))",message="tag keys must not start with aws: (AWS keeps them) or evenkeel.io/ (the controller's ownership marks): choose another key"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// GatewayListener is the one listener of a gateway load balancer, which takes every packet: it has no port and no protocol.
type GatewayListener struct {
	// DefaultActions: one forward to one target group of protocol GENEVE. AWS API: DefaultActions. Mutable.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=1
	DefaultActions []Action `json:"defaultActions"`

	// Attributes of the listener. Mutable.
	// +optional
	Attributes *ListenerAttributes `json:"attributes,omitempty"`

	// Tags of the listener, 48 at most, beside those by which the controller marks what it owns. Only the keys listed here
	// are managed. AWS API: AddTags, RemoveTags. Mutable.
	// +optional
	// +kubebuilder:validation:MaxProperties=48
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128)",message="tag keys must have 1 to 128 characters"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('evenkeel.io/'))",message="tag keys must not start with aws: (AWS keeps them) or evenkeel.io/ (the controller's ownership marks): choose another key"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// ListenerProtocol is the protocol of a listener.
// +kubebuilder:validation:Enum=HTTP;HTTPS;TCP;TLS;UDP;TCP_UDP;QUIC;TCP_QUIC
type ListenerProtocol string

// ALPNPolicy says which protocols are offered to TLS clients.
// +kubebuilder:validation:Enum=HTTP1Only;HTTP2Only;HTTP2Optional;HTTP2Preferred;None
type ALPNPolicy string

// Values of ALPNPolicy.
const (
	ALPNHTTP1Only      ALPNPolicy = "HTTP1Only"
	ALPNHTTP2Only      ALPNPolicy = "HTTP2Only"
	ALPNHTTP2Optional  ALPNPolicy = "HTTP2Optional"
	ALPNHTTP2Preferred ALPNPolicy = "HTTP2Preferred"
	ALPNNone           ALPNPolicy = "None"
)

// MutualAuthentication says what becomes of clients' certificates.
// +kubebuilder:validation:XValidation:rule="(self.mode == 'verify') == has(self.trustStoreARN)",message="mutualAuthentication.trustStoreARN goes with mode verify, which needs it"
// +kubebuilder:validation:XValidation:rule="self.mode == 'verify' || !has(self.ignoreClientCertificateExpiry) && !has(self.advertiseTrustStoreCANames)",message="mutualAuthentication.ignoreClientCertificateExpiry and mutualAuthentication.advertiseTrustStoreCANames go with mode verify: remove them"
type MutualAuthentication struct {
	// Mode is passthrough (targets get the certificate in a header), verify (the load balancer checks it by the trust
	// store) or "off" (in quotes: YAML takes a bare off for false). AWS API: Mode.
	Mode MutualAuthenticationMode `json:"mode"`

	// TrustStoreARN of the trust store for mode verify, which needs it. AWS API: TrustStoreArn.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:truststore/[A-Za-z0-9-]+/[0-9a-z]+$`
	TrustStoreARN string `json:"trustStoreARN,omitempty"`

	// IgnoreClientCertificateExpiry lets expired certificates pass, with mode verify. Default false.
	// AWS API: IgnoreClientCertificateExpiry.
	// +optional
	IgnoreClientCertificateExpiry *bool `json:"ignoreClientCertificateExpiry,omitempty"`

	// AdvertiseTrustStoreCANames tells clients which authorities are trusted, with mode verify. Default false.
	// AWS API: AdvertiseTrustStoreCaNames.
	// +optional
	AdvertiseTrustStoreCANames *bool `json:"advertiseTrustStoreCANames,omitempty"`
}

// MutualAuthenticationMode says what becomes of clients' certificates.
// +kubebuilder:validation:Enum="off";passthrough;verify
type MutualAuthenticationMode string

// Values of MutualAuthenticationMode.
const (
	MutualAuthenticationOff         MutualAuthenticationMode = "off"
	MutualAuthenticationPassthrough MutualAuthenticationMode = "passthrough"
	MutualAuthenticationVerify      MutualAuthenticationMode = "verify"
)
