// Package instances gives each running instance a small HTTP server on a
// loopback address: it answers with who it is, and as the control API says.
package instances

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
)

// Fleet is the servers of all instances that run and answer.
type Fleet struct {
	running func() []ec2.Running
	load    func(id string, percent float64) error

	mu      sync.Mutex
	closed  bool
	servers map[string]*server
	// byAddress are the servers by the private addresses of their instances.
	byAddress map[string]*server
}

// server is that of one instance.
type server struct {
	fleet   *Fleet
	http    *http.Server
	address string
	mu      sync.Mutex
	is      ec2.Running
}

// New makes a fleet of what runs; load sets the load of an instance.
func New(running func() []ec2.Running, load func(id string, percent float64) error) *Fleet {
	return &Fleet{running: running, load: load, servers: map[string]*server{}, byAddress: map[string]*server{}}
}

// Sync starts and ends servers, so that they are those of the instances that answer.
func (f *Fleet) Sync() {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return
	}
	answering := map[string]bool{}
	for _, is := range f.running() {
		if !is.Answers {
			continue
		}
		answering[is.ID] = true
		known, ok := f.servers[is.ID]
		if !ok {
			if known = f.serve(is); known == nil {
				continue
			}
		}
		known.mu.Lock()
		known.is = is
		known.mu.Unlock()
	}
	for id, known := range f.servers {
		if !answering[id] {
			f.end(id, known)
		}
	}
}

// serve starts a server; without a free port there is none, and the instance does not answer.
func (f *Fleet) serve(is ec2.Running) *server {
	var config net.ListenConfig
	listener, err := config.Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return nil
	}
	made := &server{fleet: f, address: listener.Addr().String(), is: is}
	made.http = &http.Server{Handler: made, Protocols: protocols()}
	f.servers[is.ID], f.byAddress[is.PrivateIP] = made, made
	go func() {
		if err := made.http.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			_ = listener.Close()
		}
	}()
	return made
}

// protocols are HTTP/1.1 and HTTP/2, as targets are spoken to without TLS.
func protocols() *http.Protocols {
	var both http.Protocols
	both.SetHTTP1(true)
	both.SetUnencryptedHTTP2(true)
	return &both
}

// end closes a server with all its connections, as a machine does that is switched off.
func (f *Fleet) end(id string, known *server) {
	_ = known.http.Close()
	delete(f.servers, id)
	if f.byAddress[known.is.PrivateIP] == known {
		delete(f.byAddress, known.is.PrivateIP)
	}
}

// Close ends all servers.
func (f *Fleet) Close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	for id, known := range f.servers {
		f.end(id, known)
	}
}

// Host is the private address of an instance, by which Endpoint finds its server.
func (f *Fleet) Host(id string) (string, bool) {
	for _, is := range f.running() {
		if is.ID == id {
			return is.PrivateIP, true
		}
	}
	return "", false
}

// Endpoint is where the server of a private address is, whatever the port. The
// address of an instance that does not answer is one that refuses connections.
func (f *Fleet) Endpoint(host string, _ int) (string, bool) {
	f.mu.Lock()
	known, ok := f.byAddress[host]
	f.mu.Unlock()
	if ok {
		return known.address, true
	}
	for _, is := range f.running() {
		if is.PrivateIP == host {
			return refusing, true
		}
	}
	return "", false
}

// refusing is a port that nothing is served on.
const refusing = "127.0.0.1:1"

// answer is what an instance says of itself.
type answer struct {
	InstanceID      string  `json:"instanceId"`
	Zone            string  `json:"zone"`
	PrivateIP       string  `json:"privateIp"`
	ImageID         string  `json:"imageId"`
	InstanceType    string  `json:"instanceType"`
	TemplateID      string  `json:"launchTemplateId,omitempty"`
	TemplateVersion int64   `json:"launchTemplateVersion,omitempty"`
	CPU             float64 `json:"cpu"`
	Path            string  `json:"path"`
}

// ServeHTTP answers 200, or with the status that the control API set. A POST of
// {"cpu": 95} to /load sets the instance's load.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	is := s.is
	s.mu.Unlock()
	if r.URL.Path == "/load" && r.Method == http.MethodPost {
		var wanted struct{ CPU float64 }
		err := json.NewDecoder(r.Body).Decode(&wanted)
		if err == nil {
			err = s.fleet.load(is.ID, wanted.CPU)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		is.CPU = wanted.CPU
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(cmp.Or(is.StatusCode, http.StatusOK))
	// A client that went away misses its answer; there is nobody to tell.
	_ = json.NewEncoder(w).Encode(answer{
		is.ID, is.Zone, is.PrivateIP, is.ImageID, is.InstanceType, is.TemplateID, is.TemplateVersion, is.CPU, r.URL.Path,
	})
}
