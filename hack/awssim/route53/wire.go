package route53

import (
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	namespace = "https://route53.amazonaws.com/doc/2013-04-01/"
	version   = "/2013-04-01"
)

// listMembers names the items of Route 53's lists where it is not their type.
var listMembers = map[string]string{
	"NameServers":       "NameServer",
	"RecordData":        "RecordDataEntry",
	"Regions":           "Region",
	"ChildHealthChecks": "ChildHealthCheck",
	"CheckerIpRanges":   "member",
	"KeySigningKeys":    "member",
	"CidrCollections":   "member",
	"CidrLocations":     "member",
	"CidrBlocks":        "member",
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

			"CreateReusableDelegationSet":     {Capacity: 40, Refill: 2},
			"DeleteReusableDelegationSet":     {Capacity: 40, Refill: 5},
			"CreateHealthCheck":               {Capacity: 50, Refill: 0.5},
			"DeleteHealthCheck":               {Capacity: 15, Refill: 3},
			"GetHealthCheckStatus":            {Capacity: 4, Refill: 1},
			"GetHealthCheckLastFailureReason": {Capacity: 4, Refill: 1},
			"CreateCidrCollection":            {Capacity: 40, Refill: 5},
			"ChangeCidrCollection":            {Capacity: 40, Refill: 5},
			"DeleteCidrCollection":            {Capacity: 40, Refill: 5},
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
