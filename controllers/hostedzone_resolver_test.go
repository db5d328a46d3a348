package controllers_test

import (
	"context"
	"net"
	"slices"
	"sync/atomic"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

var _ = Describe("The parent of a HostedZone elsewhere", func() {
	s := newStory()
	var named atomic.Pointer[[]string]
	var address string
	BeforeEach(func() {
		named.Store(&[]string{})
		conn, err := net.ListenPacket("udp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		address = conn.LocalAddr().String()
		server := &dns.Server{PacketConn: conn, Handler: dns.HandlerFunc(func(w dns.ResponseWriter, question *dns.Msg) {
			answer := new(dns.Msg).SetReply(question)
			for _, server := range *named.Load() {
				answer.Ns = append(answer.Ns, &dns.NS{Hdr: dns.RR_Header{Name: "example.com.", Rrtype: dns.TypeNS, Class: dns.ClassINET}, Ns: dns.Fqdn(server)})
			}
			_ = w.WriteMsg(answer)
		})}
		go func() { _ = server.ActivateAndServe() }()
		DeferCleanup(func() { _ = server.Shutdown() })
	})

	It("is told about in the condition Delegated, and does not count for Ready", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resolver: address, Resync: soon})
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		servers := slices.Clone(Get(ctx, s, zone).Status.NameServers)
		Eventually(Live(ctx, s, zone)).Should(HaveReason("Delegated", v1alpha1.ReasonReferenceNotReady, "names no name servers", servers[0]))
		named.Store(&[]string{"ns.example.org"})
		Eventually(Live(ctx, s, zone)).Should(HaveReason("Delegated", v1alpha1.ReasonReferenceNotReady, "ns.example.org", servers[0]))
		named.Store(&servers)
		Eventually(Live(ctx, s, zone)).Should(HaveCondition("Delegated", metav1.ConditionTrue))
		Expect(Get(ctx, s, zone)).To(BeReady())
		s.ExpectQuiet(ctx)
	})

	It("is not asked about private zones, nor when it does not answer", func(ctx context.Context) {
		s.StartManager(ctx, ManagerOptions{Resolver: "127.0.0.1:1", Resync: soon})
		zone, private := Zone(), HostedZone("private", "example.net", WithVPCs(VPC1))
		s.Create(ctx, zone, private)
		s.ExpectReady(ctx, zone, private)
		for _, obj := range []*v1alpha1.HostedZone{zone, private} {
			Expect(meta.FindStatusCondition(Get(ctx, s, obj).Status.Conditions, "Delegated")).To(BeNil())
		}
	})
})
