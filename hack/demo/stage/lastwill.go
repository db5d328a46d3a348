package stage

import (
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"syscall"
)

// lastWill ends the children of a demo that could not do it itself, since it was killed by force: a shell waits for the
// end of a pipe, which the system closes with the demo, and then ends what it was told of. It needs nothing of Linux.
type lastWill struct {
	pipe io.WriteCloser
	cmd  *exec.Cmd
}

// heirs is what the shell runs. "done" says that the demo ended its children in order.
const heirs = `pids=
while read -r line; do
  [ "$line" = done ] && exit 0
  pids="$pids $line"
done
[ -n "$pids" ] || exit 0
kill -TERM $pids 2>/dev/null
sleep 3
kill -KILL $pids 2>/dev/null
exit 0`

// writeLastWill starts the shell, out of reach of a Ctrl-C.
func writeLastWill() (*lastWill, error) {
	w := &lastWill{cmd: exec.Command("/bin/sh", "-c", heirs)}
	w.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	var err error
	if w.pipe, err = w.cmd.StdinPipe(); err != nil {
		return nil, fmt.Errorf("making the pipe that tells of the demo's end: %w", err)
	}
	if err := w.cmd.Start(); err != nil {
		return nil, fmt.Errorf("starting the shell that outlives the demo: %w", err)
	}
	return w, nil
}

// name tells the shell of all children that the demo has by now.
func (w *lastWill) name() error {
	var listed strings.Builder
	ps := exec.Command("ps", "-A", "-o", "pid=", "-o", "ppid=")
	ps.Stdout = &listed
	if err := ps.Run(); err != nil {
		return fmt.Errorf("listing the demo's children: %w", err)
	}
	for _, pid := range childrenIn(listed.String(), os.Getpid(), w.cmd.Process.Pid, ps.Process.Pid) {
		if _, err := fmt.Fprintln(w.pipe, pid); err != nil {
			return fmt.Errorf("naming the child %d: %w", pid, err)
		}
	}
	return nil
}

// childrenIn returns the children of a process, but some, in a list of lines "pid ppid".
func childrenIn(listed string, of int, but ...int) []int {
	var pids []int
	for line := range strings.Lines(listed) {
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[1] != strconv.Itoa(of) {
			continue
		}
		if pid, err := strconv.Atoi(fields[0]); err == nil && !slices.Contains(but, pid) {
			pids = append(pids, pid)
		}
	}
	return pids
}

// revoke ends the shell: the children are gone.
func (w *lastWill) revoke() error {
	_, err := fmt.Fprintln(w.pipe, "done")
	if err != nil {
		return fmt.Errorf("telling that the children are gone: %w", err)
	}
	return w.cmd.Wait()
}
