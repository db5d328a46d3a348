package v1alpha1

// AutoScalingGroupStatus tells what the controller found in AWS.
type AutoScalingGroupStatus struct {
	CommonStatus `json:",inline"`

	// ARN of the group. AWS API: AutoScalingGroupARN.
	// +optional
	ARN string `json:"arn,omitempty"`

	// Name of the group in AWS. AWS API: AutoScalingGroupName.
	// +optional
	Name string `json:"name,omitempty"`

	// MinSize that the group has in AWS. AWS API: MinSize.
	// +optional
	MinSize *int32 `json:"minSize,omitempty"`

	// MaxSize that the group has in AWS. AWS API: MaxSize.
	// +optional
	MaxSize *int32 `json:"maxSize,omitempty"`

	// DesiredCapacity that the group has in AWS, whoever set it. AWS API: DesiredCapacity.
	// +optional
	DesiredCapacity *int32 `json:"desiredCapacity,omitempty"`

	// InService is the number of instances in service. AWS API: Instance.LifecycleState InService.
	// +optional
	InService *int32 `json:"inService,omitempty"`

	// AvailabilityZones that instances are launched in: the first 50. AWS API: AvailabilityZones.
	// +optional
	// +listType=set
	AvailabilityZones []string `json:"availabilityZones,omitempty"`

	// VPCID of the group's subnets, once it was to be known.
	// +optional
	VPCID string `json:"vpcID,omitempty"`

	// LaunchTemplate that the instances are to come from.
	// +optional
	LaunchTemplate *LaunchTemplateStatus `json:"launchTemplate,omitempty"`

	// SecurityGroup is the one that is made for the group's instances.
	// +optional
	SecurityGroup *SecurityGroupStatus `json:"securityGroup,omitempty"`

	// ScalingPolicies that the object keeps, by name.
	// +optional
	// +listType=map
	// +listMapKey=name
	ScalingPolicies []ScalingPolicyStatus `json:"scalingPolicies,omitempty"`

	AutoScalingGroupInstances `json:",inline"`

	// InstanceRefresh tells how the launch template reaches the instances.
	// +optional
	InstanceRefresh *InstanceRefreshStatus `json:"instanceRefresh,omitempty"`

	// TargetGroups that are attached to the group, when they are managed: the first 50.
	// +optional
	// +listType=map
	// +listMapKey=arn
	TargetGroups []AttachedTargetGroupStatus `json:"targetGroups,omitempty"`

	// Addresses of instances, while RecordSets ask for them (spec.instancesOf).
	// +optional
	Addresses *InstanceAddresses `json:"addresses,omitempty"`
}
