package awsclient

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// ServiceRoute53 is the key of Route 53 in Options.Budgets and in the metrics' service label. A
// service's key is its SDK service id in lower case without spaces: route53, sts, autoscaling.
const ServiceRoute53 = "route53"

func serviceKey(serviceID string) string {
	return strings.ToLower(strings.ReplaceAll(serviceID, " ", ""))
}

// Rate is a token bucket as AWS documents its request limits: it holds at most Capacity tokens and
// gains Refill tokens a second. The zero Rate sets no limit.
type Rate struct{ Capacity, Refill float64 }

// Budget is the set of token buckets AWS keeps for one service in one account and region. A call
// needs a token of each bucket it falls under.
type Budget struct {
	// Account pays for all operations together.
	Account Rate
	// EachOperation is the size of the bucket that each operation not in Operations has of its own.
	EachOperation Rate
	// EachRead is, in place of EachOperation, the size for operations that change nothing; EachOperation when zero.
	EachRead Rate
	// Operations lists the operations whose own bucket has another size.
	Operations map[string]Rate
	// Groups are the buckets that several operations share, in place of one of their own each.
	Groups []Group
	// Throughput pays for what a call changes, at the price that Cost tells from the typed SDK input.
	Throughput Rate
	Cost       func(input any) float64
	// WriteReserve is the share of Account, 0 to 1, that reads leave to writes.
	WriteReserve float64
	// ReadPatience is, where it is longer than Options.Patience, the longest wait in place of a read. It is for services
	// where a look at one object takes many reads: refused in the middle, a look is lost, and if all are, none ever ends.
	ReadPatience time.Duration
}

// Group is a category of operations that draw on one bucket.
type Group struct {
	Name       string
	Rate       Rate
	Operations []string
}

const defaultWriteReserve = 0.2

// DefaultBudget is the modest budget of a service for which no limits are listed.
func DefaultBudget() Budget {
	return Budget{Account: Rate{Capacity: 10, Refill: 5}, WriteReserve: defaultWriteReserve}
}

// Route53Budget is the set of limits Route 53 documents as of 2026: 50 requests at once and 10 a
// second for the account, tables for single operations, and 1,500 record changes at once and 100 a second.
func Route53Budget() Budget {
	return Budget{
		Account:       Rate{50, 10},
		EachOperation: Rate{50, 10},
		Operations: map[string]Rate{
			"AssociateVPCWithHostedZone":      {20, 5},
			"DisassociateVPCFromHostedZone":   {10, 5},
			"CreateHostedZone":                {40, 2},
			"DeleteHostedZone":                {40, 5},
			"CreateReusableDelegationSet":     {40, 2},
			"DeleteReusableDelegationSet":     {40, 5},
			"CreateHealthCheck":               {50, 0.5},
			"DeleteHealthCheck":               {15, 3},
			"GetHealthCheckStatus":            {4, 1},
			"GetHealthCheckLastFailureReason": {4, 1},
			"ChangeCidrCollection":            {40, 5},
			"CreateCidrCollection":            {40, 5},
			"DeleteCidrCollection":            {40, 5},
			"CreateTrafficPolicyInstance":     {1, 1},
			"DeleteTrafficPolicyInstance":     {1, 1},
		},
		Throughput:   Rate{1500, 100},
		Cost:         route53Cost,
		WriteReserve: defaultWriteReserve,
	}
}

// Route53LegacyBudget is the flat limit of accounts that still have 5 Route 53 requests a second.
func Route53LegacyBudget() Budget {
	return Budget{Account: Rate{5, 5}, WriteReserve: defaultWriteReserve}
}

// route53Cost prices a call in record changes: UPSERT is a delete and a create, and a zone comes and
// goes with its NS and SOA records.
func route53Cost(input any) float64 {
	switch in := input.(type) {
	case *route53.CreateHostedZoneInput, *route53.DeleteHostedZoneInput:
		return 2
	case *route53.ChangeResourceRecordSetsInput:
		if in == nil || in.ChangeBatch == nil {
			return 0
		}
		cost := 0.0
		for _, change := range in.ChangeBatch.Changes {
			cost++
			if change.Action == types.ChangeActionUpsert {
				cost++
			}
		}
		return cost
	default:
		return 0
	}
}

// publishedBudgets are the budgets of the services whose limits are known.
func publishedBudgets() map[string]Budget {
	return map[string]Budget{
		ServiceRoute53: Route53Budget(), ServiceELBV2: ELBV2Budget(), ServiceEC2: EC2Budget(), ServiceACM: ACMBudget(),
		ServiceAutoScaling: AutoScalingBudget(), ServiceCloudWatch: CloudWatchBudget(),
	}
}

// own is the bucket that an operation draws on beside those of the account: its group's, or one of its own.
func (b Budget) own(operation string) (string, Rate) {
	for _, group := range b.Groups {
		if slices.Contains(group.Operations, operation) {
			return "group " + group.Name, group.Rate
		}
	}
	name := "operation " + operation
	if rate, listed := b.Operations[operation]; listed {
		return name, rate
	}
	if isRead(operation) && b.EachRead != (Rate{}) {
		return name, b.EachRead
	}
	return name, b.EachOperation
}

// scope names the limiter that an operation passes. Where no bucket pays for all operations together, what happens to
// one of them, a throttle for instance, is none of the others' business.
func (b Budget) scope(operation string) string {
	if b.Account != (Rate{}) || b.Throughput != (Rate{}) {
		return ""
	}
	name, _ := b.own(operation)
	return name
}

// scaled leaves the rest of each bucket to others who share the account.
func (b Budget) scaled(share float64) Budget {
	scale := func(r Rate) Rate { return Rate{Capacity: r.Capacity * share, Refill: r.Refill * share} }
	b.Account, b.EachOperation, b.EachRead, b.Throughput = scale(b.Account), scale(b.EachOperation), scale(b.EachRead), scale(b.Throughput)
	b.Groups = slices.Clone(b.Groups)
	for i := range b.Groups {
		b.Groups[i].Rate = scale(b.Groups[i].Rate)
	}
	b.Operations = maps.Clone(b.Operations)
	for operation, rate := range b.Operations {
		b.Operations[operation] = scale(rate)
	}
	return b
}

func (b Budget) validate() error {
	var errs []error
	check := func(name string, r Rate) {
		if (r.Capacity <= 0 || r.Refill <= 0) && r != (Rate{}) {
			errs = append(errs, fmt.Errorf("%s needs a capacity and a refill above 0, got %v and %v", name, r.Capacity, r.Refill))
		}
	}
	check("the account's bucket", b.Account)
	check("the bucket of each operation", b.EachOperation)
	check("the bucket of each read", b.EachRead)
	check("the throughput bucket", b.Throughput)
	for _, group := range b.Groups {
		check("the bucket of "+group.Name, group.Rate)
	}
	for operation, rate := range b.Operations {
		check("the bucket of "+operation, rate)
	}
	if b.WriteReserve < 0 || b.WriteReserve >= 1 {
		errs = append(errs, fmt.Errorf("the reserve for writes must be at least 0 and below 1, got %v", b.WriteReserve))
	}
	return errors.Join(errs...)
}
