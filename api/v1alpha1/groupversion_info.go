// Package v1alpha1 holds the Evenkeel kinds: what a person declares (spec) and what the controller found (status).
// +kubebuilder:object:generate=true
// +groupName=aws.evenkeel.io
package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// GroupVersion is the API group and version of every kind in this package.
var GroupVersion = schema.GroupVersion{Group: "aws.evenkeel.io", Version: "v1alpha1"}

// SchemeBuilder collects the kinds of this package.
var SchemeBuilder = runtime.NewSchemeBuilder(addKnownTypes)

// AddToScheme adds the kinds of this package to a scheme.
var AddToScheme = SchemeBuilder.AddToScheme

func addKnownTypes(scheme *runtime.Scheme) error {
	scheme.AddKnownTypes(GroupVersion,
		&HostedZone{}, &HostedZoneList{},
		&RecordSet{}, &RecordSetList{},
		&LoadBalancer{}, &LoadBalancerList{},
		&AutoScalingGroup{}, &AutoScalingGroupList{},
	)
	metav1.AddToGroupVersion(scheme, GroupVersion)
	return nil
}

const (
	// Finalizer is set before the first AWS write for an object and removed when nothing of it is left in AWS.
	Finalizer = "aws.evenkeel.io/finalizer"
	// ReconcileAtAnnotation makes the controller look at AWS afresh whenever its value changes.
	ReconcileAtAnnotation = "aws.evenkeel.io/reconcile-at"
)
