package autoscaling_test

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
)

func hook(name, transition, result string) func(*sdk.CreateAutoScalingGroupInput) {
	return func(in *sdk.CreateAutoScalingGroupInput) {
		in.LifecycleHookSpecificationList = append(in.LifecycleHookSpecificationList, types.LifecycleHookSpecification{
			LifecycleHookName: &name, LifecycleTransition: &transition, DefaultResult: &result, HeartbeatTimeout: aws.Int32(100),
		})
	}
}

func serving(in *sdk.CreateAutoScalingGroupInput) {
	in.TrafficSources = []types.TrafficSourceIdentifier{{Identifier: aws.String(targetGroup), Type: aws.String("elbv2")}}
	in.HealthCheckType = aws.String("ELB")
}

const (
	launching   = "autoscaling:EC2_INSTANCE_LAUNCHING"
	terminating = "autoscaling:EC2_INSTANCE_TERMINATING"
)

var _ = Describe("Instances", func() {
	var s *sim
	BeforeEach(func() { s = start(autoscaling.Quotas{}) })
	moment := func() { s.clock.Advance(100 * time.Millisecond) }

	It("wait for their launch hook, and go on when told", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1, hook("ready", launching, "ABANDON"))).To(Succeed())
		moment()
		Expect(s.states(ctx)).To(Equal([]string{"Pending:Wait"}))
		id := s.group(ctx).Instances[0].InstanceId
		must(s.CompleteLifecycleAction(ctx, &sdk.CompleteLifecycleActionInput{
			AutoScalingGroupName: web, LifecycleHookName: aws.String("ready"), InstanceId: id, LifecycleActionResult: aws.String("CONTINUE"),
		}))
		moment()
		Expect(s.states(ctx)).To(Equal([]string{"InService"}))
		_, err := s.RecordLifecycleActionHeartbeat(ctx, &sdk.RecordLifecycleActionHeartbeatInput{AutoScalingGroupName: web, LifecycleHookName: aws.String("ready"), InstanceId: id})
		Expect(problem(err)).To(HavePrefix("ValidationError: No active Lifecycle Action found"))
	})

	It("are abandoned and replaced when nobody completes the hook", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1, hook("ready", launching, "ABANDON"))).To(Succeed())
		moment()
		first := *s.group(ctx).Instances[0].InstanceId
		s.clock.Advance(1200 * time.Millisecond)
		Expect(s.world.instances[first].State).To(Equal("terminated"))
		Expect(s.activities(ctx)).To(ContainElement(HaveField("StatusMessage", HaveValue(ContainSubstring("Heartbeat Timeout Elapsed")))))
		Expect(s.states(ctx)).To(Equal([]string{"Pending:Wait"}))
	})

	It("drain before their terminating hook, and end after it", func(ctx SpecContext) {
		s.world.drains = true
		Expect(s.create(ctx, "web", 1, serving, hook("bye", terminating, "CONTINUE"))).To(Succeed())
		s.pass()
		Expect(s.states(ctx)).To(Equal([]string{"InService"}))
		id := *s.group(ctx).Instances[0].InstanceId
		must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(0)}))
		moment()
		Expect(s.states(ctx)).To(Equal([]string{"Terminating"}))
		Expect(s.activities(ctx)[0].StatusCode).To(Equal(types.ScalingActivityStatusCodeWaitingForELBConnectionDraining))
		s.world.drained()
		moment()
		Expect(s.states(ctx)).To(Equal([]string{"Terminating:Wait"}))
		Expect(s.world.instances[id].State).To(Equal("running"))
		s.clock.Advance(1100 * time.Millisecond)
		Expect(s.states(ctx)).To(BeEmpty())
		Expect(s.world.instances[id].State).To(Equal("terminated"))
	})

	It("are replaced when EC2, a load balancer or the user finds them unhealthy", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 3, serving)).To(Succeed())
		s.pass()
		found := s.group(ctx).Instances
		s.world.state(*found[0].InstanceId, "stopped")
		s.world.targets[targetGroup+*found[1].InstanceId] = "unhealthy"
		must(s.SetInstanceHealth(ctx, &sdk.SetInstanceHealthInput{InstanceId: found[2].InstanceId, HealthStatus: aws.String("Unhealthy")}))
		s.pass()
		Expect(s.states(ctx)).To(Equal([]string{"InService", "InService", "InService"}))
		for _, one := range s.group(ctx).Instances {
			Expect(found).NotTo(ContainElement(HaveField("InstanceId", HaveValue(Equal(*one.InstanceId)))))
		}
	})

	It("stay unhealthy while replacing is suspended", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1)).To(Succeed())
		s.pass()
		must(s.SuspendProcesses(ctx, &sdk.SuspendProcessesInput{AutoScalingGroupName: web, ScalingProcesses: []string{"ReplaceUnhealthy"}}))
		s.world.state(*s.group(ctx).Instances[0].InstanceId, "stopped")
		s.pass()
		Expect(*s.group(ctx).Instances[0].HealthStatus).To(Equal("Unhealthy"))
		Expect(s.group(ctx).SuspendedProcesses).To(HaveLen(1))
		must(s.ResumeProcesses(ctx, &sdk.ResumeProcessesInput{AutoScalingGroupName: web}))
		s.pass()
		Expect(*s.group(ctx).Instances[0].HealthStatus).To(Equal("Healthy"))
	})

	It("that are protected are not scaled in", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 2)).To(Succeed())
		s.pass()
		kept := *s.group(ctx).Instances[0].InstanceId
		must(s.SetInstanceProtection(ctx, &sdk.SetInstanceProtectionInput{AutoScalingGroupName: web, InstanceIds: []string{kept}, ProtectedFromScaleIn: aws.Bool(true)}))
		must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(0)}))
		s.pass()
		Expect(s.group(ctx).Instances).To(HaveExactElements(HaveField("InstanceId", HaveValue(Equal(kept)))))
	})

	It("go to standby and come back", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1, serving)).To(Succeed())
		s.pass()
		id := *s.group(ctx).Instances[0].InstanceId
		out := must(s.EnterStandby(ctx, &sdk.EnterStandbyInput{AutoScalingGroupName: web, InstanceIds: []string{id}, ShouldDecrementDesiredCapacity: aws.Bool(true)}))
		Expect(out.Activities).To(HaveLen(1))
		s.pass()
		Expect(s.states(ctx)).To(Equal([]string{"Standby"}))
		Expect(s.world.targets).To(BeEmpty())
		must(s.ExitStandby(ctx, &sdk.ExitStandbyInput{AutoScalingGroupName: web, InstanceIds: []string{id}}))
		s.pass()
		Expect(s.states(ctx)).To(Equal([]string{"InService"}))
		Expect(s.world.targets).To(HaveLen(1))
		Expect(*s.group(ctx).DesiredCapacity).To(BeEquivalentTo(1))
	})

	It("are detached, attached and terminated one by one", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 2)).To(Succeed())
		s.pass()
		id := *s.group(ctx).Instances[0].InstanceId
		must(s.DetachInstances(ctx, &sdk.DetachInstancesInput{AutoScalingGroupName: web, InstanceIds: []string{id}, ShouldDecrementDesiredCapacity: aws.Bool(true)}))
		s.pass()
		Expect(s.states(ctx)).To(HaveLen(1))
		Expect(s.world.tags[id]).To(BeEmpty())
		must(s.AttachInstances(ctx, &sdk.AttachInstancesInput{AutoScalingGroupName: web, InstanceIds: []string{id}}))
		s.pass()
		Expect(s.states(ctx)).To(Equal([]string{"InService", "InService"}))
		must(s.TerminateInstanceInAutoScalingGroup(ctx, &sdk.TerminateInstanceInAutoScalingGroupInput{InstanceId: &id, ShouldDecrementDesiredCapacity: aws.Bool(false)}))
		s.pass()
		Expect(s.states(ctx)).To(Equal([]string{"InService", "InService"}))
		Expect(s.world.instances[id].State).To(Equal("terminated"))
	})

	It("rest in the warm pool and leave it for the group", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1)).To(Succeed())
		must(s.PutWarmPool(ctx, &sdk.PutWarmPoolInput{AutoScalingGroupName: web, MaxGroupPreparedCapacity: aws.Int32(3), InstanceReusePolicy: &types.InstanceReusePolicy{ReuseOnScaleIn: aws.Bool(true)}}))
		s.pass()
		pool := must(s.DescribeWarmPool(ctx, &sdk.DescribeWarmPoolInput{AutoScalingGroupName: web}))
		Expect(pool.Instances).To(HaveLen(2))
		Expect(pool.Instances).To(HaveEach(HaveField("LifecycleState", types.LifecycleStateWarmedStopped)))
		must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(3)}))
		s.pass()
		Expect(s.states(ctx)).To(HaveLen(3))
		Expect(s.world.launched).To(HaveLen(3))
		must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(2)}))
		s.pass()
		Expect(must(s.DescribeWarmPool(ctx, &sdk.DescribeWarmPoolInput{AutoScalingGroupName: web})).Instances).To(HaveLen(1))
		Expect(s.world.launched).To(HaveLen(3), "what came back was used again")
		must(s.DeleteWarmPool(ctx, &sdk.DeleteWarmPoolInput{AutoScalingGroupName: web}))
		s.pass()
		Expect(s.group(ctx).WarmPoolConfiguration).To(BeNil())
	})

	It("rest in the warm pool of a group of mixed instances", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1, func(in *sdk.CreateAutoScalingGroupInput) {
			in.LaunchTemplate, in.MixedInstancesPolicy = nil, mixed(override("m5.large", ""), override("m6i.large", ""))
		})).To(Succeed())
		must(s.PutWarmPool(ctx, &sdk.PutWarmPoolInput{AutoScalingGroupName: web, MaxGroupPreparedCapacity: aws.Int32(2)}))
		s.pass()
		Expect(must(s.DescribeWarmPool(ctx, &sdk.DescribeWarmPoolInput{AutoScalingGroupName: web})).Instances).To(ConsistOf(
			HaveField("LifecycleState", types.LifecycleStateWarmedStopped)))
	})

	DescribeTable("have no warm pool", func(ctx SpecContext, change func(*types.MixedInstancesPolicy)) {
		unfit := mixed(override("m5.large", ""))
		change(unfit)
		plain := mixed(override("m5.large", ""))
		Expect(s.create(ctx, "web", 1, func(in *sdk.CreateAutoScalingGroupInput) { in.LaunchTemplate, in.MixedInstancesPolicy = nil, unfit })).To(Succeed())
		_, err := s.PutWarmPool(ctx, &sdk.PutWarmPoolInput{AutoScalingGroupName: web})
		Expect(err).To(MatchError(ContainSubstring("You can't add a warm pool")))
		must(s.UpdateAutoScalingGroup(ctx, &sdk.UpdateAutoScalingGroupInput{AutoScalingGroupName: web, MixedInstancesPolicy: &types.MixedInstancesPolicy{
			LaunchTemplate: plain.LaunchTemplate, InstancesDistribution: &types.InstancesDistribution{OnDemandPercentageAboveBaseCapacity: aws.Int32(100)}}}))
		must(s.PutWarmPool(ctx, &sdk.PutWarmPoolInput{AutoScalingGroupName: web}))
		_, err = s.UpdateAutoScalingGroup(ctx, &sdk.UpdateAutoScalingGroupInput{AutoScalingGroupName: web, MixedInstancesPolicy: unfit})
		Expect(err).To(MatchError(ContainSubstring("You can't add a warm pool")))
	},
		Entry("when they are Spot instances", func(p *types.MixedInstancesPolicy) {
			p.InstancesDistribution = &types.InstancesDistribution{OnDemandPercentageAboveBaseCapacity: aws.Int32(50)}
		}),
		Entry("when they have weights", func(p *types.MixedInstancesPolicy) { p.LaunchTemplate.Overrides[0].WeightedCapacity = aws.String("2") }),
	)

	It("serve the traffic sources that are attached, until they are detached", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1)).To(Succeed())
		s.pass()
		sources := []types.TrafficSourceIdentifier{{Identifier: aws.String(targetGroup), Type: aws.String("elbv2")}}
		must(s.AttachTrafficSources(ctx, &sdk.AttachTrafficSourcesInput{AutoScalingGroupName: web, TrafficSources: sources}))
		states := func() []types.TrafficSourceState {
			return must(s.DescribeTrafficSources(ctx, &sdk.DescribeTrafficSourcesInput{AutoScalingGroupName: web})).TrafficSources
		}
		Expect(*states()[0].State).To(Equal("Adding"))
		s.pass()
		Expect(*states()[0].State).To(Equal("Added"))
		Expect(s.world.targets).To(HaveLen(1))
		s.world.drains = true
		must(s.DetachTrafficSources(ctx, &sdk.DetachTrafficSourcesInput{AutoScalingGroupName: web, TrafficSources: sources}))
		s.pass()
		Expect(*states()[0].State).To(Equal("Removing"))
		Expect(s.group(ctx).TrafficSources).To(BeEmpty())
		s.world.drained()
		s.pass()
		Expect(states()).To(BeEmpty())
	})

	It("tell topics of launches and ends, and carry the tags that propagate", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 0)).To(Succeed())
		_, err := s.PutNotificationConfiguration(ctx, &sdk.PutNotificationConfigurationInput{
			AutoScalingGroupName: web, TopicARN: aws.String(topicARN + "x"), NotificationTypes: []string{"autoscaling:EC2_INSTANCE_LAUNCH"},
		})
		Expect(problem(err)).To(HavePrefix("ValidationError: Topic does not exist"))
		must(s.PutNotificationConfiguration(ctx, &sdk.PutNotificationConfigurationInput{
			AutoScalingGroupName: web, TopicARN: aws.String(topicARN), NotificationTypes: []string{"autoscaling:EC2_INSTANCE_LAUNCH", "autoscaling:EC2_INSTANCE_TERMINATE"},
		}))
		must(s.CreateOrUpdateTags(ctx, &sdk.CreateOrUpdateTagsInput{Tags: []types.Tag{
			{Key: aws.String("a"), Value: aws.String("1"), ResourceId: web, ResourceType: aws.String("auto-scaling-group"), PropagateAtLaunch: aws.Bool(true)},
			{Key: aws.String("b"), Value: aws.String("2"), ResourceId: web, ResourceType: aws.String("auto-scaling-group")},
		}}))
		must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(1)}))
		s.pass()
		Expect(s.world.launched[0].Tags).To(Equal(map[string]string{"a": "1", "aws:autoscaling:groupName": "web"}))
		must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(0)}))
		s.pass()
		Expect(s.world.published).To(HaveLen(3))
		Expect(slices.ContainsFunc(s.world.published, func(subject string) bool { return subject == `Auto Scaling: EC2_INSTANCE_TERMINATE for group "web"` })).To(BeTrue())
	})
})

var _ = Describe("Activities", func() {
	It("are filtered by status in one group only", func(ctx SpecContext) {
		s := start(autoscaling.Quotas{})
		Expect(s.create(ctx, "web", 1)).To(Succeed())
		s.pass()
		failed := []types.Filter{{Name: aws.String("Status"), Values: []string{"Failed"}}}
		Expect(must(s.DescribeScalingActivities(ctx, &sdk.DescribeScalingActivitiesInput{AutoScalingGroupName: web, Filters: failed})).Activities).To(BeEmpty())
		_, err := s.DescribeScalingActivities(ctx, &sdk.DescribeScalingActivitiesInput{Filters: failed})
		Expect(err).To(MatchError(ContainSubstring("Status filter can only be used in combination with the AutoScalingGroupName")))
	})
})
