package ec2

import (
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// launch is one instance to be launched.
type launch struct {
	account, region string
	data            *types.ResponseLaunchTemplateData
	templateID      string
	templateVersion int64
	subnetID        string
	address         netip.Addr
	spot            bool
	tags            frame.Tags
	// reservation and index tell the instances of a call apart.
	reservation string
	index       int32
	token       *string
	request     string
}

// plan is what a launch comes to once its parts are known.
type plan struct {
	image  string
	sized  instanceType
	subnet types.Subnet
	groups []string
}

// launch makes a pending instance with its network interface.
func (s *Service) launch(c *content, now time.Time, l launch) (instance, error) {
	p, err := s.planned(c, l)
	if err != nil {
		return instance{}, err
	}
	nic, err := s.addInterface(c, wanted{
		account: l.account, region: l.region, subnetID: *p.subnet.SubnetId, groupIDs: p.groups, address: l.address,
	})
	if err != nil {
		return instance{}, err
	}
	id := s.newID(instanceKind.prefix)
	attachment := &types.NetworkInterfaceAttachment{
		AttachmentId: aws.String(s.newID("eni-attach")), AttachTime: aws.Time(now.UTC()), DeleteOnTermination: aws.Bool(true),
		DeviceIndex: aws.Int32(0), NetworkCardIndex: aws.Int32(0), InstanceId: &id, InstanceOwnerId: &l.account, Status: types.AttachmentStatusAttached,
	}
	nic.Attachment, nic.Status = attachment, types.NetworkInterfaceStatusInUse
	put(c.Interfaces, *nic.NetworkInterfaceId, nic)
	made := s.describedInstance(l, p, nic, id)
	made.Public = l.public(p.subnet)
	c.Instances[id] = item[instance]{Account: l.account, Region: l.region, Is: made}
	s.start(c, id, now)
	c.tagLaunched(l, id, *nic.NetworkInterfaceId)
	return c.Instances[id].Is, nil
}

// planned checks a launch as EC2 does: what it names must be there.
func (s *Service) planned(c *content, l launch) (p plan, err error) {
	data := l.data
	if data.ImageId == nil {
		return p, missingParameter("ImageId")
	}
	if p.image, err = imageOf(*data.ImageId); err != nil {
		return p, err
	}
	name := data.InstanceType
	if name == "" && data.InstanceRequirements != nil {
		matching := TypesMatching(data.InstanceRequirements)
		if len(matching) == 0 {
			return p, frame.Errorf("InvalidParameterCombination", "No instance type satisfies the instance requirements.")
		}
		name = matching[0]
	}
	if name == "" {
		return p, missingParameter("InstanceType")
	}
	if p.sized, err = instanceTypeNamed(name); err != nil {
		return p, err
	}
	if p.groups, err = groupsAtLaunch(data); err != nil {
		return p, err
	}
	if err := checkProfile(data.IamInstanceProfile); err != nil {
		return p, err
	}
	if p.subnet, err = c.subnetAtLaunch(l); err != nil {
		return p, err
	}
	zone := *p.subnet.AvailabilityZone
	if c.FailedZones[l.region+"/"+zone] {
		return p, frame.StatusErrorf(500, "InsufficientInstanceCapacity",
			"We currently do not have sufficient %s capacity in the Availability Zone you requested (%s). "+
				"Our system will be working on provisioning additional capacity. You can currently get %s capacity by not specifying "+
				"an Availability Zone in your request or choosing another one.", name, zone, name)
	}
	return p, nil
}

// checkProfile refuses the instance profiles that there are not: those whose
// names have "missing" in them.
func checkProfile(profile *types.LaunchTemplateIamInstanceProfileSpecification) error {
	switch {
	case profile == nil:
	case strings.Contains(aws.ToString(profile.Name), "missing"):
		return invalidValue("Value (%s) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name", *profile.Name)
	case strings.Contains(aws.ToString(profile.Arn), "missing"):
		return invalidValue("Value (%s) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN", *profile.Arn)
	}
	return nil
}

// subnetAtLaunch is the subnet asked for, or the first of the zone asked for.
func (c *content) subnetAtLaunch(l launch) (types.Subnet, error) {
	id := l.subnetID
	if id == "" && len(l.data.NetworkInterfaces) > 0 {
		id = aws.ToString(l.data.NetworkInterfaces[0].SubnetId)
	}
	if id != "" {
		subnet, ok := in(c.Subnets, l.account, l.region, id)
		if !ok {
			return subnet, subnetKind.missing(id)
		}
		return subnet, nil
	}
	// Without one it would be a subnet of the default VPC, and there is none.
	return types.Subnet{}, frame.Errorf("MissingInput", "No subnets found for the default VPC 'none'. Please specify a subnet.")
}

// public tells whether an instance gets a public address.
func (l launch) public(subnet types.Subnet) bool {
	if len(l.data.NetworkInterfaces) > 0 && l.data.NetworkInterfaces[0].AssociatePublicIpAddress != nil {
		return *l.data.NetworkInterfaces[0].AssociatePublicIpAddress
	}
	return aws.ToBool(subnet.MapPublicIpOnLaunch)
}

// describedInstance is an instance as DescribeInstances shows it, but for its state and tags.
func (s *Service) describedInstance(l launch, p plan, nic networkInterface, id string) instance {
	data := l.data
	architecture := types.ArchitectureValues(p.sized.architecture())
	tenancy := types.TenancyDefault
	placement := &types.Placement{
		AvailabilityZone: nic.AvailabilityZone, AvailabilityZoneId: nic.AvailabilityZoneId, GroupName: aws.String(""), Tenancy: tenancy,
	}
	if data.Placement != nil && data.Placement.GroupName != nil {
		placement.GroupName = data.Placement.GroupName
	}
	monitoring := types.MonitoringStateDisabled
	if data.Monitoring != nil && aws.ToBool(data.Monitoring.Enabled) {
		monitoring = types.MonitoringStateEnabled
	}
	made := instance{
		Instance: types.Instance{
			InstanceId: &id, ImageId: &p.image, InstanceType: p.sized.name, AmiLaunchIndex: &l.index, Architecture: architecture,
			KeyName: data.KeyName, Placement: placement, Monitoring: &types.Monitoring{State: monitoring},
			SubnetId: nic.SubnetId, VpcId: nic.VpcId, PrivateIpAddress: nic.PrivateIpAddress, PrivateDnsName: nic.PrivateDnsName,
			SecurityGroups: nic.Groups, SourceDestCheck: aws.Bool(true), Hypervisor: types.HypervisorTypeXen, EnaSupport: aws.Bool(true),
			VirtualizationType: types.VirtualizationTypeHvm, RootDeviceName: aws.String(rootDevice), RootDeviceType: types.DeviceTypeEbs,
			EbsOptimized: aws.Bool(aws.ToBool(data.EbsOptimized)), PlatformDetails: aws.String("Linux/UNIX"), UsageOperation: aws.String("RunInstances"),
			NetworkInterfaces: []types.InstanceNetworkInterface{attached(nic)}, ProductCodes: []types.ProductCode{}, ClientToken: l.token,
			BlockDeviceMappings: []types.InstanceBlockDeviceMapping{},
		},
		Reservation: l.reservation, Request: l.request, UserData: data.UserData,
		Protected: aws.ToBool(data.DisableApiTermination), Unstoppable: aws.ToBool(data.DisableApiStop),
		TemplateID: l.templateID, TemplateVersion: l.templateVersion,
	}
	if l.spot {
		made.InstanceLifecycle = types.InstanceLifecycleTypeSpot
		made.SpotInstanceRequestId = aws.String("sir-" + s.env.Random.String(8, "0123456789abcdef"))
	}
	if profile := data.IamInstanceProfile; profile != nil {
		arn := profile.Arn
		if arn == nil {
			arn = aws.String("arn:aws:iam::" + l.account + ":instance-profile/" + aws.ToString(profile.Name))
		}
		made.IamInstanceProfile = &types.IamInstanceProfile{Arn: arn, Id: aws.String("AIPA" + s.env.Random.String(17, frame.UpperAlphanumeric))}
	}
	return made
}

// attached is a network interface as its instance shows it.
func attached(nic networkInterface) types.InstanceNetworkInterface {
	shown := types.InstanceNetworkInterface{
		NetworkInterfaceId: nic.NetworkInterfaceId, SubnetId: nic.SubnetId, VpcId: nic.VpcId, OwnerId: nic.OwnerId, Groups: nic.Groups,
		MacAddress: nic.MacAddress, PrivateIpAddress: nic.PrivateIpAddress, PrivateDnsName: nic.PrivateDnsName, SourceDestCheck: nic.SourceDestCheck,
		Status: nic.Status, InterfaceType: aws.String(string(nic.InterfaceType)), Description: aws.String(""),
		Ipv6Addresses: []types.InstanceIpv6Address{},
		Attachment: &types.InstanceNetworkInterfaceAttachment{
			AttachmentId: nic.Attachment.AttachmentId, AttachTime: nic.Attachment.AttachTime, DeviceIndex: nic.Attachment.DeviceIndex,
			DeleteOnTermination: nic.Attachment.DeleteOnTermination, NetworkCardIndex: nic.Attachment.NetworkCardIndex, Status: nic.Attachment.Status,
		},
	}
	if a := nic.Association; a != nil {
		shown.Association = &types.InstanceNetworkInterfaceAssociation{PublicIp: a.PublicIp, PublicDnsName: a.PublicDnsName, IpOwnerId: a.IpOwnerId}
	}
	shown.PrivateIpAddresses = []types.InstancePrivateIpAddress{{
		Primary: aws.Bool(true), PrivateIpAddress: nic.PrivateIpAddress, PrivateDnsName: nic.PrivateDnsName, Association: shown.Association,
	}}
	return shown
}

// tagLaunched tags the instance and its network interface as the template and
// the call say, and with the template that the instance is from.
func (c *content) tagLaunched(l launch, id, interfaceID string) {
	own := frame.Tags{}
	for _, specification := range l.data.TagSpecifications {
		switch specification.ResourceType {
		case types.ResourceTypeInstance:
			own = own.With(tagMap(specification.Tags), nil)
		case types.ResourceTypeNetworkInterface:
			c.Tags[interfaceID] = tags(tagMap(specification.Tags))
		}
	}
	if l.templateID != "" {
		own = own.With(map[string]string{
			"aws:ec2launchtemplate:id": l.templateID, "aws:ec2launchtemplate:version": strconv.FormatInt(l.templateVersion, 10),
		}, nil)
	}
	if own = own.With(l.tags, nil); len(own) > 0 {
		c.Tags[id] = tags(own)
	}
}

// addressPublicly gives an instance that starts a public address, if it is to
// have one and no Elastic IP address is its own.
func (s *Service) addressPublicly(c *content, i instance, region string) {
	if !i.Public || len(i.NetworkInterfaces) == 0 {
		return
	}
	nic := c.Interfaces[*i.NetworkInterfaces[0].NetworkInterfaceId].Is
	if nic.Association == nil {
		public := s.freePublicAddress(c)
		nic.Association = &types.NetworkInterfaceAssociation{
			PublicIp: &public, PublicDnsName: aws.String(publicName(region, public)), IpOwnerId: aws.String("amazon"),
		}
		nic = withPrimary(nic)
		put(c.Interfaces, *nic.NetworkInterfaceId, nic)
	}
}

// withInterfaces is an instance with its network interfaces as they are now.
func (c *content) withInterfaces(i instance) instance {
	i.PublicIpAddress, i.PublicDnsName = nil, nil
	shown := []types.InstanceNetworkInterface{}
	for _, own := range i.NetworkInterfaces {
		nic := c.Interfaces[*own.NetworkInterfaceId].Is
		shown = append(shown, attached(nic))
		i.SecurityGroups = nic.Groups
		if nic.Association != nil {
			i.PublicIpAddress, i.PublicDnsName = nic.Association.PublicIp, nic.Association.PublicDnsName
		}
	}
	i.NetworkInterfaces = shown
	return i
}

// forgetPublicAddress takes a public address that is Amazon's own from an instance that stops.
func (c *content) forgetPublicAddress(i instance) {
	for _, own := range i.NetworkInterfaces {
		nic := c.Interfaces[*own.NetworkInterfaceId].Is
		if nic.Association != nil && aws.ToString(nic.Association.IpOwnerId) == "amazon" {
			nic.Association = nil
			put(c.Interfaces, *nic.NetworkInterfaceId, withPrimary(nic))
		}
	}
}

func publicName(region, address string) string {
	host := "ec2-" + strings.ReplaceAll(address, ".", "-")
	if region == "us-east-1" {
		return host + ".compute-1.amazonaws.com"
	}
	return host + "." + region + ".compute.amazonaws.com"
}
