// Command demo shows Evenkeel at work on this machine: a real Kubernetes API server, a local AWS and the controller
// build a highly available web application from a manifest, and keep it up while it is broken in every way the acts
// name. `make demo` builds what it needs and runs it.
//
//	main.go      command line, signals, exit code
//	story.go     what is shown, in order
//	telling.go   how it is told: as a picture or in lines
//	stage/       what is started: the API server, the local AWS, the controller
//	acts/        what happens to the application, and how many requests it may cost
//	traffic/     the visitors
//	scene/       what is to be seen at a moment
//	screen/      shows it on a terminal
//	record/      keeps it; report/ makes a page of it
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
	"regexp"
	"strconv"
	"syscall"
	"time"

	"github.com/go-logr/logr"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/evenkeel/evenkeel/hack/demo/screen"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

const (
	exitFailed      = 1
	exitUsage       = 2
	exitInterrupted = 130
)

// resync is how often the controller compares AWS with the manifests here; its default is 5 minutes. It goes with the
// rest of the simulated world, which is 20 to 100 times as fast.
const resync = 5 * time.Second

// settings are the command line.
type settings struct {
	stage     stage.Settings
	manifests string
	report    string
	recording string
	acts      *regexp.Regexp
	once      bool
}

const usage = `demo shows Evenkeel on this machine: it starts a Kubernetes API server, a local AWS and the controller,
applies a highly available web application (hack/demo/application.yaml), sends it a steady stream of requests, and
breaks it in one act after the other. It ends with a table and an HTML report, and leaves nothing else behind.
"make demo" builds what is missing first.

Usage: make demo [ONCE=1] [DEMO_AWS_PORT=n] [DEMO_DNS_PORT=n]
       bin/demo [flags]      (in the repository, after "make demo" has built it)

On a terminal: p pauses before the next act, n goes on to it, q quits.

With --once it runs unattended and writes lines: exit code 0 when every act healed, no more requests failed than each
act explains, and nothing was left in AWS; 1 when not; 130 when interrupted.

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
	// A closed terminal ends it in order, too. So does `| head`, which the console tells: the signal for that comes for
	// connections as well, whenever a load balancer resets one.
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	signal.Ignore(syscall.SIGPIPE)
	return tell(ctx, s, screen.New(os.Stdout, s.once))
}

// parse reads flags, and environment variables for what make passes on. Help goes to out.
func parse(args []string, out io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("demo", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	flags.BoolVar(&s.once, "once", isSet(os.Getenv("ONCE")), "run unattended and check; ONCE=1 in the environment does the same")
	awsPort := flags.String("aws-port", os.Getenv("DEMO_AWS_PORT"), "`port` of the local AWS, 0 for any that is free; else DEMO_AWS_PORT, else 4566, or 0 with --once")
	dnsPort := flags.String("dns-port", os.Getenv("DEMO_DNS_PORT"), "`port` of the DNS server, 0 for any that is free; else DEMO_DNS_PORT, else 10053, or 0 with --once")
	flags.StringVar(&s.manifests, "manifests", filepath.Join("hack", "demo", "application.yaml"), "`file` of the application")
	flags.StringVar(&s.report, "report", filepath.Join("bin", "demo-report.html"), "`file` to write the HTML report to")
	flags.StringVar(&s.recording, "recording", "", "`file` to write what the report is made of to, as JSON")
	only := flags.String("acts", "", "`regexp` of the names of acts to play; all by default")
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		fmt.Fprint(out, usage)
		flags.SetOutput(out)
		flags.PrintDefaults()
		return s, err
	} else if err != nil {
		return s, fmt.Errorf("%w (--help lists what there is)", err)
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("there are no arguments besides flags, but %q was given", flags.Arg(0))
	}
	var err error
	if s.stage.AWSPort, err = parsePort(*awsPort, 4566, s.once); err != nil {
		return s, err
	}
	if s.stage.DNSPort, err = parsePort(*dnsPort, 10053, s.once); err != nil {
		return s, err
	}
	if s.acts, err = regexp.Compile(*only); err != nil {
		return s, fmt.Errorf("--acts: %w", err)
	}
	s.stage.Resync = resync
	if s.manifests, err = filepath.Abs(s.manifests); err != nil {
		return s, fmt.Errorf("finding the application: %w", err)
	}
	return s, s.locate()
}

// locate finds the repository and the binaries of the control plane.
func (s *settings) locate() (err error) {
	if s.stage.Root, err = os.Getwd(); err != nil {
		return fmt.Errorf("finding the working directory: %w", err)
	}
	for _, needed := range []string{"config/crd/bases", "bin/manager", "bin/awssim"} {
		if _, err := os.Stat(filepath.Join(s.stage.Root, needed)); err != nil {
			return fmt.Errorf("there is no %s here: run `make demo` in the root of the repository, which builds it", needed)
		}
	}
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		assets = filepath.Join("bin", "k8s")
	}
	if s.stage.Assets, err = filepath.Abs(assets); err != nil {
		return fmt.Errorf("finding the control plane: %w", err)
	}
	for _, name := range []string{"kube-apiserver", "etcd", "kubectl"} {
		if _, err := os.Stat(filepath.Join(s.stage.Assets, name)); err != nil {
			return fmt.Errorf("there is no %s in %s: `make controlplane` builds it into bin/k8s, KUBEBUILDER_ASSETS may name another folder", name, s.stage.Assets)
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

func isSet(value string) bool {
	set, err := strconv.ParseBool(value)
	return set || value != "" && err != nil
}
