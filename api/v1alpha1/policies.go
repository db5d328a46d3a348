package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// ManagementPolicy says how far the controller may go.
// +kubebuilder:validation:Enum=Manage;Plan;Observe
type ManagementPolicy string

// AdoptionPolicy says when a resource that exists in AWS already is taken over.
// +kubebuilder:validation:Enum=Never;IfIdentical;Always
type AdoptionPolicy string

// DeletionPolicy says what deleting the object does in AWS.
// +kubebuilder:validation:Enum=Delete;Retain
type DeletionPolicy string

const (
	// ManagementManage: AWS is kept as declared.
	ManagementManage ManagementPolicy = "Manage"
	// ManagementPlan: AWS is read and the changes that Manage would make are written to status.plan; none is made.
	ManagementPlan ManagementPolicy = "Plan"
	// ManagementObserve: AWS is read and differences are told in the Ready condition; nothing is changed.
	ManagementObserve ManagementPolicy = "Observe"

	// AdoptionNever: an existing resource that is not this object's is a Conflict.
	AdoptionNever AdoptionPolicy = "Never"
	// AdoptionIfIdentical: an existing resource is taken over when it is already as declared; otherwise a Conflict.
	AdoptionIfIdentical AdoptionPolicy = "IfIdentical"
	// AdoptionAlways: an existing resource is taken over and changed to what is declared.
	AdoptionAlways AdoptionPolicy = "Always"

	// DeletionDelete: what the object made or took over in AWS is deleted with it.
	DeletionDelete DeletionPolicy = "Delete"
	// DeletionRetain: AWS is left as it is when the object is deleted.
	DeletionRetain DeletionPolicy = "Retain"
)

// Policies are the fields by which a person bounds what the controller does with one object.
type Policies struct {
	// ManagementPolicy bounds what the controller does with this object.
	// Manage (the default) keeps AWS as declared. Plan reads AWS, writes the changes that Manage would make to
	// status.plan and makes none. Observe only reads and tells differences in the Ready condition.
	// While it is Plan or Observe, deleting the object leaves AWS as it is. Mutable.
	// +optional
	ManagementPolicy ManagementPolicy `json:"managementPolicy,omitempty"`

	// AdoptionPolicy says when a resource that exists in AWS already, and that no object owns, is taken over.
	// Never: not at all, the object reports a Conflict. IfIdentical: when it is already as declared.
	// Always: in any case, and it is changed to what is declared.
	// Default: IfIdentical for a RecordSet, Never for the other kinds. Mutable.
	// +optional
	AdoptionPolicy AdoptionPolicy `json:"adoptionPolicy,omitempty"`

	// DeletionPolicy says what deleting this object does in AWS.
	// Delete (the default) deletes what the object made or took over; Retain leaves it as it is. Mutable.
	// +optional
	DeletionPolicy DeletionPolicy `json:"deletionPolicy,omitempty"`
}

// PlannedChange is one change that the controller would make in AWS.
type PlannedChange struct {
	// Verb is what would be done: Create, Update, Replace, Delete, Adopt.
	Verb string `json:"verb"`
	// Resource is what it would be done to, for instance "hosted zone example.com." or "record www.example.com. A".
	Resource string `json:"resource"`
	// Field that would change; empty when the resource as a whole is created or deleted.
	// +optional
	Field string `json:"field,omitempty"`
	// From is the value found in AWS, shortened when long.
	// +optional
	From string `json:"from,omitempty"`
	// To is the value declared, shortened when long.
	// +optional
	To string `json:"to,omitempty"`
}

// MaxListed bounds every list in a status; what is cut off is counted beside it.
const MaxListed = 50

// CommonStatus is the part of the status that every kind has.
type CommonStatus struct {
	// ObservedGeneration is the metadata.generation that this status is about; -1 until the controller has looked.
	// +optional
	ObservedGeneration int64 `json:"observedGeneration,omitempty"`

	// Conditions tell the state: Ready sums up; Reconciling and Stalled are present only while True.
	// +optional
	// +listType=map
	// +listMapKey=type
	Conditions []metav1.Condition `json:"conditions,omitempty"`

	// Plan lists the changes that the controller would make, in order, while managementPolicy is Plan:
	// the first 50; planTotal counts them all.
	// +optional
	// +listType=atomic
	Plan []PlannedChange `json:"plan,omitempty"`

	// PlanTotal is the number of changes planned, when plan does not list them all.
	// +optional
	PlanTotal int64 `json:"planTotal,omitempty"`

	// ManagedFields are the optional spec fields that this object manages in AWS, or is about to. A field that is
	// listed here and gone from the spec is reset to AWS's default. Left out of the spec from the start, it is not managed.
	// +optional
	// +listType=set
	ManagedFields []string `json:"managedFields,omitempty"`
}
