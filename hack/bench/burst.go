package main

import (
	"context"
	"errors"
	"strings"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

const (
	burstSize  = 1000
	floorRatio = 3
)

// burstCase is a row of 1,000 objects that are there when the manager starts.
type burstCase struct {
	name, work string
	// poison makes one of the objects one that AWS refuses, with a message that contains refusal.
	poison   func(*v1alpha1.RecordSetSpec)
	refusal  string
	maxCalls int
}

func burstRows() []row {
	cases := []burstCase{
		{name: "burst", work: "1,000 new RecordSets, there at the start", maxCalls: 12},
		{
			name: "refused", work: "the same; AWS refuses 1 and names it", maxCalls: 32,
			refusal: "Value should be enclosed in quotation marks",
			poison: func(spec *v1alpha1.RecordSetSpec) {
				spec.Type, spec.ResourceRecords = "CAA", []v1alpha1.ResourceRecord{"0 issue ca.example.net"}
			},
		},
		{
			name: "refused-unnamed", work: "the same; AWS refuses 1 and does not name it", maxCalls: 32,
			refusal: "EvaluateTargetHealth cannot be true for a CloudFront distribution",
			poison: func(spec *v1alpha1.RecordSetSpec) {
				evaluate := true
				spec.TTL, spec.ResourceRecords = nil, nil
				spec.AliasTarget = &v1alpha1.AliasTarget{
					DNSName: "d111111abcdef8.cloudfront.net", HostedZoneID: "Z2FDTNDATAQYW2", EvaluateTargetHealth: &evaluate,
				}
			},
		},
	}
	rows := make([]row, len(cases))
	for i, c := range cases {
		rows[i] = row{[]string{c.name}, c.work, func(ctx context.Context, b *bench) ([]*result, error) {
			r := &result{Row: c.name, Work: c.work}
			return []*result{r}, b.burst(ctx, c, r)
		}}
	}
	return rows
}

// burst measures one case.
func (b *bench) burst(ctx context.Context, c burstCase, r *result) (err error) {
	w, err := b.newWorld(ctx, c.name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, w.close()) }()
	objects := records(w.namespace, burstSize)
	culprit, stalled := objects[burstSize/2-1], 0
	if c.poison != nil {
		c.poison(&culprit.Spec)
		stalled = 1
	}
	if err := w.create(ctx, objects); err != nil {
		return err
	}
	seen, err := w.watchRecordSets(ctx, w.namespace, burstSize)
	if err != nil {
		return err
	}
	defer seen.stop()
	if late, err := w.converge(ctx, seen, burstSize, stalled, r); late || err != nil {
		return err
	}
	if r.FloorSeconds, err = w.floor(ctx, seen, burstSize); err != nil {
		return err
	}
	r.Ratio = r.Seconds / r.FloorSeconds
	r.atMost("Route 53 calls", r.total(), c.maxCalls)
	r.atMost("throttles", r.Throttles, 0)
	r.atMostSeconds("times the floor", r.Ratio, floorRatio)
	if message := seen.get(culprit.Name).stalled; !strings.Contains(message, c.refusal) {
		r.exceed("the refused object says %q, which is not AWS's message", message)
	} else if c.poison != nil {
		r.note("the refused one is Stalled: %s", message)
	}
	return nil
}

// converge runs a manager until all n objects are Ready but those that stall, and reports whether that came too late.
func (w *world) converge(ctx context.Context, seen *readiness, n, stalled int, r *result) (late bool, err error) {
	counted, err := w.open()
	if err != nil {
		return false, err
	}
	m, err := w.start()
	if err != nil {
		return false, err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	w.say("  the manager has started")
	if late, err := counted.late(ctx, m, r, seen, n-stalled, stalled); late || err != nil {
		return late, err
	}
	r.Seconds = seen.lastReady().Sub(m.Started).Seconds()
	return false, counted.close(ctx, m, r)
}
