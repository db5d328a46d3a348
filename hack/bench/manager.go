package main

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

// start runs the manager.
func (w *world) start(flags ...string) (*proc.Manager, error) {
	return proc.Start(proc.Options{
		Binary: w.manager, Log: filepath.Join(w.dir, fmt.Sprintf("manager-%d.log", time.Now().UnixNano())), Kubeconfig: w.managerConfig,
		Endpoint: w.aws.url, ClusterID: "bench", Flags: append([]string{"--metrics-bind-address=127.0.0.1:0"}, flags...),
	})
}

// patient is Manager.Poll, or proc.Poll where no manager runs.
type patient func(ctx context.Context, patience time.Duration, what string, done func() (bool, error)) error
