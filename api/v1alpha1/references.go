package v1alpha1

// HostedZoneReference names a HostedZone.
type HostedZoneReference struct {
	// Namespace of the HostedZone; default the namespace of the referring object. A HostedZone of another namespace
	// must allow it in its spec.allowedRecordSets: until then the referring object waits (reason
	// ReferenceNotPermitted), without calling AWS.
	// +optional
	// +kubebuilder:validation:Pattern=`^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$`
	Namespace string `json:"namespace,omitempty"`

	// Name of the HostedZone. It may be created later: until then the referring object waits (reason
	// ReferenceNotFound), without calling AWS.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// RecordSetReference names a RecordSet of the same namespace.
type RecordSetReference struct {
	// Name of a RecordSet in the namespace of the referring object, in the same hosted zone. It may be created
	// later: until then the referring object waits (reason ReferenceNotFound).
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// LoadBalancerReference names a LoadBalancer of the same namespace.
type LoadBalancerReference struct {
	// Name of a LoadBalancer in the namespace of the referring object. It may be created later: until then the referring
	// object waits (reason ReferenceNotFound).
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// AutoScalingGroupReference names an AutoScalingGroup of the same namespace.
type AutoScalingGroupReference struct {
	// Name of an AutoScalingGroup in the namespace of the referring object. It may be created later: until then the
	// referring object waits (reason ReferenceNotFound).
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`
}

// SecretKeyReference names a key of a Secret of the same namespace.
type SecretKeyReference struct {
	// Name of a Secret in the namespace of the referring object. It may be created later: until then the referring
	// object waits (reason ReferenceNotFound).
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// Key in the Secret's data.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[-._a-zA-Z0-9]+$`
	Key string `json:"key"`
}

// ConfigMapKeyReference names a key of a ConfigMap of the same namespace.
type ConfigMapKeyReference struct {
	// Name of a ConfigMap in the namespace of the referring object. It may be created later: until then the referring
	// object waits (reason ReferenceNotFound).
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	Name string `json:"name"`

	// Key in the ConfigMap's data or binaryData.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=253
	// +kubebuilder:validation:Pattern=`^[-._a-zA-Z0-9]+$`
	Key string `json:"key"`
}
