package dnsserver

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
)

// index is one generation of the backend's content, arranged for lookups. It never changes once built.
type index struct {
	generation uint64
	byID       map[string]*zone
	public     map[domain]*zone
	private    map[string]map[domain]*zone // by VPC
}

type zone struct {
	id    string
	apex  domain
	names map[domain]*node
	// signer is nil for an unsigned zone.
	signer *signer
	// ordered are the order keys of a signed zone's names, sorted.
	ordered []string
}

// node is an existing name. It has no record sets when it exists only because a longer name does.
type node struct {
	sets map[uint16][]types.ResourceRecordSet
}

// newIndex arranges the zones; what it cannot read it leaves out and returns as errors.
func newIndex(generation uint64, zones []Zone) (*index, error) {
	ix := &index{
		generation: generation,
		byID:       make(map[string]*zone, len(zones)),
		public:     map[domain]*zone{},
		private:    map[string]map[domain]*zone{},
	}
	var problems []error
	for i := range zones {
		z, err := newZone(&zones[i])
		problems = append(problems, err)
		if z == nil {
			continue
		}
		ix.byID[z.id] = z
		if !zones[i].Private {
			keepFirst(ix.public, z)
			continue
		}
		for _, vpc := range zones[i].VPCs {
			if ix.private[vpc] == nil {
				ix.private[vpc] = map[domain]*zone{}
			}
			keepFirst(ix.private[vpc], z)
		}
	}
	return ix, errors.Join(problems...)
}

func keepFirst(zones map[domain]*zone, z *zone) {
	if _, taken := zones[z.apex]; !taken {
		zones[z.apex] = z
	}
}

func newZone(source *Zone) (*zone, error) {
	apex, err := parseName(source.Name)
	if err != nil {
		return nil, fmt.Errorf("zone %s: %w", source.ID, err)
	}
	z := &zone{id: zoneID(source.ID), apex: apex, names: map[domain]*node{apex: {}}}
	var problems []error
	for i := range source.RecordSets {
		if err := z.add(&source.RecordSets[i]); err != nil {
			problems = append(problems, fmt.Errorf("zone %s: %w", source.ID, err))
		}
	}
	if source.Private { // Route 53 signs public zones only
		return z, errors.Join(problems...)
	}
	if z.signer, err = newSigner(z.apex, source.Keys); err != nil {
		problems = append(problems, fmt.Errorf("zone %s: %w", source.ID, err))
	}
	if z.signer != nil {
		for name := range z.names {
			z.ordered = append(z.ordered, name.order())
		}
		slices.Sort(z.ordered)
	}
	return z, errors.Join(problems...)
}

func (z *zone) add(set *types.ResourceRecordSet) error {
	name, err := parseName(aws.ToString(set.Name))
	if err != nil {
		return err
	}
	if !name.within(z.apex) {
		return fmt.Errorf("record set %s lies outside of zone %s", name, z.apex)
	}
	if !slices.Contains(set.Type.Values(), set.Type) {
		return fmt.Errorf("record set %s has the unknown type %q", name, set.Type)
	}
	rrtype := dns.StringToType[string(set.Type)]
	n := z.names[name]
	if n == nil {
		n = &node{}
		z.names[name] = n
	}
	if n.sets == nil {
		n.sets = map[uint16][]types.ResourceRecordSet{}
	}
	n.sets[rrtype] = append(n.sets[rrtype], *set)
	for up := name; up != z.apex; { // names between this one and the apex exist, too (RFC 4592, 2.2.2)
		up = up.parent()
		if z.names[up] == nil {
			z.names[up] = &node{}
		}
	}
	return nil
}

// match is what answers for a name.
type match struct {
	// node is the name's own, or that of a wildcard; nil when the name does not exist.
	node *node
	// source is where node is.
	source domain
	// encloser is the longest existing name at or above the one asked for.
	encloser domain
}

// find looks for a name, and then for the wildcard below the closest name that exists (RFC 4592).
func (z *zone) find(name domain) match {
	if n := z.names[name]; n != nil {
		return match{node: n, source: name, encloser: name}
	}
	up := name.parent()
	for z.names[up] == nil && up != rootDomain {
		up = up.parent()
	}
	wildcard := wildcardLabel + up
	return match{node: z.names[wildcard], source: wildcard, encloser: up}
}

// expanded tells whether a wildcard stands for name.
func (m match) expanded(name domain) bool { return m.node != nil && m.source != name }

// nextCloser is the name one label longer than the encloser: it and all below it do not exist.
func (m match) nextCloser(name domain) domain {
	for name.parent() != m.encloser && name != rootDomain {
		name = name.parent()
	}
	return name
}

// delegation returns the name nearest to the apex at or above name that is
// delegated to other name servers. The DS records of a cut are on this side of it.
func (z *zone) delegation(name domain, rrtype uint16) (cut domain, delegated bool) {
	if rrtype == dns.TypeDS && name != z.apex {
		name = name.parent()
	}
	for up := name; up != z.apex && up != rootDomain; up = up.parent() {
		if n := z.names[up]; n != nil && len(n.sets[dns.TypeNS]) > 0 {
			cut, delegated = up, true
		}
	}
	return cut, delegated
}

// zoneFor returns the zone that answers a client in vpc (empty: outside of any), nil for none.
func (ix *index) zoneFor(name domain, rrtype uint16, vpc string) *zone {
	if private := longest(ix.private[vpc], name, rrtype); vpc != "" && private != nil {
		return private
	}
	return longest(ix.public, name, rrtype)
}

// longest returns the zone with the longest apex at or above name. DS records
// of an apex belong to the parent zone if that is here, too.
func longest(zones map[domain]*zone, name domain, rrtype uint16) *zone {
	var own *zone
	for up := name; ; up = up.parent() {
		if z := zones[up]; z != nil {
			if rrtype != dns.TypeDS || up != name {
				return z
			}
			own = z
		}
		if up == rootDomain {
			return own
		}
	}
}

func zoneID(id string) string { return strings.TrimPrefix(id, "/hostedzone/") }
