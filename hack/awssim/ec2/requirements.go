package ec2

import (
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func frameInvalidType(name types.InstanceType) error {
	return frame.Errorf("InvalidInstanceType", "The following supplied instance types do not exist: [%s]", name)
}

// TypesMatching are the names of the instance types that satisfy requirements,
// the smallest first.
func TypesMatching(r *types.InstanceRequirements) []types.InstanceType {
	var found []instanceType
	for _, one := range instanceTypes {
		if one.satisfies(r) {
			found = append(found, one)
		}
	}
	slices.SortStableFunc(found, func(a, b instanceType) int {
		return int(a.cpus-b.cpus)*1_000_000 + int(a.memory-b.memory)
	})
	names := []types.InstanceType{}
	for _, one := range found {
		names = append(names, one.name)
	}
	return names
}

// satisfies looks at what the table of types knows: no type of it has
// accelerators, local storage or bare metal.
func (i instanceType) satisfies(r *types.InstanceRequirements) bool {
	if r == nil {
		return true
	}
	return i.fits(r) && i.isOfKind(r) && i.isNamed(r)
}

func (i instanceType) fits(r *types.InstanceRequirements) bool {
	if r.VCpuCount != nil && !between(i.cpus, r.VCpuCount.Min, r.VCpuCount.Max) {
		return false
	}
	if r.MemoryMiB != nil && !between(i.memory, r.MemoryMiB.Min, r.MemoryMiB.Max) {
		return false
	}
	if per := r.MemoryGiBPerVCpu; per != nil && !between(float64(i.memory)/1024/float64(i.cpus), per.Min, per.Max) {
		return false
	}
	if n := r.NetworkInterfaceCount; n != nil && !between(4, n.Min, n.Max) {
		return false
	}
	if a := r.AcceleratorCount; a != nil && aws.ToInt32(a.Min) > 0 {
		return false
	}
	if g := r.TotalLocalStorageGB; g != nil && aws.ToFloat64(g.Min) > 0 {
		return false
	}
	return true
}

func (i instanceType) isOfKind(r *types.InstanceRequirements) bool {
	generation := types.InstanceGenerationPrevious
	if i.current {
		generation = types.InstanceGenerationCurrent
	}
	switch {
	case len(r.CpuManufacturers) > 0 && !slices.Contains(r.CpuManufacturers, i.maker),
		len(r.InstanceGenerations) > 0 && !slices.Contains(r.InstanceGenerations, generation),
		i.burstable && (r.BurstablePerformance == "" || r.BurstablePerformance == types.BurstablePerformanceExcluded),
		!i.burstable && r.BurstablePerformance == types.BurstablePerformanceRequired,
		r.BareMetal == types.BareMetalRequired, r.LocalStorage == types.LocalStorageRequired,
		aws.ToBool(r.RequireHibernateSupport) && !i.current,
		aws.ToBool(r.RequireEncryptionInTransit) && i.burstable:
		return false
	}
	return true
}

func (i instanceType) isNamed(r *types.InstanceRequirements) bool {
	named := func(pattern string) bool { return like(pattern, string(i.name)) }
	if len(r.AllowedInstanceTypes) > 0 && !slices.ContainsFunc(r.AllowedInstanceTypes, named) {
		return false
	}
	return !slices.ContainsFunc(r.ExcludedInstanceTypes, named)
}

func between[N int32 | float64](n N, least, most *N) bool {
	return (least == nil || n >= *least) && (most == nil || n <= *most)
}

func (s *Service) typesFromRequirements(
	_ *turn, in *sdk.GetInstanceTypesFromInstanceRequirementsInput,
) (*sdk.GetInstanceTypesFromInstanceRequirementsOutput, error) {
	switch {
	case len(in.ArchitectureTypes) == 0:
		return nil, missingParameter("ArchitectureType")
	case len(in.VirtualizationTypes) == 0:
		return nil, missingParameter("VirtualizationType")
	case in.InstanceRequirements == nil:
		return nil, missingParameter("InstanceRequirements")
	}
	requirements := &types.InstanceRequirements{}
	recast(reflect.ValueOf(in.InstanceRequirements), reflect.ValueOf(requirements).Elem())
	var names []string
	for _, name := range TypesMatching(requirements) {
		one, err := instanceTypeNamed(name)
		if err != nil {
			return nil, err
		}
		if slices.Contains(in.ArchitectureTypes, one.architecture()) && slices.Contains(in.VirtualizationTypes, types.VirtualizationTypeHvm) {
			names = append(names, string(name))
		}
	}
	slices.Sort(names)
	page, next, err := pageOf(names, question{most: in.MaxResults, token: in.NextToken})
	if err != nil {
		return nil, err
	}
	out := &sdk.GetInstanceTypesFromInstanceRequirementsOutput{
		InstanceTypes: []types.InstanceTypeInfoFromInstanceRequirements{}, NextToken: next,
	}
	for _, name := range page {
		out.InstanceTypes = append(out.InstanceTypes, types.InstanceTypeInfoFromInstanceRequirements{InstanceType: aws.String(name)})
	}
	return out, nil
}
