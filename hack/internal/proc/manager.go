// Package proc runs bin/manager as a process of its own, for hack/bench and hack/soak.
package proc

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

// Build builds the manager in a folder, and returns the file. It must run at the top of the repository.
func Build(ctx context.Context, dir string) (string, error) {
	binary := filepath.Join(dir, "manager")
	command := exec.CommandContext(ctx, "go", "build", "-o", binary, ".")
	command.Env = append(os.Environ(), "CGO_ENABLED=0")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("building the manager: %w\n%s", err, output)
	}
	return binary, nil
}

// Manager is the controller as a process of its own.
type Manager struct {
	Started time.Time
	command *exec.Cmd
	log     string
	// exited is closed when the process has ended, with err set.
	exited chan struct{}
	err    error
}

// Options say how a manager runs.
type Options struct {
	// Binary is the program, Log the file for what it says, Kubeconfig the file of who it is.
	Binary, Log, Kubeconfig string
	// Endpoint is the URL of the local AWS.
	Endpoint  string
	ClusterID string
	Flags     []string
}

// Start runs the manager.
func Start(o Options) (*Manager, error) {
	log, err := os.Create(o.Log)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	command := exec.Command(o.Binary, append([]string{
		"--kubeconfig=" + o.Kubeconfig, "--cluster-id=" + o.ClusterID, "--metrics-secure=false", "--health-probe-bind-address=0",
	}, o.Flags...)...)
	command.Env = append(os.Environ(), "AWS_ENDPOINT_URL="+o.Endpoint, "AWS_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=simulated", "AWS_SECRET_ACCESS_KEY=simulated", "AWS_EC2_METADATA_DISABLED=true")
	command.Stdout, command.Stderr = log, log
	// Ctrl-C is for whoever started this, which stops the manager in its own time.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	m := &Manager{command: command, log: o.Log, Started: time.Now(), exited: make(chan struct{})}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("starting the manager: %w", err)
	}
	go func() {
		m.err = command.Wait()
		close(m.exited)
	}()
	return m, nil
}

// Exited is closed when the process has ended.
func (m *Manager) Exited() <-chan struct{} { return m.exited }

// Signal sends a signal, unless the process has ended.
func (m *Manager) Signal(signal syscall.Signal) error {
	if err := m.command.Process.Signal(signal); !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	return nil
}

// Stop ends the process gracefully, or after a while at once. A process that has ended already is no failure here:
// whoever waited for it has told.
func (m *Manager) Stop() error {
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

// Poll asks again and again until the answer is yes, or the manager has ended.
func (m *Manager) Poll(ctx context.Context, patience time.Duration, what string, done func() (bool, error)) error {
	err := Poll(ctx, patience, what, func() (bool, error) {
		select {
		case <-m.exited:
			return false, fmt.Errorf("the manager ended (%w) while we waited for %s", m.err, what)
		default:
			return done()
		}
	})
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("%w; the manager's log ends with:\n%s", err, m.Tail())
	}
	return err
}

// ErrLate is why Poll gave up.
var ErrLate = errors.New("in vain")

// Poll asks again and again until the answer is yes.
func Poll(ctx context.Context, patience time.Duration, what string, done func() (bool, error)) error {
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.Now().Add(patience)
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("waited %s %w for %s", patience, ErrLate, what)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// Tail is the end of the manager's log.
func (m *Manager) Tail() []byte {
	raw, err := os.ReadFile(m.log)
	if err != nil {
		return []byte(err.Error())
	}
	lines := bytes.Split(bytes.TrimSpace(raw), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-15):], []byte("\n"))
}

// Memory is the process's resident memory in MiB.
type Memory struct{ Now, Peak float64 }

// Memory reads /proc.
func (m *Manager) Memory() (Memory, error) {
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", m.command.Process.Pid))
	if err != nil {
		return Memory{}, fmt.Errorf("reading the manager's memory (Linux only): %w", err)
	}
	var found Memory
	for line := range strings.Lines(string(raw)) {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		target := map[string]*float64{"VmRSS:": &found.Now, "VmHWM:": &found.Peak}[fields[0]]
		if target == nil {
			continue
		}
		kilobytes, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			return Memory{}, fmt.Errorf("reading %s of the manager: %w", fields[0], err)
		}
		*target = kilobytes / 1024
	}
	return found, nil
}
