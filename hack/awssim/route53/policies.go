package route53

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// policy is a routing policy.
type policy string

const (
	simple       policy = "simple"
	weighted     policy = "weighted"
	latency      policy = "latency"
	failover     policy = "failover"
	geolocation  policy = "geolocation"
	geoproximity policy = "geoproximity"
	multivalue   policy = "multivalue"
	ipBased      policy = "ip-based"
)

// policiesOf lists the policies whose fields a record set has.
func policiesOf(set *types.ResourceRecordSet) []policy {
	var found []policy
	for _, candidate := range []struct {
		policy policy
		given  bool
	}{
		{weighted, set.Weight != nil},
		{latency, set.Region != ""},
		{failover, set.Failover != ""},
		{geolocation, set.GeoLocation != nil},
		{multivalue, aws.ToBool(set.MultiValueAnswer)},
		{ipBased, set.CidrRoutingConfig != nil},
		{geoproximity, set.GeoProximityLocation != nil},
	} {
		if candidate.given {
			found = append(found, candidate.policy)
		}
	}
	return found
}

func policyOf(set *types.ResourceRecordSet) policy {
	if found := policiesOf(set); len(found) > 0 {
		return found[0]
	}
	return simple
}

// policyProblems tells what a policy's own fields lack.
func policyProblems(set *types.ResourceRecordSet) []string {
	var wrong []string
	if geo := set.GeoLocation; geo != nil {
		wrong = append(wrong, geolocationProblems(geo)...)
	}
	if near := set.GeoProximityLocation; near != nil {
		wrong = append(wrong, geoproximityProblems(near)...)
	}
	if aws.ToBool(set.MultiValueAnswer) {
		if set.AliasTarget != nil {
			wrong = append(wrong, "Expected MultiValueAnswer not to be used with AliasTarget, but found both")
		}
		if len(set.ResourceRecords) > 1 {
			wrong = append(wrong, fmt.Sprintf("Expected exactly one ResourceRecord with MultiValueAnswer, but found %d",
				len(set.ResourceRecords)))
		}
	}
	return wrong
}

func geolocationProblems(geo *types.GeoLocation) []string {
	continent, country, subdivision := aws.ToString(geo.ContinentCode), aws.ToString(geo.CountryCode), aws.ToString(geo.SubdivisionCode)
	switch {
	case (continent == "") == (country == ""):
		return []string{"Expected exactly one of [ContinentCode, or CountryCode] in GeoLocation, but found " +
			noneOrMore(len(continent))}
	case continent != "" && subdivision != "":
		return []string{"Expected SubdivisionCode in GeoLocation only with CountryCode, but found ContinentCode"}
	case continent != "" && continents[continent] == "":
		return []string{fmt.Sprintf("Invalid ContinentCode '%s' in GeoLocation", continent)}
	case country != "" && country != "*" && !isCountry(country):
		return []string{fmt.Sprintf("Invalid CountryCode '%s' in GeoLocation", country)}
	case subdivision != "" && country != "US" && country != "UA":
		return []string{fmt.Sprintf("Invalid SubdivisionCode '%s' in GeoLocation: country '%s' has no subdivisions",
			subdivision, country)}
	case subdivision != "" && country == "US" && !slices.Contains(usStates, subdivision):
		return []string{fmt.Sprintf("Invalid SubdivisionCode '%s' in GeoLocation", subdivision)}
	}
	return nil
}

func geoproximityProblems(near *types.GeoProximityLocation) []string {
	given := 0
	for _, has := range []bool{near.AWSRegion != nil, near.LocalZoneGroup != nil, near.Coordinates != nil} {
		if has {
			given++
		}
	}
	if given != 1 {
		return []string{"Expected exactly one of [AWSRegion, LocalZoneGroup, or Coordinates] in GeoProximityLocation, " +
			"but found " + noneOrMore(given)}
	}
	if near.Coordinates == nil {
		return nil
	}
	var wrong []string
	if outside(near.Coordinates.Latitude, 90) {
		wrong = append(wrong, "Expected Latitude between -90 and 90, but found "+aws.ToString(near.Coordinates.Latitude))
	}
	if outside(near.Coordinates.Longitude, 180) {
		wrong = append(wrong, "Expected Longitude between -180 and 180, but found "+aws.ToString(near.Coordinates.Longitude))
	}
	return wrong
}

func outside(text *string, bound float64) bool {
	degrees, err := strconv.ParseFloat(aws.ToString(text), 64)
	return err != nil || degrees < -bound || degrees > bound
}

// siblingProblem tells why a record set cannot stand beside the others of its
// name and type, or is empty. Others do not include the set itself.
func (q Quotas) siblingProblem(set *types.ResourceRecordSet, others []*types.ResourceRecordSet) string {
	own := policyOf(set)
	if len(others) > 0 && own == simple {
		return fmt.Sprintf("RRSet with DNS name %s, type %s cannot be created as other RRSets exist with the same name and type.",
			*set.Name, set.Type)
	}
	for _, other := range others {
		if policyOf(other) != own {
			return mixMessage(set, own)
		}
	}
	for _, other := range others {
		if clash := clashWith(set, other, own); clash != "" {
			return fmt.Sprintf("RRSet with DNS name %s, type %s, SetIdentifier %s cannot be created because %s.",
				*set.Name, set.Type, *set.SetIdentifier, clash)
		}
	}
	most := q.RecordsPerSet
	if own == geoproximity {
		most = q.GeoproximityInSet
	}
	if len(others)+1 > most {
		return fmt.Sprintf("Number of %s RRSets limit of %d with DNS name %s and type %s exceeded.",
			own, most, *set.Name, set.Type)
	}
	return ""
}

// mixMessage is what Route 53 says of a policy beside another one.
func mixMessage(set *types.ResourceRecordSet, own policy) string {
	head := fmt.Sprintf("RRSet with DNS name %s, type %s, SetIdentifier ", *set.Name, set.Type)
	const tail = " cannot be created because a non-%s RRSet with the same name and type already exists"
	id := *set.SetIdentifier
	switch own {
	case latency:
		return head + id + fmt.Sprintf(", and Region Name=%s", set.Region) + fmt.Sprintf(tail, "latency") + "."
	case geolocation:
		return head + id + ", and routing to [" + placeName(set.GeoLocation) + "]" + fmt.Sprintf(tail, "GEO")
	case multivalue:
		return head + `"` + id + `" cannot be created because a non multivalue answer rrset exists with the same name and type.`
	case failover:
		return head + id + fmt.Sprintf(", and Failover %s", set.Failover) + fmt.Sprintf(tail, "failover") + "."
	case weighted:
		return head + id + fmt.Sprintf(", and Weight %d", *set.Weight) + fmt.Sprintf(tail, "weighted") + "."
	}
	return head + id + fmt.Sprintf(tail, own) + "."
}

func placeName(geo *types.GeoLocation) string {
	if code := aws.ToString(geo.ContinentCode); code != "" {
		return fmt.Sprintf("continent = (%s, %s)", code, continents[code])
	}
	place := "country = " + aws.ToString(geo.CountryCode)
	if state := aws.ToString(geo.SubdivisionCode); state != "" {
		place += ", subdivision = " + state
	}
	return place
}

// clashWith tells what two record sets of one policy cannot both have.
func clashWith(set, other *types.ResourceRecordSet, own policy) string {
	switch own {
	case weighted:
		if set.TTL != nil && other.TTL != nil && *set.TTL != *other.TTL {
			return fmt.Sprintf("its TTL %d differs from the TTL %d of other weighted RRSets with the same name and type",
				*set.TTL, *other.TTL)
		}
	case latency:
		if set.Region == other.Region {
			return fmt.Sprintf("a latency RRSet with the same name, type, and region %s already exists", set.Region)
		}
	case failover:
		if set.Failover == other.Failover {
			return fmt.Sprintf("a %s failover RRSet with the same name and type already exists", set.Failover)
		}
	case geolocation:
		if placeName(set.GeoLocation) == placeName(other.GeoLocation) {
			return fmt.Sprintf("a geolocation RRSet with the same name, type, and location [%s] already exists",
				placeName(set.GeoLocation))
		}
	case ipBased:
		mine, theirs := set.CidrRoutingConfig, other.CidrRoutingConfig
		if *mine.CollectionId != *theirs.CollectionId {
			return "an RRSet with the same name and type uses another CIDR collection"
		}
		if *mine.LocationName == *theirs.LocationName {
			return fmt.Sprintf("an RRSet with the same name, type, and CIDR location %s already exists", *mine.LocationName)
		}
	}
	return ""
}

var continents = map[string]string{
	"AF": "Africa", "AN": "Antarctica", "AS": "Asia", "EU": "Europe",
	"OC": "Oceania", "NA": "North America", "SA": "South America",
}

// countries are the ISO 3166-1 alpha-2 codes.
const countries = "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT " +
	"BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI " +
	"FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ " +
	"IR IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK " +
	"ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN " +
	"PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH " +
	"TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW"

func isCountry(code string) bool {
	return len(code) == 2 && slices.Contains(strings.Fields(countries), code)
}

var usStates = strings.Fields("AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV " +
	"NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY")
