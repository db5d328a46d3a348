package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/acts"
	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/report"
	"github.com/evenkeel/evenkeel/hack/demo/scene"
	"github.com/evenkeel/evenkeel/hack/demo/screen"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
	"github.com/evenkeel/evenkeel/hack/demo/traffic"
)

const (
	// convergeTimeout is how long the objects may take to become Ready.
	convergeTimeout = time.Minute
	// host is what the visitors ask for.
	host = "www.mywebsite.com"
)

// demo is one run.
type demo struct {
	settings settings
	out      *screen.Console
	dir      string
	stage    *stage.Stage
	world    *acts.World
	telling  *telling
	// abort ends the run.
	abort context.CancelCauseFunc
}

// tell runs the demo from beginning to end and returns the exit code.
func tell(signals context.Context, s settings, out *screen.Console) int {
	dir, err := os.MkdirTemp("", "evenkeel-demo-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo: making a folder for what this run needs:", err)
		return exitFailed
	}
	ctx, abort := context.WithCancelCause(signals)
	defer abort(nil)
	d := &demo{settings: s, out: out, dir: dir, stage: stage.New(s.stage, dir, abort), abort: abort}
	out.Closed = abort
	err = d.show(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	out.Abandon()
	if closing := out.Close(); closing != nil {
		fmt.Fprintln(os.Stderr, "demo: giving the terminal back:", closing)
	}
	if d.world != nil {
		err = errors.Join(err, d.sumUp())
	}
	return d.conclude(signals, err, d.stage.Stop())
}

// show is the story.
func (d *demo) show(ctx context.Context) error {
	d.out.Say(d.out.Bold("Evenkeel demo") + ": all on this machine, no AWS account needed; Ctrl-C ends it.\n")
	if err := d.stage.Start(ctx, d.out.Begin); err != nil {
		return err
	}
	if err := d.writeEnvironment(); err != nil {
		return err
	}
	raw, err := os.ReadFile(d.settings.manifests)
	if err != nil {
		return fmt.Errorf("reading the application: %w", err)
	}
	objects, err := stage.Decode(raw)
	if err != nil {
		return err
	}
	before, err := d.stage.AWS.Resources(ctx)
	if err != nil {
		return err
	}
	recorder := record.NewRecorder(time.Now(), machine(), command(d.settings))
	d.world = d.build(recorder, objects, before)
	watching, stopWatching := context.WithCancel(ctx)
	defer stopWatching()
	go d.world.Watcher.Watch(watching)
	go d.world.Work(watching)
	d.telling = newTelling(d)
	if err := d.telling.open(watching); err != nil {
		return err
	}
	if err := d.converge(ctx); err != nil {
		return err
	}
	streaming, stopStream := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() { defer close(done); d.world.Stream.Send(streaming) }()
	d.world.StopTraffic = func() { stopStream(); <-done }
	defer d.world.StopTraffic()
	return d.perform(ctx)
}

// build puts together what acts reach.
func (d *demo) build(recorder *record.Recorder, objects []stage.Object, before []string) *acts.World {
	watcher := scene.NewWatcher(d.stage, recorder, objects)
	return &acts.World{
		Stage: d.stage, Watcher: watcher, Recorder: recorder, Objects: objects, Before: before,
		Manifests: d.settings.manifests,
		Stream: &traffic.Stream{
			URL: "http://" + host + "/", Host: host, Bound: watcher.Bound, Recorder: recorder,
			Resolver: &traffic.Resolver{Server: d.stage.AWS.DNS, Faster: stage.HealthChecksFaster},
		},
	}
}

// converge applies the application, and waits until it is Ready and answers.
func (d *demo) converge(ctx context.Context) error {
	d.telling.act("The application is applied",
		fmt.Sprintf("kubectl apply -f %s: a zone, a load balancer, a group of servers behind it, and two names.", filepath.Base(d.settings.manifests)))
	began := time.Now()
	if _, err := d.stage.Cluster.Kubectl(ctx, "apply", "-f", d.settings.manifests); err != nil {
		return err
	}
	err := stage.Poll(ctx, "the application", convergeTimeout, func(ctx context.Context) error {
		seen, err := d.world.Watcher.Scene()
		if err != nil {
			return err
		}
		for _, o := range seen.NotReady() {
			return errors.New(o.Line())
		}
		if len(seen.Objects) < len(d.world.Objects) {
			return fmt.Errorf("%d of %d objects are there", len(seen.Objects), len(d.world.Objects))
		}
		_, err = d.world.Stream.Ask(ctx)
		return err
	})
	if err != nil {
		return err
	}
	took := time.Since(began)
	d.world.Recorder.Converged(took)
	d.telling.news(fmt.Sprintf("All %d objects are Ready, and http://%s answers, after %s.", len(d.world.Objects), host, record.Took(took)))
	return nil
}

// perform plays the acts; one that does not pass ends the demo.
func (d *demo) perform(ctx context.Context) error {
	all, runner := acts.Matching(d.settings.acts), acts.NewRunner(d.world, d.telling.news)
	for i, act := range all {
		if err := d.telling.breathe(ctx); err != nil {
			return err
		}
		d.telling.act(fmt.Sprintf("%d/%d %s", i+1, len(all), act.Name), act.Told)
		result, err := runner.Run(ctx, act)
		if err != nil {
			return err
		}
		if result.Outcome != "" {
			d.telling.news(result.Outcome)
		}
		d.telling.news(fmt.Sprintf("healed after %s; %d requests, %d failed; at most %d may: %s", record.Took(result.ToHeal()),
			result.Sent, result.Failed, result.Bound.Most, result.Bound.Why))
		if result.Problem != "" {
			return fmt.Errorf("the act %q did not pass: %s", act.Name, result.Problem)
		}
	}
	return d.telling.breathe(ctx)
}

// sumUp writes the table and the report of all that was played.
func (d *demo) sumUp() error {
	recording := d.world.Recorder.Recording(time.Now())
	if len(recording.Acts) == 0 {
		return nil
	}
	const width = 80
	d.out.Say("\n" + strings.Join(record.Table(recording.Acts, width-1), "\n"))
	d.out.Say(fmt.Sprintf("\nReady %s after kubectl apply; all of it took %s\non %s.",
		record.Took(recording.Converged), record.Took(recording.Lasted), recording.Machine))
	path, err := report.Write(d.settings.report, recording)
	if err != nil {
		return err
	}
	d.out.Say("The report, for a browser: " + path)
	if d.settings.recording != "" {
		return report.Save(d.settings.recording, recording)
	}
	return nil
}

// conclude tells how the run ended and returns the exit code. What it needed is removed, except for logs and
// kubeconfig when something failed.
func (d *demo) conclude(signals context.Context, err, stopping error) int {
	var child *stage.ChildError
	crashed := errors.As(err, &child)
	stopped := signals.Err() != nil || errors.Is(err, errQuit)
	if (err == nil || stopped && !crashed) && stopping == nil {
		if removing := os.RemoveAll(d.dir); removing != nil {
			fmt.Fprintln(os.Stderr, "demo: removing", d.dir+":", removing)
			return exitFailed
		}
		switch {
		case err == nil:
			d.out.Say("\n" + d.out.Good("Passed") + ": every act healed, and no more requests failed than it explains.")
			return 0
		case errors.Is(err, errQuit):
			d.out.Say("Stopped; nothing is left behind.")
			return 0
		}
		d.out.Say("Interrupted; nothing is left behind.")
		return exitInterrupted
	}
	fmt.Fprintln(os.Stderr, d.out.Bad("demo: ")+errors.Join(err, stopping).Error())
	if crashed {
		fmt.Fprint(os.Stderr, child.Logs())
	}
	d.keepEvidence()
	return exitFailed
}

// keepEvidence removes all but logs and kubeconfig, and all when nothing was started.
func (d *demo) keepEvidence() {
	if d.stage.AWS == nil {
		if err := os.RemoveAll(d.dir); err != nil {
			fmt.Fprintln(os.Stderr, "demo: removing", d.dir+":", err)
		}
		return
	}
	for _, name := range []string{"etcd", "certificates", "cache"} {
		if err := os.RemoveAll(filepath.Join(d.dir, name)); err != nil {
			fmt.Fprintln(os.Stderr, "demo:", err)
		}
	}
	fmt.Fprintf(os.Stderr, "\nEverything is stopped. The logs are kept in %s\n", d.dir)
}

// environmentFile is what a shell reads to work by hand in the demo's world.
const environmentFile = "env"

// writeEnvironment writes what a shell needs to work by hand in the demo's world.
func (d *demo) writeEnvironment() error {
	lines := []string{"PATH=" + d.settings.stage.Assets + ":$PATH", "KUBECONFIG=" + d.stage.Cluster.Kubeconfig()}
	lines = append(lines, d.stage.AWS.Environment()...)
	var text strings.Builder
	for _, l := range lines {
		name, value, _ := strings.Cut(l, "=")
		fmt.Fprintf(&text, "export %s=\"%s\"\n", name, value)
	}
	if err := os.WriteFile(filepath.Join(d.dir, environmentFile), []byte(text.String()), 0o600); err != nil {
		return fmt.Errorf("writing what a shell needs: %w", err)
	}
	return nil
}

// machine says what this machine is.
func machine() string {
	text := fmt.Sprintf("%s/%s, %d cores", runtime.GOOS, runtime.GOARCH, runtime.NumCPU())
	info, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return text // not Linux: the cores must do
	}
	for line := range strings.Lines(string(info)) {
		if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
			return text + " of " + strings.TrimSpace(value)
		}
	}
	return text
}

// command is how this run was started, by make.
func command(s settings) string {
	if s.once {
		return "make demo ONCE=1"
	}
	return "make demo"
}
