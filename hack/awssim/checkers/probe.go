package checkers

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// Timeouts bound the parts of a probe.
type Timeouts struct {
	// Connect is for the TCP connection of HTTP and HTTPS, ConnectTCP that
	// of a TCP check, Response from the connection to the status line, Body
	// for the part of the body that is searched.
	Connect, ConnectTCP, Response, Body time.Duration
}

func (t Timeouts) withDefaults() Timeouts {
	return Timeouts{
		Connect:    cmp.Or(t.Connect, 4*time.Second),
		ConnectTCP: cmp.Or(t.ConnectTCP, 10*time.Second),
		Response:   cmp.Or(t.Response, 2*time.Second),
		Body:       cmp.Or(t.Body, 2*time.Second),
	}
}

const (
	// searched is how much of a body is searched for the string.
	searched = 5120
	// mostResponse bounds what is read of an endpoint at all.
	mostResponse = 1 << 20
)

// What checkers report of what they do not connect to.
const (
	StatusHealthy   = "Success: HTTP Status Code 200, OK"
	StatusUnhealthy = "Failure: HTTP Status Code 503, Service Unavailable"
)

// observation is what one probe saw.
type observation struct {
	healthy bool
	status  string
	at      time.Time
}

func success(format string, args ...any) observation {
	return observation{healthy: true, status: "Success: " + fmt.Sprintf(format, args...)}
}

func failure(format string, args ...any) observation {
	return observation{status: "Failure: " + fmt.Sprintf(format, args...)}
}

// probe looks at an endpoint once. One outside of this machine is not
// connected to and counts as healthy.
func (f *Fleet) probe(ctx context.Context, id string, config *types.HealthCheckConfig) observation {
	address, here := f.find(config)
	if !here {
		return observation{healthy: true, status: StatusHealthy}
	}
	connect := f.options.Timeouts.Connect
	if config.Type == types.HealthCheckTypeTcp {
		connect = f.options.Timeouts.ConnectTCP
	}
	dialer := net.Dialer{Timeout: connect}
	connection, err := dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return failure("%s", reasonOf(err))
	}
	defer connection.Close()
	defer context.AfterFunc(ctx, func() { connection.Close() })()
	if config.Type == types.HealthCheckTypeTcp {
		return success("TCP connection was established.")
	}
	return f.request(ctx, id, config, connection)
}

// find is where the endpoint of a check is on this machine.
func (f *Fleet) find(config *types.HealthCheckConfig) (address string, here bool) {
	port := Port(config)
	if config.IPAddress != nil {
		return f.options.Endpoints.Find(*config.IPAddress, port)
	}
	name := aws.ToString(config.FullyQualifiedDomainName)
	if address, here := f.options.Endpoints.Find(strings.TrimSuffix(name, "."), port); here {
		return address, true
	}
	resolved := f.options.Resolve(name)
	if len(resolved) == 0 {
		return "", false
	}
	return f.options.Endpoints.Find(resolved[0].String(), port)
}

// Port is the port that a check connects to.
func Port(config *types.HealthCheckConfig) int {
	switch {
	case config.Port != nil:
		return int(*config.Port)
	case overTLS(config):
		return 443
	}
	return 80
}

func overTLS(config *types.HealthCheckConfig) bool {
	return config.Type == types.HealthCheckTypeHttps || config.Type == types.HealthCheckTypeHttpsStrMatch
}

// hostHeader names the port only when it is not the protocol's own.
func hostHeader(config *types.HealthCheckConfig) string {
	host := cmp.Or(aws.ToString(config.FullyQualifiedDomainName), aws.ToString(config.IPAddress))
	if strings.Contains(host, ":") {
		host = "[" + host + "]"
	}
	port := Port(config)
	if overTLS(config) && port == 443 || !overTLS(config) && port == 80 {
		return host
	}
	return host + ":" + strconv.Itoa(port)
}

// request asks over an open connection and judges the answer.
func (f *Fleet) request(ctx context.Context, id string, config *types.HealthCheckConfig, connection net.Conn) observation {
	if err := connection.SetDeadline(time.Now().Add(f.options.Timeouts.Response)); err != nil {
		return failure("%s", reasonOf(err))
	}
	if overTLS(config) {
		// Route 53 does not validate certificates.
		settings := &tls.Config{InsecureSkipVerify: true}
		if aws.ToBool(config.EnableSNI) {
			settings.ServerName = aws.ToString(config.FullyQualifiedDomainName)
		}
		encrypted := tls.Client(connection, settings)
		if err := encrypted.HandshakeContext(ctx); err != nil {
			return failure("SSL alert handshake_failure: %s", reasonOf(err))
		}
		connection = encrypted
	}
	path := aws.ToString(config.ResourcePath)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	_, err := fmt.Fprintf(connection, "GET %s HTTP/1.1\r\nHost: %s\r\n"+
		"User-Agent: Amazon-Route53-Health-Check-Service (ref %s; report http://amzn.to/1vsZADi)\r\n"+
		"Accept: */*\r\nConnection: close\r\n\r\n", path, hostHeader(config), id)
	if err != nil {
		return failure("%s", reasonOf(err))
	}
	response, err := http.ReadResponse(bufio.NewReader(io.LimitReader(connection, mostResponse)), nil)
	if err != nil {
		return failure("%s", reasonOf(err))
	}
	defer response.Body.Close()
	status := fmt.Sprintf("HTTP Status Code %d, %s", response.StatusCode, http.StatusText(response.StatusCode))
	if response.StatusCode < 200 || response.StatusCode > 399 {
		return failure("%s", status)
	}
	if config.Type != types.HealthCheckTypeHttpStrMatch && config.Type != types.HealthCheckTypeHttpsStrMatch {
		return success("%s", status)
	}
	if err := connection.SetDeadline(time.Now().Add(f.options.Timeouts.Body)); err != nil {
		return failure("%s", reasonOf(err))
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, searched))
	switch {
	case bytes.Contains(body, []byte(aws.ToString(config.SearchString))):
		return success("%s. The response body contains the search string.", status)
	case err != nil:
		return failure("%s, but the response body did not arrive: %s", status, reasonOf(err))
	}
	return failure("%s, but the first 5,120 bytes of the response body do not contain the search string.", status)
}

// reasonOf tells a network error without the addresses of this machine.
func reasonOf(err error) string {
	if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
		return "Connection timed out. The endpoint or the internet connection is down, " +
			"or requests are being blocked by your firewall."
	}
	var operation *net.OpError
	if errors.As(err, &operation) {
		err = operation.Err
	}
	return "The connection failed: " + err.Error()
}
