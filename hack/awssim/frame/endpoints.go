package frame

import (
	"fmt"
	"maps"
	"net"
	"net/netip"
	"strconv"
	"sync"
)

// Endpoints tells where on this machine the endpoints of the simulated world
// are. Nothing but loopback addresses is ever connected to.
type Endpoints struct {
	lookup func(host string, port int) (address string, ok bool)
	mu     sync.RWMutex
	mapped map[string]string
}

// NewEndpoints starts with nothing mapped but by lookup, which may be nil.
func NewEndpoints(lookup func(host string, port int) (address string, ok bool)) *Endpoints {
	return &Endpoints{lookup: lookup, mapped: map[string]string{}}
}

// Set maps an endpoint, "192.0.2.30:443" or "www.example.com:443", to an
// address of this machine, "127.0.0.1:18443"; an empty one removes it.
func (e *Endpoints) Set(endpoint, address string) error {
	if _, port, err := net.SplitHostPort(endpoint); err != nil || !isPort(port) {
		return fmt.Errorf("the endpoint %q is not of the form 192.0.2.30:443", endpoint)
	}
	if address != "" && !isLoopback(address) {
		return fmt.Errorf("the address %q is not a loopback one like 127.0.0.1:18443", address)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if address == "" {
		delete(e.mapped, endpoint)
	} else {
		e.mapped[endpoint] = address
	}
	return nil
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0
}

func isLoopback(address string) bool {
	parsed, err := netip.ParseAddrPort(address)
	return err == nil && parsed.Addr().Unmap().IsLoopback()
}

// Find is the address to connect to for a host, an IP address or a name, and
// a port; a loopback address is its own. Not ok means that the endpoint is
// outside of this machine.
func (e *Endpoints) Find(host string, port int) (address string, ok bool) {
	endpoint := net.JoinHostPort(host, strconv.Itoa(port))
	e.mu.RLock()
	address, ok = e.mapped[endpoint]
	e.mu.RUnlock()
	if !ok && e.lookup != nil {
		address, ok = e.lookup(host, port)
	}
	if !ok {
		address = endpoint
	}
	return address, isLoopback(address)
}

// All is what was mapped by Set.
func (e *Endpoints) All() map[string]string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return maps.Clone(e.mapped)
}

// Replace forgets what was mapped by Set but this. The error says which of it
// cannot be; nothing is replaced then.
func (e *Endpoints) Replace(mapped map[string]string) error {
	next := NewEndpoints(nil)
	for endpoint, address := range mapped {
		if err := next.Set(endpoint, address); err != nil {
			return err
		}
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.mapped = next.mapped
	return nil
}
