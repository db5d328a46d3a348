package autoscaling

import (
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// merge sets what from has of the fields of into, which both point to structs.
// What is absent leaves the former value.
func merge(into, from any) {
	target, given := reflect.ValueOf(into).Elem(), reflect.ValueOf(from).Elem()
	for i := range given.NumField() {
		field := given.Type().Field(i)
		if !field.IsExported() || given.Field(i).IsZero() {
			continue
		}
		if to := target.FieldByName(field.Name); to.IsValid() && to.Type() == field.Type {
			to.Set(given.Field(i))
		}
	}
}

func either[T any](value *T, otherwise T) *T {
	if value == nil {
		return &otherwise
	}
	return value
}

// withDefaults completes the settings of a new group.
func (g *group) withDefaults() {
	s := &g.Settings
	s.DesiredCapacity = either(s.DesiredCapacity, aws.ToInt32(s.MinSize))
	s.DefaultCooldown = either(s.DefaultCooldown, 300)
	s.HealthCheckType = either(s.HealthCheckType, "EC2")
	s.HealthCheckGracePeriod = either(s.HealthCheckGracePeriod, 0)
	s.NewInstancesProtectedFromScaleIn = either(s.NewInstancesProtectedFromScaleIn, false)
	if len(s.TerminationPolicies) == 0 {
		s.TerminationPolicies = []string{"Default"}
	}
	s.ServiceLinkedRoleARN = either(s.ServiceLinkedRoleARN,
		"arn:aws:iam::"+g.Account+":role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling")
	if s.DeletionProtection == "" {
		s.DeletionProtection = types.DeletionProtectionNone
	}
	if s.AvailabilityZoneDistribution == nil || s.AvailabilityZoneDistribution.CapacityDistributionStrategy == "" {
		s.AvailabilityZoneDistribution = &types.AvailabilityZoneDistribution{CapacityDistributionStrategy: types.CapacityDistributionStrategyBalancedBestEffort}
	}
	if s.CapacityReservationSpecification == nil {
		s.CapacityReservationSpecification = &types.CapacityReservationSpecification{CapacityReservationPreference: types.CapacityReservationPreferenceDefault}
	}
	impaired := types.AvailabilityZoneImpairmentPolicy{}
	if s.AvailabilityZoneImpairmentPolicy != nil {
		impaired = *s.AvailabilityZoneImpairmentPolicy
	}
	impaired.ZonalShiftEnabled = either(impaired.ZonalShiftEnabled, false)
	s.AvailabilityZoneImpairmentPolicy = &impaired
}

// cleared removes what a value stands for that means none.
func (g *group) cleared() {
	s := &g.Settings
	if aws.ToInt32(s.DefaultInstanceWarmup) == -1 {
		s.DefaultInstanceWarmup = nil
	}
	if p := s.InstanceMaintenancePolicy; p != nil && aws.ToInt32(p.MinHealthyPercentage) == -1 && aws.ToInt32(p.MaxHealthyPercentage) == -1 {
		s.InstanceMaintenancePolicy = nil
	}
	if text(s.PlacementGroup) == "" {
		s.PlacementGroup = nil
	}
	if aws.ToInt32(s.MaxInstanceLifetime) == 0 {
		s.MaxInstanceLifetime = nil
	}
	if text(s.VPCZoneIdentifier) == "" {
		s.VPCZoneIdentifier = nil
	}
	if text(s.DesiredCapacityType) == "" {
		s.DesiredCapacityType = nil
	}
	if text(s.Context) == "" {
		s.Context = nil
	}
}

// checkShapes tells what breaks the API model's constraints.
func checkShapes(s *settings) error {
	var v frame.Violations
	frame.Between(&v, s.MinSize, "minSize", 0, 10000)
	frame.Between(&v, s.MaxSize, "maxSize", 0, 10000)
	frame.Enum(&v, s.DeletionProtection, "deletionProtection", s.DeletionProtection.Values())
	v.Length(s.VPCZoneIdentifier, "vPCZoneIdentifier", 1, 5000)
	v.Length(s.PlacementGroup, "placementGroup", 1, 255)
	v.Length(s.Context, "context", 1, 255)
	if d := s.AvailabilityZoneDistribution; d != nil {
		frame.Enum(&v, d.CapacityDistributionStrategy, "availabilityZoneDistribution.capacityDistributionStrategy", d.CapacityDistributionStrategy.Values())
	}
	if p := s.AvailabilityZoneImpairmentPolicy; p != nil {
		frame.Enum(&v, p.ImpairedZoneHealthCheckBehavior, "availabilityZoneImpairmentPolicy.impairedZoneHealthCheckBehavior", p.ImpairedZoneHealthCheckBehavior.Values())
	}
	if c := s.CapacityReservationSpecification; c != nil {
		frame.Enum(&v, c.CapacityReservationPreference, "capacityReservationSpecification.capacityReservationPreference", c.CapacityReservationPreference.Values())
	}
	if p := s.InstanceLifecyclePolicy; p != nil && p.RetentionTriggers != nil {
		frame.Enum(&v, p.RetentionTriggers.TerminateHookAbandon, "instanceLifecyclePolicy.retentionTriggers.terminateHookAbandon",
			p.RetentionTriggers.TerminateHookAbandon.Values())
	}
	if p := s.InstanceMaintenancePolicy; p != nil {
		frame.Between(&v, p.MinHealthyPercentage, "instanceMaintenancePolicy.minHealthyPercentage", -1, 100)
		frame.Between(&v, p.MaxHealthyPercentage, "instanceMaintenancePolicy.maxHealthyPercentage", -1, 200)
	}
	return v.Err(validationError)
}

// checkSettings tells what is wrong with the settings of a group.
func (w *write) checkSettings(g *group) error {
	s := &g.Settings
	least, most, desired := aws.ToInt32(s.MinSize), aws.ToInt32(s.MaxSize), aws.ToInt32(s.DesiredCapacity)
	switch {
	case least > most:
		return invalid("Max bound, %d, must be greater than or equal to min bound, %d", most, least)
	case desired < least || desired > most:
		return invalid("Desired capacity:%d must be between the specified min size:%d and max size:%d", desired, least, most)
	case aws.ToInt32(s.DefaultCooldown) < 0:
		return invalid("Default cooldown must be greater than or equal to 0")
	case aws.ToInt32(s.HealthCheckGracePeriod) < 0:
		return invalid("Health check grace period must be greater than or equal to 0")
	case aws.ToInt32(s.DefaultInstanceWarmup) < 0:
		return invalid("DefaultInstanceWarmup must be greater than or equal to 0, or -1 to remove it")
	case s.MaxInstanceLifetime != nil && *s.MaxInstanceLifetime < 86400:
		return invalid("Valid values for MaxInstanceLifetime are 0 or at least 86400 seconds")
	}
	if err := checkMaintenance(s.InstanceMaintenancePolicy); err != nil {
		return err
	}
	if err := checkWords(s); err != nil {
		return err
	}
	if err := w.checkPlaces(g); err != nil {
		return err
	}
	if err := w.checkLaunchSource(g); err != nil || g.WarmPool == nil {
		return err
	}
	return w.checkPoolSource(g)
}

func checkMaintenance(p *types.InstanceMaintenancePolicy) error {
	switch {
	case p == nil:
		return nil
	case p.MinHealthyPercentage == nil || p.MaxHealthyPercentage == nil:
		return invalid("You must specify both MinHealthyPercentage and MaxHealthyPercentage in the instance maintenance policy")
	case *p.MinHealthyPercentage < 0 || *p.MaxHealthyPercentage < 100:
		return invalid("The MinHealthyPercentage must be between 0 and 100 and the MaxHealthyPercentage between 100 and 200, or both -1")
	case *p.MaxHealthyPercentage-*p.MinHealthyPercentage > 100:
		return invalid("The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be greater than 100")
	}
	return nil
}

var terminationPolicies = []string{
	"AllocationStrategy", "ClosestToNextInstanceHour", "Default", "NewestInstance", "OldestInstance", "OldestLaunchConfiguration", "OldestLaunchTemplate",
}

func checkWords(s *settings) error {
	for _, one := range strings.Split(text(s.HealthCheckType), ",") {
		if !slices.Contains([]string{"EC2", "EBS", "ELB", "VPC_LATTICE"}, strings.TrimSpace(one)) {
			return invalid("Invalid HealthCheckType - %s. Valid values: EC2, EBS, ELB, VPC_LATTICE", one)
		}
	}
	for _, one := range s.TerminationPolicies {
		if !slices.Contains(terminationPolicies, one) && !strings.HasPrefix(one, "arn:aws:lambda:") {
			return invalid("Invalid termination policy: %s", one)
		}
	}
	switch text(s.DesiredCapacityType) {
	case "", "units":
		return nil
	case "vcpu", "memory-mib":
		if requirementsOf(s.MixedInstancesPolicy) == nil {
			return invalid("DesiredCapacityType %s is only supported with attribute-based instance type selection", *s.DesiredCapacityType)
		}
		return nil
	}
	return invalid("DesiredCapacityType must be one of units, vcpu, memory-mib")
}

// checkPlaces checks the subnets and zones of a group, and completes the zones.
func (w *write) checkPlaces(g *group) error {
	s := &g.Settings
	subnets := splitList(text(s.VPCZoneIdentifier))
	if len(subnets) == 0 && len(s.AvailabilityZones) == 0 && len(s.AvailabilityZoneIds) == 0 {
		return invalid("At least one Availability Zone or VPC Subnet is required.")
	}
	if len(subnets) == 0 {
		for _, zone := range s.AvailabilityZones {
			if _, ok := w.service.needs.Network.DefaultSubnet(g.Account, g.Region, zone); !ok {
				return invalid("Invalid availability zones: [%s]", zone)
			}
		}
		if len(s.AvailabilityZones) == 0 {
			return invalid("The Availability Zone IDs need subnets in a VPC: specify VPCZoneIdentifier")
		}
		return nil
	}
	var zones, ids []string
	vpc := ""
	for _, id := range subnets {
		subnet, ok := w.service.needs.Network.Subnet(g.Account, g.Region, id)
		switch {
		case !ok:
			return invalid("The subnet ID '%s' does not exist", id)
		case vpc != "" && subnet.VpcID != vpc:
			return invalid("The subnets %s must be in the same VPC", strings.Join(subnets, ","))
		}
		vpc = subnet.VpcID
		zones, ids = append(zones, subnet.Zone), append(ids, subnet.ZoneID)
	}
	if w.disagree(s.AvailabilityZones, zones) || w.disagree(s.AvailabilityZoneIds, ids) {
		return invalid("The availability zones of the specified subnets and the AutoScalingGroup do not match")
	}
	slices.Sort(zones)
	slices.Sort(ids)
	s.AvailabilityZones, s.AvailabilityZoneIds = slices.Compact(zones), slices.Compact(ids)
	return nil
}

func (w *write) disagree(given, derived []string) bool {
	if len(given) == 0 {
		return false
	}
	for _, one := range derived {
		if !slices.Contains(given, one) {
			return true
		}
	}
	return slices.ContainsFunc(given, func(one string) bool { return !slices.Contains(derived, one) })
}

// splitList reads a list with commas.
func splitList(s string) []string {
	var parts []string
	for part := range strings.SplitSeq(s, ",") {
		if part = strings.TrimSpace(part); part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}
