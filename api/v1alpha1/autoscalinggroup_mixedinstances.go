package v1alpha1

// MixedInstances let a group have instances of several types, bought in several ways.
type MixedInstances struct {
	// Overrides are the types, or what types must meet, that the group may launch, 40 at most, in the order in which
	// prioritized strategies prefer them. Left out, they are not managed: a new group launches what the launch template
	// says. AWS API: MixedInstancesPolicy.LaunchTemplate.Overrides. Mutable.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=40
	// +kubebuilder:validation:XValidation:rule="self.all(o, has(o.weightedCapacity)) || self.all(o, !has(o.weightedCapacity))",message="weightedCapacity is for all overrides or for none"
	// +kubebuilder:validation:XValidation:rule="self.all(o, has(o.instanceRequirements)) || self.all(o, !has(o.instanceRequirements))",message="overrides name types or requirements: use instanceRequirements in all of them or in none"
	// +kubebuilder:validation:XValidation:rule="self.filter(o, has(o.instanceRequirements)).size() <= 4",message="at most 4 overrides may have instanceRequirements"
	// +kubebuilder:validation:XValidation:rule="self.all(o, !has(o.instanceType) || self.exists_one(other, has(other.instanceType) && other.instanceType == o.instanceType))",message="every instanceType may stand in one override only"
	Overrides []LaunchTemplateOverride `json:"overrides,omitzero"`

	// Distribution says how much is On-Demand, how much is Spot, and how types and zones are chosen.
	// AWS API: MixedInstancesPolicy.InstancesDistribution. Mutable.
	// +optional
	Distribution *InstancesDistribution `json:"distribution,omitempty"`
}

// LaunchTemplateOverride is one way to launch an instance.
// +kubebuilder:validation:XValidation:rule="has(self.instanceType) != has(self.instanceRequirements)",message="an override gives a type or requirements: give exactly one of instanceType and instanceRequirements"
type LaunchTemplateOverride struct {
	// InstanceType, for instance "m6i.large". AWS API: LaunchTemplateOverrides.InstanceType.
	// +optional
	InstanceType InstanceType `json:"instanceType,omitempty"`

	// InstanceRequirements that types must meet. AWS API: LaunchTemplateOverrides.InstanceRequirements.
	// +optional
	InstanceRequirements *InstanceRequirements `json:"instanceRequirements,omitempty"`

	// WeightedCapacity is how many units of the group's sizes an instance counts for, 1 to 999: of all overrides or none.
	// A group may exceed maxSize by less than the largest weight. AWS API: LaunchTemplateOverrides.WeightedCapacity.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=999
	WeightedCapacity *int32 `json:"weightedCapacity,omitempty"`

	// LaunchTemplateRef names a template to launch with in place of the group's, for instance for another processor architecture.
	// AWS API: LaunchTemplateOverrides.LaunchTemplateSpecification.
	// +optional
	LaunchTemplateRef *LaunchTemplateReference `json:"launchTemplateRef,omitempty"`

	// ImageID to launch with in place of the template's. AWS API: LaunchTemplateOverrides.ImageId.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^ami-[0-9a-z]{1,60}$`
	ImageID string `json:"imageID,omitempty"`
}

// InstancesDistribution says how a group's capacity is made up. A field left out is not managed, and AWS's default in a
// new group.
// +kubebuilder:validation:XValidation:rule="!has(self.spotInstancePools) || !has(self.spotAllocationStrategy) || self.spotAllocationStrategy == 'lowest-price'",message="spotInstancePools is for spotAllocationStrategy lowest-price only: remove it"
type InstancesDistribution struct {
	// OnDemandAllocationStrategy: prioritized (the order of the overrides; default with types) or lowest-price (default,
	// and the only choice, with instanceRequirements). AWS API: InstancesDistribution.OnDemandAllocationStrategy.
	// +optional
	// +kubebuilder:validation:Enum=prioritized;lowest-price
	OnDemandAllocationStrategy string `json:"onDemandAllocationStrategy,omitempty"`

	// OnDemandBaseCapacity is how much of the capacity is On-Demand before anything else; default 0.
	// AWS API: InstancesDistribution.OnDemandBaseCapacity.
	// +optional
	// +kubebuilder:validation:Minimum=0
	OnDemandBaseCapacity *int32 `json:"onDemandBaseCapacity,omitempty"`

	// OnDemandPercentageAboveBaseCapacity is how much of the rest is On-Demand, 0 to 100; what remains is Spot. Default 100.
	// AWS API: InstancesDistribution.OnDemandPercentageAboveBaseCapacity.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	OnDemandPercentageAboveBaseCapacity *int32 `json:"onDemandPercentageAboveBaseCapacity,omitempty"`

	// SpotAllocationStrategy: price-capacity-optimized (what AWS recommends), capacity-optimized,
	// capacity-optimized-prioritized (not with instanceRequirements) or lowest-price (AWS's default).
	// AWS API: InstancesDistribution.SpotAllocationStrategy.
	// +optional
	// +kubebuilder:validation:Enum=lowest-price;capacity-optimized;capacity-optimized-prioritized;price-capacity-optimized
	SpotAllocationStrategy string `json:"spotAllocationStrategy,omitempty"`

	// SpotInstancePools is over how many pools lowest-price spreads, 1 to 20; default 2.
	// AWS API: InstancesDistribution.SpotInstancePools.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=20
	SpotInstancePools *int32 `json:"spotInstancePools,omitempty"`

	// SpotMaxPrice is the most to pay for a Spot instance hour, in US dollars, at least 0.001, for instance "0.05";
	// default the On-Demand price, which is what AWS recommends. AWS API: InstancesDistribution.SpotMaxPrice.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^[0-9]+(\.[0-9]+)?$`
	// +kubebuilder:validation:XValidation:rule="double(self) >= 0.001",message="spotMaxPrice is at least 0.001"
	SpotMaxPrice string `json:"spotMaxPrice,omitempty"`
}
