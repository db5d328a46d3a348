package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

// How long things may take on a busy machine.
const (
	firstPatience    = 3 * time.Minute
	convergePatience = 4 * time.Minute
	deletePatience   = 4 * time.Minute
	// calm is how long nothing may be written at the end: two looks at everything.
	calm = 2*resync + 5*time.Second
)

// soak is one run.
type soak struct {
	*world
	*replicas
	settings settings
	// random decides on the present deed.
	random  *rand.Rand
	apps    []*app
	foreign *foreign
	// pristine is AWS before anything was applied.
	pristine map[string]any
	started  time.Time
	// said are the deeds, for whom they explain a failure.
	said []string
	// undo sets right, when it is due, what a deed broke for a while.
	undo []pending
	done map[string]int
}

// pending is something to be set right later.
type pending struct {
	at time.Time
	do func()
}

func run(ctx context.Context, s settings) (err error) {
	fmt.Printf("soak: seed %d, %s, %d applications; again with: %s\n", s.seed, s.duration, s.apps, s.again())
	r := &soak{settings: s, random: rand.New(rand.NewPCG(s.seed, 1)), started: time.Now(), done: map[string]int{}}
	if r.world, err = newWorld(ctx, s); err != nil {
		return err
	}
	defer func() { err = errors.Join(err, r.world.close()) }()
	for i := range s.apps {
		a, err := newApp(i)
		if err != nil {
			return err
		}
		r.apps = append(r.apps, a)
	}
	if r.foreign, err = makeForeign(ctx, r.hands); err != nil {
		return err
	}
	if r.pristine, err = stateOf(r.sim); err != nil {
		return err
	}
	if r.replicas, err = startReplicas(r.world); err != nil {
		return err
	}
	defer func() {
		if err != nil && ctx.Err() == nil {
			err = r.explain(err)
		}
		err = errors.Join(err, r.replicas.close())
	}()
	return r.play(ctx)
}

// play is the whole run, from the first apply to the last deletion.
func (s *soak) play(ctx context.Context) error {
	if err := s.applyAll(ctx); err != nil {
		return err
	}
	if err := s.expectConverged(ctx, firstPatience); err != nil {
		return err
	}
	before, err := s.footprint(ctx)
	if err != nil {
		return err
	}
	s.say("all is Ready and as declared; now everything goes wrong for %s", s.settings.duration)
	if err := s.rage(ctx); err != nil {
		return err
	}
	s.say("quiet: %s", s.tally())
	quiet := time.Now()
	if err := s.restoreAll(ctx); err != nil {
		return err
	}
	if err := s.expectConverged(ctx, convergePatience); err != nil {
		return err
	}
	s.say("all is Ready and as declared again, after %.0f s; nothing is orphaned, nothing foreign touched", time.Since(quiet).Seconds())
	if err := s.expectCalm(ctx); err != nil {
		return err
	}
	if err := s.expectNoGrowth(ctx, before); err != nil {
		return err
	}
	if err := s.expectDeleted(ctx); err != nil {
		return err
	}
	if err := s.expectNoPanic(); err != nil {
		return err
	}
	s.say("all is deleted, and AWS is as it was: passed")
	return nil
}

// say tells the progress.
func (s *soak) say(format string, args ...any) {
	fmt.Printf("[%4.0fs] %s\n", time.Since(s.started).Seconds(), fmt.Sprintf(format, args...))
}

// note notes a deed.
func (s *soak) note(format string, args ...any) {
	line := fmt.Sprintf("[%5.1fs] %s", time.Since(s.started).Seconds(), fmt.Sprintf(format, args...))
	if s.settings.verbose {
		fmt.Println(line)
	}
	s.said = append(s.said, line)
}

// tally counts what was done.
func (s *soak) tally() string {
	var parts []string
	for _, d := range deeds {
		if n := s.done[d.name]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d × %s", n, d.name))
		}
	}
	return strings.Join(parts, ", ")
}

// explain adds to a failure what led to it, where the rest of that is, and how to play it again.
func (s *soak) explain(err error) error {
	const shown = 60
	text := "what was done, to the end:\n" + strings.Join(s.said[max(0, len(s.said)-shown):], "\n")
	for _, each := range s.all {
		text += fmt.Sprintf("\nthe log of replica %s ends with:\n%s", each.name, each.tail())
	}
	fmt.Fprintln(os.Stderr, text)
	err = fmt.Errorf("seed %d: %w", s.settings.seed, err)
	if kept := s.keep(); kept != nil {
		return errors.Join(err, kept)
	}
	return fmt.Errorf("%w\nthe logs, all deeds and the state of AWS are in %s\nagain with: %s", err, s.dir, s.settings.again())
}

// keep leaves in the folder what helps to find out why a run failed.
func (s *soak) keep() error {
	s.kept = true
	state, err := s.sim.StateJSON()
	return errors.Join(err,
		os.WriteFile(filepath.Join(s.dir, "aws.json"), state, 0o600),
		os.WriteFile(filepath.Join(s.dir, "deeds.txt"), []byte(strings.Join(s.said, "\n")), 0o600))
}

// things are all manifests.
func (s *soak) things() []declared {
	var all []declared
	for _, a := range s.apps {
		all = append(all, a.things()...)
	}
	return all
}

// apply applies a manifest as a user does.
func (s *soak) apply(ctx context.Context, t declared) error {
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(t.manifest())
	if err != nil {
		return err
	}
	obj := &unstructured.Unstructured{Object: content}
	obj.SetGroupVersionKind(t.kind())
	unstructured.RemoveNestedField(obj.Object, "status")
	unstructured.RemoveNestedField(obj.Object, "metadata", "creationTimestamp")
	if err := s.user.Apply(ctx, client.ApplyConfigurationFromUnstructured(obj), client.FieldOwner("git"), client.ForceOwnership); err != nil {
		return fmt.Errorf("applying %s: %w", called(t), err)
	}
	return nil
}

// called is how a thing is told.
func called(t declared) string { return t.kind().Kind + " " + t.manifest().GetName() }

// live reads a thing; nil when it is not there.
func live[T lifecycle.Object](ctx context.Context, user client.Client, t *thing[T]) (T, error) {
	found := t.object.DeepCopyObject().(T)
	err := user.Get(ctx, client.ObjectKeyFromObject(t.object), found)
	if apierrors.IsNotFound(err) {
		var none T
		return none, nil
	}
	return found, err
}

// exists reports whether a thing is still, or already, in the API server.
func (s *soak) exists(ctx context.Context, t declared) (bool, error) {
	found := t.manifest().DeepCopyObject().(lifecycle.Object)
	err := s.user.Get(ctx, client.ObjectKeyFromObject(found), found)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	return err == nil, err
}

func (s *soak) applyAll(ctx context.Context) error {
	all := s.things()
	s.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, t := range all {
		if err := s.apply(ctx, t); err != nil {
			return err
		}
	}
	return nil
}

// restoreAll ends all faults and brings back what the user took away.
func (s *soak) restoreAll(ctx context.Context) error {
	for _, p := range s.undo {
		p.do()
	}
	s.undo = nil
	s.sim.ClearFaults()
	err := proc.Poll(ctx, deletePatience, "deleted objects to go, so that they can be applied again", func() (bool, error) {
		return s.restore(ctx)
	})
	if !errors.Is(err, proc.ErrLate) {
		return err
	}
	v := &verdict{soak: s}
	for _, t := range s.things() {
		if *t.absent() {
			v.unread(v.judgeGone(ctx, t))
		}
	}
	return fmt.Errorf("%w:\n  %s", err, strings.Join(v.problems, "\n  "))
}

// restore applies again what was taken away and has gone; done when nothing is away any more.
func (s *soak) restore(ctx context.Context) (done bool, err error) {
	done = true
	for _, t := range s.things() {
		if !*t.absent() {
			continue
		}
		there, err := s.exists(ctx, t)
		if err != nil {
			return false, err
		}
		if there {
			done = false
			continue
		}
		if err := s.apply(ctx, t); err != nil {
			return false, err
		}
		*t.absent() = false
		s.note("the user applies %s again", called(t))
	}
	return done, nil
}
