package route53

import (
	"context"
	"net/netip"
	"strconv"
	"strings"

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
	// Client is the address the answer is for: the EDNS0 client subnet's, or
	// else the resolver's. It is invalid when the request has neither.
	Client netip.Prefix
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

// SetResolver sets what answers TestDNSAnswer; nil is a plain look-up.
func (s *Service) SetResolver(resolver Resolver) {
	if resolver == nil {
		resolver = s.lookUp
	}
	s.resolver.Store(&resolver)
}

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
	client, err := clientOf(in)
	if err != nil {
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
	answer, err := (*s.resolver.Load())(ctx, Question{ZoneID: z.id, Name: name, Type: in.RecordType, Client: client})
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

func clientOf(in *sdk.TestDNSAnswerInput) (netip.Prefix, error) {
	text, bits := aws.ToString(in.EDNS0ClientSubnetIP), aws.ToString(in.EDNS0ClientSubnetMask)
	if text == "" {
		if bits != "" {
			return netip.Prefix{}, frame.Errorf(invalidInput, "Invalid request: a subnet mask needs a client subnet IP.")
		}
		text = aws.ToString(in.ResolverIP)
	}
	if text == "" {
		return netip.Prefix{}, nil
	}
	address, err := netip.ParseAddr(text)
	if err != nil {
		return netip.Prefix{}, frame.Errorf(invalidInput, "Invalid request: '%s' is not an IP address.", text)
	}
	length := address.BitLen()
	if bits != "" {
		length, err = strconv.Atoi(bits)
	} else if in.EDNS0ClientSubnetIP != nil {
		length = map[bool]int{true: 24, false: 64}[address.Is4()]
	}
	prefix, prefixErr := address.Prefix(length)
	if err != nil || prefixErr != nil {
		return netip.Prefix{}, frame.Errorf(invalidInput, "Invalid request: '%s' is not a subnet mask of %s.", bits, text)
	}
	return prefix, nil
}

// lookUp finds the values of exactly that name and type, or of the wildcard
// nearest to it; aliases, policies and delegations it does not follow.
func (s *Service) lookUp(_ context.Context, question Question) (Answer, error) {
	z := (*s.zones.Load())[question.ZoneID]
	answer := Answer{ResponseCode: "NXDOMAIN", Protocol: "UDP"}
	if z == nil {
		return answer, nil
	}
	for name := question.Name; ; {
		if found := z.named(sortName(name)); len(found) > 0 {
			answer.ResponseCode = "NOERROR"
			for _, r := range found {
				if r.set.Type == question.Type {
					answer.RecordData = append(answer.RecordData, valuesOf(r.set)...)
				}
			}
			return answer, nil
		}
		_, parent, more := strings.Cut(strings.TrimPrefix(name, `\052.`), ".")
		if name == question.Name {
			parent, more = name, true
			_, parent, _ = strings.Cut(parent, ".")
		}
		if !more || !within(parent, z.name) {
			return answer, nil
		}
		name = `\052.` + parent
	}
}

func valuesOf(set *types.ResourceRecordSet) []string {
	values := make([]string, len(set.ResourceRecords))
	for i, r := range set.ResourceRecords {
		values[i] = aws.ToString(r.Value)
	}
	return values
}
