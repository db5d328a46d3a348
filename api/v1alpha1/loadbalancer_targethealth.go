package v1alpha1

// TargetHealthCheck says how targets are found healthy; a field left out is not managed.
type TargetHealthCheck struct {
	// Enabled is for targetType lambda, where checks are off by default; for others they are always on.
	// AWS API: HealthCheckEnabled.
	// +optional
	Enabled *bool `json:"enabled,omitempty"`

	// Protocol of the check: HTTP, HTTPS or TCP. Default HTTP behind an application load balancer, else TCP, which is not
	// for protocols HTTP and HTTPS. AWS API: HealthCheckProtocol.
	// +optional
	Protocol HealthCheckProtocol `json:"protocol,omitempty"`

	// Port of the check, "1" to "65535", or "traffic-port": the one that the target gets requests on. Default "traffic-port", for
	// GENEVE 80. AWS API: HealthCheckPort.
	// +optional
	// +kubebuilder:validation:MaxLength=12
	// +kubebuilder:validation:Pattern=`^(traffic-port|[1-9][0-9]{0,3}|[1-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])$`
	Port string `json:"port,omitempty"`

	// Path that is asked for, up to 1,024 characters, with checks of HTTP and HTTPS; default "/". With protocolVersion GRPC
	// a method, "/package.service/method"; default "/AWS.ALB/healthcheck". AWS API: HealthCheckPath.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:Pattern=`^/`
	Path string `json:"path,omitempty"`

	// IntervalSeconds between two checks of a target: 5 to 300; default 30, for GENEVE 10, for lambda 35.
	// AWS API: HealthCheckIntervalSeconds.
	// +optional
	// +kubebuilder:validation:Minimum=5
	// +kubebuilder:validation:Maximum=300
	IntervalSeconds *int32 `json:"intervalSeconds,omitempty"`

	// TimeoutSeconds after which a check has failed: 2 to 120; default 5 to 30, by protocol.
	// AWS API: HealthCheckTimeoutSeconds.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=120
	TimeoutSeconds *int32 `json:"timeoutSeconds,omitempty"`

	// HealthyThresholdCount is how many checks in a row must pass: 2 to 10, default 5. AWS API: HealthyThresholdCount.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=10
	HealthyThresholdCount *int32 `json:"healthyThresholdCount,omitempty"`

	// UnhealthyThresholdCount is how many checks in a row must fail: 2 to 10, default 2, for lambda 5.
	// AWS API: UnhealthyThresholdCount.
	// +optional
	// +kubebuilder:validation:Minimum=2
	// +kubebuilder:validation:Maximum=10
	UnhealthyThresholdCount *int32 `json:"unhealthyThresholdCount,omitempty"`

	// Matcher are the codes of a healthy answer: "200", "200,202" or "200-299", with checks of HTTP and HTTPS. Within 200 to
	// 499 behind an application load balancer (default 200), 200 to 599 behind a network load balancer (default 200-399), 200
	// to 399 behind a gateway. With protocolVersion GRPC gRPC's codes, 0 to 99 (default 12).
	// AWS API: Matcher.HttpCode, Matcher.GrpcCode.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[0-9]{1,3}(-[0-9]{1,3})?(,[0-9]{1,3}(-[0-9]{1,3})?)*$`
	Matcher string `json:"matcher,omitempty"`
}

// HealthCheckProtocol is the protocol of a check of targets.
// +kubebuilder:validation:Enum=HTTP;HTTPS;TCP
type HealthCheckProtocol string

// Values of HealthCheckProtocol.
const (
	HealthCheckProtocolHTTP  HealthCheckProtocol = "HTTP"
	HealthCheckProtocolHTTPS HealthCheckProtocol = "HTTPS"
	HealthCheckProtocolTCP   HealthCheckProtocol = "TCP"
)
