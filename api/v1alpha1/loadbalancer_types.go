package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// LoadBalancerSpec declares an application, network or gateway load balancer with all that belongs to it.
// +kubebuilder:validation:XValidation:rule="has(self.subnetIDs) != has(self.subnetMappings)",message="give exactly one of spec.subnetIDs and spec.subnetMappings (subnets with addresses of your own)"
// +kubebuilder:validation:XValidation:rule="self.type != 'gateway' || !has(self.scheme)",message="a gateway load balancer has no scheme: remove spec.scheme"
// +kubebuilder:validation:XValidation:rule="self.type == 'gateway' || (has(self.scheme) ? self.scheme : 'internet-facing') == (has(oldSelf.scheme) ? oldSelf.scheme : 'internet-facing') || has(self.adopt) && !has(oldSelf.scheme)",message="spec.scheme is immutable (left out, it is internet-facing): create another LoadBalancer with the other scheme, point DNS at it, then delete this one"
// +kubebuilder:validation:XValidation:rule="has(self.name) == has(oldSelf.name) && (!has(self.name) || self.name == oldSelf.name)",message="spec.name is immutable, AWS cannot rename a load balancer: create another LoadBalancer with the new name, point DNS at it, then delete this one"
// +kubebuilder:validation:XValidation:rule="self.type != 'application' || !has(self.subnetIDs) || size(self.subnetIDs) >= 2 || has(self.customerOwnedIPv4Pool)",message="an application load balancer needs subnets of at least two Availability Zones: give two or more of spec.subnetIDs; a single subnet of a Local Zone or an Outpost goes into spec.subnetMappings"
// +kubebuilder:validation:XValidation:rule="!has(self.subnetMappings) || self.type == 'network' || self.subnetMappings.all(m, !has(m.allocationID) && !has(m.privateIPv4Address) && !has(m.ipv6Address) && !has(m.sourceNATIPv6Prefix))",message="only a network load balancer can have addresses of its own: give just subnetID in spec.subnetMappings"
// +kubebuilder:validation:XValidation:rule="!has(self.subnetMappings) || self.subnetMappings.all(m, !has(m.allocationID)) || !(has(self.scheme) && self.scheme == 'internal')",message="Elastic IP addresses are public: an internal load balancer takes privateIPv4Address in spec.subnetMappings instead of allocationID"
// +kubebuilder:validation:XValidation:rule="!has(self.subnetMappings) || self.subnetMappings.all(m, !has(m.privateIPv4Address)) || has(self.scheme) && self.scheme == 'internal'",message="privateIPv4Address in spec.subnetMappings is for internal load balancers: an internet-facing one takes allocationID instead"
// +kubebuilder:validation:XValidation:rule="!has(self.subnetMappings) || self.subnetMappings.all(m, !has(m.ipv6Address)) || has(self.ipAddressType) && self.ipAddressType == 'dualstack'",message="ipv6Address in spec.subnetMappings needs spec.ipAddressType dualstack"
// +kubebuilder:validation:XValidation:rule="!has(self.subnetMappings) || self.subnetMappings.all(m, !has(m.sourceNATIPv6Prefix)) || has(self.enablePrefixForIPv6SourceNAT) && self.enablePrefixForIPv6SourceNAT",message="sourceNATIPv6Prefix in spec.subnetMappings needs spec.enablePrefixForIPv6SourceNAT"
// +kubebuilder:validation:XValidation:rule="!has(self.subnetMappings) || self.subnetMappings.all(m, !has(m.allocationID) || self.subnetMappings.exists_one(n, has(n.allocationID) && n.allocationID == m.allocationID))",message="an Elastic IP address can be used once: give each of spec.subnetMappings its own allocationID"
// +kubebuilder:validation:XValidation:rule="self.type != 'gateway' || !has(self.securityGroup) && !has(self.securityGroupIDs)",message="a gateway load balancer has no security groups: remove spec.securityGroup and spec.securityGroupIDs"
// +kubebuilder:validation:XValidation:rule="self.type == 'network' || !has(self.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic)",message="spec.enforceSecurityGroupInboundRulesOnPrivateLinkTraffic is for type network: remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.ipAddressType) || self.ipAddressType != 'dualstack-without-public-ipv4' || self.type == 'application' && !(has(self.scheme) && self.scheme == 'internal')",message="spec.ipAddressType dualstack-without-public-ipv4 is for internet-facing application load balancers: choose ipv4 or dualstack"
// +kubebuilder:validation:XValidation:rule="self.type == 'application' || !has(self.customerOwnedIPv4Pool)",message="spec.customerOwnedIPv4Pool is for type application: remove it"
// +kubebuilder:validation:XValidation:rule="has(self.customerOwnedIPv4Pool) == has(oldSelf.customerOwnedIPv4Pool) && (!has(self.customerOwnedIPv4Pool) || self.customerOwnedIPv4Pool == oldSelf.customerOwnedIPv4Pool)",message="spec.customerOwnedIPv4Pool is immutable: create another LoadBalancer with the other pool, point DNS at it, then delete this one"
// +kubebuilder:validation:XValidation:rule="!has(self.ipamPools) || self.type == 'application' && !(has(self.scheme) && self.scheme == 'internal')",message="spec.ipamPools is for internet-facing application load balancers: remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.enablePrefixForIPv6SourceNAT) || self.type == 'network' && (!self.enablePrefixForIPv6SourceNAT || has(self.ipAddressType) && self.ipAddressType == 'dualstack')",message="spec.enablePrefixForIPv6SourceNAT is for type network with spec.ipAddressType dualstack: set that too, or remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.adopt) || !has(self.adopt.name) || !has(self.name) || self.adopt.name == self.name",message="spec.adopt.name and spec.name differ, and AWS cannot rename a load balancer: give one of them, or the same name"
// +kubebuilder:validation:XValidation:rule="self.type == 'application' || !has(self.attributes) || ![has(self.attributes.connectionLogs), has(self.attributes.healthCheckLogs), has(self.attributes.idleTimeoutSeconds), has(self.attributes.clientKeepAliveSeconds), has(self.attributes.desyncMitigationMode), has(self.attributes.dropInvalidHeaderFieldsEnabled), has(self.attributes.preserveHostHeaderEnabled), has(self.attributes.tlsVersionAndCipherSuiteHeadersEnabled), has(self.attributes.xffClientPortEnabled), has(self.attributes.xffHeaderProcessingMode), has(self.attributes.http2Enabled), has(self.attributes.wafFailOpenEnabled)].exists(x, x)",message="only an application load balancer has the attributes connectionLogs, healthCheckLogs, idleTimeoutSeconds, clientKeepAliveSeconds, desyncMitigationMode, dropInvalidHeaderFieldsEnabled, preserveHostHeaderEnabled, tlsVersionAndCipherSuiteHeadersEnabled, xffClientPortEnabled, xffHeaderProcessingMode, http2Enabled and wafFailOpenEnabled: remove them"
// +kubebuilder:validation:XValidation:rule="self.type == 'network' || !has(self.attributes) || !has(self.attributes.clientRoutingPolicy) && !has(self.attributes.secondaryIPsAutoAssignedPerSubnet)",message="only a network load balancer has the attributes clientRoutingPolicy and secondaryIPsAutoAssignedPerSubnet: remove them"
// +kubebuilder:validation:XValidation:rule="self.type != 'gateway' || !has(self.attributes) || !has(self.attributes.accessLogs) && !has(self.attributes.ipv6DenyAllIGWTraffic) && !has(self.attributes.zonalShiftEnabled)",message="a gateway load balancer has no attributes accessLogs, ipv6DenyAllIGWTraffic and zonalShiftEnabled: remove them"
// +kubebuilder:validation:XValidation:rule="self.type != 'application' || !has(self.attributes) || !has(self.attributes.crossZoneEnabled) || self.attributes.crossZoneEnabled",message="cross-zone load balancing of an application load balancer is always on: remove attributes.crossZoneEnabled, and set attributes.crossZone of single target groups to disabled where that is meant"
// +kubebuilder:validation:XValidation:rule="!has(oldSelf.attributes) || !has(oldSelf.attributes.secondaryIPsAutoAssignedPerSubnet) || oldSelf.attributes.secondaryIPsAutoAssignedPerSubnet == 0 || has(self.attributes) && has(self.attributes.secondaryIPsAutoAssignedPerSubnet) && self.attributes.secondaryIPsAutoAssignedPerSubnet >= oldSelf.attributes.secondaryIPsAutoAssignedPerSubnet",message="attributes.secondaryIPsAutoAssignedPerSubnet can grow but not shrink or be removed: keep at least its present value"
// +kubebuilder:validation:XValidation:rule="!has(self.targetGroups) || self.targetGroups.all(g, !has(g.protocol) ? self.type == 'application' : g.protocol in {'application': ['HTTP', 'HTTPS'], 'network': ['TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'], 'gateway': ['GENEVE']}[self.type])",message="the protocol of a target group goes with spec.type: application takes HTTP, HTTPS and targetType lambda (without a protocol), network takes TCP, TLS, UDP, TCP_UDP, QUIC and TCP_QUIC, gateway takes GENEVE"
// +kubebuilder:validation:XValidation:rule="!has(self.targetGroups) || !has(self.ipAddressType) || self.ipAddressType != 'ipv4' || self.targetGroups.all(g, !has(g.ipAddressType) || g.ipAddressType == 'ipv4')",message="a target group with ipAddressType ipv6 needs spec.ipAddressType dualstack"
// +kubebuilder:validation:XValidation:rule="self.type == 'gateway' ? !has(self.listeners) : !has(self.gatewayListener)",message="spec.gatewayListener is for type gateway and spec.listeners for types application and network: give the one that goes with spec.type"
// +kubebuilder:validation:XValidation:rule="!has(self.listeners) || self.listeners.all(l, l.protocol in {'application': ['HTTP', 'HTTPS'], 'network': ['TCP', 'TLS', 'UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC'], 'gateway': ['none']}[self.type])",message="the protocol of a listener goes with spec.type: application takes HTTP and HTTPS, network takes TCP, TLS, UDP, TCP_UDP, QUIC and TCP_QUIC"
// +kubebuilder:validation:XValidation:rule="!has(self.ipAddressType) || self.ipAddressType != 'dualstack' || !has(self.listeners) || !self.listeners.exists(l, l.protocol in ['UDP', 'TCP_UDP', 'QUIC', 'TCP_QUIC']) || has(self.enablePrefixForIPv6SourceNAT) && self.enablePrefixForIPv6SourceNAT",message="listeners of UDP, TCP_UDP, QUIC and TCP_QUIC on a dualstack load balancer need spec.enablePrefixForIPv6SourceNAT true"
// +kubebuilder:validation:XValidation:rule="self.type != 'network' || !has(self.listeners) || self.listeners.all(l, size(l.defaultActions) == 1 && has(l.defaultActions[0].forward) && (!has(l.rules) || l.rules.all(r, size(r.actions) == 1 && has(r.actions[0].forward))))",message="a listener of a network load balancer can only forward: give one action, forward"
// +kubebuilder:validation:XValidation:rule="self.type != 'gateway' || !has(self.gatewayListener) || self.gatewayListener.defaultActions.all(a, has(a.forward) && size(a.forward.targetGroups) == 1)",message="the listener of a gateway load balancer forwards to one target group: give one action, forward, with one of targetGroups"
// +kubebuilder:validation:XValidation:rule="self.type != 'network' || !has(self.listeners) || self.listeners.all(l, !has(l.rules) || size(l.rules) == 0 || has(self.ipAddressType) && self.ipAddressType == 'dualstack' && l.rules.all(r, r.conditions.all(c, has(c.sourceIPAddressType))))",message="rules of a network load balancer tell IPv4 from IPv6 clients and nothing else: they need spec.ipAddressType dualstack and the condition sourceIPAddressType"
// +kubebuilder:validation:XValidation:rule="self.type != 'application' || !has(self.listeners) || self.listeners.all(l, !has(l.rules) || l.rules.all(r, r.conditions.all(c, !has(c.sourceIPAddressType))))",message="the condition sourceIPAddressType is for type network: give sourceIP with blocks of addresses, for instance 0.0.0.0/0 or ::/0"
// +kubebuilder:validation:XValidation:rule="self.type != 'network' || !has(self.listeners) || self.listeners.all(l, l.defaultActions.all(a, !has(a.forward) || !has(a.forward.stickiness)))",message="a network load balancer has no stickiness between target groups: remove forward.stickiness, and set attributes.stickiness of the target groups where that is meant"
// +kubebuilder:validation:XValidation:rule="!has(self.listeners) || self.listeners.all(l, !has(l.attributes) || (self.type == 'network' ? !has(l.attributes.requestHeaderNames) && !has(l.attributes.responseServerHeaderEnabled) && !has(l.attributes.responseHeaders) : !has(l.attributes.tcpIdleTimeoutSeconds)) && !has(l.attributes.sendTCPResetOnIdleTimeoutEnabled))",message="listener attributes go with spec.type: application has requestHeaderNames, responseServerHeaderEnabled and responseHeaders, network has tcpIdleTimeoutSeconds, gateway has tcpIdleTimeoutSeconds and sendTCPResetOnIdleTimeoutEnabled"
// +kubebuilder:validation:XValidation:rule="!has(self.gatewayListener) || !has(self.gatewayListener.attributes) || !has(self.gatewayListener.attributes.requestHeaderNames) && !has(self.gatewayListener.attributes.responseServerHeaderEnabled) && !has(self.gatewayListener.attributes.responseHeaders)",message="a gateway load balancer's listener has the attributes tcpIdleTimeoutSeconds and sendTCPResetOnIdleTimeoutEnabled: remove the others"
// +kubebuilder:validation:XValidation:rule="!has(self.listeners) || self.listeners.all(l, l.defaultActions.all(a, !has(a.forward) || a.forward.targetGroups.all(t, !has(t.name) || has(self.targetGroups) && self.targetGroups.exists(g, g.name == t.name))))",message="a default action forwards to a target group that is not there: add it to spec.targetGroups, or give the arn of one that others made"
// +kubebuilder:validation:XValidation:rule="!has(self.listeners) || [has(self.targetGroups) ? self.targetGroups.map(g, g.name) : []].all(names, self.listeners.all(l, !has(l.rules) || l.rules.all(r, !has(r.actions[size(r.actions) - 1].forward) || r.actions[size(r.actions) - 1].forward.targetGroups.all(t, !has(t.name) || t.name in names))))",message="a rule forwards to a target group that is not there: add it to spec.targetGroups, or give the arn of one that others made"
// +kubebuilder:validation:XValidation:rule="!has(self.gatewayListener) || self.gatewayListener.defaultActions.all(a, !has(a.forward) || a.forward.targetGroups.all(t, !has(t.name) || has(self.targetGroups) && self.targetGroups.exists(g, g.name == t.name)))",message="spec.gatewayListener forwards to a target group that is not there: add it to spec.targetGroups, or give the arn of one that others made"
// +kubebuilder:validation:XValidation:rule="self.type != 'network' || !has(self.listeners) || !has(self.targetGroups) || self.listeners.all(l, !has(l.defaultActions[0].forward) || l.defaultActions[0].forward.targetGroups.all(t, !has(t.name) || self.targetGroups.all(g, g.name != t.name || !has(g.protocol) || (l.protocol == 'TCP' ? g.protocol in ['TCP', 'TCP_UDP'] : l.protocol == 'TLS' ? g.protocol in ['TCP', 'TLS'] : l.protocol == 'UDP' ? g.protocol in ['UDP', 'TCP_UDP'] : l.protocol == 'QUIC' ? g.protocol in ['QUIC', 'TCP_QUIC'] : g.protocol == l.protocol))))",message="the protocol of a target group must go with the listener's: TCP takes TCP and TCP_UDP, TLS takes TCP and TLS, UDP takes UDP and TCP_UDP, TCP_UDP takes TCP_UDP, QUIC takes QUIC and TCP_QUIC, TCP_QUIC takes TCP_QUIC"
// +kubebuilder:validation:XValidation:rule="!has(self.listeners) || !has(self.targetGroups) || [self.targetGroups.filter(g, has(g.protocolVersion) && g.protocolVersion != 'HTTP1').map(g, g.name)].all(later, self.listeners.all(l, l.protocol != 'HTTP' || (!has(l.defaultActions[size(l.defaultActions) - 1].forward) || l.defaultActions[size(l.defaultActions) - 1].forward.targetGroups.all(t, !has(t.name) || !(t.name in later))) && (!has(l.rules) || l.rules.all(r, !has(r.actions[size(r.actions) - 1].forward) || r.actions[size(r.actions) - 1].forward.targetGroups.all(t, !has(t.name) || !(t.name in later))))))",message="target groups of protocolVersion HTTP2 and GRPC get requests from listeners of HTTPS only: change the listener or the version"
type LoadBalancerSpec struct {
	// Type is application (HTTP and HTTPS), network (TCP, TLS, UDP, QUIC) or gateway (packets for appliances).
	// AWS API: CreateLoadBalancer.Type. Immutable.
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.type is immutable: create another LoadBalancer of the other type, point DNS at it, then delete this one"
	Type LoadBalancerType `json:"type"`

	// Scheme is internet-facing (public addresses; the default) or internal (private ones only). Not for type gateway.
	// AWS API: CreateLoadBalancer.Scheme. Immutable.
	// +optional
	Scheme LoadBalancerScheme `json:"scheme,omitempty"`

	// Name in AWS, unique in account and Region: 1 to 32 letters, digits and hyphens, no hyphen at either end, not
	// beginning with "internal-". Left out, it is derived from namespace and name. AWS API: CreateLoadBalancer.Name.
	// Immutable: AWS cannot rename a load balancer.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?$`
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('internal-')",message="spec.name must not begin with internal-, which AWS keeps for itself: choose another name"
	Name string `json:"name,omitempty"`

	// SubnetIDs of the subnets that the load balancer has nodes in, one an Availability Zone; type application needs two (an
	// Outpost or a Local Zone has one: use subnetMappings).
	// Exclusive with subnetMappings. AWS API: Subnets, SetSubnets. Mutable within the VPC.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	SubnetIDs []SubnetID `json:"subnetIDs,omitempty"`

	// SubnetMappings are the subnets, each with the addresses that the node in it is to have. Exclusive with subnetIDs.
	// AWS API: SubnetMappings, SetSubnets. Mutable within the VPC.
	// +optional
	// +listType=map
	// +listMapKey=subnetID
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	SubnetMappings []SubnetMapping `json:"subnetMappings,omitempty"`

	// SecurityGroupIDs of security groups that others keep, beside the managed one of securityGroup. Not for type gateway.
	// Left out together with securityGroup, the load balancer's groups are not managed; but a new load balancer of type
	// network gets a managed one that lets everything in, since AWS never gives a group to one that was made without.
	// AWS API: SecurityGroups, SetSecurityGroups. Mutable; removed, type application goes back to the VPC's default group.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	SecurityGroupIDs []SecurityGroupID `json:"securityGroupIDs,omitempty"`

	// SecurityGroup is made for the load balancer, kept as declared, and deleted after it. Not for type gateway. Mutable;
	// removed, the group is taken off the load balancer and deleted.
	// +optional
	SecurityGroup *SecurityGroup `json:"securityGroup,omitempty"`

	// EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic says whether the security groups filter traffic that comes
	// through PrivateLink. Default true. Type network. AWS API: SetSecurityGroups. Mutable.
	// +optional
	EnforceSecurityGroupInboundRulesOnPrivateLinkTraffic *bool `json:"enforceSecurityGroupInboundRulesOnPrivateLinkTraffic,omitempty"`

	// IPAddressType is ipv4 (the default), dualstack, or dualstack-without-public-ipv4 (type application). For dualstack
	// all subnets need IPv6 blocks. AWS API: SetIpAddressType. Mutable.
	// +optional
	IPAddressType LoadBalancerIPAddressType `json:"ipAddressType,omitempty"`

	// CustomerOwnedIPv4Pool is a pool of addresses on an Outpost, for instance "ipv4pool-coip-0123456789abcdef0". Type
	// application. AWS API: CreateLoadBalancer.CustomerOwnedIpv4Pool. Immutable.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^ipv4pool-coip-[a-zA-Z0-9]+$`
	CustomerOwnedIPv4Pool string `json:"customerOwnedIPv4Pool,omitempty"`

	// IPAMPools are pools that public addresses are taken from. Type application. AWS API: ModifyIpPools. Mutable;
	// removed, addresses are AWS's own again.
	// +optional
	IPAMPools *IPAMPools `json:"ipamPools,omitempty"`

	// EnablePrefixForIPv6SourceNAT takes an IPv6 prefix of each subnet for source NAT, which listeners of UDP, TCP_UDP and
	// QUIC need on a dualstack load balancer. Default false. Type network. AWS API: SetSubnets. Mutable.
	// +optional
	EnablePrefixForIPv6SourceNAT *bool `json:"enablePrefixForIPv6SourceNAT,omitempty"`

	// MinimumCapacityUnits are reserved ahead of demand, and paid for. Left out, not
	// managed; removed, the reservation is ended. AWS API: ModifyCapacityReservation. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MinimumCapacityUnits *int32 `json:"minimumCapacityUnits,omitempty"`

	// Attributes of the load balancer. Mutable.
	// +optional
	Attributes *LoadBalancerAttributes `json:"attributes,omitempty"`

	// Tags of the load balancer, 48 at most, beside the two by which the controller marks what it owns. Only the keys
	// listed here are managed: tags that others set stay, and a key removed here is removed.
	// Keys have 1 to 128 characters and do not start with "aws:" or "evenkeel.io/"; values have up to 256.
	// AWS API: AddTags, RemoveTags. Mutable.
	// +optional
	// +kubebuilder:validation:MaxProperties=48
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128)",message="tag keys must have 1 to 128 characters"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('evenkeel.io/'))",message="tag keys must not start with aws: (AWS keeps them) or evenkeel.io/ (the controller's ownership marks): choose another key"
	Tags map[string]TagValue `json:"tags,omitempty"`

	// TargetGroups that listeners and rules forward to, by name; 100 at most. One removed here is deleted once nothing
	// forwards to it. AWS API: CreateTargetGroup, ModifyTargetGroup, DeleteTargetGroup. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=100
	TargetGroups []TargetGroup `json:"targetGroups,omitempty"`

	// Listeners of an application or network load balancer, one a port; 50 at most. A listener that others added is
	// reported in status.foreignListeners and left alone.
	// AWS API: CreateListener, ModifyListener, DeleteListener. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=port
	// +kubebuilder:validation:MaxItems=50
	Listeners []Listener `json:"listeners,omitempty"`

	// GatewayListener is the one listener of a gateway load balancer, instead of listeners.
	// AWS API: CreateListener, ModifyListener, DeleteListener. Mutable.
	// +optional
	GatewayListener *GatewayListener `json:"gatewayListener,omitempty"`

	// Adopt names one existing load balancer to take over, whatever adoptionPolicy says.
	// +optional
	Adopt *LoadBalancerAdoption `json:"adopt,omitempty"`

	Policies `json:",inline"`
}

// LoadBalancer is an AWS load balancer with its listeners, rules, target groups, certificates and security group.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=lb,categories=evenkeel
// +kubebuilder:printcolumn:name="DNS Name",type=string,JSONPath=`.status.dnsName`
// +kubebuilder:printcolumn:name="State",type=string,JSONPath=`.status.state`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Type",type=string,priority=1,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type LoadBalancer struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec LoadBalancerSpec `json:"spec"`
	// +kubebuilder:default={observedGeneration:-1}
	Status LoadBalancerStatus `json:"status,omitempty"`
}

// CommonSpec returns the policies of the load balancer.
func (l *LoadBalancer) CommonSpec() *Policies { return &l.Spec.Policies }

// CommonStatus returns the part of the status that every kind has.
func (l *LoadBalancer) CommonStatus() *CommonStatus { return &l.Status.CommonStatus }

// LoadBalancerList is a list of LoadBalancers.
// +kubebuilder:object:root=true
type LoadBalancerList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []LoadBalancer `json:"items"`
}
