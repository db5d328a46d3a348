package v1alpha1

// InstanceRequirements are what instance types must meet to be launched, in place of a list of types. A field left out
// does not matter, unless it says otherwise.
// +kubebuilder:validation:XValidation:rule="!has(self.allowedInstanceTypes) || !has(self.excludedInstanceTypes)",message="allowedInstanceTypes and excludedInstanceTypes exclude each other: give one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.spotMaxPricePercentageOverLowestPrice) || !has(self.maxSpotPriceAsPercentageOfOptimalOnDemandPrice)",message="spotMaxPricePercentageOverLowestPrice and maxSpotPriceAsPercentageOfOptimalOnDemandPrice exclude each other: give one of them"
// +kubebuilder:validation:XValidation:rule="has(self.vCPUCount.min) && has(self.memoryMiB.min)",message="vCPUCount and memoryMiB need a min (0 for no minimum)"
type InstanceRequirements struct {
	// VCPUCount is the number of virtual processors; min is required. AWS API: InstanceRequirements.VCpuCount.
	VCPUCount IntegerRange `json:"vCPUCount"`

	// MemoryMiB is the memory in MiB; min is required. AWS API: InstanceRequirements.MemoryMiB.
	MemoryMiB IntegerRange `json:"memoryMiB"`

	// CPUManufacturers of the processors. AWS API: InstanceRequirements.CpuManufacturers.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=4
	// +kubebuilder:validation:items:Enum=intel;amd;amazon-web-services;apple
	CPUManufacturers []string `json:"cpuManufacturers,omitempty"`

	// MemoryGiBPerVCPU is the memory for each virtual processor in GiB. AWS API: InstanceRequirements.MemoryGiBPerVCpu.
	// +optional
	MemoryGiBPerVCPU *DecimalRange `json:"memoryGiBPerVCPU,omitempty"`

	// AllowedInstanceTypes are the only types, 400 at most; * stands for any text, as in "m6i.*".
	// AWS API: InstanceRequirements.AllowedInstanceTypes.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=400
	AllowedInstanceTypes []InstanceTypePattern `json:"allowedInstanceTypes,omitempty"`

	// ExcludedInstanceTypes are types to leave out, 400 at most; * stands for any text.
	// AWS API: InstanceRequirements.ExcludedInstanceTypes.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=400
	ExcludedInstanceTypes []InstanceTypePattern `json:"excludedInstanceTypes,omitempty"`

	// InstanceGenerations: current, previous or both; default both. AWS API: InstanceRequirements.InstanceGenerations.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=2
	// +kubebuilder:validation:items:Enum=current;previous
	InstanceGenerations []string `json:"instanceGenerations,omitempty"`

	// SpotMaxPricePercentageOverLowestPrice is how many percent a Spot price may be over that of the cheapest type; 999999
	// for any. Default 100. AWS API: InstanceRequirements.SpotMaxPricePercentageOverLowestPrice.
	// +optional
	// +kubebuilder:validation:Minimum=0
	SpotMaxPricePercentageOverLowestPrice *int32 `json:"spotMaxPricePercentageOverLowestPrice,omitempty"`

	// MaxSpotPriceAsPercentageOfOptimalOnDemandPrice is how many percent of the cheapest On-Demand price a Spot price may
	// be; 999999 for any. AWS API: InstanceRequirements.MaxSpotPriceAsPercentageOfOptimalOnDemandPrice.
	// +optional
	// +kubebuilder:validation:Minimum=1
	MaxSpotPriceAsPercentageOfOptimalOnDemandPrice *int32 `json:"maxSpotPriceAsPercentageOfOptimalOnDemandPrice,omitempty"`

	// OnDemandMaxPricePercentageOverLowestPrice is how many percent an On-Demand price may be over that of the cheapest
	// type; 999999 for any. Default 20. AWS API: InstanceRequirements.OnDemandMaxPricePercentageOverLowestPrice.
	// +optional
	// +kubebuilder:validation:Minimum=0
	OnDemandMaxPricePercentageOverLowestPrice *int32 `json:"onDemandMaxPricePercentageOverLowestPrice,omitempty"`

	// BareMetal types: included, excluded (the default) or required. AWS API: InstanceRequirements.BareMetal.
	// +optional
	// +kubebuilder:validation:Enum=included;excluded;required
	BareMetal string `json:"bareMetal,omitempty"`

	// BurstablePerformance types (T family): included, excluded (the default) or required.
	// AWS API: InstanceRequirements.BurstablePerformance.
	// +optional
	// +kubebuilder:validation:Enum=included;excluded;required
	BurstablePerformance string `json:"burstablePerformance,omitempty"`

	// RequireHibernateSupport leaves only types that can hibernate; default false.
	// AWS API: InstanceRequirements.RequireHibernateSupport.
	// +optional
	RequireHibernateSupport *bool `json:"requireHibernateSupport,omitempty"`

	// NetworkInterfaceCount is the number of network interfaces. AWS API: InstanceRequirements.NetworkInterfaceCount.
	// +optional
	NetworkInterfaceCount *IntegerRange `json:"networkInterfaceCount,omitempty"`

	// NetworkBandwidthGbps is the bandwidth of the network in Gbit/s. AWS API: InstanceRequirements.NetworkBandwidthGbps.
	// +optional
	NetworkBandwidthGbps *DecimalRange `json:"networkBandwidthGbps,omitempty"`

	// LocalStorage, that is instance store volumes: included (the default), excluded or required.
	// AWS API: InstanceRequirements.LocalStorage.
	// +optional
	// +kubebuilder:validation:Enum=included;excluded;required
	LocalStorage string `json:"localStorage,omitempty"`

	// LocalStorageTypes: hdd, ssd or both; default both. AWS API: InstanceRequirements.LocalStorageTypes.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=2
	// +kubebuilder:validation:items:Enum=hdd;ssd
	LocalStorageTypes []string `json:"localStorageTypes,omitempty"`

	// TotalLocalStorageGB is the size of all instance store volumes in GB. AWS API: InstanceRequirements.TotalLocalStorageGB.
	// +optional
	TotalLocalStorageGB *DecimalRange `json:"totalLocalStorageGB,omitempty"`

	// BaselineEBSBandwidthMbps is the bandwidth to EBS in Mbit/s. AWS API: InstanceRequirements.BaselineEbsBandwidthMbps.
	// +optional
	BaselineEBSBandwidthMbps *IntegerRange `json:"baselineEBSBandwidthMbps,omitempty"`

	// BaselinePerformanceFamilies: types whose processors are at least as fast as those of this instance family, for
	// instance c6i; one at most. AWS API: InstanceRequirements.BaselinePerformanceFactors.Cpu.References.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=1
	// +kubebuilder:validation:items:MaxLength=32
	// +kubebuilder:validation:items:Pattern=`^[a-z0-9-]+$`
	BaselinePerformanceFamilies []string `json:"baselinePerformanceFamilies,omitempty"`

	// AcceleratorTypes: gpu, fpga, inference, media. AWS API: InstanceRequirements.AcceleratorTypes.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=4
	// +kubebuilder:validation:items:Enum=gpu;fpga;inference;media
	AcceleratorTypes []string `json:"acceleratorTypes,omitempty"`

	// AcceleratorCount is the number of accelerators; max 0 leaves out types that have any.
	// AWS API: InstanceRequirements.AcceleratorCount.
	// +optional
	AcceleratorCount *IntegerRange `json:"acceleratorCount,omitempty"`

	// AcceleratorManufacturers of the accelerators. AWS API: InstanceRequirements.AcceleratorManufacturers.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:items:Enum=amazon-web-services;amd;nvidia;xilinx;habana
	AcceleratorManufacturers []string `json:"acceleratorManufacturers,omitempty"`

	// AcceleratorNames, for instance a100, h100, t4, inferentia. AWS API: InstanceRequirements.AcceleratorNames.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MaxItems=30
	// +kubebuilder:validation:items:MaxLength=32
	// +kubebuilder:validation:items:Pattern=`^[a-z0-9-]+$`
	AcceleratorNames []string `json:"acceleratorNames,omitempty"`

	// AcceleratorTotalMemoryMiB is the memory of all accelerators in MiB. AWS API: InstanceRequirements.AcceleratorTotalMemoryMiB.
	// +optional
	AcceleratorTotalMemoryMiB *IntegerRange `json:"acceleratorTotalMemoryMiB,omitempty"`
}

// InstanceTypePattern is an instance type in which * may stand for any text.
// +kubebuilder:validation:MaxLength=30
// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9.*-]+$`
type InstanceTypePattern string

// IntegerRange is from min to max, both included; one left out does not bound.
// +kubebuilder:validation:XValidation:rule="has(self.min) || has(self.max)",message="a range needs min or max"
// +kubebuilder:validation:XValidation:rule="!has(self.min) || !has(self.max) || self.min <= self.max",message="the min of a range cannot be greater than its max"
type IntegerRange struct {
	// Min is the least.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Min *int32 `json:"min,omitempty"`
	// Max is the most.
	// +optional
	// +kubebuilder:validation:Minimum=0
	Max *int32 `json:"max,omitempty"`
}

// DecimalRange is from min to max, both included, as decimal numbers ("0.5"); one left out does not bound.
// +kubebuilder:validation:XValidation:rule="has(self.min) || has(self.max)",message="a range needs min or max"
// +kubebuilder:validation:XValidation:rule="!has(self.min) || !has(self.max) || double(self.min) <= double(self.max)",message="the min of a range cannot be greater than its max"
type DecimalRange struct {
	// Min is the least.
	// +optional
	Min UnsignedDecimal `json:"min,omitempty"`
	// Max is the most.
	// +optional
	Max UnsignedDecimal `json:"max,omitempty"`
}

// UnsignedDecimal is a decimal number that is not negative, as text.
// +kubebuilder:validation:MaxLength=16
// +kubebuilder:validation:Pattern=`^[0-9]+(\.[0-9]+)?$`
type UnsignedDecimal string
