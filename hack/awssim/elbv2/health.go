package elbv2

import (
	"errors"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// SetTargetHealth is what probing a target has found: it decides from then on,
// until the target is registered anew or its group comes into other use. A
// reason and a description are for unhealthy ones. Targets that drain, are not
// there, or are in a group that no load balancer uses, are left as they are.
func (s *Service) SetTargetHealth(targetGroupARN string, id string, port int32, healthy bool,
	reason types.TargetHealthReasonEnum, description string) {
	found := report{Healthy: healthy, Reason: reason, Description: description}
	s.editTarget(targetGroupARN, id, port, func(g *group, t *target) bool {
		if g.UsedBy == "" || !t.DrainedAt.IsZero() || t.Reported != nil && *t.Reported == found {
			return false
		}
		t.Reported = &found
		return true
	})
}

// EndDraining is what whoever forwards traffic tells of a target that drains
// and has no connection left: it is gone then.
func (s *Service) EndDraining(targetGroupARN string, id string, port int32) {
	now := s.env.Clock.Now().UTC()
	s.editTarget(targetGroupARN, id, port, func(_ *group, t *target) bool {
		if !t.DrainedAt.After(now) {
			return false
		}
		t.DrainedAt = now
		return true
	})
}

// errUnchanged keeps a state that an edit has left as it is.
var errUnchanged = errors.New("nothing has changed")

// editTarget publishes what edit makes of the targets with an id and a port, of
// which there may be one for each zone, if it says that it made something.
func (s *Service) editTarget(arn, id string, port int32, edit func(*group, *target) bool) {
	err := s.store.Change(func(before *content) (*content, error) {
		former, ok := before.groups[arn]
		if !ok {
			return nil, errUnchanged
		}
		next := before.draft()
		g := change(next.groups, former)
		g.Targets = slices.Clone(former.Targets)
		edited := false
		for i := range g.Targets {
			if t := &g.Targets[i]; t.ID == id && t.Port == port {
				edited = edit(g, t) || edited
			}
		}
		if !edited {
			return nil, errUnchanged
		}
		return s.settled(next), nil
	})
	if err == nil {
		s.changed()
	}
}

// health tells how a target is.
func (s *Service) health(c *content, g *group, t *target, now time.Time) types.TargetHealth {
	b := c.balancers[g.UsedBy]
	switch {
	case !t.DrainedAt.IsZero():
		return state(types.TargetHealthStateEnumDraining, types.TargetHealthReasonEnumDeregistrationInProgress,
			"Target deregistration is in progress")
	case b == nil:
		return state(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotInUse,
			"Target group is not configured to receive traffic from the load balancer")
	case !b.enabled(t.Zone):
		return state(types.TargetHealthStateEnumUnused, types.TargetHealthReasonEnumNotInUse,
			"Target is in an Availability Zone that is not enabled for the load balancer")
	case !aws.ToBool(g.Settings.HealthCheckEnabled):
		return state(types.TargetHealthStateEnumUnavailable, types.TargetHealthReasonEnumHealthCheckDisabled,
			"Health checks are not enabled for the target group")
	case t.Reported != nil && t.Reported.Healthy:
		return types.TargetHealth{State: types.TargetHealthStateEnumHealthy}
	case t.Reported != nil:
		return state(types.TargetHealthStateEnumUnhealthy, t.Reported.Reason, t.Reported.Description)
	}
	return s.untold(c, g, t, now)
}

// untold is how a target is that nothing was reported of.
func (s *Service) untold(c *content, g *group, t *target, now time.Time) types.TargetHealth {
	initial := state(types.TargetHealthStateEnumInitial, types.TargetHealthReasonEnumInitialHealthChecking,
		"Initial health checks in progress")
	begun := c.begun(g, t)
	switch {
	case now.Before(begun.Add(t.Wait / 2)):
		return state(types.TargetHealthStateEnumInitial, types.TargetHealthReasonEnumRegistrationInProgress,
			"Target registration is in progress")
	case now.Before(begun.Add(t.Wait)):
		return initial
	}
	shown := Target{ID: t.ID, Port: t.Port, Zone: t.Zone, State: initial.State, Reason: initial.Reason, Registered: t.Registered}
	if (*s.probed.Load())(TargetGroup{TargetGroup: c.describeGroup(g), Attributes: g.attributes()}, shown) {
		return initial
	}
	return types.TargetHealth{State: types.TargetHealthStateEnumHealthy}
}

func state(state types.TargetHealthStateEnum, reason types.TargetHealthReasonEnum, description string) types.TargetHealth {
	return types.TargetHealth{State: state, Reason: reason, Description: aws.String(description)}
}

// enabled tells whether a target's zone is one of the load balancer's. A target
// whose zone nobody said is taken to be in one.
func (b *balancer) enabled(zoneName string) bool {
	return zoneName == "" || zoneName == allZones ||
		slices.ContainsFunc(b.Zones, func(z zone) bool { return z.Name == zoneName })
}

// allZones is the zone of a target that is outside of the VPC.
const allZones = "all"
