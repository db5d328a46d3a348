package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

// What a controller may have grown by, beside half of what it took at the beginning.
const (
	moreGoroutines = 50
	moreMebibytes  = 40
)

// footprint is what a process takes, and for how long it has run.
type footprint struct {
	goroutines, mebibytes float64
	age                   time.Duration
}

func (f footprint) String() string {
	return fmt.Sprintf("%.0f goroutines and %.0f MiB", f.goroutines, f.mebibytes)
}

// footprint is what the replica takes that works; on a busy machine there may be none for a moment.
func (s *soak) footprint(ctx context.Context) (found footprint, err error) {
	err = proc.Poll(ctx, time.Minute, "a replica that works", func() (bool, error) {
		var missing error
		_, found, missing = s.leader(ctx)
		return missing == nil, nil
	})
	return found, err
}

// expectNoGrowth compares what the working replica takes with what it took before everything went wrong.
func (s *soak) expectNoGrowth(ctx context.Context, before footprint) error {
	after, err := s.footprint(ctx)
	if err != nil {
		return err
	}
	s.say("the working replica has %s after %s; at the beginning it was %s", after, after.age.Round(time.Second), before)
	if after.goroutines > 1.5*before.goroutines+moreGoroutines || after.mebibytes > 1.5*before.mebibytes+moreMebibytes {
		return errors.New("the controller grows")
	}
	return nil
}

// expectNoPanic reads all that all managers ever said. The framework survives the panic of a turn, and the race detector,
// when a manager is built with it, goes on: nothing else tells of them.
func (s *soak) expectNoPanic() error {
	const shown = 4000
	logs, err := filepath.Glob(filepath.Join(s.dir, "manager-*.log"))
	if err != nil {
		return err
	}
	for _, log := range logs {
		content, err := os.ReadFile(log)
		if err != nil {
			return err
		}
		if i := strings.Index(string(content), "WARNING: DATA RACE"); i >= 0 {
			return fmt.Errorf("a manager has a data race (%s):\n%s", filepath.Base(log), content[i:min(len(content), i+shown)])
		}
		for line := range strings.Lines(string(content)) {
			if strings.Contains(line, `"Observed a panic"`) || strings.HasPrefix(line, "panic: ") || strings.HasPrefix(line, "fatal error: ") {
				return fmt.Errorf("a manager panicked (%s): %s", filepath.Base(log), strings.NewReplacer(`\n`, "\n", `\t`, "\t").Replace(line[:min(len(line), shown)]))
			}
		}
	}
	return nil
}
