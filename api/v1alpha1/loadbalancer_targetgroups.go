package v1alpha1

// TargetGroupName is the name of a target group within one LoadBalancer.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=32
// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`
type TargetGroupName string

// TargetGroup is a group of targets that requests are forwarded to. What AWS cannot change in place (protocol,
// protocolVersion, port, vpcID, targetType, ipAddressType, targetControlPort) changes by replacement: a new group under a
// new name in AWS, attached, waited for until healthy, listeners and rules switched over, the old group drained and deleted.
// +kubebuilder:validation:XValidation:rule="has(self.targetType) && self.targetType == 'lambda' ? !has(self.protocol) && !has(self.port) && !has(self.protocolVersion) && !has(self.vpcID) && !has(self.ipAddressType) && !has(self.targetControlPort) : has(self.protocol) && has(self.port)",message="a target group needs protocol and port; one of targetType lambda has neither, and no protocolVersion, vpcID, ipAddressType and targetControlPort"
// +kubebuilder:validation:XValidation:rule="!has(self.protocol) || self.protocol != 'GENEVE' || has(self.port) && self.port == 6081",message="the port of a GENEVE target group is 6081"
// +kubebuilder:validation:XValidation:rule="!has(self.protocolVersion) && !has(self.targetControlPort) || has(self.protocol) && self.protocol in ['HTTP', 'HTTPS']",message="protocolVersion and targetControlPort go with protocol HTTP or HTTPS: remove them"
// +kubebuilder:validation:XValidation:rule="!has(self.targetType) || self.targetType != 'alb' || has(self.protocol) && self.protocol == 'TCP'",message="a target group of targetType alb has protocol TCP"
// +kubebuilder:validation:XValidation:rule="!has(self.targets) || size(self.targets) <= 1 || !has(self.targetType) || !(self.targetType in ['lambda', 'alb'])",message="a target group of targetType lambda or alb has one target: keep one of targets"
// +kubebuilder:validation:XValidation:rule="!has(self.targets) || (has(self.targetType) ? self.targetType : 'instance') != 'instance' || self.targets.all(t, t.id.startsWith('i-'))",message="targets of targetType instance (the default) are instance ids, for instance i-0123456789abcdef0: set targetType ip for addresses"
// +kubebuilder:validation:XValidation:rule="!has(self.targets) || !has(self.targetType) || self.targetType != 'ip' || self.targets.all(t, !t.id.startsWith('i-') && !t.id.startsWith('arn:'))",message="targets of targetType ip are IP addresses, for instance 10.0.1.10"
// +kubebuilder:validation:XValidation:rule="!has(self.targets) || !has(self.targetType) || !(self.targetType in ['lambda', 'alb']) || self.targets.all(t, t.id.startsWith('arn:') && (self.targetType == 'alb' || !has(t.port)))",message="the target of targetType lambda or alb is an ARN, and a function has no port"
// +kubebuilder:validation:XValidation:rule="!has(self.targets) || (has(self.targetType) ? self.targetType : 'instance') in ['ip', 'lambda'] || self.targets.all(t, !has(t.availabilityZone))",message="instances and load balancers know their zone: remove availabilityZone of the targets"
// +kubebuilder:validation:XValidation:rule="!has(self.targets) || self.targets.all(t, has(t.quicServerID) == (has(self.protocol) && self.protocol in ['QUIC', 'TCP_QUIC']))",message="targets of protocol QUIC and TCP_QUIC need a quicServerID, and others have none"
// +kubebuilder:validation:XValidation:rule="!has(self.healthCheck) || !has(self.healthCheck.enabled) || self.healthCheck.enabled || has(self.targetType) && self.targetType == 'lambda'",message="only the health check of a target group of targetType lambda can be off: remove healthCheck.enabled"
// +kubebuilder:validation:XValidation:rule="!has(self.healthCheck) || !(has(self.targetType) && self.targetType == 'lambda') || !has(self.healthCheck.protocol) && !has(self.healthCheck.port)",message="the health check of a function has no protocol and no port: remove them"
// +kubebuilder:validation:XValidation:rule="!has(self.healthCheck) || !has(self.healthCheck.protocol) || self.healthCheck.protocol != 'TCP' || !has(self.protocol) || !(self.protocol in ['HTTP', 'HTTPS']) && !(has(self.targetType) && self.targetType == 'alb')",message="targets of protocol HTTP and HTTPS, and load balancers, are checked by HTTP or HTTPS: change healthCheck.protocol"
// +kubebuilder:validation:XValidation:rule="!has(self.healthCheck) || !has(self.healthCheck.path) && !has(self.healthCheck.matcher) || !has(self.protocol) || self.protocol in ['HTTP', 'HTTPS'] || has(self.targetType) && self.targetType == 'alb' || has(self.healthCheck.protocol) && self.healthCheck.protocol != 'TCP'",message="healthCheck.path and healthCheck.matcher go with checks by HTTP and HTTPS: set healthCheck.protocol, whose default here is TCP"
// +kubebuilder:validation:XValidation:rule="!has(self.healthCheck) || !has(self.healthCheck.intervalSeconds) || !has(self.healthCheck.timeoutSeconds) || self.healthCheck.timeoutSeconds < self.healthCheck.intervalSeconds || has(self.protocol) && !(self.protocol in ['HTTP', 'HTTPS']) && self.healthCheck.timeoutSeconds == self.healthCheck.intervalSeconds",message="a check must end before the next one begins: make healthCheck.timeoutSeconds less than healthCheck.intervalSeconds"
// +kubebuilder:validation:XValidation:rule="!has(self.healthCheck) || !has(self.healthCheck.matcher) || has(self.protocolVersion) && self.protocolVersion == 'GRPC' || self.healthCheck.matcher.matches(!has(self.protocol) || self.protocol in ['HTTP', 'HTTPS'] ? '^[2-4][0-9]{2}([,-][2-4][0-9]{2})*$' : self.protocol == 'GENEVE' ? '^[23][0-9]{2}([,-][23][0-9]{2})*$' : '^[2-5][0-9]{2}([,-][2-5][0-9]{2})*$')",message="healthCheck.matcher must be HTTP codes from 200 to 499 behind an application load balancer, 599 behind a network load balancer and 399 behind a gateway, as in 200, 200,202 or 200-299"
// +kubebuilder:validation:XValidation:rule="!has(self.healthCheck) || !has(self.healthCheck.matcher) || !has(self.protocolVersion) || self.protocolVersion != 'GRPC' || self.healthCheck.matcher.matches('^[0-9]{1,2}([,-][0-9]{1,2})*$')",message="healthCheck.matcher of a GRPC target group must be gRPC codes from 0 to 99, as in 12, 0,12 or 0-99"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || has(self.protocol) && self.protocol in ['HTTP', 'HTTPS'] || !has(self.attributes.loadBalancingAlgorithmType) && !has(self.attributes.anomalyMitigationEnabled) && !has(self.attributes.slowStartSeconds)",message="the attributes loadBalancingAlgorithmType, anomalyMitigationEnabled and slowStartSeconds are for target groups of protocol HTTP and HTTPS: remove them"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || !(has(self.targetType) && self.targetType == 'lambda') || !has(self.attributes.deregistrationDelaySeconds)",message="a function has nothing to deregister: remove attributes.deregistrationDelaySeconds"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || !has(self.attributes.lambdaMultiValueHeadersEnabled) || has(self.targetType) && self.targetType == 'lambda'",message="attributes.lambdaMultiValueHeadersEnabled is for targetType lambda: remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || has(self.protocol) && self.protocol in ['TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'] || !has(self.attributes.deregistrationConnectionTerminationEnabled) && !has(self.attributes.preserveClientIPEnabled) && !has(self.attributes.proxyProtocolV2Enabled) && !has(self.attributes.unhealthyConnectionTerminationEnabled) && !has(self.attributes.unhealthyDrainingIntervalSeconds)",message="the attributes deregistrationConnectionTerminationEnabled, preserveClientIPEnabled, proxyProtocolV2Enabled, unhealthyConnectionTerminationEnabled and unhealthyDrainingIntervalSeconds are for target groups of a network load balancer: remove them"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || has(self.protocol) && self.protocol == 'GENEVE' || !has(self.attributes.targetFailover) && !has(self.attributes.sendTCPResetOnUnhealthyEnabled) && !has(self.attributes.sendTCPResetOnDeregistrationEnabled)",message="the attributes targetFailover, sendTCPResetOnUnhealthyEnabled and sendTCPResetOnDeregistrationEnabled are for target groups of protocol GENEVE: remove them"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || !has(self.protocol) || self.protocol != 'GENEVE' || !has(self.attributes.crossZone) && !has(self.attributes.dnsFailover) && !has(self.attributes.unhealthyStateRouting)",message="a GENEVE target group has no attributes crossZone, dnsFailover and unhealthyStateRouting: remove them"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || !has(self.attributes.stickiness) || !has(self.attributes.stickiness.type) || self.attributes.stickiness.type in (!has(self.protocol) || self.protocol in ['HTTP', 'HTTPS'] ? ['lb_cookie', 'app_cookie'] : self.protocol == 'GENEVE' ? ['source_ip_dest_ip', 'source_ip_dest_ip_proto'] : ['source_ip'])",message="attributes.stickiness.type must be lb_cookie or app_cookie behind an application load balancer, source_ip behind a network load balancer, source_ip_dest_ip or source_ip_dest_ip_proto behind a gateway"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || !has(self.attributes.stickiness) || !has(self.attributes.stickiness.durationSeconds) || !has(self.protocol) || self.protocol in ['HTTP', 'HTTPS']",message="attributes.stickiness.durationSeconds is for cookies, behind an application load balancer: remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.attributes) || !has(self.protocol) || !(self.protocol in ['UDP', 'TCP_UDP']) || !(has(self.attributes.preserveClientIPEnabled) && !self.attributes.preserveClientIPEnabled) && !(has(self.attributes.unhealthyConnectionTerminationEnabled) && self.attributes.unhealthyConnectionTerminationEnabled)",message="a UDP or TCP_UDP target group always preserves the client's address, and does not cut connections of unhealthy targets: remove attributes.preserveClientIPEnabled and attributes.unhealthyConnectionTerminationEnabled"
type TargetGroup struct {
	// Name by which this object's listeners and rules, and AutoScalingGroups, mean the group; 1 to 32 letters, digits and
	// hyphens. The name in AWS is derived from it and told in status.targetGroups. Another name is another group.
	Name TargetGroupName `json:"name"`

	// Protocol for the way to the targets: HTTP or HTTPS (type application), TCP, TLS, UDP, TCP_UDP, QUIC or TCP_QUIC (type
	// network), GENEVE (type gateway). Required, except for targetType lambda, which has none.
	// AWS API: CreateTargetGroup.Protocol. Changed by replacement.
	// +optional
	Protocol Protocol `json:"protocol,omitempty"`

	// ProtocolVersion is HTTP1 (the default), HTTP2 or GRPC; with protocol HTTP or HTTPS. HTTP2 and GRPC are for listeners
	// of HTTPS.
	// AWS API: CreateTargetGroup.ProtocolVersion. Changed by replacement.
	// +optional
	ProtocolVersion ProtocolVersion `json:"protocolVersion,omitempty"`

	// Port that targets listen on unless one says otherwise, 1 to 65535; 6081 for GENEVE. Required, except for targetType
	// lambda, which has none. AWS API: CreateTargetGroup.Port. Changed by replacement.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// TargetType says what targets are: instance (ids of instances; the default), ip (addresses), lambda (the ARN of one
	// function) or alb (the ARN of one application load balancer; protocol TCP).
	// AWS API: CreateTargetGroup.TargetType. Changed by replacement.
	// +optional
	TargetType TargetType `json:"targetType,omitempty"`

	// VPCID of the targets. Left out, the VPC of the load balancer. Not for targetType lambda.
	// AWS API: CreateTargetGroup.VpcId. Changed by replacement.
	// +optional
	VPCID VPCID `json:"vpcID,omitempty"`

	// IPAddressType of the targets: ipv4 (the default) or ipv6. AWS API: CreateTargetGroup.IpAddressType.
	// Changed by replacement.
	// +optional
	IPAddressType TargetGroupIPAddressType `json:"ipAddressType,omitempty"`

	// TargetControlPort is where the load balancer talks to the target optimizer's agent, 1 to 65535; with protocol HTTP
	// or HTTPS. AWS API: CreateTargetGroup.TargetControlPort. Changed by replacement.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	TargetControlPort *int32 `json:"targetControlPort,omitempty"`

	// HealthCheck says how targets are found healthy. What is left out is AWS's default for the group and not managed.
	// AWS API: ModifyTargetGroup. Mutable.
	// +optional
	HealthCheck *TargetHealthCheck `json:"healthCheck,omitempty"`

	// Attributes of the group. Mutable.
	// +optional
	Attributes *TargetGroupAttributes `json:"attributes,omitempty"`

	// Targets that are registered with the group, 1,000 at most; one given twice counts once. A target removed here is
	// deregistered. Others' targets, such as those of an AutoScalingGroup, stay, unless targetsPolicy is Exclusive.
	// AWS API: RegisterTargets, DeregisterTargets. Mutable.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=1000
	Targets []Target `json:"targets,omitempty"`

	// TargetsPolicy says what becomes of targets that are registered with the group and not in targets. Additive (the
	// default) leaves them, except those that were in targets before. Exclusive deregisters them. Mutable.
	// +optional
	TargetsPolicy TargetsPolicy `json:"targetsPolicy,omitempty"`

	// Tags of the group, 48 at most, beside those by which the controller marks what it owns. Only the keys listed here
	// are managed. AWS API: AddTags, RemoveTags. Mutable.
	// +optional
	// +kubebuilder:validation:MaxProperties=48
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128)",message="tag keys must have 1 to 128 characters"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('evenkeel.io/'))",message="tag keys must not start with aws: (AWS keeps them) or evenkeel.io/ (the controller's ownership marks): choose another key"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// Protocol is a protocol of a listener, of a target group or of a health check.
// +kubebuilder:validation:Enum=HTTP;HTTPS;TCP;TLS;UDP;TCP_UDP;QUIC;TCP_QUIC;GENEVE
type Protocol string

// Values of Protocol.
const (
	ProtocolHTTP    Protocol = "HTTP"
	ProtocolHTTPS   Protocol = "HTTPS"
	ProtocolTCP     Protocol = "TCP"
	ProtocolTLS     Protocol = "TLS"
	ProtocolUDP     Protocol = "UDP"
	ProtocolTCPUDP  Protocol = "TCP_UDP"
	ProtocolQUIC    Protocol = "QUIC"
	ProtocolTCPQUIC Protocol = "TCP_QUIC"
	ProtocolGENEVE  Protocol = "GENEVE"
)

// ProtocolVersion is the version of HTTP in which targets are spoken to.
// +kubebuilder:validation:Enum=HTTP1;HTTP2;GRPC
type ProtocolVersion string

// Values of ProtocolVersion.
const (
	ProtocolVersionHTTP1 ProtocolVersion = "HTTP1"
	ProtocolVersionHTTP2 ProtocolVersion = "HTTP2"
	ProtocolVersionGRPC  ProtocolVersion = "GRPC"
)

// TargetType says what the targets of a group are.
// +kubebuilder:validation:Enum=instance;ip;lambda;alb
type TargetType string

// Values of TargetType.
const (
	TargetTypeInstance TargetType = "instance"
	TargetTypeIP       TargetType = "ip"
	TargetTypeLambda   TargetType = "lambda"
	TargetTypeALB      TargetType = "alb"
)

// TargetGroupIPAddressType is the kind of addresses that targets have.
// +kubebuilder:validation:Enum=ipv4;ipv6
type TargetGroupIPAddressType string

// TargetsPolicy says what becomes of targets that the spec does not list.
// +kubebuilder:validation:Enum=Additive;Exclusive
type TargetsPolicy string

// Values of TargetsPolicy.
const (
	// TargetsAdditive leaves the targets of others.
	TargetsAdditive TargetsPolicy = "Additive"
	// TargetsExclusive deregisters the targets of others.
	TargetsExclusive TargetsPolicy = "Exclusive"
)

// Target is one target of a group.
type Target struct {
	// ID of the target: an instance id, an IP address, or the ARN of a function or of an application load balancer, as
	// targetType says. AWS API: TargetDescription.Id.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^(i-[0-9a-z]+|((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*|arn:[a-z-]+:(lambda|elasticloadbalancing):.+)$`
	ID string `json:"id"`

	// Port that the target listens on, 1 to 65535. Left out, the group's. AWS API: TargetDescription.Port.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// AvailabilityZone from which the target gets requests, or "all": for an address outside the VPC, which needs it.
	// AWS API: TargetDescription.AvailabilityZone.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^(all|[a-z]{2}(-[a-z]+)+-[0-9][a-z0-9-]*)$`
	AvailabilityZone string `json:"availabilityZone,omitempty"`

	// QUICServerID of the target: "0x" and 16 lower-case hexadecimal digits, unique behind a listener. Required with
	// protocol QUIC and TCP_QUIC, refused with others. AWS API: TargetDescription.QuicServerId.
	// +optional
	// +kubebuilder:validation:MaxLength=18
	// +kubebuilder:validation:Pattern=`^0x[0-9a-f]{16}$`
	QUICServerID string `json:"quicServerID,omitempty"`
}
