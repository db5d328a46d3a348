package dnsserver

import (
	"slices"
	"sort"

	"github.com/miekg/dns"
)

// A span is an NSEC record: owner has the types, and no name lies between it and next.
type span struct {
	owner, next domain
	types       []uint16
}

// deny makes an answer negative: the zone's SOA record with the TTL of
// RFC 2308 and, when asked for, the proof that name has no rrtype.
func (l *lookup) deny(a *Answer, z *zone, name domain, m match, rrtype uint16) error {
	soa, err := l.negativeSOA(z)
	if err != nil {
		return err
	}
	if soa, err = l.signed(z, z.apex, soa); err != nil {
		return err
	}
	a.Authority = append(a.Authority, soa...)
	if m.node == nil && !(l.proves(z) && l.options.CompactDenial) {
		a.Rcode = dns.RcodeNameError
	}
	switch {
	case l.options.CompactDenial:
		return l.prove(a, z, z.here(name, m.node, rrtype))
	case m.node == nil:
		return l.prove(a, z, z.gap(m.nextCloser(name)), z.gap(wildcardLabel+m.encloser))
	case m.expanded(name):
		return l.prove(a, z, z.gap(m.nextCloser(name)), z.here(m.source, m.node, rrtype))
	default:
		return l.prove(a, z, z.here(name, m.node, rrtype))
	}
}

// proveExpanded shows that a wildcard could be expanded to name, because name does not exist.
func (l *lookup) proveExpanded(a *Answer, z *zone, name domain, m match) error {
	if !m.expanded(name) || l.options.CompactDenial {
		return nil
	}
	return l.prove(a, z, z.gap(m.nextCloser(name)))
}

// proveUnsigned shows that a delegation has no DS record. What is below it is
// not this zone's, so that the next name is beside and not below it.
func (l *lookup) proveUnsigned(a *Answer, z *zone, cut domain) error {
	proof := z.here(cut, z.names[cut], dns.TypeDS)
	proof.next = cut.sibling(z.apex)
	return l.prove(a, z, proof)
}

// prove adds the spans to the authority section as signed NSEC records, each once.
func (l *lookup) prove(a *Answer, z *zone, spans ...span) error {
	if !l.proves(z) {
		return nil
	}
	for i, s := range spans {
		if slices.ContainsFunc(spans[:i], func(other span) bool { return other.owner == s.owner }) {
			continue
		}
		nsec, err := l.nsec(z, s, s.owner.String())
		if err != nil {
			return err
		}
		if nsec, err = l.signed(z, s.owner, nsec); err != nil {
			return err
		}
		a.Authority = append(a.Authority, nsec...)
	}
	return nil
}

func (l *lookup) nsec(z *zone, s span, owner string) ([]Record, error) {
	soa, err := l.negativeSOA(z)
	if err != nil {
		return nil, err
	}
	var ttl uint32
	if len(soa) > 0 {
		ttl = soa[0].TTL // RFC 9077, 3.1
	}
	return []Record{synthesized(&dns.NSEC{
		Hdr:        dns.RR_Header{Name: owner, Rrtype: dns.TypeNSEC, Class: dns.ClassINET, Ttl: ttl},
		NextDomain: s.next.String(),
		TypeBitMap: s.types,
	})}, nil
}

func (l *lookup) negativeSOA(z *zone) ([]Record, error) {
	records, err := l.rrset(z, z.apex.String(), z.names[z.apex].sets[dns.TypeSOA])
	if err != nil {
		return nil, err
	}
	for _, record := range records {
		if soa, isSOA := record.rr.(*dns.SOA); isSOA {
			setTTL(records, min(soa.Hdr.Ttl, soa.Minttl))
		}
	}
	return records, nil
}

// here denies nothing but rrtype at name, or at a wildcard's name. A policy may
// have nothing for this client although the type is there, so that what is
// denied is left out, and CNAME, which would have answered.
func (z *zone) here(name domain, n *node, rrtype uint16) span {
	types := slices.DeleteFunc(z.types(name, n), func(t uint16) bool { return t == rrtype || t == dns.TypeCNAME })
	return span{owner: name, next: name.child(z.apex), types: types}
}

// gap denies name and everything below it, and nothing else (RFC 4470).
func (z *zone) gap(name domain) span {
	before := name.almost()
	if before == "" || z.anyBetween(before, name) {
		before = name.predecessor()
	}
	return span{owner: before, next: name.sibling(z.apex), types: z.types(before, z.names[before])}
}

// types are those of a signed zone's name, in order.
func (z *zone) types(name domain, n *node) []uint16 {
	all := []uint16{dns.TypeRRSIG, dns.TypeNSEC}
	if name == z.apex {
		all = append(all, dns.TypeDNSKEY)
	}
	if n != nil {
		cut := name != z.apex && len(n.sets[dns.TypeNS]) > 0
		for rrtype := range n.sets {
			if !cut || rrtype == dns.TypeNS || rrtype == dns.TypeDS { // the rest is the other zone's
				all = append(all, rrtype)
			}
		}
	}
	slices.Sort(all)
	return all
}

// anyBetween tells whether a name exists between two that do not.
func (z *zone) anyBetween(before, after domain) bool {
	from := before.order()
	i := sort.SearchStrings(z.ordered, from)
	if i < len(z.ordered) && z.ordered[i] == from {
		i++
	}
	return i < len(z.ordered) && z.ordered[i] < after.order()
}
