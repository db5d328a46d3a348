package v1alpha1

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
