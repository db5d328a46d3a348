package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// TagValue is the value of an AWS tag.
// +kubebuilder:validation:MaxLength=256
type TagValue string

// HostedZoneSpec declares a Route 53 hosted zone: a public one, or with vpcs a private one.
// +kubebuilder:validation:XValidation:rule="has(self.vpcs) || self.name.matches('^[^.]+[.][^.]')",message="spec.name must be a domain name of at least two labels of 1 to 63 characters, without spaces or '*', for instance example.com; only a private zone (spec.vpcs) may have a single label"
// +kubebuilder:validation:XValidation:rule="has(self.vpcs) == has(oldSelf.vpcs)",message="a hosted zone cannot turn from public to private or back, so spec.vpcs can be neither added nor removed as a whole: create another HostedZone beside this one, move the records, then delete this one"
// +kubebuilder:validation:XValidation:rule="!has(self.vpcsPolicy) || has(self.vpcs)",message="spec.vpcsPolicy is for private zones: give spec.vpcs too, or remove it"
// +kubebuilder:validation:XValidation:rule="!has(self.vpcs) || !has(self.delegationSetID)",message="a private zone has no delegation set: remove spec.delegationSetID"
// +kubebuilder:validation:XValidation:rule="has(self.delegationSetID) == has(oldSelf.delegationSetID) && (!has(self.delegationSetID) || self.delegationSetID == oldSelf.delegationSetID)",message="spec.delegationSetID is immutable: Route 53 gives a hosted zone its name servers when it is created. Create another HostedZone with the delegation set, move the records, then delete this one"
// +kubebuilder:validation:XValidation:rule="!has(self.vpcs) || !has(self.queryLogging)",message="Route 53 logs queries of public zones only: remove spec.queryLogging"
// +kubebuilder:validation:XValidation:rule="!has(self.vpcs) || !has(self.delegateFrom)",message="a private zone is not delegated, its VPCs ask it directly: remove spec.delegateFrom"
// +kubebuilder:validation:XValidation:rule="!has(self.vpcs) || !has(self.dnssec)",message="Route 53 signs public zones only: remove spec.dnssec"
type HostedZoneSpec struct {
	// Name is the domain name of the zone, for instance "example.com"; a trailing dot and upper case make no
	// difference. At least two labels, one in a private zone; internationalised names in Punycode.
	// AWS API: CreateHostedZone.Name. Immutable: Route 53 cannot rename a zone.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:XValidation:rule="self.matches('^([^.* ]{1,63}[.])*[^.* ]{1,63}[.]?$')",message="spec.name must be a domain name of at least two labels of 1 to 63 characters, without spaces or '*', for instance example.com"
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

	// VPCs make the zone private: only these VPCs get its answers; 1 to 300. It is created with the first one that is not
	// authorizeOnly, and the others are associated after. Only the VPCs listed here are managed, unless vpcsPolicy is
	// Exclusive: those that others associated stay, and one removed here is disassociated, after those added.
	// AWS API: CreateHostedZone.VPC, AssociateVPCWithHostedZone, DisassociateVPCFromHostedZone.
	// The list is mutable; whether there is one is not, since a zone cannot turn from public to private or back.
	// +optional
	// +listType=map
	// +listMapKey=id
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=300
	// +kubebuilder:validation:XValidation:rule="self.exists(v, !has(v.authorizeOnly) || !v.authorizeOnly)",message="a private zone needs a VPC of its own account: give at least one of spec.vpcs without authorizeOnly"
	VPCs []HostedZoneVPC `json:"vpcs,omitempty"`

	// VPCsPolicy says what becomes of VPCs that are associated with the zone, or authorised to be, and not in vpcs.
	// Additive (the default) leaves them, except those that were in vpcs before. Exclusive removes them. Mutable.
	// +optional
	VPCsPolicy VPCsPolicy `json:"vpcsPolicy,omitempty"`

	// DelegationSetID is the reusable delegation set whose name servers the zone is to have, for instance
	// "N0123456789ABCDEFGHIJ". Left out, Route 53 picks four. Not with vpcs. AWS API: CreateHostedZone.DelegationSetId.
	// Immutable: Route 53 takes it at the creation of a zone only.
	// +optional
	// +kubebuilder:validation:MaxLength=32
	// +kubebuilder:validation:Pattern=`^N[A-Z0-9]{1,31}$`
	DelegationSetID string `json:"delegationSetID,omitempty"`

	// QueryLogging logs the queries that Route 53 answers from this zone. A zone has one such configuration: one that
	// others made is a Conflict, unless adoptionPolicy is Always. Left out, it is not managed; removed later, logging
	// ends. Not with vpcs. AWS API: CreateQueryLoggingConfig, DeleteQueryLoggingConfig. Mutable.
	// +optional
	QueryLogging *QueryLogging `json:"queryLogging,omitempty"`

	// DelegateFrom names the HostedZone that is the parent of this one in DNS: the NS record that delegates this zone is
	// kept there, as a RecordSet "NAME-delegation-ns" that this object owns. In another namespace the parent must allow
	// the name in its spec.allowedRecordSets. While the record is not in place, this object is not Ready. It is removed
	// before the zone is deleted. Not with vpcs. Mutable; removed, the record is removed.
	// +optional
	DelegateFrom *Delegation `json:"delegateFrom,omitempty"`

	// DNSSEC signs the zone. With delegateFrom the DS record is kept in the parent too; without it, publish what
	// status.dnssec.dsRecords says. Left out, signing is not managed; removed later, it ends in the safe order: the DS
	// record leaves the parent, its TTL passes, then signing is disabled and the keys are deleted. Not with vpcs.
	// AWS API: EnableHostedZoneDNSSEC, DisableHostedZoneDNSSEC. Mutable.
	// +optional
	DNSSEC *DNSSEC `json:"dnssec,omitempty"`

	// ForceDestroy lets the deletion of this object delete records in the zone that no RecordSet here owns. Without it
	// they block the deletion, which names them. RecordSets that own records of the zone are waited for all the same.
	// Default false. Mutable.
	// +optional
	ForceDestroy *bool `json:"forceDestroy,omitempty"`

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

// VPCsPolicy says what becomes of VPCs that the spec does not list.
// +kubebuilder:validation:Enum=Additive;Exclusive
type VPCsPolicy string

// Values of VPCsPolicy.
const (
	// VPCsAdditive leaves the VPCs of others.
	VPCsAdditive VPCsPolicy = "Additive"
	// VPCsExclusive removes the VPCs of others.
	VPCsExclusive VPCsPolicy = "Exclusive"
)

// HostedZoneVPC is a VPC in which a private zone answers.
type HostedZoneVPC struct {
	// ID of the VPC, for instance "vpc-0123456789abcdef0". Its attributes enableDnsHostnames and enableDnsSupport must
	// be true. AWS API: VPC.VPCId.
	// +kubebuilder:validation:Pattern=`^vpc-[0-9a-z]{1,60}$`
	ID string `json:"id"`

	// Region of the VPC, for instance "eu-west-1". AWS API: VPC.VPCRegion.
	Region AWSRegion `json:"region"`

	// AuthorizeOnly is for a VPC of another AWS account, which only its owner can associate: the zone authorises it, and
	// the authorisation is withdrawn once the VPC is associated. Until then status.vpcs shows it as Authorized, and the
	// zone is Ready all the same. The owner then runs `aws route53 associate-vpc-with-hosted-zone`. Default false.
	// AWS API: CreateVPCAssociationAuthorization. Mutable.
	// +optional
	AuthorizeOnly *bool `json:"authorizeOnly,omitempty"`
}

// Delegation names a parent zone.
type Delegation struct {
	HostedZoneReference `json:",inline"`

	// TTL is the number of seconds that resolvers may cache the delegation, 0 to 604800. Default 3600: long enough to
	// spare a query, short enough to undo a mistake within the hour. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=604800
	TTL *int64 `json:"ttl,omitempty"`
}

// DNSSEC says with which keys a zone is signed.
type DNSSEC struct {
	// KeySigningKeys that sign the zone's keys: one, or two while the parent knows only one of them. To replace a key,
	// put another name and KMS key in its place: the new one signs and is in the parent before the old one goes.
	// Only keys listed here, now or before, are managed.
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=2
	// +kubebuilder:validation:XValidation:rule="self.all(k, self.exists_one(l, l.kmsKeyARN == k.kmsKeyARN))",message="two key signing keys of a zone cannot share a KMS key: give each its own kmsKeyARN"
	KeySigningKeys []KeySigningKey `json:"keySigningKeys"`
}

// KeySigningKey is a key signing key (KSK) of a zone.
type KeySigningKey struct {
	// Name of the key: 3 to 128 letters, digits and underscores. AWS API: CreateKeySigningKey.Name.
	// +kubebuilder:validation:MinLength=3
	// +kubebuilder:validation:MaxLength=128
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_]+$`
	Name string `json:"name"`

	// KMSKeyARN is the customer managed key of KMS that signs: ECC_NIST_P256, for signing, in us-east-1, with a policy
	// that lets dnssec-route53.amazonaws.com use it. AWS API: CreateKeySigningKey.KeyManagementServiceArn.
	// Immutable for a name: give the new key another name.
	// +kubebuilder:validation:MaxLength=256
	// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$`
	// +kubebuilder:validation:XValidation:rule="self == oldSelf",message="kmsKeyARN of a key signing key is immutable: put a key of another name in its place"
	KMSKeyARN string `json:"kmsKeyARN"`
}

// QueryLogging says where the queries of a zone are logged.
type QueryLogging struct {
	// LogGroupARN is the CloudWatch Logs log group, in us-east-1 and of the zone's account; a resource policy of
	// CloudWatch Logs must let Route 53 write to it. By convention its name is "/aws/route53/" and the zone's. Mutable:
	// the old configuration is deleted before the new one is made, as Route 53 allows one a zone.
	// AWS API: CreateQueryLoggingConfig.CloudWatchLogsLogGroupArn.
	// +kubebuilder:validation:MaxLength=600
	// +kubebuilder:validation:Pattern=`^arn:aws[a-z-]*:logs:[a-z0-9-]+:[0-9]{12}:log-group:[^:*]+$`
	LogGroupARN string `json:"logGroupARN"`
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

	// VPCs are those in which a private zone answers, and those of the spec that it authorises: the first 50, by id;
	// vpcsTotal counts them all.
	// +optional
	// +listType=map
	// +listMapKey=id
	VPCs []HostedZoneVPCStatus `json:"vpcs,omitempty"`

	// VPCsTotal is the number of VPCs, when vpcs does not list them all.
	// +optional
	VPCsTotal int64 `json:"vpcsTotal,omitempty"`

	// QueryLoggingConfigID is the query logging configuration that this object made. AWS API: QueryLoggingConfig.Id.
	// +optional
	QueryLoggingConfigID string `json:"queryLoggingConfigID,omitempty"`

	// DNSSEC tells how the zone is signed, when spec.dnssec declares it or did.
	// +optional
	DNSSEC *DNSSECStatus `json:"dnssec,omitempty"`

	// ChangeID is the Route 53 change that created the zone, or changed its VPCs last, while it is still propagating.
	// AWS API: GetChange.
	// +optional
	ChangeID string `json:"changeID,omitempty"`
}

// DNSSECStatus tells how a zone is signed.
type DNSSECStatus struct {
	// State of signing: SIGNING, NOT_SIGNING, DELETING, ACTION_NEEDED or INTERNAL_FAILURE. AWS API: GetDNSSEC.
	State string `json:"state"`

	// DSRecords are the values of the DS record that the parent must have: one for each key that is to be trusted.
	// +optional
	// +listType=set
	DSRecords []string `json:"dsRecords,omitempty"`

	// DSTTLSeconds is the TTL of the DS record in the parent, when this object keeps it: how long resolvers may go on
	// trusting a key that was taken out.
	// +optional
	DSTTLSeconds int64 `json:"dsTTLSeconds,omitempty"`

	// KeySigningKeys are the zone's keys that this object manages.
	// +optional
	// +listType=map
	// +listMapKey=name
	KeySigningKeys []KeySigningKeyStatus `json:"keySigningKeys,omitempty"`
}

// KeySigningKeyStatus tells how a key signing key stands.
type KeySigningKeyStatus struct {
	// Name of the key.
	Name string `json:"name"`
	// Status of the key: ACTIVE, INACTIVE, DELETING, ACTION_NEEDED or INTERNAL_FAILURE.
	Status string `json:"status"`
	// KeyTag identifies the key in DNS.
	KeyTag int32 `json:"keyTag"`
	// InParentSince is when the key's DS record was first seen in place in the parent.
	// +optional
	InParentSince *metav1.Time `json:"inParentSince,omitempty"`
	// OutOfParentSince is when the key's DS record was first seen to be gone from the parent.
	// +optional
	OutOfParentSince *metav1.Time `json:"outOfParentSince,omitempty"`
}

// HostedZoneVPCStatus tells how a VPC stands to a private zone.
type HostedZoneVPCStatus struct {
	// ID of the VPC.
	ID string `json:"id"`
	// Region of the VPC.
	Region string `json:"region"`
	// State is Associated when the VPC gets the zone's answers, Authorized when its owner may associate it.
	State string `json:"state"`
}

// Values of HostedZoneVPCStatus.State.
const (
	VPCAssociated = "Associated"
	VPCAuthorized = "Authorized"
)

// HostedZone is a Route 53 hosted zone: the container of the records of one domain.
// +kubebuilder:validation:XValidation:rule="!has(self.spec.delegateFrom) || size(self.metadata.name) <= 236",message="the objects that keep the delegation are named after this one: with spec.delegateFrom, metadata.name has at most 236 characters"
// +kubebuilder:validation:XValidation:rule="!has(self.spec.delegateFrom) || has(self.spec.delegateFrom.__namespace__) || self.spec.delegateFrom.name != self.metadata.name",message="spec.delegateFrom names this object itself: give the HostedZone of the parent domain"
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
