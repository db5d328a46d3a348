package controllers_test

import (
	"context"
	"net"
	"strings"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// parentInDNS is a resolver that tells which DS records the parent of example.com has, for an hour.
type parentInDNS struct {
	records atomic.Pointer[[]string]
	mute    atomic.Bool
	address string
}

func newParentInDNS() *parentInDNS {
	GinkgoHelper()
	p := &parentInDNS{}
	p.has()
	conn, err := net.ListenPacket("udp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	p.address = conn.LocalAddr().String()
	server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(p.answer)}
	go func() { _ = server.ActivateAndServe() }()
	DeferCleanup(func() { _ = server.Shutdown() })
	return p
}

func (p *parentInDNS) has(records ...string) { p.records.Store(&records) }

func (p *parentInDNS) answer(w dns.ResponseWriter, question *dns.Msg) {
	answer := new(dns.Msg).SetReply(question)
	if p.mute.Load() {
		answer.Rcode = dns.RcodeServerFailure
	} else if question.Question[0].Qtype == dns.TypeDS {
		for _, record := range *p.records.Load() {
			rr, err := dns.NewRR("example.com. 3600 IN DS " + record)
			if err == nil {
				answer.Answer = append(answer.Answer, rr)
			}
		}
	}
	_ = w.WriteMsg(answer)
}

var _ = Describe("A signed HostedZone whose parent is elsewhere", func() {
	s := newStory()
	var parent *parentInDNS
	var zone *v1alpha1.HostedZone
	BeforeEach(func() { parent, zone = newParentInDNS(), Zone(WithSigning("first")) })
	begin := func(ctx context.Context) (id string, ds []string) {
		GinkgoHelper()
		s.StartManager(ctx, ManagerOptions{Resolver: parent.address, Resync: soon})
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		ds = Get(ctx, s, zone).Status.DNSSEC.DSRecords
		parent.has(ds...)
		Eventually(func() any { return Get(ctx, s, zone).Status.DNSSEC.KeySigningKeys[0].InParentSince }).ShouldNot(BeNil())
		Expect(Get(ctx, s, zone).Status.DNSSEC.DSTTLSeconds).To(BeEquivalentTo(3600))
		return s.OnlyZone(), ds
	}
	stays := func(ctx context.Context, id string) {
		GinkgoHelper()
		Consistently(s.Signing).WithArguments(ctx, id).WithTimeout(3 * soon).Should(ContainElements("SIGNING", "first ACTIVE"))
	}

	It("is signed until the resolver no longer sees its DS record, and for the TTL of that", func(ctx context.Context) {
		id, _ := begin(ctx)
		Edit(ctx, s, zone, unsigned)
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, "the key first", "remove it there"))
		s.Later(ctx, 48*time.Hour, zone)
		stays(ctx, id)
		parent.has()
		Eventually(Live(ctx, s, zone)).Should(BeWaiting(v1alpha1.ReasonUpdating, "resolvers have forgotten"))
		s.Later(ctx, 50*time.Minute, zone)
		stays(ctx, id)
		s.Later(ctx, 11*time.Minute, zone)
		Eventually(s.Signing).WithArguments(ctx, id).Should(ConsistOf("NOT_SIGNING"))
		s.ExpectReady(ctx, zone)
		s.ExpectQuiet(ctx)
	})

	It("exchanges its key as the parent does", func(ctx context.Context) {
		id, old := begin(ctx)
		Edit(ctx, s, zone, WithSigning("second"))
		wanted := func() []string { return Get(ctx, s, zone).Status.DNSSEC.DSRecords }
		Eventually(wanted).Should(And(HaveLen(2), ContainElements(old)))
		parent.has(wanted()...)
		Eventually(Live(ctx, s, zone)).Should(HaveField("Status.DNSSEC.KeySigningKeys", HaveEach(HaveField("InParentSince", Not(BeNil())))))
		s.Later(ctx, 61*time.Minute, zone)
		Eventually(wanted).Should(And(HaveLen(1), Not(ContainElements(old))))
		Eventually(Live(ctx, s, zone)).Should(BeStalled(v1alpha1.ReasonConflict, "the key first", "status.dnssec.dsRecords"))
		stays(ctx, id)
		parent.has(wanted()...)
		Eventually(Live(ctx, s, zone)).Should(BeWaiting(v1alpha1.ReasonReplacing, "resolvers have forgotten"))
		s.Later(ctx, 61*time.Minute, zone)
		Eventually(s.Signing).WithArguments(ctx, id).Should(ConsistOf("SIGNING", "second ACTIVE"))
		s.ExpectReady(ctx, zone)
	})

	It("stays signed while the resolver does not answer", func(ctx context.Context) {
		parent.mute.Store(true)
		s.StartManager(ctx, ManagerOptions{Resolver: parent.address, Resync: soon})
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		Edit(ctx, s, zone, unsigned)
		Eventually(Live(ctx, s, zone)).Should(BeWaiting(v1alpha1.ReasonUpdating, "has yet to answer"))
		s.Later(ctx, 48*time.Hour, zone)
		stays(ctx, s.OnlyZone())
		parent.mute.Store(false)
		s.Later(ctx, time.Minute, zone)
		Eventually(Live(ctx, s, zone)).Should(BeReady())
		Expect(s.Signing(ctx, s.OnlyZone())).To(ConsistOf("NOT_SIGNING"))
	})

	It("begins the wait anew when Route 53 sees the DS record that nobody else does", func(ctx context.Context) {
		s.StartManager(ctx)
		lab := HostedZone("lab", "lab.example.com", WithSigning("first"))
		s.Create(ctx, lab)
		s.ExpectReady(ctx, lab)
		id := Get(ctx, s, lab).Status.ID
		theirs := s.MakeZone(ctx, "example.com", "theirs")
		record := Record("lab.example.com.", types.RRTypeDs, Get(ctx, s, lab).Status.DNSSEC.DSRecords...)
		delegation := Record("lab.example.com.", types.RRTypeNs, "ns.example.org.")
		s.Put(ctx, theirs, delegation, record)
		Edit(ctx, s, lab, unsigned)
		Eventually(Live(ctx, s, lab)).Should(BeWaiting(v1alpha1.ReasonUpdating, "24 hours"))
		s.Later(ctx, 25*time.Hour, lab)
		Eventually(Live(ctx, s, lab)).Should(BeStalled(v1alpha1.ReasonConflict, "parent DS record"))
		s.ExpectSettled(ctx)
		s.Remove(ctx, theirs, record)
		s.Look(ctx, lab)
		Eventually(Live(ctx, s, lab)).Should(BeWaiting(v1alpha1.ReasonUpdating, "24 hours"))
		Expect(strings.Join(s.Signing(ctx, id), " ")).To(HavePrefix("SIGNING"))
		s.Later(ctx, 25*time.Hour, lab)
		Eventually(s.Signing).WithArguments(ctx, id).Should(ConsistOf("NOT_SIGNING"))
		s.ExpectReady(ctx, lab)
	})
})
