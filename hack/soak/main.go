package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

// settings are the command line.
type settings struct {
	duration time.Duration
	seed     uint64
	manager  string
	apps     int
	verbose  bool
}

const usage = `soak lets everything go wrong at random and looks whether all ends as declared.

Usage: go run ./hack/soak [flags]

The seed decides on each deed: its kind, whom it concerns and how long until the next. It cannot decide what it meets: the
controllers, the API server and the network have a time of their own, so that the same seed plays the same deeds and not
always the same race, and a slower machine gets less far in the same time. A failure leaves the managers' logs, all deeds
and the state of AWS in a folder that it names.

`

// again is the command that plays a run again.
func (s settings) again() string {
	command := fmt.Sprintf("make soak DURATION=%s SEED=%d", s.duration, s.seed)
	if s.apps != defaultApps {
		command = fmt.Sprintf("go run ./hack/soak -duration=%s -seed=%d -apps=%d", s.duration, s.seed, s.apps)
	}
	return command
}

const defaultApps = 3

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	s, err := parse(os.Args[1:])
	if errors.Is(err, flag.ErrHelp) {
		return
	}
	if err == nil {
		ctrl.SetLogger(logr.Discard())
		err = run(ctx, s)
	}
	if err != nil {
		if ctx.Err() != nil {
			err = errors.New("interrupted; everything is stopped and removed")
		}
		fmt.Fprintln(os.Stderr, "soak:", err)
		stop()
		os.Exit(1)
	}
}

func parse(args []string) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("soak", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprint(flags.Output(), usage)
		flags.PrintDefaults()
	}
	flags.DurationVar(&s.duration, "duration", 2*time.Minute, "how long things go wrong, before it is quiet and all is judged")
	flags.Uint64Var(&s.seed, "seed", 0, "what decides on each deed (default: from the clock)")
	flags.IntVar(&s.apps, "apps", defaultApps, "how many applications (a zone, its records, a load balancer, a group) there are")
	flags.StringVar(&s.manager, "manager", "", "`file` of the manager to run (default: built from the source)")
	flags.BoolVar(&s.verbose, "verbose", false, "tell each deed as it is done, not only those before a failure")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	switch {
	case flags.NArg() > 0:
		return s, fmt.Errorf("there are no arguments besides flags, but %q was given", flags.Arg(0))
	case s.duration < time.Second:
		return s, fmt.Errorf("-duration must be at least 1s, got %s", s.duration)
	case s.apps < 1 || s.apps > 20:
		return s, fmt.Errorf("-apps must be between 1 and 20, got %d", s.apps)
	}
	if s.seed == 0 {
		s.seed = uint64(time.Now().UnixNano())
	}
	return s, nil
}
