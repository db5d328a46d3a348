package autoscalinggroup

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"sigs.k8s.io/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// mixing declares mixed instances, as their user writes them.
func mixing(text string) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) {
		GinkgoHelper()
		obj.Spec.MixedInstances = &v1alpha1.MixedInstances{}
		Expect(yaml.UnmarshalStrict([]byte(text), obj.Spec.MixedInstances)).To(Succeed())
	}
}

// edit gives the object another spec.
func edit(obj *v1alpha1.AutoScalingGroup, with ...func(*v1alpha1.AutoScalingGroup)) {
	obj.Generation++
	for _, f := range with {
		f(obj)
	}
}

func (w *world) group(ctx context.Context) types.AutoScalingGroup {
	GinkgoHelper()
	found, err := w.kind.clients.AutoScaling.DescribeAutoScalingGroups(ctx, &autoscaling.DescribeAutoScalingGroupsInput{})
	Expect(err).NotTo(HaveOccurred())
	Expect(found.AutoScalingGroups).To(HaveLen(1))
	return found.AutoScalingGroups[0]
}

// makeTemplate makes a launch template as others do.
func (w *world) makeTemplate(ctx context.Context, name string) string {
	GinkgoHelper()
	made, err := w.kind.clients.EC2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: &name, LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: aws.String("ami-0123456789abcdef0"), InstanceType: ec2types.InstanceTypeT2Micro},
	})
	Expect(err).NotTo(HaveOccurred())
	return *made.LaunchTemplate.LaunchTemplateId
}

var _ = Describe("Mixed instances", func() {
	w := newWorld()
	update := map[string]int{"UpdateAutoScalingGroup": 1}

	DescribeTable("are set, changed and reset in one call, and nothing after that", func(ctx context.Context, first, second, removed string, normal types.InstancesDistribution) {
		obj := aGroup(mixing(first))
		w.turn(ctx, obj)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		edit(obj, mixing(second))
		Expect(w.calls(ctx, obj)).To(Equal(update))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		edit(obj, mixing(removed))
		Expect(w.calls(ctx, obj)).To(Equal(update))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		normal.OnDemandAllocationStrategy = aws.String(lowestPrice)
		if len(w.group(ctx).MixedInstancesPolicy.LaunchTemplate.Overrides) == 0 || w.group(ctx).MixedInstancesPolicy.LaunchTemplate.Overrides[0].InstanceRequirements == nil {
			normal.OnDemandAllocationStrategy = aws.String(prioritized)
		}
		Expect(normalPolicy(w.group(ctx).MixedInstancesPolicy)[2:]).To(Equal(normalPolicy(&types.MixedInstancesPolicy{InstancesDistribution: &normal})[2:]))
	},
		Entry("overrides", "overrides: [{instanceType: m6i.large}]", "overrides: [{instanceType: m6a.large, weightedCapacity: 2}]", "{}", types.InstancesDistribution{}),
		Entry("the order of overrides", "overrides: [{instanceType: m6i.large}, {instanceType: m6a.large}]", "overrides: [{instanceType: m6a.large}, {instanceType: m6i.large}]", "overrides: []", types.InstancesDistribution{}),
		Entry("the image of an override", "overrides: [{instanceType: m6i.large, imageID: ami-0123456789abcdef0}]", "overrides: [{instanceType: m6i.large}]", "overrides: []", types.InstancesDistribution{}),
		Entry("requirements", "overrides: [{instanceRequirements: {vCPUCount: {min: 1}, memoryMiB: {min: 512}}}]", "overrides: [{instanceRequirements: {vCPUCount: {min: 2}, memoryMiB: {min: 512}}}]", "overrides: [{instanceType: m6i.large}]", types.InstancesDistribution{}),
		Entry("how On-Demand types are chosen", "distribution: {onDemandAllocationStrategy: lowest-price}", "distribution: {onDemandAllocationStrategy: prioritized, onDemandBaseCapacity: 1}", "{}", types.InstancesDistribution{}),
		Entry("the On-Demand base", "distribution: {onDemandBaseCapacity: 1}", "distribution: {onDemandBaseCapacity: 2}", "{}", types.InstancesDistribution{}),
		Entry("the On-Demand share", "distribution: {onDemandPercentageAboveBaseCapacity: 0}", "distribution: {onDemandPercentageAboveBaseCapacity: 50}", "{}", types.InstancesDistribution{}),
		Entry("how Spot types are chosen", "distribution: {spotAllocationStrategy: capacity-optimized}", "distribution: {spotAllocationStrategy: price-capacity-optimized}", "{}", types.InstancesDistribution{}),
		Entry("the pools of Spot", "distribution: {spotInstancePools: 4}", "distribution: {spotInstancePools: 6}", "{}", types.InstancesDistribution{}),
		Entry("the price of Spot", "distribution: {spotMaxPrice: '0.10'}", "distribution: {spotMaxPrice: '0.2'}", "{}", types.InstancesDistribution{}),
	)

	It("come and go as a whole", func(ctx context.Context) {
		obj := aGroup()
		w.turn(ctx, obj)
		edit(obj, mixing("overrides: [{instanceType: m6i.large, weightedCapacity: 1}, {instanceType: m6i.xlarge, weightedCapacity: 2}]\ndistribution: {onDemandBaseCapacity: 1, onDemandPercentageAboveBaseCapacity: 25, spotAllocationStrategy: price-capacity-optimized}"))
		Expect(w.calls(ctx, obj)).To(Equal(update))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		Expect(w.group(ctx).LaunchTemplate).To(BeNil())
		edit(obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.MixedInstances = nil })
		Expect(w.calls(ctx, obj)).To(Equal(update))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		Expect(w.group(ctx).MixedInstancesPolicy).To(BeNil())
	})

	It("leave what is not declared as others set it", func(ctx context.Context) {
		obj := aGroup(mixing("distribution: {onDemandBaseCapacity: 1}"))
		w.turn(ctx, obj)
		theirs := w.group(ctx).MixedInstancesPolicy
		theirs.InstancesDistribution.OnDemandPercentageAboveBaseCapacity = aws.Int32(10)
		theirs.LaunchTemplate.Overrides = []types.LaunchTemplateOverrides{{InstanceType: aws.String("m6a.large")}}
		_, err := w.kind.clients.AutoScaling.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: w.group(ctx).AutoScalingGroupName, MixedInstancesPolicy: theirs})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		edit(obj, mixing("distribution: {onDemandBaseCapacity: 2}"))
		Expect(w.turn(ctx, obj)).To(Equal([]string{"Update Auto Scaling group " + w.kind.nameOf(obj) + " mixedInstances.distribution.onDemandBaseCapacity"}))
		Expect(w.group(ctx).MixedInstancesPolicy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity).To(HaveValue(BeEquivalentTo(10)))
		Expect(w.group(ctx).MixedInstancesPolicy.LaunchTemplate.Overrides).To(HaveLen(1))
	})

	It("launch with a version of their own template that is the latest", func(ctx context.Context) {
		arm := w.makeTemplate(ctx, "arm")
		obj := aGroup(mixing("overrides: [{instanceType: m6i.large}, {instanceType: m6g.large, launchTemplateRef: {name: arm, version: $Latest}}]"))
		w.turn(ctx, obj)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		_, err := w.kind.clients.EC2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &arm, SourceVersion: aws.String("1"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{KeyName: aws.String("ops")}})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.turn(ctx, obj)).To(Equal([]string{"Update Auto Scaling group " + w.kind.nameOf(obj) + " mixedInstances.overrides"}))
		Expect(w.group(ctx).MixedInstancesPolicy.LaunchTemplate.Overrides[1].LaunchTemplateSpecification).To(HaveValue(HaveField("Version", HaveValue(Equal("2")))))
	})
})

var _ = Describe("A launch template of others", func() {
	w := newWorld()

	DescribeTable("is pinned to a number, and another version is noticed", func(ctx context.Context, version string, follows bool, move func(context.Context, string)) {
		id := w.makeTemplate(ctx, "theirs")
		obj := aGroup(func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.LaunchTemplate, obj.Spec.LaunchTemplateRef = nil, &v1alpha1.LaunchTemplateReference{ID: id, Version: version}
		})
		w.turn(ctx, obj)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		Expect(w.group(ctx).LaunchTemplate.Version).To(HaveValue(Equal("1")))
		_, err := w.kind.clients.EC2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateId: &id, SourceVersion: aws.String("1"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{KeyName: aws.String("ops")}})
		Expect(err).NotTo(HaveOccurred())
		move(ctx, id)
		want := map[string]int{}
		if follows {
			want["UpdateAutoScalingGroup"] = 1
		}
		Expect(w.calls(ctx, obj)).To(Equal(want))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		Expect(obj.Status.LaunchTemplate).To(HaveValue(HaveField("Name", "theirs")))
	},
		Entry("that is a number already", "1", false, func(context.Context, string) {}),
		Entry("when the latest one was meant", "$Latest", true, func(context.Context, string) {}),
		Entry("not when the default one was meant, which is another", "$Default", false, func(context.Context, string) {}),
		Entry("when the default one was meant, and moved", "", true, func(ctx context.Context, id string) {
			_, err := w.kind.clients.EC2.ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &id, DefaultVersion: aws.String("2")})
			Expect(err).NotTo(HaveOccurred())
		}),
	)

	It("takes the place of the object's own, which goes, and gives it back", func(ctx context.Context) {
		w.makeTemplate(ctx, "theirs")
		obj := aGroup()
		w.turn(ctx, obj)
		own := obj.Spec.LaunchTemplate
		edit(obj, func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.LaunchTemplate, obj.Spec.LaunchTemplateRef = nil, &v1alpha1.LaunchTemplateReference{Name: "theirs"}
		})
		w.turn(ctx, obj)
		w.turn(ctx, obj)
		Expect(w.kind.clients.LaunchTemplatesByName(ctx, w.kind.templateName(obj))).To(BeEmpty())
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		edit(obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LaunchTemplate, obj.Spec.LaunchTemplateRef = own, nil })
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"CreateLaunchTemplate": 1, "UpdateAutoScalingGroup": 1}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	It("that does not exist is told", func(ctx context.Context) {
		obj := aGroup(func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.LaunchTemplate, obj.Spec.LaunchTemplateRef = nil, &v1alpha1.LaunchTemplateReference{ID: "lt-0missing"}
		})
		o, err := w.kind.Observe(ctx, obj)
		Expect(err).NotTo(HaveOccurred())
		Expect(w.kind.Diff(obj, o)).To(BeEmpty())
		Expect(w.kind.Report(obj, o)).To(HaveField("Message", "The launch template lt-0missing, which the spec names, does not exist."))
	})
})
