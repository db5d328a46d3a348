package v1alpha1

// HostedZoneReference names a HostedZone of the same namespace.
type HostedZoneReference struct {
	// Name of a HostedZone in the namespace of the referring object. It may be created later: until then
	// the referring object waits (reason ReferenceNotFound), without calling AWS.
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
