package dnsserver

import (
	"fmt"
	"math/rand/v2"
	"net/netip"
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
	index   atomic.Pointer[index]
	rebuild sync.Mutex
	dice    sync.Mutex // guards options.Rand
}

// NewResolver returns a Resolver; it ignores Options.Addr.
func NewResolver(options Options) *Resolver {
	return &Resolver{options: options.withDefaults()}
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
		vpc:      r.options.VPC(client),
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
		if z == nil {
			break // at the start: refused; later: the client goes on elsewhere
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
	n := z.find(name)
	if n == nil {
		a.Rcode = dns.RcodeNameError
		return "", l.deny(a, z)
	}
	if sets := n.sets[dns.TypeCNAME]; len(sets) > 0 && rrtype != dns.TypeCNAME {
		records, err := l.answer(z, owner, sets, 0)
		if err != nil || len(records) == 0 {
			return "", l.denyUnless(err, a, z)
		}
		a.Records = append(a.Records, records...)
		cname, isCNAME := records[0].rr.(*dns.CNAME)
		if !isCNAME || rrtype == dns.TypeANY {
			return "", nil
		}
		return cname.Target, nil
	}
	if rrtype == dns.TypeANY && n.sets != nil {
		a.Records = append(a.Records, minimalAny(owner))
		return "", nil
	}
	records, err := l.answer(z, owner, n.sets[rrtype], 0)
	if err != nil || len(records) == 0 {
		return "", l.denyUnless(err, a, z)
	}
	a.Records = append(a.Records, records...)
	return "", nil
}

// answer makes the records that the sets of one name and type answer with.
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
	for i := range records {
		records[0].TTL = min(records[0].TTL, records[i].TTL)
	}
	for i := range records {
		records[i].TTL = records[0].TTL
		records[i].rr.Header().Ttl = records[0].TTL
	}
	return records
}

// refer points to the name servers of cut, with those of their addresses that are in z.
func (l *lookup) refer(a *Answer, z *zone, cut domain) error {
	servers, err := l.answer(z, cut.String(), z.names[cut].sets[dns.TypeNS], 0)
	if err != nil {
		return err
	}
	a.Authoritative = len(a.Records) > 0 // a chain's start is ours even if its end is not
	a.Authority = append(a.Authority, servers...)
	for _, server := range servers {
		ns, isNS := server.rr.(*dns.NS)
		if !isNS {
			continue
		}
		host, err := wireName(ns.Ns)
		if err != nil {
			return err
		}
		n := z.names[host]
		if n == nil {
			continue
		}
		for _, rrtype := range []uint16{dns.TypeA, dns.TypeAAAA} {
			glue, err := l.answer(z, ns.Ns, n.sets[rrtype], 0)
			if err != nil {
				return err
			}
			a.Additional = append(a.Additional, glue...)
		}
	}
	return nil
}

// deny adds the SOA record that makes an answer negative, with the TTL of RFC 2308.
func (l *lookup) deny(a *Answer, z *zone) error {
	records, err := l.answer(z, z.apex.String(), z.names[z.apex].sets[dns.TypeSOA], 0)
	if err != nil {
		return err
	}
	for i := range records {
		if soa, isSOA := records[i].rr.(*dns.SOA); isSOA {
			soa.Hdr.Ttl = min(soa.Hdr.Ttl, soa.Minttl)
			records[i].TTL = soa.Hdr.Ttl
		}
	}
	a.Authority = append(a.Authority, records...)
	return nil
}

func (l *lookup) denyUnless(err error, a *Answer, z *zone) error {
	if err != nil {
		return err
	}
	return l.deny(a, z)
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
