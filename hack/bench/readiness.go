package main

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

// readiness watches the RecordSets of a namespace and notes when each was seen first, and when Ready.
type readiness struct {
	say func(format string, args ...any)
	// open opens the watch, which first shows all objects that are there.
	open func() (watch.Interface, error)

	mu      sync.Mutex
	events  watch.Interface
	stopped bool
	objects map[string]*sighting
	ready   int
	stalled int
	// failed is why the watch ended and could not be opened again.
	failed error
}

// sighting is what the watch has told of one RecordSet.
type sighting struct {
	added time.Time
	// ready is when the present generation was first seen Ready; zero while it is not.
	ready time.Time
	// stalled is the message of the Stalled condition.
	stalled string
	newest  *v1alpha1.RecordSet
}

// watchRecordSets starts to watch, and returns once it has seen the n objects that are there.
func (w *world) watchRecordSets(ctx context.Context, namespace string, n int) (*readiness, error) {
	r := &readiness{say: w.say, objects: map[string]*sighting{}, open: func() (watch.Interface, error) {
		return w.admin.Watch(ctx, &v1alpha1.RecordSetList{}, client.InNamespace(namespace))
	}}
	if err := r.reopen(); err != nil {
		return nil, fmt.Errorf("watching RecordSets: %w", err)
	}
	go r.follow()
	err := proc.Poll(ctx, time.Minute, "the watch to show all RecordSets", func() (bool, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		return len(r.objects) == n, nil
	})
	if err != nil {
		r.stop()
		return nil, err
	}
	return r, nil
}

func (r *readiness) stop() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.stopped = true
	r.events.Stop()
}

// reopen opens the watch, unless it was stopped.
func (r *readiness) reopen() error {
	events, err := r.open()
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = events
	if r.stopped {
		events.Stop()
	}
	return nil
}

// follow watches until it is stopped. The API server ends a watch that cannot keep up with a burst; it is opened again.
func (r *readiness) follow() {
	for {
		for event := range r.current().ResultChan() {
			if obj, ok := event.Object.(*v1alpha1.RecordSet); ok {
				r.see(obj, time.Now())
			}
		}
		if r.isStopped() {
			return
		}
		if err := r.reopen(); err != nil {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.failed = err
			return
		}
	}
}

func (r *readiness) current() watch.Interface {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.events
}

func (r *readiness) isStopped() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.stopped
}

func (r *readiness) see(obj *v1alpha1.RecordSet, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.objects[obj.Name]
	if s == nil {
		s = &sighting{added: now}
		r.objects[obj.Name] = s
	}
	wasReady, wasStalled := !s.ready.IsZero(), s.stalled != ""
	s.newest, s.stalled = obj, ""
	isReady := isReady(obj)
	switch {
	case !isReady:
		s.ready = time.Time{}
	case !wasReady:
		s.ready = now
	}
	if condition := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionStalled); condition != nil {
		s.stalled = condition.Message
	}
	r.ready += difference(wasReady, isReady)
	r.stalled += difference(wasStalled, s.stalled != "")
}

func isReady(obj *v1alpha1.RecordSet) bool {
	return obj.Status.ObservedGeneration == obj.Generation &&
		meta.IsStatusConditionTrue(obj.Status.Conditions, v1alpha1.ConditionReady)
}

func difference(was, is bool) int {
	switch {
	case is && !was:
		return 1
	case was && !is:
		return -1
	}
	return 0
}

// until waits for so many Ready and so many Stalled objects.
func (r *readiness) until(ctx context.Context, wait patient, patience time.Duration, ready, stalled int) error {
	told := time.Now()
	done := func() (bool, error) {
		r.mu.Lock()
		defer r.mu.Unlock()
		if r.failed != nil {
			return false, fmt.Errorf("watching RecordSets: %w", r.failed)
		}
		if time.Since(told) > 5*time.Second {
			told = time.Now()
			r.say("  %d Ready of %d, %d Stalled of %d", r.ready, ready, r.stalled, stalled)
		}
		return r.ready == ready && r.stalled == stalled, nil
	}
	return wait(ctx, patience, fmt.Sprintf("%d Ready and %d Stalled RecordSets", ready, stalled), done)
}

// lastReady is when the last object became Ready.
func (r *readiness) lastReady() time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	var last time.Time
	for _, s := range r.objects {
		if s.ready.After(last) {
			last = s.ready
		}
	}
	return last
}

// readyAfter is when so many objects were Ready.
func (r *readiness) readyAfter(n int) time.Time {
	r.mu.Lock()
	defer r.mu.Unlock()
	var at []time.Time
	for _, s := range r.objects {
		at = append(at, s.ready)
	}
	slices.SortFunc(at, time.Time.Compare)
	return at[n-1]
}

// latencies are the times from seeing an object first to seeing it Ready, sorted.
func (r *readiness) latencies() []time.Duration {
	r.mu.Lock()
	defer r.mu.Unlock()
	var all []time.Duration
	for _, s := range r.objects {
		all = append(all, s.ready.Sub(s.added))
	}
	slices.Sort(all)
	return all
}

// converged tells how many objects are Ready.
func (r *readiness) converged() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.ready
}

// get returns what is known of one object.
func (r *readiness) get(name string) sighting {
	r.mu.Lock()
	defer r.mu.Unlock()
	if s := r.objects[name]; s != nil {
		return *s
	}
	return sighting{}
}
