package v1alpha1

// AttachedTargetGroup is a target group whose targets the group's instances are: one that a LoadBalancer made
// (loadBalancerRef and targetGroup) or one that others made (arn).
// +kubebuilder:validation:XValidation:rule="has(self.loadBalancerRef) != has(self.arn)",message="give exactly one of targetGroups.loadBalancerRef (with targetGroup, the name of one of that LoadBalancer's target groups) and targetGroups.arn (one that others made)"
// +kubebuilder:validation:XValidation:rule="has(self.loadBalancerRef) == has(self.targetGroup)",message="targetGroups.loadBalancerRef and targetGroups.targetGroup go together: name the LoadBalancer, and which of its target groups is meant"
type AttachedTargetGroup struct {
	// LoadBalancerRef names a LoadBalancer of the same namespace; with targetGroup. Exclusive with arn.
	// +optional
	LoadBalancerRef *LoadBalancerReference `json:"loadBalancerRef,omitempty"`

	// TargetGroup is the name of one of the LoadBalancer's spec.targetGroups, of targetType instance. When the
	// LoadBalancer replaces it, the instances join the new one before they leave the old one.
	// +optional
	TargetGroup TargetGroupName `json:"targetGroup,omitempty"`

	// ARN of a target group that others made. Exclusive with loadBalancerRef. AWS API: TrafficSourceIdentifier.Identifier.
	// +optional
	ARN TargetGroupARN `json:"arn,omitempty"`
}

// AttachedTargetGroupStatus tells of a target group that is attached to the group.
type AttachedTargetGroupStatus struct {
	// ARN of the target group. AWS API: TrafficSourceState.Identifier.
	ARN string `json:"arn"`

	// State is Adding while the instances are being registered, Attached afterwards, and Removing while they finish their
	// requests. AWS API: TrafficSourceState.State Adding; Added and InService; Removing.
	// +optional
	State string `json:"state,omitempty"`
}

// States of an AttachedTargetGroupStatus.
const (
	TargetGroupAdding   = "Adding"
	TargetGroupAttached = "Attached"
	TargetGroupRemoving = "Removing"
)

// MaxAddresses is how many addresses of each kind the status of an AutoScalingGroup lists: as many as Route 53 takes
// values in one record.
const MaxAddresses = 400

// InstanceAddresses are the addresses of the instances that can be given work: in service, not found unhealthy and,
// where the group's health checks include ELB, with no target that is being checked for the first time, unhealthy or
// draining. Only the kinds that RecordSets ask for are listed, sorted, the first 400.
type InstanceAddresses struct {
	// Instances that can be given work, by number.
	Instances int64 `json:"instances"`

	// PrivateIPv4 addresses. AWS API: Instance.PrivateIpAddress.
	// +optional
	// +listType=set
	PrivateIPv4 []string `json:"privateIPv4,omitzero"`

	// PublicIPv4 addresses. AWS API: Instance.PublicIpAddress.
	// +optional
	// +listType=set
	PublicIPv4 []string `json:"publicIPv4,omitzero"`

	// IPv6 addresses. AWS API: InstanceNetworkInterface.Ipv6Addresses of the first network interface.
	// +optional
	// +listType=set
	IPv6 []string `json:"ipv6,omitzero"`
}
