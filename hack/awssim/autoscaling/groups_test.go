package autoscaling_test

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("Groups", func() {
	var s *sim
	BeforeEach(func() { s = start(autoscaling.Quotas{}) })

	It("launch what is desired, spread over the zones", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 3)).To(Succeed())
		Expect(s.states(ctx)).To(BeEmpty())
		s.pass()
		Expect(s.states(ctx)).To(Equal([]string{"InService", "InService", "InService"}))
		zones := map[string]int{}
		for _, one := range s.group(ctx).Instances {
			zones[*one.AvailabilityZone]++
			Expect(*one.LaunchTemplate.Version).To(Equal("1"))
		}
		Expect(zones).To(Equal(map[string]int{"us-east-1a": 1, "us-east-1b": 1, "us-east-1c": 1}))
		first := s.activities(ctx)[0]
		Expect(first.StatusCode).To(Equal(types.ScalingActivityStatusCodeSuccessful))
		Expect(*first.Cause).To(ContainSubstring("increasing the capacity from 0 to 3"))
	})

	It("follow the desired capacity down, and sizes move it", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 4)).To(Succeed())
		s.pass()
		must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(2)}))
		s.pass()
		Expect(s.states(ctx)).To(HaveLen(2))
		must(s.UpdateAutoScalingGroup(ctx, &sdk.UpdateAutoScalingGroupInput{AutoScalingGroupName: web, MaxSize: aws.Int32(1)}))
		Expect(*s.group(ctx).DesiredCapacity).To(BeEquivalentTo(1))
		must(s.UpdateAutoScalingGroup(ctx, &sdk.UpdateAutoScalingGroupInput{AutoScalingGroupName: web, MaxSize: aws.Int32(9), MinSize: aws.Int32(3)}))
		Expect(*s.group(ctx).DesiredCapacity).To(BeEquivalentTo(3))
		s.pass()
		Expect(s.states(ctx)).To(HaveLen(3))
	})

	It("are described with AWS's defaults", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 0)).To(Succeed())
		g := s.group(ctx)
		Expect(*g.HealthCheckType).To(Equal("EC2"))
		Expect(*g.DefaultCooldown).To(BeEquivalentTo(300))
		Expect(g.TerminationPolicies).To(Equal([]string{"Default"}))
		Expect(g.AvailabilityZones).To(Equal([]string{"us-east-1a", "us-east-1b", "us-east-1c"}))
		Expect(*g.LaunchTemplate.LaunchTemplateId).To(Equal("lt-1"))
		Expect(g.DeletionProtection).To(Equal(types.DeletionProtectionNone))
		Expect(g.DefaultInstanceWarmup).To(BeNil())
	})

	It("lose what is cleared", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 0, func(in *sdk.CreateAutoScalingGroupInput) {
			in.DefaultInstanceWarmup, in.MaxInstanceLifetime, in.PlacementGroup = aws.Int32(0), aws.Int32(86400), aws.String("near")
			in.InstanceMaintenancePolicy = &types.InstanceMaintenancePolicy{MinHealthyPercentage: aws.Int32(90), MaxHealthyPercentage: aws.Int32(120)}
		})).To(Succeed())
		Expect(*s.group(ctx).DefaultInstanceWarmup).To(BeZero())
		must(s.UpdateAutoScalingGroup(ctx, &sdk.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: web, DefaultInstanceWarmup: aws.Int32(-1), MaxInstanceLifetime: aws.Int32(0), PlacementGroup: aws.String(""),
			InstanceMaintenancePolicy: &types.InstanceMaintenancePolicy{MinHealthyPercentage: aws.Int32(-1), MaxHealthyPercentage: aws.Int32(-1)},
		}))
		g := s.group(ctx)
		Expect(g.DefaultInstanceWarmup).To(BeNil())
		Expect(g.MaxInstanceLifetime).To(BeNil())
		Expect(g.PlacementGroup).To(BeNil())
		Expect(g.InstanceMaintenancePolicy).To(BeNil())
	})

	DescribeTable("are refused", func(ctx SpecContext, told string, with func(*sdk.CreateAutoScalingGroupInput)) {
		Expect(problem(s.create(ctx, "web", 1, with))).To(HavePrefix(told))
	},
		Entry(nil, "ValidationError: Group name cannot contain", func(in *sdk.CreateAutoScalingGroupInput) { in.AutoScalingGroupName = aws.String("a:b") }),
		Entry(nil, "ValidationError: Max bound, 0, must", func(in *sdk.CreateAutoScalingGroupInput) { in.MaxSize, in.MinSize = aws.Int32(0), aws.Int32(1) }),
		Entry(nil, "ValidationError: Desired capacity:1 must be", func(in *sdk.CreateAutoScalingGroupInput) { in.MinSize = aws.Int32(2) }),
		Entry(nil, "ValidationError: Valid requests must contain either LaunchTemplate", func(in *sdk.CreateAutoScalingGroupInput) { in.LaunchTemplate = nil }),
		Entry(nil, "ValidationError: Could not find launch template version", func(in *sdk.CreateAutoScalingGroupInput) { in.LaunchTemplate = version("9") }),
		Entry(nil, "ValidationError: At least one Availability Zone", func(in *sdk.CreateAutoScalingGroupInput) { in.VPCZoneIdentifier = nil }),
		Entry(nil, "ValidationError: The subnet ID 'subnet-x' does not exist", func(in *sdk.CreateAutoScalingGroupInput) { in.VPCZoneIdentifier = aws.String("subnet-x") }),
		Entry(nil, "ValidationError: Provided Target Groups may not be valid", func(in *sdk.CreateAutoScalingGroupInput) { in.TargetGroupARNs = []string{"arn:x"} }),
		Entry(nil, "ValidationError: Invalid termination policy", func(in *sdk.CreateAutoScalingGroupInput) { in.TerminationPolicies = []string{"Worst"} }),
		Entry(nil, "ValidationError: WeightedCapacity must be specified for all", func(in *sdk.CreateAutoScalingGroupInput) {
			in.LaunchTemplate, in.MixedInstancesPolicy = nil, mixed(override("m5.large", "2"), override("m6i.large", ""))
		}),
	)

	It("are told apart by name, and die before their name is free", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 1)).To(Succeed())
		Expect(problem(s.create(ctx, "web", 1))).To(HavePrefix("AlreadyExists: "))
		s.pass()
		_, err := s.DeleteAutoScalingGroup(ctx, &sdk.DeleteAutoScalingGroupInput{AutoScalingGroupName: web})
		Expect(problem(err)).To(HavePrefix("ResourceInUse: "))
		must(s.DeleteAutoScalingGroup(ctx, &sdk.DeleteAutoScalingGroupInput{AutoScalingGroupName: web, ForceDelete: aws.Bool(true)}))
		Expect(*s.group(ctx).Status).To(Equal("Delete in progress"))
		Expect(problem(s.create(ctx, "web", 1))).To(And(HavePrefix("AlreadyExists: "), ContainSubstring("pending delete")))
		s.pass()
		Expect(must(s.DescribeAutoScalingGroups(ctx, &sdk.DescribeAutoScalingGroupsInput{})).AutoScalingGroups).To(BeEmpty())
		Expect(s.create(ctx, "web", 1)).To(Succeed())
		_, err = s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: aws.String("other"), DesiredCapacity: aws.Int32(1)})
		Expect(problem(err)).To(HavePrefix("ValidationError: AutoScalingGroup name not found"))
	})

	It("are protected from deletion", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 0, func(in *sdk.CreateAutoScalingGroupInput) {
			in.DeletionProtection = types.DeletionProtectionPreventForceDeletion
		})).To(Succeed())
		_, err := s.DeleteAutoScalingGroup(ctx, &sdk.DeleteAutoScalingGroupInput{AutoScalingGroupName: web, ForceDelete: aws.Bool(true)})
		Expect(problem(err)).To(ContainSubstring("deletion protection"))
		must(s.DeleteAutoScalingGroup(ctx, &sdk.DeleteAutoScalingGroupInput{AutoScalingGroupName: web}))
	})

	It("are listed in pages, and by tag", func(ctx SpecContext) {
		for _, name := range []string{"a", "b", "c"} {
			Expect(s.create(ctx, name, 0, func(in *sdk.CreateAutoScalingGroupInput) {
				in.Tags = []types.Tag{{Key: aws.String("team"), Value: aws.String(name)}}
			})).To(Succeed())
		}
		first := must(s.DescribeAutoScalingGroups(ctx, &sdk.DescribeAutoScalingGroupsInput{MaxRecords: aws.Int32(2)}))
		Expect(first.AutoScalingGroups).To(HaveLen(2))
		second := must(s.DescribeAutoScalingGroups(ctx, &sdk.DescribeAutoScalingGroupsInput{NextToken: first.NextToken}))
		Expect(*second.AutoScalingGroups[0].AutoScalingGroupName).To(Equal("c"))
		Expect(second.NextToken).To(BeNil())
		byTag := must(s.DescribeAutoScalingGroups(ctx, &sdk.DescribeAutoScalingGroupsInput{Filters: []types.Filter{{Name: aws.String("tag:team"), Values: []string{"b"}}}}))
		Expect(*byTag.AutoScalingGroups[0].AutoScalingGroupName).To(Equal("b"))
		Expect(byTag.AutoScalingGroups).To(HaveLen(1))
	})

	It("have quotas", func(ctx SpecContext) {
		s = start(autoscaling.Quotas{Groups: 1})
		Expect(s.create(ctx, "web", 0)).To(Succeed())
		Expect(problem(s.create(ctx, "more", 0))).To(HavePrefix("LimitExceeded: "))
	})

	It("tell what EC2 refuses as a failed activity, and try again", func(ctx SpecContext) {
		s.world.refuse = frame.Errorf("InvalidAMIID.NotFound", "The image id '[ami-1]' does not exist")
		Expect(s.create(ctx, "web", 1)).To(Succeed())
		s.clock.Advance(50 * time.Millisecond)
		failed := s.activities(ctx)[0]
		Expect(failed.StatusCode).To(Equal(types.ScalingActivityStatusCodeFailed))
		Expect(*failed.StatusMessage).To(Equal("The image id '[ami-1]' does not exist Launching EC2 instance failed."))
		s.world.refuse = nil
		s.pass()
		Expect(s.states(ctx)).To(Equal([]string{"InService"}))
	})

	It("launch in another zone what one has no capacity for", func(ctx SpecContext) {
		s.world.full["us-east-1a"] = true
		Expect(s.create(ctx, "web", 3)).To(Succeed())
		s.pass()
		Expect(s.states(ctx)).To(HaveLen(3))
		for _, one := range s.group(ctx).Instances {
			Expect(*one.AvailabilityZone).NotTo(Equal("us-east-1a"))
		}
	})

	It("mix Spot and On-Demand by weight", func(ctx SpecContext) {
		Expect(s.create(ctx, "web", 8, func(in *sdk.CreateAutoScalingGroupInput) {
			in.LaunchTemplate, in.MixedInstancesPolicy = nil, mixed(override("m5.large", "2"), override("m5.xlarge", "4"))
			in.MixedInstancesPolicy.InstancesDistribution = &types.InstancesDistribution{OnDemandPercentageAboveBaseCapacity: aws.Int32(50)}
		})).To(Succeed())
		s.pass()
		spot := 0
		for _, one := range s.world.launched {
			if one.Spot {
				spot++
			}
		}
		Expect(s.world.launched).To(HaveLen(4))
		Expect(spot).To(Equal(2))
		Expect(*s.group(ctx).Instances[0].WeightedCapacity).To(Equal("2"))
	})
})

func override(kind, weight string) types.LaunchTemplateOverrides {
	one := types.LaunchTemplateOverrides{InstanceType: &kind}
	if weight != "" {
		one.WeightedCapacity = &weight
	}
	return one
}

func mixed(overrides ...types.LaunchTemplateOverrides) *types.MixedInstancesPolicy {
	return &types.MixedInstancesPolicy{LaunchTemplate: &types.LaunchTemplate{LaunchTemplateSpecification: version("1"), Overrides: overrides}}
}
