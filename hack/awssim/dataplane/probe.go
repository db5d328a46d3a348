package dataplane

import (
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
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// passed is the finding of a probe that passed.
var passed = finding{healthy: true}

func failed(reason types.TargetHealthReasonEnum, description string) finding {
	return finding{reason: reason, description: description}
}

// probe looks at a target once. One outside of this machine is not connected
// to and is healthy.
func (p *Plane) probe(g *elbv2.TargetGroup, t *elbv2.Target, timeout time.Duration) finding {
	address, here := p.locate(g, t, checkPort(g), t.Zone)
	if !here {
		return passed
	}
	ctx, cancel := context.WithTimeout(p.ctx, timeout)
	defer cancel()
	seen := ask(ctx, g, t, address)
	if !seen.healthy && !isForRequests(g) {
		// Network load balancers tell no more than that.
		return failed(types.TargetHealthReasonEnumFailedHealthChecks, "Health checks failed")
	}
	return seen
}

// isForRequests tells whether application load balancers use the group.
func isForRequests(g *elbv2.TargetGroup) bool {
	return g.Protocol == types.ProtocolEnumHttp || g.Protocol == types.ProtocolEnumHttps
}

// ask makes the request, or the connection, of a health check.
func ask(ctx context.Context, g *elbv2.TargetGroup, t *elbv2.Target, address string) finding {
	if g.HealthCheckProtocol != types.ProtocolEnumHttp && g.HealthCheckProtocol != types.ProtocolEnumHttps {
		var dialer net.Dialer
		connection, err := dialer.DialContext(ctx, "tcp", address)
		if err != nil {
			return failureOf(ctx, err)
		}
		connection.Close()
		return passed
	}
	code, err := request(ctx, g, t, address)
	if err != nil {
		return failureOf(ctx, err)
	}
	if !inRanges(matcherOf(g), code) {
		return failed(types.TargetHealthReasonEnumResponseCodeMismatch,
			fmt.Sprintf("Health checks failed with these codes: [%d]", code))
	}
	return passed
}

func failureOf(ctx context.Context, err error) finding {
	var late net.Error
	if ctx.Err() != nil || errors.As(err, &late) && late.Timeout() {
		return failed(types.TargetHealthReasonEnumTimeout, "Request timed out")
	}
	return failed(types.TargetHealthReasonEnumFailedHealthChecks, "Health checks failed")
}

// request asks by HTTP and answers with the code: the status of HTTP, or that of gRPC.
func request(ctx context.Context, g *elbv2.TargetGroup, t *elbv2.Target, address string) (int, error) {
	protocols := new(http.Protocols)
	if isVersion(g, "HTTP2") || isVersion(g, "GRPC") {
		protocols.SetHTTP2(true)
		protocols.SetUnencryptedHTTP2(true)
	} else {
		protocols.SetHTTP1(true)
	}
	transport := &http.Transport{
		// AWS does not verify the certificates of targets.
		TLSClientConfig:   &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10},
		DisableKeepAlives: true,
		Protocols:         protocols,
	}
	defer transport.CloseIdleConnections()
	method, body := http.MethodGet, io.Reader(http.NoBody)
	if isVersion(g, "GRPC") {
		// The message is empty: not compressed, and of no length.
		method, body = http.MethodPost, strings.NewReader("\x00\x00\x00\x00\x00")
	}
	path := aws.ToString(g.HealthCheckPath)
	if !strings.HasPrefix(path, "/") {
		path = "/" + path
	}
	url := strings.ToLower(string(g.HealthCheckProtocol)) + "://" + address + path
	asked, err := http.NewRequestWithContext(ctx, method, url, body)
	if err != nil {
		return 0, err
	}
	asked.Host = net.JoinHostPort(t.ID, strconv.Itoa(int(t.Port)))
	asked.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	if isVersion(g, "GRPC") {
		asked.Header.Set("Content-Type", "application/grpc")
		asked.Header.Set("Te", "trailers")
	}
	// Redirections are not followed.
	response, err := transport.RoundTrip(asked)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	if !isVersion(g, "GRPC") {
		return response.StatusCode, nil
	}
	return statusOfGRPC(response)
}

// mostBody bounds what is read of a target's answer.
const mostBody = 1 << 20

// statusOfGRPC comes after the message, or at once when there is none.
func statusOfGRPC(response *http.Response) (int, error) {
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, mostBody)); err != nil {
		return 0, fmt.Errorf("reading the answer of a health check: %w", err)
	}
	return strconv.Atoi(cmp.Or(response.Trailer.Get("Grpc-Status"), response.Header.Get("Grpc-Status")))
}

// matcherOf is what codes are good: "200", "200,202", "200-299".
func matcherOf(g *elbv2.TargetGroup) string {
	switch {
	case g.Matcher != nil && g.Matcher.GrpcCode != nil:
		return *g.Matcher.GrpcCode
	case g.Matcher != nil && g.Matcher.HttpCode != nil:
		return *g.Matcher.HttpCode
	case isVersion(g, "GRPC"):
		return "12"
	case isForRequests(g):
		return "200"
	}
	return "200-399"
}

// inRanges tells whether a code is one of a list of codes and ranges.
func inRanges(ranges string, code int) bool {
	for part := range strings.SplitSeq(ranges, ",") {
		low, high, isRange := strings.Cut(strings.TrimSpace(part), "-")
		if !isRange {
			high = low
		}
		least, err := strconv.Atoi(low)
		if err != nil {
			continue
		}
		if most, err := strconv.Atoi(high); err == nil && least <= code && code <= most {
			return true
		}
	}
	return false
}
