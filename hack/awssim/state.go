package awssim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// saveDelay gathers the changes of a burst into one write of the state file.
const saveDelay = 300 * time.Millisecond

// stateFile saves the state some time after it changed.
type stateFile struct {
	path string
	// saving keeps two saves from overtaking each other; no save follows
	// the one of Close.
	saving sync.Mutex
	closed bool

	mu    sync.Mutex
	timer *time.Timer
	// failed is why the last save in the background did not work; Close
	// tries again and tells.
	failed error
}

// world is the state of everything, as StateJSON renders it.
type world struct {
	// VPCs are added to those of EC2; they are read but not written.
	VPCs      []frame.VPC                `json:"vpcs,omitempty"`
	Endpoints map[string]string          `json:"endpoints,omitempty"`
	Services  map[string]json.RawMessage `json:"services"`
}

// StateJSON is the whole state as sorted, indented JSON: equal states give
// equal bytes.
func (s *Server) StateJSON() ([]byte, error) {
	w := world{Endpoints: s.env.Endpoints.All(), Services: map[string]json.RawMessage{}}
	for _, service := range s.services {
		raw, err := frame.StableJSON(service.State())
		if err != nil {
			return nil, fmt.Errorf("rendering the state of %s: %w", service.Name, err)
		}
		w.Services[service.Name] = raw
	}
	return json.MarshalIndent(w, "", "  ")
}

// LoadState replaces the state by what StateJSON gave. The error says what is
// wrong with it; services before the wrong one are loaded by then.
func (s *Server) LoadState(raw []byte) error {
	var w world
	if err := frame.StrictJSON(raw, &w); err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	for name := range w.Services {
		if s.service(name) == nil {
			return fmt.Errorf("reading the state: there is no service %q", name)
		}
	}
	if err := s.env.Endpoints.Replace(w.Endpoints); err != nil {
		return fmt.Errorf("reading the state: %w", err)
	}
	for _, service := range s.services {
		own, ok := w.Services[service.Name]
		if !ok {
			service.Reset()
			continue
		}
		if err := service.Load(own); err != nil {
			return fmt.Errorf("reading the state of %s: %w", service.Name, err)
		}
	}
	for _, vpc := range w.VPCs {
		s.AddVPC(vpc)
	}
	s.stateChanged()
	return nil
}

func (s *Server) openStateFile(path string) error {
	if path == "" {
		return nil
	}
	raw, err := os.ReadFile(path)
	if err == nil {
		err = s.LoadState(raw)
	} else if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err != nil {
		return fmt.Errorf("state file %s: %w", path, err)
	}
	s.state.path = path
	// Saving at once tells of a place that cannot be written to.
	return s.save()
}

// stateChanged arranges that the state file is written soon.
func (s *Server) stateChanged() {
	if s.state.path == "" {
		return
	}
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	if s.state.timer != nil {
		return
	}
	s.state.timer = time.AfterFunc(saveDelay, func() {
		s.state.mu.Lock()
		s.state.timer = nil
		s.state.mu.Unlock()
		err := s.save()
		s.state.mu.Lock()
		s.state.failed = err
		s.state.mu.Unlock()
	})
}

// save writes the file beside its place and renames it, so that a crash leaves
// the old or the new state.
func (s *Server) save() error {
	s.state.saving.Lock()
	defer s.state.saving.Unlock()
	if s.state.closed {
		return nil
	}
	raw, err := s.StateJSON()
	if err != nil {
		return err
	}
	beside, err := os.CreateTemp(filepath.Dir(s.state.path), filepath.Base(s.state.path)+".*")
	if err != nil {
		return fmt.Errorf("saving the state: %w", err)
	}
	_, err = beside.Write(append(raw, '\n'))
	err = errors.Join(err, beside.Close())
	if err == nil {
		err = os.Rename(beside.Name(), s.state.path)
	}
	if err != nil {
		return fmt.Errorf("saving the state: %w", errors.Join(err, os.Remove(beside.Name())))
	}
	return nil
}

// StateError tells why the last save of the state file failed, if it did.
func (s *Server) StateError() error {
	s.state.mu.Lock()
	defer s.state.mu.Unlock()
	return s.state.failed
}

// Close ends health checking, forwarding and the validation of certificates,
// and saves the state file. The server must not be
// used afterwards.
func (s *Server) Close() error {
	s.route53.Close()
	if s.plane != nil {
		s.plane.Close()
	}
	s.elbv2.Close()
	s.acm.Close()
	s.groups.Close()
	s.stopReporting()
	s.cloudwatch.Close()
	s.ec2.Close()
	if s.fleet != nil {
		s.fleet.Close()
	}
	if s.state.path == "" {
		return nil
	}
	s.state.mu.Lock()
	if s.state.timer != nil {
		s.state.timer.Stop()
	}
	s.state.mu.Unlock()
	err := s.save()
	s.state.saving.Lock()
	defer s.state.saving.Unlock()
	s.state.closed = true
	return err
}

func withBody(r *http.Request, body []byte) context.Context {
	return context.WithValue(r.Context(), bodyKey{}, body)
}
