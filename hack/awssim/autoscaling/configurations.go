package autoscaling

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// configuration is a launch configuration, which nothing changes.
type configuration struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	types.LaunchConfiguration
}

// complete fills in what the service says.
func (c *configuration) complete(w *write) {
	c.CreatedTime = aws.Time(w.moment)
	c.LaunchConfigurationARN = aws.String(fmt.Sprintf("arn:aws:autoscaling:%s:%s:launchConfiguration:%s:launchConfigurationName/%s",
		c.Region, c.Account, w.service.env.Random.RequestID(), *c.LaunchConfigurationName))
	c.EbsOptimized = either(c.EbsOptimized, false)
	if c.InstanceMonitoring == nil {
		c.InstanceMonitoring = &types.InstanceMonitoring{Enabled: aws.Bool(true)}
	}
	for _, text := range []**string{&c.KeyName, &c.UserData, &c.KernelId, &c.RamdiskId} {
		*text = either(*text, "")
	}
}

// template is the configuration as a launch template has it.
func (c *configuration) template() Template {
	data := ec2types.ResponseLaunchTemplateData{
		ImageId: c.ImageId, InstanceType: ec2types.InstanceType(text(c.InstanceType)), KeyName: optional(text(c.KeyName)), UserData: optional(text(c.UserData)),
		SecurityGroupIds: c.SecurityGroups, EbsOptimized: c.EbsOptimized,
	}
	if profile := text(c.IamInstanceProfile); profile != "" {
		data.IamInstanceProfile = &ec2types.LaunchTemplateIamInstanceProfileSpecification{Name: &profile}
	}
	if c.AssociatePublicIpAddress != nil {
		data.NetworkInterfaces = []ec2types.LaunchTemplateInstanceNetworkInterfaceSpecification{{
			DeviceIndex: aws.Int32(0), AssociatePublicIpAddress: c.AssociatePublicIpAddress, Groups: c.SecurityGroups,
		}}
		data.SecurityGroupIds = nil
	}
	return Template{Name: *c.LaunchConfigurationName, Data: data}
}

func createConfiguration(w *write, in *sdk.CreateLaunchConfigurationInput) (*sdk.CreateLaunchConfigurationOutput, error) {
	name := text(in.LaunchConfigurationName)
	key := keyOf(w.Caller.Account, w.Region, name)
	switch {
	case in.LaunchConfigurationName == nil || name == "":
		return nil, violated(nil, "launchConfigurationName", "Member must not be null")
	case w.configurations[key] != nil:
		return nil, frameError(alreadyExists, "Launch Configuration by this name already exists - A launch configuration already exists with the name %s", name)
	case len(w.configurationsOf(w.Caller.Account, w.Region)) >= w.service.quotas.LaunchConfigurations:
		return nil, frameError(limitExceeded, "You have reached the limit of %d launch configurations", w.service.quotas.LaunchConfigurations)
	}
	made := &configuration{Account: w.Caller.Account, Region: w.Region}
	merge(&made.LaunchConfiguration, in)
	if in.InstanceId != nil {
		found, ok := w.service.needs.Instances.Instance(*in.InstanceId)
		if !ok {
			return nil, invalid("The instance ID '%s' does not exist", *in.InstanceId)
		}
		made.ImageId, made.InstanceType = either(made.ImageId, found.ImageID), either(made.InstanceType, found.InstanceType)
	}
	if text(made.ImageId) == "" || text(made.InstanceType) == "" {
		return nil, invalid("Valid requests must contain either the InstanceID parameter or both the ImageId and InstanceType parameters.")
	}
	made.complete(w)
	w.configurations[key] = made
	return &sdk.CreateLaunchConfigurationOutput{}, nil
}

func (c *content) configurationsOf(account, region string) []types.LaunchConfiguration {
	var list []types.LaunchConfiguration
	for _, one := range c.configurations {
		if one.Account == account && one.Region == region {
			list = append(list, one.LaunchConfiguration)
		}
	}
	return list
}

func deleteConfiguration(w *write, in *sdk.DeleteLaunchConfigurationInput) (*sdk.DeleteLaunchConfigurationOutput, error) {
	name := text(in.LaunchConfigurationName)
	key := keyOf(w.Caller.Account, w.Region, name)
	if w.configurations[key] == nil {
		return nil, invalid("Launch configuration name not found - Launch configuration %s not found", name)
	}
	for _, g := range w.own(w.Request) {
		if text(g.Settings.LaunchConfigurationName) == name {
			return nil, frameError(resourceInUse, "Cannot delete launch configuration %s because it is attached to AutoScalingGroup %s", name, g.Name)
		}
	}
	delete(w.configurations, key)
	return &sdk.DeleteLaunchConfigurationOutput{}, nil
}

func describeConfigurations(r *reading, in *sdk.DescribeLaunchConfigurationsInput) (*sdk.DescribeLaunchConfigurationsOutput, error) {
	all := slices.DeleteFunc(r.configurationsOf(r.Caller.Account, r.Region), func(c types.LaunchConfiguration) bool {
		return len(in.LaunchConfigurationNames) > 0 && !slices.Contains(in.LaunchConfigurationNames, *c.LaunchConfigurationName)
	})
	cut, next, err := page(all, in.NextToken, in.MaxRecords, normalPage, mostPage, func(c *types.LaunchConfiguration) string { return *c.LaunchConfigurationName })
	return &sdk.DescribeLaunchConfigurationsOutput{LaunchConfigurations: cut, NextToken: next}, err
}
