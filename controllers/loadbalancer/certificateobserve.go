package loadbalancer

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// tagCertificate marks which of the object's certificates one is.
const tagCertificate = "evenkeel.io/certificate"

// certificatePage is the largest page of a listing of certificates.
const certificatePage = 1000

// observeCertificates reads the certificates that are issued for the listeners, and the RecordSets that validate them.
func observeCertificates(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
	o.certificates = certificates{list: expectedCertificates(obj)}
	if err := k.observeRecords(ctx, obj, o); err != nil {
		return err
	}
	for _, cert := range o.certificates.list {
		if err := k.describeCertificate(ctx, cert); err != nil {
			return err
		}
		if err := k.observeZone(ctx, obj, cert); err != nil {
			return err
		}
	}
	switch err := k.findCertificates(ctx, obj, o); {
	case awsclient.Classify(err) == awsclient.Throttled: // ACM allows one listing a second: what waits for it holds nothing else up
		o.certificates.unsure, o.certificates.pause = true, max(awsclient.RetryAfter(err), k.Poll)
		return nil
	case err != nil:
		return err
	}
	o.certificates.settle(obj, o)
	o.certificates.pause = k.Poll
	for _, cert := range o.certificates.list {
		if cert.pending() {
			o.certificates.pause = max(o.certificates.pause, k.Pause(cert.requestedAt))
		}
	}
	return nil
}

// expectedCertificates are those that the spec asks for and those that the status tells of.
func expectedCertificates(obj *v1alpha1.LoadBalancer) []*certificate {
	var list []*certificate
	if !lifecycle.Deleting(obj) {
		for _, issue := range declaredIssues(obj) {
			list = append(list, &certificate{id: certificateID(issue), issue: issue, subject: domainNames(issue)[0]})
		}
	}
	for _, entry := range obj.Status.Certificates {
		i := slices.IndexFunc(list, func(c *certificate) bool { return c.id == entry.ID })
		if i < 0 {
			i = len(list)
			list = append(list, &certificate{id: entry.ID})
			if len(entry.DomainNames) > 0 {
				list[i].subject = entry.DomainNames[0]
			}
		}
		list[i].arn, list[i].token, list[i].known = entry.ARN, entry.RequestToken, true
		if entry.RequestedAt != nil {
			list[i].requestedAt = entry.RequestedAt.Time
		}
	}
	return list
}

// describeCertificate reads what ACM says of a certificate. One that is gone has to be requested anew.
func (k *Kind) describeCertificate(ctx context.Context, cert *certificate) error {
	if cert.arn == "" {
		return nil
	}
	answer, err := k.clients.ACM.DescribeCertificate(ctx, &acm.DescribeCertificateInput{CertificateArn: &cert.arn})
	switch {
	case awsclient.Classify(err) == awsclient.NotFound:
		cert.arn, cert.token = "", ""
	case err != nil:
		return fmt.Errorf("reading %s: %w", cert.arn, err)
	default:
		cert.detail = answer.Certificate
	}
	return nil
}

// observeZone notes when a certificate is to be validated in a zone in which it cannot be.
func (k *Kind) observeZone(ctx context.Context, obj *v1alpha1.LoadBalancer, cert *certificate) error {
	if cert.issue == nil || cert.issued() || cert.issue.HostedZoneRef == nil {
		return nil
	}
	ref := cert.issue.HostedZoneRef
	zone := &v1alpha1.HostedZone{}
	err := k.reader.Get(ctx, types.NamespacedName{Namespace: cmp.Or(ref.Namespace, obj.Namespace), Name: ref.Name}, zone)
	switch {
	case apierrors.IsNotFound(err):
	case err != nil:
		return fmt.Errorf("reading HostedZone %s: %w", ref.Name, err)
	case len(zone.Spec.VPCs) > 0:
		cert.private = zone.Name
	}
	return nil
}

// tokenLasts is how long ACM takes a repeated request for the same one, with a margin: an hour.
const tokenLasts = 50 * time.Minute

// lost reports whether a certificate may exist that is not known by its ARN. Of one that was about to be requested a short
// while ago the token tells; there is none of a load balancer that never was.
func (c *certificate) lost(o *observed) bool {
	switch {
	case c.arn != "":
		return false
	case c.known:
		return c.issue == nil || c.token == "" || o.now.Sub(c.requestedAt) >= tokenLasts
	}
	return o.lb != nil
}

// findCertificates looks for certificates that are not known by their ARN: an earlier turn may have requested them and not
// lived to write that down, or another cluster with the same id may have. They are known by their tags.
func (k *Kind) findCertificates(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	lost := slices.DeleteFunc(slices.Clone(o.certificates.list), func(c *certificate) bool { return !c.lost(o) })
	if len(lost) == 0 {
		return nil
	}
	pages := acm.NewListCertificatesPaginator(k.clients.ACM, &acm.ListCertificatesInput{
		MaxItems: aws.Int32(certificatePage), Includes: &acmtypes.Filters{KeyTypes: acmtypes.KeyAlgorithm("").Values()},
		CertificateStatuses: []acmtypes.CertificateStatus{acmtypes.CertificateStatusPendingValidation, acmtypes.CertificateStatusIssued},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing certificates: %w", err)
		}
		for i := range page.CertificateSummaryList {
			if err := k.recognise(ctx, obj, &page.CertificateSummaryList[i], o.certificates.list, lost); err != nil {
				return err
			}
		}
	}
	return nil
}

// recognise takes a listed certificate for one that is looked for, when its tags say so.
func (k *Kind) recognise(ctx context.Context, obj *v1alpha1.LoadBalancer, found *acmtypes.CertificateSummary, list, lost []*certificate) error {
	arn := aws.ToString(found.CertificateArn)
	if slices.ContainsFunc(list, func(c *certificate) bool { return c.arn == arn }) || !slices.ContainsFunc(lost, func(c *certificate) bool {
		return c.arn == "" && c.subject == strings.ToLower(aws.ToString(found.DomainName))
	}) {
		return nil
	}
	answer, err := k.clients.ACM.ListTagsForCertificate(ctx, &acm.ListTagsForCertificateInput{CertificateArn: &arn})
	if awsclient.Classify(err) == awsclient.NotFound {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the tags of %s: %w", arn, err)
	}
	tags := map[string]string{}
	for _, tag := range answer.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if owner, owned := awsclient.OwnerOf(tags); !owned || owner != k.owner(obj) {
		return nil
	}
	for _, cert := range lost {
		if cert.arn == "" && cert.id == tags[tagCertificate] {
			cert.arn = arn
			if cert.requestedAt.IsZero() {
				cert.requestedAt = aws.ToTime(found.CreatedAt)
			}
			return k.describeCertificate(ctx, cert)
		}
	}
	return nil
}

// settle forgets what is gone and not asked for, and puts another in the place of what is of no use any more.
func (c *certificates) settle(obj *v1alpha1.LoadBalancer, o *observed) {
	var retired []*certificate
	c.list = slices.DeleteFunc(c.list, func(cert *certificate) bool { return cert.issue == nil && cert.arn == "" })
	for _, cert := range c.list {
		if cert.issue != nil && cert.arn != "" && cert.spent(o.now) {
			old := *cert
			old.id, old.issue = cert.id+"-"+digest(cert.arn)[:8], nil
			retired = append(retired, &old)
			*cert = certificate{id: cert.id, issue: cert.issue, subject: cert.subject}
		}
		if cert.issue != nil && cert.arn == "" && cert.token == "" {
			cert.requestedAt = o.now
			cert.token = requestToken(obj.UID, cert.id, o.now)
		}
	}
	c.list = append(c.list, retired...)
}
