package dnsserver_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

var _ = Describe("Signing keys", func() {
	It("have the records that belong to the private key", func() {
		key := newKey(dnsserver.FlagsKSK)
		record := key.DNSKEY(`\100.example.com.`)
		Expect(record.Hdr.Name).To(Equal(`\@.example.com.`))
		Expect(record.Flags).To(Equal(uint16(257)))
		Expect(record.Algorithm).To(Equal(dns.ECDSAP256SHA256))
		ds := key.DS(`\100.example.com.`)
		Expect(ds.KeyTag).To(Equal(record.KeyTag()))
		Expect(ds.DigestType).To(Equal(dns.SHA256))

		a := &dns.A{Hdr: dns.RR_Header{Name: record.Hdr.Name, Rrtype: dns.TypeA, Class: dns.ClassINET}, A: []byte{192, 0, 2, 1}}
		signature := &dns.RRSIG{Algorithm: record.Algorithm, KeyTag: record.KeyTag(), SignerName: record.Hdr.Name, Inception: 1, Expiration: 2}
		Expect(signature.Sign(key.Private, []dns.RR{a})).To(Succeed())
		Expect(signature.Verify(record, []dns.RR{a})).To(Succeed())
	})

	It("of another curve have none", func() {
		private, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
		Expect(err).NotTo(HaveOccurred())
		for _, key := range []dnsserver.SigningKey{{Flags: dnsserver.FlagsKSK, Private: private}, {Flags: dnsserver.FlagsKSK}} {
			Expect(key.DNSKEY("example.com.")).To(BeNil())
			Expect(key.DS("example.com.")).To(BeNil())
		}
	})
})
