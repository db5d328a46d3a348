package dnsserver

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"time"

	"github.com/miekg/dns"
)

const (
	// portAttempts bounds the search for a port that is free for both UDP and TCP.
	portAttempts = 32
	// stopTimeout is how long open TCP connections may take to end.
	stopTimeout = 5 * time.Second
)

// Server answers DNS queries over UDP and TCP on one address.
type Server struct {
	resolver *Resolver
	tcp      net.Listener
	udp      net.PacketConn
	closing  chan struct{}
	close    sync.Once
	serving  sync.Mutex
}

// Listen binds the address for both protocols; the server answers once Serve runs.
func Listen(options Options) (*Server, error) {
	tcp, udp, err := bind(options.Addr)
	if err != nil {
		return nil, fmt.Errorf("the DNS server cannot listen on %s: %w", options.Addr, err)
	}
	return &Server{
		resolver: NewResolver(options),
		tcp:      tcp,
		udp:      udp,
		closing:  make(chan struct{}),
	}, nil
}

// bind opens both sockets on one port. If the port is free to choose, what TCP
// gets may be taken for UDP, so it tries a few.
func bind(addr string) (tcp net.Listener, udp net.PacketConn, err error) {
	for range portAttempts {
		if tcp, err = net.Listen("tcp", addr); err != nil {
			return nil, nil, protocolError("TCP", err)
		}
		if udp, err = net.ListenPacket("udp", tcp.Addr().String()); err == nil {
			return tcp, udp, nil
		}
		err = errors.Join(protocolError("UDP", err), tcp.Close())
		if _, port, split := net.SplitHostPort(addr); split != nil || port != "0" {
			break
		}
	}
	return nil, nil, err
}

// protocolError drops from a network error the address, which the caller names.
func protocolError(protocol string, err error) error {
	var operation *net.OpError
	if errors.As(err, &operation) {
		err = operation.Err
	}
	return fmt.Errorf("%s: %w", protocol, err)
}

// Addr returns the host:port the server answers on.
func (s *Server) Addr() string { return s.tcp.Addr().String() }

// Resolver returns what the server answers with.
func (s *Server) Resolver() *Resolver { return s.resolver }

// Serve answers until the context ends or Close is called, neither of which is
// an error, and closes the sockets. A server serves once.
func (s *Server) Serve(ctx context.Context) error {
	s.serving.Lock()
	defer s.serving.Unlock()
	select {
	case <-s.closing: // Close was faster and has the sockets
		return nil
	default:
	}
	servers := []*dns.Server{
		{PacketConn: s.udp, Handler: s.handler(false), UDPSize: maxUDPSize},
		{Listener: s.tcp, Handler: s.handler(true)},
	}
	ends := make(chan error, len(servers))
	var started sync.WaitGroup
	started.Add(len(servers))
	for _, server := range servers {
		ready := sync.OnceFunc(started.Done)
		server.NotifyStartedFunc = ready
		go func() {
			err := server.ActivateAndServe()
			ready()
			ends <- err
		}()
	}
	var err error
	left := len(servers)
	select {
	case <-ctx.Done():
	case <-s.closing:
	case err = <-ends:
		left--
	}
	started.Wait() // a server that has not started cannot be shut down
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	for _, server := range servers {
		err = errors.Join(err, server.ShutdownContext(ctx))
	}
	for ; left > 0; left-- {
		err = errors.Join(err, <-ends)
	}
	return err
}

// Close makes Serve return, waits for it and frees the address.
func (s *Server) Close() error {
	s.close.Do(func() { close(s.closing) })
	s.serving.Lock()
	defer s.serving.Unlock()
	var problems []error
	for _, err := range []error{s.tcp.Close(), s.udp.Close()} {
		if !errors.Is(err, net.ErrClosed) { // Serve has closed them already
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

func (s *Server) handler(tcp bool) dns.HandlerFunc {
	logger := s.resolver.options.Logger
	return func(w dns.ResponseWriter, request *dns.Msg) {
		client, err := netip.ParseAddrPort(w.RemoteAddr().String())
		if err != nil {
			logger.Error("Cannot tell who asks", "client", w.RemoteAddr().String(), "error", err)
		}
		reply := s.resolver.Reply(request, client.Addr(), tcp)
		if reply == nil {
			return
		}
		packed, err := reply.Pack()
		if err != nil {
			logger.Error("Cannot encode the answer", "question", reply.Question, "error", err)
			packed, err = new(dns.Msg).SetRcode(request, dns.RcodeServerFailure).Pack()
		}
		if err == nil {
			_, err = w.Write(packed)
		}
		if err != nil {
			logger.Error("Cannot send the answer", "client", client, "error", err)
		}
	}
}
