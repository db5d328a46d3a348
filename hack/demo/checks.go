package main

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

const (
	// settle is how long nothing is written any more before the checks begin, and settleTimeout how long that may take.
	settle        = time.Second
	settleTimeout = 20 * time.Second
	// quiet is how long nothing may be written after the manifests are applied again: two resyncs.
	quiet = 2*onceResync + time.Second
	// deleteTimeout is how long the objects may take to go.
	deleteTimeout = time.Minute
)

// prove checks what a look at Ready objects does not show: that nothing is written when nothing differs, and that
// deleting the objects leaves nothing in AWS.
func (d *demo) prove(ctx context.Context, objects []object, soFar string) error {
	d.out.say("\nApplying the manifests again, and asking for a reconcile of every object:")
	calls, err := d.proveQuiet(ctx, objects)
	if err != nil {
		return err
	}
	d.out.sayf("  nothing was written to AWS or Kubernetes in %s (%d AWS calls, all reading) %s", quiet, calls, d.out.paint(green, "✓"))
	d.out.say("\n" + d.out.paint(bold, "$ kubectl delete -k "+d.settings.samples))
	if err := d.proveDeleted(ctx, objects); err != nil {
		return err
	}
	d.out.say("  nothing is left in AWS " + d.out.paint(green, "✓"))
	d.out.say("\n" + d.out.paint(green, "Passed") + fmt.Sprintf(" in %.1f s: %s, applied again without a write, deleted without a remainder.",
		time.Since(d.started).Seconds(), soFar))
	return nil
}

// proveQuiet applies the manifests again, forces a reconcile of each object, and compares what was written since.
func (d *demo) proveQuiet(ctx context.Context, objects []object) (calls int, err error) {
	before, err := d.settled(ctx, objects)
	if err != nil {
		return 0, err
	}
	metered, err := d.aws.meter(ctx)
	if err != nil {
		return 0, err
	}
	if _, err := d.cluster.kubectl(ctx, "apply", "-k", d.settings.samples); err != nil {
		return 0, err
	}
	after, err := d.cluster.versions(ctx, objects)
	if err != nil {
		return 0, err
	}
	if changed := before.changedIn(after); len(changed) > 0 {
		return 0, fmt.Errorf("applying the manifests again changed %s", strings.Join(changed, ", "))
	}
	if err := d.nudge(ctx, objects, before); err != nil {
		return 0, err
	}
	if !pause(ctx, quiet) {
		return 0, context.Cause(ctx)
	}
	if after, err = d.cluster.versions(ctx, objects); err != nil {
		return 0, err
	}
	if changed := before.changedIn(after); len(changed) > 0 {
		return 0, fmt.Errorf("nothing differs, yet the controller wrote to Kubernetes: %s", strings.Join(changed, ", "))
	}
	now, err := d.aws.meter(ctx)
	if err != nil {
		return 0, err
	}
	if writes := now.writesSince(metered); len(writes) > 0 {
		return 0, fmt.Errorf("nothing differs, yet the controller wrote to AWS: %s", strings.Join(writes, ", "))
	}
	if calls = now.total() - metered.total(); calls == 0 {
		return 0, fmt.Errorf("the controller did not look at AWS in %s, although every object was annotated with %s", quiet, v1alpha1.ReconcileAtAnnotation)
	}
	return calls, nil
}

// nudge makes the controller look at every object now; the versions that this gives them are the expected ones.
func (d *demo) nudge(ctx context.Context, objects []object, expected versions) error {
	now := strconv.FormatInt(time.Now().Unix(), 10)
	patch := client.RawPatch("application/merge-patch+json", fmt.Appendf(nil, `{"metadata":{"annotations":{%q:%q}}}`, v1alpha1.ReconcileAtAnnotation, now))
	for _, declared := range objects {
		obj := declared.DeepCopyObject().(object)
		if err := d.cluster.client.Patch(ctx, obj, patch); err != nil {
			return fmt.Errorf("annotating %s: %w", reference(obj), err)
		}
		expected[reference(obj)] = obj.GetResourceVersion()
	}
	return nil
}

// proveDeleted deletes the objects and looks for what is left.
func (d *demo) proveDeleted(ctx context.Context, objects []object) error {
	if _, err := d.cluster.kubectl(ctx, "delete", "--wait=false", "-k", d.settings.samples); err != nil {
		return err
	}
	err := poll(ctx, "the end of all objects", deleteTimeout, func(ctx context.Context) error { return d.cluster.gone(ctx, objects) })
	if err != nil {
		return err
	}
	zones, err := d.aws.zones(ctx)
	if err == nil && len(zones) > 0 {
		err = fmt.Errorf("all objects are deleted, but AWS still has %s", strings.Join(zones, ", "))
	}
	return err
}

// versions are the resource versions of objects, and of the events about them, by name.
type versions map[string]string

// versions reads all that the controller may write to in the cluster.
func (c *cluster) versions(ctx context.Context, objects []object) (versions, error) {
	found := versions{}
	for _, declared := range objects {
		obj := declared.DeepCopyObject().(object)
		if err := c.client.Get(ctx, client.ObjectKeyFromObject(obj), obj); err != nil {
			return nil, fmt.Errorf("reading %s: %w", reference(obj), err)
		}
		found[reference(obj)] = obj.GetResourceVersion()
	}
	var events eventsv1.EventList
	if err := c.client.List(ctx, &events); err != nil {
		return nil, fmt.Errorf("listing events: %w", err)
	}
	for _, event := range events.Items {
		if event.Regarding.APIVersion == v1alpha1.GroupVersion.String() {
			found[fmt.Sprintf("event %s of %s/%s (%s)", event.Name, event.Regarding.Kind, event.Regarding.Name, event.Reason)] = event.ResourceVersion
		}
	}
	return found, nil
}

// changedIn returns the names of what is new, gone or written since.
func (v versions) changedIn(later versions) []string {
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(later)) {
		if v[name] != later[name] {
			changed = append(changed, name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if _, still := later[name]; !still {
			changed = append(changed, name)
		}
	}
	return changed
}

// settled waits until what becoming Ready entails (events, the last status) is written.
func (d *demo) settled(ctx context.Context, objects []object) (versions, error) {
	before, err := d.cluster.versions(ctx, objects)
	for started := time.Now(); err == nil; {
		if !pause(ctx, settle) {
			return nil, context.Cause(ctx)
		}
		var now versions
		if now, err = d.cluster.versions(ctx, objects); err != nil {
			break
		}
		changed := before.changedIn(now)
		if len(changed) == 0 {
			return now, nil
		}
		if time.Since(started) > settleTimeout {
			return nil, fmt.Errorf("all objects are Ready, yet the controller goes on writing after %s: %s", settleTimeout, strings.Join(changed, ", "))
		}
		before = now
	}
	return nil, err
}
