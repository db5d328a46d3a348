package stage

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"time"
)

// stopTimeout is how long a process may take to end before it is killed.
const stopTimeout = 5 * time.Second

// process is a program that runs beside the demo and writes to a log file.
type process struct {
	name, log string
	cmd       *exec.Cmd
	// ended is closed once the program is gone; err then says how it ended.
	ended chan struct{}
	err   error
	// meant is set before the program is ended on purpose.
	meant atomic.Bool
}

// start starts a program in a process group of its own, so that a Ctrl-C reaches only the demo, which then
// stops the others in order.
func start(name, log string, env []string, path string, args ...string) (*process, error) {
	file, err := os.OpenFile(log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("making the log of the %s: %w", name, err)
	}
	defer file.Close()
	p := &process{name: name, log: log, cmd: exec.Command(path, args...), ended: make(chan struct{})}
	p.cmd.Env, p.cmd.Stdout, p.cmd.Stderr = env, file, file
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the %s: %w", name, err)
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	return p, nil
}

// stop ends the program, by force when it does not by itself.
func (p *process) stop() error {
	p.meant.Store(true)
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTimeout):
	}
	return p.kill()
}

// kill ends the program by force.
func (p *process) kill() error {
	p.meant.Store(true)
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing the %s: %w", p.name, err)
	}
	<-p.ended
	return nil
}

// ChildError tells of a program that ended, or stopped answering, while it was needed, with the end of its logs as
// they were then.
type ChildError struct{ what, logs string }

func newChildError(what string, logs ...string) *ChildError {
	const lines = 10
	e := &ChildError{what: what}
	for _, log := range logs {
		e.logs += fmt.Sprintf("\nThe end of %s:\n  %s\n", filepath.Base(log), strings.Join(lastLines(log, lines), "\n  "))
	}
	return e
}

func (e *ChildError) Error() string { return e.what }

// Logs are the ends of its logs.
func (e *ChildError) Logs() string { return e.logs }

// death says how a process that was needed ended.
func (p *process) death() error {
	how := "without an error"
	if p.err != nil {
		how = p.err.Error()
	}
	return newChildError(fmt.Sprintf("the %s ended by itself (%s)", p.name, how), p.log)
}

// lastLines returns the end of a log, long lines cut.
func lastLines(log string, count int) []string {
	const width = 240
	raw, err := os.ReadFile(log)
	if err != nil {
		return []string{err.Error()}
	}
	lines := strings.Split(string(bytes.TrimRight(raw, "\n")), "\n")
	lines = lines[max(0, len(lines)-count):]
	for i, line := range lines {
		if runes := []rune(line); len(runes) > width {
			lines[i] = string(runes[:width-1]) + "…"
		}
	}
	return lines
}

// childEnvironment is the environment of the children: that of the demo without anything that points to an AWS
// account or another cluster, and with what is given.
func childEnvironment(environment []string, add ...string) []string {
	clean := slices.DeleteFunc(slices.Clone(environment), func(variable string) bool {
		name, _, _ := strings.Cut(variable, "=")
		return strings.HasPrefix(name, "AWS_") || strings.HasPrefix(name, "KUBE") || strings.HasSuffix(name, "_CA_BUNDLE")
	})
	return append(clean, add...)
}
