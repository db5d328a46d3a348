package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

const (
	// resync is how often the controllers look for what others changed.
	resync = 10 * time.Second
	// restartAfter is how soon a manager that has ended is started again, as a Deployment does.
	restartAfter = time.Second
)

// replicas are two managers, of which one works.
type replicas struct {
	world *world
	stop  context.CancelFunc
	ended sync.WaitGroup
	all   []*replica
}

// replica is one of them, with all the processes that it has been.
type replica struct {
	name    string
	metrics string

	mu      sync.Mutex
	process *proc.Manager
	starts  int
	err     error
}

func startReplicas(w *world) (*replicas, error) {
	ctx, stop := context.WithCancel(context.Background())
	r := &replicas{world: w, stop: stop}
	for _, name := range []string{"one", "two"} {
		address, err := freeAddress()
		if err != nil {
			stop()
			return nil, err
		}
		each := &replica{name: name, metrics: address}
		r.all = append(r.all, each)
		r.ended.Go(func() { r.keep(ctx, each) })
	}
	return r, nil
}

func freeAddress() (string, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}

// keep runs a replica, and starts it again when it has ended, until it is no longer wanted.
func (r *replicas) keep(ctx context.Context, each *replica) {
	for ctx.Err() == nil {
		process, err := r.start(each)
		if err != nil {
			each.fail(err)
			return
		}
		select {
		case <-process.Exited():
			select {
			case <-ctx.Done():
			case <-time.After(restartAfter):
			}
		case <-ctx.Done():
			if err := errors.Join(process.Signal(syscall.SIGCONT), process.Stop()); err != nil {
				each.fail(err)
			}
		}
	}
}

func (r *replicas) start(each *replica) (*proc.Manager, error) {
	each.mu.Lock()
	defer each.mu.Unlock()
	each.starts++
	process, err := proc.Start(proc.Options{
		Binary: r.world.binary, Log: filepath.Join(r.world.dir, fmt.Sprintf("manager-%s-%d.log", each.name, each.starts)),
		Kubeconfig: r.world.kubeconfig, Endpoint: r.world.url, ClusterID: clusterID,
		Flags: []string{
			"--leader-elect", "--leader-election-namespace=default", "--resync-period=" + resync.String(), "--metrics-bind-address=" + each.metrics,
		},
	})
	each.process = process
	return process, err
}

// close stops both.
func (r *replicas) close() error {
	r.stop()
	r.ended.Wait()
	var errs []error
	for _, each := range r.all {
		errs = append(errs, each.failure())
	}
	return errors.Join(errs...)
}

func (e *replica) fail(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.err = errors.Join(e.err, err)
}

func (e *replica) failure() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// signal sends a signal to the present process.
func (e *replica) signal(signal syscall.Signal) error {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.process == nil {
		return nil
	}
	return e.process.Signal(signal)
}

// age is for how long the present process has run.
func (e *replica) age() time.Duration {
	e.mu.Lock()
	defer e.mu.Unlock()
	return time.Since(e.process.Started)
}

// tail is the end of the present process's log.
func (e *replica) tail() []byte {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.process.Tail()
}

// leader is the replica that works, with what it takes; only that one tells of objects.
func (r *replicas) leader(ctx context.Context) (*replica, footprint, error) {
	for _, each := range r.all {
		values, err := each.scrape(ctx)
		if err != nil {
			continue // it is starting
		}
		if _, works := values["evenkeel_objects"]; works {
			return each, footprint{values["go_goroutines"], values["process_resident_memory_bytes"] / (1 << 20), each.age()}, nil
		}
	}
	return nil, footprint{}, errors.New("no replica works")
}

// scrape reads the metrics; of several samples of a name, the last.
func (e *replica) scrape(ctx context.Context) (map[string]float64, error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+e.metrics+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	values := map[string]float64{}
	lines := bufio.NewScanner(response.Body)
	for lines.Scan() {
		name, value, ok := strings.Cut(lines.Text(), " ")
		if !ok || strings.HasPrefix(name, "#") {
			continue
		}
		name, _, _ = strings.Cut(name, "{")
		fields := strings.Fields(value)
		if number, err := strconv.ParseFloat(fields[len(fields)-1], 64); err == nil {
			values[name] = number
		}
	}
	return values, lines.Err()
}
