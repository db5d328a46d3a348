package autoscalinggroup

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	astypes "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// withKey sets the key pair of the launch template, for a difference.
func withKey(name string) func(*v1alpha1.AutoScalingGroup) {
	return func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LaunchTemplate.KeyName = name }
}

// versions are the numbers of the versions of the object's template, by the key pair that they have.
func (w *world) versions(ctx context.Context, obj *v1alpha1.AutoScalingGroup) map[int64]string {
	GinkgoHelper()
	found, err := w.kind.clients.LaunchTemplateVersions(ctx, obj.Status.LaunchTemplate.ID)
	Expect(err).NotTo(HaveOccurred())
	keys := map[int64]string{}
	for _, v := range found {
		keys[*v.VersionNumber] = aws.ToString(v.LaunchTemplateData.KeyName)
	}
	return keys
}

var _ = Describe("Versions of a launch template", func() {
	w := newWorld()
	var obj *v1alpha1.AutoScalingGroup
	BeforeEach(func(ctx context.Context) {
		obj = aGroup(withKey("key-1"))
		w.turn(ctx, obj)
	})
	change := func(ctx context.Context, key string) {
		edit(obj, withKey(key))
		w.turn(ctx, obj)
	}

	It("are pruned but for the newest, the default one and those in use", func(ctx context.Context) {
		for i := 2; i <= 10; i++ {
			change(ctx, fmt.Sprint("key-", i))
			Expect(len(w.versions(ctx, obj))).To(BeNumerically("<=", keptVersions+2))
			Expect(w.calls(ctx, obj)).To(BeEmpty())
		}
		Expect(w.versions(ctx, obj)).To(Equal(map[int64]string{1: "key-1", 7: "key-7", 8: "key-8", 9: "key-9", 10: "key-10"}))
	})

	It("stay when the spec names them as those of others, from before the group has them", func(ctx context.Context) {
		for i := 2; i <= keptVersions+1; i++ {
			change(ctx, fmt.Sprint("key-", i))
		}
		Expect(w.versions(ctx, obj)).To(HaveKey(int64(2)))
		edit(obj, func(obj *v1alpha1.AutoScalingGroup) {
			withKey("key-last")(obj)
			obj.Spec.MixedInstances = &v1alpha1.MixedInstances{Overrides: []v1alpha1.LaunchTemplateOverride{
				{InstanceType: "t2.micro"},
				{InstanceType: "t2.small", LaunchTemplateRef: &v1alpha1.LaunchTemplateReference{ID: obj.Status.LaunchTemplate.ID, Version: "2"}},
			}}
		})
		w.turn(ctx, obj)
		Expect(w.versions(ctx, obj)).To(HaveKeyWithValue(int64(2), "key-2"))
	})

	It("are used again when what they have is declared again", func(ctx context.Context) {
		change(ctx, "key-2")
		edit(obj, withKey("key-1"))
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"UpdateAutoScalingGroup": 1}))
		Expect(obj.Status.LaunchTemplate.Version).To(BeEquivalentTo(1))
	})

	It("stay when others made them", func(ctx context.Context) {
		_, err := w.kind.clients.EC2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateId: &obj.Status.LaunchTemplate.ID, SourceVersion: aws.String("1"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{KeyName: aws.String("theirs")},
		})
		Expect(err).NotTo(HaveOccurred())
		for i := 3; i <= 10; i++ {
			change(ctx, fmt.Sprint("key-", i))
		}
		Expect(w.versions(ctx, obj)).To(HaveKeyWithValue(BeEquivalentTo(2), "theirs"))
	})

	It("inherit nothing from one another", func(ctx context.Context) {
		edit(obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.LaunchTemplate.EBSOptimized = aws.Bool(true) })
		w.turn(ctx, obj)
		edit(obj, func(obj *v1alpha1.AutoScalingGroup) {
			obj.Spec.LaunchTemplate.EBSOptimized, obj.Spec.LaunchTemplate.KeyName = nil, ""
		})
		w.turn(ctx, obj)
		newest, err := w.kind.clients.LaunchTemplateVersion(ctx, obj.Status.LaunchTemplate.ID, obj.Status.LaunchTemplate.Version)
		Expect(err).NotTo(HaveOccurred())
		Expect(formOf(newest.LaunchTemplateData)).To(Equal(templateForm{"ImageId": "ami-0123456789abcdef0", "InstanceType": "t2.micro"}))
	})

	It("are made anew when they are deleted", func(ctx context.Context) {
		change(ctx, "key-2")
		_, err := w.kind.clients.EC2.DeleteLaunchTemplateVersions(ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &obj.Status.LaunchTemplate.ID, Versions: []string{"2"}})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"CreateLaunchTemplateVersion": 1, "UpdateAutoScalingGroup": 1}))
		Expect(w.versions(ctx, obj)).To(Equal(map[int64]string{1: "key-1", 3: "key-2"}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	It("are made anew when the first one is deleted and the status is lost", func(ctx context.Context) {
		change(ctx, "key-2")
		id := obj.Status.LaunchTemplate.ID
		_, err := w.kind.clients.EC2.ModifyLaunchTemplate(ctx, &ec2.ModifyLaunchTemplateInput{LaunchTemplateId: &id, DefaultVersion: aws.String("2")})
		Expect(err).NotTo(HaveOccurred())
		_, err = w.kind.clients.EC2.DeleteLaunchTemplateVersions(ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &id, Versions: []string{"1"}})
		Expect(err).NotTo(HaveOccurred())
		obj.Status = v1alpha1.AutoScalingGroupStatus{}
		edit(obj, withKey("key-1"))
		Expect(w.calls(ctx, obj)).To(HaveKeyWithValue("CreateLaunchTemplateVersion", 1))
		Expect(w.versions(ctx, obj)).To(Equal(map[int64]string{2: "key-2", 3: "key-1"}))
	})

	It("are made anew when the template is deleted", func(ctx context.Context) {
		_, err := w.kind.clients.EC2.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: &obj.Status.LaunchTemplate.ID})
		Expect(err).NotTo(HaveOccurred())
		before := obj.Status.LaunchTemplate.ID
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"CreateLaunchTemplate": 1, "UpdateAutoScalingGroup": 1}))
		Expect(obj.Status.LaunchTemplate.ID).NotTo(Equal(before))
		Expect(w.calls(ctx, obj)).To(BeEmpty())
	})

	It("are not made again while AWS does not show one that was made just now", func(ctx context.Context) {
		change(ctx, "key-2")
		obj.Status.LaunchTemplate.Version = 3 // which no look shows
		obj.Status.Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, LastTransitionTime: metav1.NewTime(time.Now())}}
		_, err := w.kind.clients.EC2.DeleteLaunchTemplateVersions(ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: &obj.Status.LaunchTemplate.ID, Versions: []string{"2"}})
		Expect(err).NotTo(HaveOccurred())
		_, err = w.kind.Observe(ctx, obj)
		var decided *lifecycle.Error
		Expect(err).To(BeAssignableToTypeOf(decided))
		Expect(err).To(MatchError(ContainSubstring("AWS does not show the version of launch template")))
		obj.Status.Conditions[0].LastTransitionTime = metav1.NewTime(time.Now().Add(-2 * visibleWithin))
		Expect(w.calls(ctx, obj)).To(HaveKeyWithValue("CreateLaunchTemplateVersion", 1))
	})

	It("are found by an object that has lost its status, and by another cluster with the same id", func(ctx context.Context) {
		change(ctx, "key-2")
		again := aGroup(withKey("key-2"))
		again.UID = "another"
		Expect(w.calls(ctx, again)).To(BeEmpty())
		Expect(again.Status.LaunchTemplate.Version).To(BeEquivalentTo(2))
		Expect(again.Status.LaunchTemplate.DataHash).NotTo(Equal(obj.Status.LaunchTemplate.DataHash))
	})

	It("follow the managed security group as it comes, changes and goes", func(ctx context.Context) {
		groups := func() []string {
			GinkgoHelper()
			newest, err := w.kind.clients.LaunchTemplateVersion(ctx, obj.Status.LaunchTemplate.ID, obj.Status.LaunchTemplate.Version)
			Expect(err).NotTo(HaveOccurred())
			return newest.LaunchTemplateData.SecurityGroupIds
		}
		edit(obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.SecurityGroup = &v1alpha1.SecurityGroup{} })
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"CreateSecurityGroup": 1, "CreateLaunchTemplateVersion": 1, "UpdateAutoScalingGroup": 1}))
		first := obj.Status.SecurityGroup.ID
		Expect(groups()).To(Equal([]string{first}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())

		_, err := w.kind.clients.EC2.DeleteSecurityGroup(ctx, &ec2.DeleteSecurityGroupInput{GroupId: &first})
		Expect(err).NotTo(HaveOccurred())
		Expect(w.calls(ctx, obj)).To(Equal(map[string]int{"CreateSecurityGroup": 1, "CreateLaunchTemplateVersion": 1, "UpdateAutoScalingGroup": 1}))
		Expect(groups()).To(Equal([]string{obj.Status.SecurityGroup.ID}))
		Expect(w.calls(ctx, obj)).To(BeEmpty())

		edit(obj, func(obj *v1alpha1.AutoScalingGroup) { obj.Spec.SecurityGroup = nil })
		Expect(w.calls(ctx, obj)).To(HaveKeyWithValue("UpdateAutoScalingGroup", 1))
		Expect(groups()).To(BeEmpty())
		w.turn(ctx, obj)
		Expect(w.calls(ctx, obj)).To(BeEmpty())
		Expect(obj.Status.SecurityGroup).To(BeNil())
	})

	It("are made for a group that is taken over, whose template stays", func(ctx context.Context) {
		theirs := w.makeTemplate(ctx, "theirs")
		_, err := w.kind.clients.AutoScaling.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: aws.String("old"), MinSize: aws.Int32(0), MaxSize: aws.Int32(0), VPCZoneIdentifier: aws.String("subnet-0a"),
			LaunchTemplate: &astypes.LaunchTemplateSpecification{LaunchTemplateId: &theirs},
		})
		Expect(err).NotTo(HaveOccurred())
		adopted := aGroup(func(obj *v1alpha1.AutoScalingGroup) {
			obj.Name, obj.Spec.Adopt = "old", &v1alpha1.AutoScalingGroupAdoption{Name: "old"}
		})
		Expect(w.calls(ctx, adopted)).To(Equal(map[string]int{"CreateOrUpdateTags": 1, "CreateLaunchTemplate": 1, "UpdateAutoScalingGroup": 1}))
		Expect(w.calls(ctx, adopted)).To(BeEmpty())
		Expect(w.kind.clients.LaunchTemplates(ctx, theirs)).To(HaveLen(1))
	})

	It("that the group was given by others are taken back", func(ctx context.Context) {
		change(ctx, "key-2")
		for _, version := range []string{"1", versionLatest, versionDefault} {
			template := w.group(ctx).LaunchTemplate
			template.Version, template.LaunchTemplateName = aws.String(version), nil
			_, err := w.kind.clients.AutoScaling.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{AutoScalingGroupName: aws.String(w.kind.nameOf(obj)), LaunchTemplate: template})
			Expect(err).NotTo(HaveOccurred())
			Expect(w.turn(ctx, obj)).To(Equal([]string{"Update Auto Scaling group " + w.kind.nameOf(obj) + " launchTemplate"}))
			Expect(w.group(ctx).LaunchTemplate.Version).To(HaveValue(Equal("2")))
		}
	})
})
