package route53

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// invalidInput is the code of everything the API's model refuses.
const invalidInput = "InvalidInput"

// Lengths of the API's model.
const (
	longestComment       = 256
	longestNameInput     = 1024
	longestReference     = 128
	longestSetIdentifier = 128
	longestValue         = 4000
	longestTTL           = 2147483647
)

func validateCreateHostedZone(in *sdk.CreateHostedZoneInput) error {
	var broken frame.Violations
	broken.Required(in.Name, "name")
	broken.Length(in.Name, "name", 0, longestNameInput)
	broken.Required(in.CallerReference, "callerReference")
	broken.Length(in.CallerReference, "callerReference", 1, longestReference)
	if in.HostedZoneConfig != nil {
		broken.Length(in.HostedZoneConfig.Comment, "hostedZoneConfig.comment", 0, longestComment)
	}
	if err := broken.Err(invalidInput); err != nil {
		return err
	}
	if in.DelegationSetId != nil {
		if in.VPC != nil {
			return frame.Errorf(invalidInput, "Invalid request: a reusable delegation set cannot be used with a private hosted zone.")
		}
		return nil
	}
	if in.VPC != nil {
		return validateVPC(in.VPC)
	}
	if in.HostedZoneConfig != nil && in.HostedZoneConfig.PrivateZone {
		return frame.Errorf(invalidInput, "Invalid request: when creating a private hosted zone, both VPCId and VPCRegion must be specified.")
	}
	return nil
}

func validateVPC(vpc *types.VPC) error {
	var broken frame.Violations
	if vpc == nil {
		broken.Add(nil, "vPC", "Member must not be null")
		return broken.Err(invalidInput)
	}
	frame.Enum(&broken, vpc.VPCRegion, "vPC.vPCRegion", vpc.VPCRegion.Values())
	if err := broken.Err(invalidInput); err != nil {
		return err
	}
	if aws.ToString(vpc.VPCId) == "" || vpc.VPCRegion == "" {
		return frame.Errorf(invalidInput, "Invalid request: both VPCId and VPCRegion must be specified.")
	}
	return nil
}

// validateBatch checks a batch against the API's model and against what
// Route 53 demands of each change by itself.
func validateBatch(in *sdk.ChangeResourceRecordSetsInput) error {
	var broken frame.Violations
	if in.ChangeBatch == nil || len(in.ChangeBatch.Changes) == 0 {
		broken.Add("[]", "changeBatch.changes", "Member must have length greater than or equal to 1")
		return broken.Err(invalidInput)
	}
	broken.Length(in.ChangeBatch.Comment, "changeBatch.comment", 0, longestComment)
	for i, c := range in.ChangeBatch.Changes {
		modelOfChange(&broken, c, fmt.Sprintf("changeBatch.changes.%d.member", i+1))
	}
	if err := broken.Err(invalidInput); err != nil {
		return err
	}
	var requests []string
	for _, c := range in.ChangeBatch.Changes {
		for _, wrong := range requestProblems(c.ResourceRecordSet) {
			requests = append(requests, wrong+" in Change with "+label(c))
		}
	}
	if len(requests) > 0 {
		return frame.Errorf(invalidInput, "Invalid request: %s", strings.Join(requests, ", "))
	}
	return nil
}

func modelOfChange(broken *frame.Violations, c types.Change, path string) {
	if c.Action == "" {
		broken.Add(nil, path+".action", "Member must not be null")
	}
	frame.Enum(broken, c.Action, path+".action", c.Action.Values())
	set := c.ResourceRecordSet
	path += ".resourceRecordSet"
	if set == nil {
		broken.Add(nil, path, "Member must not be null")
		return
	}
	broken.Required(set.Name, path+".name")
	broken.Length(set.Name, path+".name", 0, longestNameInput)
	if set.Type == "" {
		broken.Add(nil, path+".type", "Member must not be null")
	}
	frame.Enum(broken, set.Type, path+".type", set.Type.Values())
	broken.Length(set.SetIdentifier, path+".setIdentifier", 1, longestSetIdentifier)
	frame.Between(broken, set.TTL, path+".tTL", 0, longestTTL)
	broken.Length(set.HealthCheckId, path+".healthCheckId", 0, 64)
	broken.Length(set.TrafficPolicyInstanceId, path+".trafficPolicyInstanceId", 1, 36)
	if set.ResourceRecords != nil && len(set.ResourceRecords) == 0 {
		broken.Add("[]", path+".resourceRecords", "Member must have length greater than or equal to 1")
	}
	for i, value := range set.ResourceRecords {
		at := fmt.Sprintf("%s.resourceRecords.%d.member.value", path, i+1)
		broken.Required(value.Value, at)
		broken.Length(value.Value, at, 0, longestValue)
	}
	if alias := set.AliasTarget; alias != nil {
		broken.Required(alias.HostedZoneId, path+".aliasTarget.hostedZoneId")
		broken.Required(alias.DNSName, path+".aliasTarget.dNSName")
		broken.Length(alias.DNSName, path+".aliasTarget.dNSName", 0, longestNameInput)
	}
	modelOfPolicy(broken, set, path)
}

var (
	uuid         = regexp.MustCompile(`^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$`)
	cidrLocation = regexp.MustCompile(`^[0-9A-Za-z_\-*]+$`)
	latitude     = regexp.MustCompile(`^[-+]?[0-9]{1,2}(\.[0-9]{0,2})?$`)
	longitude    = regexp.MustCompile(`^[-+]?[0-9]{1,3}(\.[0-9]{0,2})?$`)
)

func modelOfPolicy(broken *frame.Violations, set *types.ResourceRecordSet, path string) {
	frame.Between(broken, set.Weight, path+".weight", 0, 255)
	frame.Enum(broken, set.Region, path+".region", set.Region.Values())
	frame.Enum(broken, set.Failover, path+".failover", set.Failover.Values())
	if geo := set.GeoLocation; geo != nil {
		broken.Length(geo.ContinentCode, path+".geoLocation.continentCode", 2, 2)
		broken.Length(geo.CountryCode, path+".geoLocation.countryCode", 1, 2)
		broken.Length(geo.SubdivisionCode, path+".geoLocation.subdivisionCode", 1, 3)
	}
	if cidr := set.CidrRoutingConfig; cidr != nil {
		path := path + ".cidrRoutingConfig"
		broken.Required(cidr.CollectionId, path+".collectionId")
		broken.Required(cidr.LocationName, path+".locationName")
		broken.Length(cidr.LocationName, path+".locationName", 1, 16)
		pattern(broken, cidr.CollectionId, path+".collectionId", uuid)
		pattern(broken, cidr.LocationName, path+".locationName", cidrLocation)
	}
	if near := set.GeoProximityLocation; near != nil {
		path := path + ".geoProximityLocation"
		frame.Between(broken, near.Bias, path+".bias", -99, 99)
		broken.Length(near.AWSRegion, path+".aWSRegion", 1, 64)
		broken.Length(near.LocalZoneGroup, path+".localZoneGroup", 1, 64)
		if place := near.Coordinates; place != nil {
			broken.Required(place.Latitude, path+".coordinates.latitude")
			broken.Required(place.Longitude, path+".coordinates.longitude")
			pattern(broken, place.Latitude, path+".coordinates.latitude", latitude)
			pattern(broken, place.Longitude, path+".coordinates.longitude", longitude)
		}
	}
}

func pattern(broken *frame.Violations, value *string, path string, wanted *regexp.Regexp) {
	if value != nil && !wanted.MatchString(*value) {
		broken.Add(*value, path, "Member must satisfy regular expression pattern: %s",
			strings.Trim(wanted.String(), "^$"))
	}
}

// label describes a change in the words of Route 53's messages.
func label(c types.Change) string {
	set := "null"
	if c.ResourceRecordSet.SetIdentifier != nil {
		set = *c.ResourceRecordSet.SetIdentifier
	}
	return fmt.Sprintf("[Action=%s, Name=%s, Type=%s, SetIdentifier=%s]",
		c.Action, *c.ResourceRecordSet.Name, c.ResourceRecordSet.Type, set)
}

// requestProblems tells which fields of a record set exclude or demand each other.
func requestProblems(set *types.ResourceRecordSet) []string {
	var wrong []string
	if n := contentForms(set); n != 1 {
		wrong = append(wrong, "Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], "+
			"or TrafficPolicyInstanceId], but found "+noneOrMore(n))
	}
	switch n := len(policiesOf(set)); {
	case n > 1 || n == 0 && set.SetIdentifier != nil:
		wrong = append(wrong, "Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, "+
			"CidrRoutingConfig, or GeoProximityLocation], but found "+noneOrMore(n))
	case n == 1 && set.SetIdentifier == nil:
		wrong = append(wrong, "Missing field 'SetIdentifier'")
	}
	return append(wrong, policyProblems(set)...)
}

func noneOrMore(n int) string {
	if n == 0 {
		return "none"
	}
	return "more than one"
}

// contentForms counts the ways in which a record set says what it answers;
// half of TTL and ResourceRecords counts only beside another form.
func contentForms(set *types.ResourceRecordSet) int {
	forms := 0
	for _, given := range []bool{
		set.AliasTarget != nil,
		set.TrafficPolicyInstanceId != nil,
		set.TTL != nil && set.ResourceRecords != nil,
	} {
		if given {
			forms++
		}
	}
	if half := (set.TTL != nil) != (set.ResourceRecords != nil); half && forms > 0 {
		forms++
	}
	return forms
}
