package sandbox

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Resync is the resync period of controllers in a world.
const Resync = 5 * time.Minute

// epoch is when every world begins.
var epoch = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// Index adds what a controller needs to be indexed.
type Index func(context.Context, client.FieldIndexer) error

// World is one AWS, one API server and one clock.
type World struct {
	Ctx   context.Context
	Sim   *awssim.Server
	Clock Clock
	// Store is the API server itself, as users reach it.
	Store client.Client
	// Clients are the controllers' way to AWS. They neither retry nor limit themselves: a sequence meets every fault.
	Clients *awsclient.Clients
	// Hand is somebody else's way to Route 53.
	Hand *route53.Client
	// Front stands between everyone and the simulator; the simulator itself unless it is set.
	Front http.Handler
	// Trace, when it is set, is told of every call to AWS and every write to the API server that the controllers make.
	Trace func(what string)
	// Refuse, when it is set, is asked before every write of a controller to the API server; its error is the answer.
	Refuse func(obj client.Object) error

	// mortal is the controllers' way to the API server, which fails once they are dead.
	mortal client.Client
	born   int

	mu sync.Mutex // guards what follows: calls and writes come from several goroutines
	// fuse counts down the controllers' calls and writes; at zero they die, before that one or after it took effect.
	fuse            int
	diesAfter, dead bool
	// writes to the API server and to AWS that the controllers made.
	writes, awsOps int
}

// Clock is a manual clock that Kubernetes knows too.
type Clock struct{ *frame.ManualClock }

// Since returns the time that has passed on the clock.
func (c Clock) Since(t time.Time) time.Duration { return c.Now().Sub(t) }

// New makes a world. The same seed makes the same.
func New(ctx context.Context, seed uint64, indexes ...Index) (*World, error) {
	w := &World{Ctx: ctx, Clock: Clock{frame.NewManualClock(epoch)}, fuse: -1}
	instant, short, none := frame.Exactly(time.Second), frame.Exactly(100*time.Millisecond), frame.Exactly(0)
	var err error
	w.Sim, err = awssim.New(awssim.Options{Profile: awssim.ProfileFast, Limits: awssim.LimitsOff, Clock: w.Clock, Seed: seed,
		Propagation: &instant, Busy: &short, Signing: &instant, Latency: &none})
	if err != nil {
		return nil, err
	}
	w.Front, w.Hand = w.Sim, route53.New(w.options("AKIASOMEBODYELSE"))
	if err := w.openStore(indexes); err != nil {
		return nil, err
	}
	w.Clients, err = awsclient.New(ctx, awsclient.Options{Region: "us-east-1", BatchDelay: time.Nanosecond})
	if err != nil {
		return nil, err
	}
	w.Clients.Route53 = route53.New(w.options("AKIACONTROLLER"))
	w.Sim.SetHook(w.call)
	return w, nil
}

// Close ends the world.
func (w *World) Close() error { return w.Sim.Close() }

// Lifecycle returns what a controller of this life needs: those that share it remember together what they wrote.
func (w *World) Lifecycle(judge lifecycle.Judge) lifecycle.Options {
	return lifecycle.Options{
		Client: w.mortal, Writer: lifecycle.NewWriter(w.mortal, &events.FakeRecorder{}), Resync: Resync, Judge: judge,
	}
}

func (w *World) options(accessKey string) route53.Options {
	return route53.Options{
		Region: "us-east-1", HTTPClient: &http.Client{Transport: wire{w}}, Retryer: aws.NopRetryer{},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: accessKey, SecretAccessKey: "secret"}, nil
		}),
	}
}

// Arm lights the fuse: the controllers die in so many calls and writes, before or after the last of them took effect.
func (w *World) Arm(steps int, after bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fuse, w.diesAfter = steps, after
}

// IsDead reports whether the controllers have died.
func (w *World) IsDead() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.dead
}

// Revive lets calls and writes through again: those of controllers that know nothing of their last life.
func (w *World) Revive() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.dead, w.fuse = false, -1
}

// Counts returns how many writes to the API server and to AWS the controllers made.
func (w *World) Counts() (writes, awsOps int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.writes, w.awsOps
}

var errDead = errors.New("the controller is dead")

// burn takes one step of the fuse and reports whether the controllers die now; called with the lock held.
func (w *World) burn() bool {
	if w.fuse < 0 || w.dead {
		return w.dead
	}
	w.fuse--
	w.dead = w.fuse < 0
	return w.dead
}

// trace tells of a step; called with the lock held.
func (w *World) trace(format string, args ...any) {
	if w.Trace != nil {
		w.Trace(fmt.Sprintf(format, args...))
	}
}

// write passes a write of a controller on to the API server; when it dies, before it or after it.
func (w *World) write(verb string, obj client.Object, do func() error) error {
	w.mu.Lock()
	wasDead := w.dead
	dies := w.burn()
	early := wasDead || dies && !w.diesAfter
	w.trace("  %s %T %s", verb, obj, obj.GetName())
	if dies && !wasDead {
		w.trace("  and dies, after that took effect: %t", w.diesAfter)
	}
	w.writes++
	w.mu.Unlock()
	if early {
		return errDead
	}
	if w.Refuse != nil {
		if err := w.Refuse(obj); err != nil {
			return err
		}
	}
	if err := do(); err != nil {
		return err
	}
	if dies {
		return errDead
	}
	return nil
}

// call sees every call to AWS: a controller that dies in it dies before or after it took effect.
func (w *World) call(c awssim.Call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if c.Phase == awssim.After {
		w.trace("  %s (%v)", c.Operation, c.Err)
		if w.dead {
			c.Abort()
		}
		return
	}
	wasDead := w.dead
	dies := w.burn()
	if dies && !wasDead {
		w.trace("  %s begins, and the controllers die, after it took effect: %t", c.Operation, w.diesAfter)
	}
	if wasDead || dies && !w.diesAfter {
		c.Abort()
		return
	}
	if !strings.HasPrefix(c.Operation, "Get") && !strings.HasPrefix(c.Operation, "List") {
		w.awsOps++
	}
}

// ByHand lets somebody else call AWS, whom no fault meets and who does not die.
func (w *World) ByHand(do func()) {
	w.Clock.Advance(200 * time.Millisecond) // past the moment in which a zone is busy
	faults := w.Sim.Faults()
	w.Sim.SetHook(nil)
	w.Sim.ClearFaults()
	do()
	for _, fault := range faults {
		if err := w.Sim.AddFault(fault); err != nil {
			panic(fmt.Sprintf("a fault that was set cannot be set again: %v", err))
		}
	}
	w.Sim.SetHook(w.call)
}
