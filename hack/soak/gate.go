package main

import (
	"fmt"
	"io"
	"net"
	"sync"
)

// gate stands between the controllers and the API server, and can be shut: connections end, and new ones are refused.
type gate struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	shut  bool
	conns map[net.Conn]struct{}
}

func newGate(target string) (*gate, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("opening the way to the API server: %w", err)
	}
	g := &gate{listener: listener, target: target, conns: map[net.Conn]struct{}{}}
	go g.serve()
	return g, nil
}

func (g *gate) address() string { return g.listener.Addr().String() }

func (g *gate) close() error {
	g.setShut(true)
	return g.listener.Close()
}

// setShut shuts the gate, or opens it again.
func (g *gate) setShut(shut bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.shut = shut
	if !shut {
		return
	}
	for conn := range g.conns {
		conn.Close()
	}
	clear(g.conns)
}

func (g *gate) serve() {
	for {
		conn, err := g.listener.Accept()
		if err != nil {
			return // closed
		}
		go g.pass(conn)
	}
}

// pass carries one connection until either side ends it.
func (g *gate) pass(near net.Conn) {
	defer near.Close()
	if !g.admit(near) {
		return
	}
	defer g.forget(near)
	far, err := net.Dial("tcp", g.target)
	if err != nil {
		return // the near side sees its connection end
	}
	defer far.Close()
	done := make(chan struct{})
	go func() {
		defer close(done)
		_, _ = io.Copy(far, near) // how it ended is the two sides' business
		far.Close()
	}()
	_, _ = io.Copy(near, far)
	near.Close()
	<-done
}

func (g *gate) admit(conn net.Conn) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.shut {
		return false
	}
	g.conns[conn] = struct{}{}
	return true
}

func (g *gate) forget(conn net.Conn) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.conns, conn)
}
