package autoscaling

import (
	"errors"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// The quotas of mixed instances, which are fixed.
const (
	mostOverrides    = 40
	mostTemplates    = 20
	mostRequirements = 4
	mostWeight       = 999
	defaultVersion   = "$Default"
)

// checkLaunchSource checks that there is exactly one source of instances, and
// completes what it names.
func (w *write) checkLaunchSource(g *group) error {
	s := &g.Settings
	count := 0
	for _, given := range []bool{s.LaunchTemplate != nil, s.MixedInstancesPolicy != nil, s.LaunchConfigurationName != nil} {
		if given {
			count++
		}
	}
	switch {
	case count != 1:
		return invalid("Valid requests must contain either LaunchTemplate, LaunchConfigurationName, InstanceId or MixedInstancesPolicy parameter.")
	case s.LaunchConfigurationName != nil:
		if w.configurations[keyOf(g.Account, g.Region, *s.LaunchConfigurationName)] == nil {
			return invalid("Launch configuration name not found - Launch configuration %s not found", *s.LaunchConfigurationName)
		}
		return nil
	case s.LaunchTemplate != nil:
		completed, found, err := w.completeTemplate(g, s.LaunchTemplate)
		if err != nil {
			return err
		}
		s.LaunchTemplate = completed
		return checkTemplate(found, true)
	}
	policy, err := w.completePolicy(g, s.MixedInstancesPolicy)
	s.MixedInstancesPolicy = policy
	return err
}

func (w *write) completeTemplate(g *group, given *types.LaunchTemplateSpecification) (*types.LaunchTemplateSpecification, Template, error) {
	byID, byName := text(given.LaunchTemplateId), text(given.LaunchTemplateName)
	if byID == "" && byName == "" {
		return nil, Template{}, invalid("Valid requests must contain either launchTemplateId or LaunchTemplateName")
	}
	version := text(given.Version)
	if version == "" {
		version = defaultVersion
	}
	id := byID
	if id == "" {
		id = byName
	}
	found, err := w.service.needs.Templates.ResolveTemplate(g.Account, g.Region, id, version)
	if err != nil {
		var known *frame.Error
		if errors.As(err, &known) {
			return nil, Template{}, invalid("%s", known.Message)
		}
		return nil, Template{}, err
	}
	if byID != "" && byName != "" && found.Name != byName {
		return nil, Template{}, invalid("Valid requests must contain either launchTemplateId or LaunchTemplateName")
	}
	return &types.LaunchTemplateSpecification{LaunchTemplateId: &found.ID, LaunchTemplateName: &found.Name, Version: &version}, found, nil
}

// checkTemplate tells why instances cannot be launched from a template.
func checkTemplate(t Template, needsType bool) error {
	const prefix = "You must use a valid fully-formed launch template. "
	switch {
	case text(t.Data.ImageId) == "":
		return invalid(prefix + "The request must contain the parameter ImageId")
	case needsType && t.Data.InstanceType == "" && t.Data.InstanceRequirements == nil:
		return invalid(prefix + "The request must contain the parameter InstanceType")
	}
	for _, one := range t.Data.NetworkInterfaces {
		if one.NetworkInterfaceId != nil {
			return invalid("%sNetwork interfaces by ID are not supported for Auto Scaling groups", prefix)
		}
	}
	return nil
}

func (w *write) completePolicy(g *group, given *types.MixedInstancesPolicy) (*types.MixedInstancesPolicy, error) {
	if given.LaunchTemplate == nil || given.LaunchTemplate.LaunchTemplateSpecification == nil {
		return given, invalid("MixedInstancesPolicy must contain a LaunchTemplate with a LaunchTemplateSpecification")
	}
	policy := *given
	launch := *given.LaunchTemplate
	completed, found, err := w.completeTemplate(g, launch.LaunchTemplateSpecification)
	if err != nil {
		return given, err
	}
	if err := checkTemplate(found, len(launch.Overrides) == 0); err != nil {
		return given, err
	}
	if found.Data.InstanceMarketOptions != nil {
		return given, invalid("Incompatible launch template: You cannot use a launch template that is set to request Spot Instances (InstanceMarketOptions) when you configure an Auto Scaling group with a mixed instances policy. Add a new version of the launch template without this parameter.")
	}
	launch.LaunchTemplateSpecification = completed
	launch.Overrides = slices.Clone(launch.Overrides)
	for i := range launch.Overrides {
		if own := launch.Overrides[i].LaunchTemplateSpecification; own != nil {
			if launch.Overrides[i].LaunchTemplateSpecification, _, err = w.completeTemplate(g, own); err != nil {
				return given, err
			}
		}
	}
	policy.LaunchTemplate = &launch
	if err := checkOverrides(launch.Overrides); err != nil {
		return given, err
	}
	policy.InstancesDistribution, err = completeDistribution(given.InstancesDistribution, requirementsOf(&policy) != nil)
	return &policy, err
}

func checkOverrides(overrides []types.LaunchTemplateOverrides) error {
	weighted, required, kinds := 0, 0, map[string]bool{}
	templates := map[string]bool{}
	for i := range overrides {
		one := &overrides[i]
		if err := checkOverride(one, kinds); err != nil {
			return err
		}
		if one.InstanceRequirements != nil {
			required++
		}
		if one.LaunchTemplateSpecification != nil {
			templates[text(one.LaunchTemplateSpecification.LaunchTemplateId)] = true
		}
		if one.WeightedCapacity != nil {
			weighted++
		}
	}
	switch {
	case len(overrides) > mostOverrides:
		return invalid("The number of overrides cannot exceed %d", mostOverrides)
	case len(templates) > mostTemplates:
		return invalid("The number of launch templates in overrides cannot exceed %d", mostTemplates)
	case required > mostRequirements:
		return invalid("The number of instance requirements in overrides cannot exceed %d", mostRequirements)
	case required > 0 && required != len(overrides):
		return invalid("InstanceType and InstanceRequirements cannot be mixed in the overrides of a policy")
	case weighted > 0 && weighted != len(overrides):
		return invalid("WeightedCapacity must be specified for all overrides or for none")
	}
	return nil
}

// checkOverride checks an override by itself, and notes its type among those there are.
func checkOverride(one *types.LaunchTemplateOverrides, kinds map[string]bool) error {
	kind := text(one.InstanceType)
	switch {
	case kind != "" && one.InstanceRequirements != nil:
		return invalid("InstanceType and InstanceRequirements cannot be specified together in an override")
	case kind == "" && one.InstanceRequirements == nil && one.LaunchTemplateSpecification == nil && one.ImageId == nil:
		return invalid("Every override must specify InstanceType or InstanceRequirements")
	case kind != "" && kinds[kind]:
		return invalid("Duplicate instance type %s in overrides", kind)
	}
	kinds[kind] = kind != ""
	if one.WeightedCapacity != nil {
		weight, err := strconv.Atoi(*one.WeightedCapacity)
		if err != nil || weight < 1 || weight > mostWeight {
			return invalid("WeightedCapacity must be a number between 1 and %d", mostWeight)
		}
	}
	if one.InstanceRequirements == nil {
		return nil
	}
	return checkRequirements(one.InstanceRequirements)
}

func checkRequirements(r *types.InstanceRequirements) error {
	switch {
	case r.VCpuCount == nil || r.VCpuCount.Min == nil:
		return invalid("InstanceRequirements must contain VCpuCount with a minimum")
	case r.MemoryMiB == nil || r.MemoryMiB.Min == nil:
		return invalid("InstanceRequirements must contain MemoryMiB with a minimum")
	case r.VCpuCount.Max != nil && *r.VCpuCount.Max < *r.VCpuCount.Min, r.MemoryMiB.Max != nil && *r.MemoryMiB.Max < *r.MemoryMiB.Min:
		return invalid("The minimum of an instance requirement cannot be greater than its maximum")
	case len(r.AllowedInstanceTypes) > 0 && len(r.ExcludedInstanceTypes) > 0:
		return invalid("AllowedInstanceTypes and ExcludedInstanceTypes cannot be specified together")
	case len(r.AllowedInstanceTypes) > 400 || len(r.ExcludedInstanceTypes) > 400:
		return invalid("At most 400 instance types can be allowed or excluded")
	case r.SpotMaxPricePercentageOverLowestPrice != nil && r.MaxSpotPriceAsPercentageOfOptimalOnDemandPrice != nil:
		return invalid("SpotMaxPricePercentageOverLowestPrice and MaxSpotPriceAsPercentageOfOptimalOnDemandPrice cannot be specified together")
	}
	if len(matching(r)) == 0 {
		return invalid("No instance types match the specified InstanceRequirements")
	}
	return nil
}

var spotStrategies = []string{"lowest-price", "capacity-optimized", "capacity-optimized-prioritized", "price-capacity-optimized"}

func completeDistribution(given *types.InstancesDistribution, byRequirements bool) (*types.InstancesDistribution, error) {
	d := types.InstancesDistribution{}
	if given != nil {
		d = *given
	}
	normal := "prioritized"
	if byRequirements {
		normal = "lowest-price"
	}
	d.OnDemandAllocationStrategy = either(d.OnDemandAllocationStrategy, normal)
	d.OnDemandBaseCapacity = either(d.OnDemandBaseCapacity, 0)
	d.OnDemandPercentageAboveBaseCapacity = either(d.OnDemandPercentageAboveBaseCapacity, 100)
	d.SpotAllocationStrategy = either(d.SpotAllocationStrategy, "lowest-price")
	if *d.SpotAllocationStrategy == "lowest-price" {
		d.SpotInstancePools = either(d.SpotInstancePools, 2)
	}
	if text(d.SpotMaxPrice) == "" {
		d.SpotMaxPrice = nil
	}
	return &d, checkDistribution(&d, byRequirements)
}

func checkDistribution(d *types.InstancesDistribution, byRequirements bool) error {
	lowest := *d.SpotAllocationStrategy == "lowest-price"
	price, err := strconv.ParseFloat(aws.ToString(either(d.SpotMaxPrice, "1")), 64)
	switch {
	case !slices.Contains([]string{"prioritized", "lowest-price"}, *d.OnDemandAllocationStrategy), byRequirements && *d.OnDemandAllocationStrategy != "lowest-price":
		return invalid("Invalid OnDemandAllocationStrategy: %s", *d.OnDemandAllocationStrategy)
	case !slices.Contains(spotStrategies, *d.SpotAllocationStrategy), byRequirements && strings.HasSuffix(*d.SpotAllocationStrategy, "-prioritized"):
		return invalid("Invalid SpotAllocationStrategy: %s", *d.SpotAllocationStrategy)
	case *d.OnDemandBaseCapacity < 0:
		return invalid("OnDemandBaseCapacity must be greater than or equal to 0")
	case *d.OnDemandPercentageAboveBaseCapacity < 0 || *d.OnDemandPercentageAboveBaseCapacity > 100:
		return invalid("OnDemandPercentageAboveBaseCapacity must be between 0 and 100")
	case d.SpotInstancePools != nil && !lowest:
		return invalid("SpotInstancePools can only be specified with the SpotAllocationStrategy lowest-price")
	case d.SpotInstancePools != nil && (*d.SpotInstancePools < 1 || *d.SpotInstancePools > 20):
		return invalid("SpotInstancePools must be between 1 and 20")
	case err != nil || price < 0.001:
		return invalid("SpotMaxPrice must be a number of at least 0.001")
	}
	return nil
}

// requirementsOf are the first requirements of a policy, or nil when it names types.
func requirementsOf(p *types.MixedInstancesPolicy) *types.InstanceRequirements {
	if p == nil || p.LaunchTemplate == nil {
		return nil
	}
	for _, one := range p.LaunchTemplate.Overrides {
		if one.InstanceRequirements != nil {
			return one.InstanceRequirements
		}
	}
	return nil
}
