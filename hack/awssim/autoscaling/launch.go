package autoscaling

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// groupTag tells EC2 which group an instance is of.
const groupTag = "aws:autoscaling:groupName"

// place is where an instance can be launched.
type place = elbv2.Subnet

// plan is one way to launch an instance.
type plan struct {
	template Template
	config   string
	kind     string
	image    string
	weight   int32
	weighted bool
	spot     bool
	maxPrice string
}

// from is the launch template of a plan.
func (p plan) from() *template {
	return &template{ID: p.template.ID, Name: p.template.Name, Version: strconv.FormatInt(p.template.Number, 10)}
}

// places are the group's subnets that exist, or the default ones of its zones.
func (t *turn) places() []place {
	var found []place
	for _, id := range splitList(text(t.Settings.VPCZoneIdentifier)) {
		if subnet, ok := t.needs.Network.Subnet(t.Account, t.Region, id); ok {
			found = append(found, subnet)
		}
	}
	if text(t.Settings.VPCZoneIdentifier) == "" {
		for _, zone := range t.Settings.AvailabilityZones {
			if subnet, ok := t.needs.Network.DefaultSubnet(t.Account, t.Region, zone); ok {
				found = append(found, subnet)
			}
		}
	}
	return found
}

// balanced orders the places by how few instances their zones have.
func (t *turn) balanced() []place {
	counts, places := t.zoneCounts(), t.places()
	if t.WarmPool != nil {
		for i := range t.Instances {
			if t.Instances[i].warm() {
				counts[t.Instances[i].Zone]++
			}
		}
	}
	slices.SortStableFunc(places, func(a, b place) int { return cmp.Compare(counts[a.Zone], counts[b.Zone]) })
	return places
}

// launch launches an instance where there are the fewest, and elsewhere when
// there is no capacity there; what fails is an activity too.
func (t *turn) launch(cause string, warm bool) (*instance, error) {
	places := t.balanced()
	failed := errors.New("the Auto Scaling group has no subnet any more")
	for n, where := range places {
		launched, err := t.launchAt(where, cause, warm)
		if err == nil {
			return launched, nil
		}
		failed = err
		var known *frame.Error
		only := t.Settings.AvailabilityZoneDistribution.CapacityDistributionStrategy == types.CapacityDistributionStrategyBalancedOnly
		if !errors.As(err, &known) || !slices.Contains(noCapacity, known.Code) || only || n == len(places)-1 {
			return nil, err
		}
		t.Unbalanced = t.now.Add(10 * t.service.env.Timing.AutoScaling.Retry)
	}
	if len(places) == 0 {
		t.failedLaunch(cause, failed)
	}
	return nil, failed
}

// noCapacity are EC2's codes for a zone that has none.
var noCapacity = []string{"InsufficientInstanceCapacity", "InsufficientFreeAddressesInSubnet", "Unsupported"}

func (t *turn) failedLaunch(cause string, err error) {
	message := err.Error()
	var known *frame.Error
	if errors.As(err, &known) {
		message = known.Message
	}
	id := t.begin(t.service, t.now, "Launching a new EC2 instance.  Status Reason: "+message+" Launching EC2 instance failed.", cause, "")
	t.progress(id, types.ScalingActivityStatusCodeFailed, 100, message+" Launching EC2 instance failed.", t.now)
	t.notify(launchFailed, "", message)
}

// launchAt tries the plans for an instance in a place.
func (t *turn) launchAt(where place, cause string, warm bool) (*instance, error) {
	plans, err := t.plans()
	if err != nil {
		t.failedLaunch(cause, err)
		return nil, err
	}
	for _, p := range plans {
		var made Instance
		made, err = t.needs.Instances.LaunchInstance(t.wanted(p, where))
		if err != nil {
			continue
		}
		added := instance{
			ID: made.ID, Type: made.InstanceType, Zone: where.Zone, ZoneID: where.ZoneID, ImageID: made.ImageID, Config: p.config,
			State: statePending, Weight: p.weight, Weighted: p.weighted, Spot: p.spot, Launched: t.now, Since: t.now,
			Protected: aws.ToBool(t.Settings.NewInstancesProtectedFromScaleIn),
		}
		if p.config == "" {
			added.Template = p.from()
		}
		if warm {
			added.State = warmedPrefix + statePending
		}
		added.Activity = t.begin(t.service, t.now, "Launching a new EC2 instance: "+made.ID, cause,
			fmt.Sprintf(`{"Subnet ID":%q,"Availability Zone":%q}`, where.ID, where.Zone))
		t.progress(added.Activity, types.ScalingActivityStatusCodePreInService, 30, "", t.now)
		t.Instances = append(t.Instances, added)
		return &t.Instances[len(t.Instances)-1], nil
	}
	t.failedLaunch(cause, err)
	return nil, err
}

func (t *turn) wanted(p plan, where place) NewInstance {
	tags := map[string]string{groupTag: t.Name}
	for _, one := range t.Tags {
		if one.Propagate {
			tags[one.Key] = one.Value
		}
	}
	return NewInstance{
		Account: t.Account, Region: t.Region, Template: p.template, ImageID: p.image, InstanceType: p.kind, SubnetID: where.ID,
		Spot: p.spot, SpotMaxPrice: p.maxPrice, PlacementGroup: text(t.Settings.PlacementGroup), Tags: tags,
	}
}
