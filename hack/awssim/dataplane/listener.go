package dataplane

import (
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// longestHeader and headerTimeout are for the header of a request.
	longestHeader = 64 << 10
	headerTimeout = 60 * time.Second
)

// listener is one listener of a load balancer on all of its addresses.
type listener struct {
	plane   *Plane
	arn     string
	ctx     context.Context
	cancel  context.CancelFunc
	current atomic.Pointer[behaviour]
	// connections are the tokens of clients' connections.
	connections chan struct{}
	server      *http.Server
	feed        *feed
	idle        idleTimers

	mu      sync.Mutex
	sockets map[place]*socket
}

// place is what a socket was asked to be bound to.
type place struct {
	network string
	address netip.AddrPort
}

func newListener(p *Plane, b *behaviour) *listener {
	l := &listener{
		plane: p, arn: b.listener.ARN, sockets: map[place]*socket{},
		connections: make(chan struct{}, mostConnections),
		idle:        idleTimers{timers: map[net.Conn]*time.Timer{}},
	}
	l.current.Store(b)
	l.ctx, l.cancel = context.WithCancel(p.ctx)
	l.feed = &feed{connections: make(chan net.Conn), ctx: l.ctx}
	l.server = &http.Server{
		Handler:           l,
		ErrorLog:          log.New(io.Discard, "", 0),
		MaxHeaderBytes:    longestHeader,
		ReadHeaderTimeout: headerTimeout,
		BaseContext:       func(net.Listener) context.Context { return l.ctx },
		ConnContext:       withClient,
		ConnState:         l.connectionState,
	}
	p.run(func() {
		// The error is always that the server was closed.
		_ = l.server.Serve(l.feed)
	})
	return l
}

// places are where a behaviour wants to be bound, with their zones.
func (b *behaviour) places() map[place]string {
	wanted := map[place]string{}
	for _, address := range b.view.Addresses {
		for _, network := range b.networks() {
			wanted[place{network, netip.AddrPortFrom(address.IP, uint16(b.listener.Port))}] = address.Zone
		}
	}
	return wanted
}

// release closes the sockets that a behaviour does not want.
func (l *listener) release(b *behaviour) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wanted := b.places()
	for at, s := range l.sockets {
		if _, ok := wanted[at]; !ok {
			s.close()
			delete(l.sockets, at)
		}
	}
}

// set changes the behaviour and binds what it wants and is not bound yet.
func (l *listener) set(b *behaviour) {
	l.current.Store(b)
	l.mu.Lock()
	defer l.mu.Unlock()
	for at, zone := range b.places() {
		if l.sockets[at] == nil {
			l.sockets[at] = l.bind(at, zone)
		}
	}
}

func (l *listener) close() {
	l.mu.Lock()
	for _, s := range l.sockets {
		s.close()
	}
	clear(l.sockets)
	l.mu.Unlock()
	l.cancel()
	// Closing fails only for sockets that are closed already.
	_ = l.server.Close()
	l.idle.stop()
}

// feed hands connections that were accepted elsewhere to the HTTP server.
type feed struct {
	connections chan net.Conn
	ctx         context.Context
}

func (f *feed) Accept() (net.Conn, error) {
	select {
	case c := <-f.connections:
		return c, nil
	case <-f.ctx.Done():
		return nil, net.ErrClosed
	}
}

func (f *feed) Close() error   { return nil }
func (f *feed) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// put hands a connection over, or closes it when the listener is closed.
func (f *feed) put(c net.Conn) {
	select {
	case f.connections <- c:
	case <-f.ctx.Done():
		c.Close()
	}
}

// client is a connection of a client, with where it came in.
type client struct {
	net.Conn
	socket  *socket
	opened  time.Time
	release func()
}

// Close closes the connection and gives back its token.
func (c *client) Close() error {
	c.release()
	return c.Conn.Close()
}

// CloseWrite ends what is sent, where the connection can.
func (c *client) CloseWrite() error { return closeWrite(c.Conn) }

type clientKey struct{}

func withClient(ctx context.Context, c net.Conn) context.Context {
	if encrypted, ok := c.(*tls.Conn); ok {
		c = encrypted.NetConn()
	}
	return context.WithValue(ctx, clientKey{}, c)
}

// idleTimers close connections on which no request is under way.
type idleTimers struct {
	mu     sync.Mutex
	ended  bool
	timers map[net.Conn]*time.Timer
}

// connectionState starts and stops the idle timer of a connection.
func (l *listener) connectionState(c net.Conn, state http.ConnState) {
	l.idle.mu.Lock()
	defer l.idle.mu.Unlock()
	if former := l.idle.timers[c]; former != nil {
		former.Stop()
		delete(l.idle.timers, c)
	}
	if state != http.StateIdle && state != http.StateNew || l.idle.ended {
		return
	}
	l.idle.timers[c] = time.AfterFunc(l.current.Load().idleTimeout(), func() { c.Close() })
}

func (t *idleTimers) stop() {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.ended = true
	for _, timer := range t.timers {
		timer.Stop()
	}
	clear(t.timers)
}

// idleTimeout is how long a connection may be without traffic, in wall time.
func (b *behaviour) idleTimeout() time.Duration {
	if b.isHTTP() {
		return time.Duration(number(b.view.Attributes, "idle_timeout.timeout_seconds", 60)) * time.Second
	}
	return time.Duration(number(b.listener.Attributes, "tcp.idle_timeout.seconds", 350)) * time.Second
}
