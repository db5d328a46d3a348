package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// AutoScalingGroupSpec declares an EC2 Auto Scaling group with all that belongs to it.
// +kubebuilder:validation:XValidation:rule="self.minSize <= self.maxSize",message="spec.minSize must not be above spec.maxSize: lower the one or raise the other"
// +kubebuilder:validation:XValidation:rule="!has(self.desiredCapacity) || self.minSize <= self.desiredCapacity && self.desiredCapacity <= self.maxSize",message="spec.desiredCapacity must lie between spec.minSize and spec.maxSize: change the bounds too, or remove it to leave the size to the scalers"
// +kubebuilder:validation:XValidation:rule="has(self.name) == has(oldSelf.name) && (!has(self.name) || self.name == oldSelf.name)",message="spec.name is immutable, AWS cannot rename a group: create another AutoScalingGroup with the new name, let it take over the load, then delete this one"
// +kubebuilder:validation:XValidation:rule="!has(self.adopt) || !has(self.name) || self.adopt.name == self.name",message="spec.adopt.name and spec.name differ, and AWS cannot rename a group: give one of them, or the same name"
// +kubebuilder:validation:XValidation:rule="has(self.subnetIDs) || has(self.availabilityZones) || has(self.availabilityZoneIDs)",message="say where the instances are to run: give spec.subnetIDs, or spec.availabilityZones or spec.availabilityZoneIDs for the default subnets of the default VPC"
// +kubebuilder:validation:XValidation:rule="!has(self.availabilityZones) || !has(self.availabilityZoneIDs)",message="give the Availability Zones either by name (spec.availabilityZones) or by id (spec.availabilityZoneIDs), not both"
// +kubebuilder:validation:XValidation:rule="has(self.subnetIDs) || !has(oldSelf.subnetIDs)",message="spec.subnetIDs can be changed but not removed, AWS cannot put a group back into default subnets: list the default subnets themselves, or create another AutoScalingGroup"
// +kubebuilder:validation:XValidation:rule="!has(self.securityGroup) || has(self.securityGroup.vpcID) || has(self.subnetIDs)",message="spec.securityGroup needs to know its VPC: give securityGroup.vpcID, or spec.subnetIDs"
// +kubebuilder:validation:XValidation:rule="!has(self.launchTemplate) || !has(self.launchTemplateRef)",message="spec.launchTemplate and spec.launchTemplateRef exclude each other: declare the template here, or name an existing one"
// +kubebuilder:validation:XValidation:rule="has(self.launchTemplate) || has(self.launchTemplateRef) || !has(self.mixedInstances) && (has(self.adopt) || has(self.managementPolicy) && self.managementPolicy == 'Observe')",message="say what the instances are made of: give spec.launchTemplate or spec.launchTemplateRef"
// +kubebuilder:validation:XValidation:rule="!has(self.launchTemplate) || has(self.launchTemplate.instanceType) || has(self.launchTemplate.instanceRequirements) || has(self.mixedInstances) && has(self.mixedInstances.overrides) && self.mixedInstances.overrides.size() > 0",message="say of what type the instances are: give launchTemplate.instanceType, launchTemplate.instanceRequirements or mixedInstances.overrides"
// +kubebuilder:validation:XValidation:rule="!has(self.mixedInstances) || !has(self.launchTemplate) || !has(self.launchTemplate.instanceMarketOptions)",message="launchTemplate.instanceMarketOptions does not go with spec.mixedInstances: say in mixedInstances.distribution how much is Spot"
// +kubebuilder:validation:XValidation:rule="!has(self.mixedInstances) || !has(self.mixedInstances.distribution) || !has(self.mixedInstances.distribution.onDemandAllocationStrategy) || self.mixedInstances.distribution.onDemandAllocationStrategy != 'prioritized' || !(has(self.launchTemplate) && has(self.launchTemplate.instanceRequirements)) && !(has(self.mixedInstances.overrides) && self.mixedInstances.overrides.exists(o, has(o.instanceRequirements)))",message="types that are chosen by instanceRequirements have no order: onDemandAllocationStrategy must be lowest-price"
// +kubebuilder:validation:XValidation:rule="!has(self.mixedInstances) || !has(self.mixedInstances.distribution) || !has(self.mixedInstances.distribution.spotAllocationStrategy) || self.mixedInstances.distribution.spotAllocationStrategy != 'capacity-optimized-prioritized' || !(has(self.launchTemplate) && has(self.launchTemplate.instanceRequirements)) && !(has(self.mixedInstances.overrides) && self.mixedInstances.overrides.exists(o, has(o.instanceRequirements)))",message="types that are chosen by instanceRequirements have no order: spotAllocationStrategy cannot be capacity-optimized-prioritized"
// +kubebuilder:validation:XValidation:rule="!has(self.desiredCapacityType) || self.desiredCapacityType == 'units' || has(self.launchTemplateRef) || has(self.launchTemplate) && has(self.launchTemplate.instanceRequirements) || has(self.mixedInstances) && has(self.mixedInstances.overrides) && self.mixedInstances.overrides.exists(o, has(o.instanceRequirements))",message="a desiredCapacityType of vcpu or memory-mib needs instances that are chosen by attributes: give instanceRequirements"
// +kubebuilder:validation:XValidation:rule="!has(self.instanceRefresh) || !has(self.instanceRefresh.autoRollback) || !self.instanceRefresh.autoRollback || !has(self.launchTemplate) || !self.launchTemplate.imageID.startsWith('resolve:ssm:')",message="AWS cannot roll back to an AMI that an SSM parameter names: give launchTemplate.imageID as an id (ami-...), or set instanceRefresh.autoRollback to false"
// +kubebuilder:validation:XValidation:rule="!has(self.instanceRefresh) || !has(self.instanceRefresh.strategy) || self.instanceRefresh.strategy != 'ReplaceRootVolume' || has(self.mixedInstances) && has(self.mixedInstances.overrides) && size(self.mixedInstances.overrides) > 0 && self.mixedInstances.overrides.all(o, has(o.imageID))",message="instanceRefresh.strategy ReplaceRootVolume needs spec.mixedInstances with an imageID in each of its overrides: give them, or choose Rolling"
// +kubebuilder:validation:XValidation:rule="!has(self.warmPool) || !(has(self.launchTemplate) && has(self.launchTemplate.instanceMarketOptions) && self.launchTemplate.instanceMarketOptions.marketType == 'spot') && !(has(self.mixedInstances) && has(self.mixedInstances.distribution) && has(self.mixedInstances.distribution.onDemandPercentageAboveBaseCapacity) && self.mixedInstances.distribution.onDemandPercentageAboveBaseCapacity < 100)",message="AWS keeps no warm pool of Spot instances: set launchTemplate.instanceMarketOptions or mixedInstances.distribution to On-Demand only, or remove spec.warmPool"
// +kubebuilder:validation:XValidation:rule="!has(self.warmPool) || !has(self.mixedInstances) || !has(self.mixedInstances.overrides) || self.mixedInstances.overrides.all(o, !has(o.weightedCapacity))",message="AWS keeps no warm pool of instances that count for several: remove weightedCapacity from mixedInstances.overrides, or remove spec.warmPool"
type AutoScalingGroupSpec struct {
	// Name of the group in AWS, 1 to 255 printable ASCII characters without spaces and ":". Left out, it is derived from
	// the object's namespace and name. AWS API: AutoScalingGroupName. Immutable: AWS cannot rename a group.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[!-9;-~]+$`
	Name string `json:"name,omitempty"`

	// MinSize is the least capacity that the group is kept at, 0 to 10000, in the unit of desiredCapacityType: instances,
	// or the weights of mixed instances. Raised above the present desired capacity, AWS raises that with it.
	// AWS API: MinSize. Mutable.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	MinSize int32 `json:"minSize"`

	// MaxSize is the most capacity that the group may have, 0 to 10000, in the unit of minSize. Lowered below the present
	// desired capacity, AWS lowers that with it. AWS API: MaxSize. Mutable.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	MaxSize int32 `json:"maxSize"`

	// DesiredCapacity is the capacity that the group is to have, between minSize and maxSize, in their unit. Left out, it
	// is never written: a new group starts at minSize, and scaling policies, schedules and people own it from then on;
	// status.desiredCapacity tells it. Given, it is kept: what scalers change is changed back. `kubectl scale` sets it.
	// Removed, it stays as it is and is the scalers'. AWS API: DesiredCapacity. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=10000
	DesiredCapacity *int32 `json:"desiredCapacity,omitempty"`

	// DesiredCapacityType is the unit of the sizes: units (the default: instances, or weights), vcpu or memory-mib; the
	// latter two need mixed instances that are chosen by attributes. AWS API: DesiredCapacityType. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=units;vcpu;memory-mib
	DesiredCapacityType string `json:"desiredCapacityType,omitempty"`

	// SubnetIDs are the subnets that instances are launched into, of one VPC; spread over several Availability Zones, the
	// group outlives the loss of one. AWS API: VPCZoneIdentifier. Mutable; cannot be removed.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	SubnetIDs []SubnetID `json:"subnetIDs,omitempty"`

	// AvailabilityZones by name, for instance "us-east-1a": the default subnets of the default VPC are used, or, with
	// subnetIDs, these zones must be those of the subnets. AWS API: AvailabilityZones. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	AvailabilityZones []AvailabilityZone `json:"availabilityZones,omitempty"`

	// AvailabilityZoneIDs, for instance "use1-az1", in place of availabilityZones: they mean the same place in every
	// account. AWS API: AvailabilityZoneIds. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=50
	AvailabilityZoneIDs []AvailabilityZone `json:"availabilityZoneIDs,omitempty"`

	// LaunchTemplate declares what the instances are made of. The controller keeps it as a launch template of its own: a
	// change makes a new version, which reaches the instances as instanceRefresh says.
	// AWS API: CreateLaunchTemplateVersion. Mutable.
	// +optional
	LaunchTemplate *LaunchTemplate `json:"launchTemplate,omitempty"`

	// LaunchTemplateRef names an existing launch template, in place of launchTemplate, that others keep.
	// AWS API: LaunchTemplate. Mutable.
	// +optional
	LaunchTemplateRef *LaunchTemplateReference `json:"launchTemplateRef,omitempty"`

	// MixedInstances let the group have instances of several types, On-Demand and Spot, beside what the launch template
	// says. AWS API: MixedInstancesPolicy. Mutable; removed, the launch template alone says what instances are.
	// +optional
	MixedInstances *MixedInstances `json:"mixedInstances,omitempty"`

	// SecurityGroup is made for the group's instances, kept as declared, and deleted after them; the launch template names
	// it beside the groups that are declared there. Mutable; removed, it is deleted once no instance uses it.
	// +optional
	SecurityGroup *SecurityGroup `json:"securityGroup,omitempty"`

	// TargetGroups that the group's instances are registered with, 50 at most: from before an instance is in service until
	// it has finished its requests. The list is the whole truth: a target group that others attached is detached; [] has
	// none. Left out, what is attached is not managed; removed, what it listed is detached. A group is made only once all
	// of them exist, so that no instance is ever without. While one is missing, none is detached.
	// AWS API: TrafficSources, AttachTrafficSources, DetachTrafficSources. Mutable.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=50
	TargetGroups []AttachedTargetGroup `json:"targetGroups,omitzero"`

	// HealthCheck says how unhealthy instances are noticed. Mutable.
	// +optional
	HealthCheck *AutoScalingHealthCheck `json:"healthCheck,omitempty"`

	// DefaultCooldownSeconds is how long a simple scaling policy waits after a scaling activity has ended. Default 300.
	// AWS API: DefaultCooldown. Mutable; removed, the default again.
	// +optional
	// +kubebuilder:validation:Minimum=0
	DefaultCooldownSeconds *int32 `json:"defaultCooldownSeconds,omitempty"`

	// DefaultInstanceWarmupSeconds is how long a new instance needs until its metrics count, for scaling policies and
	// instance refreshes alike. Default none, which is not the same as 0. AWS API: DefaultInstanceWarmup. Mutable;
	// removed, none again.
	// +optional
	// +kubebuilder:validation:Minimum=0
	DefaultInstanceWarmupSeconds *int32 `json:"defaultInstanceWarmupSeconds,omitempty"`

	// PlacementGroup that instances are launched into, by name. AWS API: PlacementGroup. Mutable; removed, none again.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	PlacementGroup string `json:"placementGroup,omitempty"`

	// TerminationPolicies say which instance goes first when the group shrinks, in order: Default, AllocationStrategy,
	// ClosestToNextInstanceHour, NewestInstance, OldestInstance, OldestLaunchConfiguration, OldestLaunchTemplate, or the
	// ARN of a Lambda function. Default [Default]. AWS API: TerminationPolicies. Mutable; removed, the default again.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=20
	TerminationPolicies []TerminationPolicy `json:"terminationPolicies,omitempty"`

	// NewInstancesProtectedFromScaleIn protects instances from being chosen when the group shrinks. Default false.
	// When the value changes, the instances that run already are set to it once; after that, the protection of a single
	// instance is left to whoever sets it, so that an instance may protect itself while it works.
	// AWS API: NewInstancesProtectedFromScaleIn, SetInstanceProtection. Mutable; removed, false again.
	// +optional
	NewInstancesProtectedFromScaleIn *bool `json:"newInstancesProtectedFromScaleIn,omitempty"`

	// CapacityRebalance launches a replacement when EC2 says that a Spot instance is at risk. Default false.
	// AWS API: CapacityRebalance. Mutable; removed, false again.
	// +optional
	CapacityRebalance *bool `json:"capacityRebalance,omitempty"`

	// MaxInstanceLifetimeSeconds after which an instance is replaced: at least 86400 (a day), or 0 for never. Default 0.
	// AWS API: MaxInstanceLifetime. Mutable; removed, never.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=31536000
	// +kubebuilder:validation:XValidation:rule="self == 0 || self >= 86400",message="maxInstanceLifetimeSeconds must be at least 86400 (a day), or 0 for no limit"
	MaxInstanceLifetimeSeconds *int32 `json:"maxInstanceLifetimeSeconds,omitempty"`

	// ServiceLinkedRoleARN is the role by which Auto Scaling acts in the account. Default AWSServiceRoleForAutoScaling,
	// which AWS makes by itself. AWS API: ServiceLinkedRoleARN. Mutable; removed, the default again.
	// +optional
	// +kubebuilder:validation:MaxLength=1600
	// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:iam::[0-9]{12}:role/.+$`
	ServiceLinkedRoleARN string `json:"serviceLinkedRoleARN,omitempty"`

	// InstanceMaintenancePolicy bounds how far the group may fall and grow while instances are replaced. Default none.
	// AWS API: InstanceMaintenancePolicy. Mutable; removed, none again.
	// +optional
	InstanceMaintenancePolicy *InstanceMaintenancePolicy `json:"instanceMaintenancePolicy,omitempty"`

	// AvailabilityZoneDistribution says how instances are spread over Availability Zones.
	// AWS API: AvailabilityZoneDistribution. Mutable; removed, AWS's default again.
	// +optional
	AvailabilityZoneDistribution *AvailabilityZoneDistribution `json:"availabilityZoneDistribution,omitempty"`

	// AvailabilityZoneImpairmentPolicy says what a zonal shift does to the group.
	// AWS API: AvailabilityZoneImpairmentPolicy. Mutable; removed, zonal shift is off again.
	// +optional
	AvailabilityZoneImpairmentPolicy *AvailabilityZoneImpairmentPolicy `json:"availabilityZoneImpairmentPolicy,omitempty"`

	// CapacityReservation says which Capacity Reservations instances are launched into.
	// AWS API: CapacityReservationSpecification. Mutable; removed, AWS's default again.
	// +optional
	CapacityReservation *AutoScalingCapacityReservation `json:"capacityReservation,omitempty"`

	// InstanceLifecyclePolicy says what becomes of an instance whose terminating hook is abandoned.
	// AWS API: InstanceLifecyclePolicy. Mutable; removed, such instances are terminated again.
	// +optional
	InstanceLifecyclePolicy *InstanceLifecyclePolicy `json:"instanceLifecyclePolicy,omitempty"`

	// DeletionProtection of the group in AWS: none (the default), prevent-force-deletion or prevent-all-deletion. Deleting
	// this object ends it only when none is declared here: otherwise the deletion is blocked, and says so.
	// AWS API: DeletionProtection. Mutable; removed, none again.
	// +optional
	// +kubebuilder:validation:Enum=none;prevent-force-deletion;prevent-all-deletion
	DeletionProtection string `json:"deletionProtection,omitempty"`

	// InstanceRefresh says how a changed launch template, or changed mixed instances, reach the instances that run. Left out,
	// only instances that are launched later are as changed. AWS API: StartInstanceRefresh. Mutable.
	// +optional
	InstanceRefresh *InstanceRefresh `json:"instanceRefresh,omitempty"`

	// Tags of the group, 48 at most, beside the two by which the controller marks what it owns. Only the keys listed here
	// are managed: tags that others set stay, and a key removed here is removed. An instance gets those that propagate
	// when it is launched, not later. AWS API: CreateOrUpdateTags, DeleteTags. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=key
	// +kubebuilder:validation:MaxItems=48
	Tags []AutoScalingTag `json:"tags,omitempty"`

	// ScalingPolicies change the desired capacity by metrics, 50 at most. Left out from the start, the group's policies are
	// left alone; those that others made always are. One removed here is deleted, with its alarm; [] removes all that were
	// declared. Leave spec.desiredCapacity out beside them. AWS API: PutScalingPolicy, DeletePolicy. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=50
	ScalingPolicies []ScalingPolicy `json:"scalingPolicies,omitempty"`

	// ScheduledActions change the group's sizes at given times, 125 at most. Left out from the start, the group's actions are
	// left alone; those that others made always are. One removed here is deleted; [] removes all that were declared.
	// AWS API: BatchPutScheduledUpdateGroupAction, BatchDeleteScheduledAction. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MaxItems=125
	ScheduledActions []ScheduledAction `json:"scheduledActions,omitempty"`

	AutoScalingGroupParts `json:",inline"`

	// Adopt names one existing group to take over, whatever adoptionPolicy says.
	// +optional
	Adopt *AutoScalingGroupAdoption `json:"adopt,omitempty"`

	Policies `json:",inline"`
}

// AutoScalingGroup is an EC2 Auto Scaling group with its launch template, policies, hooks and security group.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:subresource:scale:specpath=.spec.desiredCapacity,statuspath=.status.desiredCapacity
// +kubebuilder:resource:shortName=asg,categories=evenkeel
// +kubebuilder:printcolumn:name="Min",type=integer,JSONPath=`.spec.minSize`
// +kubebuilder:printcolumn:name="Max",type=integer,JSONPath=`.spec.maxSize`
// +kubebuilder:printcolumn:name="Desired",type=integer,JSONPath=`.status.desiredCapacity`
// +kubebuilder:printcolumn:name="In-Service",type=integer,JSONPath=`.status.inService`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
// +kubebuilder:validation:XValidation:rule="!has(self.spec.adopt) || !has(self.status) || !has(self.status.name) || self.spec.adopt.name == self.status.name",message="this object has a group already (status.name): to adopt another one, delete this AutoScalingGroup with deletionPolicy Retain and create a new one"
type AutoScalingGroup struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec AutoScalingGroupSpec `json:"spec"`
	// +kubebuilder:default={observedGeneration:-1}
	Status AutoScalingGroupStatus `json:"status,omitempty"`
}

// CommonSpec returns the policies of the group.
func (g *AutoScalingGroup) CommonSpec() *Policies { return &g.Spec.Policies }

// CommonStatus returns the part of the status that every kind has.
func (g *AutoScalingGroup) CommonStatus() *CommonStatus { return &g.Status.CommonStatus }

// AutoScalingGroupList is a list of AutoScalingGroups.
// +kubebuilder:object:root=true
type AutoScalingGroupList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []AutoScalingGroup `json:"items"`
}
