package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

const (
	groupCount = 500
	// groupCalls is what a resync of all groups may cost.
	groupCalls = 20
	// changedGroups are edited at once.
	changedGroups = 50
	// groupResync is short enough to be waited for, and longer than the look with which a manager starts.
	groupResync = 40 * time.Second
	// groupPatience is what AWS's limits ask for, and half as much again: 500 creates at 3 a second.
	groupPatience = 4*time.Minute + 30*time.Second
)

// groups measures what groups without policies cost: to be made, to be resynced with nothing to do, and 50 edits at once.
func groups(ctx context.Context, b *bench) (results []*result, err error) {
	w, err := b.newWorld(ctx, "groups")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	for i := range groupCount {
		if err := w.admin.Create(ctx, scalingGroup(w.namespace, i)); err != nil {
			return nil, fmt.Errorf("creating an AutoScalingGroup: %w", err)
		}
	}
	for _, step := range []func(context.Context) (*result, error){w.makeGroups, w.resyncGroups} {
		r, err := step(ctx)
		if r != nil {
			results = append(results, r)
		}
		if err != nil {
			return results, err
		}
	}
	r, err := w.changeGroups(ctx)
	return append(results, r), err
}

// makeGroups waits until a manager has made all groups.
func (w *world) makeGroups(ctx context.Context) (r *result, err error) {
	r = &result{Row: "groups-new", Work: fmt.Sprintf("%d new AutoScalingGroups with a launch template each, there when the manager starts", groupCount)}
	return r, w.measureGroups(ctx, r, nil, func(m *proc.Manager) error {
		return m.Poll(ctx, groupPatience, "the AutoScalingGroups to become Ready", func() (bool, error) { return w.readyGroups(ctx, groupCount) })
	}, func() {
		// EC2 does not show a new launch template at once, so that some are created at the second try.
		r.exactly("groups in AWS", len(w.aws.sim.Groups()), groupCount)
	})
}

// resyncGroups counts one resync of all groups, nothing having changed.
func (w *world) resyncGroups(ctx context.Context) (r *result, err error) {
	r = &result{Row: "groups", Work: fmt.Sprintf("a resync of %d AutoScalingGroups without policies, nothing having changed", groupCount)}
	m, err := w.start("--resync-period=" + groupResync.String())
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	if err := w.lookedAtAll(ctx, m); err != nil {
		return r, fmt.Errorf("the look with which the manager starts: %w", err)
	}
	return r, w.measureGroups(ctx, r, m, func(m *proc.Manager) error { return w.lookedAtAll(ctx, m) }, func() {
		r.atMost("AWS calls", r.total(), groupCalls)
		r.atMost("Kubernetes writes", r.totalWrites(), 0)
	})
}

// changeGroups edits groups at once and waits until all stand as declared.
func (w *world) changeGroups(ctx context.Context) (r *result, err error) {
	r = &result{Row: "groups-changed", Work: fmt.Sprintf("%d of %d AutoScalingGroups edited at once, until all are Ready", changedGroups, groupCount)}
	m, err := w.start()
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	if err := w.lookedAtAll(ctx, m); err != nil {
		return r, err
	}
	return r, w.measureGroups(ctx, r, m, func(m *proc.Manager) error {
		err := inParallel(ctx, changedGroups, func(i int) error {
			patch := client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"defaultCooldownSeconds":60}}`))
			return w.admin.Patch(ctx, scalingGroup(w.namespace, i), patch)
		})
		if err != nil {
			return fmt.Errorf("editing AutoScalingGroups: %w", err)
		}
		return m.Poll(ctx, 2*time.Minute, "the edited AutoScalingGroups to become Ready", func() (bool, error) { return w.readyGroups(ctx, groupCount) })
	}, func() {
		r.exactly("UpdateAutoScalingGroup", r.Calls["UpdateAutoScalingGroup"], changedGroups)
	})
}

// measureGroups counts what a manager does while something is carried out; it runs one unless it is given one.
func (w *world) measureGroups(ctx context.Context, r *result, m *proc.Manager, do func(*proc.Manager) error, judge func()) (err error) {
	before, throttled := w.aws.sim.Meter().Calls, w.aws.throttles()
	writes, err := w.audit.mark()
	if err != nil {
		return err
	}
	if m == nil {
		if m, err = w.start(); err != nil {
			return err
		}
		defer func() { err = errors.Join(err, m.Stop()) }()
	}
	began := time.Now()
	if err := do(m); err != nil {
		return err
	}
	r.Seconds = time.Since(began).Seconds()
	r.Calls, r.Throttles = map[string]int{}, w.aws.throttles()-throttled
	for name, made := range w.aws.sim.Meter().Calls {
		service, operation, _ := strings.Cut(name, "/")
		if made -= before[name]; made > 0 && service != "route53" && service != "sts" {
			r.Calls[operation] = made
		}
	}
	written, err := w.audit.since(writes)
	if err != nil {
		return err
	}
	r.Writes = written.byKind
	r.atMost("throttles", r.Throttles, 0)
	judge()
	return ctx.Err()
}

// lookedAtAll waits until a manager has asked about every group once more, and then about nothing for a while.
func (w *world) lookedAtAll(ctx context.Context, m *proc.Manager) error {
	w.aws.forgetDescribed()
	last, since := -1, time.Now()
	return m.Poll(ctx, 2*groupResync, "a look at all AutoScalingGroups", func() (bool, error) {
		if total := sum(w.aws.sim.Meter().Calls); total != last {
			last, since = total, time.Now()
		}
		return w.aws.describedGroups() >= groupCount && time.Since(since) > settling, nil
	})
}

// readyGroups reports whether so many groups are Ready for what they declare now.
func (w *world) readyGroups(ctx context.Context, n int) (bool, error) {
	var list v1alpha1.AutoScalingGroupList
	if err := w.admin.List(ctx, &list, client.InNamespace(w.namespace)); err != nil {
		return false, err
	}
	ready := 0
	for i := range list.Items {
		status := &list.Items[i].Status
		if meta.IsStatusConditionTrue(status.Conditions, v1alpha1.ConditionReady) && status.ObservedGeneration == list.Items[i].Generation {
			ready++
		}
	}
	return ready >= n, nil
}

// scalingGroup is a group without instances or policies, with a launch template of its own.
func scalingGroup(namespace string, i int) *v1alpha1.AutoScalingGroup {
	return &v1alpha1.AutoScalingGroup{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("group-%03d", i)},
		Spec: v1alpha1.AutoScalingGroupSpec{
			MinSize: 0, MaxSize: 2, SubnetIDs: []v1alpha1.SubnetID{"subnet-0a", "subnet-0b"},
			LaunchTemplate:               &v1alpha1.LaunchTemplate{ImageID: "ami-0123456789abcdef0", InstanceType: "t2.micro"},
			DefaultInstanceWarmupSeconds: aws.Int32(60),
		},
	}
}

// watch notes which Auto Scaling groups are asked about by name.
func (c *cloud) watch(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		if form, err := url.ParseQuery(string(body)); err == nil && form.Get("Action") == "DescribeAutoScalingGroups" {
			c.noteDescribed(form)
		}
		next.ServeHTTP(w, r)
	})
}

func (c *cloud) noteDescribed(form url.Values) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for key, values := range form {
		if strings.HasPrefix(key, "AutoScalingGroupNames.member.") {
			c.described[values[0]] = true
		}
	}
}

func (c *cloud) forgetDescribed() {
	c.mu.Lock()
	defer c.mu.Unlock()
	clear(c.described)
}

func (c *cloud) describedGroups() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.described)
}
