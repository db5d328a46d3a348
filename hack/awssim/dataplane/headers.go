package dataplane

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// validField is what AWS takes for the name of a header field.
var validField = regexp.MustCompile(`^[-A-Za-z0-9]+$`)

func dropInvalid(header http.Header) {
	for name := range header {
		if !validField.MatchString(name) {
			delete(header, name)
		}
	}
}

// setForwarded sets the header fields by which a target learns of the client.
func (x *exchange) setForwarded(out http.Header) {
	in := x.request.Header
	source := x.source.Addr().String()
	if x.b.on("routing.http.xff_client_port.enabled") {
		source = net.JoinHostPort(source, strconv.Itoa(int(x.source.Port())))
	}
	former := in.Values("X-Forwarded-For")
	switch x.b.view.Attributes["routing.http.xff_header_processing.mode"] {
	case "preserve":
		if len(former) > 0 {
			out["X-Forwarded-For"] = former
		}
	case "remove":
		out.Del("X-Forwarded-For")
	default:
		out.Set("X-Forwarded-For", strings.Join(append(append([]string{}, former...), source), ", "))
	}
	out.Set("X-Forwarded-Proto", x.protocol())
	out.Set("X-Forwarded-Port", strconv.Itoa(int(x.b.listener.Port)))
	if host := in.Get("X-Forwarded-Host"); host != "" {
		out.Set("X-Forwarded-Host", host)
	}
	if forwarded := in.Values("Forwarded"); len(forwarded) > 0 {
		out["Forwarded"] = forwarded
	}
	out.Set("X-Amzn-Trace-Id", x.traceID(in.Get("X-Amzn-Trace-Id")))
	if x.request.TLS != nil {
		x.setTLSFields(out, x.request.TLS)
	}
}

// traceID begins a trace, or adds to the one the client is in.
func (x *exchange) traceID(former string) string {
	own := fmt.Sprintf("1-%08x-%s", x.plane.options.Clock.Now().Unix(), x.plane.options.Random.String(24, "0123456789abcdef"))
	if strings.Contains(former, "Root=") {
		return "Self=" + own + ";" + former
	}
	if former != "" {
		own += ";" + former
	}
	return "Root=" + own
}

// setTLSFields tells the target how the client is connected, and who it is.
// The listener's attributes can give each field another name.
func (x *exchange) setTLSFields(out http.Header, state *tls.ConnectionState) {
	set := func(field, value string) {
		attribute := "routing.http.request." + strings.ToLower(strings.ReplaceAll(field, "-", "_")) + ".header_name"
		if name := x.b.listener.Attributes[attribute]; name != "" {
			field = name
		}
		out.Set(field, value)
	}
	if x.b.on("routing.http.x_amzn_tls_version_and_cipher_suite.enabled") {
		set("X-Amzn-Tls-Version", strings.ReplaceAll(tls.VersionName(state.Version), "TLS ", "TLSv"))
		set("X-Amzn-Tls-Cipher-Suite", tls.CipherSuiteName(state.CipherSuite))
	}
	if len(state.PeerCertificates) == 0 {
		return
	}
	encode := func(certificates int) string {
		var text strings.Builder
		for _, certificate := range state.PeerCertificates[:certificates] {
			text.Write(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Raw}))
		}
		return url.PathEscape(text.String())
	}
	if x.b.mutual() == mutualPassthrough {
		set("X-Amzn-Mtls-Clientcert", encode(len(state.PeerCertificates)))
		return
	}
	leaf := state.PeerCertificates[0]
	set("X-Amzn-Mtls-Clientcert-Serial-Number", strings.ToUpper(leaf.SerialNumber.Text(16)))
	set("X-Amzn-Mtls-Clientcert-Issuer", leaf.Issuer.String())
	set("X-Amzn-Mtls-Clientcert-Subject", leaf.Subject.String())
	set("X-Amzn-Mtls-Clientcert-Validity", "NotBefore="+leaf.NotBefore.UTC().Format(time.RFC3339)+
		";NotAfter="+leaf.NotAfter.UTC().Format(time.RFC3339))
	set("X-Amzn-Mtls-Clientcert-Leaf", encode(1))
}

// responseFields are those that attributes of a listener set.
var responseFields = []string{
	"Strict-Transport-Security", "Access-Control-Allow-Origin", "Access-Control-Allow-Methods",
	"Access-Control-Allow-Headers", "Access-Control-Allow-Credentials", "Access-Control-Expose-Headers",
	"Access-Control-Max-Age", "Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options",
}

// setResponseHeaders sets what the listener's attributes say, over what the target said.
func (b *behaviour) setResponseHeaders(header http.Header) {
	for _, field := range responseFields {
		attribute := "routing.http.response." + strings.ToLower(strings.ReplaceAll(field, "-", "_")) + ".header_value"
		if value := b.listener.Attributes[attribute]; value != "" {
			header.Set(field, value)
		}
	}
	if b.listener.Attributes["routing.http.response.server.enabled"] == "false" {
		header.Del("Server")
	}
}

// hostFor is the Host header that a target gets: with the listener's port,
// where that is not the protocol's own, unless the header is to be preserved.
func (x *exchange) hostFor(host string) string {
	port := int(x.b.listener.Port)
	if x.b.on("routing.http.preserve_host_header.enabled") || hostOnly(host) != host || port == 80 || port == 443 {
		return host
	}
	return host + ":" + strconv.Itoa(port)
}
