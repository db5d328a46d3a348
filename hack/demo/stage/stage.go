// Package stage is what the demo plays on: a real Kubernetes API server, the local AWS and the controller, each a
// program of its own on this machine, started in order and ended in order.
//
//	stage.go      starting and ending all of it
//	process.go ports.go lastwill.go   programs beside the demo
//	cluster.go    the API server, and kubectl
//	objects.go    the objects of the four kinds, and events about them
//	localaws.go   the local AWS and its control API
//	resources.go  everything that exists in AWS
//	controller.go bin/manager, which may be killed and started again
package stage

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"
)

// startTimeout is how long the local AWS and the controller may take to answer.
const startTimeout = 30 * time.Second

// Settings say what is started, and where.
type Settings struct {
	// Root is the repository, Assets the folder of kube-apiserver, etcd and kubectl.
	Root, Assets string
	// AWSPort and DNSPort are the local AWS's; 0 takes any that is free.
	AWSPort, DNSPort int
	// Resync is how often the controller compares AWS with what is declared.
	Resync time.Duration
}

// Stage is the programs that run.
type Stage struct {
	Settings   Settings
	Dir        string
	AWS        *AWS
	Cluster    *Cluster
	Controller *Controller
	// will ends the children when the demo is killed by force.
	will *lastWill
	// abort ends the run because something that it needs is gone.
	abort context.CancelCauseFunc
}

// New prepares a stage that keeps its files in a folder; abort is called when a program ends that should not.
func New(s Settings, dir string, abort context.CancelCauseFunc) *Stage {
	return &Stage{Settings: s, Dir: dir, abort: abort}
}

// Start starts the three programs, each once the one before answers. begin tells that something begins, and returns
// the function that tells its end.
func (s *Stage) Start(ctx context.Context, begin func(what string) (end func(detail string))) (err error) {
	if s.will, err = writeLastWill(); err != nil {
		return err
	}
	done := begin("local AWS")
	if s.AWS, err = startAWS(s.Settings, s.Dir); err != nil {
		return err
	}
	s.need(s.AWS.process)
	if err := s.will.name(); err != nil {
		return err
	}
	if err := Poll(ctx, "the local AWS", startTimeout, s.AWS.ready); err != nil {
		return err
	}
	done(s.AWS.url() + ", DNS on " + s.AWS.DNS)

	done = begin("Kubernetes API")
	if err := s.startCluster(ctx); err != nil {
		return err
	}
	if err := errors.Join(s.will.name(), s.Cluster.allowManager(ctx)); err != nil {
		return err
	}
	done(s.Cluster.url())

	done = begin("controller")
	if err := s.StartController(ctx); err != nil {
		return err
	}
	done("log " + s.Controller.log)
	return nil
}

// StartController starts the controller, the first time or again, and returns once it answers.
func (s *Stage) StartController(ctx context.Context) error {
	if s.Controller == nil {
		s.Controller = newController(s)
	}
	if err := s.Controller.start(); err != nil {
		return err
	}
	s.need(s.Controller.process)
	if err := s.will.name(); err != nil {
		return err
	}
	return Poll(ctx, "the controller", startTimeout, s.Controller.ready)
}

// KillController ends the controller without giving it time for anything, as a machine does that loses power.
func (s *Stage) KillController() error { return s.Controller.process.kill() }

// startCluster starts the control plane. Its start cannot be interrupted, so an interrupt waits for its end.
func (s *Stage) startCluster(ctx context.Context) error {
	s.Cluster = newCluster(s.Settings, s.Dir)
	result := make(chan error, 1)
	go func() { result <- s.Cluster.start() }()
	select {
	case err := <-result:
		if err != nil {
			return err
		}
	case <-ctx.Done():
		return errors.Join(context.Cause(ctx), <-result)
	}
	go func() {
		if err := s.Cluster.guard(ctx); err != nil {
			s.abort(err)
		}
	}()
	return nil
}

// need ends the run when the process ends, unless that is meant.
func (s *Stage) need(p *process) {
	go func() {
		<-p.ended
		if !p.meant.Load() {
			s.abort(p.death())
		}
	}()
}

// Stop ends what was started, the last first.
func (s *Stage) Stop() error {
	s.abort(nil) // what ends from now on is meant to
	var problems []error
	if s.Controller != nil && s.Controller.process != nil {
		problems = append(problems, s.Controller.process.stop())
	}
	if s.Cluster != nil {
		problems = append(problems, s.Cluster.stop())
	}
	if s.AWS != nil && s.AWS.process != nil {
		problems = append(problems, s.AWS.process.stop())
	}
	if s.will != nil {
		problems = append(problems, s.will.revoke())
	}
	return errors.Join(problems...)
}

// Logs are the logs that a failed run leaves.
func (s *Stage) Logs() []string {
	var logs []string
	for _, name := range []string{"manager.log", "awssim.log", "kube-apiserver.log"} {
		logs = append(logs, filepath.Join(s.Dir, name))
	}
	return logs
}

// Pause waits, and reports false when the context ended first.
func Pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// Poll tries until it works; what was wrong last is the error when that takes too long.
func Poll(ctx context.Context, what string, most time.Duration, try func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for {
		err := try(limited)
		if err == nil {
			return nil
		}
		if !Pause(limited, 100*time.Millisecond) {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%s is not there after %s: %w", what, most, err)
		}
	}
}
