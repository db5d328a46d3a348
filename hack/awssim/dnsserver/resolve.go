package dnsserver

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
)

// maxChain bounds how many CNAME records one answer follows.
const maxChain = 16

// Resolver answers questions from the backend's zones. It needs no sockets and is safe for concurrent use.
type Resolver struct {
	options Options
	vpcs    *vpcs
	known   signatureCache
	index   atomic.Pointer[index]
	rebuild sync.Mutex
	dice    sync.Mutex // guards options.Rand
}

// NewResolver returns a Resolver; it ignores Options.Addr.
func NewResolver(options Options) *Resolver {
	options = options.withDefaults()
	return &Resolver{options: options, vpcs: newVPCs(options.VPCs)}
}

// Query is one question together with who asks it.
type Query struct {
	// ZoneID restricts the answer to one zone, public or private; empty picks the zone by name and client.
	ZoneID string
	// Name may be in any case, octal-escaped, with or without the trailing dot.
	Name string
	Type types.RRType
	// Client is the source address, usually a recursive resolver's.
	Client netip.Addr
	// Subnet is the EDNS client subnet; the zero Prefix means none was sent.
	Subnet netip.Prefix
	// DNSSEC asks for signatures and proofs, as the DO bit does.
	DNSSEC bool
}

// Answer is what a Query leads to.
type Answer struct {
	// Rcode is a response code of package dns.
	Rcode         int
	Authoritative bool
	// Records start at the name asked for and follow its CNAME chain.
	Records    []Record
	Authority  []Record
	Additional []Record
	// Err says why Rcode is SERVFAIL.
	Err error

	// located tells whether another client might have been answered differently.
	located bool
}

// ResponseCode spells the response code as Route 53 does: NOERROR, NXDOMAIN, REFUSED, SERVFAIL.
func (a Answer) ResponseCode() string { return dns.RcodeToString[a.Rcode] }

// Values returns the values of the answer's records of one type, in the order of the answer.
func (a Answer) Values(recordType types.RRType) []string {
	var values []string
	for _, record := range a.Records {
		if record.Type == recordType {
			values = append(values, record.Value)
		}
	}
	return values
}

// Resolve answers one query.
func (r *Resolver) Resolve(q Query) Answer {
	name, err := parseName(q.Name)
	if err != nil {
		return Answer{Rcode: dns.RcodeFormatError, Err: err}
	}
	rrtype, known := dns.StringToType[string(q.Type)]
	if !known {
		return Answer{Rcode: dns.RcodeFormatError, Err: fmt.Errorf("there is no record type %q", q.Type)}
	}
	l := r.lookup(q.Client, q.Subnet)
	l.dnssec = q.DNSSEC
	if q.ZoneID != "" {
		l.pinned = l.index.byID[zoneID(q.ZoneID)]
		if l.pinned == nil {
			return Answer{Rcode: dns.RcodeRefused}
		}
	}
	return l.resolve(name, name.String(), rrtype)
}

// lookup is the state of answering one question.
type lookup struct {
	*Resolver
	index   *index
	pinned  *zone // the only zone to look at, if set
	vpc     string
	subnet  netip.Prefix
	dnssec  bool // signatures and proofs are asked for
	located bool
	// healthy remembers the health of alias targets; one still being found out is unhealthy, which ends loops.
	healthy map[healthKey]bool
}

func (r *Resolver) lookup(client netip.Addr, subnet netip.Prefix) *lookup {
	client = client.Unmap()
	if !subnet.IsValid() && client.IsValid() {
		subnet = netip.PrefixFrom(client, client.BitLen())
	}
	return &lookup{
		Resolver: r,
		index:    r.current(),
		vpc:      r.vpcOf(client),
		subnet:   subnet,
		healthy:  map[healthKey]bool{},
	}
}

// current returns the index of the backend's present generation.
func (r *Resolver) current() *index {
	generation := r.options.Backend.Generation()
	if ix := r.index.Load(); ix != nil && ix.generation == generation {
		return ix
	}
	r.rebuild.Lock()
	defer r.rebuild.Unlock()
	generation = r.options.Backend.Generation() // before Zones: what changes in between is read again next time
	if ix := r.index.Load(); ix != nil && ix.generation == generation {
		return ix
	}
	ix, err := newIndex(generation, r.options.Backend.Zones())
	if err != nil {
		r.options.Logger.Error("Cannot serve everything", "error", err)
	}
	r.index.Store(ix)
	return ix
}

// resolve follows name, spelled as in owner, through its CNAME chain.
func (l *lookup) resolve(name domain, owner string, rrtype uint16) Answer {
	a := Answer{Rcode: dns.RcodeRefused}
	for seen := map[domain]bool{}; len(seen) < maxChain && !seen[name]; {
		z := l.zoneFor(name, rrtype)
		if z == nil { // at the start: refused; later: the client goes on elsewhere
			return l.leave(a, name, owner, rrtype, len(seen) == 0)
		}
		seen[name] = true
		if len(seen) == 1 {
			a = Answer{Rcode: dns.RcodeSuccess, Authoritative: true}
		}
		next, err := l.step(&a, z, name, owner, rrtype)
		if err == nil && next != "" {
			owner = next
			name, err = wireName(next)
		}
		if err != nil {
			l.options.Logger.Error("Cannot answer", "zone", z.id, "name", owner, "error", err)
			return Answer{Rcode: dns.RcodeServerFailure, Err: err}
		}
		if next == "" {
			break
		}
	}
	a.located = l.located
	return a
}

// leave ends an answer at a name that is in no zone: with its records if
// somebody knows it, such as a load balancer's, else as it is.
func (l *lookup) leave(a Answer, name domain, owner string, rrtype uint16, first bool) Answer {
	a.located = l.located
	if l.pinned != nil {
		return a
	}
	records, known, err := l.outside(owner, name, types.RRType(dns.TypeToString[rrtype]))
	switch {
	case err != nil:
		l.options.Logger.Error("Cannot answer", "name", owner, "error", err)
		return Answer{Rcode: dns.RcodeServerFailure, Err: err}
	case known && first:
		return Answer{Rcode: dns.RcodeSuccess, Authoritative: true, Records: records, located: l.located}
	}
	a.Records = append(a.Records, records...)
	return a
}

func (l *lookup) zoneFor(name domain, rrtype uint16) *zone {
	if l.pinned == nil {
		return l.index.zoneFor(name, rrtype, l.vpc)
	}
	if !name.within(l.pinned.apex) {
		return nil
	}
	return l.pinned
}

// step adds what z knows of name to the answer; next is where a CNAME leads.
func (l *lookup) step(a *Answer, z *zone, name domain, owner string, rrtype uint16) (next string, err error) {
	if cut, delegated := z.delegation(name, rrtype); delegated {
		return "", l.refer(a, z, cut)
	}
	m := z.find(name)
	records, err := l.recordsOf(z, m, name, owner, rrtype)
	if err != nil {
		return "", err
	}
	if len(records) == 0 {
		return "", l.deny(a, z, name, m, rrtype)
	}
	if cname, isCNAME := records[0].rr.(*dns.CNAME); isCNAME && rrtype != dns.TypeCNAME && rrtype != dns.TypeANY {
		next = cname.Target
	}
	source := m.source
	if l.options.CompactDenial {
		source = name
	}
	if rrtype != dns.TypeRRSIG || next != "" {
		if records, err = l.signed(z, source, records); err != nil {
			return "", err
		}
	}
	a.Records = append(a.Records, records...)
	return next, l.proveExpanded(a, z, name, m)
}

// recordsOf returns the records that answer for name, which are of its CNAME if it has one.
func (l *lookup) recordsOf(z *zone, m match, name domain, owner string, rrtype uint16) ([]Record, error) {
	if m.node == nil {
		return nil, nil
	}
	if z.signer != nil && m.source == name {
		switch {
		case rrtype == dns.TypeDNSKEY && name == z.apex:
			return z.signer.keys(owner), nil
		case rrtype == dns.TypeNSEC || rrtype == dns.TypeRRSIG:
			return l.signingRecords(z, m, owner, rrtype)
		}
	}
	if sets := m.node.sets[dns.TypeCNAME]; len(sets) > 0 {
		return l.rrset(z, owner, sets)
	}
	if rrtype == dns.TypeANY && m.node.sets != nil {
		return []Record{minimalAny(owner)}, nil
	}
	return l.rrset(z, owner, m.node.sets[rrtype])
}

// signingRecords answers with a name's NSEC record or, of all its signatures, the one of that (RFC 8482, 4.1).
func (l *lookup) signingRecords(z *zone, m match, owner string, rrtype uint16) ([]Record, error) {
	self := span{owner: m.source, next: m.source.child(z.apex), types: z.types(m.source, m.node)}
	records, err := l.nsec(z, self, owner)
	if err != nil || rrtype == dns.TypeNSEC {
		return records, err
	}
	return l.signatures(z, m.source, records)
}

// rrset makes the records that the sets of one name and type answer with, as a zone may serve them.
func (l *lookup) rrset(z *zone, owner string, sets []types.ResourceRecordSet) ([]Record, error) {
	records, err := l.answer(z, owner, sets, 0)
	if err != nil || len(records) == 0 {
		return nil, err
	}
	distinct := records[:0]
	for _, record := range records {
		if !slices.ContainsFunc(distinct, func(other Record) bool { return dns.IsDuplicate(other.rr, record.rr) }) {
			distinct = append(distinct, record)
		}
	}
	if z.signer != nil {
		setTTL(distinct, min(distinct[0].TTL, maxSignedTTL))
	}
	return distinct, nil
}

// answer makes the records that the sets of one name and type answer with, aliases followed.
func (l *lookup) answer(z *zone, owner string, sets []types.ResourceRecordSet, depth int) ([]Record, error) {
	var all []Record
	for _, set := range l.pick(z, sets) {
		var records []Record
		var err error
		if set.AliasTarget != nil {
			records, err = l.alias(z, owner, set, depth)
		} else {
			records, err = render(owner, set)
			records = l.shuffled(records)
		}
		if err != nil {
			return nil, err
		}
		all = append(all, records...)
	}
	return sameTTL(all), nil
}

// sameTTL gives all records of a set the lowest TTL among them (RFC 2181, 5.2).
func sameTTL(records []Record) []Record {
	if len(records) == 0 {
		return nil
	}
	lowest := records[0].TTL
	for i := range records {
		lowest = min(lowest, records[i].TTL)
	}
	setTTL(records, lowest)
	return records
}

func setTTL(records []Record, ttl uint32) {
	for i := range records {
		records[i].TTL = ttl
		records[i].rr.Header().Ttl = ttl
	}
}

// refer points to the name servers of cut, with those of their addresses that
// are in z. Neither is signed; whether the other zone is, the DS record tells.
func (l *lookup) refer(a *Answer, z *zone, cut domain) error {
	sets := z.names[cut].sets
	servers, err := l.rrset(z, cut.String(), sets[dns.TypeNS])
	if err != nil {
		return err
	}
	a.Authoritative = len(a.Records) > 0 // a chain's start is ours even if its end is not
	a.Authority = append(a.Authority, servers...)
	for _, server := range servers {
		if err := l.glue(a, z, server); err != nil {
			return err
		}
	}
	if !l.proves(z) {
		return nil
	}
	digests, err := l.rrset(z, cut.String(), sets[dns.TypeDS])
	if err != nil {
		return err
	}
	if len(digests) == 0 {
		return l.proveUnsigned(a, z, cut)
	}
	digests, err = l.signed(z, cut, digests)
	a.Authority = append(a.Authority, digests...)
	return err
}

// glue adds the addresses of a name server that z has.
func (l *lookup) glue(a *Answer, z *zone, server Record) error {
	ns, isNS := server.rr.(*dns.NS)
	if !isNS {
		return nil
	}
	host, err := wireName(ns.Ns)
	if err != nil {
		return err
	}
	n := z.names[host]
	if n == nil {
		return nil
	}
	for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
		addresses, err := l.rrset(z, ns.Ns, n.sets[rrtype])
		if err != nil {
			return err
		}
		a.Additional = append(a.Additional, addresses...)
	}
	return nil
}

// minimalAny answers ANY for a name that exists without listing it (RFC 8482, 4.2).
func minimalAny(owner string) Record {
	const ttl = 3789
	header := dns.RR_Header{Name: owner, Rrtype: dns.TypeHINFO, Class: dns.ClassINET, Ttl: ttl}
	return Record{
		Name: owner, Type: "HINFO", TTL: ttl, Value: `"RFC8482" ""`,
		rr: &dns.HINFO{Hdr: header, Cpu: "RFC8482"},
	}
}

func (l *lookup) shuffled(records []Record) []Record {
	l.roll(func(dice *rand.Rand) {
		dice.Shuffle(len(records), func(i, j int) { records[i], records[j] = records[j], records[i] })
	})
	return records
}

func (r *Resolver) roll(with func(*rand.Rand)) {
	r.dice.Lock()
	defer r.dice.Unlock()
	with(r.options.Rand)
}
