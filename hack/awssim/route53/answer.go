package route53

import (
	"context"
	"net/netip"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Question is what TestDNSAnswer asks.
type Question struct {
	// ZoneID is bare, Name normal.
	ZoneID, Name string
	Type         types.RRType
	// Resolver is the address of the recursive resolver to answer, Subnet
	// that of the client behind it; each is invalid when it is not given.
	Resolver netip.Addr
	Subnet   netip.Prefix
}

// Answer is what a DNS server answers to a question.
type Answer struct {
	// ResponseCode is the DNS code's name, as in NOERROR.
	ResponseCode string
	RecordData   []string
	Protocol     string
}

// Resolver answers a question from the zone.
type Resolver func(ctx context.Context, question Question) (Answer, error)

// SetResolver sets what answers TestDNSAnswer.
func (s *Service) SetResolver(resolver Resolver) { s.resolver.Store(&resolver) }

func (s *Service) testDNSAnswer(ctx context.Context, r *frame.Request, in *sdk.TestDNSAnswerInput,
) (*sdk.TestDNSAnswerOutput, error) {
	var broken frame.Violations
	broken.Required(in.RecordName, "recordName")
	frame.Enum(&broken, in.RecordType, "recordType", in.RecordType.Values())
	if in.RecordType == "" {
		broken.Add(nil, "recordType", "Member must not be null")
	}
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	question := Question{Type: in.RecordType}
	if err := question.from(in); err != nil {
		return nil, err
	}
	name, wrong := parseName(*in.RecordName)
	if wrong != nil {
		return nil, frame.Errorf(invalidInput, "%s", wrong.with(*in.RecordName))
	}
	z, err := s.read(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	switch {
	case z.private:
		return nil, frame.Errorf(invalidInput, "Invalid request: TestDNSAnswer supports only public hosted zones.")
	case !within(name, z.name):
		return nil, frame.Errorf(invalidInput, "Invalid request: the record name %s is not in the hosted zone %s.", name, z.name)
	}
	question.ZoneID, question.Name = z.id, name
	answer, err := (*s.resolver.Load())(ctx, question)
	if err != nil {
		return nil, err
	}
	data := answer.RecordData
	if data == nil {
		data = []string{}
	}
	return &sdk.TestDNSAnswerOutput{
		Nameserver:   aws.String(z.nameServers[0]),
		Protocol:     aws.String(answer.Protocol),
		RecordData:   data,
		RecordName:   aws.String(name),
		RecordType:   in.RecordType,
		ResponseCode: aws.String(answer.ResponseCode),
	}, nil
}

// from reads for whom the answer is: a mask left out is 24 bits of IPv4 and 64
// of IPv6, as AWS has it.
func (q *Question) from(in *sdk.TestDNSAnswerInput) error {
	subnet, mask := aws.ToString(in.EDNS0ClientSubnetIP), aws.ToString(in.EDNS0ClientSubnetMask)
	if text := aws.ToString(in.ResolverIP); text != "" {
		address, err := netip.ParseAddr(text)
		if err != nil {
			return frame.Errorf(invalidInput, "Invalid request: '%s' is not an IP address.", text)
		}
		q.Resolver = address
	}
	if subnet == "" {
		if mask != "" {
			return frame.Errorf(invalidInput, "Invalid request: a subnet mask needs a client subnet IP.")
		}
		return nil
	}
	address, err := netip.ParseAddr(subnet)
	if err != nil {
		return frame.Errorf(invalidInput, "Invalid request: '%s' is not an IP address.", subnet)
	}
	bits := 64
	if address.Is4() {
		bits = 24
	}
	if mask != "" {
		if bits, err = strconv.Atoi(mask); err != nil {
			return frame.Errorf(invalidInput, "Invalid request: '%s' is not a subnet mask.", mask)
		}
	}
	if q.Subnet, err = address.Prefix(bits); err != nil {
		return frame.Errorf(invalidInput, "Invalid request: '%s' is not a subnet mask of %s.", mask, subnet)
	}
	return nil
}
