package autoscalinggroup

import (
	"encoding/base64"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// ingredients are what a launch template needs beside its declaration.
type ingredients struct {
	// userData is the content of the object that userDataFrom names.
	userData []byte
	// securityGroup is the id of the managed security group; empty when there is none.
	securityGroup string
}

// renderTemplate returns the data of a launch template version as it is declared.
func renderTemplate(t *v1alpha1.LaunchTemplate, with ingredients) *types.RequestLaunchTemplateData {
	data := &types.RequestLaunchTemplateData{
		ImageId: optional(t.ImageID), InstanceType: types.InstanceType(t.InstanceType), InstanceRequirements: templateRequirements(t.InstanceRequirements),
		KeyName: optional(t.KeyName), UserData: userDataOf(t, with), IamInstanceProfile: instanceProfile(t.IAMInstanceProfile),
		BlockDeviceMappings: blockDevices(t.BlockDeviceMappings), NetworkInterfaces: networkInterfaces(t.NetworkInterfaces, with.securityGroup),
		SecondaryInterfaces: secondaryInterfaces(t.SecondaryInterfaces), EbsOptimized: t.EBSOptimized,
		Placement: placement(t.Placement), CpuOptions: cpuOptions(t.CPUOptions), CapacityReservationSpecification: capacityReservation(t.CapacityReservationSpecification),
		MetadataOptions: metadataOptions(t.MetadataOptions), PrivateDnsNameOptions: privateDNSNameOptions(t.PrivateDNSNameOptions),
		InstanceMarketOptions: marketOptions(t.InstanceMarketOptions), TagSpecifications: launchTags(t.TagSpecifications),
		InstanceInitiatedShutdownBehavior: types.ShutdownBehavior(t.InstanceInitiatedShutdownBehavior),
		DisableApiTermination:             t.DisableAPITermination, DisableApiStop: t.DisableAPIStop,
		KernelId: optional(t.KernelID), RamDiskId: optional(t.RAMDiskID),
	}
	if len(t.NetworkInterfaces) == 0 {
		data.SecurityGroupIds = groupIDs(t.SecurityGroupIDs, with.securityGroup)
	}
	switches(t, data)
	for _, license := range t.LicenseSpecifications {
		data.LicenseSpecifications = append(data.LicenseSpecifications,
			types.LaunchTemplateLicenseConfigurationRequest{LicenseConfigurationArn: aws.String(license.LicenseConfigurationARN)})
	}
	return data
}

// switches are the options of a single member each.
func switches(t *v1alpha1.LaunchTemplate, data *types.RequestLaunchTemplateData) {
	if o := t.Monitoring; o != nil {
		data.Monitoring = &types.LaunchTemplatesMonitoringRequest{Enabled: &o.Enabled}
	}
	if o := t.CreditSpecification; o != nil {
		data.CreditSpecification = &types.CreditSpecificationRequest{CpuCredits: &o.CPUCredits}
	}
	if o := t.HibernationOptions; o != nil {
		data.HibernationOptions = &types.LaunchTemplateHibernationOptionsRequest{Configured: &o.Configured}
	}
	if o := t.EnclaveOptions; o != nil {
		data.EnclaveOptions = &types.LaunchTemplateEnclaveOptionsRequest{Enabled: &o.Enabled}
	}
	if o := t.MaintenanceOptions; o != nil {
		data.MaintenanceOptions = &types.LaunchTemplateInstanceMaintenanceOptionsRequest{AutoRecovery: types.LaunchTemplateAutoRecoveryState(o.AutoRecovery)}
	}
	if o := t.NetworkPerformanceOptions; o != nil {
		data.NetworkPerformanceOptions = &types.LaunchTemplateNetworkPerformanceOptionsRequest{BandwidthWeighting: types.InstanceBandwidthWeighting(o.BandwidthWeighting)}
	}
}

// userDataOf is the user data as EC2 takes it.
func userDataOf(t *v1alpha1.LaunchTemplate, with ingredients) *string {
	raw := []byte(t.UserData)
	if t.UserDataFrom != nil {
		raw = with.userData
	}
	if len(raw) == 0 {
		return nil
	}
	return aws.String(base64.StdEncoding.EncodeToString(raw))
}

func instanceProfile(p *v1alpha1.IAMInstanceProfile) *types.LaunchTemplateIamInstanceProfileSpecificationRequest {
	if p == nil {
		return nil
	}
	return &types.LaunchTemplateIamInstanceProfileSpecificationRequest{Arn: optional(p.ARN), Name: optional(p.Name)}
}

func launchTags(specifications []v1alpha1.LaunchTagSpecification) []types.LaunchTemplateTagSpecificationRequest {
	var rendered []types.LaunchTemplateTagSpecificationRequest
	for _, s := range specifications {
		var tags []types.Tag
		for _, key := range slices.Sorted(maps.Keys(s.Tags)) {
			tags = append(tags, types.Tag{Key: aws.String(key), Value: aws.String(string(s.Tags[key]))})
		}
		rendered = append(rendered, types.LaunchTemplateTagSpecificationRequest{ResourceType: types.ResourceType(s.ResourceType), Tags: tags})
	}
	return rendered
}

// groupIDs are security groups with the managed one.
func groupIDs(ids []v1alpha1.SecurityGroupID, own string) []string {
	var groups []string
	for _, id := range ids {
		groups = append(groups, string(id))
	}
	if own != "" && !slices.Contains(groups, own) {
		groups = append(groups, own)
	}
	return groups
}

// optional is a value that AWS is not told when it is empty.
func optional(value string) *string {
	if value == "" {
		return nil
	}
	return &value
}
