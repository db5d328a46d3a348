package v1alpha1

// AvailabilityZone is the name of an Availability Zone, for instance "us-east-1a", or its id, for instance "use1-az1".
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[a-z0-9-]+$`
type AvailabilityZone string

// TerminationPolicy is the name of a termination policy, or the ARN of a Lambda function that chooses.
// +kubebuilder:validation:MaxLength=1600
// +kubebuilder:validation:Pattern=`^(Default|AllocationStrategy|ClosestToNextInstanceHour|NewestInstance|OldestInstance|OldestLaunchConfiguration|OldestLaunchTemplate|arn:aws[a-z-]*:lambda:.+)$`
type TerminationPolicy string

// HealthCheckSource is one that tells of the health of an instance.
// +kubebuilder:validation:Enum=EC2;EBS;ELB;VPC_LATTICE
type HealthCheckSource string

// AutoScalingHealthCheck says how unhealthy instances are noticed.
type AutoScalingHealthCheck struct {
	// Types of health checks beside EC2's own status checks, which are always on: EBS, ELB (the health of the targets in
	// the attached target groups) and VPC_LATTICE. EC2 may be listed too. Default [EC2].
	// AWS API: HealthCheckType. Mutable; removed, the default again.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=4
	Types []HealthCheckSource `json:"types,omitempty"`

	// GracePeriodSeconds after an instance has come into service in which failed health checks do not count. Default 0.
	// AWS API: HealthCheckGracePeriod. Mutable; removed, the default again.
	// +optional
	// +kubebuilder:validation:Minimum=0
	GracePeriodSeconds *int32 `json:"gracePeriodSeconds,omitempty"`
}

// InstanceMaintenancePolicy bounds the capacity while instances are replaced, in percent of the desired capacity.
// +kubebuilder:validation:XValidation:rule="self.maxHealthyPercentage - self.minHealthyPercentage <= 100",message="instanceMaintenancePolicy.maxHealthyPercentage must be at most 100 above minHealthyPercentage"
type InstanceMaintenancePolicy struct {
	// MinHealthyPercentage of the desired capacity that stays in service, 0 to 100: at 100 replacements are launched first.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=100
	MinHealthyPercentage int32 `json:"minHealthyPercentage"`

	// MaxHealthyPercentage of the desired capacity that may run meanwhile, 100 to 200; at most 100 above the minimum.
	// +kubebuilder:validation:Minimum=100
	// +kubebuilder:validation:Maximum=200
	MaxHealthyPercentage int32 `json:"maxHealthyPercentage"`
}

// AvailabilityZoneDistribution says how instances are spread over Availability Zones.
type AvailabilityZoneDistribution struct {
	// CapacityDistributionStrategy is balanced-best-effort (the default: where a zone cannot launch, another one does),
	// balanced-only, or reservations-then-balanced. AWS API: CapacityDistributionStrategy.
	// +kubebuilder:validation:Enum=balanced-best-effort;balanced-only;reservations-then-balanced
	CapacityDistributionStrategy string `json:"capacityDistributionStrategy"`
}

// AvailabilityZoneImpairmentPolicy says what a zonal shift does to a group.
// +kubebuilder:validation:XValidation:rule="!self.zonalShiftEnabled || has(self.impairedZoneHealthCheckBehavior)",message="zonal shift needs to know what becomes of unhealthy instances in the impaired zone: give impairedZoneHealthCheckBehavior ReplaceUnhealthy or IgnoreUnhealthy"
type AvailabilityZoneImpairmentPolicy struct {
	// ZonalShiftEnabled lets a zonal shift move launches away from an impaired zone.
	ZonalShiftEnabled bool `json:"zonalShiftEnabled"`

	// ImpairedZoneHealthCheckBehavior is ReplaceUnhealthy or IgnoreUnhealthy; needed when zonalShiftEnabled is true.
	// +optional
	// +kubebuilder:validation:Enum=ReplaceUnhealthy;IgnoreUnhealthy
	ImpairedZoneHealthCheckBehavior string `json:"impairedZoneHealthCheckBehavior,omitempty"`

	// SkipZonalShiftValidation allows zonal shift with load balancers whose cross-zone load balancing is off. It goes with
	// a change of this policy, and AWS does not keep it. Default false. AWS API: SkipZonalShiftValidation.
	// +optional
	SkipZonalShiftValidation *bool `json:"skipZonalShiftValidation,omitempty"`
}

// AutoScalingCapacityReservation says which Capacity Reservations instances are launched into.
// +kubebuilder:validation:XValidation:rule="!has(self.ids) && !has(self.resourceGroupARNs) || self.preference in ['capacity-reservations-only', 'capacity-reservations-first']",message="capacityReservation.ids and resourceGroupARNs go with preference capacity-reservations-only or capacity-reservations-first"
type AutoScalingCapacityReservation struct {
	// Preference is capacity-reservations-only, capacity-reservations-first, none, or default (what the launch template
	// says, or any open reservation). AWS API: CapacityReservationPreference.
	// +kubebuilder:validation:Enum=capacity-reservations-only;capacity-reservations-first;none;default
	Preference string `json:"preference"`

	// IDs of Capacity Reservations. AWS API: CapacityReservationIds.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	IDs []CapacityReservationID `json:"ids,omitempty"`

	// ResourceGroupARNs of groups of Capacity Reservations. AWS API: CapacityReservationResourceGroupArns.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	ResourceGroupARNs []ResourceGroupARN `json:"resourceGroupARNs,omitempty"`
}

// CapacityReservationID is the id of a Capacity Reservation, for instance "cr-0123456789abcdef0".
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^cr-[0-9a-z]+$`
type CapacityReservationID string

// ResourceGroupARN is the ARN of a resource group.
// +kubebuilder:validation:MaxLength=1600
// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:resource-groups:[a-z0-9-]+:[0-9]{12}:group/.+$`
type ResourceGroupARN string

// InstanceLifecyclePolicy says what becomes of instances whose lifecycle hooks fail.
type InstanceLifecyclePolicy struct {
	// TerminateHookAbandon says what becomes of an instance whose terminating hook is abandoned: terminate (the default),
	// or retain: it stays, is paid for, and no longer counts toward the capacity.
	// AWS API: RetentionTriggers.TerminateHookAbandon.
	// +kubebuilder:validation:Enum=terminate;retain
	TerminateHookAbandon string `json:"terminateHookAbandon"`
}

// AutoScalingTag is a tag of a group, and maybe of its instances.
type AutoScalingTag struct {
	// Key of the tag, 1 to 128 characters; not starting with "aws:" or "evenkeel.io/".
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('aws:') && !self.startsWith('evenkeel.io/')",message="tag keys must not start with aws: (AWS keeps them) or evenkeel.io/ (the controller's ownership marks): choose another key"
	Key string `json:"key"`

	// Value of the tag, up to 256 characters.
	Value TagValue `json:"value"`

	// PropagateAtLaunch gives the tag to instances when they are launched. Default false.
	// +optional
	PropagateAtLaunch *bool `json:"propagateAtLaunch,omitempty"`
}

// AutoScalingGroupAdoption names the group to take over.
// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.adopt is immutable once set: to adopt another group, delete this AutoScalingGroup with deletionPolicy Retain and create a new one"
type AutoScalingGroupAdoption struct {
	// Name of the group in AWS.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[!-9;-~]+$`
	Name string `json:"name"`
}
