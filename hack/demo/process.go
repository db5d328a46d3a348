package main

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
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
}

// startProcess starts a program in a process group of its own, so that a Ctrl-C reaches only the demo, which then
// stops the others in order.
func startProcess(name, log string, env []string, path string, args ...string) (*process, error) {
	file, err := os.Create(log)
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
	if err := p.cmd.Process.Signal(syscall.SIGTERM); errors.Is(err, os.ErrProcessDone) {
		return nil
	}
	select {
	case <-p.ended:
		return nil
	case <-time.After(stopTimeout):
	}
	if err := p.cmd.Process.Kill(); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return fmt.Errorf("killing the %s: %w", p.name, err)
	}
	<-p.ended
	return nil
}

// childError tells of a program that ended, or stopped answering, while it was needed, with the end of its logs as
// they were then.
type childError struct{ what, logs string }

func newChildError(what string, logs ...string) *childError {
	const lines = 10
	e := &childError{what: what}
	for _, log := range logs {
		e.logs += fmt.Sprintf("\nThe end of %s:\n  %s\n", filepath.Base(log), strings.Join(lastLines(log, lines), "\n  "))
	}
	return e
}

func (e *childError) Error() string { return e.what }

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
		lines[i] = cut(line, width)
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
