package loadbalancer

import (
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const certificateARN = "arn:aws:acm:us-east-1:123456789012:certificate/1"

// issuing declares a certificate on the listener of a port.
func issuing(port int32, names ...v1alpha1.CertificateDomainName) edit {
	return func(obj *v1alpha1.LoadBalancer) {
		obj.Spec.Listeners = append(obj.Spec.Listeners, v1alpha1.Listener{Port: port, Protocol: "HTTPS", Certificates: []v1alpha1.ListenerCertificate{{
			Issue: &v1alpha1.CertificateIssue{DomainNames: names, HostedZoneRef: &v1alpha1.HostedZoneReference{Name: "zone"}},
		}}})
	}
}

// detail is what ACM says of a certificate: its names are validated by one record each, which a wildcard shares.
func detail(status acmtypes.CertificateStatus, names ...string) *acmtypes.CertificateDetail {
	d := &acmtypes.CertificateDetail{
		CertificateArn: aws.String(certificateARN), Status: status, DomainName: &names[0], SubjectAlternativeNames: names,
	}
	for _, name := range names {
		bare := strings.TrimPrefix(name, "*.")
		d.DomainValidationOptions = append(d.DomainValidationOptions, acmtypes.DomainValidation{
			DomainName: &name, ValidationMethod: acmtypes.ValidationMethodDns, ResourceRecord: &acmtypes.ResourceRecord{
				Name: aws.String("_x." + bare + "."), Type: acmtypes.RecordTypeCname, Value: aws.String("_y.acm-validations.aws."),
			},
		})
	}
	return d
}

// holds gives the object's first certificate, or one that it does not ask for, to what was observed.
func holds(obj *v1alpha1.LoadBalancer, d *acmtypes.CertificateDetail, with ...func(*certificate)) *observed {
	o := there(obj)
	o.certificates = certificates{list: expectedCertificates(obj), records: map[string]*v1alpha1.RecordSet{}, pause: time.Second}
	o.now = midnight
	if len(o.certificates.list) == 0 {
		o.certificates.list = []*certificate{{id: "old", subject: "old.example"}}
	}
	cert := o.certificates.list[0]
	if d != nil {
		cert.arn, cert.detail, cert.known = *d.CertificateArn, d, true
	}
	for _, f := range with {
		f(cert)
	}
	o.certificates.settle(obj, o)
	return o
}

// recorded adds the RecordSets that validate the certificates to what was observed, as they were made.
func recorded(obj *v1alpha1.LoadBalancer, o *observed, edits ...func(*v1alpha1.RecordSet)) *observed {
	needed, _ := o.certificates.validations()
	for _, v := range needed {
		v.issue = declaredIssues(obj)[0]
		record := desiredRecord(obj, v)
		for _, f := range edits {
			f(record)
		}
		o.certificates.records[record.Name] = record
	}
	return o
}

var _ = Describe("Certificates", func() {
	pending, issued := acmtypes.CertificateStatusPendingValidation, acmtypes.CertificateStatusIssued

	plan := func(obj *v1alpha1.LoadBalancer, o *observed) []string {
		o.Renew()
		waiting, err := certificateChanges(obj, o)
		Expect(err).NotTo(HaveOccurred())
		Expect(waiting).To(BeEmpty())
		changes, err := certificateRemovals(obj, o)
		Expect(err).NotTo(HaveOccurred())
		var lines []string
		for _, c := range lifecycle.PlanOf(changes) {
			lines = append(lines, strings.Fields(c.Verb + " " + c.Resource)[0]+" "+strings.SplitN(c.Resource, "-acm-", 2)[0])
		}
		return lines
	}

	It("are one where they are declared alike", func() {
		obj := application(issuing(443, "shop.example", "*.shop.example", "b.example"), issuing(8443, "SHOP.example", "b.example", "*.shop.example", "b.example"))
		Expect(declaredIssues(obj)).To(HaveLen(1))
		other := application(issuing(443, "shop.example", "*.shop.example"), issuing(8443, "*.shop.example", "shop.example"))
		Expect(declaredIssues(other)).To(HaveLen(2), "the first name is the subject")
	})

	DescribeTable("differ by what ACM cannot change", func(edit func(*v1alpha1.CertificateIssue), same bool) {
		obj, changed := application(issuing(443, "a.example")), application(issuing(443, "a.example"))
		edit(changed.Spec.Listeners[0].Certificates[0].Issue)
		before, after := certificateID(declaredIssues(obj)[0]), certificateID(declaredIssues(changed)[0])
		if same {
			Expect(after).To(Equal(before))
		} else {
			Expect(after).NotTo(Equal(before))
		}
	},
		Entry("names", func(i *v1alpha1.CertificateIssue) { i.DomainNames = append(i.DomainNames, "b.example") }, false),
		Entry("key", func(i *v1alpha1.CertificateIssue) { i.KeyAlgorithm = "EC_prime256v1" }, false),
		Entry("authority", func(i *v1alpha1.CertificateIssue) { i.CertificateAuthorityARN = "arn" }, false),
		Entry("the default key, spelt out", func(i *v1alpha1.CertificateIssue) { i.KeyAlgorithm = "RSA_2048" }, true),
		Entry("the zone", func(i *v1alpha1.CertificateIssue) { i.HostedZoneRef.Name = "other" }, true),
	)

	DescribeTable("are carried through", func(obj *v1alpha1.LoadBalancer, observe func(*v1alpha1.LoadBalancer) *observed, want ...string) {
		Expect(plan(obj, observe(obj))).To(HaveExactElements(want))
	},
		Entry("requested", application(issuing(443, "a.example")), func(obj *v1alpha1.LoadBalancer) *observed { return holds(obj, nil) },
			"Create certificate a.example"),
		Entry("validated, a name and its wildcard by one record", application(issuing(443, "a.example", "*.a.example", "b.example")),
			func(obj *v1alpha1.LoadBalancer) *observed {
				return holds(obj, detail(pending, "a.example", "*.a.example", "b.example"))
			},
			"Create RecordSet web", "Create RecordSet web"),
		Entry("waited for while ACM does not say how", application(issuing(443, "a.example")), func(obj *v1alpha1.LoadBalancer) *observed {
			d := detail(pending, "a.example")
			d.DomainValidationOptions[0].ResourceRecord = nil
			return holds(obj, d)
		}),
		Entry("left alone once issued, with their records", application(issuing(443, "a.example")),
			func(obj *v1alpha1.LoadBalancer) *observed {
				return recorded(obj, holds(obj, detail(issued, "a.example")))
			}),
		Entry("given a record again that was deleted", application(issuing(443, "a.example")),
			func(obj *v1alpha1.LoadBalancer) *observed { return holds(obj, detail(issued, "a.example")) }, "Create RecordSet web"),
		Entry("given their records in another zone", application(issuing(443, "a.example")), func(obj *v1alpha1.LoadBalancer) *observed {
			return recorded(obj, holds(obj, detail(issued, "a.example")), func(r *v1alpha1.RecordSet) { r.Spec.HostedZoneRef.Name = "other" })
		}, "Update RecordSet web"),
		Entry("kept while they are in use and not asked for any more", application(), func(obj *v1alpha1.LoadBalancer) *observed {
			d := detail(issued, "old.example")
			d.InUseBy = []string{theARN}
			return holds(obj, d)
		}),
		Entry("deleted when they are not in use any more", application(), func(obj *v1alpha1.LoadBalancer) *observed { return holds(obj, detail(issued, "old.example")) },
			"Delete certificate old.example"),
		Entry("followed by their records", application(), func(obj *v1alpha1.LoadBalancer) *observed {
			o := holds(obj, nil)
			o.certificates.records = map[string]*v1alpha1.RecordSet{"web-acm-1": {ObjectMeta: metav1.ObjectMeta{Name: "web-acm-1"}}}
			return o
		}, "Delete RecordSet web"),
		Entry("requested anew when their time is up", application(issuing(443, "a.example")),
			func(obj *v1alpha1.LoadBalancer) *observed {
				return recorded(obj, holds(obj, detail(acmtypes.CertificateStatusExpired, "a.example")))
			},
			"Create certificate a.example", "Delete certificate a.example"),
		Entry("left failed for some hours", application(issuing(443, "a.example")), func(obj *v1alpha1.LoadBalancer) *observed {
			return recorded(obj, holds(obj, detail(acmtypes.CertificateStatusFailed, "a.example"), func(c *certificate) { c.requestedAt = midnight.Add(-failedRetry + time.Second) }))
		}),
		Entry("requested anew when they failed hours ago", application(issuing(443, "a.example")), func(obj *v1alpha1.LoadBalancer) *observed {
			return recorded(obj, holds(obj, detail(acmtypes.CertificateStatusFailed, "a.example"), func(c *certificate) { c.requestedAt = midnight.Add(-failedRetry) }))
		}, "Create certificate a.example", "Delete certificate a.example"),
	)

	DescribeTable("say how they stand", func(observe func(*v1alpha1.LoadBalancer) *observed, status metav1.ConditionStatus, reason, message string) {
		obj := application(issuing(443, "a.example"))
		o := observe(obj)
		plan(obj, o)
		outcome := kind.Report(obj, o)
		found := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionCertificatesIssued)
		Expect(found).To(HaveField("Status", status))
		Expect(found.Reason).To(Equal(reason))
		Expect(found.Message).To(ContainSubstring(message))
		if status == metav1.ConditionTrue {
			Expect(outcome.State).To(Equal(lifecycle.Converged))
		} else {
			Expect(outcome.State).NotTo(Equal(lifecycle.Converged))
		}
	},
		Entry("requested", func(obj *v1alpha1.LoadBalancer) *observed { return holds(obj, nil) }, metav1.ConditionFalse, v1alpha1.ReasonCreating, "is being requested"),
		Entry("validated", func(obj *v1alpha1.LoadBalancer) *observed { return holds(obj, detail(pending, "a.example")) }, metav1.ConditionFalse, v1alpha1.ReasonWaitingForAWS, "by DNS"),
		Entry("held up by a record", func(obj *v1alpha1.LoadBalancer) *observed {
			return recorded(obj, holds(obj, detail(pending, "a.example")), func(r *v1alpha1.RecordSet) {
				lifecycle.SetCondition(r, v1alpha1.ConditionReady, false, v1alpha1.ReasonReferenceNotFound, "No zone.")
			})
		}, metav1.ConditionFalse, v1alpha1.ReasonReferenceNotFound, "No zone."),
		Entry("failed", func(obj *v1alpha1.LoadBalancer) *observed {
			d := detail(acmtypes.CertificateStatusFailed, "a.example")
			d.FailureReason = acmtypes.FailureReasonCaaError
			return holds(obj, d, func(c *certificate) { c.requestedAt = midnight })
		}, metav1.ConditionFalse, v1alpha1.ReasonAWSError, "CAA_ERROR"),
		Entry("issued", func(obj *v1alpha1.LoadBalancer) *observed {
			return recorded(obj, holds(obj, detail(issued, "a.example")))
		}, metav1.ConditionTrue, v1alpha1.ReasonConverged, "is issued"),
	)

	It("are used once they are issued, and not before", func() {
		obj := application(issuing(443, "a.example"))
		asked := obj.Spec.Listeners[0].Certificates[0]
		Expect(holds(obj, nil).certificateARN(obj, asked)).To(BeEmpty())
		Expect(holds(obj, detail(pending, "a.example")).certificateARN(obj, asked)).To(BeEmpty())
		Expect(holds(obj, detail(issued, "a.example")).certificateARN(obj, asked)).To(Equal(certificateARN))
		Expect(holds(obj, nil).certificateARN(obj, v1alpha1.ListenerCertificate{ARN: "theirs"})).To(Equal("theirs"))
	})

	It("are requested under a token that is written down before, and lasts", func() {
		obj := application(issuing(443, "a.example", "*.a.example"))
		o := holds(obj, nil)
		kind.Claim(obj, o, nil)
		Expect(obj.Status.Certificates).To(HaveLen(1))
		entry := obj.Status.Certificates[0]
		Expect(entry.RequestToken).To(MatchRegexp(`^[0-9a-f]{32}$`))
		Expect(entry.DomainNames).To(Equal([]string{"a.example", "*.a.example"}))
		later := holds(obj, nil)
		later.now = midnight.Add(time.Hour)
		Expect(later.certificates.list[0].token).To(Equal(entry.RequestToken))
		request := kind.certificateRequest(obj, later.certificates.list[0])
		Expect(*request.IdempotencyToken).To(Equal(entry.RequestToken))
		Expect(request.SubjectAlternativeNames).To(Equal([]string{"*.a.example"}))
	})

	It("have records whose names fit", func() {
		obj := application(issuing(443, "a.example"))
		obj.Name = strings.Repeat("a", 253)
		record := desiredRecord(obj, validation{"_x.a.example.", "y", declaredIssues(obj)[0]})
		Expect(len(record.Name)).To(BeNumerically("<=", 253))
	})
})
