package autoscalinggroup

import (
	"math/rand/v2"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// elsewhere are the fields of an update that are no setting, and who changes them; or why nobody does.
var elsewhere = map[string]string{
	"AutoScalingGroupName": "names the group", "LaunchTemplate": "source.go", "MixedInstancesPolicy": "source.go",
	"LaunchConfigurationName": "deprecated: a group that has one is given a template instead", "Context": "AWS reserves it",
}

// fullSpec declares every setting, none as AWS has it by default.
func fullSpec() spec {
	return spec{
		MinSize: 1, MaxSize: 9, DesiredCapacity: aws.Int32(3), DesiredCapacityType: "vcpu",
		SubnetIDs: []v1alpha1.SubnetID{"subnet-0b", "subnet-0a"}, AvailabilityZones: []v1alpha1.AvailabilityZone{"z-b", "z-a"},
		AvailabilityZoneIDs:    []v1alpha1.AvailabilityZone{"id-b", "id-a"},
		HealthCheck:            &v1alpha1.AutoScalingHealthCheck{Types: []v1alpha1.HealthCheckSource{"ELB", "EBS"}, GracePeriodSeconds: aws.Int32(5)},
		DefaultCooldownSeconds: aws.Int32(0), DefaultInstanceWarmupSeconds: aws.Int32(0), PlacementGroup: "near",
		TerminationPolicies:              []v1alpha1.TerminationPolicy{"NewestInstance", "Default"},
		NewInstancesProtectedFromScaleIn: aws.Bool(true), CapacityRebalance: aws.Bool(true), MaxInstanceLifetimeSeconds: aws.Int32(86400),
		ServiceLinkedRoleARN:         "arn:aws:iam::1:role/r",
		InstanceMaintenancePolicy:    &v1alpha1.InstanceMaintenancePolicy{MinHealthyPercentage: 50, MaxHealthyPercentage: 150},
		AvailabilityZoneDistribution: &v1alpha1.AvailabilityZoneDistribution{CapacityDistributionStrategy: "balanced-only"},
		AvailabilityZoneImpairmentPolicy: &v1alpha1.AvailabilityZoneImpairmentPolicy{
			ZonalShiftEnabled: true, ImpairedZoneHealthCheckBehavior: "IgnoreUnhealthy", SkipZonalShiftValidation: aws.Bool(true),
		},
		CapacityReservation: &v1alpha1.AutoScalingCapacityReservation{
			Preference: "capacity-reservations-first", IDs: []v1alpha1.CapacityReservationID{"cr-b", "cr-a"}, ResourceGroupARNs: []v1alpha1.ResourceGroupARN{"arn"},
		},
		InstanceLifecyclePolicy: &v1alpha1.InstanceLifecyclePolicy{TerminateHookAbandon: "retain"}, DeletionProtection: "prevent-all-deletion",
	}
}

// initialGroup is a group as AWS makes it from sizes alone.
func initialGroup() *live {
	return &live{
		AutoScalingGroupName: aws.String("web"), AutoScalingGroupARN: aws.String("arn:aws:autoscaling:us-east-1:123456789012:autoScalingGroup:u:autoScalingGroupName/web"),
		MinSize: aws.Int32(1), MaxSize: aws.Int32(9), DesiredCapacity: aws.Int32(3), DefaultCooldown: aws.Int32(300),
		HealthCheckType: aws.String("EC2"), HealthCheckGracePeriod: aws.Int32(0), TerminationPolicies: []string{"Default"},
		ServiceLinkedRoleARN: aws.String("arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"),
	}
}

// planText is a plan by lines.
func planText(plan []v1alpha1.PlannedChange) []string {
	lines := []string{}
	for _, p := range plan {
		lines = append(lines, p.Field+": "+p.From+" → "+p.To)
	}
	return lines
}

func groupOf(s spec, managed ...string) *v1alpha1.AutoScalingGroup {
	return &v1alpha1.AutoScalingGroup{Spec: s, Status: v1alpha1.AutoScalingGroupStatus{CommonStatus: v1alpha1.CommonStatus{ManagedFields: managed}}}
}

var _ = Describe("The settings of a group", func() {
	It("are all that an update can change", func() {
		declared := fullSpec()
		call := &update{AutoScalingGroupName: aws.String("web")}
		for i := range settings {
			settings[i].write(&declared, call)
		}
		made := reflect.ValueOf(asCreation(call)).Elem()
		fields := reflect.ValueOf(call).Elem()
		for i := range fields.NumField() {
			name := fields.Type().Field(i).Name
			if _, other := elsewhere[name]; other || !fields.Type().Field(i).IsExported() || name == "ResultMetadata" {
				continue
			}
			Expect(fields.Field(i).IsZero()).To(BeFalse(), "nobody writes "+name)
			Expect(made.FieldByName(name).Interface()).To(Equal(fields.Field(i).Interface()), "a group is made without "+name)
		}
	})

	It("are as declared after the call, and reset after another, whatever else is declared", func() {
		r := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 5))
		optional := optionalFields()
		for range 500 {
			g := initialGroup()
			declared := reflect.New(reflect.TypeFor[spec]()).Elem()
			full := fullSpec()
			for i := range declared.NumField() {
				name := declared.Type().Field(i).Name
				if !optional[name] || r.IntN(2) == 0 {
					declared.Field(i).Set(reflect.ValueOf(full).Field(i))
				}
			}
			obj := groupOf(declared.Interface().(spec))
			call, _ := diffSettings(obj, g, "group")
			fold(g, call)
			_, plan := diffSettings(obj, g, "group")
			Expect(planText(plan)).To(BeEmpty(), "a second look")

			By("declaring nothing any more")
			obj.Status.ManagedFields = declaredSettings(obj)
			obj.Spec = spec{MinSize: 1, MaxSize: 9}
			call, _ = diffSettings(obj, g, "group")
			fold(g, call)
			_, plan = diffSettings(obj, g, "group")
			Expect(planText(plan)).To(BeEmpty(), "a second look after the reset")
			for i := range settings {
				if settings[i].reset != nil {
					Expect(settings[i].live(g)).To(Equal(settings[i].live(initialGroup())), settings[i].field)
				}
			}
		}
	})

	DescribeTable("are compared in normal form", func(declare func(*spec), has func(*live), want ...string) {
		s, g := spec{MinSize: 1, MaxSize: 9}, initialGroup()
		declare(&s)
		has(g)
		_, plan := diffSettings(groupOf(s), g, "group")
		Expect(planText(plan)).To(Equal(append([]string{}, want...)))
	},
		Entry("subnets in another order", func(s *spec) { s.SubnetIDs = []v1alpha1.SubnetID{"b", "a"} }, func(g *live) { g.VPCZoneIdentifier = aws.String("a, b") }),
		Entry("another subnet", func(s *spec) { s.SubnetIDs = []v1alpha1.SubnetID{"c", "a"} }, func(g *live) { g.VPCZoneIdentifier = aws.String("a,b") }, "subnetIDs: a, b → a, c"),
		Entry("EC2's own checks, which are always on", func(s *spec) {
			s.HealthCheck = &v1alpha1.AutoScalingHealthCheck{Types: []v1alpha1.HealthCheckSource{"ELB"}}
		}, func(g *live) { g.HealthCheckType = aws.String("EC2,ELB") }),
		Entry("termination policies in another order", func(s *spec) { s.TerminationPolicies = []v1alpha1.TerminationPolicy{"Default", "OldestInstance"} },
			func(g *live) { g.TerminationPolicies = []string{"OldestInstance", "Default"} }, "terminationPolicies: OldestInstance, Default → Default, OldestInstance"),
		Entry("a warm-up of nothing, where there is none", func(s *spec) { s.DefaultInstanceWarmupSeconds = aws.Int32(0) }, func(*live) {}, "defaultInstanceWarmupSeconds:  → 0"),
		Entry("the unit that is meant when none is told", func(s *spec) { s.DesiredCapacityType = "units" }, func(*live) {}),
		Entry("reservations in another order", func(s *spec) {
			s.CapacityReservation = &v1alpha1.AutoScalingCapacityReservation{Preference: "capacity-reservations-only", IDs: []v1alpha1.CapacityReservationID{"b", "a"}}
		}, func(g *live) {
			g.CapacityReservationSpecification = &types.CapacityReservationSpecification{CapacityReservationPreference: "capacity-reservations-only",
				CapacityReservationTarget: &types.CapacityReservationTarget{CapacityReservationIds: []string{"a", "b"}}}
		}),
		Entry("what is not declared", func(*spec) {}, func(g *live) {
			g.DefaultCooldown, g.DesiredCapacity, g.PlacementGroup, g.DeletionProtection = aws.Int32(1), aws.Int32(7), aws.String("x"), "prevent-all-deletion"
		}),
		Entry("a desired capacity that is declared", func(s *spec) { s.DesiredCapacity = aws.Int32(2) }, func(*live) {}, "desiredCapacity: 3 → 2"),
		Entry("bounds", func(s *spec) { s.MinSize, s.MaxSize = 4, 5 }, func(*live) {}, "minSize: 1 → 4", "maxSize: 9 → 5"),
	)

	It("hand the desired capacity to the scalers when it is no longer declared", func() {
		call, plan := diffSettings(groupOf(spec{MinSize: 1, MaxSize: 9}, fieldDesiredCapacity), initialGroup(), "group")
		Expect(plan).To(BeEmpty())
		Expect(call.DesiredCapacity).To(BeNil())
	})

	It("move the desired capacity with the bounds, as AWS does", func() {
		for _, c := range []struct{ least, most, want int32 }{{4, 9, 4}, {0, 2, 2}, {0, 9, 3}} {
			g := initialGroup()
			fold(g, &autoscaling.UpdateAutoScalingGroupInput{MinSize: &c.least, MaxSize: &c.most})
			Expect(*g.DesiredCapacity).To(Equal(c.want))
		}
	})
})

// optionalFields are the fields of the spec that may be left out.
func optionalFields() map[string]bool {
	optional := map[string]bool{}
	for i := range reflect.TypeFor[spec]().NumField() {
		field := reflect.TypeFor[spec]().Field(i)
		optional[field.Name] = strings.Contains(field.Tag.Get("json"), ",omit")
	}
	return optional
}

var _ = Describe("The name of a group", func() {
	It("differs between objects and clusters, fits, and has no colon", func() {
		seen := map[string]bool{}
		for _, cluster := range []string{"a", "b"} {
			for _, name := range []string{"web", "web.shop", "web-shop", strings.Repeat("a.", 120) + "b", strings.Repeat("a.", 120) + "c"} {
				obj := groupOf(spec{})
				obj.Namespace, obj.Name = strings.Repeat("n", 63), name
				derived := (&Kind{clusterID: cluster}).nameOf(obj)
				Expect(len(derived)).To(BeNumerically("<=", maxName))
				Expect(derived).To(MatchRegexp(`^[a-z0-9-]+$`))
				Expect(seen).NotTo(HaveKey(derived))
				seen[derived] = true
			}
		}
	})

	It("stays what it was, once there is a group", func() {
		obj := groupOf(spec{})
		obj.Status.Name = "old"
		k := &Kind{}
		Expect(k.nameOf(obj)).NotTo(Equal("old"), "only looked at")
		obj.Finalizers = []string{v1alpha1.Finalizer}
		Expect(k.nameOf(obj)).To(Equal("old"))
		obj.Spec.Name = "declared"
		Expect(k.nameOf(obj)).To(Equal("declared"))
	})
})
