package autoscaling

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// launchSource is what new instances come from: that of a refresh that runs, or the group's own.
func (t *turn) launchSource() (*types.LaunchTemplateSpecification, *types.MixedInstancesPolicy) {
	if r := t.running(); r != nil && r.Desired != nil && r.Status != types.InstanceRefreshStatusRollbackInProgress {
		return r.Desired.LaunchTemplate, r.Desired.MixedInstancesPolicy
	}
	return t.Settings.LaunchTemplate, t.Settings.MixedInstancesPolicy
}

func (t *turn) resolve(given *types.LaunchTemplateSpecification) (Template, error) {
	return t.needs.Templates.ResolveTemplate(t.Account, t.Region, text(given.LaunchTemplateId), text(given.Version))
}

// spot reports whether instances of a template are Spot Instances.
func (t Template) spot() bool {
	return t.Data.InstanceMarketOptions != nil && t.Data.InstanceMarketOptions.MarketType == ec2types.MarketTypeSpot
}

// plans are the ways to launch the next instance, the best first.
func (t *turn) plans() ([]plan, error) {
	single, mixed := t.launchSource()
	switch {
	case single != nil:
		found, err := t.resolve(single)
		if err != nil {
			return nil, err
		}
		kinds := kindsOf(found)
		return []plan{{template: found, kind: kinds, weight: t.weight(nil, kinds), spot: found.spot()}}, nil
	case mixed != nil:
		return t.mixedPlans(mixed)
	}
	made := t.content.configurations[keyOf(t.Account, t.Region, text(t.Settings.LaunchConfigurationName))]
	if made == nil {
		return nil, fmt.Errorf("the launch configuration %s does not exist", text(t.Settings.LaunchConfigurationName))
	}
	return []plan{{template: made.template(), config: *made.LaunchConfigurationName, kind: text(made.InstanceType), weight: 1, spot: made.SpotPrice != nil, maxPrice: text(made.SpotPrice)}}, nil
}

// kindsOf is the type of a template, or the cheapest one that meets its requirements.
func kindsOf(found Template) string {
	r := found.Data.InstanceRequirements
	if r == nil {
		return string(found.Data.InstanceType)
	}
	wanted := types.InstanceRequirements{VCpuCount: &types.VCpuCountRequest{}, MemoryMiB: &types.MemoryMiBRequest{}}
	if r.VCpuCount != nil {
		wanted.VCpuCount = &types.VCpuCountRequest{Min: r.VCpuCount.Min, Max: r.VCpuCount.Max}
	}
	if r.MemoryMiB != nil {
		wanted.MemoryMiB = &types.MemoryMiBRequest{Min: r.MemoryMiB.Min, Max: r.MemoryMiB.Max}
	}
	if all := matching(&wanted); len(all) > 0 {
		return all[0].name
	}
	return ""
}

func (t *turn) mixedPlans(policy *types.MixedInstancesPolicy) ([]plan, error) {
	base, err := t.resolve(policy.LaunchTemplate.LaunchTemplateSpecification)
	if err != nil {
		return nil, err
	}
	spot := t.wantsSpot(policy.InstancesDistribution)
	overrides := policy.LaunchTemplate.Overrides
	if len(overrides) == 0 {
		overrides = []types.LaunchTemplateOverrides{{InstanceType: aws.String(kindsOf(base))}}
	}
	var found []plan
	for i := range overrides {
		one := &overrides[i]
		p := plan{template: base, image: text(one.ImageId), spot: spot, maxPrice: text(policy.InstancesDistribution.SpotMaxPrice), weighted: one.WeightedCapacity != nil}
		if one.LaunchTemplateSpecification != nil {
			if p.template, err = t.resolve(one.LaunchTemplateSpecification); err != nil {
				return nil, err
			}
		}
		kinds := []string{text(one.InstanceType)}
		if one.InstanceRequirements != nil {
			kinds = nil
			for _, kind := range matching(one.InstanceRequirements) {
				kinds = append(kinds, kind.name)
			}
		} else if kinds[0] == "" {
			kinds = []string{kindsOf(p.template)}
		}
		for _, kind := range kinds {
			p.kind, p.weight = kind, t.weight(one.WeightedCapacity, kind)
			found = append(found, p)
		}
	}
	t.order(found, policy.InstancesDistribution)
	return found, nil
}

// order sorts plans as the allocation strategy has it; given ones are in the order of priority.
func (t *turn) order(plans []plan, d *types.InstancesDistribution) {
	strategy := text(d.OnDemandAllocationStrategy)
	if len(plans) > 0 && plans[0].spot {
		strategy = text(d.SpotAllocationStrategy)
	}
	if strategy == "prioritized" || strategy == "capacity-optimized-prioritized" || strategy == "capacity-optimized" {
		return
	}
	slices.SortStableFunc(plans, func(a, b plan) int {
		return cmp.Compare(slices.IndexFunc(catalogue, func(x instanceType) bool { return x.name == a.kind }),
			slices.IndexFunc(catalogue, func(x instanceType) bool { return x.name == b.kind }))
	})
}

// weight is how much capacity an instance of a type is.
func (t *turn) weight(given *string, kind string) int32 {
	if n, err := strconv.ParseInt(text(given), 10, 32); err == nil {
		return int32(n)
	}
	switch text(t.Settings.DesiredCapacityType) {
	case "vcpu":
		return sizeOf(kind).vcpu
	case "memory-mib":
		return sizeOf(kind).memory
	}
	return 1
}

// onDemandWanted is how much of a capacity is to be On-Demand.
func onDemandWanted(d *types.InstancesDistribution, capacity int32) int32 {
	base := min(*d.OnDemandBaseCapacity, capacity)
	return base + int32(math.Ceil(float64(capacity-base)*float64(*d.OnDemandPercentageAboveBaseCapacity)/100))
}

func (t *turn) onDemand() int32 {
	var sum int32
	for _, one := range t.living() {
		if one.serving() && !one.Leaving && !one.Spot {
			sum += one.Weight
		}
	}
	return sum
}

// wantsSpot tells whether the next instance is to be a Spot Instance.
func (t *turn) wantsSpot(d *types.InstancesDistribution) bool {
	return t.onDemand() >= onDemandWanted(d, *t.Settings.DesiredCapacity)
}

// surplusSpot tells whether there is more Spot capacity than the distribution wants.
func (t *turn) surplusSpot() bool {
	return t.onDemand() <= onDemandWanted(t.Settings.MixedInstancesPolicy.InstancesDistribution, *t.Settings.DesiredCapacity)
}

// version is the number of the launch template's version that an instance has.
func (i *instance) version() int {
	if i.Template == nil {
		return 0
	}
	n, err := strconv.Atoi(i.Template.Version)
	if err != nil {
		return 0
	}
	return n
}

// configurationAge is when an instance's launch configuration was made, in seconds.
func (t *turn) configurationAge(i *instance) int {
	made := t.content.configurations[keyOf(t.Account, t.Region, i.Config)]
	if made == nil || made.CreatedTime == nil {
		return 0
	}
	return int(made.CreatedTime.Unix())
}
