package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("Any call of an AutoScalingGroup may be the last", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	whole := func(o *v1alpha1.AutoScalingGroup) {
		WithInstanceGroup(Ingress(80, "10.0.0.0/8"))(o)
		o.Spec.Tags = []v1alpha1.AutoScalingTag{{Key: "team", Value: "a", PropagateAtLaunch: aws.Bool(true)}}
		o.Spec.DefaultCooldownSeconds = aws.Int32(60)
	}
	BeforeEach(func(ctx context.Context) {
		s.MakeLaunchTemplate(ctx)
		obj = AutoScalingGroup("web", whole)
	})
	// expectOne expects that there is one of each, as declared, and that nothing is left to do.
	expectOne := func(ctx context.Context, cooldown int32, tags map[string]string) {
		GinkgoHelper()
		s.ExpectReady(ctx, obj)
		only := s.OnlyAutoScalingGroup(ctx)
		Expect(*only.DefaultCooldown).To(Equal(cooldown))
		Expect(GroupTags(&only)).To(Equal(tags))
		Expect(Get(ctx, s, obj).Status.ARN).To(Equal(*only.AutoScalingGroupARN))
		s.ExpectQuiet(ctx)
	}

	Context("when it is made", func() {
		crashAndFail(s, []string{EC2 + "CreateSecurityGroup", ASG + "CreateAutoScalingGroup"}, nothing,
			func(ctx context.Context) { s.Create(ctx, obj) },
			func(ctx context.Context) {
				GinkgoHelper()
				expectOne(ctx, 60, map[string]string{"team": "a+"})
				Expect(s.SecurityGroups(ctx)).To(HaveLen(1))
			})
	})

	Context("when it is changed", func() {
		crashAndFail(s, []string{ASG + "SetInstanceProtection", ASG + "UpdateAutoScalingGroup", ASG + "CreateOrUpdateTags", ASG + "DeleteTags"}, madeReady(s, &obj),
			func(ctx context.Context) {
				Edit(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) {
					o.Spec.DefaultCooldownSeconds, o.Spec.NewInstancesProtectedFromScaleIn = nil, aws.Bool(true)
					o.Spec.Tags = []v1alpha1.AutoScalingTag{{Key: "stage", Value: "live"}}
				})
			},
			func(ctx context.Context) {
				GinkgoHelper()
				expectOne(ctx, 300, map[string]string{"stage": "live"})
				Expect(s.OnlyAutoScalingGroup(ctx).Instances).To(HaveEach(HaveField("ProtectedFromScaleIn", HaveValue(BeTrue()))))
			})
	})

	Context("when its security group is no longer declared", func() {
		crashAndFail(s, []string{EC2 + "DeleteSecurityGroup"}, madeReady(s, &obj),
			func(ctx context.Context) {
				Edit(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) { o.Spec.SecurityGroup = nil })
			},
			func(ctx context.Context) {
				GinkgoHelper()
				expectOne(ctx, 60, map[string]string{"team": "a+"})
				Expect(s.SecurityGroups(ctx)).To(BeEmpty())
			})
	})

	Context("when one is taken over", func() {
		BeforeEach(func() {
			obj = AutoScalingGroup("web", func(o *v1alpha1.AutoScalingGroup) { o.Spec.Adopt = &v1alpha1.AutoScalingGroupAdoption{Name: "theirs"} })
		})
		crashAndFail(s, []string{ASG + "CreateOrUpdateTags"},
			func(ctx context.Context) { s.MakeAutoScalingGroup(ctx, "theirs") },
			func(ctx context.Context) { s.Create(ctx, obj) },
			func(ctx context.Context) {
				GinkgoHelper()
				expectOne(ctx, 300, map[string]string{})
			})
	})

	Context("when it is deleted", func() {
		crashAndFail(s, []string{ASG + "UpdateAutoScalingGroup", ASG + "DeleteAutoScalingGroup", EC2 + "DeleteSecurityGroup"}, madeReady(s, &obj),
			func(ctx context.Context) { s.Delete(ctx, obj) },
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectGone(ctx, obj)
				Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
				Expect(s.SecurityGroups(ctx)).To(BeEmpty())
			})
	})

	It("the status is written down in two steps, and any of them may be cut off", func(ctx context.Context) {
		for _, step := range []Step{AddsFinalizer, WritesIntent, WritesReady} {
			obj = AutoScalingGroup("web", whole)
			dieTwice(ctx, s, s.StartManager(ctx), atWrite(step, "web"), func(ctx context.Context) { s.Create(ctx, obj) })
			expectOne(ctx, 60, map[string]string{"team": "a+"})
			s.Delete(ctx, obj)
			s.ExpectGone(ctx, obj)
			s.StopManagers()
		}
	})

	It("is not disturbed by one that AWS refuses", func(ctx context.Context) {
		s.StartManager(ctx)
		bad := AutoScalingGroup("bad", func(o *v1alpha1.AutoScalingGroup) { o.Spec.SubnetIDs = []v1alpha1.SubnetID{SubnetA, "subnet-0none"} })
		s.Create(ctx, bad, obj)
		s.ExpectReady(ctx, obj)
		Eventually(Live(ctx, s, bad)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "subnet-0none"))
	})
})
