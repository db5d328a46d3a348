// Command demo shows Evenkeel at work on this machine: a real Kubernetes API server, a local AWS and the controller,
// from manifests to DNS answers. `make demo` builds what it needs and runs it.
//
//	main.go       command line, signals, exit code
//	story.go      what is shown, in order
//	ports.go process.go cluster.go localaws.go controller.go   what is started
//	manifests.go answers.go   what the manifests say that DNS must answer (pure)
//	resolver.go   asks the DNS server
//	watch.go rows.go table.go console.go   objects on their way to Ready
//	checks.go     what --once proves beyond that
//	hints.go      what to try next
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// settings are the command line.
type settings struct {
	root, assets, samples string
	awsPort, dnsPort      int
	once                  bool
	timeout               time.Duration
}

const usage = `demo shows Evenkeel on this machine: it starts a Kubernetes API server, a local AWS and the controller,
applies manifests, shows them become Ready, and asks the DNS server for every record they declare.
It stays up until Ctrl-C and leaves nothing behind. "make demo" builds what is missing first.

Usage: make demo [ONCE=1] [DEMO_AWS_PORT=n] [DEMO_DNS_PORT=n]
       bin/demo [flags]      (in the repository, after "make demo" has built it)

With --once it checks and exits: 0 when every object became Ready, every DNS answer is as declared, applying the
manifests again wrote nothing, and deleting them left nothing in AWS; 1 when not; 130 when interrupted.

Flags:
`

func main() {
	os.Exit(run(os.Args[1:]))
}

func run(args []string) int {
	s, err := parse(args, os.Stdout)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		fmt.Fprintln(os.Stderr, "demo:", err)
		return exitUsage
	}
	ctrl.SetLogger(logr.Discard()) // what envtest has to say of failures comes back as errors
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM,
		syscall.SIGHUP, syscall.SIGPIPE) // a closed terminal, or `| head`, ends it in order, too
	defer stop()
	return tell(ctx, s, newConsole(os.Stdout))
}

// parse reads flags, and environment variables for what make passes on. Help goes to out.
func parse(args []string, out io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&s.once, "once", isSet(os.Getenv("ONCE")), "check and exit; ONCE=1 in the environment does the same")
	awsPort := flags.String("aws-port", os.Getenv("DEMO_AWS_PORT"), "`port` of the local AWS, 0 for any that is free; else DEMO_AWS_PORT, else 4566, or 0 with --once")
	dnsPort := flags.String("dns-port", os.Getenv("DEMO_DNS_PORT"), "`port` of the DNS server, 0 for any that is free; else DEMO_DNS_PORT, else 10053, or 0 with --once")
	flags.StringVar(&s.samples, "samples", "config/samples", "kustomization `folder` to apply")
	flags.DurationVar(&s.timeout, "timeout", time.Minute, "how long the objects may take to become Ready")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		showHelp(out, flags)
		return s, err
	} else if err != nil {
		return s, fmt.Errorf("%w (--help lists what there is)", err)
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("there are no arguments besides flags, but %q was given", flags.Arg(0))
	}
	var err error
	if s.awsPort, err = parsePort(*awsPort, 4566, s.once); err != nil {
		return s, err
	}
	if s.dnsPort, err = parsePort(*dnsPort, 10053, s.once); err != nil {
		return s, err
	}
	return s, s.locate()
}

// locate finds the repository and the binaries of the control plane.
func (s *settings) locate() (err error) {
	if s.root, err = os.Getwd(); err != nil {
		return fmt.Errorf("finding the working directory: %w", err)
	}
	for _, needed := range []string{"config/crd/bases", "bin/manager", "bin/awssim"} {
		if _, err := os.Stat(filepath.Join(s.root, needed)); err != nil {
			return fmt.Errorf("there is no %s here: run `make demo` in the root of the repository, which builds it", needed)
		}
	}
	s.assets = os.Getenv("KUBEBUILDER_ASSETS")
	if s.assets == "" {
		s.assets = filepath.Join("bin", "k8s")
	}
	if s.assets, err = filepath.Abs(s.assets); err != nil {
		return fmt.Errorf("finding the control plane: %w", err)
	}
	for _, name := range []string{"kube-apiserver", "etcd", "kubectl"} {
		if _, err := os.Stat(filepath.Join(s.assets, name)); err != nil {
			return fmt.Errorf("there is no %s in %s: `make controlplane` builds it into bin/k8s, KUBEBUILDER_ASSETS may name another folder", name, s.assets)
		}
	}
	return nil
}

// parsePort reads a port; when none is given it is the usual one, or with --once any: nobody has to know that one, and
// a demo that is up is not in the way.
func parsePort(text string, usual int, once bool) (int, error) {
	switch {
	case text == "" && once:
		return 0, nil
	case text == "":
		return usual, nil
	}
	port, err := strconv.Atoi(text)
	if err != nil || port < 0 || port > 65535 {
		return 0, fmt.Errorf("%q is no port: give one from 1 to 65535, or 0 for any that is free", text)
	}
	return port, nil
}

func showHelp(out io.Writer, flags *flag.FlagSet) {
	fmt.Fprint(out, usage)
	flags.SetOutput(out)
	flags.PrintDefaults()
}

func isSet(value string) bool {
	set, err := strconv.ParseBool(value)
	return set || value != "" && err != nil
}
