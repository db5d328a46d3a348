package autoscaling

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// savedState is the state as JSON; what is of the SDK has the SDK's fields.
type savedState struct {
	Groups         []*group                    `json:"groups"`
	Configurations []*configuration            `json:"launchConfigurations"`
	Gone           map[string][]types.Activity `json:"activitiesOfDeletedGroups,omitempty"`
}

// State is everything, in a fixed order.
func (s *Service) State() any {
	c := s.store.Now()
	saved := savedState{Groups: []*group{}, Configurations: []*configuration{}, Gone: c.gone}
	for _, key := range slices.Sorted(maps.Keys(c.groups)) {
		saved.Groups = append(saved.Groups, c.groups[key])
	}
	for _, key := range slices.Sorted(maps.Keys(c.configurations)) {
		saved.Configurations = append(saved.Configurations, c.configurations[key])
	}
	return saved
}

// Load replaces everything by what State gave.
func (s *Service) Load(raw json.RawMessage) error {
	var saved savedState
	if err := frame.StrictJSON(raw, &saved); err != nil {
		return err
	}
	next := emptyContent()
	for _, g := range saved.Groups {
		if g == nil || g.Account == "" || g.Region == "" || g.Name == "" || g.Settings.MinSize == nil || g.Settings.MaxSize == nil || g.Settings.DesiredCapacity == nil {
			return fmt.Errorf(`a group needs "account", "region", "name" and its sizes`)
		}
		if next.groups[g.key()] != nil {
			return fmt.Errorf("group %q is there twice", g.Name)
		}
		next.groups[g.key()] = g
	}
	for _, one := range saved.Configurations {
		if one == nil || one.LaunchConfigurationName == nil {
			return fmt.Errorf("a launch configuration has no name")
		}
		next.configurations[keyOf(one.Account, one.Region, *one.LaunchConfigurationName)] = one
	}
	if saved.Gone != nil {
		next.gone = saved.Gone
	}
	s.store.Replace(next)
	s.rescheduled()
	s.env.Changed()
	return nil
}
