package autoscalinggroup

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	. "github.com/onsi/ginkgo/v2"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// killedUntil reconciles like until, with a process that dies at the nth step, before or after it took effect; it returns
// whether one died. A new one goes on. A step is a call to AWS or a write to the API server: any that changes something
// and, of those that do not, the first of a name since the last change, for to do them again and again comes to the same.
func (f *fleet) killedUntil(ctx context.Context, n int, phase awssim.Phase, so func(*v1alpha1.AutoScalingGroup, ctrl.Result) bool) bool {
	GinkgoHelper()
	died, fatal := false, &death{at: n, phase: phase, seen: map[string]bool{}}
	for range mostTurns {
		mortal, cancel := context.WithCancel(ctx)
		if !died {
			fatal.end = cancel
			f.killAt(fatal)
		}
		result, err := f.turn(mortal)
		cancel()
		f.mu.Lock()
		dead := f.dead
		f.mu.Unlock()
		if dead {
			died = true
			f.restart()
			continue
		}
		if err == nil && so(f.found(ctx), result) {
			f.restart()
			return died
		}
		time.Sleep(cmp.Or(min(result.RequeueAfter, 10*tick), tick))
	}
	Fail("it does not come to that:\n" + conditionLines(f.found(ctx)))
	return false
}

// reading begins the names of operations that change nothing.
const reading = "Describe"

// death is that of a process at a step.
type death struct {
	at     int
	phase  awssim.Phase
	writes int
	seen   map[string]bool
	// end ends what the process is at.
	end context.CancelFunc
}

// due reports whether an operation is the step.
func (d *death) due(operation string, phase awssim.Phase) bool {
	if phase != d.phase {
		return false
	}
	if !strings.HasPrefix(operation, reading) {
		d.writes++
	}
	step := fmt.Sprint(operation, d.writes)
	if d.seen[step] {
		return false
	}
	d.seen[step] = true
	d.at--
	return d.at == 0
}

func (f *fleet) killAt(d *death) {
	f.mu.Lock()
	f.death = d
	f.mu.Unlock()
	f.sim.SetHook(func(call awssim.Call) {
		if f.dies(call.Operation, call.Phase) {
			call.Abort()
		}
	})
}

// dies reports whether the process is dead by the time that it comes to an operation, or dies of it.
func (f *fleet) dies(operation string, phase awssim.Phase) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	if !f.dead && f.death != nil && f.death.due(operation, phase) {
		f.dead = true
		f.death.end()
	}
	return f.dead
}

var errKilled = errors.New("the process is dead")

// statusWrite calls a write of the status by what is remembered with it, and how the object stands: progress is written
// again and again, and is lost without harm.
func (f *fleet) statusWrite(ctx context.Context, obj client.Object) string {
	memory := func(of *v1alpha1.AutoScalingGroup) string {
		if of == nil {
			return ""
		}
		refresh := refreshOf(of)
		ready := meta.FindStatusCondition(of.Status.Conditions, v1alpha1.ConditionReady)
		return fmt.Sprint(refresh.Attempt, refresh.SettledSource, of.Status.ObservedGeneration, ready != nil && ready.Status == metav1.ConditionTrue)
	}
	before, after := memory(f.found(ctx)), memory(obj.(*v1alpha1.AutoScalingGroup))
	if before == after {
		return reading + "NothingNew"
	}
	return "Patch status"
}

// write writes to the API server, unless the process is dead by then.
func (f *fleet) write(operation string, do func() error) error {
	if f.dies(operation, awssim.Before) {
		return errKilled
	}
	err := do()
	if f.dies(operation, awssim.After) {
		return errKilled
	}
	return err
}
