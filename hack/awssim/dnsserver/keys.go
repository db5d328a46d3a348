package dnsserver

import (
	"crypto/ecdsa"
	"encoding/base64"

	"github.com/miekg/dns"
)

// The flags of the two kinds of SigningKey.
const (
	FlagsKSK uint16 = dns.ZONE | dns.SEP // 257
	FlagsZSK uint16 = dns.ZONE           // 256
)

// dnskeyTTL is the TTL of a zone's DNSKEY records.
const dnskeyTTL = 3600

// SigningKey is a key that signs a zone by algorithm 13, ECDSA on P-256 with SHA-256.
type SigningKey struct {
	// Flags are FlagsKSK or FlagsZSK.
	Flags   uint16
	Private *ecdsa.PrivateKey
}

// DNSKEY returns the key's record at the apex of a zone, named as Route 53
// names it. The record's KeyTag method gives the key's tag. It is nil for a
// key that is not on P-256, or what is no name.
func (k SigningKey) DNSKEY(zone string) *dns.DNSKEY {
	name, err := parseName(zone)
	if err != nil || k.public() == "" {
		return nil
	}
	return k.record(name.String())
}

func (k SigningKey) record(owner string) *dns.DNSKEY {
	const dnssecProtocol = 3
	return &dns.DNSKEY{
		Hdr:       dns.RR_Header{Name: owner, Rrtype: dns.TypeDNSKEY, Class: dns.ClassINET, Ttl: dnskeyTTL},
		Flags:     k.Flags,
		Protocol:  dnssecProtocol,
		Algorithm: dns.ECDSAP256SHA256,
		PublicKey: k.public(),
	}
}

// DS returns the key's SHA-256 digest for the parent of the zone; nil for a key that is not on P-256.
func (k SigningKey) DS(zone string) *dns.DS {
	key := k.DNSKEY(zone)
	if key == nil {
		return nil
	}
	return key.ToDS(dns.SHA256)
}

// public encodes the point as RFC 6605, 4 has it, which is SEC 1 without the leading byte.
func (k SigningKey) public() string {
	const pointBytes = 1 + 64
	if k.Private == nil {
		return ""
	}
	point, err := k.Private.PublicKey.Bytes()
	if err != nil || len(point) != pointBytes {
		return ""
	}
	return base64.StdEncoding.EncodeToString(point[1:])
}
