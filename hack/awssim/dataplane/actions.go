package dataplane

import (
	"cmp"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// statusTexts are those of AWS where they are not Go's.
var statusTexts = map[int]string{
	http.StatusServiceUnavailable: "Service Temporarily Unavailable",
	http.StatusGatewayTimeout:     "Gateway Time-out",
	http.StatusUnauthorized:       "Authorization Required",
	http.StatusMethodNotAllowed:   "Not Allowed",
	statusTooManyForwarders:       "Too Many IP Addresses",
	statusProtocolMismatch:        "Incompatible Protocol",
	statusAuthenticationError:     "Authentication Error",
}

// fail answers with an error page of the load balancer's own.
func (x *exchange) fail(status int) {
	if status == http.StatusBadGateway || status == http.StatusServiceUnavailable || status == http.StatusGatewayTimeout {
		x.b.balancer.counters.failures.Add(1)
	}
	x.answer(status, "text/html", page(status, ""))
}

// explain is fail for what is not simulated: the page says so.
func (x *exchange) explain(status int, why string) {
	x.b.balancer.counters.failures.Add(1)
	x.answer(status, "text/html", page(status, why))
}

func page(status int, why string) string {
	title := fmt.Sprintf("%d %s", status, cmp.Or(statusTexts[status], http.StatusText(status)))
	if why != "" {
		why = "<p>" + why + "</p>\r\n"
	}
	return "<html>\r\n<head><title>" + title + "</title></head>\r\n<body>\r\n<center><h1>" + title +
		"</h1></center>\r\n" + why + "</body>\r\n</html>\r\n"
}

// answer answers from the load balancer itself.
func (x *exchange) answer(status int, contentType, body string) {
	x.b.balancer.counters.own[classOf(status)].Add(1)
	header := x.response.Header()
	header.Set("Server", "awselb/2.0")
	if body != "" {
		header.Set("Content-Type", contentType)
	}
	header.Set("Content-Length", strconv.Itoa(len(body)))
	x.b.setResponseHeaders(header)
	x.response.WriteHeader(status)
	if x.request.Method != http.MethodHead {
		// Who asked may be gone.
		_, _ = io.WriteString(x.response, body)
	}
}

func (x *exchange) fixedResponse(config *types.FixedResponseActionConfig) {
	status, err := strconv.Atoi(aws.ToString(config.StatusCode))
	if err != nil || status < 200 {
		status = http.StatusServiceUnavailable
	}
	x.answer(status, cmp.Or(aws.ToString(config.ContentType), "text/plain"), aws.ToString(config.MessageBody))
}

func (x *exchange) redirect(config *types.RedirectActionConfig) {
	status := http.StatusMovedPermanently
	if config.StatusCode == types.RedirectActionStatusCodeEnumHttp302 {
		status = http.StatusFound
	}
	x.response.Header().Set("Location", x.location(config))
	x.answer(status, "text/html", page(status, ""))
}

// location fills the placeholders of a redirection with parts of the request.
func (x *exchange) location(config *types.RedirectActionConfig) string {
	protocol := x.protocol()
	fill := strings.NewReplacer(
		"#{protocol}", protocol,
		"#{host}", hostOnly(x.request.Host),
		"#{port}", strconv.Itoa(int(x.b.listener.Port)),
		"#{path}", strings.TrimPrefix(x.request.URL.EscapedPath(), "/"),
		"#{query}", x.request.URL.RawQuery,
	).Replace
	part := func(given *string, otherwise string) string { return fill(cmp.Or(aws.ToString(given), otherwise)) }
	query := "#{query}"
	if config.Query != nil {
		query = *config.Query
	}
	location := strings.ToLower(part(config.Protocol, "#{protocol}")) + "://" + part(config.Host, "#{host}") + ":" +
		part(config.Port, "#{port}") + part(config.Path, "/#{path}")
	if query = fill(query); query != "" {
		location += "?" + query
	}
	return location
}

// protocol is http or https.
func (x *exchange) protocol() string {
	if x.b.overTLS() {
		return "https"
	}
	return "http"
}
