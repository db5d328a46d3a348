package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/miekg/dns"
)

// startTimeout is how long the local AWS and the controller may take to answer.
const startTimeout = 30 * time.Second

// demo is one run.
type demo struct {
	settings   settings
	out        *console
	dir        string
	started    time.Time
	aws        *localAWS
	cluster    *cluster
	controller *controller
	// will ends the children when the demo is killed by force.
	will *lastWill
	// abort ends the run because something that it needs is gone.
	abort context.CancelCauseFunc
}

// tell runs the demo from beginning to end and returns the exit code.
func tell(signals context.Context, s settings, out *console) int {
	dir, err := os.MkdirTemp("", "evenkeel-demo-")
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo: making a folder for what this run needs:", err)
		return exitFailed
	}
	ctx, abort := context.WithCancelCause(signals)
	defer abort(nil)
	d := &demo{settings: s, out: out, dir: dir, started: time.Now(), abort: abort}
	err = d.show(ctx)
	if cause := context.Cause(ctx); err != nil && cause != nil {
		err = cause
	}
	out.abandon()
	if signals.Err() != nil {
		out.say("\nStopping …")
	}
	return d.conclude(signals, err, d.stop())
}

// show is the story.
func (d *demo) show(ctx context.Context) error {
	d.out.say(d.out.paint(bold, "Evenkeel demo") + ": all on this machine, no AWS account needed; Ctrl-C ends it.\n")
	if err := d.start(ctx); err != nil {
		return err
	}
	objects, err := d.declared(ctx)
	if err != nil {
		return err
	}
	board := newBoard(objects)
	events := d.cluster.follow(ctx)
	if err := d.apply(ctx, objects); err != nil {
		return err
	}
	took, err := d.converge(ctx, board, objects, events)
	if err != nil {
		return err
	}
	answers, err := d.ask(ctx, objects)
	if err != nil {
		return err
	}
	if d.settings.once {
		return d.prove(ctx, objects, fmt.Sprintf("%s Ready in %.1f s, %s as declared", plural(len(objects), "object"), took.Seconds(), plural(answers, "DNS answer")))
	}
	d.out.say(hints{demo: d, objects: objects}.String())
	return d.stay(ctx, board, events)
}

// start starts the three programs, each once the one before answers.
func (d *demo) start(ctx context.Context) (err error) {
	if d.will, err = writeLastWill(); err != nil {
		return err
	}
	done := d.out.begin("local AWS")
	if d.aws, err = startAWS(d.settings, d.dir); err != nil {
		return err
	}
	d.need(d.aws.process)
	if err := d.will.name(); err != nil {
		return err
	}
	if err := poll(ctx, "the local AWS", startTimeout, d.aws.ready); err != nil {
		return err
	}
	done(d.aws.url() + ", DNS on " + d.aws.dns)

	done = d.out.begin("Kubernetes API")
	if err := d.startCluster(ctx); err != nil {
		return err
	}
	if err := d.will.name(); err != nil {
		return err
	}
	done(d.cluster.url())

	done = d.out.begin("controller")
	if err := d.cluster.allowManager(ctx); err != nil {
		return err
	}
	if d.controller, err = startController(d.settings, d.dir, d.cluster, d.aws); err != nil {
		return err
	}
	d.need(d.controller.process)
	if err := d.will.name(); err != nil {
		return err
	}
	if err := poll(ctx, "the controller", startTimeout, d.controller.ready); err != nil {
		return err
	}
	done("log " + d.controller.process.log)
	return nil
}

// startCluster starts the control plane. Its start cannot be interrupted, so an interrupt waits for its end.
func (d *demo) startCluster(ctx context.Context) error {
	d.cluster = newCluster(d.settings, d.dir)
	result := make(chan error, 1)
	go func() { result <- d.cluster.start() }()
	select {
	case err := <-result:
		if err != nil {
			return err
		}
	case <-ctx.Done():
		d.out.abandon()
		d.out.say("Stopping, once the API server has finished starting …")
		return errors.Join(context.Cause(ctx), <-result)
	}
	go func() {
		if err := d.cluster.guard(ctx); err != nil {
			d.abort(err)
		}
	}()
	return nil
}

// need ends the run when the process ends.
func (d *demo) need(p *process) {
	go func() {
		<-p.ended
		d.abort(p.death())
	}()
}

// stop ends what was started, the last first.
func (d *demo) stop() error {
	d.abort(nil) // what ends from now on is meant to
	var problems []error
	if d.controller != nil && d.controller.process != nil {
		problems = append(problems, d.controller.process.stop())
	}
	if d.cluster != nil {
		problems = append(problems, d.cluster.stop())
	}
	if d.aws != nil && d.aws.process != nil {
		problems = append(problems, d.aws.process.stop())
	}
	if d.will != nil {
		problems = append(problems, d.will.revoke())
	}
	return errors.Join(problems...)
}

// declared reads the manifests as kubectl renders them.
func (d *demo) declared(ctx context.Context) ([]object, error) {
	rendered, err := d.cluster.kubectl(ctx, "kustomize", d.settings.samples)
	if err != nil {
		return nil, err
	}
	objects, err := decodeManifests(rendered)
	if err == nil && len(objects) == 0 {
		err = fmt.Errorf("there is no object of aws.evenkeel.io in %s", d.settings.samples)
	}
	return objects, err
}

func (d *demo) apply(ctx context.Context, objects []object) error {
	d.out.say("\n" + d.out.paint(bold, "$ kubectl apply -k "+d.settings.samples))
	if _, err := d.cluster.kubectl(ctx, "apply", "-k", d.settings.samples); err != nil {
		return err
	}
	d.out.say(count(objects) + " applied.\n")
	return nil
}

// converge shows the objects until all are Ready, and returns how long that took.
func (d *demo) converge(ctx context.Context, b *board, objects []object, events <-chan event) (time.Duration, error) {
	started := time.Now()
	elapsed := func() string { return fmt.Sprintf("%5.1f s", time.Since(started).Seconds()) }
	render := func(width, height int) []string {
		rows := b.list()
		ready := 0
		for _, r := range rows {
			if r.isReady() {
				ready++
			}
		}
		lines := renderTable(rows, width, height-1, d.out.paint)
		return append(lines, cut(fmt.Sprintf("%d of %d Ready after %s", ready, len(objects), strings.TrimSpace(elapsed())), width-1))
	}
	redraw := time.NewTicker(200 * time.Millisecond)
	defer redraw.Stop()
	deadline := time.NewTimer(d.settings.timeout)
	defer deadline.Stop()
	for !b.allReady(objects) {
		select {
		case e := <-events:
			if now, changed := b.update(e); changed && now.telling() && !d.out.live {
				d.out.say(elapsed() + "  " + now.line())
			}
		case <-redraw.C:
			if d.out.live {
				d.out.draw(render)
			}
		case <-deadline.C:
			return 0, fmt.Errorf("not all objects are Ready after %s:\n%s", d.settings.timeout, strings.Join(unready(b, objects), "\n"))
		case <-ctx.Done():
			return 0, context.Cause(ctx)
		}
	}
	if d.out.live {
		d.out.draw(render)
	} else {
		d.out.sayf("All %s Ready after %s.", plural(len(objects), "object"), strings.TrimSpace(elapsed()))
	}
	return time.Since(started), nil
}

// unready tells of each object that is not Ready.
func unready(b *board, objects []object) []string {
	var lines []string
	for _, obj := range objects {
		r, seen := b.rows[identity(obj)]
		switch {
		case !seen:
			lines = append(lines, reference(obj)+" does not exist")
		case !r.isReady():
			lines = append(lines, r.line())
		}
	}
	return lines
}

// ask asks the DNS server for every declared record, and returns how many answers are right.
func (d *demo) ask(ctx context.Context, objects []object) (int, error) {
	questions, err := questionsOf(objects)
	if err != nil {
		return 0, err
	}
	d.out.sayf("\nWhat DNS answers (%s):", d.aws.dns)
	right, wrong := 0, 0
	for _, q := range questions {
		f, err := resolver{address: d.aws.dns}.check(ctx, q)
		if err != nil {
			return right, err
		}
		mark := d.out.paint(green, "✓")
		switch {
		case q.unknown != "":
			mark = "-"
		case f.problem != "":
			wrong++
			mark = d.out.paint(red, "✗ "+f.problem)
		default:
			right++
		}
		d.out.sayf("  %s %s → %s %s", q.name, dns.TypeToString[q.qtype], f.answer, mark)
	}
	if wrong > 0 {
		return right, fmt.Errorf("%s not as the manifests declare", plural(wrong, "DNS answer"))
	}
	return right, nil
}

// stay shows what happens to the objects until it is interrupted.
func (d *demo) stay(ctx context.Context, b *board, events <-chan event) error {
	for {
		select {
		case e := <-events:
			if now, changed := b.update(e); changed && now.telling() {
				d.out.say(time.Now().Format(time.TimeOnly) + "  " + d.out.paint(now.color(), now.line()))
			}
		case <-ctx.Done():
			var child *childError
			if errors.As(context.Cause(ctx), &child) {
				return child
			}
			return nil
		}
	}
}

// conclude tells how the run ended and returns the exit code. What it needed is removed, except for logs and
// kubeconfig when something failed.
func (d *demo) conclude(signals context.Context, err, stopping error) int {
	var child *childError
	crashed := errors.As(err, &child)
	if (err == nil || signals.Err() != nil && !crashed) && stopping == nil {
		if removing := os.RemoveAll(d.dir); removing != nil {
			fmt.Fprintln(os.Stderr, "demo: removing", d.dir+":", removing)
			return exitFailed
		}
		if err == nil {
			if signals.Err() != nil {
				d.out.say("Stopped; nothing is left behind.")
			}
			return 0
		}
		d.out.say("Interrupted; nothing is left behind.")
		return exitInterrupted
	}
	fmt.Fprintln(os.Stderr, d.out.paint(red, "demo: ")+errors.Join(err, stopping).Error())
	if crashed {
		fmt.Fprint(os.Stderr, child.logs)
	}
	d.keepEvidence()
	return exitFailed
}

// keepEvidence removes all but logs and kubeconfig, and all when nothing was started.
func (d *demo) keepEvidence() {
	if d.aws == nil {
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
