package autoscalinggroup

import (
	"context"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// preference is a field of spec.instanceRefresh that the next refresh takes along: how it is declared, and what AWS then
// has of it, and once it is no longer declared.
type preference struct {
	name          string
	set           v1alpha1.InstanceRefresh
	of            func(*types.RefreshPreferences) any
	isSet, isGone gomegatypes.GomegaMatcher
}

func valued(n int) gomegatypes.GomegaMatcher { return HaveValue(BeEquivalentTo(n)) }

var refreshPreferences = []preference{
	{
		name: "minHealthyPercentage", set: v1alpha1.InstanceRefresh{MinHealthyPercentage: aws.Int32(50)},
		of: func(p *types.RefreshPreferences) any { return p.MinHealthyPercentage }, isSet: valued(50), isGone: valued(90),
	}, {
		name: "maxHealthyPercentage", set: v1alpha1.InstanceRefresh{MinHealthyPercentage: aws.Int32(100), MaxHealthyPercentage: aws.Int32(150)},
		of: func(p *types.RefreshPreferences) any { return p.MaxHealthyPercentage }, isSet: valued(150), isGone: BeNil(),
	}, {
		name: "instanceWarmupSeconds", set: v1alpha1.InstanceRefresh{InstanceWarmupSeconds: aws.Int32(1)},
		of: func(p *types.RefreshPreferences) any { return p.InstanceWarmup }, isSet: valued(1), isGone: BeNil(),
	}, {
		name: "checkpoints", set: v1alpha1.InstanceRefresh{Checkpoints: &v1alpha1.InstanceRefreshCheckpoints{Percentages: []v1alpha1.InstanceRefreshPercentage{50, 100}, DelaySeconds: aws.Int32(1)}},
		of: func(p *types.RefreshPreferences) any {
			return append(slices.Clone(p.CheckpointPercentages), aws.ToInt32(p.CheckpointDelay))
		},
		isSet: Equal([]int32{50, 100, 1}), isGone: Equal([]int32{0}),
	}, {
		name: "autoRollback", set: v1alpha1.InstanceRefresh{AutoRollback: aws.Bool(true)},
		of: func(p *types.RefreshPreferences) any { return p.AutoRollback }, isSet: HaveValue(BeTrue()), isGone: HaveValue(BeFalse()),
	}, {
		name: "skipMatching", set: v1alpha1.InstanceRefresh{SkipMatching: aws.Bool(true)},
		of: func(p *types.RefreshPreferences) any { return p.SkipMatching }, isSet: HaveValue(BeTrue()), isGone: HaveValue(BeFalse()),
	}, {
		name: "scaleInProtectedInstances", set: v1alpha1.InstanceRefresh{ScaleInProtectedInstances: "Refresh"},
		of: func(p *types.RefreshPreferences) any { return string(p.ScaleInProtectedInstances) }, isSet: Equal("Refresh"), isGone: Equal("Wait"),
	}, {
		name: "standbyInstances", set: v1alpha1.InstanceRefresh{StandbyInstances: "Terminate"},
		of: func(p *types.RefreshPreferences) any { return string(p.StandbyInstances) }, isSet: Equal("Terminate"), isGone: Equal("Wait"),
	}, {
		name: "alarms", set: v1alpha1.InstanceRefresh{Alarms: []v1alpha1.InstanceRefreshAlarm{"errors", "latency"}},
		of:    func(p *types.RefreshPreferences) any { return p.AlarmSpecification },
		isSet: HaveField("Alarms", ConsistOf("errors", "latency")), isGone: BeNil(),
	}, {
		name: "bakeTimeSeconds", set: v1alpha1.InstanceRefresh{BakeTimeSeconds: aws.Int32(1)},
		of: func(p *types.RefreshPreferences) any { return p.BakeTime }, isSet: valued(1), isGone: BeNil(),
	},
}

var _ = Describe("A field of spec.instanceRefresh", func() {
	f := newFleet()
	// edited changes spec.instanceRefresh alone, and expects that nothing is written because of it but what is observed.
	edited := func(ctx context.Context, spec v1alpha1.InstanceRefresh) {
		GinkgoHelper()
		made := f.calls(func() {
			f.edit(ctx, func(s *v1alpha1.AutoScalingGroupSpec) { s.InstanceRefresh = &spec })
			f.settle(ctx)
		})
		for operation := range made {
			Expect(operation).To(HavePrefix("Describe"))
		}
		before := f.live(ctx).ResourceVersion
		_, err := f.turn(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(f.live(ctx).ResourceVersion).To(Equal(before), "a second turn writes the status")
	}
	// refreshed brings an image to all instances, and returns the preferences of the refresh that did.
	refreshed := func(ctx context.Context, id string) *types.RefreshPreferences {
		GinkgoHelper()
		f.edit(ctx, image(id))
		f.settle(ctx)
		newest := f.history(ctx)[0]
		Expect(newest.Status).To(BeEquivalentTo("Successful"))
		Expect(f.serving(ctx)).To(Equal(map[string]int{f.version(ctx): 3}))
		return newest.Preferences
	}
	plain := func(s *v1alpha1.AutoScalingGroupSpec) { s.InstanceRefresh = &v1alpha1.InstanceRefresh{} }

	var entries []TableEntry
	for _, p := range refreshPreferences {
		entries = append(entries, Entry(p.name, p))
	}
	DescribeTable("goes with the next refresh, and with none once it is removed", func(ctx context.Context, p preference) {
		f.create(ctx, plain)
		edited(ctx, p.set)
		Expect(p.of(refreshed(ctx, betterOne))).To(p.isSet)
		edited(ctx, v1alpha1.InstanceRefresh{})
		Expect(p.of(refreshed(ctx, bestOne))).To(p.isGone)
		Expect(f.history(ctx)).To(HaveLen(2))
	}, entries)

	It("is in that table, unless it has a spec of its own", func() {
		told := []string{"mode", "strategy"}
		for _, p := range refreshPreferences {
			told = append(told, p.name)
		}
		var fields []string
		for field := range reflect.TypeFor[v1alpha1.InstanceRefresh]().Fields() {
			name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
			fields = append(fields, name)
		}
		Expect(told).To(ConsistOf(fields))
	})

	It("that is the strategy goes with the next refresh, and AWS's default once it is removed", func(ctx context.Context) {
		typed := func(id string) func(*v1alpha1.AutoScalingGroupSpec) {
			return func(s *v1alpha1.AutoScalingGroupSpec) {
				s.MixedInstances = &v1alpha1.MixedInstances{Overrides: []v1alpha1.LaunchTemplateOverride{{InstanceType: "t2.micro", ImageID: id}}}
			}
		}
		f.create(ctx, plain, typed(goodImage))
		edited(ctx, v1alpha1.InstanceRefresh{Strategy: "ReplaceRootVolume"})
		before := f.group(ctx).Instances
		f.edit(ctx, typed(betterOne))
		f.settle(ctx)
		Expect(f.history(ctx)[0].Strategy).To(Equal(types.RefreshStrategyReplaceRootVolume))
		for _, one := range before {
			Expect(f.group(ctx).Instances).To(ContainElement(And(HaveField("InstanceId", one.InstanceId), HaveField("ImageId", HaveValue(Equal(betterOne))))))
		}
		edited(ctx, v1alpha1.InstanceRefresh{})
		f.edit(ctx, typed(bestOne))
		f.settle(ctx)
		Expect(f.history(ctx)[0].Strategy).To(Equal(types.RefreshStrategyRolling))
	})
})
