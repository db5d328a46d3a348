package loadbalancer

import (
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// namesListed is how many names of a certificate the status lists.
const namesListed = 10

// claimCertificates notes in the status which certificates are about to be requested, and under which token: it finds them
// when the answer is lost.
func claimCertificates(obj *v1alpha1.LoadBalancer, o *observed) {
	for _, cert := range o.certificates.list {
		cert.known = cert.known || cert.issue != nil
	}
	obj.Status.Certificates = o.certificates.report()
}

// report returns the certificates as the status shows them.
func (c certificates) report() []v1alpha1.CertificateStatus {
	var entries []v1alpha1.CertificateStatus
	for _, cert := range c.list {
		if cert.known || cert.arn != "" {
			entries = append(entries, cert.entry())
		}
	}
	return entries
}

func (c *certificate) entry() v1alpha1.CertificateStatus {
	entry := v1alpha1.CertificateStatus{ID: c.id, ARN: c.arn, RequestToken: c.token, Replaced: c.issue == nil}
	if !c.requestedAt.IsZero() {
		entry.RequestedAt = &metav1.Time{Time: c.requestedAt.Truncate(time.Second)}
	}
	names := []string{c.subject}
	switch {
	case c.issue != nil:
		names = domainNames(c.issue)
	case c.detail != nil && len(c.detail.SubjectAlternativeNames) > 0:
		names = append(names, slices.DeleteFunc(slices.Clone(c.detail.SubjectAlternativeNames), func(name string) bool { return name == c.subject })...)
	}
	entry.DomainNames = names
	if len(names) > namesListed {
		entry.DomainNames, entry.DomainNamesTotal = names[:namesListed], int64(len(names))
	}
	if c.detail != nil {
		entry.Status, entry.FailureReason = string(c.detail.Status), string(c.detail.FailureReason)
		records := map[string]bool{}
		for _, option := range c.detail.DomainValidationOptions {
			if option.ResourceRecord != nil {
				records[aws.ToString(option.ResourceRecord.Name)] = true
			}
		}
		entry.ValidationRecords = int64(len(records))
	}
	return entry
}

// reportCertificates writes the certificates into the status, and the condition CertificatesIssued.
func reportCertificates(obj *v1alpha1.LoadBalancer, o *observed) {
	obj.Status.Certificates = o.certificates.report()
	declared, worst := 0, lifecycle.Outcome{}
	for _, cert := range o.certificates.list {
		if cert.issue == nil {
			continue
		}
		declared++
		outcome := cert.outcome(o)
		if worst.State == lifecycle.Converged || worst.State == lifecycle.Waiting && outcome.State == lifecycle.Stalled {
			worst = outcome
		}
	}
	switch {
	case declared == 0:
		meta.RemoveStatusCondition(&obj.Status.Conditions, v1alpha1.ConditionCertificatesIssued)
	case worst.State == lifecycle.Converged:
		message := "The certificate of the listeners is issued."
		if declared > 1 {
			message = fmt.Sprintf("The %d certificates of the listeners are issued.", declared)
		}
		lifecycle.SetCondition(obj, v1alpha1.ConditionCertificatesIssued, true, v1alpha1.ReasonConverged, message)
	default:
		lifecycle.SetCondition(obj, v1alpha1.ConditionCertificatesIssued, false, worst.Reason, worst.Message)
	}
}
