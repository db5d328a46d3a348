package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

// bench is what all rows share.
type bench struct {
	dir     string
	assets  string
	started time.Time
	manager string
}

// newBench builds the manager.
func newBench(ctx context.Context, manager string) (*bench, error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		assets = filepath.Join("bin", "k8s")
	}
	for _, needed := range []string{crdBases, filepath.Join(assets, "kubectl")} {
		if _, err := os.Stat(needed); err != nil {
			return nil, fmt.Errorf("%s is missing: run `make bench`, or `make controlplane` and then `go run ./hack/bench` at the top of the repository", needed)
		}
	}
	dir, err := os.MkdirTemp("", "evenkeel-bench-")
	if err != nil {
		return nil, err
	}
	b := &bench{dir: dir, assets: assets, started: time.Now(), manager: manager}
	if err := b.build(ctx); err != nil {
		return nil, errors.Join(err, b.close())
	}
	return b, nil
}

// close removes all files.
func (b *bench) close() error { return os.RemoveAll(b.dir) }

// say tells the progress.
func (b *bench) say(format string, args ...any) {
	fmt.Fprintf(os.Stderr, "[%4.0fs] %s\n", time.Since(b.started).Seconds(), fmt.Sprintf(format, args...))
}

func (b *bench) build(ctx context.Context) error {
	if b.manager != "" {
		return nil
	}
	b.say("building the manager")
	var err error
	b.manager, err = proc.Build(ctx, b.dir)
	return err
}
