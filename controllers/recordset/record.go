package recordset

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// key identifies a record set within its zone, in canonical form.
type key struct {
	name, recordType, setIdentifier string
}

// keyOf returns the key of a record set as Route 53 or a spec spells it.
func keyOf(r *types.ResourceRecordSet) key {
	return key{canonicalName(aws.ToString(r.Name)), string(r.Type), aws.ToString(r.SetIdentifier)}
}

// String names the record for people: name, type and, when it has one, the set identifier.
func (k key) String() string {
	if k.setIdentifier == "" {
		return readableName(k.name) + " " + k.recordType
	}
	return fmt.Sprintf("%s %s %q", readableName(k.name), k.recordType, k.setIdentifier)
}

// in returns the key as status shows it.
func (k key) in(zoneID string) v1alpha1.RecordKey {
	return v1alpha1.RecordKey{HostedZoneID: zoneID, Name: k.name, Type: k.recordType, SetIdentifier: k.setIdentifier}
}

// claimKey returns the key of a claim in a status.
func claimKey(claim v1alpha1.RecordKey) key { return key{claim.Name, claim.Type, claim.SetIdentifier} }

// isApexAuthority reports whether the record is one of the two that Route 53 makes with the zone and never lets go.
func (k key) isApexAuthority(zone string) bool {
	return k.name == zone && (k.recordType == string(types.RRTypeNs) || k.recordType == string(types.RRTypeSoa))
}

// field is one property of a record set in canonical form.
type field struct{ name, value string }

// fieldsOf returns all properties of a record set beside its key, in a fixed order and in canonical form: two record
// sets of one key mean the same exactly when their fields are equal.
func fieldsOf(r *types.ResourceRecordSet) []field {
	var fields []field
	add := func(name, value string) { fields = append(fields, field{name, value}) }
	if r.TTL != nil {
		add("ttl", strconv.FormatInt(*r.TTL, 10))
	}
	if len(r.ResourceRecords) > 0 {
		add("resourceRecords", strings.Join(canonicalValues(r), ", "))
	}
	if alias := r.AliasTarget; alias != nil {
		add("aliasTarget.dnsName", canonicalName(aws.ToString(alias.DNSName)))
		add("aliasTarget.hostedZoneID", aws.ToString(alias.HostedZoneId))
		add("aliasTarget.evaluateTargetHealth", strconv.FormatBool(alias.EvaluateTargetHealth))
	}
	fields = append(fields, policyFields(r)...)
	if r.HealthCheckId != nil {
		add("healthCheckID", *r.HealthCheckId)
	}
	if r.TrafficPolicyInstanceId != nil {
		add("trafficPolicyInstanceID", *r.TrafficPolicyInstanceId)
	}
	return fields
}

// policyFields returns the properties of the routing policy.
func policyFields(r *types.ResourceRecordSet) []field {
	var fields []field
	add := func(name string, value *string) {
		if value != nil {
			fields = append(fields, field{"routingPolicy." + name, *value})
		}
	}
	if r.Weight != nil {
		add("weighted.weight", aws.String(strconv.FormatInt(*r.Weight, 10)))
	}
	add("latency.region", awsclient.Optional(string(r.Region)))
	add("failover.role", awsclient.Optional(string(r.Failover)))
	if aws.ToBool(r.MultiValueAnswer) {
		add("multivalueAnswer", aws.String("{}"))
	}
	if geo := r.GeoLocation; geo != nil {
		add("geolocation.continentCode", geo.ContinentCode)
		add("geolocation.countryCode", geo.CountryCode)
		add("geolocation.subdivisionCode", geo.SubdivisionCode)
	}
	if near := r.GeoProximityLocation; near != nil {
		add("geoproximity.awsRegion", near.AWSRegion)
		add("geoproximity.localZoneGroup", near.LocalZoneGroup)
		if near.Coordinates != nil {
			add("geoproximity.coordinates.latitude", degrees(near.Coordinates.Latitude))
			add("geoproximity.coordinates.longitude", degrees(near.Coordinates.Longitude))
		}
		if bias := aws.ToInt32(near.Bias); bias != 0 {
			add("geoproximity.bias", aws.String(strconv.Itoa(int(bias))))
		}
	}
	if cidr := r.CidrRoutingConfig; cidr != nil {
		add("cidr.collectionID", cidr.CollectionId)
		add("cidr.locationName", cidr.LocationName)
	}
	return fields
}

// degrees is the form in which coordinates are compared: "49.20" is "49.2".
func degrees(value *string) *string {
	if number, err := strconv.ParseFloat(aws.ToString(value), 64); err == nil {
		return aws.String(strconv.FormatFloat(number, 'f', -1, 64))
	}
	return value
}

// canonicalValues returns the values in canonical form, sorted, since their order means nothing.
func canonicalValues(r *types.ResourceRecordSet) []string {
	values := make([]string, len(r.ResourceRecords))
	for i, value := range r.ResourceRecords {
		values[i] = canonicalValue(r.Type, aws.ToString(value.Value))
	}
	slices.Sort(values)
	return values
}

// differences returns the fields in which observed is not as desired, in the order of the spec.
func differences(desired, observed *types.ResourceRecordSet) []v1alpha1.PlannedChange {
	want, have := fieldsOf(desired), fieldsOf(observed)
	if slices.Equal(want, have) {
		return nil
	}
	resource := resourceName(keyOf(desired))
	var changes []v1alpha1.PlannedChange
	for _, f := range want {
		if from, _ := valueOf(have, f.name); from != f.value {
			changes = append(changes, planned(lifecycle.VerbUpdate, resource, f.name, from, f.value))
		}
	}
	for _, f := range have {
		if _, wanted := valueOf(want, f.name); !wanted {
			changes = append(changes, planned(lifecycle.VerbUpdate, resource, f.name, f.value, ""))
		}
	}
	return changes
}

func valueOf(fields []field, name string) (string, bool) {
	i := slices.IndexFunc(fields, func(f field) bool { return f.name == name })
	if i < 0 {
		return "", false
	}
	return fields[i].value, true
}

func planned(verb, resource, field, from, to string) v1alpha1.PlannedChange {
	return v1alpha1.PlannedChange{Verb: verb, Resource: resource, Field: field, From: lifecycle.Shorten(from), To: lifecycle.Shorten(to)}
}

func resourceName(k key) string { return "record " + k.String() }

// valueCount is what the record counts against Route 53's limit of 1,000 values a change batch; an alias counts one.
func valueCount(r *types.ResourceRecordSet) int { return max(1, len(r.ResourceRecords)) }

// valueLength is what the record counts against Route 53's limit of 32,000 characters a change batch.
func valueLength(r *types.ResourceRecordSet) int {
	length := 0
	for _, value := range r.ResourceRecords {
		length += len(aws.ToString(value.Value))
	}
	return length
}
