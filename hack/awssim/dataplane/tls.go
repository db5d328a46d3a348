package dataplane

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// The modes of mutual TLS.
const (
	mutualPassthrough = "passthrough"
	mutualVerify      = "verify"
)

// newTLS is how a behaviour ends TLS.
func (p *Plane) newTLS(b *behaviour) *tls.Config {
	config := &tls.Config{
		MinVersion: oldestVersion(b.listener.SSLPolicy),
		NextProtos: protocolsOf(b),
		GetCertificate: func(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
			return p.certificateFor(hello.ServerName, b.listener.Certificates)
		},
	}
	switch b.mutual() {
	case mutualPassthrough:
		config.ClientAuth = tls.RequestClientCert
	case mutualVerify:
		// The bundle of a trust store is in S3, which is not simulated.
		config.ClientAuth = tls.RequireAnyClientCert
	}
	return config
}

// mutual is the mode of mutual TLS, empty when it is off.
func (b *behaviour) mutual() string {
	if b.listener.MutualAuthentication == nil {
		return ""
	}
	return aws.ToString(b.listener.MutualAuthentication.Mode)
}

// certificateFor is the first certificate that is good for a name, or else the
// default one, which comes first.
func (p *Plane) certificateFor(name string, arns []string) (*tls.Certificate, error) {
	var chosen *tls.Certificate
	for _, arn := range arns {
		certificate, ok := p.options.Certificate(arn)
		if !ok {
			continue
		}
		if name != "" && isGoodFor(&certificate, name) {
			return &certificate, nil
		}
		if chosen == nil {
			chosen = &certificate
		}
	}
	if chosen == nil {
		return nil, fmt.Errorf("no certificate of the listener can be served for %q", name)
	}
	return chosen, nil
}

func isGoodFor(certificate *tls.Certificate, name string) bool {
	leaf := certificate.Leaf
	if leaf == nil {
		parsed, err := x509.ParseCertificate(certificate.Certificate[0])
		if err != nil {
			return false
		}
		leaf = parsed
	}
	return leaf.VerifyHostname(name) == nil
}

// oldestVersion reads the oldest version of TLS out of a policy's name.
func oldestVersion(policy string) uint16 {
	switch {
	case strings.Contains(policy, "TLS13-1-3"):
		return tls.VersionTLS13
	case strings.Contains(policy, "-1-2"):
		return tls.VersionTLS12
	case strings.Contains(policy, "-1-1"):
		return tls.VersionTLS11
	}
	return tls.VersionTLS10
}

// protocolsOf is what a listener offers by ALPN.
func protocolsOf(b *behaviour) []string {
	if b.listener.Protocol == types.ProtocolEnumHttps {
		if b.view.Attributes["routing.http2.enabled"] == "false" {
			return []string{"http/1.1"}
		}
		return []string{"h2", "http/1.1"}
	}
	if len(b.listener.ALPN) == 0 {
		return nil
	}
	switch b.listener.ALPN[0] {
	case "HTTP1Only":
		return []string{"http/1.1", "http/1.0"}
	case "HTTP2Only":
		return []string{"h2"}
	case "HTTP2Optional":
		return []string{"http/1.1", "http/1.0", "h2"}
	case "HTTP2Preferred":
		return []string{"h2", "http/1.1", "http/1.0"}
	}
	return nil
}
