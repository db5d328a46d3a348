package controllers_test

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// withKey sets the key pair of a launch template, for a difference.
func withKey(name string) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LaunchTemplate.KeyName = name }
}

var _ = Describe("Any call that keeps a launch template may be the last", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	BeforeEach(func() {
		obj = AutoScalingGroup("web", Sized(0, 1), WithTemplate(), WithInstanceGroup(Ingress(80, "10.0.0.0/8")))
	})
	// expectVersions expects that there is one template with as many versions, that the group has the last one of a key, and
	// that nothing is left to do.
	expectVersions := func(ctx context.Context, count int, key string) {
		GinkgoHelper()
		s.ExpectReady(ctx, obj)
		versions := s.TemplateVersions(ctx)
		Expect(versions).To(HaveLen(count))
		data := versions[0].LaunchTemplateData
		Expect(aws.ToString(data.KeyName)).To(Equal(key))
		Expect(data.SecurityGroupIds).To(Equal([]string{*s.SecurityGroups(ctx)[0].GroupId}))
		Expect(s.OnlyAutoScalingGroup(ctx).LaunchTemplate.Version).To(HaveValue(Equal(fmt.Sprint(*versions[0].VersionNumber))))
		s.ExpectQuiet(ctx)
	}

	Context("when it is made", func() {
		crashAndFail(s, []string{EC2 + "CreateLaunchTemplate"}, nothing,
			func(ctx context.Context) { s.Create(ctx, obj) },
			func(ctx context.Context) { expectVersions(ctx, 1, "") })
	})

	Context("when it is changed", func() {
		crashAndFail(s, []string{EC2 + "CreateLaunchTemplateVersion"}, madeReady(s, &obj),
			func(ctx context.Context) { Edit(ctx, s, obj, withKey("ops")) },
			func(ctx context.Context) { expectVersions(ctx, 2, "ops") })
	})

	Context("when old versions go", func() {
		crashAndFail(s, []string{EC2 + "DeleteLaunchTemplateVersions"},
			func(ctx context.Context) {
				madeReady(s, &obj)(ctx)
				for i := range 4 {
					Edit(ctx, s, obj, withKey(fmt.Sprint("key-", i)))
					s.ExpectReady(ctx, obj)
				}
			},
			func(ctx context.Context) { Edit(ctx, s, obj, withKey("last")) },
			func(ctx context.Context) { // the first one stays: it is the default one
				expectVersions(ctx, 5, "last")
			})
	})

	Context("when somebody takes its tags away", func() {
		crashAndFail(s, []string{EC2 + "CreateTags"}, madeReady(s, &obj),
			func(ctx context.Context) {
				_, err := s.EC2.DeleteTags(ctx, &ec2.DeleteTagsInput{Resources: []string{*s.OnlyLaunchTemplate(ctx).LaunchTemplateId}})
				Expect(err).NotTo(HaveOccurred())
				s.Look(ctx, obj)
			},
			func(ctx context.Context) {
				GinkgoHelper()
				Eventually(func() []types.Tag { return s.OnlyLaunchTemplate(ctx).Tags }).Should(HaveLen(2))
				expectVersions(ctx, 1, "")
			})
	})

	Context("when it is deleted", func() {
		crashAndFail(s, []string{EC2 + "DeleteLaunchTemplate"}, madeReady(s, &obj),
			func(ctx context.Context) { s.Delete(ctx, obj) },
			func(ctx context.Context) {
				GinkgoHelper()
				s.ExpectGone(ctx, obj)
				Expect(s.LaunchTemplates(ctx)).To(BeEmpty())
				Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
				Expect(s.SecurityGroups(ctx)).To(BeEmpty())
			})
	})
})
