package v1alpha1

// InstancesOf fills a record with the addresses of an AutoScalingGroup's instances that are in service, not found
// unhealthy and, where the group's health checks include ELB, healthy in its target groups.
type InstancesOf struct {
	// AutoScalingGroupRef names an AutoScalingGroup of the same namespace. Mutable.
	AutoScalingGroupRef AutoScalingGroupReference `json:"autoScalingGroupRef"`

	// Address of an instance that the record has: PrivateIPv4 or PublicIPv4 for type A, IPv6 for type AAAA. An instance
	// without such an address is left out. Mutable.
	// +kubebuilder:validation:Enum=PrivateIPv4;PublicIPv4;IPv6
	Address InstanceAddressKind `json:"address"`

	// WhenEmpty says what becomes of the record while no instance has an address: KeepLast (the default) leaves the last
	// answer as it is, since Route 53 has no record without values and a name that does not exist is remembered by
	// resolvers; Remove takes the record away until there is one. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=KeepLast;Remove
	WhenEmpty WhenEmpty `json:"whenEmpty,omitempty"`
}

// InstanceAddressKind is a kind of address of an instance.
type InstanceAddressKind string

// Kinds of addresses of instances.
const (
	AddressPrivateIPv4 InstanceAddressKind = "PrivateIPv4"
	AddressPublicIPv4  InstanceAddressKind = "PublicIPv4"
	AddressIPv6        InstanceAddressKind = "IPv6"
)

// WhenEmpty says what becomes of a record while there is nothing to put into it.
type WhenEmpty string

// What becomes of a record without content.
const (
	WhenEmptyKeepLast WhenEmpty = "KeepLast"
	WhenEmptyRemove   WhenEmpty = "Remove"
)
