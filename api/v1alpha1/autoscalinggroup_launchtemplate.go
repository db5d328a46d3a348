package v1alpha1

// LaunchTemplate declares what the instances of a group are made of. The controller keeps it as an EC2 launch template
// of its own: a change makes a new version, which reaches the instances as spec.instanceRefresh says, and old versions are
// deleted when nothing uses them any more.
// +kubebuilder:validation:XValidation:rule="!has(self.instanceType) || !has(self.instanceRequirements)",message="instanceType and instanceRequirements exclude each other: give one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.userData) || !has(self.userDataFrom)",message="userData and userDataFrom exclude each other: give one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.securityGroupIDs) || !has(self.networkInterfaces)",message="securityGroupIDs and networkInterfaces exclude each other: give the security groups in networkInterfaces[].securityGroupIDs"
// +kubebuilder:validation:XValidation:rule="!has(self.enclaveOptions) || !has(self.hibernationOptions) || !self.enclaveOptions.enabled || !self.hibernationOptions.configured",message="an instance cannot both hibernate and have enclaves: set enclaveOptions.enabled or hibernationOptions.configured to false"
// +kubebuilder:validation:XValidation:rule="!has(self.instanceMarketOptions) || !has(self.instanceRequirements)",message="instanceMarketOptions does not go with instanceRequirements: use spec.mixedInstances.distribution to ask for Spot capacity"
type LaunchTemplate struct {
	// ImageID is the Amazon Machine Image: its id ("ami-0123456789abcdef0") or, as
	// "resolve:ssm:NAME", "resolve:ssm:NAME:VERSION" or "resolve:ssm:NAME:LABEL", the Systems Manager parameter that holds
	// the id, which is looked up at every launch. An instance refresh that rolls back by itself needs an id.
	// AWS API: RequestLaunchTemplateData.ImageId. Mutable.
	// +kubebuilder:validation:MaxLength=2100
	// +kubebuilder:validation:Pattern=`^(ami-[0-9a-z]{1,60}|resolve:ssm:[a-zA-Z0-9_.:/-]+)$`
	ImageID string `json:"imageID"`

	// InstanceType of the instances, for instance "m6i.large". One of instanceType, instanceRequirements and
	// spec.mixedInstances.overrides is needed. AWS API: RequestLaunchTemplateData.InstanceType. Mutable.
	// +optional
	InstanceType InstanceType `json:"instanceType,omitempty"`

	// InstanceRequirements, in place of a type: EC2 chooses among the types that meet them. With spec.mixedInstances
	// without overrides they choose the types of the group. AWS API: RequestLaunchTemplateData.InstanceRequirements. Mutable.
	// +optional
	InstanceRequirements *InstanceRequirements `json:"instanceRequirements,omitempty"`

	// KeyName is the key pair to log in with. AWS API: RequestLaunchTemplateData.KeyName. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	KeyName string `json:"keyName,omitempty"`

	// UserData is what an instance is given when it starts, most often a script: plain text of up to 16,384 bytes, which
	// the controller encodes. Do not put secrets here: use userDataFrom.
	// AWS API: RequestLaunchTemplateData.UserData. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=16384
	// +kubebuilder:validation:XValidation:rule="size(bytes(self)) <= 16384",message="user data is limited to 16,384 bytes: let it fetch the rest"
	UserData string `json:"userData,omitempty"`

	// UserDataFrom takes the user data from a key of a ConfigMap or Secret. A change there makes a new version as a change
	// here does. AWS API: RequestLaunchTemplateData.UserData. Mutable.
	// +optional
	UserDataFrom *UserDataSource `json:"userDataFrom,omitempty"`

	// IAMInstanceProfile gives the instances their IAM role. AWS API: RequestLaunchTemplateData.IamInstanceProfile. Mutable.
	// +optional
	IAMInstanceProfile *IAMInstanceProfile `json:"iamInstanceProfile,omitempty"`

	// SecurityGroupIDs of the instances, 16 at most, beside the one of spec.securityGroup. When neither is given, the
	// instances have the default group of their VPC. AWS API: RequestLaunchTemplateData.SecurityGroupIds. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	SecurityGroupIDs []SecurityGroupID `json:"securityGroupIDs,omitempty"`

	// NetworkInterfaces of every instance, 32 at most, where one that is made by itself does not do. The subnet is the
	// group's business. Each has the group of spec.securityGroup beside its own.
	// AWS API: RequestLaunchTemplateData.NetworkInterfaces. Mutable.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	// +kubebuilder:validation:XValidation:rule="self.all(a, self.exists_one(b, a.deviceIndex == b.deviceIndex && (has(a.networkCardIndex) ? a.networkCardIndex : 0) == (has(b.networkCardIndex) ? b.networkCardIndex : 0)))",message="two network interfaces have the same deviceIndex and networkCardIndex: give each its own place"
	// +kubebuilder:validation:XValidation:rule="self.exists(a, a.deviceIndex == 0 && (!has(a.networkCardIndex) || a.networkCardIndex == 0))",message="an instance needs a primary network interface: give one with deviceIndex 0 (and networkCardIndex 0)"
	NetworkInterfaces []NetworkInterface `json:"networkInterfaces,omitempty"`

	// SecondaryInterfaces are interfaces in a secondary network, 32 at most.
	// AWS API: RequestLaunchTemplateData.SecondaryInterfaces. Mutable.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=32
	SecondaryInterfaces []SecondaryInterface `json:"secondaryInterfaces,omitempty"`

	// BlockDeviceMappings are the volumes of every instance, 128 at most. Devices that are not listed are as the image says.
	// AWS API: RequestLaunchTemplateData.BlockDeviceMappings. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=deviceName
	// +kubebuilder:validation:MaxItems=128
	BlockDeviceMappings []BlockDeviceMapping `json:"blockDeviceMappings,omitempty"`

	// Monitoring says how often EC2 reports metrics. AWS API: RequestLaunchTemplateData.Monitoring. Mutable.
	// +optional
	Monitoring *InstanceMonitoring `json:"monitoring,omitempty"`

	// Placement says on what hardware instances run. AWS API: RequestLaunchTemplateData.Placement. Mutable.
	// +optional
	Placement *InstancePlacement `json:"placement,omitempty"`

	// EBSOptimized gives the instances dedicated throughput to EBS, where their type does not have it anyway.
	// Default false. AWS API: RequestLaunchTemplateData.EbsOptimized. Mutable.
	// +optional
	EBSOptimized *bool `json:"ebsOptimized,omitempty"`

	// CreditSpecification of burstable types (T family). AWS API: RequestLaunchTemplateData.CreditSpecification. Mutable.
	// +optional
	CreditSpecification *CreditSpecification `json:"creditSpecification,omitempty"`

	// CPUOptions of the instances. AWS API: RequestLaunchTemplateData.CpuOptions. Mutable.
	// +optional
	CPUOptions *CPUOptions `json:"cpuOptions,omitempty"`

	// CapacityReservationSpecification says into which capacity reservations the instances go.
	// AWS API: RequestLaunchTemplateData.CapacityReservationSpecification. Mutable.
	// +optional
	CapacityReservationSpecification *InstanceCapacityReservation `json:"capacityReservationSpecification,omitempty"`

	// HibernationOptions prepare the instances for hibernation, as a warm pool of state Hibernated needs it.
	// AWS API: RequestLaunchTemplateData.HibernationOptions. Mutable.
	// +optional
	HibernationOptions *HibernationOptions `json:"hibernationOptions,omitempty"`

	// MetadataOptions of the instance metadata service. AWS API: RequestLaunchTemplateData.MetadataOptions. Mutable.
	// +optional
	MetadataOptions *InstanceMetadataOptions `json:"metadataOptions,omitempty"`

	// EnclaveOptions for AWS Nitro Enclaves. AWS API: RequestLaunchTemplateData.EnclaveOptions. Mutable.
	// +optional
	EnclaveOptions *EnclaveOptions `json:"enclaveOptions,omitempty"`

	// PrivateDNSNameOptions say how the instances are named inside of the VPC.
	// AWS API: RequestLaunchTemplateData.PrivateDnsNameOptions. Mutable.
	// +optional
	PrivateDNSNameOptions *PrivateDNSNameOptions `json:"privateDNSNameOptions,omitempty"`

	// MaintenanceOptions of the instances. AWS API: RequestLaunchTemplateData.MaintenanceOptions. Mutable.
	// +optional
	MaintenanceOptions *InstanceMaintenanceOptions `json:"maintenanceOptions,omitempty"`

	// NetworkPerformanceOptions of the instances. AWS API: RequestLaunchTemplateData.NetworkPerformanceOptions. Mutable.
	// +optional
	NetworkPerformanceOptions *NetworkPerformanceOptions `json:"networkPerformanceOptions,omitempty"`

	// InstanceMarketOptions make all instances Spot instances, or take them from a Capacity Block. Not with
	// spec.mixedInstances, whose distribution says how many are. AWS API: RequestLaunchTemplateData.InstanceMarketOptions.
	// Mutable.
	// +optional
	InstanceMarketOptions *InstanceMarketOptions `json:"instanceMarketOptions,omitempty"`

	// TagSpecifications are tags that are set when an instance is launched, by kind of resource. For the tags of instances
	// see spec.tags with propagateAtLaunch too, which overrides those of the same key here.
	// AWS API: RequestLaunchTemplateData.TagSpecifications. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=resourceType
	// +kubebuilder:validation:MaxItems=4
	TagSpecifications []LaunchTagSpecification `json:"tagSpecifications,omitempty"`

	// InstanceInitiatedShutdownBehavior is what happens when an instance shuts itself down: stop (the default) or
	// terminate. The group replaces it in either case.
	// AWS API: RequestLaunchTemplateData.InstanceInitiatedShutdownBehavior. Mutable.
	// +optional
	// +kubebuilder:validation:Enum=stop;terminate
	InstanceInitiatedShutdownBehavior string `json:"instanceInitiatedShutdownBehavior,omitempty"`

	// DisableAPITermination refuses calls of TerminateInstances. It does not keep the group from terminating instances:
	// that is what scale-in protection is for. Default false.
	// AWS API: RequestLaunchTemplateData.DisableApiTermination. Mutable.
	// +optional
	DisableAPITermination *bool `json:"disableAPITermination,omitempty"`

	// DisableAPIStop refuses calls of StopInstances. Default false.
	// AWS API: RequestLaunchTemplateData.DisableApiStop. Mutable.
	// +optional
	DisableAPIStop *bool `json:"disableAPIStop,omitempty"`

	// LicenseSpecifications are the License Manager configurations that the instances use, 50 at most.
	// AWS API: RequestLaunchTemplateData.LicenseSpecifications. Mutable.
	// +optional
	// +listType=map
	// +listMapKey=licenseConfigurationARN
	// +kubebuilder:validation:MaxItems=50
	LicenseSpecifications []LicenseSpecification `json:"licenseSpecifications,omitempty"`

	// KernelID of a paravirtual image, for instance "aki-0123456789abcdef0".
	// AWS API: RequestLaunchTemplateData.KernelId. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^aki-[0-9a-z]{1,60}$`
	KernelID string `json:"kernelID,omitempty"`

	// RAMDiskID of a paravirtual image, for instance "ari-0123456789abcdef0".
	// AWS API: RequestLaunchTemplateData.RamDiskId. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^ari-[0-9a-z]{1,60}$`
	RAMDiskID string `json:"ramDiskID,omitempty"`
}

// InstanceType is the name of an EC2 instance type, for instance "m6i.large".
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[a-z0-9-]+\.[a-z0-9-]+$`
type InstanceType string

// LaunchTemplateReference names a version of an EC2 launch template that somebody else keeps.
// +kubebuilder:validation:XValidation:rule="has(self.id) != has(self.name)",message="name the launch template by id or by name: give exactly one of them"
type LaunchTemplateReference struct {
	// ID of the template, for instance "lt-0123456789abcdef0". AWS API: LaunchTemplateSpecification.LaunchTemplateId. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^lt-[0-9a-z]{1,61}$`
	ID string `json:"id,omitempty"`

	// Name of the template, 3 to 128 characters. AWS API: LaunchTemplateSpecification.LaunchTemplateName. Mutable.
	// +optional
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9().\-/_]+$`
	Name string `json:"name,omitempty"`

	// Version of the template: its number as text ("3"), "$Latest" or "$Default". The group is always given a number, so
	// that instances are known to be alike; that another version became the latest or the default one is noticed within
	// the resync period and reaches the instances as any other change. Default "$Default".
	// AWS API: LaunchTemplateSpecification.Version. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=19
	// +kubebuilder:validation:Pattern=`^(\$Latest|\$Default|[1-9][0-9]*)$`
	Version string `json:"version,omitempty"`
}

// LaunchTemplateStatus tells of the launch template that the instances come from.
type LaunchTemplateStatus struct {
	// ID of the template.
	// +optional
	ID string `json:"id,omitempty"`
	// Name of the template.
	// +optional
	Name string `json:"name,omitempty"`
	// Version that is declared: with an instance refresh under way, the one that the instances are getting.
	// +optional
	Version int64 `json:"version,omitempty"`
	// DataHash tells, by a keyed hash, which content the version has when the controller made it.
	// +optional
	DataHash string `json:"dataHash,omitempty"`
}
