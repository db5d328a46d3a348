package autoscalinggroup

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// templateField is a field of a launch template with two values, as its user writes them.
type templateField struct{ name, first, second string }

// templateFields are all fields of a launch template that can be removed, each with the members that it has.
var templateFields = []templateField{
	{"keyName", "ops", "dev"},
	{"userData", "'#!/bin/sh'", "'#!/bin/bash'"},
	{"iamInstanceProfile", "{name: worker}", "{arn: 'arn:aws:iam::123456789012:instance-profile/worker'}"},
	{"securityGroupIDs", "[sg-0shared]", "[sg-0shared, sg-0default]"},
	{"networkInterfaces", "[{deviceIndex: 0, associatePublicIPAddress: true, securityGroupIDs: [sg-0shared], deleteOnTermination: true, description: first, interfaceType: interface, ipv6AddressCount: 1, primaryIPv6: true}]",
		"[{deviceIndex: 0, networkCardIndex: 0, secondaryPrivateIPAddressCount: 1, ipv6PrefixCount: 1, associateCarrierIPAddress: false, enaQueueCount: 2, enaSRDSpecification: {enabled: true, udpEnabled: true}, connectionTracking: {tcpEstablishedTimeoutSeconds: 60, udpTimeoutSeconds: 30, udpStreamTimeoutSeconds: 60}}, {deviceIndex: 1, ipv4PrefixCount: 1}]"},
	{"secondaryInterfaces", "[{secondarySubnetID: ss-1, deviceIndex: 1}]", "[{secondarySubnetID: ss-1, deviceIndex: 1, networkCardIndex: 1, privateIPAddressCount: 2}]"},
	{"blockDeviceMappings", "[{deviceName: /dev/xvda, ebs: {volumeType: gp3, volumeSize: 50, iops: 3000, throughput: 125, encrypted: true, kmsKeyID: alias/disks, deleteOnTermination: false}}]",
		"[{deviceName: /dev/xvda, ebs: {snapshotID: snap-0a, volumeInitializationRate: 100, ebsCardIndex: 1}}, {deviceName: /dev/sdb, virtualName: ephemeral0}, {deviceName: /dev/sdc, noDevice: true}]"},
	{"monitoring", "{enabled: true}", "{enabled: false}"},
	{"placement", "{groupName: near, partitionNumber: 1, tenancy: dedicated}", "{tenancy: host, hostResourceGroupARN: 'arn:aws:resource-groups:us-east-1:123456789012:group/hosts', affinity: host}"},
	{"placement", "{groupID: pg-0a}", "{tenancy: host, hostID: h-0a}"},
	{"ebsOptimized", "true", "false"},
	{"creditSpecification", "{cpuCredits: unlimited}", "{cpuCredits: standard}"},
	{"cpuOptions", "{coreCount: 2, threadsPerCore: 1}", "{amdSEVSNP: enabled, nestedVirtualization: disabled}"},
	{"capacityReservationSpecification", "{preference: none}", "{target: {capacityReservationID: cr-0a}}"},
	{"capacityReservationSpecification", "{preference: open}", "{preference: capacity-reservations-only, target: {resourceGroupARN: 'arn:aws:resource-groups:us-east-1:123456789012:group/reserved'}}"},
	{"hibernationOptions", "{configured: true}", "{configured: false}"},
	{"metadataOptions", "{httpTokens: required, httpPutResponseHopLimit: 2}", "{httpTokens: optional, httpEndpoint: enabled, httpProtocolIPv6: enabled, instanceMetadataTags: enabled}"},
	{"enclaveOptions", "{enabled: true}", "{enabled: false}"},
	{"privateDNSNameOptions", "{hostnameType: resource-name, enableResourceNameDNSARecord: true}", "{hostnameType: ip-name, enableResourceNameDNSAAAARecord: false}"},
	{"maintenanceOptions", "{autoRecovery: disabled}", "{autoRecovery: default}"},
	{"networkPerformanceOptions", "{bandwidthWeighting: vpc-1}", "{bandwidthWeighting: default}"},
	{"instanceMarketOptions", "{marketType: spot}", "{marketType: spot, spotOptions: {maxPrice: '0.05'}}"},
	{"tagSpecifications", "[{resourceType: volume, tags: {team: a}}]", "[{resourceType: volume, tags: {team: b, stage: ''}}, {resourceType: network-interface, tags: {team: b}}]"},
	{"instanceInitiatedShutdownBehavior", "terminate", "stop"},
	{"disableAPITermination", "true", "false"},
	{"disableAPIStop", "true", "false"},
	{"licenseSpecifications", "[{licenseConfigurationARN: 'arn:aws:license-manager:us-east-1:123456789012:license-configuration:lic-0a'}]", "[{licenseConfigurationARN: 'arn:aws:license-manager:us-east-1:123456789012:license-configuration:lic-0b'}]"},
	{"kernelID", "aki-0a", "aki-0b"},
	{"ramDiskID", "ari-0a", "ari-0b"},
}

// requiredTypes are requirements of which each names other fields; together they have all.
var requiredTypes = []string{
	"{vCPUCount: {min: 1, max: 8}, memoryMiB: {min: 512}, cpuManufacturers: [intel, amd], memoryGiBPerVCPU: {min: '0.5', max: '16'}, excludedInstanceTypes: ['x*', 'z*'], instanceGenerations: [current]}",
	"{vCPUCount: {min: 1}, memoryMiB: {min: 512, max: 65536}, allowedInstanceTypes: ['m*', 't*'], spotMaxPricePercentageOverLowestPrice: 50, onDemandMaxPricePercentageOverLowestPrice: 30, bareMetal: included, burstablePerformance: included}",
	"{vCPUCount: {min: 1}, memoryMiB: {min: 512}, maxSpotPriceAsPercentageOfOptimalOnDemandPrice: 80, requireHibernateSupport: false, networkInterfaceCount: {min: 1, max: 8}, networkBandwidthGbps: {min: '0.5'}, localStorage: included, localStorageTypes: [ssd]}",
	"{vCPUCount: {min: 1}, memoryMiB: {min: 512}, totalLocalStorageGB: {max: '99.5'}, baselineEBSBandwidthMbps: {min: 100}, baselinePerformanceFamilies: [c6i], acceleratorTypes: [gpu], acceleratorCount: {max: 0}, acceleratorManufacturers: [nvidia], acceleratorNames: [t4], acceleratorTotalMemoryMiB: {max: 1024}}",
}

// set gives a field of a launch template a value; an empty one removes it.
func set(t *v1alpha1.LaunchTemplate, name, value string) {
	GinkgoHelper()
	raw, err := json.Marshal(t)
	Expect(err).NotTo(HaveOccurred())
	fields := map[string]any{}
	Expect(json.Unmarshal(raw, &fields)).To(Succeed())
	delete(fields, name)
	if value != "" {
		var parsed any
		Expect(yaml.Unmarshal([]byte(value), &parsed)).To(Succeed())
		fields[name] = parsed
	}
	raw, err = json.Marshal(fields)
	Expect(err).NotTo(HaveOccurred())
	*t = v1alpha1.LaunchTemplate{}
	Expect(yaml.UnmarshalStrict(raw, t)).To(Succeed())
}

var _ = Describe("A field of a launch template", func() {
	w := newWorld()

	It("makes one version when it is set, changed and removed, and none after that", func(ctx context.Context) {
		obj := aGroup()
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"CreateLaunchTemplate": 1, "CreateAutoScalingGroup": 1}))
		for _, field := range templateFields {
			for _, value := range []string{field.first, field.second, ""} {
				before := obj.Status.LaunchTemplate.Version
				set(obj.Spec.LaunchTemplate, field.name, value)
				made := w.calls(ctx, obj)
				if value == "" { // what was there at first is there still
					Expect(made).To(Equal(map[string]int{"UpdateAutoScalingGroup": 1}), "%s: %q", field.name, value)
				} else {
					delete(made, "DeleteLaunchTemplateVersions")
					Expect(made).To(Equal(map[string]int{"CreateLaunchTemplateVersion": 1, "UpdateAutoScalingGroup": 1}), "%s: %q", field.name, value)
				}
				Expect(obj.Status.LaunchTemplate.Version).NotTo(Equal(before), "%s: %q", field.name, value)
				Expect(w.calls(ctx, obj)).To(BeEmpty(), "%s: %q", field.name, value)
			}
		}
	})

	It("makes one version in place of the type, for every requirement", func(ctx context.Context) {
		obj := aGroup()
		w.turn(ctx, obj)
		obj.Spec.LaunchTemplate.InstanceType = ""
		for _, value := range requiredTypes {
			set(obj.Spec.LaunchTemplate, "instanceRequirements", value)
			made := w.calls(ctx, obj)
			delete(made, "DeleteLaunchTemplateVersions")
			Expect(made).To(Equal(map[string]int{"CreateLaunchTemplateVersion": 1, "UpdateAutoScalingGroup": 1}), value)
			Expect(w.calls(ctx, obj)).To(BeEmpty(), value)
		}
	})

	It("is in the table", func() {
		var listed []string
		for _, field := range templateFields {
			listed = append(listed, field.name)
		}
		always := []string{"imageID", "instanceType", "instanceRequirements", "userDataFrom"}
		for i := range reflect.TypeFor[v1alpha1.LaunchTemplate]().NumField() {
			name, _, _ := strings.Cut(reflect.TypeFor[v1alpha1.LaunchTemplate]().Field(i).Tag.Get("json"), ",")
			Expect(slices.Concat(listed, always)).To(ContainElement(name))
		}
	})

	It("is told in the plan by its name in the spec", func(ctx context.Context) {
		obj := aGroup()
		Expect(w.turn(ctx, obj)).To(Equal([]string{"Create launch template " + w.kind.templateName(obj), "Create Auto Scaling group " + w.kind.nameOf(obj)}))
		for _, field := range templateFields {
			set(obj.Spec.LaunchTemplate, field.name, field.first)
			Expect(w.turn(ctx, obj)).To(ContainElement("Update launch template " + w.kind.templateName(obj) + " launchTemplate." + field.name))
			set(obj.Spec.LaunchTemplate, field.name, "")
			w.turn(ctx, obj)
		}
	})
})

// randomTemplate has some of the fields, each with one of its values.
func randomTemplate(random *rand.Rand) *v1alpha1.LaunchTemplate {
	t := &v1alpha1.LaunchTemplate{ImageID: "ami-0123456789abcdef0", InstanceType: "t2.micro"}
	if random.IntN(3) == 0 {
		t.InstanceType = ""
		set(t, "instanceRequirements", requiredTypes[random.IntN(len(requiredTypes))])
	}
	for _, field := range templateFields {
		if random.IntN(2) == 0 {
			set(t, field.name, []string{field.first, field.second}[random.IntN(2)])
		}
	}
	return t
}

var _ = Describe("The normal form of a launch template", func() {
	w := newWorld()

	It("is that of what EC2 says of the version", func(ctx context.Context) {
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 1))
		_, err := w.kind.clients.EC2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
			LaunchTemplateName: aws.String("any"), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: aws.String("ami-0123456789abcdef0")},
		})
		Expect(err).NotTo(HaveOccurred())
		for range 60 {
			data := renderTemplate(randomTemplate(random), ingredients{securityGroup: "sg-0shared"})
			made, err := w.kind.clients.EC2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: aws.String("any"), LaunchTemplateData: data})
			Expect(err).NotTo(HaveOccurred())
			read, err := w.kind.clients.LaunchTemplateVersion(ctx, *made.LaunchTemplateVersion.LaunchTemplateId, *made.LaunchTemplateVersion.VersionNumber)
			Expect(err).NotTo(HaveOccurred())
			want, err := formOf(data)
			Expect(err).NotTo(HaveOccurred())
			Expect(formOf(read.LaunchTemplateData)).To(Equal(want))
		}
	})

	It("is the same whatever the order in which lists are written", func() {
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 2))
		for range 200 {
			t := randomTemplate(random)
			want, err := formOf(renderTemplate(t, ingredients{securityGroup: "sg-0own"}))
			Expect(err).NotTo(HaveOccurred())
			random.Shuffle(len(t.SecurityGroupIDs), reflect.Swapper(t.SecurityGroupIDs))
			random.Shuffle(len(t.BlockDeviceMappings), reflect.Swapper(t.BlockDeviceMappings))
			random.Shuffle(len(t.NetworkInterfaces), reflect.Swapper(t.NetworkInterfaces))
			random.Shuffle(len(t.TagSpecifications), reflect.Swapper(t.TagSpecifications))
			got, err := formOf(renderTemplate(t, ingredients{securityGroup: "sg-0own"}))
			Expect(err).NotTo(HaveOccurred())
			Expect(got.hash()).To(Equal(want.hash()))
		}
	})
})
