package testenv

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// WithTemplate declares a launch template of the group's own, in place of the shared one.
func WithTemplate(with ...func(*v1alpha1.LaunchTemplate)) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) {
		obj.Spec.LaunchTemplateRef = nil
		obj.Spec.LaunchTemplate = &v1alpha1.LaunchTemplate{ImageID: Image, InstanceType: "t2.micro"}
		for _, f := range with {
			f(obj.Spec.LaunchTemplate)
		}
	}
}

// LaunchTemplates are all launch templates in AWS but the shared one, by name.
func (s *Story) LaunchTemplates(ctx context.Context) []types.LaunchTemplate {
	GinkgoHelper()
	out, err := s.EC2.DescribeLaunchTemplates(ctx, &ec2.DescribeLaunchTemplatesInput{})
	Expect(err).NotTo(HaveOccurred())
	templates := slices.DeleteFunc(out.LaunchTemplates, func(t types.LaunchTemplate) bool { return *t.LaunchTemplateName == SharedTemplate })
	slices.SortFunc(templates, func(a, b types.LaunchTemplate) int {
		return strings.Compare(*a.LaunchTemplateName, *b.LaunchTemplateName)
	})
	return templates
}

// OnlyLaunchTemplate is the one launch template in AWS beside the shared one.
func (s *Story) OnlyLaunchTemplate(ctx context.Context) types.LaunchTemplate {
	GinkgoHelper()
	found := s.LaunchTemplates(ctx)
	Expect(found).To(HaveLen(1))
	return found[0]
}

// TemplateVersions are the versions of the only launch template, the newest first.
func (s *Story) TemplateVersions(ctx context.Context) []types.LaunchTemplateVersion {
	GinkgoHelper()
	out, err := s.EC2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateId: s.OnlyLaunchTemplate(ctx).LaunchTemplateId})
	Expect(err).NotTo(HaveOccurred())
	slices.SortFunc(out.LaunchTemplateVersions, func(a, b types.LaunchTemplateVersion) int {
		return int(aws.ToInt64(b.VersionNumber) - aws.ToInt64(a.VersionNumber))
	})
	return out.LaunchTemplateVersions
}
