package dnsserver

import (
	"errors"
	"net/netip"

	"github.com/miekg/dns"
)

const (
	// plainUDPSize is how much a client without EDNS takes over UDP (RFC 1035, 4.2.1).
	plainUDPSize = 512
	// maxUDPSize is how much the server sends over UDP at most, as Route 53 does.
	maxUDPSize = 4096
	// maxReason is how much of an error fits beside any question into the smallest answer.
	maxReason = 150
)

// Reply answers a DNS message that came from a client's address over UDP or
// TCP. It returns nil for a message that must not be answered.
func (r *Resolver) Reply(request *dns.Msg, client netip.Addr, tcp bool) *dns.Msg {
	if request.Response {
		return nil
	}
	reply := new(dns.Msg).SetReply(request)
	reply.RecursionAvailable = false
	edns, err := readEDNS(request)
	if edns.present {
		reply.SetEdns0(maxUDPSize, edns.dnssecOK)
	}
	switch {
	case request.Opcode != dns.OpcodeQuery:
		reply.Rcode = dns.RcodeNotImplemented
	case err != nil || len(request.Question) != 1:
		reply.Rcode = dns.RcodeFormatError
	case edns.version != 0:
		reply.Rcode = dns.RcodeBadVers
	default:
		r.fill(reply, request.Question[0], client, edns)
	}
	size := dns.MaxMsgSize
	if !tcp {
		size = edns.udpSize
	}
	reply.Truncate(size)
	return reply
}

func (r *Resolver) fill(reply *dns.Msg, question dns.Question, client netip.Addr, edns edns) {
	name, err := wireName(question.Name)
	switch {
	case err != nil || isMeta(question.Qtype):
		reply.Rcode = dns.RcodeFormatError
		return
	case question.Qclass != dns.ClassINET || question.Qtype == dns.TypeAXFR || question.Qtype == dns.TypeIXFR:
		reply.Rcode = dns.RcodeRefused
		return
	}
	l := r.lookup(client, edns.effectiveSubnet())
	l.dnssec = edns.dnssecOK
	answer := l.resolve(name, question.Name, question.Qtype)
	reply.Rcode = answer.Rcode
	reply.Authoritative = answer.Authoritative
	reply.Answer = wire(answer.Records)
	reply.Ns = wire(answer.Authority)
	reply.Extra = append(wire(answer.Additional), reply.Extra...)
	opt := reply.IsEdns0()
	if opt == nil {
		return
	}
	if edns.subnet.IsValid() {
		opt.Option = append(opt.Option, edns.echo(answer.located))
	}
	if answer.Err != nil {
		reason := answer.Err.Error()
		reason = reason[:min(maxReason, len(reason))]
		opt.Option = append(opt.Option, &dns.EDNS0_EDE{InfoCode: dns.ExtendedErrorCodeOther, ExtraText: reason})
	}
}

// isMeta tells types that are never asked for: they belong to the message, not to a name.
func isMeta(rrtype uint16) bool {
	switch rrtype {
	case dns.TypeNone, dns.TypeOPT, dns.TypeTSIG, dns.TypeTKEY, dns.TypeMAILA, dns.TypeMAILB:
		return true
	default:
		return false
	}
}

func wire(records []Record) []dns.RR {
	rrs := make([]dns.RR, 0, len(records))
	for _, record := range records {
		rrs = append(rrs, record.rr)
	}
	return rrs
}

// edns is what a request says in its OPT record.
type edns struct {
	present  bool
	version  uint8
	dnssecOK bool
	udpSize  int
	subnet   netip.Prefix
	family   uint16 // as the client sent it: 0 is possible for a subnet without bits
}

func readEDNS(request *dns.Msg) (edns, error) {
	e := edns{udpSize: plainUDPSize}
	for _, rr := range request.Extra {
		opt, isOPT := rr.(*dns.OPT)
		if !isOPT {
			continue
		}
		if e.present {
			return e, errors.New("the message has two OPT records")
		}
		e.present, e.version, e.dnssecOK = true, opt.Version(), opt.Do()
		e.udpSize = min(max(plainUDPSize, int(opt.UDPSize())), maxUDPSize)
		for _, option := range opt.Option {
			subnet, isSubnet := option.(*dns.EDNS0_SUBNET)
			if !isSubnet {
				continue
			}
			var err error
			e.family = subnet.Family
			if e.subnet, err = readSubnet(subnet); err != nil {
				return e, err
			}
		}
	}
	return e, nil
}

// readSubnet checks a client subnet as RFC 7871, 7.1.2 asks a server to.
func readSubnet(option *dns.EDNS0_SUBNET) (netip.Prefix, error) {
	addr, ok := netip.AddrFromSlice(option.Address)
	if option.Family == 0 && option.SourceNetmask == 0 {
		addr, ok = netip.IPv4Unspecified(), true
	}
	if option.Family == 1 {
		addr = addr.Unmap()
	}
	prefix := netip.PrefixFrom(addr, int(option.SourceNetmask))
	if !ok || option.SourceScope != 0 || !prefix.IsValid() || prefix.Masked() != prefix {
		return netip.Prefix{}, errors.New("the client subnet is malformed")
	}
	return prefix, nil
}

// effectiveSubnet is the zero Prefix when the client did not say where it is, or asks not to use it.
func (e edns) effectiveSubnet() netip.Prefix {
	if e.subnet.Bits() <= 0 {
		return netip.Prefix{}
	}
	return e.subnet
}

// echo returns the client subnet with the scope the answer is valid for: everywhere, or just there.
func (e edns) echo(located bool) *dns.EDNS0_SUBNET {
	echo := &dns.EDNS0_SUBNET{
		Code:          dns.EDNS0SUBNET,
		Family:        e.family,
		SourceNetmask: uint8(e.subnet.Bits()),
		Address:       e.subnet.Addr().AsSlice(),
	}
	if located {
		echo.SourceScope = echo.SourceNetmask
	}
	return echo
}
