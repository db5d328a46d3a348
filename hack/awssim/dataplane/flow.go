package dataplane

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// errNoTarget is that a connection can go nowhere.
var errNoTarget = errors.New("there is no target for the connection")

// flow is a connection, or what belongs together of datagrams, between a
// client and a target. A target that goes can end it.
type flow struct {
	pool   *pool
	target *target
	end    func()
}

// begin makes a flow known to its target, which may call end once or never.
func (g *pool) begin(t *target, end func()) *flow {
	f := &flow{pool: g, target: t, end: end}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.flows[f] = struct{}{}
	return f
}

// over forgets a flow.
func (f *flow) over() {
	f.target.mu.Lock()
	defer f.target.mu.Unlock()
	delete(f.target.flows, f)
}

// endFlows closes all connections to the target.
func (t *target) endFlows() {
	t.mu.Lock()
	defer t.mu.Unlock()
	for f := range t.flows {
		f.end()
	}
	clear(t.flows)
}

// chooseForFlow picks a target for what a client sends to a socket, and counts
// it as under way. Where there is none it asks once more, as requests do.
func (s *socket) chooseForFlow(b *behaviour, source netip.AddrPort) (*pool, *target) {
	g, t := s.targetOf(b, source)
	if t != nil {
		return g, t
	}
	s.listener.plane.Sync()
	if now := s.listener.current.Load(); now != b {
		return s.targetOf(now, source)
	}
	return nil, nil
}

func (s *socket) targetOf(b *behaviour, source netip.AddrPort) (*pool, *target) {
	matched := b.match(&subject{source: source.Addr()})
	for i := range matched.actions {
		action := &matched.actions[i]
		if action.Type != types.ActionTypeEnumForward {
			continue
		}
		groups := groupsOf(action)
		turn := matched.weights.next(groups)
		if turn < 0 {
			return nil, nil
		}
		g := b.pools[groups[turn].key]
		if g == nil {
			return nil, nil
		}
		attributes := g.settings().Attributes
		bySource := attributes["stickiness.enabled"] == "true" && attributes["stickiness.type"] == "source_ip"
		key := flowKey(source, s.wanted, bySource)
		crossZone := b.on("load_balancing.cross_zone.enabled")
		return g, g.choose(s.zone, crossZone, func(choices []*target) *target { return byHash(choices, key) })
	}
	return nil, nil
}

// forwardConnection connects a client with a target until one of them is done.
func (l *listener) forwardConnection(b *behaviour, c *client) {
	defer c.Close()
	defer context.AfterFunc(l.ctx, func() { c.Conn.Close() })()
	counters := &b.balancer.counters
	counters.requests.Add(1)
	inner, protocol := net.Conn(c), ""
	if b.overTLS() {
		encrypted := tls.Server(c, b.tls)
		if err := handshake(l.ctx, encrypted); err != nil {
			counters.failures.Add(1)
			return
		}
		inner, protocol = encrypted, encrypted.ConnectionState().NegotiatedProtocol
		defer encrypted.Close()
	}
	source := addressOf(c.RemoteAddr())
	g, t := c.socket.chooseForFlow(b, source)
	if t == nil {
		counters.failures.Add(1)
		reset(c.Conn)
		return
	}
	onward, err := g.connect(l.ctx, t, c, protocol)
	defer func() { g.done(t, err != nil) }()
	if err != nil {
		counters.failures.Add(1)
		reset(c.Conn)
		return
	}
	defer onward.Close()
	end := func() { c.Conn.Close(); onward.Close() }
	f := g.begin(t, end)
	defer f.over()
	splice(l.plane, inner, onward, b.idleTimeout(), end)
}

// reset closes a connection so that the client sees that it was refused.
func reset(c net.Conn) {
	if connection, ok := c.(*net.TCPConn); ok {
		// It is closed either way.
		_ = connection.SetLinger(0)
	}
	c.Close()
}

func handshake(ctx context.Context, c *tls.Conn) error {
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	return c.HandshakeContext(ctx)
}

// connect opens a connection to a target as the group's protocol wants it.
func (g *pool) connect(ctx context.Context, t *target, c *client, protocol string) (net.Conn, error) {
	address, here := g.address(t, c.socket.zone)
	if !here {
		return nil, errNoTarget
	}
	dialer := net.Dialer{Timeout: connectTimeout}
	onward, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	view := g.settings()
	if view.Attributes["proxy_protocol_v2.enabled"] == "true" {
		if _, err := onward.Write(proxyHeader(addressOf(c.RemoteAddr()), c.socket.wanted.address)); err != nil {
			return nil, errors.Join(err, onward.Close())
		}
	}
	if view.Protocol != types.ProtocolEnumTls {
		return onward, nil
	}
	// AWS does not verify the certificates of targets.
	settings := &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10}
	if protocol != "" {
		settings.NextProtos = []string{protocol}
	}
	encrypted := tls.Client(onward, settings)
	if err := handshake(ctx, encrypted); err != nil {
		return nil, errors.Join(err, onward.Close())
	}
	return encrypted, nil
}

// proxyHeader is version 2 of the proxy protocol: who is connected to what.
func proxyHeader(source, destination netip.AddrPort) []byte {
	header := []byte("\r\n\r\n\x00\r\nQUIT\n\x21")
	family, length := byte(0x11), uint16(12)
	if source.Addr().Is6() {
		family, length = 0x21, 36
	}
	header = binary.BigEndian.AppendUint16(append(header, family), length)
	header = append(append(header, source.Addr().AsSlice()...), destination.Addr().AsSlice()...)
	header = binary.BigEndian.AppendUint16(header, source.Port())
	return binary.BigEndian.AppendUint16(header, destination.Port())
}

// splice copies both ways until both sides are done, one fails, or nothing was
// sent for the idle timeout. End closes both.
func splice(p *Plane, client, target net.Conn, idle time.Duration, end func()) {
	timer := time.AfterFunc(idle, end)
	defer timer.Stop()
	touch := func() { timer.Reset(idle) }
	var copying sync.WaitGroup
	copying.Add(2)
	one := func(to, from net.Conn) {
		defer copying.Done()
		if _, err := io.Copy(to, touching{from, touch}); err != nil || closeWrite(to) != nil {
			end()
		}
	}
	if !p.run(func() { one(target, client) }) {
		copying.Done()
		end()
	}
	one(client, target)
	copying.Wait()
}

// touching calls touch whenever something was read.
type touching struct {
	io.Reader
	touch func()
}

// Read reads and tells so.
func (t touching) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	if n > 0 {
		t.touch()
	}
	return n, err
}
