package autoscalinggroup

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// fieldDeletionProtection is spoken of when the group is deleted.
const fieldDeletionProtection = "deletionProtection"

// zones are settings about where instances go.
var zones = []setting{
	word("availabilityZoneDistribution", func(s *spec) string {
		if s.AvailabilityZoneDistribution == nil {
			return ""
		}
		return s.AvailabilityZoneDistribution.CapacityDistributionStrategy
	}, func(g *live) string {
		if g.AvailabilityZoneDistribution == nil {
			return string(types.CapacityDistributionStrategyBalancedBestEffort)
		}
		return string(g.AvailabilityZoneDistribution.CapacityDistributionStrategy)
	}, func(u *update, value string) {
		u.AvailabilityZoneDistribution = &types.AvailabilityZoneDistribution{CapacityDistributionStrategy: types.CapacityDistributionStrategy(value)}
	}, always(string(types.CapacityDistributionStrategyBalancedBestEffort))),
	{
		field: "availabilityZoneImpairmentPolicy.zonalShiftEnabled",
		declared: func(s *spec) (string, bool) {
			if s.AvailabilityZoneImpairmentPolicy == nil {
				return "", false
			}
			return strconv.FormatBool(s.AvailabilityZoneImpairmentPolicy.ZonalShiftEnabled), true
		},
		live:    zonalShift,
		write:   writeImpairment,
		initial: always(strconv.FormatBool(false)),
		reset: func(_ *live, u *update) {
			u.AvailabilityZoneImpairmentPolicy = &types.AvailabilityZoneImpairmentPolicy{ZonalShiftEnabled: aws.Bool(false)}
		},
	},
	{ // without zonal shift it means nothing, so that it need not be reset
		field: "availabilityZoneImpairmentPolicy.impairedZoneHealthCheckBehavior",
		declared: func(s *spec) (string, bool) {
			if s.AvailabilityZoneImpairmentPolicy == nil {
				return "", false
			}
			value := s.AvailabilityZoneImpairmentPolicy.ImpairedZoneHealthCheckBehavior
			return value, value != ""
		},
		live: func(g *live) string {
			if g.AvailabilityZoneImpairmentPolicy == nil {
				return ""
			}
			return string(g.AvailabilityZoneImpairmentPolicy.ImpairedZoneHealthCheckBehavior)
		},
		write: writeImpairment,
	},
	{
		field: "capacityReservation",
		declared: func(s *spec) (string, bool) {
			if s.CapacityReservation == nil {
				return "", false
			}
			r := s.CapacityReservation
			return reservation(r.Preference, asStrings(r.IDs), asStrings(r.ResourceGroupARNs)), true
		},
		live: func(g *live) string {
			r := g.CapacityReservationSpecification
			if r == nil {
				return string(types.CapacityReservationPreferenceDefault)
			}
			target := r.CapacityReservationTarget
			if target == nil {
				target = &types.CapacityReservationTarget{}
			}
			return reservation(cmp.Or(string(r.CapacityReservationPreference), string(types.CapacityReservationPreferenceDefault)),
				target.CapacityReservationIds, target.CapacityReservationResourceGroupArns)
		},
		write:   writeReservation,
		initial: always(string(types.CapacityReservationPreferenceDefault)),
		reset: func(_ *live, u *update) {
			u.CapacityReservationSpecification = &types.CapacityReservationSpecification{CapacityReservationPreference: types.CapacityReservationPreferenceDefault}
		},
	},
}

func zonalShift(g *live) string {
	if g.AvailabilityZoneImpairmentPolicy == nil {
		return strconv.FormatBool(false)
	}
	return strconv.FormatBool(aws.ToBool(g.AvailabilityZoneImpairmentPolicy.ZonalShiftEnabled))
}

func writeImpairment(s *spec, u *update) {
	p := s.AvailabilityZoneImpairmentPolicy
	u.AvailabilityZoneImpairmentPolicy = &types.AvailabilityZoneImpairmentPolicy{
		ZonalShiftEnabled: &p.ZonalShiftEnabled, ImpairedZoneHealthCheckBehavior: types.ImpairedZoneHealthCheckBehavior(p.ImpairedZoneHealthCheckBehavior),
	}
	u.SkipZonalShiftValidation = p.SkipZonalShiftValidation
}

func reservation(preference string, ids, groups []string) string {
	return strings.Join(append([]string{preference}, sorted(append(append([]string{}, ids...), groups...))...), ", ")
}

func writeReservation(s *spec, u *update) {
	r := s.CapacityReservation
	u.CapacityReservationSpecification = &types.CapacityReservationSpecification{CapacityReservationPreference: types.CapacityReservationPreference(r.Preference)}
	if len(r.IDs)+len(r.ResourceGroupARNs) > 0 {
		u.CapacityReservationSpecification.CapacityReservationTarget = &types.CapacityReservationTarget{
			CapacityReservationIds: asStrings(r.IDs), CapacityReservationResourceGroupArns: asStrings(r.ResourceGroupARNs),
		}
	}
}

// guards are settings about who may do what.
var guards = []setting{
	word(fieldDeletionProtection, func(s *spec) string { return s.DeletionProtection }, func(g *live) string { return deletionProtection(g) },
		func(u *update, value string) { u.DeletionProtection = types.DeletionProtection(value) }, always(string(types.DeletionProtectionNone))),
	word("serviceLinkedRoleARN", func(s *spec) string { return s.ServiceLinkedRoleARN }, func(g *live) string { return aws.ToString(g.ServiceLinkedRoleARN) },
		func(u *update, value string) { u.ServiceLinkedRoleARN = &value }, defaultRole),
}

func deletionProtection(g *live) string {
	return cmp.Or(string(g.DeletionProtection), string(types.DeletionProtectionNone))
}

// defaultRole is the ARN of the role that AWS makes in the account of a group by itself.
func defaultRole(g *live) string {
	const partition, account, parts = 1, 4, 6
	arn := strings.SplitN(aws.ToString(g.AutoScalingGroupARN), ":", parts)
	if len(arn) < parts { // AWS does not show the group yet
		return aws.ToString(g.ServiceLinkedRoleARN)
	}
	return "arn:" + arn[partition] + ":iam::" + arn[account] + ":role/aws-service-role/autoscaling.amazonaws.com/" + defaultServiceRole
}
