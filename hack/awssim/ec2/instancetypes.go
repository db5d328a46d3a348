package ec2

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// instanceType is a type of instances.
type instanceType struct {
	name         types.InstanceType
	cpus, memory int32 // memory in MiB
	maker        types.CpuManufacturer
	burstable    bool
	current      bool
}

func (i instanceType) architecture() types.ArchitectureType {
	if i.maker == types.CpuManufacturerAmazonWebServices {
		return types.ArchitectureTypeArm64
	}
	return types.ArchitectureTypeX8664
}

// sizes are the vCPUs of sizes that all families have.
var sizes = []struct {
	name string
	cpus int32
}{
	{"large", 2}, {"xlarge", 4}, {"2xlarge", 8}, {"4xlarge", 16}, {"8xlarge", 32}, {"12xlarge", 48}, {"16xlarge", 64}, {"24xlarge", 96},
}

var instanceTypes = commonTypes()

// commonTypes are the types of the general, compute, memory and burstable families.
func commonTypes() []instanceType {
	const intel, amd, graviton = types.CpuManufacturerIntel, types.CpuManufacturerAmd, types.CpuManufacturerAmazonWebServices
	makers := map[string]types.CpuManufacturer{"": intel, "i": intel, "a": amd, "g": graviton}
	perCPU := map[string]int32{"c": 2048, "m": 4096, "r": 8192}
	var all []instanceType
	for _, family := range []string{
		"c5", "c5a", "c6i", "c6a", "c6g", "c7i", "c7a", "c7g", "c8g", "m4", "m5", "m5a", "m6i", "m6a", "m6g", "m7i", "m7a", "m7g", "m8g",
		"r5", "r5a", "r6i", "r6a", "r6g", "r7i", "r7a", "r7g", "r8g",
	} {
		maker, memory := makers[family[2:]], perCPU[family[:1]]
		if maker == graviton {
			all = append(all, instanceType{types.InstanceType(family + ".medium"), 1, memory, maker, false, true})
		}
		for _, size := range sizes {
			all = append(all, instanceType{types.InstanceType(family + "." + size.name), size.cpus, size.cpus * memory, maker, false, family != "m4"})
		}
	}
	burstable := []struct {
		size         string
		cpus, memory int32
	}{{"nano", 2, 512}, {"micro", 2, 1024}, {"small", 2, 2048}, {"medium", 2, 4096}, {"large", 2, 8192}, {"xlarge", 4, 16384}, {"2xlarge", 8, 32768}}
	for family, maker := range map[string]types.CpuManufacturer{"t2": intel, "t3": intel, "t3a": amd, "t4g": graviton} {
		for _, size := range burstable {
			cpus := size.cpus
			if family == "t2" && size.memory <= 2048 {
				cpus = 1
			}
			all = append(all, instanceType{types.InstanceType(family + "." + size.size), cpus, size.memory, maker, true, true})
		}
	}
	slices.SortFunc(all, func(a, b instanceType) int { return strings.Compare(string(a.name), string(b.name)) })
	return all
}

func instanceTypeNamed(name types.InstanceType) (instanceType, error) {
	at := slices.IndexFunc(instanceTypes, func(i instanceType) bool { return i.name == name })
	if at < 0 {
		return instanceType{}, invalidValue("Invalid value '%s' for InstanceType.", name)
	}
	return instanceTypes[at], nil
}

var typeFilters = filters[instanceType]{
	"instance-type":                                func(i instanceType) []string { return []string{string(i.name)} },
	"current-generation":                           flag(func(i instanceType) bool { return i.current }),
	"burstable-performance-supported":              flag(func(i instanceType) bool { return i.burstable }),
	"bare-metal":                                   flag(func(instanceType) bool { return false }),
	"processor-info.supported-architecture":        func(i instanceType) []string { return []string{string(i.architecture())} },
	"vcpu-info.default-vcpus":                      func(i instanceType) []string { return []string{text(i.cpus)} },
	"memory-info.size-in-mib":                      func(i instanceType) []string { return []string{text(i.memory)} },
	"supported-usage-class":                        func(instanceType) []string { return []string{"on-demand", "spot"} },
	"supported-virtualization-type":                func(instanceType) []string { return []string{"hvm"} },
	"instance-storage-supported":                   flag(func(instanceType) bool { return false }),
	"network-info.maximum-network-interfaces":      func(instanceType) []string { return []string{"4"} },
	"supported-root-device-type":                   func(instanceType) []string { return []string{"ebs"} },
	"hibernation-supported":                        flag(func(i instanceType) bool { return i.current }),
	"network-info.encryption-in-transit-supported": flag(func(i instanceType) bool { return !i.burstable }),
}

func (s *Service) describeInstanceTypes(_ *turn, in *sdk.DescribeInstanceTypesInput) (*sdk.DescribeInstanceTypesOutput, error) {
	for _, name := range in.InstanceTypes {
		if _, err := instanceTypeNamed(name); err != nil {
			return nil, frameInvalidType(name)
		}
	}
	if in.MaxResults != nil && (*in.MaxResults < 5 || *in.MaxResults > 100) {
		return nil, invalidValue("Value ( %d ) for parameter maxResults is invalid. Expecting a value between 5 and 100.", *in.MaxResults)
	}
	most := in.MaxResults
	if most == nil {
		most = aws.Int32(100)
	}
	var names []string
	for _, one := range instanceTypes {
		matches, err := matchesAll(nil, one, typeFilters, in.Filters)
		if err != nil {
			return nil, err
		}
		if matches && (len(in.InstanceTypes) == 0 || slices.Contains(in.InstanceTypes, one.name)) {
			names = append(names, string(one.name))
		}
	}
	page, next, err := pageOf(names, question{most: most, token: in.NextToken})
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeInstanceTypesOutput{InstanceTypes: []types.InstanceTypeInfo{}, NextToken: next}
	for _, name := range page {
		one, err := instanceTypeNamed(types.InstanceType(name))
		if err != nil {
			return nil, err
		}
		out.InstanceTypes = append(out.InstanceTypes, one.info())
	}
	return out, nil
}

func (i instanceType) info() types.InstanceTypeInfo {
	return types.InstanceTypeInfo{
		InstanceType: i.name, CurrentGeneration: &i.current, BurstablePerformanceSupported: &i.burstable, BareMetal: aws.Bool(false),
		VCpuInfo:   &types.VCpuInfo{DefaultVCpus: &i.cpus, DefaultCores: aws.Int32(max(1, i.cpus/2)), DefaultThreadsPerCore: aws.Int32(2)},
		MemoryInfo: &types.MemoryInfo{SizeInMiB: aws.Int64(int64(i.memory))},
		ProcessorInfo: &types.ProcessorInfo{
			SupportedArchitectures: []types.ArchitectureType{i.architecture()}, Manufacturer: aws.String(string(i.maker)),
		},
		Hypervisor: types.InstanceTypeHypervisorNitro, HibernationSupported: &i.current, InstanceStorageSupported: aws.Bool(false),
		SupportedUsageClasses:        []types.UsageClassType{types.UsageClassTypeOnDemand, types.UsageClassTypeSpot},
		SupportedRootDeviceTypes:     []types.RootDeviceType{types.RootDeviceTypeEbs},
		SupportedVirtualizationTypes: []types.VirtualizationType{types.VirtualizationTypeHvm},
		NetworkInfo:                  &types.NetworkInfo{MaximumNetworkInterfaces: aws.Int32(4), Ipv4AddressesPerInterface: aws.Int32(15)},
	}
}
