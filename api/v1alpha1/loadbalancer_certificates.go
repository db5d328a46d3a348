package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ListenerCertificate is a certificate of a listener: an existing one by its ARN, or one that is issued for it.
// +kubebuilder:validation:XValidation:rule="has(self.arn) != has(self.issue)",message="give exactly one of arn (an existing certificate) and issue (one that is requested for you)"
type ListenerCertificate struct {
	// ARN of an existing certificate of ACM or IAM, which must be issued. AWS API: Certificate.CertificateArn.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:(acm:[a-z0-9-]+:[0-9]{12}:certificate/[A-Za-z0-9-]+|iam::[0-9]{12}:server-certificate/.+)$`
	ARN string `json:"arn,omitempty"`

	// Issue has a certificate requested from ACM, validated by DNS, kept renewable, and put to use once it is issued.
	// Certificates of one LoadBalancer that are declared alike are one. When the declaration changes, a new certificate is
	// issued and the listener switched to it before the old one is deleted.
	// +optional
	Issue *CertificateIssue `json:"issue,omitempty"`
}

// CertificateIssue declares a certificate that ACM issues. A public one is validated by CNAME records in the zone of
// hostedZoneRef or hostedZoneID, which are kept there as RecordSets for as long as the certificate is: ACM looks at them
// again at each renewal. A private one comes from certificateAuthorityARN and needs no validation.
// +kubebuilder:validation:XValidation:rule="[has(self.hostedZoneRef), has(self.hostedZoneID), has(self.certificateAuthorityARN)].exists_one(x, x)",message="give exactly one of issue.hostedZoneRef, issue.hostedZoneID (a public certificate, validated in that zone) and issue.certificateAuthorityARN (a private certificate)"
// +kubebuilder:validation:XValidation:rule="size(self.domainNames[0]) <= 64",message="the first of issue.domainNames is the subject of the certificate and has at most 64 characters: put a shorter name first"
type CertificateIssue struct {
	// DomainNames of the certificate, 1 to 100, for instance "shop.example" and "*.shop.example"; ACM's own quota is 10
	// unless raised. The first is its subject, of 64 characters at most. They must lie in the
	// hosted zone; one given twice counts once.
	// AWS API: RequestCertificate.DomainName, SubjectAlternativeNames.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=100
	DomainNames []CertificateDomainName `json:"domainNames"`

	// HostedZoneRef names the HostedZone, public, in which the validation records are kept. In another namespace it must
	// allow their names ("*") in its spec.allowedRecordSets.
	// +optional
	HostedZoneRef *HostedZoneReference `json:"hostedZoneRef,omitempty"`

	// HostedZoneID is the Route 53 id of the public zone in which the validation records are kept, when no HostedZone of
	// this cluster declares it.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^Z[A-Z0-9]{1,31}$`
	HostedZoneID string `json:"hostedZoneID,omitempty"`

	// KeyAlgorithm of the certificate: RSA_2048 (the default), EC_prime256v1 or EC_secp384r1. With
	// certificateAuthorityARN it must fit the authority's key. AWS API: RequestCertificate.KeyAlgorithm.
	// +optional
	KeyAlgorithm KeyAlgorithm `json:"keyAlgorithm,omitempty"`

	// CertificateAuthorityARN of the private authority that issues the certificate.
	// AWS API: RequestCertificate.CertificateAuthorityArn.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:acm-pca:[a-z0-9-]+:[0-9]{12}:certificate-authority/[A-Za-z0-9-]+$`
	CertificateAuthorityARN string `json:"certificateAuthorityARN,omitempty"`
}

// CertificateDomainName is a domain name of a certificate, or "*." and one.
// +kubebuilder:validation:MaxLength=253
// +kubebuilder:validation:Pattern=`^(\*\.)?([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?$`
type CertificateDomainName string

// KeyAlgorithm is the kind of key that a certificate has.
// +kubebuilder:validation:Enum=RSA_2048;EC_prime256v1;EC_secp384r1
type KeyAlgorithm string

// CertificateStatus tells of a certificate that is issued for the load balancer.
type CertificateStatus struct {
	// ID tells the certificates of this object apart: it is derived from what was declared.
	ID string `json:"id"`

	// DomainNames of the certificate: the first ten; domainNamesTotal counts them all.
	// +optional
	// +listType=atomic
	DomainNames []string `json:"domainNames,omitempty"`

	// DomainNamesTotal is the number of domain names, when domainNames does not list them all.
	// +optional
	DomainNamesTotal int64 `json:"domainNamesTotal,omitempty"`

	// ARN of the certificate in ACM; empty while it is about to be requested.
	// +optional
	ARN string `json:"arn,omitempty"`

	// Status of the certificate: PENDING_VALIDATION, ISSUED, INACTIVE, EXPIRED, VALIDATION_TIMED_OUT, REVOKED or FAILED.
	// AWS API: CertificateDetail.Status.
	// +optional
	Status string `json:"status,omitempty"`

	// FailureReason, when ACM could not issue the certificate. AWS API: CertificateDetail.FailureReason.
	// +optional
	FailureReason string `json:"failureReason,omitempty"`

	// ValidationRecords is the number of CNAME records that validate the certificate.
	// +optional
	ValidationRecords int64 `json:"validationRecords,omitempty"`

	// RequestToken under which the certificate is, or is about to be, requested: it finds a certificate whose request a
	// crash cut off.
	// +optional
	RequestToken string `json:"requestToken,omitempty"`

	// RequestedAt is when the certificate was requested.
	// +optional
	RequestedAt *metav1.Time `json:"requestedAt,omitempty"`

	// Replaced is set when the spec does not ask for this certificate any more: it is deleted once no listener uses it.
	// +optional
	Replaced bool `json:"replaced,omitempty"`
}
