package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

const (
	largeSize    = 10_000
	largePages   = (largeSize + 2 + 299) / 300 // NS and SOA are listed too
	resyncCalls  = 36
	memoryMiB    = 150
	resyncPeriod = 40 * time.Second
)

// large measures a zone of 10,000 records: the manager meets it, is started again, resyncs it, and changes one record.
func large(ctx context.Context, b *bench) (results []*result, err error) {
	w, err := b.newWorld(ctx, "large")
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	objects := records(w.namespace, largeSize)
	held := make([]types.ResourceRecordSet, len(objects))
	for i, obj := range objects {
		held[i] = addressRecord(obj.Spec.Name+"."+zoneName, string(obj.Spec.ResourceRecords[0]))
	}
	if err := w.aws.addRecords(held); err != nil {
		return nil, err
	}
	if err := w.create(ctx, objects); err != nil {
		return nil, err
	}
	seen, err := w.watchRecordSets(ctx, w.namespace, largeSize)
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	met, err := w.meet(ctx, seen)
	if err != nil {
		return nil, err
	}
	steady, err := w.steady(ctx, seen)
	return append([]*result{met}, steady...), err
}

// meet has a manager take over 10,000 records that are in Route 53 as declared, and writes all statuses for the first
// time. It has no budget but prepares the rows that have, and shows the peak of memory.
func (w *world) meet(ctx context.Context, seen *readiness) (r *result, err error) {
	r = &result{Row: "meet", Work: "10,000 identical records met for the first time (no budget)"}
	counted, err := w.open()
	if err != nil {
		return nil, err
	}
	m, err := w.start()
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	if err := seen.until(ctx, m.Poll, 4*time.Minute, largeSize, 0); err != nil {
		return nil, err
	}
	r.Seconds = seen.lastReady().Sub(m.Started).Seconds()
	if err := counted.close(ctx, m, r); err != nil {
		return nil, err
	}
	found, err := m.Memory()
	r.note("resident memory: %.0f MiB once done, %.0f MiB at most", found.Now, found.Peak)
	return r, err
}

// steady measures a manager that is started on 10,000 Ready RecordSets.
func (w *world) steady(ctx context.Context, seen *readiness) (results []*result, err error) {
	again := &result{Row: "restart", Work: "start on 10,000 Ready RecordSets (no budget)"}
	counted, err := w.open()
	if err != nil {
		return nil, err
	}
	m, err := w.start("--resync-period=" + resyncPeriod.String())
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	if again.Seconds, err = w.listed(ctx, m); err != nil {
		return nil, err
	}
	if err := counted.close(ctx, m, again); err != nil {
		return nil, err
	}
	highest := watchMemory(m)
	defer highest.stop()
	resynced, err := w.resync(ctx, m)
	if err != nil {
		return nil, err
	}
	changed, err := w.changeOne(ctx, m, seen)
	if err != nil {
		return nil, err
	}
	memory, err := highest.result(m)
	return []*result{again, resynced, changed, memory}, err
}

// listed waits until all pages have been listed once more, and returns the seconds that it took.
func (w *world) listed(ctx context.Context, m *proc.Manager) (float64, error) {
	const operation = "ListResourceRecordSets"
	before, start := w.aws.count(operation), time.Time{}
	err := m.Poll(ctx, 3*resyncPeriod, "a listing of all records", func() (bool, error) {
		pages := w.aws.count(operation) - before
		if pages > 0 && start.IsZero() {
			start = time.Now()
		}
		return pages >= largePages, nil
	})
	return time.Since(start).Seconds(), err
}

// resync counts what one resync period costs when nothing has changed: one listing of the records, and one look at
// the zone, which comes at about the same time.
func (w *world) resync(ctx context.Context, m *proc.Manager) (*result, error) {
	r := &result{Row: "resync", Work: "resync of 10,000 unchanged records"}
	counted, err := w.open()
	if err != nil {
		return nil, err
	}
	w.say("  waiting for the resync")
	if r.Seconds, err = w.listed(ctx, m); err != nil {
		return nil, err
	}
	if err := m.Poll(ctx, resyncPeriod, "the zone's resync", func() (bool, error) {
		return slices.ContainsFunc(w.aws.since(counted.calls), func(c call) bool { return c.operation == "GetHostedZone" }), nil
	}); err != nil {
		return nil, err
	}
	if err := counted.close(ctx, m, r); err != nil {
		return nil, err
	}
	r.atMost("Route 53 calls", r.total(), resyncCalls)
	r.atMost("throttles", r.Throttles, 0)
	r.atMost("writes to AWS", r.Calls["ChangeResourceRecordSets"], 0)
	r.atMost("Kubernetes writes", r.totalWrites(), 0)
	return r, nil
}

// changeOne counts what one edit costs.
func (w *world) changeOne(ctx context.Context, m *proc.Manager, seen *readiness) (*result, error) {
	r := &result{Row: "change", Work: "one changed record among 10,000"}
	counted, err := w.open()
	if err != nil {
		return nil, err
	}
	var obj v1alpha1.RecordSet
	edited := records(w.namespace, largeSize)[largeSize/2]
	if err := w.admin.Get(ctx, client.ObjectKeyFromObject(edited), &obj); err != nil {
		return nil, err
	}
	obj.Spec.ResourceRecords = []v1alpha1.ResourceRecord{"192.0.2.1"}
	start := time.Now()
	if err := w.admin.Update(ctx, &obj); err != nil {
		return nil, fmt.Errorf("editing a RecordSet: %w", err)
	}
	if err := m.Poll(ctx, time.Minute, "the edited RecordSet to become Ready", func() (bool, error) {
		return seen.get(obj.Name).ready.After(start), nil
	}); err != nil {
		return nil, err
	}
	r.Seconds = seen.get(obj.Name).ready.Sub(start).Seconds()
	if err := counted.close(ctx, m, r); err != nil {
		return nil, err
	}
	r.exactly("ChangeResourceRecordSets", r.Calls["ChangeResourceRecordSets"], 1)
	r.exactly("other calls than GetChange", r.total()-r.Calls["ChangeResourceRecordSets"]-r.Calls["GetChange"], 0)
	return r, nil
}

// memoryWatch samples a manager's memory.
type memoryWatch struct {
	cancel context.CancelFunc
	done   sync.WaitGroup
	// highest and err belong to the sampling goroutine until done.
	highest float64
	err     error
}

func watchMemory(m *proc.Manager) *memoryWatch {
	ctx, cancel := context.WithCancel(context.Background())
	s := &memoryWatch{cancel: cancel}
	s.done.Go(func() {
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		for ctx.Err() == nil && s.err == nil {
			var found proc.Memory
			found, s.err = m.Memory()
			s.highest = max(s.highest, found.Now)
			select {
			case <-ctx.Done():
			case <-ticker.C:
			}
		}
	})
	return s
}

func (s *memoryWatch) stop() {
	s.cancel()
	s.done.Wait()
}

// result is the memory row: the highest sample while the manager ran, resynced and changed a record.
func (s *memoryWatch) result(m *proc.Manager) (*result, error) {
	s.stop()
	found, err := m.Memory()
	if err := errors.Join(err, s.err); err != nil {
		return nil, err
	}
	r := &result{Row: "memory", Work: "memory with 10,000 RecordSets", PeakMiB: found.Peak, SteadyMiB: s.highest}
	r.note("resident memory: %.0f MiB at the end, %.0f MiB at most in steady state, %.0f MiB at most since the start", found.Now, s.highest, found.Peak)
	r.atMost("MiB in steady state", int(s.highest+0.5), memoryMiB)
	return r, nil
}
