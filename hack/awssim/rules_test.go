package awssim_test

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
)

// refusal is a batch that must be refused after what was there before.
type refusal struct {
	before  []types.Change
	changes []types.Change
	code    string
	message string
}

func batchOf(message string, changes ...types.Change) refusal {
	return refusal{changes: changes, code: "InvalidChangeBatch", message: "[" + message + "]"}
}

func invalid(message string, changes ...types.Change) refusal {
	return refusal{changes: changes, code: "InvalidInput", message: message}
}

func (r refusal) after(before ...types.Change) refusal {
	r.before = before
	return r
}

func bad(value, problem string) string {
	return "Invalid Resource Record: 'FATAL problem: " + problem + " encountered with '" + value + "''"
}

func value(rrtype types.RRType, text, problem string) refusal {
	return batchOf(bad(text, problem), create(rrset("x.example.com", rrtype, []string{text})))
}

var (
	x   = a("x.example.com", "192.0.2.1")
	www = "www.example.com"
)

func latencyIn(id string, region types.ResourceRecordSetRegion) func(*types.ResourceRecordSet) {
	return withSet(id, func(set *types.ResourceRecordSet) { set.Region = region })
}

func failoverAs(id string, role types.ResourceRecordSetFailover) func(*types.ResourceRecordSet) {
	return withSet(id, func(set *types.ResourceRecordSet) {
		set.Failover = role
		if role == types.ResourceRecordSetFailoverPrimary {
			set.HealthCheckId = aws.String(checkA)
		}
	})
}

func geo(id string, place types.GeoLocation) func(*types.ResourceRecordSet) {
	return withSet(id, func(set *types.ResourceRecordSet) { set.GeoLocation = &place })
}

func near(id string, place types.GeoProximityLocation) func(*types.ResourceRecordSet) {
	return withSet(id, func(set *types.ResourceRecordSet) { set.GeoProximityLocation = &place })
}

func cidr(id, collection, location string) func(*types.ResourceRecordSet) {
	return withSet(id, func(set *types.ResourceRecordSet) {
		set.CidrRoutingConfig = &types.CidrRoutingConfig{CollectionId: &collection, LocationName: &location}
	})
}

func answer(id string) func(*types.ResourceRecordSet) {
	return withSet(id, func(set *types.ResourceRecordSet) { set.MultiValueAnswer = aws.Bool(true) })
}

// aliasesTo puts the zone's id where an alias has ZONE.
func aliasesTo(zone string, changes []types.Change) []types.Change {
	ready := []types.Change{}
	for _, c := range changes {
		set := *c.ResourceRecordSet
		if set.AliasTarget != nil && *set.AliasTarget.HostedZoneId == "ZONE" {
			target := *set.AliasTarget
			target.HostedZoneId = &zone
			set.AliasTarget = &target
		}
		ready = append(ready, types.Change{Action: c.Action, ResourceRecordSet: &set})
	}
	return ready
}

const (
	collectionA = "00000000-0000-0000-0000-00000000000a"
	collectionB = "00000000-0000-0000-0000-00000000000b"
	checkA      = "00000000-0000-0000-0000-0000000000ca"
	forms       = "Invalid request: Expected exactly one of [AliasTarget, all of [TTL, and ResourceRecords], or TrafficPolicyInstanceId], but found "
	inX         = " in Change with [Action=CREATE, Name=x.example.com, Type=A, SetIdentifier="
)

// named makes what records name by the ids above: two CIDR collections and a health check.
func (s *sim) named() {
	GinkgoHelper()
	state := strings.NewReplacer("<a>", collectionA, "<b>", collectionB, "<check>", checkA, "'", `"`).Replace(`{'vpcs': [{'id': 'vpc-0main', 'region': 'us-east-1', 'account': '123456789012'}], 'services': {'route53': {
		'cidrCollections': [
			{'id': '<a>', 'account': '123456789012', 'name': 'a', 'version': 1, 'blocks': {'10.1.0.0/16': 'a', '10.2.0.0/16': 'office'}},
			{'id': '<b>', 'account': '123456789012', 'name': 'b', 'version': 1, 'blocks': {'10.1.0.0/16': 'b'}}],
		'healthChecks': [{'id': '<check>', 'account': '123456789012', 'config': {'Type': 'TCP', 'IPAddress': '192.0.2.1', 'Port': 80}}]}}}`)
	Expect(s.LoadState([]byte(state))).To(Succeed())
}

var _ = DescribeTable("A refused change batch",
	func(ctx SpecContext, r refusal) {
		s := start(awssim.Options{Quotas: route53.Quotas{RecordsPerZone: 6, ValuesPerRecord: 3, RecordsPerSet: 3, GeoproximityInSet: 2}})
		s.named()
		zone := s.zone(ctx, "example.com")
		if r.before != nil {
			s.mustChange(ctx, zone, r.before...)
		}
		state, err := s.StateJSON()
		Expect(err).NotTo(HaveOccurred())
		err = s.change(ctx, zone, aliasesTo(zone, r.changes)...)
		Expect(codeOf(err)).To(Equal(r.code))
		Expect(messageOf(err)).To(Equal(strings.ReplaceAll(r.message, "ZONE", strings.TrimPrefix(zone, "/hostedzone/"))))
		Expect(s.StateJSON()).To(MatchJSON(state), "nothing is applied")
	},

	// What exists and what does not.
	Entry("CREATE of what exists", batchOf("Tried to create resource record set [name='x.example.com.', type='A'] but it already exists",
		create(x)).after(create(x))),
	Entry("CREATE of what exists with a set identifier", batchOf(
		"Tried to create resource record set [name='x.example.com.', type='A', set-identifier='one'] but it already exists",
		create(a("x.example.com", "192.0.2.1", weight("one", 1)))).after(create(a("x.example.com", "192.0.2.1", weight("one", 1))))),
	Entry("DELETE of what does not exist", batchOf("Tried to delete resource record set [name='x.example.com.', type='A'] but it was not found", remove(x))),
	Entry("DELETE with other values", batchOf("Tried to delete resource record set [name='x.example.com.', type='A'] but the values provided do not match the current values",
		remove(a("x.example.com", "192.0.2.2"))).after(create(x))),
	Entry("DELETE with another TTL", batchOf("Tried to delete resource record set [name='x.example.com.', type='A'] but the values provided do not match the current values",
		remove(a("x.example.com", "192.0.2.1", func(set *types.ResourceRecordSet) { set.TTL = aws.Int64(61) }))).after(create(x))),
	Entry("one set twice in a batch", batchOf("The request contains an invalid set of changes for a resource record set 'A x.example.com.'", upsert(x), upsert(x))),
	Entry("a set deleted twice", batchOf("The request contains an invalid set of changes for a resource record set 'A x.example.com.'",
		remove(x), remove(x)).after(create(x))),
	Entry("several problems at once", batchOf("Tried to delete resource record set [name='x.example.com.', type='A'] but it was not found, "+
		"RRSet with DNS name example.org. is not permitted in zone example.com.",
		remove(x), create(a("example.org", "192.0.2.1")), create(a("fine.example.com", "192.0.2.1")))),

	// Where a type may be.
	Entry("a name outside the zone", batchOf("RRSet with DNS name notexample.com. is not permitted in zone example.com.", create(a("notexample.com", "192.0.2.1")))),
	Entry("CNAME at the apex", batchOf("RRSet of type CNAME with DNS name example.com. is not permitted at apex in zone example.com., "+
		"RRSet of type CNAME with DNS name example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.",
		create(rrset("example.com", types.RRTypeCname, []string{"a.b"})))),
	Entry("another type beside a CNAME", batchOf("RRSet of type A with DNS name x.example.com. is not permitted because a conflicting RRSet of type  CNAME with the same DNS name already exists in zone example.com.",
		create(x)).after(create(rrset("x.example.com", types.RRTypeCname, []string{"a.b"})))),
	Entry("a CNAME beside another type", batchOf("RRSet of type CNAME with DNS name x.example.com. is not permitted as it conflicts with other records with the same DNS name in zone example.com.",
		upsert(rrset("x.example.com", types.RRTypeCname, []string{"a.b"}))).after(create(x))),
	Entry("two CNAME values", batchOf("RRSet of type CNAME with DNS name x.example.com. must have exactly one value.",
		create(rrset("x.example.com", types.RRTypeCname, []string{"a.b", "a.c"})))),
	Entry("SOA below the apex", batchOf("RRSet of type SOA with DNS name x.example.com. is permitted only at apex in zone example.com.",
		create(rrset("x.example.com", types.RRTypeSoa, []string{"a. b. 1 2 3 4 5"})))),
	Entry("a wildcard NS", batchOf(`RRSet of type NS with DNS name \052.example.com. is not permitted to be a wildcard.`,
		create(rrset("*.example.com", types.RRTypeNs, []string{"a.b"})))),
	Entry("DS at the apex", batchOf("RRSet of type DS with DNS name example.com. is not permitted at apex in zone example.com.",
		create(rrset("example.com", types.RRTypeDs, []string{"1 2 3 ab"})))),

	// Names.
	Entry("an empty label", batchOf("FATAL problem: DomainLabelEmpty (Domain label is empty) encountered with 'x..example.com'", create(a("x..example.com", "192.0.2.1")))),
	Entry("a long label", batchOf("FATAL problem: DomainLabelTooLong (Domain label is too long) encountered with '"+strings.Repeat("a", 64)+".example.com'",
		create(a(strings.Repeat("a", 64)+".example.com", "192.0.2.1")))),
	Entry("a long name", batchOf("FATAL problem: DomainNameTooLong (Domain name is too long) encountered with '"+strings.Repeat("aaaaaaa.", 31)+"example.com'",
		create(a(strings.Repeat("aaaaaaa.", 31)+"example.com", "192.0.2.1")))),
	Entry("a raw byte that must be escaped", batchOf("FATAL problem: UnsupportedCharacter (Value contains unsupported characters) encountered with 'é.example.com'", create(a("é.example.com", "192.0.2.1")))),

	// Values.
	Entry("A", value(types.RRTypeA, "x", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)")),
	Entry("A with spaces", value(types.RRTypeA, "192.0.2.1 192.0.2.2", "ARRDATANotSingleField (Value contains spaces)")),
	Entry("A of IPv6", value(types.RRTypeA, "2001:db8::1", "ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address)")),
	Entry("AAAA", value(types.RRTypeAaaa, "192.0.2.1", "AAAARRDATAIllegalIPv6Address (Value is not a valid IPv6 address)")),
	Entry("CNAME with spaces", value(types.RRTypeCname, "a b", "CNAMERRDATANotSingleField (Value contains spaces)")),
	Entry("NS with an empty label", value(types.RRTypeNs, "a..b", "DomainLabelEmpty (Domain label is empty)")),
	Entry("MX without preference", value(types.RRTypeMx, "mail.example.com", "MXRRDATANotTwoFields (MX record doesn't have 2 fields)")),
	Entry("MX with a wild preference", value(types.RRTypeMx, "65536 mail.example.com", "MXRRDATAIllegalPreference (Preference is not a number between 0 and 65535)")),
	Entry("SRV of three fields", value(types.RRTypeSrv, "1 2 3", "SRVRRDATANotFourFields (SRV record doesn't have 4 fields)")),
	Entry("TXT without quotes", value(types.RRTypeTxt, "v=spf1", "InvalidCharacterString (Value should be enclosed in quotation marks)")),
	Entry("TXT with an open quote", value(types.RRTypeTxt, `"v=spf1`, "InvalidCharacterString (Value should be enclosed in quotation marks)")),
	Entry("TXT with strings that touch", value(types.RRTypeTxt, `"a""b"`, "InvalidCharacterString (Value should be enclosed in quotation marks)")),
	Entry("TXT with a long string", value(types.RRTypeTxt, `"`+strings.Repeat("a", 256)+`"`, "CharacterStringTooLong (Value is too long)")),
	Entry("SPF with a raw byte", value(types.RRTypeSpf, `"é"`, "UnsupportedCharacter (Value contains unsupported characters)")),
	Entry("CAA flags", value(types.RRTypeCaa, `1 issue "a.b"`, "CAARRDATAIllegalFlags (Flags must be 0 or 128)")),
	Entry("CAA tag", value(types.RRTypeCaa, `0 is-sue "a.b"`, "CAARRDATAIllegalTag (Tag is not alphanumeric)")),
	Entry("CAA of two fields", value(types.RRTypeCaa, `0 issue`, "CAARRDATANotThreeFields (CAA record doesn't have 3 fields)")),
	Entry("CAA unquoted", value(types.RRTypeCaa, `0 issue a.b`, "InvalidCharacterString (Value should be enclosed in quotation marks)")),
	Entry("NAPTR", value(types.RRTypeNaptr, `100 50 "u" "sip" ""`, "NAPTRRRDATANotSixFields (NAPTR record doesn't have 6 fields)")),
	Entry("DS", value(types.RRTypeDs, "1 2 3 xyz", "DSRRDATAIllegalHex (Value is not a valid hexadecimal string)")),
	Entry("TLSA", value(types.RRTypeTlsa, "3 1 ab", "TLSARRDATANotFourFields (TLSA record doesn't have 4 fields)")),
	Entry("SSHFP", value(types.RRTypeSshfp, "x 1 ab", "SSHFPRRDATAIllegalAlgorithm (Algorithm is not a number between 0 and 255)")),
	Entry("HTTPS alias with parameters", value(types.RRTypeHttps, "0 a.b port=1", "HTTPSRRDATAAliasModeWithParameters (A record of priority 0 has no parameters)")),
	Entry("SVCB with a parameter twice", value(types.RRTypeSvcb, "1 a.b port=1 port=2", "SVCBRRDATADuplicateParameter (Parameter is given twice)")),
	Entry("a value twice", batchOf("Duplicate Resource Record: '192.0.2.1'", create(rrset("x.example.com", types.RRTypeA, []string{"192.0.2.1", "192.0.2.1"})))),

	// The zone's own records.
	Entry("the apex NS deleted", batchOf("Tried to delete resource record set [name='example.com.', type='NS'] but the values provided do not match the current values",
		remove(rrset("example.com", types.RRTypeNs, []string{"a.b"})))),

	// Policies.
	Entry("simple beside weighted", batchOf("RRSet with DNS name x.example.com., type A cannot be created as other RRSets exist with the same name and type.",
		create(x)).after(create(a("x.example.com", "192.0.2.1", weight("one", 1))))),
	Entry("latency beside simple", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier s, and Region Name=eu-west-2 cannot be created because a non-latency RRSet with the same name and type already exists.",
		create(a("x.example.com", "192.0.2.1", latencyIn("s", types.ResourceRecordSetRegionEuWest2)))).after(create(x))),
	Entry("geolocation beside simple", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier s, and routing to [continent = (NA, North America)] cannot be created because a non-GEO RRSet with the same name and type already exists",
		create(a("x.example.com", "192.0.2.1", geo("s", types.GeoLocation{ContinentCode: aws.String("NA")})))).after(create(x))),
	Entry("multivalue beside weighted", batchOf(`RRSet with DNS name x.example.com., type A, SetIdentifier "s" cannot be created because a non multivalue answer rrset exists with the same name and type.`,
		create(a("x.example.com", "192.0.2.1", answer("s")))).after(create(a("x.example.com", "192.0.2.1", weight("one", 1))))),
	Entry("weighted beside failover", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier w, and Weight 5 cannot be created because a non-weighted RRSet with the same name and type already exists.",
		create(a("x.example.com", "192.0.2.1", weight("w", 5)))).after(create(a("x.example.com", "192.0.2.1", failoverAs("p", types.ResourceRecordSetFailoverPrimary))))),
	Entry("weighted siblings with two TTLs", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier two cannot be created because its TTL 61 differs from the TTL 60 of other weighted RRSets with the same name and type.",
		create(a("x.example.com", "192.0.2.2", weight("two", 1), func(set *types.ResourceRecordSet) { set.TTL = aws.Int64(61) }))).
		after(create(a("x.example.com", "192.0.2.1", weight("one", 1))))),
	Entry("one region twice", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier two cannot be created because a latency RRSet with the same name, type, and region us-east-1 already exists.",
		create(a("x.example.com", "192.0.2.2", latencyIn("two", types.ResourceRecordSetRegionUsEast1)))).
		after(create(a("x.example.com", "192.0.2.1", latencyIn("one", types.ResourceRecordSetRegionUsEast1))))),
	Entry("two primaries", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier two cannot be created because a PRIMARY failover RRSet with the same name and type already exists.",
		create(a("x.example.com", "192.0.2.2", failoverAs("two", types.ResourceRecordSetFailoverPrimary)))).
		after(create(a("x.example.com", "192.0.2.1", failoverAs("one", types.ResourceRecordSetFailoverPrimary))))),
	Entry("one country twice", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier two cannot be created because a geolocation RRSet with the same name, type, and location [country = DE] already exists.",
		create(a("x.example.com", "192.0.2.2", geo("two", types.GeoLocation{CountryCode: aws.String("DE")})))).
		after(create(a("x.example.com", "192.0.2.1", geo("one", types.GeoLocation{CountryCode: aws.String("DE")}))))),
	Entry("two CIDR collections", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier two cannot be created because an RRSet with the same name and type uses another CIDR collection.",
		create(a("x.example.com", "192.0.2.2", cidr("two", collectionB, "b")))).after(create(a("x.example.com", "192.0.2.1", cidr("one", collectionA, "a"))))),
	Entry("one CIDR location twice", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier two cannot be created because an RRSet with the same name, type, and CIDR location * already exists.",
		create(a("x.example.com", "192.0.2.2", cidr("two", collectionA, "*")))).after(create(a("x.example.com", "192.0.2.1", cidr("one", collectionA, "*"))))),
	Entry("NS with a policy", batchOf("RRSet of type NS with DNS name x.example.com. is not permitted to have a weighted routing policy.",
		create(rrset("x.example.com", types.RRTypeNs, []string{"a.b"}, weight("one", 1))))),
	Entry("a multivalue CNAME", batchOf("RRSet of type CNAME with DNS name x.example.com. is not permitted to be a multivalue answer.",
		create(rrset("x.example.com", types.RRTypeCname, []string{"a.b"}, answer("one"))))),

	Entry("a primary that nothing checks", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier p, and Failover PRIMARY must have a health check or, as an alias, evaluate the health of its target.",
		create(a("x.example.com", "192.0.2.1", withSet("p", func(set *types.ResourceRecordSet) { set.Failover = types.ResourceRecordSetFailoverPrimary }))))),
	Entry("an unknown CIDR collection", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier s cannot be created because the CIDR collection "+checkA+" does not exist.",
		create(a("x.example.com", "192.0.2.1", cidr("s", checkA, "*"))))),
	Entry("an unknown CIDR location", batchOf("RRSet with DNS name x.example.com., type A, SetIdentifier s cannot be created because the CIDR collection "+collectionA+" has no location b.",
		create(a("x.example.com", "192.0.2.1", cidr("s", collectionA, "b"))))),

	// Aliases.
	Entry("alias to a missing record of the zone", batchOf("Tried to create an alias that targets www.example.com., type A in zone ZONE, but that target was not found",
		create(alias("x.example.com", types.RRTypeA, "ZONE", www)))),
	Entry("alias to another type", batchOf("Tried to create an alias that targets www.example.com., type AAAA in zone ZONE, but that target was not found",
		create(alias("x.example.com", types.RRTypeAaaa, "ZONE", www))).after(create(a(www, "192.0.2.1")))),
	Entry("alias to itself", batchOf("Tried to create an alias that targets x.example.com., type A in zone ZONE, but that target was not found",
		create(alias("x.example.com", types.RRTypeA, "ZONE", "x.example.com")))),
	Entry("alias outside its zone", batchOf("Tried to create an alias that targets www.example.org., type A in zone ZONE, but the alias target name does not lie within the target zone",
		create(alias("x.example.com", types.RRTypeA, "ZONE", "www.example.org")))),
	Entry("alias with a load balancer's name and a wrong zone", batchOf("Tried to create an alias that targets lb-1.us-east-1.elb.amazonaws.com., type A in zone Z215JYRZR1TBD5, but the alias target name does not lie within the target zone",
		create(alias("x.example.com", types.RRTypeA, "Z215JYRZR1TBD5", "lb-1.us-east-1.elb.amazonaws.com")))),
	Entry("alias to an unknown zone", batchOf("Tried to create an alias that targets www.example.org., type A in zone Z000, but the alias target name does not lie within the target zone",
		create(alias("x.example.com", types.RRTypeA, "Z000", "www.example.org")))),
	Entry("an NS alias", batchOf("RRSet of type NS with DNS name x.example.com. is not permitted to be an alias.",
		create(alias("x.example.com", types.RRTypeNs, "ZONE", "example.com")))),

	// Limits.
	Entry("too many values in a record", batchOf("Number of values limit of 3 in RRSet with DNS name x.example.com., type A exceeded.",
		create(rrset("x.example.com", types.RRTypeA, []string{"192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4"})))),
	Entry("too many records in a zone", batchOf("Number of resource record sets limit of 6 in zone example.com. exceeded.",
		create(a("1.example.com", "192.0.2.1")), create(a("2.example.com", "192.0.2.1")), create(a("3.example.com", "192.0.2.1")),
		create(a("4.example.com", "192.0.2.1")), create(a("5.example.com", "192.0.2.1")))),
	Entry("too many records of one name and type", batchOf("Number of weighted RRSets limit of 3 with DNS name x.example.com. and type A exceeded.",
		create(a("x.example.com", "192.0.2.4", weight("4", 1)))).after(create(a("x.example.com", "192.0.2.1", weight("1", 1))),
		create(a("x.example.com", "192.0.2.2", weight("2", 1))), create(a("x.example.com", "192.0.2.3", weight("3", 1))))),

	// What the request itself must be.
	Entry("neither values nor alias", invalid(forms+"none"+inX+"null]", create(types.ResourceRecordSet{Name: aws.String("x.example.com"), Type: types.RRTypeA}))),
	Entry("a TTL without values", invalid(forms+"none"+inX+"null]", create(rrset("x.example.com", types.RRTypeA, nil)))),
	Entry("values and alias", invalid(forms+"more than one"+inX+"null]", create(a("x.example.com", "192.0.2.1", func(set *types.ResourceRecordSet) {
		set.AliasTarget = &types.AliasTarget{HostedZoneId: aws.String("Z1"), DNSName: &www}
	})))),
	Entry("an alias with a TTL", invalid(forms+"more than one"+inX+"null]", create(func() types.ResourceRecordSet {
		set := alias("x.example.com", types.RRTypeA, "Z1", www)
		set.TTL = aws.Int64(1)
		return set
	}()))),
	Entry("a policy without set identifier", invalid("Invalid request: Missing field 'SetIdentifier'"+inX+"null]",
		create(a("x.example.com", "192.0.2.1", func(set *types.ResourceRecordSet) { set.Weight = aws.Int64(1) })))),
	Entry("a set identifier without policy", invalid("Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, CidrRoutingConfig, or GeoProximityLocation], but found none"+inX+"s]",
		create(a("x.example.com", "192.0.2.1", withSet("s", func(*types.ResourceRecordSet) {}))))),
	Entry("two policies", invalid("Invalid request: Expected exactly one of [Weight, Region, Failover, GeoLocation, MultiValueAnswer, CidrRoutingConfig, or GeoProximityLocation], but found more than one"+inX+"s]",
		create(a("x.example.com", "192.0.2.1", weight("s", 1), latencyIn("s", types.ResourceRecordSetRegionEuWest1))))),
	Entry("continent and country", invalid("Invalid request: Expected exactly one of [ContinentCode, or CountryCode] in GeoLocation, but found more than one"+inX+"s]",
		create(a("x.example.com", "192.0.2.1", geo("s", types.GeoLocation{ContinentCode: aws.String("EU"), CountryCode: aws.String("DE")}))))),
	Entry("an unknown country", invalid("Invalid request: Invalid CountryCode 'XX' in GeoLocation"+inX+"s]",
		create(a("x.example.com", "192.0.2.1", geo("s", types.GeoLocation{CountryCode: aws.String("XX")}))))),
	Entry("an unknown state", invalid("Invalid request: Invalid SubdivisionCode 'XX' in GeoLocation"+inX+"s]",
		create(a("x.example.com", "192.0.2.1", geo("s", types.GeoLocation{CountryCode: aws.String("US"), SubdivisionCode: aws.String("XX")}))))),
	Entry("two places", invalid("Invalid request: Expected exactly one of [AWSRegion, LocalZoneGroup, or Coordinates] in GeoProximityLocation, but found none"+inX+"s]",
		create(a("x.example.com", "192.0.2.1", near("s", types.GeoProximityLocation{Bias: aws.Int32(1)}))))),
	Entry("a latitude beyond the pole", invalid("Invalid request: Expected Latitude between -90 and 90, but found 91.5"+inX+"s]",
		create(a("x.example.com", "192.0.2.1", near("s", types.GeoProximityLocation{Coordinates: &types.Coordinates{Latitude: aws.String("91.5"), Longitude: aws.String("1")}}))))),
	Entry("a multivalue alias", invalid("Invalid request: Expected MultiValueAnswer not to be used with AliasTarget, but found both"+inX+"s]",
		create(func() types.ResourceRecordSet {
			set := alias("x.example.com", types.RRTypeA, "Z1", www)
			answer("s")(&set)
			return set
		}()))),
	Entry("a TTL out of range", invalid("1 validation error detected: Value '2147483648' at 'changeBatch.changes.1.member.resourceRecordSet.tTL' failed to satisfy constraint: Member must have value less than or equal to 2147483647",
		create(a("x.example.com", "192.0.2.1", func(set *types.ResourceRecordSet) { set.TTL = aws.Int64(2147483648) })))),
	Entry("a weight and a bias out of range", invalid("2 validation errors detected: Value '256' at 'changeBatch.changes.1.member.resourceRecordSet.weight' failed to satisfy constraint: Member must have value less than or equal to 255; "+
		"Value '-100' at 'changeBatch.changes.2.member.resourceRecordSet.geoProximityLocation.bias' failed to satisfy constraint: Member must have value greater than or equal to -99",
		create(a("x.example.com", "192.0.2.1", weight("s", 256))), create(a("y.example.com", "192.0.2.1", near("s", types.GeoProximityLocation{AWSRegion: aws.String("us-east-1"), Bias: aws.Int32(-100)}))))),
	Entry("an unknown action", invalid("1 validation error detected: Value 'DESTROY' at 'changeBatch.changes.1.member.action' failed to satisfy constraint: Member must satisfy enum value set: [CREATE, DELETE, UPSERT]",
		types.Change{Action: "DESTROY", ResourceRecordSet: &x})),
	Entry("no changes", invalid("1 validation error detected: Value '[]' at 'changeBatch.changes' failed to satisfy constraint: Member must have length greater than or equal to 1")),

	// What does not exist.
	Entry("an unknown health check", refusal{changes: []types.Change{create(a("x.example.com", "192.0.2.1", func(set *types.ResourceRecordSet) { set.HealthCheckId = aws.String("abc") }))},
		code: "NoSuchHealthCheck", message: "No health check exists with the specified ID: abc"}),
	Entry("a traffic policy instance", refusal{changes: []types.Change{create(types.ResourceRecordSet{Name: &www, Type: types.RRTypeA, TrafficPolicyInstanceId: aws.String("abc")})},
		code: "NoSuchTrafficPolicyInstance", message: "No traffic policy instance exists with the specified ID: abc"}),
)
