package autoscalinggroup

import (
	"strconv"

	autoscaling "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// templateRequirements are requirements as a launch template has them.
func templateRequirements(r *v1alpha1.InstanceRequirements) *ec2.InstanceRequirementsRequest {
	if r == nil {
		return nil
	}
	rendered := &ec2.InstanceRequirementsRequest{
		VCpuCount:        &ec2.VCpuCountRangeRequest{Min: r.VCPUCount.Min, Max: r.VCPUCount.Max},
		MemoryMiB:        &ec2.MemoryMiBRequest{Min: r.MemoryMiB.Min, Max: r.MemoryMiB.Max},
		CpuManufacturers: words[ec2.CpuManufacturer](r.CPUManufacturers), InstanceGenerations: words[ec2.InstanceGeneration](r.InstanceGenerations),
		AllowedInstanceTypes: words[string](r.AllowedInstanceTypes), ExcludedInstanceTypes: words[string](r.ExcludedInstanceTypes),
		SpotMaxPricePercentageOverLowestPrice:          r.SpotMaxPricePercentageOverLowestPrice,
		MaxSpotPriceAsPercentageOfOptimalOnDemandPrice: r.MaxSpotPriceAsPercentageOfOptimalOnDemandPrice,
		OnDemandMaxPricePercentageOverLowestPrice:      r.OnDemandMaxPricePercentageOverLowestPrice,
		BareMetal: ec2.BareMetal(r.BareMetal), BurstablePerformance: ec2.BurstablePerformance(r.BurstablePerformance),
		RequireHibernateSupport: r.RequireHibernateSupport, LocalStorage: ec2.LocalStorage(r.LocalStorage),
		LocalStorageTypes: words[ec2.LocalStorageType](r.LocalStorageTypes), AcceleratorTypes: words[ec2.AcceleratorType](r.AcceleratorTypes),
		AcceleratorManufacturers: words[ec2.AcceleratorManufacturer](r.AcceleratorManufacturers), AcceleratorNames: words[ec2.AcceleratorName](r.AcceleratorNames),
	}
	if n := r.NetworkInterfaceCount; n != nil {
		rendered.NetworkInterfaceCount = &ec2.NetworkInterfaceCountRequest{Min: n.Min, Max: n.Max}
	}
	if n := r.BaselineEBSBandwidthMbps; n != nil {
		rendered.BaselineEbsBandwidthMbps = &ec2.BaselineEbsBandwidthMbpsRequest{Min: n.Min, Max: n.Max}
	}
	if n := r.AcceleratorCount; n != nil {
		rendered.AcceleratorCount = &ec2.AcceleratorCountRequest{Min: n.Min, Max: n.Max}
	}
	if n := r.AcceleratorTotalMemoryMiB; n != nil {
		rendered.AcceleratorTotalMemoryMiB = &ec2.AcceleratorTotalMemoryMiBRequest{Min: n.Min, Max: n.Max}
	}
	if n := r.MemoryGiBPerVCPU; n != nil {
		rendered.MemoryGiBPerVCpu = &ec2.MemoryGiBPerVCpuRequest{Min: decimal(n.Min), Max: decimal(n.Max)}
	}
	if n := r.NetworkBandwidthGbps; n != nil {
		rendered.NetworkBandwidthGbps = &ec2.NetworkBandwidthGbpsRequest{Min: decimal(n.Min), Max: decimal(n.Max)}
	}
	if n := r.TotalLocalStorageGB; n != nil {
		rendered.TotalLocalStorageGB = &ec2.TotalLocalStorageGBRequest{Min: decimal(n.Min), Max: decimal(n.Max)}
	}
	if families := r.BaselinePerformanceFamilies; len(families) > 0 {
		cpu := &ec2.CpuPerformanceFactorRequest{}
		for i := range families {
			cpu.References = append(cpu.References, ec2.PerformanceFactorReferenceRequest{InstanceFamily: &families[i]})
		}
		rendered.BaselinePerformanceFactors = &ec2.BaselinePerformanceFactorsRequest{Cpu: cpu}
	}
	return rendered
}

// overrideRequirements are requirements as a mixed instances policy has them: the same in types of another service.
func overrideRequirements(r *v1alpha1.InstanceRequirements) *autoscaling.InstanceRequirements {
	if r == nil {
		return nil
	}
	rendered := &autoscaling.InstanceRequirements{
		VCpuCount:        &autoscaling.VCpuCountRequest{Min: r.VCPUCount.Min, Max: r.VCPUCount.Max},
		MemoryMiB:        &autoscaling.MemoryMiBRequest{Min: r.MemoryMiB.Min, Max: r.MemoryMiB.Max},
		CpuManufacturers: words[autoscaling.CpuManufacturer](r.CPUManufacturers), InstanceGenerations: words[autoscaling.InstanceGeneration](r.InstanceGenerations),
		AllowedInstanceTypes: words[string](r.AllowedInstanceTypes), ExcludedInstanceTypes: words[string](r.ExcludedInstanceTypes),
		SpotMaxPricePercentageOverLowestPrice:          r.SpotMaxPricePercentageOverLowestPrice,
		MaxSpotPriceAsPercentageOfOptimalOnDemandPrice: r.MaxSpotPriceAsPercentageOfOptimalOnDemandPrice,
		OnDemandMaxPricePercentageOverLowestPrice:      r.OnDemandMaxPricePercentageOverLowestPrice,
		BareMetal: autoscaling.BareMetal(r.BareMetal), BurstablePerformance: autoscaling.BurstablePerformance(r.BurstablePerformance),
		RequireHibernateSupport: r.RequireHibernateSupport, LocalStorage: autoscaling.LocalStorage(r.LocalStorage),
		LocalStorageTypes: words[autoscaling.LocalStorageType](r.LocalStorageTypes), AcceleratorTypes: words[autoscaling.AcceleratorType](r.AcceleratorTypes),
		AcceleratorManufacturers: words[autoscaling.AcceleratorManufacturer](r.AcceleratorManufacturers),
		AcceleratorNames:         words[autoscaling.AcceleratorName](r.AcceleratorNames),
	}
	if n := r.NetworkInterfaceCount; n != nil {
		rendered.NetworkInterfaceCount = &autoscaling.NetworkInterfaceCountRequest{Min: n.Min, Max: n.Max}
	}
	if n := r.BaselineEBSBandwidthMbps; n != nil {
		rendered.BaselineEbsBandwidthMbps = &autoscaling.BaselineEbsBandwidthMbpsRequest{Min: n.Min, Max: n.Max}
	}
	if n := r.AcceleratorCount; n != nil {
		rendered.AcceleratorCount = &autoscaling.AcceleratorCountRequest{Min: n.Min, Max: n.Max}
	}
	if n := r.AcceleratorTotalMemoryMiB; n != nil {
		rendered.AcceleratorTotalMemoryMiB = &autoscaling.AcceleratorTotalMemoryMiBRequest{Min: n.Min, Max: n.Max}
	}
	if n := r.MemoryGiBPerVCPU; n != nil {
		rendered.MemoryGiBPerVCpu = &autoscaling.MemoryGiBPerVCpuRequest{Min: decimal(n.Min), Max: decimal(n.Max)}
	}
	if n := r.NetworkBandwidthGbps; n != nil {
		rendered.NetworkBandwidthGbps = &autoscaling.NetworkBandwidthGbpsRequest{Min: decimal(n.Min), Max: decimal(n.Max)}
	}
	if n := r.TotalLocalStorageGB; n != nil {
		rendered.TotalLocalStorageGB = &autoscaling.TotalLocalStorageGBRequest{Min: decimal(n.Min), Max: decimal(n.Max)}
	}
	if families := r.BaselinePerformanceFamilies; len(families) > 0 {
		cpu := &autoscaling.CpuPerformanceFactorRequest{}
		for i := range families {
			cpu.References = append(cpu.References, autoscaling.PerformanceFactorReferenceRequest{InstanceFamily: &families[i]})
		}
		rendered.BaselinePerformanceFactors = &autoscaling.BaselinePerformanceFactorsRequest{Cpu: cpu}
	}
	return rendered
}

// words are texts as texts of another type.
func words[T, F ~string](from []F) []T {
	var to []T
	for _, word := range from {
		to = append(to, T(word))
	}
	return to
}

// decimal is the number that a text gives; nil when it is empty. Admission lets in numbers only.
func decimal(text v1alpha1.UnsignedDecimal) *float64 {
	number, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		return nil
	}
	return &number
}
