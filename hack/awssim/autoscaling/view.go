package autoscaling

import (
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// Group is a group as it is at the moment of asking. Views are shared: they
// must not be written to.
type Group struct {
	Account, Region string
	// AutoScalingGroup is the group as DescribeAutoScalingGroups gives it.
	types.AutoScalingGroup
	// Warm are the instances of its warm pool.
	Warm []types.Instance
	// Activities are the newest first.
	Activities []types.Activity
}

// Groups lists the groups of all accounts and regions, neither metered nor throttled.
func (s *Service) Groups() []Group {
	c := s.store.Now()
	var shown []Group
	for _, key := range slices.Sorted(maps.Keys(c.groups)) {
		g := c.groups[key]
		shown = append(shown, Group{
			Account: g.Account, Region: g.Region, AutoScalingGroup: g.described(true),
			Warm: g.describedInstances(true), Activities: g.Activities,
		})
	}
	return shown
}
