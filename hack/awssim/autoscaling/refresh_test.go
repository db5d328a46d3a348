package autoscaling_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
)

var _ = Describe("Instance refreshes", func() {
	var s *sim
	BeforeEach(func(ctx SpecContext) {
		s = start(autoscaling.Quotas{})
		Expect(s.create(ctx, "web", 4, serving)).To(Succeed())
		s.pass()
	})
	begin := func(ctx context.Context, v string, preferences types.RefreshPreferences) error {
		in := &sdk.StartInstanceRefreshInput{AutoScalingGroupName: web, Preferences: &preferences}
		if v != "" {
			in.DesiredConfiguration = &types.DesiredConfiguration{LaunchTemplate: version(v)}
		}
		_, err := s.StartInstanceRefresh(ctx, in)
		return err
	}
	newest := func(ctx context.Context) types.InstanceRefresh {
		GinkgoHelper()
		return must(s.DescribeInstanceRefreshes(ctx, &sdk.DescribeInstanceRefreshesInput{AutoScalingGroupName: web})).InstanceRefreshes[0]
	}
	versions := func(ctx context.Context) map[string]int {
		found := map[string]int{}
		for _, one := range s.group(ctx).Instances {
			found[*one.LaunchTemplate.Version]++
		}
		return found
	}

	It("replace all instances and then change the group", func(ctx SpecContext) {
		Expect(begin(ctx, "2", types.RefreshPreferences{InstanceWarmup: aws.Int32(0)})).To(Succeed())
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusPending))
		Expect(*newest(ctx).Preferences.MinHealthyPercentage).To(BeEquivalentTo(90))
		s.clock.Advance(60 * time.Millisecond)
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusInProgress))
		Expect(*s.group(ctx).LaunchTemplate.Version).To(Equal("1"))
		s.pass()
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusSuccessful))
		Expect(*newest(ctx).PercentageComplete).To(BeEquivalentTo(100))
		Expect(versions(ctx)).To(Equal(map[string]int{"2": 4}))
		Expect(*s.group(ctx).LaunchTemplate.Version).To(Equal("2"))
	})

	DescribeTable("keep the healthy percentages", func(ctx SpecContext, least, most int32, fewest, largest int) {
		preferences := types.RefreshPreferences{InstanceWarmup: aws.Int32(5), MinHealthyPercentage: &least}
		if most > 0 {
			preferences.MaxHealthyPercentage = &most
		}
		Expect(begin(ctx, "2", preferences)).To(Succeed())
		low, high := 99, 0
		for range 300 {
			s.clock.Advance(10 * time.Millisecond)
			states := s.states(ctx)
			low, high = min(low, count(states, "InService")), max(high, count(states, "InService")+count(states, "Pending"))
		}
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusSuccessful))
		Expect([]int{low, high}).To(Equal([]int{fewest, largest}))
	},
		Entry("one at a time", int32(100), int32(0), 3, 4),
		Entry("one more when nothing may go first and the most is given", int32(100), int32(100), 4, 5),
		Entry("what may go first when the most is given", int32(75), int32(100), 3, 4),
		Entry("half of them", int32(50), int32(100), 2, 4),
		Entry("the new ones first", int32(100), int32(150), 4, 6),
		Entry("all at once", int32(0), int32(100), 0, 4),
	)

	It("are one at a time, and can be cancelled", func(ctx SpecContext) {
		Expect(begin(ctx, "2", types.RefreshPreferences{})).To(Succeed())
		Expect(problem(begin(ctx, "3", types.RefreshPreferences{}))).To(HavePrefix("InstanceRefreshInProgress: "))
		_, err := s.UpdateAutoScalingGroup(ctx, &sdk.UpdateAutoScalingGroupInput{AutoScalingGroupName: web, LaunchTemplate: version("3")})
		Expect(problem(err)).To(HavePrefix("InstanceRefreshInProgress: "))
		s.clock.Advance(60 * time.Millisecond)
		must(s.CancelInstanceRefresh(ctx, &sdk.CancelInstanceRefreshInput{AutoScalingGroupName: web}))
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusCancelling))
		s.pass()
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusCancelled))
		Expect(*s.group(ctx).LaunchTemplate.Version).To(Equal("1"))
		Expect(s.states(ctx)).To(HaveLen(4))
		_, err = s.CancelInstanceRefresh(ctx, &sdk.CancelInstanceRefreshInput{AutoScalingGroupName: web})
		Expect(problem(err)).To(HavePrefix("ActiveInstanceRefreshNotFound: "))
	})

	It("skip what matches", func(ctx SpecContext) {
		before := s.group(ctx).Instances
		Expect(begin(ctx, "1", types.RefreshPreferences{SkipMatching: aws.Bool(true)})).To(Succeed())
		s.pass()
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusSuccessful))
		Expect(s.group(ctx).Instances).To(Equal(before))
	})

	It("roll back by themselves when new instances never become healthy", func(ctx SpecContext) {
		s.world.unwell = true
		preferences := types.RefreshPreferences{InstanceWarmup: aws.Int32(0), AutoRollback: aws.Bool(true)}
		Expect(problem(begin(ctx, "", preferences))).To(HavePrefix("ValidationError: The AutoRollback parameter cannot be set to true when"))
		Expect(problem(begin(ctx, "$Latest", preferences))).To(ContainSubstring("$Latest"))
		Expect(begin(ctx, "2", preferences)).To(Succeed())
		s.clock.Advance(s.env.Timing.AutoScaling.Patience + 100*time.Millisecond)
		s.world.unwell = false
		s.clock.Advance(s.env.Timing.AutoScaling.Patience)
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusRollbackSuccessful))
		Expect(*newest(ctx).RollbackDetails.RollbackReason).To(ContainSubstring("healthy"))
		Expect(versions(ctx)).To(Equal(map[string]int{"1": 4}))
		Expect(*s.group(ctx).LaunchTemplate.Version).To(Equal("1"))
	})

	It("fail with a reason, and leave the group as it was", func(ctx SpecContext) {
		must(s.SetInstanceProtection(ctx, &sdk.SetInstanceProtectionInput{
			AutoScalingGroupName: web, InstanceIds: []string{*s.group(ctx).Instances[0].InstanceId}, ProtectedFromScaleIn: aws.Bool(true),
		}))
		Expect(begin(ctx, "2", types.RefreshPreferences{InstanceWarmup: aws.Int32(0)})).To(Succeed())
		s.clock.Advance(2 * s.env.Timing.AutoScaling.Patience)
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusFailed))
		Expect(*newest(ctx).StatusReason).To(ContainSubstring("protected from scale in"))
		Expect(versions(ctx)).To(Equal(map[string]int{"1": 1, "2": 3}))
		Expect(*s.group(ctx).LaunchTemplate.Version).To(Equal("1"))
	})

	It("wait at checkpoints, and bake", func(ctx SpecContext) {
		Expect(begin(ctx, "2", types.RefreshPreferences{
			InstanceWarmup: aws.Int32(0), CheckpointPercentages: []int32{50, 100}, CheckpointDelay: aws.Int32(300), BakeTime: aws.Int32(200), MinHealthyPercentage: aws.Int32(0),
		})).To(Succeed())
		s.pass()
		Expect(versions(ctx)).To(Equal(map[string]int{"1": 2, "2": 2}))
		Expect(*newest(ctx).PercentageComplete).To(BeEquivalentTo(50))
		s.clock.Advance(3 * time.Second)
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusBaking))
		s.clock.Advance(3 * time.Second)
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusSuccessful))
	})

	It("are rolled back on request", func(ctx SpecContext) {
		Expect(begin(ctx, "2", types.RefreshPreferences{InstanceWarmup: aws.Int32(0)})).To(Succeed())
		s.clock.Advance(100 * time.Millisecond)
		must(s.RollbackInstanceRefresh(ctx, &sdk.RollbackInstanceRefreshInput{AutoScalingGroupName: web}))
		s.pass()
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusRollbackSuccessful))
		Expect(versions(ctx)).To(Equal(map[string]int{"1": 4}))
	})

	It("are ended by an alarm", func(ctx SpecContext) {
		s.world.states["broken"] = "ALARM"
		Expect(begin(ctx, "2", types.RefreshPreferences{AlarmSpecification: &types.AlarmSpecification{Alarms: []string{"broken"}}})).To(Succeed())
		s.pass()
		Expect(newest(ctx).Status).To(Equal(types.InstanceRefreshStatusFailed))
		Expect(*newest(ctx).StatusReason).To(ContainSubstring("alarm broken"))
	})
})
