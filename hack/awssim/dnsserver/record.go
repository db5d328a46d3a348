package dnsserver

import (
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
)

// Record is one resource record of an answer.
type Record struct {
	// Name is the owner, in the form of package dns.
	Name string
	Type types.RRType
	TTL  uint32
	// Value is spelled as Route 53 holds it.
	Value string

	rr dns.RR
}

// render makes the records that a record set with values has at the name owner.
func render(owner string, set *types.ResourceRecordSet) ([]Record, error) {
	values := make([]string, 0, len(set.ResourceRecords))
	for _, value := range set.ResourceRecords {
		values = append(values, aws.ToString(value.Value))
	}
	return renderValues(owner, set.Type, uint32(aws.ToInt64(set.TTL)), values)
}

func renderValues(owner string, recordType types.RRType, ttl uint32, values []string) ([]Record, error) {
	records := make([]Record, 0, len(values))
	for _, value := range values {
		rr, err := parseValue(recordType, value)
		if err != nil {
			return nil, fmt.Errorf("record %s %s: value %.60q: %w", owner, recordType, value, err)
		}
		rr.Header().Name, rr.Header().Ttl = owner, ttl
		records = append(records, Record{Name: owner, Type: recordType, TTL: ttl, Value: value, rr: rr})
	}
	return records, nil
}

// parseValue reads a value in Route 53's syntax, which is that of zone files with octal escapes.
func parseValue(recordType types.RRType, value string) (dns.RR, error) {
	if strings.TrimSpace(value) == "" {
		return nil, errors.New("is empty")
	}
	if strings.ContainsAny(value, "\r\n") {
		return nil, errors.New("has more than one line")
	}
	rr, err := dns.NewRR(". 0 IN " + string(recordType) + " " + decimalEscapes(value))
	if err != nil {
		return nil, fmt.Errorf("is not readable: %w", err)
	}
	if rr == nil {
		return nil, errors.New("holds no data")
	}
	if _, err := (&dns.Msg{Answer: []dns.RR{rr}}).Pack(); err != nil { // the parser lets overlong strings pass
		return nil, fmt.Errorf("cannot be sent: %w", err)
	}
	return rr, nil
}
