package route53

import (
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

// Zone is the content of a hosted zone for a DNS server or a test.
type Zone struct {
	// ID is bare, Name normal with its trailing dot.
	ID, Name string
	Account  string
	Private  bool
	// VPCs are the ids of a private zone's VPCs.
	VPCs []string
	// RecordSets are in the order of listings, with normal names.
	RecordSets []types.ResourceRecordSet
	// Keys sign the zone; there are none unless it is signing.
	Keys []dnsserver.SigningKey
}

// Zones lists all zones, the oldest first, neither metered nor throttled.
func (s *Service) Zones() []Zone {
	var listed []Zone
	zones := s.now().zones.sorted()
	slices.SortStableFunc(zones, func(a, b *zone) int { return a.created.Compare(b.created) })
	now := s.env.Clock.Now()
	for _, z := range zones {
		listed = append(listed, z.exported(now))
	}
	return listed
}

// Zone is one zone by its bare or prefixed id.
func (s *Service) Zone(id string) (Zone, bool) {
	z, ok := s.now().zones[bareID(id)]
	if !ok {
		return Zone{}, false
	}
	return z.exported(s.env.Clock.Now()), true
}

// Generation changes whenever a zone does, by a call or because a change of its
// signing has come into force.
func (s *Service) Generation() uint64 {
	const mostTurns = 1 << 20
	now, turned := s.env.Clock.Now(), uint64(0)
	for _, turn := range s.now().turns {
		if !turn.After(now) {
			turned++
		}
	}
	return s.generation.Load()*mostTurns + turned
}

func (zones zoneMap) sorted() []*zone {
	return slices.SortedFunc(maps.Values(zones), func(a, b *zone) int { return strings.Compare(a.id, b.id) })
}

func (z *zone) exported(now time.Time) Zone {
	shown := Zone{ID: z.id, Name: z.name, Account: z.account, Private: z.private, Keys: z.dnssec.signingKeys(now)}
	for _, vpc := range z.vpcs {
		shown.VPCs = append(shown.VPCs, aws.ToString(vpc.VPCId))
	}
	shown.RecordSets = z.recordSets(z.records)
	return shown
}

func (z *zone) recordSets(records []record) []types.ResourceRecordSet {
	sets := make([]types.ResourceRecordSet, len(records))
	for i, r := range records {
		sets[i] = *r.set
	}
	return sets
}
