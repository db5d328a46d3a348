package elbv2

import (
	"errors"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// HasTargetGroup tells whether an account has a target group, in a region, that
// takes instances.
func (s *Service) HasTargetGroup(account, region, arn string) bool {
	g, ok := s.now().groups[arn]
	return ok && g.Account == account && g.Region == region && g.Settings.TargetType == types.TargetTypeEnumInstance
}

// RegisterInstance registers an instance on the port of its target group, as
// Auto Scaling does it: without taking tokens of the account.
func (s *Service) RegisterInstance(arn, instanceID, zone string) error {
	err := s.store.Change(func(before *content) (*content, error) {
		former, ok := before.groups[arn]
		if !ok {
			return nil, noGroup(&arn)
		}
		now := s.env.Clock.Now().UTC()
		w := &write{content: before.draft(), service: s, moment: now}
		g := change(w.groups, former)
		g.Targets = former.present(now)
		timing := s.env.Timing.LoadBalancing
		wait := timing.NetworkRegistration
		if g.family() == types.LoadBalancerTypeEnumApplication {
			wait = timing.Registration
		}
		t := target{ID: instanceID, Port: aws.ToInt32(g.Settings.Port), Zone: zone, Registered: now, Wait: s.env.Random.Draw(wait)}
		at, known := g.at(t)
		switch {
		case known && g.Targets[at].DrainedAt.IsZero():
			return nil, errUnchanged
		case known:
			g.Targets[at] = t
		default:
			g.Targets = slices.Insert(g.Targets, at, t)
		}
		if err := w.checkTargetQuota(g); err != nil {
			return nil, err
		}
		return s.settled(w.content), nil
	})
	if err == nil {
		s.changed()
	}
	return ignoreUnchanged(err)
}

// DeregisterInstance begins to drain an instance from all ports of its target group.
func (s *Service) DeregisterInstance(arn, instanceID string) {
	for _, t := range s.targetsOf(arn, instanceID) {
		s.editTarget(arn, t.ID, t.Port, func(g *group, t *target) bool {
			if !t.DrainedAt.IsZero() {
				return false
			}
			w := &write{content: *s.now(), service: s}
			now := s.env.Clock.Now().UTC()
			t.DrainingSince, t.DrainedAt = now, now.Add(w.drainingOf(g))
			return true
		})
	}
}

// InstanceHealth is how the targets of an instance are: the worst of them when
// it has several ports. It is false once none is registered or drains.
func (s *Service) InstanceHealth(arn, instanceID string) (Target, bool) {
	var worst Target
	all := s.targetsOf(arn, instanceID)
	for _, t := range all {
		if worst.ID == "" || worst.State == types.TargetHealthStateEnumHealthy {
			worst = t
		}
	}
	return worst, len(all) > 0
}

func (s *Service) targetsOf(arn, instanceID string) []Target {
	c, now := s.now(), s.env.Clock.Now()
	g, ok := c.groups[arn]
	if !ok {
		return nil
	}
	var found []Target
	for i := range g.Targets {
		t := &g.Targets[i]
		if t.ID != instanceID || t.gone(now) {
			continue
		}
		health := s.health(c, g, t, now)
		found = append(found, Target{
			ID: t.ID, Port: t.Port, Zone: t.Zone, Registered: t.Registered, DrainingSince: t.DrainingSince,
			State: health.State, Reason: health.Reason, Description: aws.ToString(health.Description),
		})
	}
	return found
}

func ignoreUnchanged(err error) error {
	if errors.Is(err, errUnchanged) {
		return nil
	}
	return err
}
