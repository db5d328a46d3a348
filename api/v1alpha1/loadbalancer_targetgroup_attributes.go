package v1alpha1

// TargetGroupAttributes are settings of a target group. Only those given are managed; one that is removed goes back to
// AWS's default. AWS API: ModifyTargetGroupAttributes. All mutable.
// +kubebuilder:validation:XValidation:rule="!has(self.slowStartSeconds) || self.slowStartSeconds == 0 || self.slowStartSeconds >= 30",message="attributes.slowStartSeconds must be 30 to 900, or 0 for none"
// +kubebuilder:validation:XValidation:rule="!has(self.slowStartSeconds) || self.slowStartSeconds == 0 || !has(self.loadBalancingAlgorithmType) || self.loadBalancingAlgorithmType == 'round_robin'",message="slow start goes with the algorithm round_robin: remove attributes.slowStartSeconds or attributes.loadBalancingAlgorithmType"
// +kubebuilder:validation:XValidation:rule="!has(self.anomalyMitigationEnabled) || !self.anomalyMitigationEnabled || has(self.loadBalancingAlgorithmType) && self.loadBalancingAlgorithmType == 'weighted_random'",message="attributes.anomalyMitigationEnabled needs attributes.loadBalancingAlgorithmType weighted_random"
// +kubebuilder:validation:XValidation:rule="!has(self.unhealthyStateRouting) || !has(self.unhealthyStateRouting.count) || self.unhealthyStateRouting.count >= 1",message="attributes.unhealthyStateRouting.count must be 1 or more: it cannot be turned off"
// +kubebuilder:validation:XValidation:rule="!has(self.unhealthyDrainingIntervalSeconds) || self.unhealthyDrainingIntervalSeconds == 0 || has(self.unhealthyConnectionTerminationEnabled) && !self.unhealthyConnectionTerminationEnabled",message="attributes.unhealthyDrainingIntervalSeconds needs attributes.unhealthyConnectionTerminationEnabled false"
// +kubebuilder:validation:XValidation:rule="!has(self.targetFailover) || self.targetFailover != 'rebalance' || !(has(self.sendTCPResetOnUnhealthyEnabled) && self.sendTCPResetOnUnhealthyEnabled) && !(has(self.sendTCPResetOnDeregistrationEnabled) && self.sendTCPResetOnDeregistrationEnabled)",message="flows that are rebalanced are not reset: set attributes.targetFailover to no_rebalance, or remove the sendTCPReset attributes"
// +kubebuilder:validation:XValidation:rule="!has(self.other) || !(has(self.deregistrationDelaySeconds) && 'deregistration_delay.timeout_seconds' in self.other || has(self.crossZone) && 'load_balancing.cross_zone.enabled' in self.other || has(self.loadBalancingAlgorithmType) && 'load_balancing.algorithm.type' in self.other || has(self.anomalyMitigationEnabled) && 'load_balancing.algorithm.anomaly_mitigation' in self.other || has(self.slowStartSeconds) && 'slow_start.duration_seconds' in self.other || has(self.lambdaMultiValueHeadersEnabled) && 'lambda.multi_value_headers.enabled' in self.other || has(self.deregistrationConnectionTerminationEnabled) && 'deregistration_delay.connection_termination.enabled' in self.other || has(self.preserveClientIPEnabled) && 'preserve_client_ip.enabled' in self.other || has(self.proxyProtocolV2Enabled) && 'proxy_protocol_v2.enabled' in self.other || has(self.unhealthyConnectionTerminationEnabled) && 'target_health_state.unhealthy.connection_termination.enabled' in self.other || has(self.unhealthyDrainingIntervalSeconds) && 'target_health_state.unhealthy.draining_interval_seconds' in self.other || has(self.targetFailover) && ['target_failover.on_deregistration', 'target_failover.on_unhealthy'].exists(k, k in self.other) || has(self.sendTCPResetOnUnhealthyEnabled) && 'send_tcp_reset.on_unhealthy.enabled' in self.other || has(self.sendTCPResetOnDeregistrationEnabled) && 'send_tcp_reset.on_deregistration.enabled' in self.other)",message="an attribute is given by its own field and in attributes.other: keep one of the two"
// +kubebuilder:validation:XValidation:rule="!has(self.other) || !self.other.exists(k, has(self.stickiness) && k.startsWith('stickiness.') || has(self.dnsFailover) && k.startsWith('target_group_health.dns_failover.') || has(self.unhealthyStateRouting) && k.startsWith('target_group_health.unhealthy_state_routing.'))",message="an attribute is given by its own field and in attributes.other: keep one of the two"
type TargetGroupAttributes struct {
	// DeregistrationDelaySeconds is how long a target that leaves may finish its requests: 0 to 3600, default 300. Not for
	// targetType lambda. AWS API: deregistration_delay.timeout_seconds.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=3600
	DeregistrationDelaySeconds *int32 `json:"deregistrationDelaySeconds,omitempty"`

	// Stickiness keeps a client at one target. AWS API: stickiness.
	// +optional
	Stickiness *TargetGroupStickiness `json:"stickiness,omitempty"`

	// CrossZone says whether requests are spread over the targets of all zones: enabled, disabled, or
	// use_load_balancer_configuration (the default). Behind application and network load balancers.
	// AWS API: load_balancing.cross_zone.enabled.
	// +optional
	CrossZone CrossZone `json:"crossZone,omitempty"`

	// LoadBalancingAlgorithmType says how a target is chosen: round_robin (the default), least_outstanding_requests or
	// weighted_random. Behind application load balancers, targetType instance or ip.
	// AWS API: load_balancing.algorithm.type.
	// +optional
	LoadBalancingAlgorithmType LoadBalancingAlgorithm `json:"loadBalancingAlgorithmType,omitempty"`

	// AnomalyMitigationEnabled sends less to targets that answer worse than the others; with weighted_random. Default
	// false. AWS API: load_balancing.algorithm.anomaly_mitigation.
	// +optional
	AnomalyMitigationEnabled *bool `json:"anomalyMitigationEnabled,omitempty"`

	// SlowStartSeconds in which a new target's share grows to the full: 30 to 900, or 0 (the default) for none. Behind
	// application load balancers, targetType instance or ip, algorithm round_robin.
	// AWS API: slow_start.duration_seconds.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=900
	SlowStartSeconds *int32 `json:"slowStartSeconds,omitempty"`

	// DNSFailover says with how few healthy targets a zone is taken out of DNS. Behind application and network load
	// balancers. AWS API: target_group_health.dns_failover.minimum_healthy_targets.
	// +optional
	DNSFailover *MinimumHealthyTargets `json:"dnsFailover,omitempty"`

	// UnhealthyStateRouting says with how few healthy targets requests go to unhealthy ones too. Behind application and
	// network load balancers. AWS API: target_group_health.unhealthy_state_routing.minimum_healthy_targets.
	// +optional
	UnhealthyStateRouting *MinimumHealthyTargets `json:"unhealthyStateRouting,omitempty"`

	// LambdaMultiValueHeadersEnabled hands headers to and from a function as arrays. Default false. targetType lambda.
	// AWS API: lambda.multi_value_headers.enabled.
	// +optional
	LambdaMultiValueHeadersEnabled *bool `json:"lambdaMultiValueHeadersEnabled,omitempty"`

	// DeregistrationConnectionTerminationEnabled cuts connections at the end of the deregistration delay. Default false,
	// for new UDP and TCP_UDP groups true. Behind network load balancers.
	// AWS API: deregistration_delay.connection_termination.enabled.
	// +optional
	DeregistrationConnectionTerminationEnabled *bool `json:"deregistrationConnectionTerminationEnabled,omitempty"`

	// PreserveClientIPEnabled shows targets the client's address. Default true, for targetType ip with TCP or TLS false;
	// always true for UDP and TCP_UDP. Behind network load balancers. AWS API: preserve_client_ip.enabled.
	// +optional
	PreserveClientIPEnabled *bool `json:"preserveClientIPEnabled,omitempty"`

	// ProxyProtocolV2Enabled puts a Proxy Protocol header before each connection. Default false. Behind network load
	// balancers. AWS API: proxy_protocol_v2.enabled.
	// +optional
	ProxyProtocolV2Enabled *bool `json:"proxyProtocolV2Enabled,omitempty"`

	// UnhealthyConnectionTerminationEnabled cuts connections to a target that becomes unhealthy. Default true; not for UDP
	// and TCP_UDP. Behind network load balancers. AWS API: target_health_state.unhealthy.connection_termination.enabled.
	// +optional
	UnhealthyConnectionTerminationEnabled *bool `json:"unhealthyConnectionTerminationEnabled,omitempty"`

	// UnhealthyDrainingIntervalSeconds is how long an unhealthy target may finish its connections: 0 (the default) to
	// 360000; only with unhealthyConnectionTerminationEnabled false. Behind network load balancers.
	// AWS API: target_health_state.unhealthy.draining_interval_seconds.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=360000
	UnhealthyDrainingIntervalSeconds *int32 `json:"unhealthyDrainingIntervalSeconds,omitempty"`

	// TargetFailover says what becomes of the flows of a target that is deregistered or unhealthy: no_rebalance (the
	// default: they stay) or rebalance. Behind gateway load balancers.
	// AWS API: target_failover.on_deregistration and target_failover.on_unhealthy, which must be equal.
	// +optional
	TargetFailover TargetFailover `json:"targetFailover,omitempty"`

	// SendTCPResetOnUnhealthyEnabled resets the flows of a target that becomes unhealthy. Default false. Behind gateway
	// load balancers, with targetFailover no_rebalance. AWS API: send_tcp_reset.on_unhealthy.enabled.
	// +optional
	SendTCPResetOnUnhealthyEnabled *bool `json:"sendTCPResetOnUnhealthyEnabled,omitempty"`

	// SendTCPResetOnDeregistrationEnabled resets the flows of a target that is deregistered. Default false. Behind gateway
	// load balancers, with targetFailover no_rebalance. AWS API: send_tcp_reset.on_deregistration.enabled.
	// +optional
	SendTCPResetOnDeregistrationEnabled *bool `json:"sendTCPResetOnDeregistrationEnabled,omitempty"`

	// Other are attributes by AWS's own keys, for those that have no field here (yet): 20 at most. A key whose field is
	// given too is refused. A key removed here is reset only if AWS's default of it is known to this version.
	// +optional
	// +kubebuilder:validation:MaxProperties=20
	Other map[string]AttributeValue `json:"other,omitempty"`
}

// TargetGroupStickiness keeps a client at one target.
// +kubebuilder:validation:XValidation:rule="!has(self.cookieName) || has(self.type) && self.type == 'app_cookie'",message="stickiness.cookieName goes with type app_cookie: remove it, or set the type"
// +kubebuilder:validation:XValidation:rule="!has(self.type) || self.type != 'app_cookie' || !self.enabled || has(self.cookieName)",message="stickiness by the application's cookie needs stickiness.cookieName"
// +kubebuilder:validation:XValidation:rule="!has(self.cookieName) || !self.cookieName.startsWith('AWSALB')",message="cookies whose names begin with AWSALB are the load balancer's own: choose another stickiness.cookieName"
type TargetGroupStickiness struct {
	// Enabled turns stickiness on or off; AWS's default is off. AWS API: stickiness.enabled.
	Enabled bool `json:"enabled"`

	// Type says by what a client is known: lb_cookie (the default) or app_cookie behind an application load balancer,
	// source_ip behind a network load balancer, source_ip_dest_ip or source_ip_dest_ip_proto behind a gateway.
	// AWS API: stickiness.type.
	// +optional
	Type StickinessType `json:"type,omitempty"`

	// DurationSeconds of lb_cookie and app_cookie: 1 to 604800, default 86400.
	// AWS API: stickiness.lb_cookie.duration_seconds, stickiness.app_cookie.duration_seconds.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=604800
	DurationSeconds *int32 `json:"durationSeconds,omitempty"`

	// CookieName is the application's cookie, for app_cookie, which needs it; not beginning with AWSALB.
	// AWS API: stickiness.app_cookie.cookie_name.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	CookieName string `json:"cookieName,omitempty"`
}

// StickinessType says by what a client is known.
// +kubebuilder:validation:Enum=lb_cookie;app_cookie;source_ip;source_ip_dest_ip;source_ip_dest_ip_proto
type StickinessType string

// Values of StickinessType.
const (
	StickinessLBCookie            StickinessType = "lb_cookie"
	StickinessAppCookie           StickinessType = "app_cookie"
	StickinessSourceIP            StickinessType = "source_ip"
	StickinessSourceIPDestIP      StickinessType = "source_ip_dest_ip"
	StickinessSourceIPDestIPProto StickinessType = "source_ip_dest_ip_proto"
)

// CrossZone says whether requests are spread over the targets of all zones.
// +kubebuilder:validation:Enum=enabled;disabled;use_load_balancer_configuration
type CrossZone string

// Values of CrossZone.
const (
	CrossZoneEnabled                      CrossZone = "enabled"
	CrossZoneDisabled                     CrossZone = "disabled"
	CrossZoneUseLoadBalancerConfiguration CrossZone = "use_load_balancer_configuration"
)

// LoadBalancingAlgorithm says how a target is chosen.
// +kubebuilder:validation:Enum=round_robin;least_outstanding_requests;weighted_random
type LoadBalancingAlgorithm string

// Values of LoadBalancingAlgorithm.
const (
	AlgorithmRoundRobin               LoadBalancingAlgorithm = "round_robin"
	AlgorithmLeastOutstandingRequests LoadBalancingAlgorithm = "least_outstanding_requests"
	AlgorithmWeightedRandom           LoadBalancingAlgorithm = "weighted_random"
)

// TargetFailover says what becomes of the flows of a target that fails or leaves.
// +kubebuilder:validation:Enum=rebalance;no_rebalance
type TargetFailover string

// MinimumHealthyTargets are thresholds of healthy targets in a zone; the stricter one counts.
type MinimumHealthyTargets struct {
	// Count of healthy targets, 1 (the default) or more; 0 turns it off, which only dnsFailover allows.
	// AWS API: minimum_healthy_targets.count.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=1000
	Count *int32 `json:"count,omitempty"`

	// Percentage of healthy targets, 1 to 100; 0 turns it off (the default).
	// AWS API: minimum_healthy_targets.percentage.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	Percentage *int32 `json:"percentage,omitempty"`
}
