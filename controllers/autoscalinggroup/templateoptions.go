package autoscalinggroup

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

func placement(p *v1alpha1.InstancePlacement) *types.LaunchTemplatePlacementRequest {
	if p == nil {
		return nil
	}
	return &types.LaunchTemplatePlacementRequest{
		GroupName: optional(p.GroupName), GroupId: optional(p.GroupID), PartitionNumber: p.PartitionNumber, Tenancy: types.Tenancy(p.Tenancy),
		HostId: optional(p.HostID), HostResourceGroupArn: optional(p.HostResourceGroupARN), Affinity: optional(p.Affinity),
	}
}

func cpuOptions(o *v1alpha1.CPUOptions) *types.LaunchTemplateCpuOptionsRequest {
	if o == nil {
		return nil
	}
	return &types.LaunchTemplateCpuOptionsRequest{
		CoreCount: o.CoreCount, ThreadsPerCore: o.ThreadsPerCore, AmdSevSnp: types.AmdSevSnpSpecification(o.AMDSEVSNP),
		NestedVirtualization: types.NestedVirtualizationSpecification(o.NestedVirtualization),
	}
}

func capacityReservation(r *v1alpha1.InstanceCapacityReservation) *types.LaunchTemplateCapacityReservationSpecificationRequest {
	if r == nil {
		return nil
	}
	rendered := &types.LaunchTemplateCapacityReservationSpecificationRequest{CapacityReservationPreference: types.CapacityReservationPreference(r.Preference)}
	if r.Target != nil {
		rendered.CapacityReservationTarget = &types.CapacityReservationTarget{
			CapacityReservationId: optional(r.Target.CapacityReservationID), CapacityReservationResourceGroupArn: optional(r.Target.ResourceGroupARN),
		}
	}
	return rendered
}

func metadataOptions(o *v1alpha1.InstanceMetadataOptions) *types.LaunchTemplateInstanceMetadataOptionsRequest {
	if o == nil {
		return nil
	}
	return &types.LaunchTemplateInstanceMetadataOptionsRequest{
		HttpTokens: types.LaunchTemplateHttpTokensState(o.HTTPTokens), HttpEndpoint: types.LaunchTemplateInstanceMetadataEndpointState(o.HTTPEndpoint),
		HttpPutResponseHopLimit: o.HTTPPutResponseHopLimit, HttpProtocolIpv6: types.LaunchTemplateInstanceMetadataProtocolIpv6(o.HTTPProtocolIPv6),
		InstanceMetadataTags: types.LaunchTemplateInstanceMetadataTagsState(o.InstanceMetadataTags),
	}
}

func privateDNSNameOptions(o *v1alpha1.PrivateDNSNameOptions) *types.LaunchTemplatePrivateDnsNameOptionsRequest {
	if o == nil {
		return nil
	}
	return &types.LaunchTemplatePrivateDnsNameOptionsRequest{
		HostnameType:                    types.HostnameType(o.HostnameType),
		EnableResourceNameDnsARecord:    o.EnableResourceNameDNSARecord,
		EnableResourceNameDnsAAAARecord: o.EnableResourceNameDNSAAAARecord,
	}
}

func marketOptions(o *v1alpha1.InstanceMarketOptions) *types.LaunchTemplateInstanceMarketOptionsRequest {
	if o == nil {
		return nil
	}
	rendered := &types.LaunchTemplateInstanceMarketOptionsRequest{MarketType: types.MarketType(o.MarketType)}
	if o.SpotOptions != nil {
		rendered.SpotOptions = &types.LaunchTemplateSpotMarketOptionsRequest{MaxPrice: optional(o.SpotOptions.MaxPrice)}
	}
	return rendered
}

func blockDevices(mappings []v1alpha1.BlockDeviceMapping) []types.LaunchTemplateBlockDeviceMappingRequest {
	var rendered []types.LaunchTemplateBlockDeviceMappingRequest
	for i := range mappings {
		m := &mappings[i]
		device := types.LaunchTemplateBlockDeviceMappingRequest{DeviceName: &m.DeviceName, VirtualName: optional(m.VirtualName)}
		if m.NoDevice != nil && *m.NoDevice {
			device.NoDevice = aws.String("") // which is how EC2 has it
		}
		if e := m.EBS; e != nil {
			device.Ebs = &types.LaunchTemplateEbsBlockDeviceRequest{
				VolumeType: types.VolumeType(e.VolumeType), VolumeSize: e.VolumeSize, Iops: e.IOPS, Throughput: e.Throughput, Encrypted: e.Encrypted,
				KmsKeyId: optional(e.KMSKeyID), SnapshotId: optional(e.SnapshotID), DeleteOnTermination: e.DeleteOnTermination,
				VolumeInitializationRate: e.VolumeInitializationRate, EbsCardIndex: e.EBSCardIndex,
			}
		}
		rendered = append(rendered, device)
	}
	return rendered
}

func networkInterfaces(interfaces []v1alpha1.NetworkInterface, own string) []types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest {
	var rendered []types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest
	for i := range interfaces {
		n := &interfaces[i]
		one := types.LaunchTemplateInstanceNetworkInterfaceSpecificationRequest{
			DeviceIndex: &n.DeviceIndex, NetworkCardIndex: n.NetworkCardIndex, Groups: groupIDs(n.SecurityGroupIDs, own),
			AssociatePublicIpAddress: n.AssociatePublicIPAddress, AssociateCarrierIpAddress: n.AssociateCarrierIPAddress,
			DeleteOnTermination: n.DeleteOnTermination, Description: optional(n.Description), InterfaceType: optional(n.InterfaceType),
			Ipv6AddressCount: n.IPv6AddressCount, PrimaryIpv6: n.PrimaryIPv6, SecondaryPrivateIpAddressCount: n.SecondaryPrivateIPAddressCount,
			Ipv4PrefixCount: n.IPv4PrefixCount, Ipv6PrefixCount: n.IPv6PrefixCount, EnaQueueCount: n.ENAQueueCount,
		}
		if s := n.ENASRDSpecification; s != nil {
			one.EnaSrdSpecification = &types.EnaSrdSpecificationRequest{EnaSrdEnabled: &s.Enabled}
			if s.UDPEnabled != nil {
				one.EnaSrdSpecification.EnaSrdUdpSpecification = &types.EnaSrdUdpSpecificationRequest{EnaSrdUdpEnabled: s.UDPEnabled}
			}
		}
		if c := n.ConnectionTracking; c != nil {
			one.ConnectionTrackingSpecification = &types.ConnectionTrackingSpecificationRequest{
				TcpEstablishedTimeout: c.TCPEstablishedTimeoutSeconds, UdpTimeout: c.UDPTimeoutSeconds, UdpStreamTimeout: c.UDPStreamTimeoutSeconds,
			}
		}
		rendered = append(rendered, one)
	}
	return rendered
}

func secondaryInterfaces(interfaces []v1alpha1.SecondaryInterface) []types.LaunchTemplateInstanceSecondaryInterfaceSpecificationRequest {
	var rendered []types.LaunchTemplateInstanceSecondaryInterfaceSpecificationRequest
	for i := range interfaces {
		n := &interfaces[i]
		rendered = append(rendered, types.LaunchTemplateInstanceSecondaryInterfaceSpecificationRequest{
			SecondarySubnetId: &n.SecondarySubnetID, DeviceIndex: n.DeviceIndex, NetworkCardIndex: n.NetworkCardIndex,
			PrivateIpAddressCount: n.PrivateIPAddressCount, InterfaceType: types.SecondaryInterfaceTypeSecondary,
		})
	}
	return rendered
}
