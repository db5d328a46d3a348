package route53

import (
	"net/http"

	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/restxml"
)

const (
	namespace = "https://route53.amazonaws.com/doc/2013-04-01/"
	version   = "/2013-04-01"
)

var bindings = map[string]restxml.Binding{
	"CreateHostedZone": {Method: http.MethodPost, Path: version + "/hostedzone",
		Status: http.StatusCreated, Location: "Location"},
	"ListHostedZones": {Method: http.MethodGet, Path: version + "/hostedzone", Query: map[string]string{
		"marker": "Marker", "maxitems": "MaxItems",
		"delegationsetid": "DelegationSetId", "hostedzonetype": "HostedZoneType"}},
	"ListHostedZonesByName": {Method: http.MethodGet, Path: version + "/hostedzonesbyname",
		Query: map[string]string{"dnsname": "DNSName", "hostedzoneid": "HostedZoneId", "maxitems": "MaxItems"}},
	"GetHostedZoneCount":      {Method: http.MethodGet, Path: version + "/hostedzonecount"},
	"GetHostedZone":           {Method: http.MethodGet, Path: version + "/hostedzone/{Id}"},
	"UpdateHostedZoneComment": {Method: http.MethodPost, Path: version + "/hostedzone/{Id}"},
	"DeleteHostedZone":        {Method: http.MethodDelete, Path: version + "/hostedzone/{Id}"},
	"AssociateVPCWithHostedZone": {Method: http.MethodPost,
		Path: version + "/hostedzone/{HostedZoneId}/associatevpc"},
	"DisassociateVPCFromHostedZone": {Method: http.MethodPost,
		Path: version + "/hostedzone/{HostedZoneId}/disassociatevpc"},
	"ChangeResourceRecordSets": {Method: http.MethodPost, Path: version + "/hostedzone/{HostedZoneId}/rrset"},
	"ListResourceRecordSets": {Method: http.MethodGet, Path: version + "/hostedzone/{HostedZoneId}/rrset",
		Query: map[string]string{"name": "StartRecordName", "type": "StartRecordType",
			"identifier": "StartRecordIdentifier", "maxitems": "MaxItems"}},
	"GetChange":             {Method: http.MethodGet, Path: version + "/change/{Id}"},
	"ChangeTagsForResource": {Method: http.MethodPost, Path: version + "/tags/{ResourceType}/{ResourceId}"},
	"ListTagsForResource":   {Method: http.MethodGet, Path: version + "/tags/{ResourceType}/{ResourceId}"},
	"ListTagsForResources":  {Method: http.MethodPost, Path: version + "/tags/{ResourceType}"},
	"GetHostedZoneLimit":    {Method: http.MethodGet, Path: version + "/hostedzonelimit/{HostedZoneId}/{Type}"},
	"GetAccountLimit":       {Method: http.MethodGet, Path: version + "/accountlimit/{Type}"},
	"TestDNSAnswer": {Method: http.MethodGet, Path: version + "/testdnsanswer", Query: map[string]string{
		"hostedzoneid": "HostedZoneId", "recordname": "RecordName", "recordtype": "RecordType",
		"resolverip": "ResolverIP", "edns0clientsubnetip": "EDNS0ClientSubnetIP",
		"edns0clientsubnetmask": "EDNS0ClientSubnetMask"}},
}

// listMembers names the items of Route 53's lists of strings.
var listMembers = map[string]string{
	"NameServers": "NameServer",
	"RecordData":  "RecordDataEntry",
}

// changeThroughput is the account's bucket of record changes.
const changeThroughput = "change throughput"

// zoneChange is what creating or deleting a zone takes of it.
const zoneChange = 2

// rates are the limits Route 53 documents.
func rates() frame.Rates {
	const tags = "ThrottlingException"
	return frame.Rates{
		Code: "Throttling",
		CodeOf: map[string]string{
			"ChangeTagsForResource": tags, "ListTagsForResource": tags, "ListTagsForResources": tags,
		},
		Account: &frame.Bucket{Capacity: 50, Refill: 10},
		Default: &frame.Bucket{Capacity: 50, Refill: 10},
		Operations: map[string]frame.Bucket{
			"AssociateVPCWithHostedZone":    {Capacity: 20, Refill: 5},
			"DisassociateVPCFromHostedZone": {Capacity: 10, Refill: 5},
			"CreateHostedZone":              {Capacity: 40, Refill: 2},
			"DeleteHostedZone":              {Capacity: 40, Refill: 5},
		},
		Shared: map[string]frame.Bucket{changeThroughput: {Capacity: changeCapacity, Refill: 100}},
	}
}

// changeCapacity is how many changes an account can make at once.
const changeCapacity = 1500

// batchCharge is what a batch takes of the change throughput; one that exceeds
// the bucket is let through to be refused for its size.
func batchCharge(in *sdk.ChangeResourceRecordSetsInput) []frame.Charge {
	if in.ChangeBatch == nil {
		return nil
	}
	tokens := 0
	for _, c := range in.ChangeBatch.Changes {
		tokens++
		if c.Action == types.ChangeActionUpsert {
			tokens++
		}
	}
	return []frame.Charge{{Bucket: changeThroughput, Tokens: min(float64(tokens), changeCapacity)}}
}

// Definition tells the server how to serve Route 53.
func (s *Service) Definition() frame.Definition {
	return frame.Definition{
		Name:     "route53",
		Path:     version + "/",
		Global:   true,
		Protocol: restxml.New(namespace, bindings, listMembers),
		Rates:    rates(),
		Operations: []frame.Operation{
			frame.Charging("CreateHostedZone", func(*sdk.CreateHostedZoneInput) []frame.Charge {
				return []frame.Charge{{Bucket: changeThroughput, Tokens: zoneChange}}
			}, commit(s, s.createHostedZone)),
			frame.Charging("DeleteHostedZone", func(*sdk.DeleteHostedZoneInput) []frame.Charge {
				return []frame.Charge{{Bucket: changeThroughput, Tokens: zoneChange}}
			}, commit(s, s.deleteHostedZone)),
			frame.Op("GetHostedZone", s.getHostedZone),
			frame.Op("ListHostedZones", s.listHostedZones),
			frame.Op("ListHostedZonesByName", s.listHostedZonesByName),
			frame.Op("GetHostedZoneCount", s.getHostedZoneCount),
			frame.Op("UpdateHostedZoneComment", commit(s, s.updateHostedZoneComment)),
			frame.Op("AssociateVPCWithHostedZone", commit(s, s.associateVPC)),
			frame.Op("DisassociateVPCFromHostedZone", commit(s, s.disassociateVPC)),
			frame.Charging("ChangeResourceRecordSets", batchCharge, commit(s, s.changeResourceRecordSets)),
			frame.Op("ListResourceRecordSets", s.listResourceRecordSets),
			frame.Op("GetChange", s.getChange),
			frame.Op("ChangeTagsForResource", commit(s, s.changeTags)),
			frame.Op("ListTagsForResource", s.listTags),
			frame.Op("ListTagsForResources", s.listTagsOfMany),
			frame.Op("GetHostedZoneLimit", s.getHostedZoneLimit),
			frame.Op("GetAccountLimit", s.getAccountLimit),
			frame.Op("TestDNSAnswer", s.testDNSAnswer),
		},
	}
}
