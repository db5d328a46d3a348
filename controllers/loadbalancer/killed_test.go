package loadbalancer

import (
	"context"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/internal/simulated"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// writes counts the calls that change AWS which something makes, by operation.
func (w *world) writes(do func()) map[string]int {
	return simulated.Calls(w.sim, simulated.IsWrite, do)
}

// reads counts the calls that only read which something makes.
func (w *world) reads(do func()) int {
	n := 0
	for _, count := range simulated.Calls(w.sim, simulated.IsRead, do) {
		n += count
	}
	return n
}

// killAt makes the process die before or after the nth call that changes AWS, from now on; it counts n down.
func (w *world) killAt(n *int, phase awssim.Phase, cancel context.CancelFunc) {
	w.sim.SetHook(func(call awssim.Call) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.dead {
			call.Abort()
			return
		}
		if !simulated.IsWrite(call.Operation) || call.Phase != phase {
			return
		}
		if *n--; *n == 0 {
			w.dead = true
			call.Abort()
			cancel()
		}
	})
}

// settleKilled reconciles like settle, with a process that dies at the nth call that changes AWS; it returns whether
// one died. A new one goes on.
func (w *world) settleKilled(ctx context.Context, n int, phase awssim.Phase) bool {
	GinkgoHelper()
	died := false
	for range mostTurns {
		mortal, cancel := context.WithCancel(ctx)
		if !died {
			w.killAt(&n, phase, cancel)
		}
		result, err := w.turn(mortal)
		cancel()
		if w.isDead() {
			died = true
			w.restart()
			continue
		}
		if err == nil && isReady(w.live(ctx)) && result.RequeueAfter > time.Minute {
			w.sim.SetHook(nil)
			return died
		}
		time.Sleep(moment)
	}
	Fail("it does not settle:\n" + simulated.Conditions(w.live(ctx)))
	return false
}

// vanish takes the object and all of AWS away.
func (w *world) vanish(ctx context.Context) {
	GinkgoHelper()
	live := w.live(ctx)
	live.Finalizers = nil
	Expect(w.store.Update(ctx, live)).To(Succeed())
	Expect(w.store.Delete(ctx, live)).To(Succeed())
	w.sim.Reset()
	w.restart()
}

// goneKilled reconciles until the object is gone, with a process that dies at the nth call that changes AWS; it returns
// whether one died.
func (w *world) goneKilled(ctx context.Context, n int, phase awssim.Phase) bool {
	GinkgoHelper()
	died := false
	for range mostTurns {
		mortal, cancel := context.WithCancel(ctx)
		if !died {
			w.killAt(&n, phase, cancel)
		}
		_, _ = w.turn(mortal)
		cancel()
		if w.isDead() {
			died = true
			w.restart()
		}
		if apierrors.IsNotFound(w.store.Get(ctx, client.ObjectKeyFromObject(w.obj), &v1alpha1.LoadBalancer{})) {
			w.sim.SetHook(nil)
			return died
		}
		time.Sleep(moment)
	}
	Fail("it does not go:\n" + simulated.Conditions(w.live(ctx)))
	return false
}
