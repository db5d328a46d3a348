package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
)

// deed is something that goes wrong, or that somebody does.
type deed struct {
	name string
	// weight is how often it is done, beside the others.
	weight int
	do     func(*soak, context.Context) error
	// early deeds are not done in the last third, so that a controller gets old enough to show whether it grows.
	early bool
}

var deeds = []deed{
	{name: "edit", weight: 12, do: (*soak).edit},
	{name: "delete", weight: 2, do: (*soak).remove},
	{name: "apply again", weight: 4, do: func(s *soak, ctx context.Context) error { _, err := s.restore(ctx); return err }},
	{name: "foreign edit", weight: 6, do: (*soak).interfere},
	{name: "AWS fault", weight: 6, do: (*soak).breakAWS},
	{name: "instance death", weight: 2, do: (*soak).killInstance},
	{name: "zone outage", weight: 1, do: (*soak).failZone},
	{name: "controller death", weight: 1, do: (*soak).killReplica, early: true},
	{name: "controller frozen", weight: 1, do: (*soak).freezeLeader, early: true},
	{name: "API server away", weight: 1, do: (*soak).shutGate, early: true},
	{name: "API server away for a moment", weight: 1, do: (*soak).shutGateBriefly},
}

// rage does deeds until the time is over.
func (s *soak) rage(ctx context.Context) error {
	begin := time.Now()
	for n := uint64(0); ; n++ {
		passed := time.Since(begin)
		if passed >= s.settings.duration {
			return nil
		}
		// Each deed has a source of its own, so that what one met does not change the next.
		s.random = rand.New(rand.NewPCG(s.settings.seed, firstDeed+n))
		d, noted := pick(s.random, drawn), len(s.said)
		pause := between(s.random, 20*time.Millisecond, 700*time.Millisecond)
		if !d.early || passed < s.settings.duration*2/3 {
			if err := d.do(s, ctx); err != nil {
				return fmt.Errorf("deed %d, %s: %w", n, d.name, err)
			}
		}
		if len(s.said) > noted { // it found somebody to do it to
			s.done[d.name]++
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(pause):
		}
		s.setRight()
	}
}

// firstDeed keeps the sources of deeds apart from that of all else.
const firstDeed = 1000

// drawn has each deed as often as it weighs.
var drawn = func() (all []deed) {
	for _, d := range deeds {
		for range d.weight {
			all = append(all, d)
		}
	}
	return all
}()

func between(r *rand.Rand, least, most time.Duration) time.Duration {
	return least + time.Duration(r.Int64N(int64(most-least)))
}

// setRight undoes what is due.
func (s *soak) setRight() {
	var later []pending
	for _, p := range s.undo {
		if time.Now().Before(p.at) {
			later = append(later, p)
			continue
		}
		p.do()
	}
	s.undo = later
}

func (s *soak) later(after time.Duration, do func()) {
	s.undo = append(s.undo, pending{time.Now().Add(after), do})
}

// edit changes something in a manifest and applies it.
func (s *soak) edit(ctx context.Context) error {
	t := pick(s.random, s.things())
	if *t.absent() || !turnable(t) {
		return nil
	}
	s.note("the user edits %s: %s", called(t), t.turn(s.random))
	return s.apply(ctx, t)
}

// turnable reports whether there is anything to edit.
func turnable(t declared) bool {
	record, ok := t.(interface{ turnable() bool })
	return !ok || record.turnable()
}

func (t *thing[T]) turnable() bool { return len(t.knobs) > 0 }

// remove deletes things, together with those that would keep them from going.
func (s *soak) remove(ctx context.Context) error {
	a := pick(s.random, s.apps)
	var chosen []declared
	switch s.random.IntN(5) {
	case 0:
		chosen = []declared{a.group}
	case 1:
		chosen = []declared{a.lb, a.group}
	case 2:
		chosen = a.things()
	default:
		chosen = []declared{pick(s.random, a.records)}
	}
	s.random.Shuffle(len(chosen), func(i, j int) { chosen[i], chosen[j] = chosen[j], chosen[i] })
	for _, t := range chosen {
		if *t.absent() {
			continue
		}
		s.note("the user deletes %s", called(t))
		if err := s.user.Delete(ctx, t.manifest()); err != nil && !apierrors.IsNotFound(err) {
			return err
		}
		*t.absent() = true
	}
	return nil
}

// breakAWS has calls fail, for a while or a few times.
func (s *soak) breakAWS(context.Context) error {
	fault := awssim.Fault{
		Service:   pick(s.random, []string{"*", "route53", "elasticloadbalancing", "autoscaling", "ec2", "monitoring", "acm", "sts"}),
		Operation: "*",
		Kind:      pick(s.random, []awssim.Kind{awssim.Throttle, awssim.Before500, awssim.After500, awssim.Drop, awssim.SlowDown, awssim.Stale}),
		Count:     1 + s.random.IntN(8), Skip: s.random.IntN(4),
	}
	switch fault.Kind {
	case awssim.SlowDown:
		fault.Milliseconds = 50 + s.random.IntN(1000)
	case awssim.Stale:
		fault.Milliseconds = s.random.IntN(3000)
	}
	s.note("the next %d calls to %s suffer %s", fault.Count, fault.Service, fault.Kind)
	return s.sim.AddFault(fault)
}

// killInstance ends an instance of a group, stops it, or makes it fail its status checks.
func (s *soak) killInstance(context.Context) error {
	var running []string
	for _, instance := range s.sim.Instances() {
		if instance.State == "running" {
			running = append(running, instance.ID)
		}
	}
	if len(running) == 0 {
		return nil
	}
	id := pick(s.random, running)
	switch s.random.IntN(3) {
	case 0:
		s.note("instance %s is stopped", id)
		return s.sim.StopInstance(id)
	case 1:
		s.note("instance %s fails its status checks", id)
		return s.sim.DisturbInstance(id, func(d *ec2.Disturbance) { d.Impaired = true })
	default:
		s.note("instance %s dies", id)
		return s.sim.KillInstance(id)
	}
}

func (s *soak) failZone(context.Context) error {
	zone := pick(s.random, []string{"us-east-1a", "us-east-1b"})
	span := between(s.random, time.Second, 8*time.Second)
	s.note("zone %s fails for %s", zone, span.Round(time.Millisecond))
	s.later(span, func() {
		// The zone was there when it failed.
		_ = s.sim.FailZone(zone, false)
	})
	return s.sim.FailZone(zone, true)
}

// killReplica ends a replica at once, or as a rollout does.
func (s *soak) killReplica(context.Context) error {
	each := pick(s.random, s.all)
	signal := pick(s.random, []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM})
	s.note("replica %s gets %s", each.name, signal)
	return each.signal(signal)
}

// freezeLeader stops the replica that works for so long that the other takes over, and then lets it go on.
func (s *soak) freezeLeader(ctx context.Context) error {
	each, _, err := s.leader(ctx)
	if err != nil {
		return nil // nobody works just now
	}
	span := between(s.random, time.Second, 25*time.Second)
	s.note("replica %s, which works, is frozen for %s", each.name, span.Round(time.Millisecond))
	s.later(span, func() {
		if err := each.signal(syscall.SIGCONT); err != nil {
			each.fail(err)
		}
	})
	return each.signal(syscall.SIGSTOP)
}

// shutGate takes the API server away from the controllers, mostly for so long that the one that works loses its lease.
func (s *soak) shutGate(context.Context) error {
	return s.shutFor(between(s.random, 500*time.Millisecond, 15*time.Second))
}

// shutGateBriefly takes it away for less than a lease lasts.
func (s *soak) shutGateBriefly(context.Context) error {
	return s.shutFor(between(s.random, 100*time.Millisecond, 3*time.Second))
}

func (s *soak) shutFor(span time.Duration) error {
	s.note("the API server is away for %s", span.Round(time.Millisecond))
	s.gate.setShut(true)
	s.later(span, func() { s.gate.setShut(false) })
	return nil
}

// groupOf finds the group of an object by its ownership tag; nil when there is none.
func groupOf(groups []types.AutoScalingGroup, object string) *types.AutoScalingGroup {
	for i := range groups {
		for _, tag := range groups[i].Tags {
			if *tag.Key == "evenkeel.io/object" && *tag.Value == object {
				return &groups[i]
			}
		}
	}
	return nil
}
