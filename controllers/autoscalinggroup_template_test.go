package controllers_test

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/onsi/gomega/gstruct"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("The launch template of an AutoScalingGroup", func() {
	s := newStory()
	versionOfGroup := func(ctx context.Context) string {
		GinkgoHelper()
		return aws.ToString(s.OnlyAutoScalingGroup(ctx).LaunchTemplate.Version)
	}

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

		Edit(ctx, s, obj, withKey("ops"))
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)
		Expect(versionOfGroup(ctx)).To(Equal("2"))
		Expect(s.TemplateVersions(ctx)).To(HaveLen(2))

		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
		Expect(s.LaunchTemplates(ctx)).To(BeEmpty())
	})

	It("puts the managed security group into every network interface", func(ctx context.Context) {
		s.StartManager(ctx)
		obj := AutoScalingGroup("web", Sized(0, 1), WithInstanceGroup(), WithTemplate(func(t *v1alpha1.LaunchTemplate) {
			t.NetworkInterfaces = []v1alpha1.NetworkInterface{{DeviceIndex: 0, SecurityGroupIDs: []v1alpha1.SecurityGroupID{SharedGroup}}, {DeviceIndex: 1}}
		}))
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		own := *s.SecurityGroups(ctx)[0].GroupId
		interfaces := s.TemplateVersions(ctx)[0].LaunchTemplateData.NetworkInterfaces
		Expect(interfaces[0].Groups).To(ConsistOf(SharedGroup, own))
		Expect(interfaces[1].Groups).To(ConsistOf(own))
		s.ExpectQuiet(ctx)
	})

	DescribeTable("heals from the hands of others", func(ctx context.Context, versions int, do func(context.Context, string)) {
		s.StartManager(ctx)
		obj := AutoScalingGroup("web", Sized(0, 1), WithTemplate())
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		Edit(ctx, s, obj, withKey("ops"))
		s.ExpectReady(ctx, obj)
		do(ctx, *s.OnlyLaunchTemplate(ctx).LaunchTemplateId)
		s.Look(ctx, obj)
		Eventually(func(g Gomega) {
			g.Expect(s.TemplateVersions(ctx)).To(HaveLen(versions))
			version := versionOfGroup(ctx)
			for _, v := range s.TemplateVersions(ctx) {
				if fmt.Sprint(*v.VersionNumber) == version {
					g.Expect(aws.ToString(v.LaunchTemplateData.KeyName)).To(Equal("ops"))
					return
				}
			}
			g.Expect(version).To(BeEmpty(), "the group has a version that does not exist")
		}).Should(Succeed())
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)
	},
		Entry("that made a version", 3, func(ctx context.Context, id string) {
			_, err := s.EC2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
				LaunchTemplateId: &id, SourceVersion: aws.String("1"), LaunchTemplateData: &types.RequestLaunchTemplateData{KeyName: aws.String("theirs")},
			})
			Expect(err).NotTo(HaveOccurred())
		}),
		Entry("that made a version and gave it to the group", 3, func(ctx context.Context, id string) {
			_, err := s.EC2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
				LaunchTemplateId: &id, SourceVersion: aws.String("1"), LaunchTemplateData: &types.RequestLaunchTemplateData{KeyName: aws.String("theirs")},
			})
			Expect(err).NotTo(HaveOccurred())
			_, err = s.AutoScaling.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{
				AutoScalingGroupName: s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName,
				LaunchTemplate:       &astypes.LaunchTemplateSpecification{LaunchTemplateId: &id, Version: aws.String("$Latest")},
			})
			Expect(err).NotTo(HaveOccurred())
		}),
		Entry("that made another one the default", 2, func(ctx context.Context, id string) {
			_, err := s.EC2.ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &id, DefaultVersion: aws.String("2")})
			Expect(err).NotTo(HaveOccurred())
		}),
	)

	It("is a Conflict when one of its name is somebody else's, and is made once that is gone", func(ctx context.Context) {
		s.StartManager(ctx)
		first := AutoScalingGroup("web", Sized(0, 1), WithTemplate())
		s.Create(ctx, first)
		s.ExpectReady(ctx, first)
		name := s.OnlyLaunchTemplate(ctx).LaunchTemplateName
		s.Delete(ctx, first)
		s.ExpectGone(ctx, first)
		theirs, err := s.EC2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{LaunchTemplateName: name, LaunchTemplateData: &types.RequestLaunchTemplateData{ImageId: aws.String(Image)}})
		Expect(err).NotTo(HaveOccurred())

		again := AutoScalingGroup("web", Sized(0, 1), WithTemplate())
		s.Create(ctx, again)
		Eventually(Live(ctx, s, again)).Should(BeStalled(v1alpha1.ReasonConflict, "is not this object's"))
		Expect(s.AutoScalingGroups(ctx)).To(BeEmpty())
		_, err = s.EC2.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: theirs.LaunchTemplate.LaunchTemplateId})
		Expect(err).NotTo(HaveOccurred())
		s.Look(ctx, again)
		s.ExpectReady(ctx, again)
	})
})

// bootConfig is a ConfigMap with user data.
func bootConfig(text string) *corev1.ConfigMap {
	return &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Name: "boot"}, Data: map[string]string{"user-data": text}}
}

var _ = Describe("The user data of an AutoScalingGroup", func() {
	s := newStory()
	fromConfigMap := WithTemplate(func(t *v1alpha1.LaunchTemplate) {
		t.UserDataFrom = &v1alpha1.UserDataSource{ConfigMapKeyRef: &v1alpha1.ConfigMapKeyReference{Name: "boot", Key: "user-data"}}
	})
	fromSecret := WithTemplate(func(t *v1alpha1.LaunchTemplate) {
		t.UserDataFrom = &v1alpha1.UserDataSource{SecretKeyRef: &v1alpha1.SecretKeyReference{Name: "boot", Key: "user-data"}}
	})
	userData := func(ctx context.Context) func() string {
		return func() string {
			GinkgoHelper()
			raw, err := base64.StdEncoding.DecodeString(aws.ToString(s.TemplateVersions(ctx)[0].LaunchTemplateData.UserData))
			Expect(err).NotTo(HaveOccurred())
			return string(raw)
		}
	}

	It("is waited for, and follows its ConfigMap", func(ctx context.Context) {
		s.StartManager(ctx)
		obj := AutoScalingGroup("web", Sized(0, 1), fromConfigMap)
		s.Create(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "ConfigMap boot does not exist"))
		Expect(s.LaunchTemplates(ctx)).To(BeEmpty())

		config := bootConfig("#!/bin/sh")
		config.Data = map[string]string{"other": "x"}
		s.Create(ctx, config)
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "ConfigMap boot has nothing under the key user-data"))
		config.Data = map[string]string{"user-data": "#!/bin/sh"}
		Expect(s.Client.Update(ctx, config)).To(Succeed())
		s.ExpectReady(ctx, obj)
		Expect(userData(ctx)()).To(Equal("#!/bin/sh"))
		s.ExpectQuiet(ctx)

		config.Data["user-data"] = "#!/bin/bash"
		Expect(s.Client.Update(ctx, config)).To(Succeed())
		Eventually(userData(ctx)).Should(Equal("#!/bin/bash"))
		s.ExpectReady(ctx, obj)
		Eventually(func() string { return aws.ToString(s.OnlyAutoScalingGroup(ctx).LaunchTemplate.Version) }).Should(Equal("2"))
		Expect(s.EventsOf(ctx, Get(ctx, s, obj))()).NotTo(ContainElement(HavePrefix("DriftRepaired: ")), "a ConfigMap that changed is no drift")

		config.Labels = map[string]string{"team": "a"}
		Expect(s.Client.Update(ctx, config)).To(Succeed())
		s.ExpectQuiet(ctx)
		Expect(s.TemplateVersions(ctx)).To(HaveLen(2))

		Expect(s.Client.Delete(ctx, config)).To(Succeed())
		Eventually(Live(ctx, s, obj)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "ConfigMap boot does not exist"))
		Expect(s.TemplateVersions(ctx)).To(HaveLen(2))
		s.Delete(ctx, obj)
		s.ExpectGone(ctx, obj)
	})

	It("follows its Secret, and appears nowhere but in EC2", func(ctx context.Context) {
		s.StartManager(ctx)
		secret := &corev1.Secret{ObjectMeta: metav1.ObjectMeta{Name: "boot"}, Data: map[string][]byte{"user-data": []byte("password=hunter2")}}
		obj := AutoScalingGroup("web", Sized(0, 1), fromSecret)
		s.Create(ctx, secret, obj)
		s.ExpectReady(ctx, obj)
		Expect(userData(ctx)()).To(Equal("password=hunter2"))
		s.ExpectQuiet(ctx)

		Edit(ctx, s, obj, Managed[*v1alpha1.AutoScalingGroup](v1alpha1.ManagementPlan))
		secret.Data["user-data"] = []byte("password=correcthorse")
		Expect(s.Client.Update(ctx, secret)).To(Succeed())
		Eventually(ctx, func() []v1alpha1.PlannedChange { return Get(ctx, s, obj).Status.Plan }).Should(ContainElement(gstruct.MatchFields(gstruct.IgnoreExtras, gstruct.Fields{
			"Field": Equal("launchTemplate.userData"), "From": Equal("(not shown)"), "To": Equal("(changed)"),
		})))
		Edit(ctx, s, obj, Managed[*v1alpha1.AutoScalingGroup](v1alpha1.ManagementManage))
		Eventually(userData(ctx)).Should(Equal("password=correcthorse"))
		s.ExpectReady(ctx, obj)

		told := fmt.Sprint(Get(ctx, s, obj).Status)
		events, err := s.EventsOf(ctx, obj)()
		Expect(err).NotTo(HaveOccurred())
		for _, secret := range []string{"hunter2", "correcthorse"} {
			for _, spelling := range []string{secret, base64.StdEncoding.EncodeToString([]byte("password=" + secret))} {
				Expect(told).NotTo(ContainSubstring(spelling))
				Expect(strings.Join(events, "\n")).NotTo(ContainSubstring(spelling))
			}
		}
	})

	It("that is too large is refused", func(ctx context.Context) {
		s.StartManager(ctx)
		obj := AutoScalingGroup("web", Sized(0, 1), fromConfigMap)
		config := bootConfig(strings.Repeat("x", 16<<10+1))
		s.Create(ctx, config, obj)
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "has 16385 bytes"))
		config.Data["user-data"] = strings.Repeat("x", 16<<10)
		Expect(s.Client.Update(ctx, config)).To(Succeed())
		s.ExpectReady(ctx, obj)
	})
})
