package dnsserver

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"encoding/asn1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
)

const (
	// maxSignedTTL is the longest TTL that a signed zone serves; Route 53 clamps to a week.
	maxSignedTTL = 7 * 24 * 60 * 60
	// signaturePeriod is how often signatures are made anew; those of one period are equal.
	signaturePeriod = time.Hour
	// clockSkew is by how much a validator's clock may be behind.
	clockSkew = time.Hour
	// signatureLifetime lets an answer stay in caches for the longest TTL whenever in a period it was given.
	signatureLifetime = maxSignedTTL*time.Second + signaturePeriod + clockSkew
	// maxSignatures is how many signatures are remembered, twice.
	maxSignatures = 4096
)

// signer has the keys of a signed zone.
type signer struct {
	zone    string // as package dns writes it
	dnskeys []dns.RR
	// forKeys sign the DNSKEY records, forData everything else.
	forKeys, forData []zoneKey
}

type zoneKey struct {
	SigningKey
	tag    uint16
	public string
}

// newSigner returns nil for a zone without usable keys. All KSKs sign the
// keys, because the parent may point to any; the first ZSK signs the rest. A
// zone that lacks one kind of key uses the other.
func newSigner(apex domain, keys []SigningKey) (*signer, error) {
	s := &signer{zone: apex.String()}
	var problems []error
	var zsks []zoneKey
	for i, key := range keys {
		public := key.public()
		if public == "" {
			problems = append(problems, fmt.Errorf("signing key %d of %s is not on the curve P-256", i, apex))
			continue
		}
		record := key.record(s.zone)
		s.dnskeys = append(s.dnskeys, record)
		usable := zoneKey{SigningKey: key, tag: record.KeyTag(), public: public}
		if key.Flags&dns.SEP != 0 {
			s.forKeys = append(s.forKeys, usable)
		} else {
			zsks = append(zsks, usable)
		}
	}
	if len(s.dnskeys) == 0 {
		return nil, errors.Join(problems...)
	}
	if len(s.forKeys) == 0 {
		s.forKeys = zsks
	}
	if len(zsks) == 0 {
		zsks = s.forKeys
	}
	s.forData = zsks[:1]
	return s, errors.Join(problems...)
}

// keys are the zone's DNSKEY records.
func (s *signer) keys(owner string) []Record {
	records := make([]Record, 0, len(s.dnskeys))
	for _, rr := range s.dnskeys {
		rr = dns.Copy(rr)
		rr.Header().Name = owner
		records = append(records, synthesized(rr))
	}
	return records
}

// synthesized is a record that no record set has.
func synthesized(rr dns.RR) Record {
	header := rr.Header()
	return Record{
		Name: header.Name, Type: types.RRType(dns.TypeToString[header.Rrtype]), TTL: header.Ttl,
		Value: strings.TrimPrefix(rr.String(), header.String()), rr: rr,
	}
}

// signed adds the signatures to records of one name and type, if they are
// asked for and the zone is signed. The records were found at source, which is
// a wildcard if they were expanded from it.
func (l *lookup) signed(z *zone, source domain, records []Record) ([]Record, error) {
	if !l.proves(z) || len(records) == 0 {
		return records, nil
	}
	signatures, err := l.signatures(z, source, records)
	return append(records, signatures...), err
}

// proves tells whether answers from the zone have signatures and proofs.
func (l *lookup) proves(z *zone) bool { return l.dnssec && z.signer != nil }

func (l *lookup) signatures(z *zone, source domain, records []Record) ([]Record, error) {
	header := records[0].rr.Header()
	keys := z.signer.forData
	if header.Rrtype == dns.TypeDNSKEY {
		keys = z.signer.forKeys
	}
	period := l.options.Now().Truncate(signaturePeriod)
	var signatures []Record
	for _, key := range keys {
		rrsig := &dns.RRSIG{
			Hdr:         dns.RR_Header{Name: header.Name, Rrtype: dns.TypeRRSIG, Class: header.Class, Ttl: header.Ttl},
			TypeCovered: header.Rrtype,
			Algorithm:   dns.ECDSAP256SHA256,
			Labels:      source.labels(),
			OrigTtl:     header.Ttl,
			Inception:   uint32(period.Add(-clockSkew).Unix()),
			Expiration:  uint32(period.Add(signatureLifetime).Unix()),
			KeyTag:      key.tag,
			SignerName:  z.signer.zone,
		}
		data, err := signedData(rrsig, z.apex, source, records)
		if err != nil {
			return nil, fmt.Errorf("signing %s %s: %w", header.Name, dns.TypeToString[header.Rrtype], err)
		}
		if rrsig.Signature, err = l.known.signature(key, data); err != nil {
			return nil, fmt.Errorf("signing %s %s: %w", header.Name, dns.TypeToString[header.Rrtype], err)
		}
		signatures = append(signatures, synthesized(rrsig))
	}
	return signatures, nil
}

// signedData is what a signature is made of: the RRSIG record but for the
// signature, and the records in canonical form and order (RFC 4034, 3.1.8.1).
func signedData(rrsig *dns.RRSIG, apex, source domain, records []Record) ([]byte, error) {
	data := binary.BigEndian.AppendUint16(nil, rrsig.TypeCovered)
	data = append(data, rrsig.Algorithm, rrsig.Labels)
	for _, number := range []uint32{rrsig.OrigTtl, rrsig.Expiration, rrsig.Inception} {
		data = binary.BigEndian.AppendUint32(data, number)
	}
	data = binary.BigEndian.AppendUint16(data, rrsig.KeyTag)
	data = append(data, apex...)
	all := make([][]byte, 0, len(records))
	for i := range records {
		rdata, err := canonicalData(records[i].rr)
		if err != nil {
			return nil, err
		}
		all = append(all, rdata)
	}
	slices.SortFunc(all, bytes.Compare)
	for _, rdata := range slices.CompactFunc(all, bytes.Equal) {
		data = append(data, source...)
		data = binary.BigEndian.AppendUint16(data, rrsig.TypeCovered)
		data = binary.BigEndian.AppendUint16(data, rrsig.Hdr.Class)
		data = binary.BigEndian.AppendUint32(data, rrsig.OrigTtl)
		data = binary.BigEndian.AppendUint16(data, uint16(len(rdata)))
		data = append(data, rdata...)
	}
	return data, nil
}

// canonicalData is a record's data in wire format, with the names lower case
// for those of Route 53's types that RFC 4034, 6.2 lists.
func canonicalData(rr dns.RR) ([]byte, error) {
	const fixedHeader = 10
	wire := make([]byte, dns.Len(rr)+1)
	end, err := dns.PackRR(rr, wire, 0, nil, false)
	if err != nil {
		return nil, err
	}
	_, owner, err := dns.UnpackDomainName(wire, 0)
	if err != nil {
		return nil, err
	}
	data := wire[owner+fixedHeader : end]
	from, to := namesIn(rr.Header().Rrtype, data)
	for i := from; i < to; i++ {
		data[i] = lower(data[i]) // length bytes are below 64 and so never letters
	}
	return data, nil
}

// namesIn tells from where to where a record's data is names.
func namesIn(rrtype uint16, data []byte) (from, to int) {
	const preference, service, numbersOfSOA, numbersOfNAPTR, stringsOfNAPTR = 2, 6, 20, 4, 3
	switch rrtype {
	case dns.TypeNS, dns.TypeCNAME, dns.TypePTR:
		return 0, len(data)
	case dns.TypeMX:
		return preference, len(data)
	case dns.TypeSRV:
		return service, len(data)
	case dns.TypeSOA:
		return 0, len(data) - numbersOfSOA
	case dns.TypeNAPTR:
		from = numbersOfNAPTR
		for range stringsOfNAPTR {
			from += 1 + int(data[from])
		}
		return from, len(data)
	default:
		return 0, 0
	}
}

// signatureCache remembers signatures: policies vary answers, but there are only so many.
type signatureCache struct {
	mu         sync.Mutex
	young, old map[signatureKey]string
}

type signatureKey struct {
	public string
	digest [sha256.Size]byte
}

func (c *signatureCache) signature(key zoneKey, data []byte) (string, error) {
	id := signatureKey{public: key.public, digest: sha256.Sum256(data)}
	if signature, known := c.get(id); known {
		return signature, nil
	}
	signature, err := key.sign(id.digest[:])
	if err == nil {
		c.put(id, signature)
	}
	return signature, err
}

func (c *signatureCache) get(id signatureKey) (string, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if signature, known := c.young[id]; known {
		return signature, true
	}
	signature, known := c.old[id]
	if known {
		c.keep(id, signature)
	}
	return signature, known
}

func (c *signatureCache) put(id signatureKey, signature string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(id, signature)
}

// keep forgets what has not been used since the young half was full before.
func (c *signatureCache) keep(id signatureKey, signature string) {
	if c.young == nil || len(c.young) >= maxSignatures {
		c.old, c.young = c.young, make(map[signatureKey]string)
	}
	c.young[id] = signature
}

// sign makes the signature of RFC 6605, 4: r and s, one after the other. It is
// deterministic (RFC 6979), so that equal worlds give equal answers.
func (k SigningKey) sign(digest []byte) (string, error) {
	encoded, err := k.Private.Sign(nil, digest, crypto.SHA256)
	if err != nil {
		return "", err
	}
	var point struct{ R, S *big.Int }
	if _, err := asn1.Unmarshal(encoded, &point); err != nil {
		return "", err
	}
	const half = 32
	signature := make([]byte, 2*half)
	point.R.FillBytes(signature[:half])
	point.S.FillBytes(signature[half:])
	return base64.StdEncoding.EncodeToString(signature), nil
}
