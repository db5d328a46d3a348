package controllers_test

import (
	"context"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("Any call about target groups may be the last", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	var first, second string
	BeforeEach(func(ctx context.Context) {
		s.MakeLaunchTemplate(ctx)
		first, second = makeTargetGroup(ctx, s, "first"), makeTargetGroup(ctx, s, "second")
		obj = AutoScalingGroup("web", attachedByARN(first))
	})
	expectOnly := func(ctx context.Context, arn string) {
		GinkgoHelper()
		s.ExpectReady(ctx, obj)
		only := s.OnlyAutoScalingGroup(ctx)
		Expect(attachedTo(ctx, s)).To(Equal([]string{arn}))
		Expect(targetsOf(ctx, s, arn)).To(Equal(instancesOf(&only)))
		Expect(Get(ctx, s, obj).Status.TargetGroups).To(Equal([]v1alpha1.AttachedTargetGroupStatus{{ARN: arn, State: v1alpha1.TargetGroupAttached}}))
		s.ExpectQuiet(ctx)
	}

	Context("when they are attached with the group", func() {
		crashAndFail(s, []string{ASG + "CreateAutoScalingGroup"}, nothing,
			func(ctx context.Context) { s.Create(ctx, obj) },
			func(ctx context.Context) { expectOnly(ctx, first) })
	})

	Context("when they are exchanged", func() {
		crashAndFail(s, []string{ASG + "AttachTrafficSources", ASG + "DetachTrafficSources"}, madeReady(s, &obj),
			func(ctx context.Context) { Edit(ctx, s, obj, attachedByARN(second)) },
			func(ctx context.Context) { expectOnly(ctx, second) })
	})
})
