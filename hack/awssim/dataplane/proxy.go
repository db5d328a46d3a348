package dataplane

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httputil"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// errSlow is that a target did not begin to answer in the idle timeout.
var errSlow = errors.New("the target did not answer in the idle timeout")

// newTransport is how the targets of a group are asked.
func newTransport(view *elbv2.TargetGroup) *http.Transport {
	protocols := new(http.Protocols)
	switch {
	case isVersion(view, "HTTP2") || isVersion(view, "GRPC"):
		protocols.SetHTTP2(true)
		protocols.SetUnencryptedHTTP2(true)
	default:
		protocols.SetHTTP1(true)
	}
	return &http.Transport{
		DialContext: (&net.Dialer{Timeout: connectTimeout}).DialContext,
		// AWS does not verify the certificates of targets.
		TLSClientConfig:     &tls.Config{InsecureSkipVerify: true, MinVersion: tls.VersionTLS10},
		TLSHandshakeTimeout: handshakeTimeout,
		MaxIdleConnsPerHost: 64,
		IdleConnTimeout:     30 * time.Second,
		DisableCompression:  true,
		Protocols:           protocols,
	}
}

// forward passes the request on to a target of one of the action's groups.
func (x *exchange) forward(action *types.Action) {
	g, isSticky := x.chooseGroup(action)
	if g == nil {
		x.askAgain()
		return
	}
	view := g.settings()
	if view.TargetType == types.TargetTypeEnumLambda {
		x.explain(http.StatusBadGateway, "The local AWS does not run Lambda functions.")
		return
	}
	if isVersion(&view, "GRPC") && !isGRPC(x.request) || isVersion(&view, "HTTP2") && x.request.ProtoMajor != 2 {
		x.fail(statusProtocolMismatch)
		return
	}
	sticky := stickinessOf(view.Attributes)
	t := x.chooseTarget(g, sticky)
	if t == nil {
		x.askAgain()
		return
	}
	failed := true
	defer func() { g.done(t, failed) }()
	address, here := g.address(t, x.socket.zone)
	if !here {
		x.fail(http.StatusGatewayTimeout)
		return
	}
	failed = !x.pass(g, t, &view, address, func(response *http.Response) {
		if isSticky {
			x.stick(response.Header, cookieTargetGroup, g.arn, groupDuration(action))
		}
		if sticky.cookie != "" && (sticky.application == "" || x.setsCookie(response, sticky)) {
			x.stick(response.Header, sticky.cookie, g.arn+"\x00"+t.key, sticky.duration)
		}
	})
}

// askAgain follows the listener's actions once more if it was told of others since the request came: that may be why the
// group it meant has no target. It may be about to be told, since groups learn of a change before listeners do.
func (x *exchange) askAgain() {
	x.plane.Sync()
	now := x.socket.listener.current.Load()
	if now == x.b {
		x.fail(http.StatusServiceUnavailable)
		return
	}
	x.b = now
	x.follow()
}

// chooseTarget picks a target by cookie or by the group's algorithm.
func (x *exchange) chooseTarget(g *pool, sticky stickiness) *target {
	return g.choose(x.socket.zone, true, func(choices []*target) *target {
		if sticky.cookie != "" {
			for _, t := range choices {
				if x.opens(g.arn+"\x00"+t.key, sticky.cookie, sticky.cookie+corsSuffix) {
					return t
				}
			}
		}
		return g.balanced(choices, x.plane.options.Random)
	})
}

// setsCookie tells whether the target set the cookie that begins to stick.
func (x *exchange) setsCookie(response *http.Response, s stickiness) bool {
	for _, cookie := range response.Cookies() {
		if cookie.Name == s.application {
			return true
		}
	}
	return false
}

func isGRPC(r *http.Request) bool {
	return r.ProtoMajor == 2 && strings.HasPrefix(r.Header.Get("Content-Type"), "application/grpc")
}

// pass asks a target and answers with what it answers. It tells whether it did.
func (x *exchange) pass(g *pool, t *target, view *elbv2.TargetGroup, address string, adorn func(*http.Response)) bool {
	ctx, cancel := context.WithCancelCause(x.request.Context())
	defer cancel(nil)
	idle := x.b.idleTimeout()
	waiting := time.AfterFunc(idle, func() { cancel(errSlow) })
	defer waiting.Stop()
	asked := x.request.WithContext(ctx)
	if asked.Body != http.NoBody {
		asked.Body = touchingBody{touching{asked.Body, func() { waiting.Reset(idle) }}, asked.Body}
	}
	answered := true
	proxy := &httputil.ReverseProxy{
		Transport: g.transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			// What of the query cannot be parsed is the target's business.
			r.Out.URL.RawQuery = r.In.URL.RawQuery
			for _, rewrite := range x.rule.transforms {
				rewrite(r.Out)
			}
			r.Out.URL.Scheme, r.Out.URL.Host = strings.ToLower(string(view.Protocol)), address
			r.Out.Host = x.hostFor(r.Out.Host)
			x.setForwarded(r.Out.Header)
		},
		ModifyResponse: func(response *http.Response) error {
			waiting.Stop()
			for _, c := range []*counters{&x.b.balancer.counters, &g.counters, &t.counters} {
				c.code(response.StatusCode)
			}
			adorn(response)
			x.b.setResponseHeaders(response.Header)
			return nil
		},
		ErrorHandler: func(_ http.ResponseWriter, _ *http.Request, err error) {
			// A client that went away is nobody's failure.
			if x.request.Context().Err() == nil {
				answered = false
				x.fail(statusOf(ctx, err))
			}
		},
	}
	proxy.ServeHTTP(x.response, asked)
	return answered
}

// touchingBody is the body of a request that tells when some of it has come.
type touchingBody struct {
	io.Reader
	io.Closer
}

// statusOf is how AWS answers when a target does not.
func statusOf(ctx context.Context, err error) int {
	var slow net.Error
	if errors.Is(context.Cause(ctx), errSlow) || errors.As(err, &slow) && slow.Timeout() {
		return http.StatusGatewayTimeout
	}
	return http.StatusBadGateway
}

// chooseGroup picks a target group by cookie or by weight, and tells whether
// the answer is to be given a cookie. It is nil when no group has a weight.
func (x *exchange) chooseGroup(action *types.Action) (g *pool, stick bool) {
	groups := groupsOf(action)
	if stick = groupDuration(action) > 0; stick {
		for _, group := range groups {
			if x.opens(group.key, cookieTargetGroup, cookieTargetGroup+corsSuffix) {
				return x.b.pools[group.key], false
			}
		}
	}
	turn := x.rule.weights.next(groups)
	if turn < 0 {
		return nil, false
	}
	return x.b.pools[groups[turn].key], stick
}

// groupsOf are the target groups of an action with their weights.
func groupsOf(action *types.Action) []weighted {
	if action.ForwardConfig == nil || len(action.ForwardConfig.TargetGroups) == 0 {
		return []weighted{{aws.ToString(action.TargetGroupArn), 1}}
	}
	groups := make([]weighted, len(action.ForwardConfig.TargetGroups))
	for i, group := range action.ForwardConfig.TargetGroups {
		weight := 1.0
		if group.Weight != nil {
			weight = float64(*group.Weight)
		}
		groups[i] = weighted{aws.ToString(group.TargetGroupArn), weight}
	}
	return groups
}

// groupDuration is how long a client stays with a target group; 0 is not at all.
func groupDuration(action *types.Action) time.Duration {
	if action.ForwardConfig == nil || action.ForwardConfig.TargetGroupStickinessConfig == nil {
		return 0
	}
	config := action.ForwardConfig.TargetGroupStickinessConfig
	if !aws.ToBool(config.Enabled) {
		return 0
	}
	return time.Duration(aws.ToInt32(config.DurationSeconds)) * time.Second
}
