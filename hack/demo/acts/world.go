package acts

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/scene"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
	"github.com/evenkeel/evenkeel/hack/demo/traffic"
)

// The objects of the application, as kubectl takes them.
const (
	zoneRef     = "hz/mywebsite"
	balancerRef = "lb/web"
	groupRef    = "asg/web"
	apexRef     = "rrset/apex"
	wwwRef      = "rrset/www"
	apiRef      = "rrset/api"
)

// balancerTTL is how long resolvers know the addresses of a load balancer: 60 s in DNS.
const balancerTTL = time.Minute / stage.HealthChecksFaster

// usualWork is what the application has to do at rest, in percent of one instance's CPUs.
const usualWork = 60

// World is what acts reach.
type World struct {
	Stage    *stage.Stage
	Watcher  *scene.Watcher
	Recorder *record.Recorder
	Stream   *traffic.Stream
	// Manifests is the file that the application was applied from.
	Manifests string
	// Objects are those of the file, Before all that existed in AWS before it was applied.
	Objects []stage.Object
	Before  []string
	// Lost is the availability zone that failed last.
	Lost string
	// StopTraffic ends the stream of requests, and returns once the last was answered.
	StopTraffic func()

	// work is what the application has to do in percent of one instance's CPUs, shared by all its instances.
	work atomic.Int64
}

func (w *World) now() time.Duration { return w.Recorder.Since(time.Now()) }

// scene is the world at this moment; what it could not look at shows as it was.
func (w *World) scene() scene.Scene {
	seen, _ := w.Watcher.Scene()
	return seen
}

// sent are the requests sent since a moment of the recording.
func (w *World) sent(since time.Duration) record.Requests {
	return w.Recorder.Between(since, w.now())
}

// patch merges a change into an object, as `kubectl patch` does.
func (w *World) patch(ctx context.Context, ref, change string) error {
	_, err := w.Stage.Cluster.Kubectl(ctx, "patch", ref, "--type=merge", "-p", change)
	return err
}

// Work keeps the instances as busy as the work that there is makes them, until the context ends.
func (w *World) Work(ctx context.Context) {
	w.work.CompareAndSwap(0, usualWork)
	const every = 100 * time.Millisecond
	for stage.Pause(ctx, every) {
		serving := w.scene().In(scene.Healthy)
		for _, is := range serving {
			// An instance that has just ended has nothing to do any more.
			_ = w.Stage.AWS.Load(ctx, is.ID, cpu(w.work.Load(), len(serving)))
		}
	}
}

// cpu is how busy each of some instances is.
func cpu(work int64, instances int) float64 { return min(100, float64(work)/float64(instances)) }

// ready is the condition that objects are Ready; none named means all there are.
func ready(refs ...string) Condition {
	return func(_ context.Context, p *Play) error {
		seen := p.scene()
		if len(refs) == 0 {
			for _, o := range seen.NotReady() {
				return fmt.Errorf("%s", o.Line())
			}
			return nil
		}
		for _, ref := range refs {
			o, there := seen.Object(ref)
			if !there {
				return fmt.Errorf("%s does not exist", ref)
			}
			if !o.IsReady() {
				return fmt.Errorf("%s", o.Line())
			}
		}
		return nil
	}
}

// atRest is the condition that as many instances serve as at rest, and no other is on its way or going.
func atRest(_ context.Context, p *Play) error {
	seen := p.scene()
	if n := len(seen.In(scene.Healthy)); n != servers || len(seen.Instances) != servers {
		return fmt.Errorf("the instances are %s instead of %d healthy", scene.Tell(seen.ByState()), servers)
	}
	return nil
}

// told is the condition that the controller told an event about each of some objects since the act began.
func told(reason string, refs ...string) Condition {
	return func(_ context.Context, p *Play) error {
		since := p.Recorder.Recording(time.Now()).Began.Add(p.Struck)
		for _, ref := range refs {
			if _, found := p.event(reason, ref, since); !found {
				return fmt.Errorf("there is no event %s about %s", reason, ref)
			}
		}
		return nil
	}
}

// event finds the newest event about an object since a moment.
func (w *World) event(reason, ref string, since time.Time) (stage.Event, bool) {
	events := w.scene().Events
	for i := len(events) - 1; i >= 0; i-- {
		if e := events[i]; e.Reason == reason && e.About == ref && !e.At.Before(since) {
			return e, true
		}
	}
	return stage.Event{}, false
}

// answering is the condition that the last second's requests were all answered.
func answering(_ context.Context, p *Play) error {
	recent := p.Recorder.Between(p.now()-time.Second, p.now())
	if failed := recent.Failed(); failed > 0 || len(recent) == 0 {
		return fmt.Errorf("of the last %d requests %d failed", len(recent), failed)
	}
	return nil
}

// shareOf is what part of the requests of the last seconds some instances answered.
func (w *World) shareOf(ids []string) float64 {
	const before = 6 * time.Second
	counts, total, theirs := w.sent(w.now()-before).ByInstance(), 0, 0
	for _, n := range counts {
		total += n
	}
	for _, id := range ids {
		theirs += counts[id]
	}
	if total == 0 {
		return 1
	}
	return float64(theirs) / float64(total)
}
