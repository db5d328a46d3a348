package controllers_test

import (
	"context"
	"fmt"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// crashAndFail tells, of something that a user does, that each call which carries it out may be the last, and may fail
// before and after it took effect.
func crashAndFail(s *Story, calls []string, before, do, expectDone func(context.Context)) {
	prepare := func(ctx context.Context) *Manager {
		m := s.StartManager(ctx)
		before(ctx)
		s.ExpectSettled(ctx)
		return m
	}
	for _, call := range calls {
		crashed[call] = true
		It("the controllers die before and right after "+call, func(ctx context.Context) {
			dieTwice(ctx, s, prepare(ctx), atCall(s, call), do)
			expectDone(ctx)
		})
		for _, faults := range failures {
			It(fmt.Sprintf("%s fails by %s, then by %s", call, faults[0], faults[1]), func(ctx context.Context) {
				prepare(ctx)
				failTwice(ctx, s, call, faults, do, expectDone)
			})
		}
	}
}

// failures are what meets the first and the second try of a call: one that had no effect, and one that had.
var failures = [][2]awssim.Kind{{awssim.Throttle, awssim.After500}, {awssim.Before500, awssim.Drop}}

// failTwice plays an act of which a call fails twice.
func failTwice(ctx context.Context, s *Story, call string, faults [2]awssim.Kind, do, expectDone func(context.Context)) {
	GinkgoHelper()
	for _, fault := range faults {
		s.Fail(call, fault, 1)
	}
	do(ctx)
	expectDone(ctx)
	Expect(s.Sim.Faults()).To(BeEmpty(), "the call was not made so often")
}

// fate says when a manager dies.
type fate func(m *Manager, at Moment)

func atCall(s *Story, call string) fate {
	return func(m *Manager, at Moment) { s.KillAtCall(m, call, at) }
}

func atWrite(step Step, object string) fate {
	return func(m *Manager, at Moment) { m.KillAtWrite(step, at, object) }
}

// dieTwice plays an act in which the manager dies before a call or a write, its successor right after that, and the next
// one lives.
func dieTwice(ctx context.Context, s *Story, first *Manager, dies fate, do func(context.Context)) {
	GinkgoHelper()
	dies(first, Before)
	do(ctx)
	first.ExpectKilled()
	s.StartManager(ctx, ManagerOptions{Fate: func(second *Manager) { dies(second, After) }}).ExpectKilled()
	s.Sim.SetHook(nil)
	s.StartManager(ctx)
}

// madeReady makes an object and waits until it is Ready.
func madeReady[T lifecycle.Object](s *Story, obj *T) func(context.Context) {
	return func(ctx context.Context) {
		GinkgoHelper()
		s.Create(ctx, *obj)
		s.ExpectReady(ctx, *obj)
	}
}

func nothing(context.Context) {}
