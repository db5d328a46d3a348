package awssim_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func kmsKey(n int) string { return fmt.Sprintf("arn:aws:kms:us-east-1:123456789012:key/%08d", n) }

func (s *sim) createKey(ctx context.Context, zone, name, arn, status string) (*route53.CreateKeySigningKeyOutput, error) {
	return s.route53.CreateKeySigningKey(ctx, &route53.CreateKeySigningKeyInput{
		CallerReference: &name, HostedZoneId: &zone, Name: &name, KeyManagementServiceArn: &arn, Status: &status,
	})
}

func (s *sim) enable(ctx context.Context, zone string) error {
	_, err := s.route53.EnableHostedZoneDNSSEC(ctx, &route53.EnableHostedZoneDNSSECInput{HostedZoneId: &zone})
	return err
}

func (s *sim) disable(ctx context.Context, zone string) error {
	_, err := s.route53.DisableHostedZoneDNSSEC(ctx, &route53.DisableHostedZoneDNSSECInput{HostedZoneId: &zone})
	return err
}

func (s *sim) activate(ctx context.Context, zone, name string) error {
	_, err := s.route53.ActivateKeySigningKey(ctx, &route53.ActivateKeySigningKeyInput{HostedZoneId: &zone, Name: &name})
	return err
}

func (s *sim) deactivate(ctx context.Context, zone, name string) error {
	_, err := s.route53.DeactivateKeySigningKey(ctx, &route53.DeactivateKeySigningKeyInput{HostedZoneId: &zone, Name: &name})
	return err
}

func (s *sim) deleteKey(ctx context.Context, zone, name string) error {
	_, err := s.route53.DeleteKeySigningKey(ctx, &route53.DeleteKeySigningKeyInput{HostedZoneId: &zone, Name: &name})
	return err
}

func (s *sim) dnssec(ctx context.Context, zone string) *route53.GetDNSSECOutput {
	GinkgoHelper()
	out, err := s.route53.GetDNSSEC(ctx, &route53.GetDNSSECInput{HostedZoneId: &zone})
	Expect(err).NotTo(HaveOccurred())
	return out
}

// settle lets every change propagate.
func (s *sim) settle() { s.clock.Advance(time.Minute) }

var _ = Describe("DNSSEC", func() {
	It("signs a zone from a key to a DS record and back", func(ctx SpecContext) {
		slowly := frame.Exactly(20 * time.Second)
		s := start(awssim.Options{Signing: &slowly})
		parent, zone := s.zone(ctx, "example.com"), s.zone(ctx, "sub.example.com")
		Expect(*s.dnssec(ctx, zone).Status.ServeSignature).To(Equal("NOT_SIGNING"))
		out, err := s.createKey(ctx, zone, "first_key", kmsKey(1), "ACTIVE")
		Expect(err).NotTo(HaveOccurred())
		Expect(*out.Location).To(HaveSuffix("/first_key"))
		key := out.KeySigningKey
		Expect([]any{key.Flag, key.SigningAlgorithmType, *key.SigningAlgorithmMnemonic, key.DigestAlgorithmType, *key.DigestAlgorithmMnemonic, *key.Status}).
			To(Equal([]any{int32(257), int32(13), "ECDSAP256SHA256", int32(2), "SHA-256", "ACTIVE"}))
		record, err := dns.NewRR("sub.example.com. 3600 IN DNSKEY " + *key.DNSKEYRecord)
		Expect(err).NotTo(HaveOccurred())
		digest := record.(*dns.DNSKEY).ToDS(dns.SHA256)
		Expect(*key.DSRecord).To(Equal(fmt.Sprintf("%d 13 2 %s", key.KeyTag, *key.DigestValue)))
		Expect([]any{int32(digest.KeyTag), strings.ToUpper(digest.Digest)}).To(Equal([]any{key.KeyTag, *key.DigestValue}))
		Expect(record.(*dns.DNSKEY).PublicKey).To(Equal(*key.PublicKey))

		Expect(codeOf(s.enable(ctx, zone))).To(Equal("ConcurrentModification"), "the key is pending")
		s.settle()
		generation := s.Generation()
		Expect(s.enable(ctx, zone)).To(Succeed())
		Expect(*s.dnssec(ctx, zone).Status.ServeSignature).To(Equal("NOT_SIGNING"))
		Expect(codeOf(s.deactivate(ctx, zone, "first_key"))).To(Equal("ConcurrentModification"))
		asked := s.Generation()
		Expect(asked).NotTo(Equal(generation))
		s.clock.Advance(20 * time.Second)
		Expect(*s.dnssec(ctx, zone).Status.ServeSignature).To(Equal("SIGNING"))
		Expect(s.Generation()).NotTo(Equal(asked), "so that the DNS server looks again")
		found, _ := s.Zone(zone)
		Expect(found.Keys).To(HaveLen(2))
		Expect(found.Keys[1].DNSKEY("sub.example.com.").PublicKey).To(Equal(*key.PublicKey))

		ds := rrset("sub.example.com", types.RRTypeDs, []string{strings.ToLower(*key.DSRecord)})
		s.mustChange(ctx, parent, create(ds))
		Expect(codeOf(s.disable(ctx, zone))).To(Equal("KeySigningKeyInParentDSRecord"))
		Expect(codeOf(s.deactivate(ctx, zone, "first_key"))).To(Equal("KeySigningKeyInParentDSRecord"))
		s.mustChange(ctx, parent, remove(ds))
		Expect(codeOf(s.deactivate(ctx, zone, "first_key"))).To(Equal("KeySigningKeyInUse"))
		_, err = s.route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &zone})
		Expect(codeOf(err)).To(Equal("HostedZoneNotEmpty"))
		Expect(s.disable(ctx, zone)).To(Succeed())
		Expect(*s.dnssec(ctx, zone).Status.ServeSignature).To(Equal("DELETING"))
		s.clock.Advance(20 * time.Second)
		Expect(*s.dnssec(ctx, zone).Status.ServeSignature).To(Equal("NOT_SIGNING"))
		found, _ = s.Zone(zone)
		Expect(found.Keys).To(BeEmpty())
		Expect(codeOf(s.deleteKey(ctx, zone, "first_key"))).To(Equal("InvalidKeySigningKeyStatus"))
		Expect(s.deactivate(ctx, zone, "first_key")).To(Succeed())
		s.settle()
		Expect(s.deleteKey(ctx, zone, "first_key")).To(Succeed())
		Expect(s.dnssec(ctx, zone).KeySigningKeys).To(BeEmpty())
		_, err = s.route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &zone})
		Expect(err).NotTo(HaveOccurred())
	})

	It("rotates keys: two may be active, and one may then go", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		for n, name := range []string{"old", "new"} {
			_, err := s.createKey(ctx, zone, name, kmsKey(n), "ACTIVE")
			Expect(err).NotTo(HaveOccurred())
			s.settle()
			if n == 0 {
				Expect(s.enable(ctx, zone)).To(Succeed())
				s.settle()
			}
		}
		found, _ := s.Zone(zone)
		Expect(found.Keys).To(HaveLen(3))
		Expect(s.deactivate(ctx, zone, "old")).To(Succeed())
		s.settle()
		found, _ = s.Zone(zone)
		Expect(found.Keys).To(HaveLen(2))
		keys := s.dnssec(ctx, zone).KeySigningKeys
		Expect(*keys[0].Status + *keys[1].Status).To(Equal("INACTIVEACTIVE"))
		Expect(*keys[0].LastModifiedDate).To(BeTemporally(">", *keys[0].CreatedDate))
		Expect(codeOf(s.deactivate(ctx, zone, "new"))).To(Equal("KeySigningKeyInUse"))
		Expect(s.activate(ctx, zone, "old")).To(Succeed())
	})

	It("has the same key for a KMS key, and for a seed", func(ctx SpecContext) {
		public := func(seed uint64) string {
			s := start(awssim.Options{Seed: seed})
			out, err := s.createKey(ctx, s.zone(ctx, "example.com"), "key", kmsKey(1), "INACTIVE")
			Expect(err).NotTo(HaveOccurred())
			return *out.KeySigningKey.PublicKey
		}
		Expect(public(7)).To(Equal(public(7)))
		Expect(public(7)).NotTo(Equal(public(8)))
		s := start(awssim.Options{})
		one, two := s.zone(ctx, "example.com"), s.zone(ctx, "example.org")
		for _, zone := range []string{one, two} {
			_, err := s.createKey(ctx, zone, "key", kmsKey(1), "INACTIVE")
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(*s.dnssec(ctx, one).KeySigningKeys[0].PublicKey).To(Equal(*s.dnssec(ctx, two).KeySigningKeys[0].PublicKey))
	})

	DescribeTable("is refused", func(ctx SpecContext, try func(ctx context.Context, s *sim, zone, private string) error, code, message string) {
		s := start(awssim.Options{})
		zone, private := s.zone(ctx, "example.com"), s.privateZone(ctx, "corp.internal")
		_, err := s.createKey(ctx, zone, "first", kmsKey(1), "INACTIVE")
		Expect(err).NotTo(HaveOccurred())
		s.settle()
		err = try(ctx, s, zone, private)
		Expect(codeOf(err)).To(Equal(code))
		Expect(messageOf(err)).To(ContainSubstring(message))
		Expect(statusOf(err)).To(Equal(cmp.Or(statuses[code], http.StatusBadRequest)))
	},
		Entry("a key without a name", keyWith("", kmsKey(2), "ACTIVE"), "InvalidInput", "greater than or equal to 3"),
		Entry("a key with an odd name", keyWith("a-key", kmsKey(2), "ACTIVE"), "InvalidKeySigningKeyName", "a-key"),
		Entry("a key with an odd status", keyWith("key", kmsKey(2), "ASLEEP"), "InvalidKeySigningKeyStatus", "ASLEEP"),
		Entry("a key's name twice", keyWith("first", kmsKey(2), "ACTIVE"), "KeySigningKeyAlreadyExists", "first"),
		Entry("a KMS key twice", keyWith("second", kmsKey(1), "ACTIVE"), "KeySigningKeyAlreadyExists", "first"),
		Entry("what is no KMS key", keyWith("key", "arn:aws:kms:us-east-1:123456789012:alias/a", "ACTIVE"), "InvalidKMSArn", "customer managed"),
		Entry("a KMS key elsewhere", keyWith("key", "arn:aws:kms:eu-west-1:123456789012:key/a", "ACTIVE"), "InvalidKMSArn", "us-east-1"),
		Entry("a KMS key of others", keyWith("key", "arn:aws:kms:us-east-1:222222222222:key/a", "ACTIVE"), "InvalidKMSArn", "policy"),
		Entry("a KMS key that cannot sign", func(ctx context.Context, s *sim, zone, private string) error {
			Expect(s.SetKMSKey(kmsKey(2), "the key is disabled")).To(Succeed())
			return keyWith("key", kmsKey(2), "ACTIVE")(ctx, s, zone, private)
		}, "InvalidKMSArn", "the key is disabled"),
		Entry("activating with a KMS key that cannot sign any more", func(ctx context.Context, s *sim, zone, _ string) error {
			Expect(s.SetKMSKey(kmsKey(1), "the key is pending deletion")).To(Succeed())
			return s.activate(ctx, zone, "first")
		}, "InvalidKMSArn", "pending deletion"),
		Entry("a third key", func(ctx context.Context, s *sim, zone, private string) error {
			Expect(keyWith("second", kmsKey(2), "ACTIVE")(ctx, s, zone, private)).To(Succeed())
			s.settle()
			return keyWith("third", kmsKey(3), "ACTIVE")(ctx, s, zone, private)
		}, "TooManyKeySigningKeys", "limit"),
		Entry("a key of a private zone", func(ctx context.Context, s *sim, _, private string) error {
			return keyWith("key", kmsKey(2), "ACTIVE")(ctx, s, private, "")
		}, "InvalidArgument", "private"),
		Entry("a key of an unknown zone", func(ctx context.Context, s *sim, _, _ string) error {
			return keyWith("key", kmsKey(2), "ACTIVE")(ctx, s, "Z404", "")
		}, "NoSuchHostedZone", "Z404"),
		Entry("signing a private zone", func(ctx context.Context, s *sim, _, private string) error { return s.enable(ctx, private) }, "InvalidArgument", "private"),
		Entry("looking at a private zone", func(ctx context.Context, s *sim, _, private string) error {
			_, err := s.route53.GetDNSSEC(ctx, &route53.GetDNSSECInput{HostedZoneId: &private})
			return err
		}, "InvalidArgument", "private"),
		Entry("signing without an active key", func(ctx context.Context, s *sim, zone, _ string) error { return s.enable(ctx, zone) }, "KeySigningKeyWithActiveStatusNotFound", "ACTIVE"),
		Entry("ending what has no keys", func(ctx context.Context, s *sim, zone, _ string) error {
			Expect(s.deleteKey(ctx, zone, "first")).To(Succeed())
			s.settle()
			return s.disable(ctx, zone)
		}, "DNSSECNotFound", "DNSSEC"),
		Entry("an unknown key activated", func(ctx context.Context, s *sim, zone, _ string) error { return s.activate(ctx, zone, "none") }, "NoSuchKeySigningKey", "none"),
		Entry("an unknown key deactivated", func(ctx context.Context, s *sim, zone, _ string) error { return s.deactivate(ctx, zone, "none") }, "NoSuchKeySigningKey", "none"),
		Entry("an unknown key deleted", func(ctx context.Context, s *sim, _, _ string) error { return s.deleteKey(ctx, "Z404", "none") }, "NoSuchKeySigningKey", "Z404"),
	)
})

func keyWith(name, arn, status string) func(ctx context.Context, s *sim, zone, private string) error {
	return func(ctx context.Context, s *sim, zone, _ string) error {
		_, err := s.createKey(ctx, zone, name, arn, status)
		return err
	}
}

var _ = Describe("DNS answers", func() {
	It("are signed by the zone's keys, and validate", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		s.mustChange(ctx, zone, create(a("www.example.com", "192.0.2.1")))
		out, err := s.createKey(ctx, zone, "key", kmsKey(1), "ACTIVE")
		Expect(err).NotTo(HaveOccurred())
		server := s.serveDNS(ctx)
		ask := func(name string, rrtype uint16) []dns.RR {
			GinkgoHelper()
			question := new(dns.Msg).SetQuestion(name, rrtype)
			question.SetEdns0(4096, true)
			reply, err := dns.ExchangeContext(ctx, question, server)
			Expect(err).NotTo(HaveOccurred())
			return reply.Answer
		}
		Expect(ask("www.example.com.", dns.TypeA)).To(HaveLen(1))
		s.settle()
		Expect(s.enable(ctx, zone)).To(Succeed())
		s.settle()
		keys := map[uint16]*dns.DNSKEY{}
		for _, record := range ask("example.com.", dns.TypeDNSKEY) {
			if key, ok := record.(*dns.DNSKEY); ok {
				keys[key.KeyTag()] = key
			}
		}
		Expect(keys).To(HaveKey(uint16(out.KeySigningKey.KeyTag)))
		answer := ask("www.example.com.", dns.TypeA)
		Expect(answer).To(HaveLen(2))
		signature := answer[1].(*dns.RRSIG)
		Expect(signature.Verify(keys[signature.KeyTag], answer[:1])).To(Succeed())
		Expect(signature.ValidityPeriod(s.clock.Now())).To(BeTrue())
	})

	It("are of the client's VPC, and of its CIDR location", func(ctx SpecContext) {
		s := start(awssim.Options{})
		s.named()
		zone := s.zone(ctx, "example.com")
		s.mustChange(ctx, zone, create(a("x.example.com", "192.0.2.1", cidr("all", collectionA, "*"))),
			create(a("x.example.com", "192.0.2.2", cidr("office", collectionA, "office"))))
		answered := func(subnet string) []string {
			GinkgoHelper()
			out, err := s.route53.TestDNSAnswer(ctx, &route53.TestDNSAnswerInput{
				HostedZoneId: &zone, RecordName: aws.String("x.example.com"), RecordType: types.RRTypeA,
				ResolverIP: aws.String("198.51.100.1"), EDNS0ClientSubnetIP: &subnet,
			})
			Expect(err).NotTo(HaveOccurred())
			return out.RecordData
		}
		Expect(answered("10.2.3.4")).To(Equal([]string{"192.0.2.2"}))
		Expect(answered("10.3.3.4")).To(Equal([]string{"192.0.2.1"}))
	})
})

var _ = DescribeTable("A key that cannot sign any more is told by GetDNSSEC, and heals", func(ctx context.Context, breaks, mend func(*sim), status, text string) {
	s := start(awssim.Options{})
	zone := s.zone(ctx, "example.com")
	_, err := s.createKey(ctx, zone, "first", kmsKey(1), "ACTIVE")
	Expect(err).NotTo(HaveOccurred())
	s.settle()
	Expect(s.enable(ctx, zone)).To(Succeed())
	s.settle()
	breaks(s)
	told := s.dnssec(ctx, zone)
	Expect(*told.Status.ServeSignature).To(Equal(status))
	Expect(*told.Status.StatusMessage).To(ContainSubstring(text))
	Expect(told.KeySigningKeys).To(ConsistOf(And(HaveField("Status", HaveValue(Equal(status))), HaveField("StatusMessage", HaveValue(ContainSubstring(text))))))
	mend(s)
	Expect(*s.dnssec(ctx, zone).Status.ServeSignature).To(Equal("SIGNING"))
	Expect(*s.dnssec(ctx, zone).KeySigningKeys[0].Status).To(Equal("ACTIVE"))
},
	Entry("a disabled KMS key", func(s *sim) { Expect(s.SetKMSKey(kmsKey(1), "the key is disabled")).To(Succeed()) },
		func(s *sim) { Expect(s.SetKMSKey(kmsKey(1), "")).To(Succeed()) }, "ACTION_NEEDED", "the key is disabled"),
	Entry("a failure of Route 53", func(s *sim) { s.FailKMSKey(kmsKey(1), true) },
		func(s *sim) { s.FailKMSKey(kmsKey(1), false) }, "INTERNAL_FAILURE", "internal failure"),
)
