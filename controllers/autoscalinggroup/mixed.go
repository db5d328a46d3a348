package autoscalinggroup

import (
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Names of the fields of mixed instances in status.managedFields and in plans.
const (
	fieldMixed        = "mixedInstances"
	fieldOverrides    = "mixedInstances.overrides"
	fieldDistribution = "mixedInstances.distribution."

	fieldOnDemandStrategy   = fieldDistribution + "onDemandAllocationStrategy"
	fieldOnDemandBase       = fieldDistribution + "onDemandBaseCapacity"
	fieldOnDemandPercentage = fieldDistribution + "onDemandPercentageAboveBaseCapacity"
	fieldSpotStrategy       = fieldDistribution + "spotAllocationStrategy"
	fieldSpotPools          = fieldDistribution + "spotInstancePools"
	fieldSpotMaxPrice       = fieldDistribution + "spotMaxPrice"
)

// What AWS does where a policy does not say.
const (
	prioritized         = "prioritized"
	lowestPrice         = "lowest-price"
	defaultBase         = 0
	defaultPercentage   = 100
	defaultPools        = 2
	defaultWeight       = "1"
	defaultOnDemandOver = 20
	defaultSpotOver     = 100
)

// declaredMixed returns the optional fields of mixed instances that the spec declares, as status.managedFields has them.
func declaredMixed(obj *v1alpha1.AutoScalingGroup) []string {
	mixed := obj.Spec.MixedInstances
	if mixed == nil {
		return nil
	}
	var fields []string
	note := func(field string, declared bool) {
		if declared {
			fields = append(fields, field)
		}
	}
	note(fieldOverrides, mixed.Overrides != nil)
	if d := mixed.Distribution; d != nil {
		note(fieldOnDemandStrategy, d.OnDemandAllocationStrategy != "")
		note(fieldOnDemandBase, d.OnDemandBaseCapacity != nil)
		note(fieldOnDemandPercentage, d.OnDemandPercentageAboveBaseCapacity != nil)
		note(fieldSpotStrategy, d.SpotAllocationStrategy != "")
		note(fieldSpotPools, d.SpotInstancePools != nil)
		note(fieldSpotMaxPrice, d.SpotMaxPrice != "")
	}
	return fields
}

// policyFor returns the mixed instances policy that is declared, with a launch template, and those of its overrides by
// their references. What is not declared stays as a policy that the group has says, or, when it was declared before, is
// AWS's default again.
func policyFor(
	obj *v1alpha1.AutoScalingGroup, template *types.LaunchTemplateSpecification, templateOf func(v1alpha1.LaunchTemplateReference) *types.LaunchTemplateSpecification,
	has *types.MixedInstancesPolicy,
) *types.MixedInstancesPolicy {
	declared := obj.Spec.MixedInstances
	policy := &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{LaunchTemplateSpecification: template}}
	var before types.InstancesDistribution
	if has != nil && has.InstancesDistribution != nil {
		before = *has.InstancesDistribution
	}
	now := byRequirements(obj)
	if chosen := has != nil && hasRequirements(has); chosen != now && (now || declared.Overrides != nil) {
		before.OnDemandAllocationStrategy = usualStrategy(obj) // the order of types means something only now, or no longer
	}
	switch {
	case declared.Overrides != nil:
		for i := range declared.Overrides {
			policy.LaunchTemplate.Overrides = append(policy.LaunchTemplate.Overrides, overrideFor(&declared.Overrides[i], templateOf))
		}
	case has != nil && has.LaunchTemplate != nil && !lifecycle.Managed(obj, fieldOverrides):
		policy.LaunchTemplate.Overrides = has.LaunchTemplate.Overrides
	}
	policy.InstancesDistribution = distributionFor(obj, &before)
	return policy
}

func overrideFor(
	o *v1alpha1.LaunchTemplateOverride, templateOf func(v1alpha1.LaunchTemplateReference) *types.LaunchTemplateSpecification,
) types.LaunchTemplateOverrides {
	override := types.LaunchTemplateOverrides{
		InstanceType: optional(string(o.InstanceType)), InstanceRequirements: overrideRequirements(o.InstanceRequirements), ImageId: optional(o.ImageID),
	}
	if o.WeightedCapacity != nil {
		override.WeightedCapacity = aws.String(strconv.Itoa(int(*o.WeightedCapacity)))
	}
	if o.LaunchTemplateRef != nil {
		override.LaunchTemplateSpecification = templateOf(*o.LaunchTemplateRef)
	}
	return override
}

// distributionFor returns the distribution that is declared. before is that of the group.
func distributionFor(obj *v1alpha1.AutoScalingGroup, before *types.InstancesDistribution) *types.InstancesDistribution {
	declared := obj.Spec.MixedInstances.Distribution
	if declared == nil {
		declared = &v1alpha1.InstancesDistribution{}
	}
	d := &types.InstancesDistribution{
		OnDemandAllocationStrategy:          pick(obj, fieldOnDemandStrategy, optional(declared.OnDemandAllocationStrategy), before.OnDemandAllocationStrategy, usualStrategy(obj)),
		OnDemandBaseCapacity:                pick(obj, fieldOnDemandBase, declared.OnDemandBaseCapacity, before.OnDemandBaseCapacity, aws.Int32(defaultBase)),
		OnDemandPercentageAboveBaseCapacity: pick(obj, fieldOnDemandPercentage, declared.OnDemandPercentageAboveBaseCapacity, before.OnDemandPercentageAboveBaseCapacity, aws.Int32(defaultPercentage)),
		SpotAllocationStrategy:              pick(obj, fieldSpotStrategy, optional(declared.SpotAllocationStrategy), before.SpotAllocationStrategy, aws.String(lowestPrice)),
		SpotMaxPrice:                        pick(obj, fieldSpotMaxPrice, optional(declared.SpotMaxPrice), before.SpotMaxPrice, aws.String("")),
		DistributionSegments:                before.DistributionSegments,
	}
	switch {
	case d.SpotAllocationStrategy == nil || *d.SpotAllocationStrategy == lowestPrice: // no other strategy has pools to count
		d.SpotInstancePools = pick(obj, fieldSpotPools, declared.SpotInstancePools, before.SpotInstancePools, aws.Int32(defaultPools))
	case declared.SpotInstancePools != nil:
		d.SpotInstancePools = declared.SpotInstancePools // AWS says what is wrong with it
	}
	return d
}

// pick returns the value of a field: what is declared; when it was declared before, AWS's default; what the group has.
func pick[T any](obj *v1alpha1.AutoScalingGroup, field string, declared, before, initial *T) *T {
	switch {
	case declared != nil:
		return declared
	case lifecycle.Managed(obj, field):
		return initial
	}
	return before
}

// hasRequirements reports whether a policy chooses types by requirements, as far as it tells.
func hasRequirements(p *types.MixedInstancesPolicy) bool {
	return p.LaunchTemplate != nil && len(p.LaunchTemplate.Overrides) > 0 && p.LaunchTemplate.Overrides[0].InstanceRequirements != nil
}

// byRequirements reports whether the spec declares that types are chosen by requirements.
func byRequirements(obj *v1alpha1.AutoScalingGroup) bool {
	if t := obj.Spec.LaunchTemplate; t != nil && t.InstanceRequirements != nil {
		return true
	}
	mixed := obj.Spec.MixedInstances
	return mixed != nil && len(mixed.Overrides) > 0 && mixed.Overrides[0].InstanceRequirements != nil
}

// usualStrategy is the strategy that AWS takes for On-Demand instances by itself; nil where only the template of others
// tells.
func usualStrategy(obj *v1alpha1.AutoScalingGroup) *string {
	switch {
	case byRequirements(obj):
		return aws.String(lowestPrice)
	case obj.Spec.LaunchTemplateRef != nil && len(obj.Spec.MixedInstances.Overrides) == 0:
		return nil
	}
	return aws.String(prioritized)
}
