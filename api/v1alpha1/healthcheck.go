package v1alpha1

// HealthCheckType is what a health check looks at.
// +kubebuilder:validation:Enum=HTTP;HTTPS;HTTP_STR_MATCH;HTTPS_STR_MATCH;TCP;CALCULATED;CLOUDWATCH_METRIC;RECOVERY_CONTROL
type HealthCheckType string

// HealthCheckRegion is a Region from which Route 53 checks endpoints.
// +kubebuilder:validation:Enum=us-east-1;us-west-1;us-west-2;eu-west-1;ap-southeast-1;ap-southeast-2;ap-northeast-1;sa-east-1
type HealthCheckRegion string

// HealthCheckID is the id of a Route 53 health check.
// +kubebuilder:validation:Pattern=`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`
type HealthCheckID string

// HealthCheck is a Route 53 health check that lives and dies with the record. Fields that Route 53 cannot change in
// place (type, requestIntervalSeconds, measureLatency, routingControlARN, and the step between an endpoint with and
// without ipAddress) change by replacement: a new check is made, the record uses it, the old one goes.
// AWS API: HealthCheckConfig.
// +kubebuilder:validation:XValidation:rule="self.type in ['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP'] || !(has(self.ipAddress) || has(self.port) || has(self.fullyQualifiedDomainName) || has(self.requestIntervalSeconds) || has(self.failureThreshold) || has(self.regions) || has(self.measureLatency))",message="ipAddress, port, fullyQualifiedDomainName, requestIntervalSeconds, failureThreshold, regions and measureLatency go with the types that check an endpoint: HTTP, HTTPS, HTTP_STR_MATCH, HTTPS_STR_MATCH and TCP"
// +kubebuilder:validation:XValidation:rule="!(self.type in ['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH', 'TCP']) || has(self.ipAddress) || has(self.fullyQualifiedDomainName)",message="a check of an endpoint needs healthCheck.ipAddress or healthCheck.fullyQualifiedDomainName"
// +kubebuilder:validation:XValidation:rule="self.type != 'TCP' || has(self.port)",message="a TCP check needs healthCheck.port"
// +kubebuilder:validation:XValidation:rule="has(self.searchString) == (self.type in ['HTTP_STR_MATCH', 'HTTPS_STR_MATCH'])",message="healthCheck.searchString goes with the types HTTP_STR_MATCH and HTTPS_STR_MATCH, which need it"
// +kubebuilder:validation:XValidation:rule="!has(self.resourcePath) || self.type in ['HTTP', 'HTTPS', 'HTTP_STR_MATCH', 'HTTPS_STR_MATCH']",message="healthCheck.resourcePath goes with the HTTP and HTTPS types"
// +kubebuilder:validation:XValidation:rule="!has(self.enableSNI) || self.type in ['HTTPS', 'HTTPS_STR_MATCH']",message="healthCheck.enableSNI goes with the HTTPS types"
// +kubebuilder:validation:XValidation:rule="(has(self.childHealthCheckIDs) && has(self.healthThreshold)) == (self.type == 'CALCULATED') && has(self.childHealthCheckIDs) == has(self.healthThreshold)",message="healthCheck.childHealthCheckIDs and healthCheck.healthThreshold go with the type CALCULATED, which needs both"
// +kubebuilder:validation:XValidation:rule="has(self.alarm) == (self.type == 'CLOUDWATCH_METRIC')",message="healthCheck.alarm goes with the type CLOUDWATCH_METRIC, which needs it"
// +kubebuilder:validation:XValidation:rule="!has(self.insufficientDataHealthStatus) || self.type == 'CLOUDWATCH_METRIC'",message="healthCheck.insufficientDataHealthStatus goes with the type CLOUDWATCH_METRIC"
// +kubebuilder:validation:XValidation:rule="has(self.routingControlARN) == (self.type == 'RECOVERY_CONTROL')",message="healthCheck.routingControlARN goes with the type RECOVERY_CONTROL, which needs it"
type HealthCheck struct {
	// Type of the check. AWS API: Type. Changed by replacement.
	Type HealthCheckType `json:"type"`

	// IPAddress of the endpoint, IPv4 or IPv6. Left out, fullyQualifiedDomainName is resolved (IPv4 only).
	// AWS API: IPAddress. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=45
	// +kubebuilder:validation:Pattern=`^[0-9A-Fa-f:.]{2,45}$`
	IPAddress string `json:"ipAddress,omitempty"`

	// Port of the endpoint; default 80 for HTTP, 443 for HTTPS. AWS API: Port. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// FullyQualifiedDomainName is sent as the Host header and, without ipAddress, resolved.
	// AWS API: FullyQualifiedDomainName. Mutable; removed, it is reset.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	FullyQualifiedDomainName string `json:"fullyQualifiedDomainName,omitempty"`

	// ResourcePath that is asked for, for instance "/healthz"; default "/". AWS API: ResourcePath. Mutable; removed, it is reset.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^/`
	ResourcePath string `json:"resourcePath,omitempty"`

	// SearchString must be found in the first 5,120 bytes of the body. Case matters. AWS API: SearchString. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	SearchString string `json:"searchString,omitempty"`

	// RequestIntervalSeconds between two checks from one checker: 10, or 30 (the default).
	// AWS API: RequestInterval. Changed by replacement.
	// +optional
	// +kubebuilder:validation:Enum=10;30
	RequestIntervalSeconds *int32 `json:"requestIntervalSeconds,omitempty"`

	// FailureThreshold is how many checks in a row must fail, or pass, to change the state; 1 to 10, default 3.
	// AWS API: FailureThreshold. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=10
	FailureThreshold *int32 `json:"failureThreshold,omitempty"`

	// Regions to check from, at least three; default all. AWS API: Regions. Mutable; removed, it is reset.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=3
	// +kubebuilder:validation:MaxItems=8
	Regions []HealthCheckRegion `json:"regions,omitempty"`

	// MeasureLatency has Route 53 show the latency of the endpoint; default false.
	// AWS API: MeasureLatency. Changed by replacement.
	// +optional
	MeasureLatency *bool `json:"measureLatency,omitempty"`

	// EnableSNI sends the host name in the TLS handshake; default true for the HTTPS types. AWS API: EnableSNI. Mutable.
	// +optional
	EnableSNI *bool `json:"enableSNI,omitempty"`

	// Inverted turns the result around; default false. AWS API: Inverted. Mutable.
	// +optional
	Inverted *bool `json:"inverted,omitempty"`

	// Disabled stops the checking; a disabled check counts as healthy. Default false. AWS API: Disabled. Mutable.
	// +optional
	Disabled *bool `json:"disabled,omitempty"`

	// ChildHealthCheckIDs are the checks that a CALCULATED check counts, 1 to 255.
	// AWS API: ChildHealthChecks. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=255
	ChildHealthCheckIDs []HealthCheckID `json:"childHealthCheckIDs,omitempty"`

	// HealthThreshold is how many children must be healthy, 0 to 256; 0 is always healthy.
	// AWS API: HealthThreshold. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=256
	HealthThreshold *int32 `json:"healthThreshold,omitempty"`

	// Alarm is the CloudWatch alarm whose metric decides. AWS API: AlarmIdentifier. Mutable.
	// +optional
	Alarm *AlarmReference `json:"alarm,omitempty"`

	// InsufficientDataHealthStatus is Healthy, Unhealthy or LastKnownStatus: what the check is while the metric says
	// nothing. Default LastKnownStatus. AWS API: InsufficientDataHealthStatus. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=Healthy;Unhealthy;LastKnownStatus
	InsufficientDataHealthStatus string `json:"insufficientDataHealthStatus,omitempty"`

	// RoutingControlARN of the Application Recovery Controller. AWS API: RoutingControlArn. Changed by replacement.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	RoutingControlARN string `json:"routingControlARN,omitempty"`
}

// AlarmReference names a CloudWatch alarm.
type AlarmReference struct {
	// Region of the alarm.
	Region AWSRegion `json:"region"`
	// Name of the alarm.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	Name string `json:"name"`
}

// HealthCheckStatus tells of the health check that is made for the record.
type HealthCheckStatus struct {
	// ID of the check that the record is to use; empty while there is none. AWS API: HealthCheck.Id.
	// +optional
	ID string `json:"id,omitempty"`

	// ObservedGeneration is the metadata.generation for which the check is as declared or, while managementPolicy allows
	// no change, for which the plan was made.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// CallerReference under which the check is, or is about to be, created: it finds a check whose creation a crash
	// cut off.
	// +optional
	CallerReference string `json:"callerReference,omitempty"`

	// Previous are the ids of replaced checks that are deleted once the record does not use them any more.
	// +optional
	// +listType=set
	Previous []string `json:"previous,omitempty"`

	// Plan lists what would be done about checks, while managementPolicy is Plan or Observe. It goes into the plan of
	// the record.
	// +optional
	// +listType=atomic
	Plan []PlannedChange `json:"plan,omitempty"`

	// Reason, when the check cannot be made or changed; one of the reasons of the Ready condition.
	// +optional
	Reason string `json:"reason,omitempty"`

	// Message says why the check cannot be made or changed.
	// +optional
	Message string `json:"message,omitempty"`

	// Stalled is set when a person must act for the check to be made or changed.
	// +optional
	Stalled bool `json:"stalled,omitempty"`
}
