package acm

import (
	"crypto/tls"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// Load balancing sees the certificates through Certificate.
var _ elbv2.Certificates = (*Service)(nil)

// Certificate is a certificate as listeners see it. It asks neither DNS nor
// who uses the certificate, so that it may be called from within a write.
func (s *Service) Certificate(account, region, arn string) (elbv2.Certificate, bool) {
	// A certificate that cannot be issued is not, which is what is told.
	_ = s.settle()
	c, ok := s.store.Now().Certificates[arn]
	if !ok || c.Account != account || c.Region != region {
		return elbv2.Certificate{}, false
	}
	return elbv2.Certificate{ARN: arn, Status: string(c.status(s.env.Clock.Now())), DomainNames: c.Names}, true
}

// TLSCertificate is a certificate with its chain and key, for a server to
// serve. Not ok means that there is none, or that it was not issued.
func (s *Service) TLSCertificate(arn string) (tls.Certificate, bool) {
	c, ok := s.store.Now().Certificates[arn]
	if !ok || c.Leaf == "" {
		return tls.Certificate{}, false
	}
	// Servers ask at each handshake, and reading a key takes long.
	if kept, ok := s.pairs.Load(arn); ok {
		if pair, ok := kept.(readPair); ok && pair.leaf == c.Leaf {
			return pair.Certificate, true
		}
	}
	pair, err := tls.X509KeyPair([]byte(c.Leaf+"\n"+c.Chain), []byte(c.Key))
	if err != nil {
		return pair, false
	}
	s.pairs.Store(arn, readPair{pair, c.Leaf})
	return pair, true
}

// readPair is a certificate that was read, and what it was read from.
type readPair struct {
	tls.Certificate
	leaf string
}

// AuthorityPEM is the certificate of who issues certificates, to be trusted by clients.
func (s *Service) AuthorityPEM() (string, error) {
	if held := s.store.Now().Authority; held != nil {
		return held.Certificate, nil
	}
	err := s.change(func(draft *content, _ time.Time) (err error) {
		if draft.Authority == nil {
			draft.Authority, err = newAuthority()
		}
		return err
	})
	if err != nil {
		return "", err
	}
	return s.store.Now().Authority.Certificate, nil
}

// Approve does what a click in each of a certificate's validation mails does.
func (s *Service) Approve(arn string) error {
	return s.change(func(draft *content, now time.Time) error {
		c, ok := draft.Certificates[arn]
		if !ok || !c.pending() || c.Method != types.ValidationMethodEmail {
			return fmt.Errorf("no certificate %q waits for validation by email", arn)
		}
		draft.Certificates[arn] = c.withValid(c.Names, func() time.Time { return s.due(now) })
		return nil
	})
}
