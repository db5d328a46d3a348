package dnsserver_test

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/miekg/dns"
)

// validator checks answers as a validating resolver does, from one DS record as
// trust anchor. It shares nothing with the server but the records' types.
type validator struct {
	anchor *dns.DS
	ask    func(*dns.Msg) (*dns.Msg, error)
	now    time.Time
}

// validated asks with the DO bit and proves the answer.
func (v validator) validated(name string, rrtype uint16) (*dns.Msg, error) {
	m := question(name, rrtype)
	m.SetEdns0(4096, true)
	reply, err := v.ask(m)
	if err != nil {
		return nil, err
	}
	return reply, v.check(reply, name, rrtype)
}

func (v validator) check(reply *dns.Msg, name string, rrtype uint16) error {
	if err := v.checkSignatures(reply); err != nil {
		return err
	}
	nsecs := sifted[*dns.NSEC](reply.Ns)
	for _, rrsig := range sifted[*dns.RRSIG](reply.Answer) { // RFC 4035, 5.3.4
		if labels := labelsOf(rrsig.Hdr.Name); int(rrsig.Labels) < len(labels) && !isWildcard(rrsig) {
			closer := labels[:int(rrsig.Labels)+1]
			if !slices.ContainsFunc(nsecs, func(n *dns.NSEC) bool { return covers(n, closer) }) {
				return fmt.Errorf("%s was expanded from a wildcard without proof that it does not exist", rrsig.Hdr.Name)
			}
		}
	}
	for _, cname := range sifted[*dns.CNAME](reply.Answer) {
		if rrtype != dns.TypeCNAME && rrtype != dns.TypeANY && dns.CanonicalName(cname.Hdr.Name) == dns.CanonicalName(name) {
			name = cname.Target
		}
	}
	answered := slices.ContainsFunc(reply.Answer, func(rr dns.RR) bool {
		return dns.CanonicalName(rr.Header().Name) == dns.CanonicalName(name) && (rr.Header().Rrtype == rrtype || rrtype == dns.TypeANY)
	})
	switch {
	case answered:
		return nil
	case reply.Rcode == dns.RcodeNameError:
		return noName(nsecs, name)
	case len(sifted[*dns.SOA](reply.Ns)) > 0:
		return noType(nsecs, name, rrtype)
	default:
		return v.referral(reply, nsecs)
	}
}

// referral wants a signed DS record, or the proof that there is none.
func (v validator) referral(reply *dns.Msg, nsecs []*dns.NSEC) error {
	servers := sifted[*dns.NS](reply.Ns)
	if len(servers) == 0 {
		return errors.New("neither an answer nor a denial nor a referral")
	}
	if len(sifted[*dns.DS](reply.Ns)) > 0 {
		return nil
	}
	for _, nsec := range nsecs {
		if nsec.Hdr.Name == servers[0].Hdr.Name && slices.Contains(nsec.TypeBitMap, dns.TypeNS) &&
			!slices.Contains(nsec.TypeBitMap, dns.TypeDS) && !slices.Contains(nsec.TypeBitMap, dns.TypeSOA) {
			return nil
		}
	}
	return errors.New("a referral without DS and without proof that there is none")
}

// checkSignatures wants a signature on everything but referrals' NS and glue.
func (v validator) checkSignatures(reply *dns.Msg) error {
	for _, section := range [][]dns.RR{reply.Answer, reply.Ns} {
		for _, rrset := range rrsets(section) {
			rrtype, owner := rrset[0].Header().Rrtype, rrset[0].Header().Name
			if rrtype == dns.TypeNS && len(sifted[*dns.SOA](reply.Ns)) == 0 && len(sifted[*dns.NS](reply.Ns)) > 0 {
				continue
			}
			if err := v.signed(rrset, sifted[*dns.RRSIG](section)); err != nil {
				return fmt.Errorf("%s %s: %w", owner, dns.TypeToString[rrtype], err)
			}
		}
	}
	if len(sifted[*dns.RRSIG](reply.Extra)) > 0 {
		return errors.New("glue is signed")
	}
	return nil
}

func (v validator) signed(rrset []dns.RR, signatures []*dns.RRSIG) error {
	err := errors.New("no signature")
	for _, rrsig := range signatures {
		if rrsig.TypeCovered != rrset[0].Header().Rrtype || dns.CanonicalName(rrsig.Hdr.Name) != dns.CanonicalName(rrset[0].Header().Name) {
			continue
		}
		var keys []dns.RR
		if keys, err = v.keys(rrsig.SignerName); err == nil {
			err = v.verified(rrsig, keys, rrset)
		}
		if err == nil {
			return nil
		}
	}
	return err
}

func (v validator) verified(rrsig *dns.RRSIG, keys, rrset []dns.RR) error {
	switch {
	case !rrsig.ValidityPeriod(v.now):
		return fmt.Errorf("not valid at %s", v.now)
	case !rrsig.ValidityPeriod(v.now.Add(time.Duration(rrsig.Hdr.Ttl) * time.Second)):
		return errors.New("expires in caches")
	case rrsig.Hdr.Ttl != rrset[0].Header().Ttl || rrsig.OrigTtl != rrsig.Hdr.Ttl:
		return errors.New("the TTLs differ")
	}
	for _, rr := range keys {
		if key := rr.(*dns.DNSKEY); key.KeyTag() == rrsig.KeyTag && rrsig.Verify(key, rrset) == nil {
			return nil
		}
	}
	return fmt.Errorf("no key verifies the signature of %d", rrsig.KeyTag)
}

// keys returns the DNSKEY records of a zone, verified from the trust anchor down.
func (v validator) keys(zone string) ([]dns.RR, error) {
	digests := []*dns.DS{v.anchor}
	if dns.CanonicalName(zone) != dns.CanonicalName(v.anchor.Hdr.Name) {
		if !dns.IsSubDomain(v.anchor.Hdr.Name, zone) {
			return nil, fmt.Errorf("%s is not below the trust anchor", zone)
		}
		reply, err := v.validated(zone, dns.TypeDS)
		if err != nil {
			return nil, err
		}
		for _, rrsig := range sifted[*dns.RRSIG](reply.Answer) {
			if rrsig.SignerName == zone {
				return nil, fmt.Errorf("%s signs its own DS", zone)
			}
		}
		digests = sifted[*dns.DS](reply.Answer)
	}
	m := question(zone, dns.TypeDNSKEY)
	m.SetEdns0(4096, true)
	reply, err := v.ask(m)
	if err != nil {
		return nil, err
	}
	keys := sifted[*dns.DNSKEY](reply.Answer)
	rrset := make([]dns.RR, 0, len(keys))
	for _, key := range keys {
		rrset = append(rrset, key)
	}
	for _, key := range keys {
		if !slices.ContainsFunc(digests, func(ds *dns.DS) bool {
			own := key.ToDS(ds.DigestType)
			return own != nil && own.KeyTag == ds.KeyTag && own.Algorithm == ds.Algorithm && dns.IsDuplicate(own, ds)
		}) {
			continue
		}
		for _, rrsig := range sifted[*dns.RRSIG](reply.Answer) {
			if v.verified(rrsig, []dns.RR{key}, rrset) == nil {
				return rrset, nil
			}
		}
	}
	return nil, fmt.Errorf("no DS record leads to a key that signs the keys of %s", zone)
}

// noName wants NSEC records that cover the name and the wildcard at its closest encloser.
func noName(nsecs []*dns.NSEC, name string) error {
	labels := labelsOf(name)
	for _, nsec := range nsecs {
		if !covers(nsec, labels) {
			continue
		}
		wildcard := append(slices.Clone(encloserBy(nsec, labels)), []byte("*"))
		if slices.ContainsFunc(nsecs, func(n *dns.NSEC) bool { return covers(n, wildcard) }) {
			return nil
		}
		return fmt.Errorf("no proof that there is no wildcard for %s", name)
	}
	return fmt.Errorf("no proof that there is no %s", name)
}

// noType wants the NSEC record of the name or, below a wildcard, of that, without the type.
func noType(nsecs []*dns.NSEC, name string, rrtype uint16) error {
	labels := labelsOf(name)
	lacks := func(nsec *dns.NSEC) bool {
		cut := slices.Contains(nsec.TypeBitMap, dns.TypeNS) && !slices.Contains(nsec.TypeBitMap, dns.TypeSOA)
		return !slices.Contains(nsec.TypeBitMap, rrtype) && !slices.Contains(nsec.TypeBitMap, dns.TypeCNAME) &&
			(!cut || rrtype == dns.TypeDS)
	}
	at := func(owner [][]byte) bool {
		return slices.ContainsFunc(nsecs, func(n *dns.NSEC) bool { return compareLabels(labelsOf(n.Hdr.Name), owner) == 0 && lacks(n) })
	}
	if at(labels) {
		return nil
	}
	for _, nsec := range nsecs {
		if covers(nsec, labels) && at(append(slices.Clone(encloserBy(nsec, labels)), []byte("*"))) {
			return nil
		}
	}
	return fmt.Errorf("no proof that %s has no %s", name, dns.TypeToString[rrtype])
}

// covers tells whether the NSEC record proves that the name does not exist.
func covers(nsec *dns.NSEC, name [][]byte) bool {
	owner, next := labelsOf(nsec.Hdr.Name), labelsOf(nsec.NextDomain)
	if compareLabels(owner, name) >= 0 {
		return false
	}
	cut := slices.Contains(nsec.TypeBitMap, dns.TypeNS) && !slices.Contains(nsec.TypeBitMap, dns.TypeSOA)
	if cut && commonLabels(owner, name) == len(owner) {
		return false
	}
	if compareLabels(owner, next) >= 0 { // the last one leads back to the apex
		return commonLabels(next, name) == len(next)
	}
	emptyNonTerminal := commonLabels(next, name) == len(name)
	return compareLabels(name, next) < 0 && !emptyNonTerminal
}

// encloserBy is the closest encloser that an NSEC record covering the name shows.
func encloserBy(nsec *dns.NSEC, name [][]byte) [][]byte {
	return name[:max(commonLabels(labelsOf(nsec.Hdr.Name), name), commonLabels(labelsOf(nsec.NextDomain), name))]
}

// labelsOf returns the labels from the root on, lower case.
func labelsOf(name string) [][]byte {
	wire := make([]byte, 256)
	end, err := dns.PackDomainName(dns.Fqdn(name), wire, 0, nil, false)
	if err != nil {
		panic(err)
	}
	var labels [][]byte
	for i := 0; i < end-1; i += 1 + int(wire[i]) {
		label := slices.Clone(wire[i+1 : i+1+int(wire[i])])
		for j, c := range label {
			if 'A' <= c && c <= 'Z' {
				label[j] = c + 32
			}
		}
		labels = append(labels, label)
	}
	slices.Reverse(labels)
	return labels
}

func compareLabels(a, b [][]byte) int { return slices.CompareFunc(a, b, bytes.Compare) }

func commonLabels(a, b [][]byte) int {
	n := 0
	for n < len(a) && n < len(b) && bytes.Equal(a[n], b[n]) {
		n++
	}
	return n
}

// isWildcard tells whether a signature is of the wildcard itself, which has one label more than it counts.
func isWildcard(rrsig *dns.RRSIG) bool {
	labels := labelsOf(rrsig.Hdr.Name)
	return len(labels) == int(rrsig.Labels)+1 && string(labels[len(labels)-1]) == "*"
}

func sifted[T dns.RR](rrs []dns.RR) []T {
	var found []T
	for _, rr := range rrs {
		if match, ok := rr.(T); ok {
			found = append(found, match)
		}
	}
	return found
}

// rrsets groups records by name and type, signatures left out.
func rrsets(section []dns.RR) [][]dns.RR {
	var sets [][]dns.RR
	for _, rr := range section {
		if rr.Header().Rrtype == dns.TypeRRSIG {
			continue
		}
		i := slices.IndexFunc(sets, func(set []dns.RR) bool { return dns.IsRRset([]dns.RR{set[0], rr}) })
		if i < 0 {
			sets = append(sets, []dns.RR{rr})
		} else {
			sets[i] = append(sets[i], rr)
		}
	}
	return sets
}
