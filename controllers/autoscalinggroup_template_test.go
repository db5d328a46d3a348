package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("The launch template of an AutoScalingGroup", func() {
	s := newStory()

	It("is made with the group, gets a version for a change only, and goes after the group", func(ctx context.Context) {
		s.StartManager(ctx)
		obj := AutoScalingGroup("web", WithTemplate(func(t *v1alpha1.LaunchTemplate) { t.UserData = "#!/bin/sh" }))
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)

		template := s.OnlyLaunchTemplate(ctx)
		group := s.OnlyAutoScalingGroup(ctx)
		Expect(group.LaunchTemplate).To(HaveValue(gstruct.MatchFields(gstruct.IgnoreExtras, gstruct.Fields{
			"LaunchTemplateId": Equal(template.LaunchTemplateId), "Version": HaveValue(Equal("1")),
		})))
		Expect(Get(ctx, s, obj).Status.LaunchTemplate).To(HaveValue(gstruct.MatchFields(gstruct.IgnoreExtras, gstruct.Fields{
			"ID": Equal(*template.LaunchTemplateId), "Name": Equal(*template.LaunchTemplateName), "Version": BeEquivalentTo(1),
		})))

		Edit(ctx, s, obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LaunchTemplate.KeyName = "ops" })
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)
		Expect(aws.ToString(s.OnlyAutoScalingGroup(ctx).LaunchTemplate.Version)).To(Equal("2"))
		Expect(s.TemplateVersions(ctx)).To(HaveLen(2))

		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.LaunchTemplates(ctx)).To(BeEmpty())
	})
})
