package stage

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"syscall"
)

const loopback = "127.0.0.1"

// service is something that listens on a port which people may have to choose.
type service struct {
	name, flag, variable string
	port                 int
	udp                  bool
}

// reserve makes sure that the port is free, or chooses one for 0, and returns the address.
func (s service) reserve() (string, error) {
	const attempts = 16
	for range attempts {
		address, err := s.try()
		if err == nil {
			return address, nil
		}
		if s.port != 0 {
			return "", s.explain(err)
		}
	}
	return "", fmt.Errorf("there is no free port for the %s on %s", s.name, loopback)
}

func (s service) try() (address string, err error) {
	tcp, err := net.Listen("tcp", net.JoinHostPort(loopback, strconv.Itoa(s.port)))
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, tcp.Close()) }()
	address = tcp.Addr().String()
	if s.udp {
		udp, err := net.ListenPacket("udp", address)
		if err != nil {
			return "", err
		}
		return address, udp.Close()
	}
	return address, nil
}

// explain says in one sentence what to do about a port that cannot be had.
func (s service) explain(err error) error {
	if errors.Is(err, syscall.EADDRINUSE) {
		return fmt.Errorf("port %d, which the %s wants, is taken by another program: stop that (`lsof -i :%d` shows it), "+
			"or choose another port with `make demo %s=%d` (flag %s; 0 takes any that is free)",
			s.port, s.name, s.port, s.variable, s.port+1, s.flag)
	}
	if errors.Is(err, syscall.EACCES) {
		return fmt.Errorf("port %d, which the %s wants, is for root only: choose one above 1023 with `make demo %s=%d` (flag %s)",
			s.port, s.name, s.variable, s.port+10000, s.flag)
	}
	return fmt.Errorf("the %s cannot listen on port %d: %w", s.name, s.port, err)
}
