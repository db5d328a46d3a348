package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

// verdict collects what is not as it should be.
type verdict struct {
	*soak
	problems []string
}

func (v *verdict) complain(format string, args ...any) {
	v.problems = append(v.problems, fmt.Sprintf(format, args...))
}

// same complains when a thing in AWS is not what the manifest says.
func (v *verdict) same(what string, declared, found any) {
	if fmt.Sprint(declared) != fmt.Sprint(found) {
		v.complain("%s: declared %v, in AWS %v", what, declared, found)
	}
}

// expectConverged waits until all is Ready and, in AWS, as declared.
func (s *soak) expectConverged(ctx context.Context, patience time.Duration) error {
	var last []string
	err := proc.Poll(ctx, patience, "all to be Ready and as declared", func() (bool, error) {
		v := &verdict{soak: s}
		err := v.judge(ctx)
		s.tellMissing(&last, v.problems)
		return len(last) == 0, err
	})
	if errors.Is(err, proc.ErrLate) {
		return fmt.Errorf("%w:\n  %s", err, strings.Join(last, "\n  "))
	}
	return err
}

// tellMissing takes over what is still missing, and tells it when it has changed and each step is to be told.
func (s *soak) tellMissing(last *[]string, now []string) {
	if s.settings.verbose && len(now) > 0 && !slices.Equal(*last, now) {
		s.say("waiting, as %d are not as they should be; the first: %s", len(now), now[0])
	}
	*last = now
}

// judge compares everything.
func (v *verdict) judge(ctx context.Context) error {
	for _, t := range v.things() {
		if err := v.judgeReady(ctx, t); err != nil {
			return err
		}
	}
	if len(v.problems) > 0 {
		return nil // what is not Ready need not be as declared
	}
	if err := breathe(ctx); err != nil {
		return err
	}
	errs := []error{v.judgeOrphans(ctx, len(v.apps)), v.judgeForeign(ctx)}
	for _, a := range v.apps {
		errs = append(errs, v.judgeZone(ctx, a), v.judgeBalancer(ctx, a), v.judgeGroup(ctx, a))
	}
	v.unread(errors.Join(errs...))
	return nil
}

// breathe leaves AWS to the controllers for a moment: limits are of the account, and looking back is not to use them up.
func breathe(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(time.Second):
		return nil
	}
}

// unread complains of what could not be read back: what a status names may just be on its way out of AWS.
func (v *verdict) unread(err error) {
	if err != nil {
		v.complain("not all could be read back: %s", err)
	}
}

func (v *verdict) judgeReady(ctx context.Context, t declared) error {
	found := t.manifest().DeepCopyObject().(lifecycle.Object)
	there, err := v.exists(ctx, t)
	if err != nil {
		return err
	}
	if !there {
		v.complain("%s does not exist", called(t))
		return nil
	}
	if err := v.user.Get(ctx, keyOf(found), found); err != nil {
		return err
	}
	ready := meta.FindStatusCondition(found.CommonStatus().Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		v.complain("%s has no condition Ready", called(t))
	case ready.Status != "True":
		v.complain("%s is not Ready: %s: %s", called(t), ready.Reason, ready.Message)
	case found.CommonStatus().ObservedGeneration != found.GetGeneration():
		v.complain("%s was not looked at since its last edit", called(t))
	}
	return nil
}

// judgeForeign compares what is somebody else's with how it was made.
func (v *verdict) judgeForeign(ctx context.Context) error {
	now, err := v.foreign.describe(ctx)
	if err == nil && now != v.foreign.as {
		v.complain("what is somebody else's was touched; it was:\n%s\nand is:\n%s", v.foreign.as, now)
	}
	return err
}

// reading matches operations that change nothing.
var reading = regexp.MustCompile(`^(sts/.*|[^/]+/(Get|List|Describe|Test)[^/]*)$`)

// written is what was ever written: calls that change AWS, and versions of objects.
func (s *soak) written(ctx context.Context) (map[string]string, error) {
	all := map[string]string{}
	for call, n := range s.sim.Meter().Calls {
		if !reading.MatchString(call) {
			all[call] = fmt.Sprint(n)
		}
	}
	for _, t := range s.things() {
		found := t.manifest().DeepCopyObject().(lifecycle.Object)
		if err := s.user.Get(ctx, keyOf(found), found); err != nil {
			return nil, err
		}
		all[called(t)] = found.GetResourceVersion()
	}
	var events eventsv1.EventList
	if err := s.user.List(ctx, &events, client.InNamespace(namespace)); err != nil {
		return nil, err
	}
	for i := range events.Items {
		if e := &events.Items[i]; e.Regarding.GroupVersionKind().Group == v1alpha1.GroupVersion.Group {
			all[fmt.Sprintf("Event %s: %s of %s", e.Name, e.Reason, e.Regarding.Name)] = "told"
		}
	}
	return all, nil
}

// expectCalm expects that nothing is written any more.
func (s *soak) expectCalm(ctx context.Context) error {
	before, err := s.written(ctx)
	if err != nil {
		return err
	}
	looked := s.looks()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(calm):
	}
	after, err := s.written(ctx)
	if err != nil {
		return err
	}
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(after)) {
		if before[name] != after[name] {
			changed = append(changed, name)
		}
	}
	if len(changed) > 0 {
		return fmt.Errorf("nothing differs any more, and yet within %s was written: %s", calm, strings.Join(changed, ", "))
	}
	if s.looks() == looked {
		return fmt.Errorf("the controllers did not look at AWS within %s", calm)
	}
	s.say("nothing was written in %s, in which the controllers looked with %d calls", calm, s.looks()-looked)
	return nil
}

// looks counts the reading calls.
func (s *soak) looks() int {
	total := 0
	for call, n := range s.sim.Meter().Calls {
		if reading.MatchString(call) {
			total += n
		}
	}
	return total
}

// expectDeleted deletes all manifests at once, in any order, and expects that nothing of ours is left in AWS.
func (s *soak) expectDeleted(ctx context.Context) error {
	all := s.things()
	s.random.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
	for _, t := range all {
		if err := s.user.Delete(ctx, t.manifest()); err != nil {
			return fmt.Errorf("deleting %s: %w", called(t), err)
		}
	}
	var last []string
	err := proc.Poll(ctx, deletePatience, "all to be deleted", func() (bool, error) {
		v := &verdict{soak: s}
		for _, t := range all {
			if err := v.judgeGone(ctx, t); err != nil {
				return false, err
			}
		}
		if len(v.problems) == 0 {
			if err := breathe(ctx); err != nil {
				return false, err
			}
			v.unread(errors.Join(v.judgeChildren(ctx), v.judgeOrphans(ctx, 0), v.judgeForeign(ctx), v.judgeState()))
		}
		s.tellMissing(&last, v.problems)
		return len(last) == 0, nil
	})
	if errors.Is(err, proc.ErrLate) {
		return fmt.Errorf("%w:\n  %s", err, strings.Join(last, "\n  "))
	}
	return err
}

// judgeChildren complains of objects that the controllers made and left behind.
func (v *verdict) judgeChildren(ctx context.Context) error {
	var records v1alpha1.RecordSetList
	err := v.user.List(ctx, &records, client.InNamespace(namespace))
	for i := range records.Items {
		v.complain("RecordSet %s is still there", records.Items[i].Name)
	}
	return err
}

func (v *verdict) judgeGone(ctx context.Context, t declared) error {
	there, err := v.exists(ctx, t)
	if err != nil || !there {
		return err
	}
	found := t.manifest().DeepCopyObject().(lifecycle.Object)
	if err := v.user.Get(ctx, keyOf(found), found); err != nil {
		return nil // it went just now, or the next look tells
	}
	message := ""
	if ready := meta.FindStatusCondition(found.CommonStatus().Conditions, v1alpha1.ConditionReady); ready != nil {
		message = ready.Reason + ": " + ready.Message
	}
	v.complain("%s is still there: %s", called(t), message)
	return nil
}
