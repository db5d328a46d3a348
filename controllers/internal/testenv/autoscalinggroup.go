package testenv

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// What instances of the simulated account are launched from.
const (
	Image = "ami-0123456789abcdef0"
	// SharedTemplate is a launch template that others keep (MakeLaunchTemplate).
	SharedTemplate = "shared"
)

// AutoScalingGroup builds a group of one to three instances in two subnets, from the shared launch template.
func AutoScalingGroup(name string, with ...func(*v1alpha1.AutoScalingGroup)) *v1alpha1.AutoScalingGroup {
	obj := &v1alpha1.AutoScalingGroup{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.AutoScalingGroupSpec{
		MinSize: 1, MaxSize: 3, SubnetIDs: []v1alpha1.SubnetID{SubnetA, SubnetB},
		LaunchTemplateRef: &v1alpha1.LaunchTemplateReference{Name: SharedTemplate},
	}}
	for _, f := range with {
		f(obj)
	}
	return obj
}

// Sized sets the bounds of a group.
func Sized(least, most int32) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.MinSize, obj.Spec.MaxSize = least, most }
}

// WithInstanceGroup declares a managed security group with ingress rules.
func WithInstanceGroup(ingress ...v1alpha1.SecurityGroupRule) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) {
		obj.Spec.SecurityGroup = &v1alpha1.SecurityGroup{Ingress: append([]v1alpha1.SecurityGroupRule{}, ingress...)}
	}
}

// MakeLaunchTemplate makes the launch template SharedTemplate, as others do, and returns its id.
func (s *Story) MakeLaunchTemplate(ctx context.Context) string {
	GinkgoHelper()
	made, err := s.EC2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: aws.String(SharedTemplate),
		LaunchTemplateData: &ec2types.RequestLaunchTemplateData{ImageId: aws.String(Image), InstanceType: ec2types.InstanceTypeT2Micro},
	})
	Expect(err).NotTo(HaveOccurred())
	return *made.LaunchTemplate.LaunchTemplateId
}

// AutoScalingGroups are all groups in AWS, by name.
func (s *Story) AutoScalingGroups(ctx context.Context) []types.AutoScalingGroup {
	GinkgoHelper()
	var groups []types.AutoScalingGroup
	pages := autoscaling.NewDescribeAutoScalingGroupsPaginator(s.AutoScaling, &autoscaling.DescribeAutoScalingGroupsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		Expect(err).NotTo(HaveOccurred())
		groups = append(groups, page.AutoScalingGroups...)
	}
	slices.SortFunc(groups, func(a, b types.AutoScalingGroup) int {
		return strings.Compare(*a.AutoScalingGroupName, *b.AutoScalingGroupName)
	})
	return groups
}

// OnlyAutoScalingGroup is the one group in AWS.
func (s *Story) OnlyAutoScalingGroup(ctx context.Context) types.AutoScalingGroup {
	GinkgoHelper()
	found := s.AutoScalingGroups(ctx)
	Expect(found).To(HaveLen(1))
	return found[0]
}

// GroupTags are the tags of a group beside those that mark whose it is; a tag that instances get too ends with "+".
func GroupTags(group *types.AutoScalingGroup) map[string]string {
	tags := map[string]string{}
	for _, tag := range group.Tags {
		if strings.HasPrefix(*tag.Key, "evenkeel.io/") {
			continue
		}
		tags[*tag.Key] = aws.ToString(tag.Value)
		if aws.ToBool(tag.PropagateAtLaunch) {
			tags[*tag.Key] += "+"
		}
	}
	return tags
}

// MakeAutoScalingGroup makes a group as AutoScalingGroup declares it, as others do, with tags given as "key=value".
func (s *Story) MakeAutoScalingGroup(ctx context.Context, name string, tags ...string) {
	GinkgoHelper()
	input := &autoscaling.CreateAutoScalingGroupInput{
		AutoScalingGroupName: &name, MinSize: aws.Int32(1), MaxSize: aws.Int32(3), VPCZoneIdentifier: aws.String(SubnetB + "," + SubnetA),
		LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateName: aws.String(SharedTemplate), Version: aws.String("1")},
	}
	for _, tag := range tags {
		key, value, _ := strings.Cut(tag, "=")
		input.Tags = append(input.Tags, types.Tag{Key: &key, Value: &value, PropagateAtLaunch: aws.Bool(false)})
	}
	_, err := s.AutoScaling.CreateAutoScalingGroup(ctx, input)
	Expect(err).NotTo(HaveOccurred())
}

// Scale sets the desired capacity of a group, as scalers do.
func (s *Story) Scale(ctx context.Context, group string, to int32) {
	GinkgoHelper()
	_, err := s.AutoScaling.SetDesiredCapacity(ctx, &autoscaling.SetDesiredCapacityInput{AutoScalingGroupName: &group, DesiredCapacity: &to})
	Expect(err).NotTo(HaveOccurred())
}

// ForceDelete deletes a group with its instances, by somebody else's hand.
func (s *Story) ForceDelete(ctx context.Context, group string) {
	GinkgoHelper()
	_, err := s.AutoScaling.DeleteAutoScalingGroup(ctx, &autoscaling.DeleteAutoScalingGroupInput{AutoScalingGroupName: &group, ForceDelete: aws.Bool(true)})
	Expect(err).NotTo(HaveOccurred())
}
