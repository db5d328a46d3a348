package route53

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

const cloudFrontZone = "Z2FDTNDATAQYW2"

// serviceZones are the hosted zones of AWS services that alias records name,
// with the pattern of the names that lie in them.
var serviceZones = func() map[string]*regexp.Regexp {
	zones := map[string]*regexp.Regexp{
		cloudFrontZone:   regexp.MustCompile(`\.cloudfront\.net\.$`),
		"Z2BJ6XQ5FK7U4H": regexp.MustCompile(`\.awsglobalaccelerator\.com\.$`),
	}
	for region, ids := range loadBalancerZones {
		application, network, _ := strings.Cut(ids, " ")
		zones[application] = regexp.MustCompile(`\.` + region + `\.elb\.amazonaws\.com\.$`)
		zones[network] = regexp.MustCompile(`\.elb\.` + region + `\.amazonaws\.com\.$`)
	}
	return zones
}()

// loadBalancerZones are the canonical hosted zones of application and classic
// load balancers, and of network load balancers.
var loadBalancerZones = map[string]string{
	"us-east-1":      "Z35SXDOTRQ7X7K Z26RNL4JYFTOTI",
	"us-east-2":      "Z3AADJGX6KTTL2 ZLMOA37VPKANP",
	"us-west-1":      "Z368ELLRRE2KJ0 Z24FKFUX50B4VW",
	"us-west-2":      "Z1H1FL5HABSF5 Z18D5FSROUN65G",
	"ca-central-1":   "ZQSVJUPU6J1EY Z2EPGBW3API2WT",
	"eu-west-1":      "Z32O12XQLNTSW2 Z2IFOLAFXWLO4F",
	"eu-west-2":      "ZHURV8PSTC4K8 ZD4D7Y8KGAS4G",
	"eu-central-1":   "Z215JYRZR1TBD5 Z3F0SRJ5LGBH90",
	"ap-northeast-1": "Z14GRHDCWA56QT Z31USIVHYNEOWT",
	"ap-southeast-1": "Z1LMS91P8CMLE5 ZKVM4W9LS7TM",
	"ap-southeast-2": "Z1GM3OXH4ZPM65 ZCT6FZBF4DROD",
	"sa-east-1":      "Z2P70J7HTTTPLU ZTK26PT1VY4CU",
}

// LoadBalancerZones are the canonical hosted zones of a region's application
// and of its network load balancers; empty for a region that is not in the table.
func LoadBalancerZones(region string) (application, network string) {
	application, network, _ = strings.Cut(loadBalancerZones[region], " ")
	return application, network
}

// awsName is a name of some AWS service, whose zone is not in the table.
var awsName = regexp.MustCompile(`\.(amazonaws\.com|amazonaws\.com\.cn|elasticbeanstalk\.com|on\.aws|api\.aws|vpce\.amazonaws\.com)\.$`)

// aliasProblems tells why an alias cannot target what it names.
func (b *batch) aliasProblems(set *types.ResourceRecordSet) []string {
	alias := set.AliasTarget
	target, wrong := parseName(*alias.DNSName)
	if wrong != nil {
		return []string{fmt.Sprintf("Invalid Resource Record: '%s'", wrong.with(*alias.DNSName))}
	}
	if set.Type == types.RRTypeNs || set.Type == types.RRTypeSoa {
		return []string{fmt.Sprintf("RRSet of type %s with DNS name %s is not permitted to be an alias.", set.Type, *set.Name)}
	}
	if *alias.HostedZoneId == b.zone.id {
		return b.ownTargetProblems(set, target)
	}
	refusal := func(why string) []string {
		return []string{fmt.Sprintf("Tried to create an alias that targets %s, type %s in zone %s, but %s",
			target, set.Type, *alias.HostedZoneId, why)}
	}
	names, known := serviceZones[*alias.HostedZoneId]
	switch {
	case !known && !awsName.MatchString(target), known && !names.MatchString(target):
		return refusal("the alias target name does not lie within the target zone")
	case *alias.HostedZoneId == cloudFrontZone && b.zone.private:
		return refusal("a CloudFront distribution cannot be the target in a private hosted zone")
	case *alias.HostedZoneId == cloudFrontZone && alias.EvaluateTargetHealth:
		return refusal("EvaluateTargetHealth cannot be true for a CloudFront distribution")
	}
	return nil
}

// ownTargetProblems are those of an alias to a record set of the same zone,
// which must exist when the batch is through.
func (b *batch) ownTargetProblems(set *types.ResourceRecordSet, target string) []string {
	refusal := fmt.Sprintf("Tried to create an alias that targets %s, type %s in zone %s, but ", target, set.Type, b.zone.id)
	if !within(target, b.zone.name) {
		return []string{refusal + "the alias target name does not lie within the target zone"}
	}
	for _, candidate := range b.outcome(sortName(target)) {
		if candidate != set && candidate.Type == set.Type &&
			(*candidate.Name != *set.Name || aws.ToString(candidate.SetIdentifier) != aws.ToString(set.SetIdentifier)) {
			return nil
		}
	}
	return []string{refusal + "that target was not found"}
}

// outcome lists the record sets of a name as the batch leaves them.
func (b *batch) outcome(name string) []*types.ResourceRecordSet {
	var sets []*types.ResourceRecordSet
	if touched, ok := b.touched[name]; ok {
		for _, set := range touched {
			sets = append(sets, set)
		}
		return sets
	}
	for _, r := range b.zone.named(name) {
		sets = append(sets, r.set)
	}
	return sets
}
