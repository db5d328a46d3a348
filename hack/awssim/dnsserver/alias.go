package dnsserver

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
)

const (
	// maxAliases bounds chains of aliases; Route 53 would refuse to create a loop.
	maxAliases = 16
	// outsideTTL is what Route 53 serves aliases of load balancers with.
	outsideTTL = 60
)

// alias answers with what the alias's target has of the alias's type, under the name owner.
func (l *lookup) alias(z *zone, owner string, set *types.ResourceRecordSet, depth int) ([]Record, error) {
	if depth >= maxAliases {
		return nil, fmt.Errorf("alias %s %s: its targets form a loop or a chain longer than %d", owner, set.Type, maxAliases)
	}
	target, err := parseName(aws.ToString(set.AliasTarget.DNSName))
	if err != nil {
		return nil, fmt.Errorf("alias %s %s: %w", owner, set.Type, err)
	}
	if z.holds(set.AliasTarget) {
		return l.answer(z, owner, z.setsOf(target, set.Type), depth+1)
	}
	if records, known, err := l.outside(owner, target, set.Type); known || err != nil {
		return records, err
	}
	other := longest(l.index.public, target, dns.StringToType[string(set.Type)])
	if other == nil {
		return nil, nil
	}
	return l.answer(other, owner, other.setsOf(target, set.Type), depth+1)
}

// outside answers, under the name owner, with what a name outside of all zones
// has of a type, if somebody knows it.
func (l *lookup) outside(owner string, name domain, recordType types.RRType) (records []Record, known bool, err error) {
	values := l.options.Targets(name.String(), recordType)
	if values == nil {
		return nil, false, nil
	}
	records, err = renderValues(owner, recordType, outsideTTL, values)
	return l.shuffled(records), true, err
}

// holds tells whether the alias target is a record set of this zone.
func (z *zone) holds(target *types.AliasTarget) bool {
	return zoneID(aws.ToString(target.HostedZoneId)) == z.id
}

func (z *zone) setsOf(name domain, recordType types.RRType) []types.ResourceRecordSet {
	n := z.find(name).node
	if n == nil {
		return nil
	}
	return n.sets[dns.StringToType[string(recordType)]]
}
