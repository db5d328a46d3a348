package autoscaling

import (
	"errors"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// errUnchanged keeps a state that a turn has left as it is.
var errUnchanged = errors.New("nothing has changed")

// turn is one look at a group: what is due is done to a copy of it.
type turn struct {
	*group
	content  *content
	service  *Service
	needs    *Needs
	now      time.Time
	breaches []breach
}

// touched has the groups that a write changed looked at soon.
func (s *Service) touched(former, latter *content) {
	s.schedule.Lock()
	defer s.schedule.Unlock()
	reaction := s.env.Random.Draw(s.env.Timing.AutoScaling.Reaction)
	for key, g := range latter.groups {
		if former.groups[key] != g {
			s.plan(key, s.env.Clock.Now().Add(reaction))
		}
	}
	s.sleep()
}

// plan has a group looked at no later than at a time. The caller holds schedule.
func (s *Service) plan(key string, at time.Time) {
	if former, ok := s.due[key]; !ok || at.Before(former) {
		s.due[key] = at
	}
}

// rescheduled looks at all groups of a new state.
func (s *Service) rescheduled() {
	s.schedule.Lock()
	defer s.schedule.Unlock()
	clear(s.due)
	s.breaches = nil
	for key := range s.store.Now().groups {
		s.due[key] = s.env.Clock.Now()
	}
	s.sleep()
}

// sleep waits for the next group that is due. The caller holds schedule.
func (s *Service) sleep() {
	s.stop()
	s.stop = func() {}
	if s.stopped || len(s.due) == 0 && len(s.breaches) == 0 {
		return
	}
	now := s.env.Clock.Now()
	first := now
	if len(s.breaches) == 0 {
		first = slices.MinFunc(slices.Collect(maps.Values(s.due)), time.Time.Compare)
	}
	s.stop = s.env.Clock.AfterFunc(max(0, first.Sub(now)), s.tick)
}

// tick looks at the groups that are due.
func (s *Service) tick() {
	keys, breaches := s.takeDue()
	if len(keys) == 0 {
		return
	}
	now := s.now()
	var latter *content
	err := s.store.Change(func(before *content) (*content, error) {
		next, changed := before.draft(), false
		for _, key := range keys {
			former := before.groups[key]
			if former == nil {
				continue
			}
			t := &turn{group: former.clone(), content: next, service: s, needs: &s.needs, now: now, breaches: breaches}
			ended := t.run()
			switch {
			case ended:
				delete(next.groups, key)
				next.gone[key] = t.Activities
				changed = true
			case !reflect.DeepEqual(t.group, former):
				next.groups[key] = t.group
				changed = true
			}
		}
		latter = next
		if !changed {
			return nil, errUnchanged
		}
		return next, nil
	})
	s.planned(keys, latter)
	if err == nil {
		s.env.Changed()
	}
}

// takeDue takes the groups that are due off the schedule, all when alarms have told something.
func (s *Service) takeDue() ([]string, []breach) {
	s.schedule.Lock()
	defer s.schedule.Unlock()
	if s.stopped {
		return nil, nil
	}
	breaches, now := s.breaches, s.env.Clock.Now()
	s.breaches = nil
	var keys []string
	for key, at := range s.due {
		if !at.After(now) || len(breaches) > 0 {
			keys = append(keys, key)
			delete(s.due, key)
		}
	}
	if len(keys) == 0 {
		s.sleep()
	}
	slices.Sort(keys)
	return keys, breaches
}

func (s *Service) planned(keys []string, c *content) {
	s.schedule.Lock()
	defer s.schedule.Unlock()
	for _, key := range keys {
		if g := c.groups[key]; g != nil {
			if next := g.next(s, s.env.Clock.Now()); !next.IsZero() {
				s.plan(key, next)
			}
		}
	}
	s.sleep()
}

// next is when a group is to be looked at again; the zero time is when it changes.
func (g *group) next(s *Service, now time.Time) time.Time {
	timing := s.env.Timing.AutoScaling
	if g.unsettled() {
		return now.Add(timing.Poll)
	}
	var next time.Time
	sooner := func(at time.Time) {
		if next.IsZero() || at.Before(next) {
			next = at
		}
	}
	if len(g.Instances) > 0 || len(g.Metrics) > 0 || g.WarmPool != nil {
		sooner(now.Add(timing.HealthChecks))
	}
	for _, at := range []time.Time{g.nextScheduled(now), g.nextForecast(now)} {
		if !at.IsZero() {
			sooner(at)
		}
	}
	if g.RetryAt.After(now) {
		sooner(g.RetryAt)
	}
	return next
}

// unsettled tells that something of a group is on its way.
func (g *group) unsettled() bool {
	for i := range g.Instances {
		switch one := &g.Instances[i]; one.State {
		case types.LifecycleStateInService, types.LifecycleStateStandby, types.LifecycleStateWarmedStopped,
			types.LifecycleStateWarmedRunning, types.LifecycleStateWarmedHibernated, types.LifecycleStateTerminatingRetained:
			if one.Leaving || one.Unhealthy {
				return true
			}
		default:
			return true
		}
	}
	if g.Deleting || g.running() != nil || slices.ContainsFunc(g.Sources, func(one source) bool { return one.Removing || !one.Registered }) {
		return true
	}
	staying, desired := g.staying(), *g.Settings.DesiredCapacity
	return staying > desired || staying < desired && g.Suspended["Launch"] == ""
}

// run does what is due and tells whether the group is gone.
func (t *turn) run() bool {
	t.moveSources()
	t.runScheduled()
	t.predict()
	t.runPolicies()
	for i := range t.Instances {
		t.advance(&t.Instances[i])
	}
	t.Instances = slices.DeleteFunc(t.Instances, gone)
	t.checkHealth()
	t.runRefresh()
	t.replaceUnhealthy()
	t.followDesired()
	t.fillWarmPool()
	t.sendMetrics()
	if !t.Deleting {
		return false
	}
	for i := range t.Instances {
		one := &t.Instances[i]
		t.terminate(one, "the AutoScalingGroup is being deleted")
		if t.Forced && one.base() != stateTerminating+proceed {
			t.end(one) // without waiting for hooks and draining that had begun
		}
	}
	t.Instances = slices.DeleteFunc(t.Instances, gone)
	if len(t.Instances) > 0 {
		t.EndsAt = t.now.Add(t.service.env.Random.Draw(t.service.env.Timing.AutoScaling.Deleting))
		return false
	}
	if t.EndsAt.After(t.now) {
		return false
	}
	t.dropAlarms()
	return true
}

// gone tells whether an instance is no longer of its group.
func gone(i instance) bool {
	return i.State == types.LifecycleStateTerminated || i.State == types.LifecycleStateDetached || i.State == types.LifecycleStateWarmedTerminated
}
