package v1alpha1

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// RecordType is a DNS record type that Route 53 knows.
// +kubebuilder:validation:Enum=A;AAAA;CAA;CNAME;DS;HTTPS;MX;NAPTR;NS;PTR;SOA;SPF;SRV;SSHFP;SVCB;TLSA;TXT
type RecordType string

// ResourceRecord is one value of a record, as Route 53 writes it.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=4000
type ResourceRecord string

// RecordSetSpec declares one Route 53 resource record set.
// +kubebuilder:validation:XValidation:rule="has(self.hostedZoneRef) != has(self.hostedZoneID)",message="give exactly one of spec.hostedZoneRef (a HostedZone of this namespace) and spec.hostedZoneID (a zone that Evenkeel does not manage)"
// +kubebuilder:validation:XValidation:rule="[has(self.resourceRecords), has(self.instancesOf), has(self.aliasTarget)].filter(x, x).size() < 2",message="give one of spec.resourceRecords (with spec.ttl), spec.instancesOf (with spec.ttl) and spec.aliasTarget, not both or all"
// +kubebuilder:validation:XValidation:rule="has(self.resourceRecords) || has(self.instancesOf) || has(self.aliasTarget)",message="the record has no content: give spec.resourceRecords (with spec.ttl) or spec.aliasTarget, or spec.instancesOf (with spec.ttl)"
// +kubebuilder:validation:XValidation:rule="!has(self.resourceRecords) && !has(self.instancesOf) || has(self.ttl)",message="spec.ttl is required with spec.resourceRecords and spec.instancesOf: give the seconds that resolvers may cache the answer, for instance 300"
// +kubebuilder:validation:XValidation:rule="!has(self.aliasTarget) || !has(self.ttl)",message="an alias takes the TTL of its target: remove spec.ttl"
// +kubebuilder:validation:XValidation:rule="self.type != 'CNAME' || self.name != '@'",message="Route 53 refuses a CNAME at the apex of a zone: use type A or AAAA with spec.aliasTarget instead"
// +kubebuilder:validation:XValidation:rule="self.type != 'CNAME' || !has(self.resourceRecords) || size(self.resourceRecords) == 1",message="a CNAME has exactly one value: keep one of spec.resourceRecords"
// +kubebuilder:validation:XValidation:rule="self.type != 'A' || !has(self.resourceRecords) || self.resourceRecords.all(v, v.matches('^((25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])(\\\\.|$)){4}$') && !v.endsWith('.'))",message="every value of an A record must be an IPv4 address in dotted form, for instance 192.0.2.10"
// +kubebuilder:validation:XValidation:rule="self.type != 'AAAA' || !has(self.resourceRecords) || self.resourceRecords.all(v, v.matches('^[0-9A-Fa-f:.]{2,45}$') && v.contains(':'))",message="every value of an AAAA record must be an IPv6 address, for instance 2001:db8::1"
// +kubebuilder:validation:XValidation:rule="!has(self.aliasTarget) || !(self.type in ['NS', 'SOA'])",message="Route 53 has no aliases of type NS or SOA: give spec.resourceRecords"
// +kubebuilder:validation:XValidation:rule="has(self.routingPolicy) == has(self.setIdentifier)",message="spec.setIdentifier and spec.routingPolicy go together: a routing policy needs an identifier that tells its records apart, and a simple record has none"
// +kubebuilder:validation:XValidation:rule="!has(self.routingPolicy) || !(self.type in ['NS', 'SOA', 'DS'])",message="Route 53 allows no routing policy for NS, SOA and DS records: remove spec.routingPolicy and spec.setIdentifier"
// +kubebuilder:validation:XValidation:rule="!has(self.routingPolicy) || !has(self.routingPolicy.multivalueAnswer) || (has(self.resourceRecords) && size(self.resourceRecords) == 1 && self.type != 'CNAME')",message="a record with routingPolicy.multivalueAnswer has exactly one value, is no alias and no CNAME: declare one RecordSet for each value"
// +kubebuilder:validation:XValidation:rule="!(has(self.healthCheck) && has(self.healthCheckID))",message="give either spec.healthCheck (made for this record) or spec.healthCheckID (an existing one), not both"
// +kubebuilder:validation:XValidation:rule="self.type != 'NS' || !self.name.startsWith('*')",message="Route 53 allows no wildcard for NS records: name the delegated zone"
// +kubebuilder:validation:XValidation:rule="!has(self.aliasTarget) || !has(self.aliasTarget.loadBalancerRef) || self.type in ['A', 'AAAA']",message="a load balancer has addresses: use type A (and AAAA, when it is dualstack) with aliasTarget.loadBalancerRef"
// +kubebuilder:validation:XValidation:rule="!has(self.instancesOf) || (self.instancesOf.address == 'IPv6' ? self.type == 'AAAA' : self.type == 'A')",message="spec.instancesOf fits the type of the record: address PrivateIPv4 or PublicIPv4 with type A, IPv6 with type AAAA"
type RecordSetSpec struct {
	// HostedZoneRef names the HostedZone that the record is in; exclusive with hostedZoneID.
	// Mutable: the record is made in the new zone before it is removed from the old one.
	// +optional
	HostedZoneRef *HostedZoneReference `json:"hostedZoneRef,omitempty"`

	// HostedZoneID is the Route 53 id of the zone that the record is in, for instance "Z0123456789ABCDEFGHIJ";
	// exclusive with hostedZoneRef. For zones that no HostedZone of this cluster declares.
	// Mutable: the record is made in the new zone before it is removed from the old one.
	// +optional
	// +kubebuilder:validation:Pattern=`^Z[A-Z0-9]{1,31}$`
	HostedZoneID string `json:"hostedZoneID,omitempty"`

	// Name of the record: relative to the zone ("www"), "@" for the zone's apex, or a full name with a trailing dot
	// ("www.example.com."). "*" as the whole leftmost label is a wildcard; anywhere else Route 53 would take it for
	// a plain character, so it must then be written \052. Case makes no difference; bytes outside printable ASCII are
	// written \ooo (three octal digits). AWS API: ResourceRecordSet.Name.
	// Mutable: the old name goes and the new one comes in one atomic change.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	// +kubebuilder:validation:XValidation:rule="!self.contains('*') || self.matches('^[*]([.][^*]*)?$')",message="'*' is a wildcard only as the whole leftmost label (*.dev); anywhere else Route 53 takes it literally: write \\052 if that is meant"
	// +kubebuilder:validation:XValidation:rule="self.matches('^[!-~]+$')",message="spec.name has a space or a character outside printable ASCII: write such bytes as \\ooo (three octal digits), and internationalised names in Punycode"
	// +kubebuilder:validation:XValidation:rule="!self.startsWith('.') && !self.contains('..')",message="spec.name has an empty label: remove the extra dot"
	Name string `json:"name"`

	// Type of the record. AWS API: ResourceRecordSet.Type.
	// Mutable: the old type goes and the new one comes in one atomic change.
	Type RecordType `json:"type"`

	// TTL is the number of seconds that resolvers may cache the answer, 0 to 2147483647.
	// Required with resourceRecords and instancesOf, refused with aliasTarget. AWS API: ResourceRecordSet.TTL. Mutable.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=2147483647
	TTL *int64 `json:"ttl,omitempty"`

	// ResourceRecords are the values of the record, 1 to 400, in no particular order, as Route 53 writes them:
	// "192.0.2.1", "10 mail.example.com.", "0 issue \"amazon.com\"". TXT and SPF values may be plain text of up to
	// 4,000 characters, which is quoted and split into strings of 255 bytes, or already quoted ("\"a\" \"b\"").
	// AWS API: ResourceRecordSet.ResourceRecords. Mutable.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=400
	ResourceRecords []ResourceRecord `json:"resourceRecords,omitempty"`

	// InstancesOf fills the record with the addresses of an AutoScalingGroup's instances that are in service, and keeps it
	// so as the group changes; of more than 400, the first 400 in order. With ttl, in place of resourceRecords. For types
	// A and AAAA. Mutable.
	// +optional
	InstancesOf *InstancesOf `json:"instancesOf,omitempty"`

	// AliasTarget makes the record an alias: Route 53 answers with the target's own values.
	// AWS API: ResourceRecordSet.AliasTarget. Mutable.
	// +optional
	AliasTarget *AliasTarget `json:"aliasTarget,omitempty"`

	// SetIdentifier tells the records of one name and type apart when they have a routing policy; 1 to 128 characters,
	// unique among them. AWS API: ResourceRecordSet.SetIdentifier.
	// Mutable: the old identifier goes and the new one comes in one atomic change.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	SetIdentifier string `json:"setIdentifier,omitempty"`

	// RoutingPolicy says how Route 53 chooses between the records of one name and type. Left out: a simple record.
	// All records of one name and type have the same policy. Mutable.
	// +optional
	RoutingPolicy *RoutingPolicy `json:"routingPolicy,omitempty"`

	// HealthCheck is made for this record, and deleted after the record stops using it. While it is unhealthy, Route 53
	// answers with other records of the name, as the routing policy says. Exclusive with healthCheckID. Mutable.
	// +optional
	HealthCheck *HealthCheck `json:"healthCheck,omitempty"`

	// HealthCheckID is an existing health check for the record to use; exclusive with healthCheck. Left out together with
	// healthCheck, one that others attached to the record stays. AWS API: ResourceRecordSet.HealthCheckId. Mutable;
	// removed, the record uses none.
	// +optional
	HealthCheckID HealthCheckID `json:"healthCheckID,omitempty"`

	Policies `json:",inline"`
}

// AliasTarget is what an alias answers with. Exactly one of recordSetRef, loadBalancerRef, and dnsName with hostedZoneID.
// +kubebuilder:validation:XValidation:rule="[has(self.recordSetRef), has(self.loadBalancerRef), has(self.dnsName)].exists_one(x, x)",message="give exactly one of aliasTarget.recordSetRef, aliasTarget.loadBalancerRef and aliasTarget.dnsName"
// +kubebuilder:validation:XValidation:rule="has(self.dnsName) == has(self.hostedZoneID)",message="aliasTarget.dnsName and aliasTarget.hostedZoneID go together: give the hosted zone id of the target (for a load balancer its canonical hosted zone id, for a record of the same zone that zone's id)"
type AliasTarget struct {
	// RecordSetRef names another RecordSet of the same namespace, zone and type.
	// +optional
	RecordSetRef *RecordSetReference `json:"recordSetRef,omitempty"`

	// LoadBalancerRef names a LoadBalancer of the same namespace: its DNS name and canonical hosted zone id are taken from
	// its status, and followed when they change. Only records of type A and AAAA can point at one.
	// +optional
	LoadBalancerRef *LoadBalancerReference `json:"loadBalancerRef,omitempty"`

	// DNSName of the target, for instance "my-lb-1234.us-east-1.elb.amazonaws.com"; with hostedZoneID.
	// A "dualstack." prefix is significant. AWS API: AliasTarget.DNSName.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	DNSName string `json:"dnsName,omitempty"`

	// HostedZoneID of the target: the id that AWS documents for the service, or of this zone for a record in it.
	// AWS API: AliasTarget.HostedZoneId.
	// +optional
	// +kubebuilder:validation:Pattern=`^Z[A-Z0-9]{1,31}$`
	HostedZoneID string `json:"hostedZoneID,omitempty"`

	// EvaluateTargetHealth makes the alias as healthy as its target. Default false.
	// AWS API: AliasTarget.EvaluateTargetHealth.
	// +optional
	EvaluateTargetHealth *bool `json:"evaluateTargetHealth,omitempty"`
}

// RoutingPolicy says how Route 53 chooses between records; exactly one member.
// +kubebuilder:validation:XValidation:rule="[has(self.weighted), has(self.latency), has(self.failover), has(self.geolocation), has(self.geoproximity), has(self.multivalueAnswer), has(self.cidr)].exists_one(x, x)",message="give exactly one routing policy: weighted, latency, failover, geolocation, geoproximity, multivalueAnswer or cidr"
type RoutingPolicy struct {
	// Weighted answers with this record in proportion to its weight.
	// +optional
	Weighted *WeightedPolicy `json:"weighted,omitempty"`

	// Latency answers with the record of the AWS Region that is quickest to reach for the client.
	// +optional
	Latency *LatencyPolicy `json:"latency,omitempty"`

	// Failover answers with the primary record while it is healthy, else with the secondary.
	// +optional
	Failover *FailoverPolicy `json:"failover,omitempty"`

	// Geolocation answers by where the client is; the most specific record wins: subdivision, country, continent, "*".
	// +optional
	Geolocation *GeolocationPolicy `json:"geolocation,omitempty"`

	// Geoproximity answers with the record that is nearest to the client. Not in private zones.
	// +optional
	Geoproximity *GeoproximityPolicy `json:"geoproximity,omitempty"`

	// MultivalueAnswer answers with up to eight healthy records, in random order. One value each, no alias.
	// +optional
	MultivalueAnswer *MultivalueAnswerPolicy `json:"multivalueAnswer,omitempty"`

	// CIDR answers by the client's address. Not in private zones.
	// +optional
	CIDR *CIDRPolicy `json:"cidr,omitempty"`
}

// WeightedPolicy shares the answers out by weight.
type WeightedPolicy struct {
	// Weight of this record, 0 to 255: its share is its weight divided by the sum of all. 0 takes it out, unless all
	// are 0, which makes them equal. AWS API: ResourceRecordSet.Weight.
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=255
	Weight int64 `json:"weight"`
}

// AWSRegion is the code of an AWS Region.
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^[a-z]{2}(-[a-z]+)+-[0-9]$`
type AWSRegion string

// LatencyPolicy names the Region that the record's resource is in.
type LatencyPolicy struct {
	// Region, for instance "eu-west-1"; one record a Region. AWS API: ResourceRecordSet.Region.
	Region AWSRegion `json:"region"`
}

// FailoverPolicy tells primary from secondary.
type FailoverPolicy struct {
	// Role is PRIMARY or SECONDARY; one record of each. A primary needs a health check, or an alias that evaluates its
	// target's health. AWS API: ResourceRecordSet.Failover.
	// +kubebuilder:validation:Enum=PRIMARY;SECONDARY
	Role string `json:"role"`
}

// GeolocationPolicy names a part of the world.
// +kubebuilder:validation:XValidation:rule="has(self.continentCode) != has(self.countryCode)",message="give exactly one of geolocation.continentCode and geolocation.countryCode"
// +kubebuilder:validation:XValidation:rule="!has(self.subdivisionCode) || has(self.countryCode) && self.countryCode in ['US', 'UA']",message="geolocation.subdivisionCode goes with countryCode US (or UA)"
type GeolocationPolicy struct {
	// ContinentCode is AF, AN, AS, EU, OC, NA or SA. AWS API: GeoLocation.ContinentCode.
	// +optional
	// +kubebuilder:validation:Enum=AF;AN;AS;EU;OC;NA;SA
	ContinentCode string `json:"continentCode,omitempty"`

	// CountryCode is a two-letter ISO 3166-1 code, or "*" for whoever no other record matches.
	// AWS API: GeoLocation.CountryCode.
	// +optional
	// +kubebuilder:validation:Pattern=`^([A-Z]{2}|\*)$`
	CountryCode string `json:"countryCode,omitempty"`

	// SubdivisionCode is the code of a state of the country, for instance "WA". AWS API: GeoLocation.SubdivisionCode.
	// +optional
	// +kubebuilder:validation:Pattern=`^[A-Z0-9]{1,3}$`
	SubdivisionCode string `json:"subdivisionCode,omitempty"`
}

// GeoproximityPolicy places the record's resource; exactly one of awsRegion, localZoneGroup and coordinates.
// +kubebuilder:validation:XValidation:rule="[has(self.awsRegion), has(self.localZoneGroup), has(self.coordinates)].exists_one(x, x)",message="give exactly one of geoproximity.awsRegion, geoproximity.localZoneGroup and geoproximity.coordinates"
type GeoproximityPolicy struct {
	// AWSRegion that the resource is in. AWS API: GeoProximityLocation.AWSRegion.
	// +optional
	AWSRegion AWSRegion `json:"awsRegion,omitempty"`

	// LocalZoneGroup that the resource is in, for instance "us-east-1-bue-1". AWS API: GeoProximityLocation.LocalZoneGroup.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=64
	LocalZoneGroup string `json:"localZoneGroup,omitempty"`

	// Coordinates of the resource. AWS API: GeoProximityLocation.Coordinates.
	// +optional
	Coordinates *Coordinates `json:"coordinates,omitempty"`

	// Bias enlarges (1 to 99) or shrinks (-99 to -1) the area that the record answers for. Default 0.
	// AWS API: GeoProximityLocation.Bias.
	// +optional
	// +kubebuilder:validation:Minimum=-99
	// +kubebuilder:validation:Maximum=99
	Bias *int32 `json:"bias,omitempty"`
}

// Coordinates are a place on earth, in degrees with at most two decimals.
type Coordinates struct {
	// Latitude, "-90" to "90", for instance "49.22".
	// +kubebuilder:validation:Pattern=`^-?([0-8]?[0-9](\.[0-9]{1,2})?|90(\.0{1,2})?)$`
	Latitude string `json:"latitude"`
	// Longitude, "-180" to "180", for instance "-74.01".
	// +kubebuilder:validation:Pattern=`^-?((1[0-7][0-9]|[0-9]?[0-9])(\.[0-9]{1,2})?|180(\.0{1,2})?)$`
	Longitude string `json:"longitude"`
}

// MultivalueAnswerPolicy has no settings: {} chooses it.
type MultivalueAnswerPolicy struct{}

// CIDRPolicy names a location of a CIDR collection.
type CIDRPolicy struct {
	// CollectionID of the CIDR collection; one collection for all records of a name and type.
	// AWS API: CidrRoutingConfig.CollectionId.
	// +kubebuilder:validation:Pattern=`^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$`
	CollectionID string `json:"collectionID"`
	// LocationName of the location in the collection, or "*" for whoever no location matches.
	// AWS API: CidrRoutingConfig.LocationName.
	// +kubebuilder:validation:Pattern=`^([0-9A-Za-z_-]{1,16}|\*)$`
	LocationName string `json:"locationName"`
}

// RecordKey identifies a resource record set in Route 53, in Route 53's own spelling.
type RecordKey struct {
	// HostedZoneID of the zone that holds the record.
	HostedZoneID string `json:"hostedZoneID"`
	// Name is the full name, lower case, special characters as \ooo, with a trailing dot.
	Name string `json:"name"`
	// Type of the record.
	Type string `json:"type"`
	// SetIdentifier, for records with a routing policy.
	// +optional
	SetIdentifier string `json:"setIdentifier,omitempty"`
}

// RecordSetStatus tells what the controller found in Route 53.
type RecordSetStatus struct {
	CommonStatus `json:",inline"`

	// FQDN is the full name that the record answers to, with a trailing dot.
	// +optional
	FQDN string `json:"fqdn,omitempty"`

	// HostedZoneID of the zone that the record belongs in.
	// +optional
	HostedZoneID string `json:"hostedZoneID,omitempty"`

	// Records are the record sets in Route 53 that this object owns or is about to create: usually one, two while
	// it moves to another name, type or zone. It is written before the call that creates them, so that a crash
	// leaves neither an orphan nor a doubt.
	// +optional
	// +listType=atomic
	Records []RecordKey `json:"records,omitempty"`

	// ChangeID is the Route 53 change that carries the record, while it is still propagating. AWS API: GetChange.
	// +optional
	ChangeID string `json:"changeID,omitempty"`

	// HealthCheck tells of the health check that is made for the record (spec.healthCheck).
	// +optional
	HealthCheck *HealthCheckStatus `json:"healthCheck,omitempty"`

	// UsedHealthCheckID is the health check that the record uses by this object's doing.
	// +optional
	UsedHealthCheckID string `json:"usedHealthCheckID,omitempty"`
}

// RecordSet is a Route 53 resource record set: the values of one name and type, or one of several with a routing policy.
// +kubebuilder:object:root=true
// +kubebuilder:subresource:status
// +kubebuilder:resource:shortName=rrset,categories=evenkeel
// +kubebuilder:printcolumn:name="Record",type=string,JSONPath=`.status.fqdn`
// +kubebuilder:printcolumn:name="Type",type=string,JSONPath=`.spec.type`
// +kubebuilder:printcolumn:name="Ready",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].status`
// +kubebuilder:printcolumn:name="Reason",type=string,JSONPath=`.status.conditions[?(@.type=="Ready")].reason`
// +kubebuilder:printcolumn:name="Age",type=date,JSONPath=`.metadata.creationTimestamp`
// +kubebuilder:printcolumn:name="Set ID",type=string,priority=1,JSONPath=`.spec.setIdentifier`
// +kubebuilder:printcolumn:name="Message",type=string,priority=1,JSONPath=`.status.conditions[?(@.type=="Ready")].message`
type RecordSet struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`

	Spec RecordSetSpec `json:"spec"`
	// +kubebuilder:default={observedGeneration:-1}
	Status RecordSetStatus `json:"status,omitempty"`
}

// CommonSpec returns the policies of the record set.
func (r *RecordSet) CommonSpec() *Policies { return &r.Spec.Policies }

// CommonStatus returns the part of the status that every kind has.
func (r *RecordSet) CommonStatus() *CommonStatus { return &r.Status.CommonStatus }

// RecordSetList is a list of RecordSets.
// +kubebuilder:object:root=true
type RecordSetList struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata,omitempty"`
	Items           []RecordSet `json:"items"`
}
