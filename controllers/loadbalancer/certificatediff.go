package loadbalancer

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// certificateChanges says what certificates wait for. What is to be done about them comes after the listeners, which
// are not held up then by what ACM refuses.
func certificateChanges(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	for _, cert := range o.certificates.list {
		if outcome := cert.outcome(o); outcome.State != lifecycle.Converged {
			o.Wait(outcome)
		}
	}
	if len(o.certificates.surplus(obj)) > 0 {
		o.Wait(lifecycle.Wait(v1alpha1.ReasonUpdating, "Records that validated certificates which are gone are being removed.", 0))
	}
	return nil, nil
}

// outcome says how a certificate stands that the spec asks for.
func (c *certificate) outcome(o *observed) lifecycle.Outcome {
	switch {
	case c.issue == nil || c.issued():
		return lifecycle.Outcome{}
	case c.private != "":
		return lifecycle.Stall(v1alpha1.ReasonInvalidSpec, fmt.Sprintf(
			"Certificate %s cannot be validated in HostedZone %s, which is private: ACM asks public DNS. Name a public zone, or a certificateAuthorityARN.", c.label(), c.private))
	case c.detail == nil:
		return lifecycle.Wait(v1alpha1.ReasonCreating, fmt.Sprintf("Certificate %s is being requested.", c.label()), o.certificates.pause)
	case c.status() == acmtypes.CertificateStatusFailed:
		return lifecycle.Stall(v1alpha1.ReasonAWSError, fmt.Sprintf(
			"ACM could not issue certificate %s (%s). Another is requested some hours later; to have one at once, delete that one.", c.label(), c.failure()))
	}
	if obstacle := o.certificates.obstacle(c); obstacle != nil {
		return *obstacle
	}
	message := fmt.Sprintf("Certificate %s is being issued.", c.label())
	if c.pending() && c.issue.CertificateAuthorityARN == "" {
		message = fmt.Sprintf("ACM is validating the domain names of certificate %s by DNS: the zone must be public and delegated to.", c.label())
	}
	return lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, message, o.certificates.pause)
}

func (c *certificate) failure() string {
	if c.detail.FailureReason == "" {
		return "it gives no reason"
	}
	return string(c.detail.FailureReason)
}

// certificateRemovals returns what has certificates issued and validated, and deletes those that no listener needs.
func certificateRemovals(obj *v1alpha1.LoadBalancer, o *observed) ([]change, error) {
	var changes []change
	for _, cert := range o.certificates.list {
		if cert.issue != nil && cert.arn == "" && cert.private == "" && !o.certificates.unsure {
			changes = append(changes, requesting(cert))
		}
	}
	changes = append(changes, o.certificates.recordChanges(obj)...)
	for _, cert := range o.certificates.list {
		if cert.issue == nil && cert.arn != "" {
			changes = append(changes, removing(obj, o, cert)...)
		}
	}
	return changes, nil
}

// requesting has ACM issue a certificate.
func requesting(cert *certificate) change {
	return change{
		plan: planned(lifecycle.VerbCreate, cert.resource(), "", "", strings.Join(domainNames(cert.issue), ", ")),
		run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, _ *observed) error {
			answer, err := k.clients.ACM.RequestCertificate(ctx, k.certificateRequest(obj, cert))
			if err != nil {
				return refused("requesting "+cert.resource(), err)
			}
			cert.arn, cert.known = aws.ToString(answer.CertificateArn), true
			return nil
		},
	}
}

func (k *Kind) certificateRequest(obj *v1alpha1.LoadBalancer, cert *certificate) *acm.RequestCertificateInput {
	names := domainNames(cert.issue)
	input := &acm.RequestCertificateInput{
		DomainName: &names[0], IdempotencyToken: &cert.token, KeyAlgorithm: acmtypes.KeyAlgorithm(algorithmOf(cert.issue)),
		Tags: []acmtypes.Tag{{Key: aws.String(tagCertificate), Value: &cert.id}},
	}
	if len(names) > 1 {
		input.SubjectAlternativeNames = names[1:]
	}
	for _, tag := range sdkTags(k.owner(obj).Tags()) {
		input.Tags = append(input.Tags, acmtypes.Tag{Key: tag.Key, Value: tag.Value})
	}
	if authority := cert.issue.CertificateAuthorityARN; authority != "" {
		input.CertificateAuthorityArn = &authority
	} else {
		input.ValidationMethod = acmtypes.ValidationMethodDns
	}
	return input
}

// removing deletes a certificate once ACM says that nothing uses it; it says so a while after the listener let go.
func removing(obj *v1alpha1.LoadBalancer, o *observed, cert *certificate) []change {
	reason := v1alpha1.ReasonReplacing
	if lifecycle.Deleting(obj) {
		reason = v1alpha1.ReasonDeleting
	}
	waiting := lifecycle.Wait(reason, fmt.Sprintf("Certificate %s is deleted once nothing uses it any more.", cert.label()), o.certificates.pause)
	if others := slices.DeleteFunc(slices.Clone(cert.detail.InUseBy), func(arn string) bool { return arn == obj.Status.ARN }); len(others) > 0 {
		slices.Sort(others)
		waiting.Message = fmt.Sprintf("Certificate %s is deleted once nothing uses it any more; %s still does.", cert.label(), others[0])
		if lifecycle.Deleting(obj) {
			waiting = lifecycle.Stall(v1alpha1.ReasonDeletionBlocked, waiting.Message+" Take it off there, or set spec.deletionPolicy to Retain to keep it.")
			waiting.After = blockedRecheck
		}
	}
	o.Wait(waiting) // for its records too, which go in the turn after
	if len(cert.detail.InUseBy) > 0 {
		return nil
	}
	return []change{{
		plan: planned(lifecycle.VerbDelete, cert.resource(), "", "", ""),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.LoadBalancer, o *observed) error {
			_, err := k.clients.ACM.DeleteCertificate(ctx, &acm.DeleteCertificateInput{CertificateArn: &cert.arn})
			switch awsclient.Classify(err) {
			case "", awsclient.NotFound:
				o.certificates.list = slices.DeleteFunc(o.certificates.list, func(c *certificate) bool { return c == cert })
				return nil
			case awsclient.Conflict, awsclient.Busy:
				return lifecycle.AsError(waiting)
			}
			return fmt.Errorf("deleting %s: %w", cert.resource(), err)
		},
	}}
}
