package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"

	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("An AutoScalingGroup", func() {
	s := newStory()
	BeforeEach(func(ctx context.Context) { s.MakeLaunchTemplate(ctx) })

	It("becomes a group with instances in service, and goes with them", func(ctx context.Context) {
		s.StartManager(ctx)
		obj := AutoScalingGroup("web", WithInstanceGroup(Ingress(80, "0.0.0.0/0")))
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)

		group := s.OnlyAutoScalingGroup(ctx)
		Expect(GroupTags(&group)).To(BeEmpty())
		Expect(group.Instances).To(HaveLen(1))
		status := Get(ctx, s, obj).Status
		Expect(status).To(gstruct.MatchFields(gstruct.IgnoreExtras, gstruct.Fields{
			"Name": Equal(*group.AutoScalingGroupName), "ARN": Equal(*group.AutoScalingGroupARN), "MinSize": HaveValue(BeEquivalentTo(1)), "MaxSize": HaveValue(BeEquivalentTo(3)),
			"DesiredCapacity": HaveValue(BeEquivalentTo(1)), "InService": HaveValue(BeEquivalentTo(1)),
			"AvailabilityZones": Equal([]string{"us-east-1a", "us-east-1b"}), "VPCID": Equal(VPC1),
			"SecurityGroup": HaveValue(HaveField("ID", aws.ToString(s.SecurityGroups(ctx)[0].GroupId))),
		}))

		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
		Expect(s.SecurityGroups(ctx)).To(BeEmpty())
	})
})
