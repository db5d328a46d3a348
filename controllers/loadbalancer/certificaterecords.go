package loadbalancer

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"k8s.io/apimachinery/pkg/api/equality"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// The records that validate certificates are kept as RecordSets of the object. Certificates for a name and for the
// wildcard below it share one, and so do those of other objects: see recordset's rule for records that are shared.

// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=recordsets,verbs=get;list;watch;create;patch;delete
// +kubebuilder:rbac:groups=aws.evenkeel.io,resources=hostedzones,verbs=get;list;watch

// byKeeper indexes RecordSets by the LoadBalancer that keeps them.
const byKeeper = "keeper"

// validationTTL of the records, in seconds.
const validationTTL = 300

// keptBy returns the UID of the LoadBalancer that keeps a RecordSet.
func keptBy(obj client.Object) []string {
	if owner := metav1.GetControllerOf(obj); owner != nil && owner.Kind == "LoadBalancer" {
		return []string{string(owner.UID)}
	}
	return nil
}

// Children returns the RecordSets that an object keeps.
func (k *Kind) Children(ctx context.Context, obj *v1alpha1.LoadBalancer) ([]lifecycle.Object, error) {
	o := &observed{}
	if err := k.observeRecords(ctx, obj, o); err != nil {
		return nil, err
	}
	var children []lifecycle.Object
	for _, name := range slices.Sorted(maps.Keys(o.certificates.records)) {
		children = append(children, o.certificates.records[name])
	}
	return children, nil
}

// observeRecords reads the RecordSets that the object keeps.
func (k *Kind) observeRecords(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	var found v1alpha1.RecordSetList
	if err := k.reader.List(ctx, &found, client.InNamespace(obj.Namespace), client.MatchingFields{byKeeper: string(obj.UID)}); err != nil {
		return fmt.Errorf("listing the RecordSets that validate certificates: %w", err)
	}
	o.certificates.records = map[string]*v1alpha1.RecordSet{}
	for i := range found.Items {
		o.certificates.records[found.Items[i].Name] = &found.Items[i]
	}
	return nil
}

// validation is a record that validates certificates.
type validation struct {
	name, value string
	// issue says in which zone it belongs; nil when only certificates need it that are not asked for any more.
	issue *v1alpha1.CertificateIssue
}

// validations returns the records that the object's certificates need for as long as they exist, and whether that is
// all of them: ACM tells them a few seconds after the request.
func (c certificates) validations() (needed []validation, complete bool) {
	complete = true
	for _, cert := range c.list {
		if cert.issue != nil && cert.issue.CertificateAuthorityARN != "" {
			continue
		}
		if cert.detail == nil {
			complete = false
			continue
		}
		for _, option := range cert.detail.DomainValidationOptions {
			if option.ResourceRecord == nil {
				complete = complete && option.ValidationMethod != acmtypes.ValidationMethodDns
				continue
			}
			needed = addValidation(needed, validation{aws.ToString(option.ResourceRecord.Name), aws.ToString(option.ResourceRecord.Value), cert.issue})
		}
	}
	return needed, complete
}

func addValidation(list []validation, v validation) []validation {
	i := slices.IndexFunc(list, func(other validation) bool { return other.name == v.name })
	if i < 0 {
		return append(list, v)
	}
	if list[i].issue == nil {
		list[i] = v
	}
	return list
}

// recordName is the name of the RecordSet that keeps a record. It is not that of an object which had the same name before,
// and whose RecordSets the garbage collector has not deleted yet.
func recordName(obj *v1alpha1.LoadBalancer, v validation) string {
	name := obj.Name
	if len(name) > maxRecordPrefix {
		name = name[:maxRecordPrefix-17] + "-" + digest(name)
	}
	return name + "-acm-" + digest(string(obj.UID), strings.ToLower(v.name))
}

// maxRecordPrefix leaves room in 253 characters for what follows the object's name.
const maxRecordPrefix = 253 - len("-acm-") - 16

// desiredRecord returns the RecordSet that keeps a record.
func desiredRecord(obj *v1alpha1.LoadBalancer, v validation) *v1alpha1.RecordSet {
	record := &v1alpha1.RecordSet{ObjectMeta: metav1.ObjectMeta{Namespace: obj.Namespace, Name: recordName(obj, v)}}
	record.Spec = v1alpha1.RecordSetSpec{
		HostedZoneID: v.issue.HostedZoneID, Name: strings.TrimSuffix(v.name, ".") + ".", Type: "CNAME", TTL: aws.Int64(validationTTL),
		ResourceRecords: []v1alpha1.ResourceRecord{v1alpha1.ResourceRecord(v.value)},
	}
	if v.issue.HostedZoneRef != nil {
		ref := *v.issue.HostedZoneRef
		record.Spec.HostedZoneRef = &ref
	}
	record.Spec.DeletionPolicy = obj.Spec.DeletionPolicy
	return record
}

// recordChanges returns what brings the RecordSets up to date that validate certificates.
func (c certificates) recordChanges(obj *v1alpha1.LoadBalancer) []change {
	needed, _ := c.validations()
	var changes []change
	for _, v := range needed {
		own := c.records[recordName(obj, v)]
		switch {
		case v.issue == nil || own != nil && lifecycle.Deleting(own):
		case own == nil:
			changes = append(changes, makingRecord(desiredRecord(obj, v)))
		default:
			changes = append(changes, changingRecord(own, desiredRecord(obj, v))...)
		}
	}
	for _, own := range c.surplus(obj) {
		if !lifecycle.Deleting(own) {
			changes = append(changes, deletingRecord(own))
		}
	}
	return changes
}

// surplus returns the RecordSets that no certificate needs any more.
func (c certificates) surplus(obj *v1alpha1.LoadBalancer) []*v1alpha1.RecordSet {
	needed, complete := c.validations()
	if !complete {
		return nil
	}
	var surplus []*v1alpha1.RecordSet
	for _, name := range slices.Sorted(maps.Keys(c.records)) {
		if !slices.ContainsFunc(needed, func(v validation) bool { return recordName(obj, v) == name }) {
			surplus = append(surplus, c.records[name])
		}
	}
	return surplus
}

func makingRecord(desired *v1alpha1.RecordSet) change {
	return change{plan: planned(lifecycle.VerbCreate, "RecordSet "+desired.Name, "", "", desired.Spec.Name), child: func() *lifecycle.ChildWrite {
		return &lifecycle.ChildWrite{Verb: lifecycle.VerbCreate, Child: desired}
	}}
}

func changingRecord(own, desired *v1alpha1.RecordSet) []change {
	if equality.Semantic.DeepEqual(desired.Spec, own.Spec) {
		return nil
	}
	return []change{{plan: planned(lifecycle.VerbUpdate, "RecordSet "+own.Name, "spec", "", ""), child: func() *lifecycle.ChildWrite {
		changed := own.DeepCopy()
		changed.Spec = desired.Spec
		return &lifecycle.ChildWrite{Verb: lifecycle.VerbUpdate, Child: changed, Before: own}
	}}}
}

func deletingRecord(own *v1alpha1.RecordSet) change {
	return change{plan: planned(lifecycle.VerbDelete, "RecordSet "+own.Name, "", "", ""), child: func() *lifecycle.ChildWrite {
		return &lifecycle.ChildWrite{Verb: lifecycle.VerbDelete, Child: own.DeepCopy()}
	}}
}

// obstacle says what keeps the records of a certificate from being in place; nil when nothing does, as far as is known.
func (c certificates) obstacle(cert *certificate) *lifecycle.Outcome {
	var found *lifecycle.Outcome
	for _, option := range cert.detail.DomainValidationOptions {
		if option.ResourceRecord == nil || option.ValidationStatus == acmtypes.DomainStatusSuccess {
			continue
		}
		for _, record := range c.records {
			if !strings.EqualFold(record.Spec.Name, strings.TrimSuffix(aws.ToString(option.ResourceRecord.Name), ".")+".") {
				continue
			}
			ready := meta.FindStatusCondition(record.Status.Conditions, v1alpha1.ConditionReady)
			if ready == nil || ready.Status == metav1.ConditionTrue || ready.ObservedGeneration != record.Generation {
				continue
			}
			message := fmt.Sprintf("Certificate %s cannot be validated yet. RecordSet %s: %s", cert.label(), record.Name, ready.Message)
			outcome := lifecycle.Wait(ready.Reason, message, c.pause)
			if meta.IsStatusConditionTrue(record.Status.Conditions, v1alpha1.ConditionStalled) {
				outcome = lifecycle.Stall(ready.Reason, message)
			}
			if found == nil || outcome.State == lifecycle.Stalled && (found.State != lifecycle.Stalled || message < found.Message) {
				found = &outcome
			}
		}
	}
	return found
}
