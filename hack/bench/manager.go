package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// manager is the controller as a process of its own.
type manager struct {
	command *exec.Cmd
	log     string
	started time.Time
	// exited is closed when the process has ended, with err set.
	exited chan struct{}
	err    error
}

// start runs the manager.
func (w *world) start(flags ...string) (*manager, error) {
	log, err := os.Create(filepath.Join(w.dir, fmt.Sprintf("manager-%d.log", time.Now().UnixNano())))
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(w.manager, append([]string{
		"--kubeconfig=" + w.managerConfig, "--cluster-id=bench",
		"--metrics-bind-address=127.0.0.1:0", "--metrics-secure=false", "--health-probe-bind-address=0",
	}, flags...)...)
	command.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+w.aws.url, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=simulated", "AWS_SECRET_ACCESS_KEY=simulated", "AWS_EC2_METADATA_DISABLED=true")
	command.Stdout, command.Stderr = log, log
	// Ctrl-C is for bench, which stops the manager in its own time.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	m := &manager{command: command, log: log.Name(), started: time.Now(), exited: make(chan struct{})}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting the manager: %w", err)
	}
	go func() {
		m.err = command.Wait()
		close(m.exited)
	}()
	return m, nil
}

// stop ends the process gracefully, or after a while at once. A process that has ended already is no failure here:
// whoever waited for it has told.
func (m *manager) stop() error {
	if err := m.command.Process.Signal(syscall.SIGTERM); err != nil {
		<-m.exited
		return nil
	}
	select {
	case <-m.exited:
		return nil
	case <-time.After(15 * time.Second):
	}
	if err := m.command.Process.Kill(); err != nil {
		return fmt.Errorf("killing the manager: %w", err)
	}
	<-m.exited
	return fmt.Errorf("the manager did not stop within 15 s of SIGTERM")
}

// poll asks again and again until the answer is yes, or the manager has ended.
func (m *manager) poll(ctx context.Context, patience time.Duration, what string, done func() (bool, error)) error {
	err := poll(ctx, patience, what, func() (bool, error) {
		select {
		case <-m.exited:
			return false, fmt.Errorf("the manager ended (%w) while bench waited for %s", m.err, what)
		default:
			return done()
		}
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w; the manager's log ends with:\n%s", err, m.tail())
	}
	return err
}

// patient is manager.poll, or poll where no manager runs.
type patient func(ctx context.Context, patience time.Duration, what string, done func() (bool, error)) error

// errLate is why poll gave up.
var errLate = errors.New("in vain")

// poll asks again and again until the answer is yes.
func poll(ctx context.Context, patience time.Duration, what string, done func() (bool, error)) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.Now().Add(patience)
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %s %w for %s", patience, errLate, what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// tail is the end of the manager's log.
func (m *manager) tail() []byte {
	raw, err := os.ReadFile(m.log)
	if err != nil {
		return []byte(err.Error())
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-15):], []byte("\n"))
}

// memory is the process's resident memory in MiB.
type memory struct{ now, peak float64 }

// memory reads /proc.
func (m *manager) memory() (memory, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.command.Process.Pid))
	if err != nil {
		return memory{}, fmt.Errorf("reading the manager's memory (Linux only): %w", err)
	}
	var found memory
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		target := map[string]*float64{"VmRSS:": &found.now, "VmHWM:": &found.peak}[fields[0]]
		if target == nil {
			continue
		}
		kilobytes, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return memory{}, fmt.Errorf("reading %s of the manager: %w", fields[0], err)
		}
		*target = kilobytes / 1024
	}
	return found, nil
}
