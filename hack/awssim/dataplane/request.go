package dataplane

import (
	"net/http"
	"net/netip"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// exchange is one request on its way.
type exchange struct {
	plane    *Plane
	b        *behaviour
	rule     *rule
	socket   *socket
	source   netip.AddrPort
	response *recorder
	request  *http.Request
}

// The statuses that are AWS's own.
const (
	statusTooManyForwarders   = 463
	statusProtocolMismatch    = 464
	statusAuthenticationError = 561
)

// mostForwarders is the most addresses in X-Forwarded-For.
const mostForwarders = 30

// ServeHTTP answers one request of a client.
func (l *listener) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p := l.plane
	if !p.enter() {
		panic(http.ErrAbortHandler)
	}
	defer p.running.Done()
	c, _ := r.Context().Value(clientKey{}).(*client)
	b := l.current.Load()
	b.balancer.counters.requests.Add(1)
	x := &exchange{
		plane: p, b: b, socket: c.socket, source: addressOf(c.RemoteAddr()),
		response: &recorder{ResponseWriter: w}, request: r,
	}
	keepAlive := time.Duration(number(b.view.Attributes, "client_keep_alive.seconds", 3600)) * time.Second
	if time.Since(c.opened) > keepAlive {
		w.Header().Set("Connection", "close")
	}
	x.serve()
}

// serve answers a request.
func (x *exchange) serve() {
	if x.refused() {
		return
	}
	if x.b.on("routing.http.drop_invalid_header_fields.enabled") {
		dropInvalid(x.request.Header)
	}
	x.follow()
}

// follow follows the actions of the rule that matches.
func (x *exchange) follow() {
	x.rule = x.b.match(subjectOf(x.request, x.source.Addr()))
	for i := range x.rule.actions {
		action := &x.rule.actions[i]
		switch action.Type {
		case types.ActionTypeEnumRedirect:
			x.redirect(action.RedirectConfig)
			return
		case types.ActionTypeEnumFixedResponse:
			x.fixedResponse(action.FixedResponseConfig)
			return
		case types.ActionTypeEnumForward:
			x.forward(action)
			return
		}
		if !x.authenticated(action) {
			return
		}
	}
	x.fail(http.StatusServiceUnavailable)
}

// refused answers requests that no rule sees.
func (x *exchange) refused() bool {
	switch forwarders := strings.Join(x.request.Header.Values("X-Forwarded-For"), ","); {
	case x.request.Method == http.MethodTrace:
		x.fail(http.StatusMethodNotAllowed)
	case strings.Count(forwarders, ",") >= mostForwarders:
		x.fail(statusTooManyForwarders)
	default:
		return false
	}
	return true
}

// recorder remembers the status of an answer.
type recorder struct {
	http.ResponseWriter
	status int
}

// WriteHeader notes the status.
func (r *recorder) WriteHeader(status int) {
	if r.status == 0 && status >= 200 || status == http.StatusSwitchingProtocols {
		r.status = status
	}
	r.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController find what the server can.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }
