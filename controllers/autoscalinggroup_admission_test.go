package controllers_test

import (
	"context"
	"encoding/json"
	"os"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

var _ = Describe("Admission of an AutoScalingGroup", func() {
	const bare = "minSize: 0, maxSize: 4, launchTemplateRef: {name: theirs}"
	const complete = bare + ", subnetIDs: [subnet-0a, subnet-0b]"

	It("accepts the sample", func(ctx context.Context) {
		content, err := os.ReadFile("../config/samples/autoscalinggroup.yaml")
		Expect(err).NotTo(HaveOccurred())
		for document := range strings.SplitSeq(string(content), "\n---\n") {
			sample := &unstructured.Unstructured{}
			Expect(yaml.Unmarshal([]byte(document), sample)).To(Succeed())
			spec, err := json.Marshal(sample.Object["spec"])
			Expect(err).NotTo(HaveOccurred())
			Expect(admit(ctx, sample.GetKind(), string(spec))).To(Succeed())
		}
	})

	DescribeTable("accepts a group", accepts("AutoScalingGroup"),
		Entry("in zones by name", bare+", availabilityZones: [us-east-1a, us-east-1b]"),
		Entry("in zones by id", bare+", availabilityZoneIDs: [use1-az1]"),
		Entry("in subnets and their zones", complete+", availabilityZones: [us-east-1a, us-east-1b]"),
		Entry("of one fixed size", complete+", desiredCapacity: 4"),
		Entry("of no size", complete+", desiredCapacity: 0, desiredCapacityType: units"),
		Entry("with a name of its own", complete+", name: 'web/blue@2'"),
		Entry("that is adopted by its name", complete+", name: web, adopt: {name: web}"),
		Entry("with every health check", complete+", healthCheck: {types: [EC2, EBS, ELB, VPC_LATTICE], gracePeriodSeconds: 0}"),
		Entry("with termination policies", complete+", terminationPolicies: [OldestLaunchTemplate, 'arn:aws:lambda:us-east-1:123456789012:function:choose', Default]"),
		Entry("with instances that live for ever", complete+", maxInstanceLifetimeSeconds: 0"),
		Entry("with the widest maintenance policy", complete+", instanceMaintenancePolicy: {minHealthyPercentage: 100, maxHealthyPercentage: 200}"),
		Entry("with zonal shift", complete+", availabilityZoneImpairmentPolicy: {zonalShiftEnabled: true, impairedZoneHealthCheckBehavior: IgnoreUnhealthy, skipZonalShiftValidation: true}"),
		Entry("with reservations", complete+", capacityReservation: {preference: capacity-reservations-only, ids: [cr-0a]}"),
		Entry("with a security group in a VPC", bare+", availabilityZones: [us-east-1a], securityGroup: {vpcID: vpc-0a}"),
		Entry("with an empty tag", complete+`, tags: [{key: a, value: ""}]`),
	)

	DescribeTable("refuses a group", refuses("AutoScalingGroup"),
		Entry("without a minimum", "maxSize: 4, subnetIDs: [subnet-0a], launchTemplateRef: {name: theirs}", "spec.minSize: Required value"),
		Entry("without a maximum", "minSize: 0, subnetIDs: [subnet-0a], launchTemplateRef: {name: theirs}", "spec.maxSize: Required value"),
		Entry("with bounds the wrong way round", "minSize: 5, maxSize: 4, subnetIDs: [subnet-0a], launchTemplateRef: {name: theirs}", "spec.minSize must not be above spec.maxSize"),
		Entry("below zero", "minSize: -1, maxSize: 4, subnetIDs: [subnet-0a], launchTemplateRef: {name: theirs}", "greater than or equal to 0"),
		Entry("that is too large", "minSize: 0, maxSize: 10001, subnetIDs: [subnet-0a], launchTemplateRef: {name: theirs}", "less than or equal to 10000"),
		Entry("above its maximum", complete+", desiredCapacity: 5", "must lie between spec.minSize and spec.maxSize"),
		Entry("below its minimum", "minSize: 2, maxSize: 4, desiredCapacity: 1, subnetIDs: [subnet-0a], launchTemplateRef: {name: theirs}", "must lie between spec.minSize and spec.maxSize"),
		Entry("counted in an unknown unit", complete+", desiredCapacityType: gpus", "Unsupported value"),
		Entry("nowhere", bare, "say where the instances are to run"),
		Entry("in zones by name and by id", bare+", availabilityZones: [us-east-1a], availabilityZoneIDs: [use1-az1]", "not both"),
		Entry("in the same subnet twice", bare+", subnetIDs: [subnet-0a, subnet-0a]", "Duplicate value"),
		Entry("in no subnet", bare+", subnetIDs: []", "at least 1 items"),
		Entry("with a colon in its name", complete+", name: 'a:b'", "spec.name in body should match"),
		Entry("with a space in its name", complete+", name: 'a b'", "spec.name in body should match"),
		Entry("with too long a name", complete+", name: "+strings.Repeat("a", 256), "may not be more than 255"),
		Entry("adopted under another name", complete+", name: b, adopt: {name: a}", "spec.adopt.name and spec.name differ"),
		Entry("with a security group nobody knows where", bare+", availabilityZones: [us-east-1a], securityGroup: {}", "spec.securityGroup needs to know its VPC"),
		Entry("with an unknown health check", complete+", healthCheck: {types: [HTTP]}", "Unsupported value"),
		Entry("with no health check", complete+", healthCheck: {types: []}", "at least 1 items"),
		Entry("with an unknown termination policy", complete+", terminationPolicies: [Random]", "should match"),
		Entry("with too short lives", complete+", maxInstanceLifetimeSeconds: 3600", "at least 86400 (a day), or 0"),
		Entry("with half a maintenance policy", complete+", instanceMaintenancePolicy: {minHealthyPercentage: 90}", "maxHealthyPercentage: Required value"),
		Entry("with too wide a maintenance policy", complete+", instanceMaintenancePolicy: {minHealthyPercentage: 50, maxHealthyPercentage: 151}", "at most 100 above minHealthyPercentage"),
		Entry("that may run less than all", complete+", instanceMaintenancePolicy: {minHealthyPercentage: 50, maxHealthyPercentage: 99}", "greater than or equal to 100"),
		Entry("with an unknown distribution", complete+", availabilityZoneDistribution: {capacityDistributionStrategy: random}", "Unsupported value"),
		Entry("with zonal shift that says nothing of unhealthy instances", complete+", availabilityZoneImpairmentPolicy: {zonalShiftEnabled: true}", "give impairedZoneHealthCheckBehavior"),
		Entry("with reservations that do not count", complete+", capacityReservation: {preference: none, ids: [cr-0a]}", "go with preference capacity-reservations-only"),
		Entry("with a retention of nothing", complete+", instanceLifecyclePolicy: {}", "terminateHookAbandon: Required value"),
		Entry("with unknown protection", complete+", deletionProtection: all", "Unsupported value"),
		Entry("with a role that is none", complete+", serviceLinkedRoleARN: me", "should match"),
		Entry("with a tag twice", complete+", tags: [{key: a, value: b}, {key: a, value: c}]", "Duplicate value"),
		Entry("with a tag of AWS", complete+", tags: [{key: 'aws:team', value: a}]", "choose another key"),
		Entry("with a tag of ours", complete+", tags: [{key: 'evenkeel.io/cluster', value: a}]", "choose another key"),
		Entry("with a tag without a value", complete+", tags: [{key: a}]", "value: Required value"),
		Entry("with half a warm-up", complete+", defaultInstanceWarmupSeconds: -1", "greater than or equal to 0"),
	)

	Describe("of an edit", func() {
		s := newStory()
		DescribeTable("refuses what AWS cannot change, and names the way out", func(ctx context.Context, spec, edit, advice string) {
			obj := manifest("AutoScalingGroup", "{"+spec+"}")
			obj.SetNamespace(s.Namespace)
			Expect(env.Client.Create(ctx, obj)).To(Succeed())
			patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":`+edit+`}`))
			Expect(env.Client.Patch(ctx, obj, patch)).To(MatchError(ContainSubstring(advice)))
		},
			Entry("the name", complete+", name: a", `{"name":"b"}`, "spec.name is immutable"),
			Entry("the name, given later", complete, `{"name":"b"}`, "create another AutoScalingGroup with the new name"),
			Entry("what was adopted", complete+", adopt: {name: a}", `{"adopt":{"name":"b"}}`, "spec.adopt is immutable once set"),
			Entry("subnets, taken away", complete, `{"subnetIDs":null,"availabilityZones":["us-east-1a"]}`, "spec.subnetIDs can be changed but not removed"),
			Entry("the security group's VPC", complete+", securityGroup: {}", `{"securityGroup":{"vpcID":"vpc-0b"}}`, "securityGroup.vpcID is immutable"),
		)
	})
})
