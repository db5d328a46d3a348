package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// LoadBalancerSpec declares an application, network or gateway load balancer with all that belongs to it.
// +kubebuilder:validation:XValidation:rule="has(self.subnetIDs) != has(self.subnetMappings)",message="give exactly one of spec.subnetIDs and spec.subnetMappings (subnets with addresses of your own)"
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
	Name string `json:"name,omitempty"`

	// SubnetIDs of the subnets that the load balancer has nodes in, one an Availability Zone; type application needs two.
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
	// Left out together with securityGroup, the load balancer's groups are not managed.
	// AWS API: SecurityGroups, SetSecurityGroups. Mutable.
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

	// MinimumCapacityUnits are reserved ahead of demand, and paid for. Types application and network. Left out, not
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

// LoadBalancerType says what a load balancer balances.
// +kubebuilder:validation:Enum=application;network;gateway
type LoadBalancerType string

// Values of LoadBalancerType.
const (
	LoadBalancerApplication LoadBalancerType = "application"
	LoadBalancerNetwork     LoadBalancerType = "network"
	LoadBalancerGateway     LoadBalancerType = "gateway"
)

// LoadBalancerScheme says from where a load balancer can be reached.
// +kubebuilder:validation:Enum=internet-facing;internal
type LoadBalancerScheme string

// Values of LoadBalancerScheme.
const (
	SchemeInternetFacing LoadBalancerScheme = "internet-facing"
	SchemeInternal       LoadBalancerScheme = "internal"
)

// LoadBalancerIPAddressType is the kind of addresses that a load balancer has.
// +kubebuilder:validation:Enum=ipv4;dualstack;dualstack-without-public-ipv4
type LoadBalancerIPAddressType string

// Values of LoadBalancerIPAddressType.
const (
	IPAddressTypeIPv4                       LoadBalancerIPAddressType = "ipv4"
	IPAddressTypeDualstack                  LoadBalancerIPAddressType = "dualstack"
	IPAddressTypeDualstackWithoutPublicIPv4 LoadBalancerIPAddressType = "dualstack-without-public-ipv4"
)

// SubnetMapping is a subnet with the addresses that the node in it is to have. Only subnetID may be given for types
// application and gateway.
type SubnetMapping struct {
	// SubnetID of the subnet. AWS API: SubnetMapping.SubnetId.
	SubnetID SubnetID `json:"subnetID"`

	// AllocationID of an Elastic IP address, for instance "eipalloc-0123456789abcdef0". Type network, internet-facing.
	// AWS API: SubnetMapping.AllocationId.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^eipalloc-[0-9a-z]+$`
	AllocationID string `json:"allocationID,omitempty"`

	// PrivateIPv4Address from the subnet's block. Type network, internal. AWS API: SubnetMapping.PrivateIPv4Address.
	// +optional
	// +kubebuilder:validation:MaxLength=15
	// +kubebuilder:validation:Pattern=`^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])$`
	PrivateIPv4Address string `json:"privateIPv4Address,omitempty"`

	// IPv6Address from the subnet's block. Type network, dualstack. AWS API: SubnetMapping.IPv6Address.
	// +optional
	// +kubebuilder:validation:MaxLength=45
	// +kubebuilder:validation:Pattern=`^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*$`
	IPv6Address string `json:"ipv6Address,omitempty"`

	// SourceNATIPv6Prefix is the /80 block from the subnet for source NAT, or auto_assigned. Type network, with
	// enablePrefixForIPv6SourceNAT. AWS API: SubnetMapping.SourceNatIpv6Prefix.
	// +optional
	// +kubebuilder:validation:MaxLength=49
	// +kubebuilder:validation:Pattern=`^(auto_assigned|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/80)$`
	SourceNATIPv6Prefix string `json:"sourceNATIPv6Prefix,omitempty"`
}

// IPAMPools are pools that public addresses are taken from.
type IPAMPools struct {
	// IPv4IPAMPoolID is a public IPv4 pool of IPAM, for instance "ipam-pool-0123456789abcdef0".
	// AWS API: IpamPools.Ipv4IpamPoolId.
	// +kubebuilder:validation:MaxLength=1000
	// +kubebuilder:validation:Pattern=`^ipam-pool-[a-zA-Z0-9]+$`
	IPv4IPAMPoolID string `json:"ipv4IPAMPoolID"`
}

// LoadBalancerAdoption names the load balancer to take over; exactly one of arn and name.
// +kubebuilder:validation:XValidation:rule="has(self.arn) != has(self.name)",message="give exactly one of adopt.arn and adopt.name"
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.adopt is immutable once set: to adopt another load balancer, delete this LoadBalancer with deletionPolicy Retain and create a new one"
type LoadBalancerAdoption struct {
	// ARN of the load balancer. Its type and scheme must be as declared.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:elasticloadbalancing:[a-z0-9-]+:[0-9]{12}:loadbalancer/(app|net|gwy)/[A-Za-z0-9-]+/[0-9a-z]+$`
	ARN string `json:"arn,omitempty"`

	// Name of the load balancer in AWS. Its type and scheme must be as declared.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=32
	Name string `json:"name,omitempty"`
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
