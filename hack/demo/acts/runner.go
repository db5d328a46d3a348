package acts

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

// Runner plays acts.
type Runner struct {
	World *World
	// Tell takes what is told while an act is played.
	Tell func(text string)
	// Patience is how long an act may take to heal, Look how often a condition is tried, and Calm how long requests are
	// watched after an act has healed, so that those under way have ended.
	Patience, Look, Calm time.Duration
}

// NewRunner makes a runner for a demo.
func NewRunner(world *World, tell func(text string)) Runner {
	return Runner{World: world, Tell: tell, Patience: time.Minute, Look: 100 * time.Millisecond, Calm: 1500 * time.Millisecond}
}

// Run plays an act and returns what came of it; the error is that it could not be played to its end at all.
func (r Runner) Run(ctx context.Context, act Act) (record.Result, error) {
	p := &Play{World: r.World, Struck: r.World.now()}
	result := record.Result{Name: act.Name, Told: act.Told, NoticedBy: act.NoticedBy}
	failed := r.play(ctx, act, p)
	if failed == nil && act.Outcome != nil {
		result.Outcome, failed = act.Outcome(ctx, p)
	}
	if !stage.Pause(ctx, r.Calm) {
		return result, context.Cause(ctx)
	}
	result.Struck, result.Noticed, result.Healed, result.Ended = p.Struck, p.Noticed, p.Healed, r.World.now()
	sent := r.World.Recorder.Between(result.Struck, result.Ended)
	result.Sent, result.Failed, result.Bound = len(sent), sent.Failed(), act.Bound(p)
	result.Problem = result.Judge()
	if failed != nil {
		result.Problem = failed.Error()
	}
	r.World.Recorder.Act(result)
	return result, nil
}

// play does what the act does, and waits until it is noticed and healed.
func (r Runner) play(ctx context.Context, a Act, p *Play) error {
	if err := a.Do(ctx, p); err != nil {
		return fmt.Errorf("it could not be done: %w", err)
	}
	until := time.Now().Add(r.Patience)
	if err := r.await(ctx, p, a.Noticed, until); err != nil {
		return fmt.Errorf("nobody noticed within %s: %w", r.Patience, err)
	}
	p.Noticed = p.now()
	r.Tell(fmt.Sprintf("noticed after %s: %s", record.Took(p.Noticed-p.Struck), a.NoticedBy))
	if a.Then != nil {
		if err := a.Then(ctx, p); err != nil {
			return err
		}
	}
	if err := r.await(ctx, p, a.Healed, until); err != nil {
		return fmt.Errorf("it did not heal within %s: %w", r.Patience, err)
	}
	p.Healed = p.now()
	return nil
}

// await tries a condition until it holds; what is missing is the error when it does not in time.
func (r Runner) await(ctx context.Context, p *Play, condition Condition, until time.Time) error {
	for {
		missing := condition(ctx, p)
		if missing == nil {
			return nil
		}
		if time.Now().After(until) {
			return missing
		}
		if !stage.Pause(ctx, r.Look) {
			return context.Cause(ctx)
		}
	}
}

// all is a condition that holds when each of several does.
func all(conditions ...Condition) Condition {
	return func(ctx context.Context, p *Play) error {
		for _, condition := range conditions {
			if err := condition(ctx, p); err != nil {
				return err
			}
		}
		return nil
	}
}

// errNotYet is that something has not happened.
var errNotYet = errors.New("it has not happened yet")
