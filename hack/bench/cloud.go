package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

// propagation is how long a change takes to become INSYNC.
const propagation = time.Second

// recordQuota is the zone's quota of records: AWS's default of 10,000, raised to hold 10,000 of ours beside NS and SOA.
const recordQuota = 10_100

// cloud is a local AWS with AWS's request limits, latencies and busy windows.
type cloud struct {
	sim  *awssim.Server
	http *http.Server
	url  string

	mu    sync.Mutex
	calls []call
	// described are the Auto Scaling groups that were asked about by name.
	described map[string]bool
}

// call is one call to Route 53.
type call struct {
	operation string
	at        time.Time
}

func newCloud() (*cloud, error) {
	span := frame.Exactly(propagation)
	sim, err := awssim.New(awssim.Options{
		Profile: awssim.ProfileRealistic, Limits: awssim.LimitsAWS, Propagation: &span, Seed: 1, LoadBalancing: &balancing,
		Quotas: route53.Quotas{RecordsPerZone: recordQuota},
	})
	if err != nil {
		return nil, err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	c := &cloud{sim: sim, url: "http://" + listener.Addr().String(), described: map[string]bool{}}
	sim.SetHook(c.note)
	c.http = &http.Server{Handler: c.watch(sim), ReadHeaderTimeout: 10 * time.Second}
	// It ends with close, which is no failure.
	go func() { _ = c.http.Serve(listener) }()
	return c, nil
}

func (c *cloud) close() error { return errors.Join(c.http.Close(), c.sim.Close()) }

func (c *cloud) note(made awssim.Call) {
	if made.Phase != awssim.Before || made.Service != "route53" {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.calls = append(c.calls, call{made.Operation, time.Now()})
}

// count is how many calls of an operation were made so far; of any, when it is empty.
func (c *cloud) count(operation string) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	n := 0
	for _, made := range c.calls {
		if operation == "" || made.operation == operation {
			n++
		}
	}
	return n
}

// since returns the calls after the first n.
func (c *cloud) since(n int) []call {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]call(nil), c.calls[n:]...)
}

// throttles is how many calls were throttled so far.
func (c *cloud) throttles() int {
	total := 0
	for _, n := range c.sim.Meter().Throttled {
		total += n
	}
	return total
}

// quiet waits until no call was made for a while.
func (c *cloud) quiet(ctx context.Context, m *proc.Manager, d time.Duration) error {
	since := time.Now()
	return m.Poll(ctx, 30*time.Second+d, "AWS calls to end", func() (bool, error) {
		c.mu.Lock()
		defer c.mu.Unlock()
		last := since
		if n := len(c.calls); n > 0 && c.calls[n-1].at.After(last) {
			last = c.calls[n-1].at
		}
		return time.Since(last) >= d, nil
	})
}

// addRecords puts the records into the only zone, past the API and its limits.
func (c *cloud) addRecords(records []types.ResourceRecordSet) error {
	raw, err := c.sim.StateJSON()
	if err != nil {
		return err
	}
	var world struct {
		VPCs     json.RawMessage           `json:"vpcs"`
		Services map[string]map[string]any `json:"services"`
	}
	if err := json.Unmarshal(raw, &world); err != nil {
		return err
	}
	zones, ok := world.Services["route53"]["zones"].([]any)
	if !ok || len(zones) != 1 {
		return errors.New("the local AWS does not hold exactly one zone")
	}
	zone, ok := zones[0].(map[string]any)
	if !ok {
		return errors.New("the local AWS describes its zone in an unknown form")
	}
	sets, ok := zone["recordSets"].([]any)
	if !ok {
		return errors.New("the local AWS describes its records in an unknown form")
	}
	for _, record := range records {
		sets = append(sets, record)
	}
	zone["recordSets"] = sets
	if raw, err = json.Marshal(world); err != nil {
		return err
	}
	if err := c.sim.LoadState(raw); err != nil {
		return fmt.Errorf("loading %d records: %w", len(records), err)
	}
	return nil
}

// addressRecord is an A record as Route 53 holds it.
func addressRecord(name, address string) types.ResourceRecordSet {
	return types.ResourceRecordSet{
		Name: aws.String(name), Type: types.RRTypeA, TTL: aws.Int64(recordTTL),
		ResourceRecords: []types.ResourceRecord{{Value: aws.String(address)}},
	}
}
