package scene

import (
	"context"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

const (
	// lookEvery is how often instances and calls are looked at, mostEvents how many events are kept.
	lookEvery  = 200 * time.Millisecond
	mostEvents = 50
)

// Watcher keeps a scene up to date.
type Watcher struct {
	stage    *stage.Stage
	recorder *record.Recorder
	// Changed, when set, is told of every object that stands otherwise than before; gone are those that were deleted.
	Changed func(o Object, gone bool)
	// Told, when set, is told of every event that the controller tells.
	Told func(stage.Event)

	mu    sync.Mutex
	order []string
	scene Scene
	bound map[string]string
	heard map[stage.Event]bool
	// problem is why the last look failed.
	problem error
}

// NewWatcher makes a watcher that shows some objects first, in their order.
func NewWatcher(s *stage.Stage, recorder *record.Recorder, first []stage.Object) *Watcher {
	w := &Watcher{stage: s, recorder: recorder}
	for _, obj := range first {
		w.order = append(w.order, stage.Reference(obj))
	}
	return w
}

// Watch keeps the scene up to date until the context ends.
func (w *Watcher) Watch(ctx context.Context) {
	changes := w.stage.Cluster.Follow(ctx)
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	began := time.Now()
	for {
		select {
		case <-ctx.Done():
			return
		case change := <-changes:
			w.take(change)
		case <-ticker.C:
			err := w.look(ctx, began)
			w.mu.Lock()
			w.problem = err
			w.mu.Unlock()
		}
	}
}

// Scene is a copy of the scene, and why the last look at it failed, if it did.
func (w *Watcher) Scene() (Scene, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s := w.scene
	s.Objects, s.Instances, s.Events = slices.Clone(s.Objects), slices.Clone(s.Instances), slices.Clone(s.Events)
	s.Calls = maps.Clone(s.Calls)
	return s, w.problem
}

// Bound is where an address and port of a load balancer is on this machine.
func (w *Watcher) Bound(address string) string {
	w.mu.Lock()
	defer w.mu.Unlock()
	if bound := w.bound[address]; bound != "" {
		return bound
	}
	return address
}

// take takes in a change of an object.
func (w *Watcher) take(change stage.Change) {
	now := objectOf(change.Object)
	w.mu.Lock()
	before, known := w.scene.Object(now.Ref)
	w.scene.Objects = slices.DeleteFunc(w.scene.Objects, func(o Object) bool { return o.Ref == now.Ref })
	if !change.Gone {
		if !slices.Contains(w.order, now.Ref) {
			w.order = append(w.order, now.Ref)
		}
		w.scene.Objects = append(w.scene.Objects, now)
		slices.SortFunc(w.scene.Objects, func(a, b Object) int {
			return slices.Index(w.order, a.Ref) - slices.Index(w.order, b.Ref)
		})
	}
	w.mu.Unlock()
	if w.Changed != nil && (change.Gone || !known || before != now) {
		w.Changed(now, change.Gone)
	}
}

// look looks at all that is not watched.
func (w *Watcher) look(ctx context.Context, since time.Time) error {
	instances, err := w.stage.AWS.Instances(ctx)
	if err != nil {
		return err
	}
	targets, err := w.stage.AWS.Targets(ctx)
	if err != nil {
		return err
	}
	bound, err := w.stage.AWS.Listeners(ctx)
	if err != nil {
		return err
	}
	calls, err := w.stage.AWS.Meter(ctx)
	if err != nil {
		return err
	}
	events, err := w.stage.Cluster.Events(ctx, since)
	if err != nil {
		return err
	}
	var seen []Instance
	for _, is := range instances {
		seen = append(seen, instanceOf(is, targets[is.ID]))
	}
	slices.SortFunc(seen, byZoneAndAge)
	w.hear(events)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.scene.Instances, w.scene.Calls, w.bound = seen, calls.ByService(), bound
	w.scene.Events = events[max(0, len(events)-mostEvents):]
	w.recorder.Sample(time.Now(), w.scene.ByState(), w.scene.Calls)
	return nil
}

// hear tells of the events that are new.
func (w *Watcher) hear(events []stage.Event) {
	if w.heard == nil {
		w.heard = map[stage.Event]bool{}
	}
	for _, e := range events {
		if !w.heard[e] && w.Told != nil {
			w.Told(e)
		}
		w.heard[e] = true
	}
}
