package loadbalancer

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// certificate is a certificate that is, or was, issued for the object's listeners.
type certificate struct {
	// id tells it from the object's others: what is declared alike has the same.
	id string
	// issue is what is declared; nil when the certificate is not asked for any more.
	issue *v1alpha1.CertificateIssue
	// subject is the first of its names.
	subject string
	// arn is empty while ACM does not know the certificate.
	arn string
	// token under which it is requested, and when that is or was.
	token       string
	requestedAt time.Time
	// detail is what ACM says of it; nil without arn.
	detail *acmtypes.CertificateDetail
	// private is the HostedZone that it is to be validated in, when that is a private one: ACM asks public DNS.
	private string
	// known is set when the status tells of it: it was, or was about to be, requested.
	known bool
}

// certificates are those of the object, and the RecordSets that validate them.
type certificates struct {
	// list is in the order of the spec, replaced ones last.
	list []*certificate
	// records are the RecordSets of the object, by name.
	records map[string]*v1alpha1.RecordSet
	// unsure is set when certificates were not looked for that may exist: none is requested then.
	unsure bool
	// pause is when to look again at what ACM is at work on.
	pause time.Duration
}

// any reports whether anything of certificates is left.
func (c certificates) any() bool {
	return c.unsure || len(c.records) > 0 || slices.ContainsFunc(c.list, func(cert *certificate) bool { return cert.arn != "" })
}

// find returns the certificate that is declared, nil when it was not looked for.
func (c certificates) find(issue *v1alpha1.CertificateIssue) *certificate {
	id := certificateID(issue)
	i := slices.IndexFunc(c.list, func(cert *certificate) bool { return cert.id == id })
	if i < 0 {
		return nil
	}
	return c.list[i]
}

// certificateARN returns the ARN of a listener's certificate; empty until it is issued.
func (o *observed) certificateARN(_ *v1alpha1.LoadBalancer, c v1alpha1.ListenerCertificate) string {
	if c.Issue == nil {
		return c.ARN
	}
	if cert := o.certificates.find(c.Issue); cert != nil && cert.issued() {
		return cert.arn
	}
	return ""
}

// status of the certificate; empty while ACM does not know it.
func (c *certificate) status() acmtypes.CertificateStatus {
	if c.detail == nil {
		return ""
	}
	return c.detail.Status
}

func (c *certificate) issued() bool { return c.status() == acmtypes.CertificateStatusIssued }

// pending reports whether ACM waits for the domain to be validated.
func (c *certificate) pending() bool {
	return c.status() == acmtypes.CertificateStatusPendingValidation
}

// failedRetry is how long after a request that ACM turned down another is made: each counts against a quota of 5,000 a year.
const failedRetry = 6 * time.Hour

// spent reports whether a certificate will never be of use (again), so that another has to take its place.
func (c *certificate) spent(now time.Time) bool {
	switch c.status() {
	case acmtypes.CertificateStatusFailed:
		return now.Sub(c.requestedAt) >= failedRetry
	case acmtypes.CertificateStatusValidationTimedOut, acmtypes.CertificateStatusExpired, acmtypes.CertificateStatusRevoked,
		acmtypes.CertificateStatusInactive:
		return true
	}
	return false
}

// label is how people know the certificate.
func (c *certificate) label() string {
	return cmp.Or(c.subject, c.arn)
}

func (c *certificate) resource() string { return "certificate " + c.label() }

// domainNames returns the names that a certificate is to have, each once, in lower case, its subject first.
func domainNames(issue *v1alpha1.CertificateIssue) []string {
	var names []string
	for _, name := range issue.DomainNames {
		if lower := strings.ToLower(string(name)); !slices.Contains(names, lower) {
			names = append(names, lower)
		}
	}
	return names
}

// algorithmOf returns the key algorithm that a certificate is to have.
func algorithmOf(issue *v1alpha1.CertificateIssue) string {
	if issue.KeyAlgorithm == "" {
		return string(acmtypes.KeyAlgorithmRsa2048)
	}
	return string(issue.KeyAlgorithm)
}

// certificateID tells the certificates of an object apart, by what ACM cannot change of them. The zone that the validation
// records are in is not part of it.
func certificateID(issue *v1alpha1.CertificateIssue) string {
	names := domainNames(issue)
	slices.Sort(names[1:])
	return digest(slices.Concat(names, []string{algorithmOf(issue), issue.CertificateAuthorityARN})...)
}

// requestToken makes a request one that ACM recognises when it is repeated within an hour.
func requestToken(uid types.UID, id string, at time.Time) string {
	return digest(string(uid), id, at.UTC().Format(time.RFC3339)) + digest(id)
}

// digest is 16 hexadecimal digits of a hash.
func digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\n")))
	return hex.EncodeToString(sum[:8])
}

// declaredIssues returns what certificates the listeners ask for, each once, in their order.
func declaredIssues(obj *v1alpha1.LoadBalancer) []*v1alpha1.CertificateIssue {
	var issues []*v1alpha1.CertificateIssue
	seen := map[string]bool{}
	for i := range obj.Spec.Listeners {
		for j := range obj.Spec.Listeners[i].Certificates {
			issue := obj.Spec.Listeners[i].Certificates[j].Issue
			if issue == nil || seen[certificateID(issue)] {
				continue
			}
			seen[certificateID(issue)] = true
			issues = append(issues, issue)
		}
	}
	return issues
}
