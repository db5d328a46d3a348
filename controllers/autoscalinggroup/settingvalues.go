package autoscalinggroup

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

type (
	spec = v1alpha1.AutoScalingGroupSpec
	live = types.AutoScalingGroup
)

// Names of settings that are spoken of elsewhere.
const (
	fieldMinSize         = "minSize"
	fieldMaxSize         = "maxSize"
	fieldDesiredCapacity = "desiredCapacity"
	fieldProtection      = "newInstancesProtectedFromScaleIn"
)

// required are the settings that every spec declares.
var required = map[string]bool{fieldMinSize: true, fieldMaxSize: true}

// Default values of settings.
const (
	defaultCooldown    = 300
	defaultPolicy      = "Default"
	unitsOfInstances   = "units"
	noWarmup           = -1
	noMaintenance      = -1
	healthCheckEC2     = "EC2"
	defaultServiceRole = "AWSServiceRoleForAutoScaling"
)

// settings are all fields that UpdateAutoScalingGroup changes, but for the launch source (source.go).
var settings = slices.Concat(sizes, places, health, timings, instances, zones, guards)

// whole is a setting of a number that may be left out.
func whole(field string, of func(*spec) *int32, at func(*live) *int32, into func(*update) **int32, initial int32) setting {
	return setting{
		field:    field,
		declared: func(s *spec) (string, bool) { return number(of(s)), of(s) != nil },
		live:     func(g *live) string { return number(at(g)) },
		write:    func(s *spec, u *update) { *into(u) = of(s) },
		initial:  func(*live) string { return strconv.Itoa(int(initial)) },
		reset:    func(_ *live, u *update) { *into(u) = &initial },
	}
}

// flag is a setting that is on or off, and off by default.
func flag(field string, of func(*spec) *bool, at func(*live) *bool, into func(*update) **bool) setting {
	return setting{
		field:    field,
		declared: func(s *spec) (string, bool) { return strconv.FormatBool(aws.ToBool(of(s))), of(s) != nil },
		live:     func(g *live) string { return strconv.FormatBool(aws.ToBool(at(g))) },
		write:    func(s *spec, u *update) { *into(u) = of(s) },
		initial:  func(*live) string { return strconv.FormatBool(false) },
		reset:    func(_ *live, u *update) { *into(u) = aws.Bool(false) },
	}
}

// word is a setting of a text.
func word(field string, of func(*spec) string, at func(*live) string, into func(*update, string), initial func(*live) string) setting {
	return setting{
		field:    field,
		declared: func(s *spec) (string, bool) { return of(s), of(s) != "" },
		live:     at,
		write:    func(s *spec, u *update) { into(u, of(s)) },
		initial:  initial,
		reset:    func(g *live, u *update) { into(u, initial(g)) },
	}
}

func always(text string) func(*live) string { return func(*live) string { return text } }

// sizes: the desired capacity is left to the scalers when it is no longer declared.
var sizes = []setting{
	{
		field:    fieldMinSize,
		declared: func(s *spec) (string, bool) { return number(&s.MinSize), true },
		live:     func(g *live) string { return number(g.MinSize) },
		write:    func(s *spec, u *update) { u.MinSize = &s.MinSize },
	},
	{
		field:    fieldMaxSize,
		declared: func(s *spec) (string, bool) { return number(&s.MaxSize), true },
		live:     func(g *live) string { return number(g.MaxSize) },
		write:    func(s *spec, u *update) { u.MaxSize = &s.MaxSize },
	},
	{
		field:    fieldDesiredCapacity,
		declared: func(s *spec) (string, bool) { return number(s.DesiredCapacity), s.DesiredCapacity != nil },
		live:     func(g *live) string { return number(g.DesiredCapacity) },
		write:    func(s *spec, u *update) { u.DesiredCapacity = s.DesiredCapacity },
	},
	word("desiredCapacityType", func(s *spec) string { return s.DesiredCapacityType },
		func(g *live) string { return cmp.Or(aws.ToString(g.DesiredCapacityType), unitsOfInstances) },
		func(u *update, value string) { u.DesiredCapacityType = &value }, always(unitsOfInstances)),
}

// places: subnets and zones must agree, so all that is declared of them goes into one call.
var places = []setting{
	{
		field:    "subnetIDs",
		declared: func(s *spec) (string, bool) { return asSet(s.SubnetIDs), len(s.SubnetIDs) > 0 },
		live:     func(g *live) string { return asSet(splitList(g.VPCZoneIdentifier)) },
		write:    writePlaces,
	},
	{
		field:    "availabilityZones",
		declared: func(s *spec) (string, bool) { return asSet(s.AvailabilityZones), len(s.AvailabilityZones) > 0 },
		live:     func(g *live) string { return asSet(g.AvailabilityZones) },
		write:    writePlaces,
	},
	{
		field:    "availabilityZoneIDs",
		declared: func(s *spec) (string, bool) { return asSet(s.AvailabilityZoneIDs), len(s.AvailabilityZoneIDs) > 0 },
		live:     func(g *live) string { return asSet(g.AvailabilityZoneIds) },
		write:    writePlaces,
	},
}

func writePlaces(s *spec, u *update) {
	if len(s.SubnetIDs) > 0 {
		u.VPCZoneIdentifier = aws.String(strings.Join(asStrings(s.SubnetIDs), ","))
	}
	u.AvailabilityZones, u.AvailabilityZoneIds = asStrings(s.AvailabilityZones), asStrings(s.AvailabilityZoneIDs)
}

var health = []setting{
	{
		field:    "healthCheck.types",
		declared: func(s *spec) (string, bool) { return asSet(declaredChecks(s)), len(declaredChecks(s)) > 0 },
		live:     func(g *live) string { return asSet(append(splitList(g.HealthCheckType), healthCheckEC2)) },
		write:    func(s *spec, u *update) { u.HealthCheckType = aws.String(checkTypes(declaredChecks(s))) },
		initial:  always(healthCheckEC2),
		reset:    func(_ *live, u *update) { u.HealthCheckType = aws.String(healthCheckEC2) },
	},
	whole("healthCheck.gracePeriodSeconds", func(s *spec) *int32 {
		if s.HealthCheck == nil {
			return nil
		}
		return s.HealthCheck.GracePeriodSeconds
	}, func(g *live) *int32 { return g.HealthCheckGracePeriod }, func(u *update) **int32 { return &u.HealthCheckGracePeriod }, 0),
}

// declaredChecks are the declared types of health checks, EC2's own among them, which cannot be switched off.
func declaredChecks(s *spec) []string {
	if s.HealthCheck == nil || len(s.HealthCheck.Types) == 0 {
		return nil
	}
	checks := append(asStrings(s.HealthCheck.Types), healthCheckEC2)
	slices.Sort(checks)
	return slices.Compact(checks)
}

// checkTypes is how AWS takes types of health checks: EC2 is named when there is no other.
func checkTypes(checks []string) string {
	others := slices.DeleteFunc(slices.Clone(checks), func(check string) bool { return check == healthCheckEC2 })
	if len(others) == 0 {
		return healthCheckEC2
	}
	return strings.Join(others, ",")
}

var timings = []setting{
	whole("defaultCooldownSeconds", func(s *spec) *int32 { return s.DefaultCooldownSeconds },
		func(g *live) *int32 { return g.DefaultCooldown }, func(u *update) **int32 { return &u.DefaultCooldown }, defaultCooldown),
	{ // to have none is not the same as 0
		field: "defaultInstanceWarmupSeconds",
		declared: func(s *spec) (string, bool) {
			return warmup(s.DefaultInstanceWarmupSeconds), s.DefaultInstanceWarmupSeconds != nil
		},
		live:    func(g *live) string { return warmup(g.DefaultInstanceWarmup) },
		write:   func(s *spec, u *update) { u.DefaultInstanceWarmup = s.DefaultInstanceWarmupSeconds },
		initial: always(""),
		reset:   func(_ *live, u *update) { u.DefaultInstanceWarmup = aws.Int32(noWarmup) },
	},
	whole("maxInstanceLifetimeSeconds", func(s *spec) *int32 { return s.MaxInstanceLifetimeSeconds },
		func(g *live) *int32 { return g.MaxInstanceLifetime }, func(u *update) **int32 { return &u.MaxInstanceLifetime }, 0),
}

func warmup(value *int32) string {
	if value == nil || *value == noWarmup {
		return ""
	}
	return number(value)
}

var instances = []setting{
	word("placementGroup", func(s *spec) string { return s.PlacementGroup }, func(g *live) string { return aws.ToString(g.PlacementGroup) },
		func(u *update, value string) { u.PlacementGroup = &value }, always("")),
	{
		field: "terminationPolicies",
		declared: func(s *spec) (string, bool) {
			return strings.Join(asStrings(s.TerminationPolicies), ", "), len(s.TerminationPolicies) > 0
		},
		live:    func(g *live) string { return cmp.Or(strings.Join(g.TerminationPolicies, ", "), defaultPolicy) },
		write:   func(s *spec, u *update) { u.TerminationPolicies = asStrings(s.TerminationPolicies) },
		initial: always(defaultPolicy),
		reset:   func(_ *live, u *update) { u.TerminationPolicies = []string{defaultPolicy} },
	},
	flag(fieldProtection, func(s *spec) *bool { return s.NewInstancesProtectedFromScaleIn },
		func(g *live) *bool { return g.NewInstancesProtectedFromScaleIn }, func(u *update) **bool { return &u.NewInstancesProtectedFromScaleIn }),
	flag("capacityRebalance", func(s *spec) *bool { return s.CapacityRebalance },
		func(g *live) *bool { return g.CapacityRebalance }, func(u *update) **bool { return &u.CapacityRebalance }),
	{
		field: "instanceMaintenancePolicy",
		declared: func(s *spec) (string, bool) {
			if s.InstanceMaintenancePolicy == nil {
				return "", false
			}
			return maintenance(s.InstanceMaintenancePolicy.MinHealthyPercentage, s.InstanceMaintenancePolicy.MaxHealthyPercentage), true
		},
		live: func(g *live) string {
			if p := g.InstanceMaintenancePolicy; p != nil && aws.ToInt32(p.MaxHealthyPercentage) > 0 {
				return maintenance(aws.ToInt32(p.MinHealthyPercentage), aws.ToInt32(p.MaxHealthyPercentage))
			}
			return ""
		},
		write: func(s *spec, u *update) {
			u.InstanceMaintenancePolicy = &types.InstanceMaintenancePolicy{
				MinHealthyPercentage: &s.InstanceMaintenancePolicy.MinHealthyPercentage, MaxHealthyPercentage: &s.InstanceMaintenancePolicy.MaxHealthyPercentage,
			}
		},
		initial: always(""),
		reset: func(_ *live, u *update) {
			u.InstanceMaintenancePolicy = &types.InstanceMaintenancePolicy{MinHealthyPercentage: aws.Int32(noMaintenance), MaxHealthyPercentage: aws.Int32(noMaintenance)}
		},
	},
	word("instanceLifecyclePolicy.terminateHookAbandon", func(s *spec) string {
		if s.InstanceLifecyclePolicy == nil {
			return ""
		}
		return s.InstanceLifecyclePolicy.TerminateHookAbandon
	}, func(g *live) string {
		if p := g.InstanceLifecyclePolicy; p != nil && p.RetentionTriggers != nil {
			return cmp.Or(string(p.RetentionTriggers.TerminateHookAbandon), string(types.RetentionActionTerminate))
		}
		return string(types.RetentionActionTerminate)
	}, func(u *update, value string) {
		u.InstanceLifecyclePolicy = &types.InstanceLifecyclePolicy{RetentionTriggers: &types.RetentionTriggers{TerminateHookAbandon: types.RetentionAction(value)}}
	}, always(string(types.RetentionActionTerminate))),
}

func maintenance(least, most int32) string { return fmt.Sprintf("%d%% to %d%%", least, most) }
