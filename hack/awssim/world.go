package awssim

import (
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// AddVPC makes a VPC known, so that private zones can be associated with it
// and networks made in it; of a known one it sets where its DNS clients are.
func (s *Server) AddVPC(vpc frame.VPC) { s.ec2.AddVPC(vpc) }

// SetEndpoint tells where an endpoint that health checkers probe,
// "192.0.2.30:443" or "www.example.com:443", is on this machine:
// "127.0.0.1:18443". An empty address forgets it. An endpoint that is nowhere
// is not connected to, and healthy.
func (s *Server) SetEndpoint(endpoint, address string) error {
	err := s.env.Endpoints.Set(endpoint, address)
	s.stateChanged()
	return err
}

// Healthy tells whether a health check passes, as DNS answers take it. One that
// does not exist passes.
func (s *Server) Healthy(healthCheckID string) bool { return s.route53.Healthy(healthCheckID) }

// HealthChecks lists the health checks of all accounts by id, with how they are.
func (s *Server) HealthChecks() []route53.HealthCheck { return s.route53.HealthChecks() }

// SetHealthCheck overrules what a health check finds, or sets the state of the
// metric that it watches; the zero state lets it find by itself.
func (s *Server) SetHealthCheck(id string, state route53.CheckState) error {
	err := s.route53.SetCheck(id, state)
	s.stateChanged()
	return err
}

// SetLogGroup makes a log group known, or missing, or closed to Route 53. All
// groups named /aws/route53/… of us-east-1 that nothing is said of are there
// and open.
func (s *Server) SetLogGroup(group route53.LogGroup) error {
	err := s.route53.SetLogGroup(group)
	s.stateChanged()
	return err
}

// SetKMSKey tells why a key cannot sign zones, as in "the key is disabled";
// empty means that it can. All keys of us-east-1 that nothing is said of can.
func (s *Server) SetKMSKey(arn, bad string) error {
	err := s.route53.SetKMSKey(arn, bad)
	s.stateChanged()
	return err
}

// FailKMSKey lets Route 53 fail to sign with a key, or not any more.
func (s *Server) FailKMSKey(arn string, failing bool) {
	s.route53.FailKMSKey(arn, failing)
	s.stateChanged()
}

// CertificateAuthority is the PEM certificate of who issues the simulated
// world's certificates; clients that trust it trust them.
func (s *Server) CertificateAuthority() (string, error) { return s.acm.AuthorityPEM() }

// ApproveCertificate does what clicks in the validation mails of a certificate do.
func (s *Server) ApproveCertificate(arn string) error { return s.acm.Approve(arn) }
