package dnsserver_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"time"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

var _ = Describe("Messages", func() {
	var addr string
	BeforeEach(func() {
		values := []string{}
		for i := range 60 {
			values = append(values, fmt.Sprintf(`"%02d %s"`, i, strings.Repeat("x", 50)))
		}
		addr = start(dnsserver.Options{Backend: backend(zone("Z1", "example.com.",
			set("www.example.com.", "A", 60, "192.0.2.1"),
			set("big.example.com.", "TXT", 60, values...),
			routed("geo.example.com.", "192.0.2.2", country("DE"))))})
	})
	request := func(change func(*dns.Msg)) *dns.Msg {
		m := question("www.example.com.", dns.TypeA)
		change(m)
		return m
	}

	It("keep the case of the question, in the answer, too", func() {
		reply := ask(addr, "wWw.eXample.COM.", dns.TypeA)
		Expect(texts(reply.Answer)).To(ConsistOf("wWw.eXample.COM. 60 IN A 192.0.2.1"))
	})

	DescribeTable("that ask for what is not served", func(rcode int, change func(*dns.Msg)) {
		client := dns.Client{}
		reply, _, err := client.Exchange(request(change), addr)
		Expect(err).NotTo(HaveOccurred())
		Expect(dns.RcodeToString[reply.Rcode]).To(Equal(dns.RcodeToString[rcode]))
		Expect(reply.Answer).To(BeEmpty())
	},
		Entry("class CHAOS", dns.RcodeRefused, func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassCHAOS }),
		Entry("class ANY", dns.RcodeRefused, func(m *dns.Msg) { m.Question[0].Qclass = dns.ClassANY }),
		Entry("opcode STATUS", dns.RcodeNotImplemented, func(m *dns.Msg) { m.Opcode = dns.OpcodeStatus }),
		Entry("opcode NOTIFY", dns.RcodeNotImplemented, func(m *dns.Msg) { m.Opcode = dns.OpcodeNotify }),
		Entry("opcode UPDATE", dns.RcodeNotImplemented, func(m *dns.Msg) { m.Opcode = dns.OpcodeUpdate }),
		Entry("zone transfer", dns.RcodeRefused, func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeAXFR }),
		Entry("a type of messages", dns.RcodeFormatError, func(m *dns.Msg) { m.Question[0].Qtype = dns.TypeOPT }),
		Entry("nothing", dns.RcodeFormatError, func(m *dns.Msg) { m.Question = nil }),
		Entry("two things", dns.RcodeFormatError, func(m *dns.Msg) { m.Question = append(m.Question, m.Question[0]) }),
		Entry("EDNS version 1", dns.RcodeBadVers, func(m *dns.Msg) { m.SetEdns0(1232, false).IsEdns0().SetVersion(1) }),
		Entry("two OPT records", dns.RcodeFormatError, func(m *dns.Msg) { m.SetEdns0(1232, false).SetEdns0(1232, false) }),
		Entry("a subnet with a scope", dns.RcodeFormatError, func(m *dns.Msg) {
			from(m, "10.1.0.0/16").IsEdns0().Option[0].(*dns.EDNS0_SUBNET).SourceScope = 3
		}),
	)

	It("have EDNS exactly if the question has", func() {
		Expect(ask(addr, "www.example.com.", dns.TypeA).IsEdns0()).To(BeNil())
		reply := exchange("udp", addr, request(func(m *dns.Msg) { m.SetEdns0(1232, true) }))
		Expect(reply.IsEdns0().UDPSize()).To(Equal(uint16(4096)))
		Expect(reply.IsEdns0().Do()).To(BeTrue())
	})

	DescribeTable("echo the client subnet with the scope of the answer", func(name, subnet string, scope int) {
		reply := exchange("udp", addr, from(question(name, dns.TypeA), subnet))
		Expect(reply.IsEdns0().Option).To(HaveLen(1))
		echo := reply.IsEdns0().Option[0].(*dns.EDNS0_SUBNET)
		Expect(fmt.Sprintf("%s/%d", echo.Address, echo.SourceNetmask)).To(Equal(subnet))
		Expect(echo.SourceScope).To(BeEquivalentTo(scope))
	},
		Entry("located answer", "geo.example.com.", "10.12.0.0/16", 16),
		Entry("located absence", "geo.example.com.", "2001:db8:1::/48", 48),
		Entry("answer for everybody", "www.example.com.", "10.12.0.0/16", 0),
		Entry("client that hides", "geo.example.com.", "0.0.0.0/0", 0),
	)

	It("are truncated over UDP and whole over TCP", func() {
		for size, fits := range map[uint16]bool{0: false, 100: false, 1232: false, 4096: true, 65535: true} {
			m := question("big.example.com.", dns.TypeTXT)
			if size > 0 {
				m.SetEdns0(size, false)
			}
			client := dns.Client{Net: "udp"}
			reply, _, err := client.Exchange(m, addr)
			Expect(err).NotTo(HaveOccurred())
			Expect(reply.Truncated).To(Equal(!fits), "size %d", size)
			reply.Compress = true // as it was sent
			Expect(reply.Len()).To(BeNumerically("<=", max(512, int(min(size, 4096)))))
		}
		whole := exchange("tcp", addr, question("big.example.com.", dns.TypeTXT))
		Expect(whole.Truncated).To(BeFalse())
		Expect(whole.Answer).To(HaveLen(60))
	})

	It("with a subnet of more bits than its length are malformed", func() { // package dns cuts them when it sends
		m := from(question("www.example.com.", dns.TypeA), "10.1.0.0/16")
		m.IsEdns0().Option[0].(*dns.EDNS0_SUBNET).SourceNetmask = 8
		resolver := dnsserver.NewResolver(dnsserver.Options{Backend: backend()})
		Expect(resolver.Reply(m, loopback, false).Rcode).To(Equal(dns.RcodeFormatError))
	})

	It("echo the subnet of a client that names no address family", func() {
		m := from(question("geo.example.com.", dns.TypeA), "0.0.0.0/0")
		m.IsEdns0().Option[0].(*dns.EDNS0_SUBNET).Family = 0
		echo := exchange("udp", addr, m).IsEdns0().Option[0].(*dns.EDNS0_SUBNET)
		Expect(echo.Family).To(BeZero())
		Expect(echo.SourceScope).To(BeZero())
	})

	It("that are answers are not answered", func() {
		resolver := dnsserver.NewResolver(dnsserver.Options{Backend: backend()})
		Expect(resolver.Reply(request(func(m *dns.Msg) { m.Response = true }), loopback, false)).To(BeNil())
	})
})

var _ = Describe("Server", func() {
	It("has one port for both protocols", func() {
		server, err := dnsserver.Listen(dnsserver.Options{Backend: backend(), Addr: "127.0.0.1:0"})
		Expect(err).NotTo(HaveOccurred())
		Expect(server.Addr()).NotTo(HaveSuffix(":0"))
		Expect(server.Close()).To(Succeed())
		Expect(server.Close()).To(Succeed())
	})

	It("names the address it cannot have", func(ctx SpecContext) {
		var config net.ListenConfig
		// A number that is free for TCP: by itself one that is free for UDP need not be.
		free, err := config.Listen(ctx, "tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		addr := free.Addr().String()
		udp, err := config.ListenPacket(ctx, "udp", addr)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(udp.Close)
		Expect(free.Close()).To(Succeed())
		_, err = dnsserver.Listen(dnsserver.Options{Backend: backend(), Addr: addr})
		Expect(err).To(MatchError("the DNS server cannot listen on " + addr + ": UDP: bind: address already in use"))
		By("leaving nothing behind")
		tcp, err := config.Listen(ctx, "tcp", addr)
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(tcp.Close)
		_, err = dnsserver.Listen(dnsserver.Options{Backend: backend(), Addr: addr})
		Expect(err).To(MatchError("the DNS server cannot listen on " + addr + ": TCP: bind: address already in use"))
	})

	It("ends with its context and frees the address", func(ctx SpecContext) {
		server, err := dnsserver.Listen(dnsserver.Options{Backend: backend(), Addr: "127.0.0.1:0"})
		Expect(err).NotTo(HaveOccurred())
		serving, stop := context.WithCancel(ctx)
		done := make(chan error, 1)
		go func() { done <- server.Serve(serving) }()
		idle, err := dns.Dial("tcp", server.Addr())
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(idle.Close)
		Expect(exchange("udp", server.Addr(), question("example.com.", dns.TypeA)).Rcode).To(Equal(dns.RcodeRefused))
		stop()
		Eventually(ctx, done).Within(4 * time.Second).Should(Receive(BeNil()))
		again, err := dnsserver.Listen(dnsserver.Options{Backend: backend(), Addr: server.Addr()})
		Expect(err).NotTo(HaveOccurred())
		Expect(again.Close()).To(Succeed())
		Expect(server.Close()).To(Succeed())
	})

	It("does nothing when closed before it serves", func(ctx SpecContext) {
		server, err := dnsserver.Listen(dnsserver.Options{Backend: backend(), Addr: "127.0.0.1:0"})
		Expect(err).NotTo(HaveOccurred())
		Expect(server.Close()).To(Succeed())
		Expect(server.Serve(ctx)).To(Succeed())
	})

	It("serves once", func(ctx SpecContext) {
		server, err := dnsserver.Listen(dnsserver.Options{Backend: backend(), Addr: "127.0.0.1:0"})
		Expect(err).NotTo(HaveOccurred())
		ended, end := context.WithCancel(ctx)
		end()
		Expect(server.Serve(ended)).To(Succeed())
		Expect(server.Serve(ctx)).To(MatchError(net.ErrClosed))
	})

	It("answers what it resolves", func() {
		server, err := dnsserver.Listen(dnsserver.Options{Addr: "127.0.0.1:0", Backend: backend(
			zone("Z1", "example.com.", set("www.example.com.", "A", 60, "192.0.2.1")))})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		answer := server.Resolver().Resolve(dnsserver.Query{Name: "www.example.com", Type: "A"})
		Expect(answer.Values("A")).To(ConsistOf("192.0.2.1"))
	})
})
