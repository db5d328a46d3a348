package controllers_test

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"
	autoscalingv1 "k8s.io/api/autoscaling/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

type (
	groupSpec  = v1alpha1.AutoScalingGroupSpec
	groupFound = types.AutoScalingGroup
)

// groupField is a field of a group that one call changes: how it is declared, otherwise and not at all, and what AWS then
// has.
type groupField struct {
	name                  string
	set, change, remove   func(*groupSpec)
	isSet, isNext, isGone gomegatypes.GomegaMatcher
	of                    func(*groupFound) any
}

const (
	role        = "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
	otherRole   = role + "_other"
	lambda      = "arn:aws:lambda:us-east-1:123456789012:function:choose"
	reservation = "arn:aws:resource-groups:us-east-1:123456789012:group/reserved"
)

var groupFields = []groupField{
	{
		name: "defaultCooldownSeconds", of: func(g *groupFound) any { return g.DefaultCooldown },
		set:    func(s *groupSpec) { s.DefaultCooldownSeconds = aws.Int32(60) },
		change: func(s *groupSpec) { s.DefaultCooldownSeconds = aws.Int32(0) },
		remove: func(s *groupSpec) { s.DefaultCooldownSeconds = nil },
		isSet:  HaveValue(BeEquivalentTo(60)), isNext: HaveValue(BeZero()), isGone: HaveValue(BeEquivalentTo(300)),
	}, {
		name: "defaultInstanceWarmupSeconds", of: func(g *groupFound) any { return g.DefaultInstanceWarmup },
		set:    func(s *groupSpec) { s.DefaultInstanceWarmupSeconds = aws.Int32(0) },
		change: func(s *groupSpec) { s.DefaultInstanceWarmupSeconds = aws.Int32(60) },
		remove: func(s *groupSpec) { s.DefaultInstanceWarmupSeconds = nil },
		isSet:  HaveValue(BeZero()), isNext: HaveValue(BeEquivalentTo(60)), isGone: BeNil(),
	}, {
		name: "healthCheck.types", of: func(g *groupFound) any { return g.HealthCheckType },
		set: func(s *groupSpec) {
			s.HealthCheck = &v1alpha1.AutoScalingHealthCheck{Types: []v1alpha1.HealthCheckSource{"ELB"}}
		},
		change: func(s *groupSpec) { s.HealthCheck.Types = []v1alpha1.HealthCheckSource{"EBS", "EC2"} },
		remove: func(s *groupSpec) { s.HealthCheck = nil },
		isSet:  HaveValue(Equal("ELB")), isNext: HaveValue(Equal("EBS")), isGone: HaveValue(Equal("EC2")),
	}, {
		name: "healthCheck.gracePeriodSeconds", of: func(g *groupFound) any { return g.HealthCheckGracePeriod },
		set: func(s *groupSpec) {
			s.HealthCheck = &v1alpha1.AutoScalingHealthCheck{GracePeriodSeconds: aws.Int32(60)}
		},
		change: func(s *groupSpec) { s.HealthCheck.GracePeriodSeconds = aws.Int32(90) },
		remove: func(s *groupSpec) { s.HealthCheck = nil },
		isSet:  HaveValue(BeEquivalentTo(60)), isNext: HaveValue(BeEquivalentTo(90)), isGone: HaveValue(BeZero()),
	}, {
		name: "placementGroup", of: func(g *groupFound) any { return g.PlacementGroup },
		set:    func(s *groupSpec) { s.PlacementGroup = "near" },
		change: func(s *groupSpec) { s.PlacementGroup = "far" },
		remove: func(s *groupSpec) { s.PlacementGroup = "" },
		isSet:  HaveValue(Equal("near")), isNext: HaveValue(Equal("far")), isGone: BeNil(),
	}, {
		name: "terminationPolicies", of: func(g *groupFound) any { return g.TerminationPolicies },
		set:    func(s *groupSpec) { s.TerminationPolicies = []v1alpha1.TerminationPolicy{"OldestInstance", lambda} },
		change: func(s *groupSpec) { s.TerminationPolicies = []v1alpha1.TerminationPolicy{lambda, "OldestInstance"} },
		remove: func(s *groupSpec) { s.TerminationPolicies = nil },
		isSet:  HaveExactElements("OldestInstance", lambda), isNext: HaveExactElements(lambda, "OldestInstance"), isGone: HaveExactElements("Default"),
	}, {
		name: "capacityRebalance", of: func(g *groupFound) any { return aws.ToBool(g.CapacityRebalance) },
		set:    func(s *groupSpec) { s.CapacityRebalance = aws.Bool(true) },
		change: func(s *groupSpec) { s.CapacityRebalance = aws.Bool(false) },
		isSet:  BeTrue(), isNext: BeFalse(),
	}, {
		name: "maxInstanceLifetimeSeconds", of: func(g *groupFound) any { return g.MaxInstanceLifetime },
		set:    func(s *groupSpec) { s.MaxInstanceLifetimeSeconds = aws.Int32(86400) },
		change: func(s *groupSpec) { s.MaxInstanceLifetimeSeconds = aws.Int32(604800) },
		remove: func(s *groupSpec) { s.MaxInstanceLifetimeSeconds = nil },
		isSet:  HaveValue(BeEquivalentTo(86400)), isNext: HaveValue(BeEquivalentTo(604800)), isGone: BeNil(),
	}, {
		name: "serviceLinkedRoleARN", of: func(g *groupFound) any { return g.ServiceLinkedRoleARN },
		set:    func(s *groupSpec) { s.ServiceLinkedRoleARN = otherRole },
		change: func(s *groupSpec) { s.ServiceLinkedRoleARN = otherRole + "s" },
		remove: func(s *groupSpec) { s.ServiceLinkedRoleARN = "" },
		isSet:  HaveValue(Equal(otherRole)), isNext: HaveValue(Equal(otherRole + "s")), isGone: HaveValue(Equal(role)),
	}, {
		name: "instanceMaintenancePolicy", of: func(g *groupFound) any { return g.InstanceMaintenancePolicy },
		set: func(s *groupSpec) {
			s.InstanceMaintenancePolicy = &v1alpha1.InstanceMaintenancePolicy{MinHealthyPercentage: 90, MaxHealthyPercentage: 110}
		},
		change: func(s *groupSpec) { s.InstanceMaintenancePolicy.MinHealthyPercentage = 100 },
		remove: func(s *groupSpec) { s.InstanceMaintenancePolicy = nil },
		isSet:  HaveField("MinHealthyPercentage", HaveValue(BeEquivalentTo(90))), isNext: HaveField("MinHealthyPercentage", HaveValue(BeEquivalentTo(100))), isGone: BeNil(),
	}, {
		name: "availabilityZoneDistribution", of: func(g *groupFound) any { return string(g.AvailabilityZoneDistribution.CapacityDistributionStrategy) },
		set: func(s *groupSpec) {
			s.AvailabilityZoneDistribution = &v1alpha1.AvailabilityZoneDistribution{CapacityDistributionStrategy: "balanced-only"}
		},
		change: func(s *groupSpec) {
			s.AvailabilityZoneDistribution.CapacityDistributionStrategy = "reservations-then-balanced"
		},
		remove: func(s *groupSpec) { s.AvailabilityZoneDistribution = nil },
		isSet:  Equal("balanced-only"), isNext: Equal("reservations-then-balanced"), isGone: Equal("balanced-best-effort"),
	}, {
		name: "availabilityZoneImpairmentPolicy", of: func(g *groupFound) any { return g.AvailabilityZoneImpairmentPolicy },
		set: func(s *groupSpec) {
			s.AvailabilityZoneImpairmentPolicy = &v1alpha1.AvailabilityZoneImpairmentPolicy{ZonalShiftEnabled: true, ImpairedZoneHealthCheckBehavior: "IgnoreUnhealthy", SkipZonalShiftValidation: aws.Bool(true)}
		},
		change: func(s *groupSpec) {
			s.AvailabilityZoneImpairmentPolicy.ImpairedZoneHealthCheckBehavior = "ReplaceUnhealthy"
		},
		remove: func(s *groupSpec) { s.AvailabilityZoneImpairmentPolicy = nil },
		isSet:  HaveField("ImpairedZoneHealthCheckBehavior", BeEquivalentTo("IgnoreUnhealthy")), isNext: HaveField("ImpairedZoneHealthCheckBehavior", BeEquivalentTo("ReplaceUnhealthy")),
		isGone: HaveField("ZonalShiftEnabled", HaveValue(BeFalse())),
	}, {
		name: "capacityReservation", of: func(g *groupFound) any { return *g.CapacityReservationSpecification },
		set: func(s *groupSpec) {
			s.CapacityReservation = &v1alpha1.AutoScalingCapacityReservation{Preference: "capacity-reservations-first", IDs: []v1alpha1.CapacityReservationID{"cr-0b", "cr-0a"}}
		},
		change: func(s *groupSpec) {
			s.CapacityReservation = &v1alpha1.AutoScalingCapacityReservation{Preference: "capacity-reservations-only", ResourceGroupARNs: []v1alpha1.ResourceGroupARN{reservation}}
		},
		remove: func(s *groupSpec) { s.CapacityReservation = nil },
		isSet:  HaveField("CapacityReservationTarget.CapacityReservationIds", ConsistOf("cr-0a", "cr-0b")),
		isNext: HaveField("CapacityReservationTarget.CapacityReservationResourceGroupArns", ConsistOf(reservation)),
		isGone: And(HaveField("CapacityReservationPreference", BeEquivalentTo("default")), HaveField("CapacityReservationTarget", BeNil())),
	}, {
		name: "instanceLifecyclePolicy", of: func(g *groupFound) any {
			return string(g.InstanceLifecyclePolicy.RetentionTriggers.TerminateHookAbandon)
		},
		set: func(s *groupSpec) {
			s.InstanceLifecyclePolicy = &v1alpha1.InstanceLifecyclePolicy{TerminateHookAbandon: "retain"}
		},
		change: func(s *groupSpec) { s.InstanceLifecyclePolicy.TerminateHookAbandon = "terminate" },
		isSet:  Equal("retain"), isNext: Equal("terminate"),
	}, {
		name: "deletionProtection", of: func(g *groupFound) any { return string(g.DeletionProtection) },
		set:    func(s *groupSpec) { s.DeletionProtection = "prevent-all-deletion" },
		change: func(s *groupSpec) { s.DeletionProtection = "prevent-force-deletion" },
		remove: func(s *groupSpec) { s.DeletionProtection = "" },
		isSet:  Equal("prevent-all-deletion"), isNext: Equal("prevent-force-deletion"), isGone: Equal("none"),
	}, {
		name: "subnetIDs", of: func(g *groupFound) any { return g.AvailabilityZones },
		set:    func(s *groupSpec) { s.SubnetIDs = []v1alpha1.SubnetID{SubnetC, SubnetA} },
		change: func(s *groupSpec) { s.SubnetIDs = []v1alpha1.SubnetID{SubnetA, SubnetB} },
		isSet:  ConsistOf("us-east-1a", "us-east-1c"), isNext: ConsistOf("us-east-1a", "us-east-1b"),
	}, {
		name: "maxSize", of: func(g *groupFound) any { return g.MaxSize },
		set:    func(s *groupSpec) { s.MaxSize = 5 },
		change: func(s *groupSpec) { s.MaxSize = 3 },
		isSet:  HaveValue(BeEquivalentTo(5)), isNext: HaveValue(BeEquivalentTo(3)),
	},
}

var _ = Describe("An edit of an AutoScalingGroup", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	ready := func(ctx context.Context, with ...func(*v1alpha1.AutoScalingGroup)) string {
		GinkgoHelper()
		s.MakeLaunchTemplate(ctx)
		s.StartManager(ctx)
		obj = AutoScalingGroup("web", with...)
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		return *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName
	}
	updated := calls{"UpdateAutoScalingGroup": 1}
	// edit changes a field, expects the calls, and that AWS has it.
	edit := func(ctx context.Context, f groupField, change func(*groupSpec), want calls, is gomegatypes.GomegaMatcher) {
		GinkgoHelper()
		edited(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) { change(&o.Spec) }, want)
		found := s.OnlyAutoScalingGroup(ctx)
		Expect(f.of(&found)).To(is, f.name)
	}

	It("sets, changes and resets every field in one call", func(ctx context.Context) {
		ready(ctx)
		for _, f := range groupFields {
			By(f.name)
			edit(ctx, f, f.set, updated, f.isSet)
			edit(ctx, f, f.change, updated, f.isNext)
			if f.remove != nil {
				edit(ctx, f, f.remove, updated, f.isGone)
			}
		}
	})

	It("creates a group with every field, sets all back in one call, and leaves what others set alone", func(ctx context.Context) {
		declareAll := func(o *v1alpha1.AutoScalingGroup) {
			for _, f := range groupFields {
				f.set(&o.Spec)
			}
			o.Spec.HealthCheck.Types = []v1alpha1.HealthCheckSource{"ELB"}
		}
		name := ready(ctx, declareAll)
		Expect(s.Calls(ASG + "UpdateAutoScalingGroup")).To(BeZero())
		found := s.OnlyAutoScalingGroup(ctx)
		for _, f := range groupFields {
			Expect(f.of(&found)).To(f.isSet, f.name)
		}
		s.ExpectQuiet(ctx)
		edited(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) {
			bare := AutoScalingGroup("web")
			bare.Spec.SubnetIDs, bare.Spec.MaxSize = o.Spec.SubnetIDs, o.Spec.MaxSize
			o.Spec = bare.Spec
		}, updated)
		found = s.OnlyAutoScalingGroup(ctx)
		for _, f := range groupFields {
			if f.remove != nil {
				Expect(f.of(&found)).To(f.isGone, f.name)
			}
		}
		_, err := s.AutoScaling.UpdateAutoScalingGroup(ctx, &autoscaling.UpdateAutoScalingGroupInput{
			AutoScalingGroupName: &name, DefaultCooldown: aws.Int32(7), HealthCheckType: aws.String("ELB"), TerminationPolicies: []string{"NewestInstance"},
		})
		Expect(err).NotTo(HaveOccurred())
		s.ExpectQuiet(ctx)
	})

	It("sets, changes and removes tags, whether instances get them, and leaves others'", func(ctx context.Context) {
		tag := func(key, value string, propagate *bool) v1alpha1.AutoScalingTag {
			return v1alpha1.AutoScalingTag{Key: key, Value: v1alpha1.TagValue(value), PropagateAtLaunch: propagate}
		}
		tagged := func(tags ...v1alpha1.AutoScalingTag) func(*v1alpha1.AutoScalingGroup) {
			return func(o *v1alpha1.AutoScalingGroup) { o.Spec.Tags = tags }
		}
		has := func(want map[string]string) {
			GinkgoHelper()
			found := s.OnlyAutoScalingGroup(ctx)
			Expect(GroupTags(&found)).To(Equal(want))
		}
		name := ready(ctx, tagged(tag("team", "a", aws.Bool(true))))
		has(map[string]string{"team": "a+"})
		_, err := s.AutoScaling.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: []types.Tag{
			{Key: aws.String("cost"), Value: aws.String("1"), ResourceId: &name, ResourceType: aws.String("auto-scaling-group"), PropagateAtLaunch: aws.Bool(true)},
		}})
		Expect(err).NotTo(HaveOccurred())
		edited(ctx, s, obj, tagged(tag("team", "a", nil), tag("stage", "", nil)), calls{"CreateOrUpdateTags": 1})
		has(map[string]string{"team": "a", "stage": "", "cost": "1+"})
		edited(ctx, s, obj, tagged(tag("team", "b", aws.Bool(false))), calls{"CreateOrUpdateTags": 1, "DeleteTags": 1})
		has(map[string]string{"team": "b", "cost": "1+"})
		edited(ctx, s, obj, tagged(), calls{"DeleteTags": 1})
		has(map[string]string{"cost": "1+"})

		By("more than one call takes")
		var many []v1alpha1.AutoScalingTag
		for i := range 30 {
			many = append(many, tag(string(rune('A'+i)), "x", nil))
		}
		edited(ctx, s, obj, tagged(many...), calls{"CreateOrUpdateTags": 2})
		edited(ctx, s, obj, tagged(), calls{"DeleteTags": 2})
	})

	It("takes the instances that run along when their protection is switched, and leaves single ones alone", func(ctx context.Context) {
		name := ready(ctx, Sized(2, 3))
		protection := func() []bool {
			var protected []bool
			for _, instance := range s.OnlyAutoScalingGroup(ctx).Instances {
				protected = append(protected, *instance.ProtectedFromScaleIn)
			}
			return protected
		}
		protect := func(value *bool) func(*v1alpha1.AutoScalingGroup) {
			return func(o *v1alpha1.AutoScalingGroup) { o.Spec.NewInstancesProtectedFromScaleIn = value }
		}
		both := calls{"SetInstanceProtection": 1, "UpdateAutoScalingGroup": 1}
		edited(ctx, s, obj, protect(aws.Bool(true)), both)
		Expect(protection()).To(Equal([]bool{true, true}))
		_, err := s.AutoScaling.SetInstanceProtection(ctx, &autoscaling.SetInstanceProtectionInput{
			AutoScalingGroupName: &name, InstanceIds: []string{*s.OnlyAutoScalingGroup(ctx).Instances[0].InstanceId}, ProtectedFromScaleIn: aws.Bool(false),
		})
		Expect(err).NotTo(HaveOccurred())
		s.Look(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(HaveField("Status.Instances", ContainElement(HaveField("ProtectedFromScaleIn", BeFalse()))))
		s.ExpectQuiet(ctx)
		Expect(protection()).To(ConsistOf(true, false))
		Edit(ctx, s, obj, protect(nil))
		Eventually(protection).Should(Equal([]bool{false, false}))
		s.ExpectReady(ctx, obj)
		s.ExpectQuiet(ctx)
		Expect(protection()).To(Equal([]bool{false, false}))
		Expect(*s.OnlyAutoScalingGroup(ctx).NewInstancesProtectedFromScaleIn).To(BeFalse())
	})

	It("moves to other zones with its subnets, when both are named", func(ctx context.Context) {
		ready(ctx, func(o *v1alpha1.AutoScalingGroup) {
			o.Spec.AvailabilityZones = []v1alpha1.AvailabilityZone{"us-east-1b", "us-east-1a"}
		})
		edited(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) {
			o.Spec.SubnetIDs = []v1alpha1.SubnetID{SubnetC, SubnetA}
			o.Spec.AvailabilityZones, o.Spec.AvailabilityZoneIDs = nil, []v1alpha1.AvailabilityZone{"use1-az1", "use1-az3"}
		}, updated)
		zones := slices.Sorted(slices.Values(s.OnlyAutoScalingGroup(ctx).AvailabilityZones))
		Expect(zones).To(Equal([]string{"us-east-1a", "us-east-1c"}))
		Expect(Get(ctx, s, obj).Status.AvailabilityZones).To(Equal(zones))
		Edit(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) { o.Spec.SubnetIDs = []v1alpha1.SubnetID{SubnetB} })
		Eventually(Live(ctx, s, obj)).Should(BeStalled(v1alpha1.ReasonInvalidSpec, "do not match"))
	})
})

var _ = Describe("The size of an AutoScalingGroup", func() {
	s := newStory()
	var obj *v1alpha1.AutoScalingGroup
	ready := func(ctx context.Context, with ...func(*v1alpha1.AutoScalingGroup)) string {
		GinkgoHelper()
		s.MakeLaunchTemplate(ctx)
		s.StartManager(ctx)
		obj = AutoScalingGroup("web", with...)
		s.Create(ctx, obj)
		s.ExpectReady(ctx, obj)
		return *s.OnlyAutoScalingGroup(ctx).AutoScalingGroupName
	}
	desired := func(size int32) func(*v1alpha1.AutoScalingGroup) {
		return func(o *v1alpha1.AutoScalingGroup) { o.Spec.DesiredCapacity = &size }
	}
	size := func(ctx context.Context) int32 { return *s.OnlyAutoScalingGroup(ctx).DesiredCapacity }
	// settled waits until the group has so many instances, all in service, and expects that this is told and left alone.
	settled := func(ctx context.Context, want int32) {
		GinkgoHelper()
		Eventually(func() []types.Instance { return s.OnlyAutoScalingGroup(ctx).Instances }).Should(And(HaveLen(int(want)), HaveEach(HaveField("LifecycleState", types.LifecycleStateInService))))
		s.Look(ctx, obj)
		Eventually(Live(ctx, s, obj)).Should(And(BeReady(), HaveField("Status.DesiredCapacity", HaveValue(Equal(want))), HaveField("Status.InService", HaveValue(Equal(want)))))
		s.ExpectQuiet(ctx)
		Expect(size(ctx)).To(Equal(want))
	}

	It("is the scalers' when it is not declared, and moves with the bounds", func(ctx context.Context) {
		name := ready(ctx)
		Expect(size(ctx)).To(BeEquivalentTo(1))
		s.Scale(ctx, name, 2)
		settled(ctx, 2)
		By("AWS raising it to the minimum")
		Edit(ctx, s, obj, Sized(3, 4))
		settled(ctx, 3)
		By("AWS lowering it to the maximum")
		Edit(ctx, s, obj, Sized(0, 2))
		settled(ctx, 2)
		Expect(s.Calls(ASG + "UpdateAutoScalingGroup")).To(Equal(2))
	})

	It("is kept when it is declared, and given to the scalers when it is no longer", func(ctx context.Context) {
		name := ready(ctx, desired(2))
		Expect(Get(ctx, s, obj).Status.InService).To(HaveValue(BeEquivalentTo(2)))
		s.Scale(ctx, name, 1)
		s.Look(ctx, obj)
		Eventually(func() int32 { return size(ctx) }).Should(BeEquivalentTo(2))
		Eventually(s.EventsOf(ctx, obj)).Should(ContainElement(And(HavePrefix("DriftRepaired: "), ContainSubstring("desiredCapacity: 1 → 2"))))
		s.ExpectReady(ctx, obj)
		edited(ctx, s, obj, func(o *v1alpha1.AutoScalingGroup) { o.Spec.DesiredCapacity = nil }, calls{})
		s.Scale(ctx, name, 3)
		settled(ctx, 3)
	})

	It("is set by kubectl scale, within the bounds", func(ctx context.Context) {
		ready(ctx)
		scale := s.Client.SubResource("scale")
		replicas := func(n int) client.Patch {
			return client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"spec":{"replicas":%d}}`, n))
		}
		Expect(scale.Patch(ctx, obj.DeepCopy(), replicas(3))).To(Succeed())
		s.ExpectReady(ctx, obj)
		Expect(size(ctx)).To(BeEquivalentTo(3))
		told := &autoscalingv1.Scale{}
		Expect(scale.Get(ctx, obj, told)).To(Succeed())
		Expect(told.Status.Replicas).To(BeEquivalentTo(3))
		Expect(scale.Patch(ctx, obj.DeepCopy(), replicas(4))).To(MatchError(ContainSubstring("must lie between spec.minSize and spec.maxSize")))
	})
})
