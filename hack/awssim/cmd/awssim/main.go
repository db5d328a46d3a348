// Command awssim runs the local AWS alone, for demos and for work by hand.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// version is stamped in by the linker.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)
	switch {
	case err == nil || errors.Is(err, flag.ErrHelp):
	case errors.As(err, new(usageError)):
		os.Exit(2)
	default:
		fmt.Fprintln(os.Stderr, "awssim:", err)
		os.Exit(1)
	}
}

// usageError is an error that the flag package has told already.
type usageError struct{ error }

func (e usageError) Unwrap() error { return e.error }

// settings are the command line.
type settings struct {
	listen, dns string
	version     bool
	options     awssim.Options
}

func parse(args []string, stderr io.Writer) (settings, error) {
	var s settings
	flags := flag.NewFlagSet("awssim", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintf(stderr, "awssim is a local AWS: Route 53 and STS on one HTTP port, DNS on another.\n\nUsage: awssim [flags]\n\n")
		flags.PrintDefaults()
	}
	flags.StringVar(&s.listen, "listen", "127.0.0.1:4566", "`address` of the AWS API and of the control API under /_sim/")
	flags.StringVar(&s.dns, "dns", "127.0.0.1:10053", "`address` of the DNS server, UDP and TCP; empty for none")
	flags.Func("profile", "timing, `realistic` or fast (default realistic)", func(text string) error {
		s.options.Profile = awssim.Profile(text)
		return nil
	})
	flags.Func("limits", "request-rate limits, `aws`, legacy5rps or off (default aws)", func(text string) error {
		s.options.Limits = awssim.Limits(text)
		return nil
	})
	flags.StringVar(&s.options.StateFile, "state", "", "`file` to load the state from and to save it to")
	flags.Uint64Var(&s.options.Seed, "seed", 0, "`number` that makes ids and waits the same in each run; 0 does not")
	span := func(name, usage string, target **frame.Span) {
		flags.Func(name, usage+", a `duration` or a range like 15s-60s (default by profile)", func(text string) error {
			parsed, err := frame.ParseSpan(text)
			*target = &parsed
			return err
		})
	}
	span("propagation", "time from a Route 53 change's PENDING to INSYNC", &s.options.Propagation)
	span("busy", "how long a zone refuses the next change after one", &s.options.Busy)
	span("latency", "time each API call takes, median to 99th percentile", &s.options.Latency)
	span("signing", "time a zone takes to begin or to end signing", &s.options.Signing)
	flags.Float64Var(&s.options.Pace, "pace", 0, "how many `times` faster than asked for health checkers probe (default by profile)")
	flags.BoolVar(&s.options.DataPlane, "data-plane", true, "have load balancers listen and forward, and probe their targets")
	flags.BoolVar(&s.version, "version", false, "print the version and exit")
	if err := flags.Parse(args); err != nil {
		return s, usageError{err}
	}
	if flags.NArg() > 0 {
		return s, fmt.Errorf("there are no arguments besides flags, but %q was given", flags.Arg(0))
	}
	return s, nil
}

func run(ctx context.Context, args []string, stdout, stderr io.Writer) error {
	s, err := parse(args, stderr)
	if err != nil {
		return err
	}
	if s.version {
		_, err := fmt.Fprintln(stdout, "awssim", version)
		return err
	}
	server, err := awssim.New(s.options)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", s.listen)
	if err != nil {
		return taken(err, s.listen, "--listen")
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ends := []func(context.Context) error{
		func(ctx context.Context) error { return serve(ctx, listener, server) },
	}
	dnsAddress := ""
	if s.dns != "" {
		dns, err := server.ListenDNS(s.dns, dnsserver.Options{})
		if err != nil {
			return errors.Join(taken(err, s.dns, "--dns"), listener.Close())
		}
		dnsAddress = dns.Addr()
		ends = append(ends, dns.Serve)
	}
	greet(stdout, server, listener.Addr().String(), dnsAddress)
	failed := make(chan error, len(ends))
	for _, run := range ends {
		go func() {
			defer cancel()
			failed <- run(ctx)
		}()
	}
	for range ends {
		err = errors.Join(err, <-failed)
	}
	return errors.Join(err, server.Close())
}

// taken tells a port that another program has in one sentence with what to do.
func taken(err error, address, flagName string) error {
	if !errors.Is(err, syscall.EADDRINUSE) {
		return err
	}
	_, port, splitErr := net.SplitHostPort(address)
	if splitErr != nil {
		return err
	}
	return fmt.Errorf("%s is taken by another program: stop it (lsof -i :%s shows it), or choose another address with %s",
		address, port, flagName)
}

// serve runs until the context ends, then lets calls under way finish.
func serve(ctx context.Context, listener net.Listener, handler http.Handler) error {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(listener) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	grace, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	return server.Shutdown(grace)
}

func greet(w io.Writer, server *awssim.Server, address, dns string) {
	lines := []string{
		fmt.Sprintf("awssim serves %s on http://%s", server, address),
		"",
		"Point the AWS CLI, an SDK or the controller at it with:",
		"  export AWS_ENDPOINT_URL=http://" + address,
		"  export AWS_ACCESS_KEY_ID=simulated AWS_SECRET_ACCESS_KEY=simulated AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1",
	}
	if dns != "" {
		host, port, err := net.SplitHostPort(dns)
		if err == nil {
			lines = append(lines, "", "Ask its DNS server with:", "  dig @"+host+" -p "+port+" www.example.com")
		}
	}
	lines = append(lines, "", "Calls are counted at http://"+address+"/_sim/meter; Ctrl-C stops it.")
	fmt.Fprintln(w, strings.Join(lines, "\n"))
}
