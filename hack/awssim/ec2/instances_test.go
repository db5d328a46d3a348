package ec2_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// run launches instances and gives them as they were answered.
func (s *sim) run(ctx context.Context, in sdk.RunInstancesInput) ([]types.Instance, error) {
	if in.MinCount == nil {
		in.MinCount, in.MaxCount = aws.Int32(1), aws.Int32(1)
	}
	if in.LaunchTemplate == nil {
		in.ImageId, in.InstanceType = aws.String(image), types.InstanceTypeT3Micro
	}
	out, err := s.RunInstances(ctx, &in)
	if err != nil {
		return nil, err
	}
	return out.Instances, nil
}

func (s *sim) instance(ctx context.Context, id string) types.Instance {
	GinkgoHelper()
	return must(s.DescribeInstances(ctx, &sdk.DescribeInstancesInput{InstanceIds: []string{id}})).Reservations[0].Instances[0]
}

func (s *sim) stateOf(ctx context.Context, id string) types.InstanceStateName {
	GinkgoHelper()
	return s.instance(ctx, id).State.Name
}

func (s *sim) check(ctx context.Context, id string) types.SummaryStatus {
	GinkgoHelper()
	return must(s.DescribeInstanceStatus(ctx, &sdk.DescribeInstanceStatusInput{
		InstanceIds: []string{id}, IncludeAllInstances: aws.Bool(true),
	})).InstanceStatuses[0].InstanceStatus.Status
}

const step = 50 * time.Millisecond

var _ = Describe("Instances", func() {
	var s *sim
	inSubnet := sdk.RunInstancesInput{SubnetId: aws.String("subnet-0a"), SecurityGroupIds: []string{"sg-0shared"}}
	BeforeEach(func() { s = start(awssim.Options{}) })

	It("go from pending to running to terminated on the clock, and are forgotten", func(ctx SpecContext) {
		id := *must(s.run(ctx, inSubnet))[0].InstanceId
		Expect(s.stateOf(ctx, id)).To(Equal(types.InstanceStateNamePending))
		s.clock.Advance(step)
		Expect(s.stateOf(ctx, id)).To(Equal(types.InstanceStateNameRunning))
		Expect(s.check(ctx, id)).To(Equal(types.SummaryStatusInitializing))
		s.clock.Advance(step)
		Expect(s.check(ctx, id)).To(Equal(types.SummaryStatusOk))
		change := must(s.TerminateInstances(ctx, &sdk.TerminateInstancesInput{InstanceIds: []string{id}})).TerminatingInstances[0]
		Expect([]types.InstanceStateName{change.PreviousState.Name, change.CurrentState.Name}).
			To(Equal([]types.InstanceStateName{types.InstanceStateNameRunning, types.InstanceStateNameShuttingDown}))
		s.clock.Advance(step)
		Expect(s.stateOf(ctx, id)).To(Equal(types.InstanceStateNameTerminated))
		s.clock.Advance(time.Minute)
		Expect(refusal(s.DescribeInstances(ctx, &sdk.DescribeInstancesInput{InstanceIds: []string{id}}))).
			To(Equal("InvalidInstanceID.NotFound: The instance ID '" + id + "' does not exist"))
	})

	It("stop and start again with a new public address and the same private one", func(ctx SpecContext) {
		id := *must(s.run(ctx, inSubnet))[0].InstanceId
		s.clock.Advance(step)
		before := s.instance(ctx, id)
		Expect(before.PublicIpAddress).NotTo(BeNil())
		must(s.StopInstances(ctx, &sdk.StopInstancesInput{InstanceIds: []string{id}}))
		Expect(refusal(s.StartInstances(ctx, &sdk.StartInstancesInput{InstanceIds: []string{id}}))).To(HavePrefix("IncorrectInstanceState: "))
		s.clock.Advance(step)
		stopped := s.instance(ctx, id)
		Expect(stopped.State.Name).To(Equal(types.InstanceStateNameStopped))
		Expect(stopped.PublicIpAddress).To(BeNil())
		must(s.StartInstances(ctx, &sdk.StartInstancesInput{InstanceIds: []string{id}}))
		s.clock.Advance(step)
		after := s.instance(ctx, id)
		Expect(after.State.Name).To(Equal(types.InstanceStateNameRunning))
		Expect(*after.PrivateIpAddress).To(Equal(*before.PrivateIpAddress))
		Expect(*after.PublicIpAddress).NotTo(Equal(*before.PublicIpAddress))
	})

	It("hold their security groups until they are terminated", func(ctx SpecContext) {
		group := s.group(ctx, "held")
		launched := must(s.run(ctx, sdk.RunInstancesInput{SubnetId: aws.String("subnet-0a"), SecurityGroupIds: []string{group}}))[0]
		Expect(*launched.SecurityGroups[0].GroupId).To(Equal(group))
		remove := func() error {
			_, err := s.DeleteSecurityGroup(ctx, &sdk.DeleteSecurityGroupInput{GroupId: &group})
			return err
		}
		Expect(refusal(0, remove())).To(HavePrefix("DependencyViolation: "))
		must(s.TerminateInstances(ctx, &sdk.TerminateInstancesInput{InstanceIds: []string{*launched.InstanceId}}))
		Expect(refusal(0, remove())).To(HavePrefix("DependencyViolation: "))
		s.clock.Advance(step)
		Expect(remove()).To(Succeed())
	})

	It("are launched from a template, with what the call says over it", func(ctx SpecContext) {
		id := s.template(ctx, "web", webData())
		launched := must(s.run(ctx, sdk.RunInstancesInput{
			LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: &id}, SubnetId: aws.String("subnet-0b"), InstanceType: types.InstanceTypeM5Large,
			TagSpecifications: []types.TagSpecification{{
				ResourceType: types.ResourceTypeInstance, Tags: []types.Tag{{Key: aws.String("extra"), Value: aws.String("1")}},
			}},
		}))[0]
		Expect(launched.InstanceType).To(Equal(types.InstanceTypeM5Large))
		Expect(*launched.Placement.AvailabilityZone).To(Equal("us-east-1b"))
		tagged := map[string]string{}
		for _, tag := range launched.Tags {
			tagged[*tag.Key] = *tag.Value
		}
		Expect(tagged).To(Equal(map[string]string{
			"role": "web", "extra": "1", "aws:ec2launchtemplate:id": id, "aws:ec2launchtemplate:version": "1",
		}))
		found := must(s.DescribeInstances(ctx, &sdk.DescribeInstancesInput{Filters: filter("tag:role", "web")}))
		Expect(found.Reservations).To(HaveLen(1))
	})

	It("are launched once for a client token", func(ctx SpecContext) {
		in := inSubnet
		in.ClientToken = aws.String("once")
		first := must(s.run(ctx, in))[0]
		Expect(*must(s.run(ctx, in))[0].InstanceId).To(Equal(*first.InstanceId))
		in.SubnetId = aws.String("subnet-0b")
		Expect(refusal(s.run(ctx, in))).To(HavePrefix("IdempotentParameterMismatch: "))
	})

	DescribeTable("are refused", func(ctx SpecContext, change func(*types.RequestLaunchTemplateData), subnet, expected string) {
		data := webData()
		change(data)
		id := s.template(ctx, "web", data)
		in := sdk.RunInstancesInput{LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: &id}}
		if subnet != "" {
			in.SubnetId = &subnet
		}
		Expect(refusal(s.run(ctx, in))).To(HavePrefix(expected))
	},
		Entry("for an image that there is not", func(d *types.RequestLaunchTemplateData) { d.ImageId = aws.String("ami-0bad0000000000000") }, "subnet-0a",
			"InvalidAMIID.NotFound: The image id '[ami-0bad0000000000000]' does not exist"),
		Entry("for a malformed image", func(d *types.RequestLaunchTemplateData) { d.ImageId = aws.String("ami-x") }, "subnet-0a", "InvalidAMIID.Malformed: "),
		Entry("for an unknown type", func(d *types.RequestLaunchTemplateData) { d.InstanceType = "z9.huge" }, "subnet-0a",
			"InvalidParameterValue: Invalid value 'z9.huge' for InstanceType."),
		Entry("for an unknown group", func(d *types.RequestLaunchTemplateData) { d.SecurityGroupIds = []string{"sg-0none"} }, "subnet-0a", "InvalidGroup.NotFound: "),
		Entry("for an unknown profile", func(d *types.RequestLaunchTemplateData) {
			d.IamInstanceProfile = &types.LaunchTemplateIamInstanceProfileSpecificationRequest{Name: aws.String("missing")}
		}, "subnet-0a", "InvalidParameterValue: Value (missing) for parameter iamInstanceProfile.name is invalid. Invalid IAM Instance Profile name"),
		Entry("in an unknown subnet", func(*types.RequestLaunchTemplateData) {}, "subnet-0none", "InvalidSubnetID.NotFound: "),
		Entry("without a subnet", func(*types.RequestLaunchTemplateData) {}, "", "MissingInput: "),
	)

	It("are protected from termination when the template says so", func(ctx SpecContext) {
		data := webData()
		data.DisableApiTermination = aws.Bool(true)
		id := s.template(ctx, "kept", data)
		launched := must(s.run(ctx, sdk.RunInstancesInput{
			LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateId: &id}, SubnetId: aws.String("subnet-0a"),
		}))[0]
		Expect(refusal(s.TerminateInstances(ctx, &sdk.TerminateInstancesInput{InstanceIds: []string{*launched.InstanceId}}))).
			To(HavePrefix("OperationNotPermitted: "))
	})

	It("survive a save in every state and go on from there", func(ctx SpecContext) {
		id := *must(s.run(ctx, inSubnet))[0].InstanceId
		state := must(s.StateJSON())
		s.Reset()
		Expect(s.LoadState(state)).To(Succeed())
		Expect(string(must(s.StateJSON()))).To(Equal(string(state)))
		s.clock.Advance(step)
		Expect(s.stateOf(ctx, id)).To(Equal(types.InstanceStateNameRunning))
	})
})

var _ = Describe("Instance types", func() {
	It("are found by requirements", func(ctx SpecContext) {
		s := start(awssim.Options{})
		out := must(s.GetInstanceTypesFromInstanceRequirements(ctx, &sdk.GetInstanceTypesFromInstanceRequirementsInput{
			ArchitectureTypes: []types.ArchitectureType{types.ArchitectureTypeX8664}, VirtualizationTypes: []types.VirtualizationType{types.VirtualizationTypeHvm},
			InstanceRequirements: &types.InstanceRequirementsRequest{
				VCpuCount: &types.VCpuCountRangeRequest{Min: aws.Int32(2), Max: aws.Int32(2)}, MemoryMiB: &types.MemoryMiBRequest{Min: aws.Int32(8192), Max: aws.Int32(8192)},
				CpuManufacturers: []types.CpuManufacturer{types.CpuManufacturerIntel}, ExcludedInstanceTypes: []string{"m4*"},
			},
		})).InstanceTypes
		var names []string
		for _, one := range out {
			names = append(names, *one.InstanceType)
		}
		Expect(names).To(Equal([]string{"m5.large", "m6i.large", "m7i.large"}))
		info := must(s.DescribeInstanceTypes(ctx, &sdk.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{"m5.large"}})).InstanceTypes[0]
		Expect(*info.VCpuInfo.DefaultVCpus).To(BeEquivalentTo(2))
		Expect(*info.MemoryInfo.SizeInMiB).To(BeEquivalentTo(8192))
	})
})

var _ = Describe("What groups need of instances", func() {
	launch := func(s *ec2.Service, subnet string) (autoscaling.Instance, error) {
		return s.LaunchInstance(autoscaling.NewInstance{
			Account: account, Region: region, SubnetID: subnet, InstanceType: "t3.micro", ImageID: image,
			Tags: map[string]string{"aws:autoscaling:groupName": "workers"},
		})
	}

	It("is told of each change, and sees instances that die", func() {
		s, clock := alone()
		told := 0
		s.OnInstances(func() { told++ })
		made := must(launch(s, "subnet-0a"))
		Expect(told).To(Equal(1))
		clock.Advance(0)
		Expect(s.Running()).To(HaveExactElements(HaveField("Group", "workers")), "without timing an instance runs at once")
		Expect(s.Disturb(made.ID, func(d *ec2.Disturbance) { d.Impaired = true })).To(Succeed())
		seen, _ := s.Instance(made.ID)
		Expect(seen.Impaired).To(BeTrue())
		Expect(s.Kill(made.ID)).To(Succeed())
		seen, _ = s.Instance(made.ID)
		Expect(seen.State).NotTo(Equal("running"))
		Expect(s.Kill("i-0none")).To(MatchError(ContainSubstring("there is no instance")))
	})

	It("has no capacity in a zone that is out", func() {
		s, clock := alone()
		before := must(launch(s, "subnet-0a"))
		Expect(s.FailZone("us-east-1a", true)).To(Succeed())
		_, err := launch(s, "subnet-0a")
		Expect(frame.AsError(err).Code).To(Equal("InsufficientInstanceCapacity"))
		must(launch(s, "subnet-0b"))
		clock.Advance(0)
		seen, _ := s.Instance(before.ID)
		Expect(seen.Impaired).To(BeTrue())
		Expect(s.FailZone("us-east-1a", false)).To(Succeed())
		must(launch(s, "subnet-0a"))
		Expect(s.FailZone("us-east-1z", true)).To(MatchError(ContainSubstring("there is no zone")))
	})

	It("resolves versions of templates by id and name", func(ctx SpecContext) {
		sim := start(awssim.Options{})
		sim.template(ctx, "web", webData())
		must(sim.CreateLaunchTemplateVersion(ctx, &sdk.CreateLaunchTemplateVersionInput{
			LaunchTemplateName: aws.String("web"), LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: aws.String(image)},
		}))
		s, _ := alone()
		Expect(s.Load(must(frame.StableJSON(sim.state())))).To(Succeed())
		Expect(must(s.ResolveTemplate(account, region, "web", "$Latest")).Number).To(BeEquivalentTo(2))
		Expect(must(s.ResolveTemplate(account, region, "web", "")).Number).To(BeEquivalentTo(1))
		_, err := s.ResolveTemplate(account, region, "web", "3")
		Expect(frame.AsError(err).Code).To(Equal("InvalidLaunchTemplateId.VersionNotFound"))
		_, err = s.ResolveTemplate(account, region, "none", "")
		Expect(frame.AsError(err).Code).To(Equal("InvalidLaunchTemplateName.NotFoundException"))
	})
})
