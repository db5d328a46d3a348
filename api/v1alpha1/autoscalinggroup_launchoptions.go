package v1alpha1

// UserDataSource says where user data is. Missing objects and keys are waited for (reason ReferenceNotFound), without a
// new version of the template meanwhile.
// +kubebuilder:validation:XValidation:rule="has(self.configMapKeyRef) != has(self.secretKeyRef)",message="user data comes from one place: give exactly one of configMapKeyRef and secretKeyRef"
type UserDataSource struct {
	// ConfigMapKeyRef names a key of a ConfigMap, in its data or binaryData.
	// +optional
	ConfigMapKeyRef *ConfigMapKeyReference `json:"configMapKeyRef,omitempty"`

	// SecretKeyRef names a key of a Secret. What is in it appears nowhere but in EC2.
	// +optional
	SecretKeyRef *SecretKeyReference `json:"secretKeyRef,omitempty"`
}

// IAMInstanceProfile names an instance profile.
// +kubebuilder:validation:XValidation:rule="has(self.arn) != has(self.name)",message="name the instance profile by arn or by name: give exactly one of them"
type IAMInstanceProfile struct {
	// ARN of the profile. AWS API: IamInstanceProfile.Arn.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:Pattern=`^arn:[a-z0-9-]+:iam::[0-9]{12}:instance-profile/.+$`
	ARN string `json:"arn,omitempty"`

	// Name of the profile, up to 128 characters. AWS API: IamInstanceProfile.Name.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9_+=,.@-]+$`
	Name string `json:"name,omitempty"`
}

// InstanceMonitoring says how often EC2 reports metrics.
type InstanceMonitoring struct {
	// Enabled: every minute (detailed monitoring, billed) in place of every five. AWS API: Monitoring.Enabled.
	Enabled bool `json:"enabled"`
}

// InstancePlacement says on what hardware instances run.
// +kubebuilder:validation:XValidation:rule="!has(self.groupName) || !has(self.groupID)",message="name the placement group by groupName or by groupID, not both"
// +kubebuilder:validation:XValidation:rule="!has(self.partitionNumber) || has(self.groupName) || has(self.groupID)",message="partitionNumber is about a placement group of strategy partition: give groupName or groupID too"
// +kubebuilder:validation:XValidation:rule="!has(self.hostID) && !has(self.hostResourceGroupARN) && !has(self.affinity) || has(self.tenancy) && self.tenancy == 'host'",message="hostID, hostResourceGroupARN and affinity are for tenancy host: set tenancy to host"
// +kubebuilder:validation:XValidation:rule="!has(self.hostID) || !has(self.hostResourceGroupARN)",message="hostID and hostResourceGroupARN exclude each other: give one of them"
type InstancePlacement struct {
	// GroupName is the placement group. AWS API: Placement.GroupName.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	GroupName string `json:"groupName,omitempty"`

	// GroupID is the placement group, for instance "pg-0123456789abcdef0". AWS API: Placement.GroupId.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^pg-[0-9a-z]{1,61}$`
	GroupID string `json:"groupID,omitempty"`

	// PartitionNumber of the placement group, 1 to 7. AWS API: Placement.PartitionNumber.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=7
	PartitionNumber *int32 `json:"partitionNumber,omitempty"`

	// Tenancy of the hardware: default (shared), dedicated or host. AWS API: Placement.Tenancy.
	// +optional
	// +kubebuilder:validation:Enum=default;dedicated;host
	Tenancy string `json:"tenancy,omitempty"`

	// HostID is the Dedicated Host, for instance "h-0123456789abcdef0". AWS API: Placement.HostId.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^h-[0-9a-z]{1,62}$`
	HostID string `json:"hostID,omitempty"`

	// HostResourceGroupARN is the group of Dedicated Hosts. AWS API: Placement.HostResourceGroupArn.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:Pattern=`^arn:[a-z0-9-]+:resource-groups:.+$`
	HostResourceGroupARN string `json:"hostResourceGroupARN,omitempty"`

	// Affinity of an instance that was stopped to its Dedicated Host: default or host. AWS API: Placement.Affinity.
	// +optional
	// +kubebuilder:validation:Enum=default;host
	Affinity string `json:"affinity,omitempty"`
}

// CreditSpecification says how burstable instances burst.
type CreditSpecification struct {
	// CPUCredits: standard bursts from credits saved, unlimited beyond them (which is billed). T2 has standard by
	// default, T3 and newer unlimited. AWS API: CreditSpecification.CpuCredits.
	// +kubebuilder:validation:Enum=standard;unlimited
	CPUCredits string `json:"cpuCredits"`
}

// CPUOptions are options of the processor.
// +kubebuilder:validation:XValidation:rule="has(self.coreCount) == has(self.threadsPerCore)",message="coreCount and threadsPerCore go together: give both or none"
type CPUOptions struct {
	// CoreCount is the number of cores; with threadsPerCore. AWS API: CpuOptions.CoreCount.
	// +optional
	// +kubebuilder:validation:Minimum=1
	CoreCount *int32 `json:"coreCount,omitempty"`

	// ThreadsPerCore: 1 turns multithreading off, 2 is what most types have; with coreCount. AWS API: CpuOptions.ThreadsPerCore.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=2
	ThreadsPerCore *int32 `json:"threadsPerCore,omitempty"`

	// AMDSEVSNP encrypts memory on types that can (M6a, R6a, C6a): enabled or disabled. AWS API: CpuOptions.AmdSevSnp.
	// +optional
	// +kubebuilder:validation:Enum=enabled;disabled
	AMDSEVSNP string `json:"amdSEVSNP,omitempty"`

	// NestedVirtualization on types that can (C8i, M8i, R8i): enabled or disabled. AWS API: CpuOptions.NestedVirtualization.
	// +optional
	// +kubebuilder:validation:Enum=enabled;disabled
	NestedVirtualization string `json:"nestedVirtualization,omitempty"`
}

// InstanceCapacityReservation says into which capacity reservations instances go.
// +kubebuilder:validation:XValidation:rule="has(self.preference) || has(self.target)",message="give a preference or a target"
// +kubebuilder:validation:XValidation:rule="!has(self.target) || !has(self.preference) || self.preference == 'capacity-reservations-only'",message="a target leaves no choice: remove preference, or set it to capacity-reservations-only"
type InstanceCapacityReservation struct {
	// Preference: open (any open reservation that fits, the default), none, or capacity-reservations-only.
	// AWS API: CapacityReservationSpecification.CapacityReservationPreference.
	// +optional
	// +kubebuilder:validation:Enum=open;none;capacity-reservations-only
	Preference string `json:"preference,omitempty"`

	// Target is the one reservation, or group of reservations, to use.
	// +optional
	Target *InstanceCapacityReservationTarget `json:"target,omitempty"`
}

// InstanceCapacityReservationTarget names a capacity reservation or a group of them.
// +kubebuilder:validation:XValidation:rule="has(self.capacityReservationID) != has(self.resourceGroupARN)",message="give exactly one of capacityReservationID and resourceGroupARN"
type InstanceCapacityReservationTarget struct {
	// CapacityReservationID, for instance "cr-0123456789abcdef0". AWS API: CapacityReservationTarget.CapacityReservationId.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^cr-[0-9a-z]{1,61}$`
	CapacityReservationID string `json:"capacityReservationID,omitempty"`

	// ResourceGroupARN of a group of reservations. AWS API: CapacityReservationTarget.CapacityReservationResourceGroupArn.
	// +optional
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:Pattern=`^arn:[a-z0-9-]+:resource-groups:.+$`
	ResourceGroupARN string `json:"resourceGroupARN,omitempty"`
}

// HibernationOptions prepare instances for hibernation.
type HibernationOptions struct {
	// Configured: the instances can hibernate. AWS API: HibernationOptions.Configured.
	Configured bool `json:"configured"`
}

// InstanceMetadataOptions are options of the instance metadata service. What is left out is as the image or the account says.
type InstanceMetadataOptions struct {
	// HTTPTokens: required lets in only requests with a session token (IMDSv2), optional others too.
	// AWS API: MetadataOptions.HttpTokens.
	// +optional
	// +kubebuilder:validation:Enum=optional;required
	HTTPTokens string `json:"httpTokens,omitempty"`

	// HTTPEndpoint turns the service on and off: enabled or disabled. AWS API: MetadataOptions.HttpEndpoint.
	// +optional
	// +kubebuilder:validation:Enum=enabled;disabled
	HTTPEndpoint string `json:"httpEndpoint,omitempty"`

	// HTTPPutResponseHopLimit is how many network hops the answer with a token may travel, 1 to 64; containers need 2.
	// AWS API: MetadataOptions.HttpPutResponseHopLimit.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=64
	HTTPPutResponseHopLimit *int32 `json:"httpPutResponseHopLimit,omitempty"`

	// HTTPProtocolIPv6 turns the service's IPv6 address on and off: enabled or disabled.
	// AWS API: MetadataOptions.HttpProtocolIpv6.
	// +optional
	// +kubebuilder:validation:Enum=enabled;disabled
	HTTPProtocolIPv6 string `json:"httpProtocolIPv6,omitempty"`

	// InstanceMetadataTags lets instances read their tags from the service: enabled or disabled.
	// AWS API: MetadataOptions.InstanceMetadataTags.
	// +optional
	// +kubebuilder:validation:Enum=enabled;disabled
	InstanceMetadataTags string `json:"instanceMetadataTags,omitempty"`
}

// EnclaveOptions are for AWS Nitro Enclaves.
type EnclaveOptions struct {
	// Enabled: the instances can run enclaves. AWS API: EnclaveOptions.Enabled.
	Enabled bool `json:"enabled"`
}

// PrivateDNSNameOptions say how instances are named inside of the VPC. What is left out is as the subnet says.
type PrivateDNSNameOptions struct {
	// HostnameType: ip-name (the name tells the IPv4 address) or resource-name (the instance id).
	// AWS API: PrivateDnsNameOptions.HostnameType.
	// +optional
	// +kubebuilder:validation:Enum=ip-name;resource-name
	HostnameType string `json:"hostnameType,omitempty"`

	// EnableResourceNameDNSARecord answers A queries for the resource name.
	// AWS API: PrivateDnsNameOptions.EnableResourceNameDnsARecord.
	// +optional
	EnableResourceNameDNSARecord *bool `json:"enableResourceNameDNSARecord,omitempty"`

	// EnableResourceNameDNSAAAARecord answers AAAA queries for the resource name.
	// AWS API: PrivateDnsNameOptions.EnableResourceNameDnsAAAARecord.
	// +optional
	EnableResourceNameDNSAAAARecord *bool `json:"enableResourceNameDNSAAAARecord,omitempty"`
}

// InstanceMaintenanceOptions are options of an instance's maintenance.
type InstanceMaintenanceOptions struct {
	// AutoRecovery of an instance whose hardware fails: default (where its type can) or disabled.
	// AWS API: MaintenanceOptions.AutoRecovery.
	// +kubebuilder:validation:Enum=default;disabled
	AutoRecovery string `json:"autoRecovery"`
}

// NetworkPerformanceOptions divide an instance's bandwidth.
type NetworkPerformanceOptions struct {
	// BandwidthWeighting: default, vpc-1 (more for the network) or ebs-1 (more for volumes).
	// AWS API: NetworkPerformanceOptions.BandwidthWeighting.
	// +kubebuilder:validation:Enum=default;vpc-1;ebs-1
	BandwidthWeighting string `json:"bandwidthWeighting"`
}
