package testenv

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// HostedZone builds a zone object of a name and a domain.
func HostedZone(name, domain string, with ...func(*v1alpha1.HostedZone)) *v1alpha1.HostedZone {
	obj := &v1alpha1.HostedZone{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.HostedZoneSpec{Name: domain}}
	for _, f := range with {
		f(obj)
	}
	return obj
}

// WithComment sets the comment of a zone.
func WithComment(comment string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) { obj.Spec.Comment = &comment }
}

// WithTag adds a tag to a zone.
func WithTag(key, value string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) {
		if obj.Spec.Tags == nil {
			obj.Spec.Tags = map[string]v1alpha1.TagValue{}
		}
		obj.Spec.Tags[key] = v1alpha1.TagValue(value)
	}
}

// Adopting names the zone to take over.
func Adopting(id string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) { obj.Spec.Adopt = &v1alpha1.HostedZoneAdoption{ID: id} }
}

// Domain is the domain of the zone object "zone", in which RecordSet puts its records.
const Domain = "example.com"

// Zone builds the zone object that RecordSet refers to.
func Zone(with ...func(*v1alpha1.HostedZone)) *v1alpha1.HostedZone {
	return HostedZone("zone", Domain, with...)
}

// RecordSet builds an A record of the zone object "zone", with a TTL of 60.
func RecordSet(name, recordName string, with ...func(*v1alpha1.RecordSet)) *v1alpha1.RecordSet {
	obj := &v1alpha1.RecordSet{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.RecordSetSpec{
		HostedZoneRef: &v1alpha1.HostedZoneReference{Name: "zone"}, Name: recordName,
		Type: "A", TTL: aws.Int64(60), ResourceRecords: []v1alpha1.ResourceRecord{"192.0.2.1"},
	}}
	for _, f := range with {
		f(obj)
	}
	return obj
}

// WithType sets the type and the values of a record.
func WithType(recordType string, values ...string) func(*v1alpha1.RecordSet) {
	return func(obj *v1alpha1.RecordSet) {
		obj.Spec.Type = v1alpha1.RecordType(recordType)
		WithValues(values...)(obj)
	}
}

// WithValues sets the values of a record.
func WithValues(values ...string) func(*v1alpha1.RecordSet) {
	return func(obj *v1alpha1.RecordSet) {
		obj.Spec.ResourceRecords = nil
		for _, value := range values {
			obj.Spec.ResourceRecords = append(obj.Spec.ResourceRecords, v1alpha1.ResourceRecord(value))
		}
	}
}

// WithTTL sets the TTL of a record.
func WithTTL(seconds int64) func(*v1alpha1.RecordSet) {
	return func(obj *v1alpha1.RecordSet) { obj.Spec.TTL = &seconds }
}

// WithWeight makes a record one of several, told apart by an identifier.
func WithWeight(identifier string, weight int64) func(*v1alpha1.RecordSet) {
	return func(obj *v1alpha1.RecordSet) {
		obj.Spec.SetIdentifier = identifier
		obj.Spec.RoutingPolicy = &v1alpha1.RoutingPolicy{Weighted: &v1alpha1.WeightedPolicy{Weight: weight}}
	}
}

// WithAliasTo makes a record an alias of the record of another RecordSet.
func WithAliasTo(recordSet string) func(*v1alpha1.RecordSet) {
	return WithAlias(v1alpha1.AliasTarget{RecordSetRef: &v1alpha1.RecordSetReference{Name: recordSet}})
}

// WithAlias makes a record an alias.
func WithAlias(target v1alpha1.AliasTarget) func(*v1alpha1.RecordSet) {
	return func(obj *v1alpha1.RecordSet) {
		obj.Spec.TTL, obj.Spec.ResourceRecords, obj.Spec.AliasTarget = nil, nil, &target
	}
}

// InZone puts a record into a zone given by its Route 53 id.
func InZone(id string) func(*v1alpha1.RecordSet) {
	return func(obj *v1alpha1.RecordSet) { obj.Spec.HostedZoneRef, obj.Spec.HostedZoneID = nil, id }
}

// InZoneOf puts a record into the zone of a zone object.
func InZoneOf(name string) func(*v1alpha1.RecordSet) {
	return func(obj *v1alpha1.RecordSet) { obj.Spec.HostedZoneRef = &v1alpha1.HostedZoneReference{Name: name} }
}

// kind is any of the objects that builders make.
type kind interface {
	*v1alpha1.HostedZone | *v1alpha1.RecordSet | *v1alpha1.LoadBalancer | *v1alpha1.AutoScalingGroup
	CommonSpec() *v1alpha1.Policies
	SetNamespace(string)
}

// Managed sets the management policy.
func Managed[T kind](policy v1alpha1.ManagementPolicy) func(T) {
	return func(obj T) { obj.CommonSpec().ManagementPolicy = policy }
}

// Adoption sets the adoption policy.
func Adoption[T kind](policy v1alpha1.AdoptionPolicy) func(T) {
	return func(obj T) { obj.CommonSpec().AdoptionPolicy = policy }
}

// Retained keeps what is in AWS when the object is deleted.
func Retained[T kind](obj T) { obj.CommonSpec().DeletionPolicy = v1alpha1.DeletionRetain }

// InNamespace puts an object into a namespace.
func InNamespace[T kind](namespace string) func(T) {
	return func(obj T) { obj.SetNamespace(namespace) }
}
