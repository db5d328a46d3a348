package autoscalinggroup

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// launchSource is where a group's instances come from: exactly one member is set, and none while that is not known.
type launchSource struct {
	template *types.LaunchTemplateSpecification
	mixed    *types.MixedInstancesPolicy
	// configuration is the name of a launch configuration, which is read only.
	configuration string
}

// known reports whether there is a source at all.
func (s launchSource) known() bool {
	return s.template != nil || s.mixed != nil || s.configuration != ""
}

// main is the launch template that instances come from, unless an override names another one.
func (s launchSource) main() *types.LaunchTemplateSpecification {
	if s.mixed != nil && s.mixed.LaunchTemplate != nil {
		return s.mixed.LaunchTemplate.LaunchTemplateSpecification
	}
	return s.template
}

// templates are all launch templates that instances come from.
func (s launchSource) templates() []*types.LaunchTemplateSpecification {
	var all []*types.LaunchTemplateSpecification
	if s.main() != nil {
		all = append(all, s.main())
	}
	if s.mixed != nil && s.mixed.LaunchTemplate != nil {
		for i := range s.mixed.LaunchTemplate.Overrides {
			if own := s.mixed.LaunchTemplate.Overrides[i].LaunchTemplateSpecification; own != nil {
				all = append(all, own)
			}
		}
	}
	return all
}

// sourceOf is where the instances of a group in AWS come from.
func sourceOf(g *types.AutoScalingGroup) launchSource {
	switch {
	case g.MixedInstancesPolicy != nil:
		return launchSource{mixed: g.MixedInstancesPolicy}
	case g.LaunchTemplate != nil:
		return launchSource{template: g.LaunchTemplate}
	}
	return launchSource{configuration: aws.ToString(g.LaunchConfigurationName)}
}

// sameSource compares launch sources in normal form: AWS's own defaults, and names beside ids, make no difference.
func sameSource(a, b launchSource) bool {
	return slices.Equal(a.normal(), b.normal())
}

// normalField is one comparable part of a source, by its name in the spec.
type normalField struct{ field, value string }

// normal is a source in normal form: its parts in a fixed order.
func (s launchSource) normal() []normalField {
	switch {
	case s.mixed != nil:
		return append([]normalField{{fieldTemplate, specificationText(s.main())}}, normalPolicy(s.mixed)...)
	case s.configuration != "":
		return []normalField{{fieldTemplate, "launch configuration " + s.configuration}}
	}
	return []normalField{{fieldTemplate, specificationText(s.template)}}
}

// specificationText tells a version of a launch template. AWS gives the name beside the id.
func specificationText(spec *types.LaunchTemplateSpecification) string {
	switch {
	case spec == nil:
		return ""
	case aws.ToString(spec.Version) == newVersion:
		return newVersion
	}
	return cmp.Or(aws.ToString(spec.LaunchTemplateId), aws.ToString(spec.LaunchTemplateName)) + ":" + cmp.Or(aws.ToString(spec.Version), versionDefault)
}

func normalPolicy(p *types.MixedInstancesPolicy) []normalField {
	var overrides []types.LaunchTemplateOverrides
	if p.LaunchTemplate != nil {
		overrides = p.LaunchTemplate.Overrides
	}
	fields := []normalField{{fieldMixed, "mixed"}}
	var texts []string
	required := false
	for i := range overrides {
		texts = append(texts, overrideText(&overrides[i]))
		required = required || overrides[i].InstanceRequirements != nil
	}
	fields = append(fields, normalField{fieldOverrides, strings.Join(texts, ", ")})
	var d types.InstancesDistribution
	if p.InstancesDistribution != nil {
		d = *p.InstancesDistribution
	}
	strategy := prioritized
	if required {
		strategy = lowestPrice
	}
	spot := cmp.Or(aws.ToString(d.SpotAllocationStrategy), lowestPrice)
	fields = append(fields,
		normalField{fieldOnDemandStrategy, cmp.Or(aws.ToString(d.OnDemandAllocationStrategy), strategy)},
		normalField{fieldOnDemandBase, numberOr(d.OnDemandBaseCapacity, defaultBase)},
		normalField{fieldOnDemandPercentage, numberOr(d.OnDemandPercentageAboveBaseCapacity, defaultPercentage)},
		normalField{fieldSpotStrategy, spot}, normalField{fieldSpotMaxPrice, price(d.SpotMaxPrice)})
	if spot == lowestPrice {
		fields = append(fields, normalField{fieldSpotPools, numberOr(d.SpotInstancePools, defaultPools)})
	}
	for _, segment := range d.DistributionSegments {
		fields = append(fields, normalField{fieldDistribution + "distributionSegments", asSet(segment.TargetCapacityTypes)})
	}
	return fields
}

func numberOr(value *int32, otherwise int32) string {
	if value == nil {
		value = &otherwise
	}
	return number(value)
}

// price is a price in the one spelling in which prices can be compared.
func price(text *string) string {
	amount, err := strconv.ParseFloat(aws.ToString(text), 64)
	if err != nil {
		return aws.ToString(text)
	}
	return strconv.FormatFloat(amount, 'f', -1, 64)
}

// overrideText is an override in comparable form. Without weights every instance counts for one.
func overrideText(o *types.LaunchTemplateOverrides) string {
	parts := []string{aws.ToString(o.InstanceType)}
	if o.InstanceRequirements != nil {
		parts[0] = requirementsText(o.InstanceRequirements)
	}
	parts = append(parts, "x"+cmp.Or(aws.ToString(o.WeightedCapacity), defaultWeight))
	if o.LaunchTemplateSpecification != nil {
		parts = append(parts, specificationText(o.LaunchTemplateSpecification))
	}
	if o.ImageId != nil {
		parts = append(parts, *o.ImageId)
	}
	return strings.Join(parts, " ")
}

// requirementsText is requirements in comparable form, with what AWS fills in by itself.
func requirementsText(r *types.InstanceRequirements) string {
	complete := *r
	complete.BareMetal = cmp.Or(r.BareMetal, types.BareMetalExcluded)
	complete.BurstablePerformance = cmp.Or(r.BurstablePerformance, types.BurstablePerformanceExcluded)
	complete.LocalStorage = cmp.Or(r.LocalStorage, types.LocalStorageIncluded)
	if r.RequireHibernateSupport == nil {
		complete.RequireHibernateSupport = aws.Bool(false)
	}
	if r.OnDemandMaxPricePercentageOverLowestPrice == nil {
		complete.OnDemandMaxPricePercentageOverLowestPrice = aws.Int32(defaultOnDemandOver)
	}
	if r.SpotMaxPricePercentageOverLowestPrice == nil && r.MaxSpotPriceAsPercentageOfOptimalOnDemandPrice == nil {
		complete.SpotMaxPricePercentageOverLowestPrice = aws.Int32(defaultSpotOver)
	}
	if len(r.InstanceGenerations) == len(types.InstanceGeneration("").Values()) {
		complete.InstanceGenerations = nil
	}
	if len(r.LocalStorageTypes) == len(types.LocalStorageType("").Values()) {
		complete.LocalStorageTypes = nil
	}
	form, err := formOf(&complete)
	if err != nil { // which numbers and texts do not meet
		return fmt.Sprint(complete)
	}
	return text(map[string]any(form))
}

// sourcePlan tells how a source changes, field by field.
func sourcePlan(resource string, from, to launchSource) []v1alpha1.PlannedChange {
	before, after := map[string]string{}, map[string]string{}
	var order []string
	for into, fields := range map[*map[string]string][]normalField{&before: from.normal(), &after: to.normal()} {
		for _, f := range fields {
			(*into)[f.field] = f.value
			order = append(order, f.field)
		}
	}
	slices.Sort(order)
	var plan []v1alpha1.PlannedChange
	for _, field := range slices.Compact(order) {
		if before[field] != after[field] {
			plan = append(plan, planned(lifecycle.VerbUpdate, resource, field, lifecycle.Shorten(before[field]), lifecycle.Shorten(after[field]))...)
		}
	}
	return plan
}
