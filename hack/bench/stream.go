package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

const (
	streamSize     = 1000
	streamCalls    = 60
	longestLatency = 5 * time.Second
)

// stream measures kubectl apply of many objects to a running manager.
func stream(ctx context.Context, b *bench) (results []*result, err error) {
	r := &result{Row: "stream", Work: "1,000 RecordSets by one kubectl apply to a running controller"}
	w, err := b.newWorld(ctx, r.Row)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	file := filepath.Join(w.dir, "stream.yaml")
	if err := os.WriteFile(file, manifest(records(w.namespace, streamSize)), 0o600); err != nil {
		return nil, err
	}
	seen, err := w.watchRecordSets(ctx, w.namespace, 0)
	if err != nil {
		return nil, err
	}
	defer seen.stop()
	m, err := w.startIdle(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	counted, err := w.open()
	if err != nil {
		return nil, err
	}
	start := time.Now()
	w.say("  kubectl apply")
	if output, err := exec.CommandContext(ctx, w.kubectl, "--kubeconfig="+w.adminConfig, "apply", "-f", file).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("kubectl apply: %w\n%s", err, output)
	}
	r.note("kubectl apply took %.1f s", time.Since(start).Seconds())
	if late, err := counted.late(ctx, m, r, seen, streamSize, 0); late || err != nil {
		return []*result{r}, err
	}
	r.Seconds = seen.lastReady().Sub(start).Seconds()
	if err := counted.close(ctx, m, r); err != nil {
		return nil, err
	}
	all := seen.latencies()
	p50, p99, slowest := all[len(all)/2], all[len(all)*99/100], all[len(all)-1]
	r.note("created to Ready: median %.2f s, 99th percentile %.2f s, slowest %.2f s", p50.Seconds(), p99.Seconds(), slowest.Seconds())
	r.atMost("Route 53 calls", r.total(), streamCalls)
	r.atMost("throttles", r.Throttles, 0)
	r.atMostSeconds("seconds from created to Ready", slowest.Seconds(), longestLatency.Seconds())
	return []*result{r}, nil
}

// startIdle starts a manager and waits until it has looked at the zone and has nothing left to do.
func (w *world) startIdle(ctx context.Context, flags ...string) (*proc.Manager, error) {
	before := w.aws.count("")
	m, err := w.start(flags...)
	if err != nil {
		return nil, err
	}
	err = m.Poll(ctx, time.Minute, "the first AWS call", func() (bool, error) { return w.aws.count("") > before, nil })
	if err == nil {
		err = w.aws.quiet(ctx, m, settling)
	}
	if err != nil {
		return nil, errors.Join(err, m.Stop())
	}
	return m, nil
}

// manifest renders RecordSets as people write them.
func manifest(objects []*v1alpha1.RecordSet) []byte {
	var text bytes.Buffer
	for _, obj := range objects {
		fmt.Fprintf(&text, `---
apiVersion: aws.evenkeel.io/v1alpha1
kind: RecordSet
metadata:
  name: %s
  namespace: %s
spec:
  hostedZoneRef: {name: %s}
  name: %s
  type: %s
  ttl: %d
  resourceRecords: ["%s"]
`, obj.Name, obj.Namespace, obj.Spec.HostedZoneRef.Name, obj.Spec.Name, obj.Spec.Type, *obj.Spec.TTL, obj.Spec.ResourceRecords[0])
	}
	return text.Bytes()
}
