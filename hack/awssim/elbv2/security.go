package elbv2

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// security is what calls give for a listener that ends TLS; nil is absent.
type security struct {
	policy       *string
	certificates []types.Certificate
	alpn         []string
	mutual       *types.MutualAuthenticationAttributes
}

// secure applies what was given, keeps what the listener has else, and drops
// what its protocol does not have.
func (w *write) secure(l *listener, given security) error {
	tls := l.Protocol == types.ProtocolEnumHttps || l.Protocol == types.ProtocolEnumTls
	if !tls {
		if given.policy != nil || len(given.certificates) > 0 {
			return invalid("A certificate or an SSL policy cannot be specified for %s listeners", l.Protocol)
		}
		l.SSLPolicy, l.Certificate, l.Certificates = "", "", nil
	}
	if err := w.securePolicy(l, given, tls); err != nil {
		return err
	}
	if err := l.negotiate(given.alpn); err != nil {
		return err
	}
	return w.authenticate(l, given.mutual)
}

func (w *write) securePolicy(l *listener, given security, tls bool) error {
	if !tls {
		return nil
	}
	upgraded := l.ARN != "" && l.Certificate == "" // from HTTP or TCP
	if given.policy == nil && upgraded {
		return invalid("An SSL policy must be specified for %s listeners", l.Protocol)
	}
	if given.policy != nil {
		if _, known := findPolicy(*given.policy); !known {
			return frame.Errorf("SSLPolicyNotFound", "SSL policy '%s' not found", *given.policy)
		}
		l.SSLPolicy = *given.policy
	}
	if l.SSLPolicy == "" {
		l.SSLPolicy = defaultPolicy
	}
	switch {
	case len(given.certificates) > 1:
		return invalid("Up to '1' certificate ARNs can be specified, but '%d' were specified", len(given.certificates))
	case len(given.certificates) == 0 && (l.Certificate == "" || given.certificates != nil):
		return invalid("A certificate must be specified for %s listeners", l.Protocol)
	case len(given.certificates) == 0:
		return nil
	}
	arn := aws.ToString(given.certificates[0].CertificateArn)
	if err := w.checkCertificate(arn); err != nil {
		return err
	}
	l.Certificate = arn
	l.Certificates = slices.DeleteFunc(slices.Clone(l.Certificates), func(other string) bool { return other == arn })
	return nil
}

// checkCertificate tells why a certificate cannot be used. Those of IAM are not
// simulated: any ARN of one will do.
func (w *write) checkCertificate(arn string) error {
	switch {
	case strings.HasPrefix(arn, "arn:aws:iam::") && strings.Contains(arn, ":server-certificate/"):
		return nil
	case !strings.HasPrefix(arn, "arn:aws:acm:") || !strings.Contains(arn, ":certificate/"):
		return invalid("Certificate ARN '%s' is not valid", arn)
	}
	if w.service.certificates == nil {
		return frame.Errorf("CertificateNotFound", "Certificate '%s' not found", arn)
	}
	found, ok := w.service.certificates.Certificate(w.Caller.Account, w.Request.Region, arn)
	switch {
	case !ok:
		return frame.Errorf("CertificateNotFound", "Certificate '%s' not found", arn)
	case found.Status != "ISSUED":
		return frame.Errorf("UnsupportedCertificate", "The certificate '%s' must have a fully-qualified domain name, "+
			"a supported signature, and a supported key size.", arn)
	}
	return nil
}

// policiesForALPN are what a TLS listener can negotiate.
var policiesForALPN = []string{"HTTP1Only", "HTTP2Only", "HTTP2Optional", "HTTP2Preferred", "None"}

func (l *listener) negotiate(given []string) error {
	if l.Protocol != types.ProtocolEnumTls {
		if len(given) > 0 {
			return invalid("ALPN policies are not supported for %s listeners", l.Protocol)
		}
		l.ALPN = nil
		return nil
	}
	switch {
	case given == nil:
	case len(given) != 1:
		return invalid("Exactly one ALPN policy can be specified")
	case !slices.Contains(policiesForALPN, given[0]):
		return frame.Errorf("ALPNPolicyNotFound", "The ALPN policy '%s' is not supported", given[0])
	default:
		l.ALPN = given
	}
	return nil
}

func (w *write) authenticate(l *listener, given *types.MutualAuthenticationAttributes) error {
	if l.Protocol != types.ProtocolEnumHttps {
		if given != nil && aws.ToString(given.Mode) != "off" {
			return invalid("Mutual authentication is not supported for %s listeners", l.Protocol)
		}
		l.MutualAuthentication = nil
		return nil
	}
	if given == nil {
		if l.MutualAuthentication == nil {
			l.MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: aws.String("off")}
		}
		return nil
	}
	mode := aws.ToString(given.Mode)
	switch {
	case !slices.Contains([]string{"off", "passthrough", "verify"}, mode):
		return invalid("Mutual authentication mode '%s' is not valid; it must be one of off, passthrough, verify", mode)
	case mode != "verify" && (given.TrustStoreArn != nil || aws.ToBool(given.IgnoreClientCertificateExpiry) ||
		given.AdvertiseTrustStoreCaNames == types.AdvertiseTrustStoreCaNamesEnumOn):
		return invalid("A trust store and its options can only be specified for mutual authentication mode 'verify'")
	case mode != "verify":
		l.MutualAuthentication = &types.MutualAuthenticationAttributes{Mode: given.Mode}
		return nil
	case given.TrustStoreArn == nil:
		return invalid("A trust store must be specified for mutual authentication mode 'verify'")
	}
	return w.verifyClients(l, given)
}

func (w *write) verifyClients(l *listener, given *types.MutualAuthenticationAttributes) error {
	store, ok := own(w.trustStores, w.Request, given.TrustStoreArn)
	if !ok {
		return noTrustStore(given.TrustStoreArn)
	}
	if store.status(w.moment) != types.TrustStoreStatusActive {
		return frame.Errorf("TrustStoreNotReady", "Trust store '%s' is not active", store.ARN)
	}
	advertise := given.AdvertiseTrustStoreCaNames
	if advertise == "" {
		advertise = types.AdvertiseTrustStoreCaNamesEnumOff
	}
	l.MutualAuthentication = &types.MutualAuthenticationAttributes{
		Mode: given.Mode, TrustStoreArn: given.TrustStoreArn, AdvertiseTrustStoreCaNames: advertise,
		IgnoreClientCertificateExpiry: aws.Bool(aws.ToBool(given.IgnoreClientCertificateExpiry)),
		TrustStoreAssociationStatus:   types.TrustStoreAssociationStatusEnumActive,
	}
	return nil
}
