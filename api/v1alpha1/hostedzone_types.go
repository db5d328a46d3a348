package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TagValue is the value of an AWS tag.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// HostedZoneSpec declares a public Route 53 hosted zone.
type HostedZoneSpec struct {
	// Name is the domain name of the zone, for instance "example.com"; a trailing dot and upper case make no
	// difference. At least two labels; internationalised names in Punycode. AWS API: CreateHostedZone.Name.
	// Immutable: Route 53 cannot rename a zone.
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule="self.matches('^([^.* ]{1,63}[.])+[^.* ]{1,63}[.]?$')",message="spec.name must be a domain name of at least two labels of 1 to 63 characters, without spaces or '*', for instance example.com"
	// +kubebuilder:validation:XValidation:rule="(self.endsWith('.') ? self : self + '.').lowerAscii() == (oldSelf.endsWith('.') ? oldSelf : oldSelf + '.').lowerAscii()",message="spec.name is immutable: Route 53 cannot rename a hosted zone. Create another HostedZone with the new name, move the records, then delete this one"
	Name string `json:"name"`

	// Comment of the zone, 256 characters at most; "" clears it. Left out, the comment is not managed; removed later,
	// it is cleared. AWS API: HostedZoneConfig.Comment, UpdateHostedZoneComment. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=256
	Comment *string `json:"comment,omitempty"`

	// Tags of the zone, 48 at most, beside the two by which the controller marks what it owns. Only the keys listed
	// here are managed: tags that others set stay, and a key removed here is removed from the zone.
	// Keys have 1 to 128 characters and do not start with "aws:" or "evenkeel.io/"; values have up to 256.
	// AWS API: ChangeTagsForResource. Mutable.
	// +optional
	// +kubebuilder:validation:MaxProperties=48
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128)",message="tag keys must have 1 to 128 characters"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('evenkeel.io/'))",message="tag keys must not start with aws: (AWS keeps them) or evenkeel.io/ (the controller's ownership marks): choose another key"
	Tags map[string]TagValue `json:"tags,omitempty"`

	// AllowedRecordSets lets RecordSets of other namespaces put names into this zone, 32 rules at most; RecordSets of
	// the zone's own namespace may always. A RecordSet is allowed when one rule selects its namespace and its name.
	// Taking a permission away is told on the RecordSets that used it and deletes nothing. Mutable.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=32
	AllowedRecordSets []AllowedRecordSets `json:"allowedRecordSets,omitempty"`

	// Adopt names one existing hosted zone to take over, whatever adoptionPolicy says.
	// +optional
	Adopt *HostedZoneAdoption `json:"adopt,omitempty"`

	Policies `json:",inline"`
}

// AllowedRecordSets is one rule about who may put which names into a zone.
type AllowedRecordSets struct {
	// Namespaces that the rule is about, by their labels; {} selects all.
	Namespaces metav1.LabelSelector `json:"namespaces"`

	// Names that RecordSets of these namespaces may have, relative to the zone: "team-a" is that name, "*.team-a" every
	// name below it however deep, "*" every name below the zone's, "@" the zone's own. Left out: every name.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=64
	Names []NamePattern `json:"names,omitempty"`
}

// NamePattern is a name relative to a zone, or "*." and a name for all below it.
// +kubebuilder:validation:MaxLength=255
// +kubebuilder:validation:Pattern=`^(@|\*|(\*\.)?[^*. ]+(\.[^*. ]+)*)$`
type NamePattern string

// HostedZoneAdoption names the hosted zone to take over.
type HostedZoneAdoption struct {
	// ID of the hosted zone in Route 53, for instance "Z0123456789ABCDEFGHIJ". Its name must be spec.name.
	// Immutable once set: delete this object with deletionPolicy Retain and create another to adopt another zone.
	// +kubebuilder:validation:Pattern=`^Z[A-Z0-9]{1,31}$`
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="spec.adopt.id is immutable: to adopt another zone, delete this HostedZone with deletionPolicy Retain and create a new one"
	ID string `json:"id"`
}

// HostedZoneStatus tells what the controller found in Route 53.
type HostedZoneStatus struct {
	CommonStatus `json:",inline"`

	// ID of the hosted zone in Route 53, for instance "Z0123456789ABCDEFGHIJ".
	// +optional
	ID string `json:"id,omitempty"`

	// NameServers answer for the zone; the registrar or the parent zone must name these. AWS API: DelegationSet.
	// +optional
	// +listType=set
	NameServers []string `json:"nameServers,omitempty"`

	// ChangeID is the Route 53 change that created the zone, while it is still propagating. AWS API: GetChange.
	// +optional
	ChangeID string `json:"changeID,omitempty"`
}

// HostedZone is a Route 53 hosted zone: the container of the records of one domain.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=hz,categories=evenkeel
// +kubebuilder:printcolumn:name="Zone",type=string,JSONPath=`.spec.name`
// +kubebuilder:printcolumn:name="ID",type=string,JSONPath=`.status.id`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Name Servers",type=string,priority=1,JSONPath=`.status.nameServers`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type HostedZone struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec HostedZoneSpec `json:"spec"`
	// +kubebuilder:default={observedGeneration:-1}
	Status HostedZoneStatus `json:"status,omitempty"`
}

// CommonSpec returns the policies of the zone.
func (z *HostedZone) CommonSpec() *Policies { return &z.Spec.Policies }

// CommonStatus returns the part of the status that every kind has.
func (z *HostedZone) CommonStatus() *CommonStatus { return &z.Status.CommonStatus }

// HostedZoneList is a list of HostedZones.
// +kubebuilder:object:root=true
type HostedZoneList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []HostedZone `json:"items"`
}
