package dataplane

import (
	"errors"
	"net"
	"net/netip"
	"sync"
	"time"
)

const (
	// longestDatagram is what fits into one of UDP.
	longestDatagram = 65535
	// flowTimeout ends a UDP flow without traffic, as AWS does.
	flowTimeout = 120 * time.Second
)

// relay passes on the datagrams of one UDP socket.
type relay struct {
	socket  *socket
	packets net.PacketConn

	mu     sync.Mutex
	closed bool
	flows  map[netip.AddrPort]*udpFlow
}

// udpFlow is what one client sends and gets; it stays with its target.
type udpFlow struct {
	onward net.Conn
	timer  *time.Timer
}

func newRelay(s *socket, packets net.PacketConn) *relay {
	return &relay{socket: s, packets: packets, flows: map[netip.AddrPort]*udpFlow{}}
}

// serve passes datagrams on until the relay is closed.
func (r *relay) serve() {
	buffer := make([]byte, longestDatagram)
	for {
		n, from, err := r.packets.ReadFrom(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			pause(r.socket.listener.ctx, acceptPause)
			continue
		}
		if f := r.flowOf(addressOf(from)); f != nil {
			f.timer.Reset(flowTimeout)
			// A datagram that does not arrive is lost, as datagrams may be.
			_, _ = f.onward.Write(buffer[:n])
		}
	}
}

// Close ends all flows.
func (r *relay) Close() error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.closed = true
	for _, f := range r.flows {
		f.onward.Close()
	}
	return r.packets.Close()
}

// flowOf is the flow of a client, which begins when there is none and a target
// is. Only serve calls it.
func (r *relay) flowOf(source netip.AddrPort) *udpFlow {
	r.mu.Lock()
	f, mayBegin := r.flows[source], !r.closed && len(r.flows) < mostFlows
	r.mu.Unlock()
	if f != nil || !mayBegin {
		return f
	}
	b := r.socket.listener.current.Load()
	counters := &b.balancer.counters
	counters.requests.Add(1)
	g, t := r.socket.chooseForFlow(b, source)
	if t == nil {
		counters.failures.Add(1)
		return nil
	}
	onward, err := r.connect(g, t)
	if err != nil {
		g.done(t, true)
		counters.failures.Add(1)
		return nil
	}
	f = &udpFlow{onward: onward, timer: time.AfterFunc(flowTimeout, func() { onward.Close() })}
	r.keep(source, f)
	known := g.begin(t, func() { onward.Close() })
	if !r.socket.listener.plane.run(func() { r.answers(source, f, known) }) {
		onward.Close()
		known.over()
		g.done(t, false)
	}
	return f
}

// keep makes a flow known, or closes it when the relay is closed.
func (r *relay) keep(source netip.AddrPort, f *udpFlow) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flows[source] = f
	if r.closed {
		f.onward.Close()
	}
}

func (r *relay) connect(g *pool, t *target) (net.Conn, error) {
	address, here := g.address(t, r.socket.zone)
	if !here {
		return nil, errNoTarget
	}
	return net.Dial("udp", address)
}

// answers passes on what a target answers until the flow is over.
func (r *relay) answers(source netip.AddrPort, f *udpFlow, known *flow) {
	defer func() {
		f.timer.Stop()
		f.onward.Close()
		known.over()
		known.pool.done(known.target, false)
		r.mu.Lock()
		defer r.mu.Unlock()
		delete(r.flows, source)
	}()
	client := net.UDPAddrFromAddrPort(source)
	buffer := make([]byte, longestDatagram)
	for {
		n, err := f.onward.Read(buffer)
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// The target's port was closed when a datagram came; the next may fare better.
			pause(r.socket.listener.ctx, acceptPause)
			continue
		}
		f.timer.Reset(flowTimeout)
		if _, err := r.packets.WriteTo(buffer[:n], client); err != nil {
			return
		}
	}
}
