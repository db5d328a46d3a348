package autoscaling

import (
	"cmp"
	"path"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// instanceType is what selection by attributes knows of a type.
type instanceType struct {
	name         string
	vcpu, memory int32 // memory in MiB
	maker        types.CpuManufacturer
	previous     bool
}

// catalogue has the types that attributes can select, the cheapest first. By
// name, any type can be used.
var catalogue = sortedByPrice([]instanceType{
	{"t2.micro", 1, 1024, types.CpuManufacturerIntel, true},
	{"t3.micro", 2, 1024, types.CpuManufacturerIntel, false},
	{"t3.small", 2, 2048, types.CpuManufacturerIntel, false},
	{"t3.medium", 2, 4096, types.CpuManufacturerIntel, false},
	{"t3.large", 2, 8192, types.CpuManufacturerIntel, false},
	{"t4g.small", 2, 2048, types.CpuManufacturerAmazonWebServices, false},
	{"t4g.medium", 2, 4096, types.CpuManufacturerAmazonWebServices, false},
	{"m4.large", 2, 8192, types.CpuManufacturerIntel, true},
	{"m5.large", 2, 8192, types.CpuManufacturerIntel, false},
	{"m5a.large", 2, 8192, types.CpuManufacturerAmd, false},
	{"m6i.large", 2, 8192, types.CpuManufacturerIntel, false},
	{"m6g.large", 2, 8192, types.CpuManufacturerAmazonWebServices, false},
	{"m7g.large", 2, 8192, types.CpuManufacturerAmazonWebServices, false},
	{"m5.xlarge", 4, 16384, types.CpuManufacturerIntel, false},
	{"m6i.xlarge", 4, 16384, types.CpuManufacturerIntel, false},
	{"m6g.xlarge", 4, 16384, types.CpuManufacturerAmazonWebServices, false},
	{"m5.2xlarge", 8, 32768, types.CpuManufacturerIntel, false},
	{"m6i.2xlarge", 8, 32768, types.CpuManufacturerIntel, false},
	{"m6i.4xlarge", 16, 65536, types.CpuManufacturerIntel, false},
	{"c5.large", 2, 4096, types.CpuManufacturerIntel, false},
	{"c6i.large", 2, 4096, types.CpuManufacturerIntel, false},
	{"c6g.large", 2, 4096, types.CpuManufacturerAmazonWebServices, false},
	{"c5.xlarge", 4, 8192, types.CpuManufacturerIntel, false},
	{"c6i.xlarge", 4, 8192, types.CpuManufacturerIntel, false},
	{"c6i.2xlarge", 8, 16384, types.CpuManufacturerIntel, false},
	{"r5.large", 2, 16384, types.CpuManufacturerIntel, false},
	{"r6i.large", 2, 16384, types.CpuManufacturerIntel, false},
	{"r6i.xlarge", 4, 32768, types.CpuManufacturerIntel, false},
})

// sortedByPrice orders types by what their parts cost, roughly as AWS prices them.
func sortedByPrice(all []instanceType) []instanceType {
	price := func(t instanceType) int32 { return t.vcpu*8192 + t.memory }
	slices.SortStableFunc(all, func(a, b instanceType) int { return cmp.Compare(price(a), price(b)) })
	return all
}

func (t instanceType) burstable() bool { return strings.HasPrefix(t.name, "t") }

// matching lists the types that meet requirements, the cheapest first.
func matching(r *types.InstanceRequirements) []instanceType {
	var found []instanceType
	for _, t := range catalogue {
		if t.meets(r) {
			found = append(found, t)
		}
	}
	return found
}

func (t instanceType) meets(r *types.InstanceRequirements) bool {
	generation := types.InstanceGenerationCurrent
	if t.previous {
		generation = types.InstanceGenerationPrevious
	}
	perCPU := float64(t.memory) / 1024 / float64(t.vcpu)
	switch {
	case !within(t.vcpu, r.VCpuCount.Min, r.VCpuCount.Max), !within(t.memory, r.MemoryMiB.Min, r.MemoryMiB.Max):
		return false
	case r.MemoryGiBPerVCpu != nil && !within(perCPU, r.MemoryGiBPerVCpu.Min, r.MemoryGiBPerVCpu.Max):
		return false
	case len(r.CpuManufacturers) > 0 && !slices.Contains(r.CpuManufacturers, t.maker):
		return false
	case len(r.InstanceGenerations) > 0 && !slices.Contains(r.InstanceGenerations, generation):
		return false
	}
	return t.allowed(r)
}

// allowed tells whether requirements allow a type by its name and by what it is.
func (t instanceType) allowed(r *types.InstanceRequirements) bool {
	named := func(pattern string) bool {
		ok, err := path.Match(pattern, t.name)
		return err == nil && ok
	}
	switch {
	case len(r.AllowedInstanceTypes) > 0 && !slices.ContainsFunc(r.AllowedInstanceTypes, named), slices.ContainsFunc(r.ExcludedInstanceTypes, named):
		return false
	case t.burstable() && (r.BurstablePerformance == "" || r.BurstablePerformance == types.BurstablePerformanceExcluded):
		return false
	case !t.burstable() && r.BurstablePerformance == types.BurstablePerformanceRequired:
		return false
	}
	// The catalogue has neither bare metal, nor accelerators, nor local storage.
	return r.BareMetal != types.BareMetalRequired && r.LocalStorage != types.LocalStorageRequired &&
		(r.AcceleratorCount == nil || r.AcceleratorCount.Min == nil || *r.AcceleratorCount.Min == 0)
}

func within[N int32 | float64](value N, least, most *N) bool {
	return (least == nil || value >= *least) && (most == nil || value <= *most)
}

// sizeOf is a type of the catalogue; one that is not there is taken for a small one.
func sizeOf(name string) instanceType {
	at := slices.IndexFunc(catalogue, func(t instanceType) bool { return t.name == name })
	if at < 0 {
		return instanceType{name: name, vcpu: 2, memory: 4096}
	}
	return catalogue[at]
}
