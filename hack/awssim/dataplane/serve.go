package dataplane

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// handshakeTimeout is for TLS with clients and targets, connectTimeout
	// for the connection to a target, both in wall time.
	handshakeTimeout, connectTimeout = 10 * time.Second, 10 * time.Second
	// acceptPause is the wait after the system refused to accept.
	acceptPause = 5 * time.Millisecond
)

// accept serves the connections of clients until the socket is closed.
func (s *socket) accept(accepting net.Listener) {
	for {
		accepted, err := accepting.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			pause(s.listener.ctx, acceptPause)
			continue
		}
		select {
		case s.listener.connections <- struct{}{}:
			s.serve(accepted)
		default:
			accepted.Close()
		}
	}
}

func pause(ctx context.Context, d time.Duration) {
	waiting, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	<-waiting.Done()
}

// serve gives a connection to who serves it, and does not wait for the end.
func (s *socket) serve(accepted net.Conn) {
	l := s.listener
	b := l.current.Load()
	var once sync.Once
	counters := &b.balancer.counters
	counters.connections.Add(1)
	counters.open.Add(1)
	c := &client{Conn: accepted, socket: s, opened: time.Now(), release: func() {
		once.Do(func() {
			<-l.connections
			counters.open.Add(-1)
		})
	}}
	switch {
	case b.isHTTP() && b.overTLS():
		l.feed.put(tls.Server(c, b.tls))
	case b.isHTTP():
		l.feed.put(c)
	default:
		if !l.plane.run(func() { l.forwardConnection(b, c) }) {
			c.Close()
		}
	}
}

// addressOf is the address and port of a connection's other side.
func addressOf(address net.Addr) netip.AddrPort {
	parsed, err := netip.ParseAddrPort(address.String())
	if err != nil {
		return netip.AddrPort{}
	}
	return netip.AddrPortFrom(parsed.Addr().Unmap(), parsed.Port())
}

// closeWrite ends what is sent over a connection, where it can.
func closeWrite(c net.Conn) error {
	if half, ok := c.(interface{ CloseWrite() error }); ok {
		return half.CloseWrite()
	}
	return nil
}
