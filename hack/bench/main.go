package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"regexp"
	"syscall"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

// settings are the command line.
type settings struct {
	rows    *regexp.Regexp
	json    bool
	manager string
}

// errOverBudget is told by the table; there is nothing to add.
var errOverBudget = errors.New("a budget is exceeded")

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
		fmt.Fprintln(os.Stderr, "bench:", err)
		stop()
		os.Exit(1)
	}
}

func parse(args []string) (settings, error) {
	s := settings{rows: regexp.MustCompile("")}
	flags := flag.NewFlagSet("bench", flag.ContinueOnError)
	flags.Usage = func() {
		fmt.Fprintf(flags.Output(), "bench measures AWS calls, Kubernetes writes, time and memory under load.\n\nUsage: go run ./hack/bench [flags]\n\n")
		flags.PrintDefaults()
		fmt.Fprintf(flags.Output(), "\nRows:\n")
		for _, r := range allRows() {
			fmt.Fprintf(flags.Output(), "  %-16s %s\n", r.names[0], r.work)
		}
	}
	flags.Func("rows", "`regexp` of the rows to run (default all)", func(text string) (err error) {
		s.rows, err = regexp.Compile(text)
		return err
	})
	flags.BoolVar(&s.json, "json", false, "print JSON instead of a table")
	flags.StringVar(&s.manager, "manager", "", "`file` of the manager to measure (default: built from the source)")
	if err := flags.Parse(args); err != nil {
		return s, err
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("there are no arguments besides flags, but %q was given", flags.Arg(0))
	}
	return s, nil
}

// row is one run; it may measure several lines of the table.
type row struct {
	names []string
	work  string
	run   func(context.Context, *bench) ([]*result, error)
}

func allRows() []row {
	return append(burstRows(),
		row{[]string{"stream"}, "1,000 RecordSets by one kubectl apply to a running controller", stream},
		row{[]string{"zones"}, "10 new zones of 1,000 RecordSets each, there at the start", zones},
		row{[]string{"balancers", "balancer"}, "looks at LoadBalancers that are as declared", balancers},
		row{[]string{"groups", "groups-new", "groups-changed"}, "500 AutoScalingGroups: made, resynced, 50 changed at once", groups},
		row{[]string{"resync", "change", "memory"}, "10,000 RecordSets: met, met again, resynced, one changed", large},
	)
}

func (r row) selected(by *regexp.Regexp) bool {
	for _, name := range r.names {
		if by.MatchString(name) {
			return true
		}
	}
	return false
}

func run(ctx context.Context, s settings) (err error) {
	var chosen []row
	for _, r := range allRows() {
		if r.selected(s.rows) {
			chosen = append(chosen, r)
		}
	}
	if len(chosen) == 0 {
		return fmt.Errorf("no row matches %q", s.rows)
	}
	b, err := newBench(ctx, s.manager)
	if err != nil {
		return interrupted(ctx, err)
	}
	defer func() { err = interrupted(ctx, errors.Join(err, b.close())) }()
	var results []*result
	for _, r := range chosen {
		b.say("%s: %s", r.names[0], r.work)
		measured, err := r.run(ctx, b)
		results = append(results, measured...)
		if err != nil {
			return errors.Join(fmt.Errorf("row %s: %w", r.names[0], err), show(results, s.json))
		}
	}
	if err := show(results, s.json); err != nil {
		return err
	}
	for _, r := range results {
		if len(r.Exceeded) > 0 {
			return errOverBudget
		}
	}
	return nil
}

// interrupted replaces what fails because of Ctrl-C by one sentence.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errors.New("interrupted; everything is stopped and removed")
	}
	return err
}

func show(results []*result, asJSON bool) error {
	if !asJSON {
		return printTable(os.Stdout, results)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	return encoder.Encode(results)
}
