package ec2

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Auto Scaling launches and ends instances through these methods.
var (
	_ autoscaling.Network   = (*Service)(nil)
	_ autoscaling.Instances = (*Service)(nil)
	_ autoscaling.Templates = (*Service)(nil)
)

// DefaultSubnet is the subnet of a zone in the default VPC.
func (s *Service) DefaultSubnet(account, region, zone string) (elbv2.Subnet, bool) {
	c := s.current()
	for _, id := range sortedIDs(c.Subnets) {
		subnet, ok := in(c.Subnets, account, region, id)
		if ok && aws.ToBool(subnet.DefaultForAz) && *subnet.AvailabilityZone == zone {
			return s.Subnet(account, region, id)
		}
	}
	return elbv2.Subnet{}, false
}

// ResolveTemplate finds a version of a launch template.
func (s *Service) ResolveTemplate(account, region, idOrName, version string) (autoscaling.Template, error) {
	t := &turn{
		Request: &frame.Request{Region: region, Caller: frame.Identity{Account: account}}, content: s.store.Now(), service: s, now: s.env.Clock.Now(),
	}
	id, name := &idOrName, (*string)(nil)
	if !strings.HasPrefix(idOrName, templateKind.prefix+"-") {
		id, name = nil, &idOrName
	}
	found, err := t.template(id, name)
	if err != nil {
		return autoscaling.Template{}, err
	}
	v, err := found.version(version)
	if err != nil {
		return autoscaling.Template{}, err
	}
	return autoscaling.Template{
		ID: *found.LaunchTemplateId, Name: *found.LaunchTemplateName, Number: *v.VersionNumber, Data: *v.LaunchTemplateData,
	}, nil
}

// LaunchInstance makes an instance that is pending.
func (s *Service) LaunchInstance(n autoscaling.NewInstance) (made autoscaling.Instance, err error) {
	data := n.Template.Data
	if n.ImageID != "" {
		data.ImageId = &n.ImageID
	}
	if n.InstanceType != "" {
		data.InstanceType = types.InstanceType(n.InstanceType)
	}
	if n.PlacementGroup != "" {
		placement := types.LaunchTemplatePlacement{}
		if data.Placement != nil {
			placement = *data.Placement
		}
		placement.GroupName = &n.PlacementGroup
		data.Placement = &placement
	}
	l := launch{
		account: n.Account, region: n.Region, data: &data, templateID: n.Template.ID, templateVersion: n.Template.Number,
		subnetID: n.SubnetID, spot: n.Spot || data.InstanceMarketOptions != nil && data.InstanceMarketOptions.MarketType == types.MarketTypeSpot,
		tags: frame.Tags(n.Tags), reservation: s.newID("r"),
	}
	err = s.change(func(draft *content, now time.Time) error {
		launched, err := s.launch(draft, now, l)
		if err != nil {
			return err
		}
		made = draft.view(draft.Instances[*launched.InstanceId])
		return nil
	})
	return made, err
}

// TerminateInstance begins the end of an instance, protected or not.
func (s *Service) TerminateInstance(id string) {
	s.alter(func(draft *content, now time.Time) {
		if _, ok := draft.Instances[id]; ok {
			s.end(draft, id, now, byUser)
		}
	})
}

// StopInstance stops an instance that is pending or runs. Hibernation takes as
// long: memory is not simulated.
func (s *Service) StopInstance(id string, _ bool) {
	s.alter(func(draft *content, now time.Time) {
		held, ok := draft.Instances[id]
		if ok && (held.Is.state() == types.InstanceStateNamePending || held.Is.state() == types.InstanceStateNameRunning) {
			s.stop(draft, id, now, byUser)
		}
	})
}

// StartInstance starts a stopped instance.
func (s *Service) StartInstance(id string) {
	s.alter(func(draft *content, now time.Time) {
		if held, ok := draft.Instances[id]; ok && held.Is.state() == types.InstanceStateNameStopped {
			s.start(draft, id, now)
		}
	})
}

// ReplaceRootVolume puts an image onto the root volume of an instance that runs.
func (s *Service) ReplaceRootVolume(id, imageID string, of autoscaling.Template) (replaced bool) {
	image, err := imageOf(imageID)
	if err != nil {
		return false
	}
	s.alter(func(draft *content, _ time.Time) {
		held, ok := draft.Instances[id]
		if replaced = ok && held.Is.state() == types.InstanceStateNameRunning; replaced {
			held.Is.ImageId, held.Is.TemplateID, held.Is.TemplateVersion = &image, of.ID, of.Number
			draft.Instances[id] = held
		}
	})
	return replaced
}

// Instance is an instance, until some time after it has ended.
func (s *Service) Instance(id string) (autoscaling.Instance, bool) {
	c := s.current()
	held, ok := c.Instances[id]
	if !ok {
		return autoscaling.Instance{}, false
	}
	return c.view(held), true
}

// TagInstance sets and removes tags, those of AWS's own name space too.
func (s *Service) TagInstance(id string, set map[string]string, removed []string) {
	s.alter(func(draft *content, _ time.Time) {
		if _, ok := draft.Instances[id]; ok {
			draft.Tags[id] = tags(frame.Tags(draft.Tags[id]).With(set, removed))
		}
	})
}

// view is an instance as groups see it.
func (c *content) view(held item[instance]) autoscaling.Instance {
	i := held.Is
	seen := autoscaling.Instance{
		ID: *i.InstanceId, Account: held.Account, Region: held.Region, State: string(i.state()), ImageID: *i.ImageId,
		InstanceType: string(i.InstanceType), Zone: *i.Placement.AvailabilityZone, ZoneID: aws.ToString(i.Placement.AvailabilityZoneId),
		SubnetID: aws.ToString(i.SubnetId), VpcID: aws.ToString(i.VpcId), Spot: i.InstanceLifecycle == types.InstanceLifecycleTypeSpot,
		Launched: *i.LaunchTime, Impaired: c.impaired(held.Region, i), Rebalance: i.Rebalance,
	}
	if i.StateReason != nil {
		seen.Reason = aws.ToString(i.StateReason.Message)
	}
	return seen
}
