package dnsserver

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// healthKey names the record sets an alias of one zone points to.
type healthKey struct {
	zone, name string
	recordType types.RRType
}

// isHealthy tells whether a record set may be picked: its health check passes,
// and if it is an alias that evaluates its target, that is healthy, too.
func (l *lookup) isHealthy(z *zone, set *types.ResourceRecordSet) bool {
	if set.HealthCheckId != nil && !l.options.Health(*set) {
		return false
	}
	if set.AliasTarget == nil || !set.AliasTarget.EvaluateTargetHealth {
		return true
	}
	if !z.holds(set.AliasTarget) {
		return l.options.TargetHealth(*set.AliasTarget)
	}
	return l.targetIsHealthy(z, set)
}

// targetIsHealthy tells whether any of the record sets the alias points to is healthy.
func (l *lookup) targetIsHealthy(z *zone, alias *types.ResourceRecordSet) bool {
	key := healthKey{zone: z.id, name: aws.ToString(alias.AliasTarget.DNSName), recordType: alias.Type}
	if healthy, known := l.healthy[key]; known {
		return healthy
	}
	l.healthy[key] = false
	target, err := parseName(key.name)
	if err != nil {
		return false // picked nevertheless when it is the only one, alias reports the error
	}
	sets := z.setsOf(target, alias.Type)
	for i := range sets {
		if l.isHealthy(z, &sets[i]) {
			l.healthy[key] = true
			return true
		}
	}
	return false
}

func (l *lookup) healthyOf(z *zone, sets []*types.ResourceRecordSet) []*types.ResourceRecordSet {
	var healthy []*types.ResourceRecordSet
	for _, set := range sets {
		if l.isHealthy(z, set) {
			healthy = append(healthy, set)
		}
	}
	return healthy
}
