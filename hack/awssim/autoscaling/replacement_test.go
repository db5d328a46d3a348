package autoscaling_test

import (
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
)

// imaged is a mixed instances policy of two types with images of their own.
func imaged(v, image string) *types.MixedInstancesPolicy {
	return &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{
		LaunchTemplateSpecification: version(v),
		Overrides: []types.LaunchTemplateOverrides{
			{InstanceType: aws.String("m6i.large"), ImageId: aws.String(image + "-i")}, {InstanceType: aws.String("m6a.large"), ImageId: aws.String(image + "-a")},
		},
	}}
}

var _ = Describe("Instances that are replaced", func() {
	var s *sim
	BeforeEach(func() { s = start(autoscaling.Quotas{}) })
	newest := func(ctx context.Context) types.InstanceRefresh {
		GinkgoHelper()
		return must(s.DescribeInstanceRefreshes(ctx, &sdk.DescribeInstanceRefreshesInput{AutoScalingGroupName: web})).InstanceRefreshes[0]
	}
	refreshTo := func(ctx context.Context, strategy types.RefreshStrategy, policy *types.MixedInstancesPolicy) error {
		_, err := s.StartInstanceRefresh(ctx, &sdk.StartInstanceRefreshInput{
			AutoScalingGroupName: web, Strategy: strategy, DesiredConfiguration: &types.DesiredConfiguration{MixedInstancesPolicy: policy},
			Preferences: &types.RefreshPreferences{InstanceWarmup: aws.Int32(5)},
		})
		return err
	}
	ids := func(ctx context.Context) []string {
		var found []string
		for _, one := range s.group(ctx).Instances {
			found = append(found, *one.InstanceId)
		}
		slices.Sort(found)
		return found
	}
	images := func(ctx context.Context) []string {
		var found []string
		for _, one := range s.group(ctx).Instances {
			found = append(found, *one.ImageId)
		}
		return slices.Compact(slices.Sorted(slices.Values(found)))
	}
	mixed := func(in *sdk.CreateAutoScalingGroupInput) {
		in.LaunchTemplate, in.MixedInstancesPolicy = nil, imaged("1", "ami-1")
	}

	It("keep their ids when only their root volumes are", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 4, mixed)).To(Succeed())
		s.pass()
		before := ids(ctx)
		Expect(refreshTo(ctx, types.RefreshStrategyReplaceRootVolume, imaged("2", "ami-2"))).To(Succeed())
		least := 4
		for range 100 {
			s.clock.Advance(10 * time.Millisecond)
			least = min(least, count(s.states(ctx), "InService"))
		}
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusSuccessful))
		Expect(least).To(Equal(3))
		Expect(ids(ctx)).To(Equal(before))
		Expect(images(ctx)).To(Equal([]string{"ami-2-i"}))
		Expect(s.world.instances[before[0]].ImageID).To(Equal("ami-2-i"))
		Expect(*s.group(ctx).Instances[0].LaunchTemplate.Version).To(Equal("2"))
		Expect(*s.group(ctx).MixedInstancesPolicy.LaunchTemplate.LaunchTemplateSpecification.Version).To(Equal("2"))
	})

	It("are launched anew when their root volumes cannot be", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 2, mixed)).To(Succeed())
		s.pass()
		before := ids(ctx)
		s.world.broken = true
		Expect(refreshTo(ctx, types.RefreshStrategyReplaceRootVolume, imaged("1", "ami-2"))).To(Succeed())
		s.pass()
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusSuccessful))
		Expect(ids(ctx)).NotTo(Or(ContainElement(before[0]), ContainElement(before[1])))
		Expect(images(ctx)).To(Equal([]string{"ami-2-i"}))
	})

	It("need images of their own for their root volumes to be", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1, mixed)).To(Succeed())
		without := imaged("1", "ami-1")
		without.LaunchTemplate.Overrides[1].ImageId = nil
		Expect(problem(refreshTo(ctx, types.RefreshStrategyReplaceRootVolume, without))).To(ContainSubstring("an ImageId in all overrides"))
		Expect(problem(refreshTo(ctx, types.RefreshStrategyReplaceRootVolume, nil))).To(ContainSubstring("requires a DesiredConfiguration"))
	})

	It("of a warm pool are too, before they get to serve", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 2, func(in *sdk.CreateAutoScalingGroupInput) { in.MaxSize = aws.Int32(5) })).To(Succeed())
		must(s.PutWarmPool(ctx, &sdk.PutWarmPoolInput{AutoScalingGroupName: web}))
		s.pass()
		pool := func() []types.Instance {
			return must(s.DescribeWarmPool(ctx, &sdk.DescribeWarmPoolInput{AutoScalingGroupName: web})).Instances
		}
		Expect(pool()).To(HaveLen(3))
		must(s.StartInstanceRefresh(ctx, &sdk.StartInstanceRefreshInput{
			AutoScalingGroupName: web, DesiredConfiguration: &types.DesiredConfiguration{LaunchTemplate: version("2")},
			Preferences: &types.RefreshPreferences{InstanceWarmup: aws.Int32(0)},
		}))
		s.pass()
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusSuccessful))
		Expect(newest(ctx).ProgressDetails.WarmPoolProgress).NotTo(BeNil())
		s.pass()
		Expect(pool()).To(HaveLen(3))
		for _, one := range append(pool(), s.group(ctx).Instances...) {
			Expect(*one.LaunchTemplate.Version).To(Equal("2"))
		}
	})

	It("may warm up for longer than a refresh has patience", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1)).To(Succeed())
		s.pass()
		patience := s.env.Timing.AutoScaling.Patience
		warmup := int32(2*patience.Seconds()) * int32(s.env.Timing.AutoScaling.Shortening)
		must(s.StartInstanceRefresh(ctx, &sdk.StartInstanceRefreshInput{AutoScalingGroupName: web, Preferences: &types.RefreshPreferences{InstanceWarmup: &warmup}}))
		s.clock.Advance(patience + time.Second)
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusInProgress))
		Expect(*newest(ctx).StatusReason).To(HaveSuffix("is warming up."))
		s.clock.Advance(2 * patience)
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusSuccessful))
	})

	It("have reached the age that is the most", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 3, func(in *sdk.CreateAutoScalingGroupInput) { in.MaxInstanceLifetime = aws.Int32(86400) })).To(Succeed())
		s.pass()
		before := ids(ctx)
		s.clock.Advance(860 * time.Second) // a day is 864 seconds here
		Expect(ids(ctx)).To(Equal(before))
		serving := 3
		for range 400 {
			s.clock.Advance(20 * time.Millisecond)
			serving = min(serving, count(s.states(ctx), "InService"))
		}
		Expect(serving).To(Equal(3), "the new one comes first")
		for _, id := range before {
			Expect(ids(ctx)).NotTo(ContainElement(id))
		}
		Expect(s.states(ctx)).To(HaveLen(3))
	})

	It("are at risk, where capacity is rebalanced", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 2, func(in *sdk.CreateAutoScalingGroupInput) { in.CapacityRebalance = aws.Bool(true) })).To(Succeed())
		s.pass()
		before := ids(ctx)
		s.world.edit(before[0], func(i *autoscaling.Instance) { i.Rebalance = true })
		s.pass()
		Expect(ids(ctx)).NotTo(ContainElement(before[0]))
		Expect(ids(ctx)).To(ContainElement(before[1]))
		Expect(s.states(ctx)).To(Equal([]string{"InService", "InService"}))
		must(s.UpdateAutoScalingGroup(ctx, &sdk.UpdateAutoScalingGroupInput{AutoScalingGroupName: web, CapacityRebalance: aws.Bool(false)}))
		s.world.edit(before[1], func(i *autoscaling.Instance) { i.Rebalance = true })
		s.pass()
		Expect(ids(ctx)).To(ContainElement(before[1]))
	})

	It("stay where they are while the zone that has too few is out", func(ctx SpecContext) {
		s.world.full["us-east-1c"] = true
		Expect(s.create(ctx, "web", 6)).To(Succeed())
		s.pass()
		before := ids(ctx)
		for range 200 {
			s.clock.Advance(time.Second)
		}
		Expect(ids(ctx)).To(Equal(before))
		Expect(s.states(ctx)).To(HaveEach("InService"))
		s.world.full["us-east-1c"] = false
		for range 200 {
			s.clock.Advance(time.Second)
		}
		Expect(ids(ctx)).NotTo(Equal(before), "and move there once it is back")
		Expect(s.states(ctx)).To(HaveLen(6))
	})

	It("move to a zone that has capacity again, unless that is suspended", func(ctx SpecContext) {
		zones := func() map[string]int {
			found := map[string]int{}
			for _, one := range s.group(ctx).Instances {
				found[*one.AvailabilityZone]++
			}
			return found
		}
		s.world.full["us-east-1c"] = true
		Expect(s.create(ctx, "web", 6)).To(Succeed())
		s.pass()
		Expect(zones()).To(Equal(map[string]int{"us-east-1a": 3, "us-east-1b": 3}))
		must(s.SuspendProcesses(ctx, &sdk.SuspendProcessesInput{AutoScalingGroupName: web, ScalingProcesses: []string{"AZRebalance"}}))
		s.world.full["us-east-1c"] = false
		s.clock.Advance(time.Minute)
		Expect(zones()).To(HaveLen(2))
		must(s.ResumeProcesses(ctx, &sdk.ResumeProcessesInput{AutoScalingGroupName: web}))
		serving := 6
		for range 200 {
			s.clock.Advance(50 * time.Millisecond)
			serving = min(serving, count(s.states(ctx), "InService"))
		}
		Expect(zones()).To(Equal(map[string]int{"us-east-1a": 2, "us-east-1b": 2, "us-east-1c": 2}))
		Expect(serving).To(Equal(6), "the new one comes first")
	})
})
