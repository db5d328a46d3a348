package v1alpha1

// AttributeValue is the value of an attribute that has no field of its own, as AWS writes it.
// +kubebuilder:validation:MaxLength=1024
type AttributeValue string

// LoadBalancerAttributes are settings of a load balancer. Only those given are managed; one that is removed goes back to
// AWS's default. AWS API: ModifyLoadBalancerAttributes. All mutable.
// +kubebuilder:validation:XValidation:rule="!has(self.other) || !(has(self.deletionProtectionEnabled) && 'deletion_protection.enabled' in self.other || has(self.crossZoneEnabled) && 'load_balancing.cross_zone.enabled' in self.other || has(self.accessLogs) && ['access_logs.s3.enabled', 'access_logs.s3.bucket', 'access_logs.s3.prefix'].exists(k, k in self.other) || has(self.connectionLogs) && ['connection_logs.s3.enabled', 'connection_logs.s3.bucket', 'connection_logs.s3.prefix'].exists(k, k in self.other) || has(self.healthCheckLogs) && ['health_check_logs.s3.enabled', 'health_check_logs.s3.bucket', 'health_check_logs.s3.prefix'].exists(k, k in self.other) || has(self.ipv6DenyAllIGWTraffic) && 'ipv6.deny_all_igw_traffic' in self.other || has(self.zonalShiftEnabled) && 'zonal_shift.config.enabled' in self.other || has(self.idleTimeoutSeconds) && 'idle_timeout.timeout_seconds' in self.other || has(self.clientKeepAliveSeconds) && 'client_keep_alive.seconds' in self.other || has(self.desyncMitigationMode) && 'routing.http.desync_mitigation_mode' in self.other || has(self.dropInvalidHeaderFieldsEnabled) && 'routing.http.drop_invalid_header_fields.enabled' in self.other || has(self.preserveHostHeaderEnabled) && 'routing.http.preserve_host_header.enabled' in self.other || has(self.tlsVersionAndCipherSuiteHeadersEnabled) && 'routing.http.x_amzn_tls_version_and_cipher_suite.enabled' in self.other || has(self.xffClientPortEnabled) && 'routing.http.xff_client_port.enabled' in self.other || has(self.xffHeaderProcessingMode) && 'routing.http.xff_header_processing.mode' in self.other || has(self.http2Enabled) && 'routing.http2.enabled' in self.other || has(self.wafFailOpenEnabled) && 'waf.fail_open.enabled' in self.other || has(self.clientRoutingPolicy) && 'dns_record.client_routing_policy' in self.other || has(self.secondaryIPsAutoAssignedPerSubnet) && 'secondary_ips.auto_assigned.per_subnet' in self.other)",message="an attribute is given by its own field and in attributes.other: keep one of the two"
type LoadBalancerAttributes struct {
	// DeletionProtectionEnabled keeps the load balancer from being deleted, by this object's deletion too: that is blocked
	// until this is false here. Default false. All types. AWS API: deletion_protection.enabled.
	// +optional
	DeletionProtectionEnabled *bool `json:"deletionProtectionEnabled,omitempty"`

	// CrossZoneEnabled spreads requests over the targets of all zones. Default false for types network and gateway;
	// always true for type application, where false is refused: set crossZone on its target groups instead.
	// AWS API: load_balancing.cross_zone.enabled.
	// +optional
	CrossZoneEnabled *bool `json:"crossZoneEnabled,omitempty"`

	// AccessLogs says where requests are logged. Types application and network. AWS API: access_logs.s3.
	// +optional
	AccessLogs *S3Logs `json:"accessLogs,omitempty"`

	// ConnectionLogs says where connections are logged. Type application. AWS API: connection_logs.s3.
	// +optional
	ConnectionLogs *S3Logs `json:"connectionLogs,omitempty"`

	// HealthCheckLogs says where health checks of targets are logged. Type application. AWS API: health_check_logs.s3.
	// +optional
	HealthCheckLogs *S3Logs `json:"healthCheckLogs,omitempty"`

	// IPv6DenyAllIGWTraffic keeps internet gateways away. Default false for internet-facing load balancers, true for
	// internal ones. Types application and network. AWS API: ipv6.deny_all_igw_traffic.
	// +optional
	IPv6DenyAllIGWTraffic *bool `json:"ipv6DenyAllIGWTraffic,omitempty"`

	// ZonalShiftEnabled lets the Application Recovery Controller shift traffic away from a zone. Default false. Types
	// application and network. AWS API: zonal_shift.config.enabled.
	// +optional
	ZonalShiftEnabled *bool `json:"zonalShiftEnabled,omitempty"`

	// IdleTimeoutSeconds after which an idle connection is closed: 1 to 4000, default 60. Type application; for type
	// network see tcpIdleTimeoutSeconds of a listener. AWS API: idle_timeout.timeout_seconds.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=4000
	IdleTimeoutSeconds *int32 `json:"idleTimeoutSeconds,omitempty"`

	// ClientKeepAliveSeconds is how long a client's connection is kept at most: 60 to 604800, default 3600. Type
	// application. AWS API: client_keep_alive.seconds.
	// +optional
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=604800
	ClientKeepAliveSeconds *int32 `json:"clientKeepAliveSeconds,omitempty"`

	// DesyncMitigationMode says what becomes of requests that could be read in two ways: monitor, defensive (the default)
	// or strictest. Type application. AWS API: routing.http.desync_mitigation_mode.
	// +optional
	DesyncMitigationMode DesyncMitigationMode `json:"desyncMitigationMode,omitempty"`

	// DropInvalidHeaderFieldsEnabled removes header fields with invalid names. Default false. Type application.
	// AWS API: routing.http.drop_invalid_header_fields.enabled.
	// +optional
	DropInvalidHeaderFieldsEnabled *bool `json:"dropInvalidHeaderFieldsEnabled,omitempty"`

	// PreserveHostHeaderEnabled hands the Host header on unchanged. Default false. Type application.
	// AWS API: routing.http.preserve_host_header.enabled.
	// +optional
	PreserveHostHeaderEnabled *bool `json:"preserveHostHeaderEnabled,omitempty"`

	// TLSVersionAndCipherSuiteHeadersEnabled adds the headers x-amzn-tls-version and x-amzn-tls-cipher-suite to requests.
	// Default false. Type application. AWS API: routing.http.x_amzn_tls_version_and_cipher_suite.enabled.
	// +optional
	TLSVersionAndCipherSuiteHeadersEnabled *bool `json:"tlsVersionAndCipherSuiteHeadersEnabled,omitempty"`

	// XFFClientPortEnabled puts the client's port into X-Forwarded-For. Default false. Type application.
	// AWS API: routing.http.xff_client_port.enabled.
	// +optional
	XFFClientPortEnabled *bool `json:"xffClientPortEnabled,omitempty"`

	// XFFHeaderProcessingMode says what becomes of X-Forwarded-For: append (the default), preserve or remove. Type
	// application. AWS API: routing.http.xff_header_processing.mode.
	// +optional
	XFFHeaderProcessingMode XFFHeaderProcessingMode `json:"xffHeaderProcessingMode,omitempty"`

	// HTTP2Enabled lets clients speak HTTP/2. Default true. Type application. AWS API: routing.http2.enabled.
	// +optional
	HTTP2Enabled *bool `json:"http2Enabled,omitempty"`

	// WAFFailOpenEnabled lets requests through when AWS WAF does not answer. Default false. Type application.
	// AWS API: waf.fail_open.enabled.
	// +optional
	WAFFailOpenEnabled *bool `json:"wafFailOpenEnabled,omitempty"`

	// ClientRoutingPolicy says which zones' addresses a client is given: any_availability_zone (the default),
	// partial_availability_zone_affinity (85 % its own zone) or availability_zone_affinity (100 %). Type network.
	// AWS API: dns_record.client_routing_policy.
	// +optional
	ClientRoutingPolicy ClientRoutingPolicy `json:"clientRoutingPolicy,omitempty"`

	// SecondaryIPsAutoAssignedPerSubnet are more addresses for each node, against port allocation errors: 0 (the default)
	// to 7. It can grow but not shrink, and so not be removed either. Type network.
	// AWS API: secondary_ips.auto_assigned.per_subnet.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=7
	SecondaryIPsAutoAssignedPerSubnet *int32 `json:"secondaryIPsAutoAssignedPerSubnet,omitempty"`

	// Other are attributes by AWS's own keys, for those that have no field here (yet): 20 at most. A key whose field is
	// given too is refused. A key removed here is reset only if AWS's default of it is known to this version.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	Other map[string]AttributeValue `json:"other,omitempty"`
}

// S3Logs says where in S3 logs are written.
// +kubebuilder:validation:XValidation:rule="!self.enabled || has(self.bucket)",message="logs need a bucket to go to: give bucket, or set enabled to false"
// +kubebuilder:validation:XValidation:rule="!has(self.prefix) || has(self.bucket)",message="a prefix needs a bucket: give bucket too, or remove prefix"
// +kubebuilder:validation:XValidation:rule="!has(self.prefix) || !self.prefix.contains('AWSLogs')",message="AWS adds AWSLogs to the logs' keys itself: remove it from prefix"
type S3Logs struct {
	// Enabled turns the logs on or off; AWS's default is off.
	Enabled bool `json:"enabled"`

	// Bucket of the same Region whose policy lets Elastic Load Balancing write to it; required when enabled.
	// +optional
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$`
	Bucket string `json:"bucket,omitempty"`

	// Prefix of the logs' keys in the bucket, without "AWSLogs" in it. Left out, none.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=512
	Prefix string `json:"prefix,omitempty"`
}

// DesyncMitigationMode says what becomes of requests that could be read in two ways.
// +kubebuilder:validation:Enum=monitor;defensive;strictest
type DesyncMitigationMode string

// XFFHeaderProcessingMode says what becomes of the header X-Forwarded-For.
// +kubebuilder:validation:Enum=append;preserve;remove
type XFFHeaderProcessingMode string

// ClientRoutingPolicy says which zones' addresses a client is given.
// +kubebuilder:validation:Enum=any_availability_zone;partial_availability_zone_affinity;availability_zone_affinity
type ClientRoutingPolicy string

// ListenerAttributes are settings of a listener. Only those given are managed; one that is removed goes back to AWS's
// default. AWS API: ModifyListenerAttributes. All mutable.
// +kubebuilder:validation:XValidation:rule="!has(self.other) || !(has(self.tcpIdleTimeoutSeconds) && 'tcp.idle_timeout.seconds' in self.other || has(self.sendTCPResetOnIdleTimeoutEnabled) && 'send_tcp_reset.on_idle_timeout.enabled' in self.other || has(self.responseServerHeaderEnabled) && 'routing.http.response.server.enabled' in self.other)",message="an attribute is given by its own field and in attributes.other: keep one of the two"
// +kubebuilder:validation:XValidation:rule="!has(self.other) || !self.other.exists(k, has(self.requestHeaderNames) && k.startsWith('routing.http.request.') || has(self.responseHeaders) && k.startsWith('routing.http.response.') && k.endsWith('.header_value'))",message="header names and values are given by their own fields and in attributes.other: keep them in requestHeaderNames and responseHeaders"
type ListenerAttributes struct {
	// TCPIdleTimeoutSeconds after which an idle TCP flow is forgotten: 60 to 6000, default 350. Types network (protocol
	// TCP) and gateway. AWS API: tcp.idle_timeout.seconds.
	// +optional
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=6000
	TCPIdleTimeoutSeconds *int32 `json:"tcpIdleTimeoutSeconds,omitempty"`

	// SendTCPResetOnIdleTimeoutEnabled answers the sender of an idle flow with a reset. Default false. Type gateway.
	// AWS API: send_tcp_reset.on_idle_timeout.enabled.
	// +optional
	SendTCPResetOnIdleTimeoutEnabled *bool `json:"sendTCPResetOnIdleTimeoutEnabled,omitempty"`

	// RequestHeaderNames are other names for the headers about TLS that are added to requests. Type application,
	// protocol HTTPS.
	// +optional
	RequestHeaderNames *RequestHeaderNames `json:"requestHeaderNames,omitempty"`

	// ResponseServerHeaderEnabled sends the header Server with responses. Default true. Type application.
	// AWS API: routing.http.response.server.enabled.
	// +optional
	ResponseServerHeaderEnabled *bool `json:"responseServerHeaderEnabled,omitempty"`

	// ResponseHeaders are headers that are set in responses. Type application.
	// +optional
	ResponseHeaders *ResponseHeaders `json:"responseHeaders,omitempty"`

	// Other are attributes by AWS's own keys, for those that have no field here (yet): 20 at most. A key whose field is
	// given too is refused. A key removed here is reset only if AWS's default of it is known to this version.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	Other map[string]AttributeValue `json:"other,omitempty"`
}

// RequestHeaderName is the name of a request header.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=40
// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_-]+$`
type RequestHeaderName string

// RequestHeaderNames are other names for the headers about TLS that are added to requests; left out, AWS's own.
type RequestHeaderNames struct {
	// MTLSClientCertSerialNumber, instead of X-Amzn-Mtls-Clientcert-Serial-Number.
	// AWS API: routing.http.request.x_amzn_mtls_clientcert_serial_number.header_name.
	// +optional
	MTLSClientCertSerialNumber RequestHeaderName `json:"mtlsClientCertSerialNumber,omitempty"`
	// MTLSClientCertIssuer, instead of X-Amzn-Mtls-Clientcert-Issuer.
	// AWS API: routing.http.request.x_amzn_mtls_clientcert_issuer.header_name.
	// +optional
	MTLSClientCertIssuer RequestHeaderName `json:"mtlsClientCertIssuer,omitempty"`
	// MTLSClientCertSubject, instead of X-Amzn-Mtls-Clientcert-Subject.
	// AWS API: routing.http.request.x_amzn_mtls_clientcert_subject.header_name.
	// +optional
	MTLSClientCertSubject RequestHeaderName `json:"mtlsClientCertSubject,omitempty"`
	// MTLSClientCertValidity, instead of X-Amzn-Mtls-Clientcert-Validity.
	// AWS API: routing.http.request.x_amzn_mtls_clientcert_validity.header_name.
	// +optional
	MTLSClientCertValidity RequestHeaderName `json:"mtlsClientCertValidity,omitempty"`
	// MTLSClientCertLeaf, instead of X-Amzn-Mtls-Clientcert-Leaf.
	// AWS API: routing.http.request.x_amzn_mtls_clientcert_leaf.header_name.
	// +optional
	MTLSClientCertLeaf RequestHeaderName `json:"mtlsClientCertLeaf,omitempty"`
	// MTLSClientCert, instead of X-Amzn-Mtls-Clientcert.
	// AWS API: routing.http.request.x_amzn_mtls_clientcert.header_name.
	// +optional
	MTLSClientCert RequestHeaderName `json:"mtlsClientCert,omitempty"`
	// TLSVersion, instead of X-Amzn-Tls-Version. AWS API: routing.http.request.x_amzn_tls_version.header_name.
	// +optional
	TLSVersion RequestHeaderName `json:"tlsVersion,omitempty"`
	// TLSCipherSuite, instead of X-Amzn-Tls-Cipher-Suite.
	// AWS API: routing.http.request.x_amzn_tls_cipher_suite.header_name.
	// +optional
	TLSCipherSuite RequestHeaderName `json:"tlsCipherSuite,omitempty"`
}

// ResponseHeaderValue is the value of a response header.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=1024
type ResponseHeaderValue string

// ResponseHeaders are headers that are set in responses; one left out is not set.
type ResponseHeaders struct {
	// StrictTransportSecurity, for instance "max-age=31536000".
	// AWS API: routing.http.response.strict_transport_security.header_value.
	// +optional
	StrictTransportSecurity ResponseHeaderValue `json:"strictTransportSecurity,omitempty"`
	// AccessControlAllowOrigin, an origin or "*".
	// AWS API: routing.http.response.access_control_allow_origin.header_value.
	// +optional
	AccessControlAllowOrigin ResponseHeaderValue `json:"accessControlAllowOrigin,omitempty"`
	// AccessControlAllowMethods, for instance "GET,POST".
	// AWS API: routing.http.response.access_control_allow_methods.header_value.
	// +optional
	AccessControlAllowMethods ResponseHeaderValue `json:"accessControlAllowMethods,omitempty"`
	// AccessControlAllowHeaders, names of headers or "*".
	// AWS API: routing.http.response.access_control_allow_headers.header_value.
	// +optional
	AccessControlAllowHeaders ResponseHeaderValue `json:"accessControlAllowHeaders,omitempty"`
	// AccessControlAllowCredentials, "true".
	// AWS API: routing.http.response.access_control_allow_credentials.header_value.
	// +optional
	// +kubebuilder:validation:Enum="true"
	AccessControlAllowCredentials ResponseHeaderValue `json:"accessControlAllowCredentials,omitempty"`
	// AccessControlExposeHeaders, names of headers or "*".
	// AWS API: routing.http.response.access_control_expose_headers.header_value.
	// +optional
	AccessControlExposeHeaders ResponseHeaderValue `json:"accessControlExposeHeaders,omitempty"`
	// AccessControlMaxAge in seconds, for instance "600".
	// AWS API: routing.http.response.access_control_max_age.header_value.
	// +optional
	// +kubebuilder:validation:Pattern=`^-?[0-9]{1,6}$`
	AccessControlMaxAge ResponseHeaderValue `json:"accessControlMaxAge,omitempty"`
	// ContentSecurityPolicy, for instance "default-src 'self'".
	// AWS API: routing.http.response.content_security_policy.header_value.
	// +optional
	ContentSecurityPolicy ResponseHeaderValue `json:"contentSecurityPolicy,omitempty"`
	// XContentTypeOptions, "nosniff". AWS API: routing.http.response.x_content_type_options.header_value.
	// +optional
	// +kubebuilder:validation:Enum=nosniff
	XContentTypeOptions ResponseHeaderValue `json:"xContentTypeOptions,omitempty"`
	// XFrameOptions, "DENY", "SAMEORIGIN" or "ALLOW-FROM URL".
	// AWS API: routing.http.response.x_frame_options.header_value.
	// +optional
	// +kubebuilder:validation:Pattern=`^(DENY|SAMEORIGIN|ALLOW-FROM .+)$`
	XFrameOptions ResponseHeaderValue `json:"xFrameOptions,omitempty"`
}
