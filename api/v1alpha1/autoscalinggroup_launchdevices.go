package v1alpha1

// NetworkInterface declares a network interface of every instance.
// +kubebuilder:validation:XValidation:rule="!has(self.ipv6AddressCount) || !has(self.ipv6PrefixCount)",message="ipv6AddressCount and ipv6PrefixCount exclude each other: give one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.secondaryPrivateIPAddressCount) || !has(self.ipv4PrefixCount)",message="secondaryPrivateIPAddressCount and ipv4PrefixCount exclude each other: give one of them"
// +kubebuilder:validation:XValidation:rule="!has(self.interfaceType) || self.interfaceType != 'efa-only' || !has(self.associatePublicIPAddress) && !has(self.ipv6AddressCount) && !has(self.secondaryPrivateIPAddressCount)",message="an interface of type efa-only has no IP addresses: remove associatePublicIPAddress, ipv6AddressCount and secondaryPrivateIPAddressCount"
type NetworkInterface struct {
	// DeviceIndex is the interface's place, 0 for the primary one. AWS API: NetworkInterface.DeviceIndex.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=63
	DeviceIndex int32 `json:"deviceIndex"`

	// NetworkCardIndex is the card, where a type has several; default 0. AWS API: NetworkInterface.NetworkCardIndex.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=63
	NetworkCardIndex *int32 `json:"networkCardIndex,omitempty"`

	// SecurityGroupIDs of the interface, 16 at most, beside the one of spec.securityGroup.
	// AWS API: NetworkInterface.Groups.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=16
	SecurityGroupIDs []SecurityGroupID `json:"securityGroupIDs,omitempty"`

	// AssociatePublicIPAddress gives a public IPv4 address; default as the subnet says. AWS API:
	// NetworkInterface.AssociatePublicIpAddress.
	// +optional
	AssociatePublicIPAddress *bool `json:"associatePublicIPAddress,omitempty"`

	// AssociateCarrierIPAddress gives a carrier address in a Wavelength Zone. AWS API:
	// NetworkInterface.AssociateCarrierIpAddress.
	// +optional
	AssociateCarrierIPAddress *bool `json:"associateCarrierIPAddress,omitempty"`

	// DeleteOnTermination deletes the interface with the instance; default true. AWS API: NetworkInterface.DeleteOnTermination.
	// +optional
	DeleteOnTermination *bool `json:"deleteOnTermination,omitempty"`

	// Description of the interface, up to 255 characters. AWS API: NetworkInterface.Description.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	Description string `json:"description,omitempty"`

	// InterfaceType: interface (the default), efa (Elastic Fabric Adapter) or efa-only. AWS API: NetworkInterface.InterfaceType.
	// +optional
	// +kubebuilder:validation:Enum=interface;efa;efa-only
	InterfaceType string `json:"interfaceType,omitempty"`

	// IPv6AddressCount is how many IPv6 addresses of the subnet the interface gets. AWS API: NetworkInterface.Ipv6AddressCount.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=50
	IPv6AddressCount *int32 `json:"ipv6AddressCount,omitempty"`

	// PrimaryIPv6 makes the first IPv6 address the primary one, which lasts as long as the interface.
	// AWS API: NetworkInterface.PrimaryIpv6.
	// +optional
	PrimaryIPv6 *bool `json:"primaryIPv6,omitempty"`

	// SecondaryPrivateIPAddressCount is how many further IPv4 addresses the interface gets.
	// AWS API: NetworkInterface.SecondaryPrivateIpAddressCount.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=50
	SecondaryPrivateIPAddressCount *int32 `json:"secondaryPrivateIPAddressCount,omitempty"`

	// IPv4PrefixCount is how many /28 prefixes the interface gets. AWS API: NetworkInterface.Ipv4PrefixCount.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=50
	IPv4PrefixCount *int32 `json:"ipv4PrefixCount,omitempty"`

	// IPv6PrefixCount is how many /80 prefixes the interface gets. AWS API: NetworkInterface.Ipv6PrefixCount.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=50
	IPv6PrefixCount *int32 `json:"ipv6PrefixCount,omitempty"`

	// ENASRDSpecification turns on ENA Express, where the type has it. AWS API: NetworkInterface.EnaSrdSpecification.
	// +optional
	ENASRDSpecification *ENASRDSpecification `json:"enaSRDSpecification,omitempty"`

	// ENAQueueCount is the number of ENA queues, where the type lets one choose. AWS API: NetworkInterface.EnaQueueCount.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=128
	ENAQueueCount *int32 `json:"enaQueueCount,omitempty"`

	// ConnectionTracking is how long idle connections are remembered. AWS API: NetworkInterface.ConnectionTrackingSpecification.
	// +optional
	ConnectionTracking *ConnectionTracking `json:"connectionTracking,omitempty"`
}

// ENASRDSpecification turns on ENA Express.
// +kubebuilder:validation:XValidation:rule="!has(self.udpEnabled) || !self.udpEnabled || self.enabled",message="ENA Express for UDP needs ENA Express: set enabled to true"
type ENASRDSpecification struct {
	// Enabled: for TCP. AWS API: EnaSrdSpecification.EnaSrdEnabled.
	Enabled bool `json:"enabled"`

	// UDPEnabled: for UDP too; default false. AWS API: EnaSrdUdpSpecification.EnaSrdUdpEnabled.
	// +optional
	UDPEnabled *bool `json:"udpEnabled,omitempty"`
}

// ConnectionTracking says how long a security group remembers idle connections.
type ConnectionTracking struct {
	// TCPEstablishedTimeoutSeconds: 60 to 432,000 (five days, the default of most types).
	// AWS API: ConnectionTrackingSpecification.TcpEstablishedTimeout.
	// +optional
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=432000
	TCPEstablishedTimeoutSeconds *int32 `json:"tcpEstablishedTimeoutSeconds,omitempty"`

	// UDPTimeoutSeconds, of traffic in one direction or a single exchange: 30 (the default) to 60.
	// AWS API: ConnectionTrackingSpecification.UdpTimeout.
	// +optional
	// +kubebuilder:validation:Minimum=30
	// +kubebuilder:validation:Maximum=60
	UDPTimeoutSeconds *int32 `json:"udpTimeoutSeconds,omitempty"`

	// UDPStreamTimeoutSeconds, of more than one exchange: 60 to 180 (the default).
	// AWS API: ConnectionTrackingSpecification.UdpStreamTimeout.
	// +optional
	// +kubebuilder:validation:Minimum=60
	// +kubebuilder:validation:Maximum=180
	UDPStreamTimeoutSeconds *int32 `json:"udpStreamTimeoutSeconds,omitempty"`
}

// SecondaryInterface declares an interface in a secondary network.
type SecondaryInterface struct {
	// SecondarySubnetID of the interface. AWS API: SecondaryInterface.SecondarySubnetId.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	SecondarySubnetID string `json:"secondarySubnetID"`

	// DeviceIndex is the interface's place. AWS API: SecondaryInterface.DeviceIndex.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=63
	DeviceIndex *int32 `json:"deviceIndex,omitempty"`

	// NetworkCardIndex is the card. AWS API: SecondaryInterface.NetworkCardIndex.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=63
	NetworkCardIndex *int32 `json:"networkCardIndex,omitempty"`

	// PrivateIPAddressCount is how many addresses the interface gets. AWS API: SecondaryInterface.PrivateIpAddressCount.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=50
	PrivateIPAddressCount *int32 `json:"privateIPAddressCount,omitempty"`
}

// BlockDeviceMapping declares a volume of every instance, or takes one of the image's away.
// +kubebuilder:validation:XValidation:rule="[has(self.ebs), has(self.virtualName), has(self.noDevice)].filter(x, x).size() == 1",message="a device is one thing: give exactly one of ebs, virtualName and noDevice"
type BlockDeviceMapping struct {
	// DeviceName, for instance "/dev/xvda". AWS API: BlockDeviceMapping.DeviceName.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	DeviceName string `json:"deviceName"`

	// EBS volume of the device. AWS API: BlockDeviceMapping.Ebs.
	// +optional
	EBS *EBSBlockDevice `json:"ebs,omitempty"`

	// VirtualName of an instance store volume: ephemeral0, ephemeral1 and so on. AWS API: BlockDeviceMapping.VirtualName.
	// +optional
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^ephemeral[0-9]{1,2}$`
	VirtualName string `json:"virtualName,omitempty"`

	// NoDevice: true leaves out a device that the image has. AWS API: BlockDeviceMapping.NoDevice.
	// +optional
	// +kubebuilder:validation:Enum=true
	NoDevice *bool `json:"noDevice,omitempty"`
}

// EBSBlockDevice declares an EBS volume. What is left out is as the image says, or EC2's default.
// +kubebuilder:validation:XValidation:rule="!has(self.iops) || has(self.volumeType) && self.volumeType in ['gp3', 'io1', 'io2']",message="iops are chosen for volumes of type gp3, io1 or io2 only: set volumeType to one of them, or remove iops"
// +kubebuilder:validation:XValidation:rule="!has(self.volumeType) || !(self.volumeType in ['io1', 'io2']) || has(self.iops)",message="volumes of type io1 and io2 need iops"
// +kubebuilder:validation:XValidation:rule="!has(self.throughput) || has(self.volumeType) && self.volumeType == 'gp3'",message="throughput is chosen for volumes of type gp3 only: set volumeType to gp3, or remove throughput"
// +kubebuilder:validation:XValidation:rule="!has(self.kmsKeyID) || has(self.encrypted) && self.encrypted",message="kmsKeyID is for encrypted volumes: set encrypted to true"
// +kubebuilder:validation:XValidation:rule="!has(self.volumeType) || !(self.volumeType in ['st1', 'sc1']) || !has(self.volumeSize) || self.volumeSize >= 125 && self.volumeSize <= 16384",message="volumes of type st1 and sc1 have 125 to 16,384 GiB"
// +kubebuilder:validation:XValidation:rule="!has(self.volumeType) || !(self.volumeType in ['io1', 'io2']) || !has(self.volumeSize) || self.volumeSize >= 4",message="volumes of type io1 and io2 have at least 4 GiB"
// +kubebuilder:validation:XValidation:rule="!has(self.volumeType) || self.volumeType != 'standard' || !has(self.volumeSize) || self.volumeSize <= 1024",message="volumes of type standard have at most 1,024 GiB"
type EBSBlockDevice struct {
	// VolumeType: gp3, gp2, io1, io2, st1, sc1 or standard. AWS API: Ebs.VolumeType.
	// +optional
	// +kubebuilder:validation:Enum=gp2;gp3;io1;io2;sc1;st1;standard
	VolumeType string `json:"volumeType,omitempty"`

	// VolumeSize in GiB, 1 to 65,536; default the size of the snapshot. AWS API: Ebs.VolumeSize.
	// +optional
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=65536
	VolumeSize *int32 `json:"volumeSize,omitempty"`

	// IOPS of gp3 (3,000 to 80,000), io1 (100 to 64,000) and io2 (100 to 256,000). AWS API: Ebs.Iops.
	// +optional
	// +kubebuilder:validation:Minimum=100
	// +kubebuilder:validation:Maximum=256000
	IOPS *int32 `json:"iops,omitempty"`

	// Throughput of gp3 in MiB/s, 125 (the default) to 2,000. AWS API: Ebs.Throughput.
	// +optional
	// +kubebuilder:validation:Minimum=125
	// +kubebuilder:validation:Maximum=2000
	Throughput *int32 `json:"throughput,omitempty"`

	// Encrypted volumes; default as the snapshot, or as the account says. AWS API: Ebs.Encrypted.
	// +optional
	Encrypted *bool `json:"encrypted,omitempty"`

	// KMSKeyID is the key of an encrypted volume: its id, alias or ARN; default the account's. AWS API: Ebs.KmsKeyId.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=2048
	KMSKeyID string `json:"kmsKeyID,omitempty"`

	// SnapshotID that the volume is made from, for instance "snap-0123456789abcdef0". AWS API: Ebs.SnapshotId.
	// +optional
	// +kubebuilder:validation:MaxLength=64
	// +kubebuilder:validation:Pattern=`^snap-[0-9a-z]{1,59}$`
	SnapshotID string `json:"snapshotID,omitempty"`

	// DeleteOnTermination deletes the volume with the instance; default true for those of the image's root device.
	// AWS API: Ebs.DeleteOnTermination.
	// +optional
	DeleteOnTermination *bool `json:"deleteOnTermination,omitempty"`

	// VolumeInitializationRate in MiB/s, 100 to 300, at which the snapshot is read beforehand (billed).
	// AWS API: Ebs.VolumeInitializationRate.
	// +optional
	// +kubebuilder:validation:Minimum=100
	// +kubebuilder:validation:Maximum=300
	VolumeInitializationRate *int32 `json:"volumeInitializationRate,omitempty"`

	// EBSCardIndex is the EBS card, where a type has several; default 0. AWS API: Ebs.EbsCardIndex.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=7
	EBSCardIndex *int32 `json:"ebsCardIndex,omitempty"`
}

// InstanceMarketOptions say how the instances are bought.
// +kubebuilder:validation:XValidation:rule="!has(self.spotOptions) || self.marketType == 'spot'",message="spotOptions are for marketType spot"
type InstanceMarketOptions struct {
	// MarketType: spot or capacity-block. AWS API: InstanceMarketOptions.MarketType.
	// +kubebuilder:validation:Enum=spot;capacity-block
	MarketType string `json:"marketType"`

	// SpotOptions of Spot instances. In a group they are requested once and terminated when they are interrupted.
	// AWS API: InstanceMarketOptions.SpotOptions.
	// +optional
	SpotOptions *SpotOptions `json:"spotOptions,omitempty"`
}

// SpotOptions are options of Spot instances.
type SpotOptions struct {
	// MaxPrice is the most to pay for an hour, in US dollars, for instance "0.05"; default the On-Demand price, which is
	// what AWS recommends. AWS API: SpotMarketOptions.MaxPrice.
	// +kubebuilder:validation:MaxLength=16
	// +kubebuilder:validation:Pattern=`^[0-9]+(\.[0-9]+)?$`
	MaxPrice string `json:"maxPrice"`
}

// LaunchTagSpecification are the tags that resources of one kind get when an instance is launched.
type LaunchTagSpecification struct {
	// ResourceType: instance, volume, network-interface or spot-instances-request. AWS API: TagSpecification.ResourceType.
	// +kubebuilder:validation:Enum=instance;volume;network-interface;spot-instances-request
	ResourceType string `json:"resourceType"`

	// Tags by key, 50 at most. Keys have 1 to 128 characters and do not start with "aws:"; values have up to 256.
	// AWS API: TagSpecification.Tags.
	// +kubebuilder:validation:MinProperties=1
	// +kubebuilder:validation:MaxProperties=50
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128 && !k.startsWith('aws:'))",message="tag keys must have 1 to 128 characters and must not start with aws:, which AWS keeps: choose another key"
	Tags map[string]TagValue `json:"tags"`
}

// LicenseSpecification names a License Manager configuration.
type LicenseSpecification struct {
	// LicenseConfigurationARN of the configuration. AWS API: LicenseSpecification.LicenseConfigurationArn.
	// +kubebuilder:validation:MaxLength=2048
	// +kubebuilder:validation:Pattern=`^arn:[a-z0-9-]+:license-manager:.+$`
	LicenseConfigurationARN string `json:"licenseConfigurationARN"`
}
