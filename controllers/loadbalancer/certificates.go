package loadbalancer

import (
	"context"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// certificate is a certificate that is, or was, issued for the object's listeners.
type certificate struct{}

// certificates are those of the object, replaced ones among them.
type certificates []*certificate

// certificateARN returns the ARN of a listener's certificate; empty until it is issued.
func (o *observed) certificateARN(_ *v1alpha1.LoadBalancer, c v1alpha1.ListenerCertificate) string {
	return c.ARN
}

// any reports whether the object has any certificate.
func (c certificates) any() bool { return len(c) > 0 }

// observeCertificates reads the certificates that are issued for the listeners.
func observeCertificates(context.Context, *Kind, *v1alpha1.LoadBalancer, *observed) error { return nil }

// certificateChanges returns what has certificates issued.
func certificateChanges(*v1alpha1.LoadBalancer, *observed) ([]change, error) { return nil, nil }

// certificateRemovals returns what deletes certificates that no listener needs any more.
func certificateRemovals(*v1alpha1.LoadBalancer, *observed) ([]change, error) { return nil, nil }

// claimCertificates notes in the status what must be known of certificates after a crash.
func claimCertificates(*v1alpha1.LoadBalancer, *observed) {}

// reportCertificates writes the certificates into the status, and the condition CertificatesIssued.
func reportCertificates(*v1alpha1.LoadBalancer, *observed) {}
