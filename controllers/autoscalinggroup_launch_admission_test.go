package controllers_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// launching is the spec of a group whose launch template has some fields beside its image.
func launching(fields string) string {
	if fields != "" {
		fields = ", " + fields
	}
	return "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], launchTemplate: {imageID: ami-0123456789abcdef0" + fields + "}"
}

// typed is the same with an instance type.
func typed(fields string) string {
	if fields != "" {
		fields = ", " + fields
	}
	return launching("instanceType: t3.micro" + fields)
}

const byRequirements = "instanceRequirements: {vCPUCount: {min: 2}, memoryMiB: {min: 4096}}"

// requiring is a launch template with requirements beside the two that are needed.
func requiring(fields string) string {
	return launching("instanceRequirements: {vCPUCount: {min: 2}, memoryMiB: {min: 4096}, " + fields + "}")
}

// largestLaunch has as many parts as a launch template, and a mixed instances policy, can have.
func largestLaunch() string {
	many := func(count int, format string) string {
		var parts []string
		for i := range count {
			parts = append(parts, strings.ReplaceAll(format, "#", fmt.Sprint(i)))
		}
		return strings.Join(parts, ", ")
	}
	return "{minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], launchTemplate: {imageID: ami-0a, userData: " + strings.Repeat("x", 16384) +
		", networkInterfaces: [" + many(32, "{deviceIndex: #, securityGroupIDs: [sg-0a, sg-0b]}") +
		"], blockDeviceMappings: [" + many(128, "{deviceName: /dev/sd#, ebs: {volumeType: gp3, volumeSize: 10}}") +
		"], tagSpecifications: [{resourceType: instance, tags: {" + many(50, "key-#: value") + "}}]}, mixedInstances: {overrides: [" +
		many(40, "{instanceType: m#i.large, weightedCapacity: 1}") + "]}}"
}

var _ = Describe("Admission of what a group launches", func() {
	It("accepts as much as AWS's quotas allow", func(ctx context.Context) {
		Expect(admit(ctx, "AutoScalingGroup", largestLaunch())).To(Succeed())
	})

	DescribeTable("accepts a launch template", accepts("AutoScalingGroup"),
		Entry("of the least", typed("")),
		Entry("with an image that a parameter names", "minSize: 0, maxSize: 1, subnetIDs: [subnet-0a], launchTemplate: {imageID: 'resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64', instanceType: t3.micro}"),
		Entry("with requirements", launching(byRequirements)),
		Entry("with every requirement", requiring("cpuManufacturers: [intel, amd], memoryGiBPerVCPU: {min: '0.5', max: '8'}, excludedInstanceTypes: ['t2.*'], instanceGenerations: [current], "+
			"spotMaxPricePercentageOverLowestPrice: 50, onDemandMaxPricePercentageOverLowestPrice: 20, bareMetal: excluded, burstablePerformance: included, requireHibernateSupport: true, "+
			"networkInterfaceCount: {max: 8}, networkBandwidthGbps: {min: '10'}, localStorage: required, localStorageTypes: [ssd], totalLocalStorageGB: {min: '100.5'}, baselineEBSBandwidthMbps: {min: 500}, "+
			"baselinePerformanceFamilies: [c6i], acceleratorTypes: [gpu], acceleratorCount: {min: 1, max: 4}, acceleratorManufacturers: [nvidia], acceleratorNames: [t4, a100], acceleratorTotalMemoryMiB: {min: 16384}")),
		Entry("with user data from a Secret", typed("userDataFrom: {secretKeyRef: {name: boot, key: user-data}}")),
		Entry("with network interfaces", typed("networkInterfaces: [{deviceIndex: 0, associatePublicIPAddress: true, securityGroupIDs: [sg-0a], connectionTracking: {udpTimeoutSeconds: 60}}, {deviceIndex: 1, networkCardIndex: 1, interfaceType: efa-only}]")),
		Entry("with every kind of device", typed("blockDeviceMappings: [{deviceName: /dev/xvda, ebs: {volumeType: gp3, volumeSize: 50, iops: 3000, throughput: 125, encrypted: true, kmsKeyID: alias/disks}}, {deviceName: /dev/sdb, virtualName: ephemeral0}, {deviceName: /dev/sdc, noDevice: true}]")),
		Entry("with every option", typed("keyName: ops, iamInstanceProfile: {name: worker}, monitoring: {enabled: true}, placement: {groupName: near, partitionNumber: 2, tenancy: dedicated}, ebsOptimized: true, "+
			"creditSpecification: {cpuCredits: unlimited}, cpuOptions: {coreCount: 2, threadsPerCore: 1, amdSEVSNP: enabled}, capacityReservationSpecification: {target: {capacityReservationID: cr-0a}}, "+
			"hibernationOptions: {configured: true}, metadataOptions: {httpTokens: required, httpEndpoint: enabled, httpPutResponseHopLimit: 2, httpProtocolIPv6: disabled, instanceMetadataTags: enabled}, "+
			"enclaveOptions: {enabled: false}, privateDNSNameOptions: {hostnameType: resource-name, enableResourceNameDNSARecord: true}, maintenanceOptions: {autoRecovery: disabled}, "+
			"networkPerformanceOptions: {bandwidthWeighting: vpc-1}, instanceMarketOptions: {marketType: spot, spotOptions: {maxPrice: '0.05'}}, tagSpecifications: [{resourceType: volume, tags: {team: data}}], "+
			"instanceInitiatedShutdownBehavior: terminate, disableAPITermination: true, disableAPIStop: false, licenseSpecifications: [{licenseConfigurationARN: 'arn:aws:license-manager:us-east-1:123456789012:license-configuration:lic-0a'}], kernelID: aki-0a, ramDiskID: ari-0a")),
		Entry("of others, by id", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], launchTemplateRef: {id: lt-0123456789abcdef0, version: $Latest}"),
		Entry("of others, by name", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], launchTemplateRef: {name: shared/web, version: '12'}"),
		Entry("with mixed instances of types", launching("")+", mixedInstances: {overrides: [{instanceType: m6i.large, weightedCapacity: 1}, {instanceType: m6g.large, weightedCapacity: 1, launchTemplateRef: {id: lt-0a}}], distribution: {onDemandBaseCapacity: 1, onDemandPercentageAboveBaseCapacity: 25, spotAllocationStrategy: lowest-price, spotInstancePools: 4, spotMaxPrice: '0.1', onDemandAllocationStrategy: prioritized}}"),
		Entry("with mixed instances by requirements", launching("")+", desiredCapacityType: vcpu, mixedInstances: {overrides: [{"+byRequirements+", imageID: ami-0b}], distribution: {onDemandAllocationStrategy: lowest-price}}"),
		Entry("that is not declared, of a group that is only watched", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], managementPolicy: Observe"),
		Entry("that is not declared, of a group that is adopted", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], adopt: {name: old}"),
	)

	DescribeTable("refuses a launch template", refuses("AutoScalingGroup"),
		Entry("that is not there", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a]", "say what the instances are made of"),
		Entry("twice", typed("")+", launchTemplateRef: {id: lt-0a}", "exclude each other: declare the template here, or name an existing one"),
		Entry("of others, without a name", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], launchTemplateRef: {version: '1'}", "exactly one of them"),
		Entry("of others, with a version that is none", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], launchTemplateRef: {id: lt-0a, version: latest}", "launchTemplateRef.version in body should match"),
		Entry("without an image", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], launchTemplate: {instanceType: t3.micro}", "imageID: Required value"),
		Entry("with an image that is none", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], launchTemplate: {imageID: ubuntu, instanceType: t3.micro}", "imageID in body should match"),
		Entry("without a type", launching(""), "say of what type the instances are"),
		Entry("without a type and with empty overrides", launching("")+", mixedInstances: {overrides: []}", "say of what type the instances are"),
		Entry("with a type that is none", launching("instanceType: large"), "instanceType in body should match"),
		Entry("with a type and requirements", typed(byRequirements), "instanceType and instanceRequirements exclude each other"),
		Entry("with user data twice", typed("userData: a, userDataFrom: {secretKeyRef: {name: a, key: b}}"), "userData and userDataFrom exclude each other"),
		Entry("with user data from nowhere", typed("userDataFrom: {}"), "give exactly one of configMapKeyRef and secretKeyRef"),
		Entry("with too much user data", typed("userData: "+strings.Repeat("ä", 8193)), "limited to 16,384 bytes"),
		Entry("with a profile that has no name", typed("iamInstanceProfile: {}"), "name the instance profile by arn or by name"),
		Entry("with groups of instances and interfaces", typed("securityGroupIDs: [sg-0a], networkInterfaces: [{deviceIndex: 0}]"), "securityGroupIDs and networkInterfaces exclude each other"),
		Entry("with two interfaces in one place", typed("networkInterfaces: [{deviceIndex: 0}, {deviceIndex: 0, networkCardIndex: 0}]"), "give each its own place"),
		Entry("without a primary interface", typed("networkInterfaces: [{deviceIndex: 1}]"), "an instance needs a primary network interface"),
		Entry("with addresses on an interface that has none", typed("networkInterfaces: [{deviceIndex: 0, interfaceType: efa-only, ipv6AddressCount: 1}]"), "has no IP addresses"),
		Entry("with ENA Express for UDP only", typed("networkInterfaces: [{deviceIndex: 0, enaSRDSpecification: {enabled: false, udpEnabled: true}}]"), "set enabled to true"),
		Entry("with two devices of a name", typed("blockDeviceMappings: [{deviceName: a, noDevice: true}, {deviceName: a, noDevice: true}]"), "Duplicate value"),
		Entry("with a device that is nothing", typed("blockDeviceMappings: [{deviceName: a}]"), "give exactly one of ebs, virtualName and noDevice"),
		Entry("with IOPS of a volume that has none to choose", typed("blockDeviceMappings: [{deviceName: a, ebs: {volumeType: gp2, iops: 3000}}]"), "set volumeType to one of them, or remove iops"),
		Entry("without IOPS of a volume that needs them", typed("blockDeviceMappings: [{deviceName: a, ebs: {volumeType: io2}}]"), "need iops"),
		Entry("with throughput of a volume that has none to choose", typed("blockDeviceMappings: [{deviceName: a, ebs: {throughput: 125}}]"), "set volumeType to gp3, or remove throughput"),
		Entry("with the key of a volume that is not encrypted", typed("blockDeviceMappings: [{deviceName: a, ebs: {kmsKeyID: k}}]"), "set encrypted to true"),
		Entry("with a volume that is too small for its type", typed("blockDeviceMappings: [{deviceName: a, ebs: {volumeType: st1, volumeSize: 20}}]"), "125 to 16,384 GiB"),
		Entry("with a partition of nothing", typed("placement: {partitionNumber: 1}"), "give groupName or groupID too"),
		Entry("with a host and shared hardware", typed("placement: {hostID: h-0a}"), "set tenancy to host"),
		Entry("with cores and no threads", typed("cpuOptions: {coreCount: 2}"), "give both or none"),
		Entry("with a target and a choice", typed("capacityReservationSpecification: {preference: open, target: {capacityReservationID: cr-0a}}"), "a target leaves no choice"),
		Entry("that hibernates with enclaves", typed("hibernationOptions: {configured: true}, enclaveOptions: {enabled: true}"), "cannot both hibernate and have enclaves"),
		Entry("with too many hops", typed("metadataOptions: {httpPutResponseHopLimit: 65}"), "less than or equal to 64"),
		Entry("with Spot's options and another market", typed("instanceMarketOptions: {marketType: capacity-block, spotOptions: {maxPrice: '1'}}"), "spotOptions are for marketType spot"),
		Entry("with tags of something else", typed("tagSpecifications: [{resourceType: vpc, tags: {a: b}}]"), "Unsupported value"),
		Entry("with a tag of AWS", typed(`tagSpecifications: [{resourceType: volume, tags: {"aws:a": b}}]`), "choose another key"),
		Entry("with requirements without a minimum", launching("instanceRequirements: {vCPUCount: {max: 2}, memoryMiB: {min: 1}}"), "need a min"),
		Entry("with a range upside down", launching("instanceRequirements: {vCPUCount: {min: 4, max: 2}, memoryMiB: {min: 1}}"), "cannot be greater than its max"),
		Entry("with a decimal range upside down", requiring("memoryGiBPerVCPU: {min: '10', max: '9.5'}"), "cannot be greater than its max"),
		Entry("with types allowed and excluded", requiring("allowedInstanceTypes: [a.b], excludedInstanceTypes: [c.d]"), "give one of them"),
		Entry("that is Spot, with mixed instances", typed("instanceMarketOptions: {marketType: spot}")+", mixedInstances: {}", "say in mixedInstances.distribution how much is Spot"),
	)

	DescribeTable("refuses mixed instances", refuses("AutoScalingGroup"),
		Entry("without a template", "minSize: 1, maxSize: 3, subnetIDs: [subnet-0a], adopt: {name: a}, mixedInstances: {overrides: [{instanceType: m6i.large}]}", "say what the instances are made of"),
		Entry("with an override of nothing", launching("")+", mixedInstances: {overrides: [{weightedCapacity: 1}]}", "give exactly one of instanceType and instanceRequirements"),
		Entry("with a weight of some", launching("")+", mixedInstances: {overrides: [{instanceType: m6i.large, weightedCapacity: 1}, {instanceType: m6a.large}]}", "for all overrides or for none"),
		Entry("with a weight too large", launching("")+", mixedInstances: {overrides: [{instanceType: m6i.large, weightedCapacity: 1000}]}", "less than or equal to 999"),
		Entry("with a type twice", launching("")+", mixedInstances: {overrides: [{instanceType: m6i.large}, {instanceType: m6i.large}]}", "may stand in one override only"),
		Entry("with types and requirements", launching("")+", mixedInstances: {overrides: [{instanceType: m6i.large}, {"+byRequirements+"}]}", "use instanceRequirements in all of them or in none"),
		Entry("with pools of another strategy", typed("")+", mixedInstances: {distribution: {spotAllocationStrategy: capacity-optimized, spotInstancePools: 2}}", "for spotAllocationStrategy lowest-price only"),
		Entry("with an order of requirements", launching("")+", mixedInstances: {overrides: [{"+byRequirements+"}], distribution: {onDemandAllocationStrategy: prioritized}}", "onDemandAllocationStrategy must be lowest-price"),
		Entry("with an order of requirements, for Spot", launching(byRequirements)+", mixedInstances: {distribution: {spotAllocationStrategy: capacity-optimized-prioritized}}", "cannot be capacity-optimized-prioritized"),
		Entry("for less than nothing", typed("")+", mixedInstances: {distribution: {spotMaxPrice: '0.0001'}}", "at least 0.001"),
		Entry("counted in processors, of given types", typed("")+", desiredCapacityType: vcpu", "give instanceRequirements"),
	)
})
